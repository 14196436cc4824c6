//! Licences, as they are told.

use crate::parse::licence;

/// A licence, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Licence {
    /// Which.
    pub name: LicenceName,
    /// Where its text is found.
    pub url: Option<String>,
    /// Who says so.
    pub standing: LicenceStanding,
}

/// What a licence is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LicenceName {
    /// One of the list of SPDX: `Apache-2.0`.
    Id(String),
    /// An expression of several: `MIT OR Apache-2.0`.
    Expression(String),
    /// Another name, as it is written: `llama3.2`.
    Named(String),
}

impl LicenceName {
    /// Tells a text: an id or expression of SPDX's list, else the name as it is.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        if let Some(id) = licence::listed(text) {
            return Self::Id(id.to_owned());
        }
        licence::expression(text).map_or_else(|| Self::Named(text.to_owned()), Self::Expression)
    }

    /// The text of it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Expression(text) | Self::Named(text) => text,
        }
    }
}

/// Who says what a licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LicenceStanding {
    /// Whoever made it.
    #[default]
    Declared,
    /// Whoever looked at it.
    Concluded,
}
