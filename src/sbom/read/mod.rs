//! Documents of others as our model: CycloneDX 1.2 to 1.7 as JSON, SPDX 2.2 and 2.3 as JSON and tag-value, SPDX 3.0
//! as JSON-LD. What cannot be used is told by its line and loses nothing else.

pub mod cyclonedx;
mod rest;
pub mod spdx2;
pub mod spdx3;
mod told;

use std::borrow::Cow;

use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Json;
use crate::parse::json::Value;
use crate::sbom::Bom;

pub use rest::Rest;
pub use rest::rest;
pub use told::Told;

/// What one document may cost: the largest that are in use have some hundred thousand parts.
const BUDGET: Budget = Budget { bytes: 256 << 20, depth: 96, items: 16_000_000, aliases: 0, problems: 64 };

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// What it says.
    pub bom: Bom,
    /// What of it could not be used.
    pub problems: Vec<Problem>,
}

/// Something that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// A sentence.
    pub message: String,
}

/// Whether a name is that of a bill of materials: `bom.json`, `*.cdx.json`, `*.spdx.json`, `*.spdx`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    const WHOLE: &[&str] = &["bom.json", "sbom.json", "cyclonedx.json", "spdx.json"];
    const ENDINGS: &[&str] = &[".cdx.json", ".bom.json", ".sbom.json", ".spdx.json", ".spdx3.json", ".spdx"];
    WHOLE.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Reads a document, whose format is told by what it holds.
///
/// # Errors
/// The one reason why nothing of it could be used: it is no bill of materials, or of a format that is not read.
pub fn read(bytes: &[u8]) -> Result<Read, Problem> {
    read_keeping(bytes).map(|(read, _)| read)
}

/// The same, with the JSON as it stands there, for those who ask for more than the parts.
///
/// # Errors
/// As [`read`].
pub fn read_keeping(bytes: &[u8]) -> Result<(Read, Option<Json>), Problem> {
    if bytes.len() > BUDGET.bytes {
        return Err(Problem { line: 1, message: format!("the document has more than {} bytes", BUDGET.bytes) });
    }
    let text = decoded(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut told = Told::new(text);
    match text.trim_start().as_bytes().first() {
        None => return Err(Problem { line: 1, message: "the document is empty".to_owned() }),
        Some(b'{' | b'[') => {}
        Some(b'<') => {
            let message = "the document is XML, of which nothing is read: convert it to JSON".to_owned();
            return Err(Problem { line: 1, message });
        }
        Some(_) if text.contains("SPDXVersion:") => {
            let bom = spdx2::read_text(text, &mut told);
            return Ok((Read { bom, problems: told.finish() }, None));
        }
        Some(_) => return Err(unknown()),
    }
    let mut budget = BUDGET;
    let file = json::parse(text, &mut budget);
    for problem in &file.problems {
        told.at(problem.span, problem.message.clone());
    }
    for duplicate in &file.duplicates {
        told.at(duplicate.again, format!("the key `{}` stands twice, and the last one counts", cut(&duplicate.key)));
    }
    let Some(root) = &file.root else { return Err(broken(told)) };
    let Some(reader) = reader(root) else {
        // A file that is cut short hides what would tell its format.
        return Err(if file.problems.is_empty() { unknown() } else { broken(told) });
    };
    let bom = reader(root, &mut told);
    Ok((Read { bom, problems: told.finish() }, Some(file)))
}

/// What reads a format.
type Reader = fn(&Value, &mut Told<'_>) -> Bom;

/// Tells the format by the keys that each demands.
fn reader(root: &Value) -> Option<Reader> {
    let text = |key: &str| root.get(key).and_then(Value::as_str);
    if text("bomFormat").is_some_and(|name| name.eq_ignore_ascii_case("CycloneDX"))
        || text("$schema").is_some_and(|address| address.contains("cyclonedx.org/schema"))
    {
        return Some(cyclonedx::read);
    }
    if text("spdxVersion").is_some() {
        return Some(spdx2::read);
    }
    // SPDX 3: its context, a list of them with it, or the elements alone.
    let context = root.get("@context");
    let names = context
        .into_iter()
        .flat_map(|one| one.as_str().into_iter().chain(one.items().iter().filter_map(Value::as_str)));
    let is_spdx = names.into_iter().any(|address| address.contains("spdx.org"));
    (is_spdx || root.get("@graph").is_some()).then_some(spdx3::read)
}

fn unknown() -> Problem {
    let message = "it is neither CycloneDX nor SPDX: none of `bomFormat`, `spdxVersion` and `@context` is there";
    Problem { line: 1, message: message.to_owned() }
}

fn broken(told: Told<'_>) -> Problem {
    let first = told.finish().into_iter().next();
    first.unwrap_or_else(|| Problem { line: 1, message: "the document holds nothing".to_owned() })
}

/// The text: UTF-8, or UTF-16 behind its mark, as programs on Windows write it. Bytes that are neither are replaced.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xFF, 0xFE]) => u16::from_le_bytes,
        Some([0xFE, 0xFF]) => u16::from_be_bytes,
        _ => return String::from_utf8_lossy(bytes),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    Cow::Owned(String::from_utf16_lossy(&units))
}

/// A stranger's text as a message may hold it.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut out: String = text.chars().filter(|one| !one.is_control()).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
