//! What an `if:` says about an event and a stranger who causes it.
//!
//! Three-valued: most of a condition cannot be told from the file. What rules out the event or the
//! stranger is false, what asks for somebody trusted (a label, an association, a named account) is
//! a gate, and the rest is unknown.

use crate::parse::expression::{Expression, ExpressionKind, Function, Operator, Part, parse};

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It fails.
    False,
    /// It may hold.
    Unknown,
    /// It holds.
    True,
}

/// What a condition leaves of an event caused by a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It cannot pass.
    Closed,
    /// It passes once somebody trusted has done something.
    Gated,
    /// It may pass.
    Open,
}

/// A condition, read once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    /// None where there is no condition, and where it is no expression: it may hold.
    tree: Option<Expression>,
}

impl Condition {
    /// Reads the value of an `if`.
    pub(crate) fn of(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::default();
        }
        // `${{ a }} && b` is text and holds always. It is read as it was meant; that it does not do so is a
        // finding of its own.
        let bare = text.replace("${{", "   ").replace("}}", "  ");
        Self { tree: parse(&bare).ok() }
    }

    /// Whether a run for `event`, caused by a stranger from a fork, passes.
    pub(crate) fn passage(&self, event: &str) -> Passage {
        let Some(tree) = &self.tree else { return Passage::Open };
        if truth(tree, event, Truth::Unknown) == Truth::False {
            Passage::Closed
        } else if truth(tree, event, Truth::False) == Truth::False {
            Passage::Gated
        } else {
            Passage::Open
        }
    }

    /// Whether it holds whatever became of the steps or jobs before.
    pub(crate) fn runs_anyway(&self) -> bool {
        let tree = self.tree.as_ref();
        tree.is_some_and(|tree| {
            tree.all().into_iter().any(|part| match &part.kind {
                ExpressionKind::Call(Function::Always, _) => true,
                ExpressionKind::Not(inner) => matches!(inner.kind, ExpressionKind::Call(Function::Cancelled, _)),
                _ => false,
            })
        })
    }
}

/// Whether a run for `event`, caused by a stranger from a fork, passes a condition.
pub(crate) fn passage(condition: &str, event: &str) -> Passage {
    Condition::of(condition).passage(event)
}

/// What is known of an expression under an event caused by a stranger. `gate` is what stands for a part that
/// asks for somebody trusted.
pub(crate) fn truth(found: &Expression, event: &str, gate: Truth) -> Truth {
    let told = |holds: bool| if holds { Truth::True } else { Truth::False };
    match &found.kind {
        ExpressionKind::Text(text) => told(!text.is_empty()),
        ExpressionKind::Number(number) => told(*number != 0.0),
        ExpressionKind::Bool(value) => told(*value),
        ExpressionKind::Null => Truth::False,
        ExpressionKind::Not(inner) => match truth(inner, event, gate) {
            Truth::False => Truth::True,
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
        },
        ExpressionKind::Binary(Operator::Or, left, right) => {
            match (truth(left, event, gate), truth(right, event, gate)) {
                (Truth::True, _) | (_, Truth::True) => Truth::True,
                (Truth::False, Truth::False) => Truth::False,
                _ => Truth::Unknown,
            }
        }
        ExpressionKind::Binary(Operator::And, left, right) => {
            match (truth(left, event, gate), truth(right, event, gate)) {
                (Truth::False, _) | (_, Truth::False) => Truth::False,
                (Truth::True, Truth::True) => Truth::True,
                _ => Truth::Unknown,
            }
        }
        ExpressionKind::Binary(Operator::Equal, left, right) => compared(left, right, true, event, gate),
        ExpressionKind::Binary(Operator::NotEqual, left, right) => compared(left, right, false, event, gate),
        ExpressionKind::Binary(Operator::Order, ..) => Truth::Unknown,
        ExpressionKind::Call(Function::Always | Function::Success, _) => Truth::True,
        ExpressionKind::Call(Function::Contains, arguments) => match arguments.as_slice() {
            [list, item] if item.context().as_deref() == Some("github.event_name") => told(shown(list).contains(event)),
            _ => asked(found, gate),
        },
        ExpressionKind::Context(_) => match found.context().as_deref() {
            Some("github.event.pull_request.head.repo.fork") => Truth::True,
            Some("github.event.pull_request.merged") => gate,
            _ => asked(found, gate),
        },
        ExpressionKind::Call(..) => asked(found, gate),
    }
}

/// What is known of `a == b`, or of `a != b`.
fn compared(left: &Expression, right: &Expression, equal: bool, event: &str, gate: Truth) -> Truth {
    let told = |holds: bool| if holds { Truth::True } else { Truth::False };
    if [left, right].iter().any(|s| matches!(s.kind, ExpressionKind::Binary(..) | ExpressionKind::Not(_))) {
        return Truth::Unknown;
    }
    let sides = [shown(left), shown(right)];
    let with = |name: &str| sides.iter().position(|s| *s == name).map(|at| sides[1 - at].trim_matches('\''));
    if let Some(named) = with("github.event_name") {
        return told((named == event) == equal);
    }
    // A run that a stranger's pull request caused.
    if let Some(named) = with("github.event.workflow_run.event") {
        return if named.starts_with("pull_request") {
            if equal { Truth::Unknown } else { Truth::False }
        } else {
            told(!equal)
        };
    }
    if sides.iter().any(|s| is_head_repository(s)) {
        return told(!equal);
    }
    if let Some(named) = with("github.event.pull_request.head.repo.fork") {
        return told((named == "true") == equal);
    }
    if with("github.event.pull_request.merged").is_some_and(|v| (v == "true") == equal) {
        return gate;
    }
    if sides.iter().any(|s| asks_for_trust(s)) {
        // `!= 'some-bot'` holds for a stranger.
        return if equal { gate } else { Truth::Unknown };
    }
    Truth::Unknown
}

fn asked(found: &Expression, gate: Truth) -> Truth {
    if asks_for_trust(&shown(found)) { gate } else { Truth::Unknown }
}

/// An expression in one spelling: lower case, without space, names joined by dots.
fn shown(found: &Expression) -> String {
    let mut out = String::new();
    show(found, &mut out);
    out
}

fn show(found: &Expression, out: &mut String) {
    let list = |arguments: &[Expression], out: &mut String| {
        for argument in arguments {
            out.push(',');
            show(argument, out);
        }
    };
    match &found.kind {
        ExpressionKind::Text(text) => {
            out.push('\'');
            out.push_str(&text.to_lowercase());
            out.push('\'');
        }
        ExpressionKind::Number(number) => out.push_str(&number.to_string()),
        ExpressionKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExpressionKind::Null => out.push_str("null"),
        ExpressionKind::Call(function, arguments) => {
            out.push_str(&format!("{function:?}").to_lowercase());
            list(arguments, out);
        }
        ExpressionKind::Not(inner) => {
            out.push('!');
            show(inner, out);
        }
        ExpressionKind::Binary(_, left, right) => {
            show(left, out);
            out.push(' ');
            show(right, out);
        }
        ExpressionKind::Context(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('.');
                }
                match part {
                    Part::Name(name) => out.push_str(&name.to_lowercase()),
                    Part::Star => out.push('*'),
                    Part::Index(inner) | Part::Head(inner) => show(inner, out),
                }
            }
        }
    }
}

fn is_head_repository(side: &str) -> bool {
    let own = side.contains("head.repo.") || side.contains("head_repository.");
    own && (side.ends_with("full_name") || side.ends_with("login") || side.ends_with(".id") || side.ends_with("owner"))
}

/// Whether a value speaks of who acted or of what a maintainer did.
fn asks_for_trust(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "author_association",
        "label",
        "github.actor",
        "github.triggering_actor",
        ".login",
        "sender.",
        "permission",
        "authorized",
        "authorised",
        "allowed",
        "member",
        "maintainer",
        "trusted",
        "approved",
    ];
    // A word inside a longer name counts, a comment's text does not.
    !text.contains("comment.body")
        && SIGNS.iter().any(|sign| text.contains(sign))
        && text.chars().any(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_close_gate_or_let_through() {
        use Passage::{Closed, Gated, Open};
        let event = "pull_request_target";
        for (text, expected) in [
            ("", Open),
            ("github.event_name == 'push'", Closed),
            ("${{ github.event_name != 'pull_request_target' && true }}", Closed),
            ("github.event_name == 'push' || github.event_name == 'pull_request_target'", Open),
            ("github.event.pull_request.head.repo.full_name == github.repository", Closed),
            ("!github.event.pull_request.head.repo.fork", Closed),
            ("contains(github.event.pull_request.labels.*.name, 'ok-to-test')", Gated),
            ("!contains(github.event.pull_request.labels.*.name, 'skip')", Open),
            ("github.actor != 'dependabot[bot]'", Open),
            ("github.actor == 'dependabot[bot]'", Gated),
            (
                "(github.event.action == 'opened' || github.event.label.name == 'ok') && github.repository == 'a/b'",
                Open,
            ),
            ("contains(fromJSON('[\"MEMBER\"]'), github.event.comment.author_association)", Gated),
            ("contains(github.event.comment.body, '/label')", Open),
            ("contains('push release', github.event_name)", Closed),
        ] {
            assert_eq!(passage(text, event), expected, "{text}");
        }
        assert_eq!(passage("github.event.workflow_run.event == 'push'", "workflow_run"), Closed);
    }

    #[test]
    fn deep_nesting_ends() {
        let text = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(passage(&text, "push"), Passage::Open);
    }
}
