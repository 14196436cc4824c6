//! Actions and models: an owner or a repository that is almost a well known one.
//!
//! Names of GitHub and of Hugging Face have two parts, and only the owner can be a stranger's: a repository of a known owner is
//! that owner's, however it is spelled.

use std::collections::BTreeMap;

use super::likeness::{Change, Likeness, Part, likeness};
use super::names::{Known, Names};
use super::score::{NOTE, Resemblance, is_promised};
use super::shape::List;

/// Points for an owner like a known one with a repository of the same name.
const SAME_REPOSITORY: u8 = 90;
/// Points for an owner that a promise was put to, with a repository of the same name.
const PROMISED: u8 = 75;
/// Points for an owner like a known one whose repositories are others.
const OWNER: u8 = 72;
/// Shortest owner that is compared where the repositories are others.
const LONG_OWNER: usize = 6;
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
