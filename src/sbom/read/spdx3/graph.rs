//! The elements of a document by their names and types, wherever they stand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::parse::json::Value;
use crate::sbom::read::Told;
use crate::sbom::read::cut;

/// The elements of a document.
pub(super) struct Graph<'v> {
    /// Every one with a type, in order of the document.
    all: Vec<(Cow<'v, str>, &'v Value)>,
    by_id: BTreeMap<&'v str, usize>,
    by_type: BTreeMap<Cow<'v, str>, Vec<usize>>,
    /// What names of our own writer begin with.
    base: Option<&'v str>,
}

/// The address or blank name of an element.
pub(super) fn id(element: &Value) -> Option<&str> {
    let text = |key: &str| element.get(key).and_then(Value::as_str);
    text("spdxId").or_else(|| text("@id")).filter(|id| !id.is_empty())
}

/// The element that a value names, or is.
pub(super) fn reference(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| id(value))
}

/// The items of a list, or the one value that stands in its place.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.map_or(&[], |value| value.as_array().unwrap_or(std::slice::from_ref(value)))
}

/// A text that is not empty.
pub(super) fn text<'v>(element: &'v Value, key: &str) -> Option<&'v str> {
    // `@value` is how JSON-LD writes a text with its type.
    let value = element.get(key)?;
    let value = value.as_array().and_then(|items| items.first()).unwrap_or(value);
    value.as_str().or_else(|| value.get("@value")?.as_str()).filter(|text| !text.trim().is_empty())
}

/// The same for our own.
pub(super) fn owned(element: &Value, key: &str) -> Option<String> {
    text(element, key).map(str::to_owned)
}

/// Texts of a list.
pub(super) fn texts<'v>(element: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    list(element.get(key)).iter().filter_map(Value::as_str).filter(|text| !text.is_empty())
}

/// Elements that a list names.
pub(super) fn references<'v>(element: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    list(element.get(key)).iter().filter_map(reference)
}

/// Names with values of the extension for properties.
pub(super) fn properties(element: &Value) -> Vec<(&str, &str)> {
    let extensions = list(element.get("extension")).iter();
    let entries = extensions.flat_map(|one| list(one.get("extension_cdxProperty")));
    let pair = |entry| Some((text(entry, "extension_cdxPropName")?, text(entry, "extension_cdxPropValue")?));
    entries.filter_map(pair).collect()
}

/// Names with values of a dictionary.
pub(super) fn dictionary<'v>(element: &'v Value, key: &str) -> impl Iterator<Item = (&'v str, &'v str)> {
    list(element.get(key)).iter().filter_map(|entry| Some((text(entry, "key")?, text(entry, "value")?)))
}

/// A term of SPDX in its compact form: `https://spdx.org/rdf/3.0.1/terms/Software/Package` is `software_Package`, and
/// what Core has stands without a name space.
pub(super) fn term(text: &str) -> Cow<'_, str> {
    let long = text
        .strip_prefix("spdx:")
        .or_else(|| text.strip_prefix("https://spdx.org/rdf/")?.split_once("/terms/").map(|parts| parts.1));
    let Some((space, name)) = long.and_then(|long| long.split_once('/')) else { return Cow::Borrowed(text) };
    // Members of vocabularies: `Core/RelationshipType/contains`.
    if let Some((_, member)) = name.rsplit_once('/') {
        return Cow::Borrowed(member);
    }
    match space {
        "Core" => Cow::Borrowed(name),
        "AI" => Cow::Owned(format!("ai_{name}")),
        _ => Cow::Owned(format!("{}_{name}", space.to_ascii_lowercase())),
    }
}

impl<'v> Graph<'v> {
    /// The elements of a document. Those that have no type are told and lost.
    pub(super) fn of(root: &'v Value, told: &mut Told<'_>) -> Self {
        let mut graph = Self { all: Vec::new(), by_id: BTreeMap::new(), by_type: BTreeMap::new(), base: None };
        match root.get("@graph") {
            Some(elements) => {
                for element in list(Some(elements)) {
                    graph.take(element, told);
                }
            }
            None => {
                for element in list(Some(root)) {
                    graph.take(element, told);
                }
            }
        }
        graph.base = graph.first("SpdxDocument").and_then(id).and_then(|id| id.strip_suffix("#document"));
        graph
    }

    /// Takes an element of the graph, with those that stand within it.
    fn take(&mut self, element: &'v Value, told: &mut Told<'_>) {
        if element.as_object().is_none() {
            told.at(element.span, "an element is no object, and is left out");
            return;
        }
        if element.get("type").or_else(|| element.get("@type")).and_then(Value::as_str).is_none() {
            let name = id(element).map(|id| format!(" `{}`", cut(id))).unwrap_or_default();
            told.at(element.span, format!("the element{name} has no `type`, and is left out"));
        }
        // Values are at most as deep as their parser lets them be.
        let mut open = vec![element];
        while let Some(one) = open.pop() {
            let kind = one.get("type").or_else(|| one.get("@type")).and_then(Value::as_str);
            if let Some(kind) = kind.map(term) {
                let at = self.all.len();
                if let Some(id) = id(one) {
                    // Of two elements of one name the first stays.
                    self.by_id.entry(id).or_insert(at);
                }
                self.by_type.entry(kind.clone()).or_default().push(at);
                self.all.push((kind, one));
            }
            for entry in one.entries().iter().rev() {
                open.extend(list(Some(&entry.value)).iter().rev().filter(|value| value.as_object().is_some()));
            }
        }
    }

    /// The element of a name, with its type.
    pub(super) fn get(&self, id: &str) -> Option<(&str, &'v Value)> {
        let (kind, element) = self.all.get(*self.by_id.get(id)?)?;
        Some((kind, element))
    }

    /// The object that a value is or names.
    pub(super) fn object(&self, value: &'v Value) -> Option<&'v Value> {
        if value.get("type").is_some() {
            return Some(value);
        }
        self.get(reference(value)?).map(|(_, element)| element)
    }

    /// The first element of a type.
    pub(super) fn first(&self, kind: &str) -> Option<&'v Value> {
        self.of_types(&[kind]).next()
    }

    /// Elements of types, in order of the document within each.
    pub(super) fn of_types(&self, kinds: &[&str]) -> impl Iterator<Item = &'v Value> {
        let places = kinds.iter().filter_map(|kind| self.by_type.get(*kind)).flatten();
        places.map(|at| self.all[*at].1)
    }

    /// Whether it tells of vulnerabilities.
    pub(super) fn has_vulnerabilities(&self) -> bool {
        self.by_type.keys().any(|kind| kind.starts_with("security_") && kind.contains("Vuln"))
    }

    /// The reference of a component or process in our model: that of our own writer, else the whole name.
    pub(super) fn own(&self, id: &str) -> String {
        let own = self.base.and_then(|base| id.strip_prefix(base)?.strip_prefix('#'));
        let own = own.and_then(|own| own.strip_prefix("component:").or_else(|| own.strip_prefix("process:")));
        own.map_or_else(|| id.to_owned(), plain)
    }

    /// The name of what the document is about: the root of its collections that is no collection itself.
    pub(super) fn root(&self) -> Option<&'v str> {
        let collections = ["SpdxDocument", "software_Sbom", "Bom", "Bundle"];
        let of_collections = self.of_types(&collections).flat_map(|one| references(one, "rootElement"));
        let described = self.of_types(&["Relationship", "LifecycleScopedRelationship"]);
        let described =
            described.filter(|one| text(one, "relationshipType").is_some_and(|kind| term(kind) == "describes"));
        let described = described.flat_map(|one| references(one, "to"));
        let is_part = |id: &&str| self.get(id).is_some_and(|(kind, _)| super::components::is_component(kind));
        of_collections.chain(described).find(is_part)
    }
}

/// A text whose bytes are written as `%41`.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digit = |at: usize| char::from(*more.get(at)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = more.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_told_in_their_short_form() {
        for (long, short) in [
            ("software_Package", "software_Package"),
            ("https://spdx.org/rdf/3.0.1/terms/Software/Package", "software_Package"),
            ("spdx:AI/AIPackage", "ai_AIPackage"),
            ("https://spdx.org/rdf/3.0.0/terms/Core/SpdxDocument", "SpdxDocument"),
            ("https://spdx.org/rdf/3.0.1/terms/SimpleLicensing/LicenseExpression", "simplelicensing_LicenseExpression"),
            ("https://spdx.org/rdf/3.0.1/terms/Core/RelationshipType/contains", "contains"),
            ("https://spdx.org/rdf/3.0.1/terms/Core/NoneElement", "NoneElement"),
        ] {
            assert_eq!(term(long), short);
        }
        assert_eq!(plain("a%20b%2525%é"), "a b%25%é");
    }
}
