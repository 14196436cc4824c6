//! What a run found, before it is told: each kind a few times one by one, then counted.

use crate::scan::{Context, Rule};

/// Notes of one rule told one by one.
const EACH: usize = 10;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Told {
    notes: Vec<(&'static Rule, u64, String)>,
    more: Vec<(&'static Rule, u64)>,
}

impl Told {
    /// Notes something.
    pub(super) fn note(&mut self, rule: &'static Rule, offset: u64, message: impl Into<String>) {
        if self.notes.iter().filter(|(noted, ..)| *noted == rule).count() < EACH {
            let message = message.into();
            // The same thing again and again is one thing.
            if !self.notes.iter().any(|(noted, _, before)| *noted == rule && *before == message) {
                self.notes.push((rule, offset, message));
            }
            return;
        }
        match self.more.iter_mut().find(|(noted, _)| *noted == rule) {
            Some((_, count)) => *count += 1,
            None => self.more.push((rule, 1)),
        }
    }

    /// Notes something, whose sentence is made only where it is kept.
    pub(super) fn note_with(&mut self, rule: &'static Rule, offset: u64, message: impl FnOnce() -> String) {
        if self.notes.iter().filter(|(noted, ..)| *noted == rule).count() < EACH {
            self.note(rule, offset, message());
        } else {
            self.note(rule, offset, "");
        }
    }

    /// Whether something of a rule was noted.
    pub(super) fn has(&self, rule: &'static Rule) -> bool {
        self.notes.iter().any(|(noted, ..)| *noted == rule)
    }

    /// Tells all.
    pub(super) fn tell(self, context: &mut Context<'_>) {
        for (rule, offset, message) in self.notes {
            context.find(rule, offset, message);
        }
        for (rule, count) in self.more {
            context.find(rule, None, format!("{count} more of this kind"));
        }
    }
}
