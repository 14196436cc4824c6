//! Parts of a secret, which the runner does not know to be secret.

use super::written::{self, and_others, shown};
use crate::diag::Severity;
use crate::graph::kinds::workflow::{Evaluated, Template};
use crate::parse::expression::{Expression, ExpressionKind, Function};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unredacted-secrets",
    title: "a part of a secret that logs show",
    many: "{n} files take secrets apart, and logs show the parts",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unredacted_secrets.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let mut found: Vec<(&Template, &Evaluated, &Expression, String)> =
            file.parts().filter_map(|(template, of, part)| Some((template, of, part, taken_apart(part)?))).collect();
        found.sort_by_key(|(template, of, part, _)| template.place(of, part).start);
        let Some((template, of, part, name)) = found.first() else { continue };
        report
            .at(file.at(template.place(of, part)), "its parts are not blotted out in logs")
            .about("secret", name.clone(), None)
            .also(found.iter().map(|(template, of, part, _)| file.at(template.place(of, part))))
            .evidence("the runner blots out the whole value of a secret, and nothing else")
            .advise("keep each part in a secret of its own, or call `::add-mask::` for each part before it is used")
            .say(format!(
                "{} takes {name} apart by `{}`, and logs show the parts{}",
                file.owner(template.span),
                shown(template.written(of, part)),
                and_others(found.len())
            ));
    }
}

/// The secret that a call of `fromJSON` takes apart.
fn taken_apart(part: &Expression) -> Option<String> {
    let ExpressionKind::Call(Function::FromJson, arguments) = &part.kind else { return None };
    arguments.iter().find_map(|argument| {
        let name = argument.context()?;
        Some(name.strip_prefix("secrets.")?.to_ascii_uppercase()).filter(|n| !n.is_empty())
    })
}
