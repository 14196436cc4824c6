//! What is signed: a statement of in-toto with the list of a model's files and how the list was made.
//!
//! Read only after the signature was found good. Fields that the schemas of the specification do not know are
//! mistakes, except in the entries of the list, where it says that they are to be passed over.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::digest::Algorithm;
use super::failure::Failure;
use super::sha256;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://model_signing/signature/v1.0";
const OLD_PREDICATE: &str = "https://model_signing/Digests/v0.1";

/// What was signed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The list, in its order.
    pub resources: Vec<Resource>,
    /// What the digests are.
    pub algorithm: Algorithm,
    /// Bytes of a piece, where files are listed in pieces.
    pub shard: Option<u64>,
    /// Whether links were followed.
    pub links: bool,
    /// Paths that were left out.
    pub ignored: Vec<String>,
    /// SHA-256 over all digests of the list.
    pub root: Option<String>,
    /// Whether it is of the first form, which must no longer be made.
    pub old: bool,
}

/// An entry of the list: a file, or a piece of one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    /// Below the model, with `/` between parts; empty for the one file that a model may be.
    pub path: String,
    /// From which byte to before which, where it is a piece.
    pub range: Option<(u64, u64)>,
    pub digest: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<RawSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Option<RawPredicate>,
}

/// Either predicate; which fields must be there is asked of each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPredicate {
    resources: Option<Vec<RawResource>>,
    serialization: Option<RawSerialization>,
    /// Of the first form.
    unused: Option<Value>,
}

#[derive(Deserialize)]
struct RawSubject {
    name: String,
    digest: RawDigests,
}

#[derive(Deserialize)]
struct RawDigests {
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct RawResource {
    name: String,
    digest: String,
    algorithm: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSerialization {
    method: String,
    hash_type: String,
    #[serde(default, deserialize_with = "whole")]
    shard_size: Option<u64>,
    allow_symlinks: bool,
    #[serde(default)]
    ignore_paths: Vec<String>,
}

/// A number of bytes. The `model-signing` package writes `1000000000.0`, which is an integer in JSON Schema.
fn whole<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    /// All smaller whole numbers are exact in floating point.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = serde_json::Number::deserialize(from)?;
    let floating = number.as_f64().filter(|number| (0.0..EXACT).contains(number) && number.fract() == 0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, not negative, and exact")]
    let whole = number.as_u64().or(floating.map(|number| number as u64));
    whole.map(Some).ok_or_else(|| serde::de::Error::custom("`shard_size` is no number of bytes"))
}

/// Reads what was signed.
///
/// # Errors
/// [`Failure::Statement`], or [`Failure::Unsupported`] for a digest or a form that nothing here knows.
pub(super) fn parse(payload: &[u8]) -> Result<Statement, Failure> {
    let raw = read(payload)?;
    match raw.predicate_type.as_str() {
        PREDICATE => current(raw),
        OLD_PREDICATE => old(raw),
        other => Err(wrong(format!("its `predicateType` is `{other}`"))),
    }
}

/// The SHA-256 of the first subject, as it is written.
///
/// # Errors
/// [`Failure::Statement`].
pub(super) fn subject(payload: &[u8]) -> Result<String, Failure> {
    let raw = read(payload)?;
    let first = raw.subject.into_iter().next().and_then(|subject| subject.digest.sha256);
    first.ok_or_else(|| wrong("its `subject` has no SHA-256".to_owned()))
}

fn read(payload: &[u8]) -> Result<RawStatement, Failure> {
    let raw: RawStatement = serde_json::from_slice(payload).map_err(|error| wrong(error.to_string()))?;
    if raw.kind == STATEMENT { Ok(raw) } else { Err(wrong(format!("its `_type` is `{}`", raw.kind))) }
}

fn current(raw: RawStatement) -> Result<Statement, Failure> {
    let Some(RawPredicate { resources: Some(resources), serialization: Some(how), unused: None }) = raw.predicate
    else {
        return Err(wrong("its `predicate` is not `resources` and `serialization`".to_owned()));
    };
    let [subject] = raw.subject.as_slice() else {
        return Err(wrong(format!("it has {} subjects, and not one", raw.subject.len())));
    };
    if subject.name.is_empty() {
        return Err(wrong("its subject has no name".to_owned()));
    }
    let Some(root) = &subject.digest.sha256 else {
        return Err(wrong("its `subject` has no SHA-256".to_owned()));
    };
    let shard = match (how.method.as_str(), how.shard_size) {
        ("files", None) => None,
        ("shards", Some(size)) if size > 0 => Some(size),
        ("files" | "shards", _) => {
            return Err(wrong(format!("`shard_size` does not go with the method `{}`", how.method)));
        }
        (other, _) => return Err(Failure::Unsupported(format!("files listed by the method `{other}`"))),
    };
    let Some(algorithm) = Algorithm::named(&how.hash_type) else {
        return Err(Failure::Unsupported(format!("files listed by `{}`", how.hash_type)));
    };
    if resources.is_empty() {
        return Err(wrong("it lists no file".to_owned()));
    }
    // Of pieces the package writes what made them in one word with their size; the specification wants the digest only.
    let in_pieces = shard.map(|size| format!("{}-sharded-{size}", how.hash_type));
    let mut digests = Vec::new();
    let mut out = Vec::with_capacity(resources.len());
    for resource in resources {
        if resource.algorithm != how.hash_type && Some(&resource.algorithm) != in_pieces.as_ref() {
            return Err(wrong(format!(
                "`{}` has a digest by `{}` in a list by `{}`",
                resource.name, resource.algorithm, how.hash_type
            )));
        }
        let digest = unhex(&resource.digest).filter(|digest| digest.len() == algorithm.size());
        let digest =
            digest.ok_or_else(|| wrong(format!("the digest of `{}` is none by `{}`", resource.name, how.hash_type)))?;
        digests.extend_from_slice(&digest);
        let (name, range) = match shard {
            None => (resource.name.as_str(), None),
            Some(_) => {
                split(&resource.name).ok_or_else(|| wrong(format!("`{}` names no piece of a file", resource.name)))?
            }
        };
        out.push(Resource { path: canonical(name)?, range, digest });
    }
    let found = sha256(&digests);
    if *root != found {
        return Err(wrong("its subject is not the digest of its list".to_owned()));
    }
    unique(&out)?;
    let (ignored, links) = (how.ignore_paths, how.allow_symlinks);
    Ok(Statement { resources: out, algorithm, shard, links, ignored, root: Some(found), old: false })
}

/// The first form: files are subjects, and how the list was made is not said.
fn old(raw: RawStatement) -> Result<Statement, Failure> {
    if raw.predicate.is_some_and(|predicate| predicate.resources.is_some() || predicate.serialization.is_some()) {
        return Err(wrong("it is of two forms at once".to_owned()));
    }
    if raw.subject.is_empty() {
        return Err(wrong("it lists no file".to_owned()));
    }
    let mut resources = Vec::with_capacity(raw.subject.len());
    for subject in raw.subject {
        let digest = subject.digest.sha256.as_deref().and_then(unhex);
        let digest = digest.filter(|digest| digest.len() == Algorithm::Sha256.size());
        let digest = digest.ok_or_else(|| wrong(format!("`{}` has no SHA-256", subject.name)))?;
        resources.push(Resource { path: canonical(&subject.name)?, range: None, digest });
    }
    unique(&resources)?;
    Ok(Statement {
        resources,
        algorithm: Algorithm::Sha256,
        shard: None,
        links: false,
        ignored: Vec::new(),
        root: None,
        old: true,
    })
}

/// Two entries of one name would leave open which of them counts.
fn unique(resources: &[Resource]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    match resources.iter().find(|one| !seen.insert((one.path.as_str(), one.range))) {
        Some(twice) => Err(wrong(format!("it lists `{}` twice", twice.path))),
        None => Ok(()),
    }
}

/// A path in its one form. `.` is what the `model-signing` package writes for a model of one file.
fn canonical(name: &str) -> Result<String, Failure> {
    if name.is_empty() || name.starts_with('/') || name.contains('\0') || name.split('/').any(|part| part == "..") {
        return Err(wrong(format!("`{name}` is no path below the model")));
    }
    Ok(normal(name))
}

/// A path without parts that lead nowhere.
pub(super) fn normal(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}

/// A piece's file, and from which byte to before which.
fn split(name: &str) -> Option<(&str, Option<(u64, u64)>)> {
    let (rest, end) = name.rsplit_once(':')?;
    let (path, start) = rest.rsplit_once(':')?;
    let (start, end) = (number(start)?, number(end)?);
    (start < end).then_some((path, Some((start, end))))
}

/// A number in its one form.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Bytes from small hexadecimal.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

fn wrong(why: String) -> Failure {
    Failure::Statement(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_named_by_their_last_two_numbers() {
        let cases = [
            ("a:0:5", Some(("a", 0, 5))),
            ("a:b:0:5", Some(("a:b", 0, 5))),
            ("1:2:3:4", Some(("1:2", 3, 4))),
            ("a", None),
            ("a:5", None),
            ("a:5:5", None),
            ("a:6:5", None),
            ("a:00:5", None),
            ("a:-0:5", None),
            ("a:+1:5", None),
            ("a: 1:5", None),
            ("a:0:99999999999999999999", None),
        ];
        for (name, expected) in cases {
            let expected = expected.map(|(path, from, to)| (path, Some((from, to))));
            assert_eq!(split(name), expected, "{name}");
        }
    }

    #[test]
    fn paths_have_one_form_and_do_not_lead_out() {
        for (name, expected) in [("a", "a"), ("./a", "a"), ("a//b/./c/", "a/b/c"), (".", ""), ("a..b", "a..b")] {
            assert_eq!(canonical(name).as_deref(), Ok(expected), "{name}");
        }
        for name in ["", "/a", "..", "a/..", "a/../b", "../a", "a\0b"] {
            assert!(canonical(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn sizes_of_pieces_are_whole_numbers() {
        let size = |text: &str| {
            let how =
                format!(r#"{{"method":"shards","hash_type":"sha256","allow_symlinks":false,"shard_size":{text}}}"#);
            serde_json::from_str::<RawSerialization>(&how).ok().and_then(|how| how.shard_size)
        };
        assert_eq!(size("1000000000"), Some(1_000_000_000));
        assert_eq!(size("1000000000.0"), Some(1_000_000_000));
        assert_eq!(size("18446744073709551615"), Some(u64::MAX));
        for wrong in ["1.5", "-1", "-0.5", "1e300", "9007199254740993.0e1", "\"1\"", "null", "true"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn digests_are_small_hexadecimal() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        for wrong in ["", "0", "0F", "zz", "é"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
