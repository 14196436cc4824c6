//! The options of a line, as pip's option parser takes them. Source: pip `req/req_file.py` and
//! `cli/cmdoptions.py`; Python `shlex` and `optparse`.

use std::ops::Range;

use crate::graph::kinds::python::IndexOptionKind as Index;

/// A word of a line: what the shell's rules make of it, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes.
    pub value: String,
    /// With them.
    pub range: Range<usize>,
}

/// What is wrong with a line, and where.
pub(super) type Wrong = (Range<usize>, String);

/// What an option of a requirements file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// Where pip looks.
    Index(Index),
    /// `-r`.
    Include,
    /// `-c`.
    Constrain,
    /// `-e`.
    Editable,
    /// `--hash`.
    Hash,
    /// `--require-hashes`.
    RequireHashes,
    /// Known, and of no weight here.
    Nothing,
}

/// An option with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// Which.
    pub means: Means,
    /// Its value, if it takes one: the text and where it stands, quotes left out where there is
    /// nothing else in its word.
    pub value: Option<Word>,
    /// The option with its value.
    pub range: Range<usize>,
}

/// Long name, short letter, meaning, and whether a value follows.
type Known = (&'static str, Option<char>, Means, bool);

const KNOWN: &[Known] = &[
    ("--index-url", Some('i'), Means::Index(Index::Index), true),
    ("--pypi-url", None, Means::Index(Index::Index), true),
    ("--extra-index-url", None, Means::Index(Index::ExtraIndex), true),
    ("--no-index", None, Means::Index(Index::NoIndex), false),
    ("--find-links", Some('f'), Means::Index(Index::FindLinks), true),
    ("--trusted-host", None, Means::Index(Index::TrustedHost), true),
    ("--pre", None, Means::Index(Index::Pre), false),
    ("--no-binary", None, Means::Index(Index::NoBinary), true),
    ("--only-binary", None, Means::Index(Index::OnlyBinary), true),
    ("--requirement", Some('r'), Means::Include, true),
    ("--constraint", Some('c'), Means::Constrain, true),
    ("--editable", Some('e'), Means::Editable, true),
    ("--hash", None, Means::Hash, true),
    ("--require-hashes", None, Means::RequireHashes, false),
    ("--prefer-binary", None, Means::Nothing, false),
    ("--use-feature", None, Means::Nothing, true),
    ("--global-option", None, Means::Nothing, true),
    ("--install-option", None, Means::Nothing, true),
    ("--config-settings", Some('C'), Means::Nothing, true),
    ("--config-setting", None, Means::Nothing, true),
    ("--all-releases", None, Means::Nothing, true),
    ("--only-final", None, Means::Nothing, true),
    ("--uploaded-prior-to", None, Means::Nothing, true),
    ("--process-dependency-links", None, Means::Nothing, false),
    ("--always-unzip", Some('Z'), Means::Nothing, false),
    ("--allow-external", None, Means::Nothing, true),
    ("--allow-all-external", None, Means::Nothing, false),
    ("--allow-unverified", None, Means::Nothing, true),
    ("--use-wheel", None, Means::Nothing, false),
    ("--no-use-wheel", None, Means::Nothing, false),
];

/// Where the options of a line start: the first word that starts with `-`.
pub(super) fn options_start(line: &str) -> usize {
    if line.starts_with('-') {
        return 0;
    }
    let dash = line.match_indices('-').map(|(at, _)| at);
    dash.into_iter().find(|at| line[..*at].ends_with([' ', '\t'])).unwrap_or(line.len())
}

/// The options of a line from a byte on. What stands between them is passed over, as pip does.
///
/// # Errors
/// What is wrong, and where.
pub(super) fn options(line: &str, from: usize) -> Result<Vec<Given>, Wrong> {
    let words = split(line, from)?;
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.value == "--" {
            break;
        }
        if !word.value.starts_with('-') || word.value == "-" {
            continue;
        }
        let (means, takes, inline) = known(line, word)?;
        let mut given = Given { means, value: inline, range: word.range.clone() };
        if takes && given.value.is_none() {
            let Some(value) = words.get(at) else {
                return Err((word.range.clone(), format!("`{}` lacks its value", short(&word.value))));
            };
            at += 1;
            given.range.end = value.range.end;
            given.value = Some(Word { value: value.value.clone(), range: inner(line, value) });
        }
        out.push(given);
    }
    Ok(out)
}

/// Where the text of a word stands, quotes around all of it left out.
fn inner(line: &str, word: &Word) -> Range<usize> {
    let text = line.get(word.range.clone()).unwrap_or("");
    let quoted = text.len() == word.value.len() + 2 && text.get(1..text.len() - 1) == Some(&word.value);
    if quoted { word.range.start + 1..word.range.end - 1 } else { word.range.clone() }
}

fn short(word: &str) -> String {
    word.chars().take(40).collect()
}

/// The meaning of a word that starts with `-`, whether it takes a value, and the value in the word.
fn known(line: &str, word: &Word) -> Result<(Means, bool, Option<Word>), Wrong> {
    let unknown = || (word.range.clone(), format!("`{}` is no option of a requirements file", short(&word.value)));
    // A value within the word can be placed only where no quote stands before it.
    let tail = |length: usize| {
        let value = word.value.get(length..).unwrap_or("").to_owned();
        let text = line.get(word.range.clone()).unwrap_or("");
        let range = if text == word.value {
            word.range.start + length..word.range.end
        } else if text.get(..length) == word.value.get(..length) {
            let rest = Word { value: value.clone(), range: word.range.start + length..word.range.end };
            inner(line, &rest)
        } else {
            word.range.clone()
        };
        Word { value, range }
    };
    if word.value.starts_with("--") {
        let (name, length) = match word.value.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (word.value.as_str(), None),
        };
        // A beginning will do where it can be that of one option only.
        let exact = KNOWN.iter().find(|(long, ..)| *long == name);
        let mut starting = KNOWN.iter().filter(|(long, ..)| long.starts_with(name));
        let only = starting.next().filter(|_| starting.next().is_none() && name.len() > 2);
        let (_, _, means, takes) = exact.or(only).ok_or_else(unknown)?;
        return Ok((*means, *takes, length.filter(|_| *takes).map(tail)));
    }
    let letter = word.value.chars().nth(1);
    let (_, _, means, takes) =
        KNOWN.iter().find(|(_, short, ..)| short.is_some() && *short == letter).ok_or_else(unknown)?;
    let value = (*takes && word.value.len() > 2).then(|| tail(2));
    Ok((*means, *takes, value))
}

/// Splits as a POSIX shell does: blanks, two kinds of quotes, backslashes.
fn split(line: &str, from: usize) -> Result<Vec<Word>, Wrong> {
    let mut out: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut chars = line.char_indices().skip_while(|(at, _)| *at < from).peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let is_blank = matches!(c, ' ' | '\t' | '\r' | '\n');
        if quote.is_none() && is_blank {
            out.extend(word.take());
            continue;
        }
        let current = word.get_or_insert_with(|| Word { value: String::new(), range: at..at });
        current.range.end = end;
        match (quote, c) {
            (None, '\'' | '"') => quote = Some((c, at)),
            (Some((open, _)), c) if c == open => quote = None,
            (None | Some(('"', _)), '\\') => {
                let Some((next, escaped)) = chars.next() else {
                    return Err((at..end, "nothing follows the backslash".to_owned()));
                };
                current.range.end = next + escaped.len_utf8();
                // Between double quotes it hides few characters and else stands for itself.
                if quote.is_some() && !matches!(escaped, '"' | '\\') {
                    current.value.push('\\');
                }
                current.value.push(escaped);
            }
            _ => current.value.push(c),
        }
    }
    if let Some((_, at)) = quote {
        return Err((at..line.len(), "the quote is not closed".to_owned()));
    }
    out.extend(word);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        match options(line, options_start(line)) {
            Err((range, message)) => format!("{}: {message}", &line[range]),
            Ok(found) => {
                let one = |given: &Given| {
                    let value = given
                        .value
                        .as_ref()
                        .map_or("-".to_owned(), |v| format!("{}={}", v.value, &line[v.range.clone()]));
                    format!("{:?} {value} [{}]", given.means, &line[given.range.clone()])
                };
                found.iter().map(one).collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn options_in_all_their_forms() {
        for (line, wanted) in [
            ("-r a.txt", "Include a.txt=a.txt [-r a.txt]"),
            ("-ra.txt", "Include a.txt=a.txt [-ra.txt]"),
            ("--requirement=a.txt", "Include a.txt=a.txt [--requirement=a.txt]"),
            ("--requirement   'a b.txt'", "Include a b.txt=a b.txt [--requirement   'a b.txt']"),
            ("--requirement='a b.txt'", "Include a b.txt=a b.txt [--requirement='a b.txt']"),
            ("-c c.txt", "Constrain c.txt=c.txt [-c c.txt]"),
            ("--no-index --pre", "Index(NoIndex) - [--no-index]; Index(Pre) - [--pre]"),
            (
                "--extra-index https://example.com",
                "Index(ExtraIndex) https://example.com=https://example.com [--extra-index https://example.com]",
            ),
            (
                "a==1 --hash=sha256:0 --hash sha256:1",
                "Hash sha256:0=sha256:0 [--hash=sha256:0]; Hash sha256:1=sha256:1 [--hash sha256:1]",
            ),
            ("a-b==1", ""),
            ("--config-settings \"--x=y\"", "Nothing --x=y=--x=y [--config-settings \"--x=y\"]"),
            ("-e .[x] y", "Editable .[x]=.[x] [-e .[x]]"),
            ("-x", "-x: `-x` is no option of a requirements file"),
            ("--no", "--no: `--no` is no option of a requirements file"),
            ("-r", "-r: `-r` lacks its value"),
            ("-r 'a", "'a: the quote is not closed"),
        ] {
            assert_eq!(shown(line), wanted, "{line}");
        }
    }
}
