//! Jobs on machines of the project's own, and strangers' code on them.

use super::reach::{self, Cause};
use super::written::{self, Written, and_others};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::ci::trust::{self, Course};
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::parse::expression::{ExpressionKind, embedded, parse};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "self-hosted-runner",
    title: "a job on a machine of the project's own",
    many: "{n} workflows run on machines of the project's own",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("self_hosted_runner.md"),
    check,
};

/// How a job says that it runs on a machine of the project's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Own {
    /// The label.
    Label,
    /// The label, as a value of the matrix.
    Matrix,
    /// A group, which may also be of GitHub's larger machines.
    Group,
}

/// A job on such a machine.
struct On<'a> {
    job: &'a Job,
    own: Own,
    span: Span,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let Some(workflow) = file.workflow else { continue };
        let host = scene.sources.get(file.file).map_or("", |f| f.text.as_str());
        let (mut quiet, mut open): (Vec<On<'_>>, Vec<(On<'_>, Exposed)>) = (Vec::new(), Vec::new());
        for job in &workflow.jobs {
            let Some((own, span)) = own_machine(host, job) else { continue };
            let on = On { job, own, span };
            match strangers(scene, workflow, &on) {
                Some(exposed) => open.push((on, exposed)),
                None => quiet.push(on),
            }
        }
        open.sort_by_key(|(on, _)| (on.own, on.span.start));
        say(report, &file, &open);
        quiet.sort_by_key(|on| (on.own, on.span.start));
        let Some(first) = quiet.first() else { continue };
        report
            .at(
                file.at(first.span),
                match first.own {
                    Own::Label => "a machine of the project's own",
                    Own::Matrix => "one of the matrix is a machine of the project's own",
                    Own::Group => "a group may be of machines of the project's own",
                },
            )
            .confidence(if first.own == Own::Group { Confidence::Low } else { Confidence::High })
            .about("job", first.job.id.value.clone(), None)
            .content("self-hosted")
            .also(quiet.iter().map(|on| file.at(on.span)))
            .advise(
                "see that each machine serves one job and is then made anew, and that no public repository may use it",
            )
            .say(format!(
                "job {} {} on a machine of the project's own{}",
                first.job.id.value,
                if first.own == Own::Group { "may run" } else { "runs" },
                and_others(quiet.len())
            ));
    }
}

/// Whether a job runs on such a machine, and the place that says so.
fn own_machine(host: &str, job: &Job) -> Option<(Own, Span)> {
    let is_own = |text: &str| text.trim().eq_ignore_ascii_case("self-hosted");
    if let Some(label) = job.runs_on.iter().find(|label| is_own(&label.value)) {
        return Some((Own::Label, label.span));
    }
    for label in &job.runs_on {
        let name = embedded(&label.value).first().and_then(|(_, inner)| parse(label.value.get(inner.clone())?).ok());
        let Some(tree) = name else { continue };
        let keys = tree.all().into_iter().filter_map(|part| part.context()).collect::<Vec<_>>();
        let of_matrix = keys.iter().filter_map(|name| name.strip_prefix("matrix."));
        let of_matrix: Vec<&str> = of_matrix.collect();
        let values =
            of_matrix.iter().filter_map(|key| job.matrix.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)));
        if values.flat_map(|(_, values)| values).any(|value| value.contains("self-hosted")) {
            return Some((Own::Matrix, label.span));
        }
        // A list of labels is no constant of the matrix.
        let is_unknown = |key: &&str| !job.matrix.iter().any(|(known, _)| known.eq_ignore_ascii_case(key));
        if of_matrix.iter().any(is_unknown) && names_label(host, job) {
            return Some((Own::Matrix, label.span));
        }
        // `${{ inputs.x && 'self-hosted' || 'ubuntu-latest' }}`
        let says = tree
            .all()
            .iter()
            .any(|part| matches!(&part.kind, ExpressionKind::Text(text) if text.contains("self-hosted")));
        if says {
            return Some((Own::Matrix, label.span));
        }
    }
    group(host, job).map(|span| (Own::Group, span))
}

/// Whether the label stands anywhere in the job before its steps.
fn names_label(host: &str, job: &Job) -> bool {
    let end = job.steps.first().map_or(job.span.end, |step| step.span.start);
    let text = host.get(Span { start: job.span.start, end }.range(host.len())).unwrap_or("");
    text.lines().map(|line| line.split(" #").next().unwrap_or("")).any(|line| {
        !line.trim_start().starts_with('#')
            && line.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|w| w == "self-hosted")
    })
}

/// The value of `group` under `runs-on`.
fn group(host: &str, job: &Job) -> Option<Span> {
    job.runs_on.iter().map(|label| label.span).find(|span| {
        let before = host.get(..span.range(host.len()).start).unwrap_or("");
        before.trim_end_matches([' ', '"', '\'']).ends_with("group:")
    })
}

/// How strangers' code gets onto the machine: the event, what runs it, and where.
type Exposed = (Cause, String, Place);

/// What people with rights do to a pull request. Source: GitHub Docs, "Events that trigger workflows".
const BY_TRUSTED: &[&str] =
    &["labeled", "unlabeled", "assigned", "unassigned", "milestoned", "review_requested", "enqueued"];

/// Whether somebody with rights must act for the event to happen.
fn is_gated(scene: &Scene<'_>, cause: &Cause) -> bool {
    let mut triggers = scene.workflows().filter(|w| w.file == cause.place.file).flat_map(|w| &w.triggers);
    triggers.any(|trigger| {
        let is_it = trigger.name.span == cause.place.span;
        is_it && !trigger.types.is_empty() && trigger.types.iter().all(|kind| BY_TRUSTED.contains(&kind.as_str()))
    })
}

fn strangers(scene: &Scene<'_>, workflow: &Workflow, on: &On<'_>) -> Option<Exposed> {
    let job = on.job;
    let calls = reach::calls(scene);
    let causes = reach::causes(calls, workflow, job);
    let is_open = |cause: &Cause| cause.event == "pull_request" && cause.passage == Passage::Open;
    let cause = causes.into_iter().find(|cause| is_open(cause) && !is_gated(scene, cause))?;
    if reach::checks_permission(&job.steps, job.steps.len()) || job.environment.is_some() {
        return None;
    }
    let passes = |condition: Option<&str>| passage(condition.unwrap_or(""), &cause.event) == Passage::Open;
    let steps = job.steps.iter().filter(|step| passes(step.condition.as_ref().map(|c| c.value.as_str())));
    let placed = trust::as_written(workflow.file, &job.steps);
    let course = Course::of(&placed);
    let mut at: Option<(usize, String)> = None;
    for step in steps {
        let is_checkout = matches!(step.uses.as_ref().map(|u| &u.value), Some(Uses::Repository { owner, repo, .. })
            if owner.eq_ignore_ascii_case("actions") && repo.eq_ignore_ascii_case("checkout"));
        if is_checkout {
            // Another repository, or a branch of this one.
            let elsewhere = step.input("repository").is_some()
                || step.input("ref").is_some_and(|r| r.value.contains("base") || !r.value.contains("${{"));
            if !elsewhere {
                let folder = step.input("path").map(|p| p.value.trim_matches(['.', '/']).to_owned());
                at = Some((step.index, folder.unwrap_or_default()));
            }
            continue;
        }
        if let Some((since, folder)) = &at
            && let Some(found) = trust::executes(&course, step.index, folder, *since)
        {
            return Some((cause, found.what, found.place));
        }
    }
    None
}

fn say(report: &mut Reporter<'_>, file: &Written<'_>, open: &[(On<'_>, Exposed)]) {
    let Some((on, (cause, what, place))) = open.first() else { return };
    let is_sure = on.own != Own::Group;
    let mut draft = report
        .at(file.at(on.span), "a machine of the project's own")
        .severity(if is_sure { Severity::High } else { Severity::Medium })
        .confidence(if is_sure { Confidence::Medium } else { Confidence::Low })
        .impact(is_sure.then_some(Impact::StrangerExecutes))
        .about("job", on.job.id.value.clone(), None)
        .content(format!("self-hosted {}", cause.event))
        .also(open.iter().map(|(on, _)| file.at(on.span)))
        .via(cause.event.clone(), Some(cause.place));
    for (text, place) in &cause.through {
        draft = draft.via(text.clone(), Some(*place));
    }
    draft = draft
        .via(format!("job {}", on.job.id.value), Some(file.at(on.job.id.span)))
        .via(what.clone(), Some(*place))
        .evidence(
            "pull requests from forks start the job with their own code; whether somebody must agree first is a \
             setting and not in the files",
        )
        .evidence(if is_sure {
            "the label says that the machine is the project's own"
        } else {
            "a group may also be of GitHub's larger machines"
        });
    for (on, (_, what, _)) in open.iter().skip(1).take(5) {
        draft = draft.related(file.at(on.job.id.span), format!("job {} runs {what}", on.job.id.value));
    }
    draft
        .advise(
            "run pull requests on GitHub's machines, and keep the project's own for pushes and for a private repository",
        )
        .advise(
            "or hold forks back: if: github.event.pull_request.head.repo.full_name == github.repository, and ask for \
             approval of every outside contributor in the settings",
        )
        .say(format!(
            "job {} runs `{}` of a stranger's pull request on {}{}",
            on.job.id.value,
            what,
            if is_sure { "a machine of the project's own" } else { "what may be a machine of the project's own" },
            and_others(open.len())
        ));
}
