//! Who the person is, as git's settings say. Git is not started.

use std::path::{Path, PathBuf};

use crate::cli::Surroundings;
use crate::source::{Bytes as _, FileBytes};

/// Bytes of settings that are read.
const MOST: usize = 256 << 10;

/// `Name <mail>` of the user that git knows here; none where it knows none.
pub(super) fn of(root: &Path, around: &Surroundings) -> Option<String> {
    let own = crate::source::git::find_root(root).map(|top| top.join(".git/config"));
    let files: Vec<PathBuf> = own.into_iter().chain(around.git_settings.iter().cloned()).collect();
    let texts: Vec<String> = files.iter().filter_map(|file| text(file)).collect();
    let value = |key: &str| texts.iter().find_map(|text| setting(text, key));
    match (value("name"), value("email")) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

fn text(file: &Path) -> Option<String> {
    let bytes = FileBytes::open(file).ok()?.up_to(0, MOST).ok()?;
    String::from_utf8(bytes).ok()
}

/// A value of the section `[user]`; the last one counts, as with git.
fn setting(text: &str, key: &str) -> Option<String> {
    let mut is_user = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            is_user = head.split(']').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("user"));
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| is_user) else { continue };
        if name.trim().eq_ignore_ascii_case(key) {
            found = Some(plain(value));
        }
    }
    found.filter(|value| !value.is_empty())
}

/// A value without its quotes and comments.
fn plain(value: &str) -> String {
    let mut out = String::new();
    let mut is_quoted = false;
    let mut signs = value.trim().chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => is_quoted = !is_quoted,
            '\\' => out.extend(signs.next()),
            '#' | ';' if !is_quoted => break,
            sign => out.push(sign),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_read_as_git_reads_it() {
        let text =
            "[core]\n\tname = no\n[User]\n\tName = \"Ada L\" # x\n\temail = ada@example.com\n[user \"x\"]\nname = no\n";
        assert_eq!(setting(text, "name").as_deref(), Some("Ada L"));
        assert_eq!(setting(text, "email").as_deref(), Some("ada@example.com"));
        assert_eq!(setting("[user]\nname =\n", "name"), None);
    }
}
