//! Two indexes that answer for the same names.
//!
//! pip takes the highest version over all of them, in whatever order they are named; so does uv under an
//! unsafe strategy. Else uv takes the first that has the name, and asks the extra ones before the
//! default one.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::{IndexKind, bare};
use crate::graph::kinds::python::IndexOptionKind;
use crate::graph::python::Purpose;
use crate::graph::python::Site;
use crate::graph::python::resolve::Asked;
use crate::rules::python::lookup::{self, Lookup, Takes, shown};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "extra-index",
    title: "Python names that two indexes may answer",
    many: "{n} extra indexes may answer for names that are not theirs",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("extra_index.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// What stands beside what, and how bad that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    severity: Severity,
    confidence: Confidence,
}

struct Found<'l, 'a> {
    lookup: &'l Lookup<'a>,
    /// What the public side can do to the other's names.
    takes: Takes,
    /// The address that stands at the place.
    address: &'a str,
    kind: IndexKind,
    /// The other side: the main index, or PyPI.
    main: Option<&'a str>,
    main_kind: IndexKind,
    verdict: Verdict,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let lookups = lookup::all(scene);
    let mut found: BTreeMap<(Place, &str), Vec<Found<'_, '_>>> = BTreeMap::new();
    for lookup in &lookups {
        if lookup.is_hashed {
            continue;
        }
        let candidates = lookup.told().for_any_name();
        // The last one given counts; PyPI where none is.
        let main = lookup.addresses(IndexOptionKind::Index).last().map(|(_, address)| address);
        let main_kind = main.map_or(IndexKind::PyPi, |address| scene.indexes.kind(address));
        let is_main = |one: &Asked<'_>| one.address.map(bare) == main.map(bare);
        let Some(base) = candidates.all().find(is_main) else { continue };
        for (place, address) in lookup.addresses(IndexOptionKind::ExtraIndex) {
            // The same index twice answers once.
            if main.is_some_and(|main| bare(main) == bare(address)) {
                continue;
            }
            let kind = scene.indexes.kind(address);
            let Some(extra) = candidates.all().find(|one| one.address.is_some_and(|a| bare(a) == bare(address))) else {
                continue;
            };
            // The side that is PyPI, or else the main one, may take what the other serves.
            let takes = match kind.is_pypi() {
                true => candidates.takes(&extra, &base),
                false => candidates.takes(&base, &extra),
            };
            let Some(takes) = takes else { continue };
            if let Some(verdict) = judge(lookup.purpose, takes, kind, main_kind) {
                let one = Found { lookup, takes, address, kind, main, main_kind, verdict };
                found.entry((place, address)).or_default().push(one);
            }
        }
    }
    let sites = Sites::of(scene);
    // The same two sides in many places are one decision.
    let mut groups: BTreeMap<(Severity, String), Vec<Spot<'_, '_>>> = BTreeMap::new();
    for ((place, _), mut uses) in found {
        // A command that names a file brings the file's options along; the file itself speaks first.
        uses.sort_by_key(|f| {
            (std::cmp::Reverse(f.verdict.severity), f.lookup.install.is_some_and(|i| i.place != place))
        });
        let Some(main) = uses.first() else { continue };
        groups.entry((main.verdict.severity, main.sides())).or_default().push(Spot { place, uses });
    }
    for (_, mut spots) in groups {
        spots.sort_by_key(|s| (s.role(), s.place));
        say(scene, report, &sites, &spots);
    }
}

/// A place where an extra index is named, with the look-ups it counts for.
struct Spot<'l, 'a> {
    place: Place,
    uses: Vec<Found<'l, 'a>>,
}

impl Spot<'_, '_> {
    fn role(&self) -> Role {
        self.uses.iter().map(|f| f.lookup.role).min().unwrap_or(Role::Product)
    }
}

impl Found<'_, '_> {
    /// The two sides in one spelling. A publisher has an address for each build of its wheels.
    fn sides(&self) -> String {
        let label = |kind: IndexKind, address: &str| match kind {
            IndexKind::Publisher => host(address),
            IndexKind::PyPi | IndexKind::Mirror => "PyPI".to_owned(),
            _ => shown(address),
        };
        let base = self.main.map_or_else(|| "PyPI".to_owned(), |address| label(self.main_kind, address));
        // A declared mirror is told by its address, since its declaration is.
        let extra = match self.kind {
            IndexKind::Mirror => shown(self.address),
            kind => label(kind, self.address),
        };
        format!("{extra} beside {base}")
    }
}

/// Scheme and host.
fn host(address: &str) -> String {
    let shown = shown(address);
    let start = shown.find("://").map_or(0, |at| at + 3);
    let end = shown[start..].find('/').map_or(shown.len(), |at| start + at);
    shown[..end].to_owned()
}

fn judge(purpose: Purpose, takes: Takes, extra: IndexKind, main: IndexKind) -> Option<Verdict> {
    use IndexKind as K;
    let ships = matches!(purpose, Purpose::Image | Purpose::Application);
    // The side that is not PyPI decides.
    let (odd, pypi_asked) = match (extra.is_pypi(), main.is_pypi()) {
        (true, true) => (if extra == K::Mirror || main == K::Mirror { K::Mirror } else { return None }, true),
        (false, true) => (extra, true),
        (true, false) => (main, true),
        (false, false) if extra == K::Trial || main == K::Trial => (K::Trial, false),
        (false, false) => (extra.max(main), false),
    };
    let highest = takes == Takes::Higher;
    let verdict = |severity, confidence| Some(Verdict { severity, confidence });
    match odd {
        K::PyPi | K::Machine => None,
        K::Mirror if highest => verdict(Severity::Info, Confidence::High),
        K::Publisher if highest => verdict(Severity::Low, Confidence::High),
        K::Mirror | K::Publisher => None,
        K::Trial => verdict(Severity::High, Confidence::Medium),
        // Both are somebody else's to choose.
        K::Unknown if extra == main => None,
        K::Unknown => verdict(Severity::Low, Confidence::Low),
        // Neither is PyPI; whether one passes PyPI's names on is not known here.
        K::Other if !pypi_asked => verdict(Severity::Low, Confidence::Medium),
        K::Other if !highest => {
            // A private index that is asked first keeps its names to itself; PyPI that is asked first takes them.
            let severity = if takes == Takes::Before { Severity::Medium } else { Severity::Low };
            verdict(severity, Confidence::Medium)
        }
        K::Other if ships => verdict(Severity::High, Confidence::Medium),
        K::Other => verdict(Severity::Medium, Confidence::Medium),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, sites: &Sites<'_, '_>, spots: &[Spot<'_, '_>]) {
    let Some((place, main)) = spots.first().and_then(|s| Some((s.place, s.uses.first()?))) else { return };
    let lookup = main.lookup;
    let all = || spots.iter().flat_map(|s| &s.uses);
    let several = all().any(|f| shown(f.address) != shown(main.address));
    let base = main.main.map_or_else(|| "PyPI".to_owned(), |address| lookup::words(main.main_kind, address));
    let extra = lookup::words(main.kind, &if several { host(main.address) } else { main.address.to_owned() });
    let names = python::list(all().flat_map(|f| f.lookup.names.iter().copied()));
    let one = all().flat_map(|f| f.lookup.names.iter()).all(|n| Some(n) == lookup.names.first());
    let what = match (names.is_empty(), one) {
        (true, _) => "every name".to_owned(),
        (false, true) => format!("{names}, and all that it needs,"),
        (false, false) => format!("{names}, and all that they need,"),
    };
    let times = if spots.len() > 1 { format!(", in {} places", spots.len()) } else { String::new() };
    let how = match main.takes {
        Takes::Higher if lookup.install.is_some() => "the highest version of either wins",
        // A file does not say who installs it.
        Takes::Higher => "pip takes the highest version of either",
        Takes::WhereNoVersion => "uv goes on to the next of them until a version fits",
        Takes::Before | Takes::WhereNoName => "uv takes whatever the first of them has under a name",
    };
    let address = shown(main.address);
    // What somebody types on their own machine is a note.
    let by_hand = all().all(|found| {
        let install = found.lookup.install.filter(|_| found.lookup.role == Role::Development);
        install.is_some_and(|install| matches!(install.starts_at(), Site::Block { .. }))
    });
    let most = if by_hand { Severity::Low } else { Severity::High };
    let mut draft = report
        .at(place, format!("beside {base}"))
        .about("index", address.clone(), None)
        .severity(main.verdict.severity.min(most))
        .confidence(main.verdict.confidence)
        .role(spots.iter().map(Spot::role).min().unwrap_or(lookup.role))
        .also(spots.iter().take(PLACES).map(|s| s.place))
        .content(main.sides())
        .evidence(match main.kind {
            IndexKind::Publisher => {
                "the options in force; the address is that of a publisher that takes no uploads of strangers"
            }
            _ if main.main_kind == IndexKind::Publisher => {
                "the options in force; the main index is that of a publisher that takes no uploads of strangers"
            }
            IndexKind::Unknown => "the options in force; the address is not in the files",
            _ => "the options in force; what the index holds is not known here",
        });
    // Whoever wrote custody.toml vouches for it; the finding says so and stays under --all.
    for declared in [Some(main.address), main.main].into_iter().flatten().filter_map(|a| scene.indexes.declared(a)) {
        draft = draft
            .related(declared, "declared a mirror of PyPI here")
            .evidence("custody.toml declares the index a mirror of PyPI; whether it is one was not looked at");
    }
    if let Some(user) = lookup.used_by.first() {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    if let Some(install) = lookup.install {
        draft = sites.route(install, draft);
    }
    draft
        .advise(advice(main, several))
        .say(format!("{what} may come from {extra}, as well as from {base}: {how}{times}"));
}

/// `several`: the places name different addresses of one publisher.
fn advice(found: &Found<'_, '_>, several: bool) -> String {
    let address = match found.kind.is_pypi() {
        true => shown(found.main.unwrap_or(found.address)),
        false if several => "<that address>".to_owned(),
        false => shown(found.address),
    };
    match (found.kind, found.main_kind) {
        (IndexKind::Trial, _) | (_, IndexKind::Trial) => {
            "install the dependencies from PyPI first, then the package under test with --no-deps from TestPyPI alone"
                .to_owned()
        }
        (IndexKind::Mirror, _) | (IndexKind::PyPi, IndexKind::Mirror) => {
            "one of the two is enough: name it as --index-url".to_owned()
        }
        (IndexKind::Unknown, _) => {
            "write the address where it can be reviewed, or hold what is installed by hashes: --require-hashes"
                .to_owned()
        }
        (IndexKind::Publisher, _) | (_, IndexKind::Publisher) => format!(
            "install what is the publisher's in a call of its own, --index-url {address}; with uv declare it in [[tool.uv.index]] with explicit = true and bind its packages in [tool.uv.sources]"
        ),
        _ => format!(
            "let one index answer: --index-url of a proxy that serves {address} and PyPI with your names blocked upstream; or bind your names to it with uv, explicit = true and [tool.uv.sources]; if it is a mirror of PyPI, say so in custody.toml"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_that_is_not_pypi_decides() {
        use IndexKind as K;
        use Purpose::{Development, Image};
        for (purpose, takes, extra, main, expected) in [
            (Development, Takes::Higher, K::Other, K::PyPi, Some(Severity::Medium)),
            (Image, Takes::Higher, K::Other, K::PyPi, Some(Severity::High)),
            (Image, Takes::Higher, K::PyPi, K::Other, Some(Severity::High)),
            (Image, Takes::Higher, K::Publisher, K::PyPi, Some(Severity::Low)),
            (Image, Takes::Higher, K::PyPi, K::Publisher, Some(Severity::Low)),
            (Image, Takes::Higher, K::Mirror, K::PyPi, Some(Severity::Info)),
            (Image, Takes::Higher, K::PyPi, K::PyPi, None),
            (Image, Takes::Higher, K::Machine, K::PyPi, None),
            (Image, Takes::Higher, K::Other, K::Other, Some(Severity::Low)),
            (Image, Takes::WhereNoName, K::Other, K::PyPi, Some(Severity::Low)),
            (Image, Takes::Before, K::PyPi, K::Other, Some(Severity::Medium)),
            (Image, Takes::WhereNoName, K::Publisher, K::PyPi, None),
            (Image, Takes::WhereNoName, K::Trial, K::PyPi, Some(Severity::High)),
        ] {
            let got = judge(purpose, takes, extra, main).map(|v| v.severity);
            assert_eq!(got, expected, "{extra:?} beside {main:?}");
        }
    }
}
