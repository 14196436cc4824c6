//! `cargo bench --bench scripts`: reads the shell scripts of the trees in the folder `CUSTODY_BENCH_TREES`
//! (each folder inside it is one), parses them anew, tells what their commands do, and follows what they fetch.
//! Prints medians; asserts nothing about time. Without that variable it takes one script of its own, five thousand
//! times.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use cargo_custody::commands::facts;
use cargo_custody::graph::Document;
use cargo_custody::graph::flow::FlowView;
use cargo_custody::graph::images::ImageView;
use cargo_custody::graph::kinds::docker::InstructionKind;
use cargo_custody::graph::kinds::workflow::Script;
use cargo_custody::parse::Budget;
use cargo_custody::parse::shell::{Dialect, Program};
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{Limits, RepoPath, Tree};

const RUNS: usize = 7;
/// Scripts that are timed.
const SCRIPTS: usize = 5_000;
/// Steps of the workflow that is timed where no trees are named.
const STEPS: usize = 500;

/// What a step that installs a tool looks like.
const OWN: &str = "set -euo pipefail\nVERSION=1.2.3\ncurl -fsSL -o tool.tgz \
                   \"https://example.com/v${VERSION}/tool-$(uname -m).tgz\"\necho \"${{ env.SUM }}  tool.tgz\" | \
                   sha256sum -c -\nif [ -n \"$CI\" ]; then\n  tar xzf tool.tgz -C ~/.local/bin\nfi\nfor name in a b; \
                   do\n  ~/.local/bin/tool check \"$name\" || exit 1\ndone\npip install -r requirements.txt\n";

/// Prints the median time of some work, and what five thousand scripts of so many take.
fn median<T>(name: &str, scripts: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let mut last = work();
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        last = work();
        times.push(start.elapsed());
    }
    times.sort();
    let taken = times[RUNS / 2].as_secs_f64() * 1_000.0;
    let share = taken * SCRIPTS as f64 / scripts.max(1) as f64;
    println!("  {name:<28} {taken:>10.3} ms of {scripts:>6} scripts {share:>10.3} ms of {SCRIPTS}");
    (last, share)
}

fn scripts_of(document: &Document) -> Vec<&Script> {
    match document {
        Document::Workflow(workflow) => {
            workflow.jobs.iter().flat_map(|job| &job.steps).filter_map(|step| step.run.as_ref()).collect()
        }
        Document::Action(action) => action.steps.iter().filter_map(|step| step.run.as_ref()).collect(),
        Document::Dockerfile(dockerfile) => {
            let instructions = dockerfile.stages.iter().flat_map(|stage| &stage.instructions);
            let scripts = instructions.filter_map(|instruction| match &instruction.kind {
                InstructionKind::Run { script, .. } | InstructionKind::Start(script) => Some(script),
                _ => None,
            });
            scripts.collect()
        }
        Document::Commands(file) => file.blocks.iter().filter_map(|block| block.script.as_ref()).collect(),
        _ => Vec::new(),
    }
}

/// A tree and what was read of it.
struct Audited {
    reading: Reading,
    files: BTreeSet<RepoPath>,
}

impl Audited {
    fn of(tree: &Tree) -> Self {
        let reading = read_tree(tree, 2, &|_, _| {});
        Self { reading, files: tree.entries.iter().map(|entry| entry.path.clone()).collect() }
    }

    fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.reading.documents.iter().flat_map(scripts_of)
    }

    fn images(&self) -> ImageView {
        ImageView::build(&self.reading.documents, &self.reading.sources, &self.files)
    }
}

/// Every tree in a folder.
fn collect(folder: &Path) -> Vec<Audited> {
    let mut trees: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    trees.sort();
    let trees = trees.iter().filter(|path| path.is_dir());
    trees.map(|root| Audited::of(&Tree::scan(root, Limits::default()).expect("a tree"))).collect()
}

/// A workflow with a script of our own in each of its steps.
fn own() -> Vec<Audited> {
    let mut text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n".to_owned();
    for _ in 0..STEPS {
        text.push_str("      - run: |\n");
        OWN.lines().for_each(|line| text.extend(["          ", line, "\n"]));
    }
    let path = RepoPath::new(".github/workflows/own.yml").expect("a path");
    vec![Audited::of(&Tree::from_memory("own", BTreeMap::from([(path, text.into_bytes())])))]
}

fn main() {
    let trees = std::env::var_os("CUSTODY_BENCH_TREES").map_or_else(own, |folder| collect(Path::new(&folder)));
    let found: Vec<(&str, &Dialect)> =
        trees.iter().flat_map(Audited::scripts).map(|s| (s.text.text.as_str(), &s.dialect)).collect();
    let all: Vec<(&str, &Dialect)> = found.iter().copied().cycle().take(SCRIPTS).collect();
    let bytes: usize = all.iter().map(|(text, _)| text.len()).sum();
    println!("{} scripts of {} in {} trees, {bytes} bytes, one thread", all.len(), found.len(), trees.len());
    let read = || all.iter().map(|(text, dialect)| Program::read(text, dialect, &mut Budget::default())).collect();
    let (programs, parsed): (Vec<Program>, f64) = median("parsed and lowered", all.len(), read);
    let tell = || programs.iter().map(|program| facts(program).len()).sum();
    let (acts, told): (usize, f64) = median("what the commands do", all.len(), tell);
    let views: Vec<ImageView> = trees.iter().map(Audited::images).collect();
    let follow = || {
        let flows = trees.iter().zip(&views).map(|(tree, images)| {
            FlowView::build(&tree.reading.documents, &tree.reading.sources, &tree.files, images).downloads.len()
        });
        flows.sum()
    };
    let (downloads, followed): (usize, f64) = median("what becomes of downloads", found.len(), follow);
    let broken = programs.iter().filter(|program| !program.problems.is_empty()).count();
    println!("  {:<28} {:>10.3} ms of {SCRIPTS} scripts", "all of it", parsed + told + followed);
    println!("  {acts} acts; {downloads} downloads; {broken} with a part that could not be read");
}
