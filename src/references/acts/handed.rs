//! What reaches a loader by way of a function of the script, and addresses that stand in its words, whoever is given
//! them: `download "https://HUB/.."`, arrays of addresses that a loop goes through.

use std::ops::Range;

use crate::commands::{Act, ActKind, Load};
use crate::parse::shell::Program;
use crate::references::names;

/// Calls of one script that are looked at.
const MAX_CALLS: usize = 2_000;
/// Loads of functions that are followed.
const MAX_LOADS: usize = 64;
/// Addresses of one script.
const MAX_ADDRESSES: usize = 1_000;

/// What the callers of functions make these load, each with the place of the load in the function.
pub(super) fn loads(program: &Program, acts: &[Act], text: &str) -> Vec<(Range<usize>, Load)> {
    let mut out = Vec::new();
    let given = acts.iter().filter_map(|act| match &act.kind {
        ActKind::Loads(load) if load.name.contains('$') => Some((act.command, load)),
        _ => None,
    });
    for (command, load) in given.take(MAX_LOADS) {
        let Some(function) = program.functions.iter().find(|f| f.commands.contains(&command)) else { continue };
        let body = text.get(function.range.clone()).unwrap_or("");
        let Some(at) = parameter(&load.name, body) else { continue };
        let revision_at = load.revision.as_ref().and_then(|(revision, _)| parameter(revision, body));
        let calls = program
            .commands
            .iter()
            .filter(|c| c.name.as_ref().and_then(|name| name.literal()).is_some_and(|name| name == function.name));
        for call in calls.take(MAX_CALLS) {
            let Some(word) = call.args.get(at - 1) else { continue };
            let (name, known) = program.show(word);
            let revision = match (&load.revision, revision_at.and_then(|at| call.args.get(at - 1))) {
                (Some(_), Some(word)) => Some((program.show(word).0, word.range.clone())),
                (written, _) => written.clone(),
            };
            let range = word.range.clone();
            let by = load.by.clone();
            let takes =
                Load { name, known, range, revision, by, takes_revision: None, needs_owner: true, ..(**load).clone() };
            out.push((load.range.clone(), takes));
        }
    }
    out
}

/// Which parameter of a function a word is: `${1}`, or a variable that the function sets from it.
fn parameter(word: &str, body: &str) -> Option<usize> {
    let number = |word: &str| {
        let inner = word.trim_matches(['"', '\'']).strip_prefix('$')?;
        let inner = inner.strip_prefix('{').and_then(|i| i.strip_suffix('}')).unwrap_or(inner);
        let digits: String = inner.chars().take_while(char::is_ascii_digit).collect();
        let is_plain = inner.len() == digits.len() || inner.get(digits.len()..)?.starts_with([':', '-']);
        digits.parse::<usize>().ok().filter(|n| is_plain && (1..64).contains(n))
    };
    if let Some(at) = number(word) {
        return Some(at);
    }
    let name = word.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|n| n.strip_suffix('}')).unwrap_or(name);
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let words = body.split([' ', '\t', '\n', ';']).filter(|_| is_name);
    words.filter_map(|word| word.strip_prefix(name)?.strip_prefix('=')).find_map(number)
}

/// Addresses of files on hubs and of weights, where no comment and no message has them, with what they are compared
/// with: `ADD --checksum=sha256:..`.
pub(super) fn addresses(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut goes_on = false;
    let mut is_said = false;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let plain = line.trim_start();
        if !goes_on {
            is_said = plain.starts_with('#') || says(plain);
        }
        goes_on = line.trim_end().ends_with('\\');
        if is_said || plain.starts_with('#') {
            continue;
        }
        for (from, _) in line.match_indices("://") {
            let before = line.get(..from).unwrap_or("");
            let scheme = before.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
            let begin = from - scheme;
            // Behind a mark of a comment nothing is loaded.
            if before.contains(" #") || out.len() >= MAX_ADDRESSES {
                break;
            }
            let rest = line.get(begin..).unwrap_or("");
            let is_end =
                |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '|' | ')' | ';' | '>' | '<' | ',');
            let address = rest.split(is_end).next().unwrap_or("");
            let is_file = names::of_address(address).is_some_and(|found| found.file.is_some())
                || (address.starts_with("http") && names::is_weights(address));
            let is_known = !address.contains(['$', '{', '*', '\\']) && !address.contains("://localhost");
            if is_file && is_known && !address.contains("/blob/") && !address.contains("/tree/") {
                out.push((start + begin..start + begin + address.len(), address));
            }
        }
    }
    out
}

/// Whether a line only says something.
fn says(line: &str) -> bool {
    let first = line.split([' ', '\t', '\n']).next().unwrap_or("");
    matches!(first, "echo" | "printf" | "print" | "log" | "info" | "warn" | "error" | "die" | "fail" | "usage" | "exit")
        || first.contains("echo")
        || first.contains("log_")
}
