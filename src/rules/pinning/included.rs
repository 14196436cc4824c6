//! What the rules on included pipelines share: how far a reference fixes what it names, and what the
//! pipelines of the tree would hand to whoever moves it.

use crate::graph::kinds::workflow::{Service, Uses};
use crate::rules::Scene;
use crate::rules::workflow::reach::{self, Run};

/// How far a reference fixes what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed {
    /// A commit, or the state of this very pipeline.
    Commit,
    /// A version: a tag, which its owner can move and is not expected to.
    Version,
    /// A part of a version, or a word that stands for the newest.
    Range,
    /// A branch.
    Branch,
}

impl Fixed {
    /// Reads a reference.
    pub(super) fn of(reference: &str) -> Self {
        let bare = reference.trim_start_matches("refs/tags/").trim_start_matches('v');
        let parts: Vec<&str> = bare.split('.').collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if Uses::is_commit(reference) || reference.contains("CI_COMMIT_SHA") || reference.contains("CI_COMMIT_REF") {
            Self::Commit
        } else if reference.starts_with('~') || reference == "latest" || parts.len() < 3 && parts.iter().all(is_number)
        {
            Self::Range
        } else if reference.starts_with("refs/tags/")
            || bare.starts_with(|c: char| c.is_ascii_digit()) && parts.len() > 1
        {
            Self::Version
        } else {
            Self::Branch
        }
    }
}

/// The weightiest job of the tree's pipelines of a service: an included file may add to it and change it.
pub(super) fn weightiest<'a>(scene: &Scene<'a>, service: Service) -> Option<&'a Run<'a>> {
    let of_service = |run: &&Run<'_>| run.holder.as_ref().is_some_and(|h| h.workflow.service == service);
    let own = reach::runs(scene).iter().filter(of_service).filter(|run| run.template.is_none());
    own.reduce(|best, next| if next.weight() > best.weight() { next } else { best })
}

/// Whether a path of projects or groups is this project's own, or beside it.
pub(super) fn is_own(project: &str) -> bool {
    project.starts_with("$CI_PROJECT_") || project.starts_with("${CI_PROJECT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_fix_more_or_less() {
        for (reference, wanted) in [
            ("0123456789abcdef0123456789abcdef01234567", Fixed::Commit),
            ("$CI_COMMIT_SHA", Fixed::Commit),
            ("v1.2.3", Fixed::Version),
            ("1.2.3-rc1", Fixed::Version),
            ("refs/tags/release", Fixed::Version),
            ("1.2", Fixed::Range),
            ("1", Fixed::Range),
            ("~latest", Fixed::Range),
            ("main", Fixed::Branch),
            ("refs/heads/main", Fixed::Branch),
            ("2fast", Fixed::Branch),
        ] {
            assert_eq!(Fixed::of(reference), wanted, "{reference}");
        }
    }
}
