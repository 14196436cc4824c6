//! An artifact that a stranger can make, of which a job with rights does more than read it.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Impact, Severity};
use crate::graph::Document;
use crate::graph::ci::condition::Passage;
use crate::graph::ci::trust::{ArtifactFlow, Download, From, How, JobTrust, Origin, Taken};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "untrusted-artifact",
    title: "what a stranger's run left is more than read",
    many: "{n} jobs do more than read what a stranger's run left",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("untrusted_artifact.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // One finding a job: several artifacts are one way in.
    let mut by_job: BTreeMap<usize, Vec<&ArtifactFlow>> = BTreeMap::new();
    for flow in &scene.trust.artifacts {
        by_job.entry(flow.reader).or_default().push(flow);
    }
    for (reader, flows) in by_job {
        let Some(job) = scene.trust.job(reader) else { continue };
        let rank = |flow: &ArtifactFlow| {
            parts(job, flow).map(|(download, taken)| {
                let (severity, confidence, _) = grade(by(scene, job, taken), flow, download, taken);
                (severity, confidence)
            })
        };
        let best = flows.iter().copied().reduce(|a, b| if rank(b) > rank(a) { b } else { a });
        if let Some(flow) = best
            && let Some((download, taken)) = parts(job, flow)
        {
            say(scene, report, job, flow, download, taken);
        }
    }
}

fn parts<'v>(job: &'v JobTrust, flow: &ArtifactFlow) -> Option<(&'v Download, &'v Taken)> {
    Some((job.downloads.get(flow.download)?, job.taken.get(flow.download)?.as_ref()?))
}

/// The job that does it: another where what a file says is handed on.
fn by<'v>(scene: &'v Scene<'_>, job: &'v JobTrust, taken: &Taken) -> &'v JobTrust {
    taken.by.and_then(|at| scene.trust.job(at)).unwrap_or(job)
}

/// `job` is the one that does it.
fn grade(
    job: &JobTrust,
    flow: &ArtifactFlow,
    download: &Download,
    taken: &Taken,
) -> (Severity, Confidence, Option<Impact>) {
    let mut confidence = match flow.source {
        // The workflow that leaves it is not in the tree, or was not found.
        None | Some((_, Origin::Refused)) => Confidence::Low,
        Some((_, Origin::HandedOn)) => Confidence::Medium,
        Some(_) => Confidence::High,
    };
    // Each artifact goes to a folder of its own name: what is run must lie in one of that name.
    let is_loose = download.name.is_none() && taken.folder.is_empty() && taken.how == How::Runs;
    if flow.passage == Passage::Gated || is_loose {
        confidence = confidence.min(Confidence::Medium);
    }
    // A copy to a bucket may be a release or a preview; the bucket's name does not say.
    if taken.how == How::Publishes && ["aws s3", "gsutil", "gcloud storage"].iter().any(|c| taken.what.starts_with(c)) {
        confidence = Confidence::Low;
    }
    let held = job.privilege.is_weighty() || job.privilege.token_unknown;
    let severity = match taken.how {
        _ if !held => Severity::Medium,
        How::Publishes => Severity::High,
        _ if confidence == Confidence::Low => Severity::High,
        _ if job.privilege.is_weighty() => Severity::Critical,
        _ => Severity::High,
    };
    let impact = match taken.how {
        _ if !held => None,
        How::Publishes => Some(Impact::ReachesRelease),
        _ => Some(Impact::StrangerExecutes),
    };
    (severity, confidence, impact)
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    job: &JobTrust,
    flow: &ArtifactFlow,
    download: &Download,
    taken: &Taken,
) {
    let Some(cause) = job.causes.get(flow.cause) else { return };
    let (severity, confidence, impact) = grade(by(scene, job, taken), flow, download, taken);
    let name = download.name.clone().unwrap_or_else(|| "all artifacts".to_owned());
    let deed = match taken.how {
        How::Runs => "runs what it holds",
        How::Environment => "puts it into the environment",
        How::Script => "pastes it into a script",
        How::Installs => "installs it",
        How::Publishes => "publishes it",
    };
    let mut draft = report
        .at(download.place, "takes the artifact")
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("job", job.id.0.clone(), None)
        .content(format!("{name} {}", taken.what))
        .related(taken.place, format!("{deed}: {}", taken.what));
    if let Some((document, origin)) = flow.source
        && let Some(Document::Workflow(workflow)) = scene.documents.get(document)
        && download.from != From::Own
    {
        let path = scene.sources.get(workflow.file).map(|f| f.path.to_string()).unwrap_or_default();
        let trigger =
            workflow.triggers.iter().find(|t| origin != Origin::PullRequest || t.name.value == "pull_request");
        let place = trigger.map(|t| Place::new(workflow.file, t.name.span));
        let event = trigger.map_or("", |t| t.name.value.as_str());
        draft = draft.via(format!("{event} of {path}"), place);
    }
    draft = draft.via(cause.event.clone(), Some(cause.place));
    for (text, at) in &cause.through {
        draft = draft.via(text.clone(), Some(*at));
    }
    draft = draft
        .via(format!("job {}", job.id.0), Some(job.id.1))
        .via(format!("{name}, by {}", download.by), Some(download.place));
    let takes = by(scene, job, taken);
    if taken.by.is_some() {
        draft = draft.via(format!("job {}, which it hands what a file says", takes.id.0), Some(takes.id.1));
    }
    draft = draft.via(taken.what.clone(), Some(taken.place));
    let job = takes;
    if job.privilege.is_weighty() {
        let place = job.privilege.shown_at().map(|span| Place::new(job.file, span));
        draft = draft.via(job.privilege.describe(), place);
    }
    draft = match flow.source {
        Some((_, Origin::PullRequest)) => draft.evidence(
            "the run belongs to a workflow that starts for pull requests; there the stranger's commit decides what is left, \
             under any name",
        ),
        Some((_, Origin::Intrusion)) => draft.evidence("a stranger's code runs in the job that leaves it"),
        Some((_, Origin::Refused)) => draft.evidence(
            "a stranger's code would run in the job that leaves it, if the version of `actions/checkout` there did not refuse \
             commits of forks",
        ),
        Some((_, Origin::HandedOn)) => {
            draft.evidence("the workflow that leaves it took it from a run that a stranger can cause")
        }
        None => draft.evidence("the workflow that leaves it was not found in the tree; whether it runs for pull requests is unknown"),
    };
    if taken.folder.is_empty() && taken.how == How::Runs {
        draft = draft.evidence("it is unpacked over the workspace, so its files can take the place of those that run");
    }
    if let [first, ..] = taken.files {
        draft = draft.evidence(format!("`{}` takes code from `{first}`", taken.what));
    }
    if job.privilege.token_unknown {
        draft = draft.evidence("no `permissions`: the token has what the repository grants by default");
    }
    if flow.passage == Passage::Gated {
        draft = draft.evidence("a condition asks for somebody trusted first");
    }
    let advice = match taken.how {
        How::Environment | How::Script => {
            "check what the file says before it is used (`[[ $n =~ ^[0-9]+$ ]]`), and hand it over by `env` of the step"
        }
        How::Publishes => {
            "release only what a run of the default branch or of a tag left: `github.event.workflow_run.event == 'push'`"
        }
        _ => {
            "unpack it into `${{ runner.temp }}` and read it as data; run nothing from it where a token or secrets are held, or ask \
             for `github.event.workflow_run.event == 'push'`"
        }
    };
    let held =
        if job.privilege.is_weighty() { format!(" in a job that {}", job.privilege.clause()) } else { String::new() };
    draft.advise(advice).say(format!(
        "`{}` {} a stranger can leave{held}",
        taken.what,
        match taken.how {
            How::Runs => "runs from an artifact that",
            How::Environment => "puts into the environment what an artifact says that",
            How::Script => "puts into a script's text what an artifact says that",
            How::Installs => "installs an artifact that",
            How::Publishes => "publishes an artifact that",
        }
    ));
}
