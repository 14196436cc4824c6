//! A stranger's text written to the files by which steps hand on variables and folders.

use std::collections::BTreeSet;

use super::reach::{self, Cause, Holder, Run};
use super::script_injection::described;
use super::seen::{Seen, cause_of, route};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::condition::Passage;
use crate::graph::ci::expression::{Nature, Origin, Value, printed, words};
use crate::graph::ci::files::{Entry, Handed, entries, writes};
use crate::graph::ci::trust::From;
use crate::graph::kinds::workflow::{Script, Step};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "environment-file-injection",
    title: "a stranger's text sets variables of later steps",
    many: "{n} scripts let a stranger's text set variables of later steps",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("environment_file_injection.md"),
    check,
};

/// Variables that make a later program run code.
const LOADERS: &[&str] = &[
    "BASH_ENV",
    "ENV",
    "GIT_CONFIG_GLOBAL",
    "GIT_SSH_COMMAND",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PATH",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYOPT",
    "RUSTC_WRAPPER",
];

/// How much a stranger can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// What is written is not told by the files.
    Unknown,
    /// The value of one variable, or outputs.
    Value,
    /// Any variable, or folders of commands, by a file of a stranger's commit or artifact.
    File,
    /// Any variable, or folders of commands.
    Any,
}

/// One write.
struct Found {
    reach: Reach,
    to: Handed,
    place: Place,
    /// What is written, for the message.
    what: String,
    cause: Option<(Cause, Passage)>,
    origin: Option<Origin>,
}

impl Found {
    /// Whether what is written may have more than one line.
    fn has_lines(&self) -> bool {
        self.origin.as_ref().is_none_or(|origin| origin.multiline)
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let touches =
            |s: &Script| ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"].iter().any(|n| s.text.text.contains(n));
        if !run.steps.iter().any(|step| step.run.as_ref().is_some_and(touches)) {
            continue;
        }
        let mut told: BTreeSet<Place> = BTreeSet::new();
        let mut weak: Vec<(Found, &Step, Seen<'_>)> = Vec::new();
        for seen in Seen::of(scene, run) {
            for step in run.steps {
                for found in in_step(scene, run, step, &seen) {
                    if told.contains(&found.place) {
                        continue;
                    }
                    if found.reach >= Reach::File {
                        told.insert(found.place);
                        say(report, step, &seen, &found);
                    } else {
                        weak.push((found, step, seen.clone()));
                    }
                }
            }
        }
        weak.retain(|(found, ..)| told.insert(found.place));
        note(report, &weak);
    }
}

fn in_step(scene: &Scene<'_>, run: &Run<'_>, step: &Step, seen: &Seen<'_>) -> Vec<Found> {
    let Some(script) = &step.run else { return Vec::new() };
    let environment = seen.environment.at(step);
    let writes = writes(&script.text.text, &script.program, &script.dialect);
    let mut out = Vec::new();
    for to in [Handed::Env, Handed::Path, Handed::Output] {
        for entry in entries(&writes, to) {
            let value = if entry.is_output {
                printed(script, entry.command, step, &environment)
            } else {
                words(script, &entry.value, entry.command, step, &environment)
            };
            let place = Place::new(run.file, script.text.host_span(entry.range.clone()));
            let of = |reach, what, cause, origin| Found { reach, to, place, what, cause, origin };
            let mut strangers = value.strangers().filter_map(|origin| {
                let cause = match &seen.holder {
                    Some(_) => cause_of(run, step, seen, origin).map(|(cause, at)| (cause.clone(), at))?,
                    None => {
                        return Some(of(
                            of_stranger(&entry, to, origin),
                            described(origin),
                            None,
                            Some(origin.clone()),
                        ));
                    }
                };
                Some(of(of_stranger(&entry, to, origin), described(origin), Some(cause), Some(origin.clone())))
            });
            let gravest = strangers.by_ref().max_by_key(|f| f.reach);
            if let Some(found) = gravest {
                // One line in an output stays in it. What reads the output is looked at where it is read.
                let is_kept = to == Handed::Output && entry.name.is_some() && !found.has_lines();
                if !is_kept {
                    out.push(found);
                }
            } else if let Some(found) = unknown(scene, run, step, seen, &entry, &value, to) {
                out.push(Found { place, ..found });
            }
        }
    }
    out
}

/// What a stranger's text can set.
fn of_stranger(entry: &Entry, to: Handed, origin: &Origin) -> Reach {
    // A delimiter that stands in the file can be written by the stranger as well.
    let breaks_out = origin.multiline && !entry.random_end;
    match to {
        Handed::Path => Reach::Any,
        Handed::Output => Reach::Value,
        Handed::Env if entry.name.is_none() || breaks_out || is_loader(entry) => Reach::Any,
        Handed::Env => Reach::Value,
    }
}

fn is_loader(entry: &Entry) -> bool {
    entry.name.as_deref().is_some_and(|name| LOADERS.contains(&name.to_ascii_uppercase().as_str()))
}

/// A write of something the files do not tell, under an event of strangers.
fn unknown(
    scene: &Scene<'_>,
    run: &Run<'_>,
    step: &Step,
    seen: &Seen<'_>,
    entry: &Entry,
    value: &Value,
    to: Handed,
) -> Option<Found> {
    let source = value.origins.iter().find(|o| o.nature == Nature::Unknown)?;
    if to == Handed::Output {
        return None;
    }
    let anything = Origin::new(Nature::Unknown, source.context.clone());
    let cause = match &seen.holder {
        Some(_) => {
            let (cause, at) = cause_of(run, step, seen, &anything)?;
            Some((cause.clone(), at)).filter(|(cause, _)| reach::is_stranger_event(&cause.event))
        }
        None => None,
    };
    if cause.is_none() && seen.holder.is_some() {
        return None;
    }
    let text = step.run.as_ref().map_or("", |r| r.text.text.as_str());
    if entry.name.is_some() && !is_loader(entry) && is_one_line(&source.context, text) {
        return None;
    }
    // What is read from a file may have lines of its own, and the file be a stranger's.
    let reads = ["cat ", "head ", "tail ", "jq ", "grep ", "sed ", "awk ", "source "];
    let is_file = reads.iter().any(|r| source.context.starts_with(r)) && !entry.random_end;
    // A script that asks for nothing but digits checks before it writes.
    let checks = ["^[0-9]+$", "^[0-9]*$", "^\\d+$", "^[[:digit:]]+$", "^[1-9][0-9]*$"];
    let is_file = is_file && !checks.iter().any(|check| text.contains(check));
    let is_strangers = is_file && cause.as_ref().is_some_and(|_| holds_strangers_files(scene, seen));
    Some(Found {
        reach: if is_strangers { Reach::File } else { Reach::Unknown },
        to,
        place: Place::new(run.file, step.span),
        what: if source.context.contains([' ', '$']) {
            format!("what `{}` yields", source.context)
        } else {
            format!("`{}`", source.context)
        },
        cause,
        origin: None,
    })
}

/// Whether a command or a variable of a script yields one line, whatever it is given: line breaks are deleted, or
/// the shell's own `read` took it.
fn is_one_line(context: &str, script: &str) -> bool {
    if let Some(set) = context.strip_prefix("tr -d ") {
        return set.contains("[:space:]") || set.contains("\\n");
    }
    let Some(name) = context.strip_prefix('$') else { return false };
    script.lines().any(|line| {
        let words: Vec<&str> = line.split([' ', ';', '\t']).filter(|w| !w.is_empty()).collect();
        let reads = words.iter().position(|w| *w == "read").and_then(|at| words.get(at + 1..));
        let reads = reads.map(|rest| rest.split(|w| w.starts_with('<')).next().unwrap_or(rest));
        reads.is_some_and(|rest| rest.contains(&name) && !rest.iter().any(|w| w.starts_with("-d")))
    })
}

/// Whether a stranger's commit lies in the job, or what another run left.
fn holds_strangers_files(scene: &Scene<'_>, seen: &Seen<'_>) -> bool {
    let holder = seen.holder.as_ref();
    holder.and_then(|h| scene.trust.of(h.workflow, h.job)).is_some_and(|job| {
        let has_commit = !job.brought.is_empty() || job.intrusions.iter().any(|i| i.checkout.is_some());
        has_commit || job.downloads.iter().any(|d| d.from != From::Own)
    })
}

fn say(report: &mut Reporter<'_>, step: &Step, seen: &Seen<'_>, found: &Found) {
    let event = found.cause.as_ref().map(|(cause, _)| cause.event.as_str());
    let gated = found.cause.as_ref().is_some_and(|(_, at)| *at == Passage::Gated);
    let stranger = event.is_some_and(reach::is_stranger_event);
    let is_weighty = seen.holder.as_ref().is_some_and(|h: &Holder<'_>| h.privilege.is_weighty());
    let (severity, confidence, impact) = match (event, stranger, gated, found.reach) {
        (_, true, false, Reach::Any) if is_weighty => {
            (Severity::Critical, Confidence::High, Some(Impact::StrangerExecutes))
        }
        (_, true, false, Reach::Any) => (Severity::High, Confidence::High, Some(Impact::StrangerExecutes)),
        // Whether the file is one of the stranger's is not told.
        (_, true, false, _) => (Severity::High, Confidence::Medium, None),
        (_, true, true, _) | (None, ..) => (Severity::Medium, Confidence::Medium, None),
        (Some("push" | "gollum"), ..) => (Severity::Low, Confidence::Medium, None),
        (Some(_), false, ..) => (Severity::Medium, if gated { Confidence::Low } else { Confidence::Medium }, None),
    };
    let file = found.to.variable();
    let mut draft = report
        .at(found.place, format!("is written to {file}"))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("step", step.title(), None)
        .content(format!("{file} {}", found.what));
    draft = route(draft, seen, found.cause.as_ref().map(|(cause, _)| cause));
    for (name, place) in found.origin.iter().flat_map(|o| &o.by) {
        draft = draft.via(format!("handed on by {name}"), *place);
    }
    let does = match found.to {
        Handed::Path => "names folders from which later steps take their commands",
        Handed::Env | Handed::Output => {
            "can set any variable of the later steps, `LD_PRELOAD` or `NODE_OPTIONS` among them"
        }
    };
    let whose = if found.reach == Reach::File { ", perhaps a stranger's text," } else { ", a stranger's text," };
    let under = event.map_or_else(|| " for whoever uses the action".to_owned(), |event| format!(" under {event}"));
    draft
        .advise(match found.to {
            Handed::Path => "write no folder that others name; call the program by its full path",
            Handed::Env | Handed::Output => {
                "hand it on as an output and read it with `env:` of the step that needs it, or check first that it is what it should be, a number for example"
            }
        })
        .say(format!("{}{whose} {does}{under}", found.what));
}

/// One note of a run for all that does not let anybody run code by itself.
fn note(report: &mut Reporter<'_>, weak: &[(Found, &Step, Seen<'_>)]) {
    let Some((first, step, seen)) = weak.first() else { return };
    let mut files: Vec<&str> = weak.iter().map(|(found, ..)| found.to.variable()).collect();
    files.sort_unstable();
    files.dedup();
    let draft = report
        .at(first.place, format!("is written to {}", first.to.variable()))
        .severity(Severity::Low)
        .confidence(Confidence::Low)
        .about("step", step.title(), None)
        .each(weak.iter().map(|(found, ..)| found.what.as_str()))
        .also(weak.iter().map(|(found, ..)| found.place));
    let more = if weak.len() > 1 { format!(" and {} more", weak.len() - 1) } else { String::new() };
    route(draft, seen, first.cause.as_ref().map(|(cause, _)| cause))
        .advise(if weak.iter().any(|(found, ..)| found.has_lines()) {
            "write nothing there that has lines of its own: take one line, or use a delimiter that is made up for each run"
        } else {
            "hand it on as an output and read it with `env:` of the step that needs it, so that no other step sees it"
        })
        .say(format!("{}{more} is written to {}", first.what, files.join(" and ")));
}

#[cfg(test)]
mod tests {
    use super::is_one_line;

    #[test]
    fn what_yields_one_line_is_told() {
        for (context, script, expected) in [
            ("tr -d [:space:]", "", true),
            ("tr -d \\n", "", true),
            ("tr -d x", "", false),
            ("$A", "IFS=, read -r -a A <<< \"$B\"", true),
            ("$A", "read -r -d '' A < file", false),
            ("$A", "A=$(cat file)", false),
            ("cat file", "", false),
        ] {
            assert_eq!(is_one_line(context, script), expected, "{context} {script}");
        }
    }
}
