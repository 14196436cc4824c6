//! An assembler of pickles.

/// A text of protocol 4.
pub fn short(text: &str) -> Vec<u8> {
    [&[0x8c, text.len() as u8], text.as_bytes()].concat()
}

/// A text of protocol 1.
pub fn long(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

/// Bytes of protocol 3.
pub fn binary(content: &[u8]) -> Vec<u8> {
    [b"B", &(content.len() as u32).to_le_bytes()[..], content].concat()
}

/// A global by `STACK_GLOBAL`.
pub fn named(module: &str, name: &str) -> Vec<u8> {
    [short(module), short(name), vec![0x93]].concat()
}

/// A global by `GLOBAL`.
pub fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

/// A call of what `callable` leaves on the stack, with arguments given as code.
pub fn call(callable: &[u8], arguments: &[&[u8]]) -> Vec<u8> {
    [callable, b"(", &arguments.concat(), b"tR"].concat()
}

/// A pickle of protocol 4.
pub fn four(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice(), b"."].concat()
}

/// A pickle of protocol 2.
pub fn two(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x02", parts.concat().as_slice(), b"."].concat()
}

/// `os.system("true")` as code of protocol 2.
pub fn system() -> Vec<u8> {
    call(&global("os", "system"), &[&long(super::PAYLOAD)])
}

/// `os.system("true")` as a pickle of protocol 2.
pub fn evil() -> Vec<u8> {
    two(&[&system()])
}

/// A pickle of plain data.
pub fn plain() -> Vec<u8> {
    two(&[b"}", b"(", &long("epoch"), b"K\x03", &long("loss"), b"G\x3f\xf0\0\0\0\0\0\0", b"u"])
}

/// The state of a model with one tensor, as torch writes it into its zip.
pub fn state() -> Vec<u8> {
    state_with(b"")
}

/// The same, with code before the value, whose result is dropped.
pub fn state_with(code: &[u8]) -> Vec<u8> {
    let before = if code.is_empty() { Vec::new() } else { [code, b"0"].concat() };
    let storage =
        [long("storage"), global("torch", "FloatStorage"), long("0"), long("cpu"), b"K\x02".to_vec()].concat();
    let tensor = [
        global("torch._utils", "_rebuild_tensor_v2"),
        b"((".to_vec(),
        storage,
        b"tQK\x00K\x02\x85K\x01\x85\x89".to_vec(),
        global("collections", "OrderedDict"),
        b")RtR".to_vec(),
    ]
    .concat();
    two(&[&before, &global("collections", "OrderedDict"), b")R", &long("weight"), &tensor, b"s"])
}

/// A model as `torch.save` wrote it before 1.6, with any code in its value.
pub fn legacy(code: &[u8]) -> Vec<u8> {
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.".to_vec();
    let protocol = b"\x80\x02M\xe9\x03.".to_vec();
    let system = two(&[b"}(", &long("protocol_version"), b"M\xe9\x03", &long("little_endian"), b"\x88u"]);
    let before = if code.is_empty() { Vec::new() } else { [code, b"0"].concat() };
    let storage =
        [long("storage"), global("torch", "FloatStorage"), long("7"), long("cpu"), b"K\x02N".to_vec()].concat();
    let tensor = [
        global("torch._utils", "_rebuild_tensor_v2"),
        b"((".to_vec(),
        storage,
        b"tQK\x00K\x02\x85K\x01\x85\x89".to_vec(),
        global("collections", "OrderedDict"),
        b")RtR".to_vec(),
    ]
    .concat();
    let value = two(&[&before, &global("collections", "OrderedDict"), b")R", &long("weight"), &tensor, b"s"]);
    let keys = two(&[b"]", &long("7"), b"a"]);
    let data = [&2_u64.to_le_bytes()[..], &[0; 8]].concat();
    [magic, protocol, system, value, keys, data].concat()
}
