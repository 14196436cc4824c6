//! Answers over stored documents: bills of materials and saved audits.
