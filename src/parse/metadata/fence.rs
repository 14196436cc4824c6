//! Keeps the panics of a library that trusts its input from ending the audit.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static FENCED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in a library whose panics are problems of the input, which a panic hook
/// should not report as ours.
#[must_use]
pub fn is_fenced() -> bool {
    FENCED.with(Cell::get)
}

/// Runs something that may panic; none if it did. What it had in hand is given up.
pub(in crate::parse) fn fenced<T>(work: impl FnOnce() -> T) -> Option<T> {
    FENCED.with(|fenced| fenced.set(true));
    let result = catch_unwind(AssertUnwindSafe(work));
    FENCED.with(|fenced| fenced.set(false));
    result.ok()
}
