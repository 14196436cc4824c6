//! Models of MLflow: a file of YAML that names the module which loads the model.

use super::rated::is_dangerous_path;
use super::{CODE, IMPORTED, IMPORTED_DANGEROUS, OTHER_PATH, member, python_code, scan_yaml};
use crate::parse::yaml::Node;
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::source::Folder;

/// Modules of MLflow that load what they wrote.
const LOADERS: &[&str] = &[
    "sklearn",
    "pyfunc.model",
    "pyfunc.loaders.chat_model",
    "pyfunc.loaders.chat_agent",
    "pyfunc.loaders.responses_agent",
    "xgboost",
    "lightgbm",
    "catboost",
    "pytorch",
    "tensorflow",
    "keras",
    "onnx",
    "spark",
    "statsmodels",
    "fastai",
    "spacy",
    "prophet",
    "pmdarima",
    "transformers",
    "langchain",
    "langchain.langchain_flavor",
    "openai",
    "openai.model",
    "sentence_transformers",
    "h2o",
    "paddle",
    "diviner",
    "johnsnowlabs",
    "promptflow",
    "llama_index",
    "llama_index.pyfunc_wrapper",
    "dspy",
    "dspy.load",
    "shap",
    "mleap",
    "gluon",
    "pyspark.ml",
    "sktime",
    "crewai",
    "smolagents",
    "pyspark",
    "xgboost.sklearn",
    "tensorflow.keras",
    "keras.load",
];

/// Scans a model whose `MLmodel` is a member, and the code that it names.
pub(super) fn scan(folder: &dyn Folder, path: &str, context: &mut Context<'_>) {
    let mut codes = Vec::new();
    member(folder, path, context, |text, context| {
        scan_yaml(text, Some(0), context);
        let read = crate::parse::yaml::parse(text, &mut crate::parse::Budget { items: 100_000, ..Default::default() });
        codes = read.root().map(code_paths).unwrap_or_default();
    });
    let base = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let module = format!("{base}data/pickle_module_info.txt");
    if folder.has(&module) {
        member(folder, &module, context, |text, context| {
            if !matches!(text.trim(), "mlflow.pytorch.pickle_module" | "pickle") {
                let message = format!("the model is unpickled by the module `{}`", shown(text.trim()));
                context.find(&super::IMPORTED, Some(0), message);
            }
        });
    }
    for code in codes {
        let start = format!("{base}{}", code.trim_end_matches('/'));
        for file in folder.files() {
            let is_below = file.strip_prefix(&start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if is_below && std::path::Path::new(file).extension().is_some_and(|e| e == "py") {
                member(folder, file, context, |text, context| python_code(text, Some(0), context));
            }
        }
    }
}

/// Paths of code that a model names.
fn code_paths(root: &Node) -> Vec<String> {
    let mut out = Vec::new();
    for flavor in root.get("flavors").map(Node::entries).unwrap_or_default() {
        for key in ["code", "model_code_path"] {
            out.extend(
                flavor.value.get(key).filter(|value| !value.is_null()).and_then(Node::as_str).map(str::to_owned),
            );
        }
    }
    out
}

/// Keys whose text is a file or folder of the model.
const PATHS: &[&str] = &[
    "path",
    "data",
    "model_path",
    "python_model",
    "model_data",
    "pickled_model",
    "model_binary",
    "model_weights",
    "serialized_model_file",
    "extra_files",
    "requirements_file",
    "subpath",
    "config_path",
    "keras_model",
    "data_path",
];

/// Tells of paths in a flavor that lead out of the model.
fn paths(flavor: &Node, base: u64, context: &mut Context<'_>) {
    let mut open = vec![flavor];
    while let Some(node) = open.pop() {
        if !context.take_nodes(1) {
            return;
        }
        open.extend(node.items());
        for entry in node.entries() {
            open.push(&entry.value);
            let (Some(key), Some(path)) = (entry.key.as_str(), entry.value.as_str()) else { continue };
            if PATHS.contains(&key) && leaves(path) {
                let message = format!("`{}` is `{}`, outside of the model", shown(key), shown(path));
                context.find(&OTHER_PATH, base + entry.value.span.start, message);
            }
        }
    }
}

/// Whether a path leads out of the folder that it counts from.
fn leaves(path: &str) -> bool {
    path.starts_with(['/', '\\', '~'])
        || path.starts_with("file:")
        || path.as_bytes().get(1) == Some(&b':')
        || path.split(['/', '\\']).any(|part| part == "..")
}

/// Modules that flavors name for reading pickles and models.
const MODULES: &[&str] = &[
    "mlflow.pytorch.pickle_module",
    "pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "keras",
    "tf_keras",
    "keras_core",
    "tf.keras",
    "tensorflow.keras",
    "tensorflow.python.keras",
    "keras.src",
];

/// Rates the flavors of a model.
pub(super) fn flavors(root: &Node, base: u64, context: &mut Context<'_>) {
    let mut open: Vec<&Node> = root.get("flavors").into_iter().collect();
    while let Some(node) = open.pop() {
        if !context.take_nodes(1) {
            return;
        }
        open.extend(node.items());
        for entry in node.entries() {
            open.push(&entry.value);
            let (Some(key), Some(value)) = (entry.key.as_str(), entry.value.as_str()) else { continue };
            word(key, value, base + entry.value.span.start, context);
        }
    }
    for flavor in root.get("flavors").map(Node::entries).unwrap_or_default() {
        paths(&flavor.value, base, context);
        for key in ["code", "model_code_path"] {
            let code = flavor.value.get(key).filter(|value| !value.is_null());
            if let Some((code, path)) = code.and_then(|code| code.as_str().map(|path| (code, path))) {
                let place = base + code.span.start;
                if leads_out(path).is_some() {
                    context.find(
                        &IMPORTED_DANGEROUS,
                        place,
                        format!("code is loaded from `{}`, outside of the model", shown(path)),
                    );
                } else {
                    context.find(
                        &CODE,
                        place,
                        format!("code in `{}` can be imported when the model is loaded", shown(path)),
                    );
                }
            }
        }
    }
}

/// Rates what a key of a flavor has imported or trusted.
fn word(key: &str, name: &str, place: u64, context: &mut Context<'_>) {
    let known = match key {
        "loader_module" if name == "mlflow.pyfunc.loaders.code_model" => {
            return context.find(&CODE, place, "the model is code that runs when it is loaded");
        }
        "loader_module" => name.strip_prefix("mlflow.").is_some_and(|rest| LOADERS.contains(&rest)),
        "pickle_module_name" | "keras_module" => MODULES.contains(&name),
        "trust_remote_code" if name.eq_ignore_ascii_case("true") => {
            let message = "`trust_remote_code` is switched on, so code of a repository runs when the model is loaded";
            return context.find(&IMPORTED, place, message);
        }
        _ => return,
    };
    let message = format!("`{}` is imported to load the model", shown(name));
    if !known && is_dangerous_path(&format!("{name}.x")) {
        context.find(&IMPORTED_DANGEROUS, place, message);
    } else if !known {
        context.find(&IMPORTED, place, message);
    }
}
