//! Plain values as Python writes them: texts, numbers, tuples, lists, dictionaries. Nothing is evaluated.

/// Deepest nesting.
const DEPTH: usize = 40;

/// A plain value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// `'…'`.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// `True` or `False`; which matters to nobody here.
    Bool,
    /// `None`.
    None,
    /// `(…)`.
    Tuple(Vec<Literal>),
    /// `[…]`.
    List(Vec<Literal>),
    /// `{…}`.
    Map(Vec<(Literal, Literal)>),
}

impl Literal {
    /// The text of a text.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// Reads one value and nothing after it; none where it is anything else.
pub(super) fn read(text: &str) -> Option<Literal> {
    let mut reader = Reader { rest: text };
    let literal = reader.value(0)?;
    reader.rest.trim().trim_end_matches('\0').trim().is_empty().then_some(literal)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Literal> {
        if depth > DEPTH {
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '(' => {
                self.takes("(");
                let (items, has_comma) = self.items(")", depth)?;
                match <[Literal; 1]>::try_from(items) {
                    Ok([one]) if !has_comma => Some(one),
                    Ok(one) => Some(Literal::Tuple(one.into())),
                    Err(items) => Some(Literal::Tuple(items)),
                }
            }
            '[' => {
                self.takes("[");
                Some(Literal::List(self.items("]", depth)?.0))
            }
            '{' => self.map(depth),
            '\'' | '"' => self.text(),
            'u' | 'b' if self.rest[1..].starts_with(['\'', '"']) => {
                self.rest = &self.rest[1..];
                self.text()
            }
            '-' | '0'..='9' => self.number(),
            _ if self.takes("True") || self.takes("False") => Some(Literal::Bool),
            _ if self.takes("None") => Some(Literal::None),
            _ => None,
        }
    }

    fn items(&mut self, end: &str, depth: usize) -> Option<(Vec<Literal>, bool)> {
        let (mut items, mut has_comma) = (Vec::new(), false);
        while !self.takes(end) {
            items.push(self.value(depth + 1)?);
            if !self.takes(",") {
                return self.takes(end).then_some((items, has_comma));
            }
            has_comma = true;
        }
        Some((items, has_comma))
    }

    fn map(&mut self, depth: usize) -> Option<Literal> {
        self.takes("{");
        let mut entries = Vec::new();
        while !self.takes("}") {
            let key = self.value(depth + 1)?;
            if !self.takes(":") {
                return None;
            }
            entries.push((key, self.value(depth + 1)?));
            if !self.takes(",") {
                return self.takes("}").then_some(Literal::Map(entries));
            }
        }
        Some(Literal::Map(entries))
    }

    fn text(&mut self) -> Option<Literal> {
        let quote = self.rest.chars().next()?;
        let mut out = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => out.push(characters.next()?.1),
                '\n' => return None,
                _ if character == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(Literal::Text(out));
                }
                _ => out.push(character),
            }
        }
        None
    }

    fn number(&mut self) -> Option<Literal> {
        let end = self.rest.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok()?;
        self.rest = &self.rest[end..];
        // Python 2 wrote long numbers so.
        self.rest = self.rest.strip_prefix('L').unwrap_or(self.rest);
        Some(Literal::Integer(number))
    }
}
