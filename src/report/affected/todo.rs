//! What is to be done, over all places: secrets, images and releases, runs of jobs. Each once, before the places.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use super::text::list;
use super::text::place;
use super::text::shown;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Reply;
use crate::affected::Standing;

/// Writes it, where several places have it or could have got it: of one, its own lines say so.
pub(super) fn write(reply: &Reply, asked: &Asked, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let has = |answer: &&Answer| {
        answer.target == asked.text && matches!(answer.standing, Standing::Locked | Standing::CouldHaveResolved)
    };
    let answers: Vec<&Answer> = reply.answers.iter().filter(has).collect();
    if answers.len() < 2 {
        return Ok(());
    }
    let (mut secrets, mut rebuild, mut runs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let is_one = answers.iter().all(|answer| Some(&answer.who) == answers.first().map(|first| &first.who));
    for answer in answers.iter().copied() {
        for job in &answer.jobs {
            add(&mut runs, &job.name, &answer.who);
            // The token of a run ends with it.
            for secret in job.secrets.iter().filter(|secret| !secret.starts_with("GITHUB_TOKEN")) {
                add(&mut secrets, secret, &answer.who);
            }
        }
        for one in &answer.rebuild {
            add(&mut rebuild, one, &answer.who);
        }
    }
    if secrets.is_empty() && rebuild.is_empty() && runs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  to do, in all places")?;
    list("change", &told(secrets, is_one), all, out)?;
    list("rebuild", &told(rebuild, is_one), all, out)?;
    list("runs of", &told(runs, is_one), all, out)
}

/// What is to be done, with those whose it is.
fn add<'a>(to: &mut BTreeMap<&'a str, Vec<&'a str>>, what: &'a str, who: &'a str) {
    let known = to.entry(what).or_default();
    if !known.contains(&who) {
        known.push(who);
    }
}

fn told(what: BTreeMap<&str, Vec<&str>>, is_one: bool) -> Vec<String> {
    let one = |(what, who): (&str, Vec<&str>)| match who.as_slice() {
        // Of one place, it need not be said whose they are.
        _ if is_one => what.to_owned(),
        [] => what.to_owned(),
        [one] => format!("{what} ({one})"),
        [one, rest @ ..] => format!("{what} ({one} and {} more)", rest.len()),
    };
    what.into_iter().map(one).collect()
}

/// How the own branch of each repository stands, where others stand otherwise: it is what is asked about first.
pub(super) fn own_branches(reply: &Reply, asked: &Asked, out: &mut dyn Write) -> io::Result<()> {
    let of = || reply.answers.iter().filter(|answer| answer.target == asked.text);
    let mut told: BTreeMap<&str, &Answer> = BTreeMap::new();
    for answer in of().filter(|answer| answer.is_main) {
        let known = told.entry(&answer.who).or_insert(answer);
        if answer.standing > known.standing {
            *known = answer;
        }
    }
    for (who, own) in told {
        // A tree that lies there stands for itself.
        if of().filter(|answer| answer.who == who && !answer.at.is_empty()).all(|answer| answer.is_main) {
            continue;
        }
        let word = match own.standing {
            Standing::Locked => "has it locked",
            Standing::CouldHaveResolved => "could have got it",
            Standing::CannotKnow => "cannot be known",
            Standing::No => "no",
        };
        writeln!(out, "  {}: {word}; {}", shown(&place(own)), shown(&own.why))?;
    }
    Ok(())
}
