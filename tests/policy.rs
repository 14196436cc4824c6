//! What a tree's policy makes of findings: what it excuses, what it cannot, and where it may stand.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use std::collections::BTreeSet;

use cargo_custody::audit::{Audit, Decision, Finding, State, Verdict};
use cargo_custody::config::{self, Outside};
use cargo_custody::diag::WaivedBy;
use cargo_custody::parse::cargo_checksum::sha256;

const WORKFLOW: &str = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      \
                        - uses: example/a@v1\n      - uses: example/b@v1\n";
const CI: &str = ".github/workflows/ci.yml";

fn audit(custody: &str) -> Audit {
    common::audit(&[("custody.toml", custody), (CI, WORKFLOW)])
}

fn of<'a>(audit: &'a Audit, rule: &str, subject: &str) -> &'a Finding {
    let is = |f: &&Finding| f.rule == rule && f.subject.as_ref().is_some_and(|s| s.name.contains(subject));
    audit.findings.iter().find(is).unwrap_or_else(|| panic!("no {rule} of {subject}: {:#?}", audit.findings))
}

#[test]
fn a_waiver_excuses_what_all_of_it_fits() {
    let first = of(&audit(""), "unpinned-action", "example/a").fingerprint.clone();
    let (identity, content) = first.split_once(':').expect("two halves");
    let other = "0123456789abcdef";
    for (keys, wanted) in [
        ("rule = \"unpinned-action\"".to_owned(), true),
        ("rule = \"unpinned-image\"".to_owned(), false),
        ("rule = \"unpinned-action\"\nsubject = \"example/a\"".to_owned(), true),
        ("rule = \"unpinned-action\"\nsubject = \"action:example/a\"".to_owned(), true),
        ("rule = \"unpinned-action\"\nsubject = \"example/a@v1\"".to_owned(), true),
        ("rule = \"unpinned-action\"\nsubject = \"example/a@v2\"".to_owned(), false),
        ("rule = \"unpinned-action\"\nsubject = \"crate:example/a\"".to_owned(), false),
        ("rule = \"unpinned-action\"\nsubject = \"example\"".to_owned(), false),
        ("rule = \"unpinned-action\"\npath = \".github/**\"".to_owned(), true),
        ("rule = \"unpinned-action\"\npath = \"docs/**\"".to_owned(), false),
        (format!("fingerprint = \"{first}\""), true),
        (format!("fingerprint = \"{identity}\""), true),
        (format!("fingerprint = \"{identity}:{other}\""), false),
        (format!("fingerprint = \"{identity}\"\ncontent = \"{content}\""), true),
        (format!("fingerprint = \"{identity}\"\nrule = \"unpinned-image\""), false),
    ] {
        let text = format!("[[waiver]]\n{keys}\nreason = \"ours\"\nowner = \"@ops\"\nuntil = 2027-01-31\n");
        let audit = audit(&text);
        let found = of(&audit, "unpinned-action", "example/a");
        let told = "waived in custody.toml line 1 by @ops until 2027-01-31: ours";
        assert_eq!(found.waiver.as_deref(), wanted.then_some(told), "{keys}");
        assert_eq!(found.waived_by, wanted.then_some(WaivedBy::Policy), "{keys}");
        assert_eq!(found.state, if wanted { State::Suppressed } else { State::Existing }, "{keys}");
        let unused = audit.findings.iter().any(|f| f.rule == "unused-waiver");
        assert_eq!(unused, !wanted, "{keys}");
    }
}

#[test]
fn an_end_that_has_passed_brings_the_finding_back() {
    let waiver = |until: &str| format!("[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\nuntil = {until}\n");
    for (until, state, rule) in [
        ("2026-11-22", State::Expired, "expired-waiver"),
        ("2026-11-23", State::Suppressed, "expiring-waiver"),
        ("2026-12-07", State::Suppressed, "expiring-waiver"),
        ("\"2026-12-08\"", State::Suppressed, ""),
    ] {
        let audit = audit(&waiver(until));
        let found = of(&audit, "unpinned-action", "example/a");
        assert_eq!(found.state, state, "{until}");
        let is_back = state == State::Expired;
        assert_eq!(found.decision == Decision::Note && found.alone.is_some(), !is_back, "{until}: {found:?}");
        assert_eq!(found.waived_by.is_none(), is_back, "{until}");
        assert_eq!(found.waiver.as_ref().is_some_and(|text| text.contains("which is past")), is_back, "{until}");
        let told: BTreeSet<&str> =
            audit.findings.iter().map(|f| f.rule.as_str()).filter(|r| r.ends_with("-waiver")).collect();
        assert_eq!(told, (!rule.is_empty()).then_some(rule).into_iter().collect(), "{until}");
    }
}

#[test]
fn a_comment_that_is_over_says_so_on_the_finding() {
    let ignore = " # custody: ignore[unpinned-action] until=2026-11-22 -- ours";
    let text = WORKFLOW.replace("example/a@v1", &format!("example/a@v1{ignore}"));
    let audit = common::audit(&[(CI, &text)]);
    let found = of(&audit, "unpinned-action", "example/a");
    assert_eq!(found.state, State::Expired);
    assert!(found.waiver.as_ref().is_some_and(|w| w.contains("until 2026-11-22, which is past")), "{found:?}");
}

#[test]
fn something_grave_wants_an_end() {
    let text = "on: push\npermissions:\n  contents: write\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      \
                - run: curl -sSf https://get.example.com/install.sh | sh\n";
    let look = |end: &str| {
        let custody = format!("[[waiver]]\nrule = \"fetch-to-interpreter\"\nreason = \"ours\"\n{end}");
        let audit = common::audit(&[("custody.toml", &custody), (CI, text)]);
        let found = audit.findings.iter().find(|f| f.rule == "fetch-to-interpreter").expect("a finding").clone();
        let told = audit.findings.iter().any(|f| f.rule == "unjustified-waiver");
        (found.state, told, audit.verdict)
    };
    assert_eq!(look(""), (State::Existing, true, Verdict::Fail));
    assert_eq!(look("until = 2027-05-23\n"), (State::Existing, true, Verdict::Fail), "181 days");
    assert_eq!(look("until = 2027-05-22\n"), (State::Suppressed, false, Verdict::Pass), "180 days");
    assert_eq!(look("until = 2027-05-22\n[waivers]\nmax-days = 30\n"), (State::Existing, true, Verdict::Fail));
}

#[test]
fn an_attack_is_excused_by_nothing() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"rustdecimal\"]\n\
                [[package]]\nname = \"rustdecimal\"\nversion = \"1.23.1\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nrustdecimal = \"1\"\n";
    let custody = "[gate]\nblock = \"off\"\n[gate.rule]\nmalicious-crate = \"note\"\n[gate.family]\nadvisories = \"note\"\n\
                   [roles]\n\"**\" = \"vendored\"\n[[waiver]]\nrule = \"malicious-crate\"\nreason = \"x\"\nuntil = 2027-01-01\n";
    let audit = common::audit(&[("custody.toml", custody), ("Cargo.toml", manifest), ("Cargo.lock", lock)]);
    let found = audit.findings.iter().find(|f| f.rule == "malicious-crate").expect("the attack");
    assert_eq!((found.decision, found.state), (Decision::Block, State::Existing));
}

#[test]
fn an_advisory_is_waived_by_any_of_its_names() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";
    for (keys, wanted) in [
        ("advisory = \"RUSTSEC-2020-0071\"", true),
        ("advisory = \"cve-2020-26235\"", true),
        ("advisory = \"CVE-2020-26235\"\nsubject = \"time@0.1.42\"", true),
        ("advisory = \"CVE-2020-26235\"\nsubject = \"crate:time@0.1.43\"", false),
        ("advisory = \"RUSTSEC-2020-0159\"", false),
    ] {
        let custody = format!("[[waiver]]\n{keys}\nreason = \"no local time is asked for\"\nuntil = 2027-01-01\n");
        let files = [("custody.toml", custody.as_str()), ("Cargo.toml", manifest), ("Cargo.lock", lock)];
        let audit = common::audit(&files);
        let found = audit.findings.iter().find(|f| f.rule == "vulnerable-crate").expect("the flaw");
        assert_eq!(found.state == State::Suppressed, wanted, "{keys}");
    }
}

#[test]
fn what_only_the_change_excuses_needs_approval() {
    let waiver = "[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\n";
    let longer = "[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\nuntil = 2027-01-01\n";
    let tree = |custody: &'static str| [("custody.toml", custody), (CI, WORKFLOW)];
    let state = |before: &'static str, after: &'static str| {
        let audit = common::audit_change(&tree(before), &tree(after));
        let found = of(&audit, "unpinned-action", "example/a");
        (found.state, found.decision == Decision::Note)
    };
    let is_note = of(&audit(""), "unpinned-action", "example/a").decision == Decision::Note;
    assert_eq!(state("", waiver), (State::NeedsApproval, is_note), "brought by the change");
    assert_eq!(state(waiver, waiver), (State::Suppressed, true), "it stands in the base");
    assert_eq!(state(waiver, ""), (State::Suppressed, true), "the base's policy is in force");
    assert_eq!(state(waiver, longer), (State::Suppressed, true), "the base's still holds");
    let spent = "[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\nuntil = 2026-11-01\n";
    assert_eq!(state(spent, longer), (State::NeedsApproval, is_note), "an end that the change moves");
    let audit = common::audit_change(&tree("\n"), &tree(longer));
    let told = of(&audit, "unpinned-action", "example/a").waiver.clone();
    assert_eq!(told.as_deref(), Some("waived in custody.toml line 1 until 2027-01-01: ours"));
    let loose = "[gate.rule]\nunpinned-action = \"note\"\n[roles]\n\".github/**\" = \"fixture\"\n";
    assert_eq!(state("", loose), (State::Existing, is_note), "the change's own thresholds are not in force");
}

#[test]
fn the_first_of_four_places_is_in_force() {
    let gate = |level: &str| format!("rule.unpinned-action = \"{level}\"\n");
    let root = format!("[gate]\n{}", gate("block"));
    let github = format!("[gate]\n{}", gate("note"));
    let cargo = format!("[workspace]\nmembers = []\n[workspace.metadata.custody.gate]\n{}", gate("block"));
    let package =
        format!("[package]\nname = \"a\"\nversion = \"0.1.0\"\n[package.metadata.custody.gate]\n{}", gate("block"));
    let project = format!("[project]\nname = \"a\"\nversion = \"1\"\n[tool.custody.gate]\n{}", gate("block"));
    let look = |files: &[(&str, &str)]| {
        let mut all = files.to_vec();
        all.push((CI, WORKFLOW));
        let audit = common::audit(&all);
        let decision = of(&audit, "unpinned-action", "example/a").decision;
        let gaps: Vec<String> =
            audit.coverage.gaps.iter().map(|g| format!("{}:{} {}", g.path, g.line, g.why)).collect();
        (decision, gaps, audit.policy)
    };
    for files in
        [("custody.toml", &root), ("Cargo.toml", &cargo), ("Cargo.toml", &package), ("pyproject.toml", &project)]
    {
        let (decision, gaps, policy) = look(&[(files.0, files.1)]);
        assert_eq!(decision, Decision::Block, "{}", files.0);
        assert_eq!(gaps, Vec::<String>::new(), "{}", files.0);
        assert_eq!(policy, format!("built-in policy and {}", files.0));
    }
    let (decision, gaps, _) =
        look(&[("Cargo.toml", &cargo), (".github/custody.toml", &github), ("custody.toml", &root)]);
    assert_eq!(decision, Decision::Block);
    let told = ".github/custody.toml:2 nothing of this policy holds: custody.toml is in force";
    assert!(gaps.contains(&told.to_owned()), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.starts_with("Cargo.toml:4 ")), "{gaps:?}");
    let (decision, ..) = look(&[(".github/custody.toml", &github), ("pyproject.toml", &project)]);
    assert_eq!(decision, Decision::Note);
    assert_eq!(look(&[("sub/pyproject.toml", &project)]).2, "built-in policy", "root manifests only");
}

#[test]
fn an_inherited_file_holds_with_its_digest_only() {
    let org = "[gate.rule]\nunpinned-action = \"block\"\n";
    let extends = |sum: &str| format!("extends = {{ path = \"policy/org.toml\", sha256 = \"{sum}\" }}\n");
    let own = "[gate.rule]\nunpinned-action = \"note\"\n";
    let look = |custody: &str, org: &str| {
        let audit = common::audit(&[("custody.toml", custody), ("policy/org.toml", org), (CI, WORKFLOW)]);
        let gaps: Vec<String> =
            audit.coverage.gaps.iter().map(|g| format!("{}:{} {}", g.path, g.line, g.why)).collect();
        (of(&audit, "unpinned-action", "example/a").decision, gaps.join("\n"))
    };
    let right = extends(&sha256(org.as_bytes()));
    assert_eq!(look(&right, org), (Decision::Block, String::new()));
    assert_eq!(look(&format!("{right}{own}"), org).0, Decision::Block, "the tree cannot say less");
    let (decision, gaps) = look(&format!("{}{own}", extends(&"0".repeat(64))), org);
    assert_eq!(decision, Decision::Note);
    assert!(gaps.contains("custody.toml:1 nothing of policy/org.toml holds: its digest is "), "{gaps}");
    let sources = "[sources]\ngit = []\n";
    let (_, gaps) = look(&extends(&sha256(sources.as_bytes())), sources);
    assert!(gaps.contains("policy/org.toml:1 `sources` is no key of an inherited policy"), "{gaps}");
    let gone = "extends = { path = \"policy/none.toml\", sha256 = \"".to_owned() + &"0".repeat(64) + "\" }\n";
    assert!(look(&gone, org).1.contains("the tree holds no policy/none.toml"));
}

/// Where an organisation forbids waivers of the tree's own, nobody can be asked to agree to one.
#[test]
fn what_is_forbidden_is_not_proposed() {
    let org = "[waivers]\nlocal = false\n";
    let extends = format!("extends = {{ path = \"policy/org.toml\", sha256 = \"{}\" }}\n", sha256(org.as_bytes()));
    let custody = format!("{extends}[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\n");
    let audit = common::audit(&[("custody.toml", &custody), ("policy/org.toml", org), (CI, WORKFLOW)]);
    let found = of(&audit, "unpinned-action", "example/a");
    assert_eq!((found.state, found.waiver.as_deref()), (State::Existing, None));
    let told = &audit.coverage.unknown;
    assert!(told.iter().any(|why| why.contains("allows the tree no waivers of its own")), "{told:?}");
    assert_eq!(audit.verdict, Verdict::Incomplete);
}

#[test]
fn why_until_then_is_told() {
    let end = "until = 2027-01-31\nuntil-reason = \"the mirror is ready by then\"\n";
    let audit = audit(&format!("[[waiver]]\nrule = \"unpinned-action\"\nreason = \"ours\"\n{end}"));
    let told = "waived in custody.toml line 1 until 2027-01-31 (the mirror is ready by then): ours";
    assert_eq!(of(&audit, "unpinned-action", "example/a").waiver.as_deref(), Some(told));
}

/// What a project asks for itself blocks, what that brings along does not.
#[test]
fn direct_only_spares_what_another_package_brings_along() {
    let lock = |app: &str, more: &str| {
        format!(
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"{app}\"]\n{more}\
             [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
             source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
        )
    };
    let middle = "[[package]]\nname = \"middle\"\nversion = \"1.0.0\"\ndependencies = [\"time\"]\n\
                  source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    for (asked, more, wanted) in [("time", "", Decision::Block), ("middle", middle, Decision::Advise)] {
        let manifest = format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\n{asked} = \"*\"\n");
        let audit = common::audit(&[
            ("custody.toml", "[gate]\nblock = \"medium\"\ndirect-only = true\n"),
            ("Cargo.toml", &manifest),
            ("Cargo.lock", &lock(asked, more)),
        ]);
        let found = of(&audit, "vulnerable-crate", "time");
        assert_eq!(found.decision, wanted, "{asked}: {found:?}");
    }
}

#[test]
fn an_outside_file_with_a_mistake_does_not_hold() {
    let wrong = Outside::read("org.toml", "[gate]\n\nblok = \"high\"\n".to_owned(), String::new());
    let told = wrong.expect_err("a mistake").join("\n");
    assert!(told.starts_with("org.toml line 3: `blok` is no key of `[gate]`"), "{told}");
    assert!(told.ends_with("did you mean `block`?"), "{told}");
    assert!(Outside::read("org.toml", "[gate]\nblock = \"high\"\n".to_owned(), String::new()).is_ok());
}

#[test]
fn a_service_has_a_verdict_of_its_own() {
    let custody = "[[service]]\nname = \"ci\"\npaths = [\".github/**\"]\nowner = \"@ops\"\nblock = \"low\"\n\
                   [[service]]\nname = \"one\"\npaths = [\".github/workflows/other.yml\"]\n\
                   [[service]]\nname = \"web\"\npaths = [\"web/\"]\n";
    let files = [("custody.toml", custody), (CI, WORKFLOW), (".github/workflows/other.yml", WORKFLOW)];
    let audit = common::audit(&files);
    let names: Vec<(&str, Option<&str>, Verdict, bool)> =
        audit.services.iter().map(|s| (s.name.as_str(), s.owner.as_deref(), s.verdict, s.block > 0)).collect();
    assert_eq!(names[0], ("ci", Some("@ops"), Verdict::Fail, true));
    assert_eq!((names[1].0, names[1].3), ("one", false), "the more specific pattern names it");
    assert_eq!(names[2], ("web", None, Verdict::Pass, false));
    let found = audit.findings.iter().find(|f| f.path == CI).expect("a finding");
    assert_eq!((found.service.as_deref(), found.owner.as_deref()), (Some("ci"), Some("@ops")));
}

#[test]
fn what_files_are_for_may_be_declared_but_not_for_what_a_change_brings() {
    let requirements = "--extra-index-url https://other.example.com/simple\nidna==3.11\n";
    let role = |files: &[(&str, &str)]| {
        let audit = common::audit(files);
        audit.coverage.files.iter().find(|f| f.path == "kit/requirements.txt").map(|f| f.role.as_str())
    };
    let custody = "[roles]\n\"kit/**\" = \"example\"\n";
    let file = ("kit/requirements.txt", requirements);
    assert_eq!(role(&[("custody.toml", ""), file]), Some("product"));
    assert_eq!(role(&[("custody.toml", custody), file]), Some("example"));
    let more = "[roles]\n\"**\" = \"fixture\"\n\"kit/**\" = \"ci\"\n";
    assert_eq!(role(&[("custody.toml", more), file]), Some("ci"), "the pattern that says most");
    let audit = common::audit_change(&[("custody.toml", custody)], &[("custody.toml", custody), file]);
    let brought = audit.coverage.files.iter().find(|f| f.path == file.0).map(|f| f.role.as_str());
    assert_eq!(brought, Some("product"));
}

#[test]
fn a_mistake_is_a_gap_with_a_suggestion() {
    for (text, line, told) in [
        ("[gate]\nblok = \"high\"\n", 2, "did you mean `block`?"),
        ("[gate]\nblock = \"hihg\"\n", 2, "did you mean `high`?"),
        ("[gate]\nlevel = \"note\"\n", 2, "`level` is no key of `[gate]`"),
        ("[gate.family]\npinning = \"advice\"\n", 2, "did you mean `advise`?"),
        ("[gate.family.pinning]\nfixable = true\n", 2, "did you mean `fixable-only`?"),
        ("[gate]\nfixable-only = \"yes\"\n", 2, "`fixable-only` is `true` or `false`"),
        ("[[waivers]]\nrule = \"x\"\n", 1, "`waivers` is a table"),
        ("[[waiver]]\nrule = \"unpinned-action\"\n", 1, "a waiver without `reason`"),
        ("[[waiver]]\nreason = \"x\"\nsubject = \"y\"\n", 1, "names a `fingerprint`, a `rule` or an `advisory`"),
        ("[[waiver]]\nreason = \"x\"\nrule = \"*\"\n", 3, "`*` means nothing here"),
        ("[[waiver]]\nreason = \" \"\nrule = \"unpinned-action\"\n", 2, "not an empty one"),
        ("[[waiver]]\nreason = \"x\"\nrule = \"a\"\nuntil = 2027-02-30\n", 4, "is a day of the calendar"),
        ("[[waiver]]\nreason = \"x\"\nfingerprint = \"abc\"\n", 3, "32 hexadecimal digits"),
        ("[[waiver]]\nreason = \"x\"\nrule = \"a\"\npath = \"/etc\"\n", 4, "from the root of the tree"),
        ("[[service]]\nname = \"a\"\n", 1, "a service without `paths`"),
        ("[roles]\n\"docs/**\" = \"docs\"\n", 2, "a role is one of"),
        ("extends = { path = \"../org.toml\", sha256 = \"x\" }\n", 1, "a file of the tree"),
    ] {
        let audit = audit(text);
        let gaps: Vec<(u32, &str)> = audit.coverage.gaps.iter().map(|g| (g.line, g.why.as_str())).collect();
        assert!(gaps.iter().any(|(at, why)| *at == line && why.contains(told)), "{text}: {gaps:?}");
        assert_ne!(audit.verdict, Verdict::Pass, "{text}");
    }
    for (text, told) in [
        (
            "[gate.rule]\nunpined-action = \"note\"\n",
            "custody.toml line 2: there is no rule `unpined-action`; did you mean `unpinned-action`?",
        ),
        (
            "[[waiver]]\nreason = \"x\"\nrule = \"unpined-action\"\n",
            "custody.toml line 3: there is no rule `unpined-action`",
        ),
        (
            "[gate.family]\npining = \"note\"\n",
            "custody.toml line 2: there is no family `pining`; did you mean `pinning`?",
        ),
    ] {
        let audit = audit(text);
        assert!(audit.coverage.unknown.iter().any(|unknown| unknown.contains(told)), "{:?}", audit.coverage.unknown);
        assert_ne!(audit.verdict, Verdict::Pass, "{text}");
    }
}

#[test]
fn the_schema_knows_the_keys_that_are_read() {
    let schema: serde_json::Value = serde_json::from_str(config::SCHEMA).expect("the schema is JSON");
    let keys_at = |pointer: &str| -> BTreeSet<String> {
        let found = schema.pointer(pointer).and_then(serde_json::Value::as_object);
        found.unwrap_or_else(|| panic!("nothing at {pointer}")).keys().cloned().collect()
    };
    for (table, keys) in config::keys() {
        let pointer = match table {
            "" => "/properties".to_owned(),
            "threshold" | "asset-licences" => format!("/$defs/{table}/properties"),
            "waiver" | "service" => format!("/properties/{table}/items/properties"),
            "sbom-component" => "/properties/sbom/properties/component/items/properties".to_owned(),
            "sbom-system" => "/properties/sbom/properties/system/properties".to_owned(),
            table => format!("/properties/{table}/properties"),
        };
        let keys: BTreeSet<String> = keys.into_iter().map(str::to_owned).collect();
        assert_eq!(keys_at(&pointer), keys, "{table}");
    }
}

#[test]
fn the_schema_takes_what_the_docs_show_and_refuses_unknown_keys() {
    let schema = serde_json::from_str(config::SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let whole = serde_json::json!({
        "extends": {"path": "policy/org.toml", "sha256": "0".repeat(64)},
        "gate": {
            "on-change": "new", "block": "high", "fixable-only": true,
            "family": {"advisories": "critical", "pinning": {"block": "high", "may-loosen": true}},
            "rule": {"unpinned-action": "advise"},
        },
        "waiver": [{"rule": "unpinned-action", "subject": "example/a", "reason": "ours", "until": "2027-01-31"}],
        "waivers": {"max-days": 90},
        "service": [{"name": "web", "paths": ["web/**"], "owner": "@web", "ships": ["web/Dockerfile"], "block": "medium"}],
        "roles": {"kit/**": "example"},
        "vex": {"files": ["vex/app.openvex.json"]},
        "index": [{"url": "https://proxy.example.com/simple", "mirror-of": "pypi"}],
        "actions": {"allow": ["example/*"]},
        "cooldown": {"days": 7},
    });
    let errors: Vec<String> = validator.iter_errors(&whole).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for pointer in
        ["", "/extends", "/gate", "/gate/family/pinning", "/waiver/0", "/waivers", "/service/0", "/vex", "/index/0"]
    {
        let mut broken = whole.clone();
        let table = broken.pointer_mut(pointer).and_then(serde_json::Value::as_object_mut).expect("a table");
        table.insert("unheard-of".to_owned(), serde_json::json!("x"));
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
    for broken in [
        serde_json::json!({"waiver": [{"rule": "a"}]}),
        serde_json::json!({"waiver": [{"reason": "a", "subject": "b"}]}),
        serde_json::json!({"waiver": [{"reason": "a", "rule": "*"}]}),
        serde_json::json!({"gate": {"rule": {"a": "advice"}}}),
        serde_json::json!({"gate": {"level": "note"}}),
        serde_json::json!({"roles": {"a": "docs"}}),
    ] {
        assert!(!validator.is_valid(&broken), "{broken}");
    }
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid \
                       sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// What is told of licences, as rule, name and path.
fn licences(custody: &str, files: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("custody.toml", custody)]).collect();
    let audit = common::audit(&all);
    let found = audit.findings.iter().filter(|finding| finding.family == "licences");
    let name = |finding: &Finding| finding.subject.as_ref().map_or_else(String::new, |subject| subject.name.clone());
    found.map(|finding| (finding.rule.clone(), name(finding), finding.path.clone())).collect()
}

fn told(rule: &str, name: &str, path: &str) -> Vec<(String, String, String)> {
    vec![(rule.to_owned(), name.to_owned(), path.to_owned())]
}

#[test]
fn a_licence_of_weights_is_that_of_the_card_beside_them() {
    let with = |head: &str| format!("---\n{head}\n---\n# Chat\n");
    let (weights, card) = ("models/chat/model.safetensors", "models/chat/README.md");
    let allow = "[licences.models]\nallow = [\"mit\"]\n";
    let deny = "[licences.models]\ndeny = [\"cc-by-nc-*\"]\n";
    let required = "[licences.models]\nallow = [\"mit\"]\nrequired = true\n";
    let denied = |path| told("denied-model-licence", "models/chat", path);
    let unknown = |path| told("unknown-model-licence", "models/chat", path);
    for (custody, head, wanted) in [
        (deny, "license: cc-by-nc-4.0", denied(card)),
        (deny, "license: mit", vec![]),
        (allow, "license: mit\nlicense_name: llama3", denied(card)),
        (allow, "license: unlicensed", denied(card)),
        (allow, "license: other", denied(card)),
        (allow, "license: other\nlicense_name: llama3", denied(card)),
        (allow, "license: [mit, agpl-3.0]", denied(card)),
        (required, "license: other", unknown(card)),
        (required, "license: unknown", unknown(card)),
        (required, "license: none", unknown(card)),
        (required, "license: unlicensed", unknown(card)),
        (required, "license: null\ntags: [a]", unknown(weights)),
        (required, "license: ''\ntags: [a]", unknown(weights)),
        (required, "license: {id: cc-by-nc-4.0}", unknown(weights)),
        (required, "License: cc-by-nc-4.0", unknown(weights)),
        (required, "tags: [a]", unknown(weights)),
        (required, "license: mit", vec![]),
    ] {
        assert_eq!(licences(custody, &[(weights, POINTER), (card, &with(head))]), wanted, "{head} {custody}");
    }
    // Parts of a model lie in folders below its card, and a card of data may state nothing.
    let (unet, part) = (with("license: mit\npipeline_tag: text-to-image"), "models/chat/unet/model.safetensors");
    assert_eq!(licences(required, &[(weights, POINTER), (card, &unet), (part, POINTER)]), []);
    let data = "[licences.datasets]\nrequired = true\n";
    let found = licences(data, &[("data/qa/README.md", &with("task_categories: [question-answering]"))]);
    assert_eq!(found, told("unknown-model-licence", "data/qa", "data/qa/README.md"));
    // Without weights beside it a head may be that of anything.
    assert_eq!(licences(deny, &[("docs/README.md", &with("license: cc-by-nc-4.0"))]), []);
    // A person answers for what nobody states, and the answer is held against the lists.
    for (pattern, licence, wanted) in [
        ("models/chat", "mit", vec![]),
        ("chat", "MIT", vec![]),
        ("*", "agpl-3.0", denied(weights)),
        ("other", "mit", unknown(weights)),
    ] {
        let stated = format!("{required}[[sbom.component]]\nmatch = \"{pattern}\"\nlicence = \"{licence}\"\n");
        let found = licences(&stated, &[(weights, POINTER), (card, &with("tags: [a]"))]);
        assert_eq!(found, wanted, "{pattern} {licence}");
    }
}

#[test]
fn a_repository_is_asked_for_its_licence_once() {
    let code = "from transformers import AutoModel, AutoTokenizer\nAutoTokenizer.from_pretrained(\"orion/chat\")\n\
                AutoModel.from_pretrained(\"orion/chat\")\n";
    let required = "[licences.models]\nrequired = true\n";
    let found = licences(required, &[("serve.py", code)]);
    assert_eq!(found.len(), 1, "{found:?}");
    for pattern in ["orion/chat", "orion/*", "pkg:huggingface/orion/chat*"] {
        let stated = format!("{required}[[sbom.component]]\nmatch = \"{pattern}\"\nlicence = \"mit\"\n");
        assert_eq!(licences(&stated, &[("serve.py", code)]), [], "{pattern}");
    }
}
