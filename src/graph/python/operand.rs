//! What a command line gives a package manager to install, as requirements with places.

use std::ops::Range;

use crate::commands::Operand;
use crate::graph::identity::distribution_name;
use crate::graph::kinds::python::{Origin, Requirement};
use crate::graph::kinds::workflow::Script;
use crate::parse::pep508;
use crate::source::{Span, Spanned};

/// Where parts of an operand stand in the host file.
struct Spans<'a> {
    script: &'a Script,
    whole: Range<usize>,
    /// The first byte of the operand's text, where it stands in the script as it is.
    start: Option<usize>,
}

impl<'a> Spans<'a> {
    fn new(script: &'a Script, operand: &Operand) -> Self {
        let written = script.text.text.get(operand.range.clone()).unwrap_or("");
        let start = written.find(&operand.text).map(|at| operand.range.start + at);
        Self { script, whole: operand.range.clone(), start }
    }

    fn of(&self, part: Range<usize>) -> Span {
        match self.start {
            Some(start) => self.script.text.host_span(start + part.start..start + part.end),
            None => self.script.text.host_span(self.whole.clone()),
        }
    }
}

/// Reads an operand; none where it is no requirement at all.
pub(super) fn requirement(script: &Script, operand: &Operand, by_at: bool) -> Option<Requirement> {
    let text = operand.text.as_str();
    let spans = Spans::new(script, operand);
    let mut out = Requirement {
        span: script.text.host_span(operand.range.clone()),
        editable: matches!(operand.by.as_deref(), Some("-e" | "--editable" | "--with-editable")),
        ..Requirement::default()
    };
    if let Some((kind, _)) = text.split_once('+').filter(|(kind, rest)| is_vcs(kind) && rest.contains("://")) {
        out.origin = Some(vcs(text, 0, kind, &spans));
        fragment_name(text, &spans, &mut out);
        return Some(out);
    }
    if (text.contains("://") && !text.contains('@')) || ["http://", "https://"].iter().any(|s| text.starts_with(s)) {
        out.origin = Some(Origin::Url { url: Spanned::new(text.to_owned(), spans.of(0..text.len())) });
        fragment_name(text, &spans, &mut out);
        return Some(out);
    }
    // `-e` takes a folder or a repository, never a name.
    if is_path(text) || (out.editable && operand.known && !text.contains("://")) {
        let (path, extras) = text.split_once('[').unwrap_or((text, ""));
        out.extras = extras
            .trim_end_matches(']')
            .split(',')
            .map(str::trim)
            .filter(|e| !e.is_empty())
            .map(str::to_owned)
            .collect();
        out.origin = Some(Origin::Path { path: Spanned::new(path.to_owned(), spans.of(0..path.len())) });
        return Some(out);
    }
    // `uvx tool@1.2`
    if by_at && let Some((name, version)) = text.split_once('@').filter(|(_, v)| !v.contains([':', '/'])) {
        if !is_name(name) {
            return None;
        }
        out.name = Spanned::new(name.to_owned(), spans.of(0..name.len()));
        if version != "latest" {
            out.specifiers = Some(Spanned::new(format!("=={version}"), spans.of(name.len()..text.len())));
        }
        return Some(out);
    }
    if let Ok(parsed) = pep508::parse(text) {
        let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or("").to_owned();
        let spanned = |range: &Range<usize>| Spanned::new(part(range), spans.of(range.clone()));
        out.name = spanned(&parsed.name);
        out.extras = parsed.extras.iter().map(part).collect();
        out.specifiers = parsed.specifiers.as_ref().map(spanned);
        out.marker = parsed.marker.as_ref().map(spanned);
        out.origin = parsed.url.as_ref().map(|range| {
            let url = part(range);
            match url.split_once('+').filter(|(kind, _)| is_vcs(kind)) {
                Some((kind, _)) => vcs(&url, range.start, kind, &spans),
                // `name @ ../folder`
                None if !url.contains(':') => Origin::Path { path: spanned(range) },
                None => Origin::Url { url: spanned(range) },
            }
        });
        return Some(out);
    }
    // `hatch==${{ env.VERSION }}`: the name is there, the version elsewhere.
    let end = text.find(['=', '<', '>', '!', '~', '[', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if operand.known || !is_name(name) || name.contains('$') {
        return None;
    }
    out.name = Spanned::new(name.to_owned(), spans.of(0..end));
    let rest = rest.split_once(']').map_or(rest, |(_, after)| after).trim();
    if !rest.is_empty() {
        let at = text.len() - rest.len();
        out.specifiers = Some(Spanned::new(rest.to_owned(), spans.of(at..text.len())));
    }
    Some(out)
}

fn is_vcs(kind: &str) -> bool {
    matches!(kind, "git" | "hg" | "svn" | "bzr")
}

fn is_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(name.chars().next())
        && ends(name.chars().last())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// What pip takes for a file or folder: it has a separator, starts with a dot, or is an archive.
fn is_path(text: &str) -> bool {
    let bare = text.split(['[', ' ', '@', ';']).next().unwrap_or(text);
    bare.starts_with(['.', '/', '~'])
        || bare.contains(['/', '\\', '*'])
        || text.starts_with("file:")
        || [".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2"].iter().any(|end| bare.ends_with(end))
}

/// `git+https://host/path@revision#fragment`; `offset` is where it starts in the operand.
fn vcs(text: &str, offset: usize, kind: &str, spans: &Spans<'_>) -> Origin {
    let address = kind.len() + 1;
    let end = text.find('#').unwrap_or(text.len());
    let body = text.get(address..end).unwrap_or("");
    // `git@host` is a user: a revision stands behind the path.
    let path = body.find("://").map_or(0, |at| at + 3);
    let path = body.get(path..).and_then(|rest| rest.find('/')).map_or(body.len(), |at| path + at);
    let at = body.get(path..).and_then(|rest| rest.rfind('@')).map(|at| address + path + at);
    let url_end = at.unwrap_or(end);
    let spanned = |range: Range<usize>| {
        let value = text.get(range.clone()).unwrap_or("").to_owned();
        Spanned::new(value, spans.of(offset + range.start..offset + range.end))
    };
    Origin::Vcs {
        kind: kind.to_owned(),
        url: spanned(address..url_end),
        revision: at.map(|at| spanned(at + 1..end)).filter(|r| !r.value.is_empty()),
    }
}

/// `#egg=name[extra]`.
fn fragment_name(text: &str, spans: &Spans<'_>, out: &mut Requirement) {
    let Some(at) = text.find("egg=").map(|at| at + 4).filter(|at| text.get(..*at).is_some_and(|t| t.contains('#')))
    else {
        return;
    };
    let rest = text.get(at..).unwrap_or("");
    let rest = rest.split('&').next().unwrap_or(rest);
    let (name, extras) = rest.split_once('[').unwrap_or((rest, ""));
    if is_name(name) {
        out.name = Spanned::new(name.to_owned(), spans.of(at..at + name.len()));
        out.extras = extras.trim_end_matches(']').split(',').filter(|e| !e.is_empty()).map(str::to_owned).collect();
    }
}

/// Whether a requirement names one release or one content and nothing else: `==1.2`, `===1.2`, a
/// commit, a file with its hash. A version that a variable holds counts as one.
#[must_use]
pub fn is_exact(requirement: &Requirement) -> bool {
    match &requirement.origin {
        Some(Origin::Vcs { revision, .. }) => {
            revision.as_ref().is_some_and(|r| r.value.len() >= 40 && r.value.bytes().all(|b| b.is_ascii_hexdigit()))
        }
        Some(Origin::Url { url }) => {
            !requirement.hashes.is_empty() || ["#sha256=", "&sha256=", "#sha512="].iter().any(|h| url.value.contains(h))
        }
        Some(Origin::Path { .. } | Origin::Workspace) => true,
        None => requirement.specifiers.as_ref().is_some_and(|specifiers| {
            let mut parts = specifiers.value.split(',').map(str::trim).filter(|p| !p.is_empty());
            parts.any(|part| part.starts_with("==") && !part.contains('*'))
        }),
    }
}

/// The normalised name; none where it has none.
#[must_use]
pub fn name_of(requirement: &Requirement) -> Option<String> {
    (!requirement.name.value.is_empty()).then(|| distribution_name(&requirement.name.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::ActKind;
    use crate::parse::Budget;
    use crate::parse::shell::{Dialect, Program};
    use crate::source::Embedded;

    fn script(text: &str) -> Script {
        let program = Program::read(text, &Dialect::Bash, &mut Budget::default());
        let acts = crate::commands::facts(&program);
        Script {
            text: Embedded::verbatim(text, 100),
            span: Span::default(),
            dialect: Dialect::Bash,
            explicit_shell: false,
            program,
            acts,
        }
    }

    #[test]
    fn operands_become_requirements_with_places() {
        for (operand, expected) in [
            ("a", "a"),
            ("'A.b[x, y]>=1,<2'", "A.b[x,y] >=1,<2"),
            ("a==${{ env.V }}", "a ==${{ env.V }}"),
            ("\"a ; python_version<'3.9'\"", "a ;python_version<'3.9'"),
            (".", "path ."),
            ("./x[test]", "[test] path ./x"),
            ("-e .[dev]", "[dev] path . editable"),
            ("git+https://example.com/o/r.git@main#egg=r[z]", "r[z] git https://example.com/o/r.git main"),
            ("git+ssh://git@example.com/o/r", "git ssh://git@example.com/o/r "),
            ("'r @ git+https://example.com/o/r@0123'", "r git https://example.com/o/r 0123"),
            ("r@git+https://example.com/o/r", "r git https://example.com/o/r "),
            ("https://example.com/r-1-py3-none-any.whl", "url https://example.com/r-1-py3-none-any.whl"),
            ("a@../b", "a path ../b"),
            ("'httpx<1'", "httpx <1"),
            ("$(cat x)", "none"),
            ("\"${WHEEL}\"", "none"),
        ] {
            let text = format!("pip install {operand}");
            let script = script(&text);
            let names = script.acts.iter().find_map(|a| match &a.kind {
                ActKind::PackageInstall { names, .. } => Some(names),
                _ => None,
            });
            let read = names.and_then(|n| n.first()).and_then(|o| requirement(&script, o, false));
            let shown = match &read {
                None => "none".to_owned(),
                Some(read) => {
                    let mut out = read.name.value.clone();
                    if !read.extras.is_empty() {
                        out += &format!("[{}]", read.extras.join(","));
                    }
                    if let Some(specifiers) = &read.specifiers {
                        out += &format!(" {}", specifiers.value);
                    }
                    if let Some(marker) = &read.marker {
                        out += &format!(" ;{}", marker.value);
                    }
                    match &read.origin {
                        Some(Origin::Path { path }) => out += &format!(" path {}", path.value),
                        Some(Origin::Url { url }) => out += &format!(" url {}", url.value),
                        Some(Origin::Vcs { kind, url, revision }) => {
                            let revision = revision.as_ref().map_or("", |r| r.value.as_str());
                            out += &format!(" {kind} {} {revision}", url.value);
                        }
                        _ => {}
                    }
                    if read.editable {
                        out += " editable";
                    }
                    out.trim_start().to_owned()
                }
            };
            assert_eq!(shown, expected, "{operand}");
            // What is said to stand somewhere stands there.
            if let Some(read) = read {
                let parts = [Some(&read.name), read.specifiers.as_ref(), read.marker.as_ref()];
                for part in parts.into_iter().flatten().filter(|p| !p.value.is_empty()) {
                    let at = (part.span.start - 100) as usize..(part.span.end - 100) as usize;
                    assert_eq!(&text[at], part.value, "{operand}");
                }
            }
        }
    }

    #[test]
    fn one_release_is_told_from_a_range() {
        for (specifiers, exact) in
            [("==1.2", true), ("===1.2", true), ("==1.*", false), (">=1", false), (">=1,==1.2", true), ("==${V}", true)]
        {
            let specifiers = Some(Spanned::new(specifiers.to_owned(), Span::default()));
            let requirement = Requirement { specifiers, ..Requirement::default() };
            assert_eq!(is_exact(&requirement), exact, "{requirement:?}");
        }
        assert!(!is_exact(&Requirement::default()));
    }
}
