//! Package managers: what is installed, from where, under which lock.

use super::act::{Act, ActKind};
use super::facts::Site;
use crate::parse::shell::{Arg, Invocation};

/// A package manager's installing subcommand.
struct Manager {
    programs: &'static [&'static str],
    manager: &'static str,
    /// Leading operands; empty where the program itself installs (`npx`).
    verbs: &'static [&'static [&'static str]],
    /// Options whose next word is their value.
    valued: &'static [&'static str],
}

const PIP: &[&str] = &[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--python",
    "--trusted-host",
    "--index",
    "--default-index",
    "--prefix",
    "-p",
    "--platform",
    "--python-version",
    "--with",
    "--from",
    "--only-binary",
    "--no-binary",
    "--index-strategy",
    "--extra",
    "--group",
    "--torch-backend",
    "--no-deps-for",
    "--timeout",
    "--retries",
    "--root",
    "-C",
    "--config-settings",
];
const APT: &[&str] = &["-o", "-t", "--target-release", "-c"];
const NPM: &[&str] = &["--prefix", "-C", "--registry", "-w", "--workspace", "-p", "--package", "-c", "--filter"];

const MANAGERS: &[Manager] = &[
    Manager {
        programs: &["pip", "pip3"],
        manager: "pip",
        verbs: &[&["install"], &["download"], &["wheel"]],
        valued: PIP,
    },
    Manager {
        programs: &["uv"],
        manager: "uv",
        verbs: &[
            &["pip", "install"],
            &["pip", "sync"],
            &["tool", "install"],
            &["tool", "run"],
            &["sync"],
            &["run"],
            &["add"],
        ],
        valued: PIP,
    },
    Manager { programs: &["uvx"], manager: "uvx", verbs: &[&[]], valued: PIP },
    Manager { programs: &["pipx"], manager: "pipx", verbs: &[&["install"], &["run"], &["inject"]], valued: PIP },
    Manager {
        programs: &["poetry"],
        manager: "poetry",
        verbs: &[&["install"], &["add"]],
        valued: &["-C", "--extras", "-E", "--with"],
    },
    Manager { programs: &["pdm"], manager: "pdm", verbs: &[&["install"], &["sync"], &["add"]], valued: &["-G", "-p"] },
    Manager { programs: &["pipenv"], manager: "pipenv", verbs: &[&["install"], &["sync"]], valued: &[] },
    Manager {
        programs: &["conda", "mamba", "micromamba"],
        manager: "conda",
        verbs: &[&["install"], &["create"], &["env", "create"], &["env", "update"], &["update"]],
        valued: &["-c", "--channel", "-n", "--name", "-p", "--prefix", "-f", "--file"],
    },
    Manager {
        programs: &["npm"],
        manager: "npm",
        verbs: &[&["install"], &["i"], &["add"], &["ci"], &["exec"]],
        valued: NPM,
    },
    Manager { programs: &["pnpm"], manager: "pnpm", verbs: &[&["install"], &["i"], &["add"], &["dlx"]], valued: NPM },
    Manager {
        programs: &["yarn"],
        manager: "yarn",
        verbs: &[&["install"], &["add"], &["global", "add"], &["dlx"]],
        valued: NPM,
    },
    Manager { programs: &["bun"], manager: "bun", verbs: &[&["install"], &["add"], &["i"]], valued: NPM },
    Manager { programs: &["npx", "bunx"], manager: "npx", verbs: &[&[]], valued: NPM },
    Manager { programs: &["apt", "apt-get", "aptitude"], manager: "apt", verbs: &[&["install"]], valued: APT },
    Manager {
        programs: &["dnf", "yum", "microdnf", "zypper", "tdnf"],
        manager: "dnf",
        verbs: &[&["install"], &["localinstall"], &["groupinstall"]],
        valued: &["-x", "--exclude", "--enablerepo", "--disablerepo", "--repo"],
    },
    Manager {
        programs: &["apk"],
        manager: "apk",
        verbs: &[&["add"]],
        valued: &["-X", "--repository", "-t", "--virtual"],
    },
    Manager { programs: &["pacman"], manager: "pacman", verbs: &[&[]], valued: &[] },
    Manager { programs: &["brew"], manager: "brew", verbs: &[&["install"], &["bundle"]], valued: &[] },
    Manager {
        programs: &["choco"],
        manager: "choco",
        verbs: &[&["install"]],
        valued: &["--version", "-s", "--source"],
    },
    Manager {
        programs: &["winget", "scoop"],
        manager: "winget",
        verbs: &[&["install"]],
        valued: &["--id", "-v", "--version"],
    },
    Manager {
        programs: &["go"],
        manager: "go",
        verbs: &[&["install"], &["get"], &["run"]],
        valued: &["-ldflags", "-tags", "-o"],
    },
    Manager { programs: &["gem"], manager: "gem", verbs: &[&["install"]], valued: &["-v", "--version", "--source"] },
    Manager {
        programs: &["rustup"],
        manager: "rustup",
        verbs: &[&["toolchain", "install"], &["install"], &["default"], &["update"]],
        valued: &["--profile", "-c", "--component", "-t", "--target"],
    },
    Manager { programs: &["snap"], manager: "snap", verbs: &[&["install"]], valued: &["--channel"] },
];

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

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let mut call = site.call.clone();
    if (call.name.starts_with("python") || call.name.starts_with("pypy"))
        && let Some(at) = call.args.iter().position(|a| a.text == "-m")
        && let Some(module) = call.args.get(at + 1)
    {
        call.name = module.text.clone();
        call.args.drain(..at + 2);
    }
    // `pip3.12`
    if call.name.starts_with("pip3.") {
        call.name = "pip".to_owned();
    }
    match call.name.as_str() {
        "cargo" | "cross" | "cargo-binstall" => cargo(site, &call, acts),
        "dpkg" if call.flag(Some('i'), "install") => local_files(site, "dpkg", &call.operands(&[]), acts),
        "rpm" if call.flag(Some('i'), "install") || call.flag(Some('U'), "upgrade") => {
            local_files(site, "rpm", &call.operands(&[]), acts);
        }
        "installer" if call.flag(None, "pkg") || call.has("-pkg") => {
            let at = call.args.iter().position(|a| a.text == "-pkg").map(|at| at + 1);
            let file: Vec<_> = at.and_then(|at| call.args.get(at)).into_iter().collect();
            local_files(site, "installer", &file, acts);
        }
        "msiexec" | "msiexec.exe" => {
            let files: Vec<_> = call.args.iter().filter(|a| a.text.ends_with(".msi")).collect();
            local_files(site, "msiexec", &files, acts);
        }
        _ => generic(site, &call, acts),
    }
}

fn local_files(site: &Site<'_>, manager: &str, files: &[&Arg<'_>], acts: &mut Vec<Act>) {
    for file in files.iter().filter(|f| !f.text.contains("://")) {
        let kind = ActKind::InstallLocal { manager: manager.to_owned(), path: file.text.clone() };
        acts.push(Act { command: site.index, range: file.range.clone(), kind });
    }
}

/// A package given as a file; a folder (`pip install .`) is the project itself.
fn is_file(text: &str) -> bool {
    let known = [".deb", ".rpm", ".whl", ".tar.gz", ".tgz", ".apk", ".zip", ".pkg.tar.zst"];
    let bare = text.split('[').next().unwrap_or_default();
    known.iter().any(|end| bare.ends_with(end)) && !text.contains("://")
}

fn generic(site: &Site<'_>, call: &Invocation<'_>, acts: &mut Vec<Act>) {
    let Some(found) = MANAGERS.iter().find(|m| m.programs.contains(&call.name.as_str())) else { return };
    let operands = call.operands(found.valued);
    let verb = found
        .verbs
        .iter()
        .find(|verb| operands.len() >= verb.len() && operands.iter().zip(**verb).all(|(a, b)| a.text == *b));
    let Some(verb) = verb else { return };
    if found.manager == "pacman" && !call.args.iter().any(|a| a.text.starts_with("-S") || a.text.starts_with("-U")) {
        return;
    }
    let mut rest = operands.get(verb.len()..).unwrap_or_default();
    // `uvx tool args`, `npx tool args`, `uv run x`: only the first word is a package.
    let runs =
        matches!(found.manager, "npx" | "uvx") || matches!(*verb, ["tool", "run"] | ["dlx"] | ["exec"] | ["run"]);
    if runs {
        // What `uv run` names is a command of the project, no package.
        let taken = usize::from(!(found.manager == "uv" && *verb == ["run"]));
        rest = rest.get(..taken).unwrap_or_default();
    }
    let (files, names): (Vec<&Arg<'_>>, Vec<&Arg<'_>>) = rest.iter().copied().partition(|a| is_file(&a.text));
    local_files(site, found.manager, &files, acts);
    let options: Vec<String> = call.args.iter().map(|a| a.text.clone()).collect();
    let values = |wanted: &[&str]| {
        let mut out = Vec::new();
        for (index, text) in options.iter().enumerate() {
            for name in wanted {
                if text == name {
                    out.extend(options.get(index + 1).cloned());
                } else if let Some(value) = text.strip_prefix(name).and_then(|rest| {
                    if name.starts_with("--") { rest.strip_prefix('=') } else { Some(rest).filter(|r| !r.is_empty()) }
                }) {
                    out.push(value.to_owned());
                }
            }
        }
        out
    };
    let python = matches!(found.manager, "pip" | "uv" | "uvx" | "pipx");
    let mut names: Vec<String> = names.iter().map(|a| a.text.clone()).collect();
    let mut requirement_files = Vec::new();
    if python {
        requirement_files = values(&["-r", "--requirement", "--with-requirements"]);
        names.extend(values(&["-e", "--editable"]));
        names.extend(values(&["--with"]));
        if let Some(from) = values(&["--from"]).first() {
            names = vec![from.clone()];
        }
    } else if matches!(found.manager, "npx" | "npm" | "pnpm") {
        let packages = values(&["--package"]);
        if !packages.is_empty() {
            names = packages;
        }
    }
    let only_files = !files.is_empty() && names.is_empty() && requirement_files.is_empty();
    // `uv run script` and `npx ./x` install what a lock says or nothing.
    if only_files || (*verb == ["run"] && found.manager == "go" && !names.iter().any(|n| n.contains('@'))) {
        return;
    }
    let options = options.into_iter().filter(|o| o.starts_with('-') && o.len() > 1).collect();
    acts.push(site.act(ActKind::PackageInstall {
        manager: found.manager.to_owned(),
        verb: verb.join(" "),
        names,
        files: requirement_files,
        options,
    }));
}

fn cargo(site: &Site<'_>, call: &Invocation<'_>, acts: &mut Vec<Act>) {
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
