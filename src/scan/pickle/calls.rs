//! What is done with globals: each use is rated, and shown where it is not known to be harmless.

use super::machine::{Machine, Stop};
use super::rating::{Rating, Use};
use super::special::Outcome;
use super::value::{Kind, Value};
use super::{PERSISTENT, Storage, UNKNOWN_GLOBAL};

/// Characters of a call that are shown.
const SHOWN: usize = 80;
/// Storages that are kept.
const STORAGES: usize = 1_000_000;

impl Machine<'_> {
    /// Notes a use of a global that the tables do not allow.
    #[inline]
    pub(super) fn used(&mut self, index: usize, wanted: Use, offset: u64, arguments: Option<Value>) {
        if !self.globals[index].rating.allows(wanted) {
            self.used_otherwise(index, wanted, offset, arguments);
        }
    }

    fn used_otherwise(&mut self, index: usize, wanted: Use, offset: u64, arguments: Option<Value>) {
        if self.globals[index].worst.as_ref().is_some_and(|(before, ..)| *before >= wanted) {
            return;
        }
        let shown = match arguments {
            Some(arguments) => self.show_call(index, arguments),
            None => self.name(index),
        };
        self.globals[index].worst = Some((wanted, offset, shown));
    }

    /// STACK_GLOBAL: two texts from the stack.
    pub(super) fn stack_global(&mut self) -> Result<(), Stop> {
        let name = self.pop();
        let module = self.pop();
        let texts = (self.constant(module), self.constant(name));
        let (Some(module), Some(name)) = texts else {
            self.told.note(&UNKNOWN_GLOBAL, self.now, "a global is named by texts that are computed");
            self.push(Value::new(Kind::Unknown, 0));
            return Ok(());
        };
        if !module.is_whole || !name.is_whole {
            self.told.note(&UNKNOWN_GLOBAL, self.now, "a global has a name that is longer than is looked at");
            self.push(Value::new(Kind::Unknown, 0));
            return Ok(());
        }
        let module = String::from_utf8_lossy(&module.bytes).into_owned();
        let name = String::from_utf8_lossy(&name.bytes).into_owned();
        let global = self.push_global(&module, &name)?;
        self.push(global);
        Ok(())
    }

    /// INST and OBJ: a class with the values above `from`.
    pub(super) fn instantiate(&mut self, class: Value, from: usize) {
        let is_new = self.stack.len() == from
            && class.of(Kind::Global).is_some_and(|index| self.global(index).rating.allows(Use::New));
        let arguments = self.gather(Kind::Tuple, from, None);
        let made = self.call(class, arguments, if is_new { Use::New } else { Use::Call });
        self.push(made);
    }

    /// A call, or the making of an instance; what it gives.
    pub(super) fn call(&mut self, callee: Value, arguments: Value, wanted: Use) -> Value {
        match callee.kind() {
            Kind::Global => self.call_global(callee.payload() as usize, arguments, wanted),
            Kind::Result | Kind::Instance => {
                let index = callee.payload() as usize;
                if let Some(of) = self.globals[index].calls {
                    let is_known = self.globals[of].special.is_none() && self.globals[of].calls.is_none();
                    if is_known && callee.kind() == Kind::Result {
                        return self.call_global(of, arguments, wanted);
                    }
                }
                let message = format!("calls what `{}` gave", self.name(index));
                self.told.note(&UNKNOWN_GLOBAL, self.now, message);
                Value::new(Kind::Result, index as u64)
            }
            // Each is told where it came from.
            Kind::Extension | Kind::Unknown => callee,
            Kind::Persistent => {
                self.told.note(&UNKNOWN_GLOBAL, self.now, "calls what a persistent id stands for");
                callee
            }
            _ => {
                self.error("an opcode calls what cannot be called");
                Value::new(Kind::Unknown, 0)
            }
        }
    }

    fn call_global(&mut self, index: usize, arguments: Value, wanted: Use) -> Value {
        let offset = self.now;
        self.used(index, wanted, offset, Some(arguments));
        self.globals[index].is_called = true;
        self.look_for_bomb(index, arguments);
        let kind = if wanted == Use::New { Kind::Instance } else { Kind::Result };
        let global = &self.globals[index];
        let special = global.special.filter(|_| matches!(global.rating, Rating::Allowed(_)));
        let outcome = match special {
            Some(special) => self.check(index, special, kind, arguments),
            None => Outcome::Gives(Value::new(kind, index as u64)),
        };
        let sentence = match outcome {
            Outcome::Gives(value) => return value,
            Outcome::Unknown => None,
            Outcome::Dangerous(sentence) => Some(sentence),
        };
        // A dangerous call is kept before one that is only not known.
        if self.globals[index].failed.is_none_or(|before| before < sentence) {
            let shown = self.show_call(index, arguments);
            let global = &mut self.globals[index];
            global.failed = Some(sentence);
            global.worst = Some((Use::Call, offset, shown));
        }
        Value::new(kind, index as u64)
    }

    /// A persistent id of protocol 0.
    pub(super) fn persistent_line(&mut self, line: &[u8]) {
        let id = String::from_utf8_lossy(line).into_owned();
        let message = cut(format!("takes the object of persistent id `{}` from whoever loads it", id.escape_debug()));
        self.told.note(&PERSISTENT, self.now, message);
        self.push(Value::new(Kind::Persistent, 0));
    }

    /// A persistent id from the stack.
    pub(super) fn persistent(&mut self, id: Value) {
        if !(self.options.is_torch && self.storage(id)) {
            let shown = self.show(id);
            let message = cut(format!("takes the object of persistent id {shown} from whoever loads it"));
            self.told.note(&PERSISTENT, self.now, message);
        }
        // Of `('module', class, file, source)` torch gives the class.
        let class = self.records.values(id).and_then(|(values, _)| values.get(1).copied());
        let is_module = self.options.is_torch && id.kind() == Kind::Tuple;
        let class = class.filter(|class| is_module && class.kind() == Kind::Global && self.is_module(id));
        self.push(class.unwrap_or(Value::new(Kind::Persistent, 0)));
    }

    fn is_module(&self, id: Value) -> bool {
        let first = self.records.values(id).and_then(|(values, _)| values.first().copied());
        first.and_then(|first| self.text(first)).as_deref() == Some("module")
    }

    /// Whether a persistent id is that of a storage of torch.
    fn storage(&mut self, id: Value) -> bool {
        let Some((values, count)) = self.records.values(id).filter(|_| id.kind() == Kind::Tuple) else { return false };
        let Some(first) = values.first().and_then(|value| self.text(*value)) else { return false };
        match first.as_str() {
            "storage" if count >= 5 => {
                // A package of torch numbers its storages.
                let key = self.text(values[2]).or_else(|| values[2].as_int().map(|key| key.to_string()));
                let (Some(class), Some(key)) = (values[1].of(Kind::Global), key) else { return false };
                // Torch before 1.6 calls whatever class stands here.
                if !self.global(class).name.ends_with("Storage") {
                    return false;
                }
                if self.storages.len() < STORAGES {
                    let class = self.global(class).name.clone();
                    let elements = values[4].as_int().and_then(|count| u64::try_from(count).ok()).unwrap_or(u64::MAX);
                    self.storages.push(Storage { key, class, count: elements, offset: self.now });
                }
                true
            }
            // A class with its source, as torch wrote before 1.6: the source is only compared.
            "module" if count == 4 => values[1].kind() == Kind::Global,
            _ => false,
        }
    }

    /// `module.name`.
    pub(super) fn name(&self, index: usize) -> String {
        let global = self.global(index);
        let name = format!("{}.{}", global.module, global.name);
        cut(name.escape_debug().to_string())
    }

    /// A call as it reads in Python.
    fn show_call(&self, index: usize, arguments: Value) -> String {
        let mut out = self.name(index);
        match self.records.values(arguments).filter(|_| arguments.kind() == Kind::Tuple) {
            Some((values, count)) => {
                out.push('(');
                self.show_several(&values, count, 0, &mut out);
                out.push(')');
            }
            None => {
                out.push_str("(*");
                self.show_into(arguments, 0, &mut out);
                out.push(')');
            }
        }
        cut(out)
    }

    /// A value as it reads in Python.
    pub(super) fn show(&self, value: Value) -> String {
        let mut out = String::new();
        self.show_into(value, 0, &mut out);
        cut(out)
    }

    fn show_several(&self, values: &[Value], count: u64, depth: usize, out: &mut String) {
        for (at, value) in values.iter().enumerate() {
            if out.len() > 2 * SHOWN {
                break;
            }
            if at > 0 {
                out.push_str(", ");
            }
            self.show_into(*value, depth + 1, out);
        }
        if count > values.len() as u64 {
            out.push_str(", …");
        }
    }

    fn show_into(&self, value: Value, depth: usize, out: &mut String) {
        /// Containers in containers that are shown.
        const DEPTH: usize = 3;
        match value.kind() {
            Kind::Null => out.push_str("None"),
            Kind::Bool => out.push_str(if value.payload() == 0 { "False" } else { "True" }),
            Kind::Int => out.push_str(&value.as_int().unwrap_or_default().to_string()),
            Kind::Text | Kind::Octets | Kind::Encoded => {
                let bytes = self.constant(value).map(|constant| constant.bytes).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes[..bytes.len().min(2 * SHOWN)]).into_owned();
                out.push_str(if value.kind() == Kind::Text { "'" } else { "b'" });
                out.push_str(&text.escape_debug().to_string().replace("\\\"", "\""));
                out.push('\'');
            }
            Kind::List | Kind::Tuple | Kind::Dict | Kind::Set => {
                let (open, close) = match value.kind() {
                    Kind::List => ('[', ']'),
                    Kind::Tuple => ('(', ')'),
                    _ => ('{', '}'),
                };
                out.push(open);
                match self.records.values(value).filter(|_| depth < DEPTH) {
                    Some((values, count)) => self.show_several(&values, count, depth, out),
                    None if value.payload() == 0 => {}
                    None => out.push('…'),
                }
                out.push(close);
            }
            Kind::Global => out.push_str(&self.name(value.payload() as usize)),
            Kind::Result | Kind::Instance => {
                out.push_str(&self.name(value.payload() as usize));
                out.push_str("(…)");
            }
            Kind::Dtype => out.push_str("numpy.dtype(…)"),
            Kind::Number | Kind::Run => out.push('…'),
            Kind::Persistent | Kind::Extension | Kind::Buffer | Kind::Unknown => out.push('?'),
        }
    }
}

/// A text cut to what is shown.
pub(super) fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(at);
        text.push('…');
    }
    text
}
