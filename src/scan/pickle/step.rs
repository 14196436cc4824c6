//! Runs the opcodes of one pickle.

use super::machine::{Machine, Stop};
use super::opcode::{self, Argument};
use super::rating::Use;
use super::reader::Fault;
use super::value::{Kind, Value};
use super::{EXTENSION, FOREIGN, MALFORMED, OUT_OF_BAND, UNKNOWN_GLOBAL};

impl Machine<'_> {
    /// Runs one pickle from where the reader stands.
    pub(super) fn run(&mut self) -> Stop {
        loop {
            self.now = self.reader.offset();
            let code = match self.reader.byte() {
                Ok(Some(code)) => code,
                Ok(None) => return Stop::Exhausted,
                Err(fault) => return self.fault(fault),
            };
            self.steps += 1;
            match self.step(code) {
                Ok(true) => {}
                Ok(false) => {
                    if !self.end_inner() {
                        return Stop::Ended;
                    }
                    self.push(Value::new(Kind::Number, 0));
                }
                Err(stop) => return stop,
            }
        }
    }

    /// Why an argument could not be had.
    #[cold]
    pub(super) fn fault(&mut self, fault: Fault) -> Stop {
        match fault {
            Fault::Truncated => Stop::Exhausted,
            Fault::Negative => {
                self.error("a length is negative");
                Stop::Broken
            }
            Fault::Unread(why) => Stop::Unread(why),
        }
    }

    /// Runs one opcode; false at a STOP.
    #[inline]
    fn step(&mut self, code: u8) -> Result<bool, Stop> {
        let here = self.now;
        match code {
            b'(' => {
                self.marks.push(self.stack.len());
                if self.is_too_tall() {
                    return Err(Stop::Limit("a pickle has more marks than are looked at"));
                }
            }
            b'K' => {
                let number = self.number(1)?;
                self.push(Value::int(number as i64));
            }
            b'M' => {
                let number = self.number(2)?;
                self.push(Value::int(number as i64));
            }
            b'J' => {
                let number = self.number(4)?;
                self.push(Value::int(i64::from(number as u32 as i32)));
            }
            b'h' => {
                let index = self.number(1)?;
                self.fetch(index);
            }
            b'j' => {
                let index = self.number(4)?;
                self.fetch(index);
            }
            b'q' => {
                let index = self.number(1)?;
                self.store(index)?;
            }
            b'r' => {
                let index = self.number(4)?;
                self.store(index)?;
            }
            opcode::MEMOIZE => self.store(self.memo.count())?,
            opcode::SHORT_BINUNICODE | b'U' => self.constant_here(Kind::Text, 1, false)?,
            b'X' => self.constant_here(Kind::Text, 4, false)?,
            b'T' => self.constant_here(Kind::Text, 4, true)?,
            opcode::BINUNICODE8 => self.constant_here(Kind::Text, 8, false)?,
            b'C' => self.constant_here(Kind::Octets, 1, false)?,
            b'B' => self.constant_here(Kind::Octets, 4, false)?,
            opcode::BINBYTES8 | opcode::BYTEARRAY8 => self.constant_here(Kind::Octets, 8, false)?,
            b'S' | b'V' => {
                self.skip(Argument::Line)?;
                self.push(Value::new(Kind::Text, here));
            }
            b'G' => {
                self.skip(Argument::Fixed(8))?;
                self.push(Value::new(Kind::Number, 0));
            }
            b'F' => {
                self.skip(Argument::Line)?;
                self.push(Value::new(Kind::Number, 0));
            }
            b'I' | b'L' => {
                let line = self.line()?;
                self.push(whole_number(&line));
            }
            opcode::LONG1 => self.long(1, false)?,
            opcode::LONG4 => self.long(4, true)?,
            b'N' => self.push(Value::NULL),
            opcode::NEWTRUE => self.push(Value::new(Kind::Bool, 1)),
            opcode::NEWFALSE => self.push(Value::new(Kind::Bool, 0)),
            b']' => self.push(Value::new(Kind::List, 0)),
            b'}' => self.push(Value::new(Kind::Dict, 0)),
            opcode::EMPTY_SET => self.push(Value::new(Kind::Set, 0)),
            b')' => {
                let from = self.stack.len();
                let tuple = self.gather(Kind::Tuple, from, None);
                self.push(tuple);
            }
            opcode::TUPLE1 => self.tuple(1),
            opcode::TUPLE2 => self.tuple(2),
            opcode::TUPLE3 => self.tuple(3),
            b't' => self.marked(Kind::Tuple),
            b'l' => self.marked(Kind::List),
            b'd' => {
                let from = self.mark();
                self.look_at_keys(from);
                let dict = self.gather(Kind::Dict, from, None);
                self.move_keys(0, dict);
                self.push(dict);
            }
            opcode::FROZENSET => self.marked(Kind::Set),
            b'a' => {
                let value = self.pop();
                self.top();
                self.stack.push(value);
                self.add(self.stack.len() - 1, Kind::List, "appends to");
            }
            b'e' => {
                let from = self.mark();
                self.add(from, Kind::List, "appends to");
            }
            opcode::ADDITEMS => {
                let from = self.mark();
                self.add(from, Kind::Set, "adds to");
            }
            b's' => {
                let value = self.pop();
                let key = self.pop();
                self.top();
                self.stack.push(key);
                self.stack.push(value);
                self.add(self.stack.len() - 2, Kind::Dict, "sets items of");
            }
            b'u' => {
                let from = self.mark();
                self.add(from, Kind::Dict, "sets items of");
            }
            b'0' => {
                // With nothing above the last mark, the mark is taken.
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop();
                }
            }
            b'1' => {
                let from = self.mark();
                self.stack.truncate(from);
            }
            b'2' => {
                let top = self.top();
                self.double(top);
                self.push(if top.kind() == Kind::Run { Value::new(Kind::Number, 0) } else { top });
            }
            b'.' => {
                self.pop();
                if self.reader.offset() < self.frame_end {
                    self.told.note(&MALFORMED, here, "the pickle stops before its frame ends");
                }
                return Ok(false);
            }
            _ => return self.rare(code),
        }
        if self.is_too_tall() {
            return Err(Stop::Limit("a pickle holds more on its stack than is looked at"));
        }
        if self.has_too_many_errors() {
            return Err(Stop::Broken);
        }
        Ok(true)
    }

    /// Opcodes that a pickle has few of.
    fn rare(&mut self, code: u8) -> Result<bool, Stop> {
        let here = self.now;
        match code {
            opcode::PROTO => {
                let protocol = self.number(1)?;
                if protocol > 5 {
                    self.error(format!("protocol {protocol} is not known"));
                }
                self.protocol = self.protocol.max(protocol.min(5) as u8);
            }
            opcode::FRAME => {
                let length = self.number(8)?;
                if here < self.frame_end {
                    self.told.note(&MALFORMED, here, "a frame begins before the last one ends");
                }
                if length > self.reader.left() {
                    self.told.note(&MALFORMED, here, "a frame is longer than what is left of the file");
                    self.frame_end = 0;
                } else {
                    self.frame_end = self.reader.offset() + length;
                }
            }
            b'g' => match index(&self.line()?) {
                Some(index) => self.fetch(index),
                None => {
                    self.error("the memo is read at an index that is no number");
                    self.push(Value::new(Kind::Unknown, 0));
                }
            },
            b'p' => match index(&self.line()?) {
                Some(index) => self.store(index)?,
                None => self.error("an object is stored at an index that is no number"),
            },
            b'c' => {
                let (module, name) = self.names()?;
                let global = self.push_global(&module, &name)?;
                self.push(global);
            }
            opcode::STACK_GLOBAL => self.stack_global()?,
            b'i' => {
                let (module, name) = self.names()?;
                let global = self.push_global(&module, &name)?;
                let from = self.mark();
                self.instantiate(global, from);
            }
            b'o' => {
                let from = self.mark();
                match self.stack.get(from).copied() {
                    Some(class) => {
                        self.stack.remove(from);
                        self.instantiate(class, from);
                    }
                    None => {
                        self.error("OBJ has no class");
                        self.push(Value::new(Kind::Unknown, 0));
                    }
                }
            }
            b'R' => {
                let arguments = self.pop();
                let callee = self.pop();
                let made = self.call(callee, arguments, Use::Call);
                self.push(made);
            }
            opcode::NEWOBJ => {
                let arguments = self.pop();
                let class = self.pop();
                let made = self.call(class, arguments, Use::New);
                self.push(made);
            }
            opcode::NEWOBJ_EX => {
                let named = self.pop();
                let arguments = self.pop();
                let class = self.pop();
                // A condition on arguments says nothing of those with names.
                let has_names = named.payload() != 0 && self.records.head(named).is_none_or(|(count, _)| count > 0);
                if has_names && class.of(Kind::Global).is_some_and(|of| self.global(of).special.is_some()) {
                    let message = format!("calls `{}` with arguments by name", self.show(class));
                    self.told.note(&UNKNOWN_GLOBAL, here, message);
                }
                let made = self.call(class, arguments, Use::New);
                self.push(made);
            }
            b'b' => self.build()?,
            opcode::EXT1 => self.extension(1)?,
            opcode::EXT2 => self.extension(2)?,
            opcode::EXT4 => self.extension(4)?,
            b'P' => {
                let line = self.line()?;
                self.persistent_line(&line);
            }
            b'Q' => {
                let id = self.pop();
                self.persistent(id);
            }
            opcode::NEXT_BUFFER => {
                let message = "a buffer is not in the pickle, and comes from whoever loads it";
                self.told.note(&OUT_OF_BAND, here, message);
                self.push(Value::new(Kind::Buffer, 0));
            }
            opcode::READONLY_BUFFER => {
                self.top();
            }
            _ => {
                self.error(format!("byte {code:#04x} is no opcode"));
                return Err(Stop::Broken);
            }
        }
        if self.has_too_many_errors() {
            return Err(Stop::Broken);
        }
        Ok(true)
    }

    #[inline]
    fn number(&mut self, width: u8) -> Result<u64, Stop> {
        match self.reader.number(width) {
            Ok(number) => Ok(number),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    #[inline]
    fn skip(&mut self, argument: Argument) -> Result<(), Stop> {
        self.reader.skip_argument(argument).map_err(|fault| self.fault(fault))
    }

    fn line(&mut self) -> Result<Vec<u8>, Stop> {
        match self.reader.line() {
            Ok((line, _)) => Ok(line),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    /// The two lines of a GLOBAL.
    fn names(&mut self) -> Result<(String, String), Stop> {
        let module = self.line()?;
        let name = self.line()?;
        Ok((String::from_utf8_lossy(&module).into_owned(), String::from_utf8_lossy(&name).into_owned()))
    }

    /// Pushes a text or bytes that stand here.
    #[inline]
    fn constant_here(&mut self, kind: Kind, width: u8, is_signed: bool) -> Result<(), Stop> {
        let length = self.number(width)?;
        if is_signed && length > i32::MAX as u64 {
            return Err(self.fault(Fault::Negative));
        }
        self.look_into(kind, length);
        match self.reader.skip(length) {
            Ok(()) => {
                self.push(Value::new(kind, self.now));
                Ok(())
            }
            Err(fault) => Err(self.fault(fault)),
        }
    }

    fn long(&mut self, width: u8, is_signed: bool) -> Result<(), Stop> {
        let length = self.number(width)?;
        if is_signed && length > i32::MAX as u64 {
            return Err(self.fault(Fault::Negative));
        }
        let value = match length {
            0 => Value::int(0),
            1..=6 => {
                let number = self.number(length as u8)?;
                let shift = 64 - 8 * length as u32;
                Value::int((number << shift) as i64 >> shift)
            }
            _ => {
                if let Err(fault) = self.reader.skip(length) {
                    return Err(self.fault(fault));
                }
                Value::new(Kind::Number, 0)
            }
        };
        self.push(value);
        Ok(())
    }

    /// A tuple of so many values from the top of the stack.
    #[inline]
    fn tuple(&mut self, count: usize) {
        let floor = self.marks.last().copied().unwrap_or(0);
        let is_there = self.stack.len() >= floor + count && self.stack.len() < 1 << 20;
        if !is_there {
            let mut values: Vec<Value> = (0..count).map(|_| self.pop()).collect();
            values.reverse();
            self.stack.extend(values);
        }
        let tuple = self.gather(Kind::Tuple, self.stack.len() - count, None);
        self.push(tuple);
    }

    /// A container of the values above the last mark.
    #[inline]
    fn marked(&mut self, kind: Kind) {
        let from = self.mark();
        let made = self.gather(kind, from, None);
        self.push(made);
    }

    /// Gives the values above `from` to what lies below them.
    #[inline]
    fn add(&mut self, from: usize, kind: Kind, verb: &str) {
        let floor = self.marks.last().copied().unwrap_or(0);
        if from <= floor {
            self.error("an opcode adds to nothing");
            self.stack.truncate(from.max(floor));
            return;
        }
        let target = self.stack[from - 1];
        match target.kind() {
            found if found == kind => {
                if kind == Kind::Dict {
                    self.look_at_keys(from);
                    self.extend(from);
                    let made = self.stack[from - 1];
                    self.move_keys(target.payload(), made);
                } else {
                    self.extend(from);
                }
            }
            Kind::Result | Kind::Instance | Kind::Persistent | Kind::Extension | Kind::Unknown | Kind::Buffer => {
                if kind == Kind::Dict {
                    self.set_items(from, target);
                } else {
                    self.set_values(target);
                }
                self.stack.truncate(from);
            }
            Kind::Global => {
                let name = self.show(target);
                self.told.note(&FOREIGN, self.now, format!("{verb} `{name}` itself"));
                self.stack.truncate(from);
            }
            _ => {
                self.error("an opcode adds to what takes nothing");
                self.stack.truncate(from);
            }
        }
    }

    fn extension(&mut self, width: u8) -> Result<(), Stop> {
        let code = self.number(width)?;
        self.told.note_with(&EXTENSION, self.now, || {
            format!("takes extension {code}, which stands for whatever the loading program registered")
        });
        self.push(Value::new(Kind::Extension, code));
        Ok(())
    }
}

/// The number of a line of INT or LONG.
fn whole_number(line: &[u8]) -> Value {
    match line {
        b"00" => return Value::new(Kind::Bool, 0),
        b"01" => return Value::new(Kind::Bool, 1),
        _ => {}
    }
    let text = std::str::from_utf8(line).unwrap_or_default().trim().trim_end_matches('L');
    text.parse().map_or(Value::new(Kind::Number, 0), Value::int)
}

/// An index of the memo as text.
fn index(line: &[u8]) -> Option<u64> {
    let text: String = std::str::from_utf8(line).ok()?.chars().filter(|character| *character != '_').collect();
    text.trim().trim_start_matches('+').parse().ok()
}
