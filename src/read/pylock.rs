//! `pylock.toml` and `pylock.NAME.toml`. Source: PEP 751, now "pylock.toml" of the packaging guide.

use std::collections::BTreeSet;

use super::toml_help::{document, text, texts};
use super::uv_lock::written;
use super::{Facts, Reader};
use crate::graph::Document;
use crate::graph::indexes::is_pypi;
use crate::graph::kinds::python::{
    Artifact, Group, LockedDependency, LockedDistribution, LockedOrigin, PythonLock, Tool,
};
use crate::parse::toml::{Table, Value};
use crate::parse::{Budget, Problems};
use crate::source::{RepoPath, SourceFile};

/// Reads locks in the common format.
#[derive(Debug)]
pub struct PylockReader;

impl Reader for PylockReader {
    fn id(&self) -> &'static str {
        "pylock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name().strip_prefix("pylock.").and_then(|rest| rest.strip_suffix("toml"));
        // A name holds no dot, says the specification.
        name.is_some_and(|name| name.is_empty() || name.strip_suffix('.').is_some_and(|n| !n.contains('.')))
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut problems = Problems::new(budget);
        let toml = document(file, budget, out);
        let version = toml.root.entry("lock-version").map(|entry| written(file, entry));
        match &version {
            Some(version) if !version.value.starts_with("1.") && version.value != "1" => {
                problems.push(version.span, format!("lock version {} is not known; it is read as 1.0", version.value));
            }
            None if !file.text.trim().is_empty() && out.problems.is_empty() => {
                problems.push(toml.root.span, "a lock without a version");
            }
            _ => {}
        }
        let default: BTreeSet<String> = texts(toml.root.get("default-groups")).into_iter().map(|g| g.value).collect();
        let mut lock = PythonLock { file: file.id, tool: Tool::Pip, version, packages: Vec::new(), content_hash: None };
        for found in toml.root.get("packages").into_iter().flat_map(Value::tables) {
            let at = found.header.unwrap_or(found.span);
            if budget.is_spent() {
                problems.push(at, "too many locked packages; the rest is not read");
                break;
            }
            match package(found, &default, budget) {
                Some(package) => lock.packages.push(package),
                None => problems.push(at, "a locked package without a name"),
            }
        }
        out.problems.extend(problems.finish());
        if file.text.trim().is_empty() {
            out.unread = Some("it is empty".to_owned());
            return;
        }
        out.documents.push(Document::PythonLock(lock));
    }
}

/// One package; what does not fit into the budget ends the file.
fn package(found: &Table, default: &BTreeSet<String>, budget: &mut Budget) -> Option<LockedDistribution> {
    budget.take_entry(0);
    let mut out = LockedDistribution {
        name: text(found.get("name"))?,
        version: text(found.get("version")),
        marker: text(found.get("marker")),
        span: found.span,
        ..LockedDistribution::default()
    };
    let sdist = found.get("sdist").map(|sdist| artifact(sdist, false));
    let wheels = found.get("wheels").into_iter().flat_map(|list| list.as_array().unwrap_or_default());
    out.artifacts = sdist.into_iter().chain(wheels.map(|wheel| artifact(wheel, true))).collect();
    source(found, &mut out);
    for needed in found.get("dependencies").into_iter().flat_map(Value::tables) {
        let Some(name) = text(needed.get("name")) else { continue };
        out.dependencies.push(LockedDependency {
            name,
            version: needed.get("version").and_then(Value::as_str).map(str::to_owned),
            extras: Vec::new(),
            group: Group::Runtime,
            marker: None,
        });
    }
    groups(default, &mut out);
    Some(out)
}

fn artifact(value: &Value, is_wheel: bool) -> Artifact {
    let part = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let file = ["name", "url", "path"].iter().find_map(|key| part(key)).unwrap_or_default();
    Artifact { file, hash: hash(value), is_wheel }
}

/// The first of the hashes; `sha256` where it is among them, as the specification wants it to be.
fn hash(value: &Value) -> Option<String> {
    let hashes = value.get("hashes")?.as_table()?;
    let named = |key: &str| Some(format!("{key}:{}", hashes.get(key)?.as_str()?));
    named("sha256").or_else(|| hashes.entries().iter().find_map(|entry| named(&entry.key.value)))
}

fn source(found: &Table, out: &mut LockedDistribution) {
    let part = |value: &Value, keys: &[&str]| keys.iter().find_map(|key| value.get(key)?.as_str()).map(str::to_owned);
    let said = ["vcs", "directory", "archive", "index"].iter().find_map(|key| found.entry(key));
    if let Some(entry) = said {
        let value = &entry.value;
        let target = part(value, &["url", "path"]).unwrap_or_default();
        out.source = match entry.key.as_str() {
            "vcs" => LockedOrigin::Vcs { url: target, commit: part(value, &["commit-id"]) },
            "directory" => LockedOrigin::Local(target),
            "archive" => {
                out.artifacts.push(Artifact {
                    file: target.clone(),
                    hash: hash(value),
                    is_wheel: target.ends_with(".whl"),
                });
                if target.contains("://") { LockedOrigin::Url(target) } else { LockedOrigin::Local(target) }
            }
            _ => {
                let address = value.as_str().unwrap_or("").to_owned();
                if is_pypi(&address) { LockedOrigin::PyPi } else { LockedOrigin::Registry(address) }
            }
        };
        out.source_span = Some(entry.span());
        return;
    }
    // `pip lock` leaves the index out; where the files lie tells whether it was PyPI.
    let wheels = found.get("wheels").into_iter().flat_map(|list| list.as_array().unwrap_or_default());
    let address = found.get("sdist").into_iter().chain(wheels).find_map(|file| part(file, &["url"]));
    if let Some(address) = address.filter(|address| address.contains("://") && !is_pypi(address)) {
        let host = address.split('/').nth(2).unwrap_or("");
        let host = host.rsplit('@').next().unwrap_or(host);
        out.source = LockedOrigin::Unknown(format!("the index whose files lie at {host}"));
    }
}

/// Groups and extras are tests of the marker: `'dev' in dependency_groups`, `'web' in extras`.
fn groups(default: &BTreeSet<String>, out: &mut LockedDistribution) {
    let marker = out.marker.as_ref().map_or("", |marker| marker.value.as_str());
    let mut is_extra = false;
    let mut named: Vec<String> = Vec::new();
    let mut is_default = false;
    let words: Vec<&str> = marker.split([' ', '\t', '(', ')']).filter(|word| !word.is_empty()).collect();
    for window in words.windows(3) {
        let [name, "in", of] = window else { continue };
        let name = name.trim_matches(['\'', '"']);
        match *of {
            "extras" => is_extra = true,
            "dependency_groups" if default.contains(name) => is_default = true,
            "dependency_groups" if named.len() < MAX_GROUPS => named.push(name.to_owned()),
            _ => {}
        }
    }
    // What is asked for by default needs no group; an extra is told by its flag.
    out.optional = is_extra && !is_default;
    if is_default || is_extra || named.is_empty() {
        named.insert(0, "default".to_owned());
    }
    out.groups = named;
}

/// Groups kept of one package.
const MAX_GROUPS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    const LOCK: &str = r#"lock-version = "1.0"
created-by = "tool"
extras = ["web"]
dependency-groups = ["default", "dev"]
default-groups = ["default"]

[[packages]]
name = "attrs"
version = "25.1.0"
index = "https://pypi.example/simple"
wheels = [{name = "attrs-25.1.0-py3-none-any.whl", url = "https://example.com/attrs-25.1.0-py3-none-any.whl", hashes = {sha256 = "00"}}]

[[packages]]
name = "cattrs"
version = "24.1.2"
marker = "'dev' in dependency_groups and python_version < '3.13'"
index = "https://example.com/simple"
dependencies = [{name = "attrs"}, {version = "1"}]
[packages.sdist]
name = "cattrs-24.1.2.tar.gz"
url = "https://example.com/cattrs-24.1.2.tar.gz"
hashes = {blake2b = "11", sha256 = "22"}

[[packages]]
name = "flask"
version = "3"
marker = "'default' in dependency_groups or ('web' in extras)"
sdist = {url = "https://user@example.com/flask-3.tar.gz"}

[[packages]]
name = "jinja"
marker = "'web' in extras"
[packages.vcs]
type = "git"
url = "https://example.com/jinja.git"
requested-revision = "main"
commit-id = "0123abcd"

[[packages]]
name = "own"
directory = {path = ".", editable = true}

[[packages]]
name = "file"
archive = {url = "https://example.com/file.zip", hashes = {sha512 = "33"}}

[[packages]]
version = "1"
"#;

    fn read(text: &str) -> (PythonLock, Vec<String>) {
        let text = crate::graph::indexes::put_in(text);
        let file = SourceFile::new(FileId(0), RepoPath::new("pylock.toml").unwrap(), text.into_bytes());
        let mut facts = Facts::default();
        PylockReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::PythonLock(lock)) = facts.documents.pop() else { panic!("no lock") };
        (lock, facts.problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn a_lock_is_read_with_all_its_sources() {
        let (lock, problems) = read(LOCK);
        assert_eq!(problems, ["a locked package without a name"]);
        let shown: Vec<String> = lock
            .packages
            .iter()
            .map(|p| {
                let hashes: Vec<&str> = p.artifacts.iter().filter_map(|a| a.hash.as_deref()).collect();
                format!("{} {:?} {} {:?} {hashes:?}", p.name.value, p.groups, p.optional, p.source)
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"attrs ["default"] false PyPi ["sha256:00"]"#,
                r#"cattrs ["dev"] false Registry("https://example.com/simple") ["sha256:22"]"#,
                r#"flask ["default"] false Unknown("the index whose files lie at example.com") []"#,
                r#"jinja ["default"] true Vcs { url: "https://example.com/jinja.git", commit: Some("0123abcd") } []"#,
                r#"own ["default"] false Local(".") []"#,
                r#"file ["default"] false Url("https://example.com/file.zip") ["sha512:33"]"#,
            ]
        );
        assert_eq!(lock.packages[1].dependencies.len(), 1);
    }

    #[test]
    fn names_are_claimed_as_the_specification_has_them() {
        for (path, is_claimed) in [
            ("pylock.toml", true),
            ("a/pylock.dev.toml", true),
            ("pylock.a.b.toml", false),
            ("pylocktoml", false),
            ("pylock.json", false),
            ("my-pylock.toml", false),
        ] {
            assert_eq!(PylockReader.claims(&RepoPath::new(path).unwrap()), is_claimed, "{path}");
        }
    }
}
