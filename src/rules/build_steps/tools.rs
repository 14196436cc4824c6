//! Tools that a script installs from a registry, gathered over all scripts of the tree.

use std::collections::BTreeMap;

use crate::commands::{Act, Operand, Opt};
use crate::diag::Edit;
use crate::rules::workflow::reach::{Piece, Run};
use crate::source::Place;

/// One install of a tool.
#[derive(Clone)]
pub(super) struct Install<'a, 'r> {
    pub(super) place: Place,
    pub(super) run: &'r Run<'a>,
    pub(super) step: String,
}

/// Installs by what is said of them.
pub(super) type Installs<'a, 'r> = BTreeMap<String, Vec<Install<'a, 'r>>>;

/// The parts of an act that installs packages.
pub(super) struct Packages<'p> {
    pub(super) verb: &'p str,
    pub(super) options: &'p [Opt],
}

impl Packages<'_> {
    /// Whether an option stands there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|o| names.contains(&o.name.as_str()))
    }
}

/// Notes one install.
pub(super) fn note<'a, 'r>(
    out: &mut Installs<'a, 'r>,
    what: String,
    run: &'r Run<'a>,
    piece: &Piece<'a>,
    act: &Act,
    operand: Option<&Operand>,
) {
    let range = operand.map_or_else(|| act.range.clone(), |o| o.range.clone());
    let place = Place::new(run.file, piece.script.text.host_span(range));
    let found = out.entry(what).or_default();
    if !found.iter().any(|f| f.place == place) {
        found.push(Install { place, run, step: piece.title() });
    }
}

/// The install that weighs most; of equals the first.
pub(super) fn weightiest<'f, 'a, 'r>(found: &'f [Install<'a, 'r>]) -> Option<&'f Install<'a, 'r>> {
    found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
}

/// The edits of all places of a finding; none where one of them has no answer, since the finding would stay.
pub(super) fn all<'e>(places: impl Iterator<Item = Option<&'e Vec<Edit>>>) -> Vec<Edit> {
    let found: Option<Vec<&Vec<Edit>>> = places.collect();
    found.into_iter().flatten().flatten().cloned().collect()
}
