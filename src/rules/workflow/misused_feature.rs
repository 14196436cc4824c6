//! Features of GitHub Actions that are better not used.

use super::written::{self, Written, and_others};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "misused-feature",
    title: "a feature that hides what is run or installed",
    many: "{n} uses of features that hide what is run or installed",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("misused_feature.md"),
    check,
};

/// Shells that are read, besides their paths and endings.
const KNOWN_SHELLS: &[&str] = &["bash", "sh", "pwsh", "powershell", "python"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let steps: Vec<&Step> = file.steps().collect();
        installs(report, &file, &steps);
        shells(report, &file, &steps);
    }
}

/// `pip-install` of `actions/setup-python`: into the runner's own Python, before any environment.
fn installs(report: &mut Reporter<'_>, file: &Written<'_>, steps: &[&Step]) {
    let found: Vec<Span> = steps
        .iter()
        .filter(|step| {
            matches!(step.uses.as_ref().map(|u| &u.value), Some(Uses::Repository { owner, repo, .. })
                if owner.eq_ignore_ascii_case("actions") && repo.eq_ignore_ascii_case("setup-python"))
        })
        .filter_map(|step| Some(step.input("pip-install")?.span))
        .collect();
    let Some(first) = found.first() else { return };
    report
        .at(file.at(*first), "into the runner's own Python")
        .about("input", "pip-install", None)
        .also(found.iter().map(|span| file.at(*span)))
        .advise("make a virtual environment and install into it from a lock with hashes")
        .say(format!(
            "`pip-install` of actions/setup-python installs outside of any environment{}",
            and_others(found.len())
        ));
}

/// Shells whose scripts cannot be read here, one finding for each.
fn shells(report: &mut Reporter<'_>, file: &Written<'_>, steps: &[&Step]) {
    let mut found: Vec<(String, Vec<Span>)> = Vec::new();
    for step in steps.iter().filter(|step| step.run.is_some()) {
        let Some(shell) = shell_of(file, step) else { continue };
        let name = program(&shell.value);
        if KNOWN_SHELLS.contains(&name.as_str()) || shell.value.contains("${{") {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, spans)) if spans.contains(&shell.span) => {}
            Some((_, spans)) => spans.push(shell.span),
            None => found.push((name, vec![shell.span])),
        }
    }
    for (name, spans) in &found {
        let Some(first) = spans.first() else { continue };
        let is_cmd = name == "cmd";
        report
            .at(file.at(*first), "scripts of it are not read")
            .confidence(if is_cmd { Confidence::High } else { Confidence::Low })
            .about("shell", name.clone(), None)
            .also(spans.iter().map(|span| file.at(*span)))
            .advise(if is_cmd {
                "write `shell: pwsh` or `shell: bash`, both of which runners of Windows have"
            } else {
                "where one of GitHub's own shells does, use it: bash, pwsh, python"
            })
            .say(format!("what runs in the shell `{name}` cannot be looked through{}", and_others(spans.len())));
    }
}

/// The shell of a step: its own, else the job's or workflow's default.
fn shell_of<'a>(file: &Written<'a>, step: &'a Step) -> Option<&'a Spanned<String>> {
    let default = || file.job(step.span).and_then(|job| job.shell.as_ref());
    step.shell.as_ref().or_else(default).or_else(|| file.workflow?.shell.as_ref())
}

/// `C:\msys64\usr\bin\bash.exe -l {0}` is `bash`.
fn program(shell: &str) -> String {
    let first = shell.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
    let file = first.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = file.strip_suffix(".exe").unwrap_or(&file);
    if name.starts_with("python") { "python".to_owned() } else { name.to_owned() }
}
