use super::*;

fn package(ecosystem: Option<&str>, name: &str, versions: Option<&str>) -> Target {
    Target::Package {
        ecosystem: ecosystem.map(str::to_owned),
        name: name.to_owned(),
        versions: versions.map(str::to_owned),
    }
}

fn action_of(repository: &str, path: Option<&str>, reference: Option<&str>) -> Target {
    Target::Action {
        repository: repository.to_owned(),
        path: path.map(str::to_owned),
        reference: reference.map(str::to_owned),
    }
}

fn asset_of(name: &str, revision: Option<&str>) -> Target {
    Target::Asset { name: name.to_owned(), revision: revision.map(str::to_owned) }
}

fn image_of(name: &str, reference: Option<&str>) -> Target {
    Target::Image { name: name.to_owned(), reference: reference.map(str::to_owned) }
}

#[test]
fn what_people_type_is_understood() {
    let sha = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
    let digest = format!("sha256:{}", "ab".repeat(32));
    let table: Vec<(String, Vec<Target>)> = vec![
        ("ghsa-MRRH-fwg8-r2c3".into(), vec![Target::Advisory("GHSA-mrrh-fwg8-r2c3".into())]),
        ("MAL-2026-2144".into(), vec![Target::Advisory("MAL-2026-2144".into())]),
        ("litellm".into(), vec![package(None, "litellm", None)]),
        ("litellm==1.82.7".into(), vec![package(None, "litellm", Some("==1.82.7"))]),
        ("litellm@1.82.7,1.82.8".into(), vec![package(None, "litellm", Some("1.82.7,1.82.8"))]),
        ("litellm@>=1.82.7,<1.82.9".into(), vec![package(None, "litellm", Some(">=1.82.7,<1.82.9"))]),
        ("litellm[proxy]>=1.82.7".into(), vec![package(None, "litellm", Some(">=1.82.7"))]),
        ("pypi:litellm@1.82.7".into(), vec![package(Some("pypi"), "litellm", Some("1.82.7"))]),
        ("crate:serde".into(), vec![package(Some("cargo"), "serde", None)]),
        ("@nx/devkit@21.5.0".into(), vec![package(Some("npm"), "@nx/devkit", Some("21.5.0"))]),
        ("pkg:npm/%40nx/devkit@21.5.0".into(), vec![package(Some("npm"), "@nx/devkit", Some("21.5.0"))]),
        ("pkg:pypi/litellm@1.82.7?x=y#z".into(), vec![package(Some("pypi"), "litellm", Some("1.82.7"))]),
        (
            "pkg:github/TJ-Actions/changed-files@v45".into(),
            vec![action_of("tj-actions/changed-files", None, Some("v45"))],
        ),
        ("pkg:huggingface/acme/Model@abc".into(), vec![asset_of("acme/Model", Some("abc"))]),
        (
            "tj-actions/changed-files@v45".into(),
            vec![
                action_of("tj-actions/changed-files", None, Some("v45")),
                asset_of("tj-actions/changed-files", Some("v45")),
            ],
        ),
        (
            format!("action:tj-actions/changed-files@{sha}"),
            vec![action_of("tj-actions/changed-files", None, Some(sha))],
        ),
        ("github/codeql-action/init@v3".into(), vec![action_of("github/codeql-action", Some("init"), Some("v3"))]),
        ("https://github.com/acme/tool".into(), vec![Target::Host("github.com".into())]),
        ("github.com/acme/tool@v1".into(), vec![action_of("acme/tool", None, Some("v1"))]),
        ("huggingface:acme/Model@main".into(), vec![asset_of("acme/Model", Some("main"))]),
        ("dataset:squad".into(), vec![asset_of("squad", None)]),
        ("docker.io/library/python:3.12".into(), vec![image_of("python", Some("3.12"))]),
        (format!("ghcr.io/acme/app@{digest}"), vec![image_of("ghcr.io/acme/app", Some(&digest))]),
        (format!("python@{digest}"), vec![image_of("python", Some(&digest))]),
        ("acme/tool@>=1,<2".into(), vec![action_of("acme/tool", None, Some(">=1,<2"))]),
        ("python:3.12".into(), vec![image_of("python", Some("3.12"))]),
        ("localhost:5000/app:1".into(), vec![image_of("localhost:5000/app", Some("1"))]),
        (digest.clone(), vec![Target::Digest(Hash::of_text(&digest).unwrap())]),
        ("ab".repeat(32), vec![Target::Digest(Hash::of_text(&digest).unwrap())]),
        ("models.example.com".into(), vec![Target::Host("models.example.com".into())]),
        ("https://user@models.example.com:8443/a?b".into(), vec![Target::Host("models.example.com".into())]),
        ("host:example.com".into(), vec![Target::Host("example.com".into())]),
        ("ruamel.yaml".into(), vec![package(None, "ruamel.yaml", None), Target::Host("ruamel.yaml".into())]),
        ("ruamel.yaml==0.18".into(), vec![package(None, "ruamel.yaml", Some("==0.18"))]),
    ];
    for (text, wanted) in table {
        assert_eq!(parse(&text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_names_nothing_is_said() {
    for text in ["", "  ", "a b c/d e", "pkg:pypi", "action:x", "host:", "//", "@/", "pkg:pypi/%zz", "\u{7}"] {
        let error = parse(text).expect_err(text);
        assert!(!error.is_empty() && !error.ends_with('.'), "{text}: {error}");
    }
}

#[test]
fn what_cannot_be_understood_is_no_question() {
    let digest = "ab".repeat(32);
    for text in [
        "litellm@>=1.82.7 <1.82.9",
        "litellm@1.82.7 1.82.8",
        "litellm@1.82.7;1.82.8",
        "litellm@[1.82.7,1.82.8]",
        "litellm@1.82.7 - 1.82.8",
        "litellm@\u{2265}1.82.7",
        "litellm@latest",
        "litellm@notaversion",
        "pypi:litellm/1.82.7",
        "pkg:pypi/litellm@latest",
        "what is this",
        "action:acme/tool@>=1 <2",
        "action:acme/tool@v1 v2",
        "model:acme/model@a b",
        "sha256:zz",
        "file:sha256:zz",
        &format!("sha256:{}", &digest[2..]),
        &digest[2..],
        &format!("file:{}", &digest[2..]),
        &format!("python@sha256:{}", &digest[2..]),
        &format!("image:python@sha256:{}", &digest[2..]),
        &format!("action:acme/tool@{}", &digest[..41]),
    ] {
        assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
    }
    for text in [
        "litellm@1.82.*",
        "litellm@1.82.x",
        "litellm@ >= 1.82.7, < 1.82.9",
        "openssl@1.1.1w",
        "maven:org.example:lib@Finchley.SR2",
        "image:acme/app:stable-2",
        "action:acme/tool@release/v1",
        "model:acme/model@0e58ed8",
    ] {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn two_meanings_are_said() {
    let asked = Asked::parse("acme/tool@v1").unwrap();
    assert_eq!(asked.targets.len(), 2);
    assert!(asked.note.is_some_and(|note| note.contains("`action:` or `model:`")));
    assert_eq!(Asked::parse("litellm").unwrap().note, None);
    assert_eq!(Asked::parse("CVE-2025-30066").unwrap().advisory(), Some("CVE-2025-30066"));
}
