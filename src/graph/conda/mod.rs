//! Conda's environments, locks and install commands, tied together: who installs which, which lock holds
//! which, and which channels answer.

mod channels;
mod commands;
mod named;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::distributions::CondaHolder;
use super::kinds::conda::{CondaEnvironment, CondaLock, CondaRequirement};
use super::kinds::settings::SettingsForm;
use super::python::{Install, Purpose, PythonView, RequirementSet, Use};
use crate::source::{FileId, Place, RepoPath, Role, Sources, Spanned};

pub use channels::{Channel, ChannelKind, Priority};
pub(super) use commands::{command, configured};
pub(super) use named::named;
pub use names::{distribution_of, is_common_version};

/// Uses kept of one file.
const MAX_USES: usize = 256;

/// A channel that is asked, and where that is written.
#[derive(Debug, Clone)]
pub struct AskedChannel {
    /// Where.
    pub place: Place,
    /// As written.
    pub text: String,
    /// What it stands for.
    pub channel: Channel,
}

impl AskedChannel {
    fn of(file: FileId, text: &Spanned<String>) -> Option<Self> {
        Some(Self { place: Place::new(file, text.span), text: text.value.clone(), channel: Channel::of(&text.value)? })
    }
}

/// What a command of conda, mamba, micromamba, conda-lock or pixi asks for.
#[derive(Debug, Clone, Default)]
pub struct CondaCommand {
    /// Packages named on the command line; spans are those of the host file.
    pub packages: Vec<CondaRequirement>,
    /// Channels in force, the first asked first: options, then settings made before.
    pub channels: Vec<AskedChannel>,
    /// How it chooses among them, where a setting or an option says so.
    pub priority: Option<Priority>,
    /// Files it names, found in the tree.
    pub files: Vec<RepoPath>,
}

/// An `environment.yml`, a `pixi.toml`, a `[tool.pixi]`.
#[derive(Debug, Clone)]
pub struct EnvironmentView {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// What the file is for, reach considered.
    pub role: Role,
    /// What its packages are for.
    pub purpose: Purpose,
    /// Who installs it, the weightiest first.
    pub used_by: Vec<Use>,
    /// Its locks, by index into [`CondaView::locks`].
    pub locks: Vec<usize>,
    /// Channels it asks, the first asked first.
    pub channels: Vec<AskedChannel>,
    /// How conda chooses among them, as far as the tree says so.
    pub priority: Priority,
    /// A lock holds what is installed: pixi installs from its lock, conda from an environment only what
    /// it solves that day.
    pub is_held: bool,
}

/// A `conda-lock.yml`, a `pixi.lock`, an explicit list.
#[derive(Debug, Clone)]
pub struct CondaLockView {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// What the file is for.
    pub role: Role,
    /// What its packages are for.
    pub purpose: Purpose,
    /// Who installs it, the weightiest first.
    pub used_by: Vec<Use>,
}

/// Everything of conda's in the tree.
#[derive(Debug, Default)]
pub struct CondaView {
    /// Environments, by path.
    pub environments: Vec<EnvironmentView>,
    /// Locks, by path.
    pub locks: Vec<CondaLockView>,
}

impl CondaView {
    /// Ties documents together. What uses an environment was told of its requirement set.
    pub(super) fn build(
        documents: &[Document],
        sources: &Sources,
        sets: &[RequirementSet],
        installs: &[(&Install, String)],
    ) -> Self {
        let set_of: BTreeMap<FileId, &RequirementSet> = sets.iter().map(|set| (set.file, set)).collect();
        let mut locks = Vec::new();
        let mut environments = Vec::new();
        for (document, what) in documents.iter().enumerate() {
            match what {
                Document::CondaLock(lock) => locks.extend(lock_view(document, lock, sources)),
                Document::CondaEnvironment(found) => {
                    let Some(set) = set_of.get(&found.file) else { continue };
                    environments.push(environment(document, found, set));
                }
                _ => {}
            }
        }
        tell(&mut locks, installs, sources);
        hold(&mut environments, &mut locks, documents, sources);
        let strict = strict_folders(documents, sources);
        let root_is_strict = strict.iter().any(RepoPath::is_root);
        let mut told: BTreeMap<&RepoPath, Priority> = BTreeMap::new();
        for conda in installs.iter().filter_map(|(install, _)| install.conda.as_ref()) {
            let Some(priority) = conda.priority else { continue };
            for path in &conda.files {
                told.entry(path).and_modify(|known| *known = (*known).min(priority)).or_insert(priority);
            }
        }
        for view in &mut environments {
            let Some(path) = sources.get(view.file).map(|f| &f.path) else { continue };
            if root_is_strict || strict.contains(&path.parent()) {
                view.priority = Priority::Strict;
            } else if let Some(told) = told.get(path) {
                view.priority = *told;
            }
        }
        Self { environments, locks }
    }
}

fn environment(document: usize, found: &CondaEnvironment, set: &RequirementSet) -> EnvironmentView {
    let own = found.channel_priority.as_ref().and_then(|p| Priority::of(&p.value));
    EnvironmentView {
        document,
        file: found.file,
        role: set.role,
        purpose: set.purpose,
        used_by: set.used_by.clone(),
        locks: Vec::new(),
        channels: found.channels.iter().filter_map(|c| AskedChannel::of(found.file, c)).collect(),
        priority: own.unwrap_or(if found.tool == "pixi" { Priority::Strict } else { Priority::Flexible }),
        is_held: false,
    }
}

fn lock_view(document: usize, lock: &CondaLock, sources: &Sources) -> Option<CondaLockView> {
    let role = Role::of_path(&sources.get(lock.file)?.path);
    let purpose = match role {
        Role::Product | Role::Example => Purpose::Application,
        Role::Ci => Purpose::Ci,
        _ => Purpose::Development,
    };
    Some(CondaLockView { document, file: lock.file, role, purpose, used_by: Vec::new() })
}

/// Tells environments their locks, and locks what they hold.
fn hold(environments: &mut [EnvironmentView], locks: &mut [CondaLockView], documents: &[Document], sources: &Sources) {
    let mut at: BTreeMap<RepoPath, usize> = BTreeMap::new();
    let mut within: BTreeMap<RepoPath, Vec<usize>> = BTreeMap::new();
    for (index, view) in environments.iter().enumerate() {
        let Some(path) = sources.get(view.file).map(|f| &f.path) else { continue };
        at.insert(path.clone(), index);
        within.entry(path.parent()).or_default().push(index);
    }
    for (index, lock) in locks.iter_mut().enumerate() {
        let Some(Document::CondaLock(found)) = documents.get(lock.document) else { continue };
        let Some(folder) = sources.get(lock.file).map(|f| f.path.parent()) else { continue };
        let beside = |name: &str| folder.join(name).and_then(|path| at.get(&path).copied());
        let answered: Vec<usize> = match found.tool {
            "pixi" => ["pixi.toml", "pyproject.toml"].iter().filter_map(|name| beside(name)).collect(),
            "conda-lock" if !found.made_from.is_empty() => {
                found.made_from.iter().filter_map(|from| beside(&from.value)).collect()
            }
            "conda-lock" => within.get(&folder).cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        for environment in answered {
            let Some(view) = environments.get_mut(environment) else { continue };
            view.locks.push(index);
            lock.purpose = lock.purpose.min(view.purpose);
            lock.role = lock.role.min(view.role);
            if lock.used_by.is_empty() && found.tool == "pixi" {
                lock.used_by.clone_from(&view.used_by);
            }
            view.is_held |= found.tool == "pixi" || view.used_by.is_empty();
        }
    }
}

/// Tells locks who installs them.
fn tell(locks: &mut [CondaLockView], installs: &[(&Install, String)], sources: &Sources) {
    let by_path: BTreeMap<&RepoPath, usize> =
        locks.iter().enumerate().filter_map(|(i, l)| Some((&sources.get(l.file)?.path, i))).collect();
    for (install, by) in installs {
        for path in install.conda.iter().flat_map(|c| &c.files) {
            let Some(lock) = by_path.get(path).and_then(|&i| locks.get_mut(i)) else { continue };
            if lock.used_by.len() < MAX_USES {
                lock.used_by.push(Use {
                    place: install.place,
                    text: by.clone(),
                    purpose: install.purpose,
                    role: install.role,
                    constraint: false,
                });
            }
        }
    }
    for lock in locks {
        lock.used_by.sort_by_key(|u| (u.purpose, u.role));
        if let Some(first) = lock.used_by.first() {
            lock.purpose = lock.purpose.min(first.purpose);
            lock.role = lock.role.min(first.role);
        }
    }
}

/// Folders whose `.condarc` asks for strict priority. Whether it is in force is seen nowhere in the tree;
/// whoever wrote it wants it to be.
fn strict_folders(documents: &[Document], sources: &Sources) -> BTreeSet<RepoPath> {
    let strict = documents.iter().filter_map(|d| match d {
        Document::ManagerSettings(s) if s.form == SettingsForm::Conda => {
            let is_strict = s.channel_priority.as_ref().and_then(|p| Priority::of(&p.value)) == Some(Priority::Strict);
            is_strict.then(|| sources.get(s.file).map(|f| f.path.parent()))?
        }
        _ => None,
    });
    strict.collect()
}

/// What is known of whoever names a conda package.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The file.
    pub file: FileId,
    /// What it is for.
    pub role: Role,
    /// What it is for.
    pub purpose: Purpose,
    /// Who installs it, where that is not the command itself.
    pub used_by: Option<&'a Use>,
    /// Nothing but what is written there decides what is installed.
    pub is_open: bool,
}

/// What is known of whoever names a conda package.
#[must_use]
pub fn standing(python: &PythonView, holder: CondaHolder) -> Option<Standing<'_>> {
    Some(match holder {
        CondaHolder::Lock(lock) => {
            let lock = python.conda.locks.get(lock)?;
            let (file, role, purpose) = (lock.file, lock.role, lock.purpose);
            Standing { file, role, purpose, used_by: lock.used_by.first(), is_open: false }
        }
        CondaHolder::Environment(environment) => {
            let found = python.conda.environments.get(environment)?;
            let (file, role, purpose) = (found.file, found.role, found.purpose);
            let is_open = purpose.wants_pins() && !found.is_held;
            Standing { file, role, purpose, used_by: found.used_by.first(), is_open }
        }
        CondaHolder::Install(install) => {
            let found = python.installs.get(install)?;
            let (file, role, purpose) = (found.place.file, found.role, found.purpose);
            Standing { file, role, purpose, used_by: None, is_open: purpose.wants_pins() && !found.is_locked }
        }
    })
}

/// How tightly a requirement of conda holds a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Nothing bounds it.
    Any,
    /// From a version on.
    Above,
    /// Within bounds, or one series: `=1.2`, `>=1,<2`.
    Within,
    /// One version, or one and its patches where three numbers are given (`=1.2.3`).
    Exact,
}

impl CondaRequirement {
    /// How tightly it holds its version.
    #[must_use]
    pub fn hold(&self) -> Hold {
        let text = self.version.as_ref().map_or("", |v| v.value.trim());
        // What a variable holds may well be exact.
        if self.exact().is_some() || text.contains(['$', '{']) {
            return Hold::Exact;
        }
        match text {
            "" | "*" => Hold::Any,
            _ if text.contains('|') => Hold::Within,
            _ => {
                let upper =
                    |part: &str| part.starts_with(['<', '~', '=']) || part.starts_with(|c: char| c.is_ascii_digit());
                if text.split(',').any(|part| upper(part.trim())) { Hold::Within } else { Hold::Above }
            }
        }
    }

    /// The one version it asks for: `==1.2`, `1.2` after a blank, `=1.2=build`, and `=1.2.3`, which lets
    /// in nothing but builds and patches of that.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        let text = self.version.as_ref()?.value.trim();
        if text.contains(['*', ',', '|', '<', '>', '!', '~', '$', '{']) {
            return None;
        }
        if let Some(version) = text.strip_prefix("==") {
            return Some(version.trim());
        }
        match text.strip_prefix('=') {
            Some(version) if self.build.is_some() || version.split('.').count() > 2 => Some(version.trim()),
            Some(_) => None,
            // pixi and the form with blanks mean the version as it stands.
            None => text.starts_with(|c: char| c.is_ascii_digit()).then_some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn what_holds_a_version() {
        for (version, build, expected) in [
            (None, None, Hold::Any),
            (Some("*"), None, Hold::Any),
            (Some(">=1.2"), None, Hold::Above),
            (Some(">=1.2,<2"), None, Hold::Within),
            (Some("=1.2"), None, Hold::Within),
            (Some("1.2.*"), None, Hold::Within),
            (Some("~=1.2.0"), None, Hold::Within),
            (Some("=1.2.3"), None, Hold::Exact),
            (Some("=1.2"), Some("py_0"), Hold::Exact),
            (Some("==1.2"), None, Hold::Exact),
            (Some("1.2"), None, Hold::Exact),
        ] {
            let text = |t: &str| Spanned::new(t.to_owned(), Span::default());
            let requirement =
                CondaRequirement { version: version.map(text), build: build.map(text), ..CondaRequirement::default() };
            assert_eq!(requirement.hold(), expected, "{version:?} {build:?}");
        }
    }
}
