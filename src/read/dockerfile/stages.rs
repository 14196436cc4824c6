//! Instructions put into their stages.

use super::bases;
use super::scripts::{self, Shell};
use super::variables::{Held, Variables, affordable, held};
use crate::graph::kinds::docker::{Base, BuildArg, Copy, Dockerfile, Instruction, InstructionKind, Stage, from_flag};
use crate::graph::kinds::workflow::Script;
use crate::parse::dockerfile::{self as raw, is_here_document, json_words, unquoted, words};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, SourceFile, Span, Spanned};

/// What holds at a place of a stage.
#[derive(Debug, Clone)]
struct State {
    variables: Variables,
    shell: Shell,
}

/// Variables that stages may take over from others, all together: each keeps a copy.
const MAX_INHERITED: usize = 100_000;

struct Reading<'a> {
    file: &'a SourceFile,
    escape: char,
    budget: &'a mut Budget,
    problems: &'a mut Vec<Problem>,
    out: Dockerfile,
    /// Arguments before the first `FROM`.
    global: Variables,
    /// The last state of each stage: a stage that starts from it goes on with that.
    states: Vec<State>,
    /// Variables taken over so far.
    inherited: usize,
}

pub(super) fn read(
    file: &SourceFile,
    parsed: &raw::Dockerfile,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> Dockerfile {
    let out = Dockerfile { file: file.id, syntax: parsed.syntax.clone(), ..Dockerfile::default() };
    let mut reading = Reading {
        file,
        escape: parsed.escape,
        budget,
        problems,
        out,
        global: Variables::default(),
        states: Vec::new(),
        inherited: 0,
    };
    for instruction in &parsed.instructions {
        let runs = matches!(instruction.keyword.as_str(), "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK");
        let fits = if runs { reading.budget.take_script() } else { reading.budget.take_entry(0) };
        if !fits {
            reading.problem(instruction, "too many instructions; the rest is not read");
            break;
        }
        reading.instruction(instruction);
    }
    reading.out
}

impl Reading<'_> {
    fn instruction(&mut self, raw: &raw::Instruction) {
        let keyword = raw.keyword.as_str();
        match keyword {
            "FROM" if raw.on_build => self.problem(raw, "`FROM` behind `ONBUILD`"),
            "FROM" => self.from(raw),
            "ARG" if self.out.stages.is_empty() => {
                let args = self.build_args(raw);
                for arg in &args {
                    let value = self.default_of(arg);
                    self.global.set_arg(&arg.name.value, value);
                }
                self.out.global_args.extend(args);
            }
            _ => {
                if self.out.stages.is_empty() {
                    self.problem(raw, "an instruction before the first `FROM`");
                    self.open(raw, Spanned::new(String::new(), raw.keyword.span), Base::Unknown(String::new()));
                }
                let kind = self.kind(keyword, raw);
                if let Some(stage) = self.out.stages.last_mut() {
                    stage.span = stage.span.to(raw.span);
                    stage.instructions.push(Instruction { kind, span: raw.span, on_build: raw.on_build });
                }
            }
        }
    }

    fn problem(&mut self, raw: &raw::Instruction, message: impl Into<String>) {
        if self.problems.len() < self.budget.problems {
            self.problems.push(Problem::new(raw.keyword.span, message));
        }
    }

    fn from(&mut self, raw: &raw::Instruction) {
        let text = raw.arguments.text.as_str();
        let found = words(text, self.escape);
        let Some(first) = found.first() else {
            self.problem(raw, "`FROM` names nothing");
            return;
        };
        let template = bases::is_template(text);
        let from = Spanned::new(first.raw(text).to_owned(), raw.arguments.host_span(first.range.clone()));
        let value = self.global.expand_global(&from.value, self.escape);
        let malformed = found.len() > 1 && !(found.len() == 3 && found[1].raw(text).eq_ignore_ascii_case("as"));
        let base = if template || malformed {
            Base::Unknown(text.to_owned())
        } else {
            bases::of_from(&value, &self.out.stages)
        };
        let name = match found.get(1..).unwrap_or_default() {
            [] => None,
            [word, name] if word.raw(text).eq_ignore_ascii_case("as") => Some(name),
            // `FROM base:{{ a tag }} AS name`
            [.., word, name] if template && word.raw(text).eq_ignore_ascii_case("as") => Some(name),
            _ => {
                if !template {
                    self.problem(raw, "`FROM` should name an image and perhaps `AS` a name");
                }
                None
            }
        };
        let name =
            name.map(|n| Spanned::new(unquoted(n.raw(text), self.escape), raw.arguments.host_span(n.range.clone())));
        self.open(raw, from, base);
        if let Some(stage) = self.out.stages.last_mut() {
            stage.name = name;
            stage.platform = flag(raw, "platform");
        }
    }

    /// Starts a stage with what it takes over from its base.
    fn open(&mut self, raw: &raw::Instruction, from: Spanned<String>, base: Base) {
        let index = self.out.stages.len();
        let parent = match &base {
            Base::Stage(parent) => self.states.get(*parent),
            _ => None,
        };
        let size = parent.map_or(0, |s| s.variables.len());
        let affordable = self.inherited + size <= MAX_INHERITED;
        let state = parent.map(|s| State {
            variables: if affordable { s.variables.inherited() } else { Variables::default() },
            shell: s.shell.clone(),
        });
        if affordable {
            self.inherited += size;
        } else {
            self.problem(raw, "too many variables to know in every stage");
        }
        let state = state.unwrap_or_else(|| State {
            variables: Variables::default(),
            shell: Shell::default_of(self.is_windows(&base)),
        });
        self.states.push(state);
        self.out.stages.push(Stage {
            index,
            name: None,
            from,
            base,
            platform: None,
            instructions: Vec::new(),
            span: raw.span,
        });
    }

    /// Images of Windows say so in their names; their files often choose another escape.
    fn is_windows(&self, base: &Base) -> bool {
        let named = match base {
            Base::Image { reference, .. } | Base::Unknown(reference) => {
                let name = reference.to_ascii_lowercase();
                ["windows", "nanoserver", "servercore"].iter().any(|word| name.contains(word))
            }
            _ => false,
        };
        named || self.escape == '`'
    }

    fn state(&mut self) -> Option<&mut State> {
        self.states.last_mut()
    }

    fn variables(&self) -> &Variables {
        self.states.last().map_or(&self.global, |s| &s.variables)
    }

    fn kind(&mut self, keyword: &str, raw: &raw::Instruction) -> InstructionKind {
        match keyword {
            "RUN" => {
                let (mounts, flags) = raw.flags.iter().partition::<Vec<_>, _>(|f| f.name == "mount");
                let shown = |f: &raw::Flag| match (f.name.as_str(), &f.value) {
                    ("mount", Some(value)) => Spanned::new(value.clone(), f.span),
                    (name, Some(value)) => Spanned::new(format!("--{name}={value}"), f.span),
                    (name, None) => Spanned::new(format!("--{name}"), f.span),
                };
                InstructionKind::Run {
                    mounts: mounts.into_iter().map(shown).collect(),
                    flags: flags.into_iter().map(shown).collect(),
                    script: self.script(raw),
                }
            }
            "COPY" | "ADD" => InstructionKind::Copy(self.copy(raw, keyword == "ADD")),
            "ENV" => {
                let pairs = self.env(raw);
                InstructionKind::Env(pairs)
            }
            "ARG" => {
                let args = self.build_args(raw);
                if !raw.on_build {
                    for arg in &args {
                        let value = self.default_of(arg);
                        if let Some(state) = self.state() {
                            state.variables.set_arg(&arg.name.value, value);
                        }
                    }
                }
                InstructionKind::Arg(args)
            }
            "WORKDIR" => InstructionKind::Workdir(self.one(raw)),
            "USER" => InstructionKind::User(self.one(raw)),
            "SHELL" => match json_words(&raw.arguments) {
                Some(list) => {
                    let texts: Vec<String> = list.iter().map(|(word, _)| word.clone()).collect();
                    if let Some(state) = self.state().filter(|_| !raw.on_build) {
                        state.shell = Shell::of(&texts);
                    }
                    let spanned = |(word, range)| Spanned::new(word, raw.arguments.host_span(range));
                    InstructionKind::Shell(list.into_iter().map(spanned).collect())
                }
                None => {
                    self.problem(raw, "`SHELL` should be a list of strings");
                    InstructionKind::Other { name: keyword.to_owned() }
                }
            },
            "CMD" | "ENTRYPOINT" => InstructionKind::Start(self.script(raw)),
            "HEALTHCHECK" => match behind_cmd(&raw.arguments) {
                Some(arguments) => {
                    let inner = raw::Instruction { arguments, ..raw.clone() };
                    InstructionKind::Start(self.script(&inner))
                }
                None => InstructionKind::Other { name: keyword.to_owned() },
            },
            _ => InstructionKind::Other { name: keyword.to_owned() },
        }
    }

    fn script(&mut self, raw: &raw::Instruction) -> Script {
        // An instruction before any stage opened one.
        let plain = State { variables: Variables::default(), shell: Shell::default_of(false) };
        let state = self.states.last().unwrap_or(&plain);
        scripts::read(self.file, raw, &state.shell, &state.variables, self.budget, self.problems)
    }

    /// The only argument, variables put in.
    fn one(&mut self, raw: &raw::Instruction) -> Spanned<String> {
        let text = raw.arguments.text.trim();
        let span = raw.arguments.host_span(0..text.len());
        self.put_in(text, span)
    }

    fn put_in(&mut self, text: &str, span: Span) -> Spanned<String> {
        let value = self.variables().expand_in_stage(text, self.escape);
        let text = if affordable(&value.text, self.budget) { value.text } else { text.to_owned() };
        Spanned::new(text, span)
    }

    fn copy(&mut self, raw: &raw::Instruction, is_add: bool) -> Copy {
        let mut out = Copy { is_add, checksum: flag(raw, "checksum"), ..Copy::default() };
        out.from = flag(raw, "from").map(|from| {
            let before = self.out.stages.len().saturating_sub(1);
            let base = from_flag(&from.value, self.out.stages.get(..before).unwrap_or_default());
            (from, base)
        });
        let text = raw.arguments.text.as_str();
        let list = json_words(&raw.arguments);
        let found: Vec<(String, std::ops::Range<usize>)> = match list {
            Some(list) => list,
            None => words(text, self.escape).into_iter().map(|w| (w.raw(text).to_owned(), w.range)).collect(),
        };
        out.here_documents = raw.here_documents.len();
        for (word, range) in found {
            if out.here_documents > 0 && is_here_document(&word).is_some() {
                continue;
            }
            let span = raw.arguments.host_span(range);
            let value = self.put_in(&word, span);
            out.sources.push(value);
        }
        out.destination = out.sources.pop();
        if out.destination.is_none() || (out.sources.is_empty() && out.here_documents == 0) {
            self.problem(raw, "a copy without a source and a destination");
        }
        out
    }

    fn env(&mut self, raw: &raw::Instruction) -> Vec<(Spanned<String>, Spanned<String>)> {
        let text = raw.arguments.text.as_str();
        let found = words(text, self.escape);
        let mut pairs: Vec<(&str, usize, &str, usize)> = Vec::new();
        match found.as_slice() {
            [] => self.problem(raw, "`ENV` names nothing"),
            [first, ..] if !first.raw(text).contains('=') => match found.get(1) {
                // `ENV NAME the rest of the line`
                Some(second) => pairs.push((
                    first.raw(text),
                    first.range.start,
                    text.get(second.range.start..).unwrap_or("").trim_end(),
                    second.range.start,
                )),
                None => self.problem(raw, "`ENV` gives no value"),
            },
            _ => {
                for word in &found {
                    match word.raw(text).split_once('=') {
                        Some((name, value)) => {
                            pairs.push((name, word.range.start, value, word.range.start + name.len() + 1));
                        }
                        None => self.problem(raw, "`ENV` should be `NAME=value`"),
                    }
                }
            }
        }
        // Values are those before the instruction: in `ENV A=1 B=$A` the other `A` is meant.
        let mut out = Vec::new();
        let mut values = Vec::new();
        for (name, name_at, value, value_at) in pairs {
            let span = |at: usize, text: &str| raw.arguments.host_span(at..at + text.len());
            let expanded = self.variables().expand_in_stage(value, self.escape);
            let text = if affordable(&expanded.text, self.budget) { expanded.text.clone() } else { value.to_owned() };
            out.push((
                Spanned::new(unquoted(name, self.escape), span(name_at, name)),
                Spanned::new(text, span(value_at, value)),
            ));
            values.push(expanded);
        }
        if let Some(state) = self.states.last_mut().filter(|_| !raw.on_build) {
            for ((name, _), value) in out.iter().zip(&values) {
                state.variables.set_env(&name.value, value, self.budget);
            }
        }
        out
    }

    fn build_args(&mut self, raw: &raw::Instruction) -> Vec<BuildArg> {
        let text = raw.arguments.text.as_str();
        let spanned = |at: usize, word: &str| {
            Spanned::new(unquoted(word, self.escape), raw.arguments.host_span(at..at + word.len()))
        };
        let args = words(text, self.escape).into_iter().map(|word| {
            let (name, default) = match word.raw(text).split_once('=') {
                Some((name, value)) => (name, Some(spanned(word.range.start + name.len() + 1, value))),
                None => (word.raw(text), None),
            };
            BuildArg { name: spanned(word.range.start, name), default }
        });
        args.collect()
    }

    /// What an argument holds unless who builds says otherwise. Inside a stage, one without a default
    /// takes that of its namesake before the first `FROM`.
    fn default_of(&mut self, arg: &BuildArg) -> Held {
        let Some(default) = &arg.default else {
            return self.global.arg(&arg.name.value).cloned().unwrap_or(Held::Unset);
        };
        // From the file, since quotes matter: `'$X'` is no variable.
        let written = self.file.text_at(default.span);
        let written = if written.contains(['\n', '\r']) { default.value.as_str() } else { written };
        let value = if self.out.stages.is_empty() {
            self.global.expand_global(written, self.escape)
        } else {
            self.variables().expand_in_stage(written, self.escape)
        };
        held(&value, self.budget)
    }
}

fn flag(raw: &raw::Instruction, name: &str) -> Option<Spanned<String>> {
    let flag = raw.flags.iter().find(|f| f.name == name)?;
    Some(Spanned::new(flag.value.clone().unwrap_or_default(), flag.span))
}

/// What stands behind `CMD` of a `HEALTHCHECK`.
fn behind_cmd(arguments: &Embedded) -> Option<Embedded> {
    let text = arguments.text.as_str();
    let word = text.get(..4).filter(|_| text.get(3..4).is_some_and(|c| c.trim().is_empty()))?;
    if !word.trim().eq_ignore_ascii_case("cmd") {
        return None;
    }
    let rest = text.get(3..)?;
    let start = 3 + (rest.len() - rest.trim_start().len());
    Some(raw::slice(arguments, start..text.len()))
}
