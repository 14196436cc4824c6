//! What CMake fetches without a digest or commit.

use super::declared::{self, Words};
use crate::diag::Severity;
use crate::graph::kinds::build_code::BuildForm;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unhashed-cmake-fetch",
    title: "CMake fetches what no digest or commit fixes",
    many: "{n} downloads of CMake are fixed by no digest or commit",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unhashed_cmake_fetch.md"),
    check,
};

const WORDS: Words = Words {
    form: BuildForm::CMake,
    when: "when CMake configures the build",
    archive: "name one version and its digest: `URL_HASH SHA256=<digest>`, for `file(DOWNLOAD)` `EXPECTED_HASH SHA256=<digest>`",
    repository: "name the commit: `GIT_TAG <commit> # <version>`",
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    declared::check(scene, report, &WORDS);
}
