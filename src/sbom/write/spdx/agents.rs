//! People, organisations and programs, each written once.

use std::collections::BTreeMap;
use std::io;

use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Party;
use crate::sbom::model::Tool;

use super::element::Elements;
use super::element::Name;
use super::names::property;

/// The maker of a document that names none: this program.
const SELF: &str = "cargo-custody";

/// Everyone that a document names.
pub(super) struct Agents<'b> {
    /// Parties, each with its place among those of its name.
    parties: BTreeMap<&'b Party, usize>,
    authors: &'b [Party],
    tools: &'b [Tool],
}

/// Who hands a component over; of the product itself, what the document says of it comes first.
pub(super) fn supplier<'b>(bom: &'b Bom, component: &'b Component) -> Option<&'b Party> {
    let of_product = bom.about.supplier.as_ref().filter(|_| bom.root.as_ref() == Some(&component.id));
    of_product.or(component.supplier.as_ref())
}

/// Who makes a component, in the same way.
pub(super) fn producer<'b>(bom: &'b Bom, component: &'b Component) -> Option<&'b Party> {
    let of_product = bom.about.producer.as_ref().filter(|_| bom.root.as_ref() == Some(&component.id));
    of_product.or(component.producer.as_ref())
}

impl<'b> Agents<'b> {
    /// Everyone that a document names.
    pub(super) fn of(bom: &'b Bom) -> Self {
        let about = &bom.about;
        let mut parties = BTreeMap::new();
        let others = bom
            .components
            .iter()
            .flat_map(|one| supplier(bom, one).into_iter().chain(producer(bom, one)).chain(&one.authors));
        for party in about.authors.iter().chain(others).filter(|party| !party.name.is_empty()) {
            parties.insert(party, 0);
        }
        let mut last: Option<(&str, usize)> = None;
        for (party, place) in &mut parties {
            *place = last.filter(|(name, _)| *name == party.name).map_or(0, |(_, place)| place + 1);
            last = Some((&party.name, *place));
        }
        Self { parties, authors: &about.authors, tools: &about.tools }
    }

    /// The name of a party's element.
    pub(super) fn name(&self, party: &'b Party) -> Option<Name<'b>> {
        self.parties.get(party).map(|place| Name::Of("party", *place, &party.name))
    }

    /// Names of those who made the document: its authors, else the program itself.
    pub(super) fn makers(&self) -> Vec<Name<'b>> {
        let authors: Vec<Name<'b>> = self.authors.iter().filter_map(|party| self.name(party)).collect();
        if authors.is_empty() { vec![Name::Sole("maker")] } else { authors }
    }

    /// Names of the programs that made it.
    pub(super) fn tools(&self) -> impl Iterator<Item = Name<'b>> {
        (0..self.tools.len()).map(|at| Name::Counted("tool", at))
    }

    /// Writes everyone.
    pub(super) fn write(&self, elements: &mut Elements<'_>) -> io::Result<()> {
        if self.makers() == [Name::Sole("maker")] {
            elements.element("SoftwareAgent", Name::Sole("maker"), |object| {
                object.text("name", self.tools.first().map_or(SELF, |tool| &tool.name));
            })?;
        }
        for (at, tool) in self.tools.iter().enumerate() {
            elements.element("Tool", Name::Counted("tool", at), |object| {
                let version = tool.version.as_deref();
                object.text("name", &version.map_or(tool.name.clone(), |version| format!("{}-{version}", tool.name)));
                let own = [
                    (property::NAME, version.map(|_| &tool.name)),
                    (property::VERSION, tool.version.as_ref()),
                    (property::PRODUCER, tool.producer.as_ref()),
                ];
                let own = own.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.clone())));
                let rest = tool.properties.iter().map(|(name, text)| (name.clone(), text.clone()));
                object.properties(&own.chain(rest).collect::<Vec<_>>());
            })?;
        }
        for (party, place) in &self.parties {
            let kind = if party.is_person { "Person" } else { "Organization" };
            elements.element(kind, Name::Of("party", *place, &party.name), |object| {
                object.text("name", &party.name);
                let mails = party.emails.iter().map(|mail| ("email", mail));
                let pages = party.urls.iter().map(|url| ("urlScheme", url));
                object.objects("externalIdentifier", mails.chain(pages), |object, (kind, text)| {
                    object.text("type", "ExternalIdentifier");
                    object.text("externalIdentifierType", kind);
                    object.text("identifier", text);
                });
            })?;
        }
        Ok(())
    }
}
