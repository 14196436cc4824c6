//! Groups of known flaws: by package where they block, else by the lock or list they stand in.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Words, count};
use crate::advisory::pep440;
use crate::audit::Finding;

/// Packages and lists named in the line of a group.
const NAMED: usize = 4;

/// The lock or list a finding speaks of.
pub(super) fn list_of(finding: &Finding) -> &str {
    // What conda installs is in no lock of pip's, even where one holds the same release.
    if finding.subject.as_ref().is_some_and(|s| s.kind == "conda-package") {
        return &finding.path;
    }
    finding
        .related
        .iter()
        .map(|r| r.path.as_str())
        .chain([finding.path.as_str()])
        .find(|p| p.ends_with(".lock"))
        .unwrap_or(&finding.path)
}

/// What a finding is about, where that is a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ecosystem {
    Rust,
    Python,
}

impl Ecosystem {
    /// That of a release; a requirement that names none is judged by another rule.
    pub(super) fn of(finding: &Finding) -> Option<Self> {
        let subject = finding.subject.as_ref()?;
        match subject.kind.as_str() {
            "crate" => Some(Self::Rust),
            // A conda package is judged by the advisories of the distribution that it builds.
            "distribution" | "conda-package" if subject.version.is_some() => Some(Self::Python),
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

/// Flaws of one package that block, over all locks and lists of the tree. One flaw that several of them
/// share is told once.
pub(super) fn package(name: &str, of: &[&Finding]) -> Words {
    let ids: BTreeSet<&str> = of.iter().filter_map(|f| f.advisory.as_ref()).map(|t| t.id.as_str()).collect();
    let versions: BTreeSet<&str> = of.iter().filter_map(|f| f.subject.as_ref()?.version.as_deref()).collect();
    let lists: BTreeSet<&str> = of.iter().map(|f| list_of(f)).collect();
    let what = match ids.first() {
        Some(id) if ids.len() == 1 => format!("{id}, a critical flaw"),
        _ => format!("{} critical flaws", ids.len()),
    };
    let versions: Vec<&str> = versions.into_iter().collect();
    let shown = versions.get(..NAMED).unwrap_or(&versions).join(", ");
    let more = versions.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let place = if lists.len() > 1 { format!(", in {}", count(lists.len(), "list")) } else { String::new() };
    (format!("`{name}` {shown}{more} has {what}{place}"), Vec::new(), of[0].advice.first().cloned())
}

/// Known flaws of the packages of one lock or list, or of several.
pub(super) fn lists(ecosystem: Ecosystem, of: &[&Finding]) -> Words {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let mut by_list: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unscored = 0;
    for finding in of {
        let Some(subject) = &finding.subject else { continue };
        *by_list.entry(list_of(finding)).or_default() += 1;
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
    let place = match by_list.len() {
        1 => list_of(of[0]).to_owned(),
        n => format!("{n} more locks and lists"),
    };
    let mut title = format!("{place}: {} {words} in {}", of.len(), count(packages.len(), ecosystem.word()));
    if unscored > 0 {
        title.push_str(&format!(", {unscored} without a score"));
    }
    let mut lines = Vec::new();
    if by_list.len() > 1 {
        let mut lists: Vec<_> = by_list.into_iter().collect();
        lists.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        lines.push(named(&lists.iter().map(|(list, n)| format!("{list} ({n})")).collect::<Vec<_>>()));
    }
    lines.push(named(&ranked.iter().map(|(name, p)| format!("{name} ({})", p.flaws)).collect::<Vec<_>>()));
    let stuck: usize = ranked.iter().map(|(_, p)| p.stuck).sum();
    if stuck > 0 {
        lines.push(format!("{stuck} without a fixed release"));
    }
    (title, lines, upgrades(&ranked))
}

fn upgrades(ranked: &[(&String, &Package)]) -> Option<String> {
    let best: Vec<_> = ranked.iter().filter(|(_, p)| p.upgrade.is_some()).take(NAMED).collect();
    if best.is_empty() {
        return None;
    }
    let clear: usize = best.iter().map(|(_, p)| p.cleared).sum();
    let list: Vec<String> =
        best.iter().map(|(name, p)| format!("{name} → {}", p.upgrade.as_deref().unwrap_or(""))).collect();
    let verb = if list.len() == 1 { "clears" } else { "clear" };
    Some(format!("{} {verb} {clear}: {}", count(list.len(), "upgrade"), list.join(", ")))
}

/// The first of them, and how many more there are.
fn named(all: &[String]) -> String {
    let more = all.len().saturating_sub(NAMED);
    let shown = all.get(..NAMED).unwrap_or(all).join(" · ");
    if more > 0 { format!("{shown} · {more} more") } else { shown }
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
