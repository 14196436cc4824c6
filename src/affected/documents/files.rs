//! Packages by the names of the files that they are handed over as.

use super::parts::Owned;
use crate::parse::pep508::address::wheel;

/// The package of a file, by its name or the end of its address: `litellm-1.82.7-py3-none-any.whl`.
pub(super) fn package(text: &str) -> Option<Owned> {
    let path = text.split(['?', '#']).next().unwrap_or(text);
    let package = |ecosystem: &str, name: &str, version: &str| Owned::Package {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
        version: Some(version.replace("%2B", "+").replace("%2b", "+").replace("%21", "!")),
        range: None,
    };
    if let Some((name, version)) = wheel(path) {
        return Some(package("pypi", path.get(name)?, path.get(version)?));
    }
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    const ENDINGS: &[(&str, &str)] = &[
        (".tar.gz", "pypi"),
        (".tar.bz2", "pypi"),
        (".zip", "pypi"),
        (".egg", "pypi"),
        (".crate", "cargo"),
        (".tgz", "npm"),
        (".conda", "conda"),
    ];
    let (stem, ecosystem) = ENDINGS.iter().find_map(|(end, kind)| Some((file.strip_suffix(end)?, *kind)))?;
    // The version begins behind the last dash before a digit, and a name may have dashes and digits of its own.
    let mut at = stem.char_indices().filter(|(at, sign)| {
        *sign == '-' && stem.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let (at, _) = at.next_back()?;
    let (name, version) = (stem.get(..at)?, stem.get(at + 1..)?);
    (!name.is_empty()).then(|| package(ecosystem, name, version))
}
