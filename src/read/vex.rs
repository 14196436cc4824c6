//! VEX documents: who says of which package that a known flaw does or does not matter in it. Source: OpenVEX
//! specification 0.2.0 and its JSON Schema; documents of 0.0.x name packages and flaws by a plain text, which is
//! read as well. CycloneDX says the same in other words, see `cyclonedx`.
//!
//! They come from outside of the tree or are named by its policy, so they are read on request and are no document
//! of the tree. A statement with a mistake counts for nothing and says so.

mod cyclonedx;
mod time;

use std::collections::BTreeMap;

pub use crate::sbom::purl::Purl;

use crate::config::JUSTIFICATIONS;
use crate::parse::json::{self, Value};
use crate::parse::{Budget, Problem};
use crate::source::{FileId, RepoPath, SourceFile, Span};

/// Characters of a stranger's text that are kept.
const TEXT: usize = 300;
/// How the address of the format begins.
const CONTEXT: &str = "https://openvex.dev/ns";

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VexFile {
    /// What it is called in reports.
    pub name: String,
    /// Who answers for it.
    pub author: String,
    /// What it says, in its order; statements with a mistake are left out.
    pub statements: Vec<Statement>,
    /// What could not be used: the line, from 1, and why.
    pub problems: Vec<(u32, String)>,
    /// What BOM-Links of other documents name this one by, `UUID/VERSION`: a document of CycloneDX has it.
    pub serial: Option<String>,
    /// Parts that such a link may name, by their references; the document's own subject by an empty one.
    pub parts: BTreeMap<String, Product>,
}

/// A part of another document of CycloneDX that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The document: `UUID/VERSION`.
    document: String,
    /// The reference of the part; empty for all of it.
    part: String,
    /// Versions that are meant; none where it is the one of the part.
    versions: Option<Vec<String>>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its line, from 1.
    pub line: u32,
    /// Ids of the flaw, in capitals.
    pub flaws: Vec<String>,
    /// What it speaks of.
    pub products: Vec<Product>,
    /// Parts of other documents that it speaks of as well, see [`link`].
    pub links: Vec<Link>,
    /// What it says.
    pub status: VexStatus,
    /// Why the flaw does not matter: the word of the format.
    pub justification: Option<String>,
    /// Why it does not matter, in words.
    pub impact: Option<String>,
    /// What to do about it.
    pub action: Option<String>,
    /// When it was known to be true, in seconds since 1970; the least number where nobody says.
    pub time: i64,
}

/// What a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The product as it is named: a package URL or an address.
    pub id: String,
    /// The same as a package URL, where it is one.
    pub purl: Option<Purl>,
    /// The packages in it that are meant; empty where the product itself is meant.
    pub parts: Vec<Purl>,
    /// Whether it names parts, of which some may be known by no package URL.
    pub has_parts: bool,
}

/// What is said of a flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VexStatus {
    /// It matters.
    Affected,
    /// Somebody is looking into it.
    UnderInvestigation,
    /// This version holds the remedy.
    Fixed,
    /// It does not matter.
    NotAffected,
}

impl VexStatus {
    const ALL: &'static [(&'static str, Self)] = &[
        ("affected", Self::Affected),
        ("under_investigation", Self::UnderInvestigation),
        ("fixed", Self::Fixed),
        ("not_affected", Self::NotAffected),
    ];
}

/// Reads a document. `name` is what reports call it.
///
/// # Errors
/// The line and the reason, where it is no document at all: no JSON, another format, nobody who answers for it.
pub fn read(name: &str, bytes: Vec<u8>, budget: &mut Budget) -> Result<VexFile, (u32, String)> {
    let path = RepoPath::new("openvex.json").unwrap_or_default();
    let file = SourceFile::new(FileId(0), path, bytes);
    let line = |span: Span| file.position(span.start).line;
    if file.invalid_utf8.is_some() {
        return Err((1, "it is not UTF-8".to_owned()));
    }
    let parsed = json::parse(&file.text, budget);
    if let Some(problem) = parsed.problems.first() {
        return Err((line(problem.span), problem.message.clone()));
    }
    // Of a key that stands twice people read one and programs the other.
    if let Some(twice) = parsed.duplicates.first() {
        return Err((line(twice.again), format!("`{}` is defined twice", twice.key)));
    }
    let Some(root) = parsed.root.as_ref() else { return Err((1, "it is empty".to_owned())) };
    if cyclonedx::is_one(root) {
        return cyclonedx::of(name, root, &line, budget);
    }
    let context = root.get("@context");
    if !context.and_then(Value::as_str).is_some_and(|text| text.starts_with(CONTEXT)) {
        return Err((
            context.map_or(1, |c| line(c.span)),
            format!("it is no OpenVEX document, whose `@context` is `{CONTEXT}`, and none of CycloneDX"),
        ));
    }
    let author = words(root.get("author"));
    let Some(author) = author else { return Err((1, "it names no `author`, who would answer for it".to_owned())) };
    let Some(list) = root.get("statements").and_then(Value::as_array) else {
        return Err((1, "it holds no list of `statements`".to_owned()));
    };
    let issued = time_of(root.get("timestamp"));
    let mut out = VexFile { name: name.to_owned(), author, ..VexFile::default() };
    for value in list {
        match statement(value, issued, budget) {
            Ok(read) => out.statements.push(Statement { line: line(value.span), ..read }),
            Err(problem) => out.problems.push((line(problem.span), problem.message)),
        }
    }
    Ok(out)
}

/// Finds what statements of some documents name in others of them. What is in none of them counts for nothing, and the
/// document says so.
pub fn link(files: &mut [VexFile]) {
    let mut known: BTreeMap<String, BTreeMap<String, Product>> = BTreeMap::new();
    for file in files.iter_mut() {
        if let Some(serial) = &file.serial {
            known.entry(serial.clone()).or_default().append(&mut file.parts);
        }
    }
    for file in files {
        let VexFile { statements, problems, .. } = file;
        for statement in statements.iter_mut() {
            for link in std::mem::take(&mut statement.links) {
                let found = match known.get(&link.document).map(|parts| parts.get(&link.part)) {
                    Some(Some(product)) => cyclonedx::add(product, &link.versions, statement),
                    Some(None) => Err(format!("no part of that document has the reference `{}`", cut(&link.part))),
                    None => Err(format!(
                        "it names a part of the document urn:cdx:{}, which is not given",
                        cut(&link.document)
                    )),
                };
                if let Err(why) = found {
                    problems.push((statement.line, why));
                }
            }
        }
        statements.retain(|statement| !statement.products.is_empty());
    }
}

/// A reference without percent-encoding; as it is where that is none.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn statement(value: &Value, issued: Option<i64>, budget: &mut Budget) -> Result<Statement, Problem> {
    let wrong = |value: &Value, why: String| Problem::new(value.span, why);
    let flaw = value.get("vulnerability");
    let flaws = flaw.map(names).unwrap_or_default();
    if flaws.is_empty() {
        return Err(wrong(flaw.unwrap_or(value), "the statement names no vulnerability".to_owned()));
    }
    let word = value.get("status");
    let text = word.and_then(Value::as_str).unwrap_or_default();
    let Some((_, status)) = VexStatus::ALL.iter().find(|(name, _)| *name == text) else {
        let known: Vec<&str> = VexStatus::ALL.iter().map(|(name, _)| *name).collect();
        return Err(wrong(
            word.unwrap_or(value),
            format!("`{}` is no status, which are {}", cut(text), known.join(", ")),
        ));
    };
    let justification = value.get("justification");
    let word = justification.and_then(Value::as_str).filter(|word| !word.is_empty());
    if let (Some(justification), Some(word)) = (justification, word)
        && !JUSTIFICATIONS.contains(&word)
    {
        let why = format!("`{}` is no justification, which are {}", cut(word), JUSTIFICATIONS.join(", "));
        return Err(wrong(justification, why));
    }
    let impact = words(value.get("impact_statement"));
    if *status == VexStatus::NotAffected && word.is_none() && impact.is_none() {
        let why = "the statement says `not_affected` and gives neither a justification nor an impact statement";
        return Err(wrong(value, why.to_owned()));
    }
    let time = value.get("last_updated").or_else(|| value.get("timestamp"));
    let time = match time {
        Some(value) => Some(time_of(Some(value)).ok_or_else(|| wrong(value, "the timestamp is no time".to_owned()))?),
        None => issued,
    };
    let listed = value.get("products").map(Value::items).unwrap_or_default();
    let mut products = Vec::new();
    for value in listed {
        let product = product(value)
            .ok_or_else(|| wrong(value, "a product is named by `@id` or by `identifiers` with a `purl`".to_owned()))?;
        // Each is looked up by each id.
        if !budget.take_items(flaws.len().saturating_mul(product.parts.len() + 1)) {
            return Err(wrong(value, "the document names more products than are read".to_owned()));
        }
        if *status == VexStatus::Fixed && !product.is_of_one_version() {
            return Err(wrong(value, "the statement says `fixed` and does not say in which version".to_owned()));
        }
        products.push(product);
    }
    if products.is_empty() {
        return Err(wrong(value, "the statement names no product".to_owned()));
    }
    Ok(Statement {
        line: 0,
        flaws,
        products,
        links: Vec::new(),
        status: *status,
        justification: word.map(str::to_owned),
        impact,
        action: words(value.get("action_statement")),
        time: time.unwrap_or(i64::MIN),
    })
}

/// Ids of a flaw.
fn names(value: &Value) -> Vec<String> {
    let mut out: Vec<String> = std::iter::once(value)
        .chain(value.get("name"))
        .chain(value.get("aliases").map(Value::items).unwrap_or_default())
        .filter_map(Value::as_str)
        .map(|id| id.trim().to_ascii_uppercase())
        .filter(|id| !id.is_empty())
        .collect();
    out.sort();
    out.dedup();
    out
}

fn product(value: &Value) -> Option<Product> {
    let id = id_of(value)?;
    let parts = value.get("subcomponents").map(Value::items).unwrap_or_default();
    let purls = parts.iter().filter_map(id_of).filter_map(|id| Purl::parse(&id)).collect();
    Some(Product { purl: Purl::parse(&id), parts: purls, has_parts: !parts.is_empty(), id })
}

/// What names a component: its package URL before anything else.
fn id_of(value: &Value) -> Option<String> {
    let id = || value.get("@id").and_then(Value::as_str);
    let purl = value.get("identifiers").and_then(|names| names.get("purl")).and_then(Value::as_str);
    let id = purl.or_else(id).or_else(|| value.as_str())?.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

impl Product {
    fn is_of_one_version(&self) -> bool {
        let versioned = |purl: &Purl| purl.version.is_some();
        if self.has_parts { self.parts.iter().all(versioned) } else { self.purl.as_ref().is_some_and(versioned) }
    }
}

fn time_of(value: Option<&Value>) -> Option<i64> {
    time::seconds(value?.as_str()?)
}

/// A stranger's text as one line that is not too long; none where it says nothing.
fn words(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    let text: Vec<&str> = text.split_whitespace().collect();
    (!text.is_empty()).then(|| cut(&text.join(" ")))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT {
        return text.to_owned();
    }
    text.chars().take(TEXT - 1).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests;
