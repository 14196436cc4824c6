//! What a value may be, and how the tables write it.
//!
//! A shape is a word with what belongs to it: `string date-time`, `string ~urn-uuid`, `string 1..`, `integer 0..6`,
//! `list 1.. unique @component`, `one(has(id), has(name))`, `enum hash-alg`, `element Agent`. `@NAME` is another row of
//! the table, `&` joins what must hold together.

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// Any object.
    Object,
    /// `true` or `false`.
    Boolean,
    /// A number within limits.
    Number { is_whole: bool, low: Option<f64>, high: Option<f64> },
    /// A text.
    Text(Text),
    /// The id of a licence or exception of SPDX.
    Licence,
    /// The IRI of an element or a blank node.
    Node,
    /// A word of a list.
    Enum(&'static str),
    /// One text.
    Word(&'static str),
    /// One truth.
    Truth(bool),
    /// Another row of the table.
    Named(&'static str),
    /// An element of a class: inline, or by its id.
    Element(&'static str),
    /// A list of items of one shape.
    List { item: Box<Shape>, low: usize, high: Option<usize>, is_unique: bool },
    /// A list of so many items, each of its shape.
    Tuple { items: Vec<Shape>, low: usize, high: Option<usize> },
    /// Exactly one.
    One(Vec<Shape>),
    /// One or more.
    Some(Vec<Shape>),
    /// All.
    All(Vec<Shape>),
    /// Not that.
    Not(Box<Shape>),
    /// Where the first holds the second must, else the third.
    If(Box<[Shape; 3]>),
    /// An object has these fields; of another value nothing is asked.
    Has(Vec<&'static str>),
}

/// What a text may be.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Text {
    /// The form it has, by the name of JSON Schema: `date-time`.
    pub(super) form: Option<&'static str>,
    /// Patterns that it fits, by the names of [`super::formats`].
    pub(super) patterns: Vec<&'static str>,
    /// Fewest characters.
    pub(super) low: usize,
    /// Most characters.
    pub(super) high: Option<usize>,
}

/// Reads a shape; none where the text is none, which is a mistake in our own table.
pub(super) fn parse(text: &'static str) -> Option<Shape> {
    let mut reader = Reader { rest: text.trim() };
    let first = reader.shape()?;
    let mut all = vec![first];
    while reader.take("&") {
        all.push(reader.shape()?);
    }
    if !reader.rest.is_empty() {
        return None;
    }
    if all.len() == 1 { all.pop() } else { Some(Shape::All(all)) }
}

struct Reader {
    rest: &'static str,
}

impl Reader {
    /// Takes a mark and the blanks around it.
    fn take(&mut self, mark: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(mark) {
            Some(after) => {
                self.rest = after.trim_start();
                true
            }
            None => false,
        }
    }

    /// The next word, without taking it.
    fn peek(&self) -> &'static str {
        let rest = self.rest.trim_start();
        let end = rest.find([' ', '(', ')', ',', '&']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or("")
    }

    fn word(&mut self) -> &'static str {
        let word = self.peek();
        self.rest = self.rest.trim_start().get(word.len()..).unwrap_or("").trim_start();
        word
    }

    /// Limits: `1..`, `..8`, `0..6`.
    fn limits(&mut self) -> Option<(&'static str, &'static str)> {
        let limits = self.peek().split_once("..")?;
        self.word();
        Some(limits)
    }

    fn sizes(&mut self) -> (usize, Option<usize>) {
        self.limits().map_or((0, None), |(low, high)| (low.parse().unwrap_or(0), high.parse().ok()))
    }

    /// Shapes within brackets.
    fn several(&mut self) -> Option<Vec<Shape>> {
        let mut out = Vec::new();
        if !self.take("(") {
            return None;
        }
        loop {
            out.push(self.shape()?);
            if self.take(")") {
                return Some(out);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn shape(&mut self) -> Option<Shape> {
        let word = self.word();
        if let Some(name) = word.strip_prefix('@') {
            return Some(Shape::Named(name));
        }
        Some(match word {
            "any" if self.rest.starts_with('(') => Shape::Some(self.several()?),
            "any" => Shape::Any,
            "object" => Shape::Object,
            "boolean" => Shape::Boolean,
            "licence" => Shape::Licence,
            "node" => Shape::Node,
            "integer" | "number" => {
                let limits = self.limits();
                let low = limits.and_then(|limits| limits.0.parse().ok());
                let high = limits.and_then(|limits| limits.1.parse().ok());
                Shape::Number { is_whole: word == "integer", low, high }
            }
            "string" => Shape::Text(self.text()),
            "enum" => Shape::Enum(self.word()),
            "element" => Shape::Element(self.word()),
            "const" => match self.word() {
                "true" => Shape::Truth(true),
                "false" => Shape::Truth(false),
                text => Shape::Word(text.strip_prefix('"')?.strip_suffix('"')?),
            },
            "list" => {
                let (low, high) = self.sizes();
                let is_unique = self.peek() == "unique" && !self.word().is_empty();
                Shape::List { item: Box::new(self.shape()?), low, high, is_unique }
            }
            "tuple" => {
                let items = self.several()?;
                let (low, high) = self.sizes();
                Shape::Tuple { items, low, high }
            }
            "one" => Shape::One(self.several()?),
            "all" => Shape::All(self.several()?),
            "not" => Shape::Not(Box::new(self.several()?.pop()?)),
            "if" => Shape::If(Box::new(<[Shape; 3]>::try_from(self.several()?).ok()?)),
            "has" => {
                let inner = self.rest.strip_prefix('(')?;
                let (names, after) = inner.split_once(')')?;
                self.rest = after.trim_start();
                Shape::Has(names.split(' ').collect())
            }
            _ => return None,
        })
    }

    fn text(&mut self) -> Text {
        let mut text = Text::default();
        loop {
            let word = self.peek();
            if let Some(pattern) = word.strip_prefix('~') {
                text.patterns.push(pattern);
                self.word();
            } else if word.contains("..") {
                (text.low, text.high) = self.sizes();
            } else if !word.is_empty() {
                text.form = Some(word);
                self.word();
            } else {
                return text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_as_the_tables_write_them() {
        let named = |name| Shape::Named(name);
        for (text, shape) in [
            ("any", Shape::Any),
            ("any(@a, @b)", Shape::Some(vec![named("a"), named("b")])),
            ("integer 0..6", Shape::Number { is_whole: true, low: Some(0.0), high: Some(6.0) }),
            ("number", Shape::Number { is_whole: false, low: None, high: None }),
            ("list 1.. unique @a", Shape::List { item: Box::new(named("a")), low: 1, high: None, is_unique: true }),
            ("tuple(@a) 1..1", Shape::Tuple { items: vec![named("a")], low: 1, high: Some(1) }),
            (
                "string iri-reference ~bom-link 1..9",
                Shape::Text(Text { form: Some("iri-reference"), patterns: vec!["bom-link"], low: 1, high: Some(9) }),
            ),
            ("const \"EC\"", Shape::Word("EC")),
            (
                "not(has(a b)) & one(has(a), has(b))",
                Shape::All(vec![
                    Shape::Not(Box::new(Shape::Has(vec!["a", "b"]))),
                    Shape::One(vec![Shape::Has(vec!["a"]), Shape::Has(vec!["b"])]),
                ]),
            ),
        ] {
            assert_eq!(parse(text), Some(shape), "{text}");
        }
        for text in ["", "one(", "lists @a", "any any", "if(any)"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
