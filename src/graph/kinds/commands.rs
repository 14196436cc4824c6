//! Files that hold commands and are no workflow and no Dockerfile: shell scripts, Makefiles, notebooks,
//! `tox.ini`, `noxfile.py`. Sources: the manuals of GNU make, just, Jupyter's nbformat, IPython, tox, nox.

use super::workflow::{Pair, Script};
use crate::source::{FileId, Spanned};

/// A file that holds commands.
#[derive(Debug, Clone)]
pub struct CommandFile {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub form: CommandForm,
    /// Variables that hold for the whole file, as far as they are package managers' (`PIP_*`, `UV_*`).
    pub env: Vec<Pair>,
    /// Its parts, in order.
    pub blocks: Vec<CommandBlock>,
}

/// What a [`CommandFile`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandForm {
    /// A shell script.
    Shell,
    /// A Makefile.
    Make,
    /// A justfile.
    Just,
    /// A Jupyter notebook: its code cells' shell lines and magics.
    Notebook,
    /// `tox.ini`, `[tox:tox]` of `setup.cfg`, `[tool.tox]`.
    Tox,
    /// `noxfile.py`.
    Nox,
    /// A Taskfile.
    Task,
    /// The scripts of a `package.json`.
    Package,
    /// The commands of services in a Compose file.
    Compose,
}

impl CommandForm {
    /// The form as reports and the graph's JSON spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell script",
            Self::Make => "Makefile",
            Self::Just => "justfile",
            Self::Notebook => "notebook",
            Self::Tox => "tox configuration",
            Self::Nox => "noxfile",
            Self::Task => "Taskfile",
            Self::Package => "package.json",
            Self::Compose => "Compose file",
        }
    }
}

/// One part of a [`CommandFile`]: a target, a recipe, a cell, an environment, a session; all of a shell
/// script.
#[derive(Debug, Clone, Default)]
pub struct CommandBlock {
    /// Its name where it has one: the target, the environment, the session; `cell 3` of a notebook.
    pub name: Spanned<String>,
    /// Other names of the same part: the second and later targets of a rule, a short name of a recipe.
    pub aliases: Vec<String>,
    /// Parts of the same file that run before it: prerequisites of a target, dependencies of a recipe.
    pub needs: Vec<String>,
    /// Its commands as one script. What a part lists to be installed beside its commands (`deps` of tox,
    /// `session.install` of nox) is in it as the command that installs it. None where it installs and
    /// calls nothing.
    pub script: Option<Script>,
    /// Variables set for it.
    pub env: Vec<Pair>,
}
