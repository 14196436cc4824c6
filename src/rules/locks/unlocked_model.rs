//! What the tree loads and its lock does not hold.

use std::collections::BTreeSet;

use super::asked::Asked;
use crate::diag::Severity;
use crate::diag::redact::redact;
use crate::graph::locked::Hold;
use crate::graph::locked::kind_of;
use crate::references::Pin;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::rules::loads::advice;
use crate::rules::loads::group;
use crate::rules::loads::group::Group;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unlocked-model",
    title: "something is loaded that custody.lock does not hold",
    many: "{n} things are loaded that custody.lock does not hold",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unlocked_model.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let asked = Asked::of(scene).filter(|asked| asked.rules.is_required());
    // What is loaded under a name that can move has a finding that says so, and that says how the lock stands to it.
    let told: BTreeSet<Place> =
        scene.assets.loads.iter().filter(|load| group::is_open(load)).map(|load| load.loaded.place).collect();
    let groups = group::by(scene, |load| {
        let reference = &load.loaded.reference;
        let lock = match load.hold {
            Hold::Missing(at) => Some(at),
            Hold::NoLock if asked.is_some() => None,
            _ => return None,
        };
        // The command that makes the lock takes what ships, and no more where nobody asks it to.
        let file = scene.sources.get(load.loaded.call.file)?;
        if !advice::is_locked_by_default(file.path.as_str()) || scene.role(file.id).is_set_aside() {
            return None;
        }
        if !advice::is_lockable(reference.hub) || (asked.is_none() && told.contains(&load.loaded.place)) {
            return None;
        }
        // A repository that is a model and its tokenizer is one entry.
        Some((lock, kind_of(reference), reference.hub, reference.name.as_str(), reference.revision.as_deref()))
    });
    for group in groups {
        say(scene, report, &group, asked.as_ref());
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>, asked: Option<&Asked<'_>>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let lock = match main.hold {
        Hold::Missing(at) => scene.assets.lock(scene.documents, at),
        _ => None,
    };
    let noun = group::noun(reference.kind);
    let name = redact(&reference.name);
    let severity = if asked.is_some() { Severity::Medium } else { Severity::Low };
    let mut draft = group::draft(report, group, "not in the lock", severity);
    if let Some((asked, require)) = asked.and_then(|asked| Some((asked, asked.rules.require.as_ref()?))) {
        draft = draft.related(asked.place(require.span), "the policy asks for it");
    }
    let what = match lock {
        Some(lock) => {
            let path = scene.sources.path(lock.file);
            draft = draft.related(Place::new(lock.file, Default::default()), "the lock");
            format!("{path} does not hold it")
        }
        None => "there is no custody.lock".to_owned(),
    };
    let evidence = match reference.pin {
        Pin::Commit => "the commit is named, and nothing holds the digests, the scan and the review of its files",
        _ => "nothing holds its commit, the digests, the scan and the review of its files",
    };
    draft
        .evidence(evidence)
        .advise("`cargo custody lock` takes it from what this machine has, with `--online` from its hub")
        .say(format!("the {noun} `{name}` is loaded, and {what}"));
}
