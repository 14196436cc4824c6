//! What repositories are asked about the actions that the tree uses, where an oracle asks repositories at all:
//! where their names lead, which names their commits have, and, level by level, what they use themselves.
//!
//! The files of actions are read as the tree's own are, as data. GitHub alone is asked, since the runner takes
//! actions from there; the tree names the repository and never the host.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Document;
use crate::graph::ci::pins::{self, By, Commit, Definition, MAX_DEPTH, MAX_REACHED, Pins};
use crate::graph::indexes::GITHUB;
use crate::graph::kinds::workflow::Uses;
use crate::outside::{Answer, Oracle, Question};
use crate::read::elsewhere;
use crate::source::{FileId, Role};

/// Branches and tags that stand for the same as others where these are settings: their commit is what a pin
/// would name.
const BESIDE: &[(&str, &str)] =
    &[("dtolnay/rust-toolchain", "master"), ("dtolnay/install", "master"), ("taiki-e/install-action", "v2")];

/// The address at which a repository of actions is asked.
fn address(repository: &str) -> String {
    format!("{GITHUB}/{repository}")
}

/// Asks, and tells the pins what was answered.
pub(in crate::check) fn follow(
    documents: &[Document],
    role: impl Fn(FileId) -> Role,
    pins: &mut Pins,
    oracle: &dyn Oracle,
) -> BTreeMap<Question, Answer> {
    let mut out = BTreeMap::new();
    if !oracle.answers_registries() {
        return out;
    }
    let used: BTreeSet<Uses> = pins::uses(documents)
        .filter(|(place, _)| !role(place.file).is_set_aside())
        .map(|(_, used)| used.clone())
        .collect();
    let mut wanted = BTreeSet::new();
    for used in &used {
        let (Uses::Repository { reference, .. }, Some(name)) = (used, pins::repository(used)) else { continue };
        wanted.extend(name_question(used));
        if Uses::is_commit(reference) {
            wanted.insert(Question::Commit { url: address(&name), commit: reference.to_ascii_lowercase() });
            wanted.extend(pins.versions(&name, reference).map(|version| revision(&name, version)));
        } else {
            let beside = BESIDE.iter().filter(|(of, _)| *of == name);
            wanted.extend(beside.map(|(_, take)| revision(&name, take)));
        }
    }
    ask(oracle, wanted, pins, &mut out);
    let mut level: BTreeSet<Uses> = used;
    let mut seen = level.clone();
    let mut asked = 0;
    for _ in 0..MAX_DEPTH {
        let mut wanted: BTreeSet<Question> = level.iter().filter_map(|used| definition(used, pins)).collect();
        wanted.retain(|question| !out.contains_key(question));
        let left = MAX_REACHED.saturating_sub(asked);
        if wanted.len() > left {
            for question in wanted.iter().skip(left) {
                out.insert(
                    question.clone(),
                    Answer::Unknown(format!("more than {MAX_REACHED} actions, the rest were not looked into")),
                );
            }
            wanted = wanted.into_iter().take(left).collect();
        }
        asked += wanted.len();
        ask(oracle, wanted, pins, &mut out);
        let inner: BTreeSet<Uses> = level
            .iter()
            .filter_map(|used| pins.definition(used))
            .flat_map(|definition| definition.uses.iter().map(|(inner, _)| inner.clone()))
            .filter(|inner| seen.insert(inner.clone()))
            .collect();
        if inner.is_empty() {
            break;
        }
        ask(oracle, inner.iter().filter_map(name_question).collect(), pins, &mut out);
        level = inner;
    }
    out
}

/// Which advisories name the actions of the tree by what else they are known to be, and those they come to use.
pub(in crate::check) fn advisories(documents: &[Document], pins: &Pins) -> BTreeSet<Question> {
    let question = |used: &Uses, reference: String| match used {
        Uses::Repository { owner, repo, path, .. } => {
            Some(Question::Action { repository: format!("{owner}/{repo}"), path: path.clone(), reference })
        }
        _ => None,
    };
    let mut out = BTreeSet::new();
    let used: BTreeSet<&Uses> = pins::uses(documents).map(|(_, used)| used).collect();
    for used in used {
        out.extend(pins.other_names(used).into_iter().filter_map(|other| question(used, other.reference)));
        for reached in pins.reached(used) {
            let Uses::Repository { reference, .. } = &reached.uses else { continue };
            let names = pins.other_names(&reached.uses).into_iter().map(|other| other.reference);
            out.extend(names.chain([reference.clone()]).filter_map(|name| question(&reached.uses, name)));
        }
    }
    out
}

/// Where the name of an action leads; none for one that is a commit.
fn name_question(used: &Uses) -> Option<Question> {
    let (Uses::Repository { reference, .. }, Some(name)) = (used, pins::repository(used)) else { return None };
    (!Uses::is_commit(reference)).then(|| revision(&name, reference))
}

fn revision(repository: &str, name: &str) -> Question {
    Question::Revision { url: address(repository), name: Some(name.to_owned()) }
}

/// What an action is made of, where its commit is known.
fn definition(used: &Uses, pins: &Pins) -> Option<Question> {
    let (Uses::Repository { path, reference, .. }, Some(repository)) = (used, pins::repository(used)) else {
        return None;
    };
    let commit = match Uses::is_commit(reference) {
        true => reference.to_ascii_lowercase(),
        false => pins.commit(&repository, reference)?.id,
    };
    Some(Question::Definition { repository, path: path.clone(), commit })
}

fn ask(oracle: &dyn Oracle, wanted: BTreeSet<Question>, pins: &mut Pins, out: &mut BTreeMap<Question, Answer>) {
    let wanted: Vec<Question> =
        wanted.into_iter().filter(|question| !out.contains_key(question) && oracle.may_know(question)).collect();
    if wanted.is_empty() {
        return;
    }
    let mut answers = oracle.ask(&wanted).into_iter();
    for question in wanted {
        let mut answer = answers.next().unwrap_or_else(|| Answer::Unknown("no answer".to_owned()));
        if let Some(why) = tell(&question, &answer, pins) {
            answer = Answer::Unknown(why);
        }
        out.insert(question, answer);
    }
}

/// Takes an answer over; the reason where it cannot be understood.
fn tell(question: &Question, answer: &Answer, pins: &mut Pins) -> Option<String> {
    match (question, answer) {
        (Question::Revision { url, name: Some(name) }, Answer::Revision(facts)) => {
            let repository = url.strip_prefix(GITHUB)?.strip_prefix('/')?;
            // A name of a branch and a tag that part is none that can be pinned for anybody.
            let parts = matches!((&facts.branch, &facts.tag), (Some(branch), Some(tag)) if branch != tag);
            let id = facts.commit.clone().filter(|_| !parts)?;
            let exact = facts.tags.iter().filter(|tag| pins::agree(tag, name));
            let exact = exact.max_by_key(|tag| (tag.matches('.').count(), tag.len())).cloned();
            let by = By::Asked(facts.as_of.map(|day| day.to_string()));
            pins.learn(repository, name, Commit { id, name: exact, by });
        }
        (Question::Commit { url, commit }, Answer::Commit(facts)) => {
            let repository = url.strip_prefix(GITHUB)?.strip_prefix('/')?;
            pins.learn_names(repository, commit, facts.tags.clone());
        }
        (Question::Definition { repository, path, commit }, Answer::Definition(facts)) => {
            match elsewhere::definition(&facts.file, facts.text.as_ref()?) {
                Ok((uses, image)) => {
                    let (file, commit) = (facts.file.clone(), commit.clone());
                    let day = facts.as_of.map(|day| day.to_string());
                    pins.define(repository, path, Definition { file, commit, uses, image, day });
                }
                // What of it could not be read may be the step that matters.
                Err(why) => return Some(format!("its `{}` cannot be read in full: {why}", facts.file)),
            }
        }
        _ => {}
    }
    None
}
