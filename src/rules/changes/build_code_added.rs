//! Code that runs when something is built or installed, where none ran before.

use super::compared::{Compared, listed};
use super::packages::Packages;
use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::commands::CommandForm;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "build-code-added",
    title: "code newly runs when it is built or installed",
    many: "{n} files newly bring code that runs when they are built or installed",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("build_code_added.md"),
    check,
};

/// Scripts that npm and its kin run by themselves when a package is installed.
const BY_THEMSELVES: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

/// Backends that do not run code of the tree by being named.
const BACKENDS: &[&str] = &[
    "setuptools.build_meta",
    "setuptools.build_meta:__legacy__",
    "hatchling.build",
    "poetry.core.masonry.api",
    "flit_core.buildapi",
    "pdm.backend",
    "maturin",
    "uv_build",
    "scikit_build_core.build",
    "mesonpy",
];

/// What newly runs, and when.
struct Added {
    name: String,
    when: &'static str,
    severity: Severity,
    span: Span,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let found = match document {
            Document::CargoManifest(manifest) => crates(&compared, manifest, was),
            Document::PyProject(project) => backend(project, was),
            Document::Commands(file) if file.form == CommandForm::Package => scripts(file, was),
            Document::PythonLock(_) => sources(&compared, document, was),
            _ => Vec::new(),
        };
        say(&compared, report, document, &found);
    }
    // A build script that comes beside a manifest of which no line changes.
    for (_, manifest) in
        scene.manifests().filter(|(_, m)| !compared.is_touched(m.file) && !scene.role(m.file).is_set_aside())
    {
        let was = compared.old(manifest.file).and_then(|old| {
            compared.base().documents.iter().find(|d| d.file() == old.id && matches!(d, Document::CargoManifest(_)))
        });
        let found = crates(&compared, manifest, was);
        if let Some(document) = scene.documents.iter().find(|d| d.file() == manifest.file) {
            say(&compared, report, document, &found);
        }
    }
}

/// The build script of a manifest, by its path.
fn build_script(scene: &Scene<'_>, manifest: &crate::graph::kinds::cargo::Manifest) -> Option<String> {
    let package = manifest.package.as_ref().filter(|package| !package.no_build)?;
    let folder = scene.sources.get(manifest.file)?.path.parent();
    let name = package.build.as_ref().map_or("build.rs", |build| build.value.as_str());
    let path = folder.join(name)?;
    scene.files.contains(&path).then(|| path.as_str().to_owned())
}

fn crates(
    compared: &Compared<'_>,
    manifest: &crate::graph::kinds::cargo::Manifest,
    was: Option<&Document>,
) -> Vec<Added> {
    // A crate that is new altogether is new with all that it has.
    let Some(Document::CargoManifest(old)) = was else { return Vec::new() };
    let Some(package) = &manifest.package else { return Vec::new() };
    let mut out = Vec::new();
    if let Some(path) = build_script(compared.scene, manifest)
        && build_script(compared.base(), old).is_none()
    {
        let span = package.build.as_ref().map_or(package.name.span, |build| build.span);
        out.push(Added { name: path, when: "whenever the crate is built", severity: Severity::Medium, span });
    }
    if manifest.proc_macro && !old.proc_macro {
        let (name, span) = (package.name.value.clone(), package.name.span);
        out.push(Added { name, when: "in the compiler of whoever uses the crate", severity: Severity::Low, span });
    }
    out
}

fn backend(project: &crate::graph::kinds::python::PyProject, was: Option<&Document>) -> Vec<Added> {
    let Some(Document::PyProject(old)) = was else { return Vec::new() };
    let (Some(now), known) = (&project.build_backend, &old.build_backend) else { return Vec::new() };
    if known.as_ref().is_some_and(|known| known.value == now.value) || BACKENDS.contains(&now.value.as_str()) {
        return Vec::new();
    }
    vec![Added {
        name: now.value.clone(),
        when: "whenever the project is built",
        severity: Severity::Medium,
        span: now.span,
    }]
}

fn scripts(file: &crate::graph::kinds::commands::CommandFile, was: Option<&Document>) -> Vec<Added> {
    let Some(Document::Commands(old)) = was else { return Vec::new() };
    let fresh = file.blocks.iter().filter(|block| {
        BY_THEMSELVES.contains(&block.name.as_str())
            && !old.blocks.iter().any(|known| known.name.value == block.name.value)
    });
    let when = "whenever the package is installed";
    fresh.map(|b| Added { name: b.name.value.clone(), when, severity: Severity::Medium, span: b.name.span }).collect()
}

/// Distributions that were locked with a wheel, and have their source alone now.
fn sources(compared: &Compared<'_>, document: &Document, was: Option<&Document>) -> Vec<Added> {
    let now = Packages::of(document, compared.scene.indexes);
    let old = was.and_then(|was| Packages::of(was, compared.base().indexes));
    let (Some(now), Some(old)) = (now, old) else { return Vec::new() };
    let known = old.by_name();
    let bare = now.all.iter().filter(|one| one.has_source && !one.has_wheel);
    let fresh = bare.filter(|one| known.get(one.name.as_str()).is_some_and(|old| old.iter().all(|o| o.has_wheel)));
    let when = "when it is installed, for want of a wheel";
    fresh
        .map(|one| Added {
            name: format!("{} {}", one.name, one.version),
            when,
            severity: Severity::Medium,
            span: one.span,
        })
        .collect()
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, document: &Document, found: &[Added]) {
    let Some(first) = found.iter().reduce(|best, next| if next.severity > best.severity { next } else { best }) else {
        return;
    };
    let file = document.file();
    let path = compared.scene.sources.path(file);
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    let run = if names.len() == 1 { "runs" } else { "run" };
    report
        .at(Place::new(file, first.span), format!("runs {}", first.when))
        .about("build-code", names.join(" "), None)
        .severity(first.severity)
        .also(found.iter().map(|one| Place::new(file, one.span)))
        .content(names.join(" "))
        .via(path.to_owned(), Some(Place::new(file, first.span)))
        .evidence("nothing of the kind ran before the change")
        .advise("read what it does before anybody builds the change; CI and developers' machines will run it")
        .say(format!("code of {} newly {run} {}", listed(&names), first.when));
}
