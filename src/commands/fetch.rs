//! Downloads: programs that bring files, by any protocol.

mod github;
mod inline;
mod options;
mod powershell;
mod stores;
mod web;

use std::ops::Range;

use super::act::{Act, ActKind, Output, UrlText};
use super::program_text::ProgramText;
use super::site::Site;
use crate::parse::shell::{Arg, Part, RedirectOp};

/// Longest address put together.
const MAX_ADDRESS: usize = 4 << 10;

pub(super) fn recognise(site: &Site<'_>, text: Option<&ProgramText>, acts: &mut Vec<Act>) {
    match site.call.name.as_str() {
        "curl" => web::curl(site, acts),
        "wget" | "wget2" => web::wget(site, acts),
        "gh" => github::gh(site, acts),
        _ => {
            if !web::other(site, acts) && !stores::recognise(site, acts) {
                powershell::powershell(site, acts);
            }
        }
    }
    if let Some(text) = text {
        inline::recognise(site, text, acts);
    }
}

/// Whether a path is one of another machine: `user@host:path`.
pub(super) fn is_remote(path: &str) -> bool {
    stores::host_of(path).is_some()
}

/// A download by the command of a site.
fn fetched(site: &Site<'_>, by: &str, url: UrlText, to: Output, range: Range<usize>) -> Act {
    let kind = ActKind::Fetch { by: by.to_owned(), url, to, tls_off: false };
    Act { command: site.index, range, kind }
}

/// A file in a folder, where one is named.
fn inside(folder: Option<&str>, name: &str) -> Output {
    match folder {
        Some(folder) if !name.starts_with('/') => file(&format!("{}/{name}", folder.trim_end_matches('/'))),
        _ => file(name),
    }
}

/// An address of which only part is known: a variable that one assignment gives a value is put in as far as that
/// is known, since the host and the version say more than the variable's name.
fn spelled(site: &Site<'_>, arg: &Arg<'_>) -> String {
    if arg.known {
        return arg.text.clone();
    }
    let commands = site.program.commands.get(..site.index).unwrap_or_default();
    let mut out = String::new();
    for part in &arg.word.parts {
        let Part::Variable(name) = part else {
            let one = arg.word.only(part.clone());
            out.push_str(&site.program.show(&one).0);
            continue;
        };
        let one = arg.word.only(part.clone());
        let (text, known) = site.program.show(&one);
        let mut values = commands.iter().flat_map(|c| &c.assignments).filter(|a| a.name == *name && !a.partial);
        match (values.next(), values.next()) {
            (Some(value), None) if !known => {
                let value = site.program.show(&value.value).0;
                // `$(...)` says less than the name.
                let says = value.contains('/') || arg.word.parts.len() == 1;
                out.push_str(if says { &value } else { &text });
            }
            _ => out.push_str(&text),
        }
        if out.len() > MAX_ADDRESS {
            return arg.text.clone();
        }
    }
    out
}

fn file(path: &str) -> Output {
    match path {
        "/dev/null" | "NUL" => Output::Nowhere,
        "/dev/stdout" => Output::Stdout,
        _ => Output::File(path.to_owned()),
    }
}

/// Standard output, or the file it is redirected to.
fn stdout(site: &Site<'_>) -> Output {
    let redirect = site
        .command
        .redirects
        .iter()
        .rev()
        .find(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append) && r.fd.is_none_or(|fd| fd == 1));
    redirect.map_or(Output::Stdout, |r| file(&site.program.show(&r.target).0))
}
