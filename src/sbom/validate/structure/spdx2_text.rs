//! What the text of SPDX 2 asks for and its schema does not: SPDX 2.3, clauses 6, 10 and 12.

use std::collections::BTreeSet;

use super::At;
use super::Place;
use super::walk;
use crate::parse::json::Value;
use crate::sbom::time;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::short;

/// How those who made a document, or a part, are written.
const PEOPLE: &[&str] = &["Person: ", "Organization: ", "Tool: "];
/// Keys whose values are times.
const TIMES: &[&str] = &["created", "annotationDate", "reviewDate", "releaseDate", "builtDate", "validUntilDate"];
/// Keys whose values are licences.
const LICENCES: &[&str] =
    &["licenseConcluded", "licenseDeclared", "licenseInfoFromFiles", "licenseInfoInFiles", "licenseInfoInSnippets"];

pub(super) fn check(root: &Value, findings: &mut Findings) {
    let infos = root.get("hasExtractedLicensingInfos").map_or(&[][..], Value::items);
    let known: BTreeSet<&str> = infos.iter().filter_map(|one| one.get("licenseId")?.as_str()).collect();
    walk(root, &At::ROOT, &mut |value, at| {
        let Some(text) = value.as_str() else { return };
        let name = at.name();
        let mut tell = |message: String| findings.at(Check::SpdxText, &Place::of(value, at), message);
        if name == "dataLicense" && text != "CC0-1.0" {
            tell(format!("`dataLicense` is CC0-1.0, and not \"{}\"", short(text)));
        } else if name == "documentNamespace" && !is_namespace(text) {
            tell(format!("\"{}\" is no absolute URI without a fragment", short(text)));
        } else if matches!(name, "creators" | "annotator" | "reviewer")
            && !PEOPLE.iter().any(|one| text.starts_with(one))
        {
            tell(format!(
                "\"{}\" does not say whether it is a Person, an Organization or a Tool: `Person: NAME`",
                short(text)
            ));
        } else if TIMES.contains(&name) && time::seconds(text).is_none_or(|_| !text.ends_with('Z')) {
            tell(format!("\"{}\" is no time as SPDX writes them: YYYY-MM-DDThh:mm:ssZ", short(text)));
        } else if LICENCES.contains(&name) {
            for one in text.split(|sign: char| sign.is_whitespace() || matches!(sign, '(' | ')' | '+')) {
                // Those of other documents have their document in front.
                if one.starts_with("LicenseRef-") && !known.contains(one) {
                    tell(format!("{} has no text in `hasExtractedLicensingInfos`", short(one)));
                }
            }
        }
    });
}

/// An absolute address without a fragment.
fn is_namespace(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    !scheme.is_empty()
        && scheme.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !text.contains(['#', ' '])
}
