//! Addresses as CycloneDX demands them: IRI references of RFC 3987, and addresses of mail.

/// An address as an IRI reference: what may not stand in one is encoded. None where it cannot be one.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, text),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    if !authority.is_none_or(is_authority) {
        return None;
    }
    let mut out = scheme.map_or_else(String::new, |scheme| format!("{scheme}:"));
    out.extend(authority.map(|authority| format!("//{authority}")));
    let mut has_fragment = false;
    // In the first part of a relative path a `:` would end a scheme.
    let mut is_first = scheme.is_none() && authority.is_none();
    for (at, one) in path.char_indices() {
        let is_kept = match one {
            '%' => path.get(at + 1..at + 3).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit())),
            '#' => !std::mem::replace(&mut has_fragment, true),
            ':' => !is_first,
            '/' | '?' => {
                is_first = false;
                true
            }
            _ => one.is_ascii_alphanumeric() || "-._~!$&'()*+,;=@".contains(one),
        };
        if is_kept {
            out.push(one);
        } else {
            let mut bytes = [0; 4];
            one.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    Some(out)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|one: char| one.is_ascii_alphabetic())
        && text.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'-' | b'.'))
}

/// Whether a host stands there, with a port or a user at most.
fn is_authority(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(user, host)| if is_name(user) { host } else { "[" });
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((inside, port)) = rest.split_once(']') else { return false };
            return inside.parse::<std::net::Ipv6Addr>().is_ok()
                && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
        }
        None => host.rsplit_once(':').map_or((host, ""), |(name, port)| (name, port)),
    };
    is_name(name) && !name.contains(':') && is_port(port)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.parse::<u16>().is_ok_and(|_| text.bytes().all(|one| one.is_ascii_digit()))
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|one| one.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&one))
}

/// Whether a text is an address of mail, as far as every validator agrees on one.
pub(super) fn is_mail(text: &str) -> bool {
    let is_part = |part: &str, more: &[u8]| {
        !part.is_empty()
            && part.split('.').all(|one| !one.is_empty())
            && part.bytes().all(|one| one.is_ascii_alphanumeric() || more.contains(&one) || one == b'.')
    };
    let Some((local, host)) = text.split_once('@') else { return false };
    local.len() <= 64
        && host.len() <= 253
        && is_part(local, b"-_+'")
        && is_part(host, b"-")
        && host.split('.').all(|label| label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_made_legal_or_refused() {
        for (text, wanted) in [
            ("https://example.com/a b?c=[1]#d#e", Some("https://example.com/a%20b?c=%5B1%5D#d%23e")),
            ("https://example.com:x/", None),
            ("https://[::1]:80/x", Some("https://[::1]:80/x")),
            ("https://[odd/x", None),
            ("https://ex ample.com/", None),
            ("127.0.0.1:8080/x:y", Some("127.0.0.1%3A8080/x:y")),
            ("localhost:8080", Some("localhost:8080")),
            ("a/ü%zz%41", Some("a/%C3%BC%25zz%41")),
            ("git@example.com:a/b", Some("git@example.com%3Aa/b")),
            (" ", None),
        ] {
            assert_eq!(address(text).as_deref(), wanted, "{text}");
        }
        for (text, wanted) in [
            ("ada@example.com", true),
            ("ada.b+c@example.com", true),
            ("ada", false),
            ("a b@example.com", false),
            ("a@", false),
            ("a@-x.com", false),
            (".a@example.com", false),
        ] {
            assert_eq!(is_mail(text), wanted, "{text}");
        }
    }
}
