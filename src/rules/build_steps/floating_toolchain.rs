//! Compilers and runtimes at whatever is newest.

use std::collections::BTreeMap;

use super::tools::{self, Install, Installs};
use crate::commands::{ActKind, Operand};
use crate::diag::Severity;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "floating-toolchain",
    title: "compiler or runtime at whatever is newest",
    many: "{n} compilers or runtimes are taken at whatever is newest",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("floating_toolchain.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: Installs<'_, '_> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        if run.local.is_some() {
            continue;
        }
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let ActKind::PackageInstall { manager, verb, names, options, .. } = &act.kind else { continue };
                if let Some(name) = names.iter().find(|name| floats(manager, name)) {
                    tools::note(&mut found, format!("{manager} {}", name.text), run, &piece, act, Some(name));
                } else if manager == "nvm"
                    && verb == "install"
                    && names.is_empty()
                    && options.iter().any(|o| o.name == "--lts")
                {
                    tools::note(&mut found, "nvm --lts".to_owned(), run, &piece, act, None);
                }
            }
        }
    }
    for (what, installs) in &found {
        let Some((manager, channel)) = what.split_once(' ') else { continue };
        say(scene, report, manager, channel, installs);
    }
}

/// Whether a name stands for another compiler tomorrow. A minor version gets fixes alone.
fn floats(manager: &str, operand: &Operand) -> bool {
    let name = operand.text.as_str();
    if !operand.known {
        return false;
    }
    match manager {
        // `nightly-x86_64-..`, and `nightly-2025-01-01`, which is one build.
        "rustup" => ["stable", "beta", "nightly"].iter().any(|channel| {
            let rest = name.strip_prefix(channel);
            rest.is_some_and(|rest| {
                !rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            })
        }),
        "nvm" => matches!(name, "node" | "stable" | "latest") || name.starts_with("lts/"),
        _ => false,
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, manager: &str, channel: &str, found: &[Install<'_, '_>]) {
    let Some(main) = tools::weightiest(found) else { return };
    let publishes = main.run.holder.as_ref().is_some_and(|h| !h.privilege.publishes.is_empty());
    // Who releases by a compiler of tonight releases what it makes of the code.
    let is_nightly = manager == "rustup" && channel.starts_with("nightly");
    let severity = if publishes && is_nightly { Severity::Low } else { Severity::Info };
    let advice = match (manager, is_nightly) {
        ("rustup", true) => "name the day: nightly-<year>-<month>-<day>, or keep it in rust-toolchain.toml",
        ("rustup", false) => "name the version, or keep it in rust-toolchain.toml: channel = \"<version>\"",
        _ => "name the version, or keep it in .nvmrc",
    };
    let draft = report
        .at(main.place, "moves")
        .severity(severity)
        .role(scene.role(main.run.file))
        .also(found.iter().map(|f| f.place))
        .about("toolchain", format!("{manager} {channel}"), None)
        .content(format!("{manager} {channel}"))
        .evidence("the name stands for the newest release of that day");
    main.run
        .route(scene, draft)
        .via(main.step.clone(), Some(main.place))
        .advise(advice)
        .say(format!("`{channel}` of {manager} is whatever was released last"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_float_and_versions_do_not() {
        for (manager, name, expected) in [
            ("rustup", "stable", true),
            ("rustup", "nightly-x86_64-unknown-linux-gnu", true),
            ("rustup", "nightly-2025-01-01", false),
            ("rustup", "1.85.0", false),
            ("rustup", "${CHANNEL}", false),
            ("nvm", "lts/*", true),
            ("nvm", "22", false),
            ("pip", "stable", false),
        ] {
            let operand = Operand { text: name.to_owned(), known: !name.contains('$'), range: 0..0, by: None };
            assert_eq!(floats(manager, &operand), expected, "{manager} {name}");
        }
    }
}
