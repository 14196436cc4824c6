//! How whole a CycloneDX document says it is, told without reading its parts: a thousand documents of ours say so, and
//! nearly none of them names what is asked for.

use memchr::memmem;

use super::raw;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;

/// What reading the few members that say so may cost.
const BUDGET: Budget = Budget { bytes: 64 << 20, depth: 32, items: 4_000_000, aliases: 0, problems: 4 };

/// How whole a document says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// It does not say that it lacks something.
    Unsaid,
    /// Not all that its root needs is listed.
    Open,
    /// That cannot be told without reading it.
    Unclear,
}

/// How whole the document of these bytes says it is.
pub(super) fn of(bytes: &[u8]) -> Whole {
    laid_out(bytes).or_else(|| look(bytes)).unwrap_or(Whole::Unclear)
}

/// The same of a document that is laid out in lines, as most are, whose members are told by how far they are moved in:
/// that takes a tenth of the time. No text of JSON holds the end of a line. None where it is not laid out so.
fn laid_out(bytes: &[u8]) -> Option<Whole> {
    const WIDEST: usize = 16;
    let start = after_space(bytes, 0);
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let margin = bytes.get(start + 1..after_space(bytes, start + 1))?;
    let (b'\n', rest) = margin.split_first()? else { return None };
    if rest.is_empty() || rest.len() > WIDEST || rest.contains(&b'\n') {
        return None;
    }
    let end = memmem::find(bytes, b"\n}")?;
    if after_space(bytes, end + 2) != bytes.len() {
        return None;
    }
    let member = |name: &[u8]| -> Option<Option<&[u8]>> {
        let key = [margin, b"\"", name, b"\""].concat();
        let mut found = memmem::find_iter(bytes, &key);
        let Some(at) = found.next() else { return Some(None) };
        let colon = after_space(bytes, at + key.len());
        if bytes.get(colon) != Some(&b':') || found.next().is_some() {
            return None;
        }
        let start = after_space(bytes, colon + 1);
        bytes.get(start..after_value(bytes, start)?).map(Some)
    };
    match member(b"compositions")? {
        Some(compositions) => told(member(b"metadata")?, compositions),
        None => Some(Whole::Unsaid),
    }
}

fn look(bytes: &[u8]) -> Option<Whole> {
    let (mut metadata, mut compositions) = (None, None);
    let mut at = after_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at = after_space(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let end = after_text(bytes, at)?;
        let key = bytes.get(at..end)?;
        let colon = after_space(bytes, end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let start = after_space(bytes, colon + 1);
        let end = after_value(bytes, start)?;
        let value = bytes.get(start..end);
        match key {
            b"\"metadata\"" if metadata.is_none() => metadata = value,
            b"\"compositions\"" if compositions.is_none() => compositions = value,
            // The same member twice: which one counts is for the reader to say.
            b"\"metadata\"" | b"\"compositions\"" => return None,
            _ => {}
        }
        at = after_space(bytes, end);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = after_space(bytes, at + 1);
    }
    // What is cut off, and what follows the end, is for the reader to tell.
    if bytes.get(at) != Some(&b'}') || after_space(bytes, at + 1) != bytes.len() {
        return None;
    }
    let Some(compositions) = compositions else { return Some(Whole::Unsaid) };
    told(metadata, compositions)
}

/// What the two members say.
fn told(metadata: Option<&[u8]>, compositions: &[u8]) -> Option<Whole> {
    let (metadata, compositions) = (read(metadata.unwrap_or(b"{}"))?, read(compositions)?);
    let root = metadata.get("component").and_then(|root| root.get("bom-ref")).and_then(Value::as_str);
    let is_open = compositions.items().iter().any(|one| raw::speaks_of(one, root));
    Some(if is_open { Whole::Open } else { Whole::Unsaid })
}

fn read(bytes: &[u8]) -> Option<Value> {
    let file = json::parse(std::str::from_utf8(bytes).ok()?, &mut BUDGET.clone());
    file.root.filter(|_| file.problems.is_empty())
}

fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The end of the text that begins here.
fn after_text(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        // What follows a backslash ends no text.
        at += 2;
    }
}

/// The end of the value that begins here, whatever is in it.
fn after_value(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b','))?;
        match bytes.get(at)? {
            b'"' => {
                at = after_text(bytes, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' if depth == 0 => return Some(at),
            b',' => {}
            // The end of what holds it.
            _ if depth == 0 => return Some(at),
            _ if depth == 1 => return Some(at + 1),
            _ => depth -= 1,
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_how_whole_it_is() {
        let of = |compositions: &str| {
            let text = format!(
                r#"{{"bomFormat": "CycloneDX", "version": 1, "metadata": {{"component": {{"bom-ref": "r{{\"}}", "name": "x"}}}},
                 "components": [{{"name": "a]\"}}", "list": [1, [2, {{}}]]}}], "dependencies": []{compositions} }}"#
            );
            super::of(text.as_bytes())
        };
        let root = r#""r{\"}""#;
        assert_eq!(of(""), Whole::Unsaid);
        for (aggregate, names, wanted) in [
            ("incomplete", root, Whole::Open),
            ("incomplete_first_party_only", root, Whole::Open),
            ("unknown", root, Whole::Open),
            ("complete", root, Whole::Unsaid),
            ("not_specified", root, Whole::Unsaid),
            ("incomplete", "\"a\"", Whole::Unsaid),
            ("incomplete", "", Whole::Open),
        ] {
            let text = format!(r#", "compositions": [{{"aggregate": "{aggregate}", "dependencies": [{names}]}}]"#);
            assert_eq!(of(&text), wanted, "{text}");
            let lines = format!(
                "{{\n  \"bomFormat\": \"CycloneDX\",\n  \"metadata\": {{\n    \"component\": {{\"bom-ref\": {root}}}\n  }}{}\n}}\n",
                text.replace(", \"comp", ",\n  \"comp")
            );
            assert_eq!(super::of(lines.as_bytes()), wanted, "{lines}");
            assert_eq!(laid_out(lines.as_bytes()), Some(wanted), "{lines}");
            assert_eq!(super::of(format!("{lines}}}").as_bytes()), Whole::Unclear, "{lines}");
            assert_eq!(super::of(&lines.as_bytes()[..lines.len() - 3]), Whole::Unclear, "{lines}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_to_be_read() {
        for text in [
            "",
            "<bom xmlns=\"x\"><compositions/></bom>",
            "[]",
            "{\"compositions\": [",
            "{\"compositions\": [{]}",
            "{\"compositions\": [], \"compositions\": []}",
            "{\"a\" 1}",
            "{\"a\": \"\\",
            "{\"compositions\": [] ",
            "{\"components\": [{\"name\": \"x\"}",
            "{\"components\": []}}",
            "{\"components\": []} {}",
        ] {
            assert_eq!(of(text.as_bytes()), Whole::Unclear, "{text}");
        }
        assert_eq!(of(b"{}"), Whole::Unsaid);
        assert_eq!(of(b"{\"compositions\": [], \"version\": 1}"), Whole::Unsaid);
    }
}
