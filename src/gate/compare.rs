//! Joins the findings of two audits and says how each stands to the base.
//!
//! Findings are matched as a multiset, by what they are known by, in passes from the strictest to the loosest (see
//! `join`). What is left in the second audit is new; what is left in the first is fixed. A finding that is in both
//! counts as changed where it is about other content, stands at places the base does not have, or weighs more.

mod alike;
mod coverage;
mod excuses;
mod ground;
mod join;
mod places;
mod spread;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::{Approval, Audit, Decision, Finding, Fixed, Spot, State};
use crate::decide;
use crate::diag::Impact;
use crate::diag::redact::redact;
use crate::source::{Changes, Sources};
use ground::{Ground, Was};
use join::How;
use spread::Flaws;

/// The files of both trees, for what only their lines tell.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// Those of the base.
    pub before: &'a Sources,
    /// Those of the tree that is judged.
    pub after: &'a Sources,
}

/// What lies between two audits, beside the states of findings.
#[must_use = "it belongs into the gate of the audit"]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// How many findings have which state, excused ones and fixed ones among them.
    pub counts: BTreeMap<State, usize>,
    /// Findings of the base that the change takes away, in order of weight.
    pub fixed: Vec<Fixed>,
    /// What the change itself brings to excuse findings, and what it would excuse.
    pub approvals: Vec<Approval>,
}

/// Gives every finding of `head` its state against `base`, and takes out of its coverage what the base could not
/// read either. Decisions, groups and the verdict follow from that and are left to `settle`.
pub fn compare(base: &Audit, head: &mut Audit, changes: &Changes, texts: Option<Texts<'_>>) -> Difference {
    let ground = Ground::of(changes, texts, &head.findings, &head.coverage.gaps);
    let joined = join::join(&base.findings, &head.findings, &ground);
    let alike = alike::of(&base.findings, &head.findings, &joined, &ground);
    let flaws = Flaws::of(&base.findings);
    let still = Flaws::of(&head.findings);
    // A flaw that a file still has, in whatever release, is not gone.
    let is_gone = |finding: &&Finding| still.in_file(finding, &finding.path).is_none();
    let left = joined.left.iter().filter(|index| !alike.kept.contains(index));
    let fixed: Vec<Fixed> = left.filter_map(|i| base.findings.get(*i)).filter(is_gone).map(fixed).collect();
    let mut approvals: BTreeMap<Spot, Approval> = BTreeMap::new();
    for (index, (finding, pair)) in head.findings.iter_mut().zip(&joined.pairs).enumerate() {
        let alike = alike.heads.get(&index);
        let how = pair.map_or(How::Same, |pair| pair.how);
        let before = match pair {
            Some(pair) => base.findings.get(pair.base),
            // What other findings of the base have in all its places.
            None => alike
                .filter(|alike| alike.places.is_empty() && !finding.places.is_empty())
                .and_then(|alike| base.findings.get(alike.base))
                .or_else(|| flaws.in_file(finding, ground.before(&finding.path))),
        };
        let brought = match before {
            Some(before) => {
                let shared = alike.filter(|_| how != How::Other).map(|alike| alike.places.as_slice());
                against(before, finding, (how, shared), &ground, &flaws)
            }
            None => flaws.brought(finding, &ground),
        };
        finding.state = excuses::state(before, finding, &brought, &ground, &mut approvals);
        finding.evidence.extend(brought.evidence);
        if !brought.places.is_empty() {
            put_first(finding, &brought.places, texts);
        }
    }
    coverage::compare(&base.coverage, &mut head.coverage, &ground);
    head.complete = head.completeness();
    if let Some(texts) = texts {
        head.excerpts = decide::excerpts(&head.findings, texts.after);
    }
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    for finding in &head.findings {
        *counts.entry(finding.state).or_default() += 1;
    }
    if !fixed.is_empty() {
        counts.insert(State::Fixed, fixed.len());
    }
    Difference { counts, fixed, approvals: excuses::each_once(approvals) }
}

/// What the change brings about one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Brought {
    /// The state, if nothing excuses it.
    state: State,
    /// The places that came.
    places: Vec<Spot>,
    /// Why, in sentences.
    evidence: Vec<String>,
}

/// How a finding that is in both stands to that of the base.
///
/// With how they were joined comes what is new of its places, where that is known from others like it.
fn against(
    before: &Finding,
    after: &Finding,
    (how, shared): (How, Option<&[Spot]>),
    ground: &Ground<'_>,
    flaws: &Flaws<'_>,
) -> Brought {
    let same = how != How::Other || is_part(before, after);
    let mut places = match shared {
        Some(places) => places.to_vec(),
        None => places::new(&before.places, &after.places, same, how == How::Elsewhere, ground),
    };
    // A flaw that a file has is no more for another line of that file.
    places.retain(|spot| flaws.in_file(after, ground.before(&spot.path)).is_none());
    let mut evidence = Vec::new();
    if !same {
        evidence.push(was(before, after));
    }
    let risen = risen(before, after, ground).or_else(|| reaches_more(before, after, ground));
    let is_more = risen.is_some();
    evidence.extend(risen);
    if !places.is_empty() {
        match (places.len(), after.places.len()) {
            // What it was has been said.
            (new, all) if new == all && !same => {}
            (new, all) if new == all => evidence.push("the base has it at other places".to_owned()),
            (1, all) => evidence.push(format!("1 of {all} places is new")),
            (new, all) => evidence.push(format!("{new} of {all} places are new")),
        }
    }
    let state = match (!same || is_more, places.is_empty()) {
        (true, _) => State::Changed,
        (false, true) => State::Existing,
        // One flaw of one package is no more for standing in another list.
        (false, false) if spread::may(after) => State::Spread,
        (false, false) => State::Changed,
    };
    Brought { state, places, evidence }
}

/// Whether a list lists nothing that the list of the base does not.
fn is_part(before: &Finding, after: &Finding) -> bool {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for part in &before.parts {
        *left.entry(part).or_default() += 1;
    }
    let mut known = after
        .parts
        .iter()
        .map(|part| left.get_mut(part.as_str()).filter(|left| **left > 0).map(|left| *left -= 1).is_some());
    !after.parts.is_empty() && known.all(|known| known)
}

fn was(before: &Finding, after: &Finding) -> String {
    let place = format!("{} line {}", before.path, before.line);
    let label = redact(&before.label);
    if label == after.label || label.is_empty() {
        return format!("its content changed, the base has it in {place}");
    }
    format!("was: {label} in {place}")
}

/// What of a finding weighs more than in the base.
fn risen(before: &Finding, after: &Finding, ground: &Ground<'_>) -> Option<String> {
    let alone = |finding: &Finding| finding.alone.unwrap_or(finding.decision);
    let word = |decision: Decision| match decision {
        Decision::Block => "blocks",
        Decision::Advise => "advises",
        Decision::Note => "is a note",
    };
    // The first impacts weigh most.
    let heavier = |now: Impact| before.impact.is_none_or(|was| now < was);
    if let Some(impact) = after.impact.filter(|now| heavier(*now)) {
        return Some(format!("the change makes it weigh more: {}", impact.as_str()));
    }
    // A lock that is resolved anew may say more surely that a flaw is there. That is knowledge, no more of the flaw,
    // where nobody wrote a line that asks for it.
    let is_written = || after.places.iter().any(|spot| ground.was(&spot.path, spot.line) == Was::Nowhere);
    let is_only_surer = spread::may(after)
        && (after.role, after.severity) == (before.role, before.severity)
        && after.confidence > before.confidence
        && !is_written();
    if alone(after) < alone(before) && !is_only_surer {
        let (was, now) = (word(alone(before)), word(alone(after)));
        return Some(format!("the change makes it weigh more: it {now}, in the base it {was}"));
    }
    let (was, now) = (before.severity, after.severity);
    (now > was).then(|| format!("the change makes it weigh more: {}, in the base {}", now.as_str(), was.as_str()))
}

/// What a finding reaches that the base's does not, where it came to another place: a command that a change takes from
/// one job to another is the same command, and what it can take there is not. Where it stands as it stood, what a job
/// is newly given is for the rules about that.
fn reaches_more(before: &Finding, after: &Finding, ground: &Ground<'_>) -> Option<String> {
    let stood = match ground.was(&after.path, after.line) {
        Was::At(line) => ground.before(&after.path) == before.path && line == before.line,
        Was::Unknown | Was::Nowhere => false,
    };
    if stood || after.impact.is_none() {
        return None;
    }
    let was: BTreeSet<&str> = reached(before).collect();
    let more: Vec<&str> = reached(after).filter(|thing| !was.contains(thing)).collect();
    (!more.is_empty()).then(|| format!("where the change puts it, it reaches more: {}", more.join(", ")))
}

/// Secrets and rights that the route of a finding names.
fn reached(finding: &Finding) -> impl Iterator<Item = &str> {
    let steps = finding.route.iter().map(|step| step.text.as_str());
    steps.filter(|text| HELD.iter().any(|word| text.contains(word))).flat_map(|text| {
        text.split([',', ';']).map(|thing| thing.trim().trim_start_matches("secrets ").trim_start_matches("secret "))
    })
}

/// What a step of a route holds that tells what a job can do.
const HELD: &[&str] = &["secrets ", "secret ", ": write"];

/// Puts the places that came before the others, and the first of them where the finding stands.
fn put_first(finding: &mut Finding, new: &[Spot], texts: Option<Texts<'_>>) {
    let mut left: BTreeMap<&Spot, usize> = BTreeMap::new();
    for spot in new {
        *left.entry(spot).or_default() += 1;
    }
    let (first, rest): (Vec<Spot>, Vec<Spot>) =
        std::mem::take(&mut finding.places).into_iter().partition(|spot| match left.get_mut(spot) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        });
    if let Some(spot) = first.first()
        && (&finding.path, finding.line) != (&spot.path, spot.line)
    {
        let width = texts.and_then(|texts| ground::line_of(texts.after, &spot.path, spot.line));
        finding.path.clone_from(&spot.path);
        finding.line = spot.line;
        finding.end_line = spot.line;
        let blanks = width.map_or(0, |line| line.chars().take_while(|c| c.is_whitespace()).count());
        let length = width.map_or(0, |line| line.trim_end().chars().count());
        finding.column = u32::try_from(blanks).unwrap_or(0) + 1;
        finding.end_column = (u32::try_from(length).unwrap_or(0) + 1).max(finding.column);
    }
    finding.places = first.into_iter().chain(rest).collect();
}

fn fixed(finding: &Finding) -> Fixed {
    Fixed {
        rule: finding.rule.clone(),
        severity: finding.severity,
        decision: finding.decision,
        message: redact(&finding.message),
        path: finding.path.clone(),
        line: finding.line,
        fingerprint: finding.fingerprint.clone(),
    }
}
