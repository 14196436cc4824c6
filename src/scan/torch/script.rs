//! The code of TorchScript: a language without imports, whose operators are those of torch and of libraries that
//! are loaded with it. Source: the TorchScript language reference; `torch/csrc/jit/runtime/register_*`.

use super::SCRIPT;
use crate::scan::Context;
use crate::source::Folder;

/// Operators that read or write files of a name the code gives.
const FILES: &[&str] = &["torch.save(", "torch.from_file(", "torch.load(", "ops.aten.save(", "ops.aten.from_file("];

/// Bytes of the code of one module.
const LONGEST: usize = 8 << 20;

/// Namespaces of operators that come with torch and its own libraries.
const KNOWN: &[&str] = &[
    "aten",
    "prim",
    "prims",
    "quantized",
    "quantized_decomposed",
    "sparse",
    "mkldnn",
    "mkldnn_prepacked",
    "prepacked",
    "xnnpack",
    "metal",
    "metal_prepack",
    "vulkan_prepack",
    "torchvision",
    "torchaudio",
    "torchtext",
    "image",
    "video_reader",
    "fb",
    "inductor",
    "profiler",
    "static_runtime",
    "torch_scatter",
    "torch_sparse",
    "torch_cluster",
    "torch_spline_conv",
    "fbgemm",
    "_quantized",
    "rnnt",
    "c10d",
    "_c10d_functional",
    "c10d_functional",
    "_caffe2",
    "caffe2",
    "onnx",
    "onednn",
    "sgx",
    "tensorexpr",
    "torchao",
];

/// Looks through the code of an archive.
pub(super) fn scan(folder: &dyn Folder, root: &str, context: &mut Context<'_>) {
    let prefix = format!("{root}/code/");
    let files: Vec<&String> =
        folder.files().iter().filter(|file| file.starts_with(&prefix) && file.ends_with(".py")).collect();
    for file in files {
        context.inside(file, |context| match folder.open(file) {
            Ok(bytes) => {
                let limit = context.limits().text.min(LONGEST);
                match bytes.up_to(0, limit) {
                    Ok(text) => {
                        if bytes.len() > text.len() as u64 {
                            context.unread(limit as u64, "its code is longer than is read");
                        }
                        code(&String::from_utf8_lossy(&text), context);
                    }
                    Err(why) => context.unread(0, why),
                }
            }
            Err(why) => context.unread(0, why),
        });
    }
}

fn code(text: &str, context: &mut Context<'_>) {
    let (text, left_out) = joined(text);
    let text = text.as_str();
    let place = |at: usize| {
        let before = left_out.partition_point(|(from, _)| *from <= at);
        (at + before.checked_sub(1).and_then(|last| left_out.get(last)).map_or(0, |(_, bytes)| *bytes)) as u64
    };
    for word in FILES {
        for (at, _) in text.match_indices(word).filter(|(at, _)| starts_here(text, *at)).take(3) {
            let call = word.trim_end_matches('(');
            context.find(&SCRIPT, place(at), format!("the code calls {call}, which reaches for a file"));
        }
    }
    for lead in ["ops.", "torch.ops.", "torch.classes.", "__torch__.torch.classes."] {
        for (at, _) in text.match_indices(lead).filter(|(at, _)| starts_here(text, *at)) {
            let rest = &text[at + lead.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let name = &rest[..end];
            if rest[end..].starts_with('.') && !name.is_empty() && !KNOWN.contains(&name) {
                let what = format!("the code uses `{lead}{name}`, of a library that is none of torch's own");
                context.find(&SCRIPT, place(at), what);
            }
        }
    }
}

/// The code without the blanks that may stand around a dot and before a bracket, and from where on how many bytes
/// are left out.
fn joined(text: &str) -> (String, Vec<(usize, usize)>) {
    let bytes = text.as_bytes();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\');
    let (mut out, mut left_out, mut at) = (Vec::with_capacity(bytes.len()), Vec::new(), 0);
    while at < bytes.len() {
        let blanks = bytes[at..].iter().take_while(|byte| is_blank(byte)).count();
        let is_before = matches!(bytes.get(at + blanks), Some(b'.' | b'('));
        if blanks > 0 && (is_before || out.last() == Some(&b'.')) {
            at += blanks;
            left_out.push((out.len(), at - out.len()));
            continue;
        }
        let end = at + blanks.max(1);
        out.extend_from_slice(&bytes[at..end]);
        at = end;
    }
    (String::from_utf8_lossy(&out).into_owned(), left_out)
}

/// Whether no longer name ends here.
fn starts_here(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Limits;

    #[test]
    fn operators_of_torch_are_silent_and_files_are_not() {
        for (text, expected) in [
            ("x = torch.add(a, b)\ny = ops.torchvision.nms(b, s, 0.5)\n", 0),
            ("_0 = torch.save(x, \"/tmp/x\")\n", 1),
            ("_0 = torch.from_file(\"/etc/passwd\", False, 10)\n", 1),
            ("_0 = ops.mylib.run(x)\n", 1),
            ("_0 = torch . save (x, \"/tmp/x\")\n", 1),
            ("_0 = ops .\n  mylib.run(x)\n", 1),
            ("my_torch.save(x)\nself.ops.other.f(x)\n", 0),
            ("annotate(__torch__.torch.classes.evil.Thing, x)\n", 1),
        ] {
            let limits = Limits::default();
            let mut context = Context::new("a", 1, &limits);
            code(text, &mut context);
            assert_eq!(context.finish().findings.len(), expected, "{text}");
        }
    }
}
