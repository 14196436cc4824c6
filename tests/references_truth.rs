//! What public repositories load, labelled by hand, against what the graph says. The labels are facts (`tests/references`):
//! kind, name, revision and lines; the trees are not kept here. Name a folder that holds them, as `owner__name` at the commit
//! of each file's first line, in `CUSTODY_TREES`, and run `cargo test --test references_truth -- --ignored --nocapture`.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const KINDS: &[&str] = &["model", "dataset", "tokenizer", "adapter", "kernel"];
/// Tiers whose names are to be found. Those of documentation, catalogues and mocks are neither hits nor errors.
const JUDGED: &[&str] = &["runs", "default", "test", "example"];

#[derive(Debug, Clone)]
struct Label {
    kind: String,
    names: Vec<String>,
    revision: String,
    pin: String,
    tier: String,
    places: BTreeSet<String>,
    hub: String,
    flags: String,
}

impl Label {
    /// Names of models that others host are judged apart.
    fn is_of_hub(&self) -> bool {
        ["huggingface", "hub", "github", "timm", "torchhub", "url", "ollama", "nltk", "modelscope", "kaggle"]
            .contains(&self.hub.as_str())
    }
}

struct Truth {
    key: String,
    within: Vec<String>,
    without: Vec<String>,
    labels: Vec<Label>,
}

fn truths() -> Vec<Truth> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/references");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "tsv"));
    files.sort();
    files.iter().map(|file| truth(file)).collect()
}

fn truth(file: &Path) -> Truth {
    let text = std::fs::read_to_string(file).unwrap();
    let words = |mark: &str| -> Vec<String> {
        let line = text.lines().find_map(|line| line.strip_prefix(mark));
        line.unwrap_or("").split_whitespace().map(str::to_owned).collect()
    };
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let labels = rows.map(|row| {
        let mut fields = row.split('\t').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        let (kind, name, revision, pin, tier, places, hub, flags) =
            (next(), next(), next(), next(), next(), next(), next(), next());
        assert!(KINDS.contains(&kind.as_str()) && !name.is_empty(), "{}: {row}", file.display());
        assert!(["commit", "tag", "branch", "none", "dynamic"].contains(&pin.as_str()), "{}: {row}", file.display());
        let also = flags.split(' ').filter_map(|flag| flag.strip_prefix("alias=")).map(str::to_owned);
        let names = std::iter::once(name).chain(also).collect();
        Label { kind, names, revision, pin, tier, places: places.split(';').map(str::to_owned).collect(), hub, flags }
    });
    let key = file.file_stem().unwrap().to_string_lossy().into_owned();
    Truth { key, within: words("# in: "), without: words("# but: "), labels: labels.collect() }
}

impl Truth {
    fn holds(&self, path: &str) -> bool {
        let below = |folder: &String| path == folder || path.starts_with(&format!("{folder}/")) || folder == ".";
        self.within.iter().any(below) && !self.without.iter().any(below)
    }
}

#[derive(Debug)]
struct Node {
    kind: String,
    name: String,
    revision: String,
    pin: String,
    hub: String,
    lines: BTreeSet<String>,
}

fn nodes(truth: &Truth, tree: &Path) -> Vec<Node> {
    let out = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .args(["graph", "--format", "json"])
        .arg(tree)
        .output()
        .expect("the binary");
    let graph: Value = serde_json::from_slice(&out.stdout).expect("a graph");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = graph["nodes"].as_array().unwrap().iter().filter(|node| KINDS.contains(&text(&node["kind"]).as_str()));
    all.filter_map(|node| {
        let spots = node["sightings"].as_array().unwrap().iter();
        let lines: BTreeSet<String> = spots
            .filter(|spot| truth.holds(&text(&spot["path"])))
            .map(|spot| format!("{}:{}", text(&spot["path"]), spot["line"]))
            .collect();
        let attributes = &node["attributes"];
        (!lines.is_empty()).then(|| Node {
            kind: text(&node["kind"]),
            name: text(&node["name"]),
            revision: text(&attributes["revision"]),
            pin: text(&attributes["pin"]),
            hub: text(&attributes["hub"]),
            lines,
        })
    })
    .collect()
}

#[derive(Debug, Default)]
struct Score {
    asked: usize,
    found: usize,
    revision: usize,
    line: usize,
    hits: usize,
    errors: usize,
}

fn judge(truth: &Truth, nodes: &[Node], told: &mut Vec<String>) -> Score {
    let mut score = Score::default();
    let mut by_name: BTreeMap<&str, Vec<&Label>> = BTreeMap::new();
    for label in &truth.labels {
        label.names.iter().for_each(|name| by_name.entry(name).or_default().push(label));
    }
    let judged = |label: &&Label| {
        JUDGED.contains(&label.tier.as_str()) && label.is_of_hub() && label.names.first().is_none_or(|name| name != "?")
    };
    for label in truth.labels.iter().filter(judged) {
        score.asked += 1;
        let is_right = |node: &Node| {
            let any = |flag: &str| label.flags.contains(flag);
            any("rev_any") || (node.revision == label.revision && (any("pin_any") || node.pin == label.pin))
        };
        let of_name = nodes.iter().filter(|node| label.names.contains(&node.name));
        let best = of_name
            .max_by_key(|node| (node.kind == label.kind, is_right(node), !node.lines.is_disjoint(&label.places)));
        let Some(best) = best else {
            told.push(format!("missed {label:?}"));
            continue;
        };
        score.found += 1;
        score.revision += usize::from(is_right(best));
        let at: BTreeSet<String> = match best.kind == label.kind {
            true => label.places.clone(),
            false => by_name[best.name.as_str()].iter().flat_map(|label| label.places.clone()).collect(),
        };
        score.line += usize::from(!best.lines.is_disjoint(&at));
        if !is_right(best) || best.lines.is_disjoint(&at) {
            told.push(format!("not as labelled: {label:?}, {best:?}"));
        }
    }
    for node in nodes {
        match by_name.get(node.name.as_str()) {
            Some(labels) if labels.iter().any(judged) => score.hits += 1,
            Some(_) => {}
            None if ["openai", "anthropic", "google", "mistral"].contains(&node.hub.as_str()) => {}
            None => {
                score.errors += 1;
                told.push(format!("wrong {node:?}"));
            }
        }
    }
    score
}

#[test]
fn the_labels_are_well_formed() {
    let truths = truths();
    assert!(truths.len() >= 10, "{}", truths.len());
    assert!(truths.iter().all(|truth| !truth.labels.is_empty() && !truth.within.is_empty()));
}

#[test]
#[ignore = "needs the trees that the labels are about, in CUSTODY_TREES"]
fn what_is_loaded_is_what_a_person_found() {
    let trees = PathBuf::from(std::env::var_os("CUSTODY_TREES").expect("CUSTODY_TREES names the folder of the trees"));
    let (mut total, mut told) = (Score::default(), Vec::new());
    for truth in truths() {
        let tree = trees.join(&truth.key);
        assert!(tree.is_dir(), "CUSTODY_TREES holds no {}", truth.key);
        let score = judge(&truth, &nodes(&truth, &tree), &mut told);
        println!("{}: {score:?}", truth.key);
        total.asked += score.asked;
        total.found += score.found;
        total.revision += score.revision;
        total.line += score.line;
        total.hits += score.hits;
        total.errors += score.errors;
    }
    println!("{}\nall: {total:?}", told.join("\n"));
    assert!(total.found * 100 >= total.asked * 90, "recall");
    assert!(total.hits * 100 >= (total.hits + total.errors) * 95, "precision");
    assert!(total.line * 100 >= total.found * 95, "lines");
}
