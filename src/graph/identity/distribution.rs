//! Keys and package URLs of Python's distributions.

use super::{encode, repository, without_user};
use crate::graph::indexes::{IndexTable, is_pypi};
use crate::graph::kinds::python::LockedOrigin;
use crate::sbom::purl::Purl;
use crate::source::RepoPath;

/// A distribution's name in its one spelling. Source: PEP 503, "Normalized Names".
#[must_use]
pub fn distribution_name(name: &str) -> String {
    crate::parse::pep508::normalise(name)
}

/// Where a distribution comes from. Two of one name and version are one thing only if this is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DistributionSource<'a> {
    /// PyPI.
    PyPi,
    /// Another index, by its address.
    Index(&'a str),
    /// A repository.
    Repository {
        /// Its address.
        url: &'a str,
        /// The commit; else the branch or tag asked for.
        commit: Option<&'a str>,
    },
    /// A file at an address.
    Url(&'a str),
    /// A file or folder of the tree.
    Path(&'a str),
    /// Something else, as written.
    Unknown(&'a str),
}

impl<'a> From<&'a LockedOrigin> for DistributionSource<'a> {
    fn from(origin: &'a LockedOrigin) -> Self {
        match origin {
            LockedOrigin::PyPi => Self::PyPi,
            LockedOrigin::Registry(url) if is_pypi(url) => Self::PyPi,
            LockedOrigin::Registry(url) => Self::Index(url),
            LockedOrigin::Vcs { url, commit } => Self::Repository { url, commit: commit.as_deref() },
            LockedOrigin::Url(url) => Self::Url(url),
            LockedOrigin::Local(path) => Self::Path(path),
            LockedOrigin::Unknown(text) => Self::Unknown(text),
        }
    }
}

impl DistributionSource<'_> {
    /// The source by which a distribution is known: a mirror of PyPI hands on what PyPI holds, so what
    /// comes from it is PyPI's. Where it is fetched from stays what the file says.
    #[must_use]
    pub fn known_by(self, indexes: &IndexTable) -> Self {
        match self {
            Self::Index(url) if indexes.kind(url).is_pypi() => Self::PyPi,
            other => other,
        }
    }
}

impl std::fmt::Display for DistributionSource<'_> {
    /// A short name of where it comes from: `pypi`, `index https://..`, `git https://..#commit`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PyPi => f.write_str("pypi"),
            Self::Index(url) => write!(f, "index {url}"),
            Self::Repository { url, commit } => write!(f, "git {url}#{}", commit.unwrap_or("?")),
            Self::Url(url) => write!(f, "url {url}"),
            Self::Path(path) => write!(f, "path {path}"),
            Self::Unknown(text) => write!(f, "unknown {text}"),
        }
    }
}

/// Key of a distribution: a release of an index, a commit of a repository, or a name without a version
/// where it is required and not resolved. The name and the version are encoded, so that the last `:`
/// ends the source whatever a file says.
#[must_use]
pub fn distribution(name: &str, version: Option<&str>, source: &DistributionSource<'_>) -> String {
    let part = |text: &str| encode(text).replace(':', "%3A");
    let source = match source {
        DistributionSource::Repository { url, commit } => {
            format!("git {url}#{}", commit.map_or_else(|| "?".to_owned(), encode))
        }
        other => other.to_string(),
    };
    let name = part(&distribution_name(name));
    match version {
        Some(version) => format!("distribution:{source}:{name}@{}", part(version)),
        None => format!("distribution:{source}:{name}"),
    }
}

/// Key of a project of the tree: its folder is its identity, as two may share a name.
#[must_use]
pub fn local_distribution(folder: &RepoPath, name: &str) -> String {
    distribution(name, None, &DistributionSource::Path(folder.as_str()))
}

/// Package URL of a distribution, `pkg:pypi/name@version` with qualifiers for other origins.
/// Source: purl specification, type `pypi`; qualifiers `vcs_url`, `download_url`, `repository_url`.
#[must_use]
pub fn distribution_purl(name: &str, version: Option<&str>, source: &DistributionSource<'_>) -> String {
    let purl = Purl::new("pypi", None, name).at(version.unwrap_or_default());
    let purl = match source {
        DistributionSource::Repository { url, commit } => purl.with("vcs_url", &repository(url, *commit)),
        DistributionSource::Url(url) => purl.with("download_url", &without_user(url)),
        DistributionSource::Index(url) | DistributionSource::Unknown(url) => {
            purl.with("repository_url", &without_user(url))
        }
        DistributionSource::PyPi | DistributionSource::Path(_) => purl,
    };
    purl.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_have_one_spelling() {
        for (written, name) in [("Foo.Bar_baz", "foo-bar-baz"), ("a--b", "a-b"), ("A._-b", "a-b")] {
            assert_eq!(distribution_name(written), name);
        }
    }

    #[test]
    fn package_urls_say_where_a_release_is_from_and_hold_no_credential() {
        let commit = Some("0123");
        for (source, purl) in [
            (DistributionSource::PyPi, "pkg:pypi/a-b@1.0"),
            (
                DistributionSource::Index("https://user:word@example.com/simple"),
                "pkg:pypi/a-b@1.0?repository_url=https:%2F%2Fexample.com%2Fsimple",
            ),
            (
                DistributionSource::Repository { url: "https://example.com/r", commit },
                "pkg:pypi/a-b@1.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fr%400123",
            ),
        ] {
            assert_eq!(distribution_purl("A_b", Some("1.0"), &source), purl);
        }
    }

    /// Parts of keys, with the signs that join keys among them.
    fn text() -> impl Strategy<Value = String> {
        "[ab:@#/ %?]{0,3}"
    }

    fn source() -> impl Strategy<Value = (u8, String, Option<String>)> {
        (0_u8..6, text(), proptest::option::of(text()))
    }

    fn read(of: &(u8, String, Option<String>)) -> DistributionSource<'_> {
        match of.0 {
            0 => DistributionSource::PyPi,
            1 => DistributionSource::Index(&of.1),
            2 => DistributionSource::Repository { url: &of.1, commit: of.2.as_deref() },
            3 => DistributionSource::Url(&of.1),
            4 => DistributionSource::Path(&of.1),
            _ => DistributionSource::Unknown(&of.1),
        }
    }

    proptest! {
        #[test]
        fn two_distributions_share_a_key_only_if_they_are_one(
            a in (text(), proptest::option::of(text()), source()),
            b in (text(), proptest::option::of(text()), source()),
        ) {
            let key = |x: &(String, Option<String>, (u8, String, Option<String>))| {
                distribution(&x.0, x.1.as_deref(), &read(&x.2))
            };
            let same = distribution_name(&a.0) == distribution_name(&b.0) && a.1 == b.1 && read(&a.2) == read(&b.2);
            prop_assert_eq!(key(&a) == key(&b), same, "{} {}", key(&a), key(&b));
        }
    }
}
