//! Hooks that are fetched over a connection anybody on the way can change.

use super::hooks;
use crate::diag::{Confidence, Edit, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "insecure-hook-source",
    title: "hooks are fetched unencrypted",
    many: "{n} repositories of hooks are fetched unencrypted",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("insecure_hook_source.md"),
    check,
};

/// Schemes that neither encrypt nor say who answers.
const SCHEMES: &[&str] = &["http://", "git://"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in hooks(scene) {
        for repository in &config.repositories {
            let address = repository.repository.value.as_str();
            let Some(scheme) = SCHEMES.iter().find(|scheme| address.starts_with(**scheme)) else { continue };
            let rest = address.get(scheme.len()..).unwrap_or_default();
            let host = rest.split(['/', ':']).next().unwrap_or_default();
            if matches!(host, "localhost" | "127.0.0.1") {
                continue;
            }
            let place = Place::new(config.file, repository.repository.span);
            let mut draft = report
                .at(place, "unencrypted")
                .confidence(Confidence::High)
                .content(address)
                .evidence(format!("`{scheme}` neither encrypts nor tells who answers"));
            let revision = repository.revision.as_ref().map_or("", |r| r.value.as_str());
            draft = match scene.graph.find(&format!("hook-repository:{address}@{revision}")) {
                Some(node) => draft.on(node),
                None => draft.about("hook-repository", address, None),
            };
            // Within quotes or without, the scheme is written as it is read.
            let text = scene.sources.get(config.file).map_or("", |f| f.text_at(place.span));
            if let Some(at) = text.find(scheme) {
                let start = place.span.start + at as u64;
                let span = Span { start, end: start + scheme.len() as u64 };
                draft = draft.fix([Edit { place: Place::new(config.file, span), text: "https://".to_owned() }]);
            }
            draft
                .advise(format!("fetch them from https://{rest}"))
                .say(format!("hooks that run on every commit are fetched from {host} unencrypted"));
        }
    }
}
