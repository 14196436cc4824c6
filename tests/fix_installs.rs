//! `fix` on commands that install: what is written holds to the lock, and nothing else changes.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and look at the files it wrote"
)]

mod common;

use std::fs;
use std::process::Command;

const PATH: &str = ".github/workflows/ci.yml";

/// A file after `fix --apply`, beside the others of its tree.
fn fixed(name: &str, path: &str, before: &str, others: &[(&str, &str)]) -> String {
    let mut files = others.to_vec();
    files.push((path, before));
    let dir = common::folder("fix-installs", name, &files);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", "1795392000").arg("fix").arg(&dir).arg("--apply");
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let after = fs::read_to_string(dir.join(path)).expect("the file");
    files.retain(|(known, _)| *known != path);
    files.push((path, &after));
    let left = common::audit(&files).findings;
    if after != before {
        assert!(left.iter().all(|f| f.rule != "unlocked-install"), "{name}: {after}");
    }
    after
}

/// A workflow of one job, whose permissions and checkouts leave nothing to fix.
fn workflow(steps: &str) -> String {
    format!("name: ci\non: push\npermissions: {{}}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

#[test]
fn commands_that_change_a_lock_become_those_that_hold_to_it() {
    let package = ("package.json", "{ \"name\": \"a\" }\n");
    let ui = ("ui/package.json", "{ \"name\": \"ui\" }\n");
    for (name, locks, before, after) in [
        ("npm", &[package, ("package-lock.json", "{}\n")][..], "npm install --no-audit", "npm ci --no-audit"),
        ("npm-i", &[package, ("package-lock.json", "{}\n")], "npm i && npm test", "npm ci && npm test"),
        // An option that the other command does not take.
        ("npm-kept", &[package, ("package-lock.json", "{}\n")], "npm install --no-save", "npm install --no-save"),
        // Without a lock there is nothing to hold to.
        ("npm-none", &[package], "npm install", "npm install"),
        ("yarn", &[package, ("yarn.lock", "# yarn lockfile v1\n")], "yarn", "yarn --frozen-lockfile"),
        (
            "yarn-ui",
            &[package, ui, ("ui/yarn.lock", "# yarn lockfile v1\n")],
            "cd ui && yarn install",
            "cd ui && yarn install --frozen-lockfile",
        ),
        (
            "pnpm",
            &[package, ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")],
            "pnpm install --no-frozen-lockfile",
            "pnpm install --frozen-lockfile",
        ),
        ("bun", &[package, ("bun.lock", "{}\n")], "bun install", "bun install --frozen-lockfile"),
        ("dotnet", &[("packages.lock.json", "{}\n")], "dotnet restore a.sln", "dotnet restore --locked-mode a.sln"),
    ] {
        let before = workflow(&format!("      - run: {before}\n"));
        let after = workflow(&format!("      - run: {after}\n"));
        assert_eq!(fixed(name, PATH, &before, locks), after, "{name}");
    }
}

#[test]
fn a_project_of_python_is_installed_by_its_lock() {
    let files = [
        ("pyproject.toml", "[project]\nname = \"a\"\nversion = \"1.0.0\"\nrequires-python = \">=3.12\"\n"),
        (
            "uv.lock",
            "version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\n",
        ),
    ];
    let before = workflow("      - run: |\n          uv sync --all-extras # all\n          uv run pytest\n");
    let after =
        workflow("      - run: |\n          uv sync --locked --all-extras # all\n          uv run --locked pytest\n");
    assert_eq!(fixed("uv", PATH, &before, &files), after);
}

#[test]
fn a_release_is_built_by_its_lock() {
    let files = [
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n"),
        ("src/main.rs", "fn main() {}\n"),
    ];
    let dockerfile = "FROM example/rust:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nCOPY . .\nRUN cargo build --release \\\n    --bin app\nRUN cargo install example-tool@1.2.3\n";
    let after = dockerfile
        .replace("cargo build --release", "cargo build --locked --release")
        .replace("cargo install example", "cargo install --locked example");
    assert_eq!(fixed("cargo", "Dockerfile", dockerfile, &files), after);
}
