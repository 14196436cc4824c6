use proptest::prelude::*;

use crate::scan::{Limits, file};

fn block(name: &str, kind: u8, link: &str, size: u64) -> Vec<u8> {
    let mut out = vec![0; 512];
    out[..name.len()].copy_from_slice(name.as_bytes());
    out[100..108].copy_from_slice(b"0000644\0");
    out[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    out[136..148].copy_from_slice(b"00000000000\0");
    out[156] = kind;
    out[157..157 + link.len()].copy_from_slice(link.as_bytes());
    out[257..265].copy_from_slice(b"ustar\x0000");
    out[148..156].fill(b' ');
    let sum: u32 = out.iter().map(|byte| u32::from(*byte)).sum();
    out[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out
}

fn member(name: &str, kind: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut out = block(name, kind, link, content.len() as u64);
    out.extend(content);
    out.resize(out.len().div_ceil(512) * 512, 0);
    out
}

fn rules(parts: &[Vec<u8>]) -> Vec<&'static str> {
    let bytes = parts.concat();
    let mut out: Vec<&str> = file(&bytes, "x", &Limits::default()).findings.iter().map(|f| f.rule.id).collect();
    out.sort_unstable();
    out.dedup();
    out
}

const PAYLOAD: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";

#[test]
fn every_trick_is_told_and_what_it_hides_is_scanned() {
    let text = || member("a/b.txt", b'0', "", b"some text\n");
    let end = || vec![0; 1024];
    let mut wrong = text();
    wrong[0] = b'z';
    let pax = |record: &str| member("x", b'x', "", record.as_bytes());
    // Name, members, rules.
    type Case = (&'static str, Vec<Vec<u8>>, &'static [&'static str]);
    let cases: Vec<Case> = vec![
        ("plain", vec![member("a/", b'5', "", b""), text(), end()], &[]),
        ("payload", vec![text(), member("e", b'0', "", PAYLOAD), end()], &["native-code"]),
        (
            "links within",
            vec![text(), member("a/l", b'2', "b.txt", b""), member("h", b'1', "a/b.txt", b""), end()],
            &[],
        ),
        ("upwards", vec![member("../a", b'0', "", b"text\n"), end()], &["archive-escape"]),
        ("link out", vec![member("a/l", b'2', "../../x", b""), end()], &["archive-escape"]),
        ("hard link out", vec![member("l", b'1', "/etc/passwd", b""), end()], &["archive-escape"]),
        (
            "below a link",
            vec![member("l", b'2', "a", b""), member("l/b", b'0', "", b"text\n"), end()],
            &["archive-escape"],
        ),
        ("device", vec![member("d", b'3', "", b""), end()], &["archive-special"]),
        ("twice", vec![text(), text(), end()], &["tar-two-readings"]),
        ("checksum", vec![text(), wrong, member("e", b'0', "", PAYLOAD), end()], &["native-code", "tar-malformed"]),
        ("behind the end", vec![text(), end(), member("e", b'0', "", PAYLOAD)], &["native-code", "tar-two-readings"]),
        ("rest", vec![text(), end(), b"more text here\n".to_vec()], &["tar-malformed"]),
        ("long name", vec![member("L", b'L', "", b"../out\0"), text(), end()], &["archive-escape"]),
        ("pax name", vec![pax("15 path=../out\n"), text(), end()], &["archive-escape"]),
        ("pax size", vec![pax("9 size=4\n"), text(), end()], &["tar-two-readings"]),
        ("sparse", vec![pax("22 GNU.sparse.major=1\n"), text(), end()], &["unread"]),
        ("cut", vec![block("a", b'0', "", 5000), b"text\n".to_vec()], &["tar-malformed"]),
    ];
    for (what, parts, expected) in cases {
        assert_eq!(rules(&parts), expected, "{what}");
    }
}

proptest! {
    #[test]
    fn changed_bytes_end_without_a_panic(at in prop::collection::vec((0_usize..2048, any::<u8>()), 1..8)) {
        let mut bytes = [member("a", b'0', "", b"text\n"), member("b", b'x', "", b"9 size=4\n")].concat();
        for (place, byte) in at {
            bytes[place] = byte;
        }
        let _ = file(&bytes, "x", &Limits::default());
    }
}
