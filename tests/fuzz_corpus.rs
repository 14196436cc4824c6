//! Replays what the fuzzers started from and what they once found, with a small stack.

#![allow(clippy::disallowed_methods, reason = "the test reads its own folder")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

#[path = "fuzz/targets.rs"]
#[allow(unreachable_pub, dead_code, clippy::expect_used, reason = "shared with the fuzzer's own package")]
mod targets;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use cargo_custody::audit::Audit;
use targets::{TARGETS, Target};

/// What a thread of another program may give us; a main thread mostly has four times as much.
const STACK: usize = 2 << 20;
/// Far more than any file needs in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn files(kind: &str, target: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(kind).join(target);
    let Ok(listing) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<PathBuf> = listing.map(|entry| entry.expect("an entry").path()).collect();
    out.sort();
    out
}

/// Runs on a thread of its own; what is wrong is said with the file's name.
fn replay(path: &Path, target: Target) -> Result<(), String> {
    let data = std::fs::read(path).expect("a file");
    let (send, receive) = mpsc::channel();
    let work = move || {
        target(&data);
        let _ = send.send(());
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    match receive.recv_timeout(PATIENCE) {
        Ok(()) => Ok(()),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(format!("{} takes too long", path.display())),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(format!("{} panics", path.display())),
    }
}

#[test]
fn what_was_found_once_is_not_found_again() {
    let mut wrong = Vec::new();
    for (name, target) in TARGETS {
        let seeds = files("corpus", name);
        assert!(!seeds.is_empty(), "{name} has no seed");
        wrong.extend(seeds.iter().chain(&files("crashes", name)).filter_map(|path| replay(path, *target).err()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The other formats are lenient; a saved audit of another day's schema would be turned away at once,
/// and the fuzzer would start from nothing. `--format json` writes them anew.
#[test]
fn saved_audits_can_be_read() {
    for path in files("corpus", "saved_audit") {
        let read = serde_json::from_slice::<Audit>(&std::fs::read(&path).expect("a file"));
        assert!(read.is_ok(), "{}: {read:?}", path.display());
    }
}

#[test]
fn every_folder_and_program_has_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("the fuzzer's manifest");
    for kind in ["corpus", "crashes", "fuzz_targets"] {
        for path in std::fs::read_dir(root.join(kind)).into_iter().flatten() {
            let path = path.expect("an entry").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            assert!(TARGETS.iter().any(|(known, _)| *known == name), "{} belongs to no target", path.display());
        }
    }
    for (name, _) in TARGETS {
        // The whole block: keys of two programs in one block are no TOML, and then no fuzzer is built at all.
        let block = format!(
            "[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\ntest = false\ndoc = false\nbench = false\n"
        );
        let ends = |at: usize| matches!(manifest.as_bytes()[at + block.len()..], [] | [b'\n', ..]);
        assert!(manifest.find(&block).is_some_and(ends), "{name} has no block of its own in the manifest");
        let program = std::fs::read_to_string(root.join("fuzz_targets").join(format!("{name}.rs"))).expect("a program");
        assert!(program.contains(&format!("targets::{name}(data)")), "{name} runs something else");
    }
}
