//! Chat templates: Jinja, read for what reaches out of its sandbox.
//!
//! A template is run each time a prompt is made. Programs that render it in a sandbox are few, and sandboxes
//! have been left before, so what a template reaches for is told whoever renders it.

mod evaluate;
pub(in crate::scan) mod hidden;
mod names;
mod read;
#[cfg(test)]
mod tests;

use super::{Context, Rule, Severity, Verdict};
use crate::parse::template::{TagKind, Token, tags};
use crate::source::Bytes;

static TEMPLATE_REACH: Rule = Rule {
    id: "template-reach",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "The template reaches for the internals of Python",
    help: "No chat template needs them: it is how a template runs code. Do not render it; take the template of the model's authors.",
};
static TEMPLATE_INDIRECT: Rule = Rule {
    id: "template-indirect",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The template reaches for something that is hidden in it",
    help: "A name is private, or made while the template runs, as those do that want to pass a filter. Read the template before it is rendered.",
};
static TEMPLATE_FILES: Rule = Rule {
    id: "template-files",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "The template reads other templates",
    help: "What is rendered stands in another file, which was not looked at with this one. Put it into the template.",
};
static TEMPLATE_EXHAUSTING: Rule = Rule {
    id: "template-exhausting",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "The template takes more time or memory than a server has",
    help: "It repeats or counts so far that rendering does not end. Do not render it.",
};
static TEMPLATE_UNPARSED: Rule = Rule {
    id: "template-unparsed",
    verdict: Verdict::Malformed,
    severity: Severity::Low,
    title: "A part of the template cannot be read",
    help: "It is no Jinja, or an extension of it that is not known. Programs that render it may see something else.",
};

pub(super) const RULES: &[&Rule] = &[
    &TEMPLATE_REACH,
    &TEMPLATE_INDIRECT,
    &TEMPLATE_FILES,
    &TEMPLATE_EXHAUSTING,
    &TEMPLATE_UNPARSED,
    &hidden::HIDDEN_PAYLOAD,
    &hidden::HIDDEN_CODE,
];

/// Bytes of a template file that are read.
const LONGEST: u64 = 1 << 20;

/// Whether a text may hold tags of a template.
#[must_use]
pub fn has_tags(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Scans the text of a template that stands at an offset of the file; none where no offset is known.
pub fn scan_text(text: &str, offset: impl Into<Option<u64>>, context: &mut Context<'_>) {
    read::template(text, offset.into(), false, context);
}

/// As [`scan_text`], for a text whose bytes are those of the file, so that each finding has its own place.
pub fn scan_raw(text: &str, offset: u64, context: &mut Context<'_>) {
    read::template(text, Some(offset), true, context);
}

/// Whether bytes are a template by itself, by their beginning.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    if bytes.len() > LONGEST || head.contains(&0) || super::tokenizer::claims(head, bytes) {
        return false;
    }
    // Only then is more of it read.
    let is_all = head.len() as u64 >= bytes.len();
    let more =
        if is_all { Vec::new() } else { bytes.up_to(0, usize::try_from(LONGEST).unwrap_or(0)).unwrap_or_default() };
    let Ok(text) = std::str::from_utf8(if is_all { head } else { &more }) else { return false };
    has_tags(text) && is_template(text)
}

/// Whether a text is a chat template as a whole, or one that reaches out: not a page that is made with
/// templates, and no text that shows or contains them.
fn is_template(text: &str) -> bool {
    let starts_with_tag =
        ["{{", "{%", "{#"].iter().any(|tag| text.trim_start_matches('\u{feff}').trim_start().starts_with(tag));
    if !starts_with_tag && is_something_else(text) {
        return false;
    }
    let (mut has_statements, mut speaks, mut reaches) = (false, false, false);
    for tag in tags(text).take(5000) {
        let mut is_naming = false;
        for (index, (token, _)) in tag.tokens.iter().enumerate() {
            match token {
                Token::Name(name) => {
                    if index == 0 && tag.kind == TagKind::Statement {
                        has_statements |= names::KEYWORDS.contains(&name.as_str());
                        is_naming = matches!(name.as_str(), "include" | "import" | "extends" | "from");
                    }
                    speaks |= names::CHAT.contains(&name.as_str());
                    reaches |= names::is_telling(name);
                }
                Token::Text(text) => {
                    let leaves = text.starts_with(['/', '\\', '~']) || text.contains("..") || text.contains("://");
                    reaches |= names::has_telling(text) || (is_naming && leaves);
                }
                Token::Integer(number) => reaches |= *number > 10_000_000,
                _ => {}
            }
        }
    }
    reaches = reaches || read::reaches(text);
    if is_page(text) {
        return reaches && starts_with_tag;
    }
    reaches || (speaks && (has_statements || starts_with_tag))
}

/// Whether a text is a page of the web.
fn is_page(text: &str) -> bool {
    ["</div>", "</body>", "</html>", "</head>", "</p>", "</li>", "</a>", "</td>", "</h1>", "</h2>", "</form>"]
        .iter()
        .any(|end| text.contains(end))
}

/// Whether a text is a page, a program or a configuration, by lines that no template has outside of its tags.
fn is_something_else(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "```",
        "import ",
        "from ",
        "def ",
        "class ",
        "fn ",
        "use ",
        "pub ",
        "package ",
        "func ",
        "#!",
        "#include",
        "name:",
        "<!DOCTYPE",
        "<!doctype",
        "<html",
        "<?xml",
        "function ",
        "const ",
        "let ",
        "var ",
        "export ",
        "apiVersion:",
        "\\documentclass",
        "\\begin{",
    ];
    let first_tag = text.find("{%").into_iter().chain(text.find("{{")).min().unwrap_or(text.len());
    let before = &text[..first_tag];
    before.lines().any(|line| STARTS.iter().any(|start| line.trim_start().starts_with(start)))
        || before
            .lines()
            .next()
            .is_some_and(|line| line.starts_with("# ") || line.starts_with("//") || line.starts_with("/*"))
}

/// Scans a template by itself.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    match bytes.up_to(0, usize::try_from(LONGEST).unwrap_or(0)) {
        Ok(all) => match std::str::from_utf8(&all) {
            Ok(text) => scan_raw(text, 0, context),
            Err(_) => context.find(&TEMPLATE_UNPARSED, 0, "the template is not UTF-8"),
        },
        Err(why) => context.unread(0, why),
    }
}
