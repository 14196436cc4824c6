//! SPDX 2.2 and 2.3, as JSON and as tag-value.

use super::Told;
use crate::parse::json::Value;
use crate::sbom::Bom;

/// Reads a document of JSON.
pub fn read(_root: &Value, told: &mut Told<'_>) -> Bom {
    told.on(1, "SPDX 2 is not read yet");
    Bom::default()
}

/// Reads a document of tags and values.
pub fn read_text(_text: &str, told: &mut Told<'_>) -> Bom {
    told.on(1, "SPDX 2 is not read yet");
    Bom::default()
}
