//! SPDX 3.0 as JSON-LD.

use super::Told;
use crate::parse::json::Value;
use crate::sbom::Bom;

/// Reads a document.
pub fn read(_root: &Value, told: &mut Told<'_>) -> Bom {
    told.on(1, "SPDX 3 is not read yet");
    Bom::default()
}
