//! Package URLs: read, written in their one spelling, and held against the rules of their types. Source: the purl
//! specification, "How to parse a purl string in its components", "Character encoding" and the definitions of types.
//!
//! Reading is lenient, since what others write is to be matched; whether a text is a legal package URL is asked of
//! [`Purl::legal`].

mod rules;

use std::collections::BTreeMap;
use std::fmt;

use crate::parse::pep508;

use rules::Rule;

/// Qualifiers that make a package another one: a fork is not what it was forked from.
const SOURCES: &[&str] = &["repository_url", "vcs_url", "download_url", "channel"];

/// A package URL, its parts without percent-encoding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    /// Type, namespace and name, in their one spelling: `cargo/time`.
    package: String,
    /// The version, where it is named.
    pub version: Option<String>,
    /// Qualifiers by name.
    pub qualifiers: BTreeMap<String, String>,
    /// The part of the package, where one is named: the subpath of the specification.
    pub part: Option<String>,
}

impl Purl {
    /// A package of a type, by its namespace and name as its registry spells them.
    #[must_use]
    pub fn new(kind: &str, namespace: Option<&str>, name: &str) -> Self {
        let segments = namespace.into_iter().flat_map(|one| one.split('/')).chain(name.split('/'));
        let segments = segments.filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let none = BTreeMap::new();
        Self {
            package: package(&kind.to_ascii_lowercase(), segments, &none),
            version: None,
            qualifiers: none,
            part: None,
        }
    }

    /// The same at a version. An empty one is none.
    #[must_use]
    pub fn at(mut self, version: &str) -> Self {
        let version = match Rule::of(self.kind()) {
            Some(rule) if rule.lower_version => version.to_ascii_lowercase(),
            _ => version.to_owned(),
        };
        self.version = Some(version).filter(|version| !version.is_empty());
        self
    }

    /// The same with a qualifier. One without a value is none.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.qualifiers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        self
    }

    /// A part of it, by its path.
    #[must_use]
    pub fn part(mut self, path: &str) -> Self {
        self.part = subpath(path.split('/').map(str::to_owned));
        self
    }

    /// An image by its reference: with a digest of type `oci`, whose version that is, else of type `docker`, whose
    /// version is the tag. `host` is none for Docker Hub.
    #[must_use]
    pub fn image(host: Option<&str>, repository: &str, tag: Option<&str>, digest: Option<&str>) -> Self {
        // The default registry and its own folder say nothing.
        let host = host.filter(|host| !matches!(*host, "docker.io" | "index.docker.io" | "registry-1.docker.io"));
        let repository = match host {
            None => repository.strip_prefix("library/").filter(|name| !name.contains('/')).unwrap_or(repository),
            Some(_) => repository,
        };
        let (namespace, name) =
            repository.rsplit_once('/').map_or((None, repository), |(space, name)| (Some(space), name));
        let Some(digest) = digest else {
            let purl = Self::new("docker", namespace, name).at(tag.unwrap_or_default());
            return purl.with("repository_url", host.unwrap_or_default());
        };
        let place = match (host, namespace) {
            (Some(host), _) => format!("{host}/{repository}"),
            (None, Some(_)) => format!("docker.io/{repository}"),
            (None, None) => format!("docker.io/library/{repository}"),
        };
        Self::new("oci", None, name).at(digest).with("repository_url", &place).with("tag", tag.unwrap_or_default())
    }

    /// Reads one; `None` for what is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:")).and_then(|_| text.get(4..))?;
        let rest = rest.trim_start_matches('/');
        let (rest, part) = match rest.rsplit_once('#') {
            Some((rest, part)) => {
                (rest, subpath(part.split('/').map(decoded).collect::<Option<Vec<_>>>()?.into_iter()))
            }
            None => (rest, None),
        };
        let (rest, written) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let mut qualifiers = BTreeMap::new();
        for pair in written.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            if !value.is_empty() {
                qualifiers.insert(name.to_ascii_lowercase(), decoded(value)?);
            }
        }
        // The version begins after the last `@`, unless a segment begins with it: a namespace of npm does.
        let (path, version) = match rest.rfind('@') {
            Some(at) if !rest[..at].ends_with('/') => (&rest[..at], Some(decoded(&rest[at + 1..])?)),
            _ => (rest, None),
        };
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let kind = parts.next()?.to_ascii_lowercase();
        let segments: Vec<String> = parts.map(decoded).collect::<Option<_>>()?;
        if segments.iter().all(String::is_empty) {
            return None;
        }
        let package = package(&kind, segments, &qualifiers);
        Some(Self { package, version: None, qualifiers, part }.at(&version.unwrap_or_default()))
    }

    /// Reads one that the specification and the definition of its type allow.
    ///
    /// # Errors
    /// Why they do not, as a part of a sentence.
    pub fn legal(text: &str) -> Result<Self, String> {
        if !text.starts_with("pkg:") {
            return Err("it does not begin with `pkg:`".to_owned());
        }
        if let Some(odd) = text.chars().find(|one| one.is_control() || one.is_whitespace()) {
            return Err(format!("{odd:?} stands in it and is not encoded"));
        }
        if nameless(text) {
            return Err("it has no name".to_owned());
        }
        let purl =
            Self::parse(text).ok_or("it has no type and name, or something in it is not encoded as it should be")?;
        purl.problem().map_or(Ok(purl), Err)
    }

    /// Whether a text is it in a spelling that the specification allows. Dots in names of Python stand as they are there,
    /// and registries take them for dashes: both are right. Source: purl specification, type `pypi`.
    #[must_use]
    pub fn is_spelt(&self, text: &str) -> bool {
        let own = self.to_string();
        let end = text.find(['@', '?', '#']).unwrap_or(text.len());
        own == text || (self.kind() == "pypi" && format!("{}{}", text[..end].replace('.', "-"), &text[end..]) == own)
    }

    /// What the specification or the definition of its type says against it, as a part of a sentence.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let kind = self.kind();
        let is_kind = kind.starts_with(|one: char| one.is_ascii_lowercase())
            && kind.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, b'.' | b'-'));
        if !is_kind {
            return Some(format!("`{kind}` is no name of a type"));
        }
        let is_key = |key: &str| {
            key.starts_with(|one: char| one.is_ascii_lowercase())
                && key
                    .bytes()
                    .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, b'.' | b'-' | b'_'))
        };
        if let Some(key) = self.qualifiers.keys().find(|key| !is_key(key)) {
            return Some(format!("`{key}` is no name of a qualifier"));
        }
        rules::problem(self)
    }

    /// The type: `cargo`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.package.split('/').next().unwrap_or_default()
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        let (_, rest) = self.package.split_once('/')?;
        rest.rsplit_once('/').map(|(namespace, _)| namespace)
    }

    /// The name, without the namespace.
    #[must_use]
    pub fn name(&self) -> &str {
        self.package.rsplit('/').next().unwrap_or_default()
    }

    /// Type, namespace and name, in their one spelling: `cargo/time`.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Whether what is said of this one holds for another: all that this one names is the same there, and both
    /// come from the same place.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let has = |one: &Self, two: &Self, name: &str| two.qualifiers.get(name) == one.qualifiers.get(name);
        self.package == other.package
            && (self.version.is_none() || self.version == other.version)
            && (self.part.is_none() || self.part == other.part)
            && self.qualifiers.keys().all(|name| has(self, other, name))
            && SOURCES.iter().all(|name| has(self, other, name))
    }
}

impl fmt::Display for Purl {
    /// Its one spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pkg:")?;
        for (at, segment) in self.package.split('/').enumerate() {
            f.write_str(if at == 0 { "" } else { "/" })?;
            f.write_str(&encode(segment))?;
        }
        if let Some(version) = &self.version {
            write!(f, "@{}", encode(version))?;
        }
        let values = self.qualifiers.iter().filter(|(_, value)| !value.is_empty());
        for (at, (name, value)) in values.enumerate() {
            write!(f, "{}{name}={}", if at == 0 { '?' } else { '&' }, encode(value))?;
        }
        if let Some(part) = &self.part {
            let segments: Vec<String> = part.split('/').map(encode).collect();
            write!(f, "#{}", segments.join("/"))?;
        }
        Ok(())
    }
}

/// Percent-encodes for a package URL: unreserved characters stand, and `:` as the specification demands.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    out
}

/// Whether nothing stands between the last `/` and the version: `pkg:maven/@1`.
fn nameless(text: &str) -> bool {
    let path = text.split(['#', '?']).next().unwrap_or_default();
    path.rfind('@').is_some_and(|at| path[..at].ends_with('/') && !path[at..].contains('/'))
}

/// Type, namespace and name, as the type spells them.
fn package(kind: &str, segments: Vec<String>, qualifiers: &BTreeMap<String, String>) -> String {
    let last = segments.len().saturating_sub(1);
    let rule = Rule::of(kind);
    let mut out = kind.to_owned();
    for (at, segment) in segments.iter().enumerate() {
        out.push('/');
        let is_lower = rule.is_some_and(|rule| if at == last { rule.lower_name } else { rule.lower_namespace });
        match kind {
            "pypi" => out.push_str(&pep508::normalise(segment)),
            "pub" => out.push_str(&segment.to_ascii_lowercase().replace('-', "_")),
            // Databricks does not tell names by case, MLflow does.
            "mlflow" if qualifiers.get("repository_url").is_some_and(|url| url.contains("databricks")) => {
                out.push_str(&segment.to_lowercase());
            }
            _ if is_lower => out.push_str(&segment.to_lowercase()),
            _ => out.push_str(segment),
        }
    }
    out
}

/// A path within a package: without empty parts and such as lead elsewhere. None where nothing is left.
fn subpath(parts: impl Iterator<Item = String>) -> Option<String> {
    let kept: Vec<String> = parts.filter(|part| !matches!(part.as_str(), "" | "." | "..")).collect();
    (!kept.is_empty()).then(|| kept.join("/"))
}

/// The text without percent-encoding; `None` where that is broken.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        out.push(digit(bytes.next())? * 16 + digit(bytes.next())?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
