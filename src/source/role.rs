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

    /// Whether a broken file of this role may be set aside when nothing reaches it.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::Fixture | Self::Vendored)
    }

    /// The role a path suggests, before anything is known of what reaches it.
    #[must_use]
    pub fn of_path(path: &RepoPath) -> Self {
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
        role
    }
}

fn of_folder(name: &str) -> Role {
    match name {
        "vendor" | "vendored" | "third_party" | "third-party" | "thirdparty" | "external" | "node_modules"
        | ".venv" | "venv" | "site-packages" | "_vendor" => Role::Vendored,
        "fixtures" | "fixture" | "testdata" | "test_data" | "test-data" | "test-fixtures" | "test_fixtures"
        | "__fixtures__" | "snapshots" | "__snapshots__" | "corpus" | "templates" | "template" | "test-crates"
        | "cookiecutter" | "skeleton" | "resources-test" => Role::Fixture,
        "examples" | "example" | "samples" | "sample" | "demo" | "demos" | "cookbook" | "notebooks" | "tutorials"
        | "tutorial" => Role::Example,
        "tests" | "test" | "__tests__" | "testing" | "e2e" | "integration-tests" | "integration_tests" | "fuzz"
        | "benches" | "bench" | "benchmark" | "benchmarks" => Role::Test,
        "docs" | "doc" | "documentation" | "website" | "book" => Role::Documentation,
        "xtask" | "tools" | "dev" | "devtools" | "scripts" | ".devcontainer" | ".vscode" => Role::Development,
        "ci" | ".ci" | ".github" | ".gitlab" | ".circleci" => Role::Ci,
        _ => Role::Product,
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
        ] {
            assert_eq!(Role::of_path(&RepoPath::new(path).unwrap()), role, "{path}");
        }
    }
}
