//! What a repository advertises: branches, tags and where they lead.
//!
//! Source: Git's documentation, "gitprotocol-http" (smart clients, `info/refs`) and "gitprotocol-common"
//! (pkt-line).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Why an advertisement cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefsError {
    /// No advertisement of the smart protocol.
    #[error("the repository answers something else than its branches")]
    NotRefs,
    /// It ends within a line.
    #[error("the list of branches breaks off")]
    Short,
}

/// Branches and tags of a repository and where they lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refs {
    /// The commit of the default branch.
    pub head: Option<String>,
    /// Branches by name.
    pub branches: BTreeMap<String, String>,
    /// Tags by name, each followed to its commit.
    pub tags: BTreeMap<String, String>,
    /// Objects of tags that are more than a name, by the tag: what some take for its commit.
    pub objects: BTreeMap<String, String>,
    /// What else is spelled out in full, `refs/pull/1/head` and the like; it is not kept.
    #[serde(skip)]
    others: BTreeMap<String, String>,
}

impl Refs {
    /// The commit a branch or tag leads to, in hexadecimal; the default branch without a name. None where there
    /// is none of that name.
    #[must_use]
    pub fn find(&self, name: Option<&str>) -> Option<&str> {
        let found = match name {
            None | Some("HEAD") => self.head.as_ref(),
            // A name that is spelled out is one reference, and a tag's is its own object.
            Some(name) if name.starts_with("refs/") => {
                match (name.strip_prefix("refs/heads/"), name.strip_prefix("refs/tags/")) {
                    (Some(branch), _) => self.branches.get(branch),
                    (_, Some(tag)) => self.objects.get(tag).or_else(|| self.tags.get(tag)),
                    _ => self.others.get(name),
                }
            }
            Some(name) => self.branches.get(name).or_else(|| self.tags.get(name)),
        };
        found.map(String::as_str)
    }

    /// Tags that lead to a commit, or whose object it is, in order.
    #[must_use]
    pub fn tags_of(&self, commit: &str) -> Vec<String> {
        let leads = self.tags.iter().chain(&self.objects).filter(|(_, id)| id.eq_ignore_ascii_case(commit));
        let tags: BTreeSet<&String> = leads.map(|(tag, _)| tag).collect();
        tags.into_iter().cloned().collect()
    }

    /// Branches that end with a commit, in order.
    #[must_use]
    pub fn branches_of(&self, commit: &str) -> Vec<String> {
        self.branches
            .iter()
            .filter(|(_, id)| id.eq_ignore_ascii_case(commit))
            .map(|(branch, _)| branch.clone())
            .collect()
    }
}

/// The commit a branch or tag leads to, see [`Refs::find`].
///
/// # Errors
/// See [`RefsError`].
pub fn find(bytes: &[u8], name: Option<&str>) -> Result<Option<String>, RefsError> {
    Ok(read(bytes)?.find(name).map(str::to_owned))
}

/// Reads an advertisement.
///
/// # Errors
/// See [`RefsError`].
pub fn read(bytes: &[u8]) -> Result<Refs, RefsError> {
    let mut refs = Refs::default();
    let mut lines = Lines { rest: bytes };
    if lines.next()? != Some(Line::Data(b"# service=git-upload-pack")) {
        return Err(RefsError::NotRefs);
    }
    let mut flushes = 0;
    while let Some(line) = lines.next()? {
        let Line::Data(line) = line else {
            flushes += 1;
            if flushes == 2 {
                break;
            }
            continue;
        };
        // Capabilities follow the first reference.
        let line = line.split(|b| *b == 0).next().unwrap_or(line);
        let Some((id, reference)) = line.iter().position(|b| *b == b' ').map(|at| (&line[..at], &line[at + 1..]))
        else {
            return Err(RefsError::NotRefs);
        };
        if !matches!(id.len(), 40 | 64) || !id.iter().all(u8::is_ascii_hexdigit) {
            return Err(RefsError::NotRefs);
        }
        let id = String::from_utf8_lossy(id).to_ascii_lowercase();
        // A name that is no text is one that nobody can write into a workflow.
        let Ok(reference) = std::str::from_utf8(reference) else { continue };
        refs.add(reference, id);
    }
    // The list ends with a flush; without one it may lack what is looked for.
    if flushes < 2 {
        return Err(RefsError::Short);
    }
    Ok(refs)
}

impl Refs {
    fn add(&mut self, reference: &str, id: String) {
        if reference == "HEAD" {
            self.head = Some(id);
        } else if let Some(branch) = reference.strip_prefix("refs/heads/") {
            self.branches.insert(branch.to_owned(), id);
        } else if let Some(tag) = reference.strip_prefix("refs/tags/") {
            match tag.strip_suffix("^{}") {
                // Comes right after the object of the same tag.
                Some(tag) => {
                    if let Some(object) = self.tags.insert(tag.to_owned(), id) {
                        self.objects.insert(tag.to_owned(), object);
                    }
                }
                None => {
                    self.tags.insert(tag.to_owned(), id);
                }
            }
        } else {
            self.others.insert(reference.to_owned(), id);
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Flush,
    Data(&'a [u8]),
}

struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<Option<Line<'a>>, RefsError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let length = self.rest.get(..4).ok_or(RefsError::Short)?;
        if !length.iter().all(u8::is_ascii_hexdigit) {
            return Err(RefsError::NotRefs);
        }
        let length = std::str::from_utf8(length).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        match length.ok_or(RefsError::NotRefs)? {
            0 => {
                self.rest = &self.rest[4..];
                Ok(Some(Line::Flush))
            }
            1..=3 => Err(RefsError::NotRefs),
            length => {
                let line = self.rest.get(4..length).ok_or(RefsError::Short)?;
                self.rest = &self.rest[length..];
                Ok(Some(Line::Data(line.strip_suffix(b"\n").unwrap_or(line))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        format!("{:04x}{text}", text.len() + 4)
    }

    fn advertised() -> Vec<u8> {
        let id = |digit: &str| digit.repeat(40);
        [
            line("# service=git-upload-pack\n"),
            "0000".to_owned(),
            line(&format!("{} HEAD\0multi_ack symref=HEAD:refs/heads/main\n", id("a"))),
            line(&format!("{} refs/heads/main\n", id("a"))),
            line(&format!("{} refs/heads/v1\n", id("b"))),
            line(&format!("{} refs/tags/v1\n", id("c"))),
            line(&format!("{} refs/tags/v2\n", id("d"))),
            line(&format!("{} refs/tags/v2^{{}}\n", id("E"))),
            "0000".to_owned(),
        ]
        .concat()
        .into_bytes()
    }

    #[test]
    fn names_lead_to_commits() {
        let bytes = advertised();
        for (name, digit) in [
            (None, Some("a")),
            (Some("main"), Some("a")),
            (Some("v1"), Some("b")),
            (Some("v2"), Some("e")),
            (Some("refs/tags/v1"), Some("c")),
            (Some("refs/pull/1/head"), None),
            (Some("gone"), None),
            (Some(""), None),
        ] {
            assert_eq!(find(&bytes, name), Ok(digit.map(|d| d.repeat(40))), "{name:?}");
        }
    }

    #[test]
    fn what_is_no_list_is_an_error_and_never_empty() {
        let whole = advertised();
        for (bytes, error) in [
            (&b""[..], RefsError::NotRefs),
            (b"<!doctype html>", RefsError::NotRefs),
            (b"0000", RefsError::NotRefs),
            (b"00", RefsError::Short),
            (b"0003", RefsError::NotRefs),
            (b"+123# service=git-upload-pack", RefsError::NotRefs),
            (b"ffff# service=git-upload-pack\n", RefsError::Short),
            (&whole[..whole.len() - 4], RefsError::Short),
            (&whole[..whole.len() - 9], RefsError::Short),
            (b"001e# service=git-upload-pack\n00000008zzzz0000", RefsError::NotRefs),
        ] {
            assert_eq!(find(bytes, None), Err(error), "{}", String::from_utf8_lossy(bytes));
        }
        // A repository without a commit has no branches.
        assert_eq!(find(b"001e# service=git-upload-pack\n00000000", None), Ok(None));
    }
}
