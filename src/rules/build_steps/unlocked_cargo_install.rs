//! `cargo install` of whatever is newest.

use std::collections::BTreeMap;

use super::{known_versions, tools};
use crate::commands::{Act, ActKind};
use crate::diag::{Edit, Impact, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unlocked-cargo-install",
    title: "cargo install of whatever is newest",
    many: "{n} tools are installed by cargo at whatever is newest",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unlocked_cargo_install.md"),
    check,
};

/// What is left open by a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    /// The version is fixed, its dependencies are not.
    Dependencies,
    /// The dependencies are those of the release, the release is the newest.
    Version,
    /// Neither is fixed.
    Both,
    /// A branch or tag of a repository.
    Repository,
}

/// One call.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    open: Open,
    act: &'a ActKind,
    binary: bool,
    fix: Option<Vec<Edit>>,
}

impl Found<'_, '_> {
    /// Whether the job is there to try what is newest.
    fn tries_newest(&self) -> bool {
        let Some(holder) = &self.run.holder else { return false };
        let job = holder.job;
        std::iter::once(&job.id).chain(&job.name).any(|n| n.value.to_ascii_lowercase().contains("latest"))
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: BTreeMap<String, Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in runs {
        for piece in run.scripts() {
            let script = piece.script;
            for act in &script.acts {
                let Some((name, open, binary)) = open(act) else { continue };
                let place = Place::new(run.file, script.text.host_span(act.range.clone()));
                found.entry(name).or_default().push(Found {
                    place,
                    run,
                    step: piece.title(),
                    open,
                    act: &act.kind,
                    binary,
                    fix: fix(run, script, act, open),
                });
            }
        }
    }
    for (name, places) in &found {
        say(scene, report, name, places);
    }
}

fn open(act: &Act) -> Option<(String, Open, bool)> {
    let ActKind::CargoInstall { name, version, locked, path, git, rev, binary } = &act.kind else { return None };
    // A crate of the tree is what the tree says it is.
    if path.is_some() {
        return None;
    }
    // `--version '^0.22'`: the newest of a series.
    let version = version.as_ref().filter(|version| !version.starts_with(['^', '~', '>', '<', '*']));
    let open = match (git, rev, version, locked) {
        (Some(_), None, ..) => Open::Repository,
        (Some(_), Some(_), _, true) => return None,
        (Some(_), Some(_), _, false) => Open::Dependencies,
        (None, _, Some(_), true) => return None,
        // A release's binary is not built here.
        (None, _, Some(_), false) if *binary => return None,
        (None, _, Some(_), false) => Open::Dependencies,
        (None, _, None, true) => Open::Version,
        (None, _, None, false) if *binary => Open::Version,
        (None, _, None, false) => Open::Both,
    };
    let name = name.clone().or_else(|| git.as_deref().map(repository_name))?;
    // What a variable or a matrix names is not in the script, and may well carry its version.
    if name.is_empty() || name.contains('$') {
        return None;
    }
    Some((name, open, *binary))
}

/// `--locked` behind the word, where nothing else is missing.
fn fix(run: &Run<'_>, script: &Script, act: &Act, open: Open) -> Option<Vec<Edit>> {
    let call = Invocation::of(&script.program, script.program.commands.get(act.command)?)?;
    let word = call.args.iter().find(|a| a.text == "install").filter(|_| open == Open::Dependencies)?;
    let span = script.text.editable(word.range.end..word.range.end)?;
    Some(vec![Edit { place: Place::new(run.file, span), text: " --locked".to_owned() }])
}

fn repository_name(url: &str) -> String {
    url.trim_end_matches('/').trim_end_matches(".git").rsplit('/').next().unwrap_or(url).to_owned()
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, name: &str, found: &[Found<'_, '_>]) {
    let rank = |f: &Found<'_, '_>| (!f.tries_newest(), f.open, f.run.weight());
    let Some(main) = found.iter().reduce(|best, next| if rank(next) > rank(best) { next } else { best }) else {
        return;
    };
    let reaches = main.run.impact();
    let (severity, impact): (Severity, Option<Impact>) = match (main.open, reaches) {
        _ if main.tries_newest() && main.open != Open::Repository => (Severity::Info, None),
        // Whoever can push there runs code here.
        (Open::Repository, Some(impact)) => (Severity::High, Some(impact)),
        (Open::Repository, None) => (Severity::Medium, None),
        // A registry keeps what it served; only what is new can be bad.
        (Open::Both | Open::Version, Some(_)) => (Severity::Medium, None),
        _ => (Severity::Low, None),
    };
    let why = match main.open {
        Open::Dependencies => "its dependencies are resolved anew each time",
        Open::Version if main.binary => "the newest release is fetched as a binary",
        Open::Version => "the newest release is built",
        Open::Both => "the newest release is built, with the newest of all its dependencies",
        Open::Repository => "what its branch or tag stands for is built",
    };
    let program = if main.binary { "cargo binstall" } else { "cargo install" };
    let known = known_versions::of_crate(scene, name);
    let advice = advice(program, name, main.act, known.as_deref().unwrap_or("<version>"));
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, why)
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .about("crate", name, None)
        .content(format!("{program} {name}"))
        .evidence(why);
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    let draft = draft.fix(tools::all(found.iter().map(|f| f.fix.as_ref())));
    draft.advise(advice).say(format!("`{program} {name}`: {why}{held}"));
}

/// What is missing, and nothing that is there.
fn advice(program: &str, name: &str, act: &ActKind, known: &str) -> String {
    let ActKind::CargoInstall { version, git, rev, binary, .. } = act else { return String::new() };
    match (git, rev, version) {
        (Some(git), Some(rev), _) => {
            format!("use the lock of the repository: {program} --locked --git {git} --rev {rev} {name}")
        }
        (Some(git), None, _) => {
            format!("name a commit and use the lock of the repository: {program} --locked --git {git} --rev <commit>")
        }
        (None, _, Some(version)) => {
            format!("use the lock it was released with: {program} --locked {name}@{version}")
        }
        (None, _, None) if *binary => format!("name a version: {program} {name}@{known}"),
        (None, _, None) => {
            format!("name a version and use the lock it was released with: {program} --locked {name}@{known}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_asks_for_what_is_missing_only() {
        let act = |version: Option<&str>, git: Option<&str>, rev: Option<&str>| ActKind::CargoInstall {
            name: Some("x".into()),
            version: version.map(Into::into),
            locked: false,
            path: None,
            git: git.map(Into::into),
            rev: rev.map(Into::into),
            binary: false,
        };
        for (kind, part) in [
            (act(Some("1.2"), None, None), "use the lock it was released with: cargo install --locked x@1.2"),
            (act(None, None, None), "x@<version>"),
            (act(None, Some("u"), Some("r")), "--rev r x"),
            (act(None, Some("u"), None), "--rev <commit>"),
        ] {
            let text = advice("cargo install", "x", &kind, "<version>");
            assert!(text.contains(part), "{text}");
        }
    }
}
