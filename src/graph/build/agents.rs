//! Settings of agents and editors with what they start, and repositories of hooks.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::kinds::agents::AgentFile;
use crate::graph::kinds::upkeep::HookConfig;
use crate::graph::kinds::workflow::Script;
use crate::graph::{EdgeKind, Node, NodeId, NodeKind};
use crate::source::{Place, RepoPath, Span};

/// How a command may begin that names the root of the tree.
const ROOTS: &[&str] =
    &["$CLAUDE_PROJECT_DIR/", "${CLAUDE_PROJECT_DIR}/", "${workspaceFolder}/", "${containerWorkspaceFolder}/"];

/// The file of the tree that a command of settings runs, with what stands for the root of the tree put in.
#[must_use]
pub fn of_tree(path: &str) -> Option<RepoPath> {
    let path = ROOTS.iter().find_map(|root| path.strip_prefix(root)).unwrap_or(path);
    if path.contains('$') || path.starts_with('/') { None } else { RepoPath::new(path) }
}

impl Builder<'_> {
    pub(super) fn agent(&mut self, agent: &AgentFile) {
        let path = self.path(agent.file);
        let node = self.graph.claim(Node {
            kind: NodeKind::AgentSettings,
            key: format!("agent-settings:{path}"),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::from([("program", agent.program.to_owned())]),
            sightings: vec![Place::new(agent.file, Span::default())],
        });
        for server in &agent.servers {
            let seen = Place::new(agent.file, server.name.span);
            let to = self.graph.claim(Node {
                kind: NodeKind::ToolServer,
                key: format!("tool-server:{path}:{}", server.name.value),
                name: server.name.value.clone(),
                version: None,
                purl: None,
                attributes: BTreeMap::new(),
                sightings: vec![seen],
            });
            self.graph.link(node, to, edge(EdgeKind::Runs, seen));
            if let Some(script) = &server.script {
                self.called(to, agent, script);
            }
        }
        for command in &agent.commands {
            self.called(node, agent, &command.script);
        }
        if let Some(image) = agent.container.as_ref().and_then(|c| c.image.as_ref()) {
            self.image_as(EdgeKind::Runs, node, agent.file, image);
        }
    }

    /// Scripts of the tree that a command runs.
    fn called(&mut self, from: NodeId, agent: &AgentFile, script: &Script) {
        for act in &script.acts {
            let Some(path) = act.called().and_then(|(path, _)| of_tree(path)) else { continue };
            if !self.files.contains(&path) {
                continue;
            }
            let place = Place::new(agent.file, script.text.host_span(act.range.clone()));
            let to = self.graph.claim(Node {
                kind: NodeKind::Script,
                key: format!("script:{path}"),
                name: path.as_str().to_owned(),
                version: None,
                purl: None,
                attributes: BTreeMap::new(),
                sightings: vec![place],
            });
            self.graph.link(from, to, edge(EdgeKind::Runs, place));
        }
    }

    pub(super) fn hooks(&mut self, config: &HookConfig) {
        let from = self.manifest_node(config.file);
        for repository in &config.repositories {
            let name = repository.repository.value.as_str();
            if matches!(name, "local" | "meta" | "builtin") {
                continue;
            }
            let revision = repository.revision.as_ref().map(|r| r.value.clone());
            let seen = Place::new(config.file, repository.repository.span);
            let to = self.graph.claim(Node {
                kind: NodeKind::HookRepository,
                key: format!("hook-repository:{name}@{}", revision.as_deref().unwrap_or_default()),
                name: name.to_owned(),
                version: revision,
                purl: None,
                attributes: BTreeMap::new(),
                sightings: vec![seen],
            });
            self.graph.link(from, to, edge(EdgeKind::Runs, seen));
        }
    }
}
