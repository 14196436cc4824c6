//! Files that are as the specifications say, and those that merely look bad.

use super::Case;
use super::bad_exchange::tflite;
use super::bytes::{
    Flat, Value, field, gguf, npy, number, onnx, onnx_external, onnx_node, safetensors, saved_model, tensorflow_graph,
    tensorflow_node, tensorflow_text, text,
};
use super::hdf5::hdf5;
use super::packed::{bzip2, gzip, seven, tar, tar_member, tar_of, xz, zlib, zstd};
use super::pickle::{call, four, global, legacy, long, named, plain, short, state, two};
use super::zip::{Member, torch, torch_members, zip};

const BY_HAND: &str = "the format's specification";

pub(super) fn cases() -> Vec<Case> {
    [pickles(), containers(), exchange(), texts()].concat()
}

fn one(name: &str, format: &'static str, bytes: Vec<u8>) -> Case {
    Case::new(name, format, BY_HAND, bytes)
}

fn pickles() -> Vec<Case> {
    let ordered = |more: &[u8]| two(&[&global("collections", "OrderedDict"), b")R", more]);
    let array = {
        let dtype = [
            call(&named("numpy", "dtype"), &[&short("f4"), b"\x89", b"\x88"]),
            b"(K\x03".to_vec(),
            short("<"),
            b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb".to_vec(),
        ]
        .concat();
        let empty = call(
            &named("numpy._core.multiarray", "_reconstruct"),
            &[&named("numpy", "ndarray"), b"K\x00\x85", b"C\x01b"],
        );
        four(&[&empty, b"(K\x01K\x01\x85", &dtype, b"\x89C\x04\0\0\0\0tb"])
    };
    vec![
        one("none.pkl", "pickle", b"N.".to_vec()),
        one("dictionary.pkl", "pickle", plain()),
        one("protocol_0.pkl", "pickle", b"(dp0\nVepoch\np1\nI3\ns.".to_vec()),
        one(
            "protocol_4.pkl",
            "pickle",
            four(&[b"}\x94(", &short("a"), b"\x94K\x01", &short("b"), b"\x94]\x94(K\x01K\x02eu"]),
        ),
        one("protocol_5.pkl", "pickle", b"\x80\x05\x95\x09\0\0\0\0\0\0\0}\x94\x8c\x01a\x94K\x01s.".to_vec()),
        one("words_only.pkl", "pickle", two(&[b"}", &long("os.system"), &long("subprocess.Popen(eval)"), b"s"])),
        one("words_of_code.pkl", "pickle", two(&[&long("import os; os.system('true')")])),
        one("stacked.pkl", "pickle", plain().repeat(5)),
        one("ordered.pkl", "pickle", ordered(b"")),
        one(
            "ordered_with_state.pkl",
            "pickle",
            ordered(&[b"}".as_slice(), &long("_metadata"), &global("collections", "OrderedDict"), b")Rsb"].concat()),
        ),
        one("set.pkl", "pickle", four(&[b"\x8f(K\x01K\x02\x90"])),
        one("bytes.pkl", "pickle", two(&[&call(&global("_codecs", "encode"), &[&long("ab"), &long("latin1")])])),
        one(
            "complex.pkl",
            "pickle",
            two(&[&call(&global("builtins", "complex"), &[b"G\0\0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0"])]),
        ),
        one(
            "date.pkl",
            "pickle",
            four(&[&call(&named("datetime", "datetime"), &[b"C\x0a\x07\xe9\x01\x01\0\0\0\0\0\0"])]),
        ),
        one("decimal.pkl", "pickle", four(&[&call(&named("decimal", "Decimal"), &[&short("1.5")])])),
        one("path.pkl", "pickle", four(&[&call(&named("pathlib", "PosixPath"), &[&short("a"), &short("b")])])),
        one("fraction.pkl", "pickle", four(&[&call(&named("fractions", "Fraction"), &[&short("1/2")])])),
        one("counter.pkl", "pickle", two(&[&call(&global("collections", "Counter"), &[b"}"])])),
        one(
            "default_dictionary.pkl",
            "pickle",
            two(&[&call(&global("collections", "defaultdict"), &[&global("builtins", "list")])]),
        ),
        one("range.pkl", "pickle", four(&[&call(&named("builtins", "range"), &[b"K\x00", b"K\x05", b"K\x01"])])),
        one("array_of_numpy.pkl", "pickle", array),
        one("long_number.pkl", "pickle", two(&[b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00"])),
        one("deep_list.pkl", "pickle", two(&[&b"]".repeat(400), &b"a".repeat(399)])),
        one("floats.npy", "npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", &[0; 8])),
        one(
            "record.npy",
            "npy",
            npy("{'descr': [('a', '<i4'), ('b', '<f8', (2,))], 'fortran_order': False, 'shape': (1,), }", &[0; 20]),
        ),
        one("nothing.npy", "npy", npy("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 3), }", b"")),
        one("scalar.npy", "npy", npy("{'descr': '|b1', 'fortran_order': False, 'shape': (), }", &[1])),
        one("texts.npy", "npy", npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", &[0; 8])),
        one("objects.npy", "npy", npy(super::bytes::OBJECTS, &two(&[b"]K\x01a"]))),
        one("state.pt", "torch", torch(&state())).loads(true),
        one("legacy.pth", "torch-legacy", legacy(b"")).loads(true),
        one("plain_in_a_zip.pt", "torch", torch(&plain())).loads(true),
        one("deflated.pt", "torch", {
            let mut members = torch_members(&state());
            members[0] = Member::deflated("archive/data.pkl", &state());
            zip(&members)
        }),
        one("storage_like_a_pickle.pt", "torch", {
            let mut members = torch_members(&state());
            members[2] = Member::stored("archive/data/0", b"\x80\x02cos\nsy");
            zip(&members)
        })
        .loads(true),
        one("with_descriptors.pt", "torch", {
            let mut members = torch_members(&state());
            for member in &mut members {
                member.has_descriptor = true;
            }
            zip(&members)
        }),
        one("padded.pt", "torch", {
            let mut members = torch_members(&state());
            for member in &mut members {
                member.extra = b"FB\x08\0ZZZZZZZZ".to_vec();
            }
            zip(&members)
        }),
    ]
}

fn containers() -> Vec<Case> {
    let npy = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", &[0; 4]);
    vec![
        one("pickle.gz", "gzip", gzip(&plain())),
        one("pickle.z", "zlib", zlib(&plain())),
        one("pickle.bz2", "bzip2", bzip2(&plain())),
        one("pickle.xz", "xz", xz(&plain())),
        one("pickle.zst", "zstd", zstd(&plain())),
        one("two_streams.gz", "gzip", [gzip(&plain()), gzip(&plain())].concat()),
        one("arrays.npz", "npz", zip(&[Member::stored("a.npy", &npy), Member::deflated("b.npy", &npy)])),
        one("pickle.zip", "zip", zip(&[Member::deflated("a/model.pkl", &plain()), Member::stored("a/", b"")])),
        one("empty.zip", "zip", zip(&[])),
        one("texts.zip", "zip", zip(&[Member::deflated("README.md", b"# A model\n"), Member::deflated("names.txt", b"a\nb\n")])),
        one("pickle.tar", "tar", tar(&[("a/model.pkl", &plain()), ("a/README.md", b"# A model\n")])),
        one("pickle.tar.gz", "gzip", gzip(&tar(&[("model.pkl", &plain())]))),
        one("link_within.tar", "tar", tar_of(&[tar_member("a/b", b'0', "", &plain()), tar_member("a/c", b'2', "b", b"")])),
        one("pickle.7z", "7z", seven("model.pkl", &plain())),
        one("empty.bin", "empty", Vec::new()),
        one("weights.nemo", "nemo", tar(&[("model_config.yaml", b"target: nemo.collections.asr.models.EncDecCTCModel\nsample_rate: 16000\n"), ("model_weights.ckpt", &torch(&state()))])),
        one("handler_of_torchserve.mar", "mar", zip(&[Member::stored("MAR-INF/MANIFEST.json", br#"{"model":{"modelName":"m","handler":"image_classifier","serializedFile":"m.pt"}}"#), Member::stored("m.pt", &torch(&state()))])),
        one("logistic.skops", "skops", zip(&[Member::stored("schema.json", br#"{"__class__":"LogisticRegression","__module__":"sklearn.linear_model._logistic","__loader__":"ObjectNode","content":{"__class__":"dict","__module__":"builtins","__loader__":"DictNode","content":{},"key_types":{"__class__":"list","__module__":"builtins","__loader__":"ListNode","content":[]}},"protocol":2,"_skops_version":"0.11.0"}"#)])),
        one("sklearn.mlflow.zip", "mlflow", zip(&[Member::stored("MLmodel", b"artifact_path: model\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    python_version: 3.11.7\n"), Member::stored("model.pkl", &plain())])),
    ]
}

fn exchange() -> Vec<Case> {
    let tensor = |name: &str, from: usize, to: usize| {
        format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[{from},{to}]}}", (to - from) / 4)
    };
    let template = "{% for m in messages %}{{ '<|' ~ m['role'] ~ '|>' ~ m['content']|trim }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
    let relu = field(1, onnx_node("", "Relu", b""));
    let weights = [number(1, 2), number(2, 1), field(8, "w"), field(9, [0; 8])].concat();
    let saver = tensorflow_graph(&[
        tensorflow_node("save/input", "Placeholder", &[], b""),
        tensorflow_text("save/Const", "model"),
        tensorflow_node("save/SaveV2", "SaveV2", &["save/input", "x"], b""),
        tensorflow_node("save/RestoreV2", "RestoreV2", &["save/Const", "x"], b""),
        tensorflow_node("save/MergeV2Checkpoints", "MergeV2Checkpoints", &["x", "save/input"], b""),
    ]);
    let coreml = |content: &[u8]| [number(1, 4), field(2, field(1, "x")), field(500, content)].concat();
    vec![
        one("one_tensor.safetensors", "safetensors", safetensors(&format!("{{{}}}", tensor("a", 0, 16)), 16)),
        one("two_tensors.safetensors", "safetensors", safetensors(&format!("{{{},{}}}", tensor("b", 16, 32), tensor("a", 0, 16)), 32)),
        one("with_metadata.safetensors", "safetensors", safetensors(&format!("{{\"__metadata__\":{{\"format\":\"pt\"}},{}}}   ", tensor("a", 0, 16)), 16)),
        one("without_tensors.safetensors", "safetensors", safetensors("{}", 0)),
        one("empty_tensor.safetensors", "safetensors", safetensors("{\"a\":{\"dtype\":\"BF16\",\"shape\":[0,4],\"data_offsets\":[0,0]}}", 0)),
        one("training_notes.safetensors", "safetensors", safetensors("{\"__metadata__\":{\"ss_dataset\":\"{\\\"path\\\": \\\"/data/a\\\", \\\"tags\\\": {\\\"eval\\\": 1}}\"}}", 0)),
        one("values.gguf", "gguf", gguf(&[("general.architecture", text("llama")), ("a.b", Value::U32(1)), ("a.c", Value::F32(0.5)), ("a.d", Value::Bool(true))], &[], 0)),
        one("template.gguf", "gguf", gguf(&[("general.architecture", text("llama")), ("tokenizer.chat_template", text(template))], &[], 0)),
        one("tokens.gguf", "gguf", gguf(&[("tokenizer.ggml.tokens", Value::Texts(["{{", "{%", "__class__", "os.system"].map(str::to_owned).to_vec()))], &[], 0)),
        one("tensors.gguf", "gguf", gguf(&[("general.architecture", text("llama"))], &[("a", &[4, 2], 0, 0), ("b", &[32], 8, 32)], 66)),
        one("relu.onnx", "onnx", onnx(&relu, b"")),
        one("weights.onnx", "onnx", onnx(&[relu.clone(), field(5, &weights)].concat(), b"")),
        one("data_beside.onnx", "onnx", onnx(&[relu.clone(), field(5, onnx_external(&[("location", "m.data"), ("offset", "0"), ("length", "8")]))].concat(), b"")),
        one("domain_of_onnxruntime.onnx", "onnx", onnx(&field(1, onnx_node("com.microsoft", "FusedMatMul", b"")), b"")),
        one("metadata.onnx", "onnx", onnx(&relu, &field(14, [field(1, "author"), field(2, "by hand")].concat()))),
        one("graph.pb", "graph-def", tensorflow_graph(&[tensorflow_node("a", "MatMul", &[], b"")])),
        one("saver.pb", "saved-model", saved_model(&saver, b"")),
        one("relu.tflite", "tflite", tflite(&[(19, "")], Flat::None)),
        one("layer.mlmodel", "coreml", coreml(&field(1, [field(1, "l"), field(140, "")].concat()))),
        one("tree.pmml", "pmml", b"<?xml version=\"1.0\"?>\n<PMML version=\"4.4\"><Header><Application name=\"x\"/></Header><DataDictionary/></PMML>".to_vec()),
        one("pipeline.pmml", "pmml", b"<PMML version=\"4.4\"><Header/><Extension>PMMLPipeline(steps=[('a', Tree())])</Extension></PMML>".to_vec()),
        one("net.xml", "openvino", b"<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers><layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"1\" element_type=\"f32\"/></layer></layers></net>".to_vec()),
        one("weights.h5", "hdf5", hdf5(&[])),
        one("dense.h5", "keras-hdf5", hdf5(&[("keras_version", "2.15.0"), ("backend", "tensorflow"), ("model_config", DENSE)])),
        one("dense.keras", "keras", zip(&[Member::stored("metadata.json", b"{\"keras_version\": \"3.9.0\"}"), Member::stored("config.json", DENSE_3.as_bytes()), Member::stored("model.weights.h5", &hdf5(&[]))])),
    ]
}

const DENSE: &str = r#"{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"Dense","config":{"units":1,"activation":"relu"}}]}}"#;
const DENSE_3: &str = r#"{"module":"keras","class_name":"Sequential","config":{"layers":[{"module":"keras.layers","class_name":"Dense","config":{"units":1,"activation":"linear"},"registered_name":null}]},"registered_name":"Sequential"}"#;

fn texts() -> Vec<Case> {
    let templates = [
        "{% for m in messages %}{{ m.content }}{% endfor %}",
        "{%- if tools %}{{ tools | tojson(indent=2) }}{%- endif %}{{ raise_exception('no') }}",
        "{% set ns = namespace(found=false) %}{% for m in messages if m.role == 'user' %}{% set ns.found = true %}{% endfor %}{{ ns.found }}",
        "{% macro render(x) -%}{{ x | trim | upper }}{%- endmacro %}{{ render(bos_token) }}",
        "{{ strftime_now('%d %b %Y') }}{% generation %}{{ x }}{% endgeneration %}",
        "{{ messages[0]['content'].split('</think>')[-1].lstrip('\\n') }}",
        "{% if m.tool_calls is defined and m.tool_calls is iterable %}{{ m.tool_calls | map(attribute='function') | list }}{% endif %}",
    ];
    let mut out: Vec<Case> = templates
        .iter()
        .enumerate()
        .map(|(index, template)| {
            let json = serde_json::json!({ "tokenizer_class": "LlamaTokenizer", "chat_template": template });
            one(&format!("chat_{index}.json"), "tokenizer", json.to_string().into_bytes())
        })
        .collect();
    out.extend([
        one("dense.json", "keras-config", DENSE.as_bytes().to_vec()),
        one("tokenizer.json", "tokenizer", br#"{"version":"1.0","added_tokens":[{"id":0,"content":"<s>"}],"model":{"type":"BPE","vocab":{"{{":1,"__class__":2},"merges":["a b"]}}"#.to_vec()),
        one("config.json", "model-config", br#"{"architectures":["LlamaForCausalLM"],"model_type":"llama","torch_dtype":"bfloat16"}"#.to_vec()),
        one("shards.json", "shard-index", br#"{"metadata":{"total_size":1},"weight_map":{"a":"model-00001-of-00002.safetensors"}}"#.to_vec()),
        one("modules.json", "json", br#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]"#.to_vec()),
        one("pipeline.json", "model-config", br#"{"_class_name":"StableDiffusionPipeline","_diffusers_version":"0.30","vae":["diffusers","AutoencoderKL"],"feature_extractor":[null,null]}"#.to_vec()),
        one("generation.json", "", br#"{"_from_model_config":true,"bos_token_id":1,"eos_token_id":2,"transformers_version":"4.40.0"}"#.to_vec()),
        one("processor.json", "", br#"{"image_processor_type":"CLIPImageProcessor","processor_class":"CLIPProcessor","do_resize":true,"size":{"shortest_edge":224}}"#.to_vec()),
        one("lines.json", "json", b"{\"a\":1}\n{\"b\":2}\n".to_vec()),
        one("config.yaml", "", b"model:\n  _target_: torch.nn.Linear\n  in_features: 4\n".to_vec()),
        one("vocabulary.txt", "", b"[PAD]\n[UNK]\n__class__\nos.system\n".to_vec()),
        one("card.md", "text", b"---\nlicense: mit\n---\n# A model\n\n```python\nimport os\nos.system('true')\n```\n".to_vec()),
        one("merges.txt", "text", b"#version: 0.2\na b\nab c\n".to_vec()),
    ]);
    out
}
