//! `Pipfile`. Sources: Pipenv's "Pipfile & Pipfile.lock" and "Specifiers"; the pipfile specification.

use super::pyproject::Reading;
use super::toml_help::{document, text, texts};
use super::{Facts, Reader};
use crate::graph::kinds::python::{DeclaredIndex, Form, Group, Origin, Priority, PyProject, Requirement, Tool};
use crate::parse::Budget;
use crate::parse::toml::{Entry, Table, Value};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Tables that are no list of packages; every other one is a category of its own.
const SETTINGS: &[&str] = &["source", "requires", "pipenv", "scripts", "build-system"];

/// Keys of a package that are tests of the environment.
const MARKERS: &[&str] = &[
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

/// Reads `Pipfile`.
#[derive(Debug)]
pub struct PipfileReader;

impl Reader for PipfileReader {
    fn id(&self) -> &'static str {
        "pipfile"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "Pipfile"
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let found = PyProject { file: file.id, form: Form::Pipfile, tools: vec![Tool::Pipenv], ..PyProject::default() };
        let mut reading = Reading::new(found, budget);
        for (position, source) in toml.root.get("source").into_iter().flat_map(Value::tables).enumerate() {
            reading.found.indexes.push(declared(source, position));
        }
        let requires = toml.root.get("requires");
        let python = |key: &str| text(requires.and_then(|found| found.get(key)));
        reading.found.requires_python = python("python_full_version")
            .map(|version| version.map(|v| format!("=={v}")))
            .or_else(|| python("python_version").map(|version| version.map(|v| format!("=={v}.*"))));
        for entry in toml.root.entries().iter().filter(|e| !SETTINGS.contains(&e.key.as_str())) {
            let group = match entry.key.as_str() {
                "packages" => Group::Runtime,
                "dev-packages" => Group::Named("dev".to_owned()),
                other => Group::Named(other.to_owned()),
            };
            match entry.value.as_table() {
                Some(packages) => category(packages, &group, &mut reading),
                None => reading.problems.push(entry.span(), format!("`{}` should be a table", entry.key.value)),
            }
        }
        reading.finish(file, out);
    }
}

fn category(packages: &Table, group: &Group, reading: &mut Reading) {
    for entry in packages.entries() {
        match package(entry, group) {
            Some(found) => reading.keep(found),
            None => reading
                .problems
                .push(entry.span(), format!("package `{}` is neither a version nor a table", entry.key.value)),
        }
    }
}

fn package(entry: &Entry, group: &Group) -> Option<Requirement> {
    let mut out =
        Requirement { name: entry.key.clone(), group: group.clone(), span: entry.span(), ..Requirement::default() };
    // `"name[extra]" = "*"` is not what the manual says, and pip takes it.
    if let Some((name, extras)) = entry.key.value.split_once('[') {
        out.name.value = name.trim_end().to_owned();
        out.extras = extras.trim_end_matches(']').split(',').map(|extra| extra.trim().to_owned()).collect();
    }
    if entry.value.as_str().is_some() {
        out.specifiers = specifiers(text(Some(&entry.value)));
        return Some(out);
    }
    let from = entry.value.as_table()?;
    out.specifiers = specifiers(text(from.get("version")));
    out.extras.extend(texts(from.get("extras")).into_iter().map(|extra| extra.value));
    out.index = text(from.get("index"));
    out.editable = from.get("editable").and_then(Value::as_bool) == Some(true);
    out.marker = marker(from);
    let vcs = ["git", "hg", "svn", "bzr"].iter().find_map(|kind| Some((*kind, text(from.get(kind))?)));
    out.origin = match vcs {
        Some((kind, url)) => Some(Origin::Vcs { kind: kind.to_owned(), url, revision: text(from.get("ref")) }),
        None => ["file", "path", "uri", "url"].iter().find_map(|key| text(from.get(key))).map(|target| {
            if target.value.contains("://") { Origin::Url { url: target } } else { Origin::Path { path: target } }
        }),
    };
    Some(out)
}

/// A version as Pipenv takes it; one without an operator is that release.
fn specifiers(version: Option<Spanned<String>>) -> Option<Spanned<String>> {
    let version = version.filter(|v| !matches!(v.value.trim(), "" | "*"))?;
    let is_bare = version.value.trim_start().starts_with(|c: char| c.is_ascii_digit());
    Some(if is_bare { version.map(|v| format!("=={}", v.trim())) } else { version })
}

/// `markers` and the keys that are tests by themselves, as one marker.
fn marker(from: &Table) -> Option<Spanned<String>> {
    let written = text(from.get("markers"));
    let tests =
        MARKERS.iter().filter_map(|key| Some(text(from.get(key))?.map(|test| format!("{key} {}", test.trim()))));
    written
        .into_iter()
        .chain(tests)
        .filter(|m| !m.value.is_empty())
        .reduce(|sum, next| Spanned::new(format!("({}) and ({})", sum.value, next.value), sum.span.to(next.span)))
}

/// A source. Pipenv asks the first for whatever names no other, and no other but for those that name it.
fn declared(source: &Table, position: usize) -> DeclaredIndex {
    DeclaredIndex {
        tool: Tool::Pipenv,
        name: text(source.get("name"))
            .unwrap_or_else(|| Spanned::new(String::new(), source.header.unwrap_or(source.span))),
        url: text(source.get("url")),
        priority: if position == 0 { Priority::Default } else { Priority::Explicit },
        tls_off: source.entry("verify_ssl").filter(|e| e.value.as_bool() == Some(false)).map(Entry::span),
        ignored_errors: None,
        is_filtered: false,
        span: source.span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Document;
    use crate::source::FileId;

    const PIPFILE: &str = r#"[[source]]
url = "https://example.com/simple"
verify_ssl = false
name = "first"

[[source]]
url = "https://example.org/simple"
name = "second"

[packages]
requests = {extras = ["socks"], version = ">=2,<3"}
"mkdocs-material[imaging]" = "*"
flask = "2.0.1"
internal = {version = "*", index = "second"}
vcs = {git = "https://example.com/vcs.git", ref = "main", editable = true}
own = {path = ".", editable = true}
wheel = {file = "https://example.com/wheel-1-py3-none-any.whl"}
winreg = {version = "~=1.0", sys_platform = "== 'win32'", markers = "python_version < '3.11'"}
odd = 3

[dev-packages]
pytest = "*"

[docs]
sphinx = "*"

[requires]
python_version = "3.12"

[scripts]
serve = "flask run"
"#;

    fn read(text: &str) -> (PyProject, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new("Pipfile").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        PipfileReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::PyProject(found)) = facts.documents.pop() else { panic!("no project") };
        (found, facts.problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn a_pipfile_is_read_with_sources_and_categories() {
        let (found, problems) = read(PIPFILE);
        assert_eq!(problems, ["package `odd` is neither a version nor a table"]);
        let shown: Vec<String> = found
            .requirements
            .iter()
            .map(|r| {
                let specifiers = r.specifiers.as_ref().map_or("", |s| s.value.as_str());
                let origin = match &r.origin {
                    Some(Origin::Vcs { kind, url, revision }) => {
                        format!("{kind} {} {:?}", url.value, revision.as_ref().map(|r| &r.value))
                    }
                    Some(Origin::Url { url }) => format!("url {}", url.value),
                    Some(Origin::Path { path }) => format!("path {}", path.value),
                    Some(Origin::Workspace) | None => String::new(),
                };
                let index = r.index.as_ref().map_or("", |i| i.value.as_str());
                format!("{:?} {}{:?} {specifiers} {origin} {index} {}", r.group, r.name.value, r.extras, r.editable)
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"Runtime requests["socks"] >=2,<3   false"#,
                r#"Runtime mkdocs-material["imaging"]    false"#,
                r#"Runtime flask[] ==2.0.1   false"#,
                r#"Runtime internal[]   second false"#,
                r#"Runtime vcs[]  git https://example.com/vcs.git Some("main")  true"#,
                r#"Runtime own[]  path .  true"#,
                r#"Runtime wheel[]  url https://example.com/wheel-1-py3-none-any.whl  false"#,
                r#"Runtime winreg[] ~=1.0   false"#,
                r#"Named("dev") pytest[]    false"#,
                r#"Named("docs") sphinx[]    false"#,
            ]
        );
        let marker = found.requirements[7].marker.as_ref().map(|m| m.value.as_str());
        assert_eq!(marker, Some("(python_version < '3.11') and (sys_platform == 'win32')"));
        assert_eq!(found.requires_python.map(|p| p.value).as_deref(), Some("==3.12.*"));
        let indexes: Vec<_> =
            found.indexes.iter().map(|i| (i.name.value.as_str(), i.priority, i.tls_off.is_some())).collect();
        assert_eq!(indexes, [("first", Priority::Default, true), ("second", Priority::Explicit, false)]);
    }

    #[test]
    fn many_packages_are_bounded_aloud() {
        let names: String = (0..200_000).map(|n| format!("p{n} = \"*\"\n")).collect();
        let (found, problems) = read(&format!("[packages]\n{names}"));
        assert!(found.requirements.len() < 100_000);
        assert_eq!(problems.last().map(String::as_str), Some("too many requirements; the rest is not read"));
    }
}
