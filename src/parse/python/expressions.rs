//! From ruff's syntax tree to our own: expressions.

use ruff_python_ast::{Arguments, Comprehension, ConversionFlag, Expr, ExprFString, ExprStringLiteral, FStringPart};
use ruff_python_ast::{BoolOp, InterpolatedStringElement, InterpolatedStringElements, Number, Operator, UnaryOp};
use ruff_text_size::{Ranged as _, TextRange};

use super::lower::Lower;
use super::{Argument, Expression, Kind, Made, Piece, text};
use crate::source::Embedded;

/// Deepest nesting lowered; it bounds the stack.
pub(super) const MAX_DEPTH: usize = 96;

impl Lower<'_> {
    fn boxed(&mut self, value: &Expr, depth: usize) -> Box<Expression> {
        Box::new(self.expression(value, depth))
    }

    fn all<'e>(&mut self, values: impl IntoIterator<Item = &'e Expr>, depth: usize) -> Vec<Expression> {
        values.into_iter().map(|value| self.expression(value, depth)).collect()
    }

    pub(super) fn expression(&mut self, value: &Expr, depth: usize) -> Expression {
        let range = value.range();
        let span = self.span(range);
        if !self.fits(range, depth) {
            return Expression { span, kind: Kind::Other(Vec::new()) };
        }
        let depth = depth + 1;
        let kind = match value {
            // The parser puts a name without letters where it misses an expression.
            Expr::Name(e) if e.id.is_empty() => Kind::Other(Vec::new()),
            Expr::Name(e) => Kind::Name(e.id.to_string()),
            Expr::BooleanLiteral(e) => Kind::Bool(e.value),
            Expr::NoneLiteral(_) => Kind::Nothing,
            Expr::NumberLiteral(e) => match &e.value {
                Number::Int(number) => {
                    number.as_i64().map_or(Kind::Other(Vec::new()), |n| Kind::Made(Made::Integer(n), Vec::new()))
                }
                _ => Kind::Other(Vec::new()),
            },
            Expr::UnaryOp(e) => match (e.op, &*e.operand) {
                (UnaryOp::USub, Expr::NumberLiteral(number)) => match &number.value {
                    Number::Int(n) => n
                        .as_i64()
                        .and_then(i64::checked_neg)
                        .map_or(Kind::Other(Vec::new()), |n| Kind::Made(Made::Integer(n), Vec::new())),
                    _ => Kind::Other(Vec::new()),
                },
                _ => Kind::Other(vec![self.expression(&e.operand, depth)]),
            },
            Expr::StringLiteral(e) => self.string(e),
            Expr::FString(e) => self.template(e, depth),
            Expr::TString(e) => {
                let mut parts = Vec::new();
                e.value.iter().for_each(|part| self.pieces(&part.elements, depth, &mut Vec::new(), &mut parts));
                Kind::Other(parts)
            }
            Expr::Attribute(e) => {
                let name = e.attr.to_string();
                Kind::Attribute(self.boxed(&e.value, depth), name)
            }
            Expr::Subscript(e) => {
                let object = self.boxed(&e.value, depth);
                Kind::Item(object, self.boxed(&e.slice, depth))
            }
            Expr::List(e) => Kind::List(self.all(&e.elts, depth)),
            Expr::Tuple(e) => Kind::List(self.all(&e.elts, depth)),
            Expr::Set(e) => Kind::List(self.all(&e.elts, depth)),
            Expr::Dict(e) => {
                let pair = |item: &ruff_python_ast::DictItem| {
                    let key = item.key.as_ref().map(|key| self.expression(key, depth));
                    (key, self.expression(&item.value, depth))
                };
                Kind::Dict(e.items.iter().map(pair).collect())
            }
            Expr::Call(e) => {
                let function = self.boxed(&e.func, depth);
                Kind::Call(function, self.arguments(&e.arguments, depth))
            }
            Expr::BinOp(e) => {
                let (left, right) = (self.boxed(&e.left, depth), self.boxed(&e.right, depth));
                match e.op {
                    Operator::Add => Kind::Add(left, right),
                    Operator::Div => Kind::Divide(left, right),
                    Operator::Mod => Kind::Made(Made::Remainder, vec![*left, *right]),
                    _ => Kind::Other(vec![*left, *right]),
                }
            }
            Expr::BoolOp(e) => {
                let parts = self.all(&e.values, depth);
                if e.op == BoolOp::Or { Kind::Made(Made::Or, parts) } else { Kind::Other(parts) }
            }
            Expr::If(e) => {
                self.chosen(e, depth);
                let first = self.boxed(&e.body, depth);
                Kind::Either(first, self.boxed(&e.orelse, depth))
            }
            Expr::Starred(e) => Kind::Splat(self.boxed(&e.value, depth)),
            Expr::Named(e) => {
                let part = self.expression(&e.value, depth);
                match &*e.target {
                    Expr::Name(name) => Kind::Made(Made::Named(name.id.to_string()), vec![part]),
                    _ => Kind::Other(vec![part]),
                }
            }
            Expr::Lambda(e) => Kind::Made(Made::Lambda, vec![self.expression(&e.body, depth)]),
            Expr::ListComp(e) => self.each(&e.elt, &e.generators, depth),
            Expr::SetComp(e) => self.each(&e.elt, &e.generators, depth),
            Expr::Generator(e) => self.each(&e.elt, &e.generators, depth),
            Expr::DictComp(e) => {
                let parts = e.key.as_deref().into_iter().chain([&*e.value]);
                let parts = self.all(parts, depth);
                Kind::Each {
                    body: Box::new(Expression { span, kind: Kind::Other(parts) }),
                    loops: self.loops(&e.generators, depth),
                }
            }
            Expr::Compare(e) => {
                let mut parts = vec![self.expression(&e.left, depth)];
                parts.extend(self.all(e.comparators.iter(), depth));
                Kind::Other(parts)
            }
            Expr::Await(e) => return self.expression(&e.value, depth),
            Expr::YieldFrom(e) => Kind::Other(vec![self.expression(&e.value, depth)]),
            Expr::Yield(e) => Kind::Other(self.all(e.value.as_deref(), depth)),
            Expr::Slice(e) => {
                let parts = [&e.lower, &e.upper, &e.step];
                Kind::Other(self.all(parts.into_iter().filter_map(|part| part.as_deref()), depth))
            }
            Expr::BytesLiteral(_) | Expr::EllipsisLiteral(_) | Expr::IpyEscapeCommand(_) => Kind::Other(Vec::new()),
        };
        Expression { span, kind }
    }

    fn arguments(&mut self, list: &Arguments, depth: usize) -> Vec<Argument> {
        let mut out = Vec::with_capacity(list.args.len() + list.keywords.len());
        for value in &list.args {
            out.push(Argument { name: None, span: self.span(value.range()), value: self.expression(value, depth) });
        }
        for keyword in &list.keywords {
            let name = keyword.arg.as_ref().map_or_else(|| "**".to_owned(), ToString::to_string);
            let value = self.expression(&keyword.value, depth);
            out.push(Argument { name: Some(name), value, span: self.span(keyword.range) });
        }
        // As they are written: `f(a=1, *b)`.
        out.sort_by_key(|argument| argument.span.start);
        out
    }

    fn each(&mut self, body: &Expr, loops: &[Comprehension], depth: usize) -> Kind {
        let body = self.boxed(body, depth);
        Kind::Each { body, loops: self.loops(loops, depth) }
    }

    fn loops(&mut self, loops: &[Comprehension], depth: usize) -> Vec<(Expression, Expression)> {
        loops.iter().map(|one| (self.expression(&one.target, depth), self.expression(&one.iter, depth))).collect()
    }

    /// The bytes of a part in the text.
    fn bytes(&self, range: TextRange) -> std::ops::Range<usize> {
        self.span(range).range(self.text.len())
    }

    /// A string, or several beside one another, which are one.
    fn string(&self, string: &ExprStringLiteral) -> Kind {
        let mut out = Embedded::new();
        for part in &string.value {
            let Some(decoded) = text::decode(self.text, self.bytes(part.range)) else { return Kind::Other(Vec::new()) };
            append(&mut out, &decoded);
        }
        Kind::Text(Box::new(out))
    }

    /// A template. One that puts nothing into itself is text.
    fn template(&mut self, template: &ExprFString, depth: usize) -> Kind {
        let mut whole = Some(Embedded::new());
        let (mut pieces, mut parts) = (Vec::new(), Vec::new());
        for part in template.value.iter() {
            let range = match part {
                FStringPart::Literal(literal) => literal.range,
                FStringPart::FString(inner) => inner.range,
            };
            let decoded = text::decode(self.text, self.bytes(range));
            match (&mut whole, &decoded) {
                (Some(whole), Some(decoded)) => append(whole, decoded),
                _ => whole = None,
            }
            match part {
                FStringPart::Literal(literal) => {
                    let text = decoded.map_or_else(|| literal.value.to_string(), |decoded| decoded.text);
                    pieces.push(Piece::Text(text, self.span(literal.range)));
                }
                FStringPart::FString(inner) => self.pieces(&inner.elements, depth, &mut pieces, &mut parts),
            }
        }
        match whole {
            Some(text) => Kind::Text(Box::new(text)),
            None => Kind::Made(Made::Template(pieces), parts),
        }
    }

    fn pieces(
        &mut self,
        elements: &InterpolatedStringElements,
        depth: usize,
        pieces: &mut Vec<Piece>,
        parts: &mut Vec<Expression>,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    pieces.push(Piece::Text(literal.value.to_string(), self.span(literal.range)));
                }
                InterpolatedStringElement::Interpolation(inner) => {
                    let is_plain = inner.conversion == ConversionFlag::None
                        && inner.format_spec.is_none()
                        && inner.debug_text.is_none();
                    let at = parts.len();
                    parts.push(self.expression(&inner.expression, depth));
                    pieces.push(if is_plain { Piece::Value(at) } else { Piece::Formatted(at) });
                }
            }
        }
    }
}

fn append(out: &mut Embedded, decoded: &Embedded) {
    for segment in decoded.segments() {
        let text = decoded.text.get(segment.inner.clone()).unwrap_or("");
        if segment.verbatim {
            out.push_verbatim(text, segment.host.start);
        } else {
            out.push_replaced(text, segment.host);
        }
    }
}

impl Expression {
    /// The expressions it is made of, in no order that means anything.
    pub fn parts(&self) -> Vec<&Expression> {
        match &self.kind {
            Kind::Text(_) | Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => Vec::new(),
            Kind::Attribute(inner, _) | Kind::Splat(inner) => vec![inner],
            Kind::Item(a, b) | Kind::Add(a, b) | Kind::Divide(a, b) | Kind::Either(a, b) => vec![a, b],
            Kind::List(all) | Kind::Other(all) | Kind::Made(_, all) => all.iter().collect(),
            Kind::Dict(pairs) => pairs.iter().flat_map(|(key, value)| key.iter().chain([value])).collect(),
            Kind::Call(function, arguments) => {
                std::iter::once(&**function).chain(arguments.iter().map(|argument| &argument.value)).collect()
            }
            Kind::Each { body, loops } => {
                std::iter::once(&**body).chain(loops.iter().flat_map(|(target, values)| [target, values])).collect()
            }
        }
    }

    /// Whether something is called in it, or given a name.
    pub(super) fn has_call(&self) -> bool {
        matches!(&self.kind, Kind::Call(..) | Kind::Made(Made::Named(_), _))
            || self.parts().into_iter().any(Self::has_call)
    }
}
