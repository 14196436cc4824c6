//! The answers as JSON: the contract `custody/affected/v1`.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Reply;
use crate::affected::when::rfc3339;
use crate::sbom::model::Occurrence;

/// The name of the contract.
pub const SCHEMA: &str = "custody/affected/v1";

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    exit_code: u8,
    questions: Vec<Question<'a>>,
    answers: Vec<One<'a>>,
    /// Files of folders that are no documents.
    passed_over: usize,
    notes: &'a [String],
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Question<'a> {
    target: &'a str,
    because: Option<&'a str>,
    since: Option<String>,
    until: Option<String>,
    note: Option<&'a str>,
    /// Places by how they stand.
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    locked: usize,
    #[serde(rename = "could-have-resolved")]
    could: usize,
    #[serde(rename = "cannot-know")]
    unknown: usize,
    no: usize,
}

#[derive(Debug, Serialize)]
struct One<'a> {
    target: &'a str,
    who: &'a str,
    standing: &'static str,
    why: &'a str,
    /// Branches and tags.
    at: &'a [String],
    path: &'a [String],
    spots: Vec<Spot<'a>>,
    from: Option<String>,
    until: Option<String>,
    commits: Vec<&'a str>,
    rebuild: &'a [String],
    jobs: Vec<Job<'a>>,
    /// What of tests, examples and docs could hide it.
    aside: &'a [String],
}

#[derive(Debug, Serialize)]
struct Spot<'a> {
    path: &'a str,
    /// From 1; 0 where the file as a whole says it.
    line: u32,
    how: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Job<'a> {
    name: &'a str,
    path: &'a str,
    line: u32,
    secrets: &'a [String],
}

/// JSON; the same bytes for the same answers.
///
/// # Errors
/// Whatever the writer says.
pub fn json(reply: &Reply, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        exit_code: reply.exit_code(),
        questions: reply.questions.iter().map(|asked| question(reply, asked)).collect(),
        answers: reply.answers.iter().map(one).collect(),
        passed_over: reply.passed_over,
        notes: &reply.notes,
    };
    serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn question<'a>(reply: &Reply, asked: &'a Asked) -> Question<'a> {
    let counts = reply.counts(asked);
    Question {
        target: &asked.text,
        because: asked.because.as_deref(),
        since: asked.since.map(rfc3339),
        until: asked.until.map(rfc3339),
        note: asked.note.as_deref(),
        counts: Counts { locked: counts.locked, could: counts.could, unknown: counts.unknown, no: counts.no },
    }
}

fn one(answer: &Answer) -> One<'_> {
    let commits = answer.commits.iter().flat_map(|(from, to)| std::iter::once(from.as_str()).chain(to.as_deref()));
    One {
        target: &answer.target,
        who: &answer.who,
        standing: answer.standing.word(),
        why: &answer.why,
        at: &answer.at,
        path: &answer.path,
        spots: answer.spots.iter().map(spot).collect(),
        from: answer.when.map(|(from, _)| from).filter(|from| *from != i64::MIN).map(rfc3339),
        until: answer.when.and_then(|(_, until)| until).map(rfc3339),
        commits: commits.collect(),
        rebuild: &answer.rebuild,
        jobs: answer
            .jobs
            .iter()
            .map(|job| Job { name: &job.name, path: &job.at.path, line: job.at.line, secrets: &job.secrets })
            .collect(),
        aside: &answer.aside,
    }
}

fn spot(spot: &Occurrence) -> Spot<'_> {
    Spot { path: &spot.path, line: spot.line, how: spot.how.as_deref() }
}
