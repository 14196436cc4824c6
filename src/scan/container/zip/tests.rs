use proptest::prelude::*;

use crate::scan::{FileReport, Format, Limits, Verdict, file};

/// A member as it is written, each part on its own.
#[derive(Clone)]
struct Written {
    name: &'static str,
    local_name: &'static str,
    content: Vec<u8>,
    flags: u16,
    local_method: u16,
    method: u16,
    crc: Option<u32>,
    mode: u32,
    listed: bool,
}

fn member(name: &'static str, content: &[u8]) -> Written {
    Written {
        name,
        local_name: name,
        content: content.to_vec(),
        flags: 0,
        local_method: 0,
        method: 0,
        crc: None,
        mode: 0o100_644,
        listed: true,
    }
}

/// Writes a zip: what stands before it, its members, what stands behind.
fn zip(before: &[u8], members: &[Written], behind: &[u8]) -> Vec<u8> {
    let mut out = before.to_vec();
    let mut directory = Vec::new();
    let mut count = 0_u16;
    for written in members {
        let offset = out.len() as u32;
        let packed = match written.method {
            8 => miniz_oxide::deflate::compress_to_vec(&written.content, 6),
            _ => written.content.clone(),
        };
        let crc = written.crc.unwrap_or_else(|| crc32fast::hash(&written.content));
        let common = |method: u16| {
            let mut out = Vec::new();
            out.extend(written.flags.to_le_bytes());
            out.extend(method.to_le_bytes());
            out.extend([0; 4]);
            out.extend(crc.to_le_bytes());
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend((written.content.len() as u32).to_le_bytes());
            out
        };
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(common(written.local_method));
        out.extend((written.local_name.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out.extend(written.local_name.as_bytes());
        out.extend(&packed);
        if written.listed {
            count += 1;
            directory.extend(b"PK\x01\x02\x14\x03\x14\0");
            directory.extend(common(written.method));
            directory.extend((written.name.len() as u16).to_le_bytes());
            directory.extend([0; 8]);
            directory.extend((written.mode << 16).to_le_bytes());
            directory.extend(offset.to_le_bytes());
            directory.extend(written.name.as_bytes());
        }
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out.extend(behind);
    out
}

fn scan(bytes: &[u8]) -> FileReport {
    file(&bytes.to_vec(), "x", &Limits::default())
}

fn rules(bytes: &[u8]) -> Vec<&'static str> {
    let mut out: Vec<&str> = scan(bytes).findings.iter().map(|finding| finding.rule.id).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Machine code, which is told wherever it is found: what stands for a payload here.
const PAYLOAD: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";

#[test]
fn every_trick_is_told_and_what_it_hides_is_scanned() {
    let text = member("a.txt", b"some text\n");
    let evil = member("b.txt", PAYLOAD);
    let named = |name| Written { name, local_name: name, ..text.clone() };
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("plain", zip(b"", &[text.clone(), Written { method: 8, local_method: 8, ..named("c.txt") }], b""), &[]),
        ("payload", zip(b"", &[text.clone(), evil.clone()], b""), &["native-code"]),
        ("another name", zip(b"", &[Written { local_name: "b.txt", ..text.clone() }], b""), &["zip-two-readings"]),
        (
            "another method",
            zip(b"", &[Written { local_method: 8, ..text.clone() }], b""),
            &["stream-malformed", "zip-two-readings"],
        ),
        (
            "name twice",
            zip(b"", &[text.clone(), Written { content: PAYLOAD.to_vec(), ..text.clone() }], b""),
            &["native-code", "zip-two-readings"],
        ),
        ("name by case", zip(b"", &[text.clone(), named("A.TXT")], b""), &["zip-two-readings"]),
        ("checksum", zip(b"", &[Written { crc: Some(7), ..evil.clone() }], b""), &["native-code", "zip-checksum"]),
        ("mark", zip(b"", &[Written { flags: 1, ..evil.clone() }], b""), &["native-code", "zip-password-flag"]),
        ("encrypted", zip(b"", &[Written { flags: 1, crc: Some(7), ..text.clone() }], b""), &["archive-encrypted"]),
        ("upwards", zip(b"", &[named("../a")], b""), &["archive-escape"]),
        ("absolute", zip(b"", &[named("/a")], b""), &["archive-escape"]),
        (
            "link",
            zip(b"", &[Written { mode: 0o120_777, content: b"../../x".to_vec(), ..text.clone() }], b""),
            &["archive-escape"],
        ),
        (
            "unlisted",
            zip(b"", &[text.clone(), Written { listed: false, ..evil.clone() }, named("c")], b""),
            &["native-code", "zip-hidden-bytes", "zip-two-readings"],
        ),
        (
            "unlisted first",
            zip(b"", &[Written { listed: false, ..evil.clone() }, text.clone()], b""),
            &["native-code", "zip-hidden-bytes", "zip-two-readings"],
        ),
        ("before", zip(b"something\n", std::slice::from_ref(&text), b""), &["zip-hidden-bytes"]),
        ("script", zip(b"#!/bin/sh\n", std::slice::from_ref(&text), b""), &["script-prefix", "zip-hidden-bytes"]),
        ("program", zip(PAYLOAD, std::slice::from_ref(&text), b""), &["native-code"]),
        ("behind", zip(b"", std::slice::from_ref(&text), PAYLOAD), &["native-code", "zip-hidden-bytes"]),
        ("zeros behind", zip(b"", std::slice::from_ref(&text), &[0; 99]), &[]),
        ("unknown method", zip(b"", &[Written { method: 77, local_method: 77, ..text.clone() }], b""), &["unread"]),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(rules(&bytes), expected, "{what}");
    }
}

#[test]
fn without_a_directory_members_are_found_from_the_front() {
    let whole = zip(b"", &[member("a.txt", b"some text\n"), member("b", PAYLOAD)], b"");
    let cut = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    assert_eq!(rules(&whole[..cut]), ["native-code", "zip-malformed"]);
}

#[test]
fn two_directories_are_told_and_both_are_scanned() {
    // A whole zip stands before the one whose directory is the last.
    let first = zip(b"", &[member("a.txt", PAYLOAD)], b"");
    let both = zip(&first, &[member("a.txt", b"harmless\n")], b"");
    assert_eq!(rules(&both), ["native-code", "zip-two-readings"]);
}

#[test]
fn a_stored_zip_is_no_second_reading() {
    let inner = zip(b"", &[member("a.txt", b"some text\n")], b"");
    let outer = zip(b"", &[member("inner.zip", &inner)], b"");
    let report = scan(&outer);
    assert_eq!((report.format, report.verdict), (Format::Zip, Verdict::Clean), "{report:?}");
}

#[test]
fn members_that_share_bytes_cost_no_more_than_the_limits() {
    // One kernel of zeros that all members of the directory name.
    let mut bytes = zip(b"", &[Written { method: 8, local_method: 8, ..member("a", &vec![b' '; 1 << 20]) }], b"");
    let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let record = bytes[at..bytes.len() - 22].to_vec();
    let mut end = bytes.split_off(bytes.len() - 22);
    end[8..10].copy_from_slice(&201_u16.to_le_bytes());
    end[12..16].copy_from_slice(&(201 * record.len() as u32).to_le_bytes());
    let told = |others: &dyn Fn(u32) -> u32| {
        let mut bytes = bytes.clone();
        for index in 0..200_u32 {
            let mut record = record.clone();
            record[16..20].copy_from_slice(&others(index).to_le_bytes());
            bytes.extend(record);
        }
        bytes.extend(&end);
        let limits = Limits { decoded: 8 << 20, ..Limits::default() };
        let report = file(&bytes, "x", &limits);
        report.findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    // Said the same, they are read once. Said with other checksums, they are read until that is too much.
    let crc = u32::from_le_bytes(record[16..20].try_into().unwrap());
    assert!(told(&|_| crc).contains(&"zip-two-readings") && !told(&|_| crc).contains(&"over-budget"));
    assert!(told(&|index| index).contains(&"over-budget"));
}

#[test]
fn what_is_named_as_a_tensor_and_is_a_file_is_scanned() {
    let pickle = b"\x80\x02}.";
    let system = b"\x93NUMPY\x01\0\x44\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }       \ncos\nsystem\n(S'id'\ntR.";
    let with = |tensor: &[u8]| {
        let members = [member("a/data.pkl", pickle), member("a/version", b"3\n"), member("a/data/0", tensor)];
        file(&zip(b"", &members, b""), "x", &Limits::default()).verdict
    };
    assert_eq!(with(b"\0\0\x80\x3f\0\0\x80\x3f"), Verdict::Clean);
    assert!(with(system) > Verdict::Clean);
}

proptest! {
    #[test]
    fn what_a_plain_writer_writes_has_no_finding(contents in prop::collection::vec("[ -~\n]{0,300}", 1..6), packed: bool) {
        const NAMES: [&str; 6] = ["a", "b/c.txt", "d", "e", "f/g", "h"];
        let method = if packed { 8 } else { 0 };
        let members: Vec<Written> = contents
            .iter()
            .zip(NAMES)
            .map(|(content, name)| Written { method, local_method: method, ..member(name, format!("(text) {content}").as_bytes()) })
            .collect();
        prop_assert_eq!(rules(&zip(b"", &members, b"")), Vec::<&str>::new());
    }

    #[test]
    fn changed_bytes_end_without_a_panic(at in prop::collection::vec((0_usize..400, any::<u8>()), 1..8)) {
        let mut bytes = zip(b"", &[member("a.txt", b"some text\n"), Written { method: 8, local_method: 8, ..member("b", PAYLOAD) }], b"");
        for (place, byte) in at {
            let length = bytes.len();
            bytes[place % length] = byte;
        }
        scan(&bytes);
    }
}
