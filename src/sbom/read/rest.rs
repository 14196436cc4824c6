//! What a document holds field by field, for those fields that our model has no place for. Nothing of it is understood:
//! it is only known whether two documents say the same.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use super::BUDGET;
use super::decoded;
use crate::parse::json;
use crate::parse::json::Value;
use crate::sbom::properties;

/// Keys whose values are names within the document, its own business like its number and time.
const NAMES: &[&str] = &[
    "bom-ref",
    "ref",
    "serialNumber",
    "specVersion",
    "bomFormat",
    "$schema",
    "timestamp",
    "uid",
    "spdxId",
    "@id",
    "SPDXID",
    "@context",
    "creationInfo",
    "created",
    "creationInfos",
    "documentNamespace",
    "spdxVersion",
    "evidence",
    "annotationDate",
    "signature",
    "from",
    "to",
    "element",
    "rootElement",
    "spdxElementId",
    "relatedSpdxElement",
];
/// Fields of a part of CycloneDX that the model holds, so that what differs in them is told already.
const TOLD: &[&str] = &[
    "type",
    "name",
    "group",
    "version",
    "versionRange",
    "purl",
    "cpe",
    "swid",
    "omniborId",
    "swhid",
    "scope",
    "description",
    "supplier",
    "manufacturer",
    "publisher",
    "author",
    "authors",
    "copyright",
    "hashes",
    "externalReferences",
    "pedigree.ancestors",
    "modelCard",
    "data",
    "endpoints",
    "provider",
    "licenses.license.id",
    "licenses.license.name",
    "licenses.license.url",
    "licenses.expression",
    "licenses.license.acknowledgement",
    "licenses.acknowledgement",
    "tags",
    "components",
    "properties",
];
/// The same of a model card, where fields beside these are counted.
const CARD: &[&str] = &["modelCard.considerations.users", "modelCard.considerations.performanceTradeoffs"];

/// Fields of the metadata of CycloneDX that the model holds, or that are the document's own business.
const METADATA: &[&str] = &[
    "component",
    "tools",
    "authors",
    "supplier",
    "manufacturer",
    "manufacture",
    "licenses",
    "lifecycles",
    "properties",
];

/// What a part of a document says, by field: digests of the values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(BTreeMap<String, Vec<u64>>);

/// What a document says, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rest {
    parts: BTreeMap<String, Fields>,
    document: Fields,
    is_cyclonedx: bool,
}

static NONE: Fields = Fields(BTreeMap::new());

impl Fields {
    fn add(&mut self, path: &str, value: &str) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        match self.0.get_mut(path) {
            Some(all) => all.push(hasher.finish()),
            None => drop(self.0.insert(path.to_owned(), vec![hasher.finish()])),
        }
    }

    fn settle(&mut self) {
        self.0.values_mut().for_each(|all| all.sort_unstable());
    }

    /// Fields that the other side says otherwise; where something of the part is told already, only those that are told
    /// nowhere else.
    pub fn differing<'f>(&'f self, other: &'f Self, is_told: bool) -> impl Iterator<Item = &'f str> {
        let is_of = |path: &str, field: &str| {
            path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_left = move |path: &str| {
            !is_told || CARD.iter().any(|field| is_of(path, field)) || !TOLD.iter().any(|field| is_of(path, field))
        };
        let paths: BTreeSet<&'f String> = self.0.keys().chain(other.0.keys()).collect();
        let differing = paths.into_iter().filter(move |path| self.0.get(*path) != other.0.get(*path));
        differing.map(String::as_str).filter(move |path| is_left(path))
    }
}

impl Rest {
    /// What is said of a part, by its reference.
    #[must_use]
    pub fn part(&self, id: &str) -> &Fields {
        self.parts.get(id).unwrap_or(&NONE)
    }

    /// What is said beside the parts.
    #[must_use]
    pub fn document(&self) -> &Fields {
        &self.document
    }

    /// Whether another document can be held against it field by field.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.is_cyclonedx == other.is_cyclonedx
    }
}

/// Reads the fields of a document; none where it is no JSON.
#[must_use]
pub fn rest(bytes: &[u8]) -> Option<Rest> {
    let text = decoded(bytes);
    let root = json::parse(text.trim_start_matches('\u{feff}'), &mut BUDGET.clone()).root?;
    let mut out = Rest { is_cyclonedx: root.get("bomFormat").is_some(), ..Rest::default() };
    let mut names = BTreeSet::new();
    collect(&root, &mut names);
    if out.is_cyclonedx {
        let metadata = root.get("metadata");
        let subject = metadata.and_then(|metadata| metadata.get("component"));
        let lists = ["components", "services"].into_iter().filter_map(|key| root.get(key)).flat_map(Value::items);
        for part in subject.into_iter().chain(lists) {
            take(part, &names, &mut out);
        }
        // What the reader makes of the rest is compared there: only what it passes over is left.
        for entry in root.entries() {
            match entry.key.value.as_str() {
                "components" | "services" | "version" => {}
                "metadata" => {
                    for entry in entry.value.entries() {
                        let key = entry.key.value.as_str();
                        if !METADATA.contains(&key) && !NAMES.contains(&key) {
                            walk(&entry.value, &format!("metadata.{key}"), &names, &mut out.document, false);
                        }
                    }
                }
                key if NAMES.contains(&key) => {}
                "dependencies" => each(&entry.value, "provides", "dependencies.provides", "ref", &mut out.document),
                "compositions" => {
                    for list in ["assemblies", "vulnerabilities"] {
                        each(&entry.value, list, &format!("compositions.{list}"), "aggregate", &mut out.document);
                    }
                }
                key => walk(&entry.value, key, &names, &mut out.document, false),
            }
        }
    } else {
        walk(&root, "", &names, &mut out.document, false);
        // Anything that is told of parts may be the same thing.
        let fields = std::mem::take(&mut out.document.0);
        out.document.0 = fields.into_iter().map(|(path, all)| (format!("name.{path}"), all)).collect();
    }
    out.document.settle();
    out.parts.values_mut().for_each(Fields::settle);
    Some(out)
}

/// Names of parts, which are no values of a field.
fn collect<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    for key in ["bom-ref", "spdxId", "SPDXID", "@id"] {
        names.extend(value.get(key).and_then(Value::as_str));
    }
    value.items().iter().for_each(|item| collect(item, names));
    value.entries().iter().for_each(|entry| collect(&entry.value, names));
}

/// Takes a part of CycloneDX, and those within it.
fn take(part: &Value, names: &BTreeSet<&str>, out: &mut Rest) {
    let id = ["bom-ref", "purl"].iter().find_map(|key| part.get(key)?.as_str()).unwrap_or("");
    let mut fields = out.parts.remove(id).unwrap_or_default();
    walk(part, "", names, &mut fields, true);
    out.parts.insert(id.to_owned(), fields);
    part.get("components")
        .or_else(|| part.get("services"))
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .for_each(|inner| take(inner, names, out));
}

/// Lists of names beside what each is of.
fn each(entries: &Value, list: &str, path: &str, beside: &str, out: &mut Fields) {
    for entry in entries.items() {
        let front = entry.get(beside).and_then(Value::as_str).unwrap_or("");
        for name in entry.get(list).map(Value::items).unwrap_or_default() {
            out.add(path, &format!("{front} {}", name.as_str().unwrap_or("")));
        }
    }
}

/// Walks a value down to its texts. Values are as deep as their parser lets them be.
fn walk(value: &Value, path: &str, names: &BTreeSet<&str>, out: &mut Fields, is_part: bool) {
    if let Some(items) = value.as_array() {
        items.iter().for_each(|item| walk(item, path, names, out, false));
        return;
    }
    if value.as_object().is_none() {
        match value.as_str() {
            Some(text) if names.contains(text) => {}
            Some(text) => out.add(path, text),
            None => out.add(path, &format!("{:?}", value.kind)),
        }
        return;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let property = text("extension_cdxPropName").or_else(|| text("name").filter(|_| text("value").is_some()));
    let is_property = path.ends_with("roperties") || path.ends_with("extension_cdxProperty");
    if let Some(name) = property.filter(|_| is_property) {
        if !properties::is_ours(name) {
            out.add(
                path,
                &format!("{name}={}", text("value").or_else(|| text("extension_cdxPropValue")).unwrap_or("")),
            );
        }
        return;
    }
    // Notes of our own writer tell places.
    if text("statement").is_some_and(|statement| statement.starts_with('{')) {
        return;
    }
    for entry in value.entries() {
        let key = entry.key.value.as_str();
        if NAMES.contains(&key) || is_part && matches!(key, "components" | "services") {
            continue;
        }
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        walk(&entry.value, &path, names, out, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(part: &str, more: &str) -> Rest {
        let text = format!(
            r#"{{"bomFormat": "CycloneDX", "serialNumber": "urn:uuid:{}", "components": [{{"bom-ref": "a", "name": "a", {part}}}] {more}}}"#,
            part.len()
        );
        rest(text.as_bytes()).unwrap()
    }

    #[test]
    fn fields_without_a_place_in_the_model_are_known_to_differ() {
        let plain = of(r#""type": "library""#, "");
        let differing = |other: &Rest, is_told| -> Vec<String> {
            let parts = plain.part("a").differing(other.part("a"), is_told);
            parts.chain(plain.document().differing(other.document(), is_told)).map(str::to_owned).collect()
        };
        assert_eq!(differing(&of(r#""type": "library""#, ""), false), [""; 0]);
        let patched = of(r#""type": "library", "pedigree": {"patches": [{"type": "unofficial"}]}"#, "");
        assert_eq!(differing(&patched, true), ["pedigree.patches.type"]);
        let other = of(r#""type": "file""#, "");
        assert_eq!(differing(&other, false), ["type"]);
        assert_eq!(differing(&other, true), [""; 0]);
        let made =
            of(r#""type": "library""#, r#", "formulation": [{"workflows": [{"steps": [{"executed": "make"}]}]}]"#);
        assert_eq!(differing(&made, true), ["formulation.workflows.steps.executed"]);
        let own = of(r#""type": "library", "properties": [{"name": "custody:evidence", "value": "a:1"}]"#, "");
        assert_eq!(differing(&own, false), [""; 0]);
    }
}
