//! Workflows of the shapes that attacks have left in repositories.

use super::reach::{self, Piece, Run};
use super::secret_sent_away::named;
use super::sending::hidden::{hidden, twice};
use super::sending::{Carried, all_secrets_at, sent};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::{Job, Step, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "planted-workflow",
    title: "a workflow of a shape that an attack leaves behind",
    many: "{n} workflows have a shape that an attack leaves behind",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("planted_workflow.md"),
    check,
};

/// A known shape.
#[derive(Debug)]
pub(super) struct Planted {
    place: Place,
    /// What it does, after the workflow's name.
    does: String,
    /// Where the shape is from.
    from: &'static str,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows() {
        let Some(found) = planted(scene, workflow) else { continue };
        let path = scene.sources.path(workflow.file).to_owned();
        let name = path.rsplit('/').next().unwrap_or("").to_owned();
        let mut draft = report
            .at(found.place, "here")
            .confidence(Confidence::High)
            .impact(Some(Impact::Malicious))
            .about("workflow", path, None)
            .content(found.does.clone())
            .evidence(found.from);
        if let Some(trigger) = workflow.triggers.first() {
            draft = draft.via(trigger.name.value.clone(), Some(Place::new(workflow.file, trigger.name.span)));
        }
        draft
            .advise(
                "delete it on every branch, look at who pushed it and with which token, and replace every secret of the \
                 repository and its organisation; a runner that it registered is to be removed too",
            )
            .say(format!("workflow `{name}` {}", found.does));
    }
}

/// The shape of a workflow, where it is one of the known.
pub(super) fn planted(scene: &Scene<'_>, workflow: &Workflow) -> Option<Planted> {
    by_name(scene, workflow).or_else(|| backdoor(workflow)).or_else(|| by_steps(scene, workflow))
}

fn start(workflow: &Workflow) -> Span {
    let trigger = workflow.triggers.first().map(|t| t.name.span);
    workflow.name.as_ref().map(|n| n.span).or(trigger).unwrap_or_default()
}

fn by_name(scene: &Scene<'_>, workflow: &Workflow) -> Option<Planted> {
    let path = scene.sources.get(workflow.file)?.path.clone();
    let name = path.name().to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    if stem.starts_with("shai-hulud") {
        return Some(Planted {
            place: Place::new(workflow.file, start(workflow)),
            does: "has the name that the worm Shai-Hulud gives its own".to_owned(),
            from: "Shai-Hulud, September 2025: shai-hulud-workflow.yml",
        });
    }
    // `formatter_` and a long number, and all secrets in it.
    let number = stem.strip_prefix("formatter_")?;
    let steps = || workflow.jobs.iter().flat_map(|job| &job.steps);
    let span = steps().find_map(all_secrets_at)?;
    (number.len() >= 6 && number.bytes().all(|b| b.is_ascii_digit())).then(|| Planted {
        place: Place::new(workflow.file, span),
        does: "lays all secrets open, under a name that the worm Shai-Hulud gives its own".to_owned(),
        from: "Shai-Hulud 2, November 2025: formatter_*.yml",
    })
}

/// A discussion's text, run on a machine of the repository's own.
fn backdoor(workflow: &Workflow) -> Option<Planted> {
    let by_discussion = workflow.triggers.iter().any(|t| t.name.value == "discussion");
    let rogue = |job: &Job| job.runs_on.iter().any(|label| label.value.eq_ignore_ascii_case("SHA1HULUD"));
    let own = |job: &Job| job.runs_on.iter().any(|label| label.value == "self-hosted");
    workflow.jobs.iter().find_map(|job| {
        let runs_it = |step: &Step| {
            let run = step.run.as_ref()?;
            run.text.text.contains("github.event.discussion.body").then_some(run.span)
        };
        let span = job.steps.iter().find_map(runs_it).filter(|_| by_discussion && own(job));
        let label = || job.runs_on.first().map(|label| label.span).filter(|_| rogue(job));
        Some(Planted {
            place: Place::new(workflow.file, span.or_else(label)?),
            does: "runs what anybody writes in a discussion on a machine of its own".to_owned(),
            from: "Shai-Hulud 2, November 2025: discussion.yaml, the way back in",
        })
    })
}

fn by_steps(scene: &Scene<'_>, workflow: &Workflow) -> Option<Planted> {
    let runs = reach::runs(scene).iter().filter(|run| run.file == workflow.file && run.action.is_none());
    for run in runs {
        for piece in run.scripts() {
            if let Some(found) = of_piece(workflow, run, &piece) {
                return Some(found);
            }
        }
        // All secrets into a file, the file into an artifact that anybody may fetch.
        let uploads = |step: &&Step| {
            let uses = step.uses.as_ref().map(|u| u.value.to_string().to_ascii_lowercase());
            uses.is_some_and(|u| u.starts_with("actions/upload-artifact@"))
        };
        let last = run.steps.iter().rfind(uploads).map_or(0, |step| step.index);
        let gathered =
            run.steps.iter().find_map(|step| all_secrets_at(step).filter(|_| step.index < last && step.run.is_some()));
        let few = run.steps.len() <= 5 && workflow.triggers.iter().any(|t| t.name.value == "push");
        if let Some(span) = gathered.filter(|_| few) {
            return Some(Planted {
                place: Place::new(workflow.file, span),
                does: "puts all secrets into an artifact".to_owned(),
                from: "Shai-Hulud 2, November 2025: all secrets leave as an artifact",
            });
        }
    }
    None
}

fn of_piece(workflow: &Workflow, run: &Run<'_>, piece: &Piece<'_>) -> Option<Planted> {
    if let Some(at) = piece.script.text.text.find("SHA1HULUD") {
        return Some(Planted {
            place: Place::new(run.file, piece.script.text.host_span(at..at + "SHA1HULUD".len())),
            does: "registers a runner under the name that the worm Shai-Hulud gives its own".to_owned(),
            from: "Shai-Hulud 2, November 2025: runner SHA1HULUD",
        });
    }
    if let Some(code) = hidden(run, piece).into_iter().find(|code| code.reaches_out()) {
        return Some(Planted {
            place: code.place,
            does: format!("has {} run code that is hidden in base64 and reaches for the network", code.by),
            from: "Megalodon, May 2026: a script in base64 in a workflow's only step",
        });
    }
    let all = |what: &[Carried]| what.contains(&Carried::AllSecrets);
    if let Some((place, _)) = twice(run, piece).into_iter().find(|(_, what)| all(what)) {
        return Some(Planted {
            place,
            does: "prints all secrets, encoded twice".to_owned(),
            from: "Shai-Hulud, September 2025: all secrets, twice in base64, in the log",
        });
    }
    for one in sent(run, piece) {
        let Some(host) = one.to.as_ref().filter(|host| !host.is_near) else { continue };
        if all(&one.what) && host.doubt.is_some() {
            return Some(Planted {
                place: one.place,
                does: format!("sends all secrets to {}", host.name),
                from: "Shai-Hulud, September 2025: all secrets to a collector of requests",
            });
        }
        // A job that does nothing else sends secrets, each under its own name.
        let by_name: Vec<Carried> =
            one.what.iter().filter(|c| matches!(c, Carried::Secret { under_its_name: true, .. })).cloned().collect();
        let nothing_else = run.steps.len() <= 3
            && run.steps.iter().all(|step| {
                let uses = step.uses.as_ref().map(|u| u.value.to_string().to_ascii_lowercase());
                uses.is_none_or(|u| u.starts_with("actions/checkout@"))
            });
        let named_so = workflow.name.as_ref().is_some_and(|n| n.value.eq_ignore_ascii_case("github actions security"));
        let sure = host.doubt.is_some() || named_so || by_name.len() >= 2;
        if nothing_else && sure && !by_name.is_empty() {
            return Some(Planted {
                place: one.place,
                does: format!("does nothing but send {} to {}", named(&by_name), host.name),
                from: "GhostAction, September 2025: one step that posts the repository's secrets",
            });
        }
    }
    None
}
