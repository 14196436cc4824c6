//! Versions that are asked for, held against versions and requirements by the order of their ecosystem: PEP 440 of
//! PyPI, Semantic Versioning of crates and most others, and the text itself where it is of neither.

use std::cmp::Ordering;

use semver::Version;
use semver::VersionReq;

use crate::advisory::pep440;
use crate::advisory::ranges::Interval;
use crate::advisory::ranges::lenient;

/// Bytes of a list that are looked at.
const LONGEST: usize = 65_536;
/// Alternatives of a list.
const MOST: usize = 4096;

/// Versions that are asked for: any of several versions and ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    any: Vec<Clause>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    /// One version.
    Exact(String),
    /// All that meet every comparison: the sign and the version.
    Range(Vec<(&'static str, String)>),
}

/// How a text that is told as a version stands to versions that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is one of them.
    Is,
    /// It lets one of them in.
    MayBe,
    /// It is none of them.
    IsNot,
    /// It is no version, or none that can be compared.
    Unclear,
}

/// Words that stand for any version.
const ANY: &[&str] = &["*", "x", "any", "all", "latest"];

/// Signs of comparisons, the longer before those that they begin with.
const SIGNS: &[&str] = &["===", "==", ">=", "<=", "!=", "~=", "=", ">", "<", "^", "~"];

impl Versions {
    /// Reads `1.82.7,1.82.8` (either), `>=1.82.7,<1.82.9` (both), `<1.2 || >=2,<2.3` (either). None where nothing can
    /// be read of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut any = Vec::new();
        for part in text.split("||") {
            let mut range = Vec::new();
            for one in part.split([',', '|']).map(str::trim).filter(|one| !one.is_empty()) {
                let (sign, version) = signed(one);
                match (sign, starred(version)) {
                    (Some(_), _) if version.is_empty() => return None,
                    // `1.82.*` names all releases of a line, with and without a sign of equality.
                    (None | Some("===" | "==" | "="), Some(line)) => range.push(("==", line)),
                    (Some(sign), Some(line)) => range.push((sign, line)),
                    (None | Some("===" | "==" | "="), None) => any.push(Clause::Exact(version.to_owned())),
                    (Some(sign), None) => range.push((sign, version.to_owned())),
                }
            }
            if !range.is_empty() {
                any.push(Clause::Range(range));
            }
            if any.len() > MOST {
                return None;
            }
        }
        (!any.is_empty()).then_some(Self { any })
    }

    /// Whether a version is one of them.
    #[must_use]
    pub fn covers(&self, ecosystem: Option<&str>, version: &str) -> bool {
        self.any.iter().any(|clause| clause.covers(ecosystem, version))
    }

    /// Whether every version in it is one as its registry has them. Where none is named, it is one of a usual form.
    #[must_use]
    pub fn is_understood(&self, ecosystem: Option<&str>) -> bool {
        self.any.iter().all(|clause| match clause {
            Clause::Exact(version) => is_version(ecosystem, version),
            Clause::Range(parts) => parts.iter().all(|(_, bound)| is_version(ecosystem, bound.trim_end_matches(".*"))),
        })
    }

    /// How a text stands to them that is told as a version: a version, a requirement, or words.
    #[must_use]
    pub fn stand(&self, ecosystem: Option<&str>, version: &str) -> Held {
        let version = version.trim();
        let (sign, bare) = signed(version);
        let is_equal = matches!(sign, None | Some("===" | "==" | "="));
        if is_equal && self.covers(ecosystem, bare) {
            return Held::Is;
        }
        if is_equal && is_version(ecosystem, bare) {
            let can_compare = |clause: &Clause| match clause {
                Clause::Exact(_) => true,
                Clause::Range(_) if is_python(ecosystem) => true,
                Clause::Range(parts) => lenient(bare).is_some() && parts.iter().all(|(_, bound)| is_ordered(bound)),
            };
            return if self.any.iter().all(can_compare) { Held::IsNot } else { Held::Unclear };
        }
        if ANY.iter().any(|word| version.eq_ignore_ascii_case(word)) {
            return Held::MayBe;
        }
        let is_requirement = sign.is_some() || version.contains(',') || version.starts_with("vers:");
        let line = starred(version).map(|line| format!("=={line}"));
        match line.as_deref().or(is_requirement.then_some(version)) {
            Some(asked) => match self.admitted_by(ecosystem, asked) {
                Some(true) => Held::MayBe,
                Some(false) => Held::IsNot,
                None => Held::Unclear,
            },
            None => Held::Unclear,
        }
    }

    /// Whether a requirement lets one of them in; none where the requirement cannot be read.
    #[must_use]
    pub fn admitted_by(&self, ecosystem: Option<&str>, requirement: &str) -> Option<bool> {
        let requirement = Requirement::parse(ecosystem, requirement)?;
        Some(self.any.iter().any(|clause| match clause {
            Clause::Exact(version) => requirement.admits(version),
            Clause::Range(parts) => {
                let own = parts.iter().map(|(_, version)| version.trim_end_matches(".*").to_owned());
                let points = own.chain(requirement.points());
                // A bound may be outside of both, and what comes right after it inside.
                let near = points.flat_map(|point| [after(&point), point]);
                near.into_iter().any(|point| clause.covers(ecosystem, &point) && requirement.admits(&point))
            }
        }))
    }

    /// The versions where they are named one by one; none where a range stands among them.
    #[must_use]
    pub fn exact(&self) -> Option<Vec<&str>> {
        self.any
            .iter()
            .map(|clause| if let Clause::Exact(version) = clause { Some(version.as_str()) } else { None })
            .collect()
    }
}

impl Clause {
    fn covers(&self, ecosystem: Option<&str>, version: &str) -> bool {
        match self {
            Self::Exact(own) => is_same(ecosystem, own, version),
            Self::Range(parts) if is_python(ecosystem) => {
                let list: Vec<String> = parts.iter().map(|(sign, bound)| format!("{sign}{bound}")).collect();
                pep440::Allowed::parse(&list.join(",")).is_some_and(|allowed| allowed.admits(version))
            }
            Self::Range(parts) => parts.iter().all(|(sign, bound)| meets(sign, bound, version)),
        }
    }
}

/// Whether two versions are one.
#[must_use]
pub fn is_same(ecosystem: Option<&str>, asked: &str, version: &str) -> bool {
    if asked == version {
        return true;
    }
    if is_python(ecosystem) {
        // A label of a build is compared only where one is asked for.
        if asked.contains('+') {
            return pep440::compare(asked, version) == Some(Ordering::Equal);
        }
        return pep440::canonical(asked).is_some_and(|own| pep440::canonical(version).as_ref() == Some(&own));
    }
    match (lenient(asked), lenient(version)) {
        (Some(asked), Some(version)) => asked.cmp_precedence(&version).is_eq(),
        _ => false,
    }
}

/// The sign before a version.
fn signed(text: &str) -> (Option<&'static str>, &str) {
    let found = SIGNS.iter().find_map(|sign| Some((*sign, text.strip_prefix(*sign)?.trim())));
    found.map_or((None, text), |(sign, version)| (Some(sign), version))
}

/// A line of releases, `1.82.*` or `1.82.x`, in the first spelling.
fn starred(text: &str) -> Option<String> {
    let line = [".*", ".x", ".X"].iter().find_map(|end| text.strip_suffix(end))?;
    let line = line.trim_end_matches(".*").trim_end_matches(".x").trim_end_matches(".X");
    (!line.is_empty()).then(|| format!("{line}.*"))
}

/// Whether a text is a version, as its registry writes them.
#[must_use]
pub fn is_version(ecosystem: Option<&str>, text: &str) -> bool {
    let is_sign =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'~' | b':' | b'!');
    let is_plain = !text.is_empty() && text.len() <= 256 && text.bytes().all(is_sign) && starred(text).is_none();
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    match ecosystem {
        Some("pypi") => pep440::canonical(text).is_some(),
        Some("cargo" | "npm") => lenient(text).is_some(),
        // Others have releases like `dev-main` and `Finchley.SR2`.
        Some("maven" | "composer" | "gem" | "nuget") => {
            is_plain && !ANY.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        _ => is_plain && bare.starts_with(|c: char| c.is_ascii_digit()),
    }
}

/// Whether a bound can be compared with others.
fn is_ordered(bound: &str) -> bool {
    lenient(bound.trim_end_matches(".*")).is_some()
}

fn is_python(ecosystem: Option<&str>) -> bool {
    ecosystem == Some("pypi")
}

/// Whether a version meets a comparison, in the order of Semantic Versioning.
fn meets(sign: &str, bound: &str, version: &str) -> bool {
    let Some(version) = lenient(version) else { return false };
    if matches!(sign, "^" | "~") {
        return Interval::of(&format!("{sign}{bound}")).is_some_and(|interval| interval.contains(&version));
    }
    if let Some(line) = bound.strip_suffix(".*")
        && matches!(sign, "==" | "!=")
    {
        let wanted: Vec<Option<u64>> = line.split('.').map(|part| part.parse().ok()).collect();
        let own = [Some(version.major), Some(version.minor), Some(version.patch)];
        return own.starts_with(&wanted) == (sign == "==");
    }
    let Some(bound) = lenient(bound.trim_end_matches(".*")) else { return false };
    let order = version.cmp_precedence(&bound);
    match sign {
        ">=" => order.is_ge(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        "<" => order.is_lt(),
        "!=" => order.is_ne(),
        _ => order.is_eq(),
    }
}

/// A version right after another one, in either order.
fn after(version: &str) -> String {
    match lenient(version) {
        Some(Version { major, minor, patch, .. }) => format!("{major}.{minor}.{}", patch.saturating_add(1)),
        None => format!("{version}.1"),
    }
}

/// What lets versions in.
enum Requirement {
    Any,
    Python(pep440::Allowed, Vec<String>),
    /// Of cargo, and of others who write the same signs.
    Cargo(VersionReq),
}

impl Requirement {
    fn parse(ecosystem: Option<&str>, text: &str) -> Option<Self> {
        let text = text.trim();
        // `vers:pypi/>=1|<2`
        let range =
            text.strip_prefix("vers:").and_then(|rest| rest.split_once('/')).map(|(_, range)| range.replace('|', ","));
        let text = range.as_deref().unwrap_or(text);
        if text.is_empty() || text == "*" {
            return Some(Self::Any);
        }
        if is_python(ecosystem) {
            // Poetry writes carets as cargo does.
            if let Some(allowed) = pep440::Allowed::parse(text) {
                let points = text
                    .split(',')
                    .map(|part| part.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
                    .map(str::to_owned);
                return Some(Self::Python(allowed, points.collect()));
            }
        }
        VersionReq::parse(&text.replace("===", "=").replace("==", "=")).ok().map(Self::Cargo)
    }

    fn admits(&self, version: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Python(allowed, _) => allowed.admits(version),
            Self::Cargo(required) => lenient(version).is_some_and(|version| required.matches(&version)),
        }
    }

    /// Versions at which what it lets in begins or ends.
    fn points(&self) -> Vec<String> {
        match self {
            Self::Any => Vec::new(),
            Self::Python(_, points) => points.clone(),
            Self::Cargo(required) => required
                .comparators
                .iter()
                .map(|c| format!("{}.{}.{}", c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_their_ecosystem_does() {
        let table = [
            ("1.82.7,1.82.8", "pypi", "1.82.8", true),
            ("1.82.7,1.82.8", "pypi", "1.82.8.post1", false),
            ("1.82", "pypi", "1.82.0", true),
            ("2.3.0", "pypi", "2.3.0+cu118", true),
            ("2.3.0+cu118", "pypi", "2.3.0", false),
            ("1.0.0rc1", "pypi", "1.0.0-RC.1", true),
            (">=1.82.7,<1.82.9", "pypi", "1.82.8", true),
            (">=1.82.7,<1.82.9", "pypi", "1.82.10", false),
            ("<1.2 || >=2,<2.3", "pypi", "2.2", true),
            ("<1.2 || >=2,<2.3", "pypi", "1.5", false),
            ("==8.3.*", "pypi", "8.3.41", true),
            ("8.3.*", "pypi", "8.4.0", false),
            ("1.82.x", "npm", "1.82.7", true),
            ("1.82.*", "npm", "1.83.0", false),
            ("!=1.82.*", "npm", "1.82.7", false),
            (">=1.2,<2", "cargo", "1.9.9", true),
            ("^1.2", "cargo", "2.0.0", false),
            ("<=45.0.7", "github", "v45.0.7", true),
            ("2026.1.0", "oci", "2026.1.0-slim", false),
            ("v45", "github", "v45", true),
        ];
        for (asked, ecosystem, version, wanted) in table {
            let asked_versions = Versions::parse(asked).unwrap();
            assert_eq!(asked_versions.covers(Some(ecosystem), version), wanted, "{asked} {ecosystem} {version}");
        }
    }

    #[test]
    fn requirements_let_them_in_or_not() {
        let table = [
            ("1.82.7,1.82.8", "pypi", ">=1.80", Some(true)),
            ("1.82.7,1.82.8", "pypi", ">=1.80,<1.82.7", Some(false)),
            ("1.82.7,1.82.8", "pypi", "", Some(true)),
            ("1.82.7", "pypi", "vers:pypi/>=1.80|<2", Some(true)),
            ("1.82.7", "pypi", "^1.80", Some(true)),
            ("1.82.7", "pypi", "not a requirement", None),
            (">=1.82.7,<1.82.9", "pypi", "<1.82.7", Some(false)),
            (">=1.82.7,<1.82.9", "pypi", ">1.82.7", Some(true)),
            (">=1.82.7,<1.82.9", "pypi", "~=1.82.0", Some(true)),
            (">=0.1,<0.9", "pypi", ">=0.5,<0.6", Some(true)),
            (">=1.2.0", "cargo", "^1", Some(true)),
            (">=1.2.0", "cargo", "=1.1.0", Some(false)),
            ("1.4.3", "cargo", "1.4", Some(true)),
            (">2.0.0", "cargo", ">=1, <3", Some(true)),
        ];
        for (asked, ecosystem, requirement, wanted) in table {
            let asked_versions = Versions::parse(asked).unwrap();
            assert_eq!(asked_versions.admitted_by(Some(ecosystem), requirement), wanted, "{asked} {requirement}");
        }
    }

    #[test]
    fn what_is_told_as_a_version_may_be_none() {
        let table = [
            ("1.82.7", "pypi", "1.82.7", Held::Is),
            ("1.82.7", "pypi", "==1.82.7", Held::Is),
            ("1.82.7", "", "v1.82.7", Held::Is),
            ("1.82.7", "pypi", "1.82.6", Held::IsNot),
            ("1.82.7", "pypi", ">= 1.80", Held::MayBe),
            ("1.82.7", "pypi", ">= 1.83", Held::IsNot),
            ("1.82.7", "pypi", "1.82.x", Held::MayBe),
            ("1.82.7", "npm", "1.81.*", Held::IsNot),
            ("1.82.7", "pypi", "*", Held::MayBe),
            ("1.82.7", "", "latest", Held::MayBe),
            ("1.82.7", "pypi", "unknown", Held::Unclear),
            ("1.82.7", "", "1.82.7 (build 3)", Held::Unclear),
            ("1.82.7", "deb", "1:1.82.7-2ubuntu1", Held::IsNot),
            ("<1.83", "deb", "1:1.82.7-2ubuntu1", Held::Unclear),
            ("2.0", "maven", "Finchley.SR2", Held::IsNot),
        ];
        for (asked, ecosystem, version, wanted) in table {
            let asked_versions = Versions::parse(asked).unwrap();
            assert_eq!(asked_versions.stand(Some(ecosystem), version), wanted, "{asked} {ecosystem} {version}");
        }
    }

    #[test]
    fn versions_that_are_none_are_told_apart() {
        for (text, ecosystem, wanted) in [
            ("1.82.7,1.82.8", None, true),
            (">=1.82.7,<1.82.9 || ==2.*", Some("pypi"), true),
            ("1.82.x", None, true),
            ("1.1.1w", None, true),
            ("1:2.3-4ubuntu1", Some("deb"), true),
            ("dev-main", Some("composer"), true),
            (">=1.82.7 <1.82.9", None, false),
            ("1.82.7 1.82.8", Some("npm"), false),
            ("1.82.7;1.82.8", None, false),
            ("[1.82.7,1.82.8]", Some("pypi"), false),
            ("1.82.7 - 1.82.8", None, false),
            ("\u{2265}1.82.7", None, false),
            ("latest", None, false),
            ("latest", Some("pypi"), false),
            ("notaversion", Some("cargo"), false),
        ] {
            assert_eq!(Versions::parse(text).unwrap().is_understood(ecosystem), wanted, "{text} {ecosystem:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        for text in ["", ",", ">=", "1,>="] {
            assert_eq!(Versions::parse(text), None, "{text}");
        }
        assert_eq!(Versions::parse("1,2").unwrap().exact(), Some(vec!["1", "2"]));
        assert_eq!(Versions::parse("1,>=2").unwrap().exact(), None);
    }
}
