//! What was fixed before the change, and is less so after it.

mod commands;
mod pins;

use super::compared::{Compared, listed};
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "pin-loosened",
    title: "what was pinned is pinned less",
    many: "{n} files pin less than before",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("pin_loosened.md"),
    check,
};

/// How firmly a name is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Firm {
    /// By nothing, or by what can move.
    Moves,
    /// By one version, which its publisher decides about.
    Version,
    /// By its content: a commit, a digest.
    Content,
}

/// A name that is held less firmly.
struct Loosened {
    name: String,
    /// What it was held by, in words.
    from: String,
    /// What it is held by.
    to: String,
    was: Firm,
    place: Place,
    old: Place,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let Some(was) = was else { continue };
        for (what, found) in [pins::loosened(&compared, document, was), commands::loosened(document, was)] {
            say(&compared, report, what, &found);
        }
    }
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, what: &'static str, found: &[Loosened]) {
    // What was held by its content first.
    let Some(first) = found.iter().reduce(|best, next| if next.was > best.was { next } else { best }) else { return };
    let path = compared.scene.sources.path(first.place.file);
    let mut names: Vec<&str> = vec![&first.name];
    for one in found {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    let content: Vec<String> = found.iter().map(|one| format!("{} {} {}", one.name, one.from, one.to)).collect();
    let (is, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    let how = if names.len() == 1 {
        format!("{}, and was {}", first.to, first.from)
    } else {
        format!("pinned less; the first is {}, and was {}", first.to, first.from)
    };
    report
        .at(first.place, format!("was {}", first.from))
        .about(what, names.join(" "), None)
        .severity(if first.was == Firm::Content { Severity::Medium } else { Severity::Low })
        .also(found.iter().map(|one| one.place))
        .content(content.join(" "))
        .via(path.to_owned(), Some(first.place))
        .evidence(compared.was(first.old))
        .advise(format!("pin {them} as before, or say in the change why {} may move", listed(&names)))
        .say(format!("{} in {path} {is} {how}", listed(&names)));
}
