//! Text out of Markdown: what a person reads, without marks, pictures and code.

/// Words that stand where nothing was written.
const BLANKS: &[&str] = &[
    "more information needed",
    "needs more information",
    "more info needed",
    "information needed",
    "to be added",
    "to be filled",
    "coming soon",
    "fill in",
    "{{",
    "<<",
];

/// Sentences that templates of cards bring with them: they speak of no model. Source: Hugging Face, templates of model
/// and dataset cards (`huggingface_hub`), and what trainers write.
const TEMPLATES: &[&str] = &[
    "lorem ipsum",
    "base template for new models",
    "base template for new datasets",
    "has been automatically generated",
    "been generated using [this raw template]",
    "quick summary of what the model is",
    "quick summary of the dataset",
    "longer summary of what this model is",
    "longer summary of what this dataset is",
    "should be made aware of the risks, biases and limitations of the",
    "use the code below to get started",
    "carbon emissions can be estimated using the",
    "you should probably proofread and complete it",
];

/// Words that stand where something is to be written.
const HOLDERS: &[&str] = &[
    "fill me",
    "insert here",
    "license name",
    "n/a",
    "name of the license",
    "placeholder",
    "tba",
    "tbc",
    "tbd",
    "to be announced",
    "to be decided",
    "to be defined",
    "to be determined",
    "todo",
    "fixme",
    "your license",
    "your-license",
    "your_license",
];

/// Bytes of a tag.
const TAG: usize = 2048;

/// Marks of points of a list.
const POINTS: &[&str] = &["- ", "* ", "+ ", "• "];

/// The text of a part of Markdown, at most so many characters and cut at the end of a sentence or word. None where
/// nothing was written.
pub(super) fn text(lines: &[&str], most: usize) -> Option<String> {
    let mut out = String::new();
    let mut fence: Option<&str> = None;
    let mut was_point = false;
    for line in lines {
        let bare = line.trim();
        if let Some(mark) = fence {
            if bare.starts_with(mark) {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark)) {
            fence = Some(mark);
            continue;
        }
        // Rows of a table and lines between them.
        if bare.starts_with('|')
            || (bare.len() > 2 && bare.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | ' ')))
        {
            continue;
        }
        if let Some(line) = one_line(bare) {
            let is_point = POINTS.iter().any(|mark| bare.starts_with(mark));
            if !out.is_empty() {
                // Points of a list are no sentence together.
                out.push(if is_point || was_point { '\n' } else { ' ' });
            }
            was_point = is_point;
            out.push_str(&line);
        }
        // Four bytes hold any character.
        if out.len() > most.saturating_mul(4) {
            break;
        }
    }
    let out = cut(&out, most);
    (out.chars().filter(|c| c.is_alphanumeric()).count() >= 3 && !is_blank(&out)).then_some(out)
}

/// The text of one line; none where it says that nothing was written.
pub(super) fn one_line(line: &str) -> Option<String> {
    let line = line.trim_start_matches('>').trim();
    let line = POINTS.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let lower = line.to_ascii_lowercase();
    if BLANKS.iter().chain(TEMPLATES).any(|blank| lower.contains(blank)) {
        return None;
    }
    let out = unmarked(line).replace(" [optional]", "");
    // A label of a template behind which nothing was written.
    let value = out.split_once(':').filter(|(label, _)| label.len() <= 60).map_or(out.as_str(), |(_, value)| value);
    if is_placeholder(&out) || (!value.trim().is_empty() && is_placeholder(value)) {
        return None;
    }
    (!out.is_empty()).then_some(out)
}

/// Whether a text stands for one that was not written.
pub(super) fn is_blank(text: &str) -> bool {
    let lower = text.trim().trim_matches(['.', '[', ']', '-', ':']).trim().to_ascii_lowercase();
    is_placeholder(text) || matches!(lower.as_str(), "" | "na" | "none" | "unknown" | "see above" | "null")
}

/// Whether a text holds the place of one that is to be written: `TODO`, `???`, `<license>`, `{{ license }}`.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_sign =
        |c: char| matches!(c, '.' | '[' | ']' | '-' | ':' | '<' | '>' | '{' | '}' | '(' | ')' | '*' | '_' | '`');
    let lower = text.trim_matches(|c: char| is_sign(c) || c.is_whitespace()).to_ascii_lowercase();
    let is_made_of = |sign: char, least: usize| lower.len() >= least && lower.chars().all(|c| c == sign);
    // What stands in brackets as a whole names what is to stand there.
    let is_enclosed = [("<", ">"), ("[", "]"), ("{", "}"), ("${", "}")].iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains("://") && !inner.contains([',', '"', '\'']))
    });
    let is_holder = |word: &&str| {
        lower
            .strip_prefix(*word)
            .is_some_and(|rest| rest.is_empty() || (word.len() < 6 && rest.starts_with([':', '!', '.', ' '])))
    };
    is_enclosed
        || is_made_of('?', 1)
        || is_made_of('x', 3)
        || BLANKS.iter().any(|blank| lower.starts_with(blank) || text.to_ascii_lowercase().starts_with(blank))
        || TEMPLATES.iter().any(|sentence| lower.contains(sentence))
        || HOLDERS.iter().any(is_holder)
}

/// A line without tags, pictures, addresses of links and marks of emphasis.
fn unmarked(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        match c {
            '!' if rest.starts_with("![") => {
                // A picture: what stands in its brackets is no text of the card.
                match link(&rest[1..]) {
                    Some((_, after)) => rest = after,
                    None => rest = &rest[2..],
                }
                continue;
            }
            '[' => {
                if let Some((shown, after)) = link(rest) {
                    // A picture in a link has its own brackets.
                    if !shown.starts_with('!') {
                        out.push_str(shown);
                    }
                    rest = after;
                    continue;
                }
            }
            '<' => {
                let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
                let end = rest.bytes().take(TAG).position(|byte| byte == b'>');
                if let Some(end) = end.filter(|_| is_tag) {
                    let inner = &rest[1..end];
                    if inner.starts_with("http") {
                        out.push_str(inner);
                    }
                    rest = &rest[end + 1..];
                    continue;
                }
            }
            '*' | '`' => {
                rest = &rest[1..];
                continue;
            }
            '_' if rest.starts_with("__") => {
                rest = &rest[2..];
                continue;
            }
            '\\' if rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) => {
                rest = &rest[1..];
                if let Some(c) = rest.chars().next() {
                    out.push(c);
                    rest = &rest[c.len_utf8()..];
                }
                continue;
            }
            _ => {}
        }
        if c.is_control() || c.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    let out = out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    out.trim().trim_start_matches('#').trim().to_owned()
}

/// A link at the beginning of a text: what is shown of it, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    /// Bytes of what is shown, and of an address.
    const LONGEST: usize = 1024;
    let shown_end = closing(text, b'[', b']', LONGEST)?;
    let after = &text[shown_end + 1..];
    let end = match after.as_bytes().first()? {
        b'(' => closing(after, b'(', b')', LONGEST)?,
        b'[' => closing(after, b'[', b']', LONGEST)?,
        _ => return None,
    };
    Some((&text[1..shown_end], &after[end + 1..]))
}

/// Where the bracket that a text begins with is closed.
fn closing(text: &str, open: u8, close: u8, most: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(most) {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// At most so many characters of a text, up to the end of a sentence where one ends in the second half, else up to
/// the end of a word.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let head = text.get(..end).unwrap_or(text);
    let sentence =
        [". ", "! ", "? ", "。"].iter().filter_map(|mark| Some(head.rfind(mark)? + mark.trim_end().len())).max();
    if let Some(at) = sentence.filter(|at| *at > head.len() / 2) {
        return head.get(..at).unwrap_or(head).to_owned();
    }
    let word = head.rfind(' ').filter(|at| *at > head.len() / 2).unwrap_or(head.len());
    format!("{} …", head.get(..word).unwrap_or(head).trim_end())
}

/// A text without comments of HTML. One that does not end takes the rest.
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<!--") {
        out.push_str(&rest[..at]);
        rest = match rest[at..].find("-->") {
            Some(end) => &rest[at + end + 3..],
            None => "",
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_reads_is_left() {
        for (markdown, expected) in [
            ("A **bold** `word` and _more_.", Some("A bold word and _more_.")),
            ("See [the paper](https://example.com/a_(b)) for it.", Some("See the paper for it.")),
            ("[![badge](https://example.com/b.svg)](https://example.com)", None),
            ("![picture](a.png) Trained on text.", Some("Trained on text.")),
            ("<div align=\"center\">Made <b>here</b></div>", Some("Made here")),
            ("- one\n- two words", Some("one\ntwo words")),
            ("[More Information Needed]", None),
            ("- **Developed by:** [More Information Needed]\n- **Language:** English", Some("Language: English")),
            ("More information needed", None),
            ("Lorem ipsum dolor sit amet.\n???", None),
            (
                "This modelcard aims to be a base template for new models.\n- **Funded by [optional]:** N/A\n- **License:** TBD",
                None,
            ),
            ("- **Funded by [optional]:** Acme\n- **License:** MIT", Some("Funded by: Acme\nLicense: MIT")),
            ("{{ bias_risks | default(\"[More Information Needed]\") }}", None),
            ("N/A", None),
            ("TODO", None),
            ("```python\nmodel()\n```\nRuns.", Some("Runs.")),
            ("| a | b |\n|---|---|\n| 1 | 2 |", None),
            ("a &lt; b, 3 < 4", Some("a < b, 3 < 4")),
            ("\\[not a link\\](x)", Some("[not a link](x)")),
            ("<unclosed", Some("<unclosed")),
            ("", None),
        ] {
            let lines: Vec<&str> = markdown.lines().collect();
            assert_eq!(text(&lines, 1000).as_deref(), expected, "{markdown}");
        }
    }

    #[test]
    fn texts_end_with_a_sentence_or_a_word() {
        assert_eq!(cut("One sentence. Another one that is long.", 25), "One sentence.");
        assert_eq!(cut("words words words words", 13), "words words …");
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("ééééé", 3), "ééé …");
    }

    #[test]
    fn comments_are_left_out() {
        assert_eq!(without_comments("a<!-- b -->c<!-- d"), "ac");
        assert_eq!(without_comments("plain"), "plain");
    }

    #[test]
    fn hostile_marks_end() {
        for mark in ["[", "![", "<a", "](", "\\", "<!--", "`", "**", "[]("] {
            let text_of = mark.repeat(100_000 / mark.len());
            let _ = text(&[&text_of], 1000);
            let _ = without_comments(&text_of);
        }
    }
}
