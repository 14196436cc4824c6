//! Addresses of repositories: which may be asked, and when two are the same.

use std::collections::BTreeSet;

/// The address at which a repository is asked, without credentials, query and final `/`; none where it is
/// not `https` or its host is not among those that may be asked.
#[must_use]
pub fn to_ask(url: &str, hosts: &BTreeSet<String>) -> Option<String> {
    let rest = url.strip_prefix("git+").unwrap_or(url).strip_prefix("https://")?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    // A segment that climbs, or one that is empty, names something else than it seems to.
    let path = path.trim_end_matches('/');
    // Blanks and control characters are taken out of an address before it is asked, which may make one.
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '%' | '@');
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(is_odd);
    (hosts.contains(&host) && !path.is_empty() && path.split('/').all(is_plain))
        .then(|| format!("https://{host}/{path}"))
}

/// Forges whose addresses have an owner and a name, or more folders where the forge has groups.
const FORGES: &[(&str, bool)] = &[("github.com", false), ("gitlab.com", true), ("codeberg.org", false)];

/// A repository of a well-known forge as `host/owner/name`, in lower case, wherever in it an address
/// leads; none for any other address.
#[must_use]
pub fn normal(url: &str) -> Option<String> {
    let url = url.trim();
    let url = url.strip_prefix("git+").unwrap_or(url);
    let rest = match url.split_once("://") {
        Some(("https" | "http" | "git" | "ssh", rest)) => rest.to_owned(),
        Some(_) => return None,
        None => url.strip_prefix("git@")?.replacen(':', "/", 1),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(&rest);
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let (_, has_groups) = FORGES.iter().find(|(forge, _)| *forge == host)?;
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if *has_groups {
        // What follows the repository begins with `-`.
        parts.truncate(parts.iter().position(|part| *part == "-").unwrap_or(parts.len()));
    } else {
        parts.truncate(2);
    }
    if parts.len() < 2 {
        return None;
    }
    let path = parts.join("/").to_ascii_lowercase();
    let path = path.trim_end_matches(".git");
    let is_plain = !path.ends_with('/') && !path.contains(|c: char| c.is_whitespace() || c.is_control());
    is_plain.then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_one_spelling_is_its_own(parts in prop::collection::vec("git\\+|https://|git@|github\\.com|gitlab\\.com|www\\.|[/:@.?# -]|\\.git|[a-zA-Z]{1,3}", 0..12)) {
            let url = parts.concat();
            if let Some(one) = normal(&url) {
                prop_assert_eq!(normal(&format!("https://{one}")), Some(one.clone()), "{}", url);
            }
            let tree = BTreeSet::from(["github.com".to_owned()]);
            if let Some(address) = to_ask(&url, &tree) {
                prop_assert!(address.starts_with("https://github.com/"));
                prop_assert_eq!(to_ask(&address, &tree), Some(address));
            }
        }
    }

    #[test]
    fn only_named_hosts_are_asked() {
        let hosts = BTreeSet::from(["github.com".to_owned(), "git.example.com:8443".to_owned()]);
        for (url, asked) in [
            ("https://github.com/a/b", Some("https://github.com/a/b")),
            ("https://user:secret@GitHub.com/a/b.git/?branch=x#c", Some("https://github.com/a/b.git")),
            ("git+https://github.com/a/b", Some("https://github.com/a/b")),
            ("https://git.example.com:8443/a/b", Some("https://git.example.com:8443/a/b")),
            ("https://git.example.com/a/b", None),
            ("https://github.com.example.com/a/b", None),
            ("https://github.com@example.com/a/b", None),
            ("https://github.com/a/../../x", None),
            ("https://github.com/a/%2e%2e/x", None),
            ("https://github.com/a/.\t./x", None),
            ("https://github.com/a/b\n@example.com/c", None),
            ("https://github.com/", None),
            ("http://github.com/a/b", None),
            ("ssh://git@github.com/a/b", None),
            ("git@github.com:a/b", None),
            ("", None),
        ] {
            assert_eq!(to_ask(url, &hosts).as_deref(), asked, "{url}");
        }
    }

    #[test]
    fn one_spelling_of_a_repository() {
        for (url, normal_form) in [
            ("https://github.com/Owner/Name", Some("github.com/owner/name")),
            ("https://www.github.com/owner/name.git", Some("github.com/owner/name")),
            ("git@github.com:owner/name.git", Some("github.com/owner/name")),
            ("ssh://git@github.com/owner/name", Some("github.com/owner/name")),
            ("https://github.com/owner/name/tree/main/sub#readme", Some("github.com/owner/name")),
            ("https://gitlab.com/group/sub/name/-/tree/main", Some("gitlab.com/group/sub/name")),
            ("https://github.com/owner/name.git.git", Some("github.com/owner/name")),
            ("https://github.com/owner/.git", None),
            ("https://github.com/owner/na me", None),
            ("https://github.com/owner", None),
            ("https://example.com/owner/name", None),
            ("owner/name", None),
            ("", None),
        ] {
            assert_eq!(normal(url).as_deref(), normal_form, "{url}");
        }
    }
}
