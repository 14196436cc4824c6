//! GitHub workflows and actions, as written. Source: GitHub Docs, "Workflow syntax for GitHub
//! Actions", "Metadata syntax".

use crate::commands::{Act, ActKind};
use crate::parse::expression::Expression;
use crate::parse::shell::{Dialect, Program};
use crate::source::{Embedded, FileId, Span, Spanned};

/// The service whose pipelines a file describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Service {
    /// GitHub Actions.
    #[default]
    GitHub,
    /// GitLab CI. Its jobs, scripts, images and variables are told here, the rest in
    /// [`super::gitlab::GitlabPipeline`].
    GitLab,
    /// Azure Pipelines: jobs, scripts, images and variables.
    Azure,
}

/// A workflow file, or a pipeline of another service in the same shape, as far as it fits.
#[derive(Debug, Clone, Default)]
pub struct Workflow {
    /// The file.
    pub file: FileId,
    /// Whose it is.
    pub service: Service,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `on`.
    pub triggers: Vec<Trigger>,
    /// `permissions`; none where the key is absent.
    pub permissions: Option<Permissions>,
    /// `run-name`.
    pub run_name: Option<Spanned<String>>,
    /// `inputs` of `workflow_dispatch` and `workflow_call`.
    pub inputs: Vec<Input>,
    /// `secrets` that `workflow_call` declares, by name.
    pub declared_secrets: Vec<Spanned<String>>,
    /// `outputs` of `workflow_call`: name and value.
    pub outputs: Vec<Pair>,
    /// `env`.
    pub env: Vec<Pair>,
    /// `defaults.run.shell`.
    pub shell: Option<Spanned<String>>,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// `cache-mode`: `read`, `write`, `write-only` or `none` (2026-09).
    pub cache_mode: Option<Spanned<String>>,
    /// `jobs`.
    pub jobs: Vec<Job>,
    /// Texts that GitHub evaluates, in order.
    pub templates: Vec<Template>,
}

/// A text that GitHub evaluates: one that holds `${{ }}`, or the value of an `if`.
#[derive(Debug, Clone)]
pub struct Template {
    /// The key it is the value of, that of the list for an item.
    pub key: String,
    /// The key of the mapping it stands in, or of the list that holds that.
    pub above: String,
    /// The `if` of a job or step, with or without braces.
    pub is_condition: bool,
    /// The scalar, with its quotes or the header of its block.
    pub span: Span,
    /// The text.
    pub text: Embedded,
    /// Its expressions that were understood, in order.
    pub expressions: Vec<Evaluated>,
}

/// An expression of a template.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Its bytes in the template's text, braces included.
    pub range: std::ops::Range<usize>,
    /// Where the bytes start that the tree counts from.
    pub start: usize,
    /// The expression.
    pub tree: Expression,
}

impl Evaluated {
    /// The bytes of a part in the template's text.
    #[must_use]
    pub fn inner(&self, part: &Expression) -> std::ops::Range<usize> {
        self.start + part.range.start..self.start + part.range.end
    }
}

impl Template {
    /// Where a part of one of its expressions stands in the file.
    #[must_use]
    pub fn place(&self, of: &Evaluated, part: &Expression) -> Span {
        self.text.host_span(of.inner(part))
    }

    /// A part of one of its expressions, as written.
    #[must_use]
    pub fn written(&self, of: &Evaluated, part: &Expression) -> &str {
        self.text.text.get(of.inner(part)).unwrap_or("")
    }
}

/// A declared input of a workflow or action.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Its name.
    pub name: Spanned<String>,
    /// The event it belongs to, `workflow_dispatch` or `workflow_call`; empty for an action's.
    pub event: String,
    /// `type`: `string`, `boolean`, `number`, `choice`, `environment`. Actions have none.
    pub kind: Option<Spanned<String>>,
    /// `options` of a choice.
    pub options: Vec<String>,
    /// `default`.
    pub default: Option<Spanned<String>>,
    /// `required`.
    pub required: bool,
}

/// A `concurrency` value.
#[derive(Debug, Clone)]
pub struct Concurrency {
    /// The key and its value.
    pub span: Span,
    /// `group`.
    pub group: Option<Spanned<String>>,
    /// `cancel-in-progress`, as written.
    pub cancels: Option<Spanned<String>>,
}

/// A key and its value, both as text.
pub type Pair = (Spanned<String>, Spanned<String>);

/// One event under `on`.
#[derive(Debug, Clone, Default)]
pub struct Trigger {
    /// The event.
    pub name: Spanned<String>,
    /// `types`, if given.
    pub types: Vec<String>,
    /// `branches`.
    pub branches: Vec<Spanned<String>>,
    /// `tags`.
    pub tags: Vec<Spanned<String>>,
    /// `paths`.
    pub paths: Vec<Spanned<String>>,
    /// `workflows` of `workflow_run`, by name.
    pub workflows: Vec<Spanned<String>>,
}

/// A `permissions` value.
#[derive(Debug, Clone)]
pub struct Permissions {
    /// The key and its value.
    pub span: Span,
    /// What it grants.
    pub grant: Grant,
}

/// What `permissions` grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// `read-all`.
    ReadAll,
    /// `write-all`.
    WriteAll,
    /// A table, possibly empty: scope and level (`read`, `write`, `none`).
    Scopes(Vec<(Spanned<String>, String)>),
    /// Neither: an expression or a mistake.
    Other(String),
}

impl Permissions {
    /// Scopes that may write, in the order written; `*` for all.
    #[must_use]
    pub fn writes(&self) -> Vec<&str> {
        match &self.grant {
            Grant::WriteAll => vec!["*"],
            Grant::Scopes(scopes) => {
                scopes.iter().filter(|(_, level)| level == "write").map(|(scope, _)| scope.as_str()).collect()
            }
            Grant::ReadAll | Grant::Other(_) => Vec::new(),
        }
    }
}

/// A job.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Its key.
    pub id: Spanned<String>,
    /// The whole job.
    pub span: Span,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `needs`.
    pub needs: Vec<Spanned<String>>,
    /// `runs-on`, each label.
    pub runs_on: Vec<Spanned<String>>,
    /// `permissions`.
    pub permissions: Option<Permissions>,
    /// `environment`.
    pub environment: Option<Spanned<String>>,
    /// `if`.
    pub condition: Option<Spanned<String>>,
    /// `env`.
    pub env: Vec<Pair>,
    /// `container` and `services` images.
    pub images: Vec<Image>,
    /// `uses`: a reusable workflow.
    pub uses: Option<Spanned<Uses>>,
    /// `with` of a reusable workflow.
    pub with: Vec<Pair>,
    /// `secrets` handed to a reusable workflow: name there and value.
    pub secrets: Vec<Pair>,
    /// `secrets: inherit`.
    pub inherits_secrets: bool,
    /// `secrets`: the value's place.
    pub secrets_span: Option<Span>,
    /// `outputs`: name and value.
    pub outputs: Vec<Pair>,
    /// `concurrency`.
    pub concurrency: Option<Concurrency>,
    /// `cache-mode`; it stands for that of the workflow.
    pub cache_mode: Option<Spanned<String>>,
    /// `continue-on-error: true`.
    pub continue_on_error: bool,
    /// `defaults.run.shell`.
    pub shell: Option<Spanned<String>>,
    /// `strategy.matrix`: each key with the constants it may have, those of `include` among them.
    /// A key of which some value is no constant has none; keys inside of values are told as `KEY.INNER`.
    pub matrix: Vec<(String, Vec<String>)>,
    /// Lists of the matrix that are computed: key and expression. The whole matrix has an empty key.
    pub computed_matrix: Vec<Pair>,
    /// `steps`.
    pub steps: Vec<Step>,
}

/// An image a job runs in or beside.
#[derive(Debug, Clone)]
pub struct Image {
    /// `container`, or the service's name.
    pub used_as: String,
    /// The reference, as written.
    pub reference: Spanned<String>,
    /// `credentials.username`.
    pub username: Option<Spanned<String>>,
    /// `credentials.password`.
    pub password: Option<Spanned<String>>,
    /// `options`, handed to docker.
    pub options: Option<Spanned<String>>,
}

/// A step.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Position in the job, from 0.
    pub index: usize,
    /// The whole step.
    pub span: Span,
    /// `id`.
    pub id: Option<Spanned<String>>,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `if`.
    pub condition: Option<Spanned<String>>,
    /// `uses`.
    pub uses: Option<Spanned<Uses>>,
    /// `with`.
    pub with: Vec<Pair>,
    /// `env`.
    pub env: Vec<Pair>,
    /// `shell`, as written on the step.
    pub shell: Option<Spanned<String>>,
    /// `run`.
    pub run: Option<Script>,
    /// Scripts that inputs and variables give to what it uses: `before-script-linux`, `CIBW_BEFORE_BUILD`.
    pub given: Vec<Script>,
    /// `working-directory`, else that of `defaults.run`.
    pub working_directory: Option<Spanned<String>>,
    /// `continue-on-error: true`.
    pub continue_on_error: bool,
}

impl Step {
    /// What to call the step: its name, its id, what it uses, or its number.
    #[must_use]
    pub fn title(&self) -> String {
        if let Some(name) = self.name.as_ref().or(self.id.as_ref()) {
            return name.value.clone();
        }
        match &self.uses {
            Some(uses) => uses.value.to_string(),
            None => format!("step {}", self.index + 1),
        }
    }

    /// The value of a key under `with`.
    #[must_use]
    pub fn input(&self, key: &str) -> Option<&Spanned<String>> {
        self.with.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }
}

/// A `run` script.
#[derive(Debug, Clone)]
pub struct Script {
    /// The text and where it stands.
    pub text: Embedded,
    /// The scalar in the host file.
    pub span: Span,
    /// Which shell reads it.
    pub dialect: Dialect,
    /// Whether `shell` was given: without it, bash runs with `-e` but no `pipefail`.
    pub explicit_shell: bool,
    /// The script, parsed.
    pub program: Program,
    /// What its commands do.
    pub acts: Vec<Act>,
}

impl Script {
    /// Crates of crates.io that its commands install, with the place of each command.
    pub fn installed_crates(&self) -> impl Iterator<Item = (&str, Span)> {
        self.acts.iter().filter_map(|act| match &act.kind {
            ActKind::CargoInstall { name: Some(name), path: None, git: None, .. } if !name.contains('$') => {
                Some((name.as_str(), self.text.host_span(act.range.clone())))
            }
            _ => None,
        })
    }
}

/// What `uses` names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uses {
    /// `owner/repo[/path]@ref`.
    Repository {
        /// Account, as written.
        owner: String,
        /// Repository, as written.
        repo: String,
        /// Folder or workflow file inside it; empty for the root.
        path: String,
        /// Branch, tag or commit.
        reference: String,
    },
    /// `./path`: this repository.
    Local(String),
    /// `docker://image`.
    Docker(String),
    /// Not of any known form.
    Other(String),
}

impl Uses {
    /// Reads the value of `uses`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(image) = text.strip_prefix("docker://") {
            return Self::Docker(image.to_owned());
        }
        // `$/` is the repository the workflow itself comes from, at the same commit (2026-07).
        if let Some(path) = text.strip_prefix("$/") {
            return Self::Local(format!("./{path}"));
        }
        if text.starts_with("./") || text.starts_with("../") || text == "." {
            return Self::Local(text.to_owned());
        }
        let Some((name, reference)) = text.rsplit_once('@') else { return Self::Other(text.to_owned()) };
        let mut parts = name.splitn(3, '/');
        match (parts.next(), parts.next()) {
            (Some(owner), Some(repo))
                if !owner.is_empty() && !repo.is_empty() && !reference.is_empty() && !text.contains("${{") =>
            {
                Self::Repository {
                    owner: owner.to_owned(),
                    repo: repo.to_owned(),
                    path: parts.next().unwrap_or("").to_owned(),
                    reference: reference.to_owned(),
                }
            }
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Whether the reference is a full commit.
    #[must_use]
    pub fn is_commit(reference: &str) -> bool {
        matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl std::fmt::Display for Uses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Repository { owner, repo, path, reference } if path.is_empty() => {
                write!(f, "{owner}/{repo}@{reference}")
            }
            Self::Repository { owner, repo, path, reference } => write!(f, "{owner}/{repo}/{path}@{reference}"),
            Self::Local(path) => f.write_str(path),
            Self::Docker(image) => write!(f, "docker://{image}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// An `action.yml`.
#[derive(Debug, Clone, Default)]
pub struct ActionDefinition {
    /// The file.
    pub file: FileId,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `runs.using`: `composite`, `docker`, `node20`.
    pub using: Option<Spanned<String>>,
    /// `runs.image` of a docker action.
    pub image: Option<Spanned<String>>,
    /// `runs.entrypoint` and its siblings, `runs.main`, `runs.pre` and `runs.post`: key and file.
    pub entries: Vec<Pair>,
    /// `runs.args` of a docker action.
    pub args: Vec<Spanned<String>>,
    /// `runs.env` of a docker action.
    pub env: Vec<Pair>,
    /// `inputs`.
    pub inputs: Vec<Input>,
    /// `outputs`: name and value.
    pub outputs: Vec<Pair>,
    /// `runs.steps` of a composite action.
    pub steps: Vec<Step>,
    /// Texts that GitHub evaluates, in order.
    pub templates: Vec<Template>,
}

/// GitHub's `.github/workflows/actions.lock`, schema v0.0.3.
#[derive(Debug, Clone, Default)]
pub struct ActionsLock {
    /// The file.
    pub file: FileId,
    /// Workflow path to the `OWNER/REPO@REF` it locks: its own and those they use in turn.
    pub workflows: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
    /// `OWNER/REPO@REF` to the commit it is locked to.
    pub pins: Vec<LockedAction>,
}

/// One entry of `dependencies`.
#[derive(Debug, Clone)]
pub struct LockedAction {
    /// `OWNER/REPO@REF`, as written.
    pub pin: Spanned<String>,
    /// `ref`: the branch or tag that the commit was taken from; for a pin by commit, one it stands on.
    pub reference: Option<Spanned<String>>,
    /// The commit, 40 or 64 hex digits, without its algorithm prefix; none where it is no commit.
    pub commit: Option<Spanned<String>>,
    /// `uses`: the `OWNER/REPO@REF` that the action uses itself.
    pub uses: Vec<Spanned<String>>,
}
