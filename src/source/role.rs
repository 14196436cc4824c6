//! What a file is for. Roles rank findings; a path alone never excuses what a root reaches.

use serde::{Deserialize, Serialize};

use super::RepoPath;

/// What part a file plays, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Ships, or decides what ships.
    Product,
    /// Runs in continuous integration.
    Ci,
    /// Runs on developers' machines.
    Development,
    /// Documentation and its tooling.
    Documentation,
    /// Tests and benchmarks.
    Test,
    /// Examples for readers.
    Example,
    /// Test data, or a template that becomes a file somewhere else.
    Fixture,
    /// A copy of somebody else's tree.
    Vendored,
}

/// Files that only the machines of those who work on the tree read, wherever they lie.
const OF_DEVELOPERS: &[&str] = &[
    ".clinerules",
    ".cursorrules",
    ".devcontainer.json",
    ".mcp.json",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    ".windsurfrules",
    "AGENTS.md",
    "CLAUDE.local.md",
    "CLAUDE.md",
    "CODEOWNERS",
    "GEMINI.md",
    "SKILL.md",
    "devcontainer.json",
    "opencode.json",
    "opencode.jsonc",
];

impl Role {
    /// The role as the JSON spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Ci => "ci",
            Self::Development => "development",
            Self::Documentation => "documentation",
            Self::Test => "test",
            Self::Example => "example",
            Self::Fixture => "fixture",
            Self::Vendored => "vendored",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        let all = [
            Self::Product,
            Self::Ci,
            Self::Development,
            Self::Documentation,
            Self::Test,
            Self::Example,
            Self::Fixture,
            Self::Vendored,
        ];
        all.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether a broken file of this role may be set aside when nothing reaches it.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::Fixture | Self::Vendored)
    }

    /// The role a path suggests, before anything is known of what reaches it.
    #[must_use]
    pub fn of_path(path: &RepoPath) -> Self {
        Self::of_parts(path, of_folder)
    }

    /// The role of a file that describes a pipeline: what its service knows as templates are parts of it, and
    /// not files that become others somewhere else.
    #[must_use]
    pub fn of_pipeline(path: &RepoPath) -> Self {
        let of_part = |name: &str| if matches!(name, "templates" | "template") { Self::Ci } else { of_folder(name) };
        Self::of_parts(path, of_part).max(Self::Ci)
    }

    fn of_parts(path: &RepoPath, of_folder: fn(&str) -> Self) -> Self {
        let in_workflows = path.as_str().strip_prefix(".github/").is_some();
        if in_workflows {
            return Self::Ci;
        }
        let mut role = Self::Product;
        for part in path.parent().parts() {
            let found = of_folder(&part.to_ascii_lowercase());
            role = role.max(found);
        }
        if path.as_str().contains("{{") {
            return role.max(Self::Fixture);
        }
        if OF_DEVELOPERS.contains(&path.name()) { role.max(Self::Development) } else { role }
    }

    /// The role of a package by the path of its manifest. Tools that are kept from publishing serve
    /// those who work on the tree; tools that crates.io would take are a product of their own.
    #[must_use]
    pub fn of_package(manifest: &RepoPath, unpublished: bool, complete: bool) -> Self {
        if !unpublished && complete {
            return Self::of_parts(manifest, |name| if name == "tools" { Self::Product } else { of_folder(name) });
        }
        let is_inner = unpublished && manifest.parent().parts().any(|part| is_inner(&plain(part)));
        let role = Self::of_path(manifest);
        if is_inner { role.max(Self::Development) } else { role }
    }
}

/// A folder's name in one spelling.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

fn is_inner(name: &str) -> bool {
    name == "internal" || name.starts_with("internal-") || name.ends_with("-tools")
}

fn of_folder(name: &str) -> Role {
    match name {
        "vendor" | "vendored" | "third_party" | "third-party" | "thirdparty" | "external" | "node_modules"
        | ".venv" | "venv" | "site-packages" | "_vendor" => Role::Vendored,
        "fixtures" | "fixture" | "testdata" | "test_data" | "test-data" | "test-fixtures" | "test_fixtures"
        | "__fixtures__" | "snapshots" | "__snapshots__" | "corpus" | "templates" | "template" | "test-crates"
        | "cookiecutter" | "skeleton" | "resources-test" => Role::Fixture,
        "examples" | "example" | "samples" | "sample" | "demo" | "demos" | "cookbook" | "notebooks" | "tutorials"
        | "tutorial" | "recipes" => Role::Example,
        "tests" | "test" | "__tests__" | "testing" | "e2e" | "integration-tests" | "integration_tests" | "fuzz"
        | "benches" | "bench" | "benchmark" | "benchmarks" | "qa" => Role::Test,
        "docs" | "doc" | "documentation" | "website" | "book" => Role::Documentation,
        "xtask" | "tools" | "dev" | "devtools" | "scripts" | ".devcontainer" | ".vscode" => Role::Development,
        ".agents" | ".amazonq" | ".claude" | ".clinerules" | ".codex" | ".cursor" | ".gemini" | ".kiro" | ".roo"
        | ".windsurf" => Role::Development,
        "ci" | ".ci" | ".github" | ".gitlab" | ".circleci" | ".buildkite" => Role::Ci,
        _ => of_affix(&plain(name)),
    }
}

/// `tests-integration`, `wasm-examples`: names that say what is in the folder besides whose it is.
fn of_affix(name: &str) -> Role {
    match () {
        () if name.starts_with("tests-") || name.starts_with("test-") || name.ends_with("-tests") => Role::Test,
        () if ["examples-", "sample-", "samples-"].iter().any(|s| name.starts_with(s)) => Role::Example,
        () if ["-examples", "-samples", "-tutorials"].iter().any(|s| name.ends_with(s)) => Role::Example,
        () => Role::Product,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_suggest_roles() {
        for (path, role) in [
            ("Cargo.lock", Role::Product),
            (".github/workflows/ci.yml", Role::Ci),
            ("crates/x/tests/fixtures/a/Cargo.lock", Role::Fixture),
            ("examples/a/Cargo.toml", Role::Example),
            ("vendor/serde/Cargo.toml", Role::Vendored),
            ("{{cookiecutter.name}}/.github/workflows/a.yml", Role::Fixture),
            ("xtask/Cargo.toml", Role::Development),
            ("tests-integration/Cargo.toml", Role::Test),
            ("integration-tests/Cargo.toml", Role::Test),
            ("crates/parser_integration_tests/Cargo.toml", Role::Test),
            ("test-helpers/Cargo.toml", Role::Test),
            ("wasm-examples/bert/Cargo.toml", Role::Example),
            ("examples-wasm/Cargo.toml", Role::Example),
            ("sample_apps/movies/pyproject.toml", Role::Example),
            ("oss_tutorials/vision/pyproject.toml", Role::Example),
            ("sampler/pyproject.toml", Role::Product),
            ("latest/Cargo.toml", Role::Product),
            (".mcp.json", Role::Development),
            (".claude/hooks/start.sh", Role::Development),
            ("examples/a/AGENTS.md", Role::Example),
            ("internal-tools/compare/Cargo.toml", Role::Product),
        ] {
            assert_eq!(Role::of_path(&RepoPath::new(path).unwrap()), role, "{path}");
        }
    }

    #[test]
    fn pipelines_run_in_ci_and_their_templates_are_parts_of_them() {
        for (path, role) in [
            (".gitlab-ci.yml", Role::Ci),
            ("eng/pipelines/templates/steps/build.yml", Role::Ci),
            ("templates/build.yml", Role::Ci),
            ("tests/.gitlab-ci.yml", Role::Test),
            ("vendor/x/.gitlab-ci.yml", Role::Vendored),
        ] {
            assert_eq!(Role::of_pipeline(&RepoPath::new(path).unwrap()), role, "{path}");
        }
    }

    #[test]
    fn inner_tools_are_for_development_unless_published() {
        for (path, unpublished, complete, role) in [
            ("internal-tools/compare/Cargo.toml", true, true, Role::Development),
            ("internal-tools/compare/Cargo.toml", false, true, Role::Product),
            ("tools/release/Cargo.toml", true, true, Role::Development),
            ("tools/release/Cargo.toml", false, true, Role::Product),
            ("tools/release/Cargo.toml", false, false, Role::Development),
            ("internal-tools/compare/Cargo.toml", false, false, Role::Product),
            ("tests/tools/Cargo.toml", false, true, Role::Test),
            ("xtask/Cargo.toml", false, true, Role::Development),
            ("build-tools/Cargo.toml", true, true, Role::Development),
            ("internal-tests/Cargo.toml", true, true, Role::Test),
            ("server/Cargo.toml", true, true, Role::Product),
        ] {
            assert_eq!(Role::of_package(&RepoPath::new(path).unwrap(), unpublished, complete), role, "{path}");
        }
    }
}
