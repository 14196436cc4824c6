//! What all routines of a tree share, and what a script's text says before it runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Download;
use crate::commands::pipe_to_interpreter;
use crate::graph::called::Callable;
use crate::graph::kinds::workflow::Script;
use crate::graph::paths::Paths;
use crate::parse::shell::{Part, RedirectOp, Word};
use crate::source::Sources;

/// Commands gone through in scripts and functions that others call, in one tree. What runs by itself is
/// always gone through.
const MAX_CALLED: usize = 400_000;

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
    pub(super) instances: usize,
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

    pub(super) fn known(&mut self, script: &'a Script) -> Rc<Known> {
        let address = std::ptr::from_ref(script).addr();
        Rc::clone(self.known.entry(address).or_insert_with(|| Rc::new(Known::of(script))))
    }

    /// Takes something out of what may be gone through.
    pub(super) fn may_go(&mut self, commands: usize) -> bool {
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
pub(super) struct Known {
    /// Fetches that an interpreter reads as they arrive, with it.
    pub(super) piped: Vec<(usize, usize)>,
    /// Functions: where they begin, and their index.
    pub(super) functions: BTreeMap<usize, usize>,
    /// Commands that put folders on the search path, of this shell or of later steps.
    pub(super) added: Vec<(usize, Vec<String>)>,
    /// Commands that set a variable of later steps.
    pub(super) exported: Vec<(usize, String, String)>,
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
pub(super) fn of_command<T>(all: &[T], index: usize, command: impl Fn(&T) -> usize) -> &[T] {
    let from = all.partition_point(|one| command(one) < index);
    let rest = all.get(from..).unwrap_or_default();
    rest.get(..rest.partition_point(|one| command(one) == index)).unwrap_or_default()
}

pub(super) fn is_write(op: RedirectOp) -> bool {
    matches!(op, RedirectOp::Write | RedirectOp::Append)
}

/// The text of a word where it is constant. Most are one piece, of which no copy is made.
pub(super) fn plain(word: &Word) -> Option<Cow<'_, str>> {
    match word.parts.as_slice() {
        [Part::Literal(text)] => Some(Cow::Borrowed(text)),
        _ => word.literal().map(Cow::Owned),
    }
}
