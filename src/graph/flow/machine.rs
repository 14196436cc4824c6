//! Runs scripts in the mind: command by command, into functions and into what they call of the tree.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use super::checks::{Frame, Moment, Terms};
use super::files::Files;
use super::shell::{Defined, Shell};
use super::{Download, Stop, UseKind};
use crate::commands::{ActKind, pipe_to_interpreter};
use crate::graph::called::{Callable, Called, learn_folders};
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::workflow::Script;
use crate::graph::paths::Paths;
use crate::parse::shell::{Command, Invocation, Part, RedirectOp, ScopeKind, Word};
use crate::source::{FileId, Place, Sources};

/// Commands gone through in scripts and functions that others call, in one tree. What runs by itself is
/// always gone through.
const MAX_CALLED: usize = 400_000;
/// Calls inside of one another.
const MAX_DEPTH: usize = 8;
/// Downloads told of one tree.
pub(super) const MAX_DOWNLOADS: usize = 20_000;
/// Folders remembered that one routine makes.
const MAX_FOLDERS: usize = 1_000;
/// Arguments handed to a function or script.
const ARGUMENTS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// What all routines share.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) sources: &'a Sources,
    pub(super) paths: Rc<Paths<'a>>,
    pub(super) callable: Callable<'a>,
    pub(super) downloads: Vec<Download<'a>>,
    /// Parts of command files that something runs.
    pub(super) called: BTreeSet<(usize, usize)>,
    /// What is known of a script before it runs, by its address.
    known: BTreeMap<usize, Rc<Known>>,
    left: usize,
    instances: usize,
    /// Calls were left out.
    pub(super) is_cut: bool,
}

impl<'a> World<'a> {
    pub(super) fn new(sources: &'a Sources, paths: Rc<Paths<'a>>, callable: Callable<'a>) -> Self {
        Self {
            sources,
            paths,
            callable,
            downloads: Vec::new(),
            called: BTreeSet::new(),
            known: BTreeMap::new(),
            left: MAX_CALLED,
            instances: 0,
            is_cut: false,
        }
    }

    fn known(&mut self, script: &'a Script) -> Rc<Known> {
        let address = std::ptr::from_ref(script).addr();
        Rc::clone(self.known.entry(address).or_insert_with(|| Rc::new(Known::of(script))))
    }

    /// Takes something out of what may be gone through.
    fn may_go(&mut self, commands: usize) -> bool {
        match self.left.checked_sub(commands.max(1)) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.is_cut = true;
                false
            }
        }
    }
}

/// What a script's text says by itself.
#[derive(Debug, Default)]
struct Known {
    /// Fetches that an interpreter reads as they arrive, with it.
    piped: Vec<(usize, usize)>,
    /// Functions: where they begin, and their index.
    functions: BTreeMap<usize, usize>,
    /// Commands that put folders on the search path, of this shell or of later steps.
    added: Vec<(usize, Vec<String>)>,
    /// Commands that set a variable of later steps.
    exported: Vec<(usize, String, String)>,
}

impl Known {
    fn of(script: &Script) -> Self {
        let program = &script.program;
        let mut out = Self { piped: pipe_to_interpreter(program, &script.acts), ..Self::default() };
        out.piped.sort_unstable();
        for (index, function) in program.functions.iter().enumerate() {
            if !function.commands.is_empty() {
                out.functions.insert(function.commands.start, index);
            }
        }
        for (index, command) in program.commands.iter().enumerate() {
            let mut added = Vec::new();
            for assignment in command.assignments.iter().filter(|a| a.name == "PATH") {
                let value = program.show(&assignment.value).0;
                added.extend(value.split(':').filter(|dir| !dir.contains("PATH")).map(str::to_owned));
            }
            let to = |name: &str| command.redirects.iter().any(|r| is_write(r.op) && r.target.lossy().contains(name));
            // `echo x | tee -a "$GITHUB_PATH"`
            let piped_to = |name: &str| {
                let stages = program.pipelines.get(command.pipeline).map_or(&[][..], |p| p.stages.as_slice());
                stages.get(command.position + 1..).unwrap_or_default().iter().any(|stage| {
                    let tee = program.commands.get(stage.start);
                    tee.is_some_and(|tee| tee.args.iter().any(|a| a.lossy().contains(name)))
                })
            };
            let is_echo = command.name.as_ref().and_then(|n| n.literal()).is_some_and(|n| n == "echo" || n == "printf");
            if is_echo && (to("GITHUB_PATH") || piped_to("GITHUB_PATH")) {
                added.extend(command.args.iter().map(|a| program.show(a).0));
            }
            if is_echo && (to("GITHUB_ENV") || piped_to("GITHUB_ENV")) {
                let texts = command.args.iter().map(|a| program.show(a).0);
                out.exported.extend(
                    texts.filter_map(|t| t.split_once('=').map(|(n, v)| (index, n.to_owned(), v.trim().to_owned()))),
                );
            }
            if !added.is_empty() {
                out.added.push((index, added));
            }
        }
        out
    }
}

/// The entries of one command in a list in the order of commands.
fn of_command<T>(all: &[T], index: usize, command: impl Fn(&T) -> usize) -> &[T] {
    let from = all.partition_point(|one| command(one) < index);
    let rest = all.get(from..).unwrap_or_default();
    rest.get(..rest.partition_point(|one| command(one) == index)).unwrap_or_default()
}

fn is_write(op: RedirectOp) -> bool {
    matches!(op, RedirectOp::Write | RedirectOp::Append)
}

/// The text of a word where it is constant. Most are one piece, of which no copy is made.
fn plain(word: &Word) -> Option<Cow<'_, str>> {
    match word.parts.as_slice() {
        [Part::Literal(text)] => Some(Cow::Borrowed(text)),
        _ => word.literal().map(Cow::Owned),
    }
}

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
    active: Vec<(usize, usize)>,
    /// Functions that run at the moment or have run, by script and first command.
    ran: BTreeSet<(usize, usize)>,
    running: Vec<(usize, usize)>,
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

    fn instance(&mut self) -> usize {
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
    fn whole(&mut self, script: &'a Script, file: FileId) {
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

    fn enter(&mut self, script: &'a Script, file: FileId, body: Option<Range<usize>>, commands: Range<usize>) {
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

    /// Runs a function of that name, if there is one.
    fn function(&mut self, script: &'a Script, command: &'a Command, index: usize) -> bool {
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
    fn package(&mut self, script: &'a Script, command: &'a Command, index: usize) {
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
    fn hand(&mut self, arguments: &[String]) -> Vec<String> {
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
    fn call(&mut self, script: &'a Script, at: usize) {
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

    fn blocks(&mut self, called: &Called, place: Place, is_sourced: bool, given: &[String]) {
        let Some(file) = self.world.callable.file(called.document) else { return };
        for block in Callable::in_order(file, &called.blocks) {
            self.block(called, block, place, is_sourced, given);
        }
    }

    fn block(&mut self, called: &Called, block: usize, place: Place, is_sourced: bool, given: &[String]) {
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
