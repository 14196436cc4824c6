//! Packages of npm installed at whatever is newest.

use super::tools::{self, Install, Installs, Packages};
use crate::commands::{ActKind, Operand};
use crate::diag::Severity;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unlocked-npm-install",
    title: "npm installs whatever is newest",
    many: "{n} packages of npm are installed at whatever is newest",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unlocked_npm_install.md"),
    check,
};

const MANAGERS: &[&str] = &["npm", "npx", "yarn", "pnpm", "bun"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut named: Installs<'_, '_> = Installs::new();
    let is_project = scene.files.iter().any(|path| path.name() == "package.json");
    for run in runs {
        // What a project installed before is what `npx` then runs. On a developer's machine it has been.
        let mut installed = is_project && run.is_after_install();
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, verb, names, options, .. } = &act.kind else { continue };
                if !MANAGERS.contains(&manager.as_str()) {
                    continue;
                }
                let packages = Packages { verb, options };
                let runs_tool = manager == "npx" || matches!(verb.as_str(), "exec" | "dlx" | "x");
                if names.is_empty() && !runs_tool {
                    installed = true;
                    continue;
                }
                let global = packages.has(&["-g", "--global"]) || verb.starts_with("global");
                if !runs_tool && !global {
                    installed = true;
                }
                if matches!(verb.as_str(), "ci" | "update" | "up" | "upgrade") {
                    continue;
                }
                let local = runs_tool && verb != "dlx" && (installed || packages.has(&["--no-install", "--no"]));
                // One command is one decision.
                let open: Vec<&Operand> = names.iter().filter(|n| !local && is_open(&n.text)).collect();
                if let Some(first) = open.first() {
                    let words: Vec<&str> = open.iter().map(|n| n.text.as_str()).collect();
                    // The manager stands before the names.
                    let what = format!("{} {}", by(manager, runs_tool), words.join(" "));
                    tools::note(&mut named, what, run, &piece, act, Some(first));
                }
            }
        }
    }
    for (what, found) in &named {
        let Some((manager, names)) = what.split_once(' ') else { continue };
        say_named(scene, report, manager, names, found);
    }
}

/// Who installs it, or runs it.
fn by(manager: &str, runs_tool: bool) -> &str {
    match manager {
        "npm" if runs_tool => "npx",
        other => other,
    }
}

/// Whether a package is left at what is newest: no version, a tag, a range, a branch.
pub(in crate::rules) fn is_open(name: &str) -> bool {
    let local = name.starts_with(['.', '/', '~', '$', '-']) || name.starts_with("file:") || name.starts_with("link:");
    // What a variable or an expression names is not in the script.
    let may_stand = |c: char| c.is_ascii_alphanumeric() || "@/._-~^:#+*=<>".contains(c);
    // `@Arguments` of PowerShell stands for several.
    if (name.starts_with('@') && !name.contains('/'))
        || local
        || name.contains(['$', '{'])
        || !name.starts_with(|c: char| c == '@' || c.is_ascii_alphabetic())
    {
        return false;
    }
    if !name.chars().all(may_stand) {
        return false;
    }
    if name.contains("://") || name.starts_with("git@") || name.starts_with("github:") {
        let commit = name.rsplit_once('#').map_or("", |(_, reference)| reference);
        return !(commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    // The first sign belongs to the scope: `@scope/name@1.2.3`.
    let version = name.get(1..).and_then(|rest| rest.split_once('@')).map_or("", |(_, version)| version);
    let exact = version.starts_with(|c: char| c.is_ascii_digit()) && version.matches('.').count() >= 2;
    !exact || version.contains(['x', '*', ' '])
}

/// The package without the version that is asked for.
fn plain(name: &str) -> &str {
    // The first sign belongs to the scope: `@scope/name@1.2.3`.
    let version = name.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
    version.and_then(|at| name.get(..at)).unwrap_or(name)
}

/// How a manager installs what the lock says, and fails where that does not fit.
fn frozen(manager: &str) -> &'static str {
    match manager {
        "yarn" => "yarn install --immutable",
        "pnpm" => "pnpm install --frozen-lockfile",
        "bun" => "bun install --frozen-lockfile",
        _ => "npm ci",
    }
}

/// `names` are those of one command, with blanks between them.
fn say_named(scene: &Scene<'_>, report: &mut Reporter<'_>, manager: &str, names: &str, found: &[Install<'_, '_>]) {
    let Some(main) = tools::weightiest(found) else { return };
    let severity = if main.run.impact().is_some() { Severity::Medium } else { Severity::Low };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let all: Vec<&str> = names.split(' ').map(plain).collect();
    let (what, verb) = match all.as_slice() {
        [one] => (format!("`{one}`"), "is"),
        [one, other] => (format!("`{one}` and `{other}`"), "are"),
        [one, rest @ ..] => (format!("`{one}` and {} more", rest.len()), "are"),
        [] => return,
    };
    let pins: Vec<String> = all.iter().map(|one| format!("{one}@<version>")).collect();
    let done = if manager == "npx" { "run" } else { "installed" };
    let (versions, them) = if pins.len() == 1 { ("a version", "it") } else { ("versions", "them") };
    let why = "the newest release that fits is fetched, with the newest of all its dependencies";
    let draft = report
        .at(main.place, "no exact version")
        .severity(severity)
        .also(found.iter().map(|f| f.place))
        .about("npm package", all.join(" "), None)
        .content(format!("npm {names}"))
        .evidence(why);
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    // npm itself is in no lock.
    if all == ["npm"] {
        let advice = format!("name a version, or take the one that comes with Node.js: {}", pins.join(" "));
        return draft.advise(advice).say(format!("{what} {verb} {done} by {manager} at whatever is newest{held}"));
    }
    draft
        .advise(format!(
            "name {versions}: {}; or list {them} in a package.json with its lock, and install from there by {}",
            pins.join(" "),
            frozen(manager)
        ))
        .say(format!("{what} {verb} {done} by {manager} at whatever is newest{held}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_npm_are_exact_or_open() {
        for (name, open) in [
            ("yarn", true),
            ("yarn@latest", true),
            ("yarn@1", true),
            ("yarn@^1.2.3", true),
            ("yarn@1.22.22", false),
            ("@scope/a", true),
            ("@scope/a@1.2.3-beta.1", false),
            ("./a", false),
            ("file:a", false),
            ("${TOOL}", false),
            ("2>&1", false),
            ("github:example/a", true),
            ("git+https://example.com/a#0123456789abcdef0123456789abcdef01234567", false),
        ] {
            assert_eq!(is_open(name), open, "{name}");
        }
    }
}
