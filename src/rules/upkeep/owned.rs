//! Who owns a path by a file of owners. Sources: GitHub Docs, "About code owners"; GitLab Docs, "Code Owners
//! syntax".

use std::collections::BTreeMap;

use crate::graph::kinds::upkeep::{CodeOwners, OwnerLine};

/// The lines of a file of owners, taken apart once for all paths.
pub(in crate::rules) struct Owners<'o>(Vec<(Pattern<'o>, &'o OwnerLine)>);

/// A pattern, taken apart.
pub(in crate::rules) struct Pattern<'o> {
    parts: Vec<&'o str>,
    /// It begins at the root; else a name alone may stand at any depth.
    rooted: bool,
    below: Below,
}

/// What may stand below what a pattern names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Allowed,
    Needed,
}

impl<'o> Owners<'o> {
    pub(in crate::rules) fn of(owners: &'o CodeOwners) -> Self {
        Self(owners.lines.iter().map(|line| (Pattern::of(&line.pattern.value), line)).collect())
    }

    /// The last line of a section that matches a path; of several sections one that names an owner.
    pub(in crate::rules) fn line(&self, path: &str) -> Option<&'o OwnerLine> {
        let parts: Vec<&str> = path.split('/').collect();
        let mut last: BTreeMap<usize, &OwnerLine> = BTreeMap::new();
        for (_, line) in self.0.iter().filter(|(pattern, _)| pattern.matches(&parts)) {
            last.insert(line.section, line);
        }
        last.values().copied().find(|line| !line.owners.is_empty()).or_else(|| last.values().copied().last())
    }
}

impl<'o> Pattern<'o> {
    pub(in crate::rules) fn of(pattern: &'o str) -> Self {
        let inner = pattern.trim_matches('/');
        // `/` alone is the whole tree.
        let inner = if inner.is_empty() && pattern.starts_with('/') { "**" } else { inner };
        let parts: Vec<&str> = inner.split('/').collect();
        // `docs/*` holds for files of the folder alone, `docs` for all below it.
        let below = match parts.as_slice() {
            [_, .., "*"] => Below::Nothing,
            _ if pattern.ends_with('/') && inner != "**" => Below::Needed,
            _ => Below::Allowed,
        };
        Self { rooted: pattern.starts_with('/') || parts.len() > 1, parts, below }
    }

    /// Whether it names a path or a folder above it.
    pub(in crate::rules) fn matches(&self, path: &[&str]) -> bool {
        let deepest = if self.rooted { 0 } else { path.len().saturating_sub(1) };
        (0..=deepest).any(|start| reaches(&self.parts, path.get(start..).unwrap_or_default(), self.below))
    }
}

/// Whether parts of a pattern fit the beginning of a path: one pass with one place to go back to.
fn reaches(pattern: &[&str], path: &[&str], below: Below) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), path.get(from)) {
            (Some(&"**"), _) => {
                star = Some((at, from));
                at += 1;
                continue;
            }
            (Some(part), Some(name)) if fits(part.as_bytes(), name.as_bytes()) => {
                at += 1;
                from += 1;
                continue;
            }
            (None, rest) => match below {
                Below::Allowed => return true,
                Below::Needed if rest.is_some() => return true,
                Below::Nothing if rest.is_none() => return true,
                Below::Needed | Below::Nothing => {}
            },
            _ => {}
        }
        let Some((back, taken)) = star.filter(|(_, taken)| *taken < path.len()) else { return false };
        star = Some((back, taken + 1));
        at = back + 1;
        from = taken + 1;
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
            ("**/**/**/**/a", "a", true),
            ("**/c/*.rs", "a/c/b/c/d.rs", true),
            ("a/**/c/", "a/b/b/c", false),
        ] {
            let parts: Vec<&str> = path.split('/').collect();
            assert_eq!(Pattern::of(pattern).matches(&parts), wanted, "{pattern} {path}");
        }
    }
}
