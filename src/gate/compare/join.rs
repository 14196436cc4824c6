//! Which finding of the second audit is which of the first.
//!
//! Passes, the strictest first; what a pass joins, the next does not see:
//! the same fingerprint; the same thing with the same content in the same file, which may have been moved or whose
//! job may have another name; the same identity with other content; the same thing in the same file with other
//! content; the same thing with the same content in another file, where both files changed; and where nothing but
//! the text of the line tells findings apart, the same rule in the same piece of the change.

use std::collections::{BTreeMap, VecDeque};

use super::ground::{Ground, Was};
use crate::audit::Finding;
use crate::diag::Impact;

/// How two findings were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// About the same content, in the same file.
    Same,
    /// About other content.
    Other,
    /// About the same content, in a file that is another one.
    Elsewhere,
}

/// The finding of the base that one of the second audit was joined with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its position.
    pub(super) base: usize,
    /// How.
    pub(super) how: How,
}

/// All pairs.
#[derive(Debug)]
pub(super) struct Joined {
    /// For each finding of the second audit.
    pub(super) pairs: Vec<Option<Pair>>,
    /// Positions of those of the first that are left.
    pub(super) left: Vec<usize>,
}

/// Positions on both sides that have a key in common.
type Groups<K> = BTreeMap<K, (Vec<usize>, Vec<usize>)>;

/// What findings are grouped by in a pass.
type Key<'f> = (&'f str, &'f str, &'f str);

struct Joining<'f> {
    base: &'f [Finding],
    head: &'f [Finding],
    ground: &'f Ground<'f>,
    pairs: Vec<Option<Pair>>,
    is_taken: Vec<bool>,
}

/// Joins the findings of two audits.
pub(super) fn join(base: &[Finding], head: &[Finding], ground: &Ground<'_>) -> Joined {
    let mut joining = Joining { base, head, ground, pairs: vec![None; head.len()], is_taken: vec![false; base.len()] };
    joining.pass(How::Same, |f, _| Some((f.fingerprint.as_str(), "", "")));
    joining.pass(How::Same, |f, path| known(f).map(|(kin, content)| (kin, content, path)));
    joining.pass(How::Other, |f, _| f.fingerprint.split_once(':').map(|(identity, _)| (identity, "", "")));
    joining.pass(How::Other, |f, path| known(f).map(|(kin, _)| (kin, "", path)));
    joining.moved();
    joining.rewritten();
    let left = (0..base.len()).filter(|index| !joining.is_taken[*index]).collect();
    Joined { pairs: joining.pairs, left }
}

/// What a finding is wherever it stands, and its content.
pub(super) fn known(finding: &Finding) -> Option<(&str, &str)> {
    let (_, content) = finding.fingerprint.split_once(':')?;
    (!finding.kin.is_empty()).then_some((finding.kin.as_str(), content))
}

impl<'f> Joining<'f> {
    /// Joins what has the same key. The path is that of the first tree.
    fn pass(&mut self, how: How, key: impl Fn(&'f Finding, &'f str) -> Option<Key<'f>>) {
        let (base, head, ground) = (self.base, self.head, self.ground);
        let mut groups: Groups<Key<'f>> = BTreeMap::new();
        for (index, finding) in base.iter().enumerate().filter(|(index, _)| !self.is_taken[*index]) {
            if let Some(key) = key(finding, &finding.path) {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for (index, finding) in head.iter().enumerate().filter(|(index, _)| self.pairs[*index].is_none()) {
            if let Some(group) = key(finding, ground.before(&finding.path)).and_then(|key| groups.get_mut(&key)) {
                group.1.push(index);
            }
        }
        for (before, after) in groups.into_values() {
            self.pair(before, after, how);
        }
    }

    /// Pairs as many as there are on both sides: those whose line is the same line first, the rest in order, lines
    /// that the change wrote last.
    fn pair(&mut self, mut before: Vec<usize>, mut after: Vec<usize>, how: How) {
        if before.is_empty() || after.is_empty() {
            return;
        }
        let (base, head, ground) = (self.base, self.head, self.ground);
        // Of equal places the fingerprint decides, never the order in which rules spoke.
        let place = |f: &'f Finding| (f.path.as_str(), f.line, f.column, f.fingerprint.as_str());
        before.sort_by_key(|index| place(&base[*index]));
        let was = |f: &Finding| ground.was(&f.path, f.line);
        let mut by_line: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
        for index in before.iter().rev() {
            by_line.entry((base[*index].path.as_str(), base[*index].line)).or_default().push(*index);
        }
        after.sort_by_key(|index| place(&head[*index]));
        after.retain(|index| {
            let finding = &head[*index];
            let Was::At(line) = was(finding) else { return true };
            let found = by_line.get_mut(&(ground.before(&finding.path), line)).and_then(Vec::pop);
            if let Some(found) = found {
                self.is_taken[found] = true;
                self.pairs[*index] = Some(Pair { base: found, how });
            }
            found.is_none()
        });
        after.sort_by_key(|index| matches!(was(&head[*index]), Was::Nowhere));
        let left: Vec<usize> = before.into_iter().filter(|index| !self.is_taken[*index]).collect();
        for (found, index) in left.into_iter().zip(after) {
            self.is_taken[found] = true;
            self.pairs[index] = Some(Pair { base: found, how });
        }
    }

    /// What went from one file to another: a job, a requirement. An attack that appears in a file is no less for
    /// having been in another.
    fn moved(&mut self) {
        let (base, head, ground) = (self.base, self.head, self.ground);
        let mut groups: Groups<(&str, &str)> = BTreeMap::new();
        let is_attack = |f: &Finding| f.impact == Some(Impact::Malicious);
        for (index, finding) in base.iter().enumerate().filter(|(index, _)| !self.is_taken[*index]) {
            if ground.was_touched(&finding.path)
                && let Some(key) = known(finding)
            {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for (index, finding) in head.iter().enumerate().filter(|(index, _)| self.pairs[*index].is_none()) {
            if ground.is_touched(&finding.path)
                && !is_attack(finding)
                && let Some(group) = known(finding).and_then(|key| groups.get_mut(&key))
            {
                group.1.push(index);
            }
        }
        for (before, after) in groups.into_values() {
            self.pair(before, after, How::Elsewhere);
        }
    }

    /// Findings without a subject are known by the text of their line. Where the change writes that line anew, it
    /// is the same finding with other content.
    fn rewritten(&mut self) {
        let (base, head, ground) = (self.base, self.head, self.ground);
        let mut by_rule: BTreeMap<(&str, &str), VecDeque<usize>> = BTreeMap::new();
        let bare = |f: &Finding| f.subject.is_none() && f.advisory.is_none();
        for (index, finding) in base.iter().enumerate().filter(|(index, f)| !self.is_taken[*index] && bare(f)) {
            by_rule.entry((&finding.rule, &finding.path)).or_default().push_back(index);
        }
        by_rule.values_mut().for_each(|list| {
            list.make_contiguous()
                .sort_by_key(|index| (base[*index].line, base[*index].column, &base[*index].fingerprint))
        });
        for (index, finding) in head.iter().enumerate().filter(|(_, f)| bare(f)) {
            if self.pairs[index].is_some() {
                continue;
            }
            let Some(list) = by_rule.get_mut(&(finding.rule.as_str(), ground.before(&finding.path))) else { continue };
            let found = list.iter().take(NEAR).position(|i| {
                let before = &base[*i];
                ground.is_same_piece((&finding.path, finding.line), (&before.path, before.line))
            });
            if let Some(found) = found.and_then(|position| list.remove(position)) {
                self.is_taken[found] = true;
                self.pairs[index] = Some(Pair { base: found, how: How::Other });
            }
        }
    }
}

/// Findings of one rule and file that one is held against where only the piece of the change tells.
const NEAR: usize = 200;
