//! What the rules of this family speak of: releases and names that a registry said something of, with
//! the line that lets each in.

use std::collections::BTreeSet;

use crate::advisory::{Date, Ecosystem};
use crate::graph::cargo::Reach;
use crate::graph::distributions::{Held, Whose};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::outside::facts::ReleaseFacts;
use crate::rules::advisories::releases::{Found, found, route};
use crate::rules::locked::{self, LockedCrate};
use crate::rules::python::site::Sites;
use crate::rules::{Draft, Reporter, Scene};
use crate::source::Role;

/// A release or a name.
pub(super) struct Subject<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its version; none where nothing fixes one.
    pub(super) version: Option<&'a str>,
    /// What its registry says.
    pub(super) facts: &'a ReleaseFacts,
    stands: Stands<'a>,
}

enum Stands<'a> {
    Crate(LockedCrate<'a>),
    Distribution(Found<'a>),
}

/// Releases that are fixed somewhere, with what their registry says.
pub(super) fn releases<'a>(scene: &Scene<'a>) -> Vec<Subject<'a>> {
    all(scene).into_iter().filter(|subject| subject.version.is_some()).collect()
}

/// Names, each once, at the place that weighs most.
pub(super) fn names<'a>(scene: &Scene<'a>) -> Vec<Subject<'a>> {
    let mut subjects = all(scene);
    subjects.sort_by_key(|subject| (subject.is_crate(), subject.name, subject.role(), !subject.is_direct()));
    let mut seen = BTreeSet::new();
    subjects.retain(|subject| seen.insert((subject.is_crate(), subject.name)));
    subjects
}

fn all<'a>(scene: &Scene<'a>) -> Vec<Subject<'a>> {
    // Without an answer of a registry there is nothing to walk for.
    if scene.known.registry_days().is_none() {
        return Vec::new();
    }
    let known = scene.known;
    let version = |held: &'_ Held| if let Held::At(version) = held { Some(version.clone()) } else { None };
    let distributions = found(scene, |named| {
        named.whose == Whose::PyPi
            && known.release(Ecosystem::PyPi, &named.name, version(&named.held).as_deref()).is_some()
    });
    let distributions = distributions.into_iter().filter_map(|found| {
        let facts = known.release(Ecosystem::PyPi, found.name, found.version)?;
        Some(Subject { name: found.name, version: found.version, facts, stands: Stands::Distribution(found) })
    });
    let crates = locked::crates(scene, |_, package| {
        lock_source(package.source.as_ref().map(|s| s.value.as_str())) == LockSource::CratesIo
            && known.release(Ecosystem::CratesIo, &package.name.value, Some(&package.version.value)).is_some()
    });
    let crates = crates.into_iter().filter_map(|found| {
        let package = found.package();
        let (name, version) = (package.name.value.as_str(), Some(package.version.value.as_str()));
        let facts = known.release(Ecosystem::CratesIo, name, version)?;
        Some(Subject { name, version, facts, stands: Stands::Crate(found) })
    });
    distributions.chain(crates).filter(|subject| !subject.role().is_set_aside()).collect()
}

impl Subject<'_> {
    /// Whether it is one of crates.io.
    pub(super) fn is_crate(&self) -> bool {
        matches!(self.stands, Stands::Crate(_))
    }

    /// What it is for.
    pub(super) fn role(&self) -> Role {
        match &self.stands {
            Stands::Crate(found) => found.role(),
            Stands::Distribution(found) => found.role(),
        }
    }

    /// Whether a person names it.
    pub(super) fn is_direct(&self) -> bool {
        match &self.stands {
            Stands::Crate(found) => found.is_direct(),
            Stands::Distribution(found) => found.is_direct(),
        }
    }

    /// Whether only those who work on the tree use it.
    pub(super) fn is_for_developers(&self) -> bool {
        match &self.stands {
            Stands::Crate(found) => found.reach() == Reach::Dev,
            Stands::Distribution(found) => found.is_for_developers(),
        }
    }

    /// Whether a lock says that the registry had this very release.
    pub(super) fn is_locked(&self) -> bool {
        match &self.stands {
            Stands::Crate(_) => true,
            Stands::Distribution(found) => found.named().is_locked(),
        }
    }

    /// Name and version, as messages write them.
    pub(super) fn shown(&self) -> String {
        self.version.map_or_else(|| format!("`{}`", self.name), |version| format!("`{}` {version}", self.name))
    }

    /// Days since a day.
    pub(super) fn age(&self, scene: &Scene<'_>, day: Option<Date>) -> Option<i64> {
        let age = scene.today?.days() - day?.days();
        // A clock that is behind makes nothing young.
        (age >= 0).then_some(age)
    }

    /// Starts a finding at the line that lets it in, with the way to it and who said so.
    pub(super) fn draft<'r, 'g>(
        &self,
        scene: &Scene<'_>,
        sites: &Sites<'_, '_>,
        report: &'r mut Reporter<'g>,
    ) -> Draft<'r, 'g> {
        let shown = self.shown();
        let lets_in = format!("lets {shown} in");
        let plain = self.version.map_or_else(|| self.name.to_owned(), |version| format!("{} {version}", self.name));
        let said = match self.facts.as_of {
            Some(day) => format!("{} as of {day}", self.facts.source),
            None => self.facts.source.clone(),
        };
        let draft = match &self.stands {
            Stands::Crate(found) => {
                let draft = report.at(found.place(scene), lets_in).on(found.node).also(found.lock_places());
                found.route(scene, draft.related(found.lock_place(), plain.clone()))
            }
            Stands::Distribution(found) => {
                let named = found.named();
                let draft = match found.entrance(scene) {
                    Some(place) => report.at(place, lets_in).related(named.place, plain.clone()),
                    None if named.is_locked() => report.at(named.place, plain.clone()),
                    None => report.at(named.place, format!("asks for {shown}")),
                };
                let draft = match found.node {
                    Some(node) => draft.on(node),
                    None => draft.about("distribution", self.name, self.version.map(str::to_owned)),
                };
                route(scene, sites, named, draft.also(found.places()))
            }
        };
        draft.role(self.role()).content(plain).evidence(said)
    }
}

/// `1 day`, `12 days`.
pub(super) fn days(n: i64) -> String {
    format!("{n} day{}", if n == 1 { "" } else { "s" })
}

/// Characters of a stranger's text that are shown.
const SHOWN: usize = 120;

/// A stranger's text on one line, shortened.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    let head: String = line.chars().take(SHOWN).collect();
    format!("{} …", head.trim_end())
}
