//! `METADATA` and `PKG-INFO`: headers as in a mail, folded lines included. Sources: PyPA, "Core metadata
//! specifications"; RFC 5322, section 2.2. And `direct_url.json` beside them (PEP 610).

use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

/// A header.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// Its name, as written.
    pub name: Spanned<String>,
    /// Its value without outer blanks; a line break in it is a line break here, the blanks that fold it are
    /// gone.
    pub value: Embedded,
    /// The whole header.
    pub span: Span,
}

/// What stands before the first empty line.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// Headers, in order.
    pub headers: Vec<Header>,
    /// Lines that are none.
    pub problems: Vec<Problem>,
}

impl Headers {
    /// The first header of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Header> {
        self.headers.iter().find(|h| h.name.value.eq_ignore_ascii_case(name))
    }

    /// All headers of a name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h Header> {
        self.headers.iter().filter(move |h| h.name.value.eq_ignore_ascii_case(name))
    }
}

/// Reads the headers of a file.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Headers {
    let mut out = Headers::default();
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = bom;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or("").trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        let (start, span) = (at, Span::new(at, at + line.len()));
        at += length;
        if !budget.take_entry(line.len()) {
            out.problems.push(Problem::new(span, "too many headers; the rest was not read"));
            break;
        }
        if line.starts_with([' ', '\t']) {
            let folded = line.trim_start_matches([' ', '\t']);
            match out.headers.last_mut() {
                Some(header) => {
                    header.value.push_replaced("\n", Span::new(start, start + line.len() - folded.len()));
                    header.value.push_verbatim(folded, (start + line.len() - folded.len()) as u64);
                    header.span = header.span.to(span);
                }
                None => problem(&mut out, budget, span, "a folded line that follows no header"),
            }
            continue;
        }
        let Some(colon) = line.find(':').filter(|at| is_name(line.get(..*at).unwrap_or(""))) else {
            problem(&mut out, budget, span, "no header: expected `Name: value`");
            continue;
        };
        let (name, value) = (line.get(..colon).unwrap_or(""), line.get(colon + 1..).unwrap_or(""));
        let trimmed = value.trim_matches([' ', '\t']);
        let from = start + colon + 1 + value.len() - value.trim_start_matches([' ', '\t']).len();
        out.headers.push(Header {
            name: Spanned::new(name.to_owned(), Span::new(start, start + colon)),
            value: Embedded::verbatim(trimmed, from as u64),
            span,
        });
    }
    out
}

fn problem(out: &mut Headers, budget: &Budget, span: Span, message: &str) {
    if out.problems.len() < budget.problems {
        out.problems.push(Problem::new(span, message));
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What a `direct_url.json` says: the address, the commit, and whether it is editable. None where it is no
/// such file.
#[must_use]
pub fn direct_url(text: &str) -> Option<(String, Option<String>, bool)> {
    // serde_json refuses nesting beyond 128.
    let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let url = value.get("url")?.as_str()?.to_owned();
    let commit = value.pointer("/vcs_info/commit_id").and_then(serde_json::Value::as_str).map(str::to_owned);
    let editable = value.pointer("/dir_info/editable").and_then(serde_json::Value::as_bool).unwrap_or(false);
    Some((url, commit, editable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_up_to_the_empty_line() {
        let text = "Metadata-Version: 2.1\r\nName:  demo \nDescription: one\n  two\n\ttree\nodd\nRequires-Dist: a>=1\n\nName: body\n";
        let found = parse(text, &mut Budget::default());
        let told: Vec<String> = found
            .headers
            .iter()
            .map(|h| format!("{}={:?}@{}", h.name.value, h.value.text, &text[h.span.range(text.len())].len()))
            .collect();
        assert_eq!(
            told,
            [
                "Metadata-Version=\"2.1\"@21",
                "Name=\"demo\"@12",
                "Description=\"one\\ntwo\\ntree\"@28",
                "Requires-Dist=\"a>=1\"@19"
            ]
        );
        let span = found.headers[1].value.host_span(0..4);
        assert_eq!(&text[span.range(text.len())], "demo");
        assert_eq!(found.problems.len(), 1);
        assert_eq!(&text[found.problems[0].span.range(text.len())], "odd");
    }

    #[test]
    fn origins_are_read() {
        let git = r#"{"url":"https://git.example.com/a","vcs_info":{"vcs":"git","commit_id":"0123"}}"#;
        assert_eq!(direct_url(git), Some(("https://git.example.com/a".to_owned(), Some("0123".to_owned()), false)));
        let folder = r#"{"url":"file:///src","dir_info":{"editable":true}}"#;
        assert_eq!(direct_url(folder), Some(("file:///src".to_owned(), None, true)));
        assert_eq!(direct_url("{}"), None);
    }
}
