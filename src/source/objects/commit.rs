//! Commits and tags: the few lines at their head that name other objects.

use gix_object::Kind;

use super::{ObjectError, Oid, Repository};

/// Largest commit or tag that is read; a message may be long.
pub(super) const MAX_BYTES: u64 = 4 << 20;

/// Tags that name tags, at most.
const MAX_TAGS: usize = 64;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its outermost tree.
    pub tree: Oid,
    /// The commits it follows and that are here, in order.
    pub parents: Vec<Oid>,
    /// The commits it follows and that a shallow clone left out, in order.
    pub cut: Vec<Oid>,
    /// When it was made, in seconds since 1970; 0 where it does not say.
    pub seconds: i64,
}

impl Repository {
    /// A commit by its name, or by that of a tag that names it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn commit(&self, id: &Oid) -> Result<Commit, ObjectError> {
        let found = self.store.read(id, MAX_BYTES)?;
        if found.kind != Kind::Commit {
            return Err(ObjectError::Kind { id: *id, wanted: "commit" });
        }
        let head = head_of(&found.bytes)
            .ok_or_else(|| ObjectError::Damaged { id: *id, why: "it names no tree".to_owned() })?;
        let is_known = |id: &Oid| id.kind() == self.layout.hash;
        if !is_known(&head.tree) || !head.parents.iter().all(is_known) {
            return Err(ObjectError::Damaged {
                id: *id,
                why: "it names objects of another kind of repository".to_owned(),
            });
        }
        // What a shallow clone left out may have been fetched since; then it counts.
        let is_end = self.shallow.contains(id);
        let (parents, cut) = head.parents.into_iter().partition(|parent| !is_end || self.store.holds(parent));
        Ok(Commit { tree: head.tree, parents, cut, seconds: head.seconds })
    }

    /// The commit that an object is or, through tags, names.
    pub(super) fn peel(&self, id: &Oid) -> Result<Oid, ObjectError> {
        let mut at = *id;
        for _ in 0..MAX_TAGS {
            let found = self.store.read(&at, MAX_BYTES)?;
            match found.kind {
                Kind::Commit => return Ok(at),
                Kind::Tag => {
                    let target = target_of(&found.bytes).filter(|id| id.kind() == self.layout.hash);
                    at = target.ok_or_else(|| ObjectError::Damaged { id: at, why: "a tag of nothing".to_owned() })?;
                }
                Kind::Tree | Kind::Blob => return Err(ObjectError::Kind { id: *id, wanted: "commit" }),
            }
        }
        Err(ObjectError::Damaged {
            id: *id,
            why: format!("it is the first of more than {MAX_TAGS} tags of each other"),
        })
    }

    /// Whether an object is a commit, or a tag of one.
    pub(super) fn is_commitish(&self, id: &Oid) -> bool {
        self.peel(id).is_ok()
    }
}

struct Head {
    tree: Oid,
    parents: Vec<Oid>,
    seconds: i64,
}

/// Lines up to the first empty one, each a key and a value.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty());
    lines.filter_map(|line| {
        let at = line.iter().position(|b| *b == b' ')?;
        Some((line.get(..at)?, line.get(at + 1..)?))
    })
}

fn named(value: &[u8]) -> Option<Oid> {
    std::str::from_utf8(value).ok().and_then(Oid::from_hex)
}

fn head_of(bytes: &[u8]) -> Option<Head> {
    let mut head = Head {
        tree: lines(bytes).next().filter(|(key, _)| key == b"tree").and_then(|(_, id)| named(id))?,
        parents: Vec::new(),
        seconds: 0,
    };
    for (key, value) in lines(bytes).skip(1) {
        match key {
            b"parent" => head.parents.push(named(value)?),
            b"committer" => {
                head.seconds = seconds(value).unwrap_or(0);
                break;
            }
            _ => {}
        }
    }
    Some(head)
}

/// `Name <mail> 1700000000 +0100`; names may hold anything.
fn seconds(value: &[u8]) -> Option<i64> {
    let after = value.iter().rposition(|b| *b == b'>')?;
    std::str::from_utf8(value.get(after + 1..)?).ok()?.split_whitespace().next()?.parse().ok()
}

/// When a tag says that it was made.
pub(super) fn tagged(bytes: &[u8]) -> Option<i64> {
    lines(bytes).find(|(key, _)| *key == b"tagger").and_then(|(_, value)| seconds(value))
}

fn target_of(bytes: &[u8]) -> Option<Oid> {
    lines(bytes).next().filter(|(key, _)| *key == b"object").and_then(|(_, id)| named(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_commit_is_read_and_its_message_is_not() {
        let id = |digit: &str| digit.repeat(40);
        let text = format!(
            "tree {}\nparent {}\nparent {}\nauthor A <a@example.com> 1 +0000\ncommitter > <a> 1700000000 +0100\n\
             gpgsig x\n parent {}\n\nparent {}\n",
            id("a"),
            id("b"),
            id("c"),
            id("d"),
            id("e")
        );
        let head = head_of(text.as_bytes()).unwrap();
        assert_eq!(head.tree.to_string(), id("a"));
        assert_eq!(head.parents.iter().map(Oid::to_string).collect::<Vec<_>>(), [id("b"), id("c")]);
        assert_eq!(head.seconds, 1_700_000_000);
        for bad in ["", "tree x\n", "parent a\n", "tree", "tree \n"] {
            assert!(head_of(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
