//! Ids of licences by which the lists of SPDX, of the formats' schemas and of the reader of expressions differ.

/// Ids of SPDX's list 3.29 that the list of CycloneDX's schema (3.28) lacks.
pub(crate) const NEWER: &[&str] = &[
    "BSD-2-Clause-pos-unchanged",
    "BSD-3-Clause-OpenWebUI",
    "BSD-Source-Code-no-disclaimer",
    "BSD-Source-alt-GPL",
    "BSD-ask-to-endorse",
    "Brian-Gladman-3-Clause-no-conversion",
    "Bugroff",
    "CC-BY-NC-3.0-IGO",
    "FDK-MPEG-H",
    "Google-Patent-WebM",
    "Hippocratic-3.0-core",
    "Informatica",
    "MVT-1.1",
    "Spelling-Provider-LGPL-exception",
    "atc-game",
];

/// Names that the reader of expressions knows and that are on no list.
pub(crate) const UNLISTED: &[&str] = &[
    "GFDL-1.1-invariants",
    "GFDL-1.1-no-invariants",
    "GFDL-1.2-invariants",
    "GFDL-1.2-no-invariants",
    "GFDL-1.3-invariants",
    "GFDL-1.3-no-invariants",
    "NOASSERTION",
];

/// Whether the schemas of the formats list an id that the reader of expressions knows.
pub(crate) fn is_in_schemas(id: &str) -> bool {
    !NEWER.contains(&id) && !UNLISTED.contains(&id)
}
