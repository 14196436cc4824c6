//! Changes to a file of TOML that leave the rest of it as a person wrote it: an entry more in a list of tables, or
//! some less. Text in, text out.

use std::collections::BTreeSet;

use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, InlineTable, Item, Table, Value};

use super::Budget;
use super::toml;
use crate::source::Span;

/// Appends an entry to the list of tables at a path of keys; where there is none, it is made. The comment stands
/// above the entry.
///
/// # Errors
/// The file is no TOML, or something else stands at the path.
pub fn append(text: &str, path: &[&str], comment: &str, pairs: &[(&str, &str)]) -> Result<String, String> {
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let mut document: DocumentMut = body.parse().map_err(|e: toml_edit::TomlError| one_line(e.message()))?;
    let Some((list, parents)) = path.split_last() else { return Err("no path".to_owned()) };
    let is_new = body.trim().is_empty();
    let mut table: &mut dyn toml_edit::TableLike = document.as_table_mut();
    for key in parents {
        let mut implicit = Table::new();
        implicit.set_implicit(true);
        let item = table.entry(key).or_insert(Item::Table(implicit));
        let Some(inner) = item.as_table_like_mut() else { return Err(format!("`{key}` is no table")) };
        table = inner;
    }
    let comment = format!("# {}", one_line(comment));
    match table.entry(list).or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(entries) => {
            let mut entry = Table::new();
            for (key, value) in pairs {
                entry.insert(key, toml_edit::value(*value));
            }
            let gap = if is_new { "" } else { "\n" };
            *entry.decor_mut() = Decor::new(format!("{gap}{comment}\n"), "");
            entries.push(entry);
        }
        Item::Value(Value::Array(entries)) => inline(entries, &comment, pairs),
        _ => return Err(format!("`{list}` is no list of tables")),
    }
    let mut out = document.to_string();
    // Lines end as they did.
    if text.contains("\r\n") {
        out = out.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    Ok(format!("{mark}{out}"))
}

/// The same in a list that is written as a value.
fn inline(entries: &mut Array, comment: &str, pairs: &[(&str, &str)]) {
    let mut entry = InlineTable::new();
    for (key, value) in pairs {
        entry.insert(*key, Value::from(*value));
    }
    entries.push_formatted(Value::InlineTable(entry).decorated(format!("\n    {comment}\n    "), ""));
    entries.set_trailing_comma(true);
    let trailing = entries.trailing().as_str().unwrap_or_default().to_owned();
    if !trailing.contains('\n') {
        entries.set_trailing(format!("{trailing}\n"));
    }
}

/// The bytes of some entries of a list of tables, with the comment right above each and one of the blank lines
/// around it; in order.
///
/// # Errors
/// Such an entry is not written as a table with a header, so that what belongs to it is not known.
pub fn stretches(text: &str, path: &[&str], numbers: &BTreeSet<usize>) -> Result<Vec<Span>, String> {
    let parsed = toml::parse(text, &mut Budget::default());
    let items = parsed.get(path).and_then(|value| value.as_array()).unwrap_or_default();
    let mut out: Vec<Span> = Vec::new();
    for number in numbers {
        let table = items.get(*number).and_then(|item| item.as_table()).filter(|table| table.header.is_some());
        let Some(table) = table else {
            return Err(format!("entry {} is no `[[{}]]`: take it out by hand", number + 1, path.join(".")));
        };
        let range = table.span.range(text.len());
        let end = table.entries().last().map_or(range.end, |entry| entry.span().range(text.len()).end);
        let mut start = line_start(text, range.start);
        let mut end = line_end(text, end);
        while start > 0 {
            let above = line_start(text, start - 1);
            if !text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        let is_blank = |range: std::ops::Range<usize>| text.get(range).is_some_and(|line| line.trim().is_empty());
        let after = line_end(text, end);
        if after > end && is_blank(end..after) {
            end = after;
        } else if start > 0 && end == text.len() {
            // The last entry of the file leaves no blank line behind.
            let above = line_start(text, start - 1);
            if is_blank(above..start) {
                start = above;
            }
        }
        let start = out.last().map_or(start, |last| start.max(last.range(text.len()).end));
        out.push(Span::new(start, end.max(start)));
    }
    Ok(out)
}

/// The start of the line that holds a byte.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// One past the end of the line that holds a byte, its line feed included.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// A text that stays on one line and is no more than a text there.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str)] = &[("rule", "unpinned-action"), ("reason", "a \"quoted\"\nreason")];

    #[test]
    fn an_entry_more_leaves_the_rest_as_it_is() {
        let entry = "# why\n[[waiver]]\nrule = \"unpinned-action\"\n";
        for (name, text, path, wanted) in [
            ("nothing there", "", &["waiver"][..], entry.to_owned()),
            ("a table before it", "[gate]\nx = 1 # y\n", &["waiver"], format!("[gate]\nx = 1 # y\n\n{entry}")),
            (
                "behind the last of its kind",
                "# head\n\n[[waiver]]\nrule = 'a'   # b\n\n# tail\n[gate]\nx = 1\n",
                &["waiver"],
                format!("# head\n\n[[waiver]]\nrule = 'a'   # b\n\n{entry}\n# tail\n[gate]\nx = 1\n"),
            ),
            (
                "below a table that is there",
                "[package]\nname = \"x\"\n[package.metadata.custody.gate]\nx = 1\n",
                &["package", "metadata", "custody", "waiver"],
                format!(
                    "[package]\nname = \"x\"\n[package.metadata.custody.gate]\nx = 1\n\n{}",
                    entry.replace("[[waiver]]", "[[package.metadata.custody.waiver]]")
                ),
            ),
        ] {
            let out = append(text, path, "why", &PAIRS[..1]).unwrap();
            assert_eq!(out, wanted, "{name}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_meant() {
        for text in
            ["", "\u{feff}a = 1\r\n", "waiver = []\n", "waiver = [{ rule = \"x\" }, # y\n]\n", "a = 1", "# only\n"]
        {
            let out = append(text, &["waiver"], "one\ntwo = 3", PAIRS).unwrap();
            let parsed = toml::parse(&out, &mut Budget::default());
            assert!(parsed.problems.is_empty(), "{text}: {out}: {:?}", parsed.problems);
            let list = parsed.get(&["waiver"]).unwrap().as_array().unwrap();
            let last = list.last().unwrap();
            let reason = last.get("reason").unwrap().as_str().unwrap();
            assert_eq!(reason.replace("\r\n", "\n"), "a \"quoted\"\nreason", "{out}");
            assert!(parsed.get(&["two"]).is_none() && last.get("two").is_none(), "{out}");
            assert_eq!(out.contains("\r\n"), text.contains("\r\n"));
            assert_eq!(out.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        }
        for (text, path) in [("a = \n", &["waiver"][..]), ("waiver = 1\n", &["waiver"]), ("a = 1\n", &["a", "waiver"])]
        {
            assert!(append(text, path, "why", PAIRS).is_err(), "{text}");
        }
    }

    fn without(text: &str, numbers: &[usize]) -> String {
        let mut out = text.to_owned();
        for span in stretches(text, &["waiver"], &numbers.iter().copied().collect()).unwrap().into_iter().rev() {
            out.replace_range(span.range(text.len()), "");
        }
        out
    }

    #[test]
    fn an_entry_goes_with_its_comment() {
        let text = "# All exceptions\n\n# one\n[[waiver]]\nrule = \"a\"\n\n# two\n# more\n[[waiver]]\nrule = \"b\" # b\n\
                    \n[[waiver]]\nrule = \"c\"\n\n# the gate\n[gate]\nx = 1\n";
        let one = "# one\n[[waiver]]\nrule = \"a\"\n\n";
        let two = "# two\n# more\n[[waiver]]\nrule = \"b\" # b\n\n";
        let three = "[[waiver]]\nrule = \"c\"\n\n";
        for (numbers, gone) in [
            (&[0][..], vec![one]),
            (&[1], vec![two]),
            (&[2], vec![three]),
            (&[0, 2], vec![one, three]),
            (&[0, 1, 2], vec![one, two, three]),
        ] {
            let wanted = gone.iter().fold(text.to_owned(), |text, part| text.replace(part, ""));
            assert_eq!(without(text, numbers), wanted, "{numbers:?}");
        }
        assert_eq!(without("a = 1\n\n[[waiver]]\nrule = \"a\"", &[0]), "a = 1\n");
        assert_eq!(without("[[waiver]]\n[[waiver]]\nrule = \"a\"\n", &[0]), "[[waiver]]\nrule = \"a\"\n");
        assert_eq!(without("\r\n# x\r\n[[waiver]]\r\nrule = \"a\"\r\n\r\n[b]\r\n", &[0]), "\r\n[b]\r\n");
    }

    #[test]
    fn what_is_no_table_is_left_to_a_person() {
        let told = stretches("waiver = [{ rule = \"a\" }]\n", &["waiver"], &BTreeSet::from([0])).unwrap_err();
        assert_eq!(told, "entry 1 is no `[[waiver]]`: take it out by hand");
        assert!(stretches("", &["waiver"], &BTreeSet::from([0])).is_err());
    }
}
