//! CycloneDX 1.2 to 1.7 as JSON.
