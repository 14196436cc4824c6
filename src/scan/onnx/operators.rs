//! Which operators the runtimes have, and which need more than a runtime.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Operators of the standard's domains, one a line, with those that it once had.
static STANDARD: LazyLock<BTreeSet<(&str, &str)>> =
    LazyLock::new(|| include_str!("operators.txt").lines().filter_map(|line| line.split_once(' ')).collect());

/// Operators of onnxruntime-extensions that compute on what they are given. Its library also takes functions of
/// Python as operators, under any name.
const EXTENSIONS: &[&str] = &[
    "AudioDecoder",
    "BasicTokenizer",
    "BertTokenizer",
    "BertTokenizerDecoder",
    "BlingFireSentenceBreaker",
    "BpeDecoder",
    "CLIPTokenizer",
    "DecodeImage",
    "DrawBoundingBoxes",
    "EncodeImage",
    "GPT2Tokenizer",
    "GaussianBlur",
    "HfBertTokenizer",
    "HfJsonTokenizer",
    "ImageDecoder",
    "Inverse",
    "MaskedFill",
    "NegPos",
    "RaggedTensorToDense",
    "RaggedTensorToSparse",
    "RobertaTokenizer",
    "SegmentExtraction",
    "SegmentSum",
    "SentencepieceDecoder",
    "SentencepieceTokenizer",
    "SpmTokenizer",
    "StftNorm",
    "StringConcat",
    "StringECMARegexReplace",
    "StringECMARegexSplitWithOffsets",
    "StringEqual",
    "StringHash",
    "StringHashFast",
    "StringJoin",
    "StringLength",
    "StringLower",
    "StringMapping",
    "StringRaggedTensorToDense",
    "StringRegexReplace",
    "StringRegexSplitWithOffsets",
    "StringSplit",
    "StringStrip",
    "StringToVector",
    "StringUpper",
    "TrieDetokenizer",
    "TrieTokenizer",
    "VectorToString",
    "WordpieceTokenizer",
];

/// Domains of runtimes and exporters, whose operators come with them.
const DOMAINS: &[&str] = &[
    "ai.onnx.training",
    "com.microsoft",
    "com.microsoft.experimental",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
    "com.ms.internal.nhwc_ort",
    "org.openvinotoolkit",
];

/// How an operator is rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rating {
    /// Runtimes have it.
    Known,
    /// A program compiled for a device.
    Compiled,
    /// It calls what its attributes name: a function of Python, any operator of torch, a service.
    Calls,
    /// No runtime has it.
    Custom,
}

/// The domain under the name that the tables have.
pub(super) fn domain(domain: &str) -> &str {
    if domain.is_empty() { "ai.onnx" } else { domain }
}

/// Rates an operator that no function of the model defines.
pub(super) fn rate(domain: &str, name: &str) -> Rating {
    let domain = self::domain(domain);
    if matches!(name, "PyOp" | "PythonOp" | "PythonOpGrad" | "PyCustomOp" | "ATen" | "ATenOp" | "ExternalGraph") {
        return Rating::Calls;
    }
    if matches!(name, "EPContext" | "TRTEngineOp" | "TRT_Engine") {
        return Rating::Compiled;
    }
    let is_known = match domain {
        "ai.onnx" | "ai.onnx.ml" | "ai.onnx.preview" | "ai.onnx.preview.training" => STANDARD.contains(&(domain, name)),
        // Invokers of services are not among them.
        "ai.onnx.contrib" | "com.microsoft.extensions" => EXTENSIONS.binary_search(&name).is_ok(),
        _ => DOMAINS.contains(&domain),
    };
    if is_known { Rating::Known } else { Rating::Custom }
}

/// Whether the standard has an operator.
pub(super) fn is_standard(domain: &str, name: &str) -> bool {
    STANDARD.contains(&(self::domain(domain), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_and_operators_rated() {
        assert!(EXTENSIONS.is_sorted());
        for (domain, name, rating) in [
            ("", "Conv", Rating::Known),
            ("ai.onnx", "Loop", Rating::Known),
            ("ai.onnx.ml", "TreeEnsembleClassifier", Rating::Known),
            ("com.microsoft", "FusedMatMul", Rating::Known),
            ("com.microsoft", "PythonOp", Rating::Calls),
            ("", "Shell", Rating::Custom),
            ("com.example", "Conv", Rating::Custom),
            ("ai.onnx.contrib", "StringUpper", Rating::Known),
            ("ai.onnx.contrib", "PyReverse", Rating::Custom),
            ("org.pytorch.aten", "ATen", Rating::Calls),
            ("com.microsoft", "EPContext", Rating::Compiled),
        ] {
            assert_eq!(rate(domain, name), rating, "{domain} {name}");
        }
    }
}
