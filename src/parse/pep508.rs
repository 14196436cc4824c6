//! Requirements as PEP 508 writes them, in one pass. Source: PEP 508 and `packaging`'s tokenizer,
//! which is what pip goes by.
//!
//! Written here since the crate for it takes time and memory that double with each level of a
//! marker. Versions are told apart from what follows, not judged: PEP 440 is another reader's work.

pub mod address;

use std::ops::Range;

use super::marker;

/// Where the parts of a requirement stand in its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The distribution's name.
    pub name: Range<usize>,
    /// Its extras, in order, without brackets and commas.
    pub extras: Vec<Range<usize>>,
    /// All version specifiers, commas included, without parentheses and outer blanks; none where
    /// there is not one.
    pub specifiers: Option<Range<usize>>,
    /// What follows `@`.
    pub url: Option<Range<usize>>,
    /// What follows `;`, without outer blanks.
    pub marker: Option<Range<usize>>,
}

/// Why a text is no requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The byte where reading stopped.
    pub at: usize,
    /// Why, in half a sentence.
    pub message: String,
}

impl Wrong {
    /// A fault at a byte.
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Reads a requirement: `name[extra]>=1,<2 ; marker` or `name @ address ; marker`.
///
/// A name may hold letters that are not ASCII: no index has such a name, and who looks for tricks wants to
/// see it.
///
/// # Errors
/// Where `packaging` would refuse it too, except that versions and letters of names are not judged.
pub fn parse(text: &str) -> Result<Parsed, Wrong> {
    let mut reader = Reader { text, at: 0 };
    reader.blanks();
    let mut out = Parsed { name: reader.own_name()?, ..Parsed::default() };
    reader.blanks();
    if reader.take(b'[') {
        out.extras = reader.extras()?;
        reader.blanks();
    }
    match reader.peek() {
        Some(b'@') => {
            reader.at += 1;
            reader.blanks();
            let url = reader.while_true(|byte| !is_blank(byte));
            if url.is_empty() {
                return Err(Wrong::new(reader.at, "expected an address after `@`"));
            }
            out.url = Some(url);
        }
        Some(b'(') => {
            let open = reader.at;
            reader.at += 1;
            out.specifiers = reader.specifiers()?;
            if !reader.take(b')') {
                return Err(Wrong::new(open, "the parenthesis is not closed"));
            }
        }
        _ => out.specifiers = reader.specifiers()?,
    }
    reader.blanks();
    if reader.take(b';') {
        reader.blanks();
        let from = reader.at;
        let marker = text.get(from..).unwrap_or("").trim_end_matches(is_blank_char);
        marker::parse(marker).map_err(|wrong| Wrong::new(from + wrong.at, wrong.message))?;
        out.marker = Some(from..from + marker.len());
    } else if let Some(byte) = reader.peek() {
        let message = match byte {
            b'=' => "`=` compares nothing; PEP 440 writes `==`",
            _ if out.url.is_some() => "expected `;` after the address",
            _ => "expected a version specifier, `@` or `;`",
        };
        return Err(Wrong::new(reader.at, message));
    }
    Ok(out)
}

/// Whether a text is a distribution's name: letters, digits and `.`, `_`, `-` between them.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.bytes().all(is_name_byte) && ends(text.chars().next()) && ends(text.chars().next_back())
}

/// A name in the one spelling that PEP 503 compares: lower case, one `-` for each run of `-`, `_`, `.`.
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if matches!(letter, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(letter.to_ascii_lowercase());
        }
    }
    out
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0c)
}

fn is_blank_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_blank)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over bytes and says which. Bytes above ASCII are taken or left whole, since no
    /// condition here tells them apart.
    fn while_true(&mut self, mut condition: impl FnMut(u8) -> bool) -> Range<usize> {
        let start = self.at;
        while self.peek().is_some_and(&mut condition) {
            self.at += 1;
        }
        start..self.at
    }

    fn blanks(&mut self) {
        self.while_true(is_blank);
    }

    fn name(&mut self, what: &str) -> Result<Range<usize>, Wrong> {
        let found = self.while_true(is_name_byte);
        if is_name(self.text.get(found.clone()).unwrap_or("")) && !found.is_empty() {
            return Ok(found);
        }
        Err(Wrong::new(found.start, format!("expected {what}")))
    }

    /// The requirement's own name, which may hold letters of any script and what cannot be seen.
    fn own_name(&mut self) -> Result<Range<usize>, Wrong> {
        let start = self.at;
        let found = self.while_true(|byte| is_name_byte(byte) || byte >= 0x80);
        let text = self.text.get(found.clone()).unwrap_or("");
        let is_letter = |c: char| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace();
        if !text.is_ascii() && text.starts_with(is_letter) && text.ends_with(is_letter) {
            return Ok(found);
        }
        self.at = start;
        self.name("a name")
    }

    /// After `[`.
    fn extras(&mut self) -> Result<Vec<Range<usize>>, Wrong> {
        let mut out = Vec::new();
        self.blanks();
        while !self.take(b']') {
            if !out.is_empty() {
                if !self.take(b',') {
                    return Err(Wrong::new(self.at, "expected `,` or `]` after an extra"));
                }
                self.blanks();
            }
            out.push(self.name("an extra")?);
            self.blanks();
        }
        Ok(out)
    }

    /// Specifiers with commas between them, and one after the last as pip allows; blanks after them are passed.
    fn specifiers(&mut self) -> Result<Option<Range<usize>>, Wrong> {
        self.blanks();
        let (start, mut end) = (self.at, self.at);
        while self.specifier()? {
            end = self.at;
            self.blanks();
            if !self.take(b',') {
                break;
            }
            end = self.at;
            self.blanks();
        }
        Ok((end > start).then_some(start..end))
    }

    /// One operator with its version; false where none starts.
    fn specifier(&mut self) -> Result<bool, Wrong> {
        const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
        let rest = self.text.get(self.at..).unwrap_or("");
        let Some(operator) = OPERATORS.iter().find(|o| rest.starts_with(**o)) else { return Ok(false) };
        self.at += operator.len();
        self.blanks();
        let version = if *operator == "===" {
            self.while_true(|byte| !is_blank(byte) && !matches!(byte, b';' | b')' | b','))
        } else {
            self.while_true(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'!' | b'*')
            })
        };
        if version.is_empty() {
            return Err(Wrong::new(self.at, format!("expected a version after `{operator}`")));
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, extras, specifiers, address, marker.
    fn parts(text: &str) -> String {
        match parse(text) {
            Err(wrong) => format!("{}: {}", wrong.at, wrong.message),
            Ok(parsed) => {
                let extras: Vec<&str> = parsed.extras.iter().map(|e| &text[e.clone()]).collect();
                let part = |range: Option<Range<usize>>| range.map_or("-".to_owned(), |r| text[r].to_owned());
                format!(
                    "{}|{}|{}|{}|{}",
                    &text[parsed.name],
                    extras.join("+"),
                    part(parsed.specifiers),
                    part(parsed.url),
                    part(parsed.marker)
                )
            }
        }
    }

    #[test]
    fn requirements_fall_into_their_parts() {
        for (text, wanted) in [
            ("torch", "torch||-|-|-"),
            ("t\u{43e}rch>=2", "t\u{43e}rch||>=2|-|-"),
            ("  torch  ", "torch||-|-|-"),
            ("torch==2.1.0+cu118", "torch||==2.1.0+cu118|-|-"),
            ("torch == 2.*", "torch||== 2.*|-|-"),
            ("torch===2.1-Custom", "torch||===2.1-Custom|-|-"),
            ("torch>=1.13,<3", "torch||>=1.13,<3|-|-"),
            ("torch >= 1.13 , < 3 ,", "torch||>= 1.13 , < 3 ,|-|-"),
            ("torch (>=1.13, <3)", "torch||>=1.13, <3|-|-"),
            ("torch()", "torch||-|-|-"),
            ("torch~=1!2.0", "torch||~=1!2.0|-|-"),
            ("a.b_c-d[x, y_z]!=1", "a.b_c-d|x+y_z|!=1|-|-"),
            ("a[]", "a||-|-|-"),
            ("a [x] >=1;os_name=='nt'", "a|x|>=1|-|os_name=='nt'"),
            ("a; python_version < '3.9' ", "a||-|-|python_version < '3.9'"),
            ("a @ https://example.com/a.whl#sha256=00", "a||-|https://example.com/a.whl#sha256=00|-"),
            ("a@git+https://example.com/a@v1 ; extra == 'x'", "a||-|git+https://example.com/a@v1|extra == 'x'"),
            ("a[x]@ file:///a;b", "a|x|-|file:///a;b|-"),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_pip_refuses_is_refused_at_its_place() {
        for (text, wanted) in [
            ("", "0: expected a name"),
            ("-a", "0: expected a name"),
            ("a-", "0: expected a name"),
            ("a=1", "1: `=` compares nothing; PEP 440 writes `==`"),
            ("a 1.0", "2: expected a version specifier, `@` or `;`"),
            ("a>=1 <2", "5: expected a version specifier, `@` or `;`"),
            ("a==", "3: expected a version after `==`"),
            ("a>=,<2", "3: expected a version after `>=`"),
            ("a[x", "3: expected `,` or `]` after an extra"),
            ("a[x,]", "4: expected an extra"),
            ("a (>=1", "2: the parenthesis is not closed"),
            ("a @ ", "4: expected an address after `@`"),
            ("a @ https://example.com b", "24: expected `;` after the address"),
            ("a;", "2: expected a name of the environment or a quoted text"),
            ("a>=1; b", "6: `b` is no name of the environment"),
            ("\u{e9}", "0: expected a name"),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
    }
}
