//! `[sbom]` and `[[sbom.component]]`: what only a person can say of a product and its parts, for its bill of materials.
//! No finding and no verdict follows from it, but that a stated licence answers for one that nobody else states.

use super::words::day;
use super::words::flag;
use super::words::only;
use super::words::text;
use super::words::texts;
use crate::parse::Problem;
use crate::parse::toml::Entry;
use crate::parse::toml::Table;
use crate::sbom::model::statements;
use crate::source::Span;
use crate::source::Spanned;

/// Keys of the table.
pub(super) const KEYS: &[&str] =
    &["author", "component", "name", "producer", "released", "supplier", "system", "version"];
/// Keys of a part that are texts.
pub(super) const TEXTS: &[&str] = &[
    "anonymisation",
    "bias",
    "collection",
    "description",
    "energy",
    "ethics",
    "intended-use",
    "licence",
    "limitations",
    "out-of-scope",
    "preprocessing",
    "producer",
    "supplier",
    "training",
    "updates",
];
/// Keys of a part that are lists of texts.
pub(super) const LISTS: &[&str] = &["data-kinds", "inputs", "outputs", "tasks"];
/// Entries of a list, and longest text in bytes.
const MANY: usize = 1000;
const LONGEST: usize = 4000;

/// `[sbom]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SbomStatements {
    /// `name`: what the product is called.
    pub name: Option<Spanned<String>>,
    /// `version`.
    pub version: Option<Spanned<String>>,
    /// `released`: a day.
    pub released: Option<Spanned<String>>,
    /// `author`: who answers for the document, each `Name <mail or address>`.
    pub authors: Vec<Spanned<String>>,
    /// `supplier`: who hands the product over.
    pub supplier: Option<Spanned<String>>,
    /// `producer`: who makes it.
    pub producer: Option<Spanned<String>>,
    /// `[sbom.system]`: statements on the system by their names.
    pub system: Vec<(&'static str, Spanned<String>)>,
    /// `[[sbom.component]]`, in order.
    pub components: Vec<PartStatements>,
}

/// `[[sbom.component]]`: what is said of parts that fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartStatements {
    /// `match`: a package URL or a name, `*` for any signs.
    pub pattern: Spanned<String>,
    /// Texts by key, of [`TEXTS`].
    pub texts: Vec<(&'static str, Spanned<String>)>,
    /// Lists by key, of [`LISTS`].
    pub lists: Vec<(&'static str, Vec<Spanned<String>>)>,
    /// `released`: a day.
    pub released: Option<Spanned<String>>,
    /// `sensitive`: whether it holds personal or sensitive data.
    pub sensitive: Option<Spanned<bool>>,
    /// The whole table.
    pub span: Span,
}

/// Keys of a part.
pub(super) fn part_keys() -> Vec<&'static str> {
    ["match", "released", "sensitive"].iter().chain(TEXTS).chain(LISTS).copied().collect()
}

/// Reads the table. A part with a mistake is left out whole.
pub(super) fn read(table: &Table, problems: &mut Vec<Problem>) -> SbomStatements {
    only(table, "`[sbom]`", KEYS, problems);
    let mut line = |key| short(text(table, key, problems), key, problems);
    let (name, version) = (line("name"), line("version"));
    let (supplier, producer) = (line("supplier"), line("producer"));
    // One author needs no brackets.
    let authors = match table.get("author").is_some_and(|value| value.as_str().is_some()) {
        true => line("author").into_iter().collect(),
        false => texts(table, "author", problems),
    };
    let mut out = SbomStatements {
        name,
        version,
        released: day(table, "released", problems),
        authors,
        supplier,
        producer,
        ..SbomStatements::default()
    };
    if let Some(value) = table.get("system") {
        match value.as_table() {
            Some(system) => {
                only(system, "`[sbom.system]`", statements::ALL, problems);
                for &name in statements::ALL {
                    out.system.extend(short(text(system, name, problems), name, problems).map(|text| (name, text)));
                }
            }
            None => problems.push(Problem::new(value.span, "`system` is a table, `[sbom.system]`")),
        }
    }
    if let Some(entry) = table.entries().iter().find(|entry| entry.key.as_str() == "component") {
        out.components = parts(entry, problems);
    }
    out
}

fn parts(entry: &Entry, problems: &mut Vec<Problem>) -> Vec<PartStatements> {
    let Some(items) = entry.value.as_array() else {
        problems.push(Problem::new(entry.span(), "`component` is a list of tables, `[[sbom.component]]`"));
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in items {
        if out.len() == MANY {
            problems.push(Problem::new(item.span, format!("at most {MANY} parts can be described")));
            break;
        }
        let before = problems.len();
        let part = item.as_table().and_then(|table| part(table, problems));
        match part {
            Some(part) if problems.len() == before => out.push(part),
            None if problems.len() == before => {
                problems.push(Problem::new(item.span, "a part is a table with `match`, the package URL or the name"));
            }
            _ => {}
        }
    }
    out
}

fn part(table: &Table, problems: &mut Vec<Problem>) -> Option<PartStatements> {
    only(table, "`[[sbom.component]]`", &part_keys(), problems);
    let mut line = |key| short(text(table, key, problems), key, problems);
    let pattern = line("match")?;
    let said = TEXTS.iter().filter_map(|key| Some((*key, line(key)?))).collect();
    let lists = LISTS.iter().map(|key| (*key, texts(table, key, problems))).filter(|(_, list)| !list.is_empty());
    Some(PartStatements {
        pattern,
        texts: said,
        lists: lists.collect(),
        released: day(table, "released", problems),
        sensitive: flag(table, "sensitive", problems),
        span: table.header.unwrap_or(table.span),
    })
}

/// A text that is no book.
fn short(text: Option<Spanned<String>>, key: &str, problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    let text = text?;
    if text.value.len() > LONGEST {
        let why = format!("`{key}` is a text of at most {LONGEST} bytes");
        problems.push(Problem::new(text.span, why));
        return None;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use crate::config::{Home, of};
    use crate::parse::{Budget, toml};
    use crate::source::FileId;

    fn read(text: &str) -> (crate::config::Config, Vec<String>) {
        let toml = toml::parse(text, &mut Budget::default());
        let (config, problems) = of(&toml, FileId(0), Home::default());
        (config, problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn what_a_person_states_is_read() {
        let (config, problems) = read(
            "[sbom]\nname = \"gateway\"\nauthor = \"Acme <sbom@example.com>\"\nreleased = 2026-11-27\n\
             [sbom.system]\nintended-use = \"answers questions\"\n\
             [[sbom.component]]\nmatch = \"pkg:huggingface/acme/*\"\nlicence = \"MIT\"\nsensitive = false\ninputs = [\"text\"]\n",
        );
        assert_eq!(problems, [""; 0]);
        let said = &config.sbom;
        assert_eq!(said.name.as_ref().map(|name| name.as_str()), Some("gateway"));
        assert_eq!(said.authors.len(), 1);
        assert_eq!(
            said.system.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>(),
            [("intended-use", "answers questions")]
        );
        let part = &said.components[0];
        assert_eq!((part.texts.len(), part.lists.len(), part.sensitive.as_ref().map(|s| s.value)), (1, 1, Some(false)));
    }

    #[test]
    fn a_mistake_is_told_and_costs_its_part() {
        for (text, part) in [
            ("[sbom]\nnmae = \"x\"\n", "nmae"),
            ("[sbom]\nname = \" \"\n", "not an empty one"),
            ("[sbom]\nreleased = \"soon\"\n", "a day"),
            ("[sbom.system]\nintended_use = \"x\"\n", "intended_use"),
            ("[[sbom.component]]\nlicence = \"MIT\"\n", "match"),
            ("[[sbom.component]]\nmatch = \"a\"\nsensitive = \"no\"\n", "sensitive"),
            ("[sbom]\ncomponent = 3\n", "[[sbom.component]]"),
        ] {
            let (config, problems) = read(text);
            assert!(problems.iter().any(|problem| problem.contains(part)), "{text}: {problems:?}");
            assert_eq!(config.sbom.components.len(), 0, "{text}");
        }
    }
}
