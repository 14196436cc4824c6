//! Which commands hold to a lock and which do not, by manager. Sources: the manual of each.

use std::ops::Range;

use crate::commands::{Act, ActKind, Opt};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;

/// What becomes of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// It is written anew where it does not fit.
    MayChange,
    /// It is written anew in any case.
    Renews,
    /// There is none.
    None,
}

/// A command that does not hold to a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loose {
    pub(super) manager: &'static str,
    /// The command, in its shortest form.
    pub(super) shown: String,
    pub(super) how: How,
    /// The command that holds to the lock.
    pub(super) instead: String,
    /// The words that say so.
    pub(super) range: Range<usize>,
    /// What would be written in place of which bytes of the script.
    pub(super) edit: Option<(Range<usize>, String)>,
    /// The project's folder, where the command names it.
    pub(super) folder: Option<String>,
}

/// Subcommands of cargo whose outcome is put out or kept.
const BUILDS: &[&str] = &["build", "b", "rustc", "publish", "package", "zigbuild", "deb", "generate-rpm"];

/// Options of npm that `npm ci` takes as well.
const SHARED: &[&str] = &[
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--omit",
    "--omit=dev",
    "--include",
    "--prefix",
    "--legacy-peer-deps",
    "--loglevel",
    "--silent",
    "--quiet",
    "--verbose",
    "--progress",
    "--no-progress",
    "--workspaces",
    "-w",
    "--workspace",
    "--cache",
    "--registry",
    "--audit",
    "--fund",
    "--no-optional",
    "-q",
];

/// The manager whose lock a command holds to, so that the job ends where it does not fit.
pub(super) fn holds(act: &ActKind) -> Option<&'static str> {
    match act {
        ActKind::CargoBuild { locked: true, .. } => Some("cargo"),
        ActKind::CargoInstall { locked: true, path: Some(_), .. } => Some("cargo"),
        ActKind::PackageInstall { manager, verb, options, .. } => {
            let has = |names: &[&str]| options.iter().any(|o| names.contains(&o.name.as_str()));
            match (manager.as_str(), verb.as_str()) {
                ("npm", "ci") => Some("npm"),
                ("uv", "sync" | "run") if has(&["--locked"]) => Some("uv"),
                ("yarn", _) if has(&["--immutable", "--frozen-lockfile"]) => Some("yarn"),
                ("pnpm", _) if has(&["--frozen-lockfile"]) => Some("pnpm"),
                ("pixi", _) if has(&["--locked"]) => Some("pixi"),
                ("bun", "ci") => Some("bun"),
                ("bun", _) if has(&["--frozen-lockfile"]) => Some("bun"),
                ("pipenv", _) if has(&["--deploy"]) => Some("pipenv"),
                ("dotnet", _) if has(&["--locked-mode"]) => Some("dotnet"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What an act does to the lock of a project. `is_set` tells whether one of some variables is set around it.
pub(super) fn of(
    script: &Script,
    act: &Act,
    is_set: &dyn Fn(&[&str]) -> bool,
    is_off_runner: bool,
    is_berry: bool,
) -> Option<Loose> {
    // Most acts are none of these.
    if !matches!(
        act.kind,
        ActKind::CargoBuild { locked: false, .. }
            | ActKind::CargoInstall { locked: false, path: Some(_), .. }
            | ActKind::PackageInstall { .. }
    ) {
        return None;
    }
    let command = script.program.commands.get(act.command)?;
    let call = Invocation::of(&script.program, command)?;
    match &act.kind {
        ActKind::CargoBuild { subcommand, locked: false } => of_cargo(subcommand, &call),
        ActKind::CargoInstall { locked: false, path: Some(path), .. } => {
            let range = word(&call, "install")?;
            Some(Loose {
                manager: "cargo",
                shown: "cargo install --path".into(),
                how: How::MayChange,
                instead: "cargo install --locked --path".into(),
                edit: Some((range.end..range.end, " --locked".into())),
                range,
                folder: Some(path.clone()),
            })
        }
        ActKind::PackageInstall { manager, verb, names, files, options } => {
            let nothing_named = names.iter().all(|n| n.by.is_some()) && files.is_empty();
            let project = Project { manager, verb, options, call: &call, is_set, is_off_runner, is_berry };
            if nothing_named || matches!(manager.as_str(), "dotnet" | "go") { project.loose() } else { None }
        }
        _ => None,
    }
}

fn word(call: &Invocation<'_>, text: &str) -> Option<Range<usize>> {
    call.args.iter().find(|a| a.text == text).map(|a| a.range.clone())
}

fn of_cargo(subcommand: &str, call: &Invocation<'_>) -> Option<Loose> {
    let range = word(call, subcommand)?;
    let manifest = call.value(None, "manifest-path");
    let folder = manifest.map(|m| m.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()));
    if subcommand == "update" {
        let kept = ["--precise", "--dry-run", "-p", "--package", "--workspace", "-w", "--offline"];
        let operands = call.operands(&["--manifest-path", "-Z", "--color", "--config"]);
        // One package, or the least that fits.
        let narrow = kept.iter().any(|k| call.has(k)) || operands.len() > 1;
        let tries = call.args.iter().any(|a| a.text.starts_with("-Z"));
        let loose = Loose {
            manager: "cargo",
            shown: "cargo update".into(),
            how: How::Renews,
            instead: "cargo build --locked".into(),
            range,
            edit: None,
            folder,
        };
        return (!narrow && !tries).then_some(loose);
    }
    // Nothing is built then.
    if subcommand == "publish" && call.has("--no-verify") {
        return None;
    }
    BUILDS.contains(&subcommand).then(|| Loose {
        manager: "cargo",
        shown: format!("cargo {subcommand}"),
        how: How::MayChange,
        instead: format!("cargo {subcommand} --locked"),
        edit: Some((range.end..range.end, " --locked".into())),
        range,
        folder,
    })
}

/// An install of a project.
struct Project<'p> {
    manager: &'p str,
    verb: &'p str,
    options: &'p [Opt],
    call: &'p Invocation<'p>,
    is_set: &'p dyn Fn(&[&str]) -> bool,
    is_off_runner: bool,
    is_berry: bool,
}

impl Project<'_> {
    fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|o| names.contains(&o.name.as_str()) && o.value.as_deref() != Some("false"))
    }

    fn set(&self, names: &[&str]) -> bool {
        (self.is_set)(names)
    }

    /// The command with an option more.
    fn with(&self, manager: &'static str, option: &str) -> Loose {
        let verb = self.verb;
        let said = word(self.call, verb);
        let range = said.clone().unwrap_or_else(|| self.call.word.range.clone());
        let shown = format!("{manager} {verb}");
        Loose {
            manager,
            instead: format!("{shown} {option}").trim_end().to_owned(),
            shown,
            how: How::MayChange,
            edit: Some((range.end..range.end, format!(" {option}"))),
            range,
            folder: self.folder(),
        }
    }

    fn renews(&self, manager: &'static str, instead: &str) -> Loose {
        let found = self.with(manager, "");
        Loose { how: How::Renews, instead: instead.to_owned(), edit: None, ..found }
    }

    fn folder(&self) -> Option<String> {
        let names: &[&str] = match self.manager {
            "npm" => &["--prefix", "-C"],
            "pnpm" => &["-C", "--dir", "--prefix"],
            "yarn" | "bun" => &["--cwd"],
            "uv" => &["--directory", "--project"],
            "composer" => &["-d", "--working-dir"],
            "pdm" => &["-p", "--project"],
            _ => return None,
        };
        let of_verb = self.options.iter().find(|o| names.contains(&o.name.as_str())).and_then(|o| o.value.clone());
        // Before the verb: `yarn --cwd ui install`.
        of_verb.or_else(|| {
            let at = self.call.args.iter().position(|a| names.contains(&a.text.as_str()))?;
            self.call.args.get(at + 1).map(|a| a.text.clone())
        })
    }

    fn loose(&self) -> Option<Loose> {
        match (self.manager, self.verb) {
            ("npm", "install" | "i") => self.npm(),
            ("npm", "update" | "up") if !self.has(&["-g", "--global"]) => Some(self.renews("npm", "npm ci")),
            ("yarn", "install") => self.yarn(),
            ("yarn", "upgrade" | "up") => Some(self.renews("yarn", "yarn install --frozen-lockfile")),
            ("pnpm", "install" | "i") => self.pnpm(),
            ("pnpm", "update" | "up") if !self.has(&["-g", "--global"]) => {
                Some(self.renews("pnpm", "pnpm install --frozen-lockfile"))
            }
            ("bun", "install" | "i") => {
                let held = self.has(&["--frozen-lockfile", "--dry-run", "-g", "--global"]);
                (!held).then(|| self.with("bun", "--frozen-lockfile"))
            }
            ("bun", "update") => Some(self.renews("bun", "bun install --frozen-lockfile")),
            ("uv", "sync" | "run") => self.uv(),
            // It refuses a lock that does not fit.
            ("poetry", "install" | "sync") => Some(Loose { how: How::None, edit: None, ..self.with("poetry", "") }),
            ("poetry", "update") => Some(self.renews("poetry", "poetry install")),
            ("pdm", "install") => {
                let held = self.has(&["--check", "--frozen-lockfile", "--no-lock", "--plugins", "--dry-run"]);
                (!held && !self.set(&["PDM_FROZEN_LOCKFILE"])).then(|| self.with("pdm", "--check"))
            }
            ("pdm", "update") => Some(self.renews("pdm", "pdm sync")),
            ("pipenv", "install") => {
                let held = self.has(&["--deploy", "--ignore-pipfile"]);
                (!held).then(|| self.with("pipenv", "--deploy"))
            }
            ("pipenv", "update") => Some(self.renews("pipenv", "pipenv sync")),
            ("bundle", "install") => {
                let held = self.has(&["--frozen", "--deployment", "--local"])
                    || self.set(&["BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"]);
                let found = self.with("bundle", "");
                let instead = "BUNDLE_FROZEN=true bundle install".to_owned();
                (!held).then_some(Loose { instead, edit: None, ..found })
            }
            ("bundle", "update") => Some(self.renews("bundle", "BUNDLE_FROZEN=true bundle install")),
            ("composer", "update") => Some(self.renews("composer", "composer install")),
            // `go get -u ./..`; one module by its version is the matter of `unlocked-go-install`.
            ("go", "get") => {
                let one = self.call.args.iter().any(|a| a.text.contains('@'));
                (self.has(&["-u", "-u=patch"]) && !one).then(|| self.renews("go", "go mod download"))
            }
            ("pixi", "install" | "run" | "shell") => {
                let held = self.has(&["--locked", "--frozen", "--as-is", "--no-lockfile-update"])
                    || self.set(&["PIXI_LOCKED", "PIXI_FROZEN"]);
                (!held).then(|| self.with("pixi", "--locked"))
            }
            ("dotnet", "restore") => {
                let held = self.has(&["--locked-mode"])
                    || self.call.args.iter().any(|a| a.text.contains("RestoreLockedMode=true"))
                    || self.set(&["RestoreLockedMode"]);
                (!held).then(|| self.with("dotnet", "--locked-mode"))
            }
            _ => None,
        }
    }

    fn npm(&self) -> Option<Loose> {
        if self.has(&["--package-lock-only", "--dry-run", "-g", "--global"]) {
            return None;
        }
        let range = word(self.call, self.verb)?;
        let fits = self.options.iter().all(|o| SHARED.contains(&o.name.as_str()));
        let edit = fits.then(|| (range.clone(), "ci".to_owned()));
        Some(Loose { instead: "npm ci".into(), edit, shown: "npm install".into(), ..self.with("npm", "") })
    }

    fn yarn(&self) -> Option<Loose> {
        if self.has(&["--immutable", "--frozen-lockfile", "--immutable-cache", "--check-cache"])
            || self.set(&["YARN_ENABLE_IMMUTABLE_INSTALLS"])
        {
            return None;
        }
        // From version 2 on it holds to the lock by itself where `CI` is set.
        let told_not_to = self.call.args.iter().any(|a| a.text == "--no-immutable");
        if self.is_berry && !told_not_to && (!self.is_off_runner || self.set(&["CI"])) {
            return None;
        }
        let option = if self.is_berry { "--immutable" } else { "--frozen-lockfile" };
        let found = self.with("yarn", option);
        Some(if told_not_to { Loose { edit: None, ..found } } else { found })
    }

    fn pnpm(&self) -> Option<Loose> {
        let told_not_to = self.call.args.iter().any(|a| a.text == "--no-frozen-lockfile");
        let held = self.has(&["--frozen-lockfile", "--lockfile-only", "-g", "--global", "--offline"]);
        // It holds to the lock by itself where `CI` is set.
        if held || (!told_not_to && (!self.is_off_runner || self.set(&["CI"]))) {
            return None;
        }
        let found = self.with("pnpm", "--frozen-lockfile");
        let edit = match self.call.args.iter().find(|a| a.text == "--no-frozen-lockfile") {
            Some(option) => Some((option.range.clone(), "--frozen-lockfile".to_owned())),
            None => found.edit.clone(),
        };
        let range = self.call.args.iter().find(|a| a.text == "--no-frozen-lockfile").map(|a| a.range.clone());
        Some(Loose { edit, range: range.unwrap_or_else(|| found.range.clone()), ..found })
    }

    fn uv(&self) -> Option<Loose> {
        let held = self.has(&["--locked", "--frozen", "--no-sync", "--no-project", "--dry-run", "--script", "--check"])
            || self.set(&["UV_LOCKED", "UV_FROZEN", "UV_NO_SYNC", "UV_NO_PROJECT"]);
        if held {
            return None;
        }
        if self.has(&["-U", "--upgrade"]) {
            return Some(self.renews("uv", "uv sync --locked"));
        }
        Some(self.with("uv", "--locked"))
    }
}
