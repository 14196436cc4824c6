//! Documents of others as our model: CycloneDX 1.2 to 1.7 as JSON, SPDX 2.2 and 2.3 as JSON and tag-value, SPDX 3.0
//! as JSON-LD. What cannot be used is told by its line and loses nothing else.

pub mod cyclonedx;
pub mod spdx2;
pub mod spdx3;

use crate::sbom::Bom;

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// What it says.
    pub bom: Bom,
    /// What of it could not be used.
    pub problems: Vec<Problem>,
}

/// Something that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// A sentence.
    pub message: String,
}

/// Whether a name is that of a bill of materials: `bom.json`, `*.cdx.json`, `*.spdx.json`, `*.spdx`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    const WHOLE: &[&str] = &["bom.json", "sbom.json", "cyclonedx.json", "spdx.json"];
    const ENDINGS: &[&str] = &[".cdx.json", ".bom.json", ".sbom.json", ".spdx.json", ".spdx3.json", ".spdx"];
    WHOLE.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
