//! Rights to write given to more than what needs them.

use std::collections::BTreeMap;

use super::missing_permissions::job_key;
use super::scopes::{self, Level, Needs};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Grant, Job, Permissions, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{Place, RepoPath, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "broad-permissions",
    title: "rights to write for more than needs them",
    many: "{n} grants of rights to write are broader than a job",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("broad_permissions.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows() {
        if let Some(granted) = &workflow.permissions {
            everything(scene, report, workflow, granted, None);
            shared(scene, report, workflow, granted);
        }
        for job in &workflow.jobs {
            if let Some(granted) = &job.permissions {
                everything(scene, report, workflow, granted, Some(job));
            }
        }
    }
}

fn everything(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    workflow: &Workflow,
    granted: &Permissions,
    job: Option<&Job>,
) {
    let (word, verb, severity) = match granted.grant {
        Grant::WriteAll => ("write-all", "write", RULE.severity),
        // A token that reads issues, packages and runs gives away what is not public, and changes nothing.
        Grant::ReadAll => ("read-all", "read", Severity::Low),
        _ => return,
    };
    let owner = job.map_or("every job that says nothing of its own".to_owned(), |j| format!("job {}", j.id.value));
    let fix = match job {
        Some(job) => job_fix(scene, workflow, granted, job),
        None => top_fix(scene, workflow, granted),
    };
    let example = if verb == "write" { "{ contents: read, packages: write }" } else { "{ contents: read }" };
    report
        .at(Place::new(workflow.file, granted.span), "every scope")
        .severity(severity)
        .about("permissions", job.map_or("workflow", |j| j.id.value.as_str()), None)
        .content(word)
        .fix(fix.into_iter().flatten())
        .advise(format!("name the scopes that are needed, for example: permissions: {example}"))
        .say(format!("`{word}` lets {owner} {verb} everything the repository has"));
}

/// What a job needs, in place of everything; none where a step of it is not known.
fn job_fix(scene: &Scene<'_>, workflow: &Workflow, granted: &Permissions, job: &Job) -> Option<Vec<Edit>> {
    let needs = scopes::needs(scene, workflow, job)?;
    Some(vec![edits::in_place(scene.sources.get(workflow.file)?, granted.span, &needs.lines())?])
}

/// What the jobs that inherit everything need: at the top where there is one job, else reading at the top and
/// more in those that need it.
fn top_fix(scene: &Scene<'_>, workflow: &Workflow, granted: &Permissions) -> Option<Vec<Edit>> {
    let file = scene.sources.get(workflow.file)?;
    let heirs = workflow.jobs.iter().filter(|job| job.permissions.is_none());
    let all: Vec<(&Job, Needs)> =
        heirs.map(|job| Some((job, scopes::needs(scene, workflow, job)?))).collect::<Option<_>>()?;
    if let ([(_, needs)], 1) = (all.as_slice(), workflow.jobs.len()) {
        return Some(vec![edits::in_place(file, granted.span, &needs.lines())?]);
    }
    let top = ["permissions:".to_owned(), "  contents: read".to_owned()];
    let mut out = vec![edits::in_place(file, granted.span, &top)?];
    for (job, needs) in all.iter().filter(|(_, needs)| !needs.is_plain()) {
        out.push(edits::before_key(file, job_key(file, job)?, &needs.lines(), false)?);
    }
    Some(out)
}

/// Scopes at the top that several jobs inherit, and not all of them are known to write with.
fn shared(scene: &Scene<'_>, report: &mut Reporter<'_>, workflow: &Workflow, granted: &Permissions) {
    let Grant::Scopes(scopes) = &granted.grant else { return };
    let mut broad = Vec::new();
    // Each job that gets one of the scopes, and whether it is known to write with one.
    let mut heirs: BTreeMap<usize, bool> = BTreeMap::new();
    for (scope, level) in scopes {
        if level != "write" {
            continue;
        }
        let inherits = |job: &Job| inheritance(scene, workflow, job, scope.as_str());
        let each: Vec<(usize, bool)> =
            workflow.jobs.iter().enumerate().filter_map(|(at, job)| Some((at, inherits(job)?))).collect();
        // Where there is one heir it must be known that no step of it needs the scope.
        let unneeded = match each.as_slice() {
            [(at, false)] => workflow.jobs.get(*at).is_some_and(|job| scopes::needs(scene, workflow, job).is_some()),
            several => several.len() > 1 && several.iter().any(|(_, writes)| !writes),
        };
        if unneeded {
            broad.push(scope);
            for (at, writes) in each {
                *heirs.entry(at).or_default() |= writes;
            }
        }
    }
    let (Some(first), Some(last)) = (broad.first(), broad.last()) else { return };
    let names: Vec<String> = broad.iter().map(|scope| format!("{}: write", scope.value)).collect();
    let span = Span { start: first.span.start, end: last.span.end };
    let jobs = |writing: bool| {
        heirs.iter().filter(move |(_, writes)| **writes == writing).filter_map(|(at, _)| workflow.jobs.get(*at))
    };
    let known: Vec<&str> = jobs(true).map(|j| j.id.value.as_str()).collect();
    let evidence = if known.is_empty() {
        "no job is known to write with it; scripts of the tree are not followed".to_owned()
    } else {
        format!("known to write with it: {}; scripts of the tree are not followed", known.join(", "))
    };
    let mut draft = report
        .at(Place::new(workflow.file, span), "inherited by the jobs")
        .severity(Severity::Low)
        .confidence(Confidence::Medium)
        .about("permissions", "workflow", None)
        .each(names.iter().map(|one| one.to_string()))
        .evidence(evidence);
    for job in jobs(false).chain(jobs(true)).take(5) {
        draft = draft.related(Place::new(workflow.file, job.id.span), format!("job {}", job.id.value));
    }
    let alone = heirs.keys().next().filter(|_| heirs.len() == 1).and_then(|at| workflow.jobs.get(*at));
    draft
        .fix(shared_fix(scene, workflow, granted, scopes, &broad, &heirs).into_iter().flatten())
        .advise(advice(scopes, &broad, &known))
        .say(match alone {
            Some(job) => {
                format!("{} is granted to job {}, no step of which is known to need it", names.join(", "), job.id.value)
            }
            None => format!("{} is handed to {} jobs at once", names.join(", "), heirs.len()),
        });
}

/// The scopes lowered at the top, and given in full to the jobs that write with one. None where a step of an heir
/// is not known, or a scope is not a line of its own.
fn shared_fix(
    scene: &Scene<'_>,
    workflow: &Workflow,
    granted: &Permissions,
    scopes: &[(Spanned<String>, String)],
    broad: &[&Spanned<String>],
    heirs: &BTreeMap<usize, bool>,
) -> Option<Vec<Edit>> {
    let file = scene.sources.get(workflow.file)?;
    let jobs: Vec<(&Job, Needs)> = heirs
        .keys()
        .filter_map(|at| workflow.jobs.get(*at))
        .map(|job| Some((job, scopes::needs(scene, workflow, job)?)))
        .collect::<Option<_>>()?;
    // A comment beside a scope tells of it: then it is for a person to move.
    if file.text_at(granted.span).contains('#') {
        return None;
    }
    let is_broad = |scope: &Spanned<String>| broad.iter().any(|b| b.value == scope.value);
    let mut top = Vec::new();
    for (scope, level) in scopes {
        match (is_broad(scope), scope.as_str()) {
            (true, "id-token" | "pages" | "attestations") => {}
            (true, name) => top.push(format!("  {name}: read")),
            (false, name) => top.push(format!("  {name}: {level}")),
        }
    }
    let head = if top.is_empty() { "permissions: {}" } else { "permissions:" };
    let lines: Vec<String> = std::iter::once(head.to_owned()).chain(top).collect();
    let mut out = vec![edits::in_place(file, granted.span, &lines)?];
    for (job, mut needs) in jobs {
        let writes = broad.iter().any(|b| needs.0.get(b.as_str()).is_some_and(|(level, _)| *level == Level::Write));
        if !writes {
            continue;
        }
        // What else is in force at the top would be lost to it.
        for (scope, level) in scopes.iter().filter(|(scope, _)| !is_broad(scope)) {
            let level = match level.as_str() {
                "read" => Level::Read,
                "write" => Level::Write,
                _ => continue,
            };
            needs.add(scope.as_str(), level, "as before");
        }
        out.push(edits::before_key(file, job_key(file, job)?, &needs.lines(), false)?);
    }
    Some(out)
}

/// Whether a job gets a scope from the top, and if so whether it is known to write with it. A call
/// of a workflow of the tree gets what that workflow takes.
fn inheritance(scene: &Scene<'_>, workflow: &Workflow, job: &Job, scope: &str) -> Option<bool> {
    if job.permissions.is_some() {
        return None;
    }
    let Some(Uses::Local(path)) = job.uses.as_ref().map(|u| &u.value) else {
        return Some(writes(scene, workflow, job, scope));
    };
    let file = RepoPath::new(path).and_then(|path| scene.sources.by_path(&path));
    let Some(called) = scene.workflows().find(|w| file.is_some_and(|f| f.id == w.file)) else { return Some(false) };
    let mut taken = None;
    for inner in &called.jobs {
        let writes = match inner.permissions.as_ref().or(called.permissions.as_ref()) {
            // It names the scope: the caller must grant it.
            Some(own) if own.writes().iter().any(|s| *s == scope || *s == "*") => true,
            Some(_) => continue,
            None => writes(scene, called, inner, scope),
        };
        taken = Some(taken.unwrap_or(true) && writes);
    }
    taken
}

/// Whether steps of a job are known to write with a scope.
fn writes(scene: &Scene<'_>, workflow: &Workflow, job: &Job, scope: &str) -> bool {
    let needed = || scopes::needs(scene, workflow, job)?.0.get(scope).map(|(level, _)| *level);
    ci::writes_with(workflow, job, scope) || needed() == Some(Level::Write)
}

/// The jobs that write keep every scope in force: one that is left out is lost to them.
fn advice(scopes: &[(Spanned<String>, String)], broad: &[&Spanned<String>], known: &[&str]) -> String {
    let listed = |levels: Vec<(&str, &str)>| {
        let all: Vec<_> = levels.iter().map(|(scope, level)| format!("{scope}: {level}")).collect();
        if all.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", all.join(", ")) }
    };
    let in_force = scopes.iter().filter(|(_, level)| level != "none");
    // `id-token` knows no reading.
    let reading = in_force.clone().filter_map(|(scope, level)| {
        // What a deployment or an attestation writes goes with its identity.
        let with_identity = !known.is_empty()
            && matches!(scope.as_str(), "pages" | "attestations")
            && broad.iter().any(|b| b.as_str() == "id-token");
        let lowered = with_identity || broad.iter().any(|b| b.value == scope.value);
        match (lowered, scope.as_str()) {
            (true, "id-token" | "pages" | "attestations") => None,
            (true, name) => Some((name, "read")),
            (false, name) => Some((name, level.as_str())),
        }
    });
    let top = listed(reading.collect());
    if known.is_empty() {
        return format!("unless a job needs it, at the top: permissions: {top}");
    }
    let mut full: Vec<(&str, &str)> = in_force.map(|(scope, level)| (scope.as_str(), level.as_str())).collect();
    if !scopes.iter().any(|(scope, _)| scope.as_str() == "contents") {
        full.insert(0, ("contents", "read"));
    }
    let (last, rest) = known.split_last().unwrap_or((&"", &[]));
    let jobs = if rest.is_empty() { format!("job {last}") } else { format!("jobs {} and {last}", rest.join(", ")) };
    format!("give it to {jobs}: permissions: {}; and at the top: permissions: {top}", listed(full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_keeps_every_scope_in_force() {
        let scope = |name: &str, level: &str| (Spanned::new(name.to_owned(), Span::default()), level.to_owned());
        let scopes = [scope("contents", "read"), scope("pages", "write"), scope("id-token", "write")];
        let broad = [&scopes[2].0];
        assert_eq!(
            advice(&scopes, &broad, &["deploy"]),
            "give it to job deploy: permissions: { contents: read, pages: write, id-token: write }; \
             and at the top: permissions: { contents: read }"
        );
        assert_eq!(
            advice(&scopes, &broad, &[]),
            "unless a job needs it, at the top: permissions: { contents: read, pages: write }"
        );
        let scopes = [scope("contents", "write")];
        assert_eq!(
            advice(&scopes, &[&scopes[0].0], &[]),
            "unless a job needs it, at the top: permissions: { contents: read }"
        );
    }
}
