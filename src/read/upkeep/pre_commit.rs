//! `.pre-commit-config.yaml`. Source: pre-commit.com, "Adding pre-commit plugins to your project".

use crate::commands;
use crate::graph::Document;
use crate::graph::kinds::upkeep::{Hook, HookConfig, HookRepository};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::read::yaml_help::{document, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads the hooks of pre-commit.
#[derive(Debug)]
pub struct PreCommitReader;

/// An entry is started without a shell.
const PLAIN: Options = Options { errexit: false, pipefail: false };

impl Reader for PreCommitReader {
    fn id(&self) -> &'static str {
        "pre-commit"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), ".pre-commit-config.yaml" | ".pre-commit-config.yml")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.pre-commit-config.yaml`",
            read: "repositories and their revisions, hooks, additional dependencies, entries of local hooks",
            not_read: "which files a hook is for, settings of pre-commit.ci",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let repositories = match root.get("repos") {
            Some(node) if matches!(node.kind, NodeKind::Sequence(_)) => node.items(),
            // The form of versions before 1.0 is the list itself.
            None if matches!(root.kind, NodeKind::Sequence(_)) => root.items(),
            Some(node) if node.is_null() => &[],
            _ => {
                out.problems.push(Problem::new(root.span, "pre-commit's settings without a list of `repos`"));
                &[]
            }
        };
        let repositories = repositories.iter().filter_map(|node| repository(node, budget, out)).collect();
        out.documents.push(Document::Hooks(HookConfig { file: file.id, repositories }));
    }
}

fn repository(node: &Node, budget: &mut Budget, out: &mut Facts) -> Option<HookRepository> {
    let Some(name) = text(node.get("repo")) else {
        out.problems.push(Problem::new(node.place(), "a repository of hooks without `repo`"));
        return None;
    };
    let local = name.value == "local";
    let hooks = node.get("hooks").map_or(&[][..], Node::items);
    let hooks = hooks
        .iter()
        .map(|hook| Hook {
            id: text(hook.get("id")).unwrap_or_default(),
            language: text(hook.get("language")),
            dependencies: texts(hook.get("additional_dependencies")),
            entry: hook.get("entry").filter(|_| local).and_then(|entry| script(entry, budget, out)),
        })
        .collect();
    Some(HookRepository { span: node.place(), repository: name, revision: text(node.get("rev")), hooks })
}

/// The entry of a hook of the tree. It is no script of a shell unless it starts one, so that what is no shell
/// is no gap.
fn script(node: &Node, budget: &mut Budget, out: &mut Facts) -> Option<Script> {
    let scalar = node.as_scalar()?;
    if !budget.take_script() {
        out.problems.push(Problem::new(node.place(), "too many hooks; the rest is not read"));
        return None;
    }
    let mut program = Program::read(&scalar.text.text, &Dialect::Bash, budget);
    program.options = PLAIN;
    let acts = commands::facts(&program);
    Some(Script {
        text: scalar.text.clone(),
        span: node.place(),
        dialect: Dialect::Bash,
        explicit_shell: false,
        program,
        acts,
    })
}
