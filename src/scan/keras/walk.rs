//! Goes through the objects of a configuration and rates what each makes of itself.

use super::marshal::names;
use super::names::{Known, is_class, is_function, is_keras, known};
use super::operations::{self, Operation};
use super::tree::Tree;
use super::{CUSTOM, CUSTOM_CLASS, DANGEROUS_NAME, FOREIGN, LAMBDA, LAMBDA_NAME, OTHER_FILE, OTHER_PATH, TORCH};
use crate::scan::Context;
use crate::scan::archives::rated::{is_dangerous, is_plain_builtin};
use crate::scan::encoded::base64;
use crate::scan::quote::shown;

/// Objects that stand for plain values.
const VALUES: &[&str] = &[
    "__keras_tensor__",
    "__tensor__",
    "__numpy__",
    "__bytes__",
    "__ellipsis__",
    "__slice__",
    "__tuple__",
    "TensorShape",
    "TypeSpec",
    "CompositeTensor",
    "ListWrapper",
    "_DictWrapper",
    "_TupleWrapper",
    "ndarray",
    "type",
    "dtype",
];
/// Keys whose text is the path of a file.
const PATHS: &[&str] =
    &["vocabulary", "vocabulary_path", "vocab_path", "merges", "merges_path", "idf_weights", "proto_path", "proto"];
/// Goes through a document.
pub(super) fn walk<T: Tree>(root: &T, base: u64, has_graphs: bool, context: &mut Context<'_>) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !context.take_nodes(1) {
            return;
        }
        if node.is_map() {
            object(node, base, has_graphs, context);
            // The stack gives the last first.
            let start = open.len();
            open.extend(node.fields().map(|(_, value)| value));
            open[start..].reverse();
        } else {
            let start = open.len();
            open.extend(node.elements());
            open[start..].reverse();
        }
    }
}

/// Whether a document has an object of Keras in it.
pub(super) fn has_object<T: Tree>(root: &T) -> bool {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if node.word("class_name").is_some() && node.field("config").is_some() {
            return true;
        }
        open.extend(node.fields().map(|(_, value)| value));
        open.extend(node.elements());
    }
    false
}

fn object<T: Tree>(node: &T, base: u64, has_graphs: bool, context: &mut Context<'_>) {
    for (key, value) in node.fields() {
        // What is no base64 is taken for a path there.
        let is_path = |text: &str| PATHS.contains(&key) && !(key == "proto" && is_base64(text));
        if let Some(path) = value.text().filter(|text| is_path(text)) {
            let place = base + value.place().start;
            let is_far =
                path.starts_with(['/', '\\', '~']) || path.contains(':') || path.split(['/', '\\']).any(|p| p == "..");
            let rule = if is_far { &OTHER_PATH } else { &OTHER_FILE };
            context.find(rule, place, format!("`{key}` is read from the file `{}`", shown(path)));
        }
    }
    // Each of several keys of one name is rated: readers differ in which they take.
    let classes: Vec<&T> = node.fields().filter(|(key, _)| *key == "class_name").map(|(_, value)| value).collect();
    for class in classes {
        if let Some(name) = class.text() {
            let place = base + class.place().start;
            one(node, name, (place, base), has_graphs, context);
        }
    }
}

/// Rates one object.
fn one<T: Tree>(node: &T, class: &str, (place, base): (u64, u64), has_graphs: bool, context: &mut Context<'_>) {
    if VALUES.contains(&class) {
        return;
    }
    let config = node.field("config");
    if class == "__lambda__" {
        let code = config.and_then(|config| config.word("code").or_else(|| config.word("value")));
        return code_of(code, place, "a lambda", context);
    }
    let modules: Vec<&T> = node.fields().filter(|(key, _)| *key == "module").map(|(_, value)| value).collect();
    let modules: Vec<&str> = modules.into_iter().filter_map(Tree::text).collect();
    if class == "function" {
        let name = config.and_then(Tree::text).or_else(|| node.word("registered_name")).unwrap_or("");
        for module in &modules {
            function(module, name, place, context);
        }
        // A name with its module, in one text.
        let registered = node.word("registered_name").unwrap_or("");
        for whole in [name, registered].into_iter().filter(|_| modules.is_empty()) {
            if let Some((module, name)) = whole.rsplit_once('.') {
                named(module, name, true, place, context);
            }
        }
        return;
    }
    let Some(config) = config else {
        // Of other programs, whose files have the key too.
        for module in modules.into_iter().filter(|_| class == "__typespec__") {
            named(module, class, false, place, context);
        }
        return;
    };
    let last = class.rsplit('>').next().unwrap_or(class);
    for module in &modules {
        if !is_special(last) || !is_keras(module) {
            named(module, class, false, place, context);
        }
    }
    if modules.is_empty() {
        unnamed(node, class, place, has_graphs, context);
    }
    special(last, config, place, base, context);
}

/// Layers that hold code or open files, which are rated by what they hold.
fn is_special(class: &str) -> bool {
    matches!(
        class,
        "Lambda"
            | "TFSMLayer"
            | "TorchModuleWrapper"
            | "JaxLayer"
            | "FlaxLayer"
            | "TFOpLambda"
            | "TensorFlowOpLayer"
            | "KerasLayer"
    )
}

fn special<T: Tree>(class: &str, config: &T, place: u64, base: u64, context: &mut Context<'_>) {
    match class {
        "Lambda" => lambda(config, place, base, context),
        "TorchModuleWrapper" => {
            let message = "a `TorchModuleWrapper` holds a module that `torch.load` unpickles";
            context.find(&TORCH, place, message);
        }
        "TFSMLayer" => {
            let path = config.word("filepath").unwrap_or("");
            let message = format!("a `TFSMLayer` loads the SavedModel `{}`", shown(path));
            context.find(&OTHER_FILE, place, message);
        }
        "KerasLayer" => {
            let path = config.word("handle").unwrap_or("");
            let message = format!("a `KerasLayer` loads the model `{}`", shown(path));
            context.find(&OTHER_FILE, place, message);
        }
        "JaxLayer" | "FlaxLayer" => {
            let message = format!("a `{class}` calls functions of the code around it");
            context.find(&LAMBDA_NAME, place, message);
        }
        "TFOpLambda" => {
            let symbol = config.word("function").unwrap_or("");
            let message = format!("a `TFOpLambda` runs the operation `{}`", shown(symbol));
            match operations::of_api(symbol) {
                Operation::Computes => {}
                Operation::Reaches => context.find(&DANGEROUS_NAME, place, message),
                Operation::Other => context.find(&LAMBDA_NAME, place, message),
            }
        }
        "TensorFlowOpLayer" => graph_node(config, place, context),
        _ => {}
    }
}

/// A layer that runs one node of a graph: as an object, as its bytes, or as those in base64.
fn graph_node<T: Tree>(config: &T, place: u64, context: &mut Context<'_>) {
    let Some(node) = config.field("node_def") else { return };
    let names: Vec<String> = match node.text() {
        Some(text) => {
            let text_of = |bytes: &[u8]| operations::of_node(bytes);
            let plain = text_of(text.as_bytes());
            if plain.is_empty() {
                base64(text.as_bytes()).map(|bytes| text_of(&bytes)).unwrap_or_default()
            } else {
                plain
            }
        }
        None => {
            node.fields().filter(|(key, _)| *key == "op").filter_map(|(_, op)| op.text()).map(str::to_owned).collect()
        }
    };
    if names.is_empty() && !node.is_nothing() {
        context.find(&LAMBDA_NAME, place, "a `TensorFlowOpLayer` runs an operation that is not understood");
    }
    for name in names {
        let message = format!("a `TensorFlowOpLayer` runs the operation `{}`", shown(&name));
        match operations::of_graph(&name) {
            Operation::Computes => {}
            Operation::Reaches => context.find(&DANGEROUS_NAME, place, message),
            Operation::Other => context.find(&LAMBDA_NAME, place, message),
        }
    }
}

/// Whether a text is base64 to its end, as Python decides it.
fn is_base64(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - bare.len() <= 2
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

/// A layer that calls a function: its code, or its name.
fn lambda<T: Tree>(config: &T, place: u64, base: u64, context: &mut Context<'_>) {
    let mut is_told = false;
    for key in ["function", "output_shape", "mask"] {
        let Some(value) = config.field(key) else { continue };
        let kind = config.word(&format!("{key}_type"));
        let module = config.word(if key == "function" { "module" } else { "output_shape_module" });
        let code = value.elements().first().and_then(Tree::text);
        if value.word("class_name") == Some("__lambda__") {
            // Told by itself.
            is_told = true;
        } else if let Some(code) = code.filter(|_| value.elements().len() <= 4) {
            is_told = true;
            code_of(Some(code), base + value.place().start, "a `Lambda` layer", context);
        } else if kind == Some("lambda") && !value.is_nothing() {
            is_told = true;
            code_of(value.text(), base + value.place().start, "a `Lambda` layer", context);
        } else if let Some(name) = value.text().filter(|_| key == "function" || kind == Some("function")) {
            is_told = true;
            by_name(module.unwrap_or(""), name, base + value.place().start, context);
        } else if value.word("class_name") == Some("function") {
            let name = value.word("config").unwrap_or("");
            is_told = true;
            by_name(value.word("module").unwrap_or(""), name, base + value.place().start, context);
        } else if let Some(name) = value.word("class_name") {
            // An operation or layer of Keras as the function.
            is_told = true;
            by_name(value.word("module").unwrap_or(""), name, base + value.place().start, context);
        }
    }
    if !is_told {
        context.find(&LAMBDA_NAME, place, "a `Lambda` layer calls a function that is not understood");
    }
}

fn by_name(module: &str, name: &str, place: u64, context: &mut Context<'_>) {
    if is_dangerous(module, name) {
        let message = format!("a `Lambda` layer calls `{}.{}`", shown(module), shown(name));
        return context.find(&DANGEROUS_NAME, place, message);
    }
    let is_known = is_keras(module) && (is_function(name) || is_class(name));
    if !is_known {
        context.find(
            &LAMBDA_NAME,
            place,
            format!("a `Lambda` layer calls the function `{}` of the code around it", shown(name)),
        );
    }
}

fn code_of(code: Option<&str>, place: u64, what: &str, context: &mut Context<'_>) {
    let named = code.and_then(|code| base64(code.as_bytes())).map(|code| names(&code)).unwrap_or_default();
    let named = if named.is_empty() { String::new() } else { format!(", which names {}", named.join(", ")) };
    context.find(&LAMBDA, place, format!("{what} holds byte code of Python{named}"));
}

/// A reference to a function.
fn function(module: &str, name: &str, place: u64, context: &mut Context<'_>) {
    if module == "builtins" {
        if is_dangerous(module, name) {
            context.find(&DANGEROUS_NAME, place, format!("it names the function `builtins.{}`", shown(name)));
        } else if !is_function(name) && !is_plain_builtin(name) {
            // Keras writes this of every function that is not its own.
            context.find(&CUSTOM, place, format!("it needs the function `{}` of the code around it", shown(name)));
        }
        return;
    }
    named(module, name, true, place, context);
}

/// A class or function with its module.
fn named(module: &str, name: &str, is_function: bool, place: u64, context: &mut Context<'_>) {
    let whole = format!("{}.{}", shown(module), shown(name));
    match known(module, name, is_function) {
        Known::Yes => {}
        Known::Dangerous => {
            context.find(&DANGEROUS_NAME, place, format!("it names `{whole}`, which does more than a layer"))
        }
        Known::No if is_dangerous(module, name) => {
            context.find(&DANGEROUS_NAME, place, format!("it names `{whole}`, which reaches code or files"));
        }
        Known::No if module == "builtins" && (is_plain_builtin(name) || is_class(name) || is_function_name(name)) => {}
        Known::No if matches!(module, "__main__" | "builtins") => {
            let rule = if is_function { &CUSTOM } else { &CUSTOM_CLASS };
            context.find(rule, place, format!("it needs `{whole}` of the code around it"));
        }
        Known::No => context.find(&FOREIGN, place, format!("it names `{whole}`, which older versions of Keras import")),
    }
}

fn is_function_name(name: &str) -> bool {
    is_function(name)
}

/// A class without a module: one of Keras, or one that whoever loads it has registered.
fn unnamed<T: Tree>(node: &T, class: &str, place: u64, has_graphs: bool, context: &mut Context<'_>) {
    let is_known = is_class(class) || is_function(class) || is_special(class.rsplit('>').next().unwrap_or(class));
    if !is_known {
        let registered = node.word("registered_name").unwrap_or(class);
        let rule = if has_graphs { &CUSTOM } else { &CUSTOM_CLASS };
        context.find(rule, place, format!("it needs the class `{}` of the code around it", shown(registered)));
    }
}
