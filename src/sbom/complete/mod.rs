//! How much of what lists of minimum elements ask for a document tells: what is there, what is missing, and where a
//! person could state it. Sources: G7 "SBOM for AI: minimum elements" (2026-05-12), NTIA "The minimum elements for a
//! software bill of materials" (2021), CISA's draft of their renewal (2025), BSI TR-03183-2 version 2.1.0, EU AI Act,
//! Annex IV.
//!
//! An element counts by the share of the parts that tell it. What no part of the product can have (a product without
//! models has no model's licence) does not apply and does not count. Nothing here says that a product conforms.

mod ai_act;
mod bsi;
mod cisa;
mod fields;
mod g7;
mod ntia;
mod seen;
mod tests_of;

use serde::Serialize;

use crate::sbom::Bom;
use crate::sbom::model::Component;

use seen::Seen;

/// A list of minimum elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// G7, for AI.
    G7,
    /// NTIA 2021.
    Ntia,
    /// CISA 2025, a draft.
    Cisa,
    /// BSI TR-03183-2.
    Bsi,
    /// EU AI Act, Annex IV: hints, since the annex asks for documents and not for fields.
    AiAct,
}

impl List {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::G7, Self::Ntia, Self::Cisa, Self::Bsi, Self::AiAct];

    /// The word by which it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::G7 => "g7",
            Self::Ntia => "ntia",
            Self::Cisa => "cisa",
            Self::Bsi => "bsi",
            Self::AiAct => "ai-act",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::G7 => "G7 SBOM for AI, minimum elements",
            Self::Ntia => "NTIA minimum elements 2021",
            Self::Cisa => "CISA minimum elements 2025 (draft)",
            Self::Bsi => "BSI TR-03183-2 v2.1.0",
            Self::AiAct => "EU AI Act Annex IV (hints)",
        }
    }

    /// The list of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|list| list.word() == word)
    }

    /// What it asks for.
    #[must_use]
    pub fn elements(self) -> &'static [Element] {
        match self {
            Self::G7 => g7::ELEMENTS,
            Self::Ntia => ntia::ELEMENTS,
            Self::Cisa => cisa::ELEMENTS,
            Self::Bsi => bsi::ELEMENTS,
            Self::AiAct => ai_act::ELEMENTS,
        }
    }
}

/// Something that a list asks for.
#[derive(Debug)]
pub struct Element {
    /// Its id in the list.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The part of the list it belongs to.
    pub cluster: &'static str,
    /// Who knows it.
    pub known: KnownBy,
    /// Where it can be stated.
    pub stated: &'static str,
    /// How it is told.
    tells: Tells,
}

impl Element {
    const fn new(
        id: &'static str,
        title: &'static str,
        cluster: &'static str,
        known: KnownBy,
        stated: &'static str,
        tells: Tells,
    ) -> Self {
        Self { id, title, cluster, known, stated, tells }
    }
}

/// Who knows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownBy {
    /// The files of the tree, the lock or a hub.
    Files,
    /// A person.
    Person,
}

/// How an element is told.
#[derive(Debug, Clone, Copy)]
enum Tells {
    /// Once, by the document.
    Document(fn(&Seen<'_>) -> bool),
    /// By each part of a kind.
    Each(Whom, fn(&Seen<'_>, &Component) -> bool),
}

/// Which parts are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// All but files, which are named as places.
    Parts,
    /// Models that come here as files: weights, adapters, tokenizers.
    Models,
    /// Models that come here as files or that another party runs.
    AnyModels,
    /// Data sets.
    Datasets,
}

/// How an element fares in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its id.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The part of the list it belongs to.
    pub cluster: &'static str,
    /// Who knows it.
    pub known: KnownBy,
    /// Parts that tell it; of the document as a whole 0 or 1.
    pub have: usize,
    /// Parts that could. 0 where it does not apply.
    pub of: usize,
    /// Names of parts that do not tell it, in order.
    pub missing: Vec<String>,
    /// Where it can be stated.
    pub stated: &'static str,
}

impl Told {
    /// Whether there is anything that could tell it.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.of > 0
    }

    /// Whether all tell it that could.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.have == self.of
    }

    /// The share that tells it; 1 where nothing could.
    fn share(&self) -> f64 {
        // Counts of parts are far below what a float holds exactly.
        #[allow(clippy::cast_precision_loss, reason = "counts of parts")]
        if self.of == 0 { 1.0 } else { self.have as f64 / self.of as f64 }
    }
}

/// How a document fares against a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Score {
    /// The list.
    pub list: List,
    /// The mean share over the elements that apply, in percent, rounded down, so that 100 means all; 100 where none
    /// applies, and 0 where the document lists no parts.
    pub percent: u32,
    /// Each element, in the order of the list.
    pub elements: Vec<Told>,
}

/// Holds a settled document against a list.
#[must_use]
pub fn score(bom: &Bom, list: List) -> Score {
    let seen = Seen::of(bom);
    let elements: Vec<Told> = list.elements().iter().map(|element| told(&seen, element)).collect();
    let applying: Vec<f64> = elements.iter().filter(|one| one.applies()).map(Told::share).collect();
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a hundred"
    )]
    let percent = match applying.len() {
        // A document that lists nothing tells nothing, however well it tells of itself.
        _ if seen.is_bare() => 0,
        0 => 100,
        many => (applying.iter().sum::<f64>() / many as f64 * 100.0 + 1e-9).floor() as u32,
    };
    Score { list, percent, elements }
}

fn told(seen: &Seen<'_>, element: &Element) -> Told {
    let (mut have, mut of, mut missing) = (0, 0, Vec::new());
    match element.tells {
        Tells::Document(is_told) => {
            of = 1;
            have = usize::from(is_told(seen));
        }
        Tells::Each(whom, is_told) => {
            for part in seen.bom.components.iter().filter(|part| whom.is(part)) {
                of += 1;
                if is_told(seen, part) {
                    have += 1;
                } else {
                    missing.push(name(part));
                }
            }
        }
    }
    let Element { id, title, cluster, known, .. } = *element;
    let stated = seen.stated(element);
    Told { id, title, cluster, known, have, of, missing, stated }
}

/// Whether a settled document lists no parts beside what it is about.
#[must_use]
pub fn is_bare(bom: &Bom) -> bool {
    bom.components.iter().all(|part| bom.root.as_ref() == Some(&part.id))
}

/// A part's name, for a person: with its group and version.
fn name(part: &Component) -> String {
    let group = part.group.as_ref().map(|group| format!("{group}/")).unwrap_or_default();
    let version = part.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    format!("{group}{}{version}", part.name)
}

#[cfg(test)]
mod tests;
