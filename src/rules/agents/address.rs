//! Addresses that settings name.

use crate::commands::UrlText;

/// The host of an address, without a password and a port; nothing where it is put in from elsewhere.
pub(super) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    (!host.is_empty() && !host.contains(['$', '{', '<'])).then_some(host)
}

/// Whether an address leads to this machine or to one that only a local network knows.
pub(super) fn is_near(url: &str) -> bool {
    let Some(host) = host(url) else { return false };
    let private = ["10.", "192.168.", "169.254."].iter().any(|start| host.starts_with(start));
    UrlText::new(url, true).local || private || !host.contains(['.', ':']) || host.ends_with(".local")
}

/// Whether an address is read on its way by whoever carries it.
pub(super) fn is_plain(url: &str) -> bool {
    ["http://", "ws://"].iter().any(|scheme| url.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_their_distance() {
        for (url, wanted, near) in [
            ("https://user:word@tools.example.com:8443/mcp", Some("tools.example.com"), false),
            ("http://localhost:3000/sse", Some("localhost"), true),
            ("http://192.168.0.7/mcp", Some("192.168.0.7"), true),
            ("http://tools/mcp", Some("tools"), true),
            ("https://${HOST}/mcp", None, false),
            ("tools.example.com", None, false),
        ] {
            assert_eq!((host(url), is_near(url)), (wanted, near), "{url}");
        }
        assert!(is_plain("HTTP://example.com") && !is_plain("https://example.com"));
    }
}
