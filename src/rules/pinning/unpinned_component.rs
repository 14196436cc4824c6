//! A component of a pipeline at a version that moves.

use std::collections::BTreeMap;

use super::included::{Fixed, is_own};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::gitlab::IncludeSource;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-component",
    title: "component of a pipeline at a version that moves",
    many: "{n} components of pipelines are taken at versions that move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_component.md"),
    check,
};

/// Variables that stand for the server the pipeline runs on.
const SERVER: &[&str] = &["$CI_SERVER_FQDN", "${CI_SERVER_FQDN}", "$CI_SERVER_HOST", "${CI_SERVER_HOST}"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for document in scene.documents {
        let Document::Gitlab(pipeline) = document else { continue };
        for include in &pipeline.includes {
            let IncludeSource::Component(Spanned { value, span }) = &include.source else { continue };
            found.entry(value).or_default().push(Place::new(pipeline.file, *span));
        }
    }
    for (component, places) in &found {
        say(report, component, places);
    }
}

fn say(report: &mut Reporter<'_>, written: &str, places: &[Place]) {
    let Some(&first) = places.first() else { return };
    let (name, version) = match written.rsplit_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (written, None),
    };
    let fixed = version.map_or(Fixed::Range, Fixed::of);
    let (server, path) = name.split_once('/').unwrap_or(("", name));
    if is_own(path) || matches!(fixed, Fixed::Commit | Fixed::Version) {
        return;
    }
    // GitLab's own catalogue on GitLab's own server.
    let is_official = (server == "gitlab.com" || SERVER.contains(&server)) && path.starts_with("components/");
    let is_number = version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let severity = if is_official || is_number { Severity::Low } else { Severity::Medium };
    let how = match (version, fixed) {
        (None, _) => "no version stands for the newest".to_owned(),
        (Some(version), Fixed::Branch) => format!("`{version}` is whatever was pushed there last"),
        (Some(version), _) => format!("`{version}` is the newest release that it fits"),
    };
    report
        .at(first, how.clone())
        .severity(severity)
        .confidence(Confidence::Medium)
        .also(places.iter().copied())
        .about("component", name, version.map(str::to_owned))
        .content(written)
        .evidence(how)
        .advise(format!("name one release, or its commit: component: {name}@<major.minor.patch>"))
        .say(format!("component `{name}` is taken at a version that moves"));
}
