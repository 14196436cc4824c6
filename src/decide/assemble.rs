//! Diagnostics, gaps and policy in; the audit out.

use std::collections::{BTreeMap, BTreeSet};

use super::{case, groups, policy, services};
use crate::audit::{
    Audit, Coverage, CoveredFile, Decision, Excerpt, Finding, Gap, Knowledge, KnownAs, Level, LockEvidence,
    NotAuditable, Passed, Related, Replacement, RuleInfo, SCHEMA, Spot, State, Status, Step, Tool, Verdict,
};
use crate::check::Checked;
use crate::config::Effective;
use crate::diag::fingerprint;
use crate::diag::redact::{MARK, awaits_secret, opens_secret_block, redact, value};
use crate::diag::{Diagnostic, Edit, Stance, Subject, Topic, Waiver};
use crate::graph::Document;
use crate::graph::build_class::Origin;
use crate::read::{Outcome, Reading, scope};
use crate::rules;
use crate::source::{FileId, Place, RepoPath, Role, Sources, Tree};

/// Gaps listed per file; more are counted in the file's reason.
pub const GAPS_PER_FILE: usize = 16;
/// Names listed of what no advisory speaks of.
const NAMES_APART: usize = 16;
/// Lines of an excerpt before and after the primary line.
const AROUND: u32 = 2;
/// Characters of an excerpt's line that are kept.
const LINE_WIDTH: usize = 240;
/// Characters of an advisory's title that are kept.
const TITLE_WIDTH: usize = 120;

/// What an audit is made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What was read of it.
    pub reading: &'a Reading,
    /// What the rules said.
    pub checked: &'a Checked,
    /// What was known.
    pub knowledge: Knowledge,
    /// The policy in force; none where only what is built in holds.
    pub policy: Option<&'a Effective>,
}

/// Puts the audit together. Pure; the same input gives the same audit.
#[must_use]
pub fn assemble(input: Input<'_>) -> Audit {
    let sources = &input.reading.sources;
    let mut audit = side(input, Words::All);
    audit.groups = groups::group(&audit.findings);
    audit.excerpts = excerpts(&audit.findings, sources);
    audit
}

/// How much is told of each finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Everything.
    All,
    /// What it is known by, where it stands and what is made of it: enough to compare with. Message and label are as
    /// the files have them: whoever shows one redacts it.
    Few,
}

/// One side of a comparison: an audit without groups and excerpts, which follow from what is compared.
#[must_use]
pub fn side(input: Input<'_>, words: Words) -> Audit {
    let Input { tree, reading, checked, knowledge, policy } = input;
    let sources = &reading.sources;
    let mut told: Vec<(Finding, &Diagnostic)> = checked
        .diagnostics
        .iter()
        .enumerate()
        .map(|(index, d)| (finding(d, index, checked, policy, sources, words), d))
        .collect();
    told.sort_by(|a, b| order(&a.0, &b.0));
    // In few words two may read alike that are not.
    told.dedup_by(|a, b| a.0 == b.0 && (words == Words::All || a.1 == b.1));
    let findings: Vec<Finding> = told.into_iter().map(|(finding, _)| finding).collect();
    let coverage = coverage(tree, reading, checked);
    let fired: BTreeSet<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
    let rules = rules::all()
        .filter(|(_, rule)| words == Words::All && fired.contains(rule.id))
        .map(|(family, rule)| RuleInfo {
            id: rule.id.to_owned(),
            family: family.id.to_owned(),
            title: rule.title.to_owned(),
            severity: rule.severity,
            page: rule.page(),
        })
        .collect();
    let mut audit = Audit {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        name: root_package(reading).map(|n| redact(&n)),
        prefix: tree.prefix.as_str().to_owned(),
        known_as: known_as(reading, checked),
        commit: tree.commit.clone(),
        policy: policy::name(checked.honours_ignores, checked.ignores_no_comments, policy),
        policy_digest: policy::policy_digest(checked.honours_ignores, checked.ignores_no_comments, policy),
        verdict: Verdict::Pass,
        complete: false,
        gate: None,
        services: Vec::new(),
        excerpts: Vec::new(),
        findings,
        groups: Vec::new(),
        good: checked.good.iter().map(|g| redact(g)).collect(),
        coverage,
        knowledge,
        rules,
    };
    audit.complete = audit.completeness();
    audit.verdict = audit.judged();
    if let Some(policy) = policy {
        audit.services = services::verdicts(&audit, policy);
    }
    audit
}

/// What VEX documents call the tree, and who answers for what is said of it.
fn known_as(reading: &Reading, checked: &Checked) -> Option<KnownAs> {
    let config = reading.documents.iter().find_map(Document::custody);
    let authors = config.map(|config| config.sbom.authors.as_slice()).unwrap_or_default();
    let out = KnownAs {
        products: checked.known_as.iter().map(|product| redact(product)).collect(),
        authors: authors.iter().map(|author| redact(author.as_str())).collect(),
    };
    (out != KnownAs::default()).then_some(out)
}

fn redacted_stance(stance: &Stance) -> Stance {
    let plain = |text: &Option<String>| text.as_deref().map(redact);
    Stance { reason: plain(&stance.reason), by: plain(&stance.by), ..stance.clone() }
}

/// The package that the root manifest declares; else the project of the root's `pyproject.toml`.
fn root_package(reading: &Reading) -> Option<String> {
    let at_root = |name: &str| Some(reading.sources.by_path(&RepoPath::new(name)?)?.id);
    let documents = || reading.documents.iter();
    let package = at_root("Cargo.toml").and_then(|root| {
        documents().find_map(|document| match document {
            Document::CargoManifest(manifest) if manifest.file == root => manifest.package.as_ref(),
            _ => None,
        })
    });
    if let Some(package) = package {
        return Some(package.name.value.clone());
    }
    let root = at_root("pyproject.toml")?;
    let project = documents().find_map(|document| match document {
        Document::PyProject(project) if project.file == root => project.name.as_ref(),
        _ => None,
    });
    project.map(|name| name.value.clone())
}

/// Blocking first, then by severity, confidence, role; places last, so that order never depends on
/// which rule spoke first.
pub fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    // What strangers reach or what reaches what ships comes before flaws that somebody has to find a way to.
    let flaw = |f: &Finding| f.decision == Decision::Block && f.advisory.is_some() && f.impact.is_none();
    let weight =
        |f: &Finding| (f.decision, flaw(f), std::cmp::Reverse(rank(f)), std::cmp::Reverse(f.confidence), f.role);
    weight(a)
        .cmp(&weight(b))
        .then_with(|| {
            (&a.rule, &a.path, a.line, a.column, &a.message).cmp(&(&b.rule, &b.path, b.line, b.column, &b.message))
        })
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
}

/// Severity as a rank; an advisory that nobody scored ranks between high and medium.
fn rank(finding: &Finding) -> u8 {
    // What only those who work on the tree install, or a job that keeps nothing, stands below what ships.
    let aside = finding.advisory.is_some() && finding.confidence == crate::diag::Confidence::Low;
    // What is loaded by name and could change comes behind what gives secrets away or reaches what is published.
    let is_load = rules::find(&finding.rule).is_some_and(|(family, _)| matches!(family.id, "loads" | "locks"));
    let unscored = finding.advisory.as_ref().is_some_and(|t| t.score.is_none());
    match finding.severity {
        crate::diag::Severity::Critical if aside => 4,
        crate::diag::Severity::Critical => 9,
        crate::diag::Severity::High => 7,
        crate::diag::Severity::Medium if unscored => 6,
        crate::diag::Severity::Medium if is_load => 4,
        crate::diag::Severity::Medium => 5,
        crate::diag::Severity::Low if is_load => 2,
        crate::diag::Severity::Low => 3,
        crate::diag::Severity::Info => 1,
    }
}

fn replacement(edit: &Edit, sources: &Sources) -> Replacement {
    let (start, end) = (sources.start(edit.place), sources.end(edit.place));
    Replacement {
        path: sources.path(edit.place.file).to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: redact(&edit.text),
    }
}

/// What excuses a finding, or did, or would, and the state that follows.
fn excuse(checked: &Checked, index: usize) -> (Option<&Waiver>, State) {
    let of = |map: &'_ BTreeMap<usize, Waiver>| map.contains_key(&index);
    let (map, state) = match () {
        () if of(&checked.waivers) => (&checked.waivers, State::Suppressed),
        () if of(&checked.proposed) => (&checked.proposed, State::NeedsApproval),
        () if of(&checked.expired) => (&checked.expired, State::Expired),
        () => return (None, State::Existing),
    };
    (map.get(&index), state)
}

fn finding(
    diagnostic: &Diagnostic,
    index: usize,
    checked: &Checked,
    policy: Option<&Effective>,
    sources: &Sources,
    words: Words,
) -> Finding {
    let in_full = words == Words::All;
    let primary = diagnostic.primary.place;
    let path = sources.path(primary.file).to_owned();
    let start = sources.start(primary);
    let end = sources.end(primary);
    let family = rules::find(diagnostic.rule).map_or("", |(family, _)| family.id);
    // What stands for several places is for what the weightiest of them is for: else a place in an example, which comes
    // first by its name, would take one in the product out of sight.
    let role_at = |place: &Place| checked.roles.get(&place.file).copied().unwrap_or(Role::Product);
    let role = diagnostic
        .role
        .unwrap_or_else(|| diagnostic.places.iter().map(role_at).fold(role_at(&primary), |one, two| one.min(two)));
    let service = case::service(diagnostic, policy, sources);
    let judged = case::of(diagnostic, role);
    let (decision, because) =
        policy::decide(judged, policy, family, diagnostic.rule, service.map(|service| &service.threshold));
    let (told, state) = excuse(checked, index);
    // What is excused is kept as a note, never left out. What was, or would be, is decided as if nothing were said.
    let waiver = told.filter(|_| state == State::Suppressed);
    let alone = waiver.is_some().then_some(decision).filter(|d| *d != Decision::Note);
    let (decision, because) = if waiver.is_some() { (Decision::Note, None) } else { (decision, because) };
    let known_by = fingerprint::of(diagnostic, sources);
    let mut places: BTreeSet<Spot> = diagnostic.places.iter().map(|p| spot(*p, sources)).collect();
    let first = spot(primary, sources);
    places.remove(&first);
    Finding {
        rule: diagnostic.rule.to_owned(),
        family: family.to_owned(),
        severity: diagnostic.severity,
        confidence: diagnostic.confidence,
        role,
        shown: decision != Decision::Note,
        decision,
        because,
        message: if in_full { redact(&diagnostic.message) } else { diagnostic.message.clone() },
        fingerprint: known_by.to_string(),
        kin: known_by.kin,
        parts: diagnostic.parts.clone(),
        path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: if in_full { redact(&diagnostic.primary.text) } else { diagnostic.primary.text.clone() },
        inner_path: diagnostic.inner_path.as_deref().map(redact),
        offset: diagnostic.offset,
        places: std::iter::once(first).chain(places).collect(),
        related: diagnostic
            .related
            .iter()
            .filter(|_| in_full)
            .map(|label| {
                let Spot { path, line } = spot(label.place, sources);
                Related { path, line, why: redact(&label.text) }
            })
            .collect(),
        subject: diagnostic.subject.as_ref().map(redacted_subject),
        advisory: diagnostic.topic.clone().map(|topic| Topic { title: topic.title.as_deref().map(titled), ..topic }),
        service: service.map(|service| redact(service.name.as_str())),
        owner: service.and_then(|service| service.owner.as_ref()).map(|owner| redact(owner.as_str())),
        waiver: told.map(|w| redact(&w.text)),
        waived_by: waiver.map(|w| w.by),
        waived_at: told.and_then(|w| w.at).map(|at| spot(at, sources)),
        stance: waiver.map_or_else(|| checked.stances.get(&index), |w| w.stance.as_ref()).map(redacted_stance),
        evidence: diagnostic
            .evidence
            .iter()
            .chain(told.map(|w| &w.text))
            .filter(|_| in_full)
            .map(|t| redact(t))
            .collect(),
        impact: diagnostic.impact,
        route: diagnostic
            .route
            .iter()
            // What a finding reaches is compared, where that stands is not.
            .map(|hop| {
                let at = hop.place.filter(|_| in_full).map(|p| spot(p, sources));
                Step { text: redact(&hop.text), path: at.as_ref().map(|s| s.path.clone()), line: at.map(|s| s.line) }
            })
            .collect(),
        // What is excused is not to be changed.
        fix: diagnostic
            .fix
            .iter()
            .filter(|_| waiver.is_none() && in_full)
            .map(|edit| replacement(edit, sources))
            .collect(),
        advice: diagnostic.advice.iter().filter(|_| in_full).map(|t| redact(t)).collect(),
        state,
        alone,
    }
}

/// A title is text of strangers: without blanks in a row or control characters, redacted, then cut.
fn titled(title: &str) -> String {
    let words: Vec<&str> =
        title.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let near: String = words.join(" ").chars().take(LINE_WIDTH * 8).collect();
    let whole = redact(&near);
    if whole.chars().count() <= TITLE_WIDTH {
        return whole;
    }
    whole.chars().take(TITLE_WIDTH - 1).chain(std::iter::once('…')).collect()
}

fn redacted_subject(subject: &Subject) -> Subject {
    Subject {
        kind: subject.kind.clone(),
        name: value(&subject.name),
        version: subject.version.as_deref().map(value),
        purl: subject.purl.as_deref().map(value),
    }
}

fn spot(place: Place, sources: &Sources) -> Spot {
    Spot { path: sources.path(place.file).to_owned(), line: sources.start(place).line }
}

fn coverage(tree: &Tree, reading: &Reading, checked: &Checked) -> Coverage {
    let mut out = Coverage::default();
    for file in reading.files.iter().chain(&reading.beside) {
        let role =
            file.file.and_then(|id| checked.roles.get(&id).copied()).unwrap_or_else(|| Role::of_path(&file.path));
        // A fixture or a vendored copy that a root reaches has another role by now.
        let held = !role.is_set_aside();
        let is_aside = matches!(&file.outcome, Outcome::Partial(all) if !all.is_empty() && all.iter().all(|problem| problem.is_aside));
        let (status, why) = match &file.outcome {
            Outcome::Read => (Status::Read, None),
            Outcome::Skipped(why) => (Status::Skipped, Some(why.clone())),
            Outcome::Unread(why) => (Status::Unread, Some(why.clone())),
            Outcome::Partial(problems) => {
                let lines = file.file.and_then(|id| reading.sources.get(id));
                for problem in problems.iter().take(GAPS_PER_FILE) {
                    let line = |at: u64| lines.map_or(1, |f| f.position(at).line);
                    out.gaps.push(Gap {
                        path: file.path.as_str().to_owned(),
                        line: line(problem.span.start),
                        why: redact(&problem.message),
                        counts: held && !problem.is_aside,
                        lost: problem
                            .lost
                            .map(|lost| (line(lost.start), line(lost.end.saturating_sub(1).max(lost.start)))),
                    });
                }
                (Status::Partial, Some(partial_reason(problems.len())))
            }
        };
        out.files.push(CoveredFile {
            path: file.path.as_str().to_owned(),
            reader: file.reader.to_owned(),
            status,
            why,
            role,
            counts: held && !is_aside && !matches!(status, Status::Skipped),
        });
    }
    // Code that loads something by name was read for it, though it is of no kind of its own.
    let known: BTreeSet<String> = out.files.iter().map(|f| f.path.clone()).collect();
    for document in &reading.documents {
        let Document::References(references) = document else { continue };
        let path = reading.sources.path(references.file);
        if known.contains(path) {
            continue;
        }
        let role = checked.roles.get(&references.file).copied();
        let role = role.or_else(|| RepoPath::new(path).map(|path| Role::of_path(&path))).unwrap_or(Role::Product);
        out.files.push(CoveredFile {
            path: path.to_owned(),
            reader: "references".to_owned(),
            status: Status::Read,
            why: None,
            role,
            counts: !role.is_set_aside(),
        });
    }
    let known: BTreeSet<&str> = out.files.iter().map(|f| f.path.as_str()).collect();
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for entry in tree.entries.iter().filter(|e| !known.contains(e.path.as_str())) {
        if Role::of_path(&entry.path) != Role::Vendored
            && let Some(ecosystem) = scope::ecosystem(&entry.path)
        {
            *counted.entry(ecosystem.to_owned()).or_default() += 1;
        }
    }
    out.out_of_scope = counted;
    out.passed_over = tree
        .passed_over
        .iter()
        .map(|p| Passed { path: p.path.clone(), why: p.why.clone(), counts: p.incomplete })
        .collect();
    out.not_auditable = checked
        .apart
        .iter()
        .map(|apart| NotAuditable {
            what: apart.what.to_owned(),
            count: apart.names.len(),
            names: apart.names.iter().take(NAMES_APART).map(|name| redact(name)).collect(),
            because: apart.because.map(|place| spot(place, &reading.sources)),
            hint: apart.hint.map(str::to_owned),
        })
        .collect();
    out.unknown = checked.unknown.iter().map(|u| redact(u)).collect();
    out.unknown.extend(checked.failed_rules.iter().map(|rule| format!("rule {rule} failed: a bug of cargo-custody")));
    let sources = &reading.sources;
    out.asked_cargo = checked.asked_cargo;
    out.evidence = checked.evidence.iter().map(|(file, origin)| lock_evidence(sources, *file, *origin)).collect();
    out.evidence.sort();
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn lock_evidence(sources: &Sources, file: FileId, origin: Option<Origin>) -> LockEvidence {
    let rests_on = match origin {
        None => Level::LockAndManifests,
        Some(Origin::Manifests) => Level::CrateManifests,
        Some(Origin::Given) => Level::MetadataFile,
        Some(Origin::Asked) => Level::Metadata,
    };
    LockEvidence { path: sources.path(file).to_owned(), rests_on }
}

fn partial_reason(problems: usize) -> String {
    match problems {
        1 => "one place could not be read".to_owned(),
        n => format!("{n} places could not be read"),
    }
}

/// Whether a line stands in a block of text under a name that speaks of a secret, or behind an option whose value
/// is one. Looks up to the
/// lines it is indented under, a screen or two of them.
fn in_secret_block(file: &crate::source::SourceFile, number: u32) -> bool {
    if number.checked_sub(1).and_then(|above| file.line(above)).is_some_and(awaits_secret) {
        return true;
    }
    let indent = |text: &str| text.len() - text.trim_start().len();
    let Some(mut depth) = file.line(number).filter(|l| !l.trim().is_empty()).map(indent) else { return false };
    for above in (number.saturating_sub(100)..number).rev() {
        let Some(text) = file.line(above).filter(|l| !l.trim().is_empty()) else { continue };
        if indent(text) < depth {
            if opens_secret_block(text) {
                return true;
            }
            depth = indent(text);
        }
        if depth == 0 {
            break;
        }
    }
    false
}

/// The lines around the primary places.
#[must_use]
pub fn excerpts(findings: &[Finding], sources: &Sources) -> Vec<Excerpt> {
    let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for finding in findings {
        wanted.entry(&finding.path).or_default().insert(finding.line);
    }
    let mut out = Vec::new();
    for (path, lines) in wanted {
        let Some(file) = crate::source::RepoPath::new(path).and_then(|p| sources.by_path(&p)) else { continue };
        let is_notebook = path.ends_with(".ipynb");
        let mut next = 1;
        let mut open: Option<Excerpt> = None;
        for line in lines {
            let from = line.saturating_sub(AROUND).max(1);
            if open.is_none() || from > next {
                out.extend(open.take());
                next = from;
                open = Some(Excerpt { path: path.to_owned(), start: from, lines: Vec::new() });
            }
            while next <= line + AROUND {
                let Some(text) = file.line(next) else { break };
                // Redacted before it is cut: half an address is not recognised as one.
                let near: String = text.chars().take(LINE_WIDTH * 8).collect();
                let shown = if in_secret_block(file, next) {
                    MARK.to_owned()
                } else if is_notebook && text.len() > LINE_WIDTH {
                    // A notebook on one line: what its cells printed stands there as well.
                    String::new()
                } else {
                    redact(&near)
                };
                if let Some(excerpt) = &mut open {
                    excerpt.lines.push(shown.chars().take(LINE_WIDTH).collect());
                }
                next += 1;
            }
        }
        out.extend(open);
    }
    out
}
