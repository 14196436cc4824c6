//! What scripts write to the files by which steps hand things on: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_PATH`.
//! Source: GitHub Docs, "Workflow commands for GitHub Actions", environment files.

use std::ops::Range;

use crate::parse::shell::{Command, Dialect, Part, Program, RedirectOp, Word};

/// A file of the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    /// `GITHUB_ENV`: variables of the steps that follow.
    Env,
    /// `GITHUB_OUTPUT`: outputs of the step.
    Output,
    /// `GITHUB_PATH`: folders searched for commands by the steps that follow.
    Path,
}

impl Handed {
    /// The variable that names it.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Env => "GITHUB_ENV",
            Self::Output => "GITHUB_OUTPUT",
            Self::Path => "GITHUB_PATH",
        }
    }
}

/// One command that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    /// Where to.
    pub(crate) to: Handed,
    /// The command's bytes in the script.
    pub(crate) range: Range<usize>,
    /// The command's number among those of the script.
    pub(crate) command: usize,
    /// What is written, as far as it is told by the words of the command; a command whose output is written
    /// stands as one part [`Part::Other`].
    pub(crate) parts: Vec<Part>,
    /// The output of another command, not words.
    pub(crate) is_output: bool,
}

/// A line `NAME=value`, or `NAME<<END` with what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name; none where it is not written out.
    pub(crate) name: Option<String>,
    /// The value.
    pub(crate) value: Vec<Part>,
    /// The bytes of the command that writes the value.
    pub(crate) range: Range<usize>,
    /// The command's number.
    pub(crate) command: usize,
    /// Written between two lines of a delimiter.
    pub(crate) delimited: bool,
    /// The output of another command, not words.
    pub(crate) is_output: bool,
}

/// The writes of a script, in order.
pub(crate) fn writes(text: &str, program: &Program, dialect: &Dialect) -> Vec<Write> {
    // Most scripts write to none of them.
    let lower = |name: &str| text.contains(name);
    if !["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "github.env", "github.output", "github.path"]
        .iter()
        .any(|n| lower(n))
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (index, command) in program.commands.iter().enumerate() {
        let found = if *dialect == Dialect::PowerShell { None } else { by_shell(program, index, command) };
        let found = found.or_else(|| by_argument(program, index, command));
        if let Some((to, parts, is_output)) = found {
            out.push(Write { to, range: command.range.clone(), command: index, parts, is_output });
        }
    }
    out
}

/// The lines written to one file, as entries.
pub(crate) fn entries(writes: &[Write], to: Handed) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    // The entry that is open, and what ends it.
    let mut open: Option<(Entry, String)> = None;
    for write in writes.iter().filter(|w| w.to == to) {
        for line in lines(&write.parts) {
            if let Some((entry, end)) = &mut open {
                if written(&line).trim() == end {
                    out.extend(open.take().map(|(entry, _)| entry));
                } else {
                    entry.value.extend(line);
                    entry.value.push(Part::Literal("\n".to_owned()));
                    entry.range = write.range.clone();
                    entry.command = write.command;
                    entry.is_output |= write.is_output;
                }
                continue;
            }
            let Some(first) = line.first() else { continue };
            let mut entry = Entry {
                name: None,
                value: Vec::new(),
                range: write.range.clone(),
                command: write.command,
                delimited: false,
                is_output: write.is_output,
            };
            let Part::Literal(start) = first else {
                entry.value = line;
                out.push(entry);
                continue;
            };
            if let Some((name, end)) = start.split_once("<<").filter(|(name, _)| !name.contains('=')) {
                entry.name = Some(name.trim().to_owned());
                entry.delimited = true;
                // The delimiter may go on as a variable, and is compared as it is written.
                let mut rest = vec![Part::Literal(end.to_owned())];
                rest.extend(line.iter().skip(1).cloned());
                open = Some((entry, written(&rest).trim().to_owned()));
                continue;
            }
            match start.split_once('=') {
                Some((name, value)) => {
                    entry.name = Some(name.trim().to_owned());
                    entry.value.push(Part::Literal(value.to_owned()));
                    entry.value.extend(line.into_iter().skip(1));
                }
                None => {
                    // `NAME$x=...`, or a line of a file.
                    let is_blank = line.len() == 1 && start.trim().is_empty();
                    if is_blank {
                        continue;
                    }
                    entry.value = line;
                }
            }
            out.push(entry);
        }
    }
    out.extend(open.map(|(entry, _)| entry));
    out
}

fn written(parts: &[Part]) -> String {
    parts.iter().map(Part::shown).collect()
}

/// Parts, taken apart where a line ends.
fn lines(parts: &[Part]) -> Vec<Vec<Part>> {
    let mut out = vec![Vec::new()];
    for part in parts {
        let Part::Literal(text) = part else {
            if let Some(last) = out.last_mut() {
                last.push(part.clone());
            }
            continue;
        };
        for (index, piece) in text.split('\n').enumerate() {
            if index > 0 {
                out.push(Vec::new());
            }
            if let Some(last) = out.last_mut().filter(|_| !piece.is_empty()) {
                last.push(Part::Literal(piece.to_owned()));
            }
        }
    }
    out
}

/// By `>> "$GITHUB_ENV"`, or by `tee -a "$GITHUB_ENV"`.
fn by_shell(program: &Program, index: usize, command: &Command) -> Option<(Handed, Vec<Part>, bool)> {
    let redirect = command.redirects.iter().find_map(|redirect| {
        let writes = matches!(redirect.op, RedirectOp::Append | RedirectOp::Write);
        handed(&redirect.target).filter(|_| writes)
    });
    let to = match redirect {
        Some(to) => to,
        None if is_named(command, "tee") => command.args.iter().find_map(handed)?,
        None => return None,
    };
    // The command whose output goes there, where it stands before a pipe.
    let from = if is_named(command, "tee") { before(program, command)? } else { index };
    let command = program.commands.get(from)?;
    match said(command) {
        Some(parts) => Some((to, parts, false)),
        None => Some((to, vec![Part::Other(shown(command))], true)),
    }
}

/// By `Add-Content $env:GITHUB_ENV`, `... | Out-File -Append $env:GITHUB_ENV` and `... >> $env:GITHUB_ENV`.
fn by_argument(program: &Program, index: usize, command: &Command) -> Option<(Handed, Vec<Part>, bool)> {
    let all: Vec<&Word> = command.name.iter().chain(&command.args).collect();
    let at = all.iter().position(|word| handed(word).is_some())?;
    let to = handed(all.get(at)?)?;
    let name = all.first().and_then(|n| n.literal()).unwrap_or_default().to_ascii_lowercase();
    let is_plain = |w: &&&Word| !w.literal().is_some_and(|t| t.starts_with('-') || t == ">>" || t == ">");
    if matches!(name.as_str(), "out-file" | "tee-object" | "add-content" | "set-content" | "ac" | "sc") {
        let value = all.iter().skip(1).filter(is_plain).find(|word| handed(word).is_none());
        let from = before(program, command).and_then(|from| program.commands.get(from));
        let piped = from.map(|from| said(from).unwrap_or_else(|| whole(from)));
        let parts = value.map(|word| word.parts.clone()).or(piped)?;
        return Some((to, parts, false));
    }
    let arrow = all.get(at.checked_sub(1)?)?;
    let _ = index;
    if !arrow.literal().is_some_and(|text| matches!(text.as_str(), ">>" | ">")) {
        return None;
    }
    let words: Vec<&Word> = all.get(..at - 1)?.to_vec();
    let skip = usize::from(matches!(name.as_str(), "echo" | "write-output" | "write-host"));
    Some((to, joined(words.into_iter().skip(skip)), false))
}

/// A command of nothing but a text, as PowerShell prints it.
fn whole(command: &Command) -> Vec<Part> {
    joined(command.name.iter().chain(&command.args))
}

/// The file a word names.
fn handed(word: &Word) -> Option<Handed> {
    let [part] = word.parts.as_slice() else { return None };
    let name = match part {
        Part::Variable(name) => name.strip_prefix("env:").unwrap_or(name).to_ascii_uppercase(),
        Part::Expression(text) | Part::Other(text) | Part::Literal(text) => text
            .to_ascii_uppercase()
            .replace("GITHUB.", "GITHUB_")
            .replace("ENV.", "")
            .replace("$ENV:", "")
            .trim_matches(['$', '{', '}', ' '])
            .to_owned(),
        _ => return None,
    };
    match name.as_str() {
        "GITHUB_ENV" => Some(Handed::Env),
        "GITHUB_OUTPUT" => Some(Handed::Output),
        "GITHUB_PATH" => Some(Handed::Path),
        _ => None,
    }
}

fn is_named(command: &Command, name: &str) -> bool {
    command.name.as_ref().and_then(Word::literal).is_some_and(|own| own == name)
}

/// The last command of the stage before.
fn before(program: &Program, command: &Command) -> Option<usize> {
    let pipeline = program.pipelines.get(command.pipeline)?;
    let stage = pipeline.stages.get(command.position.checked_sub(1)?)?;
    stage.clone().next()
}

/// The text a command prints, where its words tell.
pub(crate) fn said(command: &Command) -> Option<Vec<Part>> {
    let name = command.name.as_ref().and_then(Word::literal)?;
    match name.to_ascii_lowercase().as_str() {
        "echo" | "write-output" | "write-host" => {
            let options = command.args.iter().take_while(|w| w.literal().is_some_and(|t| is_option(&t))).count();
            let escapes = command.args.iter().take(options).any(|w| w.literal().is_some_and(|t| t.contains('e')));
            let parts = joined(command.args.iter().skip(options));
            Some(if escapes { unescaped(parts) } else { parts })
        }
        "printf" => {
            let (form, rest) = command.args.split_first()?;
            Some(printed(form, rest))
        }
        "cat" => {
            let text =
                command.redirects.iter().find(|r| matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString))?;
            Some(text.target.parts.clone())
        }
        _ => None,
    }
}

fn is_option(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| matches!(c, 'n' | 'e' | 'E')))
}

fn joined<'w>(words: impl Iterator<Item = &'w Word>) -> Vec<Part> {
    let mut out = Vec::new();
    for (index, word) in words.enumerate() {
        if index > 0 {
            push(&mut out, Part::Literal(" ".to_owned()));
        }
        word.parts.iter().for_each(|part| push(&mut out, part.clone()));
    }
    out
}

fn push(out: &mut Vec<Part>, part: Part) {
    match (out.last_mut(), part) {
        (Some(Part::Literal(last)), Part::Literal(more)) => last.push_str(&more),
        (_, part) => out.push(part),
    }
}

fn unescaped(parts: Vec<Part>) -> Vec<Part> {
    let unescape = |part| match part {
        Part::Literal(text) => Part::Literal(text.replace("\\n", "\n")),
        other => other,
    };
    parts.into_iter().map(unescape).collect()
}

/// `printf FORM ARGUMENTS`, each directive with its argument put in.
fn printed(form: &Word, arguments: &[Word]) -> Vec<Part> {
    let mut arguments = arguments.iter();
    let mut out = Vec::new();
    for part in unescaped(form.parts.clone()) {
        let Part::Literal(text) = part else {
            push(&mut out, part);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            push(&mut out, Part::Literal(before.to_owned()));
            rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or("");
            match after.chars().next() {
                Some('s' | 'q' | 'd' | 'b') => {
                    arguments.next().into_iter().flat_map(|w| &w.parts).for_each(|p| push(&mut out, p.clone()));
                }
                Some('%') => push(&mut out, Part::Literal("%".to_owned())),
                _ => {}
            }
        }
        push(&mut out, Part::Literal(rest.to_owned()));
    }
    for word in arguments {
        word.parts.iter().for_each(|p| push(&mut out, p.clone()));
    }
    out
}

/// A command in the shell's own spelling.
pub(crate) fn shown(command: &Command) -> String {
    let words = command.name.iter().chain(&command.args).map(Word::lossy);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Budget;

    fn told(text: &str, dialect: &Dialect) -> Vec<String> {
        let program = Program::read(text, dialect, &mut Budget::default());
        let writes = writes(text, &program, dialect);
        let mut out = Vec::new();
        for to in [Handed::Env, Handed::Output, Handed::Path] {
            for entry in entries(&writes, to) {
                let value = written(&entry.value);
                out.push(format!("{} {}={}", to.variable(), entry.name.unwrap_or_default(), value.replace('\n', "|")));
            }
        }
        out
    }

    #[test]
    fn writes_of_a_shell_are_found() {
        let bash = Dialect::from_shell(None, false);
        for (text, expected) in [
            ("echo \"a=${{ x }} b\" >> $GITHUB_ENV", vec!["GITHUB_ENV a=${{ x }} b"]),
            ("echo a=$B >> \"$GITHUB_OUTPUT\"", vec!["GITHUB_OUTPUT a=${B}"]),
            ("echo \"a=1\" >> \"${GITHUB_OUTPUT}\"", vec!["GITHUB_OUTPUT a=1"]),
            ("printf 'a=%s\\n' \"$B\" >> $GITHUB_OUTPUT", vec!["GITHUB_OUTPUT a=${B}"]),
            ("echo \"a=$B\" | tee -a $GITHUB_ENV", vec!["GITHUB_ENV a=${B}"]),
            ("{ echo 'a<<EOF'; cat body.txt; echo EOF; } >> $GITHUB_OUTPUT", vec!["GITHUB_OUTPUT a=cat body.txt|"]),
            ("cat <<EOF >> $GITHUB_ENV\na=$X\nb=2\nEOF\n", vec!["GITHUB_ENV a=${X}", "GITHUB_ENV b=2"]),
            ("echo /opt >> $GITHUB_PATH", vec!["GITHUB_PATH =/opt"]),
            ("python x.py >> $GITHUB_ENV", vec!["GITHUB_ENV =python x.py"]),
            ("echo a=1 >> out", vec![]),
        ] {
            assert_eq!(told(text, &bash), expected, "{text}");
        }
    }

    #[test]
    fn writes_of_powershell_are_found() {
        for (text, expected) in [
            ("echo \"a=$env:X\" >> $env:GITHUB_ENV", "GITHUB_ENV a=${env:X}"),
            ("\"a=1\" | Out-File -FilePath $env:GITHUB_OUTPUT -Append", "GITHUB_OUTPUT a=1"),
            ("Add-Content -Path $env:GITHUB_ENV -Value \"a=b\"", "GITHUB_ENV a=b"),
            ("Write-Output \"a=${{ x }}\" | Out-File $env:GITHUB_ENV -Append", "GITHUB_ENV a=${{ x }}"),
        ] {
            assert_eq!(told(text, &Dialect::PowerShell), [expected], "{text}");
        }
    }
}
