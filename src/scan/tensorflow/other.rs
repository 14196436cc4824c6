//! Graphs of Paddle and networks of Caffe: data, but for a few kinds of layers.

use super::GRAPH_CODE;
use crate::scan::Context;
use crate::scan::protobuf::{Span, Value, Walk, Wire, fit, is_word};
use crate::scan::quote::shown;
use crate::source::Bytes;

/// Bytes of a name.
const NAME: usize = 64 << 10;

/// The field of a network that holds its layers.
const LAYER: u32 = 100;
/// The field of a layer that names a module of Python.
const PYTHON: u32 = 130;

/// Operators of Paddle that run code or touch files.
const PADDLE: &[&str] = &[
    "fetch_barrier",
    "listen_and_serv",
    "load",
    "load_combine",
    "py_func",
    "py_layer",
    "read_file",
    "recv_save",
    "run_program",
    "save",
    "save_combine",
    "send",
];

/// Whether a message is a program of Paddle: blocks with operators by name.
pub(super) fn is_paddle(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, &[(1, b'b')], 16, |wire, field| {
        field.span().is_some_and(|block| {
            let shape = &[(1, b'v'), (2, b'v'), (3, b'b'), (4, b'b'), (5, b'v')];
            let (seen, has_operator) = fit(wire, block, shape, 4096, |wire, field| {
                field.number == 4
                    && field.span().is_some_and(|operator| {
                        let shape = &[(1, b'b'), (2, b'b'), (3, b'b'), (4, b'b'), (5, b'v')];
                        fit(wire, operator, shape, 256, |wire, field| {
                            field.number == 3 && field.span().is_some_and(|span| is_word(wire, span))
                        })
                        .1
                    })
            });
            has_operator && seen.wrong == 0 && seen.unknown == 0
        })
    })
    .1
}

/// Whether a message is a network of Caffe: layers by name and kind.
pub(super) fn is_caffe(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, &[(100, b'b')], 4096, |wire, field| {
        let (mut has_name, mut has_kind) = (false, false);
        field.span().is_some_and(|layer| {
            let (seen, _) = fit(wire, layer, &[(1, b'b'), (2, b'b')], 256, |wire, field| {
                has_name |= field.number == 1;
                has_kind |= field.number == 2 && field.span().is_some_and(|span| is_word(wire, span));
                false
            });
            has_name && has_kind && seen.wrong == 0 && !seen.is_broken
        })
    })
    .1
}

/// Scans a program of Paddle.
pub(super) fn scan_paddle(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut walk = Walk::new(bytes, context);
    let mut whole = walk.whole();
    while let Some(field) = walk.next(&mut whole) {
        let (1, Value::Bytes(mut block)) = (field.number, field.value) else { continue };
        while let Some(field) = walk.next(&mut block) {
            let (4, Value::Bytes(mut operator)) = (field.number, field.value) else { continue };
            while let Some(inner) = walk.next(&mut operator) {
                let (3, Value::Bytes(name)) = (inner.number, inner.value) else { continue };
                let name = walk.text(name, NAME).unwrap_or_default();
                if PADDLE.contains(&name.as_str()) {
                    let message = format!("operator `{name}` runs code or touches files that the program names");
                    walk.context.find(&GRAPH_CODE, field.at, message);
                }
            }
        }
    }
}

/// Scans a network of Caffe.
pub(super) fn scan_caffe(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut walk = Walk::new(bytes, context);
    let mut whole = walk.whole();
    while let Some(field) = walk.next(&mut whole) {
        let (LAYER, Value::Bytes(mut layer)) = (field.number, field.value) else { continue };
        let (mut is_python, mut module) = (false, String::new());
        while let Some(inner) = walk.next(&mut layer) {
            match (inner.number, inner.value) {
                (2, Value::Bytes(kind)) => is_python |= walk.text(kind, NAME).is_some_and(|kind| kind == "Python"),
                (PYTHON, Value::Bytes(mut parameters)) => {
                    is_python = true;
                    while let Some(parameter) = walk.next(&mut parameters) {
                        if let (1, Value::Bytes(text)) = (parameter.number, parameter.value) {
                            module = walk.text(text, NAME).unwrap_or_default();
                        }
                    }
                }
                _ => {}
            }
        }
        if is_python {
            let message = format!("a layer imports the module `{}` of Python", shown(&module));
            walk.context.find(&GRAPH_CODE, field.at, message);
        }
    }
}
