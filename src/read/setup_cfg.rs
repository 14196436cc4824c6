//! `setup.cfg`, as far as setuptools reads a project from it. Source: setuptools' "Configuring setuptools
//! using setup.cfg files" and `config/setupcfg.py`.

use super::command_files::tox_of_ini;
use super::pyproject::Reading;
use super::pyproject::about;
use super::requirement::{lenient, strict};
use super::{Facts, Format, Reader};
use crate::graph::kinds::python::{Form, Group, PyProject};
use crate::parse::ini::{self, Entry, Ini, Section};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, RepoPath, SourceFile, Spanned};

/// Reads `setup.cfg`.
#[derive(Debug)]
pub struct SetupCfgReader;

impl Reader for SetupCfgReader {
    fn id(&self) -> &'static str {
        "setup-cfg"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "setup.cfg"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`setup.cfg`",
            read: "`[metadata]`, `[options]`: requirements of all kinds, extras, `file:`, entry points",
            not_read: "settings of other tools; `attr:`",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut parsed = ini::parse(&file.text, budget);
        out.problems.append(&mut parsed.problems);
        for again in parsed.duplicates.iter().take(budget.problems.saturating_sub(out.problems.len())) {
            out.problems
                .push(Problem::new(again.again, format!("`{}` is defined twice; the first is read", again.name)));
        }
        if parsed.section("tox:tox").is_some() {
            tox_of_ini(file, &parsed, budget, out);
        }
        // Most of these files hold settings of linters and nothing else.
        let is_project = |section: &Section| {
            let name = section.name.as_str();
            name == "metadata" || name == "options" || name.starts_with("options.")
        };
        if !parsed.sections.iter().any(is_project) {
            return;
        }
        let mut reading =
            Reading::new(PyProject { file: file.id, form: Form::SetupCfg, ..PyProject::default() }, budget);
        metadata(&parsed, &mut reading);
        options(&parsed, &mut reading);
        reading.finish(file, out);
    }
}

/// An option under its own name or with dashes in it, as older files have it.
fn get<'i>(ini: &'i Ini, section: &str, key: &str) -> Option<&'i Entry> {
    ini.get(section, key).or_else(|| ini.get(section, &key.replace('_', "-")))
}

fn metadata(ini: &Ini, reading: &mut Reading) {
    let plain =
        |section: &str, key: &str| get(ini, section, key).map(Entry::text).filter(|text| !text.value.is_empty());
    // A version from a file or an attribute is for those who build.
    let is_literal = |text: &Spanned<String>| !text.value.starts_with("file:") && !text.value.starts_with("attr:");
    let found = &mut reading.found;
    found.name = plain("metadata", "name");
    found.version = plain("metadata", "version").filter(is_literal);
    found.requires_python = plain("options", "python_requires");
    let classes: Vec<Spanned<String>> =
        get(ini, "metadata", "classifiers").into_iter().flat_map(Entry::lines).collect();
    let stated = |key: &str| plain("metadata", key).filter(is_literal);
    about::setuptools(&stated, &classes, &mut found.about);
    let is_private = |class: &Spanned<String>| class.value.to_ascii_lowercase().starts_with("private ::");
    found.unpublished = classes.iter().any(is_private);
    found.is_described = ["url", "project_urls", "home_page"].iter().any(|key| plain("metadata", key).is_some())
        || classes.iter().any(|class| !is_private(class));
    let scripts = ["console_scripts", "gui_scripts"];
    found.has_scripts = scripts.iter().any(|key| plain("options.entry_points", key).is_some());
}

fn options(ini: &Ini, reading: &mut Reading) {
    for (key, group) in [
        ("install_requires", Group::Runtime),
        ("setup_requires", Group::Build),
        ("tests_require", Group::Named("tests".to_owned())),
    ] {
        if let Some(entry) = get(ini, "options", key) {
            list(entry, &group, reading);
        }
    }
    for entry in ini.section("options.extras_require").map_or(&[][..], |section| &section.options) {
        list(entry, &Group::Extra(entry.key.value.clone()), reading);
    }
    // setuptools looks there for what others ask for; pip does not.
    for link in get(ini, "options", "dependency_links").into_iter().flat_map(Entry::lines) {
        let text = Embedded::verbatim(&link.value, link.span.start);
        match lenient(&text, link.span, Group::Constraint) {
            Ok(found) => reading.keep(found),
            Err(problem) => reading.problems.push(problem.span, problem.message),
        }
    }
}

/// A list of requirements: one a line, or on one line between semicolons; or the files that hold them.
fn list(entry: &Entry, group: &Group, reading: &mut Reading) {
    let text = &entry.value.text;
    if let Some(files) = text.trim_start().strip_prefix("file:") {
        let start = text.len() - files.len();
        for part in pieces(&entry.value, start, &[',', '\n']) {
            reading.found.dynamic_files.push(Spanned::new(part.text.clone(), part.host_span(0..part.text.len())));
        }
        return;
    }
    let separator = if text.contains('\n') { '\n' } else { ';' };
    for part in pieces(&entry.value, 0, &[separator]) {
        // A comment ends a requirement where a blank stands before it.
        let length = part.text.find(" #").map_or(part.text.len(), |at| part.text[..at].trim_end().len());
        let part = part.part(0..length);
        let span = part.host_span(0..part.text.len());
        match strict(&part, span, group.clone()) {
            Ok(found) => reading.keep(found),
            Err(problem) => reading.problems.push(problem.span, problem.message),
        }
    }
}

/// The parts of a text from `start` on that are not empty, without the blanks around them.
fn pieces(text: &Embedded, start: usize, separators: &[char]) -> Vec<Embedded> {
    let mut at = start;
    let mut out = Vec::new();
    for piece in text.text.get(start..).unwrap_or("").split(separators) {
        let from = at + (piece.len() - piece.trim_start().len());
        at += piece.len() + 1;
        if !piece.trim().is_empty() {
            out.push(text.part(from..from + piece.trim().len()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Document;
    use crate::graph::kinds::python::Origin;
    use crate::source::FileId;

    fn read(text: &str) -> (Option<PyProject>, Facts) {
        let file = SourceFile::new(FileId(0), RepoPath::new("a/setup.cfg").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        SetupCfgReader.read(&file, &mut Budget::default(), &mut facts);
        let found = facts.documents.pop().map(|document| match document {
            Document::PyProject(found) => found,
            other => panic!("{other:?}"),
        });
        for requirement in found.iter().flat_map(|f| &f.requirements) {
            let name = &requirement.name;
            if !name.value.is_empty() {
                assert_eq!(file.text_at(name.span), name.value);
            }
        }
        (found, facts)
    }

    #[test]
    fn a_project_is_read_as_setuptools_reads_it() {
        let (found, facts) = read(
            "[metadata]\nname = My.Tool\nversion = attr: my.version\nclassifiers =\n    Private :: No\n\
             [options]\npython_requires = >=3.8\ninstall_requires =\n    torch>=1  # the engine\n    # not this\n    \
             tqdm; python_version < '3.9'\nsetup-requires = wheel; setuptools\n\
             dependency_links = https://example.com/x-1.tar.gz#egg=x\n\
             [options.extras_require]\nweb =\n  flask[async]>=2\n  ==\nreq = file: web.txt, ../more.txt\n\
             [options.entry_points]\nconsole_scripts =\n  tool = tool:main\n",
        );
        let found = found.expect("a project");
        let shown: Vec<String> = found
            .requirements
            .iter()
            .map(|r| {
                let part = |text: &Option<Spanned<String>>| text.as_ref().map_or(String::new(), |t| t.value.clone());
                format!("{:?} {}{:?} {} {}", r.group, r.name.value, r.extras, part(&r.specifiers), part(&r.marker))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Runtime torch[] >=1 ",
                "Runtime tqdm[]  python_version < '3.9'",
                "Build wheel[]  ",
                "Build setuptools[]  ",
                r#"Extra("web") flask["async"] >=2 "#,
                "Constraint x[]  ",
            ]
        );
        assert!(matches!(&found.requirements[5].origin, Some(Origin::Url { .. })));
        assert!(found.unpublished && found.has_scripts && !found.is_described);
        assert_eq!(found.name.map(|n| n.value).as_deref(), Some("My.Tool"));
        assert_eq!(found.version, None);
        assert_eq!(found.requires_python.map(|n| n.value).as_deref(), Some(">=3.8"));
        let mentions: Vec<&str> = facts.mentions.iter().map(|m| m.path.as_str()).collect();
        assert_eq!(mentions, ["a/web.txt", "more.txt"]);
        assert_eq!(facts.problems.len(), 1, "{:?}", facts.problems);
    }

    #[test]
    fn settings_of_linters_are_no_project() {
        let (found, facts) = read("[flake8]\nmax-line-length = 100\n");
        assert!(found.is_none() && facts.problems.is_empty());
    }
}
