//! `ci`: one run from what a service says of it to everything the service wants to have.
//!
//! Thin: [`crate::ci`] decides what is compared, the engine judges, `ci/deliver.rs` writes.
#![allow(clippy::disallowed_methods, reason = "reads the event that the service names")]

mod deliver;
mod history;
mod places;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::{AuditOptions, CiOptions, CompareOptions};
use super::{Surroundings, audit, gate, output};
use crate::audit::{Audit, Mode, Verdict};
use crate::ci::approval::Talk;
use crate::ci::base;
use crate::ci::{Comparison, Environment, Missing, Occasion, Payload, Run};
use crate::config::Effective;
use crate::source::git;

/// Exit code where it cannot be told what a change brings.
const INCOMPLETE: u8 = 3;
/// Largest event that is read; GitHub sends none beyond 25 MB.
const EVENT: u64 = 32 << 20;

/// What is judged.
#[derive(Debug)]
pub(super) struct Asked {
    /// Which findings the gate is held against; none leaves that to the policy.
    pub(super) mode: Option<Mode>,
    /// What is compared; none where all that lies there is judged.
    pub(super) compared: Option<Comparison>,
}

pub(super) fn run(path: Option<PathBuf>, options: &CiOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let mut run = environment(around).run();
    let compare = &options.audit.compare;
    if compare.staged {
        bail!("a service judges what is committed; `audit --staged` judges what is staged");
    }
    run.ask(compare.base.as_deref(), compare.head.as_deref());
    deliver::check(options)?;
    let root = root(path, &run, around);
    for note in &run.notes {
        output::say("note", note);
    }
    let places = places::Places::of(&run, options, around);
    let (verdict, code) = match ask(&run, options, &root) {
        Ok(asked) => {
            let (audit, folder) = judge(&root, &run, &asked, options, around)?;
            if asked.mode == Some(Mode::New) && audit.gate.is_none() {
                deliver::missing(&nothing_before(&run), &run, &places)?;
                return end(Verdict::Incomplete, INCOMPLETE, options);
            }
            let delivery = deliver::Delivery { run: &run, places: &places, options, around, as_cargo };
            delivery.audit(&audit, &folder)?;
            (audit.judged(), audit.exit_code())
        }
        Err(missing) => {
            deliver::missing(&missing, &run, &places)?;
            (Verdict::Incomplete, INCOMPLETE)
        }
    };
    end(verdict, code, options)
}

/// The exit code of a run.
fn end(verdict: Verdict, code: u8, options: &CiOptions) -> Result<u8> {
    if options.no_fail && code != 0 {
        output::say("note", &format!("the verdict is {}; the exit code is 0 because of --no-fail", verdict.as_str()));
        return Ok(0);
    }
    Ok(code)
}

/// Audits what was asked for.
fn judge(root: &Path, run: &Run, asked: &Asked, options: &CiOptions, around: &Surroundings) -> Result<(Audit, String)> {
    let Some(compared) = &asked.compared else {
        let compare = CompareOptions::default();
        let plain = AuditOptions { compare, ..options.audit.clone() };
        return audit::of_folder(root, &plain, around, |policy| asked.mode.unwrap_or_else(|| on_schedule(policy)));
    };
    if options.audit.held.baseline.is_some() {
        // The file lies in a checkout of the change, which could have put anything into it.
        output::say("note", "--baseline is not heeded: the change is compared with its base");
    }
    let wanted = gate::Wanted {
        base: Some(&compared.base.commit),
        how: Some(&compared.base.how),
        head: Some(&compared.head.commit),
        ..gate::Wanted::default()
    };
    let trees = gate::trees(root, &wanted)?;
    let talk = run.pull_request.as_ref().map(|pull| Talk {
        labels: pull.labels.as_deref(),
        action: pull.action.as_deref(),
        moved: pull.moved.as_deref(),
        is_fork: pull.is_fork,
        number: pull.number,
        text: pull.text.as_deref(),
    });
    let mut audit = gate::audit(root, &trees, &gate::Terms { mode: asked.mode, talk }, &options.audit, around)?;
    if let Some(gate) = &mut audit.gate {
        gate.head.how.clone_from(&compared.head.how);
        gate.head.name.clone_from(&compared.head.name);
        if let Some(base) = &mut gate.base {
            base.name.clone_from(&compared.base.name);
        }
    }
    let name = root.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok((audit, name))
}

/// Which findings count where all that lies there is judged; only a baseline makes a difference between them.
fn on_schedule(policy: Option<&Effective>) -> Mode {
    let word = policy.and_then(|policy| policy.gate.on_schedule.as_ref());
    if word.is_some_and(|word| word.value == "new") { Mode::New } else { Mode::All }
}

/// What is said where only what is new shall count, and nothing says what is old.
fn nothing_before(run: &Run) -> Missing {
    let sentence = format!(
        "a run of `{}` has nothing to compare with: name the base with --base or a baseline with --baseline, or judge \
         all there is with --gate all",
        run.event
    );
    Missing { sentence, tried: Vec::new() }
}

fn environment(around: &Surroundings) -> Environment {
    let mut environment = Environment { variables: around.variables.clone(), event: Payload::Absent };
    if let Some(file) = environment.event_file() {
        environment.event = match event(&around.directory.join(file)) {
            Ok(text) => Payload::Text(text),
            Err(why) => Payload::Unreadable(why),
        };
    }
    environment
}

fn event(file: &Path) -> Result<String, String> {
    let meta = file.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is no file".to_owned());
    }
    if meta.len() > EVENT {
        return Err(format!("it has {} bytes", meta.len()));
    }
    std::fs::read_to_string(file).map_err(|error| error.to_string())
}

/// The folder that was named, else where we stand if that is in a repository, else where the service checked out.
fn root(path: Option<PathBuf>, run: &Run, around: &Surroundings) -> PathBuf {
    if path.is_none()
        && git::find_root(&around.directory).is_none()
        && let Some(workspace) = &run.workspace
    {
        return around.directory.join(workspace);
    }
    audit::root(path, around)
}

/// Decides what is judged.
fn ask(run: &Run, options: &CiOptions, root: &Path) -> Result<Asked, Missing> {
    let asked = options.audit.compare.gate.map(Mode::from);
    if run.occasion == Occasion::Whole {
        return Ok(Asked { mode: asked, compared: None });
    }
    let found = history::open(root)
        .map_err(|sentence| Missing { sentence, tried: Vec::new() })
        .and_then(|history| base::find(run, &history));
    match found {
        Ok(comparison) => Ok(Asked { mode: asked, compared: Some(comparison) }),
        // All that is there can be judged without a base; it was asked for. Where nothing of the change is there, that
        // would be a word on something else.
        Err(missing)
            if asked == Some(Mode::All)
                && run.head == "HEAD"
                && run.without_change.as_ref().is_none_or(|without| without.sentence != missing.sentence) =>
        {
            Ok(Asked { mode: Some(Mode::All), compared: None })
        }
        Err(missing) => Err(missing),
    }
}
