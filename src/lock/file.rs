//! Reads a lock, line by line and strictly: what is not understood is told with its line, and so is what two sides of
//! a merge say differently. The order of lines means nothing, and a line that stands twice is one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use super::Approval;
use super::Digest;
use super::Entry;
use super::FileDigest;
use super::Image;
use super::Key;
use super::Lock;
use super::Scanned;
use super::Tool;
use super::entry::KINDS;
use super::line;
use super::line::Line;
use super::value::content;
use super::value::cut;
use super::value::digest;
use super::value::is_day;
use super::value::is_firm;
use super::value::is_image_digest;
use super::value::is_revision;
use super::value::wrong_path;
use super::write::VERSION;
use crate::references::AssetKind;
use crate::source::Bytes;
use crate::source::Span;

/// Longest line, in bytes.
const LONGEST: usize = 64 << 10;
/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;
/// Bytes of the largest lock: about five million files.
const LARGEST: u64 = 1 << 30;
/// Mistakes that are told.
const TOLD: usize = 20;
/// Approvals of one entry.
const APPROVALS: usize = 1_000;

/// Something that is wrong with a lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u32,
    /// Its bytes.
    pub span: Span,
    /// What is wrong: a sentence.
    pub message: String,
}

/// What a file says, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// What is held. Of an entry in [`Read::broken`] it is not to be relied on.
    pub lock: Lock,
    /// Lines that are not understood; any of them, and the lock is not.
    pub mistakes: Vec<Mistake>,
    /// What two sides of a merge say differently, or what lost a line, by its name; to be locked anew.
    pub broken: BTreeMap<Subject, Mistake>,
    /// The first line of everything that is held, for messages.
    pub places: BTreeMap<Subject, Mistake>,
}

/// What a line is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An entry.
    Entry(Key),
    /// An image by its reference.
    Image(String),
    /// A tool by its address.
    Tool(String),
    /// Another lock by its path.
    Elsewhere(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entry(key) => key.fmt(f),
            Self::Image(text) | Self::Tool(text) | Self::Elsewhere(text) => f.write_str(text),
        }
    }
}

impl Read {
    /// The lock, where all of it is understood.
    ///
    /// # Errors
    /// The first mistake with the file's name and its line.
    pub fn strict(self, name: &str) -> Result<Lock, String> {
        let first = self.mistakes.iter().chain(self.broken.values()).min();
        match first {
            Some(first) => Err(format!("{name} line {}: {}", first.line, first.message)),
            None => Ok(self.lock),
        }
    }
}

/// Reads a lock from its text.
#[must_use]
pub fn read_text(text: &str) -> Read {
    read(text.as_bytes())
}

/// Reads a lock.
#[must_use]
pub fn read(bytes: &(impl Bytes + ?Sized)) -> Read {
    let mut reader = Reader::default();
    if bytes.len() > LARGEST {
        reader.mistake(Span::default(), format!("a lock has at most {} MiB", LARGEST >> 20));
        return reader.finish();
    }
    let mut held: Vec<u8> = Vec::new();
    let mut offset = 0;
    loop {
        let piece = match bytes.up_to(offset, PIECE) {
            Ok(piece) => piece,
            Err(why) => {
                reader.mistake(Span::default(), format!("it cannot be read: {why}"));
                break;
            }
        };
        offset += piece.len() as u64;
        let is_last = piece.is_empty();
        held.extend_from_slice(&piece);
        let whole = if is_last { held.len() } else { held.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1) };
        for line in held.get(..whole).unwrap_or_default().split_inclusive(|b| *b == b'\n') {
            reader.take(line);
        }
        held.drain(..whole);
        if is_last || held.len() > LONGEST || reader.mistakes.len() >= TOLD {
            if held.len() > LONGEST {
                reader.next_line(0);
                reader.mistake(reader.span, format!("a line has at most {} KiB", LONGEST >> 10));
            }
            break;
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    out: Read,
    mistakes: Vec<Mistake>,
    number: u32,
    offset: usize,
    span: Span,
    version: Option<String>,
    /// What the lines of entries say their states are.
    states: BTreeMap<Key, Digest>,
    /// Evidence by entry, reviewer and state, until all lines are read.
    evidence: BTreeMap<(Key, String, Digest), BTreeMap<String, Digest>>,
    /// The entry of the last line, which mostly is that of the next.
    last: Option<(String, String, Key)>,
}

impl Reader {
    fn next_line(&mut self, length: usize) {
        self.number = self.number.saturating_add(1);
        self.span = Span::new(self.offset, self.offset + length);
        self.offset += length;
    }

    fn take(&mut self, bytes: &[u8]) {
        self.next_line(bytes.len());
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if self.mistakes.len() >= TOLD {
            return;
        }
        let read = match std::str::from_utf8(bytes) {
            Ok(text) if text.len() > LONGEST => Err(format!("a line has at most {} KiB", LONGEST >> 10)),
            Ok(text) => line::read(if self.number == 1 { text.trim_start_matches('\u{feff}') } else { text }),
            Err(_) => Err("it is not UTF-8".to_owned()),
        };
        if let Err(why) = read.and_then(|line| line.map_or(Ok(()), |line| self.line(line))) {
            self.mistake(self.span, why);
        }
    }

    fn mistake(&mut self, span: Span, message: String) {
        self.mistakes.push(Mistake { line: self.number.max(1), span, message });
    }

    fn here(&self, message: String) -> Mistake {
        Mistake { line: self.number, span: self.span, message }
    }

    fn line(&mut self, line: Line) -> Result<(), String> {
        let Line { parts, value } = line;
        let mut parts = parts.into_iter();
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else {
            return Err(not_known("this line"));
        };
        let rest: Vec<String> = parts.collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match (first.as_str(), rest.as_slice()) {
            ("lock", []) if second == "version" => self.version(value),
            ("lock", _) => Err(not_known(&format!("`lock.{second}`"))),
            ("elsewhere", []) => {
                self.place(Subject::Elsewhere(second.clone()));
                match self.out.lock.elsewhere.insert(second.clone(), value.clone()) {
                    Some(before) if before != value => self.two(Subject::Elsewhere(second), "descriptions"),
                    _ => {}
                }
                Ok(())
            }
            ("image", ["digest"]) => {
                if !is_image_digest(&value) {
                    return Err(format!("the digest of an image is `sha256:` and 64 digits, not `{}`", cut(&value)));
                }
                self.place(Subject::Image(second.clone()));
                match self.out.lock.images.insert(second.clone(), Image { digest: value.clone() }) {
                    Some(before) if before.digest != value => self.two(Subject::Image(second), "digests"),
                    _ => {}
                }
                Ok(())
            }
            ("tool", ["content"]) => {
                let FileDigest { sha256, size } = content(&value)?;
                let tool = Tool { sha256, size };
                self.place(Subject::Tool(second.clone()));
                match self.out.lock.tools.insert(second.clone(), tool.clone()) {
                    Some(before) if before != tool => self.two(Subject::Tool(second), "contents"),
                    _ => {}
                }
                Ok(())
            }
            (kind, rest) => {
                let key = self.key(kind, &second)?;
                self.place(Subject::Entry(key.clone()));
                self.field(&key, rest, value)
            }
        }
    }

    fn version(&mut self, value: String) -> Result<(), String> {
        if value != VERSION {
            return Err(format!(
                "the lock is of version `{}`, and this cargo-custody reads version {VERSION}: take a newer one",
                cut(&value)
            ));
        }
        self.version = Some(value);
        Ok(())
    }

    fn key(&mut self, kind: &str, identity: &str) -> Result<Key, String> {
        if let Some((last_kind, last_identity, key)) = &self.last
            && last_kind == kind
            && last_identity == identity
        {
            return Ok(key.clone());
        }
        let kind_of = KINDS.into_iter().find(|known: &AssetKind| known.word() == kind);
        let Some(kind_of) = kind_of else { return Err(not_known(&format!("`{}`", cut(kind)))) };
        let key = Key::of_identity(kind_of, identity);
        let key = key.ok_or_else(|| format!("`{}` names nothing: HUB:NAME or HUB:NAME@BRANCH", cut(identity)))?;
        self.last = Some((kind.to_owned(), identity.to_owned(), key.clone()));
        Ok(key)
    }

    fn place(&mut self, subject: Subject) {
        let here = self.here(String::new());
        self.out.places.entry(subject).or_insert(here);
    }

    fn two(&mut self, subject: Subject, what: &str) {
        let named = named(&subject);
        let here = self.here(format!(
            "two {what} of {named}: the sides of a merge differ; delete the lines of one, or have it locked anew with \
             `cargo custody lock --update {subject}`"
        ));
        self.out.broken.entry(subject).or_insert(here);
    }

    fn field(&mut self, key: &Key, rest: &[&str], value: String) -> Result<(), String> {
        let is_two = {
            let entry = self.out.lock.entries.entry(key.clone()).or_default();
            match rest {
                ["revision"] if is_revision(&value) => set(&mut entry.revision, value).then_some("revisions"),
                ["revision"] => return Err(format!("`{}` is no revision", cut(&value))),
                ["licence"] => set(&mut entry.licence, value).then_some("licences"),
                ["scan"] => {
                    let split = value.rsplit_once(", ");
                    let Some((verdict, by)) = split else { return Err("a scan is `VERDICT, VERSION`".to_owned()) };
                    let scan = Scanned { verdict: verdict.to_owned(), by: by.to_owned() };
                    set(&mut entry.scan, scan).then_some("scans")
                }
                ["signer"] => set(&mut entry.signer, value).then_some("signers"),
                ["state"] => {
                    let digest = digest(&value)?;
                    self.states.insert(key.clone(), digest).is_some_and(|before| before != digest).then_some("states")
                }
                ["file", path] => {
                    let file = content(&value)?;
                    if let Some(why) = wrong_path(path) {
                        return Err(format!("`{}` {why}", cut(path)));
                    }
                    let before = entry.files.insert((*path).to_owned(), file);
                    before.is_some_and(|before| before != file).then_some("contents of a file")
                }
                ["approved", by, of] => {
                    let of = Digest::from_hex(of).ok_or("an approval is of a state, 64 hexadecimal digits")?;
                    let (on, reason) = value.split_once(' ').ok_or("an approval is `YYYY-MM-DD REASON`")?;
                    if !is_day(on) || reason.trim().is_empty() {
                        return Err("an approval is `YYYY-MM-DD REASON`".to_owned());
                    }
                    approve(&mut entry.approvals, on, by, reason, of)?;
                    None
                }
                ["evidence", by, of, name] => {
                    let of = Digest::from_hex(of).ok_or("evidence is of a state, 64 hexadecimal digits")?;
                    let digest = digest(&value)?;
                    let of_approval = self.evidence.entry((key.clone(), (*by).to_owned(), of)).or_default();
                    if of_approval.len() >= APPROVALS {
                        return Err(format!("an approval has at most {APPROVALS} reports"));
                    }
                    let before = of_approval.insert((*name).to_owned(), digest);
                    before.is_some_and(|before| before != digest).then_some("digests of a report")
                }
                _ => {
                    let name = rest.first().copied().unwrap_or("");
                    return Err(not_known(&format!("`{}` of a {}", cut(name), key.kind.word())));
                }
            }
        };
        if let Some(what) = is_two {
            self.two(Subject::Entry(key.clone()), what);
        }
        Ok(())
    }

    fn finish(mut self) -> Read {
        for ((key, by, of), reports) in std::mem::take(&mut self.evidence) {
            let entry = self.out.lock.entries.get_mut(&key);
            let approval = entry.and_then(|entry| entry.approvals.iter_mut().find(|a| a.by == by && a.of == of));
            match approval {
                Some(approval) => approval.evidence = reports,
                None => self.lost(&key, "a report belongs to an approval whose line is lost"),
            }
        }
        let keys: Vec<Key> = self.out.lock.entries.keys().cloned().collect();
        for key in keys {
            if let Some(entry) = self.out.lock.entries.get_mut(&key) {
                entry.approvals.sort_by(|a, b| (&a.by, a.of).cmp(&(&b.by, b.of)));
            }
            let state = self.out.lock.entries.get(&key).map(Entry::state);
            match self.states.get(&key) {
                None => self.lost(&key, "the line of its `state` is lost"),
                Some(written) if Some(*written) != state => {
                    self.lost(&key, "its revision and files are not those that its `state` was written for");
                }
                Some(_) => {}
            }
            if let Some(why) = self.out.lock.entries.get(&key).and_then(|entry| holds_nothing(&key, entry)) {
                self.lost(&key, why);
            }
        }
        if self.version.is_none() && self.mistakes.is_empty() {
            let message = format!("the line `lock.version = \"{VERSION}\"` is missing: this is no lock");
            self.mistakes.push(Mistake { line: 1, span: Span::default(), message });
        }
        self.mistakes.truncate(TOLD);
        self.out.mistakes = self.mistakes;
        self.out
    }

    fn lost(&mut self, key: &Key, what: &str) {
        let subject = Subject::Entry(key.clone());
        let named = named(&subject);
        let Some(place) = self.out.places.get(&subject).cloned() else { return };
        let message = format!(
            "{named}: {what}, by a merge or by hand; have it locked anew with `cargo custody lock --update {subject}`"
        );
        if let Slot::Vacant(slot) = self.out.broken.entry(subject) {
            slot.insert(Mistake { message, ..place });
        }
    }
}

/// Why an entry holds nothing: neither a commit nor a file, or a branch in place of a commit.
fn holds_nothing(key: &Key, entry: &Entry) -> Option<&'static str> {
    let is_firm = entry.revision.as_deref().is_some_and(is_firm);
    // Hubs of git: what is no commit there is the name of a branch, which is what is to be held.
    let is_git = matches!(key.hub.as_str(), "huggingface" | "modelscope");
    if is_git && entry.revision.is_some() && !is_firm {
        return Some("its revision is no commit in full");
    }
    (entry.files.is_empty() && !is_firm).then_some("it holds neither a commit nor a file")
}

/// Keeps the later of two words of one person about one state.
fn approve(approvals: &mut Vec<Approval>, on: &str, by: &str, reason: &str, of: Digest) -> Result<(), String> {
    let said = (on.to_owned(), reason.to_owned());
    if let Some(known) = approvals.iter_mut().find(|known| known.by == by && known.of == of) {
        if (&known.on, &known.reason) < (&said.0, &said.1) {
            (known.on, known.reason) = said;
        }
        return Ok(());
    }
    if approvals.len() >= APPROVALS {
        return Err(format!("an entry has at most {APPROVALS} approvals"));
    }
    approvals.push(Approval { on: said.0, by: by.to_owned(), reason: said.1, of, evidence: BTreeMap::new() });
    Ok(())
}

/// Sets what was not set; whether it was set to something else.
fn set<T: PartialEq>(slot: &mut Option<T>, value: T) -> bool {
    match slot {
        Some(before) => *before != value,
        None => {
            *slot = Some(value);
            false
        }
    }
}

fn not_known(what: &str) -> String {
    format!("{what} is nothing that this version of cargo-custody knows of a lock; a newer one may have written it")
}

fn named(subject: &Subject) -> String {
    match subject {
        Subject::Entry(key) => format!("{} {key}", key.kind.word()),
        Subject::Image(reference) => format!("image {reference}"),
        Subject::Tool(url) => format!("tool {url}"),
        Subject::Elsewhere(path) => format!("`{path}`"),
    }
}
