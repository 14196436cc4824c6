//! Text run as a program: interpreters, `source`, `eval`, `iex`.

use super::act::{Act, ActKind, Input};
use super::site::Site;
use crate::parse::shell::{Arg, Part, RedirectOp};

/// How an interpreter's command line is read.
struct Interpreter {
    /// Names; a version may follow (`python3.12`).
    names: &'static [&'static str],
    /// Options whose value is program text.
    text: &'static [&'static str],
    /// Options with a value that is neither text nor script.
    valued: &'static [&'static str],
    /// Options that make everything behind them no script: `python -m`.
    module: &'static [&'static str],
}

const INTERPRETERS: &[Interpreter] = &[
    Interpreter {
        names: &["sh", "bash", "zsh", "dash", "ksh", "ash"],
        text: &["-c"],
        valued: &["-o", "+o", "-O", "+O", "--rcfile", "--init-file"],
        module: &[],
    },
    Interpreter { names: &["python", "pypy"], text: &["-c"], valued: &["-W", "-X"], module: &["-m"] },
    Interpreter { names: &["perl"], text: &["-e", "-E"], valued: &["-I"], module: &[] },
    Interpreter {
        names: &["node", "nodejs"],
        text: &["-e", "--eval", "-p", "--print"],
        valued: &["-r", "--require", "--import", "--loader"],
        module: &[],
    },
    Interpreter { names: &["ruby"], text: &["-e"], valued: &["-I", "-r"], module: &[] },
    Interpreter { names: &["php"], text: &["-r"], valued: &["-d", "-c"], module: &[] },
    Interpreter {
        names: &["pwsh", "powershell"],
        text: &["-c", "-Command", "-command"],
        valued: &["-ExecutionPolicy", "-ep"],
        module: &[],
    },
];

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let name = site.call.name.as_str();
    let by = || name.to_owned();
    match name {
        "source" | "." => {
            let Some(arg) = site.call.args.first() else { return };
            let input = operand(arg);
            if let Input::File(path) = &input {
                acts.push(site.act(ActKind::CallsScript { path: path.clone(), by: Some(by()) }));
            }
            acts.push(site.act(ActKind::Interpret { by: by(), input }));
            return;
        }
        "eval" => {
            let Some(arg) = site.call.args.first() else { return };
            let input = text_of(site, arg).map_or(Input::Text, Input::Substitution);
            acts.push(site.act(ActKind::Interpret { by: by(), input }));
            return;
        }
        _ => {}
    }
    // `[scriptblock]::Create((irm x))`
    if let [Part::Literal(first), Part::Substitution(commands), ..] = site.call.word.parts.as_slice()
        && first.eq_ignore_ascii_case("[scriptblock]::create")
    {
        let input = Input::Substitution(commands.clone());
        acts.push(site.act(ActKind::Interpret { by: "scriptblock".to_owned(), input }));
        return;
    }
    if matches!(name.to_ascii_lowercase().as_str(), "iex" | "invoke-expression") {
        let nested = site.call.args.iter().find_map(|arg| text_of(site, arg).or_else(|| called_block(arg)));
        let input = match nested {
            Some(commands) => Input::Substitution(commands),
            None if site.command.position > 0 => Input::Stdin,
            None => Input::Text,
        };
        acts.push(site.act(ActKind::Interpret { by: name.to_ascii_lowercase(), input }));
        return;
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let Some(kind) = INTERPRETERS.iter().find(|i| i.names.contains(&stem)) else { return };
    if let Some(input) = input(site, kind) {
        if let Input::File(path) = &input
            && !path.starts_with('/')
        {
            acts.push(site.act(ActKind::CallsScript { path: path.clone(), by: Some(by()) }));
        }
        acts.push(site.act(ActKind::Interpret { by: by(), input }));
    }
}

fn input(site: &Site<'_>, kind: &Interpreter) -> Option<Input> {
    let shell = kind.names.contains(&"bash");
    let mut args = site.call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if kind.module.contains(&text) || matches!(text, "--version" | "-V" | "--help" | "-h") {
            return None;
        }
        if text == "--" {
            return args.next().map(operand);
        }
        if kind.valued.contains(&text) {
            args.next();
            continue;
        }
        let joined = text.starts_with('-') && !text.starts_with("--") && text.len() > 1;
        let letters = text.get(1..).unwrap_or_default();
        let takes_text = kind.text.contains(&text)
            // `bash -ec`, `perl -ne`: the letter closes a group of flags.
            || (joined && letters.len() <= 5 && kind.text.iter().any(|t| t.len() == 2 && letters.ends_with(&t[1..])));
        if takes_text {
            let script = args.find(|a| !(shell && a.text.starts_with('-') && a.known));
            return Some(match script {
                Some(arg) => text_of(site, arg).map_or(Input::Text, Input::Substitution),
                // `xargs bash -c`: what is piped becomes the text.
                None => Input::Stdin,
            });
        }
        if shell && joined && letters.contains('s') {
            return Some(stdin(site).unwrap_or(Input::Stdin));
        }
        // `bash -eo pipefail x.sh`
        if shell && joined && letters.ends_with('o') {
            args.next();
            continue;
        }
        if text == "-" {
            return stdin(site);
        }
        if text.starts_with('-') || (shell && text.starts_with('+')) {
            continue;
        }
        return Some(operand(arg));
    }
    stdin(site)
}

/// Where an interpreter without operands reads from; nothing where that is a terminal.
fn stdin(site: &Site<'_>) -> Option<Input> {
    for redirect in site.command.redirects.iter().rev() {
        match redirect.op {
            RedirectOp::Read => {
                let from = redirect.target.parts.iter().find_map(|p| match p {
                    Part::ProcessSubstitution(commands) => Some(commands.clone()),
                    _ => None,
                });
                return Some(match from {
                    Some(commands) => Input::ProcessSubstitution(commands),
                    None => Input::File(site.program.show(&redirect.target).0),
                });
            }
            RedirectOp::HereDoc => return Some(Input::Heredoc),
            RedirectOp::HereString => {
                return Some(match redirect.target.parts.first() {
                    Some(Part::Substitution(commands)) => Input::Substitution(commands.clone()),
                    _ => Input::Heredoc,
                });
            }
            _ => {}
        }
    }
    // `xargs sh` gives file names as arguments, not text.
    let piped =
        site.command.position > 0 || site.program.scopes_of(site.index).any(|s| s.stage.is_some_and(|s| s.1 > 0));
    (piped && !site.call.via.iter().any(|v| v == "xargs")).then_some(Input::Stdin)
}

fn operand(arg: &Arg<'_>) -> Input {
    if arg.text == "/dev/stdin" {
        return Input::Stdin;
    }
    match arg.word.parts.first() {
        Some(Part::ProcessSubstitution(commands)) => Input::ProcessSubstitution(commands.clone()),
        _ => Input::File(arg.text.clone()),
    }
}

/// `"& { $(irm x) } -option"`: the commands whose output is the block that is called.
fn called_block(arg: &Arg<'_>) -> Option<std::ops::Range<usize>> {
    let mut parts = arg.word.parts.iter();
    let before = parts.by_ref().find_map(|p| if let Part::Literal(text) = p { Some(text.trim()) } else { None })?;
    let called = before.starts_with(['&', '.']) && before.ends_with('{');
    let commands = parts.next().filter(|_| called)?;
    if let Part::Substitution(commands) = commands { Some(commands.clone()) } else { None }
}

/// Commands before one that are looked at for what a variable holds.
const MAX_BEFORE: usize = 2_000;

/// The commands whose output a word starts with, itself or by the variable it starts with.
fn text_of(site: &Site<'_>, arg: &Arg<'_>) -> Option<std::ops::Range<usize>> {
    let first = arg.word.parts.iter().find(|p| !matches!(p, Part::Literal(t) if t.trim().is_empty()))?;
    let Part::Variable(name) = first else { return leading_substitution(arg) };
    let before = site.program.commands.get(..site.index).unwrap_or_default();
    let given = before.iter().rev().take(MAX_BEFORE).flat_map(|c| &c.assignments).find(|a| a.name == *name)?;
    match given.value.parts.first()? {
        Part::Substitution(commands) => Some(commands.clone()),
        _ => None,
    }
}

/// The commands whose output a word starts with: what is run, not what is put into what is run.
fn leading_substitution(arg: &Arg<'_>) -> Option<std::ops::Range<usize>> {
    let first = arg.word.parts.iter().find(|p| !matches!(p, Part::Literal(t) if t.trim().is_empty()))?;
    match first {
        Part::Substitution(commands) | Part::ProcessSubstitution(commands) => Some(commands.clone()),
        _ => None,
    }
}
