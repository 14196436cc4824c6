//! Takes credentials out of text that goes into a report: the user part of addresses, tokens of
//! known shape, and values of names that speak of secrets. One function for every report.

/// Beginnings of tokens, and how many characters must follow. Source: the vendors' documentation
/// of their token formats.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("ghu_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("hf_", 20),
    ("pypi-", 24),
    ("npm_", 24),
    ("cio", 30),
    ("sk-", 20),
    ("xoxb-", 12),
    ("xoxp-", 12),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 24),
    ("eyJhbGci", 20),
];

/// Words in a name that make its value a secret.
const NAMES: &[&str] =
    &["token", "secret", "password", "passwd", "apikey", "api_key", "api-key", "private_key", "credential", "auth"];

/// What stands in place of a secret.
pub const MARK: &str = "[redacted]";

/// The text without credentials. Idempotent.
#[must_use]
pub fn redact(text: &str) -> String {
    let text = addresses(text);
    let text = tokens(&text);
    text.split_inclusive('\n').map(assignment).collect()
}

fn addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '?' | '#' | ')' | '>' | ','))
            .unwrap_or(after.len());
        let authority = &after[..end];
        match authority.rfind('@') {
            // An expression or a variable names no credential, it only says where one comes from.
            Some(at) if !authority[..at].contains("${{") && !(authority.starts_with('$')) => {
                out.push_str(MARK);
                rest = &after[at..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

fn tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    'outer: while !rest.is_empty() {
        let fresh = !out.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if fresh {
            for (start, least) in TOKENS {
                let Some(tail) = rest.strip_prefix(start) else { continue };
                let length = tail
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
                    .unwrap_or(tail.len());
                if length >= *least {
                    out.push_str(start);
                    out.push_str(MARK);
                    rest = &tail[length..];
                    continue 'outer;
                }
            }
        }
        let mut chars = rest.chars();
        out.extend(chars.next());
        rest = chars.as_str();
    }
    out
}

/// `NAME: value` and `NAME=value` where the name speaks of a secret.
fn assignment(line: &str) -> String {
    let Some(at) = line.find([':', '=']) else { return line.to_owned() };
    let (name, rest) = line.split_at(at);
    let word: String =
        name.trim_end().chars().rev().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
    let word: String = word.chars().rev().collect::<String>().to_ascii_lowercase();
    let secret = NAMES.iter().any(|n| word.contains(n)) && !word.ends_with("permissions");
    let value = rest[1..].trim();
    let plain = value.trim_matches(['"', '\'']);
    let harmless = plain.is_empty()
        || plain.contains("${{")
        || plain.starts_with('$')
        || plain.contains(MARK)
        || matches!(plain, "true" | "false" | "read" | "write" | "none" | "inherit" | "null" | "|" | ">" | "{}");
    // `id-token: write` and `uses:` lines are grants and names, no values of secrets.
    if !secret || harmless || rest.starts_with("://") || rest.starts_with("==") {
        return line.to_owned();
    }
    let end = if line.ends_with('\n') { "\n" } else { "" };
    let space = if rest[1..].starts_with(' ') { " " } else { "" };
    format!("{name}{}{space}{MARK}{end}", &rest[..1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn credentials_go_and_the_rest_stays() {
        for (text, shown) in [
            ("git+https://user:pass@example.com/a", "git+https://[redacted]@example.com/a"),
            ("https://example.com/@scope/x", "https://example.com/@scope/x"),
            ("https://x:${{ secrets.T }}@example.com", "https://x:${{ secrets.T }}@example.com"),
            ("  HF_TOKEN: abc", "  HF_TOKEN: [redacted]"),
            ("  HF_TOKEN: ${{ secrets.HF }}", "  HF_TOKEN: ${{ secrets.HF }}"),
            ("  id-token: write", "  id-token: write"),
            ("export API_KEY=abc123", "export API_KEY=[redacted]"),
            ("x hf_abcdefghijklmnopqrstuvwxyz y", "x hf_[redacted] y"),
            ("a-hf_short b", "a-hf_short b"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "[a-zA-Z:/@=_. \n$\\{\\}-]{0,80}") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }
    }
}
