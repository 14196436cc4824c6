//! Text of strangers on its way into a report: one function per kind of output.

/// For a terminal: control characters, line breaks and characters that turn the direction of text
/// or cannot be seen are spelled out.
///
/// The log of a GitHub job is a terminal that obeys: the runner takes `##[command]` anywhere in a
/// line, so that beginning is spelled out too. See [`line`] for `::command::`.
/// Source: actions/runner `ActionCommand.cs`.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) || (c == '[' && out.ends_with("##")) {
            out.extend(c.escape_unicode());
        } else if c == '\t' {
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}

/// A whole line on its way into a log, put together from escaped parts: it cannot be taken for a
/// workflow command, which is what begins with `::` after white space.
#[must_use]
pub fn line(text: &str) -> String {
    let start = text.len() - text.trim_start().len();
    if text[start..].starts_with("::") {
        format!("{}\\u{{3a}}{}", &text[..start], &text[start + 1..])
    } else {
        text.to_owned()
    }
}

/// Controls, directions and what takes no space: a reader must not be shown another text than the
/// one that is there.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// For the message of a GitHub workflow command. Source: actions/toolkit `command.ts`.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    hidden_only(text).replace("##[", "##\\u{5b}").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For a property of a GitHub workflow command.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For running text in Markdown: nothing in it can become a link, an image, HTML, a formula, a
/// mention, a reference to an issue or a table cell's end.
///
/// GitHub looks for mentions and issues in what is left after Markdown is done, so a backslash or
/// an entity does not hold them back; a space of no width between the characters does. It is used
/// only there: a command that is copied from a report should work. Bare addresses are found while
/// Markdown is read, and an entity is enough.
#[must_use]
pub fn markdown(text: &str) -> String {
    const NO_WIDTH: &str = "&#8203;";
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let text = terminal(text);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '$' => out.push_str("&#36;"),
            '@' => {
                out.push('@');
                if is_mention(before) || is_domain(rest) {
                    out.push_str(NO_WIDTH);
                }
            }
            ':' if rest.starts_with("//") => out.push_str("&#58;"),
            'w' | 'W' if rest.get(..3).is_some_and(|w| w.eq_ignore_ascii_case("ww.")) => {
                out.push_str(if c == 'w' { "&#119;" } else { "&#87;" });
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
                if c == '#' && rest.starts_with(|c: char| c.is_ascii_digit()) {
                    out.push_str(NO_WIDTH);
                }
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Whether an `@` after this character begins a mention. In `example/upload@v2` it does not.
fn is_mention(before: char) -> bool {
    !(before.is_ascii_alphanumeric() || before == '_')
}

/// Whether an `@` before this text makes a mail address of it. A version ends in a digit.
fn is_domain(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    text[..end].contains('.') && !text[..end].ends_with(|c: char| c.is_ascii_digit())
}

/// For plain text in SARIF, where `[words](target)` is a link.
#[must_use]
pub fn sarif(text: &str) -> String {
    terminal(text).replace("](", "] (")
}

/// For XML 1.0, which has no way to write some characters. Its marks are escaped by whoever writes the XML.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in terminal(text).chars() {
        if matches!(c, '\u{FFFE}' | '\u{FFFF}') { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// At most so many UTF-16 units, which is how services count; what is cut ends in `…`.
#[must_use]
pub fn shorten(text: &str, units: usize) -> String {
    if text.encode_utf16().count() <= units {
        return text.to_owned();
    }
    let mut left = units.saturating_sub(1);
    let mut out: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    out.push('…');
    out
}

/// A path as a relative URI reference. A colon is encoded too: in a first segment it would end a scheme.
#[must_use]
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn hidden_only(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if is_hidden(c) && !matches!(c, '\n' | '\r') { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_hidden_reaches_a_terminal() {
        assert_eq!(terminal("a\u{1b}[31mb\u{202e}c\r\n"), "a\\u{1b}[31mb\\u{202e}c\\u{d}\\u{a}");
        assert_eq!(terminal("a\u{2028}b\u{ad}c"), "a\\u{2028}b\\u{ad}c");
    }

    #[test]
    fn a_log_line_commands_nothing() {
        assert_eq!(line("   ::add-mask::x"), "   \\u{3a}:add-mask::x");
        assert_eq!(line("a ::b"), "a ::b");
        assert_eq!(terminal("x ##[error]y ###[z"), "x ##\\u{5b}error]y ###\\u{5b}z");
    }

    #[test]
    fn markdown_is_inert() {
        for (text, shown) in [
            ("@org/team", "@&#8203;org/team"),
            ("a@example.com", "a@&#8203;example.com"),
            ("cargo update -p hyper@0.14.2", "cargo update -p hyper@0.14.2"),
            ("example/upload@v2", "example/upload@v2"),
            ("see #12", "see \\#&#8203;12"),
            ("https://www.example.com", "https&#58;//&#119;ww.example.com"),
            ("a|b`c`", "a\\|b\\`c\\`"),
            ("${{ x }}", "&#36;{{ x }}"),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn a_link_in_sarif_is_text() {
        assert_eq!(sarif("[x](https://example.com)"), "[x] (https://example.com)");
    }

    #[test]
    fn xml_holds_no_character_that_it_has_none_for() {
        assert_eq!(xml("a\u{ffff}b\u{fffe}\u{1}<"), "a\\u{ffff}b\\u{fffe}\\u{1}<");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a b/c:d/ü%.yml"), "a%20b/c%3Ad/%C3%BC%25.yml");
    }

    proptest! {
        #[test]
        fn a_workflow_command_stays_one_line(text in any::<String>()) {
            let out = workflow_property(&text);
            prop_assert!(!out.contains(['\n', '\r', ':', ',']));
        }

        #[test]
        fn markdown_opens_no_tag(text in any::<String>()) {
            let out = markdown(&text);
            prop_assert!(!out.contains(['<', '>', '\n']));
        }

        #[test]
        fn what_is_shortened_fits(text in any::<String>(), units in 1usize..20) {
            prop_assert!(shorten(&text, units).encode_utf16().count() <= units);
        }
    }
}
