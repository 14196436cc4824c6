//! `init`: writes what switches the gate on: a workflow, a first policy, and on request the same for GitLab and
//! pre-commit. Nothing that is there is touched.
#![allow(clippy::disallowed_methods, reason = "writes new files where it was asked to")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::InitOptions;
use super::{Surroundings, audit};

/// The commit that this program was released from. The release build sets it; other builds have none.
const RELEASE: Option<&str> = option_env!("CUSTODY_RELEASE_COMMIT");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A file to be written, its path with slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct New {
    path: &'static str,
    text: String,
}

pub(super) fn run(path: Option<PathBuf>, options: &InitOptions, around: &Surroundings) -> Result<u8> {
    let root = audit::root(path, around);
    if !root.is_dir() {
        bail!("`{}` is no folder", super::shown(&root));
    }
    let pin = options.pin.as_deref().or(RELEASE).filter(|pin| !pin.is_empty());
    let files = files(options, pin);
    let files = if options.dry_run { files } else { missing(&root, files)? };
    let mut out = std::io::stdout().lock();
    for file in &files {
        if options.dry_run {
            writeln!(out, "--- {}\n{}", file.path, file.text)?;
        } else {
            write(&root, file).with_context(|| format!("failed to write `{}`", file.path))?;
            writeln!(out, "wrote {}", file.path)?;
        }
    }
    if options.dry_run {
        writeln!(out, "nothing was written")?;
    }
    for line in advice(options, pin) {
        writeln!(out, "{line}")?;
    }
    Ok(0)
}

/// What is asked for.
fn files(options: &InitOptions, pin: Option<&str>) -> Vec<New> {
    let mut out = Vec::new();
    if options.gitlab {
        out.push(New { path: ".gitlab/custody.yml", text: filled(include_str!("init/gitlab.yml"), "") });
    }
    if options.pre_commit {
        out.push(New { path: ".pre-commit-config.yaml", text: filled(include_str!("init/pre-commit.yaml"), "") });
    }
    if !options.gitlab && !options.pre_commit {
        out.push(New { path: ".github/workflows/custody.yml", text: workflow(pin) });
    }
    out.push(New { path: "custody.toml", text: include_str!("init/custody.toml").to_owned() });
    out
}

/// The workflow: with a commit of the action, or without the action where no commit is known.
fn workflow(pin: Option<&str>) -> String {
    let (before, after) = match pin {
        Some(_) => ("", include_str!("init/action.yml")),
        None => (include_str!("init/install.yml"), include_str!("init/run.yml")),
    };
    let text = include_str!("init/github.yml").replace("@before@\n", before).replace("@after@\n", after);
    filled(&text, pin.unwrap_or_default())
}

fn filled(template: &str, pin: &str) -> String {
    template.replace("@pin@", pin).replace("@version@", VERSION)
}

/// What is to be written. A policy that is there is kept as it is; any other file that is there is somebody's work.
fn missing(root: &Path, files: Vec<New>) -> Result<Vec<New>> {
    let mut out = Vec::new();
    for file in files {
        let mut so_far = root.to_owned();
        let mut is_there = false;
        for part in Path::new(file.path) {
            so_far.push(part);
            let Ok(meta) = so_far.symlink_metadata() else { break };
            if meta.is_symlink() {
                bail!("`{}` is a link, and what lies behind it is not touched", super::shown(&so_far));
            }
            is_there = so_far.ends_with(file.path);
        }
        match (is_there, file.path) {
            (false, _) => out.push(file),
            (true, "custody.toml") => {}
            (true, path) => {
                bail!("`{path}` is there already; move it away, or see what would be written with --dry-run")
            }
        }
    }
    Ok(out)
}

fn write(root: &Path, file: &New) -> Result<()> {
    let path = root.join(file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Never over a file that appeared in between.
    let mut new = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    new.write_all(file.text.as_bytes())?;
    Ok(())
}

/// What remains for a person to do.
fn advice(options: &InitOptions, pin: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    if pin.is_none() && !options.pre_commit {
        out.push(format!(
            "This build is no release: the job installs cargo-custody {VERSION} from crates.io, once it is published \
             there. `--pin COMMIT` writes the action at a commit instead"
        ));
    }
    if options.gitlab {
        out.push("Next: include it from .gitlab-ci.yml, as its first lines say".to_owned());
    } else if options.pre_commit {
        out.push("Next: pre-commit install".to_owned());
    } else {
        out.push(
            "Next: require the check `custody` in a ruleset of the default branch; no file can do that".to_owned(),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn no_place_of_a_template_stays_open() {
        for text in [workflow(None), workflow(Some(PIN))] {
            assert!(!text.contains("@version@") && !text.contains("@pin@") && !text.contains("@before@"), "{text}");
            assert!(!text.contains("@after@"), "{text}");
        }
        let both = InitOptions { gitlab: true, pre_commit: true, ..InitOptions::default() };
        for file in files(&both, None) {
            let places = ["@version@", "@pin@", "@digest@"];
            assert!(places.iter().all(|place| !file.text.contains(place)), "{}", file.text);
        }
    }

    #[test]
    fn a_pin_brings_the_action_and_no_pin_the_program() {
        let pinned = workflow(Some(PIN));
        assert!(pinned.contains(&format!("uses: cargo-custody/cargo-custody@{PIN} # v{VERSION}")), "{pinned}");
        assert!(!pinned.contains("cargo install"), "{pinned}");
        let built = workflow(None);
        assert!(built.contains(&format!("cargo install --locked cargo-custody@{VERSION}")), "{built}");
        let (install, checkout) = (built.find("cargo install"), built.find("actions/checkout"));
        assert!(install < checkout, "cargo would start in the checkout");
        assert!(!built.contains("uses: cargo-custody/"), "{built}");
    }
}
