//! Where it is looked: documents, folders of them, trees, repositories.
#![allow(clippy::disallowed_methods, reason = "reads the documents and lists the folders that a person named")]

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

/// Bytes of a document.
const LARGEST: u64 = 512 << 20;
/// Files of a folder that are looked at.
const MOST_FILES: usize = 500_000;
/// Folders inside of folders.
const DEEPEST: usize = 32;

/// Files that make a folder a tree.
const OF_TREES: &[&str] = &[
    "Cargo.toml",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "package.json",
    "go.mod",
    "Dockerfile",
    "Makefile",
    "uv.lock",
    "poetry.lock",
    ".github",
    ".gitlab-ci.yml",
    "environment.yml",
    "tox.ini",
];

/// What a place is.
enum Kind {
    Document,
    Folder(Vec<PathBuf>),
    Tree { has_history: bool },
    Bare,
}

/// Asks every place.
pub(super) fn ask_all(options: &AffectedOptions, around: &Surroundings, reply: &mut Reply) -> Result<()> {
    let questions = reply.questions.clone();
    let documents = Documents::new(&questions);
    let mut files: Vec<(PathBuf, String, bool)> = Vec::new();
    let mut kinds = Vec::new();
    for place in &options.places {
        let path = around.directory.join(place);
        let kind = kind(&path).with_context(|| format!("failed to look at `{}`", shown(place)))?;
        match &kind {
            Kind::Document => files.push((path.clone(), shown(place), true)),
            Kind::Folder(found) => files.extend(found.iter().map(|file| {
                let below = file.strip_prefix(&path).unwrap_or(file);
                (file.clone(), shown(&place.join(below)), false)
            })),
            Kind::Tree { .. } | Kind::Bare => {}
        }
        kinds.push((place, path, kind));
    }
    let (answers, passed_over) = ask_files(&documents, &questions, &files, around.threads);
    reply.answers.extend(answers);
    reply.passed_over = passed_over;
    for (place, path, kind) in kinds {
        let who = shown(place);
        let asks_history = questions.iter().any(|asked| asked.since.is_some() || asked.until.is_some());
        match kind {
            Kind::Tree { has_history } => {
                reply.answers.extend(ask_tree(&path, &who, &questions, around)?);
                if has_history && asks_history {
                    ask_history(&path, &who, &questions, around, reply)?;
                } else if has_history {
                    reply.notes.push(format!(
                        "{who} was asked as it lies there; --since asks its branches, tags and history, too"
                    ));
                }
            }
            Kind::Bare => ask_history(&path, &who, &questions, around, reply)?,
            Kind::Folder(found) if found.is_empty() => bail!("`{who}` holds no document, no tree and no repository"),
            Kind::Document | Kind::Folder(_) => {}
        }
    }
    Ok(())
}

fn kind(path: &Path) -> Result<Kind> {
    let about = path.metadata()?;
    if !about.is_dir() {
        return Ok(Kind::Document);
    }
    if path.join(".git").exists() {
        return Ok(Kind::Tree { has_history: true });
    }
    if path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir() {
        return Ok(Kind::Bare);
    }
    if OF_TREES.iter().any(|name| path.join(name).exists()) {
        return Ok(Kind::Tree { has_history: false });
    }
    let mut found = Vec::new();
    walk(path, DEEPEST, &mut found)?;
    found.sort();
    Ok(if found.is_empty() { Kind::Tree { has_history: false } } else { Kind::Folder(found) })
}

/// Files that may be documents, below a folder. Links are not followed.
fn walk(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) -> Result<()> {
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() && depth > 0 && !name(&path).starts_with('.') {
            walk(&path, depth - 1, out)?;
        } else if kind.is_file() {
            let name = name(&path);
            if [".json", ".spdx", ".jsonld", ".cdx"].iter().any(|ending| name.ends_with(ending)) {
                if out.len() >= MOST_FILES {
                    bail!("the folder holds more than {MOST_FILES} files");
                }
                out.push(path);
            }
        }
    }
    Ok(())
}

/// Asks documents, on several threads, and counts those that are none.
fn ask_files(
    documents: &Documents<'_>,
    questions: &[Asked],
    files: &[(PathBuf, String, bool)],
    threads: usize,
) -> (Vec<Answer>, usize) {
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Option<Vec<Answer>>)>> = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        let mut own = Vec::new();
        while let Some((number, (path, who, is_named))) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            files.get(number).map(|file| (number, file))
        } {
            let all = |why: &str| questions.iter().map(|asked| cannot_know(asked, who, why.to_owned())).collect();
            let told = match read_file(path) {
                Ok(bytes) => match documents.ask(who, &bytes) {
                    Told::Answers(answers) => Some(answers),
                    Told::NoDocument if *is_named => {
                        Some(all("it is no bill of materials, no saved audit and no saved graph"))
                    }
                    Told::NoDocument => None,
                },
                Err(error) => Some(all(&format!("it could not be read: {error:#}"))),
            };
            own.push((number, told));
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
    let passed_over = found.iter().filter(|(_, told)| told.is_none()).count();
    (found.into_iter().filter_map(|(_, told)| told).flatten().collect(), passed_over)
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
    let ask = |scene: &Scene<'_>| trees::of_scene(scene, &reading, who, questions);
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
