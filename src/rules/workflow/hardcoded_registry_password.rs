//! The password of a registry, written into a workflow.

use super::written;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "hardcoded-registry-password",
    title: "a registry's password in the file",
    many: "{n} files hold a registry's password",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("hardcoded_registry_password.md"),
    check,
};

/// Actions that log in to a registry, with the input that takes the password. Lower case.
const LOGINS: &[(&str, &str)] = &[
    ("docker/login-action", "password"),
    ("azure/docker-login", "password"),
    ("redhat-actions/podman-login", "password"),
    ("elgohr/publish-docker-github-action", "password"),
    ("mr-smithers-excellent/docker-build-push", "password"),
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        // What it is for, and where. What it is stays out of everything that is said.
        let mut found: Vec<(String, Place)> = Vec::new();
        for job in file.workflow.into_iter().flat_map(|workflow| &workflow.jobs) {
            for image in &job.images {
                if let Some(password) = image.password.as_ref().filter(|p| is_literal(p)) {
                    let what = match image.used_as.as_str() {
                        "container" => format!("the container of job {}", job.id.value),
                        service => format!("service {service} of job {}", job.id.value),
                    };
                    found.push((what, file.at(password.span)));
                }
            }
        }
        for step in file.steps() {
            if let Some(password) = login(step).filter(|p| is_literal(p)) {
                found.push((format!("step {}", step.title()), file.at(password.span)));
            }
        }
        let Some((what, place)) = found.first() else { continue };
        report
            .at(*place, "not an expression")
            .confidence(Confidence::High)
            .about("credential", what.clone(), None)
            .content(what.clone())
            .also(found.iter().map(|(_, place)| *place))
            .advise("change the password at the registry: it is in the history of the repository")
            .advise("keep the new one as a secret: password: ${{ secrets.REGISTRY_PASSWORD }}")
            .say(format!(
                "the password of a registry for {what} stands in the file{}",
                written::and_others(found.len())
            ));
    }
}

fn login(step: &Step) -> Option<&Spanned<String>> {
    let Uses::Repository { owner, repo, .. } = &step.uses.as_ref()?.value else { return None };
    let name = format!("{owner}/{repo}").to_ascii_lowercase();
    let (_, input) = LOGINS.iter().find(|(action, _)| *action == name)?;
    step.input(input)
}

/// Whether a value is written out. An empty one is the registry's that asks for none.
fn is_literal(value: &Spanned<String>) -> bool {
    !value.value.trim().is_empty() && !value.value.contains("${{")
}
