//! Attributes: their names, and the texts among their values.

use super::file::File;
use super::heap::global;
use super::numbers::Reader;
use super::object::messages;
use crate::scan::quote::shown;

/// Texts of one attribute that are read.
const TEXTS: u64 = 100_000;
/// Kind of the message that says what type values have.
const DATATYPE: u16 = 0x03;

/// An attribute.
pub(super) struct Attribute {
    /// Its name.
    pub(super) name: String,
    /// Its values.
    pub(super) values: Values,
}

/// Values of an attribute.
pub(super) enum Values {
    /// Texts or bytes, each with its address.
    Texts(Vec<(u64, Vec<u8>)>),
    /// Numbers and the like, which nothing makes anything else of.
    Other,
}

/// What values are.
#[derive(Clone, Copy)]
enum Kind {
    Fixed(usize),
    Variable,
    Other,
}

/// Reads an attribute message whose body lies at an address.
pub(super) fn attribute(file: &File<'_>, body: &[u8], address: u64) -> Result<Attribute, String> {
    let early = || "an attribute ends early".to_owned();
    let mut reader = file.reader(body);
    let version = reader.byte().ok_or_else(early)?;
    if !(1..=3).contains(&version) {
        return Err("an attribute is of an unknown version".to_owned());
    }
    let flags = reader.byte().ok_or_else(early)?;
    let flags = if version == 1 { 0 } else { flags };
    let sizes = reader.short().zip(reader.short()).zip(reader.short());
    let ((name, datatype), dataspace) = sizes.ok_or_else(early)?;
    if version == 3 {
        reader.skip(1).ok_or_else(early)?;
    }
    let padded = |length: usize| if version == 1 { (length + 7) & !7 } else { length };
    let name = reader.take(padded(name)).ok_or_else(early)?;
    let name = name.split(|b| *b == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    let datatype = reader.take(padded(datatype)).ok_or_else(early)?;
    let dataspace = reader.take(padded(dataspace)).ok_or_else(early)?;
    let kind = if flags & 1 != 0 { shared(file, datatype)? } else { kind(datatype).ok_or_else(early)? };
    if matches!(kind, Kind::Other) {
        return Ok(Attribute { name, values: Values::Other });
    }
    if flags & 2 != 0 {
        return Err(format!("the shape of attribute `{}` is shared", shown(&name)));
    }
    let count = count(file.reader(dataspace)).ok_or_else(early)?;
    if count > TEXTS {
        return Err(format!("attribute `{}` has {count} texts, more than are read", shown(&name)));
    }
    let texts = texts(file, reader, kind, count, address);
    let texts = texts.map_err(|why| format!("attribute `{}` is not read: {why}", shown(&name)))?;
    Ok(Attribute { name, values: Values::Texts(texts) })
}

fn texts(
    file: &File<'_>,
    mut reader: Reader<'_>,
    kind: Kind,
    count: u64,
    start: u64,
) -> Result<Vec<(u64, Vec<u8>)>, String> {
    let early = || "it ends early".to_owned();
    let mut out = Vec::new();
    for _ in 0..count {
        out.push(match kind {
            Kind::Fixed(size) => {
                let text = reader.take(size).ok_or_else(early)?;
                let end = text.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                (start + (reader.position() - size) as u64, text[..end].to_vec())
            }
            _ => {
                let length = reader.word().ok_or_else(early)?;
                let address = reader.address().ok_or_else(early)?;
                let index = reader.word().ok_or_else(early)?;
                match address.filter(|address| *address != 0 && length != 0) {
                    Some(address) => {
                        let (place, mut text) = global(file, address, index)?;
                        text.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                        (place, text)
                    }
                    None => (start, Vec::new()),
                }
            }
        });
    }
    Ok(out)
}

fn kind(datatype: &[u8]) -> Option<Kind> {
    let first = *datatype.first()?;
    let size = u32::from_le_bytes(datatype.get(4..8)?.try_into().ok()?) as usize;
    Some(match first & 0xF {
        3 | 5 => Kind::Fixed(size),
        9 if datatype.get(1)? & 0xF == 1 => Kind::Variable,
        _ => Kind::Other,
    })
}

/// The type that is kept in an object of its own.
fn shared(file: &File<'_>, body: &[u8]) -> Result<Kind, String> {
    let unknown = || "the type of an attribute is shared in an unknown way".to_owned();
    let mut reader = file.reader(body);
    let version = reader.byte().ok_or_else(unknown)?;
    let place = reader.byte().ok_or_else(unknown)?;
    match version {
        1 => reader.skip(6).ok_or_else(unknown)?,
        3 if place == 1 => return Err(unknown()),
        2 | 3 => {}
        _ => return Err(unknown()),
    }
    let address = reader.address().flatten().ok_or_else(unknown)?;
    let (messages, failure) = messages(file, address);
    let found = messages.iter().find(|message| message.kind == DATATYPE && !message.is_shared);
    match found {
        Some(message) => kind(&message.body).ok_or_else(unknown),
        None => Err(failure.unwrap_or_else(unknown)),
    }
}

/// How many values there are.
fn count(mut reader: Reader<'_>) -> Option<u64> {
    let version = reader.byte()?;
    let rank = reader.byte()?;
    reader.skip(1)?;
    match version {
        1 => reader.skip(5)?,
        2 if reader.byte()? == 2 => return Some(0),
        2 => {}
        _ => return None,
    }
    let mut count = 1_u64;
    for _ in 0..rank {
        count = count.saturating_mul(reader.length()?);
    }
    Some(count)
}
