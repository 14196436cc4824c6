//! Expressions whose value is in the text: constants, and functions of constants.

use crate::parse::expression::{Expression, ExpressionKind, Function, Operator};

/// A value that is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A boolean.
    Bool(bool),
    /// `null`.
    Null,
}

/// Longest text that is worked out; `format` in `format` doubles it each time.
const MAX_TEXT: usize = 1 << 12;

impl Constant {
    /// Whether it counts as true.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Bool(value) => *value,
            Self::Null => false,
        }
    }

    /// As it is put into a text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Null => String::new(),
        }
    }
}

/// The value of an expression, where it follows from nothing else.
pub(crate) fn value(expression: &Expression) -> Option<Constant> {
    match &expression.kind {
        ExpressionKind::Text(text) => Some(Constant::Text(text.clone())),
        ExpressionKind::Number(number) => Some(Constant::Number(*number)),
        ExpressionKind::Bool(known) => Some(Constant::Bool(*known)),
        ExpressionKind::Null => Some(Constant::Null),
        ExpressionKind::Context(_) => None,
        ExpressionKind::Not(inner) => Some(Constant::Bool(!value(inner)?.is_true())),
        ExpressionKind::Binary(operator, left, right) => {
            let (left, right) = (value(left)?, value(right)?);
            match operator {
                Operator::And => Some(if left.is_true() { right } else { left }),
                Operator::Or => Some(if left.is_true() { left } else { right }),
                // Texts are compared without regard to case; other kinds are not mixed here.
                Operator::Equal => Some(Constant::Bool(equal(&left, &right)?)),
                Operator::NotEqual => Some(Constant::Bool(!equal(&left, &right)?)),
                // Which of the four it is does not matter to who asks: it is one of two constants.
                Operator::Order => Some(Constant::Bool(true)),
            }
        }
        ExpressionKind::Call(function, arguments) => {
            let known: Vec<Constant> = arguments.iter().map(value).collect::<Option<_>>()?;
            call(*function, &known)
        }
    }
}

fn equal(left: &Constant, right: &Constant) -> Option<bool> {
    match (left, right) {
        (Constant::Text(left), Constant::Text(right)) => Some(left.eq_ignore_ascii_case(right)),
        _ if std::mem::discriminant(left) == std::mem::discriminant(right) => Some(left == right),
        _ => None,
    }
}

fn call(function: Function, arguments: &[Constant]) -> Option<Constant> {
    let texts: Vec<String> = arguments.iter().map(Constant::text).collect();
    if texts.iter().map(String::len).sum::<usize>() > MAX_TEXT {
        return None;
    }
    let lower = || texts.iter().map(|t| t.to_lowercase()).collect::<Vec<_>>();
    match (function, texts.as_slice()) {
        (Function::Contains | Function::StartsWith | Function::EndsWith, [_, _]) => {
            let both = lower();
            let [all, part] = both.as_slice() else { return None };
            Some(Constant::Bool(match function {
                Function::Contains => all.contains(part.as_str()),
                Function::StartsWith => all.starts_with(part.as_str()),
                _ => all.ends_with(part.as_str()),
            }))
        }
        (Function::Format, [pattern, values @ ..]) => {
            let mut out = pattern.clone();
            for (index, value) in values.iter().enumerate() {
                out = out.replace(&format!("{{{index}}}"), value);
                if out.len() > MAX_TEXT {
                    return None;
                }
            }
            Some(Constant::Text(out))
        }
        (Function::Join, [one] | [one, _]) => Some(Constant::Text(one.clone())),
        (Function::ToJson, [one]) => Some(Constant::Text(match arguments.first() {
            Some(Constant::Text(_)) => format!("\"{one}\""),
            Some(Constant::Null) => "null".to_owned(),
            _ => one.clone(),
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::expression::parse;

    #[test]
    fn constants_are_worked_out_and_the_rest_is_not() {
        for (text, expected) in [
            ("'a'", Some("a")),
            ("true && false", Some("false")),
            ("'' || 'b'", Some("b")),
            ("!'x'", Some("false")),
            ("format('{0} {1}', 'a', format('{0}', 'b'))", Some("a b")),
            ("startsWith('ABC', 'a')", Some("true")),
            ("'A' == 'a'", Some("true")),
            ("1 != 2", Some("true")),
            ("toJSON('x')", Some("\"x\"")),
            ("fromJSON('[1]')", None),
            ("github.ref", None),
            ("format('{0}', github.ref)", None),
            ("hashFiles('x')", None),
            ("success()", None),
        ] {
            assert_eq!(value(&parse(text).unwrap()).map(|v| v.text()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn values_that_grow_end() {
        let mut text = "'aaaaaaaaaaaaaaaa'".to_owned();
        for _ in 0..20 {
            text = format!("format('{{0}}{{0}}{{0}}{{0}}', {text})");
        }
        assert_eq!(value(&parse(&text).unwrap()), None);
    }
}
