use proptest::prelude::*;

use crate::sbom::Bom;
use crate::sbom::model::Card;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Format;
use crate::sbom::model::Kind;
use crate::sbom::model::Party;
use crate::sbom::read::read;
use crate::sbom::sample;
use crate::sbom::sample::any;
use crate::sbom::write::cyclonedx::Version;
use crate::sbom::write::cyclonedx::write;

fn round(bom: &Bom, version: Version) -> Bom {
    let mut out = Vec::new();
    write(bom, version, &mut out).unwrap();
    let read = read(&out).unwrap();
    assert_eq!(read.problems, []);
    read.bom
}

/// What the format always adds, and what reading tells of the document.
fn expected(bom: &Bom, read: &Bom) -> Bom {
    let mut bom = bom.clone();
    bom.about.format = read.about.format.clone();
    bom.about.id = read.about.id.clone();
    bom.about.revision = Some(bom.about.revision.unwrap_or(1).max(1));
    for one in &mut bom.components {
        let needs_unknown = bom.unknowns.iter().any(|unknown| unknown.owner.as_deref() == Some(one.id.as_str()));
        if needs_unknown && matches!(one.dependencies, Completeness::Unsaid | Completeness::Complete) {
            one.dependencies = Completeness::Incomplete;
        }
        lost(one, bom.root.as_deref() == Some(one.id.as_str()));
    }
    bom
}

/// Takes away what the format cannot hold, so that all else is seen to come back.
fn lost(one: &mut Component, is_root: bool) {
    // Words alone are told of models and data sets only.
    let words = one.card.as_ref().map(|card| Card { tags: card.tags.clone(), ..Card::default() });
    if one.card.as_deref() == words.as_ref() && !one.kind.is_model() && one.kind != Kind::Dataset {
        one.card = None;
    }
    if one.kind == Kind::Service && !is_root {
        // Services have no digests, files, authors or rights, and of a maker only the name.
        one.hashes.clear();
        one.files.clear();
        one.authors.clear();
        one.copyright = None;
        one.producer = one.producer.take().map(|party| Party { name: party.name, ..Party::default() });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read_as_it_was(bom in any::bom(), is_old in proptest::bool::ANY) {
        let read = round(&bom, if is_old { Version::V1_6 } else { Version::V1_7 });
        let wanted = expected(&bom, &read);
        for (one, other) in wanted.components.iter().zip(&read.components) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(wanted, read);
    }
}

/// A line and what is said of it.
fn told(text: &str) -> (Bom, Vec<(u32, String)>) {
    let read = read(text.as_bytes()).unwrap();
    (read.bom, read.problems.into_iter().map(|problem| (problem.line, problem.message)).collect())
}

#[test]
fn what_is_broken_costs_itself_alone() {
    let (bom, problems) = told(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "components": [
  {"type": "library", "version": "1"},
  {"type": "library", "name": "a", "bom-ref": "a", "hashes": [{"alg": "SHA-256", "content": "00"}, {"alg": "X", "content": "0"}]},
  {"type": "gadget", "name": "b", "bom-ref": "a"},
  {"type": "library", "name": "c", "purl": "pkg:cargo/c@1", "externalReferences": [{"type": "vcs"}]},
  7],
 "dependencies": [
  {"ref": "a", "dependsOn": ["pkg:cargo/c@1", "gone"]},
  {"dependsOn": []}]}"#,
    );
    let ids: Vec<&str> = bom.components.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["a", "a (2)", "pkg:cargo/c@1"]);
    assert_eq!(bom.relations.len(), 1);
    let lines: Vec<u32> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 4, 5, 5, 6, 7, 9, 10], "{problems:#?}");
}

#[test]
fn documents_of_others_are_understood() {
    let (bom, problems) = told(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.4",
 "metadata": {"tools": [{"vendor": "v", "name": "t", "version": "1"}],
  "component": {"type": "application", "name": "app", "bom-ref": "app"}},
 "components": [
  {"type": "library", "name": "a", "version": "1", "purl": "pkg:pypi/a@1", "author": "Ada", "publisher": "P",
   "licenses": [{"license": {"name": "Apache-2.0"}}], "externalReferences": [{"type": "distribution", "url": "https://example.com/a", "hashes": [{"alg": "MD5", "content": "00000000000000000000000000000000"}]}],
   "properties": [{"name": "syft:location:0:path", "value": "/lock"}, {"name": "x", "value": "1"}, {"name": "x", "value": "2"}],
   "components": [{"type": "library", "name": "inner", "version": "2"}]},
  {"type": "machine-learning-model", "name": "m", "bom-ref": "m",
   "pedigree": {"ancestors": [{"type": "machine-learning-model", "name": "base", "purl": "pkg:huggingface/e/base"}]},
   "modelCard": {"modelParameters": {"datasets": [{"type": "dataset", "name": "set", "contents": {"url": "https://example.com/set"}}, {"ref": "d"}]}}},
  {"type": "data", "name": "d", "bom-ref": "d"}],
 "services": [{"name": "s", "services": [{"name": "t"}]}],
 "vulnerabilities": [{"id": "x"}]}"#,
    );
    assert_eq!(problems, []);
    let relations: Vec<String> =
        bom.relations.iter().map(|one| format!("{} {} {}", one.from, one.kind.word(), one.to)).collect();
    assert_eq!(
        relations,
        [
            "m derived-from pkg:huggingface/e/base",
            "m trained-on d",
            "m trained-on data:set",
            "pkg:pypi/a@1 contains library:inner@2",
            "service:s contains service:t"
        ]
    );
    let a = bom.component("pkg:pypi/a@1").unwrap();
    assert_eq!(a.licences, [sample::licence("Apache-2.0")]);
    assert_eq!((a.distributions.len(), a.evidence.len(), a.properties["x"].as_str()), (1, 1, "1\n2"));
    assert_eq!((a.authors[0].name.as_str(), a.producer.as_ref().unwrap().name.as_str()), ("Ada", "P"));
    assert_eq!(bom.about.tools[0].producer.as_deref(), Some("v"));
    assert!(bom.about.has_vulnerabilities);
    assert_eq!(bom.root.as_deref(), Some("app"));
}

#[test]
fn formats_are_told_and_refused() {
    for (text, wanted) in [
        ("", "the document is empty"),
        ("<bom/>", "the document is XML, of which nothing is read: convert it to JSON"),
        ("{}", "it is neither CycloneDX nor SPDX: none of `bomFormat`, `spdxVersion` and `@context` is there"),
        ("hello", "it is neither CycloneDX nor SPDX: none of `bomFormat`, `spdxVersion` and `@context` is there"),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err().message, wanted, "{text}");
    }
    assert!(read(b"{\"bomFormat\": \"Cyclone").is_err());
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain("{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\"}".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&wide).unwrap().bom.about.format, Some(Format::CycloneDx("1.5".to_owned())));
}

#[test]
fn the_sample_comes_back() {
    for version in [Version::V1_6, Version::V1_7] {
        let bom = sample::rich();
        let read = round(&bom, version);
        let wanted = expected(&bom, &read);
        for (one, other) in wanted.components.iter().zip(&read.components) {
            assert_eq!(one, other);
        }
        for (one, other) in wanted.relations.iter().zip(&read.relations) {
            assert_eq!(one, other);
        }
        assert_eq!(wanted, read);
        assert_eq!(read.about.format, Some(Format::CycloneDx(version.word().to_owned())));
    }
}
