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

#[test]
fn names_that_one_line_loads_are_one_finding() {
    let code = "from datasets import load_dataset\n\
        for name in ['acme/a', 'acme/b', 'acme/c', 'acme/d', 'acme/e']: load_dataset(name)\n";
    let audit = common::audit(&[("src/train.py", code)]);
    let all: Vec<&str> =
        audit.findings.iter().filter(|f| f.rule == "unpinned-dataset").map(|f| f.message.as_str()).collect();
    assert_eq!(all, ["the data set `acme/a` and 4 others are loaded at no revision"]);
    let two = "from datasets import load_dataset\nfor name in ['acme/a', 'acme/b']: load_dataset(name)\n";
    assert_eq!(found("unpinned-dataset", &[("src/train.py", two)]).len(), 2);
}

#[test]
fn trust_in_whatever_is_named_is_told_once_for_a_file() {
    let code = "from transformers import AutoModel, AutoConfig, GenerationConfig\n\
        def a(path):\n    return AutoModel.from_pretrained(path, trust_remote_code=True)\n\
        def b(path):\n    return AutoConfig.from_pretrained(path, trust_remote_code=True)\n\
        def c(path):\n    return GenerationConfig.from_pretrained(path, trust_remote_code=True)\n";
    assert_eq!(found("trusted-remote-code", &[("src/serve.py", code)]), [(Severity::Low, 2)]);
}

#[test]
fn a_kernel_of_the_hub_itself_weighs_less_than_one_of_a_stranger() {
    let load = |name: &str| format!("from kernels import get_kernel\nk = get_kernel('{name}')\n");
    for (name, severity) in [("kernels-community/activation", Severity::Medium), ("acme/activation", Severity::High)] {
        assert_eq!(found("unpinned-kernel", &[("src/serve.py", &load(name))]), [(severity, 1)], "{name}");
    }
}

#[test]
fn advice_fits_who_loads_it_and_where() {
    let advice = |path: &str, text: &str| {
        let audit = common::audit(&[(path, text)]);
        let found = audit.findings.iter().find(|f| f.rule.starts_with("unpinned-"));
        found.map(|found| found.advice.join("; ")).unwrap_or_default()
    };
    let code =
        "from transformers import AutoModel\ndef f(**more): AutoModel.from_pretrained('Qwen/Qwen3-0.6B', **more)\n";
    let product = advice("src/serve.py", code);
    assert!(product.contains("revision=\"<commit>\"") && product.contains("cargo custody lock"), "{product}");
    let test = advice("tests/test_serve.py", code);
    assert!(test.contains("revision=\"<commit>\"") && !test.contains("cargo custody lock"), "{test}");
}

#[test]
fn large_data_is_no_gap_and_a_large_program_is() {
    let gaps = |files: &[(&str, &str)]| {
        let audit = common::audit(files);
        audit.coverage.gaps.iter().map(|gap| (gap.path.clone(), gap.counts)).collect::<Vec<_>>()
    };
    let data = format!("{{\"model\": \"{}\"}}", "x".repeat(2 << 20));
    let rust = format!("// {}\n", "x".repeat(2 << 20));
    let python = format!("from transformers import AutoModel\n# {}\n", "x".repeat(5 << 20));
    assert_eq!(gaps(&[("src/encoder.json", &data), ("src/values.yaml", &data), ("src/generated.rs", &rust)]), []);
    let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nhf-hub = \"0.4\"\n";
    let near = gaps(&[("Cargo.toml", manifest), ("src/generated.rs", &rust), ("src/lib.rs", "")]);
    assert_eq!(near, [("src/generated.rs".to_owned(), true)]);
    assert_eq!(gaps(&[("src/serve.py", &python)]), [("src/serve.py".to_owned(), true)]);
}

#[test]
fn owners_that_are_known_are_no_strangers_and_converters_no_originals() {
    let told = |name: &str| {
        let code = format!("from transformers import AutoModel\nm = AutoModel.from_pretrained('{name}')\n");
        let audit = common::audit(&[("src/serve.py", &code)]);
        let found = audit.findings.iter().find(|f| f.rule == "lookalike-model");
        found.map(|found| found.advice.join("; "))
    };
    for name in [
        "cross-encoder/ms-marco-MiniLM-L-6-v2",
        "hf-internal-testing/Llama-3.1-8B-Instruct",
        "unsloth/Llama-3.1-8B-Instruct",
        "meta-llama/Llama-3.1-8B-Instruct",
    ] {
        assert_eq!(told(name), None, "{name}");
    }
    let copy = told("somebody/Llama-3.1-8B-Instruct").unwrap_or_default();
    assert!(copy.contains("`meta-llama/Llama-3.1-8B-Instruct`"), "{copy}");
}
