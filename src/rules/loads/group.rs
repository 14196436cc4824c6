//! Loads of one thing are one finding, at the place that weighs most.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::moving_model_alias;
use crate::diag::{Confidence, Severity};
use crate::graph::assets::{Load, Owner};
use crate::references::{AssetKind, Hub, Pin, Reference, Said, Standing};
use crate::rules::build_steps::unpinned_hub_download;
use crate::rules::models::told;
use crate::rules::{Draft, Reporter, Scene};
use crate::source::{Place, Role};

/// Other calls that are named beside a finding.
const RELATED: usize = 3;
/// Names that one line may load before they are told together.
const APART: usize = 3;
/// Names that are told where they are told together.
const NAMED: usize = 5;

/// Loads of one thing.
pub(in crate::rules) struct Group<'a> {
    /// The one that weighs most comes first.
    pub(in crate::rules) loads: Vec<&'a Load>,
    pub(in crate::rules) role: Role,
    /// Other names that the same line loads in the same way, sorted; empty where they have findings of their own.
    pub(in crate::rules) others: Vec<&'a str>,
}

impl<'a> Group<'a> {
    pub(in crate::rules) fn main(&self) -> &'a Load {
        // A group is made with its first load.
        self.loads[0]
    }
}

/// Loads that `is_told` picks, by what they load. What commands fetch has a rule of its own, which knows what becomes
/// of it.
pub(super) fn groups<'a>(scene: &Scene<'a>, is_told: impl Fn(&Load) -> bool) -> Vec<Group<'a>> {
    // What commands fetch is told with what becomes of it.
    let by_commands = unpinned_hub_download::told(scene);
    let is_left = |load: &Load| {
        !matches!(load.owner, Owner::Code(_)) && by_commands.contains(&load.loaded.reference.name.to_ascii_lowercase())
    };
    // A name that another party puts newer models under is not also one of a hub.
    let loads = scene.assets.loads.iter();
    let aliases: BTreeSet<Place> =
        loads.filter(|load| moving_model_alias::moves(load)).map(|load| load.loaded.place).collect();
    let is_left = |load: &Load| {
        let is_alias = !load.loaded.reference.hub.is_hosted() && aliases.contains(&load.loaded.place);
        is_alias || is_left(load)
    };
    let apart = by(scene, |load| {
        let reference = &load.loaded.reference;
        let key = (reference.kind, reference.hub, reference.name.as_str(), reference.revision.as_deref());
        (!is_left(load) && reference.standing != Standing::Told && is_told(load)).then_some(key)
    });
    together(scene, apart)
}

/// Groups of which one line loads many names become one: there is one line to change.
fn together<'a>(scene: &Scene<'a>, groups: Vec<Group<'a>>) -> Vec<Group<'a>> {
    let line_of = |group: &Group<'a>| {
        let loaded = &group.main().loaded;
        let reference = &loaded.reference;
        let line = scene.sources.start(loaded.call).line;
        (loaded.call.file, line, reference.kind, reference.hub, reference.revision.as_deref())
    };
    let mut by_line: BTreeMap<_, Vec<Group<'a>>> = BTreeMap::new();
    for group in groups {
        by_line.entry(line_of(&group)).or_default().push(group);
    }
    let mut out = Vec::new();
    for mut all in by_line.into_values() {
        if all.len() <= APART {
            out.append(&mut all);
            continue;
        }
        all.sort_by_key(|group| (rank(group.role), group.main().loaded.reference.standing, group.main().loaded.place));
        let mut rest = all.into_iter();
        let Some(mut first) = rest.next() else { continue };
        for group in rest {
            first.others.push(&group.main().loaded.reference.name);
            first.loads.extend(group.loads);
        }
        first.others.sort_unstable();
        out.push(first);
    }
    out.sort_by_key(|group| group.main().loaded.place);
    out
}

/// Loads by what `key` says of them; those of which it says nothing are left out.
pub(in crate::rules) fn by<'a, K: Ord>(scene: &Scene<'a>, key: impl Fn(&'a Load) -> Option<K>) -> Vec<Group<'a>> {
    let mut by_thing: BTreeMap<K, Vec<(Role, &'a Load)>> = BTreeMap::new();
    for load in &scene.assets.loads {
        if let Some(key) = key(load) {
            let role = told::role(scene, load.loaded.place.file);
            by_thing.entry(key).or_default().push((role, load));
        }
    }
    let mut out = Vec::new();
    for mut loads in by_thing.into_values() {
        loads.sort_by_key(|(role, load)| (rank(*role), load.loaded.reference.standing, load.loaded.place));
        let Some((role, _)) = loads.first() else { continue };
        out.push(Group { role: *role, loads: loads.iter().map(|(_, load)| *load).collect(), others: Vec::new() });
    }
    out.sort_by_key(|group| group.main().loaded.place);
    out
}

/// What ships before what does not.
fn rank(role: Role) -> u8 {
    match role {
        Role::Product => 0,
        Role::Ci => 1,
        Role::Development => 2,
        Role::Example => 3,
        Role::Documentation => 4,
        Role::Test => 5,
        Role::Fixture | Role::Vendored => 6,
    }
}

/// What a person calls it.
pub(in crate::rules) fn noun(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Model => "model",
        AssetKind::Dataset => "data set",
        AssetKind::Tokenizer => "tokenizer",
        AssetKind::Adapter => "adapter",
        AssetKind::Kernel => "kernel",
    }
}

/// What a place does with it: what another party runs is called.
fn verb(hub: Hub) -> &'static str {
    if hub.is_hosted() { "calls" } else { "loads" }
}

/// What loads it, as people know it.
pub(in crate::rules) fn by_whom(reference: &Reference) -> String {
    match reference.loader.by.as_str() {
        by if by.starts_with("getattr.") => "a loader that is chosen at run time".to_owned(),
        by => format!("`{by}`"),
    }
}

/// Whether it runs code that its repository brings. The settings of a generation hold none.
pub(super) fn trusts_code(load: &Load) -> bool {
    let loader = &load.loaded.reference.loader;
    matches!(loader.remote_code, Some(Said::On(_))) && !loader.by.starts_with("GenerationConfig.")
}

/// Whether a rule of the family tells that nothing holds it at a commit.
pub(in crate::rules) fn is_open(load: &Load) -> bool {
    let reference = &load.loaded.reference;
    let is_kind = reference.kind == AssetKind::Kernel || can_be_pinned(reference.hub);
    is_kind && load.pin() != Pin::Commit && reference.standing != Standing::Told
}

/// Another names or none, for messages: `the model `x``, `the model `x` and 3 others`.
pub(super) fn subject(group: &Group<'_>) -> (String, &'static str) {
    let reference = &group.main().loaded.reference;
    let one = format!("the {} `{}`", noun(reference.kind), reference.name);
    match group.others.len() {
        0 => (one, "is"),
        1 => (format!("{one} and another"), "are"),
        others => (format!("{one} and {others} others"), "are"),
    }
}

/// How a revision is told: `at no revision`, ``at `main` ``.
pub(in crate::rules) fn at(load: &Load) -> String {
    match (&load.loaded.reference.revision, load.loaded.reference.pin) {
        (None, _) => "at no revision".to_owned(),
        (Some(revision), Pin::Dynamic) => format!("at the revision that `{revision}` gives"),
        (Some(revision), _) => format!("at `{revision}`"),
    }
}

/// Whether the thing is one whose publisher can change it under its name, and a commit could be named.
pub(super) fn can_be_pinned(hub: Hub) -> bool {
    matches!(hub, Hub::HuggingFace | Hub::ModelScope | Hub::TorchHub)
}

/// A finding on a group, with what all rules of the family say of it.
pub(in crate::rules) fn draft<'r, 'g>(
    report: &'r mut Reporter<'g>,
    group: &Group<'_>,
    label: impl Into<String>,
    severity: Severity,
) -> Draft<'r, 'g> {
    let main = group.main();
    let reference = &main.loaded.reference;
    let is_default = reference.standing == Standing::Default;
    let mut draft = report
        .at(main.loaded.place, label)
        .severity(if is_default { severity.min(Severity::Low) } else { severity })
        .confidence(if is_default { Confidence::Medium } else { Confidence::High })
        .role(group.role)
        .also(group.loads.iter().map(|load| load.loaded.place))
        .about(reference.kind.word(), reference.name.clone(), reference.revision.clone());
    let loads = verb(reference.hub);
    if is_default {
        let loaded = if reference.hub.is_hosted() { "called" } else { "loaded" };
        draft = draft.evidence(format!("it is what is {loaded} where nobody says otherwise"));
    }
    if !group.others.is_empty() {
        let named = group.others.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = group.others.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        draft = draft.evidence(format!("the same line {loads} {named}{more}"));
    }
    for load in group.loads.iter().take(RELATED).filter(|load| load.loaded.call != load.loaded.place) {
        draft = draft.related(load.loaded.call, format!("{} {loads} it", by_whom(&load.loaded.reference)));
    }
    if main.loaded.call != main.loaded.place {
        draft = draft.via(by_whom(reference), Some(main.loaded.call));
    }
    draft
}
