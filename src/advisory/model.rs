//! What an advisory is: facts only, no prose.
//!
//! Shared by the library and the build script (which includes it by path), so it uses `std` alone.

use std::fmt;

/// Where a package name lives. Two ecosystems may use one name for different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Crates of crates.io. Names are compared as written, as RustSec does.
    CratesIo,
    /// What a Rust toolchain ships: `std`, `cargo`, `rustc`, `rustdoc`.
    Rust,
    /// Distributions of PyPI. Names are compared after PEP 503 normalisation.
    PyPi,
    /// Actions and reusable workflows, `owner/repo` or `owner/repo/path`. Case does not count.
    GitHubActions,
}

impl Ecosystem {
    /// All of them, in table order.
    pub const ALL: [Self; 4] = [Self::CratesIo, Self::Rust, Self::PyPi, Self::GitHubActions];

    /// The name in text files, which is OSV's where OSV has one.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CratesIo => "crates.io",
            Self::Rust => "rust",
            Self::PyPi => "PyPI",
            Self::GitHubActions => "GitHub Actions",
        }
    }

    /// The reverse of [`Ecosystem::as_str`]; `None` for an ecosystem this tool does not know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.as_str() == text)
    }

    /// The form in which names are compared, see the variants.
    #[must_use]
    pub fn normalise(self, name: &str) -> String {
        match self {
            Self::CratesIo | Self::Rust => name.to_owned(),
            Self::GitHubActions => name.to_lowercase(),
            Self::PyPi => {
                let mut out = String::with_capacity(name.len());
                for c in name.chars() {
                    match c {
                        '-' | '_' | '.' if out.ends_with('-') => {}
                        '-' | '_' | '.' => out.push('-'),
                        _ => out.extend(c.to_lowercase()),
                    }
                }
                out
            }
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an advisory says about a package. Ordered from worst to mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The release itself is an attack.
    Malicious,
    /// A flaw somebody can use.
    Vulnerability,
    /// Rust only: safe code can cause undefined behaviour.
    Unsound,
    /// Nobody looks after the package any more.
    Unmaintained,
    /// Worth knowing, neither of the above.
    Notice,
}

impl Kind {
    /// All of them, worst first.
    pub const ALL: [Self; 5] = [Self::Malicious, Self::Vulnerability, Self::Unsound, Self::Unmaintained, Self::Notice];

    /// The word in text files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
            Self::Notice => "notice",
        }
    }

    /// The reverse of [`Kind::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// Kinds of one family are one finding when they share an alias. Malware is often filed a second
    /// time as a plain vulnerability, so those two meet; the others never do.
    #[must_use]
    pub fn family(self) -> u8 {
        match self {
            Self::Malicious | Self::Vulnerability => 0,
            Self::Unsound => 1,
            Self::Unmaintained => 2,
            Self::Notice => 3,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A calendar day (UTC). Time of day is dropped: advisories are compared by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31; not checked against the month.
    pub day: u8,
}

impl Date {
    /// Reads the leading `YYYY-MM-DD` of a date or an RFC 3339 time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let head = text.get(..10)?;
        if text.len() > 10 && !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
            return None;
        }
        let mut parts = head.split('-');
        let mut number = |width: usize| -> Option<u16> {
            let part = parts.next()?;
            (part.len() == width && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        Self::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// A day within the documented bounds.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        ((1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self {
            year,
            month,
            day,
        })
    }

    /// The day of a number of days since 1970. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms".
    #[must_use]
    pub fn of_days(days: i64) -> Option<Self> {
        let shifted = days.checked_add(719_468)?;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Days since 1970. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    #[must_use]
    pub fn days(self) -> i64 {
        let month = i64::from(self.month);
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// One step of an OSV timeline; the text is kept as published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// Affected from here on; `0` means from the beginning.
    Introduced(String),
    /// Not affected from here on.
    Fixed(String),
    /// The last version known to be affected.
    LastAffected(String),
    /// The range says nothing from here on.
    Limit(String),
}

impl Event {
    /// The version or commit the event names.
    #[must_use]
    pub fn at(&self) -> &str {
        match self {
            Self::Introduced(v) | Self::Fixed(v) | Self::LastAffected(v) | Self::Limit(v) => v,
        }
    }
}

/// Which versions an advisory covers. An advisory may carry several; a version is affected when any
/// of them covers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// RustSec's form: everything is affected except what these Cargo requirements cover. Both lists
    /// empty means every version.
    RustSec {
        /// Requirements on fixed versions.
        patched: Vec<String>,
        /// Requirements on versions that never had the flaw.
        unaffected: Vec<String>,
    },
    /// OSV events over Semantic Versioning.
    Semver(Vec<Event>),
    /// OSV events in the ecosystem's own order (PEP 440 on PyPI, release tags for actions).
    Ecosystem(Vec<Event>),
    /// OSV events over commits of a repository.
    Git {
        /// Repository URL.
        repo: String,
        /// Commits, 40 hexadecimal digits, or `0`.
        events: Vec<Event>,
    },
    /// Exactly these versions.
    Versions(Vec<String>),
}

/// A function an advisory names as affected (RustSec only).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function {
    /// Full path, `crate::module::function`.
    pub path: String,
    /// Cargo requirements on the versions in which the function is affected; empty when not said.
    pub versions: Vec<String>,
}

/// A stretch of time, for releases and tags that were bad only for a while.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// First moment, `YYYY-MM-DDThh:mmZ`; sorts as text.
    pub from: String,
    /// Last moment, same form.
    pub until: String,
}

/// One advisory about one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Identifier in the database it comes from.
    pub id: String,
    /// The same flaw elsewhere (CVE, GHSA, MAL and so on); sorted, without `id`.
    pub aliases: Vec<String>,
    /// Ecosystem of `package`.
    pub ecosystem: Ecosystem,
    /// Package name as published.
    pub package: String,
    /// What kind of advisory.
    pub kind: Kind,
    /// Affected versions; empty when only `commits` are known.
    pub ranges: Vec<Range>,
    /// CVSS vectors of any version, as published.
    pub cvss: Vec<String>,
    /// Day of publication.
    pub published: Option<Date>,
    /// Day of the last change, where the source says so.
    pub modified: Option<Date>,
    /// Day it was withdrawn; a withdrawn advisory never matches.
    pub withdrawn: Option<Date>,
    /// Affected CPU architectures; empty means any.
    pub arch: Vec<String>,
    /// Affected operating systems; empty means any.
    pub os: Vec<String>,
    /// Affected functions; empty means not said.
    pub functions: Vec<Function>,
    /// Bad commits, 40 lower-case hexadecimal digits (GitHub Actions).
    pub commits: Vec<String>,
    /// When tags pointed to those commits (GitHub Actions).
    pub window: Option<Window>,
    /// Links worth following that do not follow from the identifiers, best first.
    pub links: Vec<String>,
    /// The database's own one-line summary. Kept in a local index only: it is prose of strangers, and the
    /// text that is reviewed and embedded holds facts.
    pub title: Option<String>,
    /// Identifier shared by all advisories about this flaw in this package; `id` when alone.
    pub cluster: String,
}

impl Advisory {
    /// An advisory with nothing but its name.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, package: &str, id: &str, kind: Kind) -> Self {
        Self {
            id: id.to_owned(),
            aliases: Vec::new(),
            ecosystem,
            package: package.to_owned(),
            kind,
            ranges: Vec::new(),
            cvss: Vec::new(),
            published: None,
            modified: None,
            withdrawn: None,
            arch: Vec::new(),
            os: Vec::new(),
            functions: Vec::new(),
            commits: Vec::new(),
            window: None,
            links: Vec::new(),
            title: None,
            cluster: id.to_owned(),
        }
    }

    /// The package name in the form it is compared in.
    #[must_use]
    pub fn key(&self) -> String {
        self.ecosystem.normalise(&self.package)
    }
}

/// Where a set of advisories comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// Ecosystem of all its advisories.
    pub ecosystem: Ecosystem,
    /// Short name, e.g. `rustsec/advisory-db`.
    pub name: String,
    /// Commit or other revision; `-` when there is none.
    pub commit: String,
    /// The day the data stands for.
    pub as_of: Date,
    /// SPDX expression.
    pub licence: String,
    /// Home page.
    pub url: String,
    /// Number of advisory and package pairs.
    pub count: u64,
}

impl SourceInfo {
    /// Whether it is a database as somebody published it, and not a file kept by hand, which has no
    /// revision.
    #[must_use]
    pub fn is_feed(&self) -> bool {
        self.commit != "-"
    }
}

/// The advisories of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Where they come from; `count` is kept equal to the length of `advisories`.
    pub source: SourceInfo,
    /// The advisories, in the order of [`Section::sort`].
    pub advisories: Vec<Advisory>,
}

impl Section {
    /// Puts the section in its one order: by package as compared, then package as written, then id.
    pub fn sort(&mut self) {
        self.advisories.sort_by_cached_key(|a| (a.key(), a.package.clone(), a.id.clone()));
        self.source.count = self.advisories.len() as u64;
    }
}
