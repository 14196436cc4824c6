use std::collections::BTreeMap;

use super::*;
use crate::advisory::Index;
use crate::check::{Checked, Evidence, run_with};
use crate::outside::cached::Cached;
use crate::parse::Budget;
use crate::read::vex;
use crate::source::Tree;

const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                    [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";

fn checked(files: &[(&str, &str)], vex: &Vex) -> Checked {
    let files: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
    let tree = Tree::from_memory("t", files);
    let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
    let evidence = Evidence { vex: Some(vex), today: crate::advisory::Date::new(2026, 11, 23), ..Evidence::default() };
    run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence)
}

/// A document of statements: id of the flaw, product, the rest, the day of January 2026.
fn document(statements: &[(&str, &str, &str, u32)]) -> VexFile {
    let statements: Vec<String> = statements
        .iter()
        .map(|(flaw, product, rest, day)| {
            format!(
                "{{\"vulnerability\": {{\"name\": \"{flaw}\"}}, \"products\": [{product}], {rest}, \
                 \"timestamp\": \"2026-01-{day:02}T00:00:00Z\"}}"
            )
        })
        .collect();
    let text = format!(
        "{{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"author\": \"Team\", \"statements\": [\n{}]}}",
        statements.join(",\n")
    );
    vex::read("vex.json", text.into_bytes(), &mut Budget::default()).unwrap()
}

const FLAW: &str = "RUSTSEC-2020-0071";
const TIME: &str = "{\"@id\": \"pkg:cargo/time@0.1.42\"}";
const NOT: &str = "\"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_present\"";
const IS: &str = "\"status\": \"affected\", \"action_statement\": \"update soon\"";

/// What is said of the flaw of `time`: what excuses it, what is added.
fn said_of_time(products: &[&str], statements: &[(&str, &str, &str, u32)]) -> (Option<String>, Vec<String>) {
    let products = products.iter().map(|p| (*p).to_owned()).collect();
    let vex = Vex { files: vec![document(statements)], products, unread: Vec::new() };
    let found = checked(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK)], &vex);
    let is_flaw = |d: &Diagnostic| d.topic.as_ref().is_some_and(|t| t.id == FLAW);
    let at = found.diagnostics.iter().position(is_flaw).unwrap();
    let said = found.diagnostics[at].evidence.iter().filter(|text| text.contains("vex.json")).cloned().collect();
    (found.waivers.get(&at).map(|waiver| waiver.text.clone()), said)
}

#[test]
fn who_answers_for_a_flaw_excuses_it() {
    let part = |id: &str, part: &str| format!("{{\"@id\": \"{id}\", \"subcomponents\": [{{\"@id\": \"{part}\"}}]}}");
    let fixed = "\"status\": \"fixed\"";
    let ours = "pkg:oci/app";
    for (name, flaw, product, rest, excuses) in [
        ("by its id", FLAW, TIME.to_owned(), NOT, true),
        ("by an alias", "cve-2020-26235", TIME.to_owned(), NOT, true),
        ("by another id", "CVE-2020-26236", TIME.to_owned(), NOT, false),
        ("of every version", FLAW, "{\"@id\": \"pkg:cargo/time\"}".to_owned(), NOT, true),
        ("of another version", FLAW, "{\"@id\": \"pkg:cargo/time@0.1.43\"}".to_owned(), NOT, false),
        ("of another package", FLAW, "{\"@id\": \"pkg:cargo/times@0.1.42\"}".to_owned(), NOT, false),
        ("fixed in this version", FLAW, TIME.to_owned(), fixed, true),
        ("the tree itself", FLAW, "{\"@id\": \"pkg:cargo/app@0.1.0\"}".to_owned(), NOT, true),
        ("the tree in another version", FLAW, "{\"@id\": \"pkg:cargo/app@0.2.0\"}".to_owned(), NOT, false),
        ("in the tree", FLAW, part("pkg:cargo/app", "pkg:cargo/time"), NOT, true),
        ("another part of the tree", FLAW, part("pkg:cargo/app", "pkg:cargo/other"), NOT, false),
        ("in a product that the tree is", FLAW, part("pkg:oci/app", "pkg:cargo/time@0.1.42"), NOT, true),
        ("in a product that it is not", FLAW, part("pkg:oci/other", "pkg:cargo/time@0.1.42"), NOT, false),
        ("affected", FLAW, TIME.to_owned(), IS, false),
        ("looked into", FLAW, TIME.to_owned(), "\"status\": \"under_investigation\"", false),
    ] {
        let (waiver, _) = said_of_time(&[ours], &[(flaw, &product, rest, 1)]);
        assert_eq!(waiver.is_some(), excuses, "{name}: {waiver:?}");
    }
    let (waiver, _) = said_of_time(&[], &[(FLAW, TIME, NOT, 1)]);
    let wanted = "not affected by RUSTSEC-2020-0071, says Team in vex.json line 2: vulnerable_code_not_present";
    assert_eq!(waiver.as_deref(), Some(wanted));
}

#[test]
fn the_latest_word_holds() {
    for (name, statements, excuses) in [
        ("later no", [(FLAW, TIME, IS, 1), (FLAW, TIME, NOT, 2)], true),
        ("later yes", [(FLAW, TIME, NOT, 1), (FLAW, TIME, IS, 2)], false),
        ("later yes, written first", [(FLAW, TIME, IS, 2), (FLAW, TIME, NOT, 1)], false),
        ("both at once", [(FLAW, TIME, NOT, 1), (FLAW, TIME, IS, 1)], false),
        ("later yes by an alias", [(FLAW, TIME, NOT, 1), ("CVE-2020-26235", TIME, IS, 2)], false),
    ] {
        let (waiver, said) = said_of_time(&[], &statements);
        assert_eq!(waiver.is_some(), excuses, "{name}");
        assert_eq!(said.is_empty(), excuses, "{name}");
    }
    let (_, said) = said_of_time(&[], &[(FLAW, TIME, IS, 1)]);
    assert_eq!(said, ["affected, says Team in vex.json line 2: update soon"]);
}

#[test]
fn an_attack_is_excused_by_nobody() {
    let files = [
        ("Cargo.toml", MANIFEST.replace("time", "rustdecimal")),
        ("Cargo.lock", LOCK.replace("\"time\"", "\"rustdecimal\"").replace("0.1.42", "1.23.1")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let found = checked(&files, &Vex::default());
    let attack = found.diagnostics.iter().find(|d| d.rule == "malicious-crate").unwrap();
    let id = &attack.topic.as_ref().unwrap().id;
    let vex = Vex { files: vec![document(&[(id, "{\"@id\": \"pkg:cargo/rustdecimal\"}", NOT, 1)])], ..Vex::default() };
    assert!(checked(&files, &vex).waivers.is_empty());
}

#[test]
fn what_could_not_be_used_is_told() {
    let statement = (FLAW, TIME, "\"status\": \"not_affected\"", 1);
    let mut vex = Vex { files: vec![document(&[statement])], ..Vex::default() };
    vex.unread.push("other.json could not be read".to_owned());
    let found = checked(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK)], &vex);
    let told: Vec<&String> = found.unknown.iter().filter(|text| text.contains(".json")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|text| text.starts_with("vex.json line 2: the statement says `not_affected` and gives")));
    // One flaw of one package a hundred times over.
    let many: Vec<_> = (0..100).map(|_| (FLAW, TIME, NOT, 1)).collect();
    let found = checked(&[("Cargo.toml", MANIFEST)], &Vex { files: vec![document(&many)], ..Vex::default() });
    assert!(found.unknown.iter().any(|text| text.contains("more than 64 things")), "{:?}", found.unknown);
}
