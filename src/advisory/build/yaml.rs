//! YAML of OSV records as JSON values. Every scalar stays text: `1.10` is a version, not a number.

use granit_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Deepest nesting; OSV needs about ten.
const DEPTH: usize = 64;
/// Most nodes in one record; the largest real ones list a few thousand versions.
const NODES: usize = 500_000;

/// Reads one document.
///
/// # Errors
/// What is wrong, in words. Aliases are refused: no feed uses them, and they can multiply.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut parser = Parser::new_from_str(text);
    let mut stack: Vec<Open> = Vec::new();
    let mut nodes = 0_usize;
    let mut root = None;
    while let Some(event) = parser.next_event() {
        let (event, _) = event.map_err(|e| format!("not YAML: {e}"))?;
        let value = match event {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let open = if matches!(event, Event::SequenceStart(..)) {
                    Open::List(Vec::new())
                } else {
                    Open::Map(Map::new(), None)
                };
                stack.push(open);
                if stack.len() > DEPTH {
                    return Err("nested too deep".to_owned());
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Map(map, None)) => Value::Object(map),
                _ => return Err("not YAML: unbalanced".to_owned()),
            },
            Event::Alias(_) | Event::UnresolvedAlias(_) => return Err("uses an alias".to_owned()),
            _ => continue,
        };
        nodes += 1;
        if nodes > NODES {
            return Err("too many values".to_owned());
        }
        match stack.last_mut() {
            None if root.is_none() => root = Some(value),
            None => return Err("more than one document".to_owned()),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match (key.take(), value) {
                (Some(k), value) => {
                    if map.insert(k, value).is_some() {
                        return Err("a key is given twice".to_owned());
                    }
                }
                (None, Value::String(k)) => *key = Some(k),
                (None, _) => return Err("a key is not text".to_owned()),
            },
        }
    }
    root.ok_or_else(|| "empty".to_owned())
}

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_stay_text() {
        let got = parse("a:\n- 1.10\n- \"x\"\nb: {c: 2026-01-01}\n").unwrap();
        assert_eq!(got, json!({"a": ["1.10", "x"], "b": {"c": "2026-01-01"}}));
    }

    #[test]
    fn hostile_input_is_refused() {
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse("a: &x 1\nb: *x\n").is_err());
        assert!(parse("a: 1\na: 2\n").is_err());
        assert!(parse("").is_err());
    }
}
