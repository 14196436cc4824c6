//! Managers whose packages need a version and nothing else: what one names is whole, or its registry holds it
//! by a digest. Extensions of programs are among them. Sources: the manual of each.

use crate::commands::Operand;
use crate::rules::build_steps::tools::Packages;

/// What to write where a version is missing.
const ADVICE: &[(&str, &str)] = &[
    ("choco", "name the version: choco install <package> --version <version>"),
    ("code", "name the version: --install-extension <publisher>.<name>@<version>"),
    ("corepack", "name the version with its hash: corepack prepare <manager>@<version>+sha512.<hash> --activate"),
    ("deno", "name the version, and keep a lock: <package>@<version>, deno install --frozen"),
    (
        "dotnet",
        "name the version: dotnet tool install <tool> --version <version>; or list it in .config/dotnet-tools.json, and run dotnet tool restore",
    ),
    ("gemini", "name the commit: gemini extensions install <address> --ref <commit>"),
    ("gh", "name the commit: gh extension install <owner>/<name> --pin <commit>"),
    ("helm", "name the version, and verify what it stands for: helm plugin install <address> --version <version>"),
    ("krew", "name a manifest kept in the tree, which holds the digest: kubectl krew install --manifest <file>"),
    ("mise", "name the version: mise use <tool>@<version>"),
    ("nix", "name the commit: github:<owner>/<name>/<commit>"),
    ("nuget", "name the version: nuget install <package> -Version <version>"),
    ("openclaw", "name the version: openclaw plugins install <plugin>@<version>"),
    ("powershell", "name the version: Install-Module <name> -RequiredVersion <version>"),
    ("scoop", "name the version: scoop install <package>@<version>"),
    ("winget", "name the version: winget install --id <package> --version <version>"),
];

/// Whether a manager is one of these.
pub(super) fn knows(manager: &str) -> bool {
    advice(manager).is_some()
}

/// What to write, by manager.
pub(super) fn advice(manager: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(name, _)| *name == manager).map(|(_, advice)| *advice)
}

/// Whether a manager is given addresses instead of names.
pub(super) fn takes_addresses(manager: &str) -> bool {
    matches!(manager, "deno" | "gemini" | "helm" | "nix")
}

/// Whether a package is left at what is newest.
pub(super) fn is_open(packages: &Packages<'_>, operand: &Operand) -> bool {
    let name = operand.text.as_str();
    let is_local = name.starts_with(['.', '/', '~', '-']) || name.contains('\\') || name.ends_with(".vsix");
    // What a variable or an expression names may carry its version.
    if !operand.known || is_local || name.contains(['$', '{', '%']) || name.is_empty() {
        return false;
    }
    let value = |names: &[&str]| packages.options.iter().find(|o| names.contains(&o.name.as_str())).map(|o| &o.value);
    let by_option = match packages.verb {
        _ if packages.has(&["--pin", "--manifest", "--manifest-url", "-RequiredVersion", "--ref", "--path"]) => true,
        // A file of packages, with versions or without.
        _ if name.ends_with(".config") => true,
        _ => value(&["--version", "-v", "-Version", "--revision"])
            .is_some_and(|v| v.as_deref().is_some_and(|v| !matches!(v, "latest" | "*" | ""))),
    };
    if by_option || packages.verb == "tool restore" || packages.verb == "restore" {
        return false;
    }
    if let Some(rest) = name.strip_prefix("github:").or_else(|| name.strip_prefix("git+https:")) {
        return !rest.split(['/', '?', '=', '#', '&']).any(is_commit);
    }
    // Those of a registry that the machine itself names, as `nixpkgs#hello` is.
    if name.starts_with("nixpkgs") || name.starts_with("flake:") {
        return true;
    }
    // The first sign belongs to the scope: `jsr:@scope/name@1.2.3`.
    let bare = name.rsplit_once("://").map_or(name, |(_, rest)| rest);
    let bare = bare.trim_start_matches("jsr:").trim_start_matches("npm:");
    let version = bare.get(1..).and_then(|rest| rest.split_once('@')).map_or("", |(_, version)| version);
    !version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}

fn is_commit(part: &str) -> bool {
    part.len() == 40 && part.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ActKind, facts};
    use crate::parse::Budget;
    use crate::parse::shell;

    #[test]
    fn versions_are_named_in_many_ways() {
        for (text, open) in [
            ("choco install protoc -y", true),
            ("choco install protoc -y --version=25.1", false),
            ("choco install packages.config", false),
            ("winget install --id Example.Tool -e", true),
            ("winget install --id Example.Tool --version 1.2.3", false),
            ("scoop install jq", true),
            ("scoop install jq@1.7", false),
            ("dotnet tool install -g example-tool", true),
            ("dotnet tool update -g example-tool --version 2.67.5", false),
            ("dotnet tool restore", false),
            ("Install-Module -Name Pester -Force", true),
            ("Install-Module Pester -RequiredVersion 5.5.0", false),
            ("gh extension install example/ext", true),
            ("gh extension install example/ext --pin v1.0", false),
            ("helm plugin install https://git.example.com/unittest", true),
            ("helm plugin install https://git.example.com/unittest --version v0.7.2", false),
            ("kubectl krew install evict-pod", true),
            ("openclaw plugins install @example/plugin", true),
            ("openclaw plugins install @example/plugin@1.2.3", false),
            ("openclaw plugins install ./plugin", false),
            ("gemini extensions install https://git.example.com/ext", true),
            ("gemini extensions install https://git.example.com/ext --ref 0123abc", false),
            ("code --install-extension example.tool", true),
            ("code --install-extension example.tool@1.2.3", false),
            ("corepack prepare pnpm@latest --activate", true),
            ("corepack prepare pnpm@9.1.0 --activate", false),
            ("deno run -A jsr:@example/tool", true),
            ("deno run -A jsr:@example/tool@1.2.3", false),
            ("deno run main.ts", false),
            ("nix run github:example/tool", true),
            ("nix run github:example/tool/0123456789abcdef0123456789abcdef01234567", false),
            ("nix run .#tool", false),
            ("mise use node@22.1.0", false),
            ("choco install $PACKAGES", false),
        ] {
            let acts = facts(&shell::parse(text, &mut Budget::default()));
            let found = acts.iter().any(|act| match &act.kind {
                ActKind::PackageInstall { manager, verb, names, options, .. } => {
                    let packages = Packages { verb, options };
                    knows(manager) && names.iter().any(|name| is_open(&packages, name))
                }
                _ => false,
            });
            assert_eq!(found, open, "{text}: {acts:?}");
        }
        assert!(ADVICE.is_sorted());
    }
}
