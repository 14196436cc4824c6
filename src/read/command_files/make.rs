//! Makefiles: targets with their recipes. Variables are put in as far as the file gives them one value;
//! functions, includes and patterns stay unknown. Source: the manual of GNU make.

use super::expand::{Variables, length_of_make};
use super::recipe::{may_call, push_line, without_marks};
use super::{LINE_BY_LINE, folders, may_act, script};
use crate::commands::is_setting;
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::graph::kinds::workflow::Pair;
use crate::parse::shell::Dialect;
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// Reads Makefiles.
#[derive(Debug)]
pub struct MakeReader;

impl Reader for MakeReader {
    fn id(&self) -> &'static str {
        "makefile"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name();
        matches!(name, "Makefile" | "makefile" | "GNUmakefile")
            || name.ends_with(".mk")
            || name.starts_with("Makefile.")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`Makefile`, `GNUmakefile`, `*.mk`",
            read: "what recipes install, variables of make put in, `PIP_*` and `UV_*` in force",
            not_read: "functions of make, which stay unknown words",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let text: &str = &file.text;
        let mut reading = Reading::default();
        for line in lines(text) {
            if !budget.take_items(1) {
                out.problems
                    .push(Problem::new(Span::new(line.start, line.end), "too many lines; the rest is not read"));
                break;
            }
            reading.line(text, &line);
        }
        let folders = folders(&file.path);
        let Reading { variables, exported, rules, env, .. } = reading;
        let known: Vec<(String, String)> = exported
            .iter()
            .filter_map(|name| Some((name.clone(), variables.make_text(variables.get(name)?))))
            .collect();
        let env =
            env.into_iter().map(|(name, value): Pair| (name, value.map(|value| variables.make_text(&value)))).collect();
        let mut blocks = Vec::new();
        for rule in rules {
            let names = variables.make_text(&rule.targets.value);
            let mut names = names.split_whitespace().map(str::to_owned);
            let Some(first) = names.next() else { continue };
            if !budget.take_entry(rule.targets.value.len() + rule.needs.len()) {
                out.problems.push(Problem::new(rule.targets.span, "too many targets; the rest is not read"));
                break;
            }
            let mut recipe = Embedded::new();
            for line in &rule.recipe {
                let raw = text.get(line.clone()).unwrap_or("");
                let (marks, rest) = without_marks(raw);
                let start = line.start + marks;
                push_line(&mut recipe, rest, line.end, |out| variables.push_make(rest, start, &first, out));
                if !budget.take_copies(recipe.text.len(), 1) {
                    break;
                }
            }
            let span = rule.recipe.iter().fold(rule.targets.span, |s, l| s.to(Span::new(l.start, l.end)));
            let is_read = may_act(recipe.text.as_bytes()) || may_call(&recipe.text);
            let shell = (Dialect::Bash, LINE_BY_LINE);
            let script = is_read.then(|| script(recipe, span, &shell, &known, &folders, budget, out)).flatten();
            let needs = variables.make_text(&rule.needs);
            blocks.push(CommandBlock {
                name: Spanned::new(first, rule.targets.span),
                aliases: names.collect(),
                needs: needs.split_whitespace().filter(|n| *n != "|").map(str::to_owned).collect(),
                script,
                env: rule.env,
            });
        }
        let form = CommandForm::Make;
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env, blocks }));
    }
}

/// A line with those it continues on, by bytes, its break left out.
type Line = std::ops::Range<usize>;

fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        loop {
            let rest = text.get(at..)?;
            let (end, next) = match rest.find('\n') {
                Some(found) => (at + found, at + found + 1),
                None => (text.len(), text.len()),
            };
            let body = text.get(start..end)?.trim_end_matches('\r');
            let escapes = body.len() - body.trim_end_matches('\\').len();
            at = next;
            if escapes % 2 == 0 || next >= text.len() {
                return Some(start..start + body.len());
            }
        }
    })
}

/// A rule as written.
#[derive(Default)]
struct Rule {
    targets: Spanned<String>,
    needs: String,
    recipe: Vec<Line>,
    env: Vec<Pair>,
}

#[derive(Default)]
struct Reading {
    variables: Variables,
    exported: Vec<String>,
    env: Vec<Pair>,
    rules: Vec<Rule>,
    /// The last line was of a rule, so that one with a tab is of its recipe.
    in_rule: bool,
    /// Conditions around the line.
    conditions: usize,
    /// The variable that `define` gives lines to.
    defines: Option<Rule>,
}

impl Reading {
    fn line(&mut self, text: &str, line: &Line) {
        let raw = text.get(line.clone()).unwrap_or("");
        let word = raw.split_whitespace().next().unwrap_or("");
        if let Some(mut rule) = self.defines.take() {
            if word == "endef" {
                self.rules.push(rule);
            } else {
                rule.recipe.push(line.clone());
                self.defines = Some(rule);
            }
            return;
        }
        if raw.starts_with('\t') && self.in_rule {
            if let Some(rule) = self.rules.last_mut() {
                rule.recipe.push(line.clone());
            }
            return;
        }
        match word {
            "" => return,
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => return self.conditions += 1,
            "else" => return,
            "endif" => return self.conditions = self.conditions.saturating_sub(1),
            "include" | "-include" | "sinclude" | "vpath" => return self.in_rule = false,
            "define" => {
                let name = raw.split_whitespace().nth(1).unwrap_or("").to_owned();
                let targets = Spanned::new(name, Span::new(line.start, line.end));
                self.defines = Some(Rule { targets, ..Rule::default() });
                return;
            }
            _ if word.starts_with('#') => return,
            _ => {}
        }
        match first_mark(raw) {
            Some((at, true)) => {
                self.in_rule = false;
                self.assign(raw, at, line.start);
            }
            Some((at, false)) => self.rule(raw, at, line),
            // `export`, `export X Y`.
            None if word == "export" => {
                self.in_rule = false;
                for name in raw.split_whitespace().skip(1) {
                    let span = Span::new(line.start, line.end);
                    if is_setting(name)
                        && let Some(value) = self.variables.get(name)
                    {
                        self.env.push((Spanned::new(name.to_owned(), span), Spanned::new(value.to_owned(), span)));
                    }
                    self.exported.push(name.to_owned());
                }
            }
            None => self.in_rule = false,
        }
    }

    /// `NAME = value` with its like; `at` is where the sign starts.
    fn assign(&mut self, raw: &str, at: usize, start: usize) {
        let head = raw.get(..at).unwrap_or("").trim_end_matches([':', '?', '+', '!', ' ', '\t']);
        let sign: String = raw.get(head.len()..at + 1).unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
        let mut words = head.split_whitespace();
        let Some(name) = words.next_back() else { return };
        let exports = words.any(|w| w == "export");
        let after = raw.get(at + 1..).unwrap_or("");
        // A comment ends a value, which is one line however it is written.
        let written = after.split(" #").next().unwrap_or("").trim();
        let from = start + at + 1 + (after.len() - after.trim_start().len());
        let value = written.replace("\\\n", " ");
        let value = value.trim().to_owned();
        let before = self.variables.get(name).map(str::to_owned);
        let value = match (sign.as_str(), before) {
            ("?=", Some(before)) => Some(before),
            ("+=", Some(before)) => Some(format!("{before} {value}")),
            ("!=", _) => None,
            // Both sides of a condition give it a value: which one holds is not known.
            (_, Some(before)) if self.conditions > 0 && before != value => None,
            _ => Some(value),
        };
        if exports {
            self.exported.push(name.to_owned());
            if is_setting(name)
                && let Some(value) = &value
            {
                let end = start + head.len();
                self.env.push((
                    Spanned::new(name.to_owned(), Span::new(end - name.len(), end)),
                    Spanned::new(value.clone(), Span::new(from, from + written.len())),
                ));
            }
        }
        self.variables.set(name, value);
    }

    /// `targets: needs ; recipe`; `at` is where the colon stands.
    fn rule(&mut self, raw: &str, at: usize, line: &Line) {
        let targets = raw.get(..at).unwrap_or("").trim();
        let rest = raw.get(at + 1..).unwrap_or("");
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let span = Span::new(line.start, line.start + raw.get(..at).unwrap_or("").trim_end().len());
        let mut rule = Rule { targets: Spanned::new(targets.to_owned(), span), ..Rule::default() };
        let rest_at = raw.len() - rest.len();
        // `target: export PIP_INDEX_URL = ..` sets a variable for the target.
        if let Some((mark, true)) = first_mark(rest) {
            let name = rest.get(..mark).unwrap_or("").trim_end_matches([':', '?', '+', '!', ' ', '\t']);
            let name = name.split_whitespace().next_back().unwrap_or("");
            if is_setting(name) {
                let value = rest.get(mark + 1..).unwrap_or("").trim();
                let span = Span::new(line.start + rest_at, line.end);
                rule.env.push((Spanned::new(name.to_owned(), span), Spanned::new(value.to_owned(), span)));
            }
        } else {
            // A comment ends a rule, unless its recipe has begun.
            let comment = rest.find('#').unwrap_or(rest.len());
            let (needs, recipe) = match rest.find(';').filter(|at| *at < comment) {
                Some(semicolon) => (rest.get(..semicolon).unwrap_or(""), Some(rest_at + semicolon + 1)),
                None => (rest, None),
            };
            let needs = needs.split('#').next().unwrap_or("");
            // `objects: %.o: %.c`: the last part is what is needed.
            rule.needs = needs.rsplit(':').next().unwrap_or("").replace("\\\n", " ");
            rule.recipe.extend(recipe.map(|at| line.start + at..line.end));
        }
        self.in_rule = true;
        self.rules.push(rule);
    }
}

/// The first `=` or `:` of a line outside of references, and whether it assigns.
fn first_mark(raw: &str) -> Option<(usize, bool)> {
    let mut at = 0;
    while let Some(byte) = raw.as_bytes().get(at) {
        match byte {
            b'$' => at += length_of_make(raw.get(at..)?).max(1),
            b'#' => return None,
            b'=' => return Some((at, true)),
            b':' => {
                let rest = raw.get(at..)?;
                let colons = rest.len() - rest.trim_start_matches(':').len();
                let assigns = rest.as_bytes().get(colons) == Some(&b'=');
                return Some(if assigns { (at + colons, true) } else { (at, false) });
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new("Makefile").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        MakeReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks = read.blocks.iter().map(|b| {
            let script = b.script.as_ref().map_or("-".to_owned(), |s| s.text.text.trim().replace('\n', "|"));
            format!("{} [{}] {script}", b.name.value, b.needs.join(" "))
        });
        let env = read.env.iter().map(|(n, v)| format!("{}={}", n.value, v.value));
        (blocks.collect(), env.collect())
    }

    #[test]
    fn targets_have_scripts_with_variables_put_in() {
        let text = "PYTHON ?= python3\nPKGS := a \\\n  b\nexport PIP_INDEX_URL := https://example.com/simple # ours\n\
            .PHONY: all\nall: install | x\n\ttouch built\ninstall dev: ## Sets up; see pip install\n\t@$(PYTHON) -m pip install $(PKGS)\n\
            \t-cd sub && pip install $$EXTRA \\\n\t  c\nx: ; pip install d\nifeq ($(X),1)\nP = a\nelse\nP = b\nendif\n\
            y:\n\tpip install $(P)\n";
        let (blocks, env) = read(text);
        assert_eq!(
            blocks,
            [
                ".PHONY [all] -",
                "all [install x] -",
                "install [] python3 -m pip install a    b|(cd sub && pip install $EXTRA \\|\t  c|)",
                "x [] pip install d",
                "y [] pip install ${P}",
            ]
        );
        assert_eq!(env, ["PIP_INDEX_URL=https://example.com/simple"]);
    }

    #[test]
    fn odd_lines_cost_nothing_else() {
        let (blocks, _) =
            read("define setup\npip install a\nendef\n\tpip install stray\na:\r\n\tpip install b\r\n=x\n:\n\\");
        assert_eq!(blocks[..2], ["setup [] pip install a", "a [] pip install b"]);
    }
}
