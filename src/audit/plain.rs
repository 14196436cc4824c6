//! A finding of which nothing special is known, for unit tests that say what is special.

use super::{Decision, Finding, Spot, State};
use crate::diag::{Confidence, Severity};
use crate::source::Role;

impl Finding {
    /// One that advises, in a job.
    pub(crate) fn plain(rule: &str, path: &str, line: u32) -> Self {
        Self {
            rule: rule.to_owned(),
            family: "pinning".to_owned(),
            severity: Severity::Medium,
            confidence: Confidence::High,
            role: Role::Ci,
            shown: true,
            decision: Decision::Advise,
            because: None,
            message: String::new(),
            path: path.to_owned(),
            line,
            column: 1,
            end_line: line,
            end_column: 2,
            label: String::new(),
            inner_path: None,
            offset: None,
            places: vec![Spot { path: path.to_owned(), line }],
            related: Vec::new(),
            subject: None,
            advisory: None,
            service: None,
            owner: None,
            waiver: None,
            waived_by: None,
            waived_at: None,
            stance: None,
            evidence: Vec::new(),
            impact: None,
            route: Vec::new(),
            advice: Vec::new(),
            fix: Vec::new(),
            fingerprint: String::new(),
            kin: String::new(),
            parts: Vec::new(),
            state: State::Existing,
            alone: None,
        }
    }
}
