//! What cards, configurations and headers of weights tell, on the parts of a bill of materials.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use cargo_custody::check;
use cargo_custody::check::Evidence;
use cargo_custody::inventory;
use cargo_custody::inventory::Beside;
use cargo_custody::inventory::cards;
use cargo_custody::read;
use cargo_custody::read::cards::FolderCard;
use cargo_custody::sbom::Bom;
use cargo_custody::sbom::model::Component;
use cargo_custody::sbom::model::Kind;
use cargo_custody::sbom::model::RelationKind;

fn bom(files: &[(&str, &str)]) -> Bom {
    let tree = common::tree(files);
    let reading = read::read_tree(&tree, 1, &|_, _| {});
    check::scene_of(&tree, &reading, &Evidence::default(), |scene| {
        inventory::of_scene(scene, &tree, &Beside::default())
    })
}

fn get<'b>(bom: &'b Bom, id: &str) -> &'b Component {
    let ids: Vec<&str> = bom.components.iter().map(|c| c.id.as_str()).collect();
    bom.component(id).unwrap_or_else(|| panic!("{id} is not among {ids:?}"))
}

fn has(bom: &Bom, from: &str, kind: RelationKind, to: &str) -> Option<(String, u32)> {
    let found = bom.relations.iter().find(|r| r.from == from && r.kind == kind && r.to == to)?;
    found.evidence.first().map(|at| (at.path.clone(), at.line))
}

const CARD: &str = "---\nlicense: other\nlicense_name: orion-community\nbase_model: orion/small\nlibrary_name: peft\ndatasets:\n- orion/talks\n---\n# Orion Chat\n\n## Limitations\n\nIt knows little.\n";
const ADAPTER: &str = "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"orion/small\", \"revision\": \"0123456789012345678901234567890123456789\"}";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

#[test]
fn a_card_speaks_of_the_weights_beside_it() {
    let bom = bom(&[
        ("models/chat/README.md", CARD),
        ("models/chat/adapter_config.json", ADAPTER),
        ("models/chat/adapter_model.safetensors", POINTER),
        ("pyproject.toml", "[project]\nname = \"app\"\nversion = \"1\"\n"),
    ]);
    let id = "tree:models/chat/adapter_model.safetensors";
    let model = get(&bom, id);
    assert_eq!((model.kind, model.name.as_str()), (Kind::Adapter, "Orion Chat"));
    assert_eq!(model.licences.first().map(|l| l.name.text()), Some("orion-community"));
    let card = model.card.as_ref().expect("a card");
    assert_eq!(card.limitations.as_deref(), Some("It knows little."));
    assert_eq!(card.sources.len(), 2);
    let base = "model:huggingface:orion/small@0123456789012345678901234567890123456789";
    assert_eq!(get(&bom, base).version.as_deref(), Some("0123456789012345678901234567890123456789"));
    assert_eq!(has(&bom, id, RelationKind::AdapterOf, base), Some(("models/chat/README.md".to_owned(), 4)));
    let data = "dataset:huggingface:orion/talks";
    assert_eq!(has(&bom, id, RelationKind::TrainedOn, data), Some(("models/chat/README.md".to_owned(), 7)));
    assert_eq!(get(&bom, data).kind, Kind::Dataset);
}

#[test]
fn a_folder_of_several_weights_is_one_model() {
    let bom = bom(&[
        ("m/README.md", "---\nlicense: mit\npipeline_tag: text-generation\n---\n# Two\n"),
        ("m/a.onnx", POINTER),
        ("m/model.safetensors", POINTER),
        ("other/README.md", "---\nlicense: mit\n---\n# No model\n"),
        ("other/config.json", "{\"model_type\": \"llama\", \"hidden_size\": 3}"),
    ]);
    let model = get(&bom, "tree:m/");
    assert_eq!((model.kind, model.name.as_str()), (Kind::Model, "Two"));
    for part in ["tree:m/a.onnx", "tree:m/model.safetensors"] {
        assert!(bom.relations.iter().any(|r| r.from == "tree:m/" && r.kind == RelationKind::Contains && r.to == part));
    }
    assert!(bom.component("tree:other/").is_none());
    let held = bom.relations.iter().any(|r| Some(&r.from) == bom.root.as_ref() && r.to == "tree:m/");
    assert!(held, "the product holds it");
}

#[test]
fn what_is_test_data_or_no_card_makes_no_model() {
    let bom = bom(&[
        ("README.md", "---\ntitle: A page\nlayout: home\n---\n# Project\n"),
        ("tests/fixtures/m/README.md", CARD),
        ("app.py", "print(1)\n"),
    ]);
    assert!(!bom.components.iter().any(|c| c.kind.is_model() || c.kind == Kind::Dataset), "{:?}", bom.components);
}

#[test]
fn a_folder_of_a_cache_tells_of_what_is_loaded() {
    let mut bom = bom(&[("app.py", "from transformers import AutoModel\nAutoModel.from_pretrained(\"orion/chat\")\n")]);
    let id = "model:huggingface:orion/chat";
    assert!(get(&bom, id).card.is_none());
    let mut folder = FolderCard::default();
    let told = read::cards::read(cargo_custody::graph::kinds::card::Form::Card, "README.md", CARD, &mut Vec::new());
    let told = told.expect("a card");
    folder.files.push(("README.md".to_owned(), told.clone()));
    folder.told = told;
    cards::add_folder(&mut bom, id, &folder);
    bom.settle();
    assert!(get(&bom, id).card.is_some());
    assert_eq!(has(&bom, id, RelationKind::AdapterOf, "model:huggingface:orion/small"), Some(("app.py".to_owned(), 2)));
}
