//! What is known to be bad.

pub(in crate::rules) mod archived;
mod archived_action;
mod blinding_setting;
mod compromised_action;
mod compromised_image;
mod dead_ignore;
mod expired_ignore;
mod exposed_requirement;
mod hits;
mod ignoring;
mod malicious_crate;
mod malicious_distribution;
mod malicious_name;
mod misspelt_ignore;
mod noticed_crate;
mod recorded;
pub(in crate::rules) mod releases;
mod topic;
mod unexplained_ignore;
mod unmaintained_crate;
mod unsound_crate;
mod vulnerable_action;
mod vulnerable_crate;
mod vulnerable_distribution;
mod vulnerable_toolchain;
mod yanked_crate;

pub(super) use releases::{route, speaker};

use std::collections::BTreeSet;

use super::{Family, Reporter, Rule, Scene};
use crate::diag::Diagnostic;
use crate::source::FileId;

/// The family.
pub static FAMILY: Family = Family { id: "advisories", title: "What is known to be bad", rules: RULES };

static RULES: &[&Rule] = &[
    &archived_action::RULE,
    &blinding_setting::RULE,
    &compromised_action::RULE,
    &compromised_image::RULE,
    &dead_ignore::RULE,
    &expired_ignore::RULE,
    &exposed_requirement::RULE,
    &malicious_crate::RULE,
    &malicious_distribution::RULE,
    &malicious_name::RULE,
    &misspelt_ignore::RULE,
    &noticed_crate::RULE,
    &unexplained_ignore::RULE,
    &unmaintained_crate::RULE,
    &unsound_crate::RULE,
    &vulnerable_action::RULE,
    &vulnerable_crate::RULE,
    &vulnerable_distribution::RULE,
    &vulnerable_toolchain::RULE,
    &yanked_crate::RULE,
];

/// Comments that excuse what nobody reports, told once all findings are known: `used` are those that met one, by
/// the position of the comment and of the rule in it.
pub(crate) fn dead_comments(
    scene: &Scene<'_>,
    used: &BTreeSet<(usize, usize)>,
    is_whole: &dyn Fn(FileId) -> bool,
    is_told: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut report = Reporter::new(&dead_ignore::RULE, scene.graph);
    dead_ignore::comments_of(scene, used, is_whole, is_told, &mut report);
    report.finish()
}
