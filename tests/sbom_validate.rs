//! Our own tables say of every document what the official schemas say: over the conformance examples, over thousands
//! of seeded changes of them, and over thousands of documents that are made up from the schemas themselves.
//!
//! The schemas are not part of the repository, so this runs only where `CUSTODY_SHARED` names a folder with
//! `schemas/cyclonedx` and `schemas/spdx`. `CUSTODY_SCHEMAS` may name one more with older ones (`bom-1.4.schema.json`,
//! `spdx-2.3.json`) and documents under `ex/`.

#![allow(clippy::disallowed_methods, reason = "a test that reads schemas from a folder")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use cargo_custody::sbom::model::Format;
use cargo_custody::sbom::validate::Check;
use cargo_custody::sbom::validate::Checked;
use cargo_custody::sbom::validate::Severity;
use cargo_custody::sbom::validate::budget;
use cargo_custody::sbom::validate::check;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides.max(1)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

/// The official schema of one version.
struct Official {
    format: Format,
    schema: Value,
    others: BTreeMap<String, Value>,
    validator: jsonschema::Validator,
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(shared) = std::env::var_os("CUSTODY_SHARED") {
        let schemas = PathBuf::from(shared).join("schemas");
        folders.extend([schemas.join("cyclonedx"), schemas.join("spdx")]);
    }
    folders.extend(std::env::var_os("CUSTODY_SCHEMAS").map(PathBuf::from));
    if folders.is_empty() {
        println!("skipped: CUSTODY_SHARED is not set");
    }
    folders
}

fn official(folders: &[PathBuf]) -> Vec<Official> {
    let find = |name: &str| folders.iter().find_map(|folder| read(&folder.join(name)));
    let mut others = BTreeMap::new();
    for name in ["spdx.schema.json", "jsf-0.82.schema.json", "cryptography-defs.schema.json"] {
        others.extend(find(name).map(|schema| (name.to_owned(), schema)));
    }
    let mut all = Vec::new();
    let mut add = |format: Format, name: &str| {
        let Some(schema) = find(name) else { return };
        let mut registry = jsonschema::Registry::new();
        for (name, one) in &others {
            registry = registry.add(format!("http://cyclonedx.org/schema/{name}"), one.clone()).unwrap();
        }
        let registry = registry.prepare().unwrap();
        let validator = jsonschema::options()
            .with_registry(&registry)
            .should_validate_formats(matches!(format, Format::CycloneDx(_)))
            .build(&schema)
            .unwrap();
        all.push(Official { format, schema, others: others.clone(), validator });
    };
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        add(Format::CycloneDx(version.to_owned()), &format!("bom-{version}.schema.json"));
    }
    add(Format::Spdx2("2.2".to_owned()), "spdx-2.2.json");
    add(Format::Spdx2("2.3".to_owned()), "spdx-2.3.json");
    add(Format::Spdx3("3.0.1".to_owned()), "spdx-3.0.1-schema.json");
    all
}

fn told(checked: &Checked) -> String {
    let lines: Vec<String> = checked
        .findings
        .iter()
        .take(5)
        .map(|one| format!("{} {} {}: {}", one.line, one.check.id(), one.pointer, one.message))
        .collect();
    lines.join("\n")
}

/// Compares the verdicts on a document; the text of a disagreement.
fn disagreement(official: &Official, document: &Value) -> Option<String> {
    let text = serde_json::to_string_pretty(document).unwrap();
    let checked = check(&text, &mut budget());
    if checked.format.as_ref() != Some(&official.format) {
        // What names the version was changed; without it no schema can be chosen.
        return None;
    }
    let ours = checked.fits_schema();
    if ours == official.validator.is_valid(document) {
        return None;
    }
    let theirs: Vec<String> =
        official.validator.iter_errors(document).take(3).map(|e| format!("{} {e}", e.instance_path())).collect();
    // The official validator here knows no mail addresses; ours does.
    let only_mail = theirs.is_empty()
        && checked
            .findings
            .iter()
            .filter(|one| one.check.is_schema())
            .all(|one| one.message.ends_with("a mail address"));
    let cut = |text: &str| text.chars().take(1200).collect::<String>();
    (!only_mail).then(|| {
        let theirs: Vec<String> = theirs.iter().map(|one| cut(one)).collect();
        format!("{:?}: ours {ours}\n{}\ntheirs: {}\n{}", official.format, told(&checked), theirs.join("\n"), cut(&text))
    })
}

fn documents(folders: &[PathBuf]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for folder in folders {
        for name in ["examples", "ex"] {
            let Ok(entries) = std::fs::read_dir(folder.join(name)) else { continue };
            for path in entries.flatten().map(|entry| entry.path()) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                all.extend(read(&path).map(|value| (name, value)));
            }
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

fn format_of(document: &Value) -> Option<Format> {
    check(&document.to_string(), &mut budget()).format
}

#[test]
fn conformance_examples_get_the_verdict_of_their_name() {
    let folders = folders();
    let all = official(&folders);
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (name, document) in documents(&folders) {
        let text = serde_json::to_string_pretty(&document).unwrap();
        let checked = check(&text, &mut budget());
        let Some(official) = all.iter().find(|one| checked.format.as_ref() == Some(&one.format)) else { continue };
        seen += 1;
        if let Some(text) = disagreement(official, &document) {
            wrong.push(format!("{name}: {text}"));
        }
        let is_named_valid = name.starts_with("valid-");
        if is_named_valid && !checked.fits_schema() {
            wrong.push(format!("{name}: {}", told(&checked)));
        }
    }
    println!("{seen} examples");
    assert!(wrong.is_empty(), "{} of {seen}\n{}", wrong.len(), wrong.join("\n----\n"));
}

/// The mistakes that the invalid examples are named for, found where they are.
#[test]
fn invalid_examples_are_rejected_for_what_they_are_named_for() {
    let folders = folders();
    let documents = documents(&folders);
    let mut seen = 0;
    for (name, wanted, pointer) in [
        ("invalid-license-choice-1.7.json", Check::Choice, "/components/0/licenses/0"),
        ("invalid-license-encoding-1.7.json", Check::Value, "/components/0/licenses/0/license/text/encoding"),
        ("invalid-license-id-1.7.json", Check::LicenceId, "/components/0/licenses/0/license/id"),
        ("invalid-metadata-timestamp-1.7.json", Check::Form, "/metadata/timestamp"),
        ("invalid-service-data-1.7.json", Check::Value, "/services/0/data/0/flow"),
    ] {
        let Some((_, document)) = documents.iter().find(|one| one.0 == name) else { continue };
        seen += 1;
        let text = serde_json::to_string_pretty(document).unwrap();
        let checked = check(&text, &mut budget());
        let errors: Vec<_> = checked.findings.iter().filter(|one| one.check.is_schema()).collect();
        assert!(
            errors.iter().any(|one| one.check == wanted && one.pointer == pointer && one.severity == Severity::Error),
            "{name}: {}",
            told(&checked)
        );
        let line = errors.iter().find(|one| one.check == wanted).unwrap().line;
        assert!(line > 1 && (line as usize) <= text.lines().count(), "{name}: line {line}");
    }
    println!("{seen} invalid examples");
}

/// Every place of a document.
fn places(value: &Value, at: String, out: &mut Vec<String>) {
    out.push(at.clone());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{at}/{index}"), out);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                places(item, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        _ => {}
    }
}

/// Texts that are nearly of some form.
const TEXTS: &[&str] = &[
    "",
    "x",
    "CycloneDX",
    "MIT",
    "mit",
    "Apache-2.0 OR MIT",
    "llama3.2",
    "2024-02-30T00:00:00Z",
    "2024-02-28T00:00:00Z",
    "2024-02-28T00:00:00.5+01:00",
    "2024-02-28T00:00:00+01:00",
    "2024-02-28",
    "2024-01-01T23:59:60Z",
    "https://example.com/a b",
    "https://example.com",
    "a:b",
    "_:b0",
    "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1",
    "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#a",
    "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/01",
    "text/plain",
    "Text/Plain",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "en",
    "en-US",
    "eng",
    "1.0.0",
    "1.0",
    "01.0.0",
    "-1.5",
    "1.",
    "a\nb",
    "ä",
    "SHA-256",
    "library",
    "required",
    "EC",
    "RSA",
    "CRE:1-2",
    "DE",
    "US 123",
    "a@example.com",
    "spdx:Core/HashAlgorithm/sha256",
    "NoAssertionElement",
    "::",
    "http://[::1]",
    "http://[::1",
    "//",
    "%41",
    "%4",
    "a#b#c",
    "?x?y",
    "a@b:c",
    "http://a@b@c/",
    "1:2",
    "[x]",
    "http://ex ample",
    "{}",
    "file:///tmp",
    "mailto:a@b",
];

fn another(dice: &mut Dice, pool: &[(String, Value)]) -> Value {
    match dice.roll(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(*dice.pick(&[-1, 0, 1, 2, 7, 100])),
        4 => json!(*dice.pick(&[0.5, 1.0, -0.5, 1e30, 3.25])),
        5 => json!([]),
        6 => json!({}),
        7 => json!([*dice.pick(TEXTS)]),
        8 | 9 => json!(*dice.pick(TEXTS)),
        _ if pool.is_empty() => json!({"name": "x"}),
        _ => dice.pick(pool).1.clone(),
    }
}

/// A small change of a document.
fn change(document: &Value, dice: &mut Dice, pool: &[(String, Value)]) -> Value {
    let mut changed = document.clone();
    let mut all = Vec::new();
    places(&changed, String::new(), &mut all);
    let at = dice.pick(&all).clone();
    let kind = dice.roll(10);
    let new = another(dice, pool);
    let extra = if pool.is_empty() || dice.roll(4) == 0 {
        ("unknownField".to_owned(), new.clone())
    } else {
        dice.pick(pool).clone()
    };
    let Some(value) = changed.pointer_mut(&at) else { return changed };
    match (kind, value) {
        (0 | 1, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(dice.roll(map.len())).unwrap().clone();
            map.remove(&key);
        }
        (2 | 3, Value::Object(map)) => {
            map.insert(extra.0, extra.1);
        }
        (4, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(dice.roll(map.len())).unwrap().clone();
            let old = map.remove(&key).unwrap();
            map.insert(extra.0, old);
        }
        (0..=2, Value::Array(items)) if !items.is_empty() => {
            let item = items[dice.roll(items.len())].clone();
            items.push(item);
        }
        (3, Value::Array(items)) => items.clear(),
        (4, Value::Array(items)) => items.push(new),
        (0..=3, Value::String(text)) => *text = (*dice.pick(TEXTS)).to_owned(),
        (4, Value::String(text)) => text.push('x'),
        (_, value) => *value = new,
    }
    changed
}

/// Keys with values, of all documents of a format, to put where they do not belong.
fn pool(documents: &[&Value]) -> Vec<(String, Value)> {
    fn collect(value: &Value, out: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    if item.to_string().len() < 4000 {
                        out.push((key.clone(), item.clone()));
                    }
                    collect(item, out);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    documents.iter().for_each(|document| collect(document, &mut out));
    out.sort_by(|a, b| (&a.0, a.1.to_string()).cmp(&(&b.0, b.1.to_string())));
    out.dedup();
    out
}

/// How many changes of each version are compared; more by hand with `CUSTODY_ROUNDS`.
fn rounds() -> usize {
    std::env::var("CUSTODY_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

#[test]
fn changed_examples_get_the_verdict_of_the_schema() {
    let folders = folders();
    let all = official(&folders);
    let documents = documents(&folders);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for official in &all {
        let own: Vec<&Value> = documents
            .iter()
            .map(|(_, document)| document)
            .filter(|document| format_of(document).as_ref() == Some(&official.format))
            .filter(|document| document.to_string().len() < 20_000)
            .collect();
        if own.is_empty() {
            continue;
        }
        let pool = pool(&own);
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        for _ in 0..rounds() {
            let mut changed = (*dice.pick(&own)).clone();
            for _ in 0..=dice.roll(2) {
                changed = change(&changed, &mut dice, &pool);
            }
            compared += 1;
            wrong.extend(disagreement(official, &changed));
        }
    }
    println!("{compared} changes compared");
    assert!(wrong.is_empty(), "{} of {compared}\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n----\n"));
}

/// Makes documents up from a schema.
struct Maker<'a> {
    official: &'a Official,
    dice: Dice,
    /// How likely an optional field is, in percent.
    likely: usize,
}

impl<'a> Maker<'a> {
    fn follow(&self, root: &'a Value, reference: &str) -> (&'a Value, &'a Value) {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if file.is_empty() { root } else { &self.official.others[file] };
        (root, root.pointer(pointer).unwrap())
    }

    fn make(&mut self, root: &'a Value, schema: &'a Value, depth: usize) -> Value {
        let Some(map) = schema.as_object() else { return json!("any") };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let (root, schema) = self.follow(root, reference);
            return self.make(root, schema, depth);
        }
        let mut made = self.plain(root, map, depth);
        for word in ["oneOf", "anyOf"] {
            if let Some(branches) = map.get(word).and_then(Value::as_array)
                && let Some(branch) = branches.get(self.dice.roll(branches.len()))
            {
                let branch = self.make(root, branch, depth);
                made = Self::merge(made, branch);
            }
        }
        for branch in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let branch = self.make(root, branch, depth);
            made = Self::merge(made, branch);
        }
        made.unwrap_or(json!("any"))
    }

    fn merge(a: Option<Value>, b: Value) -> Option<Value> {
        match (a, b) {
            (Some(Value::Object(mut a)), Value::Object(b)) => {
                for (key, value) in b {
                    let old = a.remove(&key);
                    a.insert(key, Self::merge(old, value).unwrap());
                }
                Some(Value::Object(a))
            }
            (Some(a @ Value::Object(_)), _) => Some(a),
            (_, b) => Some(b),
        }
    }

    fn plain(&mut self, root: &'a Value, map: &'a Map<String, Value>, depth: usize) -> Option<Value> {
        if let Some(word) = map.get("const") {
            return Some(word.clone());
        }
        if let Some(words) = map.get("enum").and_then(Value::as_array) {
            return Some(self.dice.pick(words).clone());
        }
        let kind = map.get("type").and_then(Value::as_str);
        let kind = kind.or_else(|| map.contains_key("properties").then_some("object"));
        Some(match kind? {
            "object" => {
                let mut out = Map::new();
                let required: Vec<&str> = map
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                for (name, schema) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    let is_required = required.contains(&name.as_str());
                    let likely = if depth > 7 { 3 } else { self.likely };
                    let is_made = if is_required { self.dice.roll(60) > 0 } else { self.dice.roll(100) < likely };
                    if is_made && (depth < 14 || is_required) && depth < 20 {
                        out.insert(name.clone(), self.make(root, schema, depth + 1));
                    }
                }
                Value::Object(out)
            }
            "array" => {
                let low = map.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                let mut count = usize::try_from(low).unwrap() + self.dice.roll(3);
                if depth > 9 {
                    count = count.min(usize::try_from(low).unwrap());
                }
                let items = map.get("items");
                let made = (0..count).map(|at| match items {
                    Some(Value::Array(several)) => {
                        several.get(at).map_or(json!(1), |one| self.make(root, one, depth + 1))
                    }
                    Some(one) => self.make(root, one, depth + 1),
                    None => json!("any"),
                });
                Value::Array(made.collect())
            }
            "string" => json!(self.text(map)),
            "integer" => json!(*self.dice.pick(&[0, 1, 1, 2, 3, 6, 7, -1])),
            "number" => json!(*self.dice.pick(&[0.0, 0.5, 1.0, 1.0, 2.5])),
            "boolean" => json!(self.dice.roll(2) == 0),
            "null" => Value::Null,
            other => panic!("{other}"),
        })
    }

    fn text(&mut self, map: &Map<String, Value>) -> String {
        let format = map.get("format").and_then(Value::as_str).unwrap_or("");
        let pattern = map.get("pattern").or_else(|| map.get("allOf").and_then(|all| all.pointer("/1/pattern")));
        let pattern = pattern.and_then(Value::as_str).unwrap_or("");
        if self.dice.roll(80) == 0 {
            return (*self.dice.pick(TEXTS)).to_owned();
        }
        let text = match (format, pattern) {
            (_, pattern) if pattern.starts_with("^urn:uuid") => "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            (_, pattern) if pattern.contains("[1-9][0-9]*#") => "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#a",
            (_, pattern) if pattern.starts_with("^urn:cdx") => "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1",
            (_, pattern) if pattern.contains("a-fA-F0-9") => "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            (_, pattern) if pattern.starts_with("^([a-z]{2})") => "en-US",
            (_, pattern) if pattern.starts_with("^CRE") => "CRE:1-2",
            (_, "^[A-Z]{2}$") => "DE",
            (_, pattern) if pattern.starts_with("^[A-Za-z0-9]") => "US 123",
            (_, pattern) if pattern.contains("-+a-z0-9.") || pattern.contains(r"[^\/]") => "text/plain",
            (_, pattern) if pattern.starts_with(r"^\d\d\d\d") => "2024-02-28T00:00:00Z",
            (_, pattern) if pattern.starts_with("^-?") => "-1.5",
            (_, pattern) if pattern.starts_with("^(0|") => "3.0.1",
            (_, "^(?!_:).+:.+") => "urn:a:b",
            (_, "^_:.+") => "_:b",
            ("date-time", _) => "2024-02-28T00:00:00.5Z",
            ("date", _) => "2024-02-28",
            ("idn-email", _) => "a@example.com",
            ("iri-reference" | "uri", _) => "https://example.com/a",
            _ => return format!("text {}", self.dice.roll(1000)),
        };
        text.to_owned()
    }
}

#[test]
fn made_up_documents_get_the_verdict_of_the_schema() {
    let folders = folders();
    let all = official(&folders);
    let mut wrong = Vec::new();
    let (mut compared, mut valid) = (0, 0);
    for official in &all {
        let mut maker = Maker { official, dice: Dice(0x1234_5678_9ABC_DEF1), likely: 30 };
        for round in 0..rounds() {
            maker.likely = [4, 12, 25][round % 3];
            let mut made = maker.make(&official.schema, &official.schema, 0);
            let Some(map) = made.as_object_mut() else { continue };
            match &official.format {
                Format::CycloneDx(version) => map.insert("specVersion".to_owned(), json!(version)),
                Format::Spdx2(version) => map.insert("spdxVersion".to_owned(), json!(format!("SPDX-{version}"))),
                Format::Spdx3(_) => {
                    map.insert("@context".to_owned(), json!("https://spdx.org/rdf/3.0.1/spdx-context.jsonld"))
                }
            };
            if made.to_string().len() > 20_000 {
                continue;
            }
            compared += 1;
            valid += usize::from(official.validator.is_valid(&made));
            wrong.extend(disagreement(official, &made));
            // Most of a document that is made up is valid nowhere; a part of it may be.
            let changed = change(&made, &mut maker.dice, &[]);
            compared += 1;
            wrong.extend(disagreement(official, &changed));
        }
    }
    println!("{compared} made up, of the first halves {valid} valid");
    assert!(wrong.is_empty(), "{} of {compared}\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n----\n"));
}
