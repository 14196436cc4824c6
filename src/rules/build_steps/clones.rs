//! Repositories that a script clones, and what it then stands at.

use crate::commands::VALUED_OF_GIT;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::basename;

/// One clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clone {
    /// The command.
    pub(super) command: usize,
    /// The address, variables put in.
    pub(super) address: String,
    /// The folder it is put into, by its last part.
    pub(super) folder: String,
    /// That folder as it is written, or as git names it.
    pub(super) path: String,
    /// Only what it stands at is fetched, so that no other commit can be checked out.
    pub(super) shallow: bool,
    /// A later command moves it to what it stands at in the end.
    pub(super) moved: bool,
    /// The repository's name.
    pub(super) name: String,
    /// What it stands at in the end.
    pub(super) at: At,
}

/// Stands for the address of the submodules of the tree.
pub(super) const SUBMODULES: &str = "the submodules";

impl Clone {
    /// All submodules of the tree, at what their branches are.
    pub(super) fn of_submodules() -> Self {
        Self {
            command: 0,
            address: SUBMODULES.to_owned(),
            folder: String::new(),
            path: ".".to_owned(),
            shallow: false,
            moved: false,
            name: "submodules".to_owned(),
            at: At::Branch(None),
        }
    }
}

/// What a clone stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    /// A commit.
    Commit,
    /// A name with a version in it: its publisher can move it, and is not expected to.
    Tag(String),
    /// A branch, or the one that is the repository's own choice.
    Branch(Option<String>),
}

/// Clones of one script. More of them would be generated.
const MAX_CLONES: usize = 256;

/// The clones of a script.
pub(super) fn of(script: &Script) -> Vec<Clone> {
    let mut out: Vec<Clone> = Vec::new();
    for (index, call) in script.program.calls_of(|name| name == "git") {
        let words: Vec<&str> = call.operands(VALUED_OF_GIT).iter().map(|a| a.text.as_str()).collect();
        match words.as_slice() {
            ["clone", address, rest @ ..] if out.len() < MAX_CLONES => {
                let named = call.value(None, "revision").or_else(|| call.value(Some('b'), "branch"));
                let given = rest.first().map(|path| path.trim_end_matches('/'));
                let own = basename(address.trim_end_matches('/').trim_end_matches(".git"));
                out.push(Clone {
                    command: index,
                    address: (*address).to_owned(),
                    folder: basename(given.unwrap_or(own).trim_end_matches(".git")).to_owned(),
                    path: given.filter(|p| !p.is_empty()).unwrap_or(own).to_owned(),
                    shallow: call.flag(None, "depth"),
                    moved: false,
                    name: own.to_owned(),
                    at: named.map_or(At::Branch(None), at),
                });
            }
            _ => {
                if let (Some(last), Some(at)) = (out.last_mut(), moved_to(&words)) {
                    last.at = at;
                    last.moved = true;
                }
            }
        }
    }
    out
}

/// What the first checkout of a script moves to, before anything is cloned in it.
pub(super) fn permission_checkout(script: &Script) -> Option<At> {
    for (_, call) in script.program.calls_of(|name| name == "git") {
        let words: Vec<&str> = call.operands(VALUED_OF_GIT).iter().map(|a| a.text.as_str()).collect();
        if words.first() == Some(&"clone") {
            return None;
        }
        if let Some(at) = moved_to(&words) {
            return Some(at);
        }
    }
    None
}

/// What a call of git moves the folder to. `FETCH_HEAD` is what was fetched before.
fn moved_to(words: &[&str]) -> Option<At> {
    match words {
        ["checkout" | "reset" | "switch", .., reference]
            if words.len() > 1 && !matches!(*reference, "." | "HEAD" | "--" | "FETCH_HEAD") =>
        {
            Some(at(reference))
        }
        ["fetch", _, reference, ..] => Some(at(reference)),
        _ => None,
    }
}

/// What a reference is, by its looks. One that a variable names may be anything: mostly a version.
pub(super) fn at(reference: &str) -> At {
    let commit = reference.len() >= 7 && reference.bytes().all(|b| b.is_ascii_hexdigit());
    let variable = reference.contains('$').then(|| reference.to_ascii_lowercase());
    let is_commit = |name: &String| ["commit", "sha", "rev", "hash"].iter().any(|word| name.contains(word));
    if commit || variable.as_ref().is_some_and(is_commit) {
        return At::Commit;
    }
    let digits = reference.chars().any(|c| c.is_ascii_digit());
    if variable.is_some() || (digits && !reference.contains('/')) {
        return At::Tag(reference.to_owned());
    }
    At::Branch(Some(reference.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::facts;
    use crate::parse::Budget;
    use crate::parse::shell;
    use crate::source::{Embedded, Span};

    fn clones(text: &str) -> Vec<Clone> {
        let program = shell::parse(text, &mut Budget::default());
        let acts = facts(&program);
        let text = Embedded::verbatim(text, 0);
        of(&Script { text, span: Span::default(), dialect: shell::Dialect::Bash, explicit_shell: true, program, acts })
    }

    #[test]
    fn clones_know_their_folder_and_how_much_they_hold() {
        for (text, path, shallow, moved) in [
            ("git clone https://example.com/a.git", "a", false, false),
            ("git clone --depth 1 https://example.com/a /opt/a/", "/opt/a", true, false),
            ("git clone --depth=1 -b main https://example.com/a b", "b", true, false),
            ("git clone https://example.com/a && cd a && git checkout main", "a", false, true),
            ("git clone https://example.com/a a.git", "a.git", false, false),
        ] {
            let found = clones(text);
            let got: Vec<_> = found.iter().map(|c| (c.path.as_str(), c.shallow, c.moved)).collect();
            assert_eq!(got, [(path, shallow, moved)], "{text}");
        }
    }
}
