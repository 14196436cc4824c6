//! Names that stand in files of a tree and are not followed: settings, hooks, commands in strings, names of wheels. They
//! make nothing locked, and a tree in which one stands cannot be answered with no.

use std::collections::BTreeMap;

use super::gaps::is_aside;
use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::history::needle::Sieve;
use crate::affected::versions::Versions;
use crate::read::Reading;
use crate::rules::Scene;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Tree;

/// Bytes of a file that is looked at.
const LARGEST: usize = 4 << 20;
/// Bytes that say whether a file is text.
const HEAD: usize = 8192;
/// Longest line that is looked at.
const LONGEST_LINE: usize = 64 << 10;

/// Readers that follow every package of their files, but those that a file name tells.
const FOLLOWED: &[&str] = &[
    "conda-environment",
    "conda-lock",
    "pdm-lock",
    "pipfile",
    "pipfile-lock",
    "pixi-lock",
    "poetry-lock",
    "pylock",
    "pyproject",
    "requirements",
    "setup-cfg",
    "setup-py",
    "uv-lock",
];

/// Words of a line that installs what it names.
const INSTALLS: &[&str] =
    &["pip install", "pip3 install", "pip\", \"install", "uvx", "uv add", "pipx", "additional_dependencies"];

/// What is named, by question.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    own: BTreeMap<usize, (usize, String)>,
    aside: BTreeMap<usize, String>,
}

impl Mentions {
    /// Looks through all text of a tree for these questions, which are told by number.
    pub(super) fn of(tree: &Tree, scene: &Scene<'_>, reading: &Reading, questions: &[(usize, &Asked)]) -> Self {
        let mut out = Self::default();
        let counts = |target: &&Target| matches!(target, Target::Package { .. } | Target::Asset { .. });
        let numbered = (0_u32..).zip(questions);
        let targets: Vec<(u32, &Target)> = numbered
            .flat_map(|(at, (_, asked))| asked.targets.iter().filter(counts).map(move |one| (at, one)))
            .collect();
        if targets.is_empty() {
            return out;
        }
        let sieve = Sieve::of(targets.iter().copied());
        let readers: BTreeMap<&RepoPath, &str> =
            reading.files.iter().chain(&reading.beside).map(|file| (&file.path, file.reader)).collect();
        let roles: BTreeMap<&RepoPath, Role> =
            scene.sources.iter().filter_map(|file| Some((&file.path, *scene.roles.get(&file.id)?))).collect();
        for entry in &tree.entries {
            let role = roles.get(&entry.path).copied().unwrap_or_else(|| Role::of_path(&entry.path));
            if role.is_set_aside() || is_opaque(&entry.path) {
                continue;
            }
            let Ok(bytes) = tree.read(&entry.path) else { continue };
            if bytes.len() > LARGEST || bytes.iter().take(HEAD).any(|byte| *byte == 0) {
                continue;
            }
            let named = sieve.targets_in(&bytes);
            if named.is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            let is_followed = readers.get(&entry.path).is_some_and(|reader| FOLLOWED.contains(reader));
            let is_beside = is_aside(role) || is_prose(&entry.path);
            for at in named {
                let Some((number, asked)) = questions.get(at as usize) else { continue };
                let Some(line) = line_of(&text, asked, is_followed) else { continue };
                let place = format!("{} line {line}", entry.path);
                if is_beside {
                    out.aside.entry(*number).or_insert_with(|| format!("{place} names it"));
                } else {
                    out.own.entry(*number).or_insert((0, place)).0 += 1;
                }
            }
        }
        out
    }

    /// Why it cannot be known; none where no file of the product names it.
    pub(super) fn why(&self, question: usize) -> Option<String> {
        let (count, place) = self.own.get(&question)?;
        let more = match count - 1 {
            0 => String::new(),
            1 => ", and one more file".to_owned(),
            more => format!(", and {more} more files"),
        };
        Some(format!("{place} names it in a way that is not followed{more}"))
    }

    /// What of tests, examples and docs names it.
    pub(super) fn aside(&self, question: usize) -> Option<&String> {
        self.aside.get(&question)
    }
}

/// Text for people, which installs and loads nothing.
fn is_prose(path: &RepoPath) -> bool {
    matches!(path.name().rsplit_once('.').map(|(_, end)| end), Some("md" | "rst" | "mdx" | "html" | "adoc" | "ipynb"))
        || path.name().to_ascii_lowercase().starts_with("changelog")
}

/// Records of what was answered, and files that only say what they hold.
fn is_opaque(path: &RepoPath) -> bool {
    let name = path.name();
    name == "custody.toml" || name == "custody.lock" || name.ends_with(".cdx.json") || name.ends_with(".spdx.json")
}

/// The first line that names what is asked for.
fn line_of(text: &str, asked: &Asked, is_followed: bool) -> Option<usize> {
    for (number, line) in (1..).zip(text.lines()) {
        let start = line.trim_start();
        if line.len() > LONGEST_LINE || ["#", "//", "--"].iter().any(|mark| start.starts_with(mark)) {
            continue;
        }
        let low = line.to_ascii_lowercase();
        let names = |target: &Target| match target {
            Target::Package { ecosystem, name, versions } => {
                let is_python = ecosystem.as_deref().is_none_or(|one| one == "pypi");
                is_python && package(&low, name, versions.as_deref(), is_followed)
            }
            Target::Asset { name, .. } => asset(&low, &name.to_ascii_lowercase()),
            _ => false,
        };
        if asked.targets.iter().any(names) {
            return Some(number);
        }
    }
    None
}

/// Whether a line names a model or data set, and not a repository of that name elsewhere.
fn asset(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
        let is_elsewhere = before.ends_with("github.com/") || before.ends_with("github.com:");
        let is_hub =
            ["huggingface.co/", "datasets/", "models/", "hf.co/", "resolve/"].iter().any(|e| before.ends_with(e));
        let goes_on = after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        !goes_on && !is_elsewhere && (is_hub || !before.ends_with(is_part))
    })
}

/// Whether a line asks for a package so that what is asked for is let in: `litellm==1.82.7`, `litellm@1.82.7`,
/// `litellm-1.82.7-py3-none-any.whl`, `pip install litellm`.
fn package(line: &str, name: &str, versions: Option<&str>, only_files: bool) -> bool {
    let versions = versions.and_then(Versions::parse);
    let covers = |version: &str| versions.as_ref().is_none_or(|known| known.covers(Some("pypi"), version));
    let installs = INSTALLS.iter().any(|word| line.contains(word));
    ends(line, name).into_iter().any(|end| {
        let rest = line.get(end..).unwrap_or_default();
        if let Some(file) = rest.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            let version = ["-py", "-cp", "-pp", ".tar.gz", ".zip", ".whl"]
                .iter()
                .filter_map(|end| file.find(end))
                .min()
                .and_then(|at| file.get(..at));
            return version.is_some_and(covers);
        }
        if only_files {
            return false;
        }
        let rest = match rest.strip_prefix('[').and_then(|extras| extras.split_once(']')) {
            Some((_, rest)) => rest,
            None => rest,
        };
        let rest = rest.trim_start();
        let is_of_spec =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '<' | '>' | '=' | '!' | '~' | '*' | '+');
        if let Some(version) = rest.strip_prefix('@').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            let end = version.find(|c: char| !is_of_spec(c)).unwrap_or(version.len());
            return version.get(..end).is_some_and(covers);
        }
        if rest.starts_with(['=', '<', '>', '~', '!']) {
            let end = rest.find(|c: char| !is_of_spec(c)).unwrap_or(rest.len());
            let spec = rest.get(..end).unwrap_or_default();
            let is_spec = ["==", ">=", "<=", "~=", "!=", ">", "<"].iter().any(|sign| {
                spec.strip_prefix(sign).is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
            });
            let admits = |known: &Versions| known.admitted_by(Some("pypi"), spec).unwrap_or(true);
            return is_spec && versions.as_ref().is_none_or(admits);
        }
        installs
    })
}

/// Where names end that a registry takes for this one, as words of their own.
fn ends(line: &str, name: &str) -> Vec<usize> {
    let words: Vec<String> =
        name.to_ascii_lowercase().split(['-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let Some(first) = words.first() else { return Vec::new() };
    let bytes = line.as_bytes();
    let is_join = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let mut out = Vec::new();
    for (start, _) in line.match_indices(first.as_str()) {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            continue;
        }
        let mut end = start + first.len();
        let is_whole = words.iter().skip(1).all(|word| {
            let joins = bytes.get(end..).unwrap_or_default().iter().take_while(|byte| is_join(byte)).count();
            let from = end + joins;
            end = from + word.len();
            joins > 0 && bytes.get(from..end) == Some(word.as_bytes())
        });
        let goes_on = bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            || bytes.get(end).is_some_and(is_join) && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic);
        if is_whole && !goes_on {
            out.push(end);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_package_where_it_lets_it_in() {
        for (line, only_files, named) in [
            ("additional_dependencies: [litellm==1.82.7]", false, true),
            ("additional_dependencies: [litellm==1.82.6]", false, false),
            ("{\"postCreateCommand\":\"pip install litellm\"}", false, true),
            ("import os;os.system(\"pip install litellm[proxy]>=1.80\")", false, true),
            ("pip install 'litellm<1.82'", false, false),
            ("\"args\": [\"litellm@1.82.7\"]", false, true),
            ("./wheels/litellm-1.82.7-py3-none-any.whl", true, true),
            ("./wheels/litellm-1.82.6-py3-none-any.whl", true, false),
            ("litellm==1.82.7", true, false),
            ("import litellm", false, false),
            ("from litellm import x == 1", false, false),
            ("if litellm == none:", false, false),
            ("pip install langchain-litellm==1.82.7 litellm_proxy==1.82.7", false, false),
            ("pip install lite\u{e9}llm", false, false),
        ] {
            assert_eq!(package(line, "litellm", Some("==1.82.7"), only_files), named, "{line}");
        }
        assert!(package("pip install foo__bar-baz==2", "Foo.Bar-Baz", None, false));
    }

    #[test]
    fn a_line_names_a_model_as_a_whole() {
        for (line, named) in [
            ("command: --model acme/model", true),
            ("- model_id=acme/model", true),
            ("https://huggingface.co/acme/model/resolve/main/x", true),
            ("https://github.com/acme/model", false),
            ("other/acme/model", false),
            ("acme/model-large", false),
            ("args: [\"--model\",\"acme/model\"]", true),
        ] {
            assert_eq!(asset(line, "acme/model"), named, "{line}");
        }
    }
}
