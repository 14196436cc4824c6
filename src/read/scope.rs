//! Ecosystems this version does not read, told by file name, so that a report can say how much of
//! a tree it did not look at.

use crate::source::RepoPath;

/// The ecosystem a file belongs to, if it is one that we know of and do not read.
#[must_use]
pub fn ecosystem(path: &RepoPath) -> Option<&'static str> {
    let name = path.name();
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "package.json" | "package-lock.json" | "yarn.lock" | "pnpm-lock.yaml" | "bun.lock" | "bun.lockb"
        | "deno.lock" => "npm",
        "go.mod" | "go.sum" => "Go",
        "flake.nix" | "flake.lock" | "default.nix" | "shell.nix" => "Nix",
        "gemfile" | "gemfile.lock" => "RubyGems",
        "pom.xml" | "build.gradle" | "build.gradle.kts" | "settings.gradle" | "gradle.lockfile" => "Maven",
        "composer.json" | "composer.lock" => "Packagist",
        "packages.lock.json" | "packages.config" | "directory.packages.props" => "NuGet",
        "package.swift" | "package.resolved" | "podfile" | "podfile.lock" => "Swift",
        "pubspec.yaml" | "pubspec.lock" => "Pub",
        "mix.exs" | "mix.lock" => "Hex",
        "conanfile.txt" | "conanfile.py" | "vcpkg.json" => "C and C++",
        "setup.py" => "Python",
        "meta.yaml" | "recipe.yaml" if is_recipe(path) => "Conda recipe",
        ".gitlab-ci.yml" | ".gitlab-ci.yaml" => "GitLab CI",
        "azure-pipelines.yml" | "azure-pipelines.yaml" => "Azure Pipelines",
        "jenkinsfile" => "Jenkins",
        ".pre-commit-config.yaml" => "pre-commit",
        "docker-compose.yml" | "docker-compose.yaml" | "compose.yml" | "compose.yaml" => "Compose",
        "chart.yaml" => "Helm",
        "module.bazel" | "workspace.bazel" | "workspace" if is_bazel(path) => "Bazel",
        _ if super::dockerfile::is_template(name) => "Dockerfile template",
        _ if lower.ends_with(".csproj") || lower.ends_with(".fsproj") => "NuGet",
        _ if lower.ends_with(".tf") => "Terraform",
        _ if lower.ends_with(".gemspec") => "RubyGems",
        _ if path.as_str() == ".circleci/config.yml" => "CircleCI",
        _ => return None,
    })
}

/// conda-build's and rattler-build's recipes are templates of YAML; other tools have a `meta.yaml` too.
fn is_recipe(path: &RepoPath) -> bool {
    let folder = path.parent().name().to_ascii_lowercase();
    folder.contains("conda") || folder.contains("recipe") || path.name() == "recipe.yaml"
}

fn is_bazel(path: &RepoPath) -> bool {
    // `WORKSPACE` in capitals is Bazel's; a folder's `workspace` file is anybody's.
    path.name() != "workspace"
}
