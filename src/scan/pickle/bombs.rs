//! Calls of harmless functions that take memory or time without end.

use super::BOMB;
use super::machine::Machine;
use super::value::{Kind, Value};

/// Numbers from which on a container of so many values is one.
const VAST: i64 = 1 << 28;
/// Functions that walk through what they are given.
const WALKING: &[&str] = &[
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "bytes",
    "bytearray",
    "sorted",
    "sum",
    "Counter",
    "deque",
    "OrderedDict",
    "UserList",
    "UserDict",
];
/// Functions that give values without end.
const ENDLESS: &[&str] = &["count", "cycle", "repeat"];

impl Machine<'_> {
    /// Tells a call that takes memory without end.
    pub(super) fn look_for_bomb(&mut self, index: usize, arguments: Value) {
        let of = &self.globals[index];
        let is_builtin = matches!(of.module.as_str(), "builtins" | "__builtin__" | "collections");
        let is_array = matches!(of.name.as_str(), "_reconstruct" | "ndarray");
        if !is_builtin && !is_array {
            return;
        }
        let name = of.name.as_str();
        let Some((values, _)) = self.records.values(arguments).filter(|_| arguments.kind() == Kind::Tuple) else {
            return;
        };
        let is_vast = |value: &Value| value.as_int().is_some_and(|count| !(-VAST..=VAST).contains(&count));
        let is_bomb = match name {
            "bytes" | "bytearray" if values.len() == 1 && is_vast(&values[0]) => true,
            // A number of more than six bytes, too.
            "range" | "xrange" => values.iter().any(|value| is_vast(value) || value.kind() == Kind::Number),
            "_reconstruct" | "ndarray" => {
                let shape = values.get(usize::from(name == "_reconstruct"));
                let sides = match shape {
                    Some(shape) if shape.kind() == Kind::Tuple => self.records.all(*shape).unwrap_or_default(),
                    Some(shape) => vec![*shape],
                    None => Vec::new(),
                };
                let count = sides.iter().filter_map(|side| side.as_int()).fold(1_i64, i64::saturating_mul);
                count > VAST && !sides.is_empty()
            }
            _ if WALKING.contains(&name) => values.first().is_some_and(|value| self.is_endless(*value)),
            _ => false,
        };
        if is_bomb {
            let message = format!("calls `{}` for more than memory holds", self.name(index));
            self.told.note(&BOMB, self.now, message);
        }
    }

    /// Whether a value is an iterator that does not end.
    fn is_endless(&self, value: Value) -> bool {
        match value.kind() {
            Kind::Result | Kind::Instance => {
                let of = self.global(value.payload() as usize);
                of.module == "itertools" && ENDLESS.contains(&of.name.as_str())
            }
            _ => false,
        }
    }
}
