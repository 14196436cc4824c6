//! tox's settings in TOML: `tox.toml`, `[tool.tox]`, and the INI text under `legacy_tox_ini`.

use super::list::substituted;
use super::{Environment, finish, of_ini};
use crate::graph::kinds::workflow::Pair;
use crate::parse::toml::{Table, Value};
use crate::parse::{Budget, Problem, ini};
use crate::read::toml_help::{document, table};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Spanned};

/// Reads `tox.toml`.
#[derive(Debug)]
pub struct ToxTomlReader;

impl Reader for ToxTomlReader {
    fn id(&self) -> &'static str {
        "tox-toml"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "tox.toml"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`tox.toml`, `[tool.tox]` of `pyproject.toml`",
            read: "dependencies and commands of every environment",
            not_read: "plugins of tox",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let parsed = document(file, budget, out);
        environments(file, &parsed.root, budget, out);
    }
}

/// What a `pyproject.toml` says of tox.
pub(in crate::read) fn of_pyproject(file: &SourceFile, root: &Table, budget: &mut Budget, out: &mut Facts) {
    let Some(tool) = table(root, &["tool", "tox"]) else { return };
    if let Some(legacy) = tool.get("legacy_tox_ini") {
        legacy_text(file, legacy, budget, out);
    }
    environments(file, tool, budget, out);
}

/// The INI text, read at the offsets it has in the file: everything before it is blank.
fn legacy_text(file: &SourceFile, value: &Value, budget: &mut Budget, out: &mut Facts) {
    let Some(text) = value.as_text() else { return };
    let [one] = text.segments() else {
        if !text.text.is_empty() {
            out.problems.push(Problem::new(value.span, "tox's settings hold escapes and are not read"));
        }
        return;
    };
    let start = usize::try_from(one.host.start).unwrap_or(usize::MAX);
    if !one.verbatim || start == 0 || start > file.text.len() {
        out.problems.push(Problem::new(value.span, "tox's settings hold escapes and are not read"));
        return;
    }
    let mut whole = " ".repeat(start - 1);
    whole.push('\n');
    whole.push_str(&text.text);
    let read = ini::parse(&whole, budget);
    out.problems.extend(read.problems.iter().cloned());
    of_ini(file, &read, budget, out);
}

fn environments(file: &SourceFile, root: &Table, budget: &mut Budget, out: &mut Facts) {
    let base = root.entry("env_run_base").and_then(|e| Some((&e.key, e.value.as_table()?)));
    let own = table(root, &["env"]).into_iter().flat_map(Table::entries);
    let own = own.filter_map(|e| Some((&e.key, e.value.as_table()?)));
    let mut found = Vec::new();
    for (name, settings) in base.iter().copied().chain(own) {
        let inherited = |keys: &[&str]| {
            let own = keys.iter().find_map(|key| settings.get(key));
            own.or_else(|| keys.iter().find_map(|key| base?.1.get(key)))
        };
        let mut environment = Environment::named(Spanned::new(name.value.clone(), name.span));
        let deps = settings.get("deps").and_then(Value::as_array).unwrap_or_default();
        environment.deps = deps.iter().filter_map(Value::as_text).map(substituted).collect();
        for key in ["commands_pre", "commands", "commands_post"] {
            let list = settings.get(key).and_then(Value::as_array).unwrap_or_default();
            environment.commands.extend(list.iter().filter_map(command));
        }
        let set = inherited(&["set_env", "setenv"]).and_then(Value::as_table);
        environment.env = set.into_iter().flat_map(Table::entries).filter_map(pair).collect();
        environment.install = inherited(&["install_command"]).and_then(command);
        found.push(environment);
    }
    finish(file, found, Vec::new(), budget, out);
}

/// A list of words as the command a shell would read.
fn command(words: &Value) -> Option<Embedded> {
    let mut out = Embedded::new();
    for word in words.as_array()? {
        // `{ replace = "posargs", default = [..] }` stands for what somebody types.
        let Some(text) = word.as_text() else { continue };
        let whole = text.host_span(0..0);
        if !out.text.is_empty() {
            out.push_replaced(" ", whole);
        }
        let is_plain = !text.text.contains([' ', '"', '\'', '<', '>', ';', '&', '|', '*', '(', ')', '$', '`']);
        let quote = if text.text.contains('"') { "'" } else { "\"" };
        if !is_plain {
            out.push_replaced(quote, whole);
        }
        out.append(&substituted(text));
        if !is_plain {
            let end = text.text.len();
            out.push_replaced(quote, text.host_span(end..end));
        }
    }
    (!out.text.is_empty()).then_some(out)
}

fn pair(entry: &crate::parse::toml::Entry) -> Option<Pair> {
    let value = entry.value.as_str()?;
    Some((Spanned::new(entry.key.value.clone(), entry.key.span), Spanned::new(value.to_owned(), entry.value.span)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn tables_hold_the_same() {
        let text = "[env_run_base]\ndeps = [\"pytest>=8\", \"-r req.txt\"]\ncommands = [[\"pytest\", {replace = \"posargs\"}]]\n\
            set_env = {PIP_INDEX_URL = \"https://example.com/simple\"}\n[env.docs]\ncommands_pre = [[\"pip\", \"install\", \"a >= 2\"]]\n";
        let (blocks, problems) = shown("tox.toml", text, &ToxTomlReader);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            blocks,
            [
                "env_run_base: PIP_INDEX_URL=https://example.com/simple pip install \"pytest>=8\" -r req.txt|pytest",
                "docs: PIP_INDEX_URL=https://example.com/simple pip install \"a >= 2\"",
            ]
        );
    }

    #[test]
    fn an_ini_text_within_keeps_its_places() {
        let text = "[tool.tox]\nlegacy_tox_ini = \"\"\"\n[testenv]\ndeps = pytest>=8\n\"\"\"\n";
        let file =
            SourceFile::new(Default::default(), RepoPath::new("pyproject.toml").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        let root = crate::parse::toml::parse(text, &mut Budget::default()).root;
        of_pyproject(&file, &root, &mut Budget::default(), &mut facts);
        let Some(crate::graph::Document::Commands(read)) = facts.documents.first() else { panic!("{facts:?}") };
        let script = read.blocks[0].script.as_ref().unwrap();
        let at = script.text.text.find("pytest").unwrap();
        assert_eq!(file.text_at(script.text.host_span(at..at + 9)), "pytest>=8");
    }
}
