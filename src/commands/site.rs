//! One command, as those who recognise what it does see it.

use super::act::{Act, ActKind};
use crate::parse::shell::{Command, Invocation, Program};

/// One command as recognisers see it.
pub(super) struct Site<'p> {
    pub(super) program: &'p Program,
    pub(super) index: usize,
    pub(super) command: &'p Command,
    pub(super) call: Invocation<'p>,
}

impl Site<'_> {
    /// A fact of this command as a whole.
    pub(super) fn act(&self, kind: ActKind) -> Act {
        Act { command: self.index, range: self.command.range.clone(), kind }
    }
}
