//! Which records speak of one flaw: overlays of one record, and clusters of aliases.
//!
//! Uses `std` alone: the build script includes it by path.

use std::collections::{BTreeMap, HashMap};

use super::model::{Advisory, Ecosystem, Section};

/// Advisories by ecosystem and compared name.
pub type Groups = BTreeMap<(Ecosystem, String), Vec<Advisory>>;

/// Name of the hand-kept source, which is laid over all others.
pub const CURATED: &str = "curated";

/// Puts all sections together, the curated ones last. Within a package, a second record of an id is laid over the first, the
/// records are sorted by id, and [`Advisory::cluster`] is set.
#[must_use]
pub fn groups(mut sections: Vec<Section>) -> Groups {
    sections.sort_by_key(|s| s.source.name == CURATED);
    let mut groups = Groups::new();
    // Where a record stands in its group. A feed may speak of one package as often as it likes.
    let mut seen: HashMap<(Ecosystem, String, String), usize> = HashMap::new();
    for section in sections {
        let curated = section.source.name == CURATED;
        for advisory in section.advisories {
            let group = groups.entry((advisory.ecosystem, advisory.key())).or_default();
            let at =
                *seen.entry((advisory.ecosystem, advisory.package.clone(), advisory.id.clone())).or_insert(group.len());
            match group.get_mut(at) {
                Some(first) => overlay(first, advisory, curated),
                None => group.push(advisory),
            }
        }
    }
    for group in groups.values_mut() {
        group.sort_by(|a, b| (&a.id, &a.package).cmp(&(&b.id, &b.package)));
        assign(group);
    }
    groups
}

/// Lays a second record of the same advisory over the first. Facts are added and the worse kind wins.
/// Ranges are kept, unless the first record has none or the second is curated and gives some: a
/// curated line may narrow a range that says "this release and all after" where one release was meant.
pub fn overlay(first: &mut Advisory, second: Advisory, curated: bool) {
    first.kind = first.kind.min(second.kind);
    union(&mut first.aliases, second.aliases);
    first.aliases.sort();
    if first.ranges.is_empty() || (curated && !second.ranges.is_empty()) {
        first.ranges = second.ranges;
    }
    union(&mut first.cvss, second.cvss);
    union(&mut first.commits, second.commits);
    union(&mut first.links, second.links);
    union(&mut first.functions, second.functions);
    first.published = first.published.or(second.published);
    first.modified = first.modified.max(second.modified);
    first.withdrawn = first.withdrawn.or(second.withdrawn);
    first.window = first.window.take().or(second.window);
    first.title = first.title.take().or(second.title);
}

fn union<T: PartialEq>(into: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}

/// Sets the cluster of every record of one package: records of one family of kinds
/// ([`super::model::Kind::family`]) that share an identifier, directly or through others, are one
/// flaw, named by its best identifier. OSV defines aliases to be symmetric and transitive, so chains
/// count. RustSec keeps one record per flaw and package, so two of its records are never joined.
pub fn assign(group: &mut [Advisory]) {
    let mut parent: Vec<usize> = (0..group.len()).collect();
    let mut seen: HashMap<(u8, &str), usize> = HashMap::new();
    for (i, a) in group.iter().enumerate() {
        if a.withdrawn.is_some() {
            continue;
        }
        for id in std::iter::once(&a.id).chain(&a.aliases) {
            let other = *seen.entry((a.kind.family(), id)).or_insert(i);
            let (x, y) = (root(&mut parent, i), root(&mut parent, other));
            let both_rustsec = group[x].id.starts_with("RUSTSEC-") && group[y].id.starts_with("RUSTSEC-");
            if x != y && !both_rustsec {
                // The better identifier becomes the root.
                if rank(&group[x].id) < rank(&group[y].id) {
                    parent[y] = x;
                } else {
                    parent[x] = y;
                }
            }
        }
    }
    let names: Vec<String> = (0..group.len()).map(|i| group[root(&mut parent, i)].id.clone()).collect();
    for (a, name) in group.iter_mut().zip(names) {
        a.cluster = name;
    }
}

/// Halves the way for the next one, so that long chains cost their length once.
fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

/// Which identifier names a flaw: RUSTSEC, then PYSEC, then GHSA, then others; the oldest first.
fn rank(id: &str) -> (u8, u32, u64, &str) {
    let scheme = match id.split('-').next() {
        Some("RUSTSEC") => 0,
        Some("PYSEC") => 1,
        Some("GHSA") => 2,
        Some("CVE") => 3,
        Some("MAL") => 4,
        _ => 5,
    };
    let mut numbers = id.split('-').skip(1);
    let year = numbers.next().and_then(|y| y.parse().ok()).unwrap_or(u32::MAX);
    let number = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
    (scheme, year, number, id)
}
