//! Kustomizations, as far as they put images in the place of others. Source: the manual of Kustomize, "images".

use super::HEAD;
use super::has;
use super::stem;
use crate::graph::Document;
use crate::graph::kinds::deployment::Deployment;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::graph::kinds::deployment::Swap;
use crate::parse::Budget;
use crate::parse::yaml;
use crate::parse::yaml::Node;
use crate::read::Facts;
use crate::read::Format;
use crate::read::Reader;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::SourceFile;
use crate::source::Spanned;

/// Keys that take in files and folders.
const TAKES: &[&str] = &["resources", "bases", "components"];

/// Reads them.
#[derive(Debug)]
pub struct KustomizationReader;

impl Reader for KustomizationReader {
    fn id(&self) -> &'static str {
        "kustomization"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let is_one = stem(path) == Some("kustomization") || path.name() == "Kustomization";
        (is_one && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        has(head, "images:")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`kustomization.yaml`",
            read: "images that it puts in the place of others, files and folders that it takes in",
            not_read: "patches and generators",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = yaml::parse(&file.text, budget);
        out.problems.extend(read.problems.iter().cloned());
        let Some(root) = read.root() else { return };
        let mut found = Deployment { file: file.id, form: DeploymentForm::Kustomization, ..Deployment::default() };
        let text = |node: &Node| {
            let text = node.as_str().filter(|text| !node.is_null() && !text.trim().is_empty())?;
            Some(Spanned::new(text.trim().to_owned(), node.place()))
        };
        for item in root.get("images").map_or(&[][..], Node::items) {
            let of = |key: &str| item.get(key).and_then(text);
            let Some(name) = of("name").filter(|name| budget.take_entry(name.value.len())) else { continue };
            let value = |key: &str| of(key).map(|text| text.value);
            let (new_name, new_tag, digest) = (value("newName"), value("newTag"), value("digest"));
            found.swaps.push(Swap { name, new_name, new_tag, digest });
        }
        let taken = TAKES.iter().filter_map(|key| root.get(key)).flat_map(Node::items);
        found.resources = taken.filter_map(text).filter(|text| budget.take_entry(text.value.len())).collect();
        if !found.swaps.is_empty() {
            out.documents.push(Document::Deployment(found));
        }
    }
}
