//! What the policy is told of a finding, and what part of the tree it belongs to.

use crate::config::{Effective, ServiceEntry};
use crate::decide::policy::Case;
use crate::diag::{Confidence, Diagnostic};
use crate::source::{Role, Sources};

/// Kinds of subjects that something else may bring along, as hops of a route name them. What the project itself is
/// made of is called a package or a project there.
const PACKAGES: &[&str] = &["crate ", "distribution "];

/// What the policy judges of a finding.
pub(super) fn of(diagnostic: &Diagnostic, role: Role) -> Case {
    let upgrade = diagnostic.topic.as_ref().and_then(|topic| topic.upgrade.as_ref());
    let packages = diagnostic.route.iter().filter(|hop| PACKAGES.iter().any(|kind| hop.text.starts_with(kind))).count();
    let is_package = diagnostic.subject.as_ref().is_some_and(|s| matches!(s.kind.as_str(), "crate" | "distribution"));
    Case {
        severity: diagnostic.severity,
        confidence: diagnostic.confidence,
        role,
        impact: diagnostic.impact,
        known_flaw: diagnostic.topic.is_some(),
        fixable: upgrade.is_some() || !diagnostic.fix.is_empty(),
        // What is no package stands in the file itself, and that is read.
        reached: diagnostic.confidence >= Confidence::Medium && (!is_package || !diagnostic.route.is_empty()),
        direct: !is_package || packages <= 1,
    }
}

/// The part of a monorepo that a finding belongs to.
pub(super) fn service<'p>(
    diagnostic: &Diagnostic,
    policy: Option<&'p Effective>,
    sources: &Sources,
) -> Option<&'p ServiceEntry> {
    let places = std::iter::once(&diagnostic.primary.place).chain(&diagnostic.places);
    let image = diagnostic.subject.as_ref().filter(|s| s.kind == "image").map(|s| s.name.as_str());
    policy?.service(places.map(|place| sources.path(place.file)), image)
}
