//! The command line: flags in, an exit code out. One file per subcommand.
//!
//! Exit codes, the same for every report: 0 passed, 1 the gate failed, 2 usage or configuration,
//! 3 incomplete, 101 our own error.

mod affected;
mod again;
mod args;
mod audit;
mod baseline;
mod ci;
mod completions;
mod config;
mod db;
mod evidence;
mod explain;
mod fix;
mod gate;
mod graph;
mod index;
mod init;
mod journal;
mod lock;
mod network;
mod online;
mod output;
mod report;
mod rules;
mod sbom;
mod scan;
mod signature;
mod staged;
mod store;
mod verify;
mod vex;
mod waive;
mod waivers;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue};

use args::{BaselineCommand, Cli, Command};

use crate::advisory::Date;
use crate::decide::knowledge;
use crate::outside::live::Proxies;
use crate::outside::metadata::Environment;

/// Exit code of a mistake in how we were called.
pub const USAGE: u8 = 2;

/// What the process knows of its surroundings; read once, in `main`.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// When the process started.
    pub started: Instant,
    /// Seconds since 1970, from `SOURCE_DATE_EPOCH` where that is set; its text where it is no number.
    pub now: Result<i64, String>,
    /// Whether `SOURCE_DATE_EPOCH` said so.
    pub is_now_given: bool,
    /// The working directory.
    pub directory: PathBuf,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is one.
    pub stderr_is_terminal: bool,
    /// `NO_COLOR`, `TERM=dumb` and the like forbid colour.
    pub no_colour: bool,
    /// `CLICOLOR_FORCE` or `FORCE_COLOR` demand it.
    pub force_colour: bool,
    /// `GIT_INDEX_FILE`, which git sets for its hooks.
    pub git_index: Option<OsString>,
    /// Whether the terminal shows links that can be clicked.
    pub links: bool,
    /// Columns of the terminal, where there is one.
    pub columns: Option<usize>,
    /// Whether a CI system runs us; progress is kept quiet there.
    pub in_ci: bool,
    /// Those variables of CI systems that are looked at, see [`crate::ci::VARIABLES`].
    pub variables: BTreeMap<String, String>,
    /// Hardware threads.
    pub threads: usize,
    /// What decides which cargo is started, should we be asked to.
    pub cargo: Environment,
    /// The folder of the local index; `None` where the system names none.
    pub home: Option<PathBuf>,
    /// Whether `CARGO_CUSTODY_HOME` names it.
    pub home_is_named: bool,
    /// Proxies.
    pub proxies: Proxies,
    /// `SSL_CERT_FILE`.
    pub certificates: Option<PathBuf>,
    /// The netrc file.
    pub netrc: Option<PathBuf>,
    /// `HF_TOKEN`, which is sent where somebody asks for it.
    pub hub_token: Option<Token>,
    /// Where git keeps the settings of whoever started us, the weightiest first.
    pub git_settings: Vec<PathBuf>,
    /// Where tools of model hubs keep what they fetched, whether it is there or not.
    pub caches: Vec<PathBuf>,
}

/// A token, which nothing shows.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Keeps a token, unless it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// The token, to be sent.
    fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(set)")
    }
}

/// Runs the program; never panics on bad input.
#[must_use]
pub fn run(arguments: Vec<OsString>, around: &Surroundings) -> u8 {
    let (arguments, as_cargo) = without_subcommand(arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if let Some(folder) = folder_for_subcommand(&error, &around.directory) {
                let _ = writeln!(std::io::stderr(), "\n  tip: to audit a folder: cargo custody audit {folder}");
            }
            return if error.use_stderr() { USAGE } else { 0 };
        }
    };
    let result = match &around.now {
        Ok(_) => dispatch(cli, around, as_cargo),
        Err(text) => {
            Err(anyhow::anyhow!("SOURCE_DATE_EPOCH is `{text}`, which is no number of seconds from 1970 to 9999"))
        }
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // A closed pipe is the reader's choice, not a mistake.
            if is_closed_pipe(&error) {
                return 0;
            }
            // Names and texts of strangers stand in errors, too.
            let text = crate::report::escape::terminal(&format!("{error:#}"));
            let _ = writeln!(std::io::stderr(), "error: {text}");
            USAGE
        }
    }
}

/// The folder that somebody gave where a subcommand stands, which others take without one.
fn folder_for_subcommand(error: &clap::Error, directory: &Path) -> Option<String> {
    let ContextValue::String(word) = error.get(ContextKind::InvalidSubcommand)? else { return None };
    let is_path = directory.join(word).is_dir();
    is_path.then(|| crate::report::escape::terminal(word))
}

impl Surroundings {
    /// Seconds since 1970; checked before any subcommand runs.
    fn seconds(&self) -> i64 {
        self.now.as_ref().copied().unwrap_or(0)
    }

    /// The day of that.
    fn today(&self) -> Option<Date> {
        Date::parse(&knowledge::day(self.seconds()))
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<std::io::Error>()).any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// `cargo custody x` starts `cargo-custody custody x`.
fn without_subcommand(mut arguments: Vec<OsString>) -> (Vec<OsString>, bool) {
    let as_cargo = arguments.get(1).is_some_and(|word| word == "custody");
    if as_cargo {
        arguments.remove(1);
    }
    (arguments, as_cargo)
}

fn dispatch(cli: Cli, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    match cli.command {
        None => audit::run(None, &cli.audit, around, as_cargo),
        Some(Command::Audit { path, options }) => audit::run(path, &options, around, as_cargo),
        Some(Command::Ci { path, options }) => ci::run(path, &options, around, as_cargo),
        Some(Command::Fix { path, options }) => fix::run(path, &options, around),
        Some(Command::Waive { options }) => waive::run(&options, around),
        Some(Command::Waivers { options }) => waivers::run(&options, around),
        Some(Command::Baseline { command: BaselineCommand::Write { file, tree } }) => {
            baseline::write(file, &tree, around)
        }
        Some(Command::Explain { options }) => explain::run(&options, around, as_cargo),
        Some(Command::Scan { options }) => scan::run(&options, around, as_cargo),
        Some(Command::Lock { command: None, options }) => lock::run(&options, around),
        Some(Command::Lock { command: Some(command), .. }) => lock::sub(&command, around),
        Some(Command::Verify { options }) => verify::run(&options, around, as_cargo),
        Some(Command::VerifySignature { options }) => signature::run(&options, around),
        Some(Command::Sbom { command: None, options }) => sbom::run(&options, around),
        Some(Command::Sbom { command: Some(command), .. }) => sbom::sub(&command, around),
        Some(Command::Affected { options }) => affected::run(&options, around),
        Some(Command::Rules { format }) => rules::run(format),
        Some(Command::Graph { path, format, evidence }) => graph::run(path, format, evidence, around),
        Some(Command::Report { file, show, format }) => report::run(&file, format, &show, around, as_cargo),
        Some(Command::Config { command }) => config::run(command, around),
        Some(Command::Init { path, options }) => init::run(path, &options, around),
        Some(Command::Db { command }) => db::run(command, around),
        Some(Command::Man) => completions::man(),
        Some(Command::Completions { shell }) => completions::run(shell),
    }
}

/// A path as it was given, for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
