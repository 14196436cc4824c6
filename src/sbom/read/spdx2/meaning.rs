//! What a document of SPDX 2 says in our model.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::sbom::Bom;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Format;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Tool;
use crate::sbom::read::Told;
use crate::sbom::read::cut;
use crate::sbom::time;
use crate::sbom::write::spdx::names;

use super::Copies;
use super::document::Document;
use super::document::Extracted;
use super::document::Item;
use super::document::said;
use super::relations::Meaning;
use super::relations::meaning;

/// The name of a property for how a tool came to know of a package.
const SOURCE: &str = "spdx:sourceInfo";
/// How the tool syft says, in a comment of a relation, that a file shows that a package is there.
const EVIDENT: &str = "evident-by";

/// Tells a document.
pub(super) fn tell(document: &Document<'_>, told: &mut Told<'_>) -> Bom {
    let mut bom = Bom::default();
    let mut copies = Copies::new();
    let licences: BTreeMap<&str, &Extracted<'_>> =
        document.licences.iter().rev().filter_map(|one| Some((one.id?, one))).collect();
    about(document, &licences, &mut bom, told);
    let parts = Parts::of(document);
    for (is_file, item) in
        document.packages.iter().map(|one| (false, one)).chain(document.files.iter().map(|one| (true, one)))
    {
        let Some(id) = item.id else {
            let name = item.name.map(cut).unwrap_or_default();
            told.on(item.line, format!("`{name}` has no SPDXID, and is left out"));
            continue;
        };
        if is_file && parts.is_part(id) {
            continue;
        }
        let Some(mut component) = component(item, id, is_file, &licences, &mut copies, told) else { continue };
        parts.fill(id, &mut component, &mut copies, told);
        bom.components.push(component);
    }
    relate(document, &parts, &mut bom, &mut copies, told);
    bom.settle();
    bom
}

fn about(document: &Document<'_>, licences: &BTreeMap<&str, &Extracted<'_>>, bom: &mut Bom, told: &mut Told<'_>) {
    let about = &mut bom.about;
    let version = document.version.unwrap_or("SPDX-2");
    about.format = Some(Format::Spdx2(version.strip_prefix("SPDX-").unwrap_or(version).to_owned()));
    about.id = document.namespace.map(str::to_owned);
    if let Some((text, line)) = document.created {
        about.time = time::seconds(text);
        if about.time.is_none() {
            told.on(line, "the time of the document is none as SPDX writes one");
        }
    }
    for creator in &document.creators {
        match creator.split_once(':').map(|(kind, name)| (kind.trim(), name.trim())) {
            Some(("Tool", name)) => about.tools.push(tool(name)),
            _ => about.authors.extend(party(creator)),
        }
    }
    let licence = document.licence.and_then(|text| licence(text, LicenceStanding::Declared, licences));
    about.licences.extend(licence);
}

/// A program with its version, which follows the last dash: `syft-1.18.1`.
fn tool(name: &str) -> Tool {
    let is_version = |text: &&str| text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    match name.rsplit_once('-').filter(|(own, version)| !own.is_empty() && is_version(version)) {
        Some((own, version)) => Tool { name: own.to_owned(), version: Some(version.to_owned()), ..Tool::default() },
        None => Tool { name: name.to_owned(), ..Tool::default() },
    }
}

/// Someone: `Organization: Example (mail@example.com)`.
fn party(text: &str) -> Option<Party> {
    let text = said(text)?;
    let (kind, name) = text.split_once(':').map_or(("", text), |(kind, name)| (kind.trim(), name.trim()));
    let (kind, name) = if matches!(kind, "Person" | "Organization") { (kind, name) } else { ("", text) };
    let mail = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let (name, mail) = mail.map_or((name, ""), |(name, mail)| (name.trim(), mail.trim()));
    let emails: BTreeSet<String> = mail.contains('@').then(|| mail.to_owned()).into_iter().collect();
    let name = if name.is_empty() { mail } else { name };
    (!name.is_empty()).then(|| Party { name: name.to_owned(), emails, is_person: kind == "Person", ..Party::default() })
}

/// A licence; of one of the document's own the name that it is given there.
fn licence(text: &str, standing: LicenceStanding, licences: &BTreeMap<&str, &Extracted<'_>>) -> Option<Licence> {
    let text = said(text)?;
    let Some(own) = licences.get(text) else {
        return Some(Licence { name: LicenceName::of_text(text), url: None, standing });
    };
    // A text of one line may be its name; longer ones are the licence itself.
    let line = own.text.and_then(said).filter(|text| text.len() <= 200 && !text.contains('\n'));
    let name = own.name.and_then(said).or(line).unwrap_or(text);
    Some(Licence { name: LicenceName::of_text(name), url: own.url.and_then(said).map(str::to_owned), standing })
}

fn component(
    item: &Item<'_>,
    id: &str,
    is_file: bool,
    licences: &BTreeMap<&str, &Extracted<'_>>,
    copies: &mut Copies,
    told: &mut Told<'_>,
) -> Option<Component> {
    let Some(name) = item.name else {
        told.on(item.line, format!("`{}` has no name, and is left out", cut(id)));
        return None;
    };
    let name = if is_file { name.strip_prefix("./").unwrap_or(name) } else { name };
    let own = |text: Option<&str>| text.and_then(said).map(str::to_owned);
    let mut component = Component {
        id: id.to_owned(),
        name: name.to_owned(),
        version: own(item.version),
        description: own(item.description).or_else(|| own(item.summary)),
        supplier: item.supplier.and_then(party),
        producer: item.originator.and_then(party),
        copyright: own(item.copyright),
        hashes: hashes(item, told),
        ..Component::default()
    };
    if let Some(maker) = component.producer.take_if(|party| party.is_person) {
        component.authors.push(maker);
    }
    for (category, kind, locator) in &item.references {
        reference(category, kind, locator, &mut component);
    }
    let purpose = item.purpose.map(|text| text.to_ascii_lowercase().replace("operating-system", "operatingSystem"));
    component.kind = match purpose.as_deref().and_then(names::of_purpose) {
        _ if is_file => Kind::File,
        Some(kind) => kind,
        None => component.purl.as_deref().map_or(Kind::Library, names::of_purl),
    };
    for (text, kind) in [(item.download, LinkKind::Distribution), (item.home, LinkKind::Website)] {
        component.links.extend(own(text).map(|url| Link { kind, url }));
    }
    if let Some(text) = own(item.source) {
        component.properties.insert(SOURCE.to_owned(), text);
    }
    if let Some(text) = item.released.and_then(said) {
        component.released = time::seconds(text);
        if component.released.is_none() {
            told.on(item.line, format!("the release date of `{}` is no time as SPDX writes one", cut(name)));
        }
    }
    if let Some(file) = own(item.file_name) {
        let hashes = component.hashes.clone();
        component.distributions.push(Distribution { name: Some(file), url: None, hashes });
    }
    let said = [(item.declared, LicenceStanding::Declared), (item.concluded, LicenceStanding::Concluded)];
    for licence in said.into_iter().filter_map(|(text, standing)| licence(text?, standing, licences)) {
        let bytes = licence.name.text().len() + licence.url.as_ref().map_or(0, String::len);
        if copies.take_on(bytes, item.line, told) {
            component.licences.push(licence);
        }
    }
    Some(component)
}

/// The digests of an item; what is none is told.
fn hashes(item: &Item<'_>, told: &mut Told<'_>) -> BTreeSet<Hash> {
    let mut all = BTreeSet::new();
    for (name, value, line) in &item.checksums {
        match Algorithm::of_name(name).map(|algorithm| Hash::new(algorithm, value)) {
            Some(Some(hash)) => _ = all.insert(hash),
            Some(None) => told.on(*line, format!("the digest is none of {}", cut(name))),
            // MD2, MD4, MD6, ADLER32 and others that nobody relies on.
            None => {}
        }
    }
    all
}

/// Takes in what others know a package by. Source: SPDX 2.3, annex F.
fn reference(category: &str, kind: &str, locator: &str, component: &mut Component) {
    // The type may be written as an address that ends with it.
    let kind = kind.rsplit('/').next().unwrap_or(kind);
    let category = category.replace('_', "-");
    let locator = locator.to_owned();
    match (&*category, kind) {
        (_, "purl") if component.purl.is_none() => component.purl = Some(locator),
        (_, "purl") => _ = component.identifiers.insert(("purl".to_owned(), locator)),
        ("SECURITY", "cpe22Type" | "cpe23Type") => _ = component.identifiers.insert(("cpe".to_owned(), locator)),
        ("SECURITY", "swid") => _ = component.identifiers.insert(("swid".to_owned(), locator)),
        ("PERSISTENT-ID", "swh") => _ = component.identifiers.insert(("swhid".to_owned(), locator)),
        ("PERSISTENT-ID", "gitoid") => _ = component.identifiers.insert(("omnibor".to_owned(), locator)),
        ("SECURITY", _) if locator.contains("://") => {
            component.links.insert(Link { kind: LinkKind::SecurityContact, url: locator });
        }
        _ if locator.contains("://") => _ = component.links.insert(Link { kind: LinkKind::Other, url: locator }),
        _ => {}
    }
}

/// Which files belong to which packages, and which only show that a package is there.
struct Parts<'d> {
    files: BTreeMap<&'d str, &'d Item<'d>>,
    packages: BTreeSet<&'d str>,
    contents: BTreeMap<&'d str, BTreeSet<&'d str>>,
    distributions: BTreeMap<&'d str, BTreeSet<&'d str>>,
    evidence: BTreeMap<&'d str, BTreeSet<&'d str>>,
    /// The one package that claims a file; none where several do.
    owners: BTreeMap<&'d str, Option<&'d str>>,
    /// Files that show that a package is there.
    shown: BTreeSet<&'d str>,
}

impl<'d> Parts<'d> {
    fn of(document: &'d Document<'d>) -> Self {
        let mut parts = Self {
            files: document.files.iter().rev().filter_map(|one| Some((one.id?, one))).collect(),
            packages: document.packages.iter().filter_map(|one| one.id).collect(),
            contents: BTreeMap::new(),
            distributions: BTreeMap::new(),
            evidence: BTreeMap::new(),
            owners: BTreeMap::new(),
            shown: BTreeSet::new(),
        };
        for one in &document.relations {
            let (from, to, lists) = match meaning(one.kind) {
                Some(Meaning::Between(RelationKind::Contains, false, _)) => (one.from, one.to, &mut parts.contents),
                Some(Meaning::Between(RelationKind::Contains, true, _)) => (one.to, one.from, &mut parts.contents),
                Some(Meaning::Distribution) => (one.from, one.to, &mut parts.distributions),
                Some(Meaning::Nothing) if one.comment.is_some_and(|text| text.starts_with(EVIDENT)) => {
                    if parts.packages.contains(one.from) && parts.files.contains_key(one.to) {
                        parts.evidence.entry(one.from).or_default().insert(one.to);
                        parts.shown.insert(one.to);
                    }
                    continue;
                }
                _ => continue,
            };
            if parts.packages.contains(from) && parts.files.contains_key(to) {
                lists.entry(from).or_default().insert(to);
                let owner = parts.owners.entry(to).or_insert(Some(from));
                *owner = owner.filter(|owner| *owner == from);
            }
        }
        parts
    }

    /// Whether a file is part of one package, or only shows that others are there, and so is no component.
    fn is_part(&self, id: &str) -> bool {
        self.owners.get(id).map_or_else(|| self.shown.contains(id), Option::is_some)
    }

    /// Gives a package its files and what shows that it is there.
    fn fill(&self, id: &str, component: &mut Component, copies: &mut Copies, told: &mut Told<'_>) {
        let owned = |id: &&&str| self.owners.get(**id).is_some_and(Option::is_some);
        let path = |name: &str| name.strip_prefix("./").unwrap_or(name).to_owned();
        for id in self.contents.get(id).into_iter().flatten().filter(owned) {
            let Some((file, name)) = self.files.get(id).and_then(|file| Some((file, file.name?))) else { continue };
            let hashes = hashes(file, told);
            component.files.push(FileEntry { path: path(name), hashes, ..FileEntry::default() });
        }
        for id in self.distributions.get(id).into_iter().flatten().filter(owned) {
            let Some(file) = self.files.get(id) else { continue };
            let hashes = hashes(file, told);
            component.distributions.push(Distribution { name: file.name.map(path), url: None, hashes });
        }
        for id in self.evidence.get(id).into_iter().flatten() {
            let Some((file, name)) = self.files.get(id).and_then(|file| Some((file, file.name?))) else { continue };
            if copies.take_on(name.len(), file.line, told) {
                component.evidence.push(Occurrence { path: path(name), line: 0, how: Some("evident by".to_owned()) });
            }
        }
    }
}

fn relate(document: &Document<'_>, parts: &Parts<'_>, bom: &mut Bom, copies: &mut Copies, told: &mut Told<'_>) {
    let known: BTreeMap<String, usize> =
        bom.components.iter().enumerate().rev().map(|(at, one)| (one.id.clone(), at)).collect();
    let mut described: Vec<&str> = document.describes.clone();
    for one in &document.relations {
        let (kind, is_backward, scope) = match meaning(one.kind) {
            Some(Meaning::Between(kind, is_backward, scope)) => (kind, is_backward, scope),
            Some(Meaning::About(is_backward)) => {
                described.push(if is_backward { one.from } else { one.to });
                continue;
            }
            Some(Meaning::Distribution | Meaning::Nothing) => continue,
            None => {
                told.on(one.line, format!("`{}` is no relation of SPDX 2, and is left out", cut(one.kind)));
                continue;
            }
        };
        let (from, to) = if is_backward { (one.to, one.from) } else { (one.from, one.to) };
        let Some(at) = known.get(from) else { continue };
        match to {
            // A list that is known to be empty, or not known.
            "NONE" | "NOASSERTION" => {
                if kind == RelationKind::DependsOn {
                    let is_none = to == "NONE";
                    bom.components[*at].dependencies =
                        if is_none { Completeness::Complete } else { Completeness::Unknown };
                }
                continue;
            }
            _ if !known.contains_key(to) && (parts.files.contains_key(to) || parts.packages.contains(to)) => continue,
            _ => {}
        }
        if !copies.take_on(from.len() + to.len(), one.line, told) {
            break;
        }
        let evidence = Vec::new();
        bom.relations.push(Relation { from: from.to_owned(), kind, to: to.to_owned(), scope, evidence });
    }
    bom.root = described.into_iter().find(|id| known.contains_key(*id)).map(str::to_owned);
    if let Some(root) = bom.root.as_ref().and_then(|id| known.get(id)) {
        bom.about.supplier = bom.components[*root].supplier.clone();
        bom.about.producer = bom.components[*root].producer.clone();
    }
}
