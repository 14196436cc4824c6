//! What `affected` answers, as text and as JSON.

mod json;
mod text;

pub use json::{SCHEMA, json};
pub use text::text;
