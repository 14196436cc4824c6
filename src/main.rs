//! The binary: reads the clock and the environment once, hands over, turns the answer into an exit
//! code.
#![allow(clippy::disallowed_methods, reason = "the one place that reads the clock and the environment")]

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cargo_custody::cli::{self, Surroundings};
use cargo_custody::outside::metadata::Environment;
use cargo_custody::parse::metadata;

/// Our own error.
const INTERNAL: u8 = 101;

fn main() -> ExitCode {
    let started = Instant::now();
    // One line instead of a backtrace: rules and readers that fail are named in the report, too.
    std::panic::set_hook(Box::new(|info| {
        // A library's panic over its input is told as a fault of that input.
        if metadata::is_fenced() {
            return;
        }
        let text = cargo_custody::report::escape::terminal(&info.to_string());
        let _ = writeln!(std::io::stderr(), "internal error, please report it: {text}");
    }));
    let around = surroundings(started);
    let code = std::panic::catch_unwind(|| cli::run(std::env::args_os().collect(), &around)).unwrap_or(INTERNAL);
    ExitCode::from(code)
}

fn surroundings(started: Instant) -> Surroundings {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let stdout = std::io::stdout();
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let size = || console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    let stdout_is_terminal = stdout.is_terminal();
    Surroundings {
        started,
        now: now(),
        directory: std::env::current_dir().unwrap_or_default(),
        stderr_is_terminal: std::io::stderr().is_terminal(),
        no_colour: set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb"),
        force_colour: set("FORCE_COLOR") || set("CLICOLOR_FORCE"),
        columns: if stdout_is_terminal { size().or(columns) } else { None },
        stdout_is_terminal,
        in_ci: set("CI"),
        cargo: Environment::of(|name| std::env::var_os(name), std::env::temp_dir()),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    }
}

/// Seconds since 1970. `SOURCE_DATE_EPOCH` makes reports of one tree the same bytes on any day.
fn now() -> Result<i64, String> {
    if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        return text.trim().parse().map_err(|_| text);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Ok(i64::try_from(since).unwrap_or(i64::MAX))
}
