//! What decides which parts of a module run, where it is said by comparing with values: `if x == "a"`, `match x`.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprIf, Pattern, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use super::lower::Lower;
use super::{Expression, Guard};

/// Parts of one module of which it is kept what decides them.
const MOST: usize = 4_096;
/// Values that are kept of one module.
pub(super) const MOST_KEPT: usize = 16_384;
/// Values that one comparison has.
const MOST_VALUES: usize = 64;

/// What a comparison says.
struct Compared<'e> {
    subject: &'e Expr,
    values: Vec<&'e Expr>,
    /// It is none of them.
    is_not: bool,
}

impl Lower<'_> {
    /// Keeps what decides the branches of a statement.
    pub(super) fn guarded(&mut self, statement: &Stmt, depth: usize) {
        match statement {
            Stmt::If(s) => {
                let mut before: Vec<&Expr> = Vec::new();
                let mut first: Option<&Expr> = None;
                self.branch(&s.test, body(&s.body), depth, &mut first, &mut before);
                for clause in &s.elif_else_clauses {
                    match &clause.test {
                        Some(test) => self.branch(test, body(&clause.body), depth, &mut first, &mut before),
                        None => self.otherwise(first, &before, body(&clause.body), depth),
                    }
                }
            }
            Stmt::Match(s) => {
                let mut before: Vec<&Expr> = Vec::new();
                for case in &s.cases {
                    let mut values = Vec::new();
                    let is_known = patterns(&case.pattern, &mut values);
                    if is_known && !values.is_empty() {
                        self.keep(&s.subject, &values, false, body(&case.body), depth);
                        before.extend(values);
                    } else {
                        self.otherwise(Some(&s.subject), &before, body(&case.body), depth);
                    }
                }
            }
            _ => {}
        }
    }

    /// `first if x == "a" else second`.
    pub(super) fn chosen(&mut self, e: &ExprIf, depth: usize) {
        let mut first = None;
        let mut before = Vec::new();
        self.branch(&e.test, Some(e.body.range()), depth, &mut first, &mut before);
        self.otherwise(first, &before, Some(e.orelse.range()), depth);
    }

    fn branch<'e>(
        &mut self,
        test: &'e Expr,
        body: Option<TextRange>,
        depth: usize,
        first: &mut Option<&'e Expr>,
        before: &mut Vec<&'e Expr>,
    ) {
        for (number, compared) in comparisons(test).into_iter().enumerate() {
            self.keep(compared.subject, &compared.values, compared.is_not, body, depth);
            let is_same = first.is_none_or(|known| self.written(known) == self.written(compared.subject));
            // Only where this alone decides is it what the others are not.
            if number == 0 && is_same && !compared.is_not && !matches!(test, Expr::BoolOp(e) if e.op == BoolOp::And) {
                *first = Some(compared.subject);
                before.extend(compared.values);
            }
        }
    }

    fn otherwise(&mut self, subject: Option<&Expr>, before: &[&Expr], body: Option<TextRange>, depth: usize) {
        if let Some(subject) = subject
            && !before.is_empty()
        {
            self.keep(subject, before, true, body, depth);
        }
    }

    fn keep(&mut self, subject: &Expr, values: &[&Expr], is_not: bool, body: Option<TextRange>, depth: usize) {
        let most = MOST.saturating_sub(self.guards.len()).min(MOST_VALUES);
        let Some(body) = body.filter(|_| values.len() <= most && self.spends(values.len())) else { return };
        let body = self.span(body);
        let subject = self.expression(subject, depth);
        let values: Vec<Expression> = values.iter().map(|value| self.expression(value, depth)).collect();
        let (is, is_not) = if is_not { (Vec::new(), values) } else { (values, Vec::new()) };
        self.guards.push(Guard { body, subject, is, is_not });
    }

    /// Whether there is room for so many values more.
    fn spends(&mut self, count: usize) -> bool {
        self.values_left = self.values_left.saturating_sub(count + 1);
        self.values_left > 0
    }

    fn written(&self, e: &Expr) -> &str {
        self.text.get(self.span(e.range()).range(self.text.len())).unwrap_or("")
    }
}

/// The bytes of a block.
fn body(block: &[Stmt]) -> Option<TextRange> {
    Some(TextRange::new(block.first()?.start(), block.last()?.end()))
}

/// Whether an expression is a value to compare with: a text, a constant, a member of an enumeration.
fn is_value(e: &Expr) -> bool {
    match e {
        Expr::StringLiteral(_) => true,
        Expr::Attribute(e) => {
            let is_constant = e.attr.chars().any(|c| c.is_ascii_uppercase());
            is_constant && !e.attr.chars().any(|c| c.is_ascii_lowercase())
                || (&*e.attr == "value" && is_value(&e.value))
        }
        Expr::Name(e) => e.id.len() > 1 && !e.id.chars().any(|c| c.is_ascii_lowercase()),
        _ => false,
    }
}

/// The comparisons that all hold where a test does.
fn comparisons(test: &Expr) -> Vec<Compared<'_>> {
    match test {
        Expr::BoolOp(e) if e.op == BoolOp::And => e.values.iter().take(8).filter_map(compared).collect(),
        Expr::BoolOp(e) => {
            // `x == "a" or x == "b"`.
            let mut all = e.values.iter().map(compared);
            let Some(Some(mut out)) = all.next() else { return Vec::new() };
            for one in all {
                match one {
                    Some(one) if !one.is_not && !out.is_not && is_same(one.subject, out.subject, 8) => {
                        out.values.extend(one.values);
                    }
                    _ => return Vec::new(),
                }
            }
            vec![out]
        }
        _ => compared(test).into_iter().collect(),
    }
}

fn compared(test: &Expr) -> Option<Compared<'_>> {
    let Expr::Compare(e) = test else { return None };
    let ([op], [right]) = (&*e.ops, &*e.comparators) else { return None };
    let left: &Expr = &e.left;
    match op {
        CmpOp::Eq | CmpOp::NotEq | CmpOp::Is | CmpOp::IsNot => {
            let (subject, value) = if is_value(right) { (left, right) } else { (right, left) };
            let is_not = matches!(op, CmpOp::NotEq | CmpOp::IsNot);
            let fits = is_value(value) && !matches!(subject, Expr::StringLiteral(_));
            fits.then(|| Compared { subject, values: vec![value], is_not })
        }
        CmpOp::In | CmpOp::NotIn => {
            let all: &[Expr] = match right {
                Expr::Tuple(e) => &e.elts,
                Expr::List(e) => &e.elts,
                Expr::Set(e) => &e.elts,
                _ => return None,
            };
            let fits = !all.is_empty() && all.iter().all(is_value) && !matches!(left, Expr::StringLiteral(_));
            fits.then(|| Compared { subject: left, values: all.iter().collect(), is_not: *op == CmpOp::NotIn })
        }
        _ => None,
    }
}

/// Whether two names with dots are the same.
fn is_same(a: &Expr, b: &Expr, depth: usize) -> bool {
    match (a, b) {
        (Expr::Name(a), Expr::Name(b)) => a.id == b.id,
        (Expr::Attribute(a), Expr::Attribute(b)) => {
            depth > 0 && a.attr == b.attr && is_same(&a.value, &b.value, depth - 1)
        }
        _ => false,
    }
}

/// The values of a pattern; false where it holds for more than those.
fn patterns<'e>(pattern: &'e Pattern, out: &mut Vec<&'e Expr>) -> bool {
    match pattern {
        Pattern::MatchValue(p) if is_value(&p.value) => {
            out.push(&p.value);
            true
        }
        Pattern::MatchOr(p) => p.patterns.iter().all(|one| matches!(one, Pattern::MatchValue(_)) && patterns(one, out)),
        _ => false,
    }
}
