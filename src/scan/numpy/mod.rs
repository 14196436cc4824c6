//! Arrays of numpy (`npy`). Pickles with arrays within, as joblib writes them, are run by the pickle machine.
//!
//! A header is a dictionary as Python writes it. It is read as data by a reader of our own: numpy does so
//! too, and others do not.

mod literal;
#[cfg(test)]
mod tests;

use super::pickle;
use super::{Context, Rule, Severity, Verdict};
use crate::source::{Bytes, Part};
use literal::Literal;

static NPY_INVALID: Rule = Rule {
    id: "npy-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "The array breaks its format",
    help: "Its header and its bytes do not agree, or something else is in the file. Write it again from its source.",
};
static NPY_CODE: Rule = Rule {
    id: "npy-code",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The header of the array is no data but code",
    help: "numpy refuses it; readers that evaluate headers run it. Do not load the file.",
};

pub(super) const RULES: &[&Rule] = &[&NPY_INVALID, &NPY_CODE];

const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read; numpy itself stops at 10,000 bytes unless told otherwise.
const LONGEST: u64 = 4 << 20;

/// Whether bytes are an array of numpy, by their beginning.
#[must_use]
pub fn claims_npy(head: &[u8], _bytes: &dyn Bytes) -> bool {
    head.starts_with(MAGIC)
}

/// Scans an array of numpy, or several one after the other.
pub fn scan_npy(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut at = 0;
    loop {
        if !context.take_nodes(8) {
            return;
        }
        let Some(end) = array(bytes, at, context) else { return };
        if end >= bytes.len() {
            return;
        }
        // `numpy.save` writes behind what is there, if it is asked to.
        match bytes.up_to(end, MAGIC.len()) {
            Ok(next) if next == MAGIC => at = end,
            // Python 2 ends a pickle with a line.
            Ok(next) if next == b"\n" => return,
            Ok(_) => {
                context.find(&NPY_INVALID, end, format!("{} bytes follow the array", bytes.len() - end));
                return context.part("bytes after the array", &Part::from(bytes, end));
            }
            Err(why) => return context.unread(end, why),
        }
    }
}

/// Scans one array; where it ends, if that is known.
fn array(bytes: &dyn Bytes, at: u64, context: &mut Context<'_>) -> Option<u64> {
    let start = match bytes.up_to(at, 12) {
        Ok(start) => start,
        Err(why) => {
            context.unread(at, why);
            return None;
        }
    };
    let (header_at, length) = match start.get(MAGIC.len()..)? {
        [1, _, low, high, ..] => (at + 10, u64::from(u16::from_le_bytes([*low, *high]))),
        [2 | 3, _, a, b, c, d] => (at + 12, u64::from(u32::from_le_bytes([*a, *b, *c, *d]))),
        [version, _, ..] if !(1..=3).contains(version) => {
            context.find(&NPY_INVALID, at + 6, format!("the version {version} of the format is not known"));
            return None;
        }
        _ => {
            context.find(&NPY_INVALID, at, "the file ends within its header");
            return None;
        }
    };
    let there = bytes.len().saturating_sub(header_at);
    if length > there || length > LONGEST {
        context.find(&NPY_INVALID, at, format!("the header says that it has {length} bytes, and {there} are there"));
        return None;
    }
    let header = match bytes.exactly(header_at, usize::try_from(length).unwrap_or(0)) {
        Ok(header) => header,
        Err(why) => {
            context.unread(header_at, why);
            return None;
        }
    };
    let data = header_at + length;
    let shape = read(&header, header_at, context)?;
    if shape.has_objects {
        let options = pickle::Options { is_one: true, ..pickle::Options::default() };
        let summary = pickle::run(bytes, data, &options, context);
        return (summary.ending == pickle::Ending::Stop).then_some(summary.end);
    }
    let end = shape.length.and_then(|length| data.checked_add(length)).filter(|end| *end <= bytes.len());
    if end.is_none() {
        context.find(&NPY_INVALID, data, "the shape of the array is larger than what is there");
    }
    end
}

/// What a header says.
struct Shape {
    has_objects: bool,
    /// Bytes of all numbers; none where they are more than can be counted.
    length: Option<u64>,
}

/// Reads a header; none where it says nothing that can be used, which was told.
fn read(header: &[u8], at: u64, context: &mut Context<'_>) -> Option<Shape> {
    // Each byte is a character in the first two versions; names of fields may be UTF-8 in the third.
    let text = String::from_utf8(header.to_vec()).unwrap_or_else(|_| header.iter().map(|b| char::from(*b)).collect());
    let Some(literal) = literal::read(&text) else {
        let is_code = text.contains('(')
            && text.split('(').any(|before| before.trim_end().ends_with(|c: char| c == '_' || c.is_alphanumeric()))
            || text.contains("lambda")
            || text.contains("__");
        if is_code {
            context.find(&NPY_CODE, at, "the header of the array is no dictionary of plain values");
        } else {
            context.find(&NPY_INVALID, at, "the header of the array is no dictionary");
        }
        return None;
    };
    let mut wrong = |message: &str| {
        context.find(&NPY_INVALID, at, message.to_owned());
        None
    };
    let Literal::Map(entries) = literal else { return wrong("the header of the array is no dictionary") };
    let mut keys: Vec<&str> = entries.iter().filter_map(|(key, _)| key.text()).collect();
    keys.sort_unstable();
    if keys != ["descr", "fortran_order", "shape"] || entries.len() != 3 {
        return wrong("the header of the array has other keys than `descr`, `fortran_order` and `shape`");
    }
    let get = |key: &str| entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value);
    let (Some(descr), Some(Literal::Tuple(shape))) = (get("descr"), get("shape")) else {
        return wrong("the shape of the array is no tuple");
    };
    if !matches!(get("fortran_order"), Some(Literal::Bool)) {
        return wrong("the order of the array is neither true nor false");
    }
    let Some(kind) = kind(descr) else { return wrong("the type of the array is not known") };
    let mut length = Some(kind.length);
    for one in shape {
        let Literal::Integer(one) = one else { return wrong("the shape of the array is not of numbers") };
        let Ok(one) = u64::try_from(*one) else { return wrong("the shape of the array has a negative number") };
        length = length.and_then(|length| length.checked_mul(one));
    }
    Some(Shape { has_objects: kind.has_objects, length })
}

/// A type of numbers: bytes of one, and whether objects are among them.
struct Kind {
    length: u64,
    has_objects: bool,
}

/// What a description of a type says: a code, fields, or a type with a shape.
fn kind(descr: &Literal) -> Option<Kind> {
    match descr {
        Literal::Text(code) => kind_of(code),
        Literal::Tuple(parts) => match parts.as_slice() {
            [of, shape] => {
                let kind = kind(of)?;
                Some(Kind { length: kind.length.checked_mul(items(shape)?)?, ..kind })
            }
            _ => None,
        },
        Literal::List(fields) => {
            let mut all = Kind { length: 0, has_objects: false };
            for field in fields {
                let Literal::Tuple(parts) = field else { return None };
                let (of, times) = match parts.as_slice() {
                    [_, of] => (of, 1),
                    [_, of, shape] => (of, items(shape)?),
                    _ => return None,
                };
                let one = kind(of)?;
                all.length = all.length.checked_add(one.length.checked_mul(times)?)?;
                all.has_objects |= one.has_objects;
            }
            Some(all)
        }
        _ => None,
    }
}

fn items(shape: &Literal) -> Option<u64> {
    let one = |literal: &Literal| match literal {
        Literal::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    match shape {
        Literal::Tuple(all) => all.iter().try_fold(1_u64, |product, literal| product.checked_mul(one(literal)?)),
        other => one(other),
    }
}

/// A type by its code, as `<f8`.
fn kind_of(code: &str) -> Option<Kind> {
    let code = code.trim_start_matches(['<', '>', '|', '=']);
    let mut characters = code.chars();
    let letter = characters.next()?;
    let rest = characters.as_str();
    // Times have their unit in brackets. Elsewhere, and behind it, more may follow: a comma, and another type.
    let digits = match rest.split_once('[') {
        Some((digits, unit)) => {
            let unit = unit.strip_suffix(']').filter(|_| matches!(letter, 'm' | 'M'))?;
            let is_unit = unit.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/');
            is_unit.then_some(digits)?
        }
        None => rest,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let length = match letter {
        'O' if matches!(digits, "" | "4" | "8") => return Some(Kind { length: 8, has_objects: true }),
        'U' => number.checked_mul(4)?,
        'S' | 'a' | 'V' => number,
        'b' | 'i' | 'u' | 'f' | 'c' if !digits.is_empty() => number,
        'm' | 'M' => 8,
        '?' | 'b' | 'B' if digits.is_empty() => 1,
        _ => return None,
    };
    Some(Kind { length, has_objects: false })
}
