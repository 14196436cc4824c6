use crate::scan::{FileReport, Format, Limits, Verdict, file};

fn with(header: &str, data: &[u8]) -> Vec<u8> {
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend(u16::try_from(header.len()).unwrap_or(0).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(data);
    out
}

fn scanned(bytes: &[u8]) -> FileReport {
    file(&bytes.to_vec(), "x", &Limits::default())
}

const FLOATS: &str = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }";
const OBJECTS: &str = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";

#[test]
fn arrays_are_clean() {
    for (header, length) in [
        (FLOATS, 24),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }    \n", 48),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 8),
        ("{'descr': '|b1', 'fortran_order': False, 'shape': (0, 9), }", 0),
        ("{'descr': '<U5', 'fortran_order': False, 'shape': (2L,), }", 40),
        ("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,), }", 16),
        (
            "{'descr': [('a', '<i4'), ('b', '|S3', (2,)), (('t', 'c'), [('d', '<f2')])], 'fortran_order': False, 'shape': (2,), }",
            24,
        ),
        ("{\"descr\": ('<f4', (2, 2)), 'fortran_order': False, 'shape': (1,)}", 16),
    ] {
        let report = scanned(&with(header, &vec![1; length]));
        assert_eq!((report.format, report.verdict), (Format::Npy, Verdict::Clean), "{header}: {:?}", report.findings);
    }
    let several = [with(FLOATS, &[0; 24]), with(FLOATS, &[0; 24])].concat();
    assert_eq!(scanned(&several).verdict, Verdict::Clean);
}

#[test]
fn what_does_not_agree_is_malformed() {
    for (header, length, message) in [
        (FLOATS, 23, "larger than what is there"),
        (FLOATS, 25, "follow the array"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", 8, "negative"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 8, "larger than"),
        ("{'descr': 'M8[ns],O', 'fortran_order': False, 'shape': (1,), }", 8, "not known"),
        ("{'descr': 'm8[s], object', 'fortran_order': False, 'shape': (1,), }", 8, "not known"),
        ("{'descr': [('a', 'M8[ns],O')], 'fortran_order': False, 'shape': (1,), }", 8, "not known"),
        ("{'descr': 'f8[s]', 'fortran_order': False, 'shape': (1,), }", 8, "not known"),
        ("{'descr': '<q8', 'fortran_order': False, 'shape': (1,), }", 8, "not known"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': 1, }", 8, "no tuple"),
        ("{'descr': '<f8', 'fortran_order': 1, 'shape': (1,), }", 8, "neither"),
        ("{'descr': '<f8', 'shape': (1,), }", 8, "other keys"),
        ("{'descr': '<f8', 'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "other keys"),
        ("[1]", 8, "no dictionary"),
        ("garbage", 8, "no dictionary"),
    ] {
        let report = scanned(&with(header, &vec![1; length]));
        assert!(report.verdict >= Verdict::Malformed, "{header}: {:?}", report.findings);
        assert!(report.findings.iter().any(|f| f.message.contains(message)), "{header}: {:?}", report.findings);
    }
    for bytes in
        [&b"\x93NUMPY"[..], b"\x93NUMPY\x01\x00", b"\x93NUMPY\x09\x00\x10\x00", b"\x93NUMPY\x02\x00\xff\xff\xff\xff"]
    {
        assert_eq!(scanned(bytes).verdict, Verdict::Malformed, "{bytes:?}");
    }
}

#[test]
fn code_in_a_header_is_suspicious() {
    for header in [
        "__import__('os').system('id')",
        "{'descr': (lambda: '<f8')(), 'fortran_order': False, 'shape': (1,)}",
        "dict(descr='<f8')",
    ] {
        assert_eq!(scanned(&with(header, &[0; 8])).verdict, Verdict::Suspicious, "{header}");
    }
}

#[test]
fn objects_are_pickles() {
    assert_eq!(scanned(&with(OBJECTS, b"\x80\x02]q\x00K\x01a.")).verdict, Verdict::Clean);
    let report = scanned(&with(OBJECTS, b"cos\nsystem\n(S'true'\ntR."));
    assert_eq!((report.format, report.verdict), (Format::Npy, Verdict::Dangerous));
    let nested = "{'descr': [('a', '<i4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }";
    assert_eq!(scanned(&with(nested, b"cos\nsystem\n(S'true'\ntR.")).verdict, Verdict::Dangerous);
    let behind = with(OBJECTS, b"\x80\x02]q\x00.cos\nsystem\n(S'true'\ntR.");
    assert!(scanned(&behind).verdict >= Verdict::Malformed);
}
