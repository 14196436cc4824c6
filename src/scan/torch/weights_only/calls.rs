//! What the allowed globals do with their arguments, as far as it decides whether a file loads.

use super::globals::{Known, Qscheme, Rebuild};
use super::value::{Full, Heap, Layout, Map, Node, Tensor, Value, known};

/// Why a step fails.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// torch refuses, and why.
    Refused(String),
    /// There is more than is followed, so that nothing is known.
    Unknown,
}

impl From<Full> for Stop {
    fn from(_: Full) -> Self {
        Self::Unknown
    }
}

pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(why.into()))
}

/// Calls a global with arguments.
pub(super) fn call(known: Known, args: &[Value], heap: &mut Heap, depth: usize) -> Result<Value, Stop> {
    let count = args.len();
    match known {
        Known::OrderedDict | Known::Counter => {
            let kind = if known == Known::OrderedDict { Map::Ordered } else { Map::Counter };
            match args {
                [] => Ok(heap.dictionary(kind, 0)?),
                [Value::Dict(_, other)] => Ok(heap.dictionary(kind, heap.entries(*other))?),
                [Value::List(at) | Value::Tuple(at)] => {
                    let fits = heap.items(*at).iter().all(|item| match item {
                        _ if kind == Map::Counter => heap.is_hashable(*item),
                        Value::List(pair) | Value::Tuple(pair) => heap.items(*pair).len() == 2,
                        _ => false,
                    });
                    if fits {
                        Ok(heap.dictionary(kind, heap.items(*at).len())?)
                    } else {
                        refuse("an ordered dictionary is made of what is no pairs")
                    }
                }
                [Value::Set | Value::Str(_)] if kind == Map::Counter => Ok(heap.dictionary(kind, 1)?),
                _ => refuse("a dictionary is made of other arguments than it takes"),
            }
        }
        Known::Parameter => match args {
            [] | [Value::None] => Ok(Value::Tensor(Tensor { numel: 0, is_differentiable: true, is_parameter: true })),
            [Value::Tensor(data)] => parameter(*data, true),
            [Value::Tensor(data), Value::Bool(grad)] => parameter(*data, *grad),
            _ => refuse("a parameter is made of what is no tensor"),
        },
        Known::GetLayout => match args {
            [name] => match heap.text(*name) {
                Some("torch.sparse_coo") => Ok(Value::Layout(Layout::Coo)),
                Some("torch.sparse_csr" | "torch.sparse_csc" | "torch.sparse_bsr" | "torch.sparse_bsc") => {
                    Ok(Value::Layout(Layout::Compressed))
                }
                Some("torch.strided" | "torch._mkldnn" | "torch.jagged") => Ok(Value::Layout(Layout::Other)),
                _ => refuse("a layout is asked for that there is none of"),
            },
            _ => refuse("a layout is asked for with other arguments than one"),
        },
        Known::Size => match args {
            [] => Ok(Value::Size(heap.put(Node::Items(Vec::new()))?)),
            [Value::Tuple(at) | Value::List(at) | Value::Size(at)] => {
                let items = heap.items(*at).to_vec();
                if !items.iter().all(|item| matches!(item, Value::Int(_) | Value::Bool(_))) {
                    return refuse("a size is made of what is no integers");
                }
                Ok(Value::Size(heap.put(Node::Items(items))?))
            }
            _ => refuse("a size is made of other arguments than it takes"),
        },
        Known::Tensor(is_differentiable) => {
            let tensor = |numel| Ok(Value::Tensor(Tensor { numel, is_differentiable, is_parameter: false }));
            match args {
                [] => tensor(0),
                [Value::Tensor(other)] => tensor(other.numel),
                [Value::List(at) | Value::Tuple(at) | Value::Size(at)] => tensor(heap.items(*at).len() as u64),
                sizes => match product(sizes) {
                    Some(numel) => tensor(numel),
                    None => refuse("a tensor is made of other arguments than it takes"),
                },
            }
        }
        Known::SparseTensor => Ok(Value::Tensor(Tensor { numel: 0, is_differentiable: true, is_parameter: false })),
        Known::Device => match args {
            [name] if heap.text(*name).is_some_and(is_device) => Ok(Value::Device),
            [name, Value::Int(index)] if heap.text(*name).is_some_and(|n| is_device(n) && !n.contains(':')) => {
                if (-1..256).contains(index) { Ok(Value::Device) } else { refuse("a device has no such index") }
            }
            [Value::Device] => Ok(Value::Device),
            _ => refuse("there is no such device"),
        },
        Known::Encode => match args {
            [Value::Str(_)] => Ok(Value::Bytes),
            [Value::Str(_), how] => match heap.text(*how).map(str::to_ascii_lowercase).as_deref() {
                Some("latin1" | "latin-1" | "latin_1" | "iso-8859-1" | "utf-8" | "utf8" | "ascii") => Ok(Value::Bytes),
                Some("rot13" | "rot_13") => Ok(args[0]),
                _ => refuse("text is encoded in no known way"),
            },
            _ => refuse("what is encoded is no text"),
        },
        Known::Bytearray => match args {
            [] | [Value::Bytes | Value::Bytearray | Value::List(_) | Value::Tuple(_)] => Ok(Value::Bytearray),
            [Value::Int(size)] if *size >= 0 => Ok(Value::Bytearray),
            [Value::Str(_), Value::Str(_)] => Ok(Value::Bytearray),
            _ => refuse("bytes are made of other arguments than they take"),
        },
        Known::Set => match args {
            [] | [Value::Set | Value::Dict(..) | Value::Str(_) | Value::Bytes] => Ok(Value::Set),
            [Value::List(at) | Value::Tuple(at)] if heap.items(*at).iter().all(|i| heap.is_hashable(*i)) => {
                Ok(Value::Set)
            }
            _ => refuse("a set is made of other arguments than it takes"),
        },
        Known::Complex => {
            let is_number = |v: &Value| matches!(v, Value::Int(_) | Value::Float | Value::Bool(_) | Value::Complex);
            if count <= 2 && args.iter().all(is_number) {
                Ok(Value::Complex)
            } else {
                refuse("a complex number is made of what is no numbers")
            }
        }
        Known::UntypedStorage | Known::TypedStorage if count == 0 => Ok(Value::Object),
        Known::UntypedStorage | Known::TypedStorage => refuse("a storage is made by hand"),
        Known::Dtype(..) | Known::Storage(..) | Known::Qscheme(_) => refuse("what is called is no function"),
        Known::Rebuild(how) => rebuild(how, args, heap, depth),
    }
}

fn parameter(data: Tensor, grad: bool) -> Result<Value, Stop> {
    if grad && !data.is_differentiable {
        return refuse("a parameter of integers requires gradients");
    }
    Ok(Value::Tensor(Tensor { is_parameter: true, ..data }))
}

fn is_device(name: &str) -> bool {
    const KINDS: &[&str] = &[
        "cpu",
        "cuda",
        "ipu",
        "xpu",
        "mkldnn",
        "opengl",
        "opencl",
        "ideep",
        "hip",
        "ve",
        "fpga",
        "maia",
        "xla",
        "lazy",
        "vulkan",
        "mps",
        "meta",
        "hpu",
        "mtia",
        "privateuseone",
    ];
    let (kind, index) = name.split_once(':').map_or((name, None), |(kind, index)| (kind, Some(index)));
    let is_index = |index: &str| {
        !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) && (index == "0" || !index.starts_with('0'))
    };
    KINDS.contains(&kind) && index.is_none_or(is_index)
}

/// The product of sizes; none where they are no sizes.
fn product(sizes: &[Value]) -> Option<u64> {
    sizes.iter().try_fold(1_u64, |all, size| match size {
        Value::Int(size) => all.checked_mul(u64::try_from(*size).ok()?),
        _ => None,
    })
}

/// Sizes or strides: a tuple, a list or a size.
fn numbers(value: Value, heap: &Heap) -> Option<Vec<i64>> {
    let (Value::Tuple(at) | Value::List(at) | Value::Size(at)) = value else { return None };
    let number = |item: &Value| match item {
        Value::Int(number) => Some(*number),
        Value::Bool(is_one) => Some(i64::from(*is_one)),
        _ => None,
    };
    heap.items(at).iter().map(number).collect()
}

/// A view of a storage, refused where it reaches beyond it.
fn view(
    storage: Value,
    offset: Value,
    size: Value,
    stride: Value,
    heap: &Heap,
    element: Option<(u64, bool)>,
) -> Result<Tensor, Stop> {
    let Value::Storage(at) = storage else { return refuse("a tensor is put together of what is no storage") };
    let Some(storage) = heap.storage(at) else { return refuse("a tensor is put together of what is no storage") };
    let (Some(size), Some(stride)) = (numbers(size, heap), numbers(stride, heap)) else {
        return refuse("sizes or strides of a tensor are no integers");
    };
    let Value::Int(offset) = offset else { return refuse("the offset of a tensor is no integer") };
    let (element, is_differentiable) = element.unwrap_or((storage.element, storage.is_differentiable));
    if size.len() != stride.len() {
        return refuse("a tensor has other sizes than strides");
    }
    let Some(numel) = size.iter().try_fold(1_u64, |all, n| all.checked_mul(u64::try_from(*n).ok()?)) else {
        return refuse("a tensor has a size below zero or beyond measure");
    };
    if offset < 0 {
        return refuse("a tensor begins before its storage");
    }
    if numel > 0 {
        let mut last = i128::from(offset);
        for (size, stride) in size.iter().zip(&stride) {
            if *stride < 0 {
                return refuse("a tensor has a stride below zero");
            }
            last += i128::from(size - 1) * i128::from(*stride);
        }
        if (last + 1) * i128::from(element) > i128::from(storage.bytes) {
            return refuse("a tensor reaches beyond its storage");
        }
    }
    Ok(Tensor { numel, is_differentiable, is_parameter: false })
}

fn grad(tensor: Tensor, requires: Value) -> Result<Tensor, Stop> {
    match requires {
        Value::Bool(true) if !tensor.is_differentiable => refuse("a tensor of integers requires gradients"),
        Value::Bool(_) => Ok(tensor),
        _ => refuse("whether gradients are required is neither true nor false"),
    }
}

fn rebuild(how: Rebuild, args: &[Value], heap: &mut Heap, depth: usize) -> Result<Value, Stop> {
    let tensor = match (how, args) {
        (Rebuild::Tensor, [storage, offset, size, stride]) => view(*storage, *offset, *size, *stride, heap, None)?,
        (Rebuild::TensorV2, [storage, offset, size, stride, requires, _hooks, rest @ ..]) if rest.len() <= 1 => {
            let tensor = view(*storage, *offset, *size, *stride, heap, None)?;
            metadata(rest)?;
            grad(tensor, *requires)?
        }
        (Rebuild::TensorV3, [storage, offset, size, stride, requires, _hooks, dtype, rest @ ..]) if rest.len() <= 1 => {
            let Some(Known::Dtype(element, fractions, _)) = known(*dtype) else {
                return refuse("the element type of a tensor is none");
            };
            let tensor = view(*storage, *offset, *size, *stride, heap, Some((u64::from(element), fractions)))?;
            metadata(rest)?;
            grad(tensor, *requires)?
        }
        (Rebuild::Qtensor, [storage, offset, size, stride, params, requires, _hooks]) => {
            let Value::Tuple(at) = params else { return refuse("what a tensor is quantised by is no tuple") };
            quantizer(heap.items(*at), numbers(*size, heap), heap)?;
            let is_quantized =
                matches!(storage, Value::Storage(at) if heap.storage(*at).is_some_and(|s| s.is_quantized));
            if !is_quantized {
                return refuse("a quantised tensor is put together of a storage of another type");
            }
            grad(view(*storage, *offset, *size, *stride, heap, None)?, *requires)?
        }
        (Rebuild::Parameter, [Value::Tensor(data), Value::Bool(requires), _hooks])
        | (Rebuild::ParameterWithState, [Value::Tensor(data), Value::Bool(requires), _hooks, _]) => {
            return parameter(*data, *requires);
        }
        (Rebuild::Sparse, [Value::Layout(layout), Value::Tuple(at)]) => {
            let count = heap.items(*at).len();
            let fits = match layout {
                Layout::Coo => (3..=4).contains(&count),
                Layout::Compressed => count == 4,
                Layout::Other => false,
            };
            let mut values =
                heap.items(*at).iter().rev().filter_map(|v| if let Value::Tensor(t) = v { Some(*t) } else { None });
            match (fits, values.next()) {
                (true, Some(values)) => values,
                _ => return refuse("a sparse tensor is put together of other parts than it takes"),
            }
        }
        (Rebuild::Meta, [dtype, size, stride, Value::Bool(_)]) => {
            let (Some(Known::Dtype(_, is_differentiable, _)), Some(size), Some(_)) =
                (known(*dtype), numbers(*size, heap), numbers(*stride, heap))
            else {
                return refuse("a tensor without data is put together of other parts than it takes");
            };
            let numel = size.iter().try_fold(1_u64, |all, n| all.checked_mul(u64::try_from(*n).ok()?));
            Tensor { numel: numel.unwrap_or(0), is_differentiable, is_parameter: false }
        }
        (Rebuild::Wrapper, [class, dtype, ..]) if args.len() == 8 => match (known(*class), known(*dtype)) {
            (Some(Known::Parameter | Known::Tensor(_)), Some(Known::Dtype(_, is_differentiable, _))) => {
                Tensor { numel: 0, is_differentiable, is_parameter: false }
            }
            _ => return refuse("a wrapper is made for what is no class of tensors"),
        },
        (Rebuild::FromCpu, [Value::Tensor(data), dtype, device, requires]) => {
            let Some(Known::Dtype(_, is_differentiable, _)) = known(*dtype) else {
                return refuse("the element type of a tensor is none");
            };
            let is_place = *device == Value::Device || heap.text(*device).is_some_and(is_device);
            if !is_place {
                return refuse("there is no such device");
            }
            grad(Tensor { is_differentiable, ..*data }, *requires)?
        }
        (Rebuild::FromNumpy, _) => return refuse("a tensor is made of an array, whose globals are not allowed"),
        (Rebuild::FromType, [function, class, Value::Tuple(at), _state]) => {
            let inner = heap.items(*at).to_vec();
            let Some(function) = known(*function) else {
                return refuse("what is called is no function");
            };
            if depth > 4 {
                return Err(Stop::Unknown);
            }
            let Value::Tensor(made) = call(function, &inner, heap, depth + 1)? else {
                return refuse("a tensor of another class is made of what is no tensor");
            };
            match known(*class) {
                Some(Known::Parameter) => Tensor { is_parameter: true, ..made },
                Some(Known::Tensor(_)) => made,
                _ => return refuse("a tensor is made of what is no class of tensors"),
            }
        }
        _ => return refuse("a tensor is put together of other arguments than it takes"),
    };
    Ok(Value::Tensor(tensor))
}

fn metadata(rest: &[Value]) -> Result<(), Stop> {
    match rest {
        [] | [Value::None | Value::Dict(..)] => Ok(()),
        _ => refuse("what is told of a tensor is no dictionary"),
    }
}

fn quantizer(params: &[Value], size: Option<Vec<i64>>, heap: &Heap) -> Result<(), Stop> {
    let size = size.unwrap_or_default();
    match params {
        [scheme, _scale, _zero] if known(*scheme) == Some(Known::Qscheme(Qscheme::Tensor)) => Ok(()),
        [scheme, scales, zeros, Value::Int(axis)] if known(*scheme) == Some(Known::Qscheme(Qscheme::Channel)) => {
            let length = |value: &Value| match value {
                Value::List(at) => Some(heap.items(*at).len() as u64),
                Value::Tensor(tensor) => Some(tensor.numel),
                _ => None,
            };
            let expected =
                usize::try_from(*axis).ok().and_then(|axis| size.get(axis)).and_then(|n| u64::try_from(*n).ok());
            if expected.is_some() && length(scales) == expected && length(zeros) == expected {
                Ok(())
            } else {
                refuse("the scales of a quantised tensor do not fit its size")
            }
        }
        _ => refuse("a tensor is quantised in no known way"),
    }
}
