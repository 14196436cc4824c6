//! Which states are asked, by the time of each question.

use std::collections::BTreeMap;

use super::Asking;
use super::cases;
use super::forest::FolderId;
use super::forest::Sum;
use super::states::State;
use super::states::Window;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::source::objects::Oid;

impl Asking<'_> {
    /// States that could say something: those that a branch held in the time of a question, and tags that
    /// were made in it or may hold what is asked for whenever they were made.
    pub(super) fn telling(&self) -> Vec<(FolderId, Oid)> {
        let mut out = Vec::new();
        let is_in = |sum: &Sum, test: &dyn Fn(&Window) -> bool| sum.hits.is_some() && self.windows.iter().any(test);
        for (line, folders) in self.found.lines.iter().zip(&self.planted.lines) {
            for (state, folder) in line.states.iter().zip(folders) {
                let Some(folder) = *folder else { continue };
                let end = state.next.map(|(_, seconds)| seconds);
                if is_in(&self.forest.sum(folder), &|window| window.meets(state.from, end)) {
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

    /// What the newest state of the repository's own branch says to questions that no state of it answered: it is read
    /// as a whole, since an install that nothing holds may bring what no file names.
    pub(super) fn of_newest(&self, answers: &[Answer]) -> Vec<Answer> {
        let Some(line) = self.found.lines.iter().find(|line| line.is_main).or(self.found.lines.first()) else {
            return Vec::new();
        };
        let folders = self.found.lines.iter().zip(&self.planted.lines).find(|(known, _)| std::ptr::eq(*known, line));
        let Some((_, folders)) = folders else { return Vec::new() };
        let is_open = |asked: &Asked| !answers.iter().any(|a| a.target == asked.text && a.at == line.names);
        // The last state in the time of each question; mostly the same one.
        let mut open: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for ((number, asked), window) in (0_u32..).zip(self.request.questions).zip(&self.windows) {
            let meets = |state: &State| window.meets(state.from, state.next.map(|(_, seconds)| seconds));
            if let Some(last) = line.states.iter().rposition(meets).filter(|_| is_open(asked)) {
                open.entry(last).or_default().push(number);
            }
        }
        let mut out = Vec::new();
        for (at, numbers) in open {
            let (Some(state), Some(folder)) = (line.states.get(at), folders.get(at).copied().flatten()) else {
                continue;
            };
            let (tree, reading) = cases::whole(self.repository, &self.forest, folder, &state.commit);
            for mut answer in (self.request.judge)(&tree, &reading, &numbers) {
                answer.at.clone_from(&line.names);
                answer.when = Some((state.from, state.next.map(|(_, seconds)| seconds)));
                answer.commits = Some((state.commit.to_string(), state.next.map(|(commit, _)| commit.to_string())));
                out.push(answer);
            }
        }
        out
    }
}
