//! Words of scripts point at their own bytes in the file that a script stands in, however it is written there.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cargo_custody::graph::Document;
use cargo_custody::graph::kinds::docker::InstructionKind;
use cargo_custody::graph::kinds::workflow::Script;
use cargo_custody::read::read_tree;
use cargo_custody::source::{RepoPath, Tree};
use proptest::prelude::*;

fn scripts_of(document: &Document) -> Vec<&Script> {
    match document {
        Document::Workflow(workflow) => {
            workflow.jobs.iter().flat_map(|job| &job.steps).filter_map(|step| step.run.as_ref()).collect()
        }
        Document::Dockerfile(dockerfile) => {
            let instructions = dockerfile.stages.iter().flat_map(|stage| &stage.instructions);
            let scripts = instructions.filter_map(|instruction| match &instruction.kind {
                InstructionKind::Run { script, .. } | InstructionKind::Start(script) => Some(script),
                _ => None,
            });
            scripts.collect()
        }
        Document::Commands(file) => file.blocks.iter().filter_map(|block| block.script.as_ref()).collect(),
        _ => Vec::new(),
    }
}

/// Every word of plain text, and how many there were.
fn hold(path: &str, text: &str, words: usize) {
    let path = RepoPath::new(path).expect("a path");
    let tree = Tree::from_memory("a", BTreeMap::from([(path.clone(), text.as_bytes().to_vec())]));
    let reading = read_tree(&tree, 1, &|_, _| {});
    let mut seen = 0;
    for script in reading.documents.iter().flat_map(scripts_of) {
        for word in script.program.commands.iter().flat_map(|c| c.name.iter().chain(&c.args)) {
            let Some(literal) = word.literal() else { continue };
            let span = script.text.host_span(word.range.clone());
            let shown = &text[usize::try_from(span.start).expect("small")..usize::try_from(span.end).expect("small")];
            let bare = shown.trim_matches(['"', '\'', '\\']);
            assert_eq!(bare, literal, "{path}:\n{text}");
            seen += 1;
        }
    }
    assert_eq!(seen, words, "{path}:\n{text}");
}

fn words() -> impl Strategy<Value = Vec<Vec<String>>> {
    let word = "[a-z][a-z0-9./_é-]{0,8}";
    let quoted = prop_oneof![
        4 => word.prop_map(|w: String| w),
        1 => word.prop_map(|w: String| format!("'{w} {w}'")),
    ];
    // A name of one's own: what a word of the shell does is tested elsewhere.
    let command = proptest::collection::vec(quoted, 0..4).prop_map(|mut args| {
        args.insert(0, "cmd".to_owned());
        args
    });
    proptest::collection::vec(command, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_lie_where_they_are_written(commands in words(), indent in 1_usize..5) {
        let count = commands.iter().map(Vec::len).sum::<usize>();
        let lines: Vec<String> = commands.iter().map(|c| c.join(" ")).collect();
        let head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: é\n";
        let pad = " ".repeat(8 + indent);

        let mut block = format!("{head}        run: |\n");
        lines.iter().for_each(|line| { let _ = writeln!(block, "{pad}{line}"); });
        hold(".github/workflows/block.yml", &block, count);
        hold(".github/workflows/crlf.yml", &block.replace('\n', "\r\n"), count);

        let mut folded = format!("{head}        run: >-\n");
        lines.iter().for_each(|line| { let _ = writeln!(folded, "{pad}{line};"); });
        hold(".github/workflows/folded.yml", &folded, count);

        let double = format!("{head}        run: \"{}\"\n", lines.join("\\n"));
        hold(".github/workflows/double.yml", &double, count);

        let single = format!("{head}        run: {}\n", lines.join(" && "));
        if !single.contains("# ") {
            hold(".github/workflows/plain.yml", &single, count);
        }

        let joined = lines.join(&format!(" \\\n{pad}# a note\n{pad}&& "));
        hold("Dockerfile", &format!("FROM a\nRUN {joined}\n"), count);
        hold("Dockerfile", &format!("FROM a\nRUN <<EOF\n{}\nEOF\n", lines.join("\n")), count);

        // A Makefile is read for what it installs.
        let recipe = lines.join("\n\t@-");
        hold("Makefile", &format!("all:\n\tpip install a\n\t@{recipe}\n"), count + 3);
        let joined = lines.join("; \\\n\t  ");
        hold("Makefile", &format!("all:\n\tpip install a; \\\n\t  {joined}\n"), count + 3);
    }
}
