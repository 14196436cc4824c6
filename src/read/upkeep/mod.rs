//! Files by which other tools change or guard the tree: Dependabot's settings, pre-commit's hooks, owners of
//! code.

mod code_owners;
mod dependabot;
mod pre_commit;
#[cfg(test)]
mod tests;

pub use code_owners::CodeOwnersReader;
pub use dependabot::DependabotReader;
pub use pre_commit::PreCommitReader;
