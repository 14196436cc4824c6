//! What a pickle gives to objects: state, items, and keys of both that are more than data.
//!
//! Python takes some keys of a state for more than data: it calls what stands under `__setstate__`, a method of
//! the class calls what stands under `append`, and a slot state goes through `setattr`.

use super::calls::cut;
use super::keys::{COMPUTED, Key, MAPS, SLOTS};
use super::machine::{Machine, Stop};
use super::rating::Use;
use super::special::Special;
use super::value::{Kind, Value};
use super::{DANGEROUS_GLOBAL, FOREIGN, UNKNOWN_GLOBAL};

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
    pub(super) fn is_callable(&self, value: Value) -> bool {
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
