//! The question of two in the morning: who has this package, action, model or file, where, by which path, locked or
//! only possibly, and what follows from it. Asked over stored bills of materials and audits, over trees, and over the
//! history, branches and tags of repositories.
//!
//! `target` reads what is asked, `lookup` puts packages in the place of an advisory's id, `ioc` reads lists;
//! `fit` holds one thing against one question, by `versions`. Everything else finds things and tells where.

pub mod answer;
pub mod documents;
pub mod fit;
pub mod history;
pub mod ioc;
pub mod lookup;
pub mod net;
pub mod reply;
mod subject;
pub mod target;
pub mod tree;
pub mod versions;
pub mod when;
pub mod wrappers;

pub use answer::Answer;
pub use answer::Standing;
pub use fit::Fit;
pub use fit::Thing;
pub use reply::Reply;
pub use target::Asked;
pub use target::Target;
