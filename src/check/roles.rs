//! What each file is for.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Effective, glob};
use crate::graph::Document;
use crate::graph::cargo::CargoView;
use crate::graph::deployments::chart_of;
use crate::graph::images::ImageView;
use crate::graph::kinds::deployment::DeploymentForm;
use crate::graph::kinds::workflow::{ActionDefinition, Uses};
use crate::graph::python::PythonView;
use crate::rules::Before;
use crate::source::{FileId, RepoPath, Role, Sources};

/// No file is for less than it was before the change, and one that the change brings is for the product unless
/// more than the name of a folder says otherwise: else a change could take its files out of sight by where it puts
/// them.
pub(super) fn keep(roles: &mut BTreeMap<FileId, Role>, before: &Before<'_>, sources: &Sources) {
    for file in sources.iter() {
        let Some(role) = roles.get_mut(&file.id) else { continue };
        match before.file(&file.path) {
            Some(old) => *role = (*role).min(before.scene.role(old.id)),
            None if *role == Role::of_path(&file.path) && *role >= Role::Documentation => *role = Role::Product,
            None => {}
        }
    }
}

/// What the policy says that files are for. It holds where nothing but the names of folders said otherwise, and where
/// it names the very file. A file that the change brings is for no less by it: else a change could put its files where
/// the policy looks away.
pub(super) fn declared(
    roles: &mut BTreeMap<FileId, Role>,
    policy: &Effective,
    before: Option<&Before<'_>>,
    sources: &Sources,
) {
    for file in sources.iter() {
        let Some(role) = roles.get_mut(&file.id) else { continue };
        let fitting = policy.roles.iter().filter(|entry| glob::fits(entry.glob.as_str(), file.path.as_str()));
        let Some(entry) = fitting.max_by_key(|entry| glob::weight(entry.glob.as_str())) else { continue };
        let Some(declared) = Role::find(entry.role.as_str()) else { continue };
        let is_guess = *role == Role::of_path(&file.path);
        let is_new = before.is_some_and(|before| before.file(&file.path).is_none());
        if declared < *role || ((is_guess || glob::is_plain(entry.glob.as_str())) && !is_new) {
            *role = declared;
        }
    }
}

/// Templates of a chart are for what the chart is for; elsewhere a folder of that name holds what is copied.
fn of_charts(documents: &[Document], sources: &Sources, out: &mut BTreeMap<FileId, Role>) {
    let deployed = documents.iter().filter_map(|document| match document {
        Document::Deployment(found) => Some((found, &sources.get(found.file)?.path)),
        _ => None,
    });
    let deployed: Vec<_> = deployed.collect();
    let charts = deployed.iter().filter(|(found, _)| found.form == DeploymentForm::Chart);
    let charts: BTreeMap<RepoPath, FileId> = charts.map(|(found, path)| (path.parent(), found.file)).collect();
    for (found, path) in &deployed {
        let chart = chart_of(path).and_then(|folder| charts.get(&folder));
        let Some(role) = chart.and_then(|chart| out.get(chart)).copied() else { continue };
        // What lies in folders of tests below is started to check the rest.
        let parts: Vec<&str> = path.parts().filter(|part| *part != "templates").collect();
        let own = RepoPath::new(&parts.join("/")).map_or(role, |path| Role::of_path(&path));
        out.insert(found.file, role.max(own));
    }
}

/// Roles by what reaches a file; its path speaks only where nothing does.
pub(super) fn of(
    documents: &[Document],
    cargo: &CargoView,
    python: &PythonView,
    images: &ImageView,
    sources: &Sources,
) -> BTreeMap<FileId, Role> {
    let mut out: BTreeMap<FileId, Role> = sources.iter().map(|file| (file.id, Role::of_path(&file.path))).collect();
    for (index, document) in documents.iter().enumerate() {
        if let Some(role) = cargo.role_of(index) {
            out.insert(document.file(), role);
        }
    }
    for view in &cargo.locks {
        out.insert(view.file, view.role);
    }
    let of_projects = python.projects.iter().map(|p| (p.file, p.role));
    let of_locks = python.locks.iter().map(|l| (l.file, l.role));
    let of_sets = python.sets.iter().map(|s| (s.file, s.role));
    let of_images = images.files.iter().map(|i| (i.file, i.role));
    out.extend(of_projects.chain(of_locks).chain(of_sets).chain(of_images));
    for document in documents {
        if let Document::Gitlab(_) | Document::Azure(_) = document
            && let Some(file) = sources.get(document.file())
        {
            out.insert(file.id, Role::of_pipeline(&file.path));
        }
    }
    of_charts(documents, sources, &mut out);
    // An archive or a binary below tests is data of theirs, often broken on purpose.
    for document in documents {
        if let Document::Built(_) | Document::Auditable(_) | Document::PathFile(_) | Document::Sbom(_) = document
            && let Some(role) = out.get_mut(&document.file()).filter(|role| **role == Role::Test)
        {
            *role = Role::Fixture;
        }
    }
    // What a requirements file installs by path is for what that file is for, wherever it lies.
    for built in &python.built {
        if let Some((role, asked)) = out.get_mut(&built.file).zip(built.asked_by) {
            *role = asked.min(*role);
        }
    }
    // By path: a manifest that gave no document is not set aside where the product builds from it.
    for folder in &cargo.reached {
        if let Some(file) = folder.join("Cargo.toml").and_then(|p| sources.by_path(&p)) {
            let role = out.entry(file.id).or_insert(Role::Product);
            if role.is_set_aside() {
                *role = Role::Product;
            }
        }
    }
    // A model below a folder of tests is their data: a broken one is there on purpose.
    for document in documents {
        if let Document::Model(model) = document
            && let Some(role @ Role::Test) = out.get_mut(&model.file)
        {
            *role = Role::Fixture;
        }
    }
    // An action that a workflow of this repository uses runs in CI, wherever it lies.
    let mut queue: Vec<RepoPath> = Vec::new();
    for document in documents {
        let Document::Workflow(workflow) = document else { continue };
        let is_live = sources.get(workflow.file).is_some_and(|f| f.path.parent().as_str() == ".github/workflows");
        if is_live {
            let uses =
                workflow.jobs.iter().flat_map(|j| j.uses.iter().chain(j.steps.iter().filter_map(|s| s.uses.as_ref())));
            queue.extend(uses.filter_map(|u| local(&u.value)));
        }
    }
    let mut actions: BTreeMap<RepoPath, Vec<&ActionDefinition>> = BTreeMap::new();
    for document in documents {
        if let Document::Action(action) = document
            && let Some(file) = sources.get(action.file)
        {
            actions.entry(file.path.parent()).or_default().push(action);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(path) = queue.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        // By path, so that one which could not be read is not set aside either.
        for name in ["action.yml", "action.yaml"] {
            if let Some(file) = path.join(name).and_then(|p| sources.by_path(&p)) {
                let role = out.entry(file.id).or_insert(Role::Ci);
                *role = (*role).min(Role::Ci);
            }
        }
        for &action in actions.get(&path).into_iter().flatten() {
            queue.extend(action.steps.iter().filter_map(|s| s.uses.as_ref()).filter_map(|u| local(&u.value)));
        }
    }
    out
}

fn local(uses: &Uses) -> Option<RepoPath> {
    match uses {
        Uses::Local(path) => RepoPath::new(path),
        _ => None,
    }
}
