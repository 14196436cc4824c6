//! A name or an address with characters that look like others, or that cannot be seen.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::cargo::Dependency;
use crate::graph::kinds::python::{DeclaredIndex, IndexOption, LockedOrigin, Origin, Requirement};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::impostor::{List, Names, odd};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "confusable-name",
    title: "name with characters that look like others",
    many: "{n} names hold characters that look like others",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("confusable_name.md"),
    check,
};

/// What a text is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Distribution,
    Crate,
    Action,
    Image,
    Address,
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Self::Distribution => "distribution",
            Self::Crate => "crate",
            Self::Action => "action",
            Self::Image => "image",
            Self::Address => "address",
        }
    }

    /// The list its names stand on.
    fn list(self) -> Option<List> {
        match self {
            Self::Distribution => Some(List::PyPi),
            Self::Crate => Some(List::Crates),
            Self::Action => Some(List::Actions),
            Self::Image | Self::Address => None,
        }
    }
}

/// Names that are not ASCII, with their places.
#[derive(Default)]
struct Found<'a> {
    by_name: BTreeMap<(Sort, &'a str), Vec<Place>>,
}

impl<'a> Found<'a> {
    fn name(&mut self, sort: Sort, name: &'a str, file: FileId, span: Span) {
        if !name.is_ascii() {
            self.by_name.entry((sort, name)).or_default().push(Place::new(file, span));
        }
    }

    fn spanned(&mut self, sort: Sort, file: FileId, text: Option<&'a Spanned<String>>) {
        if let Some(text) = text {
            self.name(sort, &text.value, file, text.span);
        }
    }

    fn requirement(&mut self, file: FileId, requirement: &'a Requirement) {
        self.name(Sort::Distribution, &requirement.name.value, file, requirement.span);
        if let Some(Origin::Url { url } | Origin::Vcs { url, .. }) = &requirement.origin {
            self.spanned(Sort::Address, file, Some(url));
        }
    }

    fn indexes(&mut self, file: FileId, indexes: &'a [DeclaredIndex], options: &'a [IndexOption]) {
        indexes.iter().for_each(|index| self.spanned(Sort::Address, file, index.url.as_ref()));
        options.iter().for_each(|option| self.spanned(Sort::Address, file, Some(&option.value)));
    }

    fn dependency(&mut self, file: FileId, dependency: &'a Dependency) {
        if !dependency.inherited {
            self.name(Sort::Crate, dependency.package_name(), file, dependency.span);
        }
        self.spanned(Sort::Address, file, dependency.git.as_ref());
        self.spanned(Sort::Address, file, dependency.registry.as_ref());
    }

    fn uses(&mut self, file: FileId, uses: Option<&'a Spanned<Uses>>) {
        match uses.map(|uses| (&uses.value, uses.span)) {
            Some((Uses::Repository { owner, repo, path, .. }, span)) => {
                [owner, repo, path].into_iter().for_each(|part| self.name(Sort::Action, part, file, span));
            }
            Some((Uses::Docker(image), span)) => self.name(Sort::Image, image, file, span),
            _ => {}
        }
    }

    fn steps(&mut self, file: FileId, steps: &'a [Step]) {
        steps.iter().for_each(|step| self.uses(file, step.uses.as_ref()));
    }

    fn document(&mut self, document: &'a Document) {
        match document {
            Document::PyProject(project) => {
                project.requirements.iter().for_each(|r| self.requirement(project.file, r));
                self.indexes(project.file, &project.indexes, &project.options);
            }
            Document::Requirements(set) => {
                set.requirements.iter().for_each(|r| self.requirement(set.file, r));
                self.indexes(set.file, &[], &set.options);
            }
            Document::PythonLock(lock) => {
                for package in &lock.packages {
                    self.spanned(Sort::Distribution, lock.file, Some(&package.name));
                    if let LockedOrigin::Registry(url) | LockedOrigin::Vcs { url, .. } | LockedOrigin::Url(url) =
                        &package.source
                    {
                        self.name(Sort::Address, url, lock.file, package.source_span.unwrap_or(package.name.span));
                    }
                }
            }
            Document::CargoManifest(manifest) => {
                let patched = manifest.patches.iter().map(|patch| &patch.with);
                manifest.dependencies.iter().chain(patched).for_each(|d| self.dependency(manifest.file, d));
            }
            Document::CargoLock(lock) => {
                for package in &lock.packages {
                    self.spanned(Sort::Crate, lock.file, Some(&package.name));
                    self.spanned(Sort::Address, lock.file, package.source.as_ref());
                }
            }
            Document::CargoConfig(config) => {
                config.registries.iter().for_each(|r| self.spanned(Sort::Address, config.file, r.index.as_ref()));
                config.sources.iter().for_each(|s| self.spanned(Sort::Address, config.file, s.remote.as_ref()));
            }
            Document::Dockerfile(file) => {
                file.stages.iter().for_each(|stage| self.spanned(Sort::Image, file.file, Some(&stage.from)));
            }
            Document::Workflow(workflow) => {
                for job in &workflow.jobs {
                    self.uses(workflow.file, job.uses.as_ref());
                    self.steps(workflow.file, &job.steps);
                    job.images.iter().for_each(|i| self.spanned(Sort::Image, workflow.file, Some(&i.reference)));
                }
            }
            Document::Action(action) => {
                self.steps(action.file, &action.steps);
                self.spanned(Sort::Image, action.file, action.image.as_ref());
            }
            Document::ManagerSettings(settings) => self.indexes(settings.file, &settings.indexes, &settings.options),
            _ => {}
        }
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found = Found::default();
    scene.documents.iter().for_each(|document| found.document(document));
    for install in &scene.python.installs {
        install.requirements.iter().for_each(|r| found.requirement(install.place.file, r));
        for (place, option) in &install.options {
            found.spanned(Sort::Address, place.file, Some(&option.value));
        }
    }
    if found.by_name.is_empty() {
        return;
    }
    let names = Names::embedded();
    for ((sort, name), mut places) in found.by_name {
        let Some(odd) = odd(name) else { continue };
        places.sort_by_key(|place| (scene.role(place.file), *place));
        places.dedup();
        let Some(place) = places.first() else { continue };
        let code = format!("U+{:04X}", u32::from(odd.letter));
        let known = sort.list().and_then(|list| names.find(list, &odd.reads));
        let evidence = match (sort, known) {
            (_, Some(known)) => format!("`{}` is a well known {}", known.name, sort.as_str()),
            (Sort::Address, None) => "two addresses that look the same lead to two places".to_owned(),
            (_, None) => format!("names of {} are ASCII", kept_by(sort)),
        };
        let shown = if sort == Sort::Address { "an address".to_owned() } else { format!("`{name}`") };
        report
            .at(*place, format!("holds {code}"))
            .about(sort.as_str(), name, None)
            .also(places.iter().copied())
            .content(format!("{name} {code}"))
            .evidence(evidence)
            .advise(format!("write it in ASCII as `{}` if that is meant, and ask who put it there", odd.reads))
            .say(format!("{shown} holds {} ({code}) and reads as `{}`", odd.what, odd.reads));
    }
}

fn kept_by(sort: Sort) -> &'static str {
    match sort {
        Sort::Distribution => "PyPI",
        Sort::Crate => "crates.io",
        Sort::Action => "GitHub",
        Sort::Image | Sort::Address => "registries",
    }
}
