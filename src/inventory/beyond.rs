//! Files that are known to list parts and are not read: manifests and locks of other ecosystems, and repositories that
//! only lie in the tree. What they bring is no part of the document, and the document says so.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Beside;
use super::maker::Maker;
use crate::read::Outcome;
use crate::read::Reading;
use crate::read::scope;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Unknown;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Tree;

/// Bytes of a manifest that are looked into at most.
const LONGEST: u64 = 1 << 20;
/// Files of one folder that are named.
const NAMED: usize = 8;

/// What runs in pipelines: it lists nothing that is shipped.
const OF_PIPELINES: &[&str] =
    &["Buildkite", "CircleCI", "Cloud Build", "Jenkins", "Read the Docs", "Travis CI", "mise"];

/// Commands of CMake that fetch what is built with the product.
const FETCHES: &[&str] = &["fetchcontent_declare", "externalproject_add", "cpmaddpackage", "cpmfindpackage"];

/// Files of one folder that list parts and are not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beyond {
    /// Whose they are: `npm`, `Go`; of a repository that lies in the tree, `a submodule`.
    pub whose: &'static str,
    /// Their paths.
    pub files: Vec<String>,
    /// The line of the first that says so, from 1; 0 where the file as a whole does.
    pub line: u32,
}

/// What of a tree lists parts and is not read, by ecosystem. What tests, examples and pipelines use is not shipped and
/// not among it.
#[must_use]
pub fn beyond(tree: &Tree, reading: &Reading) -> Vec<Beyond> {
    let read: BTreeSet<&RepoPath> = reading
        .files
        .iter()
        .filter(|file| matches!(file.outcome, Outcome::Read | Outcome::Partial(_)))
        .map(|file| &file.path)
        .collect();
    let mut found: BTreeMap<(&'static str, RepoPath), Vec<String>> = BTreeMap::new();
    let mut out = Vec::new();
    for entry in tree.entries.iter().filter(|entry| entry.obstacle.is_none()) {
        let path = &entry.path;
        if Role::of_path(path) != Role::Product {
            continue;
        }
        if path.name().eq_ignore_ascii_case("CMakeLists.txt") {
            if let Some(line) = fetching(tree, path) {
                out.push(Beyond { whose: "CMake", files: vec![path.as_str().to_owned()], line });
            }
            continue;
        }
        if read.contains(path) {
            continue;
        }
        let whose = scope::ecosystem(path).filter(|whose| !OF_PIPELINES.contains(whose));
        if let Some(whose) = whose.filter(|_| !tree.lacks(path)) {
            found.entry((whose, path.parent())).or_default().push(path.as_str().to_owned());
        }
    }
    out.extend(found.into_iter().map(|((whose, _), files)| Beyond { whose, files, line: 0 }));
    for passed in &tree.passed_over {
        let path = passed.path.trim_end_matches('/');
        let is_shipped = RepoPath::new(path).is_some_and(|path| Role::of_path(&path) == Role::Product);
        let is_other = passed.why.starts_with("a submodule") || passed.why.starts_with("another repository");
        if is_other && is_shipped && !passed.incomplete {
            out.push(Beyond { whose: "a repository of its own", files: vec![path.to_owned()], line: 0 });
        }
    }
    out.sort();
    out
}

/// The line of a file of CMake that fetches something.
fn fetching(tree: &Tree, path: &RepoPath) -> Option<u32> {
    let bytes = tree.read_within(path, LONGEST).ok()?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let at = text.lines().position(|line| FETCHES.iter().any(|word| line.trim_start().starts_with(word)))?;
    u32::try_from(at + 1).ok()
}

/// What a manifest at the root of a tree that is not read for what it lists calls the product.
#[must_use]
pub fn name(tree: &Tree) -> Option<String> {
    let path = RepoPath::new("package.json")?;
    tree.entry(&path)?;
    let bytes = tree.read_within(&path, LONGEST).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    scope::name_of_manifest(text)
}

/// Tells them as unknown.
pub(super) fn add(maker: &mut Maker<'_>, beside: &Beside) {
    for one in &beside.beyond {
        let Some(first) = one.files.first() else { continue };
        let names: Vec<&str> =
            one.files.iter().take(NAMED).map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
        let more = one.files.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let owner = maker.owner(first).to_owned();
        maker.unknowns.push(Unknown {
            kind: Kind::Other,
            text: format!("{}{more}", names.join(", ")),
            why: format!("{}: what it lists is not read", one.whose),
            owner: Some(owner),
            at: Occurrence { path: first.clone(), line: one.line, how: None },
        });
    }
}
