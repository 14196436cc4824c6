//! Package URLs, as far as it takes to tell whether two name the same thing. Source: the purl specification,
//! "How to parse a purl string in its components"; types `cargo`, `pypi`, `githubactions`.

use std::collections::BTreeMap;

use crate::parse::pep508;

/// Qualifiers that make a package another one: a fork is not what it was forked from.
const SOURCES: &[&str] = &["repository_url", "vcs_url", "download_url", "channel"];

/// A package URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purl {
    /// Type, namespace and name, in their one spelling: `cargo/time`.
    pub package: String,
    /// The version, where it is named.
    pub version: Option<String>,
    /// Qualifiers by name.
    pub qualifiers: BTreeMap<String, String>,
    /// The part of the package, where one is named.
    pub part: Option<String>,
}

impl Purl {
    /// Reads one; `None` for what is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let (rest, part) = match rest.rsplit_once('#') {
            Some((rest, part)) => (rest, Some(decoded(part.trim_matches('/'))?).filter(|part| !part.is_empty())),
            None => (rest, None),
        };
        let (rest, qualifiers) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let mut by_name = BTreeMap::new();
        for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            if !value.is_empty() {
                by_name.insert(name.to_ascii_lowercase(), decoded(value)?);
            }
        }
        // The version begins after the last `@` of the last segment: a namespace of npm begins with one.
        let last = rest.rfind('/')?;
        let (path, version) = match rest[last..].rfind('@') {
            Some(at) if at > 1 => (&rest[..last + at], Some(decoded(&rest[last + at + 1..])?)),
            _ => (rest, None),
        };
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let kind = parts.next()?.to_ascii_lowercase();
        let names: Vec<String> = parts.map(decoded).collect::<Option<_>>()?;
        if names.is_empty() {
            return None;
        }
        let name = names.join("/");
        let name = match kind.as_str() {
            "pypi" => pep508::normalise(&name),
            "github" | "githubactions" | "oci" | "bitbucket" => name.to_ascii_lowercase(),
            _ => name,
        };
        let version = version.filter(|version| !version.is_empty());
        Some(Self { package: format!("{kind}/{name}"), version, qualifiers: by_name, part })
    }

    /// Whether what is said of this one holds for another: all that this one names is the same there, and both
    /// come from the same place.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let has = |one: &Self, two: &Self, name: &str| two.qualifiers.get(name) == one.qualifiers.get(name);
        self.package == other.package
            && (self.version.is_none() || self.version == other.version)
            && (self.part.is_none() || self.part == other.part)
            && self.qualifiers.keys().all(|name| has(self, other, name))
            && SOURCES.iter().all(|name| has(self, other, name))
    }
}

/// The text without percent-encoding; `None` where that is broken.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        out.push(digit(bytes.next())? * 16 + digit(bytes.next())?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_what() {
        for (one, other, wanted) in [
            ("pkg:cargo/time", "pkg:cargo/time@0.1.42", true),
            ("pkg:cargo/time@0.1.42", "pkg:cargo/time@0.1.42", true),
            ("pkg:cargo/time@0.1.43", "pkg:cargo/time@0.1.42", false),
            ("pkg:cargo/Time", "pkg:cargo/time@0.1.42", false),
            ("pkg:pypi/Foo.Bar@1.0", "pkg:pypi/foo-bar@1.0", true),
            ("pkg:cargo/time@1.0%2Bb", "pkg:cargo/time@1.0+b", true),
            ("pkg:githubactions/Example/Upload", "pkg:githubactions/example/upload@v1#sub", true),
            ("pkg:githubactions/example/upload@v1#a", "pkg:githubactions/example/upload@v1#b", false),
            // A fork is another package, and what is said of one is not said of the other.
            ("pkg:cargo/time", "pkg:cargo/time@1?vcs_url=git%2Bhttps://git.example.com/t", false),
            ("pkg:cargo/time?vcs_url=git%2Bhttps://git.example.com/t", "pkg:cargo/time@1", false),
            ("pkg:cargo/time?arch=x86", "pkg:cargo/time@1", false),
            ("pkg:npm/%40scope/x@1", "pkg:npm/@scope/x@1", true),
            ("pkg:npm/@scope/x", "pkg:npm/@scope/x@1", true),
        ] {
            let (one, other) = (Purl::parse(one).unwrap(), Purl::parse(other).unwrap());
            assert_eq!(one.covers(&other), wanted, "{one:?} {other:?}");
        }
        for text in [
            "",
            "pkg:",
            "pkg:cargo",
            "pkg:cargo/",
            "cargo/time",
            "pkg:cargo/t%zz",
            "pkg:cargo/t?x",
            "https://example.com",
        ] {
            assert_eq!(Purl::parse(text), None, "{text}");
        }
    }
}
