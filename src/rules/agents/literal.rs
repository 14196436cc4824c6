//! Values that are secrets, as they are written down.

use crate::rules::tokens::SHAPES;

/// Words by which people say that a value is to be put in.
const STAND_INS: &[&str] = &[
    "...",
    "123456",
    "abcdef",
    "change",
    "dummy",
    "example",
    "fake",
    "here",
    "insert",
    "placeholder",
    "replace",
    "test",
    "todo",
    "xxx",
    "your",
];

/// Shortest value under a telling name that is taken for a secret.
const LEAST: usize = 20;

/// Whether a value has the form of a known token.
pub(super) fn is_token(value: &str) -> bool {
    let words = value.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
    words.into_iter().any(|word| {
        let known = SHAPES.iter().find_map(|shape| Some((word.strip_prefix(shape.start)?, shape.likely)));
        known.is_some_and(|(rest, least)| rest.len() >= least && !is_stand_in(word) && is_mixed(rest))
    })
}

/// Whether a name says that its value is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['_', '-', '.']).filter(|part| !part.is_empty()).collect();
    let word = |part: &&str| {
        matches!(*part, "token" | "secret" | "password" | "passwd" | "authorization" | "auth" | "credentials")
    };
    let key = parts.windows(2).any(
        |pair| matches!(pair, [kind, "key"] if matches!(*kind, "api" | "access" | "private" | "secret" | "signing")),
    );
    parts.iter().any(word) || key || lower.ends_with("apikey")
}

/// Whether a value under such a name is one: long, of letters and digits without an order, and none that comes
/// from elsewhere.
pub(super) fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let value = ["Bearer ", "Basic ", "Token ", "bearer ", "token "]
        .iter()
        .find_map(|s| value.strip_prefix(s))
        .unwrap_or(value);
    let plain =
        value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | '/' | '+' | ':'));
    plain && value.len() >= LEAST && !value.contains("://") && !is_stand_in(value) && is_mixed(value) && !is_path(value)
}

/// Whether it says itself that something else belongs there.
fn is_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    STAND_INS.iter().any(|word| lower.contains(word))
        || lower.contains(['<', '>', '$', '{', '*'])
        || lower.starts_with("env:")
        || lower.starts_with("input:")
        || lower.starts_with("op:")
}

fn is_path(value: &str) -> bool {
    value.starts_with('/') || value.starts_with("./") || value.starts_with("~/")
}

/// Whether letters and digits are mixed as in what was drawn by lot, with some number of different ones.
fn is_mixed(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let different = value.bytes().collect::<std::collections::BTreeSet<u8>>().len();
    digits >= 2 && letters >= 2 && different >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    // Put together here, so that no token stands in the source.
    fn token(start: &str) -> String {
        format!("{start}{}", "q7Zk2LmW9xRt4VbN8cJd")
    }

    #[test]
    fn tokens_are_told_from_what_stands_in_for_them() {
        for start in ["ghp_", "hf_", "sk-", "glpat-", "github_pat_"] {
            assert!(is_token(&token(start)), "{start}");
            assert!(is_token(&format!("Bearer {}", token(start))), "{start}");
        }
        for value in ["ghp_xxxxxxxxxxxxxxxxxxxxxxxx", "sk-your-key-goes-here-please", "${GITHUB_TOKEN}", "hf_short1a"] {
            assert!(!is_token(value), "{value}");
        }
    }

    #[test]
    fn what_is_found_is_hidden_in_reports() {
        for start in SHAPES.iter().map(|shape| shape.start) {
            let text = format!("{start}{}", "q7Zk2LmW9xRt4VbN8cJdq7Zk2LmW9x");
            assert!(is_token(&text), "{start}");
            assert!(!crate::diag::redact::redact(&text).contains("q7Zk2LmW9x"), "{start}");
        }
        for name in ["API_KEY", "SERVICE_TOKEN", "X-Api-Key", "Authorization", "DB_PASSWORD", "OPENAI_APIKEY"] {
            assert!(is_secret_name(name), "{name}");
            let line = format!("\"{name}\": \"q7Zk2LmW9xRt4VbN8cJd\"");
            assert!(!crate::diag::redact::redact(&line).contains("q7Zk2LmW9x"), "{line}");
        }
    }

    #[test]
    fn values_are_secrets_where_they_are_drawn_by_lot() {
        for (value, secret) in [
            ("q7Zk2LmW9xRt4VbN8cJd", true),
            ("Bearer q7Zk2LmW9xRt4VbN8cJd", true),
            ("Bearer ${TOKEN}", false),
            ("YOUR_API_KEY_GOES_HERE_12", false),
            ("https://example.com/a1b2c3d4e5f6", false),
            ("/home/runner/token-file-1234567890", false),
            ("development-only-password", false),
            ("short1234", false),
        ] {
            assert_eq!(is_secret_value(value), secret, "{value}");
        }
    }
}
