//! Which part of one document is which of the other.

use std::collections::BTreeMap;

use super::full_name;
use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;

/// The parts of two documents, side by side.
pub(super) struct Matched<'b> {
    /// Parts of both.
    pub pairs: Vec<(&'b Component, &'b Component)>,
    /// Parts of the first alone.
    pub removed: Vec<&'b Component>,
    /// Parts of the second alone.
    pub added: Vec<&'b Component>,
}

/// Parts of one thing in different versions, in document order.
type ByWhat<'b> = BTreeMap<String, Vec<&'b Component>>;

impl<'b> Matched<'b> {
    pub(super) fn of(before: &'b Bom, after: &'b Bom) -> Self {
        let (old, mut new) = (by_what(before), by_what(after));
        let mut out = Self { pairs: Vec::new(), removed: Vec::new(), added: Vec::new() };
        for (what, old) in old {
            out.pair(old, new.remove(&what).unwrap_or_default());
        }
        out.added.extend(new.into_values().flatten());
        // The subject of both is one thing, whatever it is called.
        let root = |bom: &'b Bom| bom.root.as_deref().and_then(|id| bom.component(id));
        if let (Some(old), Some(new)) = (root(before), root(after))
            && out.removed.iter().any(|part| std::ptr::eq(*part, old))
            && out.added.iter().any(|part| std::ptr::eq(*part, new))
        {
            out.removed.retain(|part| !std::ptr::eq(*part, old));
            out.added.retain(|part| !std::ptr::eq(*part, new));
            out.pairs.push((old, new));
        }
        out
    }

    /// Pairs the versions of one thing: equal ones first, then what is left in the order of versions.
    fn pair(&mut self, old: Vec<&'b Component>, new: Vec<&'b Component>) {
        let mut by_version: BTreeMap<Held<'b>, Vec<&'b Component>> = BTreeMap::new();
        for part in new.into_iter().rev() {
            by_version.entry(held(part)).or_default().push(part);
        }
        let mut left = Vec::new();
        for part in old {
            match by_version.get_mut(&held(part)).and_then(Vec::pop) {
                Some(same) => self.pairs.push((part, same)),
                None => left.push(part),
            }
        }
        left.sort_by_key(|part| held(part));
        let mut rest = by_version.into_values().flat_map(|parts| parts.into_iter().rev());
        for part in left {
            match rest.next() {
                Some(other) => self.pairs.push((part, other)),
                None => self.removed.push(part),
            }
        }
        self.added.extend(rest);
    }
}

/// A version, and what is asked for where none is held.
type Held<'b> = (Option<&'b str>, Option<&'b str>);

fn held(part: &Component) -> Held<'_> {
    (part.version.as_deref(), part.range.as_deref())
}

fn by_what(bom: &Bom) -> ByWhat<'_> {
    let mut out = ByWhat::new();
    for part in &bom.components {
        out.entry(what(part)).or_default().push(part);
    }
    out
}

/// What a part is, without its version: its package URL, else its kind and name. A model and its tokenizer share a
/// package URL and are two things.
fn what(part: &Component) -> String {
    let kind = match part.kind {
        // Programs differ in what they take these for.
        Kind::Library | Kind::Framework | Kind::Application | Kind::Action | Kind::Tool | Kind::Platform => "part",
        other => other.word(),
    };
    match part.purl.as_deref().and_then(without_version) {
        Some(purl) => format!("{kind} {purl}"),
        None => format!("{kind} {}", full_name(part)),
    }
}

/// A package URL without its version; its qualifiers tell where it comes from and stay.
fn without_version(purl: &str) -> Option<String> {
    let path = purl.split(['?', '#']).next()?;
    let rest = purl.get(path.len()..)?;
    let last = path.rfind('/')?;
    let end = path.get(last..)?.rfind('@').filter(|at| *at > 1).map_or(path.len(), |at| last + at);
    Some(format!("{}{rest}", path.get(..end)?))
}
