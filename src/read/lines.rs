//! Files of which every line stands for itself: `.gitattributes`, `.gitignore`, `.gitmodules`, and what other tools
//! are told to pass over. They are kept as lines, for rules that compare a change with the tree before it.

use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::lines::{LineFile, LineForm};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

/// Reads them.
#[derive(Debug)]
pub struct LinesReader;

/// Lines that are read of one file.
const MAX_LINES: usize = 20_000;

/// Files in which tools that judge a tree are told what to pass over, by name.
const PASSED_OVER: &[(&str, &str)] = &[
    (".trivyignore", "Trivy"),
    (".trivyignore.yaml", "Trivy"),
    (".grype.yaml", "Grype"),
    (".snyk", "Snyk"),
    (".gitleaksignore", "Gitleaks"),
    (".semgrepignore", "Semgrep"),
    (".checkov.yaml", "Checkov"),
    (".hadolint.yaml", "hadolint"),
    (".bandit", "Bandit"),
    (".nsprc", "better-npm-audit"),
    ("zizmor.yml", "zizmor"),
    (".zizmor.yml", "zizmor"),
    ("custody-baseline.json", "cargo-custody"),
];

fn form(path: &RepoPath) -> Option<LineForm> {
    match path.name() {
        ".gitattributes" => Some(LineForm::GitAttributes),
        ".gitignore" => Some(LineForm::GitIgnore),
        ".gitmodules" if path.parent().is_root() => Some(LineForm::GitModules),
        name => PASSED_OVER.iter().find(|(known, _)| *known == name).map(|(_, tool)| LineForm::PassedOver(tool)),
    }
}

impl Reader for LinesReader {
    fn id(&self) -> &'static str {
        "lines"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        form(path).is_some()
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.gitattributes`, `.gitignore`, `.gitmodules`, `.trivyignore`, `zizmor.yml` and their kin",
            read: "lines, to compare them with those before a change",
            not_read: "what the lines of other tools' files mean",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(form) = form(&file.path) else { return };
        let mut found = LineFile { file: file.id, form, lines: Vec::new() };
        let mut at = 0;
        for line in file.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let start = start + (line.len() - line.trim_start().len());
            let span = Span::new(start, start + body.len());
            if found.lines.len() >= MAX_LINES || !budget.take_items(1) {
                out.problems.push(Problem::new(span, "too many lines; the rest is not read"));
                break;
            }
            found.lines.push(Spanned::new(body.to_owned(), span));
        }
        out.documents.push(Document::Lines(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(path: &str, text: &str) -> Option<LineFile> {
        let path = RepoPath::new(path)?;
        let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
        let mut out = Facts::default();
        LinesReader.read(&file, &mut Budget::default(), &mut out);
        match out.documents.pop() {
            Some(Document::Lines(lines)) => Some(lines),
            _ => None,
        }
    }

    #[test]
    fn lines_keep_their_places() {
        let text = "# why\n\n  *.lock -diff\r\n/docs export-ignore";
        let lines = read(".gitattributes", text).expect("a file of lines").lines;
        let said: Vec<&str> = lines.iter().map(|line| line.value.as_str()).collect();
        assert_eq!(said, ["*.lock -diff", "/docs export-ignore"]);
        assert!(lines.iter().all(|line| text[line.span.range(text.len())] == *line.value));
    }

    #[test]
    fn files_are_known_by_name() {
        assert!(LinesReader.claims(&RepoPath::new("a/.gitignore").expect("a path")));
        assert!(!LinesReader.claims(&RepoPath::new("a/.gitmodules").expect("a path")));
        assert_eq!(read(".trivyignore", "CVE-1").map(|f| f.form), Some(LineForm::PassedOver("Trivy")));
    }
}
