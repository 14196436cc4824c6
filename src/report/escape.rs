//! Text of strangers on its way into a report: one function per kind of output.

/// For a terminal: control characters, line breaks and characters that turn the direction of text
/// or cannot be seen are spelled out.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else if c == '\t' {
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// For the message of a GitHub workflow command. Source: actions/toolkit `command.ts`.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    hidden_only(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For a property of a GitHub workflow command.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For running text in Markdown: nothing in it can become a link, an image, HTML, a mention or a
/// table cell's end.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in terminal(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An entity keeps names from being notified.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn hidden_only(text: &str) -> String {
    text.chars().flat_map(|c| if is_hidden(c) && !matches!(c, '\n' | '\r') { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_hidden_reaches_a_terminal() {
        assert_eq!(terminal("a\u{1b}[31mb\u{202e}c\r\n"), "a\\u{1b}[31mb\\u{202e}c\\u{d}\\u{a}");
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
    }
}
