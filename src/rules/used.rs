//! What steps and jobs use of other repositories, with who runs it.

use std::collections::BTreeMap;

use crate::graph::ci::pins;
use crate::graph::indexes::GITHUB;
use crate::graph::kinds::workflow::Uses;
use crate::outside::facts::CommitFacts;
use crate::rules::Scene;
use crate::rules::workflow::reach::{self, Run};
use crate::source::Place;

/// One use.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Used<'a, 'r> {
    /// What is used.
    pub(in crate::rules) name: &'a Uses,
    /// Where.
    pub(in crate::rules) place: Place,
    /// Who runs it.
    pub(in crate::rules) run: &'r Run<'a>,
}

impl Used<'_, '_> {
    /// `owner/repo` in lower case.
    pub(in crate::rules) fn repository(&self) -> String {
        pins::repository(self.name).unwrap_or_default()
    }

    /// What stands behind the `@`.
    pub(in crate::rules) fn reference(&self) -> &str {
        match self.name {
            Uses::Repository { reference, .. } => reference,
            _ => "",
        }
    }

    /// Whether it is a commit that is named.
    pub(in crate::rules) fn is_pinned(&self) -> bool {
        Uses::is_commit(self.reference())
    }
}

/// All of them, in the order of the runs.
pub(in crate::rules) fn all<'a>(scene: &Scene<'a>) -> Vec<Used<'a, 'a>> {
    let mut out = Vec::new();
    for run in reach::runs(scene) {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            if matches!(used.value, Uses::Repository { .. }) {
                out.push(Used { name: &used.value, place: Place::new(run.file, used.span), run });
            }
        }
    }
    out
}

/// The same, by repository and what stands behind the `@`.
pub(in crate::rules) fn by_reference<'a>(scene: &Scene<'a>) -> BTreeMap<(String, String), Vec<Used<'a, 'a>>> {
    let mut out: BTreeMap<_, Vec<Used<'a, 'a>>> = BTreeMap::new();
    for used in all(scene) {
        let reference = match used.is_pinned() {
            true => used.reference().to_ascii_lowercase(),
            false => used.reference().to_owned(),
        };
        out.entry((used.repository(), reference)).or_default().push(used);
    }
    out
}

/// Uses of one commit, and what its repository says of it.
pub(in crate::rules) struct Asked<'a> {
    /// `owner/repo` in lower case.
    pub(in crate::rules) repository: String,
    /// The commit.
    pub(in crate::rules) commit: String,
    /// Where it is used.
    pub(in crate::rules) found: Vec<Used<'a, 'a>>,
    /// The answer.
    pub(in crate::rules) facts: &'a CommitFacts,
}

/// The commits of which repositories were asked.
pub(in crate::rules) fn asked<'a>(scene: &Scene<'a>) -> impl Iterator<Item = Asked<'a>> {
    let known = scene.known;
    by_reference(scene).into_iter().filter(|((_, reference), _)| Uses::is_commit(reference)).filter_map(
        move |((repository, commit), found)| {
            let facts = known.commit(&address(&repository), &commit)?;
            Some(Asked { repository, commit, found, facts })
        },
    )
}

/// The first of the weightiest uses: the line to change first.
pub(in crate::rules) fn weightiest<'u, 'a, 'r>(found: &'u [Used<'a, 'r>]) -> Option<&'u Used<'a, 'r>> {
    found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
}

/// The address by which a repository of actions is asked about.
pub(in crate::rules) fn address(repository: &str) -> String {
    format!("{GITHUB}/{repository}")
}

/// Letters of a commit that are shown.
pub(in crate::rules) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
