//! What a call calls, by its dotted name: `transformers.AutoModel.from_pretrained`.

use super::evaluate::Evaluator;
use super::program::Here;
use super::scope::What;
use crate::parse::python::{Expression, Kind};

/// Most names one thing is followed to.
const MOST: usize = 4;
/// Deepest that names are followed through assignments.
const DEEPEST: usize = 6;

impl<'t> Evaluator<'_, 't> {
    /// The dotted names that something may have. Functions and classes of the tree begin with `.`, what is not known
    /// with `?`.
    pub(super) fn called(&mut self, e: &'t Expression, here: Here, depth: usize) -> Vec<String> {
        if depth >= DEEPEST || !self.step(1) {
            return vec!["?".to_owned()];
        }
        match &e.kind {
            Kind::Name(name) => self.called_name(name, e.span.start, here, depth),
            Kind::Attribute(object, name) => {
                let own = matches!(&object.kind, Kind::Name(own) if own == "self" || own == "cls");
                if own && let Some(found) = self.called_member(name, here, depth) {
                    return found;
                }
                let mut out = self.called(object, here, depth + 1);
                out.retain(|path| path.len() < 200);
                out.iter_mut().for_each(|path| *path = format!("{path}.{name}"));
                out
            }
            // What a call gives is known by what is called.
            Kind::Call(function, _) => self.called(function, here, depth + 1),
            Kind::Either(a, b) => {
                let mut out = self.called(a, here, depth + 1);
                out.extend(self.called(b, here, depth + 1));
                out.truncate(MOST);
                out
            }
            _ => vec!["?".to_owned()],
        }
    }

    fn called_name(&mut self, name: &str, at: u64, here: Here, depth: usize) -> Vec<String> {
        let Some(bindings) = self.bindings(name, at, here) else { return vec![name.to_owned()] };
        let mut out: Vec<String> = Vec::new();
        for binding in bindings.iter().rev().take(MOST) {
            let inner = Here { module: here.module, scope: binding.scope, block: binding.block };
            match &binding.what {
                What::Import(import) => out.push(match &import.item {
                    Some(item) => format!("{}.{item}", import.module.trim_start_matches('.')),
                    None if import.module.starts_with(&import.name) => import.name.clone(),
                    None => import.module.clone(),
                }),
                What::Scope(_) => out.push(format!(".{name}")),
                What::Value(value) => match &value.kind {
                    Kind::Name(_) | Kind::Attribute(..) | Kind::Call(..) | Kind::Either(..) => {
                        let found = self.called(value, inner, depth + 1);
                        out.extend(found);
                    }
                    _ => out.push(format!("?{name}")),
                },
                _ => out.push(format!("?{name}")),
            }
        }
        out.sort_unstable();
        out.dedup();
        out.truncate(MOST);
        out
    }

    /// What `self.name` is made by.
    fn called_member(&mut self, name: &str, here: Here, depth: usize) -> Option<Vec<String>> {
        let program = self.program;
        let scopes = &program.modules[here.module];
        let class = scopes.class_of(here.scope)?;
        let binding = scopes.scopes[class].members.get(name)?.iter().find(|b| matches!(b.what, What::Value(_)))?;
        let What::Value(value) = &binding.what else { return None };
        let inner = Here { module: here.module, scope: binding.scope, block: binding.block };
        let found = self.called(value, inner, depth + 1);
        (!found.is_empty()).then_some(found)
    }
}
