//! Weights that are fetched by address or from a bucket without a digest.

use super::group::{self, Group};
use crate::diag::Severity;
use crate::diag::redact::redact;
use crate::graph::assets::Load;
use crate::references::{AssetKind, Hub, Pin};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unverified-weights",
    title: "weights come from an address and nothing compares them",
    many: "weights come from {n} addresses and nothing compares them",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unverified_weights.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, is_open) {
        say(report, &group);
    }
}

fn is_open(load: &Load) -> bool {
    let reference = &load.loaded.reference;
    matches!(reference.hub, Hub::Address | Hub::Bucket) && reference.digest.is_none() && load.pin() != Pin::Commit
}

fn say(report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let noun = group::noun(reference.kind);
    let name = redact(&reference.name);
    let is_plain = reference.name.starts_with("http://");
    let (severity, why) = match reference.hub {
        _ if is_plain => (Severity::High, "the connection is plain: whoever is on the way may put another file there"),
        _ if reference.kind == AssetKind::Dataset => {
            (Severity::Low, "whoever can write there changes what is trained or measured with")
        }
        Hub::Bucket => (Severity::Low, "whoever can write to the bucket changes what is loaded"),
        _ => (Severity::Medium, "whoever serves the address may put another file there"),
    };
    group::draft(report, group, "no digest", severity)
        .evidence(why)
        .advise("keep its SHA-256 in the repository and compare before it is loaded; `cargo custody lock` keeps it")
        .say(match reference.hub {
            Hub::Bucket => format!("the {noun} `{name}` comes from a bucket, and nothing compares it"),
            _ => format!("the {noun} `{name}` is fetched by its address, and nothing compares it"),
        });
}
