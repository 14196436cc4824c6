//! Edits that keep a file's form: how a value is put into the place of another. Not a family: no rule
//! stands here.

mod bind;
mod entry;
mod pin;
mod step;
mod unset;
mod variable;

pub(super) use bind::to_index;
pub(super) use entry::without;
pub(super) use pin::{Pinned, pin};
pub(super) use step::{before_key, in_place, set_input, top_key};
pub(super) use unset::line_of;
pub(super) use variable::{in_bash, in_javascript, in_powershell};

use std::collections::BTreeSet;

use crate::diag::Edit;
use crate::graph::kinds::workflow::Uses;
use crate::source::{SourceFile, Span};

/// The edits of several lines that are answered together, each once; none where one of them has no answer,
/// since half of it would leave a lock between two spellings of one source.
pub(super) fn together<'e>(lines: impl Iterator<Item = Option<&'e Vec<Edit>>>) -> BTreeSet<Edit> {
    let all: Option<Vec<&Vec<Edit>>> = lines.collect();
    all.into_iter().flatten().flatten().cloned().collect()
}

/// What stands in a TOML table in place of the key that names a branch, a tag or a short commit:
/// `rev = "<commit>"`. `git` is the place of the repository's address; `named` the key that is there and the
/// place of its value. `None` where the text is not of a form that is known for certain.
pub(super) fn rev(file: &SourceFile, git: Span, named: Option<(&str, Span)>, commit: &str) -> Option<(Span, String)> {
    let quote = file.text_at(git).chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if let Some((key, value)) = named {
        let start = key_start(&file.text, key, value)?;
        return Some((Span { start: start as u64, ..value }, format!("rev = {quote}{commit}{quote}")));
    }
    let start = key_start(&file.text, "git", git)?;
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = file.text.get(line..start)?;
    let end = Span { start: git.end, end: git.end };
    // `x = { git = ".." }`, `x.git = ".."`, and a table of its own. An inline table may go over lines since
    // TOML 1.1.
    let above = file.text.get(..line)?.trim_end();
    if before.contains('{') {
        Some((end, format!(", rev = {quote}{commit}{quote}")))
    } else if before.ends_with('.') || (before.trim().is_empty() && !above.ends_with(['{', ','])) {
        let ends = if file.text.get(..line)?.ends_with("\r\n") { "\r\n" } else { "\n" };
        Some((end, format!("{ends}{before}rev = {quote}{commit}{quote}")))
    } else {
        None
    }
}

/// Where the bare key of a value starts.
fn key_start(text: &str, key: &str, value: Span) -> Option<usize> {
    let before = text.get(..usize::try_from(value.start).ok()?)?;
    let before = before.trim_end_matches([' ', '\t']).strip_suffix('=')?.trim_end_matches([' ', '\t']);
    let rest = before.strip_suffix(key)?;
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '"' | '\'');
    (!rest.ends_with(is_key)).then_some(rest.len())
}

/// Every place of a lock where an address of a repository with a query stands, with what must stand there
/// once the manifest names the commit. Locks write `URL?branch=NAME#COMMIT`, `URL?branch=NAME`, `URL#COMMIT`
/// or `URL`. `None` where the address stands there in another form as well: what that means is not known, and
/// where what the lock calls a commit is none: it would be written into a manifest as it is.
pub(super) fn sources(file: &SourceFile, url: &str, asked: Option<&str>, commit: &str) -> Option<Vec<(Span, String)>> {
    if !Uses::is_commit(commit) || !url.contains("://") {
        return None;
    }
    let mut out = Vec::new();
    for (at, _) in file.text.match_indices(url) {
        let end = at + url.len();
        let rest = file.text.get(end..)?;
        // Another repository whose address begins alike.
        if !rest.starts_with(['?', '#', '"', ')', '\'']) {
            if rest.starts_with(".git") || rest.starts_with('/') {
                return None;
            }
            continue;
        }
        let is_here = |rest: &str| rest.starts_with(['#', '"', ')', '\'']);
        let rest = match asked {
            Some(asked) => match rest.strip_prefix('?').and_then(|r| r.strip_prefix(asked)) {
                Some(rest) if is_here(rest) => rest,
                _ => return None,
            },
            None if is_here(rest) => rest,
            None => return None,
        };
        if let Some(held) = rest.strip_prefix('#') {
            // The lock holds another commit of it elsewhere.
            if !held.starts_with(commit) {
                return None;
            }
        }
        let length = asked.map_or(0, |a| a.len() + 1);
        out.push((Span::new(end, end + length), format!("?rev={commit}")));
    }
    Some(out)
}

/// A requirement's version specifiers with the lower bound raised to a version, or with one added.
pub(super) fn raised(specifiers: &str, to: &str) -> Option<String> {
    let is_lower = |part: &&str| part.trim_start().starts_with('>') || part.trim_start().starts_with("~=");
    let lower: Vec<&str> = specifiers.split(',').filter(is_lower).collect();
    match lower.as_slice() {
        [] if specifiers.trim().is_empty() => Some(format!(">={to}")),
        [] if specifiers.contains("==") => None,
        [] => Some(format!(">={to},{}", specifiers.trim_start())),
        [one] => {
            let bound = one.trim_start().trim_start_matches('>').trim_start_matches('=');
            // `~=1.4` bounds above as well, and what it bounds is not to be moved.
            if one.trim_start().starts_with("~=") {
                return None;
            }
            let written = one.replacen(bound.trim(), to, 1);
            let written = if one.trim_start().starts_with(">=") { written } else { written.replacen('>', ">=", 1) };
            Some(specifiers.replacen(one, &written, 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, RepoPath};

    const C1: &str = "330ac96b9186aa0befdfd9b996a1a0b22ccd662e";
    const C2: &str = "440ac96b9186aa0befdfd9b996a1a0b22ccd662e";

    fn file(text: &str) -> SourceFile {
        SourceFile::new(FileId(0), RepoPath::new("x").unwrap(), text.as_bytes().to_vec())
    }

    fn place(text: &str, part: &str) -> Span {
        let at = text.find(part).unwrap();
        Span::new(at, at + part.len())
    }

    fn with(text: &str, (span, new): (Span, String)) -> String {
        format!("{}{new}{}", &text[..span.start as usize], &text[span.end as usize..])
    }

    #[test]
    fn a_commit_comes_in_the_place_of_a_branch() {
        for (text, named, expected) in [
            ("x = { git = \"U\", branch = \"m\" }", Some(("branch", "\"m\"")), "x = { git = \"U\", rev = \"C\" }"),
            ("x = {git='U',tag='m'}", Some(("tag", "'m'")), "x = {git='U',rev = 'C'}"),
            ("x = { git = \"U\" }", None, "x = { git = \"U\", rev = \"C\" }"),
            ("[d.x]\ngit = \"U\"\nbranch = \"m\"\n", Some(("branch", "\"m\"")), "[d.x]\ngit = \"U\"\nrev = \"C\"\n"),
            ("[d.x]\n  git = \"U\"\n", None, "[d.x]\n  git = \"U\"\n  rev = \"C\"\n"),
            ("[d]\r\nx.git = \"U\"\r\n", None, "[d]\r\nx.git = \"U\"\r\nx.rev = \"C\"\r\n"),
        ] {
            let file = file(text);
            let git = text.find(['"', '\'']).unwrap();
            let named = named.map(|(key, value)| (key, place(text, value)));
            let edit = rev(&file, Span::new(git, git + 3), named, "C").unwrap();
            assert_eq!(with(text, edit), expected, "{text}");
        }
        let text = "x = {\n  git = \"U\"\n}";
        assert_eq!(rev(&file(text), place(text, "\"U\""), None, "C"), None);
        let text = "x = { git = \"U\", \"branch\" = \"m\" }";
        let named = Some(("branch", place(text, "\"m\"")));
        assert_eq!(rev(&file(text), place(text, "\"U\""), named, "C"), None);
    }

    #[test]
    fn sources_of_a_lock_follow() {
        let all = |text: &str, asked| {
            let text = &text.replace("c1", C1).replace("c2", C2);
            sources(&file(text), "https://example.com/r", asked, C1).map(|edits| {
                let mut out = text.to_owned();
                for (span, new) in edits.into_iter().rev() {
                    out = with(&out, (span, new));
                }
                out.replace(C1, "c1")
            })
        };
        let asked = Some("branch=m");
        let text =
            "\"git+https://example.com/r?branch=m#c1\" (git+https://example.com/r?branch=m) https://example.com/rest";
        let expected =
            "\"git+https://example.com/r?rev=c1#c1\" (git+https://example.com/r?rev=c1) https://example.com/rest";
        assert_eq!(all(text, asked).as_deref(), Some(expected));
        assert_eq!(all("\"https://example.com/r#c1\"", None).as_deref(), Some("\"https://example.com/r?rev=c1#c1\""));
        for other in [
            "\"https://example.com/r?branch=n#c1\"",
            "\"https://example.com/r?branch=m#c2\"",
            "\"https://example.com/r?branch=m&x=y#c1\"",
            "\"https://example.com/r.git?branch=m#c1\"",
            "\"https://example.com/r#c1\"",
        ] {
            assert_eq!(all(other, asked), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_commit_goes_into_no_manifest() {
        for commit in ["", "main", "abc\", path = \"../x", &C1[..39]] {
            let text = format!("\"https://example.com/r#{commit}\"");
            assert_eq!(sources(&file(&text), "https://example.com/r", None, commit), None, "{commit}");
        }
        assert_eq!(sources(&file("\"\""), "", None, C1), None);
    }

    #[test]
    fn lower_bounds_are_raised() {
        for (specifiers, expected) in [
            ("", Some(">=2.1")),
            (">=1.0", Some(">=2.1")),
            (">= 1.0, <3", Some(">= 2.1, <3")),
            ("<3,>1", Some("<3,>=2.1")),
            ("<3", Some(">=2.1,<3")),
            ("!=2.0", Some(">=2.1,!=2.0")),
            ("~=1.4", None),
            ("==1.*", None),
            (">=1,>2", None),
        ] {
            assert_eq!(raised(specifiers, "2.1").as_deref(), expected, "{specifiers}");
        }
    }
}
