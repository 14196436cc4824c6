//! What tags say: releases stay what they were when they were made.

use super::Asking;
use super::cases::Cases;
use super::spans;
use super::states::Tag;
use crate::affected::Answer;
use crate::affected::Standing;
use crate::affected::Target;
use crate::affected::answer::Exposed;

impl Asking<'_> {
    /// Tags that hold what is asked for, and those made in the window that could have got it.
    pub(super) fn of_tags(&self, cases: &Cases) -> Vec<Answer> {
        let mut out = Vec::new();
        for (tag, folder) in self.found.tags.iter().zip(&self.planted.tags) {
            let Some(case) = folder.and_then(|folder| cases.find(&self.forest, folder).ok().flatten()) else {
                continue;
            };
            for answer in cases.answers(case) {
                let counts = match answer.standing {
                    Standing::No => false,
                    Standing::Locked => true,
                    Standing::CouldHaveResolved | Standing::CannotKnow => {
                        self.window_of(&answer.target).holds(tag.made)
                    }
                };
                if counts {
                    out.push(of_tag(answer, tag));
                }
            }
        }
        let mut out = spans::grouped(out, |_| None);
        // What is not known is looked into first.
        for answer in
            out.iter_mut().filter(|answer| answer.standing != Standing::CannotKnow && self.is_released(answer))
        {
            let releases = answer.at.iter().filter_map(|name| Some(format!("release {}", name.strip_prefix("tag ")?)));
            answer.rebuild.splice(0..0, releases);
        }
        out
    }

    /// Whether a tag of an answer is a release that holds it. An action is in none: only what a job made that runs it
    /// beside is to be made again.
    fn is_released(&self, answer: &Answer) -> bool {
        let asked = self.request.questions.iter().find(|asked| asked.text == answer.target);
        let is_action = asked.is_some_and(|asked| asked.targets.iter().all(|one| matches!(one, Target::Action { .. })));
        let makes = |job: &Exposed| {
            let name = job.name.to_ascii_lowercase();
            ["release", "publish", "deploy"].iter().any(|word| name.contains(word))
        };
        !is_action || !answer.rebuild.is_empty() || answer.jobs.iter().any(makes)
    }
}

/// An answer as one about a tag.
pub(super) fn of_tag(answer: &Answer, tag: &Tag) -> Answer {
    let mut answer = answer.clone();
    answer.at = vec![format!("tag {}", tag.name)];
    answer.when = Some((tag.made, Some(tag.made)));
    answer.commits = Some((tag.commit.to_string(), None));
    answer
}
