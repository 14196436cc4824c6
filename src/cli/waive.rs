//! `waive`: writes an entry of the policy that excuses a finding.

use anyhow::{Result, anyhow, bail};

use super::args::WaiveOptions;
use super::staged::replace;
use super::{Surroundings, audit, output};
use crate::advisory::Date;
use crate::audit::{Audit, Finding, State};
use crate::config::{self, Config, Home};
use crate::diag::{Impact, Severity};
use crate::fix;
use crate::graph::Document;
use crate::parse::{Budget, toml, toml_write};
use crate::read::{Outcome, Reading};
use crate::report::escape;
use crate::source::FileId;

/// Fewest digits of a fingerprint that name a finding.
const DIGITS: usize = 8;
/// Findings that are listed where none or several are meant.
const LISTED: usize = 8;

pub(super) fn run(options: &WaiveOptions, around: &Surroundings) -> Result<u8> {
    let today = around.today().ok_or_else(|| anyhow!("the day is not known"))?;
    let until = options.until.as_deref().map(|text| until(text, today)).transpose()?;
    let root = audit::root(options.tree.tree.clone(), around);
    let whole = audit::whole(&root, &audit::options_of(&options.tree), around)?;
    if whole.policy.as_ref().is_some_and(|policy| policy.no_own_waivers) {
        bail!("the inherited policy allows the tree no waivers of its own: an entry would hold in that one only");
    }
    let policy = Policy::of(&whole.reading)?;
    let found = select(&whole.audit, &options.finding)?;
    let max_days = whole.policy.as_ref().map_or(config::MAX_DAYS, |policy| policy.max_days);
    refuse(&found, until, today, i64::from(max_days))?;
    let Some(first) = found.first() else { bail!("nothing to excuse") };
    let fingerprint = match options.no_content {
        true => first.fingerprint.split(':').next().unwrap_or_default(),
        false => &first.fingerprint,
    };
    let until = until.map(|day| day.to_string());
    let mut pairs =
        vec![("fingerprint", fingerprint), ("rule", first.rule.as_str()), ("reason", options.reason.as_str())];
    if options.justification.is_some() && options.status.as_deref() != Some("not_affected") {
        bail!("`--justification` says why a flaw does not matter: it goes with `--status not_affected`");
    }
    let more = [
        ("owner", &options.owner),
        ("until", &until),
        ("until-reason", &options.until_reason),
        ("status", &options.status),
        ("justification", &options.justification),
    ];
    pairs.extend(more.iter().filter_map(|(key, text)| Some((*key, text.as_deref()?))));
    let comment = format!("{}: {}", first.path, first.message);
    let keys: Vec<&str> = policy.keys.iter().copied().chain(["waiver"]).collect();
    let before = policy.text.as_deref().unwrap_or_default();
    let cannot = |why: String| anyhow!("an entry cannot be written to `{}`: {why}", policy.path);
    let after = toml_write::append(before, &keys, &comment, &pairs).map_err(cannot)?;
    if !is_sound(&after, &keys, fingerprint) {
        return Err(cannot("the file is of a form that is not known for certain; write it by hand".to_owned()));
    }
    show(&policy.path, before, &after, around)?;
    if !options.dry_run {
        replace(&root, &policy.path, policy.text.as_deref(), &after)?;
    }
    tell(&found, &policy.path, options);
    std::mem::forget(whole);
    Ok(0)
}

/// The last day, which is not over.
fn until(text: &str, today: Date) -> Result<Date> {
    // Back and forth: the 30th of February is no day.
    let day = Date::parse(text).filter(|day| text.len() == 10 && Date::of_days(day.days()) == Some(*day));
    let Some(day) = day else { bail!("`--until {text}` is no day, which is written `YYYY-MM-DD`") };
    if day < today {
        bail!("`--until {text}` is over: today is {today}");
    }
    Ok(day)
}

/// The findings that a word means: all with one fingerprint.
pub(super) fn select<'a>(audit: &'a Audit, word: &str) -> Result<Vec<&'a Finding>> {
    let fits: Box<dyn Fn(&Finding) -> bool> = match word.split_once('@') {
        Some((rule, place)) => {
            let (path, line) = place
                .rsplit_once(':')
                .and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?)))
                .ok_or_else(|| anyhow!("`{word}` names no line: RULE@PATH:LINE"))?;
            Box::new(move |f| f.rule == rule && f.places.iter().any(|p| p.path == path && p.line == line))
        }
        None => {
            let digits = word.to_ascii_lowercase();
            if digits.len() < DIGITS || !digits.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                bail!("`{word}` is no fingerprint: at least {DIGITS} of its hexadecimal digits, or RULE@PATH:LINE");
            }
            Box::new(move |f| f.fingerprint.starts_with(&digits))
        }
    };
    let found: Vec<&Finding> = audit.findings.iter().filter(|f| fits(f)).collect();
    let Some(first) = found.first() else {
        bail!("there is no finding `{word}`{}", near(audit, word));
    };
    if found.iter().any(|f| f.fingerprint != first.fingerprint) {
        let list: Vec<String> = found.iter().take(LISTED).map(|f| one_line(f)).collect();
        bail!("`{word}` is {} findings; name one by its fingerprint: {}", found.len(), list.join(", "));
    }
    Ok(found)
}

fn one_line(finding: &Finding) -> String {
    format!("{} ({}@{}:{})", finding.fingerprint, finding.rule, finding.path, finding.line)
}

/// Findings that may have been meant.
fn near(audit: &Audit, word: &str) -> String {
    let (rule, path) = match word.split_once('@') {
        Some((rule, place)) => (rule, place.rsplit_once(':').map_or(place, |(path, _)| path)),
        None => ("", ""),
    };
    let start = word.get(..4).unwrap_or(word);
    let score = |f: &Finding| match rule {
        "" => usize::from(f.fingerprint.starts_with(start)) * 2 + usize::from(f.fingerprint.contains(word)),
        rule => usize::from(f.path == path) * 2 + usize::from(f.rule == rule),
    };
    let mut near: Vec<(usize, &Finding)> =
        audit.findings.iter().map(|f| (score(f), f)).filter(|(n, _)| *n > 0).collect();
    near.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    if near.is_empty() {
        return "; `cargo custody audit --format json` lists them all with their fingerprints".to_owned();
    }
    let list: Vec<String> = near.iter().take(LISTED).map(|(_, f)| one_line(f)).collect();
    format!("; near it are {}", list.join(", "))
}

/// Refuses what must not be excused, or not like this.
fn refuse(found: &[&Finding], until: Option<Date>, today: Date, max_days: i64) -> Result<()> {
    for finding in found {
        let name = format!("{}@{}:{}", finding.rule, finding.path, finding.line);
        if finding.impact == Some(Impact::Malicious) {
            bail!("{name} is malicious code, which nothing excuses: it has to go");
        }
        if finding.state == State::Suppressed {
            let by = finding.waiver.as_deref().unwrap_or("something else");
            bail!("{name} is excused already: {by}");
        }
        let last = Date::of_days(today.days() + max_days);
        let Some(last) = last.filter(|_| finding.severity >= Severity::High) else { continue };
        let severity = finding.severity.as_str();
        match until {
            None => {
                bail!("{name} is of {severity} severity, which is excused for a time only: `--until`, at most {last}")
            }
            Some(day) if day > last => bail!("{name} is of {severity} severity: at most until {last}"),
            Some(_) => {}
        }
    }
    Ok(())
}

/// The policy file in force, or the one that is to be made.
struct Policy {
    path: String,
    /// None where there is no file yet.
    text: Option<String>,
    /// Keys of the table that holds the policy.
    keys: &'static [&'static str],
}

impl Policy {
    fn of(reading: &Reading) -> Result<Self> {
        let Some(config) = in_force(reading) else {
            return Ok(Self { path: config::FILE.to_owned(), text: None, keys: &[] });
        };
        let file = config.file;
        let Some(source) = reading.sources.get(file) else { bail!("the policy file was not read") };
        let path = source.path.as_str().to_owned();
        let read = reading.files.iter().find(|f| f.file == Some(file)).map(|f| &f.outcome);
        match read {
            Some(Outcome::Partial(problems)) => {
                let first = problems.first();
                let line = first.map_or(1, |problem| source.position(problem.span.start).line);
                let why = first.map_or("something could not be read", |problem| problem.message.as_str());
                bail!("{path} line {line}: {why}; a file with mistakes is not written to");
            }
            Some(Outcome::Read) if source.invalid_utf8.is_none() => {}
            _ => bail!("`{path}` could not be read, and is not written to"),
        }
        Ok(Self { keys: keys(config.home), path, text: Some(source.text.clone()) })
    }
}

/// The file whose policy is in force.
pub(super) fn in_force(reading: &Reading) -> Option<&Config> {
    reading.documents.iter().find_map(Document::custody)
}

/// Keys of the table that holds the policy.
pub(super) fn keys(home: Home) -> &'static [&'static str] {
    match home {
        Home::Workspace => &["workspace", "metadata", "custody"],
        Home::Package => &["package", "metadata", "custody"],
        Home::Project => &["tool", "custody"],
        Home::Root | Home::GitHub | Home::Inherited => &[],
    }
}

/// Whether a text is TOML without mistakes in which the entry stands where it should.
fn is_sound(text: &str, keys: &[&str], fingerprint: &str) -> bool {
    let parsed = toml::parse(text, &mut Budget::default());
    let last = parsed.get(keys).and_then(|value| value.as_array()).and_then(<[_]>::last);
    parsed.problems.is_empty()
        && parsed.duplicates.is_empty()
        && last.and_then(|entry| entry.get("fingerprint")).and_then(|value| value.as_str()) == Some(fingerprint)
}

/// Shows a change as a diff.
pub(super) fn show(path: &str, before: &str, after: &str, around: &Surroundings) -> Result<()> {
    let change = fix::Change::between(FileId::default(), before, after);
    let mut text = fix::unified(path, before, &change);
    // A program takes the diff as it is; a terminal must not obey what stands in it.
    if around.stdout_is_terminal {
        text =
            text.split_inclusive('\n').map(|l| format!("{}\n", escape::terminal(l.trim_end_matches('\n')))).collect();
    }
    output::print(text.as_bytes())?;
    Ok(())
}

/// Says on standard error what is excused, since standard output is the diff.
fn tell(found: &[&Finding], path: &str, options: &WaiveOptions) {
    for finding in found {
        say(&format!("{}:{}: {}: {}", finding.path, finding.line, finding.rule, finding.message));
        let places = finding.places.len();
        if places > 1 {
            say(&format!("  with {places} places, the first of them here"));
        }
    }
    let ends = if options.no_content { "whatever becomes of it" } else { "as long as what it is about stays the same" };
    say(&match options.dry_run {
        true => format!("would be excused in {path}, {ends}; without `--dry-run` it is written"),
        false => format!("excused in {path}, {ends}"),
    });
    say("in a gate the policy of the base holds: the entry counts once it is there, or once somebody agrees to it");
}

/// A line on standard error.
pub(super) fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{}", escape::terminal(text));
}
