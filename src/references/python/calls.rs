//! From calls of loaders to references: which names they are given, with which revision, by whom.

use std::collections::BTreeSet;
use std::collections::HashMap;

mod shape;

use self::shape::{has_digest, is_torch_load, is_true, may_load, shown_of};
pub(super) use self::shape::{is_firmer, is_look};
use super::evaluate::{Evaluator, given};
use super::loaders::{self, NOWHERE, Named, Names, Row};
use super::pairs;
use super::program::{Here, Id, Program, Site};
use super::scope::{Call, Scopes, What};
use super::understand::{Meant, may_be_either, meant};
use super::value::{Set, Text, Value};
use crate::parse::python::{Argument, Expression, Kind};
use crate::references::names;
use crate::references::names::pin_of;
use crate::references::{AssetKind, At, Hub, Loader, Pin, Reference, RevisionEdit, Said, Unresolved};
use crate::source::Span;

/// Steps that one question may take.
const STEPS: usize = 3_000;
/// Steps that it may take to find out what is called.
const TO_NAME: usize = 200;
/// Steps that the questions of a module may take together, and as many more for each of its bytes.
const OF_MODULE: usize = 40_000;
/// Those for each byte.
const OF_BYTE: usize = 6;
/// Times that one call is looked at, for the callers of what it stands in.
const MOST_LOOKS: usize = 96;
/// Callers of callers that are told apart.
const DEEPEST: usize = 4;

/// What a module loads.
#[derive(Debug, Default)]
pub(in crate::references) struct Outcome {
    /// References by calls of loaders.
    pub references: Vec<Reference>,
    /// References by what things are named; they count where no call says more.
    pub hints: Vec<Reference>,
    /// Calls whose names are not known.
    pub unresolved: Vec<Unresolved>,
    /// Numbers of files that were named and not read.
    pub wanted: Vec<usize>,
    /// Functions and classes whose callers matter.
    pub wrappers: Vec<String>,
    /// Whether it was too much to follow.
    pub is_spent: bool,
    /// Whether the look at it failed.
    pub is_failed: bool,
}

/// Looks through one module.
pub(super) struct Looker<'p, 't, 'a> {
    pub(super) eval: Evaluator<'p, 't>,
    pub(super) program: &'p Program<'t>,
    pub(super) index: usize,
    pub(super) is_there: &'a dyn Fn(&str) -> bool,
    pub(super) out: Outcome,
    left: usize,
    /// Numbers of the texts that are revisions by default.
    pub(super) revisions: Vec<usize>,
    /// What loads the result of a call, by the bytes of that call.
    outer: HashMap<Span, Loader>,
}

/// A call as it is looked at.
#[derive(Debug, Clone, Copy)]
struct Asked<'t> {
    call: Call<'t>,
    here: Here,
    row: &'static Row,
    named: Named,
}

impl<'p, 't, 'a> Looker<'p, 't, 'a> {
    pub(super) fn new(program: &'p Program<'t>, index: usize, is_there: &'a dyn Fn(&str) -> bool) -> Self {
        let eval = Evaluator::new(program);
        let left = OF_MODULE + OF_BYTE * program.modules[index].module.text.len();
        Self {
            eval,
            program,
            index,
            is_there,
            out: Outcome::default(),
            left,
            revisions: Vec::new(),
            outer: HashMap::new(),
        }
    }

    pub(super) fn scopes(&self) -> &'p Scopes<'t> {
        &self.program.modules[self.index]
    }

    /// Allows the steps of one question; false where the module has none left.
    pub(super) fn ask(&mut self) -> bool {
        self.left = self.left.saturating_sub(STEPS.saturating_sub(self.eval.steps));
        self.eval.steps = STEPS.min(self.left);
        if self.left == 0 {
            self.out.is_spent = true;
        }
        self.left > 0
    }

    /// Looks at all calls.
    pub(super) fn calls(&mut self) {
        self.eval.steps = STEPS;
        let scopes = self.scopes();
        for call in &scopes.calls {
            self.find_outer(call);
        }
        for call in scopes.calls.iter().filter(|call| may_load(call)) {
            if !self.ask() {
                break;
            }
            let here = Here { module: self.index, scope: call.scope, block: call.block };
            let paths = self.paths_of(call, here);
            self.attention(call, here);
            if call.function.last_name() == Some("from_pretrained") {
                self.pretrained(call, here, &paths);
            } else if let Some((row, path)) = loaders::find(&paths).filter(|_| !is_look(call)) {
                let is_untrained = row.names == Names::Pretrained && !is_true(call, "pretrained");
                for named in row.arguments {
                    let named = self.of_type(call, named);
                    self.load(Asked { call: *call, here, row, named }, path, is_untrained);
                }
            } else if is_torch_load(&paths) {
                self.unsafe_load(call, here);
            }
        }
    }

    /// The dotted names of what is called.
    fn paths_of(&mut self, call: &Call<'t>, here: Here) -> Vec<String> {
        self.eval.frames.clear();
        let steps = self.eval.steps;
        self.eval.steps = steps.min(TO_NAME);
        let paths = self.eval.called(call.function, here, 0);
        self.eval.steps = steps.saturating_sub(TO_NAME.saturating_sub(self.eval.steps));
        paths
    }

    /// `from_pretrained` of whatever class.
    fn pretrained(&mut self, call: &Call<'t>, here: Here, paths: &[String]) {
        const fn row(hub: Hub, arguments: &'static [Named]) -> Row {
            Row { last: "from_pretrained", before: &[], packages: &[], hub, names: Names::Hub, arguments }
        }
        static OF_MODEL: Row = row(Hub::HuggingFace, loaders::OF_MODEL);
        static OF_TOKENIZER: Row = row(Hub::HuggingFace, loaders::OF_TOKENIZER);
        static OF_ADAPTER: Row = row(Hub::HuggingFace, loaders::OF_ADAPTER);
        static ONTO_MODEL: Row = row(Hub::HuggingFace, loaders::ONTO_MODEL);
        static SCOPE_MODEL: Row = row(Hub::ModelScope, loaders::OF_MODEL);
        static SCOPE_TOKENIZER: Row = row(Hub::ModelScope, loaders::OF_TOKENIZER);
        let path = paths.first().map_or("from_pretrained", String::as_str);
        let written = match &call.function.kind {
            Kind::Attribute(object, _) => object.last_name().unwrap_or(""),
            _ => "",
        };
        let class = path.rsplit('.').nth(1).unwrap_or("");
        let is_scope = path.starts_with("modelscope");
        let has = |word: &str| class.to_ascii_lowercase().contains(word) || written.to_ascii_lowercase().contains(word);
        let rows = match () {
            () if has("tokenizer") || has("processor") || has("featureextractor") || has("feature_extractor") => {
                if is_scope {
                    &SCOPE_TOKENIZER
                } else {
                    &OF_TOKENIZER
                }
            }
            () if has("autopeft") || has("peftconfig") || has("loraconfig") => &OF_ADAPTER,
            () if has("peftmodel") || has("peft_model") => &ONTO_MODEL,
            () if is_scope => &SCOPE_MODEL,
            () => &OF_MODEL,
        };
        let shown =
            if path.contains("?") || path.is_empty() { format!("{written}.from_pretrained") } else { path.to_owned() };
        for named in rows.arguments {
            self.load(Asked { call: *call, here, row: rows, named: *named }, &shown, false);
        }
    }

    /// `repo_type="dataset"` says what is downloaded.
    fn of_type(&self, call: &Call<'t>, named: &Named) -> Named {
        let said = given(call.arguments, "repo_type", NOWHERE).and_then(|a| a.value.as_text());
        match said.map(|text| text.text.as_str()) {
            Some("dataset") => Named { kind: AssetKind::Dataset, ..*named },
            _ => *named,
        }
    }

    /// One name that a call is given.
    fn load(&mut self, asked: Asked<'t>, path: &str, is_untrained: bool) {
        let Asked { call, named, .. } = asked;
        if given(call.arguments, "repo_type", NOWHERE)
            .and_then(|a| a.value.as_text())
            .is_some_and(|t| t.text == "space")
        {
            return;
        }
        let argument = named
            .keywords
            .iter()
            .find_map(|keyword| given(call.arguments, keyword, NOWHERE))
            .or_else(|| given(call.arguments, "", named.at));
        let has_rest = call.arguments.iter().any(|a| a.name.as_deref() == Some("**"));
        if argument.is_none() && !has_rest {
            return;
        }
        let by = shown_of(path);
        self.eval.lost.clear();
        let mut looks = Looks { left: MOST_LOOKS, found: false, open: false, texts: false };
        self.eval.frames.clear();
        self.look(asked, argument, &by, is_untrained, 0, &mut looks);
        self.eval.frames.clear();
        self.eval.receivers.clear();
        let lost = std::mem::take(&mut self.eval.lost);
        if !is_untrained {
            self.lost(asked, &by, lost);
        }
        let is_hosted = matches!(asked.row.hub, Hub::Hosted(_));
        if looks.open && !looks.found && !looks.texts && argument.is_some() && !is_untrained && !is_hosted {
            let scopes = self.scopes();
            let loader = self.loader(asked, &by);
            let span = argument.map_or(call.whole.span, |a| a.value.span);
            self.out.unresolved.push(Unresolved {
                kind: named.kind,
                hub: asked.row.hub,
                place: scopes.module.at(call.whole.span),
                text: scopes.module.shown(span),
                loader,
            });
        }
    }

    /// Names that are made of parts of which nobody knows whether they are there, each with its line.
    fn lost(&mut self, asked: Asked<'t>, by: &str, lost: BTreeSet<(usize, Span)>) {
        for (module, span) in lost {
            let module = self.program.modules[module].module;
            let loader = self.loader(asked, by);
            let (place, text) = (module.at(span), module.shown(span));
            let (kind, hub) = (asked.named.kind, asked.row.hub);
            self.out.unresolved.push(Unresolved { kind, hub, place, text, loader });
        }
    }

    /// Looks at a call under the frames that are set; where a function's parameters decide, once for each caller.
    fn look(
        &mut self,
        asked: Asked<'t>,
        argument: Option<&'t Argument>,
        by: &str,
        is_untrained: bool,
        depth: usize,
        looks: &mut Looks,
    ) {
        if looks.left == 0 || !self.ask() {
            looks.open = true;
            return;
        }
        looks.left -= 1;
        self.eval.asked.clear();
        let (call, here) = (asked.call, asked.here);
        let site = Site { arguments: call.arguments, here, made: None };
        let names = match argument {
            Some(argument) => self.eval.eval(&argument.value, here),
            None => {
                let mut found = None;
                for keyword in asked.named.keywords {
                    found =
                        found.or_else(|| self.eval.argument(site, keyword, NOWHERE).filter(|s| !s.values.is_empty()));
                }
                found.unwrap_or_default()
            }
        };
        let names = self.each_of(names);
        let revisions = match asked.named.revision {
            "" => None,
            keyword => self.eval.argument(site, keyword, NOWHERE),
        };
        let frames = self.eval.frames.clone();
        let open: Vec<Id> = self.eval.asked.iter().copied().filter(|id| frames.iter().all(|(f, _)| f != id)).collect();
        for id in open.into_iter().filter(|_| depth < DEEPEST) {
            let sites = self.eval.sites(id);
            if sites.is_empty() {
                continue;
            }
            for site in sites.iter() {
                self.eval.frames.clone_from(&frames);
                self.eval.frames.push((id, Some(*site)));
                self.look(asked, argument, by, is_untrained, depth + 1, looks);
            }
            // What nobody passes is still what others get.
            self.eval.frames.clone_from(&frames);
            self.eval.frames.push((id, None));
            let open = looks.open;
            self.look(asked, argument, by, is_untrained, depth + 1, looks);
            looks.open = open;
            return;
        }
        self.emit(asked, argument, by, is_untrained, &names, revisions.as_ref(), looks);
    }

    /// Names that are given in lists, each.
    fn each_of(&mut self, mut names: Set<'t>) -> Set<'t> {
        let is_list = |value: &Value<'t>| {
            matches!(value, Value::Node(Expression { kind: Kind::List(_) | Kind::Each { .. }, .. }, _))
        };
        let (lists, rest) = std::mem::take(&mut names.values).into_iter().partition(is_list);
        let mut out = Set { values: rest, open: names.open };
        out.join(self.eval.elements_of(Set { values: lists, open: false }));
        out
    }

    /// What an expression may be, once for each caller of what it stands in.
    pub(super) fn variants(&mut self, e: &'t Expression, here: Here) -> Vec<Set<'t>> {
        self.eval.frames.clear();
        let mut out = Vec::new();
        self.variants_under(e, here, 0, &mut out);
        self.eval.frames.clear();
        out
    }

    fn variants_under(&mut self, e: &'t Expression, here: Here, depth: usize, out: &mut Vec<Set<'t>>) {
        if out.len() >= MOST_LOOKS || !self.ask() {
            return;
        }
        self.eval.asked.clear();
        let set = self.eval.eval(e, here);
        let frames = self.eval.frames.clone();
        let asked = self.eval.asked.clone();
        for id in asked.into_iter().filter(|id| depth < DEEPEST && frames.iter().all(|(f, _)| f != id)) {
            let sites = self.eval.sites(id);
            if sites.is_empty() {
                continue;
            }
            for site in sites.iter() {
                self.eval.frames.clone_from(&frames);
                self.eval.frames.push((id, Some(*site)));
                self.variants_under(e, here, depth + 1, out);
            }
            return;
        }
        out.push(set);
    }

    #[expect(clippy::too_many_arguments, reason = "one look at one call")]
    fn emit(
        &mut self,
        asked: Asked<'t>,
        argument: Option<&'t Argument>,
        by: &str,
        is_untrained: bool,
        names: &Set<'t>,
        revisions: Option<&Set<'t>>,
        looks: &mut Looks,
    ) {
        looks.open |= names.open || names.values.iter().any(may_be_name);
        let is_one = names.values.len() == 1 && !names.open;
        let texts: Vec<_> = names.texts().cloned().collect();
        for text in texts {
            let how = asked.row.names;
            let found = meant(&text.text, how, asked.row.hub, self.is_there).or_else(|| {
                let is_adapter = asked.named.kind == AssetKind::Adapter && !(self.is_there)(&text.text);
                is_adapter.then(|| in_folder(&text.text, asked.row.hub)).flatten()
            });
            let Some(found) = found else {
                let is_either = may_be_either(&text.text, how, self.is_there);
                looks.open |= is_either;
                looks.texts |= !is_either;
                continue;
            };
            looks.texts = true;
            // Names of architectures alone load nothing.
            if is_untrained && found.hub == asked.row.hub {
                continue;
            }
            looks.found = true;
            if self.loads_nothing(&text) || self.is_elsewhere(&asked.call, asked.here, &text) {
                continue;
            }
            let own = revisions.and_then(|all| pairs::of_name(names, all, &text));
            let reference = self.reference(asked, argument, by, &text, found, own.as_ref().or(revisions), is_one);
            self.out.references.push(reference);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of one name")]
    fn reference(
        &mut self,
        asked: Asked<'t>,
        argument: Option<&'t Argument>,
        by: &str,
        text: &Text,
        found: Meant,
        revisions: Option<&Set<'t>>,
        is_one: bool,
    ) -> Reference {
        let (call, scopes) = (asked.call, self.scopes());
        let place = self.program.modules[text.module].module.at(text.span);
        let kind = found.kind.filter(|kind| *kind == AssetKind::Dataset).unwrap_or(asked.named.kind);
        let name = match (found.hub, given(call.arguments, "model", 1).and_then(|a| a.value.as_text())) {
            (Hub::TorchHub, Some(entry)) => format!("{}:{}", found.name, entry.text),
            _ => found.name,
        };
        let mut out = Reference::new(kind, found.hub, name, place, by);
        out.standing = text.standing;
        out.loader = self.loader(asked, by);
        if asked.row.last == "load_state_dict_from_url" && is_true(&asked.call, "check_hash") && has_digest(&out.name) {
            out.digest = Some("compared".to_owned());
        }
        out.files.extend(found.file);
        for keyword in ["filename", "weight_name", "gguf_file", "allow_patterns"] {
            let at =
                if keyword == "filename" && call.function.last_name() == Some("hf_hub_download") { 1 } else { NOWHERE };
            if let Some(file) = given(call.arguments, keyword, at) {
                let files = self.eval.eval(&file.value, asked.here);
                let mut files: Vec<Text> =
                    files.texts().filter(|t| t.text.len() < 200).map(|t| (**t).clone()).collect();
                if files.len() > 1 && !is_one {
                    files = self.files_of(text, files);
                }
                out.files.extend(files.into_iter().map(|file| file.text));
            }
        }
        out.files.sort();
        out.files.dedup();
        let call_at = scopes.module.at(call.whole.span);
        let is_inside = text.module == self.index && call.whole.span.contains(text.span);
        if !is_inside {
            out.call = Some(call_at);
        }
        if let Some(revision) = found.revision {
            let place = out.place.clone();
            out = out.at_revision(revision, Some(place));
            out.pin = pin_in(&out);
        } else if let Some(revisions) = revisions {
            self.revise(&mut out, asked, revisions);
        }
        let is_versioned = kind == AssetKind::Kernel && out.revision.is_none();
        if is_versioned {
            self.version(&mut out, call.arguments, asked.here);
        }
        let is_versioned = is_versioned && out.revision.is_some();
        if out.pin != Pin::Commit && (is_one || is_inside) && !is_versioned {
            out.edit = self.edit(asked, argument, text, &out);
        }
        self.put_apart(&mut out, text);
        out
    }

    fn revise(&self, out: &mut Reference, asked: Asked<'t>, revisions: &Set<'t>) {
        let scopes = self.scopes();
        let written = given(asked.call.arguments, asked.named.revision, NOWHERE);
        let mut texts: Vec<_> = revisions.texts().filter(|t| !t.text.is_empty()).collect();
        texts.sort_by(|a, b| a.text.cmp(&b.text));
        texts.dedup_by(|a, b| a.text == b.text);
        let is_nothing = revisions.values.iter().any(|v| matches!(v, Value::Nothing));
        match texts.as_slice() {
            [one] => {
                out.pin = pin_of(&one.text);
                out.revision = Some(one.text.clone());
                out.revision_place = Some(self.program.modules[one.module].module.at(one.span));
            }
            [] if is_nothing || written.is_none() => {}
            _ => {
                let span = written.map_or(asked.call.whole.span, |a| a.value.span);
                out.pin = Pin::Dynamic;
                out.revision = Some(scopes.module.shown(span));
                out.revision_place = Some(scopes.module.at(span));
            }
        }
    }

    /// How a commit would be written into the call.
    fn edit(
        &self,
        asked: Asked<'t>,
        argument: Option<&'t Argument>,
        text: &Text,
        out: &Reference,
    ) -> Option<RevisionEdit> {
        let scopes = self.scopes();
        let (arguments, argument) = (asked.call.arguments, argument?);
        let quote = if scopes.module.cells.is_some() { "'" } else { "\"" };
        let at = |span: Span| -> At { scopes.module.at(span) };
        if out.hub == Hub::TorchHub {
            let literal = argument.value.as_text()?;
            let colon = literal.text.find(':');
            let range = colon.unwrap_or(literal.text.len())..literal.text.len();
            let span = if range.is_empty() {
                let end = literal.host_span(range.start..range.end).end;
                Span { start: end, end }
            } else {
                literal.editable(range)?
            };
            return Some(RevisionEdit { at: at(span), before: ":".to_owned(), after: String::new() });
        }
        if asked.named.revision.is_empty()
            || !matches!(out.hub, Hub::HuggingFace | Hub::ModelScope)
            || text.text.contains("://")
        {
            return None;
        }
        if let Some(written) = given(arguments, asked.named.revision, NOWHERE) {
            let is_literal = written.value.as_text().is_some() || matches!(written.value.kind, Kind::Nothing);
            let (before, after) = (quote.to_owned(), quote.to_owned());
            return is_literal.then(|| RevisionEdit { at: at(written.value.span), before, after });
        }
        if arguments.iter().any(|a| a.name.as_deref() == Some("**")) {
            return None;
        }
        // A keyword may not stand before an argument by its place.
        let follows = arguments.iter().any(|a| a.name.is_none() && a.span.start > argument.span.start);
        let after = if follows { arguments.last()?.span } else { argument.span };
        let span = Span { start: after.end, end: after.end };
        Some(RevisionEdit {
            at: at(span),
            before: format!(", {}={quote}", asked.named.revision),
            after: quote.to_owned(),
        })
    }

    /// What is said to the loader.
    fn loader(&mut self, asked: Asked<'t>, by: &str) -> Loader {
        let (call, here) = (asked.call, asked.here);
        let mut out = self.outer.get(&call.whole.span).cloned().unwrap_or_default();
        if out.by.is_empty() {
            by.clone_into(&mut out.by);
        }
        // A configuration of numbers brings no code.
        if !by.starts_with("GenerationConfig") {
            out.remote_code = out.remote_code.or(self.said(call.arguments, "trust_remote_code", here));
        }
        out.weights_only = out.weights_only.or(self.said(call.arguments, "weights_only", here));
        out.safe_mode = out.safe_mode.or(self.said(call.arguments, "safe_mode", here));
        out.allow_pickle = out.allow_pickle.or(self.said(call.arguments, "allow_pickle", here));
        out.safetensors = out.safetensors.or(self.said(call.arguments, "use_safetensors", here));
        out
    }

    fn said(&mut self, arguments: &'t [Argument], keyword: &str, here: Here) -> Option<Said> {
        let site = Site { arguments, here, made: None };
        let set = self.eval.argument(site, keyword, NOWHERE)?;
        let written = given(arguments, keyword, NOWHERE);
        let scopes = self.scopes();
        let span = match written {
            Some(written) => scopes.module.at(written.value.span).span,
            None => {
                let rest = arguments.iter().find(|a| a.name.as_deref() == Some("**"))?;
                scopes.module.at(rest.span).span
            }
        };
        let says = |wanted: bool| set.values.iter().any(|v| matches!(v, Value::Bool(value) if *value == wanted));
        match (says(true), says(false), set.open) {
            (true, false, _) => Some(Said::On(span)),
            (false, true, false) => Some(Said::Off(span)),
            _ => written.map(|_| Said::Dynamic(span)),
        }
    }

    /// Remembers what loads the result of a download: `torch.load(hf_hub_download(..))`.
    fn find_outer(&mut self, call: &Call<'t>) {
        let last = call.function.last_name().unwrap_or("");
        if !matches!(last, "load" | "load_model" | "read_pickle" | "loads" | "load_file") || !self.ask() {
            return;
        }
        let here = Here { module: self.index, scope: call.scope, block: call.block };
        let Some(first) = call.arguments.first() else { return };
        let Some(inner) = self.download(&first.value, here, 0) else { return };
        let path = self.eval.called(call.function, here, 0).into_iter().next().unwrap_or_default();
        let mut loader = Loader { by: shown_of(&path), ..Loader::default() };
        loader.weights_only = self.said(call.arguments, "weights_only", here);
        loader.safe_mode = self.said(call.arguments, "safe_mode", here);
        loader.allow_pickle = self.said(call.arguments, "allow_pickle", here);
        self.outer.insert(inner, loader);
    }

    /// The call of a download that gives a path.
    fn download(&mut self, e: &'t Expression, here: Here, depth: usize) -> Option<Span> {
        if depth > 4 {
            return None;
        }
        match &e.kind {
            Kind::Call(function, arguments) => match function.last_name()? {
                "hf_hub_download" | "cached_download" | "model_file_download" | "cached_file" => Some(e.span),
                "open" | "Path" | "str" => self.download(&arguments.first()?.value, here, depth + 1),
                _ => None,
            },
            Kind::Name(name) => {
                let bindings = self.eval.bindings(name, e.span.start, here)?;
                bindings.iter().rev().find_map(|binding| match &binding.what {
                    What::Value(value) if !std::ptr::eq(*value, e) => {
                        let inner = Here { module: here.module, scope: binding.scope, block: binding.block };
                        self.download(value, inner, depth + 1)
                    }
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// `torch.load(path, weights_only=False)` of a path that nobody knows.
    fn unsafe_load(&mut self, call: &Call<'t>, here: Here) {
        let Some(Said::Off(span)) = self.said(call.arguments, "weights_only", here) else { return };
        let Some(first) = call.arguments.first() else { return };
        if self.download(&first.value, here, 0).is_some() {
            return;
        }
        let scopes = self.scopes();
        self.out.unresolved.push(Unresolved {
            kind: AssetKind::Model,
            hub: Hub::Address,
            place: scopes.module.at(call.whole.span),
            text: scopes.module.shown(first.value.span),
            loader: Loader { by: "torch.load".to_owned(), weights_only: Some(Said::Off(span)), ..Loader::default() },
        });
    }
}

/// `owner/name/folder`: an adapter that lies in a folder of its repository.
fn in_folder(text: &str, hub: Hub) -> Option<Meant> {
    let (owner, rest) = text.split_once('/')?;
    let (name, folder) = rest.split_once('/')?;
    let name = format!("{owner}/{name}");
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)) && !text.contains("..");
    (is_plain && names::has_owner(&name)).then(|| Meant { file: Some(folder.to_owned()), ..Meant::of(hub, &name) })
}

/// Whether what a function of a package gives may be a name: not what a class or a loader makes.
fn may_be_name(value: &Value<'_>) -> bool {
    let Value::Result(path) = value else { return false };
    let last = path.rsplit('.').next().unwrap_or("");
    let is_made =
        ["from_", "load", "create", "build", "make", "prepare", "pipeline"].iter().any(|s| last.starts_with(s));
    last.starts_with(|c: char| c.is_ascii_lowercase()) && !is_made
}

/// How a revision holds that stands in the name: what Ollama has behind the colon is a tag, whatever it looks like.
pub(super) fn pin_in(reference: &Reference) -> Pin {
    match (reference.hub, reference.revision.as_deref()) {
        (Hub::Ollama, Some(tag)) if tag != "latest" => Pin::Tag,
        _ => reference.pin,
    }
}

/// What the looks at one call found.
#[derive(Debug)]
struct Looks {
    left: usize,
    found: bool,
    open: bool,
    texts: bool,
}
