//! What the names that a run comes to are for, in their order.

use std::collections::BTreeSet;

use super::{Loaded, MOST_BASES, MOST_DATA};
use crate::references::AssetKind;
use crate::references::training::{Named, Part, Task};
use crate::references::training::{is_for_tests, is_helper};

/// What something is for.
pub(super) fn part_of(one: &Loaded<'_>, task: Task) -> Option<Part> {
    let by = one.reference.loader.by.as_str();
    match one.reference.kind {
        AssetKind::Dataset => {
            let words = |text: &str| text.to_ascii_lowercase();
            let split = one.split.map(words).unwrap_or_default();
            let is_test = match split.as_str() {
                "" => is_for_tests(one.to),
                split => !split.contains("train") && is_for_tests(split.split('[').next().unwrap_or(split)),
            };
            let is_test = is_test || task == Task::Evaluate;
            Some(if is_test { Part::TestData } else { Part::Data })
        }
        AssetKind::Adapter => Some(Part::Adapter),
        AssetKind::Model => {
            let helps = task != Task::Evaluate && (is_helper(one.to) || by.contains("reward"));
            Some(if helps { Part::Helper } else { Part::Base })
        }
        AssetKind::Tokenizer | AssetKind::Kernel => None,
    }
}

/// Brings what was found into its order, and leaves out what nobody can tell.
pub(super) fn settle(named: &mut Vec<Named>) {
    named.sort();
    let bases: BTreeSet<String> =
        named.iter().filter(|one| one.part == Part::Base).map(|one| one.reference.name.clone()).collect();
    named.retain(|one| one.part != Part::Helper || !bases.contains(&one.reference.name));
    // What is run beside what is trained only helps.
    let is_run = |one: &Named| {
        let by = one.reference.loader.by.as_str();
        one.part == Part::Base && (by.ends_with("pipeline") || by.ends_with("LLM") || by.contains("CrossEncoder"))
    };
    if named.iter().any(|one| one.part == Part::Base && !is_run(one)) {
        named.iter_mut().filter(|one| is_run(one)).for_each(|one| one.part = Part::Helper);
    }
    for (part, most) in [(Part::Base, MOST_BASES), (Part::Data, MOST_DATA), (Part::TestData, MOST_DATA)] {
        // Of a table of models the default is the one that is meant.
        let is_sure = |one: &Named| one.part == part && !one.is_possible;
        let is_too_much = named.iter().filter(|one| one.part == part).count() > most;
        let sure = named.iter().filter(|one| is_sure(one)).count();
        if is_too_much && (1..=most).contains(&sure) {
            named.retain(|one| one.part != part || is_sure(one));
        } else if is_too_much {
            named.retain(|one| one.part != part);
        }
    }
    // Data that is learned from and measured with is both; what only names data for tests stays that.
    named.sort();
    named.dedup();
}
