//! What a question is about, and which files can name such a thing, told by who reads them.

use super::Asked;
use super::Target;

/// Files that start commands, which install anything.
const COMMANDS: &[&str] = &[
    "azure-pipelines",
    "compose",
    "devcontainer",
    "dockerfile",
    "github-action",
    "github-workflow",
    "gitlab-ci",
    "justfile",
    "makefile",
    "shell-script",
    "taskfile",
];

/// Files of cargo.
const CARGO: &[&str] = &["cargo-config", "cargo-lock", "cargo-manifest"];

/// Files of actions, of what these use in turn, and of hooks, which are repositories as well.
const ACTIONS: &[&str] = &["custody-lock", "github-action", "github-actions-lock", "github-workflow", "pre-commit"];

/// Readers of files that start images, and say nothing else.
const DEPLOYMENTS: &[&str] = &["compose-variables", "helm-chart", "helm-values", "kubernetes", "kustomization"];

/// Files that ask for no package of Python's.
const NOT_PYTHON: &[&str] = &[
    "binary",
    "python-build-hook",
    "cargo-checksums",
    "cargo-config",
    "cargo-lock",
    "cargo-manifest",
    "cmake",
    "code-owners",
    "compiled-code",
    "custody-config",
    "custody-lock",
    "dependabot",
    "github-actions-lock",
    "ignored-advisories",
    "meson-wrap",
    "model-card",
    "model-file",
    "package-json",
    "references",
    "rust-build-script",
    "rust-toolchain",
];

/// Files that load no model or data set: lists, locks, and settings of tools.
const NOT_ASSETS: &[&str] = &[
    "binary",
    "cargo-checksums",
    "cargo-config",
    "cargo-lock",
    "cargo-manifest",
    "cmake",
    "code-owners",
    "conda-lock",
    "condarc",
    "dependabot",
    "github-actions-lock",
    "ignored-advisories",
    "meson-wrap",
    "package-json",
    "pdm-lock",
    "pipfile",
    "pipfile-lock",
    "pixi-lock",
    "poetry-lock",
    "pre-commit",
    "pylock",
    "pypirc",
    "pyproject",
    "python-record",
    "requirements",
    "rust-toolchain",
    "setup-cfg",
    "tox",
    "tox-toml",
    "uv-lock",
    "uv-toml",
];

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::affected) enum Subject {
    /// A package of PyPI's or conda's.
    Python,
    /// A crate.
    Cargo,
    /// An action.
    Action,
    /// An image.
    Image,
    /// A model or data set.
    Asset,
    /// A host or a digest, which may stand in any file.
    Text,
}

impl Subject {
    /// All of them.
    pub(in crate::affected) const ALL: &[Self] =
        &[Self::Python, Self::Cargo, Self::Action, Self::Image, Self::Asset, Self::Text];

    /// Whether what a file of this reader says may change what another file comes to. A host or digest stands where it
    /// stands, and only those count that run what names it.
    pub(in crate::affected) fn is_decided_by(self, reader: &str) -> bool {
        match self {
            Self::Text => COMMANDS.contains(&reader),
            _ => self.is_said_by(reader),
        }
    }

    /// Whether a file of this reader may name such a thing.
    pub(in crate::affected) fn is_said_by(self, reader: &str) -> bool {
        match self {
            Self::Python => !NOT_PYTHON.contains(&reader) && !DEPLOYMENTS.contains(&reader),
            Self::Cargo => CARGO.contains(&reader) || COMMANDS.contains(&reader),
            Self::Action => ACTIONS.contains(&reader),
            Self::Image => COMMANDS.contains(&reader) || DEPLOYMENTS.contains(&reader),
            Self::Asset => !NOT_ASSETS.contains(&reader) && !DEPLOYMENTS.contains(&reader),
            Self::Text => true,
        }
    }
}

/// What a target is about; nothing where no tree can say.
pub(in crate::affected) fn subjects(target: &Target, asked: &Asked) -> Vec<Subject> {
    match target {
        Target::Package { ecosystem, .. } => {
            let is = |wanted: &str| match ecosystem {
                Some(one) => one.eq_ignore_ascii_case(wanted),
                None => asked.expects.is_empty() || asked.expects.iter().any(|one| one == wanted),
            };
            let python = (is("pypi") || is("conda")).then_some(Subject::Python);
            python.into_iter().chain(is("cargo").then_some(Subject::Cargo)).collect()
        }
        Target::Action { .. } => vec![Subject::Action],
        Target::Image { .. } => vec![Subject::Image],
        Target::Asset { .. } => vec![Subject::Asset],
        Target::Digest(_) | Target::Host(_) => vec![Subject::Text],
        Target::Advisory(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::READERS;

    #[test]
    fn readers_that_are_named_exist() {
        // Found beside the readers, by what they hold.
        const BESIDE: &[&str] = &["references", "model-card"];
        let known: Vec<&str> = READERS.iter().map(|reader| reader.id()).chain(BESIDE.iter().copied()).collect();
        for list in [COMMANDS, CARGO, ACTIONS, DEPLOYMENTS, NOT_PYTHON, NOT_ASSETS] {
            for id in list {
                assert!(known.contains(id), "no reader is called {id}: {known:?}");
            }
        }
    }

    #[test]
    fn a_file_hides_only_what_it_could_name() {
        for (asked, reader, may) in [
            ("action:acme/check", "requirements", false),
            ("action:acme/check", "github-workflow", true),
            ("pypi:litellm", "requirements", true),
            ("pypi:litellm", "dockerfile", true),
            ("pypi:litellm", "cargo-lock", false),
            ("crate:serde", "uv-lock", false),
            ("crate:serde", "cargo-lock", true),
            ("image:python", "dockerfile", true),
            ("image:python", "uv-lock", false),
            ("model:acme/model", "python-script", true),
            ("model:acme/model", "references", true),
            ("model:acme/model", "requirements", false),
            ("host:example.com", "requirements", true),
        ] {
            let asked_for = Asked::parse(asked).unwrap();
            let subjects: Vec<Subject> = asked_for.targets.iter().flat_map(|t| subjects(t, &asked_for)).collect();
            assert_eq!(subjects.iter().any(|subject| subject.is_said_by(reader)), may, "{asked} in {reader}");
        }
    }
}
