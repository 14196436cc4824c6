//! What a command of conda names, and which channels are in force for it.

use super::{AskedChannel, Channel, CondaCommand, Priority};
use crate::commands::{ADDED_FIRST, ADDED_LAST, CONDA_CHANNEL_PRIORITY, CONDA_CHANNELS, Operand, Opt, REMOVED};
use crate::graph::images::layout::InForce;
use crate::graph::kinds::conda::CondaRequirement;
use crate::graph::kinds::workflow::Script;
use crate::source::{FileId, Place, RepoPath, Spanned};

/// Channels kept of one command. Real lists have a handful.
const MAX_CHANNELS: usize = 32;

/// Reads a command. Files are found in the tree by whoever calls.
pub(in crate::graph) fn command(
    file: FileId,
    script: &Script,
    names: &[Operand],
    options: &[Opt],
    settings: &[InForce],
) -> CondaCommand {
    let mut channels = Vec::new();
    let named = options.iter().filter(|o| matches!(o.name.as_str(), "-c" | "--channel"));
    for option in named.take(MAX_CHANNELS) {
        let place = Place::new(file, script.text.host_span(option.range.clone()));
        let Some(text) = &option.value else { continue };
        if let Some(channel) = Channel::of(text) {
            channels.push(AskedChannel { place, text: text.clone(), channel });
        }
    }
    let overrides = options.iter().any(|o| o.name == "--override-channels");
    let (set, priority) = in_force(settings);
    if !overrides {
        channels.extend(set);
    }
    let flag = |name: &str| options.iter().any(|o| o.name == name);
    let chosen =
        options.iter().find(|o| o.name == "--channel-priority").and_then(|o| Priority::of(o.value.as_deref()?));
    let priority = match () {
        () if flag("--strict-channel-priority") => Some(Priority::Strict),
        () if flag("--no-channel-priority") => Some(Priority::Disabled),
        () => chosen.or(priority),
    };
    let packages = names.iter().filter_map(|name| package(script, name)).collect();
    CondaCommand { packages, channels, priority, files: Vec::new() }
}

/// What an action asks for by its files, with the channels that are set by then.
pub(in crate::graph) fn configured(files: Vec<RepoPath>, settings: &[InForce]) -> CondaCommand {
    let (channels, priority) = in_force(settings);
    CondaCommand { packages: Vec::new(), channels, priority, files }
}

/// Channels that settings name, the first asked first, and how they are ranked.
fn in_force(settings: &[InForce]) -> (Vec<AskedChannel>, Option<Priority>) {
    let mut out: Vec<AskedChannel> = Vec::new();
    let mut priority = None;
    for setting in settings.iter().filter(|s| s.name.starts_with(CONDA_CHANNELS) || s.name == CONDA_CHANNEL_PRIORITY) {
        out.truncate(MAX_CHANNELS);
        let asked = |text: &str| {
            let channel = Channel::of(text)?;
            Some(AskedChannel { place: setting.place, text: text.to_owned(), channel })
        };
        if setting.name == CONDA_CHANNEL_PRIORITY {
            priority = Priority::of(&setting.value);
        } else if setting.name == CONDA_CHANNELS {
            out = setting.value.split(',').filter_map(asked).collect();
        } else if let Some(name) = setting.name.strip_prefix(CONDA_CHANNELS).map(str::trim) {
            let Some(one) = asked(name) else { continue };
            out.retain(|known| known.channel != one.channel);
            match setting.value.as_str() {
                ADDED_FIRST => out.insert(0, one),
                ADDED_LAST => out.push(one),
                REMOVED => {}
                _ => {}
            }
        }
    }
    (out, priority)
}

/// A specification on a command line. What no name begins is an option's value that was not known as one.
fn package(script: &Script, operand: &Operand) -> Option<CondaRequirement> {
    let span = script.text.host_span(operand.range.clone());
    let text = operand.text.trim();
    let (channel, rest) = match text.split_once("::") {
        Some((channel, rest)) => (Some(Spanned::new(channel.to_owned(), span)), rest),
        None => (None, text),
    };
    let end = rest.find(|c: char| matches!(c, '=' | '<' | '>' | '!' | '~' | '[') || c.is_whitespace());
    let (name, version) = rest.split_at(end.unwrap_or(rest.len()));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_name {
        return None;
    }
    let version = version.trim();
    // `=1.2=build`: the build follows the second of them.
    let body = version.trim_start_matches('=');
    let build =
        body.split_once('=').filter(|_| !body.contains(['<', '>', ',', '!', '~', '['])).map(|(_, b)| b.to_owned());
    let length = build.as_ref().map_or(version.len(), |b| version.len() - b.len() - 1);
    let version = version.get(..length).unwrap_or(version);
    Some(CondaRequirement {
        name: Spanned::new(name.to_owned(), span),
        channel,
        version: Some(version).filter(|v| !v.is_empty()).map(|v| Spanned::new(v.to_owned(), span)),
        build: build.map(|b| Spanned::new(b, span)),
        feature: None,
        span,
    })
}
