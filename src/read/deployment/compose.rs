//! Services of Compose files, and the variables that lie beside them. Source: the Compose specification, "image",
//! "build", "profiles", "interpolation".

use crate::graph::Document;
use crate::graph::kinds::deployment::Deployment;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::graph::kinds::deployment::Service;
use crate::graph::kinds::deployment::ServiceBuild;
use crate::parse::Budget;
use crate::parse::yaml::Node;
use crate::read::Facts;
use crate::read::Format;
use crate::read::Mention;
use crate::read::Reader;
use crate::read::yaml_help::keyed;
use crate::source::RepoPath;
use crate::source::SourceFile;
use crate::source::Span;
use crate::source::Spanned;

/// The id of [`VariablesReader`].
const VARIABLES: &str = "compose-variables";
/// Lines of variables that are read of one file.
const LINES: usize = 4096;
/// Anchors that are kept of one service.
const ANCHORS: usize = 64;

/// Adds what a Compose file starts.
pub(in crate::read) fn services(file: &SourceFile, root: &Node, budget: &mut Budget, out: &mut Facts) {
    let mut found = Deployment { file: file.id, form: DeploymentForm::Compose, ..Deployment::default() };
    for (name, node) in root.get("services").into_iter().flat_map(keyed) {
        // That there are too many is told where commands are read.
        if !budget.take_entry(name.value.len()) {
            break;
        }
        let text = |key: &str| text(node.get(key));
        let images: Vec<Spanned<String>> = text("image").into_iter().collect();
        let build = node.get("build").and_then(build);
        if images.is_empty() && build.is_none() {
            continue;
        }
        let is_optional = node.get("profiles").is_some_and(|profiles| !profiles.items().is_empty());
        let spans = spans(node, name.span);
        found.services.push(Service { name, kind: "service".to_owned(), images, build, spans, is_optional });
    }
    for item in root.get("include").map_or(&[][..], Node::items) {
        let path = item.get("path").unwrap_or(item);
        let all = std::iter::once(path).chain(path.items());
        found.resources.extend(all.filter_map(|path| text(Some(path))));
    }
    if found.services.is_empty() && found.resources.is_empty() {
        return;
    }
    if let Some(path) = file.path.parent().child(".env") {
        out.mentions.push(Mention { path, reader: VARIABLES, needed_at: None });
    }
    out.documents.push(Document::Deployment(found));
}

fn text(node: Option<&Node>) -> Option<Spanned<String>> {
    let node = node?;
    let text = node.as_str()?.trim();
    (!node.is_null() && !text.is_empty()).then(|| Spanned::new(text.to_owned(), node.place()))
}

fn build(node: &Node) -> Option<ServiceBuild> {
    if let Some(context) = text(Some(node)) {
        return Some(ServiceBuild { context, ..ServiceBuild::default() });
    }
    if node.entries().is_empty() {
        return None;
    }
    let here = || Spanned::new(".".to_owned(), node.place());
    Some(ServiceBuild {
        context: text(node.get("context")).unwrap_or_else(here),
        dockerfile: text(node.get("dockerfile")),
        is_inline: node.get("dockerfile_inline").is_some(),
    })
}

/// Where a service is written, with the anchors that it takes in.
fn spans(node: &Node, name: Span) -> Vec<Span> {
    let mut out = vec![if node.alias.is_none() { name.to(node.span) } else { name }];
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.alias.is_some() && out.len() < ANCHORS {
            out.push(node.span);
        }
        open.extend(node.entries().iter().map(|entry| &entry.value).chain(node.items()));
    }
    out
}

/// Reads the variables that lie beside a Compose file.
#[derive(Debug)]
pub struct VariablesReader;

impl Reader for VariablesReader {
    fn id(&self) -> &'static str {
        VARIABLES
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn claims_head(&self, path: &RepoPath, _head: &[u8]) -> bool {
        // Files of this name lie everywhere: only a Compose file beside one makes it of this kind.
        path.name() == ".env"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.env` beside a Compose file",
            read: "variables that names of images are made of",
            not_read: "what else is in it",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut found = Deployment { file: file.id, form: DeploymentForm::Variables, ..Deployment::default() };
        let mut start = 0;
        for line in file.text.split_inclusive('\n').take(LINES) {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            let line = line.trim();
            let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
            let name = name.trim();
            let name = name.strip_prefix("export ").unwrap_or(name).trim();
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !is_name || !budget.take_entry(line.len()) {
                continue;
            }
            let value = unquoted(value);
            // `TAG=${TAG:-1}` leaves room for the shell's own; what the file gives is the default.
            let own = value.strip_prefix("${").and_then(|rest| rest.strip_prefix(name)?.strip_suffix('}'));
            let default = own.and_then(|rest| rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')));
            let value = default.map_or(value.clone(), str::to_owned);
            found.values.push((name.to_owned(), Spanned::new(value, span)));
        }
        out.documents.push(Document::Deployment(found));
    }
}

/// A value without its quotes and without what follows it.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default().to_owned();
        }
    }
    value.split(" #").next().unwrap_or_default().trim().to_owned()
}
