//! Calls that load, and what they are given.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::scope::{Chain, File, Step};
use super::tables;
use super::values::{Leaf, Values};
use super::wrappers::{self, Wrapper};
use crate::parse::rust::{Kind, Part, Tree};
use crate::references::found::FileFound;
use crate::references::names;
use crate::references::{AssetKind, At, Hub, Loader, Pin, Reference, RevisionEdit, Standing, Unresolved};
use crate::source::Span;

/// A call that loads something by name.
#[derive(Debug, Clone)]
pub(super) struct Site<'t> {
    pub(super) kind: AssetKind,
    pub(super) hub: Hub,
    /// As people know it.
    pub(super) by: String,
    pub(super) name: &'t Part,
    pub(super) revision: Option<&'t Part>,
    pub(super) files: Vec<&'t Part>,
    pub(super) scope: usize,
    pub(super) span: Span,
    /// Only `owner/name` is taken for a name.
    pub(super) needs_owner: bool,
    /// How a commit is put in where none is written.
    pub(super) form: Form<'t>,
}

/// How a call takes a revision that it has none of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'t> {
    /// There is no one way.
    Unknown,
    /// `model(x)` becomes `repo(Repo::with_revision(x, ..))`.
    ModelStep(Step<'t>, AssetKind),
    /// `Repo::new(x, t)` and `Repo::model(x)`.
    Repository(&'t str, &'t [Part], AssetKind),
    /// `.with_hf_revision(..)` behind the call.
    Builder(u64),
    /// The second argument, which is `None`.
    Parameters(Span),
}

/// What may be the name at a call: `None` is nothing.
fn is_nothing(node: &Part) -> bool {
    matches!(&node.kind, Kind::Name(name) if name == "None" || name.ends_with("::None"))
}

/// The calls of a file that load something.
pub(super) fn sites<'t>(file: &File<'t>, text: &str, known: &[Wrapper]) -> Vec<Site<'t>> {
    let has_hub = text.contains("hf_hub") || text.contains("HFClient");
    let mut out = Vec::new();
    for chain in file.chains.iter().filter(|c| !c.is_printed) {
        of_root(chain, &mut out);
        of_steps(chain, has_hub, &mut out);
        wrappers::calls(chain, known, &mut out);
    }
    out
}

fn site<'t>(chain: &Chain<'t>, kind: AssetKind, by: &str, name: &'t Part) -> Site<'t> {
    Site {
        kind,
        hub: Hub::HuggingFace,
        by: by.to_owned(),
        name,
        revision: None,
        files: Vec::new(),
        scope: chain.scope,
        span: chain.root.span,
        needs_owner: false,
        form: Form::Unknown,
    }
}

/// Whether a repository of this type holds data; none for a program.
fn type_of(node: Option<&Part>) -> Option<AssetKind> {
    match node.map(|n| &n.kind) {
        Some(Kind::Name(name)) if name.ends_with("Dataset") => Some(AssetKind::Dataset),
        Some(Kind::Name(name)) if name.ends_with("Space") => None,
        _ => Some(AssetKind::Model),
    }
}

fn of_root<'t>(chain: &Chain<'t>, out: &mut Vec<Site<'t>>) {
    let Kind::Call(function, arguments) = &chain.root.kind else { return };
    let Kind::Name(path) = &function.kind else { return };
    let mut parts = path.rsplit("::");
    let (last, owner) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let Some(first) = arguments.first() else { return };
    let step = |name: &str| chain.steps.iter().find(|s| s.name == name);
    match (owner, last) {
        ("Repo", "new" | "with_revision") => {
            let Some(kind) = type_of(arguments.get(1)) else { return };
            let form = if last == "new" { Form::Repository(path, arguments, kind) } else { Form::Unknown };
            let revision = arguments.get(2).filter(|_| last == "with_revision");
            out.push(Site { revision, form, ..site(chain, kind, &format!("Repo::{last}"), first) });
        }
        ("Repo", "model" | "dataset") => {
            let kind = if last == "model" { AssetKind::Model } else { AssetKind::Dataset };
            let form = Form::Repository(path, arguments, kind);
            out.push(Site { form, ..site(chain, kind, &format!("Repo::{last}"), first) });
        }
        (_, "from_pretrained") => {
            let is_tokenizer = owner.contains("Tokenizer") || owner.contains("Processor");
            let kind = if is_tokenizer { AssetKind::Tokenizer } else { AssetKind::Model };
            let form = match arguments.get(1) {
                Some(none) if owner == "Tokenizer" && is_nothing(none) => Form::Parameters(none.span),
                _ => Form::Unknown,
            };
            let revision = arguments.get(1).and_then(revision_of);
            let needs_owner = !is_tokenizer;
            let by = format!("{owner}::from_pretrained");
            out.push(Site { revision, form, needs_owner, ..site(chain, kind, &by, first) });
        }
        // A binding's own: `Embedder::from_pretrained_hf(kind, "org/x", ..)`; which argument is the name, its form says.
        (_, maker)
            if owner.starts_with(|c: char| c.is_ascii_uppercase())
                && (maker.starts_with("from_pretrained_") || matches!(maker, "from_hf" | "from_hub")) =>
        {
            for argument in arguments.iter().take(3) {
                let by = format!("{owner}::{maker}");
                out.push(Site { needs_owner: true, ..site(chain, AssetKind::Model, &by, argument) });
            }
        }
        (_, "new") if owner.ends_with("ModelBuilder") => {
            let by = format!("{owner}::new");
            let revision = step("with_hf_revision").and_then(|s| s.arguments.first());
            let form = Form::Builder(chain.root.span.end);
            let files = arguments.get(1).into_iter().collect();
            out.push(Site { revision, form, files, needs_owner: true, ..site(chain, AssetKind::Model, &by, first) });
        }
        (_, maker) if owner.ends_with("ModelBuilder") && maker.ends_with("_builder") => {
            if let Some(adapters) = arguments.get(1).filter(|_| owner.contains("Lora") || owner.contains("LoRA")) {
                let by = format!("{owner}::{maker}");
                out.push(Site { needs_owner: true, ..site(chain, AssetKind::Adapter, &by, adapters) });
            }
        }
        _ => {}
    }
}

/// `Some(FromPretrainedParameters { revision: x, .. })`
fn revision_of(node: &Part) -> Option<&Part> {
    match &node.kind {
        Kind::Call(_, arguments) => revision_of(arguments.first()?),
        Kind::Struct(_, fields) => fields.iter().find(|(name, _)| name == "revision").map(|(_, value)| value),
        _ => None,
    }
}

fn of_steps<'t>(chain: &Chain<'t>, has_hub: bool, out: &mut Vec<Site<'t>>) {
    for (at, step) in chain.steps.iter().enumerate() {
        let Some(first) = step.arguments.first() else { continue };
        let given = |kind, by: &str| Site { span: step.span, ..site(chain, kind, by, first) };
        match step.name {
            "model" | "dataset" if has_hub && step.arguments.len() == 1 => {
                let kind = if step.name == "model" { AssetKind::Model } else { AssetKind::Dataset };
                let later = chain.steps.get(at + 1..).unwrap_or_default();
                let files =
                    later.iter().filter(|s| matches!(s.name, "get" | "download")).filter_map(|s| s.arguments.first());
                let (files, form) = (files.collect(), Form::ModelStep(*step, kind));
                out.push(Site { files, form, ..given(kind, &format!("Api::{}", step.name)) });
            }
            "model_id" | "with_model_id" | "repo_id" | "with_repo_id" | "hf_repo" | "with_hf_repo" | "hf_model_id"
                if step.arguments.len() == 1 =>
            {
                out.push(Site { needs_owner: true, ..given(AssetKind::Model, step.name) });
            }
            "with_tokenizer_repo" | "with_tokenizer_id" | "with_tokenizer_name" => {
                out.push(Site { needs_owner: true, ..given(AssetKind::Tokenizer, step.name) });
            }
            "with_tok_model_id" => {
                out.push(Site { needs_owner: true, ..given(AssetKind::Tokenizer, step.name) });
            }
            "with_lora_adapter" | "with_lora_adapters" => {
                out.push(Site { needs_owner: true, ..given(AssetKind::Adapter, step.name) });
            }
            "agent" | "model" | "completion_model" | "embedding_model" | "embeddings" | "extractor" | "exec_chat"
            | "exec_chat_stream" | "with_model" | "set_model" => {
                out.push(Site { hub: Hub::Hosted(""), ..given(AssetKind::Model, step.name) });
            }
            _ => {}
        }
    }
}

/// Finds what one file loads.
pub(super) fn of_tree(source: &super::File<'_>, tree: &Tree, known: &[Wrapper], out: &mut FileFound) {
    let file = File::of(tree);
    let mut values = Values::new(&file);
    let mut writer = Writer { path: &source.path, text: source.text, tests: &tree.tests, out, seen: BTreeSet::new() };
    for site in sites(&file, source.text, known) {
        let names = values.elements(site.name, site.scope);
        let revisions = site.revision.map(|r| values.of(r, site.scope));
        let files: Vec<String> =
            site.files.iter().flat_map(|f| values.elements(f, site.scope)).filter_map(|l| l.text).collect();
        let files = if names.iter().filter(|n| n.text.is_some()).count() == 1 { files } else { Vec::new() };
        writer.of_site(&site, &names, revisions.as_deref(), files);
        // What a parameter brings is told where the function is called.
        let is_known = names.iter().any(|n| n.text.is_some() || is_nothing(n.node));
        let is_handed_on = names.iter().any(|n| wrappers::parameter(&file, n).is_some());
        if !is_known && !site.hub.is_hosted() && !site.needs_owner && !is_handed_on && !names.is_empty() {
            writer.unresolved(&site);
        }
    }
    addresses(&file, &mut values, &mut writer);
    if source.is_of_loader {
        tables::find(&file, &mut values, &mut writer);
    }
    fields(&file, &mut values, &mut writer);
    out.references.sort();
    out.references.dedup();
}

/// Texts that are addresses of hubs or of weights, and templates of such.
fn addresses<'t>(file: &File<'t>, values: &mut Values<'_, 't>, writer: &mut Writer<'_>) {
    for text in file.texts.iter().filter(|t| matches!(&t.kind, Kind::Text(text) if text.contains("://"))) {
        let Kind::Text(address) = &text.kind else { continue };
        if address.contains('{') {
            continue;
        }
        writer.address(address, text.span, None);
    }
    for (scope, node) in &file.templates {
        for leaf in values.of(node, *scope) {
            if let Some(address) = &leaf.text {
                writer.address(address, leaf.span(), Some(node.span));
            }
        }
    }
}

/// Names of fields that name a repository by themselves.
const FIELDS: &[(&str, AssetKind)] = &[
    ("model_id", AssetKind::Model),
    ("repo_id", AssetKind::Model),
    ("hf_repo", AssetKind::Model),
    ("hf_model_id", AssetKind::Model),
    ("hf_repo_id", AssetKind::Model),
    ("draft_model_id", AssetKind::Model),
    ("model_repo", AssetKind::Model),
    ("tok_model_id", AssetKind::Tokenizer),
    ("tokenizer_id", AssetKind::Tokenizer),
    ("tokenizer_repo", AssetKind::Tokenizer),
    ("tokenizer_name", AssetKind::Tokenizer),
    ("adapter_id", AssetKind::Adapter),
    ("dataset_id", AssetKind::Dataset),
];

/// Fields that are given a name, by a literal of a struct or by an option's default.
fn fields<'t>(file: &File<'t>, values: &mut Values<'_, 't>, writer: &mut Writer<'_>) {
    for (name, given) in &file.fields {
        let word = |word: &str| name.contains(word);
        let kind = match FIELDS.iter().find(|(known, _)| known == name) {
            Some((_, kind)) => Some(*kind),
            None if word("tokenizer") => Some(AssetKind::Tokenizer),
            None if word("adapter") || word("lora") => Some(AssetKind::Adapter),
            None if word("dataset") => Some(AssetKind::Dataset),
            None if word("model") || word("repo") => Some(AssetKind::Model),
            None => None,
        };
        let is_known = FIELDS.iter().any(|(known, _)| known == name);
        for (scope, value, is_default) in given {
            for leaf in values.of(value, *scope) {
                let Some(text) = &leaf.text else { continue };
                let place = leaf.span();
                if let (true, Some(party)) = (*name == "model" || *name == "model_name", hosted(text)) {
                    writer.plain(AssetKind::Model, Hub::Hosted(party), text, place, name, *is_default);
                }
                let Some(kind) = kind.filter(|_| is_known || *is_default) else { continue };
                if is_name(text) {
                    let by = if *is_default { format!("--{}", name.replace('_', "-")) } else { (*name).to_owned() };
                    writer.plain(kind, Hub::HuggingFace, text, place, &by, *is_default || leaf.is_default);
                }
            }
        }
    }
}

/// Whether a text may be `owner/name`.
pub(super) fn is_name(text: &str) -> bool {
    names::has_owner(text) && !is_media(text)
}

/// A kind of content, which is spelled like a name with an owner.
fn is_media(text: &str) -> bool {
    let owner = text.split('/').next().unwrap_or("");
    matches!(owner, "application" | "text" | "image" | "audio" | "video" | "multipart" | "font" | "message")
}

/// Who runs a model of this name, by how the name begins.
pub(super) fn hosted(text: &str) -> Option<&'static str> {
    const PARTIES: &[(&str, &[&str])] = &[
        (
            "openai",
            &[
                "gpt-3.5",
                "gpt-4",
                "gpt-5",
                "o1-",
                "o3-",
                "o4-",
                "text-embedding-3",
                "text-embedding-ada",
                "dall-e-",
                "tts-1",
                "whisper-1",
                "chatgpt-",
            ],
        ),
        ("anthropic", &["claude-"]),
        ("google", &["gemini-"]),
        ("mistral", &["mistral-large", "mistral-small-", "mistral-medium", "codestral-"]),
        ("cohere", &["command-r", "embed-english-v", "embed-multilingual-v"]),
        ("deepseek", &["deepseek-chat", "deepseek-reasoner"]),
        ("xai", &["grok-"]),
    ];
    let is_name =
        text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':'));
    let exact = matches!(text, "o1" | "o3" | "gpt-4").then_some("openai");
    let party = PARTIES.iter().find(|(_, starts)| starts.iter().any(|start| text.starts_with(start)));
    exact.or(party.map(|(party, _)| *party)).filter(|_| is_name && !names::is_route(text))
}

/// Writes down what a file loads.
pub(super) struct Writer<'w> {
    path: &'w Arc<str>,
    text: &'w str,
    /// Items that are built for tests alone.
    tests: &'w [Span],
    out: &'w mut FileFound,
    /// What is told already, by place and name.
    seen: BTreeSet<(u64, String)>,
}

impl Writer<'_> {
    pub(super) fn at(&self, span: Span) -> At {
        At { path: Arc::clone(self.path), span }
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range(self.text.len())).unwrap_or("")
    }

    fn of_site(&mut self, site: &Site<'_>, names: &[Leaf<'_>], revisions: Option<&[Leaf<'_>]>, files: Vec<String>) {
        for name in names {
            let Some(text) = &name.text else { continue };
            let hub = match site.hub {
                Hub::Hosted(_) => match hosted(text) {
                    Some(party) => Hub::Hosted(party),
                    None => continue,
                },
                hub => hub,
            };
            if text.contains("://") {
                let span = name.span();
                self.address(text, span, Some(site.span));
                continue;
            }
            let fits = if site.needs_owner { names::has_owner(text) } else { names::is_repository(text) };
            let fits = fits || names::is_claimable(text);
            if !hub.is_hosted() && (!fits || is_media(text)) {
                continue;
            }
            let standing = if name.is_default { Standing::Default } else { Standing::Runs };
            let mut reference = Reference::new(site.kind, hub, text.clone(), self.at(name.span()), site.by.clone());
            reference.standing = standing;
            reference.files.clone_from(&files);
            reference.files.sort();
            reference.files.dedup();
            if !site.span.contains(name.span()) {
                reference.call = Some(self.at(site.span));
            }
            let Some(revisions) = revisions else {
                reference.edit = self.edit(site, name);
                self.push(reference);
                continue;
            };
            let is_told =
                |n: &Leaf<'_>| n.text == name.text && revisions.iter().any(|r| r.text.is_some() && r.agrees(n));
            let fitting: Vec<&Leaf<'_>> = revisions.iter().filter(|r| r.agrees(name)).collect();
            let known: Vec<&Leaf<'_>> = fitting.iter().copied().filter(|r| r.text.is_some()).collect();
            let mut told = BTreeSet::new();
            for revision in &known {
                let text = revision.text.clone().unwrap_or_default();
                if told.len() < 4 && told.insert(text.clone()) {
                    let place = self.at(revision.span());
                    let mut one = reference.clone().at_revision(text, Some(place.clone()));
                    if matches!(revision.node.kind, Kind::Text(_)) {
                        one.edit = Some(RevisionEdit { at: place, before: "\"".to_owned(), after: "\"".to_owned() });
                    }
                    self.push(one);
                }
            }
            let is_none = revisions.iter().any(|r| is_nothing(r.node));
            if known.is_empty() && is_none {
                self.push(reference);
            } else if known.is_empty() && !names.iter().any(is_told) {
                let place = site.revision.map(|r| r.span);
                let text = place.map(|span| one_line(self.slice(span)));
                reference.pin = Pin::Dynamic;
                reference.revision = text;
                reference.revision_place = place.map(|span| self.at(span));
                self.push(reference);
            }
        }
    }

    /// How a commit is written into a call that has none.
    fn edit(&self, site: &Site<'_>, name: &Leaf<'_>) -> Option<RevisionEdit> {
        // A name that stands elsewhere, or one of several, is no reason to write this call anew.
        if !site.span.contains(name.span()) || name.node.span.len() > 300 {
            return None;
        }
        let kind = |kind| if kind == AssetKind::Dataset { "Dataset" } else { "Model" };
        let (span, before, after) = match site.form {
            Form::Unknown => return None,
            Form::ModelStep(step, of) => {
                let argument = self.slice(step.arguments.first()?.span);
                let argument = owned(argument);
                let before = format!("repo(hf_hub::Repo::with_revision({argument}, hf_hub::RepoType::{}, \"", kind(of));
                (step.span, before, "\".to_string()))")
            }
            Form::Repository(path, arguments, of) => {
                let start = path.rsplit_once("::").map_or("Repo", |(start, _)| start);
                let argument = owned(self.slice(arguments.first()?.span));
                let of = match arguments.get(1) {
                    Some(given) => self.slice(given.span).to_owned(),
                    None => format!("hf_hub::RepoType::{}", kind(of)),
                };
                (site.span, format!("{start}::with_revision({argument}, {of}, \""), "\".to_string())")
            }
            Form::Builder(end) => (Span { start: end, end }, ".with_hf_revision(\"".to_owned(), "\")"),
            Form::Parameters(span) => (
                span,
                "Some(tokenizers::FromPretrainedParameters { revision: \"".to_owned(),
                "\".to_string(), ..Default::default() })",
            ),
        };
        Some(RevisionEdit { at: self.at(span), before, after: after.to_owned() })
    }

    fn unresolved(&mut self, site: &Site<'_>) {
        let text = one_line(self.slice(site.name.span));
        let place = self.at(site.span);
        let loader = Loader { by: site.by.clone(), ..Loader::default() };
        self.out.unresolved.push(Unresolved { kind: site.kind, hub: site.hub, place, text, loader });
    }

    fn address(&mut self, address: &str, span: Span, call: Option<Span>) {
        let mut reference = if let Some(found) = names::of_address(address) {
            // A page for readers, unless it names a file.
            let Some(revision) = found.revision.filter(|_| found.file.is_some()) else { return };
            let mut reference = Reference::new(found.kind, found.hub, found.name, self.at(span), "address");
            reference = reference.at_revision(revision, Some(self.at(span)));
            reference.files = found.file.into_iter().collect();
            reference
        } else if names::is_weights(address) && !names::is_placeholder(address) && !is_local(address) {
            let hub = if address.starts_with("http") { Hub::Address } else { Hub::Bucket };
            Reference::new(AssetKind::Model, hub, address, self.at(span), "address")
        } else {
            return;
        };
        reference.call = call.filter(|c| !c.contains(span)).map(|c| self.at(c));
        self.push(reference);
    }

    fn plain(&mut self, kind: AssetKind, hub: Hub, name: &str, span: Span, by: &str, is_default: bool) {
        let mut reference = Reference::new(kind, hub, name, self.at(span), by);
        if is_default {
            reference.standing = Standing::Default;
        }
        self.once(reference);
    }

    /// Writes down a reference whose place is not told already.
    pub(super) fn once(&mut self, reference: Reference) {
        if !self.seen.contains(&(reference.place.span.start, reference.name.clone())) {
            self.push(reference);
        }
    }

    fn push(&mut self, mut reference: Reference) {
        let at = reference.call.as_ref().map_or(reference.place.span, |call| call.span);
        reference.is_of_tests = self.tests.iter().any(|item| item.contains(at));
        self.seen.insert((reference.place.span.start, reference.name.clone()));
        self.out.references.push(reference);
    }
}

/// An address of this machine or of an example.
fn is_local(address: &str) -> bool {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or("");
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "")
        || host.starts_with("example.")
        || address.starts_with("file:")
}

/// The text of a String in code: `"x"` becomes one.
fn owned(argument: &str) -> String {
    if argument.starts_with('"') && argument.ends_with('"') {
        format!("{argument}.to_string()")
    } else {
        argument.to_owned()
    }
}

/// A text on one line, cut.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(120).collect()
}
