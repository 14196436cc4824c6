//! `include`, at the top and of child pipelines.

use super::GitlabReader;
use crate::graph::kinds::gitlab::{Include, IncludeSource};
use crate::parse::Problem;
use crate::parse::yaml::{Node, NodeKind};
use crate::read::yaml_help::{text, texts};
use crate::read::{Facts, Mention};
use crate::source::RepoPath;

/// Reads one include or a list of them.
pub(super) fn read(node: Option<&Node>, includes: &mut Vec<Include>, out: &mut Facts) {
    let Some(node) = node.filter(|node| !node.is_null()) else { return };
    if node.tag.is_some() {
        return;
    }
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| read(Some(item), includes, out)),
        NodeKind::Mapping(_) => {
            let Some(source) = source(node) else {
                // What a job makes is a file that is not there yet.
                if node.get("artifact").is_none() {
                    out.problems.push(Problem::new(node.place(), "an include of an unknown kind"));
                }
                return;
            };
            mention(&source, out);
            includes.push(Include { span: node.place(), source, integrity: text(node.get("integrity")) });
        }
        NodeKind::Scalar(_) => {
            let Some(written) = text(Some(node)) else { return };
            let is_remote = written.value.starts_with("http://") || written.value.starts_with("https://");
            let source = if is_remote { IncludeSource::Remote(written) } else { IncludeSource::Local(written) };
            mention(&source, out);
            includes.push(Include { span: node.place(), source, integrity: None });
        }
        NodeKind::Null => {}
    }
}

fn source(node: &Node) -> Option<IncludeSource> {
    if let Some(project) = text(node.get("project")) {
        let reference = text(node.get("ref"));
        return Some(IncludeSource::Project { project, reference, files: texts(node.get("file")) });
    }
    let named = |key: &str| text(node.get(key));
    let local = named("local").map(IncludeSource::Local);
    let remote = || named("remote").map(IncludeSource::Remote);
    let template = || named("template").map(IncludeSource::Template);
    local.or_else(remote).or_else(template).or_else(|| named("component").map(IncludeSource::Component))
}

/// A file of the tree that is included is part of the pipeline, whatever it is called. Patterns and
/// variables are not followed; files in the usual folders are found without them.
fn mention(source: &IncludeSource, out: &mut Facts) {
    let IncludeSource::Local(path) = source else { return };
    let written = path.value.trim_start_matches('/');
    if written.contains(['*', '$']) || !(written.ends_with(".yml") || written.ends_with(".yaml")) {
        return;
    }
    if let Some(file) = RepoPath::new(written) {
        out.mentions.push(Mention { path: file, reader: GitlabReader::ID, needed_at: Some(path.span) });
    }
}
