//! A reference without the number of its release. A movable name that goes from one release to the next is as movable
//! as before: what is said of it stays the same finding, and an update brings nothing. Another kind of name, a branch,
//! another variant is other content.

/// Most digits of a plain number that count as a release: more are a day, an identifier, part of a commit.
const MOST_DIGITS: usize = 4;

/// The text with `#` for each number of a release: `v4.2.1`, `1.85`, `14`, `22.x`, with the word for what comes before
/// a release.
#[must_use]
pub(super) fn versionless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut inside = false;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = (!inside).then(|| number(rest)).flatten() {
            out.push('#');
            rest = rest.get(length..).unwrap_or("");
            // A word that follows without a break belongs to the number no more.
            inside = true;
            continue;
        }
        inside = first.is_alphanumeric() || (inside && first == '.');
        out.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or("");
    }
    out
}

/// Bytes of the number that a text begins with.
fn number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(matches!(bytes.first(), Some(b'v' | b'V')));
    let first = digits(at);
    if first == 0 {
        return None;
    }
    at += first;
    let mut parts = 1;
    while bytes.get(at) == Some(&b'.') {
        let next = digits(at + 1).max(usize::from(bytes.get(at + 1) == Some(&b'x')));
        if next == 0 {
            break;
        }
        at += 1 + next;
        parts += 1;
    }
    let word = at + usize::from(matches!(bytes.get(at), Some(b'-' | b'.')));
    for name in ["alpha", "beta", "post", "dev", "pre", "rc", "a", "b"] {
        let number = word + name.len();
        if text.get(word..).is_some_and(|rest| rest.starts_with(name)) {
            let number = number + usize::from(matches!(bytes.get(number), Some(b'-' | b'.')));
            if digits(number) > 0 {
                at = number + digits(number);
            }
            break;
        }
    }
    // `2nd`, `7z`, and the digits that a commit begins with are no releases.
    let ends = bytes.get(at).is_none_or(|b| !b.is_ascii_alphanumeric());
    (ends && (parts > 1 || first <= MOST_DIGITS)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::versionless;

    #[test]
    fn releases_are_left_out_and_nothing_else() {
        for (text, without) in [
            ("actions/checkout@v4", "actions/checkout@#"),
            ("dtolnay/rust-toolchain@1.85.0", "dtolnay/rust-toolchain@#"),
            ("dtolnay/rust-toolchain@stable", "dtolnay/rust-toolchain@stable"),
            ("python:3.11-slim-bookworm", "python:#-slim-bookworm"),
            ("python:3.14.0rc1-slim", "python:#-slim"),
            ("postgres:14", "postgres:#"),
            ("node:22.x", "node:#"),
            ("a/b@v1.2.0-beta.3", "a/b@#"),
            ("a/b@release/v1", "a/b@release/#"),
            ("a/b@29338949", "a/b@29338949"),
            ("a/b@12ab34cd", "a/b@12ab34cd"),
            ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", "nvidia/cuda:#-cudnn-devel-ubuntu22.04"),
            ("a/7zip:latest", "a/7zip:latest"),
            ("", ""),
        ] {
            assert_eq!(versionless(text), without, "{text}");
        }
    }
}
