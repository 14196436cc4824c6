//! Options of commands that hold what is installed, and checks of what is downloaded.

use std::collections::BTreeMap;

use super::{Firm, Loosened};
use crate::commands::{Act, ActKind, Opt};
use crate::graph::Document;
use crate::source::{Place, Span};

/// What was done in one way: with and without the option that holds it.
#[derive(Default)]
struct Ways {
    held: Vec<Span>,
    open: Vec<Span>,
}

/// What of a document's commands is held less than before.
pub(super) fn loosened(document: &Document, was: &Document) -> (&'static str, Vec<Loosened>) {
    let (now, old) = (ways(document), ways(was));
    let mut out = Vec::new();
    for ((name, option), known) in &old {
        let Some(ways) = now.get(&(name.clone(), *option)) else { continue };
        // One that was open before says nothing of what this change did.
        let dropped = known.open.is_empty() && ways.held.len() < known.held.len();
        let (Some(span), Some(old_span)) = (ways.open.first().filter(|_| dropped), known.held.first()) else {
            continue;
        };
        out.push(Loosened {
            name: name.clone(),
            from: format!("run with {option}"),
            to: format!("run without {option}"),
            was: Firm::Content,
            place: Place::new(document.file(), *span),
            old: Place::new(was.file(), *old_span),
        });
    }
    if let Some((place, old)) = check_dropped(document, was) {
        out.push(Loosened {
            name: "download".to_owned(),
            from: "compared with a digest or signature".to_owned(),
            to: "taken as it comes".to_owned(),
            was: Firm::Content,
            place,
            old,
        });
    }
    ("command", out)
}

fn acts(document: &Document) -> impl Iterator<Item = (&Act, Span)> {
    document
        .scripts()
        .into_iter()
        .flat_map(|script| script.acts.iter().map(|act| (act, script.text.host_span(act.range.clone()))))
}

fn ways(document: &Document) -> BTreeMap<(String, &'static str), Ways> {
    let mut out: BTreeMap<(String, &'static str), Ways> = BTreeMap::new();
    for (act, span) in acts(document) {
        let Some((name, option, is_held)) = way(&act.kind) else { continue };
        let ways = out.entry((name, option)).or_default();
        if is_held { ways.held.push(span) } else { ways.open.push(span) }
    }
    out
}

/// What a command does, the option that would hold it, and whether it has it.
fn way(kind: &ActKind) -> Option<(String, &'static str, bool)> {
    let has = |options: &[Opt], names: &[&str]| options.iter().any(|o| names.contains(&o.name.as_str()));
    match kind {
        ActKind::CargoInstall { name: Some(name), locked, binary: false, .. } => {
            Some((format!("cargo install {name}"), "--locked", *locked))
        }
        ActKind::CargoBuild { subcommand, locked } => Some((format!("cargo {subcommand}"), "--locked", *locked)),
        ActKind::PackageInstall { manager, verb, options, files, .. } => match (manager.as_str(), verb.as_str()) {
            ("pip", "install") if !files.is_empty() => {
                Some(("pip install -r".to_owned(), "--require-hashes", has(options, &["--require-hashes"])))
            }
            ("uv", "sync") => Some(("uv sync".to_owned(), "--locked", has(options, &["--locked", "--frozen"]))),
            ("npm", "ci" | "install" | "i") if files.is_empty() => {
                Some(("npm packages".to_owned(), "`npm ci`", verb == "ci"))
            }
            ("pnpm" | "yarn" | "bun", "install") => {
                let names = ["--frozen-lockfile", "--immutable"];
                Some((format!("{manager} install"), "--frozen-lockfile", has(options, &names)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Where something is downloaded now, and where a check stood that is gone while nothing fewer is downloaded.
fn check_dropped(document: &Document, was: &Document) -> Option<(Place, Place)> {
    let of = |document: &Document, verify: bool| -> Vec<Span> {
        let found = acts(document).filter(|(act, _)| match &act.kind {
            ActKind::Verify { .. } => verify,
            ActKind::Fetch { .. } => !verify,
            _ => false,
        });
        found.map(|(_, span)| span).collect()
    };
    let (checks, old_checks) = (of(document, true), of(was, true));
    let (fetches, old_fetches) = (of(document, false), of(was, false));
    let gone = checks.len() < old_checks.len() && fetches.len() >= old_fetches.len();
    let (first, old) = (fetches.first()?, old_checks.last()?);
    gone.then_some((Place::new(document.file(), *first), Place::new(was.file(), *old)))
}
