//! Bills of materials as documents, the same bytes for the same parts.

pub mod cyclonedx;
mod json;
pub mod spdx;
