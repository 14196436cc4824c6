use super::*;
use crate::source::{Span, Spanned};

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}

/// `i=` index, `x=` extra, `f=` links, `n=` none, `s=` strategy.
fn options(words: &str) -> Vec<IndexOption> {
    let one = |word: &str| {
        let (letter, value) = word.split_once('=').unwrap();
        let kind = match letter {
            "i" => IndexOptionKind::Index,
            "x" => IndexOptionKind::ExtraIndex,
            "f" => IndexOptionKind::FindLinks,
            "n" => IndexOptionKind::NoIndex,
            _ => IndexOptionKind::IndexStrategy,
        };
        IndexOption { kind, value: text(value), span: Span::default() }
    };
    words.split_whitespace().map(one).collect()
}

/// `d=` default or primary, `m=` normal, `s=` supplemental, `e=` explicit, `F=` filtered, `P=` named pypi.
fn tables(tool: Tool, words: &str) -> Vec<DeclaredIndex> {
    let one = |word: &str| {
        let (letter, value) = word.split_once('=').unwrap();
        let priority = match letter {
            "d" | "P" => Priority::Default,
            "s" => Priority::Supplemental,
            "e" => Priority::Explicit,
            _ => Priority::Normal,
        };
        DeclaredIndex {
            tool,
            name: text(if letter == "P" { "pypi" } else { value }),
            url: Some(text(value)),
            priority,
            tls_off: None,
            ignored_errors: None,
            is_filtered: letter == "F",
            span: Span::default(),
        }
    };
    words.split_whitespace().map(one).collect()
}

fn rows(tool: Tool, by_options: &str, by_tables: &str, keeps_order: bool) -> String {
    let (options, declared) = (options(by_options), tables(tool, by_tables));
    let place = Place::new(FileId(0), Span::default());
    let told = Told {
        resolver: Resolver::of(tool),
        options: options.iter().map(|o| (place, o)).collect(),
        declared: declared.iter().map(|i| (FileId(0), i)).collect(),
        keeps_order,
    };
    let candidates = told.for_any_name();
    let row = |row: &Vec<Asked<'_>>| row.iter().map(|a| a.address.unwrap_or("pypi")).collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = candidates.rows.iter().map(row).collect();
    rows.join(if candidates.falls == Falls::NoName { " | " } else { " / " })
}

/// What stands beside each other is asked together; `|` falls where the name is missing, `/` where no
/// version fits. Each row is one that the resolver itself was asked about.
#[test]
fn each_resolver_asks_as_it_does() {
    for (tool, by_options, by_tables, keeps_order, expected) in [
        (Tool::Pip, "", "", false, "pypi"),
        (Tool::Pip, "i=a", "", false, "a"),
        (Tool::Pip, "i=a x=b", "", false, "a b"),
        (Tool::Pip, "x=b", "", false, "pypi b"),
        (Tool::Pip, "i=a i=b", "", false, "b"),
        (Tool::Pip, "i=a x=b f=l", "", false, "a b l"),
        (Tool::Pip, "i=a x=b f=l n=", "", false, "l"),
        (Tool::Uv, "i=a x=b", "", false, "b | a"),
        (Tool::Uv, "x=b", "", false, "b | pypi"),
        (Tool::Uv, "x=b s=unsafe-first-match", "", false, "b / pypi"),
        (Tool::Uv, "x=b s=unsafe-best-match", "", false, "b pypi"),
        (Tool::Uv, "x=b s=first-index f=l", "", false, "b l | pypi l"),
        (Tool::Uv, "", "m=a d=b e=c", false, "a | b"),
        (Tool::Uv, "x=c", "m=a d=b", false, "c | a | b"),
        (Tool::Uv, "i=c", "d=b", false, "c"),
        (Tool::Uv, "", "e=c", false, "pypi"),
        (Tool::Poetry, "", "", false, "pypi"),
        (Tool::Poetry, "", "d=a d=b", false, "a b"),
        (Tool::Poetry, "", "d=a s=b", false, "a / b"),
        (Tool::Poetry, "", "s=b", false, "pypi / b"),
        (Tool::Poetry, "", "e=b", false, "pypi"),
        (Tool::Pdm, "", "m=a", false, "pypi a"),
        (Tool::Pdm, "", "P=a m=b", false, "a b"),
        (Tool::Pdm, "", "P=a m=b", true, "a / b"),
        (Tool::Pdm, "", "F=a", false, "pypi"),
        (Tool::Pipenv, "", "m=a m=b", false, "a"),
    ] {
        assert_eq!(
            rows(tool, by_options, by_tables, keeps_order),
            expected,
            "{tool:?} {by_options} {by_tables} {keeps_order}"
        );
    }
}

#[test]
fn what_a_stranger_can_take_follows_from_the_rows() {
    let asked = |address| Asked { address: Some(address), place: None };
    let rows = |falls| Candidates { rows: vec![vec![asked("a"), asked("b")], vec![asked("c")]], falls };
    let by_name = rows(Falls::NoName);
    for (stranger, holder, expected) in [
        ("a", "b", Some(Takes::Higher)),
        ("a", "c", Some(Takes::Before)),
        ("c", "a", Some(Takes::WhereNoName)),
        ("c", "x", None),
    ] {
        assert_eq!(by_name.takes(&asked(stranger), &asked(holder)), expected, "{stranger} over {holder}");
    }
    assert_eq!(rows(Falls::NoVersion).takes(&asked("c"), &asked("b")), Some(Takes::WhereNoVersion));
}

#[test]
fn one_option_may_hold_several_addresses() {
    let of = |value: &str| {
        let option = IndexOption { kind: IndexOptionKind::ExtraIndex, value: text(value), span: Span::default() };
        addresses(&option).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("https://a.example.com  'https://b.example.com'").len(), 2);
    assert_eq!(of("${{ vars.A || vars.B }}"), ["${{ vars.A || vars.B }}"]);
    assert_eq!(of("company=https://a.example.com/simple?x=1"), ["https://a.example.com/simple?x=1"]);
    assert!(of("").is_empty());
}
