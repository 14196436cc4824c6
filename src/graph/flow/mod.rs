//! What becomes of files while scripts run: fetched, verified, executed, put into an image, published.
//!
//! A [`Routine`] is a list of scripts that run one after another over one file system: the steps of a job, the
//! instructions of an image's stage, a script or target that people run. Each is followed as if it ran: folders,
//! constants, functions and what it calls of the tree included. Nothing here says that something is bad.

use crate::commands::{Act, UrlText};
use crate::graph::kinds::workflow::Script;
use crate::source::{FileId, Place};

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
    /// The file its text stands in.
    pub file: FileId,
    /// Its script.
    pub script: &'a Script,
    /// Index into [`Script::acts`].
    pub act: usize,
    /// Position of the step or instruction of the routine that it is part of.
    pub step: usize,
    /// The calls that lead from there to the script, outermost first, in words: `scripts/x.sh`,
    /// `deps of Makefile`. Empty for the routine's own scripts.
    pub calls: Vec<(String, Place)>,
}

impl<'a> Stop<'a> {
    /// The act.
    #[must_use]
    pub fn act(&self) -> Option<&'a Act> {
        self.script.acts.get(self.act)
    }

    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(Place::new(self.file, self.script.text.host_span(self.act()?.range.clone())))
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
