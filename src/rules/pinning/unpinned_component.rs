//! A component of a pipeline at a version that moves.

use std::collections::{BTreeMap, BTreeSet};

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

/// The components of one project at one version.
#[derive(Default)]
struct Used<'a> {
    names: BTreeSet<&'a str>,
    places: Vec<Place>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(&str, Option<&str>), Used<'_>> = BTreeMap::new();
    for document in scene.documents {
        let Document::Gitlab(pipeline) = document else { continue };
        for include in &pipeline.includes {
            let IncludeSource::Component(Spanned { value, span }) = &include.source else { continue };
            let (path, version) = match value.rsplit_once('@') {
                Some((path, version)) => (path, Some(version)),
                None => (value.as_str(), None),
            };
            // The last part is the component, what stands before it the project.
            let (project, name) = path.rsplit_once('/').unwrap_or((path, path));
            let used = found.entry((project, version)).or_default();
            used.names.insert(name);
            used.places.push(Place::new(pipeline.file, *span));
        }
    }
    for ((project, version), used) in &found {
        say(report, project, *version, used);
    }
}

fn say(report: &mut Reporter<'_>, project: &str, version: Option<&str>, used: &Used<'_>) {
    let Some(&first) = used.places.first() else { return };
    let fixed = version.map_or(Fixed::Range, Fixed::of);
    let (server, path) = project.split_once('/').unwrap_or(("", project));
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
    let name = used.names.first().copied().unwrap_or_default();
    let what = match used.names.len() {
        0 | 1 => format!("component `{project}/{name}` is"),
        many => format!("{many} components of `{project}` are"),
    };
    report
        .at(first, how.clone())
        .severity(severity)
        .confidence(Confidence::Medium)
        .also(used.places.iter().copied())
        .about("component", project, version.map(str::to_owned))
        .content(format!("{project}@{}", version.unwrap_or_default()))
        .evidence(how)
        .advise(format!("name one release, or its commit: component: {project}/{name}@<major.minor.patch>"))
        .say(format!("{what} taken at a version that moves"));
}
