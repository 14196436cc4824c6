//! Recipes that a script of a shell writes before it runs what reads them: `cat > recipe.yaml <<END`.

use std::ops::Range;
use std::sync::Arc;

use super::config::keys;
use super::launches::set_to;
use super::names;
use super::{At, Hub, Reference};
use crate::source::Embedded;

/// Recipes of one script that are read.
const MOST: usize = 64;
/// Lines of one recipe that are read.
const MOST_LINES: usize = 500;

/// A recipe within a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The file it is written to, as it is written.
    pub file: String,
    /// Its lines.
    pub body: Range<usize>,
}

/// The recipes that a script writes.
pub(super) fn of_script(text: &str) -> Vec<Written> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("<<")).filter(|_| out.len() < MOST) {
        let at = from + found;
        from = at + 2;
        let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let length = text.get(at..).and_then(|rest| rest.find('\n')).unwrap_or(0);
        let line = text.get(start..at + length).unwrap_or("");
        let mark = text.get(at + 2..at + length).unwrap_or("").trim_start_matches('-').trim_start();
        let mark = mark.split([' ', '\t', '>', '|', ';']).next().unwrap_or("").trim_matches(['"', '\'']);
        let Some(file) = target(line).filter(|_| !mark.is_empty()) else { continue };
        let start = at + length + 1;
        let mut end = start;
        let mut is_closed = false;
        for line in text.get(start..).unwrap_or("").split_inclusive('\n').take(MOST_LINES) {
            is_closed = line.trim() == mark;
            if is_closed {
                break;
            }
            end += line.len();
        }
        if is_closed {
            out.push(Written { file, body: start..end });
            from = end;
        }
    }
    out
}

/// The file of settings that a line writes to.
fn target(line: &str) -> Option<String> {
    let (_, behind) = line.split_once('>')?;
    let file = behind.trim_start_matches('>').split_whitespace().next()?.trim_matches(['"', '\'']);
    let is_recipe = [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
    is_recipe.then(|| file.trim_start_matches("./").to_owned())
}

/// What the recipes of a script name: in their lines, or by a variable that is set before them.
pub(super) fn named(path: &Arc<str>, text: &Embedded, all: &[Written]) -> Vec<Reference> {
    let mut out = Vec::new();
    for written in all {
        let before = text.text.get(..written.body.start).unwrap_or("");
        let mut at = written.body.start;
        for line in text.text.get(written.body.clone()).unwrap_or("").split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some((key, value)) = line.split_once(':') else { continue };
            let key = keys::plain(key.trim().trim_matches(['"', '\'']));
            let Some(wanted) = keys::wanted(&key, "", &[]) else { continue };
            let plain = value.trim().trim_end_matches(',').trim().trim_matches(['"', '\'']);
            let place = match plain.strip_prefix('$') {
                None => line.find(plain).filter(|_| !plain.is_empty()).map(|at| start + at..start + at + plain.len()),
                Some(name) => set_to(name.trim_start_matches('{').trim_end_matches('}'), before).map(|range| {
                    let value = text.text.get(range.clone()).unwrap_or("");
                    let inner = value.split('#').next().unwrap_or("").trim().trim_matches(['"', '\'']);
                    let from = range.start + value.find(inner).unwrap_or(0);
                    from..from + inner.len()
                }),
            };
            let Some(place) = place else { continue };
            let name = text.text.get(place.clone()).unwrap_or("");
            if names::has_owner(name) {
                let at = At { path: Arc::clone(path), span: text.host_span(place) };
                out.push(Reference::new(wanted.kind, Hub::HuggingFace, name, at, key));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_within_scripts_name_what_they_train() {
        let text = "MODEL=\"orion/base\" # why\ncat <<END > ./a.yaml\nmodel_name_or_path: $MODEL\ndataset_name: orion/d\n\
            output_dir: ${OUT}\nEND\ncat > b.txt <<END\nmodel: orion/no\nEND\ncat <<OPEN > c.yaml\nmodel: orion/no\n";
        let all = of_script(text);
        let files: Vec<&str> = all.iter().map(|one| one.file.as_str()).collect();
        assert_eq!(files, ["a.yaml"]);
        let found = named(&Arc::from("run.sh"), &Embedded::verbatim(text, 0), &all);
        let names: Vec<&str> = found.iter().map(|one| &text[one.place.span.range(text.len())]).collect();
        assert_eq!(names, ["orion/base", "orion/d"]);
    }
}
