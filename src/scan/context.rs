//! What readers of formats are handed: where they are, what they may still do, and where findings go.

use std::collections::BTreeSet;

use super::{FileReport, Finding, Format, Global, Limits, PickleClass, Rule, Severity, Verdict, Weights, WeightsOnly};
use crate::source::Bytes;

/// A limit was reached.
pub(super) static OVER_BUDGET: Rule = Rule {
    id: "over-budget",
    verdict: Verdict::Unread,
    severity: Severity::Medium,
    title: "More than is looked at",
    help: "Something in the file is larger, deeper or more than the limits of a scan. Raise the limit or look at the part by itself.",
};
/// Bytes that cannot be had: the disk fails, a compression is unknown, a password is needed.
pub(super) static UNREAD: Rule = Rule {
    id: "unread",
    verdict: Verdict::Unread,
    severity: Severity::Medium,
    title: "Not read",
    help: "Nothing is known of these bytes. They may hold anything.",
};
/// A file of no known kind.
pub(super) static UNKNOWN_FORMAT: Rule = Rule {
    id: "unknown-format",
    verdict: Verdict::Unread,
    severity: Severity::Low,
    title: "Of no known format",
    help: "What a loader would do with the file is not known.",
};

pub(super) const RULES: &[&Rule] = &[&OVER_BUDGET, &UNREAD, &UNKNOWN_FORMAT];

/// Between the members of an inner path.
const JOIN: &str = "!";

/// The state of the scan of one file.
#[derive(Debug)]
pub struct Context<'l> {
    limits: &'l Limits,
    report: FileReport,
    inner: Vec<String>,
    decoded: u64,
    parts: usize,
    nodes: usize,
    is_over: bool,
    seen: BTreeSet<(&'static str, Option<u64>, Option<String>, String)>,
}

impl<'l> Context<'l> {
    /// The state at the beginning of a file of so many bytes.
    #[must_use]
    pub fn new(path: &str, size: u64, limits: &'l Limits) -> Self {
        let report = FileReport {
            path: path.to_owned(),
            size,
            format: Format::Unknown,
            verdict: Verdict::Clean,
            weights_only: None,
            pickle: None,
            globals: BTreeSet::new(),
            sha256: None,
            findings: Vec::new(),
            more: 0,
            weights: None,
        };
        let (decoded, parts, nodes) = (limits.decoded, limits.parts, limits.nodes);
        Self { limits, report, inner: Vec::new(), decoded, parts, nodes, is_over: false, seen: BTreeSet::new() }
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &'l Limits {
        self.limits
    }

    /// How many containers stand around what is read.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.inner.len()
    }

    /// Tells something.
    pub fn find(&mut self, rule: &'static Rule, offset: impl Into<Option<u64>>, message: impl Into<String>) {
        let (offset, message) = (offset.into(), message.into());
        let inner_path = (!self.inner.is_empty()).then(|| self.inner.join(JOIN));
        // An address that a broken file says may lie beyond it; the place of a finding does not.
        let offset = offset.map(|at| if inner_path.is_none() { at.min(self.report.size) } else { at });
        // The verdict counts all of them, kept or not.
        self.report.verdict = self.report.verdict.max(rule.verdict);
        if !self.seen.contains(&(rule.id, offset, inner_path.clone(), message.clone())) {
            if self.report.findings.len() >= self.limits.findings {
                self.report.more += 1;
                return self.replace_lesser(Finding { rule, message, offset, inner_path });
            }
            self.seen.insert((rule.id, offset, inner_path.clone(), message.clone()));
            self.report.findings.push(Finding { rule, message, offset, inner_path });
        }
    }

    /// A grave finding is kept for a lesser one, so that a thousand notes do not hide it.
    fn replace_lesser(&mut self, finding: Finding) {
        let least = self.report.findings.iter().enumerate().min_by_key(|(_, kept)| kept.rule.severity);
        if let Some((at, _)) = least.filter(|(_, kept)| kept.rule.severity < finding.rule.severity) {
            self.report.findings[at] = finding;
        }
    }

    /// Tells that bytes could not be had.
    pub fn unread(&mut self, offset: impl Into<Option<u64>>, why: impl Into<String>) {
        self.find(&UNREAD, offset, why);
    }

    /// Takes so many bytes that come out of a decompression; false once they are used up, which is told.
    pub fn take_decoded(&mut self, bytes: u64) -> bool {
        let left = self.decoded.checked_sub(bytes);
        self.decoded = left.unwrap_or(0);
        left.is_some() || self.over("it unpacks to more bytes than are looked at")
    }

    /// Bytes that one packed part of so many bytes may unpack to now.
    #[must_use]
    pub fn may_decode(&self, packed: u64) -> u64 {
        let one = packed.saturating_mul(self.limits.ratio).saturating_add(self.limits.decoded_free);
        one.min(self.decoded)
    }

    /// Takes one part of a container; false once they are used up, which is told.
    pub fn take_part(&mut self) -> bool {
        let left = self.parts.checked_sub(1);
        self.parts = left.unwrap_or(0);
        left.is_some() || self.over("it has more parts than are looked at")
    }

    /// Takes so many nodes of a document; false once they are used up, which is told.
    pub fn take_nodes(&mut self, nodes: usize) -> bool {
        let left = self.nodes.checked_sub(nodes);
        self.nodes = left.unwrap_or(0);
        left.is_some() || self.over("its documents have more nodes than are looked at")
    }

    /// Says once that a limit was reached, and `false`.
    fn over(&mut self, what: &str) -> bool {
        if !std::mem::replace(&mut self.is_over, true) {
            self.find(&OVER_BUDGET, None, what);
        }
        false
    }

    /// Notes a global that a pickle names.
    pub fn global(&mut self, module: &str, name: &str, class: PickleClass) {
        /// Globals kept of one file.
        const KEPT: usize = 10_000;
        if self.report.globals.len() < KEPT {
            let (module, name) = (module.to_owned(), name.to_owned());
            self.report.globals.insert(Global { module, name, class });
        }
    }

    /// Notes what a pickle is, as a whole.
    pub fn pickle(&mut self, class: PickleClass) {
        self.report.pickle = self.report.pickle.max(Some(class));
    }

    /// Says what the file is; readers that know better than the first bytes say it last. Only of the file
    /// itself, not of its parts.
    pub fn format(&mut self, format: Format) {
        if self.inner.is_empty() {
            self.report.format = format;
        }
    }

    /// Where what a header says of the model goes; none in the parts of a container, which are not the file.
    pub fn weights(&mut self) -> Option<&mut Weights> {
        self.inner.is_empty().then(|| &mut **self.report.weights.get_or_insert_default())
    }

    /// Whether the format of the file itself was told.
    #[must_use]
    pub fn has_format(&self) -> bool {
        self.report.format != Format::Unknown
    }

    /// Goes into a part: what is found by `read` lies below `name`. Does nothing, and tells, where there
    /// are too many parts or they lie too deep.
    pub fn inside(&mut self, name: &str, read: impl FnOnce(&mut Self)) {
        if !self.take_part() {
            return;
        }
        if self.inner.len() >= self.limits.depth {
            let message = format!("`{name}` lies in more containers than are opened");
            return self.find(&OVER_BUDGET, None, message);
        }
        self.inner.push(name.to_owned());
        read(self);
        self.inner.pop();
    }

    /// Scans a part of the file by itself: sniffed as any file is.
    pub fn part(&mut self, name: &str, bytes: &dyn Bytes) {
        self.inside(name, |context| context.any(bytes));
    }

    /// Scans bytes under all formats that claim them, at the place where the context is.
    pub fn any(&mut self, bytes: &dyn Bytes) {
        super::sniff::dispatch(bytes, self);
    }

    /// Scans the file itself.
    pub(super) fn top(&mut self, bytes: &dyn Bytes) {
        self.any(bytes);
        let FileReport { path, format, verdict, .. } = &self.report;
        self.report.weights_only = super::torch::weights_only(bytes, path, *format, *verdict, self.limits);
    }

    /// What is known at last.
    #[must_use]
    pub fn finish(mut self) -> FileReport {
        self.report.findings.sort_by(|a, b| {
            let key = |f: &Finding| (std::cmp::Reverse(f.rule.severity), f.inner_path.clone(), f.offset);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.report
    }

    /// What `torch.load(weights_only=True)` was said to do, for readers that need to add to it.
    #[must_use]
    pub fn weights_only(&self) -> Option<&WeightsOnly> {
        self.report.weights_only.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grave_findings_are_kept_and_limits_told_once() {
        let limits = Limits { findings: 3, parts: 2, depth: 1, ..Limits::default() };
        let mut context = Context::new("a", 100, &limits);
        for at in 0..10 {
            context.find(&UNKNOWN_FORMAT, at, "x");
        }
        context.find(&UNREAD, 99, "grave");
        context.inside("a", |context| {
            assert_eq!(context.depth(), 1);
            context.inside("b", |_| panic!("too deep"));
        });
        context.inside("c", |_| panic!("too many"));
        let report = context.finish();
        assert_eq!(report.findings.len(), 3);
        assert_eq!(report.findings[0].rule.id, "over-budget");
        assert!(report.findings.iter().any(|f| f.message == "grave"));
        assert_eq!(report.verdict, Verdict::Unread);
        assert!(report.more > 6);
    }
}
