//! An in-toto statement that binds a document to the digests of what it describes. It is not signed; its bytes are what
//! is to be signed (the payload of a DSSE envelope). Sources: in-toto attestation framework, "Statement" v1,
//! "ResourceDescriptor" v1, and the predicates "CycloneDX" and "SPDX".

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde::Serialize;

use super::Bom;
use super::model::Algorithm;
use super::model::Component;
use super::model::Hash;
use super::model::Kind;
use crate::parse::plain_json;

/// The type of the statement.
pub const TYPE: &str = "https://in-toto.io/Statement/v1";
/// Property of a document that holds the commit it was made from.
const COMMIT: &str = "custody:commit";
/// Property of a document that was made from files that are not as the commit holds them: how many.
pub const CHANGED: &str = "custody:tree-changed";

/// What a document is in the words of in-toto.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// CycloneDX.
    CycloneDx,
    /// SPDX 3.
    Spdx3,
}

impl Predicate {
    /// The address that stands for it.
    #[must_use]
    pub fn address(self) -> &'static str {
        match self {
            Self::CycloneDx => "https://cyclonedx.org/bom",
            Self::Spdx3 => "https://spdx.dev/Document/v3.0",
        }
    }
}

/// Something that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    /// What it is called: a path of the tree, a file of a model with its revision, an image.
    pub name: String,
    /// Digests by the names that in-toto gives them: `sha256`, `gitCommit`.
    pub digest: BTreeMap<&'static str, String>,
}

impl Subject {
    /// A subject known by a digest; none where in-toto has no name for it.
    #[must_use]
    pub fn of_hash(name: impl Into<String>, hash: &Hash) -> Option<Self> {
        let algorithm = match hash.algorithm {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
            Algorithm::Sha224 => "sha224",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha3x256 => "sha3_256",
            Algorithm::Sha3x384 => "sha3_384",
            Algorithm::Sha3x512 => "sha3_512",
            // What does not hold against an attacker binds nothing.
            Algorithm::Md5 => return None,
            Algorithm::Blake2b256 | Algorithm::Blake2b384 | Algorithm::Blake2b512 | Algorithm::Blake3 => return None,
        };
        Some(Self { name: name.into(), digest: BTreeMap::from([(algorithm, hash.value.clone())]) })
    }
}

/// What a document describes and knows by digest: the commit it was made from, and models and data sets that lie in the
/// tree, file by file. Whoever trusts a statement takes the document for that of each of its subjects; so what is only
/// used, a base image, a model of a hub, a package, is none of them: the document itself holds their digests.
#[must_use]
pub fn subjects(bom: &Bom) -> Vec<Subject> {
    let mut out = Vec::new();
    let is_changed = bom.about.properties.contains_key(CHANGED);
    // What was changed since is not the commit.
    if let Some(commit) = bom.about.properties.get(COMMIT).filter(|_| !is_changed) {
        let root = bom.root.as_deref().and_then(|id| bom.component(id));
        let name = root.map_or_else(|| "the repository".to_owned(), |root| root.name.clone());
        out.push(Subject { name, digest: BTreeMap::from([("gitCommit", commit.clone())]) });
    }
    for part in &bom.components {
        let is_own = part.id.starts_with("tree:");
        let is_described = is_own && (part.kind.is_model() || matches!(part.kind, Kind::Dataset | Kind::Kernel));
        if !is_described {
            continue;
        }
        let name = named(part);
        if part.files.is_empty() {
            out.extend(part.hashes.iter().filter_map(|hash| Subject::of_hash(name.clone(), hash)));
        }
        for file in &part.files {
            // The path of a file of the tree says where it lies.
            let name = file.path.clone();
            out.extend(file.hashes.iter().filter_map(|hash| Subject::of_hash(name.clone(), hash)));
        }
    }
    out.sort();
    out.dedup();
    out
}

fn named(part: &Component) -> String {
    let group = part.group.as_ref().map(|group| format!("{group}/")).unwrap_or_default();
    let version = part.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
    format!("{group}{}{version}", part.name)
}

#[derive(Serialize)]
struct Statement<'s> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: &'s [Subject],
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    predicate: serde_json::Value,
}

/// Writes a statement: the document whole, as the predicate.
///
/// # Errors
/// Where there is nothing to bind the document to, the document is no JSON, or whatever the writer says.
pub fn write(subjects: &[Subject], predicate: Predicate, document: &[u8], out: &mut dyn Write) -> io::Result<()> {
    if subjects.is_empty() {
        let why = "nothing that the document describes is known by a digest: no commit, no lock, no image";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let body = serde_json::from_slice(document)?;
    let statement = Statement { kind: TYPE, subject: subjects, predicate_type: predicate.address(), predicate: body };
    out.write_all(plain_json::json(&serde_json::to_string(&statement)?).as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::model::FileEntry;
    use crate::sbom::sample;

    #[test]
    fn what_a_document_describes_is_bound_by_digest() {
        let mut bom = sample::rich();
        bom.about.properties.insert(COMMIT.to_owned(), sample::COMMIT.to_owned());
        let subjects = subjects(&bom);
        assert!(subjects.iter().any(|one| one.digest.get("gitCommit").is_some_and(|at| at == sample::COMMIT)));
        // Nothing of what it lists lies in the tree.
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        let mut own = bom.components.iter().find(|part| part.kind == Kind::Model).cloned().unwrap();
        own.id = "tree:weights/chat.safetensors".to_owned();
        let path = "weights/chat.safetensors".to_owned();
        own.files = vec![FileEntry { path, hashes: [sample::sha256('a')].into(), ..FileEntry::default() }];
        bom.components.push(own);
        let subjects = self::subjects(&bom);
        assert!(subjects.iter().any(|one| one.digest.contains_key("sha256")), "{subjects:?}");
        bom.about.properties.insert(CHANGED.to_owned(), "1".to_owned());
        let changed = self::subjects(&bom);
        assert!(!changed.iter().any(|one| one.digest.contains_key("gitCommit")), "{changed:?}");
        let names: Vec<&str> = subjects.iter().map(|one| one.name.as_str()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let mut bytes = Vec::new();
        write(&subjects, Predicate::CycloneDx, b"{\"bomFormat\": \"CycloneDX\"}", &mut bytes).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read["_type"], TYPE);
        assert_eq!(read["predicate"]["bomFormat"], "CycloneDX");
        assert_eq!(read["predicateType"], "https://cyclonedx.org/bom");
    }

    #[test]
    fn what_binds_nothing_is_no_subject() {
        assert!(Subject::of_hash("a", &Hash { algorithm: Algorithm::Md5, value: "0".repeat(32) }).is_none());
        assert!(write(&[], Predicate::Spdx3, b"{}", &mut Vec::new()).is_err());
        let one = Subject::of_hash("a", &sample::sha256('a')).unwrap();
        assert!(write(&[one], Predicate::Spdx3, b"no", &mut Vec::new()).is_err());
    }
}
