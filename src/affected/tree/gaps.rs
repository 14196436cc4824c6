//! What of a tree could hide what is asked for: files that could not be read, names that are not written down, and
//! installs that nothing holds, whose own dependencies stand nowhere.

use std::collections::BTreeSet;

use crate::affected::Asked;
use crate::affected::Target;
use crate::graph::distributions::Holder;
use crate::graph::distributions::Named;
use crate::graph::kinds::python::Group;
use crate::read::Outcome;
use crate::read::Reading;
use crate::rules::Scene;
use crate::source::Place;

/// Tools of builds and checks that bring no more than a few packages, which are known and are not of those that are
/// asked about.
const TOOLS: &[&str] = &[
    "auditwheel",
    "black",
    "build",
    "cibuildwheel",
    "codespell",
    "coverage",
    "delvewheel",
    "flake8",
    "flit",
    "flit-core",
    "hatch",
    "hatchling",
    "isort",
    "maturin",
    "meson",
    "mypy",
    "ninja",
    "nox",
    "pip",
    "pipenv",
    "pipx",
    "poetry",
    "poetry-core",
    "pre-commit",
    "pyright",
    "pytest",
    "pytest-cov",
    "ruff",
    "setuptools",
    "setuptools-rust",
    "setuptools-scm",
    "tox",
    "twine",
    "uv",
    "virtualenv",
    "wheel",
    "cython",
    "cmake",
    "pytest-xdist",
    "pytest-timeout",
    "pytest-asyncio",
    "yamllint",
    "zizmor",
];

/// Names that one sentence tells.
const SHOWN: usize = 3;

/// What could hide something.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    unread: Vec<String>,
    open_python: Option<String>,
    open_cargo: Option<String>,
    unknown_assets: Option<String>,
}

impl Gaps {
    pub(super) fn of(scene: &Scene<'_>, reading: &Reading) -> Self {
        let mut out = Self::default();
        for file in &reading.files {
            if file.file.is_some_and(|id| scene.role(id).is_set_aside()) {
                continue;
            }
            match &file.outcome {
                Outcome::Unread(why) => out.unread.push(format!("{} could not be read: {why}", file.path)),
                Outcome::Partial(problems) => {
                    let first = problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
                    out.unread.push(format!("{} could be read in part only: {first}", file.path));
                }
                Outcome::Read | Outcome::Skipped(_) => {}
            }
        }
        out.open_python = open_python(scene);
        out.open_cargo = open_cargo(scene);
        out.unknown_assets = unknown_assets(scene);
        out
    }

    /// Why it cannot be known whether a tree has what is asked for; none where nothing hides it.
    pub(super) fn about(&self, asked: &Asked) -> Option<String> {
        if let Some(first) = self.unread.first() {
            let more = self.unread.len() - 1;
            return Some(if more == 0 { first.clone() } else { format!("{first}, and {more} more files") });
        }
        asked.targets.iter().find_map(|target| self.about_target(target, asked))
    }

    fn about_target(&self, target: &Target, asked: &Asked) -> Option<String> {
        match target {
            Target::Package { ecosystem, .. } => {
                let is = |wanted: &str| match ecosystem {
                    Some(one) => one.eq_ignore_ascii_case(wanted),
                    None => asked.expects.is_empty() || asked.expects.iter().any(|one| one == wanted),
                };
                let python = self.open_python.clone().filter(|_| is("pypi"));
                let cargo = self.open_cargo.clone().filter(|_| is("cargo"));
                let other = ecosystem.as_deref().filter(|one| !matches!(*one, "pypi" | "cargo" | "conda"));
                python.or(cargo).or(other.map(|one| format!("packages of {one} are not read")))
            }
            Target::Asset { .. } => self.unknown_assets.clone(),
            Target::Advisory(id) => Some(format!("no advisory of the id {id} is known")),
            _ => None,
        }
    }
}

fn list(what: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = what.iter().take(SHOWN).map(String::as_str).collect();
    let more = what.len().saturating_sub(SHOWN);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn spot(scene: &Scene<'_>, place: Place) -> String {
    format!("{} line {}", scene.sources.path(place.file), scene.sources.start(place).line)
}

/// What Python's files ask for without a lock.
fn open_python(scene: &Scene<'_>) -> Option<String> {
    let mut names = BTreeSet::new();
    let mut first: Option<Place> = None;
    for named in &scene.distributions.named {
        if !is_open(scene, named) || TOOLS.contains(&named.name.as_str()) {
            continue;
        }
        if scene.role(named.place.file).is_set_aside() {
            continue;
        }
        names.insert(named.name.clone());
        first.get_or_insert(named.place);
    }
    let place = spot(scene, first?);
    Some(format!("nothing names it, but installs without a lock ({}; {place}) may bring it with them", list(&names)))
}

/// Whether what a requirement brings with it is decided only when it is installed.
fn is_open(scene: &Scene<'_>, named: &Named) -> bool {
    let python = scene.python;
    if named.group == Group::Build {
        return false;
    }
    match named.holder {
        Holder::Set(set, _) => python.sets.get(set).is_some_and(|set| {
            !set.is_locked && !set.only_constrains && set.locked_as.is_none() && set.held_by.is_none()
        }),
        Holder::Project(project, _) => python.projects.get(project).is_some_and(|project| project.lock.is_none()),
        Holder::Install(install, _) => python.installs.get(install).is_some_and(|install| !install.is_locked),
        Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => false,
    }
}

/// Packages of cargo without a lock.
fn open_cargo(scene: &Scene<'_>) -> Option<String> {
    let open = scene.cargo.workspaces.iter().filter(|one| one.lock.is_none() && !one.role.is_set_aside());
    let folders: BTreeSet<String> =
        open.map(|one| one.folder.join("Cargo.toml").map_or_else(String::new, |p| p.to_string())).collect();
    let is_any = !folders.is_empty();
    is_any.then(|| {
        format!(
            "nothing names it, but no lock stands beside {}, and what its dependencies bring stands nowhere",
            list(&folders)
        )
    })
}

/// Names of models that are known only when they are loaded.
fn unknown_assets(scene: &Scene<'_>) -> Option<String> {
    let places = scene.assets.unresolved.iter().map(|(_, place)| *place);
    let places: Vec<Place> = places.filter(|place| !scene.role(place.file).is_set_aside()).collect();
    let first = spot(scene, *places.first()?);
    let count = places.len();
    Some(if count == 1 {
        format!("nothing names it, but {first} loads something whose name is known only when it runs")
    } else {
        format!(
            "nothing names it, but {count} places load something whose name is known only when they run, {first} among them"
        )
    })
}
