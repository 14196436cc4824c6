//! A file that is downloaded and then run or installed, unverified.

use std::collections::BTreeMap;

use super::advice::{self, Comparer, Ground};
use super::download;
use crate::commands::{Act, ActKind, Output, UrlText, download_then_execute, left_behind};
use crate::diag::Severity;
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "download-then-execute",
    title: "a download is run unverified",
    many: "{n} downloads are run unverified",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("download_then_execute.md"),
    check,
};

/// Later scripts of a job looked at for the use of a download.
const MAX_LATER: usize = 64;

/// One download and its use.
struct Found<'a, 'r> {
    place: Place,
    used_at: Place,
    run: &'r Run<'a>,
    step: String,
    url: UrlText,
    how: String,
    advice: String,
    other_way: Option<String>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: BTreeMap<(Option<FileId>, String), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in runs.iter().filter(|run| !run.is_of_agent()) {
        let scripts = run.scripts();
        for (at, piece) in scripts.iter().enumerate() {
            let script = piece.script;
            let mut pairs: Vec<(usize, &Script, usize)> = download_then_execute(&script.program, &script.acts)
                .into_iter()
                .filter(|flow| flow.verified_by.is_none())
                .map(|flow| (flow.fetch, script, flow.usage))
                .collect();
            for left in left_behind(&script.program, &script.acts, &piece.folder) {
                let later = scripts.get(at + 1..).unwrap_or_default().iter().take(MAX_LATER);
                pairs.extend(
                    later
                        .filter_map(|l| Some((left.fetch, l.script, left.executed_by(&l.script.acts, &l.folder)?)))
                        .take(1),
                );
            }
            for (fetch, user, usage) in pairs {
                let (Some(fetch), Some(usage)) = (script.acts.get(fetch), user.acts.get(usage)) else { continue };
                let ActKind::Fetch { url, .. } = &fetch.kind else { continue };
                // What this repository released, or another of its jobs built, is its own.
                let own = url.text.starts_with("gh:./")
                    || url.text.contains("/runs/")
                    || url.text.contains("github.repository }}/releases");
                if url.local || own {
                    continue;
                }
                let place = |script: &Script, range: &std::ops::Range<usize>| {
                    Place::new(run.file, script.text.host_span(range.clone()))
                };
                let one = Found {
                    place: place(script, &fetch.range),
                    used_at: place(user, &usage.range),
                    run,
                    step: piece.title(),
                    url: url.clone(),
                    how: how(&usage.kind),
                    advice: advice(run, script, fetch, url),
                    other_way: advice::other_way(url, Ground::of(run)),
                };
                let places = found.entry((run.one_file(), url.text.clone())).or_default();
                // A file that is run twice is one download.
                if !places.iter().any(|p| p.place == one.place) {
                    places.push(one);
                }
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

fn how(usage: &ActKind) -> String {
    match usage {
        ActKind::InstallLocal { manager, .. } => format!("installed by {manager}"),
        ActKind::Interpret { by, .. } => format!("run by {by}"),
        ActKind::MakeExecutable { .. } | ActKind::Transfer { .. } | ActKind::Extract { .. } => {
            "put on the search path".to_owned()
        }
        _ => "executed".to_owned(),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let (severity, confidence, impact) = download::weigh(main.run, &main.url);
    let host = download::host(&main.url);
    let file = main.url.file_name().filter(|_| main.url.known && !main.url.text.starts_with("gh:"));
    let what = file.map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, download::shown(&main.url))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .related(main.used_at, format!("{} here", main.how))
        .about("download", host.clone(), None)
        .content(main.url.text.clone())
        .evidence(format!(
            "{}; no check that would stop the script stands between the download and its use",
            download::evidence(&main.url)
        ));
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    let draft = main
        .other_way
        .iter()
        .fold(draft.advise(main.advice.clone()), |draft, other| draft.advise(format!("or {other}")));
    draft.say(format!("{what} from {host} is {} unverified{held}", main.how));
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
