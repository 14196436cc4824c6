//! Operations of TensorFlow that layers run by their names: those that compute, and the others.

use super::names::{Known, is_class, is_function, known};
use crate::scan::tensorflow;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// It computes.
    Computes,
    /// It reaches files, other code or other machines.
    Reaches,
    /// It is not known.
    Other,
}

/// Modules of TensorFlow whose functions compute.
const MODULES: &[&str] = &[
    "__operators__",
    "_operators",
    "audio",
    "bitwise",
    "debugging",
    "dtypes",
    "errors",
    "experimental.numpy",
    "image",
    "linalg",
    "losses",
    "math",
    "metrics",
    "nest",
    "nn",
    "quantization",
    "ragged",
    "random",
    "raw_ops",
    "sets",
    "signal",
    "sparse",
    "spectral",
    "strings",
    "layers",
    "initializers",
];
/// Names, and beginnings of names, that reach out of the graph.
const REACHING: &[&str] = &[
    "io.",
    "saved_model.",
    "summary.",
    "gfile.",
    "train.",
    "data.",
    "experimental.dlpack",
    "profiler.",
    "distribute.",
    "tpu.",
    "lite.",
    "python_io.",
    "sysconfig.",
    "debugging.experimental",
    "data.experimental",
    "resource_loader.",
    "app.",
    "flags.",
    "py_func",
    "numpy_function",
    "load_",
    "write_file",
    "read_file",
    "matching_files",
    "print",
    "Print",
    "test.",
];
/// Functions of TensorFlow itself that compute.
const FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "acosh",
    "add",
    "add_n",
    "argmax",
    "argmin",
    "argsort",
    "as_string",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitcast",
    "boolean_mask",
    "broadcast_dynamic_shape",
    "broadcast_static_shape",
    "broadcast_to",
    "case",
    "cast",
    "ceil",
    "cholesky",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "clip_by_average_norm",
    "complex",
    "concat",
    "cond",
    "conj",
    "constant",
    "convert_to_tensor",
    "convert_to_tensor_or_sparse_tensor",
    "cos",
    "cosh",
    "cross",
    "cumprod",
    "cumsum",
    "depth_to_space",
    "dequantize",
    "diag",
    "diag_part",
    "digamma",
    "div",
    "div_no_nan",
    "divide",
    "dynamic_partition",
    "dynamic_stitch",
    "edit_distance",
    "eig",
    "eigvals",
    "einsum",
    "ensure_shape",
    "equal",
    "erf",
    "erfc",
    "exp",
    "expand_dims",
    "expm1",
    "extract_image_patches",
    "extract_volume_patches",
    "eye",
    "fill",
    "fingerprint",
    "floor",
    "floor_div",
    "floordiv",
    "floormod",
    "foldl",
    "foldr",
    "gather",
    "gather_nd",
    "get_static_value",
    "greater",
    "greater_equal",
    "group",
    "guarantee_const",
    "histogram_fixed_width",
    "histogram_fixed_width_bins",
    "identity",
    "identity_n",
    "igamma",
    "igammac",
    "imag",
    "invert_permutation",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_tensor",
    "lbeta",
    "less",
    "less_equal",
    "lgamma",
    "linspace",
    "lin_space",
    "log",
    "log1p",
    "log_sigmoid",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "map_fn",
    "matmul",
    "maximum",
    "meshgrid",
    "minimum",
    "mod",
    "multinomial",
    "multiply",
    "negative",
    "no_op",
    "norm",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "parallel_stack",
    "polygamma",
    "pow",
    "qr",
    "range",
    "rank",
    "real",
    "realdiv",
    "reciprocal",
    "repeat",
    "reshape",
    "reverse",
    "reverse_sequence",
    "reverse_v2",
    "rint",
    "roll",
    "round",
    "rsqrt",
    "saturate_cast",
    "scalar_mul",
    "scan",
    "scatter_nd",
    "searchsorted",
    "sequence_mask",
    "setdiff1d",
    "shape",
    "shape_n",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "size",
    "slice",
    "sort",
    "space_to_batch",
    "space_to_batch_nd",
    "space_to_depth",
    "split",
    "sqrt",
    "square",
    "squared_difference",
    "squeeze",
    "stack",
    "stop_gradient",
    "strided_slice",
    "subtract",
    "svd",
    "switch_case",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "timestamp",
    "to_bfloat16",
    "to_complex128",
    "to_complex64",
    "to_double",
    "to_float",
    "to_int32",
    "to_int64",
    "trace",
    "transpose",
    "truediv",
    "truncatediv",
    "truncatemod",
    "tuple",
    "unique",
    "unique_with_counts",
    "unravel_index",
    "unstack",
    "vectorized_map",
    "verify_tensor_all_finite",
    "where",
    "where_v2",
    "while_loop",
    "zeros",
    "zeros_like",
    "zeta",
    "RaggedTensor",
    "SparseTensor",
    "Tensor",
    "TensorShape",
    "Variable",
    "hash_buckets",
    "substr",
    "regex_replace",
    "bincount",
    "batch_to_space",
    "batch_to_space_nd",
    "batch_gather",
    "betainc",
    "angle",
    "accumulate_n",
    "no_gradient",
    "truncated_normal",
];
/// Beginnings of names of TensorFlow itself that compute.
const BEGINNINGS: &[&str] = &[
    "reduce_",
    "segment_",
    "unsorted_segment_",
    "sparse_",
    "string_",
    "random_",
    "matrix_",
    "self_adjoint_",
    "assert_",
    "is_",
    "tensor_scatter_",
    "quantize",
    "fake_quant_",
    "decode_",
    "encode_",
    "fft",
    "ifft",
    "rfft",
    "irfft",
    "RaggedTensor.",
    "Tensor.",
    "TensorShape.",
];

/// Whether a function of the interface of TensorFlow computes, by the name that it is exported by.
pub(super) fn of_api(symbol: &str) -> Operation {
    let mut bare = symbol;
    while let Some(rest) = ["compat.v1.", "compat.v2.", "_api.v1.", "_api.v2.", "tf.", "tensorflow."]
        .iter()
        .find_map(|before| bare.strip_prefix(before))
    {
        bare = rest;
    }
    if let Some(operator) = bare.strip_prefix("raw_ops.") {
        return of_graph(operator);
    }
    let is_of_bytes = ["decode_", "encode_", "parse_", "serialize_", "deserialize_"];
    if bare.strip_prefix("io.").is_some_and(|name| is_of_bytes.iter().any(|start| name.starts_with(start))) {
        return Operation::Computes;
    }
    if REACHING.iter().any(|start| bare.starts_with(start)) || bare.split('.').any(|part| part.starts_with("load_")) {
        return Operation::Reaches;
    }
    let (module, name) = bare.rsplit_once('.').unwrap_or(("", bare));
    if module == "keras" || module.starts_with("keras.") {
        return of_keras(module, name);
    }
    let is_known = if module.is_empty() {
        FUNCTIONS.contains(&name) || is_function(name)
    } else {
        MODULES
            .iter()
            .any(|known| module.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let begins = BEGINNINGS.iter().any(|start| bare.starts_with(start));
    if is_known || begins { Operation::Computes } else { Operation::Other }
}

/// A function of Keras within TensorFlow.
fn of_keras(module: &str, name: &str) -> Operation {
    if known(module, name, true) == Known::Dangerous || module.starts_with("keras.utils") && name.starts_with("get_") {
        return Operation::Reaches;
    }
    let acts = ["set_", "clear_", "get_session", "function", "manual_", "print_", "is_keras", "reset_"];
    let is_backend = module == "keras.backend" && !acts.iter().any(|start| name.starts_with(start));
    let computes =
        is_backend || is_function(name) || is_class(name) || matches!(name, "to_categorical" | "preprocess_input");
    if computes { Operation::Computes } else { Operation::Other }
}

/// Whether an operator of a graph computes.
pub(super) fn of_graph(name: &str) -> Operation {
    match tensorflow::reaches(name) {
        None => Operation::Computes,
        Some(true) => Operation::Reaches,
        Some(false) => Operation::Other,
    }
}

/// The operators that a node names, given as its bytes: the second field, wherever it stands.
pub(super) fn of_node(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let [tag, after @ ..] = rest {
        let Some((length, after)) = number(after) else { break };
        if tag & 7 != 2 {
            rest = after;
            continue;
        }
        let Some(field) = usize::try_from(length).ok().and_then(|length| after.get(..length)) else { break };
        if tag >> 3 == 2 {
            out.push(String::from_utf8_lossy(field).into_owned());
        }
        rest = &after[field.len()..];
    }
    out
}

/// A number of seven bits a byte, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_known_by_the_name_they_are_exported_by() {
        for (symbol, expected) in [
            ("math.add", Operation::Computes),
            ("__operators__.getitem", Operation::Computes),
            ("compat.v1.transpose", Operation::Computes),
            ("reduce_mean", Operation::Computes),
            ("nn.relu", Operation::Computes),
            ("image.resize", Operation::Computes),
            ("compat.v1.image.resize_nearest_neighbor", Operation::Computes),
            ("keras.backend.l2_normalize", Operation::Computes),
            ("keras.activations.relu", Operation::Computes),
            ("compat.v1.shape", Operation::Computes),
            ("compat.v1.load_op_library", Operation::Reaches),
            ("compat.v1.py_func", Operation::Reaches),
            ("compat.v1.write_file", Operation::Reaches),
            ("keras.utils.get_file", Operation::Reaches),
            ("keras.models.load_model", Operation::Reaches),
            ("data.TextLineDataset", Operation::Reaches),
            ("raw_ops.WriteFile", Operation::Reaches),
            ("raw_ops.MatMul", Operation::Computes),
            ("io.read_file", Operation::Reaches),
            ("no_such", Operation::Other),
        ] {
            assert_eq!(of_api(symbol), expected, "{symbol}");
        }
        assert_eq!(of_node(b"\n\x01a\x12\x06SaveV2"), ["SaveV2"]);
        assert_eq!(of_graph("SaveV2"), Operation::Reaches);
        assert_eq!(of_graph("MatMul"), Operation::Computes);
    }
}
