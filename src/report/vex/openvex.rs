//! OpenVEX 0.2.0. Source: the specification and its JSON Schema, which demands a statement at least: of an audit that
//! found no known flaw there is none to write, and the list is empty.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use serde::Serialize;

use super::Part;
use super::Word;
use crate::audit::Audit;
use crate::diag::FlawStatus;

const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";
/// What is done about a flaw of which somebody says that it matters, and no more.
const NO_ACTION: &str = "nobody says what is done about it";

#[derive(Serialize)]
struct Document {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: String,
    timestamp: String,
    version: u32,
    tooling: String,
    statements: Vec<Statement>,
}

#[derive(Serialize)]
struct Statement {
    vulnerability: Vulnerability,
    products: Vec<Product>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<String>,
}

#[derive(Serialize)]
struct Vulnerability {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
}

#[derive(Serialize)]
struct Product {
    #[serde(rename = "@id")]
    id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcomponents: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    #[serde(rename = "@id")]
    id: String,
}

pub(in crate::report) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let product = super::product(audit);
    let statements = super::said(audit).into_iter().map(|((name, aliases), word, parts)| {
        let products = products(product.as_deref(), &parts);
        statement(Vulnerability { name, aliases }, products, word)
    });
    let authors = super::authors(audit);
    let mut document = Document {
        context: CONTEXT,
        id: String::new(),
        author: if authors.is_empty() { super::NOBODY.to_owned() } else { authors.join(", ") },
        timestamp: super::time(audit),
        version: 1,
        tooling: format!("{} {}", audit.tool.name, audit.tool.version),
        statements: statements.collect(),
    };
    document.id = super::address(&serde_json::to_string(&document)?);
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// The tree with the packages in it; the packages alone where nobody says what the tree is called.
fn products(product: Option<&str>, parts: &BTreeSet<Part>) -> Vec<Product> {
    let named = parts.iter().map(|part| part.purl.clone());
    match product {
        Some(product) => {
            vec![Product { id: product.to_owned(), subcomponents: named.map(|id| Named { id }).collect() }]
        }
        None => named.map(|id| Product { id, subcomponents: Vec::new() }).collect(),
    }
}

fn statement(vulnerability: Vulnerability, products: Vec<Product>, word: Word) -> Statement {
    let Word { status, justification, text } = word;
    let mut out = Statement {
        vulnerability,
        products,
        status: status.as_str(),
        status_notes: None,
        justification: None,
        impact_statement: None,
        action_statement: None,
    };
    match status {
        FlawStatus::NotAffected => {
            out.impact_statement = text.or_else(|| justification.is_none().then(|| "no reason given".to_owned()));
            out.justification = justification;
        }
        FlawStatus::Affected => out.action_statement = Some(text.unwrap_or_else(|| NO_ACTION.to_owned())),
        FlawStatus::Fixed | FlawStatus::UnderInvestigation => out.status_notes = text,
    }
    out
}
