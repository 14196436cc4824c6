//! Names and revisions that are written in pairs: `[("owner/a", "v1"), ("owner/b", "v2")]`.

use std::rc::Rc;

use super::value::{Set, Text, Value};

/// The revisions that belong to one of several names, where each name and its revision are written beside one another
/// in one list; none where they are not.
pub(super) fn of_name<'t>(names: &Set<'t>, revisions: &Set<'t>, name: &Text) -> Option<Set<'t>> {
    let all: Vec<&Rc<Text>> = revisions.texts().collect();
    let mut others: Vec<&Rc<Text>> = names.texts().collect();
    let is_here = |text: &&Rc<Text>| text.module == name.module;
    if others.len() < 2 || all.len() < 2 || !others.iter().all(is_here) || !all.iter().all(is_here) {
        return None;
    }
    others.sort_by_key(|text| text.span.start);
    let begin = |at: usize| others.get(at).map_or(u64::MAX, |text| text.span.start);
    // Each revision stands behind its name, and no two behind one.
    let at_most_one = (0..others.len()).all(|at| {
        let is_its = |text: &&&Rc<Text>| begin(at) < text.span.start && text.span.start < begin(at + 1);
        all.iter().filter(is_its).count() <= 1
    });
    if !at_most_one || all.iter().any(|text| text.span.start < begin(0)) {
        return None;
    }
    let at = others.iter().position(|text| text.span == name.span)?;
    let is_its = |text: &&&Rc<Text>| begin(at) < text.span.start && text.span.start < begin(at + 1);
    let has_none = revisions.open || revisions.values.iter().any(|value| matches!(value, Value::Nothing));
    match all.iter().find(is_its) {
        Some(own) => Some(Set::one(Value::Text(Rc::clone(own)))),
        None => has_none.then(|| Set::one(Value::Nothing)),
    }
}
