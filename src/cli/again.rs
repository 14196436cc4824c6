//! How the same screen is asked for again, and where its files lie: words for what a report says next.

use std::path::Path;

use super::args::AuditOptions;
use super::args::Level;
use super::{Surroundings, audit};
use crate::report::links;

/// What was asked for, in words that are ready for a shell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The folder, where it is not the repository around the working directory.
    pub place: Option<String>,
    /// ` --base REV` and the like.
    pub compare: String,
    /// Whether groups have the same numbers without the other flags.
    pub has_numbers: bool,
}

/// The words for an audit of a folder.
pub(super) fn words(path: Option<&Path>, options: &AuditOptions, around: &Surroundings) -> Words {
    let is_here = path.is_none_or(|path| {
        let there = around.directory.join(path).canonicalize().ok();
        there.is_some() && there == audit::root(None, around).canonicalize().ok()
    });
    let place = path.filter(|_| !is_here).map(|path| quoted(&path.display().to_string()));
    let asked = &options.compare;
    let mut compare = String::new();
    for (flag, value) in [("--base", &asked.base), ("--head", &asked.head)] {
        if let Some(value) = value {
            compare.push_str(&format!(" {flag} {}", quoted(value)));
        }
    }
    if asked.staged {
        compare.push_str(" --staged");
    }
    let (held, evidence) = (&options.held, &options.evidence);
    let has_numbers = held.baseline.is_none()
        && held.vex.is_empty()
        && options.policy.policy.is_none()
        && !options.policy.no_config
        && !options.honour_ignores
        && !options.no_inline_ignores
        && evidence.metadata.is_empty()
        && evidence.evidence == Level::Files
        && options.index.is_none()
        && !options.online.online
        && options.online.cooldown.is_none()
        && asked.gate.is_none();
    Words { place, compare, has_numbers }
}

/// The address of an audited folder, where the screen shows links. Files of another commit than the one that is
/// checked out do not lie there.
pub(super) fn address(root: &Path, is_elsewhere: bool, around: &Surroundings) -> Option<String> {
    if !around.links || around.in_ci || around.no_colour || is_elsewhere {
        return None;
    }
    links::of_folder(root.canonicalize().ok()?.to_str()?)
}

/// A word for a shell, in quotes where it needs them.
fn quoted(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._/~^@:+,=%".contains(&b);
    // On Windows the separators of a path are what other shells escape with, and a path holds no quote.
    if !word.is_empty() && !word.starts_with('~') && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ready_for_a_shell() {
        for (word, shown) in [
            ("main", "main"),
            ("HEAD~1", "HEAD~1"),
            ("../a tree", "'../a tree'"),
            ("C:\\x", "'C:\\x'"),
            ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
            ("~x", "'~x'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
