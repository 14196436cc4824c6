//! An in-toto statement that binds a document to the digests of what it describes. Source: in-toto attestation
//! framework 1.0, "Statement" and the predicate types of CycloneDX and SPDX.
