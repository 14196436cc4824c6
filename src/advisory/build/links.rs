//! Which references are worth keeping: those that do not follow from the identifiers.

/// Kept per advisory: one, since the identifiers lead to the rest.
const MOST: usize = 1;
/// Kept for malware, where the reports are the evidence.
const MOST_MALICIOUS: usize = 3;

/// The best references, given as OSV kind and URL, best first.
pub(super) fn pick(references: &[(String, String)], malicious: bool) -> Vec<String> {
    let mut ranked: Vec<(u8, usize, &str)> = references
        .iter()
        .enumerate()
        .filter(|(_, (_, url))| super::text::is_plain(url) && url.len() <= 200 && !derivable(url))
        .filter_map(|(i, (kind, url))| Some((rank(kind, url)?, i, url.as_str())))
        .collect();
    ranked.sort_unstable();
    let most = if malicious { MOST_MALICIOUS } else { MOST };
    let mut out: Vec<String> = Vec::new();
    for (_, _, url) in ranked {
        if out.len() < most && !out.iter().any(|u| u == url) {
            out.push(url.to_owned());
        }
    }
    out
}

/// Pages every identifier or package name leads to anyway.
fn derivable(url: &str) -> bool {
    [
        "https://nvd.nist.gov/",
        "https://github.com/advisories/",
        "https://osv.dev/",
        "https://www.cve.org/",
        "https://cve.mitre.org/",
        "https://rustsec.org/advisories/",
        "https://crates.io/crates/",
        "https://github.com/pypa/advisory-database/",
    ]
    .iter()
    .any(|prefix| url.starts_with(prefix))
        || (url.starts_with("https://pypi.") && url.contains("/project/"))
}

/// Lower is better; `None` is not worth keeping.
fn rank(kind: &str, url: &str) -> Option<u8> {
    if !url.starts_with("https://") {
        return None;
    }
    let ours = url.starts_with("https://github.com/");
    Some(match kind {
        _ if ours && url.contains("/security/advisories/") => 0,
        "REPORT" => 2,
        "FIX" => 1,
        "ADVISORY" => 3,
        "ARTICLE" => 4,
        "EVIDENCE" => 6,
        _ if ours && (url.contains("/commit/") || url.contains("/pull/")) => 1,
        _ if ours && url.contains("/issues/") => 2,
        "PACKAGE" => return None,
        _ => 5,
    })
}
