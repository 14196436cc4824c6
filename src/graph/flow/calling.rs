//! What a command runs besides a program: a function, a script of a package, what it calls of the tree.

use super::machine::{MAX_DEPTH, Machine};
use super::shell::Defined;
use super::world::plain;
use crate::graph::called::{Callable, Called};
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Command, Invocation, Word};
use crate::source::Place;

/// Arguments handed to a function or script.
const ARGUMENTS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9"];

impl<'a> Machine<'_, 'a> {
    /// Runs a function of that name, if there is one.
    pub(super) fn function(&mut self, script: &'a Script, command: &'a Command, index: usize) -> bool {
        if self.shell.functions.is_empty() {
            return false;
        }
        let defined = |word: &Word| self.shell.functions.get(&*plain(word)?).cloned();
        let Some(first) = command.name.as_ref().and_then(defined) else { return false };
        // `retry install_tool`: one that runs what it is given.
        let given = command.args.iter().take(2).enumerate();
        let given = given.filter_map(|(at, word)| Some((at + 1, defined(word)?)));
        let named: Vec<(usize, Defined<'a>)> = std::iter::once((0, first)).chain(given).collect();
        let given: Vec<String> = command.args.iter().map(|a| script.program.show(a).0).collect();
        let mut is_called = false;
        // One that does nothing but run what it is given: the call is that command's own.
        let via = Invocation::of(&script.program, command).map(|call| call.via).unwrap_or_default();
        let is_passed_on = command.name.as_ref().and_then(|n| n.literal()).is_some_and(|name| via.contains(&name));
        for (at, defined) in named {
            let key = (std::ptr::from_ref(defined.script).addr(), defined.body.start);
            // An argument that happens to be a function's name is one only behind a function.
            if (at > 0 && !is_called) || self.running.contains(&key) {
                continue;
            }
            if self.frames.len() > MAX_DEPTH * 2 {
                self.world.is_cut = true;
                continue;
            }
            if !self.world.may_go(defined.body.len()) {
                continue;
            }
            is_called = true;
            self.ran.insert(key);
            self.running.push(key);
            let arguments: Vec<String> = given.iter().skip(at).map(|text| self.shell.expand(text).0).collect();
            let before = self.hand(&arguments);
            let sink = self.sink(script, index);
            self.sinks.push(sink);
            self.enter(defined.script, defined.file, Some(defined.body.clone()), defined.body);
            self.sinks.pop();
            self.hand(&before);
            self.running.pop();
        }
        is_called && !is_passed_on
    }

    /// Runs the scripts of a package that a command starts: `npm run build`.
    pub(super) fn package(&mut self, script: &'a Script, command: &'a Command, index: usize) {
        if self.world.callable.is_empty() {
            return;
        }
        let (layout, folder) = (&self.shell.layout, &self.shell.folder);
        let called = self.world.callable.of_package(&self.world.paths, script, index, layout, folder);
        let Some((called, frame)) = called.zip(self.frames.last()) else { return };
        let place = Place::new(frame.file, script.text.host_span(command.range.clone()));
        self.blocks(&called, place, false, &[]);
    }

    /// Gives `$1` and its kin values; gives back those before.
    pub(super) fn hand(&mut self, arguments: &[String]) -> Vec<String> {
        let mut before = Vec::new();
        for (index, name) in ARGUMENTS.iter().enumerate() {
            let known = self.shell.layout.value(name).map(str::to_owned);
            if known.is_some() {
                self.shell.layout.forget(name);
            }
            before.push(known.unwrap_or_default());
            if let Some(text) = arguments.get(index).and_then(|text| self.shell.handed(text)) {
                self.shell.layout.know(name, &text);
            }
        }
        before
    }

    /// Runs what an act calls of the tree.
    pub(super) fn call(&mut self, script: &'a Script, at: usize) {
        let Some(act) = script.acts.get(at) else { return };
        if self.world.callable.is_empty() {
            return;
        }
        let (layout, folder) = (&self.shell.layout, &self.shell.folder);
        let Some(called) = self.world.callable.called(&self.world.paths, script, act, layout, folder) else { return };
        let Some(frame) = self.frames.last() else { return };
        let place = Place::new(frame.file, script.text.host_span(act.range.clone()));
        let is_sourced = matches!(act.called(), Some((_, Some("." | "source"))));
        let given = match script.program.commands.get(act.command).filter(|_| !called.is_target) {
            Some(command) => {
                let args = Invocation::of(&script.program, command).map(|call| call.args).unwrap_or_default();
                let path = act.called().map(|(path, _)| path);
                let from = args.iter().position(|a| Some(a.text.as_str()) == path).map_or(0, |at| at + 1);
                args.iter().skip(from).map(|a| self.shell.expand(&a.text).0).collect()
            }
            None => Vec::new(),
        };
        self.blocks(&called, place, is_sourced, &given);
    }

    pub(super) fn blocks(&mut self, called: &Called, place: Place, is_sourced: bool, given: &[String]) {
        let Some(file) = self.world.callable.file(called.document) else { return };
        for block in Callable::in_order(file, &called.blocks) {
            self.block(called, block, place, is_sourced, given);
        }
    }

    pub(super) fn block(&mut self, called: &Called, block: usize, place: Place, is_sourced: bool, given: &[String]) {
        let document = called.document;
        let Some(file) = self.world.callable.file(document) else { return };
        let Some(part) = file.blocks.get(block) else { return };
        let Some(script) = &part.script else {
            self.world.called.insert((document, block));
            return;
        };
        if self.calls.len() >= MAX_DEPTH {
            self.world.is_cut |= !self.active.contains(&(document, block));
            return;
        }
        self.world.called.insert((document, block));
        if self.active.contains(&(document, block)) || !self.world.may_go(script.program.commands.len()) {
            return;
        }
        let path = self.world.sources.path(file.file);
        let title = match part.name.value.as_str() {
            "" => path.to_owned(),
            name => format!("{name} of {path}"),
        };
        self.calls.push((title, place));
        self.active.push((document, block));
        let before = (!is_sourced).then(|| self.shell.clone());
        let own_folder = self.shell.layout.script_folder.clone();
        if !is_sourced {
            self.shell.folder.clone_from(&called.folder);
            self.hand(given);
        }
        if file.form == CommandForm::Shell {
            self.own_folder(file.file, script);
        }
        for (name, value) in file.env.iter().chain(&part.env) {
            self.shell.assign(&name.value, &value.value);
        }
        if is_sourced {
            self.whole(script, file.file)
        } else {
            self.process(script, file.file)
        }
        match before {
            Some(shell) => self.shell = shell,
            None => self.shell.layout.script_folder = own_folder,
        }
        self.active.pop();
        self.calls.pop();
    }
}
