//! Where a resolver looks for names: one requirements file, one command or one project at a time, with
//! the options that are in force there.

use std::collections::BTreeSet;

use crate::graph::Document;
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::{IndexOption, IndexOptionKind, Requirement, Tool};
use crate::graph::kinds::settings::{ManagerSettings, SettingsForm};
use crate::graph::python::resolve::TABLES;
pub(crate) use crate::graph::python::resolve::{Resolver, Takes, Told, addresses};
use crate::graph::python::{Install, Project, Purpose, SettingsFile, Use};
use crate::rules::Scene;
use crate::source::{FileId, Place, Role};

/// One look-up.
pub(crate) struct Lookup<'a> {
    /// Who asks.
    pub(crate) resolver: Resolver,
    /// Options in force with the places they stand at.
    pub(crate) options: Vec<(Place, &'a IndexOption)>,
    /// Names that are looked up and that no hash holds.
    pub(crate) names: Vec<&'a str>,
    /// Something is looked up, and hashes hold all of it.
    pub(crate) is_hashed: bool,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The role of its file.
    pub(crate) role: Role,
    /// The command, if it is one.
    pub(crate) install: Option<&'a Install>,
    /// Who uses the file, if it is one.
    pub(crate) used_by: &'a [Use],
}

impl<'a> Lookup<'a> {
    /// Addresses of a kind of option, each with its place.
    pub(crate) fn addresses(&self, kind: IndexOptionKind) -> impl Iterator<Item = (Place, &'a str)> {
        self.options
            .iter()
            .filter(move |(_, o)| o.kind == kind)
            .flat_map(|(place, option)| addresses(option).map(move |address| (*place, address)))
    }

    /// What the resolver is told by options alone.
    pub(crate) fn told(&self) -> Told<'a> {
        Told { resolver: self.resolver, options: self.options.clone(), declared: Vec::new(), keeps_order: false }
    }
}

/// All look-ups of the tree.
pub(crate) fn all<'a>(scene: &Scene<'a>) -> Vec<Lookup<'a>> {
    let mut out = Vec::new();
    for set in &scene.python.sets {
        let Some(file) = scene.requirements(set.document) else { continue };
        let (names, is_hashed) = names(&file.requirements);
        out.push(Lookup {
            // pixi asks indexes as uv does.
            resolver: if set.part_of == Some("pixi") { Resolver::Uv } else { Resolver::Pip },
            options: set.options.iter().map(|(place, option)| (*place, option)).collect(),
            names,
            is_hashed: is_hashed || file.require_hashes.is_some(),
            purpose: set.purpose,
            role: set.role,
            install: None,
            used_by: &set.used_by,
        });
    }
    for install in &scene.python.installs {
        out.push(of_install(scene, install));
    }
    for project in &scene.python.projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        // What stands in a `uv.toml` counts in place of it.
        if file.options.is_empty() || project.uv_settings.is_some() {
            continue;
        }
        let (names, _) = names(&file.requirements);
        out.push(Lookup {
            resolver: Resolver::Uv,
            options: file.options.iter().map(|o| (Place::new(file.file, o.span), o)).collect(),
            names,
            is_hashed: false,
            purpose: project.purpose,
            role: project.role,
            install: None,
            used_by: &[],
        });
    }
    for (file, settings) in settings(scene) {
        let resolver = match file.form {
            SettingsForm::Pip => Resolver::Pip,
            SettingsForm::Uv => Resolver::Uv,
            SettingsForm::Pypirc | SettingsForm::Conda => continue,
        };
        if settings.options.is_empty() {
            continue;
        }
        out.push(Lookup {
            resolver,
            options: settings.options.iter().map(|o| (Place::new(settings.file, o.span), o)).collect(),
            names: Vec::new(),
            is_hashed: false,
            purpose: file.purpose,
            role: file.role,
            install: None,
            used_by: &file.used_by,
        });
    }
    out
}

/// Settings files with their documents, by their index in the view.
pub(crate) fn settings<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a SettingsFile, &'a ManagerSettings)> {
    let documents = scene.documents;
    scene.python.settings.iter().filter_map(move |file| match documents.get(file.document) {
        Some(Document::ManagerSettings(settings)) => Some((file, settings)),
        _ => None,
    })
}

/// The indexes that one tool's tables of a project, or a settings file, declare.
pub(crate) struct Tables<'a> {
    /// What the resolver is told by them.
    pub(crate) told: Told<'a>,
    /// Whose.
    pub(crate) tool: Tool,
    /// The file they stand in.
    pub(crate) file: FileId,
    /// Its role.
    pub(crate) role: Role,
    /// The projects they count for.
    pub(crate) projects: Vec<&'a Project>,
    /// What those ask for.
    pub(crate) requirements: Vec<&'a Requirement>,
}

/// All of them.
pub(crate) fn tables<'a>(scene: &Scene<'a>) -> Vec<Tables<'a>> {
    let mut out = Vec::new();
    let projects = &scene.python.projects;
    for project in projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        for tool in TABLES {
            let told = Told::by_tables(file, tool);
            if told.declared.is_empty() || (tool == Tool::Uv && project.uv_settings.is_some()) {
                continue;
            }
            out.push(Tables {
                told,
                tool,
                file: file.file,
                role: project.role,
                projects: vec![project],
                requirements: file.requirements.iter().collect(),
            });
        }
    }
    for (index, (file, settings)) in settings(scene).enumerate() {
        if file.form != SettingsForm::Uv || settings.indexes.is_empty() {
            continue;
        }
        let under: Vec<&Project> = projects.iter().filter(|p| p.uv_settings == Some(index)).collect();
        let files = under.iter().filter_map(|p| scene.pyproject(p.document));
        let requirements = files.flat_map(|f| &f.requirements).collect();
        out.push(Tables {
            told: Told::by_settings(Resolver::Uv, settings),
            tool: Tool::Uv,
            file: settings.file,
            role: file.role,
            projects: under,
            requirements,
        });
    }
    out
}

fn of_install<'a>(scene: &Scene<'a>, install: &'a Install) -> Lookup<'a> {
    let (mut found, mut is_hashed) = names(&install.requirements);
    let mut options: Vec<(Place, &IndexOption)> = install.options.iter().map(|(p, o)| (*p, o)).collect();
    let sets = install.files.iter().filter(|(.., constrains)| !constrains).filter_map(|(_, set, _)| *set);
    for set in sets.filter_map(|set| scene.python.sets.get(set)) {
        let Some(file) = scene.requirements(set.document) else { continue };
        let (more, hashed) = names(&file.requirements);
        is_hashed = (is_hashed || install.requirements.is_empty()) && hashed;
        found.extend(more);
        // What the file brings along is in force for the command, and told at its own line.
        options.extend(set.options.iter().map(|(p, o)| (*p, o)));
    }
    let mut seen = BTreeSet::new();
    options.retain(|(place, option)| seen.insert((*place, option.kind, option.value.value.as_str())));
    Lookup {
        resolver: Resolver::of_manager(&install.manager),
        is_hashed: is_hashed || options.iter().any(|(_, o)| o.kind == IndexOptionKind::RequireHashes),
        options,
        names: found,
        purpose: install.purpose,
        role: install.role,
        install: Some(install),
        used_by: &[],
    }
}

/// Names that an index answers and no hash holds; and whether there are names and hashes hold all.
fn names(requirements: &[Requirement]) -> (Vec<&str>, bool) {
    let asked = || requirements.iter().filter(|r| r.origin.is_none() && !r.editable && !r.name.value.is_empty());
    let loose: Vec<&str> = asked().filter(|r| r.hashes.is_empty()).map(|r| r.name.value.as_str()).collect();
    let is_hashed = loose.is_empty() && asked().next().is_some();
    (loose, is_hashed)
}

/// An address as it may be printed: without user, password, query and fragment.
pub(crate) fn shown(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    if rest.contains("${{") {
        return address.to_owned();
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let text = rest[host..].trim_end_matches('/');
    // conda's servers take a token in the path: `/t/TOKEN/channel`.
    let token = text.split_once("/t/").and_then(|(before, after)| Some((before, after.split_once('/')?.1)));
    match token {
        Some((before, after)) => format!("{scheme}://{before}/{after}"),
        None => format!("{scheme}://{text}"),
    }
}

/// What an index is, for a sentence.
pub(crate) fn words(kind: IndexKind, address: &str) -> String {
    match kind {
        IndexKind::PyPi => "PyPI".to_owned(),
        IndexKind::Mirror => format!("{}, a mirror of PyPI", shown(address)),
        IndexKind::Publisher => format!("{}, a publisher's own", shown(address)),
        IndexKind::Trial => "TestPyPI, where anybody may take any name".to_owned(),
        IndexKind::Machine | IndexKind::Other => shown(address),
        IndexKind::Unknown if address.starts_with("${{") => "an address that an expression holds".to_owned(),
        IndexKind::Unknown => format!("{}, known only when it runs", shown(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_printed_without_credentials() {
        for (address, text) in [
            ("https://user:word@pypi.example.com/simple/", "https://pypi.example.com/simple"),
            ("https://pypi.example.com/simple?token=x", "https://pypi.example.com/simple"),
            ("${{ vars.INDEX }}", "${{ vars.INDEX }}"),
            ("./dist", "./dist"),
            ("https://conda.example.com/t/ab-0123456789abcdef/team/", "https://conda.example.com/team"),
        ] {
            assert_eq!(shown(address), text);
        }
    }
}
