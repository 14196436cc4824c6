"""npy, npz, safetensors and GGUF."""

import json
import os

from make import path_of


def npy(shelf):
    import numpy as np

    version = "numpy " + np.__version__
    structured = np.array([(1, 2.0, "x")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U3")])
    wide = np.zeros(2, dtype=[(f"field_number_{number}", "f4") for number in range(3000)])
    named = np.zeros(2, dtype=[("gr\u00f6\u00dfe", "f4")])
    arrays = {
        "float32": np.arange(12, dtype="f4").reshape(3, 4),
        "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        "big_endian": np.arange(4, dtype=">i8"),
        "structured": structured,
        "nested_dtype": np.zeros(2, dtype=[("a", [("b", "i4"), ("c", "f4", (2, 3))])]),
        "strings": np.array(["a", "longer"]),
        "bytes": np.array([b"ab", b"c"]),
        "date": np.array(["2024-01-01"], dtype="datetime64[D]"),
        "boolean": np.array([True, False]),
        "complex": np.array([1 + 2j]),
        "scalar": np.array(1.5),
        "empty": np.zeros((0, 3)),
        "half": np.zeros(3, dtype="f2"),
    }
    for name, array in arrays.items():
        path = path_of(f"arrays/{name}.npy")
        np.save(path, array, allow_pickle=False)
        shelf.put(path, "npy", version, name)
    path = path_of("arrays/version2.npy")
    with open(path, "wb") as file:
        np.lib.format.write_array(file, np.arange(5), version=(2, 0))
    shelf.put(path, "npy", version, "format 2.0")
    path = path_of("arrays/version2_wide.npy")
    np.save(path, wide)
    shelf.put(path, "npy", version, "format 2.0, header above 64 KiB")
    path = path_of("arrays/version3.npy")
    np.save(path, named)
    shelf.put(path, "npy", version, "format 3.0, name in UTF-8")
    objects = np.array([{"a": 1}, [1, 2], None, "text"], dtype=object)
    path = path_of("arrays/objects.npy")
    np.save(path, objects, allow_pickle=True)
    shelf.put(path, "npy", version, "object array of plain data (a pickle inside)")
    path = path_of("arrays/several.npy")
    with open(path, "wb") as file:
        np.save(file, np.arange(3))
        np.save(file, np.arange(4.0))
    shelf.put(path, "npy", version, "two arrays one after the other")


def npz(shelf):
    import numpy as np
    import scipy.sparse

    version = "numpy " + np.__version__
    for name, writer in (("stored", np.savez), ("compressed", np.savez_compressed)):
        path = path_of(f"arrays/{name}.npz")
        writer(path, weights=np.arange(12.0), names=np.array(["a", "b"]), step=3)
        shelf.put(path, "npz", version, name)
    path = path_of("arrays/objects.npz")
    np.savez(path, vocabulary=np.array([{"a": 1, "b": 2}], dtype=object), weights=np.ones(3))
    shelf.put(path, "npz", version, "with an object array")
    path = path_of("arrays/sparse.npz")
    scipy.sparse.save_npz(path, scipy.sparse.csr_matrix(np.eye(3)))
    shelf.put(path, "npz", "scipy", "sparse matrix")
    path = path_of("arrays/unnamed.npz")
    np.savez(path, np.ones(2), np.zeros(3))
    shelf.put(path, "npz", version, "arr_0, arr_1")
    path = path_of("arrays/empty.npz")
    np.savez(path)
    shelf.put(path, "npz", version, "no array")


def safetensors(shelf):
    import numpy as np
    import safetensors
    import safetensors.numpy
    import safetensors.torch
    import torch

    version = "safetensors " + safetensors.__version__
    values = {}
    for name in ("float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 uint32 uint64 "
                 "float8_e4m3fn float8_e5m2 float8_e8m0fnu complex64").split():
        values[name] = torch.zeros(2, 3).to(getattr(torch, name))

    def put(name, tensors, note, metadata=None, save=safetensors.torch.save_file):
        path = path_of(f"safetensors/{name}.safetensors")
        save(tensors, path, metadata=metadata)
        shelf.put(path, "safetensors", version, note)

    put("dtypes", values, "all number types")
    put("metadata", {"a": torch.ones(2)}, "metadata of transformers", {"format": "pt"})
    put("long_metadata", {"a": torch.ones(2)}, "training metadata as text", {
        "ss_base_model_version": "sdxl", "modelspec.title": "a style", "ss_tag_frequency": json.dumps({"x": {"a, b": 3}}),
        "modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "modelspec.date": "2024-01-01T00:00:00",
        "ss_network_args": json.dumps({"conv_dim": "8"}), "author": "<someone@example.com>"})
    put("empty", {}, "no tensor")
    put("only_metadata", {}, "no tensor, but metadata", {"note": "nothing here"})
    put("scalars", {"scalar": torch.tensor(1.0), "empty": torch.zeros(0, 4)}, "scalar and empty tensors")
    put("names", {"model.layers.0.self_attn.q_proj.weight": torch.ones(2, 2), "\u00fc/\u4e2d": torch.ones(1), "": torch.ones(1)},
        "dotted names, UTF-8, the empty name")
    put("numpy", {"a": np.arange(3.0), "b": np.array([True])}, "by the numpy writer", save=safetensors.numpy.save_file)
    many = {f"blocks.{number}.weight": torch.ones(1) for number in range(300)}
    put("many", many, "300 tensors")
    folder = "safetensors/sharded"
    os.makedirs(folder)
    mapping = {}
    for number in (1, 2, 3):
        file = f"model-{number:05}-of-00003.safetensors"
        safetensors.torch.save_file({f"layer{number}.weight": torch.ones(4, 4)}, f"{folder}/{file}", {"format": "pt"})
        mapping[f"layer{number}.weight"] = file
    with open(f"{folder}/model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {"total_size": 192}, "weight_map": mapping}, file, indent=2)
    shelf.folder(folder, "hub-repository", version, "three shards with index")


CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def gguf_files(shelf):
    import importlib.metadata

    import gguf
    import numpy as np

    version = "gguf " + importlib.metadata.version("gguf")

    def start(name, **options):
        path = path_of(f"gguf/{name}.gguf")
        writer = gguf.GGUFWriter(path, "llama", **options)
        return path, writer

    def finish(path, writer, note):
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        shelf.put(path, "gguf", version, note)

    def language_model(writer, template):
        writer.add_name("small")
        writer.add_context_length(128)
        writer.add_embedding_length(32)
        writer.add_block_count(1)
        writer.add_feed_forward_length(64)
        writer.add_head_count(2)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_rope_dimension_count(16)
        writer.add_file_type(0)
        writer.add_tokenizer_model("llama")
        tokens = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{number:02X}>".encode() for number in range(64)]
        writer.add_token_list(tokens)
        writer.add_token_scores([0.0] * len(tokens))
        writer.add_token_types([3] * 3 + [6] * 64)
        writer.add_token_merges(["a b", "c d"])
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_add_bos_token(True)
        if template:
            writer.add_chat_template(template)
        writer.add_tensor("token_embd.weight", np.zeros((len(tokens), 32), dtype=np.float32))
        writer.add_tensor("blk.0.attn_q.weight", np.zeros((32, 32), dtype=np.float16))
        writer.add_tensor("output_norm.weight", np.ones(32, dtype=np.float32))

    path, writer = start("language_model")
    language_model(writer, CHATML)
    finish(path, writer, "tokens, scores, chat template, three tensors")
    path, writer = start("named_templates")
    language_model(writer, [{"name": "default", "template": CHATML}, {"name": "tool_use", "template": CHATML}])
    finish(path, writer, "several chat templates by name")
    path, writer = start("no_template")
    language_model(writer, None)
    finish(path, writer, "without chat template")
    path, writer = start("big_endian", endianess=gguf.GGUFEndian.BIG)
    language_model(writer, CHATML)
    finish(path, writer, "big endian")
    path, writer = start("all_value_types")
    for kind, value in (("uint8", 200), ("int8", -3), ("uint16", 60000), ("int16", -300), ("uint32", 2**31), ("int32", -5),
                        ("float32", 1.5), ("uint64", 2**40), ("int64", -(2**40)), ("float64", 2.5), ("bool", True), ("string", "text")):
        getattr(writer, "add_" + kind)(f"test.{kind}", value)
    writer.add_array("test.array_of_integers", [1, 2, 3])
    writer.add_array("test.array_of_text", ["a", "b"])
    writer.add_array("test.array_of_floats", [0.5, 1.5])
    writer.add_array("test.array_of_flags", [True, False])
    finish(path, writer, "every type of value, no tensor")
    path, writer = start("alignment")
    writer.add_custom_alignment(64)
    writer.add_tensor("a", np.arange(5, dtype=np.float32))
    writer.add_tensor("b", np.arange(3, dtype=np.int8))
    finish(path, writer, "alignment 64")
    path, writer = start("quantised")
    for kind in ("Q8_0", "Q4_0", "Q5_1"):
        which = getattr(gguf.GGMLQuantizationType, kind)
        data = gguf.quants.quantize(np.linspace(-1, 1, 64, dtype=np.float32).reshape(2, 32), which)
        writer.add_tensor("weight." + kind.lower(), data, raw_dtype=which)
    finish(path, writer, "quantised tensors")
    path, writer = start("integers")
    for kind in ("int8", "int16", "int32", "int64", "float64", "float16"):
        writer.add_tensor(kind, np.zeros((2, 2), dtype=kind))
    finish(path, writer, "integer tensors")


FAMILIES = [npy, npz, safetensors, gguf_files]
