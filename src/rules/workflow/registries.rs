//! Registries that trust a workflow's own identity, and how a job hands them a stored token instead.

use crate::graph::indexes;

/// A registry that lets a workflow publish by its identity.
#[derive(Debug)]
pub(super) struct Registry {
    /// Its name, as [`indexes::is_upload_of`] knows it.
    pub(super) name: &'static str,
    /// Fixed names of the commands that publish to it.
    commands: &'static [&'static str],
    /// Variables that hold its token.
    pub(super) variables: &'static [&'static str],
    /// Variables that say where to publish to.
    pub(super) addresses: &'static [&'static str],
    /// Options of the commands that do.
    options: &'static [&'static str],
    /// Words in the names of secrets for it, upper case.
    words: &'static [&'static str],
    /// What to do instead.
    pub(super) instead: &'static str,
}

/// Source: each registry's documentation of trusted publishing; the manual of each command.
pub(super) const REGISTRIES: &[Registry] = &[
    Registry {
        name: "PyPI",
        commands: &[
            "twine upload",
            "uv publish",
            "poetry publish",
            "pdm publish",
            "hatch publish",
            "flit publish",
            "maturin publish",
            "maturin upload",
        ],
        variables: &[
            "TWINE_PASSWORD",
            "UV_PUBLISH_TOKEN",
            "UV_PUBLISH_PASSWORD",
            "POETRY_PYPI_TOKEN_PYPI",
            "POETRY_HTTP_BASIC_PYPI_PASSWORD",
            "PDM_PUBLISH_PASSWORD",
            "HATCH_INDEX_AUTH",
            "FLIT_PASSWORD",
            "MATURIN_PYPI_TOKEN",
            "MATURIN_PASSWORD",
            "PYPI_TOKEN",
            "PYPI_API_TOKEN",
        ],
        addresses: &[
            "TWINE_REPOSITORY_URL",
            "TWINE_REPOSITORY",
            "UV_PUBLISH_URL",
            "UV_PUBLISH_INDEX",
            "HATCH_INDEX_REPO",
            "PDM_PUBLISH_REPO",
            "MATURIN_REPOSITORY_URL",
            "MATURIN_REPOSITORY",
            "FLIT_INDEX_URL",
        ],
        options: &["--repository-url", "--repository", "-r", "--publish-url", "--index", "--repo"],
        words: &["PYPI", "TWINE"],
        instead: "let PyPI trust this workflow, give the job id-token: write, and publish by \
                  pypa/gh-action-pypi-publish without a password or by uv publish",
    },
    Registry {
        name: "crates.io",
        commands: &["cargo publish", "cargo release"],
        variables: &["CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_CRATES_IO_TOKEN", "CRATES_TOKEN", "CARGO_TOKEN"],
        addresses: &["CARGO_REGISTRY_DEFAULT"],
        options: &["--registry", "--index"],
        words: &["CRATES", "CARGO"],
        instead: "let crates.io trust this workflow, give the job id-token: write, and take the token from \
                  rust-lang/crates-io-auth-action",
    },
    Registry {
        name: "npm",
        commands: &["npm publish", "pnpm publish", "yarn publish", "bun publish"],
        variables: &["NODE_AUTH_TOKEN", "NPM_TOKEN", "NPM_AUTH_TOKEN", "YARN_NPM_AUTH_TOKEN", "NPM_CONFIG_TOKEN"],
        addresses: &["NPM_CONFIG_REGISTRY", "YARN_NPM_PUBLISH_REGISTRY"],
        options: &["--registry"],
        words: &["NPM", "NODE_AUTH"],
        instead: "let npm trust this workflow, give the job id-token: write, and publish by npm 11.5.1 or newer \
                  without a token",
    },
    Registry {
        name: "RubyGems",
        commands: &["gem push"],
        variables: &["GEM_HOST_API_KEY", "RUBYGEMS_API_KEY", "RUBYGEMS_AUTH_TOKEN"],
        addresses: &["RUBYGEMS_HOST"],
        options: &["--host"],
        words: &["GEM"],
        instead: "let RubyGems trust this workflow, give the job id-token: write, and take the credentials from \
                  rubygems/configure-rubygems-credentials",
    },
    Registry {
        name: "NuGet",
        commands: &["nuget push"],
        variables: &["NUGET_API_KEY", "NUGET_TOKEN", "NUGET_AUTH_TOKEN"],
        addresses: &[],
        options: &["--source", "-s", "-Source", "-src"],
        words: &["NUGET"],
        instead: "let NuGet trust this workflow, give the job id-token: write, and take a short-lived key from \
                  NuGet/login",
    },
];

/// Actions that publish, with the registry and the input that takes the token; the input is empty where only a
/// variable does. Lower case.
pub(super) const ACTIONS: &[(&str, &str, &str)] = &[
    ("changesets/action", "npm", ""),
    ("cycjimmy/semantic-release-action", "npm", ""),
    ("js-devtools/npm-publish", "npm", "token"),
    ("katyo/publish-crates", "crates.io", "registry-token"),
    ("marcoieni/release-plz-action", "crates.io", ""),
    ("pyo3/maturin-action", "PyPI", ""),
    ("pypa/gh-action-pypi-publish", "PyPI", "password"),
    ("release-plz/action", "crates.io", ""),
    ("rubygems/configure-rubygems-credentials", "RubyGems", "api-token"),
];

/// Inputs by which such actions are sent elsewhere.
pub(super) const ADDRESS_INPUTS: &[&str] =
    &["repository-url", "repository_url", "registry", "registry-url", "gem-server"];

/// The registry of a name.
pub(super) fn named(name: &str) -> Option<&'static Registry> {
    REGISTRIES.iter().find(|r| r.name == name)
}

impl Registry {
    /// The registry that a command publishes to, unless it is told otherwise.
    pub(super) fn of(command: &str) -> Option<&'static Self> {
        REGISTRIES.iter().find(|r| r.commands.contains(&command))
    }

    /// Whether a secret is named after it.
    pub(super) fn owns(&self, secret: &str) -> bool {
        let secret = secret.to_ascii_uppercase();
        self.words.iter().any(|word| secret.contains(word))
    }

    /// Whether the words of a command send it elsewhere.
    pub(super) fn is_elsewhere(&self, words: &[&str]) -> bool {
        words.iter().enumerate().any(|(at, word)| {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (*word, words.get(at + 1).copied()),
            };
            self.options.contains(&name) && value.is_some_and(|v| !self.takes(v))
        })
    }

    /// Whether an address is one of its own. What is known only when it runs may be.
    pub(super) fn takes(&self, address: &str) -> bool {
        address.contains('$') || indexes::is_upload_of(self.name, address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_to_their_registry_or_elsewhere() {
        for (command, words, registry, elsewhere) in [
            ("twine upload", vec!["upload", "dist/*"], "PyPI", false),
            ("twine upload", vec!["upload", "-r", "testpypi", "dist/*"], "PyPI", false),
            ("twine upload", vec!["upload", "--repository-url=https://pypi.example.com/", "x"], "PyPI", true),
            ("cargo publish", vec!["publish", "--registry", "internal"], "crates.io", true),
            ("npm publish", vec!["publish", "--registry", "https://npm.example.com"], "npm", true),
            ("nuget push", vec!["push", "x", "-s", "https://nuget.example.com/index.json"], "NuGet", true),
        ] {
            let found = Registry::of(command).unwrap();
            assert_eq!((found.name, found.is_elsewhere(&words)), (registry, elsewhere), "{words:?}");
        }
        assert!(Registry::of("git push").is_none());
        assert!(ACTIONS.is_sorted());
        assert!(ACTIONS.iter().all(|(_, registry, _)| named(registry).is_some()));
        assert!(named("PyPI").unwrap().owns("MY_PYPI_TOKEN"));
    }
}
