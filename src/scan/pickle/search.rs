//! Pickles where none is expected: cheap dry runs that count values instead of keeping them.

use std::cell::Cell;

use super::opcode::{self, Argument};
use super::rating::{self, Rating};
use super::reader::Reader;
use super::{EMBEDDED, Options};
use crate::scan::Context;
use crate::source::{Bytes, Window};

/// Opcodes of one dry run.
const STEPS: usize = 20_000;
/// Opcodes of all dry runs of one search.
const ALL: usize = 3_000_000;
/// Bytes of a name.
const NAME: usize = 96;

/// How a dry run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Behind a STOP.
    Stop(u64),
    /// Nothing was wrong as far as it went.
    Limit,
    /// At something that no pickle has.
    Error,
}

/// What a dry run saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dry {
    pub(super) end: End,
    pub(super) steps: usize,
    /// Bytes of lines that were passed over.
    pub(super) passed: u64,
    /// A global was named, by names that can be names.
    pub(super) is_named: bool,
    /// And something was called after it.
    pub(super) is_called: bool,
    /// A global was named that is known for harm.
    pub(super) is_dangerous: bool,
}

/// Whether a text can be the name of a module or of something in it.
fn is_name(text: &[u8]) -> bool {
    // Lines that end as those of Windows do.
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let is_part = |part: &[u8]| {
        part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80)
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
    };
    text.len() <= NAME && std::str::from_utf8(text).is_ok() && text.split(|byte| *byte == b'.').all(is_part)
}

/// Whether a loader might find a text as a name: files of modules may have a hyphen or begin with a digit.
fn may_be_name(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let is_part = |part: &[u8]| {
        !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..))
    };
    text.split(|byte| *byte == b'.').all(is_part)
}

/// Whether a line is a number for any unpickler: signs, bases, `_` between digits, blanks around it, words for what
/// is none; the C one stops at a zero.
fn is_number(code: u8, line: &[u8]) -> bool {
    let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c);
    let from = line.iter().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    let to = line.iter().rposition(|byte| !is_blank(byte)).map_or(from, |last| last + 1);
    let line = &line[from..to];
    let is_letter = |byte: &u8| byte.is_ascii_hexdigit() || b"-+.xXoOlL_infatyINFATY".contains(byte);
    let has_digit = line.iter().any(u8::is_ascii_hexdigit) && (code == b'F' || line.iter().any(u8::is_ascii_digit));
    has_digit && line.iter().all(is_letter) || code == b'F' && is_word(line)
}

/// Whether a line is one of the words that floats have.
fn is_word(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"-").or_else(|| line.strip_prefix(b"+")).unwrap_or(line);
    [&b"inf"[..], b"infinity", b"nan"].iter().any(|word| line.eq_ignore_ascii_case(word))
}

fn is_dangerous(module: &[u8], name: &[u8]) -> bool {
    match (std::str::from_utf8(module), std::str::from_utf8(name)) {
        (Ok(module), Ok(name)) => matches!(rating::rate(module, name).0, Rating::Dangerous(_)),
        _ => false,
    }
}

/// Runs opcodes from an offset on. A strict run ends where the stack is too short, a loose one goes on: it
/// begins in the middle.
pub(super) fn dry(bytes: &dyn Bytes, from: u64, is_strict: bool) -> Dry {
    long_dry(bytes, from, is_strict, STEPS, |_, _| false)
}

/// The same with so many opcodes at most; `is_over` ends it as an error does.
fn long_dry(
    bytes: &dyn Bytes,
    from: u64,
    is_strict: bool,
    most: usize,
    mut is_over: impl FnMut(u64, &Dry) -> bool,
) -> Dry {
    let mut run = Run { reader: Reader::small(bytes, from), stack: 0, marks: Vec::new(), texts: [0; 2], is_strict };
    let mut seen = Dry { end: End::Limit, steps: 0, passed: 0, is_named: false, is_called: false, is_dangerous: false };
    while seen.steps < most {
        if is_over(run.reader.offset(), &seen) {
            seen.end = End::Error;
            return seen;
        }
        match run.step(&mut seen) {
            Some(true) => seen.steps += 1,
            Some(false) => {
                seen.steps += 1;
                seen.end = End::Stop(run.reader.offset());
                return seen;
            }
            None => {
                seen.end = End::Error;
                return seen;
            }
        }
    }
    seen
}

struct Run<'b> {
    reader: Reader<'b>,
    stack: usize,
    marks: Vec<usize>,
    /// Where the last two texts stand.
    texts: [u64; 2],
    is_strict: bool,
}

impl Run<'_> {
    /// One opcode; false at a STOP, none at an error.
    fn step(&mut self, seen: &mut Dry) -> Option<bool> {
        let here = self.reader.offset();
        let code = self.reader.byte().ok()??;
        match code {
            b'c' | b'i' => {
                let mut part = || Some(self.reader.short_line(usize::MAX, |_, byte| byte >= b'\r').ok()??.0);
                let (module, name) = (part()?, part()?);
                seen.passed += self.reader.offset() - here;
                if !may_be_name(&module) || !may_be_name(&name) {
                    return None;
                }
                seen.is_named = true;
                seen.is_dangerous |= is_dangerous(&module, &name);
                if code == b'i' {
                    self.mark()?;
                    seen.is_called = true;
                }
                self.stack += 1;
                return Some(true);
            }
            b'I' | b'L' | b'g' | b'p' | b'F' => {
                let is_cut = Cell::new(false);
                let is_allowed = |_: usize, byte: u8| {
                    is_cut.set(is_cut.get() || byte == 0);
                    is_cut.get() || byte.is_ascii()
                };
                let line = self.reader.short_line(usize::MAX, is_allowed).ok()??.0;
                seen.passed += self.reader.offset() - here;
                if !is_number(code, &line) {
                    return None;
                }
            }
            b'P' => {
                let line = self.reader.short_line(usize::MAX, |_, byte| byte.is_ascii_graphic()).ok()??.0;
                seen.passed += self.reader.offset() - here;
                if line.is_empty() {
                    return None;
                }
            }
            b'S' => {
                let is_allowed = |at: usize, byte: u8| at > 0 || matches!(byte, b'\'' | b'"');
                let (line, is_ended) = self.reader.short_line(usize::MAX, is_allowed).ok()??;
                seen.passed += self.reader.offset() - here;
                let is_quoted = matches!(line.first(), Some(b'\'' | b'"')) && (line.len() >= 2 || !is_ended);
                if !is_quoted {
                    return None;
                }
            }
            opcode::PROTO => {
                if self.reader.number(1).ok()? > 5 {
                    return None;
                }
            }
            b'V' => {
                let ended = self.reader.skip_line();
                seen.passed += self.reader.offset() - here;
                ended.ok()?;
            }
            _ => self.reader.skip_argument(opcode::argument(code)?).ok()?,
        }
        match code {
            b'U' | b'X' | b'S' | b'V' | b'T' | opcode::SHORT_BINUNICODE | opcode::BINUNICODE8 => {
                self.texts = [self.texts[1], here + 1];
            }
            opcode::STACK_GLOBAL => self.stack_global(seen),
            _ => {}
        }
        self.balance(code)?;
        if seen.is_named && matches!(code, b'R' | b'o' | b'b' | opcode::NEWOBJ | opcode::NEWOBJ_EX) {
            seen.is_called = true;
        }
        Some(code != b'.')
    }

    fn stack_global(&self, seen: &mut Dry) {
        // Names may come through the memo, so that the last two texts are not them; in the middle of a pickle, from
        // before it.
        seen.is_named |= !self.is_strict || self.texts[1] > 0;
        let read = |place: u64| super::reader::Constant::brief(self.reader.bytes(), place.checked_sub(1)?);
        if let (Some(module), Some(name)) = (read(self.texts[0]), read(self.texts[1])) {
            seen.is_dangerous |=
                is_name(&module.bytes) && is_name(&name.bytes) && is_dangerous(&module.bytes, &name.bytes);
        }
    }

    fn mark(&mut self) -> Option<usize> {
        match self.marks.pop() {
            Some(mark) => {
                let above = self.stack - mark;
                self.stack = mark;
                Some(above)
            }
            None => (!self.is_strict).then_some(0),
        }
    }

    /// Takes so many values and gives so many.
    fn swap(&mut self, takes: usize, gives: usize) -> Option<()> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack < floor + takes {
            if self.is_strict {
                return None;
            }
            self.stack = floor + takes;
        }
        self.stack = self.stack - takes + gives;
        Some(())
    }

    /// What an opcode does to the height of the stack.
    fn balance(&mut self, code: u8) -> Option<()> {
        match code {
            b'(' => self.marks.push(self.stack),
            b't' | b'l' | b'd' | opcode::FROZENSET => {
                self.mark()?;
                self.stack += 1;
            }
            b'o' => {
                let above = self.mark()?;
                if above == 0 && self.is_strict {
                    return None;
                }
                self.stack += 1;
            }
            b'e' | b'u' | opcode::ADDITEMS => {
                self.mark()?;
                self.swap(1, 1)?;
            }
            b'1' => {
                self.mark()?;
            }
            b'0' if self.marks.last() == Some(&self.stack) => {
                self.marks.pop();
            }
            b'0' | b'.' => self.swap(1, 0)?,
            opcode::TUPLE1 | b'q' | b'r' | b'p' | opcode::MEMOIZE | opcode::READONLY_BUFFER | b'Q' => {
                self.swap(1, 1)?
            }
            b'2' => self.swap(1, 2)?,
            opcode::TUPLE2 | b'a' | b'R' | b'b' | opcode::NEWOBJ | opcode::STACK_GLOBAL => self.swap(2, 1)?,
            opcode::TUPLE3 | b's' | opcode::NEWOBJ_EX => self.swap(3, 1)?,
            opcode::PROTO | opcode::FRAME => {}
            _ => self.stack += 1,
        }
        Some(())
    }
}

/// Whether so many bytes that stand in the place of opcodes name something and call it, or lead a loader that takes
/// them for opcodes on to what follows them.
pub(super) fn does_something(bytes: &dyn Bytes, from: u64, length: u64) -> bool {
    /// Fewer bytes are opcodes now and then by themselves.
    const FEW: u64 = 16;
    /// Bytes that are looked at behind those.
    const BEHIND: u64 = 1024;
    let end = from.saturating_add(length);
    let passes = |at: u64| at == end && length >= FEW;
    let is_over = |at: u64, seen: &Dry| {
        let does = seen.is_named && seen.is_called && (at <= end || seen.is_dangerous);
        does || passes(at) || at > end.saturating_add(BEHIND)
    };
    let mut last = from;
    let seen = long_dry(bytes, from, false, ALL, |at, seen| {
        last = at;
        is_over(at, seen)
    });
    let is_inside = last <= end;
    seen.is_named && seen.is_called && (is_inside || seen.is_dangerous) || seen.end == End::Limit || passes(last)
}

/// Whether bytes begin with pickles, magic or not.
pub(super) fn begins(bytes: &dyn Bytes, from: u64) -> bool {
    /// Pickles one after the other that are looked at.
    const PICKLES: usize = 64;
    let mut at = from;
    for _ in 0..PICKLES {
        let seen = dry(bytes, at, true);
        if seen.is_called || seen.is_dangerous || seen.end == End::Limit {
            return true;
        }
        match seen.end {
            End::Stop(end) if end == bytes.len() => return true,
            End::Stop(end) => at = end,
            _ => return false,
        }
    }
    true
}

/// Looks for pickles that do something from an offset on, and tells them.
pub(super) fn rest(bytes: &dyn Bytes, from: u64, context: &mut Context<'_>) {
    /// Bytes looked at together.
    const PIECE: usize = 64 << 10;
    /// Bytes around a candidate that are looked at with it.
    const AROUND: usize = 512;
    let mut window = Window::new(bytes, PIECE + 2 * AROUND);
    let (mut at, mut left, mut last) = (from, ALL, from);
    while at < bytes.len() {
        let start = at.saturating_sub(AROUND as u64).max(last);
        let held = match window.at(start, PIECE + 2 * AROUND) {
            Ok(held) => held,
            Err(why) => return context.unread(start, why),
        };
        let first = (at - start) as usize;
        let end = (first + PIECE).min(held.len());
        let mut next = start + end as u64;
        for place in first..end {
            let begin = match held[place] {
                0x80 => head(held, place),
                b'\n' => lines(held, place, bytes, start),
                opcode::STACK_GLOBAL => texts(held, place),
                _ => None,
            };
            let Some(begin) = begin.map(|begin| start + begin as u64) else { continue };
            let seen = dry(bytes, begin, true);
            left = left.saturating_sub(seen.steps + 10 + (seen.passed / 64) as usize);
            if left == 0 {
                let message = "more bytes look like pickles than are run";
                return context.find(&crate::scan::context::OVER_BUDGET, begin, message);
            }
            let does = seen.is_called && (seen.is_dangerous || matches!(seen.end, End::Stop(_)));
            if does || held[place] == 0x80 && seen.end == End::Limit {
                let options = Options { is_one: true, ..Options::default() };
                let summary = super::quiet(bytes, begin, &options, context);
                next = summary.max(start + place as u64 + 1);
                last = next;
                break;
            }
            if let (0x80, End::Stop(end)) = (held[place], seen.end)
                && end > start + place as u64 + 16
            {
                (next, last) = (end, end);
                break;
            }
        }
        at = next;
    }
}

/// Tells a pickle that was found where none belongs.
pub(super) fn found(at: u64, context: &mut Context<'_>) {
    context.find(&EMBEDDED, at, "a pickle that names and calls globals lies in other bytes");
}

/// The head of protocol 2 and above, with an opcode behind it.
fn head(held: &[u8], place: usize) -> Option<usize> {
    let protocol = held.get(place + 1).copied().filter(|protocol| *protocol <= 5)?;
    let next = held.get(place + 2).copied()?;
    let is_likely =
        opcode::argument(next).is_some_and(|argument| argument != Argument::None || b"](}N)".contains(&next));
    (protocol > 0 && is_likely).then_some(place)
}

/// A GLOBAL or INST, told by the end of its first line. The longest module that is a name is taken, then
/// shorter ones that are dangerous.
fn lines(held: &[u8], place: usize, bytes: &dyn Bytes, start: u64) -> Option<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let after = &held[place + 1..];
    let length = after.iter().take(NAME).position(|byte| !is_part(byte)).filter(|length| *length > 0)?;
    if after.get(length) != Some(&b'\n') || !is_name(&after[..length]) {
        return None;
    }
    let before = &held[..place];
    let run = before.iter().rev().take(NAME).take_while(|byte| is_part(byte)).count();
    for from in place - run..place {
        let module = &held[from + 1..place];
        if !matches!(held[from], b'c' | b'i') || !is_name(module) {
            continue;
        }
        let is_known = is_dangerous(module, &after[..length]);
        if held[from] == b'c' && (is_known || from == place - run) {
            // OBJ has its mark before the class.
            return Some(if from > 0 && held[from - 1] == b'(' { from - 1 } else { from });
        }
        if held[from] == b'i' && is_known {
            // It needs a mark before it, from which all is opcodes.
            let marks = (from.saturating_sub(400)..from).rev().filter(|at| held[*at] == b'(').take(8);
            for mark in marks {
                let seen = dry(bytes, start + mark as u64, true);
                if seen.is_called && seen.is_dangerous {
                    return Some(mark);
                }
            }
        }
    }
    None
}

/// A STACK_GLOBAL with two short texts before it.
fn texts(held: &[u8], place: usize) -> Option<usize> {
    let (name_start, name) = text_before(held, place)?;
    let (module_start, module) = text_before(held, name_start)?;
    let start = if module_start > 0 && held[module_start - 1] == b'(' { module_start - 1 } else { module_start };
    is_dangerous(module, name).then_some(start)
}

/// The short text, stored in the memo or not, that ends at a place.
fn text_before(held: &[u8], place: usize) -> Option<(usize, &[u8])> {
    let end = match held.get(place.checked_sub(1)?)? {
        &opcode::MEMOIZE => place - 1,
        _ if place >= 2 && held[place - 2] == b'q' => place - 2,
        _ => place,
    };
    (1..=NAME).take_while(|length| end >= length + 2).find_map(|length| {
        let start = end - length;
        let text = &held[start..end];
        let is_short = held[start - 1] == length as u8 && matches!(held[start - 2], opcode::SHORT_BINUNICODE | b'U');
        let is_long = start >= 5 && held[start - 5..start] == [b'X', length as u8, 0, 0, 0];
        match (is_short, is_long) {
            _ if !is_name(text) => None,
            (true, _) => Some((start - 2, text)),
            (_, true) => Some((start - 5, text)),
            _ => None,
        }
    })
}
