use super::*;

fn read(text: &str, dialect: Dialect) -> Result<String, Fault> {
    let bytes = text.as_bytes().to_vec();
    let mut reader = Reader::new(&bytes, dialect, 1000);
    let mut out = String::new();
    loop {
        match reader.next_event()? {
            Event::Object => out.push('{'),
            Event::EndObject => out.push('}'),
            Event::Array => out.push('['),
            Event::EndArray => out.push(']'),
            Event::Key => out += &format!("{}:", reader.text()),
            Event::Text => out += &format!("'{}' ", reader.text()),
            Event::Number => out += &format!("{} ", reader.text()),
            Event::Bool(value) => out += &format!("{value} "),
            Event::Null => out += "null ",
            Event::End => return Ok(out),
        }
    }
}

#[test]
fn events_come_in_order() {
    for (text, expected) in [
        (r#"{"a": [1, -2.5e3, "x"], "b": {}}"#, "{a:[1 -2.5e3 'x' ]b:{}}"),
        (r#"["\u0041\n\ud83d\ude00", true, false, null]"#, "['A\n\u{1f600}' true false null ]"),
        ("  []  ", "[]"),
    ] {
        assert_eq!(read(text, Dialect::Strict).as_deref(), Ok(expected), "{text}");
    }
    for (text, expected) in [
        ("\u{feff}{\"a\": NaN,} // end\n[1,]", "{a:NaN }[1 ]"),
        ("/* c */ {\"a\": -Infinity}", "{a:Infinity }"),
        (r#""\ud83d\ud83d\ude00\ud83dx""#, "'\u{fffd}\u{1f600}\u{fffd}x' "),
    ] {
        assert_eq!(read(text, Dialect::Lenient).as_deref(), Ok(expected), "{text}");
        assert!(read(text, Dialect::Strict).is_err() || text.starts_with('"'), "{text}");
    }
}

#[test]
fn what_is_no_json_is_told() {
    for (text, at) in [
        ("{a:1}", 1),
        ("{\"a\" 1}", 5),
        ("{\"a\":1 \"b\":2}", 7),
        ("[1,]", 3),
        ("[01]", 3),
        ("[1.]", 3),
        ("[\"\t\"]", 2),
        ("[tru3]", 4),
        ("[\"\\x\"]", 4),
        ("[}", 1),
        ("{]", 1),
    ] {
        let got = read(text, Dialect::Strict);
        assert!(matches!(got, Err(Fault::Broken { offset, .. }) if offset == at), "{text}: {got:?}");
    }
    for text in ["{", "{\"a", "{\"a\":", "[1", "[\"\\u12", "[tr", "{\"a\""] {
        assert_eq!(read(text, Dialect::Strict), Err(Fault::CutShort), "{text}");
    }
    assert!(matches!(read(&"[".repeat(5000), Dialect::Strict), Err(Fault::Broken { .. })));
}

#[test]
fn long_strings_are_cut_and_counted() {
    let bytes = format!("[\"{}\"]", "x".repeat(200_000)).into_bytes();
    let mut reader = Reader::new(&bytes, Dialect::Strict, 10);
    assert_eq!(reader.next_event(), Ok(Event::Array));
    assert_eq!(reader.next_event(), Ok(Event::Text));
    assert_eq!((reader.text(), reader.is_cut(), reader.start()), ("xxxxxxxxxx", true, 1));
    assert_eq!(reader.next_event(), Ok(Event::EndArray));
    assert_eq!(reader.next_event(), Ok(Event::End));
}
