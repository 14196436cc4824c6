//! No report carries a credential of the audited tree, whatever it quotes.

#![allow(clippy::expect_used, reason = "a test may insist")]

mod common;

use cargo_custody::report::{Format, Options, graph, render};

/// Each stands in the tree once or more; none may stand in a report. Split, so that no scanner of
/// this repository takes them for real.
fn secrets() -> Vec<String> {
    vec![
        ["hunter", "2hunter2"].concat(),
        ["ghp_", "0123456789abcdefghijABCDEFGHIJ012345"].concat(),
        ["hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].concat(),
        ["cio", "0123456789abcdefghijklmnopqrstuvw"].concat(),
        ["s3cr3t", "-in-env"].concat(),
    ]
}

fn files() -> Vec<(&'static str, String)> {
    let secret = secrets();
    let (password, github, hub, registry, env) = (&secret[0], &secret[1], &secret[2], &secret[3], &secret[4]);
    vec![
        (
            "Cargo.toml",
            format!(
                "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\n\
                 b = {{ git = \"https://user:{password}@git.example.com/b\", branch = \"main\" }}\n\
                 c = {{ version = \"*\", registry-index = \"http://{github}@index.example.com/?private_token={env}\" }}\n"
            ),
        ),
        (
            "Cargo.lock",
            format!(
                "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b\",\n \"c\",\n]\n\n\
                 [[package]]\nname = \"b\"\nversion = \"0.1.0\"\n\
                 source = \"git+https://user:{password}@git.example.com/b?branch=main#0123456789abcdef0123456789abcdef01234567\"\n\n\
                 [[package]]\nname = \"c\"\nversion = \"0.1.0\"\nsource = \"registry+http://{github}@index.example.com/\"\n"
            ),
        ),
        (
            ".cargo/config.toml",
            format!(
                "[registries.inner]\nindex = \"http://user:{password}@index.example.com/\"\ntoken = \"{registry}\"\n\n\
                 [env]\nRUSTC_WRAPPER = \"./wrap --password={password}\"\n\n[alias]\naudit = \"run -- --token {github}\"\n"
            ),
        ),
        (
            ".github/workflows/a.yml",
            format!(
                "on: push\nenv:\n  API_TOKEN: {env}\n  HF: {hub}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      \
                 - run: curl -fsSL https://user:{password}@tools.example.com/i.sh | bash\n        env:\n          DB_PASSWORD: {env}\n      \
                 - run: curl -H 'Authorization: Bearer {github}' https://example.com/x.sh | sh\n      \
                 - run: curl -u bob:{env} https://example.com/y.sh?token={env} | sh; DB_TOKEN={env} ./x\n        env: {{ HF_TOKEN: {hub}, X: y }}\n      \
                 - uses: docker://example/a\n        env:\n          KEY_PASSWORD: |\n            {env}\n      \
                 - uses: example/act@v1\n        with:\n          token: {hub}\n      \
                 - run: |\n          export HF_TOKEN={hub}\n          cargo install thing\n"
            ),
        ),
        (
            ".github/workflows/broken.yml",
            format!("on: push\njobs:\n  a: [\n  token: {hub}\n  x: https://u:{password}@example.com/\n"),
        ),
    ]
}

#[test]
fn no_report_carries_a_credential() {
    let files = files();
    let tree: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let tree = common::tree(&tree);
    let audit = common::audit_of(&tree);
    let rules: std::collections::BTreeSet<&str> = audit.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(rules.len() > 6, "the tree should give much to quote: {rules:?}");
    let (reading, checked) = common::look(&tree);
    let mut outputs = Vec::new();
    for (name, format) in Format::ALL {
        for all in [false, true] {
            let mut out = Vec::new();
            let options = Options { all, snippets: true, ..Options::default() };
            render(&audit, *format, &options, &mut out).expect("a writer that takes all");
            outputs.push((*name, out));
        }
    }
    let mut out = Vec::new();
    graph::json(&checked.graph, &reading.sources, &mut out).expect("a writer that takes all");
    outputs.push(("graph json", std::mem::take(&mut out)));
    graph::dot(&checked.graph, &mut out).expect("a writer that takes all");
    outputs.push(("graph dot", std::mem::take(&mut out)));
    graph::mermaid(&checked.graph, &mut out).expect("a writer that takes all");
    outputs.push(("graph mermaid", out));
    let mut leaks = Vec::new();
    for (name, bytes) in outputs {
        let text = String::from_utf8(bytes).expect("UTF-8");
        for secret in secrets() {
            // The name of the user may stand, what proves it may not.
            if let Some(at) = text.find(&secret) {
                let from = text[..at].char_indices().rev().nth(60).map_or(0, |(i, _)| i);
                leaks.push(format!("{name}: …{}", &text[from..at + secret.len()]));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
