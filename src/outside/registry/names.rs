//! One name at a time: which documents are asked for, what of them is kept, and when a host is left alone.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::patience::Patience;
use super::record::{self, Record};
use super::{Fetch, Host, Keep, Lack, Manner, Target, crates, pypi};
use crate::advisory::Ecosystem;
use crate::outside::Answer;

/// Longest name that is asked about, in bytes.
const LONGEST: usize = 128;

/// Asks about names.
pub(super) struct Names<'a> {
    hosts: Patience<'a>,
    keep: &'a dyn Keep,
    manner: &'a Manner,
    /// Whether a host knows what everybody knows.
    believed: Mutex<BTreeMap<Host, Result<(), String>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(fetch: &'a dyn Fetch, keep: &'a dyn Keep, manner: &'a Manner) -> Self {
        Self { hosts: Patience::new(fetch), keep, manner, believed: Mutex::default() }
    }

    /// Answers to questions about one name. More is looked up where the name itself is asked about.
    pub(super) fn ask(&self, ecosystem: Ecosystem, name: &str, versions: &[Option<&str>]) -> Vec<Answer> {
        let (from, source) = match ecosystem {
            Ecosystem::PyPi => (&self.manner.pypi, "PyPI"),
            Ecosystem::CratesIo => (&self.manner.crates_io, "crates.io"),
            _ => return versions.iter().map(|_| Answer::Unknown("it has no registry".to_owned())).collect(),
        };
        let unknown = |why: &str| versions.iter().map(|_| Answer::Unknown(why.to_owned())).collect();
        if !is_name(name) {
            return unknown("it is no name that a registry holds");
        }
        let wants_about = versions.contains(&None);
        let kept = self.keep.find(ecosystem, name);
        let kept = kept.and_then(|bytes| Record::read(&bytes, from, self.manner.today));
        let (today, max_age) = (self.manner.today, i64::from(self.manner.max_age));
        let mut record = match kept.as_ref().filter(|record| (0..max_age).contains(&record.age(today))) {
            Some(record) => record.clone(),
            None => match self.listing(ecosystem, name, from) {
                Ok(mut record) => {
                    record.take_over(kept.clone().unwrap_or_default());
                    record
                }
                Err(why) => return unknown(&why),
            },
        };
        let mut missing = Vec::new();
        if wants_about && record.exists {
            let is_old = |day: &str| !(0..max_age).contains(&record::age(day, today));
            if record.about.as_ref().is_none_or(|about| is_old(&about.as_of)) {
                missing.extend(self.about(ecosystem, name, &mut record).err());
            }
            if ecosystem == Ecosystem::PyPi {
                for version in versions.iter().flatten() {
                    missing.extend(self.publisher(name, version, &mut record).err());
                }
            }
        }
        if kept.as_ref() != Some(&record) {
            self.keep.put(ecosystem, name, &record.write());
        }
        missing.dedup();
        let answer = |version: &Option<&str>| {
            let mut facts = record.facts(ecosystem, *version, source);
            facts.missing = if version.is_none() { missing.clone() } else { Vec::new() };
            Answer::Release(Box::new(facts))
        };
        versions.iter().map(answer).collect()
    }

    fn listing(&self, ecosystem: Ecosystem, name: &str, from: &str) -> Result<Record, String> {
        let target = listing_of(ecosystem, name);
        let mut record = Record::new(from, self.manner.today, true);
        match self.hosts.get(&target) {
            Ok(bytes) => {
                let releases = match ecosystem {
                    Ecosystem::PyPi => pypi::releases(&bytes, name),
                    _ => crates::releases(&bytes, name),
                };
                record.releases = releases.map_err(|garbled| self.hosts.failed(&target.host, garbled.to_string()))?;
                self.hosts.well(&target.host);
            }
            Err(Lack::NotThere) => {
                self.believe(ecosystem, &target.host)?;
                record.exists = false;
            }
            Err(Lack::Why(why)) => return Err(why),
        }
        Ok(record)
    }

    /// Whether a host is believed when it does not know a name: it must know one that everybody knows. A
    /// mirror that speaks another form says "not found" of every name.
    fn believe(&self, ecosystem: Ecosystem, host: &Host) -> Result<(), String> {
        let mut believed = self.believed.lock().map_err(|_| "an internal error".to_owned())?;
        if let Some(known) = believed.get(host) {
            return known.clone();
        }
        let known = if ecosystem == Ecosystem::PyPi { "pip" } else { "serde" };
        let outcome = match self.hosts.get(&listing_of(ecosystem, known)) {
            Ok(_) => Ok(()),
            Err(Lack::NotThere) => Err(format!("it does not know `{known}` either, so it is no such registry")),
            Err(Lack::Why(why)) => Err(why),
        };
        believed.insert(host.clone(), outcome.clone());
        outcome
    }

    /// Looks up owners and repositories. What was known of owners before stays beside what is known now.
    fn about(&self, ecosystem: Ecosystem, name: &str, record: &mut Record) -> Result<(), String> {
        let json = "application/json";
        let plain = |lack: Lack| match lack {
            Lack::NotThere => "it has no documents about owners and repositories".to_owned(),
            Lack::Why(why) => why,
        };
        let before = record.about.clone().map(|about| about.owners).filter(|owners| !owners.is_empty());
        let (mut about, owners) = if ecosystem == Ecosystem::PyPi {
            let target = Target::new(Host::PyPi, &["pypi", name, "json"], json);
            let bytes = self.hosts.get(&target).map_err(plain)?;
            let about = pypi::about(&bytes).map_err(|garbled| self.hosts.failed(&target.host, garbled.to_string()))?;
            let owners = about.owners.clone();
            (about, Ok(owners))
        } else {
            let target = Target::new(Host::CratesIo, &["api", "v1", "crates", name], json);
            let bytes = self.hosts.get(&target).map_err(plain)?;
            let about = crates::about(&bytes, record)
                .map_err(|garbled| self.hosts.failed(&target.host, garbled.to_string()))?;
            let owners = Target::new(Host::CratesIo, &["api", "v1", "crates", name, "owners"], json);
            let owners = self.hosts.get(&owners).map_err(plain);
            (about, owners.and_then(|bytes| crates::owners(&bytes).map_err(|garbled| garbled.to_string())))
        };
        self.hosts.well(if ecosystem == Ecosystem::PyPi { &Host::PyPi } else { &Host::CratesIo });
        about.as_of = self.manner.today.to_string();
        let outcome = match owners {
            Ok(owners) => {
                (about.owners, about.owners_before) = (owners, before);
                Ok(())
            }
            Err(why) => {
                // The next answer is compared with what was known before, and asked for the next time.
                about.owners = before.unwrap_or_default();
                about.as_of = String::new();
                Err(why)
            }
        };
        record.about = Some(about);
        outcome
    }

    /// Looks up the repository that published a release, where there is proof of one.
    fn publisher(&self, name: &str, version: &str, record: &mut Record) -> Result<(), String> {
        let release = record.releases.get_mut(&record::key(Ecosystem::PyPi, version));
        let Some(release) = release.filter(|r| r.attested_repository.is_none()) else { return Ok(()) };
        let Some(file) = release.attested_file.clone() else { return Ok(()) };
        let written = pypi::version_of(&file, name).map_or_else(|| version.to_owned(), |(version, _)| version);
        let path = ["integrity", name, &written, &file, "provenance"];
        let target = Target::new(Host::PyPi, &path, "application/vnd.pypi.integrity.v1+json");
        let bytes = self.hosts.get(&target).map_err(|lack| match lack {
            Lack::NotThere => "it has no documents about attestations".to_owned(),
            Lack::Why(why) => why,
        })?;
        release.attested_repository =
            pypi::publisher(&bytes).map_err(|garbled| self.hosts.failed(&target.host, garbled.to_string()))?;
        Ok(())
    }
}

fn listing_of(ecosystem: Ecosystem, name: &str) -> Target {
    match ecosystem {
        Ecosystem::PyPi => Target::new(Host::PyPi, &["simple", name, ""], pypi::SIMPLE),
        _ => {
            let path = crates::index_path(name);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            Target::new(Host::CratesIndex, &path, "text/plain")
        }
    }
}

/// Names that a registry could hold; no other is put into an address or the name of a file.
fn is_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    begins && name.len() <= LONGEST && name.bytes().all(is_plain)
}
