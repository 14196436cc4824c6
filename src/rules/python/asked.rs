//! What a requirement asks of a repository or an address, and how far that can move.

use super::lookup::shown;
use crate::graph::indexes;
use crate::graph::kinds::python::{Origin, Requirement};
use crate::graph::kinds::workflow::Uses;

/// What is asked for, the steadiest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// A file whose address names a version, without a hash.
    File,
    /// An abbreviated commit.
    Short(String),
    /// What looks like a tag.
    Tag(String),
    /// A branch, or a tag that looks like one.
    Branch(String),
    /// The default branch.
    Default,
    /// A file whose address stands for whatever is there.
    Moving,
    /// A file or repository that is read unencrypted.
    Plain,
}

impl Asked {
    /// `None` where nothing can move.
    pub(crate) fn of(requirement: &Requirement) -> Option<(String, Self)> {
        match requirement.origin.as_ref()? {
            Origin::Vcs { url, revision, .. } => {
                let address = plain(&url.value);
                if has_variable(&url.value) || is_of_tree(&url.value) {
                    return None;
                }
                if url.value.starts_with("http://") || url.value.starts_with("git://") {
                    return Some((address, Self::Plain));
                }
                let asked = match revision.as_ref().map(|r| r.value.as_str()).filter(|r| !r.is_empty()) {
                    None => Self::Default,
                    Some(text) if Uses::is_commit(text) || has_variable(text) => return None,
                    Some(text) if text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                        Self::Short(text.to_owned())
                    }
                    Some(text) if is_version(text) => Self::Tag(text.to_owned()),
                    Some(text) => Self::Branch(text.to_owned()),
                };
                Some((address, asked))
            }
            Origin::Url { url } => {
                let address = &url.value;
                let held = has_hash(address) || !requirement.hashes.is_empty() || names_commit(address);
                if held || has_variable(address) || is_of_tree(address) {
                    return None;
                }
                let asked = if address.starts_with("http://") {
                    Self::Plain
                } else if moves(address) {
                    Self::Moving
                } else {
                    Self::File
                };
                Some((shown(address), asked))
            }
            Origin::Path { .. } | Origin::Workspace => None,
        }
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Self::File => "a file without a hash".to_owned(),
            Self::Short(name) => format!("the abbreviated commit `{name}`"),
            Self::Tag(name) => format!("the tag `{name}`"),
            Self::Branch(name) => format!("the branch or tag `{name}`"),
            Self::Default => "the default branch".to_owned(),
            Self::Moving => "whatever lies at the address".to_owned(),
            Self::Plain => "whatever an unencrypted connection hands over".to_owned(),
        }
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File | Self::Moving)
    }
}

/// git takes `.git` and a last slash for noise, and GitHub's case as well.
fn plain(url: &str) -> String {
    let url = shown(url.strip_prefix("git+").unwrap_or(url));
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    if url.to_ascii_lowercase().contains("github.com") { url.to_ascii_lowercase() } else { url.to_owned() }
}

fn has_variable(text: &str) -> bool {
    text.contains(['$', '{', '`', '<'])
}

/// A folder of the machine or a server on it: the image's or the job's own.
fn is_of_tree(url: &str) -> bool {
    let rest = url.strip_prefix("git+").unwrap_or(url);
    rest.starts_with("file:") || ["://localhost", "://127.0.0.1"].iter().any(|host| rest.contains(host))
}

fn is_version(text: &str) -> bool {
    let digits = text.rsplit(['/', '-']).next().unwrap_or(text).trim_start_matches(['v', 'V', 'r']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.')
}

fn has_hash(url: &str) -> bool {
    let fragment = url.split_once('#').map_or("", |(_, f)| f);
    ["sha256=", "sha384=", "sha512="].iter().any(|h| fragment.contains(h))
}

/// Whether the path holds a commit, as archives of a hosted repository do, or the digest of the file.
fn names_commit(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.split(['/', '-', '.']).any(Uses::is_commit) || indexes::is_file_of_pypi(path)
}

/// Whether an address stands for whatever is newest.
fn moves(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    path.split(['/', '-', '_', '.']).any(|p| matches!(p, "latest" | "main" | "master" | "nightly" | "head" | "develop"))
        && !path.ends_with(".whl")
        || path.contains("/releases/latest/")
        || path.contains("/refs/heads/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    fn text(value: &str) -> Spanned<String> {
        Spanned::new(value.to_owned(), Span::default())
    }

    #[test]
    fn a_commit_holds_and_nothing_else_does() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (revision, expected) in [
            (None, Some(Asked::Default)),
            (Some("main"), Some(Asked::Branch("main".to_owned()))),
            (Some("v1.2.0"), Some(Asked::Tag("v1.2.0".to_owned()))),
            (Some("release/2.0.1"), Some(Asked::Tag("release/2.0.1".to_owned()))),
            (Some("0123456"), Some(Asked::Short("0123456".to_owned()))),
            (Some(commit), None),
            (Some("${REF}"), None),
        ] {
            let requirement = Requirement {
                name: text("example"),
                origin: Some(Origin::Vcs {
                    kind: "git".to_owned(),
                    url: text("https://git.example.com/a/b.git"),
                    revision: revision.map(text),
                }),
                ..Requirement::default()
            };
            assert_eq!(Asked::of(&requirement).map(|(_, asked)| asked), expected, "{revision:?}");
        }
    }

    #[test]
    fn files_are_held_by_hashes_and_commits() {
        for (url, expected) in [
            ("https://example.com/a-1.0-py3-none-any.whl", Some(Asked::File)),
            ("https://example.com/a-1.0-py3-none-any.whl#sha256=00", None),
            ("http://example.com/a-1.0.tar.gz", Some(Asked::Plain)),
            ("https://example.com/a/archive/main.zip", Some(Asked::Moving)),
            ("https://example.com/a/archive/refs/heads/x.zip", Some(Asked::Moving)),
            ("https://example.com/a/archive/0123456789abcdef0123456789abcdef01234567.zip", None),
            ("https://example.com/${X}.whl", None),
            ("file:///wheels/a.whl", None),
        ] {
            let requirement =
                Requirement { name: text("a"), origin: Some(Origin::Url { url: text(url) }), ..Requirement::default() };
            assert_eq!(Asked::of(&requirement).map(|(_, asked)| asked), expected, "{url}");
        }
    }
}
