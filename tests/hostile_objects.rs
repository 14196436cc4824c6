//! Repositories that nobody's git wrote: each is done with within its budget, on a stack of 2 MiB.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

use std::collections::BTreeMap;
use std::sync::Arc;

use cargo_custody::source::objects::{ObjectError, Oid, Repository, RevisionError};
use cargo_custody::source::{Limits, RepoPath, Tree};
use miniz_oxide::deflate::compress_to_vec_zlib;

/// A name for the object of a number. Contents are not checked against names.
fn id(number: u32) -> Oid {
    Oid::from_hex(&format!("{number:08x}{}", "0".repeat(32))).expect("a name")
}

fn raw(number: u32) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.resize(20, 0);
    bytes
}

/// The file of a loose object.
fn loose(kind: &str, content: &[u8]) -> Vec<u8> {
    claimed(kind, content, content.len() as u64)
}

fn claimed(kind: &str, content: &[u8], size: u64) -> Vec<u8> {
    let mut bytes = format!("{kind} {size}\0").into_bytes();
    bytes.extend_from_slice(content);
    compress_to_vec_zlib(&bytes, 1)
}

fn entry(mode: &str, name: &[u8], number: u32) -> Vec<u8> {
    let mut bytes = format!("{mode} ").into_bytes();
    bytes.extend_from_slice(name);
    bytes.push(0);
    bytes.extend(raw(number));
    bytes
}

fn commit_of(tree: u32) -> Vec<u8> {
    format!("tree {}\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nx\n", id(tree))
        .into_bytes()
}

/// The size and kind that an entry of a pack begins with.
fn header(kind: u8, mut size: u64) -> Vec<u8> {
    let mut byte = (kind << 4) | u8::try_from(size & 15).expect("four bits");
    size >>= 4;
    let mut out = Vec::new();
    while size > 0 {
        out.push(byte | 0x80);
        byte = u8::try_from(size & 0x7f).expect("seven bits");
        size >>= 7;
    }
    out.push(byte);
    out
}

/// A pack whose entries are written one after the other, and its index.
#[derive(Default)]
struct Packed {
    body: Vec<u8>,
    offsets: BTreeMap<u32, u64>,
}

impl Packed {
    fn add(&mut self, number: u32, kind: u8, base: Option<u32>, content: &[u8]) {
        self.add_claimed(number, kind, base, content, content.len() as u64);
    }

    fn add_claimed(&mut self, number: u32, kind: u8, base: Option<u32>, content: &[u8], size: u64) {
        self.offsets.insert(number, 12 + self.body.len() as u64);
        self.body.extend(header(kind, size));
        if let Some(base) = base {
            self.body.extend(raw(base));
        }
        self.body.extend(compress_to_vec_zlib(content, 1));
    }

    fn files(&self) -> (Vec<u8>, Vec<u8>) {
        let count = u32::try_from(self.offsets.len()).expect("few");
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend(count.to_be_bytes());
        pack.extend_from_slice(&self.body);
        pack.extend([0; 20]);
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255_u32 {
            let up_to = self.offsets.keys().filter(|number| *number >> 24 <= first).count();
            index.extend(u32::try_from(up_to).expect("few").to_be_bytes());
        }
        index.extend(self.offsets.keys().flat_map(|number| raw(*number)));
        index.extend(vec![0; 4 * self.offsets.len()]);
        for offset in self.offsets.values() {
            index.extend(u32::try_from(*offset).expect("small").to_be_bytes());
        }
        index.extend([0; 40]);
        (index, pack)
    }

    fn open(&self) -> Repository {
        Repository::from_memory("t", BTreeMap::new(), vec![self.files()])
    }
}

fn held(objects: Vec<(u32, Vec<u8>)>) -> Arc<Repository> {
    let loose = objects.into_iter().map(|(number, file)| (id(number), file)).collect();
    Arc::new(Repository::from_memory("t", loose, Vec::new()))
}

/// Runs on a thread with the stack that a worker may have.
fn small(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

fn tree_of(repository: &Arc<Repository>, commit: u32, limits: Limits) -> Tree {
    repository.tree(&id(commit), &RepoPath::default(), limits).expect("a tree")
}

/// What a whole tree of one folder with these entries passes over.
fn passed(entries: Vec<Vec<u8>>) -> (usize, Vec<(String, String)>) {
    let repository = held(vec![
        (1, loose("commit", &commit_of(2))),
        (2, loose("tree", &entries.concat())),
        (3, loose("blob", b"text")),
        (4, loose("tree", &entry("100644", b"x", 3))),
    ]);
    let tree = tree_of(&repository, 1, Limits::default());
    let incomplete = tree.passed_over.iter().filter(|p| p.incomplete);
    (tree.entries.len(), incomplete.map(|p| (p.path.clone(), p.why.clone())).collect())
}

#[test]
fn odd_names_are_passed_over_and_the_tree_says_so() {
    let odd = "its name is not valid UTF-8, holds a backslash or leaves the tree";
    for (name, shown) in [
        (b"..".as_slice(), ".."),
        (b".", "."),
        (b"", ""),
        (b".git", ".git"),
        (b".GIT", ".GIT"),
        (b"git~1", "git~1"),
        (b"a/b", "a/b"),
        (b"a\\b", "a\\\\b"),
        (b"\xff", "\u{fffd}"),
    ] {
        for mode in ["100644", "40000", "120000"] {
            let (count, gaps) = passed(vec![entry(mode, name, 4)]);
            assert_eq!((count, gaps), (0, vec![(shown.to_owned(), odd.to_owned())]), "{shown} {mode}");
        }
    }
    let (count, gaps) = passed(vec![entry("100644", &[b'x'; 5000], 3)]);
    assert_eq!((count, gaps.len()), (0, 1));
}

#[test]
fn a_tree_object_that_git_would_not_write_is_a_gap() {
    let unsorted = "its tree object is not in the order git writes";
    let (count, gaps) = passed(vec![entry("100644", b"b", 3), entry("100644", b"a", 3)]);
    assert_eq!((count, gaps), (2, vec![("/".to_owned(), unsorted.to_owned())]));
    let (count, gaps) = passed(vec![entry("100644", b"a", 3), entry("40000", b"a", 4)]);
    assert_eq!((count, gaps), (2, vec![("a".to_owned(), "its tree object names it twice".to_owned())]));
    let (count, gaps) = passed(vec![entry("100644", b"a", 3), entry("100755", b"a", 3)]);
    assert_eq!(count, 1);
    assert!(gaps.contains(&("a".to_owned(), "its tree object names it twice".to_owned())), "{gaps:?}");
    let mut cut = entry("100644", b"b", 3);
    cut.truncate(20);
    let (count, gaps) = passed(vec![entry("100644", b"a", 3), cut]);
    assert_eq!((count, gaps.len()), (1, 1));
    // A folder whose object is a file, and one that is not there.
    let (_, gaps) = passed(vec![entry("40000", b"a", 3), entry("40000", b"b", 9)]);
    assert_eq!(gaps.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["a/", "b/"]);
}

#[test]
fn what_is_no_file_is_not_read_as_one() {
    let repository = held(vec![
        (1, loose("commit", &commit_of(2))),
        (2, loose("tree", &[entry("100644", b"a", 2), entry("100644", b"b", 9), entry("120000", b"c", 2)].concat())),
    ]);
    let tree = tree_of(&repository, 1, Limits::default());
    let read = |name: &str| tree.read(&RepoPath::new(name).expect("a path")).expect_err("no file");
    assert_eq!(read("a"), "its object is no file");
    assert_eq!(read("b"), "not in this clone: the repository does not hold it");
    assert_eq!(read("c"), "a link that leads nowhere");
}

#[test]
fn a_bomb_of_trees_ends_at_the_limit_of_files() {
    small(|| {
        // Each folder holds the next ten times: 10^60 paths, and not one file.
        let mut objects = vec![(1, loose("commit", &commit_of(2))), (100, loose("tree", b""))];
        for number in 2..100 {
            let names = (0..10).map(|n| entry("40000", format!("{n}").as_bytes(), number + 1));
            objects.push((number, loose("tree", &names.collect::<Vec<_>>().concat())));
        }
        let limits = Limits { files: 20_000, ..Limits::default() };
        let tree = tree_of(&held(objects), 1, limits);
        assert!(tree.entries.is_empty());
        assert!(tree.folders.len() <= 40_000);
        assert!(tree.passed_over.iter().any(|p| p.incomplete && p.why.starts_with("more than 20000 files")));
    });
}

#[test]
fn a_hundred_thousand_nested_trees_end_at_the_limit_of_depth() {
    small(|| {
        let mut objects = vec![(1, loose("commit", &commit_of(2)))];
        objects.extend((2..100_002).map(|number| (number, loose("tree", &entry("40000", b"d", number + 1)))));
        let tree = tree_of(&held(objects), 1, Limits::default());
        assert_eq!(tree.folders.len(), 65);
        assert!(tree.passed_over.iter().any(|p| p.incomplete && p.why == "nested deeper than 64 folders"));
    });
}

#[test]
fn a_tree_of_a_million_names_is_listed_to_its_limit() {
    small(|| {
        let names: Vec<u8> = (0..1_000_000).flat_map(|n| entry("100644", format!("{n:07}").as_bytes(), 3)).collect();
        let repository = held(vec![(1, loose("commit", &commit_of(2))), (2, loose("tree", &names))]);
        let tree = tree_of(&repository, 1, Limits { files: 100_000, ..Limits::default() });
        assert_eq!(tree.entries.len(), 100_000);
        assert!(tree.passed_over.iter().any(|p| p.incomplete));
    });
}

#[test]
fn tags_of_tags_end() {
    small(|| {
        let tag = |number: u32| format!("object {}\ntype tag\ntag x\n", id(number)).into_bytes();
        let mut objects: Vec<(u32, Vec<u8>)> = (1..100_000).map(|n| (n, loose("tag", &tag(n + 1)))).collect();
        objects.push((200_000, loose("tag", &tag(200_000))));
        let repository = held(objects);
        for start in [1, 200_000] {
            let error = repository.resolve(&id(start).to_string()).expect_err("no end");
            assert!(error.to_string().ends_with("it is the first of more than 64 tags of each other"), "{error}");
        }
    });
}

#[test]
fn histories_that_go_round_end() {
    // Names that are not digests can make a commit its own ancestor.
    let commit = |parents: &[u32]| {
        let parents: String = parents.iter().map(|p| format!("parent {}\n", id(*p))).collect();
        format!("tree {}\n{parents}committer A <a@example.com> 1 +0000\n\nx\n", id(9)).into_bytes()
    };
    let repository = held(vec![
        (1, loose("commit", &commit(&[2]))),
        (2, loose("commit", &commit(&[1, 3]))),
        (3, loose("commit", &commit(&[3]))),
        (4, loose("commit", &commit(&[5]))),
    ]);
    assert!(repository.merge_base(&id(1), &id(3)).is_ok());
    assert!(!repository.merge_base(&id(1), &id(2)).expect("an answer").is_cut);
    assert!(repository.resolve(&format!("{}~20000", id(3))).is_ok());
    let error = repository.merge_base(&id(1), &id(4)).expect_err("not there");
    assert!(matches!(error, ObjectError::Missing { id: missing, .. } if missing == id(5)), "{error}");
}

/// A delta from `base` bytes to `result`, by these instructions.
fn delta(base: u64, result: u64, instructions: &[u8]) -> Vec<u8> {
    let number = |mut n: u64| {
        let mut out = Vec::new();
        while n > 0x7f {
            out.push(0x80 | u8::try_from(n & 0x7f).expect("seven bits"));
            n >>= 7;
        }
        out.push(u8::try_from(n).expect("seven bits"));
        out
    };
    [number(base), number(result), instructions.to_vec()].concat()
}

/// Reads the commit of a number, which is how any object is reached.
fn error_of(packed: &Packed, number: u32) -> String {
    packed.open().commit(&id(number)).expect_err("it cannot be read").to_string()
}

#[test]
fn a_chain_of_deltas_ends() {
    small(|| {
        let text = commit_of(9);
        let size = text.len() as u64;
        let whole = delta(size, size, &[0xb0, text.len().to_le_bytes()[0], text.len().to_le_bytes()[1]]);
        let mut packed = Packed::default();
        packed.add(1, 1, None, &text);
        for number in 2..100_000 {
            packed.add(number, 7, Some(number - 1), &whole);
        }
        assert!(packed.open().commit(&id(4000)).is_ok());
        assert!(error_of(&packed, 99_999).ends_with("it is the last of more than 4096 edits of each other"));
        // Step by step it can be had: what was put together is kept.
        let repository = packed.open();
        assert!((1..9_000).step_by(3000).all(|number| repository.commit(&id(number)).is_ok()));
    });
}

#[test]
fn deltas_that_go_round_end() {
    small(|| {
        let mut packed = Packed::default();
        packed.add(1, 7, Some(2), &delta(1, 1, &[0x90, 1]));
        packed.add(2, 7, Some(1), &delta(1, 1, &[0x90, 1]));
        packed.add(3, 7, Some(3), &delta(1, 1, &[0x90, 1]));
        packed.add(4, 7, Some(50), &delta(1, 1, &[0x90, 1]));
        for (number, why) in [
            (1, "it is the last of more than 4096 edits of each other"),
            (3, "it is the last of more than 4096 edits of each other"),
            (4, "its pack does not hold what it is an edit of"),
        ] {
            assert!(error_of(&packed, number).ends_with(why), "{}", error_of(&packed, number));
        }
        let repository = packed.open();
        assert!(matches!(repository.resolve(&id(1).to_string()), Err(RevisionError::Object(_))));
    });
}

#[test]
fn an_object_that_claims_gigabytes_is_not_made() {
    let mut packed = Packed::default();
    packed.add_claimed(1, 1, None, b"x", 1 << 40);
    packed.add(2, 1, None, &commit_of(9));
    packed.add(3, 7, Some(2), &delta(commit_of(9).len() as u64, 1 << 40, &[0x90, 1]));
    packed.add_claimed(4, 1, None, b"x", 100);
    packed.add(5, 7, Some(2), &delta(7, 1, &[0x90, 1]));
    packed.add(6, 7, Some(2), &[0x80; 4]);
    // One copies the whole object 64 KiB at a time until it is a gigabyte.
    let bomb = delta(65_536, 1 << 30, &[0x80; 16_384]);
    packed.add(7, 1, None, &vec![b'x'; 65_536]);
    packed.add(8, 7, Some(7), &bomb);
    for (number, why) in [
        (1, "has 1099511627776 bytes, over the limit of 4194304"),
        (3, "has 1099511627776 bytes, over the limit of 4194304"),
        (4, "it cannot be inflated"),
        (5, "an edit is not one of the object it names"),
        (6, "an edit has no sizes"),
        (8, "has 1073741824 bytes, over the limit of 4194304"),
    ] {
        assert!(error_of(&packed, number).ends_with(why), "{}", error_of(&packed, number));
    }
    let zeros = vec![0; 64 << 20];
    for (file, why) in [
        (claimed("commit", b"x", 1 << 40), "has 1099511627776 bytes, over the limit of 4194304"),
        (claimed("commit", &zeros, 1 << 10), "its size is not what its header says"),
        (claimed("commit", b"x", 1 << 10), "its size is not what its header says"),
        (claimed("evil", b"x", 1), "its header is not one of a loose object"),
        (b"nothing".to_vec(), "it cannot be inflated"),
        (Vec::new(), "its header is not one of a loose object"),
    ] {
        let error = held(vec![(1, file)]).commit(&id(1)).expect_err("no commit").to_string();
        assert!(error.ends_with(why), "{error}");
    }
}

#[test]
fn work_that_is_asked_for_again_and_again_ends() {
    small(|| {
        // Four thousand steps of a megabyte each, none of which fits the cache, behind a small object.
        let mut packed = Packed::default();
        let big = 33_u64 << 20;
        packed.add(1, 3, None, &vec![b'x'; 33 << 20]);
        let same = delta(
            big,
            big,
            &[0xf0, 0xff, 0xff, 0xff].repeat(2).into_iter().chain([0xf0, 2, 0, 16]).collect::<Vec<_>>(),
        );
        for number in 2..4000 {
            packed.add(number, 7, Some(number - 1), &same);
        }
        packed.add(4000, 7, Some(3999), &delta(big, 1, &[0x90, 1]));
        let error = packed.open().commit(&id(4000)).expect_err("too much").to_string();
        assert_eq!(error, "the objects of this repository ask for more work than an audit does");
    });
}

#[test]
fn an_index_that_lies_is_an_error() {
    let mut packed = Packed::default();
    packed.add(1, 1, None, &commit_of(9));
    for offset in [0, 3, 11, 5_000, u64::from(u32::MAX >> 1)] {
        packed.offsets.insert(1, offset);
        let error = error_of(&packed, 1);
        assert!(error.contains("its index points beyond its pack"), "{offset}: {error}");
    }
    let (index, pack) = packed.files();
    for cut in [0, 1, 8, 100, 1_032, index.len() - 1] {
        let files = vec![(index[..cut].to_vec(), pack.clone())];
        let repository = Repository::from_memory("t", BTreeMap::new(), files);
        assert!(matches!(repository.commit(&id(1)), Err(ObjectError::Missing { .. })), "{cut}");
    }
    // An offset of eight bytes that is not there.
    let mut lying = index.clone();
    let at = lying.len() - 44;
    lying[at] = 0xff;
    let repository = Repository::from_memory("t", BTreeMap::new(), vec![(lying, pack.clone())]);
    assert!(repository.commit(&id(1)).is_err());
    // A table that counts more objects than there are.
    let mut lying = index;
    lying[8 + 255 * 4] = 0x7f;
    let repository = Repository::from_memory("t", BTreeMap::new(), vec![(lying, pack)]);
    assert!(repository.commit(&id(1)).is_err());
}
