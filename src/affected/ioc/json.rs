//! Lists as JSON: our own (`{"targets": [...], "since": ..., "until": ...}`), bundles of STIX 2.1, records of OSV.
//! Sources: STIX 2.1, "STIX Patterning"; the OSV schema.

use super::List;
use crate::advisory::Event;
use crate::advisory::Range;
use crate::affected::Asked;
use crate::affected::Target;
use crate::affected::lookup::versions_of;
use crate::affected::target::action;
use crate::affected::when;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;
use crate::source::Span;

const BUDGET: Budget = Budget { bytes: super::LONGEST, depth: 48, items: 4_000_000, aliases: 0, problems: 16 };

/// Whether a text that begins with a bracket is an array, and not an address without its teeth.
pub(super) fn is_array(text: &str) -> bool {
    text.trim_start().trim_start_matches('[').trim_start().starts_with(['{', '"', ']'])
}

/// A text with the beginnings of its lines.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn at(&self, span: Span) -> usize {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        self.0.partition_point(|end| *end < start) + 1
    }
}

pub(super) fn read(text: &str, out: &mut List) {
    let lines = Lines::of(text);
    let file = json::parse(text, &mut BUDGET.clone());
    for problem in &file.problems {
        out.problems.push((lines.at(problem.span), problem.message.clone()));
    }
    let Some(root) = &file.root else { return };
    let all = match root.as_array() {
        Some(items) => items,
        None => std::slice::from_ref(root),
    };
    for one in all {
        entry(one, &lines, out);
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn entry(value: &Value, lines: &Lines, out: &mut List) {
    let line = lines.at(value.span);
    if let Some(target) = value.as_str() {
        out.take(line, target);
    } else if value.get("targets").is_some() {
        own(value, lines, out);
    } else if text(value, "type") == Some("bundle") {
        for object in value.get("objects").map(Value::items).unwrap_or_default() {
            if text(object, "type") == Some("indicator") {
                indicator(object, lines, out);
            }
        }
    } else if text(value, "type") == Some("indicator") {
        indicator(value, lines, out);
    } else if value.get("affected").is_some() {
        record(value, lines, out);
    } else {
        let why = "it is neither a list of `targets`, a bundle of STIX nor a record of OSV";
        out.problems.push((line, why.to_owned()));
    }
}

/// Our own form.
fn own(value: &Value, lines: &Lines, out: &mut List) {
    let window = |value: &Value, out: &mut List| {
        let mut moment = |key: &str, read: fn(&str) -> Option<i64>| {
            let said = value.get(key)?;
            let found = said.as_str().and_then(read);
            if found.is_none() {
                out.problems.push((lines.at(said.span), format!("`{key}` is no day and no moment")));
            }
            found
        };
        (moment("since", when::moment), moment("until", when::last_moment))
    };
    let (since, until) = window(value, out);
    for target in value.get("targets").map(Value::items).unwrap_or_default() {
        let line = lines.at(target.span);
        let Some(name) = target.as_str().or_else(|| text(target, "target")) else {
            out.problems.push((line, "a target is a text, or an object with a `target`".to_owned()));
            continue;
        };
        let (own_since, own_until) = if target.as_str().is_some() { (None, None) } else { window(target, out) };
        if let Some(asked) = out.take(line, name) {
            asked.since = own_since.or(since);
            asked.until = own_until.or(until);
        }
    }
}

/// An indicator of STIX.
fn indicator(value: &Value, lines: &Lines, out: &mut List) {
    let Some(pattern) = value.get("pattern") else { return };
    let line = lines.at(pattern.span);
    if text(value, "pattern_type").is_some_and(|kind| kind != "stix") {
        out.problems.push((line, "a pattern of another language than STIX is not read".to_owned()));
        return;
    }
    let Some(pattern) = pattern.as_str() else { return };
    let parts = comparisons(pattern);
    if parts.is_empty() {
        out.problems.push((line, "the pattern holds no comparison".to_owned()));
    }
    for part in parts {
        match part.and_then(|(path, value)| target_of(path, &value)) {
            Ok(target) => {
                out.take(line, &target);
            }
            Err(why) => out.problems.push((line, why)),
        }
    }
}

/// The comparisons of a pattern: what is compared and with what.
fn comparisons(pattern: &str) -> Vec<Result<(&str, String), String>> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('=') {
        let (path, after) = rest.split_at(at);
        // What stands before belongs to the comparison before.
        let start = ["[", " OR ", " AND ", "("].iter().filter_map(|sign| Some(path.rfind(sign)? + sign.len())).max();
        let path = path.get(start.unwrap_or(0)..).unwrap_or(path).trim();
        let after = after.get(1..).unwrap_or_default().trim_start();
        let Some(quoted) = after.strip_prefix('\'') else {
            out.push(Err(format!("`{path}` is not compared with a text")));
            rest = after;
            continue;
        };
        let mut value = String::new();
        let mut end = quoted.len();
        let mut is_escaped = false;
        for (at, sign) in quoted.char_indices() {
            match sign {
                sign if is_escaped => {
                    value.push(sign);
                    is_escaped = false;
                }
                '\\' => is_escaped = true,
                '\'' => {
                    end = at + 1;
                    break;
                }
                sign => value.push(sign),
            }
        }
        rest = quoted.get(end..).unwrap_or_default();
        let is_denied = path.ends_with(['!', '<', '>']) || path.to_ascii_uppercase().ends_with(" NOT");
        out.push(if is_denied {
            Err(format!("`{path}=` is no comparison that is asked about"))
        } else {
            Ok((path, value))
        });
    }
    out
}

/// What a comparison asks for.
fn target_of(path: &str, value: &str) -> Result<String, String> {
    let small = path.to_ascii_lowercase();
    let prefix = if small.starts_with("file:hashes") {
        "file:"
    } else if matches!(small.as_str(), "domain-name:value" | "ipv4-addr:value") {
        "host:"
    } else if small == "url:value" {
        ""
    } else {
        return Err(format!("`{path}` is nothing that is asked about"));
    };
    Ok(format!("{prefix}{value}"))
}

/// A record of OSV.
fn record(value: &Value, lines: &Lines, out: &mut List) {
    let id = text(value, "id").unwrap_or_default();
    if value.get("withdrawn").is_some() {
        out.problems.push((lines.at(value.span), format!("{id} was withdrawn")));
        return;
    }
    for affected in value.get("affected").map(Value::items).unwrap_or_default() {
        let line = lines.at(affected.span);
        let package = affected.get("package");
        let (Some(ecosystem), Some(name)) =
            (package.and_then(|p| text(p, "ecosystem")), package.and_then(|p| text(p, "name")))
        else {
            out.problems.push((line, "what is affected has no package".to_owned()));
            continue;
        };
        let ranges = affected.get("ranges").map(Value::items).unwrap_or_default().iter().filter_map(range);
        let listed = affected.get("versions").map(Value::items).unwrap_or_default();
        let listed: Vec<String> = listed.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let mut all: Vec<Range> = ranges.collect();
        if all.is_empty() && !listed.is_empty() {
            all.push(Range::Versions(listed));
        }
        let versions = versions_of(&all);
        let shown = versions.as_deref().map(|versions| format!("@{versions}")).unwrap_or_default();
        let target = match ecosystem.split(':').next().unwrap_or(ecosystem) {
            "GitHub Actions" => action(name).map(|target| match target {
                Target::Action { repository, path, .. } => {
                    Target::Action { repository, path, reference: versions.clone() }
                }
                other => other,
            }),
            own => Some(Target::Package {
                ecosystem: Some(match own {
                    "PyPI" => "pypi".to_owned(),
                    "crates.io" => "cargo".to_owned(),
                    other => other.to_ascii_lowercase(),
                }),
                name: name.to_owned(),
                versions: versions.clone(),
            }),
        };
        let Some(target) = target else {
            out.problems.push((line, format!("`{name}` is no name of {ecosystem}")));
            continue;
        };
        let mut asked = Asked::one(&format!("{name}{shown}"), target);
        asked.because = (!id.is_empty()).then(|| id.to_owned());
        out.asked.push(asked);
    }
}

fn range(value: &Value) -> Option<Range> {
    let events = value.get("events").map(Value::items).unwrap_or_default();
    let event = |event: &Value| {
        let version = |key: &str| text(event, key).map(str::to_owned);
        version("introduced")
            .map(Event::Introduced)
            .or_else(|| version("fixed").map(Event::Fixed))
            .or_else(|| version("last_affected").map(Event::LastAffected))
    };
    let events: Vec<Event> = events.iter().filter_map(event).collect();
    match text(value, "type")? {
        "SEMVER" | "ECOSYSTEM" if !events.is_empty() => Some(Range::Ecosystem(events)),
        _ => None,
    }
}
