//! Requirements and constraints files, as pip reads them. Sources: pip's "Requirements File
//! Format" and `req/req_file.py`; uv's "Pip compatibility"; pip-tools' and uv's headers.

mod claim;
mod lines;
mod words;

use super::requirement::{editable, lenient};
use super::{Facts, Format, Mention, Reader};
use crate::graph::Document;
use crate::graph::kinds::python::{Group, Include, IndexOption, Requirement, RequirementsFile};
use crate::parse::{Budget, Problem, Problems};
use crate::source::{Embedded, FileId, RepoPath, SourceFile, Span, Spanned};

use lines::Line;
use words::{Given, Means, Word};

/// Reads requirements files: by name, by mention, and by what is in them.
#[derive(Debug)]
pub struct RequirementsReader;

impl RequirementsReader {
    /// Its id, by which other files hand a file to it.
    pub const ID: &'static str = "requirements";
}

impl Reader for RequirementsReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        claim::by_name(path)
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        claim::is_candidate(path).then_some(claim::LARGEST)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        let file = SourceFile::decoded(FileId::default(), path.clone(), whole_lines(head).to_vec());
        file.invalid_utf8.is_none() && claim::by_content(path, &file.text)
    }

    fn decodes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`requirements*.txt`, `*.in` and files that others name by `-r` and `-c`",
            read: "requirements, includes, hashes, options of pip",
            not_read: "includes by address, which are gaps",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut reading = Reading {
            found: RequirementsFile {
                file: file.id,
                generated_by: generated_by(&file.text),
                ..RequirementsFile::default()
            },
            problems: Problems::new(budget),
        };
        for line in lines::logical(&file.text) {
            if !budget.take_entry(line.text.len()) {
                let rest = line.host_span(0..line.text.len());
                reading.problems.push(rest, "too many lines; the rest is not read");
                break;
            }
            reading.line(&line);
        }
        reading.finish(file, out);
    }
}

/// The lines that a file of another format holds one by one, as conda's `pip:` does: what pip makes of
/// each. Hands over the document and its problems.
pub(super) fn items(file: &SourceFile, items: &[&Embedded], budget: &mut Budget, out: &mut Facts) {
    let found = RequirementsFile { file: file.id, ..RequirementsFile::default() };
    let mut reading = Reading { found, problems: Problems::new(budget) };
    for item in items {
        let mut start = 0;
        for piece in item.text.split_inclusive('\n') {
            let line = lines::stripped(item.part(start..start + piece.len()));
            start += piece.len();
            if line.text.is_empty() {
                continue;
            }
            if !budget.take_entry(line.text.len()) {
                reading.problems.push(line.host_span(0..line.text.len()), "too many lines; the rest is not read");
                reading.finish(file, out);
                return;
            }
            reading.line(&line);
        }
    }
    reading.finish(file, out);
}

/// The beginning of a file without the line that its end cuts through.
fn whole_lines(head: &[u8]) -> &[u8] {
    if head.len() < claim::LARGEST {
        return head;
    }
    let mut end = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // In UTF-16 a line break has two bytes, of which this may be the first.
    if head.starts_with(&[0xFF, 0xFE]) && end < head.len() {
        end += 1;
    }
    head.get(..end).unwrap_or(head)
}

struct Reading {
    found: RequirementsFile,
    problems: Problems,
}

impl Reading {
    /// Follows what is included, and hands over the document.
    fn finish(mut self, file: &SourceFile, out: &mut Facts) {
        let folder = file.path.parent();
        for include in &self.found.includes {
            let Spanned { value, span } = &include.path;
            match folder.join(value) {
                _ if value.contains("://") => self.problems.push(*span, "what lies at an address is not read"),
                _ if value.contains("${") => {
                    self.problems.push(*span, "what is included is not known: a variable stands in its path");
                }
                _ if value.starts_with(['/', '\\', '~']) => {
                    self.problems.push(*span, "it lies outside the tree and is not read");
                }
                Some(path) => {
                    out.mentions.push(Mention { path, reader: RequirementsReader::ID, needed_at: Some(*span) });
                }
                None => self.problems.push(*span, "it lies outside the tree and is not read"),
            }
        }
        out.problems.extend(self.problems.finish());
        out.documents.push(Document::Requirements(self.found));
    }

    fn line(&mut self, line: &Line) {
        let start = words::options_start(&line.text);
        let given = match words::options(&line.text, start) {
            Ok(given) => given,
            Err((range, message)) => {
                self.problems.push(line.host_span(range), message);
                return;
            }
        };
        let text = line.text.get(..start).unwrap_or("").trim_end();
        let whole = line.host_span(0..line.text.len());
        if !text.is_empty() {
            match lenient(&line.part(0..text.len()), whole, Group::Runtime) {
                Ok(requirement) => self.requirement(line, requirement, &given),
                Err(Problem { span, message, .. }) => self.problems.push(span, message),
            }
        } else if let Some(path) = given.iter().find(|g| g.means == Means::Editable).and_then(|g| g.value.as_ref()) {
            // pip drops what follows; uv takes a marker there.
            let after = line.text.get(path.range.end..).unwrap_or("");
            let end = if after.trim_start_matches(['"', '\'', ' ', '\t']).starts_with(';') {
                line.text.len()
            } else {
                path.range.end
            };
            let text = match placed(line, path) {
                text if end == path.range.end => text,
                _ => line.part(path.range.start..end),
            };
            self.requirement(line, editable(&text, whole, Group::Runtime), &given);
        } else {
            self.options(line, &given);
        }
    }

    fn requirement(&mut self, line: &Line, mut requirement: Requirement, given: &[Given]) {
        // pip knows few options after a requirement and passes over the rest.
        for hash in given.iter().filter(|g| g.means == Means::Hash) {
            let Some(value) = &hash.value else { continue };
            requirement.hashes.push(Spanned::new(value.value.clone(), line.host_span(value.range.clone())));
        }
        self.found.requirements.push(requirement);
    }

    fn options(&mut self, line: &Line, given: &[Given]) {
        let mut has_include = false;
        for option in given {
            let span = line.host_span(option.range.clone());
            let value = option.value.as_ref().map_or_else(
                || Spanned::new(String::new(), span),
                |v| Spanned::new(v.value.clone(), line.host_span(v.range.clone())),
            );
            match option.means {
                Means::Index(kind) => self.found.options.push(IndexOption { kind, value, span }),
                Means::RequireHashes => self.found.require_hashes = Some(span),
                // pip follows the first of a line only.
                Means::Include | Means::Constrain if !has_include => {
                    has_include = true;
                    self.found.includes.push(Include { path: value, constraint: option.means == Means::Constrain });
                }
                Means::Hash => self.problems.push(span, "a hash without a requirement before it"),
                _ => {}
            }
        }
    }
}

/// A word as text with its places: as it stands, or where quotes change it, as a whole.
fn placed(line: &Line, word: &Word) -> Embedded {
    if line.text.get(word.range.clone()) == Some(&word.value) {
        return line.part(word.range.clone());
    }
    let mut out = Embedded::new();
    out.push_replaced(&word.value, line.host_span(word.range.clone()));
    out
}

/// The tool that wrote a file, by the comments before its first line.
fn generated_by(text: &str) -> Option<Spanned<String>> {
    const PHRASES: &[&str] = &["autogenerated by ", "auto-generated by ", "@generated by ", "generated by "];
    const TOOLS: &[&str] =
        &["pip-compile-multi", "hatch-pip-compile", "pip-compile", "pip-tools", "pipenv", "poetry", "uv", "pdm", "rye"];
    let mut at = 0;
    for line in text.split_inclusive('\n').take(30) {
        let start = at;
        at += line.len();
        let comment = line.trim_start_matches('\u{feff}').trim();
        if comment.is_empty() {
            continue;
        }
        if !comment.starts_with('#') {
            break;
        }
        let lower = comment.to_ascii_lowercase();
        let named = PHRASES.iter().find_map(|phrase| lower.split_once(phrase)).map(|(_, rest)| rest);
        let is_word = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let tool = named.and_then(|rest| TOOLS.iter().find(|tool| rest.strip_prefix(**tool).is_some_and(is_word)));
        if let Some(tool) = tool {
            let from = start + line.find('#').unwrap_or(0);
            let span = Span::new(from, from + comment.len());
            return Some(Spanned::new((*tool).to_owned(), span));
        }
    }
    None
}

#[cfg(test)]
mod tests;
