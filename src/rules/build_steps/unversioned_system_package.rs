//! Packages of a system without a version.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::{ActKind, Operand};
use crate::diag::Severity;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "unversioned-system-package",
    title: "packages of the system at whatever is newest",
    many: "{n} files install packages of the system without a version",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("unversioned_system_package.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;
/// Packages it names.
const NAMES: usize = 3;

/// What is open in one file.
struct Open<'a, 'r> {
    first: Place,
    run: &'r Run<'a>,
    step: String,
    places: Vec<Place>,
    names: BTreeSet<String>,
    managers: BTreeSet<String>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<FileId, Open<'_, '_>> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        // What developers install is their own matter.
        if run.local.is_some() {
            continue;
        }
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, names, .. } = &act.kind else { continue };
                let open: Vec<&Operand> = names.iter().filter(|name| is_open(manager, name)).collect();
                let Some(first) = open.first() else { continue };
                let place = Place::new(run.file, piece.script.text.host_span(first.range.clone()));
                let of_file = found.entry(run.file).or_insert_with(|| Open {
                    first: place,
                    run,
                    step: piece.title(),
                    places: Vec::new(),
                    names: BTreeSet::new(),
                    managers: BTreeSet::new(),
                });
                of_file.places.push(place);
                of_file.names.extend(open.iter().map(|o| o.text.clone()));
                of_file.managers.insert(manager.clone());
            }
        }
    }
    for open in found.values() {
        say(scene, report, open);
    }
}

/// Whether a package of a system has no version. Homebrew and Snap can be told none.
fn is_open(manager: &str, operand: &Operand) -> bool {
    let name = operand.text.as_str();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !name.contains("://");
    // `file.txt` of names, an architecture, a group of dnf, a formula of another tap.
    if !operand.known || !is_name || operand.by.is_some() || name.contains(['$', '{', '*', '/', '>', '<', '|']) {
        return false;
    }
    match manager {
        "apt" | "apk" | "zypper" => !name.contains('=') && !name.contains('~'),
        // A version stands behind the name: `curl-7.76.1`.
        "dnf" => !has_version(name),
        "pacman" => !name.contains('='),
        "brew" => !name.contains('@'),
        "snap" => true,
        _ => false,
    }
}

fn has_version(name: &str) -> bool {
    name.match_indices('-').any(|(at, _)| {
        let rest = name.get(at + 1..).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('.')
    })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, open: &Open<'_, '_>) {
    let path = scene.sources.path(open.first.file).to_owned();
    let shown: Vec<String> = open.names.iter().take(NAMES).map(|n| format!("`{n}`")).collect();
    let more = match open.names.len().saturating_sub(NAMES) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let managers: Vec<&str> = open.managers.iter().map(String::as_str).collect();
    let verb = if open.names.len() == 1 { "is" } else { "are" };
    let draft = report
        .at(open.first, "no version")
        .role(scene.role(open.first.file))
        .also(open.places.iter().copied().take(PLACES))
        .about("system packages", path.clone(), None)
        .each(open.names.iter().map(String::as_str))
        .evidence("the distribution signs what it serves; which version that is depends on the day");
    open.run.route(scene, draft).via(open.step.clone(), Some(open.first)).advise(advice(&managers)).say(format!(
        "{}{more} {verb} installed by {} at the version of the day",
        shown.join(", "),
        managers.join(" and ")
    ));
}

fn advice(managers: &[&str]) -> String {
    match managers {
        [manager @ ("brew" | "snap")] => {
            format!("{manager} serves one version: take the tool from a release of its own, verified by a digest")
        }
        _ => "build from an image that is pinned by digest and holds them, or take them from a dated snapshot of the \
              distribution: <package>=<version>"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_manager_writes_versions_its_way() {
        for (manager, name, open) in [
            ("apt", "curl", true),
            ("apt", "curl=7.88.1-10", false),
            ("apt", "python3.12", true),
            ("apk", "curl=~8", false),
            ("apk", "curl~8", false),
            ("dnf", "curl", true),
            ("dnf", "gcc-c++", true),
            ("dnf", "curl-7.76.1-26.el9", false),
            ("dnf", "https://example.com/a.rpm", false),
            ("brew", "protobuf", true),
            ("brew", "protobuf@21", false),
            ("apt", "./a.deb", false),
            ("pip", "curl", false),
        ] {
            let operand = Operand { text: name.to_owned(), known: true, range: 0..0, by: None };
            assert_eq!(is_open(manager, &operand), open, "{manager} {name}");
        }
    }
}
