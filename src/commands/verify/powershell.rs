//! `Get-FileHash` and `Get-AuthenticodeSignature`, compared by an `if` that throws.

use std::ops::Range;

use crate::commands::act::{Act, ActKind, Check, Signer, Verifier};
use crate::commands::site::Site;
use crate::parse::shell::{Command, Invocation, Part, Program, ScopeKind, Word};

/// Commands of one condition looked at.
const MAX_INSIDE: usize = 64;
/// Assignments of one variable looked at.
const MAX_ASSIGNMENTS: usize = 4;

/// A bare `Get-FileHash` is a digest that is printed.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    let name = site.call.name.to_ascii_lowercase();
    if name == "get-filehash" {
        let inside = site.program.scopes_of(site.index).any(|s| matches!(s.kind, ScopeKind::Substitution(_)));
        let last = site.program.pipelines.get(site.command.pipeline).is_some_and(|p| p.stages.len() == 1);
        if !inside && last && site.command.assignments.is_empty() {
            acts.push(site.act(ActKind::Digest { files: files(site.program, site.command) }));
        }
        return true;
    }
    // `if` is a command in PowerShell's lowering and a keyword in the shells'.
    if !matches!(name.as_str(), "if" | "elseif") || site.call.path.contains('/') {
        return false;
    }
    let Some(condition) = site.command.args.iter().find_map(first_substitution) else { return false };
    let inside = condition.start..condition.end.min(condition.start + MAX_INSIDE);
    let commands = site.program.commands.get(inside.clone()).unwrap_or_default();
    let words = || commands.iter().flat_map(|c| c.name.iter().chain(&c.args));
    let operator =
        |names: &[&str]| words().filter_map(Word::literal).any(|w| names.contains(&w.to_ascii_lowercase().as_str()));
    let differs = operator(&["-ne", "-cne", "-ine", "-notmatch", "-notlike"]);
    let equals = operator(&["-eq", "-ceq", "-ieq", "-match", "-like"]);
    if !differs && !equals {
        return false;
    }
    if let Some((targets, signer)) = signed(site, commands) {
        let fatal = blocks(site, condition.end).iter().any(|b| ends(site.program, b.clone())) || (equals && !differs);
        let check = Check::Signature(signer);
        acts.push(site.act(ActKind::Verify { kind: Verifier::Openssl, check, targets, fatal }));
        return true;
    }
    let mut targets = None;
    let mut check: Option<Check> = None;
    for word in words() {
        let text = word.lossy();
        if text.starts_with('-') {
            continue;
        }
        if let Some(found) = digest_of(site, word) {
            targets = Some(found);
        } else if let Some(one) = expected(site, word) {
            check = Some(match check {
                Some(known) => super::expected::weaker(known, one),
                None => one,
            });
        }
    }
    let hashed = commands.iter().find(|c| is_hash(site.program, c)).map(|c| files(site.program, c));
    let Some(targets) = targets.or(hashed) else { return false };
    let weak = commands.iter().any(|c| {
        c.args.iter().filter_map(Word::literal).any(|a| matches!(a.to_ascii_uppercase().as_str(), "MD5" | "SHA1"))
    });
    let kind = if weak { Verifier::WeakChecksum } else { Verifier::Compare };
    // `-not (a -eq b)` and its like turn the meaning around; both blocks are looked at then.
    let blocks = blocks(site, condition.end);
    let ends_any = blocks.iter().any(|b| ends(site.program, b.clone()));
    let does_more = blocks.first().is_some_and(|b| does_more(site.program, b.clone()));
    let fatal = ends_any || (equals && !differs && does_more);
    acts.push(site.act(ActKind::Verify { kind, check: check.unwrap_or(Check::Stdin), targets, fatal }));
    true
}

fn first_substitution(word: &Word) -> Option<Range<usize>> {
    word.parts.iter().find_map(|p| match p {
        Part::Substitution(commands) => Some(commands.clone()),
        _ => None,
    })
}

fn is_hash(program: &Program, command: &Command) -> bool {
    Invocation::of(program, command).is_some_and(|c| c.name.eq_ignore_ascii_case("get-filehash"))
}

fn is_signature(program: &Program, command: &Command) -> bool {
    Invocation::of(program, command).is_some_and(|c| c.name.eq_ignore_ascii_case("get-authenticodesignature"))
}

/// The files whose signature a condition looks at, and who must have signed: `$sig.Status -ne 'Valid'` takes anybody
/// whom the system trusts, `$sig.SignerCertificate.Subject` names somebody.
fn signed(site: &Site<'_>, condition: &[Command]) -> Option<(Vec<String>, Signer)> {
    let program = site.program;
    let direct = condition.iter().find(|c| is_signature(program, c));
    let variable = variables(condition).find_map(|(name, _)| Some((name, made_by_signature(site, name)?)));
    let (name, command) = match (direct, variable) {
        (Some(command), _) => (None, command),
        (None, Some((name, command))) => (Some(name), command),
        (None, None) => return None,
    };
    let names_somebody = |commands: &[Command]| {
        variables(commands).any(|(known, member)| {
            let member = member.to_ascii_lowercase();
            name.is_some_and(|name| name.eq_ignore_ascii_case(known))
                && [".subject", ".thumbprint", ".getnameinfo"].iter().any(|m| member.contains(m))
        })
    };
    // What is asked of the same signature by an `if` behind this one counts for both.
    let later = program.commands.iter().skip(site.index + 1).filter(|c| is_condition(c)).take(MAX_INSIDE);
    let pinned = names_somebody(condition)
        || later.filter_map(|c| c.args.iter().find_map(first_substitution)).any(|range| {
            let end = range.end.min(range.start + MAX_INSIDE);
            program.commands.get(range.start..end).is_some_and(names_somebody)
        });
    let signer = if pinned { Signer::Identity("the subject of the certificate".to_owned()) } else { Signer::Anybody };
    Some((files(program, command), signer))
}

fn is_condition(command: &Command) -> bool {
    let name = command.name.as_ref().and_then(Word::literal);
    name.is_some_and(|n| n.eq_ignore_ascii_case("if") || n.eq_ignore_ascii_case("elseif"))
}

/// Variables of some commands, each with the text behind it in its word: `sig` and `.Status`.
fn variables(commands: &[Command]) -> impl Iterator<Item = (&str, &str)> {
    commands.iter().flat_map(|c| c.name.iter().chain(&c.args)).filter_map(|word| match word.parts.as_slice() {
        [Part::Variable(name), Part::Literal(member), ..] => Some((name.as_str(), member.as_str())),
        [Part::Variable(name), ..] => Some((name.as_str(), "")),
        _ => None,
    })
}

/// The nearest command before that gives a variable a signature. `$sig = $null` of a `catch` stands between.
fn made_by_signature<'p>(site: &Site<'p>, name: &str) -> Option<&'p Command> {
    let before = site.program.commands.get(..site.index)?;
    let mut nearest = before
        .iter()
        .rev()
        .filter(|c| c.assignments.iter().any(|a| a.name.eq_ignore_ascii_case(name)))
        .take(MAX_ASSIGNMENTS);
    nearest.find(|c| is_signature(site.program, c))
}

/// The files that `Get-FileHash` is given.
fn files(program: &Program, command: &Command) -> Vec<String> {
    let Some(call) = Invocation::of(program, command) else { return Vec::new() };
    let mut out = Vec::new();
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        match arg.text.to_ascii_lowercase().as_str() {
            "-path" | "-literalpath" => out.extend(args.next().map(|a| a.text.clone())),
            option if option.starts_with('-') => {
                args.next();
            }
            _ => out.push(arg.text.clone()),
        }
    }
    out
}

/// The files whose digest a word holds: `(Get-FileHash x).Hash`, `$actual`, `$hash.Hash`.
fn digest_of(site: &Site<'_>, word: &Word) -> Option<Vec<String>> {
    word.parts.iter().find_map(|part| match part {
        Part::Substitution(commands) => {
            let inside = site.program.commands.get(commands.clone())?;
            inside.iter().find(|c| is_hash(site.program, c)).map(|c| files(site.program, c))
        }
        Part::Variable(name) => {
            let before = site.program.commands.get(..site.index)?;
            let owner = before
                .iter()
                .enumerate()
                .rev()
                .find(|(_, c)| c.assignments.iter().any(|a| a.name.eq_ignore_ascii_case(name)))?;
            let (at, command) = owner;
            if is_hash(site.program, command) {
                return Some(files(site.program, command));
            }
            let nested = command.name.iter().chain(&command.args).find_map(first_substitution)?;
            let inside = site.program.commands.get(nested.start.max(at)..nested.end)?;
            inside.iter().find(|c| is_hash(site.program, c)).map(|c| files(site.program, c))
        }
        _ => None,
    })
}

/// Where the other side of a comparison comes from.
fn expected(site: &Site<'_>, word: &Word) -> Option<Check> {
    let before = site.program.commands.get(..site.index)?;
    for part in &word.parts {
        match part {
            Part::Variable(name) => {
                let made =
                    before.iter().rev().find(|c| c.assignments.iter().any(|a| a.name.eq_ignore_ascii_case(name)));
                let Some(made) = made else { return Some(Check::Variable(name.clone())) };
                let own = made.assignments.iter().find(|a| a.name.eq_ignore_ascii_case(name))?;
                if own.value.literal().is_some_and(|v| !v.is_empty()) {
                    return Some(Check::Literal);
                }
                return Some(read(site.program, made));
            }
            Part::Expression(text) => return Some(Check::Variable(text.clone())),
            Part::Substitution(commands) => {
                let inside = site.program.commands.get(commands.clone())?;
                return inside.first().map(|c| read(site.program, c));
            }
            _ => {}
        }
    }
    let text = word.literal()?;
    (text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(Check::Literal)
}

/// What a command that yields a digest reads it from.
fn read(program: &Program, command: &Command) -> Check {
    let Some(start) = program.commands.iter().position(|c| std::ptr::eq(c, command)) else { return Check::Stdin };
    let end = command.name.iter().chain(&command.args).filter_map(first_substitution).map(|r| r.end).max();
    let range = start..end.unwrap_or(start + 1);
    if let Some(url) = super::expected::fetched(program, range.clone()) {
        return Check::Fetched(url);
    }
    let calls = program.commands.get(range).unwrap_or_default().iter().filter_map(|c| Invocation::of(program, c));
    for call in calls {
        if matches!(call.name.to_ascii_lowercase().as_str(), "get-content" | "gc" | "cat" | "type" | "select-string") {
            let file = call.args.iter().rfind(|a| !a.text.starts_with('-'));
            return file.map_or(Check::Stdin, |f| Check::File(f.text.clone()));
        }
    }
    Check::Stdin
}

/// The blocks behind a condition, in order.
fn blocks(site: &Site<'_>, from: usize) -> Vec<Range<usize>> {
    let pipeline = site.program.pipelines.get(site.command.pipeline);
    let end = pipeline.and_then(|p| p.stages.last()).map_or(from, |s| s.end);
    let scopes = site.program.scopes.iter().filter(|s| {
        s.kind == ScopeKind::Group
            && s.parent == Some(site.command.scope)
            && s.commands.start >= from
            && s.commands.end <= end
    });
    scopes.map(|s| s.commands.clone()).take(8).collect()
}

fn ends(program: &Program, commands: Range<usize>) -> bool {
    program.commands.get(commands).unwrap_or_default().iter().any(|command| {
        let name = command.name.as_ref().and_then(Word::literal).unwrap_or_default().to_ascii_lowercase();
        let first = command.args.first().and_then(Word::literal);
        match name.as_str() {
            "exit" => first.as_deref() != Some("0"),
            // GitHub's PowerShell stops at errors; what follows in a function that returns is not reached.
            "throw" | "return" | "write-error" | "fail" | "die" => true,
            _ => false,
        }
    })
}

/// Whether a block does more than tell.
fn does_more(program: &Program, commands: Range<usize>) -> bool {
    program.commands.get(commands).unwrap_or_default().iter().any(|command| {
        let name = command.name.as_ref().map(Word::lossy).unwrap_or_default().to_ascii_lowercase();
        !name.is_empty() && !name.starts_with("write-") && name != "echo"
    })
}
