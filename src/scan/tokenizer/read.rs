//! Goes through the events of a document with the path to each value.

use std::borrow::Cow;

use super::libraries;
use super::{CODE_BY_NAME, JSON_INVALID, SHARD_TRAVERSAL};
use crate::parse::json_stream::{Dialect, Event, Fault, Reader};
use crate::scan::archives::CODE as CUSTOM_CODE;
use crate::scan::archives::runs_expression;
use crate::scan::paths::leads_out;
use crate::scan::quote::short;
use crate::scan::{Context, Format, keras, template};
use crate::source::Bytes;

/// Bytes of one string that are kept.
const KEPT: usize = 4 << 20;
/// Events that cost one node: what is read is not kept.
const EVENTS: usize = 32;
/// Keys of the way to a value that are kept, and bytes of each.
const DEPTH: usize = 8;
const KEY: usize = 200;

/// Keys at the top by which a document is told, the surest first.
const KINDS: &[(&str, Format)] = &[
    ("weight_map", Format::ShardIndex),
    ("added_tokens", Format::Tokenizer),
    ("added_tokens_decoder", Format::Tokenizer),
    ("tokenizer_class", Format::Tokenizer),
    ("chat_template", Format::Tokenizer),
    ("model_type", Format::ModelConfig),
    ("architectures", Format::ModelConfig),
    ("auto_map", Format::ModelConfig),
    ("custom_pipelines", Format::ModelConfig),
    ("peft_type", Format::ModelConfig),
    ("_class_name", Format::ModelConfig),
    ("_diffusers_version", Format::ModelConfig),
    ("image_processor_type", Format::ModelConfig),
    ("feature_extractor_type", Format::ModelConfig),
    ("processor_class", Format::ModelConfig),
    ("transformers_version", Format::ModelConfig),
];

/// Scans a document, or several in a row.
pub(super) fn document(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let head = bytes.up_to(0, 4096).unwrap_or_default();
    let mut walk = Walk {
        reader: Reader::new(bytes, Dialect::Lenient, KEPT),
        context,
        // Who named it before knows better.
        is_named: keras::claims_config(&head, bytes),
        kind: None,
        is_pipeline: false,
        path: Vec::new(),
        parts: Vec::new(),
    };
    let ended = walk.all();
    let (kind, is_named) = (walk.kind, walk.is_named);
    if let Some(kind) = kind.filter(|_| !is_named) {
        context.format(kind);
    }
    match ended {
        Ok(()) => {}
        Err(Fault::Unreadable(why)) => context.unread(0, why),
        Err(Fault::CutShort) => context.find(&JSON_INVALID, bytes.len(), "the file ends within its JSON"),
        Err(Fault::Broken { offset, what }) => {
            if kind.is_some() {
                context.find(&JSON_INVALID, offset, format!("from here on it is no JSON: {what}"));
            } else if !is_named {
                context.format(Format::Text);
            }
        }
    }
}

/// A step on the way to a value.
enum Step {
    Key(String),
    Item(usize),
}

struct Walk<'b, 'c, 'l> {
    reader: Reader<'b>,
    context: &'c mut Context<'l>,
    is_named: bool,
    kind: Option<Format>,
    is_pipeline: bool,
    path: Vec<Step>,
    /// Texts of the list at the second level, as pipelines name their parts.
    parts: Vec<String>,
}

impl Walk<'_, '_, '_> {
    fn all(&mut self) -> Result<(), Fault> {
        let mut events = 0_usize;
        // Libraries of parts, where the key that makes it a pipeline comes later.
        let mut libraries: Vec<(String, u64)> = Vec::new();
        loop {
            let event = self.reader.next_event()?;
            events += 1;
            if events.is_multiple_of(EVENTS) && !self.context.take_nodes(1) {
                return Ok(());
            }
            match event {
                Event::End => break,
                Event::Key => {
                    let depth = self.reader.depth();
                    self.path.truncate(depth.saturating_sub(1));
                    if self.path.len() + 1 == depth && depth <= DEPTH {
                        let key = self.reader.text();
                        let key: String =
                            if key.len() > KEY { key.chars().take(KEY).collect() } else { key.to_owned() };
                        self.key(&key, depth);
                        self.path.push(Step::Key(key));
                    }
                    continue;
                }
                Event::Object | Event::Array => {
                    if event == Event::Array && self.reader.depth() <= DEPTH {
                        self.path.truncate(self.reader.depth() - 1);
                        if self.path.len() + 1 == self.reader.depth() {
                            self.path.push(Step::Item(0));
                        }
                        if self.reader.depth() == 2 {
                            self.parts.clear();
                        }
                    }
                    continue;
                }
                Event::EndObject | Event::EndArray => {
                    let depth = self.reader.depth();
                    if event == Event::EndArray && depth == 1 && libraries.len() < 200 {
                        if let ([library, class], Some(Step::Key(_))) = (self.parts.as_slice(), self.path.first())
                            && names_part(library, class)
                        {
                            libraries.push((library.clone(), self.reader.start()));
                        }
                        self.parts.clear();
                    }
                    self.path.truncate(depth.max(usize::from(depth > 0)));
                }
                Event::Text => self.text(),
                Event::Null if self.reader.depth() == 2 && self.parts.is_empty() => self.parts.push("null".to_owned()),
                Event::Number | Event::Bool(_) | Event::Null => {}
            }
            let depth = self.reader.depth();
            if let Some(Step::Item(index)) = self.path.get_mut(depth.wrapping_sub(1)) {
                *index += 1;
            }
        }
        if self.is_pipeline {
            for (library, at) in libraries.iter().filter(|(library, _)| !libraries::is_of_pipelines(library)) {
                let message = format!(
                    "the pipeline takes a part from `{}`, which is no library but code of the model",
                    short(library)
                );
                self.context.find(&CUSTOM_CODE, *at, message);
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &str, depth: usize) {
        if depth == 1 {
            let kind = KINDS.iter().position(|(word, _)| *word == key);
            let held = self.kind.and_then(|held| KINDS.iter().position(|(_, kind)| *kind == held));
            if let Some(kind) = kind.filter(|kind| held.is_none_or(|held| *kind < held)) {
                self.kind = Some(KINDS[kind].1);
            }
            self.is_pipeline |= matches!(key, "_diffusers_version" | "_class_name");
        }
        let at = self.reader.start();
        match key {
            "py/reduce" | "py/function" | "py/repr" => {
                self.context.find(
                    &CODE_BY_NAME,
                    at,
                    format!("`{key}` makes a reader of such files call what it names"),
                );
            }
            "py/object" | "py/type" => {
                self.context.find(
                    &CUSTOM_CODE,
                    at,
                    format!("`{key}` makes a reader of such files import what it names"),
                );
            }
            _ => {}
        }
    }

    /// The keys on the way, the nearest last.
    fn keys(&self) -> Vec<&str> {
        let keys =
            self.path.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
        keys.collect()
    }

    fn text(&mut self) {
        let (at, depth) = (self.reader.start(), self.reader.depth());
        let text: Cow<'_, str> = Cow::Owned(self.reader.text().to_owned());
        let text = text.as_ref();
        if depth == 2 && self.parts.len() < 3 && matches!(self.path.last(), Some(Step::Item(_))) {
            self.parts.push(text.chars().take(KEY).collect());
        }
        // Words of a vocabulary are short and many.
        if text.len() >= 20 {
            let name = self
                .path
                .iter()
                .rev()
                .find_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
            let name = name.unwrap_or("text").to_owned();
            if self.reader.is_cut() {
                self.context.unread(at, format!("`{}` is longer than is looked at", short(&name)));
            }
            template::hidden::payload(&name, text, at, self.context);
        }
        // Other texts may talk of templates: nobody renders them.
        let is_named = |step: &Step| matches!(step, Step::Key(key) if key.to_ascii_lowercase().contains("template"));
        if text.len() >= 6 && self.path.iter().any(is_named) && template::has_tags(text) {
            template::scan_text(text, at, self.context);
        }
        if let Some((rule, message)) = judged(&self.keys(), &self.path, depth, text, self.is_pipeline) {
            self.context.find(rule, at, message);
        }
    }
}

/// Whether two texts are a library and a class of it: other lists of two texts are many.
fn names_part(library: &str, class: &str) -> bool {
    let is_name = |text: &str| text.chars().all(|c| c == '_' || c == '.' || c.is_alphanumeric());
    is_name(library)
        && is_name(class)
        && library.starts_with(|c: char| c == '_' || c.is_lowercase())
        && (class.starts_with(char::is_uppercase) || libraries::is_running(&format!("{library}.{class}")))
}

/// What a text at a path says of code or files.
fn judged(
    keys: &[&str],
    path: &[Step],
    depth: usize,
    text: &str,
    is_pipeline: bool,
) -> Option<(&'static super::Rule, String)> {
    let (&last, before) = keys.split_last()?;
    let shown = short(text);
    let custom = |message: String| Some((&CUSTOM_CODE, message));
    let is_below = |key: &str| before.contains(&key) || last == key;
    if is_below("auto_map") && text.contains('.') {
        return custom(match text.split_once("--") {
            Some((repository, class)) => {
                format!("`auto_map` loads `{}` from the repository `{}`", short(class), short(repository))
            }
            None => format!("`auto_map` loads `{shown}`, code of the model"),
        });
    }
    match last {
        "impl" if is_below("custom_pipelines") => {
            custom(format!("`custom_pipelines` runs `{shown}`, code of the model"))
        }
        "_class_name" if depth == 2 && is_pipeline && matches!(path.last(), Some(Step::Item(0))) => {
            (!libraries::is_of_pipelines(text))
                .then(|| (&CUSTOM_CODE, format!("the pipeline itself is `{shown}`, code of the model")))
        }
        "custom_pipeline" | "custom_generate" if depth == 1 => {
            custom(format!("`{last}` loads `{shown}`, code of a repository"))
        }
        "parent_library" if is_below("auto_mapping") => {
            let package = text.split('.').next().unwrap_or_default();
            let is_known = libraries::is_of_pipelines(package) || package == "transformers_modules";
            (!is_known).then(|| (&CUSTOM_CODE, format!("`auto_mapping` imports `{shown}`")))
        }
        // Kernels are libraries of machine code that are fetched from a hub.
        "attn_implementation" | "_attn_implementation" if text.contains('/') => {
            custom(format!("`{last}` loads machine code from `{shown}`"))
        }
        "type" if depth == 2 && keys.len() == 1 && matches!(path.first(), Some(Step::Item(_))) => {
            let is_class = text.contains('.') && text.chars().all(|c| c == '.' || c == '_' || c.is_alphanumeric());
            if is_class && libraries::is_running(text) {
                return Some((&CODE_BY_NAME, format!("a module of the encoder is `{shown}`")));
            }
            let is_function = text.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_lowercase));
            (is_class && (is_function || !libraries::is_encoder(text)))
                .then(|| (&CUSTOM_CODE, format!("a module of the encoder is `{shown}`, code of the model")))
        }
        // Dense layers of sentence encoders import their activation by its name.
        "activation_function" | "activation_fct" | "activation_fn" | "sbert_ce_default_activation_function"
            if depth <= 2 && is_dotted(text) =>
        {
            if libraries::is_running(text) {
                return Some((&CODE_BY_NAME, format!("`{last}` names `{shown}`")));
            }
            let is_known = ["torch.nn.", "sentence_transformers.", "transformers."].iter().any(|p| text.starts_with(p));
            (!is_known).then(|| (&CUSTOM_CODE, format!("`{last}` imports `{shown}`")))
        }
        "_target_" | "_partial_target_" | "class_path" if libraries::is_running(text) => {
            Some((&CODE_BY_NAME, format!("`{last}` names `{shown}`")))
        }
        // Routers of encoders, and pipelines of hubs.
        _ if before == ["types"] && depth == 2 && is_dotted(text) && libraries::is_running(text) => {
            Some((&CODE_BY_NAME, format!("`types` names `{shown}`")))
        }
        "type" if matches!(before, ["pipeline" | "model" | "preprocessor"]) && is_dotted(text) => {
            libraries::is_running(text).then(|| (&CODE_BY_NAME, format!("the {} is `{shown}`", before[0])))
        }
        _ if runs_expression(text) => Some((&CODE_BY_NAME, format!("the expression `{shown}` is evaluated"))),
        _ if before == ["weight_map"] && leads_out(text).is_some() => {
            Some((&SHARD_TRAVERSAL, format!("the weights of `{}` lie in `{shown}`", short(last))))
        }
        _ => None,
    }
}

/// Whether a text is a name with dots.
fn is_dotted(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
}
