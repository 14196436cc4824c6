//! Manifests of Kubernetes and the templates that make them: which images they run. Source: the API reference of
//! Kubernetes; resources of others are read by the same keys.

use std::collections::BTreeMap;

use super::HEAD;
use super::has;
use super::is_set_aside;
use super::stem;
use crate::graph::Document;
use crate::graph::kinds::deployment::Deployment;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::graph::kinds::deployment::Service;
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::yaml;
use crate::parse::yaml::Node;
use crate::read::Facts;
use crate::read::Format;
use crate::read::Reader;
use crate::source::RepoPath;
use crate::source::SourceFile;
use crate::source::Span;
use crate::source::Spanned;

/// Kinds of objects that run nothing, whatever they write.
const IDLE: &[&str] = &["ConfigMap", "CustomResourceDefinition", "Kustomization", "Secret", "Service"];
/// Keys whose values tell of an object and run nothing.
const TELLS: &[&str] = &["metadata", "status"];
/// What stands where a template's tag stood.
const MASK: u8 = b'$';

/// Reads them.
#[derive(Debug)]
pub struct ManifestReader;

impl Reader for ManifestReader {
    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (stem(path).is_some() && !is_set_aside(path)).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        let starts = |word: &str| head.starts_with(word.as_bytes()) || has(head, &format!("\n{word}"));
        has(head, "image:")
            && (starts("apiVersion:") && starts("kind:") || starts("items:") && has(head, "apiVersion:"))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "manifests of Kubernetes, templates of Helm charts",
            read: "images that workloads run",
            not_read: "rights and mounts; what a template decides",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let is_template = file.text.contains("{{");
        let masked = if is_template { without_tags(&file.text) } else { String::new() };
        let read = yaml::parse(if is_template { &masked } else { &file.text }, budget);
        // A template is no YAML before it is filled in.
        if !is_template {
            out.problems.extend(read.problems.iter().cloned());
        }
        let form = if is_template { DeploymentForm::Template } else { DeploymentForm::Manifest };
        let mut found = Deployment { file: file.id, form, ..Deployment::default() };
        let mut open: Vec<&Node> = read.docs.iter().rev().collect();
        while let Some(object) = open.pop() {
            let items = object.get("items").map_or(&[][..], Node::items);
            if object.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List")) {
                open.extend(items.iter().rev());
            } else if !of_object(file, object, budget, &mut found) {
                out.problems.push(Problem::new(object.span, "more is deployed than is read of one file"));
                break;
            }
        }
        if is_template {
            lines(file, &mut found);
        }
        if !found.services.is_empty() {
            out.documents.push(Document::Deployment(found));
        }
    }
}

/// Takes what an object runs; false where there is too much.
fn of_object(file: &SourceFile, object: &Node, budget: &mut Budget, out: &mut Deployment) -> bool {
    let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
    let Some(kind) = text(object.get("kind")).filter(|kind| !IDLE.contains(&kind.as_str())) else { return true };
    if object.get("apiVersion").is_none() {
        return true;
    }
    // A template may choose between kinds.
    let kind = if kind.contains(char::from(MASK)) { "workload".to_owned() } else { kind };
    let images = images(file, object);
    if images.is_empty() {
        return true;
    }
    if !images.iter().all(|image| budget.take_entry(image.value.len())) {
        return false;
    }
    let about = object.get("metadata");
    let name = about.and_then(|about| about.get("name").or_else(|| about.get("generateName")));
    let name = name.filter(|name| name.as_scalar().is_some() && !name.is_null());
    let name = match name {
        Some(name) => Spanned::new(written(file, name), name.place()),
        None => Spanned::new(String::new(), object.get("kind").map_or(object.span, Node::place)),
    };
    out.services.push(Service { name, kind, images, spans: vec![object.span], ..Service::default() });
    true
}

/// A scalar as it is written, with its tags and without its quotes.
fn written(file: &SourceFile, node: &Node) -> String {
    let text = file.text.get(node.span.range(file.text.len())).unwrap_or_default().trim();
    let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    if text.contains("{{") { inner.unwrap_or(text).to_owned() } else { node.as_str().unwrap_or(text).trim().to_owned() }
}

/// A text of a template with what `with` puts before its fields: `{{ .tag }}` below `{{ with .Values.image }}`.
fn scoped(file: &SourceFile, node: &Node, text: String) -> String {
    if !text.contains("{{") || text.contains(".Values.") {
        return text;
    }
    let at = node.span.range(file.text.len()).start;
    let near = file.text.get(..at).unwrap_or_default();
    let start = near.len().saturating_sub(NEAR);
    let near = near.get((start..near.len()).find(|at| near.is_char_boundary(*at)).unwrap_or_default()..);
    let Some((_, scope)) = near.and_then(|near| near.rsplit_once("with ")) else { return text };
    let scope = scope.trim_start_matches('$');
    let end = scope.find(|c: char| c.is_whitespace() || c == '}').unwrap_or(scope.len());
    let (way, rest) = scope.split_at(end);
    if !way.starts_with(".Values.") || rest.contains("end") {
        return text;
    }
    let mut out = text;
    for field in ["registry", "repository", "tag", "digest"] {
        out = out.replace(&format!(" .{field} "), &format!(" {way}.{field} "));
    }
    out
}

/// Bytes before an image that are looked at for what its fields belong to.
const NEAR: usize = 200;

/// Every image that an object names, in order.
fn images(file: &SourceFile, object: &Node) -> Vec<Spanned<String>> {
    let mut out = Vec::new();
    let mut open = vec![object];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            let key = entry.key.as_str().unwrap_or_default();
            if TELLS.contains(&key) {
                continue;
            }
            if key != "image" {
                open.push(&entry.value);
                continue;
            }
            let text = match entry.value.as_scalar() {
                Some(_) if entry.value.is_null() => continue,
                Some(_) => scoped(file, &entry.value, written(file, &entry.value)),
                None => joined(file, &entry.value),
            };
            // What is injected writes itself in; an address is a picture.
            if !matches!(text.as_str(), "" | "auto") && !text.contains("://") {
                out.push(Spanned::new(text, entry.value.place()));
            }
        }
        open.extend(node.items());
    }
    out.sort_by_key(|image| image.span.start);
    out
}

/// `{repository: x, tag: y}`, as resources of others write it.
fn joined(file: &SourceFile, node: &Node) -> String {
    let value = |key: &str| node.get(key).filter(|value| value.as_scalar().is_some() && !value.is_null());
    let text = |key: &str| value(key).map(|value| written(file, value)).unwrap_or_default();
    let mut out = text("repository");
    for (sign, key) in [(':', "tag"), ('@', "digest")] {
        let part = text(key);
        if !out.is_empty() && !part.is_empty() {
            out.push(sign);
            out.push_str(&part);
        }
    }
    out
}

/// Images of a template that stand where the rest could not be read around its tags.
fn lines(file: &SourceFile, out: &mut Deployment) {
    let known: BTreeMap<u64, u64> =
        out.services.iter().flat_map(|service| &service.images).map(|i| (i.span.start, i.span.end)).collect();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let body = line.trim_start();
        let body = body.strip_prefix("- ").unwrap_or(body).trim_start();
        let Some(value) = body.strip_prefix("image:").map(str::trim).filter(|value| !value.is_empty()) else {
            continue;
        };
        let value_at = at + line.find(value).unwrap_or_default();
        let span = Span::new(value_at, value_at + value.len());
        let is_known = known.range(..=span.end).next_back().is_some_and(|(_, end)| *end >= span.start);
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let is_schema =
            value.starts_with(['#', '|', '>', '&', '*']) || value.starts_with('{') && !value.starts_with("{{");
        if is_known || is_schema || value.is_empty() {
            continue;
        }
        if out.services.is_empty() {
            let name = Spanned::new(String::new(), span);
            let whole = Span::new(0, file.text.len());
            let kind = "template".to_owned();
            out.services.push(Service { name, kind, spans: vec![whole], ..Service::default() });
        }
        let before = |service: &Service| service.spans.first().is_some_and(|own| own.start <= span.start);
        let at = out.services.partition_point(before).saturating_sub(1);
        if let Some(owner) = out.services.get_mut(at) {
            owner.images.push(Spanned::new(value.to_owned(), span));
        }
    }
}

/// The text with every tag of a template overwritten in place: with blanks where it stands alone on its lines.
fn without_tags(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("{{")) {
        let start = at + found;
        let Some(end) = text.get(start..).and_then(|rest| rest.find("}}")).map(|end| start + end + 2) else { break };
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r');
        let bytes = text.as_bytes();
        let before = bytes.get(..start).and_then(|part| part.iter().rev().find(|b| !is_blank(b)));
        let after = bytes.get(end..).and_then(|part| part.iter().find(|b| !is_blank(b)));
        let is_alone = before.is_none_or(|b| *b == b'\n') && after.is_none_or(|b| *b == b'\n');
        for byte in out.get_mut(start..end).into_iter().flatten().filter(|byte| **byte != b'\n') {
            *byte = if is_alone { b' ' } else { MASK };
        }
        at = end;
    }
    // Only ASCII is written, over whole characters.
    String::from_utf8(out).unwrap_or_default()
}
