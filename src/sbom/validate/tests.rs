//! What no schema says, each by a small document, its pointer and its line; and documents that are made to hurt.

use super::*;

fn found(text: &str) -> Vec<(&'static str, String)> {
    check(text, &mut budget()).findings.into_iter().map(|one| (one.check.id(), one.pointer)).collect()
}

/// A document of CycloneDX with some parts and dependencies.
fn cyclonedx(parts: &str, rest: &str) -> String {
    format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"type": "application",
"name": "app", "bom-ref": "app"}}}}, "components": [{parts}]{rest}}}"#
    )
}

#[test]
fn a_good_document_is_valid() {
    let sum = "ab".repeat(32);
    let part = format!(
        r#"{{"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:cargo/a@1.0.0", "bom-ref": "a",
"hashes": [{{"alg": "SHA-256", "content": "{sum}"}}], "licenses": [{{"expression": "MIT OR GPL-2.0"}}]}}"#
    );
    let text = cyclonedx(&part, r#", "dependencies": [{"ref": "app", "dependsOn": ["a"]}]"#);
    let checked = check(&text, &mut budget());
    assert_eq!(checked.findings, []);
    assert!(checked.is_valid() && checked.fits_schema());
    assert_eq!((checked.parts, checked.format), (2, Some(Format::CycloneDx("1.6".to_owned()))));
}

#[test]
fn spellings_of_one_thing_are_no_mistakes() {
    for part in [
        r#""version": "go1.18.3", "purl": "pkg:golang/stdlib@1.18.3", "name": "stdlib""#,
        r#""version": "v1.2", "purl": "pkg:golang/example.com/x@1.2", "name": "x""#,
        r#""cpe": "cpe:2.3:a:\\@acme\\/css:css:1.0:*:*:*:*:*:*:*", "name": "css""#,
    ] {
        let text = cyclonedx(&format!(r#"{{"type": "library", "bom-ref": "a", {part}}}"#), "");
        let found = found(&text);
        assert!(
            !found.iter().any(|(id, _)| matches!(*id, "purl/differs" | "content/machine-path")),
            "{part}: {found:?}"
        );
    }
}

#[test]
fn what_the_text_of_spdx_2_asks_for() {
    let document = |licence: &str, namespace: &str, creator: &str, declared: &str, more: &str| {
        format!(
            r#"{{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "d", "dataLicense": "{licence}",
"documentNamespace": "{namespace}", "creationInfo": {{"created": "2026-01-02T03:04:05Z", "creators": ["{creator}"]}},
"packages": [{{"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NONE", "licenseDeclared": "{declared}"}}],
"relationships": [{{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-a"}}]{more}}}"#
        )
    };
    let good = ["CC0-1.0", "https://example.com/d-1", "Tool: x-1", "MIT"];
    let is_told = |fields: [&str; 4], more: &str| {
        let found = found(&document(fields[0], fields[1], fields[2], fields[3], more));
        found.iter().any(|(id, _)| *id == "spdx/text")
    };
    assert!(!is_told(good, ""));
    for (at, wrong) in
        [(0, "MIT"), (1, "https://example.com/d#1"), (1, "d-1"), (2, "me"), (3, "MIT AND LicenseRef-own")]
    {
        let mut fields = good;
        fields[at] = wrong;
        assert!(is_told(fields, ""), "{wrong}");
    }
    let own = [good[0], good[1], good[2], "LicenseRef-own"];
    assert!(!is_told(
        own,
        r#", "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-own", "extractedText": "x"}]"#
    ));
    let noted = r#", "annotations": [{"annotationDate": "yesterday", "annotationType": "OTHER", "annotator": "Person: J", "comment": "x"}]"#;
    assert!(is_told(good, noted));
}

#[test]
fn what_schemas_of_cyclonedx_lack() {
    let part = |more: &str| format!(r#"{{"type": "library", "name": "a", {more}}}"#);
    for (parts, rest, id, pointer) in [
        (part(r#""bom-ref": "app""#), "", "reference/duplicate", "/components/0/bom-ref"),
        (
            part(r#""bom-ref": "a""#),
            r#", "dependencies": [{"ref": "app", "dependsOn": ["a", "b"]}]"#,
            "reference/dangling",
            "/dependencies/0/dependsOn/1",
        ),
        (
            part(r#""bom-ref": "a""#),
            r#", "compositions": [{"aggregate": "unknown", "assemblies": ["b"]}]"#,
            "reference/dangling",
            "/compositions/0/assemblies/0",
        ),
        (
            part(r#""bom-ref": "a""#),
            r#", "dependencies": [{"ref": "app", "dependsOn": ["a", "app"]}]"#,
            "reference/self",
            "/dependencies/0/dependsOn/1",
        ),
        (
            part(r#""bom-ref": "a""#),
            r#", "dependencies": [{"ref": "app", "dependsOn": ["a"]}, {"ref": "app"}]"#,
            "reference/duplicate-entry",
            "/dependencies/1",
        ),
        (
            part(r#""bom-ref": "a""#),
            r#", "dependencies": [{"ref": "a", "dependsOn": ["app"]}]"#,
            "reference/unreachable",
            "/metadata/component",
        ),
        (part(r#""purl": "pkg:pypi/x (import: y)""#), "", "purl/illegal", "/components/0/purl"),
        (part(r#""purl": "pkg:pypi/other@1""#), "", "purl/differs", "/components/0/purl"),
        (part(r#""version": "2", "purl": "pkg:pypi/a@1""#), "", "purl/differs", "/components/0/purl"),
        (part(r#""purl": "pkg:pypi/A@1""#), "", "purl/spelling", "/components/0/purl"),
        (part(r#""version": """#), "", "content/empty", "/components/0/version"),
        (part(r#""version": ">=1,<2""#), "", "content/range-as-version", "/components/0/version"),
        (
            part(r#""properties": [{"name": "x", "value": "/home/ann/x.py"}]"#),
            "",
            "content/machine-path",
            "/components/0/properties/0/value",
        ),
        (
            part(r#""externalReferences": [{"type": "vcs", "url": "https://ann:secret@example.com/a"}]"#),
            "",
            "content/credentials",
            "/components/0/externalReferences/0/url",
        ),
        (
            part(r#""hashes": [{"alg": "SHA-256", "content": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}]"#),
            "",
            "hash/length",
            "/components/0/hashes/0/content",
        ),
        (
            part(r#""licenses": [{"expression": "MIT OR llama3"}]"#),
            "",
            "licence/expression",
            "/components/0/licenses/0/expression",
        ),
        (
            part(r#""licenses": [{"license": {"id": "llama3.2"}}]"#),
            "",
            "schema/licence-id",
            "/components/0/licenses/0/license/id",
        ),
        (
            part(r#""licenses": [{"license": {"id": "Bugroff"}}]"#),
            "",
            "licence/newer",
            "/components/0/licenses/0/license/id",
        ),
        (part(r#""name": "b""#), "", "json/duplicate-key", ""),
        (
            part(r#""externalReferences": [{"type": "vcs", "url": "https://example.com/a?token=0123456789abcdef01"}]"#),
            "",
            "content/credentials",
            "/components/0/externalReferences/0/url",
        ),
        (
            format!(
                r#"{}, {{"type": "library", "name": "a", "version": "1", "purl": "pkg:pypi/a@1", "bom-ref": "b", "hashes": [{{"alg": "MD5", "content": "{}"}}]}}"#,
                part(
                    r#""version": "1", "purl": "pkg:pypi/a@1", "bom-ref": "a", "hashes": [{"alg": "MD5", "content": "da39a3ee5e6b4b0d3255bfef95601890"}]"#
                ),
                "0".repeat(32)
            ),
            "",
            "hash/same-release",
            "/components/1/hashes/0",
        ),
        (part(r#""versionRange": ">=1""#), "", "content/range", "/components/0/versionRange"),
        (
            part(r#""bom-ref": "a""#),
            r#", "vulnerabilities": [{"id": "X-1"}], "dependencies": [{"ref": "app", "dependsOn": ["a"]}]"#,
            "content/vulnerabilities",
            "/vulnerabilities",
        ),
    ] {
        let text = cyclonedx(&parts, rest);
        assert!(found(&text).contains(&(id, pointer.to_owned())), "{id} {pointer}: {:?}\n{text}", found(&text));
    }
}

#[test]
fn a_bom_link_leads_elsewhere_unless_it_is_its_own() {
    let serial = "3e671687-395b-41f5-a30f-a58921a69b79";
    for (link, is_dangling) in [
        (format!("urn:cdx:{serial}/1#a"), false),
        (format!("urn:cdx:{serial}/1#b"), true),
        ("urn:cdx:4e671687-395b-41f5-a30f-a58921a69b79/1#b".to_owned(), false),
    ] {
        let rest = format!(
            r#", "serialNumber": "urn:uuid:{serial}", "dependencies": [{{"ref": "app", "dependsOn": ["a", "{link}"]}}]"#
        );
        let text = cyclonedx(r#"{"type": "library", "name": "a", "bom-ref": "a"}"#, &rest);
        assert_eq!(found(&text).iter().any(|one| one.0 == "reference/dangling"), is_dangling, "{link}");
    }
}

#[test]
fn what_schemas_of_spdx_lack() {
    let two = |rest: &str| {
        format!(
            r#"{{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "a",
"documentNamespace": "https://example.com/a", "creationInfo": {{"created": "2026-01-31T12:00:00Z", "creators": ["Tool: x"]}},
"packages": [{{"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NOASSERTION"}}], {rest}}}"#
        )
    };
    let good = two(r#""documentDescribes": ["SPDXRef-a"]"#);
    assert_eq!(found(&good), []);
    let dangling = two(r#""documentDescribes": ["SPDXRef-a", "SPDXRef-b"]"#);
    assert_eq!(found(&dangling), [("reference/dangling", "/documentDescribes/1".to_owned())]);
    assert_eq!(found(&two(r#""comment": "x""#)), [("reference/no-root", String::new())]);

    let three = |elements: &str| {
        format!(
            r#"{{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
{{"type": "CreationInfo", "@id": "_:c", "created": "2026-01-31T12:00:00Z", "createdBy": ["https://example.com/me"], "specVersion": "3.0.1"}},
{{"type": "Person", "spdxId": "https://example.com/me", "creationInfo": "_:c", "name": "me"}},
{{"type": "SpdxDocument", "spdxId": "https://example.com/d", "creationInfo": "_:c", "rootElement": ["https://example.com/m"],
"profileConformance": ["core", "ai"]}}, {elements}]}}"#
        )
    };
    let model = r#"{"type": "ai_AIPackage", "spdxId": "https://example.com/m", "creationInfo": "_:c", "name": "m"}"#;
    assert_eq!(found(&three(model)), [("spdx/profile", "/@graph/3".to_owned())]);
    let other = model.replace("/m\"", "/n\"").replace("ai_AIPackage", "software_Package");
    assert!(found(&three(&other)).contains(&("reference/dangling", "/@graph/2/rootElement/0".to_owned())));
    let wrong = model.replace("\"name\"", "\"naem\"");
    assert!(found(&three(&wrong)).contains(&("schema/unknown-field", "/@graph/3/naem".to_owned())));
}

#[test]
fn what_cannot_be_told_is_never_valid() {
    for text in
        ["", "{", "<bom/>", "SPDXVersion: SPDX-2.3", "{}", "[]", r#"{"bomFormat": "CycloneDX", "specVersion": "9"}"#]
    {
        let checked = check(text, &mut budget());
        assert!(!checked.is_valid() && !checked.fits_schema() && !checked.findings.is_empty(), "{text}");
    }
    let small = Budget { items: 10, ..budget() };
    let text = cyclonedx(r#"{"type": "library", "name": "a"}"#, "");
    assert!(!check(&text, &mut small.clone()).is_valid());
}

#[test]
fn documents_that_are_made_to_hurt_end() {
    let deep = |count: usize| {
        let open = r#"{"type":"library","name":"a","components":["#;
        cyclonedx(&format!("{}{}", open.repeat(count), "]}".repeat(count)), "")
    };
    let same = r#"{"type":"library","name":"a"}"#;
    let many = vec![same; 20_000].join(",");
    let list = "[".repeat(5_000) + &"]".repeat(5_000);
    for (name, text) in [
        ("deep", deep(40)),
        ("deeper", deep(20_000)),
        ("same", cyclonedx(&many, "")),
        ("list", cyclonedx("", &format!(r#", "x": {list}"#))),
        (
            "dependencies",
            cyclonedx("", &format!(r#", "dependencies": [{}]"#, vec![r#"{"ref":"x"}"#; 20_000].join(","))),
        ),
    ] {
        let run = std::thread::Builder::new().stack_size(2 << 20).spawn(move || check(&text, &mut budget()));
        let checked = run.unwrap().join().unwrap();
        assert!(checked.findings.len() <= 40_000, "{name}");
        assert_eq!(checked.findings.is_empty(), name == "deep", "{name}");
    }
}
