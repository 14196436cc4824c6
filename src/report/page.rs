//! A rule's page on a terminal: headings, lists, code and links as a person reads them. Where nobody looks it stays
//! Markdown.

use std::fmt::Write as _;

/// What the terminal can do.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    /// Bold and colours.
    pub colour: bool,
    /// Links that can be clicked (OSC 8).
    pub links: bool,
    /// Columns that text is filled to.
    pub width: usize,
}

/// Widest text that is pleasant to read.
const MEASURE: usize = 100;

/// Renders a page. Lines of code stay as they are, markers of the page's own tests taken out.
#[must_use]
pub fn render(page: &str, looks: Looks) -> String {
    let width = looks.width.clamp(40, MEASURE);
    let mut out = String::new();
    let mut text = Paragraph::default();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            text.flush(&mut out, width, looks);
            code(info, &mut lines, &mut out, looks);
        } else if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            text.flush(&mut out, width, looks);
            let _ = writeln!(out, "{}", painted(title, "1", looks));
        } else if line.trim().is_empty() {
            text.flush(&mut out, width, looks);
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        } else if line.starts_with('|') {
            text.flush(&mut out, width, looks);
            let mut rows = vec![cells(line)];
            while let Some(row) = lines.clone().next().filter(|line| line.starts_with('|')) {
                rows.push(cells(row));
                lines.next();
            }
            table(&rows, &mut out, width, looks);
        } else {
            let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
            if let Some(item) = item {
                text.flush(&mut out, width, looks);
                text.is_item = true;
                text.words.push_str(item);
            } else {
                if !text.words.is_empty() {
                    text.words.push(' ');
                }
                text.words.push_str(line.trim());
            }
        }
    }
    text.flush(&mut out, width, looks);
    out
}

/// The cells of a table's row. A bar in code divides nothing.
fn cells(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut in_code = false;
    for c in line.trim().trim_start_matches('|').chars() {
        in_code ^= c == '`';
        match out.last_mut() {
            Some(cell) if c != '|' || in_code => cell.push(c),
            _ => out.push(String::new()),
        }
    }
    // The row ends in a bar, after which there is nothing.
    if out.last().is_some_and(|cell| cell.trim().is_empty()) {
        out.pop();
    }
    out.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A table in columns; one that is too wide for that as a list, with the heads of its columns in every item.
fn table(rows: &[Vec<String>], out: &mut String, width: usize, looks: Looks) {
    let is_rule = |row: &&Vec<String>| !row.iter().all(|cell| cell.bytes().all(|b| matches!(b, b'-' | b':')));
    let rows: Vec<&Vec<String>> = rows.iter().filter(is_rule).collect();
    let Some((head, body)) = rows.split_first() else { return };
    let shown = |cell: &str| inline(cell, Looks { colour: false, links: false, ..looks }).chars().count();
    let columns = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| shown(cell)).max().unwrap_or(0))
        .collect();
    if widths.iter().map(|width| width + 2).sum::<usize>() > width {
        for row in body {
            let told = row.iter().zip(head.iter()).enumerate().filter(|(_, (cell, _))| !cell.is_empty());
            let parts: Vec<String> =
                told.map(|(at, (cell, head))| if at == 0 { cell.clone() } else { format!("{head}: {cell}") }).collect();
            let mut item = Paragraph { words: parts.join("; "), is_item: true };
            item.flush(out, width, looks);
        }
        return;
    }
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let text = inline(cell, looks);
            let text = if number == 0 { painted(&text, "1", looks) } else { text };
            let _ = write!(line, "  {text}{}", " ".repeat(width.saturating_sub(shown(cell))));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// Text that is filled anew.
#[derive(Default)]
struct Paragraph {
    words: String,
    is_item: bool,
}

impl Paragraph {
    fn flush(&mut self, out: &mut String, width: usize, looks: Looks) {
        let text = std::mem::take(&mut self.words);
        let is_item = std::mem::take(&mut self.is_item);
        if text.is_empty() {
            return;
        }
        let (first, rest) = if is_item { ("  • ", "    ") } else { ("", "") };
        let mut line = first.to_owned();
        let mut column = first.chars().count();
        let mut is_start = true;
        for word in words(&text) {
            let shown = inline(&word, Looks { colour: false, links: false, ..looks }).chars().count();
            if !is_start && column + 1 + shown > width {
                out.push_str(line.trim_end());
                out.push('\n');
                rest.clone_into(&mut line);
                column = rest.chars().count();
                is_start = true;
            }
            if !is_start {
                line.push(' ');
                column += 1;
            }
            line.push_str(&inline(&word, looks));
            column += shown;
            is_start = false;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Words, of which code and links are one.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let (mut in_code, mut in_link) = (false, false);
    for c in text.chars() {
        match c {
            '`' => in_code = !in_code,
            '[' if !in_code => in_link = true,
            ')' | '\n' if in_link => in_link = false,
            _ => {}
        }
        if c == ' ' && !in_code && !in_link {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
        } else {
            // A bracket that opens no link must not hold a paragraph together.
            in_link &= word.len() < 200;
            word.push(c);
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn code<'t>(info: &str, lines: &mut impl Iterator<Item = &'t str>, out: &mut String, looks: Looks) {
    let word = |key: &str| info.split_whitespace().find_map(|w| w.strip_prefix(key).map(str::to_owned));
    if let Some(path) = word("path=") {
        let side = word("side=").filter(|side| side == "before").map(|_| ", before").unwrap_or_default();
        let _ = writeln!(out, "    {}", painted(&format!("{path}{side}"), "2", looks));
    }
    for line in lines.by_ref().take_while(|line| !line.starts_with("```")) {
        let bare = line.strip_suffix("#!").or_else(|| line.strip_suffix("//!"));
        let text = bare.map_or(line, str::trim_end);
        match bare {
            // The line that the rule reports.
            Some(_) => {
                let _ = writeln!(out, "  {} {}", painted("→", "31", looks), painted(text, "1", looks));
            }
            None => {
                let _ = writeln!(out, "    {text}");
            }
        }
    }
}

/// Code, emphasis and links of one line.
fn inline(text: &str, looks: Looks) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let found = match c {
            '`' => after.split_once('`').map(|(code, after)| (painted(code, "36", looks), after)),
            '*' => after
                .split_once('*')
                .filter(|(text, _)| !text.is_empty())
                .map(|(text, after)| (painted(text, "3", looks), after)),
            '<' => {
                after.split_once('>').filter(|(url, _)| is_url(url)).map(|(url, after)| (link(url, url, looks), after))
            }
            '[' => after.split_once("](").and_then(|(text, after)| {
                let (url, after) = after.split_once(')')?;
                is_url(url).then(|| {
                    let shown = inline(text, looks);
                    let shown = if looks.links { link(url, &shown, looks) } else { format!("{shown} ({url})") };
                    (shown, after)
                })
            }),
            'h' if is_url(rest) && !out.ends_with(char::is_alphanumeric) => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | ')' | '`' | '"')).unwrap_or(rest.len());
                let url = rest[..end].trim_end_matches(['.', ',', ';', ':']);
                Some((link(url, url, looks), &rest[url.len()..]))
            }
            _ => None,
        };
        match found {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                out.push(c);
                rest = after;
            }
        }
    }
    out
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") && text.len() > "https://".len()
}

/// A link that can be clicked, where the terminal knows such.
#[must_use]
pub fn link(url: &str, text: &str, looks: Looks) -> String {
    let is_plain = url.bytes().all(|b| b.is_ascii_graphic());
    if looks.links && is_plain { format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\") } else { text.to_owned() }
}

fn painted(text: &str, code: &str, looks: Looks) -> String {
    if looks.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Looks = Looks { colour: false, links: false, width: 60 };

    #[test]
    fn a_page_reads_as_text() {
        let page = "# some-rule\n\n## What it reports\n\nA step that uses `a b` by a\ntag, see [the manual](https://example.com/m).\n\n\
                    - one\n- two that goes on\n  below\n\n```yaml path=a.yml\non: push\nuses: x@v1 #!\n```\n\n<https://example.com/x>\n";
        let wanted = "some-rule\n\nWhat it reports\n\nA step that uses a b by a tag, see\nthe manual (https://example.com/m).\n\n\
                      \u{20} • one\n  • two that goes on below\n\n    a.yml\n    on: push\n  → uses: x@v1\n\nhttps://example.com/x\n";
        assert_eq!(render(page, PLAIN), wanted);
    }

    #[test]
    fn a_table_has_columns_or_becomes_a_list() {
        let page = "text\n\n| told | answer |\n| --- | :-: |\n| one `a | b` | 1 |\n| two | |\n\nmore\n";
        assert_eq!(render(page, PLAIN), "text\n\n  told       answer\n  one a | b  1\n  two\n\nmore\n");
        let long = format!("| what | is |\n|---|---|\n| {} | so |\n| b | |\n", "word ".repeat(12));
        let text = render(&long, PLAIN);
        assert!(text.starts_with("  • word word") && text.contains("is: so\n  • b\n"), "{text}");
    }

    #[test]
    fn a_terminal_gets_colours_and_links() {
        let looks = Looks { colour: true, links: true, width: 80 };
        let text = render("## Title\n\nrun `x`, read [it](https://example.com/m)\n", looks);
        assert!(text.contains("\u{1b}[1mTitle\u{1b}[0m") && text.contains("\u{1b}[36mx\u{1b}[0m"), "{text:?}");
        assert!(text.contains("\u{1b}]8;;https://example.com/m\u{1b}\\it\u{1b}]8;;\u{1b}\\"), "{text:?}");
        assert_eq!(link("https://example.com/\u{1b}x", "x", looks), "x", "no sequence gets into an address");
    }

    #[test]
    fn every_page_renders_and_keeps_its_words() {
        for (_, rule) in crate::rules::all() {
            let page = rule.page();
            let text = render(&page, PLAIN);
            assert!(!text.contains("```") && !text.contains("#!\n"), "{}", rule.id);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            assert!(letters(&text) * 10 >= letters(&page) * 9, "{} lost words", rule.id);
        }
    }
}
