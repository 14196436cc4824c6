//! Which names of a configuration are known, by exact tables.

use std::collections::BTreeSet;
use std::sync::OnceLock;

static NAMES: &str = include_str!("names.txt");

/// Functions of Keras that do more than arithmetic, wherever they stand in it.
const DANGEROUS: &[&str] = &[
    "get_file",
    "load_model",
    "save_model",
    "model_from_json",
    "model_from_yaml",
    "model_from_config",
    "clone_model",
    "enable_unsafe_deserialization",
    "deserialize_keras_object",
    "deserialize",
    "serialize_keras_object",
    "load_weights",
    "save_weights",
    "load_img",
    "save_img",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "audio_dataset_from_directory",
    "register_keras_serializable",
    "func_load",
    "func_dump",
    "func_load_from_bytes",
    "custom_object_scope",
    "CustomObjectScope",
    "set_backend",
    "set_image_data_format",
    "clear_session",
    "LambdaCallback",
    "ModelCheckpoint",
    "CSVLogger",
    "BackupAndRestore",
    "TensorBoard",
    "RemoteMonitor",
    "extract_archive",
    "extract_open_archive",
    "plot_model",
    "model_to_dot",
    "pickle_model",
    "unpickle_model",
    "Function",
    "load_data",
    "tokenizer_from_json",
    "import_module",
    "maybe_download",
    "run_tuner",
    "execute",
];

/// Packages that are Keras.
const KERAS: &[&str] = &["keras", "tf_keras", "keras_core", "tensorflow.keras", "tf.keras", "tensorflow.python.keras"];
/// Packages of models of Keras, whose classes are models, layers, tokenizers and the like.
const HUBS: &[&str] = &["keras_hub", "keras_nlp", "keras_cv", "keras_tuner", "kecam"];
/// Packages with layers for Keras; only classes of theirs are known to be harmless.
const LAYERS: &[&str] = &[
    "tensorflow_addons",
    "tensorflow_probability",
    "tensorflow_model_optimization",
    "tf_agents",
    "keras_contrib",
    "keras_rl",
    "tensorflow_text",
    "tensorflow_ranking",
    "tensorflow_recommenders",
    "tensorflow_decision_forests",
    "tensorflow_hub.keras_layer",
    "tensorflow.python.framework",
    "tensorflow.python.ops.ragged",
    "tensorflow_graphics",
    "transformers.models",
    "transformers.modeling_tf_utils",
    "kapre",
    "kgcnn",
    "spektral",
    "deepctr",
    "keras_retinanet",
    "qkeras",
    "autokeras",
];

/// What a name in a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Data and arithmetic.
    Yes,
    /// Not known.
    No,
    /// Known to do more.
    Dangerous,
}

fn table() -> &'static (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    static TABLE: OnceLock<(BTreeSet<&str>, BTreeSet<&str>)> = OnceLock::new();
    TABLE.get_or_init(|| {
        let of = |kind: &'static str| {
            let lines = NAMES.lines().filter_map(move |line| line.strip_prefix(kind));
            lines.flat_map(str::split_ascii_whitespace).collect()
        };
        (of("class "), of("function "))
    })
}

/// Whether a class of Keras has that name.
pub(super) fn is_class(name: &str) -> bool {
    table().0.contains(name)
}

/// Whether a function of Keras has that name.
pub(super) fn is_function(name: &str) -> bool {
    table().1.contains(name)
}

/// Whether a module is in a package, or is it.
fn within(module: &str, packages: &[&str]) -> bool {
    packages
        .iter()
        .any(|package| module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// Whether a module is Keras.
pub(super) fn is_keras(module: &str) -> bool {
    within(module, KERAS)
}

/// What a class (or function) of a module is.
pub(super) fn known(module: &str, name: &str, is_function_wanted: bool) -> Known {
    if DANGEROUS.contains(&name) && within(module, &[KERAS, HUBS].concat()) {
        return Known::Dangerous;
    }
    let is_known = if is_keras(module) {
        is_class(name) || is_function(name)
    } else if within(module, HUBS) {
        is_function(name) || (!is_function_wanted && is_class_name(name))
    } else {
        !is_function_wanted && within(module, LAYERS) && is_class_name(name)
    };
    if is_known { Known::Yes } else { Known::No }
}

/// Whether a name looks like that of a class.
fn is_class_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_their_modules_only() {
        for (module, name, is_function, expected) in [
            ("keras.layers", "Dense", false, Known::Yes),
            ("keras.src.models.functional", "Functional", false, Known::Yes),
            ("keras.activations", "relu", true, Known::Yes),
            ("keras.utils", "get_file", true, Known::Dangerous),
            ("keras.config", "enable_unsafe_deserialization", true, Known::Dangerous),
            ("keras.layers", "NoSuch", false, Known::No),
            ("kerasx.layers", "Dense", false, Known::No),
            ("keras_hub.src.models.bert", "BertBackbone", false, Known::Yes),
            ("keras_hub.src.utils", "anything", true, Known::No),
            ("os", "system", true, Known::No),
        ] {
            assert_eq!(known(module, name, is_function), expected, "{module}.{name}");
        }
        for name in DANGEROUS {
            assert!(!is_class(name) && !is_function(name), "{name} stands in both tables");
        }
        assert!(!is_class("Lambda") && !is_class("TFSMLayer"));
    }
}
