//! What a word of a script carries: the whole environment, all secrets at once, or one secret.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::environment;
use crate::graph::ci::expression::expressions;
use crate::graph::ci::secret_names;
use crate::graph::kinds::workflow::Step;
use crate::parse::shell::{Invocation, Part, Program, RedirectOp, Word};
use crate::rules::workflow::reach::{Piece, Run};
use crate::source::Span;

/// Something of weight in what is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules::workflow) enum Carried {
    /// All variables of the process.
    Environment,
    /// All secrets of the repository.
    AllSecrets,
    /// One secret; the name it is sent under is its own.
    Secret {
        /// Its name.
        name: String,
        /// `NAME=${{ secrets.NAME }}`.
        under_its_name: bool,
    },
}

/// Programs that print the environment when they are given nothing.
const PRINTERS: &[&str] = &["env", "printenv", "set", "export", "declare"];
/// Programs that change how a text is written and leave it whole.
const ENCODERS: &[&str] = &[
    "base64", "gzip", "xxd", "tr", "jq", "openssl", "cat", "tee", "sort", "od", "hexdump", "rev", "zstd", "xz", "gpg",
    "paste",
];
/// Variables and substitutions followed into others.
const MAX_DEPTH: usize = 4;
/// Words and commands looked at for one script. A script that winds itself up beyond that sends its secrets
/// unseen, and everything else is still said of it.
const MAX_WORK: usize = 1 << 14;

/// What the names of a script stand for.
pub(super) struct Carrier<'a> {
    program: &'a Program,
    /// `env` around the script.
    environment: BTreeMap<&'a str, &'a str>,
    /// Assignments of the script, by name.
    assigned: BTreeMap<&'a str, Vec<&'a Word>>,
    /// Files that hold the environment or secrets.
    files: BTreeMap<String, Vec<Carried>>,
    /// What may still be looked at.
    left: Cell<usize>,
}

impl<'a> Carrier<'a> {
    pub(super) fn of(run: &Run<'a>, piece: &Piece<'a>) -> Self {
        let program = &piece.script.program;
        let mut assigned: BTreeMap<&'a str, Vec<&'a Word>> = BTreeMap::new();
        for assignment in program.commands.iter().flat_map(|c| &c.assignments) {
            assigned.entry(&assignment.name).or_default().push(&assignment.value);
        }
        let mut out = Self {
            program,
            environment: environment(run, piece),
            assigned,
            files: BTreeMap::new(),
            left: Cell::new(MAX_WORK),
        };
        for index in 0..program.commands.len() {
            let Some(command) = program.commands.get(index) else { continue };
            let written = command.redirects.iter().filter(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append));
            for redirect in written {
                let mut carried = out.of_command(index, 0);
                let call = Invocation::of(program, command);
                if call.as_ref().is_some_and(prints_environment) {
                    carried.push(Carried::Environment);
                } else if call.is_some_and(|call| ENCODERS.contains(&call.name.as_str())) {
                    carried.extend(out.before(index));
                }
                if !carried.is_empty() {
                    out.files.entry(program.show(&redirect.target).0).or_default().extend(carried);
                }
            }
        }
        out
    }

    /// What a word carries.
    pub(super) fn in_word(&self, word: &Word) -> Vec<Carried> {
        let mut out = self.in_parts(word, 0);
        let text = self.program.show(word).0;
        if let Some((_, file)) = text.split_once('@') {
            out.extend(self.files.get(file.trim_matches(['"', '\''])).cloned().unwrap_or_default());
        }
        out
    }

    /// Takes a piece of the work that may be done; false where none is left.
    fn may_go_on(&self, work: usize) -> bool {
        let left = self.left.get().saturating_sub(work);
        self.left.set(left);
        left > 0
    }

    fn in_parts(&self, word: &Word, depth: usize) -> Vec<Carried> {
        if depth > MAX_DEPTH || !self.may_go_on(word.parts.len().max(1)) {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut before = String::new();
        for part in &word.parts {
            match part {
                Part::Literal(text) => before.clone_from(text),
                Part::Expression(inner) => out.extend(of_expression(inner, &before)),
                Part::Variable(name) => out.extend(self.of_variable(name, &before, depth)),
                Part::Other(text) => {
                    let name: String = text
                        .trim_start_matches(['$', '{'])
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect();
                    out.extend(self.of_variable(&name, &before, depth));
                }
                Part::Substitution(range) | Part::ProcessSubstitution(range) => {
                    out.extend(self.of_range(range, depth + 1))
                }
                Part::Arithmetic(_) => {}
            }
        }
        out
    }

    fn of_variable(&self, name: &str, before: &str, depth: usize) -> Vec<Carried> {
        if let Some(values) = self.assigned.get(name) {
            if !self.may_go_on(values.len()) {
                return Vec::new();
            }
            return values.iter().flat_map(|value| self.in_parts(value, depth + 1)).collect();
        }
        let Some(value) = self.environment.get(name) else { return Vec::new() };
        expressions(value).into_iter().flat_map(|(_, inner)| of_expression(inner, before)).collect()
    }

    /// What the commands of a substitution or of an earlier stage print.
    fn of_range(&self, range: &Range<usize>, depth: usize) -> Vec<Carried> {
        if !self.may_go_on(range.len()) {
            return Vec::new();
        }
        let commands = || range.clone().filter_map(|at| self.program.commands.get(at));
        let calls: Vec<Invocation<'_>> = commands().filter_map(|c| Invocation::of(self.program, c)).collect();
        let prints = calls.iter().any(prints_environment);
        // `env | grep VERSION` picks one line.
        let whole = calls.iter().all(|call| prints_environment(call) || ENCODERS.contains(&call.name.as_str()));
        let mut out = Vec::new();
        if prints && whole {
            out.push(Carried::Environment);
        }
        // What is digested is not what comes out.
        let digested =
            calls.iter().any(|c| c.name.ends_with("sum") || c.name == "wc" || (c.name == "openssl" && c.has("dgst")));
        if !digested && depth <= MAX_DEPTH {
            out.extend(range.clone().flat_map(|at| self.of_command(at, depth)));
        }
        out
    }

    /// What a command that prints its arguments prints.
    fn of_command(&self, index: usize, depth: usize) -> Vec<Carried> {
        let Some(command) = self.program.commands.get(index) else { return Vec::new() };
        let Some(call) = Invocation::of(self.program, command) else { return Vec::new() };
        let here = command.redirects.iter().filter(|r| matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString));
        let mut out: Vec<Carried> = here.flat_map(|r| self.in_parts(&r.target, depth)).collect();
        if matches!(call.name.as_str(), "echo" | "printf") {
            out.extend(call.args.iter().flat_map(|arg| self.in_parts(arg.word, depth)));
        }
        if call.name == "cat" {
            let files = call.args.iter().filter_map(|arg| self.files.get(&arg.text));
            out.extend(files.flatten().cloned());
        }
        out
    }

    /// What the stages before a command hand to it.
    pub(super) fn before(&self, index: usize) -> Vec<Carried> {
        let Some(command) = self.program.commands.get(index) else { return Vec::new() };
        let stages = self.program.pipelines.get(command.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
        let (Some(first), true) = (stages.first(), command.position > 0) else { return Vec::new() };
        let end = stages.get(command.position).map_or(first.end, |own| own.start);
        self.of_range(&(first.start..end), 1)
    }

    /// A word whose variables are constants of `env`.
    pub(super) fn constant(&self, program: &Program, word: &Word) -> Option<String> {
        let mut out = String::new();
        for part in &word.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Variable(name) => match (self.environment.get(name.as_str()), self.assigned.get(name.as_str())) {
                    (_, Some(values)) if values.len() == 1 => out.push_str(&program.show(values.first()?).0),
                    (Some(value), None) => out.push_str(value),
                    _ => return None,
                },
                _ => break,
            }
        }
        Some(out)
    }
}

/// Whether a call prints all variables. `env` with words runs a program.
fn prints_environment(call: &Invocation<'_>) -> bool {
    let reads_it =
        call.name == "cat" && call.args.iter().any(|a| a.text.starts_with("/proc/") && a.text.ends_with("/environ"));
    let bare = call.args.iter().all(|a| matches!(a.text.as_str(), "-0" | "--null" | "-p" | "-x" | "-px"));
    reads_it || (PRINTERS.contains(&call.name.as_str()) && bare)
}

/// What an expression carries, and the text before it.
fn of_expression(inner: &str, before: &str) -> Vec<Carried> {
    secret_names(&format!("${{{{ {inner} }}}}"))
        .into_iter()
        .map(|name| {
            if name == "*" {
                return Carried::AllSecrets;
            }
            // `NAME=`, `"NAME": "`, `-F NAME=`: in capitals, since protocols have lower-case keys of their own.
            let key: String = before
                .trim_end_matches(['=', ':', '"', '\'', ' ', '\\'])
                .chars()
                .rev()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<Vec<char>>()
                .into_iter()
                .rev()
                .collect();
            let under_its_name = key == name && before.ends_with(['=', ':', '"', '\'', ' ', '\\']);
            Carried::Secret { name, under_its_name }
        })
        .collect()
}

/// Where a step is given all secrets at once: in its variables or its script.
pub(in crate::rules::workflow) fn all_secrets_at(step: &Step) -> Option<Span> {
    let is_all = |text: &str| secret_names(text).iter().any(|name| name == "*");
    let mut values = step.env.iter().chain(&step.with).map(|(_, value)| value);
    let own = values.find(|value| is_all(&value.value)).map(|value| value.span);
    own.or_else(|| step.run.as_ref().filter(|run| is_all(&run.text.text)).map(|run| run.span))
}
