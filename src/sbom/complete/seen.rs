//! A document as its elements look at it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::sbom::Bom;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::RelationKind;

use super::Element;
use super::Whom;
use super::fields;

/// A document with what is asked of it often.
pub(super) struct Seen<'b> {
    pub bom: &'b Bom,
    /// Kinds of relations by the part they start from.
    from: BTreeMap<&'b str, BTreeSet<RelationKind>>,
    /// Parts that a relation leads to, or that a process gives.
    reached: BTreeSet<&'b str>,
    /// Parts that a process takes or gives.
    processed: BTreeSet<&'b str>,
}

impl<'b> Seen<'b> {
    pub(super) fn of(bom: &'b Bom) -> Self {
        let mut out = Self { bom, from: BTreeMap::new(), reached: BTreeSet::new(), processed: BTreeSet::new() };
        for relation in &bom.relations {
            out.from.entry(&relation.from).or_default().insert(relation.kind);
            out.reached.insert(&relation.to);
        }
        for process in &bom.processes {
            out.processed.extend(process.inputs.iter().chain(&process.outputs).map(String::as_str));
        }
        out
    }

    /// Whether it lists no parts.
    pub(super) fn is_bare(&self) -> bool {
        super::is_bare(self.bom)
    }

    /// Where an element can be stated: in the files that our own documents are made from, else in the document.
    pub(super) fn stated(&self, element: &Element) -> &'static str {
        match &self.bom.about.format {
            None => element.stated,
            Some(_) if self.is_ours() && !element.stated.is_empty() => element.stated,
            Some(format) => fields::of(element.id, format),
        }
    }

    fn is_ours(&self) -> bool {
        self.bom.about.tools.iter().any(|tool| tool.name == env!("CARGO_PKG_NAME"))
    }

    /// What the document is about.
    pub(super) fn root(&self) -> Option<&'b Component> {
        self.bom.component(self.bom.root.as_deref()?)
    }

    /// Whether a part stands in a relation of a kind.
    pub(super) fn has(&self, part: &Component, is: impl Fn(RelationKind) -> bool) -> bool {
        self.from.get(part.id.as_str()).is_some_and(|kinds| kinds.iter().any(|kind| is(*kind)))
    }

    /// Whether a process takes or gives a part.
    pub(super) fn is_processed(&self, part: &Component) -> bool {
        self.processed.contains(part.id.as_str())
    }

    /// Whether it is said of a part what it needs, nothing being an answer, or the part is needed by another.
    pub(super) fn is_related(&self, part: &Component) -> bool {
        self.from.contains_key(part.id.as_str()) || self.reached.contains(part.id.as_str())
    }

    /// Whether a person states something of the system.
    pub(super) fn states(&self, name: &str) -> bool {
        self.bom.about.statements.contains_key(name)
    }
}

impl Whom {
    pub(super) fn is(self, part: &Component) -> bool {
        match self {
            Self::Parts => part.kind != Kind::File,
            Self::Models => matches!(part.kind, Kind::Model | Kind::Adapter | Kind::Tokenizer),
            Self::AnyModels => part.kind.is_model(),
            Self::Datasets => part.kind == Kind::Dataset,
        }
    }
}
