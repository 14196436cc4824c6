//! The outcome as JSON: the contract `custody/verify/v1`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Shown, matched};
use crate::lock::Key;
use crate::lock::verify::{Checked, Looked, Standing, Trouble, What};

/// The name of the contract.
pub const SCHEMA: &str = "custody/verify/v1";

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    lock: &'a str,
    exit_code: u8,
    /// A lock in the folder that is looked at, which does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_over: Option<&'a str>,
    /// Whether everything that was to be looked at was.
    complete: bool,
    counts: Counts,
    /// Files that are what the lock says, over all copies.
    files: usize,
    /// Bytes of these.
    bytes: u64,
    /// Files whose digests came from the journal.
    resumed: usize,
    entries: Vec<Entry<'a>>,
    /// Places that could not be looked at.
    unread: Vec<Place<'a>>,
    /// Repositories of caches that no entry is about.
    unlocked: &'a [String],
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Counts {
    #[serde(rename = "match")]
    matching: usize,
    differs: usize,
    unread: usize,
    absent: usize,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    place: String,
    why: &'a str,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    kind: &'static str,
    hub: &'a str,
    name: &'a str,
    requested: Option<&'a str>,
    revision: Option<&'a str>,
    /// `match`, `differs`, `unread` or `absent`.
    state: &'static str,
    /// The entry's first line in the lock.
    line: Option<u32>,
    /// Files that are locked.
    files: usize,
    copies: Vec<Copy<'a>>,
}

#[derive(Debug, Serialize)]
struct Copy<'a> {
    layout: &'static str,
    place: String,
    revision: Option<&'a str>,
    state: &'static str,
    matched: usize,
    bytes: u64,
    missing: &'a [String],
    troubles: Vec<Problem<'a>>,
    /// Other commits that are there.
    others: &'a [String],
    moved: Option<Moved<'a>>,
}

#[derive(Debug, Serialize)]
struct Moved<'a> {
    branch: &'a str,
    to: &'a str,
    /// Whether files of that commit are there.
    is_there: bool,
    /// Whether anything loads by the branch.
    matters: bool,
}

#[derive(Debug, Default, Serialize)]
struct Problem<'a> {
    file: &'a str,
    /// `differs`, `extra`, `leads-out`, `denied`, `pointer`, `points-elsewhere` or `unread`.
    what: &'static str,
    /// The line of the lock that holds the file.
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Content>,
    /// The file of the lock whose content it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

#[derive(Debug, Default, Serialize)]
struct Content {
    /// Null where its size told already.
    sha256: Option<String>,
    /// Null where it is not known.
    size: Option<u64>,
}

/// Writes the outcome.
///
/// # Errors
/// Whatever the writer says.
pub fn json(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verified = shown.verified;
    let (files, bytes) = matched(&verified.entries);
    let document = Document {
        schema: SCHEMA,
        tool: Tool { name: "cargo-custody", version: env!("CARGO_PKG_VERSION") },
        lock: shown.lock,
        passed_over: shown.passed_over,
        exit_code: verified.exit_code(shown.demand),
        complete: verified.unread.is_empty()
            && !verified.is_stopped
            && !verified.entries.iter().any(Checked::has_unread),
        counts: Counts {
            matching: shown.count(Standing::Match),
            differs: shown.count(Standing::Differs),
            unread: shown.count(Standing::Unread),
            absent: shown.count(Standing::Absent),
        },
        files,
        bytes,
        resumed: verified.remembered,
        entries: verified.entries.iter().map(|checked| entry(shown, checked)).collect(),
        unread: verified.unread.iter().map(|(place, why)| Place { place: place.display().to_string(), why }).collect(),
        unlocked: &verified.unlocked,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn entry<'a>(shown: &'a Shown<'_>, checked: &'a Checked) -> Entry<'a> {
    let key = &checked.key;
    Entry {
        kind: key.kind.word(),
        hub: &key.hub,
        name: &key.name,
        requested: key.requested.as_deref(),
        revision: checked.revision.as_deref(),
        state: checked.standing(shown.demand).word(),
        line: shown.line(key, None),
        files: checked.files,
        copies: checked.copies.iter().map(|looked| copy(shown, key, looked)).collect(),
    }
}

fn copy<'a>(shown: &'a Shown<'_>, key: &'a Key, looked: &'a Looked) -> Copy<'a> {
    Copy {
        layout: looked.layout.word(),
        place: looked.place.display().to_string(),
        revision: looked.revision.as_deref(),
        state: looked.standing(shown.demand).word(),
        matched: looked.matched,
        bytes: looked.bytes,
        missing: &looked.missing,
        troubles: looked.troubles.iter().map(|trouble| problem(shown, key, trouble)).collect(),
        others: &looked.others,
        moved: looked.moved.as_ref().map(|moved| Moved {
            branch: &moved.branch,
            to: &moved.to,
            is_there: moved.is_there,
            matters: moved.matters,
        }),
    }
}

fn problem<'a>(shown: &'a Shown<'_>, key: &'a Key, trouble: &'a Trouble) -> Problem<'a> {
    let line = shown.line(key, Some(&trouble.path));
    let problem = Problem { file: &trouble.path, what: trouble.what.word(), line, ..Problem::default() };
    match &trouble.what {
        What::Differs { expected, found, size, is_of } => Problem {
            expected: Some(Content { sha256: Some(expected.sha256.to_string()), size: Some(expected.size) }),
            found: Some(Content { sha256: found.map(|found| found.to_string()), size: Some(*size) }),
            is_of: is_of.as_deref(),
            ..problem
        },
        What::PointsElsewhere { to } => {
            Problem { found: Some(Content { sha256: Some(to.to_string()), size: None }), ..problem }
        }
        What::LeadsOut { to } => Problem { to: Some(to), ..problem },
        What::Unread { why } => Problem { why: Some(why), ..problem },
        What::Extra | What::Denied | What::Pointer => problem,
    }
}
