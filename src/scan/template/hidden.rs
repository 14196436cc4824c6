//! Texts that carry more than words: a packed pickle, a program. Metadata of weights is no place for either.

use super::{Context, Rule, Severity, Verdict};
use crate::scan::encoded::{base64, hexadecimal};
use crate::source::Bytes;

pub(super) static HIDDEN_PAYLOAD: Rule = Rule {
    id: "hidden-payload",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A text carries a pickle or a program",
    help: "No loader looks for it there; whoever put it in has something that does. Find out what reads the text.",
};
pub(super) static HIDDEN_CODE: Rule = Rule {
    id: "hidden-code",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A text that describes weights holds code",
    help: "No loader runs it, and no description needs it. Find out what reads the text.",
};

/// Bytes of one text that are decoded.
const LONGEST: usize = 4 << 20;
/// Letters of base64 or hexadecimal in a row from which on they are looked at.
const SHORTEST: usize = 20;

/// Looks into a text for what is packed in it. `name` is what the text is called.
pub(in crate::scan) fn payload(name: &str, text: &str, offset: u64, context: &mut Context<'_>) {
    if text.len() < SHORTEST {
        return;
    }
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'\n');
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut found = 0;
    while at < bytes.len() && found < 8 {
        let length = bytes[at..].iter().take_while(|b| is_letter(**b)).count();
        let run = &bytes[at..at + length];
        at += length.max(1);
        if length < SHORTEST {
            continue;
        }
        let unpacked = [base64(&run[..run.len().min(16)]), hexadecimal(&run[..run.len().min(16)])];
        let is_hex = unpacked[1].as_deref().is_some_and(|head| what(head).is_some());
        if !is_hex && unpacked[0].as_deref().is_none_or(|head| what(head).is_none()) {
            continue;
        }
        let whole = &run[..run.len().min(LONGEST)];
        let Some(inner) = (if is_hex { hexadecimal(whole) } else { base64(whole) }) else { continue };
        found += usize::from(carried(name, &inner, offset, context));
    }
    // A pickle as it is, each byte a character.
    if text.starts_with('\u{80}') || what(&bytes[..bytes.len().min(64)]) == Some("a pickle") {
        let inner: Vec<u8> = text.chars().take(LONGEST).map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        carried(name, &inner, offset, context);
    }
}

/// Tells of bytes that a text carries; whether they are something.
fn carried(name: &str, inner: &[u8], offset: u64, context: &mut Context<'_>) -> bool {
    let Some(kind) = what(inner) else { return false };
    let is_whole = match kind {
        "a pickle" => inner.iter().rev().take(8).any(|b| *b == b'.'),
        "a program for Windows" => inner.windows(12).take(4096).any(|w| w == b"This program"),
        _ => true,
    };
    if is_whole {
        context.find(&HIDDEN_PAYLOAD, offset, format!("`{name}` carries {kind}"));
        let inner = inner.to_vec();
        context.part(name, &inner as &dyn Bytes);
    }
    is_whole
}

/// What bytes are, where they are something that nobody writes into a text.
fn what(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x80, 2..=5, third, ..] if pickled(*third) => Some("a pickle"),
        [b'c', rest @ ..] | [b'(', b'c', rest @ ..] if names_global(rest) => Some("a pickle"),
        [0x7f, b'E', b'L', b'F', ..] => Some("a program"),
        [b'M', b'Z', ..] => Some("a program for Windows"),
        [b'#', b'!', b'/', ..] => Some("a script"),
        _ => None,
    }
}

/// Whether an opcode may follow the protocol of a pickle.
fn pickled(opcode: u8) -> bool {
    matches!(
        opcode,
        0x95 | b'c' | b'}' | b']' | b'(' | b')' | b'K' | b'M' | b'J' | b'X' | b'U' | b'B' | b'C' | b'N' | 0x88
            ..=0x8f | b'G' | b'I' | b'S' | b'V'
    )
}

/// Whether two lines follow that are a module and a name.
fn names_global(rest: &[u8]) -> bool {
    let mut lines = rest.splitn(3, |b| *b == b'\n');
    let is_name = |line: &[u8]| {
        line.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
    };
    match (lines.next(), lines.next(), lines.next()) {
        (Some(module), Some(name), Some(after)) => {
            is_name(module)
                && is_name(name)
                && matches!(after.first(), Some(b'(' | b'q' | b'p' | b'X' | b'U' | b'S' | b'V' | b')' | b'C' | 0x94))
        }
        _ => false,
    }
}

/// Calls and commands that no description of weights has.
const CODE: &[&str] = &[
    "__import__(",
    "os.system(",
    "os.popen(",
    "subprocess.popen(",
    "subprocess.run(",
    "subprocess.call(",
    "subprocess.check_output(",
    "pickle.loads(",
    "marshal.loads(",
    "exec(base64",
    "exec(\"",
    "exec('",
    "eval(\"",
    "eval('",
    "exec(compile",
    "eval(compile",
    "exec(__",
    "eval(__",
    "exec(open",
    "exec(requests",
    "exec(urllib",
    "<script",
    "javascript:",
    "/dev/tcp/",
    "/bin/sh -i",
    "bash -i",
    "bash -c",
    "powershell -",
    "powershell.exe",
    "cmd.exe /c",
    "rm -rf /",
    "| sh",
    "| bash",
    "|sh",
    "|bash",
    "nc -e",
];
/// What a link leads to that is run and not read.
const RUN: &[&str] = &[".sh", ".exe", ".ps1", ".bat", ".pkl", ".pickle", ".msi", ".scr", ".vbs", ".hta"];

/// Looks into a text that describes weights for code.
pub(in crate::scan) fn code(name: &str, text: &str, offset: u64, context: &mut Context<'_>) {
    let lower = text.to_ascii_lowercase();
    if let Some(word) = CODE.iter().find(|word| stands(&lower, word)) {
        return context.find(&HIDDEN_CODE, offset, format!("`{name}` holds code or a command: `{}`", word.trim()));
    }
    let link = lower.match_indices("://").find_map(|(at, _)| {
        let end = lower[at..]
            .find(|c: char| c.is_whitespace() || "\"'<>)]}`,".contains(c))
            .map_or(lower.len(), |end| at + end);
        RUN.iter().any(|ending| lower[at..end].ends_with(ending)).then(|| &lower[at + 3..end])
    });
    if let Some(link) = link {
        context.find(
            &HIDDEN_CODE,
            offset,
            format!("`{name}` links a program: `{}`", link.chars().take(80).collect::<String>()),
        );
    }
}

/// Whether a word stands in a text by itself: not as the end of a longer word.
fn stands(text: &str, word: &str) -> bool {
    let starts_a_word = word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let ends_a_word = word.ends_with(|c: char| c.is_ascii_alphanumeric());
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let is_end = starts_a_word && text[..at].ends_with(is_part);
        let is_start = ends_a_word && text[at + word.len()..].starts_with(is_part);
        !is_end && !is_start
    })
}
