//! Texts in base64: code that is decoded and run, and secrets that are encoded twice so that a log shows them.

use super::{Carried, Carrier};
use crate::parse::shell::{Invocation, Program, RedirectOp, ScopeKind};
use crate::rules::workflow::reach::{Piece, Run};
use crate::source::Place;

/// Shortest text that is taken for code; a word in base64 is an honest value.
const SHORTEST: usize = 24;
/// Longest text decoded.
const LONGEST: usize = 1 << 18;
/// Uses of base64 in one script that are looked at.
const MOST: usize = 64;
/// Programs that run what they are given.
const RUNNERS: &[&str] =
    &["sh", "bash", "zsh", "dash", "python", "python3", "node", "perl", "ruby", "eval", "source", "."];

/// Code that stands in base64 and is run.
#[derive(Debug)]
pub(in crate::rules::workflow) struct Hidden {
    /// The command that holds it.
    pub(in crate::rules::workflow) place: Place,
    /// What runs it.
    pub(in crate::rules::workflow) by: String,
    /// The code.
    pub(in crate::rules::workflow) text: String,
}

impl Hidden {
    /// Whether it reaches for the network.
    pub(in crate::rules::workflow) fn reaches_out(&self) -> bool {
        ["curl", "wget", "/dev/tcp", "http://", "https://", "nc ", "requests.", "urllib", "fetch("]
            .iter()
            .any(|sign| self.text.contains(sign))
    }
}

/// Code in base64 that a script decodes and runs.
pub(in crate::rules::workflow) fn hidden(run: &Run<'_>, piece: &Piece<'_>) -> Vec<Hidden> {
    let program = &piece.script.program;
    let mut out = Vec::new();
    if !piece.script.text.text.contains("base64") {
        return out;
    }
    let mut uses = 0;
    for (index, command) in program.commands.iter().enumerate() {
        if uses == MOST {
            break;
        }
        if !Invocation::of(program, command).is_some_and(|call| decodes(&call)) {
            continue;
        }
        uses += 1;
        let stages = program.pipelines.get(command.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
        let before = stages.iter().take(command.position).flat_map(Clone::clone);
        let after = stages.iter().skip(command.position + 1).flat_map(Clone::clone);
        let here = command.redirects.iter().filter(|r| matches!(r.op, RedirectOp::HereString | RedirectOp::HereDoc));
        let mut texts: Vec<String> = here.map(|r| program.show(&r.target).0).collect();
        texts.extend(before.filter_map(|at| printed(program, at)));
        let Some(text) = texts.iter().find_map(|text| decode(text.trim())) else { continue };
        let in_pipe = after.filter_map(|at| called(program, at)).find(|name| RUNNERS.contains(&name.as_str()));
        let Some(by) = in_pipe.or_else(|| around(program, index)) else { continue };
        let place = Place::new(run.file, piece.script.text.host_span(command.range.clone()));
        out.push(Hidden { place, by, text });
    }
    out
}

fn decodes(call: &Invocation<'_>) -> bool {
    let decoding = |a: &str| matches!(a, "-d" | "-D" | "--decode" | "-di" | "-id");
    match call.name.as_str() {
        "base64" => call.args.iter().any(|a| decoding(&a.text)),
        "openssl" => call.has("base64") && call.has("-d"),
        _ => false,
    }
}

/// What `echo` and `printf` print.
fn printed(program: &Program, index: usize) -> Option<String> {
    let call = Invocation::of(program, program.commands.get(index)?)?;
    matches!(call.name.as_str(), "echo" | "printf").then(|| {
        let words = call.args.iter().filter(|a| !a.text.starts_with('-') && a.text != "%s");
        words.map(|a| a.text.as_str()).collect::<Vec<_>>().join("")
    })
}

fn called(program: &Program, index: usize) -> Option<String> {
    Some(Invocation::of(program, program.commands.get(index)?)?.name)
}

/// The program whose word holds the command by `$( ... )` or `<( ... )`.
fn around(program: &Program, index: usize) -> Option<String> {
    program.scopes_of(index).find_map(|scope| {
        let (ScopeKind::Substitution(outer) | ScopeKind::ProcessSubstitution(outer)) = scope.kind else { return None };
        called(program, outer).filter(|name| RUNNERS.contains(&name.as_str()))
    })
}

/// The text of base64; none where it is none, or no text.
fn decode(text: &str) -> Option<String> {
    if !(SHORTEST..=LONGEST).contains(&text.len()) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).unwrap_or_default());
        }
    }
    String::from_utf8(bytes).ok()
}

/// Secrets or the environment that a script encodes in base64 twice: GitHub masks what it knows in a log, once
/// encoded too, but not this.
pub(in crate::rules::workflow) fn twice(run: &Run<'_>, piece: &Piece<'_>) -> Vec<(Place, Vec<Carried>)> {
    let program = &piece.script.program;
    let mut out = Vec::new();
    if piece.script.text.text.matches("base64").nth(1).is_none() {
        return out;
    }
    let carrier = Carrier::of(run, piece);
    let encodes = |at: usize| {
        let call = program.commands.get(at).and_then(|c| Invocation::of(program, c));
        call.is_some_and(|call| call.name == "base64" && !decodes(&call))
    };
    for pipeline in &program.pipelines {
        let encoders: Vec<usize> = pipeline.stages.iter().flat_map(Clone::clone).filter(|at| encodes(*at)).collect();
        if let [first, .., last] = encoders.as_slice() {
            let what = carrier.before(*first);
            let range = program.commands.get(*last).map(|c| c.range.clone()).unwrap_or_default();
            if !what.is_empty() {
                out.push((Place::new(run.file, piece.script.text.host_span(range)), what));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_is_decoded_and_other_text_is_none() {
        assert_eq!(
            decode("Y3VybCBodHRwczovL2V4YW1wbGUuY29tIHwgc2g=").as_deref(),
            Some("curl https://example.com | sh")
        );
        assert_eq!(decode("short=="), None);
        assert_eq!(decode("this is no base64, it is prose"), None);
    }
}
