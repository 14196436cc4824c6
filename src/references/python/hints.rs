//! References that are known by what a text is given to, where no call of a loader can be followed: a constant
//! `MODEL_ID`, a keyword `model_name_or_path`, an address of weights.

mod uses;

use super::apart::is_apart;
use super::calls::{Looker, pin_in};
use super::evaluate::given;
use super::hosted;
use super::known::{is_data, is_other, is_packed_weights, is_test};
use super::loaders::NOWHERE;
use super::program::{Here, Site};
use super::scope::{How, Literal};
use super::texts::UNKNOWN;
use super::understand::{Meant, address};
use super::value::{Text, Value};
use crate::parse::python::{Expression, Kind, Made, Piece};
use crate::references::names;
use crate::references::{AssetKind, At, Hub, Loader, Pin, Reference, Standing};

/// Words that say that something is written to a hub, shown or compared rather than loaded.
const NOT: &[&str] = &[
    "hub_",
    "push",
    "upload",
    "target",
    "output",
    "save",
    "dest",
    "space",
    "url",
    "title",
    "display",
    "label",
    "description",
    "help",
    "class",
    "type",
    "revision",
    "served",
    "alias",
    "short",
    "pretty",
    "mime",
    "content",
    "path_in",
    "license",
    "author",
    "hash",
    "docs",
    "timezone",
    "image_name",
    "docker",
    "repository_url",
    "prompt",
    "license",
    "architecture",
    "for_doc",
    "archive",
    "allowed",
    "supported",
    "known",
    "format",
    "file",
    "dir",
    "folder",
    "log",
    "project",
    "user",
    "source_code",
    // Where results are put to, and the name under which one's own interface answers.
    "metadata",
    "result",
    "leaderboard",
    "wandb",
    "api_model",
];

/// What a name says that a text beside it is.
pub(super) fn kind_of(name: &str) -> Option<AssetKind> {
    let lower = name.trim_start_matches('-').replace('-', "_").to_ascii_lowercase();
    let is_not = NOT.iter().any(|word| lower.contains(word));
    if lower.is_empty() || is_not {
        return None;
    }
    let lower = lower.strip_suffix('s').filter(|one| !one.ends_with('s')).unwrap_or(&lower);
    let ends = |all: &[&str]| all.iter().any(|end| lower.ends_with(end));
    let has = |word: &str| lower.contains(word);
    let is_name =
        ends(&["_id", "_name", "_name_or_path", "_path", "_repo", "repo_id", "_checkpoint", "_ckpt", "_model"]);
    match () {
        () if has("dataset") && (is_name || lower == "dataset") => Some(AssetKind::Dataset),
        () if (has("tokenizer") || lower.starts_with("tok_")) && (is_name || lower == "tokenizer") => {
            Some(AssetKind::Tokenizer)
        }
        () if (has("lora") || has("adapter") || has("peft")) && (is_name || ends(&["_addr"])) => {
            Some(AssetKind::Adapter)
        }
        () if has("kernel") && ends(&["_repo", "repo_id"]) => Some(AssetKind::Kernel),
        () if matches!(lower, "repo_id" | "hf_repo" | "checkpoint") => Some(AssetKind::Model),
        () if has("model") && (is_name || ends(&["model"])) => Some(AssetKind::Model),
        () if has("pretrained") || has("checkpoint") || has("encoder") && is_name => Some(AssetKind::Model),
        () if ends(&["_llm", "_vlm", "_embedder", "_reranker"]) => Some(AssetKind::Model),
        () => None,
    }
}

/// Whether a name says that what it holds is a model.
fn says_model(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["llm", "model", "embed", "rerank", "chat"].iter().any(|word| lower.contains(word))
        && !NOT.iter().any(|word| lower.contains(word))
}

/// Uses of a variable that are looked at.
const MOST_USES: usize = 64;
/// Longest text that is looked at by itself.
const LONGEST: usize = 512;

/// Beginnings of addresses of files on a hub.
const HUBS: &[&str] = &["https://huggingface.co/", "https://hf.co/", "https://hf-mirror.com/", "hf://"];

/// Calls whose arguments are written, shown or compared.
const WRITERS: &[&str] = &[
    "push_to_hub",
    "create_repo",
    "upload_file",
    "upload_folder",
    "delete_repo",
    "ModelCard",
    "print",
    "info",
    "warning",
    "debug",
    "error",
    "Button",
    "Markdown",
    "startswith",
    "endswith",
    "assertEqual",
    "try_to_load_from_cache",
    "scan_cache_dir",
    "create_commit",
    "super_squash_history",
    "login",
    "TrainingArguments",
    "load_tool",
    "from_space",
    "assert_called_with",
    "assert_called_once_with",
    "parametrize",
    "ModelInfo",
    "register",
    "register_model",
    "Mock",
    "MagicMock",
    "patch",
    "update_repo_visibility",
    "move_repo",
];

impl<'p, 't> Looker<'p, 't, '_> {
    /// Looks at all texts.
    pub(super) fn literals(&mut self) {
        let scopes = self.scopes();
        /// Texts of a module that may be revisions of others by default.
        const MOST_REVISIONS: usize = 64;
        let is_revision = |literal: &Literal<'t>| {
            let is_option = |call: usize| {
                let mut texts = scopes.calls[call].arguments.iter().filter_map(|a| a.value.as_text());
                texts.any(|text| text.text.starts_with("--") && text.text.ends_with("revision"))
            };
            literal.to.ends_with("revision") || literal.to == "default" && literal.call.is_some_and(is_option)
        };
        let revisions = (0..scopes.literals.len()).filter(|number| is_revision(&scopes.literals[*number]));
        self.revisions = revisions.take(MOST_REVISIONS).collect();
        for literal in &scopes.literals {
            if !self.ask() {
                break;
            }
            self.eval.frames.clear();
            match &literal.text.kind {
                Kind::Text(text) if text.text.len() <= LONGEST => self.literal(literal, &text.text),
                Kind::Made(Made::Template(pieces), parts) => {
                    self.template(literal, pieces);
                    self.command_of(literal, pieces, parts);
                }
                _ => {}
            }
        }
    }

    fn literal(&mut self, literal: &Literal<'t>, text: &str) {
        if text.contains("://") && !text.contains(' ') {
            return self.address(literal, text);
        }
        if text.contains(" --") || text.starts_with("--") {
            return self.command(literal, text);
        }
        // `"EMBEDDING": "openai:text-embedding-3-small"`: a setting of what asks one party or another.
        if let Some((party, rest)) = hosted::provider_of(text)
            && hosted::party_of(rest).is_some()
            && says_model(literal.to)
            && !self.is_test()
            && !self.is_written(literal)
        {
            let found = Meant::of(Hub::Hosted(party), rest);
            return self.hint(literal, found, AssetKind::Model, Standing::Default, literal.to);
        }
        let Some(kind) = kind_of(literal.to) else {
            return self.option(literal, text);
        };
        if self.is_written(literal) {
            return;
        }
        let standing = if literal.how == How::Default { Standing::Default } else { Standing::Runs };
        if let Some(found) = self.running(literal, text) {
            return self.hint(literal, found, kind, standing, literal.to);
        }
        if self.is_no_model(literal) {
            return;
        }
        let is_old = literal.how != How::Entry && super::understand::is_old(text) && is_firm(literal.to);
        if !(names::has_owner(text) || is_old && names::is_repository(text)) || (self.is_there)(text) || is_other(text)
        {
            return;
        }
        self.hint(literal, Meant::of(Hub::HuggingFace, text), kind, standing, literal.to);
    }

    /// The name of a model that somebody else runs, or that a server on this machine does.
    fn running(&mut self, literal: &Literal<'t>, text: &str) -> Option<Meant> {
        if !hosted::is_name(text) || text.contains('/') && hosted::route_of(text).is_none() || self.is_test() {
            return None;
        }
        // `openai:gpt-4.1` is said to frameworks of agents, whatever it is called there.
        if let Some((party, rest)) = hosted::provider_of(text) {
            return Some(Meant::of(Hub::Hosted(party), rest));
        }
        let is_key = ["model", "model_name", "model_id"].iter().any(|end| {
            let lower = literal.to.to_ascii_lowercase();
            lower.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        });
        if !is_key {
            return None;
        }
        // The whole module is looked through.
        let length = self.scopes().module.text.len();
        if literal.how == How::Assigned && self.eval.step(length / 64) && self.is_label(literal.to) {
            return None;
        }
        let is_big = |party: &&'static str| matches!(*party, "openai" | "anthropic" | "google" | "bedrock");
        // `anthropic/claude-x` is said to a router.
        let of_route = hosted::route_of(text)
            .filter(|(_, rest)| literal.how == How::Entry || hosted::party_of(rest).is_some_and(|p| is_big(&p)));
        let known =
            hosted::party_of(text).filter(is_big).or(of_route.map(|(route, _)| route)).or_else(|| hosted::routed(text));
        if let Some(party) = known {
            return Some(Meant::of(Hub::Hosted(party), text));
        }
        // A server of Ollama listens there.
        let is_ollama = self.scopes().module.text.contains("11434") && literal.how != How::Assigned;
        if !is_ollama || text.contains('/') || !text.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let (name, tag) = text.split_once(':').map_or((text, None), |(name, tag)| (name, Some(tag.to_owned())));
        Some(Meant { revision: tag, ..Meant::of(Hub::Ollama, name) })
    }

    /// Whether a variable is put into records only: `{"model_id": MODEL_ID}`.
    fn is_label(&self, name: &str) -> bool {
        let text = &self.scopes().module.text;
        let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.');
        let bytes = text.as_bytes();
        let mut uses = 0;
        for (at, _) in text.match_indices(name).take(MOST_USES) {
            let end = at + name.len();
            if is_word(at.checked_sub(1).and_then(|before| bytes.get(before))) || is_word(bytes.get(end)) {
                continue;
            }
            let behind = text.get(end..).unwrap_or("").trim_start_matches(' ');
            let is_set = behind.starts_with('=') && !behind.starts_with("==");
            if is_set {
                continue;
            }
            uses += 1;
            let before = text.get(..at).unwrap_or("").trim_end_matches(' ');
            let key = before.strip_suffix(':').map(|b| b.trim_end_matches(['"', '\'']));
            let key = key.filter(|key| before.len() - 1 > key.len()).and_then(|key| key.rsplit(['"', '\'']).next());
            if !key
                .is_some_and(|key| key.len() < 40 && !matches!(key, "model" | "model_name" | "engine" | "deployment"))
            {
                return false;
            }
        }
        uses > 0
    }

    /// Whether the module is one of tests, whose names are often made up.
    fn is_test(&self) -> bool {
        is_test(&self.scopes().module.path)
    }

    /// `".. --model owner/name .."`.
    fn command(&mut self, literal: &Literal<'t>, text: &str) {
        let mut option = "";
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let value = value.unwrap_or(word);
            let by = if word.starts_with("--") { name } else { option };
            if !value.starts_with('-')
                && let Some(kind) = kind_of(by).filter(|_| by.starts_with("--"))
                && names::has_owner(value)
                && !(self.is_there)(value)
                && !is_other(value)
                && !self.is_written(literal)
            {
                self.hint(literal, Meant::of(Hub::HuggingFace, value), kind, Standing::Runs, by);
            }
            option = word;
        }
    }

    /// `f".. --model {name} .."`.
    fn command_of(&mut self, literal: &Literal<'t>, pieces: &'t [Piece], parts: &'t [Expression]) {
        let here = Here { module: self.index, scope: literal.scope, block: literal.block };
        for pair in pieces.windows(2) {
            let [Piece::Text(before, _), Piece::Value(number)] = pair else { continue };
            let option = before.trim_end_matches([' ', '=', '"', '\'']);
            let option = option.rsplit(char::is_whitespace).next().unwrap_or("");
            let Some(kind) = kind_of(option).filter(|_| option.starts_with("--")) else { continue };
            let Some(part) = parts.get(*number) else { continue };
            for text in self.eval.eval(part, here).texts().cloned().collect::<Vec<_>>() {
                // A name that is made of parts has callers that are told apart by what it is joined with.
                if names::has_owner(&text.text)
                    && self.is_written_out(&text)
                    && !(self.is_there)(&text.text)
                    && !is_other(&text.text)
                {
                    let place = self.program.modules[text.module].module.at(text.span);
                    let mut out = Reference::new(kind, Hub::HuggingFace, text.text.clone(), place, option);
                    out.standing = text.standing;
                    out.call = Some(self.scopes().module.at(literal.text.span));
                    self.out.hints.push(out);
                }
            }
        }
        for piece in pieces {
            if let Piece::Text(text, _) = piece
                && text.contains("--")
            {
                self.command(literal, text);
            }
        }
    }

    /// The default of an option, a field or a setting that is named so.
    fn option(&mut self, literal: &Literal<'t>, text: &str) {
        if !matches!(literal.to, "default" | "") || text.len() > 96 {
            return;
        }
        let Some(number) = literal.call else { return };
        let call = &self.scopes().calls[number];
        let first = || call.arguments.iter().filter_map(|a| a.value.as_text()).find(|t| t.text.starts_with("--"));
        let name = match call.function.last_name() {
            Some("add_argument" | "option" | "Option") if literal.to == "default" => first().map(|t| t.text.as_str()),
            // `os.environ.get("MODEL_ID", "org/name")`.
            Some("get" | "getenv" | "pop" | "setdefault" | "config" | "env" | "str") => {
                let key = call.arguments.first().and_then(|a| a.value.as_text());
                let is_second = call.arguments.get(1).is_some_and(|a| a.value.span == literal.text.span);
                key.filter(|_| is_second || literal.to == "default").map(|t| t.text.as_str())
            }
            _ => None,
        };
        let Some(name) = name else { return };
        let name = name.trim_start_matches('-').replace('-', "_");
        let Some(kind) = kind_of(&name) else { return };
        let hosted = hosted::party_of(text).filter(|_| !self.is_test() && !text.contains('/'));
        let found = match hosted {
            Some(party) if matches!(party, "openai" | "anthropic" | "google") => Meant::of(Hub::Hosted(party), text),
            _ if names::has_owner(text) && !(self.is_there)(text) && !is_other(text) => {
                Meant::of(Hub::HuggingFace, text)
            }
            _ => return,
        };
        self.hint(literal, found, kind, Standing::Default, &name);
    }

    /// An address of weights, or of a file on a hub.
    fn address(&mut self, literal: &Literal<'t>, text: &str) {
        let text = text.trim();
        if text.contains(char::is_whitespace) || names::is_placeholder(text) || self.is_compared(literal) {
            return;
        }
        let is_hf = text.starts_with("hf://");
        if let Some(mut found) = address(text) {
            if found.name.contains(UNKNOWN) {
                return;
            }
            found.file = found.file.filter(|file| !file.contains(UNKNOWN));
            let is_dynamic = found.revision.as_ref().is_some_and(|revision| revision.contains(UNKNOWN));
            if is_dynamic {
                found.revision = None;
            }
            let is_resolved = is_dynamic || found.revision.is_some();
            let from = self.out.hints.len();
            let is_file = found.file.is_some() || is_resolved || text.contains("/api/");
            let is_loaded = is_hf || text.contains("/resolve/") || text.contains("/raw/") || text.contains("/api/");
            let is_bucket = found.hub == Hub::Bucket && names::is_weights(text);
            let is_named = kind_of(literal.to).is_some() && is_firm(literal.to) && !self.is_written(literal);
            let is_named = is_named || (found.kind == Some(AssetKind::Dataset) && self.is_fetched(literal));
            let is_picture = [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp4", ".wav", ".mp3", ".md", ".html"]
                .iter()
                .any(|end| text.to_ascii_lowercase().ends_with(end));
            if !is_picture && ((is_loaded && (is_file || is_hf)) || is_bucket || is_named) {
                let kind = found.kind.unwrap_or(AssetKind::Model);
                self.hint(literal, found, kind, Standing::Runs, literal.to);
            }
            for hint in self.out.hints.iter_mut().skip(from).filter(|_| is_dynamic) {
                hint.pin = Pin::Dynamic;
            }
            return;
        }
        if names::is_weights(text) && text.starts_with("http") {
            let found = Meant { hub: Hub::Address, name: text.to_owned(), kind: None, revision: None, file: None };
            self.hint(literal, found, AssetKind::Model, Standing::Runs, literal.to);
        } else if is_data(text) {
            self.hint(literal, Meant::of(Hub::Address, text), AssetKind::Dataset, Standing::Runs, literal.to);
        } else if is_packed_weights(text, literal.to) {
            self.hint(literal, Meant::of(Hub::Address, text), AssetKind::Model, Standing::Runs, literal.to);
        }
    }

    /// `f"https://huggingface.co/{repo}/resolve/main/{file}"`.
    fn template(&mut self, literal: &Literal<'t>, pieces: &'t [Piece]) {
        let here = Here { module: self.index, scope: literal.scope, block: literal.block };
        let is_hub = |text: &str| HUBS.iter().any(|start| text.starts_with(start.trim_end_matches('/')));
        let starts = match (pieces.first(), &literal.text.kind) {
            (Some(Piece::Text(first, _)), _) => is_hub(first),
            // `f"{base}/{repo}/resolve/{revision}/{file}"`.
            (Some(Piece::Value(number)), Kind::Made(_, parts)) => {
                let has_slash = matches!(pieces.get(1), Some(Piece::Text(next, _)) if next.starts_with('/'));
                has_slash
                    && parts
                        .get(*number)
                        .is_some_and(|part| self.eval.eval(part, here).texts().any(|t| is_hub(&t.text)))
            }
            _ => false,
        };
        if !starts {
            return;
        }
        // Parts of it that nobody knows, as files and splits, leave the name what it is.
        self.eval.marks = true;
        let all = self.variants(literal.text, here);
        self.eval.marks = false;
        let mut texts: Vec<(String, Option<At>)> = Vec::new();
        for set in &all {
            for text in set.texts() {
                // The name is written where a caller gives it, where it does not stand in the template.
                let name = address(&text.text).map(|found| found.name);
                let fixed: String =
                    pieces.iter().map(|p| if let Piece::Text(t, _) = p { t.as_str() } else { "\n" }).collect();
                let given = name.filter(|name| !fixed.contains(name.as_str()));
                let is_given = given.is_some();
                let place = given.and_then(|name| self.written_as(&name, literal, here));
                // A name that is made of parts, in an address that is made of parts, is too much of a guess.
                let is_loose = text.text.contains(UNKNOWN) || matches!(pieces.first(), Some(Piece::Value(_)));
                if is_given && place.is_none() && is_loose {
                    continue;
                }
                texts.push((text.text.clone(), place));
            }
        }
        texts.sort();
        texts.dedup();
        if texts.is_empty() {
            // What is fixed may name it already.
            let fixed = pieces.iter().map_while(|p| if let Piece::Text(t, _) = p { Some(t.as_str()) } else { None });
            texts.push((fixed.collect::<String>().trim_end_matches('/').to_owned(), None));
        }
        for (text, place) in texts {
            let from = self.out.hints.len();
            self.address(literal, &text);
            for hint in self.out.hints.iter_mut().skip(from) {
                if let Some(place) = &place {
                    // What a test gives to the product stands where the test says it.
                    let is_apart = is_apart(&place.path) && !is_apart(&hint.place.path);
                    hint.call = (!is_apart).then(|| hint.place.clone());
                    hint.place.clone_from(place);
                }
            }
        }
    }

    /// Whether a text stands in the code as it is, and is not made of parts.
    fn is_written_out(&self, text: &Text) -> bool {
        let module = self.program.modules[text.module].module;
        module.text.get(text.span.range(module.text.len())).is_some_and(|written| written.contains(&text.text))
    }

    /// Where the name that a part of a template gives is written.
    fn written_as(&mut self, name: &str, literal: &Literal<'t>, here: Here) -> Option<At> {
        let Kind::Made(Made::Template(_), parts) = &literal.text.kind else { return None };
        for part in parts {
            let all = self.variants(part, here);
            let found = all.iter().flat_map(|set| set.texts()).find(|text| text.text == name).cloned();
            if let Some(text) = found.filter(|text| self.is_written_out(text)) {
                return Some(self.program.modules[text.module].module.at(text.span));
            }
        }
        None
    }

    fn hint(&mut self, literal: &Literal<'t>, found: Meant, kind: AssetKind, standing: Standing, by: &str) {
        let scopes = self.scopes();
        if self.program.is_patched_at(self.index, literal.text.span) {
            return;
        }
        let place = scopes.module.at(literal.text.span);
        let kind = if self.is_kernel(literal) { AssetKind::Kernel } else { kind };
        let mut out = Reference::new(kind, found.hub, found.name, place, by);
        out.standing = standing;
        out.files.extend(found.file);
        if let Some(revision) = found.revision {
            let place = out.place.clone();
            out = out.at_revision(revision, Some(place));
            out.pin = pin_in(&out);
        } else if let Some(number) = literal.call {
            // `wrapper(model_id="org/name", revision="..")`.
            let call = &scopes.calls[number];
            let here = Here { module: self.index, scope: literal.scope, block: literal.block };
            let site = Site { arguments: call.arguments, here, made: None };
            for keyword in ["revision", "model_revision"] {
                let Some(written) = given(call.arguments, keyword, NOWHERE) else { continue };
                let set = self.eval.argument(site, keyword, NOWHERE).unwrap_or_default();
                let texts: Vec<_> = set.texts().collect();
                match texts.as_slice() {
                    [one] => {
                        let at = self.program.modules[one.module].module.at(one.span);
                        out = out.at_revision(one.text.clone(), Some(at));
                    }
                    [] if set.values.iter().any(|v| matches!(v, Value::Nothing)) => {}
                    _ => {
                        out.pin = Pin::Dynamic;
                        out.revision = Some(scopes.module.shown(written.value.span));
                        out.revision_place = Some(scopes.module.at(written.value.span));
                    }
                }
            }
            let by = call.function.last_name().unwrap_or(by);
            out.loader = Loader { by: by.to_owned(), ..Loader::default() };
        }
        if out.revision.is_none()
            && out.pin == Pin::None
            && let Some((revision, at)) = self.beside(literal)
        {
            out = out.at_revision(revision, Some(at));
        }
        self.out.hints.push(out);
    }

    /// The value of another key of the dictionary that a text is a value of, where both are texts.
    fn sibling(&self, literal: &Literal<'t>, fits: impl Fn(&str) -> bool) -> Option<&'p Literal<'t>> {
        /// Entries that are looked at on either side.
        const NEAR: usize = 6;
        if literal.how != How::Entry {
            return None;
        }
        let scopes = self.scopes();
        let at = scopes.number_at(literal.text.span)?;
        let near = scopes.literals.get(at.saturating_sub(NEAR)..).unwrap_or_default().iter().take(2 * NEAR + 1);
        let is_beside = |other: &&Literal<'t>| {
            let (a, b) = (literal.text.span, other.text.span);
            let between = if a.start < b.start { a.end..b.start } else { b.end..a.start };
            let between = usize::try_from(between.start).ok().zip(usize::try_from(between.end).ok());
            let text = between.and_then(|(start, end)| scopes.module.text.get(start..end)).unwrap_or("{");
            other.how == How::Entry && other.scope == literal.scope && a != b && !text.contains(['{', '}'])
        };
        near.filter(|other| fits(other.to)).find(is_beside)
    }

    /// Whether a `repo_id` stands in a mapping of kernels: beside the name of a layer, or beside a revision in a
    /// function that says it is about kernels.
    fn is_kernel(&self, literal: &Literal<'t>) -> bool {
        if literal.to != "repo_id" || literal.how != How::Entry {
            return false;
        }
        let is_of_kernels = self.scopes().scopes[literal.scope].name.to_ascii_lowercase().contains("kernel");
        self.sibling(literal, |to| to == "layer_name" || is_of_kernels && to == "revision").is_some()
    }

    /// What a revision beside a default is by default: of the same command line, class or function.
    fn beside(&self, literal: &Literal<'t>) -> Option<(String, At)> {
        let scopes = self.scopes();
        if literal.to == "repo_id"
            && let Some(beside) = self.sibling(literal, |to| to == "revision")
        {
            let text = beside.text.as_text()?.text.clone();
            return Some((text, scopes.module.at(beside.text.span)));
        }
        if literal.how != How::Default && literal.to != "default" {
            return None;
        }
        let of_option = |literal: &Literal<'t>| -> Option<String> {
            let call = &scopes.calls[literal.call?];
            let names = call.arguments.iter().filter_map(|a| a.value.as_text());
            let name = names.map(|t| t.text.as_str()).find(|t| t.starts_with("--"))?;
            Some(name.trim_start_matches('-').replace('-', "_"))
        };
        let is_option = literal.to == "default";
        let own = if is_option { of_option(literal)? } else { literal.to.to_owned() };
        let prefix = own.split('_').next().unwrap_or("");
        let fits = |name: &str| name == "revision" || name.strip_suffix("_revision") == Some(prefix);
        self.revisions.iter().find_map(|number| {
            let other = &scopes.literals[*number];
            let is_beside =
                other.scope == literal.scope && other.block == literal.block && other.to != literal.to || is_option;
            let is_default = other.how == How::Default || is_option && other.to == "default";
            let name = if is_option { of_option(other)? } else { other.to.to_owned() };
            let text = other.text.as_text().filter(|_| is_beside && is_default && fits(&name))?;
            Some((text.text.clone(), scopes.module.at(other.text.span)))
        })
    }
}

/// Whether a function looks at what it is given, by its name: `check_address`, `is_valid`, `assertEqual`.
fn compares(name: &str) -> bool {
    const STARTS: &[&str] = &["assert", "check", "is_", "parse", "validate"];
    const LOADS: &[&str] = &["download", "fetch", "load", "get"];
    let name = name.trim_start_matches('_');
    let is_whole = matches!(name, "startswith" | "endswith" | "urlparse" | "urlsplit" | "match" | "fullmatch");
    is_whole || STARTS.iter().any(|start| name.starts_with(start)) && !LOADS.iter().any(|word| name.contains(word))
}

/// Names that are given to nothing else than models of hubs.
fn is_firm(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["model_id", "name_or_path", "repo_id", "hf_model", "model_name", "base_model"]
        .iter()
        .any(|end| lower.ends_with(end))
}
