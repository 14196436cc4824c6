//! A pinned Rust toolchain with a known flaw in `std`, `cargo`, `rustc` or `rustdoc`.

use super::topic::topic;
use super::vulnerable_crate::{severity, verdict};
use crate::advisory::{FixedIn, Kind, Match};
use crate::diag::{Confidence, Severity, Topic};
use crate::graph::{Node, NodeId, NodeKind};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "vulnerable-toolchain",
    title: "Rust toolchain with a known vulnerability",
    many: "{n} flaws of the pinned Rust toolchain are known",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("vulnerable_toolchain.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (id, node) in scene.graph.of(NodeKind::Toolchain) {
        for flaw in scene.known.advisories(id).iter().filter(|m| m.kind <= Kind::Unsound) {
            say(scene, report, id, node, flaw);
        }
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, id: NodeId, node: &Node, flaw: &Match) {
    let Some(main) = node.sightings.iter().min_by_key(|p| (scene.role(p.file), **p)) else { return };
    let channel = node.version.as_deref().unwrap_or_default();
    let part = flaw.advisory().map_or("rust", |a| a.package.as_str());
    let mut platforms: Vec<&str> =
        flaw.advisories.iter().flat_map(|a| a.os.iter().chain(&a.arch)).map(String::as_str).collect();
    platforms.sort_unstable();
    platforms.dedup();
    let limited = !platforms.is_empty();
    let only = if limited { format!(", on {} only", platforms.join(", ")) } else { String::new() };
    let upgrade = match &flaw.fixed {
        Some(FixedIn::At(version)) => Some(version.clone()),
        _ => None,
    };
    let advice = upgrade.as_ref().map_or_else(
        || "no release fixes it yet; watch the advisory".to_owned(),
        |version| format!("set the channel to {version} or later"),
    );
    report
        .at(*main, format!("channel {channel}"))
        .on(id)
        .severity(severity(flaw))
        // Whether the flawed part is used, and whether this file decides what ships, lies elsewhere.
        .confidence(if limited { Confidence::Low } else { Confidence::Medium })
        .also(node.sightings.iter().copied())
        .role(scene.role(main.file))
        .content(flaw.id.clone())
        .evidence("the toolchain file names the release; whether the flawed part is used was not looked at")
        .topic(Topic { upgrade, ..topic(flaw) })
        .advise(advice)
        .say(format!("`{part}` of Rust {channel} {}{only}", verdict(flaw)));
}
