//! The audited tree: files, places in them, and text that lies inside other text.
//!
//! The one part of the crate that opens files of the audited tree. It must not know what any
//! file means.

pub mod bytes;
pub mod changes;
pub mod digest;
pub mod embedded;
pub mod folder;
pub mod git;
mod ignored;
pub mod objects;
pub mod path;
pub mod place;
pub mod role;
pub mod span;
pub mod tree;

pub use bytes::{Bytes, FileBytes, Folder, Part, Window};
pub use changes::Changes;
pub use embedded::Embedded;
pub use folder::DiskFolder;
pub use path::RepoPath;
pub use place::{FileId, Place, Position, SourceFile, Sources};
pub use role::Role;
pub use span::{Span, Spanned};
pub use tree::{Limits, Tree, TreeFolder};
