//! `go install` of a version that moves.

use super::tools::{self, Install, Installs};
use crate::commands::ActKind;
use crate::diag::Severity;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unlocked-go-install",
    title: "go install of whatever is newest",
    many: "{n} tools are installed by go at whatever is newest",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unlocked_go_install.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut installs: Installs<'_, '_> = Installs::new();
    for run in runs {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, names, .. } = &act.kind else { continue };
                for name in names.iter().filter(|n| manager == "go" && moves(&n.text)) {
                    tools::note(&mut installs, name.text.clone(), run, &piece, act, Some(name));
                }
            }
        }
    }
    for (name, found) in &installs {
        say(scene, report, name, found);
    }
}

/// Whether a module's version is one that moves: `latest`, a branch. The checksum database holds versions
/// and commits fast.
fn moves(name: &str) -> bool {
    let Some((path, version)) = name.split_once('@') else { return false };
    if !path.contains('.') || version.is_empty() || version.contains(['$', '{']) {
        return false;
    }
    let commit = version.len() >= 7 && version.bytes().all(|b| b.is_ascii_hexdigit());
    let exact = version.starts_with('v') && version.matches('.').count() >= 2;
    !commit && !exact
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, name: &str, found: &[Install<'_, '_>]) {
    let Some(main) = tools::weightiest(found) else { return };
    let (path, version) = name.split_once('@').unwrap_or((name, ""));
    let severity = if main.run.impact().is_some() { Severity::Medium } else { Severity::Low };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    // `example.com/lint/v2`: the last part is no name.
    let is_major =
        |part: &str| part.starts_with('v') && part.len() > 1 && part[1..].bytes().all(|b| b.is_ascii_digit());
    let tool = path.rsplit('/').find(|part| !is_major(part)).unwrap_or(path);
    let draft = report
        .at(main.place, format!("`{version}` moves"))
        .severity(severity)
        .also(found.iter().map(|f| f.place))
        .about("go module", path, None)
        .content(format!("go {name}"))
        .evidence(format!("`{version}` is whatever its publisher released last"));
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft
        .advise(format!("name a version, which the checksum database holds fast: {path}@v<version>"))
        .say(format!("`{tool}` is built by go at `{version}`{held}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_modules_move_or_do_not() {
        for (name, expected) in [
            ("example.com/x@latest", true),
            ("example.com/x@main", true),
            ("example.com/x@v1", true),
            ("example.com/x@v1.2.3", false),
            ("example.com/x@v0.0.0-20240101000000-0123456789ab", false),
            ("example.com/x@0123456789ab", false),
            ("example.com/x@${V}", false),
            ("./cmd/x", false),
        ] {
            assert_eq!(moves(name), expected, "{name}");
        }
    }
}
