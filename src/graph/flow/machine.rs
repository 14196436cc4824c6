//! Runs scripts in the mind: command by command, into functions and into what they call of the tree.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use super::checks::{Frame, Moment, Terms};
use super::files::Files;
use super::shell::{Defined, Shell};
use super::world::{Known, World, of_command, plain};
use super::{Stop, UseKind};
use crate::commands::ActKind;
use crate::graph::called::learn_folders;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Command, Invocation, ScopeKind};
use crate::source::{FileId, Place};

/// Calls inside of one another.
pub(super) const MAX_DEPTH: usize = 8;
/// Downloads told of one tree.
pub(super) const MAX_DOWNLOADS: usize = 20_000;
/// Folders remembered that one routine makes.
const MAX_FOLDERS: usize = 1_000;

/// Something put where programs are looked for: a use, unless the routine itself runs it.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    pub(super) download: usize,
    pub(super) kind: UseKind,
    pub(super) at: Stop<'a>,
    pub(super) moment: Moment<'a>,
}

/// One routine while it runs.
#[derive(Debug)]
pub(super) struct Machine<'r, 'a> {
    pub(super) world: &'r mut World<'a>,
    /// Index of the routine.
    pub(super) routine: usize,
    pub(super) files: Files<'a>,
    pub(super) shell: Shell<'a>,
    pub(super) waiting: Vec<Waiting<'a>>,
    /// Folders that the routine made, cloned or built into.
    pub(super) own_folders: BTreeSet<String>,
    /// Something was built: what lies about need not be what was unpacked.
    pub(super) has_built: bool,
    /// Keys whose signatures count from then on.
    pub(super) keys: Vec<super::strength::Key>,
    /// Variables and folders of the search path set for later steps.
    pub(super) exported: Vec<(String, String)>,
    pub(super) exported_folders: Vec<String>,
    /// The step or instruction at hand.
    pub(super) step: usize,
    pub(super) terms: Rc<Terms>,
    pub(super) calls: Vec<(String, Place)>,
    pub(super) frames: Vec<Frame<'a>>,
    /// Parts of command files that run at the moment.
    pub(super) active: Vec<(usize, usize)>,
    /// Functions that run at the moment or have run, by script and first command.
    pub(super) ran: BTreeSet<(usize, usize)>,
    pub(super) running: Vec<(usize, usize)>,
    /// Folders to go back to, and the command at which.
    restores: Vec<(usize, String)>,
    /// What each call that runs does with what it prints.
    pub(super) sinks: Vec<super::acts::Sink<'a>>,
}

impl<'r, 'a> Machine<'r, 'a> {
    pub(super) fn new(world: &'r mut World<'a>, routine: usize, shell: Shell<'a>, files: Files<'a>) -> Self {
        let terms = Rc::new(Terms { leg: 0, may_fail: false, condition: None });
        Self {
            world,
            routine,
            files,
            shell,
            waiting: Vec::new(),
            own_folders: BTreeSet::new(),
            has_built: false,
            keys: Vec::new(),
            exported: Vec::new(),
            exported_folders: Vec::new(),
            step: 0,
            terms,
            calls: Vec::new(),
            frames: Vec::new(),
            active: Vec::new(),
            ran: BTreeSet::new(),
            running: Vec::new(),
            restores: Vec::new(),
            sinks: Vec::new(),
        }
    }

    pub(super) fn instance(&mut self) -> usize {
        self.world.instances += 1;
        self.world.instances
    }

    /// Begins a leg: what stands in it fails or not by its own terms.
    pub(super) fn leg(&mut self, step: usize, may_fail: bool, condition: Option<&str>) {
        let leg = self.instance();
        self.step = step;
        self.terms = Rc::new(Terms { leg, may_fail, condition: condition.map(str::to_owned) });
    }

    /// Runs a script as a process of its own. Folder and variables stay as they are in the end.
    pub(super) fn process(&mut self, script: &'a Script, file: FileId) {
        let functions = std::mem::take(&mut self.shell.functions);
        self.whole(script, file);
        self.uncalled();
        self.shell.functions = functions;
    }

    /// Runs all of a script.
    pub(super) fn whole(&mut self, script: &'a Script, file: FileId) {
        self.enter(script, file, None, 0..script.program.commands.len());
    }

    /// Functions that nothing called by name may be called by a name that is not known.
    fn uncalled(&mut self) {
        let left: Vec<Defined<'a>> = self.shell.functions.values().cloned().collect();
        for defined in left {
            let key = (std::ptr::from_ref(defined.script).addr(), defined.body.start);
            if self.ran.contains(&key) || !self.world.may_go(defined.body.len()) {
                continue;
            }
            let (files, shell) = (self.files.clone(), self.shell.clone());
            self.ran.insert(key);
            self.enter(defined.script, defined.file, Some(defined.body.clone()), defined.body);
            (self.files, self.shell) = (files, shell);
        }
    }

    pub(super) fn enter(
        &mut self,
        script: &'a Script,
        file: FileId,
        body: Option<Range<usize>>,
        commands: Range<usize>,
    ) {
        let known = self.world.known(script);
        let instance = self.instance();
        let own = body.clone();
        self.frames.push(Frame { instance, script, file, body, command: commands.start });
        let restores = std::mem::take(&mut self.restores);
        let start = self.shell.folder.clone();
        let mut index = commands.start;
        while index < commands.end {
            if let Some(function) = known.functions.get(&index).and_then(|f| script.program.functions.get(*f))
                && own.as_ref() != Some(&function.commands)
            {
                let body = function.commands.clone();
                self.world.is_cut |= !self.shell.define(&function.name, Defined { script, file, body });
                index = function.commands.end.max(index + 1);
                continue;
            }
            while self.restores.last().is_some_and(|(end, _)| *end <= index) {
                if let Some((_, folder)) = self.restores.pop() {
                    self.shell.folder = folder;
                }
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.command = index;
            }
            self.command(script, &known, index);
            index += 1;
        }
        // What a subshell at the end changed ends with it.
        if let Some((_, folder)) = self.restores.first() {
            self.shell.folder = folder.clone();
        } else if script.program.commands.is_empty() {
            self.shell.folder = start;
        }
        self.restores = restores;
        self.frames.pop();
    }

    fn command(&mut self, script: &'a Script, known: &Known, index: usize) {
        let Some(command) = script.program.commands.get(index) else { return };
        self.assignments(script, command, index);
        for (_, folders) in of_command(&known.added, index, |(at, _)| *at) {
            for folder in folders {
                if let Some(frame) = self.frames.last() {
                    let place = Place::new(frame.file, script.text.host_span(command.range.clone()));
                    self.add_folder(folder, place);
                }
                let absolute = self.shell.path(folder);
                self.exported_folders.push(absolute);
            }
        }
        for (_, name, value) in of_command(&known.exported, index, |(at, ..)| *at) {
            let value = self.shell.expand(value).0;
            self.exported.push((name.clone(), value));
        }
        if self.function(script, command, index) {
            return;
        }
        if !self.files.held.is_empty() && command.name.as_ref().is_some_and(|n| n.lossy() == "rm") {
            for word in &command.args {
                let path = self.shell.path(&script.program.show(word).0);
                self.files.remove(&path);
            }
        }
        self.folders(script, command);
        if command.name.as_ref().and_then(plain).is_some_and(|n| matches!(&*n, "npm" | "yarn" | "pnpm" | "bun")) {
            self.package(script, command, index);
        }
        let first = script.acts.partition_point(|a| a.command < index);
        let acts = script.acts.get(first..).unwrap_or_default().iter().take_while(|a| a.command == index);
        let count = acts.count();
        let mut seen: Vec<&str> = Vec::new();
        for at in first..first + count {
            let Some(act) = script.acts.get(at) else { break };
            if let ActKind::ChangeDir { path } = &act.kind {
                self.change_folder(script, index, path.as_deref());
                continue;
            }
            let piped: Vec<usize> =
                of_command(&known.piped, at, |(fetch, _)| *fetch).iter().map(|(_, usage)| *usage).collect();
            self.act(script, at, &piped);
            if let Some((path, _)) = act.called()
                && !seen.contains(&path)
            {
                seen.push(path);
                self.call(script, at);
            }
        }
        self.world.is_cut |= self.files.is_full;
    }

    /// Variables that a command gives values, for the shell or for itself alone.
    fn assignments(&mut self, script: &'a Script, command: &'a Command, index: usize) {
        if command.assignments.is_empty() {
            return;
        }
        let name = command.name.as_ref().and_then(plain);
        let is_of_shell =
            matches!(name.as_deref(), None | Some("export" | "local" | "declare" | "readonly" | "typeset" | "set"))
                && (name.is_some() || command.name.is_none());
        if !is_of_shell {
            return;
        }
        let may_be_skipped =
            script.program.scopes_of(index).any(|s| {
                matches!(s.kind, ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case | ScopeKind::Loop(_))
            }) || command.list.is_some_and(|l| l.item > 0);
        for assignment in command.assignments.iter().filter(|a| a.name != "PATH") {
            let text = || self.printed_path(script, &assignment.value);
            let text = text().unwrap_or_else(|| script.program.show(&assignment.value).0);
            if assignment.partial {
                self.shell.layout.forget(&assignment.name);
            } else if may_be_skipped {
                self.shell.assign_perhaps(&assignment.name, &text);
            } else {
                self.shell.assign(&assignment.name, &text);
            }
            self.files.forget_variable(&assignment.name);
        }
    }

    /// Folders that a command makes.
    fn folders(&mut self, script: &'a Script, command: &'a Command) {
        if self.own_folders.len() >= MAX_FOLDERS
            || command.name.as_ref().is_none_or(|name| !name.lossy().ends_with("mkdir") && name.lossy() != "sudo")
        {
            return;
        }
        let Some(call) = Invocation::of(&script.program, command).filter(|call| call.name == "mkdir") else { return };
        for arg in call.operands(&["-m", "--mode"]) {
            let path = self.shell.path(&arg.text);
            self.own_folders.insert(path);
        }
    }

    fn change_folder(&mut self, script: &'a Script, index: usize, path: Option<&str>) {
        let before = self.shell.folder.clone();
        // `cd "$(dirname "$0")"`
        let own = self.shell.layout.script_folder.is_some() && path.is_none_or(|p| p.contains('$'));
        let text = script.program.commands.get(index).and_then(|c| script.text.text.get(c.range.clone()));
        let own = text.filter(|_| own).and_then(|text| self.shell.layout.folder_of(text));
        self.shell.go(own.as_deref().or(path));
        let ends = script.program.scopes_of(index).find(|s| {
            matches!(
                s.kind,
                ScopeKind::Subshell
                    | ScopeKind::Substitution(_)
                    | ScopeKind::ProcessSubstitution(_)
                    | ScopeKind::NestedShell(_)
            )
        });
        if let Some(scope) = ends {
            self.restores.push((scope.commands.end, before));
        }
    }

    /// Tells a shell script the folder it lies in.
    pub(super) fn own_folder(&mut self, file: FileId, script: &'a Script) {
        let path = self.world.sources.get(file).map(|f| f.path.parent());
        if let Some(folder) = path.and_then(|parent| self.shell.layout.of_tree(&parent)) {
            self.shell.layout.script_folder = Some(folder.trim_end_matches('/').to_owned());
            learn_folders(script, &mut self.shell.layout);
        }
    }

    /// Now.
    pub(super) fn moment(&self) -> Moment<'a> {
        Moment { terms: Rc::clone(&self.terms), frames: self.frames.clone() }
    }

    /// An act of the script at hand.
    pub(super) fn stop(&self, script: &'a Script, act: usize) -> Stop<'a> {
        let file = self.frames.last().map_or(FileId(0), |f| f.file);
        let range = script.acts.get(act).map_or(0..0, |a| a.range.clone());
        let place = Place::new(file, script.text.host_span(range));
        Stop { place, script: Some(script), act, step: self.step, calls: self.calls.clone() }
    }

    /// Something that no command does.
    pub(super) fn stop_at(&self, place: Place) -> Stop<'a> {
        Stop { place, script: None, act: 0, step: self.step, calls: self.calls.clone() }
    }
}
