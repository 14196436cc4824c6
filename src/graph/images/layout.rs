//! What of the tree lies where inside an image while it is built, and in which folder a script stands.
//!
//! A job of a workflow is looked at the same way: the tree is copied to its workspace.

use std::collections::BTreeMap;

use crate::commands::{self, ActKind};
use crate::graph::kinds::docker::{Base, Copy, Dockerfile, Instruction, InstructionKind, Stage};
use crate::graph::kinds::workflow::Script;
use crate::graph::paths::{Paths, is_pattern};
use crate::parse::shell::{Program, ScopeKind};
use crate::source::{FileId, Place, RepoPath};

/// Copies, variables and settings kept of one stage. A stage that starts from another takes them over,
/// so many stages of many copies would be kept as often as their product.
const MAX_KEPT: usize = 256;
/// Stages looked at in one file.
pub(in crate::graph) const MAX_STAGES: usize = 512;
/// Changes of folder followed in one script.
const MAX_CHANGES: usize = 64;
/// Begins a variable's name where its value is not known. No path of a tree holds it.
pub(in crate::graph) const UNKNOWN: &str = "\u{1}";
/// Where a job's checkout lies.
const WORKSPACE: &str = "/github/workspace";

/// A variable of pip, uv or their like that is in force.
#[derive(Debug, Clone)]
pub(in crate::graph) struct InForce {
    /// Its name.
    pub(in crate::graph) name: String,
    /// Its value, as far as known.
    pub(in crate::graph) value: String,
    /// Where it is set.
    pub(in crate::graph) place: Place,
}

/// A copied file or folder.
#[derive(Debug, Clone)]
struct Copied {
    to: String,
    from: RepoPath,
    is_folder: bool,
}

/// What a script finds around it.
#[derive(Debug, Clone, Default)]
pub(in crate::graph) struct Layout {
    /// The folder it starts in, absolute.
    pub(in crate::graph) folder: String,
    /// Settings of package managers in force.
    pub(in crate::graph) settings: Vec<InForce>,
    /// Of a script of the tree: the folder it lies in.
    pub(in crate::graph) script_folder: Option<String>,
    variables: BTreeMap<String, String>,
    copied: Vec<Copied>,
}

impl Layout {
    /// That of a job after its checkout.
    pub(in crate::graph) fn of_job() -> Self {
        let variables = BTreeMap::from([("GITHUB_WORKSPACE".to_owned(), WORKSPACE.to_owned())]);
        let copied = vec![Copied { to: WORKSPACE.to_owned(), from: RepoPath::default(), is_folder: true }];
        let folder = WORKSPACE.to_owned();
        Self { folder, settings: Vec::new(), script_folder: None, variables, copied }
    }

    /// An absolute path without `.` and `..`; none where it cannot be told.
    pub(in crate::graph) fn absolute(&self, folder: &str, path: &str) -> Option<String> {
        let path = path.replace("${{ github.workspace }}", WORKSPACE);
        let path = path.replace("${{ github.action_path }}", "${GITHUB_ACTION_PATH}");
        let path = self.put_in(&path)?;
        if path.starts_with('~') {
            return None;
        }
        // A variable that begins a path most likely holds an absolute one.
        let whole = match path.starts_with('/') {
            true => path,
            false if path.starts_with(UNKNOWN) => path,
            false => format!("{folder}/{path}"),
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        Some(format!("/{}", parts.join("/")))
    }

    /// Puts known variables in. One whose value is not known stands for itself: what is copied to
    /// `$HOME/src` is found again at `$HOME/src`. None where a command's output is part of the text.
    fn put_in(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at)?);
            let after = rest.get(at + 1..)?;
            let (name, tail) = if let Some(inner) = after.strip_prefix('{') {
                inner.split_once('}')?
            } else {
                let end = after.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(after.len());
                after.split_at(end)
            };
            if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                return None;
            }
            match self.variables.get(name) {
                Some(value) => out.push_str(value),
                None => out.extend([UNKNOWN, name]),
            }
            if out.len() > 4096 {
                return None;
            }
            rest = tail;
        }
        out.push_str(rest);
        Some(out)
    }

    /// The file or folder of the tree that lies at an absolute path.
    pub(in crate::graph) fn resolve(&self, paths: &Paths<'_>, absolute: &str) -> Option<RepoPath> {
        self.copied.iter().rev().find_map(|copied| {
            if copied.to == absolute {
                return Some(copied.from.clone());
            }
            if !copied.is_folder {
                return None;
            }
            let rest = match copied.to.as_str() {
                "/" => absolute.strip_prefix('/')?,
                to => absolute.strip_prefix(to)?.strip_prefix('/')?,
            };
            copied.from.join(rest).filter(|path| paths.has(path))
        })
    }

    /// Says where a file or folder of the tree lies: none where it was not brought in.
    pub(in crate::graph) fn of_tree(&self, path: &RepoPath) -> Option<String> {
        self.copied.iter().rev().find_map(|copied| {
            let rest = match copied.from.as_str() {
                "" => path.as_str(),
                from if path == &copied.from => path.as_str().strip_prefix(from)?,
                from => path.as_str().strip_prefix(from)?.strip_prefix('/')?,
            };
            Some(format!("{}/{rest}", copied.to.trim_end_matches('/')))
        })
    }

    /// Gives a variable a value that is known otherwise: a script's own folder.
    pub(in crate::graph) fn know(&mut self, name: &str, value: &str) {
        if self.variables.len() < MAX_KEPT {
            self.variables.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The value of a variable, where it is known.
    pub(in crate::graph) fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Makes a variable's value unknown.
    pub(in crate::graph) fn forget(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// The folder that a word of a script stands for where its text asks for the script's own:
    /// `$(dirname "$0")/..`, `$(git rev-parse --show-toplevel)`.
    pub(in crate::graph) fn folder_of(&self, text: &str) -> Option<String> {
        let start = match () {
            () if text.contains("dirname") || text.contains("%/*") => {
                let is_own = text.contains("$0") || text.contains("BASH_SOURCE") || text.contains("{0");
                self.script_folder.clone().filter(|_| is_own)?
            }
            () if text.contains("rev-parse --show-toplevel") => self.of_tree(&RepoPath::default())?,
            () => return None,
        };
        // What follows the call: `/..`, `/../server`.
        let tail: String = text.split(['"', '\'', ')', '}', '&', '`']).filter(|p| p.starts_with('/')).collect();
        let tail = tail.trim();
        if tail.contains(['$', ' ', '*']) {
            return None;
        }
        self.absolute(&start, tail.trim_start_matches('/'))
    }

    /// Files of the tree that lie where pip looks for its settings, the weightiest last. Source: pip's
    /// "Configuration", "Location".
    pub(in crate::graph) fn settings_of_pip(&self, paths: &Paths<'_>) -> Vec<RepoPath> {
        let home = self.put_in("$HOME").unwrap_or_default();
        let environment = self.put_in("$VIRTUAL_ENV").unwrap_or_default();
        let mut out: Vec<RepoPath> = Vec::new();
        let places = [
            "/etc/xdg/pip/pip.conf".to_owned(),
            "/etc/pip.conf".to_owned(),
            "/root/.pip/pip.conf".to_owned(),
            "/root/.config/pip/pip.conf".to_owned(),
            format!("{home}/.pip/pip.conf"),
            format!("{home}/.config/pip/pip.conf"),
            format!("{environment}/pip.conf"),
        ];
        out.extend(places.iter().filter_map(|path| self.resolve(paths, path)));
        // Another user's home.
        let of_user = |to: &str| to.ends_with("/.pip/pip.conf") || to.ends_with("/.config/pip/pip.conf");
        out.extend(self.copied.iter().filter(|c| !c.is_folder && of_user(&c.to)).map(|c| c.from.clone()));
        let mut seen = std::collections::BTreeSet::new();
        out.retain(|path| seen.insert(path.clone()));
        out
    }

    fn set(&mut self, name: &str, value: &str, place: Place) {
        if self.variables.len() < MAX_KEPT
            && let Some(value) = self.put_in(value)
        {
            self.variables.insert(name.to_owned(), value);
        }
        if commands::is_setting(name) {
            self.force(InForce { name: name.to_owned(), value: value.to_owned(), place });
        }
    }

    /// Puts a setting in force, in place of an earlier one of that name.
    pub(in crate::graph) fn force(&mut self, setting: InForce) {
        self.settings.retain(|known| known.name != setting.name);
        if self.settings.len() < MAX_KEPT {
            self.settings.push(setting);
        }
    }

    fn keep(&mut self, copied: Copied) {
        if self.copied.len() < MAX_KEPT {
            self.copied.push(copied);
        }
    }

    /// Takes over what a `COPY` brings. Gives the files and folders of the tree it names.
    fn copy(&mut self, copy: &Copy, context: &RepoPath, earlier: &[Self], paths: &Paths<'_>) -> Vec<RepoPath> {
        let from = match &copy.from {
            None => None,
            Some((_, Base::Stage(stage))) => match earlier.get(*stage) {
                Some(layout) => Some(layout),
                None => return Vec::new(),
            },
            // Another image, or a context of another name.
            Some(_) => return Vec::new(),
        };
        let Some(destination) = &copy.destination else { return Vec::new() };
        let Some(to) = self.absolute(&self.folder, &destination.value) else { return Vec::new() };
        let mut found: Vec<RepoPath> = Vec::new();
        for source in copy.sources.iter().filter(|s| !s.value.contains("://")) {
            let Some(text) = self.put_in(&source.value) else { continue };
            if found.len() > MAX_KEPT {
                break;
            }
            match from {
                Some(layout) => {
                    found.extend(layout.absolute("/", &text).and_then(|path| layout.resolve(paths, &path)));
                }
                None if is_pattern(&text) => found.extend(paths.matching(context, text.trim_start_matches('/'))),
                None => found.extend(context.join(text.trim_start_matches('/')).filter(|path| paths.has(path))),
            }
        }
        let end = destination.value.as_str();
        let into = end.ends_with('/')
            || end.ends_with("/.")
            || matches!(end, "." | "..")
            || copy.sources.len() + copy.here_documents > 1
            || found.len() > 1
            || to == self.folder
            || self.copied.iter().any(|c| c.is_folder && c.to == to);
        for path in &found {
            let is_folder = !paths.is_file(path);
            let to =
                if is_folder || !into { to.clone() } else { format!("{}/{}", to.trim_end_matches('/'), path.name()) };
            self.keep(Copied { to, from: path.clone(), is_folder });
        }
        found
    }

    /// `--mount=type=bind,source=uv.lock,target=uv.lock`.
    fn mount(&mut self, text: &str, context: &RepoPath, earlier: &[Self], stages: &[Stage], paths: &Paths<'_>) {
        let text = text.strip_prefix("--mount=").unwrap_or(text);
        let value = |names: &[&str]| {
            text.split(',').filter_map(|part| part.split_once('=')).find(|(key, _)| names.contains(key)).map(|(_, v)| v)
        };
        // Without a type it is a bind.
        if value(&["type"]).is_some_and(|kind| kind != "bind") {
            return;
        }
        let Some(to) = value(&["target", "dst", "destination"]).and_then(|to| self.absolute(&self.folder, to)) else {
            return;
        };
        let source = value(&["source", "src"]).unwrap_or("");
        let from = match value(&["from"]) {
            None => context.join(source.trim_start_matches('/')).filter(|path| paths.has(path)),
            Some(name) => stages
                .iter()
                .position(|s| s.name.as_ref().is_some_and(|n| n.value.eq_ignore_ascii_case(name)))
                .and_then(|stage| earlier.get(stage))
                .and_then(|layout| layout.resolve(paths, &layout.absolute("/", source)?)),
        };
        if let Some(from) = from {
            let is_folder = !paths.is_file(&from);
            self.keep(Copied { to, from, is_folder });
        }
    }
}

/// What [`walk`] comes by.
#[derive(Debug)]
pub(in crate::graph) struct Seen<'a, 'd> {
    /// The stage.
    pub(in crate::graph) stage: &'d Stage,
    /// Index of the instruction in its stage.
    pub(in crate::graph) instruction: usize,
    /// The instruction.
    pub(in crate::graph) what: &'d Instruction,
    /// What it finds.
    pub(in crate::graph) layout: &'a Layout,
    /// Of a `COPY`: the files and folders of the tree it brings.
    pub(in crate::graph) brought: Vec<RepoPath>,
}

/// Goes through a Dockerfile as a build from `context` would, without running anything.
pub(in crate::graph) fn walk<'d>(
    dockerfile: &'d Dockerfile,
    context: &RepoPath,
    paths: &Paths<'_>,
    see: &mut dyn FnMut(Seen<'_, 'd>),
) {
    let mut layouts: Vec<Layout> = Vec::new();
    let globals: Vec<(&str, &str, Place)> = dockerfile
        .global_args
        .iter()
        .filter_map(|arg| {
            let default = arg.default.as_ref()?;
            Some((arg.name.value.as_str(), default.value.as_str(), Place::new(dockerfile.file, default.span)))
        })
        .take(MAX_KEPT)
        .collect();
    for stage in dockerfile.stages.iter().take(MAX_STAGES) {
        let mut layout = match &stage.base {
            Base::Stage(from) => layouts.get(*from).cloned().unwrap_or_default(),
            _ => Layout::default(),
        };
        if layout.folder.is_empty() {
            layout.folder = "/".to_owned();
        }
        for (index, what) in stage.instructions.iter().enumerate() {
            let kept = layout.copied.len();
            let mut brought = Vec::new();
            match &what.kind {
                InstructionKind::Copy(copy) => brought = layout.copy(copy, context, &layouts, paths),
                InstructionKind::Env(pairs) => {
                    for (name, value) in pairs {
                        layout.set(&name.value, &value.value, Place::new(dockerfile.file, name.span.to(value.span)));
                    }
                }
                InstructionKind::Arg(args) => {
                    for arg in args {
                        match &arg.default {
                            Some(default) => {
                                let place = Place::new(dockerfile.file, arg.name.span.to(default.span));
                                layout.set(&arg.name.value, &default.value, place);
                            }
                            // `ARG X` takes over the one before the first FROM.
                            None => {
                                for (_, value, place) in globals.iter().filter(|(name, ..)| *name == arg.name.value) {
                                    layout.set(&arg.name.value, value, *place);
                                }
                            }
                        }
                    }
                }
                InstructionKind::Workdir(path) => {
                    if let Some(folder) = layout.absolute(&layout.folder, &path.value) {
                        layout.folder = folder;
                    } else {
                        // Copies relative to it are found again relative to it.
                        layout.folder = format!("/{UNKNOWN}{}", path.value.replace(['$', '/'], ""));
                    }
                }
                InstructionKind::Run { mounts, .. } => {
                    for mount in mounts {
                        layout.mount(&mount.value, context, &layouts, &dockerfile.stages, paths);
                    }
                }
                _ => {}
            }
            see(Seen { stage, instruction: index, what, layout: &layout, brought });
            if let InstructionKind::Run { script, .. } = &what.kind {
                // Mounts end with their RUN; what pip's configuration was told stays.
                layout.copied.truncate(kept);
                for setting in lasting(dockerfile.file, script) {
                    layout.force(setting);
                }
            }
        }
        layouts.push(layout);
    }
}

/// Settings that hold after a script.
pub(in crate::graph) fn lasting(file: FileId, script: &Script) -> Vec<InForce> {
    let settings = commands::settings(&script.program).into_iter().filter(|s| s.lasts);
    settings
        .map(|s| InForce { name: s.name, value: s.value, place: Place::new(file, script.text.host_span(s.range)) })
        .collect()
}

/// The folder a command of a script stands in; none where it cannot be told.
pub(in crate::graph) struct Folders<'a> {
    script: &'a Script,
    layout: &'a Layout,
    start: Option<String>,
    /// The command, the scope that ends what it does, and where it goes.
    changes: Vec<(usize, usize, Option<std::borrow::Cow<'a, str>>)>,
    too_many: bool,
}

impl<'a> Folders<'a> {
    /// `start` is where the script starts, relative to the layout's folder.
    pub(in crate::graph) fn new(script: &'a Script, layout: &'a Layout, start: Option<&str>) -> Self {
        let start = match start {
            Some(path) => layout.absolute(&layout.folder, path),
            None => Some(layout.folder.clone()),
        };
        let mut changes = Vec::new();
        let mut too_many = false;
        for act in &script.acts {
            let ActKind::ChangeDir { path } = &act.kind else { continue };
            too_many = changes.len() >= MAX_CHANGES;
            if too_many {
                break;
            }
            // `cd "$(dirname "$0")"`
            let own = layout.script_folder.as_ref().filter(|_| path.as_ref().is_none_or(|p| p.contains('$')));
            let own = own.and_then(|_| layout.folder_of(script.text.text.get(act.range.clone())?));
            let path = own.map(Into::into).or_else(|| path.as_deref().map(Into::into));
            changes.push((act.command, ends_with(&script.program, act.command), path));
        }
        Self { script, layout, start, changes, too_many }
    }

    /// Where a command stands.
    pub(in crate::graph) fn at(&self, command: usize) -> Option<String> {
        if self.too_many {
            return None;
        }
        let scope = self.script.program.commands.get(command)?.scope;
        let mut folder = self.start.clone();
        for (_, within, path) in self.changes.iter().filter(|(index, ..)| *index < command) {
            if self.script.program.within(scope, *within) {
                folder = match (path, &folder) {
                    (Some(path), Some(folder)) => self.layout.absolute(folder, path),
                    (Some(path), None) if path.starts_with('/') => self.layout.absolute("/", path),
                    _ => None,
                };
            }
        }
        folder
    }
}

/// The innermost scope of a command that keeps its changes of folder to itself.
fn ends_with(program: &Program, command: usize) -> usize {
    let mut at = program.commands.get(command).map_or(0, |c| c.scope);
    while let Some(scope) = program.scopes.get(at) {
        let own = matches!(
            scope.kind,
            ScopeKind::Subshell
                | ScopeKind::Substitution(_)
                | ScopeKind::ProcessSubstitution(_)
                | ScopeKind::NestedShell(_)
        );
        match scope.parent {
            Some(parent) if !own => at = parent,
            _ => break,
        }
    }
    at
}
