//! The answers for a person: a line with the verdict of each question, and below it who, why and what follows.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use super::lines;
use super::todo;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Reply;
use crate::affected::Standing;
use crate::affected::reply::Counts;
use crate::affected::when;
use crate::report::escape::line;
use crate::report::escape::terminal;

/// Places of one standing that are shown.
const MOST: usize = 20;
/// Lines of one list of an answer that are shown.
const LINES: usize = 5;

/// The text. `all` names every place, and those that do not have it. Lines are broken where a width is given.
///
/// # Errors
/// Whatever the writer says.
pub fn text(reply: &Reply, all: bool, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let Some(width) = width else { return unbroken(reply, all, out) };
    let mut whole = Vec::new();
    unbroken(reply, all, &mut whole)?;
    for line in String::from_utf8_lossy(&whole).lines() {
        lines::broken(line, width, out)?;
    }
    Ok(())
}

fn unbroken(reply: &Reply, all: bool, out: &mut dyn Write) -> io::Result<()> {
    for (number, asked) in reply.questions.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        question(reply, asked, all, out)?;
    }
    for note in &reply.notes {
        writeln!(out, "\nnote: {}", shown(note))?;
    }
    Ok(())
}

pub(super) fn shown(text: &str) -> String {
    line(&terminal(text))
}

fn question(reply: &Reply, asked: &Asked, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let counts = reply.counts(asked);
    writeln!(out, "{}: {}", shown(&asked.text), verdict(counts))?;
    if let Some(note) = &asked.note {
        writeln!(out, "  {}", shown(note))?;
    }
    if let (Some(since), Some(until)) = (asked.since, asked.until) {
        // What a person typed is asked about, and need not be when it could be had.
        let what = if asked.because.is_some() { "it could be had" } else { "asked for the time" };
        writeln!(out, "  {what} from {} to {} UTC", when::shown(since), when::shown(until))?;
    }
    let of =
        |standing: Standing| reply.answers.iter().filter(move |a| a.target == asked.text && a.standing == standing);
    todo::own_branches(reply, asked, out)?;
    todo::write(reply, asked, all, out)?;
    for standing in [Standing::Locked, Standing::CouldHaveResolved] {
        let answers: Vec<&Answer> = of(standing).collect();
        let most = if all { usize::MAX } else { MOST };
        for answer in answers.iter().take(most) {
            write_answer(answer, asked, all, out)?;
        }
        if answers.len() > most {
            writeln!(out, "\n  and {} more that {}; --all names them", answers.len() - most, clause(standing))?;
        }
    }
    let unknown: Vec<&Answer> = of(Standing::CannotKnow).collect();
    if !unknown.is_empty() {
        writeln!(out)?;
        by_reason(&unknown, all, out)?;
    }
    if all {
        for answer in of(Standing::No) {
            writeln!(out, "  no           {}: {}", shown(&place(answer)), shown(&answer.why))?;
        }
    }
    aside(of(Standing::No), all, out)
}

/// What of tests, examples and docs does not say whether they have it: in one line, or each.
fn aside<'a>(answers: impl Iterator<Item = &'a Answer>, all: bool, out: &mut dyn Write) -> io::Result<()> {
    for answer in answers {
        let most = if all { usize::MAX } else { 1 };
        for one in answer.aside.iter().take(most) {
            write!(out, "  not counted  {}: {}", shown(&answer.who), shown(one))?;
            match answer.aside.len() {
                more @ 2.. if !all => {
                    writeln!(out, ", and {} more of tests, examples and docs; --all names them", more - 1)?
                }
                _ => writeln!(out)?,
            }
        }
    }
    Ok(())
}

/// `2 of 14 places have it locked, 3 could have got it, 1 cannot be known, 8 do not`.
fn verdict(counts: Counts) -> String {
    let all = counts.all();
    if all == 1 {
        let one = match counts {
            Counts { locked: 1, .. } => "it has it locked",
            Counts { could: 1, .. } => "it could have got it",
            Counts { unknown: 1, .. } => "it cannot be known",
            _ => "it does not have it",
        };
        return one.to_owned();
    }
    if counts.no == all {
        return format!("none of {all} places has it");
    }
    let verb = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut parts = Vec::new();
    if counts.locked > 0 {
        parts.push(verb(counts.locked, "has it locked", "have it locked"));
    }
    if counts.could > 0 {
        parts.push(format!("{} could have got it", counts.could));
    }
    if counts.unknown > 0 {
        parts.push(format!("{} cannot be known", counts.unknown));
    }
    if counts.no > 0 {
        parts.push(verb(counts.no, "does not", "do not"));
    }
    if let Some(first) = parts.first_mut() {
        *first = first.replacen(' ', &format!(" of {all} places "), 1);
    }
    parts.join(", ")
}

fn clause(standing: Standing) -> &'static str {
    match standing {
        Standing::Locked => "have it locked",
        Standing::CouldHaveResolved => "could have got it",
        Standing::CannotKnow => "cannot be known",
        Standing::No => "do not have it",
    }
}

fn write_answer(answer: &Answer, asked: &Asked, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let word = match answer.standing {
        Standing::Locked => "locked",
        Standing::CouldHaveResolved => "could have",
        Standing::CannotKnow => "unknown",
        Standing::No => "no",
    };
    writeln!(out, "\n  {word:<12} {}", shown(&answer.who))?;
    writeln!(out, "      why      {}", shown(&answer.why))?;
    if !answer.at.is_empty() {
        let most = if all { usize::MAX } else { LINES };
        let names: Vec<&str> = answer.at.iter().take(most).map(String::as_str).collect();
        let more = answer.at.len().saturating_sub(most);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        writeln!(out, "      at       {}{more}", shown(&names.join(", ")))?;
    }
    if let Some(when) = answer.when {
        writeln!(out, "      when     {}", span(when, asked))?;
    }
    if let Some((from, until)) = &answer.commits {
        let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
        let until = until.as_deref().map(|until| format!(" to {}", short(until))).unwrap_or_default();
        writeln!(out, "      commits  {}{until}", shown(&short(from)))?;
    }
    if answer.path.len() > 1 {
        writeln!(out, "      path     {}", shown(&answer.path.join(" → ")))?;
    }
    let lines: Vec<String> = answer
        .spots
        .iter()
        .map(|spot| {
            let how = spot.how.as_deref().map(|how| format!("  {how}")).unwrap_or_default();
            if spot.line == 0 { format!("{}{how}", spot.path) } else { format!("{}:{}{how}", spot.path, spot.line) }
        })
        .collect();
    list("line", &lines, all, out)?;
    let jobs: Vec<String> = answer
        .jobs
        .iter()
        .map(|job| match job.secrets.as_slice() {
            [] => job.name.clone(),
            secrets => format!("{} could read {}", job.name, secrets.join(", ")),
        })
        .collect();
    list("job", &jobs, all, out)?;
    list("rebuild", &answer.rebuild, all, out)
}

/// `2025-03-14 00:00 to 2025-03-15 10:33 UTC`: no longer than what is asked for could be had, with all of it behind.
fn span((from, until): (i64, Option<i64>), asked: &Asked) -> String {
    let since = |moment: i64| if moment == i64::MIN { "an unknown time".to_owned() } else { when::shown(moment) };
    let end = |moment: Option<i64>| moment.map_or_else(|| "now".to_owned(), when::shown);
    let first = asked.since.map_or(from, |since| since.max(from));
    let last = match (until, asked.until) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    // A tag is of one moment, which may lie outside.
    let is_cut = (first, last) != (from, until) && last.is_none_or(|last| first <= last);
    if is_cut {
        format!("{} to {} UTC (in all from {} to {})", since(first), end(last), since(from), end(until))
    } else {
        format!("{} to {} UTC", since(from), end(until))
    }
}

pub(super) fn list(word: &str, lines: &[String], all: bool, out: &mut dyn Write) -> io::Result<()> {
    let most = if all { usize::MAX } else { LINES };
    for (number, line) in lines.iter().take(most).enumerate() {
        let word = if number == 0 { word } else { "" };
        writeln!(out, "      {word:<8} {}", shown(line))?;
    }
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        writeln!(out, "               and {more} more")?;
    }
    Ok(())
}

/// Who is asked, with the first of the branches or tags that are spoken of.
pub(super) fn place(answer: &Answer) -> String {
    match answer.at.as_slice() {
        [] => answer.who.clone(),
        [one] => format!("{} at {one}", answer.who),
        [one, rest @ ..] => format!("{} at {one} and {} more", answer.who, rest.len()),
    }
}

/// Places of which it cannot be known, those of one reason together.
fn by_reason(answers: &[&Answer], all: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for answer in answers {
        groups.entry(&answer.why).or_default().push(place(answer));
    }
    let mut groups: Vec<(&str, Vec<String>)> = groups.into_iter().collect();
    groups.sort_by_key(|(why, who)| (std::cmp::Reverse(who.len()), *why));
    let most = if all { usize::MAX } else { MOST };
    for (why, who) in groups.iter().take(most) {
        let most = if all { usize::MAX } else { 3 };
        let named: Vec<&str> = who.iter().take(most).map(String::as_str).collect();
        let more = who.len().saturating_sub(most);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        writeln!(out, "  cannot know  {}{more}: {}", shown(&named.join(", ")), shown(why))?;
    }
    if groups.len() > most {
        writeln!(out, "  and {} more reasons; --all names them", groups.len() - most)?;
    }
    Ok(())
}
