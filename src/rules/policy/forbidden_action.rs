//! Actions and images that the tree's policy does not take.

use std::collections::BTreeMap;

use crate::config::ActionsAllowed;
use crate::diag::Severity;
use crate::graph::kinds::workflow::Uses;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "forbidden-action",
    title: "action that the policy does not take",
    many: "{n} actions are not taken by the policy",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("forbidden_action.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(custody) = scene.custody() else { return };
    let Some(allowed) = &custody.policy.actions else { return };
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            if matches!(used.value, Uses::Repository { .. } | Uses::Docker(_)) {
                found.entry(used.value.to_string()).or_default().push(Place::new(run.file, used.span));
            }
        }
    }
    for (name, places) in &found {
        let (Some((why, span)), Some(first)) = (wrong(name, allowed), places.first()) else { continue };
        let what = if name.starts_with("docker://") { "image" } else { "action" };
        report
            .at(*first, why)
            .also(places.iter().copied())
            .about("action", name.clone(), None)
            .content(name.clone())
            .related(Place::new(custody.file, span), "the policy")
            .evidence("custody.toml")
            .advise("take one that the policy allows, or have the policy changed in custody.toml, `[actions]`")
            .say(format!("{what} `{name}` {why}"));
    }
}

/// What is wrong with a use, and where the policy says so; none where it will do.
fn wrong(name: &str, allowed: &ActionsAllowed) -> Option<(&'static str, Span)> {
    let hit = |list: &[Spanned<String>]| list.iter().find(|p| matches(p.as_str(), name)).map(|p| p.span);
    if let Some(span) = hit(&allowed.deny) {
        return Some(("is denied by the policy", span));
    }
    let list = allowed.allow.as_ref()?;
    hit(list).is_none().then_some(("is not among what the policy allows", allowed.span))
}

/// Whether a pattern names a use. One that names a repository names what lies in it as well, and without a
/// reference any of them. Owners and repositories are compared whatever their case.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (parts(pattern), parts(name));
    if pattern.image != name.image {
        return false;
    }
    let (wanted, given) = (pattern.name.to_ascii_lowercase(), name.name.to_ascii_lowercase());
    let inside = !pattern.image && glob(&format!("{wanted}/*"), &given);
    (inside || glob(&wanted, &given)) && pattern.reference.is_none_or(|r| name.reference.is_some_and(|n| glob(r, n)))
}

/// A use or a pattern in its parts.
struct Parts<'t> {
    image: bool,
    name: &'t str,
    reference: Option<&'t str>,
}

fn parts(text: &str) -> Parts<'_> {
    let (image, text) = match text.strip_prefix("docker://") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some((name, reference)) = text.split_once('@') {
        return Parts { image, name, reference: Some(reference) };
    }
    // A tag stands behind the last colon, unless that is a port.
    match text.rsplit_once(':').filter(|(_, tag)| image && !tag.contains('/')) {
        Some((name, tag)) => Parts { image, name, reference: Some(tag) },
        None => Parts { image, name: text, reference: None },
    }
}

/// Whether a pattern with `*` for any signs takes a text in whole. What stands between two stars is looked for
/// from left to right, so that it costs no more than their lengths multiplied.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.split_once(piece) {
            Some((_, tail)) => rest = tail,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_uses() {
        for (pattern, name, hit) in [
            ("example/*", "Example/tool@v1", true),
            ("example/*", "example/tool/sub@v1", true),
            ("example/tool", "example/tool/sub@v1", true),
            ("example/tool", "example/tools@v1", false),
            ("example/tool@v1", "example/tool@v1", true),
            ("example/tool@v1", "example/tool@v2", false),
            ("example/tool@v1.*", "example/tool@v1.2", true),
            ("example/tool@*", "example/tool@main", true),
            ("*/*", "example/tool@main", true),
            ("*/*", "docker://example/tool:1", false),
            ("docker://*", "docker://example/tool:1", true),
            ("docker://registry.example.com/*", "docker://registry.example.com/a:1", true),
            ("docker://registry.example.com:5000/*", "docker://registry.example.com:5000/a", true),
            ("docker://alpine", "docker://alpine:3", true),
            ("docker://alpine", "docker://alpine", true),
            ("docker://alpine", "docker://other/alpine", false),
            ("a/*b*c", "a/xbyc@v", true),
            ("a/*b*c", "a/xcyb@v", false),
        ] {
            assert_eq!(matches(pattern, name), hit, "{pattern} {name}");
        }
    }
}
