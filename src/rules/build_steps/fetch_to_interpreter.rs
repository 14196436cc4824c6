//! A download that an interpreter runs as it arrives.

use super::advice::{self, Comparer, Ground};
use super::download;
use super::followed::{self, Followed, followed, is_read_as_it_arrives};
use crate::commands::{Act, ActKind, Input, UrlText};
use crate::diag::Severity;
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach::Run;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "fetch-to-interpreter",
    title: "a download is run as it arrives",
    many: "{n} downloads are run as they arrive",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("fetch_to_interpreter.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for found in followed(scene, &is_read_as_it_arrives).values() {
        say(scene, report, found);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Followed<'_, '_>]) {
    let Some(main) = followed::main(found) else { return };
    let (url, run) = (&main.download.url, main.run);
    let (Some(script), Some(usage)) = (main.usage.at.script, main.usage.at.act()) else { return };
    let ActKind::Interpret { by, .. } = &usage.kind else { return };
    let (severity, confidence, impact, held) = main.weigh();
    let host = download::host(url);
    let mut draft = report
        .at(main.place(), format!("read by {by}"))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(Followed::place))
        .about("download", host.clone(), None)
        .content(url.text.clone())
        .evidence(format!("{}; nothing stands between the download and {by}", download::evidence(url)));
    if main.usage.at.file() != main.place().file {
        draft = draft.related(main.usage.at.place, format!("read by {by} here"));
    }
    let draft = main.route(scene, draft);
    draft.advise(advice(run, script, usage, url)).say(format!("what {host} serves is run by {by} as it arrives{held}"));
}

/// The tool's own pinned way, where there is one.
fn advice(run: &Run<'_>, script: &Script, usage: &Act, url: &UrlText) -> String {
    let comparer = Comparer::of(run, script);
    if let Some(told) = advice::other_way(url, Ground::of(run)) {
        return told;
    }
    let ActKind::Interpret { by, input } = &usage.kind else { return String::new() };
    let moving = download::fixity(url) == download::Fixity::Moving;
    let (from, one) = if moving || !download::plain(&url.text) {
        ("\"<address of a version>\"", "fetch one version to a file")
    } else {
        (url.text.as_str(), "fetch it to a file")
    };
    let name = url.file_name().filter(|n| download::plain(n) && !n.contains('$'));
    if comparer == Comparer::PowerShell || by == "iex" || by == "invoke-expression" {
        let file = name.filter(|n| n.ends_with(".ps1")).unwrap_or("install.ps1");
        return format!(
            "{one} and check it before it runs: Invoke-WebRequest {from} -OutFile {file}; {}; ./{file}",
            Comparer::PowerShell.command(file)
        );
    }
    let file = name.unwrap_or("install.sh");
    let program = if matches!(by.as_str(), "eval" | "source" | ".") { "." } else { by };
    let file_path = if program == "." { format!("./{file}") } else { file.to_owned() };
    let rest = kept(input, &download::arguments(script, usage.command));
    let call: Vec<&str> = std::iter::once(program)
        .chain(rest.before.iter().map(String::as_str))
        .chain([file_path.as_str()])
        .chain(rest.after.iter().map(String::as_str))
        .collect();
    format!(
        "{one} and check it before it runs: curl -fsSL -o {file} {from} && {} && {}",
        comparer.command(file),
        call.join(" ")
    )
}

/// Arguments of an interpreter and of the script it runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    before: Vec<String>,
    after: Vec<String>,
}

/// The arguments that stay when the script comes from a file.
fn kept(input: &Input, args: &[String]) -> Kept {
    let mut out = Kept::default();
    let mut args = args.iter();
    match input {
        // `bash -s -- -y`, `python3 - --version 1`
        Input::Stdin => {
            let mut own = true;
            for arg in args {
                if !own || !arg.starts_with('-') {
                    own = false;
                    out.after.push(arg.clone());
                } else if matches!(arg.as_str(), "--" | "-") {
                    own = false;
                } else if arg != "-s" {
                    out.before.push(arg.clone());
                }
            }
        }
        // `bash <(...) -y`, `bash -c "$(...)" name -y`
        _ => {
            let mut text = false;
            for arg in args.by_ref() {
                if arg == "-c" {
                    text = true;
                } else if arg.starts_with('-') && !arg.starts_with("-c") {
                    out.before.push(arg.clone());
                } else {
                    break;
                }
            }
            out.after = args.skip(usize::from(text)).cloned().collect();
        }
    }
    if !out.before.iter().chain(&out.after).all(|a| !a.contains(['\n', '"', '`'])) {
        return Kept::default();
    }
    // What a substitution yields is not written down here: its place is kept.
    for arg in out.before.iter_mut().chain(&mut out.after) {
        *arg = arg.replace("$(...)", "<as before>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stay_with_the_script() {
        for (input, args, before, after) in [
            (Input::Stdin, "-s -- --version 1.2", "", "--version 1.2"),
            (Input::Stdin, "", "", ""),
            (Input::Stdin, "-x -s stable", "-x", "stable"),
            (Input::Stdin, "- --yes", "", "--yes"),
            (Input::Stdin, "-s -- -b $(...)/bin v2", "", "-b <as before>/bin v2"),
            (Input::ProcessSubstitution(0..1), "<(...) -y", "", "-y"),
            (Input::Substitution(0..1), "-c $(...) name -y", "", "-y"),
        ] {
            let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
            let found = kept(&input, &args);
            assert_eq!(
                (found.before.join(" "), found.after.join(" ")),
                (before.to_owned(), after.to_owned()),
                "{args:?}"
            );
        }
    }
}
