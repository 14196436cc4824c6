//! A scan as JSON: the contract `custody/scan/v1`. The entry of a file is also a line of the journal.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::Scanned;
use crate::scan::{FileReport, Finding, Format, Global, PickleClass, Verdict, WeightsOnly, rules};

/// The name of the contract.
pub const SCHEMA: &str = "custody/scan/v1";

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    verdict: &'static str,
    /// Whether all that could execute was read and no file breaks the rules of its format.
    complete: bool,
    exit_code: u8,
    counts: Counts,
    files: Entries<'a>,
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Counts {
    clean: usize,
    suspicious: usize,
    dangerous: usize,
    malformed: usize,
    unread: usize,
}

/// Entries made one by one as they are written.
#[derive(Debug)]
struct Entries<'a>(&'a [FileReport]);

impl Serialize for Entries<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Entry::of))
    }
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it was called; a folder that is one model ends in `/`.
    pub path: String,
    /// What it is, by its content.
    pub format: String,
    /// Bytes.
    pub size: u64,
    /// `clean`, `suspicious`, `dangerous`, `malformed` or `unread`.
    pub verdict: String,
    /// Whether `torch.load(weights_only=True)` loads it; null for files that nobody loads with torch.
    pub weights_only: Option<bool>,
    /// Why it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_only_refused: Option<Refused>,
    /// SHA-256, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What its pickles are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickle: Option<Pickle>,
    /// What was found, gravest first.
    pub findings: Vec<Found>,
    /// How many findings more there were than are kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_findings: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why the restricted loader refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The first reason.
    pub why: String,
    /// Globals that would have to be allowed.
    pub globals: Vec<String>,
}

/// What the pickles of a file are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickle {
    /// `data-only`, `allow-listed`, `unknown` or `dangerous`.
    pub class: String,
    /// The globals they name.
    pub globals: Vec<Named>,
}

/// A global.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its module.
    pub module: String,
    /// Its name in it.
    pub name: String,
    /// How it is rated, as a pickle is.
    pub class: String,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// One sentence.
    pub message: String,
    /// Bytes from the start of the innermost part; null where it is about the whole.
    pub offset: Option<u64>,
    /// Members on the way to it, joined by `!`; null in the file itself.
    pub inner_path: Option<String>,
}

impl Entry {
    /// The entry of a report.
    #[must_use]
    pub fn of(report: &FileReport) -> Self {
        let pickle = report.pickle.map(|class| Pickle {
            class: class.word().to_owned(),
            globals: report
                .globals
                .iter()
                .map(|global| Named {
                    module: global.module.clone(),
                    name: global.name.clone(),
                    class: global.class.word().to_owned(),
                })
                .collect(),
        });
        let refused = match &report.weights_only {
            Some(WeightsOnly::Refuses { why, globals }) => Some(Refused { why: why.clone(), globals: globals.clone() }),
            Some(WeightsOnly::Loads) | None => None,
        };
        Self {
            path: report.path.clone(),
            format: report.format.word().to_owned(),
            size: report.size,
            verdict: report.verdict.word().to_owned(),
            weights_only: report.weights_only.as_ref().map(|known| *known == WeightsOnly::Loads),
            weights_only_refused: refused,
            sha256: report.sha256.clone(),
            pickle,
            findings: report.findings.iter().map(Found::of).collect(),
            more_findings: report.more,
        }
    }

    /// The report of an entry; none where this version does not know one of its words.
    #[must_use]
    pub fn report(self) -> Option<FileReport> {
        const VERDICTS: [Verdict; 5] =
            [Verdict::Clean, Verdict::Unread, Verdict::Malformed, Verdict::Suspicious, Verdict::Dangerous];
        let all = rules();
        let findings = self.findings.into_iter().map(|found| {
            let at = all.binary_search_by(|rule| rule.id.cmp(found.rule.as_str())).ok()?;
            let (message, offset, inner_path) = (found.message, found.offset, found.inner_path);
            Some(Finding { rule: all.get(at)?, message, offset, inner_path })
        });
        let findings: Option<Vec<Finding>> = findings.collect();
        let (class, globals) = match self.pickle {
            Some(pickle) => {
                let globals = pickle.globals.into_iter().map(|global| {
                    Some(Global { class: class_of(&global.class)?, module: global.module, name: global.name })
                });
                (Some(class_of(&pickle.class)?), globals.collect::<Option<BTreeSet<_>>>()?)
            }
            None => (None, BTreeSet::new()),
        };
        let weights_only = match (self.weights_only, self.weights_only_refused) {
            (Some(true), _) => Some(WeightsOnly::Loads),
            (Some(false), Some(refused)) => Some(WeightsOnly::Refuses { why: refused.why, globals: refused.globals }),
            (Some(false), None) => return None,
            (None, _) => None,
        };
        Some(FileReport {
            path: self.path,
            size: self.size,
            format: *Format::ALL.iter().find(|format| format.word() == self.format)?,
            verdict: *VERDICTS.iter().find(|verdict| verdict.word() == self.verdict)?,
            weights_only,
            pickle: class,
            globals,
            sha256: self.sha256,
            findings: findings?,
            more: self.more_findings,
            weights: None,
        })
    }
}

fn class_of(word: &str) -> Option<PickleClass> {
    const CLASSES: [PickleClass; 4] =
        [PickleClass::DataOnly, PickleClass::AllowListed, PickleClass::Unknown, PickleClass::Dangerous];
    CLASSES.into_iter().find(|class| class.word() == word)
}

impl Found {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.id.to_owned(),
            severity: finding.rule.severity.word().to_owned(),
            message: finding.message.clone(),
            offset: finding.offset,
            inner_path: finding.inner_path.clone(),
        }
    }
}

pub(super) fn render(scanned: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        verdict: scanned.verdict().word(),
        complete: !scanned.is_incomplete(),
        exit_code: scanned.exit_code(),
        counts: Counts {
            clean: scanned.count(Verdict::Clean),
            suspicious: scanned.count(Verdict::Suspicious),
            dangerous: scanned.count(Verdict::Dangerous),
            malformed: scanned.count(Verdict::Malformed),
            unread: scanned.count(Verdict::Unread),
        },
        files: Entries(&scanned.files),
    };
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_back_as_it_was_written() {
        let report = FileReport {
            path: "a.bin".to_owned(),
            size: 5,
            format: Format::Pickle,
            verdict: Verdict::Unread,
            weights_only: Some(WeightsOnly::Refuses { why: "no".to_owned(), globals: vec!["os.system".to_owned()] }),
            pickle: Some(PickleClass::Dangerous),
            globals: BTreeSet::from([Global {
                module: "os".to_owned(),
                name: "system".to_owned(),
                class: PickleClass::Dangerous,
            }]),
            sha256: Some("ab".to_owned()),
            findings: vec![Finding {
                rule: rules()[0],
                message: "x".to_owned(),
                offset: Some(u64::MAX),
                inner_path: Some("a!b".to_owned()),
            }],
            more: 3,
            weights: None,
        };
        let text = serde_json::to_string(&Entry::of(&report)).expect("it is plain");
        let entry: Entry = serde_json::from_str(&text).expect("it was just written");
        assert_eq!(entry.clone().report().as_ref(), Some(&report));
        assert_eq!(Entry { format: "other".to_owned(), ..entry }.report(), None);
    }
}
