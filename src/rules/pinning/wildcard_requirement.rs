//! A version requirement that any version meets.

use semver::{Op, VersionReq};

use crate::diag::Severity;
use crate::graph::kinds::cargo::Table;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "wildcard-requirement",
    title: "requirement that any version meets",
    many: "{n} dependencies take any version",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("wildcard_requirement.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (document, manifest) in scene.manifests() {
        let lock = scene.cargo.of_document(document).and_then(|(w, _)| w.lock).and_then(|l| scene.lock(l));
        for dependency in &manifest.dependencies {
            // What a path or a repository holds has one version, whatever the requirement says.
            let Some(requirement) =
                dependency.requirement.as_ref().filter(|_| dependency.path.is_none() && dependency.git.is_none())
            else {
                continue;
            };
            if !is_any(&requirement.value) {
                continue;
            }
            let name = dependency.package_name();
            let held = lock.and_then(|l| l.packages.iter().find(|p| p.name.value == name));
            let severity = match (held, dependency.table) {
                (Some(_), _) | (None, Table::Dev) => Severity::Low,
                (None, _) => Severity::Medium,
            };
            let now = held.map_or_else(
                || "no lock holds one".to_owned(),
                |p| format!("the lock holds {} until it is updated", p.version.value),
            );
            let write = held.map_or("the version you build with", |p| p.version.value.as_str());
            report
                .at(Place::new(manifest.file, requirement.span), format!("`{}`", requirement.value))
                .about("crate", name, None)
                .severity(severity)
                .content(format!("{name} {}", requirement.value))
                .evidence("the manifest and the lock beside it")
                .advise(format!("require the oldest version that works, such as {write}"))
                .say(format!("`{name}` is required in any version, `{}`; {now}", requirement.value));
        }
    }
}

/// `*`, `>=0`, `>=0.0.0` and the like: no major version is excluded.
fn is_any(requirement: &str) -> bool {
    let Ok(parsed) = VersionReq::parse(requirement) else { return false };
    parsed.comparators.iter().all(|c| {
        matches!(c.op, Op::GreaterEq | Op::Greater) && c.major == 0 && c.minor.unwrap_or(0) == 0 && c.patch.unwrap_or(0) == 0
            // `>0` leaves all of major version 0 out.
            && (c.op == Op::GreaterEq || c.patch.is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_means_any() {
        for (text, any) in [
            ("*", true),
            (">=0", true),
            (">= 0.0.0", true),
            (">0.0.0", true),
            (">0", false),
            ("1.*", false),
            (">=1", false),
            (">=0, <2", false),
            ("0", false),
            ("x.y.z.w", false),
        ] {
            assert_eq!(is_any(text), any, "{text}");
        }
    }
}
