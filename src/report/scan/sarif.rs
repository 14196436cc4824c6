//! A scan as SARIF 2.1.0. Places are bytes of binary files: the region of a finding in the file itself is its
//! byte offset; that of a finding in a member stands in the properties, since SARIF's regions are of the file.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Scanned;
use crate::report::escape::{sarif as clean, shorten, uri};
use crate::scan::{FileReport, Finding, Severity, Verdict, rules};

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Results that code scanning takes of one run.
const RESULTS: usize = 5000;
/// Characters of a message.
const MESSAGE: usize = 2000;

pub(super) fn render(scanned: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    let rules = rules();
    let descriptors: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.title},
                "help": {"text": rule.help},
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {"tags": ["security", "model"], "security-severity": score(rule.severity)},
            })
        })
        .collect();
    // What changes no verdict is in the JSON.
    let told = |finding: &&Finding| finding.rule.verdict > Verdict::Clean;
    let mut all: Vec<(&FileReport, &Finding)> =
        scanned.files.iter().flat_map(|file| file.findings.iter().filter(told).map(move |f| (file, f))).collect();
    let total = all.len();
    if total > RESULTS {
        all.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.rule.severity));
        all.truncate(RESULTS);
    }
    let results: Vec<Value> = all
        .iter()
        .map(|(file, finding)| {
            let index = rules.binary_search_by(|rule| rule.id.cmp(finding.rule.id)).unwrap_or_default();
            result(file, finding, index)
        })
        .collect();
    let mut notices: Vec<Value> = Vec::new();
    if total > results.len() {
        let left = total - results.len();
        notices.push(
            json!({"level": "warning", "message": {"text": format!("{left} results are left out; the JSON has them")}}),
        );
    }
    for (verdict, what) in [(Verdict::Unread, "not read"), (Verdict::Malformed, "malformed")] {
        let count = scanned.count(verdict);
        if count > 0 {
            notices.push(json!({"level": "error", "message": {"text": format!("files {what}: {count}")}}));
        }
    }
    let code = scanned.exit_code();
    let said = match code {
        0 => "passed",
        1 => "a file is dangerous or needs review",
        _ => "not everything could be read",
    };
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": descriptors,
            }},
            "invocations": [{
                "executionSuccessful": code != 3,
                "exitCode": code,
                "exitCodeDescription": said,
                "toolExecutionNotifications": notices,
            }],
            "automationDetails": {"id": "cargo-custody/scan/"},
            "results": results,
            "properties": {"verdict": scanned.verdict().word(), "complete": !scanned.is_incomplete(), "files": scanned.files.len()},
        }],
    });
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &log).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn result(file: &FileReport, finding: &Finding, index: usize) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(file.path.trim_end_matches('/'))}});
    // Readers of SARIF that know lines alone put it at the first.
    let mut region = json!({"startLine": 1});
    if let (Some(offset), None) = (finding.offset, &finding.inner_path) {
        region = json!({"byteOffset": offset, "byteLength": 1});
    }
    if !file.path.ends_with('/') {
        physical["region"] = region;
    }
    let mut text = clean(&finding.message);
    if let Some(inner) = &finding.inner_path {
        text = format!("{text}\nIn: {}", clean(inner));
    }
    let mut properties = json!({
        "severity": finding.rule.severity.word(),
        "verdict": finding.rule.verdict.word(),
        "format": file.format.word(),
    });
    if let Some(offset) = finding.offset {
        properties["byteOffset"] = json!(offset);
    }
    if let Some(inner) = &finding.inner_path {
        properties["innerPath"] = json!(clean(inner));
    }
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.rule.severity),
        "message": {"text": shorten(&text, MESSAGE)},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"custody/scan/v1": fingerprint(file, finding)},
        "properties": properties,
    })
}

/// What it is, and not at which byte: a file that grows keeps its alerts.
fn fingerprint(file: &FileReport, finding: &Finding) -> String {
    let parts = [finding.rule.id, &file.path, finding.inner_path.as_deref().unwrap_or_default(), &finding.message];
    crate::diag::fingerprint::hex(&crate::diag::fingerprint::digest(&parts))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Points by which code scanning sorts, in the bands of CVSS.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
