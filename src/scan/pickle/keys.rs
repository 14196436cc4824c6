//! Keys of states and items that are more than data, and where the dictionaries that hold them are.

use std::collections::HashMap;
use std::collections::HashSet;

use super::formula;
use super::machine::Machine;
use super::opcode;
use super::value::{Kind, Value};
use crate::scan::context::OVER_BUDGET;

/// Keys that Python or a method of the class calls, where their value is a class or a function.
const CALLED: &[&[u8]] = &[
    b"append",
    b"extend",
    b"add",
    b"update",
    b"get",
    b"pop",
    b"setdefault",
    b"items",
    b"keys",
    b"values",
    b"copy",
    b"clear",
    b"default_factory",
];
/// Keys with underscores whose value is only kept.
const KEPT: &[&[u8]] = &[
    b"__doc__",
    b"__module__",
    b"__name__",
    b"__qualname__",
    b"__orig_class__",
    b"__wrapped__",
    b"__version__",
    b"__annotations__",
    b"__metadata__",
];
/// Keys whose text classes run as code, or open.
const RUN: &[&[u8]] = &[b"_parse_arg_template", b"formula", b"_Booster", b"handle", b"__cuda_dependent_attributes__"];
/// Keys that opcodes call, whatever object stands there.
const APPENDING: &[&[u8]] = &[b"append", b"extend", b"add"];
/// The name of a key that a call gave.
pub(super) const COMPUTED: &str = "a computed key";
/// Keys that change what an object is, whatever their value.
const INNER: &[&[u8]] = &[b"__class__", b"__dict__", b"__setstate__", b"__codegen__", b"use_kernels"];
/// Keys that matter only where a state goes through `setattr`.
pub(super) const SLOTS: &[&str] = &["use_kernels", "__dict__"];
/// Modules whose classes take functions and classes for keys.
pub(super) const MAPS: &[&str] = &["collections", "_collections", "builtins", "__builtin__"];

/// A key that is more than data, and what stands under it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) value: Value,
}

/// Keys that are more than data.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Of the container that is being filled.
    pub(super) fresh: Vec<Key>,
    /// By the record of their dictionary.
    pub(super) hot: HashMap<u64, Vec<Key>>,
    /// One was set on an object, which may be given as a state.
    pub(super) on_object: Option<String>,
    /// One that was computed was set on an object.
    pub(super) is_computed_on_object: bool,
    /// Whether a container has a second name, by which it may have been filled.
    pub(super) is_lost: bool,
    /// Globals that made something of what is not seen: perhaps a dictionary with such keys.
    pub(super) opaque: HashSet<usize>,
    /// Keys that were looked at, by their place.
    cool: Vec<u64>,
}

impl Machine<'_> {
    /// A container as it was filled last, by whatever name; none where that is not known.
    pub(super) fn latest(&mut self, value: Value) -> Option<Value> {
        if value.kind() != Kind::Dict {
            return Some(value);
        }
        if self.keys.is_lost {
            return None;
        }
        match self.records.head(value) {
            // Of two names of one dictionary, the later record is what it holds.
            Some((_, Some(index))) => {
                let stored = self.memo.get(index).filter(|stored| stored.kind() == Kind::Dict)?;
                Some(if stored.payload() > value.payload() { stored } else { value })
            }
            _ => Some(value),
        }
    }

    /// DUP: what is done to a container by one name is not seen by the other.
    pub(super) fn double(&mut self, value: Value) {
        if matches!(value.kind(), Kind::Dict | Kind::List | Kind::Set) {
            self.keys.is_lost = true;
        }
    }

    /// Another object is stored where a container was, whose names are lost with it.
    #[cold]
    pub(super) fn replaced(&mut self, index: u64, value: Value) {
        let before = self.memo.get(index);
        if before.is_some_and(|before| before.kind() == Kind::Dict && before.payload() != value.payload()) {
            self.keys.is_lost = true;
        }
    }

    /// Notes that what a global makes may be a dictionary with any keys.
    pub(super) fn note_opaque(&mut self, index: usize) {
        self.keys.opaque.insert(index);
    }

    /// Notes the keys of a dictionary that a call is given: what it gives may have them.
    pub(super) fn take_keys_of(&mut self, dict: Value) {
        if self.keys.hot.is_empty() {
            return;
        }
        let Some(dict) = self.latest(dict) else { return };
        let names: Vec<String> =
            self.keys.hot.get(&dict.payload()).into_iter().flatten().map(|key| key.name.clone()).collect();
        for name in names {
            self.note_on_object(name);
        }
    }

    pub(super) fn note_on_object(&mut self, name: String) {
        if name == COMPUTED {
            self.keys.is_computed_on_object = true;
        } else {
            self.keys.on_object = Some(name);
        }
    }

    /// Notes the keys that were looked at last for what a call gives.
    pub(super) fn take_fresh(&mut self) {
        for key in std::mem::take(&mut self.keys.fresh) {
            self.note_on_object(key.name);
        }
    }

    /// Looks at the keys among keys and values above `from`, and notes those that are more than data.
    #[inline]
    pub(super) fn look_at_keys(&mut self, from: usize) {
        let mut at = from;
        while at + 1 < self.stack.len() {
            let (key, value) = (self.stack[at], self.stack[at + 1]);
            at += 2;
            match key.kind() {
                Kind::Text => self.look_at_key(key, value),
                Kind::Result | Kind::Instance | Kind::Unknown => self.look_at_key(key, value),
                Kind::Run => self.told.note(&OVER_BUDGET, self.now, "a dictionary has more keys than are looked at"),
                _ => {}
            }
        }
    }

    #[inline]
    pub(super) fn look_at_key(&mut self, key: Value, value: Value) {
        if key.kind() != Kind::Text {
            return self.look_at_computed(key, value);
        }
        const COOL: usize = 1024;
        if self.keys.cool.is_empty() {
            self.keys.cool.resize(COOL, u64::MAX);
        }
        let class = match value.kind() {
            Kind::Text | Kind::Octets | Kind::Encoded => 1,
            Kind::Global => 2,
            Kind::Result | Kind::Instance if self.is_callable(value) => 2,
            Kind::Result | Kind::Instance | Kind::Unknown => 3,
            _ => 0,
        };
        let mark = key.payload() << 2 | class;
        let slot = key.payload() as usize % COOL;
        if self.keys.cool[slot] != mark {
            self.look_at_name(key, value, class);
            // A name that is hot is looked at each time.
            if self.keys.fresh.last().is_none_or(|last| last.value != value) {
                self.keys.cool[slot] = mark;
            }
        }
    }

    /// A key that is no constant may be any of those that are more than data.
    fn look_at_computed(&mut self, key: Value, value: Value) {
        let is_text = match key.kind() {
            Kind::Result | Kind::Instance => {
                let of = self.global(key.payload() as usize);
                matches!(of.name.as_str(), "str" | "unicode" | "str_" | "unicode_" | "scalar" | "encode" | "UserString")
            }
            kind => kind == Kind::Unknown,
        };
        let is_more = self.is_callable(value)
            || matches!(value.kind(), Kind::Text | Kind::Octets | Kind::Encoded | Kind::Result | Kind::Instance);
        let is_noted = self.keys.fresh.last().is_some_and(|last| last.name == COMPUTED);
        if is_text && is_more && !is_noted {
            self.keys.fresh.push(Key { name: COMPUTED.to_owned(), value });
        }
    }

    fn look_at_name(&mut self, key: Value, value: Value, class: u64) {
        // Most names are told from these by their first letter.
        let first = match self.reader.held_at(key.payload()) {
            Some([b'U' | opcode::SHORT_BINUNICODE, _, first, ..]) => Some(*first),
            Some([b'X' | b'T', _, _, _, _, first, ..]) => Some(*first),
            _ => None,
        };
        let is_likely =
            first.is_none_or(|first| first == b'_' || first == b'\\' || class == 2 || b"ufhae".contains(&first));
        if !is_likely {
            return;
        }
        let Some(constant) = self.constant(key) else { return };
        let name = constant.bytes.as_slice();
        let is_inner = name.starts_with(b"__") && name.ends_with(b"__") && name.len() > 4;
        let is_hot = INNER.contains(&name)
            || class != 0 && RUN.contains(&name)
            || class == 3 && APPENDING.contains(&name) && !self.is_data_object(value)
            || class == 2 && (CALLED.contains(&name) || is_inner && !KEPT.contains(&name));
        if is_hot && !self.is_known_text(name, value) {
            self.keys.fresh.push(Key { name: String::from_utf8_lossy(name).into_owned(), value });
        }
    }

    /// Whether an object is one of numpy or of Python, which cannot be called.
    fn is_data_object(&self, value: Value) -> bool {
        let module = value.of(Kind::Result).or(value.of(Kind::Instance)).map(|of| self.global(of).module.as_str());
        module.is_some_and(|module| MAPS.contains(&module) || module.starts_with("numpy"))
    }

    /// Whether a text that a class runs is one of those that frameworks write.
    fn is_known_text(&self, name: &[u8], value: Value) -> bool {
        match name {
            b"_parse_arg_template" => self.text(value).is_some_and(|text| formula::is_of_scipy(&text)),
            b"formula" => self.text(value).is_some_and(|text| formula::is_plain(&text)),
            _ => false,
        }
    }

    /// Keys that were noted last, or for a dictionary as it was before, are those of this one.
    #[inline]
    pub(super) fn move_keys(&mut self, before: u64, dict: Value) {
        /// Dictionaries with such keys that are kept.
        const HOT: usize = 100_000;
        /// Such keys of one dictionary.
        const EACH: usize = 64;
        if self.keys.fresh.is_empty() && self.keys.hot.is_empty() {
            return;
        }
        let mut keys = if before == 0 || before == dict.payload() {
            Vec::new()
        } else {
            self.keys.hot.get(&before).cloned().unwrap_or_default()
        };
        if let Some((_, Some(index))) = self.records.head(dict).filter(|_| !self.keys.fresh.is_empty()) {
            // Whoever has another name of it finds it through the memo, however far back that is.
            self.memo.set(index, dict);
        }
        keys.append(&mut self.keys.fresh);
        if keys.is_empty() {
            return;
        }
        if self.keys.hot.len() >= HOT {
            return self.told.note(&OVER_BUDGET, self.now, "more states are more than data than are kept");
        }
        let kept = self.keys.hot.entry(dict.payload()).or_default();
        for key in keys {
            if key.name != COMPUTED || kept.iter().all(|other| other.name != COMPUTED) {
                kept.push(key);
            }
        }
        if kept.len() > EACH {
            kept.truncate(EACH - 1);
            kept.push(Key { name: "more keys than are kept".to_owned(), value: Value::NULL });
        }
    }
}
