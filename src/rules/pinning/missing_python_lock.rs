//! An application whose requirements are ranges and that no lock resolves.

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::python::{Form, Group, PyProject, Requirement, Tool};
use crate::graph::python::{Project, Purpose};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "missing-python-lock",
    title: "Python application without a lock",
    many: "{n} Python applications have no lock",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("missing_python_lock.md"),
    check,
};

/// Locks that may lie beside a project, those that are not read included.
const LOCKS: &[&str] = &[
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    "pixi.lock",
    "conda-lock.yml",
    "environment.lock.yml",
    "requirements.lock",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let own = python::own_names(scene);
    for project in &scene.python.projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        // Of the files of one project, each is asked for its own lines; a script is run by itself.
        if file.form == Form::Script || !project.purpose.wants_pins() || project.lock.is_some() {
            continue;
        }
        let runtime = |r: &&Requirement| {
            r.group == Group::Runtime && python::open(r).is_some() && !own.contains(&python::normal(&r.name.value))
        };
        let open: Vec<&Requirement> = file.requirements.iter().filter(runtime).collect();
        let Some(first) = open.first() else { continue };
        if has_lock(scene, project, file) {
            continue;
        }
        let path = scene.sources.path(project.file).to_owned();
        let (tool, command) = if file.tools.contains(&Tool::Poetry) {
            ("poetry.lock", "poetry lock && poetry install")
        } else if file.tools.contains(&Tool::Pdm) {
            ("pdm.lock", "pdm lock && pdm sync")
        } else if file.form == Form::Pipfile {
            ("Pipfile.lock", "pipenv lock && pipenv sync")
        } else if matches!(file.form, Form::SetupPy | Form::SetupCfg) {
            ("a lock of its lines", "uv pip compile --generate-hashes -o requirements.lock")
        } else {
            ("uv.lock", "uv lock && uv sync --locked")
        };
        // A library that an image of its own tree installs: its ranges are right, the image is not held.
        let published = file.has_build_system && !file.unpublished;
        let what = match project.purpose {
            Purpose::Image => "is installed into an image without a lock",
            _ if is_notebooks(scene, project) => "lists what notebooks need, without a lock",
            _ => "is an application without a lock",
        };
        let role = if is_notebooks(scene, project) { project.role.max(Role::Example) } else { project.role };
        let at =
            if project.folder.is_root() { String::new() } else { format!("cd {} && ", project.folder.shell_word()) };
        let mut draft = report
            .at(Place::new(project.file, first.span), "the first of them")
            .about("project", path.clone(), None)
            .severity(if published || role > Role::Ci { Severity::Low } else { Severity::Medium })
            // That it is an application is told by its tables and by who installs it.
            .confidence(Confidence::Medium)
            .role(role)
            .also(open.iter().take(20).map(|r| Place::new(project.file, r.span)))
            .content(path.clone())
            .evidence("the project file, and no lock beside it or above it in its workspace");
        if let Some(user) = project.used_by.first() {
            draft = draft.via(user.text.clone(), Some(user.place));
        }
        draft.advise(format!("commit {tool}, and install from it: {at}{command}")).say(format!(
            "{path} {what}: {} and all that they need are resolved anew at each install",
            python::list(open.iter().map(|r| r.name.value.as_str()))
        ));
    }
}

/// Whether a folder holds notebooks and no module: something to read along with.
fn is_notebooks(scene: &Scene<'_>, project: &Project) -> bool {
    let mut notebooks = false;
    // A name that goes on after the folder's own may sort between the folder and what is in it.
    let inside = scene.files.range(project.folder.clone()..);
    let last = format!("{}0", project.folder.as_str());
    for path in inside.take_while(|p| project.folder.is_root() || p.as_str() < last.as_str()) {
        if !path.is_under(&project.folder) {
            continue;
        }
        match path.name().rsplit_once('.').map(|(_, ending)| ending) {
            Some("ipynb") => notebooks = true,
            Some("py") => return false,
            _ => {}
        }
    }
    notebooks
}

/// A lock beside the project or above it, or a requirements file beside it that a tool resolved.
fn has_lock(scene: &Scene<'_>, project: &Project, file: &PyProject) -> bool {
    let mut folder = project.folder.clone();
    loop {
        if LOCKS.iter().any(|name| folder.child(name).is_some_and(|path| scene.files.contains(&path))) {
            return true;
        }
        if folder.is_root() {
            break;
        }
        folder = folder.parent();
    }
    let is_dynamic = |path: &str| file.dynamic_files.iter().any(|d| path.ends_with(d.value.trim_start_matches("./")));
    scene.python.sets.iter().any(|set| {
        let Some(source) = scene.sources.get(set.file) else { return false };
        let beside = source.path.parent() == project.folder || source.path.parent().parent() == project.folder;
        let lock = scene.requirements(set.document).is_some_and(|f| f.generated_by.is_some() || python::is_hashed(f));
        beside && (set.is_locked || lock) && !is_dynamic(source.path.as_str())
    })
}
