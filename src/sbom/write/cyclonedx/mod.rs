//! CycloneDX as JSON. Source: CycloneDX 1.6 and 1.7.
//!
//! A document is written twice: once to find the digest that its serial number is made of, once to the writer. Nothing
//! of it is kept. What the format has no field for stands in properties by the names of [`properties`], so that our
//! own documents can be read back.

mod address;
mod card;
mod component;
mod parts;
mod process;
mod range;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use sha2::Digest;
use sha2::Sha256;

use super::json::Json;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Phase;
use crate::sbom::model::Relation;
use crate::sbom::model::Tool;
use crate::sbom::model::Unknown;
use crate::sbom::properties;
use crate::sbom::time;

/// Versions that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// 1.6.
    V1_6,
    /// 1.7.
    #[default]
    V1_7,
}

impl Version {
    /// As documents spell it: `1.7`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// Writes a settled bill of materials, part by part. One without a serial number of its own gets one that is made
/// from its content: the same parts have the same.
///
/// # Errors
/// Whatever the writer says.
pub fn write(bom: &Bom, version: Version, out: &mut dyn Write) -> io::Result<()> {
    let whole = Whole::of(bom, version);
    let given = bom.about.id.as_deref().filter(|id| is_serial(id));
    let serial = match given {
        Some(serial) => serial.to_owned(),
        None => {
            let mut digest = Digesting(Sha256::new());
            whole.document(None, &mut digest)?;
            serial(&digest.0.finalize())
        }
    };
    whole.document(Some(&serial), out)
}

/// Takes what is written for its digest.
struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A UUID of version 8, whose other bits are those of a digest. Source: RFC 9562, section 5.8.
#[must_use]
pub fn serial(digest: &[u8]) -> String {
    let mut out = "urn:uuid:".to_owned();
    for (at, byte) in digest.iter().take(16).enumerate() {
        let byte = match at {
            6 => 0x80 | (byte & 0x0F),
            8 => 0x80 | (byte & 0x3F),
            _ => *byte,
        };
        out.push_str(if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" });
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// Whether a text is a serial number as the format demands it.
fn is_serial(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else { return false };
    uuid.len() == 36
        && uuid.char_indices().all(|(at, one)| match at {
            8 | 13 | 18 | 23 => one == '-',
            _ => matches!(one, '0'..='9' | 'a'..='f'),
        })
}

/// A bill of materials with what its parts are found by.
struct Whole<'b> {
    bom: &'b Bom,
    version: Version,
    /// What cannot be told, by the part that needs it; of none that is known, by an empty name.
    unknowns: BTreeMap<&'b str, Vec<&'b Unknown>>,
}

impl<'b> Whole<'b> {
    fn of(bom: &'b Bom, version: Version) -> Self {
        let mut unknowns: BTreeMap<&str, Vec<&Unknown>> = BTreeMap::new();
        for unknown in &bom.unknowns {
            let owner = unknown.owner.as_deref().filter(|owner| bom.component(owner).is_some()).unwrap_or_default();
            unknowns.entry(owner).or_default().push(unknown);
        }
        Self { bom, version, unknowns }
    }

    /// How a part stands to others, as far as those are there.
    fn relations(&self, from: &str) -> impl Iterator<Item = &'b Relation> + use<'b> {
        let bom = self.bom;
        let start = bom.relations.partition_point(|relation| relation.from.as_str() < from);
        let end = bom.relations.partition_point(|relation| relation.from.as_str() <= from);
        let own = bom.relations.get(start..end).unwrap_or_default();
        own.iter().filter(move |relation| bom.component(&relation.to).is_some())
    }

    fn root(&self) -> Option<&'b Component> {
        self.bom.component(self.bom.root.as_deref()?)
    }

    fn is_root(&self, component: &Component) -> bool {
        self.bom.root.as_deref() == Some(component.id.as_str())
    }

    /// Whether all that a part needs is listed: what needs something unknown does not list all.
    fn completeness(&self, component: &Component) -> Completeness {
        match component.dependencies {
            Completeness::Unsaid | Completeness::Complete if self.unknowns.contains_key(component.id.as_str()) => {
                Completeness::Incomplete
            }
            other => other,
        }
    }

    fn document(&self, serial: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
        let mut json = Json::new(out);
        json.object(|json| {
            let version = self.version.word();
            json.text("$schema", &format!("http://cyclonedx.org/schema/bom-{version}.schema.json"))?;
            json.text("bomFormat", "CycloneDX")?;
            json.text("specVersion", version)?;
            json.maybe("serialNumber", serial)?;
            json.number("version", self.bom.about.revision.unwrap_or(1).max(1))?;
            json.object_at("metadata", |json| self.metadata(json))?;
            let listed = self.bom.components.iter().filter(|one| !self.is_root(one));
            json.list("components", listed.clone().filter(|one| one.kind != Kind::Service), |json, one| {
                json.object(|json| component::component(json, self, one))
            })?;
            json.list("services", listed.filter(|one| one.kind == Kind::Service), |json, one| {
                json.object(|json| component::service(json, self, one))
            })?;
            self.dependencies(json)?;
            self.compositions(json)?;
            process::formulation(json, self)
        })?;
        json.finish()
    }

    fn metadata(&self, json: &mut Json<'_>) -> io::Result<()> {
        let about = &self.bom.about;
        json.maybe("timestamp", about.time.and_then(time::text).as_deref())?;
        json.list("lifecycles", &about.phases, |json, one| json.object(|json| json.text("phase", phase(*one))))?;
        let tools: BTreeSet<&Tool> = about.tools.iter().collect();
        if !tools.is_empty() {
            json.object_at("tools", |json| {
                json.list("components", tools, |json, one| json.object(|json| tool(json, one)))
            })?;
        }
        parts::authors(json, "authors", &about.authors)?;
        if let Some(root) = self.root() {
            json.object_at("component", |json| component::component(json, self, root))?;
        }
        parts::party(json, "manufacturer", about.producer.as_ref())?;
        parts::party(json, "supplier", about.supplier.as_ref())?;
        parts::licences(json, &about.licences)?;
        let mut said = parts::own(&about.properties);
        let statements = about.statements.iter();
        said.extend(statements.map(|(name, value)| (format!("{}{name}", properties::STATEMENT), value.clone())));
        said.extend(self.unknowns.get("").into_iter().flatten().map(|one| parts::unknown(one)));
        parts::properties(json, &said)
    }

    /// What needs what. A part that is known to need nothing is there without anything.
    fn dependencies(&self, json: &mut Json<'_>) -> io::Result<()> {
        let told =
            self.bom.components.iter().filter(|one| {
                self.relations(&one.id).next().is_some() || self.completeness(one) == Completeness::Complete
            });
        json.list("dependencies", told, |json, one| {
            json.object(|json| {
                json.text("ref", &one.id)?;
                let on: BTreeSet<&str> = self.relations(&one.id).map(|relation| relation.to.as_str()).collect();
                json.texts("dependsOn", on)
            })
        })
    }

    fn compositions(&self, json: &mut Json<'_>) -> io::Result<()> {
        let aggregates = [
            ("complete", Completeness::Complete),
            ("incomplete", Completeness::Incomplete),
            ("unknown", Completeness::Unknown),
        ];
        let of = |wanted: Completeness| {
            self.bom.components.iter().filter(move |one| self.completeness(one) == wanted).map(|one| one.id.as_str())
        };
        let told = aggregates.iter().filter(|(_, wanted)| of(*wanted).next().is_some());
        // What nobody is known to need is lacking in the whole.
        let lacking = self.root().filter(|_| self.unknowns.contains_key(""));
        let told = told.map(Some).chain(lacking.map(|_| None));
        json.list("compositions", told, |json, one| {
            json.object(|json| match (one, lacking) {
                (Some((word, wanted)), _) => {
                    json.text("aggregate", word)?;
                    json.texts("dependencies", of(*wanted))
                }
                (None, Some(root)) => {
                    json.text("aggregate", "incomplete")?;
                    json.texts("assemblies", [root.id.as_str()])
                }
                (None, None) => json.text("aggregate", "unknown"),
            })
        })
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Design => "design",
        Phase::PreBuild => "pre-build",
        Phase::Build => "build",
        Phase::PostBuild => "post-build",
        Phase::Operations => "operations",
        Phase::Discovery => "discovery",
        Phase::Decommission => "decommission",
    }
}

fn tool(json: &mut Json<'_>, tool: &Tool) -> io::Result<()> {
    json.text("type", "application")?;
    if let Some(producer) = tool.producer.as_deref().filter(|name| !name.is_empty()) {
        json.object_at("manufacturer", |json| json.text("name", producer))?;
    }
    json.text("name", &tool.name)?;
    json.maybe("version", tool.version.as_deref())?;
    parts::properties(json, &parts::own(&tool.properties))
}

#[cfg(test)]
mod tests;
