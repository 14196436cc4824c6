//! Audits built by hand, for tests of reports and schemas.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::expect_used, reason = "helpers of tests; a failure is a failed test")]

mod gates;

use std::collections::BTreeMap;

use cargo_custody::audit::{
    Audit, Coverage, CoveredFile, Decision, Excerpt, Finding, Gap, Group, Knowledge, KnowledgeSource, Level,
    LockEvidence, NotAuditable, Passed, Related, Replacement, RuleInfo, SCHEMA, Spot, State, Status, Step, Tool,
    Verdict,
};
use cargo_custody::diag::fingerprint::{Identity, of_identity};
use cargo_custody::diag::{Confidence, Impact, Severity, Subject, Topic};
use cargo_custody::report::{Format, Options, render};
use cargo_custody::source::Role;

pub use gates::{forced, gate, old_and_new, quiet};

/// What somebody might write into a file to talk to a terminal, a runner, a page or a person.
pub const HOSTILE: &str = "\u{1b}[31mred\u{1b}[0m\n::error::boo\r\n##[add-mask]boo ]]> | `tick` ``` @someone @org/team #12 [x](https://example.com) ![i](https://example.com/i.png) <script>alert(1)</script> $a$ ${{ secrets.T }} \u{202e}txt\u{2028}\u{200b}www.example.com";
/// A path that begins as a workflow command does once its line is trimmed.
pub const HOSTILE_PATH: &str = "::error title=x::dir/@a|b`c](d) e.yml";

/// An audit of an empty tree.
pub fn empty() -> Audit {
    Audit {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "cargo-custody".to_owned(), version: "0.0.0-test".to_owned() },
        name: Some("server".to_owned()),
        prefix: String::new(),
        known_as: None,
        commit: None,
        policy: "built-in policy".to_owned(),
        policy_digest: "a".repeat(64),
        verdict: Verdict::Pass,
        complete: true,
        gate: None,
        services: Vec::new(),
        findings: Vec::new(),
        groups: Vec::new(),
        good: Vec::new(),
        coverage: Coverage::default(),
        knowledge: Knowledge {
            index: "embedded".to_owned(),
            digest: "0123456789abcdef".repeat(4),
            today: "2026-08-22".to_owned(),
            sources: Vec::new(),
            online: false,
            registries: None,
        },
        rules: Vec::new(),
        excerpts: Vec::new(),
    }
}

/// A finding that nothing special is known of.
pub fn finding(rule: &str, severity: Severity, decision: Decision, path: &str, line: u32) -> Finding {
    let identity = Identity { rule, topic: "", path, subject: "step", anchor: "", content: "x" };
    Finding {
        rule: rule.to_owned(),
        family: "pinning".to_owned(),
        severity,
        confidence: Confidence::High,
        role: Role::Ci,
        shown: decision != Decision::Note,
        decision,
        because: None,
        message: format!("`example/upload@v{line}` can be moved"),
        path: path.to_owned(),
        line,
        column: 15,
        end_line: line,
        end_column: 32,
        label: format!("example/upload@v{line}"),
        inner_path: None,
        offset: None,
        places: vec![Spot { path: path.to_owned(), line }],
        related: Vec::new(),
        subject: None,
        advisory: None,
        service: None,
        owner: None,
        waiver: None,
        waived_by: None,
        waived_at: None,
        stance: None,
        evidence: Vec::new(),
        impact: None,
        route: Vec::new(),
        fix: vec![Replacement {
            path: path.to_owned(),
            line,
            column: 7,
            end_line: line,
            end_column: 9,
            text: "0123456789012345678901234567890123456789 # v4".to_owned(),
        }],
        advice: vec!["pin it to a commit".to_owned()],
        fingerprint: of_identity(identity).to_string(),
        kin: of_identity(identity).kin,
        parts: Vec::new(),
        state: State::Existing,
        alone: None,
    }
}

fn group(decision: Decision, title: &str, findings: &[usize]) -> Group {
    Group {
        decision,
        title: title.to_owned(),
        lines: Vec::new(),
        fix: Some("pin it to a commit".to_owned()),
        findings: findings.to_vec(),
    }
}

fn file(path: &str, status: Status, why: Option<&str>, role: Role, counts: bool) -> CoveredFile {
    CoveredFile {
        path: path.to_owned(),
        reader: "workflow".to_owned(),
        status,
        why: why.map(str::to_owned),
        role,
        counts,
    }
}

/// An audit that has everything: it fails and is incomplete, and strangers wrote into it.
pub fn rich() -> Audit {
    let workflow = ".github/workflows/release.yml";
    let mut block = finding("unpinned-action", Severity::High, Decision::Block, workflow, 12);
    block.impact = Some(Impact::ReachesSecrets);
    block.because = Some(Impact::ReachesSecrets.as_str().to_owned());
    block.places.push(Spot { path: ".github/workflows/ci.yml".to_owned(), line: 30 });
    block.related.push(Related { path: workflow.to_owned(), line: 3, why: "the token may write here".to_owned() });
    block.route = vec![
        Step { text: "schedule".to_owned(), path: Some(workflow.to_owned()), line: Some(2) },
        Step { text: "job publish".to_owned(), path: None, line: None },
    ];
    block.subject = Some(Subject {
        kind: "action".to_owned(),
        name: "example/upload".to_owned(),
        version: Some("v12".to_owned()),
        purl: Some("pkg:githubactions/example/upload@v12".to_owned()),
    });

    let mut hostile = finding("unpinned-action", Severity::Medium, Decision::Block, HOSTILE_PATH, 1);
    hostile.message = HOSTILE.to_owned();
    hostile.label = HOSTILE.to_owned();
    hostile.because = Some("reaches a release".to_owned());
    hostile.advice = vec![HOSTILE.to_owned()];
    hostile.evidence = vec![HOSTILE.to_owned()];
    hostile.route = vec![Step { text: HOSTILE.to_owned(), path: Some(HOSTILE_PATH.to_owned()), line: Some(9) }];
    hostile.related = vec![Related { path: HOSTILE_PATH.to_owned(), line: 2, why: HOSTILE.to_owned() }];
    hostile.subject = Some(Subject {
        kind: "action".to_owned(),
        name: HOSTILE.to_owned(),
        version: Some(HOSTILE.to_owned()),
        purl: Some(HOSTILE.to_owned()),
    });
    hostile.end_line = 4;
    hostile.end_column = 2;

    let advisory = |id: &str, name: &str, score: Option<f64>, line: u32| {
        let mut f = finding("vulnerable-crate", Severity::High, Decision::Advise, "Cargo.toml", line);
        let identity =
            Identity { rule: &f.rule, topic: id, path: &f.path, subject: name, anchor: "", content: "0.14.2" };
        f.fingerprint = of_identity(identity).to_string();
        f.family = "advisories".to_owned();
        f.confidence = Confidence::Medium;
        f.role = Role::Product;
        f.message = format!("{name} 0.14.2 is affected by {id}");
        f.label = format!("{name} = \"0.14\"");
        f.related = vec![Related {
            path: "Cargo.lock".to_owned(),
            line: line + 100,
            why: format!("{name} 0.14.2 is locked here"),
        }];
        f.subject = Some(Subject {
            kind: "crate".to_owned(),
            name: name.to_owned(),
            version: Some("0.14.2".to_owned()),
            purl: Some(format!("pkg:cargo/{name}@0.14.2")),
        });
        f.advisory = Some(Topic {
            id: id.to_owned(),
            aliases: vec!["CVE-2099-0001".to_owned()],
            score,
            fixed: vec![">=0.14.10".to_owned()],
            upgrade: Some("0.14.10".to_owned()),
            title: None,
        });
        f.route =
            vec![Step { text: "crate server 0.1.0".to_owned(), path: Some("Cargo.toml".to_owned()), line: Some(1) }];
        f.advice = vec![format!("upgrade: cargo update -p {name} --precise 0.14.10")];
        f
    };
    let one = advisory("RUSTSEC-2099-0001", "hyper", Some(9.1), 10);
    let mut two = advisory("RUSTSEC-2099-0002", "hyper", None, 10);
    two.severity = Severity::Medium;
    let mut note = finding("floating-toolchain", Severity::Low, Decision::Note, "rust-toolchain.toml", 2);
    note.role = Role::Development;
    note.family = "pinning".to_owned();
    note.message = "the toolchain `stable` moves".to_owned();

    let mut audit = empty();
    audit.commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
    audit.verdict = Verdict::Fail;
    audit.complete = false;
    audit.findings = vec![block, hostile, one, two, note];
    audit.groups = vec![
        group(Decision::Block, "2 uses of actions can be moved", &[0, 1]),
        Group {
            decision: Decision::Advise,
            title: "Cargo.lock: 2 advisories in 1 crate, 1 without a score".to_owned(),
            lines: vec!["hyper 0.14.2 (2)".to_owned(), HOSTILE_PATH.to_owned()],
            fix: Some("1 upgrade clears 2: hyper to 0.14.10".to_owned()),
            findings: vec![2, 3],
        },
    ];
    audit.good = vec!["all 214 registry crates of 1 lock carry a checksum".to_owned()];
    audit.coverage = Coverage {
        unknown_before: Vec::new(),
        files: vec![
            file(".github/workflows/release.yml", Status::Read, None, Role::Ci, true),
            file(HOSTILE_PATH, Status::Partial, Some("2 places could not be read"), Role::Ci, true),
            file("Cargo.lock", Status::Read, None, Role::Product, true),
            file("crates/a/Cargo.toml", Status::Unread, Some("larger than 16 MiB"), Role::Product, true),
            file("tests/fixtures/bad/Cargo.toml", Status::Unread, Some("not UTF-8"), Role::Fixture, false),
            file("vendor/x/Cargo.toml", Status::Skipped, Some("a copy that nothing reaches"), Role::Vendored, false),
        ],
        out_of_scope: BTreeMap::from([("Nix".to_owned(), 1), ("Python".to_owned(), 12)]),
        passed_over: vec![
            Passed { path: "target/".to_owned(), why: "ignored by git".to_owned(), counts: false },
            Passed { path: "third/".to_owned(), why: "a submodule that is not checked out".to_owned(), counts: true },
        ],
        gaps: vec![
            Gap { path: HOSTILE_PATH.to_owned(), line: 7, why: HOSTILE.to_owned(), counts: true, lost: None },
            Gap { path: HOSTILE_PATH.to_owned(), line: 8, why: "a key twice".to_owned(), counts: true, lost: None },
        ],
        unknown: vec!["example/upload: not in the index".to_owned()],
        not_auditable: vec![NotAuditable {
            what: "from an index that is not PyPI".to_owned(),
            count: 3,
            names: vec!["internal-client".to_owned(), HOSTILE.to_owned()],
            because: Some(Spot { path: HOSTILE_PATH.to_owned(), line: 9 }),
            hint: Some(HOSTILE.to_owned()),
        }],
        evidence: vec![LockEvidence { path: "Cargo.lock".to_owned(), rests_on: Level::LockAndManifests }],
        asked_cargo: false,
    };
    audit.knowledge.sources = vec![KnowledgeSource {
        ecosystem: "crates.io".to_owned(),
        name: "rustsec/advisory-db".to_owned(),
        commit: "89abcdef".to_owned(),
        as_of: "2026-04-21".to_owned(),
        age_days: 123,
        records: 1021,
    }];
    let page = |id: &str| {
        format!("# {id}\n\n## What it reports\n\nSomething that\ncan be moved.\n\n## Why it matters\n\nIt moves.\n")
    };
    audit.rules = [
        ("floating-toolchain", Severity::Low),
        ("unpinned-action", Severity::High),
        ("vulnerable-crate", Severity::High),
    ]
    .map(|(id, severity)| RuleInfo {
        id: id.to_owned(),
        family: if id == "vulnerable-crate" { "advisories" } else { "pinning" }.to_owned(),
        title: id.replace('-', " "),
        severity,
        page: page(id),
    })
    .to_vec();
    audit.excerpts = vec![
        Excerpt {
            path: workflow.to_owned(),
            start: 11,
            lines: vec![
                "    steps:".to_owned(),
                "      - uses: example/upload@v12".to_owned(),
                format!("      # {HOSTILE}"),
            ],
        },
        Excerpt { path: HOSTILE_PATH.to_owned(), start: 1, lines: vec![HOSTILE.to_owned()] },
    ];
    audit
}

/// Nothing found, but something could not be read.
pub fn incomplete() -> Audit {
    let mut audit = rich();
    audit.verdict = Verdict::Incomplete;
    audit.findings.clear();
    audit.groups.clear();
    audit.rules.clear();
    audit.excerpts.clear();
    audit
}

/// A rule of ours failed: incomplete, and no file is to blame.
pub fn failed_rule() -> Audit {
    let mut audit = empty();
    audit.verdict = Verdict::Incomplete;
    audit.complete = false;
    audit.coverage.unknown = vec!["rule unpinned-action failed: a bug of cargo-custody".to_owned()];
    audit
}

/// Many findings, all in groups of two.
pub fn many(findings: u32) -> Audit {
    let mut audit = empty();
    audit.verdict = Verdict::Fail;
    let decision = |n: u32| match n * 3 / findings {
        0 => Decision::Block,
        1 => Decision::Advise,
        _ => Decision::Note,
    };
    audit.findings = (0..findings)
        .map(|n| {
            let mut f = finding(
                "unpinned-action",
                Severity::Medium,
                decision(n),
                &format!(".github/workflows/{}.yml", n / 7),
                n + 1,
            );
            f.message = format!("{n} {HOSTILE}");
            f
        })
        .collect();
    let mut open: Vec<usize> = Vec::new();
    for index in 0..audit.findings.len() {
        let of = audit.findings[index].decision;
        open.push(index);
        let ends = audit.findings.get(index + 1).is_none_or(|next| next.decision != of);
        if open.len() == 2 || ends {
            let members = std::mem::take(&mut open);
            if of != Decision::Note {
                audit.groups.push(group(of, &format!("group {} {HOSTILE}", audit.groups.len()), &members));
            }
        }
    }
    audit
}

/// Every audit above, by name.
pub fn all() -> Vec<(&'static str, Audit)> {
    vec![
        ("empty", empty()),
        ("rich", rich()),
        ("incomplete", incomplete()),
        ("failed rule", failed_rule()),
        ("many", many(400)),
        ("gate", gate()),
        ("forced", forced()),
        ("quiet", quiet()),
        ("old and new", old_and_new(90)),
    ]
}

/// A report as text.
pub fn report(audit: &Audit, format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    render(audit, format, options, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}
