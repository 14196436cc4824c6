//! What is told loudly and what quietly: how much a finding of a build step weighs, and how many there are.

mod common;

use cargo_custody::diag::Severity;

/// Severity and places of each finding of a rule.
fn found(rule: &str, files: &[(&str, &str)]) -> Vec<(Severity, usize)> {
    let audit = common::audit(files);
    audit.findings.iter().filter(|f| f.rule == rule).map(|f| (f.severity, f.places.len())).collect()
}

fn job(env: &str, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| format!("      - run: {step}\n")).collect();
    format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n{env}    steps:\n{steps}")
}

const SECRET: &str = "    env:\n      TOKEN: ${{ secrets.TOKEN }}\n";
const CI: &str = ".github/workflows/a.yml";

#[test]
fn a_branch_is_built_quietly_by_who_means_to_and_holds_nothing() {
    let rule = "unverified-git-clone";
    let steps = ["git clone https://git.example.com/b/c && cd c && make"];
    assert_eq!(found(rule, &[(CI, &job("", &steps))]), [(Severity::Low, 1)]);
    assert_eq!(found(rule, &[(CI, &job(SECRET, &steps))]), [(Severity::High, 1)]);
    let image = format!("FROM example/base:1.2\nRUN {}\n", steps[0]);
    assert_eq!(found(rule, &[("Dockerfile", &image)]), [(Severity::Medium, 1)]);
    assert_eq!(found(rule, &[("build.sh", &format!("#!/bin/sh\n{}\n", steps[0]))]), [(Severity::Low, 1)]);
}

#[test]
fn an_environment_that_tries_all_branches_is_told_once() {
    let names = ["a", "b", "c", "d", "e"];
    let lines: String = names.iter().map(|n| format!("    git+https://git.example.com/x/{n}\n")).collect();
    let tox = format!("[testenv:newest]\ndeps =\n{lines}commands = pytest\n");
    assert_eq!(found("unpinned-python-source", &[("tox.ini", &tox)]), [(Severity::Low, 5)]);
    let steps = ["pip install git+https://git.example.com/x/a"];
    assert_eq!(found("unpinned-python-source", &[(CI, &job(SECRET, &steps))]), [(Severity::High, 1)]);
}

#[test]
fn tools_of_one_package_manager_are_one_decision() {
    let steps = ["choco install ninja", "choco install 7zip", "choco install cmake"];
    assert_eq!(found("adhoc-package", &[(CI, &job(SECRET, &steps))]), [(Severity::Medium, 3)]);
    assert_eq!(found("adhoc-package", &[(CI, &job("", &steps))]), [(Severity::Low, 3)]);
}

#[test]
fn code_of_a_model_runs_only_where_it_is_told_to() {
    let rule = "unpinned-hub-download";
    let step = |option: &str| {
        format!("python -c \"from transformers import AutoModel; AutoModel.from_pretrained('x/y', {option})\"")
    };
    for (option, severity) in [
        ("trust_remote_code=True", Severity::High),
        ("trust_remote_code=False", Severity::Low),
        ("trust_remote_code=None", Severity::Low),
    ] {
        assert_eq!(found(rule, &[(CI, &job(SECRET, &[&step(option)]))]), [(severity, 1)], "{option}");
    }
    for (file, severity) in [("pytorch_model.bin", Severity::Medium), ("ggml-base.en.bin", Severity::Low)] {
        let step = format!("curl -fsSLO https://huggingface.co/x/y/resolve/main/{file}");
        assert_eq!(found(rule, &[(CI, &job(SECRET, &[&step]))]), [(severity, 1)], "{file}");
    }
}
