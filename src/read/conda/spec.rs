//! Conda's match specifications: `channel::name=1.2=build`, `name >=1,<2`, `name[version='>=1']`.
//! Source: conda's "Package match specifications" and `conda/models/match_spec.py`.

use std::ops::Range;

use crate::graph::kinds::conda::CondaRequirement;
use crate::source::{Embedded, Span, Spanned};

/// Reads one specification. None where it names no package.
pub(super) fn parse(text: &Embedded, span: Span) -> Option<CondaRequirement> {
    let whole = &text.text;
    // A comment may follow, as in files of specifications.
    let end = whole.match_indices('#').map(|(at, _)| at).find(|at| whole[..*at].ends_with([' ', '\t']));
    let body = trim(whole, 0..end.unwrap_or(whole.len()));
    let spanned = |range: Range<usize>| {
        let value = whole.get(range.clone()).unwrap_or("").to_owned();
        Spanned::new(value, text.host_span(range))
    };
    let mut out = CondaRequirement { span, ..CondaRequirement::default() };
    if let Some(address) = whole.get(body.clone()).filter(|t| is_file(t)) {
        let file = super::explicit::file_name(address)?;
        let start = body.start + address.rfind(&file.name)?;
        out.name = spanned(start..start + file.name.len());
        out.version = Some(Spanned::new(format!("=={}", file.version), text.host_span(body.clone())));
        out.build = Some(spanned(body.clone()).map(|_| file.build.clone()));
        out.channel = Some(spanned(body));
        return Some(out);
    }
    // What stands in brackets at the end wins over what stands before.
    let bracket = whole.get(body.clone())?.ends_with(']').then(|| whole[body.clone()].find('[')).flatten();
    let head = trim(whole, body.start..bracket.map_or(body.end, |at| body.start + at));
    let mut rest = head.clone();
    if let Some(at) = whole.get(head.clone())?.find("::") {
        let channel = trim(whole, head.start..head.start + at);
        if !channel.is_empty() {
            out.channel = Some(spanned(channel));
        }
        rest = trim(whole, head.start + at + 2..head.end);
    }
    let tail = whole.get(rest.clone())?;
    let length = tail.find(|c: char| matches!(c, '=' | '<' | '>' | '!' | '~' | '@') || c.is_whitespace());
    let name = rest.start..rest.start + length.unwrap_or(tail.len());
    if !is_name(whole.get(name.clone())?) {
        return None;
    }
    out.name = spanned(name.clone());
    let version = trim(whole, name.end..rest.end);
    if !version.is_empty() {
        let (version, build) = split_build(whole, version);
        out.version = Some(spanned(version)).filter(|v| !v.value.is_empty());
        out.build = build.map(spanned);
    }
    if let Some(at) = bracket {
        bracketed(whole, body.start + at + 1..body.end - 1, &spanned, &mut out);
    }
    Some(out)
}

/// `version='>=1', build=py*, channel=conda-forge`.
fn bracketed(
    whole: &str,
    range: Range<usize>,
    spanned: &dyn Fn(Range<usize>) -> Spanned<String>,
    out: &mut CondaRequirement,
) {
    let mut quote = None;
    let mut start = range.start;
    let mut parts = Vec::new();
    for (at, c) in whole.get(range.clone()).unwrap_or("").char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ',') => {
                parts.push(start..range.start + at);
                start = range.start + at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..range.end);
    for part in parts {
        let Some(at) = whole.get(part.clone()).and_then(|t| t.find('=')) else { continue };
        let key = whole.get(trim(whole, part.start..part.start + at)).unwrap_or("");
        let mut value = trim(whole, part.start + at + 1..part.end);
        if whole
            .get(value.clone())
            .is_some_and(|v| v.len() > 1 && v.starts_with(['\'', '"']) && v.ends_with(['\'', '"']))
        {
            value = value.start + 1..value.end - 1;
        }
        match key {
            "version" => out.version = Some(spanned(value)),
            "build" => out.build = Some(spanned(value)),
            "channel" => out.channel = Some(spanned(value)),
            _ => {}
        }
    }
}

/// The version and the build that may follow it: `=1.2=py310_0`, `1.2.* py310_0`.
fn split_build(whole: &str, range: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let text = whole.get(range.clone()).unwrap_or("");
    let operators = text.len() - text.trim_start_matches(['=', '<', '>', '!', '~', ' ', '\t']).len();
    let tail = text.get(operators..).unwrap_or("");
    // Blanks after an operator or around `,` and `|` belong to the version.
    let mut last = ',';
    for (at, c) in tail.char_indices() {
        let next = tail.get(at..).unwrap_or("").trim_start().chars().next().unwrap_or(',');
        let is_cut = match c {
            '=' => {
                !matches!(last, '=' | '<' | '>' | '!' | '~' | ',' | '|') && !matches!(next_after(tail, at), Some('='))
            }
            c if c.is_whitespace() => {
                !matches!(last, ',' | '|' | '=' | '<' | '>' | '!' | '~')
                    && !matches!(next, ',' | '|' | '<' | '>' | '!' | '~' | '=')
            }
            _ => false,
        };
        if is_cut {
            let at = range.start + operators + at;
            let build = trim(whole, at + 1..range.end);
            return (trim(whole, range.start..at), Some(build).filter(|b| !b.is_empty()));
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    (range, None)
}

fn next_after(text: &str, at: usize) -> Option<char> {
    text.get(at + 1..)?.chars().next()
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(range.clone()) else { return range.start..range.start };
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

fn is_file(text: &str) -> bool {
    let bare = text.split('#').next().unwrap_or(text);
    (text.contains("://") || text.contains(['/', '\\'])) && [".conda", ".tar.bz2"].iter().any(|end| bare.ends_with(end))
}

/// Whether conda could take a text for the name of a package.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_in_all_their_forms() {
        for (text, expected) in [
            ("numpy", "numpy - - -"),
            ("numpy=1.21", "numpy =1.21 - -"),
            ("numpy==1.21.2", "numpy ==1.21.2 - -"),
            ("numpy=1.21.2=py39h20f2e39_0", "numpy =1.21.2 py39h20f2e39_0 -"),
            ("numpy==1.21.2=py39_0", "numpy ==1.21.2 py39_0 -"),
            ("numpy >=1.21,<2", "numpy >=1.21,<2 - -"),
            ("numpy >=1.21, <2", "numpy >=1.21, <2 - -"),
            ("numpy>=1.21|<1", "numpy >=1.21|<1 - -"),
            ("numpy 1.21.*", "numpy 1.21.* - -"),
            ("numpy 1.21.2 py39_0", "numpy 1.21.2 py39_0 -"),
            ("numpy = 1.21", "numpy = 1.21 - -"),
            ("pytorch::pytorch=1.13.0", "pytorch =1.13.0 - pytorch"),
            ("nvidia/label/cuda-11.8.0::cuda", "cuda - - nvidia/label/cuda-11.8.0"),
            ("conda-forge/linux-64::numpy", "numpy - - conda-forge/linux-64"),
            ("numpy[version='>=1.7,<2', build=py*]", "numpy >=1.7,<2 py* -"),
            ("numpy=1[channel=conda-forge]", "numpy =1 - conda-forge"),
            ("ruamel.yaml  # why", "ruamel.yaml - - -"),
            ("_libgcc_mutex=0.1=main", "_libgcc_mutex =0.1 main -"),
            ("nodejs=18.*", "nodejs =18.* - -"),
            ("python~=3.9.0", "python ~=3.9.0 - -"),
            ("", "nothing"),
            ("-e .", "nothing"),
            ("{{ name }}", "nothing"),
            (
                "https://conda.example.com/a/linux-64/numpy-1.2-py_0.conda",
                "numpy ==1.2 py_0 https://conda.example.com/a/linux-64/numpy-1.2-py_0.conda",
            ),
        ] {
            let part = |p: &Option<Spanned<String>>| p.as_ref().map_or("-".to_owned(), |p| p.value.clone());
            let shown = parse(&Embedded::verbatim(text, 0), Span::default()).map_or("nothing".to_owned(), |r| {
                format!("{} {} {} {}", r.name.value, part(&r.version), part(&r.build), part(&r.channel))
            });
            assert_eq!(shown, expected, "{text}");
        }
    }
}
