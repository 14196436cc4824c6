//! What commands do, as facts: fetches a URL to a file, executes a file, installs a package.
//!
//! Knows [`Program`] and nothing else: no workflow, no rule. Nothing here says that something is
//! bad. What becomes of files from script to script is followed in `graph::flow`.

mod act;
mod cargo;
mod containers;
mod context;
mod facts;
mod fetch;
mod files;
mod fixity;
mod git;
mod hubs;
mod images;
mod interpret;
mod load;
mod loads;
mod managers;
mod off;
mod other_managers;
mod packages;
mod piped;
mod program_text;
mod publish;
mod settings;
mod site;
mod sources;
#[cfg(test)]
mod tests;
mod verify;
mod windows;
mod written;

pub use act::{
    Act, ActKind, Brought, Check, Input, KeySource, Load, Loaded, Operand, Opt, Output, Signer, Transfer, UrlText,
    Verifier,
};
pub use context::{errexit_at, guarded_by, is_fatal, pipefail_at, prevents};
pub use facts::facts;
pub use fixity::{Fixity, fixity};
pub use git::{NEWEST_OF_SUBMODULES, VALUED as VALUED_OF_GIT};
pub use off::variable as variable_off;
pub use piped::{Kept, kept, passes_on, pipe_to_interpreter, read_by, readers};
pub use settings::{
    ADDED_FIRST, ADDED_LAST, CONDA_CHANNEL_PRIORITY, CONDA_CHANNELS, REMOVED, Setting, is_setting, settings,
};

/// A program read by [`crate::parse::shell`], by the name used in this module.
pub use crate::parse::shell::Program;
