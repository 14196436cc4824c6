//! Small steps that all JSON readers take.

use super::Facts;
use crate::parse::json::{self, Json, Value};
use crate::parse::{Budget, Problem};
use crate::source::{SourceFile, Spanned};

/// Parses a file and hands over its problems.
pub(super) fn document(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Json {
    let parsed = json::parse(&file.text, budget);
    handed_over(parsed, file, budget, out)
}

/// The same of a file in which an editor allows comments.
pub(super) fn document_with_comments(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Json {
    let parsed = json::parse_with_comments(&file.text, budget);
    handed_over(parsed, file, budget, out)
}

fn handed_over(mut parsed: Json, file: &SourceFile, budget: &Budget, out: &mut Facts) -> Json {
    out.problems.append(&mut parsed.problems);
    let kept = budget.problems.saturating_sub(out.problems.len());
    for again in parsed.duplicates.iter().take(kept) {
        out.problems.push(Problem::new(again.again, format!("`{}` is defined twice; the last is read", again.key)));
    }
    if parsed.root.is_none() {
        let why = if file.text.trim().is_empty() { "it is empty" } else { "nothing in it could be read" };
        out.unread = Some(why.to_owned());
    }
    parsed
}

/// The text of a string with its place.
pub(super) fn text(value: Option<&Value>) -> Option<Spanned<String>> {
    let value = value?;
    value.as_str().map(|text| Spanned::new(text.to_owned(), value.span))
}

/// The strings of an array.
pub(super) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.map_or(&[][..], Value::items).iter().filter_map(Value::as_str)
}
