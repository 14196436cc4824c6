//! Packages that a script installs by name, beside every lock.

mod registries;

use std::collections::BTreeMap;

use super::tools::{self, Install, Installs, Packages};
use super::unlocked_npm_install;
use crate::commands::{ActKind, Operand};
use crate::diag::Severity;
use crate::rules::workflow::reach;
use crate::rules::workflow::reach::Run;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::RepoPath;

pub(super) static RULE: Rule = Rule {
    id: "adhoc-package",
    title: "package installed by name, beside every lock",
    many: "{n} packages are installed by name, beside every lock",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("adhoc_package.md"),
    check,
};

/// Packages of npm that bring everything they need: nothing is looked up for them.
const WHOLE: &[&str] = &["corepack", "npm", "pnpm", "yarn"];

/// Names of packages and their installs, told in one finding.
type Together<'n, 'a, 'r> = (Vec<&'n str>, Vec<Install<'a, 'r>>);

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: Installs<'_, '_> = Installs::new();
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, verb, names, options, .. } = &act.kind else { continue };
                let packages = Packages { verb, options };
                let locked_there = options.iter().any(|o| {
                    let folder = o.value.as_deref().filter(|_| o.name == "--prefix" && manager == "npm");
                    let lock = folder.and_then(|f| RepoPath::new(&format!("{f}/package-lock.json")));
                    lock.is_some_and(|lock| scene.files.contains(&lock))
                });
                if locked_there && !packages.has(&["-g", "--global"]) {
                    continue;
                }
                let named: Vec<&Operand> = names.iter().filter(|n| is_adhoc(manager, &packages, n)).collect();
                if let Some(first) = named.first() {
                    let words: Vec<&str> = named.iter().map(|n| n.text.as_str()).collect();
                    let version = if is_exact(manager, &packages, &words) { "=" } else { "" };
                    let what = format!("{manager} {version}{}", words.join(" "));
                    tools::note(&mut found, what, run, &piece, act, Some(first));
                }
            }
        }
    }
    // A job on Windows installs one tool a step; that they come from there at all is one decision.
    let mut together: BTreeMap<(&str, Severity), Together<'_, '_, '_>> = BTreeMap::new();
    for (what, installs) in &found {
        let Some((manager, names)) = what.split_once(' ') else { continue };
        if !registries::knows(manager) {
            say(scene, report, manager, names, installs);
            continue;
        }
        for install in installs {
            let (all, places) = together.entry((manager, severity(false, install.run))).or_default();
            all.extend(names.split(' ').filter(|name| !all.contains(name)).collect::<Vec<_>>());
            places.push(install.clone());
        }
    }
    for ((manager, _), (names, installs)) in &together {
        say(scene, report, manager, &names.join(" "), installs);
    }
}

/// How much an install weighs, by whether the packages have a version each and by what it reaches.
fn severity(exact: bool, run: &Run<'_>) -> Severity {
    match (exact, run.impact()) {
        (true, _) => Severity::Info,
        (false, Some(_)) => Severity::Medium,
        (false, None) if run.is_after_install() => Severity::Info,
        (false, None) => Severity::Low,
    }
}

/// Whether a named package is one of those that are told here: `unlocked-npm-install` tells of npm's without an
/// exact version.
fn is_adhoc(manager: &str, packages: &Packages<'_>, operand: &Operand) -> bool {
    let name = operand.text.as_str();
    let plain = name.starts_with(|c: char| c == '@' || c.is_ascii_alphanumeric())
        && !name.contains("://")
        && !name.contains(['$', '{', '>', '|', '\\'])
        && operand.by.is_none();
    let local = [".gem", ".tgz", ".tar.gz", ".rock", ".rockspec"].iter().any(|end| name.ends_with(end));
    match manager {
        other if registries::knows(other) && operand.by.is_some() => registries::is_open(packages, operand),
        _ if !plain && !registries::takes_addresses(manager) || local => false,
        "gem" => !packages.has(&["-l", "--local", "-g", "--file"]),
        "bundle" => packages.verb == "add" && !packages.has(&["--path"]),
        "composer" => matches!(packages.verb, "require" | "global require"),
        "cpan" | "luarocks" => true,
        other if registries::knows(other) => registries::is_open(packages, operand),
        "npm" | "pnpm" | "yarn" | "bun" => {
            let bare =
                name.get(1..).and_then(|rest| rest.split_once('@')).map_or(name, |(rest, _)| &name[..=rest.len()]);
            matches!(packages.verb, "install" | "i" | "add" | "global add")
                && !unlocked_npm_install::is_open(name)
                && !WHOLE.contains(&bare)
        }
        _ => false,
    }
}

/// Whether the packages themselves have a version each, so that only what they need is open.
fn is_exact(manager: &str, packages: &Packages<'_>, names: &[&str]) -> bool {
    let digit = |version: &str| version.starts_with(|c: char| c.is_ascii_digit());
    match manager {
        "gem" | "bundle" => {
            let asked = packages.options.iter().find(|o| matches!(o.name.as_str(), "-v" | "--version"));
            let by_option = asked.is_some_and(|o| o.value.as_deref().is_some_and(|v| digit(v.trim_matches('='))));
            by_option || names.iter().all(|n| n.split_once(':').is_some_and(|(_, version)| digit(version)))
        }
        "composer" => names.iter().all(|n| n.split_once([':', '=']).is_some_and(|(_, version)| digit(version))),
        "cpan" => names.iter().all(|n| n.split_once('@').is_some_and(|(_, version)| digit(version))),
        "npm" | "pnpm" | "yarn" | "bun" => true,
        _ => false,
    }
}

/// How a manager installs what a lock says.
fn locked(manager: &str) -> &'static str {
    if let Some(advice) = registries::advice(manager) {
        return advice;
    }
    match manager {
        "gem" | "bundle" => "list it in a Gemfile with its lock, and install by bundle install with BUNDLE_FROZEN=true",
        "composer" => "list it in composer.json with its lock, and install by composer install",
        "cpan" => "list it in a cpanfile with its snapshot, and install by carton install --deployment",
        "luarocks" => "list it in a rockspec with luarocks.lock, and install by luarocks make --pin",
        "yarn" => "list it in a package.json with its lock, and install by yarn install --immutable",
        "pnpm" => "list it in a package.json with its lock, and install by pnpm install --frozen-lockfile",
        _ => "list it in a package.json with its lock, and install by npm ci",
    }
}

/// `names` are those of one command; a sign before them says that each has a version.
fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, manager: &str, names: &str, found: &[Install<'_, '_>]) {
    let Some(main) = tools::weightiest(found) else { return };
    let (exact, names) = match names.strip_prefix('=') {
        Some(names) => (true, names),
        None => (false, names),
    };
    let severity = severity(exact, main.run);
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let all: Vec<&str> = names.split(' ').collect();
    let (what, verb) = match all.as_slice() {
        [one] => (format!("`{one}`"), "is"),
        [one, other] => (format!("`{one}` and `{other}`"), "are"),
        [one, rest @ ..] => (format!("`{one}` and {} more", rest.len()), "are"),
        [] => return,
    };
    let (label, rest) = if exact {
        ("no lock for what it may need", "with whatever else it needs at its newest")
    } else {
        ("no version, no lock", "at whatever is newest")
    };
    let why = if registries::knows(manager) {
        "the command names no version, so that the newest of that day is taken"
    } else {
        "the command names the package itself, so that no lock of the tree is asked"
    };
    let draft = report
        .at(main.place, label)
        .severity(severity)
        .also(found.iter().map(|f| f.place))
        .about("package", format!("{manager} {names}"), None)
        .content(format!("{manager} {names}"))
        .evidence(why);
    let advice = match all.as_slice() {
        [one] => locked(manager).replace("<package>", one),
        _ => locked(manager).to_owned(),
    };
    main.run
        .route(scene, draft)
        .via(main.step.clone(), Some(main.place))
        .advise(advice)
        .say(format!("{what} {verb} installed by {manager} {rest}{held}"));
}
