//! Finds one section of a binary by its name. Every offset is the file's own word and is checked.
//! Sources: System V ABI, "Object files"; Microsoft, "PE format"; Apple, `loader.h`; WebAssembly core
//! specification, section 5.5.

use crate::parse::Budget;

/// The section of cargo-auditable. Mach-O and PE cut names, this one fits all.
const NAME: &[u8] = b".dep-v0";

const DAMAGED: &str = "its table of sections is damaged";

/// Whether a file that starts like this is a program or library.
#[must_use]
pub fn is_binary(head: &[u8]) -> bool {
    match head {
        [0x7f, b'E', b'L', b'F', ..] | [0, b'a', b's', b'm', ..] | [b'M', b'Z', ..] => true,
        // Java's classes start like a fat Mach-O; those hold few architectures.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, n, ..] => *n < 20,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => true,
        _ => false,
    }
}

/// The bytes of the section; none where the binary has none.
pub(super) fn find<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<Option<&'a [u8]>, String> {
    let found = match bytes {
        [0x7f, b'E', b'L', b'F', ..] => elf(bytes, budget),
        [0, b'a', b's', b'm', ..] => wasm(bytes, budget),
        [b'M', b'Z', ..] => pe(bytes, budget),
        [0xca, 0xfe, 0xba, 0xbe, ..] => fat(bytes, budget),
        _ => macho(bytes, budget),
    };
    found.map_err(str::to_owned)
}

type Found<'a> = Result<Option<&'a [u8]>, &'static str>;

/// Reads numbers in one order of bytes.
#[derive(Clone, Copy)]
struct View<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> View<'a> {
    fn number(self, at: usize, length: usize) -> Result<u64, &'static str> {
        let field = self.slice(at, length)?;
        let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Ok(if self.big { field.iter().fold(0, fold) } else { field.iter().rev().fold(0, fold) })
    }

    fn at(self, at: usize, length: usize) -> Result<usize, &'static str> {
        usize::try_from(self.number(at, length)?).map_err(|_| DAMAGED)
    }

    fn slice(self, at: usize, length: usize) -> Result<&'a [u8], &'static str> {
        at.checked_add(length).and_then(|end| self.bytes.get(at..end)).ok_or(DAMAGED)
    }
}

fn add(a: usize, b: usize) -> Result<usize, &'static str> {
    a.checked_add(b).ok_or(DAMAGED)
}

fn entry(start: usize, index: usize, size: usize) -> Result<usize, &'static str> {
    index.checked_mul(size).and_then(|offset| start.checked_add(offset)).ok_or(DAMAGED)
}

fn take(budget: &mut Budget) -> Result<(), &'static str> {
    if budget.take_items(1) { Ok(()) } else { Err("it has too many sections") }
}

fn is_name(bytes: &[u8]) -> bool {
    bytes.strip_prefix(NAME).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == 0))
}

fn elf<'a>(bytes: &'a [u8], budget: &mut Budget) -> Found<'a> {
    let view = View { bytes, big: bytes.get(5) == Some(&2) };
    let wide = bytes.get(4) == Some(&2);
    let (table, size, count, names) = if wide { (40, 58, 60, 62) } else { (32, 46, 48, 50) };
    let start = view.at(table, if wide { 8 } else { 4 })?;
    if start == 0 {
        return Ok(None);
    }
    let (size, mut count, mut names) = (view.at(size, 2)?, view.at(count, 2)?, view.at(names, 2)?);
    // Offset, length and link of a section.
    let (offset, length, link, word) = if wide { (24, 32, 40, 8) } else { (16, 20, 24, 4) };
    // Larger numbers stand in the first section.
    if count == 0 {
        count = view.at(add(start, length)?, word)?;
    }
    if names == 0xffff {
        names = view.at(add(start, link)?, 4)?;
    }
    let section = |index: usize| -> Result<(usize, usize, usize), &'static str> {
        let at = entry(start, index, size)?;
        Ok((view.at(at, 4)?, view.at(add(at, offset)?, word)?, view.at(add(at, length)?, word)?))
    };
    let (_, names, names_length) = section(names)?;
    let names = view.slice(names, names_length)?;
    for index in 0..count {
        take(budget)?;
        let (name, at, length) = section(index)?;
        if names.get(name..).is_some_and(is_name) {
            return view.slice(at, length).map(Some);
        }
    }
    Ok(None)
}

fn pe<'a>(bytes: &'a [u8], budget: &mut Budget) -> Found<'a> {
    let view = View { bytes, big: false };
    let Ok(header) = view.at(0x3c, 4) else { return Ok(None) };
    if view.slice(header, 4) != Ok(b"PE\0\0") {
        // A program of DOS.
        return Ok(None);
    }
    let (count, optional) = (view.at(add(header, 6)?, 2)?, view.at(add(header, 20)?, 2)?);
    let table = add(add(header, 24)?, optional)?;
    for index in 0..count {
        take(budget)?;
        let at = entry(table, index, 40)?;
        if is_name(view.slice(at, 8)?) {
            // What is in the file is padded; the length in memory is what was written.
            let (virtual_length, length) = (view.at(add(at, 8)?, 4)?, view.at(add(at, 16)?, 4)?);
            let used = if virtual_length == 0 { length } else { virtual_length.min(length) };
            return view.slice(view.at(add(at, 20)?, 4)?, used).map(Some);
        }
    }
    Ok(None)
}

fn macho<'a>(bytes: &'a [u8], budget: &mut Budget) -> Found<'a> {
    let (big, wide) = match bytes {
        [0xfe, 0xed, 0xfa, last, ..] => (true, *last == 0xcf),
        [first, 0xfa, 0xed, 0xfe, ..] => (false, *first == 0xcf),
        _ => return Ok(None),
    };
    let view = View { bytes, big };
    let count = view.at(16, 4)?;
    let mut at = if wide { 32 } else { 28 };
    for _ in 0..count {
        take(budget)?;
        let (command, length) = (view.number(at, 4)?, view.at(add(at, 4)?, 4)?);
        let segment = match command {
            0x19 => Some((72, 80, 64, 40, 8, 48)),
            0x01 => Some((56, 68, 48, 36, 4, 40)),
            _ => None,
        };
        if let Some((sections, each, number, size, word, offset)) = segment {
            for index in 0..view.at(add(at, number)?, 4)? {
                take(budget)?;
                let section = entry(add(at, sections)?, index, each)?;
                if is_name(view.slice(section, 16)?) {
                    let length = view.at(add(section, size)?, word)?;
                    return view.slice(view.at(add(section, offset)?, 4)?, length).map(Some);
                }
            }
        }
        at = add(at, length.max(8))?;
    }
    Ok(None)
}

/// Several architectures in one file; they are built from the same sources, so the first that has the
/// section speaks.
fn fat<'a>(bytes: &'a [u8], budget: &mut Budget) -> Found<'a> {
    let view = View { bytes, big: true };
    for index in 0..view.at(4, 4)?.min(20) {
        let at = entry(8, index, 20)?;
        let part = view.slice(view.at(add(at, 8)?, 4)?, view.at(add(at, 12)?, 4)?)?;
        if let Some(found) = macho(part, budget)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn wasm<'a>(bytes: &'a [u8], budget: &mut Budget) -> Found<'a> {
    let mut rest = bytes.get(8..).ok_or(DAMAGED)?;
    while let Some((&id, after)) = rest.split_first() {
        take(budget)?;
        rest = after;
        let length = leb(&mut rest)?;
        let section = rest.get(..length).ok_or(DAMAGED)?;
        rest = rest.get(length..).ok_or(DAMAGED)?;
        if id == 0 {
            let mut inner = section;
            let length = leb(&mut inner)?;
            if inner.get(..length).ok_or(DAMAGED)? == NAME {
                return Ok(inner.get(length..));
            }
        }
    }
    Ok(None)
}

fn leb(rest: &mut &[u8]) -> Result<usize, &'static str> {
    let mut out: u32 = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(DAMAGED)?;
        *rest = after;
        out |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return usize::try_from(out).map_err(|_| DAMAGED);
        }
    }
    Err(DAMAGED)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A module with one custom section.
    pub(in crate::parse::auditable) fn wasm(name: &str, content: &[u8]) -> Vec<u8> {
        let number = |mut n: usize| {
            let mut out = Vec::new();
            loop {
                let byte = u8::try_from(n & 0x7f).unwrap();
                n >>= 7;
                out.push(if n == 0 { byte } else { byte | 0x80 });
                if n == 0 {
                    return out;
                }
            }
        };
        let mut inner = number(name.len());
        inner.extend(name.bytes());
        inner.extend(content);
        let mut out = b"\0asm\x01\0\0\0\0".to_vec();
        out.extend(number(inner.len()));
        out.extend(inner);
        out
    }

    #[test]
    fn a_table_that_leads_nowhere_is_damaged() {
        let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0];
        elf.resize(64, 0);
        assert_eq!(find(&elf, &mut Budget::default()), Ok(None));
        elf[40] = 0xff;
        elf[60] = 1;
        assert_eq!(find(&elf, &mut Budget::default()), Err(DAMAGED.to_owned()));
        assert_eq!(find(b"\0asm\x01\0\0\0\0\xff", &mut Budget::default()), Err(DAMAGED.to_owned()));
        assert_eq!(find(b"MZ", &mut Budget::default()), Ok(None));
    }

    #[test]
    fn binaries_start_as_they_do() {
        for (head, is) in [
            (&b"\x7fELF\x02"[..], true),
            (b"\0asm\x01\0\0\0", true),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", true),
            (b"\xca\xfe\xba\xbe\0\0\0\x34", false),
            (b"\xcf\xfa\xed\xfe", true),
            (b"#!/bin/sh", false),
            (b"", false),
        ] {
            assert_eq!(is_binary(head), is, "{head:?}");
        }
    }
}
