//! Python that a script hands to its interpreter: `python -c "..."`, `python - <<'END'`. Read as any other Python.

use std::ops::Range;
use std::sync::Arc;

use crate::references::python::{self, Module, Paths};
use crate::references::{Reference, Unresolved};
use crate::source::Embedded;

/// Programs of one script that are read.
const MAX_PROGRAMS: usize = 64;
/// Bytes of the longest program.
const LONGEST: usize = 32 << 10;

/// What the programs in a script load.
pub(super) fn of_script(path: &Arc<str>, script: &Embedded) -> Vec<Reference> {
    let mut out = Vec::new();
    for program in programs(&script.text) {
        let text = match program {
            Program::Quoted(range, quote) => unescaped(script, range, quote),
            Program::Document(range) => script.part(range),
        };
        out.extend(of_text(path, text).0);
    }
    out
}

/// What a text of Python by itself loads. Nothing is written into it: it stands within quotes of another language.
pub(in crate::references) fn of_text(path: &Arc<str>, text: Embedded) -> (Vec<Reference>, Vec<Unresolved>) {
    let modules = [Module::of_part(path, text)];
    let paths = Paths::default();
    let mut program = python::program(&paths);
    python::extend(&mut program, &modules, 1);
    let (mut references, unresolved) = python::settle(vec![python::look(&program, 0, &|_| false)]);
    for one in &mut references {
        one.edit = None;
        one.other_edits.clear();
    }
    (references, unresolved)
}

/// A program within a script.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Program {
    /// Between quotes of this kind.
    Quoted(Range<usize>, u8),
    /// The lines of a here-document.
    Document(Range<usize>),
}

fn programs(text: &str) -> Vec<Program> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("python")).filter(|_| out.len() < MAX_PROGRAMS) {
        let at = from + found;
        from = at + "python".len();
        let rest = text.get(from..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("");
        let options = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if !options.starts_with(' ') {
            continue;
        }
        let behind = from + (line.len() - options.trim_start().len());
        let words = text.get(behind..from + line.len()).unwrap_or("");
        if let Some(quoted) = words.strip_prefix("-c ").or_else(|| words.strip_prefix("-uc ")).map(str::trim_start) {
            let start = from + line.len() - quoted.len();
            let Some(quote) = text.as_bytes().get(start).copied().filter(|b| matches!(b, b'"' | b'\'')) else {
                continue;
            };
            let Some(end) = end_of(text, start + 1, quote) else { continue };
            out.push(Program::Quoted(start + 1..end, quote));
            from = end;
        } else if let Some((before, mark)) = words.split_once("<<").filter(|_| words.len() < 80) {
            // What stands before it is a file to run otherwise.
            if !matches!(before.trim(), "" | "-") {
                continue;
            }
            let word = mark.trim_start_matches('-').split_whitespace().next().unwrap_or("").trim_matches(['"', '\'']);
            let start = from + line.len() + 1;
            let Some(body) = text.get(start..).filter(|_| !word.is_empty()) else { continue };
            let mut length = 0;
            for one in body.split_inclusive('\n').take_while(|one| one.trim() != word) {
                length += one.len();
            }
            if length <= LONGEST {
                out.push(Program::Document(start..start + length));
            }
            from = start + length;
        }
    }
    out
}

/// Where a quoted text ends.
fn end_of(text: &str, start: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() && at - start <= LONGEST {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The text as the shell hands it on: within double quotes a backslash may stand before a character.
fn unescaped(script: &Embedded, range: Range<usize>, quote: u8) -> Embedded {
    let mut out = Embedded::new();
    let bytes = script.text.as_bytes();
    let mut from = range.start;
    let mut at = range.start;
    while quote == b'"' && at + 1 < range.end {
        let is_escape = bytes[at] == b'\\' && matches!(bytes[at + 1], b'"' | b'\\' | b'$' | b'`' | b'\n');
        if !is_escape {
            at += 1;
            continue;
        }
        out.append(&script.part(from..at));
        // The end of a line that goes on is left out with its backslash.
        from = if bytes[at + 1] == b'\n' { at + 2 } else { at + 1 };
        at += 2;
    }
    out.append(&script.part(from..range.end));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_as_python() {
        for (text, expected) in [
            (
                "RUN python -c \"import nltk; [nltk.download(p) for p in ('punkt', 'stopwords')]\"\n",
                &["punkt", "stopwords"][..],
            ),
            (
                "python3 -c 'from transformers import AutoModel; AutoModel.from_pretrained(\"orion/x\")' && echo done\n",
                &["orion/x"],
            ),
            (
                "python3 -c \"from transformers import AutoModel\nAutoModel.from_pretrained(\\\"orion/x\\\")\"\n",
                &["orion/x"],
            ),
            (
                "python - <<'END'\nfrom datasets import load_dataset\nload_dataset('orion/d')\nEND\necho orion/y\n",
                &["orion/d"],
            ),
            ("python run.py <<END\nAutoModel.from_pretrained('orion/x')\nEND\n", &[]),
            ("python -c \"unclosed\nAutoModel.from_pretrained('orion/x')\n", &[]),
            ("python -c \"AutoModel.from_pretrained('$MODEL')\"\n", &[]),
        ] {
            let path: Arc<str> = Arc::from("run.sh");
            let mut found = of_script(&path, &Embedded::verbatim(text, 0));
            found.sort_by_key(|one| one.place.span.start);
            let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names, expected, "{text}");
            for one in &found {
                let written = &text[one.place.span.range(text.len())];
                assert!(written.contains(one.name.as_str()), "{written}");
            }
        }
    }
}
