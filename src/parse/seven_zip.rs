//! 7z: its members, block by block.
//!
//! Blocks are independent: what is encrypted or packed by an unknown method hides its own members only.

use std::io;
use std::io::{BufReader, Read, Seek, SeekFrom};

use sevenz_rust2::{Archive, BlockDecoder, Error, Password};

use super::metadata::fence::fenced;
use crate::source::Bytes;

/// KiB that a decoder may take for what it looks back at.
const MEMORY: usize = 66 << 10;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path.
    pub name: String,
    /// Bytes that it says it has.
    pub size: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Mode of Unix, zero where none is given.
    pub mode: u32,
}

/// Why something of an archive is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A password is needed.
    Encrypted,
    /// It is packed in a way that is not read, or asks for too much memory: a sentence fragment.
    Unread(String),
    /// It breaks the rules of the format: a sentence fragment.
    Broken(String),
}

/// What is heard of an archive.
pub enum Heard<'h> {
    /// A member, and up to `most` bytes of it; the flag says whether it has more.
    Member(Member, Vec<u8>, bool),
    /// Members that cannot be read, by name, and why.
    Lost(&'h [String], Trouble),
}

/// Goes over the members of an archive, each with up to `most(size)` of its bytes. `hear` answers whether to go on.
///
/// # Errors
/// Why its list of members cannot be read.
pub fn walk(
    bytes: &dyn Bytes,
    most: &dyn Fn(&Member) -> u64,
    hear: &mut dyn FnMut(Heard<'_>) -> bool,
) -> Result<(), Trouble> {
    let mut source = BufReader::with_capacity(32 << 10, Reader { bytes, at: 0 });
    let archive = fenced(|| Archive::read_with_memory_limit(&mut source, &Password::empty(), MEMORY))
        .unwrap_or(Err(Error::Other("its list of members cannot be read".into())))
        .map_err(trouble)?;
    let mut is_stopped = false;
    for block in 0..archive.blocks.len() {
        let range = archive.stream_map.block_first_file_index.get(block).copied();
        let files = (0..archive.files.len())
            .filter(|file| archive.stream_map.file_block_index.get(*file) == Some(&Some(block)));
        let names: Vec<String> = files.clone().map(|file| archive.files[file].name.clone()).collect();
        if range.is_none() || names.is_empty() {
            continue;
        }
        if files.clone().any(|file| archive.is_file_encrypted(file)) {
            is_stopped |= !hear(Heard::Lost(&names, Trouble::Encrypted));
            continue;
        }
        let mut done = 0;
        let result = fenced(|| {
            let password = Password::empty();
            let decoder = BlockDecoder::new_with_memory_limit(1, MEMORY, block, &archive, &password, &mut source);
            decoder.for_each_entries(&mut |entry, reader| {
                let member = member(entry);
                let (content, has_more, broken) = take(reader, most(&member));
                done += 1;
                let goes_on = hear(Heard::Member(member, content, has_more));
                is_stopped |= !goes_on;
                broken.map_or(Ok(goes_on), |error| Err(Error::Io(error, "".into())))
            })
        });
        match result {
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                let lost = &names[done.min(names.len()).saturating_sub(1)..];
                is_stopped |= !hear(Heard::Lost(lost, trouble(error)));
            }
            None => {
                let lost = &names[done.min(names.len()).saturating_sub(1)..];
                is_stopped |= !hear(Heard::Lost(lost, Trouble::Broken("its decoder cannot take it".to_owned())));
            }
        }
        if is_stopped {
            break;
        }
    }
    // Those without bytes.
    for (file, entry) in archive.files.iter().enumerate() {
        if !is_stopped && archive.stream_map.file_block_index.get(file).is_none_or(Option::is_none) {
            is_stopped |= !hear(Heard::Member(member(entry), Vec::new(), false));
        }
    }
    Ok(())
}

fn member(entry: &sevenz_rust2::ArchiveEntry) -> Member {
    // The upper half of the attributes is a mode of Unix where this bit says so.
    let is_unix = entry.has_windows_attributes && entry.windows_attributes & 0x8000 != 0;
    let mode = if is_unix { entry.windows_attributes >> 16 } else { 0 };
    Member { name: entry.name.clone(), size: entry.size, is_folder: entry.is_directory, mode }
}

/// Up to so many bytes, whether there are more, and how it breaks off.
fn take(reader: &mut dyn Read, most: u64) -> (Vec<u8>, bool, Option<io::Error>) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        // Near a break, what comes before it only comes in small pieces.
        let step = piece.len().min(4096.max(out.len()));
        match reader.read(&mut piece[..step]) {
            Ok(0) => return (out, false, None),
            Ok(read) => {
                let room = most.saturating_sub(out.len());
                out.extend_from_slice(&piece[..read.min(room)]);
                if read > room {
                    return (out, true, None);
                }
            }
            Err(error) => return (out, false, Some(error)),
        }
    }
}

fn trouble(error: Error) -> Trouble {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Trouble::Encrypted,
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => Trouble::Encrypted,
        Error::UnsupportedCompressionMethod(method) => {
            Trouble::Unread(format!("it is packed by {method}, which is not read"))
        }
        Error::Unsupported(what) => Trouble::Unread(format!("it needs what is not read: {what}")),
        Error::MaxMemLimited { actaul_kb, .. } => {
            Trouble::Unread(format!("its decoder needs {} MiB of memory", actaul_kb >> 10))
        }
        Error::UnsupportedVersion { major, minor } => Trouble::Unread(format!("it is of version {major}.{minor}")),
        Error::ExternalUnsupported => Trouble::Unread("its list of members lies elsewhere".to_owned()),
        Error::ChecksumVerificationFailed => Trouble::Broken("a checksum is wrong".to_owned()),
        Error::NextHeaderCrcMismatch => Trouble::Broken("the checksum of its list of members is wrong".to_owned()),
        Error::Io(error, _) if error.to_string().contains("AES") => Trouble::Encrypted,
        other => Trouble::Broken(other.to_string().trim_end_matches('.').to_lowercase()),
    }
}

/// Bytes as the library reads them.
struct Reader<'b> {
    bytes: &'b dyn Bytes,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read_at(self.at, into).map_err(io::Error::other)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::other("it leads before the beginning"))?;
        Ok(self.at)
    }
}
