//! Where a tree runs this audit.

use crate::graph::Document;
use crate::graph::kinds::workflow::{Job, Service, Step, Uses, Workflow};
use crate::rules::Scene;
use crate::source::{FileId, Place, Span};

/// A place that runs this audit.
pub(super) struct Call<'s> {
    pub(super) file: FileId,
    pub(super) span: Span,
    /// The pipeline it stands in; none in other files.
    pub(super) workflow: Option<(&'s Workflow, &'s Job)>,
    /// The step, where it is one.
    pub(super) step: Option<&'s Step>,
}

impl Call<'_> {
    pub(super) fn place(&self) -> Place {
        Place::new(self.file, self.span)
    }

    /// Whether it starts for a change before that is taken. Of other services and files it is not told.
    pub(super) fn judges(&self) -> bool {
        self.workflow.is_none_or(|(workflow, _)| judges(workflow))
    }
}

/// Events that come before a change is taken.
pub(super) const JUDGING: &[&str] = &["pull_request", "pull_request_target", "merge_group", "workflow_call"];

fn judges(workflow: &Workflow) -> bool {
    workflow.service != Service::GitHub
        || workflow.triggers.iter().any(|trigger| JUDGING.contains(&trigger.name.value.as_str()))
}

/// Whether `uses` names an action or reusable workflow of this program's.
fn is_ours(uses: &Uses) -> bool {
    match uses {
        Uses::Repository { owner, repo, .. } => format!("{owner}/{repo}")
            .to_ascii_lowercase()
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with("cargo-custody")),
        Uses::Docker(image) => image.contains("cargo-custody"),
        Uses::Local(path) => path.trim_end_matches('/').rsplit('/').next().is_some_and(|name| name == "cargo-custody"),
        Uses::Other(text) => text.contains("cargo-custody"),
    }
}

/// Whether a text runs the program: as itself, or through cargo. Comments run nothing.
fn runs(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.into_iter().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let by_name = |word: &str| {
            let word = word.trim_matches(['"', '\'', '(', ')', '`', ';']);
            word.rsplit(['/', '\\']).next().is_some_and(|name| matches!(name, "cargo-custody" | "cargo-custody.exe"))
        };
        let installs =
            |at: usize| words.get(..at).unwrap_or_default().iter().any(|w| matches!(*w, "install" | "binstall"));
        words.iter().enumerate().any(|(at, word)| {
            (by_name(word) && !installs(at))
                || (by_cargo(word)
                    && words.get(at + 1).is_some_and(|next| next.trim_matches(['"', '\'', ';']) == "custody"))
        })
    })
}

fn by_cargo(word: &str) -> bool {
    word.trim_matches(['"', '\'', '(', '`', '@']).rsplit('/').next() == Some("cargo")
}

/// All of a tree, in the order of its files.
pub(super) fn all<'s>(scene: &'s Scene<'s>) -> Vec<Call<'s>> {
    let mut out = Vec::new();
    for document in scene.documents {
        let file = document.file();
        if scene.role(file).is_set_aside() {
            continue;
        }
        match document {
            Document::Workflow(workflow) => of_workflow(workflow, &mut out),
            Document::Hooks(config) => {
                let ours = config.repositories.iter().filter(|one| one.repository.value.contains("cargo-custody"));
                out.extend(ours.map(|one| Call { file, span: one.repository.span, workflow: None, step: None }));
            }
            Document::Gitlab(pipeline) => {
                let path = pipeline.file;
                let text = scene.sources.get(path).map_or("", |file| file.text.as_str());
                let at = text.match_indices("cargo-custody").find(|(at, _)| is_component(text, *at));
                out.extend(at.map(|(at, word)| Call {
                    file,
                    span: Span::new(at, at + word.len()),
                    workflow: None,
                    step: None,
                }));
            }
            Document::Commands(_) | Document::Action(_) => {
                let script = document.scripts().into_iter().find(|script| runs(&script.text.text));
                out.extend(script.map(|script| Call { file, span: script.span, workflow: None, step: None }));
            }
            _ => {}
        }
    }
    out
}

/// Whether a name stands in a line that includes a component.
fn is_component(text: &str, at: usize) -> bool {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..at).is_some_and(|line| line.contains("component:") || line.contains("project:"))
}

fn of_workflow<'s>(workflow: &'s Workflow, out: &mut Vec<Call<'s>>) {
    for job in &workflow.jobs {
        let call = |span: Span, step: Option<&'s Step>| Call {
            file: workflow.file,
            span,
            workflow: Some((workflow, job)),
            step,
        };
        if let Some(uses) = job.uses.as_ref().filter(|uses| is_ours(&uses.value)) {
            out.push(call(uses.span, None));
        }
        for step in &job.steps {
            if let Some(uses) = step.uses.as_ref().filter(|uses| is_ours(&uses.value)) {
                out.push(call(uses.span, Some(step)));
            } else if let Some(run) = step.run.as_ref().filter(|run| runs(&run.text.text)) {
                out.push(call(run.span, Some(step)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_known_where_it_runs() {
        for (text, expected) in [
            ("cargo-custody ci", true),
            ("\"$BIN/cargo-custody\" audit .", true),
            ("cargo custody ci", true),
            ("~/.cargo/bin/cargo custody audit", true),
            ("cargo install --locked cargo-custody", false),
            ("# cargo custody ci", false),
            ("cargo audit", false),
            ("echo custody", false),
        ] {
            assert_eq!(runs(text), expected, "{text}");
        }
        assert!(is_ours(&Uses::parse("example/cargo-custody@v1")));
        assert!(is_ours(&Uses::parse("example/cargo-custody-action@v1")));
        assert!(!is_ours(&Uses::parse("example/custody@v1")));
    }
}
