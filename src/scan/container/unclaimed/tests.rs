use crate::scan::{FileReport, Format, Limits, Verdict, file};

fn scan(bytes: &[u8]) -> FileReport {
    file(&bytes.to_vec(), "x", &Limits::default())
}

/// Bytes as packed or encrypted ones look.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn what_nobody_executes_is_clean_and_the_rest_is_told() {
    let floats = |scale: f32| {
        (0..5000).flat_map(|i| (((i * 37 % 1000) as f32 - 500.0) * scale).to_le_bytes()).collect::<Vec<u8>>()
    };
    let mut late = b"some text\n".repeat(9000);
    late.extend([0, 1, 2, 3]);
    let cases: Vec<(&str, Vec<u8>, Format, Verdict)> = vec![
        ("text", b"# A model\n\nIt is good.\n".to_vec(), Format::Text, Verdict::Clean),
        ("latin", b"caf\xe9 au lait, d\xe9j\xe0 vu, and more text".to_vec(), Format::Text, Verdict::Clean),
        ("wide", b"\xff\xfea\0b\0\n\0".to_vec(), Format::Text, Verdict::Clean),
        ("python", b"import os\nfrom x import y\n\ndef f():\n    pass\n".to_vec(), Format::Python, Verdict::Clean),
        ("json", b"{\"a\": 1}\n".to_vec(), Format::Json, Verdict::Clean),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), Format::Data, Verdict::Clean),
        (
            "pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n".to_vec(),
            Format::LfsPointer,
            Verdict::Unread,
        ),
        ("empty", Vec::new(), Format::Empty, Verdict::Clean),
        ("zeros", vec![0; 5000], Format::Data, Verdict::Clean),
        ("program", b"\x7fELF\x02\x01\x01\0".to_vec(), Format::NativeCode, Verdict::Suspicious),
        ("byte code", b"\xcb\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3\0".to_vec(), Format::NativeCode, Verdict::Suspicious),
        ("java", b"\xac\xed\0\x05sr\0\x10".to_vec(), Format::Data, Verdict::Suspicious),
        ("weights", floats(0.001), Format::Data, Verdict::Clean),
        ("messagepack", b"\x82\xa1a\x01\xa1b\xc4\x03\0\x01\x02".to_vec(), Format::Data, Verdict::Clean),
        ("noise", noise(5000), Format::Unknown, Verdict::Unread),
        ("text, then not", late, Format::Unknown, Verdict::Unread),
        ("rar", b"Rar!\x1a\x07\x01\0....".to_vec(), Format::OtherArchive, Verdict::Unread),
    ];
    for (what, bytes, format, verdict) in cases {
        let report = scan(&bytes);
        assert_eq!((report.format, report.verdict), (format, verdict), "{what}: {report:?}");
    }
}
