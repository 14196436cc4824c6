//! Paths as a running script sees them: in one spelling, compared with patterns and names.

use crate::graph::images::layout::{Layout, UNKNOWN};
use crate::parse::shell::basename;

/// Longest path kept.
const MAX_PATH: usize = 1 << 10;

/// Folders that hold much else: what is run from them need not be what was unpacked there.
const SHARED: &[&str] = &["/", "/usr", "/usr/local", "/opt", "/tmp", "/$HOME", "/$RUNNER_TEMP", "/github/workspace"];

/// Folders that programs are looked for in on GitHub's runners and in most images.
const PROGRAMS: &[&str] = &[
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "/$CARGO_HOME/bin",
    "/$HOME/.cargo/bin",
    "/$HOME/.local/bin",
];

/// An absolute path in one spelling. What is not known of it stands for itself, so that the same text
/// names the same file.
pub(super) fn absolute(layout: &Layout, folder: &str, path: &str) -> String {
    let path = path.trim().trim_matches('"');
    let path = match path.strip_prefix('~') {
        Some("") => "$HOME".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("$HOME{rest}"),
        _ => path.to_owned(),
    };
    let path = expressions(&path);
    let whole = layout.absolute(folder, &path).unwrap_or_else(|| {
        let is_rooted = path.starts_with(['/', '$']);
        let whole = if is_rooted { path.clone() } else { format!("{folder}/{path}") };
        let parts: Vec<&str> = whole.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        format!("/{}", parts.join("/"))
    });
    if whole.len() > MAX_PATH {
        return format!("/{UNKNOWN}");
    }
    for home in ["/root", "/home/runner"] {
        if let Some(rest) = whole.strip_prefix(home)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return format!("/{UNKNOWN}HOME{rest}");
        }
    }
    whole
}

/// Expressions that name what a variable names too.
fn expressions(text: &str) -> String {
    if !text.contains("${{") {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        out.push_str(before);
        let Some((inner, tail)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        match inner.trim() {
            "runner.temp" => out.push_str("${RUNNER_TEMP}"),
            "github.workspace" => out.push_str("${GITHUB_WORKSPACE}"),
            "github.action_path" => out.push_str("${GITHUB_ACTION_PATH}"),
            inner => match inner.strip_prefix("env.") {
                Some(name) => out.extend(["${", name, "}"]),
                None => out.extend(["${{", inner, "}}"]),
            },
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A path as people write it.
fn written(path: &str) -> String {
    path.replace(UNKNOWN, "$")
}

/// Whether a folder holds much else.
pub(super) fn is_shared(folder: &str) -> bool {
    SHARED.contains(&written(folder).as_str())
}

/// Whether programs are looked for in a folder, some added by the script.
pub(super) fn is_of_programs(folder: &str, added: &[String]) -> bool {
    let shown = written(folder);
    // `${CARGO_HOME:-~/.cargo}/bin`
    let is_cargo = shown.ends_with("/bin") && shown.contains("CARGO_HOME");
    is_cargo || PROGRAMS.contains(&shown.as_str()) || added.iter().any(|known| known == folder)
}

/// Whether a folder has those under it that programs and libraries are looked for in: what is unpacked there is
/// found from then on.
pub(super) fn is_prefix(folder: &str) -> bool {
    matches!(written(folder).as_str(), "/" | "/usr" | "/usr/local" | "/$HOME/.local")
}

/// Whether the system takes libraries or headers from a folder.
pub(super) fn is_of_system(folder: &str) -> bool {
    let mut parts = folder.trim_start_matches('/').split('/');
    let is_library = |part: &str| matches!(part, "lib" | "lib64" | "include");
    match parts.next() {
        Some("usr") => parts.any(is_library),
        Some(first) => is_library(first),
        None => false,
    }
}

/// The folder of a path.
pub(super) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

/// What of a path lies behind a folder; nothing where it is the folder itself. None where it is not inside.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// A file or folder of a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    let name = name.trim_matches('/');
    if name.is_empty() { folder.to_owned() } else { format!("{}/{name}", folder.trim_end_matches('/')) }
}

/// Whether the first folder or the file name of a path starts like the archive's name.
pub(super) fn shares_name(path: &str, archive: &str) -> bool {
    let name = |text: &str| -> String {
        let letters = text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_'));
        letters.collect::<String>().to_ascii_lowercase()
    };
    let stem = name(basename(archive));
    let is_alike = |part: &str| {
        let part = name(part);
        part.len() >= 2
            && (stem == part
                || (part.len() >= 3 && stem.starts_with(&part))
                || (stem.len() >= 3 && part.starts_with(&stem)))
    };
    path.split('/').next().is_some_and(is_alike) || is_alike(basename(path))
}

/// A pattern with `*` against a path, folders included.
pub(super) fn globs(pattern: &str, path: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return false };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.is_empty() || pattern.ends_with('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        let layout = Layout::of_job();
        for (folder, path, expected) in [
            ("/w", "a/../b", "/w/b"),
            ("/w", "~/bin/x", "/$HOME/bin/x"),
            ("/w", "${HOME}/bin/x", "/$HOME/bin/x"),
            ("/w", "/root/bin", "/$HOME/bin"),
            ("/w", "${{ runner.temp }}/x", "/$RUNNER_TEMP/x"),
            ("/w", "$GITHUB_WORKSPACE/x", "/github/workspace/x"),
            ("/w", "${{ env.DIR }}/x", "/$DIR/x"),
            ("/w", "tool-${{ matrix.a }}.tgz", "/w/tool-${{matrix.a}}.tgz"),
            ("/w", "$(...)/bin/x", "/$(...)/bin/x"),
        ] {
            assert_eq!(written(&absolute(&layout, folder, path)), expected, "{path}");
        }
    }

    #[test]
    fn parts_of_paths() {
        assert_eq!((parent("/a/b"), parent("/a"), parent("/")), ("/a", "/", "/"));
        assert_eq!((below("/a/b", "/a"), below("/ab", "/a"), below("/a", "/a")), (Some("b"), None, Some("")));
        assert!(globs("/w/*.whl", "/w/a.whl") && !globs("/w/*.whl", "/w/a.tgz") && globs("/w/a", "/w/a"));
        assert!(shares_name("tool-1.2/bin/x", "tool-1.2.tgz") && !shares_name("scripts/build.sh", "tool.tgz"));
    }
}
