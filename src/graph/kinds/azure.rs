//! What an Azure pipeline says beyond jobs, scripts, images and variables, which are told as a
//! [`super::workflow::Workflow`]. Source: Microsoft Learn, "YAML schema reference for Azure Pipelines".

use crate::source::{FileId, Span, Spanned};

/// An `azure-pipelines.yml` or a template of one.
#[derive(Debug, Clone, Default)]
pub struct AzurePipeline {
    /// The file.
    pub file: FileId,
    /// `resources.repositories`.
    pub repositories: Vec<Repository>,
    /// `template`, wherever one is named, as written: `path`, or `path@alias`.
    pub templates: Vec<Spanned<String>>,
}

/// A further repository that templates or code come from.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The whole entry.
    pub span: Span,
    /// `repository`, what the file calls it.
    pub alias: Spanned<String>,
    /// `type`: `git` of the same organisation, `github`, `githubenterprise`, `bitbucket`.
    pub kind: Option<Spanned<String>>,
    /// `name`: project and repository.
    pub name: Option<Spanned<String>>,
    /// `ref`: branch, tag or, where one is written, commit.
    pub reference: Option<Spanned<String>>,
}

impl AzurePipeline {
    /// Places where a template of a repository is used.
    pub fn uses(&self, repository: &Repository) -> impl Iterator<Item = &Spanned<String>> {
        let alias = repository.alias.value.as_str();
        self.templates.iter().filter(move |t| t.value.rsplit_once('@').is_some_and(|(_, from)| from == alias))
    }
}
