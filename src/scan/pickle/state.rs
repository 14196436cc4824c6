//! What a pickle gives to objects: state, items, and keys of both that are more than data.
//!
//! Python takes some keys of a state for more than data: it calls what stands under `__setstate__`, a method of
//! the class calls what stands under `append`, and a slot state goes through `setattr`.

use std::collections::HashMap;
use std::collections::HashSet;

use super::calls::cut;
use super::formula;
use super::machine::{Machine, Stop};
use super::opcode;
use super::rating::Use;
use super::special::Special;
use super::value::{Kind, Value};
use super::{DANGEROUS_GLOBAL, FOREIGN, UNKNOWN_GLOBAL};
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
const COMPUTED: &str = "a computed key";
/// Keys that change what an object is, whatever their value.
const INNER: &[&[u8]] = &[b"__class__", b"__dict__", b"__setstate__", b"__codegen__", b"use_kernels"];
/// Keys that matter only where a state goes through `setattr`.
const SLOTS: &[&str] = &["use_kernels"];
/// Modules whose classes take functions and classes for keys.
const MAPS: &[&str] = &["collections", "_collections", "builtins", "__builtin__"];

/// A key that is more than data, and what stands under it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    name: String,
    value: Value,
}

/// Keys that are more than data.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Of the container that is being filled.
    fresh: Vec<Key>,
    /// By the record of their dictionary.
    hot: HashMap<u64, Vec<Key>>,
    /// One was set on an object, which may be given as a state.
    on_object: Option<String>,
    /// One that was computed was set on an object.
    is_computed_on_object: bool,
    /// Whether a container has a second name, by which it may have been filled.
    is_lost: bool,
    /// Globals that made something of what is not seen: perhaps a dictionary with such keys.
    opaque: HashSet<usize>,
    /// Keys that were looked at, by their place.
    cool: Vec<u64>,
}

impl Machine<'_> {
    /// BUILD: state is given to what lies below it.
    pub(super) fn build(&mut self) -> Result<(), Stop> {
        let state = self.pop();
        let target = self.top();
        match target.kind() {
            Kind::Result | Kind::Instance => {
                let index = target.payload() as usize;
                let offset = self.now;
                let state =
                    if self.globals[index].special.is_some() { self.latest(state).unwrap_or(state) } else { state };
                if self.is_reference(target) {
                    let (name, shown) = (self.name(index), self.show(state));
                    let message = format!("sets attributes of the class or function that `{name}` gave to {shown}");
                    self.told.note(&FOREIGN, self.now, cut(message));
                    return Ok(());
                }
                if !(target.kind() == Kind::Result && self.is_maker(index)) {
                    self.used(index, Use::Build, offset, Some(state));
                }
                self.look_at_state(index, state);
                self.build_partial(index, state);
                match self.globals[index].special {
                    Some(Special::Wrapper) => return self.array(state),
                    Some(Special::Elsewhere) => self.elsewhere(state),
                    Some(Special::Resource) if !self.is_plain_resource(state) => {
                        let message = "gives a `FileResource` the name of a file, which it writes and deletes";
                        self.told.note(&DANGEROUS_GLOBAL, offset, message);
                    }
                    _ => {}
                }
            }
            Kind::Dtype => self.build_dtype(target, state),
            Kind::Global => {
                let name = self.show(target);
                let shown = self.show(state);
                self.told.note(&FOREIGN, self.now, cut(format!("sets attributes of `{name}` itself to {shown}")));
            }
            Kind::Persistent => {
                self.told.note(&FOREIGN, self.now, "sets attributes of what a persistent id stands for")
            }
            Kind::Extension | Kind::Unknown | Kind::Buffer => {}
            _ => self.error("BUILD gives state to plain data"),
        }
        Ok(())
    }

    /// Whether what a call gave is a class or a function, or may be one.
    fn is_reference(&self, value: Value) -> bool {
        if !matches!(value.kind(), Kind::Result | Kind::Instance) {
            return false;
        }
        let of = self.global(value.payload() as usize);
        match of.special {
            Some(
                Special::Getattr | Special::AttributeGetter | Special::TypeHint | Special::Ufunc | Special::Constants,
            ) => true,
            Some(Special::OneArgument) => of.name == "type",
            _ => of.name == "MethodType" && of.module == "types",
        }
    }

    /// Whether a value can be called: a class, a function, a `functools.partial`, a bound method.
    fn is_callable(&self, value: Value) -> bool {
        match value.kind() {
            Kind::Global => true,
            Kind::Result | Kind::Instance => {
                let of = self.global(value.payload() as usize);
                of.calls.is_some() || of.special == Some(Special::Partial) || self.is_reference(value)
            }
            _ => false,
        }
    }

    /// Whether a global is a function that makes objects of classes of its own, for which there is no row: what
    /// frameworks call `_unpickle_block` or `__pyx_unpickle_Tree`. Their names begin with an underscore. And
    /// classes whose state is looked at by itself.
    fn is_maker(&self, index: usize) -> bool {
        let global = self.global(index);
        let is_function = global.name.starts_with('_') || global.special == Some(Special::State);
        is_function && global.rating.allows(Use::Call)
    }

    /// The state of a `functools.partial` names its function again.
    fn build_partial(&mut self, index: usize, state: Value) {
        let Some(of) = self.globals[index].calls else {
            if self.globals[index].special == Some(Special::Partial) {
                self.told.note(&FOREIGN, self.now, "gives a `functools.partial` another function");
            }
            return;
        };
        let again = self.records.values(state).and_then(|(values, _)| values.first().copied());
        if again.and_then(|again| again.of(Kind::Global)) != Some(of) {
            self.told.note(&FOREIGN, self.now, "gives a `functools.partial` another function than it was made with");
        }
        let values = self.records.values(state).map(|(values, _)| values).unwrap_or_default();
        let arguments = values.get(1).and_then(|arguments| self.records.all(*arguments)).unwrap_or_default();
        let has_names = values
            .get(2)
            .is_some_and(|named| !(named.kind() == Kind::Null || named.kind() == Kind::Dict && self.is_empty(*named)));
        if !self.is_bound_plainly(of, &arguments, has_names) {
            let message = format!("binds `{}` to arguments that are not known to be harmless", self.name(of));
            self.told.note(&UNKNOWN_GLOBAL, self.now, message);
        }
    }

    fn is_empty(&self, container: Value) -> bool {
        container.payload() == 0 || self.records.head(container).is_some_and(|(count, _)| count == 0)
    }

    /// Tells keys of a state that are more than data.
    pub(super) fn look_at_state(&mut self, index: usize, state: Value) {
        let keys = &self.keys;
        let is_on_object = keys.on_object.is_some() || keys.is_computed_on_object;
        if keys.hot.is_empty() && !is_on_object && !keys.is_lost && keys.opaque.is_empty() {
            return;
        }
        let mut parts = vec![state];
        if state.kind() == Kind::Tuple {
            match self.records.values(state) {
                Some((values, _)) => parts.extend(values),
                None => return self.is_forgotten(index),
            }
        }
        let is_slots = state.kind() != Kind::Tuple || parts.len() == 3;
        for part in parts {
            let Some(part) = self.latest(part) else {
                self.is_forgotten(index);
                continue;
            };
            match part.kind() {
                Kind::Dict if self.keys.hot.contains_key(&part.payload()) => {
                    let keys = self.keys.hot.get(&part.payload()).cloned().unwrap_or_default();
                    // Classes that take a state of their own know what to do with the keys of its parts.
                    for key in keys.iter().filter(|key| is_slots || key.name != COMPUTED) {
                        self.look_at_hot(index, state, key);
                    }
                }
                // A dictionary of which nothing is known any more.
                Kind::Dict if self.records.head(part).is_none() => self.is_forgotten(index),
                Kind::Result | Kind::Instance => {
                    if let Some(name) = self.keys.on_object.clone() {
                        let message =
                            format!("gives `{}` a state with `{name}`, which is more than data", self.name(index));
                        self.told.note(&FOREIGN, self.now, message);
                    } else if is_slots && self.keys.is_computed_on_object && self.may_be_a_dictionary(part) {
                        let message = format!("gives `{}` a state with `{COMPUTED}`", self.name(index));
                        self.told.note(&FOREIGN, self.now, message);
                    } else if is_slots && self.keys.opaque.contains(&(part.payload() as usize)) {
                        let (name, given) = (self.name(index), self.name(part.payload() as usize));
                        let message = format!("gives `{name}` a state that `{given}` made of what is not seen");
                        self.told.note(&FOREIGN, self.now, cut(message));
                    }
                }
                _ => {}
            }
        }
    }

    fn may_be_a_dictionary(&self, value: Value) -> bool {
        let of = self.global(value.payload() as usize);
        let is_function = of.name.starts_with('_');
        !is_function && !of.module.starts_with("numpy") && !of.module.starts_with("pandas")
    }

    /// A container as it was filled last, by whatever name; none where that is not known.
    fn latest(&mut self, value: Value) -> Option<Value> {
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

    fn note_on_object(&mut self, name: String) {
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

    fn is_forgotten(&mut self, index: usize) {
        let message = format!("gives `{}` a state from far back, which may be more than data", self.name(index));
        self.told.note(&FOREIGN, self.now, message);
    }

    /// Tells one key of a state that is more than data for a class.
    fn look_at_hot(&mut self, index: usize, state: Value, key: &Key) {
        let is_state = self.globals[index].special == Some(Special::State);
        let module = self.globals[index].module.as_str();
        let is_told = match key.name.as_str() {
            name if SLOTS.contains(&name) => state.kind() == Kind::Tuple,
            "formula" => is_state && module.starts_with("statsmodels"),
            "_Booster" => is_state && !self.is_of(key.value, &["Booster"]),
            "handle" => is_state && module == "xgboost.core" && !self.is_of(key.value, &["bytearray", "bytes"]),
            "__cuda_dependent_attributes__" if is_state && matches!(key.value.kind(), Kind::Octets | Kind::Encoded) => {
                self.nest(key.value);
                false
            }
            _ => true,
        };
        if is_told {
            let message = format!("gives `{}` a state with `{}`, which is more than data", self.name(index), key.name);
            self.told.note(&FOREIGN, self.now, message);
        }
    }

    /// Whether a value is bytes, or an object that one of these classes made.
    fn is_of(&self, value: Value, classes: &[&str]) -> bool {
        match value.kind() {
            Kind::Octets | Kind::Encoded => classes.contains(&"bytes"),
            Kind::Result | Kind::Instance => classes.contains(&self.global(value.payload() as usize).name.as_str()),
            _ => false,
        }
    }

    /// Whether the file that `FileResource` of sklearn-crfsuite writes is one that it names itself.
    fn is_plain_resource(&self, state: Value) -> bool {
        let Some(values) = self.records.all(state) else { return false };
        values.chunks_exact(2).all(|pair| match self.text(pair[0]).as_deref() {
            Some("name") => pair[1].kind() == Kind::Null,
            Some("auto") => pair[1] == Value::new(Kind::Bool, 1),
            Some("prefix" | "suffix") => {
                pair[1].kind() == Kind::Null
                    || self.text(pair[1]).is_some_and(|text| !text.contains(['/', '\\', '\0']) && !text.contains(".."))
            }
            _ => true,
        })
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

    /// Values are added to an object.
    pub(super) fn set_values(&mut self, target: Value) {
        if self.is_reference(target) {
            let message = format!("adds to the class or function that `{}` gave", self.name(target.payload() as usize));
            self.told.note(&FOREIGN, self.now, message);
        }
    }

    /// Looks at the items above `from`, which are set on an object.
    pub(super) fn set_items(&mut self, from: usize, target: Value) {
        let (index, is_made) = match target.kind() {
            Kind::Result | Kind::Instance => (target.payload() as usize, true),
            _ => (0, false),
        };
        if !is_made {
            return;
        }
        if self.is_reference(target) {
            let message = format!("sets items of the class or function that `{}` gave", self.name(index));
            return self.told.note(&FOREIGN, self.now, message);
        }
        if !MAPS.contains(&self.globals[index].module.as_str()) {
            let key = (from..self.stack.len()).step_by(2).map(|at| self.stack[at]).find(|key| self.is_callable(*key));
            if let Some(key) = key {
                let (of, key) = (self.name(index), self.show(key));
                let message = format!("sets an item of `{of}` under `{key}`, which may be called");
                self.told.note(&UNKNOWN_GLOBAL, self.now, cut(message));
            }
        }
        self.look_at_keys(from);
        for key in std::mem::take(&mut self.keys.fresh) {
            if key.name == "__setstate__" || key.name.starts_with("__") && self.is_callable(key.value) {
                let message = format!("sets `{}` of `{}`, which is more than data", key.name, self.name(index));
                self.told.note(&FOREIGN, self.now, message);
            }
            if key.name != "__class__" || self.is_callable(key.value) {
                self.note_on_object(key.name);
            }
        }
    }
}
