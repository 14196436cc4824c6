//! Where the digest that is expected comes from.

use std::ops::Range;

use crate::commands::act::{Check, UrlText};
use crate::parse::shell::{Invocation, Part, Program, RedirectOp, Word};

/// Variables followed from one to the next.
const MAX_HOPS: usize = 4;

/// The weaker word of two: what is fetched, then what is unknown, then files, then what the script is given.
pub(super) fn weaker(one: Check, other: Check) -> Check {
    let rank = |check: &Check| match check {
        Check::Fetched(_) => 0,
        Check::Stdin => 1,
        Check::File(_) => 2,
        Check::Variable(_) => 3,
        Check::Literal | Check::Signature(_) => 4,
    };
    if rank(&other) < rank(&one) { other } else { one }
}

/// Where the digest in a word comes from, as the script stands before a command.
pub(super) fn of(program: &Program, command: usize, word: &Word) -> Check {
    within(program, command, word, MAX_HOPS)
}

fn within(program: &Program, command: usize, word: &Word, hops: usize) -> Check {
    if program.resolve(word).is_some() {
        return Check::Literal;
    }
    let mut out = Check::Literal;
    // `$SUM  $FILE`: the name of the file behind a digest says nothing of it.
    let mut spaced = false;
    for part in &word.parts {
        let check = match part {
            Part::Literal(text) => {
                spaced |= text.contains([' ', '\t']);
                continue;
            }
            _ if spaced => continue,
            Part::Substitution(commands) | Part::ProcessSubstitution(commands) => {
                printed(program, commands.clone(), hops)
            }
            Part::Variable(name) => variable(program, command, name, hops),
            Part::Expression(text) => Check::Variable(text.clone()),
            Part::Arithmetic(_) => continue,
            // `${SUM:-0123...}`, `${SUM%% *}`
            Part::Other(text) => {
                let name: String = text
                    .trim_start_matches(['$', '{'])
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if name.is_empty() { Check::Stdin } else { variable(program, command, &name, hops) }
            }
        };
        out = weaker(out, check);
    }
    out
}

/// Where a variable's value comes from: its last assignment before a command, or whoever runs the script.
fn variable(program: &Program, command: usize, name: &str, hops: usize) -> Check {
    if hops == 0 {
        return Check::Stdin;
    }
    let alone = Word::default().only(Part::Variable(name.to_owned()));
    if program.resolve(&alone).is_some() {
        return Check::Literal;
    }
    match assigned(program, command, name) {
        // `export SUM`, `local SUM="$1"`
        Some((at, word)) if !word.parts.is_empty() => match within(program, at, word, hops - 1) {
            Check::Variable(inner) if inner.bytes().all(|b| b.is_ascii_digit()) => Check::Variable(inner),
            check => check,
        },
        _ => match read_into(program, command, name) {
            Some(check) => check,
            None => Check::Variable(name.to_owned()),
        },
    }
}

/// The last assignment of a variable before a command, and the command that makes it.
pub(super) fn assigned<'p>(program: &'p Program, command: usize, name: &str) -> Option<(usize, &'p Word)> {
    let before = program.commands.get(..command).unwrap_or_default().iter().enumerate().rev();
    let mut all = before.flat_map(|(at, c)| c.assignments.iter().rev().map(move |a| (at, a)));
    all.find(|(_, a)| a.name == name && !a.partial).map(|(at, a)| (at, &a.value))
}

/// `read -r SUM _ < file`, `read -r SUM _ < <(curl ...)`
fn read_into(program: &Program, command: usize, name: &str) -> Option<Check> {
    let before = program.commands.get(..command)?.iter().rev();
    let mut reads = before.filter(|c| c.name.as_ref().and_then(Word::literal).is_some_and(|n| n == "read"));
    let read = reads.find(|c| c.args.iter().any(|a| a.literal().is_some_and(|a| a == name)))?;
    let from = read.redirects.iter().find(|r| r.op == RedirectOp::Read)?;
    Some(match from.target.parts.first() {
        Some(Part::ProcessSubstitution(commands)) => printed(program, commands.clone(), 1),
        _ => Check::File(program.show(&from.target).0),
    })
}

/// What commands that print a digest read it from.
fn printed(program: &Program, commands: Range<usize>, hops: usize) -> Check {
    if let Some(url) = fetched(program, commands.clone()) {
        return Check::Fetched(url);
    }
    let Some(command) = program.commands.get(commands.start) else { return Check::Stdin };
    let Some(call) = Invocation::of(program, command) else {
        // `$(<file)`
        let read = command.redirects.iter().find(|r| r.op == RedirectOp::Read);
        return read.map_or(Check::Stdin, |r| Check::File(program.show(&r.target).0));
    };
    let read = match call.name.as_str() {
        "cat" | "head" | "tail" => call.operands(&["-n"]).first().map(|a| a.text.clone()),
        "awk" | "grep" | "egrep" | "cut" | "sed" | "jq" | "yq" | "tr" => {
            let operands = call.operands(&["-d", "-f", "-F", "-v", "-e", "-m", "--arg"]);
            let pattern = usize::from(call.name != "cut");
            operands.iter().skip(pattern).next_back().map(|a| a.text.clone())
        }
        "echo" | "printf" => {
            let words = call.args.iter().filter(|a| !a.text.starts_with('-') && !a.text.contains('%'));
            let checks = words.map(|a| within(program, commands.start, a.word, hops.saturating_sub(1)));
            return checks.reduce(weaker).unwrap_or(Check::Stdin);
        }
        _ => None,
    };
    let redirected = command.redirects.iter().find(|r| r.op == RedirectOp::Read);
    match (read, redirected) {
        (Some(file), _) => Check::File(file),
        (None, Some(redirect)) => Check::File(program.show(&redirect.target).0),
        _ => Check::Stdin,
    }
}

/// The address that some commands fetch and print.
pub(super) fn fetched(program: &Program, commands: Range<usize>) -> Option<UrlText> {
    let inside = program.commands.get(commands)?;
    inside.iter().filter_map(|c| Invocation::of(program, c)).find_map(|call| {
        let known = matches!(call.name.as_str(), "curl" | "wget" | "iwr" | "irm")
            || call.name.eq_ignore_ascii_case("invoke-webrequest")
            || call.name.eq_ignore_ascii_case("invoke-restmethod");
        if known {
            let address = |text: &str| text.contains("://") || text.starts_with('$');
            let arg =
                call.args.iter().find(|a| address(a.text.trim_start_matches("--url=")) && !a.text.starts_with('-'));
            return arg.map(|a| UrlText::new(a.text.clone(), a.known));
        }
        let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
        match (call.name.as_str(), words.as_slice()) {
            ("gh", ["api", ..]) => {
                let path = call.operands(&["-H", "-q", "--jq", "-X", "-f", "-F"]).get(1).map(|a| a.text.clone())?;
                Some(UrlText::new(
                    format!("gh:{}", path.trim_start_matches("/repos/").trim_start_matches("repos/")),
                    false,
                ))
            }
            ("gh", ["release", "view" | "download", ..]) => {
                let repository = call.value(Some('R'), "repo").unwrap_or(".");
                Some(UrlText::new(format!("gh:{repository}/releases"), false))
            }
            _ => None,
        }
    })
}
