//! CycloneDX 1.2 to 1.7 as JSON.

use super::Told;
use crate::parse::json::Value;
use crate::sbom::Bom;

/// Reads a document.
pub fn read(_root: &Value, told: &mut Told<'_>) -> Bom {
    told.on(1, "not read yet");
    Bom::default()
}
