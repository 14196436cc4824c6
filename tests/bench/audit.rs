//! `cargo bench`: times the stages of an audit of the shipped example, and of a folder given by
//! `CUSTODY_BENCH_TREE`. Prints medians; asserts nothing about time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cargo_custody::advisory::Index;
use cargo_custody::check;
use cargo_custody::decide::{Input, assemble, knowledge};
use cargo_custody::impostor::{List, Names, resembles};
use cargo_custody::outside::cached::Cached;
use cargo_custody::read::read_tree;
use cargo_custody::report::{Format, Options, render};
use cargo_custody::source::{Limits, RepoPath, Tree};

const RUNS: usize = 25;
/// 2026-11-23.
const NOW: i64 = 1_795_392_000;

fn median<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut last = work();
    for _ in 0..RUNS {
        let start = Instant::now();
        last = work();
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "  {name:<28} {:>10.3} ms (min {:.3}, max {:.3})",
        millis(times[RUNS / 2]),
        millis(times[0]),
        millis(times[RUNS - 1])
    );
    last
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn bench(root: &Path) {
    println!("{}", root.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()));
    let tree = median("list the tree", || Tree::scan(root, Limits::default()).expect("a tree"));
    let reading = median("read, one thread", || read_tree(&tree, 1, &|_, _| {}));
    let checked = median("graph, look-ups, rules", || check::run(&tree, &reading, &Cached::new(Index::embedded())));
    let audit = median("decide", || {
        let knowledge = knowledge::of_index(Index::embedded(), NOW);
        assemble(Input { tree: &tree, reading: &reading, checked: &checked, knowledge, policy: None })
    });
    for (name, format) in Format::ALL {
        let bytes = median(&format!("render {name}"), || {
            let mut out = Vec::new();
            render(&audit, *format, &Options::default(), &mut out).expect("a writer that takes all");
            out.len()
        });
        println!("  {:<28} {bytes:>10} bytes", "");
    }
    println!("  {} files, {} nodes, {} findings", reading.files.len(), checked.graph.len(), audit.findings.len());
}

/// Names of one lock of a thousand packages: nearly all are known, a few are near a known one.
fn impostors() {
    println!("impostors");
    let names = Names::embedded();
    let known: Vec<String> = names.all(List::PyPi).step_by(15).map(|known| known.name.to_owned()).collect();
    let unknown: Vec<String> = known.iter().step_by(20).map(|name| format!("{name}x")).collect();
    let look = |all: &[String]| all.iter().filter_map(|name| resembles(&names, List::PyPi, name)).count();
    median(&format!("{} known names", known.len()), || look(&known));
    median(&format!("{} unknown names", unknown.len()), || look(&unknown));
}

/// A hundred workflows that check out, restore, build, hand over artifacts and publish.
fn pipelines() {
    println!("a hundred workflows");
    let text = |at: usize| {
        format!(
            "name: W{at}\non:\n  pull_request_target:\n  workflow_run:\n    workflows: [W{}]\njobs:\n  build:\n    \
             runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: \
             ${{{{ github.event.pull_request.head.sha }}}}\n      - uses: actions/cache@v4\n        with:\n          \
             path: target\n          key: build-${{{{ hashFiles('Cargo.lock') }}}}\n      - run: |\n          echo \
             \"${{{{ github.head_ref }}}}\" | tee -a \"$GITHUB_OUTPUT\"\n          cargo build --release\n      - \
             uses: actions/upload-artifact@v4\n        with:\n          name: out\n          path: target/out\n  \
             publish:\n    needs: build\n    if: github.event_name == 'workflow_run'\n    runs-on: ubuntu-latest\n    \
             steps:\n      - uses: actions/download-artifact@v4\n      - run: cargo publish\n        env:\n          \
             CARGO_REGISTRY_TOKEN: ${{{{ secrets.TOKEN }}}}\n",
            (at + 1) % 100
        )
    };
    let path = |at| RepoPath::new(&format!(".github/workflows/w{at}.yml")).expect("a path inside the tree");
    let tree = Tree::from_memory("pipelines", (0..100).map(|at| (path(at), text(at).into_bytes())).collect());
    let reading = median("read, one thread", || read_tree(&tree, 1, &|_, _| {}));
    let checked = median("graph, look-ups, rules", || check::run(&tree, &reading, &Cached::new(Index::embedded())));
    println!("  {} nodes, {} diagnostics", checked.graph.len(), checked.diagnostics.len());
}

fn main() {
    impostors();
    pipelines();
    bench(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llm-service"));
    if let Some(tree) = std::env::var_os("CUSTODY_BENCH_TREE") {
        bench(&PathBuf::from(tree));
    }
}
