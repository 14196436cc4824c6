//! Environments, locks and commands of conda and pixi over whole trees.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failure is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_custody::graph::conda::Priority;
use cargo_custody::graph::distributions::{Distributions, Held, Named};
use cargo_custody::graph::images::ImageView;
use cargo_custody::graph::python::{Purpose, PythonView};
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{RepoPath, Tree};

fn view(files: &[(&str, &str)]) -> (Reading, PythonView) {
    let files: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
    let paths: BTreeSet<RepoPath> = files.keys().cloned().collect();
    let tree = Tree::from_memory("example", files);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let images = ImageView::build(&reading.documents, &reading.sources, &paths);
    let python = PythonView::build(&reading.documents, &reading.sources, &paths, &images);
    (reading, python)
}

const ENVIRONMENT: &str = "name: app\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pytorch=2.1.0\n  - numpy>=1.26\n  - redis=7.0.0\n  - pip:\n      - idna==3.11\n";
const LOCK: &str = "version: 1\nmetadata:\n  sources: [environment.yml]\npackage:\n- name: pyyaml\n  version: '5.3'\n  manager: conda\n  platform: linux-64\n  url: https://conda.example.com/c/linux-64/pyyaml-5.3-py_0.conda\n  hash: {sha256: aa}\n";

#[test]
fn whoever_installs_an_environment_says_what_it_is_for() {
    let (_, python) = view(&[
        ("env/environment.yml", ENVIRONMENT),
        (
            "Dockerfile",
            "FROM x\nCOPY env/environment.yml /tmp/\nRUN mamba env update -n base -f /tmp/environment.yml\n",
        ),
    ]);
    let [found] = python.conda.environments.as_slice() else { panic!("{:?}", python.conda) };
    assert_eq!((found.purpose, found.priority, found.is_held), (Purpose::Image, Priority::Flexible, false));
    assert_eq!(found.used_by.len(), 1);
    let (_, python) = view(&[
        ("env/environment.yml", ENVIRONMENT),
        (
            ".github/workflows/a.yml",
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3\n        with:\n          environment-file: env/environment.yml\n          channel-priority: strict\n",
        ),
    ]);
    let [found] = python.conda.environments.as_slice() else { panic!("{:?}", python.conda) };
    assert_eq!((found.used_by.len(), found.priority), (1, Priority::Strict));
    assert_eq!(found.used_by[0].purpose, Purpose::Ci);
}

#[test]
fn a_lock_holds_what_is_not_installed_past_it() {
    let (_, python) = view(&[("environment.yml", ENVIRONMENT), ("conda-lock.yml", LOCK)]);
    assert!(python.conda.environments[0].is_held && python.sets[0].held_by.is_some());
    let (_, python) = view(&[
        ("environment.yml", ENVIRONMENT),
        ("conda-lock.yml", LOCK),
        ("Dockerfile", "FROM x\nCOPY environment.yml .\nRUN conda env create -f environment.yml\n"),
    ]);
    assert!(!python.conda.environments[0].is_held && python.sets[0].held_by.is_none());
    let pixi = "[workspace]\nchannels = [\"conda-forge\"]\n[dependencies]\nnumpy = \"*\"\n";
    let (_, python) = view(&[
        ("a/pixi.toml", pixi),
        ("a/pixi.lock", "version: 6\nenvironments: {}\npackages: []\n"),
        ("Dockerfile", "FROM x\nCOPY a /a\nWORKDIR /a\nRUN pixi install --locked\n"),
    ]);
    let found = &python.conda.environments[0];
    assert_eq!((found.is_held, found.purpose, found.priority), (true, Purpose::Image, Priority::Strict));
    assert_eq!(python.conda.locks[0].purpose, Purpose::Image);
}

#[test]
fn conda_packages_are_asked_about_as_what_they_are_builds_of() {
    let (reading, python) = view(&[
        ("environment.yml", ENVIRONMENT),
        ("Dockerfile", "FROM x\nRUN conda install -c conda-forge py-opencv=4.6.0 'pillow<11'\n"),
        ("other/conda-lock.yml", LOCK),
    ]);
    let found = Distributions::of(&reading.documents, &python, &python.indexes);
    let shown = |n: &Named| match &n.held {
        Held::At(version) => format!("{} at {version} {:?}", n.name, n.whose),
        Held::Within(range) => format!("{} within {range} {:?}", n.name, n.whose),
    };
    let mut all: Vec<String> = found.named.iter().map(shown).collect();
    all.sort();
    assert_eq!(
        all,
        [
            "idna at 3.11 PyPi",
            "numpy within >=1.26 Channel",
            "opencv-python at 4.6.0 Channel",
            "pillow within <11 Channel",
            "pyyaml at 5.3 Channel",
            "torch at 2.1.0 Channel",
        ]
    );
}

#[test]
fn channels_add_up_over_commands() {
    let (_, python) = view(&[(
        "Dockerfile",
        "FROM x\nRUN conda config --add channels conda-forge && conda config --set channel_priority strict\nRUN conda install -c nvidia cuda\n",
    )]);
    let conda = python.installs[0].conda.as_ref().unwrap();
    let channels: Vec<&str> = conda.channels.iter().map(|c| c.channel.name.as_str()).collect();
    assert_eq!((channels, conda.priority), (vec!["nvidia", "conda-forge"], Some(Priority::Strict)));
}
