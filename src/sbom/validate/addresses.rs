//! Addresses of pages and of mail. Sources: RFC 3986, RFC 3987.

/// A mail address, as far as one can be told from another text: something, one at sign, a host.
pub(super) fn email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let is_quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';');
    !name.is_empty()
        && !host.is_empty()
        && (is_quoted || (name.chars().all(is_plain) && !name.contains('@')))
        && host.chars().all(is_plain)
        && !host.starts_with('.')
        && !host.ends_with('.')
}

/// Which characters a part of an address may have beyond letters, digits and `-._~!$&'()*+,;=`.
fn is_part(text: &str, more: &str, takes_unicode: bool, is_query: bool) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let fits = match c {
            '%' => {
                chars.next().is_some_and(|c| c.is_ascii_hexdigit())
                    && chars.next().is_some_and(|c| c.is_ascii_hexdigit())
            }
            _ if c.is_ascii_alphanumeric() => true,
            '-' | '.' | '_' | '~' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=' => true,
            _ if c.is_ascii() => more.contains(c),
            _ => takes_unicode && (is_ucschar(c) || (is_query && is_private(c))),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// `ucschar` of RFC 3987.
fn is_ucschar(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF)
        || (0x1_0000..=0xE_FFFD).contains(&code) && code & 0xFFFF <= 0xFFFD && !(0xE_0000..0xE_1000).contains(&code)
}

/// `iprivate` of RFC 3987.
fn is_private(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xE000..=0xF8FF) || (code >= 0xF_0000 && code & 0xFFFF <= 0xFFFD)
}

/// An address in any script, or a part of one.
pub(super) fn iri_reference(text: &str) -> bool {
    address(text, true, false)
}

/// An address with its scheme, in ASCII.
pub(super) fn uri(text: &str) -> bool {
    address(text, false, true)
}

fn address(text: &str, takes_unicode: bool, needs_scheme: bool) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    if !is_part(fragment, ":@/?", takes_unicode, false) || !is_part(query, ":@/?", takes_unicode, true) {
        return false;
    }
    let scheme = text.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let rest = match scheme {
        Some((_, rest)) => rest,
        None if needs_scheme => return false,
        None => text,
    };
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            if !is_authority(authority, takes_unicode) {
                return false;
            }
            path
        }
    };
    // Without a scheme, a colon in the first segment would be read as one.
    if scheme.is_none() && !rest.starts_with("//") && path.split('/').next().is_some_and(|first| first.contains(':')) {
        return false;
    }
    is_part(path, ":@/", takes_unicode, false)
}

fn is_authority(text: &str, takes_unicode: bool) -> bool {
    let (user, host) = text.rsplit_once('@').unwrap_or(("", text));
    if !is_part(user, ":", takes_unicode, false) {
        return false;
    }
    let (host, port) = if host.starts_with('[') {
        let Some(end) = host.find(']') else { return false };
        let (inside, after) = host.split_at(end);
        let inside = inside.get(1..).unwrap_or("");
        if !is_literal(inside) {
            return false;
        }
        ("", after.get(1..).unwrap_or(""))
    } else {
        host.find(':').map_or((host, ""), |at| host.split_at(at))
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => digits,
        None if port.is_empty() => "",
        None => return false,
    };
    port.bytes().all(|byte| byte.is_ascii_digit()) && is_part(host, "", takes_unicode, false)
}

/// What stands in brackets: an IPv6 address, or one of a later version.
fn is_literal(text: &str) -> bool {
    if let Some(future) = text.strip_prefix(['v', 'V']) {
        return future.split_once('.').is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.is_empty()
                && !rest.contains('%')
                && is_part(rest, ":", false, false)
        });
    }
    text.parse::<std::net::Ipv6Addr>().is_ok()
}
