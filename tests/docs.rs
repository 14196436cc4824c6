//! `docs/rules.md` follows from the table of rules. `UPDATE_DOCS=1 cargo test --test docs` writes it.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the test reads and writes the docs")]

use std::fmt::Write as _;
use std::path::Path;

use cargo_custody::rules;

fn page() -> String {
    let mut out = String::from(
        "# Rules\n\nMade from the table of rules by `UPDATE_DOCS=1 cargo test --test docs`; do not edit.\n",
    );
    let total = rules::all().count();
    let _ = writeln!(
        out,
        "\n{total} rules in {} families. `cargo custody explain RULE` prints a rule's page.",
        rules::FAMILIES.len()
    );
    for family in rules::FAMILIES {
        let _ = writeln!(
            out,
            "\n## {}\n\n{}.\n\n| rule | severity | what it reports |\n| --- | --- | --- |",
            family.id, family.title
        );
        let folder = family.id.replace('-', "_");
        for rule in family.rules {
            let file = rule.id.replace('-', "_");
            let _ = writeln!(
                out,
                "| [{}](../src/rules/{folder}/{file}.md) | {} | {} |",
                rule.id,
                rule.severity.as_str(),
                rule.title
            );
        }
    }
    out
}

#[test]
fn rules_md_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let made = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).expect("docs/rules.md can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, made, "run `UPDATE_DOCS=1 cargo test --test docs`");
}
