//! What commands load, as references.

use std::sync::Arc;

use super::Reference;
use crate::commands::Act;
use crate::source::Embedded;

/// References of a script's acts; `text` is the script within its file.
#[must_use]
pub fn of_script(path: &Arc<str>, acts: &[Act], text: &Embedded) -> Vec<Reference> {
    let _ = (path, acts, text);
    Vec::new()
}
