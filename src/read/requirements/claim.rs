//! Which files are requirements files. Their names are a custom, not a rule: most say so, some lie
//! in a folder that says so, and some show it only by what is in them.

use super::lines;
use super::words;
use crate::graph::kinds::python::{Group, Origin};
use crate::read::requirement::lenient;
use crate::source::{RepoPath, Role, Span};

/// How much of a file is looked into, in bytes.
pub(super) const LARGEST: usize = 256 << 10;

/// Logical lines looked at.
const LINES: usize = 20_000;

/// Words of names that speak of another package manager's lists.
const OTHERS: &[&str] = &[
    "apt", "conda", "mamba", "brew", "system", "debian", "ubuntu", "npm", "node", "galaxy", "ansible", "yum", "apk",
    "r",
];

/// Beginnings of names that may be lists of requirements.
const HINTS: &[&str] = &["req", "dep", "package", "pip", "constraint", "override", "pin", "freeze", "lock"];

/// Whether a file's name says that it is one.
pub(super) fn by_name(path: &RepoPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    // Rye's lock is one: `requirements.lock`, `requirements-dev.lock`.
    if name.starts_with("requirements") && name.ends_with(".lock") {
        return true;
    }
    let Some(stem) = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".in")) else { return false };
    let says_so = stem.contains("requirements") || parts(stem).any(|part| part == "constraints");
    says_so && !is_of_others(stem)
}

/// Whether a file may be one, so that a look into it is worth its cost.
pub(super) fn is_candidate(path: &RepoPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".in")) else { return false };
    if Role::of_path(path).is_set_aside() || is_metadata(path) {
        return false;
    }
    let hinted = parts(stem).any(|part| HINTS.iter().any(|hint| part.starts_with(hint)));
    let says_so = stem.contains("requirements");
    hinted || says_so || in_folder(path)
}

/// Whether what is in a file shows that it is one. In a folder that is kept for them most lines
/// must be such as pip takes; elsewhere all of them, and one more than a word.
pub(super) fn by_content(path: &RepoPath, text: &str) -> bool {
    let is_expected = in_folder(path);
    let (mut good, mut bad, mut tells) = (0usize, 0usize, false);
    for line in lines::logical(text).take(LINES) {
        match told(&line) {
            Some(more) => {
                good += 1;
                tells |= more;
            }
            None if is_expected => bad += 1,
            None => return false,
        }
    }
    if is_expected { good > bad } else { tells }
}

/// Whether a line is one that pip takes, and then whether it is more than a word.
fn told(line: &lines::Line) -> Option<bool> {
    let start = words::options_start(&line.text);
    let given = words::options(&line.text, start).ok()?;
    let body = line.text.get(..start).unwrap_or("").trim_end();
    if body.is_empty() {
        return Some(!given.is_empty());
    }
    let found = lenient(&line.part(0..body.len()), Span::default(), Group::Runtime).ok()?;
    // Paths may be a list of anything.
    let has_name = !found.name.value.is_empty() || matches!(found.origin, Some(Origin::Vcs { .. }));
    let is_more = found.specifiers.is_some() || found.origin.is_some() || found.marker.is_some();
    has_name.then_some(is_more || !found.extras.is_empty() || !given.is_empty())
}

/// Words of a name.
fn parts(stem: &str) -> impl Iterator<Item = &str> {
    stem.split(['-', '_', '.', ' ']).filter(|part| !part.is_empty())
}

fn is_of_others(stem: &str) -> bool {
    parts(stem).any(|part| OTHERS.contains(&part))
}

/// Whether a folder on the way is kept for such files.
fn in_folder(path: &RepoPath) -> bool {
    path.parent().parts().any(|part| {
        let part = part.to_ascii_lowercase();
        matches!(part.as_str(), "requirements" | "reqs")
    })
}

/// Whether a file is metadata that a build leaves behind.
fn is_metadata(path: &RepoPath) -> bool {
    path.parent().parts().any(|part| part.ends_with(".egg-info") || part.ends_with(".dist-info"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_folders() {
        for (path, named, candidate) in [
            ("requirements.txt", true, true),
            ("Requirements.txt", true, true),
            ("requirements-dev.in", true, true),
            ("requirements_test.txt", true, true),
            ("requirements-dev.lock", true, false),
            ("dev-requirements.txt", true, true),
            ("a/test_requirements_gpu.txt", true, true),
            ("constraints-3.11.txt", true, true),
            ("requirements/cuda.txt", false, true),
            ("requirements/full/cuda.txt", false, true),
            ("server/req.txt", false, true),
            ("requirements-conda.txt", false, true),
            ("apt-requirements.txt", false, true),
            ("requirements.md", false, false),
            ("CMakeLists.txt", false, false),
            ("notes.txt", false, false),
            ("a.egg-info/requires.txt", false, false),
            ("tests/fixtures/deps.txt", false, false),
        ] {
            let path = RepoPath::new(path).unwrap();
            assert_eq!((by_name(&path), is_candidate(&path)), (named, candidate), "{path}");
        }
    }

    #[test]
    fn content_is_not_prose() {
        for (text, wanted) in [
            ("torch==2.1\nnumpy\n", true),
            ("-r common.txt\n", true),
            ("# a\n--extra-index-url https://example.com\ntorch\n", true),
            ("torch\nnumpy\n", false),
            ("libgl1\nffmpeg\n", false),
            ("The system shall have torch>=2\n", false),
            ("torch>=2\n\nThat is all.\n", false),
            ("a/b\nc/d==1\n", false),
            ("pytorch=2.1\n", false),
            ("", false),
            ("# nothing\n", false),
        ] {
            assert_eq!(by_content(&RepoPath::new("server/req.txt").unwrap(), text), wanted, "{text:?}");
        }
        let folder = RepoPath::new("requirements/lint.txt").unwrap();
        assert!(by_content(&folder, "ruff\npre-commit\n") && by_content(&folder, "ruff\nmypy\n== no\n"));
        assert!(!by_content(&folder, "Users must be able to log in.\nfast\n"));
    }
}
