//! What a shell knows while it runs: its folder, its variables, its functions.

use std::collections::BTreeMap;
use std::ops::Range;

use super::places;
use crate::commands::UrlText;
use crate::graph::images::layout::{Layout, UNKNOWN};
use crate::graph::kinds::workflow::Script;
use crate::source::FileId;

/// Longest text put together.
const MAX_TEXT: usize = 4 << 10;
/// Functions kept of one shell.
const MAX_FUNCTIONS: usize = 1_000;
/// Variables of which several values are kept, and values of one.
const MAX_OTHERS: usize = 256;
const MAX_VALUES: usize = 4;
/// Folders kept that programs are looked for in.
const MAX_ADDED: usize = 64;

/// A function of a script that was defined.
#[derive(Debug, Clone)]
pub(super) struct Defined<'a> {
    pub(super) script: &'a Script,
    pub(super) file: FileId,
    pub(super) body: Range<usize>,
}

/// A running shell.
#[derive(Debug, Clone)]
pub(super) struct Shell<'a> {
    /// What of the tree lies where, and variables.
    pub(super) layout: Layout,
    /// Where it stands.
    pub(super) folder: String,
    /// Where it stood before: `cd -`.
    pub(super) back: String,
    /// Functions by name.
    pub(super) functions: BTreeMap<&'a str, Defined<'a>>,
    /// Folders added to the search path.
    pub(super) added: Vec<String>,
    /// Values that variables may hold of which it cannot be told which they do.
    others: BTreeMap<String, Vec<String>>,
}

impl<'a> Shell<'a> {
    /// One that starts in the layout's folder.
    pub(super) fn new(layout: Layout) -> Self {
        let folder = layout.folder.clone();
        Self {
            layout,
            back: folder.clone(),
            folder,
            functions: BTreeMap::new(),
            added: Vec::new(),
            others: BTreeMap::new(),
        }
    }

    /// A path of a command in one spelling.
    pub(super) fn path(&self, path: &str) -> String {
        places::absolute(&self.layout, &self.folder, path)
    }

    /// Goes to a folder; back where none is named.
    pub(super) fn go(&mut self, path: Option<&str>) {
        let to = path.map_or_else(|| self.back.clone(), |path| self.path(path));
        self.back = std::mem::replace(&mut self.folder, to);
    }

    /// Defines a function; false where there are too many already.
    pub(super) fn define(&mut self, name: &'a str, defined: Defined<'a>) -> bool {
        let has_room = self.functions.len() < MAX_FUNCTIONS || self.functions.contains_key(name);
        if has_room {
            self.functions.insert(name, defined);
        }
        has_room
    }

    /// Adds a folder to the search path.
    pub(super) fn add(&mut self, folder: &str) {
        let folder = self.path(folder);
        if self.added.len() < MAX_ADDED && !self.added.contains(&folder) {
            self.added.push(folder);
        }
    }

    /// A text with the variables put in that are known, and whether nothing is left to know.
    pub(super) fn expand(&self, text: &str) -> (String, bool) {
        if !text.contains('$') {
            return (text.to_owned(), true);
        }
        let mut out = String::new();
        let mut is_known = true;
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let (name, length) = named(from);
            match name.and_then(|name| self.layout.value(name)) {
                Some(value) if out.len() + value.len() < MAX_TEXT => {
                    is_known &= !value.contains(['$', '\u{1}']);
                    out.push_str(&spelled(value));
                }
                _ => {
                    is_known = false;
                    out.push_str(from.get(..length).unwrap_or("$"));
                }
            }
            rest = from.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
        (out, is_known)
    }

    /// Gives a variable what a text stands for; makes it unknown where that is not known.
    pub(super) fn assign(&mut self, name: &str, text: &str) {
        let (value, is_known) = self.expand(text);
        let value = if is_known { Some(value) } else { lasting(&value, name) };
        self.layout.forget(name);
        self.others.remove(name);
        if let Some(value) = value.filter(|value| !value.contains(['`', '\n'])) {
            self.layout.know(name, &value);
        }
    }

    /// Gives a variable what a text stands for where that may be left out: it holds that or what it held.
    pub(super) fn assign_perhaps(&mut self, name: &str, text: &str) {
        let before = self.layout.value(name).map(spelled);
        let (value, is_known) = self.expand(text);
        let value = if is_known { Some(value) } else { lasting(&value, name).map(|v| spelled(&v)) };
        self.layout.forget(name);
        if self.others.len() < MAX_OTHERS || self.others.contains_key(name) {
            let values = self.others.entry(name.to_owned()).or_default();
            for value in before.into_iter().chain(value).filter(|v| !v.is_empty() && !v.contains(['`', '\n'])) {
                if values.len() < MAX_VALUES && !values.contains(&value) {
                    values.push(value);
                }
            }
        }
    }

    /// A path as it is written, and with each value put in that its first variable may hold.
    pub(super) fn spellings(&self, path: &str) -> Vec<String> {
        let mut out = vec![path.to_owned()];
        if let Some(at) = path.find('$').filter(|_| !self.others.is_empty()) {
            let (before, from) = path.split_at(at);
            let (name, length) = named(from);
            let values = name.filter(|name| self.layout.value(name).is_none()).and_then(|name| self.others.get(name));
            let rest = from.get(length..).unwrap_or_default();
            out.extend(values.into_iter().flatten().map(|value| format!("{before}{value}{rest}")));
        }
        out
    }

    /// What an argument hands to a function or script, where that can be told by the variables it stands on.
    pub(super) fn handed(&self, text: &str) -> Option<String> {
        let (value, is_known) = self.expand(text);
        let value = if is_known { Some(value) } else { lasting(&value, "") };
        value.filter(|v| !v.is_empty() && !v.contains(['$', '`', '\n']))
    }

    /// An address with the variables put in that are known.
    pub(super) fn url(&self, url: &UrlText) -> UrlText {
        if !url.text.contains('$') {
            return url.clone();
        }
        let (text, is_known) = self.expand(&url.text);
        if text == url.text { url.clone() } else { UrlText::new(text, is_known) }
    }
}

/// A value that stands on variables of unknown value, as a path holds it: each of them stands for itself. None
/// for what commands print, for what the variable held itself, and for arguments, which every call changes.
fn lasting(value: &str, own: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (name, length) = named(from);
        let text = from.get(..length)?;
        match name {
            Some(name) if name != own && !name.starts_with(|c: char| c.is_ascii_digit()) => {
                out.extend([UNKNOWN, name]);
            }
            None if text.trim_start_matches("${{").trim_start().starts_with("github.") => out.push_str(text),
            _ => return None,
        }
        rest = from.get(length..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// Such a value as a script writes it.
fn spelled(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, from)) = rest.split_once(UNKNOWN) {
        out.push_str(before);
        let end = from.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        out.extend(["${", name, "}"]);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The variable that a text begins with, and its length in bytes: `$X`, `${X}`, `${{ env.X }}`.
fn named(text: &str) -> (Option<&str>, usize) {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    if let Some(rest) = text.strip_prefix("${{") {
        let Some(end) = rest.find("}}") else { return (None, 3) };
        let inner = rest.get(..end).unwrap_or_default().trim();
        return (inner.strip_prefix("env.").filter(is_name), end + 5);
    }
    if let Some(rest) = text.strip_prefix("${") {
        let Some(end) = rest.find('}') else { return (None, 2) };
        return (rest.get(..end).filter(is_name), end + 3);
    }
    let rest = text.get(1..).unwrap_or_default();
    let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    (rest.get(..end).filter(is_name), end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_where_they_are_known() {
        let mut shell = Shell::new(Layout::of_job());
        shell.assign("V", "1.2");
        shell.assign("HOST", "https://example.com");
        shell.assign("U", "$HOST/v${V}");
        shell.assign("N", "$(date)");
        shell.assign("RAW", "https://example.com/$GITHUB_REPOSITORY");
        shell.assign("OWN", "${{ github.repository }}");
        shell.assign("BIN", "$HOME/bin");
        for (text, expected, known) in [
            ("$HOST/${V}/x", "https://example.com/1.2/x", true),
            ("$U/x", "https://example.com/v1.2/x", true),
            ("${{ env.V }}-${{ matrix.v }}", "1.2-${{ matrix.v }}", false),
            ("$N/${OTHER}", "$N/${OTHER}", false),
            ("a${", "a${", false),
            ("$RAW/x", "https://example.com/${GITHUB_REPOSITORY}/x", false),
            ("$OWN/x", "${{ github.repository }}/x", false),
        ] {
            assert_eq!(shell.expand(text), (expected.to_owned(), known), "{text}");
        }
        assert_eq!(shell.path("$BIN/x"), shell.path("~/bin/x"));
        shell.go(Some("a"));
        assert_eq!(shell.path("b"), "/github/workspace/a/b");
        shell.go(None);
        assert_eq!(shell.path("b"), "/github/workspace/b");
    }
}
