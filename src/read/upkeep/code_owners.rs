//! `CODEOWNERS`. Sources: GitHub Docs, "About code owners"; GitLab Docs, "Code Owners syntax".

use crate::graph::Document;
use crate::graph::kinds::upkeep::{CodeOwners, OwnerLine};
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

/// Reads the owners of code.
#[derive(Debug)]
pub struct CodeOwnersReader;

/// Lines that are read; the largest files of real trees have a few thousand.
const MAX_LINES: usize = 10_000;

impl Reader for CodeOwnersReader {
    fn id(&self) -> &'static str {
        "code-owners"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "CODEOWNERS" && matches!(path.parent().as_str(), "" | ".github" | ".gitlab" | "docs")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`CODEOWNERS` in the root, `.github`, `.gitlab` or `docs`",
            read: "patterns and owners, GitLab's sections",
            not_read: "who the owners are, whether their review is asked for",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut owners = CodeOwners { file: file.id, lines: Vec::new() };
        let mut section = 0;
        let mut inherited: Vec<Spanned<String>> = Vec::new();
        let mut at = 0;
        for line in file.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let body = line.strip_prefix('\u{feff}').filter(|_| start == 0).unwrap_or(line);
            let start = start + line.len() - body.len();
            if let Some((_, defaults)) = heading(body) {
                section += 1;
                inherited = words(defaults, start + body.len() - defaults.len());
                continue;
            }
            let mut all = words(body, start).into_iter();
            let Some(pattern) = all.next() else { continue };
            let cost: usize = 1 + inherited.len();
            if owners.lines.len() >= MAX_LINES || !budget.take_items(cost) {
                out.problems.push(Problem::new(pattern.span, "too many lines; the rest is not read"));
                break;
            }
            let mut own: Vec<Spanned<String>> = all.collect();
            if own.is_empty() && section > 0 {
                own.clone_from(&inherited);
            }
            owners.lines.push(OwnerLine { pattern, owners: own, section });
        }
        out.documents.push(Document::CodeOwners(owners));
    }
}

/// `[Name][2] @default`, `^[Name]`: the name and what stands behind it.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start();
    let rest = rest.strip_prefix('^').unwrap_or(rest).strip_prefix('[')?;
    let (name, behind) = rest.split_once(']')?;
    // How many have to agree.
    let behind = match behind.strip_prefix('[').and_then(|count| count.split_once(']')) {
        Some((count, behind)) if count.bytes().all(|b| b.is_ascii_digit()) => behind,
        _ => behind,
    };
    let is_heading = behind.is_empty() || behind.starts_with(char::is_whitespace);
    (is_heading && !name.is_empty()).then_some((name, behind))
}

/// The words of a line up to a comment. A blank behind a `\` is part of a pattern.
fn words(line: &str, start: usize) -> Vec<Spanned<String>> {
    let mut out: Vec<Spanned<String>> = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut chars = line.char_indices().peekable();
    let end = |word: &mut Option<(usize, String)>, at: usize, out: &mut Vec<Spanned<String>>| {
        if let Some((from, text)) = word.take() {
            out.push(Spanned::new(text, Span::new(start + from, start + at)));
        }
    };
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c.is_whitespace() => end(&mut word, at, &mut out),
            '#' if word.is_none() => return out,
            '\\' => {
                let (_, text) = word.get_or_insert_with(|| (at, String::new()));
                match chars.next_if(|(_, next)| matches!(next, ' ' | '#' | '\\')) {
                    Some((_, next)) => text.push(next),
                    None => text.push(c),
                }
            }
            _ => word.get_or_insert_with(|| (at, String::new())).1.push(c),
        }
    }
    end(&mut word, line.len(), &mut out);
    out
}
