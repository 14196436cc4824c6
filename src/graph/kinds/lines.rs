//! Files of which every line stands for itself, kept as lines: what git is told of files, and what other tools are
//! told to pass over. Sources: git's "gitattributes", "gitignore", "gitmodules".

use crate::source::{FileId, Spanned};

/// Such a file.
#[derive(Debug, Clone, Default)]
pub struct LineFile {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub form: LineForm,
    /// Its lines that are neither empty nor comments, in order, without the blanks around them.
    pub lines: Vec<Spanned<String>>,
}

/// What a [`LineFile`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineForm {
    /// `.gitattributes`.
    #[default]
    GitAttributes,
    /// `.gitignore`.
    GitIgnore,
    /// `.gitmodules`.
    GitModules,
    /// What a tool that judges the tree passes over, or what it took for known: the tool's name.
    PassedOver(&'static str),
}

/// The value of `NAME = VALUE`, as git's own settings write it.
#[must_use]
pub fn setting<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let (key, value) = line.split_once('=')?;
    key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_whatever_their_blanks() {
        assert_eq!(setting("url = https://example.com/a.git", "url"), Some("https://example.com/a.git"));
        assert_eq!(setting("\tURL=\"../a\"", "url"), Some("../a"));
        assert_eq!(setting("path = a", "url"), None);
        assert_eq!(setting("[submodule \"a\"]", "url"), None);
    }
}
