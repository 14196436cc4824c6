use std::collections::BTreeMap;

use super::*;
use crate::scan::{FileReport, Limits};

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
