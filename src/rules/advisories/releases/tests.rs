//! Compiled with `#[cfg(test)]` alone, so it may look around.

use std::collections::BTreeMap;

use crate::advisory::Index;
use crate::check::Checked;
use crate::diag::{Confidence, Diagnostic, Severity};
use crate::outside::cached::Cached;
use crate::source::{RepoPath, Tree};

const HASH: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn checked(files: &[(&str, &str)]) -> Checked {
    let files: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), crate::graph::indexes::put_in(t).into_bytes())).collect();
    let tree = Tree::from_memory("example", files);
    let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
    crate::check::run(&tree, &reading, &Cached::new(Index::embedded()))
}

fn flaws(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    checked(files).diagnostics.into_iter().filter(|d| d.rule == "vulnerable-distribution").collect()
}

fn application(dependencies: &str) -> String {
    format!(
        "[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [{dependencies}]\n\n[tool.uv]\npackage = false\n"
    )
}

fn package(name: &str, version: &str, source: &str, needs: &[&str]) -> String {
    let needs: String = needs.iter().map(|n| format!("    {{ name = \"{n}\" }},\n")).collect();
    format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ {source} }}\nsdist = {{ url = \"https://files.example.com/{name}.tar.gz\", hash = \"{HASH}\" }}\ndependencies = [\n{needs}]\n\n"
    )
}

fn lock(needs: &[&str], packages: &[String]) -> String {
    let needs: String = needs.iter().map(|n| format!("    {{ name = \"{n}\" }},\n")).collect();
    format!(
        "version = 1\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n{needs}]\n\n{}",
        packages.concat()
    )
}

const PYPI: &str = "registry = \"https://pypi.example/simple\"";

#[test]
fn one_release_in_several_files_is_one_finding_and_the_weightiest_speaks() {
    let pyproject = application("\"pyyaml>=5\"");
    let locked = lock(&["pyyaml"], &[package("pyyaml", "5.3.1", PYPI, &[])]);
    let found = flaws(&[
        ("examples/requirements.txt", "PyYAML==5.3.1\n"),
        ("server/pyproject.toml", &pyproject),
        ("server/uv.lock", &locked),
    ]);
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((one.severity, one.confidence), (Severity::Medium, Confidence::High));
    assert_eq!(one.primary.text, "lets `pyyaml` 5.3.1 in");
    assert!(one.message.ends_with("in 2 files"), "{}", one.message);
    assert_eq!(
        one.advice,
        [
            "update the lock to 5.4 or later: uv lock --project server --upgrade-package pyyaml, likewise in the other file"
        ]
    );
    let route: Vec<&str> = one.route.iter().map(|h| h.text.as_str()).collect();
    assert_eq!(route, ["project app", "distribution pyyaml 5.3.1"]);
    assert_eq!(one.topic.as_ref().and_then(|t| t.upgrade.as_deref()), Some("5.4"));
}

#[test]
fn advice_names_the_line_that_holds_the_release_back() {
    let direct = |specifiers: &str| {
        let pyproject = application(&format!("\"pyyaml{specifiers}\""));
        let locked = lock(&["pyyaml"], &[package("pyyaml", "5.3.1", PYPI, &[])]);
        flaws(&[("pyproject.toml", &pyproject), ("uv.lock", &locked)])[0].advice[0].clone()
    };
    assert_eq!(direct(">=5,<6"), "update the lock to 5.4 or later: uv lock --upgrade-package pyyaml");
    assert_eq!(
        direct("<5.4"),
        "raise the requirement on `pyyaml`, which is `<5.4` now, to 5.4 or later, then uv lock --upgrade-package pyyaml"
    );
    let pyproject = application("\"parent\"");
    let locked =
        lock(&["parent"], &[package("parent", "1.0", PYPI, &["pyyaml"]), package("pyyaml", "5.3.1", PYPI, &[])]);
    let found = flaws(&[("pyproject.toml", &pyproject), ("uv.lock", &locked)]);
    assert_eq!(found[0].primary.text, "lets `pyyaml` 5.3.1 in");
    assert_eq!(
        found[0].advice,
        [
            "update the lock to 5.4 or later: uv lock --upgrade-package pyyaml; where `parent` holds it back, that has to move as well"
        ]
    );
    let pinned = flaws(&[("requirements.txt", "pyyaml==5.3.1\n")]);
    assert_eq!(pinned[0].advice, ["raise the pin of `pyyaml` to 5.4 or later"]);
    let exact = application("\"pyyaml==5.3.1\"");
    let locked = lock(&["pyyaml"], &[package("pyyaml", "5.3.1", PYPI, &[])]);
    let both = flaws(&[("pyproject.toml", &exact), ("uv.lock", &locked)]);
    let [both] = both.as_slice() else { panic!("{both:#?}") };
    assert!(
        both.advice[0].starts_with("raise the requirement on `pyyaml`, which is `==5.3.1` now"),
        "{:?}",
        both.advice
    );
    assert!(!both.message.contains("files"), "one change moves both: {}", both.message);
}

#[test]
fn packages_from_elsewhere_are_counted_apart() {
    let pyproject = application("\"pyyaml\"");
    for (source, what) in [
        (
            "git = \"https://git.example.com/fork/pyyaml?rev=1#0123456789abcdef0123456789abcdef01234567\"",
            "from a repository",
        ),
        ("registry = \"https://packages.example.com/simple\"", "from an index that is not PyPI"),
        ("url = \"https://files.example.com/pyyaml-5.3.1.tar.gz\"", "from a file or an address"),
    ] {
        let locked = lock(&["pyyaml"], &[package("pyyaml", "5.3.1", source, &[])]);
        let checked = checked(&[("pyproject.toml", &pyproject), ("uv.lock", &locked)]);
        assert!(!checked.diagnostics.iter().any(|d| d.rule == "vulnerable-distribution"), "{source}");
        let apart: Vec<(&str, usize)> = checked.apart.iter().map(|a| (a.what, a.names.len())).collect();
        assert!(apart.contains(&(what, 1)), "{source}: {apart:?}");
        assert!(checked.unknown.is_empty(), "{:?}", checked.unknown);
    }
}

#[test]
fn what_lessens_a_flaw_is_said() {
    for (line, confidence, words) in [
        ("pyyaml==5.3.1 ; sys_platform == 'win32'", Confidence::Medium, "only where sys_platform == 'win32'"),
        ("pyyaml==5.3.1 ; python_version >= '3.8'", Confidence::High, "score 9.8"),
    ] {
        let found = flaws(&[("requirements.txt", line)]);
        assert_eq!(found[0].confidence, confidence, "{line}");
        assert!(found[0].message.contains(words) || words.starts_with("score"), "{}", found[0].message);
    }
    let grouped = "[project]\nname = \"app\"\nversion = \"0.1.0\"\n\n[project.optional-dependencies]\ndev = [\"pyyaml==5.3.1\"]\nyaml = [\"pyyaml==5.3\"]\n";
    let found = flaws(&[("pyproject.toml", grouped)]);
    let of =
        |version: &str| found.iter().find(|d| d.message.contains(version)).map(|d| (d.confidence, d.message.as_str()));
    assert!(matches!(of(" 5.3.1 "), Some((Confidence::Low, m)) if m.contains("behind the extra `dev`")), "{found:#?}");
    assert!(
        matches!(of(" 5.3 "), Some((Confidence::Medium, m)) if m.contains("behind the extra `yaml`")),
        "{found:#?}"
    );
}

#[test]
fn a_version_that_cannot_be_compared_is_never_clean() {
    let unknown = checked(&[("requirements.txt", "pyyaml===5.3-final\n")]).unknown;
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    let computed = checked(&[("Dockerfile", "FROM scratch\nARG V\nRUN pip install pyyaml==${V}\n")]);
    assert!(computed.unknown.is_empty(), "{:?}", computed.unknown);
}
