//! What registries and repositories are asked, where an oracle asks them at all.
//!
//! Names leave the machine this way, so only those are asked about that an installer would look up at the
//! same place: crates locked from crates.io, and distributions for which PyPI answers. A name bound to
//! another index, to a repository or to the tree is nobody else's business, and neither is one whose file
//! keeps its resolver from PyPI, nor one that lies in the tree already built.

use std::collections::{BTreeMap, BTreeSet};

use super::askers::Askers;
use super::{Apart, Asked};
use crate::advisory::Ecosystem;
use crate::graph::Document;
use crate::graph::distributions::{Held, Holder, Whose};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::outside::{Known, Oracle, Question};

/// Names that a sentence lists; more are counted.
const NAMES: usize = 3;

/// An address that everybody who asks repositories at all would ask.
const SOME_REPOSITORY: &str = "https://github.com/owner/name";

/// Questions to registries, and what nobody was asked about.
#[derive(Default)]
pub(super) struct Registries {
    pub(super) questions: BTreeSet<Question>,
    pub(super) apart: Vec<Apart>,
}

impl Registries {
    pub(super) fn of(asked: &Asked<'_>, oracle: &dyn Oracle) -> Self {
        if !oracle.answers_registries() {
            return Self::default();
        }
        let mut questions = BTreeSet::new();
        crates(asked, &mut questions);
        let (made, askers) = (made_by_tools(asked), Askers::of(asked));
        let mut kept_back = BTreeSet::new();
        for named in asked.distributions.named.iter().filter(|n| n.whose == Whose::PyPi && !n.is_computed()) {
            if !askers.ask_pypi(named.holder) {
                kept_back.insert(named.name.clone());
                continue;
            }
            let question =
                |version| Question::Release { ecosystem: Ecosystem::PyPi, name: named.name.clone(), version };
            if let Held::At(version) = &named.held {
                questions.insert(question(Some(version.clone())));
            }
            // More is asked about a name that a person chose.
            let is_chosen = match named.holder {
                Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => false,
                Holder::Set(set, _) => !made.contains(&set),
                Holder::Project(..) | Holder::Install(..) => true,
            };
            if is_chosen {
                questions.insert(question(None));
            }
        }
        let some = Question::Revision { url: SOME_REPOSITORY.to_owned(), name: None };
        let (asks_repositories, mut hosts) = (oracle.may_know(&some), BTreeSet::new());
        questions.retain(|question| {
            let is_asked = oracle.may_know(question);
            if let (false, true, Question::Revision { url, .. }) = (is_asked, asks_repositories, question) {
                hosts.insert(url.clone());
            }
            is_asked
        });
        // Asked about all the same where another file has the name from PyPI.
        let subjects: BTreeSet<&str> = questions.iter().map(Question::subject).collect();
        kept_back.retain(|name| !subjects.contains(name.as_str()));
        let apart = [
            ("that no file shows to be looked up on PyPI, which was not asked", kept_back),
            ("from a repository whose host is not asked where its branches lead", hosts),
        ];
        let apart = apart.into_iter().filter(|(_, names)| !names.is_empty());
        let apart = apart
            .map(|(what, names)| Apart { what, names: names.into_iter().collect(), because: None, hint: None })
            .collect();
        Self { questions, apart }
    }
}

/// Requirements files that a tool wrote: what stands in them a person chose elsewhere.
fn made_by_tools(asked: &Asked<'_>) -> BTreeSet<usize> {
    let sets = &asked.python.sets;
    let is_generated = |document: usize| match asked.documents.get(document) {
        Some(Document::Requirements(file)) => file.generated_by.is_some(),
        _ => false,
    };
    let generated = sets.iter().enumerate().filter(|(_, set)| is_generated(set.document)).map(|(number, _)| number);
    sets.iter().filter_map(|set| set.locked_as).chain(generated).collect()
}

fn crates(asked: &Asked<'_>, questions: &mut BTreeSet<Question>) {
    for view in &asked.cargo.locks {
        let Some(Document::CargoLock(lock)) = asked.documents.get(view.document) else { continue };
        for (index, package) in lock.packages.iter().enumerate() {
            let name = package.name.value.clone();
            match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
                LockSource::CratesIo => {
                    let ecosystem = Ecosystem::CratesIo;
                    let version = Some(package.version.value.clone());
                    questions.insert(Question::Release { ecosystem, name: name.clone(), version });
                    if view.reached.get(index).is_some_and(|reached| reached.hops == 1) {
                        questions.insert(Question::Release { ecosystem, name, version: None });
                    }
                }
                // A commit that was asked for does not move.
                LockSource::Git { url, asked, .. } if !asked.is_some_and(|a| a.starts_with("rev=")) => {
                    let name = asked.and_then(|a| a.split_once('=')).map(|(_, name)| name.to_owned());
                    questions.insert(Question::Revision { url: url.to_owned(), name });
                }
                _ => {}
            }
        }
    }
}

/// What registries did not say, a sentence for each reason and not for each name.
pub(super) fn unknown(known: &Known) -> Vec<String> {
    let mut by: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for (question, why) in known.unanswered() {
        let whose = match question {
            Question::Release { ecosystem, .. } => ecosystem.as_str(),
            Question::Revision { .. } | Question::Commit { .. } => "repositories",
            Question::Definition { .. } => "actions",
            Question::HubRevision { .. } | Question::HubFiles { .. } | Question::HubContent { .. } => "hubs",
            Question::Image { .. } => "images",
            Question::Tool { .. } => "tools",
            _ => continue,
        };
        by.entry((whose, why.to_owned())).or_default().insert(question.subject());
    }
    by.into_iter().map(|((whose, why), names)| sentence(whose, &why, &names)).collect()
}

fn sentence(whose: &str, why: &str, names: &BTreeSet<&str>) -> String {
    let listed: Vec<&str> = names.iter().take(NAMES).copied().collect();
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("facts of {whose} on {}{more}: {why}", listed.join(", "))
}
