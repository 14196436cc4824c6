//! The netrc file: user and password by host.
//!
//! Source: the manual page netrc(5), and curl's for quoted words. Entries named `default` are passed
//! over: a password goes to hosts that somebody named, never to whatever host is asked. Nothing here
//! repeats a word of the file.

use std::fmt;

/// Longest file that is read, in bytes.
pub const MOST: usize = 1 << 20;

/// Credentials by host.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Netrc {
    entries: Vec<Entry>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Entry {
    /// `None` is `default`.
    host: Option<String>,
    login: String,
    password: String,
}

/// A file that is not in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {what}")]
pub struct NetrcError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Shows how many entries there are.
impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Netrc of {} entries", self.entries.len())
    }
}

impl Netrc {
    /// Reads a file.
    ///
    /// # Errors
    /// The line that cannot be understood.
    pub fn parse(text: &str) -> Result<Self, NetrcError> {
        let mut words = Words { rest: text, line: 1 };
        let mut entries: Vec<Entry> = Vec::new();
        if text.len() > MOST {
            return Err(NetrcError { line: 1, what: "begins a file that is too large" });
        }
        while let Some(word) = words.next()? {
            let line = words.line;
            match word.as_str() {
                "machine" => {
                    let host = words.value(line, "has a machine without a name")?;
                    entries.push(Entry { host: Some(host.to_ascii_lowercase()), ..Entry::default() });
                }
                "default" => entries.push(Entry::default()),
                "macdef" => words.skip_macro(),
                "login" | "user" | "password" | "account" => {
                    let value = words.value(line, "has a keyword without a value")?;
                    let Some(entry) = entries.last_mut() else {
                        return Err(NetrcError { line, what: "stands before the first machine" });
                    };
                    match word.as_str() {
                        "password" => entry.password = value,
                        "account" => {}
                        _ => entry.login = value,
                    }
                }
                _ => return Err(NetrcError { line, what: "has a word that is no keyword" }),
            }
        }
        Ok(Self { entries })
    }

    /// User and password for a host; the first entry of its name counts.
    #[must_use]
    pub fn find(&self, host: &str) -> Option<(&str, &str)> {
        let host = host.to_ascii_lowercase();
        let entry = self.entries.iter().find(|e| e.host.as_deref() == Some(host.as_str()))?;
        Some((&entry.login, &entry.password))
    }
}

/// The words of a file.
struct Words<'a> {
    rest: &'a str,
    line: usize,
}

impl Words<'_> {
    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at(bytes);
        self.line += gone.bytes().filter(|b| *b == b'\n').count();
        self.rest = rest;
    }

    fn next(&mut self) -> Result<Option<String>, NetrcError> {
        loop {
            let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.skip(blanks);
            if !self.rest.starts_with('#') {
                break;
            }
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.rest.starts_with('"') {
            return self.quoted().map(Some);
        }
        let end = self.rest.find([' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
        let word = self.rest[..end].to_owned();
        self.skip(end);
        Ok(Some(word))
    }

    /// A value; it may begin with `#`, and does not lie on the other side of the file's end.
    fn value(&mut self, line: usize, what: &'static str) -> Result<String, NetrcError> {
        let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.skip(blanks);
        if self.rest.starts_with('#') {
            let end = self.rest.find([' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
            let word = self.rest[..end].to_owned();
            self.skip(end);
            return Ok(word);
        }
        self.next()?.ok_or(NetrcError { line, what })
    }

    fn quoted(&mut self) -> Result<String, NetrcError> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        let line = self.line;
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.skip(at + 1);
                    return Ok(out);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, other)) => out.push(other),
                    None => break,
                },
                '\n' => break,
                _ => out.push(c),
            }
        }
        Err(NetrcError { line, what: "has a quote that is not closed" })
    }

    /// A macro ends with the first empty line.
    fn skip_macro(&mut self) {
        let mut end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        for line in self.rest[end..].split_inclusive('\n') {
            end += line.len();
            if line.trim_end_matches(['\r', '\n']).is_empty() {
                break;
            }
        }
        self.skip(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_by_host() {
        let text = "# mirrors\nmachine Mirror.example.com login a password #b\nmachine other.example.com\r\n\tlogin \"c d\"\r\n\tpassword \"e\\\"f\" account g\r\n\
            macdef init\nmachine macro.example.com login x password y\n\nmachine after.example.com login z\ndefault login d password e\n\
            machine mirror.example.com login second password second\n";
        let netrc = Netrc::parse(text).unwrap();
        for (host, found) in [
            ("mirror.example.com", Some(("a", "#b"))),
            ("MIRROR.example.com", Some(("a", "#b"))),
            ("other.example.com", Some(("c d", "e\"f"))),
            ("after.example.com", Some(("z", ""))),
            ("macro.example.com", None),
            ("unnamed.example.com", None),
            ("example.com", None),
            ("", None),
        ] {
            assert_eq!(netrc.find(host), found, "{host}");
        }
        assert_eq!(format!("{netrc:?}"), "Netrc of 5 entries");
    }

    #[test]
    fn mistakes_name_the_line_and_nothing_of_it() {
        for (text, said) in [
            ("\nlogin secret", "line 2 stands before the first machine"),
            ("machine", "line 1 has a machine without a name"),
            ("machine a\nlogin b\npassword", "line 3 has a keyword without a value"),
            ("machine a\nsecret", "line 2 has a word that is no keyword"),
            ("machine a password \"secret\n", "line 1 has a quote that is not closed"),
        ] {
            assert_eq!(Netrc::parse(text).map(|_| ()).map_err(|e| e.to_string()), Err(said.to_owned()), "{text}");
        }
        assert_eq!(Netrc::parse(""), Ok(Netrc::default()));
    }
}
