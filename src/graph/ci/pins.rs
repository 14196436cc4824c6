//! What is known of actions of other repositories beside the names they are used by: which commit a name
//! stands for, which name a commit has, and what an action uses in turn. It comes from GitHub's lock, from the
//! comments behind commits, and from repositories where they were asked. Nothing is judged here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::graph::Document;
use crate::graph::kinds::workflow::{Service, Step, Uses};
use crate::source::{Place, RepoPath, SourceFile, Sources, Span, Spanned};

/// Levels of actions that are followed. Source: GitHub Docs, "Creating a composite action": ten.
pub const MAX_DEPTH: usize = 10;
/// Actions that are followed from one.
pub const MAX_REACHED: usize = 200;
/// Uses of one action by another that are looked at on the way.
const MAX_STEPS: usize = 1_000;

/// Who says which commit a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// GitHub's lock, at this place.
    Lock(Place),
    /// The repository, asked on this day.
    Asked(Option<String>),
    /// The comment behind a commit elsewhere in the tree.
    Tree(Place),
}

/// A commit and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// In hexadecimal, lower case.
    pub id: String,
    /// The most exact name that is known of it.
    pub name: Option<String>,
    /// Who says so.
    pub by: By,
}

/// One entry of the lock.
#[derive(Debug)]
struct Locked {
    commit: Option<String>,
    reference: Option<String>,
    place: Place,
    uses: Vec<Uses>,
}

/// Another name of what is used: the tag of a commit, or the commit of a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Other {
    /// The tag or commit.
    pub reference: String,
    /// Who says so.
    pub by: By,
}

/// What an action or reusable workflow is made of, as its own file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// The file that was read: `action.yml`.
    pub file: String,
    /// The commit it was read at.
    pub commit: String,
    /// What it uses, with the line of its file.
    pub uses: Vec<(Uses, u32)>,
    /// The image it runs in.
    pub image: Option<String>,
    /// The day it was asked for.
    pub day: Option<String>,
}

/// An action that is used by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// What it is.
    pub uses: Uses,
    /// The actions between, the outermost first; empty where the first uses it itself.
    pub through: Vec<Uses>,
    /// Where that is said.
    pub shown: Shown,
}

/// Where it is said that an action uses another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// In GitHub's lock.
    Lock(Place),
    /// In a file of the other repository: its name, the line and the day it was asked for.
    File(String, u32, Option<String>),
}

/// Comments behind commits: the version that each names, with the places.
type Said = BTreeMap<String, Vec<Place>>;

/// All of it.
#[derive(Debug, Default)]
pub struct Pins {
    /// By `owner/repo` and commit.
    said: BTreeMap<(String, String), Said>,
    /// The same by `owner/repo` and version: the commits, with the first place of each.
    commits: BTreeMap<(String, String), BTreeMap<String, Place>>,
    /// By `owner/repo@ref`.
    locked: BTreeMap<String, Locked>,
    /// Names that the lock holds, by the workflow for which it does.
    held: BTreeMap<String, BTreeSet<String>>,
    /// What repositories answered, by `owner/repo@ref`.
    asked: BTreeMap<String, Commit>,
    /// Tags that repositories say lead to a commit, by `owner/repo@commit`.
    names: BTreeMap<String, Vec<String>>,
    /// What was read of them, by [`action_key`].
    read: BTreeMap<String, Definition>,
}

/// `owner/repo@ref`, as names are compared: accounts and repositories in any case, references as written.
#[must_use]
pub fn key(repository: &str, reference: &str) -> String {
    format!("{}@{reference}", repository.to_ascii_lowercase())
}

/// `owner/repo` in lower case; none for what is of no other repository.
#[must_use]
pub fn repository(uses: &Uses) -> Option<String> {
    match uses {
        Uses::Repository { owner, repo, .. } => Some(format!("{owner}/{repo}").to_ascii_lowercase()),
        _ => None,
    }
}

/// `owner/repo[/path]@commit`.
fn action_key(repository: &str, path: &str, commit: &str) -> String {
    format!("{}/{path}@{}", repository.to_ascii_lowercase(), commit.to_ascii_lowercase())
}

/// What steps and jobs use of other repositories, in the order of the files.
pub fn uses(documents: &[Document]) -> impl Iterator<Item = (Place, &Uses)> {
    all_uses(documents).filter(|(_, used)| matches!(used, Uses::Repository { .. }))
}

/// What steps and jobs use, in the order of the files.
pub fn all_uses<'a>(documents: &'a [Document]) -> impl Iterator<Item = (Place, &'a Uses)> {
    documents.iter().flat_map(|document| {
        let of_steps = |steps: &'a [Step]| steps.iter().filter_map(|s| s.uses.as_ref());
        let all: Vec<&'a Spanned<Uses>> = match document {
            Document::Workflow(w) if w.service == Service::GitHub => {
                w.jobs.iter().flat_map(|j| j.uses.iter().chain(of_steps(&j.steps))).collect()
            }
            Document::Action(action) => of_steps(&action.steps).collect(),
            _ => Vec::new(),
        };
        let file = document.file();
        all.into_iter().map(move |uses| (Place::new(file, uses.span), &uses.value))
    })
}

impl Pins {
    /// What the files of a tree say.
    #[must_use]
    pub fn of(documents: &[Document], sources: &Sources) -> Self {
        let mut out = Self::default();
        for (place, used) in uses(documents) {
            let (Uses::Repository { reference, .. }, Some(name)) = (used, repository(used)) else { continue };
            if !Uses::is_commit(reference) {
                continue;
            }
            let of = (name, reference.to_ascii_lowercase());
            let remark = sources.get(place.file).and_then(|file| comment(file, place.span)).unwrap_or("");
            let Some(version) = version(remark) else { continue };
            let commits = out.commits.entry((of.0.clone(), version.to_owned())).or_default();
            commits.entry(of.1.clone()).or_insert(place);
            out.said.entry(of).or_default().entry(version.to_owned()).or_default().push(place);
        }
        for document in documents {
            let Document::ActionsLock(lock) = document else { continue };
            for (path, names) in &lock.workflows {
                let names = names.iter().filter_map(|name| canonical(&name.value));
                out.held.entry(path.value.clone()).or_default().extend(names);
            }
            for pin in &lock.pins {
                let Some(key) = canonical(&pin.pin.value) else { continue };
                let locked = Locked {
                    commit: pin.commit.as_ref().map(|c| c.value.clone()),
                    reference: pin.reference.as_ref().map(|r| r.value.clone()),
                    place: Place::new(lock.file, pin.pin.span),
                    uses: pin.uses.iter().take(MAX_REACHED).map(|u| Uses::parse(&u.value)).collect(),
                };
                out.locked.entry(key).or_insert(locked);
            }
        }
        out
    }

    /// Adds what a repository says that a name of it stands for.
    pub fn learn(&mut self, repository: &str, reference: &str, commit: Commit) {
        self.asked.insert(key(repository, reference), commit);
    }

    /// Adds the tags that a repository says lead to a commit.
    pub fn learn_names(&mut self, repository: &str, commit: &str, tags: Vec<String>) {
        self.names.insert(key(repository, commit), tags);
    }

    /// What else is known to be named by a use: for a commit the tags that the lock, the repository or a comment
    /// gives it, for a name its commit in the lock or the repository. Tags that stand for whole lines of releases
    /// are left out where more exact ones are known.
    #[must_use]
    pub fn other_names(&self, used: &Uses) -> Vec<Other> {
        let (Uses::Repository { reference, .. }, Some(name)) = (used, repository(used)) else { return Vec::new() };
        if !Uses::is_commit(reference) {
            let known = self.commit(&name, reference).filter(|known| !matches!(known.by, By::Tree(_)));
            return known.into_iter().map(|known| Other { reference: known.id, by: known.by }).collect();
        }
        let commit = reference.to_ascii_lowercase();
        let mut out = Vec::new();
        if let Some((tag, place)) = self.locked_name(&name, &commit) {
            out.push(Other { reference: tag.to_owned(), by: By::Lock(place) });
        }
        let tags = self.names.get(&key(&name, &commit)).into_iter().flatten();
        out.extend(tags.map(|tag| Other { reference: tag.clone(), by: By::Asked(None) }));
        if out.is_empty() {
            let said = self.said.get(&(name, commit)).into_iter().flatten();
            out.extend(said.filter_map(|(version, places)| {
                Some(Other { reference: version.clone(), by: By::Tree(*places.first()?) })
            }));
        }
        let exact = |other: &Other| other.reference.matches('.').count() >= 2;
        if out.iter().any(exact) {
            out.retain(exact);
        }
        out
    }

    /// Adds what an action is made of at a commit.
    pub fn define(&mut self, repository: &str, path: &str, definition: Definition) {
        self.read.insert(action_key(repository, path, &definition.commit), definition);
    }

    /// Whether GitHub's lock holds what a workflow uses.
    #[must_use]
    pub fn is_held(&self, workflow: &RepoPath, used: &Uses) -> bool {
        let (Uses::Repository { reference, .. }, Some(name)) = (used, repository(used)) else { return false };
        let key = key(&name, reference);
        self.held.get(workflow.as_str()).is_some_and(|names| names.contains(&key))
            && self.locked.get(&key).is_some_and(|locked| locked.commit.is_some())
    }

    /// Whether the lock speaks of a workflow at all.
    #[must_use]
    pub fn is_onboarded(&self, workflow: &RepoPath) -> bool {
        self.held.contains_key(workflow.as_str())
    }

    /// The commit that a name stands for: in the lock, for the repository, or where the tree has it elsewhere and
    /// in one way alone.
    #[must_use]
    pub fn commit(&self, repository: &str, reference: &str) -> Option<Commit> {
        let key = key(repository, reference);
        if let Some(locked) = self.locked.get(&key)
            && let Some(id) = &locked.commit
        {
            return Some(Commit { id: id.clone(), name: locked.reference.clone(), by: By::Lock(locked.place) });
        }
        if let Some(asked) = self.asked.get(&key) {
            return Some(asked.clone());
        }
        let commits = self.commits.get(&(repository.to_ascii_lowercase(), reference.to_owned()))?;
        let (Some((id, place)), 1) = (commits.first_key_value(), commits.len()) else { return None };
        Some(Commit { id: id.clone(), name: Some(reference.to_owned()), by: By::Tree(*place) })
    }

    /// The name that the lock gives a pin by commit, with its place.
    #[must_use]
    pub fn locked_name(&self, repository: &str, commit: &str) -> Option<(&str, Place)> {
        let locked = self.locked.get(&key(repository, commit))?;
        Some((locked.reference.as_deref()?, locked.place))
    }

    /// Versions that comments give a commit.
    pub fn versions(&self, repository: &str, commit: &str) -> impl Iterator<Item = &str> {
        let of = (repository.to_ascii_lowercase(), commit.to_ascii_lowercase());
        self.said.get(&of).into_iter().flat_map(|said| said.keys().map(String::as_str))
    }

    /// What an action was found to be made of; none where it was not asked for.
    #[must_use]
    pub fn definition(&self, used: &Uses) -> Option<&Definition> {
        let (Uses::Repository { path, reference, .. }, Some(name)) = (used, repository(used)) else { return None };
        let commit = match Uses::is_commit(reference) {
            true => reference.clone(),
            false => self.commit(&name, reference)?.id,
        };
        self.read.get(&action_key(&name, path, &commit))
    }

    /// What an action uses itself.
    fn inside(&self, used: &Uses) -> Vec<(Uses, Shown)> {
        let (Uses::Repository { reference, .. }, Some(name)) = (used, repository(used)) else { return Vec::new() };
        if let Some(definition) = self.definition(used) {
            let shown = |line| Shown::File(definition.file.clone(), line, definition.day.clone());
            return definition
                .uses
                .iter()
                .take(MAX_REACHED)
                .map(|(inner, line)| (inner.clone(), shown(*line)))
                .collect();
        }
        match self.locked.get(&key(&name, reference)) {
            Some(locked) => locked.uses.iter().map(|inner| (inner.clone(), Shown::Lock(locked.place))).collect(),
            None => Vec::new(),
        }
    }

    /// Every action that an action comes to use, nearest first, each once.
    #[must_use]
    pub fn reached(&self, used: &Uses) -> Vec<Reached> {
        let mut out: Vec<Reached> = Vec::new();
        let mut seen = BTreeSet::from([used.clone()]);
        let mut queue = VecDeque::from([(used.clone(), Vec::new())]);
        let mut steps = 0;
        while let Some((outer, through)) = queue.pop_front() {
            for (inner, shown) in self.inside(&outer) {
                steps += 1;
                if out.len() >= MAX_REACHED || steps > MAX_STEPS {
                    return out;
                }
                if !seen.insert(inner.clone()) {
                    continue;
                }
                if through.len() + 1 < MAX_DEPTH {
                    let mut path = through.clone();
                    path.push(inner.clone());
                    queue.push_back((inner.clone(), path));
                }
                out.push(Reached { uses: inner, through: through.clone(), shown });
            }
        }
        out
    }
}

/// `OWNER/REPO@REF` of the lock as it is compared; none where it is not of that form.
#[must_use]
pub fn canonical(pin: &str) -> Option<String> {
    let (name, reference) = pin.split_once('@')?;
    let is_name = name.split('/').count() == 2 && name.split('/').all(|part| !part.is_empty());
    (is_name && !reference.is_empty()).then(|| key(name, reference))
}

/// What a comment behind a value says, on the same line; empty where nothing stands there, none where something
/// else than a comment does.
#[must_use]
pub fn comment(file: &SourceFile, span: Span) -> Option<&str> {
    let rest = file.text.get(usize::try_from(span.end).ok()?..)?;
    let rest = rest.split(['\r', '\n']).next()?.trim_start_matches(['"', '\'']);
    match rest.trim() {
        "" => Some(""),
        text => Some(text.strip_prefix('#').filter(|_| rest.starts_with([' ', '\t']))?.trim()),
    }
}

/// The version that a comment behind a commit names: `v4.1.2`, `tag=v4`, `ratchet:actions/checkout@v4`,
/// `pin@v4`.
#[must_use]
pub fn version(comment: &str) -> Option<&str> {
    let word = comment.split([' ', '\t', ',', ';', '(']).find(|word| !word.is_empty())?;
    let word = word.rsplit_once(['@', '=', ':']).map_or(word, |(_, last)| last);
    let word = word.rsplit_once("refs/tags/").map_or(word, |(_, last)| last);
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let is_version = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_'))
        // A date and a number of something else are no version.
        && (digits.len() < word.len() || digits.split(['-', '+']).next().is_some_and(|d| d.contains('.')));
    (is_version && word.len() <= 64).then_some(word)
}

/// Whether two versions may be one: `v4` names what `v4.1.2` names more exactly.
#[must_use]
pub fn agree(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.strip_prefix(['v', 'V']).unwrap_or(text).to_ascii_lowercase();
    let (one, other) = (bare(one), bare(other));
    let leads = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    one == other || leads(&one, &other) || leads(&other, &one)
}

#[cfg(test)]
#[path = "pins_tests.rs"]
mod tests;
