//! `.github/dependabot.yml`. Source: GitHub Docs, "Dependabot options reference".

use crate::graph::Document;
use crate::graph::kinds::upkeep::{Dependabot, DependabotUpdate};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::read::yaml_help::{document, keyed, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads the settings of Dependabot.
#[derive(Debug)]
pub struct DependabotReader;

impl Reader for DependabotReader {
    fn id(&self) -> &'static str {
        "dependabot"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "dependabot.yml" | "dependabot.yaml") && path.parent().name() == ".github"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.github/dependabot.yml`",
            read: "ecosystems, cooldown, whether code of others may run",
            not_read: "schedules, groups, registries",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let updates = match root.get("updates") {
            Some(node) if matches!(node.kind, NodeKind::Sequence(_)) => node.items(),
            Some(node) if !node.is_null() => {
                out.problems.push(Problem::new(node.place(), "`updates` should be a list"));
                &[]
            }
            Some(_) => &[],
            // Version 1 had another form and is no longer read by anybody.
            None => {
                out.problems.push(Problem::new(root.span, "Dependabot's settings without `updates`"));
                &[]
            }
        };
        let updates = updates.iter().filter_map(|node| update(node, out)).collect();
        out.documents.push(Document::Dependabot(Dependabot { file: file.id, updates }));
    }
}

fn update(node: &Node, out: &mut Facts) -> Option<DependabotUpdate> {
    let Some(first) = node.entries().first() else {
        out.problems.push(Problem::new(node.place(), "an update should be a mapping"));
        return None;
    };
    let cooldown = node.entry("cooldown");
    let inner = cooldown.map(|entry| &entry.value);
    let mut directories = texts(node.get("directory"));
    directories.extend(texts(node.get("directories")));
    let days = inner.into_iter().flat_map(keyed).filter(|(key, _)| key.value.ends_with("-days"));
    let other = days.filter(|(key, _)| key.value != "default-days");
    Some(DependabotUpdate {
        span: node.place(),
        ecosystem: text(node.get("package-ecosystem")).unwrap_or_default(),
        first_key: first.key.span,
        directories,
        cooldown: cooldown.map(|entry| entry.key.span),
        cooldown_key: inner.and_then(|node| Some(node.entries().first()?.key.span)),
        default_days: inner.and_then(|node| text(node.get("default-days"))),
        other_days: other.filter_map(|(key, value)| Some((key, text(Some(value))?))).collect(),
        only_security: node.get("open-pull-requests-limit").and_then(Node::as_str).map(str::trim) == Some("0"),
        executes: text(node.get("insecure-external-code-execution")),
    })
}
