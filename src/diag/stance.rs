//! What somebody says of a known flaw in a package of the tree, in the terms of VEX.

use serde::Deserialize;
use serde::Serialize;

/// What a flaw is said to do. The words are those of OpenVEX, from the one that excuses least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawStatus {
    /// It matters.
    Affected,
    /// Somebody is looking into it.
    UnderInvestigation,
    /// This version holds the remedy.
    Fixed,
    /// It does not matter.
    NotAffected,
}

impl FlawStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotAffected, Self::Affected, Self::UnderInvestigation, Self::Fixed];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }

    /// The status of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What somebody says of a flaw, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stance {
    /// What it is said to do.
    pub status: FlawStatus,
    /// Why it does not matter: a word of OpenVEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// The same in words, or what is done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}
