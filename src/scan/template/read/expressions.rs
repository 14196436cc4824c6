//! Expressions by the grammar of Jinja, worked out as they are read.

use super::{Arguments, DEPTH, Odd, REPEATS, Read, Reader, short};
use crate::parse::template::Token;
use crate::scan::template::evaluate::{self, HOLE, Value};
use crate::scan::template::names;
use crate::scan::template::{TEMPLATE_EXHAUSTING, TEMPLATE_INDIRECT, TEMPLATE_REACH};

impl Reader {
    pub(super) fn tuple(&mut self) -> Read<Value> {
        self.tuple_of(Self::expression)
    }

    pub(super) fn tuple_of(&mut self, one: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        let first = one(self)?;
        if !self.is_sign(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.takes(",") {
            if self.is_end() || self.is_sign(")") || self.is_sign("=") || self.is_sign("]") {
                break;
            }
            items.push(one(self)?);
        }
        Ok(Value::List(items))
    }

    pub(super) fn expression(&mut self) -> Read<Value> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Odd);
        }
        let mut value = self.or()?;
        while self.takes_name("if") {
            self.or()?;
            if self.takes_name("else") {
                let other = self.expression()?;
                value = if value == other { value } else { prefer(value, other) };
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    pub(super) fn or(&mut self) -> Read<Value> {
        let mut value = self.and()?;
        while self.takes_name("or") {
            let other = self.and()?;
            value = prefer(value, other);
        }
        Ok(value)
    }

    pub(super) fn and(&mut self) -> Read<Value> {
        let mut value = self.not()?;
        while self.takes_name("and") {
            value = prefer(self.not()?, value);
        }
        Ok(value)
    }

    pub(super) fn not(&mut self) -> Read<Value> {
        let mut is_not = false;
        while self.takes_name("not") {
            is_not = true;
        }
        let value = self.compare()?;
        Ok(if is_not { Value::Unknown } else { value })
    }

    pub(super) fn compare(&mut self) -> Read<Value> {
        let mut value = self.sum()?;
        loop {
            if ["==", "!=", ">", ">=", "<", "<="].iter().any(|sign| self.takes(sign)) || self.takes_name("in") {
            } else if self.is_name("not")
                && matches!(self.tokens.get(self.at + 1), Some((Token::Name(name), _)) if name == "in")
            {
                self.at += 2;
            } else {
                return Ok(value);
            }
            self.sum()?;
            value = Value::Unknown;
        }
    }

    pub(super) fn chain(&mut self, signs: &[&'static str], one: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        let mut value = one(self)?;
        while let Some(sign) = signs.iter().find(|sign| self.is_sign(sign)) {
            let at = self.here();
            self.at += 1;
            let right = one(self)?;
            self.exhausts(sign, &value, &right, at);
            value = evaluate::binary(sign, &value, &right);
            self.made(&value, at);
        }
        Ok(value)
    }

    pub(super) fn sum(&mut self) -> Read<Value> {
        self.chain(&["+", "-"], |reader| reader.chain(&["~"], Self::product))
    }

    pub(super) fn product(&mut self) -> Read<Value> {
        self.chain(&["*", "/", "//", "%"], |reader| reader.chain(&["**"], Self::unary))
    }

    pub(super) fn exhausts(&mut self, sign: &str, left: &Value, right: &Value, at: usize) {
        let is_far = match (sign, left, right) {
            ("**", Value::Integer(base), Value::Integer(power)) if *base > 1_000_000 && *power > 3 => true,
            ("**", _, Value::Integer(power)) => *power > 100_000,
            ("%", Value::Text(format), _) => names::has_wide_field(format, '%'),
            ("*", Value::Integer(times), Value::Text(_) | Value::List(_)) => *times > REPEATS,
            ("*", Value::Text(_) | Value::List(_), Value::Integer(times)) => *times > REPEATS,
            _ => false,
        };
        if is_far {
            self.say(
                &TEMPLATE_EXHAUSTING,
                at,
                format!("the template computes `{sign}` with a number that takes all memory"),
            );
        }
    }

    pub(super) fn unary(&mut self) -> Read<Value> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Odd);
        }
        let value = if self.takes("-") {
            match self.unary()? {
                Value::Integer(number) => Value::Integer(number.saturating_neg()),
                _ => Value::Unknown,
            }
        } else if self.takes("+") {
            self.unary()?
        } else {
            let value = self.primary()?;
            self.postfix(value)?
        };
        self.depth -= 1;
        self.filters(value)
    }

    pub(super) fn primary(&mut self) -> Read<Value> {
        let at = self.here();
        let Some((token, _)) = self.tokens.get(self.at).cloned() else { return Err(Odd) };
        self.at += 1;
        match token {
            Token::Integer(number) => Ok(Value::Integer(number)),
            Token::Float => Ok(Value::Unknown),
            Token::Text(mut text) => {
                while let Some((Token::Text(more), _)) = self.tokens.get(self.at) {
                    text.push_str(more);
                    self.at += 1;
                }
                let value = Value::Text(text);
                self.made(&value, at);
                Ok(value)
            }
            Token::Name(name) => self.variable(&name, at),
            Token::Sign("(") => {
                if self.takes(")") {
                    return Ok(Value::List(Vec::new()));
                }
                let value = self.tuple()?;
                self.must(")")?;
                Ok(value)
            }
            Token::Sign("[") => {
                let mut items = Vec::new();
                while !self.takes("]") {
                    items.push(self.expression()?);
                    if !self.takes(",") {
                        self.must("]")?;
                        break;
                    }
                }
                Ok(Value::List(items))
            }
            Token::Sign("{") => {
                while !self.takes("}") {
                    self.expression()?;
                    self.must(":")?;
                    self.expression()?;
                    if !self.takes(",") {
                        self.must("}")?;
                        break;
                    }
                }
                Ok(Value::Unknown)
            }
            Token::Sign(_) => Err(Odd),
        }
    }

    pub(super) fn variable(&mut self, name: &str, at: usize) -> Read<Value> {
        if ["if", "else", "in", "and", "or", "is", "not", "for"].contains(&name) {
            return Err(Odd);
        }
        if names::is_internal(name) {
            self.say(&TEMPLATE_REACH, at, format!("the template reaches for `{name}`"));
        }
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        Ok(if names::is_road(name) { Value::Road(name.to_owned()) } else { Value::Unknown })
    }

    pub(super) fn postfix(&mut self, mut value: Value) -> Read<Value> {
        // The last name stands for what is called.
        let mut last = match self.tokens.get(self.at.wrapping_sub(1)) {
            Some((Token::Name(name), _)) => Some(name.clone()),
            _ => None,
        };
        let mut path = last.clone();
        let mut before = Value::Unknown;
        let mut is_method = false;
        loop {
            let at = self.here();
            if self.takes(".") {
                let name = match self.tokens.get(self.at) {
                    Some((Token::Name(name), _)) => name.clone(),
                    Some((Token::Integer(_) | Token::Float, _)) => String::new(),
                    _ => return Err(Odd),
                };
                self.at += 1;
                self.attribute(&value, &name, at);
                path = path.map(|path| format!("{path}.{name}"));
                before = std::mem::replace(
                    &mut value,
                    path.as_ref().and_then(|path| self.values.get(path).cloned()).unwrap_or(Value::Unknown),
                );
                (last, is_method) = (Some(name), true);
            } else if self.takes("[") {
                before = value.clone();
                (value, last) = self.subscript(&value, at)?;
                (path, is_method) = (None, true);
            } else if self.is_sign("(") {
                let arguments = self.arguments()?;
                let name = last.take().unwrap_or_default();
                value = self.call(&name, &before, &arguments, is_method, at);
                self.made(&value, at);
                (path, before) = (None, Value::Unknown);
            } else {
                return Ok(value);
            }
        }
    }

    /// What stands in `[…]`: an item, a slice, or an attribute by its name.
    pub(super) fn subscript(&mut self, value: &Value, at: usize) -> Read<(Value, Option<String>)> {
        let mut bounds: [Option<Value>; 3] = [None, None, None];
        let mut colons = 0;
        loop {
            if self.takes("]") {
                break;
            }
            if self.takes(":") {
                colons += 1;
                if colons > 2 {
                    return Err(Odd);
                }
                continue;
            }
            if self.takes(",") {
                continue;
            }
            bounds[colons] = Some(self.expression()?);
        }
        if colons > 0 {
            let sliced = evaluate::slice(value, &bounds);
            self.made(&sliced, at);
            return Ok((sliced, None));
        }
        let Some(index) = bounds[0].take() else { return Err(Odd) };
        if let Value::Text(name) = &index {
            self.attribute(value, name, at);
            return Ok((Value::Unknown, Some(name.clone())));
        }
        if matches!(value, Value::Lazy) {
            self.say(&TEMPLATE_INDIRECT, at, "the template takes letters out of the name of an object".to_owned());
        }
        Ok((evaluate::item(value, &index), None))
    }

    pub(super) fn arguments(&mut self) -> Read<Arguments> {
        self.must("(")?;
        let mut arguments = Arguments::default();
        while !self.takes(")") {
            let at = self.here();
            while self.takes("*") || self.takes("**") {}
            let is_named = matches!(self.tokens.get(self.at + 1), Some((Token::Sign("="), _)));
            if is_named {
                let name = self.name()?;
                self.at += 1;
                self.made(&Value::Text(name.clone()), at);
                let value = self.expression()?;
                arguments.named.push((name, value));
            } else {
                arguments.values.push(self.expression()?);
            }
            if !self.takes(",") {
                self.must(")")?;
                break;
            }
        }
        Ok(arguments)
    }

    pub(super) fn call(
        &mut self,
        name: &str,
        before: &Value,
        arguments: &Arguments,
        is_method: bool,
        at: usize,
    ) -> Value {
        if names::runs(name) && !self.macros.contains(name) {
            self.say(&TEMPLATE_REACH, at, format!("the template calls `{name}`"));
        }
        if is_method {
            // Fields of a format take attributes and items of what is put in.
            if let ("format" | "format_map", Value::Text(text)) = (name, before)
                && let Some(field) = names::leading_field(text)
            {
                self.say(&TEMPLATE_REACH, at, format!("the template formats with `{field}`"));
            }
            let is_far = |value: &Value| matches!(value, Value::Integer(number) if *number > REPEATS);
            let fills = ["center", "ljust", "rjust", "zfill", "expandtabs"].contains(&name)
                && arguments.values.iter().chain(arguments.named.iter().map(|(_, value)| value)).any(is_far);
            let is_wide = matches!((name, before), ("format" | "format_map", Value::Text(text)) if names::has_wide_field(text, '{'));
            if fills || is_wide {
                self.say(&TEMPLATE_EXHAUSTING, at, format!("the template fills with `{name}` more than memory holds"));
            }
            if let Some(made) = evaluate::made(name, before, &arguments.values, true) {
                return made;
            }
            return Value::Unknown;
        }
        match name {
            "range" => {
                let number = |at: usize| match arguments.values.get(at) {
                    Some(Value::Integer(number)) => Some(*number),
                    _ => None,
                };
                let count = match (number(0), number(1), number(2)) {
                    (Some(stop), None, _) if arguments.values.len() == 1 => Some(stop),
                    (Some(start), Some(stop), step) => stop.saturating_sub(start).checked_div(step.unwrap_or(1).max(1)),
                    _ => None,
                };
                if let Some(count) = count.filter(|count| *count > REPEATS) {
                    self.say(&TEMPLATE_EXHAUSTING, at, format!("the template counts to {count}"));
                }
                // A row of numbers stands for how many they are; who goes through it multiplies.
                count.filter(|count| (2..=REPEATS).contains(count)).map_or(Value::Unknown, Value::Integer)
            }
            // Their names can be joined to a text.
            "dict" => Value::List(arguments.named.iter().map(|(name, _)| Value::Text(name.clone())).collect()),
            "namespace" => Value::Unknown,
            "lipsum" => {
                let is_far = |value: &Value| matches!(value, Value::Integer(number) if *number > 10_000);
                if arguments.values.iter().chain(arguments.named.iter().map(|(_, value)| value)).any(is_far) {
                    self.say(&TEMPLATE_EXHAUSTING, at, "the template asks for more text than memory holds".to_owned());
                }
                Value::Unknown
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn filters(&mut self, mut value: Value) -> Read<Value> {
        let mut is_first =
            self.at > 0 && matches!(self.tokens.get(self.at - 1), Some((Token::Name(name), _)) if name == "filter");
        loop {
            let at = self.here();
            if self.takes("|") || std::mem::take(&mut is_first) {
                let mut name = self.name()?;
                while self.takes(".") {
                    name = self.name()?;
                }
                let arguments = if self.is_sign("(") { self.arguments()? } else { Arguments::default() };
                value = self.filter(&name, value, &arguments, at);
                self.made(&value, at);
            } else if self.takes_name("is") {
                self.takes_name("not");
                self.name()?;
                self.test_argument()?;
                value = Value::Unknown;
            } else {
                let before = self.at;
                value = self.postfix_after_filter(value)?;
                if self.at == before {
                    return Ok(value);
                }
            }
        }
    }

    /// `(x|f).y` has brackets; without them Jinja takes no attribute of what a filter made but calls it.
    pub(super) fn postfix_after_filter(&mut self, value: Value) -> Read<Value> {
        if self.is_sign("(") || self.is_sign("[") || self.is_sign(".") { self.postfix(value) } else { Ok(value) }
    }

    /// The argument of a test: in brackets, or one simple value.
    pub(super) fn test_argument(&mut self) -> Read<()> {
        if self.is_sign("(") {
            self.arguments()?;
        } else if let Some((token, _)) = self.tokens.get(self.at) {
            let is_value = match token {
                Token::Name(name) => {
                    !["else", "or", "and", "is", "if", "in", "not", "recursive"].contains(&name.as_str())
                }
                Token::Text(_) | Token::Integer(_) | Token::Float => true,
                Token::Sign(sign) => ["[", "{"].contains(sign),
            };
            if is_value {
                let value = self.primary()?;
                self.postfix(value)?;
            }
        }
        Ok(())
    }

    pub(super) fn filter(&mut self, name: &str, input: Value, arguments: &Arguments, at: usize) -> Value {
        let attribute = match name {
            "attr" => arguments.values.first(),
            "map" => {
                let is_attr = matches!(arguments.values.first(), Some(Value::Text(text)) if text == "attr");
                let named = arguments.named.iter().find(|(name, _)| name == "attribute").map(|(_, value)| value);
                if is_attr { arguments.values.get(1) } else { named }
            }
            _ => None,
        };
        match attribute {
            Some(Value::Text(path)) => {
                for part in path.split('.') {
                    self.attribute(&input, part, at);
                }
            }
            Some(Value::Integer(_)) | None => {}
            Some(_) => {
                let message = "the template takes an attribute whose name it makes itself".to_owned();
                self.say(&TEMPLATE_INDIRECT, at, message);
            }
        }
        let is_far = |value: &Value| matches!(value, Value::Integer(number) if *number > REPEATS);
        let is_wide = matches!((name, &input), ("format", Value::Text(text)) if names::has_wide_field(text, '%'));
        let fills = ["center", "indent", "batch", "slice"].contains(&name) && arguments.values.iter().any(is_far);
        if fills || is_wide {
            self.say(&TEMPLATE_EXHAUSTING, at, format!("the template fills with `{name}` more than memory holds"));
        }
        if let Some(made) = evaluate::made(name, &input, &arguments.values, false) {
            return made;
        }
        match (name, &input) {
            ("select" | "reject" | "selectattr" | "rejectattr" | "map" | "batch" | "slice" | "groupby", _) => {
                Value::Lazy
            }
            ("string" | "list" | "escape" | "e" | "forceescape" | "urlencode", Value::Lazy) if name != "list" => {
                self.say(&TEMPLATE_INDIRECT, at, "the template reads the name of an object".to_owned());
                Value::Lazy
            }
            ("string" | "escape" | "e" | "forceescape" | "urlencode", Value::Road(road)) => {
                let message = format!("the template reads the name of `{road}`");
                self.say(&TEMPLATE_INDIRECT, at, message);
                Value::Lazy
            }
            ("default" | "d", Value::Text(_) | Value::Road(_)) => input,
            ("default" | "d", _) => arguments.values.first().cloned().unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        }
    }

    /// An attribute or item is taken by its name.
    pub(super) fn attribute(&mut self, base: &Value, name: &str, at: usize) {
        if names::leads_out(name) {
            self.say(&TEMPLATE_REACH, at, format!("the template reaches for `{}`", short(name)));
        } else if name.contains(HOLE) && (name.contains("__") || name.starts_with('_')) {
            let message = format!("the template makes a private name itself: `{}`", short(&name.replace(HOLE, "…")));
            self.say(&TEMPLATE_INDIRECT, at, message);
        } else if name.len() > 1 && name.starts_with('_') && !name.starts_with("_(") {
            self.say(&TEMPLATE_INDIRECT, at, format!("the template takes the private attribute `{}`", short(name)));
        } else if let Value::Road(road) = base {
            self.say(&TEMPLATE_INDIRECT, at, format!("the template takes `{}` of `{road}`", short(name)));
        }
    }

    /// A text was made or stands there.
    pub(super) fn made(&mut self, value: &Value, at: usize) {
        if let Value::Text(text) = value
            && names::has_internal(text)
        {
            self.say(&TEMPLATE_REACH, at, format!("the template makes the name `{}`", short(text)));
        }
    }
}

/// Of two values that an expression may come to, the one that tells more.
fn prefer(a: Value, b: Value) -> Value {
    let is_telling =
        |value: &Value| matches!(value, Value::Text(text) if text.contains('_')) || matches!(value, Value::Road(_));
    if is_telling(&b) && !is_telling(&a) { b } else { a }
}
