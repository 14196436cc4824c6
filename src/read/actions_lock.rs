//! GitHub's own lock of actions, `.github/workflows/actions.lock`, schema v0.0.3. Written by
//! `gh actions-lock`. Source: GitHub Docs, "Workflow dependency lockfiles"; github/actions-lockfile.

use super::yaml_help::{document, keyed, text, texts};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::workflow::{ActionsLock, LockedAction};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile};

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
            read: "actions with the commits that tags stood for",
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
                    let commit = text(value.get("commit"));
                    if commit.is_none() {
                        out.problems.push(Problem::new(pin.span, format!("`{}` is locked to no commit", pin.value)));
                    }
                    let commit = commit
                        .map(|c| c.map(|text| text.rsplit_once('-').map_or(text.clone(), |(_, hex)| hex.to_owned())));
                    lock.pins.push(LockedAction { pin, commit });
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
