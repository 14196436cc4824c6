//! What leaves a repository, and what goes with each of it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use std::collections::BTreeSet;

use cargo_custody::check;
use cargo_custody::check::Evidence;
use cargo_custody::inventory;
use cargo_custody::inventory::Beside;
use cargo_custody::inventory::artefacts;
use cargo_custody::read;
use cargo_custody::sbom::Bom;
use cargo_custody::sbom::model::Completeness;
use cargo_custody::sbom::model::Kind;
use cargo_custody::sbom::model::Scope;

fn whole(files: &[(&str, &str)]) -> Bom {
    let tree = common::tree(files);
    let reading = read::read_tree(&tree, 1, &|_, _| {});
    check::scene_of(&tree, &reading, &Evidence::default(), |scene| {
        let beside = Beside { time: Some(1), unread: inventory::unread(&tree, &reading), ..Beside::default() };
        inventory::of_scene(scene, &tree, &beside)
    })
}

fn labels(bom: &Bom) -> Vec<String> {
    artefacts::list(bom).iter().map(artefacts::Artefact::label).collect()
}

fn part(bom: &Bom, label: &str) -> Bom {
    let all = artefacts::list(bom);
    let found =
        all.iter().find(|one| one.label() == label).unwrap_or_else(|| panic!("no {label} in {:?}", labels(bom)));
    let part = artefacts::of(bom, found);
    assert_eq!(part, artefacts::of(bom, found));
    // Nothing leads nowhere, and everything hangs at something.
    let ids: BTreeSet<&str> = part.components.iter().map(|one| one.id.as_str()).collect();
    let mut held: BTreeSet<&str> = part.root.as_deref().into_iter().collect();
    for relation in &part.relations {
        assert!(ids.contains(relation.from.as_str()) && ids.contains(relation.to.as_str()), "{relation:?}");
        held.insert(&relation.to);
    }
    assert_eq!(held, ids);
    for unknown in &part.unknowns {
        assert!(unknown.owner.as_deref().is_some_and(|owner| ids.contains(owner)), "{unknown:?}");
    }
    part
}

fn names(bom: &Bom) -> Vec<&str> {
    bom.components.iter().map(|one| one.name.as_str()).collect()
}

fn scope(bom: &Bom, name: &str) -> Option<Scope> {
    bom.components.iter().find(|one| one.name == name).map(|one| one.scope)
}

const MEMBERS: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace]\nmembers = [\"core\", \"server\", \"helper\"]\n"),
    (
        "core/Cargo.toml",
        "[package]\nname = \"core\"\nversion = \"1.0.0\"\n[dependencies]\nnear = \"1\"\nextra = { version = \"1\", optional = true }\n[dev-dependencies]\ntester = \"2\"\n",
    ),
    ("core/src/lib.rs", ""),
    (
        "server/Cargo.toml",
        "[package]\nname = \"server\"\nversion = \"1.0.0\"\npublish = false\n[dependencies]\ncore = { path = \"../core\" }\nwide = \"1\"\n",
    ),
    ("server/src/main.rs", "fn main() {}"),
    ("helper/Cargo.toml", "[package]\nname = \"helper\"\nversion = \"0.1.0\"\npublish = false\n"),
    ("helper/src/lib.rs", ""),
    ("Cargo.lock", LOCK),
];

const LOCK: &str = r#"version = 4

[[package]]
name = "core"
version = "1.0.0"
dependencies = ["extra", "near", "tester"]

[[package]]
name = "server"
version = "1.0.0"
dependencies = ["core", "wide"]

[[package]]
name = "helper"
version = "0.1.0"

[[package]]
name = "near"
version = "1.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["deep"]

[[package]]
name = "deep"
version = "1.0.2"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "extra"
version = "1.0.3"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "tester"
version = "2.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "wide"
version = "1.0.4"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    MEMBERS.iter().chain(more).copied().collect()
}

#[test]
fn crates_leave_that_are_published_or_run() {
    let bom = whole(MEMBERS);
    assert_eq!(labels(&bom), ["crate:core", "crate:server"]);
}

#[test]
fn a_crate_goes_with_what_it_needs_and_nothing_else() {
    let bom = whole(MEMBERS);
    let core = part(&bom, "crate:core");
    assert_eq!(names(&core), ["deep", "extra", "near", "core"]);
    assert_eq!(scope(&core, "extra"), Some(Scope::Optional));
    assert_eq!(scope(&core, "deep"), Some(Scope::Required));
    let server = part(&bom, "crate:server");
    assert!(scope(&server, "core").is_some() && scope(&server, "wide").is_some() && scope(&server, "near").is_some());
    assert_eq!((scope(&server, "tester"), scope(&server, "helper")), (None, None));
}

#[test]
fn a_wheel_goes_with_its_requirements_and_its_crate() {
    let bom = whole(&with(&[(
        "py/pyproject.toml",
        "[build-system]\nrequires = [\"maturin>=1\"]\nbuild-backend = \"maturin\"\n[project]\nname = \"binding\"\nversion = \"2.0\"\ndependencies = [\"numpy==2.1.0\"]\n[project.optional-dependencies]\nplot = [\"pandas==2.2.0\"]\n[dependency-groups]\ndev = [\"pytest==8.0.0\"]\n[tool.maturin]\nmanifest-path = \"../core/Cargo.toml\"\n",
    )]));
    assert_eq!(labels(&bom), ["crate:core", "crate:server", "wheel:binding"]);
    let wheel = part(&bom, "wheel:binding");
    assert_eq!(scope(&wheel, "numpy"), Some(Scope::Required));
    assert_eq!(scope(&wheel, "pandas"), Some(Scope::Optional));
    assert_eq!(scope(&wheel, "pytest"), None);
    assert_eq!(scope(&wheel, "near"), Some(Scope::Required), "{:?}", wheel.relations);
    assert_eq!(scope(&wheel, "server"), None);
}

#[test]
fn an_image_goes_with_its_base_its_programs_and_what_its_code_loads() {
    let bom = whole(&with(&[
        (
            "Dockerfile",
            "FROM rust:1.80 AS builder\nWORKDIR /src\nCOPY . .\nRUN cargo build --release -p server\nFROM debian:12\nRUN pip install uvicorn==0.30.0\nCOPY app/ /app\nCOPY --from=builder /src/target/release/server /usr/bin/\nCOPY --from=builder /src/web/dist /web\n",
        ),
        ("app/main.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained(\"acme/small\")\n"),
        ("other/main.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained(\"acme/large\")\n"),
    ]));
    let image = part(&bom, "image:Dockerfile");
    assert_eq!(scope(&image, "debian"), Some(Scope::Required));
    assert_eq!(scope(&image, "rust"), Some(Scope::Excluded));
    assert_eq!(scope(&image, "uvicorn"), Some(Scope::Required));
    assert_eq!(scope(&image, "small"), Some(Scope::Required));
    assert_eq!(scope(&image, "large"), None);
    assert_eq!((scope(&image, "server"), scope(&image, "deep")), (Some(Scope::Required), Some(Scope::Required)));
    let own = image.root.as_deref().and_then(|root| image.component(root)).expect("the root");
    assert_eq!((own.kind, own.dependencies), (Kind::Image, Completeness::Incomplete));
    let told: Vec<&str> = image.unknowns.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(told, ["packages of the system", "/src/web/dist"]);
    assert!(image.unknowns.iter().any(|one| one.at.line == 9), "{:?}", image.unknowns);
}

#[test]
fn what_could_not_be_read_is_told_of_what_it_says_something_of() {
    let mut files = with(&[("side/pyproject.toml", "[project\nname = ")]);
    let bom = whole(&files);
    assert!(bom.about.properties.contains_key(inventory::UNREAD));
    assert!(!part(&bom, "crate:core").about.properties.contains_key(inventory::UNREAD));
    files.retain(|(path, _)| *path != "Cargo.lock");
    files.push(("Cargo.lock", "version = 4\n[[package"));
    assert!(part(&whole(&files), "crate:core").about.properties.contains_key(inventory::UNREAD));
}

#[test]
fn names_of_files_are_safe_and_differ() {
    let bom = whole(&[
        ("A/pyproject.toml", "[project]\nname = \"one\"\nversion = \"1\"\n"),
        ("b/pyproject.toml", "[project]\nname = \"one\"\nversion = \"1\"\n"),
        ("a b/Dockerfile", "FROM debian:12\n"),
        ("a-b/Dockerfile", "FROM debian:12\n"),
    ]);
    assert_eq!(labels(&bom), ["wheel:one@A", "wheel:one@b", "image:a b/Dockerfile", "image:a-b/Dockerfile"]);
    let files = artefacts::file_names(&artefacts::list(&bom));
    assert_eq!(files, ["wheel-one-A", "wheel-one-b", "image-a-b-Dockerfile", "image-a-b-Dockerfile-2"]);
}
