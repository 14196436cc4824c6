//! `cargo bench --bench references`: finds what the trees in the folder `CUSTODY_BENCH_TREES` load (each folder inside
//! it is one). Prints medians; asserts nothing about time. Without that variable it makes a tree of its own: a
//! thousand modules, of which some load models by names that others give them.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark makes files, reads the clock and prints"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cargo_custody::references::{self, Limits};
use cargo_custody::source::DiskFolder;

const RUNS: usize = 7;
/// Modules of the tree that is made where no trees are named.
const MODULES: usize = 1_000;
/// Threads that read.
const THREADS: usize = 2;

/// What a module of that tree is filled with: code that loads nothing.
const FILLER: &str = "\ndef step_{n}(batch, scale=0.5, *, mask=None):\n    total = 0\n    for row in batch[\"rows\"]:\n        \
                      if row.value > scale and (mask is None or mask[row.index]):\n            total += \
                      compute(row.value, other=[1, 2, 3], name=f\"{row.index}\")\n    return {\"total\": total, \"scale\": \
                      scale}\n";

/// The module of a number. One in ten has a loader of its own, and those behind it call that.
fn module(number: usize) -> String {
    let loader = number - number % 10;
    let head = if number == loader {
        format!(
            "from transformers import AutoModel\nDEFAULT = \"acme/model-{number}\"\n\n\ndef load_{number}(model_id=DEFAULT, \
             revision=None):\n    return AutoModel.from_pretrained(model_id, revision=revision)\n"
        )
    } else {
        format!(
            "from .module_{loader} import load_{loader}\n\n\ndef run():\n    return \
             load_{loader}(\"acme/other-{number}\", revision=\"main\")\n"
        )
    };
    (0..20).fold(head, |text, n| text + &FILLER.replace("{n}", &n.to_string()))
}

fn make(root: &Path) {
    let package = root.join("package");
    std::fs::create_dir_all(&package).expect("a folder for the tree");
    std::fs::write(package.join("__init__.py"), "").expect("a module");
    for number in 0..MODULES {
        std::fs::write(package.join(format!("module_{number}.py")), module(number)).expect("a module");
    }
}

fn median(root: &Path) {
    let folder = DiskFolder::walk(root).expect("a tree");
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut last = references::of_folder(&folder, THREADS, &Limits::default());
    for _ in 0..RUNS {
        let start = Instant::now();
        last = references::of_folder(&folder, THREADS, &Limits::default());
        times.push(start.elapsed());
    }
    times.sort();
    let taken = times[RUNS / 2].as_secs_f64() * 1_000.0;
    println!("  {:<40} {taken:>10.1} ms, {} references", root.display(), last.references.len());
}

fn main() {
    if let Some(trees) = std::env::var_os("CUSTODY_BENCH_TREES") {
        let entries = std::fs::read_dir(trees).expect("a folder of trees");
        let mut roots: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        roots.sort();
        roots.iter().filter(|root| root.is_dir()).for_each(|root| median(root));
        return;
    }
    let root = std::env::temp_dir().join(format!("custody-references-{}", std::process::id()));
    make(&root);
    median(&root);
    std::fs::remove_dir_all(&root).expect("the tree goes away");
}
