//! Package URLs are read, spelt and refused as the specification's own tests say, where `CUSTODY_SHARED` names a
//! folder with `schemas/purl/tests`.

#![allow(clippy::disallowed_methods, reason = "a test that reads the specification's tests")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use cargo_custody::sbom::purl::Purl;
use serde_json::Value;

/// A text of a test; empty texts and `null` are none.
fn text<'t>(value: &'t Value, key: &str) -> Option<&'t str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn built(parts: &Value) -> Option<Purl> {
    let mut purl = Purl::new(text(parts, "type")?, text(parts, "namespace"), text(parts, "name")?);
    for (name, value) in parts.get("qualifiers").and_then(Value::as_object).into_iter().flatten() {
        purl = purl.with(name, value.as_str().unwrap_or_default());
    }
    purl = purl.at(text(parts, "version").unwrap_or_default()).part(text(parts, "subpath").unwrap_or_default());
    Some(purl).filter(|purl| purl.problem().is_none())
}

fn told(purl: &Purl, wanted: &Value) -> bool {
    let qualifiers: BTreeMap<String, String> = wanted
        .get("qualifiers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    text(wanted, "type") == Some(purl.kind())
        && text(wanted, "namespace") == purl.namespace()
        && text(wanted, "name") == Some(purl.name())
        && text(wanted, "version") == purl.version.as_deref()
        && text(wanted, "subpath") == purl.part.as_deref()
        && qualifiers == purl.qualifiers
}

#[test]
fn the_specification_agrees() {
    let Ok(shared) = std::env::var("CUSTODY_SHARED") else { return };
    let folder = Path::new(&shared).join("schemas/purl/tests");
    let mut count = 0;
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(&folder).expect("a folder") {
        let path = file.expect("a file").path();
        let whole: Value = serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
        for test in whole["tests"].as_array().expect("tests") {
            count += 1;
            let (input, wanted) = (&test["input"], &test["expected_output"]);
            let is_right = match (test["test_type"].as_str(), test["expected_failure"] == true) {
                (Some("build"), true) => built(input).is_none(),
                (Some("build"), false) => {
                    built(input).is_some_and(|purl| Some(purl.to_string().as_str()) == wanted.as_str())
                }
                (_, true) => Purl::legal(input.as_str().unwrap_or_default()).is_err(),
                (Some("parse"), false) => {
                    Purl::legal(input.as_str().unwrap_or_default()).is_ok_and(|purl| told(&purl, wanted))
                }
                _ => Purl::legal(input.as_str().unwrap_or_default())
                    .is_ok_and(|purl| Some(purl.to_string().as_str()) == wanted.as_str()),
            };
            if !is_right {
                wrong.push(format!("{} {input} wanted {wanted}", test["test_type"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 100, "{count} tests in {}", folder.display());
}
