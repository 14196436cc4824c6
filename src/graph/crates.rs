//! What is known of a locked crate beside its entry in the lock: whether it runs code while others are
//! built, which native library it is bound to, its licence, what it needs its dependencies for.
//!
//! A lock says none of it. The manifest does: that of a package of the tree, of a vendored copy, of
//! what cargo unpacked on this machine, or as `cargo metadata` repeats it. Where nobody said it, it is not
//! known, which is no answer.

use std::collections::{BTreeMap, BTreeSet};

use super::cargo::{CargoView, lock_key};
use super::identity::{local_crate, lock_source};
use super::kinds::cargo::{LockPackage, LockSource, Manifest};
use super::{Document, Graph};
use crate::config::LicencesAllowed;
use crate::source::{RepoPath, Sources};

/// Names in one sentence.
const NAMED: usize = 3;

/// Where a manifest says nothing of a licence. Source: the SPDX specification, "NONE", "NOASSERTION".
pub const NO_LICENCE: &str = "NONE";
/// Where it names a file with the licence's text, and no expression.
pub const OWN_LICENCE: &str = "NOASSERTION";

/// What is known of one release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrateFacts {
    /// Whether it has a build script.
    pub build_script: Option<bool>,
    /// Whether it is a procedural macro.
    pub proc_macro: Option<bool>,
    /// The native library it is bound to.
    pub links: Option<String>,
    /// Its licence as an SPDX expression, [`NO_LICENCE`] or [`OWN_LICENCE`].
    pub licence: Option<String>,
    /// What it needs its dependencies for, in the order of its manifest; none where that is not known.
    pub needs: Option<Vec<Need>>,
    /// Who said so: `vendored copy`, `cargo's sources`.
    pub told_by: &'static str,
}

/// A dependency of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The crate's name on its registry.
    pub name: String,
    /// Needed by the build script alone.
    pub is_build: bool,
    /// A feature has to ask for it.
    pub is_optional: bool,
    /// The target condition.
    pub target: Option<String>,
}

impl CrateFacts {
    /// What a manifest says of its package. `has_build_rs`: a `build.rs` lies beside it, which cargo takes
    /// for the build script where the manifest does not speak of one.
    #[must_use]
    pub fn of_manifest(manifest: &Manifest, has_build_rs: bool, told_by: &'static str) -> Self {
        let package = manifest.package.as_ref();
        let build_script = package.is_some_and(|p| !p.no_build && (p.build.is_some() || has_build_rs));
        let licence = package.and_then(|p| p.licence.as_ref()).map(|l| l.value.clone());
        let without = if package.is_some_and(|p| p.has_licence_file) { OWN_LICENCE } else { NO_LICENCE };
        let is_inherited = package.is_some_and(|p| p.licence_inherited);
        Self {
            build_script: Some(build_script),
            proc_macro: Some(manifest.proc_macro),
            links: package.and_then(|p| p.links.as_ref()).map(|l| l.value.clone()),
            licence: licence.or_else(|| (!is_inherited).then(|| without.to_owned())),
            // What the tree says of others must not make lighter what is found in it.
            needs: None,
            told_by,
        }
    }

    /// Whether it runs code of its own while others are built; none where that is not known.
    #[must_use]
    pub fn runs_at_build(&self) -> Option<bool> {
        match (self.build_script, self.proc_macro) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }

    /// Takes in what another says. Code that one of them knows of is there.
    fn and(&mut self, other: Self) {
        if self.build_script.is_none() && self.proc_macro.is_none() && self.licence.is_none() {
            self.told_by = other.told_by;
        }
        let either = |one: Option<bool>, two: Option<bool>| match (one, two) {
            (Some(one), Some(two)) => Some(one || two),
            (one, two) => one.or(two),
        };
        self.build_script = either(self.build_script, other.build_script);
        self.proc_macro = either(self.proc_macro, other.proc_macro);
        self.links = self.links.take().or(other.links);
        self.licence = self.licence.take().or(other.licence);
        self.needs = self.needs.take().or(other.needs);
    }
}

/// Asks for what else is known of a release of crates.io: name, version, checksum.
pub type AskFacts<'a> = dyn Fn(&str, &str, &str) -> Option<CrateFacts> + 'a;

/// Facts by the key of the crate in the graph.
pub type FactsByKey = BTreeMap<String, CrateFacts>;

/// Gathers what the tree and `ask` know of locked crates.
#[must_use]
pub fn gather(
    documents: &[Document],
    cargo: &CargoView,
    sources: &Sources,
    has_file: &dyn Fn(&RepoPath) -> bool,
    ask: Option<&AskFacts<'_>>,
) -> FactsByKey {
    let vendored = vendored(documents, sources, has_file);
    let mut out = FactsByKey::new();
    for workspace in &cargo.workspaces {
        for member in &workspace.members {
            let Some(Document::CargoManifest(manifest)) = documents.get(member.document) else { continue };
            let mut facts = of_tree(manifest, &member.folder, has_file, "manifest");
            if facts.licence.is_none()
                && let Some(Document::CargoManifest(root)) = documents.get(workspace.document)
            {
                facts.licence = root.workspace.as_ref().and_then(|w| w.licence.as_ref()).map(|l| l.value.clone());
            }
            out.insert(local_crate(&member.folder, &member.name), facts);
        }
    }
    for view in &cargo.locks {
        let Some(Document::CargoLock(lock)) = documents.get(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| cargo.workspaces.get(w));
        for package in &lock.packages {
            if package.source.is_none() {
                continue;
            }
            let key = lock_key(package, workspace);
            if out.contains_key(&key) {
                continue;
            }
            let mut known = vendored_copy(&vendored, package).cloned();
            let is_published = lock_source(package.source.as_ref().map(|s| s.value.as_str())) == LockSource::CratesIo;
            if let (Some(ask), true, Some(checksum)) = (ask, is_published, &package.checksum)
                && let Some(more) = ask(&package.name.value, &package.version.value, &checksum.value)
            {
                match &mut known {
                    Some(facts) => facts.and(more),
                    None => known = Some(more),
                }
            }
            if let Some(facts) = known {
                out.insert(key, facts);
            }
        }
    }
    out
}

/// A vendored copy: the checksum of the release it says it is, and what its manifest says.
type Vendored = BTreeMap<(String, String), Vec<(Option<String>, CrateFacts)>>;

fn vendored(documents: &[Document], sources: &Sources, has_file: &dyn Fn(&RepoPath) -> bool) -> Vendored {
    let mut sums: BTreeMap<RepoPath, Option<String>> = BTreeMap::new();
    for document in documents {
        if let Document::CargoChecksums(list) = document
            && let Some(file) = sources.get(list.file)
        {
            sums.insert(file.path.parent(), list.package.as_ref().map(|p| p.value.clone()));
        }
    }
    let mut out = Vendored::new();
    if sums.is_empty() {
        return out;
    }
    for document in documents {
        let Document::CargoManifest(manifest) = document else { continue };
        let Some(folder) = sources.get(manifest.file).map(|f| f.path.parent()) else { continue };
        let (Some(sum), Some(package)) = (sums.get(&folder), &manifest.package) else { continue };
        let Some(version) = &package.version else { continue };
        let facts = of_tree(manifest, &folder, has_file, "vendored copy");
        let key = (package.name.value.clone(), version.value.clone());
        out.entry(key).or_default().push((sum.clone(), facts));
    }
    out
}

/// The copy of a locked release: of its checksum; that of a repository has none.
fn vendored_copy<'v>(vendored: &'v Vendored, package: &LockPackage) -> Option<&'v CrateFacts> {
    let copies = vendored.get(&(package.name.value.clone(), package.version.value.clone()))?;
    let locked = package.checksum.as_ref().map(|c| c.value.as_str());
    copies.iter().find(|(sum, _)| sum.as_deref() == locked).map(|(_, facts)| facts)
}

fn of_tree(
    manifest: &Manifest,
    folder: &RepoPath,
    has_file: &dyn Fn(&RepoPath) -> bool,
    told_by: &'static str,
) -> CrateFacts {
    let has_build_rs = folder.child("build.rs").is_some_and(|path| has_file(&path));
    CrateFacts::of_manifest(manifest, has_build_rs, told_by)
}

/// What `custody.toml` wants to have judged and nobody knows, in sentences.
#[must_use]
pub fn not_known(documents: &[Document], cargo: &CargoView, facts: &FactsByKey) -> Vec<String> {
    let policy = documents.iter().find_map(|d| d.custody().map(|c| &c.policy));
    let asks_for_licences = policy.and_then(|p| p.licences.as_ref()).is_some_and(LicencesAllowed::is_of_packages);
    let Some(policy) = policy.filter(|p| p.build_code.is_some() || asks_for_licences) else { return Vec::new() };
    let (mut code, mut licences) = (BTreeSet::new(), BTreeSet::new());
    for view in cargo.locks.iter().filter(|view| !view.role.is_set_aside()) {
        let Some(Document::CargoLock(lock)) = documents.get(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| cargo.workspaces.get(w));
        for package in lock.packages.iter().filter(|p| p.source.is_some()) {
            let known = facts.get(&lock_key(package, workspace));
            if policy.build_code.is_some() && known.and_then(CrateFacts::runs_at_build).is_none() {
                code.insert(package.name.value.as_str());
            }
            if asks_for_licences && known.is_none_or(|facts| facts.licence.is_none()) {
                licences.insert(package.name.value.as_str());
            }
        }
    }
    let sentence = |names: BTreeSet<&str>, what: &str| {
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let listed: Vec<&str> = names.iter().take(NAMED).copied().collect();
        let hint = "their manifests are neither vendored nor read from this machine, `--evidence cache` does";
        (!names.is_empty()).then(|| format!("{what} {}{more}: {hint}", listed.join(", ")))
    };
    let code = sentence(code, "custody.toml lists build-time code, and it is not known whether some is run by");
    let licences = sentence(licences, "custody.toml lists licences, and nothing states those of");
    code.into_iter().chain(licences).collect()
}

/// Puts what is known into the nodes of the graph.
pub fn describe(graph: &mut Graph, facts: &FactsByKey) {
    for (key, facts) in facts {
        let mut say = |attribute: &'static str, value: Option<String>| {
            if let Some(value) = value {
                graph.describe(key, attribute, &value);
            }
        };
        say("build-script", facts.build_script.map(|yes| yes.to_string()));
        say("proc-macro", facts.proc_macro.map(|yes| yes.to_string()));
        say("links", facts.links.clone());
        say("licence", facts.licence.clone());
        say("facts-from", Some(facts.told_by.to_owned()));
    }
}
