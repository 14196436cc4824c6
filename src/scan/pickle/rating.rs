//! What is known of a global by its exact name: three tables, searched in place.
//!
//! The most exact row wins: a condition on arguments, a use that is allowed, a danger by exact name, a danger of
//! the module or of one around it. What stands nowhere is unknown.

use super::renamed::renamed;
use super::special::{self, Special};

static ALLOWED: &str = include_str!("globals/allowed.tsv");
static DANGEROUS: &str = include_str!("globals/dangerous.tsv");
static CONDITIONS: &str = include_str!("globals/special.tsv");

/// What is done with a global, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// Named.
    Refer,
    /// State is given to what it made.
    Build,
    /// An instance is made by `__new__`.
    New,
    /// It is called.
    Call,
}

impl Use {
    const fn letter(self) -> u8 {
        match self {
            Self::Refer => b'r',
            Self::Build => b'b',
            Self::New => b'n',
            Self::Call => b'c',
        }
    }
}

/// How a global is rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rating {
    /// Known to be harmless for the uses whose letters are given, and for reference.
    Allowed(&'static str),
    /// Not known.
    Unknown,
    /// Known for harm: "it …".
    Dangerous(&'static str),
}

impl Rating {
    /// Whether a use of it is known to be harmless.
    pub(super) fn allows(self, wanted: Use) -> bool {
        match self {
            Self::Allowed(uses) => wanted == Use::Refer || uses.bytes().any(|letter| letter == wanted.letter()),
            Self::Unknown | Self::Dangerous(_) => false,
        }
    }
}

/// Rates a global, and says which condition its arguments are under.
///
/// Python 3 knows modules of Python 2 under new names where the protocol is below 3, Python 2 does not: the
/// graver of both readings counts.
pub(super) fn rate(module: &str, name: &str) -> (Rating, Option<Special>) {
    let (whole_module, whole_name) = (module.trim_end_matches('\r'), name.trim_end_matches('\r'));
    if (whole_module, whole_name) != (module, name) {
        // Lines of Windows: some readers take the end for a part of the name, some do not.
        return match rate(whole_module, whole_name) {
            (dangerous @ Rating::Dangerous(_), _) => (dangerous, None),
            _ => (Rating::Unknown, None),
        };
    }
    let (new_module, new_name) = renamed(module, name);
    if (new_module, new_name) == (module, name) {
        return one(module, name);
    }
    let (old, new) = (one(module, name), one(new_module, new_name));
    match (old.0, new.0) {
        (Rating::Dangerous(_), _) => old,
        (_, Rating::Dangerous(_) | Rating::Allowed(_)) => new,
        _ => old,
    }
}

fn one(module: &str, name: &str) -> (Rating, Option<Special>) {
    if row(CONDITIONS, module, name).is_some() {
        let condition = special::condition(module, name);
        let uses = row(ALLOWED, module, name).map(|rest| rest.split('\t').next().unwrap_or_default());
        return match (uses, condition) {
            (Some(uses), condition) => (Rating::Allowed(uses), condition),
            // The condition alone decides, and is known.
            (None, Some(condition)) => (Rating::Allowed("ncb"), Some(condition)),
            (None, None) => (dangerous(module, name), None),
        };
    }
    if let Some(rest) = row(ALLOWED, module, name) {
        // What Cython makes for each class: the first argument is the class that is made.
        let condition = name.starts_with("__pyx_unpickle_").then_some(Special::Classes(1));
        return (Rating::Allowed(rest.split('\t').next().unwrap_or_default()), condition);
    }
    (dangerous(module, name), None)
}

fn dangerous(module: &str, name: &str) -> Rating {
    let sentence = |rest: &'static str| Rating::Dangerous(rest.split('\t').nth(1).unwrap_or("is known for harm"));
    if let Some(rest) = row(DANGEROUS, module, name) {
        return sentence(rest);
    }
    if let Some(rest) = around(module).filter(|_| !is_usual(module)) {
        return sentence(rest);
    }
    // `a.b` of a module is reached through its attribute `a`, which may be another module.
    let parts: Vec<&str> = name.split('.').take(16).collect();
    if parts.len() > 1 {
        let mut inner = module.to_owned();
        for (at, part) in parts.iter().enumerate() {
            if let Some(rest) = row(DANGEROUS, &inner, part) {
                return sentence(rest);
            }
            let next = parts.get(at + 1);
            if let Some(rest) = next.and_then(|next| row(DANGEROUS, part, next)).or_else(|| around(part)) {
                return sentence(rest);
            }
            inner.push('.');
            inner.push_str(part);
            if let Some(rest) = around(&inner) {
                return sentence(rest);
            }
        }
        if parts.iter().any(|part| part.starts_with("__") && part.ends_with("__")) {
            return Rating::Dangerous("reaches what lies behind an object by its inner attributes");
        }
    }
    Rating::Unknown
}

/// Whether a module of the standard library has a name that people give to their own: only its exact names count.
fn is_usual(module: &str) -> bool {
    matches!(module, "test" | "code" | "parser" | "new" | "trace" | "profile")
}

/// The row for every name of a module, or of one around it.
fn around(module: &str) -> Option<&'static str> {
    /// Bytes of a module that stands in a table.
    const LONGEST: usize = 256;
    let mut module = module;
    while module.len() > LONGEST {
        let from = module.floor_char_boundary(LONGEST + 1);
        module = &module[..from];
        module = module.rsplit_once('.')?.0;
    }
    loop {
        if let Some(rest) = row(DANGEROUS, module, "*") {
            return Some(rest);
        }
        module = module.rsplit_once('.')?.0;
    }
}

/// What stands behind module and name in a table: sorted lines of `module TAB name TAB …`, remarks first.
fn row(table: &'static str, module: &str, name: &str) -> Option<&'static str> {
    let bytes = table.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    // Lines that begin before `low` are smaller, lines that begin at or after `high` are not.
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end = bytes[middle..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| middle + at);
        let line = &table[start..end];
        let mut fields = line.splitn(3, '\t');
        let key = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let order = if line.starts_with('#') { std::cmp::Ordering::Less } else { key.cmp(&(module, name)) };
        match order {
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Equal => return Some(fields.next().unwrap_or_default()),
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_every_row_is_found() {
        for table in [ALLOWED, DANGEROUS, CONDITIONS] {
            let rows: Vec<&str> = table.lines().skip_while(|line| line.starts_with('#')).collect();
            for pair in rows.windows(2) {
                let key = |line: &'static str| line.split('\t').take(2).collect::<Vec<_>>();
                assert!(key(pair[0]) < key(pair[1]), "{:?}", pair[1]);
            }
            for line in rows.iter().step_by(7).chain(rows.last()) {
                let fields: Vec<&str> = line.splitn(3, '\t').collect();
                assert_eq!(row(table, fields[0], fields[1]), Some(fields[2]));
            }
            assert_eq!(row(table, "zzz", "zzz"), None);
            assert_eq!(row(table, "", ""), None);
        }
    }

    #[test]
    fn the_most_exact_row_wins() {
        let is_dangerous = |module, name| matches!(rate(module, name).0, Rating::Dangerous(_));
        for (module, name) in [
            ("os", "system"),
            ("posix", "system"),
            ("os.path", "anything"),
            ("__builtin__", "eval"),
            ("builtins", "exec"),
            ("commands", "getoutput"),
            ("torch", "os.system"),
            ("collections", "OrderedDict.__init__.__globals__"),
            ("subprocess", "Popen.anything"),
        ] {
            assert!(is_dangerous(module, name), "{module}.{name}");
        }
        assert_eq!(rate("some.module", "Thing").0, Rating::Unknown);
        assert_eq!(rate("collections", "OrderedDict.fromkeys").0, Rating::Unknown);
        let (ordered, _) = rate("collections", "OrderedDict");
        assert!(ordered.allows(Use::Call) && ordered.allows(Use::Refer));
        assert!(rate("__builtin__", "set").0.allows(Use::Call));
        assert!(rate("copy_reg", "_reconstructor").1.is_some());
    }
}
