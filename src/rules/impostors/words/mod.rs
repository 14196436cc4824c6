//! Words for a likeness, how sure it makes us, and what others say of the name.

use std::collections::BTreeSet;

use crate::advisory::{Ecosystem, Kind, Match};
use crate::diag::{Confidence, Severity};
use crate::graph::NodeKind;
use crate::impostor::{Change, List, REPORT, Resemblance};
use crate::rules::Scene;

/// Whether an advisory tells of the name as an attack: then it is told once, by that.
pub(super) fn is_known_attack(scene: &Scene<'_>, ecosystem: Ecosystem, name: &str) -> bool {
    !scene.known.malware(ecosystem, name).is_empty() || attacks(scene, ecosystem).contains(name)
}

/// Names of releases in the tree that advisories call attacks.
fn attacks<'a>(scene: &Scene<'a>, ecosystem: Ecosystem) -> BTreeSet<&'a str> {
    let is_attack = |matches: &[Match]| matches.iter().any(|m| m.kind == Kind::Malicious);
    if ecosystem == Ecosystem::PyPi {
        let releases = scene.known.releases().filter(|(_, _, matches)| is_attack(matches));
        return releases.map(|(name, ..)| name).collect();
    }
    let crates = scene.graph.of(NodeKind::Crate).filter(|(id, _)| is_attack(scene.known.advisories(*id)));
    crates.map(|(_, node)| node.name.as_str()).collect()
}

/// `` `requests` with two letters swapped ``: what a name is.
pub(super) fn what(found: &Resemblance<'_>) -> String {
    let how = match found.likeness.change {
        Change::Swapped => "with two letters swapped",
        Change::Doubled => "with a letter doubled, or once where it stands twice",
        Change::Look => "with letters that look alike put in",
        Change::Missing => "without one of its letters",
        Change::Extra | Change::Slipped => "with a letter put in",
        Change::Neighbour => "with a letter replaced by one beside it on the keyboard",
        Change::Vowel => "with a vowel replaced by another",
        Change::Replaced => "with a letter replaced",
        Change::Digit => "with another digit",
        Change::Separators => "with other separators",
        Change::Order => "with its words in another order",
        Change::Plural => "with an `s` more or less",
        Change::Affix => "with a word put to it",
    };
    format!("`{}` {how}", found.target)
}

/// How well a name is known.
pub(super) fn fame(list: List, level: u8) -> &'static str {
    match (list, level) {
        (List::PyPi, 0) => "one of the 100 most downloaded distributions",
        (List::PyPi, 1) => "one of the 500 most downloaded distributions",
        (List::PyPi, 2) => "one of the 1,000 most downloaded distributions",
        (List::PyPi, 3 | 4) => "one of the 3,000 most downloaded distributions",
        (List::PyPi, 5) => "one of the 5,000 most downloaded distributions",
        (List::PyPi, _) => "one of the 15,000 most downloaded distributions",
        (List::Crates, 0..=3) => "a crate that stands in very many locks",
        (List::Crates, _) => "a crate that stands in many locks",
        (List::Actions, 0..=3) => "an action that very many repositories use",
        (List::Actions, _) => "an action that many repositories use",
        (List::Models, 0..=3) => "a model that very many repositories name",
        (List::Models, _) => "a model that several repositories name",
    }
}

/// How bad and how sure: what is near but not near enough is for information.
pub(super) fn weight(points: u8) -> (Severity, Confidence) {
    if points >= REPORT { (Severity::High, Confidence::Medium) } else { (Severity::Info, Confidence::Low) }
}
