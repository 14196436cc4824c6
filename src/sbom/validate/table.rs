//! Reads the tables of facts for one version of a format.
//!
//! A table is text with tabs. A row at the margin is a name: `NAME KIND VERSIONS REST`, where KIND is
//!
//! - `open` or `closed`: an object that may or may not have other fields than its own; with `lax`, a value that is no
//!   object is let through; REST is what must hold of it as well;
//! - `is`: the shape in REST;
//! - `enum`: the words of REST, parted by `|`; several rows of one name are one list;
//! - `class`: a class of SPDX 3; REST is `abstract`, `concrete` or `free` (with fields of its own), the field of its id
//!   or `-`, and its parent;
//! - `individual`: names of elements that stand for themselves.
//!
//! Rows that start with a tab are fields of the name above: `FIELD VERSIONS NEED SHAPE`, NEED being `required` or
//! `optional`. VERSIONS is `1.4`, `1.4-1.7` or several of them with commas. Sources: the JSON schemas of CycloneDX 1.2
//! to 1.7 with JSF 0.82, of SPDX 2.2 and 2.3, and of SPDX 3.0.1.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::classes::Class;
use super::classes::Id;
use super::classes::Standing;
use super::shape;
use super::shape::Shape;
use crate::sbom::model::Format;

const CYCLONEDX: &str = include_str!("tables/cyclonedx.tsv");
const SPDX2: &str = include_str!("tables/spdx2.tsv");
const SPDX3: &str = include_str!("tables/spdx3.tsv");

/// The facts of one version of a format.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The name of the whole document; none for SPDX 3, whose documents are elements.
    pub(super) root: Option<&'static str>,
    /// The address that `@context` has, for SPDX 3.
    pub(super) context: Option<&'static str>,
    /// Objects and other shapes by name.
    pub(super) types: BTreeMap<&'static str, Type>,
    /// Lists of words by name.
    pub(super) enums: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Classes of SPDX 3.
    pub(super) classes: BTreeMap<&'static str, Class>,
    /// Versions of the format that have a field, by object and field; to tell of one that is newer or older.
    pub(super) versions: BTreeMap<(&'static str, &'static str), Vec<&'static str>>,
    /// Rows that could not be read: mistakes of ours.
    pub(super) mistakes: Vec<String>,
}

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Type {
    /// Another shape.
    Is(Shape),
    /// An object.
    Object(ObjectType),
}

/// An object.
#[derive(Debug, Default)]
pub(super) struct ObjectType {
    /// Whether it has no other fields than these.
    pub(super) is_closed: bool,
    /// Whether a value that is no object is let through.
    pub(super) is_lax: bool,
    /// What must hold as well.
    pub(super) also: Option<Shape>,
    /// Its fields.
    pub(super) fields: BTreeMap<&'static str, Field>,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// Whether it must be there.
    pub(super) is_required: bool,
    /// What it may be.
    pub(super) shape: Shape,
}

/// Whether a version is among those of a row.
fn covers(versions: &str, version: &str) -> bool {
    versions.split(',').any(|one| match one.split_once('-') {
        Some((from, to)) => from <= version && version <= to,
        None => one == version,
    })
}

impl Table {
    /// The facts of a format. A version that is not known has none.
    pub(super) fn of(format: &Format) -> Self {
        match format {
            Format::CycloneDx(version) => Self::read(CYCLONEDX, version, Some("bom"), None),
            Format::Spdx2(version) => Self::read(SPDX2, version, Some("document"), None),
            Format::Spdx3(version) => {
                let context = super::CONTEXTS.iter().find(|(_, one)| one == version).map(|(address, _)| *address);
                Self::read(SPDX3, "3.0", None, context)
            }
        }
    }

    fn read(text: &'static str, version: &str, root: Option<&'static str>, context: Option<&'static str>) -> Self {
        let mut table = Self { root, context, ..Self::default() };
        let mut name = "";
        for row in text.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
            let cells: Vec<&'static str> = row.split('\t').collect();
            let understood = match cells.as_slice() {
                ["", field, versions, need, shape] => table.field(name, field, versions, need, shape, version),
                [own, kind, versions, rest @ ..] if !own.is_empty() => {
                    name = own;
                    !covers(versions, version) || table.name(own, kind, rest.first().copied().unwrap_or(""), rest)
                }
                _ => false,
            };
            if !understood {
                table.mistakes.push(row.to_owned());
            }
        }
        table
    }

    fn name(&mut self, name: &'static str, kind: &str, rest: &'static str, cells: &[&'static str]) -> bool {
        match kind {
            "enum" => self.enums.entry(name).or_default().extend(rest.split('|')),
            "individual" => {
                let Some(class) = self.classes.get_mut(name) else { return false };
                class.individuals = rest.split('|').collect();
            }
            "class" => {
                let Some((standing, id)) = rest.split_once(' ') else { return false };
                let standing = match standing {
                    "abstract" => Standing::Abstract,
                    "concrete" => Standing::Concrete,
                    "free" => Standing::Free,
                    _ => return false,
                };
                let id = match id {
                    "spdxId" => Id::Spdx,
                    "@id" => Id::Node,
                    "-" => Id::None,
                    _ => return false,
                };
                let parent = cells.get(1).copied();
                self.classes.insert(name, Class { standing, id, parent, ..Class::default() });
            }
            "is" => {
                let Some(shape) = shape::parse(rest) else { return false };
                self.types.insert(name, Type::Is(shape));
            }
            _ => {
                let (open, is_lax) = kind.strip_suffix(" lax").map_or((kind, false), |open| (open, true));
                if open != "open" && open != "closed" {
                    return false;
                }
                let also = if rest.is_empty() { None } else { shape::parse(rest) };
                if also.is_none() != rest.is_empty() {
                    return false;
                }
                let object = ObjectType { is_closed: open == "closed", is_lax, also, ..ObjectType::default() };
                self.types.insert(name, Type::Object(object));
            }
        }
        true
    }

    fn field(
        &mut self,
        owner: &'static str,
        field: &'static str,
        versions: &'static str,
        need: &str,
        shape: &'static str,
        version: &str,
    ) -> bool {
        self.versions.entry((owner, field)).or_default().push(versions);
        let Some(shape) = shape::parse(shape) else { return false };
        if !covers(versions, version) {
            return true;
        }
        let is_required = match need {
            "required" => true,
            "optional" => false,
            _ => return false,
        };
        let one = Field { is_required, shape };
        if let Some(class) = self.classes.get_mut(owner) {
            class.fields.insert(field, one);
            return true;
        }
        match self.types.get_mut(owner) {
            Some(Type::Object(object)) => object.fields.insert(field, one).is_none(),
            _ => false,
        }
    }

    /// Names of all classes, which are the words that `type` may have in SPDX 3.
    pub(super) fn is_class_word(&self, word: &str) -> bool {
        self.classes.get(word).is_some_and(|class| class.standing == Standing::Concrete)
    }

    /// Whether a class is another one or one of its descendants.
    pub(super) fn is_kind_of(&self, class: &str, ancestor: &str) -> bool {
        let mut at = Some(class);
        // Classes are no deeper than a few; the table has no circle, which a test holds it to.
        for _ in 0..16 {
            match at {
                None => return false,
                Some(name) if name == ancestor => return true,
                Some(name) => at = self.classes.get(name).and_then(|one| one.parent),
            }
        }
        false
    }

    /// A field of a class or of what it descends from.
    pub(super) fn class_field(&self, class: &str, field: &str) -> Option<&Field> {
        self.lineage(class).find_map(|one| one.fields.get(field))
    }

    /// A class and what it descends from.
    pub(super) fn lineage<'t>(&'t self, class: &str) -> impl Iterator<Item = &'t Class> + use<'t> {
        let first = self.classes.get(class);
        std::iter::successors(first, |one| one.parent.and_then(|parent| self.classes.get(parent))).take(16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::validate::formats;

    fn all() -> Vec<Format> {
        let mut all: Vec<Format> =
            crate::sbom::validate::CYCLONEDX.iter().map(|version| Format::CycloneDx((*version).to_owned())).collect();
        all.extend(["2.2", "2.3"].map(|version| Format::Spdx2(version.to_owned())));
        all.extend(["3.0.0", "3.0.1"].map(|version| Format::Spdx3(version.to_owned())));
        all
    }

    /// Every name that a shape holds is in the table.
    fn look(table: &Table, shape: &Shape, wrong: &mut Vec<String>) {
        match shape {
            Shape::Named(name) if !table.types.contains_key(name) => wrong.push(format!("@{name}")),
            Shape::Enum(name) if !table.enums.contains_key(name) => wrong.push(format!("enum {name}")),
            Shape::Element(name) if !table.classes.contains_key(name) => wrong.push(format!("element {name}")),
            Shape::Text(text) => {
                wrong.extend(text.form.filter(|form| !formats::is_form(form)).map(str::to_owned));
                wrong.extend(text.patterns.iter().filter(|one| !formats::is_pattern(one)).map(|one| format!("~{one}")));
            }
            Shape::List { item, .. } | Shape::Not(item) => look(table, item, wrong),
            Shape::Tuple { items, .. } | Shape::One(items) | Shape::Some(items) | Shape::All(items) => {
                items.iter().for_each(|item| look(table, item, wrong));
            }
            Shape::If(three) => three.iter().for_each(|item| look(table, item, wrong)),
            _ => {}
        }
    }

    #[test]
    fn every_row_is_read_and_every_name_is_there() {
        for format in all() {
            let table = Table::of(&format);
            assert_eq!(table.mistakes, Vec::<String>::new(), "{format:?}");
            let mut wrong = Vec::new();
            for one in table.types.values() {
                match one {
                    Type::Is(shape) => look(&table, shape, &mut wrong),
                    Type::Object(object) => {
                        object.also.iter().for_each(|shape| look(&table, shape, &mut wrong));
                        object.fields.values().for_each(|field| look(&table, &field.shape, &mut wrong));
                    }
                }
            }
            for (name, class) in &table.classes {
                class.fields.values().for_each(|field| look(&table, &field.shape, &mut wrong));
                wrong.extend(class.parent.filter(|parent| !table.classes.contains_key(parent)).map(str::to_owned));
                assert!(table.lineage(name).count() < 16, "{name}");
            }
            assert_eq!(wrong, Vec::<String>::new(), "{format:?}");
            assert_eq!(table.root.is_some_and(|root| table.types.contains_key(root)), table.context.is_none());
        }
    }

    #[test]
    fn versions_are_those_of_a_row() {
        for (versions, version, is) in [
            ("1.4", "1.4", true),
            ("1.2-1.5", "1.6", false),
            ("1.2,1.5-1.7", "1.6", true),
            ("1.2,1.5-1.7", "1.3", false),
        ] {
            assert_eq!(covers(versions, version), is, "{versions} {version}");
        }
    }
}
