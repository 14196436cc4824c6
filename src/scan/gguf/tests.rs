use proptest::prelude::*;

use crate::scan::{FileReport, Format, Limits, Verdict, file};

/// Writes GGUF of any version and byte order.
#[derive(Clone)]
struct Writer {
    out: Vec<u8>,
    version: u32,
    is_big: bool,
}

impl Writer {
    fn new(version: u32, is_big: bool, tensors: u64, values: u64) -> Self {
        let mut writer = Self { out: b"GGUF".to_vec(), version, is_big };
        writer.u32(version).count(tensors).count(values);
        writer
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.out.extend(if self.is_big { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.out.extend(if self.is_big { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    fn count(&mut self, number: u64) -> &mut Self {
        if self.version == 1 { self.u32(u32::try_from(number).unwrap_or(u32::MAX)) } else { self.u64(number) }
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len() as u64);
        self.out.extend(text.as_bytes());
        self
    }

    fn value(&mut self, key: &str, text: &str) -> &mut Self {
        self.text(key).u32(8).text(text)
    }

    fn tensor(&mut self, name: &str, dims: &[u64], kind: u32, offset: u64) -> &mut Self {
        self.text(name).u32(u32::try_from(dims.len()).unwrap_or(0));
        for dim in dims {
            self.count(*dim);
        }
        self.u32(kind).u64(offset)
    }

    fn data(&mut self, length: usize) -> Vec<u8> {
        let mut out = self.out.clone();
        out.resize(out.len().next_multiple_of(32) + length, 0);
        out
    }
}

fn scanned(bytes: &[u8]) -> FileReport {
    file(&bytes.to_vec(), "x", &Limits::default())
}

fn assert_found(bytes: &[u8], verdict: Verdict, message: &str) {
    let report = scanned(bytes);
    assert_eq!((report.format, report.verdict), (Format::Gguf, verdict), "{message}: {:?}", report.findings);
    assert!(report.findings.iter().any(|f| f.message.contains(message)), "{message}: {:?}", report.findings);
}

#[test]
fn every_version_and_byte_order_is_read() {
    for version in 1..=3 {
        for is_big in [false, true] {
            let mut writer = Writer::new(version, is_big, 2, 5);
            writer.value("general.architecture", "llama");
            writer.value("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
            writer.text("tokenizer.ggml.tokens").u32(9).u32(8).count(3).text("{{").text("{%").text("\u{1}");
            writer.text("a.scores").u32(9).u32(6).count(2).u32(0).u32(0);
            writer.text("a.nested").u32(9).u32(9).count(1).u32(7).count(1).out.push(1);
            writer.tensor("a", &[32, 2], 8, 0).tensor("b", &[3], 0, 96);
            let report = scanned(&writer.data(96 + 12));
            assert_eq!(report.format, Format::Gguf);
            assert_eq!(report.verdict, Verdict::Clean, "{version} {is_big}: {:?}", report.findings);
        }
    }
    assert_eq!(scanned(&Writer::new(3, false, 0, 0).out).verdict, Verdict::Clean);
}

#[test]
fn templates_are_read_wherever_they_stand() {
    let bad = "{{ x.__class__ }}";
    for key in ["tokenizer.chat_template", "tokenizer.chat_template.tool_use", "general.description"] {
        let mut writer = Writer::new(3, false, 0, 1);
        assert_found(&writer.value(key, bad).out, Verdict::Dangerous, "reaches for `__class__`");
    }
    let mut writer = Writer::new(3, false, 0, 1);
    writer.text("tokenizer.chat_templates").u32(9).u32(8).count(1).text(bad);
    assert_found(&writer.out, Verdict::Dangerous, "reaches for `__class__`");
}

#[test]
fn numbers_that_do_not_fit_are_malformed() {
    for (version, message) in [(0, "version 0"), (4, "version 4"), (99, "version 99"), (u32::MAX, "is not known")] {
        assert_found(&Writer::new(version, false, 0, 0).out, Verdict::Malformed, message);
    }
    assert_found(b"GGUF\x03\0\0\0\0", Verdict::Malformed, "ends within its header");
    assert_found(&Writer::new(3, false, u64::MAX, 0).out, Verdict::Malformed, "more than fit");
    assert_found(&Writer::new(3, false, 0, u64::MAX / 8).out, Verdict::Malformed, "more than fit");
    let one = || Writer::new(3, false, 0, 1);
    let pad = |writer: &mut Writer| writer.data(64);
    assert_found(&pad(one().u64(u64::MAX)), Verdict::Malformed, "a key says");
    assert_found(&pad(one().u64(0)), Verdict::Malformed, "a key says");
    assert_found(&pad(one().text("a").u32(8).u64(u64::MAX)), Verdict::Malformed, "says that it has");
    assert_found(&pad(one().text("a").u32(13)), Verdict::Malformed, "unknown kind 13");
    assert_found(&pad(one().text("a").u32(9).u32(8).u64(1 << 61)), Verdict::Malformed, "more than fit");
    assert_found(&pad(one().text("a").u32(9).u32(11).u64(1 << 62)), Verdict::Malformed, "more than fit");
    assert_found(&pad(one().text("a").u32(9).u32(99).u64(1)), Verdict::Malformed, "unknown kind 99");
    assert_found(&pad(one().text("a").u32(7).u32(2)), Verdict::Malformed, "neither true nor false");
    assert_found(&pad(one().text("general.alignment").u32(4).u32(3)), Verdict::Malformed, "aligned to 3");
    assert_found(&pad(one().text("general.alignment").u32(4).u32(0)), Verdict::Malformed, "aligned to 0");
    assert_found(&pad(one().text("a\0b").u32(4).u32(0)), Verdict::Malformed, "no text");
    let mut deep = one();
    deep.text("a").u32(9);
    for _ in 0..40 {
        deep.u32(9).u64(1);
    }
    assert_found(&deep.data(0), Verdict::Malformed, "too deep");
    let mut twice = Writer::new(3, false, 0, 2);
    assert_found(&twice.value("a", "x").value("a", "y").out, Verdict::Malformed, "`a` stands twice");
}

#[test]
fn tensors_that_do_not_fit_are_malformed() {
    let tensor = |dims: &[u64], kind, offset| {
        let mut writer = Writer::new(3, false, 1, 0);
        writer.tensor("t", dims, kind, offset).data(64)
    };
    assert_eq!(scanned(&tensor(&[16], 0, 0)).verdict, Verdict::Clean);
    assert_found(&tensor(&[17], 0, 0), Verdict::Malformed, "ends beyond");
    assert_found(&tensor(&[1], 0, 1 << 63), Verdict::Malformed, "ends beyond");
    assert_found(&tensor(&[1 << 32, 1 << 32], 0, 0), Verdict::Malformed, "larger than any memory");
    assert_found(&tensor(&[1 << 62], 0, 0), Verdict::Malformed, "larger than any memory");
    assert_found(&tensor(&[1, 1, 1, 1, 1], 0, 0), Verdict::Malformed, "5 dimensions");
    assert_found(&tensor(&[16], 250, 0), Verdict::Malformed, "unknown type 250");
    assert_found(&tensor(&[33], 8, 0), Verdict::Malformed, "a block of its type");
    assert_found(&tensor(&[8], 0, 16), Verdict::Malformed, "not aligned");
    assert_found(&tensor(&[8], 0, 32), Verdict::Malformed, "belong to no tensor");
    assert_found(&tensor(&[4], 0, 0), Verdict::Malformed, "follow the last tensor");
    let mut two = Writer::new(3, false, 2, 0);
    two.tensor("a", &[16], 0, 0).tensor("b", &[8], 0, 32);
    assert_found(&two.data(64), Verdict::Malformed, "belongs to two tensors");
    let mut two = Writer::new(3, false, 2, 0);
    two.tensor("a", &[8], 0, 0).tensor("a", &[8], 0, 32);
    assert_found(&two.data(64), Verdict::Malformed, "`a` stands twice");
}

#[test]
fn formats_before_are_data() {
    let report = scanned(b"lmgg\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!((report.format, report.verdict), (Format::Data, Verdict::Clean));
}

prop_compose! {
    fn files()(version in 1_u32..4, is_big in any::<bool>(), values in prop::collection::vec(("[a-z]{1,8}", "[ -z]{0,20}"), 0..5), sizes in prop::collection::vec(1_u64..40, 0..5)) -> Vec<u8> {
        let mut writer = Writer::new(version, is_big, sizes.len() as u64, values.len() as u64);
        for (index, (key, text)) in values.iter().enumerate() {
            writer.value(&format!("{key}{index}"), text);
        }
        let mut end = 0;
        for (index, size) in sizes.iter().enumerate() {
            writer.tensor(&format!("t{index}"), &[*size], 0, end);
            end = (end + size * 4).next_multiple_of(32);
        }
        writer.data(usize::try_from(end).unwrap_or(0))
    }
}

proptest! {
    #[test]
    fn valid_files_are_clean_and_changed_ones_end(bytes in files(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let report = scanned(&bytes);
        prop_assert_eq!(report.verdict, Verdict::Clean, "{:?}", report.findings);
        let mut changed = bytes.clone();
        let at = at.index(changed.len());
        changed[at] = to;
        let _ = scanned(&changed);
        let _ = scanned(&bytes[..at]);
    }
}
