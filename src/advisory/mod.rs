//! The advisory model: records, version ranges, the compact table, matching. All pure but `build`.
//!
//! ```text
//! feeds ─ build ─→ advisories-cache/*.tsv ─ encode ─→ table ─ index ─→ records ─ matching ─→ matches
//! ```
//!
//! The text is reviewed and kept in git; the build script compiles it into the table that is embedded.
//! `model`, `pool`, `text`, `cluster` and `encode` use `std` alone, because the build script includes
//! them by path.

pub mod actions;
pub mod build;
pub mod carry;
pub mod cluster;
pub mod encode;
pub mod index;
pub mod matching;
pub mod model;
pub mod pep440;
pub mod pool;
pub mod ranges;
pub mod score;
pub mod text;

pub use actions::match_action;
pub use index::{Index, IndexError};
pub use matching::{Basis, Match, malware, match_crate, match_toolchain};
pub use model::{Advisory, Date, Ecosystem, Event, Function, Kind, Range, Section, SourceInfo, Window};
pub use pep440::match_distribution;
pub use ranges::FixedIn;
pub use score::{Score, Severity};

#[cfg(test)]
mod table_tests;
