//! `cargo bench`: times the stages of a gate over two trees in memory that differ in a few files, and over a commit of
//! a repository given by `CUSTODY_BENCH_REPOSITORY` (`CUSTODY_BENCH_REVISION` for another one than `HEAD`) and its first
//! parent. Prints medians and what the gate costs beside the audit of one tree; asserts nothing about time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cargo_custody::advisory::Index;
use cargo_custody::audit::{Audit, Mode};
use cargo_custody::check::{self, Checked, Evidence, Side};
use cargo_custody::decide::{Input, Words, assemble, knowledge, side};
use cargo_custody::gate;
use cargo_custody::outside::cached::Cached;
use cargo_custody::outside::remembered::Remembered;
use cargo_custody::read::{Earlier, Reading, read_after, read_tree};
use cargo_custody::source::objects::{Repository, changes};
use cargo_custody::source::{Changes, Limits, RepoPath, Tree};

const RUNS: usize = 15;
/// 2026-11-23.
const NOW: i64 = 1_795_392_000;

fn median<T>(name: &str, mut work: impl FnMut() -> T) -> (T, f64) {
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut last = work();
    for _ in 0..RUNS {
        let start = Instant::now();
        last = work();
        times.push(start.elapsed());
    }
    times.sort();
    let middle = times[RUNS / 2].as_secs_f64() * 1_000.0;
    println!("  {name:<28} {middle:>10.3} ms (min {:.3})", times[0].as_secs_f64() * 1_000.0);
    (last, middle)
}

fn decided(tree: &Tree, reading: &Reading, checked: &Checked, words: Option<Words>) -> Audit {
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    let input = Input { tree, reading, checked, knowledge, policy: None };
    match words {
        Some(words) => side(input, words),
        None => assemble(input),
    }
}

/// One tree alone, then both.
fn bench(base: &Tree, head: &Tree, changes: &Changes) {
    let (_, alone) = median("audit of the second tree", || {
        let reading = read_tree(head, 1, &|_, _| {});
        let checked = check::run(head, &reading, &Cached::new(Index::embedded()));
        decided(head, &reading, &checked, None)
    });
    let (before, read) = median("read the first tree", || read_tree(base, 1, &|_, _| {}));
    let is_same = |path: &RepoPath| !changes.touches(path);
    let (after, again) = median("read the second tree", || {
        read_after(head, Some(Earlier { reading: &before, is_same: &is_same }), 1, &|_, _| {})
    });
    let ((first, second), checks) = median("graphs, look-ups, rules", || {
        let cached = Cached::new(Index::embedded());
        let oracle = &Remembered::new(&cached);
        let evidence = &Evidence::default();
        check::run_two(
            &Side { tree: base, reading: &before, oracle, evidence },
            &Side { tree: head, reading: &after, oracle, evidence },
            &changes.moved,
        )
    });
    let (audit, rest) = median("decide, compare, settle", || {
        let old = decided(base, &before, &first, Some(Words::Few));
        let mut audit = decided(head, &after, &second, Some(Words::All));
        let texts = gate::Texts { before: &before.sources, after: &after.sources };
        let difference = gate::compare(&old, &mut audit, changes, Some(texts));
        gate::settle(&mut audit, Mode::New, None);
        (audit, difference)
    });
    let states: Vec<String> = audit.1.counts.iter().map(|(state, count)| format!("{count} {state:?}")).collect();
    println!("  {} changed files, {}", changes.count(), states.join(", "));
    println!("  the gate costs {:.2} times the audit", (read + again + checks + rest) / alone);
}

/// A tree of fifty workflows, fifty lists of requirements and some sources.
fn tree(altered: bool) -> Tree {
    let mut files: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
    let mut put = |path: &str, text: String| {
        files.insert(RepoPath::new(path).expect("a path inside the tree"), text.into_bytes());
    };
    for at in 0..50 {
        let version = if altered && at % 10 == 0 { 4 } else { 3 };
        put(
            &format!(".github/workflows/w{at}.yml"),
            format!(
                "on: pull_request_target\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: \
                 actions/checkout@v{version}\n      - run: echo ${{{{ github.head_ref }}}}\n      - run: pip install \
                 -r requirements.txt\n"
            ),
        );
        put(&format!("services/s{at}/requirements.txt"), format!("flask=={version}.0\nrequests==2.{at}.0\ntorch\n"));
        put(&format!("src/m{at}.py"), format!("VERSION = {version}\n"));
    }
    Tree::from_memory("gate", files)
}

fn main() {
    println!("a hundred files in memory");
    let (base, head) = (tree(false), tree(true));
    let (found, _) = median("compare the trees", || changes(&base, &head));
    bench(&base, &head, &found);
    let Some(path) = std::env::var_os("CUSTODY_BENCH_REPOSITORY").map(PathBuf::from) else { return };
    let revision = std::env::var("CUSTODY_BENCH_REVISION").unwrap_or_else(|_| "HEAD".to_owned());
    println!("{} {revision}", path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()));
    let list = |revision: &str| {
        let repository = Arc::new(Repository::open(Path::new(&path)).expect("a repository"));
        let commit = repository.resolve(revision).expect("a revision");
        repository.tree(&commit, &RepoPath::default(), Limits::default()).expect("its tree")
    };
    let (base, _) = median("list the first tree", || list(&format!("{revision}^1")));
    let (head, _) = median("list the second tree", || list(&revision));
    let (found, _) = median("compare the trees", || changes(&base, &head));
    bench(&base, &head, &found);
}
