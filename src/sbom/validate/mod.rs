//! Whether a document is what its format says, by the letter: own tables of what CycloneDX and SPDX allow, and checks
//! that their schemas lack.
