//! Variables of the environment that name what a program loads: `export MODEL_ID=org/x`, `docker run -e MODEL_ID=..`.

use super::{Given, Load, Loaded, Words, load, options};
use crate::commands::site::Site;

/// What a variable of this name gives, where it is for a program to read.
pub(super) fn named(variable: &str) -> Option<Loaded> {
    let is_upper = variable.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if !is_upper {
        return None;
    }
    options::named(variable).or_else(|| {
        let ends = |list: &[&str]| list.iter().any(|end| variable.ends_with(end));
        let is_target = ["SERVED", "HUB_", "OUTPUT", "PUSH", "TARGET", "DEST"].iter().any(|w| variable.contains(w));
        if is_target {
            None
        } else if ends(&["TOKENIZER", "TOKENIZER_NAME", "TOKENIZER_ID"]) {
            Some(Loaded::Tokenizer)
        } else if ends(&["_MODEL", "_MODEL_ID", "_MODEL_NAME", "_MODEL_PATH", "_MODEL_REPO", "_REPO_ID"]) {
            Some(Loaded::Model)
        } else if ends(&["_DATASET", "_DATASET_NAME", "_DATASET_ID"]) {
            Some(Loaded::DataSet)
        } else {
            None
        }
    })
}

pub(super) fn find(site: &Site<'_>, out: &mut Vec<Load>) {
    let none = Words { args: &[] };
    // `export X=..` and `X=.. program` are for programs; a plain assignment is for the script.
    if site.command.name.is_some() && site.call.name != "local" && site.call.name != "readonly" {
        for assignment in site.command.assignments.iter().filter(|a| !a.partial) {
            let Some(what) = named(&assignment.name) else { continue };
            let (text, known) = site.program.show(&assignment.value);
            let given = Given { text, known, range: assignment.value.range.clone() };
            out.push(Load { needs_owner: true, ..load(&none, &assignment.name, what, &given) });
        }
    }
    let args = &site.call.args;
    for (at, arg) in args.iter().enumerate() {
        let pair = match arg.text.as_str() {
            "-e" | "--env" | "--set" | "--set-env-vars" | "--build-arg" => {
                args.get(at + 1).map(|a| (a, a.text.as_str()))
            }
            text => ["-e", "--env=", "--build-arg="].iter().find_map(|s| text.strip_prefix(s)).map(|text| (arg, text)),
        };
        let Some((arg, (name, value))) = pair.and_then(|(arg, text)| Some((arg, text.split_once('=')?))) else {
            continue;
        };
        if let Some(what) = named(name) {
            let given = Given { known: arg.known, ..Given::of(arg).with(value) };
            out.push(Load { needs_owner: true, ..load(&none, name, what, &given) });
        }
    }
}
