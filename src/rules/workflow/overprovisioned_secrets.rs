//! The whole table of secrets put where one is needed.

use super::written::{self, and_others, shown};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Evaluated, Job, Template};
use crate::parse::expression::{Expression, ExpressionKind, Function, Part};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "overprovisioned-secrets",
    title: "all secrets where one is needed",
    many: "{n} files put all secrets where one is needed",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("overprovisioned_secrets.md"),
    check,
};

/// A use of the table.
struct Use<'a> {
    template: &'a Template,
    of: &'a Evaluated,
    part: &'a Expression,
    severity: Severity,
    is_whole: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let mut found: Vec<Use<'_>> = file
            .parts()
            .filter_map(|(template, of, part)| of_table(file.job(template.span), template, of, part))
            .collect();
        found.sort_by_key(|u| (std::cmp::Reverse(u.severity), u.template.place(u.of, u.part).start));
        let Some(first) = found.first() else { continue };
        let place = |u: &Use<'_>| file.at(u.template.place(u.of, u.part));
        let owner = file.owner(first.template.span);
        report
            .at(place(first), if first.is_whole { "every secret" } else { "which secret is computed" })
            .severity(first.severity)
            .confidence(if first.severity == Severity::Low { Confidence::Medium } else { Confidence::High })
            .about("expression", shown(first.template.written(first.of, first.part)), None)
            .also(found.iter().map(place))
            .evidence(
                "the runner is sent every secret of the repository and organisation for it, not the one that is read",
            )
            .advise("name the secrets that are needed, each by itself: ${{ secrets.NAME }}")
            .say(if first.is_whole {
                format!(
                    "{owner} is given every secret by `{}`{}",
                    shown(first.template.written(first.of, first.part)),
                    and_others(found.len())
                )
            } else {
                format!(
                    "{owner} computes which secret it reads, by `{}`{}",
                    shown(first.template.written(first.of, first.part)),
                    and_others(found.len())
                )
            });
    }
}

fn of_table<'a>(job: Option<&Job>, template: &'a Template, of: &'a Evaluated, part: &'a Expression) -> Option<Use<'a>> {
    let (severity, is_whole) = match &part.kind {
        ExpressionKind::Call(Function::ToJson, arguments) => {
            let is_table = arguments.iter().any(|a| a.context().as_deref() == Some("secrets"));
            is_table.then_some((Severity::Medium, true))?
        }
        ExpressionKind::Context(parts) => match parts.as_slice() {
            [Part::Name(name), Part::Star, ..] if name.eq_ignore_ascii_case("secrets") => (Severity::Medium, true),
            [Part::Name(name), Part::Index(index), ..] if name.eq_ignore_ascii_case("secrets") => {
                // A matrix of constants names them as well as could be.
                (if is_listed(job, index) { Severity::Low } else { Severity::Medium }, false)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Use { template, of, part, severity, is_whole })
}

/// Whether an index depends on nothing but constants of the job's matrix.
fn is_listed(job: Option<&Job>, index: &Expression) -> bool {
    let Some(job) = job else { return false };
    let mut contexts = index.all().into_iter().filter(|p| matches!(p.kind, ExpressionKind::Context(_))).peekable();
    contexts.peek().is_some()
        && contexts.all(|part| {
            let name = part.context();
            let key =
                name.as_deref().and_then(|name| name.strip_prefix("matrix.")).and_then(|rest| rest.split('.').next());
            key.is_some_and(|key| job.matrix.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)))
        })
}
