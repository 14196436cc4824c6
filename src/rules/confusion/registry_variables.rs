//! Registries that variables set: cargo takes `CARGO_REGISTRIES_NAME_INDEX` before the configuration of the
//! tree. Sources are not set by variables. Source: the Cargo book, "Configuration", `registries.<name>.index`.

use crate::graph::Document;
use crate::graph::kinds::docker::InstructionKind;
use crate::graph::kinds::workflow::Pair;
use crate::rules::Scene;
use crate::source::{FileId, Place, Spanned};

/// One variable.
pub(super) struct Variable<'a> {
    /// The registry's name in capitals, with `_` for `-`.
    pub(super) registry: &'a str,
    /// The address.
    pub(super) address: &'a Spanned<String>,
    /// Where the address stands.
    pub(super) place: Place,
}

/// All that workflows, actions, Dockerfiles and files of commands set to an address that can be read.
pub(super) fn all<'a>(scene: &Scene<'a>) -> Vec<Variable<'a>> {
    let mut out = Vec::new();
    for document in scene.documents {
        let file = document.file();
        match document {
            Document::Workflow(workflow) => {
                let of_jobs = workflow
                    .jobs
                    .iter()
                    .flat_map(|job| std::iter::once(&job.env).chain(job.steps.iter().map(|step| &step.env)));
                std::iter::once(&workflow.env).chain(of_jobs).for_each(|env| take(file, env, &mut out));
            }
            Document::Action(action) => action.steps.iter().for_each(|step| take(file, &step.env, &mut out)),
            Document::Commands(commands) => {
                let blocks = commands.blocks.iter().map(|block| &block.env);
                std::iter::once(&commands.env).chain(blocks).for_each(|env| take(file, env, &mut out));
            }
            Document::Dockerfile(dockerfile) => {
                for instruction in dockerfile.stages.iter().flat_map(|stage| &stage.instructions) {
                    if let InstructionKind::Env(pairs) = &instruction.kind {
                        take(file, pairs, &mut out);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn take<'a>(file: FileId, env: &'a [Pair], out: &mut Vec<Variable<'a>>) {
    for (name, address) in env {
        let registry = name.value.strip_prefix("CARGO_REGISTRIES_").and_then(|rest| rest.strip_suffix("_INDEX"));
        // What a variable or an expression holds is known only when it runs.
        if let Some(registry) = registry.filter(|_| address.value.contains("://") && !address.value.contains('$')) {
            out.push(Variable { registry, address, place: Place::new(file, address.span) });
        }
    }
}
