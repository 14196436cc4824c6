//! Reads the tags of a template: expressions by the grammar of Jinja, and what they reach for.

mod expressions;

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::Value;
use super::names;
use super::{Context, Rule};
use super::{TEMPLATE_EXHAUSTING, TEMPLATE_FILES, TEMPLATE_INDIRECT, TEMPLATE_REACH, TEMPLATE_UNPARSED};
use crate::parse::template::{Tag, TagKind, Token, tags};
use crate::scan::quote::short;

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

/// Whether a text reaches for the internals of Python in its tags, whatever else it is. What it calls is not asked:
/// templates of other programs have functions of such names.
pub(super) fn reaches(text: &str) -> bool {
    let mut reader = Reader::default();
    tags(text).take(5000).any(|tag| {
        reader.found.clear();
        tag.problem.is_none()
            && reader.tag(&tag)
            && reader.found.iter().any(|(rule, _, message)| {
                let name = message.split('`').nth(1).unwrap_or("");
                rule.id == TEMPLATE_REACH.id && !message.starts_with(CALLS) && !names::is_common(name)
            })
    })
}

/// How a finding about a call begins.
const CALLS: &str = "the template calls";

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
        self.doubles();
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

    /// Tells where the next tokens add a name to itself, in a loop that does so often.
    fn doubles(&mut self) {
        /// Doublings that no memory holds.
        const TIMES: i128 = 24;
        let all = self.loops.iter().fold(1_i128, |all, one| all.saturating_mul(*one));
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let is_part = |token: &Token| matches!(token, Token::Name(_) | Token::Sign("."));
        let left = rest.iter().take_while(|(token, _)| is_part(token)).count();
        let right = rest.get(left + 1..).unwrap_or_default();
        let is_added = matches!(rest.get(left), Some((Token::Sign("~" | "+"), _)));
        let is_same = left > 0
            && right.len() >= left
            && rest[..left].iter().zip(right).all(|((one, _), (other, _))| one == other);
        if all >= TIMES && is_added && is_same {
            let at = self.here();
            self.say(&TEMPLATE_EXHAUSTING, at, format!("the template doubles something {all} times"));
        }
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
}
