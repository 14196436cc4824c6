//! What entries of the policy excuse. Nothing vanishes: what is excused stays as a note that names the entry, and an
//! attack is excused by nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::Date;
use crate::config::{Config, Effective, Home, WaiverEntry, glob};
use crate::diag::{Diagnostic, FlawStatus, Impact, Severity, Stance, WaivedBy, Waiver, fingerprint};
use crate::graph::Document;
use crate::rules::policy::Entry;
use crate::source::{FileId, Place, Sources};

/// What became of the entries.
#[derive(Debug, Default)]
pub(super) struct Joined<'a> {
    /// What entries in force excuse, by position of the finding.
    pub(super) waivers: BTreeMap<usize, Waiver>,
    /// What entries would excuse that the tree brings and the policy in force does not have.
    pub(super) proposed: BTreeMap<usize, Waiver>,
    /// What entries excused until their end.
    pub(super) expired: BTreeMap<usize, Waiver>,
    /// The tree's own entries, and what they met.
    pub(super) own: Vec<Entry<'a>>,
}

/// An entry on its way.
struct One<'a> {
    entry: &'a WaiverEntry,
    from: String,
    /// Whether it is part of the policy in force.
    holds: bool,
    /// Its position among the tree's own.
    own: Option<usize>,
    /// Which files its pattern names, as far as they were asked about.
    named: BTreeMap<FileId, bool>,
}

/// Joins entries and findings. On a day that is not known, an entry with an end does not count.
pub(super) fn join<'a>(
    diagnostics: &[Diagnostic],
    policy: &'a Effective,
    documents: &'a [Document],
    sources: &Sources,
    today: Option<Date>,
) -> Joined<'a> {
    let mut out = Joined::default();
    let mut all = entries(policy, documents, sources, &mut out.own);
    if all.is_empty() {
        return out;
    }
    let index = Index::of(&all);
    for (position, diagnostic) in diagnostics.iter().enumerate() {
        if diagnostic.impact == Some(Impact::Malicious) {
            continue;
        }
        for at in index.candidates(diagnostic, sources) {
            let Some(one) = all.get_mut(at) else { continue };
            if !fits(one, diagnostic, sources, index.has_prints) {
                continue;
            }
            let own = one.own.and_then(|own| out.own.get_mut(own));
            let standing = standing(one.entry, diagnostic.severity, today, policy.max_days);
            // Where the tree says so itself; a policy from elsewhere has no place in it.
            let at = own.as_ref().map(|own| Place::new(own.entry.file, own.entry.span));
            let waiver =
                || Waiver { text: text(one, standing), by: WaivedBy::Policy, at, stance: Some(stance(one.entry)) };
            match standing {
                Standing::Holds => {
                    let map = if one.holds { &mut out.waivers } else { &mut out.proposed };
                    map.entry(position).or_insert_with(waiver);
                    own.into_iter().for_each(|own| own.met += 1);
                }
                Standing::Over => {
                    out.expired.entry(position).or_insert_with(waiver);
                    own.into_iter().for_each(|own| own.met += 1);
                }
                Standing::Unknown => own.into_iter().for_each(|own| own.met += 1),
                Standing::TooLong => {
                    if let Some(own) = own {
                        own.met += 1;
                        own.refused = own.refused.max(Some(diagnostic.severity));
                    }
                }
            }
        }
    }
    // What is excused now is neither proposed nor over.
    out.proposed.retain(|position, _| !out.waivers.contains_key(position));
    out.expired.retain(|position, _| !out.waivers.contains_key(position) && !out.proposed.contains_key(position));
    out
}

fn entries<'a>(
    policy: &'a Effective,
    documents: &'a [Document],
    sources: &Sources,
    own: &mut Vec<Entry<'a>>,
) -> Vec<One<'a>> {
    let one = |entry, from: String, holds, own| One { entry, from, holds, own, named: BTreeMap::new() };
    let mut all: Vec<One<'a>> = policy.waivers.iter().map(|entry| one(entry, entry.from.clone(), true, None)).collect();
    // Said in the same words: an entry does not become another one by where it stands.
    let key = |entry: &WaiverEntry| {
        let words = [&entry.fingerprint, &entry.rule, &entry.advisory, &entry.subject, &entry.path];
        words.map(|word| word.as_ref().map(|word| word.value.clone()))
    };
    let mut by_words: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, one) in all.iter().enumerate() {
        by_words.entry(key(one.entry)).or_default().push(at);
    }
    let configs = documents.iter().filter_map(|d| if let Document::Custody(c) = d { Some(c.as_ref()) } else { None });
    // What is forbidden is told as a mistake of the policy, and nobody can be asked to agree to it.
    let configs = configs.filter(|config| !policy.no_own_waivers || config.home == Home::Inherited);
    for (config, entry) in configs.flat_map(|config: &Config| config.waivers.iter().map(move |entry| (config, entry))) {
        let position = own.len();
        own.push(Entry { entry, met: 0, refused: None });
        let same = by_words.get_mut(&key(entry)).and_then(|list| {
            let found = list.iter().position(|at| all.get(*at).is_some_and(|one| one.entry.says_as(entry)))?;
            Some(list.swap_remove(found))
        });
        match same.and_then(|at| all.get_mut(at)) {
            Some(one) => one.own = Some(position),
            None => {
                let line = sources.get(config.file).map_or(1, |file| file.position(entry.span.start).line);
                let from = format!("{} line {line}", sources.path(config.file));
                all.push(one(entry, from, false, Some(position)));
            }
        }
    }
    all
}

/// Entries by what they name first, so that a finding is held against few of them.
struct Index<'a> {
    by_print: BTreeMap<&'a str, Vec<usize>>,
    by_rule: BTreeMap<&'a str, Vec<usize>>,
    by_advisory: BTreeMap<String, Vec<usize>>,
    has_prints: bool,
}

impl<'a> Index<'a> {
    fn of(all: &[One<'a>]) -> Self {
        let mut out = Self {
            by_print: BTreeMap::new(),
            by_rule: BTreeMap::new(),
            by_advisory: BTreeMap::new(),
            has_prints: false,
        };
        for (at, one) in all.iter().enumerate() {
            let entry = one.entry;
            out.has_prints |= entry.fingerprint.is_some() || entry.content.is_some();
            if let Some(print) = &entry.fingerprint {
                let identity = print.as_str().split(':').next().unwrap_or_default();
                out.by_print.entry(identity).or_default().push(at);
            } else if let Some(rule) = &entry.rule {
                out.by_rule.entry(rule.as_str()).or_default().push(at);
            } else if let Some(advisory) = &entry.advisory {
                out.by_advisory.entry(advisory.value.to_ascii_uppercase()).or_default().push(at);
            }
        }
        out
    }

    fn candidates(&self, diagnostic: &Diagnostic, sources: &Sources) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        let mut add = |list: Option<&Vec<usize>>| out.extend(list.into_iter().flatten().copied());
        if !self.by_print.is_empty() {
            add(self.by_print.get(fingerprint::of(diagnostic, sources).identity.as_str()));
        }
        add(self.by_rule.get(diagnostic.rule));
        for id in ids(diagnostic) {
            add(self.by_advisory.get(&id.to_ascii_uppercase()));
        }
        out
    }
}

/// All names of the advisory behind a finding.
fn ids(diagnostic: &Diagnostic) -> impl Iterator<Item = &str> {
    diagnostic.topic.iter().flat_map(|topic| std::iter::once(&topic.id).chain(&topic.aliases)).map(String::as_str)
}

/// Whether a finding is what an entry speaks of: all that the entry gives has to fit.
fn fits(one: &mut One<'_>, diagnostic: &Diagnostic, sources: &Sources, has_prints: bool) -> bool {
    let entry = one.entry;
    let is = |wanted: &Option<crate::source::Spanned<String>>, fits: &dyn Fn(&str) -> bool| {
        wanted.as_ref().is_none_or(|wanted| fits(wanted.as_str()))
    };
    if !is(&entry.rule, &|rule| rule == diagnostic.rule)
        || !is(&entry.advisory, &|wanted| ids(diagnostic).any(|id| id.eq_ignore_ascii_case(wanted)))
        || !is(&entry.subject, &|wanted| is_subject(diagnostic, wanted))
    {
        return false;
    }
    if has_prints && (entry.fingerprint.is_some() || entry.content.is_some()) {
        let known_by = fingerprint::of(diagnostic, sources);
        let print = |wanted: &str| match wanted.split_once(':') {
            Some((identity, content)) => known_by.identity == identity && known_by.content == content,
            None => known_by.identity == wanted,
        };
        if !is(&entry.fingerprint, &print) || !is(&entry.content, &|content| known_by.content == content) {
            return false;
        }
    }
    let Some(path) = &entry.path else { return true };
    // Every place that it stands for has to be one that the entry speaks of.
    std::iter::once(&diagnostic.primary.place).chain(&diagnostic.places).all(|place| {
        *one.named.entry(place.file).or_insert_with(|| glob::fits(path.as_str(), sources.path(place.file)))
    })
}

/// `name`, `kind:name`, either with `@version`.
fn is_subject(diagnostic: &Diagnostic, wanted: &str) -> bool {
    let Some(subject) = &diagnostic.subject else { return false };
    let bare = wanted.strip_prefix(subject.kind.as_str()).and_then(|rest| rest.strip_prefix(':'));
    let named = |text: &str| {
        let Some(rest) = text.strip_prefix(subject.name.as_str()) else { return false };
        rest.is_empty() || rest.strip_prefix('@').is_some_and(|version| subject.version.as_deref() == Some(version))
    };
    named(wanted) || bare.is_some_and(named)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    /// Its end has passed.
    Over,
    /// It has an end, and nobody knows the day.
    Unknown,
    /// It is of high severity, and its end is missing or too far.
    TooLong,
}

fn standing(entry: &WaiverEntry, severity: Severity, today: Option<Date>, most: u32) -> Standing {
    let until = entry.until.as_ref().and_then(|until| Date::parse(until.as_str()));
    let (Some(until), Some(today)) = (until, today) else {
        return match until {
            Some(_) => Standing::Unknown,
            None if severity >= Severity::High => Standing::TooLong,
            None => Standing::Holds,
        };
    };
    match until.days() - today.days() {
        left if left < 0 => Standing::Over,
        left if severity >= Severity::High && left > i64::from(most) => Standing::TooLong,
        _ => Standing::Holds,
    }
}

/// What an entry says of a flaw. Without a word on it, whoever wrote the entry lives with the flaw.
fn stance(entry: &WaiverEntry) -> Stance {
    let word = |word: &Option<crate::source::Spanned<String>>| word.as_ref().map(|word| word.value.clone());
    let status = entry.status.as_ref().and_then(|status| FlawStatus::find(status.as_str()));
    Stance {
        status: status.unwrap_or(FlawStatus::Affected),
        justification: word(&entry.justification),
        reason: word(&entry.reason),
        by: word(&entry.owner),
        until: word(&entry.until),
    }
}

/// `waived in custody.toml line 12 by @owner until 2027-01-31 (why until then): why`.
fn text(one: &One<'_>, standing: Standing) -> String {
    let entry = one.entry;
    let owner = entry.owner.as_ref().map(|owner| format!(" by {}", owner.value)).unwrap_or_default();
    let over = if standing == Standing::Over { ", which is past" } else { "" };
    let why_then = entry.until_reason.as_ref().map(|why| format!(" ({})", why.value)).unwrap_or_default();
    let until = entry.until.as_ref().map(|until| format!(" until {}{why_then}{over}", until.value)).unwrap_or_default();
    let reason = entry.reason.as_ref().map_or("no reason given", |reason| reason.as_str());
    let is = if standing == Standing::Over { "was waived" } else { "waived" };
    format!("{is} in {}{owner}{until}: {reason}", one.from)
}
