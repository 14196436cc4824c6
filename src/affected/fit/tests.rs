use super::*;

const BAD: &str = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
const GOOD: &str = "2f7c5bfce28377bc069a65ba478de0a74aa0ca32";

fn fit(asked: &str, thing: &Thing<'_>) -> Fit {
    Asked::parse(asked).unwrap().fit(thing)
}

#[test]
fn packages_stand_as_their_locks_and_requirements_say() {
    let of = |asked: &str, version, requirement| {
        fit(asked, &Thing::Package { ecosystem: "pypi", name: "LiteLLM", version, requirement })
    };
    assert_eq!(of("litellm==1.82.7", Some("1.82.7"), None), Fit::Exact);
    assert_eq!(of("litellm==1.82.7", Some("1.82.6"), None), Fit::Elsewhere);
    assert_eq!(of("litellm@1.82.7,1.82.8", None, Some(">=1.80,<2")), Fit::Admits);
    assert_eq!(of("litellm@1.82.7,1.82.8", None, Some("<1.82")), Fit::Elsewhere);
    assert_eq!(of("litellm@1.82.7,1.82.8", None, None), Fit::Admits);
    assert_eq!(of("litellm@1.82.7,1.82.8", None, Some("@@")), Fit::Unclear);
    assert_eq!(of("litellm", Some("1.0"), None), Fit::Exact);
    assert_eq!(of("crate:litellm", Some("1.0"), None), Fit::Different);
    assert_eq!(of("openai", Some("1.0"), None), Fit::Different);
    assert_eq!(of("litellm==1.82.7", Some(">= 1.80"), None), Fit::Admits);
    assert_eq!(of("litellm==1.82.7", Some("latest"), None), Fit::Admits);
    assert_eq!(of("litellm==1.82.7", Some("unknown"), None), Fit::Unclear);
    assert_eq!(of("litellm", Some("unknown"), None), Fit::Admits);
    let other = |ecosystem, name, version| {
        let thing = Thing::Package { ecosystem, name, version: Some(version), requirement: None };
        fit("pypi:litellm==1.82.7", &thing)
    };
    assert_eq!(other("conda", "litellm", "1.82.7"), Fit::Unclear);
    assert_eq!(other("generic", "litellm", "1.82.6"), Fit::Different);
    assert_eq!(other("github", "litellm", "v1.82.7"), Fit::Unclear);
    assert_eq!(other("npm", "litellm", "1.82.7"), Fit::Different);
    assert_eq!(other("pypi", "acme/litellm", "1.82.7"), Fit::Exact);
}

#[test]
fn actions_stand_as_their_references_do() {
    let of = |asked: &str, reference: &str, comment| {
        let thing = Thing::Action { name: "TJ-actions/changed-files", reference: Some(reference), comment };
        fit(&format!("action:tj-actions/changed-files{asked}"), &thing)
    };
    assert_eq!(of(&format!("@{BAD}"), BAD, None), Fit::Exact);
    assert_eq!(of("@0e58ed8", BAD, None), Fit::Exact);
    assert_eq!(of(&format!("@{BAD}"), GOOD, Some("v45")), Fit::Elsewhere);
    assert_eq!(of(&format!("@{BAD}"), "v45", None), Fit::Admits);
    assert_eq!(of("@v45", "v45", None), Fit::Admits);
    assert_eq!(of("@v45", "v45.0.7", None), Fit::Admits);
    assert_eq!(of("@v45", "v44", None), Fit::Elsewhere);
    assert_eq!(of("@v45", GOOD, Some("v46.0.1")), Fit::Unclear, "a comment is anybody's word");
    assert_eq!(of("@<=45.0.7", GOOD, Some("v46.0.1")), Fit::Unclear);
    assert_eq!(of(&format!("@{BAD}"), "0e58ed8", None), Fit::Exact);
    assert_eq!(of(&format!("@{BAD}"), "2f7c5bf", None), Fit::Elsewhere);
    assert_eq!(of("@v45", "latest", None), Fit::Admits);
    assert_eq!(of("@v45", "release/v45", None), Fit::Admits);
    assert_eq!(of("@v45", "main", None), Fit::Unclear);
    assert_eq!(of("@<=45.0.7", "v45.x", None), Fit::Admits);
    assert_eq!(of("@<=45.0.7", "v46.x", None), Fit::Elsewhere);
    assert_eq!(of("@<=45.0.7", "2025.3", None), Fit::Admits);
    assert_eq!(of("@<=2024.9.0", "2025.3", None), Fit::Elsewhere);
    assert_eq!(of("@<=45.0.7", "release/v45", None), Fit::Admits);
    assert_eq!(of("@<=45.0.7", "v46.0.1", None), Fit::Elsewhere);
    assert_eq!(of("@v45", GOOD, None), Fit::Unclear);
    assert_eq!(of("@<=45.0.7", "v45", None), Fit::Admits);
    assert_eq!(of("@<=45.0.7", "v46", None), Fit::Elsewhere);
    assert_eq!(of("@<=45.0.7", "main", None), Fit::Admits);
    assert_eq!(of("", GOOD, None), Fit::Exact);
    let path = Thing::Action { name: "acme/actions/init", reference: Some("v1"), comment: None };
    assert_eq!(fit("acme/actions/init@v1", &path), Fit::Admits);
    assert_eq!(fit("acme/actions/analyze@v1", &path), Fit::Different);
    assert_eq!(fit("acme/actions@v1", &path), Fit::Admits);
}

#[test]
fn known_commits_leave_no_doubt_about_others() {
    let mut asked = Asked::parse("action:tj-actions/changed-files@<=45.0.7").unwrap();
    let thing = Thing::Action { name: "tj-actions/changed-files", reference: Some(GOOD), comment: Some("v45.0.7") };
    assert_eq!(asked.fit(&thing), Fit::Unclear);
    asked.targets.extend(crate::affected::target::parse(&format!("action:tj-actions/changed-files@{BAD}")).unwrap());
    assert_eq!(asked.fit(&thing), Fit::Elsewhere);
}

#[test]
fn assets_images_digests_and_hosts() {
    let model = |revision| Thing::Asset { name: "acme/Model", revision };
    assert_eq!(fit("model:acme/model", &model(None)), Fit::Admits);
    assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some(BAD))), Fit::Exact);
    assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some(GOOD))), Fit::Elsewhere);
    assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some("main"))), Fit::Admits);
    assert_eq!(fit("model:acme/model@main", &model(Some(GOOD))), Fit::Unclear);
    let digest = format!("sha256:{}", "ab".repeat(32));
    let image = |tag, digest| Thing::Image { name: "docker.io/library/python", tag, digest };
    assert_eq!(fit("python:3.12", &image(Some("3.12"), None)), Fit::Admits);
    assert_eq!(fit("python:3.12", &image(Some("3.11"), None)), Fit::Elsewhere);
    assert_eq!(fit("python:3.12", &image(Some("3.12-slim"), None)), Fit::Elsewhere);
    assert_eq!(fit("python:3.12-slim", &image(Some("3.12"), None)), Fit::Elsewhere);
    for moving in [None, Some("latest"), Some("3"), Some("3.12.1")] {
        assert_eq!(fit("python:3.12", &image(moving, None)), Fit::Admits, "{moving:?}");
    }
    assert_eq!(fit("python:3.12-slim", &image(Some("slim"), None)), Fit::Admits);
    for hub in ["registry-1.docker.io/library/python", "mirror.gcr.io/library/python", "index.docker.io/python"] {
        let image = Thing::Image { name: hub, tag: Some("3.12"), digest: None };
        assert_eq!(fit("python:3.12", &image), Fit::Admits, "{hub}");
    }
    assert_eq!(fit("python:3.12", &image(Some("3.12"), Some(&digest))), Fit::Unclear);
    assert_eq!(fit(&format!("image:python@{digest}"), &image(None, Some(&digest))), Fit::Exact);
    assert_eq!(fit(&digest, &image(None, Some(&digest))), Fit::Exact);
    assert_eq!(fit(&digest, &Thing::Digest(&"AB".repeat(32))), Fit::Exact);
    assert_eq!(fit("host:example.com", &Thing::Host("models.example.com")), Fit::Exact);
    assert_eq!(fit("host:example.com", &Thing::Host("badexample.com")), Fit::Different);
}
