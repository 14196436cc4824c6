//! What lists ask of a part in the same words.

use crate::sbom::model::Algorithm;
use crate::sbom::model::Card;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Party;

use super::seen::Seen;

pub(super) fn has_name(_: &Seen<'_>, part: &Component) -> bool {
    !part.name.is_empty()
}

pub(super) fn has_version(_: &Seen<'_>, part: &Component) -> bool {
    part.version.is_some()
}

pub(super) fn has_identifier(_: &Seen<'_>, part: &Component) -> bool {
    part.purl.is_some() || !part.identifiers.is_empty() || has_address(part)
}

/// Data sets have no type of package URL, so that an address names them.
fn has_address(part: &Component) -> bool {
    part.links.iter().any(|link| matches!(link.kind, LinkKind::Website | LinkKind::Distribution | LinkKind::Vcs))
}

pub(super) fn has_maker(_: &Seen<'_>, part: &Component) -> bool {
    part.supplier.is_some() || part.producer.is_some() || !part.authors.is_empty()
}

pub(super) fn has_contact(_: &Seen<'_>, part: &Component) -> bool {
    let parties = part.supplier.iter().chain(&part.producer).chain(&part.authors);
    parties.into_iter().any(is_reachable)
}

/// Whether an address of a page or of mail is known.
pub(super) fn is_reachable(party: &Party) -> bool {
    !party.urls.is_empty() || !party.emails.is_empty()
}

pub(super) fn has_licence(_: &Seen<'_>, part: &Component) -> bool {
    !part.licences.is_empty()
}

pub(super) fn has_description(_: &Seen<'_>, part: &Component) -> bool {
    part.description.is_some() || card(part, |card| card.intended_use.is_some() || !card.tasks.is_empty())
}

pub(super) fn has_links(_: &Seen<'_>, part: &Component) -> bool {
    !part.links.is_empty()
}

pub(super) fn has_hash(_: &Seen<'_>, part: &Component) -> bool {
    is_hashed(part, |_| true)
}

pub(super) fn has_sha512(_: &Seen<'_>, part: &Component) -> bool {
    is_hashed(part, |hash| hash.algorithm == Algorithm::Sha512)
}

/// Whether the part as a whole, all its files, or a file by which it is handed over has such a digest.
fn is_hashed(part: &Component, is: impl Fn(&Hash) -> bool) -> bool {
    let all_files = !part.files.is_empty() && part.files.iter().all(|file| file.hashes.iter().any(&is));
    part.hashes.iter().any(&is) || all_files || part.distributions.iter().any(|file| file.hashes.iter().any(&is))
}

/// Whether it is said what a part needs. Where nothing needs it and nothing is said, that is no answer.
pub(super) fn has_dependencies(seen: &Seen<'_>, part: &Component) -> bool {
    part.dependencies != Completeness::Unsaid || seen.is_related(part)
}

pub(super) fn says_how_complete(_: &Seen<'_>, part: &Component) -> bool {
    part.dependencies != Completeness::Unsaid
}

pub(super) fn has_file_name(_: &Seen<'_>, part: &Component) -> bool {
    !part.files.is_empty() || part.distributions.iter().any(|file| file.name.is_some() || file.url.is_some())
}

pub(super) fn has_time(_: &Seen<'_>, part: &Component) -> bool {
    part.released.is_some()
}

/// Whether a card says something.
pub(super) fn card(part: &Component, says: impl Fn(&Card) -> bool) -> bool {
    part.card.as_ref().is_some_and(|card| says(card))
}
