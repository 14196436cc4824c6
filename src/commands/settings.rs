//! Variables and configuration that choose where Python's package managers look.
//!
//! A command line does not show them: `PIP_EXTRA_INDEX_URL` may be exported three lines before, and
//! `pip config set` outlives the script.

use std::ops::Range;

use super::files::written_to;
use super::site::Site;
use super::written;
use crate::parse::shell::{Invocation, Program};

/// A variable of pip, uv, PDM or Poetry that is given a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable. `pip config set global.index-url` is told as `PIP_INDEX_URL`.
    pub name: String,
    /// Its value, known variables put in.
    pub value: String,
    /// Index of the command that sets it.
    pub command: usize,
    /// For that command alone; else for all that follow it in the script.
    pub only_there: bool,
    /// Holds for later scripts of the same job or image too.
    pub lasts: bool,
    /// Where it is written.
    pub range: Range<usize>,
}

/// Whether a variable is one of pip's, uv's, Poetry's or PDM's own.
#[must_use]
pub fn is_setting(name: &str) -> bool {
    ["PIP_", "UV_", "POETRY_", "PDM_"].iter().any(|prefix| name.starts_with(prefix))
        || matches!(name, CONDA_CHANNELS | CONDA_CHANNEL_PRIORITY)
}

/// conda's variable for its channels, separated by commas. A channel that `conda config` adds is told
/// under this name, a blank and the channel, with [`ADDED_FIRST`], [`ADDED_LAST`] or [`REMOVED`]: each
/// command adds to what others did.
pub const CONDA_CHANNELS: &str = "CONDA_CHANNELS";
/// conda's variable for how strictly channels are ranked; `conda config --set channel_priority` is told
/// as it.
pub const CONDA_CHANNEL_PRIORITY: &str = "CONDA_CHANNEL_PRIORITY";
/// A channel is asked before all others.
pub const ADDED_FIRST: &str = "first";
/// A channel is asked after all others.
pub const ADDED_LAST: &str = "last";
/// A channel is no longer asked.
pub const REMOVED: &str = "removed";

/// Everything of that kind a script sets, in its order.
#[must_use]
pub fn settings(program: &Program) -> Vec<Setting> {
    let mut out = Vec::new();
    for (index, command) in program.commands.iter().enumerate() {
        let call = Invocation::of(program, command);
        let exports = call.as_ref().is_none_or(|c| matches!(c.name.as_str(), "export" | "declare" | "typeset"));
        for assignment in command.assignments.iter().filter(|a| is_setting(&a.name)) {
            out.push(Setting {
                name: assignment.name.clone(),
                value: program.show(&assignment.value).0,
                command: index,
                only_there: !exports,
                lasts: false,
                range: assignment.range.clone(),
            });
        }
        let Some(call) = call else { continue };
        // `env PIP_INDEX_URL=.. pip install`: words, no assignments of the shell.
        let words = call.env.iter().filter(|(n, _)| is_setting(n) && !command.assignments.iter().any(|a| a.name == *n));
        for (name, value) in words {
            let word = command.args.iter().find(|w| w.lossy().starts_with(name.as_str()));
            out.push(Setting {
                name: name.clone(),
                value: value.clone(),
                command: index,
                only_there: true,
                lasts: false,
                range: word.map_or_else(|| command.range.clone(), |w| w.range.clone()),
            });
        }
        configured(&call, index, &mut out);
        if matches!(call.name.as_str(), "conda" | "mamba" | "micromamba") {
            channels(&call, index, &mut out);
        }
        if matches!(call.name.as_str(), "echo" | "printf" | "cat" | "tee") {
            let site = Site { program, index, command, call };
            written::recognise(&site, &mut out);
            if written_to(&site).is_some_and(|to| to.contains("GITHUB_ENV")) {
                for_later(&site, &mut out);
            }
        }
    }
    out
}

/// `pip config set global.index-url URL`.
fn configured(call: &Invocation<'_>, index: usize, out: &mut Vec<Setting>) {
    let words: Vec<_> = match call.name.as_str() {
        name if name.starts_with("pip") => call.operands(&[]),
        name if name.starts_with("python") => call.operands(&["-m"]),
        _ => return,
    };
    let by_module = call.args.windows(2).any(|two| two[0].text == "-m" && two[1].text == "pip");
    if call.name.starts_with("python") && !by_module {
        return;
    }
    let [config, set, key, value] = words.as_slice() else { return };
    if config.text != "config" || set.text != "set" {
        return;
    }
    let Some((_, option)) = key.text.rsplit_once('.') else { return };
    out.push(Setting {
        name: format!("PIP_{}", option.replace('-', "_").to_ascii_uppercase()),
        value: value.text.clone(),
        command: index,
        only_there: false,
        lasts: true,
        range: key.range.start..value.range.end.max(key.range.start),
    });
}

/// `conda config --add channels x`, `micromamba config append channels x`, `.. --set channel_priority
/// strict`.
fn channels(call: &Invocation<'_>, index: usize, out: &mut Vec<Setting>) {
    let Some(config) = call.args.iter().position(|a| a.text == "config") else { return };
    let words = call.args.get(config + 1..).unwrap_or_default();
    for three in words.windows(3) {
        let [how, key, value] = three else { continue };
        let (name, value_of) = match (how.text.trim_start_matches('-'), key.text.as_str()) {
            ("add" | "prepend", "channels" | "default_channels") => {
                (format!("{CONDA_CHANNELS} {}", value.text), ADDED_FIRST.to_owned())
            }
            ("append", "channels" | "default_channels") => {
                (format!("{CONDA_CHANNELS} {}", value.text), ADDED_LAST.to_owned())
            }
            ("remove", "channels" | "default_channels") => {
                (format!("{CONDA_CHANNELS} {}", value.text), REMOVED.to_owned())
            }
            ("set", "channel_priority") => (CONDA_CHANNEL_PRIORITY.to_owned(), value.text.clone()),
            _ => continue,
        };
        out.push(Setting {
            name,
            value: value_of,
            command: index,
            only_there: false,
            lasts: true,
            range: how.range.start..value.range.end.max(how.range.start),
        });
    }
}

/// `echo "PIP_INDEX_URL=.." >> $GITHUB_ENV`.
fn for_later(site: &Site<'_>, out: &mut Vec<Setting>) {
    for arg in &site.call.args {
        for (name, value) in arg.text.lines().filter_map(|l| l.split_once('=')) {
            let name = name.trim();
            if is_setting(name) {
                out.push(Setting {
                    name: name.to_owned(),
                    value: value.trim().to_owned(),
                    command: site.index,
                    // The runner reads the file when the step is over.
                    only_there: true,
                    lasts: true,
                    range: arg.range.clone(),
                });
            }
        }
    }
}
