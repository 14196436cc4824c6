//! Jinja as a row of tags, each with its tokens. Nothing is rendered, and no block is matched with its end:
//! what a tag reaches for stands in the tag itself, and a tag that cannot be read costs that tag.

/// What a tag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// `{{ … }}`.
    Output,
    /// `{% … %}`.
    Statement,
}

/// A word, text or sign within a tag.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or keyword.
    Name(String),
    /// A string, its escapes resolved.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// Another number.
    Float,
    /// An operator or bracket, one or two characters.
    Sign(&'static str),
}

/// One tag of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// What it is for.
    pub kind: TagKind,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What stands in it, with offsets in bytes.
    pub tokens: Vec<(Token, usize)>,
    /// Why it could not be read to its end.
    pub problem: Option<&'static str>,
}

/// Tokens kept of one tag. The longest tags of real templates have some hundreds.
const TOKENS: usize = 20_000;

/// Characters of the longest name of a character, and more.
const NAME: usize = 120;

/// Reads the tags of a template one after the other.
#[derive(Debug)]
pub struct Tags<'t> {
    text: &'t str,
    at: usize,
}

/// The tags of a template.
#[must_use]
pub fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0 }
}

/// Signs, the longer first.
const SIGNS: &[&str] = &[
    "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", ">", "<", "=", ".", ":", "|", ",", ";", "(", ")",
    "[", "]", "{", "}",
];

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        loop {
            let open = self.text.get(self.at..)?.match_indices('{').find_map(|(found, _)| {
                let next = self.text.as_bytes().get(self.at + found + 1)?;
                matches!(next, b'{' | b'%' | b'#').then_some((self.at + found, *next))
            });
            let (start, second) = open?;
            match second {
                b'#' => {
                    let end = self.text[start + 2..].find("#}");
                    self.at = end.map_or(self.text.len(), |end| start + 2 + end + 2);
                }
                b'{' => return Some(self.tag(TagKind::Output, start, "}}")),
                _ => {
                    let tag = self.tag(TagKind::Statement, start, "%}");
                    if matches!(tag.tokens.as_slice(), [(Token::Name(name), _)] if name == "raw") {
                        self.at = end_of_raw(self.text, self.at);
                        continue;
                    }
                    return Some(tag);
                }
            }
        }
    }
}

/// Where `{% endraw %}` ends. Each character is looked at a few times at most, however many tags begin before it.
fn end_of_raw(text: &str, from: usize) -> usize {
    let signs = ['-', '+'];
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        at += found + 2;
        let inside = text[at..].trim_start_matches(signs).trim_start();
        let Some(after) = inside.strip_prefix("endraw") else { continue };
        let after = after.trim_start().trim_start_matches(signs);
        if after.starts_with("%}") {
            return text.len() - after.len() + 2;
        }
    }
    text.len()
}

impl Tags<'_> {
    fn tag(&mut self, kind: TagKind, start: usize, close: &str) -> Tag {
        let mut tag = Tag { kind, start, end: self.text.len(), tokens: Vec::new(), problem: None };
        let mut at = start + 2;
        if self.text[at..].starts_with(['-', '+']) {
            at += 1;
        }
        let mut open = 0_usize;
        loop {
            let rest = &self.text[at..];
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            if trimmed.is_empty() {
                tag.problem = Some("it does not end");
                break;
            }
            if open == 0 {
                let control = usize::from(trimmed.starts_with(['-', '+']));
                if trimmed[control..].starts_with(close) {
                    self.at = at + control + close.len();
                    tag.end = self.at;
                    return tag;
                }
            }
            match token(trimmed) {
                _ if tag.tokens.len() >= TOKENS => tag.problem = Some("it is longer than is looked at"),
                Ok((token, length)) => {
                    match token {
                        Token::Sign("(" | "[" | "{") => open += 1,
                        Token::Sign(")" | "]" | "}") => open = open.saturating_sub(1),
                        _ => {}
                    }
                    tag.tokens.push((token, at));
                    at += length;
                    continue;
                }
                Err(why) => tag.problem = Some(why),
            }
            break;
        }
        // It goes on where the tag ends by sight.
        self.at = self.text[at..].find(close).map_or(self.text.len(), |found| at + found + close.len());
        tag.end = self.at;
        tag
    }
}

fn token(text: &str) -> Result<(Token, usize), &'static str> {
    let first = text.chars().next().unwrap_or(' ');
    if first == '_' || first.is_alphabetic() {
        let end = text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
        return Ok((Token::Name(text[..end].to_owned()), end));
    }
    if first == '"' || first == '\'' {
        return string(text, first);
    }
    if first.is_ascii_digit() {
        return Ok(number(text));
    }
    let sign = SIGNS.iter().find(|sign| text.starts_with(**sign)).ok_or("a character that no template has")?;
    Ok((Token::Sign(sign), sign.len()))
}

fn number(text: &str) -> (Token, usize) {
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let digits: String = text[..end].chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(value) = lower.strip_prefix(prefix).and_then(|rest| i128::from_str_radix(rest, radix).ok()) {
            return (Token::Integer(value), end);
        }
    }
    let fraction = text[end..].strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(rest) = fraction {
        let more = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        return (Token::Float, end + 1 + more);
    }
    // A number too large for us is as large as anything.
    let is_whole = digits.bytes().all(|b| b.is_ascii_digit());
    (if is_whole { Token::Integer(digits.parse().unwrap_or(i128::MAX)) } else { Token::Float }, end)
}

/// A string with the escapes of Python, as Jinja reads them.
fn string(text: &str, quote: char) -> Result<(Token, usize), &'static str> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Ok((Token::Text(out), at + character.len_utf8()));
        }
        if character != '\\' {
            out.push(character);
            continue;
        }
        let Some((at, escaped)) = characters.next() else { break };
        let mut digits = |radix: u32, from: usize, most: usize| {
            let digits: String = text[from..].chars().take(most).take_while(|c| c.is_digit(radix)).collect();
            let value = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
            while characters.next_if(|(at, _)| *at < from + digits.len()).is_some() {}
            value
        };
        let plain = match escaped {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '\\' | '\'' | '"' => Some(escaped),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            '\n' => None,
            'x' => digits(16, at + 1, 2),
            'u' => digits(16, at + 1, 4),
            'U' => digits(16, at + 1, 8),
            '0'..='7' => digits(8, at, 3),
            'N' => {
                // Else each of many that do not end would be looked for to the end of the text.
                let near = text[at + 1..].char_indices().nth(NAME).map_or(text.len(), |(end, _)| at + 1 + end);
                let rest = text[at + 1..near].strip_prefix('{');
                let name = rest.and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
                name.map(|name| {
                    let end = at + 3 + name.len();
                    while characters.next_if(|(at, _)| *at < end).is_some() {}
                    // The characters that matter for names, by their names.
                    match name.to_ascii_uppercase().as_str() {
                        "LOW LINE" | "SPACING UNDERSCORE" | "FULLWIDTH LOW LINE" => '_',
                        _ => '\u{fffc}',
                    }
                })
            }
            other => {
                out.push('\\');
                Some(other)
            }
        };
        out.extend(plain);
    }
    Err("a string that does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<Vec<Token>> {
        tags(text).next().map(|tag| tag.tokens.into_iter().map(|(token, _)| token).collect())
    }

    #[test]
    fn tags_are_found_and_split() {
        let text = "a {# {{ no }} #} {{- x['}}'] -}} {% raw %}{{ no }}{% endraw %}{%- if a is not b -%}y{% endif %}";
        let all: Vec<_> = tags(text).map(|tag| (tag.kind, &text[tag.start..tag.end], tag.problem)).collect();
        assert_eq!(
            all,
            vec![
                (TagKind::Output, "{{- x['}}'] -}}", None),
                (TagKind::Statement, "{%- if a is not b -%}", None),
                (TagKind::Statement, "{% endif %}", None),
            ]
        );
        assert_eq!(tags("{{ {'a': {'b': 1}} }}x").next().map(|tag| tag.end), Some(21));
        assert_eq!(tags("{% raw %}{{ a }}{% endraw x %}{%+ endraw -%}{{ b }}").count(), 1);
        assert_eq!(tags("{{ a $ b }} {{ c }}").map(|tag| tag.problem.is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(tags("{{ a").map(|tag| tag.problem).collect::<Vec<_>>(), [Some("it does not end")]);
    }

    #[test]
    fn many_beginnings_without_an_end_cost_no_more_than_their_length() {
        let names = format!("{{{{ '{}", r"\N{".repeat(300_000));
        assert_eq!(tags(&names).count(), 1);
        let raw = format!("{{% raw %}}{}%}}", "{%".repeat(300_000));
        assert_eq!(tags(&raw).count(), 0);
    }

    #[test]
    fn strings_are_read_as_python_reads_them() {
        for (text, expected) in [
            (r"{{ '\x5f\x5fclass\137\u005f' }}", "__class__"),
            (r"{{ '\N{LOW LINE}a' }}", "_a"),
            (r#"{{ "a\n\"b" }}"#, "a\n\"b"),
            (r"{{ '\d' }}", "\\d"),
            (r"{{ '\xe9\18' }}", "é\u{1}8"),
        ] {
            assert_eq!(first(text), Some(vec![Token::Text(expected.to_owned())]), "{text}");
        }
    }

    #[test]
    fn numbers_and_signs() {
        let expected = [
            Token::Integer(1000),
            Token::Sign("**"),
            Token::Integer(255),
            Token::Sign("//"),
            Token::Float,
            Token::Sign("|"),
            Token::Name("f".to_owned()),
        ];
        assert_eq!(first("{{ 1_000 ** 0xff // 1.5e3|f }}"), Some(expected.to_vec()));
    }
}
