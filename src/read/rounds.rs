//! Reads a tree in rounds: what names and beginnings of files show, then what those files mention.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::reuse::{Again, Earlier, Known};
use super::{
    Facts, FileOutcome, Mention, Outcome, READERS, Reader, Reading, card_files, models, policies, recorded, references,
    vendored,
};
use crate::graph::Document;
use crate::parse::{Budget, Problem};
use crate::source::tree::Obstacle;
use crate::source::{FileId, RepoPath, SourceFile, Sources, Span, Tree};

/// Stack of a reading thread. Recursive third-party parsers are guarded by nesting checks; this is
/// the second net.
const STACK: usize = 16 << 20;

/// Bytes that an archive or binary is charged at least: it may unpack to many times its size.
const LEAST_BUILT: u64 = 64 << 10;

/// How many files deep mentions are followed.
const ROUNDS: usize = 8;

/// Indexes taken from one file. Real projects have a handful.
const MAX_INDEXES: usize = 256;

/// Files whose beginnings are looked at one after the other, so that a folder is resolved once.
const STRETCH: usize = 64;

/// Hears how many files are done, of how many.
type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Reads every file of a known kind, on `threads` threads; the result does not depend on how many.
/// `progress` hears of each file that is done.
pub fn read_tree(tree: &Tree, threads: usize, progress: Progress<'_>) -> Reading {
    read_after(tree, None, threads, progress)
}

/// The same, with what was read of another tree at hand: files that are the same are not read twice. The result
/// is the one of [`read_tree`].
pub fn read_after(tree: &Tree, earlier: Option<Earlier<'_>>, threads: usize, progress: Progress<'_>) -> Reading {
    let known = earlier.map(Known::of);
    let known = known.as_ref();
    let total = tree.limits.total_bytes;
    let mut rounds = Rounds {
        tree,
        known,
        threads,
        progress,
        left: total,
        left_built: total,
        seen: BTreeSet::new(),
        claimed: BTreeMap::new(),
        done: Vec::new(),
    };
    let mut wanted = rounds.first();
    for round in 0.. {
        let slots = rounds.slots(wanted, round == ROUNDS);
        if slots.is_empty() {
            break;
        }
        let mut ones = rounds.read(&slots);
        ones.iter_mut().for_each(|one| one.tell_missing(tree));
        wanted = BTreeMap::new();
        for mention in ones.iter().flat_map(|one| &one.mentions) {
            // The first to mention a file says what it is.
            if let Some(reader) = READERS.iter().find(|r| r.id() == mention.reader) {
                wanted.entry(mention.path.clone()).or_insert(*reader);
            }
        }
        rounds.done.extend(slots.into_iter().zip(ones));
    }
    rounds.finish()
}

/// Files to read, and by whom.
type Wanted = BTreeMap<RepoPath, &'static dyn Reader>;

struct Rounds<'t> {
    tree: &'t Tree,
    known: Option<&'t Known<'t>>,
    threads: usize,
    progress: Progress<'t>,
    /// Bytes that may still be read of texts.
    left: u64,
    /// Bytes that may still be read of archives and binaries: no text goes unread for their size.
    left_built: u64,
    seen: BTreeSet<RepoPath>,
    /// Files whose beginning showed their kind, and the reader's id.
    claimed: BTreeMap<RepoPath, &'static str>,
    done: Vec<(Slot, One)>,
}

struct Slot {
    path: RepoPath,
    reader: &'static dyn Reader,
    obstacle: Option<Obstacle>,
}

struct One {
    file: SourceFile,
    documents: Vec<Document>,
    mentions: Vec<Mention>,
    outcome: Outcome,
}

impl One {
    /// Files it cannot do without and that the tree does not hold are gaps of its own.
    fn tell_missing(&mut self, tree: &Tree) {
        let missing = self.mentions.iter().filter_map(|mention| {
            let span = mention.needed_at?;
            let is_there = tree.entry(&mention.path).is_some();
            (!is_there).then(|| Problem::new(span, format!("the tree holds no {}", mention.path)))
        });
        let missing: Vec<Problem> = missing.take(Budget::default().problems).collect();
        match &mut self.outcome {
            _ if missing.is_empty() => {}
            Outcome::Read => self.outcome = Outcome::Partial(missing),
            Outcome::Partial(problems) => problems.extend(missing),
            Outcome::Unread(_) | Outcome::Skipped(_) => {}
        }
    }
}

impl Rounds<'_> {
    /// What paths claim, and what beginnings do.
    fn first(&mut self) -> Wanted {
        let mut wanted = Wanted::new();
        let mut doubtful = Vec::new();
        let mut told = Vec::new();
        for entry in &self.tree.entries {
            if let Some(reader) = by_path(&entry.path) {
                wanted.insert(entry.path.clone(), reader);
            } else if entry.obstacle.is_none()
                && let Some(length) = READERS.iter().filter_map(|r| r.looks_into(&entry.path)).max()
            {
                match self.known.and_then(|known| known.claim(&entry.path)) {
                    Some(claim) => told.push((entry.path.clone(), claim)),
                    None => doubtful.push((entry, length)),
                }
            }
        }
        // A folder may well be called `rust-toolchain`; none is called `Cargo.lock` by chance.
        for folder in self.tree.folders.iter().filter(|f| f.name().contains('.')) {
            if let Some(reader) = by_path(folder) {
                wanted.insert(folder.clone(), reader);
            }
        }
        let tree = self.tree;
        let stretches: Vec<_> = doubtful.chunks(STRETCH).collect();
        let claimed = in_parallel(self.threads, stretches.len(), |index| {
            let mut heads = tree.heads();
            let stretch = stretches.get(index).copied().unwrap_or_default();
            // One that cannot be opened is of no known kind.
            let mut claim = |(entry, length): &(&crate::source::tree::Entry, usize)| {
                let head = heads.read(entry, *length)?;
                let mut readers = READERS.iter().filter_map(|r| Some((*r, r.looks_into(&entry.path)?)));
                // Each sees what it asked for.
                let (reader, _) = readers.find(|(r, length)| {
                    let own = head.get(..*length).unwrap_or(head.as_slice());
                    let text = unmarked(own);
                    r.claims_head(&entry.path, own)
                        || text.is_some_and(|text| r.claims_head(&entry.path, text.as_bytes()))
                })?;
                Some((entry.path.clone(), reader))
            };
            stretch.iter().filter_map(&mut claim).collect::<Vec<_>>()
        });
        // The first reader that claims a file reads it.
        let told = told.into_iter().filter_map(|(path, claim)| Some((path, claim?)));
        for (path, reader) in claimed.into_iter().flatten().chain(told) {
            self.claimed.insert(path.clone(), reader.id());
            wanted.entry(path).or_insert(reader);
        }
        wanted
    }

    /// What stands in the way of files that were not read yet, in path order. Those that are not in
    /// the tree are left out.
    fn slots(&mut self, wanted: Wanted, is_too_deep: bool) -> Vec<Slot> {
        let mut slots = Vec::new();
        for (path, reader) in wanted {
            let entry = self.tree.entry(&path);
            if self.seen.contains(&path) || (entry.is_none() && by_path(&path).is_none()) {
                continue;
            }
            let is_built = reader.takes_bytes();
            let obstacle = match entry {
                _ if is_too_deep => {
                    Some(Obstacle::Unread(format!("more than {ROUNDS} files lead to it, one after the other")))
                }
                Some(entry) if reader.takes_beginning().is_some() => self.tree.look(entry).0,
                Some(entry) => self.obstacle(entry, is_built),
                None if self.tree.folders.binary_search(&path).is_ok() => {
                    Some(Obstacle::Unread("a folder stands where a file is expected".to_owned()))
                }
                None => continue,
            };
            self.seen.insert(path.clone());
            slots.push(Slot { path, reader, obstacle });
        }
        slots
    }

    /// Charged in path order before anything is read, so that threads cannot change the result.
    fn obstacle(&mut self, entry: &crate::source::tree::Entry, is_built: bool) -> Option<Obstacle> {
        let limits = &self.tree.limits;
        let (obstacle, size) = self.tree.look(entry);
        if obstacle.is_some() || size > limit(self.tree, is_built) {
            return obstacle;
        }
        let left = if is_built { &mut self.left_built } else { &mut self.left };
        // What is packed is more work than its size tells.
        let charge = if is_built { size.max(LEAST_BUILT) } else { size };
        match left.checked_sub(charge) {
            Some(rest) => {
                *left = rest;
                None
            }
            None if is_built => Some(Obstacle::Unread("there are too many archives and binaries".to_owned())),
            None => Some(Obstacle::Unread(format!("files of known kinds hold more than {} bytes", limits.total_bytes))),
        }
    }

    fn read(&self, slots: &[Slot]) -> Vec<One> {
        let before = self.done.len();
        let finished = AtomicUsize::new(before);
        in_parallel(self.threads, slots.len(), |index| {
            let one = slots.get(index).map(|slot| self.again(slot).unwrap_or_else(|| read_one(self.tree, slot)));
            (self.progress)(finished.fetch_add(1, Ordering::Relaxed) + 1, before + slots.len());
            one
        })
        .into_iter()
        .flatten()
        .collect()
    }

    /// What an earlier reading knows of the file.
    fn again(&self, slot: &Slot) -> Option<One> {
        let known = self.known.filter(|_| slot.obstacle.is_none())?;
        let Again { file, documents, mentions, outcome } = known.find(&slot.path, slot.reader.id())?;
        Some(One { file, documents, mentions, outcome })
    }

    /// Everything in path order, ids given anew.
    fn finish(mut self) -> Reading {
        self.done.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let mut reading = Reading { claimed: std::mem::take(&mut self.claimed), ..Reading::default() };
        let mut sources = Vec::new();
        for (index, (slot, mut one)) in self.done.into_iter().enumerate() {
            let id = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            one.file.id = id;
            for document in &mut one.documents {
                document.set_file(id);
            }
            let (path, reader) = (slot.path, slot.reader.id());
            reading.files.push(FileOutcome { path, reader, file: Some(id), outcome: one.outcome });
            reading.mentions.push(one.mentions);
            sources.push(one.file);
            reading.documents.append(&mut one.documents);
        }
        reading.sources = Sources::new(sources);
        let mut left = self.tree.limits.total_bytes;
        recorded::compare(&mut reading, self.tree, self.threads, &mut left);
        vendored::compare(&mut reading, self.tree, self.threads, &mut left);
        models::scan(&mut reading, self.tree, self.known, self.threads);
        references::find(&mut reading, self.tree, self.threads);
        card_files::find(&mut reading, self.tree, self.threads);
        policies::settle(&mut reading);
        reading
    }
}

/// Bytes of one file that are read.
fn limit(tree: &Tree, is_built: bool) -> u64 {
    if is_built { tree.limits.built_bytes } else { tree.limits.file_bytes }
}

fn by_path(path: &RepoPath) -> Option<&'static dyn Reader> {
    READERS.iter().find(|r| r.claims(path)).copied()
}

/// Every index of a file is compared with every other one and told by itself, so a file of a hundred thousand
/// is cut, aloud.
fn bound_indexes(facts: &mut Facts) {
    for document in &mut facts.documents {
        let indexes = match document {
            Document::PyProject(project) => &mut project.indexes,
            Document::ManagerSettings(settings) => &mut settings.indexes,
            _ => continue,
        };
        if let Some(first) = indexes.get(MAX_INDEXES) {
            facts.problems.push(Problem::new(first.span, "too many indexes; the rest is not read"));
            indexes.truncate(MAX_INDEXES);
        }
    }
}

/// The beginning of a text behind a byte order mark, in UTF-8; none where there is no such mark. What a file
/// is must not depend on how an editor saved it.
fn unmarked(head: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match head {
        [0xEF, 0xBB, 0xBF, rest @ ..] => return Some(String::from_utf8_lossy(rest).into_owned()),
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, _) = head.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().skip(1).map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Does `count` pieces of work on threads; results in order.
pub(super) fn in_parallel<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = work(index);
            if let Ok(mut results) = results.lock() {
                results.push((index, result));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            // Where no thread can be had the work is done here, below.
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        }
    });
    run();
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn read_one(tree: &Tree, slot: &Slot) -> One {
    // Ids are given once all files are known.
    let id = FileId::default();
    let empty = |outcome| One {
        file: SourceFile::new(id, slot.path.clone(), Vec::new()),
        documents: Vec::new(),
        mentions: Vec::new(),
        outcome,
    };
    match &slot.obstacle {
        Some(Obstacle::Unread(why)) => return empty(Outcome::Unread(why.clone())),
        Some(Obstacle::Skipped(why)) => return empty(Outcome::Skipped(why.clone())),
        None => {}
    }
    let whole = || tree.read_within(&slot.path, limit(tree, slot.reader.takes_bytes()));
    let read = match (slot.reader.takes_beginning(), tree.entry(&slot.path)) {
        (Some(length), Some(entry)) => {
            tree.heads().read(entry, length).ok_or_else(|| "its beginning could not be read".to_owned())
        }
        _ => whole(),
    };
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(why) => return empty(Outcome::Unread(why)),
    };
    let make = match () {
        () if slot.reader.takes_bytes() => SourceFile::binary,
        () if slot.reader.decodes() => SourceFile::decoded,
        () => SourceFile::new,
    };
    let mut file = make(id, slot.path.clone(), bytes);
    let mut facts = Facts::default();
    if let Some(at) = file.invalid_utf8 {
        facts.problems.push(Problem::new(Span::new(at, at + 1), "a byte that is no UTF-8"));
    }
    let mut budget = Budget::default();
    // A reader that panics is our mistake: it costs this file, said aloud, and nothing else.
    let run = std::panic::AssertUnwindSafe(|| slot.reader.read(&file, &mut budget, &mut facts));
    if std::panic::catch_unwind(run).is_err() {
        return empty(Outcome::Unread(format!("the {} reader failed on it: a bug of cargo-custody", slot.reader.id())));
    }
    file.bytes = Vec::new();
    // A reader that ran out of what it may use and does not say so has left something out.
    if budget.is_spent() && facts.problems.is_empty() {
        facts.problems.push(Problem::new(Span::new(0, file.text.len()), "too much to read; the rest is not read"));
    }
    bound_indexes(&mut facts);
    let outcome = match facts.unread {
        Some(why) => Outcome::Unread(why),
        None if facts.problems.is_empty() => Outcome::Read,
        None => Outcome::Partial(facts.problems),
    };
    One { file, documents: facts.documents, mentions: facts.mentions, outcome }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::graph::Document;

    fn tree(files: &[(&str, String)]) -> Tree {
        let files = files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.clone().into_bytes()));
        Tree::from_memory("t", files.collect::<BTreeMap<_, _>>())
    }

    fn read(tree: &Tree, threads: usize) -> Vec<String> {
        let reading = read_tree(tree, threads, &|_, _| {});
        for (index, file) in reading.sources.iter().enumerate() {
            assert_eq!(file.id.0 as usize, index);
            assert_eq!(reading.sources.by_path(&file.path).map(|f| f.id), Some(file.id));
        }
        let documents: Vec<&str> =
            reading.documents.iter().map(|d: &Document| reading.sources.path(d.file())).collect();
        assert!(documents.is_sorted());
        reading.files.iter().map(|f| format!("{} {} {:?}", f.path, f.reader, f.outcome)).collect()
    }

    #[test]
    fn files_are_found_by_name_by_mention_and_by_content() {
        let tree = tree(&[
            ("requirements.txt", "-r z/base\ntorch==1\n".to_owned()),
            ("z/base", "-c ../a/bounds\nnumpy\n".to_owned()),
            ("a/bounds", "-r ../requirements.txt\nscipy<2\n".to_owned()),
            ("server/req.txt", "flask==1\n".to_owned()),
            ("server/notes.txt", "flask==1\n".to_owned()),
            ("s/run.py", "# /// script\n# dependencies = [\"rich\"]\n# ///\n".to_owned()),
            ("s/module.py", "import rich\n".to_owned()),
        ]);
        let wanted = [
            "a/bounds requirements Read",
            "requirements.txt requirements Read",
            "s/run.py python-script Read",
            "server/req.txt requirements Read",
            "z/base requirements Read",
        ];
        assert_eq!(read(&tree, 1), wanted);
        assert_eq!(read(&tree, 4), wanted);
    }

    #[test]
    fn a_file_of_endless_indexes_is_cut_aloud() {
        let index = |n: usize| format!("[[index]]\nname = \"i{n}\"\nurl = \"https://example.com/{n}\"\n");
        let outcomes = read(&tree(&[("uv.toml", (0..300).map(index).collect())]), 1);
        assert!(outcomes[0].contains("too many indexes") && outcomes[0].contains("Partial"), "{outcomes:?}");
    }

    #[test]
    fn a_byte_order_mark_hides_no_file_from_its_reader() {
        let list = "# platform: linux-64\n@EXPLICIT\nhttps://conda.example.com/c/linux-64/zlib-1.3-h0.conda\n";
        let utf16: Vec<u8> = format!("\u{feff}{list}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let files = [
            ("a/conda-linux-64.txt", list.as_bytes().to_vec()),
            ("b/conda-linux-64.txt", format!("\u{feff}{list}").into_bytes()),
            ("c/conda-linux-64.txt", utf16),
        ];
        let files = files.into_iter().map(|(path, bytes)| (RepoPath::new(path).unwrap(), bytes));
        let reading = read_tree(&Tree::from_memory("t", files.collect()), 1, &|_, _| {});
        let readers: Vec<&str> = reading.files.iter().map(|f| f.reader).collect();
        assert_eq!(readers, ["conda-explicit-list"; 3]);
    }

    #[test]
    fn an_include_that_cannot_be_followed_is_a_gap() {
        for (line, told) in [
            ("-r gone.txt", "the tree holds no a/gone.txt"),
            ("-c ../gone.txt", "the tree holds no gone.txt"),
            ("-r folder", "the tree holds no a/folder"),
            ("-r https://example.com/r.txt", "what lies at an address is not read"),
            ("-c file:///etc/r.txt", "what lies at an address is not read"),
            ("-r ../../r.txt", "it lies outside the tree"),
            ("-r /etc/r.txt", "it lies outside the tree"),
            ("-r ${X}/r.txt", "a variable stands in its path"),
        ] {
            let tree = tree(&[("a/requirements.txt", format!("{line}\n")), ("a/folder/x", String::new())]);
            let outcomes = read(&tree, 1);
            assert!(outcomes[0].contains(told) && outcomes[0].contains("Partial"), "{line}: {outcomes:?}");
        }
    }

    #[test]
    fn a_chain_without_end_is_cut_aloud() {
        let files: Vec<(String, String)> =
            (0..20).map(|n| (format!("c/{n:02}"), format!("-r {:02}\na\n", n + 1))).collect();
        let mut all: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        all.push(("requirements.txt", "-r c/00\n".to_owned()));
        let outcomes = read(&tree(&all), 2);
        assert_eq!(outcomes.len(), ROUNDS + 1);
        let cut: Vec<&String> = outcomes.iter().filter(|o| o.contains("Unread")).collect();
        assert_eq!(cut.len(), 1, "{outcomes:?}");
        assert!(cut[0].starts_with("c/07 requirements"), "{cut:?}");
    }

    #[test]
    fn bytes_are_charged_in_the_order_of_paths() {
        let mut tree =
            tree(&[("a/requirements.txt", "torch==1\n".to_owned()), ("b/requirements.txt", "torch==1\n".to_owned())]);
        tree.limits.total_bytes = 10;
        let outcomes = read(&tree, 4);
        assert!(outcomes[0].ends_with("Read") && outcomes[1].contains("files of known kinds hold more than 10 bytes"));
    }
}
