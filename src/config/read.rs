//! From TOML to declarations.

use std::collections::BTreeSet;

use super::words::{only, table, texts, unknown};
use super::{Config, Home, IndexEntry, Said, Upstream, gate, place, policy, sbom, services, waivers};
use crate::parse::Problem;
use crate::parse::toml::{Entry, Kind, Table, Toml, Value};
use crate::source::{FileId, Span, Spanned};

/// Keys of the file besides those of [`policy::KEYS`].
pub(super) const KEYS: &[&str] = &["extends", "gate", "index", "roles", "sbom", "service", "vex", "waiver", "waivers"];
/// Keys that an inherited file may hold: what it says about the gate. The others speak of one tree.
pub(super) const INHERITED: &[&str] = &["gate", "waiver", "waivers", "service", "roles"];
/// Values that are kept with their keys.
const SAID: usize = 20_000;

/// Reads what a parsed `custody.toml` says. An entry with a mistake is left out whole, since half of
/// what a person meant is not what they meant.
#[must_use]
pub fn of(toml: &Toml, file: FileId, home: Home) -> (Config, Vec<Problem>) {
    of_table(&toml.root, file, home)
}

/// The same from a table of another file.
#[must_use]
pub fn of_table(root: &Table, file: FileId, home: Home) -> (Config, Vec<Problem>) {
    let mut config = Config { file, home, ..Config::default() };
    let mut problems = Vec::new();
    let all: Vec<&str> = KEYS.iter().chain(policy::KEYS).copied().collect();
    let (known, name) = match home {
        Home::Inherited => (INHERITED, "an inherited policy"),
        _ => (all.as_slice(), "custody.toml"),
    };
    for entry in root.entries() {
        let key = entry.key.as_str();
        if !known.contains(&key) {
            problems.push(unknown(entry, name, known));
            continue;
        }
        match key {
            "index" => indexes(entry, &mut config, &mut problems),
            "waiver" => config.waivers = waivers::read(entry, file, &mut problems),
            "service" => config.services = services::read(entry, &mut problems),
            key if policy::KEYS.contains(&key) => policy::read(entry, &mut config.policy, &mut problems),
            key => {
                let Some(table) = table(entry, &mut problems) else { continue };
                match key {
                    "extends" => config.extends = place::extends(table, entry.span(), &mut problems),
                    "gate" => config.gate = gate::read(table, &mut problems),
                    "waivers" => config.waiver_rules = waivers::rules(table, &mut problems),
                    "roles" => config.roles = services::roles(table, &mut problems),
                    "sbom" => config.sbom = sbom::read(table, &mut problems),
                    _ => {
                        only(table, "`[vex]`", &["files"], &mut problems);
                        config.vex = texts(table, "files", &mut problems);
                    }
                }
            }
        }
    }
    said(root, "", &mut config.said);
    (config, problems)
}

/// Every value with its key. The depth is that of the parser.
fn said(table: &Table, before: &str, out: &mut Vec<Said>) {
    for entry in table.entries() {
        if out.len() >= SAID {
            return;
        }
        let key = match before {
            "" => entry.key.value.clone(),
            before => format!("{before}.{}", entry.key.value),
        };
        match &entry.value.kind {
            Kind::Table(inner) => said(inner, &key, out),
            Kind::Array(items) if !items.is_empty() && items.iter().all(|item| item.as_table().is_some()) => {
                for (number, inner) in items.iter().filter_map(Value::as_table).enumerate() {
                    said(inner, &format!("{key}.{}", number + 1), out);
                }
            }
            _ => out.push(Said { key, span: entry.value.span }),
        }
    }
}

fn indexes(entry: &Entry, config: &mut Config, problems: &mut Vec<Problem>) {
    let Some(items) = entry.value.as_array() else {
        problems.push(Problem::new(entry.span(), "`index` is a list of tables, `[[index]]`"));
        return;
    };
    let mut seen = BTreeSet::new();
    for item in items {
        let before = problems.len();
        match item.as_table() {
            Some(table) => match index(table, item.span, problems) {
                Some(index) if !seen.insert(index.url.value.clone()) => {
                    problems.push(Problem::new(index.url.span, format!("`{}` is declared twice", index.url.value)));
                }
                Some(index) if problems.len() == before => config.indexes.push(index),
                _ => {}
            },
            None => problems.push(Problem::new(item.span, "an index is a table with `url` and `mirror-of`")),
        }
    }
}

fn index(table: &Table, span: Span, problems: &mut Vec<Problem>) -> Option<IndexEntry> {
    let span = table.header.unwrap_or(span);
    for entry in table.entries() {
        if !matches!(entry.key.value.as_str(), "url" | "mirror-of") {
            problems.push(unknown(entry, "`[[index]]`", &["url", "mirror-of"]));
        }
    }
    let url = wanted_text(table, "url", "an index", span, problems);
    let upstream = wanted_text(table, "mirror-of", "an index", span, problems);
    let upstream = upstream.and_then(|word| match Upstream::find(&word.value) {
        Some(upstream) => Some(Spanned::new(upstream, word.span)),
        None => {
            let words: Vec<&str> = Upstream::ALL.iter().map(|u| u.as_str()).collect();
            let message = format!("`{}` is no index that can be mirrored, which are {}", word.value, words.join(", "));
            problems.push(Problem::new(word.span, message));
            None
        }
    });
    let url = url?;
    if let Some(why) = wrong(&url.value) {
        problems.push(Problem::new(url.span, why));
        return None;
    }
    Some(IndexEntry { url, mirror_of: upstream?, span: table.span })
}

/// The text of a key that `what` has to have.
pub(super) fn wanted_text(
    table: &Table,
    key: &str,
    what: &str,
    span: Span,
    problems: &mut Vec<Problem>,
) -> Option<Spanned<String>> {
    let Some(value) = table.get(key) else {
        problems.push(Problem::new(span, format!("{what} without `{key}`")));
        return None;
    };
    let text = Value::as_str(value).map(|text| Spanned::new(text.to_owned(), value.span));
    if text.is_none() {
        problems.push(Problem::new(value.span, format!("`{key}` is a text in quotes")));
    }
    text
}

/// What is wrong with the address of an index.
fn wrong(url: &str) -> Option<&'static str> {
    // Cargo's own way to say that an index is sparse.
    let url = url.strip_prefix("sparse+").unwrap_or(url);
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else { return Some("the address of an index starts with https://") };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    if host.contains('@') {
        Some("the address holds a user or password: leave it out here, addresses are compared without")
    } else if host.is_empty() || url.contains(char::is_whitespace) {
        Some("the address names no host")
    } else if url.contains(['$', '{', '*']) {
        Some("the address is taken as it stands: variables and patterns mean nothing here")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Budget, toml};

    fn read(text: &str) -> (Config, Vec<String>) {
        let (config, problems) = of(&toml::parse(text, &mut Budget::default()), FileId(0), Home::Root);
        (config, problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn a_mirror_keeps_its_places() {
        let text = "[[index]]\nurl = \"https://pypi.example.com/simple\"\nmirror-of = \"pypi\"\n";
        let (config, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let [index] = config.indexes.as_slice() else { panic!("one index: {config:?}") };
        assert_eq!(index.url.value, "https://pypi.example.com/simple");
        assert_eq!(index.mirror_of.value, Upstream::PyPi);
        assert_eq!(&text[index.url.span.range(text.len())], "\"https://pypi.example.com/simple\"");
        assert_eq!(&text[index.mirror_of.span.range(text.len())], "\"pypi\"");
    }

    #[test]
    fn registries_of_cargo_are_spelled_as_cargo_does() {
        for url in ["sparse+https://crates.example.com/index/", "https://crates.example.com/index"] {
            let (config, problems) = read(&format!("[[index]]\nurl = \"{url}\"\nmirror-of = \"crates-io\"\n"));
            assert_eq!(problems, Vec::<String>::new());
            assert_eq!(config.indexes[0].mirror_of.value, Upstream::CratesIo, "{url}");
        }
    }

    #[test]
    fn a_mistake_is_told_and_costs_its_entry() {
        let good = "[[index]]\nurl = \"https://a.example.com/simple\"\nmirror-of = \"pypi\"\n";
        for (text, told) in [
            ("[[indices]]\nurl = \"x\"\n", "`indices` is no key of custody.toml"),
            ("[[index]]\nurl = \"https://b.example.com\"\n", "an index without `mirror-of`"),
            ("[[index]]\nmirror-of = \"pypi\"\n", "an index without `url`"),
            ("[[index]]\nurl = 1\nmirror-of = \"pypi\"\n", "`url` is a text"),
            ("[[index]]\nurl = \"https://b.example.com\"\nmirror-of = \"npm\"\n", "`npm` is no index"),
            ("[[index]]\nurl = \"https://b.example.com\"\nmirror-of = \"pypi\"\nfor = \"x\"\n", "`for` is no key"),
            ("[[index]]\nurl = \"b.example.com\"\nmirror-of = \"pypi\"\n", "starts with https://"),
            ("[[index]]\nurl = \"https://u:p@b.example.com\"\nmirror-of = \"pypi\"\n", "user or password"),
            ("[[index]]\nurl = \"https://*.example.com\"\nmirror-of = \"pypi\"\n", "patterns mean nothing"),
            ("[[index]]\nurl = \"https:///simple\"\nmirror-of = \"pypi\"\n", "names no host"),
            (good, "is declared twice"),
        ] {
            let (config, problems) = read(&format!("{good}{text}"));
            assert_eq!(config.indexes.len(), 1, "{text}");
            assert!(problems.iter().any(|p| p.contains(told)), "{text}: {problems:?}");
        }
    }

    #[test]
    fn an_index_is_a_list_of_tables() {
        for (text, told) in [("index = 1\n", "`index` is a list of tables"), ("index = [1]\n", "an index is a table")] {
            let (config, problems) = read(text);
            assert!(config.indexes.is_empty());
            assert!(problems.iter().any(|p| p.contains(told)), "{text}: {problems:?}");
        }
    }
}
