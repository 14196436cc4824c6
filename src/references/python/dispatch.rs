//! Choices by a name: `if provider == A: model = "x"` in one place, `if provider == A: Embeddings(model)` in another.
//! What is set for one value does not come to what runs for another.

use super::calls::Looker;
use super::program::{Here, Program};
use super::scope::Call;
use super::value::{Set, Text, Value};
use crate::parse::python::{Expression, Guard, Kind};
use crate::references::Standing;

/// Guards around one place that are looked at.
const MOST: usize = 8;

/// A value that something is compared with: what it is a value of, and which.
type Key<'e> = (&'e str, &'e str);

/// What one guard is about. Members of an enumeration are told by it, texts by what is compared.
fn key<'e>(subject: &'e Expression, value: &'e Expression) -> Option<Key<'e>> {
    match &value.kind {
        Kind::Text(text) => Some((name_of(subject)?, &text.text)),
        Kind::Attribute(object, name) if name == "value" || name == "name" => key(subject, object),
        Kind::Attribute(object, name) => Some((object.last_name()?, name)),
        Kind::Name(name) => Some((name_of(subject)?, name)),
        _ => None,
    }
}

/// The name of what is compared: `provider` of `self.embedding_provider.lower()`. Names of parties are the same under
/// longer names.
fn name_of(e: &Expression) -> Option<&str> {
    const PARTIES: &[&str] = &["provider", "backend", "vendor", "platform"];
    let name = match &e.kind {
        Kind::Call(function, arguments) => match &function.kind {
            Kind::Attribute(object, _) => return name_of(object),
            _ => return name_of(&arguments.first()?.value),
        },
        Kind::Item(_, key) => &key.as_text()?.text,
        _ => e.last_name()?,
    };
    let last = name.rsplit('_').next().unwrap_or(name);
    Some(if PARTIES.contains(&last) { last } else { name })
}

fn keys<'e>(guard: &'e Guard, values: &'e [Expression]) -> Vec<Key<'e>> {
    values.iter().filter_map(|value| key(&guard.subject, value)).collect()
}

/// Whether what runs under one guard does not run under the other.
fn excludes(a: &Guard, b: &Guard) -> bool {
    let (of_a, of_b) = (keys(a, &a.is), keys(b, &b.is));
    if of_a.is_empty() || of_a.len() != a.is.len() || of_b.len() != b.is.len() {
        return false;
    }
    let is_same = |one: &Key<'_>, all: &[Key<'_>]| all.iter().any(|other| other.0 == one.0);
    if !of_b.is_empty() {
        return of_a.iter().all(|one| is_same(one, &of_b) && !of_b.contains(one));
    }
    let none_of = keys(b, &b.is_not);
    none_of.len() == b.is_not.len() && of_a.iter().all(|one| none_of.contains(one))
}

impl<'t> Program<'t> {
    /// The guards around a place of a module, the innermost last.
    pub(super) fn guards(&self, module: usize, at: u64) -> Vec<&'t Guard> {
        let all = &self.modules[module].module.guards;
        let end = all.partition_point(|guard| guard.body.start <= at);
        let around = all.get(..end).unwrap_or_default().iter().filter(|guard| at < guard.body.end);
        let mut out: Vec<&Guard> = around.rev().take(MOST).collect();
        out.reverse();
        out
    }

    /// Whether a choice of a module has a branch for what a guard is about.
    fn chooses(&self, module: usize, by: &Guard) -> bool {
        let of_by = keys(by, &by.is);
        let all = &self.modules[module].module.guards;
        all.iter().any(|guard| keys(guard, &guard.is).iter().any(|one| of_by.contains(one)))
    }
}

impl<'t> Looker<'_, 't, '_> {
    /// Whether a text is set for a value of a choice for which a call does not run.
    pub(super) fn is_elsewhere(&mut self, call: &Call<'t>, here: Here, text: &Text) -> bool {
        let program = self.program;
        let all = program.modules[self.index].module.guards.len() + program.modules[text.module].module.guards.len();
        let of_call = program.guards(self.index, call.whole.span.start);
        if of_call.is_empty() || !self.eval.step(all / 8) {
            return false;
        }
        let mut of_text = program.guards(text.module, text.span.start);
        for (_, site) in &self.eval.frames {
            let Some(site) = site else { continue };
            if let Some(first) = site.arguments.first() {
                of_text.extend(program.guards(site.here.module, first.span.start));
            }
        }
        let is_other = |by: &&'t Guard| {
            of_call.iter().any(|guard| !std::ptr::eq(*guard, *by) && excludes(by, guard))
                && program.chooses(self.index, by)
        };
        if of_text.iter().any(is_other) {
            return true;
        }
        // What the caller gives decides, where it is known.
        !self.eval.frames.is_empty() && of_call.iter().any(|guard| self.holds_not(guard, here))
    }

    /// Whether what a guard compares is something else under the frames that are set.
    fn holds_not(&mut self, guard: &'t Guard, here: Here) -> bool {
        if guard.is.is_empty() || !guard.is.iter().all(|value| value.as_text().is_some()) {
            return false;
        }
        let set = self.eval.eval(&guard.subject, here);
        let is_fixed = |value: &Value<'t>| matches!(value, Value::Text(text) if text.standing == Standing::Runs);
        let is_known = !set.open && !set.values.is_empty() && set.values.iter().all(is_fixed);
        is_known && !is_one_of(&set, guard)
    }
}

/// Whether a value may be one that a guard is about; letters count in either case.
pub(super) fn is_one_of(set: &Set<'_>, guard: &Guard) -> bool {
    let wanted = || guard.is.iter().filter_map(Expression::as_text);
    set.texts().any(|text| wanted().any(|one| one.text.eq_ignore_ascii_case(&text.text)))
}

/// Whether all that a value may be is something that a guard rules out.
pub(super) fn is_none_of(set: &Set<'_>, guard: &Guard) -> bool {
    let ruled = || guard.is_not.iter().filter_map(Expression::as_text);
    set.texts().all(|text| ruled().any(|one| one.text.eq_ignore_ascii_case(&text.text)))
}
