//! The header: names of tensors with their type, shape and place, and what else is said of them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::SAFETENSORS_INVALID;
use crate::parse::json_stream::{Dialect, Event, Fault, Reader};
use crate::scan::Context;
use crate::scan::quote::short;
use crate::scan::template;
use crate::source::Bytes;

/// Bytes of one string that are kept: descriptions of training runs are megabytes.
const KEPT: usize = 4 << 20;
/// Tensors of one file. Real ones have some ten thousand.
const TENSORS: usize = 500_000;
/// Dimensions of one tensor.
const DIMENSIONS: usize = 1024;

/// Types and the bits of one number of them.
const TYPES: &[(&str, u64)] = &[
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("C64", 64),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
];

/// Reads the header; where each tensor begins and ends, counted from the end of the header. None where it
/// could not be read to its end, which was told. `base` is where the header lies in the file.
pub(super) fn read(header: &dyn Bytes, base: u64, context: &mut Context<'_>) -> Option<Vec<(u64, u64)>> {
    let mut entries = Entries {
        reader: Reader::new(header, Dialect::Strict, KEPT),
        base,
        context,
        tensors: Vec::new(),
        names: HashSet::new(),
    };
    match entries.all() {
        Ok(()) => {
            if let Some(weights) = entries.context.weights() {
                weights.is_whole = true;
            }
            return Some(entries.tensors);
        }
        Err(Stop::Told) => {}
        Err(Stop::Fault(Fault::Unreadable(why))) => entries.context.unread(base, why),
        Err(Stop::Fault(Fault::CutShort)) => {
            entries.context.find(&SAFETENSORS_INVALID, base, "the header ends within its JSON");
        }
        Err(Stop::Fault(Fault::Broken { offset, what })) => {
            entries.context.find(&SAFETENSORS_INVALID, base + offset, format!("the header is no JSON: {what}"));
        }
    }
    None
}

enum Stop {
    Fault(Fault),
    Told,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

struct Entries<'b, 'c, 'l> {
    reader: Reader<'b>,
    base: u64,
    context: &'c mut Context<'l>,
    tensors: Vec<(u64, u64)>,
    names: HashSet<u64>,
}

/// What an entry says.
#[derive(Default)]
struct Entry {
    bits: Option<u64>,
    kind: &'static str,
    shape: Option<Vec<u64>>,
    place: Option<Vec<u64>>,
}

impl Entries<'_, '_, '_> {
    fn all(&mut self) -> Result<(), Stop> {
        if self.reader.next_event()? != Event::Object || self.reader.start() != 0 {
            self.wrong(0, "the header does not begin with `{`");
            return Err(Stop::Told);
        }
        let mut has_metadata = false;
        while self.reader.next_event()? == Event::Key {
            let at = self.reader.start();
            let name = self.reader.text().to_owned();
            if name == "__metadata__" {
                if std::mem::replace(&mut has_metadata, true) {
                    self.wrong(at, "`__metadata__` stands twice");
                }
                self.metadata()?;
                continue;
            }
            if !self.context.take_nodes(3) {
                return Err(Stop::Told);
            }
            if self.tensors.len() >= TENSORS {
                self.context.unread(self.base + at, format!("more than {TENSORS} tensors"));
                return Err(Stop::Told);
            }
            if !self.names.insert(hash(&name)) {
                self.wrong(at, format!("the tensor `{}` stands twice", short(&name)));
            }
            self.tensor(&name, at)?;
        }
        let end = self.reader.offset();
        if self.reader.next_event()? != Event::End {
            self.wrong(end, "something follows the JSON of the header");
        }
        if !self.reader.is_utf8() {
            self.wrong(0, "the header is not UTF-8");
        }
        Ok(())
    }

    fn wrong(&mut self, at: u64, message: impl Into<String>) {
        self.context.find(&SAFETENSORS_INVALID, self.base + at, message);
    }

    fn metadata(&mut self) -> Result<(), Stop> {
        match self.reader.next_event()? {
            Event::Object => {}
            Event::Null => return Ok(()),
            _ => {
                self.wrong(self.reader.start(), "`__metadata__` is no object");
                return Ok(self.reader.skip_to(1)?);
            }
        }
        let mut names = HashSet::new();
        while self.reader.next_event()? == Event::Key {
            let at = self.reader.start();
            let name = self.reader.text().to_owned();
            if !self.context.take_nodes(2) {
                return Err(Stop::Told);
            }
            if !names.insert(hash(&name)) {
                self.wrong(at, format!("the description `{}` stands twice", short(&name)));
            }
            if self.reader.next_event()? != Event::Text {
                self.wrong(at, format!("the description `{}` is no text", short(&name)));
                self.reader.skip_to(2)?;
                continue;
            }
            let at = self.base + self.reader.start();
            if self.reader.is_cut() {
                self.context.unread(at, format!("the description `{}` is longer than is looked at", short(&name)));
            }
            let text = self.reader.text();
            if let Some(weights) = self.context.weights() {
                weights.word(&name, text);
            }
            let shown = format!("__metadata__.{}", short(&name));
            template::hidden::payload(&shown, text, at, self.context);
            template::hidden::code(&shown, text, at, self.context);
            if template::has_tags(text) {
                template::scan_text(text, at, self.context);
            }
        }
        Ok(())
    }

    fn tensor(&mut self, name: &str, at: u64) -> Result<(), Stop> {
        if self.reader.next_event()? != Event::Object {
            self.wrong(at, format!("the entry of `{}` is no object", short(name)));
            return Ok(self.reader.skip_to(1)?);
        }
        let mut entry = Entry::default();
        while self.reader.next_event()? == Event::Key {
            let at = self.reader.start();
            let is_again = match self.reader.text() {
                "dtype" => {
                    let is_text = self.reader.next_event()? == Event::Text;
                    let known = TYPES.iter().find(|(word, _)| *word == self.reader.text());
                    let bits = known.map(|(_, bits)| *bits);
                    entry.kind = known.map_or("", |(word, _)| *word);
                    if !is_text || bits.is_none() {
                        let message =
                            format!("the type `{}` of `{}` is not known", short(self.reader.text()), short(name));
                        self.wrong(at, message);
                        self.reader.skip_to(2)?;
                    }
                    entry.bits.replace(bits.unwrap_or(0)).is_some()
                }
                "shape" => {
                    let numbers = self.numbers(name)?;
                    entry.shape.replace(numbers).is_some()
                }
                "data_offsets" => {
                    let numbers = self.numbers(name)?;
                    entry.place.replace(numbers).is_some()
                }
                other => {
                    let message = format!(
                        "the entry of `{}` has `{}`, which is no part of the format",
                        short(name),
                        short(other)
                    );
                    self.wrong(at, message);
                    self.reader.next_event()?;
                    self.reader.skip_to(2)?;
                    false
                }
            };
            if is_again {
                self.wrong(at, format!("a part of the entry of `{}` stands twice", short(name)));
            }
        }
        self.place(name, at, &entry);
        Ok(())
    }

    /// Whole numbers in brackets; what is none is told.
    fn numbers(&mut self, name: &str) -> Result<Vec<u64>, Stop> {
        let mut out = Vec::new();
        let mut is_right = self.reader.next_event()? == Event::Array;
        while is_right {
            match self.reader.next_event()? {
                Event::EndArray => return Ok(out),
                Event::Number if out.len() < DIMENSIONS => match self.reader.text().parse() {
                    Ok(number) => out.push(number),
                    Err(_) => is_right = false,
                },
                _ => is_right = false,
            }
        }
        self.wrong(self.reader.start(), format!("a shape or place of `{}` is no list of whole numbers", short(name)));
        self.reader.skip_to(2)?;
        Ok(out)
    }

    fn place(&mut self, name: &str, at: u64, entry: &Entry) {
        let (Some(bits), Some(shape), Some(place)) = (entry.bits, &entry.shape, &entry.place) else {
            return self.wrong(at, format!("the entry of `{}` lacks its type, shape or place", short(name)));
        };
        let &[from, to] = place.as_slice() else {
            return self.wrong(at, format!("the place of `{}` is not two numbers", short(name)));
        };
        if to < from {
            return self.wrong(at, format!("`{}` ends at byte {to}, before it begins at {from}", short(name)));
        }
        self.tensors.push((from, to));
        if bits == 0 {
            return;
        }
        match shape.iter().try_fold(bits, |all, one| all.checked_mul(*one)) {
            None => self.wrong(at, format!("the shape of `{}` is larger than any memory", short(name))),
            Some(all) if all % 8 != 0 => self.wrong(at, format!("`{}` does not end with a whole byte", short(name))),
            Some(all) if all / 8 != to - from => {
                let message =
                    format!("the shape of `{}` makes {} bytes, and its place has {}", short(name), all / 8, to - from);
                self.wrong(at, message);
            }
            Some(_) => {
                if let Some(weights) = self.context.weights() {
                    weights.tensor(entry.kind, shape.iter().copied());
                }
            }
        }
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
