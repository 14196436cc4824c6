//! Bounded, span-keeping readings of formats. The only callers of third-party parsers.
//!
//! Nothing here knows which file it reads or why. Input is hostile: every parser charges a
//! [`Budget`], checks nesting before it hands bytes to a recursive parser, and turns what it could
//! not read into a [`Problem`] while keeping the rest.

pub mod archive;
pub mod auditable;
pub mod budget;
pub mod cargo_checksum;
pub mod cmake;
pub mod core_metadata;
pub mod decode;
pub mod dockerfile;
pub mod expression;
pub mod index_cache;
pub mod ini;
pub mod json;
pub mod json_stream;
pub mod licence;
pub mod marker;
pub mod metadata;
pub mod pep508;
pub mod plain_json;
mod problems;
pub mod python;
pub mod python_text;
pub mod record;
pub mod rust;
pub mod seven_zip;
pub mod shell;
mod syntax;
pub mod template;
pub mod toml;
pub mod toml_write;
pub mod xml;
pub mod yaml;

pub use budget::{Budget, Problem};
pub(crate) use problems::Problems;
