//! Classes of SPDX 3, and how an element is held against them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Check;
use super::formats;
use super::interpret::Interpreter;
use super::interpret::is_overridden;
use super::interpret::short;
use super::table::Field;
use crate::parse::json::Object;
use crate::parse::json::Value;

/// A class of SPDX 3.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// Whether elements may be of it.
    pub(super) standing: Standing,
    /// How its elements are named.
    pub(super) id: Id,
    /// What it descends from.
    pub(super) parent: Option<&'static str>,
    /// Fields of its own.
    pub(super) fields: BTreeMap<&'static str, Field>,
    /// Words that stand for elements of it.
    pub(super) individuals: BTreeSet<&'static str>,
}

/// Whether elements may be of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Standing {
    /// Only of its descendants.
    #[default]
    Abstract,
    /// They may.
    Concrete,
    /// They may, of any type and with any field.
    Free,
}

/// How the elements of a class are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Id {
    /// Not at all, as there are none.
    #[default]
    None,
    /// By `spdxId`, which they must have.
    Spdx,
    /// By `@id`, which they may have.
    Node,
}

impl Interpreter<'_> {
    /// Holds a whole document of SPDX 3 against the table.
    pub(super) fn spdx3(&mut self, root: &Value) -> bool {
        let Some(object) = root.as_object() else { return self.wrong_type(root, "an object") };
        let mut fits = true;
        if let Some(context) = object.get("@context")
            && context.as_str() != self.table.context
        {
            fits = self.tell(Check::Value, context, || "it is not the context of SPDX 3.0.1".to_owned());
        }
        let Some(graph) = object.get("@graph") else { return self.any_element(root, object, true) && fits };
        for (key, value) in object.iter().filter(|(key, _)| !matches!(*key, "@context" | "@graph")) {
            self.enter_key(key);
            let key = short(key);
            fits = self.tell(Check::Unknown, value, || format!("a document with `@graph` has no field `{key}`"));
            self.leave();
        }
        self.enter_key("@graph");
        match graph.as_array() {
            None => fits = self.wrong_type(graph, "a list"),
            Some(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.enter_item(at);
                    fits = match item.as_object() {
                        None => self.wrong_type(item, "an object"),
                        Some(object) => self.any_element(item, object, false),
                    } && fits;
                    self.leave();
                    if !self.goes_on(fits) {
                        break;
                    }
                }
            }
        }
        self.leave();
        fits
    }

    /// An element of whatever class it says.
    fn any_element(&mut self, value: &Value, object: &Object, is_root: bool) -> bool {
        let Some(kind) = object.get("type") else {
            return self.tell(Check::Missing, value, || "it has no `type`".to_owned());
        };
        match kind.as_str() {
            Some(word) if self.table.is_class_word(word) => self.element(value, object, word, is_root),
            _ => self.unknown_class(kind),
        }
    }

    fn unknown_class(&mut self, kind: &Value) -> bool {
        self.enter_key("type");
        let fits = match kind.as_str() {
            Some(word) => {
                let word = short(word);
                self.tell(Check::Value, kind, || format!("SPDX 3.0 has no class {word}"))
            }
            None => self.wrong_type(kind, "a text"),
        };
        self.leave();
        fits
    }

    /// A value where an element of a class is asked for: the element itself, its id, or a word that stands for one.
    pub(super) fn reference(&mut self, value: &Value, class: &'static str) -> bool {
        let Some(wanted) = self.table.classes.get(class) else { return true };
        if let Some(text) = value.as_str() {
            if formats::fits_pattern("iri", text)
                || formats::fits_pattern("blank-node", text)
                || wanted.individuals.contains(text)
            {
                self.keep(value, text);
                return true;
            }
            let text = short(text);
            return self.tell(Check::Form, value, || format!("{text} is no IRI and no blank node"));
        }
        let Some(object) = value.as_object() else {
            return self.wrong_type(value, &format!("a {class} or the id of one"));
        };
        let Some(kind) = object.get("type") else {
            return self.tell(Check::Missing, value, || "it has no `type`".to_owned());
        };
        if wanted.standing == Standing::Free {
            return match kind.as_str() {
                Some(word) if self.table.is_class_word(word) || formats::fits_pattern("iri", word) => true,
                _ => self.unknown_class(kind),
            };
        }
        match kind.as_str() {
            Some(word) if self.table.is_class_word(word) && self.table.is_kind_of(word, class) => {
                self.element(value, object, word, false)
            }
            Some(word) if self.table.is_class_word(word) => {
                self.enter_key("type");
                let fits = self.tell(Check::Value, kind, || format!("a {word} is no {class}"));
                self.leave();
                fits
            }
            _ => self.unknown_class(kind),
        }
    }

    /// The fields of an element of a class.
    fn element(&mut self, value: &Value, object: &Object, class: &str, is_root: bool) -> bool {
        let table = self.table;
        let id = table.classes.get(class).map_or(Id::None, |one| one.id);
        let id_field = if id == Id::Spdx { "spdxId" } else { "@id" };
        let mut fits = true;
        if id == Id::Spdx && object.get("spdxId").is_none() {
            fits = self.tell(Check::Missing, value, || format!("a {class} needs `spdxId`"));
        }
        for (name, _) in table.lineage(class).flat_map(|one| &one.fields).filter(|(_, field)| field.is_required) {
            if object.get(name).is_none() {
                fits = self.tell(Check::Missing, value, || format!("a {class} needs `{name}`"));
            }
        }
        for entry in object.entries() {
            let key = entry.key.as_str();
            if is_overridden(object, entry) || key == "type" || (is_root && key == "@context") {
                continue;
            }
            self.enter_key(key);
            fits = if key == id_field {
                let pattern = match entry.value.as_str() {
                    Some(text) if formats::fits_pattern("iri", text) => true,
                    Some(text) => id == Id::Node && formats::fits_pattern("blank-node", text),
                    None => false,
                };
                pattern || self.tell(Check::Form, &entry.value, || "it is no IRI".to_owned())
            } else if let Some(field) = table.class_field(class, key) {
                self.value(&entry.value, &field.shape)
            } else {
                let key = short(key);
                self.tell(Check::Unknown, &entry.value, || format!("a {class} has no field `{key}`"))
            } && fits;
            self.leave();
            if !self.goes_on(fits) {
                return false;
            }
        }
        fits
    }
}
