//! The binary: reads the clock and the environment once, hands over, turns the answer into an exit
//! code.
#![allow(clippy::disallowed_methods, reason = "the one place that reads the clock and the environment")]

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cargo_custody::ci;
use cargo_custody::cli::{self, Surroundings, Token};
use cargo_custody::outside::live::Proxies;
use cargo_custody::outside::metadata::Environment;
use cargo_custody::parse::metadata;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        is_now_given: std::env::var_os("SOURCE_DATE_EPOCH").is_some(),
        directory: std::env::current_dir().unwrap_or_default(),
        git_index: std::env::var_os("GIT_INDEX_FILE").filter(|value| !value.is_empty()),
        stderr_is_terminal: std::io::stderr().is_terminal(),
        no_colour: set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb"),
        force_colour: set("FORCE_COLOR") || set("CLICOLOR_FORCE"),
        columns: if stdout_is_terminal { size().or(columns) } else { None },
        links: stdout_is_terminal && !set("NO_COLOR") && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        stdout_is_terminal,
        in_ci: set("CI"),
        variables: variables(),
        cargo: Environment::of(|name| std::env::var_os(name), std::env::temp_dir()),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        home: home(),
        home_is_named: path("CARGO_CUSTODY_HOME").is_some(),
        proxies: proxies(),
        certificates: path("SSL_CERT_FILE"),
        netrc: path("NETRC").or_else(netrc),
        hub_token: std::env::var("HF_TOKEN").ok().and_then(|text| Token::new(&text)),
        caches: caches(),
        git_settings: git_settings(),
    }
}

/// What CI systems say of the run, and nothing else they tell their jobs.
fn variables() -> BTreeMap<String, String> {
    let value = |name: &&str| std::env::var(name).ok().map(|value| ((*name).to_owned(), value));
    ci::VARIABLES.iter().filter_map(value).collect()
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where the local index lies: a folder of our own where the platform keeps data of programs.
fn home() -> Option<PathBuf> {
    if let Some(own) = path("CARGO_CUSTODY_HOME") {
        return Some(own);
    }
    let data = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        path("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // The specification takes no relative path for it.
        let named = path("XDG_DATA_HOME").filter(|path| path.is_absolute());
        named.or_else(|| path("HOME").map(|home| home.join(".local/share")))
    };
    data.map(|data| data.join("cargo-custody"))
}

/// As curl reads them. `HTTP_PROXY` in capitals may be a header of a request where a web server
/// started us, which sets `REQUEST_METHOD`.
fn proxies() -> Proxies {
    let first = |names: &[&str]| {
        names.iter().find_map(|name| std::env::var(name).ok()).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    };
    let http: &[&str] = if std::env::var_os("REQUEST_METHOD").is_some() {
        &["http_proxy", "all_proxy", "ALL_PROXY"]
    } else {
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    Proxies {
        https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
        http: first(http),
        none_for: first(&["no_proxy", "NO_PROXY"]),
    }
}

fn netrc() -> Option<PathBuf> {
    let home = path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
    let names: &[&str] = if cfg!(windows) { &[".netrc", "_netrc"] } else { &[".netrc"] };
    names.iter().map(|name| home.join(name)).find(|path| path.is_file())
}

/// Where `huggingface_hub`, Ollama and torch keep what they fetched, each by its own variables.
fn caches() -> Vec<PathBuf> {
    let home = path(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let cache = path("XDG_CACHE_HOME").or_else(|| home.as_ref().map(|home| home.join(".cache")));
    let below = |folder: &str| cache.as_ref().map(|cache| cache.join(folder));
    let hub = path("HF_HUB_CACHE")
        .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
        .or_else(|| path("HF_HOME").or_else(|| below("huggingface")).map(|home| home.join("hub")));
    let ollama = path("OLLAMA_MODELS").or_else(|| home.as_ref().map(|home| home.join(".ollama/models")));
    let torch = path("TORCH_HOME").or_else(|| below("torch")).map(|torch| torch.join("hub"));
    [hub, ollama, torch].into_iter().flatten().collect()
}

/// Where git looks for the settings of a person.
fn git_settings() -> Vec<PathBuf> {
    let home = path(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let folder = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    if let Some(own) = path("GIT_CONFIG_GLOBAL") {
        return vec![own];
    }
    [home.map(|home| home.join(".gitconfig")), folder.map(|folder| folder.join("git/config"))]
        .into_iter()
        .flatten()
        .collect()
}

/// Seconds since 1970. `SOURCE_DATE_EPOCH` makes reports of one tree the same bytes on any day.
fn now() -> Result<i64, String> {
    if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        // Later years have five digits, which no document can tell.
        let seconds = text.trim().parse().ok().filter(|seconds| (0..=253_402_300_799).contains(seconds));
        return seconds.ok_or(text);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Ok(i64::try_from(since).unwrap_or(i64::MAX))
}
