//! Writers of formats that are lists of numbers and texts: safetensors, GGUF, npy, protocol buffers,
//! flat buffers.

/// A field of a protocol buffer that holds bytes.
pub fn field(number: u32, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut out = varint(u64::from(number) << 3 | 2);
    out.extend(varint(content.len() as u64));
    out.extend(content);
    out
}

/// A field of a protocol buffer that holds a number.
pub fn number(field: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// safetensors with a header as given and so many bytes of data.
pub fn safetensors(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; data]].concat()
}

/// A value of GGUF.
#[derive(Debug, Clone)]
pub enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    /// Type and bytes as given.
    Raw(u32, Vec<u8>),
}

/// A text value.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn long_text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

/// GGUF of version 3 with values and tensors given as name, dimensions, type and offset, and so many bytes of data.
pub fn gguf(values: &[(&str, Value)], tensors: &[(&str, &[u64], u32, u64)], data: usize) -> Vec<u8> {
    let mut out = b"GGUF\x03\0\0\0".to_vec();
    out.extend((tensors.len() as u64).to_le_bytes());
    out.extend((values.len() as u64).to_le_bytes());
    for (key, value) in values {
        out.extend(long_text(key));
        let (kind, content): (u32, Vec<u8>) = match value {
            Value::U32(number) => (4, number.to_le_bytes().to_vec()),
            Value::F32(number) => (6, number.to_le_bytes().to_vec()),
            Value::Bool(is) => (7, vec![u8::from(*is)]),
            Value::Text(text) => (8, long_text(text)),
            Value::Texts(texts) => {
                let head = [&8_u32.to_le_bytes()[..], &(texts.len() as u64).to_le_bytes()].concat();
                (9, texts.iter().fold(head, |out, text| [out, long_text(text)].concat()))
            }
            Value::Raw(kind, content) => (*kind, content.clone()),
        };
        out.extend(kind.to_le_bytes());
        out.extend(content);
    }
    for (name, dims, kind, offset) in tensors {
        out.extend(long_text(name));
        out.extend((dims.len() as u32).to_le_bytes());
        for dim in *dims {
            out.extend(dim.to_le_bytes());
        }
        out.extend(kind.to_le_bytes());
        out.extend(offset.to_le_bytes());
    }
    if !tensors.is_empty() {
        out.resize(out.len().next_multiple_of(32) + data, 0);
    }
    out
}

/// An array of numpy of format version 1 with a header and what follows.
pub fn npy(header: &str, content: &[u8]) -> Vec<u8> {
    let mut header = header.to_owned();
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), content].concat()
}

/// The header of an array of objects.
pub const OBJECTS: &str = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";

/// A node of ONNX.
pub fn onnx_node(domain: &str, operator: &str, more: &[u8]) -> Vec<u8> {
    [field(1, "x"), field(2, "y"), field(4, operator), field(7, domain), more.to_vec()].concat()
}

/// A model of ONNX with a graph and more fields.
pub fn onnx(graph: &[u8], more: &[u8]) -> Vec<u8> {
    let opset = [field(1, ""), number(2, 17)].concat();
    [number(1, 8), field(2, "by hand"), field(7, graph), field(8, opset), more.to_vec()].concat()
}

/// A tensor of ONNX whose data lies in another file.
pub fn onnx_external(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<Vec<u8>> = entries.iter().map(|(k, v)| field(13, [field(1, k), field(2, v)].concat())).collect();
    [number(1, 2), number(2, 1), field(8, "w"), entries.concat(), number(14, 1)].concat()
}

/// An attribute of a node of ONNX with one field.
pub fn onnx_attribute(number: u32, value: &[u8]) -> Vec<u8> {
    field(5, [field(1, "a"), field(number, value)].concat())
}

/// A node of TensorFlow.
pub fn tensorflow_node(name: &str, operator: &str, inputs: &[&str], more: &[u8]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|input| field(3, input)).collect();
    [field(1, name), field(2, operator), inputs, more.to_vec()].concat()
}

/// A constant text of TensorFlow.
pub fn tensorflow_text(name: &str, text: &str) -> Vec<u8> {
    let tensor = [number(1, 7), field(2, ""), field(8, text)].concat();
    let more = [tensorflow_attribute("value", &field(8, tensor)), tensorflow_attribute("dtype", &number(6, 7))];
    tensorflow_node(name, "Const", &[], &more.concat())
}

/// An attribute of a node of TensorFlow.
pub fn tensorflow_attribute(key: &str, value: &[u8]) -> Vec<u8> {
    field(5, [field(1, key), field(2, value)].concat())
}

/// A graph of TensorFlow.
pub fn tensorflow_graph(nodes: &[Vec<u8>]) -> Vec<u8> {
    nodes.iter().flat_map(|node| field(1, node)).collect()
}

/// A `SavedModel` with a graph and more fields of its meta graph.
pub fn saved_model(graph: &[u8], more: &[u8]) -> Vec<u8> {
    [number(1, 1), field(2, [field(2, graph), more.to_vec()].concat())].concat()
}

/// Writes flat buffers from the front: what is pointed at stands behind what points.
#[derive(Debug, Clone)]
pub enum Flat {
    /// Nothing: the field has its default.
    None,
    /// A number of one byte.
    Byte(u8),
    /// A number of four bytes.
    Int(u32),
    /// A text.
    Text(String),
    /// A list of numbers.
    Ints(Vec<u32>),
    /// A table, by its fields.
    Table(Vec<Flat>),
    /// A list of tables.
    Tables(Vec<Vec<Flat>>),
}

/// A flat buffer with an identifier and a root table.
pub fn flat(identifier: &[u8; 4], root: &[Flat]) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend(identifier);
    let at = flat_table(&mut out, root);
    out[..4].copy_from_slice(&(at as u32).to_le_bytes());
    out
}

fn align(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

fn point(out: &mut [u8], from: usize, to: usize) {
    out[from..from + 4].copy_from_slice(&((to - from) as u32).to_le_bytes());
}

fn flat_table(out: &mut Vec<u8>, fields: &[Flat]) -> usize {
    align(out);
    let virtual_table = out.len();
    // Every field takes four bytes, which is more than some need and never wrong.
    out.extend((4 + 2 * fields.len() as u16).to_le_bytes());
    out.extend((4 + 4 * fields.len() as u16).to_le_bytes());
    for (index, field) in fields.iter().enumerate() {
        let at = if matches!(field, Flat::None) { 0 } else { 4 + 4 * index as u16 };
        out.extend(at.to_le_bytes());
    }
    align(out);
    let table = out.len();
    out.extend(((table - virtual_table) as u32).to_le_bytes());
    out.resize(table + 4 + 4 * fields.len(), 0);
    for (index, field) in fields.iter().enumerate() {
        let place = table + 4 + 4 * index;
        match field {
            Flat::None => {}
            Flat::Byte(byte) => out[place] = *byte,
            Flat::Int(int) => out[place..place + 4].copy_from_slice(&int.to_le_bytes()),
            Flat::Text(text) => {
                align(out);
                let at = out.len();
                out.extend((text.len() as u32).to_le_bytes());
                out.extend(text.as_bytes());
                out.push(0);
                point(out, place, at);
            }
            Flat::Ints(ints) => {
                align(out);
                let at = out.len();
                out.extend((ints.len() as u32).to_le_bytes());
                out.extend(ints.iter().flat_map(|int| int.to_le_bytes()));
                point(out, place, at);
            }
            Flat::Table(inner) => {
                let at = flat_table(out, inner);
                point(out, place, at);
            }
            Flat::Tables(tables) => {
                align(out);
                let at = out.len();
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(at + 4 + 4 * tables.len(), 0);
                for (index, inner) in tables.iter().enumerate() {
                    let table = flat_table(out, inner);
                    point(out, at + 4 + 4 * index, table);
                }
                point(out, place, at);
            }
        }
    }
    table
}
