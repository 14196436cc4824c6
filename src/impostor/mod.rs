//! Names that pretend to be others: which known name a name is like, in what way, and how likely it is that
//! it is meant to be taken for it.
//!
//! ```text
//! tables ─ gather ─→ advisories-cache/names/*.tsv ─ encode ─→ table ─ names ─→ near names ─ likeness, score
//! ```
//!
//! Pure functions of names. Nothing here knows files, rules or the graph. `shape` and `encode` use `std`
//! alone, because the build script includes them by path.

pub mod confusable;
pub mod encode;
pub mod gather;
pub mod likeness;
pub mod names;
pub mod owned;
pub mod score;
pub mod shape;

pub use confusable::{Odd, odd};
pub use likeness::{Change, Likeness, Part, likeness};
pub use names::{Known, Names};
pub use owned::{Owners, resembles_owned};
pub use score::{NOTE, REPORT, Resemblance, resembles};
pub use shape::List;
