//! Who owns a path by a file of owners. Sources: GitHub Docs, "About code owners"; GitLab Docs, "Code Owners
//! syntax".

use std::collections::BTreeMap;

use crate::graph::kinds::upkeep::{CodeOwners, OwnerLine};

/// The last line of a section that matches a path; of several sections one that names an owner.
pub(super) fn line<'o>(owners: &'o CodeOwners, path: &str) -> Option<&'o OwnerLine> {
    let mut last: BTreeMap<usize, &OwnerLine> = BTreeMap::new();
    for line in &owners.lines {
        if matches(&line.pattern.value, path) {
            last.insert(line.section, line);
        }
    }
    last.values().copied().find(|line| !line.owners.is_empty()).or_else(|| last.values().copied().last())
}

/// Whether a pattern names a path or a folder above it.
fn matches(pattern: &str, path: &str) -> bool {
    let rooted = pattern.starts_with('/');
    let of_folder = pattern.ends_with('/');
    let inner = pattern.trim_matches('/');
    if inner.is_empty() {
        return rooted;
    }
    let pattern: Vec<&str> = inner.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    // `docs/*` holds for files of the folder alone, `docs` for all below it.
    let direct = pattern.len() > 1 && pattern.last() == Some(&"*");
    // A name alone may stand at any depth.
    let starts = if rooted || (pattern.len() > 1) { 0..=0 } else { 0..=path.len().saturating_sub(1) };
    starts.into_iter().any(|start| {
        let rest = path.get(start..).unwrap_or_default();
        reaches(
            &pattern,
            rest,
            if direct {
                Below::Nothing
            } else if of_folder {
                Below::Needed
            } else {
                Below::Allowed
            },
        )
    })
}

/// What may stand below what a pattern names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Allowed,
    Needed,
}

/// Whether parts of a pattern fit the beginning of a path. Each `**` tries every depth, so that their number is
/// kept small.
fn reaches(pattern: &[&str], path: &[&str], below: Below) -> bool {
    const MAX_DEEP: usize = 3;
    if pattern.iter().filter(|part| **part == "**").count() > MAX_DEEP {
        return false;
    }
    match pattern.split_first() {
        None => match below {
            Below::Nothing => path.is_empty(),
            Below::Allowed => true,
            Below::Needed => !path.is_empty(),
        },
        Some((&"**", rest)) => {
            (0..=path.len()).any(|skipped| reaches(rest, path.get(skipped..).unwrap_or_default(), below))
        }
        Some((part, rest)) => match path.split_first() {
            Some((name, deeper)) => fits(part.as_bytes(), name.as_bytes()) && reaches(rest, deeper, below),
            None => false,
        },
    }
}

/// Whether a part with `*` and `?` fits a name: one pass with one place to go back to.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(from) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(p) if p == byte || *p == b'?' => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((back, taken)) = star else { return false };
                at = back + 1;
                from = taken + 1;
                star = Some((back, taken + 1));
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|p| *p == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_what_git_hosts_say_they_do() {
        for (pattern, path, wanted) in [
            ("*", "a/b.rs", true),
            ("/", "a/b.rs", true),
            ("*.yml", ".github/workflows/a.yml", true),
            ("/.github/", ".github/workflows/a.yml", true),
            (".github/", ".github/workflows/a.yml", true),
            ("/.github", ".github/workflows/a.yml", true),
            (".github/*", ".github/workflows/a.yml", false),
            (".github/workflows/*", ".github/workflows/a.yml", true),
            ("workflows/", ".github/workflows/a.yml", true),
            ("/workflows/", ".github/workflows/a.yml", false),
            ("**/workflows", ".github/workflows/a.yml", true),
            (".github/**", ".github/workflows/a.yml", true),
            ("/Cargo.lock", "crates/a/Cargo.lock", false),
            ("Cargo.lock", "crates/a/Cargo.lock", true),
            ("docs/", "docs", false),
            ("rel*.yml", ".github/workflows/release.yml", true),
            ("**/**/**/**/a", "a", false),
        ] {
            assert_eq!(matches(pattern, path), wanted, "{pattern} {path}");
        }
    }
}
