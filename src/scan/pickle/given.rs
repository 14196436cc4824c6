//! What calls are given: objects whose code a constructor runs, functions that are called later, and pairs that
//! become the keys of a dictionary.

use super::UNKNOWN_GLOBAL;
use super::calls::cut;
use super::machine::Machine;
use super::rating::Use;
use super::special::{Outcome, Special};
use super::value::{Kind, Value};

/// Classes that walk through what they are given, or make a text of it: its own code runs.
const ASKING: &[&str] = &[
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "str",
    "unicode",
    "bytes",
    "bytearray",
    "int",
    "float",
    "complex",
    "enumerate",
    "reversed",
    "zip",
    "deque",
    "Counter",
    "OrderedDict",
    "defaultdict",
    "UserDict",
    "UserList",
    "UserString",
];
/// Modules whose objects are walked through without harm.
const PLAIN: &[&str] =
    &["builtins", "__builtin__", "collections", "_collections", "itertools", "_codecs", "datetime", "decimal", "types"];
/// Classes whose `__init__` a `copyreg._reconstructor` may run.
const BASES: &[&str] = &[
    "object",
    "dict",
    "list",
    "tuple",
    "set",
    "frozenset",
    "int",
    "long",
    "float",
    "complex",
    "str",
    "unicode",
    "bytes",
    "bytearray",
    "OrderedDict",
    "defaultdict",
    "deque",
    "ndarray",
];

impl Machine<'_> {
    /// Looks at the arguments of a call of global `index`.
    pub(super) fn look_at_arguments(&mut self, index: usize, arguments: Value, wanted: Use) {
        let of = &self.globals[index];
        let is_builtin = matches!(of.module.as_str(), "builtins" | "__builtin__" | "collections" | "_collections");
        let is_asking = is_builtin && ASKING.contains(&of.name.as_str()) || of.module == "torch" && of.name == "Size";
        if wanted != Use::Call && !is_asking {
            return;
        }
        let takes_functions = matches!(of.special, Some(Special::Partial | Special::Getattr | Special::Classes(_)));
        let is_class = is_builtin || of.special.is_none() && of.name.starts_with(|c: char| c.is_ascii_uppercase());
        let Some((values, count)) = self.records.values(arguments).filter(|_| arguments.kind() == Kind::Tuple) else {
            return self.note_opaque(index);
        };
        if count == 0 {
            return;
        }
        for value in &values {
            match value.kind() {
                Kind::Result | Kind::Instance => {
                    if is_asking && !self.is_walked_plainly(*value) {
                        let (callee, given) = (self.name(index), self.name(value.payload() as usize));
                        let message = format!("calls `{callee}` on what `{given}` gave, which runs code of its class");
                        self.told.note(&UNKNOWN_GLOBAL, self.now, cut(message));
                    }
                    if !takes_functions && self.is_only_kept(*value) {
                        let callee = self.name(index);
                        let message = format!("gives `{callee}` a function to call that is only known to be kept");
                        self.told.note(&UNKNOWN_GLOBAL, self.now, cut(message));
                    }
                }
                Kind::Dict => self.take_keys_of(*value),
                _ => {}
            }
        }
        if is_class {
            for value in values {
                self.look_at_pairs(index, value);
            }
        }
    }

    /// Pairs of keys and values that a dictionary is made of.
    fn look_at_pairs(&mut self, index: usize, value: Value) {
        match value.kind() {
            Kind::List | Kind::Tuple | Kind::Set if value.payload() != 0 => match self.records.all(value) {
                Some(pairs) => {
                    for pair in pairs {
                        if let Some([key, value]) = self.records.all(pair).as_deref().filter(|_| is_pair(pair)) {
                            self.look_at_key(*key, *value);
                        }
                    }
                    self.take_fresh();
                }
                None => self.note_opaque(index),
            },
            Kind::Result | Kind::Instance => {
                let of = &self.globals[value.payload() as usize];
                if of.module == "itertools" || matches!(of.name.as_str(), "zip" | "enumerate" | "list" | "tuple") {
                    self.note_opaque(index);
                }
            }
            _ => {}
        }
    }

    /// Whether walking through a value, or making a text of it, runs only code of Python and numpy.
    pub(super) fn is_walked_plainly(&self, value: Value) -> bool {
        if !matches!(value.kind(), Kind::Result | Kind::Instance) {
            return true;
        }
        let of = self.global(value.payload() as usize);
        if of.calls.is_some() {
            return true;
        }
        PLAIN.contains(&of.module.as_str()) || of.module == "numpy" || of.module.starts_with("numpy.")
    }

    /// Whether a value is a `functools.partial` of what is not known to be harmless when it is called.
    fn is_only_kept(&self, value: Value) -> bool {
        let calls = self.global(value.payload() as usize).calls;
        calls.is_some_and(|of| !self.global(of).rating.allows(Use::Call))
    }

    /// The factory of a `defaultdict`, which is called for each key that is not there.
    pub(super) fn is_factory(&self, value: Value) -> bool {
        match value.kind() {
            Kind::Global => self.is_called_plainly(value.payload() as usize),
            Kind::Result => self.global(value.payload() as usize).calls.is_some_and(|of| self.is_called_plainly(of)),
            Kind::Null => true,
            _ => false,
        }
    }

    fn is_called_plainly(&self, index: usize) -> bool {
        let of = self.global(index);
        let is_plain = matches!(of.special, None | Some(Special::Classes(_) | Special::State | Special::Partial));
        is_plain && of.rating.allows(Use::Call)
    }

    /// Whether a global is a class of Python or numpy from which others are made.
    pub(super) fn is_base(&self, index: usize) -> bool {
        let of = self.global(index);
        let module = of.module.as_str();
        matches!(module, "builtins" | "__builtin__" | "collections" | "_collections" | "numpy")
            && BASES.contains(&of.name.as_str())
    }

    /// Whether a function that a `functools.partial` holds is harmless with what it is given, and no name besides.
    pub(super) fn is_bound_plainly(&mut self, of: usize, arguments: &[Value], has_names: bool) -> bool {
        match self.globals[of].special {
            None | Some(Special::State) => true,
            Some(_) if has_names => false,
            Some(special) => {
                let place = self.records.keep(arguments.len() as u64, None, arguments);
                matches!(self.check(of, special, Kind::Result, Value::new(Kind::Tuple, place)), Outcome::Gives(_))
            }
        }
    }
}

fn is_pair(value: Value) -> bool {
    matches!(value.kind(), Kind::Tuple | Kind::List)
}
