//! Shells inside shells: `bash -c '...'` and here-documents fed to one.

use std::ops::Range;

use tree_sitter::Node;

use super::invocation::{Arg, Invocation, basename, is_shell};
use super::ir::{Command, Part, Pipeline, RedirectOp, ScopeKind, Word};
use super::lower::{At, Lower};
use super::text::{Quoting, Source};
use super::tree::is_plain;

/// Shells followed into shells.
const MAX_SHELLS: usize = 4;
/// Words among which `find` is looked for: `sudo -u x find`.
const MAX_BEFORE_FIND: usize = 4;

impl Lower<'_> {
    /// Reads the text behind `-c` of a shell, and the words of an `eval`.
    pub(super) fn nested_argument(&mut self, index: usize, children: &[Node<'_>], source: &Source, at: At) {
        let Some(range) = self.script_argument(index) else { return };
        let node = children.iter().find(|c| source.outer_range(c.byte_range()) == range);
        let Some(node) = node else { return };
        let (inside, quoting) = match node.kind() {
            "raw_string" => (node.start_byte() + 1..node.end_byte().saturating_sub(1), Quoting::Raw),
            "string" => (node.start_byte() + 1..node.end_byte().saturating_sub(1), Quoting::Double),
            _ => return,
        };
        self.nested(index, *node, inside, quoting, source, at);
    }

    /// The word a shell takes as its script, where it is more than one substitution.
    fn script_argument(&self, index: usize) -> Option<Range<usize>> {
        let command = self.program.commands.get(index)?;
        if !may_start_shell(command) {
            return None;
        }
        let call = Invocation::of(&self.program, command)?;
        let arg = if matches!(call.name.as_str(), "eval" | "trap") {
            call.args.first()?
        } else if matches!(call.name.as_str(), "su" | "runuser" | "script") {
            let flag = call.args.iter().position(|a| is_c_flag(&a.text) || a.text == "--command")?;
            call.args.get(flag + 1)?
        } else if call.name == "nix-shell" {
            let flag = call.args.iter().position(|a| matches!(a.text.as_str(), "--run" | "--command"))?;
            call.args.get(flag + 1)?
        } else if call.name == "pixi" {
            // `pixi run "a && b"`: a text of several words is run by its own shell, which reads as `sh` does.
            let run = call.args.iter().position(|a| a.text == "run")?;
            let is_text = |a: &&Arg<'_>| a.word.quoted && a.text.contains(char::is_whitespace);
            call.args.get(run + 1..)?.iter().find(is_text)?
        } else if call.name == "ssh" {
            // The other machine's shell takes one text; several words are mostly options we do not know.
            let text = call.args.last()?;
            let is_text = text.word.quoted && text.text.contains(char::is_whitespace) && call.args.len() > 1;
            let of_option = call.args.len().checked_sub(2).and_then(|at| call.args.get(at)).map(|a| a.text.as_str());
            if !is_text || matches!(of_option, Some("-o" | "-i" | "-F" | "-J" | "-p" | "-l")) {
                return None;
            }
            text
        } else if is_shell(&call.name) {
            let flag = call.args.iter().position(|a| is_c_flag(&a.text))?;
            // Options may stand between `-c` and the text: `bash -c -e '...'`.
            call.args.get(flag + 1..)?.iter().find(|a| !a.text.starts_with('-'))?
        } else {
            return None;
        };
        arg.word.parts.iter().any(is_plain).then(|| arg.word.range.clone())
    }

    /// Reads here-documents that a shell takes as its script, directly or through `cat |`.
    pub(super) fn nested_heredoc(
        &mut self,
        fed: Option<usize>,
        last: Option<usize>,
        tails: &[(Node<'_>, Vec<Node<'_>>)],
        source: &Source,
        at: At,
    ) {
        let (Some(fed), Some(last)) = (fed, last) else { return };
        let reads = self.reads_script_from_stdin(fed)
            || (fed != last && self.called(fed) == "cat" && self.reads_script_from_stdin(last));
        if !reads {
            return;
        }
        for (_, children) in tails {
            let Some(body) = children.iter().find(|c| c.kind() == "heredoc_body") else { continue };
            let delimiter = children.iter().find(|c| c.kind() == "heredoc_start");
            let delimiter = delimiter.map(|d| source.slice(d.byte_range())).unwrap_or_default();
            let raw = delimiter.contains(['\'', '"', '\\']);
            let quoting = if raw { Quoting::Raw } else { Quoting::HereDoc };
            self.nested(fed, *body, body.byte_range(), quoting, source, at);
        }
    }

    fn called(&self, index: usize) -> String {
        let command = self.program.commands.get(index);
        command.and_then(|c| Invocation::of(&self.program, c)).map(|c| c.name).unwrap_or_default()
    }

    fn reads_script_from_stdin(&self, index: usize) -> bool {
        let Some(command) = self.program.commands.get(index) else { return false };
        let fed = command.redirects.iter().any(|r| r.op == RedirectOp::HereDoc) || command.position > 0;
        let Some(call) = Invocation::of(&self.program, command) else { return false };
        // `ssh host <<EOF`, `docker exec -i x bash <<EOF`
        if fed && call.name == "ssh" {
            return true;
        }
        if fed && matches!(call.name.as_str(), "docker" | "podman" | "kubectl") {
            let verb = call.args.first().is_some_and(|a| matches!(a.text.as_str(), "exec" | "run"));
            let last = call.args.iter().rev().find(|a| !a.text.starts_with('-') && a.text != "pipefail");
            return verb && last.is_some_and(|a| is_shell(basename(&a.text)));
        }
        // `su user -c "/bin/sh -ex" <<EOF`
        if fed && matches!(call.name.as_str(), "su" | "runuser") {
            let text = call.args.iter().skip_while(|a| !is_c_flag(&a.text)).nth(1);
            let mut words = text.map(|a| a.text.split_whitespace()).into_iter().flatten();
            let reads = words.next().is_some_and(|word| is_shell(basename(word)));
            return reads && words.all(|word| word.starts_with(['-', '+']) || word == "pipefail");
        }
        let before = call.args.iter().take_while(|a| a.text != "-s" && a.text != "-");
        fed && is_shell(&call.name)
            && !call.args.iter().any(|a| is_c_flag(&a.text))
            && before.into_iter().all(|a| a.text.starts_with(['-', '+']) || a.text == "pipefail")
    }

    /// `find . -exec cmd {} \;`: the command it runs.
    pub(super) fn executed_by_find(&mut self, index: usize, children: &[Node<'_>], source: &Source, at: At) {
        let Some(command) = self.program.commands.get(index) else { return };
        let is_exec = |w: &Word| matches!(w.literal().as_deref(), Some("-exec" | "-execdir" | "-ok" | "-okdir"));
        let named = command.name.iter().chain(&command.args).take(MAX_BEFORE_FIND);
        if !named.filter_map(Word::literal).any(|name| basename(&name) == "find") {
            return;
        }
        let Some(from) = command.args.iter().position(is_exec) else { return };
        let is_end = |w: &&Word| !matches!(w.literal().as_deref(), Some(";" | "+"));
        let words: Vec<Word> =
            command.args.get(from + 1..).unwrap_or_default().iter().take_while(is_end).cloned().collect();
        let Some((name, args)) = words.split_first() else { return };
        let range = name.range.start..args.last().map_or(name.range.end, |w| w.range.end);
        let scope = self.scope(ScopeKind::Subshell, At { stage: None, list: None, ..at });
        let own = self.program.commands.len();
        self.program.pipelines.push(Pipeline { stages: std::iter::once(own..own + 1).collect() });
        let command = Command {
            range,
            name: Some(name.clone()),
            args: args.to_vec(),
            pipeline: self.program.pipelines.len() - 1,
            scope,
            ..Command::default()
        };
        self.program.commands.push(command);
        self.nested_argument(own, children, source, at.within(scope));
        self.close(scope);
    }

    fn nested(&mut self, by: usize, node: Node<'_>, inside: Range<usize>, quoting: Quoting, source: &Source, at: At) {
        let shells = {
            let mut count = 0;
            let mut scope = Some(at.scope);
            while let Some(inner) = scope.and_then(|s| self.program.scopes.get(s)) {
                count += usize::from(matches!(inner.kind, ScopeKind::NestedShell(_)));
                scope = inner.parent;
            }
            count
        };
        if shells >= MAX_SHELLS {
            self.problem(source.outer_range(inside), "shells nested too deeply to read");
            return;
        }
        // The outer shell has read the substitutions already.
        let mut blanked = Vec::new();
        if quoting != Quoting::Raw {
            let mut cursor = node.walk();
            let children = node.children(&mut cursor).filter(|c| c.kind() == "command_substitution");
            blanked.extend(children.map(|c| c.byte_range()));
        }
        let inner = source.nested(inside, quoting, &blanked);
        let scope = self.scope(ScopeKind::NestedShell(by), At { stage: None, ..at });
        self.run(&inner, scope, at.depth);
        self.close(scope);
    }
}

/// Whether a command may be one that takes shell text: what it calls is looked at closely only then.
fn may_start_shell(command: &Command) -> bool {
    command.name.iter().chain(&command.args).any(|word| match word.parts.as_slice() {
        [Part::Literal(text)] => {
            let name = basename(text);
            is_shell(name)
                || matches!(name, "eval" | "trap" | "su" | "runuser" | "script" | "nix-shell" | "ssh" | "pixi")
        }
        parts => parts.iter().any(|part| matches!(part, Part::Variable(_) | Part::Other(_))),
    })
}

/// `-c`, alone or at the end of joined short flags.
fn is_c_flag(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.contains('c') && flags.len() <= 6)
}
