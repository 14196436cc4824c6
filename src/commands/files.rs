//! Files: moved, unpacked, made executable, executed.

use super::act::{Act, ActKind, Transfer};
use super::fetch;
use super::site::Site;
use crate::parse::shell::{RedirectOp, basename};

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    // `./tool-1.2/install` is a program of its own, whatever the system's is called.
    if site.call.path.starts_with("./") || site.call.path.starts_with("../") {
        execute(site, acts);
        return;
    }
    match site.call.name.as_str() {
        "chmod" => chmod(site, acts),
        "mv" | "cp" | "ln" | "install" | "rsync" => transfer(site, acts),
        "tar" | "bsdtar" | "gtar" => tar(site, acts),
        "unzip" | "7z" | "7za" => unzip(site, acts),
        name if name.eq_ignore_ascii_case("Expand-Archive") => unzip(site, acts),
        "msiextract" | "cabextract" => cabinets(site, acts),
        "gunzip" | "gzip" | "zcat" | "xz" | "unxz" | "xzcat" | "bunzip2" | "bzip2" | "zstd" | "unzstd" | "base64" => {
            decompress(site, acts);
        }
        "cd" | "pushd" | "popd" => {
            let to = site.call.operands(&[]).first().map(|a| a.text.clone());
            let path = to.filter(|p| p != "-" && site.call.name != "popd");
            acts.push(site.act(ActKind::ChangeDir { path }));
        }
        "make" | "gmake" | "just" | "task" => targets(site, acts),
        _ => execute(site, acts),
    }
}

fn chmod(site: &Site<'_>, acts: &mut Vec<Act>) {
    // A mode may start with a minus sign; `-R` and its like never hold an `x`.
    let args: Vec<_> = site.call.args.iter().filter(|a| !a.text.starts_with("--")).collect();
    let Some(at) = args.iter().position(|a| !a.text.starts_with('-') || a.text.ends_with('x')) else { return };
    let mode = args.get(at).map(|a| a.text.as_str()).unwrap_or_default();
    let octal = !mode.is_empty() && mode.bytes().all(|b| b.is_ascii_digit());
    let last = mode.get(mode.len().saturating_sub(3)..).unwrap_or_default();
    let sets = if octal { last.bytes().any(|b| b % 2 == 1) } else { mode.contains('x') && mode.contains(['+', '=']) };
    if !sets {
        return;
    }
    for arg in args.get(at + 1..).unwrap_or_default() {
        let kind = ActKind::MakeExecutable { path: arg.text.clone() };
        acts.push(Act { command: site.index, range: arg.range.clone(), kind });
    }
}

fn transfer(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let how = match call.name.as_str() {
        "mv" => Transfer::Move,
        "ln" => Transfer::Link,
        "install" => Transfer::Install,
        _ => Transfer::Copy,
    };
    if how == Transfer::Install && call.flag(Some('d'), "directory") {
        return;
    }
    let valued = ["-t", "--target-directory", "-m", "--mode", "-o", "-g", "-S", "--owner", "--group", "-e"];
    let operands = call.operands(&valued);
    let mut paths: Vec<String> = operands.iter().map(|a| a.text.clone()).collect();
    let mode = call.value(Some('m'), "mode");
    let executable = how == Transfer::Install
        && mode.is_none_or(|m| {
            m.contains('x') || (m.bytes().all(|b| b.is_ascii_digit()) && m.bytes().any(|b| b % 2 == 1))
        });
    let to = match call.value(Some('t'), "target-directory") {
        Some(dir) => format!("{}/", dir.trim_end_matches('/')),
        None if paths.len() > 1 => paths.pop().unwrap_or_default(),
        // `ln -s x` puts a link here.
        None => ".".to_owned(),
    };
    // From another machine it is a download, to one it leaves this.
    let is_remote = call.name == "rsync" && paths.iter().chain([&to]).any(|p| fetch::is_remote(p));
    if !paths.is_empty() && !is_remote {
        acts.push(site.act(ActKind::Transfer { how, from: paths, to, executable }));
    }
}

fn tar(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let mut extracts = false;
    let mut archive = None;
    let mut dir = None;
    let mut members = Vec::new();
    let mut args = call.args.iter().enumerate();
    while let Some((index, arg)) = args.next() {
        let text = arg.text.as_str();
        if let Some(long) = text.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
            let mut value = || value.clone().or_else(|| args.next().map(|(_, a)| a.text.clone()));
            match name {
                "extract" | "get" => extracts = true,
                "file" => archive = value(),
                "directory" | "one-top-level" => dir = value(),
                // Their values are no members.
                "strip-components"
                | "exclude"
                | "transform"
                | "xform"
                | "owner"
                | "group"
                | "mode"
                | "mtime"
                | "use-compress-program"
                | "checkpoint-action" => drop(value()),
                _ => {}
            }
        } else if index == 0 || text.starts_with('-') {
            // The first word needs no dash: `tar xzf a.tgz`.
            let letters = text.trim_start_matches('-');
            for (at, letter) in letters.char_indices() {
                let dashed = text.starts_with('-');
                let rest = letters.get(at + 1..).unwrap_or_default();
                match letter {
                    'x' => extracts = true,
                    'f' | 'C' => {
                        let value = if dashed && !rest.is_empty() {
                            Some(rest.to_owned())
                        } else {
                            args.next().map(|(_, a)| a.text.clone())
                        };
                        if letter == 'f' {
                            archive = value
                        } else {
                            dir = value
                        }
                        if dashed {
                            break;
                        }
                    }
                    'c' | 't' if index == 0 => break,
                    'I' | 'T' | 'X' => {
                        args.next();
                    }
                    _ => {}
                }
            }
        } else {
            members.push(arg.text.clone());
        }
    }
    if extracts {
        let archive = archive.filter(|a| a != "-").or_else(|| read_from(site));
        acts.push(site.act(ActKind::Extract { archive, dir, members }));
    }
}

fn unzip(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    if call.name.starts_with("7z") {
        if !matches!(call.args.first().map(|a| a.text.as_str()), Some("x" | "e")) {
            return;
        }
        let operands = call.operands(&[]);
        let archive = operands.get(1).map(|a| a.text.clone());
        let dir = call.value(Some('o'), "").map(str::to_owned);
        acts.push(site.act(ActKind::Extract { archive, dir, members: Vec::new() }));
        return;
    }
    if call.name.eq_ignore_ascii_case("Expand-Archive") {
        let operands = call.operands(&["-DestinationPath", "-Path", "-LiteralPath"]);
        let value = |name: &str| {
            let at = call.args.iter().position(|a| a.text.eq_ignore_ascii_case(name))?;
            call.args.get(at + 1).map(|a| a.text.clone())
        };
        let mut places = operands.iter().map(|a| a.text.clone());
        let archive = value("-Path").or_else(|| value("-LiteralPath")).or_else(|| places.next());
        let dir = value("-DestinationPath").or_else(|| places.next());
        acts.push(site.act(ActKind::Extract { archive, dir, members: Vec::new() }));
        return;
    }
    let operands = call.operands(&["-d", "-x", "-P"]);
    let Some(archive) = operands.first() else { return };
    if call.flag(Some('l'), "") || call.flag(Some('t'), "") {
        return;
    }
    let members = operands.iter().skip(1).map(|a| a.text.clone()).chain(written_to(site)).collect();
    let dir = call.value(Some('d'), "").map(str::to_owned);
    acts.push(site.act(ActKind::Extract { archive: Some(archive.text.clone()), dir, members }));
}

/// Packages of Windows. An installer takes what it holds from the cabinets that lie beside it.
fn cabinets(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let dir = call.value(Some('C'), "directory").or_else(|| call.value(Some('d'), "directory")).map(str::to_owned);
    if call.flag(Some('l'), "list") {
        return;
    }
    for arg in call.operands(&["-C", "-d", "-F"]) {
        let mut unpack = |archive: String| {
            let kind = ActKind::Extract { archive: Some(archive), dir: dir.clone(), members: Vec::new() };
            acts.push(site.act(kind));
        };
        unpack(arg.text.clone());
        if call.name == "msiextract" {
            let folder = arg.text.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            unpack(format!("{folder}*.cab"));
        }
    }
}

/// Programs that unpack one file, beside itself or to standard output.
fn decompress(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let named = matches!(call.name.as_str(), "gunzip" | "zcat" | "unxz" | "xzcat" | "bunzip2" | "unzstd");
    let asked = call.flag(Some('d'), "decompress") || call.flag(None, "decode") || call.flag(None, "uncompress");
    if !named && !asked {
        return;
    }
    let operands = call.operands(&["-o", "-S", "-T", "--suffix"]);
    let archive = operands.first().map(|a| a.text.clone()).filter(|a| a != "-").or_else(|| read_from(site));
    let to_stdout = call.flag(Some('c'), "stdout") || matches!(call.name.as_str(), "zcat" | "xzcat" | "base64");
    let beside = archive.as_deref().filter(|_| !to_stdout).and_then(|a| {
        let (stem, extension) = a.rsplit_once('.')?;
        matches!(extension, "gz" | "xz" | "bz2" | "zst").then(|| stem.to_owned())
    });
    let output = call.value(Some('o'), "").map(str::to_owned);
    let members: Vec<String> = written_to(site).or(output).or(beside).into_iter().collect();
    // A stage between two others changes the text's form; the flow goes through it.
    if archive.is_some() || !members.is_empty() {
        acts.push(site.act(ActKind::Extract { archive, dir: None, members }));
    }
}

fn targets(site: &Site<'_>, acts: &mut Vec<Act>) {
    let valued = ["-C", "-f", "-j", "-I", "-o", "--directory", "--file", "--justfile", "-d", "--dir"];
    let by = || Some(site.call.name.clone());
    let operands = site.call.operands(&valued);
    let mut goals = operands.iter().filter(|a| !a.text.contains('=')).peekable();
    if goals.peek().is_none() {
        acts.push(site.act(ActKind::CallsScript { path: String::new(), by: by() }));
    }
    for goal in goals {
        let kind = ActKind::CallsScript { path: goal.text.clone(), by: by() };
        acts.push(Act { command: site.index, range: goal.range.clone(), kind });
    }
}

fn execute(site: &Site<'_>, acts: &mut Vec<Act>) {
    let path = site.call.path.as_str();
    let system = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"].iter().any(|dir| path.starts_with(dir));
    let remote = path.contains("://");
    if !path.contains('/') || system || remote || basename(path).is_empty() {
        return;
    }
    let range = site.call.word.range.clone();
    let kind = ActKind::Execute { path: path.to_owned() };
    acts.push(Act { command: site.index, range: range.clone(), kind });
    if !path.starts_with(['/', '~', '$']) {
        let kind = ActKind::CallsScript { path: path.to_owned(), by: None };
        acts.push(Act { command: site.index, range, kind });
    }
}

/// The file standard input is redirected from.
pub(super) fn read_from(site: &Site<'_>) -> Option<String> {
    let redirect = site.command.redirects.iter().rev().find(|r| r.op == RedirectOp::Read)?;
    Some(site.program.show(&redirect.target).0)
}

/// The file standard output is redirected to.
pub(super) fn written_to(site: &Site<'_>) -> Option<String> {
    let wanted = |r: &&crate::parse::shell::Redirect| {
        matches!(r.op, RedirectOp::Write | RedirectOp::Append) && r.fd.is_none_or(|fd| fd == 1)
    };
    let redirect = site.command.redirects.iter().rev().find(wanted)?;
    Some(site.program.show(&redirect.target).0).filter(|p| p != "/dev/null")
}
