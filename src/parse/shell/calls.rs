//! Functions of a script where they are called: their commands with the arguments put in.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::ir::{Command, Function, Part, Program, ScopeKind, Word};
use super::resolve::Arguments;

/// Arguments of one call.
const MAX_ARGUMENTS: usize = 64;
/// Functions called by functions.
const MAX_CALLERS: usize = 8;
/// Copies of all commands that functions inside functions may take.
const MAX_COPIES: usize = 4;

impl Program {
    /// The function of this script that a command calls.
    #[must_use]
    pub fn function_of(&self, command: usize) -> Option<&Function> {
        let name = self.commands.get(command)?.name.as_ref()?;
        let [Part::Literal(name)] = name.parts.as_slice() else { return None };
        self.function_named(name)
    }

    /// The function of a name; the last where it is defined again.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<&Function> {
        self.functions.get(*self.names.get(name)?)
    }

    /// The function that a command calls, as it runs there: the same commands at the same indices, `$1` and
    /// variables as the call finds them, and nothing of what stands outside the function. `None` where the
    /// command calls none, or one that is running already.
    #[must_use]
    pub fn enter(&self, command: usize) -> Option<Self> {
        let function = self.function_of(command)?;
        let callers = self.arguments.as_ref().map(|a| a.callers.as_slice()).unwrap_or_default();
        let is_running =
            self.scopes_of(command).any(|s| matches!(&s.kind, ScopeKind::Function(name) if *name == function.name))
                || callers.iter().any(|caller| function.commands.contains(&(*caller as usize)));
        if is_running || callers.len() >= MAX_CALLERS {
            return None;
        }
        let given = &self.commands.get(command)?.args;
        let mut words = Vec::new();
        for word in given {
            match word.parts.as_slice() {
                [part] if self.words_of(part, word.owner).is_some() => {
                    let several = self.words_of(part, word.owner).unwrap_or_default();
                    words.extend(several.iter().map(|word| self.constant(word)));
                }
                _ => words.push(self.constant(word)),
            }
            if words.len() > MAX_ARGUMENTS {
                return None;
            }
        }
        let callers = std::iter::once(u32::try_from(command).ok()?).chain(callers.iter().copied()).collect();
        let body = match self.bodies.get(&function.commands.start) {
            Some(body) => body.as_slice(),
            None => self.commands.get(function.commands.clone())?,
        };
        let shifts = shifts(self, &function.commands, body);
        let mut commands: Vec<Command> = self.commands.iter().map(Command::placeholder).collect();
        for (place, command) in commands.iter_mut().skip(function.commands.start).zip(body) {
            place.clone_from(command);
        }
        Some(Self {
            commands,
            pipelines: self.pipelines.clone(),
            lists: self.lists.clone(),
            scopes: self.scopes.clone(),
            functions: self.functions.clone(),
            expressions: Vec::new(),
            problems: Vec::new(),
            options: self.options,
            variables: self.variables.clone(),
            arguments: Some(Arguments { words, shifts, callers }),
            states: self.states.clone(),
            names: self.names.clone(),
            calls: self.calls.clone(),
            bodies: Arc::clone(&self.bodies),
            passing: self.passing.clone(),
            branches: self.branches.clone(),
            called: OnceLock::new(),
        })
    }

    /// The words that a part of its own stands for: `"$@"`, `"${@:2}"`, `"${ARRAY[@]}"`.
    pub(super) fn words_of(&self, part: &Part, owner: Option<u32>) -> Option<&[Word]> {
        match part {
            Part::Variable(name) if matches!(name.as_str(), "@" | "*") => self.arguments.as_ref()?.at(owner),
            Part::Other(text) => {
                let inner = text.strip_prefix("${")?.strip_suffix('}')?;
                if let Some(operator) = inner.strip_prefix(['@', '*']) {
                    return self.rest_of_arguments(operator, owner);
                }
                let name = inner.strip_suffix("[@]").or_else(|| inner.strip_suffix("[*]"))?;
                self.elements(name, owner)
            }
            _ => None,
        }
    }

    /// A word as the function finds it: what it means here would be something else there.
    fn constant(&self, word: &Word) -> Word {
        let (text, known) = self.show(word);
        if known {
            return Word { parts: vec![Part::Literal(text)], ..word.clone() };
        }
        let parts = word.parts.iter().map(|part| match part {
            Part::Literal(_) | Part::Expression(_) => part.clone(),
            part => {
                let alone = Word { parts: vec![part.clone()], owner: word.owner, ..Word::default() };
                match self.show(&alone) {
                    (text, true) => Part::Literal(text),
                    (text, false) => Part::Other(text),
                }
            }
        });
        Word { parts: parts.collect(), owner: None, ..word.clone() }
    }

    /// The bodies of functions that functions call; a function that is running has only its own commands.
    pub(super) fn bodies(&self) -> BTreeMap<usize, Vec<Command>> {
        let mut out = BTreeMap::new();
        let mut left = self.commands.len().saturating_mul(MAX_COPIES);
        for function in &self.functions {
            let calls = self.calls.get(&function.name).map(Vec::as_slice).unwrap_or_default();
            let is_inner = |call: &usize| self.scopes_of(*call).any(|s| matches!(s.kind, ScopeKind::Function(_)));
            if !calls.iter().take(MAX_ARGUMENTS).any(is_inner) || function.commands.len() > left {
                continue;
            }
            left -= function.commands.len();
            let body = self.commands.get(function.commands.clone()).unwrap_or_default();
            out.insert(function.commands.start, body.to_vec());
        }
        out
    }
}

/// Where a function shifts its arguments.
fn shifts(program: &Program, commands: &Range<usize>, body: &[Command]) -> Vec<(usize, Option<usize>)> {
    let mut out: Vec<(usize, Option<usize>)> = Vec::new();
    for (index, command) in commands.clone().zip(body) {
        let Some([Part::Literal(name)]) = command.name.as_ref().map(|n| n.parts.as_slice()) else { continue };
        if name != "shift" {
            continue;
        }
        let more = command.args.first().map_or(Some(1), |n| n.literal()?.parse::<usize>().ok());
        let before = out.last().map_or(Some(0), |(_, gone)| *gone);
        // In a branch or a loop it happens once, never or often.
        let around = program.scopes_of(index).map(|s| &s.kind).find(|k| !matches!(k, ScopeKind::Group));
        let always = matches!(around, Some(ScopeKind::Function(_))) && command.list.is_none_or(|at| at.item == 0);
        let gone = before.zip(more).filter(|_| always).map(|(before, more)| before.saturating_add(more));
        out.push((index, gone));
    }
    out
}

impl Command {
    /// A command of the same place that does nothing.
    fn placeholder(&self) -> Self {
        let range = self.range.clone();
        let (pipeline, position, scope, list) = (self.pipeline, self.position, self.scope, self.list);
        Self { range, pipeline, position, scope, list, ..Self::default() }
    }
}
