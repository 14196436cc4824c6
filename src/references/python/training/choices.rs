//! Of what a script could take, what it takes by default, and what it keeps as it is.

use std::collections::BTreeSet;

use super::{Look, STEPS};
use crate::parse::python::Kind;
use crate::references::python::dispatch::{is_none_of, is_one_of};
use crate::references::python::evaluate::Evaluator;
use crate::references::python::program::Here;
use crate::references::python::scope::Call;
use crate::references::{AssetKind, Reference};

impl<'p, 't> Look<'p, 't> {
    /// Whether a text is given to an option of a command line that a module which is there reads.
    pub(super) fn is_option_of(&self, module: usize, call: Option<usize>, there: &BTreeSet<usize>) -> bool {
        let name = call.and_then(|call| self.program.modules[module].calls.get(call)?.function.last_name());
        there.contains(&module) && matches!(name, Some("add_argument" | "add_option" | "option" | "Option"))
    }

    /// Whether what stands at a place is what runs by default, where it stands in one of several branches; none where
    /// it stands in no such branch.
    pub(super) fn chosen(&mut self, here: Here, at: u64) -> Option<bool> {
        let mut out = None;
        for guard in self.program.guards(here.module, at) {
            let values = guard.is.iter().chain(&guard.is_not);
            if !values.into_iter().all(|value| value.as_text().is_some()) {
                continue;
            }
            let mut eval = Evaluator::new(self.program);
            eval.steps = STEPS;
            let set = eval.eval(&guard.subject, here);
            // Who runs a script of tasks has each of them.
            let is_main = guard.is.iter().any(|v| v.as_text().is_some_and(|text| text.text == "__main__"));
            if is_main {
                continue;
            }
            let is_known = set.texts().next().is_some();
            let is_it = is_known && if guard.is.is_empty() { !is_none_of(&set, guard) } else { is_one_of(&set, guard) };
            out = Some(is_it && out != Some(false));
        }
        out
    }

    /// Whether the weights of a variable are kept as they are: `text_encoder.requires_grad_(False)`.
    pub(super) fn is_frozen(&mut self, module: usize, name: &str) -> bool {
        let program = self.program;
        let frozen = self.frozen.entry(module).or_insert_with(|| {
            let off = |call: &'p Call<'t>| {
                let Kind::Attribute(object, method) = &call.function.kind else { return None };
                let first = call.arguments.first().filter(|_| method == "requires_grad_")?;
                object.last_name().filter(|_| matches!(first.value.kind, Kind::Bool(false)))
            };
            program.modules[module].calls.iter().filter_map(off).collect()
        });
        frozen.contains(name)
    }

    /// Whether a module is about one data set, and this is it.
    pub(super) fn is_only_data(&self, module: usize, reference: &Reference) -> bool {
        let all = self.loads.get(&self.program.modules[module].module.path);
        reference.kind == AssetKind::Dataset
            && all.is_some_and(|all| {
                let data = all.iter().filter(|(one, _)| one.kind == AssetKind::Dataset);
                data.into_iter().all(|(one, _)| one.name == reference.name)
            })
    }
}
