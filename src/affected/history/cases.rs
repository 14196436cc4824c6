//! States that are judged: one for all commits that hold the same files of interest.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::forest::FolderId;
use super::forest::Forest;
use super::forest::Names;
use super::relevant;
use super::relevant::Class;
use crate::affected::Answer;
use crate::affected::Standing;
use crate::read::Earlier;
use crate::read::Reading;
use crate::read::read_after;
use crate::sbom::model::Occurrence;
use crate::source::Limits;
use crate::source::RepoPath;
use crate::source::Tree;
use crate::source::objects::Oid;
use crate::source::objects::Repository;

/// Bytes of blobs that are kept for the next state.
const KEPT: usize = 128 << 20;

/// How many files deep mentions are followed.
const ROUNDS: usize = 4;

/// Files that are mentioned and lie where nothing else is looked for, of one round.
const MENTIONED: usize = 64;

/// Says how a tree stands, of which this was read, to some of the questions, which are told by number.
pub type Judge<'a> = &'a (dyn Fn(&Tree, &Reading, &[u32]) -> Vec<Answer> + Sync);

/// The number of a case.
pub(super) type CaseId = usize;

/// States of which each is like one case.
#[derive(Debug, Default)]
pub(super) struct Cases {
    by_name: HashMap<Oid, CaseId>,
    /// A folder of each, and the commit that it was first met in.
    folders: Vec<(FolderId, Oid)>,
    /// What was said of each.
    answers: Vec<Vec<Answer>>,
    /// Whether states were taken for the same that differ in files which name nothing.
    pub(super) is_coarse: bool,
    /// How many states were passed over, since too many differ.
    pub(super) left_out: usize,
}

impl Cases {
    /// The cases of these states: commits with their folders. Where there are more than so many, files that name
    /// nothing do not make another case.
    pub(super) fn of(forest: &Forest<'_>, states: &[(FolderId, Oid)], most: usize) -> Self {
        let mut cases = Self::default();
        let names: Vec<_> = states.iter().map(|(folder, commit)| (*folder, *commit, forest.sum(*folder))).collect();
        for is_coarse in [false, true] {
            cases = Self { is_coarse, ..Self::default() };
            for (folder, commit, sum) in &names {
                let name = if is_coarse { sum.hits } else { sum.all.filter(|_| sum.hits.is_some()) };
                let Some(name) = name else { continue };
                if cases.by_name.contains_key(&name) {
                    continue;
                }
                if cases.folders.len() >= most {
                    cases.left_out += 1;
                    continue;
                }
                cases.by_name.insert(name, cases.folders.len());
                cases.folders.push((*folder, *commit));
            }
            if cases.left_out == 0 {
                break;
            }
        }
        cases
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.folders.len()
    }

    /// The case of a state: none where nothing of it names anything; an error where it was passed over.
    pub(super) fn find(&self, forest: &Forest<'_>, folder: FolderId) -> Result<Option<CaseId>, ()> {
        let sum = forest.sum(folder);
        let name = if self.is_coarse { sum.hits } else { sum.all.filter(|_| sum.hits.is_some()) };
        match name {
            None => Ok(None),
            Some(name) => self.by_name.get(&name).copied().map(Some).ok_or(()),
        }
    }

    /// What was said of a case.
    pub(super) fn answers(&self, case: CaseId) -> &[Answer] {
        self.answers.get(case).map_or(&[], Vec::as_slice)
    }

    /// Has every case judged, on so many threads.
    pub(super) fn judge(
        &mut self,
        repository: &Repository,
        forest: &Forest<'_>,
        asked: &[String],
        judge: Judge<'_>,
        threads: usize,
    ) {
        let next = AtomicUsize::new(0);
        let told: Mutex<Vec<Vec<Answer>>> = Mutex::new(vec![Vec::new(); self.folders.len()]);
        let folders = &self.folders;
        let work = || {
            let mut kept = Kept::default();
            loop {
                // Neighbours share most of their files, so each thread takes a stretch.
                const STRETCH: usize = 8;
                let from = next.fetch_add(STRETCH, Ordering::Relaxed);
                if from >= folders.len() {
                    return;
                }
                for at in from..folders.len().min(from + STRETCH) {
                    let Some((folder, commit)) = folders.get(at) else { continue };
                    let answers = judged(repository, forest, *folder, commit, asked, judge, &mut kept);
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(slot) = told.get_mut(at) {
                        *slot = answers;
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.clamp(1, 64) {
                let _ = std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, work);
            }
            work();
        });
        self.answers = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    }
}

/// What the next state will most likely hold as well.
#[derive(Default)]
struct Kept {
    blobs: HashMap<Oid, Arc<Vec<u8>>>,
    bytes: usize,
    /// What was read of the state before, and the blobs of its files.
    earlier: Option<(Reading, BTreeMap<RepoPath, Oid>)>,
}

impl Kept {
    fn blob(&mut self, repository: &Repository, id: &Oid) -> Option<Arc<Vec<u8>>> {
        if let Some(known) = self.blobs.get(id) {
            return Some(Arc::clone(known));
        }
        let bytes = Arc::new(repository.blob(id, Limits::default().file_bytes).ok()?);
        if self.bytes + bytes.len() > KEPT {
            self.blobs.clear();
            self.bytes = 0;
        }
        self.bytes += bytes.len();
        self.blobs.insert(*id, Arc::clone(&bytes));
        Some(bytes)
    }
}

fn judged(
    repository: &Repository,
    forest: &Forest<'_>,
    folder: FolderId,
    commit: &Oid,
    asked: &[String],
    judge: Judge<'_>,
    kept: &mut Kept,
) -> Vec<Answer> {
    let sum = forest.sum(folder);
    let mut out = Vec::new();
    let mut files: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
    // Files of formats that are not read, by question.
    let mut unread: BTreeMap<u32, Vec<&RepoPath>> = BTreeMap::new();
    let mut blobs: BTreeMap<RepoPath, Oid> = BTreeMap::new();
    for file in forest.files_of(folder) {
        if let Some(Names::Questions { same, .. }) = &file.names {
            out.extend(
                same.iter().filter_map(|number| asked.get(*number as usize)).map(|target| very(target, &file.path)),
            );
        }
        match &file.names {
            Some(Names::Questions { named, .. }) if file.class == Class::Unread => {
                named.iter().for_each(|question| unread.entry(*question).or_default().push(&file.path));
            }
            Some(Names::Unreadable(why)) if !file.class.is_context() && relevant::is_likely(&file.path) => {
                // A file beside the others: whether it names anything is not known.
                let why = format!("{} cannot be read: {why}", file.path);
                out.extend(asked.iter().map(|target| unknown(target, &why, &[&file.path])));
            }
            Some(Names::Unreadable(_)) => {}
            _ => {
                if let Some(bytes) = kept.blob(repository, &file.blob) {
                    files.insert(file.path.clone(), bytes.as_ref().clone());
                    blobs.insert(file.path.clone(), file.blob);
                }
            }
        }
    }
    let (tree, reading) = read(repository, forest, folder, commit, files, &mut blobs, kept);
    out.extend(judge(&tree, &reading, &sum.questions).into_iter().filter(|answer| answer.standing != Standing::No));
    kept.earlier = Some((reading, blobs));
    for (question, paths) in unread {
        let Some(target) = asked.get(question as usize) else { continue };
        let why = format!("{} names it, and is of a format that is not read", list(&paths));
        out.push(unknown(target, &why, &paths));
    }
    out
}

/// Everything that could say something about the questions in a state, read as far as it says anything.
pub(super) fn whole(repository: &Repository, forest: &Forest<'_>, folder: FolderId, commit: &Oid) -> (Tree, Reading) {
    let mut kept = Kept::default();
    let (mut files, mut blobs) = (BTreeMap::new(), BTreeMap::new());
    for file in forest.all_of(folder).into_iter().filter(|file| matches!(file.class, Class::Context | Class::Beside)) {
        // What cannot be read was told as a gap of the history.
        let Some(bytes) = kept.blob(repository, &file.blob) else { continue };
        let marks = forest.marks(file);
        let says = |mark: &&str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
        if marks.is_empty() || file.is_hit() || marks.iter().any(says) {
            files.insert(file.path.clone(), bytes.as_ref().clone());
            blobs.insert(file.path.clone(), file.blob);
        }
    }
    read(repository, forest, folder, commit, files, &mut blobs, &mut kept)
}

/// The name of all that [`whole`] reads, so far as paths and blobs say it; none where there is nothing.
pub(super) fn whole_name(repository: &Repository, forest: &Forest<'_>, folder: FolderId) -> Option<Oid> {
    let mut bytes = Vec::new();
    for file in forest.all_of(folder).into_iter().filter(|file| matches!(file.class, Class::Context | Class::Beside)) {
        // Of code only what names something or must say so is told apart.
        if file.is_hit() || forest.marks(file).is_empty() {
            bytes.extend_from_slice(format!("{} {}\n", file.path, file.blob).as_bytes());
        }
    }
    repository.name_of(&bytes)
}

/// Reads the files of a state, and those that they mention.
fn read(
    repository: &Repository,
    forest: &Forest<'_>,
    folder: FolderId,
    commit: &Oid,
    mut files: BTreeMap<RepoPath, Vec<u8>>,
    blobs: &mut BTreeMap<RepoPath, Oid>,
    kept: &mut Kept,
) -> (Tree, Reading) {
    let mut round = 0;
    let mut looked: BTreeSet<RepoPath> = BTreeSet::new();
    // What the state before mentioned, this one will most likely mention as well.
    let mut wanted = kept.earlier.as_ref().map(|(reading, _)| mentioned(reading)).unwrap_or_default();
    let mut last: Option<(Reading, BTreeMap<RepoPath, Oid>)> = None;
    loop {
        wanted.retain(|path| !files.contains_key(path) && looked.insert(path.clone()));
        let before = files.len();
        let found = if wanted.is_empty() { Vec::new() } else { forest.files_at(folder, &wanted) };
        let mut found: BTreeMap<RepoPath, Oid> = found.into_iter().map(|file| (file.path.clone(), file.blob)).collect();
        for path in wanted.iter().take(MENTIONED) {
            // A file of any name may be mentioned, also of one that nothing else would be looked for in.
            if !found.contains_key(path)
                && let Ok(Some(blob)) = repository.blob_at(commit, path)
            {
                found.insert(path.clone(), blob);
            }
        }
        for (path, blob) in found {
            if let Some(bytes) = kept.blob(repository, &blob) {
                files.insert(path.clone(), bytes.as_ref().clone());
                blobs.insert(path, blob);
            }
        }
        if files.len() == before
            && let Some((reading, _)) = last.take()
        {
            let mut tree = Tree::from_memory(repository.name(), files);
            tree.commit = Some(commit.to_string());
            return (tree, reading);
        }
        let tree = Tree::from_memory(repository.name(), files.clone());
        let known = last.as_ref().or(kept.earlier.as_ref());
        let is_same =
            |path: &RepoPath| known.is_some_and(|(_, was)| was.get(path).is_some_and(|id| blobs.get(path) == Some(id)));
        let earlier = known.map(|(reading, _)| Earlier { reading, is_same: &is_same });
        let reading = read_after(&tree, earlier, 1, &|_, _| {});
        wanted = if round == ROUNDS { BTreeSet::new() } else { mentioned(&reading) };
        last = Some((reading, blobs.clone()));
        round += 1;
    }
}

/// The paths that files of a reading mention.
fn mentioned(reading: &Reading) -> BTreeSet<RepoPath> {
    reading.mentions.iter().flatten().map(|mention| mention.path.clone()).collect()
}

/// That a file is the one which is asked for.
fn very(target: &str, path: &RepoPath) -> Answer {
    let mut answer = unknown(target, &format!("{path} is that file"), &[path]);
    answer.standing = Standing::Locked;
    answer
}

fn list(paths: &[&RepoPath]) -> String {
    match paths {
        [] => String::new(),
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

fn unknown(target: &str, why: &str, paths: &[&RepoPath]) -> Answer {
    let spot = |path: &&RepoPath| Occurrence { path: path.as_str().to_owned(), line: 0, how: None };
    let spots = paths.iter().map(spot).collect();
    Answer { spots, ..Answer::new(target, "", Standing::CannotKnow, why.to_owned()) }
}
