//! `Pipfile.lock`, specification 6. Sources: Pipenv `pipenv/project.py` and `utils/locking.py`.

use std::collections::BTreeMap;

use super::json_help::{document, text, texts};
use super::{Facts, Reader};
use crate::graph::Document;
use crate::graph::indexes::is_pypi;
use crate::graph::kinds::python::{Artifact, LockedDistribution, LockedOrigin, PythonLock, Tool};
use crate::parse::json::{Entry, Value};
use crate::parse::{Budget, Problems};
use crate::source::{RepoPath, SourceFile, Spanned};

/// The specification this reader knows.
const SPECIFICATION: i64 = 6;

/// Reads `Pipfile.lock`.
#[derive(Debug)]
pub struct PipfileLockReader;

impl Reader for PipfileLockReader {
    fn id(&self) -> &'static str {
        "pipfile-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "Pipfile.lock"
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let json = document(file, budget, out);
        let Some(root) = &json.root else { return };
        let mut problems = Problems::new(budget);
        let meta = root.get("_meta");
        let version = meta.and_then(|m| m.get("pipfile-spec"));
        if let Some(version) = version.filter(|v| v.as_integer() != Some(SPECIFICATION)) {
            problems.push(version.span, format!("this specification is not known; it is read as {SPECIFICATION}"));
        }
        if meta.is_none() {
            problems.push(root.span, "a lock without `_meta`");
        }
        let sources = sources(meta);
        let mut lock = PythonLock {
            file: file.id,
            tool: Tool::Pipenv,
            version: version.map(|v| Spanned::new(file.text_at(v.span).to_owned(), v.span)),
            packages: Vec::new(),
            content_hash: text(meta.and_then(|m| m.get("hash")).and_then(|h| h.get("sha256"))),
        };
        for category in root.entries().iter().filter(|entry| entry.key.value != "_meta") {
            if category.value.as_object().is_none() {
                problems.push(category.span(), format!("`{}` should hold packages", category.key.value));
                continue;
            }
            packages(category, &sources, budget, &mut lock, &mut problems);
        }
        out.problems.extend(problems.finish());
        out.documents.push(Document::PythonLock(lock));
    }
}

/// Where a source leads, by its name; the empty name is the first of them.
fn sources(meta: Option<&Value>) -> BTreeMap<String, LockedOrigin> {
    let mut out = BTreeMap::new();
    for source in meta.and_then(|m| m.get("sources")).map_or(&[][..], Value::items) {
        let part = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or("");
        let origin =
            if is_pypi(part("url")) { LockedOrigin::PyPi } else { LockedOrigin::Registry(part("url").to_owned()) };
        out.entry(String::new()).or_insert_with(|| origin.clone());
        out.insert(part("name").to_owned(), origin);
    }
    out
}

fn packages(
    category: &Entry,
    sources: &BTreeMap<String, LockedOrigin>,
    budget: &mut Budget,
    lock: &mut PythonLock,
    problems: &mut Problems,
) {
    // The name of the list in the Pipfile, which is what a person reads.
    let group = match category.key.as_str() {
        "develop" => "dev",
        other => other,
    };
    for entry in category.value.entries() {
        let is_unknown_index =
            entry.value.get("index").and_then(Value::as_str).is_some_and(|i| !sources.contains_key(i));
        // The name of the list and the address of the index are copied into each.
        let index = entry.value.get("index").and_then(Value::as_str).unwrap_or("");
        let address = match sources.get(index) {
            Some(LockedOrigin::Registry(url)) => url.len(),
            _ => 0,
        };
        if !budget.take_entry(group.len() + address) {
            problems.push(entry.key.span, "too many locked packages; the rest is not read");
            return;
        }
        if is_unknown_index {
            problems.push(entry.key.span, format!("source `{index}` is not among those of the lock"));
        }
        match package(entry, sources) {
            Some(package) => lock.packages.push(LockedDistribution { groups: vec![group.to_owned()], ..package }),
            None => problems.push(entry.span(), format!("`{}` should be a table", entry.key.value)),
        }
    }
}

fn package(entry: &Entry, sources: &BTreeMap<String, LockedOrigin>) -> Option<LockedDistribution> {
    let from = entry.value.as_object()?;
    let value = |key: &str| text(from.get(key));
    let part = |key: &str| from.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut out = LockedDistribution {
        name: entry.key.clone(),
        version: value("version").map(|v| v.map(|text| text.trim_start_matches('=').to_owned())),
        marker: value("markers"),
        span: entry.span(),
        ..LockedDistribution::default()
    };
    let hashes = texts(from.get("hashes"));
    out.artifacts =
        hashes.map(|hash| Artifact { file: String::new(), hash: Some(hash.to_owned()), is_wheel: false }).collect();
    let vcs = ["git", "hg", "svn", "bzr"].iter().find_map(|kind| from.entry(kind));
    let file = ["file", "path", "uri", "url"].iter().find_map(|key| from.entry(key));
    let (source, said_by) = match (vcs, file) {
        (Some(entry), _) => {
            let url = entry.value.as_str().unwrap_or("").to_owned();
            // The reference is the commit once it is locked.
            (LockedOrigin::Vcs { url, commit: part("ref") }, Some(entry))
        }
        (None, Some(entry)) => {
            let target = entry.value.as_str().unwrap_or("").to_owned();
            let is_url = target.contains("://");
            (if is_url { LockedOrigin::Url(target) } else { LockedOrigin::Local(target) }, Some(entry))
        }
        (None, None) => {
            let entry = from.entry("index");
            let name = entry.and_then(|e| e.value.as_str()).unwrap_or("");
            let source = match sources.get(name) {
                Some(known) => known.clone(),
                None if name.is_empty() => LockedOrigin::PyPi,
                None => LockedOrigin::Unknown(format!("index {name}")),
            };
            (source, entry)
        }
    };
    out.source = source;
    out.source_span = said_by.map(Entry::span);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    const LOCK: &str = r#"{
    "_meta": {
        "hash": {"sha256": "ab"},
        "pipfile-spec": 6,
        "requires": {"python_version": "3.12"},
        "sources": [
            {"name": "pypi", "url": "https://pypi.example/simple", "verify_ssl": true},
            {"name": "corp", "url": "https://example.com/simple", "verify_ssl": true}
        ]
    },
    "default": {
        "requests": {
            "extras": ["socks"],
            "hashes": ["sha256:00", "sha256:11"],
            "index": "pypi",
            "markers": "python_version >= '3.8'",
            "version": "==2.31.0"
        },
        "internal": {"hashes": ["sha256:22"], "index": "corp", "version": "==1.0"},
        "urllib3": {"hashes": ["sha256:33"], "version": "==2.0"},
        "vcs": {"git": "https://example.com/vcs.git", "ref": "0123abcd", "markers": "python_version >= '3'"},
        "own": {"editable": true, "path": "."},
        "wheel": {"file": "https://example.com/wheel-1-py3-none-any.whl"},
        "lost": {"index": "gone", "version": "==1"},
        "odd": 3
    },
    "develop": {"pytest": {"version": "==8.0"}},
    "docs": {}
}
"#;

    fn read(text: &str) -> (PythonLock, Vec<String>) {
        let text = crate::graph::indexes::put_in(text);
        let file = SourceFile::new(FileId(0), RepoPath::new("Pipfile.lock").unwrap(), text.into_bytes());
        let mut facts = Facts::default();
        PipfileLockReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::PythonLock(lock)) = facts.documents.pop() else { panic!("no lock") };
        (lock, facts.problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn a_lock_is_read_with_its_sources_and_categories() {
        let (lock, problems) = read(LOCK);
        assert_eq!(problems, ["source `gone` is not among those of the lock", "`odd` should be a table"]);
        let shown: Vec<String> = lock
            .packages
            .iter()
            .map(|p| {
                let version = p.version.as_ref().map_or("", |v| v.value.as_str());
                format!("{} {version} {:?} {:?} {}", p.name.value, p.groups, p.source, p.artifacts.len())
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"requests 2.31.0 ["default"] PyPi 2"#,
                r#"internal 1.0 ["default"] Registry("https://example.com/simple") 1"#,
                r#"urllib3 2.0 ["default"] PyPi 1"#,
                r#"vcs  ["default"] Vcs { url: "https://example.com/vcs.git", commit: Some("0123abcd") } 0"#,
                r#"own  ["default"] Local(".") 0"#,
                r#"wheel  ["default"] Url("https://example.com/wheel-1-py3-none-any.whl") 0"#,
                r#"lost 1 ["default"] Unknown("index gone") 0"#,
                r#"pytest 8.0 ["dev"] PyPi 0"#,
            ]
        );
        assert_eq!(lock.packages[0].marker.as_ref().map(|m| m.value.as_str()), Some("python_version >= '3.8'"));
        assert_eq!(lock.content_hash.map(|h| h.value).as_deref(), Some("ab"));
        assert_eq!(lock.version.map(|v| v.value).as_deref(), Some("6"));
    }

    #[test]
    fn what_is_no_lock_is_told() {
        for (text, problem) in [
            ("{}", "a lock without `_meta`"),
            ("{\"_meta\": {\"pipfile-spec\": 7}}", "this specification is not known; it is read as 6"),
            ("{\"_meta\": {}, \"default\": []}", "`default` should hold packages"),
        ] {
            assert_eq!(read(text).1, [problem], "{text}");
        }
        let file = SourceFile::new(FileId(0), RepoPath::new("Pipfile.lock").unwrap(), Vec::new());
        let mut facts = Facts::default();
        PipfileLockReader.read(&file, &mut Budget::default(), &mut facts);
        assert_eq!(facts.unread.as_deref(), Some("it is empty"));
    }
}
