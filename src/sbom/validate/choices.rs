//! Choices between shapes: whether exactly one fits, and which one was meant where none does.

use super::Check;
use super::interpret::Interpreter;
use super::shape::Shape;
use super::table::Type;
use crate::parse::json::Kind;
use crate::parse::json::Value;

impl Interpreter<'_> {
    /// One of several shapes. Where none fits, the nearest is told of.
    pub(super) fn choice(&mut self, value: &Value, shapes: &[Shape], only_one: bool) -> bool {
        let mut fitting = 0;
        for shape in shapes {
            if self.tries_out(value, shape) {
                fitting += 1;
                if !only_one || fitting > 1 {
                    break;
                }
            }
        }
        if fitting == 1 {
            return true;
        }
        let fields: Option<Vec<&[&str]>> = shapes
            .iter()
            .map(|shape| if let Shape::Has(names) = shape { Some(names.as_slice()) } else { None })
            .collect();
        if let Some(fields) = fields {
            let here = self.here();
            return self.tell(Check::Choice, value, || {
                let sets: Vec<String> = fields.iter().map(|names| format!("`{}`", names.join("` with `"))).collect();
                if fitting > 1 {
                    format!("of {} only one may stand in {here}", sets.join(", "))
                } else {
                    format!("{here} needs one of {}", sets.join(", "))
                }
            });
        }
        if fitting > 1 {
            let here = self.here();
            return self
                .tell(Check::Choice, value, || format!("{here} can be read in several ways that exclude each other"));
        }
        if self.tries > 0 {
            return false;
        }
        // A mixture of licences and expressions is the mistake that is made most often, and has its own words.
        if let Some(check) = self.mixture(value, shapes) {
            return check;
        }
        let nearest = shapes.iter().max_by_key(|shape| self.nearness(value, shape));
        match nearest {
            Some(shape) if self.nearness(value, shape) > 0 => self.value(value, shape),
            _ => {
                let wanted: Vec<&str> = shapes.iter().map(|shape| self.shape_word(shape)).collect();
                self.wrong_type(value, &wanted.join(" or "))
            }
        }
    }

    /// Objects that have fields of two branches that exclude each other.
    fn mixture(&mut self, value: &Value, shapes: &[Shape]) -> Option<bool> {
        // Up to 1.6 the list as a whole is the choice: several licences, or one expression.
        if let Some(items) = value.as_array()
            && shapes.iter().any(|shape| matches!(shape, Shape::Tuple { .. }))
            && items.iter().any(|item| item.get("expression").is_some())
            && items.len() > 1
        {
            let here = self.here();
            return Some(self.tell(Check::Choice, value, || {
                format!("{here} holds an expression, which must be its only item before CycloneDX 1.7")
            }));
        }
        let object = value.as_object()?;
        let table = self.table;
        let mut required = Vec::new();
        for shape in shapes {
            let Shape::Named(name) = shape else { return None };
            let Some(Type::Object(one)) = table.types.get(name) else { return None };
            let own: Vec<&'static str> =
                one.fields.iter().filter(|(_, field)| field.is_required).map(|(name, _)| *name).collect();
            if !own.is_empty() && own.iter().all(|name| object.get(name).is_some()) {
                required.push(own.join("` with `"));
            }
        }
        if required.len() < 2 {
            return None;
        }
        let here = self.here();
        Some(self.tell(Check::Choice, value, || format!("of `{}` only one may stand in {here}", required.join("`, `"))))
    }

    /// How near a value is to a shape: 0 where it is of another type, else more the more of its fields are known.
    fn nearness(&self, value: &Value, shape: &Shape) -> usize {
        const FITS: usize = 1_000;
        match shape {
            Shape::Named(name) => match self.table.types.get(name) {
                Some(Type::Is(shape)) => self.nearness(value, shape),
                Some(Type::Object(wanted)) => {
                    let Some(object) = value.as_object() else { return 0 };
                    let known = object.iter().filter(|(key, _)| wanted.fields.contains_key(key)).count();
                    let unknown = object.len().saturating_sub(known);
                    let missing = wanted
                        .fields
                        .iter()
                        .filter(|(name, field)| field.is_required && object.get(name).is_none())
                        .count();
                    (FITS + known).saturating_sub(unknown + 2 * missing).max(1)
                }
                None => FITS,
            },
            Shape::Object | Shape::Has(_) => usize::from(value.as_object().is_some()) * FITS,
            Shape::Text(_) | Shape::Enum(_) | Shape::Licence | Shape::Node | Shape::Word(_) => {
                usize::from(value.as_str().is_some()) * FITS
            }
            Shape::List { item, .. } => match value.as_array() {
                Some([]) => FITS,
                Some([first, ..]) => self.nearness(first, item).max(1),
                None => 0,
            },
            Shape::Tuple { items, .. } => match (value.as_array(), items.first()) {
                (Some([first, ..]), Some(item)) => self.nearness(first, item).max(1),
                (Some([]), _) => FITS,
                _ => 0,
            },
            Shape::Boolean | Shape::Truth(_) => usize::from(value.as_bool().is_some()) * FITS,
            Shape::Number { .. } => usize::from(matches!(value.kind, Kind::Integer(_) | Kind::Float(_))) * FITS,
            Shape::All(shapes) => shapes.iter().map(|shape| self.nearness(value, shape)).min().unwrap_or(0),
            Shape::One(shapes) | Shape::Some(shapes) => {
                shapes.iter().map(|shape| self.nearness(value, shape)).max().unwrap_or(0)
            }
            Shape::Any | Shape::Not(_) | Shape::If(_) | Shape::Element(_) => 1,
        }
    }

    /// What a shape is, in a word.
    fn shape_word(&self, shape: &Shape) -> &'static str {
        match shape {
            Shape::Named(name) => match self.table.types.get(name) {
                Some(Type::Is(shape)) => self.shape_word(shape),
                _ => "an object",
            },
            Shape::Object | Shape::Has(_) | Shape::Element(_) => "an object",
            Shape::List { .. } | Shape::Tuple { .. } => "a list",
            Shape::Boolean | Shape::Truth(_) => "true or false",
            Shape::Number { .. } => "a number",
            Shape::Text(_) | Shape::Enum(_) | Shape::Licence | Shape::Node | Shape::Word(_) => "a text",
            Shape::All(shapes) | Shape::One(shapes) | Shape::Some(shapes) => {
                shapes.first().map_or("something else", |shape| self.shape_word(shape))
            }
            Shape::Any | Shape::Not(_) | Shape::If(_) => "something else",
        }
    }
}
