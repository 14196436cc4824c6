//! Addresses of public package indexes that must be recognised. They stand here and nowhere else.

/// The simple index of PyPI and its older names, without scheme and trailing slash.
/// Source: PEP 503; warehouse documentation, "Index API".
const PYPI: &[&str] = &["pypi.org/simple", "pypi.python.org/simple", "pypi.python.org/pypi", "pypi.org/pypi"];

/// Hosts of publishers that serve wheels of their own to everybody. Each has its own names or builds;
/// none of them lets strangers upload.
const PUBLISHERS: &[&str] = &[
    "download.pytorch.org",
    "pypi.nvidia.com",
    "flashinfer.ai",
    "wheels.vllm.ai",
    "data.pyg.org",
    "storage.googleapis.com/jax-releases",
    "abetlen.github.io",
    "wheels.myhloli.com",
    "us-python.pkg.dev/ml-oss-artifacts-published",
    "pypi.anaconda.org/scientific-python-nightly-wheels",
    "aiinfra.pkgs.visualstudio.com",
];

/// An address without scheme, user, query, fragment and trailing slash, in lower case.
#[must_use]
pub fn bare(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    rest[host..].trim_end_matches('/').to_ascii_lowercase()
}

/// Whether an address is PyPI's.
#[must_use]
pub fn is_pypi(address: &str) -> bool {
    PYPI.contains(&bare(address).as_str())
}

/// Whether an address is that of a publisher that serves its own wheels to everybody.
#[must_use]
pub fn is_publisher(address: &str) -> bool {
    let bare = bare(address);
    PUBLISHERS.iter().any(|p| bare.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_bare() {
        assert!(is_pypi("https://pypi.org/simple/") && is_pypi("http://user:word@PyPI.org/simple"));
        assert!(!is_pypi("https://pypi.org.example.com/simple") && !is_pypi("https://test.pypi.org/simple"));
        assert!(is_publisher("https://download.pytorch.org/whl/cu118"));
        assert!(!is_publisher("https://download.pytorch.org.example.com/whl"));
    }
}
