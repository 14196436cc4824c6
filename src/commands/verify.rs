//! Checks of digests and signatures.

use std::ops::Range;

use super::act::{Act, ActKind, Check, Verifier};
use super::context::is_fatal;
use super::facts::Site;
use crate::parse::shell::{Arg, Command, Invocation, Part, Program, RedirectOp, Word, basename};

/// Gives whether the command is one that may check something.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    let Some((kind, check, targets)) = check(site) else {
        return matches!(site.call.name.as_str(), "[" | "[[" | "test");
    };
    let fatal = is_fatal(site.program, site.index);
    acts.push(site.act(ActKind::Verify { kind, check, targets, fatal }));
    true
}

fn check(site: &Site<'_>) -> Option<(Verifier, Check, Vec<String>)> {
    let call = &site.call;
    let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
    let name = call.name.as_str();
    if let Some(kind) = checksum_program(name) {
        return call.flag(Some('c'), "check").then(|| checksum(site, kind)).flatten();
    }
    let signed = |kind, targets: Vec<String>| Some((kind, Check::Signature, targets));
    match name {
        "[" | "[[" | "test" => compare(site),
        "gpg" | "gpg2" if call.flag(None, "verify") => {
            let operands = call.operands(&["--keyring", "--homedir", "--status-fd", "--trust-model", "--keyserver"]);
            signed(Verifier::Gpg, signature_targets(&operands))
        }
        "gpgv" | "gpgv2" => signed(Verifier::Gpg, signature_targets(&call.operands(&["--keyring", "--homedir"]))),
        "cosign"
            if matches!(
                words.first(),
                Some(&"verify-blob" | &"verify" | &"verify-attestation" | &"verify-blob-attestation")
            ) =>
        {
            signed(Verifier::Cosign, last_operands(call))
        }
        "gh" if words.starts_with(&["attestation", "verify"]) || words.starts_with(&["release", "verify-asset"]) => {
            let operands = call.operands(&[
                "-R",
                "--repo",
                "-o",
                "--owner",
                "--signer-workflow",
                "--signer-repo",
                "-b",
                "--bundle",
            ]);
            signed(Verifier::GhAttestation, operands.iter().skip(2).map(|a| a.text.clone()).collect())
        }
        "openssl" if words.iter().any(|w| matches!(*w, "-verify" | "-CAfile")) && !words.contains(&"s_client") => {
            let valued = ["-verify", "-signature", "-CAfile", "-in", "-content", "-inform", "-out", "-certfile"];
            let operands = call.operands(&valued);
            signed(Verifier::Openssl, operands.iter().skip(1).map(|a| a.text.clone()).collect())
        }
        "minisign" | "rsign" if call.flag(Some('V'), "verify") || words.first() == Some(&"verify") => {
            signed(Verifier::Minisign, message(call))
        }
        "signify" | "signify-openbsd" if call.flag(Some('V'), "") || call.flag(Some('C'), "") => {
            signed(Verifier::Signify, message(call))
        }
        "slsa-verifier" if matches!(words.first(), Some(&"verify-artifact" | &"verify-image")) => {
            signed(Verifier::Slsa, last_operands(call))
        }
        "sigstore" if words.first() == Some(&"verify") => signed(Verifier::Sigstore, last_operands(call)),
        _ if name.starts_with("python") && words.starts_with(&["-m", "sigstore", "verify"]) => {
            signed(Verifier::Sigstore, call.args.last().map(|a| a.text.clone()).into_iter().collect())
        }
        _ => None,
    }
}

fn checksum_program(name: &str) -> Option<Verifier> {
    match name {
        "sha256sum" | "sha384sum" | "sha512sum" | "sha224sum" | "shasum" | "b2sum" | "b3sum" | "gsha256sum"
        | "gsha512sum" => Some(Verifier::Checksum),
        "md5sum" | "sha1sum" => Some(Verifier::WeakChecksum),
        _ => None,
    }
}

fn checksum(site: &Site<'_>, kind: Verifier) -> Option<(Verifier, Check, Vec<String>)> {
    let call = &site.call;
    let operands = call.operands(&["-a", "--algorithm"]);
    if let Some(arg) = operands.iter().find(|a| a.text != "-" && a.text != "/dev/stdin") {
        if let Some(Part::ProcessSubstitution(commands)) = arg.word.parts.first() {
            let (check, targets) = printed(site.program, commands.clone());
            return Some((kind, check, targets));
        }
        let targets = stem(&arg.text).into_iter().collect();
        return Some((kind, Check::File(arg.text.clone()), targets));
    }
    for redirect in &site.command.redirects {
        match redirect.op {
            RedirectOp::Read => {
                let file = site.program.show(&redirect.target).0;
                let targets = stem(&file).into_iter().collect();
                return Some((kind, Check::File(file), targets));
            }
            RedirectOp::HereDoc | RedirectOp::HereString => {
                let text = site.program.show(&redirect.target).0;
                return Some((kind, origin(site.program, &redirect.target), listed(&text)));
            }
            _ => {}
        }
    }
    let before = site.command.position.checked_sub(1);
    let pipeline = site.program.pipelines.get(site.command.pipeline);
    let stages = before.and_then(|before| pipeline?.stages.get(..=before)).unwrap_or_default();
    let (Some(first), Some(last)) = (stages.first(), stages.last()) else {
        return Some((kind, Check::Stdin, Vec::new()));
    };
    let (check, targets) = printed(site.program, first.start..last.end);
    Some((kind, check, targets))
}

/// What commands that print digests take them from, and the files they name.
fn printed(program: &Program, commands: Range<usize>) -> (Check, Vec<String>) {
    let Some(command) = program.commands.get(commands.start) else { return (Check::Stdin, Vec::new()) };
    let Some(call) = Invocation::of(program, command) else { return (Check::Stdin, Vec::new()) };
    match call.name.as_str() {
        "echo" | "printf" => {
            let mut words = call.args.iter().filter(|a| !matches!(a.text.as_str(), "-e" | "-n" | "-en"));
            if call.name == "printf" && words.clone().count() > 1 {
                words.next();
            }
            let text: Vec<&str> = words.clone().map(|a| a.text.as_str()).collect();
            let text = text.join(" ").replace("\\n", "\n");
            let check = words.map(|a| origin(program, a.word)).find(|c| *c != Check::Literal).unwrap_or(Check::Literal);
            (check, listed(&text))
        }
        "cat" | "grep" | "egrep" | "fgrep" | "awk" | "sed" | "head" | "tail" => {
            let here = command.redirects.iter().find(|r| matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString));
            if let Some(here) = here {
                return (origin(program, &here.target), listed(&program.show(&here.target).0));
            }
            let operands = call.operands(&["-m", "-e", "-n"]);
            let pattern = usize::from(call.name != "cat" && call.name != "head" && call.name != "tail");
            let file = operands.get(pattern).map(|a| a.text.clone());
            // `grep file SHA256SUMS` names the file it keeps the line of.
            let named = operands
                .first()
                .filter(|_| call.name.ends_with("grep"))
                .map(|a| a.text.trim_matches(['^', '$', ' ', '*', '"']).replace('\\', ""));
            let targets = named.or_else(|| file.as_deref().and_then(stem)).into_iter().collect();
            (file.map_or(Check::Stdin, Check::File), targets)
        }
        _ => (Check::Stdin, Vec::new()),
    }
}

/// Where the digest in a word comes from: the script, a file, or a command.
fn origin(program: &Program, word: &Word) -> Check {
    let nested = word.parts.iter().find_map(|p| match p {
        Part::Substitution(commands) => Some(commands.clone()),
        _ => None,
    });
    let Some(commands) = nested else { return Check::Literal };
    let command = program.commands.get(commands.start);
    let call = command.and_then(|c| Invocation::of(program, c));
    let read = call.as_ref().and_then(|c| match c.name.as_str() {
        "cat" | "head" | "tail" => c.operands(&["-n"]).first().map(|a| a.text.clone()),
        "awk" | "grep" | "cut" | "sed" => c.operands(&["-d", "-f"]).last().map(|a| a.text.clone()),
        _ => None,
    });
    let redirected = command.and_then(|c| c.redirects.iter().find(|r| r.op == RedirectOp::Read));
    match (read, redirected) {
        (Some(file), _) => Check::File(file),
        (None, Some(redirect)) => Check::File(program.show(&redirect.target).0),
        _ => Check::Stdin,
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
fn stem(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    let known =
        ["sha256", "sha512", "sha256sum", "sha512sum", "sha1", "md5", "asc", "sig", "sign", "minisig", "b2", "sum"];
    (known.contains(&extension) && !basename(stem).is_empty()).then(|| stem.to_owned())
}

fn signature_targets(operands: &[&Arg<'_>]) -> Vec<String> {
    match operands {
        [signature] => stem(&signature.text).into_iter().collect(),
        [_, files @ ..] => files.iter().map(|a| a.text.clone()).collect(),
        [] => Vec::new(),
    }
}

/// Operands of tools of which every long option takes a value unless written with `=`.
fn last_operands(call: &Invocation<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut args = call.args.iter().skip(1).peekable();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if let Some(option) = text.strip_prefix('-') {
            let boolean =
                option.contains('=') || matches!(option, "-yes" | "-new-bundle-format" | "-offline" | "-local-image");
            // The artifact stands last; an option before it never takes it.
            if !boolean && args.len() > 1 {
                args.next();
            }
        } else {
            out.push(arg.text.clone());
        }
    }
    out
}

fn message(call: &Invocation<'_>) -> Vec<String> {
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        // `-Vm FILE` joins the two.
        if text.starts_with('-') && !text.starts_with("--") && text.ends_with('m') {
            return args.next().map(|a| a.text.clone()).into_iter().collect();
        }
    }
    call.operands(&["-p", "-P", "-x"]).iter().filter(|a| a.text != "verify").map(|a| a.text.clone()).take(1).collect()
}

/// `[ "$(sha256sum x | cut ...)" = "$expected" ]`, the digest in place or in a variable.
fn compare(site: &Site<'_>) -> Option<(Verifier, Check, Vec<String>)> {
    let mut targets = Vec::new();
    let mut found = None;
    let mut check = Check::Literal;
    for arg in &site.call.args {
        for part in &arg.word.parts {
            let commands = match part {
                Part::Substitution(commands) => Some(commands.clone()),
                Part::Variable(name) => assigned(site, name),
                _ => None,
            };
            let Some(commands) = commands else { continue };
            let digests = site.program.commands.get(commands.clone()).unwrap_or_default();
            match digests.iter().find_map(|c| digest_of(site.program, c)) {
                Some((kind, files)) => {
                    found = Some(kind);
                    targets.extend(files);
                }
                None => check = Check::Stdin,
            }
        }
    }
    found.map(|kind| (kind, check, targets))
}

/// The substitution a variable was last given.
fn assigned(site: &Site<'_>, name: &str) -> Option<Range<usize>> {
    let before = site.program.commands.get(..site.index).unwrap_or_default();
    let value = before.iter().rev().flat_map(|c| c.assignments.iter().rev()).find(|a| a.name == name)?;
    value.value.parts.iter().find_map(|p| match p {
        Part::Substitution(commands) => Some(commands.clone()),
        _ => None,
    })
}

fn digest_of(program: &Program, command: &Command) -> Option<(Verifier, Vec<String>)> {
    let call = Invocation::of(program, command)?;
    let kind = match call.name.as_str() {
        "openssl" if call.args.first().is_some_and(|a| a.text == "dgst" || a.text == "sha256") => Verifier::Compare,
        name => match checksum_program(name)? {
            Verifier::Checksum => Verifier::Compare,
            weak => weak,
        },
    };
    let skip = usize::from(call.name == "openssl");
    let operands = call.operands(&["-a"]);
    let files = operands.iter().skip(skip).map(|a| a.text.clone());
    let redirected = command.redirects.iter().filter(|r| r.op == RedirectOp::Read).map(|r| program.show(&r.target).0);
    Some((kind, files.chain(redirected).collect()))
}
