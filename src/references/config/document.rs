//! One shape for what configuration is written in, so that a key means the same in YAML, TOML, JSON, INI and `.env`.

use crate::parse::Budget;
use crate::parse::ini;
use crate::parse::json;
use crate::parse::toml;
use crate::parse::yaml;
use crate::source::Embedded;
use crate::source::Span;

/// How a document is written; what is put into it is written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::references) enum Format {
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// JSON, also with comments.
    Json,
    /// `[section]` and options.
    Ini,
    /// `NAME=value` in lines.
    Env,
}

/// A value with its place.
#[derive(Debug)]
pub(in crate::references) struct Node {
    /// Its bytes, quotes included.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of a value that matter here.
#[derive(Debug)]
pub(in crate::references) enum Kind {
    /// Nothing, a number, or something else that names nothing.
    Other,
    /// `true` or `false`.
    Bool(bool),
    /// Text.
    Text(Embedded),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in order.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug)]
pub(in crate::references) struct Entry {
    /// The key as written.
    pub key: String,
    /// The key as [`super::keys::plain`] writes it.
    pub plain: String,
    /// Its bytes.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

/// What was read of a file.
#[derive(Debug)]
pub(in crate::references) struct Document {
    /// How it is written.
    pub format: Format,
    /// Its roots; YAML may have several.
    pub roots: Vec<Node>,
    /// The first thing that could not be read.
    pub problem: Option<String>,
}

impl Entry {
    fn new(key: String, key_span: Span, value: Node) -> Self {
        Self { plain: super::keys::plain(&key), key, key_span, value }
    }
}

impl Node {
    /// The entries of a mapping; none of another kind.
    pub(in crate::references) fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a list; none of another kind.
    pub(in crate::references) fn items(&self) -> &[Self] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The text of a text.
    pub(in crate::references) fn text(&self) -> Option<&Embedded> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// The text of a text, as it is.
    pub(in crate::references) fn as_str(&self) -> Option<&str> {
        self.text().map(|text| text.text.as_str())
    }
}

/// The value of the first of some keys that a mapping has; keys are compared as [`super::keys::plain`] writes them.
pub(in crate::references) fn find<'n>(entries: &'n [Entry], keys: &[&str]) -> Option<&'n Entry> {
    keys.iter().find_map(|key| entries.iter().find(|entry| entry.plain == *key))
}

/// Reads a text as what its file is.
pub(in crate::references) fn read(format: Format, text: &str) -> Document {
    let mut budget = Budget::default();
    let (roots, problem) = match format {
        Format::Yaml => {
            let read = yaml::parse(text, &mut budget);
            (read.docs.into_iter().filter_map(of_yaml).collect(), read.problems.into_iter().next())
        }
        Format::Toml => {
            let read = toml::parse(text, &mut budget);
            (vec![of_table(&read.root)], read.problems.into_iter().next())
        }
        Format::Json => {
            let read = json::parse_with_comments(text, &mut budget);
            (read.root.into_iter().map(of_json).collect(), read.problems.into_iter().next())
        }
        Format::Ini => {
            let read = ini::parse(text, &mut budget);
            (vec![of_ini(read.sections)], read.problems.into_iter().next())
        }
        Format::Env => (vec![of_env(text)], None),
    };
    Document { format, roots, problem: problem.map(|problem| problem.message) }
}

/// None where the value was copied from an anchor, which is read where it stands.
fn of_yaml(node: yaml::Node) -> Option<Node> {
    if node.alias.is_some() {
        return None;
    }
    let is_plain_bool = node.as_bool();
    let is_null = node.is_null();
    let kind = match node.kind {
        yaml::NodeKind::Null => Kind::Other,
        yaml::NodeKind::Scalar(_) if is_null => Kind::Other,
        yaml::NodeKind::Scalar(scalar) => is_plain_bool.map_or(Kind::Text(scalar.text), Kind::Bool),
        yaml::NodeKind::Sequence(items) => Kind::List(items.into_iter().filter_map(of_yaml).collect()),
        yaml::NodeKind::Mapping(entries) => Kind::Map(
            entries
                .into_iter()
                .filter_map(|entry| {
                    let key = entry.key.as_str()?.to_owned();
                    Some(Entry::new(key, entry.key.span, of_yaml(entry.value)?))
                })
                .collect(),
        ),
    };
    Some(Node { span: node.span, kind })
}

fn of_table(table: &toml::Table) -> Node {
    let of_entry = |entry: &toml::Entry| Entry::new(entry.key.value.clone(), entry.key.span, of_toml(&entry.value));
    let entries = table.entries().iter().map(of_entry);
    Node { span: table.span, kind: Kind::Map(entries.collect()) }
}

fn of_toml(value: &toml::Value) -> Node {
    let kind = match &value.kind {
        toml::Kind::String(text) => Kind::Text(text.clone()),
        toml::Kind::Bool(value) => Kind::Bool(*value),
        toml::Kind::Array(items) => Kind::List(items.iter().map(of_toml).collect()),
        toml::Kind::Table(table) => return of_table(table),
        _ => Kind::Other,
    };
    Node { span: value.span, kind }
}

fn of_json(value: json::Value) -> Node {
    let kind = match value.kind {
        json::Kind::String(text) => Kind::Text(text),
        json::Kind::Bool(value) => Kind::Bool(value),
        json::Kind::Array(items) => Kind::List(items.into_iter().map(of_json).collect()),
        json::Kind::Object(object) => Kind::Map(
            object
                .entries()
                .iter()
                .map(|entry| Entry::new(entry.key.value.clone(), entry.key.span, of_json(entry.value.clone())))
                .collect(),
        ),
        _ => Kind::Other,
    };
    Node { span: value.span, kind }
}

fn of_ini(sections: Vec<ini::Section>) -> Node {
    let entries = sections.into_iter().map(|section| {
        let options = section.options.into_iter().map(|option| {
            let value = Node { span: option.span, kind: of_word(option.value) };
            Entry::new(option.key.value, option.key.span, value)
        });
        let options = Node { span: section.header, kind: Kind::Map(options.collect()) };
        Entry::new(section.name.value, section.name.span, options)
    });
    Node { span: Span::default(), kind: Kind::Map(entries.collect()) }
}

/// What a text means that stands without quotes.
fn of_word(text: Embedded) -> Kind {
    match text.text.as_str() {
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        "" => Kind::Other,
        _ => Kind::Text(text),
    }
}

/// `NAME=value`, `export NAME="value" # why`. Source: the readers of Compose and of python-dotenv.
fn of_env(text: &str) -> Node {
    let mut entries = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        entries.extend(env_line(line.trim_end_matches(['\n', '\r']), at));
        at += line.len();
    }
    Node { span: Span::new(0, text.len()), kind: Kind::Map(entries) }
}

fn env_line(line: &str, at: usize) -> Option<Entry> {
    let rest = line.trim_start();
    let rest = rest.strip_prefix("export ").unwrap_or(rest).trim_start();
    let (key, value) = rest.split_once('=')?;
    let name = key.trim_end();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') {
        return None;
    }
    let key_at = at + (line.len() - rest.len());
    let value_at = key_at + key.len() + 1;
    let (from, to) = value_range(value);
    let text = Embedded::verbatim(&value[from..to], (value_at + from) as u64);
    let span = Span::new(value_at + from, value_at + to);
    let key_span = Span::new(key_at, key_at + name.len());
    Some(Entry::new(name.to_owned(), key_span, Node { span, kind: of_word(text) }))
}

/// The value itself, without quotes, blanks and a comment behind it.
fn value_range(value: &str) -> (usize, usize) {
    let from = value.len() - value.trim_start().len();
    let rest = &value[from..];
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\''))
        && let Some(end) = rest[1..].find(quote)
    {
        return (from + 1, from + 1 + end);
    }
    let end = rest.find(" #").unwrap_or(rest.len());
    (from, from + rest[..end].trim_end().len())
}

/// The same text with each `{{ .. }}` and `{% .. %}` overwritten, so that what stands around them can be read as
/// YAML and every byte keeps its place. What stands alone on a line leaves the line empty.
pub(in crate::references) fn without_tags(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(found) = text[at..].find('{') {
        let start = at + found;
        let close = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let Some(end) = text[start + 2..].find(close).map(|end| start + 2 + end + 2) else { break };
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r');
        let before = text.as_bytes()[..start].iter().rev().find(|b| !is_blank(b));
        let after = text.as_bytes()[end..].iter().find(|b| !is_blank(b));
        let is_alone = before.is_none_or(|b| *b == b'\n') && after.is_none_or(|b| *b == b'\n');
        for byte in &mut out[start..end] {
            if *byte != b'\n' {
                *byte = if is_alone { b' ' } else { MASK };
            }
        }
        at = end;
    }
    // Only ASCII is written, over whole characters.
    String::from_utf8(out).unwrap_or_default()
}

/// What stands in the place of a template's tag.
pub(in crate::references) const MASK: u8 = b'$';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_environments_are_taken_apart() {
        let text = "# MODEL=a/b\nexport MODEL_ID=\"a/b\" # why\nX = c/d  # e\nEMPTY=\nnot a line\n";
        let read = read(Format::Env, text);
        let all: Vec<_> = read.roots[0]
            .entries()
            .iter()
            .map(|e| (e.key.as_str(), e.value.as_str(), &text[e.value.span.range(text.len())]))
            .collect();
        assert_eq!(all, [("MODEL_ID", Some("a/b"), "a/b"), ("X", Some("c/d"), "c/d"), ("EMPTY", None, "")]);
    }

    #[test]
    fn tags_are_overwritten_in_place() {
        let text = "{{- if .Values.x }}\na: \"{{ .Values.model }}\"\nb: org/é{{ x }}\n{{- end }}\n";
        let masked = without_tags(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains('{') && masked.contains("a: \"$$") && masked.contains("b: org/é$"));
        let root = &read(Format::Yaml, &masked).roots[0];
        assert_eq!(root.entries().len(), 2);
    }
}
