//! Licences: expressions, those of SPDX's list, those of a document's own, and sets of them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::sbom::model::LicenceName;

use super::graph;
use super::graph::Graph;

/// Sets within sets.
const DEPTH: usize = 16;
/// Bytes of what a set says.
const LONGEST: usize = 4096;

/// A licence and where its text is found; none where nothing is said.
type Said = Option<(LicenceName, Option<String>)>;

/// Licences of a document by the names of their elements.
pub(super) struct Licences<'g, 'v> {
    graph: &'g Graph<'v>,
    /// What was told before, as sets name each other at will.
    known: RefCell<BTreeMap<String, Said>>,
}

impl<'g, 'v> Licences<'g, 'v> {
    /// Those of a document.
    pub(super) fn of(graph: &'g Graph<'v>) -> Self {
        Self { graph, known: RefCell::default() }
    }

    /// A licence and where its text is found; none where nothing is said.
    pub(super) fn named(&self, id: &str) -> Said {
        if let Some(known) = self.known.borrow().get(id) {
            return known.clone();
        }
        let told = self.told(id);
        self.known.borrow_mut().insert(id.to_owned(), told.clone());
        told
    }

    fn told(&self, id: &str) -> Said {
        let element = self.graph.get(id).map(|(_, element)| element);
        let expression = element.and_then(|one| graph::text(one, "simplelicensing_licenseExpression"));
        let url = element.and_then(url);
        // A name that SPDX's list lacks stands in an expression as a reference to an element that tells it.
        let own = expression.filter(|text| text.starts_with("LicenseRef-")).and_then(|reference| {
            let mut entries = graph::dictionary(element?, "simplelicensing_customIdToUri");
            let (_, target) = entries.find(|(key, _)| *key == reference)?;
            let (_, text) = self.graph.get(target)?;
            let url = url.clone().or_else(|| self::url(text));
            Some((LicenceName::Named(graph::owned(text, "name")?), url))
        });
        let told = own.or_else(|| Some((LicenceName::of_text(&self.text(id, DEPTH)?), url)));
        told.filter(|(name, _)| !matches!(name.text(), "" | "NOASSERTION" | "NONE"))
    }

    /// What a licence, or a set of them, says.
    fn text(&self, id: &str, depth: usize) -> Option<String> {
        let term = graph::term(id);
        if ["NoAssertionLicense", "NoneLicense", "_NoAssertion", "_None"].iter().any(|end| term.ends_with(end)) {
            return None;
        }
        let Some((kind, element)) = self.graph.get(id) else {
            let listed = id.split_once("spdx.org/licenses/").map(|(_, name)| name);
            return Some(listed.unwrap_or(id).chars().take(LONGEST).collect());
        };
        let depth = depth.checked_sub(1)?;
        let one = |key: &str| self.text(graph::references(element, key).next()?, depth);
        let set = |key: &str, word: &str| {
            let mut text = String::new();
            for id in graph::references(element, key) {
                let member = self.text(id, depth)?;
                let member = if member.contains(' ') { format!("({member})") } else { member };
                if !text.is_empty() {
                    text.push_str(word);
                }
                text.push_str(&member);
                if text.len() > LONGEST {
                    return None;
                }
            }
            Some(text)
        };
        match kind {
            "simplelicensing_LicenseExpression" => graph::owned(element, "simplelicensing_licenseExpression"),
            "expandedlicensing_ConjunctiveLicenseSet" => set("expandedlicensing_member", " AND "),
            "expandedlicensing_DisjunctiveLicenseSet" => set("expandedlicensing_member", " OR "),
            "expandedlicensing_OrLaterOperator" => Some(format!("{}+", one("expandedlicensing_subjectLicense")?)),
            "expandedlicensing_WithAdditionOperator" => {
                let licence = one("expandedlicensing_subjectExtendableLicense")?;
                Some(format!("{licence} WITH {}", one("expandedlicensing_subjectAddition")?))
            }
            "expandedlicensing_ListedLicense" | "expandedlicensing_ListedLicenseException" => {
                let listed = id.rsplit(['/', '#', ':']).next().filter(|name| !name.is_empty());
                listed.map(str::to_owned).or_else(|| graph::owned(element, "name"))
            }
            _ => graph::owned(element, "name"),
        }
    }
}

/// Where a text is found.
fn url(element: &crate::parse::json::Value) -> Option<String> {
    let links = graph::list(element.get("externalRef")).iter();
    let of_links = links.filter_map(|link| graph::texts(link, "locator").next());
    of_links.chain(graph::texts(element, "expandedlicensing_seeAlso")).next().map(str::to_owned)
}
