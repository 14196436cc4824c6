//! Answers over the history, branches and tags of a repository.
//!
//! Objects are read by our own reader: no program is started, nothing is checked out and nothing of the repository is
//! run. First every folder of every commit that matters is looked at once, and every file in it that could name what
//! is asked for is searched for the name. Only states of which a file names it are then read and judged, and of those
//! that hold the same such files, one.
//!
//! How a tree is judged is for others to know ([`Judge`], [`as_trees`]).

mod cases;
mod clock;
mod forest;
mod judge;
mod literal;
pub(super) mod needle;
mod relevant;
mod spans;
mod states;
mod tags;
mod times;

use std::sync::Arc;

use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Standing;
use crate::source::objects::ObjectError;
use crate::source::objects::Oid;
use crate::source::objects::Repository;

use cases::Cases;
use forest::Bounds;
use forest::FolderId;
use forest::Forest;
use literal::Literals;
use needle::Sieve;
use relevant::Wanted;
use states::Line;
use states::States;

pub use cases::Judge;
pub use judge::as_trees;
pub use states::Window;

/// How much of a history is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Commits that are walked.
    pub commits: usize,
    /// Branches, tags and other names.
    pub names: usize,
    /// Folders, each version counted.
    pub folders: usize,
    /// Files that could name what is asked for, each version counted.
    pub files: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// States that are read and judged.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commits: 500_000,
            names: 200_000,
            folders: 4_000_000,
            files: 4_000_000,
            file_bytes: 16 << 20,
            states: 4_000,
        }
    }
}

/// Times the work of one audit that reading a history may cost.
pub const TIMES: u64 = 16;

/// What is asked of a history.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The questions. A judge is told their numbers.
    pub questions: &'a [Asked],
    /// What is looked at. A question that says when it could be had is asked of that time alone.
    pub window: Window,
    /// How much is looked at.
    pub limits: Limits,
    /// Threads that may work.
    pub threads: usize,
    /// Who says how a state stands.
    pub judge: Judge<'a>,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Branches.
    pub branches: usize,
    /// Tags.
    pub tags: usize,
    /// Commits that were walked.
    pub commits: usize,
    /// States that branches and tags held.
    pub states: usize,
    /// Folders, each version counted.
    pub folders: usize,
    /// Files that could name what is asked for, each version counted.
    pub files: usize,
    /// States that were read and judged.
    pub judged: usize,
}

/// What a history says.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Answers: for each question at least one.
    pub answers: Vec<Answer>,
    /// What could not be looked at, in sentences. The answers say so, too.
    pub gaps: Vec<String>,
    /// What is to be known of how it was looked.
    pub notes: Vec<String>,
    /// How much was looked at.
    pub looked: Looked,
}

/// Asks a repository. `who` is what the answers call it.
///
/// # Errors
/// Where its names cannot be read at all.
pub fn of_repository(repository: &Arc<Repository>, who: &str, request: &Request<'_>) -> Result<Told, ObjectError> {
    let found = states::find(repository, request.window, request.limits.commits, request.limits.names)?;
    let targets = || {
        let numbered = (0_u32..).zip(request.questions);
        numbered.flat_map(|(number, question)| question.targets.iter().map(move |target| (number, target)))
    };
    let limits = request.limits;
    let bounds = Bounds { folders: limits.folders, files: limits.files, file_bytes: limits.file_bytes };
    let forest = Forest::new(repository, Wanted::of(request.questions), bounds);
    let windows = request.questions.iter().map(|asked| request.window.within(asked.since, asked.until)).collect();
    let (gaps, planted) = (Vec::new(), Planted::default());
    let mut asking = Asking { repository, who, request, windows, found, forest, gaps, planted };
    asking.plant();
    asking.forest.look(&Sieve::of(targets()), &Literals::of(request.questions), request.threads);
    Ok(asking.answer())
}

/// Commits whose trees were listed.
#[derive(Debug, Default)]
struct Planted {
    /// For each line, for each of its states, the folder.
    lines: Vec<Vec<Option<FolderId>>>,
    tags: Vec<Option<FolderId>>,
}

struct Asking<'a> {
    repository: &'a Arc<Repository>,
    who: &'a str,
    request: &'a Request<'a>,
    /// When what each question asks for could be had.
    windows: Vec<Window>,
    found: States,
    forest: Forest<'a>,
    planted: Planted,
    gaps: Vec<Gap>,
}

/// Something that could not be looked at.
struct Gap {
    at: Vec<String>,
    why: String,
    when: Option<(i64, Option<i64>)>,
}

impl Asking<'_> {
    /// Lists the trees of all commits that matter; where no more can be listed, the newest are.
    fn plant(&mut self) {
        let mut is_full = false;
        let mut problems: Vec<(String, Oid, String)> = Vec::new();
        let forest = &mut self.forest;
        let mut add = |name: &str, commit: Oid, tree: Oid| {
            if is_full {
                return None;
            }
            match forest.add(tree) {
                Ok(folder) => Some(folder),
                Err(ObjectError::Exhausted) => {
                    is_full = true;
                    None
                }
                Err(error) => {
                    problems.push((name.to_owned(), commit, error.to_string()));
                    None
                }
            }
        };
        for line in &self.found.lines {
            let name = line.names.first().map_or("", String::as_str);
            let mut folders: Vec<Option<FolderId>> =
                line.states.iter().rev().map(|state| add(name, state.commit, state.tree)).collect();
            folders.reverse();
            self.planted.lines.push(folders);
        }
        self.planted.tags = self.found.tags.iter().map(|tag| add(&tag.name, tag.commit, tag.tree)).collect();
        if is_full {
            let missing = self.planted.lines.iter().flatten().chain(&self.planted.tags).filter(|f| f.is_none()).count();
            let why =
                format!("{missing} states of branches and tags were not looked at: the history asks for more work");
            self.gaps.push(Gap { at: Vec::new(), why, when: None });
        }
        for (name, commit, why) in problems {
            let why = format!("the tree of {} cannot be read: {why}", commit.short());
            self.gaps.push(Gap { at: vec![name], why, when: None });
        }
    }

    fn answer(mut self) -> Told {
        let states: Vec<(FolderId, Oid)> = {
            let lines = self.found.lines.iter().zip(&self.planted.lines);
            let of_lines = lines.flat_map(|(line, folders)| line.states.iter().map(|s| s.commit).zip(folders));
            let of_tags = self.found.tags.iter().map(|tag| tag.commit).zip(&self.planted.tags);
            of_lines.chain(of_tags).filter_map(|(commit, folder)| Some(((*folder)?, commit))).collect()
        };
        let asked: Vec<String> = self.request.questions.iter().map(|question| question.text.clone()).collect();
        let mut cases = Cases::of(&self.forest, &self.telling(), self.request.limits.states);
        cases.judge(self.repository, &self.forest, &asked, self.request.judge, self.request.threads);
        self.tell_gaps(&states, &cases);
        let mut answers = Vec::new();
        let mut others = Vec::new();
        for (line, folders) in self.found.lines.iter().zip(&self.planted.lines) {
            let spans = self.spans(line, folders, &cases);
            if line.is_main { answers.extend(spans) } else { others.extend(spans) }
        }
        answers.extend(spans::grouped(others, |answer| self.end(answer)));
        answers.extend(self.of_tags(&cases));
        let (whole, left_out) = self.of_whole(&answers, &cases);
        let (whole, clear): (Vec<Answer>, Vec<Answer>) = whole.into_iter().partition(|a| a.standing != Standing::No);
        let (own, others): (Vec<Answer>, Vec<Answer>) = whole.into_iter().partition(|answer| answer.is_main);
        answers.extend(own);
        answers.extend(spans::grouped(others, |answer| self.end(answer)));
        if left_out > 0 {
            let why = format!("{left_out} states install something and differ from each other, and were not judged");
            self.gaps.push(Gap { at: Vec::new(), why, when: None });
        }
        for gap in &self.gaps {
            answers.extend(asked.iter().map(|target| unknown(target, gap)));
        }
        for target in &asked {
            let newest = clear.iter().filter(|a| a.target == *target && a.is_main).max_by_key(|a| a.when);
            if !answers.iter().any(|answer| answer.target == *target) {
                answers.push(nowhere(target, states.len(), newest));
            } else if !answers.iter().any(|answer| answer.target == *target && answer.is_main) && !self.is_gapped() {
                // How the repository's own branch stands is told, whatever others hold.
                answers.extend(newest.cloned());
            }
        }
        for answer in &mut answers {
            self.who.clone_into(&mut answer.who);
        }
        let place = |target: &str| asked.iter().position(|asked| asked == target);
        answers.sort_by(|a, b| {
            let weight = |answer: &Answer| (place(&answer.target), std::cmp::Reverse(answer.standing), !answer.is_main);
            let rest = |answer: &Answer| (answer.when, answer.at.clone(), answer.why.clone());
            weight(a).cmp(&weight(b)).then_with(|| rest(a).cmp(&rest(b)))
        });
        let (folders, files) = self.forest.counts();
        let looked = Looked {
            branches: self.found.lines.iter().map(|line| line.names.len()).sum(),
            tags: self.found.tags.len(),
            commits: self.found.walked,
            states: states.len(),
            folders,
            files,
            judged: cases.len(),
        };
        let notes = self.notes(&cases);
        let gaps = self.gaps.into_iter().map(|gap| gap.why).collect();
        Told { answers, gaps, notes, looked }
    }

    fn tell_gaps(&mut self, states: &[(FolderId, Oid)], cases: &Cases) {
        for line in &self.found.lines {
            let Some((why, until)) = &line.cut else { continue };
            // What came before the window does not matter.
            if self.request.window.since.is_some_and(|since| *until <= since) {
                continue;
            }
            let since = self.request.window.since.unwrap_or(i64::MIN);
            let (at, until) = (line.names.clone(), (*until != i64::MAX).then_some(*until));
            self.gaps.push(Gap { at, why: why.clone(), when: Some((since, until)) });
        }
        for (name, why) in &self.found.lost {
            self.gaps.push(Gap { at: vec![name.clone()], why: format!("{name} cannot be read: {why}"), when: None });
        }
        if self.found.has_more {
            let why = format!("more than {} names of commits are not looked at", self.request.limits.names);
            self.gaps.push(Gap { at: Vec::new(), why, when: None });
        }
        if cases.left_out > 0 {
            let why = format!("{} states name it and differ from each other, and were not judged", cases.left_out);
            self.gaps.push(Gap { at: Vec::new(), why, when: None });
        }
        let mut damaged: Vec<String> =
            states.iter().filter_map(|(folder, _)| self.forest.sum(*folder).gap).map(|gap| gap.to_string()).collect();
        damaged.sort();
        damaged.dedup();
        if let Some(first) = damaged.first() {
            let more = damaged.len() - 1;
            let why = if more == 0 { first.clone() } else { format!("{first}, and {more} more like it") };
            self.gaps.push(Gap { at: Vec::new(), why, when: None });
        }
    }

    fn spans(&self, line: &Line, folders: &[Option<FolderId>], cases: &Cases) -> Vec<Answer> {
        let said = line.states.iter().zip(folders).map(|(state, folder)| {
            let case = folder.and_then(|folder| cases.find(&self.forest, folder).ok().flatten());
            let counts = |answer: &&Answer| self.window_of(&answer.target).meets(state.from, state.until);
            (state, case.map_or_else(Vec::new, |case| cases.answers(case).iter().filter(counts).collect()))
        });
        let mut spans = spans::of_line(said);
        for span in &mut spans {
            span.at.clone_from(&line.names);
            span.is_main = line.is_main;
        }
        spans
    }

    /// Whether something could not be looked at that may be of the repository's own branch.
    fn is_gapped(&self) -> bool {
        let own = |gap: &Gap| self.found.lines.iter().any(|line| line.is_main && gap.at == line.names);
        self.gaps.iter().any(|gap| gap.at.is_empty() || own(gap))
    }

    /// Until when an answer counts: no longer than what is asked for could be had.
    fn end(&self, answer: &Answer) -> Option<i64> {
        let until = answer.when.and_then(|(_, until)| until);
        match (until, self.window_of(&answer.target).until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    fn notes(&self, cases: &Cases) -> Vec<String> {
        let mut notes = vec![
            "git keeps when a commit was made, not when it was pushed: a branch counts as holding each commit of its \
             first parents until the next one was made, and branches that were deleted are not known"
                .to_owned(),
        ];
        if self.found.others > 0 {
            notes.push(format!("{} names that are no branch and no tag were not looked at", self.found.others));
        }
        if self.found.unsure > 0 {
            let count = self.found.unsure;
            let say = if count == 1 { "commit says" } else { "commits say" };
            notes.push(format!(
                "{count} {say} a time that is out of order with those around it, and counts as held whenever these allow"
            ));
        }
        if self.forest.submodules > 0 {
            notes.push("what lies in its submodules was not looked at: they are repositories of their own".to_owned());
        }
        if cases.is_coarse {
            notes.push("states that differ only in files that do not name it were judged as one".to_owned());
        }
        notes
    }
}

fn unknown(target: &str, gap: &Gap) -> Answer {
    let mut answer = Answer::new(target, "", Standing::CannotKnow, gap.why.clone());
    answer.at.clone_from(&gap.at);
    answer.when = gap.when;
    answer
}

fn nowhere(target: &str, states: usize, newest: Option<&Answer>) -> Answer {
    let mut why = format!("none of the {states} states of its branches and tags has it");
    if let Some(newest) = newest
        && !newest.why.starts_with("nothing in it names it")
    {
        why = format!("{why}; {} at {}", newest.why, newest.at.first().map_or("its branch", String::as_str));
    }
    let aside = newest.map(|newest| newest.aside.clone()).unwrap_or_default();
    Answer { aside, ..Answer::new(target, "", Standing::No, why) }
}
