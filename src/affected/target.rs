//! What can be asked for.

use crate::sbom::model::Hash;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A package of a registry.
    Package {
        /// Type of its package URL: `cargo`, `pypi`, `npm`; none where any will do.
        ecosystem: Option<String>,
        /// Its name, in the spelling of its registry.
        name: String,
        /// Versions or ranges that are asked for, as written, joined by commas; none for all.
        versions: Option<String>,
    },
    /// An action or reusable workflow of a repository.
    Action {
        /// `owner/repo` in small letters.
        repository: String,
        /// Path in the repository, where one is named.
        path: Option<String>,
        /// Tag, branch or commit; none for all.
        reference: Option<String>,
    },
    /// A model, data set or other asset of a hub.
    Asset {
        /// `owner/name`, as the hub spells it.
        name: String,
        /// Branch, tag or commit; none for all.
        revision: Option<String>,
    },
    /// A container image.
    Image {
        /// Its name, without tag and digest.
        name: String,
        /// Tag or digest; none for all.
        reference: Option<String>,
    },
    /// A file, by its digest.
    Digest(Hash),
    /// A host that something is fetched from or sent to.
    Host(String),
    /// A flaw or malicious release, by its id; it stands for the packages that its advisory names.
    Advisory(String),
}
