//! JUnit XML, which every CI shows: a suite for every family of rules, a test for every rule and file, and a suite
//! for the coverage, in which what could not be read is an error and not a failure.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::escape::{shorten, xml as clean};
use super::excused::is_excused;
use super::gate;
use super::tally::{Tally, count, missing, published_title, route, word};
use crate::audit::{Audit, Decision, Finding};

/// Characters of a message: ours.
const MESSAGE: usize = 1000;
/// Characters that a test says in all: ours.
const TEXT: usize = 20_000;
/// Name of the suite of what was read.
const COVERAGE: &str = "coverage";

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("cargo-custody");
    let mut families: BTreeMap<&str, BTreeMap<(&str, &str), Vec<&Finding>>> = BTreeMap::new();
    for finding in &audit.findings {
        let cases = families.entry(&finding.family).or_default();
        cases.entry((&finding.rule, &finding.path)).or_default().push(finding);
    }
    for (family, cases) in families {
        let mut suite = TestSuite::new(clean(family));
        properties(audit, &mut suite);
        suite.add_test_cases(cases.into_iter().map(|((rule, path), findings)| case(rule, path, &findings)));
        report.add_test_suite(suite);
    }
    report.add_test_suite(coverage(audit));
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// What the whole rests on. Suites have properties and the report has none.
fn properties(audit: &Audit, suite: &mut TestSuite) {
    let mut add = |name: &str, value: &str| {
        suite.add_property(Property::new(name, shorten(&clean(value), MESSAGE)));
    };
    add("verdict", audit.judged().as_str());
    add("exit-code", &audit.exit_code().to_string());
    add("policy", &audit.policy);
    if let Some(of) = &audit.gate {
        add("compared", &gate::compared(of));
        add("states", &gate::counts(audit, of));
        if let Some(words) = gate::forced(of) {
            add("forced", &words);
        }
    }
}

/// It fails where one of its findings blocks, and is skipped where all are excused. What advises and what is noted
/// is told as output of a test that passes.
fn case(rule: &str, path: &str, findings: &[&Finding]) -> TestCase {
    let blocking: Vec<&Finding> = findings.iter().copied().filter(|f| f.decision == Decision::Block).collect();
    let excused = findings.iter().filter(|f| is_excused(f)).count();
    let status = if let Some(first) = blocking.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let more = blocking.len() - 1;
        let more = if more > 0 { format!(", and {more} more here") } else { String::new() };
        status.set_message(format!("{}{more}", shorten(&clean(&first.message), MESSAGE)));
        status.set_type(clean(first.because.as_deref().unwrap_or("blocks")));
        status.set_description(told(&blocking));
        status
    } else if excused == findings.len() {
        let mut status = TestCaseStatus::skipped();
        let why = findings.iter().find_map(|f| f.waiver.as_deref()).unwrap_or("excused");
        status.set_message(shorten(&clean(why), MESSAGE));
        status
    } else {
        TestCaseStatus::success()
    };
    let passes = matches!(status, TestCaseStatus::Success { .. });
    let mut case = TestCase::new(format!("{} in {}", clean(rule), clean(path)), status);
    case.set_classname(clean(rule));
    // GitLab and others link the test to it.
    case.extra.insert("file".into(), clean(path).into());
    if passes {
        case.set_system_out(told(findings));
    }
    case
}

fn told(findings: &[&Finding]) -> String {
    let mut out = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let decision = match finding.decision {
            Decision::Block => "blocks",
            Decision::Advise => "advises",
            Decision::Note => "note",
        };
        let mut entry = format!(
            "{}:{}:{}: {} ({}, {decision})\n",
            clean(&finding.path),
            finding.line,
            finding.column,
            clean(&finding.message),
            finding.severity.as_str()
        );
        entry.extend(published_title(finding).map(|title| format!("  {}\n", clean(title))));
        entry.extend(gate::remark(finding).map(|remark| format!("  {remark}\n")));
        entry.extend(route(finding).map(|route| format!("  {}\n", clean(&route))));
        entry.extend(finding.advice.first().map(|advice| format!("  fix: {}\n", clean(advice))));
        if out.len() + entry.len() > TEXT {
            out.push_str(&format!("and {}\n", count(findings.len() - index, "more finding")));
            break;
        }
        out.push_str(&entry);
    }
    out
}

fn coverage(audit: &Audit) -> TestSuite {
    let mut suite = TestSuite::new(COVERAGE);
    properties(audit, &mut suite);
    let tally = Tally::of(audit);
    let reasons = missing(audit);
    for (what, why) in &reasons {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(shorten(&clean(why), MESSAGE)).set_type("incomplete");
        let name = if what.is_empty() { shorten(&clean(why), MESSAGE) } else { clean(what) };
        let mut case = TestCase::new(name, status);
        case.set_classname(COVERAGE);
        suite.add_test_case(case);
    }
    let verdict = word(audit.judged());
    let mut case = TestCase::new(
        format!("read {} of {}", tally.read, count(tally.due(), "file")),
        if reasons.is_empty() { TestCaseStatus::success() } else { TestCaseStatus::skipped() },
    );
    case.set_classname(COVERAGE).set_system_out(format!("verdict: {verdict}"));
    suite.add_test_case(case);
    suite
}
