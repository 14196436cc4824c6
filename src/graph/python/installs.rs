//! Install commands of steps, actions and Dockerfiles, with what they name found in the tree.

mod setup;

use std::collections::{BTreeMap, BTreeSet};

use super::calls;
use super::locks::Taken;
use super::operand::requirement;
use super::options::{of_command, of_settings};
use super::settings::{self, Asked, Settings};
use super::{Caller, Install, Project, Purpose, RequirementSet, SettingsFile, Site, projects};
use crate::commands::{self, Act, ActKind, Opt, Setting};
use crate::graph::Document;
use crate::graph::called::Callable;
use crate::graph::conda;
use crate::graph::conda::CondaCommand;
use crate::graph::images::ImageView;
use crate::graph::images::layout::{Folders, InForce, Layout, lasting, walk};
use crate::graph::kinds::docker::{Base, Dockerfile, InstructionKind, Stage};
use crate::graph::kinds::python::{IndexOption, IndexOptionKind, Origin};
use crate::graph::kinds::workflow::{Pair, Script, Step};
use crate::graph::paths::Paths;
use crate::source::{FileId, Place, RepoPath, Role, Sources};

/// Commands looked at in one script.
const MAX_COMMANDS: usize = 256;

/// A command, and what only the search for uses needs to know.
pub(super) struct Found {
    pub(super) install: Install,
    pub(super) taken: Taken,
    /// Settings files that count for it, by index into the view's.
    pub(super) settings: Vec<usize>,
    /// In a few words, for a route.
    pub(super) by: String,
}

/// What commands are looked at with.
pub(super) struct Around<'a> {
    pub(super) documents: &'a [Document],
    pub(super) sources: &'a Sources,
    pub(super) paths: &'a Paths<'a>,
    projects: &'a [Project],
    sets: &'a [RequirementSet],
    set_at: BTreeMap<&'a RepoPath, usize>,
    project_at: BTreeMap<&'a RepoPath, usize>,
    pub(super) callable: Callable<'a>,
    settings: &'a [SettingsFile],
    settings_by: Settings<'a>,
    /// Those of a `Pipfile`.
    pipfile_at: BTreeMap<&'a RepoPath, usize>,
}

impl<'a> Around<'a> {
    pub(super) fn new(
        documents: &'a [Document],
        sources: &'a Sources,
        paths: &'a Paths<'a>,
        projects: &'a [Project],
        sets: &'a [RequirementSet],
        settings: &'a [SettingsFile],
    ) -> Self {
        let set_at = sets.iter().enumerate().filter_map(|(i, s)| Some((&sources.get(s.file)?.path, i))).collect();
        let files = projects.iter().enumerate().filter(|(_, p)| projects::is_file(documents, p));
        let project_at = files.map(|(i, p)| (&p.folder, i)).collect();
        let settings_by = Settings::new(settings, projects, documents, sources);
        let callable = Callable::of(documents, sources);
        let pipfiles = projects.iter().enumerate().filter(|(_, p)| projects::is_pipfile(documents, p));
        let pipfile_at = pipfiles.map(|(i, p)| (&p.folder, i)).collect();
        Self {
            documents,
            sources,
            paths,
            projects,
            sets,
            set_at,
            project_at,
            callable,
            settings,
            settings_by,
            pipfile_at,
        }
    }
}

/// Where a script stands.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    pub(super) site: Site,
    pub(super) file: FileId,
    pub(super) purpose: Purpose,
    pub(super) role: Role,
    pub(super) by: &'a str,
    pub(super) caller: Option<Caller>,
}

/// Every install command, by file and place.
pub(super) fn find(around: &Around<'_>, images: &ImageView, cut: &mut Vec<String>) -> Vec<Found> {
    let mut out = Out { found: Vec::new(), called: BTreeSet::new(), left: calls::MAX_CALLS, cut };
    for (document, what) in around.documents.iter().enumerate() {
        match what {
            Document::Workflow(workflow) => {
                let role = around.sources.get(workflow.file).map_or(Role::Ci, |f| Role::of_path(&f.path));
                for (index, job) in workflow.jobs.iter().enumerate() {
                    let by = format!("job {}", job.id.value);
                    let mut layout = Layout::of_job();
                    force(&mut layout, workflow.file, &workflow.env);
                    force(&mut layout, workflow.file, &job.env);
                    for step in &job.steps {
                        let site = Site::Step { document, job: index, step: step.index };
                        let spot =
                            Spot { site, file: workflow.file, purpose: Purpose::Ci, role, by: &by, caller: None };
                        step_script(around, &spot, step, &mut layout, &mut out);
                    }
                }
            }
            Document::Action(action) => {
                let path = around.sources.path(action.file).to_owned();
                let role = around.sources.get(action.file).map_or(Role::Ci, |f| Role::of_path(&f.path));
                // What lies at a product's path is an action for others: it runs in CI all the same.
                let role = if role == Role::Product { Role::Ci } else { role };
                let mut layout = Layout::of_job();
                for step in &action.steps {
                    let site = Site::Action { document, step: step.index };
                    let spot = Spot { site, file: action.file, purpose: Purpose::Ci, role, by: &path, caller: None };
                    step_script(around, &spot, step, &mut layout, &mut out);
                }
            }
            Document::Dockerfile(dockerfile) => {
                let Some(image) = images.of_document(document) else { continue };
                walk(dockerfile, &image.context, around.paths, &mut |seen| {
                    let script = match &seen.what.kind {
                        InstructionKind::Run { script, .. } | InstructionKind::Start(script) => script,
                        _ => return,
                    };
                    let by = format!("{} {}", around.sources.path(dockerfile.file), seen.stage.title());
                    let site = Site::Image { document, stage: seen.stage.index, instruction: seen.instruction };
                    let role = image.role.max(stage_role(dockerfile, seen.stage));
                    let spot =
                        Spot { site, file: dockerfile.file, purpose: Purpose::Image, role, by: &by, caller: None };
                    script_installs(around, &spot, script, seen.layout, None, &mut out);
                });
            }
            _ => {}
        }
    }
    calls::by_hand(around, &mut out);
    out.found
}

/// What a stage is for by its name: one that tests or serves developers, that is not the last and that
/// no other starts from, does not ship.
fn stage_role(dockerfile: &Dockerfile, stage: &Stage) -> Role {
    let is_last = dockerfile.stages.last().is_some_and(|last| last.index == stage.index);
    if is_last || dockerfile.stages.iter().any(|other| other.base == Base::Stage(stage.index)) {
        return Role::Product;
    }
    let name = stage.name.as_ref().map(|n| n.value.to_ascii_lowercase()).unwrap_or_default();
    let parts = || name.split(['-', '_', '.']);
    if parts().any(|p| matches!(p, "test" | "tests" | "testing")) {
        Role::Test
    } else if parts().any(|p| matches!(p, "dev" | "devel" | "development" | "devcontainer" | "lint" | "debug")) {
        Role::Development
    } else {
        Role::Product
    }
}

/// What was found, and what was not followed.
pub(super) struct Out<'c> {
    pub(super) found: Vec<Found>,
    /// Parts that something of the tree runs: index of the document, of the part.
    pub(super) called: BTreeSet<(usize, usize)>,
    /// Calls that may still be followed.
    pub(super) left: usize,
    pub(super) cut: &'c mut Vec<String>,
}

pub(super) fn force(layout: &mut Layout, file: FileId, pairs: &[Pair]) {
    for (name, value) in pairs.iter().filter(|(name, _)| commands::is_setting(&name.value)) {
        let place = Place::new(file, name.span.to(value.span));
        layout.force(InForce { name: name.value.clone(), value: value.value.clone(), place });
    }
}

fn step_script(around: &Around<'_>, spot: &Spot<'_>, step: &Step, layout: &mut Layout, out: &mut Out<'_>) {
    for script in &step.given {
        script_installs(around, spot, script, layout, None, out);
    }
    let Some(run) = &step.run else {
        setup::step_action(around, spot, step, layout, out);
        return;
    };
    let start = step.working_directory.as_ref().map(|d| d.value.as_str());
    let has_own = step.env.iter().any(|(name, _)| commands::is_setting(&name.value));
    if has_own {
        let mut own = layout.clone();
        force(&mut own, spot.file, &step.env);
        script_installs(around, spot, run, &own, start, out);
    } else {
        script_installs(around, spot, run, layout, start, out);
    }
    for setting in lasting(spot.file, run) {
        layout.force(setting);
    }
}

pub(super) fn script_installs(
    around: &Around<'_>,
    spot: &Spot<'_>,
    script: &Script,
    layout: &Layout,
    start: Option<&str>,
    out: &mut Out<'_>,
) {
    let is_python = |manager: &str| {
        matches!(manager, "pip" | "uv" | "uvx" | "pipx" | "poetry" | "pdm" | "pipenv") || setup::is_conda(manager)
    };
    let installs = script.acts.iter().filter_map(|act| match &act.kind {
        ActKind::PackageInstall { manager, verb, names, files, options } if is_python(manager) => {
            Some((act, manager, verb, names, files, options))
        }
        _ => None,
    });
    let installs: Vec<_> = installs.take(MAX_COMMANDS + 1).collect();
    let calls = script.acts.iter().any(|act| act.called().is_some());
    if installs.is_empty() && !calls {
        return;
    }
    if installs.len() > MAX_COMMANDS && !spot.role.is_set_aside() {
        let path = around.sources.path(spot.file);
        out.cut.push(format!("{path}: a script of more than {MAX_COMMANDS} installs, the rest are not followed"));
    }
    let folders = Folders::new(script, layout, start);
    let settings = commands::settings(&script.program);
    for (act, manager, verb, names, files, options) in installs.into_iter().take(MAX_COMMANDS) {
        let folder = folders.at(act.command);
        let by_at = matches!(manager.as_str(), "uvx" | "poetry" | "pdm") || verb.starts_with("tool");
        let of_conda = setup::is_conda(manager);
        // What conda is given are no requirements of pip's.
        let for_pip = if of_conda { &[] } else { names.as_slice() };
        let requirements: Vec<_> = for_pip.iter().filter_map(|name| requirement(script, name, by_at)).collect();
        let in_force = in_force_at(act.command, spot.file, script, layout, &settings);
        let (chosen, by_files) = chosen(around, spot, act, folder.as_deref(), layout, &in_force, script);
        let within = |path: &str| {
            let folder = folder.as_ref()?;
            layout.resolve(around.paths, &layout.absolute(folder, path)?)
        };
        let mut named = Vec::new();
        for file in files {
            named.push((file.text.clone(), within(&file.text), false));
        }
        for (path, constraint) in constraints(manager, options, &in_force) {
            named.push((path.clone(), within(&path), constraint));
        }
        if manager == "pixi" {
            named.extend(setup::workspace(options, &folder, layout, around));
        }
        let conda = of_conda.then(|| {
            let files = named.iter().filter_map(|(_, path, _)| path.clone()).collect();
            CondaCommand { files, ..conda::command(spot.file, script, names, options, &in_force) }
        });
        let files: Vec<(String, Option<usize>, bool)> = named
            .into_iter()
            .map(|(text, path, constraint)| (text, path.and_then(|p| around.set_at.get(&p).copied()), constraint))
            .collect();
        let mut projects = Vec::new();
        let mut lock = None;
        let by_project = is_project_verb(manager, verb);
        // Of a project, an image may hold its manifest and nothing else yet.
        let project_in = |folder: &str| {
            let find = |name: &str| layout.resolve(around.paths, &format!("{}/{name}", folder.trim_end_matches('/')));
            if manager == "pipenv" {
                return around.pipfile_at.get(&find("Pipfile")?.parent()).copied();
            }
            // An installer takes any of them; uv, Poetry and PDM look for the first.
            let manifest = find("pyproject.toml").or_else(|| find("setup.py")).or_else(|| find("setup.cfg"))?;
            around.project_at.get(&manifest.parent()).copied()
        };
        if by_project {
            let start = folder.as_ref().and_then(|f| layout.absolute(f, &project_folder(options).unwrap_or_default()));
            if let Some(project) = start.as_deref().and_then(|start| upwards(start).find_map(project_in)) {
                lock = around.projects[project].lock;
                projects.push(project);
            }
        }
        for requirement in &requirements {
            let Some(Origin::Path { path }) = &requirement.origin else { continue };
            let at = folder.as_ref().and_then(|folder| layout.absolute(folder, &path.value));
            projects.extend(at.as_deref().and_then(project_in));
        }
        let hashed = |set: Option<usize>| set.is_some_and(|set| is_hashed(around, set));
        let required: Vec<_> = files.iter().filter(|(.., constraint)| !constraint).collect();
        let by_hashes = chosen.iter().any(|(_, o)| o.kind == IndexOptionKind::RequireHashes)
            || (requirements.is_empty() && !required.is_empty() && required.iter().all(|(_, set, _)| hashed(*set)));
        let has_lock = lock.is_some() || (by_project && other_lock(around, &projects));
        let upgrades = options.iter().any(|o| matches!(o.name.as_str(), "-U" | "--upgrade"));
        let install = Install {
            site: spot.site,
            caller: spot.caller.clone(),
            place: Place::new(spot.file, script.text.host_span(act.range.clone())),
            manager: manager.clone(),
            verb: verb.clone(),
            requirements,
            files,
            options: chosen,
            projects,
            lock,
            purpose: spot.purpose,
            role: spot.role,
            is_locked: by_hashes || (by_project && has_lock && !upgrades),
            conda,
        };
        let taken = taken(manager, options);
        out.found.push(Found { install, taken, settings: by_files, by: spot.by.to_owned() });
    }
    if calls {
        calls::follow(around, spot, script, layout, &folders, &settings, out);
    }
}

/// The variables in force at a command: those around the script, with those it sets itself.
pub(super) fn in_force_at(
    command: usize,
    file: FileId,
    script: &Script,
    layout: &Layout,
    settings: &[Setting],
) -> Vec<InForce> {
    let mut out = layout.settings.clone();
    for setting in settings {
        let is_on = if setting.only_there { setting.command == command } else { setting.command < command };
        if is_on {
            out.retain(|known| known.name != setting.name);
            let place = Place::new(file, script.text.host_span(setting.range.clone()));
            out.push(InForce { name: setting.name.clone(), value: setting.value.clone(), place });
        }
    }
    out
}

/// What chooses where a command looks, the weightiest last, and the settings files among it.
fn chosen(
    around: &Around<'_>,
    spot: &Spot<'_>,
    act: &Act,
    folder: Option<&str>,
    layout: &Layout,
    in_force: &[InForce],
    script: &Script,
) -> (Vec<(Place, IndexOption)>, Vec<usize>) {
    let ActKind::PackageInstall { manager, verb, options, .. } = &act.kind else { return (Vec::new(), Vec::new()) };
    if matches!(manager.as_str(), "poetry" | "pdm" | "pipenv") || setup::is_conda(manager) {
        return (Vec::new(), Vec::new());
    }
    let by_files = around.settings_by.for_command(&Asked {
        manager,
        verb,
        layout,
        paths: around.paths,
        folder,
        in_force,
        options: options.iter().map(|o| o.name.as_str()).collect(),
        config_file: options.iter().find(|o| o.name == "--config-file").and_then(|o| o.value.as_deref()),
    });
    let of_files = settings::options(around.documents, around.settings, &by_files);
    let of_command = of_command(spot.file, script, options);
    let is_uv = matches!(manager.as_str(), "uv" | "uvx");
    (settings::layered(is_uv, of_files, of_settings(manager, in_force), of_command), by_files)
}

/// Whether a command installs the project it stands in.
fn is_project_verb(manager: &str, verb: &str) -> bool {
    match manager {
        "uv" => matches!(verb, "sync" | "run"),
        "poetry" | "pdm" | "pipenv" => matches!(verb, "install" | "sync"),
        _ => false,
    }
}

/// Constraints on the command line and by variable.
fn constraints(manager: &str, options: &[Opt], in_force: &[InForce]) -> Vec<(String, bool)> {
    let names = ["-c", "--constraint", "--constraints", "--override", "--overrides"];
    let by_option = options.iter().filter(|o| names.contains(&o.name.as_str())).filter_map(|o| o.value.clone());
    let variables: &[&str] = match manager {
        "pip" | "pipx" => &["PIP_CONSTRAINT"],
        "uv" | "uvx" => &["UV_CONSTRAINT", "UV_OVERRIDE"],
        _ => &[],
    };
    let set = in_force.iter().filter(|s| variables.contains(&s.name.as_str()));
    let by_variable = set.flat_map(|s| s.value.split_whitespace().map(str::to_owned));
    by_option.chain(by_variable).map(|path| (path, true)).collect()
}

/// `--directory x`, `--project x` of uv; `-C x`, `-P x` of Poetry.
fn project_folder(options: &[Opt]) -> Option<String> {
    let names = ["--directory", "--project", "-C", "-P", "-p"];
    options.iter().find(|o| names.contains(&o.name.as_str())).and_then(|o| o.value.clone())
}

/// An absolute folder and those above it, as uv and Poetry look for a project.
pub(super) fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |at| at.rsplit_once('/').map(|(above, _)| above).filter(|a| !a.is_empty()))
}

/// A lock that is not tied to the project, or that could not be read, lies beside it.
fn other_lock(around: &Around<'_>, projects: &[usize]) -> bool {
    projects.iter().filter_map(|&p| around.projects.get(p)).any(|project| {
        ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"]
            .iter()
            .any(|name| project.folder.join(name).is_some_and(|p| around.paths.is_file(&p)))
    })
}

/// pip asks for the hash of everything once a file holds one.
fn is_hashed(around: &Around<'_>, set: usize) -> bool {
    let document = around.sets.get(set).and_then(|s| around.documents.get(s.document));
    matches!(document, Some(Document::Requirements(file)) if file.require_hashes.is_some()
        || (!file.requirements.is_empty() && file.requirements.iter().all(|r| !r.hashes.is_empty())))
}

/// The groups an installation of a project takes.
fn taken(manager: &str, options: &[Opt]) -> Taken {
    let has = |names: &[&str]| options.iter().any(|o| names.contains(&o.name.as_str()));
    let values = |names: &[&str]| -> Vec<String> {
        let found = options.iter().filter(|o| names.contains(&o.name.as_str())).filter_map(|o| o.value.as_deref());
        found.flat_map(|v| v.split(',')).map(|v| v.trim().to_owned()).collect()
    };
    match manager {
        "poetry" | "pdm" => {
            let only = values(&["--only"]);
            let no_dev = has(&["--no-dev", "--prod", "--production", "--only-root"]);
            let mut not = values(&["--without"]);
            if no_dev {
                not.push("dev".to_owned());
            }
            let all = only.is_empty() && !no_dev;
            let mut named = only;
            named.extend(values(&["--with", "-G", "--group"]));
            Taken::new(all, &named, &not)
        }
        // It installs what runs unless it is told otherwise.
        "pipenv" => Taken::new(false, &[values(&["--categories"]), dev_of_pipenv(has(&["-d", "--dev"]))].concat(), &[]),
        _ => {
            let mut named = values(&["--group", "--only-group"]);
            let no_dev = has(&["--no-dev", "--no-default-groups"]);
            if !no_dev {
                named.push("dev".to_owned());
            }
            let mut not = values(&["--no-group"]);
            if no_dev && !named.iter().any(|n| n == "dev") {
                not.push("dev".to_owned());
            }
            Taken::new(has(&["--all-groups"]), &named, &not)
        }
    }
}

fn dev_of_pipenv(is_taken: bool) -> Vec<String> {
    if is_taken { vec!["dev".to_owned()] } else { Vec::new() }
}

impl Found {
    /// The Dockerfile's document, where it stands in one.
    pub(super) fn image(&self) -> Option<usize> {
        match self.install.starts_at() {
            Site::Image { document, .. } => Some(document),
            _ => None,
        }
    }
}
