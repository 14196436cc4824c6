//! What `FROM` and `--from` stand for: an earlier stage, an image, nothing.

use crate::graph::kinds::docker::{Base, Stage};
use crate::parse::dockerfile::Expanded;

/// The base of `FROM`, out of the stages before it.
pub(super) fn of_from(value: &Expanded, stages: &[Stage]) -> Base {
    let text = value.text.trim();
    if !value.known || is_template(text) {
        return Base::Unknown(text.to_owned());
    }
    if let Some(index) = named(text, stages) {
        return Base::Stage(index);
    }
    if text == "scratch" {
        return Base::Scratch;
    }
    Base::Image { reference: text.to_owned(), by_argument: value.substituted }
}

/// What `--from` in the last of the stages names.
pub(super) fn of_flag(text: &str, stages: &[Stage]) -> Base {
    let before = stages.get(..stages.len().saturating_sub(1)).unwrap_or_default();
    // BuildKit puts no variables in here.
    if text.is_empty() || text.contains('$') || is_template(text) {
        return Base::Unknown(text.to_owned());
    }
    if let Some(index) = named(text, before) {
        return Base::Stage(index);
    }
    if let Ok(index) = text.parse::<usize>() {
        return if index < before.len() { Base::Stage(index) } else { Base::Unknown(text.to_owned()) };
    }
    if text == "scratch" {
        return Base::Scratch;
    }
    Base::Image { reference: text.to_owned(), by_argument: false }
}

/// The last stage of a name. Names of stages have no case.
fn named(text: &str, stages: &[Stage]) -> Option<usize> {
    stages.iter().rev().find(|s| s.name.as_ref().is_some_and(|n| n.value.eq_ignore_ascii_case(text))).map(|s| s.index)
}

/// `{{ X }}`, `@X@`, `<image>`: something puts a name in before the file is built.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
        || text.contains("{%")
        || text.contains(['<', '>'])
        || text.starts_with('@')
        || text.ends_with('@')
}
