//! Answers over stored documents: bills of materials, saved audits, saved graphs.
//!
//! Thousands of documents are asked at once, and nearly all of them do not name what is asked for. So a document is
//! searched for the names as bytes first, and read only where one stands in it, or where it says of itself that it is
//! not whole.

mod audit;
mod bom;
mod files;
mod parts;
mod raw;
mod sieve;
mod whole;

use std::collections::BTreeSet;

use super::Answer;
use super::Asked;
use super::Standing;
use super::Target;
use super::net;
use super::tree;
use crate::parse::Budget;
use crate::parse::json;
use crate::sbom::model::Kind;
use crate::sbom::read;

pub(super) use bom::title;
pub(super) use parts::fit;
use sieve::Marks;
use sieve::Names;
use whole::Whole;

/// What reading a saved audit or graph may cost.
const BUDGET: Budget = Budget { bytes: 512 << 20, depth: 64, items: 32_000_000, aliases: 0, problems: 16 };

/// Questions, made ready for any number of documents.
#[derive(Debug)]
pub struct Documents<'a> {
    questions: &'a [Asked],
    names: Names,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An answer to each question.
    Answers(Vec<Answer>),
    /// It is no document that answers anything.
    NoDocument,
}

impl<'a> Documents<'a> {
    /// Makes the questions ready.
    #[must_use]
    pub fn new(questions: &'a [Asked]) -> Self {
        Self { questions, names: Names::of(questions) }
    }

    /// Asks one document. `who` is what the answers call it.
    #[must_use]
    pub fn ask(&self, who: &str, bytes: &[u8]) -> Told {
        let small = bytes.to_ascii_lowercase();
        let marks = self.names.look(&small);
        if !marks.is_document() {
            return Told::NoDocument;
        }
        if !marks.is_bill() {
            return self.saved(who, bytes);
        }
        let names_none = self.questions.iter().enumerate().all(|(number, _)| !marks.names(number));
        if names_none && let Some(is_open) = self.sifted(bytes, &marks) {
            let answers = self.questions.iter().map(|asked| not_named(asked, who, &marks, is_open));
            return Told::Answers(answers.collect());
        }
        self.bill(who, bytes, &marks)
    }

    /// Asks a document that lies in a tree, which is asked itself: only what the document lists counts.
    #[must_use]
    pub fn ask_within(&self, who: &str, bytes: &[u8]) -> Vec<Answer> {
        let small = bytes.to_ascii_lowercase();
        let marks = self.names.look(&small);
        let is_named = (0..self.questions.len()).any(|number| marks.names(number));
        if !marks.is_bill() || !(is_named || marks.must_read()) {
            return Vec::new();
        }
        match self.bill(who, bytes, &marks) {
            Told::Answers(mut answers) => {
                answers.retain(|answer| answer.standing > Standing::CannotKnow);
                answers
            }
            Told::NoDocument => Vec::new(),
        }
    }

    /// Asks a saved audit or graph.
    fn saved(&self, who: &str, bytes: &[u8]) -> Told {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.all(who, &format!("{who} is not UTF-8"));
        };
        let file = json::parse(text, &mut BUDGET.clone());
        let Some(root) = &file.root else { return self.all(who, &format!("{who} cannot be read as JSON")) };
        if let Some(net) = net::read(root) {
            let is_whole = file.problems.is_empty();
            let answers = self.questions.iter().map(|asked| {
                let mut answer = tree::of_net(&net, asked, who);
                if answer.standing == Standing::No {
                    answer.standing = Standing::CannotKnow;
                    answer.why = match is_whole {
                        true => {
                            format!("{}, and a saved graph does not say what of its tree could not be read", answer.why)
                        }
                        false => format!("{who} could not be read to its end"),
                    };
                }
                answer
            });
            return Told::Answers(answers.collect());
        }
        match audit::read(root) {
            Some(findings) => {
                Told::Answers(self.questions.iter().map(|asked| audit::answer(&findings, asked, who)).collect())
            }
            None => Told::NoDocument,
        }
    }

    /// Whether a document that names nothing says that it is not whole; none where it is to be read for that.
    fn sifted(&self, bytes: &[u8], marks: &Marks<'_>) -> Option<bool> {
        if marks.must_read() {
            return None;
        }
        // What it knows to be unknown it says by kind, and then the rest is whole.
        let has_unknowns = marks.may_hold_unknowns();
        let wanted = self.questions.iter().flat_map(|asked| Kind::ALL.iter().filter(|kind| wants(asked, **kind)));
        let is_wanted = |kind: &Kind| marks.has_unknown(kind.word());
        if has_unknowns && wanted.collect::<BTreeSet<_>>().into_iter().any(is_wanted) {
            return None;
        }
        match whole::of(bytes) {
            Whole::Unsaid => Some(false),
            Whole::Open => Some(!has_unknowns),
            Whole::Unclear => None,
        }
    }

    fn bill(&self, who: &str, bytes: &[u8], marks: &Marks<'_>) -> Told {
        match read::read_keeping(bytes) {
            Ok((read, file)) => {
                let bill = bom::Bill::new(&read, file, bytes);
                Told::Answers(self.questions.iter().map(|asked| bill.answer(asked, who, marks)).collect())
            }
            // JSON that only speaks of formats: lists of packages, settings, schemas.
            Err(problem) if problem.message.starts_with(OTHER) && is_json(bytes) => Told::NoDocument,
            Err(problem) => self.all(who, &format!("{who} cannot be read: line {}: {}", problem.line, problem.message)),
        }
    }

    fn all(&self, who: &str, why: &str) -> Told {
        Told::Answers(self.questions.iter().map(|asked| cannot_know(asked, who, why.to_owned())).collect())
    }
}

/// An answer without anything found.
#[must_use]
pub fn bare(asked: &Asked, who: &str, standing: Standing, why: String) -> Answer {
    Answer::new(&asked.text, who, standing, why)
}

/// That it cannot be known, and why.
#[must_use]
pub fn cannot_know(asked: &Asked, who: &str, why: String) -> Answer {
    bare(asked, who, Standing::CannotKnow, why)
}

/// The answer of a bill of materials in which no name stands.
fn not_named(asked: &Asked, who: &str, marks: &Marks<'_>, is_open: bool) -> Answer {
    match uncovered(asked, marks) {
        Some(why) => cannot_know(asked, who, why),
        None if is_open => cannot_know(asked, who, NOT_WHOLE.to_owned()),
        None => bare(asked, who, Standing::No, "it does not list it".to_owned()),
    }
}

/// What is said of a document that says so itself.
const NOT_WHOLE: &str = "it says of itself that it does not list everything";

/// How the reader says that a file is no bill of materials.
const OTHER: &str = "it is neither CycloneDX nor SPDX";

/// Whether parts of a kind may be what is asked for.
pub(super) fn wants(asked: &Asked, kind: Kind) -> bool {
    asked.targets.iter().any(|target| match target {
        Target::Asset { .. } => kind.is_model() || matches!(kind, Kind::Dataset | Kind::Kernel),
        Target::Package { .. } => matches!(kind, Kind::Library | Kind::Framework),
        Target::Action { .. } => kind == Kind::Action,
        Target::Image { .. } => kind == Kind::Image,
        _ => false,
    })
}

/// Whether a document is an object or array of JSON.
fn is_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| matches!(first, b'{' | b'['))
}

/// Why a bill of materials says nothing about a question; none where it does. Of several meanings it is enough that it
/// speaks of one that is likely.
fn uncovered(asked: &Asked, marks: &Marks<'_>) -> Option<String> {
    let reasons: Vec<Option<String>> = asked.targets.iter().map(|target| uncovered_by(target, asked, marks)).collect();
    if reasons.iter().any(Option::is_none) {
        return None;
    }
    reasons.into_iter().flatten().next()
}

fn uncovered_by(target: &Target, asked: &Asked, marks: &Marks<'_>) -> Option<String> {
    match target {
        Target::Package { ecosystem, .. } => {
            let wanted: Vec<&str> = match ecosystem {
                Some(one) => vec![one.as_str()],
                None => asked.expects.iter().map(String::as_str).collect(),
            };
            if wanted.is_empty() {
                return (!marks.lists_packages()).then(|| "it lists no package of any registry".to_owned());
            }
            let missing = wanted.iter().all(|one| !marks.lists(one));
            missing.then(|| {
                format!(
                    "it lists no package of {}",
                    wanted.iter().map(|one| registry(one)).collect::<Vec<_>>().join(" or ")
                )
            })
        }
        Target::Action { .. } => (!marks.lists_actions()).then(|| "it lists no action".to_owned()),
        Target::Asset { .. } => (!marks.lists_assets()).then(|| "it lists no model or data set".to_owned()),
        Target::Image { .. } => (!marks.lists_images()).then(|| "it lists no image".to_owned()),
        Target::Digest(_) => (!marks.lists_digests()).then(|| "it holds no digests".to_owned()),
        Target::Host(_) => Some("a bill of materials does not list every host".to_owned()),
        Target::Advisory(id) => Some(format!("no advisory of the id {id} is known")),
    }
}

/// What people call a registry.
pub(super) fn registry(ecosystem: &str) -> &str {
    match ecosystem {
        "cargo" => "crates.io",
        "pypi" => "PyPI",
        other => other,
    }
}

#[cfg(test)]
#[path = "documents/tests.rs"]
mod tests;
