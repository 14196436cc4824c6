//! Licences, each written once: as expressions of SPDX's list, or by the name that they are given where it has none.

use std::collections::BTreeMap;
use std::io;

use ring::digest;

use crate::sbom::Bom;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;

use super::element::Elements;
use super::element::Name;
use super::names;

/// Everything of a licence but who says that it is one.
type Key<'b> = (&'b LicenceName, Option<&'b String>);

/// Every licence that a document names, with its place among those of its text.
pub(super) struct Licences<'b> {
    all: BTreeMap<Key<'b>, usize>,
}

fn key(licence: &Licence) -> Key<'_> {
    (&licence.name, licence.url.as_ref())
}

impl<'b> Licences<'b> {
    /// Every licence that a document names.
    pub(super) fn of(bom: &'b Bom) -> Self {
        let others = bom.components.iter().flat_map(|one| &one.licences);
        let all = bom.about.licences.iter().chain(others).filter(|licence| !licence.name.text().trim().is_empty());
        let mut all: BTreeMap<Key<'b>, usize> = all.map(|licence| (key(licence), 0)).collect();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for ((name, _), place) in &mut all {
            let next = places.entry(name.text()).or_default();
            *place = *next;
            *next += 1;
        }
        Self { all }
    }

    /// The name of a licence's element.
    pub(super) fn name(&self, licence: &'b Licence) -> Option<Name<'b>> {
        self.all.get(&key(licence)).map(|place| Name::Of("licence", *place, licence.name.text()))
    }

    /// Writes every licence.
    pub(super) fn write(&self, elements: &mut Elements<'_>) -> io::Result<()> {
        for ((name, url), place) in &self.all {
            let text = name.text();
            let own = matches!(name, LicenceName::Named(_));
            let reference = reference(text);
            elements.element("simplelicensing_LicenseExpression", Name::Of("licence", *place, text), |object| {
                if let (Some(url), false) = (url, own) {
                    object.links([("license", url.as_str(), None)]);
                }
                object.text("simplelicensing_licenseExpression", if own { &reference } else { text });
                object.objects("simplelicensing_customIdToUri", own.then_some(()), |object, ()| {
                    object.text("type", "DictionaryEntry");
                    object.text("key", &reference);
                    object.name("value", Name::Of("licence-text", *place, text));
                });
            })?;
            if own {
                elements.element(
                    "simplelicensing_SimpleLicensingText",
                    Name::Of("licence-text", *place, text),
                    |object| {
                        object.text("name", text);
                        object.text("comment", names::NO_TEXT);
                        object.links(url.map(|url| ("license", url.as_str(), None)));
                        object.text("simplelicensing_licenseText", text);
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// The reference by which an expression names a licence that SPDX's list lacks. Where its name has characters that a
/// reference cannot, a part of its digest keeps it from being another's.
fn reference(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let mut text = "LicenseRef-".to_owned();
    const LONGEST: usize = 64;
    text.extend(name.chars().take(LONGEST).map(|c| if is_plain(c) { c } else { '-' }));
    if !name.chars().all(is_plain) || name.chars().nth(LONGEST).is_some() {
        text.push('-');
        let digest = digest::digest(&digest::SHA256, name.as_bytes());
        text.extend(digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_plain_and_not_those_of_others() {
        assert_eq!(reference("llama3.2"), "LicenseRef-llama3.2");
        let (one, other) = (reference("Example Licence"), reference("Example/Licence"));
        assert!(one.starts_with("LicenseRef-Example-Licence-") && one != other, "{one} {other}");
        assert!(reference(&"é".repeat(1000)).len() < 100);
    }
}
