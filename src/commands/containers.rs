//! Images that a shell runs, pulls or makes containers of.

use super::act::{Act, ActKind, Operand};
use super::site::Site;
use crate::parse::shell::{Arg, basename};

/// Options of `docker run` and `docker create` without a value; every other takes one. Source: its reference page.
const FLAGS: &[&str] = &[
    "--detach",
    "--disable-content-trust",
    "--help",
    "--init",
    "--interactive",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--privileged",
    "--publish-all",
    "--quiet",
    "--read-only",
    "--rm",
    "--replace",
    "--sig-proxy",
    "--tty",
    "--use-api-socket",
    "--all-tags",
];
/// Letters of these options that take a value.
const VALUED_LETTERS: &str = "acehlmpuvw";

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    // A shell that the container runs is what the call says; the words before it are the engine's.
    let within = site.call.via.iter().any(|v| v.ends_with(" run"));
    let is_engine = |name: &str| matches!(name, "docker" | "podman" | "nerdctl" | "finch");
    let whole: Vec<Arg<'_>> = match within {
        true => whole(site).into_iter().skip_while(|a| !is_engine(basename(&a.text))).skip(1).collect(),
        false if is_engine(&site.call.name) => site.call.args.clone(),
        false => return,
    };
    // `docker --context x run`
    let args = &whole;
    let mut start = 0;
    while let Some(arg) = args.get(start).filter(|a| a.text.starts_with('-')) {
        let valued =
            matches!(arg.text.as_str(), "-H" | "--host" | "--context" | "-c" | "--config" | "-l" | "--log-level");
        start += if valued { 2 } else { 1 };
    }
    let word = |at: usize| args.get(start + at).map(|a| a.text.as_str());
    let (by, rest): (&'static str, usize) = match (word(0), word(1)) {
        (Some("run"), _) => ("docker run", 1),
        (Some("container"), Some("run")) => ("docker run", 2),
        (Some("create"), _) => ("docker create", 1),
        (Some("container"), Some("create")) => ("docker create", 2),
        (Some("pull"), _) => ("docker pull", 1),
        (Some("image"), Some("pull")) => ("docker pull", 2),
        _ => return,
    };
    let options = args.get(start + rest..).unwrap_or_default();
    let Some((image, before)) = image(options) else { return };
    if image.text.starts_with(['-', '<']) || image.text.is_empty() {
        return;
    }
    let (privileged, mounts) = rights(before);
    let operand = Operand { text: image.text.clone(), known: image.known, range: image.range.clone(), by: None };
    let kind = ActKind::Container { by, image: operand, privileged, mounts };
    acts.push(Act { command: site.index, range: image.range.clone(), kind });
}

/// All words of the command.
fn whole<'p>(site: &Site<'p>) -> Vec<Arg<'p>> {
    let words = site.command.name.iter().chain(&site.command.args);
    let shown = words.map(|word| {
        let (text, known) = site.program.show(word);
        Arg { text, known, range: word.range.clone(), word }
    });
    shown.collect()
}

/// The image, and the options before it.
fn image<'a, 'p>(args: &'a [Arg<'p>]) -> Option<(&'a Arg<'p>, &'a [Arg<'p>])> {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.text.as_str();
        if let Some(name) = text.strip_prefix("--") {
            let whole = name.contains('=') || FLAGS.contains(&text);
            at += if whole { 1 } else { 2 };
        } else if let Some(letters) = text.strip_prefix('-') {
            let valued = letters.char_indices().find(|(_, c)| VALUED_LETTERS.contains(*c));
            // `-p8080:80` holds its value.
            at += match valued {
                Some((place, c)) if place + c.len_utf8() == letters.len() => 2,
                _ => 1,
            };
        } else {
            return Some((arg, args.get(..at).unwrap_or_default()));
        }
    }
    None
}

/// What the options give the container of the machine.
fn rights(options: &[Arg<'_>]) -> (Option<&'static str>, bool) {
    let mut privileged = None;
    let mut mounts = false;
    for (at, arg) in options.iter().enumerate() {
        let (name, value) = arg.text.split_once('=').unwrap_or((arg.text.as_str(), ""));
        let next = options.get(at + 1).map_or("", |a| a.text.as_str());
        match name {
            "--privileged" if value != "false" => privileged = Some("--privileged"),
            "--pid" if value == "host" || (value.is_empty() && next == "host") => privileged = Some("--pid host"),
            "-v" | "--volume" | "--mount" => {
                let value = if value.is_empty() || name == "--mount" && !arg.text.contains('=') { next } else { value };
                if value.contains("docker.sock") || value.contains("podman.sock") {
                    privileged = Some("the engine's socket");
                } else if value.starts_with("/:") {
                    privileged = Some("the whole file system");
                } else if value.starts_with(['/', '.', '$', '~']) || value.contains("type=bind") {
                    mounts = true;
                }
            }
            _ if name.starts_with("-v") && name.len() > 2 => mounts = true,
            _ => {}
        }
    }
    (privileged, mounts)
}
