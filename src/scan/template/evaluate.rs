//! What expressions of templates come to, as far as it can be told without running them.

/// Bytes of a text that are worked out.
const LONGEST: usize = 4096;
/// Items of a list that are worked out.
const MOST: usize = 256;
/// Stands in a text for what is not known.
pub(super) const HOLE: char = '\u{fffc}';

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A text, in which [`HOLE`] stands for parts that are not known.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A list or tuple.
    List(Vec<Value>),
    /// An object that nobody needs the attributes of.
    Road(String),
    /// What a filter makes that yields one item after the other: its text names an address and a function.
    Lazy,
    /// Anything.
    Unknown,
}

impl Value {
    /// As text.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            _ => HOLE.to_string(),
        }
    }

    fn limited(text: String) -> Self {
        if text.len() > LONGEST { Self::Unknown } else { Self::Text(text) }
    }

    /// Its items, a text's characters.
    fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Text(text) => {
                Some(text.chars().take(MOST).map(|character| Self::Text(character.to_string())).collect())
            }
            _ => None,
        }
    }
}

/// Two values with an operator between them.
pub(super) fn binary(sign: &str, left: &Value, right: &Value) -> Value {
    match (sign, left, right) {
        ("~", Value::Unknown, Value::Unknown) => Value::Unknown,
        ("~", _, _) => Value::limited(left.text() + &right.text()),
        ("+", Value::Text(_), _) | ("+", _, Value::Text(_)) => Value::limited(left.text() + &right.text()),
        ("+", Value::List(a), Value::List(b)) if a.len() + b.len() <= MOST => {
            Value::List(a.iter().chain(b).cloned().collect())
        }
        ("%", Value::Text(format), _) => {
            let arguments = if let Value::List(items) = right { items.clone() } else { vec![right.clone()] };
            percent(format, &arguments)
        }
        ("*", Value::Text(text), Value::Integer(times)) | ("*", Value::Integer(times), Value::Text(text)) => {
            let times = usize::try_from(*times).unwrap_or(0);
            if text.len().saturating_mul(times) > LONGEST { Value::Unknown } else { Value::Text(text.repeat(times)) }
        }
        (_, Value::Integer(a), Value::Integer(b)) => {
            let number = match sign {
                "+" => a.checked_add(*b),
                "-" => a.checked_sub(*b),
                "*" => a.checked_mul(*b),
                "//" => a.checked_div_euclid(*b),
                "%" => a.checked_rem_euclid(*b),
                "**" => u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)).or(Some(i128::MAX)),
                _ => None,
            };
            number.map_or(Value::Unknown, Value::Integer)
        }
        _ => Value::Unknown,
    }
}

/// Formatting with `%`.
fn percent(format: &str, arguments: &[Value]) -> Value {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let mut conversion = characters.next();
        while conversion.is_some_and(|c| c.is_ascii_digit() || "-+# .".contains(c)) {
            conversion = characters.next();
        }
        match conversion {
            Some('%') => out.push('%'),
            Some('c') => out.push_str(&as_character(arguments.next())),
            _ => out.push_str(&arguments.next().map_or_else(|| HOLE.to_string(), Value::text)),
        }
    }
    Value::limited(out)
}

fn as_character(value: Option<&Value>) -> String {
    match value {
        Some(Value::Integer(number)) => {
            u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or(HOLE).to_string()
        }
        Some(value) => value.text(),
        None => HOLE.to_string(),
    }
}

/// Formatting with `{}`.
fn braces(format: &str, arguments: &[Value]) -> Value {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((field, after)) = after.split_once('}') else { return Value::Unknown };
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let index = name.parse().unwrap_or(next);
        next += 1;
        let value = arguments.get(index);
        out.push_str(&if spec == "c" {
            as_character(value)
        } else {
            value.map_or_else(|| HOLE.to_string(), Value::text)
        });
        rest = after;
    }
    Value::limited(out + rest)
}

/// A filter or method that makes texts of texts; none where it is another.
pub(super) fn made(name: &str, input: &Value, arguments: &[Value], is_method: bool) -> Option<Value> {
    let argument = |at: usize| arguments.get(at);
    Some(match (name, input) {
        ("join", _) if is_method => {
            let separator = input.text();
            join(&argument(0)?.items()?, &separator)
        }
        ("join", _) => join(&input.items()?, &argument(0).map_or_else(String::new, Value::text)),
        ("reverse", Value::Text(text)) => Value::Text(text.chars().rev().collect()),
        ("reverse", Value::List(items)) => Value::List(items.iter().rev().cloned().collect()),
        ("list" | "string", _) if name == "list" => Value::List(input.items()?),
        ("string" | "trim" | "strip" | "safe" | "escape" | "e" | "lstrip" | "rstrip", Value::Text(text)) => {
            Value::Text(text.trim().to_owned())
        }
        ("lower", Value::Text(text)) => Value::Text(text.to_lowercase()),
        ("upper", Value::Text(text)) => Value::Text(text.to_uppercase()),
        ("replace", Value::Text(text)) => {
            let (Some(Value::Text(old)), Some(new)) = (argument(0), argument(1)) else { return None };
            Value::limited(if old.is_empty() { text.clone() } else { text.replace(old.as_str(), &new.text()) })
        }
        ("format", Value::Text(text)) if is_method => braces(text, arguments),
        ("format", Value::Text(text)) => percent(text, arguments),
        ("removeprefix", Value::Text(text)) => {
            Value::Text(text.strip_prefix(argument(0)?.text().as_str()).unwrap_or(text).to_owned())
        }
        ("split", Value::Text(text)) => {
            let parts = match argument(0) {
                Some(Value::Text(by)) if !by.is_empty() => text.split(by.as_str()).take(MOST).collect::<Vec<_>>(),
                _ => text.split_whitespace().take(MOST).collect(),
            };
            Value::List(parts.into_iter().map(|part| Value::Text(part.to_owned())).collect())
        }
        ("first", _) => input.items()?.first()?.clone(),
        ("last", _) => input.items()?.last()?.clone(),
        _ => return None,
    })
}

fn join(items: &[Value], separator: &str) -> Value {
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    Value::limited(texts.join(separator))
}

/// An item of a value.
pub(super) fn item(value: &Value, index: &Value) -> Value {
    let (Some(items), Value::Integer(index)) = (value.items(), index) else { return Value::Unknown };
    let length = i128::try_from(items.len()).unwrap_or(0);
    let index = if *index < 0 { index.saturating_add(length) } else { *index };
    usize::try_from(index).ok().and_then(|index| items.get(index).cloned()).unwrap_or(Value::Unknown)
}

/// A slice of a value: start, stop, step.
pub(super) fn slice(value: &Value, bounds: &[Option<Value>; 3]) -> Value {
    let Some(items) = value.items() else { return Value::Unknown };
    let length = i128::try_from(items.len()).unwrap_or(0);
    let number = |at: usize| match &bounds[at] {
        None => Some(None),
        Some(Value::Integer(number)) => Some(Some(*number)),
        Some(_) => None,
    };
    let (Some(start), Some(stop), Some(step)) = (number(0), number(1), number(2)) else { return Value::Unknown };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Value::Unknown;
    }
    let place = |number: i128| (if number < 0 { number.saturating_add(length) } else { number }).clamp(-1, length);
    let (mut at, stop) = if step > 0 {
        (start.map_or(0, |start| place(start).max(0)), stop.map_or(length, |stop| place(stop).max(0)))
    } else {
        (start.map_or(length - 1, |start| place(start).min(length - 1)), stop.map_or(-1, place))
    };
    let mut out = Vec::new();
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        out.extend(usize::try_from(at).ok().and_then(|at| items.get(at).cloned()));
        at = at.saturating_add(step);
    }
    if matches!(value, Value::Text(_)) { join(&out, "") } else { Value::List(out) }
}
