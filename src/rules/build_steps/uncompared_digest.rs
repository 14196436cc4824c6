//! A digest of a download that is printed and compared with nothing.

use std::collections::BTreeSet;

use super::advice::Comparer;
use super::download;
use crate::commands::{ActKind, Output};
use crate::diag::{Confidence, Severity};
use crate::parse::shell::basename;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "uncompared-digest",
    title: "a digest is computed and compared with nothing",
    many: "{n} digests are computed and compared with nothing",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("uncompared_digest.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut told: BTreeSet<Place> = BTreeSet::new();
    for run in reach::all_runs(scene) {
        let mut fetched: BTreeSet<String> = BTreeSet::new();
        for piece in run.scripts() {
            let script = piece.script;
            let checked: BTreeSet<&str> = script
                .acts
                .iter()
                .filter_map(|a| match &a.kind {
                    ActKind::Verify { targets, .. } => Some(targets),
                    _ => None,
                })
                .flatten()
                .map(|t| basename(t))
                .collect();
            for act in &script.acts {
                match &act.kind {
                    ActKind::Fetch { url, to: Output::File(path), .. } if !url.local => {
                        fetched.insert(basename(path).to_owned());
                    }
                    ActKind::Digest { files } => {
                        let one = |f: &&String| fetched.contains(basename(f)) && !checked.contains(basename(f));
                        let Some(file) = files.iter().find(one) else { continue };
                        let place = Place::new(run.file, script.text.host_span(act.range.clone()));
                        if !told.insert(place) {
                            continue;
                        }
                        let name = if download::plain(file) { file.as_str() } else { "<file>" };
                        let draft = report
                            .at(place, "printed here")
                            .confidence(Confidence::Medium)
                            .about("check", "the digest", None)
                            .content(format!("digest of {file}"))
                            .evidence("a digest in a log stops nothing");
                        let draft = run.route(scene, draft).via(piece.title(), Some(place));
                        draft
                            .advise(format!(
                                "compare it with the digest that is expected, kept in the repository: {}",
                                Comparer::of(run, script).command(name)
                            ))
                            .say(format!("the digest of `{}` is printed and compared with nothing", basename(file)));
                    }
                    _ => {}
                }
            }
        }
    }
}
