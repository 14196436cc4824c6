//! Package managers: what is installed, from where, under which lock.

use super::act::{Act, ActKind, Operand, Opt};
use super::cargo;
use super::managers::{MANAGERS, Manager};
use super::other_managers::OTHERS;
use super::site::Site;
use crate::parse::shell::{Arg, Invocation, basename};

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let mut call = site.call.clone();
    unwrap_function(site, &mut call);
    // `$PYTHON -m pip`: what a variable holds that is given a module is Python.
    let is_hidden = call.path.contains("${") && call.args.first().is_some_and(|a| a.text == "-m");
    if (is_hidden || call.name.starts_with("python") || call.name.starts_with("pypy") || call.name == "py")
        && let Some(at) = call.args.iter().position(|a| a.text == "-m")
        && let Some(module) = call.args.get(at + 1)
    {
        call.name = module.text.clone();
        call.args.drain(..at + 2);
    }
    // `uv run pip install`, `conda run -n x pip install`
    if matches!(call.name.as_str(), "uv" | "poetry" | "pdm" | "conda" | "mamba" | "micromamba" | "hatch")
        && let Some(run) = call.args.iter().position(|a| a.text == "run")
        && let Some(at) = call.args.iter().skip(run + 1).position(|a| is_pip(basename(&a.text)))
        && call.args.get(run + at + 2).is_some_and(|a| a.text == "install")
    {
        call.name = "pip".to_owned();
        call.args.drain(..run + at + 2);
    }
    // `pip3.12`
    if is_pip(&call.name) {
        call.name = "pip".to_owned();
    }
    match call.name.as_str() {
        "cargo" | "cross" | "cargo-binstall" => cargo::recognise(site, &call, acts),
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

/// `retry 3 pip install x`: a function of the script itself that is given a command most often runs it.
fn unwrap_function(site: &Site<'_>, call: &mut Invocation<'_>) {
    let is_own = site.program.functions.iter().any(|f| f.name == call.name);
    if !is_own || ["echo", "print", "log", "warn", "info", "error", "fail", "die"].iter().any(|w| call.name.contains(w))
    {
        return;
    }
    let is_start = |at: usize| {
        let text = |at: usize| call.args.get(at).map_or("", |a| a.text.as_str());
        let name = basename(text(at));
        (is_pip(name) && text(at + 1) == "install")
            || (text(at) == "-m" && text(at + 1) == "pip" && text(at + 2) == "install")
            || (name == "uv" && matches!(text(at + 1), "pip" | "sync" | "add" | "tool"))
            || (matches!(
                name,
                "npm" | "pnpm" | "yarn" | "cargo" | "go" | "gem" | "apt-get" | "apt" | "apk" | "dnf" | "brew"
            ) && matches!(text(at + 1), "install" | "i" | "add" | "ci"))
    };
    let Some(at) = (0..call.args.len().min(MAX_WRAPPED)).find(|at| is_start(*at)) else { return };
    // `-m pip install` stands behind the interpreter, whatever it is called.
    let (name, taken) = match call.args.get(at).map(|a| a.text.as_str()) {
        Some("-m") => ("pip".to_owned(), at + 2),
        Some(text) => (basename(text).to_owned(), at + 1),
        None => return,
    };
    call.name = name;
    call.args.drain(..taken);
}

/// Words before a command that a function is given.
const MAX_WRAPPED: usize = 8;

fn is_pip(name: &str) -> bool {
    matches!(name, "pip" | "pip3") || name.starts_with("pip3.")
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
    let known = |m: &&Manager| m.programs.contains(&call.name.as_str());
    let Some(found) = MANAGERS.iter().chain(OTHERS).find(known) else { return };
    let operands = call.operands(found.valued);
    let verb = found
        .verbs
        .iter()
        .find(|verb| operands.len() >= verb.len() && operands.iter().zip(**verb).all(|(a, b)| a.text == *b));
    // `yarn` and `bundle` alone install the project.
    let alone = operands.is_empty() && matches!(found.manager, "yarn" | "bundle") && !call.args.iter().any(asks);
    let (verb, said) = match verb {
        Some(verb) => (verb, verb.len()),
        None if alone => (&INSTALL, 0),
        None => return,
    };
    if found.manager == "pacman" && !call.args.iter().any(|a| a.text.starts_with("-S") || a.text.starts_with("-U")) {
        return;
    }
    if found.manager == "code" && !call.args.iter().any(|a| a.text.starts_with("--install-extension")) {
        return;
    }
    let mut rest = operands.get(said..).unwrap_or_default();
    // What lies in the tree is its own.
    let is_remote = |a: &&Arg<'_>| a.text.contains(':');
    let by_address = (found.manager == "deno" && *verb == ["run"]) || found.manager == "nix";
    if by_address && !rest.first().is_some_and(is_remote) {
        return;
    }
    let mut own = call.args.as_slice();
    // `uvx tool args`, `npx tool args`, `uv run x`: only the first word is a package, and the options
    // behind it are those of the tool.
    let runs = matches!(found.manager, "npx" | "uvx")
        || matches!(*verb, ["tool", "run"] | ["dlx"] | ["exec"] | ["run"] | ["x"]);
    if runs {
        if let Some(first) = rest.first() {
            let end = own.iter().position(|a| std::ptr::eq(a, *first)).unwrap_or(own.len());
            own = own.get(..end).unwrap_or_default();
        }
        // What `uv run` names is a command of the project, no package.
        let taken = usize::from(!(found.manager == "uv" && *verb == ["run"]));
        rest = rest.get(..taken).unwrap_or_default();
    }
    let (files, names): (Vec<&Arg<'_>>, Vec<&Arg<'_>>) = rest.iter().copied().partition(|a| is_file(&a.text));
    local_files(site, found.manager, &files, acts);
    let options = options(own, found.valued);
    let values = |wanted: &[&str]| -> Vec<Operand> {
        let wanted = options.iter().filter(|o| wanted.contains(&o.name.as_str()));
        wanted
            .filter_map(|o| {
                let by = Some(o.name.clone());
                Some(Operand { text: o.value.clone()?, known: o.known, range: o.range.clone(), by })
            })
            .collect()
    };
    let operand = |a: &&Arg<'_>| Operand { text: a.text.clone(), known: a.known, range: a.range.clone(), by: None };
    let python = matches!(found.manager, "pip" | "uv" | "uvx" | "pipx");
    let mut names: Vec<Operand> = names.iter().map(operand).collect();
    let mut requirement_files = Vec::new();
    if python {
        requirement_files = values(&["-r", "--requirement", "--requirements", "--with-requirements"]);
        if *verb == ["pip", "sync"] {
            requirement_files.append(&mut names);
        }
        // The first word is the environment something is put into.
        if *verb == ["inject"] && !names.is_empty() {
            names.remove(0);
        }
        names.extend(values(&["-e", "--editable", "--with", "--with-editable"]));
        if let Some(from) = values(&["--from", "--spec"]).into_iter().next() {
            names.retain(|n| n.by.is_some());
            names.insert(0, from);
        }
    } else if matches!(found.manager, "conda" | "conda-lock") {
        requirement_files = values(&["-f", "--file"]);
        if found.manager == "conda-lock" {
            requirement_files.append(&mut names);
        }
    } else if found.manager == "pixi" && matches!(*verb, ["install" | "run" | "shell" | "shell-hook"]) {
        // They install what the lock of the workspace says.
        names.clear();
    } else if matches!(found.manager, "pdm" | "poetry") && verb.last() != Some(&"add") {
        // `pdm sync -dG testing`: they install the project and take no package.
        names.clear();
    } else if let Some(wanted) = named_by_option(found.manager) {
        names.extend(values(wanted));
    } else if matches!(found.manager, "npx" | "npm" | "pnpm") {
        let packages = values(&["--package", "-p"]);
        if !packages.is_empty() {
            names = packages;
        }
    }
    let only_files = !files.is_empty() && names.is_empty() && requirement_files.is_empty();
    // `uv run script` and `npx ./x` install what a lock says or nothing.
    if only_files || (*verb == ["run"] && found.manager == "go" && !names.iter().any(|n| n.text.contains('@'))) {
        return;
    }
    acts.push(site.act(ActKind::PackageInstall {
        manager: found.manager.to_owned(),
        verb: verb.join(" "),
        names,
        files: requirement_files,
        options,
    }));
}

/// What a manager without a verb is taken to do.
const INSTALL: &[&str] = &["install"];

/// Whether an argument asks for a text and installs nothing.
fn asks(arg: &Arg<'_>) -> bool {
    matches!(arg.text.as_str(), "--version" | "-v" | "--help" | "-h")
}

/// Options whose values are packages, of managers that name them so.
fn named_by_option(manager: &str) -> Option<&'static [&'static str]> {
    match manager {
        "winget" => Some(&["--id"]),
        "powershell" => Some(&["-Name"]),
        "code" => Some(&["--install-extension"]),
        _ => None,
    }
}

/// The options among arguments, each with its value: `--name value`, `--name=value`, `-n value`, `-nvalue`.
pub(super) fn options(args: &[Arg<'_>], valued: &[&str]) -> Vec<Opt> {
    let mut out = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if text == "--" {
            break;
        }
        if !text.starts_with('-') || text.len() < 2 {
            continue;
        }
        let mut found = Opt { name: text.to_owned(), value: None, known: arg.known, range: arg.range.clone() };
        if valued.contains(&text) {
            if let Some(value) = args.next() {
                found.range.end = found.range.end.max(value.range.end);
                found.known &= value.known;
                found.value = Some(value.text.clone());
            }
        } else if text.starts_with("--") {
            if let Some((name, value)) = text.split_once('=') {
                (found.name, found.value) = (name.to_owned(), Some(value.to_owned()));
            }
        } else if let Some(name) = valued.iter().find(|v| v.len() == 2 && text.starts_with(**v)) {
            let value = text.get(2..).unwrap_or_default();
            found.value = Some(value.strip_prefix('=').unwrap_or(value).to_owned());
            found.name = (*name).to_owned();
        }
        out.push(found);
    }
    out
}
