//! Scripts with inline metadata (PEP 723): `# /// script` among the comments of a `.py` file, or of
//! a file without an ending whose first line runs it by uv, pipx or the like.
//!
//! Whether a file is one shows in its beginning, so that a tree of ten thousand modules stays cheap
//! to look through: a block that starts later is not found.

use super::pyproject;
use super::{Facts, Format, Reader};
use crate::parse::toml;
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, Role, SourceFile, Span};

/// Bytes of a file in which the block must start.
const HEAD: usize = 4 << 10;

/// The line that opens a block.
const OPENS: &str = "# /// script";

/// Reads the inline metadata of scripts.
#[derive(Debug)]
pub struct ScriptReader;

impl Reader for ScriptReader {
    fn id(&self) -> &'static str {
        "python-script"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let name = path.name();
        let may_be = name.ends_with(".py") || !name.contains('.');
        (may_be && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        if !path.name().ends_with(".py") && !head.starts_with(b"#!") {
            return false;
        }
        opening(&String::from_utf8_lossy(head), head.len()).is_some()
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.py` with inline metadata (PEP 723)",
            read: "requirements, `[tool.uv]`",
            not_read: "the code itself",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(start) = opening(&file.text, HEAD) else { return };
        let Some(block) = block(&file.text, start) else {
            let span = Span::new(start, start + OPENS.len());
            out.problems.push(Problem::new(span, "the inline metadata is not closed by `# ///`"));
            return;
        };
        let mut parsed = toml::parse(&block.toml, budget);
        out.problems.append(&mut parsed.problems);
        for again in &parsed.duplicates {
            out.problems
                .push(Problem::new(again.again, format!("`{}` is defined twice; the first is read", again.key)));
        }
        if let Some(again) = opening(file.text.get(block.end..).unwrap_or(""), usize::MAX) {
            let at = block.end + again;
            out.problems.push(Problem::new(Span::new(at, at + OPENS.len()), "inline metadata is given twice"));
        }
        pyproject::script(file, &parsed.root, budget, out);
    }
}

/// Where a line opens a block, within so many bytes.
fn opening(text: &str, within: usize) -> Option<usize> {
    let is_line = |at: &usize| {
        let starts =
            *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') || (*at == 3 && text.starts_with('\u{feff}'));
        let rest = text.get(at + OPENS.len()..).unwrap_or("");
        starts && (rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n"))
    };
    text.match_indices(OPENS).map(|(at, _)| at).take_while(|at| *at < within).find(is_line)
}

struct Block {
    /// The metadata at the offsets it has in the file: everything else is blank.
    toml: String,
    /// Where the block ends.
    end: usize,
}

/// The block that opens at a byte: comment lines up to the last `# ///` among them.
fn block(text: &str, start: usize) -> Option<Block> {
    let mut at = start;
    let mut closes = None;
    for (index, line) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let body = line.trim_end_matches(['\n', '\r']);
        if index > 0 && !(body == "#" || body.starts_with("# ")) {
            break;
        }
        if index > 0 && body == "# ///" {
            closes = Some((at, at + line.len()));
        }
        at += line.len();
    }
    let (close, end) = closes?;
    let open = start + text.get(start..)?.find('\n')? + 1;
    // Same offsets, so that every place is right without a map; what stands before is blank.
    let mut toml = " ".repeat(open);
    for line in text.get(open..close)?.split_inclusive('\n') {
        let comment = if line.starts_with("# ") { 2 } else { 1 };
        toml.extend(std::iter::repeat_n(' ', comment));
        toml.push_str(line.get(comment..)?);
    }
    Some(Block { toml, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Document;
    use crate::source::FileId;

    fn read(name: &str, text: &str) -> (bool, String, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new(name).unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        ScriptReader.read(&file, &mut Budget::default(), &mut facts);
        let shown = facts.documents.iter().filter_map(|document| match document {
            Document::PyProject(found) => Some(
                found
                    .requirements
                    .iter()
                    .map(|r| {
                        assert_eq!(file.text_at(r.name.span), r.name.value);
                        format!("{}{}", r.name.value, r.specifiers.as_ref().map_or("", |s| s.value.as_str()))
                    })
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            _ => None,
        });
        let problems = facts.problems.iter().map(|p| p.message.clone()).collect();
        (ScriptReader.claims_head(&file.path, text.as_bytes()), shown.collect::<Vec<_>>().join("|"), problems)
    }

    #[test]
    fn inline_metadata_is_found_and_read() {
        let block = "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"requests<3\",\n#   \"rich\",\n# ]\n# ///\n";
        for (name, text, wanted) in [
            ("a.py", block.to_owned(), "requests<3 rich"),
            ("a.py", format!("#!/usr/bin/env -S uv run --script\n#\n{block}import x\n"), "requests<3 rich"),
            ("a.py", format!("\u{feff}{}", block.replace('\n', "\r\n")), "requests<3 rich"),
            ("tool", format!("#!/usr/bin/env -S uv run --script\n{block}"), "requests<3 rich"),
            (
                "a.py",
                "# /// script\n# dependencies = []\n#\n# [tool.uv]\n# index-url = \"https://example.com\"\n# ///\n"
                    .to_owned(),
                "",
            ),
        ] {
            let (claimed, found, problems) = read(name, &text);
            assert!(claimed && problems.is_empty(), "{text} {problems:?}");
            assert_eq!(found, wanted, "{text}");
        }
        assert!(!read("a.py", "x = '''\n  # /// script\n'''\n").0);
        assert!(!read("tool", block).0);
        assert!(!read("a.py", "# /// scripts\n# ///\n").0);
    }

    #[test]
    fn faults_are_said() {
        assert_eq!(
            read("a.py", "# /// script\n# dependencies = []\n").2,
            ["the inline metadata is not closed by `# ///`"]
        );
        assert_eq!(
            read("a.py", "# /// script\n# dependencies = [1, \"a b\"]\n# ///\n").2,
            ["a requirement should be a text", "no requirement: expected a version specifier, `@` or `;`"]
        );
        assert_eq!(read("a.py", "# /// script\n# ///\n\n# /// script\n# ///\n").2, ["inline metadata is given twice"]);
    }
}
