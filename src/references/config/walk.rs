//! The walk through a document: which of its values name something that is loaded.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::addresses;
use super::document;
use super::document::Document;
use super::document::Entry;
use super::document::Format;
use super::document::Kind;
use super::document::Node;
use super::document::find;
use super::keys;
use super::keys::Wanted;
use super::said::provider;
use super::shapes::is_catalogue_by_name;
use super::shapes::is_described;
use super::shapes::is_no_configuration;
use super::values;
use super::values::Reading;
use super::variables;
use crate::references::AssetKind;
use crate::references::At;
use crate::references::Hub;
use crate::references::Reference;
use crate::references::Said;
use crate::references::Standing;
use crate::references::Unresolved;
use crate::references::found::FileFound;
use crate::references::names;
use crate::references::serving;
use crate::source::Embedded;
use crate::source::Span;

/// Things of one kind in one list from which on it is a catalogue and not what somebody loads.
const CATALOGUE: usize = 30;
/// The same in a file that calls itself one.
const SMALL_CATALOGUE: usize = 8;
/// Data sets that one text joins.
const MOST_JOINED: usize = 24;
/// Keys before and after a key that may belong to it.
const NEAR: usize = 24;

/// What is known while a file is walked.
pub(in crate::references) struct Walk<'a> {
    /// The file.
    pub path: Arc<str>,
    /// Its text.
    pub text: &'a str,
    /// How it is written.
    pub format: Format,
    /// What is found.
    pub out: &'a mut FileFound,
    /// Whether what is walked is in a catalogue.
    pub(super) is_catalogue: bool,
    /// Whether the file calls itself a catalogue.
    names_catalogue: bool,
    /// The text of the file that the document stands in, where it is not the file itself.
    pub(super) host: Option<&'a Embedded>,
    /// The keys above, as [`keys::plain`] writes them.
    pub(super) above: Vec<String>,
    /// What was found already: bytes and kind.
    seen: BTreeSet<(Span, AssetKind)>,
}

/// Walks a document.
pub(in crate::references) fn of_document(path: &str, text: &str, document: &Document, out: &mut FileFound) {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or("");
    let words = [
        "catalog",
        "gallery",
        "leaderboard",
        "llm_family",
        "model_list",
        "model_price",
        "model_spec",
        "prices",
        "registry",
        "providers",
        "factories",
        "all_models",
        "cost",
    ];
    let is_list = words.iter().any(|word| name.contains(word))
        || matches!(name, "models.json")
        || lower.contains("/gallery/")
        || lower.contains("model_zoo/");
    let mut walk = Walk {
        path: Arc::from(path),
        text,
        format: document.format,
        out,
        is_catalogue: is_catalogue_by_name(name),
        names_catalogue: is_list,
        host: None,
        above: Vec::new(),
        seen: BTreeSet::new(),
    };
    for root in &document.roots {
        walk.node(root, &[]);
    }
}

/// Walks a document that stands within a file of another kind.
pub(in crate::references) fn of_part(
    path: &Arc<str>,
    format: Format,
    text: &Embedded,
    is_catalogue: bool,
    out: &mut FileFound,
) {
    let document = document::read(format, &text.text);
    let mut walk = Walk {
        path: Arc::clone(path),
        text: "",
        format,
        out,
        is_catalogue,
        names_catalogue: false,
        host: Some(text),
        above: Vec::new(),
        seen: BTreeSet::new(),
    };
    for root in &document.roots {
        walk.node(root, &[]);
    }
}

impl Walk<'_> {
    /// Reads a value and what is below it. `beside` is what stands beside the list or key that it is of.
    fn node(&mut self, node: &Node, beside: &[Entry]) {
        match &node.kind {
            Kind::Map(entries) => self.map(entries),
            Kind::List(items) => {
                let before = self.is_catalogue;
                self.is_catalogue |= self.is_many(items.iter().filter(|item| !item.entries().is_empty()).count());
                self.is_catalogue |= items.iter().all(|item| is_described(item.entries(), items.len()));
                for item in items {
                    match &item.kind {
                        Kind::Text(text) => self.item(text, beside),
                        _ => self.node(item, beside),
                    }
                }
                self.is_catalogue = before;
            }
            _ => {}
        }
    }

    /// A text in a list: `MODEL_ID=org/x` among variables, or an address.
    fn item(&mut self, text: &Embedded, beside: &[Entry]) {
        let is_variables = self.above.last().is_some_and(|key| matches!(key.as_str(), "environment" | "env" | "envs"));
        if let Some((name, value)) = text.text.split_once('=').filter(|_| is_variables) {
            let from = name.len() + 1;
            let part = text.part(from..text.text.len());
            let span = text.host_span(from..from + value.len());
            let node = Node { span, kind: Kind::Text(part) };
            if !self.named(&keys::plain(name), name, &node, &[])
                && let Some(part) = node.text()
            {
                self.loose(part, name, &[]);
            }
            return;
        }
        let by = self.above.last().cloned().unwrap_or_default();
        self.loose(text, &by, beside);
    }

    fn is_many(&self, count: usize) -> bool {
        let most = if self.names_catalogue { SMALL_CATALOGUE } else { CATALOGUE };
        count > most && !self.path.starts_with(".github/") && !self.path.starts_with(".buildkite/")
    }

    fn map(&mut self, entries: &[Entry]) {
        if is_no_configuration(entries) {
            return;
        }
        let before = self.is_catalogue;
        let is_list_of_many = self.format != Format::Toml || self.names_catalogue;
        self.is_catalogue |= is_list_of_many
            && (self.is_many(entries.iter().filter(|entry| !entry.value.entries().is_empty()).count())
                || self
                    .is_many(entries.iter().filter(|e| e.value.as_str().is_some_and(|t| t.contains("://"))).count()));
        if let Some((name, value)) = serving::variable(entries) {
            self.named(&keys::plain(name), name, value, entries);
        }
        for (at, entry) in entries.iter().enumerate() {
            // In a long mapping only what is near belongs together, and the work stays linear.
            let near = at.saturating_sub(NEAR)..entries.len().min(at + NEAR + 1);
            self.entry(entry, if entries.len() <= 2 * NEAR { entries } else { &entries[near] });
        }
        self.is_catalogue = before;
    }

    fn entry(&mut self, entry: &Entry, entries: &[Entry]) {
        let key = entry.plain.clone();
        if keys::hides(&key) && !entry.value.entries().is_empty() | !entry.value.items().is_empty() {
            return;
        }
        if serving::is_arguments(&key) && !serving::is_workflow(&self.path) {
            serving::arguments(self, &entry.value);
        }
        if key == "dataset_mixer" {
            return self.mixer(&entry.value);
        }
        if key == "auto_map" {
            return self.auto_map(&entry.value);
        }
        let is_named = self.named(&key, &entry.key, &entry.value, entries);
        if let Kind::Text(text) = &entry.value.kind {
            if !is_named {
                self.loose(text, &entry.key, entries);
                self.inner(&entry.key, text);
            }
            return;
        }
        if is_named && entry.value.entries().is_empty() && entry.value.items().iter().all(|i| i.entries().is_empty()) {
            return;
        }
        self.above.push(key);
        self.node(&entry.value, entries);
        self.above.pop();
    }

    /// A value of a key of the table; false where the key is none of it or the value names nothing.
    pub(in crate::references) fn named(&mut self, key: &str, written: &str, value: &Node, beside: &[Entry]) -> bool {
        let parent = self.above.last().map_or("", String::as_str).to_owned();
        let Some(wanted) = keys::wanted(key, &parent, beside) else { return false };
        let wanted = self.adapted(key, wanted, beside);
        let by = match key {
            "name" | "path" | "id" | "source" | "uri" | "url" if !parent.is_empty() => format!("{parent}.{written}"),
            _ => written.to_owned(),
        };
        match &value.kind {
            Kind::Text(text) => self.text(key, &by, wanted, text, value.span, beside),
            Kind::List(items) => {
                let before = self.is_catalogue;
                self.is_catalogue |= self.is_many(items.len());
                let mut any = false;
                for item in items {
                    if let Kind::Text(text) = &item.kind {
                        any |= self.text(key, &by, wanted, text, item.span, &[]);
                    }
                }
                self.is_catalogue = before;
                any
            }
            _ => false,
        }
    }

    /// Kinds that more than the key decides.
    fn adapted(&self, key: &str, wanted: Wanted, beside: &[Entry]) -> Wanted {
        let is_adapter = key == "artifact_url" && (find(beside, &["base_model"]).is_some());
        // `vLLMLoRAConfig: {ensureExist: {models: [{id: x, source: owner/lora}]}}`.
        let is_of_adapters = matches!(key, "source" | "path" | "uri" | "url")
            && self.above.iter().any(|above| above.replace('_', "").contains("lora"));
        let is_dataset =
            find(beside, &["repo_type", "hf_repo_type"]).is_some_and(|e| e.value.as_str() == Some("dataset"));
        match wanted.kind {
            AssetKind::Model if is_of_adapters => Wanted { kind: AssetKind::Adapter, ..wanted },
            AssetKind::Model if is_adapter => Wanted { kind: AssetKind::Adapter, ..wanted },
            AssetKind::Model if is_dataset => Wanted { kind: AssetKind::Dataset, ..wanted },
            _ => wanted,
        }
    }

    fn text(&mut self, key: &str, by: &str, wanted: Wanted, text: &Embedded, whole: Span, beside: &[Entry]) -> bool {
        if key == "repo_id" && find(beside, &["repo_type"]).is_some_and(|e| e.value.as_str() == Some("space")) {
            return false;
        }
        if wanted.kind == AssetKind::Dataset && text.text.contains('+') {
            return self.joined(key, by, text, beside);
        }
        let provider = provider(beside);
        match values::read(&text.text, wanted, provider) {
            Reading::Nothing => false,
            Reading::Dynamic => {
                if wanted.need == keys::Need::Name || matches!(key, "model_url" | "storage_uri" | "model_id") {
                    // Of a template the text is what stands in the file, not what it was overwritten with.
                    let shown = self.text.get(text.host_span(0..text.text.len()).range(self.text.len()));
                    let shown = shown.unwrap_or(&text.text);
                    let place = self.at(text.host_span(0..text.text.len()));
                    let loader = self.loader(by, beside);
                    let shown = shown.trim().chars().take(120).collect();
                    let hub = Hub::HuggingFace;
                    self.out.unresolved.push(Unresolved { kind: wanted.kind, hub, place, text: shown, loader });
                }
                true
            }
            Reading::Named(named) => {
                let span = text.host_span(named.range.clone());
                let reference = self.reference(named, span, by, key, beside, Some(whole));
                self.push(reference);
                true
            }
        }
    }

    /// `owner/a+owner/b`: several data sets in one text, as recipes of speech models join them. All of it must be
    /// names; one that stands there twice is told once.
    fn joined(&mut self, key: &str, by: &str, text: &Embedded, beside: &[Entry]) -> bool {
        let wanted = Wanted { kind: AssetKind::Dataset, need: keys::Need::Owner };
        let mut all: Vec<values::Named> = Vec::new();
        let mut from = 0;
        for part in text.text.split('+') {
            let Reading::Named(named) = values::read(part, wanted, None) else { return false };
            let named = values::behind(named, from);
            from += part.len() + 1;
            if all.len() < MOST_JOINED && all.iter().all(|known| known.name != named.name) {
                all.push(named);
            }
        }
        for named in all {
            let span = text.host_span(named.range.clone());
            let reference = self.reference(named, span, by, key, beside, None);
            self.push(reference);
        }
        true
    }

    /// A text of any key: a file of a hub, or of weights, is loaded whatever the key says.
    fn loose(&mut self, text: &Embedded, by: &str, beside: &[Entry]) {
        let whole = text.text.trim();
        let is_page = self
            .above
            .last()
            .is_some_and(|key| matches!(key.as_str(), "links" | "urls" | "sources" | "references" | "license"));
        if (is_page && !names::is_weights(whole)) || !whole.contains("://") {
            return;
        }
        let default = variables::default_of(whole).filter(|range| !range.is_empty());
        let inner = default.clone().unwrap_or(0..whole.len());
        let address = whole.get(inner.clone()).unwrap_or("").trim_matches(['"', '\'']);
        if let Some(mut named) = addresses::address(address, None) {
            if default.is_some() {
                named.standing = Standing::Default;
            }
            let from = text.text.len() - text.text.trim_start().len() + inner.start;
            let span = text.host_span(from..from + inner.len());
            let reference = self.reference(named, span, by, "", beside, None);
            self.push(reference);
        }
    }

    /// A file within a text: the data of a `ConfigMap`, the `config_file` of a gallery.
    fn inner(&mut self, key: &str, text: &Embedded) {
        let end = key.rsplit('.').next().unwrap_or("");
        // `speculative_config: '{"model": "owner/draft"}'`.
        let is_json = matches!(&*keys::plain(key), "speculative_config" | "vllm_speculative_config")
            && text.text.trim_start().starts_with('{');
        let format = match end {
            "yaml" | "yml" | "config_file" => Format::Yaml,
            "json" => Format::Json,
            "toml" => Format::Toml,
            _ if is_json => Format::Json,
            _ => return,
        };
        if self.host.is_some() || !(is_json || text.text.contains('\n')) {
            return;
        }
        of_part(&self.path, format, text, self.is_catalogue, self.out);
    }

    /// The bytes of the file for bytes of the document.
    pub(in crate::references) fn span(&self, span: Span) -> Span {
        self.host.map_or(span, |host| host.host_span(span.range(host.text.len())))
    }

    /// The recipes of the alignment handbook: the keys are names, the values how much of each.
    fn mixer(&mut self, value: &Node) {
        for entry in value.entries() {
            let wanted = Wanted { kind: AssetKind::Dataset, need: keys::Need::Owner };
            if let Reading::Named(named) = values::read(&entry.key, wanted, None) {
                let reference = self.reference(named, entry.key_span, "dataset_mixer", "", &[], None);
                self.push(reference);
            }
        }
    }

    /// `"AutoModel": "owner/name--module.Class"`: code of another repository that is run. Source: transformers,
    /// `get_class_from_dynamic_module`.
    fn auto_map(&mut self, value: &Node) {
        let texts = value.entries().iter().flat_map(|entry| {
            let items = entry.value.items().iter().filter_map(Node::text);
            entry.value.text().into_iter().chain(items)
        });
        for text in texts {
            let Some((name, _)) = text.text.split_once("--") else { continue };
            if names::has_owner(name) {
                let span = text.host_span(0..name.len());
                let place = self.at(span);
                let mut reference = Reference::new(AssetKind::Model, Hub::HuggingFace, name, place, "auto_map");
                reference.loader.remote_code = Some(Said::On(self.span(span)));
                self.push(reference);
            }
        }
    }

    /// A place in the file.
    pub(in crate::references) fn at(&self, span: Span) -> At {
        At { path: Arc::clone(&self.path), span: self.span(span) }
    }

    /// Keeps a reference, once for its place and kind.
    pub(in crate::references) fn push(&mut self, mut reference: Reference) {
        if self.is_catalogue {
            reference.standing = Standing::Told;
        }
        if self.seen.insert((reference.place.span, reference.kind)) {
            self.out.references.push(reference);
        }
    }
}
