//! Pickles: one case for each way to hide a call from a reader that is not Python's.

use super::Case;
use super::bytes::{OBJECTS, npy};
use super::pickle::{binary, call, evil, four, global, long, named, plain, short, system, two};

const GLOBAL: &str = "pickle-dangerous-global";
const CPYTHON: &str = "CPython: Lib/pickle.py, Lib/pickletools.py";
const FICKLING: &str = "fickling: advisories and tests";
const EXCEPTIONS: &str = "Hide and Seek, arXiv 2508.19774: exception-oriented programming";
const NULLIFAI: &str = "ReversingLabs 2025, nullifAI: broken pickles on a hub";

fn pickle(name: &str, source: &'static str, bytes: Vec<u8>) -> Case {
    Case::new(&format!("{name}.pkl"), "pickle", source, bytes)
}

pub(super) fn cases() -> Vec<Case> {
    [opcodes(), broken(), indirect(), data_that_runs()].concat()
}

fn opcodes() -> Vec<Case> {
    let nested_memo =
        four(&[&short("os"), b"\x94", &short("system"), b"\x940h\x00h\x01\x93", &short("true"), b"\x85R"]);
    let stored_anew = four(&[
        &short("math"),
        b"q\x000",
        &short("os"),
        b"q\x000h\x00",
        &short("system"),
        b"\x93",
        &short("true"),
        b"\x85R",
    ]);
    let memoize_counts = four(&[
        &short("x"),
        b"p5\n0",
        &short("os"),
        b"\x940",
        &short("system"),
        b"\x940h\x01h\x02\x93",
        &short("true"),
        b"\x85R",
    ]);
    let frames = [b"\x80\x04\x95\x03\0\0\0\0\0\0\0N0N".to_vec(), b"0".to_vec(), system(), b".".to_vec()].concat();
    let list = [
        ("reduce_protocol_0", b"cos\nsystem\n(S'true'\ntR.".to_vec()),
        ("reduce_protocol_2", evil()),
        ("stack_global", four(&[&named("os", "system"), &short("true"), b"\x85R"])),
        ("inst", b"(S'true'\nios\nsystem\n.".to_vec()),
        ("obj", b"(cos\nsystem\nS'true'\no.".to_vec()),
        ("newobj", two(&[&global("subprocess", "Popen"), &long("true"), b"\x85\x81"])),
        ("newobj_ex", four(&[&named("subprocess", "Popen"), &short("true"), b"\x85}\x92"])),
        ("memo_names", nested_memo),
        ("memo_stored_anew", stored_anew),
        ("memo_memoize_counts_put", memoize_counts),
        ("dotted_name", four(&[&named("torch", "os.system"), &short("true"), b"\x85R"])),
        ("escaped_unicode_name", b"Vo\\u0073\nVsyste\\u006d\n\x93S'true'\n\x85R.".to_vec()),
        ("escaped_string_name", b"S'o\\x73'\nU\x06system\x93X\x04\x00\x00\x00true\x85R.".to_vec()),
        ("python_2_builtin", b"c__builtin__\neval\n(S'1'\ntR.".to_vec()),
        ("windows", b"cnt\nsystem\n(S'true'\ntR.".to_vec()),
        ("binunicode8_name", {
            let wide = |text: &str| [&[0x8d][..], &(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
            four(&[&wide("os"), &wide("system"), b"\x93", &short("true"), b"\x85R"])
        }),
        ("frame_in_pieces", frames),
        (
            "frame_that_lies",
            four(&[b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f", &named("os", "system"), &short("true"), b"\x85R"]),
        ),
        (
            "duplicated_argument",
            two(&[&global("os", "system"), &long("true"), b"2\x860(", &global("os", "system"), &long("true"), b"tR"]),
        ),
        ("pop_mark", two(&[b"(NN1", &system()])),
        ("proto_many_times", [b"\x80\x04\x80\x02\x80\x00".to_vec(), evil()].concat()),
        ("result_dropped", two(&[&system(), b"0", b"}"])),
        ("result_in_a_list", two(&[b"](K\x01", &system(), b"K\x02e"])),
        ("result_as_key", two(&[b"}", &system(), b"Ns"])),
        ("in_a_frozenset", four(&[b"(", &system(), b"\x91"])),
        ("in_a_set", four(&[b"\x8f(", &system(), b"\x90"])),
        (
            "long_get_and_put",
            two(&[
                &long("os"),
                b"r\xff\xff\xff\x7f0j\xff\xff\xff\x7f",
                &long("system"),
                b"\x93",
                &long("true"),
                b"\x85R",
            ]),
        ),
        ("text_get_and_put", two(&[&long("os"), b"p900\n0g900\n", &long("system"), b"\x93", &long("true"), b"\x85R"])),
        ("second_of_two", [plain(), evil()].concat()),
        ("tenth_of_ten", [plain().repeat(9), evil()].concat()),
        ("carriage_return_in_a_text", b"S'a\r'\n0cos\nsystem\n(S'true'\ntR.".to_vec()),
        ("only_named_and_built", two(&[&global("os", "system"), b"}b"])),
    ];
    let mut out: Vec<Case> =
        list.into_iter().map(|(name, bytes)| pickle(name, CPYTHON, bytes).dangerous(GLOBAL)).collect();
    out.extend([
        pickle("extension_1", FICKLING, two(&[b"\x82\x01)R"])).suspicious("pickle-extension"),
        pickle("extension_2", FICKLING, two(&[b"\x83\x01\x02)R"])).suspicious("pickle-extension"),
        pickle("extension_4", FICKLING, two(&[b"\x84\x01\x02\x03\x04)R"])).suspicious("pickle-extension"),
        pickle("persistent_id", FICKLING, b"Pos.system\n.".to_vec()).suspicious("pickle-persistent-id"),
        pickle("binary_persistent_id", FICKLING, two(&[&long("os.system"), b"Q"])).suspicious("pickle-persistent-id"),
        pickle("unknown_global", CPYTHON, two(&[&global("acme.models", "Net"), b")\x81"]))
            .suspicious("pickle-unknown-global"),
        pickle("unknown_from_main", CPYTHON, two(&[&global("__main__", "Net"), b")\x81"]))
            .suspicious("pickle-unknown-global"),
        pickle(
            "computed_name",
            CPYTHON,
            four(&[&call(&named("acme", "join"), &[&short("o"), &short("s")]), &short("system"), b"\x93"]),
        )
        .suspicious("pickle-unknown-global"),
        pickle(
            "build_on_a_class",
            FICKLING,
            two(&[&global("collections", "OrderedDict"), b"}", &long("__setstate__"), &global("os", "system"), b"sb"]),
        )
        .dangerous(GLOBAL),
        pickle(
            "build_changes_a_class",
            FICKLING,
            two(&[&global("collections", "OrderedDict"), b"}", &long("update"), &global("builtins", "list"), b"sb"]),
        )
        .suspicious("pickle-changes-behaviour"),
    ]);
    out
}

fn broken() -> Vec<Case> {
    let before: [(&str, &[u8]); 4] =
        [("empty_stack", b"00R"), ("bad_memo_index", b"h\x09"), ("mark_missing", b"t"), ("setitem_on_none", b"NNNs")];
    let mut out: Vec<Case> = before
        .into_iter()
        .map(|(name, code)| {
            let bytes = four(&[code, &named("os", "system"), &short("true"), b"\x85R"]);
            pickle(&format!("error_before_{name}"), EXCEPTIONS, bytes).dangerous(GLOBAL)
        })
        .collect();
    let after: [(&str, &[u8]); 9] = [
        ("unknown_opcode", b"\xff\xff\xff"),
        ("cut_off", b"X\xff\xff\xff\x7fa"),
        ("no_stop", b""),
        ("bad_integer", b"Iabc\n."),
        ("bad_float", b"Fxyz\n."),
        ("bad_unicode", b"X\x02\0\0\0\xff\xff."),
        ("negative_length", b"\x8b\xff\xff\xff\xff."),
        ("huge_length", b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"),
        ("attribute_error", b"cno_such_module\nx\n."),
    ];
    out.extend(after.into_iter().map(|(name, code)| {
        let bytes = [b"\x80\x02".to_vec(), system(), code.to_vec()].concat();
        pickle(&format!("error_after_{name}"), NULLIFAI, bytes).dangerous(GLOBAL)
    }));
    out.extend([
        pickle(
            "garbage_before",
            "picklescan and fickling let it through",
            [b"\x00\x01garbage\xfe\xff".to_vec(), evil()].concat(),
        )
        .dangerous(GLOBAL)
        .format("unknown"),
        pickle("garbage_between", CPYTHON, [plain(), b"\xff\xfe\x00\x00".to_vec(), evil()].concat()).dangerous(GLOBAL),
        pickle("zeros_between", CPYTHON, [plain(), vec![0; 4096], evil()].concat()).dangerous(GLOBAL),
        pickle("garbage_behind", CPYTHON, [plain(), b"\xff\xfe\x00\x00rest".to_vec()].concat())
            .malformed("pickle-trailing-bytes"),
        pickle("cut_off", CPYTHON, plain()[..20].to_vec()).malformed("pickle-malformed"),
        pickle("protocol_255", CPYTHON, [b"\x80\xff".to_vec(), evil()[2..].to_vec()].concat())
            .dangerous(GLOBAL)
            .format("unknown"),
        pickle("as_text", "CVE-2025-10155: the extension decides", evil()).dangerous(GLOBAL),
        Case::new("pickle_called.bin", "pickle", "CVE-2025-1889: the extension decides", evil()).dangerous(GLOBAL),
        Case::new("pickle_called.png", "pickle", "CVE-2025-10155: the extension decides", evil()).dangerous(GLOBAL),
        Case::new("pickle_called.safetensors", "pickle", "CVE-2025-10155: the extension decides", evil())
            .dangerous(GLOBAL),
    ]);
    out
}

fn indirect() -> Vec<Case> {
    let import = call(&global("builtins", "__import__"), &[&long("os")]);
    let attribute = call(&global("builtins", "getattr"), &[&import, &long("system")]);
    let nested = |module: &str, name: &str| two(&[&call(&global(module, name), &[&binary(&evil())])]);
    let mut out = vec![
        pickle("getattr_chain", FICKLING, two(&[&call(&attribute, &[&long("true")])])).dangerous(GLOBAL),
        pickle(
            "attrgetter",
            FICKLING,
            two(&[&call(&call(&global("operator", "attrgetter"), &[&long("system")]), &[&import])]),
        )
        .dangerous(GLOBAL),
        pickle(
            "methodcaller",
            FICKLING,
            two(&[&call(&call(&global("operator", "methodcaller"), &[&long("system"), &long("true")]), &[&import])]),
        )
        .dangerous(GLOBAL),
        pickle(
            "partial",
            FICKLING,
            two(&[&call(&call(&global("functools", "partial"), &[&global("os", "system")]), &[&long("true")])]),
        )
        .dangerous(GLOBAL),
        pickle(
            "map_of_system",
            FICKLING,
            two(&[&call(
                &global("builtins", "map"),
                &[&global("os", "system"), &[b"]".as_slice(), &long("true"), b"a"].concat()],
            )]),
        )
        .dangerous(GLOBAL),
        pickle(
            "reduce_of_functions",
            FICKLING,
            two(&[&call(&global("functools", "reduce"), &[&global("os", "system"), b"]", &long("true")])]),
        )
        .dangerous(GLOBAL),
        pickle(
            "codecs_then_eval",
            FICKLING,
            two(&[&call(
                &global("builtins", "eval"),
                &[&call(&global("_codecs", "decode"), &[&binary(b"1"), &long("ascii")])],
            )]),
        )
        .dangerous(GLOBAL),
        pickle("dict_of_a_module", FICKLING, two(&[&call(&global("builtins", "vars"), &[&import])])).dangerous(GLOBAL),
        pickle(
            "default_factory",
            CPYTHON,
            two(&[&call(&global("collections", "defaultdict"), &[&global("os", "getcwd")])]),
        )
        .dangerous(GLOBAL),
        pickle("iter_of_two", CPYTHON, two(&[&call(&global("builtins", "iter"), &[&global("os", "getcwd"), b"N"])]))
            .dangerous(GLOBAL),
        pickle(
            "descriptor",
            FICKLING,
            four(&[
                &named("builtins", "getattr"),
                &named("os", "system"),
                &short("__call__"),
                b"\x86R",
                &short("true"),
                b"\x85R",
            ]),
        )
        .dangerous(GLOBAL),
        pickle("class_body", FICKLING, two(&[&call(&global("builtins", "type"), &[&long("A"), b")", b"}"])]))
            .dangerous(GLOBAL),
        pickle(
            "function_from_code",
            "cloudpickle: _make_function",
            two(&[&call(
                &global("types", "FunctionType"),
                &[&call(&global("marshal", "loads"), &[&binary(b"N")]), b"}"],
            )]),
        )
        .dangerous(GLOBAL),
    ];
    for (module, name) in
        [("pickle", "loads"), ("_pickle", "loads"), ("dill", "loads"), ("torch", "load"), ("joblib", "load")]
    {
        out.push(pickle(&format!("nested_{module}_{name}"), FICKLING, nested(module, name)).dangerous(GLOBAL));
    }
    out
}

fn data_that_runs() -> Vec<Case> {
    let bomb = {
        let mut code = b"]".to_vec();
        code.extend([&long("lol"), &b"aq\x00"[..]].concat());
        for level in 1..40_u8 {
            code.extend(b"](");
            code.extend([b'h', level - 1].repeat(10));
            code.extend([b'e', b'q', level]);
        }
        two(&[&code])
    };
    vec![
        pickle(
            "bytes_that_are_a_pickle",
            "modelaudit: nested payloads",
            two(&[b"}", &long("data"), &binary(&evil()), b"s"]),
        )
        .dangerous("pickle-embedded"),
        pickle("reference_bomb", "research note: let through by all", bomb).suspicious("pickle-bomb"),
        pickle("memo_index_at_the_end", "research note: memory of a reader", b"\x80\x02Nr\xff\xff\xff\xff.".to_vec())
            .suspicious("pickle-bomb"),
        Case::new("objects.npy", "npy", "numpy: allow_pickle", npy(OBJECTS, &evil())).dangerous(GLOBAL),
        Case::new(
            "objects_in_a_record.npy",
            "npy",
            "numpy: allow_pickle",
            npy("{'descr': [('a', '<i4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }", &evil()),
        )
        .dangerous(GLOBAL),
        Case::new(
            "code_in_the_header.npy",
            "npy",
            "numpy before 1.17: eval of the header",
            npy("{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,), }", b""),
        )
        .suspicious("npy-code"),
        Case::new(
            "shape_too_large.npy",
            "npy",
            "numpy: format",
            npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 8), }", b""),
        )
        .malformed("npy-malformed"),
        Case::new("header_cut.npy", "npy", "numpy: format", b"\x93NUMPY\x01\x00\xff\xff{'descr'".to_vec())
            .malformed("npy-malformed"),
        Case::new(
            "pickle_behind.npy",
            "npy",
            "numpy: bytes behind the array",
            [npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", &[0; 4]), evil()].concat(),
        )
        .dangerous(GLOBAL),
    ]
}
