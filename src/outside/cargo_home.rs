//! What cargo left on this machine: its cache of the index of crates.io and the crates it unpacked. Read
//! on request, without starting cargo. A release is known by the checksum the lock holds: a row of
//! another checksum speaks of something else.
//!
//! The cache is as old as cargo's last look at each crate, and says so by the day of its file.
//! Source: the Cargo book, "Cargo Home"; cargo, `sources/registry/index/cache.rs`.
#![allow(clippy::disallowed_methods, reason = "reads the folder of cargo, on request")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::UNIX_EPOCH;

use super::facts::ReleaseFacts;
use super::metadata::Environment;
use super::{Answer, Oracle, Question};
use crate::advisory::{Date, Ecosystem};
use crate::graph::crates::{CrateFacts, NO_LICENCE, Need, OWN_LICENCE};
use crate::parse::index_cache::{self, Release, RowKind};
use crate::parse::{Budget, toml};
use crate::source::git;

/// Folders of crates.io's index: that of the sparse protocol, and those of its repository. Cargo names
/// them by host and a number made of the address; other registries of the host have another number.
const SPARSE: &str = "index.crates.io-";
const REPOSITORIES: &[&str] = &["github.com-1ecc6299db9ec823", "github.com-25cdd57fae9f0462"];
/// Largest file that is read; the row of a release with many features has tens of kilobytes.
const LARGEST: u64 = 32 << 20;

/// The folder of cargo.
#[derive(Debug)]
pub struct CargoHome {
    indexes: Vec<PathBuf>,
    sources: Vec<PathBuf>,
    /// Rows that were read, by name and version; none where there is none. Several questions ask of one.
    read: Mutex<BTreeMap<(String, String), Option<Known>>>,
}

/// A release and the day its file was written.
#[derive(Debug, Clone)]
struct Known {
    release: Release,
    as_of: Option<Date>,
}

impl CargoHome {
    /// Finds the folder of cargo outside the tree.
    ///
    /// # Errors
    /// Why there is none that can be believed, as a sentence.
    pub fn open(tree: &Path, environment: &Environment) -> Result<Self, String> {
        let home = environment.cargo_home.clone().map(PathBuf::from);
        let home = home.or_else(|| environment.home.as_ref().map(|home| Path::new(home).join(".cargo")));
        let home = home.ok_or("neither `CARGO_HOME` nor `HOME` is set")?;
        let home = home.canonicalize().map_err(|error| format!("the folder of cargo cannot be read: {error}"))?;
        // What the tree brings along cannot vouch for the tree.
        let tree = tree.canonicalize().map_err(|error| error.to_string())?;
        let border = git::find_root(&tree).unwrap_or(tree);
        if home.starts_with(&border) {
            return Err("the folder of cargo, `CARGO_HOME`, lies in the audited tree".to_owned());
        }
        let below = |kind: &str| {
            let mut found: Vec<PathBuf> = fs::read_dir(home.join("registry").join(kind))
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.file_name().and_then(|n| n.to_str()).is_some_and(is_crates_io))
                .collect();
            // The sparse index is what cargo asks today.
            found.sort_by_key(|path| (!path.to_string_lossy().contains(SPARSE), path.clone()));
            found
        };
        let (indexes, sources) = (below("index"), below("src"));
        if indexes.is_empty() && sources.is_empty() {
            return Err("the folder of cargo holds nothing of crates.io".to_owned());
        }
        Ok(Self { indexes, sources, read: Mutex::default() })
    }

    /// What the index and the unpacked manifest say of a release, as far as they are of that checksum.
    #[must_use]
    pub fn facts(&self, name: &str, version: &str, checksum: &str) -> Option<CrateFacts> {
        let row = self.release(name, version).filter(|known| known.release.checksum.eq_ignore_ascii_case(checksum));
        let unpacked = self.manifest(name, version);
        if row.is_none() && unpacked.is_none() {
            return None;
        }
        let mut facts = unpacked.unwrap_or(CrateFacts { told_by: "cargo's index cache", ..CrateFacts::default() });
        if let Some(known) = row {
            facts.links = facts.links.or(known.release.links);
            let needs = known.release.dependencies.into_iter().filter(|row| row.kind != RowKind::Dev);
            facts.needs = Some(
                needs
                    .map(|row| Need {
                        name: row.name,
                        is_build: row.kind == RowKind::Build,
                        is_optional: row.optional,
                        target: row.target,
                    })
                    .collect(),
            );
        }
        Some(facts)
    }

    /// The row of a release, the newest file that has it.
    fn release(&self, name: &str, version: &str) -> Option<Known> {
        let key = (name.to_owned(), version.to_owned());
        if let Ok(read) = self.read.lock()
            && let Some(known) = read.get(&key)
        {
            return known.clone();
        }
        let below = place_in_index(name)?;
        let found = self.indexes.iter().find_map(|index| {
            let path = index.join(".cache").join(&below);
            let bytes = bytes(&path)?;
            // Versions differ from the row's in what stands after `+` alone, which the key has as well.
            let (releases, _) =
                index_cache::releases(&bytes, &BTreeSet::from([version]), &mut Budget::default()).ok()?;
            let release = releases.into_iter().next()?;
            Some(Known { release, as_of: day(&path) })
        });
        if let Ok(mut read) = self.read.lock() {
            read.insert(key, found.clone());
        }
        found
    }

    /// What the manifest of an unpacked release says of its package. Cargo wrote it anew when the
    /// crate was packed, so nothing in it is inherited.
    fn manifest(&self, name: &str, version: &str) -> Option<CrateFacts> {
        place_in_index(name)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if version.is_empty() || version.starts_with('.') || !version.chars().all(is_plain) {
            return None;
        }
        self.sources.iter().find_map(|source| {
            let folder = source.join(format!("{name}-{version}"));
            let text = String::from_utf8(bytes(&folder.join("Cargo.toml"))?).ok()?;
            let has_build_rs = folder.join("build.rs").is_file();
            facts_of(&text, name, version, has_build_rs)
        })
    }
}

fn is_crates_io(folder: &str) -> bool {
    folder.starts_with(SPARSE) || REPOSITORIES.contains(&folder)
}

/// Where the index keeps a crate; none for a name that no crate can have. Source: the Cargo book,
/// "Registry Index", "Index files".
fn place_in_index(name: &str) -> Option<PathBuf> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(is_plain) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    Some(match name.len() {
        1 => Path::new("1").join(name),
        2 => Path::new("2").join(name),
        3 => Path::new("3").join(&name[..1]).join(&name),
        _ => Path::new(&name[..2]).join(&name[2..4]).join(&name),
    })
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let mut out = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= LARGEST).then_some(out)
}

/// The day a file was written.
fn day(path: &Path) -> Option<Date> {
    let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Date::of_days(i64::try_from(since.as_secs() / 86_400).ok()?)
}

fn facts_of(text: &str, name: &str, version: &str, has_build_rs: bool) -> Option<CrateFacts> {
    let toml = toml::parse(text, &mut Budget::default());
    let package = toml.root.get("package").or_else(|| toml.root.get("project"))?;
    let word = |key: &str| package.get(key).and_then(|v| v.as_str());
    if word("name") != Some(name) || word("version") != Some(version) {
        return None;
    }
    let build = package.get("build");
    let is_off = build.and_then(|b| b.as_bool()) == Some(false);
    let library = toml.root.get("lib");
    let proc_macro = ["proc-macro", "proc_macro"]
        .iter()
        .any(|key| library.and_then(|lib| lib.get(key)).and_then(|v| v.as_bool()) == Some(true));
    let without = if package.get("license-file").is_some() { OWN_LICENCE } else { NO_LICENCE };
    Some(CrateFacts {
        build_script: Some(!is_off && (build.is_some() || has_build_rs)),
        proc_macro: Some(proc_macro),
        links: word("links").map(str::to_owned),
        licence: Some(word("license").unwrap_or(without).to_owned()),
        needs: None,
        told_by: "cargo's sources",
    })
}

impl Oracle for CargoHome {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let answer = |question: &Question| match question {
            Question::Release { ecosystem: Ecosystem::CratesIo, name, version: Some(version) } => {
                self.release(name, version).map_or_else(
                    || Answer::Unknown("not in cargo's index cache".to_owned()),
                    |known| Answer::Release(Box::new(answer_of(known))),
                )
            }
            _ => Answer::Unknown("cargo's index cache does not say".to_owned()),
        };
        questions.iter().map(answer).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        matches!(question, Question::Release { ecosystem: Ecosystem::CratesIo, version: Some(_), .. })
    }
}

fn answer_of(known: Known) -> ReleaseFacts {
    ReleaseFacts {
        name_exists: Some(true),
        release_exists: Some(true),
        yanked: Some(known.release.yanked),
        released: known.release.published.as_deref().and_then(Date::parse),
        source: "cargo's index cache".to_owned(),
        as_of: known.as_of,
        ..ReleaseFacts::default()
    }
}
