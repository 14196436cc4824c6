//! `sbom check`: whether a document is valid, and how much it tells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::colour;
use super::file;
use super::told;
use super::told::Scores;
use crate::cli::args::{ListFormat, SbomCheckOptions};
use crate::cli::{Surroundings, output, shown};
use crate::diag::redact::redact;
use crate::parse::plain_json;
use crate::report::escape;
use crate::sbom::model::Format;
use crate::sbom::validate::{self, Check, Checked, Finding, Severity};

const SCHEMA: &str = "custody/sbom-check/v1";
/// Places of one check that the screen shows.
const SHOWN: usize = 3;
/// A mistake was found.
const MISTAKE: u8 = 1;
/// None was, and it was not looked at to its end.
const UNDECIDED: u8 = 3;

/// What is written as JSON.
#[derive(Debug, Serialize)]
struct Report<'s> {
    schema: &'static str,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    valid: bool,
    complete: bool,
    parts: usize,
    errors: usize,
    warnings: usize,
    checks: BTreeMap<&'static str, About>,
    findings: Vec<Told>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    told: Option<Scores<'s>>,
}

/// A check that found something.
#[derive(Debug, Serialize)]
struct About {
    title: &'static str,
    help: &'static str,
    count: usize,
}

/// A finding.
#[derive(Debug, Serialize)]
struct Told {
    check: &'static str,
    severity: &'static str,
    line: u32,
    pointer: String,
    message: String,
}

pub(super) fn run(options: &SbomCheckOptions, around: &Surroundings) -> Result<u8> {
    let lists = told::lists(options)?;
    let name = shown(&options.file);
    let bytes = file::bytes(&options.file, around)?;
    let Ok(text) = String::from_utf8(bytes) else { bail!("failed to read `{name}`: it is not UTF-8") };
    let checked = validate::check(&text, &mut validate::budget());
    let scores = told::scores(text.as_bytes(), &lists);
    match options.format {
        ListFormat::Json => {
            let mut report = report(&name, &checked);
            report.told = scores.as_ref().map(|(scores, _)| Scores::of(scores));
            let mut text = serde_json::to_string_pretty(&report).context("failed to write JSON")?;
            text.push('\n');
            output::print(plain_json::json(&text).as_bytes())?;
        }
        ListFormat::Text => {
            let mut text = text_of(&name, &checked, options.all);
            if let Some((scores, is_bare)) = &scores {
                text.push_str(&told::text(scores, *is_bare, options.all));
            }
            let (good, bad) = (format!("{name}: valid"), format!("{name}: "));
            let text = colour::painted(&text, options.color, around, |line| match line {
                _ if line == good => Some(colour::GOOD),
                _ if line.starts_with(&bad) || line.starts_with("error ") => Some(colour::GRAVE),
                _ if line.starts_with("warning ") => Some(colour::HEAVY),
                _ if line.starts_with("  help: ") => Some(colour::DIM),
                _ => None,
            });
            output::print(text.as_bytes())?;
        }
    }
    let too_low = options.fail_under.is_some_and(|least| {
        // What cannot be read tells nothing.
        scores.as_ref().is_none_or(|(scores, _)| scores.iter().any(|score| score.percent < least))
    });
    Ok(if too_low { MISTAKE } else { code(&checked) })
}

fn code(checked: &Checked) -> u8 {
    if checked.findings.iter().any(|one| one.severity == Severity::Error) {
        MISTAKE
    } else if !checked.is_valid() {
        UNDECIDED
    } else {
        0
    }
}

fn count(checked: &Checked, severity: Severity) -> usize {
    checked.findings.iter().filter(|one| one.severity == severity).count()
}

fn by_check(checked: &Checked) -> BTreeMap<(Severity, Check), Vec<&Finding>> {
    let mut groups: BTreeMap<(Severity, Check), Vec<&Finding>> = BTreeMap::new();
    for finding in &checked.findings {
        groups.entry((finding.severity, finding.check)).or_default().push(finding);
    }
    groups
}

fn format(format: &Format) -> (&'static str, &str) {
    match format {
        Format::CycloneDx(version) => ("CycloneDX", version),
        Format::Spdx2(version) | Format::Spdx3(version) => ("SPDX", version),
    }
}

fn report<'s>(name: &str, checked: &Checked) -> Report<'s> {
    let told = |one: &Finding| Told {
        check: one.check.id(),
        severity: one.severity.word(),
        line: one.line,
        pointer: redact(&one.pointer),
        message: redact(&one.message),
    };
    let mut checks = BTreeMap::new();
    for one in &checked.findings {
        let (title, help) = (one.check.title(), one.check.help());
        checks.entry(one.check.id()).or_insert(About { title, help, count: 0 }).count += 1;
    }
    let format = checked.format.as_ref().map(format);
    Report {
        schema: SCHEMA,
        file: name.to_owned(),
        format: format.map(|one| one.0),
        version: format.map(|one| one.1.to_owned()),
        valid: checked.is_valid(),
        complete: checked.is_whole,
        parts: checked.parts,
        errors: count(checked, Severity::Error),
        warnings: count(checked, Severity::Warning),
        checks,
        findings: checked.findings.iter().map(told).collect(),
        told: None,
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn text_of(name: &str, checked: &Checked, all: bool) -> String {
    let mut out = String::new();
    let verdict = match code(checked) {
        0 => "valid",
        // By the schema it is one, and what no schema can say is wrong with it.
        MISTAKE if checked.fits_schema() => "not valid: it fits the schema, and its content is wrong",
        MISTAKE => "not valid",
        _ => "cannot be told: it was not looked at to its end",
    };
    let format = checked.format.as_ref().map(format).map_or_else(
        || "of no format that is known".to_owned(),
        |(format, version)| format!("{format} {version} with {}", plural(checked.parts, "part")),
    );
    let (errors, warnings) = (count(checked, Severity::Error), count(checked, Severity::Warning));
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{name}: {verdict}");
    let _ = writeln!(out, "  {format}; {}, {}", plural(errors, "error"), plural(warnings, "warning"));
    for ((severity, check), findings) in by_check(checked) {
        let _ = writeln!(out, "\n{} {}: {} ({})", severity.word(), check.id(), check.title(), findings.len());
        let most = if all { findings.len() } else { SHOWN };
        for finding in findings.iter().take(most) {
            let message = escape::terminal(&redact(&finding.message));
            let pointer = escape::terminal(&redact(&finding.pointer));
            let _ = writeln!(out, "  {name}:{} {pointer}", finding.line);
            let _ = writeln!(out, "    {message}");
        }
        if let Some(more) = findings.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "  and {more} more, see --all");
        }
        let _ = writeln!(out, "  help: {}", check.help());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "metadata": {"component": {"type": "application", "name": "app", "bom-ref": "app"}},
  "components": [
    {"type": "library", "name": "a", "bom-ref": "a", "licenses": [{"license": {"id": "llama3.2"}}]},
    {"type": "library", "name": "b", "bom-ref": "b", "extra": "https://ann:hunter22@example.com"}
  ],
  "dependencies": [{"ref": "app", "dependsOn": ["a", "c"]}]
}"#;

    #[test]
    fn the_verdict_is_first_and_secrets_are_out() {
        let checked = validate::check(DOCUMENT, &mut validate::budget());
        let text = text_of("bom.json", &checked, false);
        assert!(text.starts_with("bom.json: not valid\n  CycloneDX 1.6 with 3 parts; 4 errors, 1 warning\n"), "{text}");
        for wanted in ["schema/licence-id", "reference/dangling", "schema/unknown-field", "reference/unreachable"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        assert!(!text.contains("hunter22"));
        assert_eq!(code(&checked), MISTAKE);
    }

    #[test]
    fn the_report_fits_its_schema() {
        let schema = include_str!("../../../docs/sbom-check-v1.schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for document in [DOCUMENT, "{}", "<xml/>", r#"{"bomFormat": "CycloneDX", "specVersion": "1.7"}"#] {
            let checked = validate::check(document, &mut validate::budget());
            let mut told = serde_json::to_value(report("bom.json", &checked)).unwrap();
            let errors: Vec<String> = validator.iter_errors(&told).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new());
            told["extra"] = serde_json::json!(1);
            assert!(!validator.is_valid(&told));
        }
    }
}
