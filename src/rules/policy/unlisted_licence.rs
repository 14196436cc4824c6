//! A licence that the tree's own policy does not take.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::LicencesAllowed;
use crate::diag::Severity;
use crate::graph::NodeKind;
use crate::graph::crates::{NO_LICENCE, OWN_LICENCE};
use crate::parse::licence::Licence;
use crate::rules::{Reporter, Rule, Scene, locked};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "unlisted-licence",
    title: "licence that the policy does not take",
    many: "{n} licences are not taken by the policy",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unlisted_licence.md"),
    check,
};

/// Names in the message.
const NAMED: usize = 3;
/// Places one finding stands for.
const PLACES: usize = 20;

/// Something with a licence.
struct Licensed<'a> {
    name: &'a str,
    version: &'a str,
    place: Place,
    role: Role,
    told_by: &'a str,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(custody) = scene.custody() else { return };
    let Some(allowed) = custody.policy.licences.as_ref().filter(|allowed| allowed.is_of_packages()) else { return };
    let mut by: BTreeMap<&str, Vec<Licensed<'_>>> = BTreeMap::new();
    for found in locked::crates(scene, |known, _| known.attributes.contains_key("licence")) {
        let Some(licence) = found.known.attributes.get("licence") else { continue };
        let told_by = found.known.attributes.get("facts-from").map_or("", String::as_str);
        let (place, role) = (found.place(scene), found.role());
        let package = found.package();
        let licensed = Licensed { name: &package.name.value, version: &package.version.value, place, role, told_by };
        by.entry(licence).or_default().push(licensed);
    }
    for (_, node) in scene.graph.of(NodeKind::Distribution) {
        let (Some(licence), Some(version)) = (node.attributes.get("licence"), &node.version) else { continue };
        let Some(&place) = node.sightings.first() else { continue };
        let role = scene.role(place.file);
        by.entry(licence).or_default().push(Licensed { name: &node.name, version, place, role, told_by: "metadata" });
    }
    for (licence, mut uses) in by {
        let Some(why) = wrong(licence, allowed) else { continue };
        uses.sort_by_key(|used| (used.role, used.place));
        say(report, licence, &why, &uses, Place::new(custody.file, allowed.span));
    }
}

/// What is wrong with a licence; none where it will do.
fn wrong(licence: &str, allowed: &LicencesAllowed) -> Option<String> {
    match licence {
        NO_LICENCE => return Some("no licence is stated".to_owned()),
        OWN_LICENCE => return Some("the licence is a text of its own".to_owned()),
        _ => {}
    }
    let Some(expression) = Licence::parse(licence) else {
        return Some(format!("`{licence}` is no licence that can be compared"));
    };
    let is_in = |list: &[crate::source::Spanned<String>], name: &str| {
        list.iter().any(|entry| entry.value.eq_ignore_ascii_case(name))
    };
    // What is denied is taken out first, so that a choice may still be met by the other half.
    let is_taken = |name: &str| {
        let plain = name.split(" WITH ").next().unwrap_or(name);
        !is_in(&allowed.deny, name)
            && !is_in(&allowed.deny, plain)
            && allowed.allow.as_ref().is_none_or(|list| is_in(list, name))
    };
    (!expression.is_met(&is_taken)).then(|| format!("the licence `{licence}` is not taken"))
}

fn say(report: &mut Reporter<'_>, licence: &str, why: &str, uses: &[Licensed<'_>], policy: Place) {
    let Some(main) = uses.first() else { return };
    let names: BTreeSet<&str> = uses.iter().map(|used| used.name).collect();
    let listed: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let told: BTreeSet<&str> = uses.iter().map(|used| used.told_by).filter(|by| !by.is_empty()).collect();
    report
        .at(main.place, format!("lets `{}` {} in", main.name, main.version))
        .about("licence", licence, None)
        .role(main.role)
        .also(uses.iter().take(PLACES).map(|used| used.place))
        .related(policy, "the licences that are taken")
        .content(licence)
        .evidence(format!("the licence as the manifest states it, by {}", Vec::from_iter(told).join(", ")))
        .advise(
            "do without it, or take the licence into `[licences]` of custody.toml once somebody who may decide it has",
        )
        .say(format!("{why}: {}{more}", listed.join(", ")));
}
