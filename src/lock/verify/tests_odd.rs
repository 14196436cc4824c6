//! Caches that were made so that a loader takes something else than what a careless look compares.
#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "the tests make caches")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::tests::{
    FOLDER, NEW, OLD, branch, cache_of_first, code, entry, first, folder, key, lock, run, snapshot, troubles,
};
use crate::lock::hash;
use crate::lock::verify::Demand;
use crate::lock::{Key, Lock};
use crate::references::AssetKind;

const EVIL: &[u8] = b"wrong shard";

/// The files of the first commit with another shard, of the same size.
fn evil() -> Vec<(&'static str, &'static [u8])> {
    let mut files = first();
    files[1].1 = EVIL;
    files
}

fn put(place: &Path, content: &[u8]) {
    fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
    fs::write(place, content).expect("written");
}

type Case = (&'static str, fn(&Path, &Path), u8);

/// What is done to a good cache (its root, the repository in it), and the exit code.
const CASES: &[Case] = &[
    ("nothing", |_, _| {}, 0),
    // Of `refs` and `blobs`.
    (
        "refs-link",
        |cache, root| {
            snapshot(cache, NEW, &evil());
            put(&root.join("real/main"), NEW.as_bytes());
            fs::remove_dir_all(root.join("refs")).expect("removed");
            symlink("real", root.join("refs")).expect("a link");
        },
        3,
    ),
    (
        "refs-file",
        |_, root| {
            fs::remove_dir_all(root.join("refs")).expect("removed");
            put(&root.join("refs"), b"");
        },
        3,
    ),
    (
        "blobs-link",
        |_, root| {
            fs::rename(root.join("blobs"), root.join("away")).expect("moved");
            symlink("away", root.join("blobs")).expect("a link");
        },
        1,
    ),
    ("ref-with-line-end", |cache, _| branch(cache, "main", &format!("{OLD}\n")), 3),
    (
        "many-refs",
        |cache, root| {
            snapshot(cache, NEW, &evil());
            branch(cache, "zz", NEW);
            (0..10_001).for_each(|number| fs::write(root.join("refs").join(format!("b{number}")), OLD).expect("a ref"));
        },
        3,
    ),
    // What a loader takes where there is no branch.
    (
        "snapshot-called-main",
        |cache, root| {
            fs::remove_dir_all(root.join("refs")).expect("removed");
            snapshot(cache, "main", &evil());
        },
        1,
    ),
    ("snapshot-called-otherwise", |cache, _| snapshot(cache, "x", &evil()), 3),
    // What the cache says is not on the hub.
    ("denied", |_, root| put(&root.join(".no_exist").join(OLD).join("config.json"), b""), 1),
    ("denied-of-others", |_, root| put(&root.join(".no_exist").join(OLD).join("adapter_config.json"), b""), 0),
    ("denied-elsewhere", |_, root| put(&root.join(".no_exist").join(NEW).join("config.json"), b""), 0),
    (
        "denied-by-link",
        |_, root| {
            put(&root.join("x").join(OLD).join("config.json"), b"");
            symlink("x", root.join(".no_exist")).expect("a link");
        },
        3,
    ),
    // Links whose way goes through another link.
    (
        "winding-out",
        |cache, root| {
            let blob = hash::of(b"first shard").to_string();
            put(&cache.join("evil/blobs").join(&blob), EVIL);
            fs::create_dir_all(cache.join("evil/d")).expect("a folder");
            symlink(cache.join("evil/d"), root.join("zz")).expect("a link");
            let link = root.join("snapshots").join(OLD).join("model-00001-of-00002.safetensors");
            fs::remove_file(&link).expect("removed");
            symlink(format!("../../zz/../blobs/{blob}"), link).expect("a link");
        },
        1,
    ),
    (
        "winding-within",
        |_, root| {
            let blob = hash::of(b"first shard").to_string();
            fs::create_dir_all(root.join("zz")).expect("a folder");
            let link = root.join("snapshots").join(OLD).join("model-00001-of-00002.safetensors");
            fs::remove_file(&link).expect("removed");
            symlink(format!("../../zz/../blobs/{blob}"), link).expect("a link");
        },
        3,
    ),
    // Added files that were passed over once.
    ("added-cache", |_, root| put(&root.join("snapshots").join(OLD).join(".cache/modeling.py"), b"import os"), 1),
    ("added-git", |_, root| put(&root.join("snapshots").join(OLD).join(".git/modeling.py"), b"import os"), 1),
    ("added-pyc", |_, root| put(&root.join("snapshots").join(OLD).join("__pycache__/m.cpython-311.pyc"), b"x"), 1),
    (
        "no-utf8",
        |_, root| {
            let name = OsStr::from_bytes(b"a\xff.py");
            fs::write(root.join("snapshots").join(OLD).join(name), b"x").expect("written");
        },
        3,
    ),
];

#[test]
fn what_a_loader_would_take_instead_is_never_right() {
    for (name, change, expected) in CASES {
        let root = cache_of_first(&format!("odd-{name}"));
        change(&root, &root.join(FOLDER));
        let verified = run(&lock(entry(Some(OLD), &first())), &root);
        assert_eq!(code(&verified), *expected, "{name}: {verified:?}");
        fs::remove_dir_all(root).expect("removed");
    }
}

#[test]
fn a_name_that_is_no_utf8_is_not_the_one_it_looks_like() {
    let root = cache_of_first("lossy");
    let name = OsStr::from_bytes(b"a\xff.py");
    fs::write(root.join(FOLDER).join("snapshots").join(OLD).join(name), b"x").expect("written");
    let files = [first(), vec![("a\u{fffd}.py", b"x".as_slice())]].concat();
    let verified = run(&lock(entry(Some(OLD), &files)), &root);
    assert_eq!((code(&verified), verified.entries[0].copies[0].matched), (3, 4));
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_locked_file_in_a_folder_of_tools_is_compared() {
    let files: Vec<(&str, &[u8])> = vec![(".cache/w.bin", b"weights"), ("config.json", b"{}")];
    let root = folder("hidden");
    snapshot(&root, OLD, &[(".cache/w.bin", b"WEIGHTS"), ("config.json", b"{}")]);
    branch(&root, "main", OLD);
    let verified = run(&lock(entry(Some(OLD), &files)), &root);
    assert_eq!((code(&verified), troubles(&verified)), (1, vec!["differs .cache/w.bin".to_owned()]));
    fs::remove_dir_all(root).expect("removed");
    // Where nothing is looked at, nothing is right.
    let root = folder("hidden-git");
    put(&root.join("small-model/.git/x.bin"), b"WEIGHTS");
    put(&root.join("small-model/config.json"), b"{}");
    let held = lock(entry(Some(OLD), &[(".git/x.bin", b"weights"), ("config.json", b"{}")]));
    assert_eq!(code(&run(&held, &root)), 3);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn byte_code_beside_code_that_is_imported_in_place_fails() {
    let root = folder("pyc");
    let code_of = root.join("hub/org_repo_main");
    put(&code_of.join("hubconf.py"), b"def m(): pass");
    let key = Key {
        kind: AssetKind::Model,
        hub: "torch-hub".to_owned(),
        name: "org/repo".to_owned(),
        requested: Some("main".to_owned()),
    };
    let held = entry(None, &[("hubconf.py", b"def m(): pass")]);
    let held = Lock { entries: BTreeMap::from([(key, held)]), ..Lock::default() };
    assert_eq!(code(&run(&held, &root)), 0);
    put(&code_of.join("__pycache__/hubconf.cpython-311.pyc"), b"x");
    assert_eq!(troubles(&run(&held, &root)), ["extra __pycache__/hubconf.cpython-311.pyc"]);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn a_model_of_another_host_hides_none() {
    let root = folder("hosts");
    let manifest = |host: &str, weights: &[u8]| {
        let layer = hash::of(weights);
        let text = format!("{{\"layers\":[{{\"digest\":\"sha256:{layer}\"}}]}}");
        put(&root.join(format!("manifests/{host}/library/small/latest")), text.as_bytes());
        put(&root.join(format!("blobs/sha256-{layer}")), weights);
        text
    };
    let good = manifest("a.example.com", b"weights");
    manifest("m.example.com", b"WEIGHTS");
    manifest("z.example.com", b"weights");
    let layer = format!("sha256-{}", hash::of(b"weights"));
    let files: &[(&str, &[u8])] = &[("manifest", good.as_bytes()), (&layer, b"weights")];
    let held = |name: &str| {
        let key = Key { kind: AssetKind::Model, hub: "ollama".to_owned(), name: name.to_owned(), requested: None };
        let entry = entry(Some(&hash::of(good.as_bytes()).to_string()), files);
        Lock { entries: BTreeMap::from([(key, entry)]), ..Lock::default() }
    };
    let copies = |name: &str| {
        let verified = run(&held(name), &root);
        (code(&verified), verified.entries[0].copies.len())
    };
    assert_eq!(copies("small"), (1, 3));
    assert_eq!(copies("a.example.com/library/small"), (0, 1));
    assert_eq!(copies("m.example.com/library/small"), (1, 1));
    // A manifest that is a link belongs to no model that could tell it.
    symlink("latest", root.join("manifests/a.example.com/library/small/8b")).expect("a link");
    assert_eq!(copies("a.example.com/library/small"), (3, 1));
    fs::remove_dir_all(root).expect("removed");
}

/// A name, and what is done to a folder.
type Done<'c> = (&'c str, fn(&Path));

#[test]
fn no_folder_hides_a_cache_below_it() {
    let hides: &[Done<'_>] = &[
        ("called", |_| {}),
        ("local", |root| put(&root.join("image/.cache/huggingface/download/x.metadata"), b"")),
        ("torch", |root| put(&root.join("image/root/.cache/huggingface/hub/hubconf.py"), b"")),
        ("ollama", |root| {
            fs::create_dir_all(root.join("image/manifests")).expect("a folder");
            fs::create_dir_all(root.join("image/blobs")).expect("a folder");
        }),
        ("repository", |root| {
            fs::create_dir_all(root.join("x/models--a--b/snapshots")).expect("a folder");
            fs::rename(root.join("image"), root.join("x/models--a--b/image")).expect("moved");
        }),
    ];
    for (name, hide) in hides {
        let root = folder(&format!("hides-{name}"));
        let cache = root.join("image/root/.cache/huggingface/hub");
        snapshot(&cache, OLD, &evil());
        snapshot(&root.join("good"), OLD, &first());
        hide(&root);
        let mut held = lock(entry(Some(OLD), &first()));
        held.entries.insert(Key { name: "org/hub".to_owned(), ..key() }, entry(Some(NEW), &[("config.json", b"1")]));
        let verified = run(&held, &root);
        let demand = Demand { present_only: true, ..Demand::default() };
        assert_eq!(verified.exit_code(demand), 1, "{name}: {verified:?}");
        fs::remove_dir_all(root).expect("removed");
    }
}

/// A name, what is done to a folder with another one at hand, and the exit code.
type Linked<'c> = (&'c str, fn(&Path, &Path), u8);

#[test]
fn links_to_what_is_not_looked_at_are_told() {
    let cases: &[Linked<'_>] = &[
        ("model", |place, away| symlink(away, place.join("small-model")).expect("a link"), 3),
        (
            "weights",
            |place, away| {
                let name = "model-00001-of-00002.safetensors";
                symlink(away.join(name), place.join(name)).expect("a link");
            },
            3,
        ),
        ("hub", |place, away| symlink(away, place.join("hub")).expect("a link"), 3),
        ("of-image", |place, _| symlink("/data/none/hf", place.join("huggingface")).expect("a link"), 3),
        ("system", |place, away| symlink(away, place.join("bin")).expect("a link"), 0),
        (
            "looked-at",
            |place, _| {
                fs::create_dir(place.join("real")).expect("a folder");
                symlink("real", place.join("models")).expect("a link");
            },
            0,
        ),
    ];
    for (name, change, expected) in cases {
        let root = cache_of_first(&format!("links-{name}"));
        let away = folder(&format!("away-{name}"));
        evil().iter().for_each(|(path, content)| put(&away.join(path), content));
        fs::create_dir_all(root.join("place")).expect("a folder");
        change(&root.join("place"), &away);
        let verified = run(&lock(entry(Some(OLD), &first())), &root);
        assert_eq!(code(&verified), *expected, "{name}: {:?}", verified.unread);
        fs::remove_dir_all(root).expect("removed");
        fs::remove_dir_all(away).expect("removed");
    }
}
