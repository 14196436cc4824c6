//! Variables in names of Compose files. Source: the Compose specification, "interpolation".

use std::collections::BTreeMap;

/// Times that a value is put into a value.
const ROUNDS: usize = 4;
/// Bytes of a name, at most.
const LONGEST: usize = 4096;

/// A text with its variables put in, as far as they are known: from the file beside it, or by the default that the text
/// itself gives. What is not known stays as it is written.
pub(super) fn filled(text: &str, known: &BTreeMap<&str, &str>) -> String {
    let mut text = text.trim().to_owned();
    for _ in 0..ROUNDS {
        let next = once(&text, known);
        if next == text || next.len() > LONGEST {
            break;
        }
        text = next;
    }
    text
}

fn once(text: &str, known: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        rest = behind;
        if let Some(after) = behind.strip_prefix('$') {
            out.push_str("$$");
            rest = after;
        } else if let Some(inner) = behind.strip_prefix('{') {
            let Some(end) = closing(inner) else {
                out.push('$');
                continue;
            };
            let (inside, after) = (inner.get(..end).unwrap_or_default(), inner.get(end + 1..).unwrap_or_default());
            match value(inside, known) {
                Some(value) => out.push_str(value),
                None => {
                    out.push_str("${");
                    out.push_str(inside);
                    out.push('}');
                }
            }
            rest = after;
        } else {
            let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len());
            let (name, after) = behind.split_at(end);
            match known.get(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push('$');
                    out.push_str(name);
                }
            }
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Where the brace that ends a variable stands.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What stands for `NAME`, `NAME:-default`, `NAME-default`.
fn value<'v>(inside: &'v str, known: &BTreeMap<&str, &'v str>) -> Option<&'v str> {
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
    let (name, operator) = inside.split_at(end);
    let own = known.get(name).copied();
    if let Some(default) = operator.strip_prefix(":-") {
        return Some(own.filter(|own| !own.is_empty()).unwrap_or(default));
    }
    if let Some(default) = operator.strip_prefix('-') {
        return Some(own.unwrap_or(default));
    }
    // `:?` and `?` say that it must be set, and `+` puts in another text.
    own.filter(|_| !operator.starts_with(['+']) && !operator.starts_with(":+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_for_what_is_beside_them() {
        let known = BTreeMap::from([("TAG", "1.2"), ("IMAGE", "acme/${NAME}:${TAG}"), ("NAME", "api"), ("NONE", "")]);
        for (text, wanted) in [
            ("acme/api:${TAG}", "acme/api:1.2"),
            ("acme/api:$TAG", "acme/api:1.2"),
            ("${IMAGE}", "acme/api:1.2"),
            ("acme/api:${NONE:-2}", "acme/api:2"),
            ("acme/api:${NONE-2}", "acme/api:"),
            ("acme/api:${OTHER:-${TAG}}", "acme/api:1.2"),
            ("acme/api:${OTHER:?must be set}", "acme/api:${OTHER:?must be set}"),
            ("acme/api:${TAG:?must be set}", "acme/api:1.2"),
            ("acme/$$api", "acme/$$api"),
            ("${", "${"),
            ("a${b", "a${b"),
        ] {
            assert_eq!(filled(text, &known), wanted, "{text}");
        }
        let ring = BTreeMap::from([("A", "$B$B"), ("B", "$A$A")]);
        assert!(filled("$A", &ring).len() <= LONGEST);
    }
}
