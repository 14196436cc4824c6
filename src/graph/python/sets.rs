//! Requirements files: what includes what, and what each is for by who uses it.

use std::collections::{BTreeMap, BTreeSet};

use super::operand::is_exact;
use super::{Project, Purpose, RequirementSet, Use, projects};
use crate::graph::Document;
use crate::graph::kinds::python::{Requirement, RequirementsFile};
use crate::graph::paths::Paths;
use crate::source::{Place, RepoPath, Role, Sources};

/// Includes followed of one file.
const MAX_INCLUDES: usize = 64;
/// Uses kept of one file.
const MAX_USES: usize = 256;
/// Options one file takes over from those that include it.
const MAX_OPTIONS: usize = 16;
/// Includes followed in one tree.
const MAX_VISITS: usize = 100_000;

/// Every requirements file, by path, with what it includes. Purposes follow when uses are known.
pub(super) fn find(documents: &[Document], sources: &Sources, cut: &mut Vec<String>) -> Vec<RequirementSet> {
    let mut out = Vec::new();
    let mut by_path: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for (document, what) in documents.iter().enumerate() {
        let Document::Requirements(file) = what else { continue };
        let Some(source) = sources.get(file.file) else { continue };
        by_path.insert(source.path.clone(), out.len());
        let role = Role::of_path(&source.path).max(named_role(&source.path));
        // The part for pip follows the environment that it is part of.
        let part_of = match document.checked_sub(1).and_then(|before| documents.get(before)) {
            Some(Document::CondaEnvironment(found)) if found.file == file.file => Some(found.tool),
            _ => None,
        };
        let locks: &[&str] = match part_of {
            Some("pixi") => &["pixi.lock"],
            Some(_) => &["conda-lock.yml", "conda-lock.yaml"],
            None => &[],
        };
        let folder = source.path.parent();
        let held_by = locks.iter().find_map(|name| sources.by_path(&folder.join(name)?)).map(|f| f.id);
        out.push(RequirementSet {
            document,
            file: file.file,
            role,
            purpose: Purpose::Development,
            includes: Vec::new(),
            used_by: Vec::new(),
            only_constrains: false,
            is_locked: is_locked(file),
            locked_as: None,
            options: file.options.iter().map(|o| (Place::new(file.file, o.span), o.clone())).collect(),
            part_of,
            held_by,
        });
    }
    for index in 0..out.len() {
        let Some((file, path)) = file_of(documents, sources, &out[index]) else { continue };
        let folder = path.parent();
        let mut includes = Vec::new();
        if file.includes.len() > MAX_INCLUDES {
            cut.push(format!("{path}: it includes more than {MAX_INCLUDES} files, the rest are not followed"));
        }
        for include in file.includes.iter().take(MAX_INCLUDES) {
            if let Some(&target) = folder.join(&include.path.value).and_then(|p| by_path.get(&p)) {
                includes.push((target, include.constraint));
            }
        }
        out[index].includes = includes;
        // `x.in` is what a person edits, `x.txt` what is installed.
        if let Some(stem) = path.as_str().strip_suffix(".in") {
            let lock = RepoPath::new(&format!("{stem}.txt")).and_then(|p| by_path.get(&p).copied());
            out[index].locked_as = lock.filter(|&lock| out[lock].is_locked);
        }
    }
    out
}

fn file_of<'d>(
    documents: &'d [Document],
    sources: &'d Sources,
    set: &RequirementSet,
) -> Option<(&'d RequirementsFile, &'d RepoPath)> {
    match documents.get(set.document) {
        Some(Document::Requirements(file)) => Some((file, &sources.get(set.file)?.path)),
        _ => None,
    }
}

/// Whether every requirement is exact. A file of nothing but includes locks nothing itself.
fn is_locked(file: &RequirementsFile) -> bool {
    let named: Vec<&Requirement> =
        file.requirements.iter().filter(|r| !r.name.value.is_empty() || r.origin.is_some()).collect();
    !named.is_empty() && named.iter().all(|r| is_exact(r))
}

/// What the name says besides the folder: `requirements-dev.txt`, `requirements/docs.txt`.
pub(crate) fn named_role(path: &RepoPath) -> Role {
    let name = path.name().to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let role = |word: &str| match word {
        "ci" => Role::Ci,
        "dev" | "devel" | "develop" | "development" | "lint" | "linting" | "linters" | "typing" | "types" | "mypy"
        | "format" | "quality" | "precommit" | "release" | "tools" => Role::Development,
        "doc" | "docs" | "documentation" | "mkdocs" | "sphinx" => Role::Documentation,
        "test" | "tests" | "testing" | "bench" | "benchmark" | "benchmarks" | "e2e" => Role::Test,
        "example" | "examples" | "demo" | "samples" => Role::Example,
        _ => Role::Product,
    };
    stem.split(|c: char| !c.is_ascii_alphanumeric()).map(role).max().unwrap_or(Role::Product)
}

/// What a file is for before anything is known of who uses it. `libraries` holds for each folder of a
/// project whether that is one.
fn own_purpose(role: Role, path: &RepoPath, is_written: bool, libraries: &BTreeMap<RepoPath, bool>) -> Purpose {
    match role {
        Role::Product | Role::Example => {}
        Role::Ci => return Purpose::Ci,
        _ => return Purpose::Development,
    }
    let folder = path.parent();
    let above = (folder.name() == "requirements").then(|| folder.parent());
    let beside = std::iter::once(&folder).chain(&above).any(|f| libraries.get(f) == Some(&true));
    let within = || {
        let mut at = folder.clone();
        loop {
            match libraries.get(&at) {
                Some(is_library) => return *is_library,
                None if at.is_root() => return false,
                None => at = at.parent(),
            }
        }
    };
    match () {
        // What a tool wrote for a library is its developers' lock.
        () if is_written && within() => Purpose::Development,
        // A list beside a library is often read by its `setup.py`.
        () if beside => Purpose::Library,
        () => Purpose::Application,
    }
}

/// Gives each file its purpose and role: its own, those of what uses it, those of what includes it.
pub(super) fn judge(
    sets: &mut [RequirementSet],
    projects: &[Project],
    documents: &[Document],
    sources: &Sources,
    paths: &Paths<'_>,
    cut: &mut Vec<String>,
) {
    let mut libraries: BTreeMap<RepoPath, bool> = BTreeMap::new();
    // A file of settings alone is no project of its own.
    for project in projects.iter().filter(|p| p.name.is_some() && projects::is_file(documents, p)) {
        libraries.insert(project.folder.clone(), project.purpose == Purpose::Library);
    }
    for set in sets.iter() {
        let Some((_, path)) = file_of(documents, sources, set) else { continue };
        let folder = path.parent();
        for folder in std::iter::once(folder.clone()).chain((folder.name() == "requirements").then(|| folder.parent()))
        {
            let has_setup = ["setup.py", "setup.cfg"].iter().filter_map(|n| folder.join(n)).any(|p| paths.is_file(&p));
            if has_setup {
                libraries.insert(folder, true);
            }
        }
    }
    for set in sets.iter_mut() {
        let Some((file, path)) = file_of(documents, sources, set) else { continue };
        set.purpose = own_purpose(set.role, path, file.generated_by.is_some(), &libraries);
        if set.purpose == Purpose::Development {
            set.role = set.role.max(Role::Development);
        }
    }
    let pinned = read_by_projects(sets, projects, documents, sources);
    for (index, set) in sets.iter_mut().enumerate() {
        set.used_by.sort_by_key(|u| (u.purpose, u.role));
        set.used_by.truncate(MAX_USES);
        // conda installs from an environment what it solves that day, whatever lies beside it.
        if set.part_of == Some("conda") && !set.used_by.is_empty() {
            set.held_by = None;
        }
        if let Some(first) = set.used_by.first().cloned() {
            set.role = set.used_by.iter().map(|u| u.role).min().unwrap_or(set.role).min(set.role);
            if !pinned.contains(&index) {
                // Jobs that test a library install what it asks for as it asks for it.
                set.purpose = match (set.purpose, first.purpose) {
                    (Purpose::Library, Purpose::Ci | Purpose::Development) => Purpose::Library,
                    (own, used) => own.min(used),
                };
            }
        }
    }
    if !hand_on(sets, &pinned, documents, sources) {
        cut.push(format!("requirements files: they include one another more than {MAX_VISITS} times"));
    }
    for set in sets.iter_mut() {
        let named = file_of(documents, sources, set).is_some_and(|(_, path)| path.name().contains("constraint"));
        set.only_constrains = set.used_by.iter().all(|u| u.constraint) && (named || !set.used_by.is_empty());
        set.used_by.sort_by_key(|u| (u.purpose, u.role));
    }
}

/// Files that a project reads its own requirements from: they are the project's.
fn read_by_projects(
    sets: &mut [RequirementSet],
    projects: &[Project],
    documents: &[Document],
    sources: &Sources,
) -> BTreeSet<usize> {
    let by_path: BTreeMap<&RepoPath, usize> =
        sets.iter().enumerate().filter_map(|(i, s)| Some((&sources.get(s.file)?.path, i))).collect();
    let mut out = BTreeSet::new();
    for project in projects {
        let Some(document) = projects::document(documents, project) else { continue };
        for named in &document.dynamic_files {
            let Some(&index) = project.folder.join(&named.value).and_then(|p| by_path.get(&p)) else { continue };
            let set = &mut sets[index];
            set.used_by.push(Use {
                place: Place::new(project.file, named.span),
                text: sources.path(project.file).to_owned(),
                purpose: project.purpose,
                role: project.role,
                constraint: false,
            });
            set.role = set.role.min(project.role);
            if project.purpose == Purpose::Library {
                set.purpose = Purpose::Library;
                out.insert(index);
            }
        }
    }
    out
}

/// What a file is for is what the files that include it are for. False where that was not followed to
/// its end.
fn hand_on(sets: &mut [RequirementSet], pinned: &BTreeSet<usize>, documents: &[Document], sources: &Sources) -> bool {
    for index in 0..sets.len() {
        let Some((file, path)) = file_of(documents, sources, &sets[index]) else { continue };
        let (from, text, folder) = (file.file, path.as_str().to_owned(), path.parent());
        let (purpose, role) = (sets[index].purpose, sets[index].role);
        for include in file.includes.iter().take(MAX_INCLUDES) {
            let target = folder.join(&include.path.value).and_then(|p| sources.by_path(&p)).map(|f| f.id);
            let mut targets = sets[index].includes.clone().into_iter().map(|(target, _)| target);
            let Some(target) = targets.find(|t| Some(sets[*t].file) == target) else { continue };
            let place = Place::new(from, include.path.span);
            let used = Use { place, text: text.clone(), purpose, role, constraint: include.constraint };
            if sets[target].used_by.len() < MAX_USES {
                sets[target].used_by.push(used);
            }
        }
    }
    // Purposes and roles only grow in weight, so this ends of itself; the bound is for files that
    // include one another by the thousand.
    let mut left = MAX_VISITS;
    let mut queue: Vec<usize> = (0..sets.len()).collect();
    while let Some(index) = queue.pop() {
        let (purpose, role) = (sets[index].purpose, sets[index].role);
        for (target, constraint) in sets[index].includes.clone() {
            let Some(fewer) = left.checked_sub(1) else { return false };
            left = fewer;
            if target == index {
                continue;
            }
            let options = if constraint { Vec::new() } else { sets[index].options.clone() };
            let set = &mut sets[target];
            let before = (set.options.len(), set.purpose, set.role);
            for option in options {
                if set.options.len() < MAX_OPTIONS && !set.options.contains(&option) {
                    set.options.push(option);
                }
            }
            if !pinned.contains(&target) {
                set.purpose = set.purpose.min(purpose);
            }
            set.role = set.role.min(role);
            if before != (set.options.len(), set.purpose, set.role) {
                queue.push(target);
            }
        }
    }
    true
}
