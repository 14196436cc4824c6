//! A file that is downloaded and then run or installed, unverified.

use std::collections::{BTreeMap, BTreeSet};

use super::advice::{self, Comparer, Ground};
use super::download;
use super::followed::{self, Followed, followed, is_read_as_it_arrives, is_unchecked};
use super::mutable_url;
use crate::commands::{Act, ActKind, Output, UrlText};
use crate::diag::Severity;
use crate::graph::flow::{Download, Use, UseKind};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::basename;
use crate::rules::workflow::reach::Run;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "download-then-execute",
    title: "a download is run unverified",
    many: "{n} downloads are run unverified",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("download_then_execute.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: Vec<Vec<Followed<'_, '_>>> = Vec::new();
    let mut by_use: BTreeMap<(FileId, Place, String), Vec<Vec<Followed<'_, '_>>>> = BTreeMap::new();
    for one in followed(scene, &is_told).into_values() {
        match followed::main(&one) {
            Some(main) if one.len() == 1 => {
                let key = (main.place().file, main.usage.at.place, download::host(&main.download.url));
                by_use.entry(key).or_default().push(one);
            }
            _ => found.push(one),
        }
    }
    // Parts of one thing: what one command makes of many files of one host is told once.
    for parts in by_use.into_values() {
        if parts.len() >= PARTS { found.push(parts.into_iter().flatten().collect()) } else { found.extend(parts) }
    }
    for found in &found {
        say(scene, report, found);
    }
}

/// Files of one host that one command uses, from which on they are one subject.
const PARTS: usize = 4;

/// Whether a use runs a file that nothing checked. What is read as it arrives is told by another rule.
fn is_told(download: &Download<'_>, usage: &Use<'_>) -> bool {
    let runs = match usage.kind {
        UseKind::Executed | UseKind::Interpreted | UseKind::Installed | UseKind::OnPath => true,
        UseKind::Placed | UseKind::MadeExecutable => true,
        // A build of what moves is told by another rule.
        UseKind::Built => !mutable_url::moves(&download.url.text),
        UseKind::Loaded | UseKind::InImage | UseKind::Published => false,
    };
    runs && is_unchecked(&usage.check) && !download.uses.iter().any(|u| is_read_as_it_arrives(download, u))
}

fn how(usage: &Use<'_>) -> String {
    match (usage.kind, usage.at.act().map(|a| &a.kind)) {
        (UseKind::Installed, Some(ActKind::InstallLocal { manager, .. })) => format!("installed by {manager}"),
        (UseKind::Interpreted, Some(ActKind::Interpret { by, .. })) => format!("run by {by}"),
        (UseKind::OnPath, _) => "put on the search path".to_owned(),
        (UseKind::Placed, _) => "put into folders of the system".to_owned(),
        (UseKind::MadeExecutable, _) => "made executable".to_owned(),
        (UseKind::Built, _) => "unpacked and built".to_owned(),
        _ => "executed".to_owned(),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Followed<'_, '_>]) {
    let Some(main) = followed::main(found) else { return };
    let (url, run) = (&main.download.url, main.run);
    let (Some(script), Some(fetch)) = (main.download.at.script, main.download.at.act()) else { return };
    let (severity, confidence, impact, held) = main.weigh();
    let host = download::host(url);
    let what = named(fetch, url).map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    let how = how(main.usage);
    let names: BTreeSet<&str> = found.iter().map(|f| f.download.url.text.as_str()).collect();
    let what = if names.len() > 1 { format!("{what} and {} more", names.len() - 1) } else { what };
    let is = if names.len() > 1 { "are" } else { "is" };
    let draft = report
        .at(main.place(), download::shown(url))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(Followed::place))
        .related(main.usage.at.place, format!("{how} here"))
        .about("download", host.clone(), None)
        .content(url.text.clone())
        .evidence(format!(
            "{}; no check that would stop the script stands between the download and its use",
            download::evidence(url)
        ));
    let draft = main.route(scene, draft).advise(advice(run, script, fetch, url));
    let other_way = advice::other_way(url, Ground::of(run));
    let mut draft = other_way.iter().fold(draft, |draft, other| draft.advise(format!("or {other}")));
    if let Some(path) = of_tree(scene, url) {
        draft = draft.advise(format!(
            "or, where this repository's own `{path}` is meant, check it out and run it from there: actions/checkout@<commit>"
        ));
    }
    draft.say(format!("{what} from {host} {is} {how} unverified{held}"));
}

/// The file's name: as the address has it, else as the script does.
fn named(fetch: &Act, url: &UrlText) -> Option<String> {
    let name = url.file_name().filter(|name| !name.contains('$') && !url.text.starts_with("gh:"));
    let own = || {
        let written = download::written(&fetch.kind).filter(|_| !url.text.starts_with("gh:"))?;
        let name = basename(&written);
        (!name.is_empty() && !name.contains('$')).then(|| name.to_owned())
    };
    name.map(str::to_owned).or_else(own)
}

/// The file of this tree that an address of GitHub's raw files names too.
fn of_tree(scene: &Scene<'_>, url: &UrlText) -> Option<RepoPath> {
    let rest = url.text.strip_prefix("https://raw.githubusercontent.com/")?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    // owner, repository, branch
    let path = rest.splitn(4, '/').nth(3)?;
    let path = path.strip_prefix("heads/").and_then(|branch| branch.split_once('/')).map_or(path, |(_, path)| path);
    RepoPath::new(path).filter(|path| path.name() != path.as_str() && scene.files.contains(path))
}

fn advice(run: &Run<'_>, script: &Script, fetch: &Act, url: &UrlText) -> String {
    let comparer = Comparer::of(run, script);
    let moving = download::fixity(url) == download::Fixity::Moving;
    let piped = matches!(&fetch.kind, ActKind::Fetch { to: Output::Stdout, .. });
    let extracts = script.acts.iter().find(|a| a.command > fetch.command).and_then(|a| match &a.kind {
        ActKind::Extract { archive: None, .. } if piped => Some(a.command),
        _ => None,
    });
    if let Some(command) = extracts {
        let name = url.file_name().filter(|n| n.contains('.') && download::plain(n)).unwrap_or("download.tar.gz");
        let from = if moving || !download::plain(&url.text) { "\"<address of a version>\"" } else { url.text.as_str() };
        return format!(
            "save it to a file and check that against a digest kept in the repository before it is unpacked: \
             curl -fsSL -o {name} {from} && {} && tar {}",
            comparer.command(name),
            unpacking(&download::arguments(script, command), name).join(" ")
        );
    }
    advice::check(url, download::written(&fetch.kind).as_deref(), comparer, Ground::of(run))
}

/// The arguments of `tar`, reading a file instead of its input.
fn unpacking(args: &[String], name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut file = false;
    for (index, arg) in args.iter().enumerate() {
        let letters = arg.trim_start_matches('-');
        let options = !arg.starts_with("--") && (index == 0 || arg.starts_with('-')) && !letters.is_empty();
        if arg == "-" && args.get(index.wrapping_sub(1)).is_some_and(|a| a.ends_with('f')) {
            out.push(name.to_owned());
            file = true;
        } else if options && index == 0 && !letters.contains('f') && args.iter().all(|a| a != "-f" && a != "-") {
            out.push(format!("{arg}f"));
            out.push(name.to_owned());
            file = true;
        } else {
            out.push(arg.clone());
        }
    }
    if !file {
        out.extend(["-f".to_owned(), name.to_owned()]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tar_reads_the_file_that_was_checked() {
        for (args, expected) in [
            ("xzf - -C ~/bin", "xzf a.tgz -C ~/bin"),
            ("xz -C d", "xzf a.tgz -C d"),
            ("-xz", "-xzf a.tgz"),
            ("-C d -xzf -", "-C d -xzf a.tgz"),
        ] {
            let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
            assert_eq!(unpacking(&args, "a.tgz").join(" "), expected);
        }
    }
}
