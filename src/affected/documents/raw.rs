//! What a document says beside the parts that it lists: names of packages anywhere in it, parts of other documents that
//! it relies on, and that it is not whole. Asked where no part answers, so that "no" never rests on what the reader of
//! parts passes over.

use super::files;
use super::parts::Owned;
use super::parts::spelt;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Target;
use crate::affected::target::name_and_versions;
use crate::affected::target::package_url;
use crate::parse::json::Json;
use crate::parse::json::Value;

/// What is said of a document that leaves parts to others.
const OTHERS: &str = "it relies on another document for what it does not list";

/// A document as it stands there.
#[derive(Debug, Default)]
pub(super) struct Raw {
    root: Option<Value>,
    /// Beginnings of its lines.
    lines: Vec<usize>,
    /// Whether it could not be read to its end.
    pub(super) is_broken: bool,
    /// Whether it says of itself that it is not whole.
    pub(super) is_open: bool,
    /// Why parts of it are listed elsewhere.
    pub(super) elsewhere: Option<String>,
}

impl Raw {
    /// Of a document; `main` is the reference of what it describes.
    pub(super) fn of(file: Option<Json>, bytes: &[u8], main: Option<&str>) -> Self {
        let mut out = Self::default();
        let Some(file) = file else {
            out.of_text(&String::from_utf8_lossy(bytes), main);
            return out;
        };
        // In other encodings places are told of the text and not of the bytes.
        if std::str::from_utf8(bytes).is_ok() {
            out.lines = memchr::memchr_iter(b'\n', bytes).collect();
        }
        out.is_broken = !file.problems.is_empty();
        if let Some(root) = &file.root {
            out.is_open = is_open(root) || relates_to_nothing(root, main);
            out.elsewhere = relies_on_others(root, main).then(|| OTHERS.to_owned());
        }
        out.root = file.root;
        out
    }

    /// Relations of SPDX's tags and values.
    fn of_text(&mut self, text: &str, main: Option<&str>) {
        for line in text.lines() {
            let Some(rest) = line.trim().strip_prefix("Relationship:") else { continue };
            let words: Vec<&str> = rest.split_whitespace().collect();
            let [from, kind, to] = words.as_slice() else { continue };
            self.is_open |= *to == "NOASSERTION" && lists(kind) && is_main(from, main);
            if to.starts_with("DocumentRef-") && lists(kind) || from.starts_with("DocumentRef-") && lists(kind) {
                self.elsewhere = Some(OTHERS.to_owned());
            }
        }
    }

    /// What names what is asked for, at a version that may be it, as a sentence. Where a part lists another version, names
    /// without a version do not count.
    pub(super) fn names(&self, asked: &Asked, is_listed: bool) -> Option<String> {
        let mut found: Option<(Fit, &Value, String)> = None;
        // What is said of flaws names packages that are not there.
        const ABOUT_OTHERS: &[&str] = &["vulnerabilities", "annotations", "signature", "declarations"];
        let mut open: Vec<(&str, &Value)> = self.root.iter().map(|root| ("", root)).collect();
        while let Some((key, value)) = open.pop() {
            for (thing, name, has_version) in claims(key, value, asked) {
                if is_listed && !has_version {
                    continue;
                }
                let fit = asked.fit(&thing.thing());
                if fit > Fit::Elsewhere && found.as_ref().is_none_or(|(known, ..)| fit > *known) {
                    found = Some((fit, value, name));
                }
            }
            open.extend(value.items().iter().map(|item| (key, item)));
            let entries = value.entries().iter().filter(|entry| !ABOUT_OTHERS.contains(&entry.key.value.as_str()));
            open.extend(entries.map(|entry| (entry.key.value.as_str(), &entry.value)));
        }
        let (_, value, name) = found?;
        let start = usize::try_from(value.span.start).unwrap_or(usize::MAX);
        let line = self.lines.partition_point(|end| *end < start) + 1;
        let place = if self.lines.is_empty() { "it".to_owned() } else { format!("line {line} of it") };
        Some(format!("{place} names {name} beside the parts that it lists"))
    }
}

/// What a value may be: a thing, what it is called, and whether it has a version.
fn claims(key: &str, value: &Value, asked: &Asked) -> Vec<(Owned, String, bool)> {
    let mut out = Vec::new();
    if let Some(text) = value.as_str() {
        by_text(key, text, asked, &mut out);
    } else if value.as_object().is_some() {
        out.extend(by_object(value));
    }
    out
}

fn by_text(key: &str, text: &str, asked: &Asked, out: &mut Vec<(Owned, String, bool)>) {
    let is_digest = |target: &Target| match target {
        Target::Digest(hash) => {
            memchr::memmem::find(text.to_ascii_lowercase().as_bytes(), hash.value.as_bytes()).is_some()
        }
        _ => false,
    };
    if text.len() >= 32
        && let Some(Target::Digest(hash)) = asked.targets.iter().find(|target| is_digest(target))
    {
        out.push((Owned::Digest(hash.value.clone()), "the digest".to_owned(), true));
    }
    let mut package = |ecosystem: Option<&str>, name: &str, version: Option<&str>| {
        let shown = version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"));
        let (ecosystem, name) = (ecosystem.unwrap_or_default().to_owned(), name.to_owned());
        let own = Owned::Package { ecosystem, name, version: version.map(str::to_owned), range: None };
        out.push((own, shown, version.is_some()));
    };
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("pkg:")) {
        match package_url(text) {
            Some(Target::Package { ecosystem, name, versions }) => {
                package(ecosystem.as_deref(), &name, versions.as_deref());
            }
            Some(Target::Action { repository, reference, .. }) => {
                let has_version = reference.is_some();
                out.push((Owned::Action { name: repository.clone(), reference }, repository, has_version));
            }
            Some(Target::Asset { name, revision }) => {
                let has_version = revision.is_some();
                out.push((Owned::Asset { name: name.clone(), revision }, name, has_version));
            }
            Some(Target::Image { name, reference }) => {
                let (digest, tag) = match reference {
                    Some(digest) if digest.contains(':') => (Some(digest), None),
                    tag => (None, tag),
                };
                let has_version = digest.is_some() || tag.is_some();
                out.push((Owned::Image { name: name.clone(), tag, digest }, name, has_version));
            }
            _ => {}
        }
    } else if let Some(rest) = text.strip_prefix("cpe:2.3:a:") {
        let mut parts = rest.split(':').skip(1);
        if let (Some(product), Some(version)) = (parts.next(), parts.next()) {
            package(None, product, Some(version).filter(|version| !matches!(*version, "*" | "-")));
        }
    } else if key == "executed" {
        for word in text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
            let (name, versions) = name_and_versions(word);
            if versions.is_some() {
                package(None, name, versions);
            }
        }
    } else if let Some(own) = files::package(text) {
        let shown = text.rsplit('/').next().unwrap_or(text).to_owned();
        out.push((own, shown, true));
    }
}

/// An object that has a name and a version, and says by no package URL what it is.
fn by_object(value: &Value) -> Option<(Owned, String, bool)> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let name = text("name")?;
    let version = text("version").or_else(|| text("versionInfo")).or_else(|| text("software_packageVersion"))?;
    let is_url = |text: &str| text.starts_with("pkg:");
    let lists = ["externalRefs", "externalIdentifier"].iter().filter_map(|key| value.get(key));
    let nested = lists.flat_map(Value::items).flat_map(Value::entries);
    let has_url = value.entries().iter().chain(nested).filter_map(|entry| entry.value.as_str()).any(is_url);
    if has_url {
        return None;
    }
    let (ecosystem, bare) = spelt(name);
    let (bare, own) = name_and_versions(bare);
    let version = own.unwrap_or(version);
    let shown = format!("{bare} {version}");
    let (ecosystem, name) = (ecosystem.unwrap_or_default().to_owned(), bare.to_owned());
    Some((Owned::Package { ecosystem, name, version: Some(version.to_owned()), range: None }, shown, true))
}

/// Whether a document of CycloneDX says that it is not whole: of what it describes, or without saying of what.
fn is_open(root: &Value) -> bool {
    let list = root.get("compositions").map(Value::items).unwrap_or_default();
    let main = root.get("metadata").and_then(|metadata| metadata.get("component"));
    let main = main.and_then(|component| component.get("bom-ref")).and_then(Value::as_str);
    list.iter().any(|one| speaks_of(one, main))
}

/// Whether one of its compositions says so of what it describes.
pub(super) fn speaks_of(composition: &Value, main: Option<&str>) -> bool {
    let word = composition.get("aggregate").and_then(Value::as_str).unwrap_or_default();
    if word != "unknown" && !word.starts_with("incomplete") {
        return false;
    }
    let list = |key: &str| composition.get(key).map(Value::items).unwrap_or_default();
    let mut all = list("assemblies").iter().chain(list("dependencies")).filter_map(Value::as_str).peekable();
    let is_of_all = all.peek().is_none() && list("vulnerabilities").is_empty();
    is_of_all || main.is_some_and(|main| all.any(|id| id == main))
}

/// Whether a relation of SPDX 2 says that one part brings another.
fn lists(kind: &str) -> bool {
    const OTHER: &[&str] =
        &["AMENDS", "DESCRIBED_BY", "COPY_OF", "VARIANT_OF", "SPECIFICATION_FOR", "DOCUMENTATION_OF"];
    !OTHER.contains(&kind)
}

fn is_main(id: &str, main: Option<&str>) -> bool {
    id == "SPDXRef-DOCUMENT" || main.is_none_or(|main| id == main)
}

fn relations(root: &Value) -> impl Iterator<Item = (&str, &str, &str)> {
    let list = root.get("relationships").map(Value::items).unwrap_or_default();
    list.iter().filter_map(|one| {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        Some((text("spdxElementId")?, text("relationshipType")?, text("relatedSpdxElement")?))
    })
}

/// Whether what is described is related to parts that nobody asserts.
fn relates_to_nothing(root: &Value, main: Option<&str>) -> bool {
    relations(root).any(|(from, kind, to)| to == "NOASSERTION" && lists(kind) && is_main(from, main))
}

/// Whether parts are listed in other documents.
fn relies_on_others(root: &Value, main: Option<&str>) -> bool {
    let is_of_other = |id: &str| id.starts_with("DocumentRef-");
    let by_relation = relations(root).any(|(from, kind, to)| lists(kind) && (is_of_other(from) || is_of_other(to)));
    let by_import = root.get("@graph").map(Value::items).unwrap_or_default().iter();
    let has_import = by_import.filter_map(|one| one.get("import")).any(|import| !import.items().is_empty());
    by_relation || has_import || has_bill_of_its_own(root, main)
}

/// Whether a part of CycloneDX has a bill of materials of its own. That of what the document describes is the document.
fn has_bill_of_its_own(root: &Value, main: Option<&str>) -> bool {
    let mut open: Vec<&Value> = root.get("components").map(Value::items).unwrap_or_default().iter().collect();
    while let Some(one) = open.pop() {
        let references = one.get("externalReferences").map(Value::items).unwrap_or_default();
        let is_bill = |reference: &Value| reference.get("type").and_then(Value::as_str) == Some("bom");
        let is_other = main.is_none() || one.get("bom-ref").and_then(Value::as_str) != main;
        if is_other && references.iter().any(is_bill) {
            return true;
        }
        open.extend(one.get("components").map(Value::items).unwrap_or_default());
    }
    false
}
