//! Which readers a file goes to, told by its bytes and never by its name.
//!
//! A file may be several things at once: a pickle with a zip behind it is read by some programs as the one
//! and by others as the other. All readers that claim it get it.

use super::{Context, Format, container, gguf, hdf5, keras, markup, numpy, onnx, pickle, safetensors};
use super::{template, tensorflow, tokenizer, torch};
use crate::source::Bytes;

/// Bytes at the beginning that readers are shown.
const HEAD: usize = 4096;

type Claims = fn(&[u8], &dyn Bytes) -> bool;
type Scan = fn(&dyn Bytes, &mut Context<'_>);

/// Readers, the surest first: the first that claims a file names its format.
const READERS: &[(Format, Claims, Scan)] = &[
    (Format::Safetensors, safetensors::claims, safetensors::scan),
    (Format::Gguf, gguf::claims, gguf::scan),
    (Format::Hdf5, hdf5::claims, hdf5::scan),
    (Format::Npy, numpy::claims_npy, numpy::scan_npy),
    (Format::Tflite, tensorflow::claims_tflite, tensorflow::scan_tflite),
    (Format::TorchLegacy, torch::claims_legacy, torch::scan_legacy),
    (Format::Pickle, pickle::claims, pickle::scan),
    (Format::Xml, markup::claims, markup::scan),
    (Format::KerasConfig, keras::claims_config, keras::scan_config),
    (Format::Json, tokenizer::claims, tokenizer::scan),
    (Format::Onnx, onnx::claims, onnx::scan),
    (Format::SavedModel, tensorflow::claims, tensorflow::scan),
    (Format::CoreMl, tensorflow::claims_coreml, tensorflow::scan_coreml),
    (Format::Template, template::claims, template::scan),
];

/// All formats that bytes can be read as, the surest first.
#[must_use]
pub fn formats(bytes: &dyn Bytes) -> Vec<Format> {
    let Ok(head) = bytes.up_to(0, HEAD) else { return Vec::new() };
    let packed = container::formats(&head, bytes);
    packed.into_iter().chain(READERS.iter().filter(|(_, claims, _)| claims(&head, bytes)).map(|(f, _, _)| *f)).collect()
}

/// Hands bytes to all readers that claim them.
pub(super) fn dispatch(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let head = match bytes.up_to(0, HEAD) {
        Ok(head) => head,
        Err(why) => return context.unread(0, why),
    };
    if head.is_empty() {
        return context.format(Format::Empty);
    }
    let packed = container::formats(&head, bytes);
    let mut is_claimed = !packed.is_empty();
    for format in packed {
        if !context.has_format() {
            context.format(format);
        }
        container::scan(format, bytes, context);
    }
    let is_legacy = torch::claims_legacy(&head, bytes);
    for (format, claims, scan) in READERS {
        // A legacy file is pickles and what lies behind them: its own reader runs them.
        if claims(&head, bytes) && !(is_legacy && *format == Format::Pickle) {
            is_claimed = true;
            if !context.has_format() {
                context.format(*format);
            }
            scan(bytes, context);
        }
    }
    if !is_claimed {
        container::unclaimed(&head, bytes, context);
    }
}

/// Whether a beginning alone is that of a model: what needs more than that to be told is not asked here.
pub(super) fn is_model(head: &[u8]) -> bool {
    let is = |format: &Format| {
        !matches!(format, Format::Json | Format::Xml | Format::Template | Format::KerasConfig | Format::Zip)
    };
    READERS.iter().any(|(format, claims, _)| is(format) && claims(head, &head))
}
