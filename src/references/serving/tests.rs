use super::*;
use crate::references::config;

fn shown(path: &str, text: &str) -> Vec<String> {
    let mut out = FileFound::default();
    config::of_file(path, text, &mut out);
    let line = |r: &crate::references::Reference| {
        let at = r.revision.as_deref().map(|r| format!("@{r}")).unwrap_or_default();
        let code = if r.loader.remote_code.is_some() { " code" } else { "" };
        let place = &text[r.place.span.range(text.len())];
        assert!(place.contains(r.name.as_str()), "{place} is {}", r.name);
        format!("{} {}{at} by {}{code}", r.kind.word(), r.name, r.loader.by)
    };
    out.references.iter().map(line).collect()
}

#[test]
fn arguments_of_containers_are_read() {
    let text = "spec:\n  containers:\n  - image: vllm/vllm-openai\n    args:\n    - --model\n    - \"org-x/name\"\n    - --revision=v1.0\n    - --served-model-name=org-x/alias\n    - --trust-remote-code\n    - --lora-modules\n    - sql=org-x/lora\n    env:\n    - name: EMBEDDING_MODEL\n      value: org-x/emb\n";
    assert_eq!(
        shown("k.yaml", text),
        [
            "model org-x/name@v1.0 by --model code",
            "adapter org-x/lora by --lora-modules",
            "model org-x/emb by EMBEDDING_MODEL"
        ]
    );
}

#[test]
fn commands_of_compose_are_read() {
    for (command, is) in [
        ("\n      - -hf\n      - org-x/name:Q4_K_M", "model org-x/name by -hf"),
        (" [\"--hf-repo\", \"org-x/name\", \"--hf-file\", \"x.gguf\"]", "model org-x/name by --hf-repo"),
        (" --model org-x/name --dtype half", "model org-x/name by --model"),
        (" >\n      -hf org-x/name\n      --host 0.0.0.0", "model org-x/name by -hf"),
    ] {
        let text = format!("services:\n  s:\n    image: x\n    command:{command}\n");
        assert_eq!(shown("compose.yaml", &text), [is], "{text}");
    }
}

#[test]
fn commands_within_texts_are_read() {
    for (text, is) in [
        ("command: [\"vllm\", \"serve\", \"org-x/name\", \"--dtype\", \"half\"]\n", "model org-x/name by vllm serve"),
        (
            "run: |\n  pip install x\n  vllm serve org-x/name \\\n    --max-model-len 10\n",
            "model org-x/name by vllm serve",
        ),
        (
            "args: [\"-c\", \"python -m vllm.entrypoints.openai.api_server --model org-x/name\"]\n",
            "model org-x/name by --model",
        ),
        ("args:\n- --model-id=org-x/name # model\n", "model org-x/name by --model-id"),
        ("x_model: 1\ncommand: ollama pull llama3:8b\n", "model llama3@8b by ollama pull"),
        (
            "x_model: 1\nrun: lm_eval --model_args pretrained=org-x/name,dtype=float\n",
            "model org-x/name by --model_args",
        ),
    ] {
        assert_eq!(shown("k.yaml", &format!("model_x: 1\n{text}")), [is], "{text}");
    }
}

#[test]
fn manifests_of_model_servers_are_read() {
    for (text, is) in [
        ("model:\n  uri: hf://org-x/name\n  name: org-x/alias\n", "model org-x/name by model.uri"),
        (
            "predictor:\n  model:\n    modelFormat:\n      name: x\n    storageUri: hf://org-x/name@v2\n",
            "model org-x/name@v2 by storageUri",
        ),
        ("modelSpec:\n- modelURL: \"org-x/name\"\n", "model org-x/name by modelURL"),
        (
            "model_loading_config:\n  model_id: org-x/alias\n  model_source: org-x/name\n",
            "model org-x/name by model_source",
        ),
        ("spec:\n  baseModel: base\n  artifactURL: huggingface://org-x/lora\n", "adapter org-x/lora by artifactURL"),
        ("environment:\n- MODEL_ID=org-x/name\n", "model org-x/name by MODEL_ID"),
        ("environment:\n  MODEL_ID: ${M:-org-x/name}\n", "model org-x/name by MODEL_ID"),
    ] {
        assert_eq!(shown("k.yaml", text), [is], "{text}");
    }
}

#[test]
fn templates_of_charts_are_read_around_their_tags() {
    let text = "{{- if .Values.x }}\nargs:\n- --model\n- {{ .Values.model | quote }}\n- --tokenizer\n- org-x/tok\n{{- end }}\n";
    assert_eq!(shown("templates/d.yaml", text), ["tokenizer org-x/tok by --tokenizer"]);
}

#[test]
fn files_within_a_config_map_are_read() {
    let text = "kind: ConfigMap\ndata:\n  run.yaml: |\n    models:\n    - model_id: ${env.M:=org-x/name}\n";
    assert_eq!(shown("c.yaml", text), ["model org-x/name by model_id"]);
}
