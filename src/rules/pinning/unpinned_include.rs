//! A part of a pipeline that is taken from elsewhere under a name that can move.

use std::collections::BTreeMap;

use super::included::{Fixed, is_own, weightiest};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::Document;
use crate::graph::kinds::azure::AzurePipeline;
use crate::graph::kinds::gitlab::{Include, IncludeSource};
use crate::graph::kinds::workflow::{Service, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-include",
    title: "part of a pipeline under a name that can move",
    many: "{n} parts of pipelines are taken under names that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_include.md"),
    check,
};

/// What is included, the same in all its places.
struct Part {
    name: String,
    reference: Option<String>,
    /// What can move, a fragment.
    how: String,
    fixed: Fixed,
    /// From an address anybody may keep, and not from a project of the same service.
    is_remote: bool,
    /// Whoever stands on the way can change it.
    is_plain: bool,
    advice: String,
    service: Service,
}

impl Part {
    /// Whether a variable says what is included, or which version of it.
    fn is_variable(&self) -> bool {
        self.name.contains('$') || self.reference.as_ref().is_some_and(|r| r.contains('$'))
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut parts: BTreeMap<(String, Option<String>), (Part, Vec<Place>)> = BTreeMap::new();
    let mut add = |part: Part, place: Place| {
        let key = (part.name.clone(), part.reference.clone());
        parts.entry(key).or_insert_with(|| (part, Vec::new())).1.push(place);
    };
    for document in scene.documents {
        match document {
            Document::Gitlab(pipeline) => {
                for include in &pipeline.includes {
                    if let Some((part, place)) = included(include, pipeline.file) {
                        add(part, place);
                    }
                }
            }
            Document::Azure(pipeline) => repositories(pipeline, &mut add),
            _ => {}
        }
    }
    for (part, places) in parts.values() {
        say(scene, report, part, places);
    }
}

fn included(include: &Include, file: FileId) -> Option<(Part, Place)> {
    match &include.source {
        IncludeSource::Project { project, reference, .. } => {
            let written = reference.as_ref().map(|r| r.value.clone());
            let fixed = written.as_deref().map_or(Fixed::Branch, Fixed::of);
            if fixed == Fixed::Commit || is_own(&project.value) {
                return None;
            }
            let how = match &written {
                None => "without `ref` it is the newest of its default branch".to_owned(),
                Some(name) if name.contains('$') => format!("what `{name}` stands for is not in the file"),
                Some(name) if fixed == Fixed::Branch => format!("`{name}` is whatever was pushed there last"),
                Some(name) => format!("`{name}` is a name that its owner can move"),
            };
            let place = Place::new(file, reference.as_ref().map_or(project.span, |r| r.span));
            let part = Part {
                name: project.value.clone(),
                reference: written,
                how,
                fixed,
                is_remote: false,
                is_plain: false,
                advice: "name the commit, and keep the version as a comment: ref: <commit>".to_owned(),
                service: Service::GitLab,
            };
            Some((part, place))
        }
        IncludeSource::Remote(address) => {
            let is_plain = address.value.starts_with("http://");
            let segments = || address.value.split(['/', '?', '#', '=']);
            let names_commit = segments().any(Uses::is_commit);
            if include.integrity.is_some() || names_commit && !is_plain {
                return None;
            }
            let versions = || segments().skip(3).map(Fixed::of).any(|fixed| fixed == Fixed::Version);
            let fixed = if !is_plain && versions() { Fixed::Version } else { Fixed::Branch };
            let how = match (is_plain, fixed) {
                (true, _) => "it comes over http, and whoever is on the way can change it",
                (_, Fixed::Version) => "the address names a version, which its owner can replace",
                _ => "whoever keeps the address decides what it serves",
            };
            let part = Part {
                name: address.value.clone(),
                reference: None,
                how: how.to_owned(),
                fixed,
                is_remote: true,
                is_plain,
                advice: "copy the file into the repository and include it by `local`, or hold it to its digest: \
                         integrity: 'sha256-<base64>'"
                    .to_owned(),
                service: Service::GitLab,
            };
            Some((part, Place::new(file, address.span)))
        }
        IncludeSource::Local(_) | IncludeSource::Template(_) | IncludeSource::Component(_) => None,
    }
}

/// Repositories of other owners that templates are taken from. Those of the same organisation are as much its
/// own as the pipeline.
fn repositories(pipeline: &AzurePipeline, add: &mut impl FnMut(Part, Place)) {
    for repository in &pipeline.repositories {
        let kind = repository.kind.as_ref().map_or("git", |kind| kind.value.as_str());
        let written = repository.reference.as_ref().map(|r| r.value.clone());
        let fixed = written.as_deref().map_or(Fixed::Branch, Fixed::of);
        let is_used = pipeline.uses(repository).next().is_some();
        if kind.eq_ignore_ascii_case("git") || fixed == Fixed::Commit || !is_used {
            continue;
        }
        let name = repository.name.as_ref().unwrap_or(&repository.alias);
        let how = match &written {
            None => "without `ref` it is the newest of its default branch".to_owned(),
            Some(name) if fixed == Fixed::Branch => format!("`{name}` is whatever was pushed there last"),
            Some(name) => format!("`{name}` is a name that its owner can move"),
        };
        let place = Place::new(pipeline.file, repository.reference.as_ref().map_or(repository.span, |r| r.span));
        let part = Part {
            name: name.value.clone(),
            reference: written,
            how,
            fixed,
            is_remote: false,
            is_plain: false,
            advice: "name a tag that its owner protects, or the commit: ref: <commit>".to_owned(),
            service: Service::Azure,
        };
        add(part, place);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, part: &Part, places: &[Place]) {
    let Some(&first) = places.first() else { return };
    let main = weightiest(scene, part.service);
    // Projects of the same service are mostly the company's own; an address is anybody's.
    let reached = main.filter(|_| part.is_remote).and_then(|run| Some((run, run.impact()?)));
    let (severity, impact) = match (&reached, part.fixed) {
        _ if part.is_plain => (Severity::High, Some(reached.map_or(Impact::StrangerExecutes, |(_, impact)| impact))),
        (_, Fixed::Version) => (Severity::Low, None),
        // Which project or version a variable names is not in the files.
        _ if part.is_variable() => (Severity::Low, None),
        (Some((_, impact)), _) => (Severity::High, Some(*impact)),
        (None, _) => (Severity::Medium, None),
    };
    let mut draft = report
        .at(first, part.how.clone())
        .severity(severity)
        .confidence(Confidence::Medium)
        .impact(impact)
        .also(places.iter().copied())
        .about("include", part.name.clone(), part.reference.clone())
        .content(format!("{}@{}", part.name, part.reference.as_deref().unwrap_or_default()))
        .evidence(part.how.clone())
        .advise(part.advice.clone());
    let mut held = String::new();
    if let Some((run, _)) = reached.filter(|_| impact.is_some()) {
        draft = run.route(scene, draft);
        held = format!(", beside {}", run.held().trim_start_matches(" in "));
    }
    let what = if part.service == Service::Azure { "templates of" } else { "the pipeline takes in" };
    let message = match part.service {
        Service::Azure => format!("{what} `{}` can move", part.name),
        _ if part.is_variable() => format!("{what} `{}`, which may move", part.name),
        _ => format!("{what} `{}`, which can move{held}", part.name),
    };
    draft.say(message);
}
