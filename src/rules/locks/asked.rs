//! What the policy asks of what is loaded: the rules on approvals, evidence and signers share it.

use crate::config::LockRules;
use crate::rules::Scene;
use crate::source::FileId;
use crate::source::Place;
use crate::source::Span;

/// The policy's word on locks, with its file.
pub(super) struct Asked<'a> {
    file: FileId,
    /// What it says.
    pub(super) rules: &'a LockRules,
}

impl<'a> Asked<'a> {
    /// None where the tree's policy does not speak of locks.
    pub(super) fn of(scene: &Scene<'a>) -> Option<Self> {
        let config = scene.custody()?;
        Some(Self { file: config.file, rules: config.policy.lock.as_ref()? })
    }

    /// A place of the policy.
    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }
}
