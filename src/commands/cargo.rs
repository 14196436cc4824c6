//! Cargo: what is installed and built, under which lock.

use super::act::{Act, ActKind};
use super::site::Site;
use crate::parse::shell::{Arg, Invocation};

/// Cargo subcommands that resolve dependencies.
const CARGO: &[&str] = &[
    "build",
    "b",
    "check",
    "c",
    "test",
    "t",
    "run",
    "r",
    "bench",
    "doc",
    "clippy",
    "publish",
    "package",
    "rustc",
    "nextest",
    "tarpaulin",
    "llvm-cov",
    "fetch",
    "update",
    "metadata",
    "tree",
    "zigbuild",
    "hack",
    "miri",
    "semver-checks",
];

pub(super) fn recognise(site: &Site<'_>, call: &Invocation<'_>, acts: &mut Vec<Act>) {
    let valued = [
        "--version",
        "--vers",
        "--git",
        "--rev",
        "--tag",
        "--branch",
        "--path",
        "--root",
        "--features",
        "-F",
        "--target",
        "--target-dir",
        "--profile",
        "--manifest-path",
        "-p",
        "--package",
        "--bin",
        "--example",
        "--test",
        "--bench",
        "-j",
        "--jobs",
        "--config",
        "--registry",
        "--index",
        "-Z",
        "--message-format",
        "--color",
        "--exclude",
        "-C",
        "--workflow",
        "--strategies",
        "--disable-strategies",
        "--install-path",
        "--pkg-fmt",
        "--pkg-url",
        "--bin-dir",
        "--targets",
        "--maximum-resolution-timeout",
        "--min-tls-version",
        "--log-level",
        "--github-token",
    ];
    // What stands behind `--` goes to the program built.
    let end = call.args.iter().position(|a| a.text == "--").unwrap_or(call.args.len());
    let own: Invocation<'_> = Invocation { args: call.args.get(..end).unwrap_or_default().to_vec(), ..call.clone() };
    let mut operands: Vec<&Arg<'_>> = own.operands(&valued);
    operands.retain(|a| !a.text.starts_with('+'));
    let locked = own.has("--locked") || own.has("--frozen");
    let binary_program = call.name == "cargo-binstall";
    let subcommand = if binary_program { "binstall" } else { operands.first().map_or("", |a| a.text.as_str()) };
    match subcommand {
        "install" | "binstall" => {
            let value = |name: &str| own.value(None, name).map(str::to_owned);
            let version = value("version").or_else(|| value("vers"));
            let names = operands.get(usize::from(!binary_program)..).unwrap_or_default();
            let all: Vec<Option<&Arg<'_>>> =
                if names.is_empty() { vec![None] } else { names.iter().map(|a| Some(*a)).collect() };
            for arg in all {
                let (name, at) = match arg.map(|a| a.text.split_once('@').unwrap_or((&a.text, ""))) {
                    Some((name, at)) => (Some(name.to_owned()), Some(at.to_owned()).filter(|v| !v.is_empty())),
                    None => (None, None),
                };
                let kind = ActKind::CargoInstall {
                    name,
                    version: at.or_else(|| version.clone()),
                    locked,
                    path: value("path"),
                    git: value("git"),
                    rev: value("rev"),
                    binary: subcommand == "binstall",
                };
                let range = arg.map_or_else(|| site.command.range.clone(), |a| a.range.clone());
                acts.push(Act { command: site.index, range, kind });
            }
        }
        name if CARGO.contains(&name) => {
            acts.push(site.act(ActKind::CargoBuild { subcommand: name.to_owned(), locked }));
        }
        _ => {}
    }
}
