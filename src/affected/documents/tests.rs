use super::*;

fn asked(texts: &[&str]) -> Vec<Asked> {
    texts.iter().map(|text| Asked::parse(text).unwrap()).collect()
}

fn told(targets: &[&str], document: &str) -> Vec<(Standing, String)> {
    let questions = asked(targets);
    match Documents::new(&questions).ask("b.json", document.as_bytes()) {
        Told::Answers(answers) => answers.into_iter().map(|answer| (answer.standing, answer.why)).collect(),
        Told::NoDocument => Vec::new(),
    }
}

fn standing(target: &str, document: &str) -> Option<Standing> {
    told(&[target], document).first().map(|(standing, _)| *standing)
}

const BILL: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "components": [
  {"type": "library", "bom-ref": "a", "name": "litellm", "version": "1.82.7", "purl": "pkg:pypi/litellm@1.82.7",
   "hashes": [{"alg": "MD5", "content": "d41d8cd98f00b204e9800998ecf8427e"}]},
  {"type": "library", "bom-ref": "c", "group": "tj-actions", "name": "changed-files", "version": "v45",
   "purl": "pkg:github/tj-actions/changed-files@v45"},
  {"type": "machine-learning-model", "bom-ref": "m", "group": "acme", "name": "Small-Model",
   "purl": "pkg:huggingface/acme/Small-Model"}]}"#;

#[test]
fn parts_are_found_by_every_kind_of_question() {
    let table = [
        ("litellm==1.82.7", Standing::Locked),
        ("litellm==1.82.6", Standing::No),
        ("pypi:openai", Standing::No),
        ("crate:serde", Standing::CannotKnow),
        ("tj-actions/changed-files@v45", Standing::CouldHaveResolved),
        ("model:acme/small-model@main", Standing::CouldHaveResolved),
        ("d41d8cd98f00b204e9800998ecf8427e", Standing::Locked),
        ("d41d8cd98f00b204e9800998ecf84270", Standing::No),
        ("python:3.12", Standing::CannotKnow),
        ("host:models.example.com", Standing::CannotKnow),
    ];
    for (target, wanted) in table {
        assert_eq!(standing(target, BILL), Some(wanted), "{target}: {:?}", told(&[target], BILL));
    }
    let lines = told(&["litellm==1.82.7"], BILL);
    assert_eq!(lines[0].1, "b.json line 3 lists litellm 1.82.7");
}

#[test]
fn escapes_and_other_encodings_hide_nothing() {
    assert_eq!(standing("litellm==1.82.7", &BILL.replace("litellm", "lite\\u006clm")), Some(Standing::Locked));
    assert_eq!(standing("litellm==1.82.7", &BILL.replace('/', "\\/")), Some(Standing::Locked));
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(BILL.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let questions = asked(&["litellm==1.82.7"]);
    let Told::Answers(answers) = Documents::new(&questions).ask("b.json", &wide) else { panic!("a document") };
    assert_eq!(answers[0].standing, Standing::Locked);
}

#[test]
fn a_bill_that_is_not_whole_is_no_no() {
    let whole = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "metadata": {"component": {"type": "application", "name": "x", "bom-ref": "x"}},
 "components": [{"type": "library", "bom-ref": "a", "name": "a", "purl": "pkg:pypi/a@1"}]"#;
    assert_eq!(standing("pypi:litellm", &format!("{whole}}}")), Some(Standing::No));
    let aggregate = |word: &str| {
        format!(
            "{whole}, \"compositions\": [{{\"aggregate\": \"{word}\", \"dependencies\": [\"x\"], \"assemblies\": [\"x\"]}}]}}"
        )
    };
    assert_eq!(standing("pypi:litellm", &aggregate("incomplete")), Some(Standing::CannotKnow));
    assert_eq!(standing("pypi:litellm", &aggregate("complete")), Some(Standing::No));
}

#[test]
fn a_saved_graph_is_asked_like_a_tree() {
    let graph = r#"{"schema": "custody/graph/v1", "nodes": [
 {"id": "job:a", "kind": "job", "name": "test", "attributes": {}, "sightings": [{"path": ".github/workflows/ci.yml", "line": 4}]},
 {"id": "step:a", "kind": "step", "name": "step 1", "attributes": {}, "sightings": []},
 {"id": "d", "kind": "distribution", "name": "litellm", "attributes": {}, "sightings": []}],
 "edges": [{"from": "job:a", "to": "step:a", "kind": "declares", "attributes": {}, "sightings": []},
 {"from": "step:a", "to": "d", "kind": "uses", "attributes": {"requirement": ">=1.80"}, "sightings": [{"path": ".github/workflows/ci.yml", "line": 7}]}]}"#;
    let questions = asked(&["pypi:litellm==1.82.7", "pypi:litellm==1.70"]);
    let Told::Answers(answers) = Documents::new(&questions).ask("g.json", graph.as_bytes()) else { panic!("a graph") };
    assert_eq!(answers[0].standing, Standing::CouldHaveResolved);
    assert_eq!(answers[0].jobs.first().map(|job| job.name.as_str()), Some("ci.yml: job test"));
    assert_eq!(
        answers[0].why,
        ".github/workflows/ci.yml line 7 asks for litellm >=1.80, which lets it in, and no lock holds it"
    );
    assert_eq!(answers[1].standing, Standing::CannotKnow, "a graph carries no gaps of its tree");
}

/// A document of CycloneDX with one part of PyPI's, other parts and other members.
fn cyclonedx(parts: &str, rest: &str) -> String {
    let comma = if parts.is_empty() { "" } else { ", " };
    format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"type": "application", "bom-ref": "root", "name": "app"}}}},
 "components": [{{"type": "library", "bom-ref": "o", "name": "other", "version": "2.0", "purl": "pkg:pypi/other@2.0"}}{comma}{parts}]{rest}}}"#
    )
}

/// A document of SPDX 2 with one package of PyPI's, other packages, relations and members.
fn spdx(packages: &str, relations: &str, rest: &str) -> String {
    let comma = |text: &str| if text.is_empty() { "" } else { ", " };
    format!(
        r#"{{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "d", "packages": [{{"SPDXID": "SPDXRef-root", "name": "app", "downloadLocation": "NOASSERTION"}},
 {{"SPDXID": "SPDXRef-o", "name": "other", "versionInfo": "2", "externalRefs": [{{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/other@2"}}]}}{}{packages}],
 "relationships": [{{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"}}{}{relations}]{rest}}}"#,
        comma(packages),
        comma(relations)
    )
}

fn check(table: &[(&str, String, Standing)]) {
    for (name, document, wanted) in table {
        let told = told(&["pypi:pears==1.82.7"], document);
        assert_eq!(told.first().map(|(standing, _)| *standing), Some(*wanted), "{name}: {told:?}\n{document}");
    }
}

#[test]
fn what_is_cut_off_or_goes_on_is_no_no() {
    let whole = cyclonedx("", "");
    check(&[
        ("whole", whole.clone(), Standing::No),
        ("cut off", whole[..whole.len() - 20].to_owned(), Standing::CannotKnow),
        ("cut off behind a part", whole[..whole.rfind("]").unwrap_or(0)].to_owned(), Standing::CannotKnow),
        ("rubbish behind it", format!("{whole}\n}}}}garbage"), Standing::CannotKnow),
        ("two documents", format!("{whole}\n{whole}"), Standing::CannotKnow),
        (
            "XML",
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><name>p&#101;ars</name></bom>".to_owned(),
            Standing::CannotKnow,
        ),
    ]);
}

#[test]
fn what_stands_as_a_version_may_let_it_in() {
    let part = |version: &str| {
        cyclonedx(
            &format!(
                r#"{{"type": "library", "bom-ref": "p", "name": "pears", "version": "{version}", "purl": "pkg:pypi/pears"}}"#
            ),
            "",
        )
    };
    check(&[
        ("the version", part("1.82.7"), Standing::Locked),
        ("with a sign", part("==1.82.7"), Standing::Locked),
        ("another version", part("1.82.6"), Standing::No),
        ("a range", part(">= 1.80"), Standing::CouldHaveResolved),
        ("another range", part(">= 1.90"), Standing::No),
        ("any", part("*"), Standing::CouldHaveResolved),
        ("a line", part("1.82.x"), Standing::CouldHaveResolved),
        ("the newest", part("latest"), Standing::CouldHaveResolved),
        ("nobody knows", part("unknown"), Standing::CannotKnow),
        ("words", part("1.82.7 (build 3)"), Standing::CannotKnow),
        (
            "two versions",
            cyclonedx(
                r#"{"type": "library", "bom-ref": "p", "name": "pears", "version": "1.82.6", "purl": "pkg:pypi/pears@1.82.7"}"#,
                "",
            ),
            Standing::Locked,
        ),
        (
            "two versions the other way round",
            cyclonedx(
                r#"{"type": "library", "bom-ref": "p", "name": "pears", "version": "1.82.7", "purl": "pkg:pypi/pears@1.82.6"}"#,
                "",
            ),
            Standing::Locked,
        ),
        (
            "a range of a service that exports its graph",
            spdx(r#"{"SPDXID": "SPDXRef-p", "name": "pip:pears", "versionInfo": ">= 1.80"}"#, "", ""),
            Standing::CouldHaveResolved,
        ),
        (
            "a property of ours",
            cyclonedx(
                r#"{"type": "library", "bom-ref": "p", "name": "pears", "version": "1.82.7", "purl": "pkg:pypi/pears@1.82.7",
 "properties": [{"name": "custody:version", "value": "1.82.6"}, {"name": "custody:purl", "value": "pkg:pypi/plums@1"}]}"#,
                "",
            ),
            Standing::CannotKnow,
        ),
    ]);
}

#[test]
fn a_document_that_leaves_parts_out_says_so() {
    let held =
        r#"{"type": "library", "bom-ref": "p", "name": "pears", "version": "1.82.6", "purl": "pkg:pypi/pears@1.82.6"}"#;
    let open = |refs: &str| format!(r#", "compositions": [{{"aggregate": "incomplete"{refs}}}]"#);
    let relation = |kind: &str, to: &str| {
        format!(r#"{{"spdxElementId": "SPDXRef-root", "relationshipType": "{kind}", "relatedSpdxElement": "{to}"}}"#)
    };
    check(&[
        ("another version", cyclonedx(held, ""), Standing::No),
        ("of what it describes", cyclonedx("", &open(r#", "assemblies": ["root"]"#)), Standing::CannotKnow),
        ("of all", cyclonedx("", &open("")), Standing::CannotKnow),
        ("of a part", cyclonedx("", &open(r#", "dependencies": ["o"]"#)), Standing::No),
        ("beside another version", cyclonedx(held, &open(r#", "dependencies": ["root"]"#)), Standing::CannotKnow),
        (
            "said twice",
            cyclonedx("", r#", "compositions": [{"aggregate": "incomplete", "dependencies": ["root"]}, {"aggregate": "complete", "dependencies": ["root"]}]"#),
            Standing::CannotKnow,
        ),
        ("a part that cannot be used", cyclonedx(&format!(r#"{held}, {{"type": "library"}}"#), ""), Standing::CannotKnow),
        (
            "a part with a document of its own",
            cyclonedx(r#"{"type": "application", "name": "sub", "bom-ref": "s", "externalReferences": [{"type": "bom", "url": "urn:cdx:x/1"}]}"#, ""),
            Standing::CannotKnow,
        ),
        ("nobody asserts", spdx("", &relation("DEPENDS_ON", "NOASSERTION"), ""), Standing::CannotKnow),
        ("nobody asserts what it holds", spdx("", &relation("CONTAINS", "NOASSERTION"), ""), Standing::CannotKnow),
        ("it has none", spdx("", &relation("DEPENDS_ON", "NONE"), ""), Standing::No),
        ("another document", spdx("", &relation("DEPENDS_ON", "DocumentRef-o:SPDXRef-x"), ""), Standing::CannotKnow),
        (
            "an import",
            r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "SpdxDocument", "spdxId": "urn:d", "rootElement": ["urn:r"], "import": [{"type": "ExternalMap", "externalSpdxId": "urn:x"}]},
 {"type": "software_Package", "spdxId": "urn:r", "name": "app", "software_packageUrl": "pkg:pypi/other@2"}]}"#.to_owned(),
            Standing::CannotKnow,
        ),
        ("words about a registry", cyclonedx("", "").replace("pkg:pypi/", "pkg:npm/").replace("\"app\"", "\"app\", \"description\": \"pypi was not scanned\""), Standing::CannotKnow),
    ]);
}

#[test]
fn it_is_found_wherever_it_is_named() {
    let typed = |kind: &str, name: &str| {
        cyclonedx(&format!(r#"{{"type": "{kind}", "bom-ref": "p", "name": "{name}", "version": "1.82.7"}}"#), "")
    };
    let by_url = |url: &str| {
        cyclonedx(
            &format!(r#"{{"type": "library", "bom-ref": "p", "name": "fruit", "version": "1", "purl": "{url}"}}"#),
            "",
        )
    };
    let file = |name: &str| cyclonedx(&format!(r#"{{"type": "file", "bom-ref": "p", "name": "{name}"}}"#), "");
    let variant = r#"{"type": "library", "bom-ref": "f", "name": "fruit", "version": "1", "purl": "pkg:generic/fruit@1",
 "pedigree": {"variants": [{"type": "library", "name": "pears", "version": "1.82.7"}]}}"#;
    let identity = r#"{"type": "library", "bom-ref": "f", "name": "fruit", "version": "1", "purl": "pkg:generic/fruit@1",
 "evidence": {"identity": [{"field": "purl", "concludedValue": "pkg:pypi/pears@1.82.7"}]}}"#;
    let two = r#"{"SPDXID": "SPDXRef-f", "name": "fruit", "externalRefs": [
 {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/fruit@3"},
 {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/pears@1.82.7"}]}"#;
    check(&[
        ("an application", typed("application", "pears"), Standing::Locked),
        ("a file", typed("file", "pears"), Standing::Locked),
        ("a platform", typed("platform", "pears"), Standing::Locked),
        ("a model", typed("machine-learning-model", "pears"), Standing::CannotKnow),
        ("an image", typed("container", "pears"), Standing::CannotKnow),
        ("with extras", typed("library", "pears[juice]"), Standing::Locked),
        ("with a version in its name", typed("library", "pears@1.82.7"), Standing::Locked),
        ("with its registry", typed("library", "pypi/pears"), Standing::Locked),
        ("with spaces", typed("library", " pears\u{200b}"), Standing::Locked),
        ("of another package manager", by_url("pkg:npm/pears@1.82.7"), Standing::No),
        ("of conda", by_url("pkg:conda/pears@1.82.7"), Standing::CannotKnow),
        ("of nobody", by_url("pkg:generic/pears@1.82.7"), Standing::CannotKnow),
        ("its source", by_url("pkg:github/acme/pears@v1.82.7"), Standing::CannotKnow),
        ("in a name space", by_url("pkg:pypi/acme/pears@1.82.7"), Standing::Locked),
        ("a wheel", file("wheels/pears-1.82.7-py3-none-any.whl"), Standing::Locked),
        ("a source archive", file("pears-1.82.7.tar.gz"), Standing::Locked),
        ("another wheel", file("pears-1.82.6-py3-none-any.whl"), Standing::No),
        ("a variant", cyclonedx(variant, ""), Standing::CannotKnow),
        ("an identity", cyclonedx(identity, ""), Standing::CannotKnow),
        (
            "a service",
            cyclonedx("", r#", "services": [{"bom-ref": "s", "name": "pears", "version": "1.82.7"}]"#),
            Standing::CannotKnow,
        ),
        (
            "a reference to nothing",
            cyclonedx("", r#", "dependencies": [{"ref": "root", "dependsOn": ["pkg:pypi/pears@1.82.7"]}]"#),
            Standing::CannotKnow,
        ),
        (
            "a command",
            cyclonedx(
                "",
                r#", "formulation": [{"workflows": [{"bom-ref": "w", "uid": "w", "tasks": [{"bom-ref": "t", "uid": "t", "steps": [{"commands": [{"executed": "pip install pears==1.82.7"}]}]}]}]}]"#,
            ),
            Standing::CannotKnow,
        ),
        ("a second name", spdx(two, "", ""), Standing::Locked),
        ("without an id", spdx(r#"{"name": "pears", "versionInfo": "1.82.7"}"#, "", ""), Standing::CannotKnow),
        (
            "flaws of another version",
            cyclonedx("", r#", "vulnerabilities": [{"id": "X-1", "affects": [{"ref": "pkg:pypi/pears@1.82.7"}]}]"#),
            Standing::No,
        ),
    ]);
}

#[test]
fn lists_of_packages_that_speak_of_formats_are_no_documents() {
    assert_eq!(told(&["pears"], r#"{"dependencies": {"spdx-license-ids": "3", "pears": "1.82.7"}}"#), []);
}

#[test]
fn what_is_no_document_answers_nothing() {
    for text in ["", "{}", "[1]", "litellm", "{\"name\": \"litellm\", \"dependencies\": {\"spdx\": \"1\"}"] {
        let found = told(&["litellm"], text);
        assert!(found.iter().all(|(standing, _)| *standing == Standing::CannotKnow), "{text}: {found:?}");
    }
}
