use super::*;
use crate::references::Pin;
use crate::references::Standing;

fn found(path: &str, text: &str) -> FileFound {
    let mut out = FileFound::default();
    of_file(path, text, &mut out);
    out
}

/// `kind hub name@revision pin standing "text of the place"`, one a reference.
fn shown(path: &str, text: &str) -> Vec<String> {
    let all = found(path, text);
    let line = |r: &crate::references::Reference| {
        let at = r.revision.as_deref().map(|r| format!("@{r}")).unwrap_or_default();
        let place = &text[r.place.span.range(text.len())];
        assert!(place.contains(r.name.as_str()) || place.contains("://"), "{place} is {}", r.name);
        let standing = if r.standing == Standing::Runs { "" } else { r.standing.word() };
        format!("{} {} {}{at} {} {standing}", r.kind.word(), r.hub.word(), r.name, r.pin.word()).trim_end().to_owned()
    };
    all.references.iter().map(line).collect()
}

#[test]
fn recipes_name_models_data_sets_and_their_revisions() {
    let trl = "model_name_or_path: Qwen/Qwen2.5-1.5B # why\nmodel_revision: main\ndataset_name: org-x/data\nhub_model_id: org-x/out\noutput_dir: data/x\n";
    assert_eq!(
        shown("r.yaml", trl),
        ["model huggingface Qwen/Qwen2.5-1.5B@main branch", "dataset huggingface org-x/data none"]
    );
    let axolotl = "base_model: NousResearch/Llama-3.2-1B\nload_in_8bit: true\ndatasets:\n  - path: mhenrichsen/alpaca_2k_test\n    type: alpaca\n  - path: json\n    data_files: x.json\nhub_model_id:\n";
    assert_eq!(
        shown("r.yml", axolotl),
        ["model huggingface NousResearch/Llama-3.2-1B none", "dataset huggingface mhenrichsen/alpaca_2k_test none"]
    );
    let task = "task: x\ndataset_path: glue\ndataset_name: mrpc\ndataset_kwargs:\n  trust_remote_code: true\n";
    assert_eq!(shown("t.yaml", task), ["dataset huggingface glue none"]);
    assert!(found("t.yaml", task).references[0].loader.remote_code.is_some());
    let mixture = "dataset_mixture:\n  datasets:\n    - id: org-x/data\n      revision: 607a30d783dfa663caf39e06633721c8d4cfcd7e\n";
    assert_eq!(
        shown("m.yaml", mixture),
        ["dataset huggingface org-x/data@607a30d783dfa663caf39e06633721c8d4cfcd7e commit"]
    );
    let merge = "models:\n  - model: org-x/one\n  - model: org-x/two\nbase_model: org-x/base\n";
    assert_eq!(shown("merge.yml", merge).len(), 3);
}

#[test]
fn formats_are_read_alike() {
    let name = ["model huggingface org-x/name none"];
    for (path, text) in [
        ("a.json", r#"{"model_name_or_path": "org-x/name"}"#),
        ("a.toml", "[model]\nname = \"org-x/name\"\n"),
        ("a.ini", "[model]\nname = org-x/name\n"),
        (".env.example", "MODEL_ID=org-x/name\n"),
        ("a.yaml", "model: {name: org-x/name}\n"),
        ("a.yaml", "model: &m org-x/name\nbase_model: *m\n"),
    ] {
        assert_eq!(shown(path, text), name, "{path}");
    }
}

#[test]
fn hosted_models_are_told_apart() {
    let litellm = "model_list:\n  - model_name: fast\n    litellm_params:\n      model: azure/gpt-4o\n      api_key: os.environ/KEY\n  - model_name: own\n    litellm_params:\n      model: ollama/llama3:8b\n";
    assert_eq!(shown("c.yaml", litellm), ["model azure azure/gpt-4o none", "model ollama llama3@8b tag"]);
    let typed = "[models.x.providers.y]\ntype = \"groq\"\nmodel_name = \"llama-3.1-8b\"\n";
    assert_eq!(shown("t.toml", typed), ["model groq llama-3.1-8b none"]);
}

#[test]
fn modelfiles_say_what_they_are_made_from() {
    let text = "# FROM x\nFROM llama3.2:3b\nADAPTER ./lora\nSYSTEM \"\"\"\nFROM here\n\"\"\"\n";
    assert_eq!(shown("Modelfile", text), ["model ollama llama3.2@3b tag"]);
    assert_eq!(shown("x/Modelfile", "FROM hf.co/org-x/name-GGUF:Q4_K_M\n"), ["model huggingface org-x/name-GGUF none"]);
    assert_eq!(shown("Modelfile", "FROM ./x.gguf\n"), [""; 0]);
}

#[test]
fn adapters_and_code_of_other_repositories_are_found() {
    let adapter = "{\n  \"base_model_name_or_path\": \"org-x/base\",\n  \"revision\": null\n}\n";
    let one = &found("adapter_config.json", adapter).references[0];
    assert_eq!((one.name.as_str(), one.pin), ("org-x/base", Pin::None));
    let edit = one.edit.as_ref().expect("a place for the commit");
    assert_eq!(&adapter[edit.at.span.range(adapter.len())], "null");
    let map = r#"{"_name_or_path": "org-x/told", "auto_map": {"AutoModel": "org-x/code--modeling.Model", "AutoConfig": "configuration.C"}}"#;
    assert_eq!(shown("config.json", map), ["model huggingface org-x/code none"]);
    assert!(found("config.json", map).references[0].loader.remote_code.is_some());
}

#[test]
fn a_commit_is_put_where_the_reader_takes_it() {
    let text = "model_name_or_path: org-x/name # why\nnext: 1\n";
    let edit = found("r.yaml", text).references[0].edit.clone().expect("a place");
    let range = edit.at.span.range(text.len());
    let new = format!("{}{}COMMIT{}{}", &text[..range.start], edit.before, edit.after, &text[range.end..]);
    assert_eq!(new, "model_name_or_path: org-x/name # why\nmodel_revision: \"COMMIT\"\nnext: 1\n");
    let text = "sequence_len: 1\nbase_model: org-x/name\ndatasets:\n  - path: org-x/data\n    type: x\n";
    let all = found("r.yaml", text).references;
    let edits: Vec<_> = all.iter().map(|r| r.edit.as_ref().map(|e| e.before.as_str())).collect();
    assert_eq!(edits, [Some("\nrevision_of_model: \""), Some("\n    revision: \"")]);
    // No reader is known to take one.
    assert_eq!(found("r.yaml", "embedding_model: org-x/name\n").references[0].edit, None);
}

#[test]
fn what_is_no_configuration_names_nothing() {
    for (path, text) in [
        ("package-lock.json", r#"{"model": "org-x/name"}"#),
        ("x/cassettes/a.yaml", "model: org-x/name\n"),
        ("a.json", r#"{"model": "org-x/name", "messages": []}"#),
        ("a.json", r#"{"$schema": "x", "properties": {"model": {"default": "org-x/name"}}}"#),
        ("a.yaml", "kind: CustomResourceDefinition\nmodel: org-x/name\n"),
        ("a.yaml", "model: your-org/your-model\nmodel_name: ./x\n"),
        ("a.yaml", "image: org-x/name\nrepository: org-x/name\n"),
    ] {
        assert_eq!(shown(path, text), [""; 0], "{path} {text}");
    }
}

#[test]
fn a_catalogue_only_tells() {
    let items: Vec<String> =
        (0..40).map(|n| format!("{{\"name\": \"n\", \"model_id\": \"org-x/name-{n}\"}}")).collect();
    let text = format!("[{}]", items.join(","));
    let all = found("a.json", &text).references;
    assert_eq!(all.len(), 40);
    assert!(all.iter().all(|r| r.standing == Standing::Told));
}

/// Texts on which the work would be the square of their length, if anything searched the whole of them for each part.
#[test]
fn the_work_stays_linear() {
    let keys: String = (0..20_000).map(|n| format!("\"m{n}_model_id\":\"org-x/name-{n}\",")).collect();
    assert_eq!(found("a.json", &format!("{{{keys}\"x\":1}}")).references.len(), 20_000);
    let tags = format!("model: x\ny: {}", "{{ x }} ".repeat(40_000));
    assert!(found("a.yaml", &tags).references.is_empty());
    let commands = format!("args: ['{}']\nmodel_x: 1\n", "vllm serve org-x/name ; ".repeat(10_000));
    assert_eq!(found("a.yaml", &commands).references.len(), 10_000);
    let documents = "model_x: 1\n---\n".repeat(5_000);
    assert!(found("a.yaml", &documents).references.is_empty());
    let braces = format!("args: [\"{}\"]\nmodel_x: 1\n", "{\\\"method\\\" \\\"model\\\": ".repeat(5_000));
    assert!(found("a.yaml", &braces).references.is_empty());
    let json = format!("{}model{}", "[".repeat(100_000), "{".repeat(100_000));
    assert!(found("a.json", &json).references.is_empty());
}
