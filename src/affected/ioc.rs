//! Lists of what to look for, indicators of compromise: one a line, CSV, JSON of our own, STIX 2.1, OSV.
//!
//! What cannot be used is told by its line, and the rest is asked.

mod json;
mod table;

use super::Asked;

/// Bytes of a list that are read.
const LONGEST: usize = 64 << 20;
/// Questions that are asked at once.
const MOST: usize = 100_000;

/// A list that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// What is asked, in the order of the list, each once.
    pub asked: Vec<Asked>,
    /// What could not be used: the line, from 1, and a sentence.
    pub problems: Vec<(usize, String)>,
}

/// Reads a list, whose form is told by what it holds.
#[must_use]
pub fn read(text: &str) -> List {
    let text = text.trim_start_matches('\u{feff}');
    let mut out = List::default();
    if text.len() > LONGEST {
        out.problems.push((1, "the list is too long to be read".to_owned()));
        return out;
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{') => json::read(text, &mut out),
        Some(b'[') if json::is_array(text) => json::read(text, &mut out),
        _ if table::is_table(text) => table::read(text, &mut out),
        _ => lines(text, &mut out),
    }
    out.settle();
    out
}

/// One a line; what stands behind `#` is a comment.
fn lines(text: &str, out: &mut List) {
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split_once(" #").map_or(line, |(line, _)| line).trim();
        if line.is_empty() || line.starts_with(['#', ';']) || line.starts_with("//") {
            continue;
        }
        out.take(number, line);
    }
}

impl List {
    /// Asks for what a text names.
    fn take(&mut self, line: usize, text: &str) -> Option<&mut Asked> {
        match Asked::parse(&fanged(text)) {
            Ok(mut asked) => {
                asked.because = Some(format!("line {line} of the list"));
                self.asked.push(asked);
                self.asked.last_mut()
            }
            Err(why) => {
                self.problems.push((line, why));
                None
            }
        }
    }

    /// Takes out what is asked twice of the same time, and what is too much.
    fn settle(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        self.asked.retain(|asked| seen.insert((asked.targets.clone(), asked.since, asked.until)));
        if self.asked.len() > MOST {
            self.problems.push((1, format!("only the first {MOST} of {} are asked", self.asked.len())));
            self.asked.truncate(MOST);
        }
        self.problems.sort();
    }
}

/// Addresses as lists write them so that nobody clicks them: `hxxps://bad[.]example[.]com`.
fn fanged(text: &str) -> String {
    let text = text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":").replace("[dot]", ".");
    let scheme = text.get(..4).filter(|start| start.eq_ignore_ascii_case("hxxp"));
    match scheme.and(text.get(4..)) {
        Some(rest) => format!("http{rest}"),
        None => text,
    }
}

/// What a word for a kind puts before a target; none for a kind that is not asked about.
fn prefix(kind: &str) -> Option<&'static str> {
    let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    Some(match kind.as_str() {
        "md5" | "sha1" | "sha256" | "sha384" | "sha512" | "hash" | "filehash" | "file" | "digest"
        | "filehashsha256" | "filehashmd5" | "filehashsha1" => "file:",
        "domain" | "domainname" | "hostname" | "host" | "fqdn" | "ip" | "ipv4" | "ipdst" | "ipv4addr" => "host:",
        "pypi" | "python" => "pypi:",
        "npm" => "npm:",
        "crate" | "cargo" | "cratesio" => "crate:",
        "package" => "package:",
        "action" | "githubaction" | "githubactions" | "workflow" => "action:",
        "model" | "huggingface" => "model:",
        "dataset" => "dataset:",
        "image" | "container" | "docker" | "oci" => "image:",
        "url" | "uri" | "purl" | "packageurl" | "advisory" | "cve" | "ghsa" | "id" | "target" | "" => "",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "ioc/tests.rs"]
mod tests;
