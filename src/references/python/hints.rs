//! References that are known by what a text is given to, where no call of a loader can be followed: a constant
//! `MODEL_ID`, a keyword `model_name_or_path`, an address of weights.

use super::calls::Looker;
use super::evaluate::given;
use super::loaders::{NOWHERE, Names};
use super::program::{Here, Site};
use super::scope::{How, Literal};
use super::understand::{Meant, address};
use super::value::Value;
use crate::parse::python::{Kind, Made, Piece};
use crate::references::names;
use crate::references::{AssetKind, Hub, Loader, Reference, Standing};

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
    "tag",
    "format",
    "file",
    "dir",
    "folder",
    "log",
    "project",
    "user",
    "source_code",
];

/// What a name says that a text beside it is.
pub(super) fn kind_of(name: &str) -> Option<AssetKind> {
    let lower = name.to_ascii_lowercase();
    let is_not = NOT.iter().any(|word| lower.contains(word));
    if lower.is_empty() || is_not {
        return None;
    }
    let ends = |all: &[&str]| all.iter().any(|end| lower.ends_with(end));
    let has = |word: &str| lower.contains(word);
    let is_name =
        ends(&["_id", "_name", "_name_or_path", "_path", "_repo", "repo_id", "_checkpoint", "_ckpt", "_model"]);
    match () {
        () if has("dataset") && (is_name || lower == "dataset") => Some(AssetKind::Dataset),
        () if has("tokenizer") && (is_name || lower == "tokenizer") => Some(AssetKind::Tokenizer),
        () if (has("lora") || has("adapter")) && is_name => Some(AssetKind::Adapter),
        () if has("kernel") && ends(&["_repo", "repo_id"]) => Some(AssetKind::Kernel),
        () if lower == "repo_id" || lower == "repo" || lower == "hf_repo" || lower == "checkpoint" => {
            Some(AssetKind::Model)
        }
        () if has("model") && (is_name || ends(&["model"])) => Some(AssetKind::Model),
        () if has("pretrained") || has("checkpoint") || has("encoder") && is_name => Some(AssetKind::Model),
        () if ends(&["_llm", "_vlm", "_embedder", "_reranker"]) => Some(AssetKind::Model),
        () => None,
    }
}

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

impl<'t> Looker<'_, 't, '_> {
    /// Looks at all texts.
    pub(super) fn literals(&mut self) {
        let scopes = self.scopes();
        for literal in &scopes.literals {
            if !self.ask() {
                break;
            }
            self.eval.frames.clear();
            match &literal.text.kind {
                Kind::Text(text) if text.text.len() <= 512 => self.literal(literal, &text.text),
                Kind::Made(Made::Template(pieces), _) => self.template(literal, pieces),
                _ => {}
            }
        }
    }

    fn literal(&mut self, literal: &Literal<'t>, text: &str) {
        if text.contains("://") {
            return self.address(literal, text);
        }
        let Some(kind) = kind_of(literal.to) else {
            return self.option(literal, text);
        };
        let is_writer = literal.call.is_some_and(|call| {
            let call = &self.scopes().calls[call];
            call.function.last_name().is_some_and(|name| WRITERS.contains(&name))
        });
        if is_writer || !names::has_owner(text) || (self.is_there)(text) || is_other(text) {
            return;
        }
        let standing = if literal.how == How::Default { Standing::Default } else { Standing::Runs };
        let found = Meant { hub: Hub::HuggingFace, name: text.to_owned(), kind: None, revision: None, file: None };
        self.hint(literal, found, kind, standing, literal.to);
    }

    /// The default of an option, a field or a setting that is named so.
    fn option(&mut self, literal: &Literal<'t>, text: &str) {
        if !names::has_owner(text) || (self.is_there)(text) || is_other(text) || !matches!(literal.to, "default" | "") {
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
        if let Some(kind) = kind_of(&name) {
            let found = Meant { hub: Hub::HuggingFace, name: text.to_owned(), kind: None, revision: None, file: None };
            self.hint(literal, found, kind, Standing::Default, &name);
        }
    }

    /// An address of weights, or of a file on a hub.
    fn address(&mut self, literal: &Literal<'t>, text: &str) {
        let text = text.trim();
        if text.contains(char::is_whitespace) || names::is_placeholder(text) {
            return;
        }
        let is_hf = text.starts_with("hf://");
        if let Some(found) = address(text) {
            let is_file = found.file.is_some() || found.revision.is_some();
            let is_loaded = is_hf || text.contains("/resolve/") || text.contains("/raw/");
            let is_bucket = found.hub == Hub::Bucket && is_weights_name(text);
            if (is_loaded && (is_file || is_hf)) || is_bucket {
                let kind = found.kind.unwrap_or(AssetKind::Model);
                self.hint(literal, found, kind, Standing::Runs, literal.to);
            }
            return;
        }
        if names::is_weights(text) && text.starts_with("http") {
            let found = Meant { hub: Hub::Address, name: text.to_owned(), kind: None, revision: None, file: None };
            self.hint(literal, found, AssetKind::Model, Standing::Runs, literal.to);
        }
    }

    /// `f"https://huggingface.co/{repo}/resolve/main/{file}"`.
    fn template(&mut self, literal: &Literal<'t>, pieces: &'t [Piece]) {
        let Some(Piece::Text(first, _)) = pieces.first() else { return };
        let is_hub = ["https://huggingface.co/", "https://hf.co/", "https://hf-mirror.com/", "hf://"]
            .iter()
            .any(|start| first.starts_with(start));
        if !is_hub {
            return;
        }
        let here = Here { module: self.index, scope: literal.scope, block: literal.block };
        let set = self.eval.eval(literal.text, here);
        let mut texts: Vec<String> = set.texts().map(|t| t.text.clone()).collect();
        if texts.is_empty() {
            // What is fixed may name it already.
            let fixed = pieces.iter().map_while(|p| if let Piece::Text(t, _) = p { Some(t.as_str()) } else { None });
            texts.push(fixed.collect::<String>().trim_end_matches('/').to_owned());
        }
        for text in texts {
            self.address(literal, &text);
        }
    }

    fn hint(&mut self, literal: &Literal<'t>, found: Meant, kind: AssetKind, standing: Standing, by: &str) {
        let scopes = self.scopes();
        let place = scopes.module.at(literal.text.span);
        let mut out = Reference::new(kind, found.hub, found.name, place, by);
        out.standing = standing;
        out.files.extend(found.file);
        if let Some(revision) = found.revision {
            let place = out.place.clone();
            out = out.at_revision(revision, Some(place));
        } else if let Some(number) = literal.call {
            // `wrapper(model_id="org/name", revision="..")`.
            let call = &scopes.calls[number];
            let here = Here { module: self.index, scope: literal.scope, block: literal.block };
            let site = Site { arguments: call.arguments, here };
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
                        out.pin = crate::references::Pin::Dynamic;
                        out.revision = Some(scopes.module.shown(written.value.span));
                        out.revision_place = Some(scopes.module.at(written.value.span));
                    }
                }
            }
            let by = call.function.last_name().unwrap_or(by);
            out.loader = Loader { by: by.to_owned(), ..Loader::default() };
        }
        self.out.hints.push(out);
    }
}

/// Whether a text with a slash is something else than a name of a hub.
fn is_other(text: &str) -> bool {
    const FIRST: &[&str] = &[
        "application",
        "text",
        "image",
        "audio",
        "video",
        "multipart",
        "and",
        "or",
        "n",
        "on",
        "yes",
        "utf-8",
        "http",
        "https",
        "api",
        "v1",
        "America",
        "Europe",
        "Asia",
        "input",
        "inputs",
    ];
    let first = text.split('/').next().unwrap_or("");
    FIRST.contains(&first)
        || super::hosted::route_of(text)
            .is_some_and(|(route, _)| route != "google" && route != "openai" && route != "nvidia")
}

fn is_weights_name(text: &str) -> bool {
    names::is_weights(text)
}

/// What heuristics need of the rules for names.
#[allow(dead_code, reason = "kept beside the table it belongs to")]
const HOW: Names = Names::OwnedHub;
