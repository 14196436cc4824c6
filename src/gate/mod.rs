//! Two audits in, one verdict on what lies between them out: which findings the change brings, which stood
//! there before, which it takes away.

mod baseline;
mod compare;
mod force;
mod settle;

pub use baseline::{
    BASELINE_SCHEMA, BaselineEntry, BaselineFile, BrokenBaseline, Held, added_entries, hold_against, make_baseline,
    read_baseline,
};
pub use compare::{Difference, Texts, compare};
pub use force::{agree, await_approval, force_open};
pub use settle::settle;
