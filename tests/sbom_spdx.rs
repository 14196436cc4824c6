//! Bills of materials fit the official schema of SPDX 3.0.1, where `CUSTODY_SHARED` names a folder with
//! `schemas/spdx`.

#![allow(clippy::disallowed_methods, reason = "a test that reads a schema")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

#[path = "../src/sbom/sample.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "shared with the unit tests")]
mod sample;

// The sample names the model by its place in the crate.
use cargo_custody::sbom;
use cargo_custody::sbom::Bom;
use cargo_custody::sbom::write::spdx::write;
use serde_json::Value;
use std::path::Path;

fn validator() -> Option<jsonschema::Validator> {
    let shared = std::env::var("CUSTODY_SHARED").ok()?;
    let path = Path::new(&shared).join("schemas/spdx/spdx-3.0.1-schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(path).expect("a schema")).expect("JSON");
    Some(jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema"))
}

fn accepted(validator: &jsonschema::Validator, name: &str, bom: &Bom) {
    let mut out = Vec::new();
    write(bom, &mut out).expect("a vector takes everything");
    let value: Value = serde_json::from_slice(&out).expect("JSON");
    // A document is one choice among many, so that its errors tell nothing; those of its elements do.
    let errors: Vec<String> = validator.iter_errors(&value).take(3).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {}", String::from_utf8_lossy(&out));
}

#[test]
fn documents_fit_the_official_schema() {
    let Some(validator) = validator() else { return };
    for (name, bom) in [("rich", sample::rich()), ("empty", Bom::default())] {
        accepted(&validator, name, &bom);
    }
    assert!(!validator.is_valid(&serde_json::json!({ "@graph": [] })), "a schema that takes everything proves nothing");
}

#[test]
fn whatever_is_written_fits_the_official_schema() {
    use proptest::test_runner::{Config, TestRunner};
    let Some(validator) = validator() else { return };
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let result = runner.run(&sample::any::bom(), |bom| {
        accepted(&validator, "any", &bom);
        Ok(())
    });
    result.expect("all fit");
}
