use std::collections::BTreeMap;

use super::*;
use crate::scan::{FileReport, Limits, Verdict};

struct Members(Vec<String>, BTreeMap<String, Vec<u8>>);

impl Folder for Members {
    fn files(&self) -> &[String] {
        &self.0
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        self.1.get(path).map(|bytes| Box::new(bytes) as Box<dyn Bytes>).ok_or_else(|| "it is missing".to_owned())
    }
}

fn scanned(members: &[(&str, &str)]) -> FileReport {
    let members: BTreeMap<String, Vec<u8>> =
        members.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let folder = Members(members.keys().cloned().collect(), members);
    let limits = Limits::default();
    let mut context = Context::new("a", 1, &limits);
    scan(&folder, &mut context);
    context.finish()
}

fn ids(report: &FileReport) -> Vec<&'static str> {
    let mut ids: Vec<&str> = report.findings.iter().map(|f| f.rule.id).collect();
    ids.dedup();
    ids
}

#[test]
fn archives_are_known_by_their_members() {
    let dense = r#"{"module":"keras.layers","class_name":"Dense","config":{}}"#;
    for (members, format, expected) in [
        (&[("a.npy", ""), ("b.npy", "")][..], Format::Npz, &[][..]),
        (&[("config.json", dense), ("metadata.json", "{}"), ("model.weights.h5", "")], Format::Keras, &[]),
        (
            &[("model_config.yaml", "target: x\n_target_: nemo.core.Model\n"), ("model_weights.ckpt", "")],
            Format::Nemo,
            &[],
        ),
        (
            &[("model_config.yaml", "a:\n  _target_: os.system\n"), ("model_weights.ckpt", "")],
            Format::Nemo,
            &["config-dangerous-name"],
        ),
        (
            &[("model_config.yaml", "a:\n  _target_: own.Model\n"), ("model_weights.ckpt", "")],
            Format::Nemo,
            &["config-unknown-name"],
        ),
        (
            &[("model_config.yaml", "a: ${oc.env:HOME}\n"), ("model_weights.ckpt", "")],
            Format::Nemo,
            &["config-interpolation"],
        ),
        (
            &[("model_config.yaml", "target: os.system\n"), ("model_weights.ckpt", "")],
            Format::Nemo,
            &["config-dangerous-name"],
        ),
        (
            &[("WAR-INF/MANIFEST.json", r#"{"workflow":{"handler":"h.py"}}"#), ("h.py", "x = 1\n")],
            Format::Mar,
            &["custom-code"],
        ),
        (
            &[("MLmodel", "flavors:\n  python_function:\n    artifacts:\n      a:\n        path: ../../x\n")],
            Format::Mlflow,
            &["mlflow-other-path"],
        ),
        (&[("MAR-INF/MANIFEST.json", r#"{"model":{"handler":"image_classifier"}}"#), ("a.pt", "")], Format::Mar, &[]),
        (
            &[("MAR-INF/MANIFEST.json", r#"{"model":{"handler":"h.py"}}"#), ("h.py", "import os\nos.system('id')\n")],
            Format::Mar,
            &["custom-code-dangerous", "custom-code"],
        ),
        (
            &[("MAR-INF/MANIFEST.json", r#"{"model":{"handler":"h.py"}}"#), ("h.py", "class H:\n  pass\n")],
            Format::Mar,
            &["custom-code"],
        ),
        (&[("MAR-INF/MANIFEST.json", r#"{"model":{"handler":"../h.py"}}"#)], Format::Mar, &["config-dangerous-name"]),
        (&[("MLmodel", "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n")], Format::Mlflow, &[]),
        (
            &[
                ("MLmodel", "flavors:\n  python_function:\n    loader_module: own_loader\n    code: code\n"),
                ("code/own_loader.py", "import subprocess\nsubprocess.run(['id'])\n"),
            ],
            Format::Mlflow,
            &["custom-code-dangerous", "custom-code", "config-unknown-name"],
        ),
    ] {
        let report = scanned(members);
        assert_eq!((report.format, ids(&report).as_slice()), (format, expected), "{members:?} {:?}", report.findings);
    }
}

#[test]
fn nodes_of_skops_are_rated() {
    let node = |loader: &str, module: &str, class: &str, content: &str| {
        format!(r#"{{"__class__":"{class}","__module__":"{module}","__loader__":"{loader}","content":{content}}}"#)
    };
    for (text, expected) in [
        (node("ObjectNode", "sklearn.linear_model._logistic", "LogisticRegression", "{}"), &[][..]),
        (node("FunctionNode", "numpy", "log1p", "null"), &[]),
        (node("FunctionNode", "os", "system", "null"), &["skops-dangerous-type"]),
        (node("ObjectNode", "own", "Model", "{}"), &["skops-unknown-type"]),
        (node("TypeNode", "builtins", "int", "{}"), &[]),
        (node("OperatorFuncNode", "operator", "methodcaller", "{}"), &["skops-dangerous-type"]),
        (node("MethodNode", "builtins", "method", r#"{"func":"__reduce__","obj":{}}"#), &["skops-dangerous-type"]),
        (node("NewNode", "builtins", "dict", "{}"), &["skops-unknown-type"]),
    ] {
        let report = scanned(&[("schema.json", &text)]);
        assert_eq!((report.format, ids(&report).as_slice()), (Format::Skops, expected), "{text}");
    }
}

#[test]
fn texts_are_decoded_as_python_guesses() {
    let utf16: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decoded(&utf16), "{\"a\":1}");
    let config: Vec<u8> =
        r#"{"class_name":"Lambda","config":{"function":["4wEA"]}}"#.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let members = BTreeMap::from([("config.json".to_owned(), config), ("metadata.json".to_owned(), b"{}".to_vec())]);
    let folder = Members(members.keys().cloned().collect(), members);
    let limits = Limits::default();
    let mut context = Context::new("a", 1, &limits);
    scan(&folder, &mut context);
    assert_eq!(ids(&context.finish()), ["keras-lambda"]);
}

#[test]
fn yaml_is_rated_however_it_is_written() {
    let wide = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let long = format!("{}a: !!python/object/apply:os.system [id]\n", "# comment\n".repeat(900_000));
    for (bytes, expected) in [
        (wide("a: !!python/object/apply:os.system [id]\n"), &["yaml-python-tag"][..]),
        (long.into_bytes(), &["yaml-python-tag", "yaml-malformed"]),
        (wide("flavors:\n  python_function:\n    loader_module: os\n"), &["config-dangerous-name"]),
        (br#"{"flavors":{"python_function":{"loader_module":"own"}}}"#.to_vec(), &["config-unknown-name"]),
        (b"? flavors\n: {python_function: {? loader_module : own}}\n".to_vec(), &["config-unknown-name"]),
        (b"flavors:\n  loader_module: os\n  python_function: [ {loader_module: os} ]\n".to_vec(), &[
            "config-dangerous-name",
        ]),
        (
            b"flavors:\n  pytorch:\n    pickle_module_name: own\n  python_function:\n    loader_module: mlflow.pytorch\n"
                .to_vec(),
            &["config-unknown-name"],
        ),
        (
            b"flavors:\n  a:\n    trust_remote_code: true\n  python_function:\n    loader_module: mlflow.transformers\n"
                .to_vec(),
            &["config-unknown-name"],
        ),
        (b"pipeline:\n  name: os.system\n".to_vec(), &["config-dangerous-name"]),
        (b"pipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n".to_vec(), &[]),
        (b"_target_: transformers.AutoTokenizer.from_pretrained\n".to_vec(), &[]),
    ] {
        let report = crate::scan::file(&bytes, "a", &Limits::default());
        assert_eq!(ids(&report), expected, "{:?} {:?}", report.format, report.findings);
    }
}

#[test]
fn names_in_packages_are_classes_or_functions_that_compute() {
    for (target, expected) in [
        ("torch.nn.Linear", Verdict::Clean),
        ("torch.nn.functional.gelu", Verdict::Clean),
        ("torch.bfloat16", Verdict::Clean),
        ("nemo.collections.asr.modules.transformer.get_nemo_transformer", Verdict::Clean),
        ("nemo.collections.llm.gpt.model.base.gpt_forward_step", Verdict::Clean),
        ("transformers.AutoModel.from_pretrained", Verdict::Suspicious),
        ("nemo.core.classes.modelPT.ModelPT.restore_from", Verdict::Suspicious),
        ("datasets.load_dataset", Verdict::Suspicious),
        ("torch.utils.collect_env.run_and_read_all", Verdict::Suspicious),
        ("torch._inductor.codecache.write", Verdict::Suspicious),
        ("speechbrain.utils.fetching.fetch", Verdict::Suspicious),
        ("torch.sys.modules", Verdict::Dangerous),
        ("collections.abc.sys", Verdict::Dangerous),
    ] {
        let text = format!("a:\n  _target_: {target}\n");
        let report = scanned(&[("model_config.yaml", &text), ("model_weights.ckpt", "")]);
        assert_eq!(report.verdict, expected, "{target} {:?}", report.findings);
    }
    let text = "a:\n  _target_: transformers.AutoModel\n  trust_remote_code: true\n";
    assert_eq!(scanned(&[("model_config.yaml", text), ("model_weights.ckpt", "")]).verdict, Verdict::Dangerous);
}

#[test]
fn yaml_is_told_from_other_text() {
    for (text, expected) in [
        ("a: 1\n_target_: torch.nn.Linear\n", true),
        ("a: 1\nb: !!python/object/apply:os.system [id]\n", true),
        ("\"\"\"Page: one.\n\n!!python/object\n\"\"\"\n", false),
        ("---\ntitle: a\n---\n# Page\n```\n_target_: a.b\n```\n", false),
        ("class A:\n  class_name: str\n", false),
        ("a: 1\n", false),
    ] {
        assert_eq!(claims_yaml(text.as_bytes(), &text.as_bytes()), expected, "{text}");
    }
}
