//! What the references of a repository name: branches, branches of remotes and tags, each with its commit.

use gix_object::Kind;

use super::{ObjectError, Oid, Repository};

/// What kind of name a reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A branch of this clone.
    Branch,
    /// A branch as a remote had it when it was last fetched.
    RemoteBranch,
    /// A tag.
    Tag,
    /// Anything else: requests to merge, notes, what tools keep.
    Other,
}

/// A reference.
#[derive(Debug, Clone)]
pub struct Reference {
    /// What kind of name it is.
    pub kind: NameKind,
    /// The name as a person says it: `main`, `origin/main`, `v1.2`; whole where it is of no such kind.
    pub name: String,
    /// The object that it names.
    pub object: Oid,
}

/// What a reference leads to in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The commit.
    pub commit: Oid,
    /// When the tag was made, in seconds since 1970, where it is one that says so.
    pub tagged: Option<i64>,
}

impl Repository {
    /// All references but the symbolic ones, by kind and name, at most `limit`; and whether there are more.
    ///
    /// # Errors
    /// Where they are kept in a way that is not read.
    pub fn references(&self, limit: usize) -> Result<(Vec<Reference>, bool), ObjectError> {
        if self.layout.has_reftable {
            let why = "its references are kept as a reftable, which is not read".to_owned();
            return Err(ObjectError::Open { path: self.name.clone(), why });
        }
        let (whole, has_more) = self.refs.all(limit);
        let mut out: Vec<Reference> = whole
            .into_iter()
            .map(|(whole, object)| {
                let kinds = [
                    ("refs/heads/", NameKind::Branch),
                    ("refs/remotes/", NameKind::RemoteBranch),
                    ("refs/tags/", NameKind::Tag),
                ];
                let known = kinds.iter().find_map(|(start, kind)| Some((*kind, whole.strip_prefix(start)?)));
                let (kind, name) = known.map_or_else(|| (NameKind::Other, whole.clone()), |(k, n)| (k, n.to_owned()));
                Reference { kind, name, object }
            })
            .collect();
        out.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.name.cmp(&b.name)));
        Ok((out, has_more))
    }

    /// The branch that is checked out, or that a bare repository names as its own: `main`.
    #[must_use]
    pub fn head_branch(&self) -> Option<String> {
        self.refs.branch()?.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// The commit of HEAD, where it names one.
    #[must_use]
    pub fn head(&self) -> Option<Oid> {
        self.refs.get("HEAD")
    }

    /// The name of the repository: that of its folder, without `.git`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name that these bytes would have here as a blob: a digest to tell contents apart by.
    #[must_use]
    pub fn name_of(&self, bytes: &[u8]) -> Option<Oid> {
        Oid::of_content(self.layout.hash, bytes)
    }

    /// The commit that an object is or, through tags, names; and when the outermost tag was made.
    ///
    /// # Errors
    /// Where it leads to no commit, or to one that cannot be read.
    pub fn named_commit(&self, object: &Oid) -> Result<Named, ObjectError> {
        let found = self.store.read(object, super::commit::MAX_BYTES)?;
        let tagged = (found.kind == Kind::Tag).then(|| super::commit::tagged(&found.bytes)).flatten();
        Ok(Named { commit: self.peel(object)?, tagged })
    }
}
