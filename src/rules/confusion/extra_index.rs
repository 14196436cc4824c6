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
use crate::rules::python::lookup::{self, Lookup, shown};
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
        if lookup.is_hashed || lookup.has(IndexOptionKind::NoIndex) {
            continue;
        }
        // The last one given counts.
        let main = lookup.addresses(IndexOptionKind::Index).last().map(|(_, address)| address);
        let main_kind = main.map_or(IndexKind::PyPi, |address| scene.indexes.kind(address));
        for (place, address) in lookup.addresses(IndexOptionKind::ExtraIndex) {
            // The same index twice answers once.
            if main.is_some_and(|main| bare(main) == bare(address)) {
                continue;
            }
            let kind = scene.indexes.kind(address);
            if let Some(verdict) = judge(lookup, kind, main_kind) {
                let one = Found { lookup, address, kind, main, main_kind, verdict };
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

fn judge(lookup: &Lookup<'_>, extra: IndexKind, main: IndexKind) -> Option<Verdict> {
    use IndexKind as K;
    let ships = matches!(lookup.purpose, Purpose::Image | Purpose::Application);
    // The side that is not PyPI decides.
    let (odd, pypi_asked) = match (extra.is_pypi(), main.is_pypi()) {
        (true, true) => (if extra == K::Mirror || main == K::Mirror { K::Mirror } else { return None }, true),
        (false, true) => (extra, true),
        (true, false) => (main, true),
        (false, false) if extra == K::Trial || main == K::Trial => (K::Trial, false),
        (false, false) => (extra.max(main), false),
    };
    let highest = lookup.takes_highest();
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
            // uv asks the extra one first: a private index there keeps its names to itself, PyPI there takes them.
            let severity = if extra.is_pypi() { Severity::Medium } else { Severity::Low };
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
    let how = if lookup.install.is_some() && lookup.takes_highest() {
        "the highest version of either wins"
    } else if lookup.takes_highest() {
        // A file does not say who installs it.
        "pip takes the highest version of either"
    } else {
        "uv takes whatever the first of them has under a name"
    };
    let address = shown(main.address);
    let mut draft = report
        .at(place, format!("beside {base}"))
        .about("index", address.clone(), None)
        .severity(main.verdict.severity)
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
    use crate::rules::python::lookup::Resolver;

    fn lookup(resolver: Resolver, purpose: Purpose) -> Lookup<'static> {
        Lookup {
            resolver,
            options: Vec::new(),
            names: Vec::new(),
            is_hashed: false,
            purpose,
            role: Role::Product,
            install: None,
            used_by: &[],
        }
    }

    #[test]
    fn the_side_that_is_not_pypi_decides() {
        use IndexKind as K;
        let pip = lookup(Resolver::Pip, Purpose::Development);
        let image = lookup(Resolver::Pip, Purpose::Image);
        let uv = lookup(Resolver::Uv, Purpose::Image);
        for (who, extra, main, expected) in [
            (&pip, K::Other, K::PyPi, Some(Severity::Medium)),
            (&image, K::Other, K::PyPi, Some(Severity::High)),
            (&image, K::PyPi, K::Other, Some(Severity::High)),
            (&image, K::Publisher, K::PyPi, Some(Severity::Low)),
            (&image, K::PyPi, K::Publisher, Some(Severity::Low)),
            (&image, K::Mirror, K::PyPi, Some(Severity::Info)),
            (&image, K::PyPi, K::PyPi, None),
            (&image, K::Machine, K::PyPi, None),
            (&image, K::Other, K::Other, Some(Severity::Low)),
            (&uv, K::Other, K::PyPi, Some(Severity::Low)),
            (&uv, K::PyPi, K::Other, Some(Severity::Medium)),
            (&uv, K::Publisher, K::PyPi, None),
            (&uv, K::Trial, K::PyPi, Some(Severity::High)),
        ] {
            let got = judge(who, extra, main).map(|v| v.severity);
            assert_eq!(got, expected, "{extra:?} beside {main:?}");
        }
    }
}
