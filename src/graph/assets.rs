//! Models, data sets, tokenizers, adapters and kernels that the tree loads by name: one list of what code,
//! configuration and commands say.

use super::Document;
use super::kinds::lock::CustodyLock;
use super::kinds::references::Loaded;
use super::kinds::workflow::Script;
use super::locked;
use super::locked::Hold;
use super::locked::TreeLock;
use crate::lock::Entry;
use crate::lock::Key;
use crate::references;
use crate::references::Pin;
use crate::references::Unresolved;
use crate::references::acts;
use crate::source::{FileId, Place, Sources};

/// Everything that is loaded by name.
#[derive(Debug, Default)]
pub struct AssetView {
    /// What is loaded, in the order of documents and places.
    pub loads: Vec<Load>,
    /// Calls whose names cannot be known.
    pub unresolved: Vec<(Unresolved, Place)>,
    /// Locks that hold some of it.
    pub locks: Vec<TreeLock>,
}

/// Something that is loaded, and by what part of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// What and how.
    pub loaded: Loaded,
    /// What loads it.
    pub owner: Owner,
    /// How it stands to the lock that speaks of it.
    pub hold: Hold,
}

/// A part of the tree that loads something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A file of code or configuration.
    Code(FileId),
    /// A step of a job, by the position of the document, the job's and the step's.
    Step(usize, usize, usize),
    /// A step of an action, by the position of the document and the step's.
    ActionStep(usize, usize),
    /// A stage of a Dockerfile, by the position of the document and the stage's.
    Stage(usize, usize),
    /// A file of commands.
    Script(FileId),
}

impl Load {
    fn new(loaded: Loaded, owner: Owner) -> Self {
        Self { loaded, owner, hold: Hold::NotAsked }
    }

    /// How firmly the revision holds, other locks of the tree considered.
    #[must_use]
    pub fn pin(&self) -> Pin {
        if self.loaded.held.is_some() { Pin::Commit } else { self.loaded.reference.pin }
    }

    /// The commit or digest that holds it, if one does.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        let written = || self.loaded.reference.revision.as_deref().filter(|_| self.loaded.reference.pin == Pin::Commit);
        self.loaded.held.as_deref().or_else(written)
    }
}

impl AssetView {
    /// Collects what documents say.
    #[must_use]
    pub fn of(documents: &[Document], sources: &Sources) -> Self {
        let mut out = Self::default();
        for (index, document) in documents.iter().enumerate() {
            match document {
                Document::References(file) => {
                    let commands = commands_of(documents, file.file);
                    out.loads.extend(
                        file.loads.iter().map(|loaded| {
                            Load::new(loaded.clone(), owner(commands, file.file, loaded.call.span.start))
                        }),
                    );
                    out.unresolved.extend(file.unresolved.iter().cloned());
                }
                Document::Workflow(workflow) => {
                    for (job, value) in workflow.jobs.iter().enumerate() {
                        for (step, value) in value.steps.iter().enumerate() {
                            let owner = Owner::Step(index, job, step);
                            value.run.iter().for_each(|script| out.script(script, workflow.file, owner, sources));
                        }
                    }
                }
                Document::Action(action) => {
                    for (step, value) in action.steps.iter().enumerate() {
                        let owner = Owner::ActionStep(index, step);
                        value.run.iter().for_each(|script| out.script(script, action.file, owner, sources));
                    }
                }
                // What it sets on one line it uses on another, so it was read as a whole.
                _ if references::reads_commands(sources.path(document.file())) => {}
                _ => {
                    let owner = Owner::Script(document.file());
                    document.scripts().into_iter().for_each(|s| out.script(s, document.file(), owner, sources));
                }
            }
        }
        out.locks = locked::join(documents, sources, &mut out.loads);
        out
    }

    /// The lock and the entry of it that hold a load.
    #[must_use]
    pub fn entry<'d>(&self, documents: &'d [Document], load: &Load) -> Option<(&'d CustodyLock, &'d Key, &'d Entry)> {
        let (at, key) = load.hold.entry()?;
        let lock = self.lock(documents, at)?;
        let (key, entry) = lock.read.lock.entries.get_key_value(key)?;
        Some((lock, key, entry))
    }

    /// The lock at a position of [`AssetView::locks`].
    #[must_use]
    pub fn lock<'d>(&self, documents: &'d [Document], at: usize) -> Option<&'d CustodyLock> {
        match documents.get(self.locks.get(at)?.document) {
            Some(Document::CustodyLock(lock)) => Some(lock),
            _ => None,
        }
    }

    /// The commit at which a lock holds a load, where its entry can be relied on.
    #[must_use]
    pub fn locked_at<'d>(&self, documents: &'d [Document], load: &Load) -> Option<&'d str> {
        let (lock, key, _) = self.entry(documents, load)?;
        lock.sound(key)?.revision.as_deref()
    }

    /// What the commands of a script load.
    fn script(&mut self, script: &Script, file: FileId, owner: Owner, sources: &Sources) {
        if script.acts.is_empty() {
            return;
        }
        let path = sources.path(file).into();
        for unresolved in acts::unresolved_of_script(&path, &script.acts, &script.text) {
            let place = Place::new(file, unresolved.place.span);
            self.unresolved.push((unresolved, place));
        }
        for reference in acts::of_script(&path, &script.acts, &script.text) {
            let place = Place::new(file, reference.place.span);
            let call = reference.call.as_ref().map_or(place, |at| Place::new(file, at.span));
            let edit = reference.edit.as_ref().map(|edit| Place::new(file, edit.at.span));
            self.loads
                .push(Load::new(Loaded { reference, place, call, edit, other_edits: Vec::new(), held: None }, owner));
        }
    }
}

/// The document of commands that a file is, if it is one.
fn commands_of(documents: &[Document], file: FileId) -> Option<(usize, &Document)> {
    let first = documents.partition_point(|other| other.file() < file);
    let same = documents.iter().enumerate().skip(first).take_while(|(_, other)| other.file() == file);
    same.into_iter().find(|(_, other)| matches!(other, Document::Dockerfile(_) | Document::Commands(_)))
}

/// Which part of a file loads what stands at an offset.
fn owner(commands: Option<(usize, &Document)>, file: FileId, at: u64) -> Owner {
    match commands {
        Some((index, Document::Dockerfile(dockerfile))) => {
            let stage = dockerfile.stages.iter().rposition(|stage| stage.span.start <= at);
            stage.map_or(Owner::Script(file), |stage| Owner::Stage(index, stage))
        }
        Some(_) => Owner::Script(file),
        None => Owner::Code(file),
    }
}
