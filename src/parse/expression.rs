//! Expressions of GitHub Actions, as a tree that keeps its bytes. Source: GitHub Docs, "Evaluate expressions
//! in workflows and actions".
//!
//! `github-actions-expressions` reads the grammar and bounds the depth at GitHub's 50. Length and the number
//! of operators are bounded here, since a long chain of `||` makes a tree as deep as it is long.

use std::ops::Range;

use github_actions_expressions::call::Function as Called;
use github_actions_expressions::literal::Literal;
use github_actions_expressions::op::BinOp;
use github_actions_expressions::{Error, Expr, SpannedExpr};

/// GitHub's own limit on the length of an expression, in bytes.
const MAX_BYTES: usize = 21_000;
/// Operators and brackets in one expression. The longest of 4,000 public workflows has 61.
const MAX_OPERATORS: usize = 512;

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Its bytes in the text that was parsed, brackets included.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ExpressionKind,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A text, unquoted.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `github.event.issue['title']`: names, indices and stars, in order. Never empty.
    Context(Vec<Part>),
    /// A call of a function.
    Call(Function, Vec<Expression>),
    /// `!x`.
    Not(Box<Expression>),
    /// `a == b` and its kind.
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A part of a context.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// `github`, `.event`, also `['event']`. As written.
    Name(String),
    /// `[...]` with something computed, a number among it.
    Index(Expression),
    /// `.*` or `[*]`.
    Star,
    /// What stands in front where that is no name: a call or a group.
    Head(Expression),
}

/// Functions of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `contains`.
    Contains,
    /// `startsWith`.
    StartsWith,
    /// `endsWith`.
    EndsWith,
    /// `format`.
    Format,
    /// `join`.
    Join,
    /// `toJSON`.
    ToJson,
    /// `fromJSON`.
    FromJson,
    /// `hashFiles`.
    HashFiles,
    /// `case`.
    Case,
    /// `success`.
    Success,
    /// `always`.
    Always,
    /// `cancelled`.
    Cancelled,
    /// `failure`.
    Failure,
}

/// Operators between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`, `<=`, `>`, `>=`.
    Order,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong, a fragment.
    pub message: String,
    /// The byte at which it went wrong, where that is known.
    pub offset: Option<usize>,
}

impl Expression {
    /// The names of a context that has nothing but names, in lower case and joined by dots:
    /// `github.event.issue.title`.
    #[must_use]
    pub fn context(&self) -> Option<String> {
        let ExpressionKind::Context(parts) = &self.kind else { return None };
        let names = parts.iter().map(|part| match part {
            Part::Name(name) => Some(name.to_ascii_lowercase()),
            Part::Index(_) | Part::Star | Part::Head(_) => None,
        });
        Some(names.collect::<Option<Vec<_>>>()?.join("."))
    }

    /// The expression and all within it, outermost first.
    #[must_use]
    pub fn all(&self) -> Vec<&Expression> {
        let mut out = Vec::new();
        let mut queue = vec![self];
        while let Some(next) = queue.pop() {
            out.push(next);
            match &next.kind {
                ExpressionKind::Context(parts) => queue.extend(parts.iter().filter_map(|part| match part {
                    Part::Index(inner) | Part::Head(inner) => Some(inner),
                    Part::Name(_) | Part::Star => None,
                })),
                ExpressionKind::Call(_, arguments) => queue.extend(arguments),
                ExpressionKind::Not(inner) => queue.push(inner),
                ExpressionKind::Binary(_, left, right) => queue.extend([&**left, &**right]),
                ExpressionKind::Text(_)
                | ExpressionKind::Number(_)
                | ExpressionKind::Bool(_)
                | ExpressionKind::Null => {}
            }
        }
        out
    }
}

/// Parses an expression, given without `${{` and `}}`.
///
/// # Errors
///
/// What is no expression, calls an unknown function, or is longer or deeper than is read.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
    let refuse = |message: &str| Err(ExpressionError { message: message.to_owned(), offset: None });
    if text.len() > MAX_BYTES {
        return refuse("an expression longer than GitHub takes");
    }
    let operators = text.bytes().filter(|b| matches!(b, b'|' | b'&' | b'=' | b'<' | b'>' | b'(' | b'[' | b'!' | b'.'));
    if operators.count() > MAX_OPERATORS * 2 {
        return refuse("an expression with too many operators");
    }
    Expr::parse(text).map(|found| lower(&found)).map_err(|error| match error {
        Error::Syntax(found) => ExpressionError { message: found.message.to_owned(), offset: Some(found.offset) },
        Error::Depth => ExpressionError { message: "nested deeper than GitHub takes".to_owned(), offset: None },
        Error::Call(found) => ExpressionError { message: found.to_string().to_ascii_lowercase(), offset: None },
    })
}

/// Expressions within a text: the bytes of each, braces included, and the bytes between the braces without the
/// space around. Braces in quotes end nothing. What is not closed is none.
#[must_use]
pub fn embedded(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("${{")).map(|at| at + from) {
        let Some(end) = end(text, start + 3) else { break };
        let inner = text.get(start + 3..end).unwrap_or("");
        let first = start + 3 + (inner.len() - inner.trim_start().len());
        out.push((start..end + 2, first..first + inner.trim().len()));
        from = end + 2;
    }
    out
}

/// Where the `}}` of an expression stands that starts at a byte.
fn end(text: &str, start: usize) -> Option<usize> {
    let mut is_quoted = false;
    let bytes = text.as_bytes().get(start..)?;
    let close = bytes.iter().enumerate().position(|(at, byte)| {
        is_quoted ^= *byte == b'\'';
        !is_quoted && *byte == b'}' && bytes.get(at + 1) == Some(&b'}')
    });
    // A quote that is never closed ends with the first braces, so that the rest of the text is still seen.
    close.map(|at| start + at).or_else(|| text.get(start..)?.find("}}").map(|at| start + at))
}

fn lower(found: &SpannedExpr<'_>) -> Expression {
    let kind = match &found.inner {
        Expr::Literal(Literal::String(text)) => ExpressionKind::Text(text.to_string()),
        Expr::Literal(Literal::Number(number)) => ExpressionKind::Number(*number),
        Expr::Literal(Literal::Boolean(value)) => ExpressionKind::Bool(*value),
        Expr::Literal(Literal::Null) => ExpressionKind::Null,
        Expr::Call(call) => ExpressionKind::Call(function(call.func), call.args.iter().map(lower).collect()),
        Expr::Context(context) => ExpressionKind::Context(context.parts.iter().map(part).collect()),
        Expr::Identifier(_) | Expr::Index(_) | Expr::Star => ExpressionKind::Context(vec![part(found)]),
        Expr::BinExpr(binary) => {
            ExpressionKind::Binary(operator(&binary.op), Box::new(lower(&binary.lhs)), Box::new(lower(&binary.rhs)))
        }
        Expr::UnExpr { expr, .. } => ExpressionKind::Not(Box::new(lower(expr))),
    };
    Expression { range: found.origin.span.start..found.origin.span.end, kind }
}

fn part(found: &SpannedExpr<'_>) -> Part {
    match &found.inner {
        Expr::Identifier(name) => Part::Name(name.as_str().to_owned()),
        Expr::Star => Part::Star,
        Expr::Index(inner) => match &inner.inner {
            Expr::Star => Part::Star,
            Expr::Literal(Literal::String(name)) => Part::Name(name.to_string()),
            _ => Part::Index(lower(inner)),
        },
        _ => Part::Head(lower(found)),
    }
}

fn function(called: Called) -> Function {
    match called {
        Called::Contains => Function::Contains,
        Called::StartsWith => Function::StartsWith,
        Called::EndsWith => Function::EndsWith,
        Called::Format => Function::Format,
        Called::Join => Function::Join,
        Called::ToJSON => Function::ToJson,
        Called::FromJSON => Function::FromJson,
        Called::HashFiles => Function::HashFiles,
        Called::Case => Function::Case,
        Called::Success => Function::Success,
        Called::Always => Function::Always,
        Called::Cancelled => Function::Cancelled,
        Called::Failure => Function::Failure,
    }
}

fn operator(found: &BinOp) -> Operator {
    match found {
        BinOp::And => Operator::And,
        BinOp::Or => Operator::Or,
        BinOp::Eq => Operator::Equal,
        BinOp::Neq => Operator::NotEqual,
        BinOp::Gt | BinOp::Ge | BinOp::Lt | BinOp::Le => Operator::Order,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_keep_their_bytes() {
        let text = "github.event['issue'].title || format('a''b', inputs.x)";
        let found = parse(text).expect("an expression");
        let ExpressionKind::Binary(Operator::Or, left, right) = &found.kind else { panic!("{found:?}") };
        assert_eq!(left.context().as_deref(), Some("github.event.issue.title"));
        assert_eq!(&text[right.range.clone()], "format('a''b', inputs.x)");
        let ExpressionKind::Call(Function::Format, arguments) = &right.kind else { panic!("{right:?}") };
        assert_eq!(arguments[0].kind, ExpressionKind::Text("a'b".to_owned()));
        assert_eq!(found.all().len(), 5);
    }

    #[test]
    fn bombs_are_refused_and_mistakes_are_told() {
        assert!(parse(&"(".repeat(60)).is_err());
        assert!(parse(&["a"; 2000].join("||")).is_err());
        assert!(parse(&"a".repeat(30_000)).is_err());
        assert!(parse(&["a"; 200].join("||")).is_ok());
        assert_eq!(parse("a ||").map_err(|e| e.offset), Err(Some(4)));
        assert!(parse("nothing('x')").is_err_and(|e| e.message.contains("nothing")));
    }

    #[test]
    fn expressions_are_found_in_text() {
        let text = "a ${{ b }} c ${{d}} ${{ '}}' }} ${{ 'x }} ${{ open";
        let found: Vec<_> = embedded(text).into_iter().map(|(all, inner)| (&text[all], &text[inner])).collect();
        assert_eq!(found, [("${{ b }}", "b"), ("${{d}}", "d"), ("${{ '}}' }}", "'}}'"), ("${{ 'x }}", "'x")]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z.'\\[\\](){}$!&|=<>*, 0-9\u{e9}]{0,60}") {
            if let Ok(found) = parse(&text) {
                for part in found.all() {
                    proptest::prop_assert!(text.get(part.range.clone()).is_some());
                    proptest::prop_assert!(found.range.start <= part.range.start && part.range.end <= found.range.end);
                }
            }
            for (all, inner) in embedded(&text) {
                proptest::prop_assert!(text[all.clone()].starts_with("${{") && text[all.clone()].ends_with("}}"));
                proptest::prop_assert!(all.start + 3 <= inner.start && inner.end + 2 <= all.end);
            }
        }
    }
}
