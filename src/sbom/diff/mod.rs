//! How two documents differ, by what the parts are: revisions, licences, digests, relations.
//!
//! Parts are matched by what they are and not by their references in the documents, so that documents of different
//! programs can be compared. The gravest change comes first: other bytes under the same version.

mod matching;
mod parts;
mod relations;

use serde::Serialize;

use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Unknown;

use matching::Matched;

/// How grave a change is for who reviews it. The order is that of weight, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Nothing honest does that: other bytes under the same version.
    Alarm,
    /// Models, data and code that is loaded came, went or moved, or something is held less firmly.
    Heavy,
    /// Packages and other parts came, went or moved.
    Plain,
    /// What is told of parts changed.
    Light,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A digest is another one at the same version.
    Content,
    /// A chat template is another one.
    ChatTemplate,
    /// A digest is no longer told.
    HashLost,
    /// No version is held any more.
    PinLost,
    /// The model it was made from, its data or its script are others.
    Lineage,
    /// A part came.
    Added,
    /// A part went.
    Removed,
    /// A version or revision is another one.
    Version,
    /// A version is held now.
    PinGained,
    /// Where it answers.
    Endpoint,
    /// Its licence.
    Licence,
    /// Who hands it over or makes it.
    Supplier,
    /// What it is needed for.
    Scope,
    /// What it needs.
    Dependency,
    /// What its card tells.
    Card,
    /// Something that cannot be told from the files came or went.
    Unknown,
    /// What the document is about.
    Subject,
}

/// A change of one part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// How grave it is.
    pub weight: Weight,
    /// What changed.
    pub what: What,
    /// The kind of the part, as our JSON spells it; none where it is about the whole document.
    pub kind: Option<&'static str>,
    /// The part's name, with its group.
    pub part: String,
    /// What stood there before.
    pub before: Option<String>,
    /// What stands there now.
    pub after: Option<String>,
}

/// How two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Diff {
    /// What changed, the gravest first.
    pub changes: Vec<Change>,
    /// Parts of the first document.
    pub before: usize,
    /// Parts of the second one.
    pub after: usize,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Compares two documents.
#[must_use]
pub fn diff(before: &Bom, after: &Bom) -> Diff {
    let matched = Matched::of(before, after);
    let mut changes = Vec::new();
    subject(before, after, &mut changes);
    for &(old, new) in &matched.pairs {
        parts::compare(old, new, &mut changes);
    }
    changes.extend(matched.removed.iter().map(|part| parts::came_or_went(part, What::Removed)));
    changes.extend(matched.added.iter().map(|part| parts::came_or_went(part, What::Added)));
    relations::compare(before, after, &matched, &mut changes);
    unknowns(before, after, &mut changes);
    changes.sort();
    changes.dedup();
    Diff { changes, before: before.components.len(), after: after.components.len() }
}

fn subject(before: &Bom, after: &Bom, out: &mut Vec<Change>) {
    let name = |bom: &Bom| bom.root.as_deref().and_then(|id| bom.component(id)).map(full_name);
    let (old, new) = (name(before), name(after));
    if old != new {
        let part = new.clone().or_else(|| old.clone()).unwrap_or_default();
        out.push(Change { weight: Weight::Heavy, what: What::Subject, kind: None, part, before: old, after: new });
    }
}

/// Unknowns by what they say; lines move and mean nothing.
fn unknowns(before: &Bom, after: &Bom, out: &mut Vec<Change>) {
    let key = |unknown: &Unknown| (unknown.kind, unknown.text.clone(), unknown.at.path.clone());
    let (mut old, mut new): (Vec<_>, Vec<_>) =
        (before.unknowns.iter().map(key).collect(), after.unknowns.iter().map(key).collect());
    for list in [&mut old, &mut new] {
        list.sort();
        list.dedup();
    }
    let mut tell = |unknown: &(crate::sbom::model::Kind, String, String), came: bool| {
        let text = Some(format!("`{}` in {}", unknown.1, unknown.2));
        let (before, after) = if came { (None, text) } else { (text, None) };
        let kind = Some(unknown.0.word());
        let part = unknown.2.clone();
        out.push(Change { weight: Weight::Plain, what: What::Unknown, kind, part, before, after });
    };
    old.iter().filter(|one| new.binary_search(one).is_err()).for_each(|one| tell(one, false));
    new.iter().filter(|one| old.binary_search(one).is_err()).for_each(|one| tell(one, true));
}

/// A part's name with its group.
fn full_name(component: &Component) -> String {
    match &component.group {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

#[cfg(test)]
mod tests;
