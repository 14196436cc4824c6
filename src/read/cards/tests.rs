use std::collections::BTreeMap;

use super::*;
use crate::graph::kinds::card::Subject;
use crate::sbom::model::RelationKind;
use crate::source::Bytes;
use crate::source::Folder;

fn card(text: &str) -> Option<Told> {
    read(Form::Card, "README.md", text, &mut Vec::new())
}

fn document(form: Form, text: &str) -> Option<Told> {
    read(form, "x.json", text, &mut Vec::new())
}

const MODEL: &str = "---
license: other
license_name: orion-community
license_link: https://example.com/LICENSE
language:
- en
- pt-BR
- unk
base_model: orion/small
base_model_relation: finetune
datasets:
- orion/talks
- squad
- custom
pipeline_tag: text-generation
library_name: transformers
tags: [chat, sft]
co2_eq_emissions:
  emissions: 1710
  source: CodeCarbon
  hardware_used: two cards
model-index:
- name: orion-chat
  results:
  - task:
      type: text-generation
    dataset:
      name: Sums (8-shot)
      type: orion/sums
    metrics:
    - type: accuracy
      name: exact match
      value: 0.64
---
<!-- made by a program -->
# Model Card for Orion Chat

[![badge](https://example.com/b.svg)](https://example.com)

Orion Chat answers short questions of people who look for a star in the sky.

## Uses

### Direct Use

Answers to **short** questions.

### Out-of-Scope Use

[More Information Needed]

## Bias, Risks, and Limitations

It knows nothing of the southern sky.

### Recommendations

Ask twice.

## Training Details

### Training Data

Talks of 2020.

```python
# Limitations
train()
```

## Environmental Impact

- **Carbon Emitted:** [More Information Needed]
";

#[test]
fn a_card_of_a_model_is_read() {
    let told = card(MODEL).unwrap();
    assert_eq!((told.subject, told.is_sure), (Subject::Model, true));
    assert_eq!(told.name.as_deref(), Some("orion-chat"));
    let about = told.description.as_deref();
    assert_eq!(about, Some("Orion Chat answers short questions of people who look for a star in the sky."));
    let licence = &told.licences[0];
    assert_eq!(
        (licence.value.name.text(), licence.value.url.as_deref()),
        ("orion-community", Some("https://example.com/LICENSE"))
    );
    assert_eq!(licence.span.range(MODEL.len()).start, MODEL.find("orion-community").unwrap());
    let base = &told.bases[0];
    assert_eq!((base.name.as_str(), base.relation), ("orion/small", RelationKind::FineTunedFrom));
    assert_eq!(&MODEL[base.span.range(MODEL.len())], "orion/small");
    let data: Vec<&str> = told.trained_on.iter().map(|text| text.as_str()).collect();
    assert_eq!(data, ["orion/talks", "squad"]);
    assert_eq!(told.tested_on[0].as_str(), "orion/sums");
    let card = &told.card;
    assert_eq!(card.metrics[0].value, "0.64");
    assert_eq!(card.metrics[0].dataset.as_deref(), Some("Sums (8-shot)"));
    assert_eq!(card.languages.iter().map(String::as_str).collect::<Vec<_>>(), ["en", "pt-BR"]);
    assert_eq!(card.energy.as_deref(), Some("CO2 equivalent: 1710 g"));
    assert_eq!(card.inputs.iter().map(String::as_str).collect::<Vec<_>>(), ["text"]);
    assert_eq!(card.intended_use.as_deref(), Some("Answers to short questions."));
    assert_eq!(card.out_of_scope, None);
    assert_eq!(card.limitations.as_deref(), Some("It knows nothing of the southern sky. Ask twice."));
    assert_eq!(card.bias, card.limitations);
    assert_eq!(card.training.as_deref(), Some("Talks of 2020."));
}

#[test]
fn a_card_of_data_is_read() {
    let told = card(
        "---\r\nlicense: [cc-by-4.0, mit]\r\npretty_name: Talks\r\ntask_categories:\r\n- image-to-text\r\nsize_categories:\r\n- 1K<n<10K\r\nsource_datasets:\r\n- original\r\n- extended|orion/older\r\ndataset_info:\r\n- config_name: a\r\n  features:\r\n  - name: sky\r\n    dtype: image\r\n  splits:\r\n  - name: train\r\n    num_examples: 10\r\n  dataset_size: 100\r\n- config_name: b\r\n  splits:\r\n  - name: train\r\n    num_examples: 5\r\n  dataset_size: 50\r\n---\r\n## Personal and Sensitive Information\r\nNames of people.\r\n\r\n## Dataset Creation\r\n### Source Data\r\nSpoken in a hall.\r\n",
    )
    .unwrap();
    assert_eq!((told.subject, told.name.as_deref()), (Subject::Dataset, Some("Talks")));
    let licences: Vec<&str> = told.licences.iter().map(|licence| licence.value.name.text()).collect();
    assert_eq!(licences, ["CC-BY-4.0", "MIT"]);
    assert_eq!(told.bases[0].name, "orion/older");
    let card = &told.card;
    assert_eq!((card.bytes, card.rows), (Some(150), Some(15)));
    assert_eq!(card.splits.keys().map(String::as_str).collect::<Vec<_>>(), ["a/train", "b/train"]);
    assert_eq!(card.data_kinds.iter().map(String::as_str).collect::<Vec<_>>(), ["image"]);
    assert_eq!(card.sensitive.as_deref(), Some("Names of people."));
    assert_eq!(card.is_sensitive, None);
    assert_eq!(card.collection.as_deref(), Some("Spoken in a hall."));
    assert!(told.trained_on.is_empty());
}

#[test]
fn other_heads_are_no_cards() {
    for text in [
        "# A project\n",
        "---\n",
        "---\ntitle: A page\nlayout: post\ntags: [a]\n---\n",
        "---\ntitle: A space\nsdk: gradio\napp_file: app.py\nlicense: mit\ndatasets:\n- orion/talks\n---\n",
        "---\nname: skill\ndescription: does something\nlicense: mit\n---\n",
        "---\nname: skill\ndescription: does something\ntags: [a]\nlicense: mit\nallowed-tools: Bash\n---\n",
        "---\nsidebar_position: 3\ntags: [a]\n---\n",
        "---\n- a\n- b\n---\n",
        "---\ntitle: x\n---\n",
        "text\n---\nlicense: mit\n---\n",
    ] {
        assert!(card(text).is_none(), "{text}");
    }
    // What lies beside it decides.
    let doubtful = card("---\nlicense: mit\n---\n").unwrap();
    assert_eq!((doubtful.is_sure, doubtful.subject), (false, Subject::Unsaid));
}

#[test]
fn how_a_model_was_made_is_said_or_not() {
    use RelationKind::*;
    for (head, expected) in [
        ("base_model: a/b", vec![("a/b", DerivedFrom)]),
        ("base_model: a/b\nbase_model_relation: quantized", vec![("a/b", QuantisedFrom)]),
        ("base_model: a/b\nlibrary_name: peft", vec![("a/b", AdapterOf)]),
        ("base_model: a/b\ntags: [generated_from_trainer]", vec![("a/b", FineTunedFrom)]),
        ("base_model: [a/b, c/d]\ntags: [mergekit]", vec![("a/b", MergedFrom), ("c/d", MergedFrom)]),
        (
            "base_model: [a/b, c/d]\ntags: ['base_model:quantized:a/b']",
            vec![("a/b", QuantisedFrom), ("c/d", DerivedFrom)],
        ),
        ("base_model: ./local", vec![]),
        ("base_model: [a/b, null, '']", vec![("a/b", DerivedFrom)]),
        ("base_model: ''\npipeline_tag: x", vec![]),
        ("base_model: https://huggingface.co/a/b", vec![("a/b", DerivedFrom)]),
    ] {
        let told = card(&format!("---\n{head}\n---\n")).unwrap();
        let found: Vec<_> = told.bases.iter().map(|base| (base.name.as_str(), base.relation)).collect();
        assert_eq!(found, expected, "{head}");
    }
}

#[test]
fn licences_are_those_that_are_named() {
    for (head, expected) in [
        ("license: apache-2.0", vec!["Apache-2.0"]),
        ("license: llama3.2", vec!["llama3.2"]),
        ("license: other", vec![]),
        ("license: unknown", vec![]),
        ("license: other\nlicense_name: ours", vec!["ours"]),
        ("license: other\nlicense_link: https://example.com/l", vec!["other"]),
        ("license: other\nlicense_link: LICENSE", vec![]),
        ("license: gpl-3.0", vec!["GPL-3.0"]),
        ("license:", vec![]),
    ] {
        let told = card(&format!("---\n{head}\npipeline_tag: x\n---\n")).unwrap();
        let found: Vec<_> = told.licences.iter().map(|licence| licence.value.name.text()).collect();
        assert_eq!(found, expected, "{head}");
    }
}

#[test]
fn configurations_are_read_and_others_are_not() {
    let told = document(
        Form::Config,
        r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16", "vocab_size": 100,
            "max_position_embeddings": 4096, "num_hidden_layers": 2, "rope_scaling": {"type": "yarn", "factor": 4.0},
            "quantization_config": {"quant_method": "gptq", "bits": 4}, "hidden_size": 8}"#,
    )
    .unwrap();
    let card = &told.card;
    assert_eq!(card.family.as_deref(), Some("llama"));
    assert!(card.architectures.contains("LlamaForCausalLM") && card.dtypes.contains("BF16"));
    assert_eq!((card.context_length, card.quantisation.as_deref()), (Some(4096), Some("gptq 4 bit")));
    assert_eq!(card.settings.get("rope_scaling.type").map(String::as_str), Some("yarn"));
    let nested = document(
        Form::Config,
        r#"{"model_type": "vision", "text_config": {"vocab_size": 7, "max_position_embeddings": 9, "dtype": "float16"}}"#,
    )
    .unwrap();
    assert_eq!((nested.card.context_length, nested.card.dtypes.contains("F16")), (Some(9), true));
    let diffusers =
        document(Form::Config, r#"{"_class_name": "AutoencoderKL", "_diffusers_version": "0.18"}"#).unwrap();
    assert_eq!(diffusers.card.library.as_deref(), Some("diffusers"));
    for text in [
        r#"{"required_env_variables": []}"#,
        r#"{"model_type": "car", "wheels": 4}"#,
        r#"{"_class_name": "X"}"#,
        "[]",
        "",
        "{",
    ] {
        assert!(document(Form::Config, text).is_none(), "{text}");
    }
    let adapter = document(
        Form::AdapterConfig,
        r#"{"peft_type": "LORA", "r": 8, "target_modules": ["v", "q"], "base_model_name_or_path": "a/b", "revision": "main"}"#,
    )
    .unwrap();
    assert_eq!(adapter.subject, Subject::Adapter);
    let base = &adapter.bases[0];
    assert_eq!(
        (base.name.as_str(), base.revision.as_deref(), base.relation),
        ("a/b", Some("main"), RelationKind::AdapterOf)
    );
    assert_eq!(adapter.card.settings.get("target_modules").map(String::as_str), Some("q, v"));
    let local =
        document(Form::AdapterConfig, r#"{"peft_type": "LORA", "base_model_name_or_path": "/data/model"}"#).unwrap();
    assert!(local.bases.is_empty());
}

#[test]
fn templates_and_indexes_are_read() {
    let index = document(
        Form::ShardIndex,
        r#"{"metadata": {"total_size": 12}, "weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors", "c": "m-2.safetensors"}}"#,
    )
    .unwrap();
    assert_eq!((index.shards.len(), index.weight_bytes), (2, Some(12)));
    let of = |name, text: &str| read(Form::Tokenizer, name, text, &mut Vec::new());
    let hash = |told: Option<Told>| told.and_then(|told| told.card.chat_template).map(|hash| hash.value);
    let whole = hash(of("chat_template.jinja", "{{ x }}"));
    assert_eq!(hash(of("tokenizer_config.json", r#"{"chat_template": "{{ x }}"}"#)), whole);
    let several =
        r#"{"chat_template": [{"name": "tools", "template": "t"}, {"name": "default", "template": "{{ x }}"}]}"#;
    assert_eq!(hash(of("tokenizer_config.json", several)), whole);
    assert!(of("tokenizer_config.json", r#"{"model_max_length": 5}"#).is_none());
}

#[test]
fn information_on_data_is_read() {
    let one = r#"{"description": "Talks of people in a hall.", "license": "mit", "features": {"sky": {"_type": "Image"}},
        "splits": {"train": {"num_examples": 3}}, "dataset_size": 9}"#;
    let told = document(Form::DatasetInfo, one).unwrap();
    assert_eq!((told.card.rows, told.card.bytes), (Some(3), Some(9)));
    assert!(told.card.data_kinds.contains("image"));
    assert_eq!(told.licences[0].value.name.text(), "MIT");
    let several = format!("{{\"default\": {one}}}");
    assert_eq!(document(Form::DatasetInfo, &several).unwrap().card.rows, Some(3));
    assert!(document(Form::DatasetInfo, r#"{"alpaca": {"file_name": "a.json"}}"#).is_none());
}

#[test]
fn descriptions_of_croissant_are_read() {
    let told = document(
        Form::Croissant,
        &format!(
            r#"{{"@context": {{"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"}},
            "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1", "name": "talks", "version": "1.2.0",
            "license": "https://spdx.org/licenses/CC-BY-4.0", "datePublished": "2024-02-29",
            "creator": [{{"@type": "sc:Person", "name": "Ada"}}, {{"@type": "sc:Organization", "name": "Orion", "url": "https://example.com"}}],
            "rai:personalSensitiveInformation": ["Names", "Voices"], "rai:dataCollection": "Spoken in a hall",
            "distribution": [
              {{"@type": "cr:FileObject", "@id": "repo", "contentUrl": "https://example.com/r", "encodingFormat": "git+https", "sha256": "https://example.com/issue"}},
              {{"@type": "cr:FileObject", "@id": "t.csv", "contentUrl": "https://example.com/t.csv", "contentSize": "12 B", "sha256": "{}"}},
              {{"@type": "cr:FileSet", "@id": "all", "includes": "*.csv"}}],
            "recordSet": [{{"dataType": "cr:Split", "data": [{{"split": "train"}}]}}, {{"field": [{{"dataType": "sc:ImageObject"}}]}}]}}"#,
            "ab".repeat(32)
        ),
    )
    .unwrap();
    assert_eq!((told.name.as_deref(), told.version.as_deref()), (Some("talks"), Some("1.2.0")));
    assert_eq!(told.licences[0].value.name.text(), "CC-BY-4.0");
    assert_eq!(told.released, Some(1_709_164_800));
    assert!(told.makers[0].is_person && !told.makers[1].is_person);
    assert_eq!(told.card.sensitive.as_deref(), Some("Names Voices"));
    assert_eq!(told.distributions.len(), 1);
    assert_eq!(told.distributions[0].hashes.len(), 1);
    assert_eq!(told.card.bytes, Some(12));
    assert!(told.card.splits.contains_key("train") && told.card.data_kinds.contains("image"));
    for text in
        [r#"{"@context": "https://schema.org", "@type": "Dataset", "distribution": []}"#, r#"{"name": "x"}"#, "[]"]
    {
        assert!(document(Form::Croissant, text).is_none(), "{text}");
    }
}

#[derive(Debug)]
struct Held {
    names: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Held {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let files: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        Self { names: files.keys().cloned().collect(), files }
    }
}

impl Folder for Held {
    fn files(&self) -> &[String] {
        &self.names
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let bytes = self.files.get(path).ok_or_else(|| "it is not there".to_owned())?;
        Ok(Box::new(bytes.as_slice()))
    }
}

fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.as_bytes());
    out.resize(out.len() + data, 0);
    out
}

#[test]
fn files_of_a_folder_tell_together() {
    let first = safetensors(r#"{"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}"#, 8);
    let second = safetensors(r#"{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#, 6);
    let index = br#"{"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}"#;
    let config = br#"{"model_type": "llama", "architectures": ["L"], "torch_dtype": "float32", "hidden_size": 2}"#;
    let adapter = br#"{"peft_type": "LORA", "base_model_name_or_path": "orion/small"}"#;
    let files: Vec<(&str, &[u8])> = vec![
        ("README.md", MODEL.as_bytes()),
        ("adapter_config.json", adapter),
        ("config.json", config),
        ("m-1.safetensors", &first),
        ("m-2.safetensors", &second),
        ("model.safetensors.index.json", index),
        ("sub/README.md", b"---\nlicense: mit\n---\n"),
    ];
    let found = of_folder(&Held::new(&files));
    assert_eq!(found.unread, []);
    assert_eq!(found.files.len(), 6);
    let told = &found.told;
    assert_eq!(told.subject, Subject::Adapter);
    assert_eq!(told.card.parameters, Some(7));
    assert_eq!(told.card.dtypes.iter().map(String::as_str).collect::<Vec<_>>(), ["BF16"]);
    assert_eq!(told.bases.len(), 1);
    assert_eq!(told.name.as_deref(), Some("orion-chat"));
    // One of two files that the index lists is not there.
    let part: Vec<_> = files.iter().copied().filter(|(name, _)| *name != "m-2.safetensors").collect();
    assert_eq!(of_folder(&Held::new(&part)).told.card.parameters, None);
}

#[test]
fn hostile_files_end() {
    let deep = format!("---\nbase_model: {}\n---\n", "[".repeat(100_000));
    let wide = format!("---\nbase_model: [{}]\n---\n", "a/b, ".repeat(100_000));
    let long = format!("---\n{}", "license: mit\n".repeat(200_000));
    let alias = format!(
        "---\na: &a [x, x]\n{}pipeline_tag: *z\n---\n",
        (b'b'..=b'y').map(|c| format!("{0}: &{0} [*{1}, *{1}]\n", c as char, (c - 1) as char)).collect::<String>()
    );
    let headings = format!("---\npipeline_tag: x\n---\n{}", "# Limitations\n###### Bias\n".repeat(30_000));
    for text in [deep, wide, long, alias, headings] {
        let _ = card(&text);
    }
    for form in
        [Form::Config, Form::AdapterConfig, Form::ShardIndex, Form::Tokenizer, Form::DatasetInfo, Form::Croissant]
    {
        for text in ["[".repeat(200_000), "{\"a\":".repeat(200_000), "\u{0}".to_owned()] {
            let _ = document(form, &text);
        }
    }
}
