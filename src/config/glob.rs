//! Patterns of paths in the policy. `*` stands for any signs of one part of a path, `?` for one of them, `**` for any
//! number of parts, and `/` at the end for all below a folder. A pattern is taken from the root of the tree.
//!
//! Matching goes back to the last star only, never to one before it, so it costs the product of the lengths at most.

/// Longest pattern that is taken.
const LONGEST: usize = 256;

/// What is wrong with a pattern.
#[must_use]
pub fn wrong(pattern: &str) -> Option<&'static str> {
    let parts = || pattern.split('/');
    if pattern.trim().is_empty() {
        Some("an empty pattern names no path")
    } else if pattern.len() > LONGEST {
        Some("a pattern has at most 256 signs")
    } else if pattern.starts_with(['/', '!']) || parts().any(|part| matches!(part, "." | "..")) {
        Some("a pattern is taken from the root of the tree, without `/`, `./`, `../` or `!` before it")
    } else if pattern.contains(['[', ']', '{', '}', '\\']) || pattern.contains(char::is_control) {
        Some("a pattern knows `*`, `?` and `**`, and no brackets, braces or backslashes")
    } else if parts().any(|part| part.contains("**") && part != "**") {
        Some("`**` stands for whole parts of a path: `docs/**`")
    } else if parts().rev().skip(1).any(str::is_empty) {
        Some("a pattern has no empty part")
    } else {
        None
    }
}

/// Whether a pattern names a path.
#[must_use]
pub fn fits(pattern: &str, path: &str) -> bool {
    let below = pattern.strip_suffix('/');
    let mut parts: Vec<&str> = below.unwrap_or(pattern).split('/').collect();
    if below.is_some() {
        parts.push("**");
    }
    let names: Vec<&str> = path.split('/').collect();
    // Nothing but stars names every path.
    let (mut at, mut name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while name < names.len() {
        match (parts.get(at), names.get(name)) {
            (Some(&"**"), _) => {
                star = Some((at, name));
                at += 1;
            }
            (Some(part), Some(word)) if part_fits(part, word) => {
                at += 1;
                name += 1;
            }
            _ => {
                let Some((back, from)) = star else { return false };
                star = Some((back, from + 1));
                at = back + 1;
                name = from + 1;
            }
        }
    }
    // `docs/**` names what lies below, not the folder itself.
    let rest = parts.get(at..).unwrap_or_default();
    rest.is_empty() || (rest.iter().all(|part| *part == "**") && parts.iter().all(|part| *part == "**"))
}

fn part_fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut sign) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while sign < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, sign));
                at += 1;
            }
            Some(one) if *one == '?' || text.get(sign) == Some(one) => {
                at += 1;
                sign += 1;
            }
            _ => {
                let Some((back, from)) = star else { return false };
                star = Some((back, from + 1));
                at = back + 1;
                sign = from + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|one| *one == '*')
}

/// How much a pattern says: of two that name a path, the one with more signs that stand for themselves is the more
/// specific; one without stars before all others.
#[must_use]
pub fn weight(pattern: &str) -> (bool, usize) {
    (is_plain(pattern), pattern.chars().filter(|sign| !matches!(sign, '*' | '?')).count())
}

/// Whether a pattern names one file.
#[must_use]
pub fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['*', '?']) && !pattern.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_mean_what_the_docs_say() {
        for (pattern, path, wanted) in [
            ("Cargo.lock", "Cargo.lock", true),
            ("Cargo.lock", "a/Cargo.lock", false),
            ("*/Cargo.lock", "a/Cargo.lock", true),
            ("*/Cargo.lock", "a/b/Cargo.lock", false),
            ("**/Cargo.lock", "Cargo.lock", true),
            ("**/Cargo.lock", "a/b/Cargo.lock", true),
            ("docs/**", "docs/a/b.md", true),
            ("docs/**", "docs", false),
            ("docs/", "docs/a/b.md", true),
            ("docs/", "docs2/a.md", false),
            ("docs/*.md", "docs/a.md", true),
            ("docs/*.md", "docs/a/b.md", false),
            ("a/**/b/**/c", "a/x/b/y/z/c", true),
            ("a/**/b/**/c", "a/b/c", true),
            ("a/**/b/**/c", "a/x/y/c", false),
            ("**", "a/b", true),
            ("**/*", "a/b", true),
            ("requirements-?.txt", "requirements-1.txt", true),
            ("requirements-?.txt", "requirements-12.txt", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b", "xaxbx", false),
        ] {
            assert_eq!(wrong(pattern), None, "{pattern}");
            assert_eq!(fits(pattern, path), wanted, "{pattern} and {path}");
        }
    }

    #[test]
    fn what_would_mean_something_elsewhere_is_refused() {
        for pattern in ["", " ", "/a", "./a", "a/../b", "!a", "a/[b]", "{a,b}", "a\\b", "a**", "a//b", &"a".repeat(257)]
        {
            assert!(wrong(pattern).is_some(), "{pattern}");
        }
    }

    /// The same by trying everything.
    fn slow(parts: &[&str], names: &[&str]) -> bool {
        match (parts.split_first(), names.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => {
                slow(rest, names) || (!names.is_empty() && slow(parts, names.get(1..).unwrap()))
            }
            (Some((part, parts)), Some((name, names))) => part_fits(part, name) && slow(parts, names),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn going_back_once_is_enough(
            parts in proptest::collection::vec(prop_oneof![Just("**"), Just("a"), Just("b"), Just("*"), Just("a*")], 1..6),
            names in proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("ab")], 1..7),
        ) {
            // `**` at the end wants something below.
            let mut tail = parts.clone();
            if tail.last() == Some(&"**") && tail.iter().any(|part| *part != "**") {
                tail.push("*");
            }
            prop_assert_eq!(fits(&parts.join("/"), &names.join("/")), slow(&tail, &names));
        }

        #[test]
        fn a_path_fits_itself(path in "[a-z]{1,4}(/[a-z.]{1,4}x){0,3}") {
            prop_assert!(fits(&path, &path));
            prop_assert!(fits("**", &path));
        }
    }

    #[test]
    fn a_hostile_pattern_costs_little() {
        let pattern = "*a".repeat(127);
        let path = "a".repeat(100_000);
        assert!(!fits(&format!("{pattern}b"), &path));
        let deep = vec!["**/a"; 60].join("/");
        let path = vec!["a"; 5_000].join("/");
        assert!(!fits(&format!("{deep}/b"), &path));
    }
}
