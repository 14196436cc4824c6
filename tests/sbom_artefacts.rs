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
        ("other/main.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained(\"halcyon/large-8b\")\n"),
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

fn parts(bom: &Bom, kind: Kind) -> Vec<(&str, Scope)> {
    bom.components.iter().filter(|one| one.kind == kind).map(|one| (one.id.as_str(), one.scope)).collect()
}

fn unknown(bom: &Bom) -> Vec<&str> {
    bom.unknowns.iter().filter(|one| one.kind == Kind::Image).map(|one| one.text.as_str()).collect()
}

#[test]
fn services_of_compose_files_have_their_images_and_models() {
    let bom = whole(&[
        (
            "deploy/compose.yaml",
            "x-env: &env\n  MODEL_ID: halcyon/tiny-8b\nservices:\n  serve:\n    image: registry.example.com/serve:${TAG}\n    command: [\"--model\", \"halcyon/large-8b\"]\n  chat:\n    build: ../app\n    image: acme/chat\n    environment:\n      <<: *env\n  again:\n    image: acme/chat\n  lost:\n    image: registry.example.com/${NAME}:1\n  tool:\n    image: redis:7@sha256:0000000000000000000000000000000000000000000000000000000000000007\n    profiles: [tools]\n",
        ),
        ("deploy/.env", "# names\nTAG=1.2\n"),
        ("app/Dockerfile", "FROM python:3.12\n"),
    ]);
    let all = ["again", "chat", "lost", "serve", "tool"].map(|name| format!("service:{name}"));
    let expected: Vec<&str> = std::iter::once("image:app/Dockerfile").chain(all.iter().map(String::as_str)).collect();
    assert_eq!(labels(&bom), expected);
    let images = bom.components.iter().filter(|one| one.kind == Kind::Image);
    let images: BTreeSet<_> =
        images.map(|one| (one.name.as_str(), one.range.as_deref(), one.version.is_some(), one.scope)).collect();
    assert_eq!(
        images,
        [
            ("chat", None, false, Scope::Required),
            ("python", Some("3.12"), false, Scope::Required),
            ("redis", Some("7"), true, Scope::Optional),
            ("serve", Some("1.2"), false, Scope::Required),
        ]
        .into()
    );
    assert_eq!(unknown(&bom), ["registry.example.com/${NAME}:1"]);
    let serve = part(&bom, "service:serve");
    assert!(names(&serve).contains(&"large-8b") && !names(&serve).contains(&"tiny-8b"), "{:?}", names(&serve));
    let chat = part(&bom, "service:chat");
    assert!(names(&chat).contains(&"python") && names(&chat).contains(&"tiny-8b"), "{:?}", names(&chat));
    // A name that a Compose file gives to what it builds is no image of a registry.
    let again = part(&bom, "service:again");
    assert_eq!(parts(&again, Kind::Image).len(), 2);
    assert_eq!(again.unknowns.len(), 1);
}

#[test]
fn workloads_and_charts_have_their_images() {
    let bom = whole(&[
        (
            "k8s/base/app.yaml",
            "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: nightly\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers:\n            - name: wait\n              image: busybox:1.36\n          containers:\n            - name: run\n              image: controller:latest\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  image: no/image:1\n",
        ),
        (
            "k8s/prod/kustomization.yaml",
            "resources: [../base]\nimages:\n  - name: controller\n    newName: ghcr.io/acme/run\n    newTag: v3\n",
        ),
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: front\nversion: 0.1.0\nappVersion: \"2.0\"\ndependencies:\n  - name: store\n    version: 1.x\n",
        ),
        (
            "chart/values.yaml",
            "image:\n  repository: ghcr.io/acme/front\n  tag: \"\"\nserver:\n  image:\n    registry: registry.example.com\n    repository: serve\n    tag: \"5\"\ncache:\n  enabled: false\n  image:\n    repository: valkey/valkey\n    tag: \"8\"\n",
        ),
        (
            "chart/templates/web.yaml",
            "{{- if .Values.image }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"front.fullname\" . }}-web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"\n        - name: side\n          image: {{ include \"helper\" .Values.server.image }}\n        - name: other\n          image: {{ $image }}\n{{- end }}\n",
        ),
    ]);
    assert_eq!(labels(&bom), ["service:front", "service:front-web", "service:nightly"]);
    let images: BTreeSet<&str> = parts(&bom, Kind::Image).into_iter().map(|(id, _)| id).collect();
    assert_eq!(
        images,
        [
            "pkg:docker/busybox@1.36",
            "pkg:docker/acme/run@v3?repository_url=ghcr.io",
            "pkg:docker/acme/front@2.0?repository_url=ghcr.io",
            "pkg:docker/serve@5?repository_url=registry.example.com",
            "pkg:docker/valkey/valkey@8",
        ]
        .into()
    );
    assert_eq!(scope(&bom, "valkey"), Some(Scope::Optional));
    assert_eq!(unknown(&bom), ["{{ $image }}"]);
    assert_eq!(parts(&part(&bom, "service:nightly"), Kind::Image).len(), 2);
    let front = part(&bom, "service:front");
    assert!(front.unknowns.iter().any(|one| one.text == "chart store" && one.at.line == 6), "{:?}", front.unknowns);
    assert_eq!(parts(&front, Kind::Image).len(), 3);
    assert_eq!(front.components.iter().find(|one| one.name == "serve").map(|one| one.evidence.len()), Some(1));
}

#[test]
fn an_image_that_a_final_stage_copies_from_is_shipped() {
    let bom = whole(&[
        (
            "proxy/Dockerfile",
            "FROM example/envoy:1 AS envoy\nFROM rust:1 AS build\nRUN cargo build\nFROM debian:12\nCOPY --from=envoy /usr/local/bin/envoy /usr/local/bin/envoy\nCOPY --from=build /app/target/release/app /app\n",
        ),
        (
            "proxy/Dockerfile.gpu",
            "ARG ARCH\nFROM example/cuda:1 AS build-amd64\nFROM example/arm:1 AS build-arm64\nFROM build-${ARCH}\n",
        ),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: docker build -t proxy-tests -f proxy/Dockerfile proxy\n",
        ),
    ]);
    let scope = |name: &str| scope(&bom, name);
    assert_eq!(
        (scope("envoy"), scope("debian"), scope("rust")),
        (Some(Scope::Required), Some(Scope::Required), Some(Scope::Excluded))
    );
    assert_eq!((scope("cuda"), scope("arm")), (Some(Scope::Required), Some(Scope::Required)));
    assert_eq!(unknown(&bom), [""; 0]);
    // Two images of one folder are told apart, a tag that is nowhere pushed is no name of a registry, and each says where
    // it stands.
    let own: Vec<_> = bom.components.iter().filter(|one| one.id.ends_with("#image")).collect();
    let told: Vec<_> = own.iter().map(|one| (one.group.as_deref(), one.name.as_str(), one.evidence[0].line)).collect();
    assert_eq!(told, [(None, "proxy-tests", 4), (None, "proxy-gpu", 4)]);
}
