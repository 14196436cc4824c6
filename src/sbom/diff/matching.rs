//! Which part of one document is which of the other.
//!
//! What a part is comes first, from its whole package URL down to its name. Of several that are one thing in that
//! sense (two versions of a crate, six images of one folder, a release that is held beside a requirement that is not)
//! those belong together that agree in most: the file that makes them, the version, what they are needed for, the place.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use super::full_name;
use super::origin;
use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;

/// The property that tells from which file an image is built.
pub(super) const DOCKERFILE: &str = "custody:dockerfile";

/// The parts of two documents, side by side.
pub(super) struct Matched<'b> {
    /// Parts of both.
    pub pairs: Vec<(&'b Component, &'b Component)>,
    /// Parts of the first alone.
    pub removed: Vec<&'b Component>,
    /// Parts of the second alone.
    pub added: Vec<&'b Component>,
}

/// What parts are in some sense; none where they are nothing in it.
type Sense = fn(&Component) -> Option<String>;

/// Senses in which parts are one thing, the strictest first.
const SENSES: &[Sense] = &[exactly, by_origin, by_package];

/// By what those of one thing are told apart, the strictest first.
const APART: &[Sense] = &[
    |part| Some(format!("{:?} {:?} {:?}", held(part), part.scope, place(part))),
    |part| Some(format!("{:?}", held(part))),
    |part| place(part).map(|place| format!("{:?} {place} {}", part.scope, part.version.is_some())),
    |part| Some(format!("{:?} {}", part.scope, part.version.is_some())),
    |part| Some(part.version.is_some().to_string()),
    |_| Some(String::new()),
];

impl<'b> Matched<'b> {
    pub(super) fn of(before: &'b Bom, after: &'b Bom) -> Self {
        let mut out = Self {
            pairs: Vec::new(),
            removed: before.components.iter().collect(),
            added: after.components.iter().collect(),
        };
        for sense in SENSES {
            out.stage(*sense);
        }
        out.by_name();
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

    /// Pairs what is left and one thing in a sense.
    fn stage(&mut self, sense: Sense) {
        let mut groups: BTreeMap<String, (Vec<&'b Component>, Vec<&'b Component>)> = BTreeMap::new();
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for part in std::mem::take(&mut self.removed) {
            match sense(part) {
                Some(what) => groups.entry(what).or_default().0.push(part),
                None => removed.push(part),
            }
        }
        for part in std::mem::take(&mut self.added) {
            match sense(part) {
                Some(what) => groups.entry(what).or_default().1.push(part),
                None => added.push(part),
            }
        }
        for (old, new) in groups.into_values() {
            let (old, new) = self.pair(old, new);
            removed.extend(old);
            added.extend(new);
        }
        (self.removed, self.added) = (removed, added);
    }

    /// Pairs parts of one thing; returns what is left of both.
    fn pair(
        &mut self,
        mut old: Vec<&'b Component>,
        mut new: Vec<&'b Component>,
    ) -> (Vec<&'b Component>, Vec<&'b Component>) {
        for apart in APART {
            if old.is_empty() || new.is_empty() {
                return (old, new);
            }
            old.sort_by_key(|part| held(part));
            new.sort_by_key(|part| held(part));
            let key = |part: &Component| apart(part).map(|key| (part.properties.get(DOCKERFILE).cloned(), key));
            let mut waiting: BTreeMap<_, VecDeque<&'b Component>> = BTreeMap::new();
            let mut without = Vec::new();
            for part in new {
                match key(part) {
                    Some(key) => waiting.entry(key).or_default().push_back(part),
                    None => without.push(part),
                }
            }
            let mut left = Vec::new();
            for part in old {
                match key(part).and_then(|key| waiting.get_mut(&key)).and_then(VecDeque::pop_front) {
                    Some(same) => self.pairs.push((part, same)),
                    None => left.push(part),
                }
            }
            without.extend(waiting.into_values().flatten());
            (old, new) = (left, without);
        }
        self.without_file(old, new)
    }

    /// Of what is built from a file, one document may not tell which; another file makes another thing.
    fn without_file(
        &mut self,
        old: Vec<&'b Component>,
        new: Vec<&'b Component>,
    ) -> (Vec<&'b Component>, Vec<&'b Component>) {
        let has_file = |part: &&Component| part.properties.contains_key(DOCKERFILE);
        let (old_with, old_without): (Vec<_>, Vec<_>) = old.into_iter().partition(has_file);
        let (new_with, new_without): (Vec<_>, Vec<_>) = new.into_iter().partition(has_file);
        let (removed, added) = self.zip(old_with, new_without);
        let (more_removed, more_added) = self.zip(old_without, new_with);
        (removed.into_iter().chain(more_removed).collect(), added.into_iter().chain(more_added).collect())
    }

    fn zip(&mut self, old: Vec<&'b Component>, new: Vec<&'b Component>) -> (Vec<&'b Component>, Vec<&'b Component>) {
        let (mut old, mut new) = (old.into_iter(), new.into_iter());
        loop {
            match (old.next(), new.next()) {
                (Some(one), Some(other)) => self.pairs.push((one, other)),
                (one, other) => return (one.into_iter().chain(old).collect(), other.into_iter().chain(new).collect()),
            }
        }
    }

    /// Pairs by kind and name where one of both has no package URL and there is no choice.
    fn by_name(&mut self) {
        let mut names: BTreeMap<String, [u32; 2]> = BTreeMap::new();
        for (at, parts) in [&self.removed, &self.added].into_iter().enumerate() {
            for part in parts {
                let counts = names.entry(named(part)).or_default();
                counts[at] = counts[at].saturating_add(1);
            }
        }
        let mut new: BTreeMap<String, &'b Component> = BTreeMap::new();
        for part in &self.added {
            let name = named(part);
            if names.get(&name) == Some(&[1, 1]) {
                new.insert(name, part);
            }
        }
        let mut taken: Vec<&'b Component> = Vec::new();
        let mut removed = Vec::new();
        for part in std::mem::take(&mut self.removed) {
            match new.get(&named(part)).copied().filter(|other| part.purl.is_none() || other.purl.is_none()) {
                Some(other) if is_one_file(part, other) => {
                    self.pairs.push((part, other));
                    taken.push(other);
                }
                _ => removed.push(part),
            }
        }
        self.removed = removed;
        taken.sort_by_key(|part| std::ptr::from_ref::<Component>(part));
        self.added.retain(|part| {
            taken.binary_search_by_key(&std::ptr::from_ref::<Component>(part), |one| std::ptr::from_ref(*one)).is_err()
        });
    }
}

/// Whether nothing says that two parts are built from different files.
fn is_one_file(old: &Component, new: &Component) -> bool {
    match (old.properties.get(DOCKERFILE), new.properties.get(DOCKERFILE)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

/// A version, and what is asked for where none is held.
fn held(part: &Component) -> (Option<&str>, Option<&str>) {
    (part.version.as_deref(), part.range.as_deref())
}

/// The first file that says that it is there.
fn place(part: &Component) -> Option<&str> {
    part.evidence.iter().map(|at| at.path.as_str()).min()
}

/// A kind, as far as it tells things apart: programs differ in what they take packages for. A model and its tokenizer
/// share a package URL and are two things.
fn kind(part: &Component) -> &'static str {
    match part.kind {
        Kind::Library | Kind::Framework | Kind::Application | Kind::Action | Kind::Tool | Kind::Platform => "part",
        other => other.word(),
    }
}

fn named(part: &Component) -> String {
    format!("{} {}", kind(part), full_name(part))
}

/// By the whole package URL but for its version, else by kind and name.
fn exactly(part: &Component) -> Option<String> {
    Some(match part.purl.as_deref().and_then(origin::without_version) {
        Some(purl) => format!("{} {purl}", kind(part)),
        None => named(part),
    })
}

/// By the package URL and where it comes from, whichever commit or file of that it is.
fn by_origin(part: &Component) -> Option<String> {
    part.purl.as_deref().and_then(origin::of_purl).map(|purl| format!("{} {purl}", kind(part)))
}

/// By the package alone.
fn by_package(part: &Component) -> Option<String> {
    let purl = part.purl.as_deref().and_then(origin::without_version)?;
    let bare = purl.split(['?', '#']).next().unwrap_or(&purl);
    Some(format!("{} {bare}", kind(part)))
}
