//! Puts findings that are read together into groups: advisories by the lock or list they stand in,
//! the rest by rule. Knows rules as data only.

mod advisories;

use std::collections::BTreeMap;

use crate::audit::{Decision, Finding, Group};
use crate::rules;

/// Locks and lists of one ecosystem that have a group of their own; the others share one.
const OWN: usize = 2;

/// What findings have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A rule.
    Rule(String),
    /// A package with flaws that block, wherever it stands.
    Package(advisories::Ecosystem, String),
    /// A lock or list with flawed packages.
    List(advisories::Ecosystem, String),
    /// Further locks and lists with flawed packages.
    Lists(advisories::Ecosystem),
}

impl Key {
    fn of(finding: &Finding) -> Self {
        let ecosystem = advisories::Ecosystem::of(finding).filter(|_| finding.advisory.is_some());
        match (ecosystem, &finding.subject) {
            (Some(ecosystem), Some(subject)) if finding.impact.is_none() => {
                if finding.decision == Decision::Block {
                    Self::Package(ecosystem, subject.name.clone())
                } else {
                    Self::List(ecosystem, advisories::list_of(finding).to_owned())
                }
            }
            _ => Self::Rule(finding.rule.clone()),
        }
    }
}

/// Groups the findings that are shown, in the order of their weightiest member.
#[must_use]
pub fn group(findings: &[Finding]) -> Vec<Group> {
    let mut order: Vec<(Decision, Key)> = Vec::new();
    let mut members: BTreeMap<(Decision, Key), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, f)| f.shown) {
        let key = (finding.decision, Key::of(finding));
        let list = members.entry(key.clone()).or_default();
        if list.is_empty() {
            order.push(key);
        }
        list.push(index);
    }
    join_lists(&mut order, &mut members);
    order
        .into_iter()
        .filter_map(|key| members.remove(&key).map(|list| (key, list)))
        .map(|((decision, key), list)| {
            let of: Vec<&Finding> = list.iter().map(|i| &findings[*i]).collect();
            let (title, lines, fix) = match &key {
                _ if of.len() == 1 => rule(&of),
                Key::Rule(_) => rule(&of),
                Key::Package(_, name) => advisories::package(name, &of),
                Key::List(ecosystem, _) | Key::Lists(ecosystem) => advisories::lists(*ecosystem, &of),
            };
            Group { decision, title, lines, fix, findings: list }
        })
        .collect()
}

/// A tree may have a lock in each of its folders, and much the same is said of all of them: the first
/// are told one by one, the rest together.
fn join_lists(order: &mut Vec<(Decision, Key)>, members: &mut BTreeMap<(Decision, Key), Vec<usize>>) {
    let mut seen: BTreeMap<(Decision, advisories::Ecosystem), usize> = BTreeMap::new();
    let mut total: BTreeMap<(Decision, advisories::Ecosystem), usize> = BTreeMap::new();
    for (decision, key) in order.iter() {
        if let Key::List(ecosystem, _) = key {
            *total.entry((*decision, *ecosystem)).or_default() += 1;
        }
    }
    let mut kept = Vec::new();
    for (decision, key) in std::mem::take(order) {
        let Key::List(ecosystem, _) = key else {
            kept.push((decision, key));
            continue;
        };
        let number = seen.entry((decision, ecosystem)).or_default();
        *number += 1;
        let all = total.get(&(decision, ecosystem)).copied().unwrap_or_default();
        if *number <= OWN || all <= OWN + 1 {
            kept.push((decision, key));
            continue;
        }
        let shared = (decision, Key::Lists(ecosystem));
        let more = members.remove(&(decision, key)).unwrap_or_default();
        let list = members.entry(shared.clone()).or_default();
        if list.is_empty() {
            kept.push(shared);
        }
        list.extend(more);
        list.sort_unstable();
    }
    *order = kept;
}

/// Title, lines and fix of a group.
type Words = (String, Vec<String>, Option<String>);

fn rule(of: &[&Finding]) -> Words {
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
    (title, Vec::new(), first.advice.first().cloned())
}

/// `1 crate`, `2 crates`.
fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Severity, Subject, Topic};
    use crate::source::Role;

    fn flaw(decision: Decision, path: &str, package: &str, version: &str, id: &str) -> Finding {
        Finding {
            family: "advisories".to_owned(),
            severity: Severity::High,
            role: Role::Product,
            shown: decision != Decision::Note,
            decision,
            message: format!("`{package}` {version} has {id}"),
            subject: Some(Subject {
                kind: "distribution".to_owned(),
                name: package.to_owned(),
                version: Some(version.to_owned()),
                purl: None,
            }),
            advisory: Some(Topic {
                id: id.to_owned(),
                aliases: Vec::new(),
                score: Some(9.6),
                fixed: Vec::new(),
                upgrade: Some("9.0".to_owned()),
                title: None,
            }),
            ..Finding::plain("vulnerable-distribution", path, 1)
        }
    }

    #[test]
    fn a_flaw_that_several_lists_share_is_told_once() {
        let block = |path, version| flaw(Decision::Block, path, "web", version, "PYSEC-1");
        let groups = group(&[block("a/uv.lock", "1.0"), block("b/uv.lock", "1.1"), block("c/r.txt", "1.1")]);
        let titles: Vec<&str> = groups.iter().map(|g| g.title.as_str()).collect();
        assert_eq!(titles, ["`web` 1.0, 1.1 has PYSEC-1, a critical flaw, in 3 lists"]);
    }

    #[test]
    fn conda_packages_are_told_with_the_rest_of_their_file() {
        let of_pip = flaw(Decision::Advise, "environment.yml", "web", "1.0", "PYSEC-1");
        let mut of_conda = flaw(Decision::Advise, "environment.yml", "pyweb", "1.0", "PYSEC-1");
        of_conda.subject.as_mut().expect("a subject").kind = "conda-package".to_owned();
        let groups = group(&[of_pip, of_conda]);
        let titles: Vec<&str> = groups.iter().map(|g| g.title.as_str()).collect();
        assert_eq!(titles, ["environment.yml: 2 advisories in 2 packages"]);
    }

    #[test]
    fn many_lists_share_a_group_and_lose_nothing() {
        let advise = |path| flaw(Decision::Advise, path, "web", "1.0", "PYSEC-1");
        let lists = ["a/uv.lock", "b/uv.lock", "c/r.txt", "d/r.txt"];
        let findings: Vec<Finding> = lists.into_iter().flat_map(|l| [advise(l), advise(l)]).collect();
        let groups = group(&findings);
        let titles: Vec<&str> = groups.iter().map(|g| g.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "a/uv.lock: 2 advisories in 1 package",
                "b/uv.lock: 2 advisories in 1 package",
                "2 more locks and lists: 4 advisories in 1 package"
            ]
        );
        assert_eq!(groups[2].lines, ["c/r.txt (2) · d/r.txt (2)", "web 1.0 (4)"]);
        let mut told: Vec<usize> = groups.iter().flat_map(|g| g.findings.iter().copied()).collect();
        told.sort_unstable();
        assert_eq!(told, (0..findings.len()).collect::<Vec<_>>());
        // Three lists fit the screen one by one.
        assert_eq!(group(&findings[..6]).len(), 3);
    }
}
