//! Lists that a person chooses a model from: `InputConfig(type="dropdown", value=default, values=models)`.

use std::collections::BTreeSet;

use super::calls::Looker;
use super::evaluate::given;
use super::hosted;
use super::known::is_test;
use super::loaders::NOWHERE;
use super::program::Here;
use super::value::Text;
use crate::references::{AssetKind, Hub, Reference, Standing};

/// What such lists are given as.
const LISTS: &[&str] = &["values", "choices", "options"];
/// What says which of them is taken where nobody chooses.
const CHOSEN: &[&str] = &["value", "default", "index"];
/// Names of one list.
const MOST: usize = 64;

impl Looker<'_, '_, '_> {
    /// Looks at lists of names of one party's models, in a module that asks that party.
    pub(super) fn offered(&mut self) {
        let scopes = self.scopes();
        if is_test(&scopes.module.path) {
            return;
        }
        let written = scopes.module.text.to_ascii_lowercase();
        for call in &scopes.calls {
            let list = LISTS.iter().find_map(|list| given(call.arguments, list, NOWHERE));
            let has_chosen = CHOSEN.iter().any(|name| given(call.arguments, name, NOWHERE).is_some());
            let Some(list) = list.filter(|_| has_chosen) else { continue };
            if !self.ask() {
                break;
            }
            self.eval.frames.clear();
            let here = Here { module: self.index, scope: call.scope, block: call.block };
            let all = self.eval.elements(&list.value, here);
            let texts: Vec<Text> = all.texts().take(MOST).map(|text| (**text).clone()).collect();
            let mut seen = BTreeSet::new();
            for text in texts {
                let party = hosted::party_of(&text.text).filter(|party| {
                    let is_name = hosted::is_name(&text.text) && !text.text.contains('/');
                    is_name && text.text.contains('-') && !party.is_empty() && written.contains(party)
                });
                let Some(party) = party.filter(|_| seen.insert(text.text.clone())) else { continue };
                let place = self.program.modules[text.module].module.at(text.span);
                let by = call.function.last_name().unwrap_or("");
                let mut out = Reference::new(AssetKind::Model, Hub::Hosted(party), text.text, place, by);
                out.standing = Standing::Default;
                self.out.hints.push(out);
            }
        }
    }
}
