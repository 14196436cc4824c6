//! What a job does with the files of an artifact: reads them as data, or lets them decide what runs.

use super::artifacts::{Download, From, unpacked};
use super::executed::{Course, executes, is_outside, is_within, names_folder, shown};
use super::handed;
use super::steps::Placed;
use crate::commands::{ActKind, Transfer};
use crate::graph::ci::condition::Passage;
use crate::graph::ci::expression::{expressions, step_output};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::source::Place;

/// What an artifact's files decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// They run, or what runs takes code from them.
    Runs,
    /// They are put into the environment of later steps.
    Environment,
    /// They become part of a script's text.
    Script,
    /// They are installed.
    Installs,
    /// They are put out as a release.
    Publishes,
}

/// A use of an artifact that is more than reading.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// How.
    pub(crate) how: How,
    /// By what, in words.
    pub(crate) what: String,
    /// Where.
    pub(crate) place: Place,
    /// Files that give code to it; none where it names what it runs.
    pub(crate) files: &'static [&'static str],
    /// The folder the files were in; empty for the workspace.
    pub(crate) folder: String,
    /// The job that does it, among those of the view, where it is another that waits for the one that took it.
    pub(crate) by: Option<usize>,
}

/// The first use of an artifact's files that is more than reading, and else the steps whose outputs hold what a
/// file says.
pub(crate) fn taken(course: &Course<'_, '_>, download: &Download) -> (Option<Taken>, Vec<String>) {
    let mut outputs: Vec<&str> = Vec::new();
    let found = first_use(course, download, &mut outputs);
    let outputs = if found.is_some() { Vec::new() } else { outputs };
    (found, outputs.into_iter().map(str::to_owned).collect())
}

/// `outputs` are filled with the steps whose outputs hold what a file says, by their id.
fn first_use<'a>(course: &Course<'a, '_>, download: &Download, outputs: &mut Vec<&'a str>) -> Option<Taken> {
    let mut folder = download.folder.clone();
    for (at, placed) in course.steps.iter().enumerate().skip(download.at).take(MAX_STEPS) {
        if download.from == From::Cause && placed.passage("workflow_run") == Passage::Closed {
            continue;
        }
        if folder.is_none() {
            folder = unpacked(placed);
            if folder.is_none() {
                continue;
            }
        }
        let Some(dir) = folder.as_deref() else { continue };
        if at > download.at && clears(placed, dir) {
            return None;
        }
        let made = |how, what, place, files| Some(Taken { how, what, place, files, folder: dir.to_owned(), by: None });
        if let Some((what, place)) = pasted(placed, outputs) {
            return made(How::Script, what, place, &[]);
        }
        if let Some(script) = &placed.step.run {
            let here = |range: std::ops::Range<usize>| Place::new(placed.file, script.text.host_span(range));
            // What stands before the download in its own script knows nothing of it.
            let after = |place: Place| at > download.at || place.span.start > download.place.span.start;
            if let Some((command, how, what)) = of_script(placed, script, dir)
                && let Some(range) = script.program.commands.get(command).map(|c| c.range.clone())
                && after(here(range.clone()))
            {
                return made(how, what, here(range), &[]);
            }
            if let Some(found) = executes(course, at, dir, download.at).filter(|found| after(found.place)) {
                return made(How::Runs, found.what, found.place, found.files);
            }
            if let Some(id) = &placed.step.id
                && outputs.len() < MAX_NAMES
                && hands_on(script, dir, placed)
            {
                outputs.push(&id.value);
            }
            continue;
        }
        if at == download.at {
            continue;
        }
        if let Some(found) = executes(course, at, dir, download.at) {
            return made(How::Runs, found.what, found.place, found.files);
        }
        if let Some(what) = publishes(placed, dir) {
            return made(How::Publishes, what, placed.place(), &[]);
        }
        if let Some(id) = &placed.step.id
            && outputs.len() < MAX_NAMES
            && placed.action().is_some_and(|(action, _)| handed::reads(&action))
        {
            outputs.push(&id.value);
        }
        // A script that reads a file and hands on what it says.
        if let (Some(id), Some(script)) = (&placed.step.id, placed.step.input("script"))
            && script.value.contains("readFileSync")
            && script.value.contains("setOutput")
            && !is_checked(&script.value)
        {
            outputs.push(&id.value);
        }
    }
    None
}

/// Steps looked at after a download; longer jobs are made by machines.
pub(super) const MAX_STEPS: usize = 512;
/// Outputs and variables of one script that hold what a file says.
const MAX_NAMES: usize = 64;

/// A checkout of the whole tree removes what lay in the workspace.
fn clears(placed: &Placed<'_>, folder: &str) -> bool {
    let input = |name: &str| placed.step.input(name).map(|value| value.value.trim().to_owned());
    placed.action().is_some_and(|(action, _)| action == "actions/checkout")
        && !is_outside(folder)
        && input("clean").is_none_or(|clean| clean != "false")
        && input("path").is_none_or(|path| {
            let path = path.trim_matches(['.', '/']);
            is_within(folder, path)
        })
}

fn is_inside(path: &str, folder: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    // What lies outside is in no folder of the workspace, not even in the workspace itself.
    is_outside(path) == is_outside(folder) && is_within(path, folder)
}

/// What a script does with the files beside running them: the command, how, and in words.
fn of_script(placed: &Placed<'_>, script: &Script, folder: &str) -> Option<(usize, How, String)> {
    let home = placed.step.working_directory.as_ref().is_some_and(|d| is_inside(&d.value, folder));
    let inside = |path: &str| is_inside(path, folder) || home && !path.starts_with('/');
    for act in &script.acts {
        let said = |how| Some((act.command, how, shown(script, act.command)));
        match &act.kind {
            ActKind::InstallLocal { path, .. } if inside(path) => return said(How::Installs),
            ActKind::PackageInstall { names, .. }
                if !folder.is_empty() && names.iter().any(|n| n.text.contains('/') && inside(&n.text)) =>
            {
                return said(How::Installs);
            }
            ActKind::Publish { what, subjects }
                if !what.starts_with("git") && subjects.iter().any(|s| s.contains('/') && inside(s)) =>
            {
                return said(How::Publishes);
            }
            // Put over the tree and then run.
            ActKind::Transfer { how: Transfer::Install, from, .. } if from.iter().any(|f| inside(f)) => {
                return said(How::Installs);
            }
            _ => {}
        }
    }
    let says = Says::of(script, folder, placed);
    for (index, command) in script.program.commands.iter().enumerate() {
        let text = script.text.text.get(command.range.clone()).unwrap_or("");
        let target = command.redirects.iter().map(|r| script.program.show(&r.target).0).find(|t| is_environment(t));
        let by_tee = text.starts_with("tee ") && is_environment(text);
        if (target.is_some() || by_tee) && says.as_ref().is_some_and(|says| says.by(command.range.clone())) {
            return Some((index, How::Environment, shown(script, index)));
        }
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        let loads =
            matches!(call.name.as_str(), "docker" | "podman") && call.args.first().is_some_and(|a| a.text == "load");
        if loads && (folder.is_empty() || home || names_folder(text, folder)) {
            return Some((index, How::Runs, shown(script, index)));
        }
    }
    None
}

fn is_environment(text: &str) -> bool {
    text.contains("GITHUB_ENV") || text.contains("GITHUB_PATH")
}

/// What a script writes that files say, with line breaks and all.
struct Says<'t> {
    /// The whole text.
    all: &'t str,
    /// The folder of the files; empty for the workspace.
    folder: &'t str,
    /// The script starts in it or goes there.
    is_there: bool,
    /// Variables that hold what a file says.
    names: Vec<&'t str>,
}

impl<'t> Says<'t> {
    /// None where the script looks at what it read before it uses it.
    fn of(script: &'t Script, folder: &'t str, placed: &Placed<'_>) -> Option<Self> {
        let all = script.text.text.as_str();
        if !(reads(all) || all.contains("cat ")) || is_checked(all) {
            return None;
        }
        let is_there = folder.is_empty()
            || placed.step.working_directory.as_ref().is_some_and(|d| d.value.contains(folder))
            || all.contains(&format!("cd {folder}"));
        let mut out = Self { all, folder, is_there, names: Vec::new() };
        let named = all.lines().filter_map(|line| {
            let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            (is_name && reads(value) && out.is_near(value)).then_some(name)
        });
        out.names = named.take(MAX_NAMES).collect();
        Some(out)
    }

    fn is_near(&self, text: &str) -> bool {
        self.is_there || text.contains(self.folder)
    }

    /// Whether a command writes what a file says.
    fn by(&self, range: std::ops::Range<usize>) -> bool {
        let text = self.all.get(range).unwrap_or("");
        if reads(text) || text.trim_start().starts_with("cat ") {
            return self.is_near(text);
        }
        self.names.iter().any(|name| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}}}")))
    }
}

/// Whether a text holds what a whole file says.
fn reads(text: &str) -> bool {
    ["$(cat ", "$(<", "`cat ", "$(jq ", "$(unzip -p"].iter().any(|sign| text.contains(sign))
}

/// Whether a script looks at what it read before it uses it.
fn is_checked(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "=~ ^",
        "=~ \"^",
        "grep -E",
        "grep -q",
        "tr -cd",
        "tr -dc",
        "Number(",
        "parseInt(",
        ".match(",
        ".test(",
        "printf '%d'",
        "printf \"%d\"",
        "isInteger",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether a script puts what a file says into its outputs.
fn hands_on(script: &Script, folder: &str, placed: &Placed<'_>) -> bool {
    let Some(says) = Says::of(script, folder, placed) else { return false };
    script.program.commands.iter().any(|command| {
        let to_output = command.redirects.iter().any(|r| script.program.show(&r.target).0.contains("GITHUB_OUTPUT"));
        to_output && says.by(command.range.clone())
    })
}

/// An output of one of the steps that becomes part of a script's text.
fn pasted(placed: &Placed<'_>, outputs: &[&str]) -> Option<(String, Place)> {
    if outputs.is_empty() {
        return None;
    }
    let is_theirs = |inner: &str| step_output(inner).is_some_and(|(id, _)| outputs.contains(&id));
    if let Some(script) = &placed.step.run {
        let (range, inner) = expressions(&script.text.text).into_iter().find(|(_, inner)| is_theirs(inner))?;
        return Some((inner.to_owned(), Place::new(placed.file, script.text.host_span(range))));
    }
    let script =
        placed.step.input("script").filter(|_| placed.action().is_some_and(|(a, _)| a == "actions/github-script"))?;
    let (_, inner) = expressions(&script.value).into_iter().find(|(_, inner)| is_theirs(inner))?;
    Some((inner.to_owned(), Place::new(placed.file, script.span)))
}

/// Actions that put out the files of a folder, the input that names it, and its default.
const PUBLISHERS: &[(&str, &str, &str)] = &[
    ("pypa/gh-action-pypi-publish", "packages-dir", "dist"),
    ("softprops/action-gh-release", "files", ""),
    ("ncipollo/release-action", "artifacts", ""),
    ("svenstaro/upload-release-action", "file", ""),
    ("js-devtools/npm-publish", "package", ""),
];

fn publishes(placed: &Placed<'_>, folder: &str) -> Option<String> {
    let (action, _) = placed.action()?;
    let (name, input, default) = PUBLISHERS.iter().find(|(name, ..)| *name == action)?;
    let path = placed.step.input(input).map_or(*default, |value| value.value.as_str());
    (!path.is_empty() && is_inside(path.lines().next().unwrap_or(""), folder)).then(|| (*name).to_owned())
}
