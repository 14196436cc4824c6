//! Kernels of a hub: those that `attn_implementation` names, and the versions they are asked for.

use super::calls::Looker;
use super::evaluate::given;
use super::loaders::NOWHERE;
use super::program::Here;
use super::scope::Call;
use super::value::Value;
use crate::parse::python::{Argument, Expression};
use crate::references::config::keys::{Need, Wanted};
use crate::references::config::values::{self, Reading};
use crate::references::{AssetKind, Pin, Reference, Standing};

impl<'t> Looker<'_, 't, '_> {
    /// `attn_implementation="owner/kernel@revision:function"` of any call. Source: transformers.
    pub(super) fn attention(&mut self, call: &Call<'t>, here: Here) {
        let own = given(call.arguments, "attn_implementation", NOWHERE);
        let is_setter = call.function.last_name() == Some("set_attn_implementation");
        let Some(argument) = own.or_else(|| call.arguments.first().filter(|_| is_setter)) else { return };
        for set in self.variants(&argument.value, here) {
            for text in set.texts() {
                let wanted = Wanted { kind: AssetKind::Kernel, need: Need::Owner };
                let Reading::Named(found) = values::read(&text.text, wanted, None) else { continue };
                let place = self.program.modules[text.module].module.at(text.span);
                let mut out = Reference::new(found.kind, found.hub, found.name, place, "attn_implementation");
                let call_at = self.scopes().module.at(call.whole.span);
                out.standing = if text.standing == Standing::Default { Standing::Default } else { Standing::Runs };
                out.call = (!call.whole.span.contains(text.span) || text.module != self.index).then_some(call_at);
                if let Some(revision) = found.revision {
                    let at = out.place.clone();
                    out = out.at_revision(revision, Some(at));
                }
                if !self.out.references.contains(&out) {
                    self.out.references.push(out);
                }
            }
        }
    }

    /// `get_kernel("owner/kernel", version=1)`: the newest of what is called so, which is a tag and no commit. Nothing
    /// else may be said beside it.
    pub(super) fn version(&mut self, out: &mut Reference, arguments: &'t [Argument], here: Here) {
        let Some(written) = given(arguments, "version", NOWHERE) else { return };
        let place = self.scopes().module.at(written.value.span);
        let text = match self.constant(&written.value, here) {
            Some(text) => {
                out.pin = Pin::Tag;
                text
            }
            None => {
                out.pin = Pin::Dynamic;
                self.scopes().module.shown(written.value.span)
            }
        };
        out.revision = Some(text);
        out.revision_place = Some(place);
    }

    fn constant(&mut self, e: &'t Expression, here: Here) -> Option<String> {
        let set = self.eval.eval(e, here);
        match set.values.as_slice() {
            [Value::Integer(number, _)] if !set.open => Some(number.to_string()),
            [Value::Text(text)] if !set.open => Some(text.text.clone()),
            _ => None,
        }
    }
}
