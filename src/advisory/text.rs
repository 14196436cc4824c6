//! The text form of the index: what people review and git keeps.
//!
//! `advisories-cache/README.md` describes the format. One advisory and package a line, sorted, facts
//! only. Uses `std` alone: the build script includes it by path.

use std::fmt::{self, Write as _};

use super::model::{Advisory, Date, Ecosystem, Event, Function, Kind, Range, Section, SourceInfo, Window};
use super::pool;

/// First line of every file.
pub const FIRST_LINE: &str = "# cargo-custody advisories 1";

/// A line that is not in the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong, lower case, no full stop.
    pub message: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for TextError {}

/// Prints one file. The advisories are printed in the order given; see [`Section::sort`].
#[must_use]
pub fn print(sections: &[Section]) -> String {
    let mut out = format!("{FIRST_LINE}\n");
    for section in sections {
        let s = &section.source;
        let _ = writeln!(out, "@\t{}\t{}\t{}\t{}\t{}\t{}", s.ecosystem, s.name, s.commit, s.as_of, s.licence, s.url);
        let mut rest = section.advisories.as_slice();
        while let Some(first) = rest.first() {
            let n = rest.iter().take_while(|a| a.package == first.package).count();
            let (group, tail) = rest.split_at(n);
            print_package(&mut out, group);
            rest = tail;
        }
    }
    out
}

/// The explicit version lists of some advisories.
pub fn version_lists<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> impl Iterator<Item = &'a [String]> {
    advisories.flat_map(|a| a.ranges.iter()).filter_map(|r| match r {
        Range::Versions(list) => Some(list.as_slice()),
        _ => None,
    })
}

fn print_package(out: &mut String, group: &[Advisory]) {
    let pool = pool::pool(version_lists(group.iter()));
    if let (Some(first), false) = (group.first(), pool.is_empty()) {
        let _ = writeln!(out, "=\t{}\t{}", first.package, pool.join(" "));
    }
    for advisory in group {
        print_advisory(out, advisory, &pool);
    }
}

fn print_advisory(out: &mut String, a: &Advisory, pool: &[&str]) {
    let _ = write!(out, "{}\t{}\t{}", a.package, a.id, a.kind);
    let mut field = |key: &str, value: &str| {
        let _ = write!(out, "\t{key}={value}");
    };
    let date = |d: Option<Date>| d.map(|d| d.to_string());
    for (key, value) in
        [("published", date(a.published)), ("modified", date(a.modified)), ("withdrawn", date(a.withdrawn))]
    {
        if let Some(value) = value {
            field(key, &value);
        }
    }
    if !a.aliases.is_empty() {
        field("alias", &a.aliases.join(" "));
    }
    for range in &a.ranges {
        match range {
            Range::RustSec { patched, unaffected } => {
                field("patched", &patched.join("; "));
                if !unaffected.is_empty() {
                    field("unaffected", &unaffected.join("; "));
                }
            }
            Range::Semver(events) => field("semver", &print_events(events)),
            Range::Ecosystem(events) => field("range", &print_events(events)),
            Range::Git { repo, events } => field("git", &format!("{} {}", shorten(repo), print_events(events))),
            Range::Versions(list) => field("versions", &print_runs(pool, list)),
        }
    }
    if !a.cvss.is_empty() {
        field("cvss", &a.cvss.join(" "));
    }
    if !a.arch.is_empty() {
        field("arch", &a.arch.join(" "));
    }
    if !a.os.is_empty() {
        field("os", &a.os.join(" "));
    }
    for f in &a.functions {
        let versions: String = f.versions.iter().map(|v| format!("; {v}")).collect();
        field("function", &format!("{}{versions}", f.path));
    }
    if let Some(w) = &a.window {
        field("window", &format!("{}..{}", w.from, w.until));
    }
    if !a.commits.is_empty() {
        field("commit", &a.commits.join(" "));
    }
    if !a.links.is_empty() {
        let links: Vec<String> = a.links.iter().map(|l| shorten(l)).collect();
        field("link", &links.join(" "));
    }
    if let Some(title) = &a.title {
        field("title", title);
    }
    out.push('\n');
}

fn print_events(events: &[Event]) -> String {
    let tokens: Vec<String> = events
        .iter()
        .map(|e| match e {
            Event::Introduced(v) => format!(">={v}"),
            Event::Fixed(v) => format!("<{v}"),
            Event::LastAffected(v) => format!("<={v}"),
            Event::Limit(v) => format!("|{v}"),
        })
        .collect();
    tokens.join(" ")
}

fn print_runs(pool: &[&str], list: &[String]) -> String {
    let tokens: Vec<String> = pool::runs(pool, list)
        .into_iter()
        .map(|(a, b)| if a == b { pool[a].to_owned() } else { format!("{}..{}", pool[a], pool[b]) })
        .collect();
    tokens.join(" ")
}

/// `https://github.com/` as `gh:`, since most links start so.
#[must_use]
pub fn shorten(url: &str) -> String {
    url.strip_prefix("https://github.com/").map_or_else(|| url.to_owned(), |rest| format!("gh:{rest}"))
}

/// The reverse of [`shorten`].
#[must_use]
pub fn lengthen(link: &str) -> String {
    link.strip_prefix("gh:").map_or_else(|| link.to_owned(), |rest| format!("https://github.com/{rest}"))
}

/// Whether a value can stand in the text at all: no blank or control character, nothing empty.
#[must_use]
pub fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Reads one file.
///
/// # Errors
/// The first line that is not in the format. Files are either embedded after review or written by
/// this program, so there is no recovery.
pub fn parse(text: &str) -> Result<Vec<Section>, TextError> {
    let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l));
    match lines.next() {
        Some((_, FIRST_LINE)) => {}
        _ => return Err(TextError { line: 1, message: format!("expected `{FIRST_LINE}`") }),
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut pool: (String, Vec<String>) = Default::default();
    for (number, line) in lines {
        let fail = |message: String| TextError { line: number, message };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(rest) = line.strip_prefix("@\t") {
            sections.push(parse_source(rest).map_err(fail)?);
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err(fail("a record before the first source line".to_owned()));
        };
        if let Some(rest) = line.strip_prefix("=\t") {
            let (package, versions) = rest.split_once('\t').ok_or_else(|| fail("expected versions".to_owned()))?;
            let versions: Vec<String> = versions.split(' ').map(str::to_owned).collect();
            if !versions.is_sorted_by(|a, b| pool::natural_cmp(a, b).is_lt()) {
                return Err(fail("versions are not in order".to_owned()));
            }
            pool = (package.to_owned(), versions);
            continue;
        }
        let advisory = parse_advisory(section.source.ecosystem, line, &pool).map_err(fail)?;
        section.advisories.push(advisory);
        section.source.count += 1;
    }
    Ok(sections)
}

fn parse_source(rest: &str) -> Result<Section, String> {
    let fields: Vec<&str> = rest.split('\t').collect();
    let [ecosystem, name, commit, as_of, licence, url] = fields.as_slice() else {
        return Err("a source line has six fields".to_owned());
    };
    let source = SourceInfo {
        ecosystem: Ecosystem::parse(ecosystem).ok_or_else(|| format!("unknown ecosystem `{ecosystem}`"))?,
        name: (*name).to_owned(),
        commit: (*commit).to_owned(),
        as_of: Date::parse(as_of).ok_or_else(|| format!("not a date: `{as_of}`"))?,
        licence: (*licence).to_owned(),
        url: (*url).to_owned(),
        count: 0,
    };
    Ok(Section { source, advisories: Vec::new() })
}

fn words(value: &str) -> Vec<String> {
    value.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn requirements(value: &str) -> Vec<String> {
    value.split("; ").filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn parse_advisory(ecosystem: Ecosystem, line: &str, pool: &(String, Vec<String>)) -> Result<Advisory, String> {
    let mut fields = line.split('\t');
    let mut next = |what: &str| fields.next().filter(|f| is_plain(f)).ok_or_else(|| format!("no {what}"));
    let (package, id, kind) = (next("package")?, next("id")?, next("kind")?);
    let kind = Kind::parse(kind).ok_or_else(|| format!("unknown kind `{kind}`"))?;
    let mut a = Advisory::new(ecosystem, package, id, kind);
    for field in fields {
        let (key, value) = field.split_once('=').ok_or_else(|| format!("no `=` in `{field}`"))?;
        let date = || Date::parse(value).map(Some).ok_or_else(|| format!("not a date: `{value}`"));
        match key {
            "published" => a.published = date()?,
            "modified" => a.modified = date()?,
            "withdrawn" => a.withdrawn = date()?,
            "alias" => a.aliases = words(value),
            "patched" => a.ranges.push(Range::RustSec { patched: requirements(value), unaffected: Vec::new() }),
            "unaffected" => match a.ranges.last_mut() {
                Some(Range::RustSec { unaffected, .. }) => *unaffected = requirements(value),
                _ => return Err("`unaffected` follows `patched`".to_owned()),
            },
            "semver" => a.ranges.push(Range::Semver(parse_events(value)?)),
            "range" => a.ranges.push(Range::Ecosystem(parse_events(value)?)),
            "git" => {
                let (repo, events) = value.split_once(' ').ok_or("`git` needs a repository and commits")?;
                a.ranges.push(Range::Git { repo: lengthen(repo), events: parse_events(events)? });
            }
            "versions" if pool.0 == package => {
                a.ranges.push(Range::Versions(parse_runs(&pool.1, value)?));
            }
            "versions" => return Err(format!("no version line for `{package}`")),
            "cvss" => a.cvss = words(value),
            "arch" => a.arch = words(value),
            "os" => a.os = words(value),
            "function" => {
                let mut parts = requirements(value).into_iter();
                let path = parts.next().ok_or("an empty function")?;
                a.functions.push(Function { path, versions: parts.collect() });
            }
            "window" => {
                let (from, until) = value.split_once("..").ok_or("a window has two ends")?;
                a.window = Some(Window { from: from.to_owned(), until: until.to_owned() });
            }
            "commit" => a.commits = words(value),
            "link" => a.links = words(value).iter().map(|l| lengthen(l)).collect(),
            "title" if value.chars().any(char::is_control) => return Err("a title with control characters".to_owned()),
            "title" => a.title = Some(value.to_owned()),
            _ => return Err(format!("unknown field `{key}`")),
        }
    }
    Ok(a)
}

fn parse_events(value: &str) -> Result<Vec<Event>, String> {
    words(value)
        .into_iter()
        .map(|w| {
            let make = |rest: &str, event: fn(String) -> Event| event(rest.to_owned());
            if let Some(v) = w.strip_prefix(">=") {
                Ok(make(v, Event::Introduced))
            } else if let Some(v) = w.strip_prefix("<=") {
                Ok(make(v, Event::LastAffected))
            } else if let Some(v) = w.strip_prefix('<') {
                Ok(make(v, Event::Fixed))
            } else if let Some(v) = w.strip_prefix('|') {
                Ok(make(v, Event::Limit))
            } else {
                Err(format!("not an event: `{w}`"))
            }
        })
        .collect()
}

fn parse_runs(pool: &[String], value: &str) -> Result<Vec<String>, String> {
    let at = |v: &str| {
        pool.binary_search_by(|p| pool::natural_cmp(p, v)).map_err(|_| format!("version `{v}` is not listed"))
    };
    let mut runs = Vec::new();
    for token in words(value) {
        let (first, last) = token.split_once("..").unwrap_or((&token, &token));
        runs.push((at(first)?, at(last)?));
    }
    pool::expand(pool, &runs).ok_or_else(|| "a backward run of versions".to_owned())
}
