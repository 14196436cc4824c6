//! What becomes of files while scripts run: fetched, verified, executed, put into an image, published.
//!
//! A [`Routine`] is a list of scripts that run one after another over one file system: the steps of a job, the
//! instructions of an image's stage, a script or target that people run. Each is followed as if it ran: folders,
//! constants, functions and what it calls of the tree included. Nothing here says that something is bad.

mod acts;
mod calling;
mod checks;
mod compared;
mod files;
mod machine;
mod places;
mod routines;
mod shell;
mod stages;
mod strength;
mod values;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::commands::{Act, UrlText};
use crate::graph::Document;
use crate::graph::called::Callable;
use crate::graph::ci::trust::Actions;
use crate::graph::images::ImageView;
use crate::graph::kinds::local_scripts;
use crate::graph::kinds::workflow::Script;
use crate::graph::paths::Paths;
use crate::source::{FileId, Place, RepoPath, Sources};

/// What becomes of files while the scripts of a tree run.
#[derive(Debug, Default)]
pub struct FlowView<'a> {
    /// What runs over one file system.
    pub routines: Vec<Routine>,
    /// All that is fetched, in the order of the routines.
    pub downloads: Vec<Download<'a>>,
    /// What was not followed to its end because a bound was reached, in sentences.
    pub cut: Vec<String>,
    by_home: BTreeMap<Home, usize>,
}

/// Scripts that run one after another over one file system.
#[derive(Debug, Clone, Copy)]
pub struct Routine {
    /// Who runs them.
    pub home: Home,
    /// The file that says so.
    pub file: FileId,
}

impl<'a> FlowView<'a> {
    /// Follows every routine of a tree.
    #[must_use]
    pub fn build(
        documents: &'a [Document],
        sources: &'a Sources,
        files: &'a BTreeSet<RepoPath>,
        images: &ImageView,
    ) -> Self {
        let paths = Rc::new(Paths::new(files));
        let mut world = world::World::new(sources, paths, Callable::of(documents, sources));
        let mut actions = Actions::of(documents, sources);
        let mut routines = Vec::new();
        let mut used: BTreeSet<RepoPath> = BTreeSet::new();
        for (document, what) in documents.iter().enumerate() {
            if let Document::Workflow(workflow) = what {
                used.extend(workflow.jobs.iter().flat_map(|job| routines::local_actions(&job.steps)));
                routines::workflow(&mut world, &mut actions, document, workflow, &mut routines);
            }
        }
        let reached = actions.reached(used);
        for (document, what) in documents.iter().enumerate() {
            match what {
                Document::Action(action) => {
                    let folder = sources.get(action.file).map(|f| f.path.parent()).unwrap_or_default();
                    if !reached.contains(&folder) && !action.steps.is_empty() {
                        let (file, steps) = (action.file, &action.steps);
                        routines::action(&mut world, &mut actions, document, file, steps, &mut routines);
                    }
                }
                Document::Dockerfile(dockerfile) => {
                    let image = images.of_document(document);
                    stages::run(&mut world, document, dockerfile, image, &mut routines);
                }
                Document::Hooks(_) | Document::Agent(_) => {
                    for (index, script) in local_scripts(what).into_iter().enumerate() {
                        let home = Home::Local { document, index };
                        routines::local(&mut world, home, what.file(), script, &mut routines);
                    }
                }
                _ => {}
            }
        }
        routines::by_hand(&mut world, documents, &mut routines);
        let mut cut = Vec::new();
        if world.is_cut {
            cut.push(
                "scripts: more calls and downloads than are followed; what becomes of the rest is unknown".to_owned(),
            );
        }
        if actions.is_cut {
            cut.push("actions of this tree: more steps than are followed; what the rest fetch is unknown".to_owned());
        }
        let by_home = routines.iter().enumerate().map(|(index, routine)| (routine.home, index)).collect();
        Self { routines, downloads: world.downloads, cut, by_home }
    }

    /// The routine of a home: none for a part that another runs, and for an action that a job uses.
    #[must_use]
    pub fn by_home(&self, home: Home) -> Option<usize> {
        self.by_home.get(&home).copied()
    }

    /// Downloads of a routine, with their positions.
    pub fn downloads_of(&self, routine: usize) -> impl Iterator<Item = &Download<'a>> {
        let from = self.downloads.partition_point(|d| d.routine < routine);
        self.downloads.get(from..).unwrap_or_default().iter().take_while(move |d| d.routine == routine)
    }
}

/// Who runs a list of scripts, by index into the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// A job of a workflow or pipeline.
    Job {
        /// Index of the document.
        document: usize,
        /// Index of the job.
        job: usize,
    },
    /// A composite action; what its users bring with them is not known here.
    Action {
        /// Index of the document.
        document: usize,
    },
    /// A stage of a Dockerfile.
    Stage {
        /// Index of the document.
        document: usize,
        /// Index of the stage.
        stage: usize,
    },
    /// A part of a shell script, Makefile, justfile, notebook, tox or nox file that nothing of the tree runs.
    Block {
        /// Index of the document.
        document: usize,
        /// Index of the part.
        block: usize,
    },
    /// A command that a hook, an agent or an editor runs, by its position in its document.
    Local {
        /// Index of the document.
        document: usize,
        /// Position among the document's commands.
        index: usize,
    },
}

/// One act at its place: the same act of a script that two jobs call stands at two.
#[derive(Debug, Clone)]
pub struct Stop<'a> {
    /// The bytes that say so. What no command does (`COPY`, a step that uses an action) has them alone.
    pub place: Place,
    /// Its script; none where no command does it.
    pub script: Option<&'a Script>,
    /// Index into [`Script::acts`].
    pub act: usize,
    /// Position of the step or instruction of the routine that it is part of.
    pub step: usize,
    /// The calls that lead from there to the script, outermost first, in words: `action ./tools`,
    /// `scripts/x.sh`, `deps of Makefile`. Empty for the routine's own scripts.
    pub calls: Vec<(String, Place)>,
}

impl<'a> Stop<'a> {
    /// The act; none where no command does it.
    #[must_use]
    pub fn act(&self) -> Option<&'a Act> {
        self.script?.acts.get(self.act)
    }

    /// The file its text stands in.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.place.file
    }
}

/// Something fetched, and what becomes of it within its routine and those that take its files over.
#[derive(Debug)]
pub struct Download<'a> {
    /// Index of its routine.
    pub routine: usize,
    /// The command.
    pub at: Stop<'a>,
    /// From where, with every constant put in that the routine knows.
    pub url: UrlText,
    /// Certificates are not checked.
    pub is_tls_off: bool,
    /// What is done with it, in the order in which it happens.
    pub uses: Vec<Use<'a>>,
}

/// What is done with something fetched.
#[derive(Debug)]
pub struct Use<'a> {
    /// What.
    pub kind: UseKind,
    /// Index of the routine that does so: another one for what is copied to a stage or handed on as an artifact.
    pub routine: usize,
    /// Where.
    pub at: Stop<'a>,
    /// The strongest check of it that stands before the use.
    pub check: Checked<'a>,
}

/// Kinds of [`Use`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseKind {
    /// Run as a program.
    Executed,
    /// Read by an interpreter, also as it arrives.
    Interpreted,
    /// Installed by a package manager.
    Installed,
    /// Built: what it was unpacked to is the folder of `make`, `pip install .` or the like.
    Built,
    /// Put where programs are looked for.
    OnPath,
    /// Unpacked or copied into folders of the system that programs, libraries and headers are taken from.
    Placed,
    /// Made executable, and not run where it can be seen.
    MadeExecutable,
    /// Loaded into a container engine, a cluster or a program: `docker load`, `kubectl apply`.
    Loaded,
    /// Part of an image that goes on to others.
    InImage,
    /// Sent to others: a release's asset, an artifact of a package registry.
    Published,
}

/// What stands between a download and its use.
#[derive(Debug, Clone)]
pub enum Checked<'a> {
    /// Nothing.
    No,
    /// A check that proves little, or whose failure changes nothing.
    Flawed {
        /// The check.
        at: Stop<'a>,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A check that every way to the use passes and whose failure stops it.
    Yes {
        /// The check.
        at: Stop<'a>,
        /// What it proves.
        strength: Strength,
    },
}

/// Why a check proves little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// The script goes on when it fails.
    Ignored,
    /// Some ways to the use do not pass it.
    Bypassed,
    /// What is compared with came from the same place in the same run.
    SameOrigin,
    /// MD5 or SHA-1.
    Broken,
    /// A signature of anybody: no key or identity is named, or it came from the same place in the same run.
    AnySigner,
}

/// What a check proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A digest that comes from elsewhere than the file: another host, an input, a variable set by people.
    OtherOrigin,
    /// A signature or attestation with a pinned key or identity.
    Signature,
    /// A digest kept in a file of the tree.
    TrackedDigest,
    /// A digest written in the script.
    LiteralDigest,
}
