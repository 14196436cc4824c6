//! CycloneDX documents that say of vulnerabilities what becomes of them: the `analysis` of `vulnerabilities`. Source:
//! CycloneDX 1.4 to 1.7, JSON; "BOM-Link" of the same.
//!
//! A part of the document is a part of what the document is about: where it names one, its `metadata.component`, a
//! statement speaks of that product alone. A vulnerability without an analysis is a report and no statement.

use std::collections::BTreeMap;

use super::Link;
use super::Product;
use super::Purl;
use super::Statement;
use super::VexFile;
use super::VexStatus;
use super::cut;
use super::time_of;
use super::words;
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::json::Value;
use crate::source::Span;

/// Words for what becomes of a vulnerability, and what they are here.
const STATES: &[(&str, VexStatus)] = &[
    ("exploitable", VexStatus::Affected),
    ("false_positive", VexStatus::NotAffected),
    ("in_triage", VexStatus::UnderInvestigation),
    ("not_affected", VexStatus::NotAffected),
    ("resolved", VexStatus::Fixed),
    ("resolved_with_pedigree", VexStatus::Fixed),
];

/// Words for why one does not matter.
const JUSTIFICATIONS: &[&str] = &[
    "code_not_present",
    "code_not_reachable",
    "protected_at_perimeter",
    "protected_at_runtime",
    "protected_by_compiler",
    "protected_by_mitigating_control",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
];

/// Parts of parts that are followed.
const DEPTH: usize = 64;

/// Whether a document calls itself one.
pub(super) fn is_one(root: &Value) -> bool {
    root.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX")
}

/// Reads a document.
///
/// # Errors
/// The line and the reason, where nobody answers for what it says.
pub(super) fn of(
    name: &str,
    root: &Value,
    line: &dyn Fn(Span) -> u32,
    budget: &mut Budget,
) -> Result<VexFile, (u32, String)> {
    let about = root.get("metadata");
    let whole = about.and_then(|about| about.get("component"));
    let mut out = VexFile { name: name.to_owned(), serial: serial(root), ..VexFile::default() };
    let product = whole.and_then(named);
    if let (Some(whole), Some(product)) = (whole, &product) {
        if let Some(reference) = text(whole, "bom-ref") {
            out.parts.insert(reference, product.clone());
        }
        out.parts.entry(String::new()).or_insert_with(|| product.clone());
    }
    for list in [whole, Some(root)].into_iter().flatten() {
        parts(list.get("components"), product.as_ref(), &mut out.parts, budget, 0)
            .map_err(|why| (list.get("components").map_or(1, |value| line(value.span)), why))?;
    }
    let listed = root.get("vulnerabilities").map(Value::items).unwrap_or_default();
    let said: Vec<&Value> = listed.iter().filter(|value| value.get("analysis").is_some()).collect();
    match about.and_then(author) {
        Some(author) => out.author = author,
        None if said.is_empty() => {}
        None => {
            let why = "it names nobody who would answer for it: no author, manufacturer, supplier or tool";
            return Err((about.map_or(1, |about| line(about.span)), why.to_owned()));
        }
    }
    let issued = time_of(about.and_then(|about| about.get("timestamp")));
    for value in said {
        match statement(value, issued, product.as_ref(), &out, budget) {
            Ok((read, problems)) => {
                out.problems.extend(problems.into_iter().map(|problem| (line(problem.span), problem.message)));
                if !read.products.is_empty() || !read.links.is_empty() {
                    out.statements.push(Statement { line: line(value.span), ..read });
                }
            }
            Err(problem) => out.problems.push((line(problem.span), problem.message)),
        }
    }
    Ok(out)
}

/// The number that BOM-Links name the document by: `UUID/1`.
fn serial(root: &Value) -> Option<String> {
    let serial = root.get("serialNumber").and_then(Value::as_str)?.strip_prefix("urn:uuid:")?.to_ascii_lowercase();
    let version = root.get("version").and_then(Value::as_integer).filter(|version| *version >= 1).unwrap_or(1);
    Some(format!("{serial}/{version}"))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The thing that a component is, by the package URL before anything else.
fn named(component: &Value) -> Option<Product> {
    let purl = text(component, "purl");
    let id = purl.clone().or_else(|| text(component, "bom-ref")).or_else(|| text(component, "name"))?;
    let purl = purl.as_deref().and_then(Purl::parse);
    Some(Product { id, purl, parts: Vec::new(), has_parts: false })
}

/// A part of what the document is about; the thing itself where it is about nothing.
fn part_of(product: Option<&Product>, one: Product) -> Product {
    match product {
        Some(product) if product.id == one.id => one,
        Some(product) => Product { parts: one.purl.into_iter().collect(), has_parts: true, ..product.clone() },
        None => one,
    }
}

/// Collects components by their references, those in components as well.
fn parts(
    list: Option<&Value>,
    product: Option<&Product>,
    out: &mut BTreeMap<String, Product>,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH {
        return Err(format!("its components lie more than {DEPTH} deep"));
    }
    for component in list.map(Value::items).unwrap_or_default() {
        if !budget.take_items(1) {
            return Err("it holds more components than are read".to_owned());
        }
        if let (Some(reference), Some(one)) = (text(component, "bom-ref"), named(component)) {
            out.entry(reference).or_insert_with(|| part_of(product, one));
        }
        parts(component.get("components"), product, out, budget, depth + 1)?;
    }
    Ok(())
}

/// Who answers for the document: people, else organisations, else the program that wrote it.
fn author(about: &Value) -> Option<String> {
    let name = |value: &Value| words(value.get("name")).or_else(|| words(value.get("email")));
    let people: Vec<String> =
        about.get("authors").map(Value::items).unwrap_or_default().iter().filter_map(name).take(3).collect();
    if !people.is_empty() {
        return Some(cut(&people.join(", ")));
    }
    let organisation = ["manufacturer", "manufacture", "supplier"].iter().find_map(|key| name(about.get(key)?));
    let tools = about.get("tools");
    let listed = tools.and_then(|tools| tools.get("components")).or(tools).map(Value::items).unwrap_or_default();
    organisation.or_else(|| listed.iter().find_map(name).map(|tool| cut(&format!("the program {tool}"))))
}

/// A statement, and what of it cannot be used.
fn statement(
    value: &Value,
    issued: Option<i64>,
    product: Option<&Product>,
    file: &VexFile,
    budget: &mut Budget,
) -> Result<(Statement, Vec<Problem>), Problem> {
    let wrong = |value: &Value, why: String| Problem::new(value.span, why);
    let mut flaws: Vec<String> = value
        .get("references")
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .chain([value])
        .filter_map(|one| text(one, "id"))
        .map(|id| id.to_ascii_uppercase())
        .collect();
    flaws.sort();
    flaws.dedup();
    if flaws.is_empty() {
        return Err(wrong(value, "the vulnerability has no `id`".to_owned()));
    }
    let Some(analysis) = value.get("analysis") else {
        return Err(wrong(value, "the vulnerability has no `analysis`".to_owned()));
    };
    let word = analysis.get("state");
    let state = word.and_then(Value::as_str).unwrap_or_default();
    let Some((_, status)) = STATES.iter().find(|(name, _)| *name == state) else {
        let known: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
        let why = format!("`{}` is no state of an analysis, which are {}", cut(state), known.join(", "));
        return Err(wrong(word.unwrap_or(analysis), why));
    };
    let justification = text(analysis, "justification");
    if let Some(word) = justification.as_deref().filter(|word| !JUSTIFICATIONS.contains(word)) {
        let why = format!("`{}` is no justification, which are {}", cut(word), JUSTIFICATIONS.join(", "));
        return Err(wrong(analysis.get("justification").unwrap_or(analysis), why));
    }
    let detail = words(analysis.get("detail"));
    let impact = match state {
        // The word itself says why.
        "false_positive" => Some(detail.unwrap_or_else(|| "identified falsely".to_owned())),
        _ => detail,
    };
    if *status == VexStatus::NotAffected && justification.is_none() && impact.is_none() {
        let why = "the analysis says `not_affected` and gives neither a justification nor a detail";
        return Err(wrong(analysis, why.to_owned()));
    }
    let time = analysis.get("lastUpdated").or_else(|| analysis.get("firstIssued"));
    let time = match time {
        Some(value) => Some(time_of(Some(value)).ok_or_else(|| wrong(value, "it is no time".to_owned()))?),
        None => issued,
    };
    let responses = analysis.get("response").map(Value::items).unwrap_or_default();
    let action: Vec<String> = responses
        .iter()
        .filter_map(|one| words(Some(one)))
        .chain(words(value.get("recommendation")))
        .chain(words(value.get("workaround")))
        .collect();
    let mut out = Statement {
        line: 0,
        flaws,
        products: Vec::new(),
        links: Vec::new(),
        status: *status,
        justification,
        impact,
        action: (!action.is_empty()).then(|| cut(&action.join(", "))),
        time: time.unwrap_or(i64::MIN),
    };
    let mut problems = Vec::new();
    let affects = value.get("affects").map(Value::items).unwrap_or_default();
    if affects.is_empty() {
        return Err(wrong(value, "the vulnerability names nothing that it `affects`".to_owned()));
    }
    for one in affects {
        if !budget.take_items(out.flaws.len()) {
            return Err(wrong(one, "the document names more parts than are read".to_owned()));
        }
        if let Err(why) = affected(one, product, file, &mut out, budget) {
            problems.push(wrong(one, why));
        }
    }
    Ok((out, problems))
}

/// Adds what one entry of `affects` names.
fn affected(
    one: &Value,
    product: Option<&Product>,
    file: &VexFile,
    out: &mut Statement,
    budget: &mut Budget,
) -> Result<(), String> {
    let reference = text(one, "ref").ok_or("an entry of `affects` has no `ref`")?;
    let versions = versions(one, out.status, budget)?;
    if let Some(link) = reference.strip_prefix("urn:cdx:") {
        let (document, part) = link.split_once('#').unwrap_or((link, ""));
        let document = document.to_ascii_lowercase();
        let part = super::decoded(part);
        if file.serial.as_ref() != Some(&document) {
            out.links.push(Link { document, part, versions });
            return Ok(());
        }
        let known = file.parts.get(&part).ok_or_else(|| format!("no part has the reference `{}`", cut(&part)))?;
        return add(known, &versions, out);
    }
    match file.parts.get(&reference) {
        Some(known) => add(known, &versions, out),
        None => {
            let purl = Purl::parse(&reference).ok_or_else(|| {
                format!("no part of the document has the reference `{}`, and it is no package URL", cut(&reference))
            })?;
            let one = Product { id: reference, purl: Some(purl), parts: Vec::new(), has_parts: false };
            add(&part_of(product, one), &versions, out)
        }
    }
}

/// Versions that a statement is about; none where it is about the one of the part.
fn versions(one: &Value, status: VexStatus, budget: &mut Budget) -> Result<Option<Vec<String>>, String> {
    let Some(listed) = one.get("versions") else { return Ok(None) };
    let mut out = Vec::new();
    for entry in listed.items() {
        if !budget.take_items(1) {
            return Err("it names more versions than are read".to_owned());
        }
        let said = entry.get("status").and_then(Value::as_str);
        let is_meant = match status {
            VexStatus::NotAffected => match said {
                Some("affected") => return Err("it says both that a version is affected and that it is not".to_owned()),
                other => other != Some("unknown"),
            },
            // Those that are affected are the ones before the remedy.
            VexStatus::Fixed => said != Some("affected") && said != Some("unknown"),
            VexStatus::Affected | VexStatus::UnderInvestigation => said != Some("unaffected"),
        };
        match (is_meant, text(entry, "version")) {
            (false, _) => {}
            (true, Some(version)) => out.push(version),
            (true, None) => return Err("it names a range of versions, which is not read".to_owned()),
        }
    }
    Ok(Some(out))
}

/// Adds a product or a part of one at the versions that are meant.
pub(super) fn add(known: &Product, versions: &Option<Vec<String>>, out: &mut Statement) -> Result<(), String> {
    if known.has_parts && known.parts.is_empty() {
        return Err("the part has no package URL, by which it would be found".to_owned());
    }
    let at = |purl: &Purl, version: &str| purl.clone().at(version);
    let all: Vec<Product> = match versions {
        None => vec![known.clone()],
        Some(versions) if known.has_parts => {
            let parts = versions.iter().flat_map(|version| known.parts.iter().map(move |purl| at(purl, version)));
            vec![Product { parts: parts.collect(), ..known.clone() }]
        }
        Some(versions) => {
            let purl = known.purl.as_ref().ok_or("it names versions of what has no package URL")?;
            versions.iter().map(|version| Product { purl: Some(at(purl, version)), ..known.clone() }).collect()
        }
    };
    for product in all {
        if product.has_parts && product.parts.is_empty() {
            continue;
        }
        if out.status == VexStatus::Fixed && !product.is_of_one_version() {
            return Err("the analysis says that it is resolved and does not say in which version".to_owned());
        }
        out.products.push(product);
    }
    Ok(())
}
