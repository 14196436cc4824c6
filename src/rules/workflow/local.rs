//! Commands of the tree that run on developers' machines by themselves, as runs of scripts: local hooks of
//! pre-commit, what agents and editors start. No job holds them, so that nothing is known of what they reach.

use super::reach::Run;
use crate::graph::Document;
use crate::graph::flow::Home;
use crate::graph::kinds::workflow::Script;
use crate::rules::Scene;

/// A command and who runs it.
#[derive(Debug, Clone)]
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
    for (document, what) in scene.documents.iter().enumerate() {
        let mut commands: Vec<LocalRun<'a>> = Vec::new();
        match what {
            Document::Hooks(config) => {
                for hook in config.repositories.iter().flat_map(|repository| &repository.hooks) {
                    if let Some(script) = &hook.entry {
                        let title = format!("pre-commit hook {}", hook.id.value);
                        commands.push(LocalRun { title, script, is_of_agent: false });
                    }
                }
            }
            Document::Agent(agent) => {
                for command in &agent.commands {
                    let title = format!("{} {}", agent.program, command.when);
                    commands.push(LocalRun { title, script: &command.script, is_of_agent: true });
                }
            }
            _ => {}
        }
        for (index, local) in commands.into_iter().enumerate() {
            let run = Run::new(Home::Local { document, index }, what.file());
            out.push(Run { local: Some(local), ..run });
        }
    }
    out
}
