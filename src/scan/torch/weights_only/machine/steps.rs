//! The opcodes that make something of globals, and what they may be given.

use super::{Machine, Storages};
use crate::scan::torch::weights_only::calls::{Stop, call, refuse};
use crate::scan::torch::weights_only::globals::{BLOCKED, Known, Rebuild, find, path};
use crate::scan::torch::weights_only::value::{Map, Node, Storage, Tensor, Value};

impl Machine<'_, '_> {
    pub(super) fn global(&mut self) -> Result<(), Stop> {
        let (module, name) = (self.line()?, self.line()?);
        let (module, path) = path(&module, &name);
        if BLOCKED.contains(&module.as_str()) {
            self.refused.insert(path.clone());
            return refuse(format!("{path} is of a module that is blocked"));
        }
        match find(&path) {
            Some(known) => {
                self.push(Value::Global(known));
                Ok(())
            }
            None => {
                self.refused.insert(path.clone());
                refuse(format!("{path} is not among the globals that are allowed"))
            }
        }
    }

    pub(super) fn new_object(&mut self) -> Result<(), Stop> {
        let (args, class) = (self.pop()?, self.pop()?);
        let Value::Global(known) = class else {
            return refuse("an object is made of what is no class that is allowed");
        };
        let args = self.arguments(args)?;
        let made = match known {
            // `__new__` of these takes any arguments and leaves them alone.
            Known::OrderedDict => self.heap.dictionary(Map::Ordered, 0)?,
            Known::Counter => self.heap.dictionary(Map::Counter, 0)?,
            Known::Set => Value::Set,
            Known::Bytearray => Value::Bytearray,
            Known::GetLayout
            | Known::Encode
            | Known::Rebuild(_)
            | Known::Dtype(..)
            | Known::Storage(..)
            | Known::Qscheme(_) => {
                return refuse("an object is made of what is no class");
            }
            known => call(known, &args, &mut self.heap, 0)?,
        };
        self.push(made);
        Ok(())
    }

    pub(super) fn arguments(&self, args: Value) -> Result<Vec<Value>, Stop> {
        match args {
            Value::Tuple(at) | Value::List(at) | Value::Size(at) => Ok(self.heap.items(at).to_vec()),
            // A dictionary, a set or a text would be spread, too: nothing that is called takes what comes of it.
            _ => refuse("what is called is given no tuple"),
        }
    }

    pub(super) fn reduce(&mut self) -> Result<(), Stop> {
        let args = self.pop()?;
        let Value::Global(known) = self.top()? else {
            return refuse("what is called is not among the functions that are allowed");
        };
        let args = self.arguments(args)?;
        let made = call(known, &args, &mut self.heap, 0)?;
        self.stack.pop();
        self.push(made);
        Ok(())
    }

    pub(super) fn build(&mut self) -> Result<(), Stop> {
        let state = self.pop()?;
        match self.top()? {
            Value::Dict(Map::Ordered, _) => match state {
                Value::Dict(..) => Ok(()),
                Value::List(at) | Value::Tuple(at) if self.heap.items(at).is_empty() => Ok(()),
                _ => refuse("the state of a dictionary is none"),
            },
            Value::Dict(Map::Counter, _) | Value::Bytearray | Value::Object | Value::Size(_) => match state {
                Value::None | Value::Dict(..) => Ok(()),
                _ => refuse("the state of an object is none"),
            },
            Value::Tensor(tensor) => self.state_of(tensor, state),
            // A set made by its opcode is of an allowed type, too.
            Value::Set | Value::Complex | Value::Device => match state {
                Value::None => Ok(()),
                Value::Dict(_, at) if self.heap.entries(at) == 0 => Ok(()),
                _ => refuse("an object that has no state is given one"),
            },
            _ => refuse("state is given to what is not among the types that are allowed"),
        }
    }

    /// `Tensor` is set to a storage; a parameter takes (data, gradient, hooks).
    pub(super) fn state_of(&mut self, tensor: Tensor, state: Value) -> Result<(), Stop> {
        let at = match state {
            Value::Tuple(at) | Value::List(at) => at,
            // It is spread, and nothing is set.
            Value::Dict(_, at) if self.heap.entries(at) == 0 && !tensor.is_parameter => return Ok(()),
            _ => return refuse("the state of a tensor is no tuple"),
        };
        let items = self.heap.items(at).to_vec();
        if tensor.is_parameter {
            return match items.as_slice() {
                [Value::Tensor(_), _, _, _] | [_, Value::Tensor(_), _, _] => Ok(()),
                _ => refuse("the state of a parameter has other parts than it takes"),
            };
        }
        let made = call(Known::Rebuild(Rebuild::Tensor), &items, &mut self.heap, 0)?;
        self.stack.pop();
        self.push(made);
        Ok(())
    }

    pub(super) fn set(&mut self, keys: &[Value]) -> Result<(), Stop> {
        let Value::Dict(_, at) = self.top()? else { return refuse("an item is put into what is no dictionary") };
        if keys.iter().all(|key| self.heap.is_hashable(*key)) {
            self.heap.add_entries(at, keys.len());
            Ok(())
        } else {
            refuse("a key is something that changes")
        }
    }

    pub(super) fn persistent(&mut self, storages: &mut dyn Storages) -> Result<(), Stop> {
        const NONE: &str = "a persistent id is none of a storage";
        let id = self.pop()?;
        let Value::Tuple(at) = id else { return refuse(NONE) };
        let items = self.heap.items(at).to_vec();
        let wanted = if storages.has_views() { 6 } else { 5 };
        let [kind, class, key, location, Value::Int(numel), view @ ..] = items.as_slice() else { return refuse(NONE) };
        if self.heap.text(*kind) != Some("storage") || items.len() != wanted {
            return refuse(NONE);
        }
        let (element, is_differentiable, is_quantized) = match class {
            Value::Global(Known::Storage(element, fractions, quantized)) => {
                (u64::from(*element), *fractions, *quantized)
            }
            Value::Global(Known::UntypedStorage) if !storages.has_views() => (1, false, false),
            Value::Global(Known::Dtype(..)) => return refuse(NONE),
            _ => return refuse("a storage is of no known type"),
        };
        let key = match key {
            Value::Int(number) => number.to_string(),
            key => match self.heap.text(*key) {
                Some(text) => text.to_owned(),
                None => return refuse(NONE),
            },
        };
        if !matches!(location, Value::Str(_)) {
            return refuse(NONE);
        }
        let Some(bytes) = u64::try_from(*numel).ok().and_then(|numel| numel.checked_mul(element)) else {
            return refuse("a storage has a size below zero or beyond measure");
        };
        let storage = Storage { element, bytes, is_differentiable, is_quantized };
        let seen = self.storages.get(&key).and_then(|at| self.heap.storage(*at));
        // References that disagree on the size get a storage each.
        if seen.is_none_or(|seen| seen.bytes != bytes && !storages.has_views()) {
            storages.load(&key, bytes).map_err(Stop::Refused)?;
        }
        let bytes = seen.map_or(bytes, |seen| if storages.has_views() { seen.bytes } else { bytes });
        let mut at = self.heap.put(Node::Storage(Storage { bytes, ..storage }))?;
        self.storages.entry(key).or_insert(at);
        match view {
            [] | [Value::None] => {}
            [Value::Tuple(view)] => {
                let [_, Value::Int(offset), Value::Int(size)] = self.heap.items(*view) else { return refuse(NONE) };
                let (offset, size) = (u64::try_from(*offset).unwrap_or(0), u64::try_from(*size).unwrap_or(0));
                let start = offset.saturating_mul(element).min(bytes);
                let length = size.saturating_mul(element).min(bytes - start);
                at = self.heap.put(Node::Storage(Storage { bytes: length, ..storage }))?;
            }
            _ => return refuse(NONE),
        }
        self.push(Value::Storage(at));
        Ok(())
    }
}
