//! Commands of the tree that run on developers' machines by themselves, as runs of scripts: local hooks of
//! pre-commit, what agents and editors start. No job holds them, so that nothing is known of what they reach.

use std::cell::OnceCell;

use super::reach::Run;
use crate::graph::Document;
use crate::graph::kinds::workflow::Script;
use crate::rules::Scene;
use crate::source::FileId;

/// A command and who runs it.
#[derive(Debug)]
pub(crate) struct LocalRun<'a> {
    /// `pre-commit hook lint`, `Claude Code at its event PostToolUse`.
    pub(crate) title: String,
    /// The command.
    pub(crate) script: &'a Script,
    /// Whether an agent or editor runs it.
    pub(crate) is_of_agent: bool,
}

/// Every such command, in path order.
pub(super) fn local_runs<'a>(scene: &Scene<'a>) -> Vec<Run<'a>> {
    let mut out = Vec::new();
    for document in scene.documents {
        match document {
            Document::Hooks(config) => {
                for hook in config.repositories.iter().flat_map(|repository| &repository.hooks) {
                    if let Some(script) = &hook.entry {
                        let title = format!("pre-commit hook {}", hook.id.value);
                        out.push(run(config.file, LocalRun { title, script, is_of_agent: false }));
                    }
                }
            }
            Document::Agent(agent) => {
                for command in &agent.commands {
                    let title = format!("{} {}", agent.program, command.when);
                    out.push(run(agent.file, LocalRun { title, script: &command.script, is_of_agent: true }));
                }
            }
            _ => {}
        }
    }
    out
}

fn run<'a>(file: FileId, local: LocalRun<'a>) -> Run<'a> {
    Run {
        file,
        steps: &[],
        holder: None,
        action: None,
        template: None,
        stage: None,
        local: Some(local),
        pasted: OnceCell::new(),
    }
}
