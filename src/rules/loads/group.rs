//! Loads of one thing are one finding, at the place that weighs most.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::assets::{Load, Owner};
use crate::references::{AssetKind, Hub, Pin, Standing};
use crate::rules::build_steps::unpinned_hub_download;
use crate::rules::models::told;
use crate::rules::{Draft, Reporter, Scene};
use crate::source::Role;

/// Other calls that are named beside a finding.
const RELATED: usize = 3;

/// Loads of one thing.
pub(in crate::rules) struct Group<'a> {
    /// The one that weighs most comes first.
    pub(in crate::rules) loads: Vec<&'a Load>,
    pub(in crate::rules) role: Role,
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
    by(scene, |load| {
        let reference = &load.loaded.reference;
        let key = (reference.kind, reference.hub, reference.name.as_str(), reference.revision.as_deref());
        (!is_left(load) && reference.standing != Standing::Told && is_told(load)).then_some(key)
    })
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
        out.push(Group { role: *role, loads: loads.iter().map(|(_, load)| *load).collect() });
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
    if is_default {
        draft = draft.evidence("it is what is loaded where nobody says otherwise");
    }
    for load in group.loads.iter().take(RELATED).filter(|load| load.loaded.call != load.loaded.place) {
        draft = draft.related(load.loaded.call, format!("`{}` loads it", load.loaded.reference.loader.by));
    }
    if main.loaded.call != main.loaded.place {
        draft = draft.via(format!("`{}`", reference.loader.by), Some(main.loaded.call));
    }
    draft
}

/// What to write to hold it, by who loads it.
pub(super) fn advice(load: &Load) -> String {
    let reference = &load.loaded.reference;
    match (reference.hub, &reference.edit) {
        (Hub::TorchHub, _) => "name the commit behind the repository: owner/name:<commit>".to_owned(),
        (_, Some(edit)) => {
            let written = format!("{}<commit>{}", edit.before.trim_start_matches([',', ' ', '\n']), edit.after);
            format!("name the commit: {}; `cargo custody lock --online` finds and keeps it", written.trim())
        }
        _ => {
            "name the commit where the loader takes one, or fetch a commit first and load its folder; `cargo custody lock \
             --online` finds and keeps it"
                .to_owned()
        }
    }
}
