//! A devcontainer of parts whose names can move.

use super::files;
use crate::diag::{Confidence, Severity};
use crate::graph::identity;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-devcontainer",
    title: "devcontainer of parts that can move",
    many: "{n} devcontainers are made of parts that can move",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_devcontainer.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        let Some(container) = &agent.container else { continue };
        let image = container.image.iter().filter(|i| is_open(&i.value));
        // A feature of the tree is a folder beside the file.
        let features = container.features.iter().filter(|f| !f.value.starts_with('.') && is_open(&f.value));
        let open: Vec<&Spanned<String>> = image.chain(features).collect();
        let Some(first) = open.first() else { continue };
        let more = match open.len() - 1 {
            0 => String::new(),
            1 => " and one feature".to_owned(),
            n => format!(" and {n} features"),
        };
        let verb = if open.len() == 1 { "is" } else { "are" };
        report
            .at(Place::new(agent.file, first.span), "no digest")
            .confidence(Confidence::High)
            .also(open.iter().map(|part| Place::new(agent.file, part.span)))
            .about("devcontainer", scene.sources.path(agent.file), None)
            .each(open.iter().map(|part| part.value.as_str()))
            .evidence("tags of images and features are moved by their publishers")
            .advise("name the image by its digest, and keep a devcontainer-lock.json for the features: devcontainer upgrade --workspace-folder .")
            .say(format!("`{}`{more} {verb} fetched for the devcontainer under a name that can move", first.value));
    }
}

/// Whether nothing holds a reference to one content; what a variable names is not in the file.
fn is_open(reference: &str) -> bool {
    let reference = reference.trim();
    !reference.is_empty() && !reference.contains('$') && identity::image(reference).digest.is_none()
}
