//! justfiles: recipes with their lines. Source: just's manual, "Grammar".

use super::expand::Variables;
use super::recipe::{may_call, push_line, without_marks};
use super::shell::shell_of;
use super::{LINE_BY_LINE, folders, may_act, script};
use crate::commands::is_setting;
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::graph::kinds::workflow::Pair;
use crate::parse::shell::{Dialect, Options};
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// Reads justfiles.
#[derive(Debug)]
pub struct JustReader;

impl Reader for JustReader {
    fn id(&self) -> &'static str {
        "justfile"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name().to_ascii_lowercase();
        matches!(name.as_str(), "justfile" | ".justfile") || name.ends_with(".just")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`justfile`, `*.just`",
            read: "what recipes install",
            not_read: "expressions of just, which stay unknown words",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let text: &str = &file.text;
        let mut reading = Reading::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if !budget.take_items(1) {
                out.problems.push(Problem::new(Span::new(at, text.len()), "too many lines; the rest is not read"));
                break;
            }
            reading.line(line.trim_end_matches(['\n', '\r']), at);
            at += line.len();
        }
        let folders = folders(&file.path);
        let Reading { variables, recipes, short, env, .. } = reading;
        let mut blocks = Vec::new();
        for recipe in recipes {
            if !budget.take_entry(recipe.name.value.len()) {
                out.problems.push(Problem::new(recipe.name.span, "too many recipes; the rest is not read"));
                break;
            }
            let (text, shell) = match recipe.script(text, &variables, budget) {
                Some(found) => found,
                // Another language reads it.
                None => continue,
            };
            let span = text.segments().iter().fold(recipe.name.span, |span, s| span.to(s.host));
            let is_read = may_act(text.text.as_bytes()) || may_call(&text.text);
            let script = is_read.then(|| script(text, span, &shell, &[], &folders, budget, out)).flatten();
            let of_it = short.iter().filter(|(_, name)| *name == recipe.name.value).map(|(short, _)| short.clone());
            let aliases = of_it.take(MAX_SHORT).collect();
            blocks.push(CommandBlock {
                name: recipe.name,
                aliases,
                needs: recipe.needs,
                script,
                ..CommandBlock::default()
            });
        }
        let form = CommandForm::Just;
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env, blocks }));
    }
}

/// Short names kept of one file.
const MAX_SHORT: usize = 64;

#[derive(Default)]
struct Recipe {
    name: Spanned<String>,
    needs: Vec<String>,
    /// Its lines, by where they start and end.
    lines: Vec<std::ops::Range<usize>>,
}

impl Recipe {
    /// Its lines as a script, and what reads it; none for another language than a shell's.
    fn script(&self, text: &str, variables: &Variables, budget: &mut Budget) -> Option<(Embedded, (Dialect, Options))> {
        let line = |range: &std::ops::Range<usize>| text.get(range.clone()).unwrap_or("");
        let first = self.lines.iter().find(|l| !line(l).trim().is_empty());
        let whole = first.is_some_and(|l| line(l).trim_start().starts_with("#!"));
        let shell = match first {
            Some(l) if whole => shell_of(line(l).trim_start())?,
            _ => (Dialect::Bash, LINE_BY_LINE),
        };
        let mut out = Embedded::new();
        let mut at = 0;
        while let Some(range) = self.lines.get(at) {
            let mut end = range.end;
            // A line that goes on is one for the shell.
            while !whole && text.get(..end).is_some_and(|t| t.ends_with('\\')) && at + 1 < self.lines.len() {
                at += 1;
                end = self.lines.get(at).map_or(end, |l| l.end);
            }
            at += 1;
            let raw = text.get(range.start..end).unwrap_or("");
            if whole {
                variables.push_just(raw, range.start, &mut out);
                out.push_replaced("\n", Span::new(end, end));
            } else {
                let (marks, rest) = without_marks(raw);
                push_line(&mut out, rest, end, |out| variables.push_just(rest, range.start + marks, out));
            }
            if !budget.take_copies(out.text.len(), 1) {
                break;
            }
        }
        Some((out, shell))
    }
}

#[derive(Default)]
struct Reading {
    variables: Variables,
    env: Vec<Pair>,
    recipes: Vec<Recipe>,
    /// `alias b := build`.
    short: Vec<(String, String)>,
    in_recipe: bool,
}

impl Reading {
    fn line(&mut self, raw: &str, at: usize) {
        if raw.starts_with([' ', '\t']) {
            if let Some(recipe) = self.recipes.last_mut().filter(|_| self.in_recipe) {
                recipe.lines.push(at..at + raw.len());
            }
            return;
        }
        if raw.trim().is_empty() {
            return;
        }
        self.in_recipe = false;
        if raw.starts_with(['#', '[']) {
            return;
        }
        if let Some((head, value)) = raw.split_once(":=") {
            let mut words = head.split_whitespace();
            match (words.next(), words.next()) {
                (Some("alias"), Some(short)) => self.short.push((short.to_owned(), value.trim().to_owned())),
                (Some("set"), _) | (None, _) => {}
                (Some("export"), Some(name)) => self.assign(name, value, raw, at, true),
                (Some(name), _) => self.assign(name, value, raw, at, false),
            }
            return;
        }
        let Some((head, rest)) = raw.split_once(':') else { return };
        let head_text = head.trim_start_matches('@');
        let Some(name) = head_text.split_whitespace().next() else { return };
        let start = at + (head.len() - head_text.len());
        let rest = rest.split(" #").next().unwrap_or("");
        // `build: (deps "x") && after`: a dependency with arguments, and what runs behind.
        let needs = rest.split(['(', ')']).enumerate().flat_map(|(index, part)| {
            let inside = index % 2 == 1;
            part.split_whitespace().take(if inside { 1 } else { usize::MAX })
        });
        self.recipes.push(Recipe {
            name: Spanned::new(name.to_owned(), Span::new(start, start + name.len())),
            needs: needs.filter(|n| *n != "&&").map(str::to_owned).collect(),
            lines: Vec::new(),
        });
        self.in_recipe = true;
    }

    fn assign(&mut self, name: &str, value: &str, raw: &str, at: usize, exports: bool) {
        let written = value.trim();
        let known = ['"', '\''].iter().find_map(|q| written.strip_prefix(*q)?.strip_suffix(*q));
        let known = known.filter(|text| !text.contains(['"', '\'', '\\', '{'])).map(str::to_owned);
        if exports
            && is_setting(name)
            && let Some(known) = &known
        {
            let span = Span::new(at, at + raw.len());
            self.env.push((Spanned::new(name.to_owned(), span), Spanned::new(known.clone(), span)));
        }
        self.variables.set(name, known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn recipes_have_scripts() {
        let text = "set shell := [\"bash\", \"-c\"]\nv := \"1.2\"\nexport UV_INDEX := 'https://example.com/simple'\nalias i := install\n\n\
            # Installs.\n@install extra=\"x\" *args: venv (sync \"a\") && after\n    @pip install \"a=={{v}}\" {{extra}} \\\n      b\n    cd x && uv sync\n\n\
            [private]\nvenv:\n  touch built\nscript:\n  #!/usr/bin/env bash\n  set -e\n  pip install c\npython:\n  #!/usr/bin/env python\n  pip install d\n";
        let file = SourceFile::new(FileId(0), RepoPath::new("justfile").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        JustReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks: Vec<String> = read
            .blocks
            .iter()
            .map(|b| {
                let script = b.script.as_ref().map_or("-".to_owned(), |s| s.text.text.trim().replace('\n', "|"));
                format!("{} {:?} {:?} {script}", b.name.value, b.aliases, b.needs)
            })
            .collect();
        assert_eq!(
            blocks,
            [
                "install [\"i\"] [\"venv\", \"sync\", \"after\"] pip install \"a==1.2\" ${_} \\|      b|(cd x && uv sync|)",
                "venv [] [] -",
                "script [] [] #!/usr/bin/env bash|  set -e|  pip install c",
            ]
        );
        assert_eq!(read.env[0].1.value, "https://example.com/simple");
    }
}
