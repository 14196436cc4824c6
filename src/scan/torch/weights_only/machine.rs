//! The restricted unpickler, opcode by opcode. Source: `torch/_weights_only_unpickler.py` of torch 2.15.

mod steps;

use std::collections::{BTreeSet, HashMap};

use super::calls::{Stop, refuse};
use super::globals::{find, path};
use super::value::{Heap, Map, Node, Storage, Value};
use crate::source::Window;

/// Characters of a text that are kept; no decision looks at longer ones.
const TEXT: usize = 256;
/// Bytes of a text that are checked; a longer one is taken for text.
const CHECKED: usize = 16 << 20;
/// Bytes of the name of a global.
const NAME: usize = 4096;
/// Globals that are told.
const GLOBALS: usize = 1000;
/// Steps of one pickle.
pub(super) const STEPS: u64 = 100_000_000;

/// Where the bytes of storages come from.
pub(super) trait Storages {
    /// Whether a storage of a key, of so many bytes, can be had; why not.
    fn load(&mut self, key: &str, bytes: u64) -> Result<(), String>;
    /// Whether the tuple names a view too, as in files before 1.6.
    fn has_views(&self) -> bool;
}

/// Runs pickles one after the other.
pub(super) struct Machine<'w, 'b> {
    window: &'w mut Window<'b>,
    pub at: u64,
    /// Steps that one pickle may take.
    pub steps: u64,
    pub heap: Heap,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
    storages: HashMap<String, u32>,
    /// Globals that are not allowed, by their full paths.
    pub refused: BTreeSet<String>,
}

impl<'w, 'b> Machine<'w, 'b> {
    pub(super) fn new(window: &'w mut Window<'b>, at: u64) -> Self {
        Self {
            window,
            at,
            steps: STEPS,
            heap: Heap::default(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            storages: HashMap::new(),
            refused: BTreeSet::new(),
        }
    }

    /// The storage of a key.
    pub(super) fn storage(&self, key: &str) -> Option<Storage> {
        self.storages.get(key).and_then(|at| self.heap.storage(*at))
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Stop> {
        let at = self.at;
        let held = self.window.at(at, count).map_err(|_| Stop::Unknown)?;
        let Some(out) = held.get(..count) else { return refuse("the file ends within a pickle") };
        self.at += count as u64;
        Ok(out)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self, count: usize) -> Result<u32, Stop> {
        let bytes = self.take(count)?;
        Ok(bytes.iter().rev().fold(0, |all, byte| (all << 8) | u32::from(*byte)))
    }

    /// Skips so many bytes, or fewer where the file ends: Python reads what there is.
    fn skip(&mut self, count: u64) {
        let left = self.window.bytes().len().saturating_sub(self.at);
        self.at += count.min(left);
    }

    fn line(&mut self) -> Result<String, Stop> {
        let at = self.at;
        let held = self.window.at(at, NAME).map_err(|_| Stop::Unknown)?;
        let held = held.get(..NAME.min(held.len())).unwrap_or_default();
        let Some(end) = held.iter().position(|byte| *byte == b'\n') else {
            return refuse("a global has no name that ends");
        };
        let Ok(text) = std::str::from_utf8(&held[..end]) else { return refuse("the name of a global is no text") };
        let text = text.to_owned();
        self.at += end as u64 + 1;
        Ok(text)
    }

    fn text(&mut self, length: u64) -> Result<Value, Stop> {
        let left = self.window.bytes().len().saturating_sub(self.at);
        let length = length.min(left);
        let node = match usize::try_from(length).ok().filter(|length| *length <= CHECKED) {
            Some(length) => {
                let bytes = self.take(length)?;
                match std::str::from_utf8(bytes) {
                    Ok(text) => (length <= TEXT).then(|| text.to_owned().into_boxed_str()),
                    // Halves of surrogate pairs are read, too.
                    Err(_) if is_text_with_halves(bytes) => None,
                    Err(_) => return refuse("a text is no UTF-8"),
                }
            }
            None => {
                self.skip(length);
                None
            }
        };
        Ok(Value::Str(self.heap.put(Node::Str(node))?))
    }

    fn pop(&mut self) -> Result<Value, Stop> {
        // Below the last mark stands another stack.
        if self.stack.len() <= self.marks.last().copied().unwrap_or(0) {
            return refuse("a pickle takes what is not there");
        }
        self.stack.pop().map_or_else(|| refuse("a pickle takes what is not there"), Ok)
    }

    fn top(&self) -> Result<Value, Stop> {
        if self.stack.len() <= self.marks.last().copied().unwrap_or(0) {
            return refuse("a pickle takes what is not there");
        }
        self.stack.last().map_or_else(|| refuse("a pickle takes what is not there"), |value| Ok(*value))
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, Stop> {
        let Some(mark) = self.marks.pop() else { return refuse("a pickle closes what was not opened") };
        Ok(self.stack.split_off(mark))
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// Takes so many values off and puts a tuple of them there.
    fn tuple(&mut self, count: usize) -> Result<(), Stop> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.pop()?);
        }
        items.reverse();
        let at = self.heap.put(Node::Items(items))?;
        self.push(Value::Tuple(at));
        Ok(())
    }

    /// Runs one pickle to its end; what it gives.
    pub(super) fn load(&mut self, storages: &mut dyn Storages) -> Result<Value, Stop> {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        for _ in 0..self.steps {
            self.heap.within_limits()?;
            let code = self.byte()?;
            match code {
                b'c' => self.global()?,
                0x81 => self.new_object()?,
                b'R' => self.reduce()?,
                b'b' => self.build()?,
                b'a' => {
                    let item = self.pop()?;
                    let Value::List(at) = self.top()? else {
                        return refuse("something is appended to what is no list");
                    };
                    self.heap.extend(at, &[item])?;
                }
                b'e' => {
                    let items = self.since_mark()?;
                    let Value::List(at) = self.top()? else {
                        return refuse("something is appended to what is no list");
                    };
                    self.heap.extend(at, &items)?;
                }
                b's' => {
                    let (_, key) = (self.pop()?, self.pop()?);
                    self.set(&[key])?;
                }
                b'u' => {
                    let items = self.since_mark()?;
                    if items.len() % 2 == 1 {
                        return refuse("a key has no value");
                    }
                    let keys: Vec<Value> = items.iter().step_by(2).copied().collect();
                    self.set(&keys)?;
                }
                b'(' => self.marks.push(self.stack.len()),
                b't' => {
                    let items = self.since_mark()?;
                    let at = self.heap.put(Node::Items(items))?;
                    self.push(Value::Tuple(at));
                }
                0x85..=0x87 => self.tuple(usize::from(code - 0x84))?,
                b'N' => self.push(Value::None),
                0x88 => self.push(Value::Bool(true)),
                0x89 => self.push(Value::Bool(false)),
                b')' => self.tuple(0)?,
                b']' => {
                    let at = self.heap.put(Node::Items(Vec::new()))?;
                    self.push(Value::List(at));
                }
                b'}' => {
                    let value = self.heap.dictionary(Map::Plain, 0)?;
                    self.push(value);
                }
                0x8f => self.push(Value::Set),
                b'J' => {
                    let number = self.number(4)?;
                    self.push(Value::Int(i64::from(number.cast_signed())));
                }
                b'K' => {
                    let number = self.number(1)?;
                    self.push(Value::Int(i64::from(number)));
                }
                b'M' => {
                    let number = self.number(2)?;
                    self.push(Value::Int(i64::from(number)));
                }
                b'G' => {
                    self.take(8)?;
                    self.push(Value::Float);
                }
                b'X' => {
                    let length = self.number(4)?;
                    let value = self.text(u64::from(length))?;
                    self.push(value);
                }
                b'U' => {
                    let length = self.number(1)?;
                    let value = self.text(u64::from(length))?;
                    if self.heap.text(value).is_none() {
                        return refuse("a text of Python 2 is no UTF-8");
                    }
                    self.push(value);
                }
                b'Q' => self.persistent(storages)?,
                b'h' | b'j' => {
                    let index = self.number(if code == b'h' { 1 } else { 4 })?;
                    let Some(value) = self.memo.get(&index) else {
                        return refuse("a pickle recalls what it never kept");
                    };
                    let value = *value;
                    self.push(value);
                }
                b'q' | b'r' => {
                    let index = self.number(if code == b'q' { 1 } else { 4 })?;
                    let value = self.top()?;
                    self.memo.insert(index, value);
                }
                0x8a => {
                    let length = self.number(1)?;
                    let bytes = self.take(length as usize)?;
                    let value = long(bytes);
                    self.push(value);
                }
                0x80 => {
                    self.byte()?;
                }
                b'.' => return self.pop(),
                code => return refuse(format!("the opcode {code} is not among those that are allowed")),
            }
        }
        Err(Stop::Unknown)
    }

    /// Names the globals of the pickle at an offset that are not allowed, as far as torch's own list of opcodes
    /// goes.
    pub(super) fn globals(&mut self, start: u64) {
        self.at = start;
        for _ in 0..STEPS {
            let Ok(code) = self.byte() else { return };
            let length = match code {
                b'c' => {
                    let (Ok(module), Ok(name)) = (self.line(), self.line()) else { return };
                    let (_, path) = path(&module, &name);
                    if find(&path).is_none() && self.refused.len() < GLOBALS {
                        self.refused.insert(path);
                    }
                    0
                }
                0x81
                | b'R'
                | b'b'
                | b'a'
                | b'e'
                | b's'
                | b'u'
                | b'('
                | b't'
                | 0x85..=0x87
                | b'N'
                | 0x88
                | 0x89
                | b')'
                | b']'
                | b'}'
                | 0x8f
                | b'Q' => 0,
                b'J' | b'j' | b'r' => 4,
                b'K' | b'h' | b'q' | 0x80 => 1,
                b'M' => 2,
                b'G' => 8,
                b'X' => match self.number(4) {
                    Ok(length) => u64::from(length),
                    Err(_) => return,
                },
                b'U' | 0x8a => match self.number(1) {
                    Ok(length) => u64::from(length),
                    Err(_) => return,
                },
                _ => return,
            };
            self.skip(length);
        }
    }
}

/// An integer of any length, the least byte first.
fn long(bytes: &[u8]) -> Value {
    if bytes.len() <= 8 {
        let sign = if bytes.last().is_some_and(|last| *last >= 0x80) { 0xff } else { 0 };
        let mut all = [sign; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        return Value::Int(i64::from_le_bytes(all));
    }
    let mut all = [0; 10];
    if bytes.len() <= 10 {
        all[..bytes.len()].copy_from_slice(bytes);
    }
    Value::Big(all)
}

/// Whether bytes are UTF-8 but for halves of surrogate pairs, each written as a character of three bytes.
fn is_text_with_halves(mut bytes: &[u8]) -> bool {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(_) => return true,
            Err(error) => {
                bytes = &bytes[error.valid_up_to()..];
                match bytes {
                    [0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..] => bytes = rest,
                    _ => return false,
                }
            }
        }
    }
}
