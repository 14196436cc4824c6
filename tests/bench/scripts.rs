//! `cargo bench --bench scripts`: reads the shell scripts of the trees in the folder `CUSTODY_BENCH_TREES`
//! (each folder inside it is one), parses them anew, and tells what their commands do. Prints medians; asserts
//! nothing about time. Without that variable it takes one script of its own, five thousand times.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use cargo_custody::commands::facts;
use cargo_custody::graph::Document;
use cargo_custody::graph::kinds::docker::InstructionKind;
use cargo_custody::graph::kinds::workflow::Script;
use cargo_custody::parse::Budget;
use cargo_custody::parse::shell::{Dialect, Program};
use cargo_custody::read::read_tree;
use cargo_custody::source::{Limits, Tree};

const RUNS: usize = 7;
/// Scripts that are timed.
const SCRIPTS: usize = 5_000;

/// What a step that installs a tool looks like.
const OWN: &str = "set -euo pipefail\nVERSION=1.2.3\ncurl -fsSL -o tool.tgz \
                   \"https://example.com/v${VERSION}/tool-$(uname -m).tgz\"\necho \"${{ env.SUM }}  tool.tgz\" | \
                   sha256sum -c -\nif [ -n \"$CI\" ]; then\n  tar xzf tool.tgz -C ~/.local/bin\nfi\nfor name in a b; \
                   do\n  ~/.local/bin/tool check \"$name\" || exit 1\ndone\npip install -r requirements.txt\n";

fn median<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let mut last = work();
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        last = work();
        times.push(start.elapsed());
    }
    times.sort();
    println!("  {name:<28} {:>10.3} ms", times[RUNS / 2].as_secs_f64() * 1_000.0);
    last
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

/// The scripts of every tree in a folder.
fn collect(folder: &Path) -> Vec<(String, Dialect)> {
    let mut trees: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    trees.sort();
    let mut out = Vec::new();
    for root in trees.iter().filter(|path| path.is_dir()) {
        let tree = Tree::scan(root, Limits::default()).expect("a tree");
        let reading = read_tree(&tree, 2, &|_, _| {});
        let scripts = reading.documents.iter().flat_map(scripts_of);
        out.extend(scripts.map(|script| (script.text.text.to_string(), script.dialect.clone())));
    }
    out
}

fn main() {
    let found = std::env::var_os("CUSTODY_BENCH_TREES").map(|folder| collect(Path::new(&folder)));
    let found = found.unwrap_or_else(|| vec![(OWN.to_owned(), Dialect::Bash)]);
    let all: Vec<&(String, Dialect)> = found.iter().cycle().take(SCRIPTS).collect();
    let bytes: usize = all.iter().map(|(text, _)| text.len()).sum();
    println!("{} scripts of {}, {bytes} bytes, one thread", all.len(), found.len());
    let read = || all.iter().map(|(text, dialect)| Program::read(text, dialect, &mut Budget::default())).collect();
    let programs: Vec<Program> = median("parsed and lowered", read);
    let acts: usize = median("what the commands do", || programs.iter().map(|program| facts(program).len()).sum());
    let broken = programs.iter().filter(|program| !program.problems.is_empty()).count();
    println!("  {acts} acts; {broken} with a part that could not be read");
}
