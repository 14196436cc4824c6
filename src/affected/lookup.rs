//! From the id of an advisory to the packages and actions that it names.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::target::Asked;
use super::target::Target;
use crate::advisory::Advisory;
use crate::advisory::Ecosystem;
use crate::advisory::Event;
use crate::advisory::Index;
use crate::advisory::IndexError;
use crate::advisory::Range;
use crate::advisory::Window;
use crate::advisory::ranges::Bound;
use crate::advisory::ranges::Interval;

/// Puts what an index says in the place of an advisory's id: one question, or where the packages that it names could be
/// had at different times, one for each time. Nothing where the index does not know it.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn resolve(asked: &Asked, id: &str, index: &Index) -> Result<Vec<Asked>, IndexError> {
    let advisories = of_id(id, index)?;
    let mut notes = BTreeSet::new();
    // What several databases say of one package holds of the same releases, and so of one time.
    let mut packages: BTreeMap<(Ecosystem, &str), (Span, BTreeSet<Target>)> = BTreeMap::new();
    for advisory in &advisories {
        if advisory.withdrawn.is_some() {
            notes.insert(format!("{} was withdrawn", advisory.id));
        }
        let (span, targets) = packages.entry((advisory.ecosystem, advisory.package.as_str())).or_default();
        targets.extend(targets_of(advisory));
        if let Some((since, until)) = advisory.window.as_ref().map(moments) {
            *span = match *span {
                (None, None) => (since, until),
                (from, to) => (from.zip(since).map(|(a, b)| a.min(b)), to.zip(until).map(|(a, b)| a.max(b))),
            };
        }
    }
    let names: BTreeSet<String> = advisories.iter().map(|a| format!("{} of {}", a.package, a.ecosystem)).collect();
    notes.insert(format!("{id} speaks of {}", names.into_iter().collect::<Vec<_>>().join(", ")));
    let note = notes.into_iter().collect::<Vec<_>>().join("; ");
    let mut spans: BTreeMap<Span, (Vec<&str>, BTreeSet<Target>)> = BTreeMap::new();
    for ((_, package), (span, targets)) in packages {
        let (names, all) = spans.entry(span).or_default();
        names.push(package);
        all.extend(targets);
    }
    let has_several = spans.len() > 1;
    let one = |((since, until), (names, targets)): (Span, (Vec<&str>, BTreeSet<Target>))| Asked {
        text: if has_several { format!("{} ({})", asked.text, names.join(", ")) } else { asked.text.clone() },
        targets: targets.into_iter().collect(),
        because: Some(id.to_owned()),
        since: asked.since.or(since),
        until: asked.until.or(until),
        note: Some(note.clone()),
        ..asked.clone()
    };
    Ok(spans.into_iter().map(one).collect())
}

/// The first and last moment at which something could be had, where they are known.
type Span = (Option<i64>, Option<i64>);

/// Says of packages without a registry whose they are likely to be: that of the only registry whose package of the name
/// an advisory speaks of.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn expect(asked: &mut Asked, index: &Index) -> Result<(), IndexError> {
    for target in &asked.targets {
        let Target::Package { ecosystem: None, name, .. } = target else { continue };
        for (ecosystem, kind) in [(Ecosystem::PyPi, "pypi"), (Ecosystem::CratesIo, "cargo")] {
            if !index.lookup(ecosystem, name)?.is_empty() && !asked.expects.iter().any(|known| known == kind) {
                asked.expects.push(kind.to_owned());
            }
        }
    }
    Ok(())
}

/// Advisories of an id or alias.
pub(super) fn of_id(id: &str, index: &Index) -> Result<Vec<Advisory>, IndexError> {
    let named = index.named(&BTreeSet::from([id]))?;
    let names: BTreeSet<&String> = named.values().flatten().collect();
    let mut out = Vec::new();
    for name in names {
        for ecosystem in Ecosystem::ALL {
            let found = index.lookup(ecosystem, name)?;
            out.extend(found.into_iter().filter(|a| a.id == id || a.aliases.iter().any(|alias| alias == id)));
        }
    }
    Ok(out)
}

/// What an advisory is about.
#[must_use]
pub fn targets_of(advisory: &Advisory) -> Vec<Target> {
    let versions = versions_of(&advisory.ranges);
    if advisory.ecosystem == Ecosystem::GitHubActions {
        let mut parts = advisory.package.splitn(3, '/');
        let (owner, repo) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let action = |reference: Option<String>| Target::Action {
            repository: format!("{owner}/{repo}").to_ascii_lowercase(),
            path: advisory.package.splitn(3, '/').nth(2).map(str::to_owned),
            reference,
        };
        let by_name = (!advisory.ranges.is_empty() || advisory.commits.is_empty()).then(|| action(versions));
        return advisory.commits.iter().map(|commit| action(Some(commit.clone()))).chain(by_name).collect();
    }
    let ecosystem = match advisory.ecosystem {
        Ecosystem::PyPi => "pypi",
        Ecosystem::CratesIo | Ecosystem::Rust | Ecosystem::GitHubActions => "cargo",
    };
    vec![Target::Package { ecosystem: Some(ecosystem.to_owned()), name: advisory.package.clone(), versions }]
}

/// Ranges in the form of [`super::versions::Versions`]; none where they cover everything.
#[must_use]
pub fn versions_of(ranges: &[Range]) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let has_events = ranges.iter().any(|r| matches!(r, Range::Ecosystem(_) | Range::Semver(_)));
    for range in ranges {
        match range {
            Range::RustSec { patched, unaffected } => parts.extend(complement(patched.iter().chain(unaffected))?),
            Range::Semver(events) | Range::Ecosystem(events) => parts.extend(of_events(events)?),
            // Lists repeat what ranges say, and old ones are long.
            Range::Versions(list) if !has_events => parts.extend(list.iter().map(|version| format!("=={version}"))),
            Range::Versions(_) | Range::Git { .. } => {}
        }
    }
    (!parts.is_empty()).then(|| parts.join(" || "))
}

/// Stretches between events, in the order they are listed; none where one is without any bound.
fn of_events(events: &[Event]) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut start: Option<&str> = None;
    let stretch = |start: &str, end: Option<String>| -> Option<String> {
        let low = (start != "0").then(|| format!(">={start}"));
        let parts: Vec<String> = low.into_iter().chain(end).collect();
        (!parts.is_empty()).then(|| parts.join(","))
    };
    for event in events {
        match event {
            Event::Introduced(version) => {
                if let Some(open) = start.filter(|_| out.is_empty()) {
                    // Two beginnings without an end between them: the first counts.
                    start = Some(open);
                } else {
                    start = Some(version);
                }
            }
            Event::Fixed(version) | Event::Limit(version) => {
                out.push(stretch(start.take().unwrap_or("0"), Some(format!("<{version}")))?);
            }
            Event::LastAffected(version) => {
                out.push(stretch(start.take().unwrap_or("0"), Some(format!("<={version}")))?);
            }
        }
    }
    if let Some(open) = start {
        out.push(stretch(open, None)?);
    }
    Some(out)
}

/// What lies outside of requirements of cargo; none where that is everything.
fn complement<'r>(requirements: impl Iterator<Item = &'r String>) -> Option<Vec<String>> {
    let mut covered: Vec<Interval> = requirements.filter_map(|requirement| Interval::of(requirement)).collect();
    if covered.is_empty() {
        return None;
    }
    let low = |bound: &Bound| match bound {
        Bound::Open => None,
        Bound::Inclusive(v) | Bound::Exclusive(v) => Some(v.clone()),
    };
    covered.sort_by_key(|one| low(&one.start));
    let mut out = Vec::new();
    let mut from: Option<String> = None;
    let mut is_first = true;
    for interval in covered {
        let end = match &interval.start {
            Bound::Open => None,
            Bound::Inclusive(v) => Some(format!("<{v}")),
            Bound::Exclusive(v) => Some(format!("<={v}")),
        };
        if let Some(end) = end.filter(|_| is_first || from.is_some()) {
            out.push(from.take().into_iter().chain([end]).collect::<Vec<_>>().join(","));
        }
        is_first = false;
        from = match &interval.end {
            Bound::Open => return Some(out),
            Bound::Inclusive(v) => Some(format!(">{v}")),
            Bound::Exclusive(v) => Some(format!(">={v}")),
        };
    }
    out.extend(from);
    Some(out)
}

/// The first and last moment of a window, in seconds since 1970.
fn moments(window: &Window) -> (Option<i64>, Option<i64>) {
    (super::when::moment(&window.from), super::when::moment(&window.until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affected::fit::Fit;
    use crate::affected::fit::Thing;

    fn asked(id: &str) -> Asked {
        let mut all = resolve(&Asked::parse(id).unwrap(), id, Index::embedded()).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn advisories_stand_for_what_they_name() {
        let litellm = asked("PYSEC-2026-2");
        let of = |version| {
            let thing =
                Thing::Package { ecosystem: "pypi", name: "litellm", version: Some(version), requirement: None };
            litellm.fit(&thing)
        };
        assert_eq!(
            (of("1.82.6"), of("1.82.7"), of("1.82.8"), of("1.82.9")),
            (Fit::Elsewhere, Fit::Exact, Fit::Exact, Fit::Elsewhere)
        );
        let changed = asked("CVE-2025-30066");
        let of = |reference| {
            changed.fit(&Thing::Action { name: "tj-actions/changed-files", reference: Some(reference), comment: None })
        };
        assert_eq!(of("0e58ed8671d6b60d0890c21b07f8835ace038e67"), Fit::Exact);
        assert_eq!(of("2f7c5bfce28377bc069a65ba478de0a74aa0ca32"), Fit::Elsewhere);
        assert_eq!(of("v45"), Fit::Admits);
        assert_eq!(of("v47"), Fit::Elsewhere);
        assert!(changed.since.is_some() && changed.until.is_some());
        assert_eq!(resolve(&changed, "CVE-1999-0001", Index::embedded()).unwrap(), []);
    }

    #[test]
    fn packages_that_could_be_had_at_other_times_are_asked_apart() {
        let all = resolve(&Asked::parse("CVE-2026-33634").unwrap(), "CVE-2026-33634", Index::embedded()).unwrap();
        let windows: BTreeSet<Span> = all.iter().map(|asked| (asked.since, asked.until)).collect();
        assert!(all.len() > 1 && windows.len() == all.len(), "{all:#?}");
        assert!(all.iter().all(|asked| asked.text.starts_with("CVE-2026-33634 (")), "{all:#?}");
        let named = |name: &str| all.iter().filter(|asked| asked.text.contains(name)).count();
        assert_eq!((named("setup-trivy"), named("trivy-action")), (1, 1));
    }

    #[test]
    fn ranges_are_turned_into_what_people_type() {
        let rustsec = |patched: &[&str], unaffected: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
            versions_of(&[Range::RustSec { patched: own(patched), unaffected: own(unaffected) }])
        };
        assert_eq!(rustsec(&[], &[]), None);
        assert_eq!(rustsec(&[">=1.2.3"], &[]).as_deref(), Some("<1.2.3"));
        assert_eq!(rustsec(&[">=1.2.3"], &["<1.0.0"]).as_deref(), Some(">=1.0.0,<1.2.3"));
        assert_eq!(rustsec(&["^0.9.4", ">=1.2.3"], &[]).as_deref(), Some("<0.9.4 || >=0.10.0-0,<1.2.3"));
        let events = [
            Event::Introduced("0".into()),
            Event::Fixed("1.2".into()),
            Event::Introduced("2.0".into()),
            Event::LastAffected("2.3".into()),
        ];
        assert_eq!(versions_of(&[Range::Ecosystem(events.to_vec())]).as_deref(), Some("<1.2 || >=2.0,<=2.3"));
        assert_eq!(versions_of(&[Range::Ecosystem(vec![Event::Introduced("0".into())])]), None);
    }
}
