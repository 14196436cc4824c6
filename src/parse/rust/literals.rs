//! Literals of Rust as the texts they stand for.

/// The text of `".."`, escapes read as far as an address or word may hold them.
pub(super) fn string(text: &str) -> String {
    let inner = text.find('"').and_then(|at| text.get(at + 1..)).and_then(|rest| rest.strip_suffix('"'));
    let mut out = String::new();
    let mut characters = inner.unwrap_or("").chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                // A line that goes on: its blanks are no part of it.
                Some('\n') => while characters.next_if(|c| c.is_whitespace()).is_some() {},
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// The text of `r#".."#`.
pub(super) fn raw(text: &str) -> String {
    let inner = text.find('"').and_then(|from| text.get(from + 1..text.rfind('"')?));
    inner.unwrap_or("").to_owned()
}
