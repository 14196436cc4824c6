//! Descriptions of data sets in the words of Croissant, 1.0 and 1.1, with its vocabulary for responsible use. Source:
//! MLCommons, "Croissant Format Specification" and "Croissant RAI".
//!
//! JSON-LD may spell one thing in many ways. What is read is the spelling that the specification recommends and all
//! known writers use: the default vocabulary is schema.org, `cr:` and `rai:` stand before the others. A document with
//! other words is none that can be read, and no data set comes of it.

use std::collections::BTreeSet;

use super::config::whole;
use super::config::word;
use super::front;
use super::plain;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Distribution;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Party;
use crate::sbom::time::seconds;
use crate::source::Spanned;

/// Files of one data set.
const FILES: usize = 100_000;
/// Items of one list.
const LIST: usize = 256;
/// Characters of one text.
const TEXT: usize = 1000;

/// Reads a description; none where the document is another one.
pub(super) fn read(text: &str, budget: &mut Budget) -> Option<Told> {
    let read = json::parse(text, budget);
    let root = read.root.as_ref()?;
    let is_dataset = types(root)
        .any(|kind| matches!(kind, "sc:Dataset" | "Dataset" | "schema:Dataset" | "https://schema.org/Dataset"));
    let conforms =
        texts(root, &["conformsTo", "dct:conformsTo"]).iter().any(|to| to.contains("mlcommons.org/croissant"));
    let has_parts =
        root.get("recordSet").is_some() || root.get("cr:recordSet").is_some() || root.get("distribution").is_some();
    if !is_dataset || !(conforms || has_parts && has_croissant(root.get("@context"))) {
        return None;
    }
    let mut told = Told { form: Form::Croissant, subject: Subject::Dataset, is_sure: true, ..Told::default() };
    told.name = word(root, "name").or_else(|| word(root, "sc:name"));
    told.version =
        word(root, "version").or_else(|| root.get("version").and_then(whole).map(|number| number.to_string()));
    told.description = long(root, &["description", "sc:description"], 300);
    told.released = texts(root, &["datePublished", "sc:datePublished"]).iter().find_map(|text| day(text));
    licences(root, &mut told);
    for key in ["creator", "author"] {
        told.makers.extend(parties(root.get(key)));
    }
    told.card.custodians = parties(root.get("publisher"));
    for (key, kind) in [("url", LinkKind::Website), ("sameAs", LinkKind::Website)] {
        let addresses = texts(root, &[key]).into_iter().filter(|text| front::is_address(text));
        told.links.extend(addresses.map(|url| Link { kind, url }));
    }
    responsible(root, &mut told);
    told.card
        .tags
        .extend(texts(root, &["keywords", "sc:keywords"]).into_iter().filter(|text| text.chars().count() <= 120));
    told.card
        .languages
        .extend(texts(root, &["inLanguage"]).into_iter().filter(|text| text.len() <= 35 && !text.contains(' ')));
    files(root, &mut told);
    records(root, &mut told);
    Some(told)
}

/// Whether the words of Croissant are defined.
fn has_croissant(context: Option<&Value>) -> bool {
    let Some(context) = context else { return false };
    let names = |value: &Value| {
        value.as_str().is_some_and(|text| text.contains("mlcommons.org/croissant"))
            || value
                .entries()
                .iter()
                .any(|entry| entry.value.as_str().is_some_and(|text| text.contains("mlcommons.org/croissant")))
    };
    names(context) || context.items().iter().take(LIST).any(names)
}

fn types(value: &Value) -> impl Iterator<Item = &str> {
    let kind = value.get("@type");
    kind.and_then(Value::as_str).into_iter().chain(kind.into_iter().flat_map(Value::items).filter_map(Value::as_str))
}

/// Texts of the first of some keys that is there: one, or those of a list; of what has an address, that.
fn texts(value: &Value, keys: &[&str]) -> Vec<String> {
    let Some(value) = keys.iter().find_map(|key| value.get(key)) else { return Vec::new() };
    let one = std::slice::from_ref(value);
    let all = if value.as_array().is_some() { value.items() } else { one };
    let text = |value: &Value| {
        let text = value
            .as_str()
            .or_else(|| ["@id", "@value", "name", "url"].iter().find_map(|key| value.get(key)?.as_str()))?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    all.iter().take(LIST).filter_map(text).collect()
}

/// The texts of the first of some keys as one, without marks.
fn long(value: &Value, keys: &[&str], most: usize) -> Option<String> {
    let texts = texts(value, keys);
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    plain::text(&lines, most)
}

fn licences(root: &Value, told: &mut Told) {
    let Some(value) = root.get("license").or_else(|| root.get("sc:license")) else { return };
    for text in texts(root, &["license", "sc:license"]) {
        if plain::is_blank(&text) || text.len() > 2048 {
            continue;
        }
        let (name, url) = if front::is_address(&text) {
            // The page of a licence ends with its name where it is one of SPDX's.
            let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            (front::licence(last.trim_end_matches(".html")), Some(text.clone()))
        } else {
            (front::licence(&text), None)
        };
        let name = match (name, &url) {
            (crate::sbom::model::LicenceName::Named(_), Some(url)) => {
                crate::sbom::model::LicenceName::Named(url.clone())
            }
            (name, _) => name,
        };
        told.licences.push(Spanned::new(Licence { name, url, standing: LicenceStanding::Declared }, value.span));
    }
}

fn parties(value: Option<&Value>) -> Vec<Party> {
    let Some(value) = value else { return Vec::new() };
    let one = std::slice::from_ref(value);
    let all = if value.as_array().is_some() { value.items() } else { one };
    let mut out = Vec::new();
    for value in all.iter().take(LIST) {
        let name = match value.as_str() {
            Some(text) => Some(text.trim().to_owned()),
            None => word(value, "name").or_else(|| word(value, "sc:name")),
        };
        let Some(name) = name.filter(|name| !name.is_empty() && name.chars().count() <= 120) else { continue };
        let urls: BTreeSet<String> =
            texts(value, &["url", "@id"]).into_iter().filter(|url| front::is_address(url)).collect();
        let emails: BTreeSet<String> =
            texts(value, &["email"]).into_iter().filter(|mail| mail.contains('@') && mail.len() <= 254).collect();
        let is_person = types(value).any(|kind| kind.ends_with("Person"));
        out.push(Party { name, urls, emails, is_person });
    }
    out
}

/// What the vocabulary for responsible use says.
fn responsible(root: &Value, told: &mut Told) {
    let text = |name: &str| long(root, &[&format!("rai:{name}")], TEXT);
    let card = &mut told.card;
    card.collection = text("dataCollection").or_else(|| text("dataCollectionType"));
    card.preprocessing = text("dataPreprocessingProtocol").or_else(|| text("dataManipulationProtocol"));
    card.sensitive = text("personalSensitiveInformation");
    card.updates = text("dataReleaseMaintenancePlan");
    card.bias = text("dataBiases").or_else(|| text("dataBias"));
    card.limitations = text("dataLimitations").or_else(|| text("dataLimitation"));
    card.intended_use = text("dataUseCases");
    card.ethics = text("dataSocialImpact");
    for name in [
        "dataCollectionTimeframe",
        "dataAnnotationProtocol",
        "dataAnnotationPlatform",
        "machineAnnotationTools",
        "annotatorDemographics",
    ] {
        if let Some(value) = long(root, &[&format!("rai:{name}")], 300) {
            card.settings.insert(name.to_owned(), value);
        }
    }
}

/// Files with their digests and addresses. A repository as a whole and a pattern of names are no files.
fn files(root: &Value, told: &mut Told) {
    let list = root.get("distribution").map(Value::items).unwrap_or_default();
    let mut bytes = Some(0_u64);
    for file in list.iter().take(FILES) {
        let is_file = types(file).any(|kind| matches!(kind, "cr:FileObject" | "FileObject"));
        let is_repository = word(file, "encodingFormat").is_some_and(|format| format.starts_with("git+"));
        if !is_file || is_repository || file.get("containedIn").is_some() {
            continue;
        }
        let hashes: BTreeSet<Hash> = [("sha256", Algorithm::Sha256), ("md5", Algorithm::Md5)]
            .into_iter()
            .filter_map(|(key, algorithm)| Hash::new(algorithm, file.get(key)?.as_str()?.trim()))
            .collect();
        let url = texts(file, &["contentUrl", "sc:contentUrl"]).into_iter().find(|text| front::is_address(text));
        let name = word(file, "name").or_else(|| word(file, "@id"));
        bytes = bytes.and_then(|all| all.checked_add(size(file)?));
        if url.is_some() || !hashes.is_empty() {
            told.distributions.push(Distribution { name, url, hashes });
        }
    }
    told.card.bytes = bytes.filter(|bytes| *bytes > 0);
}

/// Bytes of a file: a number, or one with `B` or a larger unit behind it.
fn size(file: &Value) -> Option<u64> {
    let value = file.get("contentSize")?;
    if let Some(number) = whole(value) {
        return Some(number);
    }
    let text = value.as_str()?.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text.get(digits.len()..)?.trim();
    // A unit that rounds tells no number of bytes.
    matches!(unit, "" | "B" | "bytes").then(|| digits.parse().ok()).flatten()
}

/// Kinds of data, and names of parts.
fn records(root: &Value, told: &mut Told) {
    let sets = root.get("recordSet").or_else(|| root.get("cr:recordSet")).map(Value::items).unwrap_or_default();
    for set in sets.iter().take(LIST) {
        let is_split = texts(set, &["dataType"]).iter().any(|kind| kind == "cr:Split");
        for row in set.get("data").filter(|_| is_split).map(Value::items).unwrap_or_default().iter().take(LIST) {
            let names = row.entries().iter().filter_map(|entry| entry.value.as_str());
            for name in names.filter(|name| !name.is_empty() && name.len() <= 120) {
                told.card.splits.entry(name.to_owned()).or_insert(None);
            }
        }
        for field in set.get("field").map(Value::items).unwrap_or_default().iter().take(LIST) {
            for kind in texts(field, &["dataType"]) {
                let kind = match kind.rsplit([':', '/']).next().unwrap_or_default() {
                    "ImageObject" => "image",
                    "AudioObject" => "audio",
                    "VideoObject" => "video",
                    _ => continue,
                };
                told.card.data_kinds.insert(kind.to_owned());
            }
        }
    }
}

/// The beginning of a day that is written as in ISO 8601, in seconds since 1970. What is older is a slip of the pen.
fn day(text: &str) -> Option<i64> {
    seconds(text.get(..10)?).filter(|day| *day >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-03-01", Some(951_868_800)),
            ("2024-02-29T12:00:00Z", Some(1_709_164_800)),
            ("2024-13-01", None),
            ("soon", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }
}
