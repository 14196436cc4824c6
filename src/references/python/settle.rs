//! What several calls say of one place, said once.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::{Outcome, is_firmer};
use super::hosted;
use super::known::{is_made_up, is_test, is_well_known};
use crate::references::{AssetKind, At, Hub, Pin, Reference, RevisionEdit, Unresolved};

/// Calls of one name at which a commit is written.
const MOST_EDITS: usize = 64;

/// References of all modules, each once, and what is not known.
pub(in crate::references) fn settle(outcomes: Vec<Outcome>) -> (Vec<Reference>, Vec<Unresolved>) {
    let mut by_place: BTreeMap<At, Vec<Reference>> = BTreeMap::new();
    let mut hints = Vec::new();
    let mut unresolved = Vec::new();
    for outcome in outcomes {
        for reference in outcome.references {
            let all = by_place.entry(reference.place.clone()).or_default();
            match all.iter_mut().find(|known| is_same(known, &reference)) {
                Some(known) => merge(known, reference),
                None => all.push(reference),
            }
        }
        hints.extend(outcome.hints);
        unresolved.extend(outcome.unresolved);
    }
    let known: BTreeSet<String> = by_place
        .values()
        .flatten()
        .chain(&hints)
        .filter(|one| !is_test(&one.place.path))
        .map(|one| one.name.clone())
        .collect();
    for hint in hints {
        // Tests give names to things that load nothing.
        let is_of_hub = matches!(hint.hub, Hub::HuggingFace | Hub::Address);
        // What stands behind `--model` is given to a program.
        let is_option = hint.loader.by.starts_with("--");
        if is_of_hub
            && !is_option
            && is_test(&hint.place.path)
            && !is_well_known(&hint.name)
            && !known.contains(&hint.name)
        {
            continue;
        }
        let all = by_place.entry(hint.place.clone()).or_default();
        // A part of a text may be a name as well: `path` and `path@revision`.
        if !all.iter().any(|known| known.name == hint.name || hint.name.contains(&known.name)) {
            all.push(hint);
        }
    }
    let mut out: Vec<Reference> = Vec::new();
    for (_, mut all) in by_place {
        one_hub(&mut all);
        let models: Vec<(String, Pin, Option<String>)> = all
            .iter()
            .filter(|one| one.kind == AssetKind::Model)
            .map(|one| (one.name.clone(), one.pin, one.revision.clone()))
            .collect();
        // What a model's class and a tokenizer's load is a model; one that is loaded with a revision by one of them
        // and without by the other stays both.
        all.retain(|one| !(is_test(&one.place.path) && is_made_up(&one.name)));
        // Where both are at one revision a commit is written for both.
        let folded: Vec<Reference> = all.iter().filter(|one| one.kind == AssetKind::Tokenizer).cloned().collect();
        for tokenizer in folded {
            let is_its = |one: &&mut Reference| {
                one.kind == AssetKind::Model && one.name == tokenizer.name && one.revision == tokenizer.revision
            };
            if let Some(model) = all.iter_mut().find(is_its) {
                join_edits(model, tokenizer.edit, tokenizer.other_edits);
            }
        }
        all.retain(|one| {
            one.kind != AssetKind::Tokenizer
                || !models.iter().any(|(name, pin, at)| *name == one.name && *pin == one.pin && *at == one.revision)
        });
        out.extend(all);
    }
    out.sort();
    unresolved.sort();
    unresolved.dedup();
    // A call whose name is not known is told once, not again at what the name is made of.
    unresolved.dedup_by(|part, call| {
        let (inner, outer) = (&part.place.span, &call.place.span);
        outer.start <= inner.start
            && inner.end <= outer.end
            && part.place.path == call.place.path
            && (part.kind, part.hub, &part.text, &part.loader.by) == (call.kind, call.hub, &call.text, &call.loader.by)
    });
    (out, unresolved)
}

/// Of a name that goes to classes of several hubs, as where a setting says which is used, those who cannot be meant are
/// left out: a name that only one party has is that party's, one with an owner is none of a party's own.
fn one_hub(all: &mut Vec<Reference>) {
    let is_model = |one: &Reference| one.kind == AssetKind::Model;
    let Some(first) = all.iter().find(|one| is_model(one)) else { return };
    let name = first.name.clone();
    let hubs: BTreeSet<Hub> = all.iter().filter(|one| is_model(one) && one.name == name).map(|one| one.hub).collect();
    if hubs.len() < 2 {
        return;
    }
    let own = hosted::party_of(&name).map(Hub::Hosted).filter(|hub| hubs.contains(hub));
    let has_owner = name.contains('/') && hubs.contains(&Hub::HuggingFace);
    all.retain(|one| {
        if !is_model(one) || one.name != name {
            return true;
        }
        match own {
            Some(own) => one.hub == own,
            None => {
                !has_owner || !matches!(one.hub, Hub::Ollama | Hub::Hosted("openai" | "bedrock" | "google" | "cohere"))
            }
        }
    });
}

fn is_same(a: &Reference, b: &Reference) -> bool {
    a.kind == b.kind && a.hub == b.hub && a.name == b.name && a.pin == b.pin && a.revision == b.revision
}

/// Puts what a second call says to the first.
fn merge(known: &mut Reference, other: Reference) {
    if is_firmer(other.standing, known.standing) {
        known.standing = other.standing;
    }
    let (ours, theirs) = (&mut known.loader, other.loader);
    ours.remote_code = ours.remote_code.or(theirs.remote_code);
    ours.weights_only = ours.weights_only.or(theirs.weights_only);
    ours.safe_mode = ours.safe_mode.or(theirs.safe_mode);
    ours.allow_pickle = ours.allow_pickle.or(theirs.allow_pickle);
    ours.safetensors = ours.safetensors.or(theirs.safetensors);
    known.files.extend(other.files);
    known.files.sort();
    known.files.dedup();
    if known.call != other.call {
        join_edits(known, other.edit, other.other_edits);
    }
}

/// Two calls take the name: a commit is to be written at both of them, or at none where one has no place for it.
fn join_edits(known: &mut Reference, edit: Option<RevisionEdit>, more: Vec<RevisionEdit>) {
    match (&known.edit, edit) {
        (Some(_), Some(edit)) if known.other_edits.len() < MOST_EDITS => {
            let first = known.edit.clone();
            known.other_edits.extend([edit].into_iter().chain(more).filter(|one| Some(one) != first.as_ref()));
            known.other_edits.sort();
            known.other_edits.dedup();
        }
        _ => {
            known.edit = None;
            known.other_edits.clear();
        }
    }
}
