//! A configuration of the tree that names the programs cargo starts.

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::cargo::{Config, ConfigProgram};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "build-tool-override",
    title: "the tree names a program that cargo starts",
    many: "{n} programs that cargo starts are named by the tree",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("build_tool_override.md"),
    check,
};

/// Wrappers, linkers and runners that are what their names say.
const KNOWN: &[&str] = &[
    "sccache",
    "cachepot",
    "clang",
    "clang++",
    "gcc",
    "g++",
    "cc",
    "c++",
    "ld",
    "lld",
    "ld.lld",
    "ld64.lld",
    "lld-link",
    "rust-lld",
    "mold",
    "wild",
    "link.exe",
    "rustc",
    "rustdoc",
    "clippy-driver",
    "flip-link",
    "wine",
    "wine64",
    "wasmtime",
    "wasmer",
    "node",
    "wasm-bindgen-test-runner",
    "probe-rs",
    "espflash",
    "elf2uf2-rs",
    "cargo-flash",
];

/// Variables that decide which code runs in the compiler and in build scripts.
const DECIDING: &[&str] = &["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH"];

/// Variables that name a program for build scripts, or for a cargo they start.
const PROGRAMS: &[&str] = &[
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "CARGO",
    "CC",
    "CXX",
    "LD",
    "AR",
    "BASH_ENV",
    "ENV",
    "GIT_SSH_COMMAND",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in scene.configs() {
        for program in &config.programs {
            // A wrapper or compiler runs for `cargo metadata`, before anybody builds anything. A
            // program of the tree that only links or runs is no more than a build script could do.
            let role = scene.role(config.file);
            let is_test = role.is_set_aside() || role == Role::Test;
            let kind = kind(&program.value.value);
            // `aarch64-linux-musl-gcc` for that target: every cross build names its linker.
            if kind == Kind::Known && !program.always && program.key.value.ends_with(".linker") {
                continue;
            }
            let severity = match kind {
                Kind::Known => Severity::Info,
                // What tests run in their own folders is theirs.
                _ if is_test && !program.always => Severity::Info,
                Kind::Path if program.always || is_outside(&program.value.value) => Severity::High,
                Kind::Path => Severity::Medium,
                Kind::Unknown if program.always => Severity::Medium,
                Kind::Unknown => Severity::Low,
            };
            let (when, advice) = uses(program);
            report
                .at(Place::new(config.file, program.value.span), program.key.value.clone())
                .about("program", program.value.value.clone(), None)
                .severity(severity)
                .evidence("the configuration; an environment variable or the command line may override it")
                .advise(advice)
                .say(format!("`{}` makes cargo start `{}` {when}", program.key.value, program.value.value));
        }
        variables(report, config);
        providers(report, config);
    }
    for toolchain in scene.toolchains() {
        let Some(path) = &toolchain.path else { continue };
        report
            .at(Place::new(toolchain.file, path.span), "every `cargo` and `rustc` comes from here")
            .about("toolchain", path.value.clone(), None)
            .evidence("the toolchain file")
            .advise("name a channel; link a toolchain of your own under a name with `rustup toolchain link`")
            .say(format!("rustup takes `cargo` and `rustc` from `{}`", path.value));
    }
}

/// What cargo starts a program for, and what to do about it.
fn uses(program: &ConfigProgram) -> (&'static str, &'static str) {
    match program.key.value.rsplit('.').next() {
        _ if program.always => (
            "whenever it asks the compiler, `cargo metadata` included",
            "keep it in the configuration of the machine; audit tools should start cargo with an explicit RUSTC and an empty RUSTC_WRAPPER",
        ),
        Some("linker") => (
            "to link",
            "look what the name stands for, or set it where the target is built: CARGO_TARGET_<TRIPLE>_LINKER",
        ),
        Some("runner") => (
            "to run tests and binaries",
            "look what the name stands for, or set it where the target is run: CARGO_TARGET_<TRIPLE>_RUNNER",
        ),
        _ => ("to document", "keep it in the configuration of the machine"),
    }
}

fn variables(report: &mut Reporter<'_>, config: &Config) {
    for (name, value) in &config.env {
        let key = name.value.to_ascii_uppercase();
        // `CC_x86_64_unknown_linux_gnu` and the like are CC for one target.
        let names_program = PROGRAMS
            .iter()
            .any(|p| key == *p || key.strip_prefix(p).is_some_and(|r| r.starts_with('_') && p.len() == 2));
        let severity = match (DECIDING.contains(&key.as_str()), names_program, kind(&value.value)) {
            (true, ..) => Severity::High,
            (_, true, Kind::Known) => Severity::Info,
            (_, true, Kind::Path) => Severity::Medium,
            (_, true, Kind::Unknown) => Severity::Low,
            (false, false, _) => continue,
        };
        report
            .at(Place::new(config.file, name.span), format!("for the compiler and build scripts: {}", value.value))
            .about("variable", name.value.clone(), None)
            .severity(severity)
            // Which of a build's programs obeys the variable lies outside the file.
            .confidence(Confidence::Medium)
            .content(format!("{}={}", name.value, value.value))
            .evidence("the configuration; `[env]` reaches the compiler, build scripts and what `cargo run` starts")
            .advise("set the variable where it is needed and not for everybody who builds this tree")
            .say(format!("`[env]` sets `{}` to `{}` for the compiler and all build scripts", name.value, value.value));
    }
}

/// Cargo's own providers are named `cargo:..`.
fn providers(report: &mut Reporter<'_>, config: &Config) {
    let strangers =
        |p: &&Spanned<String>| !p.value.starts_with("cargo:") || p.value.starts_with("cargo:token-from-stdout");
    for provider in config.registries.iter().filter_map(|r| r.credential_provider.as_ref()).filter(strangers) {
        report
            .at(Place::new(config.file, provider.span), "credential-provider")
            .about("program", provider.value.clone(), None)
            .severity(if matches!(kind(&provider.value), Kind::Path) { Severity::High } else { Severity::Medium })
            .confidence(Confidence::Medium)
            .evidence("the configuration")
            .advise("name credential providers in the configuration of the machine")
            .say(format!("cargo asks `{}` for the registry's credentials", provider.value));
    }
}

/// What a value names.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A tool of the trade, found on the search path.
    Known,
    /// A file.
    Path,
    /// A name nobody here has heard of.
    Unknown,
}

fn kind(value: &str) -> Kind {
    let program = value.split_whitespace().next().unwrap_or(value);
    if program.contains(['/', '\\']) {
        return Kind::Path;
    }
    let name = program.strip_suffix(".exe").unwrap_or(program);
    // `aarch64-linux-gnu-gcc`, `clang-18`, `qemu-aarch64`.
    let is_cross = ["-gcc", "-g++", "-clang", "-ld", "-cc", "-ar"].iter().any(|end| name.ends_with(end));
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
    if KNOWN.contains(&name)
        || KNOWN.contains(&program)
        || KNOWN.contains(&plain)
        || is_cross
        || name.starts_with("qemu-")
    {
        Kind::Known
    } else {
        Kind::Unknown
    }
}

fn is_outside(value: &str) -> bool {
    value.starts_with(['/', '~']) || value.as_bytes().get(1) == Some(&b':') || value.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_the_trade_are_known() {
        for name in [
            "clang",
            "clang-18",
            "aarch64-linux-musl-gcc",
            "sccache",
            "qemu-arm -L /usr/arm",
            "rust-lld",
            "rust-lld.exe",
        ] {
            assert_eq!(kind(name), Kind::Known, "{name}");
        }
        assert_eq!(kind("./tools/wrap"), Kind::Path);
        assert_eq!(kind("/tmp/clang"), Kind::Path);
        assert_eq!(kind("my-wrapper"), Kind::Unknown);
    }
}
