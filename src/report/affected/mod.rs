//! What `affected` answers, as text and as JSON.

mod json;
mod lines;
mod text;
mod todo;

pub use json::{SCHEMA, json};
pub use text::text;
