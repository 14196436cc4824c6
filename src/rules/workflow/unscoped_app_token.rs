//! Tokens of GitHub apps that may do all that the app may, everywhere it is installed.

use super::written::{self, and_others};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Span;

pub(super) static RULE: Rule = Rule {
    id: "unscoped-app-token",
    title: "an app's token with all the app's rights",
    many: "{n} files ask for an app's token with all its rights",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unscoped_app_token.md"),
    check,
};

/// An action that asks for an app's token. Sources: the `action.yml` of each.
struct Maker {
    /// Lower case.
    name: &'static str,
    /// The input that names the rights, or what such inputs begin with.
    rights: &'static str,
    /// Whether repositories are left open by `owner` alone.
    by_owner: bool,
    /// The input that keeps the token alive after the job, with the value that does.
    kept: Option<(&'static str, &'static str)>,
}

const MAKERS: &[Maker] = &[
    Maker {
        name: "actions/create-github-app-token",
        rights: "permission-",
        by_owner: true,
        kept: Some(("skip-token-revoke", "true")),
    },
    Maker { name: "tibdex/github-app-token", rights: "permissions", by_owner: false, kept: Some(("revoke", "false")) },
    Maker {
        name: "peter-murray/workflow-application-token-action",
        rights: "permissions",
        by_owner: false,
        // It takes the token back only when told to.
        kept: None,
    },
];

/// Rights over an organisation, for which a list of repositories means nothing. Source: `action.yml` of
/// actions/create-github-app-token.
const OF_ORGANISATION: &[&str] =
    &["permission-members", "permission-custom-properties-for-organizations", "permission-enterprise-"];

/// What is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    Rights,
    Repositories,
    Kept,
    PerhapsKept,
}

impl Open {
    fn said(self) -> &'static str {
        match self {
            Self::Rights => "has every right of the app",
            Self::Repositories => "holds for every repository of the owner that the app is installed in",
            Self::Kept => "lives on after the job",
            Self::PerhapsKept => "may live on after the job",
        }
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let mut found: Vec<(&Step, Open, Span)> = file
            .steps()
            .flat_map(|step| left_open(step).into_iter().map(move |(open, span)| (step, open, span)))
            .collect();
        found.sort_by_key(|(_, open, span)| (*open, span.start));
        let Some((step, open, span)) = found.first().copied() else { continue };
        let name = step.uses.as_ref().map(|u| u.value.to_string()).unwrap_or_default();
        let maker = step.uses.as_ref().and_then(|u| maker(&u.value));
        let kinds = |wanted: Open| found.iter().any(|(_, open, _)| *open == wanted);
        let steps = found.iter().filter(|(_, kind, _)| *kind == open).count();
        let mut draft = report
            .at(file.at(span), open.said())
            .confidence(if open == Open::PerhapsKept { Confidence::Low } else { Confidence::High })
            .about("action", name.split('@').next().unwrap_or_default(), None)
            .content(format!("{open:?}"))
            .also(found.iter().map(|(_, _, span)| file.at(*span)));
        for (step, open, span) in found.iter().skip(1).take(4) {
            draft = draft.related(file.at(*span), format!("the token of step {} {}", step.title(), open.said()));
        }
        if kinds(Open::Rights) {
            draft = draft.advise(match maker.map(|m| m.rights) {
                Some("permission-") => "name the rights that the steps use, such as `permission-contents: read`",
                _ => "name the rights that the steps use under `permissions`",
            });
        }
        if kinds(Open::Repositories) {
            draft = draft.advise("name the repositories under `repositories`");
        }
        if kinds(Open::Kept) || kinds(Open::PerhapsKept) {
            draft = draft.advise("let the action take the token back at the end of the job, as it does by itself");
        }
        draft.say(format!("the token of step {} {}{}", step.title(), open.said(), and_others(steps)));
    }
}

fn maker(uses: &Uses) -> Option<&'static Maker> {
    let Uses::Repository { owner, repo, path, .. } = uses else { return None };
    let name = format!("{owner}/{repo}").to_ascii_lowercase();
    MAKERS.iter().find(|maker| maker.name == name && path.trim_matches('/').is_empty())
}

fn left_open(step: &Step) -> Vec<(Open, Span)> {
    let Some(uses) = &step.uses else { return Vec::new() };
    let Some(maker) = maker(&uses.value) else { return Vec::new() };
    let names: Vec<String> = step.with.iter().map(|(name, _)| name.value.to_ascii_lowercase()).collect();
    let is_right = |name: &&String| {
        if maker.rights.ends_with('-') { name.starts_with(maker.rights) } else { *name == maker.rights }
    };
    let mut rights = names.iter().filter(is_right).peekable();
    let is_unnamed = rights.peek().is_none();
    let of_organisation = |name: &String| {
        name.starts_with("permission-organization-") || OF_ORGANISATION.iter().any(|known| name.starts_with(known))
    };
    let is_organisation = !is_unnamed && rights.all(of_organisation);
    let mut out = Vec::new();
    if is_unnamed {
        out.push((Open::Rights, uses.span));
    }
    let owner = step.with.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("owner"));
    if let Some((key, value)) = owner.filter(|_| maker.by_owner)
        && !names.iter().any(|name| name == "repositories")
        && !is_organisation
    {
        out.push((Open::Repositories, key.span.to(value.span)));
    }
    if let Some((input, value)) = maker.kept
        && let Some(set) = step.input(input)
    {
        if set.value.trim().eq_ignore_ascii_case(value) {
            out.push((Open::Kept, set.span));
        } else if set.value.contains("${{") {
            out.push((Open::PerhapsKept, set.span));
        }
    }
    out
}
