//! Data flows one way: which module may name which, read from the source.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the test reads the source")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Module and what it may name. `main` and `cli` may name all.
const MAY: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("parse", &["source"]),
    ("scan", &["parse", "source"]),
    ("references", &["commands", "parse", "source"]),
    ("sign", &["parse", "source"]),
    ("lock", &["parse", "references", "scan", "sign", "source"]),
    ("sbom", &["parse", "source"]),
    ("impostor", &[]),
    ("commands", &["parse"]),
    ("advisory", &["parse", "source"]),
    ("config", &["parse", "sbom", "source"]),
    (
        "graph",
        &[
            "commands",
            "config",
            "parse::expression",
            "parse::metadata",
            "parse::pep508",
            "parse::shell",
            "lock",
            "references",
            "sbom",
            "scan",
            "source",
        ],
    ),
    ("diag", &["graph", "source"]),
    ("fix", &["diag", "source"]),
    ("outside", &["advisory", "graph", "parse::pep508", "source"]),
    ("outside", &["advisory", "graph", "parse", "source"]),
    ("read", &["commands", "config", "graph", "lock", "parse", "references", "sbom", "scan", "source"]),
    (
        "rules",
        &[
            "advisory",
            "commands",
            "config",
            "diag",
            "graph",
            "impostor",
            "outside",
            "parse::expression",
            "parse::licence",
            "parse::marker",
            "parse::pep508",
            "parse::shell",
            "lock",
            "references",
            "sbom",
            "scan",
            "source",
        ],
    ),
    ("good", &["graph", "rules", "scan", "source"]),
    ("check", &["advisory", "config", "diag", "good", "graph", "outside", "read", "references", "rules", "source"]),
    (
        "inventory",
        &["commands", "config", "diag", "graph", "lock", "read", "references", "rules", "sbom", "scan", "source"],
    ),
    ("audit", &["diag", "source"]),
    ("decide", &["advisory", "audit", "check", "config", "diag", "graph", "read", "rules", "source"]),
    ("gate", &["audit", "config", "decide", "diag", "source"]),
    ("ci", &["parse", "source"]),
    (
        "affected",
        &[
            "advisory",
            "audit",
            "check",
            "commands",
            "diag",
            "graph",
            "inventory",
            "outside",
            "parse",
            "read",
            "references",
            "rules",
            "sbom",
            "source",
        ],
    ),
    ("report", &["affected", "audit", "diag", "graph", "lock", "sbom", "scan", "source"]),
];

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Paths after `crate::` in a line, groups taken apart one level deep.
fn mentions(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        assert!(!rest.starts_with('{'), "no `use crate::{{..}}`: one line names one module");
        let path: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        out.insert(path);
    }
    out
}

#[test]
fn modules_name_only_what_stands_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table: BTreeMap<&str, &[&str]> = MAY.iter().copied().collect();
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in all {
        let relative = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let module = relative.split(['/', '.']).next().unwrap_or_default().to_owned();
        if matches!(module.as_str(), "main" | "lib" | "cli") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file");
        // Tests beside the code may look around.
        let code = text.split("#[cfg(test)]").next().unwrap_or(&text);
        // A comment names nothing.
        let code: String = code.lines().filter(|l| !l.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
        let Some(may) = table.get(module.as_str()) else {
            wrong.push(format!("{relative}: module `{module}` is not in the table"));
            continue;
        };
        checked += 1;
        for path in mentions(&code) {
            let is_own = path == module || path.starts_with(&format!("{module}::"));
            let allowed = may.iter().any(|m| path == *m || path.starts_with(&format!("{m}::")));
            if !is_own && !allowed {
                wrong.push(format!("{relative} names crate::{path}"));
            }
        }
        if code.contains("super::super") {
            wrong.push(format!("{relative}: `super::super` walks around the table"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 40, "only {checked} files were looked at");
}

/// The network is reached from one module alone.
#[test]
fn sockets_stand_in_one_place() {
    const NETWORK: &[&str] = &["reqwest::", "rustls::", "std::net::Tcp", "std::net::Udp", "ToSocketAddrs"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut hits = 0;
    for file in all {
        let relative = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).expect("a source file");
        for word in NETWORK.iter().filter(|w| text.contains(**w)) {
            hits += 1;
            assert!(relative.starts_with("outside/live"), "{relative} names {word}");
        }
    }
    assert!(hits > 0, "the names are out of date");
}

/// Third-party parsers are called in `parse` (and by the index's own builder and the git reader).
#[test]
fn parsers_are_called_behind_the_wrappers() {
    const PARSERS: &[&str] = &[
        "guppy",
        "spdx",
        "github_actions_expressions",
        "granit_parser",
        "toml_parser",
        "tree_sitter",
        "gix_index",
        "gix_object",
        "gix_pack",
        "gix_zlib",
        "rawzip",
        "toml_edit",
        "bzip2",
        "lzma_rust2",
        "ruzstd",
        "lz4_flex",
        "sevenz_rust2",
        "quick_xml",
        // What packs parses nothing.
        "miniz_oxide::inflate",
    ];
    const WRAPPERS: &[&str] = &["parse/", "advisory/build/", "source/git.rs", "source/objects/"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut hits = 0;
    for file in all {
        let relative = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).expect("a source file");
        // A module of ours may share a name with one of theirs.
        let calls = |parser: &str| {
            let is_ours = |at: usize| text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'));
            text.match_indices(&format!("{parser}::")).any(|(at, _)| !is_ours(at))
        };
        for parser in PARSERS.iter().filter(|parser| calls(parser)) {
            hits += 1;
            assert!(WRAPPERS.iter().any(|w| relative.starts_with(w)), "{relative} calls {parser}");
        }
    }
    assert!(hits > 0, "the names of the parsers are out of date");
}
