//! Names and texts of whoever made a file, as messages have them.

/// Characters of a path or text that are shown.
const SHOWN: usize = 120;
/// Characters of a name that are shown, where several stand in one sentence.
const SHORT: usize = 60;

/// A text for a sentence: what is not seen or would end its quotes is escaped, and what is long is cut.
pub(super) fn shown(text: &str) -> String {
    cut(text, SHOWN)
}

/// As [`shown`], for names that stand beside others.
pub(super) fn short(name: &str) -> String {
    cut(name, SHORT)
}

fn cut(text: &str, most: usize) -> String {
    let mut characters = text.chars();
    let mut out = String::new();
    for character in characters.by_ref().take(most) {
        match character {
            '`' => out.push('\''),
            _ if character.is_control() => out.extend(character.escape_default()),
            _ => out.push(character),
        }
    }
    if characters.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_or_ends_quotes_is_not_shown_as_it_is() {
        assert_eq!(shown("a`\n\0"), "a'\\n\\u{0}");
        assert_eq!(short(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(short(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 121);
    }
}
