//! Packages of an index bound to it, in a project of uv: what `explicit = true` and `[tool.uv.sources]`
//! say, and what the lock says of them.

use std::collections::BTreeSet;

use crate::diag::Edit;
use crate::graph::kinds::python::{DeclaredIndex, Form, LockedOrigin, PyProject, PythonLock, Tool};
use crate::graph::python::Project;
use crate::rules::{Scene, python};
use crate::source::{Place, SourceFile, Span};

/// Binds the names that the lock takes from an index to it, so that it is asked for nothing else. Only
/// where the project asks for each of them itself: uv binds no others. `None` where that is not so, or the
/// files are of a form that is not known for certain.
pub(in crate::rules) fn to_index(
    scene: &Scene<'_>,
    project: &Project,
    index: &DeclaredIndex,
    served: &BTreeSet<String>,
) -> Option<Vec<Edit>> {
    let document = scene.pyproject(project.document).filter(|d| d.form == Form::Project)?;
    let lock = scene.python_lock(scene.python.locks.get(project.lock?)?.document).filter(|l| l.tool == Tool::Uv)?;
    let url = index.url.as_ref()?;
    let (file, locked) = (scene.sources.get(document.file)?, scene.sources.get(lock.file)?);
    let is_alone = document.workspace_members.is_empty() && project.root.is_none_or(|r| is_itself(scene, r, project));
    let is_named = python::is_plain(&index.name.value) && !file.text.contains('\r');
    if !is_alone
        || !is_named
        || served.is_empty()
        || !served.iter().all(|name| is_asked(document, lock, name, &url.value))
    {
        return None;
    }
    let own = |span, text| Edit { place: Place::new(file.id, span), text };
    let mut out = vec![own(Span { start: url.span.end, end: url.span.end }, explicit(file, url.span)?)];
    let lines: String =
        served.iter().map(|name| format!("{name} = {{ index = \"{}\" }}\n", index.name.value)).collect();
    let (at, text) = sources_table(file, lines)?;
    out.push(own(Span::new(at, at), text));
    for name in served {
        let at = entry_end(locked, name)?;
        let text = format!(", index = \"{}\"", url.value);
        out.push(Edit { place: Place::new(lock.file, Span::new(at, at)), text });
    }
    Some(out)
}

fn is_itself(scene: &Scene<'_>, root: usize, project: &Project) -> bool {
    scene.python.projects.get(root).is_some_and(|r| r.file == project.file)
}

/// Whether the project asks for a name itself, from anywhere, and the lock has it from this very address.
fn is_asked(document: &PyProject, lock: &PythonLock, name: &str, url: &str) -> bool {
    let mut asked = document.requirements.iter().filter(|r| python::normal(&r.name.value) == name).peekable();
    let is_open = asked.peek().is_some() && asked.all(|r| r.origin.is_none() && r.index.is_none());
    let mut held = lock.packages.iter().filter(|p| python::normal(&p.name.value) == name);
    is_open && held.all(|p| matches!(&p.source, LockedOrigin::Registry(from) if from == url))
}

/// `explicit = true` behind the address of an index.
fn explicit(file: &SourceFile, url: Span) -> Option<String> {
    let start = usize::try_from(url.start).ok()?;
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = file.text.get(line..start)?;
    let indent: String = before.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    match before.trim_start() {
        _ if before.contains('{') => Some(", explicit = true".to_owned()),
        key if key.trim_end_matches([' ', '\t', '=']) == "url" => Some(format!("\n{indent}explicit = true")),
        _ => None,
    }
}

/// Where lines of `[tool.uv.sources]` go, with the header where there is none yet.
fn sources_table(file: &SourceFile, lines: String) -> Option<(usize, String)> {
    let header = "[tool.uv.sources]";
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == header {
            return line.ends_with('\n').then_some((at, lines));
        }
        // `[tool.uv.sources.x]`, `sources = {..}`, `sources.x = ..`
        let rest = line.trim_start();
        if rest.starts_with("[tool.uv.sources")
            || rest.strip_prefix("sources").is_some_and(|r| r.trim_start().starts_with(['=', '.']))
        {
            return None;
        }
    }
    let gap = if file.text.ends_with('\n') { "\n" } else { "\n\n" };
    Some((file.text.len(), format!("{gap}{header}\n{lines}")))
}

/// The end of what the lock notes of a requirement: before the brace of `{ name = "x", .. }` in the list of
/// the one project.
fn entry_end(lock: &SourceFile, name: &str) -> Option<usize> {
    let lists: Vec<usize> = lock.text.match_indices("\nrequires-dist = [").map(|(at, _)| at).collect();
    let [start] = lists.as_slice() else { return None };
    let list = lock.text.get(*start..)?;
    let list = list.get(..list.find("]\n")?)?;
    let word = format!("{{ name = \"{name}\"");
    let mut found = list
        .match_indices(&word)
        .filter(|(at, _)| list.get(at + word.len()..).is_some_and(|rest| rest.starts_with([',', ' '])));
    let (Some((at, _)), None) = (found.next(), found.next()) else { return None };
    let end = at + list.get(at..)?.find(" }")?;
    (!list.get(at..end)?.contains("index =")).then_some(start + end)
}
