//! The steps of a job in the order they run, with those of the tree's composite actions in their place.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Document;
use crate::graph::ci::causes::narrower;
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::source::{FileId, Place, RepoPath, Sources, Spanned};

/// Actions followed into actions. GitHub allows ten levels.
const MAX_DEPTH: usize = 10;
/// Steps of actions put into jobs, over the whole tree. Ten thousand jobs that all use one long action cost
/// no more than that.
const MAX_INNER: usize = 100_000;

/// A step where it runs.
#[derive(Debug, Clone)]
pub(crate) struct Placed<'a> {
    /// The step.
    pub(crate) step: &'a Step,
    /// The file it stands in.
    pub(crate) file: FileId,
    /// The job's own step it belongs to, by position.
    pub(crate) top: usize,
    /// Steps that use the actions it stands in, outermost first; empty for the job's own.
    pub(crate) through: Vec<&'a Step>,
}

impl<'a> Placed<'a> {
    /// What its condition and those of the steps around it leave of an event.
    pub(crate) fn passage(&self, event: &str) -> Passage {
        let own = std::iter::once(&self.step).chain(&self.through);
        own.filter_map(|s| s.condition.as_ref())
            .fold(Passage::Open, |sum, condition| narrower(sum, passage(&condition.value, event)))
    }

    /// Where `uses` or `run` stands, else the step.
    pub(crate) fn place(&self) -> Place {
        let uses = self.step.uses.as_ref().map(|u| u.span);
        Place::new(self.file, uses.or(self.step.run.as_ref().map(|r| r.span)).unwrap_or(self.step.span))
    }

    /// `owner/repo` or `owner/repo/path` in lower case, and the reference.
    pub(crate) fn action(&self) -> Option<(String, &'a str)> {
        let Uses::Repository { owner, repo, path, reference } = &self.step.uses.as_ref()?.value else { return None };
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Some((format!("{owner}/{repo}{path}").to_ascii_lowercase(), reference))
    }

    /// What the caller hands to the action the step stands in, by the input's name.
    pub(crate) fn handed(&self, name: &str) -> Option<&'a Spanned<String>> {
        self.through.last()?.input(name)
    }
}

/// The composite actions of a tree, by folder.
#[derive(Debug)]
pub(crate) struct Actions<'a> {
    by_folder: BTreeMap<RepoPath, (FileId, &'a [Step])>,
    left: usize,
    /// Steps of some action were left out.
    pub(crate) is_cut: bool,
}

impl<'a> Actions<'a> {
    /// Those of the documents.
    pub(crate) fn of(documents: &'a [Document], sources: &Sources) -> Self {
        let mut by_folder = BTreeMap::new();
        for document in documents {
            let Document::Action(action) = document else { continue };
            let Some(file) = sources.get(action.file) else { continue };
            by_folder.insert(file.path.parent(), (action.file, action.steps.as_slice()));
        }
        Self { by_folder, left: MAX_INNER, is_cut: false }
    }

    /// These folders of actions and those of the actions that they use in turn.
    pub(crate) fn reached(&self, folders: impl IntoIterator<Item = RepoPath>) -> BTreeSet<RepoPath> {
        let mut out = BTreeSet::new();
        let mut queue: Vec<RepoPath> = folders.into_iter().collect();
        while let Some(folder) = queue.pop() {
            let steps = self.by_folder.get(&folder).map_or(&[][..], |(_, steps)| steps);
            if out.insert(folder) {
                queue.extend(steps.iter().filter_map(|s| match &s.uses.as_ref()?.value {
                    Uses::Local(path) => RepoPath::new(path),
                    _ => None,
                }));
            }
        }
        out
    }

    /// The steps of a job as they run.
    pub(crate) fn placed(&mut self, file: FileId, steps: &'a [Step]) -> Vec<Placed<'a>> {
        let mut out = Vec::with_capacity(steps.len());
        for (top, step) in steps.iter().enumerate() {
            self.place(Placed { step, file, top, through: Vec::new() }, &mut out);
        }
        out
    }

    fn place(&mut self, placed: Placed<'a>, out: &mut Vec<Placed<'a>>) {
        let inner = placed.step.uses.as_ref().and_then(|uses| match &uses.value {
            Uses::Local(path) => self.by_folder.get(&RepoPath::new(path)?).copied(),
            _ => None,
        });
        let (top, mut through) = (placed.top, placed.through.clone());
        through.push(placed.step);
        out.push(placed);
        let Some((file, steps)) = inner else { return };
        if through.len() > MAX_DEPTH {
            return;
        }
        for step in steps {
            if self.left == 0 {
                self.is_cut = true;
                return;
            }
            self.left -= 1;
            self.place(Placed { step, file, top, through: through.clone() }, out);
        }
    }
}
