//! What `FROM` stands for: an earlier stage, an image, nothing.

use crate::graph::kinds::docker::{Base, Stage, stage_named};
use crate::parse::dockerfile::Expanded;

/// The base of `FROM`, out of the stages before it.
pub(super) fn of_from(value: &Expanded, stages: &[Stage]) -> Base {
    let text = value.text.trim();
    if !value.known || is_template(text) {
        return Base::Unknown(text.to_owned());
    }
    if let Some(index) = stage_named(text, stages) {
        return Base::Stage(index);
    }
    if text == "scratch" {
        return Base::Scratch;
    }
    Base::Image { reference: text.to_owned(), by_argument: value.substituted }
}

/// `{{ X }}`, `@X@`, `<image>`: something puts a name in before the file is built.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
        || text.contains("{%")
        || text.contains(['<', '>'])
        || text.starts_with('@')
        || text.ends_with('@')
}
