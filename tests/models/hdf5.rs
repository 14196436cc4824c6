//! A minimal writer of HDF5: a root group with texts as attributes, of the oldest version of the format.

const UNDEFINED: u64 = u64::MAX;

/// A file whose root has attributes of text.
pub fn hdf5(attributes: &[(&str, &str)]) -> Vec<u8> {
    hdf5_with(attributes, &[])
}

/// The same, with external links given as name, file and object.
pub fn hdf5_with(attributes: &[(&str, &str)], links: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut messages = vec![message(0x02, &[&[0, 0][..], &UNDEFINED.to_le_bytes(), &UNDEFINED.to_le_bytes()].concat())];
    messages.push(message(0x0a, &[0, 0]));
    messages.extend(attributes.iter().map(|(name, text)| message(0x0c, &attribute(name, text))));
    messages.extend(links.iter().map(|(name, file, object)| message(0x06, &link(name, file, object))));
    let body = messages.concat();
    let mut out = b"\x89HDF\r\n\x1a\n".to_vec();
    out.extend([0, 0, 0, 0, 0, 8, 8, 0]);
    out.extend(4_u16.to_le_bytes());
    out.extend(16_u16.to_le_bytes());
    out.extend([0; 4]);
    out.extend(0_u64.to_le_bytes());
    out.extend(UNDEFINED.to_le_bytes());
    let end_of_file = 96 + 16 + body.len() as u64;
    out.extend(end_of_file.to_le_bytes());
    out.extend(UNDEFINED.to_le_bytes());
    out.extend(0_u64.to_le_bytes());
    out.extend(96_u64.to_le_bytes());
    out.extend([0; 24]);
    out.extend([1, 0]);
    out.extend((messages.len() as u16).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend((body.len() as u32).to_le_bytes());
    out.extend([0; 4]);
    out.extend(body);
    out
}

fn message(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    content.resize(content.len().next_multiple_of(8), 0);
    let mut out = kind.to_le_bytes().to_vec();
    out.extend((content.len() as u16).to_le_bytes());
    out.extend([0; 4]);
    out.extend(content);
    out
}

fn attribute(name: &str, text: &str) -> Vec<u8> {
    let pad = |bytes: &[u8]| {
        let mut out = bytes.to_vec();
        out.resize(out.len().next_multiple_of(8), 0);
        out
    };
    let name = [name.as_bytes(), &[0]].concat();
    // A text of fixed length, padded with zeros, and a scalar.
    let datatype = [&[0x13, 0, 0, 0][..], &(text.len() as u32).to_le_bytes()].concat();
    let dataspace = [1, 0, 0, 0, 0, 0, 0, 0];
    let mut out = vec![1, 0];
    for length in [name.len(), datatype.len(), dataspace.len()] {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(pad(&name));
    out.extend(pad(&datatype));
    out.extend(pad(&dataspace));
    out.extend(text.as_bytes());
    out
}

fn link(name: &str, file: &str, object: &str) -> Vec<u8> {
    let value = [&[0][..], file.as_bytes(), &[0], object.as_bytes(), &[0]].concat();
    let mut out = vec![1, 0x08, 64, name.len() as u8];
    out.extend(name.as_bytes());
    out.extend((value.len() as u16).to_le_bytes());
    out.extend(value);
    out
}
