use proptest::prelude::*;

use super::*;

#[test]
fn what_covers_what() {
    for (one, other, wanted) in [
        ("pkg:cargo/time", "pkg:cargo/time@0.1.42", true),
        ("pkg:cargo/time@0.1.42", "pkg:cargo/time@0.1.42", true),
        ("pkg:cargo/time@0.1.43", "pkg:cargo/time@0.1.42", false),
        ("pkg:cargo/Time", "pkg:cargo/time@0.1.42", false),
        ("pkg:pypi/Foo.Bar@1.0", "pkg:pypi/foo-bar@1.0", true),
        ("pkg:cargo/time@1.0%2Bb", "pkg:cargo/time@1.0+b", true),
        ("pkg:githubactions/Example/Upload", "pkg:githubactions/example/upload@v1#sub", true),
        ("pkg:githubactions/example/upload@v1#a", "pkg:githubactions/example/upload@v1#b", false),
        // A fork is another package, and what is said of one is not said of the other.
        ("pkg:cargo/time", "pkg:cargo/time@1?vcs_url=git%2Bhttps://git.example.com/t", false),
        ("pkg:cargo/time?vcs_url=git%2Bhttps://git.example.com/t", "pkg:cargo/time@1", false),
        ("pkg:cargo/time?arch=x86", "pkg:cargo/time@1", false),
        ("pkg:npm/%40scope/x@1", "pkg:npm/@scope/x@1", true),
        ("pkg:npm/@scope/x", "pkg:npm/@scope/x@1", true),
    ] {
        let (one, other) = (Purl::parse(one).unwrap(), Purl::parse(other).unwrap());
        assert_eq!(one.covers(&other), wanted, "{one:?} {other:?}");
    }
    for text in
        ["", "pkg:", "pkg:cargo", "pkg:cargo/", "cargo/time", "pkg:cargo/t%zz", "pkg:cargo/t?x", "https://example.com"]
    {
        assert_eq!(Purl::parse(text), None, "{text}");
    }
}

#[test]
fn each_has_one_spelling() {
    for (written, wanted) in [
        ("pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1"),
        ("pkg:cargo/time@1.0+build", "pkg:cargo/time@1.0%2Bbuild"),
        (
            "pkg:githubactions/Example/Upload@refs/heads/main#/sub/./x/",
            "pkg:githubactions/example/upload@refs%2Fheads%2Fmain#sub/x",
        ),
        (
            "pkg:oci/Server@sha256%3AAB?tag=1&repository_url=registry.example.com/server",
            "pkg:oci/server@sha256:ab?repository_url=registry.example.com%2Fserver&tag=1",
        ),
        ("pkg://golang/git.example.com/a/b@v1", "pkg:golang/git.example.com/a/b@v1"),
        ("pkg:npm/@scope/x#/a/", "pkg:npm/%40scope/x#a"),
        ("pkg:generic/x?b=2&A=1&c=", "pkg:generic/x?a=1&b=2"),
        ("pkg:huggingface/Example/Base-1.3B@AB", "pkg:huggingface/Example/Base-1.3B@ab"),
    ] {
        assert_eq!(Purl::parse(written).unwrap().to_string(), wanted);
    }
    let digest = format!("sha256:{}", "a".repeat(64));
    for (image, wanted) in [
        (Purl::image(None, "debian", Some("12"), None), "pkg:docker/debian@12".to_owned()),
        (
            Purl::image(Some("registry.example.com"), "a/b", None, None),
            "pkg:docker/a/b?repository_url=registry.example.com".to_owned(),
        ),
        (
            Purl::image(None, "debian", Some("12"), Some(&digest)),
            format!("pkg:oci/debian@{digest}?repository_url=docker.io%2Flibrary%2Fdebian&tag=12"),
        ),
    ] {
        assert_eq!((image.problem(), image.to_string()), (None, wanted));
    }
}

#[test]
fn what_a_type_forbids_is_told() {
    for (text, why) in [
        ("cargo/time", "it does not begin with `pkg:`"),
        ("pkg:cargo/a b", "' ' stands in it and is not encoded"),
        ("pkg:maven/@1", "it has no name"),
        ("pkg:3x/y", "`3x` is no name of a type"),
        ("pkg:npm/x?in%20production=true", "`in%20production` is no name of a qualifier"),
        ("pkg:cargo/space/time", "type `cargo` has no namespaces"),
        ("pkg:huggingface/base", "type `huggingface` demands a namespace"),
        ("pkg:huggingface/example/base@main", "its version is no commit in full"),
        ("pkg:oci/server@latest", "its version is no digest"),
        (
            "pkg:githubactions/example/upload/sub@v1",
            "a path within the repository stands in the name, and not behind `#`",
        ),
        ("pkg:julia/Dates", "type `julia` demands `uuid`"),
    ] {
        assert_eq!(Purl::legal(text).unwrap_err(), why, "{text}");
    }
    for text in ["pkg:cargo/time@0.1.42", "pkg:githubactions/example/upload@v4#sub/folder", "pkg:unheard-of/x/y@1"] {
        assert!(Purl::legal(text).is_ok(), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(
        kind in "[a-z][a-z0-9]{0,8}",
        namespace in proptest::option::of("[^/]{1,8}(/[^/]{1,8}){0,2}"),
        name in "[^/]{1,12}",
        version in proptest::option::of(".{1,8}"),
        qualifiers in proptest::collection::btree_map("[a-z][a-z0-9_.-]{0,6}", ".{0,8}", 0..3),
        part in proptest::option::of(".{0,12}"),
    ) {
        let mut purl = Purl::new(&kind, namespace.as_deref(), &name);
        if let Some(version) = &version {
            purl = purl.at(version);
        }
        for (name, value) in &qualifiers {
            purl = purl.with(name, value);
        }
        if let Some(part) = &part {
            purl = purl.part(part);
        }
        let written = purl.to_string();
        let read = Purl::parse(&written);
        prop_assert_eq!(read.as_ref(), Some(&purl), "{}", written);
        prop_assert_eq!(read.map(|one| one.to_string()), Some(written));
    }
}

#[test]
fn dots_in_names_of_python_are_a_spelling() {
    let purl = |text: &str| Purl::parse(text).unwrap().is_spelt(text);
    assert!(purl("pkg:pypi/zope.event@5.0") && purl("pkg:pypi/zope-event@5.0"));
    assert!(!purl("pkg:pypi/Zope.event@5.0") && !purl("pkg:pypi/zope_event@5.0") && !purl("pkg:cargo/A@1?a=B&A=c"));
}

#[test]
fn the_default_registry_is_left_out() {
    let of = |host, repository| Purl::image(host, repository, Some("1"), None).to_string();
    assert_eq!(of(Some("docker.io"), "acme/x"), "pkg:docker/acme/x@1");
    assert_eq!(of(Some("index.docker.io"), "library/python"), "pkg:docker/python@1");
    assert_eq!(of(None, "python"), "pkg:docker/python@1");
    assert_eq!(of(Some("example.com"), "library/python"), "pkg:docker/library/python@1?repository_url=example.com");
}
