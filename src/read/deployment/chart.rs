//! A chart's own file and its values. Source: the manual of Helm, "Charts", "Values Files".

use super::HEAD;
use super::has;
use super::stem;
use super::texts;
use crate::graph::Document;
use crate::graph::kinds::deployment::Deployment;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::yaml;
use crate::read::Facts;
use crate::read::Format;
use crate::read::Reader;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::SourceFile;
use crate::source::Span;

/// Reads `Chart.yaml`.
#[derive(Debug)]
pub struct ChartReader;

impl Reader for ChartReader {
    fn id(&self) -> &'static str {
        "helm-chart"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (path.name() == "Chart.yaml" && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        has(head, "name:")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`Chart.yaml`",
            read: "name and versions of a chart, names of charts that it depends on",
            not_read: "what these start, `Chart.lock`",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = yaml::parse(&file.text, budget);
        out.problems.extend(read.problems.iter().cloned());
        let Some(root) = read.root() else { return };
        let mut found = Deployment { file: file.id, form: DeploymentForm::Chart, ..Deployment::default() };
        texts(root, budget, &mut found.values);
        let is_of_other = |way: &str| way.starts_with("dependencies.") && way.ends_with(".name");
        let is_told = |way: &str| matches!(way, "name" | "version" | "appVersion") || is_of_other(way);
        found.values.retain(|(way, _)| is_told(way));
        out.documents.push(Document::Deployment(found));
    }
}

/// Reads `values.yaml` and its kin.
#[derive(Debug)]
pub struct ValuesReader;

impl Reader for ValuesReader {
    fn id(&self) -> &'static str {
        "helm-values"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let stem = stem(path)?;
        let is_one = stem == "values"
            || ["values-", "values_", "values."].iter().any(|start| stem.starts_with(start))
            || ["-values", "_values", ".values"].iter().any(|end| stem.ends_with(end));
        let is_template = path.parent().parts().any(|part| part == "templates");
        (is_one && !is_template && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        has(head, "repository:") || has(head, "mage:") || has(head, "images:")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`values.yaml`, `values-*.yaml`, `*-values.yaml`",
            read: "images that they name",
            not_read: "what else they set",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = yaml::parse(&file.text, budget);
        out.problems.extend(read.problems.iter().cloned());
        let Some(root) = read.root() else { return };
        let mut found = Deployment { file: file.id, form: DeploymentForm::Values, ..Deployment::default() };
        if !texts(root, budget, &mut found.values) {
            out.problems.push(Problem::new(Span::default(), "more values than are read of one file"));
        }
        out.documents.push(Document::Deployment(found));
    }
}
