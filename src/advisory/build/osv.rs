//! OSV records (<https://ossf.github.io/osv-schema/>), from JSON or YAML.

use serde_json::Value;

use super::{links, yaml};
use crate::advisory::model::{Advisory, Date, Ecosystem, Event, Function, Kind, Range};
use crate::advisory::text::is_plain;

/// What one record holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// One advisory per package of a known ecosystem.
    pub advisories: Vec<Advisory>,
    /// Packages of other ecosystems.
    pub other_ecosystems: u64,
}

/// Most packages of a record, and most severities of each. Real ones stay far below; every package is
/// compared with those before it.
const MAX_AFFECTED: usize = 10_000;
const MAX_VECTORS: usize = 64;

/// Bytes to a value, by the file's extension.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    if name.to_ascii_lowercase().ends_with(".json") {
        // serde_json refuses nesting beyond 128.
        serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))
    } else {
        yaml::parse(text)
    }
}

/// Reads a record.
///
/// # Errors
/// What is wrong with it, in words. A record is taken whole or not at all.
pub fn record(value: &Value) -> Result<Record, String> {
    let id = text(value, "id").ok_or("has no id")?;
    let mut aliases: Vec<String> = texts(value.get("aliases")).into_iter().filter(|a| a != id).collect();
    aliases.sort();
    aliases.dedup();
    let day = |key: &str| match text(value, key) {
        None => Ok(None),
        Some(t) => Date::parse(t).map(Some).ok_or_else(|| format!("`{key}` is no date")),
    };
    let (published, modified, withdrawn) = (day("published")?, day("modified")?, day("withdrawn")?);
    let vectors = |v: &Value| -> Vec<String> {
        items(v.get("severity")).take(MAX_VECTORS).filter_map(|s| text(s, "score")).map(str::to_owned).collect()
    };
    let references: Vec<(String, String)> = items(value.get("references"))
        .filter_map(|r| Some((text(r, "type").unwrap_or("WEB").to_owned(), text(r, "url")?.to_owned())))
        .collect();
    let mut out = Record::default();
    if items(value.get("affected")).count() > MAX_AFFECTED {
        return Err(format!("names more than {MAX_AFFECTED} packages"));
    }
    for affected in items(value.get("affected")) {
        // A range without a package is about a repository only; there is no name to look up.
        let Some(package) = affected.get("package") else { continue };
        let (Some(name), Some(ecosystem)) = (text(package, "name"), text(package, "ecosystem")) else {
            return Err("an affected package has no name or ecosystem".to_owned());
        };
        let Some(ecosystem) = Ecosystem::parse(ecosystem) else {
            out.other_ecosystems += 1;
            continue;
        };
        let (ranges, vectors_here) = (ranges(affected)?, vectors(affected));
        let known = out.advisories.iter().position(|a| a.ecosystem == ecosystem && a.package == name);
        let a = match known.and_then(|i| out.advisories.get_mut(i)) {
            Some(a) => a,
            None => {
                let mut a = Advisory::new(ecosystem, name, id, kind(id, &aliases, affected));
                a.aliases.clone_from(&aliases);
                (a.published, a.modified, a.withdrawn) = (published, modified, withdrawn);
                a.links = links::pick(&references, a.kind == Kind::Malicious);
                a.cvss = vectors(value);
                a.title = text(value, "summary").and_then(title);
                out.advisories.push(a);
                match out.advisories.last_mut() {
                    Some(a) => a,
                    None => continue,
                }
            }
        };
        a.ranges.extend(ranges);
        for v in vectors_here {
            if a.cvss.len() < MAX_VECTORS && !a.cvss.contains(&v) {
                a.cvss.push(v);
            }
        }
        specifics(a, affected);
    }
    if out.advisories.is_empty() && out.other_ecosystems == 0 && withdrawn.is_none() {
        return Err("names no affected package".to_owned());
    }
    for a in &mut out.advisories {
        // Vectors with blanks are severities in words; they score nothing.
        a.cvss.retain(|v| is_plain(v));
        check(a)?;
    }
    Ok(out)
}

/// Characters of a title that are kept.
const TITLE: usize = 200;

/// A summary on one line, without control characters.
fn title(summary: &str) -> Option<String> {
    let words = summary.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| line.chars().take(TITLE).collect())
}

/// RustSec's additions to OSV.
fn specifics(a: &mut Advisory, affected: &Value) {
    let Some(affects) = affected.pointer("/ecosystem_specific/affects") else { return };
    a.arch = texts(affects.get("arch"));
    a.os = texts(affects.get("os"));
    let paths = texts(affects.get("functions"))
        .into_iter()
        .chain(texts(affected.pointer("/ecosystem_specific/affected_functions")));
    a.functions = paths.map(|path| Function { path, versions: Vec::new() }).collect();
}

fn kind(id: &str, aliases: &[String], affected: &Value) -> Kind {
    let malware = |i: &str| i.starts_with("MAL-");
    let categories = texts(affected.pointer("/database_specific/categories"));
    if malware(id) || aliases.iter().any(|a| malware(a)) || categories.iter().any(|c| c == "malicious") {
        return Kind::Malicious;
    }
    match affected.pointer("/database_specific/informational").and_then(Value::as_str) {
        None => Kind::Vulnerability,
        Some("unmaintained") => Kind::Unmaintained,
        Some("unsound") => Kind::Unsound,
        Some(_) => Kind::Notice,
    }
}

fn ranges(affected: &Value) -> Result<Vec<Range>, String> {
    let mut out = Vec::new();
    for range in items(affected.get("ranges")) {
        let events = events(range)?;
        if events.is_empty() {
            continue;
        }
        out.push(match text(range, "type") {
            Some("SEMVER") => Range::Semver(events),
            Some("ECOSYSTEM") => Range::Ecosystem(events),
            Some("GIT") => {
                let repo = text(range, "repo").ok_or("a range of commits has no repository")?;
                Range::Git { repo: repo.to_owned(), events }
            }
            other => return Err(format!("unknown type of range `{}`", other.unwrap_or_default())),
        });
    }
    let mut versions = texts(affected.get("versions"));
    if !versions.is_empty() {
        // The order of the text form, so that a list reads back as it was.
        versions.sort_by(|a, b| crate::advisory::pool::natural_cmp(a, b));
        versions.dedup();
        out.push(Range::Versions(versions));
    }
    Ok(out)
}

fn events(range: &Value) -> Result<Vec<Event>, String> {
    let mut out = Vec::new();
    for event in items(range.get("events")) {
        let Value::Object(map) = event else { return Err("an event is no object".to_owned()) };
        for (key, at) in map {
            let at = at.as_str().ok_or("an event's version is no text")?.to_owned();
            out.push(match key.as_str() {
                "introduced" => Event::Introduced(at),
                "fixed" => Event::Fixed(at),
                "last_affected" => Event::LastAffected(at),
                "limit" => Event::Limit(at),
                _ => return Err(format!("unknown event `{key}`")),
            });
        }
    }
    Ok(out)
}

/// Whether an advisory can be written as text and read back.
///
/// # Errors
/// The first value that cannot, in words.
pub(super) fn check(a: &Advisory) -> Result<(), String> {
    let refuse = |what: &str, value: &str| Err(format!("{what} `{}` cannot be written", value.escape_debug()));
    for id in std::iter::once(&a.id).chain(&a.aliases).chain(&a.arch).chain(&a.os).chain(&a.cvss) {
        if !is_plain(id) {
            return refuse("identifier", id);
        }
    }
    // A leading mark would be taken for a comment, a source or a version line.
    if !is_plain(&a.package) || a.package.starts_with(['#', '@', '=']) {
        return refuse("package", &a.package);
    }
    for range in &a.ranges {
        match range {
            Range::Semver(events) | Range::Ecosystem(events) | Range::Git { events, .. } => {
                for event in events {
                    // `<=` before `=1` would read as another event.
                    if !is_plain(event.at()) || event.at().starts_with('=') {
                        return refuse("version", event.at());
                    }
                }
            }
            Range::Versions(list) => {
                for v in list {
                    // A run is written `first..last`; a dot at the end of the first would join the two.
                    if !is_plain(v) || v.contains("..") || v.ends_with('.') {
                        return refuse("version", v);
                    }
                }
            }
            Range::RustSec { .. } => {}
        }
        if let Range::Git { repo, .. } = range
            && (!is_plain(repo) || repo.starts_with("gh:"))
        {
            return refuse("repository", repo);
        }
    }
    for f in &a.functions {
        if !is_plain(&f.path) {
            return refuse("function", &f.path);
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    items(value).filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
#[path = "osv_tests.rs"]
mod tests;
