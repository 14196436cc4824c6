//! `cargo bench --bench affected`: asks a thousand bills of materials of two hundred parts each for one package, of
//! which ten have it; and the documents of the folder `CUSTODY_BENCH_BOMS`, where that is set. Prints medians; asserts
//! nothing about time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads files, reads the clock and prints"
)]

use std::fmt::Write as _;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use cargo_custody::affected::documents::{Documents, Told};
use cargo_custody::affected::{Asked, Standing};

const RUNS: usize = 7;
const DOCUMENTS: usize = 1_000;
const PARTS: usize = 200;
const THREADS: usize = 2;

fn document(number: usize) -> Vec<u8> {
    let mut out = String::from(
        "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n  \"components\": [\n",
    );
    for part in 0..PARTS {
        let (name, version) = if part == 100 && number.is_multiple_of(100) {
            ("litellm".to_owned(), "1.82.7")
        } else {
            (format!("part-{number}-{part}"), "2.0.1")
        };
        let digest = format!("{:064x}", number * PARTS + part);
        let end = if part + 1 == PARTS { "" } else { "," };
        write!(
            out,
            "    {{\n      \"type\": \"library\",\n      \"bom-ref\": \"pkg:pypi/{name}@{version}\",\n      \"name\": \"{name}\",\n      \
             \"version\": \"{version}\",\n      \"purl\": \"pkg:pypi/{name}@{version}\",\n      \"licenses\": [{{\"license\": {{\"id\": \
             \"MIT\"}}}}],\n      \"hashes\": [{{\"alg\": \"SHA-256\", \"content\": \"{digest}\"}}],\n      \"externalReferences\": \
             [{{\"type\": \"vcs\", \"url\": \"https://git.example.com/{name}\"}}]\n    }}{end}\n"
        )
        .expect("a text takes everything");
    }
    out.push_str("  ],\n  \"metadata\": {\"component\": {\"bom-ref\": \"root\", \"name\": \"chat\"}},\n");
    out.push_str("  \"compositions\": [{\"aggregate\": \"complete\", \"dependencies\": [\"root\"]}]\n}\n");
    out.into_bytes()
}

fn ask(documents: &Documents<'_>, all: &[Vec<u8>]) -> usize {
    let (next, hits) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(bytes) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Told::Answers(answers) = documents.ask("bom.json", bytes)
                        && answers.iter().any(|answer| answer.standing == Standing::Locked)
                    {
                        hits.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    hits.into_inner()
}

fn median(name: &str, all: &[Vec<u8>]) {
    let questions = [Asked::parse("pypi:litellm@1.82.7,1.82.8").expect("a target")];
    let documents = Documents::new(&questions);
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut hits = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        hits = ask(&documents, all);
        times.push(start.elapsed());
    }
    times.sort();
    let bytes: usize = all.iter().map(Vec::len).sum();
    let time = times.get(RUNS / 2).copied().unwrap_or_default();
    println!("{name}: {} documents, {} MB, {hits} have it: {time:?}", all.len(), bytes / 1_000_000);
}

fn main() {
    let all: Vec<Vec<u8>> = (0..DOCUMENTS).map(document).collect();
    median("made", &all);
    if let Some(folder) = std::env::var_os("CUSTODY_BENCH_BOMS") {
        let files = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
        let all: Vec<Vec<u8>> =
            files.filter(|path| path.is_file()).map(|path| std::fs::read(path).expect("a file")).collect();
        median("named", &all);
    }
}
