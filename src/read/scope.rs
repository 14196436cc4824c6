//! Ecosystems this version does not read, told by file name, so that a report can say how much of
//! a tree it did not look at.

use crate::parse::Budget;
use crate::parse::json;
use crate::source::RepoPath;

/// The ecosystem a file belongs to, if it is one that we know of and do not read.
#[must_use]
pub fn ecosystem(path: &RepoPath) -> Option<&'static str> {
    let name = path.name();
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "package.json"
        | "package-lock.json"
        | "npm-shrinkwrap.json"
        | "yarn.lock"
        | "pnpm-lock.yaml"
        | "bun.lock"
        | "bun.lockb"
        | "deno.json"
        | "deno.lock" => "npm",
        "go.mod" | "go.sum" | "go.work" => "Go",
        "flake.nix" | "flake.lock" | "default.nix" | "shell.nix" => "Nix",
        "gemfile" | "gemfile.lock" | "gems.rb" | "gems.locked" => "RubyGems",
        "pom.xml"
        | "build.gradle"
        | "build.gradle.kts"
        | "settings.gradle"
        | "settings.gradle.kts"
        | "gradle.lockfile"
        | "libs.versions.toml"
        | "build.sbt" => "Maven",
        "composer.json" | "composer.lock" => "Packagist",
        "packages.lock.json" | "packages.config" | "directory.packages.props" => "NuGet",
        "package.swift" | "package.resolved" | "podfile" | "podfile.lock" | "cartfile.resolved" => "Swift",
        "pubspec.yaml" | "pubspec.lock" => "Pub",
        "mix.exs" | "mix.lock" => "Hex",
        "conanfile.txt" | "conanfile.py" | "conan.lock" | "vcpkg.json" => "C and C++",
        "stack.yaml" | "stack.yaml.lock" | "cabal.project.freeze" => "Haskell",
        "renv.lock" => "R",
        "manifest.toml" | "juliamanifest.toml" if name.starts_with(['M', 'J']) => "Julia",
        "cpanfile" | "cpanfile.snapshot" => "Perl",
        "spack.yaml" | "spack.lock" => "Spack",
        ".tool-versions" | "mise.toml" | ".mise.toml" => "mise",
        "hatch.toml" => "Hatch",
        "meta.yaml" | "recipe.yaml" if is_recipe(path) => "Conda recipe",
        "jenkinsfile" => "Jenkins",
        ".travis.yml" => "Travis CI",
        "cloudbuild.yml" | "cloudbuild.yaml" => "Cloud Build",
        ".readthedocs.yml" | ".readthedocs.yaml" => "Read the Docs",
        "chart.yaml" | "chart.lock" => "Helm",
        ".terraform.lock.hcl" => "Terraform",
        "module.bazel" | "workspace.bazel" | "workspace" if is_bazel(path) => "Bazel",
        _ if super::dockerfile::is_template(name) => "Dockerfile template",
        _ if lower.ends_with(".csproj") || lower.ends_with(".fsproj") => "NuGet",
        _ if lower.ends_with(".nuspec") || lower.ends_with(".vbproj") => "NuGet",
        _ if lower.ends_with(".tf") => "Terraform",
        _ if lower.ends_with(".egg") => "Python egg",
        _ if lower.ends_with(".json") && path.parent().name() == "conda-meta" => "Installed conda environment",
        _ if is_compose(&lower) => "Compose",
        _ if (lower.ends_with(".yml") || lower.ends_with(".yaml")) && path.parent().name() == ".buildkite" => {
            "Buildkite"
        }
        _ if lower.ends_with(".gemspec") => "RubyGems",
        _ if path.as_str() == ".circleci/config.yml" => "CircleCI",
        _ => return None,
    })
}

/// What a `package.json` calls its package.
#[must_use]
pub fn name_of_manifest(text: &str) -> Option<String> {
    let root = json::parse(text, &mut Budget::default()).root?;
    root.get("name").and_then(json::Value::as_str).map(str::to_owned).filter(|name| !name.trim().is_empty())
}

/// `docker-compose.yml`, `compose.gpu.yaml`, `docker-compose-dev.yml`: a file for the base, one for each way
/// to run it.
fn is_compose(lower: &str) -> bool {
    let Some(stem) = lower.strip_suffix(".yml").or_else(|| lower.strip_suffix(".yaml")) else { return false };
    let rest = stem.strip_prefix("docker-compose").or_else(|| stem.strip_prefix("compose"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecosystems_are_told_by_file_names() {
        for (path, wanted) in [
            ("docker-compose.yml", Some("Compose")),
            ("deploy/docker-compose-dev.yaml", Some("Compose")),
            ("compose.gpu.yaml", Some("Compose")),
            ("composer.yaml", None),
            ("Manifest.toml", Some("Julia")),
            ("manifest.toml", None),
            ("env/conda-meta/python-3.12.3-hab00c5b_0.json", Some("Installed conda environment")),
            ("charts/app/Chart.lock", Some("Helm")),
            (".buildkite/pipeline.yml", Some("Buildkite")),
            ("pipeline.yml", None),
            ("hatch.toml", Some("Hatch")),
            ("workspace", None),
        ] {
            assert_eq!(ecosystem(&RepoPath::new(path).unwrap()), wanted, "{path}");
        }
    }
}
