//! A cache as `huggingface_hub` lays it out, right and tampered with.
#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "the tests make caches")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use crate::lock::cache;
use crate::lock::hash::{self, Memory, Watch};
use crate::lock::verify::{Demand, Options, Standing, Verified, What, verify};
use crate::lock::{Digest, Entry, FileDigest, Key, Lock};
use crate::references::AssetKind;

pub(super) const OLD: &str = "1111111111111111111111111111111111111111";
pub(super) const NEW: &str = "2222222222222222222222222222222222222222";
pub(super) const FOLDER: &str = "models--org--small-model";

pub(super) fn folder(name: &str) -> PathBuf {
    let root = std::env::temp_dir().join(format!("custody-verify-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).expect("a folder");
    root
}

fn digest(content: &[u8]) -> FileDigest {
    FileDigest { sha256: hash::of(content), size: content.len() as u64 }
}

/// A snapshot of a commit: its files link to blobs by their digests.
pub(super) fn snapshot(cache: &Path, commit: &str, files: &[(&str, &[u8])]) {
    let root = cache.join(FOLDER);
    fs::create_dir_all(root.join("blobs")).expect("a folder");
    for (path, content) in files {
        let blob = hash::of(content).to_string();
        fs::write(root.join("blobs").join(&blob), content).expect("a blob");
        let link = root.join("snapshots").join(commit).join(path);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        let up = "../".repeat(2 + path.matches('/').count());
        symlink(format!("{up}blobs/{blob}"), link).expect("a link");
    }
}

pub(super) fn branch(cache: &Path, name: &str, commit: &str) {
    let place = cache.join(FOLDER).join("refs").join(name);
    fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
    fs::write(place, commit).expect("a ref");
}

pub(super) fn first() -> Vec<(&'static str, &'static [u8])> {
    vec![
        ("config.json", b"{}"),
        ("model-00001-of-00002.safetensors", b"first shard"),
        ("model-00002-of-00002.safetensors", b"other shard"),
        ("unet/weights.bin", b"weights"),
    ]
}

fn second() -> Vec<(&'static str, &'static [u8])> {
    vec![("config.json", b"{\"a\":1}"), ("model-00001-of-00002.safetensors", b"a later one")]
}

pub(super) fn key() -> Key {
    Key { kind: AssetKind::Model, hub: "huggingface".to_owned(), name: "org/small-model".to_owned(), requested: None }
}

pub(super) fn entry(commit: Option<&str>, files: &[(&str, &[u8])]) -> Entry {
    let files = files.iter().map(|(path, content)| ((*path).to_owned(), digest(content))).collect();
    Entry { revision: commit.map(str::to_owned), files, ..Entry::default() }
}

pub(super) fn lock(entry: Entry) -> Lock {
    Lock { entries: BTreeMap::from([(key(), entry)]), ..Lock::default() }
}

pub(super) fn run(lock: &Lock, root: &Path) -> Verified {
    run_with(lock, root, None)
}

fn run_with(lock: &Lock, root: &Path, memory: Option<&dyn Memory>) -> Verified {
    let watch = Watch::default();
    let found = cache::find(&[root.to_owned()], lock);
    let options = Options { threads: 2, only: &BTreeSet::new(), memory, watch: &watch };
    verify(lock, &found, &options).expect("nothing is kept")
}

/// A cache with the first commit, to which `main` leads.
pub(super) fn cache_of_first(name: &str) -> PathBuf {
    let root = folder(name);
    snapshot(&root, OLD, &first());
    branch(&root, "main", OLD);
    root
}

/// What is wrong with files, in words.
pub(super) fn troubles(verified: &Verified) -> Vec<String> {
    let copies = verified.entries.iter().flat_map(|entry| &entry.copies);
    copies.flat_map(|copy| &copy.troubles).map(|trouble| format!("{} {}", trouble.what.word(), trouble.path)).collect()
}

pub(super) fn code(verified: &Verified) -> u8 {
    verified.exit_code(Demand::default())
}

#[test]
fn what_was_locked_is_found_and_right() {
    // As it lies in an image: deep below other folders.
    let root = folder("right");
    let cache = root.join("root/.cache/huggingface/hub");
    snapshot(&cache, OLD, &first());
    branch(&cache, "main", OLD);
    fs::create_dir_all(cache.join(FOLDER).join(".no_exist").join(OLD)).expect("a folder");
    fs::create_dir_all(cache.join(".locks").join(FOLDER)).expect("a folder");
    symlink("usr/bin", root.join("bin")).expect("a link");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    assert_eq!((code(&verified), troubles(&verified)), (0, Vec::new()));
    let copy = &verified.entries[0].copies[0];
    assert_eq!((copy.matched, copy.bytes, copy.missing.len()), (4, 31, 0));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_byte_that_was_tampered_with_is_seen() {
    let root = cache_of_first("byte");
    let blob = root.join(FOLDER).join("blobs").join(hash::of(b"weights").to_string());
    fs::write(blob, b"weightS").expect("written");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    assert_eq!((code(&verified), troubles(&verified)), (1, vec!["differs unet/weights.bin".to_owned()]));
    let What::Differs { expected, found, .. } = &verified.entries[0].copies[0].troubles[0].what else {
        panic!("{verified:?}")
    };
    assert_eq!((*expected, *found), (digest(b"weights"), Some(hash::of(b"weightS"))));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn shards_that_were_exchanged_are_told_apart() {
    let root = cache_of_first("shards");
    let blobs = root.join(FOLDER).join("blobs");
    let (one, other) = (hash::of(b"first shard").to_string(), hash::of(b"other shard").to_string());
    fs::rename(blobs.join(&one), blobs.join("x")).expect("renamed");
    fs::rename(blobs.join(&other), blobs.join(&one)).expect("renamed");
    fs::rename(blobs.join("x"), blobs.join(&other)).expect("renamed");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    assert_eq!(code(&verified), 1);
    let is_of: Vec<_> = verified.entries[0].copies[0]
        .troubles
        .iter()
        .map(|trouble| match &trouble.what {
            What::Differs { is_of: Some(is_of), .. } => (trouble.path.as_str(), is_of.as_str()),
            what => panic!("{what:?}"),
        })
        .collect();
    let (one, other) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    assert_eq!(is_of, [(one, other), (other, one)]);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_file_that_was_added_or_leads_out_fails() {
    let root = cache_of_first("added");
    let snapshot = root.join(FOLDER).join("snapshots").join(OLD);
    fs::write(snapshot.join("modeling.py"), b"import os").expect("written");
    fs::write(root.join("outside"), b"weights").expect("written");
    fs::remove_file(snapshot.join("unet/weights.bin")).expect("removed");
    symlink("../../../../outside", snapshot.join("unet/weights.bin")).expect("a link");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    let expected = vec!["extra modeling.py".to_owned(), "leads-out unet/weights.bin".to_owned()];
    assert_eq!((code(&verified), troubles(&verified)), (1, expected));
    assert_eq!(verified.entries[0].copies[0].missing, Vec::<String>::new());
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_branch_that_moved_is_what_will_be_loaded() {
    let root = cache_of_first("moved");
    snapshot(&root, NEW, &second());
    branch(&root, "main", NEW);
    let held = lock(entry(Some(OLD), &first()));
    let mut verified = run(&held, &root);
    let copy = &verified.entries[0].copies[0];
    // The files of the locked commit are right, and another is loaded.
    assert_eq!((code(&verified), copy.matched, copy.others.as_slice()), (1, 4, &[NEW.to_owned()][..]));
    let moved = copy.moved.as_ref().expect("it moved");
    assert_eq!((moved.branch.as_str(), moved.to.as_str(), moved.is_there), ("main", NEW, true));
    // Where every caller names the commit nothing goes by the branch.
    verified.pass_pinned(&BTreeSet::from([key()]));
    assert_eq!((code(&verified), verified.has_moved()), (0, true));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_model_that_was_rolled_back_is_right_once_its_branch_is() {
    let root = folder("back");
    snapshot(&root, NEW, &second());
    branch(&root, "main", NEW);
    let held = lock(entry(Some(OLD), &first()));
    // The lock is back at the old commit, the machine is not.
    let verified = run(&held, &root);
    assert_eq!((code(&verified), verified.entries[0].copies[0].is_empty), (1, true));
    snapshot(&root, OLD, &first());
    branch(&root, "main", OLD);
    let verified = run(&held, &root);
    assert_eq!((code(&verified), verified.entries[0].copies[0].others.len()), (0, 1));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn what_is_not_here_is_not_right() {
    let root = folder("absent");
    let held = lock(entry(Some(OLD), &first()));
    let verified = run(&held, &root);
    assert_eq!((code(&verified), verified.entries[0].standing(Demand::default())), (3, Standing::Absent));
    assert_eq!(verified.exit_code(Demand { present_only: true, ..Demand::default() }), 0);
    // Part of it is enough for a loader that takes one format, unless all is demanded.
    snapshot(&root, OLD, &first()[..2]);
    let verified = run(&held, &root);
    assert_eq!((code(&verified), verified.entries[0].copies[0].missing.len()), (0, 2));
    assert_eq!(verified.exit_code(Demand { complete: true, ..Demand::default() }), 1);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_cache_that_is_broken_is_not_looked_at_and_said_so() {
    let root = cache_of_first("broken");
    let snapshot = root.join(FOLDER).join("snapshots").join(OLD);
    fs::remove_file(snapshot.join("config.json")).expect("removed");
    symlink("config.json", snapshot.join("config.json")).expect("a loop");
    branch(&root, "pr/1", "../../../etc/passwd");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    let expected = vec!["unread config.json".to_owned(), "unread refs/pr/1".to_owned()];
    assert_eq!((code(&verified), troubles(&verified)), (3, expected));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_checkout_without_its_large_files_is_told_by_its_pointers() {
    let root = folder("lfs");
    let model = root.join("small-model");
    fs::create_dir_all(&model).expect("a folder");
    let pointer = |content: &[u8]| {
        format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n",
            hash::of(content),
            content.len()
        )
    };
    fs::write(model.join("config.json"), b"{}").expect("written");
    fs::write(model.join("a.safetensors"), pointer(b"weights")).expect("written");
    fs::write(model.join("b.safetensors"), pointer(b"others")).expect("written");
    let files: &[(&str, &[u8])] =
        &[("a.safetensors", b"weights"), ("b.safetensors", b"WEIGHTS"), ("config.json", b"{}")];
    let verified = run(&lock(entry(Some(OLD), files)), &root);
    let expected = vec!["pointer a.safetensors".to_owned(), "points-elsewhere b.safetensors".to_owned()];
    assert_eq!((code(&verified), troubles(&verified)), (1, expected));
    fs::write(model.join("b.safetensors"), b"WEIGHTS").expect("written");
    assert_eq!(code(&run(&lock(entry(Some(OLD), files)), &root)), 3);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_folder_that_was_downloaded_to_is_known_by_its_commit() {
    let root = folder("local");
    let model = root.join("somewhere");
    for (path, content) in first() {
        let place = model.join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(place, content).expect("written");
        let metadata = model.join(".cache/huggingface/download").join(format!("{path}.metadata"));
        fs::create_dir_all(metadata.parent().expect("a folder")).expect("a folder");
        fs::write(metadata, format!("{OLD}\n{}\n1732700000.5\n", hash::of(content))).expect("written");
    }
    let held = lock(entry(Some(OLD), &first()));
    let verified = run(&held, &root);
    let copy = &verified.entries[0].copies[0];
    assert_eq!((code(&verified), copy.matched, copy.revision.as_deref()), (0, 4, Some(OLD)));
    fs::write(model.join("config.json"), b"[]").expect("written");
    fs::write(model.join("tokenizer.py"), b"").expect("written");
    assert_eq!(troubles(&run(&held, &root)), ["differs config.json", "extra tokenizer.py"]);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_store_of_ollama_is_compared_by_its_manifest() {
    let root = folder("ollama");
    let layer = hash::of(b"weights");
    let manifest = format!("{{\"layers\":[{{\"digest\":\"sha256:{layer}\"}},{{\"digest\":\"sha256:../../x\"}}]}}");
    let place = root.join("models/manifests/registry.example.com/library/small/8b");
    fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
    fs::create_dir_all(root.join("models/blobs")).expect("a folder");
    fs::write(&place, &manifest).expect("written");
    fs::write(root.join(format!("models/blobs/sha256-{layer}")), b"weights").expect("written");
    let key = Key {
        kind: AssetKind::Model,
        hub: "ollama".to_owned(),
        name: "small".to_owned(),
        requested: Some("8b".to_owned()),
    };
    let path = format!("sha256-{layer}");
    let files: &[(&str, &[u8])] = &[("manifest", manifest.as_bytes()), (&path, b"weights")];
    let revision = hash::of(manifest.as_bytes()).to_string();
    let held = Lock { entries: BTreeMap::from([(key, entry(Some(&revision), files))]), ..Lock::default() };
    let verified = run(&held, &root);
    assert_eq!((code(&verified), troubles(&verified)), (3, vec!["unread sha256:../../x".to_owned()]));
    assert_eq!(verified.entries[0].copies[0].matched, 2);
    fs::remove_dir_all(root).expect("removed");
}

/// Keeps what is hashed, and stops the work after some files.
struct Stops {
    after: usize,
    kept: Mutex<BTreeMap<(PathBuf, String), FileDigest>>,
}

impl Memory for Stops {
    fn known(&self, place: &Path, stamp: &str) -> Option<FileDigest> {
        self.kept.lock().expect("kept").get(&(place.to_owned(), stamp.to_owned())).copied()
    }

    fn keep(&self, place: &Path, stamp: &str, file: FileDigest) -> Result<(), String> {
        let mut kept = self.kept.lock().expect("kept");
        if kept.len() == self.after {
            return Err("the disk is full".to_owned());
        }
        kept.insert((place.to_owned(), stamp.to_owned()), file);
        Ok(())
    }
}

#[test]
fn an_interrupted_run_goes_on_and_hashes_again_what_changed() {
    let root = cache_of_first("resumed");
    let held = lock(entry(Some(OLD), &first()));
    let mut memory = Stops { after: 2, kept: Mutex::default() };
    let found = cache::find(std::slice::from_ref(&root), &held);
    let watch = Watch::default();
    let only = BTreeSet::new();
    let options = Options { threads: 1, only: &only, memory: Some(&memory), watch: &watch };
    assert_eq!(verify(&held, &found, &options).map(|_| ()), Err("the disk is full".to_owned()));
    memory.after = usize::MAX;
    let verified = run_with(&held, &root, Some(&memory));
    assert_eq!((code(&verified), verified.remembered), (0, 2));
    // The same size and another content: its stamp has changed.
    let blob = root.join(FOLDER).join("blobs").join(hash::of(b"weights").to_string());
    fs::write(blob, b"weightS").expect("written");
    let verified = run_with(&held, &root, Some(&memory));
    assert_eq!((code(&verified), verified.remembered), (1, 3));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_run_that_is_stopped_is_not_right() {
    let root = cache_of_first("stopped");
    let held = lock(entry(Some(OLD), &first()));
    let found = cache::find(std::slice::from_ref(&root), &held);
    let watch = Watch::default();
    watch.stop.store(true, Ordering::Relaxed);
    let only = BTreeSet::new();
    let options = Options { threads: 2, only: &only, memory: None, watch: &watch };
    let verified = verify(&held, &found, &options).expect("nothing is kept");
    assert_eq!((code(&verified), verified.is_stopped), (3, true));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn names_are_those_of_the_hub() {
    let root = folder("names");
    for name in ["models--org--na-me", "datasets--org--na-me", "models--org-na--me", "models--me", "spaces--a--b"] {
        fs::create_dir_all(root.join(name).join("snapshots").join(NEW)).expect("a folder");
        fs::write(root.join(name).join("snapshots").join(NEW).join("a"), b"a").expect("written");
    }
    for (kind, name, folder) in [
        (AssetKind::Model, "org/na-me", "models--org--na-me"),
        (AssetKind::Dataset, "org/na-me", "datasets--org--na-me"),
        (AssetKind::Tokenizer, "org-na/me", "models--org-na--me"),
        (AssetKind::Adapter, "me", "models--me"),
    ] {
        let key = Key { kind, hub: "huggingface".to_owned(), name: name.to_owned(), requested: None };
        // No commit is locked: whatever a loader would take is compared.
        let held = Lock { entries: BTreeMap::from([(key, entry(None, &[("a", b"a")]))]), ..Lock::default() };
        let verified = run(&held, &root);
        let places: Vec<_> = verified.entries[0].copies.iter().map(|copy| copy.place.clone()).collect();
        let root = root.canonicalize().expect("it is there");
        assert_eq!(places, [root.join(folder).join("snapshots").join(NEW)]);
        assert_eq!((code(&verified), verified.unlocked.len()), (0, 4));
    }
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn source_code_that_is_called_like_a_model_is_no_copy_of_it() {
    let root = folder("source");
    fs::create_dir_all(root.join("src/small-model")).expect("a folder");
    fs::write(root.join("src/small-model/__init__.py"), b"").expect("written");
    let verified = run(&lock(entry(Some(OLD), &first())), &root);
    assert_eq!(verified.entries[0].copies.len(), 0);
    assert_eq!(Digest::from_hex(&hash::of(b"").to_string()), Some(hash::of(b"")));
    fs::remove_dir_all(root).expect("removed");
}
