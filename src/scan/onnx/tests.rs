use crate::scan::Format;
use crate::scan::Limits;
use crate::scan::Verdict;
use crate::scan::file;
use crate::scan::protobuf::tests::bytes;
use crate::scan::protobuf::tests::number;

/// A node with an operator of a domain and more fields.
fn node(domain: &str, name: &str, more: &[u8]) -> Vec<u8> {
    [bytes(1, "x"), bytes(2, "y"), bytes(4, name), bytes(7, domain), more.to_vec()].concat()
}

/// A model with a graph and more fields.
fn model(graph: &[u8], more: &[u8]) -> Vec<u8> {
    let opset = [bytes(1, ""), number(2, 17)].concat();
    [number(1, 8), bytes(2, "hand"), bytes(7, graph), bytes(8, opset), more.to_vec()].concat()
}

/// A reference to another file.
fn external(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries = entries.iter().map(|(k, v)| bytes(13, [bytes(1, k), bytes(2, v)].concat()));
    [number(1, 2), number(2, 1), bytes(8, "w"), entries.collect::<Vec<_>>().concat(), number(14, 1)].concat()
}

fn relu() -> Vec<u8> {
    bytes(1, node("", "Relu", b""))
}

/// Rules and verdict of a file.
fn found(input: &[u8]) -> (Format, Verdict, Vec<&'static str>) {
    let report = file(&input, "m", &Limits::default());
    (report.format, report.verdict, report.findings.iter().map(|f| f.rule.id).collect())
}

#[test]
fn plain_models_are_clean() {
    let weights = [number(1, 2), number(2, 1), bytes(8, "w"), bytes(9, [0; 8])].concat();
    let function = [bytes(1, "Gelu2"), bytes(10, "local"), bytes(7, node("", "Relu", b""))].concat();
    for graph in [
        relu(),
        [relu(), bytes(5, &weights)].concat(),
        [relu(), bytes(5, external(&[("location", "m.data"), ("offset", "0"), ("length", "8")]))].concat(),
        [bytes(2, "g"), bytes(5, &weights)].concat(),
        [relu(), bytes(1, node("local", "Gelu2", b""))].concat(),
        bytes(1, node("com.microsoft", "FusedMatMul", b"")),
    ] {
        assert_eq!(found(&model(&graph, &bytes(25, &function))), (Format::Onnx, Verdict::Clean, vec![]));
    }
    assert_eq!(found(&weights), (Format::Onnx, Verdict::Clean, vec![]));
}

#[test]
fn files_elsewhere_are_found_wherever_a_tensor_stands() {
    let evil = external(&[("location", "../../etc/passwd")]);
    let attribute = |field, value: &[u8]| bytes(5, [bytes(1, "a"), bytes(field, value)].concat());
    let inner = [relu(), bytes(5, &evil)].concat();
    let sparse = bytes(1, &evil);
    let function = |more: Vec<u8>| bytes(25, [bytes(1, "F"), bytes(10, "l"), more].concat());
    for input in [
        model(&[relu(), bytes(5, &evil)].concat(), b""),
        model(&bytes(1, node("", "Constant", &attribute(5, &evil))), b""),
        model(&bytes(1, node("", "Constant", &attribute(10, &evil))), b""),
        model(&bytes(1, node("", "If", &attribute(6, &inner))), b""),
        model(&bytes(1, node("", "Scan", &attribute(11, &inner))), b""),
        model(&bytes(1, node("", "Constant", &attribute(22, &sparse))), b""),
        model(&[relu(), bytes(15, &sparse)].concat(), b""),
        model(&relu(), &bytes(20, bytes(1, &inner))),
        model(&relu(), &function(bytes(7, node("", "Constant", &attribute(5, &evil))))),
        model(&relu(), &function(bytes(11, [bytes(1, "a"), bytes(5, &evil)].concat()))),
        // A second graph is merged with the first.
        model(&relu(), &bytes(7, bytes(5, &evil))),
        evil.clone(),
    ] {
        let (format, verdict, rules) = found(&input);
        assert_eq!((format, verdict, rules), (Format::Onnx, Verdict::Dangerous, vec!["onnx-external-path"]));
    }
}

#[test]
fn references_and_tensors_that_make_no_sense_are_malformed() {
    let short = [number(1, 3), number(2, 1), bytes(9, [0; 8])].concat();
    let negative = [number(1, u64::MAX), number(2, 1), bytes(9, [0; 8])].concat();
    for (tensor, rule) in [
        (external(&[("location", "a"), ("offset", "-1")]), "onnx-external-data"),
        (external(&[("location", "a"), ("length", "9000000000000000000")]), "onnx-external-data"),
        (external(&[("location", "a"), ("mode", "x")]), "onnx-external-data"),
        (external(&[("offset", "0")]), "onnx-external-data"),
        (short, "onnx-tensor"),
        (negative, "onnx-tensor"),
    ] {
        let input = model(&[relu(), bytes(5, tensor)].concat(), b"");
        assert_eq!(found(&input), (Format::Onnx, Verdict::Malformed, vec![rule]));
    }
    let input = model(&[relu(), bytes(5, external(&[("location", "a"), ("__class__", "x")]))].concat(), b"");
    assert_eq!(found(&input).1, Verdict::Dangerous);
}

#[test]
fn operators_of_nobody_need_a_look() {
    for (domain, name) in [("com.example", "Run"), ("", "PyOp"), ("", "Shell"), ("ai.onnx.contrib", "MyPythonOp")] {
        let (_, verdict, rules) = found(&model(&bytes(1, node(domain, name, b"")), b""));
        assert_eq!((verdict, rules), (Verdict::Suspicious, vec!["onnx-custom-operator"]), "{domain} {name}");
    }
    let (_, verdict, _) = found(&model(&bytes(1, node("com.microsoft", "EPContext", b"")), b""));
    assert_eq!(verdict, Verdict::Unread);
    let (_, verdict, _) =
        found(&model(&relu(), &bytes(14, [bytes(1, "names"), bytes(2, "__import__('os')")].concat())));
    assert_eq!(verdict, Verdict::Suspicious);
}

#[test]
fn broken_models_are_told_and_deep_ones_end() {
    let mut input = model(&relu(), b"");
    input.extend([0x3a, 0x7f]);
    assert_eq!(found(&input).1, Verdict::Malformed);
    let mut graph = relu();
    for _ in 0..300 {
        let attribute = [bytes(1, "b"), bytes(6, &graph)].concat();
        graph = bytes(1, node("", "If", &bytes(5, attribute)));
    }
    assert_eq!(found(&model(&graph, b"")).1, Verdict::Malformed);
}
