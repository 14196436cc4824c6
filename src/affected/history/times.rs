//! Which states are asked, by the time of each question.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::Asking;
use super::cases;
use super::cases::Cases;
use super::forest::FolderId;
use super::forest::Sum;
use super::spans;
use super::states::Window;
use super::tags::of_tag;
use crate::affected::Answer;
use crate::affected::Standing;
use crate::source::objects::Oid;

/// States that are read as a whole at most: of each, all is read that could install something.
const MOST_WHOLE: usize = 256;

impl Asking<'_> {
    /// States that could say something: those that a branch held in the time of a question, and tags that
    /// were made in it or may hold what is asked for whenever they were made.
    pub(super) fn telling(&self) -> Vec<(FolderId, Oid)> {
        let mut out = Vec::new();
        let is_in = |sum: &Sum, test: &dyn Fn(&Window) -> bool| sum.hits.is_some() && self.windows.iter().any(test);
        for (line, folders) in self.found.lines.iter().zip(&self.planted.lines) {
            for (state, folder) in line.states.iter().zip(folders) {
                let Some(folder) = *folder else { continue };
                if is_in(&self.forest.sum(folder), &|window| window.meets(state.from, state.until)) {
                    out.push((folder, state.commit));
                }
            }
        }
        for (tag, folder) in self.found.tags.iter().zip(&self.planted.tags) {
            let Some(folder) = *folder else { continue };
            let sum = self.forest.sum(folder);
            if !sum.held.is_empty() || is_in(&sum, &|window| window.holds(tag.made)) {
                out.push((folder, tag.commit));
            }
        }
        out
    }

    /// When what a target asks for could be had.
    pub(super) fn window_of(&self, target: &str) -> Window {
        let at = self.request.questions.iter().position(|asked| asked.text == target);
        at.and_then(|at| self.windows.get(at)).copied().unwrap_or(self.request.window)
    }

    /// What states say to questions of which no file of them names anything: they are read as a whole, since an install
    /// that nothing holds may bring what no file names. The repository's own branch is always asked, others and tags
    /// where nothing else was answered. Of a question without a window, the newest state of each branch is asked.
    /// The second part of the result counts states that were not asked, since too many differ.
    pub(super) fn of_whole(&self, answers: &[Answer], cases: &Cases) -> (Vec<Answer>, usize) {
        let mut whole = Wholes::default();
        // The newest first, so that what is left out is the oldest.
        let main = self.found.lines.iter().position(|line| line.is_main).unwrap_or(0);
        let says = |target: &str, only_main: bool| {
            answers.iter().any(|a| a.target == target && a.standing != Standing::No && (a.is_main || !only_main))
        };
        for (at, (line, folders)) in self.found.lines.iter().zip(&self.planted.lines).enumerate() {
            for ((number, asked), window) in (0_u32..).zip(self.request.questions).zip(&self.windows) {
                if says(&asked.text, at == main) {
                    continue;
                }
                let is_bounded = window.since.is_some() || window.until.is_some();
                let most = if is_bounded { usize::MAX } else { 1 };
                let states = line.states.iter().zip(folders).enumerate().rev();
                let met = states.filter(|(_, (state, _))| window.meets(state.from, state.until)).take(most);
                for (position, (state, folder)) in met {
                    let Some(folder) = *folder else { continue };
                    let is_named = cases.find(&self.forest, folder).ok().flatten();
                    let is_named = is_named.is_some_and(|c| cases.answers(c).iter().any(|a| a.target == asked.text));
                    if !is_named {
                        whole.add(self, folder, state.commit, number, Held::By(at, position));
                    }
                }
            }
        }
        for (at, (tag, folder)) in self.found.tags.iter().zip(&self.planted.tags).enumerate() {
            for ((number, asked), window) in (0_u32..).zip(self.request.questions).zip(&self.windows) {
                let is_bounded = window.since.is_some() || window.until.is_some();
                if let Some(folder) = folder.filter(|_| is_bounded && window.holds(tag.made))
                    && !says(&asked.text, false)
                {
                    whole.add(self, folder, tag.commit, number, Held::As(at));
                }
            }
        }
        let said = whole.judged(self);
        let mut out = Vec::new();
        for (at, line) in self.found.lines.iter().enumerate() {
            let of_state = |position: usize| {
                let held = whole.holders.get(&Held::By(at, position));
                let of_one = |(one, number): &(usize, u32)| {
                    let target = &self.request.questions.get(*number as usize)?.text;
                    said.get(*one)?.iter().find(|answer| answer.target == *target)
                };
                held.into_iter().flatten().filter_map(of_one).collect()
            };
            let states = line.states.iter().enumerate().map(|(position, state)| (state, of_state(position)));
            let mut spans = spans::of_line(states);
            for span in &mut spans {
                span.at.clone_from(&line.names);
                span.is_main = at == main;
            }
            out.extend(spans);
        }
        for (at, tag) in self.found.tags.iter().enumerate() {
            for (one, number) in whole.holders.get(&Held::As(at)).into_iter().flatten() {
                let Some(asked) = self.request.questions.get(*number as usize) else { continue };
                let found = said.get(*one).into_iter().flatten().filter(|answer| answer.target == asked.text);
                out.extend(found.map(|answer| of_tag(answer, tag)));
            }
        }
        let left_out = whole.left_out.len();
        (out, left_out)
    }
}

/// Who held a state: a branch at a position of its line, or a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    By(usize, usize),
    As(usize),
}

/// States that are read as a whole, each that differs once.
#[derive(Default)]
struct Wholes {
    by_name: HashMap<Option<Oid>, usize>,
    states: Vec<(FolderId, Oid, BTreeSet<u32>)>,
    /// Which of them each branch and tag held, and for which questions.
    holders: BTreeMap<Held, Vec<(usize, u32)>>,
    left_out: BTreeSet<Held>,
}

impl Wholes {
    fn add(&mut self, asking: &Asking<'_>, folder: FolderId, commit: Oid, question: u32, held: Held) {
        let name = cases::whole_name(asking.repository, &asking.forest, folder);
        let at = match self.by_name.get(&name) {
            Some(at) => *at,
            None if self.states.len() >= MOST_WHOLE => {
                self.left_out.insert(held);
                return;
            }
            None => {
                self.by_name.insert(name, self.states.len());
                self.states.push((folder, commit, BTreeSet::new()));
                self.states.len() - 1
            }
        };
        if let Some((_, _, questions)) = self.states.get_mut(at) {
            questions.insert(question);
        }
        self.holders.entry(held).or_default().push((at, question));
    }

    /// What each says to its questions.
    fn judged(&self, asking: &Asking<'_>) -> Vec<Vec<Answer>> {
        let next = AtomicUsize::new(0);
        let told: Mutex<Vec<Vec<Answer>>> = Mutex::new(vec![Vec::new(); self.states.len()]);
        let work = || {
            while let Some((at, (folder, commit, questions))) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                self.states.get(at).map(|state| (at, state))
            } {
                let (tree, reading) = cases::whole(asking.repository, &asking.forest, *folder, commit);
                let numbers: Vec<u32> = questions.iter().copied().collect();
                let answers = (asking.request.judge)(&tree, &reading, &numbers);
                if let Some(slot) = told.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
                    *slot = answers;
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..asking.request.threads.clamp(1, 64) {
                let _ = std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, work);
            }
            work();
        });
        told.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
