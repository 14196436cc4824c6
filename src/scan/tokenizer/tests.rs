use crate::scan::{FileReport, Format, Limits, Verdict, file};

fn scanned(text: &str) -> FileReport {
    file(&text.as_bytes().to_vec(), "x", &Limits::default())
}

#[test]
fn documents_are_told_by_their_keys() {
    for (text, format) in [
        (
            r#"{"version":"1.0","added_tokens":[{"id":0,"content":"<s>"}],"model":{"type":"BPE","vocab":{"{{":1,"{%":2},"merges":["a b"]}}"#,
            Format::Tokenizer,
        ),
        (
            r#"{"tokenizer_class":"LlamaTokenizer","chat_template":"{% for m in messages %}{{ m['content'] }}{% endfor %}","auto_map":null}"#,
            Format::Tokenizer,
        ),
        (r#"{"chat_template":[{"name":"default","template":"{{ bos_token }}"}]}"#, Format::Tokenizer),
        (
            r#"{"architectures":["LlamaForCausalLM"],"model_type":"llama","torch_dtype":"bfloat16"}"#,
            Format::ModelConfig,
        ),
        (r#"{"metadata":{"total_size":1},"weight_map":{"a":"model-00001-of-00002.safetensors"}}"#, Format::ShardIndex),
        (
            r#"{"_class_name":"StableDiffusionPipeline","_diffusers_version":"0.30","vae":["diffusers","AutoencoderKL"],"safety_checker":["stable_diffusion","StableDiffusionSafetyChecker"],"feature_extractor":[null,null],"scheduler":["diffusers","X"]}"#,
            Format::ModelConfig,
        ),
        (
            r#"{"_class_name":"UNet2DConditionModel","_diffusers_version":"0.30","down_block_types":["CrossAttnDownBlock2D","DownBlock2D"],"block_out_channels":[320,640]}"#,
            Format::ModelConfig,
        ),
        (r#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]"#, Format::Json),
        (
            r#"{"peft_type":"LORA","auto_mapping":{"base_model_class":"X","parent_library":"transformers.models.x"},"base_model_name_or_path":"a/b"}"#,
            Format::ModelConfig,
        ),
        (r#"{"a":1}"#, Format::Json),
        ("{\"a\":1}\n{\"b\":2}\n", Format::Json),
        (r#"[{"type":"object.x y"},{"type":"text"}]"#, Format::Json),
    ] {
        let report = scanned(text);
        assert_eq!((report.format, report.verdict), (format, Verdict::Clean), "{text}: {:?}", report.findings);
    }
}

#[test]
fn code_that_is_loaded_is_told() {
    for (text, verdict, message) in [
        (
            r#"{"auto_map":{"AutoModel":"modeling_x.XModel"},"model_type":"x"}"#,
            Verdict::Suspicious,
            "`modeling_x.XModel`",
        ),
        (r#"{"auto_map":{"AutoTokenizer":["tokenization_x.X",null]}}"#, Verdict::Suspicious, "`tokenization_x.X`"),
        (r#"{"text_config":{"auto_map":{"AutoModel":"m.X"}}}"#, Verdict::Suspicious, "`m.X`"),
        (
            r#"{"auto_map":{"AutoModel":"other/repo--modeling_x.XModel"}}"#,
            Verdict::Suspicious,
            "repository `other/repo`",
        ),
        (r#"{"custom_pipelines":{"t":{"impl":"pipe.P","pt":["AutoModel"]}}}"#, Verdict::Suspicious, "`pipe.P`"),
        (r#"{"_class_name":["my_pipeline","P"],"_diffusers_version":"0.3"}"#, Verdict::Suspicious, "my_pipeline"),
        (r#"{"unet":["my_unet","U"],"_class_name":"P"}"#, Verdict::Suspicious, "takes a part from `my_unet`"),
        (r#"[{"idx":0,"path":"","type":"custom_st.Transformer"}]"#, Verdict::Suspicious, "`custom_st.Transformer`"),
        (r#"[{"idx":0,"path":"","type":"os.system"}]"#, Verdict::Dangerous, "`os.system`"),
        (r#"{"weight_map":{"a":"../../x.bin"}}"#, Verdict::Dangerous, "`../../x.bin`"),
        (r#"{"weight_map":{"a":"/etc/passwd"}}"#, Verdict::Dangerous, "`/etc/passwd`"),
        (r#"{"weight_map":{"a":"..\\x.bin"}}"#, Verdict::Dangerous, "x.bin`"),
        (r#"{"model":{"_target_":"os.system","_args_":["id"]}}"#, Verdict::Dangerous, "`os.system`"),
        (r#"{"_target_":"builtins.exec"}"#, Verdict::Dangerous, "`builtins.exec`"),
        (r#"{"py/reduce":[{"py/function":"os.system"}]}"#, Verdict::Dangerous, "py/reduce"),
        (r#"{"auto_mapping":{"parent_library":"evil"}}"#, Verdict::Suspicious, "`evil`"),
        (r#"{"chat_template":"{{ ''.__class__ }}"}"#, Verdict::Dangerous, "__class__"),
        (
            r#"{"chat_template":[{"name":"tool_use","template":"{{ x['\\x5f\\x5fclass__'] }}"}]}"#,
            Verdict::Dangerous,
            "__class__",
        ),
        (r#"{"a":{"chat_templates":["\u007b\u007b x.__class__ }}"]}}"#, Verdict::Dangerous, "__class__"),
        // Nobody renders a text under another name.
        (r#"{"a":{"patch":["\u007b\u007b x.__class__ }}"]}}"#, Verdict::Clean, ""),
        (r#"{"auto_map":{"AutoModel":"m.X"}"#, Verdict::Suspicious, "`m.X`"),
        (r#"{"model_type":"x","architectures":["a"]"#, Verdict::Malformed, "ends within"),
        (r#"{"model_type":"x" "b"}"#, Verdict::Malformed, "no JSON"),
    ] {
        let report = scanned(text);
        assert_eq!(report.verdict, verdict, "{text}: {:?}", report.findings);
        let is_told = report.findings.iter().any(|f| f.message.contains(message));
        assert!(is_told || message.is_empty(), "{text}: {:?}", report.findings);
    }
}

#[test]
fn other_texts_are_not_claimed() {
    for text in
        ["[section]\nkey=1", "{{ x }}", "{% if %}", "{ x: 1 }", "[link](https://example.com)", "{\"a\" oops", ""]
    {
        assert!(!super::claims(text.as_bytes(), &text.as_bytes().to_vec()), "{text}");
    }
}

#[test]
fn large_documents_are_read_in_little_memory() {
    let mut text = String::from("{\"added_tokens\":[],\"model\":{\"vocab\":{");
    for index in 0..200_000 {
        text += &format!("\"token{index}\":{index},");
    }
    text += "\"z\":1}}}";
    let report = scanned(&text);
    assert_eq!((report.format, report.verdict), (Format::Tokenizer, Verdict::Clean), "{:?}", report.findings);
}

#[test]
fn names_that_run_are_told_wherever_a_library_imports_them() {
    for (text, expected) in [
        (r#"{"activation_fn":"os.system"}"#, Verdict::Dangerous),
        (r#"{"model_type":"bert","sentence_transformers":{"activation_fn":"os.system"}}"#, Verdict::Dangerous),
        (r#"{"model_type":"bert","sentence_transformers":{"activation_fn":"torch.nn.Sigmoid"}}"#, Verdict::Clean),
        (r#"{"activation_fn":"gelu"}"#, Verdict::Clean),
        (r#"{"types":{"a":"os.system"},"structure":{}}"#, Verdict::Dangerous),
        (r#"{"types":{"a":"sentence_transformers.models.Transformer"}}"#, Verdict::Clean),
        (r#"{"pipeline":{"type":"os.system"}}"#, Verdict::Dangerous),
        (r#"{"pipeline":{"type":"text-generation"}}"#, Verdict::Clean),
        (r#"{"run":["$os.system('id')"]}"#, Verdict::Dangerous),
        (r#"{"run":["$import os","$@network.eval()","$os.path.join('a')"]}"#, Verdict::Clean),
        (r#"[{"idx":0,"type":"sentence_transformers.util.http_get"}]"#, Verdict::Suspicious),
    ] {
        assert_eq!(scanned(text).verdict, expected, "{text}");
    }
}
