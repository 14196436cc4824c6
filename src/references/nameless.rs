//! Scripts whose names have no ending: what they are stands in their first line.

/// Bytes of a file in which its first line is looked for.
pub(in crate::references) const FIRST: usize = 64;
/// Files of a tree that are looked at for their first line.
pub(in crate::references) const MOST_FILES: usize = 4_096;

/// What a script is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::references) enum Language {
    /// Python.
    Python,
    /// A shell.
    Shell,
}

/// Whether a file may be a script, by its path: it has no ending, and is no licence and no recipe of a tool, which
/// are known by their names.
pub(in crate::references) fn claims(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    !name.is_empty()
        && !name.contains('.')
        && !name.ends_with("file")
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && !path.split('/').any(|part| matches!(part, ".git" | "node_modules"))
}

/// What the first bytes of a file say that it is.
pub(in crate::references) fn language(first: &[u8]) -> Option<Language> {
    let line = first.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    let program = match program {
        // `env -S uv run --script` runs Python as well.
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('='))?.rsplit('/').next()?,
        other => other,
    };
    match program {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" => Some(Language::Shell),
        "uv" | "pypy" | "pypy3" => Some(Language::Python),
        _ if program.starts_with("python") => Some(Language::Python),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_tell_languages() {
        for (first, expected) in [
            ("#!/usr/bin/env python3\nimport x\n", Some(Language::Python)),
            ("#!/usr/bin/python", Some(Language::Python)),
            ("#!/usr/bin/env -S uv run --script\n", Some(Language::Python)),
            ("#!/bin/bash -e\n", Some(Language::Shell)),
            ("#!/bin/sh", Some(Language::Shell)),
            ("#!/usr/bin/env perl\n", None),
            ("#!", None),
            ("import x\n", None),
            ("", None),
        ] {
            assert_eq!(language(first.as_bytes()), expected, "{first}");
        }
        for (path, expected) in [
            ("bin/fetch", true),
            ("LICENSE", false),
            ("a/Dockerfile", false),
            ("bin/fetch.py", false),
            ("node_modules/bin/x", false),
        ] {
            assert_eq!(claims(path), expected, "{path}");
        }
    }
}
