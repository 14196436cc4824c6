//! Bills of materials: one model of what a product is made of, and all that is done with it as a document. It is
//! written as CycloneDX and SPDX, read back from those of others, checked, compared and bound to what it describes.
//!
//! Nothing here knows how an audit finds parts; `inventory` makes the model from the graph of a tree.

pub mod complete;
pub mod diff;
mod licences;
pub mod model;
pub mod properties;
pub mod purl;
pub mod read;
#[cfg(test)]
pub mod sample;
pub mod statement;
pub mod time;
pub mod validate;
pub mod write;

pub use model::Bom;
