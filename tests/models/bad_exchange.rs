//! Formats that carry graphs: ONNX, TensorFlow, `TFLite`, Core ML, PMML, `OpenVINO`.

use super::Case;
use super::bytes::{
    Flat, field, flat, number, onnx, onnx_attribute, onnx_external, onnx_node, saved_model, tensorflow_attribute,
    tensorflow_graph, tensorflow_node, tensorflow_text,
};

pub(super) fn cases() -> Vec<Case> {
    [onnx_cases(), tensorflow_cases(), tflite_cases(), coreml_cases(), markup_cases()].concat()
}

fn onnx_cases() -> Vec<Case> {
    let advisory = "CVE-2022-25882, CVE-2024-27318, CVE-2024-5187: external data";
    let relu = field(1, onnx_node("", "Relu", b""));
    let reach = onnx_external(&[("location", "../../etc/passwd")]);
    let inner = [relu.clone(), field(5, &reach)].concat();
    let sparse = field(1, &reach);
    let in_node = |operator: &str, attribute: &[u8]| onnx(&field(1, onnx_node("", operator, attribute)), b"");
    let places = [
        ("initialiser", onnx(&inner, b"")),
        ("attribute", in_node("Constant", &onnx_attribute(5, &reach))),
        ("attribute_list", in_node("Constant", &onnx_attribute(10, &reach))),
        ("subgraph", in_node("If", &onnx_attribute(6, &inner))),
        ("subgraph_list", in_node("Scan", &onnx_attribute(11, &inner))),
        ("sparse_attribute", in_node("Constant", &onnx_attribute(22, &sparse))),
        ("sparse_initialiser", onnx(&[relu.clone(), field(15, &sparse)].concat(), b"")),
        ("training", onnx(&relu, &field(20, field(1, &inner)))),
        (
            "function",
            onnx(
                &relu,
                &field(
                    25,
                    [field(1, "F"), field(10, "l"), field(7, onnx_node("", "Constant", &onnx_attribute(5, &reach)))]
                        .concat(),
                ),
            ),
        ),
        ("second_graph", onnx(&relu, &field(7, field(5, &reach)))),
        ("absolute", onnx(&[relu.clone(), field(5, onnx_external(&[("location", "/etc/passwd")]))].concat(), b"")),
        ("backslashes", onnx(&[relu.clone(), field(5, onnx_external(&[("location", "..\\..\\x")]))].concat(), b"")),
        (
            "second_location",
            onnx(
                &[relu.clone(), field(5, onnx_external(&[("location", "a.data"), ("location", "../../x")]))].concat(),
                b"",
            ),
        ),
    ];
    let mut out: Vec<Case> = places
        .into_iter()
        .map(|(name, bytes)| {
            Case::new(&format!("external_{name}.onnx"), "onnx", advisory, bytes).dangerous("onnx-external-path")
        })
        .collect();
    let custom = "research note: custom domains load a library";
    for (name, domain, operator) in [
        ("domain", "com.example", "Run"),
        ("python", "", "PyOp"),
        ("extensions", "ai.onnx.contrib", "PyOp"),
        ("unknown", "", "Shell"),
    ] {
        let bytes = onnx(&field(1, onnx_node(domain, operator, b"")), b"");
        out.push(Case::new(&format!("operator_{name}.onnx"), "onnx", custom, bytes).suspicious("onnx-custom-operator"));
    }
    let other = |name: &str, bytes: Vec<u8>| Case::new(&format!("{name}.onnx"), "onnx", "ONNX: specification", bytes);
    let with = |entries: &[(&str, &str)]| onnx(&[relu.clone(), field(5, onnx_external(entries))].concat(), b"");
    out.extend([
        other("negative_offset", with(&[("location", "a"), ("offset", "-1")])).malformed("onnx-external-data"),
        other("huge_length", with(&[("location", "a"), ("length", "9000000000000000000")]))
            .malformed("onnx-external-data"),
        other("attribute_of_the_loader", with(&[("location", "a"), ("__class__", "x")])).dangerous(""),
        other(
            "tensor_too_short",
            onnx(&[relu.clone(), field(5, [number(1, 3), number(2, 1), field(9, [0; 8])].concat())].concat(), b""),
        )
        .malformed("onnx-tensor"),
        other("compiled_for_a_device", onnx(&field(1, onnx_node("com.microsoft", "EPContext", b"")), b""))
            .unread("onnx-compiled"),
        other(
            "code_in_metadata",
            onnx(&relu, &field(14, [field(1, "names"), field(2, "__import__('os').system('true')")].concat())),
        )
        .suspicious("onnx-metadata"),
        other("field_beyond_the_end", [onnx(&relu, b""), vec![0x3a, 0x7f]].concat()).malformed("protobuf-malformed"),
    ]);
    out
}

fn tensorflow_cases() -> Vec<Case> {
    let source = "modelscan: list of operators; TFLOW advisories";
    let mut out = Vec::new();
    for (operator, verdict, rule) in [
        ("ReadFile", "dangerous", "tensorflow-operator"),
        ("WriteFile", "dangerous", "tensorflow-operator"),
        ("MatchingFiles", "dangerous", "tensorflow-operator"),
        ("PyFunc", "dangerous", "tensorflow-operator"),
        ("EagerPyFunc", "dangerous", "tensorflow-operator"),
        ("PyFuncStateless", "dangerous", "tensorflow-operator"),
        ("DebugIdentityV2", "dangerous", "tensorflow-operator"),
        ("TextLineDataset", "suspicious", "tensorflow-doubtful-operator"),
        ("Nobodys", "suspicious", "tensorflow-custom-operator"),
    ] {
        let node = tensorflow_node("a", operator, &["b"], b"");
        let graph = tensorflow_graph(std::slice::from_ref(&node));
        let function = [field(1, [field(1, "f"), field(2, field(1, "path"))].concat()), field(3, &node)].concat();
        for (place, format, bytes) in [
            ("graph", "graph-def", graph.clone()),
            ("saved", "saved-model", saved_model(&graph, b"")),
            ("function", "saved-model", saved_model(&field(2, field(1, function)), b"")),
        ] {
            let case = Case::new(&format!("{place}_{operator}.pb"), format, source, bytes);
            out.push(Case { verdict, rule, ..case });
        }
    }
    let plain = tensorflow_graph(&[tensorflow_node("a", "MatMul", &[], b"")]);
    let evil = tensorflow_graph(&[tensorflow_node("a", "WriteFile", &["b"], b"")]);
    let print =
        tensorflow_node("a", "PrintV2", &["b"], &tensorflow_attribute("output_stream", &field(2, "file:///tmp/x")));
    let asset = |name: &str| field(6, [field(1, field(1, "c:0")), field(2, name)].concat());
    let save = [tensorflow_text("c", "/tmp/x"), tensorflow_node("s", "SaveV2", &["c"], b"")];
    out.extend([
        Case::new("second_graph.pb", "saved-model", source, saved_model(&plain, &field(2, &evil)))
            .dangerous("tensorflow-operator"),
        Case::new(
            "second_meta_graph.pb",
            "saved-model",
            source,
            [saved_model(&plain, b""), field(2, field(2, &evil))].concat(),
        )
        .dangerous("tensorflow-operator"),
        Case::new("print_to_a_file.pb", "graph-def", "research note: PrintV2", tensorflow_graph(&[print]))
            .dangerous(""),
        Case::new(
            "save_to_a_place.pb",
            "saved-model",
            "research note: SaveV2",
            saved_model(&tensorflow_graph(&save), b""),
        )
        .suspicious("tensorflow-path"),
        Case::new(
            "asset_outside.pb",
            "saved-model",
            "TensorFlow: assets",
            saved_model(&plain, &asset("../../etc/passwd")),
        )
        .dangerous("tensorflow-asset-path"),
    ]);
    out
}

/// A model of `TFLite` with operators given as code, version and name.
pub(super) fn tflite(codes: &[(u32, &str)], more: Flat) -> Vec<u8> {
    let codes = codes
        .iter()
        .map(|(code, custom)| {
            let custom = if custom.is_empty() { Flat::None } else { Flat::Text((*custom).to_owned()) };
            vec![Flat::Byte((*code).min(127) as u8), custom, Flat::Int(1), Flat::Int(*code)]
        })
        .collect();
    let tensor = |name: &str| vec![Flat::Ints(vec![1]), Flat::None, Flat::Int(0), Flat::Text(name.to_owned())];
    let operator = vec![Flat::Int(0), Flat::Ints(vec![0]), Flat::Ints(vec![1])];
    let graph = vec![
        Flat::Tables(vec![tensor("x"), tensor("y")]),
        Flat::Ints(vec![0]),
        Flat::Ints(vec![1]),
        Flat::Tables(vec![operator]),
        Flat::Text("main".to_owned()),
    ];
    flat(
        b"TFL3",
        &[
            Flat::Int(3),
            Flat::Tables(codes),
            Flat::Tables(vec![graph]),
            Flat::Text("by hand".to_owned()),
            Flat::Tables(vec![vec![Flat::None]]),
            Flat::None,
            more,
        ],
    )
}

fn tflite_cases() -> Vec<Case> {
    let source = "TFLite: schema, TensorFlow advisories";
    let one = |name: &str, bytes: Vec<u8>| Case::new(&format!("{name}.tflite"), "tflite", source, bytes);
    let plain = tflite(&[(0, "")], Flat::None);
    vec![
        one("custom_operator", tflite(&[(32, "MyOperator")], Flat::None)).suspicious("tensorflow-custom-operator"),
        one("flex_read_file", tflite(&[(32, "FlexReadFile")], Flat::None)).dangerous("tensorflow-operator"),
        one("flex_write_file", tflite(&[(32, "FlexWriteFile")], Flat::None)).dangerous("tensorflow-operator"),
        one("cut_off", plain[..plain.len() / 2].to_vec()).malformed("tflite-malformed"),
        one("root_beyond_the_end", [&0x7fff_ffff_u32.to_le_bytes()[..], &plain[4..]].concat())
            .malformed("tflite-malformed"),
    ]
}

fn coreml_cases() -> Vec<Case> {
    let source = "Core ML: custom layers and models";
    let model = |kind: u32, content: &[u8]| [number(1, 4), field(2, field(1, "x")), field(kind, content)].concat();
    let layer = field(1, [field(1, "l"), field(500, field(10, "MyLayer"))].concat());
    let value = |path: &str| field(5, [field(1, path), number(2, 64)].concat());
    let program = |path: &str| {
        let operation = [field(1, "const"), field(5, [field(1, "val"), field(2, value(path))].concat())].concat();
        let function = field(3, [field(1, "CoreML5"), field(2, field(3, operation))].concat());
        model(502, &[number(1, 1), field(2, [field(1, "main"), field(2, function)].concat())].concat())
    };
    let one = |name: &str, bytes: Vec<u8>| Case::new(&format!("{name}.mlmodel"), "coreml", source, bytes);
    vec![
        one("custom_layer", model(500, &layer)).suspicious("coreml-custom-code"),
        one("custom_layer_in_a_pipeline", model(202, &field(1, model(500, &layer)))).suspicious("coreml-custom-code"),
        one("custom_model", model(555, &field(10, "MyModel"))).suspicious("coreml-custom-code"),
        one("weights_outside", program("@model_path/../../x")).dangerous("coreml-path"),
    ]
}

fn markup_cases() -> Vec<Case> {
    let entity = "XML external entities";
    let pmml = |inner: &str| {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PMML version=\"4.4\">{inner}</PMML>").into_bytes()
    };
    let net = |inner: &str| {
        format!("<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers>{inner}</layers></net>").into_bytes()
    };
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    vec![
        Case::new("entity_of_a_file.pmml", "pmml", entity, b"<!DOCTYPE PMML [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><PMML>&x;</PMML>".to_vec())
            .dangerous("xml-external-entity"),
        Case::new("entity_of_a_parameter.pmml", "pmml", entity, b"<!DOCTYPE PMML [<!ENTITY % x SYSTEM 'http://example.com/x'> %x;]><PMML/>".to_vec())
            .dangerous("xml-external-entity"),
        Case::new("entity_in_wide_letters.xml", "", entity, wide("<!DOCTYPE a [<!ENTITY x SYSTEM \"x\">]><a/>")).dangerous("xml-external-entity"),
        Case::new("entities_that_grow.pmml", "", "billion laughs", b"<!DOCTYPE PMML [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\"><!ENTITY c \"&b;&b;\">]><PMML>&c;</PMML>".to_vec())
            .suspicious("xml-entity"),
        Case::new("other_encoding.pmml", "", entity, b"<?xml version=\"1.0\" encoding=\"UTF-7\"?><PMML/>".to_vec()).unread(""),
        Case::new("code_of_java.pmml", "pmml", "JPMML and its extensions", pmml("<Extension name='x' value='Runtime.getRuntime().exec(1)'/>"))
            .suspicious("pmml-code"),
        Case::new("code_of_python.pmml", "pmml", "PMML extensions", pmml("<Extension>import os; os.system('true')</Extension>")).suspicious("pmml-code"),
        Case::new("script.pmml", "pmml", "PMML extensions", pmml("<x:script>1</x:script>")).suspicious("pmml-code"),
        Case::new("own_function.pmml", "pmml", "JPMML: functions by class name", pmml("<Apply function=\"com.example.Run\"/>")).suspicious("pmml-code"),
        Case::new("cut_off.pmml", "pmml", "XML", pmml("<Header>")).malformed("xml-malformed"),
        Case::new("extension.xml", "openvino", "OpenVINO: extensions are libraries", net("<layer type=\"Run\" version=\"extension\"/>"))
            .suspicious("openvino-custom-operator"),
        Case::new("library_by_path.xml", "openvino", "OpenVINO: extensions are libraries", net("<layer type=\"Run\" version=\"opset1\"><data path=\"../../x.so\"/></layer>"))
            .dangerous("openvino-path"),
        Case::new("constant_before_the_file.xml", "openvino", "OpenVINO: offsets", net("<layer type=\"Const\" version=\"opset1\"><data element_type=\"f32\" offset=\"-1\" size=\"8\"/></layer>"))
            .malformed("openvino-malformed"),
    ]
}
