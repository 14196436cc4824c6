//! Every format says the same of an audit: the same findings, the same verdict, the same exit code, within the limits
//! of whoever reads it.

#![allow(clippy::expect_used, reason = "a failure is a failed test")]

mod common;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_custody::audit::{Audit, Decision, State};
use cargo_custody::report::{COMMENT_MARKER, Format, Options};
use serde_json::Value;
use support::{all, empty, forced, gate, incomplete, many, old_and_new, quiet, report, rich};

fn plain(audit: &Audit, format: Format) -> String {
    report(audit, format, &Options::default())
}

fn json(audit: &Audit, format: Format) -> Value {
    serde_json::from_str(&plain(audit, format)).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Rule, file and line, as often as it is told.
type Told = Vec<(String, String, u64)>;

fn sorted(mut told: Told) -> Told {
    told.sort();
    told
}

fn of_sarif(audit: &Audit, format: Format) -> Told {
    let log = json(audit, format);
    let results = log["runs"][0]["results"].as_array().expect("results").clone();
    let is_there = |r: &&Value| r["baselineState"] != "absent";
    sorted(
        results
            .iter()
            .filter(is_there)
            .map(|r| {
                let place = &r["locations"][0]["physicalLocation"];
                (
                    text(&r["properties"]["rule"]),
                    text(&place["artifactLocation"]["uri"]),
                    place["region"]["startLine"].as_u64().expect("a line"),
                )
            })
            .collect(),
    )
}

fn of_lines(audit: &Audit) -> Told {
    sorted(
        plain(audit, Format::Jsonl)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
            .filter(|line| line["type"] == "finding")
            .map(|f| (text(&f["rule"]), text(&f["path"]), f["line"].as_u64().expect("a line")))
            .collect(),
    )
}

fn of_quality(audit: &Audit) -> Told {
    let list = json(audit, Format::GitlabCodeQuality);
    sorted(
        list.as_array()
            .expect("a list")
            .iter()
            .filter(|i| i["check_name"] != "incomplete" && i["check_name"] != "forced-open")
            .map(|i| {
                let place = &i["location"];
                (text(&i["check_name"]), text(&place["path"]), place["lines"]["begin"].as_u64().expect("a line"))
            })
            .collect(),
    )
}

fn expected(audit: &Audit, path: fn(&str) -> String, excused: bool) -> Told {
    let is_excused = |f: &cargo_custody::audit::Finding| {
        f.state == State::Suppressed || (f.waived_by.is_some() && f.state != State::NeedsApproval)
    };
    let of = audit.findings.iter().filter(|f| excused || !is_excused(f));
    sorted(of.map(|f| (f.rule.clone(), path(&f.path), u64::from(f.line))).collect())
}

#[test]
fn every_format_tells_the_same_findings() {
    for (name, audit) in all() {
        let uri = |path: &str| cargo_custody::report::escape::uri(path);
        assert_eq!(of_sarif(&audit, Format::Sarif), expected(&audit, uri, true), "{name}");
        // These two have no word for what is excused, and would open it.
        assert_eq!(of_sarif(&audit, Format::CodeScanning), expected(&audit, uri, false), "{name}");
        assert_eq!(of_quality(&audit), expected(&audit, str::to_owned, false), "{name}");
        assert_eq!(of_lines(&audit), expected(&audit, str::to_owned, true), "{name}");
        let concise = report(&audit, Format::Concise, &Options { all: true, ..Options::default() });
        let levels = ["error[", "warning[", "note["];
        let told = concise.lines().filter(|l| levels.iter().any(|level| l.contains(&format!(": {level}")))).count();
        assert_eq!(told, audit.findings.len(), "{name}\n{concise}");
        let cases: BTreeSet<_> = audit.findings.iter().map(|f| (&f.rule, &f.path)).collect();
        let junit = plain(&audit, Format::Junit);
        assert_eq!(junit.matches("<testcase ").count() - junit.matches("classname=\"coverage\"").count(), cases.len());
        let failing = audit.decided(Decision::Block).map(|f| (&f.rule, &f.path)).collect::<BTreeSet<_>>().len();
        assert_eq!(junit.matches("<failure ").count(), failing, "{name}");
        assert_eq!(junit.contains("<error "), !audit.complete, "{name}");
        let scanning = json(&audit, Format::GitlabDependencyScanning);
        let advisories = audit.findings.iter().filter(|f| f.advisory.is_some() && f.subject.is_some()).count();
        assert_eq!(scanning["vulnerabilities"].as_array().map(Vec::len), Some(advisories), "{name}");
    }
}

/// What they look like, for the eye of whoever changes them.
#[test]
fn formats_look_as_they_did() {
    let laid_out = |format| serde_json::to_string_pretty(&json(&gate(), format)).expect("JSON");
    insta::with_settings!({ filters => vec![
        (r"[0-9a-f]{32}:[0-9a-f]{16}", "[fingerprint]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", "[id]"),
        ("\"[0-9a-f]{32}\"", "\"[hash]\""),
    ] }, {
        insta::assert_snapshot!("gitlab_code_quality", laid_out(Format::GitlabCodeQuality));
        insta::assert_snapshot!("gitlab_dependency_scanning", laid_out(Format::GitlabDependencyScanning));
        insta::assert_snapshot!("junit", plain(&gate(), Format::Junit));
        insta::assert_snapshot!("concise", plain(&gate(), Format::Concise));
        insta::assert_snapshot!("concise_forced", plain(&forced(), Format::Concise));
        insta::assert_snapshot!("jsonl", plain(&quiet(), Format::Jsonl));
    });
}

/// What is saved is rendered again by the program, in every format with one exit code.
#[test]
#[allow(clippy::disallowed_methods, reason = "starts the program on a saved audit")]
fn every_format_ends_with_the_same_exit_code() {
    let audits = [
        ("pass", empty(), 0),
        ("quiet", quiet(), 0),
        ("fail", gate(), 1),
        ("incomplete", incomplete(), 3),
        ("forced", forced(), 0),
    ];
    for (name, audit, code) in audits {
        assert_eq!(audit.exit_code(), code, "{name}");
        let saved = plain(&audit, Format::Json);
        let folder = common::folder("report-formats", name, &[("audit.json", saved)]);
        for (format, of) in Format::ALL {
            let ran = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
                .args(["report", "audit.json", "--format", format])
                .current_dir(&folder)
                .output()
                .expect("it runs");
            assert_eq!(ran.status.code(), Some(i32::from(code)), "{name} {format}");
            let shown = String::from_utf8(ran.stdout).expect("UTF-8");
            if *of != Format::Terminal {
                assert_eq!(shown, plain(&audit, *of), "{name} {format}");
            }
        }
        assert_eq!(json(&audit, Format::Sarif)["runs"][0]["invocations"][0]["exitCode"], code);
        let lines = plain(&audit, Format::Jsonl);
        let last: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
        assert_eq!((last["exit_code"].as_u64(), last["type"].as_str()), (Some(code.into()), Some("verdict")), "{name}");
        assert!(plain(&audit, Format::Junit).contains(&format!("<property name=\"exit-code\" value=\"{code}\"/>")));
    }
}

/// Nobody may take a gate that was forced open for one that passed.
#[test]
fn an_override_is_told_by_every_format() {
    // A document of statements on flaws tells of no gate.
    let tells = |format: &Format| !matches!(format, Format::OpenVex | Format::CycloneDxVex);
    for (name, format) in Format::ALL.iter().filter(|(_, format)| tells(format)) {
        let shown = plain(&forced(), *format);
        assert!(shown.contains("the pager is ringing"), "{name}");
        let loud = match format {
            Format::Json => "\"forced\": {",
            Format::Jsonl => "\"forced\":true",
            Format::Sarif | Format::CodeScanning => "forced-open",
            _ => "FORCED OPEN",
        };
        assert!(shown.contains(loud), "{name}\n{shown}");
        assert!(!plain(&gate(), *format).contains("the pager is ringing"));
    }
}

#[test]
fn states_become_those_of_sarif() {
    let log = json(&gate(), Format::Sarif);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let mut by_state: BTreeMap<(String, String), usize> = BTreeMap::new();
    for result in results {
        let key = (text(&result["properties"]["state"]), text(&result["baselineState"]));
        *by_state.entry(key).or_default() += 1;
    }
    let count = |state: &str, baseline: &str, n| ((state.to_owned(), baseline.to_owned()), n);
    let wanted = BTreeMap::from([
        count("new", "new", 2),
        count("changed", "updated", 1),
        count("expired", "updated", 1),
        count("needs-approval", "new", 1),
        count("spread", "new", 1),
        count("existing", "unchanged", 2),
        count("suppressed", "unchanged", 1),
        count("fixed", "absent", 3),
    ]);
    assert_eq!(by_state, wanted);
    let of = |state: &str| results.iter().find(|r| r["properties"]["state"] == state).expect("a result");
    assert_eq!(of("needs-approval")["suppressions"][0]["status"], "underReview");
    assert_eq!(of("suppressed")["suppressions"][0]["status"], "accepted");
    assert_eq!(of("suppressed")["suppressions"][0]["kind"], "external");
    assert!(of("fixed")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string());
    // Without a base nothing is said of one.
    assert!(!plain(&rich(), Format::Sarif).contains("baselineState"));
    // Code scanning would open what is gone.
    assert!(!plain(&gate(), Format::CodeScanning).contains("absent"));
}

#[test]
fn an_approval_that_no_finding_names_is_the_justification() {
    let mut audit = gate();
    for finding in &mut audit.findings {
        if finding.state == State::NeedsApproval {
            finding.waiver = None;
            finding.waived_by = None;
        }
    }
    let log = json(&audit, Format::Sarif);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let waits = results.iter().find(|r| r["properties"]["state"] == "needs-approval").expect("a result");
    assert_eq!(waits["suppressions"][0]["status"], "underReview");
    assert!(text(&waits["suppressions"][0]["justification"]).starts_with("custody.toml:14: waiver of"));
}

/// Thirty thousand old findings and three new ones: the three are in every report that has room for few.
#[test]
fn what_a_change_brings_is_never_crowded_out() {
    let audit = old_and_new(30_000);
    let new: Vec<u64> = (29_998..=30_000).collect();
    for format in [Format::Sarif, Format::CodeScanning] {
        let told = of_sarif(&audit, format);
        assert!(told.len() <= 5000, "{}", told.len());
        assert!(new.iter().all(|line| told.iter().any(|(.., at)| at == line)), "{format:?}");
        let shown = plain(&audit, format);
        assert!(packed(&shown) < 10_000_000, "{format:?}");
    }
    let notes = plain(&audit, Format::Github);
    assert_eq!(notes.lines().filter(|l| l.starts_with("::error ")).count(), 3, "{notes}");
    assert_eq!(notes.lines().filter(|l| l.starts_with("::notice ")).count(), 0, "{notes}");
    for format in [Format::Markdown, Format::Comment] {
        let page = plain(&audit, format);
        let limit = if format == Format::Comment { 65_536 } else { 1 << 20 };
        assert!(page.len() < limit, "{}", page.len());
        assert!(new.iter().all(|line| page.contains(&format!("yml:{line} "))), "{format:?}\n{page}");
    }
    let screen = plain(&audit, Format::Terminal);
    assert!(screen.lines().count() <= 40 && screen.contains("29997 existing"), "{screen}");
}

fn packed(text: &str) -> usize {
    miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 1).len()
}

/// Nothing of a change keeps its screen from being one.
#[test]
fn the_screen_of_a_gate_stays_a_screen() {
    for findings in [1, 4, 12, 60, 600] {
        let mut audit = many(findings);
        let of = forced();
        audit.gate = of.gate.clone();
        audit.services.clone_from(&of.services);
        audit.coverage = of.coverage.clone();
        audit.complete = false;
        audit.findings.iter_mut().for_each(|f| f.state = State::New);
        if let Some(gate) = &mut audit.gate {
            let (fixed, approval) = (gate.fixed[0].clone(), gate.approvals[0].clone());
            gate.fixed = vec![fixed; 20];
            gate.approvals = vec![approval; 20];
        }
        for (colour, width) in [(false, None), (true, Some(80))] {
            let shown = report(&audit, Format::Terminal, &Options { colour, width, ..Options::default() });
            assert!(shown.lines().count() <= 40, "{findings}: {} lines\n{shown}", shown.lines().count());
            assert!(shown.contains("FORCED OPEN") && shown.contains("NEEDS APPROVAL") && shown.contains("FIXED"));
            assert!(shown.contains("BLOCK"), "{findings}\n{shown}");
            assert!(shown.contains("\n1  ") || shown.contains("1m"), "{findings}\n{shown}");
        }
    }
}

/// A file that would be too large loses details first, and says so.
#[test]
fn a_file_that_is_too_large_says_what_it_lost() {
    let mut audit = rich();
    // Pages that do not pack: a digest follows a digest.
    let mut page = String::new();
    let mut seed = "seed".to_owned();
    while page.len() < 12_000_000 {
        seed = cargo_custody::diag::fingerprint::hex(&cargo_custody::diag::fingerprint::digest(&[&seed]));
        page.push_str(&seed);
    }
    audit.rules[1].page.push_str(&page);
    let shown = plain(&audit, Format::Sarif);
    assert!(packed(&shown) < 10_000_000);
    assert!(shown.contains("the pages of the rules are left out"));
    assert_eq!(of_sarif(&audit, Format::Sarif).len(), audit.findings.len());
}

/// The shape that GitLab asks for; it stops at the first issue that it does not understand.
#[test]
fn code_quality_has_the_shape_that_is_asked_for() {
    for (name, audit) in all() {
        let list = json(&audit, Format::GitlabCodeQuality);
        let mut seen = BTreeSet::new();
        for issue in list.as_array().expect("a list") {
            let keys: Vec<&str> = issue.as_object().expect("an object").keys().map(String::as_str).collect();
            assert_eq!(keys, ["check_name", "description", "fingerprint", "location", "severity"], "{name}");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&text(&issue["severity"]).as_str()));
            assert!(seen.insert(text(&issue["fingerprint"])), "{name}: {issue}");
            assert!(!text(&issue["description"]).is_empty());
            assert!(issue["location"]["lines"]["begin"].as_u64() >= Some(1));
            assert!(!text(&issue["location"]["path"]).is_empty());
        }
        let lost = list.as_array().expect("a list").iter().any(|i| i["check_name"] == "incomplete");
        assert_eq!(lost, !audit.complete, "{name}");
    }
    // An edit above a finding does not make another issue of it.
    let hashes = |audit: &Audit| -> Vec<String> {
        let list = json(audit, Format::GitlabCodeQuality);
        list.as_array().expect("a list").iter().map(|i| text(&i["fingerprint"])).collect()
    };
    let mut moved = rich();
    moved.findings.iter_mut().for_each(|f| f.line += 3);
    assert_eq!(hashes(&rich()), hashes(&moved));
}

/// What GitLab's schema 15.0.7 requires of a report.
#[test]
fn dependency_scanning_has_the_shape_that_is_asked_for() {
    for (name, audit) in all() {
        let report = json(&audit, Format::GitlabDependencyScanning);
        assert_eq!(report["version"], "15.0.7");
        let scan = &report["scan"];
        assert_eq!((scan["type"].as_str(), scan["status"].as_str()), (Some("dependency_scanning"), Some("success")));
        for time in ["start_time", "end_time"] {
            assert_eq!(scan[time], "2026-08-22T00:00:00", "{name}");
        }
        for program in ["analyzer", "scanner"] {
            for key in ["id", "name", "version"] {
                assert!(!text(&scan[program][key]).is_empty());
            }
            assert!(!text(&scan[program]["vendor"]["name"]).is_empty());
        }
        for message in scan["messages"].as_array().expect("messages") {
            assert_eq!(message["level"], "warn");
            assert!(!text(&message["value"]).is_empty());
        }
        assert_eq!(
            scan["messages"].as_array().is_some_and(Vec::is_empty),
            audit.complete && audit.gate.as_ref().is_none_or(|g| g.forced.is_none()),
            "{name}"
        );
        let mut ids = BTreeSet::new();
        for flaw in report["vulnerabilities"].as_array().expect("a list") {
            let id = text(&flaw["id"]);
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
            assert!(ids.insert(id), "{name}: {flaw}");
            assert!(text(&flaw["name"]).chars().count() <= 255);
            assert!(
                ["Info", "Unknown", "Low", "Medium", "High", "Critical"].contains(&text(&flaw["severity"]).as_str())
            );
            let identifiers = flaw["identifiers"].as_array().expect("identifiers");
            assert!(!identifiers.is_empty());
            for identifier in identifiers {
                for key in ["type", "name", "value"] {
                    assert!(!text(&identifier[key]).is_empty());
                }
            }
            let place = &flaw["location"];
            assert!(!text(&place["file"]).is_empty());
            assert!(place["dependency"]["package"]["name"].is_string() && place["dependency"]["version"].is_string());
        }
        for file in report["dependency_files"].as_array().expect("a list") {
            assert!(!text(&file["path"]).is_empty() && !text(&file["package_manager"]).is_empty());
            assert!(file["dependencies"].as_array().is_some_and(|d| !d.is_empty()));
        }
    }
    let report = json(&rich(), Format::GitlabDependencyScanning);
    let first = &report["vulnerabilities"][0];
    assert_eq!(
        (first["identifiers"][0]["type"].as_str(), first["identifiers"][1]["type"].as_str()),
        (Some("rustsec"), Some("cve"))
    );
    assert_eq!(report["dependency_files"][0]["package_manager"], "cargo");
}

/// What a stranger wrote does not end an element, and XML stays XML.
#[test]
fn junit_is_well_formed() {
    for (name, audit) in all() {
        let shown = plain(&audit, Format::Junit);
        assert!(shown.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{name}");
        let mut open = Vec::new();
        for (at, _) in shown.match_indices('<') {
            let tag = &shown[at..][..shown[at..].find('>').expect("a tag ends") + 1];
            let word: String = tag
                .trim_start_matches(['<', '/', '?'])
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '-')
                .collect();
            let own = [
                "xml",
                "testsuites",
                "testsuite",
                "testcase",
                "properties",
                "property",
                "failure",
                "error",
                "skipped",
                "system-out",
            ];
            assert!(own.contains(&word.as_str()), "{name}: {tag}");
            if tag.starts_with("</") {
                assert_eq!(open.pop(), Some(word), "{name}");
            } else if !tag.ends_with("/>") && !tag.starts_with("<?") {
                open.push(word);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
        assert!(!shown.contains("]]>"), "{name}");
    }
}

/// A comment is known again, and nothing else is taken for it.
#[test]
fn a_comment_is_known_by_its_first_line_alone() {
    for (name, mut audit) in all() {
        for finding in &mut audit.findings {
            finding.message.push_str(COMMENT_MARKER);
        }
        let body = plain(&audit, Format::Comment);
        assert_eq!(body.matches(COMMENT_MARKER).count(), 1, "{name}");
        assert!(body.starts_with(COMMENT_MARKER) && body.len() < 65_536, "{name}: {}", body.len());
    }
}

/// Texts that fill all room leave numbers, which no stranger wrote.
#[test]
fn a_comment_keeps_its_limit_against_any_text() {
    let mut audit = gate();
    let long = "@".repeat(4000);
    audit.complete = false;
    for file in &mut audit.coverage.files {
        file.why = Some(long.clone());
        file.path.push_str(&long);
        file.counts = true;
        file.status = cargo_custody::audit::Status::Unread;
    }
    audit.policy = long.clone();
    for service in &mut audit.services {
        service.name.clone_from(&long);
    }
    if let Some(gate) = &mut audit.gate {
        gate.head.how = long.clone();
    }
    let body = plain(&audit, Format::Comment);
    assert!(body.len() < 65_536, "{}", body.len());
    assert!(body.contains("**4 block**") && body.contains("left out"), "{body}");
}
