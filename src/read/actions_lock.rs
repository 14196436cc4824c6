//! GitHub's own lock of actions, `.github/workflows/actions.lock`, schema v0.0.3. Written by
//! `gh actions-lock`. Source: GitHub Docs, "Workflow dependency lockfiles"; github/actions-lockfile.

use super::yaml_help::{document, keyed, text, texts};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::ci::pins::MAX_REACHED;
use crate::graph::kinds::workflow::{ActionsLock, LockedAction, Uses};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Actions that are read. The locks of large projects have some hundred.
const MAX_PINS: usize = 4_096;

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
                for (count, (pin, value)) in keyed(dependencies).enumerate() {
                    if count >= MAX_PINS {
                        let message = format!("more than {MAX_PINS} actions; the rest is not read");
                        out.problems.push(Problem::new(pin.span, message));
                        break;
                    }
                    let written = text(value.get("commit"));
                    let commit = written.as_ref().and_then(digest);
                    if commit.is_none() {
                        let place = written.as_ref().map_or(pin.span, |written| written.span);
                        out.problems.push(Problem::new(place, format!("`{}` is locked to no commit", pin.value)));
                    }
                    let (reference, uses) = (text(value.get("ref")), texts(value.get("uses")));
                    if uses.len() > MAX_REACHED {
                        let message =
                            format!("`{}` uses more than {MAX_REACHED} actions; the rest is not followed", pin.value);
                        out.problems.push(Problem::new(pin.span, message));
                    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Facts {
        let path = RepoPath::new(".github/workflows/actions.lock").unwrap();
        let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
        let mut facts = Facts::default();
        ActionsLockReader.read(&file, &mut Budget::default(), &mut facts);
        facts
    }

    #[test]
    fn commits_are_what_their_algorithm_makes() {
        for (commit, expected) in [
            (format!("sha1-{}", "a".repeat(40)), Some("a".repeat(40))),
            (format!("sha1-{}", "A".repeat(40)), Some("a".repeat(40))),
            (format!("sha256-{}", "b".repeat(64)), Some("b".repeat(64))),
            (format!("sha1-{}", "b".repeat(64)), None),
            ("a".repeat(40), None),
            (format!("md5-{}", "a".repeat(40)), None),
            ("sha1-main".to_owned(), None),
        ] {
            let facts = read(&format!(
                "version: v0.0.3\nworkflows: {{}}\ndependencies:\n  a/b@v1: {{ref: v1, commit: {commit}, uses: [c/d@v2]}}\n"
            ));
            let Some(Document::ActionsLock(lock)) = facts.documents.first() else { panic!("{commit}") };
            assert_eq!(lock.pins[0].commit.as_ref().map(|c| c.value.clone()), expected, "{commit}");
            assert_eq!(lock.pins[0].uses[0].value, "c/d@v2");
            assert_eq!(facts.problems.is_empty(), expected.is_some(), "{commit}: {:?}", facts.problems);
        }
    }

    #[test]
    fn what_is_beyond_bounds_is_said() {
        let many: String =
            (0..MAX_PINS + 9).map(|n| format!("  a/b@v{n}: {{ref: v1, commit: sha1-{}}}\n", "a".repeat(40))).collect();
        let facts = read(&format!("version: v0.0.3\nworkflows: {{}}\ndependencies:\n{many}"));
        let Some(Document::ActionsLock(lock)) = facts.documents.first() else { panic!("no lock") };
        assert_eq!((lock.pins.len(), facts.problems.len()), (MAX_PINS, 1));
    }
}
