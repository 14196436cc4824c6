//! Addresses that stand where a version might: of a repository, a file to download, a folder.
//! Source: pip's "VCS Support" and its `req/constructors.py`.

use std::ops::Range;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'t> {
    /// A repository of this kind: `git`, `hg`, `svn`, `bzr`.
    Vcs(&'t str),
    /// A file to download.
    Url,
    /// A file or folder.
    Path,
}

/// Where the parts of an address stand in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'t> {
    /// What it leads to.
    pub kind: Kind<'t>,
    /// The address itself. Of a repository without revision and fragment, and without the `git+`
    /// before it; of a file to download with its fragment.
    pub target: Range<usize>,
    /// The branch, tag or commit of a repository.
    pub revision: Option<Range<usize>>,
    /// The name that `#egg=` gives, without extras.
    pub egg: Option<Range<usize>>,
    /// `sha256=hex` and the like of the fragment.
    pub hash: Option<Range<usize>>,
}

/// Ends of files that pip installs.
const ARCHIVES: &[&str] =
    &[".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"];

const SYSTEMS: &[&str] = &["git", "hg", "svn", "bzr"];

/// Whether a text is the address of something: it has a scheme that pip knows.
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    let system = scheme.split_once('+').map(|(system, _)| system);
    matches!(scheme.as_str(), "http" | "https" | "file" | "ftp" | "s3")
        || system.is_some_and(|system| SYSTEMS.contains(&system))
}

/// Whether a text is the name of a file that pip installs.
#[must_use]
pub fn is_archive(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ARCHIVES.iter().any(|end| lower.ends_with(end))
}

/// Takes an address apart. Anything without a scheme is a path.
#[must_use]
pub fn split(text: &str) -> Address<'_> {
    let body = text.find('#').unwrap_or(text.len());
    let parts = fragment_parts(text, body + 1);
    let part = |keys: &[&str]| parts.iter().find(|(key, _)| keys.contains(key)).map(|(_, range)| range.clone());
    let egg = part(&["egg"]).and_then(|range| {
        let written = text.get(range.clone())?;
        let length = written.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-'));
        let length = length.unwrap_or(written.len());
        (length > 0).then_some(range.start..range.start + length)
    });
    let hash = parts.iter().find(|(key, _)| matches!(*key, "sha224" | "sha256" | "sha384" | "sha512" | "sha1" | "md5"));
    let hash = hash.map(|(key, range)| range.start - key.len() - 1..range.end);
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if let Some((system, _)) = scheme.split_once('+').filter(|(s, _)| SYSTEMS.contains(s)) {
        let start = system.len() + 1;
        let (end, revision) = revision(text, start, body);
        return Address { kind: Kind::Vcs(system), target: start..end, revision, egg, hash };
    }
    if SYSTEMS.contains(&scheme) {
        let (end, revision) = revision(text, 0, body);
        return Address { kind: Kind::Vcs(scheme), target: 0..end, revision, egg, hash };
    }
    let kind = if has_scheme(text) && !scheme.eq_ignore_ascii_case("file") { Kind::Url } else { Kind::Path };
    let end = if kind == Kind::Path { body } else { text.len() };
    Address { kind, target: 0..end, revision: None, egg, hash }
}

/// `key=value` pairs of a fragment, with the places of the values. A bound on their number keeps a
/// fragment of nothing but `&` cheap.
fn fragment_parts(text: &str, start: usize) -> Vec<(&str, Range<usize>)> {
    let mut out = Vec::new();
    let mut at = start;
    for part in text.get(start..).unwrap_or("").split('&').take(16) {
        if let Some((key, value)) = part.split_once('=') {
            let from = at + key.len() + 1;
            out.push((key, from..from + value.len()));
        }
        at += part.len() + 1;
    }
    out
}

/// The end of a repository's address, and its revision: what follows the last `@` of the path.
fn revision(text: &str, start: usize, end: usize) -> (usize, Option<Range<usize>>) {
    let body = text.get(start..end).unwrap_or("");
    let host = body.find("://").map_or(0, |at| at + 3);
    // An `@` of the host belongs to a user, also in `git@host:path`.
    let path = body.get(host..).and_then(|rest| rest.find('/')).map_or(body.len(), |at| host + at);
    match body.get(path..).and_then(|rest| rest.rfind('@')) {
        Some(at) if path + at + 1 < body.len() => (start + path + at, Some(start + path + at + 1..end)),
        Some(at) => (start + path + at, None),
        None => (end, None),
    }
}

/// Name and version of a wheel, by the name of its file: `name-1.0-py3-none-any.whl`. The address
/// may be whole; `%2B` in the version is left as it is.
#[must_use]
pub fn wheel(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let end = text.find(['#', '?']).unwrap_or(text.len());
    let body = text.get(..end)?;
    let stem = body.strip_suffix(".whl")?;
    let start = stem.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let file = stem.get(start..)?;
    let mut parts = file.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    let tags = parts.count();
    if !(3..=4).contains(&tags) || name.is_empty() || version.is_empty() {
        return None;
    }
    let after = start + name.len() + 1;
    Some((start..start + name.len(), after..after + version.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fall_into_their_parts() {
        for (text, wanted) in [
            ("git+https://example.com/a/b.git@v1#egg=b&subdirectory=c", "vcs git https://example.com/a/b.git v1 b -"),
            ("git+https://example.com/a/b", "vcs git https://example.com/a/b - - -"),
            ("git+ssh://git@example.com/a/b.git@0123abc", "vcs git ssh://git@example.com/a/b.git 0123abc - -"),
            ("git+git@example.com:a/b.git", "vcs git git@example.com:a/b.git - - -"),
            ("git://example.com/a@main#egg=a[x]", "vcs git git://example.com/a main a -"),
            ("hg+http://example.com/a@#egg=a", "vcs hg http://example.com/a - a -"),
            ("git+https://u:p@example.com/a@feat/b", "vcs git https://u:p@example.com/a feat/b - -"),
            (
                "https://example.com/a-1.0.tar.gz#sha256=00",
                "url https://example.com/a-1.0.tar.gz#sha256=00 - - sha256=00",
            ),
            ("https://example.com/a.zip#egg=a&md5=1", "url https://example.com/a.zip#egg=a&md5=1 - a md5=1"),
            ("./a/b", "path ./a/b - - -"),
            ("file:../a#egg=a", "path file:../a - a -"),
            ("C:\\a\\b", "path C:\\a\\b - - -"),
        ] {
            let found = split(text);
            let part = |range: Option<Range<usize>>| range.map_or("-", |r| &text[r]);
            let kind = match found.kind {
                Kind::Vcs(system) => format!("vcs {system}"),
                Kind::Url => "url".to_owned(),
                Kind::Path => "path".to_owned(),
            };
            let shown = format!(
                "{kind} {} {} {} {}",
                &text[found.target.clone()],
                part(found.revision),
                part(found.egg),
                part(found.hash)
            );
            assert_eq!(shown, wanted, "{text}");
        }
    }

    #[test]
    fn wheels_say_what_they_are() {
        let parts = |text: &'static str| wheel(text).map(|(name, version)| (&text[name], &text[version]));
        assert_eq!(
            parts("https://example.com/w/a_b-1.0%2Bcu1-cp310-cp310-linux_x86_64.whl#x"),
            Some(("a_b", "1.0%2Bcu1"))
        );
        assert_eq!(parts("./a-1.0-1-py3-none-any.whl"), Some(("a", "1.0")));
        assert_eq!(parts("a-1.0.whl"), None);
        assert_eq!(parts("a-1.0.tar.gz"), None);
    }
}
