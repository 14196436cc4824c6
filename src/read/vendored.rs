//! Compares what the lists of vendored crates (`.cargo-checksum.json`) say with the files of the tree.
//! Cargo does so too when it builds, but only with the listed files, and nobody builds what is under review.

use std::collections::BTreeSet;

use super::Reading;
use super::listed::{self, Job};
use crate::graph::Document;
use crate::graph::kinds::cargo::Checksums;
use crate::parse::cargo_checksum::sha256;
use crate::source::tree::Obstacle;
use crate::source::{RepoPath, Tree};

/// Unlisted files that are told of one crate.
const UNLISTED: usize = 16;
/// Endings of what is compiled or linked.
const CODE: &[&str] = &[".rs", ".a", ".so", ".dylib", ".dll", ".lib"];

/// What a comparison says.
enum Same {
    Yes,
    /// But for its line ends.
    InWords,
    No,
}

/// Fills in what each list and the tree do not agree in. `left` is how many bytes may still be read; they
/// are charged in the order of lists and rows before any file is read.
pub(super) fn compare(reading: &mut Reading, tree: &Tree, threads: usize, left: &mut u64) {
    let mut jobs: Vec<Job> = Vec::new();
    let sources = &reading.sources;
    let folder_of = |d: &Document| match d {
        Document::CargoChecksums(list) => sources.get(list.file).map(|file| file.path.parent()),
        _ => None,
    };
    let lists: BTreeSet<RepoPath> = reading.documents.iter().filter_map(folder_of).collect();
    for (document, list) in reading.documents.iter_mut().enumerate() {
        let Document::CargoChecksums(list) = list else { continue };
        let Some(folder) = sources.get(list.file).map(|file| file.path.parent()) else { continue };
        plan(list, document, &folder, tree, left, &mut jobs);
        unlisted(list, &folder, tree, &lists);
    }
    let results = listed::judged(reading, &jobs, tree, threads, |list, row, bytes| {
        let Document::CargoChecksums(list) = list else { return None };
        list.files.get(row).map(|(_, told)| same(bytes, told))
    });
    for (job, result) in jobs.iter().zip(results) {
        let Some(Document::CargoChecksums(list)) = reading.documents.get_mut(job.document) else { continue };
        match result {
            Some(Ok(Same::Yes)) | None => {}
            Some(Ok(Same::InWords)) => list.other_line_ends += 1,
            Some(Ok(Same::No)) => list.changed.push(job.row),
            Some(Err(why)) => listed::uncompared(&mut list.uncompared, &why),
        }
    }
    listed::tell(reading, |d| match d {
        Document::CargoChecksums(list) => Some((list.file, list.uncompared.clone()?)),
        _ => None,
    });
}

fn same(bytes: &[u8], told: &str) -> Same {
    if sha256(bytes).eq_ignore_ascii_case(told) {
        return Same::Yes;
    }
    if bytes.contains(&0) {
        return Same::No;
    }
    // A checkout may bring line ends of its own, and a release that was packed on Windows loses them.
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            plain.push(byte);
        }
    }
    let mut windows = Vec::with_capacity(plain.len() + plain.len() / 16);
    for &byte in &plain {
        if byte == b'\n' {
            windows.push(b'\r');
        }
        windows.push(byte);
    }
    let is_told = |bytes: &[u8]| sha256(bytes).eq_ignore_ascii_case(told);
    if is_told(&plain) || is_told(&windows) { Same::InWords } else { Same::No }
}

fn plan(list: &mut Checksums, document: usize, folder: &RepoPath, tree: &Tree, left: &mut u64, jobs: &mut Vec<Job>) {
    for row in 0..list.files.len() {
        let Some((name, _)) = list.files.get(row) else { continue };
        let path = folder.join(name).filter(|path| !name.starts_with('/') && path.is_under(folder));
        let Some(path) = path else {
            listed::uncompared(&mut list.uncompared, "the list names a file that lies elsewhere");
            continue;
        };
        let Some(entry) = tree.entry(&path) else {
            list.missing += 1;
            continue;
        };
        let (obstacle, size) = tree.look(entry);
        match obstacle {
            Some(Obstacle::Skipped(_)) => list.missing += 1,
            Some(Obstacle::Unread(_)) => listed::uncompared(&mut list.uncompared, "the file cannot be read"),
            None => {
                if listed::afford(tree, size, left) {
                    jobs.push(Job { document, row, path });
                } else {
                    listed::uncompared(&mut list.uncompared, "the files are too large");
                }
            }
        }
    }
}

/// Code in the folder that the list does not name. A list without any file vouches for none.
fn unlisted(list: &mut Checksums, folder: &RepoPath, tree: &Tree, lists: &BTreeSet<RepoPath>) {
    if list.files.is_empty() || folder.is_root() {
        return;
    }
    let named: BTreeSet<&str> = list.files.iter().map(|(path, _)| path.as_str()).collect();
    let inside = format!("{folder}/");
    let from = tree.entries.partition_point(|e| e.path.as_str() < inside.as_str());
    let below = tree.entries.iter().skip(from).map_while(|e| Some((e, e.path.as_str().strip_prefix(&inside)?)));
    let found = below.filter(|(entry, inner)| {
        let is_code = CODE.iter().any(|ending| inner.ends_with(ending));
        is_code
            && entry.obstacle.is_none()
            && !named.contains(inner)
            && owner(&entry.path, lists).as_ref() == Some(folder)
    });
    list.unlisted = found.take(UNLISTED).map(|(entry, _)| entry.path.as_str().to_owned()).collect();
}

/// The nearest folder above that has a list: copies may lie inside of others.
fn owner(path: &RepoPath, lists: &BTreeSet<RepoPath>) -> Option<RepoPath> {
    let mut at = path.parent();
    loop {
        if lists.contains(&at) {
            return Some(at);
        }
        if at.is_root() {
            return None;
        }
        at = at.parent();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::graph::Document;
    use crate::graph::kinds::cargo::Checksums;
    use crate::parse::cargo_checksum::sha256;
    use crate::read::{Outcome, Reading, read_tree};
    use crate::source::{RepoPath, Tree};

    fn read(files: &[(&str, &str)], limit: u64) -> Reading {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let mut tree = Tree::from_memory("t", files);
        tree.limits.total_bytes = limit;
        read_tree(&tree, 2, &|_, _| {})
    }

    fn lists(reading: &Reading) -> Vec<&Checksums> {
        reading
            .documents
            .iter()
            .filter_map(|d| if let Document::CargoChecksums(l) = d { Some(l) } else { None })
            .collect()
    }

    fn list(files: &[(&str, &str)]) -> String {
        let files: Vec<String> =
            files.iter().map(|(path, text)| format!("\"{path}\":\"{}\"", sha256(text.as_bytes()))).collect();
        format!("{{\"files\":{{{}}},\"package\":null}}", files.join(","))
    }

    #[test]
    fn a_list_is_compared_with_its_folder() {
        let outer = list(&[
            ("src/lib.rs", "x\n"),
            ("src/changed.rs", "x\n"),
            ("src/ends.rs", "x\ny\n"),
            ("src/windows.rs", "x\r\ny\r\n"),
            ("gone.rs", "x\n"),
        ]);
        let inner = list(&[("lib.rs", "x\n")]);
        let reading = read(
            &[
                ("vendor/a/.cargo-checksum.json", &outer),
                ("vendor/a/src/lib.rs", "x\n"),
                ("vendor/a/src/changed.rs", "y\n"),
                ("vendor/a/src/ends.rs", "x\r\ny\r\n"),
                ("vendor/a/src/windows.rs", "x\ny\n"),
                ("vendor/a/build.rs", "fn main() {}\n"),
                ("vendor/a/notes.txt", ""),
                ("vendor/a-2/build.rs", ""),
                ("vendor/a/inner/.cargo-checksum.json", &inner),
                ("vendor/a/inner/lib.rs", "x\n"),
                ("vendor/a/inner/more.rs", "x\n"),
                ("vendor/ab/lib.rs", ""),
            ],
            1 << 20,
        );
        let [outer, inner] = lists(&reading)[..] else { panic!("two lists") };
        let changed: Vec<&str> = outer.changed.iter().map(|&row| outer.files[row].0.as_str()).collect();
        assert_eq!(changed, ["src/changed.rs"]);
        assert_eq!((outer.other_line_ends, outer.missing), (2, 1));
        assert_eq!(outer.unlisted, ["vendor/a/build.rs"]);
        assert!(inner.changed.is_empty());
        assert_eq!(inner.unlisted, ["vendor/a/inner/more.rs"]);
        assert!(reading.files.iter().all(|file| matches!(file.outcome, Outcome::Read)));
    }

    #[test]
    fn what_is_not_compared_is_a_gap() {
        let text = "x".repeat(1000);
        let two = list(&[("a.rs", &text), ("b.rs", &text)]);
        let reading = read(
            &[("v/c/.cargo-checksum.json", &two), ("v/c/a.rs", &text), ("v/c/b.rs", &text)],
            150 + two.len() as u64,
        );
        let told = |reading: &Reading| lists(reading)[0].uncompared.clone();
        assert!(reading.files.iter().any(|file| matches!(file.outcome, Outcome::Partial(_))), "{:?}", reading.files);
        assert_eq!(told(&reading).map(|(_, why)| why), Some("the files are too large".to_owned()));
        let outside = "{\"files\":{\"../../x.rs\":\"00\"}}";
        let reading = read(&[("v/c/.cargo-checksum.json", outside), ("x.rs", "")], 1 << 20);
        assert_eq!(told(&reading), Some((1, "the list names a file that lies elsewhere".to_owned())));
        assert!(lists(&reading)[0].changed.is_empty());
    }
}
