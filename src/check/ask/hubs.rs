//! What hubs are asked, where an oracle asks them at all: the commits of names that move and that an edit could pin.
//!
//! A name goes to the hub that the program which loads it asks anyway, and nowhere else.

use std::collections::BTreeSet;

use super::Asked;
use crate::graph::assets::Load;
use crate::graph::assets::Owner;
use crate::outside::Oracle;
use crate::outside::Question;
use crate::outside::hub::RepoKind;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
use crate::references::Standing;
use crate::source::Role;

/// The questions.
pub(super) fn questions(asked: &Asked<'_>, oracle: &dyn Oracle) -> BTreeSet<Question> {
    let is_known = |load: &&Load| asked.assets.locked_at(asked.documents, load).is_none();
    let counts = |load: &&Load| {
        let file = asked.sources.get(load.loaded.call.file);
        file.is_some_and(|file| !Role::of_path(&file.path).is_set_aside())
    };
    let open = asked.assets.loads.iter().filter(|load| is_open(load)).filter(is_known).filter(counts);
    open.filter_map(|load| question(&load.loaded.reference)).filter(|question| oracle.may_know(question)).collect()
}

/// Whether a commit would be written at its call if one were known.
fn is_open(load: &Load) -> bool {
    matches!(load.owner, Owner::Code(_))
        && load.loaded.reference.standing != Standing::Told
        && load.loaded.edit.is_some()
        && !matches!(load.pin(), Pin::Commit | Pin::Dynamic)
}

/// What is asked about a reference; none where no hub that is known answers it.
fn question(reference: &Reference) -> Option<Question> {
    let kind = match reference.kind {
        AssetKind::Dataset => RepoKind::Dataset,
        AssetKind::Kernel => RepoKind::Kernel,
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => RepoKind::Model,
    };
    let (name, revision) = (reference.name.clone(), reference.revision.clone());
    (reference.hub == Hub::HuggingFace).then_some(Question::HubRevision { kind, name, revision })
}
