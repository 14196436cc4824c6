//! Package URLs, digests and licences of one part.

use std::collections::BTreeMap;

use super::At;
use crate::parse::json::Value;
use crate::parse::licence;
use crate::sbom::model::Algorithm;
use crate::sbom::purl::Purl;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::formats;
use crate::sbom::validate::formats::LicenceId;
use crate::sbom::validate::interpret::short;

/// What a part says of itself beside its package URL.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) version: Option<&'a str>,
    /// Whether it is data, which type `huggingface` does not name.
    pub(super) is_data: bool,
}

/// Types whose versions say something else than that of the part: a digest beside a tag.
const OTHER_VERSIONS: &[&str] = &["oci", "docker", "github", "generic", "swid", "deb", "rpm", "apk", "alpm"];

/// Looks at a package URL.
pub(super) fn purl(value: &Value, at: &At<'_>, said: Said<'_>, findings: &mut Findings) {
    let Some(text) = value.as_str().filter(|text| !text.trim().is_empty()) else { return };
    let start = value.span.start;
    let purl = match Purl::legal(text) {
        Ok(purl) => purl,
        Err(why) => {
            let message = format!("\"{}\" is no package URL: {why}", short(text));
            findings.push(Check::Purl, at.pointer(), start, message);
            return;
        }
    };
    let canonical = purl.to_string();
    if !purl.is_spelt(text) {
        let message = format!("\"{}\" is spelt \"{}\"", short(text), short(&canonical));
        findings.push(Check::PurlSpelling, at.pointer(), start, message);
    }
    if said.is_data && purl.kind() == "huggingface" {
        let message = "type huggingface names models, and the part is data".to_owned();
        findings.push(Check::PurlDiffers, at.pointer(), start, message);
        return;
    }
    if let Some(name) = said.name.filter(|name| !is_same_name(&purl, said.group, name)) {
        let message = format!("the package URL names {}, the part {}", short(purl.name()), short(name));
        findings.push(Check::PurlDiffers, at.pointer(), start, message);
        return;
    }
    let (Some(theirs), Some(own)) = (purl.version.as_deref(), said.version.filter(|own| !own.is_empty())) else {
        return;
    };
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        // Go writes its own releases as `go1.18`.
        let rest = text.strip_prefix("go").filter(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()));
        rest.unwrap_or_else(|| text.trim_start_matches(['v', '='])).to_owned()
    };
    let epoch = own.split_once(':').map_or(own, |(_, rest)| rest);
    if !OTHER_VERSIONS.contains(&purl.kind()) && bare(theirs) != bare(own) && bare(theirs) != bare(epoch) {
        let message = format!("the package URL names version {}, the part {}", short(theirs), short(own));
        findings.push(Check::PurlDiffers, at.pointer(), start, message);
    }
}

/// Whether the name of a part is that of its package URL: alone, with its group, or within a path.
fn is_same_name(purl: &Purl, group: Option<&str>, name: &str) -> bool {
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (own, wanted) = (bare(name), bare(purl.name()));
    // Names of other scripts, or of nothing but marks, are not compared.
    own.is_empty()
        || wanted.is_empty()
        || own == wanted
        || own.contains(&wanted)
        || wanted.contains(&own)
        || group.is_some_and(|group| {
            bare(&format!("{group}{name}")) == bare(purl.package().split_once('/').map_or("", |p| p.1))
        })
        || purl.part.as_deref().is_some_and(|part| bare(part).ends_with(&own))
        || purl.namespace().is_some_and(|namespace| own.ends_with(&bare(namespace)))
}

/// Digests of one thing: `name` and `value` are the fields of each.
pub(super) fn hashes(list: &Value, at: &At<'_>, name: &str, field: &str, findings: &mut Findings) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, hash) in list.items().iter().enumerate() {
        let (Some(algorithm), Some(content)) = (hash.get(name).and_then(Value::as_str), hash.get(field)) else {
            continue;
        };
        let Some(digest) = content.as_str() else { continue };
        let start = content.span.start;
        let place = |at: &At<'_>| at.item(index).key(field).pointer();
        if let Some(known) = Algorithm::of_name(algorithm) {
            let digits = known.digits();
            if digest.len() != digits {
                let message = format!("a {algorithm} has {digits} hexadecimal digits, and this {}", digest.len());
                findings.push(Check::HashLength, place(at), start, message);
            } else if !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let message = format!("a {algorithm} is hexadecimal, and \"{}\" is not", short(digest));
                findings.push(Check::HashLength, place(at), start, message);
            }
        }
        match seen.get(algorithm) {
            Some(first) if !first.eq_ignore_ascii_case(digest) => {
                let message = format!("there are two different digests by {} here", short(algorithm));
                findings.push(Check::HashDiffers, place(at), start, message);
            }
            _ => {
                seen.insert(algorithm, digest);
            }
        }
    }
}

/// Digests of releases that the parts before had, by package URL and algorithm.
#[derive(Debug, Default)]
pub(super) struct Releases {
    by_purl: BTreeMap<String, BTreeMap<String, String>>,
}

impl Releases {
    /// Takes the digests of a part; told where another part of the same release has others.
    pub(super) fn take(
        &mut self,
        purl: &str,
        list: &Value,
        at: &At<'_>,
        (name, field): (&str, &str),
        findings: &mut Findings,
    ) {
        // Without a version it is no release.
        let Some(purl) = Purl::parse(purl).filter(|purl| purl.version.is_some()) else { return };
        let known = self.by_purl.entry(purl.to_string()).or_default();
        let is_first = known.is_empty();
        for (index, hash) in list.items().iter().enumerate() {
            let (Some(algorithm), Some(digest)) =
                (hash.get(name).and_then(Value::as_str), hash.get(field).and_then(Value::as_str))
            else {
                continue;
            };
            match known.get(algorithm) {
                Some(other) if !is_first && !other.eq_ignore_ascii_case(digest) => {
                    let message = format!("another part of this release has another {} digest", short(algorithm));
                    findings.push(Check::SameRelease, at.item(index).pointer(), hash.span.start, message);
                }
                Some(_) => {}
                None => drop(known.insert(algorithm.to_owned(), digest.to_owned())),
            }
        }
    }
}

/// The id of a licence that is on a newer list than that of CycloneDX's schema.
pub(super) fn licence_id(value: &Value, at: &At<'_>, findings: &mut Findings) {
    let Some(text) = value.as_str() else { return };
    if formats::licence_id(text) == LicenceId::Newer {
        let message = format!("{text} is on SPDX's list, and not yet on that of CycloneDX's schema");
        findings.push(Check::NewLicenceId, at.pointer(), value.span.start, message);
    }
}

/// An expression of SPDX.
pub(super) fn expression(value: &Value, at: &At<'_>, findings: &mut Findings) {
    let Some(text) = value.as_str().filter(|text| !text.trim().is_empty()) else { return };
    if !licence::is_expression(text) {
        let message = format!("\"{}\" is no expression of SPDX's licences", short(text));
        findings.push(Check::Expression, at.pointer(), value.span.start, message);
    }
}
