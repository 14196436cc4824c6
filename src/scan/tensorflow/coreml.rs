//! Core ML: networks by layers, programs by operations, pipelines of models.

use super::{COREML_CUSTOM_CODE, COREML_PATH};
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::protobuf::{Span, Value, Walk, Wire, fit};
use crate::scan::quote::shown;
use crate::source::Bytes;

/// Bytes of a name.
const NAME: usize = 64 << 10;
/// Models and blocks within one another; readers of protocol buffers stop at 100 messages.
const DEPTH: usize = 40;

/// Kinds of models, by the field that holds them.
const KINDS: &[u32] = &[
    200, 201, 202, 300, 301, 302, 303, 304, 400, 401, 402, 403, 404, 500, 501, 502, 555, 556, 560, 600, 601, 602, 603,
    604, 606, 607, 609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 3000,
];
const CUSTOM_MODEL: u32 = 555;
const LINKED_MODEL: u32 = 556;
const PROGRAM: u32 = 502;
const SERIALIZED: u32 = 3000;
/// The layer of a network that is a class.
const CUSTOM_LAYER: u32 = 500;

/// Whether bytes are a model: a version, a description, and one kind of model.
pub(super) fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    if head.first() != Some(&8) {
        return false;
    }
    let mut wire = Wire::glance(bytes);
    let mut span = wire.whole();
    let (mut has_version, mut has_kind) = (false, false);
    for _ in 0..64 {
        let Ok(Some(field)) = wire.next(&mut span) else { break };
        match (field.number, field.value) {
            (1, Value::Varint(version)) => has_version = (1..1000).contains(&version),
            (2, Value::Bytes(_)) | (10, Value::Varint(_)) => {}
            (number, Value::Bytes(model)) if KINDS.contains(&number) => {
                has_kind |= fit(&mut wire, model, &[], 16, |_, _| false).0.known == 0;
            }
            _ => return false,
        }
    }
    has_version && has_kind
}

/// Scans a model.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut walk = Walk::new(bytes, context);
    let whole = walk.whole();
    model(&mut walk, whole, 0);
}

/// Hands every field of a message that holds bytes on: its number, what it holds, its place.
fn each<'b, 'c, 'l>(
    walk: &mut Walk<'b, 'c, 'l>,
    span: Span,
    mut read: impl FnMut(&mut Walk<'b, 'c, 'l>, u32, Span, u64),
) {
    let mut span = span;
    if !walk.context.take_nodes(1) {
        return;
    }
    while let Some(field) = walk.next(&mut span) {
        if let Value::Bytes(value) = field.value {
            read(walk, field.number, value, field.at);
        }
    }
}

fn model(walk: &mut Walk<'_, '_, '_>, span: Span, depth: usize) {
    if depth > DEPTH {
        return walk.broken(span.at, "models are nested deeper than readers go");
    }
    each(walk, span, |walk, number, span, at| match number {
        // Pipelines, alone or within a classifier or regressor.
        202 => pipeline(walk, span, depth),
        200 | 201 => each(walk, span, |walk, number, span, _| {
            if number == 1 {
                pipeline(walk, span, depth);
            }
        }),
        // Networks; their layers come first.
        303 | 403 | 500 => network(walk, span, depth),
        CUSTOM_MODEL => class(walk, span, "the model", at),
        LINKED_MODEL => linked(walk, span),
        PROGRAM => program(walk, span),
        SERIALIZED => walk.context.find(&COREML_CUSTOM_CODE, at, "the model is one of an operating system's own kinds"),
        // A classifier by neighbours, and others, are data.
        _ => {}
    });
}

/// The layers of a network, and the networks that branches and loops hold.
fn network(walk: &mut Walk<'_, '_, '_>, span: Span, depth: usize) {
    const BRANCH: u32 = 605;
    const LOOP: u32 = 615;
    if depth > DEPTH {
        return walk.broken(span.at, "networks are nested deeper than readers go");
    }
    each(walk, span, |walk, number, span, _| {
        if number != 1 {
            return;
        }
        each(walk, span, |walk, number, span, at| match number {
            CUSTOM_LAYER => class(walk, span, "a layer", at),
            BRANCH | LOOP => each(walk, span, |walk, inner, span, _| {
                if matches!((number, inner), (BRANCH, 1 | 2) | (LOOP, 3 | 4)) {
                    network(walk, span, depth + 1);
                }
            }),
            _ => {}
        });
    });
}

fn pipeline(walk: &mut Walk<'_, '_, '_>, span: Span, depth: usize) {
    each(walk, span, |walk, number, span, _| {
        if number == 1 {
            model(walk, span, depth + 1);
        }
    });
}

fn class(walk: &mut Walk<'_, '_, '_>, span: Span, what: &str, at: u64) {
    let mut name = String::new();
    each(walk, span, |walk, number, span, _| {
        if number == 10 {
            name = walk.text(span, NAME).unwrap_or_default();
        }
    });
    let message = format!("{what} is the class `{}` of the app", shown(&name));
    walk.context.find(&COREML_CUSTOM_CODE, at, message);
}

fn linked(walk: &mut Walk<'_, '_, '_>, span: Span) {
    each(walk, span, |walk, _, file, _| {
        each(walk, file, |walk, _, parameter, _| {
            each(walk, parameter, |walk, _, text, at| path(walk, text, at));
        });
    });
}

fn path(walk: &mut Walk<'_, '_, '_>, span: Span, at: u64) {
    let text = walk.text(span, NAME).unwrap_or_default();
    let below = text.strip_prefix("@model_path/").unwrap_or(&text);
    if let Some(how) = leads_out(below) {
        let message = format!("the model names `{}`, which {how}", shown(&text));
        walk.context.find(&COREML_PATH, at, message);
    }
}

fn program(walk: &mut Walk<'_, '_, '_>, span: Span) {
    each(walk, span, |walk, number, entry, _| match number {
        2 => each(walk, entry, |walk, number, function, _| {
            if number == 2 {
                each(walk, function, |walk, number, entry, _| {
                    if number == 3 {
                        each(walk, entry, |walk, number, span, _| {
                            if number == 2 {
                                block(walk, span, 0);
                            }
                        });
                    }
                });
            }
        }),
        4 => attributes(walk, entry),
        _ => {}
    });
}

fn block(walk: &mut Walk<'_, '_, '_>, span: Span, depth: usize) {
    if depth > DEPTH {
        return walk.broken(span.at, "blocks are nested deeper than readers go");
    }
    each(walk, span, |walk, number, span, _| match number {
        3 => each(walk, span, |walk, number, span, at| match number {
            1 => {
                let name = walk.text(span, NAME).unwrap_or_default();
                if matches!(name.as_str(), "custom_layer" | "custom") {
                    walk.context.find(&COREML_CUSTOM_CODE, at, format!("operation `{name}` is a class of the app"));
                }
            }
            2 => each(walk, span, |walk, number, argument, _| {
                if number == 2 {
                    each(walk, argument, |walk, number, binding, _| {
                        if number == 1 {
                            each(walk, binding, |walk, number, span, _| {
                                if number == 2 {
                                    value(walk, span);
                                }
                            });
                        }
                    });
                }
            }),
            4 => block(walk, span, depth + 1),
            5 => attributes(walk, span),
            _ => {}
        }),
        4 => attributes(walk, span),
        _ => {}
    });
}

/// One entry of a map of names to values.
fn attributes(walk: &mut Walk<'_, '_, '_>, entry: Span) {
    each(walk, entry, |walk, number, span, _| {
        if number == 2 {
            value(walk, span);
        }
    });
}

/// A value that lies in another file.
fn value(walk: &mut Walk<'_, '_, '_>, span: Span) {
    each(walk, span, |walk, number, file, _| {
        if number == 5 {
            each(walk, file, |walk, number, text, at| {
                if number == 1 {
                    path(walk, text, at);
                }
            });
        }
    });
}
