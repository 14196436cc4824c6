//! uv told to choose among indexes as pip does.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::Tool;
use crate::rules::python::lookup::{self, Lookup, Resolver, Tables};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unsafe-index-strategy",
    title: "uv told to take a name from any index",
    many: "{n} settings let uv take a name from any index",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unsafe_index_strategy.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// Look-ups with the place of the setting.
type Uses<'l, 'a> = Vec<(Place, &'l Lookup<'a>)>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let lookups = lookup::all(scene);
    let mut found: BTreeMap<Place, Vec<(&Lookup<'_>, &str)>> = BTreeMap::new();
    for lookup in &lookups {
        let strategy = if lookup.resolver == Resolver::Uv { lookup.told().unsafe_strategy() } else { None };
        if let Some((place, value)) = strategy {
            found.entry(place).or_default().push((lookup, value));
        }
    }
    let sites = Sites::of(scene);
    let tables = lookup::tables(scene);
    // The same setting beside the same kind of index is one decision.
    let mut groups: BTreeMap<(Severity, &str, &str), Uses<'_, '_>> = BTreeMap::new();
    for (place, uses) in found {
        let kinds: BTreeSet<IndexKind> = uses
            .iter()
            .flat_map(|(lookup, _)| kinds(scene, &tables, lookup, place))
            .filter(|k| *k != IndexKind::Machine)
            .collect();
        let (severity, beside) = match kinds.iter().max() {
            Some(IndexKind::Other) => (Severity::Medium, "an index that is not known to be public"),
            Some(IndexKind::Trial) => (Severity::Medium, "the trial index, where anybody may take any name"),
            Some(IndexKind::Unknown) => (Severity::Low, "an index that is known only when it runs"),
            Some(IndexKind::Publisher) => (Severity::Low, "a publisher's index"),
            Some(IndexKind::Mirror) => (Severity::Info, "a mirror of PyPI"),
            _ => (Severity::Info, ""),
        };
        if let Some((first, value)) = uses.into_iter().min_by_key(|(lookup, _)| lookup.role) {
            groups.entry((severity, value, beside)).or_default().push((place, first));
        }
    }
    for ((severity, value, beside), mut places) in groups {
        places.sort_by_key(|(place, lookup)| (lookup.role, *place));
        let Some((place, main)) = places.first() else { continue };
        let how = if value.starts_with("unsafe-first") {
            "every index is asked until one has a version that fits"
        } else {
            "the highest version over all indexes wins"
        };
        let times = if places.len() > 1 { format!(", in {} places", places.len()) } else { String::new() };
        let mut draft = report
            .at(*place, how)
            .about("setting", value, None)
            .severity(severity)
            .confidence(Confidence::Medium)
            .role(main.role)
            .also(places.iter().take(PLACES).map(|(place, _)| *place))
            .content(value)
            .evidence("the setting and the indexes in force with it");
        if let Some(install) = main.install {
            draft = sites.route(install, draft);
        }
        // A command has no table of sources.
        let advice = if main.install.is_some() {
            "leave the strategy at first-index, and install what another index serves by a command that names that index alone"
        } else {
            "leave the strategy at first-index and bind what another index serves: explicit = true and [tool.uv.sources]"
        };
        // Where every other index is bound, the setting waits for the next one.
        let (who, advice) = if beside.is_empty() {
            ("would let any further index answer for any name".to_owned(), "leave the strategy at first-index")
        } else {
            (format!("lets any index answer for any name, beside {beside}"), advice)
        };
        draft.advise(advice).say(format!("`{value}` {who}: {how}{times}"));
    }
}

/// The indexes a look-up asks, those of the project around a command included.
fn kinds(scene: &Scene<'_>, tables: &[Tables<'_>], lookup: &Lookup<'_>, place: Place) -> Vec<IndexKind> {
    let mut told = lookup.told();
    let around = tables.iter().filter(|t| t.tool == Tool::Uv && (t.file == place.file || lookup.install.is_some()));
    told.declared.extend(around.flat_map(|t| t.told.declared.iter().copied()));
    let named = told.for_any_name();
    named.all().filter_map(|one| one.address).map(|address| scene.indexes.kind(address)).collect()
}
