//! What an audit writes of known flaws, and that it means the same when it is read again.

#![allow(clippy::disallowed_methods, reason = "a test that reads schemas")]
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]

mod common;

use std::path::Path;

use cargo_custody::advisory::{Date, Index};
use cargo_custody::audit::Audit;
use cargo_custody::check::{self, Checked, Evidence, Vex};
use cargo_custody::diag::WaivedBy;
use cargo_custody::outside::cached::Cached;
use cargo_custody::parse::Budget;
use cargo_custody::read::vex;
use cargo_custody::report::{Format, Options, render};
use serde_json::Value;

const FLAW: &str = "RUSTSEC-2020-0071";
const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";
const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                    [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
const LINK: &str = "urn:cdx:01234567-89ab-4def-8123-456789abcdef/1";

/// The policy with these keys in its waiver.
fn policy(more: &str) -> String {
    format!(
        "[sbom]\nauthor = \"Acme <sbom@example.com>\"\n[[waiver]]\nadvisory = \"{FLAW}\"\nreason = \"never called\"\n{more}"
    )
}

fn audit(policy: &str) -> Audit {
    let files = [("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK), ("custody.toml", policy)];
    common::audit_of(&common::tree(&files[..if policy.is_empty() { 2 } else { 3 }]))
}

fn written(audit: &Audit, format: Format, bom_link: Option<&str>) -> String {
    let mut out = Vec::new();
    render(audit, format, &Options { bom_link, ..Options::default() }, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn json(audit: &Audit, format: Format) -> Value {
    serde_json::from_str(&written(audit, format, None)).expect("JSON")
}

/// The tree without its policy, judged with some documents.
fn judged(documents: &[&str]) -> Checked {
    let tree = common::tree(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK)]);
    let reading = cargo_custody::read::read_tree(&tree, 1, &|_, _| {});
    let read = |text: &&str| vex::read("vex.json", text.as_bytes().to_vec(), &mut Budget::default());
    let mut files: Vec<_> = documents.iter().map(|text| read(text).expect("a document")).collect();
    vex::link(&mut files);
    let vex = Vex { files, ..Vex::default() };
    let evidence = Evidence { vex: Some(&vex), today: Date::new(2026, 11, 23), ..Evidence::default() };
    check::run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence)
}

/// Whether the flaw of `time` is excused.
fn is_excused(checked: &Checked) -> bool {
    let is_flaw = |d: &cargo_custody::diag::Diagnostic| d.topic.as_ref().is_some_and(|topic| topic.id == FLAW);
    let at = checked.diagnostics.iter().position(is_flaw).expect("the flaw is found");
    checked.waivers.contains_key(&at)
}

/// Each policy, and what is said of the flaw: in OpenVEX, in CycloneDX, and whether that excuses.
fn cases() -> Vec<(String, &'static str, &'static str, bool)> {
    let not = "status = \"not_affected\"\njustification = \"vulnerable_code_not_in_execute_path\"\n";
    vec![
        (String::new(), "under_investigation", "in_triage", false),
        (policy(""), "affected", "exploitable", false),
        (policy("status = \"affected\"\n"), "affected", "exploitable", false),
        (policy("status = \"under_investigation\"\n"), "under_investigation", "in_triage", false),
        (policy("status = \"fixed\"\n"), "fixed", "resolved", true),
        (policy("status = \"not_affected\"\n"), "not_affected", "not_affected", true),
        (policy(not), "not_affected", "not_affected", true),
    ]
}

#[test]
fn what_is_written_means_the_same_when_it_is_read() {
    for (policy, status, state, excuses) in cases() {
        let audit = audit(&policy);
        let (open, cyclone) = (json(&audit, Format::OpenVex), json(&audit, Format::CycloneDxVex));
        let of_flaw = |list: &Value, id: &dyn Fn(&Value) -> bool| {
            list.as_array().and_then(|all| all.iter().find(|one| id(one))).cloned().expect("the flaw")
        };
        let said = of_flaw(&open["statements"], &|one| one["vulnerability"]["name"] == FLAW);
        assert_eq!(said["status"], status, "{policy}");
        assert_eq!(said["products"][0]["subcomponents"][0]["@id"], "pkg:cargo/time@0.1.42", "{policy}");
        let said = of_flaw(&cyclone["vulnerabilities"], &|one| one["id"] == FLAW);
        assert_eq!((&said["analysis"]["state"], &said["source"]["name"]), (&state.into(), &"OSV".into()), "{policy}");
        for format in [Format::OpenVex, Format::CycloneDxVex] {
            let text = written(&audit, format, None);
            assert_eq!(text, written(&audit, format, None));
            assert_eq!(is_excused(&judged(&[&text])), excuses, "{policy}\n{text}");
        }
    }
}

#[test]
fn a_risk_that_is_accepted_says_until_when_and_by_whom() {
    let policy = policy("owner = \"@team\"\nuntil = 2027-01-31\n");
    let open = json(&audit(&policy), Format::OpenVex);
    assert_eq!(open["author"], "Acme <sbom@example.com>");
    assert_eq!(open["statements"][0]["action_statement"], "accepted until 2027-01-31 by @team: never called");
    assert_eq!(json(&audit(""), Format::OpenVex)["author"], "unknown");
}

#[test]
fn what_another_party_said_leaves_with_its_name() {
    let mut audit = audit(&policy("status = \"not_affected\"\n"));
    for finding in audit.findings.iter_mut().filter(|one| one.advisory.as_ref().is_some_and(|a| a.id == FLAW)) {
        finding.waived_by = Some(WaivedBy::Vex);
        finding.stance.as_mut().expect("a stance").by = Some("Vendor".to_owned());
    }
    let open = json(&audit, Format::OpenVex);
    assert_eq!(open["statements"][0]["impact_statement"], "Vendor says: never called");
    let cyclone = json(&audit, Format::CycloneDxVex);
    assert_eq!(cyclone["vulnerabilities"][0]["analysis"]["detail"], "Vendor says: never called");
    let author = &cyclone["metadata"]["authors"][0];
    assert_eq!((&author["name"], &author["email"]), (&"Acme".into(), &"sbom@example.com".into()));
}

#[test]
fn a_link_leads_into_the_document_that_is_given_and_nowhere_else() {
    let audit = audit(&policy("status = \"not_affected\"\n"));
    let text = written(&audit, Format::CycloneDxVex, Some(LINK));
    let bom = "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.7\", \"version\": 1,\n\
               \"serialNumber\": \"urn:uuid:01234567-89ab-4def-8123-456789abcdef\",\n\
               \"metadata\": {\"component\": {\"type\": \"application\", \"name\": \"app\", \"purl\": \"pkg:cargo/app@0.1.0\"}},\n\
               \"components\": [{\"type\": \"library\", \"name\": \"time\", \"bom-ref\": \"pkg:cargo/time@0.1.42\", \
               \"purl\": \"pkg:cargo/time@0.1.42\"}]}";
    assert!(is_excused(&judged(&[&text, bom])));
    let alone = judged(&[&text]);
    assert!(!is_excused(&alone));
    assert!(alone.unknown.iter().any(|why| why.contains("which is not given")), "{:?}", alone.unknown);
    // What another product does with the package says nothing of this tree.
    assert!(!is_excused(&judged(&[&text, &bom.replace("pkg:cargo/app@0.1.0", "pkg:cargo/other@0.1.0")])));
}

#[test]
fn documents_fit_the_official_schemas() {
    let Ok(shared) = std::env::var("CUSTODY_SHARED") else { return };
    let schemas = Path::new(&shared).join("schemas");
    let read = |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON") };
    let mut registry = jsonschema::Registry::new();
    for name in ["spdx", "jsf-0.82", "cryptography-defs"] {
        let file = format!("{name}.schema.json");
        let schema = jsonschema::Resource::from_contents(read(&schemas.join("cyclonedx").join(&file)));
        registry = registry.add(format!("http://cyclonedx.org/schema/{file}"), schema).expect("a schema");
    }
    let registry = registry.prepare().expect("schemas");
    for (format, schema) in
        [(Format::OpenVex, "openvex/openvex_json_schema.json"), (Format::CycloneDxVex, "cyclonedx/bom-1.6.schema.json")]
    {
        let schema = read(&schemas.join(schema));
        let options = jsonschema::options().should_validate_formats(true).with_registry(&registry);
        let validator = options.build(&schema).expect("a schema");
        for (policy, ..) in cases() {
            for link in [None, Some(LINK)] {
                let text = written(&audit(&policy), format, link);
                let value: Value = serde_json::from_str(&text).expect("JSON");
                let errors: Vec<String> =
                    validator.iter_errors(&value).take(5).map(|e| format!("{}: {e}", e.instance_path())).collect();
                assert!(errors.is_empty(), "{policy}: {errors:#?}\n{text}");
            }
        }
    }
}
