//! What to write in place of an unverified download: the publisher's own check where it is known, a digest that is
//! kept in the repository elsewhere.
//!
//! Every command can be pasted as it stands into the shell it is for; what a person has to fill in stands in
//! quotes and angle brackets. Nothing here looks at anything but the download and who runs it.

mod digest;
mod instead;
mod publishers;
#[cfg(test)]
mod tests;

pub(super) use digest::Comparer;

use super::download::{self, Fixity};
use crate::commands::UrlText;
use crate::rules::workflow::reach::Run;

/// Where a download is run, as far as advice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// A runner of CI, where steps can use actions and `gh` is at hand.
    Runner,
    /// While an image is built: neither is.
    Image,
    /// A person's machine.
    Hand,
}

impl Ground {
    /// That of a run.
    pub(super) fn of(run: &Run<'_>) -> Self {
        if run.is_in_image() {
            Self::Image
        } else if run.is_off_runner() {
            Self::Hand
        } else {
            Self::Runner
        }
    }
}

/// Another way to the same tool, which checks what it brings: an action, an image by digest.
pub(super) fn other_way(url: &UrlText, ground: Ground) -> Option<String> {
    instead::of(url, ground)
}

/// What to do about a file that was fetched from an address before it is used. `file` is the file as the script
/// names it, where that can be written down.
pub(super) fn check(url: &UrlText, file: Option<&str>, comparer: Comparer, ground: Ground) -> String {
    let file = file.unwrap_or("<file>");
    if let Some(told) = publishers::check(url, file, comparer, ground) {
        return told;
    }
    let version = if download::fixity(url) == Fixity::Moving { "fetch one version, and " } else { "" };
    format!("{version}check it against a digest kept in the repository before it is used: {}", comparer.command(file))
}
