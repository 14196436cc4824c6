//! Programs that compute digests: against a list (`-c`), or printed.

use std::ops::Range;

use super::Found;
use super::expected;
use crate::commands::act::{Check, Verifier};
use crate::commands::site::Site;
use crate::parse::shell::{Command, Invocation, Part, Program, RedirectOp, ScopeKind, basename};

/// What a program of digests computes, by its name and arguments.
pub(super) fn computes(call: &Invocation<'_>) -> Option<Verifier> {
    // `shasum` computes SHA-1 unless it is told otherwise.
    let weak = |length: Option<&str>| length.is_none_or(|l| l == "1" || l == "sha1" || l == "md5");
    match call.name.as_str() {
        "sha256sum" | "sha384sum" | "sha512sum" | "sha224sum" | "b2sum" | "b3sum" | "blake3" | "gsha256sum"
        | "gsha512sum" | "sha256" | "sha512" | "sha256deep" => Some(Verifier::Checksum),
        "shasum" | "gshasum" => {
            Some(if weak(call.value(Some('a'), "algorithm")) { Verifier::WeakChecksum } else { Verifier::Checksum })
        }
        "md5sum" | "sha1sum" | "gmd5sum" | "gsha1sum" | "md5" => Some(Verifier::WeakChecksum),
        "openssl" => {
            let first = call.args.first()?.text.as_str();
            let plain = |name: &str| name == "md5" || name == "sha1";
            let keyed = call.args.iter().any(|a| matches!(a.text.as_str(), "-hmac" | "-sign" | "-verify" | "-mac"));
            match first {
                "dgst" if !keyed => {
                    let weak = call.args.iter().any(|a| plain(a.text.trim_start_matches('-')));
                    Some(if weak { Verifier::WeakChecksum } else { Verifier::Checksum })
                }
                "sha256" | "sha384" | "sha512" if !keyed => Some(Verifier::Checksum),
                _ if plain(first) && !keyed => Some(Verifier::WeakChecksum),
                _ => None,
            }
        }
        // cmd's own; its answer is read by a person or by `findstr`.
        "certutil" if call.args.iter().any(|a| a.text.eq_ignore_ascii_case("-hashfile")) => {
            let weak = call.args.get(2).is_none_or(|a| matches!(a.text.to_ascii_uppercase().as_str(), "SHA1" | "MD5"));
            Some(if weak { Verifier::WeakChecksum } else { Verifier::Checksum })
        }
        _ => None,
    }
}

/// The files whose digest a command computes.
pub(super) fn files(program: &Program, command: &Command, call: &Invocation<'_>) -> Vec<String> {
    let valued = ["-a", "--algorithm", "-out", "-l", "--length"];
    let operands = call.operands(&valued);
    let skip = usize::from(call.name == "openssl");
    let mut files: Vec<String> = operands.iter().skip(skip).map(|a| a.text.clone()).collect();
    if call.name == "certutil" {
        files.truncate(1);
    }
    let read = command.redirects.iter().filter(|r| r.op == RedirectOp::Read).map(|r| program.show(&r.target).0);
    files.extend(read);
    files.retain(|f| f != "-");
    files
}

/// The digest among some commands, and the files it is of: also through `cat x | sha256sum` and through a
/// function of the script that does no more than that.
pub(super) fn among(program: &Program, commands: Range<usize>) -> Option<(Verifier, Vec<String>)> {
    among_within(program, commands, 2)
}

/// Functions looked for by name.
const MAX_FUNCTIONS: usize = 256;

fn among_within(program: &Program, commands: Range<usize>, depth: usize) -> Option<(Verifier, Vec<String>)> {
    for command in program.commands.get(commands)? {
        let Some(call) = Invocation::of(program, command) else { continue };
        if let Some(kind) = computes(&call) {
            let mut found = files(program, command, &call);
            if found.is_empty() {
                found = piped(program, command);
            }
            // `printf '' | b2sum` tries the program out.
            if found.is_empty() && is_of_text(program, command) {
                continue;
            }
            return Some((kind, found));
        }
        let known = program.functions.iter().take(MAX_FUNCTIONS).find(|f| f.name == call.name);
        if let Some(function) = known
            && depth > 0
            && let Some((kind, inner)) = among_within(program, function.commands.clone(), depth - 1)
        {
            let given = |file: &String| super::functions::argument(program, function, file, &call);
            return Some((kind, inner.iter().map(|f| given(f).unwrap_or_else(|| f.clone())).collect()));
        }
    }
    None
}

/// The files that the first stage of a pipeline reads.
fn piped(program: &Program, command: &Command) -> Vec<String> {
    let stages = program.pipelines.get(command.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
    let first = stages.first().filter(|_| command.position > 0).and_then(|s| program.commands.get(s.start));
    let call = first.and_then(|c| Invocation::of(program, c));
    match call {
        Some(call) if call.name == "cat" => call.operands(&[]).iter().map(|a| a.text.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Whether what a digest is computed of is written in the script, and no variable of it holds a file.
fn is_of_text(program: &Program, command: &Command) -> bool {
    let stages = program.pipelines.get(command.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
    let first = stages.first().filter(|_| command.position > 0).and_then(|s| program.commands.get(s.start));
    let call = first.and_then(|c| Invocation::of(program, c));
    call.is_some_and(|call| matches!(call.name.as_str(), "echo" | "printf") && call.args.iter().all(|a| a.known))
}

/// Digests that are computed and go nowhere but to the log.
pub(super) fn printed(site: &Site<'_>) -> Option<Vec<String>> {
    computes(&site.call)?;
    let to_file = site.command.redirects.iter().any(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append));
    let pipeline = site.program.pipelines.get(site.command.pipeline);
    let last = pipeline.is_none_or(|p| site.command.position + 1 == p.stages.len());
    let captured = site.program.scopes_of(site.index).any(|s| {
        matches!(
            s.kind,
            ScopeKind::Substitution(_)
                | ScopeKind::ProcessSubstitution(_)
                | ScopeKind::Function(_)
                | ScopeKind::Condition(_)
        )
    });
    let files = files(site.program, site.command, &site.call);
    (last && !to_file && !captured && !files.is_empty()).then_some(files)
}

/// `sha256sum -c` and its like.
pub(super) fn list(site: &Site<'_>) -> Option<Found> {
    let call = &site.call;
    let kind = computes(call)?;
    if matches!(call.name.as_str(), "openssl" | "certutil") || !call.flag(Some('c'), "check") {
        return None;
    }
    let operands = call.operands(&["-a", "--algorithm"]);
    // `b2sum -a blake2b x` names an algorithm, `shasum -a 256 -c list` a length; a list is a file.
    if let Some(arg) = operands.iter().find(|a| a.text != "-" && a.text != "/dev/stdin") {
        if let Some(Part::ProcessSubstitution(commands)) = arg.word.parts.first() {
            let (check, targets) = from(site.program, commands.clone());
            return Found::new(kind, check, targets);
        }
        let targets = stem(&arg.text).into_iter().collect();
        return Found::new(kind, Check::File(arg.text.clone()), targets);
    }
    for redirect in &site.command.redirects {
        match redirect.op {
            RedirectOp::Read => {
                if let Some(Part::ProcessSubstitution(commands)) = redirect.target.parts.first() {
                    let (check, targets) = from(site.program, commands.clone());
                    return Found::new(kind, check, targets);
                }
                let file = site.program.show(&redirect.target).0;
                let targets = stem(&file).into_iter().collect();
                return Found::new(kind, Check::File(file), targets);
            }
            RedirectOp::HereDoc | RedirectOp::HereString => {
                let text = site.program.show(&redirect.target).0;
                let check = expected::of(site.program, site.index, &redirect.target);
                return Found::new(kind, check, listed(&text));
            }
            _ => {}
        }
    }
    let before = site.command.position.checked_sub(1);
    let pipeline = site.program.pipelines.get(site.command.pipeline);
    let stages = before.and_then(|before| pipeline?.stages.get(..=before)).unwrap_or_default();
    let (Some(first), Some(last)) = (stages.first(), stages.last()) else {
        return Found::new(kind, Check::Stdin, Vec::new());
    };
    let (check, targets) = from(site.program, first.start..last.end);
    Found::new(kind, check, targets)
}

/// What commands that print digests take them from, and the files they name.
fn from(program: &Program, commands: Range<usize>) -> (Check, Vec<String>) {
    let nothing = (Check::Stdin, Vec::new());
    let Some(command) = program.commands.get(commands.start) else { return nothing };
    // `( cd x && echo ... )`, `{ echo ...; }`: what prints may come later.
    let Some(call) = Invocation::of(program, command) else { return nothing };
    match call.name.as_str() {
        "echo" | "printf" => {
            let mut words = call.args.iter().filter(|a| !matches!(a.text.as_str(), "-e" | "-n" | "-en"));
            if call.name == "printf" && words.clone().count() > 1 {
                words.next();
            }
            let text: Vec<&str> = words.clone().map(|a| a.text.as_str()).collect();
            let text = text.join(" ").replace("\\n", "\n");
            // The digest comes first; the names of files behind it say nothing of it.
            let first = words.next().map(|a| expected::of(program, commands.start, a.word));
            let check = first.unwrap_or(Check::Stdin);
            (check, listed(&text))
        }
        "cat" | "grep" | "egrep" | "fgrep" | "rg" | "awk" | "sed" | "head" | "tail" | "tr" | "cut" => {
            let here = command.redirects.iter().find(|r| matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString));
            if let Some(here) = here {
                return (expected::of(program, commands.start, &here.target), listed(&program.show(&here.target).0));
            }
            let operands = call.operands(&["-m", "-e", "-n", "-d", "-f", "-v", "-F"]);
            let pattern = usize::from(!matches!(call.name.as_str(), "cat" | "head" | "tail" | "cut"));
            let read = command.redirects.iter().find(|r| r.op == RedirectOp::Read);
            let file = operands.get(pattern).map(|a| a.text.clone());
            let file = file.or_else(|| read.map(|r| program.show(&r.target).0));
            // `grep file SHA256SUMS` names the file it keeps the line of.
            let named = operands
                .first()
                .filter(|_| call.name.ends_with("grep"))
                .map(|a| a.text.trim_matches(['^', '$', ' ', '*', '"']).replace('\\', ""));
            let targets = named.or_else(|| file.as_deref().and_then(stem)).into_iter().collect();
            (file.map_or(Check::Stdin, Check::File), targets)
        }
        _ => {
            let fetched = expected::fetched(program, commands.clone());
            let Some(url) = fetched else { return nothing };
            // `curl .../SHA256SUMS | grep tool.tgz | sha256sum -c`
            let later = program.commands.get(commands).unwrap_or_default().iter();
            let calls = later.filter_map(|c| Invocation::of(program, c)).find(|c| c.name.ends_with("grep"));
            let named = calls.and_then(|c| {
                let first = c.operands(&["-m", "-e"]).first().map(|a| a.text.clone())?;
                Some(first.trim_matches(['^', '$', ' ', '*', '"']).replace('\\', ""))
            });
            let targets = named.or_else(|| url.file_name().and_then(stem)).into_iter().collect();
            (Check::Fetched(url), targets)
        }
    }
}

/// The files a text of digests names: `digest  file` on each line.
fn listed(text: &str) -> Vec<String> {
    let file = |line: &str| {
        let mut words = line.split_whitespace();
        words.next()?;
        words.next_back().map(|w| w.trim_start_matches('*').to_owned())
    };
    text.lines().filter_map(file).filter(|f| f != "-").collect()
}

/// The file a file of one digest or signature is about: `x` for `x.sha256`.
pub(super) fn stem(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    let known = [
        "sha256",
        "sha512",
        "sha256sum",
        "sha512sum",
        "sha384",
        "sha1",
        "md5",
        "asc",
        "sig",
        "sign",
        "minisig",
        "b2",
        "b3",
        "sum",
        "digest",
        "checksum",
    ];
    (known.contains(&extension) && !basename(stem).is_empty()).then(|| stem.to_owned())
}
