//! Values of GitHub's expressions, as far as the action uses them. Source: GitHub Docs, "Evaluate expressions in
//! workflows and actions".

use cargo_custody::parse::expression::{self, Expression, ExpressionKind, Function, Operator};
use serde_json::Value;

/// Contexts by their name.
pub(crate) struct Contexts(pub(crate) Value);

impl Contexts {
    /// A text with its expressions replaced.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = String::new();
        let mut from = 0;
        for (whole, inner) in expression::embedded(text) {
            out.push_str(&text[from..whole.start]);
            out.push_str(&as_text(&self.value(&text[inner])));
            from = whole.end;
        }
        out + &text[from..]
    }

    /// What an `if` says; without one of the status functions a step runs after successes only.
    pub(crate) fn holds(&self, condition: Option<&str>, is_successful: bool) -> bool {
        let Some(condition) = condition else { return is_successful };
        let inner = match expression::embedded(condition).as_slice() {
            [(_, inner)] => &condition[inner.clone()],
            _ => condition,
        };
        let parsed = expression::parse(inner).expect("the condition is an expression");
        let asks_status = parsed.all().iter().any(|part| {
            matches!(
                part.kind,
                ExpressionKind::Call(Function::Always | Function::Cancelled | Function::Failure | Function::Success, _)
            )
        });
        (asks_status || is_successful) && is_true(&self.evaluate(&parsed))
    }

    fn value(&self, text: &str) -> Value {
        self.evaluate(&expression::parse(text).unwrap_or_else(|e| panic!("{text}: {}", e.message)))
    }

    fn evaluate(&self, expression: &Expression) -> Value {
        match &expression.kind {
            ExpressionKind::Text(text) => Value::from(text.as_str()),
            ExpressionKind::Number(number) => Value::from(*number),
            ExpressionKind::Bool(value) => Value::from(*value),
            ExpressionKind::Null => Value::Null,
            ExpressionKind::Context(_) => {
                let path = expression.context().expect("names only");
                let value = path.split('.').try_fold(&self.0, |value, name| value.get(name));
                value.cloned().unwrap_or(Value::Null)
            }
            ExpressionKind::Call(Function::Cancelled, _) => Value::from(false),
            ExpressionKind::Call(Function::Always, _) => Value::from(true),
            ExpressionKind::Call(function, _) => panic!("{function:?} is not known to this harness"),
            ExpressionKind::Not(inner) => Value::from(!is_true(&self.evaluate(inner))),
            ExpressionKind::Binary(operator, left, right) => {
                let left = self.evaluate(left);
                match operator {
                    Operator::And if !is_true(&left) => left,
                    Operator::Or if is_true(&left) => left,
                    Operator::And | Operator::Or => self.evaluate(right),
                    // Texts compare without regard to case; an absent value is like an empty text.
                    Operator::Equal => Value::from(is_same(&left, &self.evaluate(right))),
                    Operator::NotEqual => Value::from(!is_same(&left, &self.evaluate(right))),
                    Operator::Order => panic!("orders are not known to this harness"),
                }
            }
        }
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    as_text(left).eq_ignore_ascii_case(&as_text(right))
}

fn is_true(value: &Value) -> bool {
    !matches!(as_text(value).as_str(), "" | "false" | "0") || value.as_str().is_some_and(|text| !text.is_empty())
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn expressions_have_the_values_of_github() {
    let contexts = Contexts(serde_json::json!({"inputs": {"sarif": "auto"}, "github": {"repository": "Own/Name"}}));
    for (text, value) in [
        ("a ${{ inputs.sarif }} b", "a auto b"),
        ("${{ inputs.absent }}", ""),
        ("${{ inputs.sarif == 'AUTO' }}", "true"),
        ("${{ github.event.pull_request.head.repo.full_name || github.repository }}", "Own/Name"),
        ("${{ inputs.absent == '' }}", "true"),
        ("${{ inputs.sarif && 'x' }}", "x"),
    ] {
        assert_eq!(contexts.text(text), value, "{text}");
    }
    assert!(!contexts.holds(None, false));
    assert!(!contexts.holds(Some("inputs.sarif == 'auto'"), false));
    assert!(contexts.holds(Some("${{ !cancelled() && inputs.sarif == 'auto' }}"), false));
}
