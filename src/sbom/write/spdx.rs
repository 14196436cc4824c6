//! SPDX 3.0.1 as JSON-LD: a graph of elements, each on a line of its own. Source: SPDX 3.0.1, its model, JSON schema
//! and JSON-LD context.
//!
//! Elements are named below an address of the document that is made from its content, so that the same parts have the
//! same bytes. What SPDX has no field for stands in its extension for properties; places of evidence are annotations.
//! Nothing here holds more than one element.

mod agents;
mod cards;
mod components;
mod element;
mod licences;
pub(crate) mod names;
mod relations;
#[cfg(test)]
mod tests;

use std::io;
use std::io::Write;

use ring::digest;

use crate::sbom::Bom;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::time;

use agents::Agents;
use element::CREATION;
use element::Elements;
use element::Name;
use element::Object;
use element::Pass;
use licences::Licences;
use names::property;

/// What elements name that are written once.
struct Shared<'b> {
    bom: &'b Bom,
    agents: Agents<'b>,
    licences: Licences<'b>,
}

/// Writes a settled bill of materials, element by element.
///
/// # Errors
/// Whatever the writer says.
pub fn write(bom: &Bom, out: &mut dyn Write) -> io::Result<()> {
    let shared = Shared { bom, agents: Agents::of(bom), licences: Licences::of(bom) };
    let base = match given(bom) {
        Some(base) => base,
        None => made(&shared)?,
    };
    write!(out, "{{\"@context\":\"{}\",\"@graph\":[", names::CONTEXT)?;
    let mut elements = Elements::new(out, &base, Pass::Whole);
    head(&shared, &mut elements, |list| parts(&shared, list))?;
    parts(&shared, &mut elements)?;
    elements.flush()?;
    out.write_all(b"\n]}\n")?;
    out.flush()
}

/// The address that the document was given, where elements can be named below it.
fn given(bom: &Bom) -> Option<String> {
    let id = bom.about.id.as_deref()?;
    let base = id.split('#').next()?;
    let (scheme, rest) = base.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(&b);
    (is_scheme && !rest.is_empty() && rest.bytes().all(is_plain)).then(|| base.to_owned())
}

/// An address made from all that the document says. Source: RFC 9562, section 5.8 and appendix B.2.
fn made(shared: &Shared<'_>) -> io::Result<String> {
    struct Digesting(digest::Context);
    impl Write for Digesting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut out = Digesting(digest::Context::new(&digest::SHA256));
    let mut elements = Elements::new(&mut out, "", Pass::Whole);
    head(shared, &mut elements, |_| Ok(()))?;
    parts(shared, &mut elements)?;
    elements.flush()?;
    let digest = out.0.finish();
    let mut id = [0_u8; 16];
    id.copy_from_slice(&digest.as_ref()[..16]);
    id[6] = id[6] & 0x0F | 0x80;
    id[8] = id[8] & 0x3F | 0x80;
    let mut text = "urn:uuid:".to_owned();
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    Ok(text)
}

/// What the document says of itself; `list` writes the names of its elements.
fn head(
    shared: &Shared<'_>,
    elements: &mut Elements<'_>,
    list: impl FnOnce(&mut Elements<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let about = &shared.bom.about;
    elements.object(|object| {
        object.text("type", "CreationInfo");
        object.text("@id", CREATION);
        object.text("specVersion", names::VERSION);
        let created = about.time.and_then(time::text);
        object.text("created", created.as_deref().unwrap_or("1970-01-01T00:00:00Z"));
        if created.is_none() {
            object.text("comment", names::NO_TIME);
        }
        object.names("createdBy", shared.agents.makers());
        object.names("createdUsing", shared.agents.tools());
    });
    let profiles = profiles(shared.bom);
    let root = shared.bom.root.as_deref().and_then(|id| shared.bom.component(id));
    elements.element("SpdxDocument", Name::Sole("document"), |object| {
        if let Some(root) = root {
            object.text("name", &components::full_name(root));
        }
        if let Some(reason) = profiles.reason {
            object.text("comment", reason);
        }
        object.texts("profileConformance", profiles.names.iter().copied());
        if let Some(licence) = about.licences.iter().find_map(|licence| shared.licences.name(licence)) {
            object.name("dataLicense", licence);
        }
        object.names("rootElement", [Name::Sole("sbom")]);
        object.names("element", [Name::Sole("sbom")]);
        let revision = about.revision.map(|number| (property::REVISION.to_owned(), number.to_string()));
        let statements =
            about.statements.iter().map(|(name, text)| (format!("{}{name}", property::STATEMENT), text.clone()));
        let properties = about.properties.iter().map(|(name, text)| (name.clone(), text.clone()));
        object.properties(&revision.into_iter().chain(statements).chain(properties).collect::<Vec<_>>());
    })?;
    let fill = |object: &mut Object<'_>| {
        object.texts("profileConformance", profiles.names.iter().copied());
        object.texts("software_sbomType", about.phases.iter().filter_map(|phase| names::phase(*phase)));
        object.names("rootElement", root.map(|root| Name::Own("component", &root.id)));
    };
    elements.collection("software_Sbom", Name::Sole("sbom"), fill, list)
}

/// Everything that the document holds.
fn parts(shared: &Shared<'_>, elements: &mut Elements<'_>) -> io::Result<()> {
    shared.agents.write(elements)?;
    shared.licences.write(elements)?;
    for component in &shared.bom.components {
        components::write(shared, component, elements)?;
        relations::write(shared, component, elements)?;
    }
    for process in &shared.bom.processes {
        relations::write_process(shared.bom, process, elements)?;
    }
    relations::write_unknowns(shared.bom, elements)
}

/// Profiles that a document fulfils.
struct Profiles {
    names: Vec<&'static str>,
    /// Why one is not claimed although the document has what it is for.
    reason: Option<&'static str>,
}

/// The profiles that a document fulfils. That of AI demands of every model a time of release, a supplier, an address
/// to download it from and a version. Those of data sets and builds demand when each was built and who started it,
/// which no file of a tree tells, and are never claimed. That of extensions cannot be: the context of SPDX 3.0.1 reads
/// its name as that of the field. Source: SPDX 3.0.1, "AI", "Dataset", "Build".
fn profiles(bom: &Bom) -> Profiles {
    let mut models = bom.components.iter().filter(|one| one.kind.is_model()).peekable();
    let has_models = models.peek().is_some();
    let is_whole = models.all(|one| {
        let has_address = one.links.iter().any(|link| link.kind == LinkKind::Distribution);
        one.released.is_some() && one.supplier.is_some() && one.version.is_some() && has_address
    });
    let mut names = vec!["core", "simpleLicensing", "software"];
    let has_others = bom.components.iter().any(|one| one.kind == Kind::Dataset) || !bom.processes.is_empty();
    let reason = if has_models && is_whole {
        names.insert(0, "ai");
        has_others.then_some(
            "The profiles dataset and build are not claimed: they demand times and parties that are not known",
        )
    } else {
        (has_models || has_others).then_some(
            "The profiles ai, dataset and build are not claimed: they demand times, parties and addresses that are not known of every part",
        )
    };
    Profiles { names, reason }
}
