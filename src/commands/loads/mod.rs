//! What programs are told to load by name: by their own words, and by options that mean the same everywhere.
//!
//! Where a name is what it seems is not decided here; [`Load::needs_owner`] says how sure the place is.

mod options;
mod programs;
mod settings;

use std::ops::Range;

use super::act::{Act, ActKind, Load, Loaded};
use super::site::Site;
use crate::parse::shell::Arg;

/// Names of one command that are taken.
const MAX_NAMES: usize = 64;

/// Programs whose options of these names mean something else: they look names up, write, build or talk.
const OTHERS: &[&str] = &[
    "apt",
    "apt-get",
    "aws",
    "az",
    "brew",
    "cargo",
    "cd",
    "cp",
    "curl",
    "echo",
    "export",
    "find",
    "gcloud",
    "gh",
    "git",
    "grep",
    "helm",
    "jq",
    "kustomize",
    "ls",
    "mkdir",
    "mv",
    "npm",
    "npx",
    "pip",
    "pip3",
    "printf",
    "pytest",
    "rm",
    "rsync",
    "sed",
    "tar",
    "terraform",
    "wget",
];

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let before = acts.len();
    let mut found = Vec::new();
    let words = Words { args: &site.call.args };
    programs::find(&site.call.name, &words, &mut found);
    settings::find(site, &mut found);
    if !OTHERS.contains(&site.call.name.as_str()) && !programs::is_upload(&words) {
        generic(&words, &mut found);
    }
    for load in found {
        // What the program itself says of a word comes first.
        let is_told = acts.get(before..).unwrap_or_default().iter().any(|a| match &a.kind {
            ActKind::Loads(other) => other.range == load.range && other.name == load.name,
            _ => false,
        });
        if !is_told && acts.len() - before < MAX_NAMES {
            acts.push(Act { command: site.index, range: load.range.clone(), kind: ActKind::Loads(Box::new(load)) });
        }
    }
}

/// The words behind a program.
pub(super) struct Words<'w, 'p> {
    pub(super) args: &'w [Arg<'p>],
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) known: bool,
    pub(super) range: Range<usize>,
}

impl Given {
    pub(super) fn of(arg: &Arg<'_>) -> Self {
        Self { text: arg.text.clone(), known: arg.known, range: arg.range.clone() }
    }

    /// The same place with another text.
    pub(super) fn with(&self, text: &str) -> Self {
        Self { text: text.to_owned(), known: !text.contains('$'), range: self.range.clone() }
    }
}

impl Words<'_, '_> {
    /// The value of the first of some options.
    pub(super) fn value(&self, options: &[&str]) -> Option<Given> {
        self.args.iter().enumerate().find_map(|(at, arg)| {
            if options.contains(&arg.text.as_str()) {
                return self.args.get(at + 1).map(Given::of);
            }
            let (name, value) = arg.text.split_once('=')?;
            options.contains(&name).then(|| Given::of(arg).with(value))
        })
    }

    /// Words that are no options and no values of options that are known to take one.
    pub(super) fn operands(&self, valued: &[&str]) -> Vec<Given> {
        let mut out = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            if valued.contains(&arg.text.as_str()) {
                args.next();
            } else if !arg.text.starts_with('-') {
                out.push(Given::of(arg));
            }
        }
        out
    }

    /// What is said of code that comes with a model.
    fn remote_code(&self) -> Option<(bool, Range<usize>)> {
        let names = ["--trust-remote-code", "--trust_remote_code", "trust_remote_code"];
        self.args.iter().enumerate().find_map(|(at, arg)| {
            let (name, value) = arg.text.split_once('=').map_or((arg.text.as_str(), None), |(n, v)| (n, Some(v)));
            if matches!(name, "--no-trust-remote-code" | "--no_trust_remote_code") {
                return Some((false, arg.range.clone()));
            }
            if !names.contains(&name.rsplit('.').next().unwrap_or("")) && !names.contains(&name) {
                return None;
            }
            let next = self.args.get(at + 1).map(|a| a.text.as_str()).filter(|_| name.starts_with('-'));
            let is_off = value.or(next).is_some_and(|v| matches!(v, "False" | "false" | "0"));
            Some((!is_off, arg.range.clone()))
        })
    }

    fn revision(&self, what: Loaded) -> Option<(String, Range<usize>)> {
        self.value(options::revisions(what)).map(|given| (given.text, given.range))
    }
}

/// A name with what the command says beside it.
pub(super) fn load(words: &Words<'_, '_>, by: &str, what: Loaded, name: &Given) -> Load {
    Load {
        by: by.to_owned(),
        what,
        at: "huggingface",
        name: name.text.clone(),
        known: name.known,
        range: name.range.clone(),
        revision: words.revision(what),
        takes_revision: None,
        remote_code: words.remote_code().filter(|_| what == Loaded::Model || what == Loaded::Tokenizer),
        files: Vec::new(),
        needs_owner: false,
    }
}

/// Options and `key=value` that name something for any program.
fn generic(words: &Words<'_, '_>, out: &mut Vec<Load>) {
    for (at, arg) in words.args.iter().enumerate() {
        let (option, value) = match arg.text.split_once('=') {
            Some((option, value)) => (option, Given::of(arg).with(value)),
            None if arg.text.starts_with('-') => match words.args.get(at + 1) {
                Some(next) => (arg.text.as_str(), Given::of(next)),
                None => continue,
            },
            None => continue,
        };
        let is_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        if !option.bytes().all(is_word) || option.starts_with('-') && !option.starts_with("--") {
            continue;
        }
        // `--model_args pretrained=org/x,revision=main`
        if matches!(option, "--model_args" | "--model-args") {
            model_arguments(words, option, &value, out);
            continue;
        }
        let Some(what) = options::named(option) else { continue };
        let by = if option.starts_with('-') { option.to_owned() } else { format!("{option}=") };
        // Several values of one option: `--lora-modules a=org/x b=org/y`, `--dataset org/a,org/b`.
        let mut values = vec![value];
        if what == Loaded::Adapter && arg.text.starts_with('-') && !arg.text.contains('=') {
            let more = words.args.get(at + 2..).unwrap_or_default();
            values.extend(more.iter().take_while(|a| !a.text.starts_with('-')).map(Given::of));
        }
        for value in values {
            for text in value.text.split(',').take(MAX_NAMES) {
                let text = match text.split_once('=') {
                    Some((_, path)) if what == Loaded::Adapter => path,
                    _ => text,
                };
                let given = value.with(text);
                let found = load(words, &by, what, &given);
                out.push(Load { needs_owner: true, known: value.known, ..found });
            }
        }
    }
}

/// `pretrained=org/x,revision=main,trust_remote_code=True`
fn model_arguments(words: &Words<'_, '_>, option: &str, value: &Given, out: &mut Vec<Load>) {
    let get = |key: &str| {
        let pair = value.text.split(',').find_map(|pair| pair.trim().strip_prefix(key)?.strip_prefix('='));
        pair.map(|text| value.with(text))
    };
    let code = get("trust_remote_code").map(|v| (matches!(v.text.as_str(), "True" | "true" | "1"), v.range));
    let revision = get("revision").map(|v| (v.text, v.range));
    for (key, what) in [
        ("pretrained", Loaded::Model),
        ("model_name", Loaded::Model),
        ("model", Loaded::Model),
        ("tokenizer", Loaded::Tokenizer),
        ("peft", Loaded::Adapter),
    ] {
        let Some(name) = get(key) else { continue };
        let is_model = what == Loaded::Model;
        let found = load(words, option, what, &name);
        out.push(Load {
            revision: revision.clone().filter(|_| is_model),
            takes_revision: is_model.then_some(",revision="),
            remote_code: code.clone().filter(|_| is_model).or(found.remote_code),
            needs_owner: !is_model || key != "pretrained",
            ..found
        });
    }
}
