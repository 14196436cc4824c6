//! What Bazel fetches without a digest or commit.

use super::declared::{self, Words};
use crate::diag::Severity;
use crate::graph::kinds::build_code::BuildForm;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unhashed-bazel-archive",
    title: "Bazel fetches what no digest or commit fixes",
    many: "{n} downloads of Bazel are fixed by no digest or commit",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unhashed_bazel_archive.md"),
    check,
};

const WORDS: Words = Words {
    form: BuildForm::Bazel,
    when: "when Bazel builds",
    archive: "name one version and its digest: `sha256 = \"<digest>\"` or `integrity = \"sha256-<base64>\"`; Bazel prints it for a download that has none",
    repository: "name the commit: `commit = \"<commit>\"`, or fetch an archive of it with `sha256`",
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    declared::check(scene, report, &WORDS);
}
