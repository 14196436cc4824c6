//! The corpus of model files, made in memory: what is bad is told, what is good is clean, and what is broken ends.

#![allow(clippy::disallowed_methods, reason = "the test writes the corpus where a person asks for it")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

mod models;

use std::collections::BTreeSet;
use std::path::Path;

use cargo_custody::scan::{self, FileReport, Limits, Verdict, WeightsOnly};
use models::Case;

fn scanned(case: &Case) -> FileReport {
    scan::file(&case.bytes, &case.name, &Limits::default())
}

/// What is wrong with a report, in one line.
fn wrong(case: &Case) -> Option<String> {
    let report = scanned(case);
    let is_found = case.rule.is_empty() || report.findings.iter().any(|found| found.rule.id == case.rule);
    let is_loaded = match (case.weights_only, &report.weights_only) {
        (None, _) => true,
        (Some(expected), known) => expected == (*known == Some(WeightsOnly::Loads)),
    };
    let is_format = case.format.is_empty() || case.format == report.format.word();
    if report.verdict.word() == case.verdict && is_found && is_loaded && is_format {
        return None;
    }
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|found| format!("{} {} ({:?} {:?})", found.rule.id, found.message, found.inner_path, found.offset))
        .collect();
    Some(format!(
        "{} ({} {} {} {:?}) is {} {} {:?}: {}",
        case.name,
        case.format,
        case.verdict,
        case.rule,
        case.weights_only,
        report.format.word(),
        report.verdict.word(),
        report.weights_only,
        findings.join("; ")
    ))
}

#[test]
fn bad_files_are_told() {
    let cases = models::bad();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.iter().all(|case| case.verdict != "clean"), "a bad file that is clean");
}

#[test]
fn good_files_are_clean() {
    let cases = models::good();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn names_are_unique() {
    for cases in [models::bad(), models::good()] {
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        let twice: Vec<&str> =
            names.iter().copied().filter(|name| cases.iter().filter(|case| case.name == *name).count() > 1).collect();
        assert_eq!(twice, Vec::<&str>::new());
    }
}

/// The verdict hangs on no name.
#[test]
fn names_decide_nothing() {
    for case in models::bad().iter().chain(&models::good()) {
        let verdict = scanned(case).verdict;
        for name in ["model.safetensors", "README.md", "x"] {
            assert_eq!(scan::file(&case.bytes, name, &Limits::default()).verdict, verdict, "{} as {name}", case.name);
        }
    }
}

/// Bytes changed and files cut, at places that are spread over the file.
#[test]
fn broken_files_end() {
    /// Changes and cuts of one file: more would take minutes without optimisation.
    const PLACES: usize = 12;
    for case in models::bad().iter().chain(&models::good()) {
        // Bombs are tried as they are.
        if case.bytes.len() > 20_000 {
            continue;
        }
        let step = (case.bytes.len() / PLACES).max(1);
        for at in (0..case.bytes.len()).step_by(step) {
            let mut changed = case.bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let report = scan::file(&changed, &case.name, &Limits::default());
            assert!(report.findings.len() <= Limits::default().findings, "{}", case.name);
            let cut = &case.bytes[..at];
            let _ = scan::file(&cut, &case.name, &Limits::default());
        }
    }
}

/// A file that is cut is clean only where what is left is a file by itself.
#[test]
fn cut_models_are_not_clean() {
    for case in models::good() {
        let is_whole = matches!(case.format, "safetensors" | "gguf" | "torch" | "hdf5" | "keras-hdf5");
        for keep in [case.bytes.len() / 2, case.bytes.len().saturating_sub(1)] {
            let cut = &case.bytes[..keep];
            // A few bytes are not known to be the beginning of anything.
            if is_whole && cut.len() > 16 {
                let report = scan::file(&cut, &case.name, &Limits::default());
                assert_ne!(report.verdict, Verdict::Clean, "{} cut to {keep}", case.name);
            }
        }
    }
}

/// `CUSTODY_WRITE_CORPUS=DIR` writes the files for other scanners to be run on.
#[test]
fn the_corpus_is_written_where_asked() {
    let Some(folder) = std::env::var_os("CUSTODY_WRITE_CORPUS") else { return };
    for (kind, cases) in [("bad", models::bad()), ("good", models::good())] {
        let folder = Path::new(&folder).join(kind);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut index = "path\tformat\tverdict\trule\tsource\n".to_owned();
        for case in cases {
            std::fs::write(folder.join(&case.name), &case.bytes).expect("a file");
            index += &format!("{}\t{}\t{}\t{}\t{}\n", case.name, case.format, case.verdict, case.rule, case.source);
        }
        std::fs::write(folder.join("INDEX.tsv"), index).expect("a file");
    }
}
