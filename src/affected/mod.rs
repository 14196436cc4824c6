//! The question of two in the morning: who has this package, action, model or file, where, by which path, locked or
//! only possibly, and what follows from it. Asked over stored bills of materials and audits, over trees, and over the
//! history, branches and tags of repositories.

pub mod answer;
pub mod documents;
pub mod history;
pub mod ioc;
pub mod target;
pub mod tree;

pub use answer::Answer;
pub use answer::Standing;
pub use target::Target;
