//! What changes the tree by itself, and who has to look.

mod insecure_hook_source;
mod missing_update_cooldown;
pub(super) mod owned;
mod unowned_workflows;
mod unpinned_hook;
mod update_executes_code;

use super::{Family, Rule, Scene};
use crate::graph::Document;
use crate::graph::kinds::upkeep::{CodeOwners, Dependabot, HookConfig};
use crate::source::Role;

/// The family.
pub static FAMILY: Family =
    Family { id: "upkeep", title: "What changes the tree by itself, and who has to look", rules: RULES };

static RULES: &[&Rule] = &[
    &insecure_hook_source::RULE,
    &missing_update_cooldown::RULE,
    &unowned_workflows::RULE,
    &unpinned_hook::RULE,
    &update_executes_code::RULE,
];

/// Settings of pre-commit, in path order.
fn hooks<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a HookConfig> {
    scene.documents.iter().filter_map(|d| if let Document::Hooks(h) = d { Some(h) } else { None })
}

/// Settings of Dependabot, in path order.
fn dependabots<'s, 'a>(scene: &'s Scene<'a>) -> impl Iterator<Item = &'a Dependabot> + use<'s, 'a> {
    let all = scene.documents.iter().filter_map(|d| if let Document::Dependabot(b) = d { Some(b) } else { None });
    // What came with a copy of another project updates nothing here.
    all.filter(|bot| scene.role(bot.file) != Role::Vendored)
}

/// Files of owners, in path order.
fn code_owners<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a CodeOwners> {
    scene.documents.iter().filter_map(|d| if let Document::CodeOwners(o) = d { Some(o) } else { None })
}
