//! What a script writes out without a command that is known to load it: addresses of a hub's files that variables
//! hold, and the configuration in JSON that an option is given.

use std::ops::Range;

/// Places of one script that are looked at.
const MAX_PLACES: usize = 256;
/// Bytes of the longest address and of the longest configuration.
const LONGEST: usize = 600;

/// An address that is the value of a variable or of an option, or its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// Something else may be given in its place.
    pub(super) is_default: bool,
}

/// The addresses of files of hubs that are values in a script.
pub(super) fn addresses(text: &str) -> Vec<Written> {
    let places = text.match_indices("/resolve/").take(MAX_PLACES);
    places.filter_map(|(at, _)| address(text, at)).collect()
}

fn address(text: &str, at: usize) -> Option<Written> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ';' | '`' | '<' | '>' | '|' | ',');
    let from = floor(text, at.saturating_sub(LONGEST));
    let head = text.get(from..at)?;
    let start = from + head.rfind("http")?;
    if text.get(start..at)?.contains(|c: char| is_end(c) || matches!(c, '=' | '{' | '}')) {
        return None;
    }
    let tail = text.get(at..floor(text, (at + LONGEST).min(text.len())))?;
    let mut open = 0usize;
    let length = tail.find(|c: char| match c {
        '{' => {
            open += 1;
            false
        }
        '}' if open > 0 => {
            open -= 1;
            false
        }
        '}' => true,
        _ => is_end(c),
    });
    let end = at + length.unwrap_or(tail.len());
    let line = text.get(text.get(..start)?.rfind('\n').map_or(0, |n| n + 1)..start)?;
    let first = line.trim_start();
    if first.starts_with('#') || first.starts_with("echo") || first.starts_with("printf") || line.contains(" #") {
        return None;
    }
    let before = line.trim_end_matches(['"', '\'']);
    let is_default = [":-", ":=", "-"].iter().any(|mark| {
        let name = before.strip_suffix(mark).and_then(|b| b.rsplit_once("${")).map_or("", |(_, name)| name);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    (is_default || before.ends_with('=')).then_some(Written { range: start..end, is_default })
}

/// The models that `--speculative-config '{"model": "owner/draft"}'` names.
pub(super) fn drafts(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for option in ["--speculative-config", "--speculative_config"] {
        for (at, _) in text.match_indices(option).take(MAX_PLACES) {
            let from = at + option.len();
            let Some(rest) = text.get(from..floor(text, (from + LONGEST).min(text.len()))) else { continue };
            let begins = rest.trim_start_matches([' ', '=', '\'', '"', '\\', '\n']).starts_with('{');
            let Some(inner) = rest.split('}').next().filter(|_| begins) else { continue };
            // Within double quotes those of the text are written `\"`.
            let key = inner.find("\"model\"").map(|at| at + 7).or_else(|| inner.find("\"model\\\"").map(|at| at + 8));
            let Some(key) = key else { continue };
            let Some(value) = inner.get(key..) else { continue };
            let trimmed = value.trim_start_matches([' ', ':', '"', '\\']);
            let start = from + key + (value.len() - trimmed.len());
            let length = trimmed.find(['"', '\\']).unwrap_or(0);
            if length > 0 {
                out.push(start..start + length);
            }
        }
    }
    out
}

/// The nearest place at or before one at which a character begins.
fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_values() {
        let one = "https://huggingface.co/orion/x/resolve/main/x.gguf";
        for (text, expected) in [
            (format!("URL={one}\n"), Some(false)),
            (format!("case $1 in\n a) URL=\"{one}\" ;;\nesac\n"), Some(false)),
            (format!("URL=\"${{URL:-{one}}}\"\n"), Some(true)),
            (format!("URL=${{URL-{one}}}\n"), Some(true)),
            (format!("# URL={one}\n"), None),
            (format!("echo \"get it: {one}\"\n"), None),
        ] {
            let found = addresses(&text);
            assert_eq!(found.first().map(|w| w.is_default), expected, "{text}");
            assert!(found.iter().all(|w| text.get(w.range.clone()) == Some(one)), "{text}");
        }
        let cut = "U=https://huggingface.co/orion/x/resolve/main/${FILE}\n";
        let found = addresses(cut);
        assert_eq!(found.first().and_then(|w| cut.get(w.range.clone())), Some(&cut[2..cut.len() - 1]));
        assert!(addresses(&"é/resolve/".repeat(2_000)).is_empty());
    }

    #[test]
    fn drafts_stand_in_json() {
        for text in [
            "vllm serve orion/x --speculative-config '{\"model\": \"orion/draft\", \"n\": 3}'",
            "vllm serve orion/x --speculative-config \"{\\\"model\\\": \\\"orion/draft\\\"}\"",
            "vllm serve orion/x --speculative_config='{\"n\": 3, \"model\":\"orion/draft\"}'",
        ] {
            let found: Vec<_> = drafts(text).into_iter().map(|range| text.get(range)).collect();
            assert_eq!(found, [Some("orion/draft")], "{text}");
        }
        assert!(drafts("vllm serve x --speculative-config $C {\"model\": \"orion/draft\"}").is_empty());
    }
}
