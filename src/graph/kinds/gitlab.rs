//! What a GitLab pipeline says beyond jobs, scripts, images and variables, which are told as a
//! [`super::workflow::Workflow`]. Source: GitLab Docs, "CI/CD YAML syntax reference".

use crate::source::{FileId, Span, Spanned};

/// A `.gitlab-ci.yml` or a file of the tree that one includes.
#[derive(Debug, Clone, Default)]
pub struct GitlabPipeline {
    /// The file.
    pub file: FileId,
    /// `include`, in order, and the `include` of jobs that start a child pipeline.
    pub includes: Vec<Include>,
    /// The jobs, hidden ones among them, in order: each stands beside the job of the same position in
    /// the file's [`super::workflow::Workflow`].
    pub jobs: Vec<GitlabJob>,
}

/// An entry of `include`.
#[derive(Debug, Clone)]
pub struct Include {
    /// The whole entry.
    pub span: Span,
    /// What it names.
    pub source: IncludeSource,
    /// `integrity`, the digest of a remote file.
    pub integrity: Option<Spanned<String>>,
}

/// What an include names.
#[derive(Debug, Clone)]
pub enum IncludeSource {
    /// A file of this repository.
    Local(Spanned<String>),
    /// Files of another project, at a reference where one is given.
    Project {
        /// The project's path.
        project: Spanned<String>,
        /// `ref`.
        reference: Option<Spanned<String>>,
        /// The files.
        files: Vec<Spanned<String>>,
    },
    /// A file at an address.
    Remote(Spanned<String>),
    /// A template that GitLab ships.
    Template(Spanned<String>),
    /// A component of a catalogue: `host/path@version`.
    Component(Spanned<String>),
}

/// A job, beyond what [`super::workflow::Job`] tells.
#[derive(Debug, Clone, Default)]
pub struct GitlabJob {
    /// Its key.
    pub id: Spanned<String>,
    /// The whole job.
    pub span: Span,
    /// `extends`.
    pub extends: Vec<Spanned<String>>,
    /// Jobs of which `!reference` takes a part: `[job, key]`.
    pub references: Vec<Spanned<String>>,
    /// `stage`.
    pub stage: Option<Spanned<String>>,
    /// Conditions of `rules` and `only`, as written, with `when` where given.
    pub rules: Vec<(Spanned<String>, Option<String>)>,
    /// `id_tokens`: variable and audience.
    pub id_tokens: Vec<(Spanned<String>, Option<Spanned<String>>)>,
    /// `secrets`: variables taken from a store.
    pub secrets: Vec<Spanned<String>>,
    /// `cache`: key and paths of each.
    pub caches: Vec<GitlabCache>,
    /// `artifacts.paths`.
    pub artifacts: Vec<Spanned<String>>,
    /// `needs` of jobs of other projects, whose artifacts are fetched.
    pub foreign_needs: Vec<ForeignNeed>,
    /// `tags`.
    pub tags: Vec<Spanned<String>>,
    /// `release`: the job makes one.
    pub release: Option<Span>,
    /// `allow_failure: true`.
    pub allow_failure: bool,
    /// Whether it only serves others to be extended: its name begins with a dot, or it is `default`.
    pub is_hidden: bool,
    /// Whether it takes nothing of `default`: `inherit: default: false`.
    pub refuses_default: bool,
    /// Whether it has a `before_script`, which stands in place of the one it would take over.
    pub has_before_script: bool,
}

/// A job of another project that a job needs.
#[derive(Debug, Clone)]
pub struct ForeignNeed {
    /// The whole entry.
    pub span: Span,
    /// The project's path.
    pub project: Spanned<String>,
    /// The job there.
    pub job: Option<Spanned<String>>,
    /// The branch, tag or commit whose last run it is.
    pub reference: Option<Spanned<String>>,
    /// Whether what it made is fetched.
    pub fetches: bool,
}

/// An entry of `cache`.
#[derive(Debug, Clone)]
pub struct GitlabCache {
    /// The whole entry.
    pub span: Span,
    /// `key`, as text; `files` of a key are listed after `files:`.
    pub key: Option<Spanned<String>>,
    /// `paths`.
    pub paths: Vec<Spanned<String>>,
    /// `policy`: `pull`, `push`, `pull-push`.
    pub policy: Option<Spanned<String>>,
    /// `unprotect: true`: pipelines of protected and other branches share it.
    pub unprotected: Option<Span>,
}
