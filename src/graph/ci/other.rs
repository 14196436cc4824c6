//! What a job of another service than GitHub holds, as far as its file tells: what its commands put out, and
//! the variables they read that look like secrets and have no value in the file. Whether a variable is kept
//! from branches of strangers stands in the project's settings, which no file shows.

use std::collections::BTreeSet;

use super::{Privilege, add_secret, published};
use crate::commands::ActKind;
use crate::graph::kinds::workflow::{Job, Pair, Service, Step, Workflow};
use crate::source::{Span, Spanned};

/// Ends of names of variables that hold a secret.
const ENDS: &[&str] = &[
    "_ACCESS_KEY",
    "_API_KEY",
    "_APIKEY",
    "_CREDENTIALS",
    "_DEPLOY_KEY",
    "_PASS",
    "_PASSWD",
    "_PASSWORD",
    "_PAT",
    "_PRIVATE_KEY",
    "_SECRET",
    "_SECRET_KEY",
    "_SSH_KEY",
    "_TOKEN",
];

/// Secrets told of one job. Nobody reads more.
pub(super) const MAX_SECRETS: usize = 64;
/// Variables of a file looked at for each of its jobs.
const MAX_VARIABLES: usize = 512;

/// Whether a variable's name says that it holds a secret of the project. Those that the service itself makes
/// for each job are none.
#[must_use]
pub(crate) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    if upper.starts_with("CI_") && upper != "CI_DEPLOY_PASSWORD" || upper.starts_with("SYSTEM") {
        return false;
    }
    matches!(upper.as_str(), "PASSWORD" | "TOKEN" | "SECRET") || ENDS.iter().any(|end| upper.ends_with(end))
}

/// What the code of a job could gain.
pub(super) fn privilege(workflow: &Workflow, job: &Job) -> Privilege {
    let mut out = Privilege::default();
    let given = |pairs: &[Pair]| {
        let constant = pairs.iter().take(MAX_VARIABLES).filter(|(_, value)| !value.value.contains('$'));
        constant.map(|(name, _)| name.value.clone()).collect::<Vec<_>>()
    };
    let mut known: BTreeSet<String> = given(&workflow.env).into_iter().chain(given(&job.env)).collect();
    for (name, _) in job.secrets.iter().take(MAX_SECRETS) {
        add_secret(&mut out.secrets, name.value.clone(), name.span);
    }
    for step in &job.steps {
        step_privilege(workflow.service, step, &mut known, &mut out);
    }
    for (_, value) in workflow.env.iter().take(MAX_VARIABLES).chain(job.env.iter().take(MAX_VARIABLES)) {
        read_in(&value.value, &known, &|_| value.span, &mut out);
    }
    out
}

fn step_privilege(service: Service, step: &Step, known: &mut BTreeSet<String>, out: &mut Privilege) {
    if let Some(run) = &step.run {
        known.extend(run.program.commands.iter().flat_map(|c| &c.assignments).map(|a| a.name.clone()));
        read_in(&run.text.text, known, &|range| run.text.host_span(range), out);
        for act in &run.acts {
            if let ActKind::Publish { what, .. } = &act.kind {
                published(what, run.text.host_span(act.range.clone()), out);
            }
        }
    }
    for (_, value) in step.env.iter().chain(&step.with) {
        read_in(&value.value, known, &|_| value.span, out);
    }
    if let (Service::Azure, Some(uses)) = (service, &step.uses) {
        task(&uses.value.to_string(), uses.span, step, out);
    }
}

/// Variables that a text reads and nothing in the file sets.
fn read_in(text: &str, known: &BTreeSet<String>, place: &dyn Fn(std::ops::Range<usize>) -> Span, out: &mut Privilege) {
    for (at, _) in text.match_indices('$') {
        if out.secrets.len() >= MAX_SECRETS {
            return;
        }
        let start = at + 1 + usize::from(text.get(at + 1..).is_some_and(|rest| rest.starts_with(['{', '('])));
        let rest = text.get(start..).unwrap_or_default();
        let rest = rest.strip_prefix("env:").unwrap_or(rest);
        let length = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        if is_secret_name(name) && !known.contains(name) {
            add_secret(&mut out.secrets, name.to_owned(), place(at..start + length));
        }
    }
}

/// Tasks of Azure Pipelines that put something out. Source: Azure Pipelines task reference.
fn task(name: &str, span: Span, step: &Step, out: &mut Privilege) {
    let lower = name.to_ascii_lowercase();
    let kind = lower.split('@').next().unwrap_or_default();
    let command = step.input("command").map_or("", |value| value.value.as_str()).to_ascii_lowercase();
    let named = || Spanned::new(name.to_owned(), span);
    match kind {
        "githubrelease" => out.publishes.push(named()),
        "nugetcommand" | "dotnetcorecli" if command == "push" => out.publishes.push(named()),
        "npm" if command == "publish" => out.publishes.push(named()),
        "twineauthenticate" => out.publishes.push(named()),
        "docker" if matches!(command.as_str(), "" | "buildandpush" | "push") => {
            out.pushes_image.get_or_insert(named());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for (name, wanted) in [
            ("PYPI_TOKEN", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("CI_JOB_TOKEN", false),
            ("CI_REGISTRY_PASSWORD", false),
            ("CI_DEPLOY_PASSWORD", true),
            ("CACHE_KEY", false),
            ("PATH", false),
            ("COMPASS", false),
        ] {
            assert_eq!(is_secret_name(name), wanted, "{name}");
        }
    }
}
