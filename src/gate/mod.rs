//! Two audits in, one verdict on what lies between them out: which findings the change brings, which stood
//! there before, which it takes away.

mod compare;
mod settle;

pub use compare::{Difference, Texts, compare};
pub use settle::settle;
