//! Names of properties by which our own documents tell what their format has no field for, so that they can be read
//! back, and how values of several parts are put together. Those of SPDX alone are the group of a component, the name
//! of a tool and the revision of a document.

use crate::sbom::model::Occurrence;

/// The kind, where the type of a component does not tell it.
pub const KIND: &str = "custody:kind";
/// What is asked for where no version is known.
pub const RANGE: &str = "custody:range";
/// When it was released.
pub const RELEASED: &str = "custody:released";
/// A version that the format's field is too short for.
pub const VERSION: &str = "custody:version";
/// An address at which it answers.
pub const ENDPOINT: &str = "custody:endpoint";
/// A place that says that it is there: the place, and how.
pub const EVIDENCE: &str = "custody:evidence";
/// A digest whose algorithm the format lacks: `SHA-224:…`.
pub const HASH: &str = "custody:hash";
/// The size of a file in bytes.
pub const SIZE: &str = "custody:size";
/// What a file is by its content.
pub const FORMAT: &str = "custody:format";
/// The package URL of a service.
pub const PURL: &str = "custody:purl";
/// What a service is needed for.
pub const SCOPE: &str = "custody:scope";
/// Who makes a service, where that is not who provides it.
pub const PRODUCER: &str = "custody:producer";
/// The reference of what a step follows.
pub const STEP: &str = "custody:step";
/// What a process does, where the format has no word for it.
pub const TASK: &str = "custody:task";
/// The group of a component, which SPDX has in its name.
pub const GROUP: &str = "custody:group";
/// The name of a tool without its version, in SPDX.
pub const NAME: &str = "custody:name";
/// The revision of a document, in SPDX.
pub const REVISION: &str = "custody:revision";

/// An identifier that the format has no field for, by its name.
pub const IDENTIFIER: &str = "custody:identifier:";
/// What it is to another part; the value is the reference of that.
pub const RELATION: &str = "custody:relation:";
/// Where the tree says so: the reference, the place, and how.
pub const RELATION_EVIDENCE: &str = "custody:relation-evidence:";
/// Something it needs that cannot be told, by its kind: the text, the reason, the place, and how.
pub const UNKNOWN: &str = "custody:unknown:";
/// What a person states of the system, by its name.
pub const STATEMENT: &str = "custody:statement:";
/// What is told of a model or a data set.
pub const CARD: &str = "custody:card:";

const WHOLE: &[&str] =
    &[KIND, RANGE, RELEASED, VERSION, ENDPOINT, EVIDENCE, HASH, SIZE, FORMAT, PURL, SCOPE, PRODUCER, STEP, TASK];
const BEGINNINGS: &[&str] = &[IDENTIFIER, RELATION, RELATION_EVIDENCE, UNKNOWN, STATEMENT, CARD];

/// Whether a name is one of these, and so no property of a component's own.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    name.starts_with("custody:")
        && (WHOLE.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)))
}

/// Several parts as one value: `serve.py:7 | loaded by AutoModel.from_pretrained`. What divides them is encoded
/// within a part.
#[must_use]
pub fn joined(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| marks(part, true).replace('|', "%7C")).collect();
    parts.join(" | ")
}

/// What stands for a `|` within a part, with one more `25` in it or one less; nothing else of a text is touched, so
/// that a reference stands as it is.
fn marks(text: &str, is_more: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let inner = after.trim_start_matches("25");
        rest = after;
        if inner.starts_with("7C") {
            if is_more {
                out.push_str("25");
            } else if let Some(less) = after.strip_prefix("25") {
                rest = less;
            } else {
                out.pop();
                out.push('|');
                rest = &after[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The parts of a value.
#[must_use]
pub fn parted(value: &str) -> Vec<String> {
    value.split(" | ").map(|part| marks(part, false)).collect()
}

/// A place as one part: `serve.py:7`; without a line where the file as a whole says it.
#[must_use]
pub fn place(at: &Occurrence) -> String {
    if at.line == 0 { at.path.clone() } else { format!("{}:{}", at.path, at.line) }
}

/// The place of its parts.
#[must_use]
pub fn occurrence(place: &str, how: Option<&String>) -> Occurrence {
    let how = how.filter(|how| !how.is_empty()).cloned();
    match place.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?))) {
        Some((path, line)) if line > 0 => Occurrence { path: path.to_owned(), line, how },
        _ => Occurrence { path: place.to_owned(), line: 0, how },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reference_stands_as_it_is() {
        let one = "pkg:cargo/one@0.9.34%2Bmore?vcs_url=git%2Bhttps:%2F%2Fexample.com";
        assert_eq!(joined(&[one]), one);
        for odd in ["a|b", "a%7Cb", "a%257Cb", "%25", "%7", "%2525%257C|%7C"] {
            assert_eq!(parted(&joined(&[odd, odd])), [odd, odd]);
        }
    }

    proptest! {
        #[test]
        fn parts_come_back(parts in proptest::collection::vec("([ -~]|%25|%7C){0,12}", 1..5)) {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            prop_assert_eq!(parted(&joined(&parts)), parts);
        }
    }
}
