//! The stack machine, on symbols: its state, and how values come and go.
//!
//! `step` runs opcodes, `calls` rates what they do with globals, `arrays` passes over what joblib puts between them.

use std::collections::HashMap;

use super::keys::Keys;
use super::memo::{Memo, Stored};
use super::packed::Wrap;
use super::rating::{self, Rating, Use};
use super::reader::{Constant, Reader};
use super::special::Special;
use super::told::Told;
use super::value::{self, Kind, Records, Value};
use super::{BOMB, MALFORMED, Options, Storage};
use crate::source::Bytes;

/// Values on the stack from which data is only counted.
const TALL: usize = 1 << 20;
/// Values that cannot be only counted, and marks.
const TALLEST: usize = 4 << 20;
/// Globals kept apart.
const GLOBALS: usize = 1 << 16;
/// Errors after which a pickle is given up.
const ERRORS: usize = 1000;

/// A global that was named.
#[derive(Debug)]
pub(super) struct Global {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) rating: Rating,
    pub(super) special: Option<Special>,
    /// The global that a call of what this one gave calls: that of a `functools.partial`.
    pub(super) calls: Option<usize>,
    /// Where it was named first.
    pub(super) first: u64,
    /// The gravest use that is not known to be harmless: which, where, and how it reads.
    pub(super) worst: Option<(Use, u64, String)>,
    /// Whether it was called, or made something.
    pub(super) is_called: bool,
    /// What a condition on its arguments came to: it is unknown, or "it …".
    pub(super) failed: Option<Option<&'static str>>,
}

/// A type of numpy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dtype {
    /// Bytes of one element, where they are known.
    pub(super) size: Option<u64>,
    /// Whether elements are objects; none where it is not known.
    pub(super) has_objects: Option<bool>,
}

/// What one pickle inside another interrupts.
#[derive(Debug)]
struct Outer {
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: Memo,
}

/// Why a pickle is not run to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// At a STOP.
    Ended,
    /// The bytes end.
    Exhausted,
    /// At bytes that are no opcode, or after too many errors.
    Broken,
    /// Past a limit: what.
    Limit(&'static str),
    /// The bytes cannot be read.
    Unread(String),
}

/// The machine.
#[derive(Debug)]
pub(super) struct Machine<'b> {
    pub(super) reader: Reader<'b>,
    pub(super) options: Options,
    pub(super) stack: Vec<Value>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: Memo,
    pub(super) records: Records,
    pub(super) globals: Vec<Global>,
    index: HashMap<String, usize>,
    pub(super) dtypes: Vec<Dtype>,
    outer: Vec<Outer>,
    /// The offset of the opcode that runs.
    pub(super) now: u64,
    pub(super) protocol: u8,
    pub(super) frame_end: u64,
    pub(super) told: Told,
    pub(super) storages: Vec<Storage>,
    /// Bytes within constants that a loader unpickles: the offset of the constant.
    pub(super) nested: Vec<Value>,
    /// Constants that begin as a pickle or as something packed, which nothing here loads.
    pub(super) hidden: Vec<(Value, Wrap)>,
    pub(super) keys: Keys,
    pub(super) has_arrays: bool,
    pub(super) steps: u64,
    pub(super) errors: usize,
}

impl<'b> Machine<'b> {
    pub(super) fn new(bytes: &'b dyn Bytes, from: u64, options: Options) -> Self {
        Self {
            reader: Reader::new(bytes, from),
            options,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Memo::default(),
            records: Records::default(),
            globals: Vec::new(),
            index: HashMap::new(),
            dtypes: Vec::new(),
            outer: Vec::new(),
            now: from,
            protocol: 0,
            frame_end: 0,
            told: Told::default(),
            storages: Vec::new(),
            nested: Vec::new(),
            hidden: Vec::new(),
            keys: Keys::default(),
            has_arrays: false,
            steps: 0,
            errors: 0,
        }
    }

    /// Begins another pickle: nothing of the last one is left.
    pub(super) fn begin(&mut self) {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        self.outer.clear();
        self.errors = 0;
        self.frame_end = 0;
    }

    /// Begins a pickle within this one, which goes on after its STOP.
    pub(super) fn begin_inner(&mut self) {
        self.outer.push(Outer {
            stack: std::mem::take(&mut self.stack),
            marks: std::mem::take(&mut self.marks),
            memo: std::mem::take(&mut self.memo),
        });
    }

    /// Goes on with the outer pickle; false where there is none.
    pub(super) fn end_inner(&mut self) -> bool {
        match self.outer.pop() {
            Some(outer) => {
                (self.stack, self.marks, self.memo) = (outer.stack, outer.marks, outer.memo);
                true
            }
            None => false,
        }
    }

    pub(super) fn inner_depth(&self) -> usize {
        self.outer.len()
    }

    /// Tells an error that Python would stop at. The machine goes on.
    #[cold]
    pub(super) fn error(&mut self, message: impl Into<String>) {
        self.errors += 1;
        self.told.note(&MALFORMED, self.now, message);
    }

    pub(super) fn has_too_many_errors(&self) -> bool {
        self.errors > ERRORS
    }

    /// The bottom of what may be taken from the stack now.
    #[inline]
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn push(&mut self, value: Value) {
        if self.stack.len() >= TALL {
            self.push_tall(value);
        } else {
            self.stack.push(value);
        }
    }

    /// On a tall stack, data is only counted.
    #[cold]
    fn push_tall(&mut self, value: Value) {
        let floor = self.floor();
        if self.stack.len() > floor
            && value.is_data()
            && let Some(top) = self.stack.last_mut().filter(|top| top.is_data())
        {
            let weight = top.weight().max(value.weight());
            *top = Value::new(Kind::Run, top.count() + value.count()).weighing(weight);
            return;
        }
        self.stack.push(value);
    }

    /// Whether the stack is taller than is looked at.
    #[inline]
    pub(super) fn is_too_tall(&self) -> bool {
        self.stack.len() > TALLEST || self.marks.len() > TALL
    }

    /// Takes the top of the stack.
    #[inline]
    pub(super) fn pop(&mut self) -> Value {
        if self.stack.len() <= self.floor() {
            self.error("an opcode takes a value from an empty stack");
            return Value::new(Kind::Unknown, 0);
        }
        match self.stack.last_mut() {
            Some(top) if top.kind() == Kind::Run && top.payload() > 1 => {
                *top = top.at(top.payload() - 1);
                Value::new(Kind::Number, 0)
            }
            _ => self.stack.pop().unwrap_or(Value::NULL),
        }
    }

    /// The top of the stack, which stays.
    #[inline]
    pub(super) fn top(&mut self) -> Value {
        if self.stack.len() <= self.floor() {
            self.error("an opcode looks at an empty stack");
            return Value::new(Kind::Unknown, 0);
        }
        self.stack.last().copied().unwrap_or(Value::NULL)
    }

    /// Replaces the top of the stack.
    #[inline]
    pub(super) fn set_top(&mut self, value: Value) {
        if self.stack.len() > self.floor() {
            if let Some(top) = self.stack.last_mut() {
                *top = value;
            }
        } else {
            self.stack.push(value);
        }
    }

    /// Where the values above the last mark begin; the mark is taken.
    #[inline]
    pub(super) fn mark(&mut self) -> usize {
        match self.marks.pop() {
            Some(mark) => mark.min(self.stack.len()),
            None => {
                self.error("an opcode needs a mark, and there is none");
                self.stack.len()
            }
        }
    }

    /// Keeps a container of the values above `from`, which are taken.
    #[inline]
    pub(super) fn gather(&mut self, kind: Kind, from: usize, memo: Option<u64>) -> Value {
        let values = &self.stack[from..];
        let count = if self.stack.len() >= TALL { values.iter().map(|v| v.count()).sum() } else { values.len() as u64 };
        let weight = value::weight(values);
        let place = self.records.keep(count, memo, values);
        self.stack.truncate(from);
        self.weighed(Value::new(kind, place).weighing(weight))
    }

    /// Tells a container through which no walk ends.
    #[inline]
    fn weighed(&mut self, value: Value) -> Value {
        /// Binary logarithm of how many values a walk may meet, however large the pickle is.
        const FREE: u16 = 24;
        if value.weight() > FREE * 8 && u32::from(value.weight()) / 8 > self.steps.max(1).ilog2() + 14 {
            let message = "containers hold each other so often that a walk through them does not end";
            self.told.note(&BOMB, self.now, message);
        }
        value
    }

    /// Adds the values above `from`, which are taken, to the container below them.
    #[inline]
    pub(super) fn extend(&mut self, from: usize) {
        let container = self.stack[from - 1];
        let Some((count, memo)) = self.records.head(container).or((container.payload() == 0).then_some((0, None)))
        else {
            // What it holds is forgotten; its weight is not.
            let weight = value::more(container.weight(), &self.stack[from..]);
            self.stack.truncate(from);
            let heavier = self.weighed(container.weighing(weight));
            self.stack[from - 1] = heavier;
            return;
        };
        let made = if count == 0 {
            self.gather(container.kind(), from, memo)
        } else {
            let added = self.stack.len() - from;
            let weight = value::more(container.weight(), &self.stack[from..]);
            let mut place = container.payload();
            if (count as usize) < value::SHOWN {
                let mut values = self.records.values(container).map(|(values, _)| values).unwrap_or_default();
                values.extend(self.stack[from..].iter().take(value::SHOWN));
                place = self.records.keep(count + added as u64, memo, &values);
            }
            self.stack.truncate(from);
            self.weighed(container.at(place).weighing(weight))
        };
        self.stack[from - 1] = made;
        if let Some(index) = memo {
            self.memo.refresh(index, made);
        }
    }

    /// Stores the top of the stack in the memo.
    #[inline]
    pub(super) fn store(&mut self, index: u64) -> Result<(), Stop> {
        let mut value = self.top();
        if value.payload() == 0 && matches!(value.kind(), Kind::List | Kind::Dict | Kind::Set) {
            value = value.at(self.records.keep(0, Some(index), &[]));
            self.set_top(value);
        }
        if value.kind() == Kind::Run {
            value = Value::new(Kind::Number, 0);
        }
        if index < self.memo.count() {
            self.replaced(index, value);
        }
        match self.memo.set(index, value) {
            Stored::Kept => Ok(()),
            Stored::Full => Err(Stop::Limit("a pickle stores more objects to be read again than are looked at")),
            Stored::Far => {
                /// Bytes of memory that a loader may take for what lies between.
                const BETWEEN: u64 = 1 << 26;
                if index > BETWEEN {
                    let message =
                        format!("an object is stored at index {index}, for which a loader takes that much memory");
                    self.told.note(&BOMB, self.now, message);
                }
                Ok(())
            }
        }
    }

    /// Reads the memo.
    #[inline]
    pub(super) fn fetch(&mut self, index: u64) {
        let value = match self.memo.get(index) {
            Some(value) => value,
            None => {
                self.error(format!("an object is read at index {index} of the memo, where none is"));
                Value::new(Kind::Unknown, 0)
            }
        };
        self.push(value);
    }

    /// A global by its index.
    pub(super) fn global(&self, index: usize) -> &Global {
        &self.globals[index]
    }

    /// The index of a global that is named; none where there are too many.
    pub(super) fn intern(&mut self, module: &str, name: &str) -> Option<usize> {
        let key = format!("{module}\n{name}");
        if let Some(index) = self.index.get(&key) {
            return Some(*index);
        }
        let (mut rating, special) = rating::rate(module, name);
        if self.options.known.is_some_and(|known| known(module, name)) {
            rating = Rating::Allowed("ncb");
        }
        if self.globals.len() >= GLOBALS {
            return None;
        }
        let index = self.globals.len();
        self.globals.push(Global {
            module: module.to_owned(),
            name: name.to_owned(),
            rating,
            special,
            calls: None,
            first: self.now,
            worst: None,
            is_called: false,
            failed: None,
        });
        self.index.insert(key, index);
        Some(index)
    }

    /// What `functools.partial` of a global gives: a value of its own, whose call is that of the global.
    pub(super) fn partial(&mut self, index: usize, of: usize) -> Value {
        let (module, name) = (self.globals[index].module.clone(), self.globals[index].name.clone());
        // A line end is in no name, so that this one is nobody's.
        match self.intern(&module, &format!("{name}\n{of}")) {
            Some(made) => {
                let global = &mut self.globals[made];
                (global.rating, global.calls) = (Rating::Allowed("ncb"), Some(of));
                Value::new(Kind::Result, made as u64)
            }
            None => Value::new(Kind::Result, index as u64),
        }
    }

    /// Pushes a global.
    pub(super) fn push_global(&mut self, module: &str, name: &str) -> Result<Value, Stop> {
        let Some(index) = self.intern(module, name) else {
            return Err(Stop::Limit("a pickle names more globals than are looked at"));
        };
        let offset = self.now;
        self.used(index, Use::Refer, offset, None);
        Ok(Value::new(Kind::Global, index as u64))
    }

    /// The text or bytes that a value is, read again.
    pub(super) fn constant(&self, value: Value) -> Option<Constant> {
        if !matches!(value.kind(), Kind::Text | Kind::Octets | Kind::Encoded) {
            return None;
        }
        let short = self.reader.held_at(value.payload()).and_then(|held| Constant::short(held, value.payload()));
        short.or_else(|| Constant::brief(self.reader.bytes(), value.payload()))
    }

    /// The text that a value is.
    pub(super) fn text(&self, value: Value) -> Option<String> {
        let constant = self.constant(value).filter(|_| value.kind() == Kind::Text)?;
        constant.text().map(str::to_owned)
    }

    /// Notes that a loader unpickles the bytes of a constant.
    pub(super) fn nest(&mut self, octets: Value) {
        /// Constants noted.
        const NESTED: usize = 10_000;
        if self.nested.len() < NESTED && self.nested.last() != Some(&octets) {
            self.nested.push(octets);
        } else if self.nested.len() >= NESTED {
            self.told.note(&crate::scan::context::OVER_BUDGET, self.now, "more pickles within constants than are read");
        }
    }
}
