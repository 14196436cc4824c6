//! Globals that the restricted loader knows. Facts: `torch/_weights_only_unpickler.py`, `torch/storage.py` of
//! torch 2.15.

/// What a known global is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    OrderedDict,
    Counter,
    Parameter,
    GetLayout,
    Size,
    /// `torch.Tensor`, and typed classes of it; whether elements have fractions.
    Tensor(bool),
    SparseTensor,
    Device,
    Encode,
    Bytearray,
    Set,
    Complex,
    /// An element type: its bytes, whether it has fractions, whether it is quantised.
    Dtype(u8, bool, bool),
    /// A typed storage, the same.
    Storage(u8, bool, bool),
    UntypedStorage,
    TypedStorage,
    Qscheme(Qscheme),
    Rebuild(Rebuild),
}

/// How a tensor is quantised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Qscheme {
    Tensor,
    Channel,
    Symmetric,
}

/// The functions that put tensors together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rebuild {
    Tensor,
    TensorV2,
    TensorV3,
    Parameter,
    ParameterWithState,
    Qtensor,
    Sparse,
    Meta,
    Wrapper,
    FromNumpy,
    FromCpu,
    FromType,
}

const F: bool = true;
const I: bool = false;

/// Element types: name, bytes, fractions, quantised, the word in the names of old classes (none where there is no
/// such storage), whether there is a tensor class of that word, whether CUDA has the storage.
#[rustfmt::skip]
const DTYPES: &[(&str, u8, bool, bool, &str, bool, bool)] = &[
    ("float64", 8, F, false, "Double", true, true), ("float32", 4, F, false, "Float", true, true),
    ("float16", 2, F, false, "Half", true, true), ("bfloat16", 2, F, false, "BFloat16", true, true),
    ("int64", 8, I, false, "Long", true, true), ("int32", 4, I, false, "Int", true, true),
    ("int16", 2, I, false, "Short", true, true), ("int8", 1, I, false, "Char", true, true),
    ("uint8", 1, I, false, "Byte", true, true), ("bool", 1, I, false, "Bool", true, true),
    ("complex128", 16, F, false, "ComplexDouble", false, true), ("complex64", 8, F, false, "ComplexFloat", false, true),
    ("qint8", 1, I, true, "QInt8", false, false), ("qint32", 4, I, true, "QInt32", false, false),
    ("quint8", 1, I, true, "QUInt8", false, false), ("quint4x2", 1, I, true, "QUInt4x2", false, false),
    ("quint2x4", 1, I, true, "QUInt2x4", false, false),
    ("float8_e5m2", 1, F, false, "", false, false), ("float8_e4m3fn", 1, F, false, "", false, false),
    ("float8_e5m2fnuz", 1, F, false, "", false, false), ("float8_e4m3fnuz", 1, F, false, "", false, false),
    ("float8_e8m0fnu", 1, F, false, "", false, false), ("float4_e2m1fn_x2", 1, F, false, "", false, false),
    ("bits8", 1, I, false, "", false, false), ("bits16", 2, I, false, "", false, false),
    ("bits1x8", 1, I, false, "", false, false), ("bits2x4", 1, I, false, "", false, false),
    ("bits4x2", 1, I, false, "", false, false), ("complex32", 4, F, false, "", false, false),
    ("bcomplex32", 4, F, false, "", false, false),
    ("uint16", 2, I, false, "", false, false), ("uint32", 4, I, false, "", false, false),
    ("uint64", 8, I, false, "", false, false),
    ("uint1", 1, I, false, "", false, false), ("uint2", 1, I, false, "", false, false), ("uint3", 1, I, false, "", false, false),
    ("uint4", 1, I, false, "", false, false), ("uint5", 1, I, false, "", false, false), ("uint6", 1, I, false, "", false, false),
    ("uint7", 1, I, false, "", false, false),
    ("int1", 1, I, false, "", false, false), ("int2", 1, I, false, "", false, false), ("int3", 1, I, false, "", false, false),
    ("int4", 1, I, false, "", false, false), ("int5", 1, I, false, "", false, false), ("int6", 1, I, false, "", false, false),
    ("int7", 1, I, false, "", false, false),
];

const OTHERS: &[(&str, Known)] = &[
    ("collections.OrderedDict", Known::OrderedDict),
    ("collections.Counter", Known::Counter),
    ("torch.nn.parameter.Parameter", Known::Parameter),
    ("torch.serialization._get_layout", Known::GetLayout),
    ("torch.Size", Known::Size),
    ("torch.Tensor", Known::Tensor(true)),
    ("torch.device", Known::Device),
    ("_codecs.encode", Known::Encode),
    ("builtins.bytearray", Known::Bytearray),
    ("builtins.set", Known::Set),
    ("builtins.complex", Known::Complex),
    ("torch.storage.UntypedStorage", Known::UntypedStorage),
    ("torch.storage.TypedStorage", Known::TypedStorage),
    ("torch.per_tensor_affine", Known::Qscheme(Qscheme::Tensor)),
    ("torch.per_tensor_symmetric", Known::Qscheme(Qscheme::Symmetric)),
    ("torch.per_channel_affine", Known::Qscheme(Qscheme::Channel)),
    ("torch.per_channel_symmetric", Known::Qscheme(Qscheme::Symmetric)),
    ("torch.per_channel_affine_float_qparams", Known::Qscheme(Qscheme::Channel)),
    ("torch._utils._rebuild_tensor", Known::Rebuild(Rebuild::Tensor)),
    ("torch._utils._rebuild_tensor_v2", Known::Rebuild(Rebuild::TensorV2)),
    ("torch._utils._rebuild_tensor_v3", Known::Rebuild(Rebuild::TensorV3)),
    ("torch._utils._rebuild_parameter", Known::Rebuild(Rebuild::Parameter)),
    ("torch._utils._rebuild_parameter_with_state", Known::Rebuild(Rebuild::ParameterWithState)),
    ("torch._utils._rebuild_qtensor", Known::Rebuild(Rebuild::Qtensor)),
    ("torch._utils._rebuild_sparse_tensor", Known::Rebuild(Rebuild::Sparse)),
    ("torch._utils._rebuild_meta_tensor_no_storage", Known::Rebuild(Rebuild::Meta)),
    ("torch._utils._rebuild_wrapper_subclass", Known::Rebuild(Rebuild::Wrapper)),
    ("torch._utils._rebuild_device_tensor_from_numpy", Known::Rebuild(Rebuild::FromNumpy)),
    ("torch._utils._rebuild_device_tensor_from_cpu_tensor", Known::Rebuild(Rebuild::FromCpu)),
    ("torch._tensor._rebuild_from_type_v2", Known::Rebuild(Rebuild::FromType)),
];

/// Modules of which nothing is ever taken, even what a person allows.
pub(super) const BLOCKED: &[&str] = &["sys", "os", "posix", "nt"];

/// Names of modules of Python 2, by those of today.
const RENAMED: &[(&str, &str)] = &[
    ("__builtin__", "builtins"),
    ("copy_reg", "copyreg"),
    ("Queue", "queue"),
    ("repr", "reprlib"),
    ("cPickle", "pickle"),
    ("commands", "subprocess"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("StringIO", "io"),
    ("cStringIO", "io"),
];

/// The name of a global as torch looks it up.
pub(super) fn path(module: &str, name: &str) -> (String, String) {
    let module = RENAMED.iter().find(|(old, _)| *old == module).map_or(module, |(_, new)| *new);
    (module.to_owned(), format!("{module}.{name}"))
}

/// What a global is, by its full path.
pub(super) fn find(path: &str) -> Option<Known> {
    if let Some((_, known)) = OTHERS.iter().find(|(name, _)| *name == path) {
        return Some(*known);
    }
    let name = path.strip_prefix("torch.")?;
    if let Some(dtype) = DTYPES.iter().find(|dtype| dtype.0 == name) {
        return Some(Known::Dtype(dtype.1, dtype.2, dtype.3));
    }
    let (cuda, name) = name.strip_prefix("cuda.").map_or((false, name), |name| (true, name));
    let (sparse, name) = name.strip_prefix("sparse.").map_or((false, name), |name| (true, name));
    if let Some(word) = name.strip_suffix("Storage").filter(|word| !word.is_empty() && !sparse) {
        let dtype = DTYPES.iter().find(|dtype| dtype.4 == word && (dtype.6 || !cuda))?;
        return Some(Known::Storage(dtype.1, dtype.2, dtype.3));
    }
    let word = name.strip_suffix("Tensor").filter(|word| !word.is_empty())?;
    let dtype = DTYPES.iter().find(|dtype| dtype.4 == word && dtype.5)?;
    match sparse {
        true if word == "Bool" => None,
        true => Some(Known::SparseTensor),
        false => Some(Known::Tensor(dtype.2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        assert_eq!(find("torch.FloatStorage"), Some(Known::Storage(4, true, false)));
        assert_eq!(find("torch.cuda.HalfStorage"), Some(Known::Storage(2, true, false)));
        assert_eq!(find("torch.cuda.sparse.HalfTensor"), Some(Known::SparseTensor));
        assert_eq!(find("torch.bfloat16"), Some(Known::Dtype(2, true, false)));
        for unknown in
            ["torch.cuda.QInt8Storage", "torch.Storage", "torch.sparse.BoolTensor", "torch.load", "os.system", "torch."]
        {
            assert_eq!(find(unknown), None, "{unknown}");
        }
        assert_eq!(path("__builtin__", "set").1, "builtins.set");
    }

    /// torch 2.15 has 144 of them.
    #[test]
    fn there_are_as_many_as_torch_has() {
        let words: Vec<_> = DTYPES.iter().filter(|dtype| !dtype.4.is_empty()).collect();
        let storages = words.len() + words.iter().filter(|dtype| dtype.6).count();
        let tensors = words.iter().filter(|dtype| dtype.5).count();
        assert_eq!(OTHERS.len() + DTYPES.len() + storages + 2 * tensors + 2 * (tensors - 1), 144);
    }
}
