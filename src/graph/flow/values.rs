//! Paths that commands print for a variable: `$(find d -name x | head -1)`, `$(realpath x)`.

use super::machine::Machine;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Command, Invocation, Part, Word};

impl<'a> Machine<'_, 'a> {
    /// The path that a word's one substitution prints, as far as its text tells it: what `find` looks for, what a
    /// path is made whole from, what a function of the script prints last.
    pub(super) fn printed_path(&self, script: &'a Script, word: &Word) -> Option<String> {
        let [Part::Substitution(commands)] = word.parts.as_slice() else { return None };
        let program = &script.program;
        let first = program.commands.get(commands.clone())?.first()?;
        let call = Invocation::of(program, first)?;
        let is_alone = commands.len() == 1;
        match call.name.as_str() {
            "find" => {
                let named =
                    call.value(None, "name").or_else(|| after(&call, "-name")).or_else(|| after(&call, "-iname"));
                let folder = call.args.first().map(|a| a.text.as_str()).filter(|text| !text.starts_with('-'))?;
                let folder = folder.trim_end_matches('/');
                Some(format!("{folder}/*/{}", named.unwrap_or("*")))
            }
            "realpath" | "readlink" | "cygpath" if is_alone => call.operands(&[]).last().map(|a| a.text.clone()),
            "ls" => call.operands(&[]).first().map(|a| a.text.clone()),
            name if is_alone => self.printed_last(name),
            _ => None,
        }
    }

    /// What a function prints in the end, where that is one word.
    fn printed_last(&self, name: &str) -> Option<String> {
        let defined = self.shell.functions.get(name)?;
        let program = &defined.script.program;
        let body = program.commands.get(defined.body.clone())?;
        let is_print = |command: &&Command| {
            let name = command.name.as_ref().and_then(Word::literal);
            let goes_on = command.redirects.is_empty()
                && program.pipelines.get(command.pipeline).is_none_or(|p| p.stages.len() == 1);
            goes_on && name.is_some_and(|name| matches!(name.as_str(), "echo" | "printf"))
        };
        let last = body.iter().rev().find(is_print)?;
        let words = last.args.iter().filter(|a| a.literal().is_none_or(|text| !text.contains(['%', ' '])));
        match words.collect::<Vec<_>>().as_slice() {
            [word] => Some(program.show(word).0).filter(|text| text.starts_with('$') && !text.contains("$(")),
            _ => None,
        }
    }
}

/// The argument behind another.
fn after<'c>(call: &'c Invocation<'_>, name: &str) -> Option<&'c str> {
    let at = call.args.iter().position(|a| a.text == name)?;
    call.args.get(at + 1).map(|a| a.text.as_str())
}
