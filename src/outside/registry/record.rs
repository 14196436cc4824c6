//! What a registry said of a name, as it is kept and looked up: one record a name, all registries alike.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::advisory::{Date, Ecosystem, pep440};
use crate::outside::facts::ReleaseFacts;

/// The form of kept records; another is asked for again.
const FORMAT: u32 = 1;
/// Releases of a name that are taken.
pub const MAX_RELEASES: usize = 20_000;
/// Bytes of a text that are taken.
const MAX_TEXT: usize = 256;
/// Owners and addresses that are taken.
const MAX_LISTED: usize = 64;
/// Bytes of a time that say when to the second.
const SECONDS: usize = 19;

/// What is known of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: u32,
    /// The address of the registry.
    pub from: String,
    /// The day it was asked, `YYYY-MM-DD`.
    pub as_of: String,
    /// Whether it knows the name.
    pub exists: bool,
    /// Releases by version, in the spelling of [`key`].
    pub releases: BTreeMap<String, Release>,
    /// What is asked only of names that a person chose.
    pub about: Option<About>,
}

/// What is known of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Withdrawn.
    pub yanked: bool,
    /// Why.
    pub reason: Option<String>,
    /// When it came out, to the second.
    pub released: Option<String>,
    /// Whether it came with proof of where it was built.
    pub attested: Option<bool>,
    /// A file of it that has an attestation.
    pub attested_file: Option<String>,
    /// The repository that the proof names.
    pub attested_repository: Option<String>,
    /// All of its files are source distributions.
    pub only_source: Option<bool>,
    /// Its licence.
    pub licence: Option<String>,
}

/// What is known of a name beside its releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The day that was asked, `YYYY-MM-DD`.
    pub as_of: String,
    /// Addresses of repositories and pages that the metadata names.
    pub repositories: Vec<String>,
    /// Who may publish, sorted; empty where the registry does not say.
    pub owners: Vec<String>,
    /// Who could when it was last asked.
    pub owners_before: Option<Vec<String>>,
    /// When the name was first taken.
    pub created: Option<String>,
}

impl Record {
    /// A record of a day.
    #[must_use]
    pub fn new(from: &str, today: Date, exists: bool) -> Self {
        Self { format: FORMAT, from: from.to_owned(), as_of: today.to_string(), exists, ..Self::default() }
    }

    /// Reads what was kept; none where it is damaged, of another form or of another registry.
    #[must_use]
    pub fn read(bytes: &[u8], from: &str, today: Date) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let is_dated = Date::parse(&record.as_of).is_some_and(|day| day <= today);
        (record.format == FORMAT && record.from == from && is_dated).then_some(record)
    }

    /// A line of JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = serde_json::to_vec(self).unwrap_or_default();
        out.push(b'\n');
        out
    }

    /// Days since it was asked.
    #[must_use]
    pub fn age(&self, today: Date) -> i64 {
        age(&self.as_of, today)
    }

    /// Takes over what does not change and is not looked up each time.
    pub fn take_over(&mut self, kept: Self) {
        self.about = kept.about;
        for (key, old) in kept.releases {
            if let Some(new) = self.releases.get_mut(&key)
                && new.attested_file.is_some()
                && new.attested_file == old.attested_file
            {
                new.attested_repository = old.attested_repository;
            }
        }
    }

    /// What it says of a release, or of the name alone.
    #[must_use]
    pub fn facts(&self, ecosystem: Ecosystem, version: Option<&str>, source: &str) -> ReleaseFacts {
        let day = |text: &Option<String>| text.as_deref().and_then(Date::parse);
        let wanted = version.map(|v| key(ecosystem, v));
        let release = wanted.as_ref().and_then(|key| self.releases.get(key));
        let first = self.releases.values().filter_map(|r| day(&r.released)).min();
        let created = self.about.as_ref().and_then(|about| day(&about.created));
        let mut facts = ReleaseFacts {
            name_exists: Some(self.exists),
            release_exists: wanted.as_ref().map(|_| release.is_some()),
            first_released: first.into_iter().chain(created).min(),
            source: source.to_owned(),
            as_of: Date::parse(&self.as_of),
            ..ReleaseFacts::default()
        };
        if let Some(about) = &self.about {
            facts.owners = about.owners.clone();
            facts.owners_before = about.owners_before.clone();
            facts.repository = about.repositories.first().cloned();
        }
        let (Some(key), Some(release)) = (wanted, release) else { return facts };
        facts.yanked = Some(release.yanked);
        facts.yanked_reason = release.reason.clone();
        facts.released = day(&release.released);
        facts.attested = release.attested;
        facts.attested_before = self.attested_before(ecosystem, &key, release);
        facts.attested_repository = release.attested_repository.clone();
        facts.only_source = release.only_source;
        facts.licence = release.licence.clone();
        // Metadata names several addresses; where one of them is the proven one, that is the repository.
        if let (Some(about), Some(proven)) = (&self.about, &release.attested_repository) {
            let same = |url: &&String| super::repository::normal(url) == super::repository::normal(proven);
            facts.repository = about.repositories.iter().find(same).or(about.repositories.first()).cloned();
        }
        facts
    }

    /// Whether what came before a release had proof: the one before it in time and the one below it. A
    /// release on an old branch follows neither alone.
    fn attested_before(&self, ecosystem: Ecosystem, key: &str, release: &Release) -> Option<bool> {
        let others = || self.releases.iter().filter(|(other, r)| other.as_str() != key && !r.yanked);
        let when = release.released.as_ref()?;
        let in_time = others()
            .filter(|(_, r)| r.released.as_ref().is_some_and(|time| time < when))
            .max_by(|(_, a), (_, b)| a.released.cmp(&b.released))?;
        let below = others()
            .filter(|(other, _)| compare(ecosystem, other, key) == Some(Ordering::Less))
            .max_by(|(a, _), (b, _)| compare(ecosystem, a, b).unwrap_or(Ordering::Equal));
        let below = below.map_or(Some(true), |(_, r)| r.attested)?;
        Some(in_time.1.attested? && below)
    }
}

/// Days since a day as it is kept; endless where it is none.
#[must_use]
pub fn age(day: &str, today: Date) -> i64 {
    Date::parse(day).map_or(i64::MAX, |day| today.days() - day.days())
}

/// The version in the spelling that records are looked up by.
#[must_use]
pub fn key(ecosystem: Ecosystem, version: &str) -> String {
    match ecosystem {
        Ecosystem::PyPi => pep440::canonical(version).unwrap_or_else(|| cut(version)),
        // Cargo takes versions for one that differ in what follows the `+`, and the index holds one of them.
        _ => cut(version.split('+').next().unwrap_or(version)),
    }
}

fn compare(ecosystem: Ecosystem, one: &str, other: &str) -> Option<Ordering> {
    match ecosystem {
        Ecosystem::PyPi => pep440::compare(one, other),
        _ => Some(semver::Version::parse(one).ok()?.cmp(&semver::Version::parse(other).ok()?)),
    }
}

/// A stranger's text, cut to what is taken.
pub(super) fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// A stranger's list: sorted, each once, cut.
pub(super) fn listed(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = texts.map(|text| cut(&text)).collect();
    out.sort_unstable();
    out.dedup();
    out.truncate(MAX_LISTED);
    out
}

/// A time to the second; none where it does not begin with a day.
pub(super) fn time(text: &str) -> Option<String> {
    Date::parse(text)?;
    let mut end = text.len().min(SECONDS);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Some(text[..end].replace(' ', "T"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(day: &str, attested: Option<bool>) -> Release {
        Release { released: Some(format!("{day}T10:00:00")), attested, ..Release::default() }
    }

    fn record(releases: &[(&str, Release)]) -> Record {
        let today = Date::new(2026, 11, 23).unwrap();
        let mut record = Record::new("https://example.com", today, true);
        record.releases = releases.iter().map(|(v, r)| (key(Ecosystem::PyPi, v), r.clone())).collect();
        record
    }

    #[test]
    fn what_came_before_is_before_in_time_and_below() {
        let (yes, no) = (Some(true), Some(false));
        for (releases, asked, before) in [
            (vec![("1.0", release("2026-01-01", yes)), ("1.1", release("2026-02-01", no))], "1.1", Some(true)),
            (vec![("1.0", release("2026-01-01", no)), ("1.1", release("2026-02-01", no))], "1.1", Some(false)),
            // A release on an old branch, after the new branch has proofs.
            (
                vec![
                    ("1.8", release("2026-01-01", no)),
                    ("2.0", release("2026-02-01", yes)),
                    ("1.9", release("2026-03-01", no)),
                ],
                "1.9",
                Some(false),
            ),
            (vec![("1.0", release("2026-01-01", None)), ("1.1", release("2026-02-01", no))], "1.1", None),
            (vec![("1.0", release("2026-01-01", no))], "1.0", None),
        ] {
            let facts = record(&releases).facts(Ecosystem::PyPi, Some(asked), "PyPI");
            assert_eq!(facts.attested_before, before, "{asked} of {releases:?}");
        }
    }

    #[test]
    fn versions_are_found_in_any_spelling() {
        let record = record(&[("1.0", release("2026-01-01", None)), ("2.0rc1", release("2026-02-01", None))]);
        for (version, there) in
            [("1.0.0", true), ("1", true), ("v1.0", true), ("1.0+cu124", true), ("2.0.0-rc.1", true), ("1.0.1", false)]
        {
            let facts = record.facts(Ecosystem::PyPi, Some(version), "PyPI");
            assert_eq!(facts.release_exists, Some(there), "{version}");
            assert_eq!(facts.first_released, Date::new(2026, 1, 1));
        }
        assert_eq!(record.facts(Ecosystem::PyPi, None, "PyPI").release_exists, None);
        assert_eq!(key(Ecosystem::CratesIo, "1.0.0+build.5"), "1.0.0");
    }

    #[test]
    fn only_sound_records_are_read_again() {
        let today = Date::new(2026, 11, 23).unwrap();
        let record = record(&[("1.0", release("2026-01-01", Some(true)))]);
        let bytes = record.write();
        assert_eq!(Record::read(&bytes, "https://example.com", today), Some(record.clone()));
        assert_eq!(record.age(Date::new(2026, 11, 25).unwrap()), 2);
        for (bytes, from, today) in [
            (&bytes[..bytes.len() / 2], "https://example.com", today),
            (b"", "https://example.com", today),
            (&bytes[..], "https://other.example.com", today),
            // From a day to come.
            (&bytes[..], "https://example.com", Date::new(2026, 11, 22).unwrap()),
        ] {
            assert_eq!(Record::read(bytes, from, today), None);
        }
        let other = String::from_utf8(bytes).unwrap().replace("\"format\":1", "\"format\":2");
        assert_eq!(Record::read(other.as_bytes(), "https://example.com", today), None);
    }

    #[test]
    fn texts_are_cut_at_borders_of_characters() {
        assert_eq!(cut(&"é".repeat(200)).len(), 256);
        assert_eq!(cut(&format!("a{}", "é".repeat(200))).len(), 255);
        assert_eq!(time("2026-01-02 03:04:05.678+00:00").as_deref(), Some("2026-01-02T03:04:05"));
        assert_eq!(time("2026-01-02T03:04:0é").as_deref(), Some("2026-01-02T03:04:0"));
        assert_eq!(time("yesterday"), None);
        assert_eq!(listed((0..100).map(|n| format!("{}", n % 70))).len(), 64);
    }
}
