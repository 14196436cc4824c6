//! tox: `tox.ini`, the sections of that name in `setup.cfg`, and `tox.toml` with its like in
//! `pyproject.toml`. What an environment lists under `deps` becomes the command that installs it.
//! Source: tox's "Configuration".

use super::{LINE_BY_LINE, folders, may_act, script};
use crate::commands::is_setting;
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::graph::kinds::python::Group;
use crate::graph::kinds::workflow::Pair;
use crate::parse::ini::{self, Ini, Section};
use crate::parse::shell::Dialect;
use crate::parse::{Budget, Problem};
use crate::read::requirement::lenient;
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

mod list;
mod table;

pub use table::ToxTomlReader;
pub(in crate::read) use table::of_pyproject;

use list::{Line, lines};

/// Reads `tox.ini`.
#[derive(Debug)]
pub struct ToxReader;

impl Reader for ToxReader {
    fn id(&self) -> &'static str {
        "tox"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "tox.ini"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`tox.ini`, `[tox:tox]` of `setup.cfg`",
            read: "dependencies and commands of every environment, substitutions put in",
            not_read: "plugins of tox",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = ini::parse(&file.text, budget);
        out.problems.extend(read.problems.iter().cloned());
        of_ini(file, &read, budget, out);
    }
}

/// Items of the budget that a line of a list stands for, and bytes of it for one item more.
const ITEMS_PER_LINE: usize = 8;
/// See [`ITEMS_PER_LINE`].
const BYTES_PER_ITEM: usize = 16;
const TOO_MANY: &str = "too many environments; the rest is not read";

/// The environments of an INI file: those of `tox.ini`, and of `setup.cfg`, where tox's own section is
/// `[tox:tox]`.
pub(in crate::read) fn of_ini(file: &SourceFile, read: &Ini, budget: &mut Budget, out: &mut Facts) {
    let is_env = |section: &&Section| {
        let name = section.name.value.as_str();
        name == "testenv" || name.starts_with("testenv:") || name.starts_with("pkgenv")
    };
    let base = read.section("testenv");
    let mut environments = Vec::new();
    for section in read.sections.iter().filter(is_env) {
        // What an environment does not say it takes over.
        let own = |keys: &[&str]| keys.iter().find_map(|key| section.get(key));
        let inherited = |keys: &[&str]| own(keys).or_else(|| keys.iter().find_map(|key| base?.get(key)));
        let mut environment = Environment::named(section.name.clone());
        let list = |entry: Option<&ini::Entry>| entry.map_or(Vec::new(), |e| lines(read, &e.value));
        environment.deps = list(own(&["deps"]));
        for key in ["commands_pre", "commands", "commands_post"] {
            environment.commands.extend(list(own(&[key])));
        }
        let settings = list(inherited(&["setenv", "set_env"]));
        environment.install = inherited(&["install_command"]).map(|e| list::substituted(&e.value));
        // Charged here, since every environment may take over the same long list.
        let taken = settings.iter().chain(&environment.deps).chain(&environment.commands).chain(&environment.install);
        let items = taken.map(|line| ITEMS_PER_LINE + line.text.len() / BYTES_PER_ITEM).sum();
        // Half is left for the scripts that are made of the lines.
        if items > budget.items / 2 || !budget.take_items(items) {
            out.problems.push(Problem::new(section.name.span, TOO_MANY));
            break;
        }
        environment.env = settings.iter().filter_map(pair).collect();
        environments.push(environment);
    }
    // tox 3: `[tox] indexserver = default = https://..`.
    let servers = read.section("tox").or_else(|| read.section("tox:tox")).and_then(|s| s.get("indexserver"));
    let servers = servers.map_or(Vec::new(), |e| lines(read, &e.value));
    let default = servers.iter().filter_map(pair).find(|(name, _)| name.value == "default");
    let env = default.map(|(name, value)| (Spanned::new("PIP_INDEX_URL".to_owned(), name.span), value));
    finish(file, environments, env.into_iter().collect(), budget, out);
}

/// One environment, as far as it installs and runs something.
struct Environment {
    name: Spanned<String>,
    deps: Vec<Line>,
    commands: Vec<Line>,
    env: Vec<Pair>,
    install: Option<Embedded>,
}

impl Environment {
    fn named(name: Spanned<String>) -> Self {
        Self { name, deps: Vec::new(), commands: Vec::new(), env: Vec::new(), install: None }
    }
}

fn finish(file: &SourceFile, environments: Vec<Environment>, env: Vec<Pair>, budget: &mut Budget, out: &mut Facts) {
    let folders = folders(&file.path);
    let mut blocks = Vec::new();
    for environment in environments {
        let mut text = Embedded::new();
        if !environment.deps.is_empty() {
            installs(&environment, &mut text, out);
        }
        for line in &environment.commands {
            let end = line.text.len();
            let start = end - line.text.trim_start_matches(['-', '!', ' ']).len();
            text.append(&line.part(start..end));
            text.push_replaced("\n", line.host_span(end..end));
        }
        let span = text.segments().iter().fold(environment.name.span, |span, segment| span.to(segment.host));
        if !budget.take_entry(text.text.len()) {
            out.problems.push(Problem::new(span, TOO_MANY));
            break;
        }
        if !may_act(text.text.as_bytes()) {
            continue;
        }
        let shell = (Dialect::Bash, LINE_BY_LINE);
        let script = script(text, span, &shell, &[], &folders, budget, out);
        let env = environment.env.into_iter().filter(|(name, _)| is_setting(&name.value)).collect();
        blocks.push(CommandBlock { name: environment.name, script, env, ..CommandBlock::default() });
    }
    if blocks.is_empty() {
        return;
    }
    let form = CommandForm::Tox;
    out.documents.push(Document::Commands(CommandFile { file: file.id, form, env, blocks }));
}

/// The command that installs an environment's dependencies, as tox puts it together.
fn installs(environment: &Environment, text: &mut Embedded, out: &mut Facts) {
    let at = environment.deps.first().map_or(environment.name.span, |line| {
        let start = line.host_span(0..0).start;
        Span { start, end: start }
    });
    let (before, after) = match &environment.install {
        Some(command) => match command.text.split_once("{packages}") {
            Some((before, _)) => {
                let rest = before.len() + "{packages}".len();
                (command.part(0..before.len()), Some(command.part(rest..command.text.len())))
            }
            None => (command.clone(), None),
        },
        None => {
            let mut plain = Embedded::new();
            plain.push_replaced("pip install", at);
            (plain, None)
        }
    };
    without_options(&before, text);
    for line in &environment.deps {
        text.push_replaced(" ", line.host_span(0..0));
        dependency(line, text, out);
    }
    if let Some(after) = after {
        text.push_replaced(" ", at);
        without_options(&after, text);
    }
    text.push_replaced("\n", at);
}

/// `{opts}` stands for what tox adds of its own.
fn without_options(command: &Embedded, text: &mut Embedded) {
    let all = command.text.as_str();
    let mut at = 0;
    for (found, mark) in all.match_indices("{opts}") {
        text.append(&command.part(at..found));
        at = found + mark.len();
    }
    text.append(&command.part(at..all.len()));
}

/// One line of `deps` as words of a command.
fn dependency(line: &Line, text: &mut Embedded, out: &mut Facts) {
    let all = line.text.as_str();
    // tox 3: `:server: name` names an index.
    let start = match all.strip_prefix(':').and_then(|rest| rest.split_once(':')) {
        Some((server, _)) => server.len() + 2,
        None => 0,
    };
    let body = all.get(start..).unwrap_or("");
    let start = start + body.len() - body.trim_start().len();
    let line = line.part(start..all.len());
    if line.text.starts_with('-') {
        text.append(&line);
        return;
    }
    let whole = line.host_span(0..line.text.len());
    if !line.text.contains(super::expand::UNKNOWN)
        && let Err(problem) = lenient(&line, whole, Group::Runtime)
    {
        out.problems.push(problem);
        return;
    }
    // Blanks and comparisons are the shell's where nothing quotes them.
    let quote = if line.text.contains('"') { "'" } else { "\"" };
    text.push_replaced(quote, line.host_span(0..0));
    text.append(&line);
    let end = line.text.len();
    text.push_replaced(quote, line.host_span(end..end));
}

/// `NAME = value` of `setenv`.
fn pair(line: &Line) -> Option<Pair> {
    let (name, value) = line.text.split_once('=')?;
    let at = |part: &str, from: usize| {
        let start = from + part.len() - part.trim_start().len();
        Spanned::new(part.trim().to_owned(), line.host_span(start..start + part.trim().len()))
    };
    Some((at(name, 0), at(value, name.len() + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    pub(super) fn shown(path: &str, text: &str, reader: &dyn Reader) -> (Vec<String>, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        reader.read(&file, &mut Budget::default(), &mut facts);
        let mut out = Vec::new();
        for document in &facts.documents {
            let Document::Commands(read) = document else { continue };
            for block in &read.blocks {
                let script = block.script.as_ref().map_or("-".to_owned(), |s| s.text.text.trim().replace('\n', "|"));
                let env: Vec<_> =
                    read.env.iter().chain(&block.env).map(|(n, v)| format!("{}={} ", n.value, v.value)).collect();
                out.push(format!("{}: {}{script}", block.name.value, env.concat()));
            }
        }
        (out, facts.problems.iter().map(|p| p.message.clone()).collect())
    }

    #[test]
    fn environments_install_what_they_list() {
        let text = "[tox]\nenvlist = py39\n[base]\ndeps =\n  coverage>=7 # why\n[testenv]\ndeps =\n  pytest >= 3 ; python_version < \"4\"\n  \
            {[base]deps}\n  py39,py310-django: -r{toxinidir}/req.txt\n  -c {tox_root}/c.txt\n  django{env:V:}: x\n\
            set_env =\n  PIP_INDEX_URL = https://example.com/simple\n  OTHER = 1\ncommands =\n  - {envpython} -m pip install {posargs:a} \\\n    b\n  pytest\n\
            [testenv:lint]\ndeps = ruff\ninstall_command = python -m pip install --extra-index-url https://example.org {opts} {packages} -q\n\
            [testenv:none]\ncommands = echo\n";
        let (blocks, problems) = shown("tox.ini", text, &ToxReader);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            blocks,
            [
                "testenv: PIP_INDEX_URL=https://example.com/simple pip install 'pytest >= 3 ; python_version < \"4\"' \"coverage>=7\" -rreq.txt -c c.txt \"x\"|\
                 python -m pip install a b|pytest",
                "testenv:lint: PIP_INDEX_URL=https://example.com/simple python -m pip install --extra-index-url https://example.org   \"ruff\"  -q",
            ]
        );
    }

    #[test]
    fn a_list_that_every_environment_takes_over_is_charged_each_time() {
        let mut text = format!("[testenv]\ndeps ={}\n", "\n  a".repeat(1_900));
        (0..2_000).for_each(|n| text.push_str(&format!("[testenv:e{n}]\ndeps = {{[testenv]deps}}\n")));
        let (blocks, problems) = shown("tox.ini", &text, &ToxReader);
        assert!(problems.iter().any(|problem| problem == TOO_MANY), "{problems:?}");
        assert!(blocks.len() < 200, "{}", blocks.len());
    }

    #[test]
    fn odd_files_cost_a_line() {
        let (blocks, problems) = shown(
            "tox.ini",
            "[tox]\nindexserver =\n  default = https://example.com/simple\n[testenv]\ndeps =\n  :default: a\n  b c\n  {[testenv]deps}\n  {[no]x}\n",
            &ToxReader,
        );
        assert_eq!(blocks, ["testenv: PIP_INDEX_URL=https://example.com/simple pip install \"a\""]);
        assert_eq!(problems, ["no requirement: expected a version specifier, `@` or `;`"]);
    }
}
