//! Numbers and reasons that several reports state, counted in one place so that they agree.

use crate::audit::{Audit, CoveredFile, Decision, Finding, Level, Status, Verdict};
use crate::diag::WaivedBy;

/// What an audit amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub block: usize,
    pub advise: usize,
    pub note: usize,
    pub read: usize,
    pub partial: usize,
    pub unread: usize,
    pub skipped: usize,
}

impl Tally {
    pub(super) fn of(audit: &Audit) -> Self {
        let decided = |d| audit.decided(d).count();
        let files = |s| audit.coverage.files.iter().filter(|f| f.status == s).count();
        Self {
            block: decided(Decision::Block),
            advise: decided(Decision::Advise),
            note: decided(Decision::Note),
            read: files(Status::Read),
            partial: files(Status::Partial),
            unread: files(Status::Unread),
            skipped: files(Status::Skipped),
        }
    }

    /// Files that were to be read.
    pub(super) fn due(self) -> usize {
        self.read + self.partial + self.unread
    }
}

/// Files that were not read in full though they should have been.
pub(super) fn lost(audit: &Audit) -> impl Iterator<Item = &CoveredFile> {
    audit.coverage.files.iter().filter(|f| matches!(f.status, Status::Partial | Status::Unread))
}

/// Why the audit is incomplete, unescaped: a subject and a reason each. Empty where it is complete.
pub(super) fn missing(audit: &Audit) -> Vec<(&str, &str)> {
    if audit.complete {
        return Vec::new();
    }
    let files = lost(audit).filter(|f| f.counts).map(|f| (f.path.as_str(), f.why.as_deref().unwrap_or("not read")));
    let folders = audit.coverage.passed_over.iter().filter(|p| p.counts).map(|p| (p.path.as_str(), p.why.as_str()));
    let mut out: Vec<(&str, &str)> = files.chain(folders).collect();
    // A rule or a look-up that failed is told in words.
    out.extend(audit.coverage.unknown.iter().map(|u| ("", u.as_str())));
    if audit.knowledge.sources.is_empty() {
        out.push(("", "there is no advisory index"));
    }
    if out.is_empty() {
        out.push(("", "there is nothing of a known kind here"));
    }
    out
}

/// Which locks rest on more than files; none where no more was asked for.
pub(super) fn evidence(audit: &Audit) -> Option<String> {
    let of = |levels: &[Level]| {
        audit.coverage.evidence.iter().filter(|e| levels.contains(&e.rests_on)).map(|e| e.path.as_str()).collect()
    };
    let metadata: Vec<&str> = of(&[Level::MetadataFile, Level::Metadata]);
    let (crates, files): (Vec<&str>, Vec<&str>) = (of(&[Level::CrateManifests]), of(&[Level::LockAndManifests]));
    let part = |what: &str, locks: &[&str]| {
        let (first, rest) = locks.split_first()?;
        let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", count(rest.len(), "lock")) };
        Some(format!("{what} for {first}{rest}"))
    };
    let mut parts: Vec<String> =
        [part("cargo metadata", &metadata), part("manifests of all crates", &crates)].into_iter().flatten().collect();
    if parts.is_empty() {
        return None;
    }
    if !files.is_empty() {
        parts.push(format!("lock and manifests for {}", count(files.len(), "other lock")));
    }
    Some(format!("Evidence: {}", parts.join(" · ")))
}

/// Whether the network was asked, and the days of what registries said.
pub(super) fn net(audit: &Audit) -> String {
    match (audit.knowledge.online, &audit.knowledge.registries) {
        (false, None) => "offline".to_owned(),
        (true, None) => "online".to_owned(),
        (is_online, Some(days)) => {
            let net = if is_online { "online" } else { "offline" };
            let newest = if days.newest == days.oldest { String::new() } else { format!(" to {}", days.newest) };
            format!("{net}, registries as of {}{newest}", days.oldest)
        }
    }
}

/// How many findings are excused, and by what; none where nothing is.
pub(super) fn excused(audit: &Audit) -> Option<String> {
    let by = |what| audit.findings.iter().filter(|f| f.waived_by == Some(what)).count();
    let part = |n: usize, what: &str| (n > 0).then(|| format!("{} by {what}", count(n, "finding")));
    let parts = [
        part(by(WaivedBy::Comment), "comments in the files"),
        part(by(WaivedBy::IgnoreFile), "ignore files of other tools"),
        part(by(WaivedBy::Policy), "the policy"),
        part(by(WaivedBy::Vex), "VEX statements"),
        part(by(WaivedBy::Baseline), "a baseline"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("Excused: {}", parts.join(", ")))
}

/// What a decision does, as a verb.
pub(super) fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Block => "blocks",
        Decision::Advise => "advises",
        Decision::Note => "notes",
    }
}

/// The verdict as a heading spells it.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Incomplete => "INCOMPLETE",
    }
}

/// `schedule → job publish → here`, unescaped; hops in other files name them.
pub(super) fn route(finding: &Finding) -> Option<String> {
    if finding.route.is_empty() {
        return None;
    }
    let hops: Vec<String> = finding
        .route
        .iter()
        .map(|hop| match (&hop.path, hop.line) {
            (Some(path), Some(line)) if *path == finding.path => format!("{} (:{line})", hop.text),
            (Some(path), Some(line)) => format!("{} ({path}:{line})", hop.text),
            _ => hop.text.clone(),
        })
        .collect();
    Some(format!("{} → here", hops.join(" → ")))
}

/// What is known of one ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known<'a> {
    pub ecosystem: &'a str,
    pub as_of: &'a str,
    pub age_days: i64,
    pub records: usize,
    has_age: bool,
}

/// The revision of a source that is kept by hand.
const NO_REVISION: &str = "-";

/// What the database calls the flaw behind a finding, unescaped.
pub(super) fn published_title(finding: &Finding) -> Option<&str> {
    finding.advisory.as_ref()?.title.as_deref()
}

/// Knowledge by ecosystem, in the order of the sources. Several sources of one are as old as the
/// oldest of them. What is kept by hand, and so has no revision, is laid over a feed and has no age of
/// its own beside one.
pub(super) fn known(audit: &Audit) -> Vec<Known<'_>> {
    let mut out: Vec<Known<'_>> = Vec::new();
    for source in &audit.knowledge.sources {
        let new = Known {
            ecosystem: &source.ecosystem,
            as_of: &source.as_of,
            age_days: source.age_days,
            records: source.records,
            has_age: true,
        };
        let is_feed = |ecosystem: &str| {
            audit.knowledge.sources.iter().any(|s| s.ecosystem == ecosystem && s.commit != NO_REVISION)
        };
        let has_age = source.commit != NO_REVISION || !is_feed(new.ecosystem);
        match out.iter_mut().find(|known| known.ecosystem == new.ecosystem) {
            Some(known) => {
                known.records += new.records;
                if has_age && (new.age_days > known.age_days || !known.has_age) {
                    known.has_age = true;
                    (known.as_of, known.age_days) = (new.as_of, new.age_days);
                }
            }
            None => out.push(Known { has_age, ..new }),
        }
    }
    out
}

/// `1 file`, `2 files`.
pub(super) fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
/// Releases that no advisory speaks of, counted by what they are, in the order of the audit.
pub(super) fn apart(audit: &Audit) -> Vec<(&str, usize)> {
    let mut out: Vec<(&str, usize)> = Vec::new();
    for apart in &audit.coverage.not_auditable {
        match out.iter_mut().find(|(what, _)| *what == apart.what) {
            Some((_, count)) => *count += apart.count,
            None => out.push((&apart.what, apart.count)),
        }
    }
    out
}
