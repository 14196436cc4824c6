//! Pickles of Python, run on symbols.
//!
//! A pickle is a program for a small stack machine. The machine here runs it without doing what it asks: calls
//! give symbols, and every global is rated by exact tables for the use that is made of it. It goes on past
//! errors: what stands before an error has been executed by then.

mod arrays;
#[cfg(test)]
mod attacks;
mod bombs;
mod calls;
mod formula;
mod given;
mod keys;
mod machine;
mod memo;
pub(in crate::scan) mod opcode;
mod packed;
mod rating;
pub(in crate::scan) mod reader;
mod renamed;
mod search;
mod special;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod told;
mod value;

pub(in crate::scan) use packed::values as look_into_values;

use machine::{Machine, Stop};
use rating::{Rating, Use};

use super::context::OVER_BUDGET;
use super::{Context, Format, PickleClass, Rule, Severity, Verdict};
use crate::source::{Bytes, Part};

static DANGEROUS_GLOBAL: Rule = Rule {
    id: "pickle-dangerous-global",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "The pickle runs, loads, reads or writes what its maker chose",
    help: "To load the file is to run this. Do not load it; take the model from its maker as safetensors.",
};
static UNKNOWN_GLOBAL: Rule = Rule {
    id: "pickle-unknown-global",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The pickle uses something that is not known to be harmless",
    help: "To load the file imports this and does with it what is shown. Look at its source before the file is loaded.",
};
static FOREIGN: Rule = Rule {
    id: "pickle-changes-behaviour",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The pickle changes how classes, functions or objects behave",
    help: "What is set here is called or run later by code that is harmless by itself. No framework writes such pickles.",
};
static EXTENSION: Rule = Rule {
    id: "pickle-extension",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The pickle names an object by an extension code",
    help: "What the code stands for is not in the file: it depends on the program that loads it.",
};
static PERSISTENT: Rule = Rule {
    id: "pickle-persistent-id",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "The pickle takes objects from whoever loads it",
    help: "What a persistent id gives is up to the loading program. Only storages of torch are known here.",
};
static OUT_OF_BAND: Rule = Rule {
    id: "pickle-out-of-band",
    verdict: Verdict::Unread,
    severity: Severity::Low,
    title: "Buffers of the pickle are not in it",
    help: "The bytes come from elsewhere and were not looked at.",
};
static BOMB: Rule = Rule {
    id: "pickle-bomb",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "The pickle exhausts whoever loads it",
    help: "A small file asks for memory or time without end. Do not load it.",
};
static MALFORMED: Rule = Rule {
    id: "pickle-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "The pickle breaks the rules of its format",
    help: "A loader stops here with an error. What stands before has been executed by then.",
};
static TRAILING: Rule = Rule {
    id: "pickle-trailing-bytes",
    verdict: Verdict::Malformed,
    severity: Severity::Low,
    title: "Bytes follow the pickle that are none",
    help: "Loaders of pickles stop before them. Another program may read the file as something else.",
};
static EMBEDDED: Rule = Rule {
    id: "pickle-embedded",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A pickle lies where none belongs",
    help: "It does not run by itself: something that finds it has to load it. There is no honest reason to hide it.",
};
static AMBIGUOUS: Rule = Rule {
    id: "pickle-ambiguous",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "Two loaders read different things",
    help: "One loader takes these bytes for data, another for opcodes. No framework writes such files.",
};
static ELSEWHERE: Rule = Rule {
    id: "pickle-needs-file",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "Arrays of the pickle lie in other files",
    help: "Old versions of joblib write one file for each array. Scan these files too.",
};

pub(super) const RULES: &[&Rule] = &[
    &DANGEROUS_GLOBAL,
    &UNKNOWN_GLOBAL,
    &FOREIGN,
    &EXTENSION,
    &PERSISTENT,
    &OUT_OF_BAND,
    &BOMB,
    &MALFORMED,
    &TRAILING,
    &EMBEDDED,
    &AMBIGUOUS,
    &ELSEWHERE,
];

/// How pickles are run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Persistent ids are storages as torch writes them, `('storage', class, key, location, count)`; any other
    /// is told. Without it every persistent id is told.
    pub is_torch: bool,
    /// Only the first pickle is run; nothing is said of what follows it.
    pub is_one: bool,
    /// Globals (module, name) that the loader makes itself, whatever is installed, as TorchScript does with
    /// `__torch__.…`: allowed for every use.
    pub known: Option<fn(&str, &str) -> bool>,
}

/// How the last pickle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a STOP.
    Stop,
    /// The bytes ended before a STOP.
    Exhausted,
    /// At bytes that are no opcode, or past a limit.
    Broken,
}

/// A storage of torch that a persistent id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Its key: the member `data/KEY` of a zip.
    pub key: String,
    /// The class, `FloatStorage` and the like, without its module.
    pub class: String,
    /// How many elements.
    pub count: u64,
    /// Where the id stands.
    pub offset: u64,
}

/// What a run of pickles came to. Its findings are told already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The gravest class of them.
    pub class: PickleClass,
    /// Globals in the order of their first use: module, name, class.
    pub globals: Vec<super::Global>,
    /// Where the last pickle ended: the offset behind its STOP, or where it broke off.
    pub end: u64,
    /// How.
    pub ending: Ending,
    /// How many pickles were run.
    pub pickles: usize,
    /// The highest protocol that they name.
    pub protocol: u8,
    /// Storages of torch, in order, each as often as it is named; 1,000,000 at most.
    pub storages: Vec<Storage>,
}

/// Whether a global is known to execute, load, read or write, for readers of other files that name globals.
pub(in crate::scan) fn is_dangerous(module: &str, name: &str) -> bool {
    matches!(rating::rate(module, name).0, Rating::Dangerous(_))
}

/// Whether a global is known to be harmless when an object is made of it or it is called.
pub(in crate::scan) fn is_allowed(module: &str, name: &str) -> bool {
    let (rating, condition) = rating::rate(module, name);
    condition.is_none() && (rating.allows(Use::Call) || rating.allows(Use::New))
}

/// Whether bytes are pickles, by their beginning.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    if super::torch::claims_legacy(head, bytes) {
        return false;
    }
    match head {
        [opcode::PROTO, 0..=5, next, ..] if opcode::argument(*next).is_some() => true,
        [first, ..] => opcode::argument(*first).is_some() && search::begins(bytes, 0),
        [] => false,
    }
}

/// Scans pickles.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    // Storages are named and TorchScript's own classes made wherever torch keeps a pickle; to other loaders these
    // are errors.
    let options = Options { is_torch: true, known: Some(is_torchscript), ..Options::default() };
    run(bytes, 0, &options, context);
}

/// TorchScript makes these classes itself, from the code of its archive. There is no module of that name.
fn is_torchscript(module: &str, _name: &str) -> bool {
    module == "__torch__" || module.starts_with("__torch__.")
}

/// Runs pickles from an offset on and tells what was found. Offsets are those in `bytes`.
///
/// Arrays that joblib puts between the opcodes are skipped, wherever a wrapper of one is built.
pub fn run(bytes: &dyn Bytes, from: u64, options: &Options, context: &mut Context<'_>) -> Summary {
    let mut machine = Machine::new(bytes, from, *options);
    let (mut pickles, mut after) = (0, None);
    let ending = loop {
        machine.begin();
        match machine.run() {
            Stop::Ended => {
                pickles += 1;
                let end = machine.reader.offset();
                if options.is_one || machine.reader.left() == 0 {
                    break Ending::Stop;
                }
                if !follows(bytes, end) {
                    after = Some(end);
                    break Ending::Stop;
                }
            }
            Stop::Exhausted => {
                machine.told.note(&MALFORMED, machine.now, "the pickle ends before its STOP");
                after = Some(machine.now + 1);
                break Ending::Exhausted;
            }
            Stop::Broken => {
                after = Some(machine.reader.offset());
                break Ending::Broken;
            }
            Stop::Limit(what) => {
                machine.told.note(&OVER_BUDGET, machine.now, what);
                break Ending::Broken;
            }
            Stop::Unread(why) => {
                context.unread(machine.now, why);
                break Ending::Broken;
            }
        }
    };
    let end = machine.reader.offset();
    if machine.has_arrays {
        context.format(Format::Joblib);
    }
    let summary = tell(machine, context, end, ending, pickles);
    if let Some(after) = after.filter(|_| !options.is_one) {
        trailing(bytes, after, ending, context);
    }
    summary
}

/// Whether another pickle follows at an offset.
fn follows(bytes: &dyn Bytes, at: u64) -> bool {
    match bytes.up_to(at, 3).as_deref() {
        Ok([opcode::PROTO, 0..=5, next]) if opcode::argument(*next).is_some() => true,
        _ => search::begins(bytes, at),
    }
}

/// What follows the last pickle and is none: told, and looked through.
fn trailing(bytes: &dyn Bytes, from: u64, ending: Ending, context: &mut Context<'_>) {
    /// Bytes that are looked at to see whether they are only padding.
    const PADDING: usize = 4096;
    let count = bytes.len().saturating_sub(from);
    let piece = bytes.up_to(from, PADDING).unwrap_or_default();
    let is_padding = piece.len() as u64 == count && piece.iter().all(|byte| matches!(byte, 0 | b'\n' | b'\r' | b' '));
    if is_padding {
        return;
    }
    if ending == Ending::Stop {
        context.find(&TRAILING, from, format!("{count} bytes follow the last pickle and are none"));
    }
    search::rest(bytes, from, context);
}

/// Runs one pickle that was found where none is expected, and tells it where it does something. Where it ended.
fn quiet(bytes: &dyn Bytes, from: u64, options: &Options, context: &mut Context<'_>) -> u64 {
    let mut machine = Machine::new(bytes, from, *options);
    let stop = machine.run();
    let end = machine.reader.offset();
    if !machine.globals.is_empty() {
        let ending = if stop == Stop::Ended { Ending::Stop } else { Ending::Broken };
        if tell(machine, context, end, ending, 1).class > PickleClass::AllowListed {
            search::found(from, context);
        }
    }
    end
}

/// Tells what a machine found.
fn tell(mut machine: Machine<'_>, context: &mut Context<'_>, end: u64, ending: Ending, pickles: usize) -> Summary {
    /// Globals that are not known, told one by one.
    const EACH: usize = 20;
    let mut class = if machine.globals.is_empty() { PickleClass::DataOnly } else { PickleClass::AllowListed };
    if [&UNKNOWN_GLOBAL, &FOREIGN, &EXTENSION, &AMBIGUOUS].iter().any(|rule| machine.told.has(rule)) {
        class = PickleClass::Unknown;
    }
    if machine.told.has(&DANGEROUS_GLOBAL) {
        class = PickleClass::Dangerous;
    }
    for global in &mut machine.globals {
        // A function that fetches by name is named to be called at once, or for no good.
        if global.special == Some(special::Special::Getattr) && !global.is_called && global.worst.is_none() {
            global.worst = Some((Use::Refer, global.first, format!("{}.{}", global.module, global.name)));
            global.failed = Some(None);
        }
    }
    let (mut globals, mut unknown) = (Vec::new(), 0_usize);
    for global in machine.globals.iter().filter(|global| global.calls.is_none()) {
        let (rule, rated, message) = judge(global);
        context.global(&global.module, &global.name, rated);
        let (module, name) = (global.module.clone(), global.name.clone());
        globals.push(super::Global { module, name, class: rated });
        class = class.max(rated);
        let Some(rule) = rule else { continue };
        let offset = global.worst.as_ref().map_or(global.first, |(_, offset, _)| *offset);
        if rated != PickleClass::Dangerous {
            unknown += 1;
            if unknown > EACH {
                continue;
            }
        }
        context.find(rule, offset, message);
    }
    if unknown > EACH {
        let message = format!("{} more globals are used that are not known", unknown - EACH);
        context.find(&UNKNOWN_GLOBAL, None, message);
    }
    context.pickle(class);
    let bytes = machine.reader.bytes();
    let (protocol, storages, nested, hidden) = (machine.protocol, machine.storages, machine.nested, machine.hidden);
    machine.told.tell(context);
    packed::look(&hidden, bytes, context);
    for value in nested {
        nest(value, bytes, context);
    }
    Summary { class, globals, end, ending, pickles, protocol, storages }
}

/// Scans bytes within a constant that a loader unpickles.
fn nest(value: value::Value, bytes: &dyn Bytes, context: &mut Context<'_>) {
    let Some(constant) = reader::Constant::read(bytes, value.payload()) else { return };
    let name = format!("bytes@{}", constant.start);
    if value.kind() == value::Kind::Octets {
        return context.part(&name, &Part::new(bytes, constant.start, constant.length));
    }
    // A text in Latin-1, as pickles of protocol 2 hold bytes.
    let length = usize::try_from(constant.length).unwrap_or(usize::MAX);
    if length > context.limits().text {
        return context.find(&OVER_BUDGET, constant.start, "bytes that are unpickled are longer than is looked at");
    }
    let text = match constant.is_whole {
        true => Ok(constant.bytes),
        false => bytes.exactly(constant.start, length),
    };
    match text.ok().and_then(|text| packed::latin(&text)) {
        Some(decoded) => context.part(&name, &decoded),
        None => context.unread(constant.start, "a text that is unpickled as bytes is none in Latin-1"),
    }
}

/// The rule, class and sentence for what was done with a global.
fn judge(global: &machine::Global) -> (Option<&'static Rule>, PickleClass, String) {
    let Some((wanted, _, shown)) = &global.worst else { return (None, PickleClass::AllowListed, String::new()) };
    let verb = match wanted {
        Use::Refer => "names",
        Use::Build => "gives state to",
        Use::New => "makes",
        Use::Call => "calls",
    };
    let sentence = match (global.rating, global.failed) {
        (Rating::Dangerous(sentence), _) | (_, Some(Some(sentence))) => Some(sentence),
        _ => None,
    };
    if let Some(sentence) = sentence {
        let message = format!("{verb} `{shown}`, which {sentence}");
        return (Some(&DANGEROUS_GLOBAL), PickleClass::Dangerous, message);
    }
    let why = match (global.rating, global.failed) {
        (_, Some(None)) if *wanted == Use::Refer => "and does not call it",
        (_, Some(None)) => "with arguments that are not known to be harmless",
        (Rating::Allowed(_), None) => "which is known for other uses only",
        _ => "which is not known",
    };
    let message = format!("{verb} `{shown}`, {why}");
    (Some(&UNKNOWN_GLOBAL), PickleClass::Unknown, message)
}

/// Looks for pickles that do something in bytes of another kind, and tells them.
pub fn search(bytes: &dyn Bytes, context: &mut Context<'_>) {
    search::rest(bytes, 0, context);
}
