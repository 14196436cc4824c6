//! The command list a script is lowered to: flat, in source order, with its structure beside it.
//!
//! Every statement covers a contiguous range of command indices: a command's slot is taken before
//! the substitutions in its words are lowered, so they follow it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::options::State;
use super::resolve::{Arguments, Variable};
use crate::parse::Problem;

/// A script, lowered.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Simple commands in source order.
    pub commands: Vec<Command>,
    /// Pipelines; a lone command is a pipeline of one stage.
    pub pipelines: Vec<Pipeline>,
    /// Chains of `&&` and `||`.
    pub lists: Vec<List>,
    /// What commands are nested in. The first is the script itself.
    pub scopes: Vec<Scope>,
    /// Functions the script defines.
    pub functions: Vec<Function>,
    /// `${{ ... }}` expressions of the script, in order.
    pub expressions: Vec<ExpressionAt>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Shell options in force at the first command.
    pub options: Options,
    pub(super) variables: BTreeMap<String, Variable>,
    /// What `$1` and its kin are, in a function that is called.
    pub(super) arguments: Option<Arguments>,
    pub(super) states: Vec<State>,
    /// The last definition of each function, as an index into [`Program::functions`].
    pub(super) names: BTreeMap<String, usize>,
    /// The commands that call a function of the script, by its name.
    pub(super) calls: BTreeMap<String, Vec<usize>>,
    /// The commands of functions that functions call, by the start of their range.
    pub(super) bodies: Arc<BTreeMap<usize, Vec<Command>>>,
    /// Functions that run what they are given, with the arguments they keep for themselves.
    pub(super) passing: BTreeMap<String, usize>,
    /// The branches of each condition and `case`, as indices into [`Program::scopes`].
    pub(super) branches: BTreeMap<usize, Vec<usize>>,
    /// The program that each command calls, once somebody asked.
    pub(super) called: OnceLock<Vec<Option<Box<str>>>>,
}

/// Shell options in force when a script starts. A caller that knows its host (`bash -e {0}`, a
/// plain script) sets them before it asks for facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A failing command ends the script.
    pub errexit: bool,
    /// A failing stage fails its pipeline.
    pub pipefail: bool,
}

impl Default for Options {
    /// What GitHub gives a step that names no shell.
    fn default() -> Self {
        Self { errexit: true, pipefail: false }
    }
}

/// A `${{ ... }}` in the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionAt {
    /// Its bytes, braces included.
    pub range: Range<usize>,
    /// The text between the braces, trimmed.
    pub text: String,
}

/// A function definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The definition's bytes.
    pub range: Range<usize>,
    /// Its commands.
    pub commands: Range<usize>,
}

/// One simple command: a name and words, or assignments alone.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Its bytes, redirections included.
    pub range: Range<usize>,
    /// The first word; absent for assignments and redirections alone.
    pub name: Option<Word>,
    /// The words after the name.
    pub args: Vec<Word>,
    /// `NAME=value` before the name or standing alone, and those of `export` and its kin.
    pub assignments: Vec<Assignment>,
    /// Redirections, those of an enclosing group included.
    pub redirects: Vec<Redirect>,
    /// Index into [`Program::pipelines`].
    pub pipeline: usize,
    /// The stage of the pipeline it is.
    pub position: usize,
    /// Index into [`Program::scopes`].
    pub scope: usize,
    /// The innermost `&&`/`||` chain it is a direct member of.
    pub list: Option<ListPosition>,
    /// Preceded by `!`.
    pub negated: bool,
    /// Followed by `&`.
    pub background: bool,
}

/// A place in a chain of `&&` and `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPosition {
    /// Index into [`Program::lists`].
    pub list: usize,
    /// Index into [`List::items`].
    pub item: usize,
}

/// `NAME=value`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The value; an empty word for `NAME=`.
    pub value: Word,
    /// `+=`, an array element or an array: the value is not what the variable holds.
    pub partial: bool,
    /// The assignment's bytes.
    pub range: Range<usize>,
}

/// A redirection.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// Its kind.
    pub op: RedirectOp,
    /// The descriptor, where one is written.
    pub fd: Option<u32>,
    /// The file, or the text of a here-document or here-string.
    pub target: Word,
    /// The bytes of a here-document's body.
    pub heredoc: Option<Range<usize>>,
}

/// Kinds of redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectOp {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<&`, `>&` and their closing forms.
    Duplicate,
    /// `<<`, `<<-`
    HereDoc,
    /// `<<<`
    HereString,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// The commands of each stage; a stage that is a group has several.
    pub stages: Vec<Range<usize>>,
}

/// Commands joined by `&&` and `||`, flattened; both bind alike, from the left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The members in order.
    pub items: Vec<ListItem>,
}

/// A member of a [`List`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListItem {
    /// What stands before it; the first has none.
    pub op: Option<ListOp>,
    /// Its commands.
    pub commands: Range<usize>,
}

/// `&&` or `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOp {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Something that holds commands.
#[derive(Debug, Clone)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// What it stands in; the script stands in nothing.
    pub parent: Option<usize>,
    /// The chain it is a member of.
    pub list: Option<ListPosition>,
    /// The pipeline it is a stage of.
    pub stage: Option<(usize, usize)>,
    /// Its commands.
    pub commands: Range<usize>,
    /// Preceded by `!`.
    pub negated: bool,
    /// Followed by `&`.
    pub background: bool,
    /// The `case` that a branch belongs to.
    pub(super) number: usize,
}

/// Kinds of [`Scope`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeKind {
    /// The whole text.
    Script,
    /// `( ... )`
    Subshell,
    /// `{ ...; }`
    Group,
    /// `$( ... )` in a word of the command given.
    Substitution(usize),
    /// `<( ... )` or `>( ... )` in a word of the command given.
    ProcessSubstitution(usize),
    /// The body of a function.
    Function(String),
    /// The condition of an `if`, `elif`, `while` or `until`; the number is shared with the bodies.
    Condition(usize),
    /// What runs where the condition of that number holds.
    Then(usize),
    /// What runs where the condition of that number fails.
    Else(usize),
    /// A loop's body; the number is that of its condition.
    Loop(usize),
    /// A branch of a `case`.
    Case,
    /// Text run by another shell the command given starts.
    NestedShell(usize),
}

/// A word: what becomes one argument, or several where it is split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its bytes, quotes included.
    pub range: Range<usize>,
    /// Its parts in order, after quote removal.
    pub parts: Vec<Part>,
    /// Some of it is quoted.
    pub quoted: bool,
    /// The command it belongs to, where that is known: what its variables hold depends on that.
    pub(super) owner: Option<u32>,
}

/// A part of a [`Word`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Literal(String),
    /// `$NAME` or `${NAME}`.
    Variable(String),
    /// `${{ ... }}`, trimmed.
    Expression(String),
    /// `$( ... )`: the commands.
    Substitution(Range<usize>),
    /// `<( ... )` or `>( ... )`: the commands.
    ProcessSubstitution(Range<usize>),
    /// `$(( ... ))` as written.
    Arithmetic(String),
    /// Anything else, as written: `${NAME:-default}`, an array.
    Other(String),
}

impl Scope {
    /// An empty one that begins with the command of this index.
    pub(super) fn new(kind: ScopeKind, parent: Option<usize>, start: usize) -> Self {
        let commands = start..start;
        Self { kind, parent, list: None, stage: None, commands, negated: false, background: false, number: 0 }
    }
}

impl Word {
    /// A constant word.
    #[must_use]
    pub fn constant(text: impl Into<String>, range: Range<usize>) -> Self {
        Self { range, parts: vec![Part::Literal(text.into())], ..Self::default() }
    }

    /// One part as a word of its own, at the same place of the same command.
    #[must_use]
    pub fn only(&self, part: Part) -> Self {
        Self { parts: vec![part], ..self.clone() }
    }

    /// The text, where it is constant after quote removal.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            let Part::Literal(text) = part else { return None };
            out.push_str(text);
        }
        Some(out)
    }

    /// The text with what is not constant shown in the shell's own spelling.
    #[must_use]
    pub fn lossy(&self) -> String {
        self.parts.iter().map(Part::shown).collect()
    }
}

impl Word {
    /// Puts a word behind this one. A bare `$` at the seam and the name after it are a variable.
    pub(super) fn join(&mut self, more: Self) {
        self.range.end = self.range.end.max(more.range.end);
        self.quoted |= more.quoted;
        let mut parts = more.parts.into_iter();
        if let Some(Part::Literal(end)) = self.parts.last_mut()
            && end.ends_with('$')
            && let Some(first) = parts.next()
        {
            let Part::Literal(text) = first else {
                self.parts.push(first);
                self.parts.extend(parts);
                return;
            };
            let length = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
            let (name, rest) = text.split_at(length);
            if name.is_empty() {
                end.push_str(rest);
            } else {
                end.pop();
                self.parts.push(Part::Variable(name.to_owned()));
                if !rest.is_empty() {
                    self.parts.push(Part::Literal(rest.to_owned()));
                }
            }
        }
        self.parts.extend(parts);
    }
}

impl Part {
    /// The part in the shell's own spelling.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Literal(text) | Self::Other(text) | Self::Arithmetic(text) => text.clone(),
            Self::Variable(name) => format!("${{{name}}}"),
            Self::Expression(text) => format!("${{{{ {text} }}}}"),
            Self::Substitution(_) => "$(...)".to_owned(),
            Self::ProcessSubstitution(_) => "<(...)".to_owned(),
        }
    }
}
