//! From trees to bills of materials: what stands in them, how it relates, and that nothing of the machine does.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use std::collections::BTreeSet;

use cargo_custody::check;
use cargo_custody::check::Evidence;
use cargo_custody::inventory;
use cargo_custody::inventory::Beside;
use cargo_custody::read;
use cargo_custody::sbom::Bom;
use cargo_custody::sbom::model::Completeness;
use cargo_custody::sbom::model::Component;
use cargo_custody::sbom::model::Kind;
use cargo_custody::sbom::model::RelationKind;
use cargo_custody::sbom::model::Scope;
use cargo_custody::source::Tree;

fn bom_of(tree: &Tree) -> Bom {
    let reading = read::read_tree(tree, 1, &|_, _| {});
    check::scene_of(tree, &reading, &Evidence::default(), |scene| {
        let beside = Beside {
            time: Some(1),
            name: inventory::name(tree),
            beyond: inventory::beyond(tree, &reading),
            weights: inventory::weights(tree, &reading),
            ..Beside::default()
        };
        inventory::of_scene(scene, tree, &beside)
    })
}

fn bom(files: &[(&str, &str)]) -> Bom {
    let tree = common::tree(files);
    let (one, two) = (bom_of(&tree), bom_of(&tree));
    assert!(one == two, "two runs of one tree differ");
    sound(&one);
    one
}

/// What holds of every bill of materials.
fn sound(bom: &Bom) {
    let ids: BTreeSet<&str> = bom.components.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids.len(), bom.components.len(), "ids are unique");
    assert!(bom.root.as_deref().is_some_and(|root| ids.contains(root)), "the root is a component");
    let mut reached: BTreeSet<&str> = bom.root.as_deref().into_iter().collect();
    for relation in &bom.relations {
        assert!(ids.contains(relation.from.as_str()), "{} dangles", relation.from);
        assert!(ids.contains(relation.to.as_str()), "{} dangles", relation.to);
        reached.insert(&relation.to);
    }
    for component in &bom.components {
        assert!(reached.contains(component.id.as_str()), "{} hangs at nothing", component.id);
        assert!(!component.name.is_empty() && !component.id.contains(char::is_control), "{component:?}");
        let is_root = Some(&component.id) == bom.root.as_ref();
        assert!(is_root || !component.evidence.is_empty(), "{} has no evidence", component.id);
        assert!(component.evidence.iter().all(|at| !at.path.starts_with('/')), "{component:?}");
    }
    assert!(bom.unknowns.iter().all(|u| u.owner.as_deref().is_none_or(|owner| ids.contains(owner))));
    let text = format!("{bom:?}");
    assert!(!text.contains("\"\""), "an empty text: {text}");
}

fn get<'b>(bom: &'b Bom, id: &str) -> &'b Component {
    bom.component(id).unwrap_or_else(|| {
        let all: Vec<&str> = bom.components.iter().map(|c| c.id.as_str()).collect();
        panic!("no {id} among {all:#?}")
    })
}

fn has(bom: &Bom, from: &str, kind: RelationKind, to: &str) -> Option<Scope> {
    bom.relations.iter().find(|r| r.from == from && r.kind == kind && r.to == to).map(|r| r.scope)
}

const SUM_A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SUM_B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const SUM_C: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn a_crate_is_the_root_and_what_it_needs_hangs_at_it() {
    let manifest = "[package]\nname = \"app\"\nversion = \"1.2.3\"\nlicense = \"MIT OR Apache-2.0\"\nauthors = [\"A Person <a@example.com>\"]\nrepository = \"https://example.com/o/app\"\n[[bin]]\nname = \"app\"\n[dependencies]\nnear = \"1\"\n[dev-dependencies]\ntester = \"2\"\n";
    let lock = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"1.2.3\"\ndependencies = [\"near\", \"tester\"]\n\
         [[package]]\nname = \"far\"\nversion = \"0.1.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{SUM_A}\"\n\
         [[package]]\nname = \"near\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{SUM_B}\"\ndependencies = [\"far\"]\n\
         [[package]]\nname = \"tester\"\nversion = \"2.0.0\"\nsource = \"git+https://user:word@example.com/t?branch=main#{COMMIT}\"\n"
    );
    let bom = bom(&[("Cargo.toml", manifest), ("Cargo.lock", &lock), ("src/main.rs", "fn main() {}")]);
    let root = get(&bom, "tree:.#cargo:app");
    assert_eq!(bom.root.as_deref(), Some("tree:.#cargo:app"));
    assert_eq!((root.kind, root.version.as_deref()), (Kind::Application, Some("1.2.3")));
    assert_eq!(root.authors.first().map(|a| a.name.as_str()), Some("A Person"));
    assert_eq!(root.licences.first().map(|l| l.name.text()), Some("MIT OR Apache-2.0"));
    assert_eq!(root.dependencies, Completeness::Complete);
    let near = get(&bom, "pkg:cargo/near@1.0.0");
    assert_eq!(near.hashes.iter().map(|h| h.value.as_str()).collect::<Vec<_>>(), [SUM_B]);
    assert_eq!((near.scope, near.dependencies), (Scope::Required, Completeness::Complete));
    assert_eq!(get(&bom, "pkg:cargo/far@0.1.0").scope, Scope::Required);
    let tester = bom.components.iter().find(|c| c.name == "tester").expect("it is there");
    assert_eq!(tester.scope, Scope::Excluded);
    assert!(tester.links.iter().any(|link| link.url == "https://example.com/t"));
    assert!(!format!("{bom:?}").contains("word"), "a credential goes out");
    assert_eq!(has(&bom, "tree:.#cargo:app", RelationKind::DependsOn, "pkg:cargo/near@1.0.0"), Some(Scope::Required));
    assert_eq!(
        has(&bom, "pkg:cargo/near@1.0.0", RelationKind::DependsOn, "pkg:cargo/far@0.1.0"),
        Some(Scope::Required)
    );
}

#[test]
fn every_digest_of_every_lock_is_carried() {
    let uv = format!(
        "version = 1\n[[package]]\nname = \"demo\"\nversion = \"1.0\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\nsdist = {{ url = \"https://files.example.com/demo-1.0.tar.gz\", hash = \"sha256:{SUM_A}\" }}\nwheels = [{{ url = \"https://files.example.com/demo-1.0-py3-none-any.whl\", hash = \"sha256:{SUM_B}\" }}]\n\
         [[package]]\nname = \"p\"\nversion = \"0.1\"\nsource = {{ editable = \".\" }}\ndependencies = [{{ name = \"demo\" }}]\n"
    );
    let requirements = format!("other==2.0 --hash=sha256:{SUM_C} --hash=sha512:{SUM_C}{SUM_C}\n");
    let bom = bom(&[
        (
            "pyproject.toml",
            "[project]\nname = \"p\"\nversion = \"0.1\"\nlicense = \"Apache-2.0\"\ndependencies = [\"demo>=1\"]\n",
        ),
        ("uv.lock", &uv),
        ("serve/requirements.txt", &requirements),
    ]);
    let hashes: BTreeSet<&str> = bom
        .components
        .iter()
        .flat_map(|c| &c.distributions)
        .flat_map(|d| &d.hashes)
        .map(|h| h.value.as_str())
        .collect();
    let long = format!("{SUM_C}{SUM_C}");
    assert_eq!(hashes, BTreeSet::from([SUM_A, SUM_B, SUM_C, long.as_str()]));
    let demo = get(&bom, "pkg:pypi/demo@1.0");
    let names: Vec<_> = demo.distributions.iter().filter_map(|d| d.name.as_deref()).collect();
    assert_eq!(names, ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]);
    assert_eq!(get(&bom, "tree:.#pypi:p").licences.len(), 1);
    assert_eq!(has(&bom, "tree:.#pypi:p", RelationKind::DependsOn, "pkg:pypi/demo@1.0"), Some(Scope::Required));
}

/// Words of hexadecimal digits of the lengths of digests and commits.
fn digests(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_digest = |word: &&str| {
        matches!(word.len(), 32 | 40 | 64 | 128) && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    words.filter(is_digest).map(str::to_owned).collect()
}

#[test]
#[allow(clippy::disallowed_methods, reason = "reads the fixtures of the formats")]
fn every_digest_of_every_format_is_carried() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut seen = 0;
    for (folder, path) in [
        ("formats/cargo-lock", "Cargo.lock"),
        ("formats/conda-explicit-list", "conda-linux-64.lock"),
        ("formats/conda-lock", "conda-lock.yml"),
        ("formats/custody-lock", "custody.lock"),
        ("formats/pdm-lock", "pdm.lock"),
        ("formats/pipfile-lock", "Pipfile.lock"),
        ("formats/pixi-lock", "pixi.lock"),
        ("formats/poetry-lock", "poetry.lock"),
        ("formats/pylock", "pylock.toml"),
        ("formats/requirements", "requirements.txt"),
        ("formats/uv-lock", "uv.lock"),
        ("llm-service", "Cargo.lock"),
        ("llm-service/embedder", "poetry.lock"),
    ] {
        let text = std::fs::read_to_string(root.join(folder).join(path)).expect("the fixture can be read");
        let bom = bom(&[(path, &text)]);
        let components = bom.components.iter();
        let mut carried: BTreeSet<String> = BTreeSet::new();
        for component in components {
            let files = component.files.iter().flat_map(|f| &f.hashes);
            let distributions = component.distributions.iter().flat_map(|d| &d.hashes);
            carried.extend(component.hashes.iter().chain(files).chain(distributions).map(|h| h.value.clone()));
            carried.extend(component.version.clone());
            carried.extend(digests(&format!("{:?} {:?}", component.purl, component.properties)));
        }
        for digest in digests(&text) {
            // What the lock was made from is no part.
            let line = text.lines().find(|line| line.contains(&digest)).unwrap_or("").trim();
            let is_input = line.starts_with("linux-64:") || line.contains("input_hash") || line.contains("content");
            let is_input = is_input || (path == "Pipfile.lock" && line.starts_with("\"sha256\":"));
            if is_input && !line.starts_with("tool.") {
                continue;
            }
            seen += 1;
            assert!(carried.contains(&digest), "{folder}/{path}: {digest} of {line} is not carried");
        }
    }
    assert!(seen > 20, "only {seen} digests were looked for");
}

#[test]
fn a_range_is_told_as_a_range_and_the_root_as_incomplete() {
    let bom = bom(&[(
        "pyproject.toml",
        "[project]\nname = \"p\"\nversion = \"0.1\"\ndependencies = [\"demo>=1,<2\"]\n[project.optional-dependencies]\nweb = [\"site\", \"demo>=1.5\"]\n[dependency-groups]\ndev = [\"linter\"]\n",
    )]);
    let demo = get(&bom, "pkg:pypi/demo");
    assert_eq!((demo.version.as_deref(), demo.range.as_deref()), (None, Some(">=1,<2")));
    assert_eq!((demo.scope, demo.dependencies), (Scope::Required, Completeness::Unknown));
    assert_eq!(demo.properties.get("custody:ranges").map(String::as_str), Some(">=1,<2; >=1.5"));
    assert_eq!(get(&bom, "tree:.#pypi:p").dependencies, Completeness::Incomplete);
    assert_eq!(get(&bom, "pkg:pypi/site").scope, Scope::Optional);
    assert_eq!(get(&bom, "pkg:pypi/linter").scope, Scope::Excluded);
}

#[test]
fn models_and_data_are_parts_with_their_places() {
    let code = format!(
        "from transformers import AutoModel, AutoTokenizer\nfrom datasets import load_dataset\n\
         model = AutoModel.from_pretrained(\"Makers/Name\", revision=\"{COMMIT}\")\n\
         tokenizer = AutoTokenizer.from_pretrained(\"Makers/Name\", revision=\"{COMMIT}\")\n\
         data = load_dataset(\"makers/corpus\", revision=\"v1.0\")\n\
         import sys\nother = AutoModel.from_pretrained(sys.argv[1])\n"
    );
    let bom = bom(&[("pyproject.toml", "[project]\nname = \"p\"\nversion = \"0.1\"\n"), ("p/load.py", &code)]);
    let id = format!("model:huggingface:Makers/Name@{COMMIT}");
    let model = get(&bom, &id);
    assert_eq!((model.kind, model.group.as_deref(), model.name.as_str()), (Kind::Model, Some("Makers"), "Name"));
    assert_eq!(model.purl, Some(format!("pkg:huggingface/Makers/Name@{COMMIT}")));
    assert_eq!(model.properties.get("custody:loaded-as").map(String::as_str), Some("model,tokenizer"));
    let lines: Vec<u32> = model.evidence.iter().map(|at| at.line).collect();
    assert_eq!(lines, [3, 4]);
    let data = get(&bom, "dataset:huggingface:makers/corpus@v1.0");
    assert_eq!((data.kind, data.version.as_deref(), data.range.as_deref()), (Kind::Dataset, None, Some("v1.0")));
    assert_eq!(data.purl, None);
    assert_eq!(has(&bom, "tree:.#pypi:p", RelationKind::DependsOn, &id), Some(Scope::Required));
    let unknown = bom.unknowns.first().expect("one call is unknown");
    assert_eq!((unknown.kind, unknown.at.line, unknown.owner.as_deref()), (Kind::Model, 7, Some("tree:.#pypi:p")));
}

#[test]
fn two_revisions_of_a_name_have_two_package_urls() {
    let code = "from transformers import AutoModel\nAutoModel.from_pretrained(\"Makers/Name\")\n\
                AutoModel.from_pretrained(\"Makers/Name\", revision=\"refs/pr/14\")\n\
                AutoModel.from_pretrained(\"Makers/Name\", revision=\"main\")\n";
    let bom = bom(&[("load.py", code)]);
    let purl = |id: &str| get(&bom, id).purl.clone().unwrap_or_default();
    assert_eq!(purl("model:huggingface:Makers/Name"), "pkg:huggingface/Makers/Name");
    let asked = purl("model:huggingface:Makers/Name@refs/pr/14");
    assert_eq!(asked, "pkg:huggingface/Makers/Name?revision=refs%2Fpr%2F14");
    assert!(cargo_custody::sbom::purl::Purl::legal(&asked).is_ok());
}

#[test]
fn tests_are_not_shipped_and_test_data_is_no_part() {
    let load = "from transformers import AutoModel\nAutoModel.from_pretrained(\"makers/tiny\")\n";
    let bom = bom(&[
        ("pyproject.toml", "[project]\nname = \"p\"\nversion = \"0.1\"\n"),
        ("tests/test_load.py", load),
        ("tests/fixtures/requirements.txt", "evil==1.0\n"),
        ("README.md", "Use `AutoModel.from_pretrained(\"makers/readme\")`.\n"),
    ]);
    assert_eq!(get(&bom, "model:huggingface:makers/tiny").scope, Scope::Excluded);
    assert!(!bom.components.iter().any(|c| c.name == "evil" || c.name == "readme"));
}

#[test]
fn images_actions_and_tools_are_parts() {
    let digest = format!("sha256:{SUM_A}");
    let dockerfile = format!(
        "FROM rust:1.80 AS build\nRUN cargo install helper@1.2.3\nFROM python:3.12@{digest}\nCOPY --from=build /a /a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    );
    let workflow = format!(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@{COMMIT} # v4.1.2\n      - uses: owner/act/sub@v3\n"
    );
    let bom = bom(&[
        ("Dockerfile", &dockerfile),
        ("requirements.txt", "demo==1.0\n"),
        (".github/workflows/ci.yml", &workflow),
        (
            ".pre-commit-config.yaml",
            "repos:\n  - repo: https://github.com/o/hooks\n    rev: v1.0.0\n    hooks:\n      - id: a\n",
        ),
        (
            "compose.yaml",
            "services:\n  db:\n    image: qdrant/qdrant:${TAG:-v1.9}\n  own:\n    build: .\n    image: mine\n",
        ),
        ("rust-toolchain", "1.80.0\n"),
    ]);
    let python = format!("pkg:oci/python@{digest}?repository_url=docker.io%2Flibrary%2Fpython&tag=3.12");
    let base = get(&bom, &python);
    assert_eq!((base.version.as_deref(), base.range.as_deref()), (Some(digest.as_str()), Some("3.12")));
    assert_eq!(base.hashes.first().map(|h| h.value.as_str()), Some(SUM_A));
    let image = "tree:Dockerfile#image";
    assert_eq!(has(&bom, image, RelationKind::BuiltFrom, &python), Some(Scope::Required));
    let rust = "pkg:docker/rust@1.80";
    assert_eq!(has(&bom, image, RelationKind::BuiltWith, rust), Some(Scope::Excluded));
    assert_eq!(has(&bom, image, RelationKind::DependsOn, "pkg:pypi/demo@1.0"), Some(Scope::Required));
    assert_eq!(get(&bom, "pkg:cargo/helper@1.2.3").kind, Kind::Tool);
    let checkout = get(&bom, &format!("pkg:githubactions/actions/checkout@{COMMIT}"));
    assert_eq!((checkout.scope, checkout.version.as_deref()), (Scope::Excluded, Some(COMMIT)));
    assert_eq!(checkout.properties.get("custody:release").map(String::as_str), Some("v4.1.2"));
    let act = get(&bom, "pkg:githubactions/owner/act@v3#sub");
    assert_eq!((act.version.as_deref(), act.range.as_deref()), (None, Some("v3")));
    assert_eq!(get(&bom, "pkg:github/o/hooks@v1.0.0").kind, Kind::Tool);
    let qdrant = "pkg:docker/qdrant/qdrant@v1.9";
    assert_eq!(get(&bom, qdrant).scope, Scope::Required);
    // What a Compose file calls an image that it builds is its name here, and nothing of a registry.
    assert_eq!(get(&bom, image).name, "mine");
    assert!(!bom.components.iter().any(|c| c.name == "mine" && c.purl.is_some()));
    assert_eq!(get(&bom, "toolchain:rust@1.80.0").version.as_deref(), Some("1.80.0"));
}

#[test]
fn names_are_not_masked() {
    let file = "hf_fast-1.1.3-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
    let uv = format!(
        "version = 1\n[[package]]\nname = \"hf-fast\"\nversion = \"1.1.3\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\nwheels = [{{ url = \"https://files.example.com/packages/{file}\", hash = \"sha256:{SUM_A}\" }}]\n\
         [[package]]\nname = \"p\"\nversion = \"0.1\"\nsource = {{ editable = \".\" }}\ndependencies = [{{ name = \"hf-fast\" }}]\n"
    );
    let project = "[project]\nname = \"p\"\nversion = \"0.1\"\ndependencies = [\"hf-fast\"]\n";
    let bom = bom(&[("pyproject.toml", project), ("uv.lock", &uv)]);
    let found = &get(&bom, "pkg:pypi/hf-fast@1.1.3").distributions[0];
    assert_eq!(found.name.as_deref(), Some(file));
    assert_eq!(found.url.as_deref(), Some(format!("https://files.example.com/packages/{file}").as_str()));
}

#[test]
fn what_is_not_read_is_told() {
    let bom = bom(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"tools/fetch\"]\n"),
        ("tools/fetch/Cargo.toml", "[package]\nname = \"fetch\"\nversion = \"0.1.0\"\n"),
        ("tools/fetch/src/main.rs", "fn main() {}"),
        ("package.json", "{\"name\": \"shop\", \"dependencies\": {\"left-pad\": \"1\"}}"),
        ("yarn.lock", "left-pad@1:\n"),
        ("native/CMakeLists.txt", "project(x)\nFetchContent_Declare(y GIT_REPOSITORY https://example.com/y)\n"),
        ("other/CMakeLists.txt", "project(x)\n"),
        ("tests/web/package.json", "{}"),
    ]);
    // A workspace is none of its members.
    assert_eq!(get(&bom, "tree:.").name, "shop");
    assert_eq!(get(&bom, "tree:.").dependencies, Completeness::Incomplete);
    let told: Vec<(&str, u32, &str)> =
        bom.unknowns.iter().map(|one| (one.text.as_str(), one.at.line, one.why.as_str())).collect();
    assert!(told.contains(&("package.json, yarn.lock", 0, "npm: what it lists is not read")), "{told:?}");
    assert!(told.contains(&("CMakeLists.txt", 2, "CMake: what it lists is not read")), "{told:?}");
    assert!(!bom.unknowns.iter().any(|one| one.at.path.contains("tests") || one.at.path.contains("other")), "{told:?}");
}

#[test]
fn what_an_image_installs_and_no_file_lists_is_told() {
    let docker = "FROM python:3.12 AS build\nRUN gem install of-the-build\n\
                  FROM python:3.12\nCOPY --from=build /made /made\nCOPY reqs.lst /r\nRUN apt-get install -y curl && npm install left-pad\nRUN pip install -r /r\n";
    let bom = bom(&[("Dockerfile", docker), ("reqs.lst", "requests\n")]);
    let told: Vec<(&str, u32)> = bom.unknowns.iter().map(|one| (one.text.as_str(), one.at.line)).collect();
    assert!(
        told.iter().any(|(text, line)| text.starts_with("apt") && text.ends_with(" curl") && *line == 6),
        "{told:?}"
    );
    assert!(told.contains(&("npm install left-pad", 6)), "{told:?}");
    assert!(told.iter().any(|(text, line)| text.ends_with("-r /r") && *line == 7), "{told:?}");
    assert!(!told.iter().any(|(text, _)| text.contains("of-the-build")), "{told:?}");
}

#[test]
fn a_lock_of_tests_adds_no_digest_to_what_ships() {
    let uv = |sum: &str| {
        format!(
            "version = 1\n[[package]]\nname = \"demo\"\nversion = \"1.0\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\nsdist = {{ url = \"https://files.example.com/demo-1.0.tar.gz\", hash = \"sha256:{sum}\" }}\n\
             [[package]]\nname = \"p\"\nversion = \"0.1\"\nsource = {{ editable = \".\" }}\ndependencies = [{{ name = \"demo\" }}]\n"
        )
    };
    let project = "[project]\nname = \"p\"\nversion = \"0.1\"\ndependencies = [\"demo\"]\n";
    let (a, b) = (uv(SUM_A), uv(SUM_B));
    let sums = |bom: &Bom| -> Vec<String> {
        let files = &get(bom, "pkg:pypi/demo@1.0").distributions;
        files.iter().flat_map(|file| &file.hashes).map(|hash| hash.value.clone()).collect()
    };
    let tested =
        bom(&[("pyproject.toml", project), ("uv.lock", &a), ("tests/pyproject.toml", project), ("tests/uv.lock", &b)]);
    assert_eq!(sums(&tested), [SUM_A]);
    let two =
        bom(&[("a/pyproject.toml", project), ("a/uv.lock", &a), ("b/pyproject.toml", project), ("b/uv.lock", &b)]);
    assert_eq!(sums(&two), [SUM_A]);
    let told = two.unknowns.iter().find(|one| one.text == "demo-1.0.tar.gz").expect("it is told");
    assert!(told.why.contains("a/uv.lock") && told.why.contains("b/uv.lock"), "{}", told.why);
}

#[test]
fn weights_of_the_tree_differ_where_their_bytes_do() {
    let weights = |sign: char| {
        let head = "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";
        let mut text: String = (head.len() as u64).to_le_bytes().iter().map(|byte| char::from(*byte)).collect();
        text.push_str(head);
        text.extend([sign; 4]);
        text
    };
    let of = |text: &str| {
        let bom = bom(&[("model.safetensors", text)]);
        get(&bom, "tree:model.safetensors").hashes.iter().map(|hash| hash.value.clone()).collect::<Vec<_>>()
    };
    let (one, two) = (of(&weights('a')), of(&weights('b')));
    assert_eq!(one.len(), 1);
    assert_ne!(one, two);
}
