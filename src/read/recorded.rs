//! Compares what lists of installed files (`RECORD`) say with the files of the tree. It happens after all
//! files of known kinds were read, since a list speaks of files that are of no kind of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::Reading;
use super::listed::{self, Job};
use crate::graph::Document;
use crate::graph::kinds::artifact::RecordFile;
use crate::parse::record;
use crate::source::{RepoPath, Tree};

/// Unlisted files that are told of one list.
const UNLISTED: usize = 16;

/// Fills in what each list and the tree do not agree in. Bytes are charged in the order of lists and rows
/// before any file is read, so that the result does not depend on threads.
pub(super) fn compare(reading: &mut Reading, tree: &Tree, threads: usize, left: &mut u64) {
    let mut jobs: Vec<Job> = Vec::new();
    let mut sites: BTreeMap<RepoPath, Vec<usize>> = BTreeMap::new();
    let sources = &reading.sources;
    for (document, record) in reading.documents.iter_mut().enumerate() {
        let Document::Record(record) = record else { continue };
        let Some(site) = sources.get(record.file).map(|file| file.path.parent().parent()) else { continue };
        plan(record, document, &site, tree, left, &mut jobs);
        sites.entry(site).or_default().push(document);
    }
    let results = listed::judged(reading, &jobs, tree, threads, |list, row, bytes| {
        let Document::Record(record) = list else { return None };
        let told = record.rows.get(row)?.digest.as_deref()?.trim_end_matches('=');
        Some(record::sha256(bytes) == told)
    });
    for (job, result) in jobs.iter().zip(results) {
        let Some(Document::Record(record)) = reading.documents.get_mut(job.document) else { continue };
        match result {
            Some(Ok(true)) | None => {}
            Some(Ok(false)) => record.changed.push(job.row),
            Some(Err(why)) => listed::uncompared(&mut record.uncompared, &why),
        }
    }
    listed::tell(reading, |d| match d {
        Document::Record(record) => Some((record.file, record.uncompared.clone()?)),
        _ => None,
    });
    for (site, lists) in &sites {
        unlisted(&mut reading.documents, site, lists, tree);
    }
}

fn plan(record: &mut RecordFile, document: usize, site: &RepoPath, tree: &Tree, left: &mut u64, jobs: &mut Vec<Job>) {
    for row in 0..record.rows.len() {
        let Some(listed) = record.rows.get(row) else { continue };
        // Scripts may lie outside of the tree; what is compiled is made anew on every machine.
        let Some(path) = site.join(&listed.path).filter(|_| !listed.path.starts_with('/')) else { continue };
        let Some(entry) = tree.entry(&path) else {
            let is_made = listed.path.ends_with(".pyc") || listed.path.starts_with("../");
            if !is_made && tree.folders.binary_search(&path).is_err() {
                record.missing.push(row);
            }
            continue;
        };
        let Some(digest) = &listed.digest else { continue };
        if !digest.starts_with("sha256=") {
            listed::uncompared(&mut record.uncompared, "the digest is no SHA-256");
            continue;
        }
        let (obstacle, size) = tree.look(entry);
        if obstacle.is_some() {
            listed::uncompared(&mut record.uncompared, "the file cannot be read");
        } else if listed.size.is_some_and(|told| told != size) {
            record.changed.push(row);
        } else if listed::afford(tree, size, left) {
            jobs.push(Job { document, row, path });
        } else {
            listed::uncompared(&mut record.uncompared, "the files are too large");
        }
    }
}

/// Code in the folders of the listed packages that no list of the site folder names.
fn unlisted(documents: &mut [Document], site: &RepoPath, lists: &[usize], tree: &Tree) {
    let mut named: BTreeSet<RepoPath> = BTreeSet::new();
    // Folders of packages, with the first list that names something in each.
    let mut folders: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for &list in lists {
        let Some(Document::Record(record)) = documents.get(list) else { continue };
        for row in &record.rows {
            let Some(path) = site.join(&row.path) else { continue };
            let top = row.path.split_once('/').map(|(top, _)| top).filter(|top| !top.contains('.'));
            if let Some(folder) = top.and_then(|top| site.child(top)) {
                folders.entry(folder).or_insert(list);
            }
            named.insert(path);
        }
    }
    for (folder, list) in folders {
        let from = tree.entries.partition_point(|e| e.path < folder);
        let below = tree.entries.iter().skip(from).take_while(|e| e.path.as_str().starts_with(folder.as_str()));
        let found: Vec<String> = below
            .filter(|e| e.path.is_under(&folder) && is_code(e.path.name()) && !named.contains(&e.path))
            .map(|e| e.path.as_str().to_owned())
            .take(UNLISTED)
            .collect();
        if let Some(Document::Record(record)) = documents.get_mut(list) {
            record.unlisted.extend(found);
        }
    }
}

fn is_code(name: &str) -> bool {
    [".py", ".pth", ".so", ".pyd"].iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::graph::Document;
    use crate::graph::kinds::artifact::RecordFile;
    use crate::parse::record::sha256;
    use crate::read::{Outcome, Reading, read_tree};
    use crate::source::{RepoPath, Tree};

    fn read(files: &[(&str, &str)], limit: u64) -> Reading {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let mut tree = Tree::from_memory("t", files);
        tree.limits.total_bytes = limit;
        read_tree(&tree, 2, &|_, _| {})
    }

    fn record(reading: &Reading) -> &RecordFile {
        reading.documents.iter().find_map(|d| if let Document::Record(r) = d { Some(r) } else { None }).unwrap()
    }

    fn paths(record: &RecordFile, rows: &[usize]) -> Vec<String> {
        rows.iter().map(|&row| record.rows[row].path.clone()).collect()
    }

    #[test]
    fn a_list_is_compared_with_the_files_beside_it() {
        let good = sha256(b"x = 1\n");
        let list = format!(
            "a/__init__.py,{good},6\na/same_size.py,{good},6\na/longer.py,{good},6\na/gone.py,{good},6\n\
             a/__pycache__/x.pyc,,\n../../bin/a,{good},6\na-1.dist-info/RECORD,,\na/md5.py,md5=x,6\n"
        );
        let reading = read(
            &[
                ("v/lib/a/__init__.py", "x = 1\n"),
                ("v/lib/a/same_size.py", "x = 2\n"),
                ("v/lib/a/longer.py", "x = 10\n"),
                ("v/lib/a/md5.py", "x = 1\n"),
                ("v/lib/a/more.py", "x = 1\n"),
                ("v/lib/ab/other.py", "x = 1\n"),
                ("v/lib/a/data.json", "{}"),
                ("v/lib/a-1.dist-info/RECORD", &list),
            ],
            1 << 20,
        );
        let found = record(&reading);
        let mut changed = paths(found, &found.changed);
        changed.sort();
        assert_eq!(changed, ["a/longer.py", "a/same_size.py"]);
        assert_eq!(paths(found, &found.missing), ["a/gone.py"]);
        assert_eq!(found.unlisted, ["v/lib/a/more.py"]);
        assert_eq!(found.uncompared, Some((1, "the digest is no SHA-256".to_owned())));
        assert!(matches!(&reading.files[0].outcome, Outcome::Partial(problems) if problems.len() == 1));
    }

    #[test]
    fn what_is_not_compared_for_its_size_is_a_gap() {
        let list = format!("a.py,{},100\nb.py,{},100\n", sha256(&[b'x'; 100]), sha256(&[b'y'; 100]));
        let (a, b) = ("x".repeat(100), "y".repeat(100));
        let reading = read(&[("a.py", &a), ("b.py", &b), ("a-1.dist-info/RECORD", &list)], 199);
        let found = record(&reading);
        assert!(found.changed.is_empty());
        assert_eq!(found.uncompared, Some((1, "the files are too large".to_owned())));
        assert!(matches!(reading.files[0].outcome, Outcome::Partial(_)));
    }
}
