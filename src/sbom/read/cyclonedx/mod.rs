//! CycloneDX 1.2 to 1.7 as JSON. Source: their schemas; names of places in properties are those of syft, trivy and
//! cdxgen.
//!
//! What has no name is lost, with its line, and nothing else. A reference that stands twice keeps both components,
//! since one that is not there is answered for as if it were not used.

mod card;
mod component;
mod parts;
mod process;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use super::Told;
use super::cut;
use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Format;
use crate::sbom::model::Phase;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Tool;
use crate::sbom::properties;
use crate::sbom::time;

use parts::text;

/// Reads a document.
pub fn read(root: &Value, told: &mut Told<'_>) -> Bom {
    let mut reader = Reader {
        told,
        bom: Bom::default(),
        ids: HashSet::new(),
        made: HashMap::new(),
        told_relations: HashMap::new(),
        places: Vec::new(),
    };
    reader.document(root);
    reader.finish(root)
}

/// A relation that our own documents tell in properties: what it is to what.
type Link = (String, String);

struct Reader<'r, 't> {
    told: &'r mut Told<'t>,
    bom: Bom,
    /// References that are taken.
    ids: HashSet<String>,
    /// How many components wanted a reference that was taken.
    made: HashMap<String, u32>,
    /// Relations by their ends, as far as properties tell more of them than that the one needs the other.
    told_relations: HashMap<Link, Vec<Relation>>,
    /// Where references to other parts stand, to tell of those that lead nowhere.
    places: Vec<(String, crate::source::Span)>,
}

impl Reader<'_, '_> {
    fn document(&mut self, root: &Value) {
        let about = &mut self.bom.about;
        let version = text(root, "specVersion");
        if version.as_deref().is_none_or(|version| !matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7")) {
            let span = root.get("specVersion").map_or(root.span, |value| value.span);
            let version = version.as_deref().map_or_else(|| "none".to_owned(), |version| format!("`{}`", cut(version)));
            self.told.at(span, format!("the version of CycloneDX is {version}: it is read as if it were 1.7"));
        }
        about.format = Some(Format::CycloneDx(version.unwrap_or_default()));
        about.id = text(root, "serialNumber");
        let revision = root.get("version").and_then(Value::as_integer);
        about.revision = revision.and_then(|revision| u64::try_from(revision).ok());
        about.has_vulnerabilities = root.get("vulnerabilities").is_some_and(|list| !list.items().is_empty());
        about.is_signed = root.get("signature").is_some();
        if let Some(metadata) = root.get("metadata") {
            self.metadata(metadata);
        }
        for (key, is_list) in [("components", true), ("services", true), ("dependencies", true), ("formulation", true)]
        {
            if let Some(value) = root.get(key).filter(|value| is_list && value.as_array().is_none()) {
                self.told.at(value.span, format!("`{key}` is no list"));
            }
        }
        for value in items(root, "components") {
            self.component(value, None);
        }
        for value in items(root, "services") {
            self.service(value, None);
        }
        for formula in items(root, "formulation") {
            self.formula(formula);
        }
    }

    fn metadata(&mut self, metadata: &Value) {
        let about = &mut self.bom.about;
        if let Some(value) = metadata.get("timestamp") {
            about.time = value.as_str().and_then(time::seconds);
            if about.time.is_none() {
                self.told.at(value.span, "the time of the document is no time");
            }
        }
        about.phases = items(metadata, "lifecycles").iter().filter_map(|one| phase(&text(one, "phase")?)).collect();
        about.authors = parts::authors(metadata, "authors");
        about.producer = metadata.get("manufacturer").or_else(|| metadata.get("manufacture")).and_then(parts::party);
        about.supplier = metadata.get("supplier").and_then(parts::party);
        about.licences = parts::licences(metadata);
        let tools = metadata.get("tools");
        // Until 1.4 a list of tools, since 1.5 components and services.
        let lists =
            [tools, tools.and_then(|tools| tools.get("components")), tools.and_then(|tools| tools.get("services"))];
        about.tools = lists.into_iter().flatten().flat_map(Value::items).filter_map(tool).collect();
        let mut own = BTreeMap::new();
        for (name, value) in parts::properties(metadata) {
            if let Some(name) = name.strip_prefix(properties::STATEMENT) {
                self.bom.about.statements.insert(name.to_owned(), value);
            } else if let Some(unknown) = parts::unknown(name, &value, None) {
                self.bom.unknowns.push(unknown);
            } else if !properties::is_ours(name) {
                parts::add(&mut own, name, value);
            }
        }
        self.bom.about.properties = own;
        if let Some(value) = metadata.get("component") {
            self.bom.root = self.component(value, None);
        }
    }

    /// A reference for a part: its own, or one that is made of what it is; with a number where it is taken.
    fn id(&mut self, value: &Value, made: impl FnOnce() -> String) -> String {
        let id = text(value, "bom-ref").unwrap_or_else(made);
        if self.ids.insert(id.clone()) {
            return id;
        }
        if let Some(span) = value.get("bom-ref").map(|value| value.span) {
            self.told.at(span, format!("the reference `{}` stands twice", cut(&id)));
        }
        let count = self.made.entry(id.clone()).or_insert(1);
        loop {
            *count += 1;
            let numbered = format!("{id} ({count})");
            if self.ids.insert(numbered.clone()) {
                return numbered;
            }
        }
    }

    fn relate(&mut self, from: &str, kind: RelationKind, to: &str) {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.bom.relations.push(Relation { from, kind, to, scope: Scope::Required, evidence: Vec::new() });
    }

    /// A relation that properties tell, to which more is added.
    fn told_relation(&mut self, from: &str, to: &str, kind: RelationKind) -> &mut Relation {
        let all = self.told_relations.entry((from.to_owned(), to.to_owned())).or_default();
        let at = all.iter().position(|relation| relation.kind == kind).unwrap_or_else(|| {
            let (from, to) = (from.to_owned(), to.to_owned());
            all.push(Relation { from, kind, to, scope: Scope::Required, evidence: Vec::new() });
            all.len() - 1
        });
        &mut all[at]
    }

    /// What can be told when all parts are known.
    fn finish(mut self, root: &Value) -> Bom {
        let told = std::mem::take(&mut self.told_relations);
        for value in items(root, "dependencies") {
            let Some(from) = text(value, "ref") else {
                self.told.at(value.span, "a dependency without `ref` is not used");
                continue;
            };
            self.place(value, "ref", &from);
            for to in items(value, "dependsOn") {
                let Some(id) = to.as_str() else {
                    self.told.at(to.span, "what is depended on is no text");
                    continue;
                };
                if !self.ids.contains(id) {
                    self.places.push((id.to_owned(), to.span));
                } else if self.ids.contains(&from) && !told.contains_key(&(from.clone(), id.to_owned())) {
                    self.relate(&from, RelationKind::DependsOn, id);
                }
            }
        }
        self.bom.relations.extend(told.into_values().flatten());
        self.compositions(root);
        let ids = &self.ids;
        self.bom.relations.retain(|one| ids.contains(&one.from) && ids.contains(&one.to));
        for process in &mut self.bom.processes {
            process.inputs.retain(|id| ids.contains(id));
            process.outputs.retain(|id| ids.contains(id));
            process.steps.retain(|id| ids.contains(id));
        }
        for (id, span) in std::mem::take(&mut self.places) {
            if !self.ids.contains(&id) {
                self.told.at(span, format!("`{}` is no part of the document", cut(&id)));
            }
        }
        self.bom.settle();
        self.bom
    }

    /// Remembers where a reference stands.
    fn place(&mut self, value: &Value, key: &str, id: &str) {
        if let Some(value) = value.get(key).filter(|_| !self.ids.contains(id)) {
            self.places.push((id.to_owned(), value.span));
        }
    }

    fn compositions(&mut self, root: &Value) {
        let mut said: HashMap<&str, Completeness> = HashMap::new();
        for value in items(root, "compositions") {
            let completeness = match text(value, "aggregate").as_deref() {
                Some("complete") => Completeness::Complete,
                Some("unknown") => Completeness::Unknown,
                Some(word) if word.starts_with("incomplete") => Completeness::Incomplete,
                _ => continue,
            };
            for one in items(value, "dependencies") {
                if let Some(id) = one.as_str() {
                    said.insert(id, completeness);
                    if !self.ids.contains(id) {
                        self.places.push((id.to_owned(), one.span));
                    }
                }
            }
        }
        for component in &mut self.bom.components {
            component.dependencies = said.get(component.id.as_str()).copied().unwrap_or_default();
        }
    }
}

/// The items of a list under a key; none for another kind.
fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).map(Value::items).unwrap_or_default()
}

fn phase(word: &str) -> Option<Phase> {
    Some(match word {
        "design" => Phase::Design,
        "pre-build" => Phase::PreBuild,
        "build" => Phase::Build,
        "post-build" => Phase::PostBuild,
        "operations" => Phase::Operations,
        "discovery" => Phase::Discovery,
        "decommission" => Phase::Decommission,
        _ => return None,
    })
}

fn tool(value: &Value) -> Option<Tool> {
    let party = |key: &str| value.get(key).and_then(parts::party).map(|party| party.name);
    let mut own = BTreeMap::new();
    for (name, value) in parts::properties(value) {
        parts::add(&mut own, name, value);
    }
    Some(Tool {
        name: text(value, "name")?,
        version: text(value, "version"),
        producer: text(value, "vendor")
            .or_else(|| party("manufacturer"))
            .or_else(|| party("supplier"))
            .or_else(|| party("provider"))
            .or_else(|| text(value, "publisher")),
        properties: own,
    })
}

#[cfg(test)]
mod tests;
