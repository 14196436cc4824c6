//! Scripts of npm's packages that run where a release is made.

use std::collections::BTreeMap;

use super::lock_files;
use super::tools::{self, Install, Installs, Packages};
use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "install-scripts",
    title: "install scripts of npm packages run where something is released",
    many: "install scripts of npm packages run in {n} ways where something is released",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("install_scripts.md"),
    check,
};

/// Variables that turn the scripts off.
const OFF: &[&str] = &["npm_config_ignore_scripts", "NPM_CONFIG_IGNORE_SCRIPTS", "YARN_IGNORE_SCRIPTS"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: Installs<'_, '_> = BTreeMap::new();
    for run in reach::all_runs(scene).iter().filter(|run| releases(run)) {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, verb, options, .. } = &act.kind else { continue };
                let packages = Packages { verb, options };
                if runs_scripts(manager, &packages) && !lock_files::is_set(run, &piece, act.command, OFF) {
                    tools::note(&mut found, format!("{manager} {verb}"), run, &piece, act, None);
                }
            }
        }
    }
    for (what, installs) in &found {
        say(scene, report, what, installs);
    }
}

/// Whether a job releases packages of npm: its token is what such scripts look for.
fn releases(run: &Run<'_>) -> bool {
    let publishes = run.holder.iter().flat_map(|h| &h.privilege.publishes);
    publishes.into_iter().any(|p| {
        let what = p.value.as_str();
        ["npm publish", "pnpm publish", "yarn publish", "yarn npm publish", "bun publish", "lerna", "changeset"]
            .iter()
            .any(|name| what.contains(name))
    })
}

/// pnpm, bun and yarn from version 2 on ask before they run any, or can be told so in their settings.
fn runs_scripts(manager: &str, packages: &Packages<'_>) -> bool {
    let off = ["--ignore-scripts", "--package-lock-only", "--dry-run", "-g", "--global"];
    matches!((manager, packages.verb), ("npm", "ci" | "install" | "i")) && !packages.has(&off)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, what: &str, found: &[Install<'_, '_>]) {
    let Some(main) = tools::weightiest(found) else { return };
    // A setting of npm beside the project may turn them off.
    let may_be_off = scene.files.iter().any(|path| path.name() == ".npmrc");
    let draft = report
        .at(main.place, "runs the scripts of all packages")
        .confidence(if may_be_off { Confidence::Low } else { Confidence::High })
        .role(scene.role(main.run.file))
        .also(found.iter().map(|f| f.place))
        .about("command", what, None)
        .content(what)
        .evidence("npm runs what packages name as their install scripts, with all that the job can read");
    main.run
        .route(scene, draft)
        .via(main.step.clone(), Some(main.place))
        .advise(format!(
            "install without scripts, and run those that are needed by name: {what} --ignore-scripts; or build in a job \
             of its own, and publish what it made"
        ))
        .say(format!("`{what}` runs the install scripts of every package{}", main.run.held()));
}
