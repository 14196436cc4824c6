//! Where it is looked: documents, folders of them, trees, repositories.
#![allow(clippy::disallowed_methods, reason = "reads the documents and lists the folders that a person named")]

mod folder;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use crate::affected::documents::{Documents, Told, cannot_know};
use crate::affected::history::{self, Limits as HistoryLimits, Request, Window};
use crate::affected::tree as trees;
use crate::affected::{Answer, Asked, Reply};
use crate::check::{self, Evidence};
use crate::cli::args::AffectedOptions;
use crate::cli::{Surroundings, shown};
use crate::read;
use crate::rules::Scene;
use crate::source::objects::Repository;
use crate::source::{Limits, Tree};
use folder::{Found, OF_TREES};

/// Bytes of a document.
const LARGEST: u64 = 512 << 20;
/// Folders inside of folders.
const DEEPEST: usize = 32;

/// What a place is.
enum Kind {
    Document,
    Folder(Found),
    Tree { has_history: bool, found: Found },
    Bare,
}

/// A file that may be a document.
struct File {
    path: PathBuf,
    /// What answers call it.
    who: String,
    /// The number of its place.
    place: usize,
    way: Way,
}

/// How a file came to be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A person named it.
    Named,
    /// It lies in a folder of documents.
    InFolder,
    /// It lies in a tree, which is asked itself.
    InTree,
    /// It is named like a document, and is packed or leads elsewhere.
    Closed,
}

/// Asks every place.
pub(super) fn ask_all(options: &AffectedOptions, around: &Surroundings, reply: &mut Reply) -> Result<()> {
    let questions = reply.questions.clone();
    let documents = Documents::new(&questions);
    let mut files: Vec<File> = Vec::new();
    let mut kinds = Vec::new();
    for (number, place) in options.places.iter().enumerate() {
        let path = around.directory.join(place);
        let kind = kind(&path).with_context(|| format!("failed to look at `{}`", shown(place)))?;
        let mut add = |found: &[PathBuf], way: Way| {
            files.extend(found.iter().map(|file| {
                let below = file.strip_prefix(&path).unwrap_or(file);
                File { path: file.clone(), who: shown(&place.join(below)), place: number, way }
            }));
        };
        match &kind {
            Kind::Document => {
                files.push(File { path: path.clone(), who: shown(place), place: number, way: Way::Named })
            }
            Kind::Folder(found) => {
                add(&found.files, Way::InFolder);
                add(&found.closed, Way::Closed);
            }
            Kind::Tree { found, .. } => {
                add(&found.files, Way::InTree);
                add(&found.closed, Way::Closed);
            }
            Kind::Bare => {}
        }
        kinds.push((place, path, kind));
    }
    let told = ask_files(&documents, &questions, &files, around.threads);
    let mut of_places: Vec<(usize, usize)> = vec![(0, 0); kinds.len()];
    for (file, told) in files.iter().zip(told) {
        if let Some((documents, others)) = of_places.get_mut(file.place) {
            match told {
                Some(_) => *documents += 1,
                None => *others += 1,
            }
        }
        reply.answers.extend(told.into_iter().flatten());
    }
    let asks_history = questions.iter().any(|asked| asked.since.is_some() || asked.until.is_some());
    let mut as_they_lie: Vec<String> = Vec::new();
    for ((place, path, kind), (documents, others)) in kinds.into_iter().zip(of_places) {
        let who = shown(place);
        match kind {
            Kind::Tree { has_history, .. } => {
                reply.answers.extend(ask_tree(&path, &who, &questions, around)?);
                if has_history && asks_history {
                    ask_history(&path, &who, &questions, around, reply)?;
                } else if has_history {
                    as_they_lie.push(who);
                }
            }
            Kind::Bare => ask_history(&path, &who, &questions, around, reply)?,
            // A folder without a document is a tree, and one with both is asked as both.
            Kind::Folder(found) if documents == 0 || found.is_tree => {
                reply.answers.extend(ask_tree(&path, &who, &questions, around)?);
            }
            Kind::Folder(found) => {
                reply.passed_over += others + found.others;
                if found.others > 0 {
                    reply.notes.push(format!(
                        "{who}: {} were not looked at: links, packed files, or what lies too deep",
                        if found.others == 1 { "1 entry".to_owned() } else { format!("{} entries", found.others) }
                    ));
                }
            }
            Kind::Document => {}
        }
    }
    match as_they_lie.as_slice() {
        [] => {}
        [who] => {
            reply
                .notes
                .push(format!("{who} was asked as it lies there; --since asks its branches, tags and history, too"));
        }
        all => reply.notes.push(format!(
            "{} repositories were asked as they lie there; --since asks their branches, tags and history, too",
            all.len()
        )),
    }
    if reply.answers.is_empty() {
        bail!("no place that was named holds a document, a tree or a repository");
    }
    Ok(())
}

fn kind(path: &Path) -> Result<Kind> {
    let about = path.metadata()?;
    if !about.is_dir() {
        return Ok(Kind::Document);
    }
    let is_bare = path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir();
    let has_history = path.join(".git").exists();
    if is_bare && !has_history {
        return Ok(Kind::Bare);
    }
    let mut found = Found { by_name: has_history, ..Found::default() };
    found.walk(path, DEEPEST)?;
    found.files.sort();
    found.closed.sort();
    let is_tree = has_history || OF_TREES.iter().any(|name| path.join(name).exists()) || found.files.is_empty();
    Ok(if is_tree { Kind::Tree { has_history, found } } else { Kind::Folder(found) })
}

/// Asks documents, on several threads: for each its answers, none where it is none.
fn ask_files(
    documents: &Documents<'_>,
    questions: &[Asked],
    files: &[File],
    threads: usize,
) -> Vec<Option<Vec<Answer>>> {
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Option<Vec<Answer>>)>> = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        let mut own = Vec::new();
        while let Some((number, file)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            files.get(number).map(|file| (number, file))
        } {
            own.push((number, ask_file(documents, questions, file)));
        }
        found.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, files.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, told)| told).collect()
}

fn ask_file(documents: &Documents<'_>, questions: &[Asked], file: &File) -> Option<Vec<Answer>> {
    let who = &file.who;
    let all = |why: &str| questions.iter().map(|asked| cannot_know(asked, who, why.to_owned())).collect();
    if file.way == Way::Closed {
        return Some(all("it is packed or leads elsewhere, and was not read"));
    }
    match (read_file(&file.path), file.way) {
        (Ok(bytes), Way::InTree) => Some(documents.ask_within(who, &bytes)),
        (Ok(bytes), way) => match documents.ask(who, &bytes) {
            Told::Answers(answers) => Some(answers),
            Told::NoDocument if way == Way::Named => {
                Some(all("it is no bill of materials, no saved audit and no saved graph"))
            }
            Told::NoDocument => None,
        },
        (Err(error), _) => Some(all(&format!("it could not be read: {error:#}"))),
    }
}

/// The bytes of a file that was named.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata().map_or(0, |about| about.len());
    if size > LARGEST {
        bail!("it has more than {LARGEST} bytes");
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bail!("it has more than {LARGEST} bytes");
    }
    Ok(bytes)
}

fn ask_tree(path: &Path, who: &str, questions: &[Asked], around: &Surroundings) -> Result<Vec<Answer>> {
    let tree = Tree::scan(path, Limits::default()).with_context(|| format!("failed to read the tree `{who}`"))?;
    let reading = read::read_tree(&tree, around.threads, &|_, _| ());
    let ask = |scene: &Scene<'_>| trees::of_scene(scene, &tree, &reading, who, questions);
    Ok(check::scene_of(&tree, &reading, &Evidence::default(), ask))
}

fn ask_history(path: &Path, who: &str, questions: &[Asked], around: &Surroundings, reply: &mut Reply) -> Result<()> {
    let repository =
        Repository::open_for(path, history::TIMES).with_context(|| format!("failed to open the repository `{who}`"))?;
    let repository = Arc::new(repository);
    let judge = history::as_trees(questions);
    let since = questions.iter().filter_map(|asked| asked.since).min();
    let until = questions.iter().filter_map(|asked| asked.until).max();
    let is_bounded = |all: fn(&Asked) -> Option<i64>| questions.iter().all(|asked| all(asked).is_some());
    let window = Window {
        since: since.filter(|_| is_bounded(|asked| asked.since)),
        until: until.filter(|_| is_bounded(|asked| asked.until)),
    };
    let request =
        Request { questions, window, limits: HistoryLimits::default(), threads: around.threads, judge: &judge };
    let told = history::of_repository(&repository, who, &request)
        .with_context(|| format!("failed to read the history of `{who}`"))?;
    reply.answers.extend(told.answers);
    // What could not be looked at is among the answers.
    reply.notes.extend(told.notes.iter().map(|note| format!("{who}: {note}")));
    Ok(())
}
