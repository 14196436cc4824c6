//! GitHub's own lock of actions, `.github/workflows/actions.lock`, schema v0.0.3. Written by
//! `gh actions-lock`. Source: GitHub Docs, "Workflow dependency lockfiles"; github/actions-lockfile.

use super::yaml_help::{document, keyed, text, texts};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::workflow::{ActionsLock, LockedAction, Uses};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `actions.lock`.
#[derive(Debug)]
pub struct ActionsLockReader;

impl Reader for ActionsLockReader {
    fn id(&self) -> &'static str {
        "github-actions-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.as_str() == ".github/workflows/actions.lock"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.github/workflows/actions.lock`",
            read: "actions with the commits that tags stood for, and the actions they use themselves",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let mut lock = ActionsLock { file: file.id, ..ActionsLock::default() };
        match (root.get("workflows"), root.get("dependencies")) {
            (Some(workflows), Some(dependencies)) => {
                lock.workflows = keyed(workflows).map(|(path, pins)| (path, texts(Some(pins)))).collect();
                for (pin, value) in keyed(dependencies) {
                    let written = text(value.get("commit"));
                    let commit = written.as_ref().and_then(digest);
                    if commit.is_none() {
                        let place = written.as_ref().map_or(pin.span, |written| written.span);
                        out.problems.push(Problem::new(place, format!("`{}` is locked to no commit", pin.value)));
                    }
                    let (reference, uses) = (text(value.get("ref")), texts(value.get("uses")));
                    lock.pins.push(LockedAction { pin, reference, commit, uses });
                }
            }
            _ => {
                out.unread = Some("a lock of actions without `workflows` and `dependencies`".to_owned());
                return;
            }
        }
        out.documents.push(Document::ActionsLock(lock));
    }
}

/// The commit of `sha1-<40 digits>` or `sha256-<64 digits>`.
fn digest(written: &Spanned<String>) -> Option<Spanned<String>> {
    let (algorithm, hex) = written.value.split_once('-')?;
    let digits = match algorithm {
        "sha1" => 40,
        "sha256" => 64,
        _ => return None,
    };
    (hex.len() == digits && Uses::is_commit(hex)).then(|| Spanned::new(hex.to_ascii_lowercase(), written.span))
}
