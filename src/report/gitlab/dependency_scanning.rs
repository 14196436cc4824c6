//! Dependency Scanning: advisories, by the package they are about.
//! Source: GitLab's schema of security reports, 15.0.7.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::audit::{Audit, Finding};
use crate::diag::fingerprint::{digest, hex};
use crate::diag::{Severity, Subject, Topic};
use crate::report::escape::{markdown, shorten, terminal as clean};
use crate::report::excused::is_excused;
use crate::report::{gate, tally};

/// Version of the schema that is written.
const VERSION: &str = "15.0.7";
/// Limits of the schema, in characters.
const NAME: usize = 255;
const SOLUTION: usize = 7000;
/// Ours.
const DESCRIPTION: usize = 4000;
/// Messages of a scan: ours.
const MESSAGES: usize = 100;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
    dependency_files: Vec<DependencyFile>,
}

#[derive(Serialize)]
struct Scan {
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    start_time: String,
    end_time: String,
    analyzer: Program,
    scanner: Program,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Program {
    id: String,
    name: String,
    version: String,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    solution: String,
    identifiers: Vec<Identifier>,
    location: Location,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Location {
    file: String,
    dependency: Dependency,
}

#[derive(Serialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    package: Package,
    version: String,
}

#[derive(Serialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
}

#[derive(Serialize)]
struct DependencyFile {
    path: String,
    package_manager: &'static str,
    dependencies: Vec<Dependency>,
}

pub(in crate::report) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = BTreeMap::new();
    let mut files: BTreeMap<(&str, &'static str), Vec<Dependency>> = BTreeMap::new();
    let mut vulnerabilities = Vec::new();
    for finding in audit.findings.iter().filter(|f| !is_excused(f)) {
        let (Some(topic), Some(subject)) = (&finding.advisory, &finding.subject) else { continue };
        let dependency = Dependency {
            package: Package { name: clean(&subject.name) },
            version: subject.version.as_deref().map(clean).unwrap_or_default(),
        };
        files.entry((&finding.path, manager(subject))).or_default().push(dependency.clone());
        vulnerabilities.push(vulnerability(finding, topic, dependency, &mut seen));
    }
    let dependency_files = files
        .into_iter()
        .map(|((path, package_manager), mut dependencies)| {
            dependencies.sort();
            dependencies.dedup();
            DependencyFile { path: path.to_owned(), package_manager, dependencies }
        })
        .collect();
    let report = Report { version: VERSION, scan: scan(audit), vulnerabilities, dependency_files };
    serde_json::to_writer(&mut *out, &report).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn scan(audit: &Audit) -> Scan {
    let program = || Program {
        id: audit.tool.name.clone(),
        name: audit.tool.name.clone(),
        version: audit.tool.version.clone(),
        vendor: Vendor { name: "cargo-custody" },
    };
    // The audit knows a day. A time would make two reports of one tree differ.
    let time = format!("{}T00:00:00", audit.knowledge.today);
    let forced = audit.gate.as_ref().and_then(gate::forced).into_iter();
    let missing = tally::missing(audit).into_iter().map(|(what, why)| match what {
        "" => format!("could not tell: {why}"),
        what => format!("could not be read: {what}: {why}"),
    });
    let messages = forced
        .chain(missing)
        .take(MESSAGES)
        .map(|words| Message { level: "warn", value: shorten(&clean(&words), DESCRIPTION) })
        .collect();
    Scan {
        kind: "dependency_scanning",
        // The run came to its end; what it could not read is told by the messages.
        status: "success",
        start_time: time.clone(),
        end_time: time,
        analyzer: program(),
        scanner: program(),
        messages,
    }
}

fn vulnerability(
    finding: &Finding,
    topic: &Topic,
    dependency: Dependency,
    seen: &mut BTreeMap<String, usize>,
) -> Vulnerability {
    let known = seen.entry(finding.fingerprint.clone()).or_default();
    *known += 1;
    let title = topic.title.as_deref().unwrap_or(&topic.id);
    let mut lines = vec![finding.message.clone()];
    lines.extend(tally::route(finding).map(|route| format!("Reached by: {route}")));
    lines.extend(gate::remark(finding).map(str::to_owned));
    // GitLab reads it as Markdown.
    let lines: Vec<String> = lines.iter().map(|line| markdown(&shorten(line, DESCRIPTION / 4))).collect();
    Vulnerability {
        id: uuid(&digest(&[&finding.fingerprint, &known.to_string()])),
        name: shorten(&clean(title), NAME),
        description: lines.join("\n\n"),
        severity: match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
            Severity::Info => "Info",
        },
        solution: finding.advice.first().map(|a| shorten(&clean(a), SOLUTION)).unwrap_or_default(),
        identifiers: std::iter::once(&topic.id).chain(&topic.aliases).map(|id| identifier(id)).collect(),
        location: Location { file: finding.path.clone(), dependency },
    }
}

/// An advisory's id; its type is what stands before the first dash, as GitLab names them: `cve`, `ghsa`, `rustsec`.
fn identifier(id: &str) -> Identifier {
    let kind = id.split('-').next().unwrap_or_default();
    let is_plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    let kind = if is_plain { kind.to_ascii_lowercase() } else { "advisory".to_owned() };
    let value = if id.is_empty() { "unnamed".to_owned() } else { clean(id) };
    Identifier { kind, name: value.clone(), value }
}

/// The shape of a UUID around a digest, so that the same finding has the same one.
fn uuid(digest: &[u8]) -> String {
    let text = hex(digest);
    format!("{}-{}-8{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..32])
}

/// Which program installs packages of this kind, by the type of the package URL.
fn manager(subject: &Subject) -> &'static str {
    let kind = subject.purl.as_deref().and_then(|p| p.strip_prefix("pkg:")).and_then(|p| p.split('/').next());
    match kind {
        Some("cargo") => "cargo",
        Some("pypi") => "pip",
        Some("conda") => "conda",
        Some("githubactions") => "actions",
        Some("npm") => "npm",
        _ => "unknown",
    }
}
