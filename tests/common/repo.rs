//! Small repositories made with git, and what the gate says of them.
#![allow(clippy::disallowed_methods, reason = "makes repositories and starts the program")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A repository of its own.
pub(crate) struct Repo {
    pub(crate) dir: PathBuf,
}

impl Repo {
    pub(crate) fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories").join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        let repo = Self { dir };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let out = self.try_git(args);
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// Git without the settings of whoever runs the test, and with one clock.
    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        Command::new("git")
            .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always", "-c", "core.autocrlf=false"])
            .args(args)
            .current_dir(&self.dir)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [(format!("GIT_{who}_NAME"), "Test"), (format!("GIT_{who}_EMAIL"), "test@example.com")]
            }))
            .envs([("GIT_AUTHOR_DATE", "2026-11-20T12:00:00Z"), ("GIT_COMMITTER_DATE", "2026-11-20T12:00:00Z")])
            .output()
            .expect("git is installed")
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        self.git(&["rm", "-q", "-r", path]);
        self
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> &Self {
        if let Some(folder) = Path::new(to).parent() {
            std::fs::create_dir_all(self.dir.join(folder)).expect("a folder");
        }
        self.git(&["mv", from, to]);
        self
    }

    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .arg("audit")
            .arg(&self.dir)
            .args(args)
            .args(["--index", "embedded"])
            .env("SOURCE_DATE_EPOCH", "1795392000")
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .expect("the program starts")
    }

    pub(crate) fn gate(&self, args: &[&str]) -> Seen {
        let out = self.run(&[args, &["--format", "json"]].concat());
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let audit = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text}\n{}", String::from_utf8_lossy(&out.stderr)));
        Seen { audit, code: out.status.code().expect("an exit code") }
    }
}

/// What the gate said.
pub(crate) struct Seen {
    pub(crate) audit: Value,
    pub(crate) code: i32,
}

impl Seen {
    /// `state rule path` with counts, of findings in one of these states.
    pub(crate) fn list(&self, wanted: &[&str]) -> Vec<String> {
        let mut out: BTreeMap<String, usize> = BTreeMap::new();
        let text = |v: &Value, key: &str| v[key].as_str().unwrap_or_default().to_owned();
        for finding in self.audit["findings"].as_array().expect("findings") {
            if wanted.contains(&finding["state"].as_str().unwrap_or_default()) {
                let line = format!("{} {} {}", text(finding, "state"), text(finding, "rule"), text(finding, "path"));
                *out.entry(line).or_default() += 1;
            }
        }
        if wanted.contains(&"fixed") {
            for fixed in self.audit["gate"]["fixed"].as_array().expect("fixed") {
                *out.entry(format!("fixed {} {}", text(fixed, "rule"), text(fixed, "path"))).or_default() += 1;
            }
        }
        out.into_iter().map(|(line, n)| if n == 1 { line } else { format!("{line} x{n}") }).collect()
    }

    /// Everything that is not as it was.
    pub(crate) fn brought(&self) -> Vec<String> {
        self.list(&["new", "changed", "expired", "needs-approval", "spread", "fixed"])
    }

    pub(crate) fn existing(&self) -> usize {
        self.list(&["existing"]).len()
    }

    pub(crate) fn blocks(&self) -> usize {
        let findings = self.audit["findings"].as_array().expect("findings");
        findings.iter().filter(|f| f["decision"] == "block").count()
    }
}

pub(crate) const PUSHING: &str = "\
name: release
on:
  push:
    tags: ['v*']
permissions:
  contents: write
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: example/upload@v1
        with:
          token: ${{ secrets.TOKEN }}
";

pub(crate) const FETCHING: &str = "FROM debian:12\nRUN curl -sSL https://example.com/install.sh | sh\n";

pub(crate) const WORKFLOW: &str = ".github/workflows/release.yml";

/// A repository whose first commit holds these files.
pub(crate) fn with(name: &str, files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(name);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit();
    repo
}
