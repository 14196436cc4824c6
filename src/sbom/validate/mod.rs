//! Whether a document is what its format says, by the letter: own tables of what CycloneDX and SPDX allow, and checks
//! that their schemas lack.
//!
//! The official schemas are not shipped. Their facts (fields, types, values, since which version) stand in tables of
//! our own under `tables/`, which `table` reads and `interpret` holds a document against. `structure` looks at what no
//! schema can say: references that lead nowhere, package URLs that are none, paths of a machine.
//!
//! Nothing here knows how a document was made, and nothing of it is followed: no address is opened.

mod addresses;
mod choices;
mod classes;
mod formats;
mod interpret;
mod shape;
mod structure;
mod table;

use crate::parse::Budget;
use crate::parse::json;
use crate::sbom::model::Format;
use interpret::Interpreter;
use table::Table;

/// A document that was held against its format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// The format, where it can be told.
    pub format: Option<Format>,
    /// What is wrong with it, in the order of the document.
    pub findings: Vec<Finding>,
    /// Whether it was looked at to its end. Where it was not, no finding is not the same as none there.
    pub is_whole: bool,
    /// How many parts it lists: components and services, packages and files, elements.
    pub parts: usize,
}

impl Checked {
    /// Whether the document is valid: looked at to its end, and no error found.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.is_whole && self.format.is_some() && !self.findings.iter().any(|one| one.severity == Severity::Error)
    }

    /// Whether the official schema of its format takes the document, by our tables: looked at to its end, and nothing
    /// found that a schema says.
    #[must_use]
    pub fn fits_schema(&self) -> bool {
        self.is_whole && self.format.is_some() && !self.findings.iter().any(|one| one.check.is_schema())
    }
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Readers may refuse the document, or read another one than was meant.
    Error,
    /// It reads, and says less or other than its author means.
    Warning,
}

impl Severity {
    /// The word in our JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which check found it.
    pub check: Check,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The line of it, from 1.
    pub line: u32,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident, $id:literal, $severity:ident, $title:literal, $help:literal;)*) => {
        /// What is looked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[$doc])* $name,)*
        }

        impl Check {
            /// Every check, in the order in which they are told.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in reports: `reference/dangling`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How bad what it finds is, as a rule.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What it finds, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

checks! {
    /// The text is no JSON, or more than is read.
    Json, "json/syntax", Error, "not JSON as RFC 8259 has it",
        "write the document with a JSON library";
    /// A key stands twice in one object.
    DuplicateKey, "json/duplicate-key", Error, "keys that stand twice in one object",
        "keep one of them: readers take the last, people see the first";
    /// It is no format that is known.
    Format, "schema/format-name", Error, "a format or version that is not known here",
        "say which format and version it is in `bomFormat` and `specVersion`, `spdxVersion` or `@context`";
    /// A field that the format asks for is missing.
    Missing, "schema/missing", Error, "fields that the format asks for and that are missing",
        "add the field";
    /// A field that the format does not have.
    Unknown, "schema/unknown-field", Error, "fields that the format does not have",
        "take the field out, put it into `properties`, or raise the version of the format that has it";
    /// A value of the wrong type.
    Type, "schema/type", Error, "values of another type than the format has",
        "write a value of the type that the format has";
    /// A word that the format does not list.
    Value, "schema/value", Error, "words that the format does not list",
        "write one of the words that the format lists";
    /// A text that is not of the form that the format asks for.
    Form, "schema/form", Error, "texts that are not of the form that the format asks for",
        "write it in the form that the format asks for";
    /// Fields that exclude each other, or of which one is needed.
    Choice, "schema/choice", Error, "fields that exclude each other, or of which one is needed",
        "keep exactly one of them";
    /// Lists and numbers of the wrong size.
    Size, "schema/size", Error, "lists, texts and numbers outside the limits of the format",
        "keep within the limits";
    /// Equal items in a list whose items must differ.
    DuplicateItem, "schema/duplicate-item", Error, "equal items in lists whose items must differ",
        "list each item once";
    /// A licence id that SPDX does not list.
    LicenceId, "schema/licence-id", Error, "licence ids that SPDX does not list",
        "use an id of SPDX's list, or say it in `license.name`: ids of model hubs (llama3.2, other, openrail) are names";
    /// A reference that two parts have.
    DuplicateReference, "reference/duplicate", Error, "references that several parts have",
        "give each part a reference of its own, or leave the second copy out";
    /// A reference to nothing.
    DanglingReference, "reference/dangling", Error, "references to parts that are not in the document",
        "add the part, or take the reference out; a part of another document is named by its BOM-Link";
    /// A part that depends on itself.
    SelfDependency, "reference/self", Warning, "parts that depend on themselves",
        "take the reference out";
    /// Two entries of dependencies for one part.
    DuplicateDependency, "reference/duplicate-entry", Error, "parts whose dependencies are told twice",
        "write one entry with all that it depends on";
    /// Parts that nothing leads to from what the document is about.
    Unreachable, "reference/unreachable", Warning, "parts that no dependency leads to from what the document is about",
        "tell what needs them in `dependencies`; without that, nobody sees why they are there";
    /// The document does not say what it is about.
    NoRoot, "reference/no-root", Warning, "nothing says what the document is about",
        "name it in `metadata.component` (CycloneDX), a DESCRIBES relationship (SPDX 2) or `rootElement` (SPDX 3)";
    /// A package URL that is none.
    Purl, "purl/illegal", Error, "package URLs that are none",
        "write it as the purl specification says: pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH";
    /// A package URL that says another name or version than the part.
    PurlDiffers, "purl/differs", Error, "package URLs that say another name or version than the part itself",
        "let both say the same: consumers match by the package URL, people read the name";
    /// A package URL that is not in its one spelling.
    PurlSpelling, "purl/spelling", Warning, "package URLs that are not in their one spelling",
        "write the canonical form: consumers compare package URLs as text";
    /// An absolute path of the machine where the document was made.
    MachinePath, "content/machine-path", Warning, "paths of the machine where the document was made",
        "write paths from the root of the repository: a path of a machine helps nobody and tells of its user";
    /// A name, password or token in an address.
    UserInfo, "content/credentials", Error, "addresses with a user name, password or token in them",
        "take it out and change it: documents like this are handed to others";
    /// A text without anything in it.
    Empty, "content/empty", Warning, "empty texts",
        "leave the field out where there is nothing to say";
    /// A digest of the wrong length.
    HashLength, "hash/length", Error, "digests of another length than their algorithm has",
        "write the whole digest in hexadecimal, or name the algorithm that it has";
    /// Two digests of one algorithm that differ.
    HashDiffers, "hash/differs", Error, "several digests of one algorithm for one thing",
        "keep the digest of the thing itself; digests of its files belong to them";
    /// One release that several parts are, with digests that differ.
    SameRelease, "hash/same-release", Warning, "parts of one package URL with digests that differ",
        "one release has one digest for each of its files: find out which is right, and list it once";
    /// An SPDX expression that is none.
    Expression, "licence/expression", Error, "licence expressions that cannot be read",
        "write an SPDX expression; a licence that SPDX does not list is LicenseRef-NAME there, or a `license.name`";
    /// A licence id that newer lists have.
    NewLicenceId, "licence/newer", Warning, "licence ids that are newer than the list of CycloneDX's schema",
        "nothing is wrong with it; some validators refuse it until their list is renewed";
    /// A time that cannot be.
    Time, "content/time", Warning, "times that cannot be",
        "write the time when the document was made, as UTC";
    /// Vulnerabilities in a bill of materials.
    Vulnerabilities, "content/vulnerabilities", Warning, "vulnerabilities inside a bill of materials",
        "put them into a VEX document of their own: they change daily, the parts do not (BSI TR-03183-2)";
    /// A range that is none.
    Range, "content/range", Warning, "version ranges that are none",
        "write it as vers:TYPE/CONSTRAINTS, as in vers:pypi/>=1.2|<2";
    /// A version that is a range.
    RangeAsVersion, "content/range-as-version", Warning, "versions that are ranges",
        "say it in `versionRange` with `isExternal` (CycloneDX 1.7), or leave the version out: it is not known";
    /// A profile that is claimed and not kept.
    Profile, "spdx/profile", Error, "profiles that are claimed and whose required fields are missing",
        "add the fields, or take the profile out of `profileConformance`";
    /// Something that the text of SPDX asks for and its schema does not.
    SpdxText, "spdx/text", Error, "values that the text of SPDX does not allow",
        "write it as the message says: the schema takes any text there, readers do not";
    /// An id that is not of SPDX's form.
    SpdxId, "spdx/id", Error, "identifiers that are not of SPDX's form",
        "write SPDXRef- and then letters, digits, dots and hyphens";
}

impl Check {
    /// Whether it is something that the official schemas say, too.
    #[must_use]
    pub fn is_schema(self) -> bool {
        self.id().starts_with("schema/") || self == Self::Json
    }
}

/// Most findings that are kept of one check; more are counted in the last.
const MOST: usize = 10_000;

/// Findings on their way, with the lines of their places.
#[derive(Debug)]
struct Findings {
    kept: Vec<Finding>,
    by_check: std::collections::BTreeMap<Check, usize>,
    lines: Vec<u64>,
    is_whole: bool,
}

impl Findings {
    fn new(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at as u64 + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { kept: Vec::new(), by_check: std::collections::BTreeMap::new(), lines, is_whole: true }
    }

    fn line(&self, at: u64) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= at)).unwrap_or(u32::MAX).max(1)
    }

    fn push(&mut self, check: Check, pointer: String, at: u64, message: String) {
        self.push_as(check, check.severity(), pointer, at, message);
    }

    fn push_as(&mut self, check: Check, severity: Severity, pointer: String, at: u64, message: String) {
        let count = self.by_check.entry(check).or_default();
        *count += 1;
        if *count <= MOST {
            let line = self.line(at);
            self.kept.push(Finding { check, severity, message, pointer, line });
        } else {
            self.is_whole = false;
        }
    }
}

/// A budget that takes the largest documents in use: tens of megabytes, millions of values.
#[must_use]
pub fn budget() -> Budget {
    Budget { bytes: 512 << 20, depth: 96, items: 40_000_000, ..Budget::default() }
}

/// Holds a document against its format. `text` is the document, as JSON.
#[must_use]
pub fn check(text: &str, budget: &mut Budget) -> Checked {
    if !text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('{') {
        let mut findings = Findings::new("");
        let message =
            "it does not start as a document in JSON does; XML and tag-value are not held against their format";
        findings.push(Check::Json, String::new(), 0, message.to_owned());
        return Checked { findings: findings.kept, ..Checked::default() };
    }
    let json = json::parse(text, budget);
    let mut findings = Findings::new(text);
    for problem in &json.problems {
        let at = problem.span.start;
        findings.push(Check::Json, String::new(), at, problem.message.clone());
    }
    // What could not be read may hide the rest.
    findings.is_whole = json.problems.is_empty();
    let Some(root) = &json.root else {
        findings.push(Check::Json, String::new(), 0, "the file holds no value".to_owned());
        return Checked { findings: findings.kept, ..Checked::default() };
    };
    for twice in &json.duplicates {
        let message = format!("`{}` stands here for the second time", interpret::short(&twice.key));
        findings.push(Check::DuplicateKey, String::new(), twice.again.start, message);
    }
    let format = match format_of(root) {
        Ok(format) => format,
        Err((pointer, at, message)) => {
            findings.push(Check::Format, pointer, at, message);
            return Checked { findings: findings.kept, ..Checked::default() };
        }
    };
    let table = Table::of(&format);
    let mut interpreter = Interpreter::new(&table, &mut findings, text.len());
    interpreter.document(root);
    let references = std::mem::take(&mut interpreter.references);
    let parts = structure::check(&format, root, &references, &mut findings);
    let mut kept = findings.kept;
    kept.sort_by(|a, b| (a.line, &a.pointer, a.check, &a.message).cmp(&(b.line, &b.pointer, b.check, &b.message)));
    kept.dedup();
    Checked { format: Some(format), findings: kept, is_whole: findings.is_whole, parts }
}

/// Versions of CycloneDX that are known.
pub const CYCLONEDX: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// The address of the context of SPDX 3, which names its version.
const CONTEXTS: &[(&str, &str)] = &[
    ("https://spdx.org/rdf/3.0.0/spdx-context.jsonld", "3.0.0"),
    ("https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "3.0.1"),
];

/// The format of a document, or what keeps it from being told: pointer, place, message.
fn format_of(root: &json::Value) -> Result<Format, (String, u64, String)> {
    let object = root.as_object().ok_or_else(|| (String::new(), root.span.start, "it is no object".to_owned()))?;
    if object.get("bomFormat").is_some() || object.get("specVersion").is_some() {
        let at = object.get("specVersion").map_or(root.span.start, |value| value.span.start);
        let version = object.get("specVersion").and_then(json::Value::as_str);
        return match version {
            Some(version) if CYCLONEDX.contains(&version) => Ok(Format::CycloneDx(version.to_owned())),
            Some(version) => {
                let message = format!("CycloneDX {} is not known here", interpret::short(version));
                Err(("/specVersion".to_owned(), at, message))
            }
            None => Err(("/specVersion".to_owned(), at, "it does not say which version of CycloneDX it is".to_owned())),
        };
    }
    if let Some(version) = object.get("spdxVersion") {
        return match version.as_str() {
            Some("SPDX-2.2") => Ok(Format::Spdx2("2.2".to_owned())),
            Some("SPDX-2.3") => Ok(Format::Spdx2("2.3".to_owned())),
            other => {
                let message =
                    format!("SPDX {} is not known here", interpret::short(other.unwrap_or("without version")));
                Err(("/spdxVersion".to_owned(), version.span.start, message))
            }
        };
    }
    if let Some(context) = object.get("@context") {
        let address = context.as_str().unwrap_or_default();
        return match CONTEXTS.iter().find(|(one, _)| *one == address) {
            Some((_, version)) => Ok(Format::Spdx3((*version).to_owned())),
            None if address.is_empty() => {
                let message = "it names no single context of SPDX 3".to_owned();
                Err(("/@context".to_owned(), context.span.start, message))
            }
            None => {
                let message = format!("the context {} is not known here", interpret::short(address));
                Err(("/@context".to_owned(), context.span.start, message))
            }
        };
    }
    Err((String::new(), root.span.start, "it is neither CycloneDX nor SPDX".to_owned()))
}

#[cfg(test)]
mod tests;
