//! What one tree object holds, for those who walk many trees and remember what they have seen.

use gix_object::TreeRefIter;
use gix_object::tree::EntryKind;

use super::listing::{is_usable, read_tree};
use super::{ObjectError, Oid, Repository};

/// What stands under a name of a tree object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// Another tree.
    Folder,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// The commit of another repository.
    Submodule,
}

/// A name of a tree object, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The name, without folders.
    pub name: String,
    /// The object.
    pub id: Oid,
    /// What it is.
    pub kind: ItemKind,
}

/// What a tree object holds.
#[derive(Debug, Clone, Default)]
pub struct Items {
    /// In the order of the object.
    pub items: Vec<Item>,
    /// Whether something of it cannot be read, or has a name that no file may have.
    pub is_odd: bool,
}

impl Repository {
    /// What a tree object holds.
    ///
    /// # Errors
    /// Where it cannot be read, or is no tree.
    pub fn items(&self, tree: &Oid) -> Result<Items, ObjectError> {
        let bytes = read_tree(self, tree)?;
        let mut out = Items::default();
        for entry in TreeRefIter::from_bytes(&bytes, self.layout.hash) {
            let Ok(entry) = entry else {
                out.is_odd = true;
                break;
            };
            let kind = match entry.mode.kind() {
                EntryKind::Tree => ItemKind::Folder,
                EntryKind::Blob | EntryKind::BlobExecutable => ItemKind::File,
                EntryKind::Link => ItemKind::Link,
                EntryKind::Commit => ItemKind::Submodule,
            };
            let name: &[u8] = entry.filename;
            let name = std::str::from_utf8(name).ok().filter(|name| is_usable(name));
            match name {
                Some(name) => {
                    out.items.push(Item { name: name.to_owned(), id: Oid::new(entry.oid.to_owned()), kind });
                }
                None => out.is_odd = true,
            }
        }
        Ok(out)
    }
}
