//! What no schema can say of a document: references that two parts have or that lead nowhere, package URLs that are
//! none, paths of a machine, digests that are cut, licences that are no expressions, and what nothing leads to.
//!
//! Everything here works on the document as it is written, so that each finding has its place.

mod cyclonedx;
mod graph;
mod purls;
mod spdx2;
mod spdx2_text;
mod spdx3;
mod values;

use super::Check;
use super::Findings;
use super::interpret::Reference;
use super::interpret::escaped;
use crate::parse::json::Value;
use crate::sbom::model::Format;

/// Looks at a document; the number of parts that it lists.
pub(super) fn check(format: &Format, root: &Value, references: &[Reference], findings: &mut Findings) -> usize {
    values::check(format, root, findings);
    match format {
        Format::CycloneDx(_) => cyclonedx::check(root, findings),
        Format::Spdx2(_) => spdx2::check(root, findings),
        Format::Spdx3(_) => spdx3::check(root, references, findings),
    }
}

/// Where a value stands: a link to what holds it, so that a pointer is spelt only where one is told.
#[derive(Clone, Copy)]
struct At<'a> {
    outer: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Item(usize),
}

impl<'a> At<'a> {
    const ROOT: At<'static> = At { outer: None, step: Step::Root };

    fn key(&'a self, key: &'a str) -> At<'a> {
        At { outer: Some(self), step: Step::Key(key) }
    }

    fn item(&'a self, at: usize) -> At<'a> {
        At { outer: Some(self), step: Step::Item(at) }
    }

    /// The nearest key: that of a list for its items.
    fn name(&self) -> &'a str {
        match self.step {
            Step::Key(key) => key,
            Step::Item(_) => self.outer.map_or("", At::name),
            Step::Root => "",
        }
    }

    /// Whether this stands somewhere below a key.
    fn is_below(&self, key: &str) -> bool {
        let mut at = Some(self);
        while let Some(one) = at {
            if matches!(one.step, Step::Key(own) if own == key) {
                return true;
            }
            at = one.outer;
        }
        false
    }

    /// The JSON pointer.
    fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(one) = at {
            match one.step {
                Step::Root => {}
                Step::Key(key) => steps.push(escaped(key)),
                Step::Item(item) => steps.push(item.to_string()),
            }
            at = one.outer;
        }
        steps.iter().rev().fold(String::new(), |mut pointer, step| {
            pointer.push('/');
            pointer.push_str(step);
            pointer
        })
    }
}

/// Calls for a value and all within it, from outside in.
fn walk(value: &Value, at: &At<'_>, visit: &mut dyn FnMut(&Value, &At<'_>)) {
    visit(value, at);
    for (index, item) in value.items().iter().enumerate() {
        walk(item, &at.item(index), visit);
    }
    for entry in value.entries() {
        walk(&entry.value, &at.key(entry.key.as_str()), visit);
    }
}

/// A place that is kept.
#[derive(Debug, Clone)]
struct Place {
    pointer: String,
    start: u64,
}

impl Place {
    fn of(value: &Value, at: &At<'_>) -> Self {
        Self { pointer: at.pointer(), start: value.span.start }
    }
}

impl Findings {
    /// Tells of something at a place that was kept.
    fn at(&mut self, check: Check, place: &Place, message: String) {
        self.push(check, place.pointer.clone(), place.start, message);
    }
}
