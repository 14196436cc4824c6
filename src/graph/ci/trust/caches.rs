//! What jobs put into GitHub's cache and take from it. Sources: GitHub Docs, "Dependency caching reference";
//! the `action.yml` of each action in the table.

use super::keys::{Words, written};
use super::steps::Placed;
use super::version::major;
use crate::graph::kinds::workflow::Step;
use crate::source::{Place, Sources};

/// One use of the cache by a step.
#[derive(Debug, Clone)]
pub(crate) struct CacheUse {
    /// The action that does it.
    pub(crate) place: Place,
    /// The action, in lower case.
    pub(crate) by: String,
    /// What a restore takes: keys and beginnings of keys.
    pub(crate) takes: Vec<Words>,
    /// What a save is called.
    pub(crate) key: Words,
    /// It takes from the cache.
    pub(crate) restores: bool,
    /// It puts into the cache.
    pub(crate) saves: bool,
    /// The expression that decides whether it does either.
    pub(crate) asked: Option<String>,
    /// The expression that decides whether it saves.
    pub(crate) saves_if: Option<String>,
    /// It does so without being asked.
    pub(crate) by_default: bool,
}

/// When an action uses the cache.
#[derive(Debug, Clone, Copy)]
enum On {
    /// Always.
    Always,
    /// The input names what to cache.
    Named(&'static str),
    /// The input is true.
    True(&'static str),
    /// Unless the input is false, from a version on.
    UnlessFalse(&'static str, u32),
    /// Unless the input is true.
    UnlessTrue(&'static str),
}

/// An action that uses the cache.
struct Row {
    /// `owner/repo[/path]` in lower case.
    action: &'static str,
    /// When.
    on: On,
    /// Inputs that become part of the key.
    key: &'static [&'static str],
}

const fn row(action: &'static str, on: On, key: &'static [&'static str]) -> Row {
    Row { action, on, key }
}

/// Actions that use the cache, beside `actions/cache` itself and docker's `type=gha`.
const ROWS: &[Row] = &[
    row("actions/setup-node", On::Named("cache"), &["cache"]),
    row("actions/setup-node", On::UnlessFalse("package-manager-cache", 5), &[]),
    row("actions/setup-python", On::Named("cache"), &["cache"]),
    row("actions/setup-java", On::Named("cache"), &["cache"]),
    row("actions/setup-go", On::UnlessFalse("cache", 4), &[]),
    row("actions/setup-dotnet", On::True("cache"), &[]),
    row("astral-sh/setup-uv", On::UnlessFalse("enable-cache", 5), &["cache-suffix"]),
    row("swatinem/rust-cache", On::Always, &["prefix-key", "shared-key", "key"]),
    row("actions-rust-lang/setup-rust-toolchain", On::UnlessFalse("cache", 0), &["cache-shared-key", "cache-key"]),
    row("moonrepo/setup-rust", On::UnlessFalse("cache", 0), &[]),
    row("ruby/setup-ruby", On::True("bundler-cache"), &[]),
    row("pyo3/maturin-action", On::True("sccache"), &[]),
    row("mozilla-actions/sccache-action", On::Always, &[]),
    row("hendrikmuhs/ccache-action", On::Always, &["key"]),
    row("mlugg/setup-zig", On::UnlessFalse("use-cache", 0), &["cache-key"]),
    row("oven-sh/setup-bun", On::UnlessTrue("no-cache"), &[]),
    row("pnpm/action-setup", On::True("cache"), &[]),
    row("prefix-dev/setup-pixi", On::UnlessFalse("cache", 0), &["cache-key", "environments"]),
    row("mamba-org/setup-micromamba", On::True("cache-environment"), &["cache-environment-key"]),
    row("mamba-org/setup-micromamba", On::True("cache-downloads"), &["cache-downloads-key"]),
    row("determinatesystems/magic-nix-cache-action", On::UnlessFalse("use-gha-cache", 0), &[]),
    row("nix-community/cache-nix-action", On::Always, &["primary-key"]),
    row("graalvm/setup-graalvm", On::Named("cache"), &["cache"]),
    row("gradle/actions/setup-gradle", On::UnlessTrue("cache-disabled"), &[]),
    row("gradle/gradle-build-action", On::UnlessTrue("cache-disabled"), &[]),
    row("golangci/golangci-lint-action", On::UnlessTrue("skip-cache"), &[]),
    row("jdx/mise-action", On::UnlessFalse("cache", 0), &["cache_key_prefix"]),
    row("ramsey/composer-install", On::UnlessTrue("ignore-cache"), &[]),
    row("awalsh128/cache-apt-pkgs-action", On::Always, &["packages"]),
    row("coursier/cache-action", On::Always, &[]),
    row("bazel-contrib/setup-bazel", On::Named("disk-cache"), &["disk-cache"]),
    row("bazel-contrib/setup-bazel", On::True("repository-cache"), &[]),
    row("subosito/flutter-action", On::True("cache"), &["cache-key"]),
    row("erlef/setup-beam", On::True("cache"), &[]),
    row("haskell-actions/setup", On::True("cache"), &[]),
    row("leafo/gh-actions-lua", On::UnlessFalse("buildCache", 0), &[]),
];

/// Inputs that keep an action from saving, and the value that does.
const READ_ONLY: &[(&str, &str)] = &[
    ("lookup-only", "true"),
    ("save-if", "false"),
    ("cache-write", "false"),
    ("cache-read-only", "true"),
    ("save-cache", "false"),
    ("save", "false"),
    ("skip-save-cache", "true"),
    ("cache_save", "false"),
];

/// The uses of the cache by a step. `known` resolves names of variables and inputs in keys.
pub(crate) fn uses(
    placed: &Placed<'_>,
    sources: &Sources,
    known: &dyn Fn(&str) -> Option<String>,
    job: &str,
) -> Vec<CacheUse> {
    let Some((action, reference)) = placed.action() else { return Vec::new() };
    match action.as_str() {
        "actions/cache" => return cache_action(placed, known, action, true, true),
        "actions/cache/restore" => return cache_action(placed, known, action, true, false),
        "actions/cache/save" => return cache_action(placed, known, action, false, true),
        "docker/build-push-action" | "docker/bake-action" => return docker(placed, known, action),
        "docker/setup-buildx-action" => return buildx(placed, action),
        _ => {}
    }
    let version = || major(sources, placed.file, placed, reference);
    let mut out = Vec::new();
    for row in ROWS.iter().filter(|row| row.action == action) {
        let Some((on, by_default)) =
            turned_on(placed, row.on, known, || major(sources, placed.file, placed, reference))
        else {
            continue;
        };
        let mut key = Words::of_action(&action);
        let named = |input: &str| placed.step.input(input).map(|value| written(&value.value, known));
        match action.as_str() {
            // A shared key stands instead of the job's name, a key beside it.
            "swatinem/rust-cache" => {
                key.extend(named("prefix-key").unwrap_or_default());
                match named("shared-key") {
                    Some(shared) => key.extend(shared),
                    None => {
                        key.extend(named("key").unwrap_or_default());
                        key.extend(written(job, known));
                    }
                }
            }
            _ => row.key.iter().filter_map(|input| named(input)).for_each(|words| key.extend(words)),
        }
        let mut found = made(placed, action.clone(), key);
        found.asked = on;
        // Since version 10 it leaves the cache alone for releases. A commit without its version may be an older one.
        if by_default && action == "astral-sh/setup-uv" && version().is_some_and(|v| v >= 10) {
            found.asked = Some("!startsWith(github.ref, 'refs/tags/')".to_owned());
        }
        found.by_default = by_default;
        out.push(found);
        // One action uses one cache; a second row is another way to ask for it.
        if !matches!(action.as_str(), "mamba-org/setup-micromamba") {
            break;
        }
    }
    out
}

/// Whether a step asks for the cache: the expression that decides, and whether it does so unasked.
fn turned_on(
    placed: &Placed<'_>,
    on: On,
    known: &dyn Fn(&str) -> Option<String>,
    version: impl Fn() -> Option<u32>,
) -> Option<(Option<String>, bool)> {
    let (input, wanted, unasked) = match on {
        On::Always => return Some((None, true)),
        On::Named(input) | On::True(input) => (input, true, false),
        // What is not known may be the newest.
        On::UnlessFalse(input, since) => {
            let asked = placed.step.input(input).is_some();
            (input, true, !asked && version().is_none_or(|v| v >= since))
        }
        On::UnlessTrue(input) => (input, false, placed.step.input(input).is_none()),
    };
    let Some(value) = placed.step.input(input) else { return unasked.then_some((None, true)) };
    match state(&value.value, known) {
        State::Off => (!wanted).then_some((None, false)),
        State::On => wanted.then_some((None, false)),
        State::Decides(expression) if wanted => Some((Some(expression), false)),
        State::Decides(expression) => Some((Some(format!("!({expression})")), false)),
    }
}

/// What a value of an input says.
enum State {
    Off,
    On,
    Decides(String),
}

fn state(value: &str, known: &dyn Fn(&str) -> Option<String>) -> State {
    let text = value.trim();
    if let Some(inner) = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) {
        return match known(inner.trim()) {
            Some(text) if !text.contains("${{") => state(&text, known),
            _ => State::Decides(inner.trim().to_owned()),
        };
    }
    if ["", "false", "no", "off", "none"].iter().any(|off| text.eq_ignore_ascii_case(off)) {
        State::Off
    } else {
        State::On
    }
}

/// A use that restores and saves under one key, with what the step says of saving.
fn made(placed: &Placed<'_>, by: String, key: Words) -> CacheUse {
    let mut out = CacheUse {
        place: placed.place(),
        by,
        takes: vec![key.clone()],
        key,
        restores: true,
        saves: true,
        asked: None,
        saves_if: None,
        by_default: false,
    };
    for (input, off) in READ_ONLY {
        let Some(value) = placed.step.input(input) else { continue };
        match state(&value.value, &|_| None) {
            State::Decides(expression) if *off == "false" => out.saves_if = Some(expression),
            State::Decides(expression) => out.saves_if = Some(format!("!({expression})")),
            State::Off if *off == "false" => out.saves = false,
            State::On if *off == "true" => {
                out.saves = false;
                out.restores &= *input != "lookup-only";
            }
            _ => {}
        }
    }
    out
}

fn cache_action(
    placed: &Placed<'_>,
    known: &dyn Fn(&str) -> Option<String>,
    by: String,
    restores: bool,
    saves: bool,
) -> Vec<CacheUse> {
    let text = placed.step.input("key").map_or("", |key| key.value.as_str());
    let key = written(text, known);
    let mut found = made(placed, by, key);
    found.restores &= restores;
    found.saves &= saves;
    let more = placed.step.input("restore-keys").map_or("", |keys| keys.value.as_str());
    found.takes.extend(more.lines().filter(|line| !line.trim().is_empty()).take(8).map(|line| written(line, known)));
    if found.restores || found.saves { vec![found] } else { Vec::new() }
}

/// `cache-from` and `cache-to` with `type=gha`.
fn docker(placed: &Placed<'_>, known: &dyn Fn(&str) -> Option<String>, by: String) -> Vec<CacheUse> {
    let scope = |step: &Step, input: &str| {
        let value = step.input(input).or_else(|| step.input("set").filter(|v| v.value.contains(input)))?;
        let line = value.value.lines().find(|line| line.contains("type=gha"))?;
        let scope = line.split(',').find_map(|part| part.trim().split_once("scope=").map(|(_, scope)| scope));
        let mut words = Words::of_action("docker type=gha");
        words.extend(written(scope.unwrap_or("buildkit"), known));
        Some(words)
    };
    let (from, to) = (scope(placed.step, "cache-from"), scope(placed.step, "cache-to"));
    let Some(key) = from.clone().or_else(|| to.clone()) else { return Vec::new() };
    let mut found = made(placed, by, to.clone().unwrap_or_else(|| key.clone()));
    found.takes = vec![key];
    found.restores = from.is_some();
    found.saves = to.is_some();
    vec![found]
}

/// It keeps the program itself in the cache where a version is named.
fn buildx(placed: &Placed<'_>, by: String) -> Vec<CacheUse> {
    let off = placed.step.input("cache-binary").is_some_and(|v| v.value.trim() == "false");
    if off || placed.step.input("version").is_none_or(|v| v.value.trim().is_empty()) {
        return Vec::new();
    }
    let mut found = made(placed, by.clone(), Words::of_action(&by));
    found.by_default = true;
    vec![found]
}
