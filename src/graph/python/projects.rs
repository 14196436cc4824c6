//! Projects: what each is for, workspaces, what a product builds from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, Purpose};
use crate::graph::kinds::python::{Form, Group, Origin, PyProject};
use crate::graph::members::{glob, tidy};
use crate::graph::paths::Paths;
use crate::graph::{Document, identity};
use crate::source::{RepoPath, Role, Sources};

/// Every project of the tree, by path. Locks and uses are added by those who know them.
pub(super) fn find(documents: &[Document], sources: &Sources, paths: &Paths<'_>) -> Vec<Project> {
    let mut out = Vec::new();
    for (document, what) in documents.iter().enumerate() {
        let Document::PyProject(project) = what else { continue };
        let Some(file) = sources.get(project.file) else { continue };
        let folder = file.path.parent();
        let complete = project.has_build_system && project.name.is_some();
        let role = Role::of_package(&file.path, project.unpublished, complete);
        out.push(Project {
            document,
            file: project.file,
            name: project.name.as_ref().map(|n| identity::distribution_name(&n.value)),
            role,
            purpose: own_purpose(project, role, &folder),
            lock: None,
            root: None,
            crate_folder: crate_folder(project, &folder, paths),
            used_by: Vec::new(),
            uv_settings: None,
            folder,
        });
    }
    let roots = workspaces(&out, documents);
    for (index, root) in roots.into_iter().enumerate() {
        out[index].root = root;
    }
    raise(&mut out, documents);
    out
}

/// What a project says of itself. A project that can be built and has a name is for others to resolve,
/// and a lock beside it serves those who work on it.
fn own_purpose(project: &PyProject, role: Role, folder: &RepoPath) -> Purpose {
    if project.form == Form::Script {
        return Purpose::Development;
    }
    match role {
        Role::Product | Role::Example => {}
        _ => return Purpose::Development,
    }
    match () {
        () if project.unpublished => Purpose::Application,
        // Settings of tools, or the root of a workspace.
        () if project.name.is_none() && !project.has_build_system => Purpose::Development,
        () if project.has_build_system || project.is_described || is_client(folder) => Purpose::Library,
        () => Purpose::Application,
    }
}

/// `sdk/python`, `clients/python`: folders of what others are to install.
fn is_client(folder: &RepoPath) -> bool {
    folder.parts().any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "sdk" | "sdks" | "client" | "clients" | "lib" | "libs" | "packages"
        )
    })
}

/// The folder of the crate a project is built from.
fn crate_folder(project: &PyProject, folder: &RepoPath, paths: &Paths<'_>) -> Option<RepoPath> {
    if project.form == Form::Script {
        return None;
    }
    let backend = project.build_backend.as_ref().map_or("", |b| b.value.as_str());
    let requires = |name: &str| {
        let mut build = project.requirements.iter().filter(|r| r.group == Group::Build);
        build.any(|r| identity::distribution_name(&r.name.value) == name)
    };
    let manifest = project.maturin_manifest.as_ref().map(|m| m.value.as_str());
    let is_maturin = project.is_maturin || manifest.is_some() || backend == "maturin";
    if !is_maturin && !requires("setuptools-rust") {
        return None;
    }
    // Maturin looks for `Cargo.toml`, then for `rust/Cargo.toml`.
    let candidates = manifest.map_or_else(|| vec!["Cargo.toml", "rust/Cargo.toml"], |m| vec![m]);
    let mut found = candidates.into_iter().filter_map(|c| folder.join(c)).filter(|path| paths.is_file(path));
    found.next().map(|path| path.parent())
}

/// For each project, the root of its uv workspace.
fn workspaces(projects: &[Project], documents: &[Document]) -> Vec<Option<usize>> {
    let by_folder: BTreeMap<&RepoPath, usize> =
        projects.iter().enumerate().filter(|(_, p)| is_file(documents, p)).map(|(i, p)| (&p.folder, i)).collect();
    let pyproject = |index: usize| document(documents, &projects[index]);
    let mut out = Vec::with_capacity(projects.len());
    for (index, project) in projects.iter().enumerate() {
        let own = pyproject(index);
        if !is_file(documents, project) || own.is_none() {
            out.push(None);
            continue;
        }
        if own.is_some_and(|own| !own.workspace_members.is_empty()) {
            out.push(Some(index));
            continue;
        }
        let mut found = None;
        let mut at = project.folder.clone();
        while !at.is_root() && found.is_none() {
            at = at.parent();
            let Some(&root) = by_folder.get(&at) else { continue };
            let Some(top) = pyproject(root).filter(|top| !top.workspace_members.is_empty()) else { continue };
            let below = project.folder.as_str().strip_prefix(at.as_str()).unwrap_or("").trim_start_matches('/');
            let any = |patterns: &[crate::source::Spanned<String>]| {
                patterns.iter().take(256).any(|pattern| glob(tidy(&pattern.value), below))
            };
            if any(&top.workspace_members) && !any(&top.workspace_exclude) {
                found = Some(root);
            }
            // uv stops at the first workspace on the way up.
            break;
        }
        out.push(found);
    }
    out
}

/// Whether it is a `pyproject.toml` and no script.
pub(super) fn is_file(documents: &[Document], project: &Project) -> bool {
    document(documents, project).is_some_and(|d| d.form == Form::Project)
}

/// The document of a project.
pub(super) fn document<'d>(documents: &'d [Document], project: &Project) -> Option<&'d PyProject> {
    match documents.get(project.document) {
        Some(Document::PyProject(document)) => Some(document),
        _ => None,
    }
}

/// What a product builds from by path or as part of its workspace is product, wherever it lies.
fn raise(projects: &mut [Project], documents: &[Document]) {
    let files = projects.iter().enumerate().filter(|(_, p)| is_file(documents, p));
    let by_folder: BTreeMap<RepoPath, usize> = files.map(|(index, p)| (p.folder.clone(), index)).collect();
    let by_name: BTreeMap<(Option<usize>, String), usize> =
        projects.iter().enumerate().filter_map(|(index, p)| Some(((p.root, p.name.clone()?), index))).collect();
    let mut queue: Vec<usize> = (0..projects.len()).filter(|&i| projects[i].role == Role::Product).collect();
    let mut seen: BTreeSet<usize> = queue.iter().copied().collect();
    while let Some(index) = queue.pop() {
        let Some(project) = document(documents, &projects[index]) else { continue };
        for requirement in &project.requirements {
            if matches!(requirement.group, Group::Named(_) | Group::Constraint) {
                continue;
            }
            let target = match &requirement.origin {
                Some(Origin::Path { path }) => {
                    projects[index].folder.join(&path.value).and_then(|folder| by_folder.get(&folder).copied())
                }
                Some(Origin::Workspace) => {
                    let name = identity::distribution_name(&requirement.name.value);
                    projects[index].root.and_then(|root| by_name.get(&(Some(root), name)).copied())
                }
                _ => None,
            };
            let Some(target) = target.filter(|t| seen.insert(*t)) else { continue };
            projects[target].role = Role::Product;
            queue.push(target);
        }
    }
}
