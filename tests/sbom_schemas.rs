//! Bills of materials fit the official schemas, where `CUSTODY_SHARED` names a folder with `schemas/cyclonedx`, and
//! what the specification's own examples hold is read.

#![allow(clippy::disallowed_methods, reason = "a test that reads schemas")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

#[path = "../src/sbom/sample.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "shared with the unit tests")]
mod sample;

// The sample names the model by its place in the crate.
use cargo_custody::sbom;
use cargo_custody::sbom::Bom;
use cargo_custody::sbom::read;
use cargo_custody::sbom::write::cyclonedx::{Version, write};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn shared() -> Option<PathBuf> {
    std::env::var("CUSTODY_SHARED").ok().map(|shared| Path::new(&shared).join("schemas/cyclonedx"))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

fn validator(folder: &Path, version: &str) -> jsonschema::Validator {
    let mut registry = jsonschema::Registry::new();
    for name in ["spdx", "jsf-0.82", "cryptography-defs"] {
        let file = format!("{name}.schema.json");
        let schema = jsonschema::Resource::from_contents(json(&folder.join(&file)));
        registry = registry.add(format!("http://cyclonedx.org/schema/{file}"), schema).expect("a schema");
    }
    let registry = registry.prepare().expect("schemas");
    let schema = json(&folder.join(format!("bom-{version}.schema.json")));
    jsonschema::options().should_validate_formats(true).with_registry(&registry).build(&schema).expect("a schema")
}

fn written(bom: &Bom, version: Version) -> String {
    let mut out = Vec::new();
    write(bom, version, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn accepted(validator: &jsonschema::Validator, name: &str, text: &str) {
    let value: Value = serde_json::from_str(text).expect("JSON");
    let errors: Vec<String> =
        validator.iter_errors(&value).take(5).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

/// Whatever stands in the parts, the document fits.
fn hostile() -> Bom {
    let mut bom = sample::rich();
    let odd = "\u{1}a b<>\"{}|\\^`[]#%zz\u{7f}\u{fffd}";
    for one in &mut bom.components {
        one.version = one.version.as_ref().map(|_| odd.repeat(100));
        one.supplier = Some(sbom::model::Party {
            name: odd.to_owned(),
            urls: sample::texts(&[odd, "https://[", "::", "//a:b/", "1:2"]),
            emails: sample::texts(&[odd, "a@b", "a@@b", "\u{e4}@example.com"]),
            is_person: true,
        });
        one.endpoints = sample::texts(&[odd, "http://a:b", "localhost:80", "127.0.0.1:80"]);
        one.identifiers.insert(("cpe".to_owned(), odd.to_owned()));
        one.distributions.push(sbom::model::Distribution { name: Some(odd.to_owned()), ..Default::default() });
        one.distributions.push(sbom::model::Distribution { url: Some(odd.to_owned()), ..Default::default() });
    }
    bom.about.time = Some(i64::MAX);
    bom.settle();
    bom
}

#[test]
fn documents_fit_the_official_schemas() {
    let Some(folder) = shared() else { return };
    for version in [Version::V1_6, Version::V1_7] {
        let validator = validator(&folder, version.word());
        for (name, bom) in [("rich", sample::rich()), ("empty", Bom::default()), ("hostile", hostile())] {
            accepted(&validator, name, &written(&bom, version));
        }
    }
}

#[test]
fn whatever_is_written_fits_the_official_schemas() {
    use proptest::test_runner::{Config, TestRunner};
    let Some(folder) = shared() else { return };
    let validators: Vec<_> =
        [Version::V1_6, Version::V1_7].iter().map(|version| (*version, validator(&folder, version.word()))).collect();
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let result = runner.run(&sample::any::bom(), |bom| {
        validators.iter().for_each(|(version, validator)| accepted(validator, "any", &written(&bom, *version)));
        Ok(())
    });
    result.expect("all fit");
}

/// A list of licences that knows more ids than the schema makes no invalid document of them.
#[test]
fn every_licence_fits_the_official_schemas() {
    let Some(folder) = shared() else { return };
    let mut bom = sample::rich();
    let all = spdx::identifiers::LICENSES.iter().map(|licence| sbom::model::Licence {
        name: sbom::model::LicenceName::Id(licence.name.to_owned()),
        url: None,
        standing: sbom::model::LicenceStanding::Declared,
    });
    bom.components[0].licences = all.collect();
    accepted(&validator(&folder, "1.7"), "licences", &written(&bom, Version::V1_7));
}

#[test]
fn the_examples_of_the_specification_are_read() {
    let Some(folder) = shared() else { return };
    let mut count = 0;
    for file in std::fs::read_dir(folder.join("examples")).expect("a folder") {
        let path = file.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let version = if name.contains("1.6") { "1.6" } else { "1.7" };
        let bytes = std::fs::read(&path).expect("a file");
        let is_valid = validator(&folder, version).is_valid(&serde_json::from_slice(&bytes).expect("JSON"));
        assert_eq!(is_valid, name.starts_with("valid-"), "{name}");
        let read = read::read(&bytes).expect("CycloneDX");
        // Some name parts that they leave out.
        let wrong = read.problems.iter().filter(|one| !one.message.ends_with("is no part of the document"));
        let wrong: Vec<String> = wrong.map(|one| format!("{}: {}", one.line, one.message)).collect();
        assert!(!is_valid || wrong.is_empty(), "{name}: {wrong:#?}");
        for one in [Version::V1_6, Version::V1_7] {
            accepted(&validator(&folder, one.word()), &name, &written(&read.bom, one));
        }
        count += 1;
    }
    assert!(count >= 20, "{count} examples");
}
