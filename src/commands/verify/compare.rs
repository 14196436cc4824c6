//! Digests compared by a test, by `grep`, `diff` or `cmp`, or by a line of Python.

use super::expected;
use super::{Found, digest};
use crate::commands::act::{Check, Verifier};
use crate::commands::site::Site;
use crate::parse::shell::{Arg, Part, RedirectOp, Word};

pub(super) fn of(site: &Site<'_>) -> Option<Found> {
    let name = site.call.name.as_str();
    match name {
        "[" | "[[" | "test" => test(site),
        "grep" | "egrep" | "fgrep" | "findstr" | "find" | "Select-String" => searched(site),
        "diff" | "cmp" | "comm" => files(site),
        _ if name.starts_with("python") => python(site),
        _ => None,
    }
}

/// What a digest that is compared counts as: a broken one stays broken.
fn kind(computed: Verifier) -> Verifier {
    match computed {
        Verifier::Checksum => Verifier::Compare,
        weak => weak,
    }
}

/// `[ "$(sha256sum x | cut ...)" = "$expected" ]`, the digest in place or in a variable.
fn test(site: &Site<'_>) -> Option<Found> {
    let mut targets = Vec::new();
    let mut computed = None;
    let mut check: Option<Check> = None;
    for arg in &site.call.args {
        if matches!(arg.text.as_str(), "=" | "==" | "!=" | "=~" | "]" | "]]" | "!" | "-a" | "-o" | "&&" | "||") {
            continue;
        }
        match computes(site, arg.word) {
            Some((kind, files)) => {
                computed = Some(kind);
                targets.extend(files);
            }
            None => {
                let one = expected::of(site.program, site.index, arg.word);
                check = Some(match check {
                    Some(known) => expected::weaker(known, one),
                    None => one,
                });
            }
        }
    }
    // `[ -n "$(sha256sum x)" ]` compares nothing.
    let compares = site.call.args.iter().any(|a| matches!(a.text.as_str(), "=" | "==" | "!=" | "=~"));
    let computed = computed.filter(|_| compares)?;
    // Two files that are both here, compared with one another.
    let check = check?;
    Found::new(kind(computed), check, targets)
}

/// The digest that a word holds, in place or through a variable.
fn computes(site: &Site<'_>, word: &Word) -> Option<(Verifier, Vec<String>)> {
    word.parts.iter().find_map(|part| {
        let commands = match part {
            Part::Substitution(commands) | Part::ProcessSubstitution(commands) => commands.clone(),
            Part::Variable(name) => held(site, name)?,
            // `${actual%% *}`
            Part::Other(text) => {
                let name: String = text
                    .trim_start_matches(['$', '{'])
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                held(site, &name)?
            }
            _ => return None,
        };
        digest::among(site.program, commands)
    })
}

/// The commands whose output a variable was last given that computes a digest: where it depends on the system
/// which program computes it, one of the branches stands for all.
fn held(site: &Site<'_>, name: &str) -> Option<std::ops::Range<usize>> {
    let before = site.program.commands.get(..site.index).unwrap_or_default();
    let values = before.iter().rev().flat_map(|c| c.assignments.iter().rev()).filter(|a| a.name == name).take(6);
    let mut found = values.filter_map(|a| {
        a.value.parts.iter().find_map(|p| match p {
            Part::Substitution(commands) => Some(commands.clone()),
            _ => None,
        })
    });
    let first = found.next();
    let read = || {
        let mut reads =
            before.iter().rev().filter(|c| c.name.as_ref().and_then(Word::literal).is_some_and(|n| n == "read"));
        let read = reads.find(|c| c.args.iter().any(|a| a.literal().is_some_and(|a| a == name)))?;
        read.redirects.iter().filter(|r| matches!(r.op, RedirectOp::Read | RedirectOp::HereString)).find_map(|r| {
            r.target.parts.iter().find_map(|p| match p {
                Part::ProcessSubstitution(commands) | Part::Substitution(commands) => Some(commands.clone()),
                _ => None,
            })
        })
    };
    first.or_else(read)
}

/// `sha256sum x | grep -q "$expected"`
fn searched(site: &Site<'_>) -> Option<Found> {
    let position = site.command.position.checked_sub(1)?;
    let stages = site.program.pipelines.get(site.command.pipeline)?.stages.get(..=position)?;
    let range = stages.first()?.start..stages.last()?.end;
    let (computed, targets) = digest::among(site.program, range.clone())?;
    // `sha256sum -c x | grep OK` is a check by a list already.
    let is_list = site
        .program
        .commands
        .get(range)?
        .iter()
        .any(|c| c.args.iter().filter_map(Word::literal).any(|a| a == "-c" || a == "--check"));
    let operands = site.call.operands(&["-m", "-A", "-B"]);
    let pattern: &&Arg<'_> = operands.first()?;
    if is_list {
        return None;
    }
    let check = expected::of(site.program, site.index, pattern.word);
    // A pattern that is no digest looks for something else.
    let digits = pattern.text.trim_matches(['^', '"']).bytes().take_while(u8::is_ascii_hexdigit).count();
    (check != Check::Literal || digits >= 32).then_some(())?;
    Found::new(kind(computed), check, targets)
}

/// `diff <(sha256sum x) x.sha256`, `sha256sum x | cmp - x.sha256`
fn files(site: &Site<'_>) -> Option<Found> {
    let mut computed = None;
    let mut check = None;
    for arg in site.call.operands(&[]) {
        let inside = arg.word.parts.iter().find_map(|p| match p {
            Part::ProcessSubstitution(commands) => Some(commands.clone()),
            _ => None,
        });
        if let Some((kind, files)) = inside.clone().and_then(|c| digest::among(site.program, c)) {
            computed = Some((kind, files));
        } else if arg.text != "-" {
            check = Some(match inside {
                Some(_) => expected::of(site.program, site.index, arg.word),
                None => Check::File(arg.text.clone()),
            });
        }
    }
    if computed.is_none()
        && let Some(position) = site.command.position.checked_sub(1)
    {
        let stages = site.program.pipelines.get(site.command.pipeline)?.stages.get(..=position)?;
        computed = digest::among(site.program, stages.first()?.start..stages.last()?.end);
    }
    let (computed, targets) = computed?;
    Found::new(kind(computed), check?, targets)
}

/// `python -c "import hashlib; assert hashlib.sha256(open('x', 'rb').read()).hexdigest() == '...'"`
fn python(site: &Site<'_>) -> Option<Found> {
    let here = site.command.redirects.iter().filter(|r| r.op == RedirectOp::HereDoc).map(|r| &r.target);
    let words = site.call.args.iter().map(|a| a.word).chain(here);
    let text = words.map(|w| site.program.show(w).0).find(|t| t.contains("hashlib."))?;
    let stops = ["assert ", "sys.exit(", "raise ", "exit("].iter().any(|w| text.contains(w));
    if !stops || !(text.contains("==") || text.contains("!=") || text.contains("compare_digest")) {
        return None;
    }
    let weak = text.contains("hashlib.md5") || text.contains("hashlib.sha1");
    let literal = text.split(['\'', '"']).any(|s| s.len() >= 32 && s.bytes().all(|b| b.is_ascii_hexdigit()));
    let check = if literal { Check::Literal } else { Check::Stdin };
    let opened = text.split("open(").skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        rest.get(1..)?.split(quote).next().map(str::to_owned)
    });
    let kind = if weak { Verifier::WeakChecksum } else { Verifier::Compare };
    Found::new(kind, check, opened.take(16).collect())
}
