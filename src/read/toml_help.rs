//! Small steps that all TOML readers take.

use crate::parse::toml::{self, Table, Toml, Value};
use crate::parse::{Budget, Problem};
use crate::source::{SourceFile, Spanned};

use super::Facts;

/// Parses a file and hands over its problems.
pub(super) fn document(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Toml {
    let mut parsed = toml::parse(&file.text, budget);
    out.problems.append(&mut parsed.problems);
    for again in &parsed.duplicates {
        out.problems.push(Problem::new(again.again, format!("`{}` is defined twice; the first is read", again.key)));
    }
    if parsed.root.is_empty() && !out.problems.is_empty() {
        out.unread = Some("nothing in it could be read".to_owned());
    }
    parsed
}

/// The text of a string with its place.
pub(super) fn text(value: Option<&Value>) -> Option<Spanned<String>> {
    let value = value?;
    value.as_str().map(|text| Spanned::new(text.to_owned(), value.span))
}

/// The strings of an array.
pub(super) fn texts(value: Option<&Value>) -> Vec<Spanned<String>> {
    value.and_then(Value::as_array).unwrap_or_default().iter().filter_map(|v| text(Some(v))).collect()
}

/// A table below a path of keys.
pub(super) fn table<'t>(root: &'t Table, path: &[&str]) -> Option<&'t Table> {
    path.iter().try_fold(root, |table, key| table.get(key)?.as_table())
}
