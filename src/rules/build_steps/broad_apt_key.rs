//! A key that is trusted for every package source of the machine.

use std::collections::BTreeMap;

use crate::commands::{ActKind, Output};
use crate::diag::Severity;
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "broad-apt-key",
    title: "a key signs for every package source",
    many: "{n} keys sign for every package source",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("broad_apt_key.md"),
    check,
};

/// Keys in there are believed for all sources.
const TRUSTED: &[&str] = &["/etc/apt/trusted.gpg", "/etc/apt/trusted.gpg.d/"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: BTreeMap<FileId, Vec<(Place, &Run<'_>, String)>> = BTreeMap::new();
    for run in runs {
        for piece in run.scripts() {
            for range in keys(piece.script) {
                let place = Place::new(run.file, piece.script.text.host_span(range));
                found.entry(run.file).or_default().push((place, run, piece.title()));
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// Commands that make a key trusted for everything.
fn keys(script: &Script) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let trusted = |path: &str| TRUSTED.iter().any(|t| path.starts_with(t));
    for (index, call) in script.program.calls_of(|name| matches!(name, "apt-key" | "gpg" | "tee")) {
        let words = || call.args.iter().map(|a| a.text.as_str());
        let broad = match call.name.as_str() {
            "apt-key" => words().any(|w| matches!(w, "add" | "adv")),
            // `curl x | gpg --dearmor -o /etc/apt/trusted.gpg.d/x.gpg`, `... | tee /etc/apt/trusted.gpg.d/x.asc`
            "gpg" | "tee" => words().any(trusted),
            _ => false,
        };
        if broad {
            out.extend(script.program.commands.get(index).map(|command| command.range.clone()));
        }
    }
    let fetched = script.acts.iter().filter(|a| match &a.kind {
        ActKind::Fetch { to: Output::File(path) | Output::Dir(path), .. } => trusted(path),
        _ => false,
    });
    out.extend(fetched.map(|a| a.range.clone()));
    out
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[(Place, &Run<'_>, String)]) {
    let main = found.iter().reduce(|best, next| if next.1.weight() > best.1.weight() { next } else { best });
    let Some((place, run, step)) = main else { return };
    let draft = report
        .at(*place, "trusted for every source")
        .also(found.iter().map(|(place, ..)| *place))
        .about("setting", "apt key", None)
        .content("apt key for all sources")
        .evidence("whoever holds that key can sign a package that takes the place of any other");
    let draft = run.route(scene, draft).via(step.clone(), Some(*place));
    draft
        .advise("keep the key in the tree and name it for its source alone: deb [signed-by=/usr/share/keyrings/<name>.gpg] ...")
        .say("a key of one publisher is trusted for every package source");
}
