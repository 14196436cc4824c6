//! What jobs leave as artifacts of their run and take from runs. Sources: the `action.yml` of
//! `actions/upload-artifact`, `actions/download-artifact`, `dawidd6/action-download-artifact`; the manual of
//! `gh run download`; GitHub's REST reference, "Artifacts".

use super::keys::may_be_one;
use super::steps::Placed;
use super::version;
use crate::commands::ActKind;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::source::{Place, Sources};

/// An artifact that a step leaves.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// Where the step says so.
    pub(crate) place: Place,
    /// Its name, which may hold expressions.
    pub(crate) name: String,
}

/// Artifacts that a step takes.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    /// The line to change: what says which run, else the action or command.
    pub(crate) place: Place,
    /// The step, by position among those that run.
    pub(crate) at: usize,
    /// The job's own step it belongs to, by position.
    pub(crate) top: usize,
    /// The name or pattern; none for all.
    pub(crate) name: Option<String>,
    /// Whose run it belongs to.
    pub(crate) from: From,
    /// The folder it goes to, empty for the workspace. None while it is still an archive.
    pub(crate) folder: Option<String>,
    /// What takes it.
    pub(crate) by: String,
}

impl Download {
    /// Whether it may take an artifact of a name.
    pub(crate) fn may_be(&self, name: &str) -> bool {
        self.name.as_deref().is_none_or(|own| may_be_one(own, name))
    }
}

/// Whose run an artifact belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// The run of the job itself.
    Own,
    /// The run that caused this one by `workflow_run`.
    Cause,
    /// The newest run of a workflow, by name or file, whose event is not asked for. Runs of forks count only if
    /// the second part says so.
    Newest(String, bool),
    /// A run that the files do not tell.
    Unknown,
}

/// The artifact a step leaves, if it does.
pub(crate) fn upload(placed: &Placed<'_>) -> Option<Upload> {
    let (action, _) = placed.action()?;
    let default = match action.as_str() {
        "actions/upload-artifact" | "actions/upload-artifact/merge" => "artifact",
        "actions/upload-pages-artifact" => "github-pages",
        _ => return None,
    };
    let name = placed.step.input("name").map_or_else(|| default.to_owned(), |name| name.value.trim().to_owned());
    Some(Upload { place: placed.place(), name })
}

/// The artifacts a step takes. `known` gives the text of a name where the files say it.
pub(crate) fn downloads(
    placed: &Placed<'_>,
    at: usize,
    sources: &Sources,
    known: &dyn Fn(&str) -> Option<String>,
) -> Vec<Download> {
    if let Some(script) = &placed.step.run {
        return by_script(placed, at, script, known);
    }
    let Some((action, reference)) = placed.action() else { return Vec::new() };
    let step = placed.step;
    let text = |input: &str| step.input(input).map(|value| value.value.trim().to_owned()).filter(|v| !v.is_empty());
    let folder = |input: &str| text(input).map(|path| trimmed(&path)).unwrap_or_default();
    let line = |input: &str| step.input(input).map_or_else(|| placed.place(), |v| Place::new(placed.file, v.span));
    let one = |place, name, from, folder| {
        vec![Download { place, at, top: placed.top, name, from, folder: Some(folder), by: action.clone() }]
    };
    match action.as_str() {
        "actions/download-artifact" => {
            let from = text("run-id").map_or(From::Own, |run| run_of(&run, known));
            one(line("run-id"), text("name").or_else(|| text("pattern")), from, folder("path"))
        }
        "dawidd6/action-download-artifact" => {
            let asked = [text("run_id"), text("commit"), text("pr"), text("run_number")];
            let from = match asked.into_iter().flatten().next() {
                Some(run) => run_of(&run, known),
                None if text("event").is_some_and(|event| !event.contains("pull_request")) => return Vec::new(),
                None => {
                    let version = step
                        .uses
                        .as_ref()
                        .and_then(|uses| version::written(sources.get(placed.file), uses.span, reference));
                    // Runs of forks are passed over since version 6, unless asked for.
                    let old = version.and_then(|v| version::parts(&v).0).is_some_and(|major| major < 6);
                    let forks = text("allow_forks").map_or(old, |value| value != "false");
                    From::Newest(text("workflow").unwrap_or_default(), forks)
                }
            };
            let regular = text("name_is_regexp").is_some_and(|value| value != "false");
            one(placed.place(), text("name").filter(|_| !regular), from, folder("path"))
        }
        // A script asks the interface for an archive and writes it; a later step unpacks it.
        "actions/github-script" => {
            let script = text("script").unwrap_or_default();
            let asks = script.contains("downloadArtifact(") || script.contains("/actions/artifacts/");
            let from = if script.contains("workflow_run") { From::Cause } else { From::Unknown };
            let found =
                Download { place: placed.place(), at, top: placed.top, name: None, from, folder: None, by: action };
            if asks { vec![found] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Which run an expression names.
fn run_of(text: &str, known: &dyn Fn(&str) -> Option<String>) -> From {
    let lower = super::checkout::put_in(text, known).to_ascii_lowercase();
    if lower.contains("github.event.workflow_run") {
        From::Cause
    } else if lower.contains("github.run_id") {
        From::Own
    } else {
        From::Unknown
    }
}

fn by_script(placed: &Placed<'_>, at: usize, script: &Script, known: &dyn Fn(&str) -> Option<String>) -> Vec<Download> {
    let mut out = Vec::new();
    for command in &script.program.commands {
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        if call.name != "gh" {
            continue;
        }
        let place = Place::new(placed.file, script.text.host_span(command.range.clone()));
        let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
        let made =
            |name, from, folder| Download { place, at, top: placed.top, name, from, folder, by: "gh".to_owned() };
        if words.starts_with(&["run", "download"]) {
            let valued = ["-n", "--name", "-D", "--dir", "-p", "--pattern", "-R", "--repo"];
            let run = call.operands(&valued).get(2).map(|arg| variable(placed, &arg.text, known));
            let name = call.value(Some('n'), "name").or_else(|| call.value(Some('p'), "pattern"));
            let folder = call.value(Some('D'), "dir").map(trimmed).unwrap_or_default();
            let from = run.map_or(From::Unknown, |run| run_of(&run, known));
            out.push(made(name.map(str::to_owned), from, Some(folder)));
        } else if words.first() == Some(&"api") {
            let asked = words.iter().skip(1).map(|word| variable(placed, word, known));
            let asked = asked.filter(|text| text.contains("artifacts")).collect::<Vec<_>>();
            if let Some(text) = asked.first() {
                out.push(made(None, run_of(text, known), None));
            }
        }
    }
    out
}

/// What a variable of a script was set to by the step, its job or its workflow; the text itself where it is none.
fn variable(placed: &Placed<'_>, text: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let Some((before, name)) = text.split_once('$') else { return text.to_owned() };
    let name: String =
        name.trim_start_matches('{').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if name.is_empty() || before.ends_with('{') {
        return text.to_owned();
    }
    let own = placed.step.env.iter().find(|(key, _)| key.value == name).map(|(_, value)| value.value.clone());
    own.or_else(|| known(&format!("env.{name}"))).map_or_else(|| text.to_owned(), |value| format!("{text} {value}"))
}

/// A folder of the workspace without the ways to say so.
fn trimmed(path: &str) -> String {
    let path = path.trim().trim_matches(['"', '\'']);
    let path = ["${{ github.workspace }}", "${{github.workspace}}", "$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}"]
        .iter()
        .find_map(|root| path.strip_prefix(root))
        .unwrap_or(path);
    let mut path = path.trim_start_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    let path = path.trim_end_matches(['/', '*']);
    if path == "." { String::new() } else { path.to_owned() }
}

/// Where the archive that an earlier step fetched is unpacked by a step, if it is.
pub(crate) fn unpacked(placed: &Placed<'_>) -> Option<String> {
    let script = placed.step.run.as_ref()?;
    let mut here = placed.step.working_directory.as_ref().map(|d| trimmed(&d.value)).unwrap_or_default();
    for act in &script.acts {
        match &act.kind {
            ActKind::ChangeDir { path: Some(path) } => here = trimmed(path),
            ActKind::Extract { dir: Some(dir), .. } if super::executed::is_outside(dir) => return Some(dir.clone()),
            ActKind::Extract { dir, .. } => {
                let inner = dir.as_deref().map(trimmed).unwrap_or_default();
                return Some(match (here.is_empty(), inner.is_empty()) {
                    (true, _) => inner,
                    (_, true) => here,
                    _ => format!("{here}/{inner}"),
                });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_workspace_have_one_spelling() {
        for (written, expected) in [
            (".", ""),
            ("./", ""),
            ("./dist/", "dist"),
            ("${{ github.workspace }}/dist", "dist"),
            ("$GITHUB_WORKSPACE", ""),
            ("a/b/*", "a/b"),
        ] {
            assert_eq!(trimmed(written), expected, "{written}");
        }
    }

    #[test]
    fn runs_are_told_apart() {
        let known = |name: &str| (name == "env.RUN").then(|| "${{ github.event.workflow_run.id }}".to_owned());
        assert_eq!(run_of("${{ github.event.workflow_run.id }}", &known), From::Cause);
        assert_eq!(run_of("${{ env.RUN }}", &known), From::Cause);
        assert_eq!(run_of("${{ github.run_id }}", &known), From::Own);
        assert_eq!(run_of("${{ steps.x.outputs.id }}", &known), From::Unknown);
    }
}
