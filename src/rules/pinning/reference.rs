//! What stands behind the `@` of an action, and what a commit in its place needs beside it.

use crate::graph::kinds::workflow::Uses;

/// Accounts whose code runs on the runner anyway.
pub(super) const PLATFORM: &[&str] = &["actions", "github"];

/// Publishers whose releases are immutable, and since which major version. Source: release notes of
/// astral-sh/setup-uv 8.0.0.
const IMMUTABLE: &[(&str, u32)] = &[("astral-sh/setup-uv", 8)];

/// What a reference looks like. The files do not tell a tag from a branch for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// `v4`, `1.2.3`
    Version,
    /// `main`, `release/v1`
    Branch,
    /// A tag of a publisher whose releases are immutable since that version
    Immutable,
    /// Anything else
    Name,
}

impl Reference {
    pub(super) fn of(owner: &str, repo: &str, reference: &str) -> Self {
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        // It keeps one branch for each toolchain: `1.85.0`, `stable`, `nightly`.
        if name == "dtolnay/rust-toolchain" && reference != "v1" {
            return Self::Branch;
        }
        let numbers: Vec<u32> = reference.trim_start_matches('v').split('.').filter_map(|n| n.parse().ok()).collect();
        let immutable = IMMUTABLE.iter().any(|(known, since)| *known == name && numbers.first() >= Some(since));
        if immutable && numbers.len() == 3 {
            return Self::Immutable;
        }
        const BRANCHES: &[&str] =
            &["main", "master", "trunk", "develop", "development", "dev", "next", "stable", "nightly", "beta", "head"];
        let lower = reference.to_ascii_lowercase();
        if BRANCHES.contains(&lower.as_str())
            || lower.starts_with("refs/heads/")
            || (lower.contains('/') && !lower.starts_with("refs/tags/"))
        {
            return Self::Branch;
        }
        let digits = lower.trim_start_matches("refs/tags/").trim_start_matches('v');
        if digits.starts_with(|c: char| c.is_ascii_digit()) { Self::Version } else { Self::Name }
    }

    pub(super) fn describe(self, reference: &str) -> String {
        match self {
            Self::Version => format!("`{reference}` is a tag, which can be moved unless its release is immutable"),
            Self::Immutable => format!("`{reference}` is a tag; its publisher makes releases immutable"),
            Self::Branch => format!("`{reference}` is a branch, every push to it moves it"),
            Self::Name => format!(
                "`{reference}` is a tag or branch, which can be moved unless it is the tag of an immutable release"
            ),
        }
    }

    pub(super) fn moves(self) -> &'static str {
        match self {
            Self::Branch => "moves with every push to its branch",
            Self::Version | Self::Name => "can move",
            Self::Immutable => "is named by a tag, which its immutable release holds",
        }
    }
}

/// How to pin it. Some references carry a setting, which a bare commit would drop.
pub(super) fn advice(name: &Uses, kind: Reference) -> String {
    let Uses::Repository { owner, repo, reference, .. } = name else { return String::new() };
    let text = name.to_string();
    let bare = text.rsplit_once('@').map_or(text.as_str(), |(name, _)| name);
    match format!("{owner}/{repo}").to_ascii_lowercase().as_str() {
        "dtolnay/rust-toolchain" if matches!(reference.as_str(), "master" | "main" | "v1") => {
            format!("pin a commit of its `master` branch; the toolchain stays in `with`: {bare}@<commit> # master")
        }
        "dtolnay/rust-toolchain" => format!(
            "`{reference}` is also the toolchain, so a commit needs it as an input: {bare}@<commit> # master, \
             with: {{ toolchain: {reference} }}; the commit must be one of its `master` branch"
        ),
        "taiki-e/install-action" if kind == Reference::Name => format!(
            "`{reference}` is also the tool, so a commit needs it as an input: {bare}@<commit> # v2.x.y, with: {{ tool: {reference} }}"
        ),
        "dtolnay/install" if kind == Reference::Name => {
            format!(
                "`{reference}` is also the crate, so a commit needs it as an input: {bare}@<commit> # master, with: {{ crate: {reference} }}"
            )
        }
        "pypa/gh-action-pypi-publish" if kind == Reference::Branch => {
            format!("pin the commit of its newest version tag, not of the branch: {bare}@<commit> # v1.x.y")
        }
        _ if kind == Reference::Branch => {
            format!("pin the commit of a release, or of the branch where there is none: {bare}@<commit> # {reference}")
        }
        _ => format!(
            "pin the commit that `{reference}` stands for today and keep the name as a comment: {bare}@<commit> # {reference}"
        ),
    }
}

/// What a commit must be taken from, and the input that says what the name said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting<'a> {
    /// The branch or tag whose commit is to be taken.
    pub(super) take: &'a str,
    /// The input, where the name is a setting.
    pub(super) input: Option<(&'static str, &'a str)>,
}

/// Where the commit for a name comes from. Sources: the README of each action: commits of the other branches of
/// `dtolnay/rust-toolchain` and `dtolnay/install` are replaced and then collected.
pub(super) fn setting<'a>(name: &str, reference: &'a str) -> Setting<'a> {
    let (take, input) = match name.to_ascii_lowercase().as_str() {
        "dtolnay/rust-toolchain" if !matches!(reference, "master" | "main" | "v1") => ("master", Some("toolchain")),
        "dtolnay/install" if !matches!(reference, "master" | "main") => ("master", Some("crate")),
        "taiki-e/install-action" if !reference.starts_with(['v', 'V']) && reference != "main" => ("v2", Some("tool")),
        _ => (reference, None),
    };
    Setting { take, input: input.map(|key| (key, reference)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_their_settings() {
        for (text, kind, part) in [
            ("a/b@v4", Reference::Version, "a/b@<commit> # v4"),
            ("a/b@main", Reference::Branch, "of a release"),
            ("dtolnay/rust-toolchain@1.85.0", Reference::Branch, "toolchain: 1.85.0"),
            ("astral-sh/setup-uv@v8.1.0", Reference::Immutable, "# v8.1.0"),
            ("astral-sh/setup-uv@v8", Reference::Version, "# v8"),
            ("astral-sh/setup-uv@v7.6.0", Reference::Version, "# v7.6.0"),
            ("dtolnay/rust-toolchain@master", Reference::Branch, "stays in `with`"),
            ("taiki-e/install-action@nextest", Reference::Name, "tool: nextest"),
            ("taiki-e/install-action@v2", Reference::Version, "# v2"),
            ("pypa/gh-action-pypi-publish@release/v1", Reference::Branch, "newest version tag"),
        ] {
            let name = Uses::parse(text);
            let Uses::Repository { owner, repo, reference, .. } = &name else { panic!("{text}") };
            assert_eq!(Reference::of(owner, repo, reference), kind, "{text}");
            assert!(advice(&name, kind).contains(part), "{text}: {}", advice(&name, kind));
        }
    }
}
