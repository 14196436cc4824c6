//! What commands load: the acts of a script as references.
//!
//! What a command is known to do is found in [`crate::commands`]; here it becomes names of hubs with their places in
//! the file, which may be those of a variable's value rather than of the command.

mod handed;
mod inline;
pub(in crate::references) mod programs;
mod variables;

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use self::variables::{Held, Variables};
use super::names;
use super::{AssetKind, At, Hub, Loader, Pin, Reference, RevisionEdit, Said, Standing, Unresolved};
use crate::commands::{Act, ActKind, Brought, Load, Loaded, Output, UrlText};
use crate::parse::shell::Program;
use crate::source::Embedded;

/// Names of one script that are looked for outside the word that holds them.
const MAX_SEARCHES: usize = 1_000;
/// Acts behind one that may say what becomes of it.
const MAX_LATER: usize = 256;

/// What the acts of a script load. `text` is the script as it stands in the file of this path.
#[must_use]
pub fn of_script(path: &Arc<str>, acts: &[Act], text: &Embedded) -> Vec<Reference> {
    let script = Script::new(path, text);
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, act) in acts.iter().enumerate() {
        let later = acts.get(index + 1..).unwrap_or_default();
        let later = later.get(..later.len().min(MAX_LATER)).unwrap_or_default();
        let found = match &act.kind {
            ActKind::Loads(load) => {
                for found in script.loads(load) {
                    if seen.insert((found.kind, found.name.clone(), found.revision.clone(), found.place.span)) {
                        out.push(found);
                    }
                }
                continue;
            }
            ActKind::Clone { url, reference, .. } => script.clone(act, later, url, reference.as_deref()),
            ActKind::Fetch { url, to, .. } => script.fetch(act, later, url, to),
            // Calls of a text of Python; what programs say themselves is among the loads.
            ActKind::HubDownload { by, name, revision, what, runs_code, .. } if is_call(by) && name.known => {
                script.call(act, by, &name.text, revision.as_deref(), *what, *runs_code)
            }
            _ => None,
        };
        // A variable that several commands use is one place.
        if let Some(found) = found
            && seen.insert((found.kind, found.name.clone(), found.revision.clone(), found.place.span))
        {
            out.push(found);
        }
    }
    script.inline(&mut out);
    out
}

/// Loads of a script whose names cannot be known from it.
#[must_use]
pub fn unresolved_of_script(path: &Arc<str>, acts: &[Act], text: &Embedded) -> Vec<Unresolved> {
    let script = Script::new(path, text);
    let loads = acts.iter().filter_map(|act| if let ActKind::Loads(load) = &act.kind { Some(load) } else { None });
    let dynamic = loads.filter(|load| load.name.contains('$') && !load.needs_owner && !is_folder(&load.name));
    let dynamic = dynamic.filter(|load| script.loads(load).is_empty());
    let unresolved = dynamic.map(|load| Unresolved {
        kind: kind_of(load.what),
        hub: hub_of(load.at),
        place: script.at(load.range.clone()),
        text: load.name.chars().take(120).collect(),
        loader: script.loader(load),
    });
    unresolved.collect()
}

/// A variable that says it holds a folder of this machine.
fn is_folder(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with('/') || ["path", "dir", "folder", "file"].iter().any(|word| lower.contains(word))
}

/// Calls of Python that [`crate::commands`] reads in the text a command gives it.
fn is_call(by: &str) -> bool {
    matches!(
        by,
        "snapshot_download"
            | "hf_hub_download"
            | "from_pretrained"
            | "pipeline"
            | "SentenceTransformer"
            | "load_dataset"
            | "nltk.download"
            | "torch.hub.load"
    )
}

fn kind_of(what: Loaded) -> AssetKind {
    match what {
        Loaded::Model => AssetKind::Model,
        Loaded::DataSet => AssetKind::Dataset,
        Loaded::Tokenizer => AssetKind::Tokenizer,
        Loaded::Adapter => AssetKind::Adapter,
    }
}

fn hub_of(at: &'static str) -> Hub {
    match at {
        "huggingface" => Hub::HuggingFace,
        "modelscope" => Hub::ModelScope,
        "ollama" => Hub::Ollama,
        "kaggle" => Hub::Kaggle,
        library => Hub::Library(library),
    }
}

/// What reaches a loader of a script by way of its functions and its lists, beside what [`of_script`] and
/// [`unresolved_of_script`] told.
pub(in crate::references) fn handed_on(
    path: &Arc<str>,
    program: &Program,
    acts: &[Act],
    text: &Embedded,
    out: &mut Vec<Reference>,
    unresolved: &mut Vec<Unresolved>,
) {
    let script = Script::new(path, text);
    let mut seen: BTreeSet<_> = out.iter().map(|found| (found.place.span.start, found.name.clone())).collect();
    for (within, load) in handed::loads(program, acts, &text.text) {
        for found in script.loads(&load) {
            // What a parameter brings is told where the function is called.
            let place = script.at(within.clone());
            unresolved.retain(|other| other.place != place);
            if seen.insert((found.place.span.start, found.name.clone())) {
                out.push(found);
            }
        }
    }
    for (range, address) in handed::addresses(&text.text) {
        if let Some(found) = script.address(address, range)
            && seen.insert((found.place.span.start, found.name.clone()))
        {
            out.push(found);
        }
    }
}

struct Script<'s> {
    path: &'s Arc<str>,
    text: &'s Embedded,
    /// Searches through the whole script that are left.
    searches: Cell<usize>,
    variables: OnceCell<Variables>,
}

impl<'s> Script<'s> {
    fn new(path: &'s Arc<str>, text: &'s Embedded) -> Self {
        Self { path, text, searches: Cell::new(MAX_SEARCHES), variables: OnceCell::new() }
    }

    /// The names that a load may have: where one is a variable, what that may hold.
    fn loads(&self, load: &Load) -> Vec<Reference> {
        if !load.name.contains('$') {
            return self.load(load).into_iter().collect();
        }
        let mut out = Vec::new();
        for held in self.held(&load.name) {
            let revision = match &load.revision {
                Some((revision, _)) if revision.contains('$') => match self.held(revision).as_slice() {
                    [one] => Some((one.text.clone(), one.range.clone())),
                    _ => load.revision.clone(),
                },
                other => other.clone(),
            };
            // What a variable holds may as well be a folder.
            let known =
                Load { name: held.text, range: held.range.clone(), revision, needs_owner: true, ..load.clone() };
            if let Some(mut found) = self.load(&known) {
                if held.is_default {
                    found.standing = Standing::Default;
                }
                found.call = Some(self.at(load.range.clone()));
                found.edit = found.edit.filter(|_| found.revision.is_some());
                out.push(found);
            }
        }
        out
    }

    /// What the script writes out without a command that is known to load it.
    fn inline(&self, out: &mut Vec<Reference>) {
        let text = self.text.text.as_str();
        let mut more = Vec::new();
        for written in inline::addresses(text) {
            let address = text.get(written.range.clone()).unwrap_or("");
            let Some(found) = names::of_address(address) else { continue };
            let (Some(revision), Some(file)) = (found.revision, found.file) else { continue };
            let place = self.at(written.range);
            let mut one = Reference::new(found.kind, found.hub, found.name, place.clone(), "address");
            if revision.contains('$') {
                (one.pin, one.revision) = (Pin::Dynamic, Some(revision));
            } else {
                one = one.at_revision(revision, Some(place));
            }
            one.files.extend(Some(file).filter(|file| !file.contains('$')));
            one.standing = if written.is_default { Standing::Default } else { Standing::Runs };
            more.push(one);
        }
        for range in inline::drafts(text) {
            let name = text.get(range.clone()).filter(|name| names::has_owner(name) && !names::is_served(name));
            let one = name.map(|name| {
                Reference::new(AssetKind::Model, Hub::HuggingFace, name, self.at(range), "--speculative-config")
            });
            more.extend(one);
        }
        if text.contains("python") {
            more.extend(programs::of_script(self.path, self.text));
        }
        let known = out.len();
        for one in more {
            let span = one.place.span;
            let overlaps = |o: &Reference| o.place.span.start < span.end && span.start < o.place.span.end;
            let is_known = |o: &Reference| o.name == one.name && o.kind == one.kind && overlaps(o);
            if !out.get(..known).unwrap_or_default().iter().any(is_known) {
                out.push(one);
            }
        }
    }

    fn held(&self, word: &str) -> Vec<Held> {
        let variables = self.variables.get_or_init(|| Variables::of(&self.text.text));
        let mut out = variables.held(word);
        if let Some((_, default)) = variables::given(word).filter(|(_, default)| !default.contains('$')) {
            let default = default.trim_matches(['"', '\'']);
            let range = self.written(default, &(0..0));
            out.push(Held { text: default.to_owned(), range, is_default: true });
        }
        out
    }

    fn at(&self, range: Range<usize>) -> At {
        At { path: Arc::clone(self.path), span: self.text.host_span(range) }
    }

    /// Where a text is written: in the word that holds it, or where the variable gets it, before that or behind it.
    fn written(&self, name: &str, word: &Range<usize>) -> Range<usize> {
        let text = self.text.text.as_str();
        if name.is_empty() {
            return word.clone();
        }
        let find = |from: usize, to: usize, last: bool| {
            let part = text.get(from..to)?;
            let mut places = part.match_indices(name).map(|(at, _)| from + at).filter(|at| is_whole(text, *at, name));
            if last { places.last() } else { places.next() }
        };
        let start = word.start.min(text.len());
        let end = word.end.min(text.len());
        let elsewhere = || {
            self.searches.set(self.searches.get().checked_sub(1)?);
            find(0, start, true).or_else(|| find(end, text.len(), false))
        };
        let at = find(start, end, false).or_else(elsewhere);
        at.map_or_else(|| word.clone(), |at| at..at + name.len())
    }

    /// Whether the text is what a variable holds where nobody says otherwise: `${MODEL:-org/x}`.
    fn is_default(&self, range: &Range<usize>) -> bool {
        // It stands on one line, and not far from the name.
        const FAR: usize = 256;
        let text = self.text.text.as_bytes().get(..range.start).unwrap_or_default();
        let near = text.get(text.len().saturating_sub(FAR)..).unwrap_or_default();
        let line =
            near.iter().rposition(|byte| *byte == b'\n').map_or(near, |at| near.get(at + 1..).unwrap_or_default());
        let start = range.start.saturating_sub(line.len());
        // What is cut within a letter is none of a variable's.
        let start = (start..range.start).find(|at| self.text.text.is_char_boundary(*at)).unwrap_or(range.start);
        let before = self.text.text.get(start..range.start).unwrap_or("").trim_end_matches(['"', '\'']);
        let Some((_, name)) = before.rsplit_once("${") else { return false };
        let name = name.trim_end_matches(['-', '=']).trim_end_matches(':');
        before.ends_with(['-', '=']) && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    }

    fn loader(&self, load: &Load) -> Loader {
        let said = load.remote_code.as_ref().map(|(on, range)| {
            let span = self.text.host_span(range.clone());
            if *on { Said::On(span) } else { Said::Off(span) }
        });
        Loader { by: load.by.clone(), remote_code: said, ..Loader::default() }
    }

    fn load(&self, load: &Load) -> Option<Reference> {
        let name = load.name.trim_matches(['"', '\'']);
        let range = self.written(name, &load.range);
        let mut hub = hub_of(load.at);
        if let Some(address) = names::of_address(name) {
            let mut out =
                Reference::new(address.kind, address.hub, address.name, self.at(range.clone()), load.by.clone());
            if let Some(revision) = address.revision {
                out = out.at_revision(revision, Some(self.at(range)));
            }
            out.files = address.file.into_iter().collect();
            return Some(out);
        }
        if hub == Hub::HuggingFace {
            let fits = if load.needs_owner { names::has_owner(name) } else { names::is_repository(name) };
            let fits = fits || names::is_claimable(name);
            if !fits || names::is_served(name) {
                return None;
            }
        } else if name.is_empty() || name.contains(['$', '{', ' ', '<']) || name.starts_with(['/', '.', '~']) {
            return None;
        }
        if let Hub::HuggingFace = hub
            && let Some(rest) = name.strip_prefix("ollama/")
        {
            hub = Hub::Ollama;
            return Some(Reference::new(AssetKind::Model, hub, rest, self.at(range), load.by.clone()));
        }
        let mut out = Reference::new(kind_of(load.what), hub, name, self.at(range.clone()), load.by.clone());
        out.loader = self.loader(load);
        out.files.clone_from(&load.files);
        out.files.sort();
        if self.is_default(&range) {
            out.standing = Standing::Default;
        }
        if range.start < load.range.start || range.end > load.range.end {
            out.call = Some(self.at(load.range.clone()));
        }
        match &load.revision {
            Some((revision, word)) if revision.contains('$') => {
                out.revision = Some(revision.clone());
                out.pin = Pin::Dynamic;
                out.revision_place = Some(self.at(word.clone()));
            }
            Some((revision, word)) => {
                let written = self.written(revision, word);
                let place = self.at(written.clone());
                out = out.at_revision(revision.clone(), Some(place.clone()));
                // Tags of Ollama and Kaggle's numbers are no commits; nothing is put in their place.
                if hub == Hub::Ollama {
                    out.pin = if revision.starts_with("sha256:") { Pin::Commit } else { Pin::Tag };
                } else if hub == Hub::Kaggle || load.at == "spacy" {
                    out.pin = Pin::Tag;
                } else if self.text.editable(written).is_some() {
                    out.edit = Some(RevisionEdit { at: place, before: String::new(), after: String::new() });
                }
            }
            None => out.edit = self.edit(load, &range),
        }
        Some(out)
    }

    /// Puts a revision behind the word of the name.
    fn edit(&self, load: &Load, written: &Range<usize>) -> Option<RevisionEdit> {
        let before = load.takes_revision?;
        let is_inside = load.range.start <= written.start && written.end <= load.range.end;
        let end = if before.starts_with(',') { written.end } else { load.range.end };
        self.text.editable(load.range.clone()).filter(|_| is_inside)?;
        Some(RevisionEdit { at: self.at(end..end), before: before.to_owned(), after: String::new() })
    }

    fn clone(&self, act: &Act, later: &[Act], url: &UrlText, reference: Option<&str>) -> Option<Reference> {
        let address = address_of_clone(&url.text)?;
        let found = names::of_address(&address).filter(|f| f.revision.is_none())?;
        let range = self.written(&url.text, &act.range);
        let mut out = Reference::new(found.kind, found.hub, found.name, self.at(range), "git clone");
        let gone = gone_to(later);
        match gone.or_else(|| reference.map(str::to_owned)) {
            Some(revision) if revision.contains('$') => {
                out.revision = Some(revision);
                out.pin = Pin::Dynamic;
            }
            Some(revision) => out = out.at_revision(revision, None),
            None => {}
        }
        Some(out)
    }

    /// An address of a file, whoever is given it.
    fn address(&self, address: &str, range: Range<usize>) -> Option<Reference> {
        let Some(found) = names::of_address(address) else {
            return Some(Reference::new(AssetKind::Model, Hub::Address, address, self.at(range), "address"));
        };
        let (file, revision) = (found.file?, found.revision?);
        let out = Reference::new(found.kind, found.hub, found.name, self.at(range.clone()), "address");
        let mut out = out.at_revision(revision, Some(self.at(range)));
        out.files = vec![file];
        Some(out)
    }

    fn fetch(&self, act: &Act, later: &[Act], url: &UrlText, to: &Output) -> Option<Reference> {
        let range = self.written(&url.text, &act.range);
        if let Some(found) = names::of_address(&url.text) {
            // An address of the hub's pages brings nothing that is loaded.
            let file = found.file?;
            let revision = found.revision?;
            // `${BASE_URL}/${FILE}`: the name stands where the base is set.
            let base = url.text.split_once("/resolve/").map(|(start, _)| format!("{start}/resolve/{revision}"));
            let range = match base {
                Some(base) if range == act.range => self.written(&base, &act.range),
                _ => range,
            };
            let mut out = Reference::new(found.kind, found.hub, found.name, self.at(range.clone()), "address");
            if revision.contains('$') {
                out.revision = Some(revision);
                out.pin = Pin::Dynamic;
            } else {
                out = out.at_revision(revision, Some(self.at(range)));
            }
            out.files = vec![file];
            out.digest = self.digest(act, later, to);
            return Some(out);
        }
        if url.local || url.text.contains('$') || !names::is_weights(&url.text) {
            return None;
        }
        let hub = if url.text.starts_with("http") { Hub::Address } else { Hub::Bucket };
        let mut out = Reference::new(AssetKind::Model, hub, url.text.clone(), self.at(range), "address");
        out.digest = self.digest(act, later, to);
        if out.digest.is_some() {
            out.pin = Pin::Commit;
        }
        Some(out)
    }

    /// That a later command compares what was fetched; its digest is in the script or beside it.
    fn digest(&self, act: &Act, later: &[Act], to: &Output) -> Option<String> {
        let file = if let Output::File(file) = to { file.rsplit('/').next() } else { None };
        let compared = later.iter().find_map(|a| match &a.kind {
            ActKind::Verify { targets, fatal: true, .. } => Some((a, targets)),
            _ => None,
        });
        let (check, targets) = compared?;
        let is_it = targets.is_empty() || file.is_some_and(|f| targets.iter().any(|t| t.rsplit('/').next() == Some(f)));
        let written = self.text.text.get(act.range.end..check.range.end.min(self.text.text.len())).unwrap_or("");
        let digest = written.split(|c: char| !c.is_ascii_hexdigit()).find(|w| w.len() == 64);
        let digest = digest.map_or_else(|| "compared".to_owned(), |d| format!("sha256:{}", d.to_ascii_lowercase()));
        is_it.then_some(digest)
    }

    fn call(
        &self,
        act: &Act,
        by: &str,
        name: &str,
        revision: Option<&str>,
        what: Brought,
        runs_code: bool,
    ) -> Option<Reference> {
        let (hub, is_name) = match by {
            "torch.hub.load" => (Hub::TorchHub, name.contains('/')),
            "nltk.download" => (Hub::Library("nltk"), !name.contains(['$', '/', ' '])),
            _ => (
                Hub::HuggingFace,
                (names::is_repository(name) || names::is_claimable(name)) && !names::is_loader_word(name),
            ),
        };
        if !is_name {
            return None;
        }
        let kind = if what == Brought::DataSet { AssetKind::Dataset } else { AssetKind::Model };
        let range = self.written(name, &act.range);
        let mut out = Reference::new(kind, hub, name, self.at(range), by);
        match revision {
            Some(text) if text.contains('$') => {
                out.revision = Some(text.to_owned());
                out.pin = Pin::Dynamic;
            }
            Some(text) => out = out.at_revision(text, Some(self.at(self.written(text, &act.range)))),
            None => {}
        }
        if runs_code && by != "torch.hub.load" {
            out.loader.remote_code = Some(Said::On(self.text.host_span(act.range.clone())));
        }
        Some(out)
    }
}

/// The commit that a later command goes to.
fn gone_to(later: &[Act]) -> Option<String> {
    later.iter().take_while(|a| !matches!(a.kind, ActKind::Clone { .. })).find_map(|a| match &a.kind {
        ActKind::Checkout { reference, .. } => Some(reference.clone()),
        _ => None,
    })
}

/// `git@hf.co:org/x` and addresses with a user as plain ones.
fn address_of_clone(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("git@") {
        let (host, path) = rest.split_once(':')?;
        return Some(format!("https://{host}/{path}"));
    }
    let (scheme, rest) = text.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next().unwrap_or(host);
    (!path.contains('$')).then(|| format!("{scheme}://{host}/{path}"))
}

/// Whether a place holds a text and not a part of a longer one.
fn is_whole(text: &str, at: usize, name: &str) -> bool {
    let is_more = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
    // `:-org/x` begins behind the operator.
    let is_operator = text.get(..at).is_some_and(|t| t.ends_with(":-") || t.ends_with("}-") || t.ends_with("/"));
    let is_sentence =
        after == Some('.') && text.get(at + name.len() + 1..).is_none_or(|t| t.starts_with(char::is_whitespace));
    (!before.is_some_and(is_more) || is_operator) && (!after.is_some_and(is_more) || is_sentence)
}
