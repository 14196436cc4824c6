//! Places that a script makes a package manager take packages from, beside those it comes with.

use std::collections::BTreeMap;

use crate::commands::{ActKind, UrlText};
use crate::diag::Severity;
use crate::graph::indexes::is_of_closed_network;
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach::{self, Piece, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "added-package-source",
    title: "package source that a script adds",
    many: "{n} package sources are added by scripts",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("added_package_source.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;

/// What is wrong with a source, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Its key comes from where the packages come from, at the same moment.
    OwnKey,
    /// It is somebody's own, and serves whatever they put there.
    Owned,
    /// Anybody on the way can change what it says.
    Plain,
    /// Signatures are not asked for.
    Unsigned,
}

/// One command.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    fault: Fault,
    manager: &'static str,
    address: String,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<String, Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        let pieces = run.scripts();
        for piece in &pieces {
            for act in &piece.script.acts {
                let ActKind::AddSource { manager, source, signed_by, unsigned } = &act.kind else { continue };
                let Some(fault) = fault(&pieces, piece.script, manager, source, signed_by.as_deref(), *unsigned) else {
                    continue;
                };
                let place = Place::new(run.file, piece.script.text.host_span(act.range.clone()));
                let places = found.entry(name(source)).or_default();
                let address = source.text.clone();
                places.push(Found { place, run, step: piece.title(), fault, manager, address });
            }
        }
    }
    for (name, places) in &mut found {
        places.sort_by_key(|f| (std::cmp::Reverse((f.fault, f.run.weight())), f.place));
        places.dedup_by_key(|f| f.place);
        say(scene, report, name, places);
    }
}

/// The host of an address; else the whole.
fn name(source: &UrlText) -> String {
    match source.text.split_once("://") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest).to_owned(),
        None => source.text.clone(),
    }
}

fn fault(
    pieces: &[Piece<'_>],
    script: &Script,
    manager: &str,
    source: &UrlText,
    signed_by: Option<&str>,
    unsigned: bool,
) -> Option<Fault> {
    let host = name(source);
    // A mirror of one's own network serves what the distribution signed.
    let is_address = source.text.contains("://");
    if host.starts_with('$') || (is_address && is_of_closed_network(host.split(':').next().unwrap_or(&host))) {
        return None;
    }
    let is_plain = source.text.starts_with("http://");
    match manager {
        "apt" if source.text.starts_with("ppa:") => Some(Fault::Owned),
        // Of apt and apk `verification-disabled` tells; one that no key is brought for is signed by the
        // distribution's; one trusted for everything is the matter of `broad-apt-key`.
        "apt" => {
            if let Some(key) = signed_by {
                return (brings(pieces, key) && !pins_key(script)).then_some(Fault::OwnKey);
            }
            let is_list = source.text.ends_with(".list") || source.text.ends_with(".sources");
            match (is_list, is_plain) {
                (true, true) => Some(Fault::Plain),
                (true, false) if !pins_key(script) => Some(Fault::OwnKey),
                _ => None,
            }
        }
        "apk" => None,
        "brew" => Some(Fault::Owned),
        _ if unsigned => Some(Fault::Unsigned),
        _ if is_plain => Some(Fault::Plain),
        // The list names the key, and the key is taken without a question.
        "dnf" | "zypper" => (!pins_key(script)).then_some(Fault::OwnKey),
        _ => None,
    }
}

/// Whether a key's file is written by a script that fetches something; one of the tree is what the tree says.
fn brings(pieces: &[Piece<'_>], key: &str) -> bool {
    let file = key.rsplit('/').next().unwrap_or(key);
    pieces.iter().any(|piece| {
        let fetches = piece.script.acts.iter().any(|a| matches!(a.kind, ActKind::Fetch { .. }));
        fetches && piece.script.text.text.contains(file)
    })
}

/// Whether a script compares a key with a fingerprint, or asks for it by one.
fn pins_key(script: &Script) -> bool {
    let program = &script.program;
    script.acts.iter().any(|act| matches!(act.kind, ActKind::Verify { .. }))
        || program
            .calls_of(|name| matches!(name, "gpg" | "gpgv" | "apt-key" | "grep" | "[" | "test" | "[["))
            .any(|(_, call)| call.args.iter().any(|arg| is_fingerprint(&arg.text)))
}

fn is_fingerprint(text: &str) -> bool {
    let bare: String = text.trim_start_matches("0x").chars().filter(|c| *c != ' ').collect();
    bare.len() >= 40 && bare.bytes().all(|b| b.is_ascii_hexdigit())
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, name: &str, found: &[Found<'_, '_>]) {
    let Some(main) = found.first() else { return };
    let severity = match main.fault {
        Fault::Owned if main.run.is_after_install() => Severity::Info,
        Fault::OwnKey => Severity::Info,
        Fault::Owned => Severity::Low,
        Fault::Plain | Fault::Unsigned => Severity::Medium,
    };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let manager = main.manager;
    let (label, text) = match main.fault {
        Fault::OwnKey => {
            ("the key comes along", format!("{manager} takes packages from {name}, by a key that comes with them"))
        }
        Fault::Owned => (
            "somebody's own",
            format!("{manager} takes packages from {name}: whoever owns that decides what is installed"),
        ),
        Fault::Plain => (
            "not encrypted",
            format!("{manager} is told by {name} over plain http which packages and keys to take{held}"),
        ),
        Fault::Unsigned => {
            ("not signed", format!("{manager} takes packages from {name} without asking for signatures{held}"))
        }
    };
    let draft = report
        .at(main.place, label)
        .severity(severity)
        .role(scene.role(main.run.file))
        .also(found.iter().take(PLACES).map(|f| f.place))
        .about("package source", name, None)
        .content(format!("{manager} {name}"))
        .evidence("packages of that place may take the place of any other, and are installed as root");
    main.run.route(scene, draft).via(main.step.clone(), Some(main.place)).advise(advice(main)).say(text);
}

fn advice(found: &Found<'_, '_>) -> String {
    match (found.fault, found.manager) {
        (Fault::Owned, "brew") => {
            "name a release of the tool instead, and verify it by a digest that is kept in the tree".to_owned()
        }
        (Fault::Owned, _) => {
            "take what is needed from an image pinned by digest that holds it, or keep the source's key in \
                              the tree and name it: deb [signed-by=/usr/share/keyrings/<name>.gpg] ..."
                .to_owned()
        }
        (Fault::Plain, _) => format!("use https: {}", found.address.replacen("http://", "https://", 1)),
        (Fault::Unsigned, _) => {
            "keep the publisher's key in the tree, and ask for signatures: gpgcheck=1, gpgkey=file:///<key>".to_owned()
        }
        (Fault::OwnKey, "apt") => {
            "keep the key in the tree and copy it, or compare its fingerprint before it is used: gpg --show-keys \
             --with-colons <key> | grep -q '^fpr:.*:<fingerprint>:'"
                .to_owned()
        }
        (Fault::OwnKey, _) => "keep the list and the key in the tree, and copy them: gpgkey=file:///<key>".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_whole() {
        for (text, expected) in [
            ("9DC858229FC7DD38854AE2D88D81803C0EBFCD88", true),
            ("9DC8 5822 9FC7 DD38 854A  E2D8 8D81 803C 0EBF CD88", true),
            ("0x9DC858229FC7DD38854AE2D88D81803C0EBFCD88", true),
            ("0EBFCD88", false),
            ("docker", false),
        ] {
            assert_eq!(is_fingerprint(text), expected, "{text}");
        }
    }
}
