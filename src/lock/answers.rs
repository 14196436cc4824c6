//! Who says what a name resolves to: a hub online, or what this machine holds. The lock asks and knows neither.

use super::Digest;
use super::FileDigest;
use super::Key;

/// What hubs, registries and servers say. Asked only where a person allowed the network.
pub trait HubAnswers: Sync {
    /// What a name is now, or what it was at a commit: `at` is one in full, or none for [`Key::requested`] and, where
    /// that is none too, for the hub's default branch.
    ///
    /// # Errors
    /// A sentence fragment that says why it cannot be known: the hub does not answer, knows no such name, asks for a
    /// login, does not say what one of the files is.
    fn resolve(&self, key: &Key, at: Option<&str>) -> Result<Resolved, String>;

    /// The digest of an image's index or manifest, `sha256:..`, by the reference that is written.
    ///
    /// # Errors
    /// As [`HubAnswers::resolve`].
    fn image(&self, reference: &str) -> Result<String, String>;

    /// The content of an address and its bytes.
    ///
    /// # Errors
    /// As [`HubAnswers::resolve`].
    fn tool(&self, url: &str) -> Result<(Digest, u64), String>;
}

/// What a hub says of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// The commit, in full.
    pub revision: String,
    /// Licence, as the hub spells it.
    pub licence: Option<String>,
    /// Its files by path, in any order.
    pub files: Vec<(String, FileDigest)>,
}

/// What this machine holds. Asked offline and first.
pub trait HeldFiles: Sync {
    /// The files of a name, hashed. `at` is the commit that is wanted, in full, or none for what the machine's own
    /// note says that [`Key::requested`] (or the default branch) is; none where nothing of it is held.
    ///
    /// # Errors
    /// A sentence fragment that says why what is held cannot be taken: a file is missing or cannot be read.
    fn held(&self, key: &Key, at: Option<&str>) -> Result<Option<Held>, String>;
}

/// A name's files as this machine holds them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The commit, where the store knows one.
    pub revision: Option<String>,
    /// Licence, as the model card spells it.
    pub licence: Option<String>,
    /// Files by path.
    pub files: Vec<(String, FileDigest)>,
    /// The worst verdict of a scan of them, where they were scanned.
    pub verdict: Option<String>,
    /// Where they lie, for messages.
    pub place: String,
}
