//! Holds a document against a table. Every value is looked at once, but for choices, whose branches are tried before
//! the nearest one is told of.
//!
//! Recursion is as deep as the document, which the reader of JSON limits, and as the shapes at one value, which the
//! tables limit. Work is counted; where it is used up, the document is not looked at to its end, and that is said.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;
use std::hash::Hasher;

use super::Check;
use super::Findings;
use super::formats;
use super::shape::Shape;
use super::shape::Text;
use super::table::ObjectType;
use super::table::Table;
use super::table::Type;
use crate::parse::json::Entry;
use crate::parse::json::Kind;
use crate::parse::json::Object;
use crate::parse::json::Value;

/// Steps that a document may cost, per byte of it.
const STEPS_PER_BYTE: usize = 64;
/// Most characters of the document in a message.
const SHORT: usize = 80;

/// A step from a value to one within it.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Item(usize),
}

/// An element that is named by its id where one is asked for.
pub(super) struct Reference {
    /// The id.
    pub(super) text: String,
    /// Where, as a JSON pointer.
    pub(super) pointer: String,
    /// The byte where it starts.
    pub(super) start: u64,
}

/// A document on its way through a table.
pub(super) struct Interpreter<'a> {
    pub(super) table: &'a Table,
    findings: &'a mut Findings,
    /// Where we are, for messages; kept only while they are told.
    path: Vec<Step>,
    /// How many choices are being tried, within which nothing is told.
    pub(super) tries: usize,
    steps: usize,
    /// Hashes of objects and lists by their place, so that lists of unlike items cost no more than reading them.
    hashes: HashMap<u64, u64>,
    /// Elements of SPDX 3 that are named by their ids.
    pub(super) references: Vec<Reference>,
}

/// A text of the document as a message shows it: cut, on one line. Whoever prints it takes secrets out.
pub(super) fn short(text: &str) -> String {
    let cut: String = text.chars().take(SHORT).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    let plain: String = cut.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{plain}{more}")
}

/// A step as JSON pointers spell it.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(table: &'a Table, findings: &'a mut Findings, bytes: usize) -> Self {
        let steps = bytes.saturating_mul(STEPS_PER_BYTE).saturating_add(100_000);
        Self { table, findings, path: Vec::new(), tries: 0, steps, hashes: HashMap::new(), references: Vec::new() }
    }

    /// The whole document.
    pub(super) fn document(&mut self, root: &Value) -> bool {
        let fits = match self.table.root {
            Some(name) => self.value(root, &Shape::Named(name)),
            None => self.spdx3(root),
        };
        if self.steps == 0 {
            self.findings.is_whole = false;
        }
        fits
    }

    pub(super) fn enter_key(&mut self, key: &str) {
        if self.tries == 0 {
            self.path.push(Step::Key(key.to_owned()));
        }
    }

    pub(super) fn enter_item(&mut self, at: usize) {
        if self.tries == 0 {
            self.path.push(Step::Item(at));
        }
    }

    pub(super) fn leave(&mut self) {
        if self.tries == 0 {
            self.path.pop();
        }
    }

    /// Whether there is a reason to look on: while a choice is tried, the first mistake decides.
    pub(super) fn goes_on(&self, fits: bool) -> bool {
        self.steps > 0 && (fits || self.tries == 0)
    }

    /// Tells of a mistake, unless a choice is tried. Never fits.
    pub(super) fn tell(&mut self, check: Check, value: &Value, message: impl FnOnce() -> String) -> bool {
        if self.tries == 0 {
            let pointer = self.pointer();
            self.findings.push(check, pointer, value.span.start, message());
        }
        false
    }

    /// Keeps an id that stands where an element is asked for.
    pub(super) fn keep(&mut self, value: &Value, text: &str) {
        if self.tries == 0 {
            let pointer = self.pointer();
            self.references.push(Reference { text: text.to_owned(), pointer, start: value.span.start });
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            // Writing to a text cannot fail.
            let _ = match step {
                Step::Key(key) => write!(pointer, "/{}", escaped(key)),
                Step::Item(at) => write!(pointer, "/{at}"),
            };
        }
        pointer
    }

    /// The last field that was entered, as messages name what is wrong.
    pub(super) fn here(&self) -> String {
        let name = self.path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(format!("`{}`", short(key))),
            Step::Item(_) => None,
        });
        name.unwrap_or_else(|| "the document".to_owned())
    }

    pub(super) fn wrong_type(&mut self, value: &Value, wanted: &str) -> bool {
        let here = self.here();
        let is = kind_word(value);
        self.tell(Check::Type, value, || format!("{here} is {is} and should be {wanted}"))
    }

    /// Whether a value fits a shape, telling of what does not.
    pub(super) fn value(&mut self, value: &Value, shape: &Shape) -> bool {
        let Some(steps) = self.steps.checked_sub(1) else { return false };
        self.steps = steps;
        let table = self.table;
        match shape {
            Shape::Any => true,
            Shape::Named(name) => match table.types.get(name) {
                Some(Type::Is(shape)) => self.value(value, shape),
                Some(Type::Object(object)) => self.object(value, name, object),
                None => true,
            },
            Shape::Object => value.as_object().is_some() || self.wrong_type(value, "an object"),
            Shape::Boolean => value.as_bool().is_some() || self.wrong_type(value, "true or false"),
            Shape::Number { is_whole, low, high } => self.number(value, *is_whole, *low, *high),
            Shape::Text(text) => self.text(value, text),
            Shape::Licence => self.licence(value),
            Shape::Node => match value.as_str() {
                Some(text) => {
                    formats::fits_pattern("iri", text)
                        || formats::fits_pattern("blank-node", text)
                        || self.tell(Check::Form, value, || format!("{} is no IRI and no blank node", short(text)))
                }
                None => self.wrong_type(value, "a text"),
            },
            Shape::Enum(name) => self.word(value, name),
            Shape::Word(word) => {
                value.as_str() == Some(word) || self.tell(Check::Value, value, || format!("it should be \"{word}\""))
            }
            Shape::Truth(truth) => {
                value.as_bool() == Some(*truth) || self.tell(Check::Value, value, || format!("it should be {truth}"))
            }
            Shape::Element(class) => self.reference(value, class),
            Shape::List { item, low, high, is_unique } => self.list(value, item, *low, *high, *is_unique),
            Shape::Tuple { items, low, high } => self.tuple(value, items, *low, *high),
            Shape::All(shapes) => {
                let mut fits = true;
                for shape in shapes {
                    fits = self.value(value, shape) && fits;
                    if !fits && !self.goes_on(fits) {
                        break;
                    }
                    // What is of another type altogether is told once.
                    if !fits && matches!(shape, Shape::Object | Shape::Text(_)) {
                        break;
                    }
                }
                fits
            }
            Shape::One(shapes) => self.choice(value, shapes, true),
            Shape::Some(shapes) => self.choice(value, shapes, false),
            Shape::Not(inner) => !self.tries_out(value, inner) || self.excluded(value, inner),
            Shape::If(three) => {
                let [condition, then, otherwise] = three.as_ref();
                let holds = self.tries_out(value, condition);
                let wanted = if holds { then } else { otherwise };
                self.value(value, wanted)
            }
            Shape::Has(names) => {
                let Some(object) = value.as_object() else { return true };
                let missing: Vec<&&str> = names.iter().filter(|name| object.get(name).is_none()).collect();
                missing.is_empty()
                    || self.tell(Check::Missing, value, || {
                        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
                        format!("it needs {}", names.join(" and "))
                    })
            }
        }
    }

    /// Whether a value fits, without telling.
    pub(super) fn tries_out(&mut self, value: &Value, shape: &Shape) -> bool {
        self.tries += 1;
        let fits = self.value(value, shape);
        self.tries -= 1;
        fits
    }

    fn excluded(&mut self, value: &Value, inner: &Shape) -> bool {
        self.tell(Check::Choice, value, || match inner {
            Shape::Has(names) if names.len() > 1 => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("{} exclude each other", names.join(" and "))
            }
            Shape::Has(names) => format!("`{}` may not stand here", names.join(" ")),
            _ => "it may not be this".to_owned(),
        })
    }

    fn number(&mut self, value: &Value, is_whole: bool, low: Option<f64>, high: Option<f64>) -> bool {
        let number = match &value.kind {
            // Limits of the tables are small, so what a float cannot hold is beyond them anyway.
            #[allow(clippy::cast_precision_loss)]
            Kind::Integer(number) => *number as f64,
            Kind::Float(number) if !is_whole || number.fract() == 0.0 => *number,
            _ => return self.wrong_type(value, if is_whole { "a whole number" } else { "a number" }),
        };
        if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
            return self.tell(Check::Size, value, || {
                let text = |limit: Option<f64>| limit.map_or_else(String::new, |limit| limit.to_string());
                match (low, high) {
                    (_, None) => format!("{number} is less than {}", text(low)),
                    (None, _) => format!("{number} is more than {}", text(high)),
                    _ => format!("{number} is not within {} and {}", text(low), text(high)),
                }
            });
        }
        true
    }

    fn text(&mut self, value: &Value, wanted: &Text) -> bool {
        let Some(text) = value.as_str() else { return self.wrong_type(value, "a text") };
        self.steps = self.steps.saturating_sub(text.len() / 16);
        if wanted.low > 0 || wanted.high.is_some() {
            let length = text.chars().count();
            if length < wanted.low {
                let here = self.here();
                return self.tell(Check::Size, value, || format!("{here} is shorter than {} characters", wanted.low));
            }
            if let Some(high) = wanted.high.filter(|high| length > *high) {
                let here = self.here();
                return self.tell(Check::Size, value, || format!("{here} is longer than {high} characters"));
            }
        }
        let form = wanted.form.filter(|form| !formats::fits_form(form, text));
        let unfit = form.or_else(|| wanted.patterns.iter().copied().find(|one| !formats::fits_pattern(one, text)));
        match unfit {
            None => true,
            Some(unfit) => {
                let here = self.here();
                self.tell(Check::Form, value, || format!("{here} {} is not {}", quoted(text), formats::words(unfit)))
            }
        }
    }

    fn licence(&mut self, value: &Value) -> bool {
        let Some(text) = value.as_str() else { return self.wrong_type(value, "a text") };
        match formats::licence_id(text) {
            // What is newer than the schema's list is right, and told of among what schemas do not say.
            formats::LicenceId::Listed | formats::LicenceId::Newer => true,
            formats::LicenceId::Unknown(listed) => {
                let hint = listed.map_or_else(String::new, |listed| format!("; it spells it {listed}"));
                self.tell(Check::LicenceId, value, || format!("SPDX's list has no {}{hint}", quoted(text)))
            }
        }
    }

    fn word(&mut self, value: &Value, name: &str) -> bool {
        let Some(text) = value.as_str() else { return self.wrong_type(value, "a text") };
        let Some(words) = self.table.enums.get(name) else { return true };
        if words.contains(text) {
            return true;
        }
        let here = self.here();
        let near = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
        let few: Vec<&str> = words.iter().take(9).copied().collect();
        self.tell(Check::Value, value, || match near {
            Some(near) => format!("{here} {} is spelt {near}", quoted(text)),
            None if few.len() < 9 => format!("{here} {} is none of {}", quoted(text), few.join(", ")),
            None => format!("{here} {} is no word of the format", quoted(text)),
        })
    }

    fn object(&mut self, value: &Value, name: &'static str, wanted: &ObjectType) -> bool {
        let table = self.table;
        let Some(object) = value.as_object() else {
            // A choice between fields lets every value through twice, and so fails where there are none.
            let is_let_through = wanted.is_lax && wanted.also.as_ref().is_none_or(|also| self.tries_out(value, also));
            return is_let_through || self.wrong_type(value, "an object");
        };
        let mut fits = true;
        for (field, _) in wanted.fields.iter().filter(|(_, field)| field.is_required) {
            if object.get(field).is_none() {
                let here = self.here();
                fits = self.tell(Check::Missing, value, || format!("{here} needs `{field}`"));
            }
        }
        if !self.goes_on(fits) {
            return false;
        }
        for entry in object.entries() {
            if is_overridden(object, entry) {
                continue;
            }
            let key = entry.key.as_str();
            self.enter_key(key);
            if let Some(field) = wanted.fields.get(key) {
                fits = self.value(&entry.value, &field.shape) && fits;
            } else if wanted.is_closed {
                fits = self.tell(Check::Unknown, &entry.value, || {
                    let others = table.versions.iter().find(|((owner, field), _)| *owner == name && *field == key);
                    let since = others.map_or_else(String::new, |(_, versions)| {
                        format!("; versions {} have it", versions.join(", "))
                    });
                    format!("the format has no field `{}` here{since}", short(key))
                });
            }
            self.leave();
            if !self.goes_on(fits) {
                return false;
            }
        }
        if let Some(also) = &wanted.also {
            fits = self.value(value, also) && fits;
        }
        fits
    }

    fn sizes(&mut self, value: &Value, length: usize, low: usize, high: Option<usize>) -> bool {
        let here = self.here();
        if length < low {
            return self.tell(Check::Size, value, || format!("{here} has {length} items and needs {low}"));
        }
        match high.filter(|high| length > *high) {
            Some(high) => self.tell(Check::Size, value, || format!("{here} has {length} items and may have {high}")),
            None => true,
        }
    }

    fn list(&mut self, value: &Value, item: &Shape, low: usize, high: Option<usize>, is_unique: bool) -> bool {
        let Some(items) = value.as_array() else { return self.wrong_type(value, "a list") };
        let mut fits = self.sizes(value, items.len(), low, high);
        for (at, one) in items.iter().enumerate() {
            self.enter_item(at);
            fits = self.value(one, item) && fits;
            self.leave();
            if !self.goes_on(fits) {
                return false;
            }
        }
        if is_unique { self.unique(items) && fits } else { fits }
    }

    fn tuple(&mut self, value: &Value, wanted: &[Shape], low: usize, high: Option<usize>) -> bool {
        let Some(items) = value.as_array() else { return self.wrong_type(value, "a list") };
        let mut fits = self.sizes(value, items.len(), low, high.or(Some(wanted.len())));
        for (at, (one, shape)) in items.iter().zip(wanted).enumerate() {
            self.enter_item(at);
            fits = self.value(one, shape) && fits;
            self.leave();
        }
        fits
    }

    fn unique(&mut self, items: &[Value]) -> bool {
        let mut seen: HashMap<u64, Vec<&Value>> = HashMap::new();
        let mut fits = true;
        for (at, item) in items.iter().enumerate() {
            let hash = self.hash(item);
            let same = seen.entry(hash).or_default();
            if let Some(first) = same.iter().find(|one| equal(one, item)) {
                let line = self.findings.line(first.span.start);
                self.enter_item(at);
                fits = self.tell(Check::DuplicateItem, item, || format!("it is the same as the item at line {line}"));
                self.leave();
            } else if same.len() < 8 {
                // More unlike items of one hash are nobody's document.
                same.push(item);
            }
        }
        fits
    }

    /// A hash by which equal values are equal: keys in any order, numbers by their value.
    fn hash(&mut self, value: &Value) -> u64 {
        self.steps = self.steps.saturating_sub(1);
        let mut hasher = std::collections::hash_map::DefaultHasher::new();
        match &value.kind {
            Kind::Null | Kind::Unreadable => 0_u8.hash(&mut hasher),
            Kind::Bool(truth) => (1_u8, truth).hash(&mut hasher),
            #[allow(clippy::cast_precision_loss)]
            Kind::Integer(number) => (2_u8, (*number as f64).to_bits()).hash(&mut hasher),
            Kind::Float(number) => (2_u8, number.to_bits()).hash(&mut hasher),
            Kind::String(text) => (3_u8, &text.text).hash(&mut hasher),
            Kind::Array(_) | Kind::Object(_) => {
                if let Some(hash) = self.hashes.get(&value.span.start) {
                    return *hash;
                }
                4_u8.hash(&mut hasher);
                for item in value.items() {
                    self.hash(item).hash(&mut hasher);
                }
                if let Some(object) = value.as_object() {
                    let mut sum = 0_u64;
                    for entry in object.entries().iter().filter(|entry| !is_overridden(object, entry)) {
                        let mut one = std::collections::hash_map::DefaultHasher::new();
                        (entry.key.as_str(), self.hash(&entry.value)).hash(&mut one);
                        sum = sum.wrapping_add(one.finish());
                    }
                    (5_u8, sum).hash(&mut hasher);
                }
                let hash = hasher.finish();
                self.hashes.insert(value.span.start, hash);
                return hash;
            }
        }
        hasher.finish()
    }
}

/// Whether a later entry of the same key is what readers take. Both stand among the duplicates.
pub(super) fn is_overridden(object: &Object, entry: &Entry) -> bool {
    object.entry(entry.key.as_str()).is_some_and(|last| last.key.span != entry.key.span)
}

/// A text in a message.
fn quoted(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { format!("\"{}\"", short(text)) }
}

/// What a value is, in a word.
fn kind_word(value: &Value) -> &'static str {
    match &value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "true or false",
        Kind::Integer(_) | Kind::Float(_) => "a number",
        Kind::String(_) => "a text",
        Kind::Array(_) => "a list",
        Kind::Object(_) => "an object",
        Kind::Unreadable => "unreadable",
    }
}

/// Whether two values are the same: keys in any order, numbers by their value.
fn equal(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Array(a), Kind::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Kind::Object(a), Kind::Object(b)) => {
            let within = |a: &Object, b: &Object| {
                a.iter().all(|(key, _)| match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => equal(a, b),
                    _ => false,
                })
            };
            // Duplicates may make one longer than it is, so both ways.
            within(a, b) && b.iter().all(|(key, _)| a.get(key).is_some())
        }
        (Kind::String(a), Kind::String(b)) => a.text == b.text,
        #[allow(clippy::cast_precision_loss)]
        (Kind::Integer(a), Kind::Float(b)) | (Kind::Float(b), Kind::Integer(a)) => *a as f64 == *b,
        (a, b) => a == b,
    }
}
