//! What a build step fetches: its digest, taken while it is fetched.

use super::ContentFacts;
use super::manners::Manners;

/// Most bytes of a tool.
const MOST: u64 = 4 << 30;

/// The digest of what an address holds.
pub(super) fn digest(manners: &Manners<'_>, url: &str) -> Result<ContentFacts, String> {
    let host = host(url).ok_or("its address is none of the form https://HOST/PATH")?;
    if !manners.manner.hosts.contains(&host) {
        return Err(unasked(&host));
    }
    let (sha256, size) = manners.ask.digest(url, MOST)?;
    Ok(ContentFacts { sha256, size, as_of: Some(manners.manner.today) })
}

/// Why a host that a tree names is not asked.
pub(super) fn unasked(host: &str) -> String {
    format!("{host} is not asked because the tree alone names it; `--online-host {host}` allows it")
}

/// Host and port of an address without credentials, in lower case.
fn host(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    is_host(host).then(|| host.to_ascii_lowercase())
}

/// Whether a text is a host as it is usually written, with a port where it has one. What programs read in different
/// ways is none.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    !host.is_empty()
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        && !port.is_empty()
        && port.len() <= 5
        && port.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_addresses() {
        for (url, expected) in [
            ("https://example.com/x.tar.gz", Some("example.com")),
            ("https://Example.COM:8443?x", Some("example.com:8443")),
            ("http://127.0.0.1:80/x", Some("127.0.0.1:80")),
            ("https://user@example.com/x", None),
            ("https://example.com\\@other.example.com/x", None),
            ("https:///x", None),
            ("https://example.com:/x", None),
            ("https://exa\tmple.com/x", None),
            ("ftp://example.com/x", None),
            ("example.com/x", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }
}
