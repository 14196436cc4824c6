//! `environment.yml`. Source: conda's "Managing environments" and `conda/env/env.py`.

use super::spec;
use crate::graph::Document;
use crate::graph::kinds::conda::CondaEnvironment;
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problem, Problems};
use crate::read::yaml_help::{document, keyed, text, texts};
use crate::read::{Facts, Format, Reader, requirements};
use crate::source::{Embedded, RepoPath, SourceFile};

/// How much of a file is looked into, in bytes.
const HEAD: usize = 64 << 10;

/// Reads conda's environments, told by what is in them.
#[derive(Debug)]
pub struct CondaEnvironmentReader;

impl CondaEnvironmentReader {
    /// Its id, by which commands hand a file to it.
    pub const ID: &'static str = "conda-environment";
}

impl Reader for CondaEnvironmentReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        // Many tools have an `environment.yml`; what is in it tells.
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        is_candidate(path).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        is_environment(path, &String::from_utf8_lossy(head))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`environment.yml` and YAML files that are one by name or folder and by what they hold",
            read: "channels, specifications, what `pip:` lists with its options",
            not_read: "files under other names that only a tool's settings name; templates, whose lines are gaps",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let mut found = CondaEnvironment { file: file.id, tool: "conda", ..CondaEnvironment::default() };
        let mut problems = Problems::new(budget);
        found.name = text(root.get("name"));
        found.channels = texts(root.get("channels"));
        let dependencies = root.get("dependencies");
        if let Some(wrong) = dependencies.filter(|d| d.items().is_empty() && !d.is_null()) {
            // `dependencies: []` asks for nothing.
            if wrong.as_scalar().is_some() || !wrong.entries().is_empty() {
                problems.push(wrong.place(), "`dependencies` should be a list");
            }
        }
        let mut pip = Vec::new();
        for item in dependencies.map(Node::items).unwrap_or_default() {
            if let Some(scalar) = item.as_scalar() {
                if !budget.take_entry(scalar.text.text.len()) {
                    problems.push(item.place(), "too many packages; the rest is not read");
                    break;
                }
                match spec::parse(&scalar.text, item.place()) {
                    Some(one) => found.packages.push(one),
                    None if item.is_null() => {}
                    None => problems.push(item.place(), "it names no package that conda could take"),
                }
                continue;
            }
            for (manager, list) in keyed(item) {
                match manager.value.as_str() {
                    "pip" | "uv" => lines(list, &mut pip, &mut problems),
                    _ => problems.push(manager.span, format!("what `{}` installs is not read", manager.value)),
                }
            }
        }
        out.problems.extend(problems.finish());
        out.documents.push(Document::CondaEnvironment(found));
        requirements::items(file, &pip, budget, out);
    }
}

/// The lines for pip: a list, or a text of several.
fn lines<'n>(list: &'n Node, pip: &mut Vec<&'n Embedded>, problems: &mut Problems) {
    if let Some(only) = list.as_scalar().filter(|_| !list.is_null()) {
        pip.push(&only.text);
    }
    for item in list.items() {
        match item.as_scalar() {
            Some(scalar) => pip.push(&scalar.text),
            None => {
                let Problem { span, message, .. } = Problem::new(item.place(), "a requirement should be a text");
                problems.push(span, message);
            }
        }
    }
}

/// Whether a file's name lets it be one.
fn is_candidate(path: &RepoPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let says_so = |name: &str| name.contains("environment") || name.contains("conda");
    // A folder is kept for them: `conda/environments/all_cuda.yaml`.
    says_so(stem)
        || stem.split(['-', '_', '.', ' ']).any(|part| matches!(part, "env" | "mamba" | "micromamba"))
        || path.parent().parts().any(|part| says_so(&part.to_ascii_lowercase()))
}

/// Whether what is in a file shows that it is one: packages in a list, and channels, a `pip:` among
/// them, or the usual name.
fn is_environment(path: &RepoPath, head: &str) -> bool {
    let key = |line: &str, key: &str| {
        let line = line.trim_start_matches('\u{feff}');
        let line = line.strip_prefix(['"', '\'']).unwrap_or(line);
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    let top = |wanted: &str| head.lines().any(|line| key(line, wanted));
    // conda-lock's own file has `package:`, a GitHub workflow `jobs:`.
    if !top("dependencies") || top("package") || top("jobs") || top("apiVersion") {
        return false;
    }
    let mut after = head.lines().skip_while(|line| !key(line, "dependencies")).skip(1);
    let first = after.find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let is_list = first.is_some_and(|line| line.trim_start().starts_with('-'))
        || head.lines().any(|line| key(line, "dependencies") && line.contains('['));
    let has_pip = head.lines().any(|line| line.trim_start().trim_start_matches('-').trim_start().starts_with("pip:"));
    let is_usual =
        path.name().to_ascii_lowercase().contains("environment") || path.name().to_ascii_lowercase().contains("conda");
    // `- name: x` makes a list of mappings, as Helm and other tools have.
    let is_mapping = first.is_some_and(|line| {
        let item = line.trim_start().trim_start_matches('-').trim_start();
        item.starts_with("name:") || item.starts_with("src:") || item.starts_with("role:")
    });
    is_list && !is_mapping && (top("channels") || has_pip || (is_usual && top("name")))
}
