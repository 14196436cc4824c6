//! `affected`: who has it, where, by which path.

mod places;

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};

use super::args::{AffectedOptions, ListFormat};
use super::{Surroundings, index, output, shown};
use crate::advisory::Index;
use crate::affected::{Asked, Reply, ioc, lookup, when, wrappers};
use crate::report::affected::{json, text};

pub(super) fn run(options: &AffectedOptions, around: &Surroundings) -> Result<u8> {
    let chosen = index::choose(None, None, around)?;
    let questions = questions(options, chosen.index(), around)?;
    let mut reply = Reply { questions, ..Reply::default() };
    places::ask_all(options, around, &mut reply)?;
    reply.settle();
    let mut out = Vec::new();
    // Where a person reads it.
    let width = around.columns.filter(|_| around.stdout_is_terminal).map(|columns| columns.max(40));
    match options.format {
        ListFormat::Text => text(&reply, options.all, width, &mut out)?,
        ListFormat::Json => json(&reply, &mut out)?,
    }
    output::print(&out)?;
    Ok(reply.exit_code())
}

/// Everything that is asked, advisories looked up.
fn questions(options: &AffectedOptions, index: &Index, around: &Surroundings) -> Result<Vec<Asked>> {
    let mut asked = Vec::new();
    for target in &options.targets {
        asked.push(Asked::parse(target).map_err(anyhow::Error::msg)?);
    }
    if let Some(file) = &options.ioc {
        let name = shown(file);
        let bytes =
            places::read_file(&around.directory.join(file)).with_context(|| format!("failed to read `{name}`"))?;
        let list = ioc::read(&String::from_utf8_lossy(&bytes));
        for (line, why) in &list.problems {
            output::say("warning", &format!("{name} line {line}: {why}"));
        }
        if list.asked.is_empty() && options.targets.is_empty() {
            bail!("`{name}` names nothing that can be asked for");
        }
        asked.extend(list.asked);
    }
    let mut out: Vec<Asked> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut unknown = Vec::new();
    for one in asked {
        let all = match one.advisory().map(str::to_owned) {
            Some(id) => {
                let resolved = lookup::resolve(&one, &id, index).context("the advisory index is damaged")?;
                if resolved.is_empty() {
                    unknown.push(id);
                }
                resolved
            }
            None => vec![one],
        };
        for mut one in all {
            lookup::expect(&mut one, index).context("the advisory index is damaged")?;
            wrappers::add(&mut one, index).context("the advisory index is damaged")?;
            let key = |asked: &Asked| (asked.targets.clone(), asked.since, asked.until);
            if let Some(known) = seen.get(&one.text).and_then(|at| out.get(*at)) {
                if key(known) == key(&one) {
                    continue;
                }
                // The same thing at another time is another question.
                one.text = format!("{} ({})", one.text, span(&one));
            }
            if !seen.contains_key(&one.text) {
                seen.insert(one.text.clone(), out.len());
                out.push(one);
            }
        }
    }
    for id in &unknown {
        let why = format!("no advisory of the id {id} is in the index; `cargo custody db update` brings newer ones");
        if out.is_empty() {
            bail!("{why}, and its packages can be asked for by name");
        }
        output::say("warning", &why);
    }
    let since = options.since.as_deref().map(|text| moment(text, "--since", when::moment)).transpose()?;
    let until = options.until.as_deref().map(|text| moment(text, "--until", when::last_moment)).transpose()?;
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        bail!("--since is later than --until");
    }
    for one in &mut out {
        one.since = since.or(one.since);
        one.until = until.or(one.until);
    }
    Ok(out)
}

/// The time of a question in words.
fn span(asked: &Asked) -> String {
    let end = |moment: Option<i64>| moment.map(when::shown);
    match (end(asked.since), end(asked.until)) {
        (Some(since), Some(until)) => format!("{since} to {until}"),
        (Some(since), None) => format!("from {since}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "whenever".to_owned(),
    }
}

fn moment(text: &str, flag: &str, read: fn(&str) -> Option<i64>) -> Result<i64> {
    read(text)
        .with_context(|| format!("{flag} takes a day (2026-03-24) or a moment (2026-03-24T10:39:00Z), not `{text}`"))
}
