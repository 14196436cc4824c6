//! Zips, as every program would read them.
//!
//! One program goes by the directory at the end, another by what stands before each member, a third ignores
//! checksums and marks. Where they would see different things, that is a finding, and what each of them would see
//! is scanned. What stands in no reading is scanned as well, by itself.

mod directory;
mod layout;
mod local;
mod member;
mod stacked;
#[cfg(test)]
mod tests;
mod unlisted;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::folder::Members;
use super::names::{escape, folded, is_program, link_escape, shown};
use super::rules::{ARCHIVE_ESCAPE, NATIVE_CODE, SCRIPT_PREFIX, ZIP_BROKEN, ZIP_HIDDEN_BYTES, ZIP_TWO_READINGS};
use crate::scan::{Context, Format, Rule, archives, torch};
use crate::source::{Bytes, Part};
use directory::{Directory, Entry};
pub(super) use layout::is_zero;
use local::Local;
pub(super) use member::Member;

/// Findings of one kind that are told one by one.
const EACH: usize = 20;
/// Members that share bytes with others and are looked at.
const SHARED: usize = 64;

/// Whether bytes begin as a zip does.
pub(super) fn begins(head: &[u8]) -> bool {
    let begins = [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04"];
    begins.iter().any(|magic| head.starts_with(magic))
}

/// Whether bytes end as a zip does: with an end record that leads to a directory.
pub(super) fn ends(bytes: &dyn Bytes) -> bool {
    let ends = directory::ends(bytes).unwrap_or_default();
    ends.iter().any(|(_, spans)| spans.iter().any(|span| span.count > 0 || span.size > 0))
}

/// Scans a zip, or zips one behind the other.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    match stacked::pieces(bytes, context) {
        Ok(pieces) if pieces.len() > 1 => return stacked::scan(bytes, &pieces, context),
        Ok(_) => {}
        Err(why) => return context.unread(None, why),
    }
    if let Err(why) = Zip::new(bytes, context).and_then(|mut zip| zip.scan(context)) {
        context.unread(None, why);
    }
}

/// A zip that is read.
struct Zip<'b> {
    bytes: &'b dyn Bytes,
    /// The directory that most programs take.
    main: Option<Directory>,
    members: Vec<Member>,
    /// Whether another reading than that of the main directory has other members.
    is_ambiguous: bool,
    /// Members that are known: where, and a digest of which name, how long and how packed.
    known: BTreeSet<(u64, u64)>,
    /// Bytes of other directories.
    others: Vec<Range<u64>>,
    told: BTreeMap<&'static str, usize>,
}

impl<'b> Zip<'b> {
    /// Finds all directories and their members.
    fn new(bytes: &'b dyn Bytes, context: &mut Context<'_>) -> Result<Self, String> {
        let (known, others) = (BTreeSet::new(), Vec::new());
        let mut zip =
            Self { bytes, main: None, members: Vec::new(), is_ambiguous: false, known, others, told: BTreeMap::new() };
        let most = context.limits().parts;
        let mut others = Vec::new();
        for (end, spans) in directory::ends(bytes)? {
            if spans.is_empty() && zip.main.is_none() {
                others.push((end, None));
            }
            for span in spans {
                if zip.main.is_some() {
                    others.push((end, Some(span)));
                    continue;
                }
                let main = directory::read(bytes, end, span, most)?;
                if !context.take_nodes(main.entries.len()) {
                    return Ok(zip);
                }
                zip.main = Some(main);
            }
        }
        let Some(main) = &mut zip.main else { return Ok(zip) };
        let entries = std::mem::take(&mut main.entries);
        let main = main.clone();
        if main.is_cut {
            context.find(&crate::scan::context::OVER_BUDGET, main.start, "it has more members than are looked at");
        }
        for problem in &main.problems {
            zip.tell(context, &ZIP_BROKEN, main.start, problem.clone());
        }
        zip.take(entries, !others.is_empty(), context)?;
        for (end, span) in others {
            zip.other(&main, end, span, context)?;
        }
        Ok(zip)
    }

    /// Another end record, or another directory that the same one can be understood to mean.
    fn other(
        &mut self,
        main: &Directory,
        end: u64,
        span: Option<directory::Span>,
        context: &mut Context<'_>,
    ) -> Result<(), String> {
        let Some(span) = span else {
            if !(end > main.end && end < main.over) {
                self.tell(context, &ZIP_TWO_READINGS, end, "an end record leads to no directory".to_owned());
            }
            return Ok(());
        };
        // A zip that is stored in this one has an end record of its own.
        if self.members.iter().any(|member| (member.start..member.end).contains(&end)) && end != main.end {
            return Ok(());
        }
        let other = directory::read(self.bytes, end, span, context.limits().parts)?;
        if !context.take_nodes(other.entries.len()) {
            return Ok(());
        }
        self.is_ambiguous = true;
        self.others.push(other.start..other.over);
        let message = format!("another directory of {} members stands at {}", other.entries.len(), other.start);
        self.tell(context, &ZIP_TWO_READINGS, end, message);
        self.take(other.entries, true, context)
    }

    /// Tells something, as long as there are not too many of its kind.
    fn tell(&mut self, context: &mut Context<'_>, rule: &'static Rule, offset: u64, message: String) {
        let told = self.told.entry(rule.id).or_default();
        *told += 1;
        match (*told).cmp(&EACH) {
            std::cmp::Ordering::Less => context.find(rule, offset, message),
            std::cmp::Ordering::Equal => context.find(rule, offset, format!("{message}, and more like it")),
            std::cmp::Ordering::Greater => {}
        }
    }

    /// Takes the members of a directory.
    fn take(&mut self, entries: Vec<Entry>, has_others: bool, context: &mut Context<'_>) -> Result<(), String> {
        self.members.reserve_exact(entries.len());
        for entry in entries {
            let name = shown(&entry.name);
            let key = (entry.offset, digest(&(&entry.name, entry.packed, entry.method)));
            // A second directory may say the same; a first one that says it twice is told.
            if has_others && !self.known.insert(key) && self.is_ambiguous {
                continue;
            }
            let mut local = Local::read(self.bytes, entry.offset)?;
            if let Some(local) = &local {
                for difference in local.differences(&entry) {
                    self.is_ambiguous |= *local.name(&entry) != *entry.name;
                    self.tell(context, &ZIP_TWO_READINGS, entry.offset, format!("`{name}` {difference}"));
                }
            } else {
                let message = format!("`{name}` should lie at {}, where no member is", entry.offset);
                self.tell(context, &ZIP_BROKEN, entry.at, message);
            }
            if let Some(other) = &entry.other_name {
                self.is_ambiguous = true;
                let message = format!("`{name}` is called `{}` for programs that know Unicode", shown(other));
                self.tell(context, &ZIP_TWO_READINGS, entry.at, message);
            }
            if let Some(local) = &mut local {
                local.settle(&entry);
            }
            self.members.push(Member::new(entry, local));
        }
        Ok(())
    }

    fn scan(&mut self, context: &mut Context<'_>) -> Result<(), String> {
        let size = self.bytes.len();
        if self.main.is_none() {
            self.tell(context, &ZIP_BROKEN, 0, "it has no directory at its end".to_owned());
            self.is_ambiguous = true;
            self.members = unlisted::find(self.bytes, 0, size, context)?;
        }
        let gaps = self.layout(context)?;
        self.names(context);
        let first = gaps.first().filter(|gap| gap.start == 0 && self.main.is_some()).map(|gap| gap.end);
        if let Some(first) = first {
            self.prefix(first, context)?;
        }
        let rest = if first.is_some() { 1 } else { 0 };
        for gap in gaps.iter().skip(rest) {
            self.gap(gap.start, gap.end, "bytes between members", context)?;
        }
        if let Some(main) = self.main.clone() {
            self.comment(&main, context)?;
            self.gap(main.over.min(size), size, "bytes behind the zip", context)?;
        }
        self.contents(context);
        Ok(())
    }

    /// What the members are together, and each of them.
    fn contents(&mut self, context: &mut Context<'_>) {
        let limits = context.limits();
        let last = Members::of_zip(self.bytes, limits, self.members.iter());
        let tensors: BTreeSet<String> = torch::tensors(&last).unwrap_or_default().into_iter().collect();
        torch::scan(&last, context);
        archives::scan(&last, context);
        drop(last);
        if self.is_ambiguous {
            let first = Members::of_zip(self.bytes, limits, self.members.iter().rev());
            archives::scan(&first, context);
            let local = Members::of_zip_by_local_names(self.bytes, limits, self.members.iter());
            archives::scan(&local, context);
        }
        let mut names: Vec<u64> = self.members.iter().map(|member| digest(&folded(&member.entry.name))).collect();
        names.sort_unstable();
        let count = |name: u64| names.partition_point(|other| *other <= name) - names.partition_point(|o| *o < name);
        let mut members = std::mem::take(&mut self.members);
        members.sort_by_key(|member| member.entry.offset);
        let mut seen = BTreeSet::new();
        let (mut end, mut shared) = (0, 0_usize);
        for member in &members {
            // The same bytes under another name are the same, and the name is told.
            if !member.is_folder() && !seen.insert(member.digest()) {
                continue;
            }
            shared += usize::from(member.start < end && !member.is_folder());
            end = end.max(member.end);
            if shared > SHARED {
                let message = "more members share bytes than are looked at";
                context.find(&crate::scan::context::OVER_BUDGET, member.start, message);
                break;
            }
            let is_alone = count(digest(&folded(&member.entry.name))) == 1 && member.is_agreed();
            let name = String::from_utf8_lossy(&member.entry.name);
            if is_alone && tensors.contains(&*name) && !self.is_file(member, context) {
                continue;
            }
            member.scan(self.bytes, context);
        }
        self.members = members;
    }

    /// Whether what is named as a tensor begins as a file that a loader may take by itself.
    fn is_file(&self, member: &Member, context: &Context<'_>) -> bool {
        let head = member.start_of(self.bytes, context.limits(), 8);
        [&b"\x93NUMPY"[..], b"PK\x03\x04", b"\x7fELF", b"\x89HDF"].iter().any(|magic| head.starts_with(magic))
    }

    /// Names that stand twice, that lead out, links.
    fn names(&mut self, context: &mut Context<'_>) {
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        let members = std::mem::take(&mut self.members);
        for (index, member) in members.iter().enumerate() {
            let (entry, name) = (&member.entry, shown(&member.entry.name));
            let local = member.local.as_ref().map(|local| local.name(entry)).filter(|local| **local != *entry.name);
            for spelled in [Some(&*entry.name), local, entry.other_name.as_deref()].into_iter().flatten() {
                if let Some(why) = escape(spelled) {
                    self.tell(context, &ARCHIVE_ESCAPE, entry.at, format!("the name `{}` {why}", shown(spelled)));
                }
            }
            if entry.mode & 0o170_000 == 0o120_000 {
                let target = member.start_of(self.bytes, context.limits(), 4096);
                if let Some(why) = link_escape(&entry.name, &target) {
                    let message = format!("the link `{name}` to `{}` {why}", shown(&target));
                    self.tell(context, &ARCHIVE_ESCAPE, entry.at, message);
                }
            }
            if member.is_folder() {
                continue;
            }
            if let Some(other) = seen.insert(digest(&folded(&entry.name)), index).map(|index| &members[index]) {
                // The same record met in a second directory is told there.
                self.is_ambiguous = true;
                let same = if other.entry.name == entry.name {
                    "stands twice"
                } else {
                    "differs by case or separators only from another"
                };
                self.tell(context, &ZIP_TWO_READINGS, entry.at, format!("the name `{name}` {same}"));
            }
        }
        self.members = members;
    }

    /// What stands before the first member.
    fn prefix(&mut self, end: u64, context: &mut Context<'_>) -> Result<(), String> {
        let head = self.bytes.up_to(0, 64)?;
        if head.get(4..8) == Some(b"TFL3") {
            // Its labels and descriptions are a zip behind it, and readers of the model do not see them.
            context.format(Format::Tflite);
            return Ok(());
        }
        if is_program(&head) {
            let weights = self.members.iter().any(|member| member.entry.name.ends_with(b".gguf"));
            context.format(if weights { Format::Llamafile } else { Format::NativeCode });
            context.find(&NATIVE_CODE, 0, "it is a program with an archive behind");
            return Ok(());
        }
        if head.starts_with(b"#!") {
            context.find(&SCRIPT_PREFIX, 0, "it is a script with an archive behind");
        }
        self.gap(0, end, "bytes before the zip", context)
    }

    /// Bytes that belong to no member of a directory.
    fn gap(&mut self, start: u64, end: u64, what: &str, context: &mut Context<'_>) -> Result<(), String> {
        let part = Part::new(self.bytes, start, end.saturating_sub(start));
        if layout::is_zero(&part)? || layout::is_signature(&part)? {
            return Ok(());
        }
        if self.main.is_some() {
            self.tell(context, &ZIP_HIDDEN_BYTES, start, format!("{} {what} belong to no member", part.len()));
            let found = unlisted::find(self.bytes, start, end, context)?;
            if !found.is_empty() {
                let message = format!("{} members are in no directory, the first at {}", found.len(), found[0].start);
                self.tell(context, &ZIP_TWO_READINGS, start, message);
                self.is_ambiguous = true;
                self.members.extend(found);
                return Ok(());
            }
        }
        // Readers that go by the beginning of the file have it already.
        let formats = crate::scan::formats(&part);
        if start > 0 || formats.is_empty() || formats.contains(&Format::Zip) {
            context.part(what, &part);
        }
        Ok(())
    }

    /// A comment that is no text.
    fn comment(&mut self, main: &Directory, context: &mut Context<'_>) -> Result<(), String> {
        let comment = Part::new(self.bytes, main.end + 22, main.over - main.end - 22);
        let bytes = comment.up_to(0, 1 << 16)?;
        if (bytes.len() as u64) < main.over - main.end - 22 {
            self.tell(context, &ZIP_BROKEN, main.end, "its comment ends early".to_owned());
        }
        if bytes.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0)) {
            context.part("comment", &comment);
        }
        Ok(())
    }
}

/// A number for what is compared and not kept.
fn digest(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A member of which only the local header is known.
fn entry_of(local: &Local, at: u64) -> Entry {
    Entry {
        name: local.name.clone().unwrap_or_default(),
        other_name: None,
        flags: local.flags,
        method: local.method,
        crc: local.crc,
        packed: local.packed,
        size: local.size,
        offset: at,
        mode: 0,
        at,
    }
}
