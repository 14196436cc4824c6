//! Programs and actions that run what lies in the folder they are started in, and the files by which it gives
//! them code. Sources: the manuals of the tools; the catalogue "Living off the pipeline" names many of them.

/// A program and the files that give it code.
#[derive(Debug)]
pub(crate) struct Tool {
    /// The program.
    pub(crate) name: &'static str,
    /// The files, the most usual first.
    pub(crate) files: &'static [&'static str],
}

const fn tool(name: &'static str, files: &'static [&'static str]) -> Tool {
    Tool { name, files }
}

const PACKAGE_JSON: &[&str] = &["package.json"];
const PYPROJECT: &[&str] = &["pyproject.toml", "setup.py"];
const GRADLE: &[&str] = &["build.gradle", "settings.gradle", "gradle/wrapper/gradle-wrapper.properties"];
const MAVEN: &[&str] = &["pom.xml", ".mvn/extensions.xml"];
const BAZEL: &[&str] = &["BUILD", "MODULE.bazel", ".bazelrc"];
const TERRAFORM: &[&str] = &["*.tf"];
const DOTNET: &[&str] = &["Directory.Build.props", "*.csproj"];
const COMPOSE: &[&str] = &["compose.yaml", "Dockerfile"];
const PRE_COMMIT: &[&str] = &[".pre-commit-config.yaml"];
const DOCKERFILE: &[&str] = &["Dockerfile"];
const CARGO: &[&str] = &["build.rs", ".cargo/config.toml", "Cargo.toml"];

/// Programs of the shell.
const TOOLS: &[Tool] = &[
    tool("make", &["Makefile"]),
    tool("gmake", &["Makefile"]),
    tool("just", &["justfile"]),
    tool("task", &["Taskfile.yml"]),
    tool("mage", &["magefile.go"]),
    tool("scons", &["SConstruct"]),
    tool("cmake", &["CMakeLists.txt"]),
    tool("ctest", &["CTestTestfile.cmake"]),
    tool("ninja", &["build.ninja"]),
    tool("meson", &["meson.build"]),
    tool("npm", PACKAGE_JSON),
    tool("npx", PACKAGE_JSON),
    tool("yarn", PACKAGE_JSON),
    tool("pnpm", &["package.json", ".pnpmfile.cjs"]),
    tool("bun", &["package.json", "bunfig.toml"]),
    tool("bunx", PACKAGE_JSON),
    tool("deno", &["deno.json"]),
    tool("node", &[]),
    tool("pytest", &["conftest.py"]),
    tool("tox", &["tox.ini"]),
    tool("nox", &["noxfile.py"]),
    tool("poetry", PYPROJECT),
    tool("pdm", PYPROJECT),
    tool("hatch", &["pyproject.toml", "hatch_build.py"]),
    tool("flit", PYPROJECT),
    tool("pyproject-build", PYPROJECT),
    tool("cibuildwheel", PYPROJECT),
    tool("pipenv", &["Pipfile"]),
    tool("pre-commit", PRE_COMMIT),
    tool("prek", PRE_COMMIT),
    tool("mypy", &["mypy.ini"]),
    tool("pylint", &[".pylintrc"]),
    tool("mkdocs", &["mkdocs.yml"]),
    tool("sphinx-build", &["conf.py"]),
    tool("ansible-playbook", &["ansible.cfg"]),
    tool("mvn", MAVEN),
    tool("mvnw", MAVEN),
    tool("gradle", GRADLE),
    tool("gradlew", GRADLE),
    tool("ant", &["build.xml"]),
    tool("sbt", &["build.sbt"]),
    tool("bazel", BAZEL),
    tool("bazelisk", BAZEL),
    tool("bundle", &["Gemfile"]),
    tool("rake", &["Rakefile"]),
    tool("rails", &["Rakefile"]),
    tool("rspec", &[".rspec"]),
    tool("rubocop", &[".rubocop.yml"]),
    tool("jekyll", &["_config.yml", "_plugins"]),
    tool("go", &["go.mod"]),
    tool("golangci-lint", &[".golangci.yml"]),
    tool("goreleaser", &[".goreleaser.yaml"]),
    tool("docker-compose", COMPOSE),
    tool("terraform", TERRAFORM),
    tool("tofu", TERRAFORM),
    tool("terragrunt", &["terragrunt.hcl"]),
    tool("tflint", &[".tflint.hcl"]),
    tool("checkov", &[".checkov.yml"]),
    tool("pulumi", &["Pulumi.yaml"]),
    tool("cdk", &["cdk.json"]),
    tool("mix", &["mix.exs"]),
    tool("composer", &["composer.json"]),
    tool("phpunit", &["phpunit.xml"]),
    tool("phpstan", &["phpstan.neon"]),
    tool("dotnet", DOTNET),
    tool("msbuild", DOTNET),
    tool("swift", &["Package.swift"]),
    tool("xcodebuild", &["project.pbxproj"]),
    tool("flutter", &["pubspec.yaml"]),
    tool("zig", &["build.zig"]),
    tool("stack", &["Setup.hs"]),
    tool("cabal", &["Setup.hs"]),
    tool("nix", &["flake.nix"]),
    tool("nix-build", &["default.nix"]),
    tool("earthly", &["Earthfile"]),
    tool("dagger", &["dagger.json"]),
    tool("act", &[".github/workflows"]),
    tool("gomplate", &[".gomplate.yaml"]),
    tool("sonar-scanner", &["sonar-project.properties"]),
    tool("vale", &[".vale.ini"]),
    tool("turbo", &["turbo.json"]),
    tool("nx", &["nx.json"]),
    tool("lerna", &["lerna.json"]),
    tool("vite", &["vite.config.js"]),
    tool("vitest", &["vitest.config.ts"]),
    tool("webpack", &["webpack.config.js"]),
    tool("eslint", &["eslint.config.js", ".eslintrc.js"]),
    tool("stylelint", &["stylelint.config.js"]),
    tool("prettier", &[".prettierrc.js"]),
    tool("jest", &["jest.config.js"]),
    tool("playwright", &["playwright.config.ts"]),
    tool("maturin", CARGO),
    tool("wrangler", &["wrangler.toml"]),
    tool("vercel", &["vercel.json"]),
    tool("netlify", &["netlify.toml"]),
];

/// Actions, in lower case.
const ACTIONS: &[Tool] = &[
    tool("docker/build-push-action", DOCKERFILE),
    tool("docker/bake-action", &["docker-bake.hcl", "Dockerfile"]),
    tool("pre-commit/action", PRE_COMMIT),
    tool("pre-commit-ci/lite-action", PRE_COMMIT),
    tool("golangci/golangci-lint-action", &[".golangci.yml"]),
    tool("goreleaser/goreleaser-action", &[".goreleaser.yaml"]),
    tool("pypa/cibuildwheel", PYPROJECT),
    tool("pyo3/maturin-action", CARGO),
    tool("actions-rs/cargo", CARGO),
    tool("actions-rs/clippy-check", CARGO),
    tool("hynek/build-and-inspect-python-package", PYPROJECT),
    tool("gradle/gradle-build-action", GRADLE),
    tool("cloudflare/wrangler-action", &["wrangler.toml"]),
    tool("codspeedhq/action", &[]),
    tool("release-plz/action", CARGO),
    tool("changesets/action", PACKAGE_JSON),
    tool("actions/jekyll-build-pages", &["_config.yml"]),
    tool("reviewdog/action-eslint", &["eslint.config.js"]),
    tool("reviewdog/action-rubocop", &[".rubocop.yml"]),
    tool("bridgecrewio/checkov-action", &[".checkov.yml"]),
    tool("oxsecurity/megalinter", &[".mega-linter.yml"]),
    tool("super-linter/super-linter", &[".github/linters"]),
    tool("devcontainers/ci", &[".devcontainer/devcontainer.json"]),
    tool("sonarsource/sonarqube-scan-action", &["sonar-project.properties"]),
    tool("mhausenblas/mkdocs-deploy-gh-pages", &["mkdocs.yml"]),
    tool("dflook/terraform-plan", TERRAFORM),
    tool("dflook/terraform-apply", TERRAFORM),
    tool("cypress-io/github-action", &["cypress.config.js"]),
    tool("wagoid/commitlint-github-action", &["commitlint.config.js"]),
];

/// The program of a name.
pub(crate) fn program(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// The action of a name in lower case.
pub(crate) fn action(name: &str) -> Option<&'static Tool> {
    ACTIONS.iter().find(|tool| tool.name == name)
}

/// What cargo takes code from.
pub(crate) const BY_CARGO: &[&str] = CARGO;
/// What an image's build takes code from.
pub(crate) const BY_DOCKER: &[&str] = DOCKERFILE;
/// What installers of Python take code from.
pub(crate) const BY_PYTHON: &[&str] = PYPROJECT;
/// What `docker compose` takes code from.
pub(crate) const BY_COMPOSE: &[&str] = COMPOSE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_and_actions_in_lower_case() {
        for list in [TOOLS, ACTIONS] {
            let mut names: Vec<_> = list.iter().map(|tool| tool.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair.first() != pair.last()), "{names:?}");
        }
        assert!(ACTIONS.iter().all(|tool| tool.name == tool.name.to_ascii_lowercase()));
        assert!(program("pytest").is_some_and(|tool| tool.files.contains(&"conftest.py")));
    }
}
