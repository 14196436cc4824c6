//! Downloads in texts that an interpreter is given: `python -c`, a here-document for Python, `node -e`.

use std::ops::Range;

use super::{fetched, file, stdout};
use crate::commands::act::{Act, ActKind, Input, Output, UrlText};
use crate::commands::program_text::{self, Call, ProgramText};
use crate::commands::site::Site;

/// Functions of Python that bring what an address serves.
const PYTHON: &[&str] =
    &["get", "request", "urlopen", "urlretrieve", "wget", "download", "download_url", "download_url_to_file"];
/// Modules they belong to; a `get` of anything else is none.
const MODULES: &[&str] =
    &["aiohttp", "client", "httpx", "hub", "request", "requests", "session", "urllib", "urllib2", "urllib3", "wget"];

/// Downloads that the text behind a command makes.
pub(super) fn recognise(site: &Site<'_>, text: &ProgramText, acts: &mut Vec<Act>) {
    if !text.text.contains("://") {
        return;
    }
    match text.language {
        "python" => python(site, &text.text, acts),
        language => other(site, language, &text.text, acts),
    }
}

fn python(site: &Site<'_>, text: &str, acts: &mut Vec<Act>) {
    let calls = program_text::calls(text);
    let runs = calls.iter().filter(|c| c.of.is_none() && matches!(c.name.as_str(), "exec" | "eval"));
    let runs: Vec<&Call> = runs.collect();
    let prints = calls.iter().any(|c| c.name == "print" || (c.name == "write" && c.of.as_deref() == Some("stdout")));
    // `open("x", "wb")`: the one file that the text writes.
    let mut opened = calls.iter().filter(|c| c.name == "open" && c.text(1, "mode").is_some_and(|m| m.contains('w')));
    let written = opened.next().filter(|_| opened.next().is_none()).and_then(|c| c.text(0, "file"));
    for call in &calls {
        let foreign = call.of.as_deref().is_some_and(|of| !MODULES.contains(&of));
        if !PYTHON.contains(&call.name.as_str()) || foreign || (call.of.is_none() && call.name == "get") {
            continue;
        }
        let Some(address) = call.text(0, "url").filter(|a| a.contains("://")) else { continue };
        let path = ["filename", "out", "dst"].iter().find_map(|name| call.text(1, name));
        let is_run = runs.iter().any(|run| run.range.start <= call.range.start && call.range.end <= run.range.end);
        let to = match (path, written) {
            (Some(path), _) => file(path),
            _ if is_run => Output::Stdout,
            (None, Some(path)) => file(path),
            (None, None) if prints => stdout(site),
            _ => Output::Unknown,
        };
        let url = UrlText::new(address, !address.contains('$'));
        found(site, "python", url, to, is_run, acts);
    }
}

/// Texts of other languages: an address in quotes, and whether the text evaluates something.
fn other(site: &Site<'_>, language: &'static str, text: &str, acts: &mut Vec<Act>) {
    let fetches: &[&str] = match language {
        "node" => &["fetch(", "https.get", "http.get", "axios"],
        "ruby" => &["open(", "Net::HTTP", "URI.open"],
        "perl" => &["LWP::", "HTTP::Tiny", "getstore(", "get("],
        _ => &["file_get_contents(", "copy(", "curl_init("],
    };
    if !fetches.iter().any(|word| text.contains(word)) {
        return;
    }
    let Some(address) = program_text::quoted(text).find(|t| t.starts_with("https://") || t.starts_with("http://"))
    else {
        return;
    };
    let is_run = ["eval(", "eval ", "vm.run", "instance_eval"].iter().any(|word| text.contains(word));
    let prints = ["print", "puts", "console.log", "stdout", "echo"].iter().any(|word| text.contains(word));
    let to = if is_run {
        Output::Stdout
    } else if prints {
        stdout(site)
    } else {
        Output::Unknown
    };
    let url = UrlText::new(address, !address.contains('$'));
    found(site, language, url, to, is_run, acts);
}

fn found(site: &Site<'_>, by: &'static str, url: UrlText, to: Output, is_run: bool, acts: &mut Vec<Act>) {
    let range: Range<usize> = site.command.range.clone();
    acts.push(fetched(site, by, url, to, range));
    if is_run {
        // What it brings is the text that the same command runs.
        let input = Input::Substitution(site.index..site.index + 1);
        acts.push(site.act(ActKind::Interpret { by: by.to_owned(), input }));
    }
}
