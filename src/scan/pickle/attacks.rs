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
    let cases = cases.into_iter().chain(what_is_reached_by_other_names());
    for (name, opcodes) in cases {
        let report = scan(&pickle(&opcodes));
        assert_eq!(report.verdict, Verdict::Suspicious, "{name}: {report:#?}");
    }
}

/// Keys, functions and files that are named by what calls gave, by second names, or by what is called later.
fn what_is_reached_by_other_names() -> Vec<(&'static str, Vec<u8>)> {
    let join = |parts: &[&[u8]]| parts.concat();
    let (key, template) = (text("__setstate__"), text("_parse_arg_template"));
    let computed = |of: &[u8]| [b"c__builtin__\nstr\n", of, b"\x85R"].concat();
    let len = b"c__builtin__\nlen\n";
    let norm: &[u8] = b"cscipy.stats._continuous_distns\nnorm_gen\n)\x81";
    let sentence = b"cgensim.models.word2vec\nLineSentence\n)\x81";
    let far: Vec<u8> = (1..300_u16).flat_map(|at| [b"Nr", &u32::from(at).to_le_bytes()[..], b"0"].concat()).collect();
    let fire = |factory: &[u8]| [b"ccollections\ndefaultdict\n", factory, b"\x85R"].concat();
    vec![
        ("a dictionary of pairs", join(&[ORDERED, b"c__builtin__\ndict\n](", &key, len, b"\x86e\x85Rb"])),
        ("a dictionary of a zip", join(&[ORDERED, b"c__builtin__\ndict\nc__builtin__\nzip\n]]\x86R\x85Rb"])),
        ("a dictionary that is handed on", join(&[ORDERED, b"ccollections\nOrderedDict\n}", &key, len, b"s\x85Rb"])),
        ("a computed key", join(&[ORDERED, b"}", &computed(&key), len, b"sb"])),
        ("a computed key with a text", join(&[norm, b"}", &computed(&template), &text("x"), b"sb"])),
        ("a computed text", join(&[norm, b"}", &template, &computed(&text("x")), b"sb"])),
        (
            "a computed formula",
            join(&[b"cstatsmodels.base.data\nModelData\n)\x81}", &text("formula"), &computed(&text("y ~ f()")), b"sb"]),
        ),
        (
            "a computed path of a booster",
            join(&[b"cxgboost.sklearn\nXGBModel\n)\x81}", &text("_Booster"), &computed(&text("/x")), b"sb"]),
        ),
        ("a text as a handle", join(&[b"cxgboost.core\nBooster\n)\x81}", &text("handle"), &text("/x"), b"sb"])),
        (
            "computed bytes of skorch",
            join(&[
                b"cskorch.net\nNeuralNet\n)\x81}",
                &text("__cuda_dependent_attributes__"),
                b"c__builtin__\nbytes\n",
                &octets(b"abc"),
                b"\x85Rsb",
            ]),
        ),
        ("a second name by DUP", join(&[ORDERED, b"}2", &key, len, b"s0b"])),
        ("a second name by the memo", join(&[ORDERED, b"}q\0h\0", &text("a"), b"K\x01s", &key, len, b"s0b"])),
        ("a second name far back", join(&[ORDERED, b"}q\0h\0", &far, &key, len, b"s0b"])),
        ("a name that is taken again", join(&[ORDERED, b"}q\0h\0", &key, len, b"s0}q\0", b"0b"])),
        ("an object that is appended to", join(&[ORDERED, b"}", &text("append"), sentence, b"sb"])),
        ("another factory", join(&[&fire(b"c__builtin__\nint\n"), b"N}", &text("default_factory"), len, b"s\x86b"])),
        ("many keys before one", {
            let many: Vec<u8> = (0..70).flat_map(|_| [text("use_kernels"), b"\x88".to_vec()].concat()).collect();
            join(&[ORDERED, b"}(", &many, &key, len, b"ub"])
        }),
        ("a factory that is no factory", fire(b"csklearn.svm._classes\nSVC\n")),
        (
            "a factory that is a partial",
            fire(&join(&[b"cfunctools\npartial\ncsklearn.svm._classes\nSVC\n", &text("a"), b"\x86R"])),
        ),
        (
            "a partial of an encoder",
            join(&[b"cfunctools\npartial\nc_codecs\nencode\n", &text("a"), &text("own"), b"\x87R"]),
        ),
        (
            "the same by BUILD",
            join(&[
                b"cfunctools\npartial\nc_codecs\nencode\n\x85R(c_codecs\nencode\n",
                &text("a"),
                &text("own"),
                b"\x86}Ntb",
            ]),
        ),
        (
            "a partial that is given to a call",
            b"ccollections\nChainMap\ncfunctools\npartial\ncsklearn.svm._classes\nSVC\n\x85R\x85R".to_vec(),
        ),
        ("a list of an object", join(&[b"c__builtin__\nlist\n", sentence, b"\x85R"])),
        ("a queue of an object", join(&[b"ccollections\ndeque\n", sentence, b"\x85R"])),
        ("a tuple of an object by NEWOBJ", join(&[b"c__builtin__\ntuple\n", sentence, b"\x85\x81"])),
        ("a computed key of an object", join(&[ORDERED, ORDERED, &computed(&key), len, b"sb"])),
        ("a text of an object", join(&[b"c__builtin__\nstr\n", sentence, b"\x85R"])),
        (
            "a base that is no base",
            join(&[b"ccopy_reg\n_reconstructor\n", &b"csklearn.svm._classes\nSVC\n".repeat(2), &text("a"), b"\x87R"]),
        ),
    ]
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
        (
            "an array at a computed path",
            join(&[
                b"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}",
                &text("filename"),
                b"c__builtin__\nstr\n",
                &text("/x.npy"),
                b"\x85Rsb",
            ]),
        ),
        (
            "an array at the path of an object",
            join(&[b"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81", ORDERED, &text("filename"), &text("/x"), b"sb"]),
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
        ("pairs", join(&[ORDERED, b"ccollections\nOrderedDict\n](", &text("a"), b"K\x01\x86e\x85Rb"])),
        ("a state with a second name", join(&[ORDERED, b"}q\0", &text("a"), b"K\x01sh\0\x86b"])),
        (
            "counts of computed words",
            join(&[
                b"cpandas.core.frame\nDataFrame\n)\x81}",
                &text("a"),
                b"ccollections\nCounter\n}cnumpy\nstr_\n",
                &text("b"),
                b"\x85Rcnumpy\nfloat64\nK\x01\x85Rs\x85Rsb",
            ]),
        ),
        ("a state under a key of numpy", join(&[ORDERED, b"}cnumpy\nfloat64\nK\x01\x85RK\x02sb"])),
        (
            "a factory that is a partial",
            b"ccollections\ndefaultdict\ncfunctools\npartial\nccollections\ndefaultdict\n\x85R(ccollections\ndefaultdict\nc__builtin__\nint\n\x85}Ntb\x85R".to_vec(),
        ),
        ("a base of Python", b"ccopy_reg\n_reconstructor\ncsklearn.svm._classes\nSVC\nc__builtin__\nobject\nN\x87R}b".to_vec()),
        (
            "the handle of a booster",
            join(&[b"cxgboost.core\nBooster\n)\x81}", &text("handle"), &octets(b"binf"), b"sb"]),
        ),
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
