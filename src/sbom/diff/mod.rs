//! How two documents differ, by what the parts are: revisions, licences, digests, relations.
//!
//! Parts are matched by what they are and not by their references in the documents, so that documents of different
//! programs can be compared. The gravest change comes first: other bytes under the same version. What has no line of
//! its own is counted, so that nothing differs where nothing is said; what a document says of itself as a document
//! (its number, time, tools and commit) and the lines of evidence are passed over.

mod contents;
mod matching;
mod origin;
mod parts;
mod relations;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::sbom::read::Rest;

use matching::Matched;

/// Digests and files that are named in a change.
const NAMED: usize = 3;
/// Signs of a name or value that a change tells.
const LONGEST: usize = 400;
/// The property of a document that tells of which commit it is.
const COMMIT: &str = "custody:commit";

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
    /// Its code is run, or what a scan or a signature says of it is something else.
    Trust,
    /// A chat template is another one.
    ChatTemplate,
    /// It is handed over from elsewhere: another registry, repository or host.
    Origin,
    /// A digest is no longer told, or by a weaker algorithm alone.
    HashLost,
    /// A digest or a file came under the same version.
    HashGained,
    /// No version is held any more.
    PinLost,
    /// The model it was made from, its data or its script are others.
    Lineage,
    /// What an image or a program is built from.
    Built,
    /// Which model a service answers with.
    Serves,
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
    /// How parts are made: trainings, builds.
    Process,
    /// Whether all that it needs is listed.
    Completeness,
    /// What kind of thing it is.
    Kind,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How grave it is.
    pub weight: Weight,
    /// What changed.
    pub what: What,
    /// The kind of the part, as our JSON spells it; none where it is about the whole document.
    pub kind: Option<&'static str>,
    /// The part's name, with its group.
    pub part: String,
    /// Whether the part is shipped, in one document at least: all but what is needed to build, test or document.
    pub shipped: bool,
    /// What stood there before.
    pub before: Option<String>,
    /// What stands there now.
    pub after: Option<String>,
}

impl Change {
    /// A change of a part.
    fn of(part: &Component, weight: Weight, what: What, before: Option<String>, after: Option<String>) -> Self {
        let (kind, shipped) = (Some(part.kind.word()), part.scope != Scope::Excluded);
        // Images of one folder have one name.
        let part = match part.properties.get(matching::DOCKERFILE) {
            Some(file) => format!("{} of {file}", full_name(part)),
            None => full_name(part),
        };
        Self { weight, what, kind, part, shipped, before, after }
    }

    /// Where it stands: what is not shipped comes last, unless it is an alarm.
    fn order(&self) -> impl Ord + '_ {
        let is_last = !self.shipped && self.weight != Weight::Alarm;
        (is_last, self.weight, self.what, self.kind, &self.part, &self.before, &self.after)
    }
}

/// Something that differs and has no change of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Other {
    /// What: `description`, or a field as its format names it, `services.authenticated`.
    pub what: String,
    /// In how many parts.
    pub parts: usize,
}

/// How two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Diff {
    /// What changed, the gravest first.
    pub changes: Vec<Change>,
    /// What else differs.
    pub others: Vec<Other>,
    /// Parts of the first document.
    pub before: usize,
    /// Parts of the second one.
    pub after: usize,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.others.is_empty()
    }
}

/// Counts of what differs and has no change of its own.
#[derive(Debug, Default)]
struct Others(BTreeMap<String, usize>);

impl Others {
    fn note(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    fn total(&self) -> usize {
        self.0.values().sum()
    }

    fn finish(self) -> Vec<Other> {
        self.0.into_iter().map(|(what, parts)| Other { what, parts }).collect()
    }
}

/// Compares two documents.
#[must_use]
pub fn diff(before: &Bom, after: &Bom) -> Diff {
    diff_with(before, after, None)
}

/// Compares two documents, and what of them has no place in our model, where both are of one format.
#[must_use]
pub fn diff_with(before: &Bom, after: &Bom, rest: Option<(&Rest, &Rest)>) -> Diff {
    let matched = Matched::of(before, after);
    let (mut changes, mut others) = (Vec::new(), Others::default());
    subject(before, after, &mut changes);
    for &(old, new) in &matched.pairs {
        let told = (changes.len(), others.total());
        let is_root = before.root.as_ref() == Some(&old.id) && after.root.as_ref() == Some(&new.id);
        parts::compare(old, new, is_root, &mut others, &mut changes);
        if let Some((was, is)) = rest {
            let is_told = told != (changes.len(), others.total());
            was.part(&old.id).differing(is.part(&new.id), is_told).for_each(|what| others.note(what));
        }
    }
    changes.extend(matched.removed.iter().map(|part| parts::came_or_went(part, What::Removed)));
    changes.extend(matched.added.iter().map(|part| parts::came_or_went(part, What::Added)));
    relations::compare(before, after, &matched, &mut others, &mut changes);
    unknowns(before, after, &mut changes);
    document(before, after, &mut others);
    if let Some((was, is)) = rest {
        was.document().differing(is.document(), !changes.is_empty()).for_each(|what| others.note(what));
    }
    for change in &mut changes {
        for text in [&mut change.before, &mut change.after].into_iter().flatten().chain([&mut change.part]) {
            if text.chars().nth(LONGEST).is_some() {
                *text = text.chars().take(LONGEST).chain(['…']).collect();
            }
        }
    }
    changes.sort_by(|a, b| a.order().cmp(&b.order()));
    changes.dedup();
    Diff { changes, others: others.finish(), before: before.components.len(), after: after.components.len() }
}

/// What the documents say of the product as a whole.
fn document(before: &Bom, after: &Bom, others: &mut Others) {
    let (old, new) = (&before.about, &after.about);
    let own = |bom: &Bom| {
        let mut own = bom.about.properties.clone();
        own.remove(COMMIT);
        own
    };
    for (what, differs) in [
        ("authors of the document", old.authors != new.authors),
        ("supplier of the product", old.supplier != new.supplier),
        ("maker of the product", old.producer != new.producer),
        ("phase", old.phases != new.phases),
        ("licence of the document", old.licences != new.licences),
        ("statements on the system", old.statements != new.statements),
        ("properties of the document", own(before) != own(after)),
        ("vulnerabilities", old.has_vulnerabilities != new.has_vulnerabilities),
        ("signature", old.is_signed != new.is_signed),
    ] {
        if differs {
            others.note(what);
        }
    }
}

fn subject(before: &Bom, after: &Bom, out: &mut Vec<Change>) {
    let name = |bom: &Bom| bom.root.as_deref().and_then(|id| bom.component(id)).map(full_name);
    let (old, new) = (name(before), name(after));
    if old != new {
        let part = new.clone().or_else(|| old.clone()).unwrap_or_default();
        let (weight, what) = (Weight::Heavy, What::Subject);
        out.push(Change { weight, what, kind: None, part, shipped: true, before: old, after: new });
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
        out.push(Change { weight: Weight::Plain, what: What::Unknown, kind, part, shipped: true, before, after });
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
