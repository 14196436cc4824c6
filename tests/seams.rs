//! Python's files, Dockerfiles and workflows tied together: who uses what, what for, and how each
//! locked package is reached.

#![allow(clippy::expect_used, reason = "a test may insist")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cargo_custody::graph::Document;
use cargo_custody::graph::images::ImageView;
use cargo_custody::graph::kinds::python::{Group, PythonLock};
use cargo_custody::graph::python::{PythonView, Use};
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{RepoPath, Tree};

struct Views {
    reading: Reading,
    python: PythonView,
    images: ImageView,
}

fn views(tree: &Tree) -> Views {
    let reading = read_tree(tree, 1, &|_, _| {});
    let files: BTreeSet<RepoPath> = tree.entries.iter().map(|e| e.path.clone()).collect();
    let images = ImageView::build(&reading.documents, &reading.sources, &files);
    let python = PythonView::build(&reading.documents, &reading.sources, &files, &images);
    Views { reading, python, images }
}

fn of(files: &[(&str, &str)]) -> Views {
    views(&common::tree(files))
}

fn group(group: &Group) -> String {
    match group {
        Group::Runtime => "runtime".to_owned(),
        Group::Extra(name) => format!("extra {name}"),
        Group::Build => "build".to_owned(),
        Group::Named(name) => format!("group {name}"),
        Group::Constraint => "constraint".to_owned(),
    }
}

fn uses(of: &[Use]) -> String {
    let one = |u: &Use| format!("{}{}", u.text, if u.constraint { " -c" } else { "" });
    of.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Views {
    fn path(&self, file: cargo_custody::source::FileId) -> &str {
        self.reading.sources.path(file)
    }

    fn lock(&self, index: usize) -> &PythonLock {
        match &self.reading.documents[self.python.locks[index].document] {
            Document::PythonLock(lock) => lock,
            _ => panic!("a lock"),
        }
    }

    /// Everything, a line each.
    fn told(&self) -> String {
        let mut out = String::new();
        let view = &self.python;
        for project in &view.projects {
            let lock = project.lock.map_or("-", |l| self.path(view.locks[l].file));
            let root = project.root.map_or("-", |r| self.path(view.projects[r].file));
            let _ = writeln!(
                out,
                "project {} {} {} {} lock {lock} root {root} crate {} by [{}]",
                self.path(project.file),
                project.name.as_deref().unwrap_or("-"),
                project.role.as_str(),
                project.purpose.as_str(),
                project.crate_folder.as_ref().map_or("-", |f| f.as_str()),
                uses(&project.used_by)
            );
        }
        for lock in &view.locks {
            let mut needs = std::collections::BTreeMap::new();
            for reached in &lock.reached {
                *needs.entry((reached.role.as_str(), reached.need.as_str())).or_insert(0) += 1;
            }
            let _ = writeln!(
                out,
                "lock {} {} {} {needs:?} by [{}]",
                self.path(lock.file),
                lock.role.as_str(),
                lock.purpose.as_str(),
                uses(&lock.used_by)
            );
        }
        for set in &view.sets {
            let includes: Vec<_> = set.includes.iter().map(|(i, _)| self.path(view.sets[*i].file)).collect();
            let _ = writeln!(
                out,
                "set {} {} {}{}{} includes [{}] by [{}] options {}",
                self.path(set.file),
                set.role.as_str(),
                set.purpose.as_str(),
                if set.is_locked { " locked" } else { "" },
                if set.only_constrains { " constrains" } else { "" },
                includes.join(", "),
                uses(&set.used_by),
                set.options.len()
            );
        }
        for install in &view.installs {
            let names: Vec<_> = install
                .requirements
                .iter()
                .map(|r| {
                    let specifiers = r.specifiers.as_ref().map_or("", |s| s.value.as_str());
                    if r.name.value.is_empty() { "(path)".to_owned() } else { format!("{}{specifiers}", r.name.value) }
                })
                .collect();
            let files: Vec<_> = install
                .files
                .iter()
                .map(|(text, set, c)| {
                    let to = set.map_or("?", |s| self.path(view.sets[s].file));
                    format!("{text}{}={to}", if *c { " -c" } else { "" })
                })
                .collect();
            let options: Vec<_> =
                install.options.iter().map(|(_, o)| format!("{:?} {}", o.kind, o.value.value)).collect();
            let projects: Vec<_> = install.projects.iter().map(|p| self.path(view.projects[*p].file)).collect();
            let line = self.reading.sources.start(install.place).line;
            let _ = writeln!(
                out,
                "install {}:{line} {} {} {} {} [{}] files [{}] options [{}] projects [{}]{}",
                self.path(install.place.file),
                install.role.as_str(),
                install.purpose.as_str(),
                install.manager,
                install.verb,
                names.join(" "),
                files.join(" "),
                options.join("; "),
                projects.join(" "),
                if install.is_locked { " locked" } else { "" }
            );
        }
        for image in &self.images.files {
            let builds: Vec<_> = image
                .builds
                .iter()
                .map(|b| {
                    let line = self.reading.sources.start(b.place).line;
                    let path = self.path(b.place.file);
                    format!(
                        "{path}:{line}{}{}",
                        if b.pushes { " pushes" } else { "" },
                        b.target.as_ref().map_or(String::new(), |t| format!(" {t}"))
                    )
                })
                .collect();
            let copied: Vec<_> = image.copied.iter().filter(|c| c.by_name).map(|c| c.path.as_str()).take(12).collect();
            let _ = writeln!(
                out,
                "image {} {} context {:?} builds [{}] copied [{}]",
                self.path(image.file),
                image.role.as_str(),
                image.context.as_str(),
                builds.join(", "),
                copied.join(" ")
            );
        }
        out
    }
}
