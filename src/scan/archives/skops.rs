//! Archives of skops: a tree of nodes, each with the type that it makes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::rated::{is_allowed, is_dangerous};
use super::{BROKEN, SKOPS, SKOPS_DANGEROUS, member};
use crate::parse::Budget;
use crate::parse::json::{self, Value};
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::scan::{Context, Format};
use crate::source::Folder;

static NAMES: &str = include_str!("skops_names.txt");
/// Nodes of one tree. Forests of some hundred trees have a hundred thousand.
const NODES: usize = 1_000_000;

/// Loaders that make the type which they name.
const LOADERS: &[&str] = &[
    "BytearrayNode",
    "BytesNode",
    "CachedNode",
    "ConstructorFromReduceNode",
    "DTypeNode",
    "DefaultDictNode",
    "DictNode",
    "FunctionNode",
    "JsonNode",
    "ListNode",
    "LossNode",
    "MaskedArrayNode",
    "NdArrayNode",
    "ObjectNode",
    "PartialNode",
    "QuantileForestNode",
    "RandomGeneratorNode",
    "RandomStateNode",
    "SetNode",
    "SliceNode",
    "SparseMatrixNode",
    "TreeNode",
    "TupleNode",
    "TypeNode",
    "SGDNode",
    "ReduceNode",
    "_DictWithDeprecatedKeysNode",
];

fn table() -> &'static BTreeMap<&'static str, BTreeSet<&'static str>> {
    static TABLE: OnceLock<BTreeMap<&str, BTreeSet<&str>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            if let Some((module, names)) = line.split_once(' ') {
                table.entry(module).or_default().extend(names.split(' '));
            }
        }
        table
    })
}

fn is_known(module: &str, name: &str) -> bool {
    table().get(module).is_some_and(|names| names.contains(name))
}

/// Scans an archive by its schema, if it is one of skops.
pub(super) fn scan(folder: &dyn Folder, path: &str, context: &mut Context<'_>) {
    let mut is_skops = false;
    member(folder, path, context, |text, context| is_skops = schema(text, context));
    if is_skops {
        context.format(Format::Skops);
    }
}

/// Rates a schema; whether it is one of skops.
pub(super) fn schema(text: &str, context: &mut Context<'_>) -> bool {
    let has = |word: &str| text.contains(word);
    if !(has("__loader__") || has("__module__") || has("skops") || has("\\u005f")) {
        return false;
    }
    let mut budget = Budget { bytes: context.limits().text, items: NODES, depth: 200, ..Budget::default() };
    let read = json::parse(text, &mut budget);
    if let Some(problem) = read.problems.first() {
        context.find(&BROKEN, problem.span.start, format!("the schema is not read as a whole: {}", problem.message));
    }
    let deciding =
        |key: &str| matches!(key, "__loader__" | "__module__" | "__class__" | "module_path" | "function" | "content");
    for twice in read.duplicates.iter().filter(|twice| deciding(&twice.key)) {
        context.find(&BROKEN, twice.again.start, format!("the key `{}` stands twice in one node", twice.key));
    }
    let mut open: Vec<&Value> = read.root.iter().collect();
    while let Some(node) = open.pop() {
        if !context.take_nodes(1) {
            break;
        }
        if node.as_object().is_some() {
            rate(node, context);
            open.extend(node.entries().iter().rev().map(|entry| &entry.value));
        } else {
            open.extend(node.items().iter().rev());
        }
    }
    true
}

fn rate(node: &Value, context: &mut Context<'_>) {
    let word = |key: &str| node.get(key).and_then(Value::as_str);
    let place = node.span.start;
    let loader = word("__loader__");
    let content = node.get("content");
    match loader {
        Some("OperatorFuncNode") => {
            let module = word("__module__").unwrap_or("");
            let name = word("__class__").unwrap_or("");
            let is_plain = matches!(module, "operator" | "_operator") && matches!(name, "itemgetter" | "attrgetter");
            let rule = if is_plain { &SKOPS } else { &SKOPS_DANGEROUS };
            return context.find(rule, place, format!("a node makes `{}.{}`", shown(module), shown(name)));
        }
        Some("MethodNode") => {
            let name = content.and_then(|content| content.get("func")).and_then(Value::as_str).unwrap_or("");
            let owner = content.and_then(|content| content.get("obj"));
            let module = owner.and_then(|owner| owner.get("__module__")).and_then(Value::as_str).unwrap_or("");
            let is_harm = name.starts_with('_') || is_dangerous(module, name);
            let rule = if is_harm { &SKOPS_DANGEROUS } else { &SKOPS };
            return context.find(rule, place, format!("a node takes the method `{}` of an object", shown(name)));
        }
        Some(loader) if !LOADERS.contains(&loader) => {
            context.find(&SKOPS, place, format!("the loader `{}` is not known", shown(loader)));
        }
        _ => {}
    }
    if let (Some(module), Some(name)) = (word("__module__"), word("__class__")) {
        // Kinds of nodes that say what the content is, not what is made.
        let is_kind = loader == Some("FunctionNode") || (loader == Some("TypeNode") && name == "type");
        if !is_kind || is_dangerous(module, name) {
            one(module, name, place, context);
        }
    }
    if loader == Some("FunctionNode") {
        let field = |key: &str| content.and_then(|content| content.get(key)).and_then(Value::as_str);
        one(word("__module__").unwrap_or(""), word("__class__").unwrap_or(""), place, context);
        if let Some(name) = field("function") {
            one(field("module_path").unwrap_or(""), name, place, context);
        }
    }
    if let Some(why) = word("file").and_then(leads_out) {
        let file = shown(word("file").unwrap_or(""));
        context.find(&SKOPS_DANGEROUS, place, format!("an array is taken from `{file}`, which {why}"));
    }
    if loader == Some("PartialNode") {
        context.find(&SKOPS, place, "a node makes a `functools.partial`");
    }
}

fn one(module: &str, name: &str, place: u64, context: &mut Context<'_>) {
    if is_known(module, name) || is_allowed(module, name) {
        return;
    }
    let rule = if is_dangerous(module, name) { &SKOPS_DANGEROUS } else { &SKOPS };
    context.find(rule, place, format!("a node names `{}.{}`", shown(module), shown(name)));
}
