//! A workflow that reads secrets, holds rights, or is started by strangers, and did or was not before.

use super::compared::{Compared, listed};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::ci::{self, Privilege};
use crate::graph::kinds::workflow::{Service, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "secrets-newly-read",
    title: "workflow newly reads secrets or holds rights",
    many: "{n} workflows newly read secrets or hold rights",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("secrets_newly_read.md"),
    check,
};

/// What a workflow holds, each with a place.
#[derive(Default)]
struct Holdings {
    secrets: Vec<Spanned<String>>,
    rights: Vec<Spanned<String>>,
    strangers: Vec<Spanned<String>>,
    is_weighty: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let Document::Workflow(workflow) = document else { continue };
        if workflow.service != Service::GitHub {
            continue;
        }
        let old = match was {
            Some(Document::Workflow(old)) => holdings(old),
            _ => Holdings::default(),
        };
        say(&compared, report, workflow, was.is_some(), &old, &holdings(workflow));
    }
}

fn holdings(workflow: &Workflow) -> Holdings {
    let mut out = Holdings::default();
    let put = |list: &mut Vec<Spanned<String>>, name: String, span: Span| {
        if !list.iter().any(|known| known.value == name) {
            list.push(Spanned::new(name, span));
        }
    };
    for job in &workflow.jobs {
        let held: Privilege = ci::privilege(workflow, job);
        for secret in &held.secrets {
            put(&mut out.secrets, secret.value.clone(), secret.span);
        }
        if job.inherits_secrets {
            let span = job.secrets_span.unwrap_or(job.id.span);
            put(&mut out.secrets, "all that are inherited".to_owned(), span);
        }
        for scope in &held.writes {
            let name = if scope == "*" { "everything: write".to_owned() } else { format!("{scope}: write") };
            put(&mut out.rights, name, held.granted_at.unwrap_or(job.id.span));
        }
        if let Some(environment) = &job.environment {
            put(&mut out.rights, format!("environment {}", environment.value), environment.span);
        }
        out.is_weighty |= held.reaches_secrets();
    }
    for event in ci::stranger_events(workflow) {
        put(&mut out.strangers, event.value.clone(), event.span);
    }
    out
}

/// What is only in the second list.
fn fresh<'h>(old: &[Spanned<String>], new: &'h [Spanned<String>]) -> Vec<&'h Spanned<String>> {
    new.iter().filter(|one| !old.iter().any(|known| known.value == one.value)).collect()
}

fn say(
    compared: &Compared<'_>,
    report: &mut Reporter<'_>,
    workflow: &Workflow,
    existed: bool,
    old: &Holdings,
    new: &Holdings,
) {
    let secrets = fresh(&old.secrets, &new.secrets);
    let rights = fresh(&old.rights, &new.rights);
    // An event weighs where there is something to hold.
    let strangers = if new.is_weighty { fresh(&old.strangers, &new.strangers) } else { Vec::new() };
    let Some(first) = strangers.first().or(secrets.first()).or(rights.first()) else { return };
    let weighty = Privilege {
        secrets: secrets.iter().map(|one| (*one).clone()).collect(),
        writes: rights.iter().filter_map(|one| one.value.strip_suffix(": write")).map(str::to_owned).collect(),
        ..Privilege::default()
    };
    let is_weighty = weighty.reaches_secrets() || rights.iter().any(|one| one.value == "everything: write");
    let names = |list: &[&Spanned<String>]| listed(&list.iter().map(|one| one.value.as_str()).collect::<Vec<_>>());
    let mut said = Vec::new();
    if !strangers.is_empty() {
        said.push(format!("is started by strangers through {}", names(&strangers)));
    }
    if !secrets.is_empty() {
        said.push(format!("reads the secrets {}", names(&secrets)));
    }
    if !rights.is_empty() {
        said.push(format!("holds {}", names(&rights)));
    }
    let path = compared.scene.sources.path(workflow.file);
    let all = strangers.iter().chain(&secrets).chain(&rights);
    let content: Vec<&str> = all.clone().map(|one| one.value.as_str()).collect();
    let place = |span: Span| Place::new(workflow.file, span);
    let mut draft = report
        .at(place(first.span), "not before the change")
        .about("workflow", path, None)
        .severity(if is_weighty || !strangers.is_empty() { Severity::Medium } else { Severity::Low })
        .confidence(Confidence::High)
        .also(all.map(|one| place(one.span)))
        .content(content.join(" "))
        .via(ci::events(workflow), ci::trigger_place(workflow));
    if !existed {
        draft = draft.evidence("the workflow comes with the change");
    }
    draft
        .advise("look which step needs it and whose code runs beside that step; give it to that job alone")
        .say(format!("{path} newly {}", said.join(" and ")));
}
