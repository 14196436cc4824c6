//! Puts findings that are read together into groups: advisories by the lock or list they stand in,
//! the rest by rule. Knows rules as data only.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::advisory::pep440;
use crate::audit::{Decision, Finding, Group};
use crate::rules;

/// Packages named in the line of an advisory group.
const NAMED: usize = 4;

/// Groups the findings that are shown, in the order of their weightiest member.
#[must_use]
pub fn group(findings: &[Finding]) -> Vec<Group> {
    let mut keys: Vec<(Decision, String)> = Vec::new();
    let mut members: BTreeMap<(Decision, String), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, f)| f.shown) {
        let key = (finding.decision, group_key(finding));
        members.entry(key.clone()).or_insert_with(|| {
            keys.push(key);
            Vec::new()
        });
        if let Some(list) = members.get_mut(&(finding.decision, group_key(finding))) {
            list.push(index);
        }
    }
    keys.into_iter()
        .filter_map(|key| members.remove(&key).map(|list| (key, list)))
        .map(|((decision, _), list)| {
            let of: Vec<&Finding> = list.iter().map(|i| &findings[*i]).collect();
            match Ecosystem::of(of[0]).filter(|_| of[0].advisory.is_some() && of.len() > 1) {
                Some(ecosystem) if of[0].impact.is_none() => advisory_group(decision, ecosystem, &of, list),
                _ => rule_group(decision, &of, list),
            }
        })
        .collect()
}

fn lock_of(finding: &Finding) -> &str {
    finding
        .related
        .iter()
        .map(|r| r.path.as_str())
        .chain([finding.path.as_str()])
        .find(|p| p.ends_with(".lock"))
        .unwrap_or(&finding.path)
}

/// What a finding is about, where that is a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ecosystem {
    Rust,
    Python,
}

impl Ecosystem {
    /// That of a release; a requirement that names none is judged by another rule.
    fn of(finding: &Finding) -> Option<Self> {
        let subject = finding.subject.as_ref()?;
        match subject.kind.as_str() {
            "crate" => Some(Self::Rust),
            "distribution" if subject.version.is_some() => Some(Self::Python),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Rust => "crate",
            Self::Python => "package",
        }
    }

    /// How two versions stand to each other; as text where they cannot be read.
    fn compare(self, one: &str, other: &str) -> Ordering {
        let by_version = match self {
            Self::Rust => match (semver::Version::parse(one), semver::Version::parse(other)) {
                (Ok(a), Ok(b)) => Some(a.cmp(&b)),
                _ => None,
            },
            Self::Python => pep440::compare(one, other),
        };
        by_version.unwrap_or_else(|| one.cmp(other))
    }
}

fn group_key(finding: &Finding) -> String {
    if finding.advisory.is_some() && finding.impact.is_none() && Ecosystem::of(finding).is_some() {
        format!("advisories {}", lock_of(finding))
    } else {
        format!("rule {}", finding.rule)
    }
}

fn rule_group(decision: Decision, of: &[&Finding], list: Vec<usize>) -> Group {
    let first = of[0];
    let title = match (of.len(), rules::find(&first.rule)) {
        (1, _) | (_, None) => first.message.clone(),
        (n, Some((_, rule))) => {
            let many = rule.many.replace("{n}", &n.to_string());
            // What all of them reach is why they stand this high.
            match first.because.as_ref().filter(|b| of.iter().all(|f| f.because.as_ref() == Some(b))) {
                Some(because) => format!("{many}: {because}"),
                None => many,
            }
        }
    };
    Group { decision, title, lines: Vec::new(), fix: first.advice.first().cloned(), findings: list }
}

fn advisory_group(decision: Decision, ecosystem: Ecosystem, of: &[&Finding], list: Vec<usize>) -> Group {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let mut unscored = 0;
    for finding in of {
        let Some(subject) = &finding.subject else { continue };
        let version = subject.version.clone().unwrap_or_default();
        let package = packages.entry(format!("{} {version}", subject.name)).or_default();
        package.flaws += 1;
        if let Some(topic) = &finding.advisory {
            unscored += usize::from(topic.score.is_none() && finding.rule.starts_with("vulnerable"));
            match &topic.upgrade {
                Some(upgrade) => {
                    package.cleared += 1;
                    package.raise(upgrade, ecosystem);
                }
                None => package.stuck += 1,
            }
        }
    }
    let mut ranked: Vec<(&String, &Package)> = packages.iter().collect();
    ranked.sort_by(|a, b| b.1.flaws.cmp(&a.1.flaws).then(a.0.cmp(b.0)));
    let words =
        if of.iter().all(|f| f.rule.starts_with("vulnerable")) { "advisories" } else { "advisories and notices" };
    let mut title = format!("{}: {} {words} in {}", lock_of(of[0]), of.len(), count(packages.len(), ecosystem.word()));
    if unscored > 0 {
        title.push_str(&format!(", {unscored} without a score"));
    }
    let upgrades: Vec<_> = ranked.iter().filter(|(_, p)| p.upgrade.is_some()).collect();
    let clear: usize = upgrades.iter().take(NAMED).map(|(_, p)| p.cleared).sum();
    let names: Vec<String> = ranked.iter().take(NAMED).map(|(name, p)| format!("{name} ({})", p.flaws)).collect();
    let more = ranked.len().saturating_sub(NAMED);
    let mut lines =
        vec![format!("{}{}", names.join(" · "), if more > 0 { format!(" · {more} more") } else { String::new() })];
    let fix = (!upgrades.is_empty()).then(|| {
        let list: Vec<String> = upgrades
            .iter()
            .take(NAMED)
            .map(|(name, p)| format!("{name} → {}", p.upgrade.as_deref().unwrap_or("")))
            .collect();
        let verb = if list.len() == 1 { "clears" } else { "clear" };
        format!("{} {verb} {clear}: {}", count(list.len(), "upgrade"), list.join(", "))
    });
    let stuck: usize = ranked.iter().map(|(_, p)| p.stuck).sum();
    if stuck > 0 {
        lines.push(format!("{stuck} without a fixed release"));
    }
    Group { decision, title, lines, fix, findings: list }
}

/// `1 crate`, `2 crates`.
fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

#[derive(Default)]
struct Package {
    flaws: usize,
    cleared: usize,
    stuck: usize,
    upgrade: Option<String>,
}

impl Package {
    /// The highest of the smallest fixes clears all of them.
    fn raise(&mut self, upgrade: &str, ecosystem: Ecosystem) {
        let is_newer = self.upgrade.as_ref().is_none_or(|known| ecosystem.compare(upgrade, known).is_gt());
        if is_newer {
            self.upgrade = Some(upgrade.to_owned());
        }
    }
}
