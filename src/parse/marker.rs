//! Environment markers: `python_version < "3.11" and sys_platform == "linux"`. Source: PEP 508 and
//! `packaging`'s grammar.
//!
//! They are read once, with a bound on parentheses, and judged with three answers: true, false, and
//! cannot tell, since neither the machine nor the extras are known to who only reads files.

use super::pep508::{Wrong, normalise};

/// Parentheses inside each other at most.
const DEPTH: usize = 32;

/// A marker, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// One of them.
    Any(Vec<Marker>),
    /// All of them.
    All(Vec<Marker>),
    /// A comparison.
    Test {
        /// What stands before the operator.
        left: Operand,
        /// `==`, `in`, `not in` and so on.
        operator: Operator,
        /// What stands after it.
        right: Operand,
    },
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A name of the environment, in today's spelling: `sys_platform`.
    Name(&'static str),
    /// A quoted text.
    Text(String),
}

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==` and `===`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `~=`.
    Compatible,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}

/// Names of the environment as they are written, and as they are called today.
const NAMES: &[(&str, &str)] = &[
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
    ("extras", "extras"),
    ("dependency_groups", "dependency_groups"),
];

/// A system that packages are installed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    Darwin,
    /// Windows.
    Windows,
}

/// Where something would be installed: CPython of a minor version on a system. What is not said
/// here (the release of the system, the patch of Python) is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `12` for Python 3.12.
    pub minor: u32,
    /// The system.
    pub platform: Platform,
    /// The machine as `platform_machine` has it; none where that is not known.
    pub machine: Option<&'static str>,
    /// Extras that are asked for; none where that is not known.
    pub extras: Option<Vec<String>>,
}

impl Environment {
    /// CPython 3.9 to 3.14 on the systems and machines that most wheels are made for, extras not known.
    pub fn common() -> impl Iterator<Item = Self> {
        let platforms = [
            (Platform::Linux, "x86_64"),
            (Platform::Linux, "aarch64"),
            (Platform::Darwin, "arm64"),
            (Platform::Darwin, "x86_64"),
            (Platform::Windows, "AMD64"),
        ];
        (9..=14).flat_map(move |minor| {
            platforms.map(|(platform, machine)| Self { minor, platform, machine: Some(machine), extras: None })
        })
    }

    /// A value that is one text; none where it is not known or more than a text.
    fn value(&self, name: &str) -> Option<&'static str> {
        use Platform::{Darwin, Linux, Windows};
        Some(match (name, self.platform) {
            ("os_name", Windows) => "nt",
            ("os_name", _) => "posix",
            ("sys_platform", Linux) => "linux",
            ("sys_platform", Darwin) => "darwin",
            ("sys_platform", Windows) => "win32",
            ("platform_system", Linux) => "Linux",
            ("platform_system", Darwin) => "Darwin",
            ("platform_system", Windows) => "Windows",
            ("platform_machine", _) => return self.machine,
            ("implementation_name", _) => "cpython",
            ("platform_python_implementation", _) => "CPython",
            _ => return None,
        })
    }
}

/// Whether a marker holds in an environment; none where that cannot be told, or the text is no marker.
#[must_use]
pub fn marker_allows(text: &str, environment: &Environment) -> Option<bool> {
    parse(text).ok()?.holds(environment)
}

/// Whether a marker holds in one of the common environments; none where none is known to and some may.
#[must_use]
pub fn marker_allows_somewhere(text: &str) -> Option<bool> {
    let marker = parse(text).ok()?;
    any(Environment::common().map(|environment| marker.holds(&environment)))
}

impl Marker {
    /// Whether it holds; none where that cannot be told.
    #[must_use]
    pub fn holds(&self, environment: &Environment) -> Option<bool> {
        match self {
            Self::Any(parts) => any(parts.iter().map(|part| part.holds(environment))),
            Self::All(parts) => {
                any(parts.iter().map(|part| part.holds(environment).map(|found| !found))).map(|found| !found)
            }
            Self::Test { left: Operand::Name(name), operator, right: Operand::Text(text) } => {
                test(name, *operator, text, false, environment)
            }
            Self::Test { left: Operand::Text(text), operator, right: Operand::Name(name) } => {
                test(name, *operator, text, true, environment)
            }
            Self::Test { .. } => None,
        }
    }
}

/// True as soon as one is, false where all are, else not known.
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

fn test(name: &str, operator: Operator, text: &str, is_turned: bool, environment: &Environment) -> Option<bool> {
    match name {
        "python_version" => python(&[3, environment.minor], operator, text, is_turned),
        "python_full_version" | "implementation_version" => {
            // The patch is not known: the answer stands if the first and a late one give the same, and
            // no patch in between is singled out.
            let singled_out = matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn)
                && release(text.trim()).is_none_or(|parts| parts.len() > 2 && parts.get(1) == Some(&environment.minor));
            let first = python(&[3, environment.minor, 0], operator, text, is_turned)?;
            let late = python(&[3, environment.minor, 99], operator, text, is_turned)?;
            (first == late && !singled_out).then_some(first)
        }
        "extra" => {
            let asked = environment.extras.as_ref()?.iter().any(|extra| normalise(extra) == normalise(text));
            match operator {
                Operator::Equal => Some(asked),
                Operator::NotEqual => Some(!asked),
                _ => None,
            }
        }
        _ => {
            let value = environment.value(name)?;
            let (left, right) = if is_turned { (text, value) } else { (value, text) };
            match operator {
                Operator::Equal => Some(left == right),
                Operator::NotEqual => Some(left != right),
                Operator::In => Some(right.contains(left)),
                Operator::NotIn => Some(!right.contains(left)),
                _ => None,
            }
        }
    }
}

/// Compares a version of Python. Anything but plain numbers cannot be told.
fn python(version: &[u32], operator: Operator, text: &str, is_turned: bool) -> Option<bool> {
    use std::cmp::Ordering;
    let text = text.trim();
    if matches!(operator, Operator::In | Operator::NotIn) {
        let written = version.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        let holds = if is_turned { written.contains(text) } else { text.contains(&written) };
        return Some(holds == (operator == Operator::In));
    }
    if let Some(prefix) = text.strip_suffix(".*") {
        let prefix = release(prefix)?;
        let holds = version.iter().copied().chain(std::iter::repeat(0)).take(prefix.len()).eq(prefix.iter().copied());
        return match operator {
            Operator::Equal => Some(holds),
            Operator::NotEqual => Some(!holds),
            _ => None,
        };
    }
    let bound = release(text)?;
    let padded = |parts: &[u32]| parts.iter().copied().chain(std::iter::repeat(0)).take(8).collect::<Vec<_>>();
    let mut order = padded(version).cmp(&padded(&bound));
    if is_turned {
        order = order.reverse();
    }
    Some(match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterOrEqual => order != Ordering::Less,
        Operator::Compatible if is_turned || bound.len() < 2 => return None,
        Operator::Compatible => order != Ordering::Less && version.starts_with(bound.get(..bound.len() - 1)?),
        Operator::In | Operator::NotIn => return None,
    })
}

/// `3.11.2` as numbers; at most eight of them.
fn release(text: &str) -> Option<Vec<u32>> {
    let parts: Option<Vec<u32>> = text.split('.').take(9).map(|part| part.parse().ok()).collect();
    parts.filter(|parts| parts.len() <= 8)
}

/// Reads a marker.
///
/// # Errors
/// Where it is none, or parentheses nest more than 32 deep.
pub fn parse(text: &str) -> Result<Marker, Wrong> {
    let mut reader = Reader { text, at: 0 };
    let marker = reader.any(0)?;
    match reader.peek() {
        None => Ok(marker),
        Some(_) => Err(Wrong::new(reader.at, "expected `and` or `or`")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    /// The next byte after blanks.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// A word that stands for itself.
    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or("");
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
        let found = rest.strip_prefix(word).is_some_and(ends);
        if found {
            self.at += word.len();
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<Marker, Wrong> {
        let first = self.all(depth)?;
        let mut parts = vec![first];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Marker::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Marker, Wrong> {
        let mut parts = vec![self.one(depth)?];
        while self.word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(one_or(parts, Marker::All))
    }

    fn one(&mut self, depth: usize) -> Result<Marker, Wrong> {
        if self.peek() == Some(b'(') {
            let open = self.at;
            if depth >= DEPTH {
                return Err(Wrong::new(open, "parentheses are nested too deeply"));
            }
            self.at += 1;
            let inner = self.any(depth + 1)?;
            if self.peek() != Some(b')') {
                return Err(Wrong::new(open, "the parenthesis is not closed"));
            }
            self.at += 1;
            return Ok(inner);
        }
        let left = self.operand()?;
        let operator = self.operator()?;
        let right = self.operand()?;
        Ok(Marker::Test { left, operator, right })
    }

    fn operand(&mut self) -> Result<Operand, Wrong> {
        let first = self.peek();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        if let Some(quote) = first.filter(|byte| matches!(byte, b'"' | b'\'')) {
            let inner = rest.get(1..).unwrap_or("");
            let Some(length) = inner.find(quote as char) else {
                return Err(Wrong::new(start, "the quote is not closed"));
            };
            self.at += length + 2;
            return Ok(Operand::Text(inner.get(..length).unwrap_or("").to_owned()));
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len());
        let written = rest.get(..length).unwrap_or("");
        if written.is_empty() {
            return Err(Wrong::new(start, "expected a name of the environment or a quoted text"));
        }
        let Some((_, name)) = NAMES.iter().find(|(name, _)| *name == written) else {
            let shown: String = written.chars().take(40).collect();
            return Err(Wrong::new(start, format!("`{shown}` is no name of the environment")));
        };
        self.at += length;
        Ok(Operand::Name(name))
    }

    fn operator(&mut self) -> Result<Operator, Wrong> {
        const SIGNS: &[(&str, Operator)] = &[
            ("===", Operator::Equal),
            ("==", Operator::Equal),
            ("~=", Operator::Compatible),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        self.peek();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        if let Some((sign, operator)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            self.at += sign.len();
            return Ok(*operator);
        }
        if self.word("in") {
            return Ok(Operator::In);
        }
        if self.word("not") && self.word("in") {
            return Ok(Operator::NotIn);
        }
        Err(Wrong::new(start, "expected a comparison"))
    }
}

/// The only one, or all of them together.
fn one_or(mut parts: Vec<Marker>, many: fn(Vec<Marker>) -> Marker) -> Marker {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            many(parts)
        }
        (None, _) => many(parts),
    }
}

#[cfg(test)]
mod tests;
