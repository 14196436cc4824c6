//! A lock as text: sorted, every line complete in itself, one block for each thing that is held.
//!
//! A block begins with a comment and ends with an empty line, and neither changes when what is held does. So a change
//! of one block and a new one beside it never touch, and git merges them by itself; where two people put a block in
//! the same place, the union of their lines is right.

use std::fmt::Write as _;

use super::Approval;
use super::Digest;
use super::Entry;
use super::FileDigest;
use super::Key;
use super::Lock;
use super::line::quote;
use super::line::read;

/// First line of every lock.
const HEAD: &str = "# What this project loads that nothing else locks. Written by `cargo custody lock`; every line \
                    stands alone.\n";
/// Last line of every lock, so that a block before it is put in and not put behind.
const END: &str = "# End.\n";
/// The version of the format that is written and read.
pub(super) const VERSION: &str = "1";

impl Lock {
    /// Whether nothing is held and nothing pointed to.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.images.is_empty() && self.tools.is_empty() && self.elsewhere.is_empty()
    }

    /// The lock as its file holds it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut |line| out.push_str(line));
        out
    }

    /// Hands the lock on in pieces of whole lines, so that one of any length needs no memory of its own.
    pub fn write_to(&self, sink: &mut dyn FnMut(&str)) {
        sink(HEAD);
        sink(&format!("lock.version = \"{VERSION}\"\n\n"));
        if !self.elsewhere.is_empty() {
            for (path, what) in &self.elsewhere {
                sink(&line(&["elsewhere", path], what));
            }
            sink("\n");
        }
        let mut entries: Vec<(&Key, &Entry)> = self.entries.iter().collect();
        entries.sort_by_cached_key(|(key, _)| (key.kind.word(), key.identity()));
        for (key, entry) in entries {
            write_entry(key, entry, sink);
        }
        for (reference, image) in &self.images {
            sink(&comment("image", reference));
            sink(&line(&["image", reference, "digest"], &image.digest));
            sink("\n");
        }
        for (url, tool) in &self.tools {
            sink(&comment("tool", url));
            let file = FileDigest { sha256: tool.sha256, size: tool.size };
            sink(&line(&["tool", url, "content"], &content(file)));
            sink("\n");
        }
        sink(END);
    }
}

fn write_entry(key: &Key, entry: &Entry, sink: &mut dyn FnMut(&str)) {
    let kind = key.kind.word();
    let identity = key.identity();
    let field = |rest: &[&str], value: &str| {
        let parts: Vec<&str> = [kind, identity.as_str()].into_iter().chain(rest.iter().copied()).collect();
        line(&parts, value)
    };
    sink(&comment(kind, &identity));
    let scan = entry.scan.as_ref().map(|scan| format!("{}, {}", scan.verdict, scan.by));
    let facts = [
        ("revision", entry.revision.clone()),
        ("licence", entry.licence.clone()),
        ("scan", scan),
        ("signer", entry.signer.clone()),
        ("state", Some(sha256(entry.state()))),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            sink(&field(&[name], &value));
        }
    }
    let mut approvals: Vec<&Approval> = entry.approvals.iter().collect();
    approvals.sort_by_key(|approval| (&approval.by, approval.of));
    for approval in approvals {
        let of = approval.of.to_string();
        sink(&field(&["approved", &approval.by, &of], &format!("{} {}", approval.on, approval.reason)));
        for (name, digest) in &approval.evidence {
            sink(&field(&["evidence", &approval.by, &of, name], &sha256(*digest)));
        }
    }
    for (path, file) in &entry.files {
        sink(&field(&["file", path], &content(*file)));
    }
    sink("\n");
}

/// The first part of the line that holds a file, up to its value: what a message about the file points to.
#[must_use]
pub fn line_of_file(key: &Key, path: &str) -> String {
    let text = line(&[key.kind.word(), &key.identity(), "file", path], "");
    text.trim_end_matches("\"\"\n").to_owned()
}

fn sha256(digest: Digest) -> String {
    format!("sha256:{digest}")
}

fn content(file: FileDigest) -> String {
    format!("sha256:{} {}", file.sha256, file.size)
}

fn comment(kind: &str, name: &str) -> String {
    let mut text = String::new();
    quote(name, &mut text);
    let name = text.get(1..text.len() - 1).unwrap_or("");
    format!("# {kind} {name}\n")
}

/// A line: the first and the third part are words, the others texts.
fn line(parts: &[&str], value: &str) -> String {
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        match at {
            0 => out.push_str(part),
            2 => {
                let _ = write!(out, ".{part}");
            }
            _ => {
                out.push('.');
                quote(part, &mut out);
            }
        }
    }
    out.push_str(" = ");
    quote(value, &mut out);
    out.push('\n');
    out
}

/// The text of a lock with another state of one entry, all other lines as they are.
#[must_use]
pub fn with_entry(text: &str, key: &Key, entry: &Entry) -> String {
    let (kind, identity) = (key.kind.word(), key.identity());
    let mut block = String::new();
    write_entry(key, entry, &mut |line| block.push_str(line));
    let head = comment(kind, &identity);
    let is_own = |line: &str| {
        line.trim_end_matches(['\r', '\n']) == head.trim_end()
            || read(line.trim_end_matches(['\r', '\n'])).is_ok_and(|line| {
                line.is_some_and(|line| {
                    line.parts.first().is_some_and(|part| part == kind)
                        && line.parts.get(1).is_some_and(|part| *part == identity)
                })
            })
    };
    let mut out = String::with_capacity(text.len() + block.len());
    let mut is_written = false;
    for line in text.split_inclusive('\n') {
        if is_own(line) {
            // The empty line behind the block is there already.
            let lines = if is_written { "" } else { block.trim_end_matches('\n') };
            out.push_str(lines);
            out.push_str(if is_written { "" } else { "\n" });
            is_written = true;
            continue;
        }
        if !is_written && line == END {
            out.push_str(&block);
            is_written = true;
        }
        out.push_str(line);
    }
    if !is_written {
        out.push_str(&block);
    }
    out
}
