#!/usr/bin/env python3
"""Small torch files at the edges of the rules of `torch.load(weights_only=True)`.

    python make_edges.py        (needs torch; writes beside itself)

Each file differs from a plain one in one thing: an instruction, a name, an argument, a record of
the archive.  Nothing in them runs anything: the only calls are of torch's own rebuilding functions,
of plain containers, and of names that torch refuses.  `WEIGHTS_ONLY.tsv` is torch's answer, made by
`../real/weights_only.py --index INDEX.tsv`.  None of these files is meant to be loaded otherwise.
"""

import io
import os
import pickle
import struct
import zipfile
import zlib

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = []
HEAD = b"\x80\x02"


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def name(module, attribute):
    return f"c{module}\n{attribute}\n".encode()


ORDERED = name("collections", "OrderedDict")
EMPTY_ORDERED = ORDERED + b")R"
STORAGE = b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ"


def tensor(storage=STORAGE, offset=b"K\x00", size=b"K\x04\x85", stride=b"K\x01\x85", grad=b"\x89", hooks=EMPTY_ORDERED):
    return name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + offset + size + stride + grad + hooks + b"tR"


def records(data, storage=struct.pack("<4f", 1, 2, 3, 4), **more):
    made = {"data.pkl": data, "byteorder": b"little"}
    if storage is not None:
        made["data/0"] = storage
    made["version"] = b"3\n"
    made.update(more)
    return {key: value for key, value in made.items() if value is not None}


def archive(parts, folder="archive", method=zipfile.ZIP_STORED, comment=b"", before=b""):
    stream = io.BytesIO()
    stream.write(before)
    with zipfile.ZipFile(stream, "w", method) as made:
        for key, value in parts.items() if isinstance(parts, dict) else parts:
            made.writestr(zipfile.ZipInfo(f"{folder}/{key}" if folder else key), value, method)
        made.comment = comment
    return stream.getvalue()


def put(file, data, note):
    with open(os.path.join(HERE, file), "wb") as target:
        target.write(data)
    ROWS.append((file, note))


def case(label, body, note, **options):
    """One value in a torch archive; `body` is the pickle without head and STOP."""
    put(label + ".pt", archive(records(HEAD + body + b".", **options)), note)


def instructions():
    case("plain", tensor(), "one tensor, the plain case")
    case("none", b"N", "None")
    case("empty_containers", b"]})\x87", "list, dict, tuple")
    case("empty_set", b"\x8f", "EMPTY_SET")
    case("set_items", b"\x8f(K\x01\x90", "ADDITEMS is not read")
    case("frozenset", b"(K\x01\x91", "FROZENSET is not read")
    case("short_unicode", b"\x8c\x01a", "SHORT_BINUNICODE is not read")
    case("binunicode8", b"\x8d\x01\0\0\0\0\0\0\0a", "BINUNICODE8 is not read")
    case("short_bytes", b"C\x01a", "SHORT_BINBYTES is not read")
    case("bytes", b"B\x01\0\0\0a", "BINBYTES is not read")
    case("binstring", b"T\x01\0\0\0a", "BINSTRING is not read")
    case("short_binstring", b"U\x01a", "SHORT_BINSTRING is read")
    case("short_binstring_latin", b"U\x01\xff", "SHORT_BINSTRING that is not UTF-8")
    case("unicode_surrogate", b"X\x03\0\0\0\xed\xa0\x80", "lone surrogate passes")
    case("unicode_invalid", b"X\x01\0\0\0\xff", "text that is not UTF-8")
    case("unicode_short", b"X\x09\0\0\0a", "text longer than the data")
    case("text_integer", b"I1\n", "INT is not read")
    case("text_long", b"L1L\n", "LONG is not read")
    case("text_float", b"F1.5\n", "FLOAT is not read")
    case("long1", b"\x8a\x09" + b"\x01" * 9, "LONG1 is read")
    case("long1_empty", b"\x8a\x00", "LONG1 of no byte")
    case("long4", b"\x8b\x01\0\0\0\x01", "LONG4 is not read")
    case("float", b"G" + struct.pack(">d", 1.5), "BINFLOAT")
    case("numbers", b"(J\xff\xff\xff\xffK\x01M\x02\x00t", "BININT, BININT1, BININT2")
    case("true_false", b"(\x88\x89t", "NEWTRUE, NEWFALSE")
    case("list_mark", b"(K\x01l", "LIST is not read")
    case("dict_mark", b"(K\x01K\x02d", "DICT is not read")
    case("append", b"]K\x01a", "APPEND")
    case("appends", b"](K\x01K\x02e", "APPENDS")
    case("append_to_dict", b"}K\x01a", "APPEND to a dict")
    case("append_to_tuple", b")K\x01a", "APPEND to a tuple")
    case("set_item", b"}K\x01K\x02s", "SETITEM")
    case("set_items_dict", b"}(K\x01K\x02K\x03K\x04u", "SETITEMS")
    case("set_items_odd", b"}(K\x01K\x02K\x03u", "SETITEMS with an odd number")
    case("set_item_list", b"]K\x01as", "SETITEM short of values")
    case("set_item_to_list", b"]K\x01aK\x00K\x05s", "SETITEM on a list")
    case("set_item_ordered", EMPTY_ORDERED + b"K\x01K\x02s", "SETITEM on an OrderedDict")
    case("set_item_counter", name("collections", "Counter") + b")R" + b"K\x01K\x02s", "SETITEM on a Counter")
    case("unhashable_key", b"}]K\x01s", "a list as a key")
    case("tuple_of_list_key", b"}]\x85K\x01s", "a tuple of a list as a key")
    case("tensor_key", b"}" + tensor() + b"K\x01s", "a tensor as a key")
    case("pop", b"K\x01K\x020", "POP is not read")
    case("dup", b"K\x012", "DUP is not read")
    case("pop_mark", b"K\x01(1", "POP_MARK is not read")
    case("put_get", b"]q\x00h\x00\x86", "BINPUT, BINGET")
    case("put_long", b"]r\x00\x01\0\0j\x00\x01\0\0\x86", "LONG_BINPUT, LONG_BINGET")
    case("put_text", b"]p0\ng0\n\x86", "PUT is not read")
    case("memoize", b"]\x94", "MEMOIZE is not read")
    case("get_missing", b"h\x07", "BINGET of nothing")
    case("put_huge", b"]r\xff\xff\xff\xff", "memo index 4294967295")
    case("put_empty_stack", b"q\x00N", "BINPUT on an empty stack")
    case("put_twice", b"Nq\x00]q\x00h\x00\x87", "memo index written twice, TUPLE3")
    case("self_reference", b"]q\x00h\x00a", "list that holds itself")
    case("mark_left", b"K\x01(K\x02", "STOP under a mark")
    case("mark_missing", b"K\x01t", "TUPLE without a mark")
    case("values_left", b"K\x01K\x02", "two values on the stack at STOP")
    case("nothing", b"", "STOP on an empty stack")
    case("tuple2_short", b"K\x01\x86", "TUPLE2 with one value")
    case("tuple3_short", b"\x87", "TUPLE3 with none")
    case("tuple1_empty", b"\x85", "TUPLE1 with none")
    case("frame", b"\x95\x01\0\0\0\0\0\0\0N", "FRAME is not read")
    case("proto_late", b"N\x80\x02", "PROTO again, at the end")
    put("proto_missing.pt", archive(records(b"N.")), "no PROTO at all")
    put("proto0.pt", archive(records(b"\x80\x00N.")), "PROTO 0")
    put("proto3.pt", archive(records(b"\x80\x03N.")), "PROTO 3")
    put("proto4.pt", archive(records(b"\x80\x04N.")), "PROTO 4 and no newer instruction")
    put("proto99.pt", archive(records(b"\x80\x63N.")), "PROTO 99")
    put("stop_missing.pt", archive(records(HEAD + b"N")), "no STOP")
    put("after_stop.pt", archive(records(HEAD + b"N." + name("os", "system") + b".")), "a refused name after STOP is not read")
    put("empty_pickle.pt", archive(records(b"")), "data.pkl of no byte")
    case("ext", b"\x82\x01", "EXT1 is not read")
    case("inst", b"(ios\nsystem\n", "INST is not read")
    case("obj", b"(cos\nsystem\no", "refused name before OBJ")
    case("newobj_ex", ORDERED + b")}\x92", "NEWOBJ_EX is not read")
    case("stack_global", text("collections") + text("OrderedDict") + b"\x93", "STACK_GLOBAL is not read")
    case("persid_text", b"P0\n", "PERSID is not read")
    case("next_buffer", b"\x97", "NEXT_BUFFER is not read")
    case("bytearray8", b"\x96\0\0\0\0\0\0\0\0", "BYTEARRAY8 is not read")
    case("unknown_instruction", b"\xff", "no such instruction")


def names():
    for label, module, attribute in (
        ("size", "torch", "Size"), ("device", "torch", "device"), ("dtype", "torch", "float32"), ("dtype_new", "torch", "float8_e4m3fn"),
        ("dtype_odd", "torch", "uint3"), ("dtype_missing", "torch", "float12"), ("scheme", "torch", "per_tensor_affine"),
        ("layout", "torch", "strided"), ("layout_call", "torch.serialization", "_get_layout"), ("tensor_class", "torch", "Tensor"),
        ("float_tensor", "torch", "FloatTensor"), ("cuda_tensor", "torch.cuda", "FloatTensor"), ("sparse_tensor", "torch.sparse", "FloatTensor"),
        ("storage_class", "torch", "FloatStorage"), ("storage_cuda", "torch.cuda", "FloatStorage"), ("storage_untyped", "torch.storage", "UntypedStorage"),
        ("storage_typed", "torch.storage", "TypedStorage"), ("storage_untyped_torch", "torch", "UntypedStorage"), ("storage_odd", "torch", "OddStorage"),
        ("parameter", "torch.nn.parameter", "Parameter"), ("parameter_short", "torch.nn", "Parameter"), ("buffer", "torch.nn.parameter", "Buffer"),
        ("counter", "collections", "Counter"), ("default_dict", "collections", "defaultdict"), ("deque", "collections", "deque"),
        ("set2", "__builtin__", "set"), ("set3", "builtins", "set"), ("frozenset2", "__builtin__", "frozenset"), ("complex2", "__builtin__", "complex"),
        ("bytearray3", "builtins", "bytearray"), ("bytearray2", "__builtin__", "bytearray"), ("dict2", "__builtin__", "dict"), ("list3", "builtins", "list"),
        ("int3", "builtins", "int"), ("object3", "builtins", "object"), ("getattr2", "__builtin__", "getattr"), ("eval3", "builtins", "eval"),
        ("print3", "builtins", "print"), ("encode", "_codecs", "encode"), ("decode", "_codecs", "decode"), ("codecs_encode", "codecs", "encode"),
        ("intern2", "__builtin__", "intern"), ("reconstructor", "copy_reg", "_reconstructor"),
        ("os", "os", "system"), ("posix", "posix", "system"), ("nt", "nt", "system"), ("sys", "sys", "exit"), ("os_path", "os.path", "join"),
        ("subprocess", "subprocess", "Popen"), ("numpy_array", "numpy.core.multiarray", "_reconstruct"), ("numpy_scalar", "numpy._core.multiarray", "scalar"),
        ("numpy_dtype", "numpy", "dtype"), ("rebuild_parameter", "torch._utils", "_rebuild_parameter"), ("rebuild_nested", "torch._utils", "_rebuild_nested_tensor"),
        ("rebuild_wrapper", "torch._utils", "_rebuild_wrapper_subclass"), ("rebuild_type1", "torch._tensor", "_rebuild_from_type"),
        ("rebuild_type2", "torch._tensor", "_rebuild_from_type_v2"), ("rebuild_old_module", "torch.tensor", "_rebuild_from_type"),
        ("hub_load", "torch.hub", "load"), ("dtensor", "torch.distributed.tensor", "DTensor"), ("sequential", "torch.nn.modules.container", "Sequential"),
        ("dotted", "torch", "nn.parameter.Parameter"), ("dotted_module", "torch.nn", "parameter.Parameter"), ("empty_names", "", ""),
        ("spaces", "torch ", "Size"), ("user_dict", "UserDict", "UserDict"), ("version_class", "torch.torch_version", "TorchVersion"),
    ):
        case("name_" + label, name(module, attribute), f"only named: {module}.{attribute}")
    put("name_not_utf8.pt", archive(records(HEAD + b"c\xff\nSize\n.")), "name that is not UTF-8")
    put("name_carriage_return.pt", archive(records(HEAD + b"ctorch\r\nSize\r\n.")), "name with a carriage return")


def calls():
    case("call_size", name("torch", "Size") + b"(K\x02K\x03t\x85R", "Size of two")
    case("call_size_list", name("torch", "Size") + b"](K\x02e\x85R", "Size of a list")
    case("call_size_text", name("torch", "Size") + text("ab") + b"\x85R", "Size of text")
    case("call_device", name("torch", "device") + text("cpu") + b"\x85R", "device cpu")
    case("call_device_cuda", name("torch", "device") + text("cuda") + b"K\x01\x86R", "device cuda:1")
    case("call_device_wrong", name("torch", "device") + text("nowhere") + b"\x85R", "no such device")
    case("call_encode", name("_codecs", "encode") + text("ab") + text("latin1") + b"\x86R", "bytes by _codecs.encode")
    case("call_encode_other", name("_codecs", "encode") + text("ab") + text("rot13") + b"\x86R", "another codec")
    case("call_encode_missing", name("_codecs", "encode") + text("ab") + text("nocodec") + b"\x86R", "no such codec")
    case("call_set", name("__builtin__", "set") + b"](K\x01K\x02e\x85R", "set of a list")
    case("call_set_unhashable", name("__builtin__", "set") + b"](]e\x85R", "set of a list of a list")
    case("call_bytearray", name("builtins", "bytearray") + name("_codecs", "encode") + text("a") + text("latin1") + b"\x86R\x85R", "bytearray of bytes")
    case("call_bytearray_number", name("builtins", "bytearray") + b"K\x05\x85R", "bytearray of a number")
    case("call_complex", name("builtins", "complex") + b"G" + struct.pack(">d", 1) + b"G" + struct.pack(">d", 2) + b"\x86R", "complex")
    case("call_ordered_items", ORDERED + b"](K\x01K\x02\x86e\x85R", "OrderedDict of pairs")
    case("call_counter", name("collections", "Counter") + b"}(X\x01\0\0\0aK\x02u\x85R", "Counter of a dict")
    case("call_layout", name("torch.serialization", "_get_layout") + text("torch.strided") + b"\x85R", "layout by name")
    case("call_layout_wrong", name("torch.serialization", "_get_layout") + text("nowhere") + b"\x85R", "no such layout")
    case("call_dtype", name("torch", "float32") + b")R", "a number type is called")
    case("call_storage_class", name("torch", "FloatStorage") + b")R", "a storage class is called")
    case("call_not_tuple", name("torch", "Size") + b"]R", "arguments in a list")
    case("call_number", b"K\x01)R", "a number is called")
    case("call_dict", b"})R", "a dict is called (it cannot be hashed)")
    case("call_result", EMPTY_ORDERED + b")R", "the result of a call is called")
    case("call_string", text("abc") + b")R", "text is called")
    case("new_ordered", ORDERED + b")\x81", "NEWOBJ of OrderedDict")
    case("new_counter", name("collections", "Counter") + b")\x81", "NEWOBJ of Counter")
    case("new_set", name("__builtin__", "set") + b")\x81", "NEWOBJ of set")
    case("new_function", name("torch._utils", "_rebuild_tensor_v2") + b")\x81", "NEWOBJ of a function")
    case("new_dtype", name("torch", "float32") + b")\x81", "NEWOBJ of a number type")
    case("new_parameter", name("torch.nn.parameter", "Parameter") + tensor() + b"\x85\x81", "NEWOBJ of Parameter")
    case("new_tensor", name("torch", "Tensor") + b")\x81", "NEWOBJ of Tensor")
    case("new_size", name("torch", "Size") + b"(K\x01t\x85\x81", "NEWOBJ of Size")
    case("new_number", b"K\x01)\x81", "NEWOBJ of a number")
    case("build_ordered", EMPTY_ORDERED + b"}X\x01\0\0\0aK\x01sb", "BUILD of OrderedDict")
    case("build_ordered_number", EMPTY_ORDERED + b"K\x01b", "BUILD of OrderedDict with a number")
    case("build_ordered_pair", EMPTY_ORDERED + b"}}\x86b", "BUILD of OrderedDict with a pair")
    case("build_ordered_none", EMPTY_ORDERED + b"Nb", "BUILD of OrderedDict with None")
    case("build_counter", name("collections", "Counter") + b")R}b", "BUILD of Counter")
    case("build_counter_state", name("collections", "Counter") + b")R}X\x01\0\0\0aK\x01sb", "BUILD of Counter with state")
    case("build_set", name("__builtin__", "set") + b")R}b", "BUILD of set with nothing")
    case("build_set_state", name("__builtin__", "set") + b")R}X\x01\0\0\0aK\x01sb", "BUILD of set with state")
    case("build_size", name("torch", "Size") + b")R}b", "BUILD of Size")
    case("build_dict", b"}}b", "BUILD of a dict")
    case("build_list", b"]}b", "BUILD of a list")
    case("build_function", name("torch._utils", "_rebuild_tensor_v2") + b"}b", "BUILD of a function")
    case("build_class", ORDERED + b"}b", "BUILD of a class")
    case("build_tensor_dict", tensor() + b"}b", "BUILD of a tensor with a dict")
    case("build_tensor", tensor() + b"(" + STORAGE + b"K\x00K\x02\x85K\x01\x85tb", "BUILD of a tensor as old files do")
    case("parameter", name("torch._utils", "_rebuild_parameter") + b"(" + tensor() + b"\x88" + EMPTY_ORDERED + b"tR", "a Parameter")
    case("parameter_few", name("torch._utils", "_rebuild_parameter") + b"(" + tensor() + b"tR", "a Parameter with too few arguments")
    case("parameter_state", name("torch._utils", "_rebuild_parameter_with_state") + b"(" + tensor() + b"\x88" + EMPTY_ORDERED + b"}X\x01\0\0\0aK\x01stR", "a Parameter with state")
    case("subclass", name("torch._tensor", "_rebuild_from_type_v2") + b"(" + name("torch._utils", "_rebuild_tensor_v2") + name("torch", "Tensor") + b"("
         + STORAGE + b"K\x00K\x04\x85K\x01\x85\x89" + EMPTY_ORDERED + b"t}X\x01\0\0\0aK\x01stR", "tensor with an attribute")
    case("subclass_function", name("torch._tensor", "_rebuild_from_type_v2") + b"(" + name("builtins", "set") + name("torch", "Tensor") + b")}tR", "rebuilt by a container")


def tensors():
    case("old_tensor", name("torch._utils", "_rebuild_tensor") + b"(" + STORAGE + b"K\x00K\x04\x85K\x01\x85tR", "_rebuild_tensor")
    case("tensor_more", name("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE + b"K\x00K\x04\x85K\x01\x85\x89" + EMPTY_ORDERED + b"NtR", "with metadata None")
    case("tensor_few", name("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE + b"K\x00K\x04\x85tR", "too few arguments")
    case("tensor_many", name("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE + b"K\x00K\x04\x85K\x01\x85\x89" + EMPTY_ORDERED + b"NNNNtR", "too many arguments")
    case("tensor_v3", name("torch._utils", "_rebuild_tensor_v3") + b"(" + STORAGE + b"K\x00K\x04\x85K\x01\x85\x89" + EMPTY_ORDERED + name("torch", "float32") + b"tR", "_rebuild_tensor_v3")
    case("tensor_out_of_storage", tensor(size=b"K\x64\x85"), "larger than its storage")
    case("tensor_offset", tensor(offset=b"K\x03"), "offset beyond the storage")
    case("tensor_negative", tensor(size=b"J\xff\xff\xff\xff\x85"), "negative size")
    case("tensor_stride_long", tensor(stride=b"K\x01K\x01\x86"), "more strides than sizes")
    case("tensor_size_text", tensor(size=text("4")), "size is text")
    case("tensor_no_storage", tensor(storage=b"N"), "no storage")
    case("tensor_hooks", tensor(hooks=ORDERED + b"](K\x01K\x02\x86e\x85R"), "backward hooks that are not empty")
    case("tensor_hooks_none", tensor(hooks=b"N"), "no backward hooks")
    case("tensor_zero", tensor(size=b")", stride=b")"), "of no dimension")
    case("record_missing", tensor(), "the storage's record is missing", storage=None)
    case("record_short", tensor(), "the storage's record is short", storage=b"\0" * 8)
    case("record_long", tensor(), "the storage's record is long", storage=b"\0" * 64)
    case("persistent_list", b"]" + text("storage") + b"aQ", "persistent id in a list")
    case("persistent_text", text("storage") + b"Q", "persistent id is text")
    case("persistent_number", b"K\x01Q", "persistent id is a number")
    case("persistent_empty", b")Q", "persistent id is an empty tuple")
    case("persistent_other", b"(" + text("module") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ", "persistent id of a module")
    case("persistent_short", b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + b"tQ", "persistent id of three")
    case("persistent_long", b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04NtQ", "persistent id of six")
    case("persistent_type", b"(" + text("storage") + name("torch", "float32") + text("0") + text("cpu") + b"K\x04tQ", "storage class is a number type")
    case("persistent_untyped", b"(" + text("storage") + name("torch.storage", "UntypedStorage") + text("0") + text("cpu") + b"K\x10tQ", "untyped storage")
    case("persistent_count", b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + text("4") + b"tQ", "number of elements is text")
    case("persistent_key_number", b"(" + text("storage") + name("torch", "FloatStorage") + b"K\x00" + text("cpu") + b"K\x04tQ", "key is a number")
    case("persistent_cuda", b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cuda:0") + b"K\x04tQ", "from the GPU, mapped to the CPU")
    case("persistent_where", b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("nowhere") + b"K\x04tQ", "from nowhere, mapped to the CPU")
    case("persistent_binstring", b"(U\x07storage" + name("torch", "FloatStorage") + b"U\x010U\x03cpuK\x04tQ", "texts as SHORT_BINSTRING")
    case("persistent_path", b"(" + text("storage") + name("torch", "FloatStorage") + text("../data/0") + text("cpu") + b"K\x04tQ", "key with a path")
    case("two_types", b"(" + STORAGE + b"(" + text("storage") + name("torch", "IntStorage") + text("0") + text("cpu") + b"K\x04tQt", "one record as two number types")
    coo = (name("torch._utils", "_rebuild_sparse_tensor") + name("torch.serialization", "_get_layout") + text("torch.sparse_coo") + b"\x85R(%s" + tensor()
           + name("torch", "Size") + b"(K\x05t\x85R\x89t\x86R")
    index = (name("torch._utils", "_rebuild_tensor_v2") + b"((" + text("storage") + name("torch", "LongStorage") + text("1") + text("cpu")
             + b"K\x04tQK\x00K\x01K\x04\x86K\x04K\x01\x86\x89" + EMPTY_ORDERED + b"tR")
    case("sparse_good", coo.replace(b"%s", index), "sparse tensor", **{"data/1": struct.pack("<4q", 0, 1, 2, 3)})
    case("sparse_bad_index", coo.replace(b"%s", index), "sparse tensor whose index is out of range", **{"data/1": struct.pack("<4q", 0, 1, 2, 99)})


def archives():
    good = HEAD + tensor() + b"."
    parts = records(good)
    put("zip_deflated.pt", archive(parts, method=zipfile.ZIP_DEFLATED), "members are deflated")
    put("zip_bzip2.pt", archive(parts, method=zipfile.ZIP_BZIP2), "members are bzip2")
    put("zip_no_folder.pt", archive(parts, folder=""), "members in no folder")
    put("zip_deep_folder.pt", archive(parts, folder="a/b"), "members two folders deep")
    put("zip_two_folders.pt", archive([("one/data.pkl", good), ("two/version", b"3\n"), ("two/data/0", b"\0" * 16)], folder=""), "members in two folders")
    put("zip_other_first.pt", archive([("other/note", b"x")] + [("archive/" + k, v) for k, v in parts.items()], folder=""), "another folder first")
    put("zip_other_last.pt", archive([("archive/" + k, v) for k, v in parts.items()] + [("other/data.pkl", b"cos\nsystem\n.")], folder=""), "another folder last")
    put("zip_no_version.pt", archive({k: v for k, v in parts.items() if k != "version"}), "no version")
    put("zip_hidden_version.pt", archive({**{k: v for k, v in parts.items() if k != "version"}, ".data/version": b"3\n"}), "version in .data")
    put("zip_version_0.pt", archive({**parts, "version": b"0\n"}), "version 0")
    put("zip_version_99.pt", archive({**parts, "version": b"99\n"}), "version 99")
    put("zip_version_text.pt", archive({**parts, "version": b"new\n"}), "version is text")
    put("zip_big_endian.pt", archive({**parts, "byteorder": b"big"}), "big endian")
    put("zip_odd_endian.pt", archive({**parts, "byteorder": b"middle"}), "no such byte order")
    put("zip_no_byteorder.pt", archive({k: v for k, v in parts.items() if k != "byteorder"}), "no byte order")
    put("zip_constants.pt", archive({**parts, "constants.pkl": HEAD + b")."}), "with constants.pkl, as TorchScript has")
    put("zip_no_data.pt", archive({k: v for k, v in parts.items() if k != "data.pkl"}), "no data.pkl")
    put("zip_upper_data.pt", archive({("DATA.PKL" if k == "data.pkl" else k): v for k, v in parts.items()}), "DATA.PKL")
    put("zip_bad_data_twice.pt", archive([("data.pkl", good), ("data.pkl", HEAD + name("os", "system") + b".")] + [x for x in parts.items() if x[0] != "data.pkl"]),
        "data.pkl twice, the good one first")
    put("zip_good_data_twice.pt", archive([("data.pkl", HEAD + name("os", "system") + b"."), ("data.pkl", good)] + [x for x in parts.items() if x[0] != "data.pkl"]),
        "data.pkl twice, the good one last")
    put("zip_comment.pt", archive(parts, comment=b"a comment"), "comment at the end")
    put("zip_suffix.pt", archive(parts) + b"\0" * 10, "bytes after the end")
    put("zip_prefix.pt", b"\0" * 10 + archive(parts), "bytes before the start, offsets not mended")
    put("zip_prefix_mended.pt", archive(parts, before=b"#!/bin/false\n"), "bytes before the start, offsets mended")
    put("zip_prefix_local.pt", archive(parts, before=b"PK\x03\x04" + b"\0" * 26), "an empty local header before the start")
    data = bytearray(archive(parts))
    place = data.index(good)
    header = bytes(data).rindex(b"PK\x03\x04", 0, place)
    central = bytes(data).index(b"PK\x01\x02")
    wrong = bytearray(data)
    wrong[header + 14] ^= 0xFF
    put("zip_wrong_crc_local.pt", bytes(wrong), "wrong CRC of data.pkl in the local header")
    wrong = bytearray(data)
    wrong[central + 16] ^= 0xFF
    put("zip_wrong_crc_central.pt", bytes(wrong), "wrong CRC of data.pkl in the directory")
    wrong = bytearray(data)
    wrong[header + 6] |= 1
    put("zip_encrypted_local.pt", bytes(wrong), "flag of encryption in the local header")
    wrong = bytearray(data)
    wrong[central + 8] |= 1
    put("zip_encrypted_central.pt", bytes(wrong), "flag of encryption in the directory")
    wrong = bytearray(data)
    wrong[header + 30: header + 30 + 16] = b"archive/evil.pkl"
    put("zip_local_name.pt", bytes(wrong), "another name in the local header")
    wrong = bytearray(data)
    wrong[central + 46: central + 46 + 16] = b"archive/evil.pkl"
    put("zip_central_name.pt", bytes(wrong), "another name in the directory")
    wrong = bytearray(data)
    wrong[header:header + 4] = b"PK\x03\x05"
    put("zip_bad_start.pt", bytes(wrong), "first four bytes are not those of a local header")
    put("zip_cut.pt", bytes(data[:-8]), "cut at the end")
    put("zip_truncated_half.pt", bytes(data[: len(data) // 2]), "the first half")
    assert zlib.crc32(good) is not None


def legacy():
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    protocol = pickle.dumps(1001, 2)
    system = pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2)
    keys = pickle.dumps(["0"], 2)
    store = b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04NtQ"
    value = HEAD + tensor(storage=store) + b"."
    data = struct.pack("<q", 4) + struct.pack("<4f", 1, 2, 3, 4)
    put("legacy_plain.pt", magic + protocol + system + value + keys + data, "the plain case")
    put("legacy_value_none.pt", magic + protocol + system + HEAD + b"N." + pickle.dumps([], 2), "None, no storage")
    put("legacy_protocol.pt", magic + pickle.dumps(1002, 2) + system + value + keys + data, "protocol number 1002")
    put("legacy_magic_only.pt", magic, "only the magic number")
    put("legacy_magic_protocol0.pt", b"L119547037146038801333356L\n." + protocol + system + value + keys + data, "magic number as LONG")
    put("legacy_system_global.pt", magic + protocol + HEAD + name("os", "system") + b"." + value + keys + data, "a refused name in the system information")
    put("legacy_keys_global.pt", magic + protocol + system + value + HEAD + name("os", "system") + b"." + data, "a refused name in the keys")
    put("legacy_value_global.pt", magic + protocol + system + HEAD + name("os", "system") + b"." + keys, "a refused name in the value")
    put("legacy_keys_missing.pt", magic + protocol + system + value, "no keys")
    put("legacy_key_unknown.pt", magic + protocol + system + value + pickle.dumps(["1"], 2) + data, "key that was not named")
    put("legacy_data_missing.pt", magic + protocol + system + value + keys, "no data")
    put("legacy_data_short.pt", magic + protocol + system + value + keys + data[:12], "data is short")
    put("legacy_size_wrong.pt", magic + protocol + system + value + keys + struct.pack("<q", 5) + data[8:], "another number of elements")
    put("legacy_after.pt", magic + protocol + system + value + keys + data + HEAD + name("os", "system") + b".", "a refused name after the end")
    put("legacy_five.pt", magic + protocol + system + HEAD + b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ." + keys + data,
        "persistent id of five, as zip files have")
    put("legacy_view.pt", magic + protocol + system + HEAD + tensor(storage=b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu")
        + b"K\x04(" + text("1") + b"K\x01K\x02ttQ", size=b"K\x02\x85") + b"." + keys + data, "a view of a storage")
    put("legacy_module.pt", magic + protocol + system + HEAD + b"(" + text("module") + b"NNNtQ." + keys + data, "persistent id of a module")
    put("plain_pickle.pt", HEAD + b"K\x01.", "a pickle that is no torch file")
    put("plain_pickle_global.pt", HEAD + name("os", "system") + b".", "a pickle that is no torch file, refused name")
    put("plain_pickle_reduce.pt", HEAD + EMPTY_ORDERED + b".", "a pickle of an OrderedDict, no torch file")
    put("zeros.pt", b"\0" * 1024, "zeros: an empty tar")
    put("zeros_short.pt", b"\0" * 100, "a few zeros")
    put("empty.pt", b"", "no byte")
    put("text.pt", b"version https://git-lfs.github.com/spec/v1\n", "text of a pointer")
    put("named.safetensors", magic + protocol + system + value + keys + data, "a legacy torch file that is named .safetensors")
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    made = struct.pack("<Q", len(header)) + header + b"\0" * 4
    put("good.safetensors", made, "safetensors by its name")
    put("safetensors_named.pt", made, "safetensors that is named .pt")
    put("upper.SAFETENSORS", made, "the name's end in capitals")


if __name__ == "__main__":
    assert torch.__version__
    for family in (instructions, names, calls, tensors, archives, legacy):
        family()
    seen = {}
    for file, note in ROWS:
        seen[file] = note
    with open(os.path.join(HERE, "INDEX.tsv"), "w") as index:
        index.write("path\tnote\n")
        for file in sorted(seen):
            index.write(f"{file}\t{seen[file]}\n")
    print(len(seen), "files")
