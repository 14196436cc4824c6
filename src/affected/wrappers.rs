//! Actions that use what is asked for in turn, as the index knows of one flaw: who names one of these runs it.

use std::collections::BTreeSet;

use super::fit::Fit;
use super::fit::Thing;
use super::lookup;
use super::target::Asked;
use super::target::Target;
use crate::advisory::Advisory;
use crate::advisory::Ecosystem;
use crate::advisory::Index;
use crate::advisory::IndexError;
use crate::advisory::Kind;

/// Adds them to a question about an action that was asked for by its name. An advisory names its own.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn add(asked: &mut Asked, index: &Index) -> Result<(), IndexError> {
    if asked.because.is_some() {
        return Ok(());
    }
    let mut found: BTreeSet<Target> = BTreeSet::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for target in &asked.targets {
        let Target::Action { repository, reference, .. } = target else { continue };
        for advisory in index.lookup(Ecosystem::GitHubActions, repository)? {
            // What was taken over has bad commits; what only uses it has none of its own.
            if advisory.kind != Kind::Malicious || advisory.withdrawn.is_some() || advisory.commits.is_empty() {
                continue;
            }
            if !reference.as_deref().is_none_or(|reference| is_of(&advisory, repository, reference)) {
                continue;
            }
            for other in lookup::of_id(&advisory.id, index)? {
                let uses_it = other.ecosystem == Ecosystem::GitHubActions && other.commits.is_empty();
                if uses_it && other.package != advisory.package {
                    found.extend(lookup::targets_of(&other));
                    names.insert(other.package.clone());
                }
            }
        }
    }
    let Some(first) = names.first() else { return Ok(()) };
    let note = match names.len() - 1 {
        0 => format!("{first} uses it in turn, and is asked for as well"),
        more => format!("{first} and {more} more actions use it in turn, and are asked for as well"),
    };
    asked.note = Some(asked.note.take().map_or(note.clone(), |known| format!("{known}; {note}")));
    found.retain(|target| !asked.targets.contains(target));
    asked.targets.extend(found);
    Ok(())
}

/// Whether a reference of an action is or may be what an advisory speaks of.
fn is_of(advisory: &Advisory, repository: &str, reference: &str) -> bool {
    let thing = Thing::Action { name: repository, reference: Some(reference), comment: None };
    let is_range = reference.starts_with(['<', '>', '=', '^', '~', '!']);
    is_range || lookup::targets_of(advisory).iter().any(|target| target.fit(&thing) >= Fit::Admits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_uses_it_in_turn_is_asked_for_as_well() {
        let of = |text: &str| {
            let mut asked = Asked::parse(text).unwrap();
            add(&mut asked, Index::embedded()).unwrap();
            let thing = Thing::Action { name: "reviewdog/action-shellcheck", reference: Some("v1"), comment: None };
            (asked.fit(&thing), asked.note.is_some())
        };
        assert_eq!(of("action:reviewdog/action-setup@v1"), (Fit::Admits, true));
        assert_eq!(of("action:reviewdog/action-setup@f0d342d24037bb11d26b9bd8496e0808ba32e9ec"), (Fit::Admits, true));
        // Another commit and another action lead nowhere.
        assert_eq!(
            of("action:reviewdog/action-setup@1111111111111111111111111111111111111111"),
            (Fit::Different, false)
        );
        assert_eq!(of("action:reviewdog/action-typos@v1"), (Fit::Different, false));
    }
}
