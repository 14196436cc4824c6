//! Updates that are proposed on the day they are out.

use super::dependabots;
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::upkeep::{Dependabot, DependabotUpdate};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, SourceFile, Span};

pub(super) static RULE: Rule = Rule {
    id: "missing-update-cooldown",
    title: "updates are proposed soon after they are out",
    many: "{n} files have updates proposed soon after they are out",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("missing_update_cooldown.md"),
    check,
};

/// Days to wait where whoever runs the audit says nothing else: most malicious releases are gone by then.
const DAYS: u32 = 7;

/// Days that Dependabot waits where nothing is said. Source: GitHub Docs, "Dependabot options reference".
const UNSAID: u32 = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let days = scene.cooldown.unwrap_or(DAYS);
    for bot in dependabots(scene) {
        say(scene, report, bot, days);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, bot: &Dependabot, days: u32) {
    let short: Vec<&DependabotUpdate> = bot
        .updates
        .iter()
        .filter(|u| !u.ecosystem.value.is_empty() && !u.only_security && waits(u).is_none_or(|waits| waits < days))
        .collect();
    let Some(first) = short.first() else { return };
    let place = |update: &DependabotUpdate| {
        let span = update.default_days.as_ref().map_or(update.cooldown.unwrap_or(update.first_key), |d| d.span);
        Place::new(bot.file, span)
    };
    let source = scene.sources.get(bot.file);
    let edits = short.iter().filter_map(|update| edit(source?, bot, update, days));
    let edits: Vec<Edit> = edits.collect();
    let names: Vec<&str> = short.iter().map(|u| u.ecosystem.value.as_str()).collect();
    let what = match names.as_slice() {
        [one] => format!("of {one}"),
        [one, rest @ ..] => format!("of {one} and {} more", rest.len()),
        [] => return,
    };
    let mut draft = report
        .at(place(first), "when an update is proposed")
        .confidence(Confidence::High)
        .also(short.iter().map(|u| place(u)))
        .about("updates", scene.sources.path(bot.file), None)
        .each(names.iter().map(|one| one.to_string()))
        .evidence(format!("Dependabot waits {UNSAID} days where `cooldown.default-days` is missing; updates for known flaws never wait"));
    // All or nothing: half of the entries would leave the finding where it is.
    if edits.len() == short.len() {
        draft = draft.fix(edits);
    }
    draft
        .advise(format!(
            "wait until others have found what is wrong with a release: cooldown: {{ default-days: {days} }}"
        ))
        .say(format!("updates {what} are proposed before they are {days} days old"));
}

/// Days that an entry waits.
fn waits(update: &DependabotUpdate) -> Option<u32> {
    match &update.default_days {
        Some(days) => days.value.trim().parse().ok(),
        None => Some(UNSAID),
    }
}

/// The edit that has an entry wait. None where the file is not of a form that is known for certain.
fn edit(source: &SourceFile, bot: &Dependabot, update: &DependabotUpdate, days: u32) -> Option<Edit> {
    let insert = |at: usize, text: String| {
        let at = Span::new(at, at);
        Some(Edit { place: Place::new(bot.file, at), text })
    };
    let text = source.text.as_str();
    if let Some(written) = &update.default_days {
        return Some(Edit { place: Place::new(bot.file, written.span), text: days.to_string() });
    }
    // As the first line ends, so do all: a look at the whole file for each entry would cost its square.
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    let ends = if first.ends_with("\r\n") { "\r\n" } else { "\n" };
    if let Some(key) = update.cooldown_key {
        let (start, indent) = column(text, key)?;
        return insert(start, format!("default-days: {days}{ends}{indent}"));
    }
    // A key without a value, or one that is written in another way.
    if update.cooldown.is_some() {
        return None;
    }
    let (_, indent) = column(text, update.first_key)?;
    // Behind the line of the ecosystem, which is a line of its own.
    let range = update.ecosystem.span.range(text.len());
    let rest = text.get(range.end..)?;
    let length = rest.find('\n').unwrap_or(rest.len());
    let line = rest.get(..length)?.trim_end_matches('\r');
    let behind = line.trim_start();
    if !(behind.is_empty() || behind.starts_with('#')) {
        return None;
    }
    insert(range.end + line.len(), format!("{ends}{indent}cooldown:{ends}{indent}  default-days: {days}"))
}

/// Where a key starts, and the blanks that stand before keys of its column. None where something else than a
/// dash of a list stands before it.
fn column(text: &str, key: Span) -> Option<(usize, String)> {
    let start = key.range(text.len()).start;
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line..start)?;
    before.chars().all(|c| matches!(c, ' ' | '-')).then(|| (start, " ".repeat(before.len())))
}
