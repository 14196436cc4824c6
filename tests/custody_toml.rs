//! What a tree may say of itself, and what it may not bring about by it.

mod common;

use cargo_custody::audit::{Finding, Verdict};
use cargo_custody::diag::Severity;

const MIRROR: &str = "[[index]]\nurl = \"https://proxy.example.com/simple\"\nmirror-of = \"pypi\"\n";

fn extra_index(custody: &str, requirements: &str) -> Vec<Finding> {
    let files = [("custody.toml", custody), ("requirements.txt", requirements)];
    let audit = common::audit(if custody.is_empty() { &files[1..] } else { &files });
    audit.findings.into_iter().filter(|f| f.rule == "extra-index").collect()
}

#[test]
fn a_mistake_is_a_gap_at_its_line() {
    let toml = format!("{MIRROR}\n[[index]]\nurl = \"https://other.example.com/simple\"\nmirror-off = \"pypi\"\n");
    let audit = common::audit(&[("custody.toml", &toml), ("rust-toolchain", "1.90.0\n")]);
    assert_eq!(audit.verdict, Verdict::Incomplete);
    assert_eq!(audit.exit_code(), 3);
    let lines: Vec<(&str, u32)> = audit.coverage.gaps.iter().map(|g| (g.path.as_str(), g.line)).collect();
    assert!(lines.contains(&("custody.toml", 7)), "{lines:?}");
}

#[test]
fn a_tree_that_holds_nothing_else_was_not_looked_at() {
    assert_eq!(common::audit(&[("custody.toml", MIRROR)]).verdict, Verdict::Incomplete);
}

#[test]
fn it_counts_at_the_root_only() {
    let audit = common::audit(&[("docs/custody.toml", "nonsense = 1\n"), ("rust-toolchain", "1.90.0\n")]);
    assert!(audit.coverage.gaps.is_empty(), "{:?}", audit.coverage.gaps);
}

#[test]
fn a_declared_mirror_lowers_its_own_finding_and_no_other() {
    let extra = |url: &str| format!("--extra-index-url {url}\nidna==3.11\n");
    let proxy = extra("https://proxy.example.com/simple/");
    let before = extra_index("", &proxy);
    let after = extra_index(MIRROR, &proxy);
    assert_eq!((before.len(), after.len()), (1, 1), "a declaration takes no finding away");
    assert!(before[0].severity >= Severity::Medium, "{before:?}");
    assert_eq!(after[0].severity, Severity::Info);
    assert!(after[0].evidence.iter().any(|e| e.contains("custody.toml")), "the finding says on whose word");
    assert!(after[0].related.iter().any(|r| r.path == "custody.toml" && r.line == 2));
    for other in ["https://proxy.example.com/simple/sub", "https://proxy.example.com.evil.example/simple"] {
        assert_eq!(
            extra_index(MIRROR, &extra(other))[0].severity,
            extra_index("", &extra(other))[0].severity,
            "{other}"
        );
    }
}

/// A project whose lock takes one release from the proxy.
fn locked(custody: &str) -> Vec<(&'static str, String)> {
    let project = "[project]\nname = \"service\"\nversion = \"1.0\"\ndependencies = [\"aiohttp\"]\n\n\
                   [tool.uv]\npackage = false\n\n[[tool.uv.index]]\nurl = \"https://proxy.example.com/simple\"\ndefault = true\n";
    let lock = "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"service\"\n\
                version = \"1.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"aiohttp\" }]\n\n[[package]]\n\
                name = \"aiohttp\"\nversion = \"3.9.0\"\nsource = { registry = \"https://proxy.example.com/simple\" }\n\
                wheels = [{ url = \"https://proxy.example.com/aiohttp-3.9.0-py3-none-any.whl\", hash = \"sha256:00\" }]\n";
    let mut files = vec![("pyproject.toml", project.to_owned()), ("uv.lock", lock.to_owned())];
    if !custody.is_empty() {
        files.push(("custody.toml", custody.to_owned()));
    }
    files
}

#[test]
fn identity_and_advisories_follow_a_declaration() {
    let look = |custody: &str| {
        let files = locked(custody);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let (_, checked) = common::look(&common::tree(&files));
        let keys: Vec<String> =
            checked.graph.nodes().map(|(_, node)| node.key.clone()).filter(|key| key.contains("aiohttp@")).collect();
        let flaws = common::audit(&files).findings.iter().filter(|f| f.rule == "vulnerable-distribution").count();
        (keys, flaws)
    };
    let (keys, flaws) = look("");
    assert_eq!(keys, ["distribution:index https://proxy.example.com/simple:aiohttp@3.9.0"]);
    assert_eq!(flaws, 0, "what an unknown index serves under the name is not PyPI's");
    let (keys, flaws) = look(MIRROR);
    assert_eq!(keys, ["distribution:pypi:aiohttp@3.9.0"]);
    assert!(flaws > 0, "what a mirror serves is");
}

#[test]
fn pins_follow_the_index_in_force() {
    let docker = "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\n";
    let told = "FROM python:3.12\nCOPY . .\nRUN pip install --index-url https://proxy.example.com/simple -r requirements.txt\n";
    let with_settings =
        "FROM python:3.12\nCOPY pip.conf /etc/pip.conf\nCOPY . .\nRUN pip install -r requirements.txt\n";
    let settings = "[global]\nindex-url = https://proxy.example.com/simple\n";
    let pin = "aiohttp==3.9.0\n";
    let project = "[project]\nname = \"service\"\nversion = \"1.0\"\ndependencies = [\"aiohttp==3.9.0\"]\n";
    let uv = "[[index]]\nurl = \"https://proxy.example.com/simple\"\ndefault = true\n";
    let command = "RUN pip install --index-url https://proxy.example.com/simple aiohttp==3.9.0\n";
    let command = format!("FROM python:3.12\n{command}");
    for (files, because) in [
        (vec![("requirements.txt", pin), ("Dockerfile", docker)], None),
        (vec![("requirements.txt", pin), ("Dockerfile", told)], Some(("Dockerfile", 3))),
        (vec![("requirements.txt", pin), ("Dockerfile", with_settings), ("pip.conf", settings)], Some(("pip.conf", 2))),
        // Whoever installs it without the option asks PyPI.
        (vec![("requirements.txt", pin), ("Dockerfile", told), ("b/Dockerfile", docker)], Some(("Dockerfile", 3))),
        (vec![("requirements.txt", pin), ("Dockerfile", told), ("other.Dockerfile", docker)], None),
        (vec![("pyproject.toml", project)], None),
        (vec![("pyproject.toml", project), ("uv.toml", uv)], Some(("uv.toml", 1))),
        (vec![("Dockerfile", command.as_str())], Some(("Dockerfile", 2))),
    ] {
        let look = |custody: bool| {
            let mut files = files.clone();
            if custody {
                files.push(("custody.toml", MIRROR));
            }
            let audit = common::audit(&files);
            let flaws = audit.findings.iter().filter(|f| f.rule == "vulnerable-distribution").count();
            (flaws > 0, audit.coverage.not_auditable)
        };
        let (is_told, apart) = look(false);
        let lines: Vec<(&str, u32)> =
            apart.iter().filter_map(|a| a.because.as_ref()).map(|at| (at.path.as_str(), at.line)).collect();
        assert_eq!(lines, because.into_iter().collect::<Vec<_>>(), "{files:?}");
        assert_eq!(is_told, because.is_none(), "{files:?}");
        assert!(apart.iter().all(|a| a.names == ["aiohttp"] && a.hint.is_some()), "{apart:?}");
        let (is_told, apart) = look(true);
        assert!(is_told && apart.is_empty(), "{files:?}: {apart:?}");
    }
}

#[test]
fn a_mirror_of_crates_io_is_taken_at_its_word() {
    const DECLARED: &str = "[[index]]\nurl = \"sparse+https://crates.example.com/index/\"\nmirror-of = \"crates-io\"\n";
    let manifest =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntime = \"0.1\"\n";
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"time\",\n]\n\n\
                [[package]]\nname = \"time\"\nversion = \"0.1.40\"\n\
                source = \"sparse+https://crates.example.com/index/\"\n\
                checksum = \"db8dcfca086c1143c9270ac42a2bbd8a7ee477b78ac8e45b19abfb0cbede4b6f\"\n";
    let config = "[source.crates-io]\nreplace-with = \"m\"\n\n[source.m]\n\
                  registry = \"sparse+https://crates.example.com/index/\"\n";
    let look = |custody: &str, config: &str| {
        let mut files = vec![
            ("Cargo.toml", manifest),
            ("Cargo.lock", lock),
            ("src/main.rs", "fn main() {}\n"),
            (".cargo/config.toml", config),
        ];
        if !custody.is_empty() {
            files.push(("custody.toml", custody));
        }
        common::audit(&files).findings
    };
    let of = |findings: &[Finding], rule: &str| findings.iter().filter(|f| f.rule == rule).cloned().collect::<Vec<_>>();
    let (before, after) = (look("", config), look(DECLARED, config));
    let (flaw, same) = (of(&before, "vulnerable-crate"), of(&after, "vulnerable-crate"));
    assert_eq!((flaw.len(), same.len()), (1, 1), "{before:?}");
    assert!(flaw[0].confidence < same[0].confidence, "{flaw:?} {same:?}");
    let (replaced, note) = (of(&before, "source-replacement"), of(&after, "source-replacement"));
    assert_eq!((replaced.len(), note.len()), (1, 1), "a declaration takes no finding away");
    assert_eq!((replaced[0].severity, note[0].severity), (Severity::Medium, Severity::Info));
    assert!(note[0].related.iter().any(|r| r.path == "custody.toml" && r.line == 2));
    let plain = config.replace("https://", "http://");
    assert_eq!(of(&look(DECLARED, &plain), "source-replacement")[0].severity, Severity::High);
    let other = config.replace("/index/", "/other/");
    assert_eq!(of(&look(DECLARED, &other), "source-replacement")[0].severity, Severity::Medium);
}
