//! Reports that GitLab reads: Code Quality for everything, Dependency Scanning for advisories.
//!
//! GitLab compares the report of a merge request with that of its target by itself, and needs all of both for it: so
//! what stood there before is written too. It has no word for what is excused, which is left out.

mod code_quality;
mod dependency_scanning;

pub(super) use code_quality::render as code_quality;
pub(super) use dependency_scanning::render as dependency_scanning;
