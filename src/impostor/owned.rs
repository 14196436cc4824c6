//! Actions and models: an owner or a repository that is almost a well known one.
//!
//! Names of GitHub and of Hugging Face have two parts, and only the owner can be a stranger's: a repository of a known owner is
//! that owner's, however it is spelled.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use super::likeness::{Change, Likeness, Part, likeness};
use super::names::{Known, Names};
use super::score::{NOTE, Resemblance, is_promised, unpromised};
use super::shape::{List, is_separator, look, ordered};

/// Points for an owner like a known one with a repository of the same name.
const SAME_REPOSITORY: u8 = 90;
/// Points for an owner that a promise was put to, with a repository of the same name.
const PROMISED: u8 = 75;
/// Points for an owner like a known one whose repositories are others.
const OWNER: u8 = 72;
/// Shortest owner that is compared where the repositories are others.
const LONG_OWNER: usize = 6;
/// Longest owner that is compared; the hubs let nobody have one as long.
const LONGEST: usize = 100;
/// Shortest repository of a known owner that is compared.
const LONG_REPOSITORY: usize = 6;

/// The known name that `owner/repository` is most likely meant to be taken for.
#[must_use]
pub fn resembles_owned<'a>(names: &'a Names, list: List, owner: &str, repository: &str) -> Option<Resemblance<'a>> {
    let (owner, repository) = (list.key(owner), list.key(repository));
    if names.find(list, &format!("{owner}/{repository}")).is_some() {
        return None;
    }
    let keys: Vec<(Known<'a>, String)> = names.all(list).map(|known| (known, list.key(known.name))).collect();
    let known = || keys.iter().filter_map(|(known, key)| Some((*known, key.split_once('/')?)));
    if known().any(|(_, (own, _))| own == owner) {
        // Models of one family differ in a digit.
        return known()
            .filter(|_| list == List::Actions)
            .filter(|(_, (own, _))| *own == owner)
            .filter_map(|(known, (_, other))| of_same_owner(known, &repository, other))
            .max_by_key(|found| found.likeness.word);
    }
    // Many actions have one owner, and few owners are like this one: what takes long is done once for each.
    let mut owners: BTreeMap<&str, Option<Likeness>> = BTreeMap::new();
    known()
        .filter_map(|(known, (own, other))| {
            let alike = owners.entry(own).or_insert_with(|| likeness(&owner, own));
            of_other_owner(known, (&owner, &repository), (own, other), alike.as_ref())
        })
        .max_by_key(|found| (found.points, std::cmp::Reverse(found.level)))
}

/// The known names of a list by what an owner like theirs would be: found without a look at each.
#[derive(Debug)]
pub struct Owners<'a> {
    /// Names by their owner.
    by_owner: BTreeMap<String, Vec<Known<'a>>>,
    /// Owners by each shape that one like them may have.
    by_shape: HashMap<(u8, String), Vec<String>>,
    /// Well known names by their repository.
    by_repository: HashMap<String, Vec<Known<'a>>>,
}

impl<'a> Owners<'a> {
    /// Of the names of a list. Repositories of names up to `level` are known by themselves.
    #[must_use]
    pub fn new(names: &'a Names, list: List, level: u8) -> Self {
        let mut out = Self { by_owner: BTreeMap::new(), by_shape: HashMap::new(), by_repository: HashMap::new() };
        for known in names.all(list) {
            let Some((owner, repository)) = known.name.split_once('/') else { continue };
            if known.level <= level {
                out.by_repository.entry(list.key(repository)).or_default().push(known);
            }
            out.by_owner.entry(list.key(owner)).or_default().push(known);
        }
        for owner in out.by_owner.keys() {
            for shape in shapes(owner) {
                out.by_shape.entry(shape).or_default().push(owner.clone());
            }
        }
        out
    }

    /// Whether a name of the list has this owner; in the list's one spelling.
    #[must_use]
    pub fn has(&self, owner: &str) -> bool {
        self.by_owner.contains_key(owner)
    }

    /// The well known names of exactly this repository; in the list's one spelling.
    pub fn named(&self, repository: &str) -> impl Iterator<Item = Known<'a>> {
        self.by_repository.get(repository).into_iter().flatten().copied()
    }

    /// The known name that `owner/repository` is most likely meant to be taken for; none for a known owner.
    #[must_use]
    pub fn resembles(&self, list: List, owner: &str, repository: &str) -> Option<Resemblance<'a>> {
        let (owner, repository) = (list.key(owner), list.key(repository));
        if self.has(&owner) || owner.len() > LONGEST {
            return None;
        }
        let shapes =
            shapes(&owner).into_iter().filter_map(|shape| self.by_shape.get(&shape)).flatten().map(String::as_str);
        let promised =
            unpromised(&owner).filter_map(|bare| self.by_owner.get_key_value(bare).map(|(own, _)| own.as_str()));
        let alike: BTreeSet<&str> = shapes.chain(promised).collect();
        let mut found: Vec<(u16, Resemblance<'a>)> = Vec::new();
        for own in alike {
            let alike = likeness(&owner, own);
            for known in self.by_owner.get(own).into_iter().flatten() {
                let Some((_, other)) = known.name.split_once('/') else { continue };
                let one = of_other_owner(*known, (&owner, &repository), (own, &list.key(other)), alike.as_ref());
                found.extend(one.map(|one| (known.id, one)));
            }
        }
        found.sort_by_key(|(id, _)| *id);
        let found = found.into_iter().map(|(_, one)| one);
        found.max_by_key(|found| (found.points, std::cmp::Reverse(found.level)))
    }
}

/// Shapes of which two owners share one wherever [`likeness`] finds them alike: with a letter less, without
/// separators, as they look, with their words in order.
fn shapes(owner: &str) -> Vec<(u8, String)> {
    let mut out = vec![(0, owner.to_owned())];
    for (at, letter) in owner.char_indices() {
        let (head, tail) = owner.split_at(at);
        out.push((0, format!("{head}{}", tail.get(letter.len_utf8()..).unwrap_or(""))));
    }
    out.push((1, owner.chars().filter(|c| !c.is_ascii() || !is_separator(*c as u8)).collect()));
    out.push((2, look(owner)));
    out.extend(ordered(owner).map(|ordered| (3, ordered)));
    out.sort_unstable();
    out.dedup();
    out
}

fn of_same_owner<'a>(known: Known<'a>, repository: &str, other: &str) -> Option<Resemblance<'a>> {
    let likeness = likeness(repository, other)?;
    let is_slip = !matches!(likeness.change, Change::Digit | Change::Plural | Change::Order | Change::Replaced);
    (is_slip && likeness.word >= LONG_REPOSITORY).then_some(Resemblance {
        target: known.name,
        level: known.level,
        likeness,
        // Nobody but the owner can have it: a mistake, hardly an attack.
        points: NOTE,
    })
}

fn of_other_owner<'a>(
    known: Known<'a>,
    (owner, repository): (&str, &str),
    (own, other): (&str, &str),
    alike: Option<&Likeness>,
) -> Option<Resemblance<'a>> {
    let is_promised = is_promised(owner, own);
    if alike.is_none() && !is_promised {
        return None;
    }
    let is_same = repository == other || likeness(repository, other).is_some_and(|l| l.word >= LONG_REPOSITORY);
    let found = |likeness, points| Some(Resemblance { target: known.name, level: known.level, likeness, points });
    if is_same && is_promised {
        let likeness = Likeness { change: Change::Affix, word: own.len(), part: Part::End, whole: true, span: (0, 0) };
        return found(likeness, PROMISED);
    }
    let likeness = *alike?;
    let is_trick = matches!(likeness.change, Change::Swapped | Change::Doubled | Change::Look | Change::Separators);
    if is_same && own.len() > 2 {
        found(likeness, SAME_REPOSITORY)
    } else if is_trick && known.level <= 3 && own.len() >= LONG_OWNER {
        found(likeness, OWNER)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impostor::REPORT;

    #[test]
    fn the_index_finds_what_a_look_at_all_finds() {
        let names = Names::embedded();
        let owners = Owners::new(&names, List::Models, 3);
        let mut found = 0;
        let known: Vec<&str> = names.all(List::Models).map(|known| known.name).collect();
        for (number, name) in known.iter().step_by(known.len() / 60 + 1).enumerate() {
            let (owner, repository) = name.split_once('/').expect("an owner");
            let at = owner.len() / 2;
            let (head, tail) = owner.split_at(at);
            for other in [
                format!("{head}x{tail}"),
                format!("{head}{}", &tail[1..]),
                format!("{head}-{tail}"),
                format!("{owner}-official"),
                format!("real{owner}"),
                format!("{head}é{tail}"),
                owner.replace('l', "1"),
                owner.split('-').rev().collect::<Vec<_>>().join("-"),
                owner.chars().rev().collect(),
            ] {
                let repository = if number % 3 == 0 { "some-other" } else { repository };
                let slow = resembles_owned(&names, List::Models, &other, repository);
                let is_known = owners.has(&List::Models.key(&other));
                let fast = owners.resembles(List::Models, &other, repository);
                assert_eq!(fast, slow.filter(|_| !is_known), "{other}/{repository}");
                found += usize::from(fast.is_some());
            }
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn owners_and_repositories_are_told_apart() {
        let names = Names::embedded();
        let points = |owner: &str, repository: &str| {
            resembles_owned(&names, List::Actions, owner, repository).map_or(0, |f| f.points)
        };
        for (owner, repository) in [
            ("action", "checkout"),
            ("actons", "checkout"),
            ("acti0ns", "setup-python"),
            ("actions-official", "checkout"),
            ("dcoker", "build-push-action"),
            ("astral-hs", "setup-uv"),
            ("astralsh", "setup-uv"),
        ] {
            assert!(points(owner, repository) >= REPORT, "{owner}/{repository}");
        }
        assert_eq!(points("actions", "chekout"), NOTE);
        for (owner, repository) in [
            ("actions", "checkout"),
            ("actions", "starter-workflows"),
            ("actions-rs", "toolchain"),
            ("somebody", "checkout"),
            ("reaction", "build"),
            ("dockers", "lint"),
        ] {
            assert!(points(owner, repository) < NOTE, "{owner}/{repository}");
        }
    }
}
