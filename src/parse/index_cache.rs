//! What cargo keeps on a machine of a registry's index: one file a crate, with the row of each release.
//! Nothing here knows where the file lies.
//!
//! Source: cargo, `sources/registry/index/cache.rs` (one byte of the format's version, four of the index's,
//! what the server said of the file, then a version and its row as JSON, each closed by a zero byte); the
//! Cargo book, "Registry Index", "JSON schema".

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Budget, Problem};
use crate::source::Span;

/// The format's version. Older ones are written anew by cargo when it next looks.
const FORMAT: u8 = 3;
/// The newest version of the index's rows that cargo knows.
const ROWS: u32 = 2;
/// Bytes before what the server said.
const HEAD: usize = 5;

/// One release, as its registry's row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// SHA-256 of the packed crate, in hexadecimal.
    pub checksum: String,
    /// Whether it was withdrawn.
    pub yanked: bool,
    /// The day it came out, as an RFC 3339 time, where the registry says.
    pub published: Option<String>,
    /// `links`: the native library it is bound to.
    pub links: Option<String>,
    /// What it depends on, in order.
    pub dependencies: Vec<Row>,
}

/// A dependency of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The crate's name on its registry.
    pub name: String,
    /// What it is needed for.
    pub kind: RowKind,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// The target condition.
    pub target: Option<String>,
}

/// What a release needs a dependency for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// To be built and run.
    Normal,
    /// By its build script.
    Build,
    /// By its own tests alone.
    Dev,
}

#[derive(Deserialize)]
struct Json {
    vers: String,
    cksum: String,
    #[serde(default)]
    yanked: Option<bool>,
    #[serde(default)]
    pubtime: Option<String>,
    #[serde(default)]
    links: Option<String>,
    #[serde(default)]
    deps: Vec<JsonDependency>,
}

#[derive(Deserialize)]
struct JsonDependency {
    name: String,
    #[serde(default)]
    package: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    target: Option<String>,
}

/// Reads the rows of the releases in `wanted`; the others are passed over unread, since a crate may have
/// hundreds. A row that cannot be read costs itself.
///
/// # Errors
/// It is too large, or of another format.
pub fn releases(
    bytes: &[u8],
    wanted: &BTreeSet<&str>,
    budget: &mut Budget,
) -> Result<(Vec<Release>, Vec<Problem>), Problem> {
    let whole = Span::new(0, bytes.len());
    if bytes.len() > budget.bytes {
        return Err(Problem::new(whole, format!("larger than {} bytes", budget.bytes)));
    }
    let Some((head, rest)) = bytes.split_at_checked(HEAD) else { return Err(Problem::new(whole, "cut short")) };
    let rows = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
    if head[0] != FORMAT || rows > ROWS {
        return Err(Problem::new(whole, format!("format {} with rows of version {rows} is not known", head[0])));
    }
    let mut parts = rest.split(|byte| *byte == 0);
    // What the server said of the file: an entity tag or a day.
    parts.next();
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    let mut at = HEAD;
    while let (Some(version), Some(row)) = (parts.next(), parts.next()) {
        at += version.len() + row.len();
        if !std::str::from_utf8(version).is_ok_and(|version| wanted.contains(version)) {
            continue;
        }
        let place = Span::new(at.min(bytes.len()), at.min(bytes.len()));
        if !budget.take_entry(row.len()) {
            problems.push(Problem::new(place, "too many rows; the rest is not read"));
            break;
        }
        match serde_json::from_slice::<Json>(row) {
            // The key decides which row is read, the row what is said: they must agree.
            Ok(json) if json.vers.as_bytes() == version => out.push(release(json)),
            Ok(json) => problems.push(Problem::new(place, format!("a row of `{}` under another version", json.vers))),
            Err(error) => problems.push(Problem::new(place, format!("a row that cannot be read: {error}"))),
        }
    }
    Ok((out, problems))
}

fn release(json: Json) -> Release {
    let row = |dependency: JsonDependency| Row {
        name: dependency.package.unwrap_or(dependency.name),
        kind: match dependency.kind.as_deref() {
            Some("build") => RowKind::Build,
            Some("dev") => RowKind::Dev,
            _ => RowKind::Normal,
        },
        optional: dependency.optional,
        target: dependency.target,
    };
    Release {
        version: json.vers,
        checksum: json.cksum,
        yanked: json.yanked == Some(true),
        published: json.pubtime,
        links: json.links,
        dependencies: json.deps.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: &[(&str, &str)]) -> Vec<u8> {
        let mut out = vec![3, 2, 0, 0, 0];
        out.extend(b"etag: \"x\"\0");
        for (version, row) in rows {
            out.extend(format!("{version}\0{row}\0").bytes());
        }
        out
    }

    const ONE: &str = r#"{"name":"a","vers":"1.0.0","cksum":"00","yanked":true,"pubtime":"2026-01-02T03:04:05Z",
        "features":{},"links":"z","deps":[{"name":"cc2","package":"cc","req":"^1","features":[],"optional":true,
        "default_features":true,"target":"cfg(unix)","kind":"build"},{"name":"b","req":"*","kind":"dev"}]}"#;

    #[test]
    fn rows_that_are_asked_for() {
        let bytes = file(&[("0.9.0", "no json, and nobody asked"), ("1.0.0", ONE)]);
        let (found, problems) = releases(&bytes, &BTreeSet::from(["1.0.0"]), &mut Budget::default()).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let [one] = found.as_slice() else { panic!("one row: {found:?}") };
        assert!(one.yanked && one.links.as_deref() == Some("z"));
        assert_eq!(one.published.as_deref(), Some("2026-01-02T03:04:05Z"));
        let rows: Vec<_> = one.dependencies.iter().map(|r| (r.name.as_str(), r.kind, r.optional)).collect();
        assert_eq!(rows, [("cc", RowKind::Build, true), ("b", RowKind::Dev, false)]);
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        let wanted = BTreeSet::from(["1.0.0"]);
        let mut other = file(&[]);
        other[0] = 4;
        for (bytes, told) in [(vec![3], "cut short"), (Vec::new(), "cut short"), (other, "format 4")] {
            let problem = releases(&bytes, &wanted, &mut Budget::default()).unwrap_err();
            assert!(problem.message.contains(told), "{problem:?}");
        }
        let bytes = file(&[("1.0.0", &ONE.replace("1.0.0", "2.0.0")), ("1.0.0", "{"), ("1.0.0", ONE)]);
        let (found, problems) = releases(&bytes, &wanted, &mut Budget::default()).unwrap();
        assert_eq!((found.len(), problems.len()), (1, 2), "{problems:?}");
    }
}
