//! What stands apart from the product: tests and examples. What they name is theirs, whichever function of the product
//! they give it to, and nothing where they put something else in the place of what would load it.

use std::collections::HashSet;

use super::calls::Looker;
use super::known::is_test;
use super::program::Program;
use super::scope::{Opens, Scopes};
use super::value::Text;
use crate::parse::python::{Expression, Kind};
use crate::references::{At, Reference, Said};
use crate::source::Span;

/// Functions that put something else in the place of what they are told.
const PATCHES: &[&str] =
    &["setattr", "setitem", "patch", "object", "dict", "multiple", "Mock", "MagicMock", "AsyncMock", "create_autospec"];
/// Words that say that it is a hub, or what loads from one.
const OF_HUBS: &[&str] = &[
    "huggingface",
    "hf_hub",
    "hfapi",
    "from_pretrained",
    "snapshot_download",
    "load_dataset",
    "transformers",
    "automodel",
    "autotokenizer",
    "autoconfig",
    "sentencetransformer",
    "model_info",
    "requests",
    "urlopen",
    "httpx",
];

/// Whether a file stands apart from what is used: a test, a fixture, an example.
pub(super) fn is_apart(path: &str) -> bool {
    is_test(path) || path.split('/').any(|part| matches!(part, "fixtures" | "examples" | "example"))
}

/// The functions of a module that put something else in the place of a hub or of what loads from it, with the classes
/// whose decorators do.
pub(super) fn patched(scopes: &Scopes<'_>) -> HashSet<usize> {
    let mut out = HashSet::new();
    if !is_test(&scopes.module.path) {
        return out;
    }
    for call in scopes.calls.iter().filter(|call| is_patch(call.function)) {
        let tells = call.arguments.iter().any(|argument| tells_hub(&argument.value));
        if tells && call.scope != 0 {
            out.insert(call.scope);
        }
    }
    for (number, scope) in scopes.scopes.iter().enumerate() {
        let Opens::Function { decorators, .. } = scope.opens else { continue };
        let is_patched = decorators.iter().any(|decorator| match &decorator.kind {
            Kind::Call(function, arguments) => is_patch(function) && arguments.iter().any(|a| tells_hub(&a.value)),
            _ => false,
        });
        if is_patched {
            out.insert(number);
        }
    }
    out
}

/// `monkeypatch.setattr`, `mock.patch.object`, `MagicMock`.
fn is_patch(function: &Expression) -> bool {
    let Some(last) = function.last_name().filter(|last| PATCHES.contains(last)) else { return false };
    match &function.kind {
        Kind::Name(_) => last.starts_with("patch") || last.ends_with("Mock") || last == "create_autospec",
        Kind::Attribute(object, _) => object
            .last_name()
            .is_some_and(|name| matches!(name, "monkeypatch" | "patch" | "mock" | "mocker" | "mp" | "unittest" | "m")),
        _ => false,
    }
}

/// Whether what is put aside is a hub or a loader.
fn tells_hub(e: &Expression) -> bool {
    let has = |word: &str| {
        let lower = word.to_ascii_lowercase();
        OF_HUBS.iter().any(|known| lower.contains(known))
    };
    match &e.kind {
        Kind::Text(text) => text.text.len() < 200 && has(&text.text),
        Kind::Name(name) => has(name),
        Kind::Attribute(object, name) => has(name) || object.last_name().is_some_and(has),
        _ => false,
    }
}

impl<'t> Program<'t> {
    /// Whether a text stands in a function that puts something else in the place of what would load it.
    pub(super) fn is_patched_at(&self, module: usize, span: Span) -> bool {
        let scopes = &self.modules[module];
        let patched = scopes.patched();
        !patched.is_empty() && scopes.literal_at(span).is_some_and(|literal| self.is_patched(module, literal.scope))
    }

    /// Whether a scope is of such a function.
    fn is_patched(&self, module: usize, scope: usize) -> bool {
        let scopes = &self.modules[module];
        let mut at = Some(scope);
        while let Some(scope) = at {
            if scopes.patched().contains(&scope) {
                return true;
            }
            at = scopes.scopes[scope].parent;
        }
        false
    }
}

impl<'t> Looker<'_, 't, '_> {
    /// Whether a text, as it reaches the loader, is one of a test that loads nothing.
    pub(super) fn loads_nothing(&self, text: &Text) -> bool {
        let mut sites = self.eval.frames.iter().filter_map(|(_, site)| site.as_ref());
        self.program.is_patched_at(text.module, text.span)
            || sites.any(|site| self.program.is_patched(site.here.module, site.here.scope))
    }

    /// Where a test or an example gives a name to the product, the call is the test's own.
    pub(super) fn put_apart(&mut self, out: &mut Reference, text: &Text) {
        let program = self.program;
        let path = |module: usize| &*program.modules[module].module.path;
        if !is_apart(path(text.module)) || is_apart(path(self.index)) {
            return;
        }
        let all: Vec<_> = self.eval.frames.iter().rev().filter_map(|(_, site)| *site).collect();
        let site = all.into_iter().find(|site| is_apart(path(site.here.module)));
        let call = site.and_then(|site| {
            let scopes = &program.modules[site.here.module];
            let is_it = |call: &&super::scope::Call<'t>| {
                call.scope == site.here.scope && std::ptr::eq(call.arguments, site.arguments)
            };
            // Each call of the module may have to be looked at.
            let is_left = self.eval.step(scopes.calls.len() / 32);
            let call = scopes.calls.iter().filter(|_| is_left).find(is_it)?;
            let is_inside = site.here.module == text.module && call.whole.span.contains(text.span);
            (!is_inside).then(|| scopes.module.at(call.whole.span))
        });
        let at: At = call.clone().unwrap_or_else(|| out.place.clone());
        out.call = call;
        out.edit = None;
        // What is said to the loader is said elsewhere; it is shown where the reference stands.
        let loader = &mut out.loader;
        for said in [
            &mut loader.remote_code,
            &mut loader.weights_only,
            &mut loader.safe_mode,
            &mut loader.allow_pickle,
            &mut loader.safetensors,
        ] {
            *said = said.map(|said| match said {
                Said::On(_) => Said::On(at.span),
                Said::Off(_) => Said::Off(at.span),
                Said::Dynamic(_) => Said::Dynamic(at.span),
            });
        }
    }

    /// Of the files that may belong to one of several names, those whose key is the name's: two dictionaries with one
    /// key. None where keys do not tell.
    pub(super) fn files_of(&self, name: &Text, files: Vec<Text>) -> Vec<Text> {
        let key = |text: &Text| {
            let literal = self.program.modules[text.module].literal_at(text.span)?;
            Some(literal.to).filter(|to| !to.is_empty())
        };
        let Some(own) = key(name) else { return Vec::new() };
        let is_told = files.iter().any(|file| key(file).is_some_and(|other| other != own));
        files.into_iter().filter(|file| is_told && key(file) == Some(own)).collect()
    }
}
