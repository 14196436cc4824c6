//! Configurations that name code: Keras, HDF5, `NeMo`, skops, MAR, `MLflow`, tokenizers.

use super::Case;
use super::hdf5::{hdf5, hdf5_with};
use super::packed::{gzip, tar};
use super::pickle::{evil, plain};
use super::zip::{Member, zip};

const KERAS: &str = "CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9905, CVE-2025-9906";
const GLOBAL: &str = "pickle-dangerous-global";

/// Name, configuration, verdict, rule.
const KERAS_CONFIGS: &[(&str, &str, &str, &str)] = &[
    (
        "lambda",
        r#"{"class_name":"Lambda","config":{"function":["4wEAAAA=",null,null],"function_type":"lambda"}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_3",
        r#"{"module":"keras.layers","class_name":"Lambda","config":{"function":{"class_name":"__lambda__","config":{"code":"4wEA"}}}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_in_layers",
        r#"{"class_name":"Sequential","config":{"layers":[{"class_name":"Dense","config":{}},{"class_name":"Lambda","config":{"function":["4wEA",null,null]}}]}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_as_activation",
        r#"{"class_name":"Dense","config":{"activation":{"class_name":"__lambda__","config":{"code":"4wEA"}}}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_wrapped",
        r#"{"class_name":"TimeDistributed","config":{"layer":{"class_name":"Lambda","config":{"function":["4wEA",null,null]}}}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_key_twice",
        r#"{"class_name":"Dense","class_name":"Lambda","config":{"function":["4wEA",null,null]}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_in_escapes",
        r#"{"\u0063lass_name":"\u004cambda","config":{"function":["4wEA",null,null]}}"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_cut_off",
        r#"{"class_name":"Lambda","config":{"function":["4wEA",null,null]"#,
        "dangerous",
        "keras-lambda",
    ),
    (
        "lambda_by_name",
        r#"{"class_name":"Lambda","config":{"function":"scale","function_type":"function","module":"own"}}"#,
        "suspicious",
        "keras-lambda-name",
    ),
    (
        "module_os",
        r#"{"module":"os","class_name":"function","config":"system","registered_name":"system"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "module_subprocess",
        r#"{"module":"subprocess","class_name":"Popen","config":{"args":["true"]}}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "module_builtins",
        r#"{"module":"builtins","class_name":"function","config":"exec"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "get_file",
        r#"{"module":"keras.utils","class_name":"get_file","config":{"origin":"https://example.com/a"}}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "get_file_function",
        r#"{"module":"keras.utils","class_name":"function","config":"get_file"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "unsafe_switch",
        r#"{"module":"keras.config","class_name":"function","config":"enable_unsafe_deserialization"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "unsafe_switch_src",
        r#"{"module":"keras.src.saving.serialization_lib","class_name":"function","config":"enable_unsafe_deserialization"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "load_model",
        r#"{"module":"keras.models","class_name":"function","config":"load_model"}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
    (
        "foreign_module",
        r#"{"module":"own.layers","class_name":"Scale","config":{}}"#,
        "suspicious",
        "keras-foreign-module",
    ),
    (
        "vocabulary_of_a_file",
        r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":"/etc/passwd"}}"#,
        "dangerous",
        "keras-other-path",
    ),
    (
        "vocabulary_of_a_url",
        r#"{"module":"keras.layers","class_name":"TextVectorization","config":{"vocabulary":"https://example.com/v"}}"#,
        "dangerous",
        "keras-other-path",
    ),
    (
        "vocabulary_beside",
        r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":"words.txt"}}"#,
        "suspicious",
        "keras-other-file",
    ),
    (
        "saved_model_layer",
        r#"{"module":"keras.layers","class_name":"TFSMLayer","config":{"filepath":"other"}}"#,
        "suspicious",
        "keras-other-file",
    ),
    (
        "torch_module",
        r#"{"module":"keras.layers","class_name":"TorchModuleWrapper","config":{"module":"UEs="}}"#,
        "dangerous",
        "keras-torch-module",
    ),
    (
        "operator_writes",
        r#"{"class_name":"TFOpLambda","config":{"function":"io.write_file"}}"#,
        "dangerous",
        "keras-dangerous-name",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    [keras(), archives(), texts()].concat()
}

fn keras_zip(config: &str, weights: &[u8]) -> Vec<u8> {
    zip(&[
        Member::stored("metadata.json", br#"{"keras_version":"3.9.0","date_saved":"2025-01-01@00:00:00"}"#),
        Member::stored("config.json", config.as_bytes()),
        Member::stored("model.weights.h5", weights),
    ])
}

fn keras() -> Vec<Case> {
    let mut out = Vec::new();
    for (name, config, verdict, rule) in KERAS_CONFIGS {
        for (kind, format, bytes) in [
            ("json", "keras-config", config.as_bytes().to_vec()),
            ("keras", "keras", keras_zip(config, &hdf5(&[]))),
            (
                "h5",
                "keras-hdf5",
                hdf5(&[("keras_version", "2.15.0"), ("backend", "tensorflow"), ("model_config", config)]),
            ),
        ] {
            let case = Case::new(&format!("keras_{name}.{kind}"), format, KERAS, bytes);
            out.push(Case { verdict, rule, ..case });
        }
    }
    let dense = r#"{"module":"keras.layers","class_name":"Dense","config":{}}"#;
    out.extend([
        Case::new("keras_assets.keras", "keras", KERAS, {
            zip(&[
                Member::stored("metadata.json", b"{}"),
                Member::stored("config.json", dense.as_bytes()),
                Member::stored("model.weights.h5", &hdf5(&[])),
                Member::stored("assets/vocabulary.pkl", &evil()),
            ])
        })
        .dangerous(GLOBAL),
        Case::new("keras_assets_outside.keras", "keras", "CVE-2025-12060 and others", {
            zip(&[
                Member::stored("metadata.json", b"{}"),
                Member::stored("config.json", dense.as_bytes()),
                Member::stored("model.weights.h5", &hdf5(&[])),
                Member::stored("assets/../../../x", b"x = 1\n"),
            ])
        })
        .suspicious("archive-escape"),
        Case::new(
            "external_link.h5",
            "hdf5",
            "CVE-2026-0897 and HDF5: external links",
            hdf5_with(&[], &[("e", "other.h5", "/x")]),
        )
        .suspicious("hdf5-outside"),
        Case::new(
            "external_link_outside.h5",
            "hdf5",
            "HDF5: external links",
            hdf5_with(&[], &[("e", "/etc/passwd", "/x")]),
        )
        .dangerous("hdf5-outside-path"),
        Case::new(
            "external_link.keras",
            "keras",
            "HDF5: external links",
            keras_zip(dense, &hdf5_with(&[], &[("e", "../../x.h5", "/x")])),
        )
        .dangerous("hdf5-outside-path"),
        Case::new("cut_off.h5", "hdf5", "HDF5", {
            let bytes = hdf5(&[("model_config", dense)]);
            bytes[..bytes.len() - 20].to_vec()
        })
        .malformed("hdf5-malformed")
        .format(""),
        Case::new("pickle_behind.h5", "", "HDF5: bytes behind the end", [hdf5(&[]), evil()].concat()).dangerous(GLOBAL),
        Case::new(
            "user_block.h5",
            "",
            "HDF5: user block",
            [
                {
                    let mut block = b"#!/bin/true\n".to_vec();
                    block.resize(512, 0);
                    block
                },
                hdf5(&[]),
            ]
            .concat(),
        )
        .suspicious(""),
    ]);
    out
}

fn archives() -> Vec<Case> {
    let nemo = |config: &str, weights: &[u8]| {
        tar(&[("model_config.yaml", config.as_bytes()), ("model_weights.ckpt", weights)])
    };
    let target = "NeMo: hydra instantiate, CVE-2025-23304";
    let node = |loader: &str, module: &str, class: &str| {
        format!(
            r#"{{"__class__":"{class}","__module__":"{module}","__loader__":"{loader}","content":null,"protocol":2,"_skops_version":"0.11"}}"#
        )
    };
    let skops = |text: &str| zip(&[Member::stored("schema.json", text.as_bytes())]);
    let skops_source = "skops: CVE-2025-54412, CVE-2025-54413, CVE-2025-54886";
    let mar = |manifest: &str, members: &[Member]| {
        zip(&[vec![Member::stored("MAR-INF/MANIFEST.json", manifest.as_bytes())], members.to_vec()].concat())
    };
    let torchserve = "TorchServe: handlers are code (ShellTorch)";
    let handler = r#"{"createdOn":"x","runtime":"python","model":{"modelName":"m","handler":"h.py","serializedFile":"m.pt","modelVersion":"1.0"},"archiverVersion":"0.9.0"}"#;
    let mlflow = |text: &str| zip(&[Member::stored("MLmodel", text.as_bytes())]);
    vec![
        Case::new("target.nemo", "nemo", target, nemo("a:\n  _target_: os.system\n  command: 'true'\n", &plain())).dangerous("config-dangerous-name"),
        Case::new("target_unknown.nemo", "nemo", target, nemo("a:\n  _target_: own.Model\n", &plain())).suspicious("config-unknown-name"),
        Case::new("target_deep.nemo", "nemo", target, nemo("a:\n  - b: {c: {_target_: builtins.exec}}\n", &plain())).dangerous("config-dangerous-name"),
        Case::new("environment.nemo", "nemo", target, nemo("a: ${oc.env:HOME}\n", &plain())).suspicious("config-interpolation"),
        Case::new("weights.nemo", "nemo", "research note: not looked at", nemo("target: nemo.core.Model\n", &evil())).dangerous(GLOBAL),
        Case::new("weights.nemo.gz", "gzip", "research note: not looked at", gzip(&nemo("target: nemo.core.Model\n", &evil()))).dangerous(GLOBAL),
        Case::new("yaml_object.yaml", "", "PyYAML: python/object/apply", b"a: !!python/object/apply:os.system ['true']\n".to_vec()).dangerous("yaml-python-tag"),
        Case::new("yaml_object.nemo", "nemo", "PyYAML: python/object/apply", nemo("a: !!python/object/new:os.system ['true']\n", &plain())).dangerous("yaml-python-tag"),
        Case::new("function.skops", "skops", skops_source, skops(&node("FunctionNode", "os", "system"))).dangerous("skops-dangerous-type"),
        Case::new("method.skops", "skops", skops_source, skops(r#"{"__class__":"method","__module__":"builtins","__loader__":"MethodNode","content":{"func":"__reduce__","obj":{}}}"#))
            .dangerous("skops-dangerous-type"),
        Case::new("operator.skops", "skops", skops_source, skops(&node("OperatorFuncNode", "operator", "methodcaller"))).dangerous("skops-dangerous-type"),
        Case::new("unknown.skops", "skops", skops_source, skops(&node("ObjectNode", "own", "Model"))).suspicious("skops-unknown-type"),
        Case::new("handler_that_runs.mar", "mar", torchserve, mar(handler, &[Member::stored("h.py", b"import os\nos.system('true')\n"), Member::stored("m.pt", &plain())]))
            .dangerous("custom-code-dangerous"),
        Case::new("handler.mar", "mar", torchserve, mar(handler, &[Member::stored("h.py", b"class H:\n    pass\n")])).suspicious("custom-code"),
        Case::new("handler_outside.mar", "mar", torchserve, mar(r#"{"model":{"handler":"../h.py"}}"#, &[])).dangerous("config-dangerous-name"),
        Case::new("model_in_it.mar", "mar", torchserve, mar(r#"{"model":{"handler":"image_classifier","serializedFile":"m.pt"}}"#, &[Member::stored("m.pt", &evil())]))
            .dangerous(GLOBAL),
        Case::new("requirements.mar", "mar", torchserve, mar(r#"{"model":{"handler":"image_classifier","requirementsFile":"requirements.txt"}}"#, &[Member::stored("requirements.txt", b"example\n")]))
            .suspicious("mar-requirements"),
        Case::new("loader.mlflow.zip", "mlflow", "MLflow: loader_module", mlflow("flavors:\n  python_function:\n    loader_module: os\n")).dangerous(""),
        Case::new("own_loader.mlflow.zip", "mlflow", "MLflow: loader_module", mlflow("flavors:\n  python_function:\n    loader_module: own_loader\n"))
            .suspicious("config-unknown-name"),
        Case::new("code.mlflow.zip", "mlflow", "MLflow: code", {
            zip(&[
                Member::stored("MLmodel", b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    code: code\n"),
                Member::stored("code/own.py", b"import subprocess\nsubprocess.run(['true'])\n"),
            ])
        })
        .dangerous("custom-code-dangerous"),
        Case::new("model.mlflow.zip", "mlflow", "MLflow: python_model.pkl", {
            zip(&[
                Member::stored("MLmodel", b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n"),
                Member::stored("model.pkl", &evil()),
            ])
        })
        .dangerous(GLOBAL),
    ]
}

fn texts() -> Vec<Case> {
    let hub = "RCE in model hosting, arXiv 2601.14163";
    let one = |name: &str, format: &'static str, text: &str| {
        Case::new(&format!("{name}.json"), format, hub, text.as_bytes().to_vec())
    };
    vec![
        one("auto_map", "model-config", r#"{"auto_map":{"AutoModel":"modeling_x.XModel"},"model_type":"x"}"#).suspicious("custom-code"),
        one("auto_map_tokenizer", "tokenizer", r#"{"tokenizer_class":"X","auto_map":{"AutoTokenizer":["tokenization_x.X",null]}}"#).suspicious("custom-code"),
        one("auto_map_foreign", "", r#"{"auto_map":{"AutoModel":"other/repo--modeling_x.XModel"}}"#).suspicious("custom-code"),
        one("auto_map_inside", "", r#"{"text_config":{"auto_map":{"AutoModel":"m.X"}}}"#).suspicious("custom-code"),
        one("custom_pipelines", "", r#"{"custom_pipelines":{"t":{"impl":"pipe.P","pt":["AutoModel"]}}}"#).suspicious("custom-code"),
        one("diffusers_pipeline", "", r#"{"_class_name":["my_pipeline","P"],"_diffusers_version":"0.3"}"#).suspicious("custom-code"),
        one("modules", "", r#"[{"idx":0,"path":"","type":"custom_st.Transformer"}]"#).suspicious("custom-code"),
        one("modules_os", "", r#"[{"idx":0,"path":"","type":"os.system"}]"#).dangerous("code-by-name"),
        one("shards_outside", "shard-index", r#"{"metadata":{},"weight_map":{"a":"../../x.bin"}}"#).dangerous("shard-traversal"),
        one("shards_at_the_root", "shard-index", r#"{"metadata":{},"weight_map":{"a":"/etc/passwd"}}"#).dangerous("shard-traversal"),
        one("shards_with_backslashes", "shard-index", r#"{"metadata":{},"weight_map":{"a":"..\\..\\x.bin"}}"#).dangerous("shard-traversal"),
        one("hydra", "", r#"{"model":{"_target_":"os.system","_args_":["true"]}}"#).dangerous("code-by-name"),
        one("jsonpickle", "", r#"{"py/reduce":[{"py/function":"os.system"},{"py/tuple":["true"]}]}"#).dangerous(""),
        one("peft_library", "", r#"{"peft_type":"LORA","auto_mapping":{"parent_library":"evil"}}"#).suspicious(""),
        one("config_cut_off", "", r#"{"model_type":"x","architectures":["a"]"#).malformed("json-malformed"),
        Case::new("tokenizer_with_template.json", "tokenizer", hub, br#"{"version":"1.0","added_tokens":[],"chat_template":"{{ x.__class__ }}","model":{"type":"BPE","vocab":{}}}"#.to_vec())
            .dangerous("template-reach"),
    ]
}
