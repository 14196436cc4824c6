//! Wraps of Meson without a digest or commit.

use super::declared::{self, Words};
use crate::diag::Severity;
use crate::graph::kinds::build_code::BuildForm;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unhashed-meson-wrap",
    title: "a wrap of Meson fetches what no digest or commit fixes",
    many: "{n} wraps of Meson are fixed by no digest or commit",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unhashed_meson_wrap.md"),
    check,
};

const WORDS: Words = Words {
    form: BuildForm::MesonWrap,
    when: "when Meson configures the build",
    archive: "write the digest beside the address: `source_hash = <sha256>`, for a patch `patch_hash = <sha256>`",
    repository: "name the commit: `revision = <commit>`",
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    declared::check(scene, report, &WORDS);
}
