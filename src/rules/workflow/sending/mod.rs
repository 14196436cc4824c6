//! What a script sends away: which command, to which host, and whether secrets or the whole environment are
//! among it. States facts; whether that is theft is for the rules.

mod carried;
pub(super) mod hidden;
mod host;

use std::collections::BTreeMap;

use carried::Carrier;
pub(super) use carried::{Carried, all_secrets_at};
pub(super) use host::{Host, host};

use super::reach::{Piece, Run};
use crate::parse::shell::{Arg, Invocation, Program};
use crate::source::Place;

/// Something that leaves the machine.
#[derive(Debug)]
pub(super) struct Sent {
    /// The command.
    pub(super) place: Place,
    /// The program: `curl`.
    pub(super) by: String,
    /// To where; none where the address is not known.
    pub(super) to: Option<Host>,
    /// What of weight is in it.
    pub(super) what: Vec<Carried>,
}

/// Options of curl and wget whose value is what is sent.
const BODIES: &[&str] = &[
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "-F",
    "--form",
    "--form-string",
    "--json",
    "-T",
    "--upload-file",
    "--post-data",
    "--post-file",
    "--body-data",
    "--body-file",
    "-body",
    "-infile",
];
/// Options whose value is none of what is sent, for telling addresses from them.
const OTHERS: &[&str] = &[
    "-H",
    "--header",
    "-X",
    "--request",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-w",
    "--write-out",
    "-m",
    "--max-time",
    "--retry",
    "--connect-timeout",
    "-b",
    "--cookie",
    "-x",
    "--proxy",
    "--cacert",
    "--cert",
    "--key",
    "-e",
    "--referer",
    "--retry-delay",
    "-headers",
    "-method",
    "-contenttype",
    "-O",
];

/// Everything a script sends that has weight.
pub(super) fn sent(run: &Run<'_>, piece: &Piece<'_>) -> Vec<Sent> {
    let script = piece.script;
    let program = &script.program;
    // Most scripts send nothing, and their text tells so at once.
    const SIGNS: &[&str] =
        &["curl", "wget", "nc ", "ncat", "netcat", "socat", "nvoke-", "NVOKE-", "iwr", "irm", "IWR", "IRM"];
    if !SIGNS.iter().any(|sign| script.text.text.contains(sign)) {
        return Vec::new();
    }
    let calls: Vec<(usize, Invocation<'_>)> = program.calls_of(|name| is_web(name) || is_raw(name)).collect();
    if calls.is_empty() {
        return Vec::new();
    }
    let carrier = Carrier::of(run, piece);
    let mut out = Vec::new();
    for (index, call) in calls {
        let Some(command) = program.commands.get(index) else { continue };
        let (is_web, is_raw) = (is_web(&call.name), is_raw(&call.name));
        let (bodies, addresses) = if is_web { parts(&call) } else { (Vec::new(), call.args.iter().collect()) };
        let to = addresses.iter().find_map(|arg| address(program, &carrier, arg, is_raw));
        let mut what: Vec<Carried> = bodies.iter().flat_map(|arg| carrier.in_word(arg.word)).collect();
        // Query strings carry as well as bodies do.
        what.extend(addresses.iter().filter(|a| a.text.contains("://")).flat_map(|arg| carrier.in_word(arg.word)));
        let from_pipe =
            is_raw || bodies.iter().any(|b| b.text.contains("@-") || b.text == "-" || b.text.contains("/dev/stdin"));
        if from_pipe {
            what.extend(carrier.before(index));
        }
        what.sort();
        what.dedup();
        if !what.is_empty() {
            let place = Place::new(run.file, script.text.host_span(command.range.clone()));
            out.push(Sent { place, by: call.name.clone(), to, what });
        }
    }
    out
}

fn is_web(name: &str) -> bool {
    const CLIENTS: &[&str] = &["curl", "wget", "iwr", "irm", "invoke-webrequest", "invoke-restmethod"];
    CLIENTS.iter().any(|client| name.eq_ignore_ascii_case(client))
}

fn is_raw(name: &str) -> bool {
    matches!(name, "nc" | "ncat" | "netcat" | "socat")
}

/// Bodies and addresses among the arguments of a web client.
fn parts<'a, 'p>(call: &'a Invocation<'p>) -> (Vec<&'a Arg<'p>>, Vec<&'a Arg<'p>>) {
    let (mut bodies, mut addresses) = (Vec::new(), Vec::new());
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        let lower = name.to_ascii_lowercase();
        let named =
            |list: &[&str]| list.iter().any(|o| *o == name || (!name.starts_with("--") && *o == lower && o.len() > 2));
        if named(BODIES) {
            if text.contains('=') && text.starts_with("--") {
                bodies.push(arg);
            } else {
                bodies.extend(args.next());
            }
        } else if (text.starts_with("-d") || text.starts_with("-F")) && text.len() > 2 && !text.starts_with("--") {
            bodies.push(arg);
        } else if named(OTHERS) {
            if !text.contains('=') {
                args.next();
            }
        } else if name == "--url" || lower == "-uri" {
            if text.contains('=') { addresses.push(arg) } else { addresses.extend(args.next()) }
        } else if text.starts_with('-')
            && !text.starts_with("--")
            && text.ends_with(['o', 'X', 'H', 'u', 'A', 'w', 'm'])
        {
            // Joined short options, the last of which takes a value: `-sSLo`, `-sX`.
            args.next();
        } else if text.starts_with('-') && !text.starts_with("--") && text.ends_with(['d', 'F', 'T']) {
            bodies.extend(args.next());
        } else if !text.starts_with('-') {
            addresses.push(arg);
        }
    }
    (bodies, addresses)
}

/// The host of an address, variables of the step put in.
fn address(program: &Program, carrier: &Carrier<'_>, arg: &Arg<'_>, is_raw: bool) -> Option<Host> {
    let mut text = arg.text.clone();
    if !arg.known {
        text = carrier.constant(program, arg.word).unwrap_or(text);
    }
    if is_raw && text.starts_with('-') {
        return None;
    }
    host(&text)
}

/// Values of `env` around a script, the nearest first.
fn environment<'a>(run: &Run<'a>, piece: &Piece<'a>) -> BTreeMap<&'a str, &'a str> {
    let holder = run.holder.as_ref();
    let mut out = BTreeMap::new();
    let step = piece.step.into_iter().flat_map(|s| &s.env);
    let around = holder.into_iter().flat_map(|h| h.job.env.iter().chain(&h.workflow.env));
    for (name, value) in step.chain(around) {
        out.entry(name.value.as_str()).or_insert(value.value.as_str());
    }
    out
}
