//! Dockerfiles and Containerfiles: stages, what they start from, and the scripts of their `RUN`.
//!
//! Arguments and variables are put in where the file gives them a value; who builds may give
//! another, which `Base::Image::by_argument` says. Source: the Dockerfile reference of BuildKit.

mod bases;
pub(super) mod scripts;
mod stages;
mod variables;

use super::{Facts, Format, Reader, mentions};
use crate::graph::Document;
use crate::graph::kinds::docker::InstructionKind;
use crate::parse::{Budget, dockerfile};
use crate::source::{RepoPath, SourceFile};

/// Reads Dockerfiles.
#[derive(Debug)]
pub struct DockerfileReader;

/// Endings of files that stand beside a Dockerfile or make one, and are none.
pub(super) const OTHERS: &[&str] = &[
    "bak",
    "bazel",
    "diff",
    "dockerignore",
    "gz",
    "html",
    "ipynb",
    "json",
    "lock",
    "log",
    "md",
    "orig",
    "patch",
    "pdf",
    "png",
    "ps1",
    "py",
    "rej",
    "rst",
    "sh",
    "sig",
    "snap",
    "svg",
    "toml",
    "whl",
    "yaml",
    "yml",
    "zip",
];

/// Endings of programs. `Dockerfile.go` builds an image for Go, `dockerfile.go` reads such files.
const PROGRAMS: &[&str] = &[
    "c", "cc", "cpp", "cs", "el", "ex", "go", "h", "java", "js", "jsx", "kt", "lua", "mjs", "php", "rb", "rs", "scala",
    "swift", "ts", "tsx", "vim", "vue",
];

/// Endings of texts from which an engine makes a Dockerfile.
pub(super) const TEMPLATES: &[&str] =
    &["ejs", "erb", "hbs", "in", "j2", "jinja", "jinja2", "m4", "mustache", "template", "tmpl", "tpl"];

/// Whether a name is that of a Dockerfile, or of a template for one.
pub(super) fn is_named_so(name: &str) -> bool {
    // `DockerfileProd`, `Qwen_Dockerfile`: without an ending a capital tells it from a program's name.
    let is_plain = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let is_joined = ["Dockerfile", "Containerfile"].iter().any(|word| {
        name.strip_prefix(word).is_some_and(is_plain)
            || name.strip_suffix(word).is_some_and(|rest| rest.ends_with(['-', '_']))
    });
    if is_joined {
        return true;
    }
    let name = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"].iter().any(|word| {
        let rest = name.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
            || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'))
    })
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_ascii_lowercase())
}

/// Whether a name is that of a template for a Dockerfile.
pub(super) fn is_template(name: &str) -> bool {
    is_named_so(name) && TEMPLATES.contains(&ending(name).as_str())
}

impl Reader for DockerfileReader {
    fn id(&self) -> &'static str {
        "dockerfile"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name();
        let ending = ending(name);
        let program = PROGRAMS.contains(&ending.as_str()) && !name.starts_with(['D', 'C']);
        is_named_so(name) && !is_template(name) && !OTHERS.contains(&ending.as_str()) && !program
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`Dockerfile`, `Containerfile`, and names made of these",
            read: "stages, bases, arguments, copies, scripts of `RUN`",
            not_read: "scripts of other shells than bash, sh and PowerShell",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let raw = dockerfile::parse(&file.text, budget);
        out.problems.extend(raw.problems.iter().cloned());
        if raw.instructions.is_empty() {
            let lost = !out.problems.is_empty();
            out.unread = Some(if lost { "nothing in it could be read" } else { "it is empty" }.to_owned());
            return;
        }
        let document = stages::read(file, &raw, budget, &mut out.problems);
        let instructions = || document.stages.iter().flat_map(|s| &s.instructions);
        let copies = instructions().filter_map(|i| match &i.kind {
            InstructionKind::Copy(copy) if copy.from.is_none() => Some(&copy.sources),
            _ => None,
        });
        let sources = copies.flatten().map(|s| s.value.as_str());
        let folders = mentions::folders_of_image(&file.path.parent(), sources);
        for instruction in instructions() {
            if let InstructionKind::Copy(copy) = &instruction.kind {
                mentions::of_settings(copy, &folders, &mut out.mentions);
            }
            if let InstructionKind::Run { script, .. } | InstructionKind::Start(script) = &instruction.kind {
                mentions::of_script(&script.acts, &folders, true, &mut out.mentions);
                mentions::of_calls(&script.acts, &folders, true, &mut out.mentions);
            }
        }
        out.documents.push(Document::Dockerfile(document));
    }
}

#[cfg(test)]
mod tests;
