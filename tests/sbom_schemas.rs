//! Bills of materials fit the official schemas, where `CUSTODY_SHARED` names a folder with `schemas/cyclonedx`, and
//! what the specification's own examples hold is read.

#![allow(clippy::disallowed_methods, reason = "a test that reads schemas")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

#[path = "../src/sbom/sample.rs"]
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
