//! Installs of a project that do not hold to the lock it has, or that have none to hold to.

mod how;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use self::how::{How, Loose};
use super::lock_files::{self, Lock};
use super::tools;
use crate::commands::{Act, ActKind};
use crate::diag::{Edit, Severity};
use crate::rules::workflow::reach::{self, Piece, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "unlocked-install",
    title: "install that does not hold to a lock",
    many: "{n} ways of installing do not hold to a lock",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unlocked_install.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;

/// One command.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    loose: Loose,
    lock: Option<RepoPath>,
    manifest: Option<RepoPath>,
    fix: Option<Vec<Edit>>,
}

impl Found<'_, '_> {
    fn severity(&self) -> Severity {
        let publishes = self.run.holder.as_ref().is_some_and(|h| !h.privilege.publishes.is_empty());
        match self.loose.how {
            _ if self.run.is_by_hand() => Severity::Info,
            // A lock that fits is held to; the next change of the manifest decides.
            How::MayChange if publishes => Severity::Medium,
            How::MayChange => Severity::Low,
            How::Renews | How::None if self.run.impact().is_some() => Severity::Medium,
            How::Renews | How::None => Severity::Low,
        }
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(&'static str, How, bool), Vec<Found<'_, '_>>> = BTreeMap::new();
    let is_berry = scene.files.iter().any(|path| path.name() == ".yarnrc.yml");
    for run in reach::all_runs(scene) {
        // What installs by itself on a developer's machine is not told; what is run by hand is a note.
        let by_hand = run.is_by_hand();
        if run.is_after_install() && !by_hand {
            continue;
        }
        let mut strict: Vec<&str> = Vec::new();
        for piece in run.scripts() {
            for act in &piece.script.acts {
                if let Some(manager) = how::holds(&act.kind) {
                    strict.push(manager);
                }
                let Some(loose) = of_act(run, &piece, act, is_berry) else { continue };
                // A lock that did not fit would have ended the job before.
                if loose.how == How::MayChange && strict.contains(&loose.manager) {
                    continue;
                }
                let Some(one) = locked(scene, run, &piece, act.command, loose) else { continue };
                // Who develops is to change the lock.
                if by_hand && one.loose.how == How::MayChange {
                    continue;
                }
                found.entry((one.loose.manager, one.loose.how, by_hand)).or_default().push(one);
            }
        }
    }
    for places in found.values_mut() {
        places.sort_by_key(|f| (std::cmp::Reverse((f.severity(), f.run.weight())), f.place));
        places.dedup_by_key(|f| f.place);
        say(scene, report, places);
    }
}

fn of_act(run: &Run<'_>, piece: &Piece<'_>, act: &Act, is_berry: bool) -> Option<Loose> {
    if let ActKind::CargoBuild { .. } | ActKind::CargoInstall { .. } = &act.kind {
        // What tests or looks at code may well take what is there.
        let releases = run.holder.as_ref().is_some_and(|h| !h.privilege.publishes.is_empty()) || run.stage.is_some();
        if !releases {
            return None;
        }
    }
    let is_set = |names: &[&str]| lock_files::is_set(run, piece, act.command, names);
    let loose = how::of(piece.script, act, &is_set, run.is_off_runner(), is_berry)?;
    (loose.how != How::Renews || !writes_lock(run)).then_some(loose)
}

/// Whether a run is there to bring a lock up to date: what it changes is looked at before it counts.
fn writes_lock(run: &Run<'_>) -> bool {
    let pushes = run.holder.as_ref().is_some_and(|h| h.privilege.pushes_commits.is_some());
    pushes
        || run.steps.iter().any(|step| {
            let by_action = step.uses.as_ref().is_some_and(|u| u.value.to_string().contains("create-pull-request"));
            let by_command = step.run.as_ref().is_some_and(|script| {
                let text = &script.text.text;
                text.contains("gh pr create") || text.contains("git push") || text.contains("git commit")
            });
            by_action || by_command
        })
}

/// The command with the lock it is to hold to.
fn locked<'a, 'r>(
    scene: &Scene<'_>,
    run: &'r Run<'a>,
    piece: &Piece<'a>,
    command: usize,
    mut loose: Loose,
) -> Option<Found<'a, 'r>> {
    let files = lock_files::files(loose.manager)?;
    let (lock, manifest) = match lock_files::of_command(scene, run, piece, command, files, loose.folder.as_deref()) {
        Lock::Tracked(lock) => (Some(lock), None),
        Lock::Missing(manifest) => (None, Some(manifest)),
        Lock::Unknown => return None,
    };
    match (&lock, loose.how) {
        (Some(_), How::None) => return None,
        // What runs a script needs no project, and what a script asks for is told of the script.
        (None, _) if loose.shown == "uv run" => return None,
        (None, _) => loose.how = How::None,
        _ => {}
    }
    let place = Place::new(run.file, piece.script.text.host_span(loose.range.clone()));
    let fix = loose.edit.as_ref().filter(|_| lock.is_some()).and_then(|(range, text)| {
        let span = piece.script.text.editable(range.clone())?;
        Some(vec![Edit { place: Place::new(run.file, span), text: text.clone() }])
    });
    Some(Found { place, run, step: piece.title(), loose, lock, manifest, fix })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.first() else { return };
    let Loose { shown, manager, how, .. } = &main.loose;
    let severity = main.severity();
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let held = if held.is_empty() { held } else { format!(",{held}") };
    let locks: BTreeSet<&RepoPath> = found.iter().filter_map(|f| f.lock.as_ref()).collect();
    let more = match locks.len().saturating_sub(1) {
        0 => String::new(),
        1 => " and another lock".to_owned(),
        more => format!(" and {more} other locks"),
    };
    let lock = main.lock.as_ref().map_or("the lock", RepoPath::as_str);
    let (label, evidence, text) = match how {
        How::MayChange => (
            "changes a lock that does not fit",
            "where lock and manifest disagree the lock is written anew, and what is newest is taken",
            match locks.len() {
                0 | 1 => format!("`{shown}` changes {lock} where it does not fit, instead of holding to it{held}"),
                _ => format!("`{shown}` changes {lock}{more} where they do not fit, instead of holding to them{held}"),
            },
        ),
        How::Renews => (
            "takes what is newest",
            "what the lock holds is replaced by the newest releases that fit",
            format!("`{shown}` takes the newest of everything, whatever {lock} says{held}"),
        ),
        How::None => (
            "no lock",
            "the manifest asks for ranges, and nothing in the tree says what they stand for",
            format!(
                "`{shown}` takes the newest of everything that {} allows: it has no lock{held}",
                main.manifest.as_ref().map_or("the manifest", RepoPath::as_str)
            ),
        ),
    };
    let advice = match how {
        How::MayChange => format!("install what the lock says, and fail where it does not fit: {}", main.loose.instead),
        How::Renews => {
            format!("bring the lock up to date in a change of its own, and install by {}", main.loose.instead)
        }
        How::None => {
            let lock = lock_files::files(manager).and_then(|f| f.locks.first()).unwrap_or(&"the lock");
            format!("track {lock}, and install by {}", main.loose.instead)
        }
    };
    let draft = report
        .at(main.place, label)
        .severity(severity)
        .role(scene.role(main.run.file))
        .also(found.iter().take(PLACES).map(|f| f.place))
        .about("command", shown.clone(), None)
        .content(format!("{manager} {label}{}", if main.run.is_by_hand() { " by hand" } else { "" }))
        .evidence(evidence);
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft.fix(tools::all(found.iter().map(|f| f.fix.as_ref()))).advise(advice).say(text);
}
