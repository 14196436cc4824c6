//! Harm that is reached with harmless names: what a state, an item or an argument makes of them.

use crate::scan::{self, FileReport, Limits, Verdict};

fn scan(bytes: &[u8]) -> FileReport {
    scan::file(&bytes, "a", &Limits::default())
}

/// A pickle of protocol 2 of these opcodes.
fn pickle(opcodes: &[u8]) -> Vec<u8> {
    [b"\x80\x02", opcodes, b"."].concat()
}

/// A short text.
fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

/// Bytes.
fn octets(bytes: &[u8]) -> Vec<u8> {
    [b"B", &(bytes.len() as u32).to_le_bytes()[..], bytes].concat()
}

const ORDERED: &[u8] = b"ccollections\nOrderedDict\n)R";
const SYSTEM: &[u8] = b"cos\nsystem\nX\x02\x00\x00\x00id\x85R.";

#[test]
fn what_makes_calls_of_references_is_suspicious() {
    let join = |parts: &[&[u8]]| parts.concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("__setstate__ in a state", join(&[ORDERED, b"}", &text("__setstate__"), b"c__builtin__\nlen\nsb"])),
        ("__setstate__ as data", join(&[ORDERED, b"}", &text("__setstate__"), b"K\x01sb"])),
        ("__setstate__ as an item", join(&[ORDERED, &text("__setstate__"), b"c__builtin__\nlen\ns"])),
        ("a method of containers", join(&[ORDERED, b"}", &text("setdefault"), b"c__builtin__\nlen\nsb"])),
        ("a method by DICT", join(&[ORDERED, b"(", &text("get"), b"c__builtin__\nlen\ndb"])),
        (
            "a method that is a partial",
            join(&[ORDERED, b"}", &text("update"), b"cfunctools\npartial\nc__builtin__\nlen\n\x85Rsb"]),
        ),
        ("a method of Python", join(&[ORDERED, b"}", &text("__del__"), b"c__builtin__\nlen\nsb"])),
        (
            "in one of several batches",
            join(&[ORDERED, b"}(", &text("a"), b"K\x01u(", &text("keys"), b"c__builtin__\nlen\nub"]),
        ),
        ("the class in a slot state", join(&[ORDERED, b"N}", &text("__class__"), b"c__builtin__\nint\ns\x86b"])),
        ("the dictionary in a slot state", join(&[ORDERED, b"N}", &text("__dict__"), b"}s\x86b"])),
        ("kernels in a slot state", join(&[ORDERED, b"N}", &text("use_kernels"), b"\x88s\x86b"])),
        ("a state out of an object", join(&[ORDERED, ORDERED, &text("__setstate__"), b"K\x01sb"])),
        ("BUILD on a class", b"c__builtin__\nint\n}X\x01\x00\x00\x00aK\x01sb".to_vec()),
        ("BUILD on the type of something", join(&[b"c__builtin__\ntype\n", ORDERED, b"\x85R}b"])),
        (
            "items of an attribute",
            join(&[b"c__builtin__\ngetattr\nccollections\nOrderedDict\n", &text("fromkeys"), b"\x86RK\x01K\x02s"]),
        ),
        ("getattr that is only kept", b"c__builtin__\ngetattr\n".to_vec()),
        ("getattr in a partial", b"cfunctools\npartial\nc__builtin__\ngetattr\n\x85R".to_vec()),
        ("attrgetter", join(&[b"coperator\nattrgetter\n", &text("a"), b"\x85R"])),
        ("attrgetter by INST", join(&[b"(", &text("a"), b"ioperator\nattrgetter\n"])),
        ("attrgetter by NEWOBJ", join(&[b"coperator\nattrgetter\n", &text("a"), b"\x85\x81"])),
        ("calls an itemgetter", b"coperator\nitemgetter\nK\x00\x85R)R".to_vec()),
        ("calls an instance", join(&[b"ccollections\nOrderedDict\n)\x81", b")R"])),
        (
            "another function in a partial",
            b"cfunctools\npartial\nc__builtin__\nlen\n\x85R(c__builtin__\nint\n)}Ntb".to_vec(),
        ),
        ("a partial by NEWOBJ", b"cfunctools\npartial\nc__builtin__\nlen\n\x85\x81)R".to_vec()),
        (
            "a class that is no storage",
            b"(X\x07\x00\x00\x00storagec__builtin__\nbytearray\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ".to_vec(),
        ),
        ("an item under a function", b"cpandas.core.frame\nDataFrame\n)\x81c__builtin__\nlen\nK\x01s".to_vec()),
        ("memory", b"c__builtin__\nbytearray\nJ\xff\xff\xff\x7f\x85R".to_vec()),
        ("memory by a range", b"c__builtin__\nlist\nc__builtin__\nxrange\nJ\xff\xff\xff\x7f\x85R\x85R".to_vec()),
        ("memory without end", b"c__builtin__\nlist\ncitertools\ncount\n)R\x85R".to_vec()),
        (
            "memory for an array",
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86U\x01b\x87R"
                .to_vec(),
        ),
        ("a module of one's own", b"ctrace\nThing\n)R".to_vec()),
        (
            "a distribution with code",
            join(&[
                b"cscipy.stats._continuous_distns\nexpon_gen\n)\x81}",
                &text("_parse_arg_template"),
                &text("import os\n"),
                b"sb",
            ]),
        ),
    ];
    for (name, opcodes) in cases {
        let report = scan(&pickle(&opcodes));
        assert_eq!(report.verdict, Verdict::Suspicious, "{name}: {report:#?}");
    }
}

#[test]
fn what_reaches_code_is_dangerous() {
    let join = |parts: &[&[u8]]| parts.concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("lines of Windows", b"cos\r\nsystem\r\n(S'id'\r\ntR".to_vec()),
        ("a type of three", b"c__builtin__\ntype\nX\x01\x00\x00\x00a)}\x87R".to_vec()),
        ("a type of three by NEWOBJ", b"c__builtin__\ntype\nX\x01\x00\x00\x00a)}\x87\x81".to_vec()),
        ("an old name", b"ccommands\ngetoutput\nX\x02\x00\x00\x00id\x85R".to_vec()),
        ("reduce of Python 2", b"c__builtin__\nreduce\nc__builtin__\nlen\n]\x86R".to_vec()),
        ("map of Python 2", b"citertools\nimap\nc__builtin__\nlen\n]\x86R".to_vec()),
        (
            "any function as one of numpy",
            join(&[b"cnumpy.core\n_ufunc_reconstruct\n", &text("os"), &text("system"), b"\x86R"]),
        ),
        ("a function in place of an array", b"cdill._dill\n_create_array\nc__builtin__\nlen\n)N\x87R".to_vec()),
        (
            "a file that is deleted",
            join(&[
                b"csklearn_crfsuite._fileresource\nFileResource\n)\x81}",
                &text("name"),
                &text("/etc/passwd"),
                b"sb",
            ]),
        ),
        ("an inner attribute", join(&[b"c__builtin__\ngetattr\n", ORDERED, &text("__init__"), b"\x86R"])),
        (
            "the function of a tensor",
            b"ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nctorch\nTensor\n)NtR".to_vec(),
        ),
        ("a pickle in a constant", octets(SYSTEM)),
        ("a pickle in a constant of a list", join(&[b"]", &octets(&[b"\x80\x02", SYSTEM].concat()), b"a"])),
        ("a pickle in base 64", text("gAJjb3MKc3lzdGVtClgCAAAAaWSFUi4=")),
        ("a stored zlib of a pickle", octets(&stored(SYSTEM))),
        (
            "the same as a text in Latin-1",
            join(&[
                b"c_codecs\nencode\n",
                &text(&stored(SYSTEM).iter().map(|byte| char::from(*byte)).collect::<String>()),
                &text("latin1"),
                b"\x86R",
            ]),
        ),
    ];
    for (name, opcodes) in cases {
        let report = scan(&pickle(&opcodes));
        assert_eq!(report.verdict, Verdict::Dangerous, "{name}: {report:#?}");
    }
}

/// A zlib stream with one block that is not packed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u16;
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65521;
        high = (high + low) % 65521;
    }
    let check = (high << 16 | low).to_be_bytes();
    [&[0x78, 1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes, &check].concat()
}

#[test]
fn what_frameworks_do_with_the_same_names_is_clean() {
    let join = |parts: &[&[u8]]| parts.concat();
    let template = "\ndef _parse_args(self,  loc=0, scale=1):\n    return (), loc, scale\n\ndef _parse_args_rvs(self,  loc=0, scale=1, size=None):\n    return self._argcheck_rvs( loc, scale, size=size)\n\ndef _parse_args_stats(self,  loc=0, scale=1, moments='mv'):\n    return (), loc, scale, moments\n";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("words in a state", join(&[ORDERED, b"}", &text("update"), b"K\x01sb"])),
        ("words in data", join(&[b"}", &text("__class__"), &text("Thing"), b"s"])),
        ("items of an object", join(&[ORDERED, &text("update"), b"K\x01s"])),
        ("classes as keys", b"ccollections\ndefaultdict\nc__builtin__\nint\n\x85Rc__builtin__\nint\nK\x01s".to_vec()),
        ("an iterator", b"citertools\ncount\nK\x05\x85R".to_vec()),
        ("a range", b"c__builtin__\nlist\nc__builtin__\nxrange\nK\x05\x85R\x85R".to_vec()),
        ("an itemgetter", b"coperator\nitemgetter\nK\x00\x85R".to_vec()),
        (
            "a static method of a schedule",
            join(&[
                b"c__builtin__\ngetattr\nctorch.optim.lr_scheduler\nOneCycleLR\n",
                &text("_annealing_cos"),
                b"\x86R",
            ]),
        ),
        (
            "an array of dill",
            b"cdill._dill\n_create_array\n(cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85X\x01\x00\x00\x00btNNtR"
                .to_vec(),
        ),
        (
            "a distribution",
            join(&[b"cscipy.stats._continuous_distns\nexpon_gen\n)\x81}", &text("_parse_arg_template"), &text(template), b"sb"]),
        ),
        ("a stream of data", octets(&stored(b"no pickle at all, only words of no harm"))),
        ("bytes that begin as a stream", octets(b"\x78\x9cabcdefghijkl")),
        ("a pickle of data in a constant", octets(b"\x80\x02]K\x01a.")),
        ("base 64 of data", text("gAJdcQBLAWEuAAAAAAAAAA==")),
    ];
    for (name, opcodes) in cases {
        let report = scan(&pickle(&opcodes));
        assert_eq!(report.verdict, Verdict::Clean, "{name}: {report:#?}");
    }
}

#[test]
fn constants_within_constants_end() {
    let mut bytes = pickle(b"K\x01");
    for _ in 0..60 {
        bytes = pickle(&octets(&bytes));
    }
    assert!(scan(&bytes).verdict < Verdict::Suspicious);
    let mut streams = SYSTEM.to_vec();
    for _ in 0..40 {
        streams = pickle(&octets(&stored(&streams)));
    }
    assert!(scan(&streams).verdict > Verdict::Clean);
}
