use crate::scan::Format;
use crate::scan::Limits;
use crate::scan::Verdict;
use crate::scan::file;
use crate::scan::protobuf::tests::bytes;
use crate::scan::protobuf::tests::number;

/// A node of a graph.
fn node(name: &str, operator: &str, inputs: &[&str], more: &[u8]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|input| bytes(3, input)).collect();
    [bytes(1, name), bytes(2, operator), inputs, more.to_vec()].concat()
}

/// An attribute.
fn attribute(key: &str, value: &[u8]) -> Vec<u8> {
    bytes(5, [bytes(1, key), bytes(2, value)].concat())
}

/// A constant text.
fn constant(name: &str, text: &str) -> Vec<u8> {
    let tensor = [number(1, 7), bytes(2, ""), bytes(8, text)].concat();
    node(name, "Const", &[], &[attribute("value", &bytes(8, tensor)), attribute("dtype", &number(6, 7))].concat())
}

fn graph(nodes: &[Vec<u8>]) -> Vec<u8> {
    nodes.iter().flat_map(|node| bytes(1, node)).collect()
}

fn function(name: &str, nodes: &[Vec<u8>]) -> Vec<u8> {
    let nodes: Vec<u8> = nodes.iter().flat_map(|node| bytes(3, node)).collect();
    [bytes(1, [bytes(1, name), bytes(2, bytes(1, "path"))].concat()), nodes].concat()
}

fn saved(graph: &[u8], more: &[u8]) -> Vec<u8> {
    [number(1, 1), bytes(2, [bytes(2, graph), more.to_vec()].concat())].concat()
}

fn found(input: &[u8]) -> (Format, Verdict, Vec<&'static str>) {
    let report = file(&input, "m", &Limits::default());
    (report.format, report.verdict, report.findings.iter().map(|f| f.rule.id).collect())
}

#[test]
fn plain_graphs_are_clean_wherever_they_stand() {
    let saver = [
        node("save/input", "Placeholder", &[], b""),
        constant("suffix", "_temp/part"),
        node("save/join", "StringJoin", &["save/input", "suffix"], b""),
        constant("save/Const", "model"),
        node("save/SaveV2", "SaveV2", &["save/join", "x"], b""),
        node("save/RestoreV2", "RestoreV2", &["save/Const", "x"], b""),
        node("call", "local_function", &[], b""),
    ];
    let library = bytes(2, bytes(1, function("local_function", &[node("a", "MatMul", &[], b"")])));
    let graph = [graph(&saver), library].concat();
    assert_eq!(found(&graph), (Format::GraphDef, Verdict::Clean, vec![]));
    assert_eq!(found(&saved(&graph, b"")), (Format::SavedModel, Verdict::Clean, vec![]));
    assert_eq!(found(&bytes(2, &graph)).1, Verdict::Clean);
}

#[test]
fn operators_that_reach_out_are_found_in_graphs_and_functions() {
    let evil = node("a", "WriteFile", &["b", "c"], b"");
    let inner = bytes(2, bytes(1, function("f", std::slice::from_ref(&evil))));
    let plain = graph(&[node("a", "MatMul", &[], b"")]);
    for input in [
        graph(std::slice::from_ref(&evil)),
        inner.clone(),
        saved(&graph(std::slice::from_ref(&evil)), b""),
        saved(&inner, b""),
        // A second graph is merged with the first.
        saved(&plain, &bytes(2, graph(std::slice::from_ref(&evil)))),
        [saved(&plain, b""), bytes(2, bytes(2, graph(&[evil])))].concat(),
    ] {
        let (_, verdict, rules) = found(&input);
        assert_eq!((verdict, rules), (Verdict::Dangerous, vec!["tensorflow-operator"]));
    }
    for (operator, verdict) in [
        ("PyFunc", Verdict::Dangerous),
        ("ReadFile", Verdict::Dangerous),
        ("TextLineDataset", Verdict::Suspicious),
        ("Nobodys", Verdict::Suspicious),
    ] {
        assert_eq!(found(&saved(&graph(&[node("a", operator, &[], b"")]), b"")).1, verdict, "{operator}");
    }
    let print = node("a", "PrintV2", &["b"], &attribute("output_stream", &bytes(2, "file:///tmp/x")));
    assert_eq!(found(&graph(&[print])).1, Verdict::Dangerous);
}

#[test]
fn paths_that_are_built_in_are_found_through_calls() {
    let call = attribute("f", &bytes(10, bytes(1, "save")));
    let library = |inner: Vec<u8>| bytes(2, bytes(1, function("save", &[inner])));
    let nodes = [constant("c", "/tmp/x"), node("call", "StatefulPartitionedCall", &["c"], &call)];
    let graph = [graph(&nodes), library(node("s", "SaveV2", &["path"], b""))].concat();
    assert_eq!(found(&saved(&graph, b"")).2, ["tensorflow-path"]);
    let table = |asset: &str| {
        let nodes = [constant("c", "/home/me/vocab.txt"), node("t", "InitializeTableFromTextFileV2", &["h", "c"], b"")];
        saved(&super::tests::graph(&nodes), &bytes(6, [bytes(1, bytes(1, "c:0")), bytes(2, asset)].concat()))
    };
    assert_eq!(found(&table("vocab.txt")).1, Verdict::Clean);
    assert_eq!(found(&table("../../x")).2, ["tensorflow-asset-path"]);
}

#[test]
fn core_ml_classes_and_paths_are_found() {
    let model = |field: u32, content: &[u8]| [number(1, 4), bytes(2, bytes(1, "x")), bytes(field, content)].concat();
    let layer = bytes(1, [bytes(1, "l"), bytes(500, bytes(10, "MyLayer"))].concat());
    let value = |path: &str| bytes(5, [bytes(1, path), number(2, 64)].concat());
    let program = |path: &str| {
        let operation = [bytes(1, "const"), bytes(5, [bytes(1, "val"), bytes(2, value(path))].concat())].concat();
        let function = bytes(3, [bytes(1, "CoreML5"), bytes(2, bytes(3, operation))].concat());
        model(502, &[number(1, 1), bytes(2, [bytes(1, "main"), bytes(2, function)].concat())].concat())
    };
    let plain = model(500, &bytes(1, [bytes(1, "l"), bytes(140, "")].concat()));
    for (input, verdict) in [
        (plain, Verdict::Clean),
        (model(500, &layer), Verdict::Suspicious),
        (model(202, &bytes(1, model(500, &layer))), Verdict::Suspicious),
        (model(555, &bytes(10, "MyModel")), Verdict::Suspicious),
        (program("@model_path/weights/weight.bin"), Verdict::Clean),
        (program("@model_path/../../x"), Verdict::Dangerous),
    ] {
        let (format, found, rules) = found(&input);
        assert_eq!((format, found), (Format::CoreMl, verdict), "{rules:?}");
    }
}

#[test]
fn layers_of_python_are_found() {
    let layer = |more: Vec<u8>| bytes(100, [bytes(1, "l"), bytes(2, "Python"), more].concat());
    let caffe = [bytes(1, "net"), layer(bytes(130, bytes(1, "os")))].concat();
    assert_eq!(found(&caffe).2, ["graph-code"]);
    let operator = |name: &str| bytes(4, bytes(3, name));
    let paddle = |name: &str| bytes(1, [number(1, 0), number(2, u64::MAX), operator(name)].concat());
    assert_eq!(found(&paddle("conv2d")).1, Verdict::Clean);
    assert_eq!(found(&paddle("py_func")).2, ["graph-code"]);
}
