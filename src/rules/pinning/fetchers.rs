//! Actions that fetch a tool, and which version they fetch where nothing is asked for.

/// What is fetched where the input is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    /// Whatever is newest.
    Newest,
    /// The newest of a range.
    Range(&'static str),
    /// One version that comes with the action, or none at all.
    Fixed,
}

/// An action that fetches a tool.
#[derive(Debug)]
pub(super) struct Fetcher {
    /// `owner/repo[/path]`, lower case.
    pub(super) action: &'static str,
    /// What it fetches.
    pub(super) tool: &'static str,
    /// The input that takes a version.
    pub(super) input: &'static str,
    /// Without it.
    pub(super) default: Default,
    /// Inputs that name a file with the version, or hand over a file instead.
    pub(super) elsewhere: &'static [&'static str],
    /// The action checks its publisher's signature of what it fetches.
    pub(super) signed: bool,
    /// A file at the root that may hold the version, and the word in it that says so.
    pub(super) read: Option<(&'static str, &'static str)>,
}

const fn newest(action: &'static str, tool: &'static str, input: &'static str) -> Fetcher {
    Fetcher { action, tool, input, default: Default::Newest, elsewhere: &[], signed: false, read: None }
}

const fn fixed(action: &'static str, tool: &'static str, input: &'static str) -> Fetcher {
    Fetcher { default: Default::Fixed, ..newest(action, tool, input) }
}

/// Sorted by action. Source: `action.yml` and README of each, November 2026. What is left out: actions that carry
/// digests of the versions they know, as `taiki-e/install-action` does, so that their commit pins the tool.
pub(super) const FETCHERS: &[Fetcher] = &[
    newest("1password/load-secrets-action", "1Password's CLI", "version"),
    fixed("abatilo/actions-poetry", "Poetry", "poetry-version"),
    fixed("anchore/scan-action", "Grype", "grype-version"),
    newest("aquasecurity/setup-trivy", "Trivy", "version"),
    fixed("aquasecurity/trivy-action", "Trivy", "version"),
    Fetcher { default: Default::Range("26.x"), ..newest("arduino/setup-protoc", "protoc", "version") },
    Fetcher { default: Default::Range("2.x"), ..newest("arduino/setup-task", "Task", "version") },
    Fetcher {
        elsewhere: &["version-file"],
        read: Some(("pyproject.toml", "ruff")),
        ..newest("astral-sh/ruff-action", "Ruff", "version")
    },
    Fetcher {
        elsewhere: &["version-file"],
        read: Some(("pyproject.toml", "required-version")),
        ..newest("astral-sh/setup-uv", "uv", "version")
    },
    newest("aws-actions/setup-sam", "the SAM CLI", "version"),
    Fetcher { elsewhere: &["version-file"], ..newest("azure/setup-helm", "Helm", "version") },
    newest("azure/setup-kubectl", "kubectl", "version"),
    newest("baptiste0928/cargo-install", "the crate", "version"),
    Fetcher { elsewhere: &["checksum"], ..newest("bufbuild/buf-action", "buf", "version") },
    fixed("bufbuild/buf-setup-action", "buf", "version"),
    Fetcher { elsewhere: &["binary"], signed: true, ..newest("codecov/codecov-action", "Codecov's CLI", "version") },
    Fetcher {
        default: Default::Range("2.x"),
        elsewhere: &["deno-version-file"],
        ..newest("denoland/setup-deno", "Deno", "deno-version")
    },
    newest("depot/setup-action", "Depot's CLI", "version"),
    fixed("docker/setup-buildx-action", "buildx", "version"),
    newest("docker/setup-docker-action", "Docker", "version"),
    fixed("eifinger/setup-rye", "Rye", "version"),
    newest("extractions/setup-crate", "the crate", "version"),
    newest("extractions/setup-just", "just", "just-version"),
    fixed("foundry-rs/foundry-toolchain", "Foundry", "version"),
    Fetcher { elsewhere: &["version-file"], ..newest("golangci/golangci-lint-action", "golangci-lint", "version") },
    Fetcher { elsewhere: &["skip_install"], ..newest("google-github-actions/setup-gcloud", "gcloud", "version") },
    Fetcher {
        default: Default::Range("~> v2"),
        elsewhere: &["version-file"],
        ..newest("goreleaser/goreleaser-action", "GoReleaser", "version")
    },
    Fetcher {
        elsewhere: &["terraform_version_file"],
        ..newest("hashicorp/setup-terraform", "Terraform", "terraform_version")
    },
    fixed("helm/chart-testing-action", "chart-testing", "version"),
    fixed("helm/kind-action", "kind", "version"),
    newest("jakebailey/pyright-action", "Pyright", "version"),
    // Without a version it takes the newest that has been out for a day.
    fixed("jdx/mise-action", "mise", "version"),
    newest("jetli/wasm-pack-action", "wasm-pack", "version"),
    newest("ko-build/setup-ko", "ko", "version"),
    fixed("lycheeverse/lychee-action", "lychee", "lycheeversion"),
    Fetcher {
        elsewhere: &["micromamba-url", "download-micromamba"],
        ..newest("mamba-org/setup-micromamba", "micromamba", "micromamba-version")
    },
    newest("medyagh/setup-minikube", "minikube", "minikube-version"),
    Fetcher { read: Some(("build.zig.zon", "minimum_zig_version")), ..newest("mlugg/setup-zig", "Zig", "version") },
    newest("mymindstorm/setup-emsdk", "Emscripten", "version"),
    Fetcher { elsewhere: &["tofu_version_file"], ..newest("opentofu/setup-opentofu", "OpenTofu", "tofu_version") },
    Fetcher {
        elsewhere: &["bun-version-file", "bun-download-url"],
        read: Some(("package.json", "bun@")),
        ..newest("oven-sh/setup-bun", "Bun", "bun-version")
    },
    newest("pdm-project/setup-pdm", "PDM", "version"),
    newest("peaceiris/actions-mdbook", "mdBook", "mdbook-version"),
    fixed("pnpm/action-setup", "pnpm", "version"),
    Fetcher { elsewhere: &["pixi-url"], ..newest("prefix-dev/setup-pixi", "pixi", "pixi-version") },
    newest("pyo3/maturin-action", "maturin", "maturin-version"),
    newest("reviewdog/action-setup", "reviewdog", "reviewdog_version"),
    newest("rui314/setup-mold", "mold", "mold-version"),
    fixed("sigstore/cosign-installer", "cosign", "cosign-release"),
    newest("snok/install-poetry", "Poetry", "version"),
    fixed("supabase/setup-cli", "Supabase's CLI", "version"),
    newest("superfly/flyctl-actions/setup-flyctl", "flyctl", "version"),
    Fetcher { elsewhere: &["checksums"], ..newest("terraform-linters/setup-tflint", "TFLint", "tflint_version") },
];

/// Words for whatever is newest.
const MOVING: &[&str] = &[
    "*",
    "canary",
    "edge",
    "head",
    "latest",
    "latest-release",
    "lts",
    "main",
    "master",
    "nightly",
    "stable",
    "tip",
    "x",
];

/// Whether a version that is asked for is whatever is newest, or the newest of a range.
pub(super) fn moves(version: &str) -> bool {
    let version = version.trim().to_ascii_lowercase();
    MOVING.contains(&version.as_str())
        || version.starts_with(['^', '~', '>', '<', '*'])
        || version.ends_with(".x")
        || version.ends_with(".*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_lower_case() {
        let names: Vec<&str> = FETCHERS.iter().map(|f| f.action).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|n| *n == n.to_ascii_lowercase()));
        assert!(MOVING.is_sorted());
    }

    #[test]
    fn versions_move_or_stand() {
        for (version, moving) in [
            ("latest", true),
            ("Latest", true),
            ("~> v2", true),
            (">=1.0", true),
            ("26.x", true),
            ("1.2.*", true),
            ("v1.2.3", false),
            ("0.5", false),
            ("9", false),
        ] {
            assert_eq!(moves(version), moving, "{version}");
        }
    }
}
