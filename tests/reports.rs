//! Reports as a whole: what they look like, what they may never do, and the limits they keep.

#![allow(clippy::expect_used, reason = "a failure is a failed test")]

mod common;
mod support;

use cargo_custody::audit::{Audit, Decision, Status};
use cargo_custody::report::{COMMENT_MARKER, Format, Options};
use serde_json::Value;
use support::{HOSTILE, HOSTILE_PATH, all, empty, failed_rule, forced, gate, incomplete, many, quiet, report, rich};

fn plain(audit: &Audit, format: Format) -> String {
    report(audit, format, &Options::default())
}

fn sarif(audit: &Audit) -> Value {
    serde_json::from_str(&plain(audit, Format::Sarif)).expect("JSON")
}

#[test]
fn terminal() {
    let screen = Options { width: Some(100), as_cargo: true, ..Options::default() };
    insta::assert_snapshot!("terminal", report(&rich(), Format::Terminal, &screen));
    let known = vec![(r"[0-9a-f]{32}:[0-9a-f]{16}", "[fingerprint]")];
    insta::with_settings!({ filters => known }, {
        let whole = Options { all: true, snippets: true, ..screen };
        insta::assert_snapshot!("terminal_all", report(&rich(), Format::Terminal, &whole));
        insta::assert_snapshot!("terminal_gate_all", report(&gate(), Format::Terminal, &whole));
    });
    insta::assert_snapshot!("terminal_empty", report(&empty(), Format::Terminal, &screen));
    insta::assert_snapshot!("terminal_failed_rule", report(&failed_rule(), Format::Terminal, &screen));
    insta::assert_snapshot!("terminal_gate", report(&gate(), Format::Terminal, &screen));
    insta::assert_snapshot!("terminal_forced", report(&forced(), Format::Terminal, &screen));
    insta::assert_snapshot!("terminal_quiet", report(&quiet(), Format::Terminal, &screen));
    let colour = report(&rich(), Format::Terminal, &Options { colour: true, ..screen });
    insta::assert_snapshot!("terminal_colour", colour.replace('\u{1b}', "<ESC>"));
}

#[test]
fn github() {
    insta::assert_snapshot!("github", plain(&rich(), Format::Github));
    insta::assert_snapshot!("github_gate", plain(&gate(), Format::Github));
    insta::assert_snapshot!("github_forced", plain(&forced(), Format::Github));
    insta::assert_snapshot!("github_incomplete", plain(&incomplete(), Format::Github));
    insta::assert_snapshot!("github_empty", plain(&empty(), Format::Github));
}

#[test]
fn markdown() {
    insta::assert_snapshot!("markdown", plain(&rich(), Format::Markdown));
    insta::assert_snapshot!("markdown_gate", plain(&gate(), Format::Markdown));
    insta::assert_snapshot!("comment_forced", plain(&forced(), Format::Comment));
    insta::assert_snapshot!("markdown_incomplete", plain(&incomplete(), Format::Markdown));
    insta::assert_snapshot!("markdown_empty", plain(&empty(), Format::Markdown));
}

#[test]
fn code_scanning() {
    // Compact in life; laid out here for the reader.
    let laid_out = |audit: &Audit, format| {
        let value: Value = serde_json::from_str(&plain(audit, format)).expect("JSON");
        serde_json::to_string_pretty(&value).expect("JSON")
    };
    // What a fingerprint is made of is not the business of this test.
    insta::with_settings!({ filters => vec![
        (r"[0-9a-f]{32}:[0-9a-f]{16}", "[fingerprint]"),
        (r"[0-9a-f]{16}:(\d)", "[hash]:$1"),
        (r"custody/v\d", "custody/[scheme]"),
    ] }, {
        insta::assert_snapshot!("sarif", laid_out(&rich(), Format::Sarif));
        insta::assert_snapshot!("sarif_gate", laid_out(&gate(), Format::Sarif));
    });
}

/// A report of a saved audit is the report.
#[test]
fn saving_loses_nothing() {
    for (name, audit) in all() {
        let saved: Audit = serde_json::from_str(&plain(&audit, Format::Json)).expect("an audit");
        for (format, _) in Format::ALL {
            let format = Format::find(format).expect("a format");
            for options in [Options::default(), Options { all: true, snippets: true, ..Options::default() }] {
                assert_eq!(report(&audit, format, &options), report(&saved, format, &options), "{name} {format:?}");
            }
        }
    }
}

#[test]
fn every_format_counts_the_same() {
    for (name, audit) in all() {
        let [block, advise, note] =
            [Decision::Block, Decision::Advise, Decision::Note].map(|d| audit.decided(d).count());
        let json: Value = serde_json::from_str(&plain(&audit, Format::Json)).expect("JSON");
        assert_eq!(json["findings"].as_array().map(Vec::len), Some(block + advise + note), "{name}");
        let run = &sarif(&audit)["runs"][0];
        let fixed = audit.gate.as_ref().map_or(0, |gate| gate.fixed.len());
        assert_eq!(run["results"].as_array().map(Vec::len), Some(block + advise + note + fixed), "{name}");
        let counts = &run["properties"]["findings"];
        assert_eq!(
            [&counts["block"], &counts["advise"], &counts["note"]].map(Value::as_u64),
            [block, advise, note].map(|n| Some(n as u64))
        );
        let says = |format, words: String| {
            let text = plain(&audit, format);
            assert!(text.contains(&words), "{name} {format:?}: {words} in {text}");
        };
        says(Format::Github, format!("{block} block, {advise} advise, {note} note"));
        says(Format::Markdown, format!("**{block} block** (built-in policy) · **{advise} advise** · {note} note"));
        // The screen counts its own lines, and says how many findings they stand for.
        let [blocking, advising] =
            [Decision::Block, Decision::Advise].map(|d| audit.groups.iter().filter(|g| g.decision == d).count());
        says(Format::Terminal, format!("{blocking} block (built-in policy) · {advising} advise"));
        match audit.findings.len() {
            0 => {}
            1 => says(Format::Terminal, "1 finding".to_owned()),
            n => says(Format::Terminal, format!("{n} findings")),
        }
        let full = report(&audit, Format::Terminal, &Options { all: true, ..Options::default() });
        assert!(full.contains(&format!("{block} block (built-in policy) · {advise} advise · {note} note")), "{full}");
        assert_eq!(full.lines().filter(|l| l.contains(" severity, ")).count(), audit.findings.len(), "{name}");
    }
}

#[test]
fn thirty_thousand_findings_keep_the_limits() {
    let audit = many(30_000);
    let run = &sarif(&audit)["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 5000);
    assert!(results.iter().all(|r| r["properties"]["decision"] == "block"));
    assert_eq!(run["properties"]["findings"]["leftOut"], 25_000);
    let notice = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
    assert!(notice.is_some_and(|t| t.starts_with("25000 results left out")), "{notice:?}");

    let text = plain(&audit, Format::Github);
    for level in ["error", "warning", "notice"] {
        assert!(text.lines().filter(|l| l.starts_with(&format!("::{level} "))).count() <= 10);
    }
    // 10,000 of each decision; notes are not shown.
    assert!(text.ends_with("; 19980 more findings not annotated\n"), "{:?}", text.lines().last());

    let page = plain(&audit, Format::Markdown);
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(page.contains("The table was cut") && page.contains("The list was cut"));
    assert!(page.ends_with("</details>\n"));
}

/// A finding with very many places does not make a result beyond the limit.
#[test]
fn places_keep_the_limits() {
    let mut audit = rich();
    let place = audit.findings[0].places[0].clone();
    audit.findings[0].places = vec![place; 3000];
    let result = &sarif(&audit)["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(99));
    assert_eq!(result["properties"]["placesLeftOut"], 2999 + 1 + 1 - 99);
}

#[test]
fn coverage_keeps_the_limits() {
    let mut audit = incomplete();
    let gap = audit.coverage.gaps[0].clone();
    audit.coverage.gaps = vec![gap; 20_000];
    assert!(plain(&audit, Format::Markdown).len() < 1 << 20);
    let text = plain(&audit, Format::Github);
    assert_eq!(text.lines().count(), 1 + 10 + 1, "{text}");
    let run = &sarif(&audit)["runs"][0];
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().map(Vec::len), Some(1000));
}

#[test]
fn the_first_screen_stays_a_screen() {
    for findings in [1, 3, 12, 30, 60, 600] {
        let mut audit = many(findings);
        audit.coverage = rich().coverage;
        audit.complete = false;
        audit.good = rich().good;
        for (colour, width) in [(false, None), (true, Some(80)), (false, Some(80)), (true, None)] {
            let text = report(&audit, Format::Terminal, &Options { colour, width, ..Options::default() });
            assert!(text.lines().count() <= 40, "{findings} findings: {} lines\n{text}", text.lines().count());
            let shown = text.lines().filter(|l| l.contains("group ")).count();
            let more: usize = text
                .lines()
                .filter_map(|l| {
                    l.trim_start().strip_prefix("and ")?.split_once(" more groups")?.0.parse::<usize>().ok()
                })
                .sum();
            assert_eq!(shown + more, audit.groups.len(), "{findings} findings\n{text}");
            assert_eq!(text.contains('\u{1b}'), colour);
        }
    }
}

/// What a stranger wrote commands neither a terminal nor a runner, in no format that is meant for a log.
#[test]
fn strangers_command_nothing() {
    for (name, audit) in all() {
        // The contracts are for programs, which get the texts as they are.
        for (_, format) in Format::ALL.iter().filter(|(_, f)| !matches!(f, Format::Json | Format::Jsonl)) {
            let format = *format;
            for options in [Options::default(), Options { all: true, snippets: true, ..Options::default() }] {
                let text = report(&audit, format, &options);
                for line in text.lines() {
                    let own = ["::error ", "::warning ", "::notice "]
                        .iter()
                        .any(|c| format == Format::Github && line.starts_with(c));
                    assert!(own || !line.trim_start().starts_with("::"), "{name} {format:?}: {line}");
                    assert!(!line.contains("##["), "{name} {format:?}: {line}");
                }
                let hidden =
                    |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2028}' | '\u{200b}');
                assert!(!text.contains(hidden), "{name} {format:?}");
            }
        }
    }
}

#[test]
fn a_page_is_inert() {
    for (name, audit) in all() {
        let page = plain(&audit, Format::Markdown);
        let comment = plain(&audit, Format::Comment);
        let (marker, comment) = comment.split_once('\n').expect("two lines");
        assert_eq!(marker, COMMENT_MARKER);
        let page = format!("{page}{comment}");
        for (at, _) in page.match_indices('<') {
            let own = ["<br>", "<details>", "</details>", "<summary>", "</summary>"]
                .iter()
                .any(|tag| page[at..].starts_with(tag));
            assert!(own, "{name}: {}", page[at..].lines().next().unwrap_or(""));
        }
        for raw in ["https://", "@someone", "www.", "$"] {
            assert!(!page.contains(raw), "{name}: {raw}");
        }
        // Without what a backslash makes plain, no mark of a link or of code is left.
        let mut bare = String::new();
        let mut chars = page.chars();
        while let Some(c) = chars.next() {
            if c == '\\' {
                chars.next();
            } else {
                bare.push(c);
            }
        }
        assert!(!bare.contains(['[', ']', '`']), "{name}: {bare}");
        for row in bare.lines().filter(|l| l.starts_with("| ")) {
            assert_eq!(row.matches('|').count(), 6, "{name}: {row}");
        }
    }
}

#[test]
fn alerts_keep_their_identity() {
    let hashes = |audit: &Audit| -> Vec<String> {
        let run = &sarif(audit)["runs"][0];
        let results = run["results"].as_array().expect("results").clone();
        results
            .iter()
            .map(|r| r["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a hash").to_owned())
            .collect()
    };
    let before = rich();
    let mut after = rich();
    for finding in &mut after.findings {
        finding.line += 3;
        finding.end_line += 3;
        // The content changed, the identity did not.
        let (identity, _) = finding.fingerprint.split_once(':').expect("two halves");
        finding.fingerprint = format!("{identity}:{}", "0".repeat(16));
    }
    for ((finding, old), new) in before.findings.iter().zip(hashes(&before)).zip(hashes(&after)) {
        // Advisories stay known over an upgrade that does not cure them; the rest is new.
        assert_eq!(old == new, finding.advisory.is_some(), "{}", finding.message);
    }
    let mut twice = rich();
    twice.findings = vec![before.findings[0].clone(), before.findings[0].clone()];
    let same = hashes(&twice);
    assert!(same[0].ends_with(":1") && same[1].ends_with(":2"), "{same:?}");
}

#[test]
fn sarif_points_into_the_tree() {
    let log = sarif(&rich());
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: Vec<&str> = rules.iter().filter_map(|r| r["id"].as_str()).collect();
    assert_eq!(ids, ["unpinned-action", "RUSTSEC-2099-0001", "RUSTSEC-2099-0002", "floating-toolchain"]);
    let severity: Vec<&str> = rules.iter().filter_map(|r| r["properties"]["security-severity"].as_str()).collect();
    assert_eq!(severity, ["8.0", "9.1", "5.5", "3.0"]);
    for result in run["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a place");
        assert!(!uri.starts_with('/') && !uri.contains([':', ' ', '|', '`']), "{uri}");
    }
    let lost = rich().coverage.files.iter().filter(|f| matches!(f.status, Status::Partial | Status::Unread)).count();
    let notices = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notices");
    // Files, gaps, the folder that counts, and what is unknown.
    assert_eq!(notices.len(), lost + 2 + 1 + 1);
    assert!(HOSTILE_PATH.starts_with("::"));
}

/// A saved audit may say anything; titles are the newest text of strangers in it.
#[test]
fn titles_are_shown_and_obeyed_by_nobody() {
    let mut audit = rich();
    audit.findings.retain(|f| f.advisory.is_some());
    audit.groups.clear();
    for finding in &mut audit.findings {
        finding.decision = Decision::Block;
        if let Some(topic) = &mut finding.advisory {
            topic.title = Some(format!("Overflow {HOSTILE}"));
        }
    }
    assert!(!audit.findings.is_empty());
    for (name, format) in Format::ALL {
        let shown = report(&audit, *format, &Options { all: true, ..Options::default() });
        // A line for a finding has no room for it, and a statement names a flaw by its id.
        let has_room = !matches!(format, Format::Concise | Format::OpenVex | Format::CycloneDxVex);
        assert!(shown.contains("Overflow") || !has_room, "{name} does not show it");
        if matches!(format, Format::Json | Format::Jsonl) {
            continue;
        }
        for raw in ["\u{1b}[31m", "\u{202e}", "\u{2028}", "\u{200b}", "##[add-mask]"] {
            assert!(!shown.contains(raw), "{name} lets {raw:?} through");
        }
        assert!(!shown.contains("\n::error::boo"), "{name} starts a command");
        if *format == Format::Markdown {
            for live in ["<script>", "![i](https", " @someone"] {
                assert!(!shown.contains(live), "{name} lets {live} through");
            }
        }
    }
}

#[test]
fn what_a_comment_excuses_is_counted_and_told() {
    let step = |comment: &str| {
        format!(
            "on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/upload@v2{comment}\n"
        )
    };
    let audit = |comment: &str| common::audit(&[(".github/workflows/a.yml", &step(comment))]);
    let excused = audit(" # custody: ignore[unpinned-action] -- ours");
    let screen = report(&excused, Format::Terminal, &Options::default());
    assert!(screen.contains("Excused: 1 finding by comments in the files"), "{screen}");
    let all = report(&excused, Format::Terminal, &Options { all: true, ..Options::default() });
    assert!(all.contains("ignored in .github/workflows/a.yml line 7: ours"), "{all}");
    assert!(report(&excused, Format::Markdown, &Options::default()).contains("Excused: 1 finding"));
    let sarif = sarif(&excused);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let of_rule = results.iter().find(|r| r["ruleId"].as_str().is_some_and(|id| id.contains("unpinned-action")));
    let suppression = &of_rule.expect("it is told")["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["justification"], "ignored in .github/workflows/a.yml line 7: ours");
    assert!(!report(&audit(""), Format::Terminal, &Options::default()).contains("Excused"));
}
