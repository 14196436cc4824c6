//! What is written fits the published schemas: ours always, that of SARIF where `CUSTODY_SHARED`
//! names a folder with `schemas/sarif/sarif-schema-2.1.0.json`.

#![allow(clippy::disallowed_methods, reason = "a test that reads schemas")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

mod common;
mod support;

use std::path::Path;

use cargo_custody::report::{Format, Options};
use serde_json::{Value, json};
use support::{all, gate, report, rich};

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    validator(&path)
}

fn validator(path: &Path) -> jsonschema::Validator {
    let text = std::fs::read_to_string(path).expect("a schema");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

fn accepted(validator: &jsonschema::Validator, name: &str, text: &str) {
    let value: Value = serde_json::from_str(text).expect("JSON");
    let errors: Vec<String> =
        validator.iter_errors(&value).take(5).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

#[test]
fn an_audit_fits_its_schema() {
    let validator = schema("audit-v1.schema.json");
    for (name, audit) in all() {
        accepted(&validator, name, &report(&audit, Format::Json, &Options::default()));
    }
}

/// The trees by hand show the edges; this one shows what the stages before really write.
#[test]
fn a_real_audit_fits_every_schema() {
    let workflow = "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/upload@v2\n      - run: curl https://example.com/x | sh\n";
    let manifest =
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\n\n[dependencies]\na = { git = \"https://example.com/a\" }\n";
    let tree = common::tree(&[
        (".github/workflows/a.yml", workflow),
        ("Cargo.toml", manifest),
        ("b/Cargo.toml", "[package\n"),
        ("flake.lock", "{}"),
    ]);
    let audit = common::audit_of(&tree);
    assert!(!audit.findings.is_empty() && !audit.coverage.gaps.is_empty() && !audit.complete);
    accepted(&schema("audit-v1.schema.json"), "audit", &report(&audit, Format::Json, &Options::default()));
    let (reading, checked) = common::look(&tree);
    let mut out = Vec::new();
    cargo_custody::report::graph::json(&checked.graph, &reading.sources, &mut out).expect("a vector takes everything");
    accepted(&schema("graph-v1.schema.json"), "graph", &String::from_utf8(out).expect("UTF-8"));
    if let Ok(shared) = std::env::var("CUSTODY_SHARED") {
        let official = validator(&Path::new(&shared).join("schemas/sarif/sarif-schema-2.1.0.json"));
        accepted(&official, "sarif", &report(&audit, Format::Sarif, &Options::default()));
    }
}

/// A schema that takes everything proves nothing.
#[test]
fn the_schema_refuses_what_no_audit_is() {
    let validator = schema("audit-v1.schema.json");
    let good = serde_json::to_value(rich()).expect("JSON");
    let broken: &[(&str, Value)] = &[
        ("/schema", json!("custody/audit/v2")),
        ("/verdict", json!("pass")),
        ("/verdict", json!("PASS")),
        ("/commit", json!(7)),
        ("/findings/0/decision", json!("warn")),
        ("/findings/0/role", json!("Product")),
        ("/findings/0/line", json!(0)),
        ("/findings/0/impact", json!("reaches secrets")),
        ("/findings/0/fingerprint", json!("1")),
        ("/findings/2/advisory/score", json!(11)),
        ("/findings/2/subject/extra", json!(1)),
        ("/coverage/files/0/status", json!("lost")),
        ("/knowledge/today", json!("yesterday")),
        ("/extra", json!(1)),
    ];
    for (pointer, value) in broken {
        let mut audit = good.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        audit
            .pointer_mut(parent)
            .expect("the parent")
            .as_object_mut()
            .expect("an object")
            .insert(key.to_owned(), value.clone());
        assert!(!validator.is_valid(&audit), "{pointer} = {value} is accepted");
    }
    let of_gate = serde_json::to_value(gate()).expect("JSON");
    assert!(validator.is_valid(&of_gate));
    let broken: &[(&str, Value)] = &[
        ("/findings/0/state", json!("old")),
        ("/findings/0/waived_by", json!("nobody")),
        ("/gate/mode", json!("some")),
        ("/gate/head", json!(null)),
        ("/gate/base/commit", json!(7)),
        ("/gate/counts/old", json!(1)),
        ("/gate/fixed/0/line", json!(0)),
        ("/gate/approvals/0/extra", json!(1)),
        ("/gate/forced", json!("yes")),
        ("/services/0/verdict", json!("PASS")),
        ("/coverage/unknown_before", json!("x")),
    ];
    for (pointer, value) in broken {
        let mut audit = of_gate.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        audit
            .pointer_mut(parent)
            .expect("the parent")
            .as_object_mut()
            .expect("an object")
            .insert(key.to_owned(), value.clone());
        assert!(!validator.is_valid(&audit), "{pointer} = {value} is accepted");
    }
    for key in good.as_object().expect("an object").keys() {
        let mut audit = good.clone();
        audit.as_object_mut().expect("an object").remove(key);
        assert!(!validator.is_valid(&audit), "{key} is not missed");
    }
}

#[test]
fn a_graph_fits_its_schema() {
    let validator = schema("graph-v1.schema.json");
    let sighting = json!([{"path": "Cargo.toml", "line": 1}]);
    let node = |id: &str| json!({"id": id, "kind": "crate", "name": "hyper", "version": null, "purl": "pkg:cargo/hyper", "attributes": {"folder": "a"}, "sightings": sighting});
    let mut graph = json!({
        "schema": "custody/graph/v1",
        "nodes": [node("crate:a"), node("crate:b")],
        "edges": [{"from": "crate:a", "to": "crate:b", "kind": "depends-on", "attributes": {}, "sightings": sighting}],
    });
    assert!(validator.is_valid(&graph));
    graph["edges"][0]["kind"] = json!("knows");
    assert!(!validator.is_valid(&graph));
    let mut out = Vec::new();
    let (graph, sources) = (cargo_custody::graph::Graph::default(), cargo_custody::source::Sources::default());
    cargo_custody::report::graph::json(&graph, &sources, &mut out).expect("a vector takes everything");
    accepted(&validator, "empty", &String::from_utf8(out).expect("UTF-8"));
}

/// The kinds of the schema are the kinds of the program.
#[test]
fn the_schema_knows_every_kind() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(path.join(name)).expect("a file");
    let schema: Value = serde_json::from_str(&read("docs/graph-v1.schema.json")).expect("JSON");
    let source = read("src/graph/mod.rs");
    for (enumeration, name) in [("NodeKind", "nodeKind"), ("EdgeKind", "edgeKind")] {
        let body = source
            .split(&format!("impl {enumeration} {{"))
            .nth(1)
            .and_then(|s| s.split("\n}").next())
            .expect("the enum");
        let words: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
        let known: Vec<&str> =
            schema["$defs"][name]["enum"].as_array().expect("an enum").iter().filter_map(Value::as_str).collect();
        assert_eq!(words, known, "{enumeration}");
    }
}

#[test]
fn sarif_fits_the_official_schema() {
    let Ok(shared) = std::env::var("CUSTODY_SHARED") else { return };
    let validator = validator(&Path::new(&shared).join("schemas/sarif/sarif-schema-2.1.0.json"));
    for (name, audit) in all() {
        for format in [Format::Sarif, Format::CodeScanning] {
            accepted(&validator, name, &report(&audit, format, &Options::default()));
        }
    }
}
