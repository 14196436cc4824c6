use super::*;
use crate::scan::{Context, FileReport, Format, Limits, file};

fn scanned(text: &str) -> FileReport {
    file(&text.as_bytes(), "a", &Limits::default())
}

fn ids(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<&str> = scanned(text).findings.iter().map(|f| f.rule.id).collect();
    ids.dedup();
    ids
}

#[test]
fn objects_are_rated_by_what_they_make() {
    for (text, expected) in [
        (
            r#"{"class_name":"Sequential","config":{"layers":[{"class_name":"Dense","config":{"units":1,"activation":"relu"}}]}}"#,
            &[][..],
        ),
        (r#"{"module":"keras.layers","class_name":"Dense","config":{},"registered_name":null}"#, &[]),
        (r#"{"module":"keras.src.models.functional","class_name":"Functional","config":{}}"#, &[]),
        (r#"{"module":"builtins","class_name":"function","config":"relu","registered_name":"function"}"#, &[]),
        (r#"{"module":null,"class_name":"Own","config":{},"registered_name":"mine>Own"}"#, &["keras-custom-class"]),
        (r#"{"class_name":"mine>Own","config":{}}"#, &["keras-custom-class"]),
        (
            r#"{"class_name":"Sequential","config":{"layers":[{"class_name":"Own","config":{"name":"a"}}]}}"#,
            &["keras-custom-class"],
        ),
        (
            r#"{"module":"builtins","class_name":"function","config":"my_loss","registered_name":"function"}"#,
            &["keras-custom-object"],
        ),
        (
            r#"{"class_name":"Lambda","config":{"function":["4wEAAAA=",null,null],"function_type":"lambda"}}"#,
            &["keras-lambda"],
        ),
        (
            r#"{"class_name":"Lambda","config":{"function":{"class_name":"__lambda__","config":{"code":"4wEA"}}}}"#,
            &["keras-lambda"],
        ),
        (r#"{"class_name":"Lambda","config":{"function":"4wEAAAA=","function_type":"lambda"}}"#, &["keras-lambda"]),
        (
            r#"{"class_name":"Lambda","config":{"function":"scale","function_type":"function","module":"own"}}"#,
            &["keras-lambda-name"],
        ),
        (
            r#"{"class_name":"Lambda","config":{"function":"system","function_type":"function","module":"os"}}"#,
            &["keras-dangerous-name"],
        ),
        (r#"{"class_name":"Lambda","config":{}}"#, &["keras-lambda-name"]),
        (
            r#"{"module":"os","class_name":"function","config":"system","registered_name":"system"}"#,
            &["keras-dangerous-name"],
        ),
        (r#"{"module":"subprocess","class_name":"Popen","config":{}}"#, &["keras-dangerous-name"]),
        (r#"{"module":"builtins","class_name":"function","config":"exec"}"#, &["keras-dangerous-name"]),
        (r#"{"module":"keras.utils","class_name":"function","config":"get_file"}"#, &["keras-dangerous-name"]),
        (
            r#"{"module":"keras.utils","class_name":"get_file","config":{"origin":"https://example.com/a"}}"#,
            &["keras-dangerous-name"],
        ),
        (
            r#"{"module":"keras.config","class_name":"function","config":"enable_unsafe_deserialization"}"#,
            &["keras-dangerous-name"],
        ),
        (r#"{"module":"own.layers","class_name":"Scale","config":{}}"#, &["keras-foreign-module"]),
        (r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":["a","b"]}}"#, &[]),
        (
            r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":"/etc/passwd"}}"#,
            &["keras-other-path"],
        ),
        (
            r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":"words.txt"}}"#,
            &["keras-other-file"],
        ),
        (r#"{"module":"keras.layers","class_name":"TFSMLayer","config":{"filepath":"other"}}"#, &["keras-other-file"]),
        (
            r#"{"module":"keras.layers","class_name":"TorchModuleWrapper","config":{"module":"UEs="}}"#,
            &["keras-torch-module"],
        ),
        (r#"{"class_name":"TFOpLambda","config":{"function":"math.multiply"}}"#, &[]),
        (r#"{"class_name":"TFOpLambda","config":{"function":"io.write_file"}}"#, &["keras-dangerous-name"]),
        (r#"{"class_name":"TFOpLambda","config":{"function":"compat.v1.py_func"}}"#, &["keras-dangerous-name"]),
        (r#"{"class_name":"TFOpLambda","config":{"function":"no_such"}}"#, &["keras-lambda-name"]),
        (r#"{"class_name":"TensorFlowOpLayer","config":{"node_def":{"name":"a","op":"MatMul"}}}"#, &[]),
        (
            r#"{"class_name":"TensorFlowOpLayer","config":{"node_def":{"name":"a","op":"EagerPyFunc"}}}"#,
            &["keras-dangerous-name"],
        ),
        (
            r#"{"class_name":"TensorFlowOpLayer","config":{"node_def":"\n\u0001a\u0012\u0006SaveV2"}}"#,
            &["keras-dangerous-name"],
        ),
        (r#"{"class_name":"TensorFlowOpLayer","config":{"node_def":"?"}}"#, &["keras-lambda-name"]),
        (r#"{"class_name":"function","config":"os.system","registered_name":"os.system"}"#, &["keras-dangerous-name"]),
        (
            r#"{"module":"keras_hub.tokenizers","class_name":"SentencePieceTokenizer","config":{"proto":"/etc/passwd"}}"#,
            &["keras-other-path"],
        ),
        (
            r#"{"module":"keras_hub.tokenizers","class_name":"SentencePieceTokenizer","config":{"proto":"CgkKBTx1bms+EAI="}}"#,
            &[],
        ),
        (
            r#"{"class_name":"Dense","class_name":"Lambda","config":{"function":["4wEA",null,null]}}"#,
            &["keras-lambda", "keras-malformed"],
        ),
        (r#"{"\u0063lass_name":"Lambda","config":{"function":["4wEA",null,null]}}"#, &["keras-lambda"]),
        (
            r#"{"class_name":"Lambda","config":{"function":["4wEA",null,null]"#,
            &["keras-lambda", "keras-malformed", "json-malformed"],
        ),
        (r#"{"class_name":"Tool","module":"own.tools"}"#, &[]),
    ] {
        assert_eq!(ids(text), expected, "{text}");
    }
}

#[test]
fn yaml_is_read_as_json_is() {
    for (text, expected) in [
        ("class_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense\n    config: {units: 1}\n", &[][..]),
        (
            "class_name: Sequential\nconfig:\n- class_name: Lambda\n  config:\n    function: !!python/tuple [4wEA, null, null]\n",
            &["keras-lambda"],
        ),
        ("class_name: !!python/object/apply:os.system [id]\nconfig: {}\n", &["yaml-python-tag"]),
        ("backend: !!%70ython/object/apply:os.system [id]\nclass_name: a\n", &["yaml-python-tag"]),
    ] {
        assert_eq!(ids(text), expected, "{text}");
        assert_eq!(scanned(text).format, Format::KerasConfig, "{text}");
    }
}

#[test]
fn a_mark_far_behind_is_still_one() {
    let text = format!(
        "{{\"padding\":\"{}\",\"class_name\":\"Lambda\",\"config\":{{\"function\":[\"4wEA\"]}}}}",
        "x".repeat(70_000)
    );
    assert_eq!(ids(&text), ["keras-lambda"]);
}

#[test]
fn deep_texts_end() {
    let limits = Limits::default();
    let mut context = Context::new("a", 1, &limits);
    scan_text(&"[".repeat(100_000), None, &mut context);
    scan_text(&"{\"a\":".repeat(100_000), Some(7), &mut context);
    assert!(context.finish().is_incomplete());
}
