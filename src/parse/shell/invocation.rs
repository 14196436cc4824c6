//! What a command calls once `sudo`, `env` and their like are looked through.

use std::ops::Range;

use super::ir::{Command, Part, Program, Word};

/// A program and its arguments.
#[derive(Debug, Clone)]
pub struct Invocation<'p> {
    /// The program's file name without folders and `.exe`: `curl` for `/usr/bin/curl`.
    pub name: String,
    /// The program as written, variables put in.
    pub path: String,
    /// The program's word.
    pub word: &'p Word,
    /// The arguments.
    pub args: Vec<Arg<'p>>,
    /// Variables set for this call alone.
    pub env: Vec<(String, String)>,
    /// The programs looked through: `sudo`, `xargs`.
    pub via: Vec<String>,
}

/// An argument.
#[derive(Debug, Clone)]
pub struct Arg<'p> {
    /// The text with known variables put in and the rest in the shell's spelling.
    pub text: String,
    /// All of the text is known.
    pub known: bool,
    /// Where it is written.
    pub range: Range<usize>,
    /// The word it comes from.
    pub word: &'p Word,
}

/// Programs that run the program named in their arguments, with the options that take a value. Operands of
/// their own are in [`operands_of`].
const WRAPPERS: &[(&str, &[&str])] = &[
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-R", "-T", "--user", "--group", "--chdir"]),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "-C", "-S", "--unset", "--chdir"]),
    ("time", &["-f", "-o", "--format", "--output"]),
    ("nohup", &[]),
    ("exec", &["-a"]),
    ("command", &[]),
    ("builtin", &[]),
    ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n"]),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    (
        "xargs",
        &["-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s", "--max-args", "--max-procs", "--replace", "--delimiter"],
    ),
    ("setsid", &[]),
    ("unbuffer", &[]),
    ("caffeinate", &[]),
    ("xvfb-run", &["-s", "-n", "--server-args", "--server-num"]),
    ("arch", &[]),
    ("chronic", &[]),
    ("busybox", &[]),
    ("chroot", &["--userspec", "--groups"]),
    ("dbus-run-session", &["--config-file", "--dbus-daemon"]),
    ("dumb-init", &["-r", "--rewrite"]),
    ("eatmydata", &[]),
    ("fakeroot", &[]),
    ("flock", &["-w", "-E", "--timeout", "--wait", "--conflict-exit-code"]),
    ("gosu", &[]),
    ("gtimeout", &["-s", "-k", "--signal", "--kill-after"]),
    ("numactl", &["-N", "-m", "-C", "-i", "-p"]),
    ("proxychains", &["-f"]),
    ("proxychains4", &["-f"]),
    ("retry", &["-t", "-s", "-m", "-d", "-n", "--times", "--delay", "--attempts", "--max-attempts", "--retries"]),
    ("runuser", &["-u", "-g", "-G", "--user", "--group"]),
    ("setarch", &[]),
    ("su-exec", &[]),
    ("taskset", &["-c"]),
    ("tini", &["-p", "-e"]),
    ("torsocks", &["-a", "-P"]),
    ("travis_retry", &[]),
    ("winpty", &[]),
    ("wsl", &["-d", "-u", "--distribution", "--user", "--cd"]),
];

/// Words between a wrapper's options and the program.
fn operands_of(name: &str) -> usize {
    match name {
        // `timeout 30 cmd`: its first word is no option.
        "timeout" | "gtimeout" | "chroot" | "flock" | "gosu" | "su-exec" | "setarch" => 1,
        _ => 0,
    }
}

/// Wrappers looked through in a row; `sudo env nice` is real, more is not.
const MAX_WRAPPERS: usize = 8;
/// Words that one word stands for.
const MAX_WORDS: usize = 256;

impl<'p> Invocation<'p> {
    /// The call a command makes; nothing for assignments alone.
    #[must_use]
    pub fn of(program: &'p Program, command: &'p Command) -> Option<Self> {
        // `$file + '.zip'` of PowerShell: words without a program are a value.
        let name = command.name.as_ref()?;
        let mut words: Vec<Arg<'p>> = Vec::new();
        for word in std::iter::once(name).chain(&command.args) {
            split(program, word, &mut words);
        }
        let mut env: Vec<(String, String)> =
            command.assignments.iter().map(|a| (a.name.clone(), program.show(&a.value).0)).collect();
        let mut via = Vec::new();
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            let name = basename(&words.get(at)?.text);
            // `docker run ... image bash -c '...'`, `docker exec ... bash -c '...'` runs the text as any other shell would.
            if matches!(name, "docker" | "podman")
                && words.get(at + 1).is_some_and(|w| matches!(w.text.as_str(), "run" | "exec"))
                && let Some(shell) = shell_with_text(words.get(at + 2..).unwrap_or_default())
            {
                at += 2 + shell;
                via.push(format!("{name} run"));
                continue;
            }
            // `run curl x` where `run() { "$@"; }`
            if let Some(kept) = program.passing.get(name)
                && !words.get(at)?.text.contains('/')
            {
                let from = at;
                at += 1 + kept;
                while words.get(at).is_some_and(|w| is_setting_of_wrapper(&w.text)) {
                    at += 1;
                }
                if words.get(at).is_none() {
                    at = from;
                    break;
                }
                via.push(name.to_owned());
                continue;
            }
            // `$SUDO apt install`: a variable of that name is sudo or nothing.
            let hidden = words.get(at).is_some_and(|w| !w.known && w.text.to_ascii_uppercase().contains("SUDO"));
            let Some((_, valued)) = WRAPPERS.iter().find(|(n, _)| *n == name || (hidden && *n == "sudo")) else {
                break;
            };
            let from = at;
            at += 1;
            while let Some(word) = words.get(at) {
                let text = word.text.as_str();
                if text == "--" {
                    at += 1;
                    break;
                } else if valued.contains(&text) {
                    at += 2;
                } else if text.starts_with('-') && text.len() > 1 {
                    at += 1;
                } else if let Some((key, value)) = assignment(text).filter(|_| matches!(name, "env" | "sudo")) {
                    env.push((key.to_owned(), value.to_owned()));
                    at += 1;
                } else if name == "env" && !word.known && is_variable(word.word) && words.len() > at + 1 {
                    // `env $CLEAN sh`: more settings.
                    at += 1;
                } else {
                    break;
                }
            }
            at += operands_of(name);
            // `retry 5 cmd`
            while name == "retry" && words.get(at).is_some_and(|w| is_setting_of_wrapper(&w.text)) {
                at += 1;
            }
            if words.get(at).is_none() {
                // Nothing behind it: `command -v`, `exec >log`. It is itself what is called.
                at = from;
                break;
            }
            // `command -v x` asks, it does not run.
            if name == "command" && words.get(from + 1).is_some_and(|w| matches!(w.text.as_str(), "-v" | "-V")) {
                at = from;
                break;
            }
            via.push(name.to_owned());
        }
        let mut words = words.into_iter().skip(at);
        let first = words.next()?;
        let name = basename(&first.text);
        let name = name.strip_suffix(".exe").unwrap_or(name).to_owned();
        let args = words.collect();
        Some(Self { name, path: first.text, word: first.word, args, env, via })
    }

    /// Whether one of the arguments is this text.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.args.iter().any(|a| a.text == text)
    }

    /// Whether an option is given, alone, with `=value`, or as a letter among joined short ones.
    #[must_use]
    pub fn flag(&self, short: Option<char>, long: &str) -> bool {
        self.args.iter().any(|a| {
            let text = a.text.as_str();
            match text.strip_prefix("--") {
                Some(name) => name == long || name.split_once('=').is_some_and(|(n, _)| n == long),
                None => short.is_some_and(|s| text.strip_prefix('-').is_some_and(|letters| letters.contains(s))),
            }
        })
    }

    /// The value of an option, `--long value`, `--long=value` or `-s value`, `-svalue`.
    #[must_use]
    pub fn value(&self, short: Option<char>, long: &str) -> Option<&str> {
        for (index, arg) in self.args.iter().enumerate() {
            let text = arg.text.as_str();
            if let Some(name) = text.strip_prefix("--").filter(|_| !long.is_empty()) {
                if name == long {
                    return self.args.get(index + 1).map(|a| a.text.as_str());
                }
                if let Some(value) = name.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
                    return Some(value);
                }
            } else if let (Some(short), Some(letters)) = (short, text.strip_prefix('-'))
                && let Some(rest) = letters.strip_prefix(short)
            {
                return match rest.strip_prefix('=').unwrap_or(rest) {
                    "" => self.args.get(index + 1).map(|a| a.text.as_str()),
                    value => Some(value),
                };
            }
        }
        None
    }

    /// The arguments that are no options; `valued` lists the options whose value is the next
    /// argument. Everything behind `--` counts.
    #[must_use]
    pub fn operands(&self, valued: &[&str]) -> Vec<&Arg<'p>> {
        let mut out = Vec::new();
        let mut args = self.args.iter();
        let mut only = false;
        while let Some(arg) = args.next() {
            let text = arg.text.as_str();
            if only {
                out.push(arg);
            } else if text == "--" {
                only = true;
            } else if valued.contains(&text) {
                args.next();
            } else if !text.starts_with('-') || text == "-" {
                out.push(arg);
            }
        }
        out
    }
}

impl Program {
    /// The calls of programs that are asked for by their names, in the order of the commands. Dozens of rules ask;
    /// the words of what none of them asks for are put together once.
    pub fn calls_of<'p>(
        &'p self,
        is_asked_for: impl Fn(&str) -> bool + 'p,
    ) -> impl Iterator<Item = (usize, Invocation<'p>)> {
        let called = self.called.get_or_init(|| {
            let name = |command| Invocation::of(self, command).map(|call| call.name.into_boxed_str());
            self.commands.iter().map(name).collect()
        });
        let named = self.commands.iter().zip(called).enumerate();
        let asked = named.filter(move |(_, (_, name))| name.as_deref().is_some_and(&is_asked_for));
        asked.filter_map(|(index, (command, _))| Some((index, Invocation::of(self, command)?)))
    }
}

/// Whether a word is one variable that may stand for several words, or for none.
fn is_variable(word: &Word) -> bool {
    !word.quoted
        && matches!(word.parts.as_slice(), [Part::Variable(name)] if name.bytes().all(|b| b != b'@' && b != b'*'))
}

/// Whether a word in front of a command is for the program or function that runs it: an option, a number, a
/// sentence.
fn is_setting_of_wrapper(text: &str) -> bool {
    text.starts_with('-') || text.contains(' ') || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
}

/// The first shell that is given its text by `-c`.
fn shell_with_text(words: &[Arg<'_>]) -> Option<usize> {
    words.windows(2).position(|two| {
        let letters = two[1].text.strip_prefix('-').filter(|l| !l.starts_with('-'));
        is_shell(basename(&two[0].text)) && letters.is_some_and(|l| l.contains('c'))
    })
}

/// Adds a word's text, in several pieces where it stands for several words: `"$@"`, an array, a variable without
/// quotes.
fn split<'p>(program: &'p Program, word: &'p Word, out: &mut Vec<Arg<'p>>) {
    let one = |word: &'p Word| {
        let (text, known) = program.show(word);
        Arg { text, known, range: word.range.clone(), word }
    };
    if let [part] = word.parts.as_slice()
        && let Some(words) = program.words_of(part, word.owner)
    {
        // They are written elsewhere; here is where they are put.
        let here = |arg: Arg<'p>| Arg { range: word.range.clone(), ..arg };
        out.extend(words.iter().take(MAX_WORDS).map(|word| here(one(word))));
        return;
    }
    let arg = one(word);
    let variable = word.parts.iter().any(|p| matches!(p, Part::Variable(_)));
    if arg.known && variable && !word.quoted {
        let pieces = arg.text.split_whitespace();
        out.extend(pieces.map(|text| Arg { text: text.to_owned(), known: true, range: word.range.clone(), word }));
    } else {
        out.push(arg);
    }
}

fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let valid = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    valid.then_some((name, value))
}

/// Programs that take shell text.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash")
}

/// The file name of a path.
#[must_use]
pub fn basename(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}
