//! The commit that would hold a load, and the edits that write it at the calls.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::group::Group;
use crate::diag::Edit;
use crate::graph::assets::Load;
use crate::graph::kinds::workflow::Uses;
use crate::graph::locked::Hold;
use crate::outside::hub::RepoKind;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::RevisionEdit;
use crate::rules::Draft;
use crate::rules::Scene;
use crate::rules::edits;
use crate::source::Place;

/// Digits of a commit that people are shown.
const SHOWN: usize = 12;

/// A commit, and who says that it is the one.
struct Known<'a> {
    commit: &'a str,
    by: String,
}

/// The commit that a load's name stands for, as the lock says, else as its hub says today. What is written into code
/// is a commit in full and nothing else: a lock is a file of the tree like any other.
fn known<'a>(scene: &Scene<'a>, load: &Load) -> Option<Known<'a>> {
    if let Some(commit) = scene.assets.locked_at(scene.documents, load) {
        let (lock, ..) = scene.assets.entry(scene.documents, load)?;
        return Uses::is_commit(commit)
            .then(|| Known { commit, by: format!("{} holds it at", scene.sources.path(lock.file)) });
    }
    let reference = &load.loaded.reference;
    let kind = match reference.kind {
        _ if reference.hub != Hub::HuggingFace => return None,
        AssetKind::Dataset => RepoKind::Dataset,
        AssetKind::Kernel => RepoKind::Kernel,
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => RepoKind::Model,
    };
    let facts = scene.known.hub_revision(kind, &reference.name, reference.revision.as_deref())?;
    let commit = facts.commit.as_deref().filter(|commit| Uses::is_commit(commit))?;
    let day = facts.as_of.map(|day| format!(" on {day}")).unwrap_or_default();
    Some(Known { commit, by: format!("its hub had it{day} at") })
}

/// The edits that write a commit at the calls that take a name; none where one of them has no place for it.
fn written(load: &Load, commit: &str) -> Option<Vec<Edit>> {
    let reference = &load.loaded.reference;
    let first = load.loaded.edit.zip(reference.edit.as_ref())?;
    let others = load.loaded.other_edits.iter().copied().zip(&reference.other_edits);
    let edit =
        |(place, edit): (Place, &RevisionEdit)| Edit { place, text: format!("{}{commit}{}", edit.before, edit.after) };
    // A revision that a variable gives is the caller's to choose.
    (reference.pin != Pin::Dynamic).then(|| std::iter::once(first).chain(others).map(edit).collect())
}

/// Adds what is known of the commit, and the edits that write it at every call of the group: half of them would leave
/// one name at two revisions.
pub(super) fn fixed<'r, 'g>(scene: &Scene<'_>, group: &Group<'_>, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
    let missing = match group.main().hold {
        Hold::Missing(at) => scene.assets.lock(scene.documents, at),
        _ => None,
    };
    let draft = match missing {
        Some(lock) => draft.evidence(format!("{} does not hold it", scene.sources.path(lock.file))),
        None => draft,
    };
    let Some(first) = known(scene, group.main()) else { return draft };
    let shown: String = first.commit.chars().take(SHOWN).collect();
    let draft = draft.evidence(format!("{} {shown}, and the code does not say so", first.by));
    let open = group.loads.iter().filter(|load| load.pin() != Pin::Commit);
    let all: Vec<Option<Vec<Edit>>> = open.map(|load| written(load, known(scene, load)?.commit)).collect();
    let edits = edits::together(all.iter().map(Option::as_ref));
    if !agree(&edits) {
        return draft;
    }
    draft.fix(edits)
}

/// Whether no place is to hold two things.
fn agree(edits: &BTreeSet<Edit>) -> bool {
    let mut by_place: BTreeMap<Place, &str> = BTreeMap::new();
    edits.iter().all(|edit| by_place.insert(edit.place, &edit.text).is_none_or(|before| before == edit.text))
}
