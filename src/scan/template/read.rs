//! Reads the tags of a template: expressions by the grammar of Jinja, and what they reach for.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{self, HOLE, Value};
use super::names;
use super::{Context, Rule};
use super::{TEMPLATE_EXHAUSTING, TEMPLATE_FILES, TEMPLATE_INDIRECT, TEMPLATE_REACH, TEMPLATE_UNPARSED};
use crate::parse::template::{Tag, TagKind, Token, tags};

/// Deepest nesting of brackets and signs in one tag.
const DEPTH: usize = 60;
/// Names whose values are kept.
const NAMES: usize = 1000;
/// Repeats that no prompt needs, one loop in the other.
const REPEATS: i128 = 10_000_000;

/// Reads one template. `exact` says that its bytes are those of the file, so that places in it are added.
pub(super) fn template(text: &str, offset: Option<u64>, exact: bool, context: &mut Context<'_>) {
    let mut reader = Reader::default();
    let mut statements = 0_usize;
    let mut broken: Option<(usize, &'static str)> = None;
    for tag in tags(text) {
        if !context.take_nodes(1 + tag.tokens.len() / 4) {
            return;
        }
        reader.found.clear();
        let is_understood = tag.problem.is_none() && reader.tag(&tag);
        if !is_understood {
            reader.words(&tag, &text[tag.start..tag.end]);
            if reader.found.is_empty() {
                broken = broken.or(Some((tag.start, tag.problem.unwrap_or("its words do not follow the grammar"))));
            }
        } else if tag.kind == TagKind::Statement && reader.is_known {
            statements += 1;
        }
        for (rule, at, message) in std::mem::take(&mut reader.found) {
            context.find(rule, offset.map(|offset| if exact { offset + at as u64 } else { offset }), message);
        }
    }
    // Texts with braces are many; what cannot be read matters where the rest is a template.
    if let Some((at, why)) = broken.filter(|_| statements > 0) {
        let message = format!("a tag of the template cannot be read: {why}");
        context.find(&TEMPLATE_UNPARSED, offset.map(|offset| if exact { offset + at as u64 } else { offset }), message);
    }
}

/// The state over all tags, and the place in one.
#[derive(Debug, Default)]
struct Reader {
    values: BTreeMap<String, Value>,
    macros: BTreeSet<String>,
    loops: Vec<i128>,
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    found: Vec<(&'static Rule, usize, String)>,
    is_known: bool,
}

/// A part of a tag does not follow the grammar.
#[derive(Debug)]
struct Odd;

type Read<T> = Result<T, Odd>;

/// Arguments of a call.
#[derive(Debug, Default)]
struct Arguments {
    values: Vec<Value>,
    named: Vec<(String, Value)>,
}

impl Reader {
    /// Reads one tag; false where it does not follow the grammar.
    fn tag(&mut self, tag: &Tag) -> bool {
        self.tokens.clone_from(&tag.tokens);
        (self.at, self.depth) = (0, 0);
        let read = match tag.kind {
            TagKind::Output => self.tuple().map(drop),
            TagKind::Statement => self.statement(),
        };
        read.is_ok() && self.at == self.tokens.len()
    }

    /// What words say where the grammar is not followed.
    fn words(&mut self, tag: &Tag, text: &str) {
        for (token, at) in &tag.tokens {
            let (Token::Name(word) | Token::Text(word)) = token else { continue };
            if names::has_internal(word) || (matches!(token, Token::Name(_)) && names::leads_out(word)) {
                self.found.push((&TEMPLATE_REACH, *at, format!("the template reaches for `{}`", short(word))));
            }
        }
        let is_word = |c: char| c == '_' || c.is_alphanumeric();
        if let Some(word) = text.split(|c| !is_word(c)).find(|word| names::is_internal(word) || *word == "popen") {
            if self.found.is_empty() {
                self.found.push((&TEMPLATE_REACH, tag.start, format!("the template reaches for `{word}`")));
            }
        } else if text.contains("|attr") || text.contains("| attr") {
            self.found.push((&TEMPLATE_INDIRECT, tag.start, "the template takes an attribute by a filter".to_owned()));
        }
    }

    fn say(&mut self, rule: &'static Rule, at: usize, message: String) {
        self.found.push((rule, at, message));
    }

    // Tokens.

    fn here(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(_, at)| *at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some((Token::Sign(there), _)) if *there == sign)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.tokens.get(self.at), Some((Token::Name(there), _)) if there == name)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_there = self.is_sign(sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let is_there = self.is_name(name);
        self.at += usize::from(is_there);
        is_there
    }

    fn must(&mut self, sign: &str) -> Read<()> {
        if self.takes(sign) { Ok(()) } else { Err(Odd) }
    }

    fn name(&mut self) -> Read<String> {
        let Some((Token::Name(name), _)) = self.tokens.get(self.at) else { return Err(Odd) };
        let name = name.clone();
        self.at += 1;
        Ok(name)
    }

    fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    // Statements.

    fn statement(&mut self) -> Read<()> {
        self.is_known = false;
        let at = self.here();
        let keyword = self.name()?;
        self.is_known = names::KEYWORDS.contains(&keyword.as_str());
        match keyword.as_str() {
            "for" => self.for_loop(),
            "endfor" => {
                self.loops.pop();
                self.rest()
            }
            "set" => self.set(),
            "macro" => self.macro_head(),
            "call" => {
                if self.is_sign("(") {
                    self.parameters()?;
                }
                self.expression().map(drop)
            }
            "filter" => {
                self.filters(Value::Unknown)?;
                Ok(())
            }
            "with" => {
                while !self.is_end() {
                    self.assignment()?;
                    if !self.takes(",") {
                        break;
                    }
                }
                Ok(())
            }
            "include" | "import" | "extends" | "from" => {
                self.say(&TEMPLATE_FILES, at, format!("the template reads another by `{keyword}`"));
                self.at = self.tokens.len();
                Ok(())
            }
            "block" => {
                self.name()?;
                while self.takes_name("scoped") || self.takes_name("required") {}
                Ok(())
            }
            "endblock" | "endmacro" | "trans" | "pluralize" | "autoescape" => self.rest(),
            _ if self.is_end() => Ok(()),
            // An extension; what stands in it is read as expressions are.
            _ => self.rest(),
        }
    }

    /// Expressions up to the end of the tag.
    fn rest(&mut self) -> Read<()> {
        while !self.is_end() {
            self.tuple()?;
            if self.takes("=") {
                continue;
            }
        }
        Ok(())
    }

    fn for_loop(&mut self) -> Read<()> {
        let names = self.targets("in")?;
        self.must_name("in")?;
        let at = self.here();
        // A condition that follows is no part of what is gone through.
        let iterated = self.tuple_of(Self::or)?;
        let repeats = match &iterated {
            Value::Integer(number) => (*number).max(1),
            Value::List(items) => i128::try_from(items.len()).unwrap_or(1).max(1),
            _ => 1,
        };
        let all = self.loops.iter().fold(repeats, |all, one| all.saturating_mul(*one));
        if all > REPEATS {
            self.say(&TEMPLATE_EXHAUSTING, at, format!("the template repeats something {all} times"));
        }
        self.loops.push(repeats);
        if let ([name], Value::List(items)) = (names.as_slice(), &iterated) {
            // Of several the first that matters stands for all.
            let text = |item: &Value| matches!(item, Value::Text(text) if text.contains('_'));
            if let Some(item) = items.iter().find(|item| text(item)).or(items.first()) {
                self.keep(name.clone(), item.clone());
            }
        } else {
            for name in names {
                self.values.remove(&name);
            }
        }
        if self.takes_name("if") {
            self.expression()?;
        }
        self.takes_name("recursive");
        Ok(())
    }

    fn must_name(&mut self, name: &str) -> Read<()> {
        if self.takes_name(name) { Ok(()) } else { Err(Odd) }
    }

    /// Names that are bound, up to a word or sign.
    fn targets(&mut self, end: &str) -> Read<Vec<String>> {
        let mut names = Vec::new();
        while !self.is_end() && !self.is_name(end) && !self.is_sign(end) && !self.is_sign("|") {
            match self.tokens.get(self.at) {
                Some((Token::Name(name), _)) => {
                    let mut name = name.clone();
                    self.at += 1;
                    while self.takes(".") {
                        let part = self.name()?;
                        self.attribute(&Value::Unknown, &part, self.here());
                        name = format!("{name}.{part}");
                    }
                    names.push(name);
                }
                Some((Token::Sign("," | "(" | ")"), _)) => self.at += 1,
                _ => return Err(Odd),
            }
        }
        Ok(names)
    }

    fn set(&mut self) -> Read<()> {
        let names = self.targets("=")?;
        if self.is_sign("|") {
            self.filters(Value::Unknown)?;
        }
        if self.is_end() {
            return Ok(());
        }
        self.must("=")?;
        let value = self.tuple()?;
        match (names.as_slice(), value) {
            ([name], value) => self.keep(name.clone(), value),
            (names, Value::List(items)) if items.len() == names.len() => {
                for (name, item) in names.iter().zip(items) {
                    self.keep(name.clone(), item);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn assignment(&mut self) -> Read<()> {
        let names = self.targets("=")?;
        self.must("=")?;
        let value = self.expression()?;
        if let [name] = names.as_slice() {
            self.keep(name.clone(), value);
        }
        Ok(())
    }

    fn keep(&mut self, name: String, value: Value) {
        if self.values.len() < NAMES || self.values.contains_key(&name) {
            self.values.insert(name, value);
        }
    }

    fn macro_head(&mut self) -> Read<()> {
        let name = self.name()?;
        self.macros.insert(name);
        self.parameters()
    }

    fn parameters(&mut self) -> Read<()> {
        self.must("(")?;
        while !self.takes(")") {
            let name = self.name()?;
            self.values.remove(&name);
            if self.takes("=") {
                self.expression()?;
            }
            if !self.takes(",") {
                self.must(")")?;
                break;
            }
        }
        Ok(())
    }

    // Expressions.

    fn tuple(&mut self) -> Read<Value> {
        self.tuple_of(Self::expression)
    }

    fn tuple_of(&mut self, one: fn(&mut Self) -> Read<Value>) -> Read<Value> {
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

    fn expression(&mut self) -> Read<Value> {
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

    fn or(&mut self) -> Read<Value> {
        let mut value = self.and()?;
        while self.takes_name("or") {
            let other = self.and()?;
            value = prefer(value, other);
        }
        Ok(value)
    }

    fn and(&mut self) -> Read<Value> {
        let mut value = self.not()?;
        while self.takes_name("and") {
            value = prefer(self.not()?, value);
        }
        Ok(value)
    }

    fn not(&mut self) -> Read<Value> {
        let mut is_not = false;
        while self.takes_name("not") {
            is_not = true;
        }
        let value = self.compare()?;
        Ok(if is_not { Value::Unknown } else { value })
    }

    fn compare(&mut self) -> Read<Value> {
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

    fn chain(&mut self, signs: &[&'static str], one: fn(&mut Self) -> Read<Value>) -> Read<Value> {
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

    fn sum(&mut self) -> Read<Value> {
        self.chain(&["+", "-"], |reader| reader.chain(&["~"], Self::product))
    }

    fn product(&mut self) -> Read<Value> {
        self.chain(&["*", "/", "//", "%"], |reader| reader.chain(&["**"], Self::unary))
    }

    fn exhausts(&mut self, sign: &str, left: &Value, right: &Value, at: usize) {
        let is_far = match (sign, left, right) {
            ("**", _, Value::Integer(power)) => *power > 100_000,
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

    fn unary(&mut self) -> Read<Value> {
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

    fn primary(&mut self) -> Read<Value> {
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

    fn variable(&mut self, name: &str, at: usize) -> Read<Value> {
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

    fn postfix(&mut self, mut value: Value) -> Read<Value> {
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
    fn subscript(&mut self, value: &Value, at: usize) -> Read<(Value, Option<String>)> {
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

    fn arguments(&mut self) -> Read<Arguments> {
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

    fn call(&mut self, name: &str, before: &Value, arguments: &Arguments, is_method: bool, at: usize) -> Value {
        if names::runs(name) && !self.macros.contains(name) {
            self.say(&TEMPLATE_REACH, at, format!("the template calls `{name}`"));
        }
        if is_method {
            if let Some(made) = evaluate::made(name, before, &arguments.values, true) {
                return made;
            }
            if matches!(name, "format" | "replace" | "join") && matches!(before, Value::Text(_) | Value::Unknown) {
                return Value::Unknown;
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

    fn filters(&mut self, mut value: Value) -> Read<Value> {
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
    fn postfix_after_filter(&mut self, value: Value) -> Read<Value> {
        if self.is_sign("(") || self.is_sign("[") || self.is_sign(".") { self.postfix(value) } else { Ok(value) }
    }

    /// The argument of a test: in brackets, or one simple value.
    fn test_argument(&mut self) -> Read<()> {
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

    fn filter(&mut self, name: &str, input: Value, arguments: &Arguments, at: usize) -> Value {
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
        if ["center", "indent", "batch", "slice"].contains(&name) && arguments.values.iter().any(is_far) {
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
    fn attribute(&mut self, base: &Value, name: &str, at: usize) {
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
    fn made(&mut self, value: &Value, at: usize) {
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

/// A name as messages have it.
fn short(name: &str) -> String {
    let mut out: String = name.chars().take(60).flat_map(char::escape_debug).collect();
    if name.chars().count() > 60 {
        out.push('…');
    }
    out
}
