//! Python: what its calls of loaders are given, followed through the tree's modules.
//!
//! Modules that may load something are read, then those they import and those that call their functions, in a few
//! rounds. Nothing here opens a file.

mod apart;
mod called;
mod calls;
mod deeds;
mod dispatch;
mod evaluate;
mod files;
mod follow;
mod hints;
mod hosted;
mod items;
mod kernels;
mod known;
mod loaders;
mod module;
mod objects;
mod offered;
mod pairs;
mod program;
mod scope;
mod settle;
mod slim;
#[cfg(test)]
mod tests;
mod texts;
mod together;
mod training;
mod understand;
mod value;

pub(in crate::references) use calls::Outcome;
pub(in crate::references) use files::{MOST_BYTES as MOST_VALUES, claims as holds_values};
pub(in crate::references) use known::{is_named_test, is_test};
pub(in crate::references) use loaders::telling;
pub(in crate::references) use module::Module;
pub(in crate::references) use program::{Paths, Program};
pub(in crate::references) use settle::settle;
pub(in crate::references) use training::{Made, imported, trainings};

use crate::references::tree::in_parallel;
use scope::Scopes;

/// A program of no modules yet.
pub(in crate::references) fn program(paths: &Paths) -> Program<'_> {
    Program::new(paths)
}

/// Puts modules to a program, behind those that it has.
pub(in crate::references) fn extend<'t>(program: &mut Program<'t>, modules: &'t [Module], threads: usize) {
    program.extend(in_parallel(threads, modules.len(), |at| Scopes::of(&modules[at])));
}

/// What a module of a program loads. `is_there` tells whether the tree has a file or folder of a path.
pub(in crate::references) fn look(program: &Program<'_>, index: usize, is_there: &dyn Fn(&str) -> bool) -> Outcome {
    if program.modules[index].module.holds_values {
        return Outcome::default();
    }
    let mut looker = calls::Looker::new(program, index, is_there);
    looker.calls();
    looker.literals();
    looker.offered();
    let mut out = looker.out;
    out.wanted = looker.eval.wanted.into_iter().collect();
    out.wrappers = looker.eval.wrappers.into_iter().map(str::to_owned).collect();
    out
}
