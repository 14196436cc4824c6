//! Files that moved: which of those that came is which of those that are gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::Oid;
use super::difference::Mark;
use crate::source::RepoPath;
use crate::source::tree::Tree;

/// Most pairs whose contents are compared; beyond it only files of the same name are.
const MAX_PAIRS: usize = 1_000_000;

/// Largest file whose content is compared.
const MAX_FILE: u64 = 1 << 20;

/// Bytes whose lines are looked at.
const MAX_BYTES: u64 = 128 << 20;

/// Steps of comparing lines.
const MAX_STEPS: usize = 200_000_000;

/// Hundredths of the larger file that must be the same.
const HALF: usize = 50;

/// The same for files that only changed their folder, which are looked at first.
const SAME_NAME: usize = 75;

/// Longest piece that is compared as one, so that files of one line compare too; as git has it.
const PIECE: usize = 64;

type Files<'t> = [(&'t RepoPath, &'t Mark)];

/// Where files are now, and where they were. Each side is in path order.
pub(super) fn moved(gone: &Files, came: &Files, base: &Tree, head: &Tree) -> Vec<(RepoPath, RepoPath)> {
    let mut gone: Vec<(&RepoPath, Oid)> = files(gone);
    let mut came: Vec<(&RepoPath, Oid)> = files(came);
    let mut found = same_content(&gone, &came);
    forget(&mut gone, &mut came, &found);
    if gone.is_empty() || came.is_empty() {
        return found;
    }
    let mut pieces = Comparison { base, head, before: HashMap::new(), after: HashMap::new(), bytes: 0, steps: 0 };
    let by_name = same_name(&gone, &came, &mut pieces);
    forget(&mut gone, &mut came, &by_name);
    found.extend(by_name);
    found.extend(alike(&gone, &came, &mut pieces));
    found
}

/// Files with content: that nothing is nothing says little.
fn files<'t>(all: &Files<'t>) -> Vec<(&'t RepoPath, Oid)> {
    let empty = |id: &Oid| id.of_blob(b"") == Some(*id);
    all.iter().filter_map(|(path, mark)| Some((*path, mark.file().filter(|id| !empty(id))?))).collect()
}

fn forget(gone: &mut Vec<(&RepoPath, Oid)>, came: &mut Vec<(&RepoPath, Oid)>, found: &[(RepoPath, RepoPath)]) {
    let now: BTreeSet<&RepoPath> = found.iter().map(|(now, _)| now).collect();
    let was: BTreeSet<&RepoPath> = found.iter().map(|(_, was)| was).collect();
    gone.retain(|(path, _)| !was.contains(path));
    came.retain(|(path, _)| !now.contains(path));
}

/// Files whose content is the very same; of several, first those of the same name, then by path.
fn same_content(gone: &[(&RepoPath, Oid)], came: &[(&RepoPath, Oid)]) -> Vec<(RepoPath, RepoPath)> {
    let mut before: BTreeMap<Oid, Vec<&RepoPath>> = BTreeMap::new();
    let mut after: BTreeMap<Oid, Vec<&RepoPath>> = BTreeMap::new();
    for (path, id) in gone {
        before.entry(*id).or_default().push(path);
    }
    for (path, id) in came {
        after.entry(*id).or_default().push(path);
    }
    let mut found = Vec::new();
    for (id, now) in after {
        let Some(was) = before.get(&id) else { continue };
        let mut by_name: BTreeMap<&str, Vec<&RepoPath>> = BTreeMap::new();
        for path in was.iter().rev() {
            by_name.entry(path.name()).or_default().push(path);
        }
        let mut left = Vec::new();
        for path in now {
            match by_name.get_mut(path.name()).and_then(Vec::pop) {
                Some(was) => found.push((path.clone(), was.clone())),
                None => left.push(path),
            }
        }
        let mut rest: Vec<&RepoPath> = by_name.into_values().flatten().collect();
        rest.sort();
        found.extend(left.into_iter().zip(rest).map(|(now, was)| (now.clone(), was.clone())));
    }
    found
}

/// Files that are the only ones of their name on both sides, and mostly the same.
fn same_name(
    gone: &[(&RepoPath, Oid)],
    came: &[(&RepoPath, Oid)],
    pieces: &mut Comparison,
) -> Vec<(RepoPath, RepoPath)> {
    let only = |all: &[(&RepoPath, Oid)]| {
        let mut by_name: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (at, (path, _)) in all.iter().enumerate() {
            by_name.entry(path.name().to_owned()).and_modify(|several| *several = None).or_insert(Some(at));
        }
        by_name
    };
    let (before, after) = (only(gone), only(came));
    let mut found = Vec::new();
    for (name, now) in after {
        let (Some(now), Some(Some(was))) = (now, before.get(&name)) else { continue };
        let (Some(now), Some(was)) = (came.get(now), gone.get(*was)) else { continue };
        if pieces.compare(was, now) >= SAME_NAME {
            found.push((now.0.clone(), was.0.clone()));
        }
    }
    found
}

/// The most similar pairs first; of equally similar ones, first those of the same name.
fn alike(gone: &[(&RepoPath, Oid)], came: &[(&RepoPath, Oid)], pieces: &mut Comparison) -> Vec<(RepoPath, RepoPath)> {
    let all = gone.len().saturating_mul(came.len()) <= MAX_PAIRS;
    let mut by_name: BTreeMap<&str, Vec<&(&RepoPath, Oid)>> = BTreeMap::new();
    for was in gone {
        by_name.entry(was.0.name()).or_default().push(was);
    }
    let mut pairs: Vec<(usize, bool, &RepoPath, &RepoPath)> = Vec::new();
    for now in came {
        let named = by_name.get(now.0.name()).map(Vec::as_slice).unwrap_or_default();
        let others: Vec<&(&RepoPath, Oid)> = if all { gone.iter().collect() } else { named.to_vec() };
        // Many files of one name are a square again.
        for was in others.into_iter().take(MAX_PAIRS / came.len().max(1)) {
            let score = pieces.compare(was, now);
            if score >= HALF {
                pairs.push((score, was.0.name() == now.0.name(), now.0, was.0));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then_with(|| (a.2, a.3).cmp(&(b.2, b.3))));
    let (mut taken, mut used) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for (_, _, now, was) in pairs {
        if !taken.contains(now) && !used.contains(was) {
            taken.insert(now);
            used.insert(was);
            found.push((now.clone(), was.clone()));
        }
    }
    found
}

/// The pieces of a file: what each is, and how many bytes of the file are that.
struct Pieces {
    bytes: usize,
    counts: Vec<(u64, usize)>,
}

impl Pieces {
    fn of(bytes: &[u8]) -> Self {
        let mut all: Vec<(u64, usize)> = Vec::new();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            for piece in line.chunks(PIECE) {
                let mut hasher = DefaultHasher::new();
                piece.hash(&mut hasher);
                all.push((hasher.finish(), piece.len()));
            }
        }
        all.sort_unstable();
        let mut counts: Vec<(u64, usize)> = Vec::new();
        for (hash, length) in all {
            match counts.last_mut() {
                Some(last) if last.0 == hash => last.1 += length,
                _ => counts.push((hash, length)),
            }
        }
        Self { bytes: bytes.len(), counts }
    }

    /// Hundredths of the larger that both have.
    fn shared_with(&self, other: &Self) -> usize {
        let (mut left, mut right) = (self.counts.iter().peekable(), other.counts.iter().peekable());
        let mut shared = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    shared += a.1.min(b.1);
                    left.next();
                    right.next();
                }
            }
        }
        shared * 100 / self.bytes.max(other.bytes).max(1)
    }
}

/// Contents that were read to be compared, each once.
struct Comparison<'t> {
    base: &'t Tree,
    head: &'t Tree,
    before: HashMap<Oid, Option<Pieces>>,
    after: HashMap<Oid, Option<Pieces>>,
    bytes: u64,
    steps: usize,
}

impl Comparison<'_> {
    /// Hundredths of the larger file that are in both; 0 where one cannot be compared.
    fn compare(&mut self, was: &(&RepoPath, Oid), now: &(&RepoPath, Oid)) -> usize {
        if self.steps > MAX_STEPS {
            return 0;
        }
        load(&mut self.before, self.base, was, &mut self.bytes);
        load(&mut self.after, self.head, now, &mut self.bytes);
        let pair =
            self.before.get(&was.1).and_then(Option::as_ref).zip(self.after.get(&now.1).and_then(Option::as_ref));
        let Some((before, after)) = pair else { return 0 };
        self.steps += 1;
        if before.bytes.min(after.bytes) * 100 < before.bytes.max(after.bytes) * HALF {
            return 0;
        }
        self.steps += before.counts.len() + after.counts.len();
        before.shared_with(after)
    }
}

fn load(known: &mut HashMap<Oid, Option<Pieces>>, tree: &Tree, file: &(&RepoPath, Oid), bytes: &mut u64) {
    if known.contains_key(&file.1) {
        return;
    }
    let is_affordable = *bytes < MAX_BYTES;
    let content = is_affordable.then(|| tree.read_within(file.0, MAX_FILE).ok()).flatten();
    *bytes += content.as_ref().map_or(0, |content| content.len() as u64);
    known.insert(file.1, content.map(|content| Pieces::of(&content)));
}
