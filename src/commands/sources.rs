//! Places that a script makes a package manager take packages from, beside those it comes with.

use std::ops::Range;

use super::act::{Act, ActKind, Opt, Output, UrlText};
use super::files::written_to;
use super::site::Site;
use crate::parse::shell::RedirectOp;

/// Where the lists of sources lie, and whose they are.
const LISTS: &[(&str, &str)] = &[
    ("/etc/apt/sources.list", "apt"),
    ("/etc/yum.repos.d/", "dnf"),
    ("/etc/dnf/", "dnf"),
    ("/etc/zypp/repos.d/", "zypper"),
    ("/etc/apk/repositories", "apk"),
];
/// Parts of a distribution that `add-apt-repository` turns on.
const COMPONENTS: &[&str] = &["main", "universe", "multiverse", "restricted", "contrib", "non-free"];
/// Lines of one list that are looked at.
const MAX_LINES: usize = 64;

/// Adds what a command makes a manager look at. `done` are the acts of the script so far, those of the command
/// itself at the end.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let words = || call.args.iter().map(|a| a.text.as_str());
    match call.name.as_str() {
        "add-apt-repository" | "apt-add-repository"
            if !words().any(|w| matches!(w, "-r" | "--remove" | "-h" | "--help" | "-L" | "--list")) =>
        {
            for operand in call.operands(&["-k", "--keyserver", "-c", "--component", "-p", "--pocket"]) {
                let text = operand.text.trim();
                if COMPONENTS.contains(&text) || !(text.contains(':') || text.starts_with("deb ")) {
                    continue;
                }
                match line_of("apt", text) {
                    Some(found) => push(site, acts, "apt", found, &operand.range),
                    None => push(site, acts, "apt", bare(text, operand.known), &operand.range),
                }
            }
        }
        "dnf" | "yum" | "yum-config-manager" | "dnf-config-manager" | "microdnf" => {
            let unsigned = words().any(|w| w == "--nogpgcheck" || w.ends_with("gpgcheck=0"));
            for (index, arg) in call.args.iter().enumerate() {
                let (name, joined) =
                    arg.text.split_once('=').map_or((arg.text.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
                if !matches!(name, "--add-repo" | "--add-repofile" | "--from-repofile") {
                    continue;
                }
                let next = call.args.get(index + 1);
                let value = joined.or_else(|| next.map(|a| a.text.clone())).unwrap_or_default();
                if value.contains("://") {
                    let end = next.filter(|n| n.text == value).map_or(arg.range.end, |n| n.range.end);
                    let known = arg.known && next.is_none_or(|n| n.known);
                    let found = Source { unsigned, ..bare(&value, known) };
                    push(site, acts, "dnf", found, &(arg.range.start..end.max(arg.range.end)));
                }
            }
            release_files(site, acts);
        }
        // A package that holds a list of sources and its key: `epel-release-latest-9.noarch.rpm`.
        "rpm" if !words().any(|w| matches!(w, "-q" | "-e" | "--import" | "-qa")) => release_files(site, acts),
        "zypper" if words().any(|w| w == "addrepo" || w == "ar") => {
            let unsigned =
                words().any(|w| w == "-G" || w.starts_with("--no-gpgcheck") || w == "--gpgcheck-allow-unsigned");
            if let Some(at) = call.args.iter().find(|a| a.text.contains("://")) {
                push(site, acts, "zypper", Source { unsigned, ..bare(&at.text, at.known) }, &at.range);
            }
        }
        "apk" if words().any(|w| w == "add") => {
            let options = super::packages::options(&call.args, &["-X", "--repository"]);
            let unsigned = words().any(|w| w == "--allow-untrusted");
            for option in options.iter().filter(|o| matches!(o.name.as_str(), "-X" | "--repository")) {
                if let Opt { value: Some(value), known, range, .. } = option
                    && value.contains("://")
                {
                    push(site, acts, "apk", Source { unsigned, ..bare(value, *known) }, range);
                }
            }
        }
        "brew" if words().next() == Some("tap") => {
            // Without an address behind it, it is a repository of that name on GitHub.
            if let Some(tap) = call.operands(&[]).get(1).filter(|tap| is_tap(&tap.text)) {
                push(site, acts, "brew", bare(&tap.text, tap.known), &tap.range);
            }
        }
        // `brew install owner/tap/formula` adds the tap.
        "brew" if words().next() == Some("install") => {
            for formula in call.operands(&[]).into_iter().skip(1) {
                let tap = formula.text.rsplit_once('/').map_or("", |(tap, _)| tap);
                if is_tap(tap) {
                    push(site, acts, "brew", bare(tap, formula.known), &formula.range);
                }
            }
        }
        "choco"
            if words().next().is_some_and(|w| matches!(w, "source" | "sources")) && words().nth(1) == Some("add") =>
        {
            address(site, acts, "choco");
        }
        "gem" if words().next() == Some("sources") && words().any(|w| matches!(w, "-a" | "--add")) => {
            address(site, acts, "gem");
        }
        "echo" | "printf" | "cat" | "tee" => written(site, acts),
        _ => {}
    }
    // A list that is fetched: `curl -o /etc/yum.repos.d/x.repo https://..`
    let own = acts.iter().rev().take_while(|a| a.command == site.index);
    let fetched: Vec<(&'static str, UrlText)> = own
        .filter_map(|act| match &act.kind {
            ActKind::Fetch { url, to: Output::File(path) | Output::Dir(path), .. } => Some((list(path)?, url.clone())),
            _ => None,
        })
        .collect();
    for (manager, url) in fetched {
        let range = site.command.range.clone();
        let found = Source { url, signed_by: None, unsigned: false };
        push(site, acts, manager, found, &range);
    }
}

/// A source as it is written.
struct Source {
    url: UrlText,
    signed_by: Option<String>,
    unsigned: bool,
}

fn bare(text: &str, known: bool) -> Source {
    Source { url: UrlText::new(text, known), signed_by: None, unsigned: false }
}

fn push(site: &Site<'_>, acts: &mut Vec<Act>, manager: &'static str, found: Source, range: &Range<usize>) {
    let Source { url, signed_by, unsigned } = found;
    if url.local {
        return;
    }
    let kind = ActKind::AddSource { manager, source: url, signed_by, unsigned };
    acts.push(Act { command: site.index, range: range.clone(), kind });
}

/// Whether a text is a tap of somebody else than Homebrew itself.
fn is_tap(text: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && !part.contains([':', '$', '.', ' ']);
    text.split_once('/').is_some_and(|(owner, name)| {
        is_word(owner) && is_word(name) && !name.contains('/') && !owner.eq_ignore_ascii_case("homebrew")
    })
}

/// Packages given by an address that bring a list of sources.
fn release_files(site: &Site<'_>, acts: &mut Vec<Act>) {
    for arg in site.call.args.iter().filter(|a| a.text.contains("://") && a.text.ends_with(".rpm")) {
        let name = arg.text.rsplit('/').next().unwrap_or("");
        if name.contains("release") || name.contains("repo") {
            push(site, acts, "dnf", bare(&arg.text, arg.known), &arg.range);
        }
    }
}

/// The first address among the arguments.
fn address(site: &Site<'_>, acts: &mut Vec<Act>, manager: &'static str) {
    let found = site.call.args.iter().find_map(|a| Some((a, a.text.find("http")?)));
    if let Some((arg, at)) = found {
        let text = arg.text.get(at..).unwrap_or_default();
        push(site, acts, manager, bare(text, arg.known), &arg.range);
    }
}

/// Whose list a file is.
fn list(path: &str) -> Option<&'static str> {
    LISTS.iter().find(|(folder, _)| path.contains(folder)).map(|(_, manager)| *manager)
}

/// Where a text goes: into a file, or by a pipe into `tee`.
fn goes_to(site: &Site<'_>) -> Option<String> {
    if let Some(path) = written_to(site) {
        return Some(path);
    }
    if site.call.name == "tee" {
        return site.call.operands(&[]).first().map(|o| o.text.clone());
    }
    let pipeline = site.program.pipelines.get(site.command.pipeline)?;
    let later = pipeline.stages.get(site.command.position + 1..)?.iter().flat_map(Clone::clone);
    later.into_iter().find_map(|index| {
        let call = crate::parse::shell::Invocation::of(site.program, site.program.commands.get(index)?)?;
        (call.name == "tee").then(|| call.operands(&[]).first().map(|o| o.text.clone()))?
    })
}

/// Lines that a command writes into a list of sources.
fn written(site: &Site<'_>, acts: &mut Vec<Act>) {
    let Some(manager) = goes_to(site).as_deref().and_then(list) else { return };
    let heredocs =
        site.command.redirects.iter().filter(|r| r.op == RedirectOp::HereDoc || r.op == RedirectOp::HereString);
    let here: Vec<(String, Range<usize>)> = heredocs
        .map(|r| (site.program.show(&r.target).0, r.heredoc.clone().unwrap_or_else(|| r.target.range.clone())))
        .collect();
    if site.call.name == "tee" && here.is_empty() {
        fetched_into(site, acts, manager);
        return;
    }
    let printed = matches!(site.call.name.as_str(), "echo" | "printf");
    let args = site.call.args.iter().filter(|_| printed).map(|a| (a.text.clone(), a.range.clone()));
    // A line of apt may be given as several words.
    let joined: Option<(String, Range<usize>)> = match (site.call.args.first(), site.call.args.last()) {
        (Some(first), Some(last)) if printed && first.text == "deb" => {
            let text: Vec<&str> = site.call.args.iter().map(|a| a.text.as_str()).collect();
            Some((text.join(" "), first.range.start..last.range.end))
        }
        _ => None,
    };
    let texts: Vec<(String, Range<usize>)> = match joined {
        Some(joined) => vec![joined],
        None => args.chain(here).collect(),
    };
    for (text, range) in texts {
        let unsigned = text.lines().any(|l| l.replace(' ', "").trim() == "gpgcheck=0");
        let key = text.lines().find_map(|l| l.trim().strip_prefix("Signed-By:")).map(|k| k.trim().to_owned());
        for line in text.split('\n').flat_map(|l| l.split("\\n")).take(MAX_LINES) {
            if let Some(found) = line_of(manager, line.trim()) {
                let signed_by = found.signed_by.or_else(|| key.clone());
                push(site, acts, manager, Source { unsigned: found.unsigned || unsigned, signed_by, ..found }, &range);
            }
        }
    }
}

/// `curl .. | tee /etc/apt/sources.list.d/x.list`: the list itself is fetched.
fn fetched_into(site: &Site<'_>, acts: &mut Vec<Act>, manager: &'static str) {
    let Some(pipeline) = site.program.pipelines.get(site.command.pipeline) else { return };
    let Some(earlier) = pipeline.stages.get(..site.command.position) else { return };
    let (Some(start), Some(end)) = (earlier.first().map(|s| s.start), earlier.last().map(|s| s.end)) else { return };
    let url = acts.iter().rev().take_while(|a| a.command >= start).find_map(|act| match &act.kind {
        ActKind::Fetch { url, .. } if act.command < end => Some(url.clone()),
        _ => None,
    });
    if let Some(url) = url {
        push(site, acts, manager, Source { url, signed_by: None, unsigned: false }, &site.command.range);
    }
}

/// The source that a line of a list names.
fn line_of(manager: &str, line: &str) -> Option<Source> {
    let value = match manager {
        "apt" => match line.strip_prefix("deb ").or_else(|| line.strip_prefix("deb-src ")) {
            Some(rest) => {
                let rest = rest.trim_start();
                let (options, rest) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
                    Some((options, rest)) => (options, rest.trim_start()),
                    None => ("", rest),
                };
                let url = rest.split_whitespace().next().filter(|u| u.contains(':') || u.starts_with('$'))?;
                let option =
                    |name: &str| options.split_whitespace().find_map(|o| o.strip_prefix(name)).map(str::to_owned);
                return Some(Source {
                    url: UrlText::new(url, !url.contains('$')),
                    signed_by: option("signed-by="),
                    unsigned: option("trusted=").as_deref() == Some("yes"),
                });
            }
            None => line.strip_prefix("URIs:"),
        },
        "apk" => line.contains("://").then(|| line.rsplit(' ').next().unwrap_or(line)),
        _ => line.strip_prefix("baseurl").map(|rest| rest.trim_start().trim_start_matches('=')),
    };
    let url = value?.split_whitespace().next().filter(|u| u.contains("://"))?;
    Some(bare(url, !url.contains('$')))
}
