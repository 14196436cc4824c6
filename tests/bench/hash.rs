//! `cargo bench --bench hash`: times `verify` as a whole process against `sha256sum` on files that lie in the page
//! cache, and prints the ratios of one run. Asserts nothing about time.
//!
//! `sha256sum` without OpenSSL is slow; where `openssl` is there, it is the harder measure.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark starts programs, reads the clock and prints"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cargo_custody::lock::hash::{self, Watch};
use cargo_custody::lock::{Entry, Key, Lock};
use cargo_custody::references::AssetKind;

const RUNS: usize = 5;
const MIB: usize = 1 << 20;

/// Files that are not all zeros, so that nothing is a hole.
fn folder(name: &str, count: usize, size: usize) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hash").join(name);
    let _ = fs::remove_dir_all(&dir);
    let model = dir.join("some-model");
    fs::create_dir_all(&model).expect("a folder");
    let mut files = BTreeMap::new();
    for number in 0..count {
        let path = format!("model-{number}.safetensors");
        let mut file = fs::File::create(model.join(&path)).expect("a file");
        for piece in 0..size / MIB {
            let byte = u8::try_from((number * 31 + piece) % 251).expect("a byte");
            file.write_all(&vec![byte; MIB]).expect("written");
        }
        let hashed = hash::file(&model.join(&path), false, true, &Watch::default()).expect("it is there");
        files.insert(path, hashed.file);
    }
    let (kind, hub, name) = (AssetKind::Model, "huggingface".to_owned(), "org/some-model".to_owned());
    let entry = Entry { revision: Some("1".repeat(40)), files, ..Entry::default() };
    let entries = BTreeMap::from([(Key { kind, hub, name, requested: None }, entry)]);
    fs::write(dir.join("custody.lock"), Lock { entries, ..Lock::default() }.to_text()).expect("written");
    dir
}

/// The median of some runs; none where the program is not there.
fn time(program: &str, words: &[&str], files: &[PathBuf], dir: &Path) -> Option<Duration> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        let mut command = Command::new(program);
        command.args(words).args(files).current_dir(dir).env_clear().env("PATH", "/usr/bin:/bin").stdout(Stdio::null());
        let status = command.status().ok()?;
        assert!(status.success(), "{program} failed");
        times.push(start.elapsed());
    }
    times.sort();
    Some(times[RUNS / 2])
}

fn main() {
    for (name, count, size) in [("one of 2 GiB", 1, 2048 * MIB), ("8 of 256 MiB", 8, 256 * MIB)] {
        let dir = folder(&name.replace(' ', "-"), count, size);
        let files: Vec<PathBuf> =
            (0..count).map(|number| dir.join(format!("some-model/model-{number}.safetensors"))).collect();
        let ours = time(env!("CARGO_BIN_EXE_cargo-custody"), &["verify", "."], &[], &dir).expect("it is built");
        println!("{name}: verify {:.3} s", ours.as_secs_f64());
        for (program, words) in [("sha256sum", &[][..]), ("openssl", &["dgst", "-sha256"])] {
            if let Some(theirs) = time(program, words, &files, &dir) {
                let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
                println!("  {program} {:.3} s: {ratio:.2} times as long", theirs.as_secs_f64());
            }
        }
        fs::remove_dir_all(dir).expect("removed");
    }
}
