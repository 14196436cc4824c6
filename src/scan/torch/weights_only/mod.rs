//! What `torch.load(path, weights_only=True)` does with a file. Source: `torch/serialization.py` of torch 2.15.
//!
//! The restricted loader is run on symbols, with the checks that decide whether it gets through: opcodes,
//! globals, calls and their arguments, storages and their sizes. What is not followed (values of sparse
//! indices, names of encodings beyond the common ones) is rare; where there is too much of it, nothing is said.

mod calls;
mod globals;
mod machine;
mod value;

use calls::Stop;
use machine::{Machine, Storages};
use value::Value;

use super::central::{self, Record};
use crate::scan::{Limits, WeightsOnly};
use crate::source::{Bytes, Part, Window};

/// What the first pickle of a legacy file holds: 0x1950a86a20f9469cfc6c, the least byte first.
pub(super) const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// What the second holds.
const PROTOCOL: i64 = 1001;
/// Bytes that are read of a pickle at a time.
const PIECE: usize = 64 << 10;

/// What the restricted loader does; none where that is not known.
pub(super) fn verdict(bytes: &dyn Bytes, limits: &Limits) -> Option<WeightsOnly> {
    let head = bytes.up_to(0, 4).ok()?;
    if head == b"PK\x03\x04" { zip(bytes, limits) } else { legacy(bytes) }
}

fn refuses(why: impl Into<String>) -> Option<WeightsOnly> {
    Some(WeightsOnly::Refuses { why: why.into(), globals: Vec::new() })
}

/// A zip of `torch.save`.
fn zip(bytes: &dyn Bytes, limits: &Limits) -> Option<WeightsOnly> {
    let records = match central::records(bytes) {
        Ok(records) => records,
        Err(why) => return refuses(why),
    };
    let Some(first) = records.first() else { return refuses("the zip is empty") };
    let Some((folder, _)) = first.name.split_once('/') else { return refuses("the zip has no folder of its own") };
    let zip = Zip { bytes, records: &records, folder };
    let Some(version) = zip.find(".data/version").or_else(|| zip.find("version")) else {
        return refuses("the zip has no record of a version");
    };
    match zip.open(version, limits).and_then(|version| version.up_to(0, 32)) {
        Ok(text) if is_version(&text) => {}
        Ok(_) => return refuses("the version of the zip is none of 1 to 10"),
        Err(why) => return refuses(why),
    }
    let is_within = |record: &Record| record.name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    if let Some(other) = records.iter().find(|record| !is_within(record)) {
        return refuses(format!("`{}` does not lie in the folder of the others", other.name));
    }
    if zip.find("constants.pkl").is_some() {
        return refuses("it is TorchScript, which is not loaded so");
    }
    let Some(pickle) = zip.find("data.pkl") else { return refuses("the zip has no data.pkl") };
    if let Some(order) = zip.find("byteorder") {
        let text = zip.open(order, limits).and_then(|order| order.up_to(0, 16));
        match text.as_deref() {
            Ok(b"little" | b"big") => {}
            Ok(_) => return refuses("the order of bytes is no known one"),
            Err(why) => return refuses(why.clone()),
        }
    }
    let data = match zip.open(pickle, limits) {
        Ok(data) => data,
        Err(why) => return refuses(why),
    };
    let mut window = Window::new(&*data, PIECE);
    let mut machine = Machine::new(&mut window, 0);
    let ended = machine.load(&mut Members { zip: &zip });
    say(ended.map(drop), &mut machine, 0)
}

/// Whether a record of a version is one that is read: a number with blanks before it and anything behind.
fn is_version(text: &[u8]) -> bool {
    let digits = text.trim_ascii_start();
    let digits: Vec<u8> = digits.iter().copied().take_while(u8::is_ascii_digit).collect();
    let number = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse::<u64>().ok());
    number.is_some_and(|number| (1..=10).contains(&number))
}

/// What came of it, with all globals that would have to be allowed.
fn say(ended: Result<(), Stop>, machine: &mut Machine<'_, '_>, start: u64) -> Option<WeightsOnly> {
    match ended {
        Ok(()) => Some(WeightsOnly::Loads),
        Err(Stop::Unknown) => None,
        Err(Stop::Refused(why)) => {
            machine.globals(start);
            Some(WeightsOnly::Refuses { why, globals: machine.refused.iter().cloned().collect() })
        }
    }
}

/// The members of a zip, as torch looks them up.
struct Zip<'z> {
    bytes: &'z dyn Bytes,
    records: &'z [Record],
    folder: &'z str,
}

impl<'z> Zip<'z> {
    /// Names are compared without regard to case: that is how its zip library is called.
    fn find(&self, name: &str) -> Option<&'z Record> {
        let is_it = |record: &&Record| {
            let (folder, rest) = record.name.split_once('/').unwrap_or(("", &record.name));
            folder.eq_ignore_ascii_case(self.folder) && rest.eq_ignore_ascii_case(name)
        };
        self.records.iter().find(is_it)
    }

    fn open(&self, record: &Record, limits: &Limits) -> Result<Box<dyn Bytes + 'z>, String> {
        let packed = Part::new(self.bytes, central::start(self.bytes, record)?, record.packed);
        if packed.len() < record.packed {
            return Err(format!("`{}` reaches beyond the end", record.name));
        }
        if record.is_encrypted {
            return Err(format!("`{}` is encrypted", record.name));
        }
        match record.method {
            0 => Ok(Box::new(packed)),
            8 => {
                let limit = record.size.min(limits.decoded);
                let decoded = crate::parse::decode::Decoded::open(crate::parse::decode::Codec::Deflate, packed, limit);
                match &decoded.end().broken {
                    Some(why) => Err(format!("`{}` cannot be unpacked: {why}", record.name)),
                    None => Ok(Box::new(decoded)),
                }
            }
            method => Err(format!("`{}` is packed by method {method}", record.name)),
        }
    }
}

struct Members<'z> {
    zip: &'z Zip<'z>,
}

impl Storages for Members<'_> {
    fn load(&mut self, key: &str, bytes: u64) -> Result<(), String> {
        let name = format!("data/{key}");
        let record = self.zip.find(&name).ok_or_else(|| format!("the zip has no {name}"))?;
        if record.is_encrypted || !matches!(record.method, 0 | 8) {
            return Err(format!("{name} cannot be unpacked"));
        }
        if record.size != bytes {
            return Err(format!("{name} has {} bytes and not {bytes}", record.size));
        }
        Ok(())
    }

    fn has_views(&self) -> bool {
        false
    }
}

/// A legacy file: five pickles, then storages.
fn legacy(bytes: &dyn Bytes) -> Option<WeightsOnly> {
    if is_tar(bytes) {
        return refuses("it is a tar, which is not loaded so");
    }
    let mut window = Window::new(bytes, PIECE);
    let mut machine = Machine::new(&mut window, 0);
    let ended = legacy_steps(&mut machine, &mut Sizes, bytes);
    say(ended, &mut machine, 0)
}

fn legacy_steps(machine: &mut Machine<'_, '_>, sizes: &mut Sizes, bytes: &dyn Bytes) -> Result<(), Stop> {
    // A pickle that gives the magic number is fifteen bytes long. What runs on for megabytes before it is none.
    machine.steps = 1_000_000;
    let magic = match machine.load(&mut Nothing) {
        Err(Stop::Unknown) => return calls::refuse("it does not begin as a file of torch does"),
        magic => magic?,
    };
    machine.steps = machine::STEPS;
    if magic != Value::Big(MAGIC) {
        return calls::refuse("it does not begin as a file of torch does");
    }
    if machine.load(&mut Nothing)? != Value::Int(PROTOCOL) {
        return calls::refuse("it is of another version of the format");
    }
    machine.load(&mut Nothing)?;
    machine.load(sizes)?;
    let Value::List(keys) = machine.load(&mut Nothing)? else {
        return calls::refuse("it has no list of its storages");
    };
    let keys = machine.heap.items(keys).to_vec();
    let mut at = machine.at;
    for key in keys {
        let key = match key {
            Value::Int(number) => number.to_string(),
            key => machine.heap.text(key).unwrap_or_default().to_owned(),
        };
        let Some(storage) = machine.storage(&key) else {
            return calls::refuse("it lists a storage that no tensor names");
        };
        let count = bytes.exactly(at, 8).map_err(|_| Stop::Refused("it ends within its storages".to_owned()))?;
        let count = u64::from_le_bytes(<[u8; 8]>::try_from(count).unwrap_or_default());
        if count.checked_mul(storage.element) != Some(storage.bytes) {
            return calls::refuse("a storage has another size than its tensors say");
        }
        at = at.saturating_add(8).saturating_add(storage.bytes);
        if at > bytes.len() {
            return calls::refuse("it ends within its storages");
        }
    }
    Ok(())
}

/// Storages of legacy files lie behind the pickles, and are made before they are read.
struct Sizes;

impl Storages for Sizes {
    fn load(&mut self, _key: &str, bytes: u64) -> Result<(), String> {
        /// What no machine can set aside.
        const MOST: u64 = 1 << 46;
        if bytes > MOST { Err("a storage is larger than any memory".to_owned()) } else { Ok(()) }
    }

    fn has_views(&self) -> bool {
        true
    }
}

/// No storage is known while these pickles are read.
struct Nothing;

impl Storages for Nothing {
    fn load(&mut self, _key: &str, _bytes: u64) -> Result<(), String> {
        Err("a persistent id stands where none is known".to_owned())
    }

    fn has_views(&self) -> bool {
        true
    }
}

/// Whether Python's tarfile takes it for a tar: by the checksum of its first block.
fn is_tar(bytes: &dyn Bytes) -> bool {
    let Ok(block) = bytes.exactly(0, 512) else { return false };
    if block.iter().all(|byte| *byte == 0) {
        return true;
    }
    let field = &block[148..156];
    let text: String =
        field.iter().map(|byte| char::from(*byte)).take_while(|c| *c != '\0').filter(|c| !c.is_whitespace()).collect();
    let Ok(said) = i64::from_str_radix(&text, 8) else { return false };
    let rest = || block[..148].iter().chain(&block[156..]);
    let unsigned: i64 = rest().map(|byte| i64::from(*byte)).sum::<i64>() + 256;
    let signed: i64 = rest().map(|byte| i64::from(byte.cast_signed())).sum::<i64>() + 256;
    said == unsigned || said == signed
}
