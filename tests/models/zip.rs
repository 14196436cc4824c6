//! Zips by hand, with every field free to lie.

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in the directory at the end.
    pub name: String,
    /// Its name before its bytes.
    pub local_name: String,
    /// Bytes as they stand in the archive.
    pub packed: Vec<u8>,
    /// How they are packed: 0 as they are, 8 deflated.
    pub method: u16,
    /// The checksum that both records say.
    pub crc: u32,
    /// Length once unpacked, as both records say.
    pub length: u32,
    /// Flags before its bytes.
    pub local_flags: u16,
    /// Flags in the directory.
    pub flags: u16,
    /// Mode of Unix in the directory.
    pub mode: u32,
    /// Whether the directory names it.
    pub is_listed: bool,
    /// Whether sizes and checksum stand behind the bytes and not before.
    pub has_descriptor: bool,
    /// Bytes that stand before its record and belong to nobody.
    pub before: Vec<u8>,
    /// The extra field of both records.
    pub extra: Vec<u8>,
}

impl Member {
    /// A member that is stored as it is.
    pub fn stored(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            local_name: name.to_owned(),
            packed: content.to_vec(),
            method: 0,
            crc: crc32fast::hash(content),
            length: content.len() as u32,
            local_flags: 0,
            flags: 0,
            mode: 0o100_644,
            is_listed: true,
            has_descriptor: false,
            before: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// A member that is deflated.
    pub fn deflated(name: &str, content: &[u8]) -> Self {
        let packed = miniz_oxide::deflate::compress_to_vec(content, 6);
        Self { packed, method: 8, ..Self::stored(name, content) }
    }
}

/// An archive of members.
pub fn zip(members: &[Member]) -> Vec<u8> {
    archive(members, b"", b"")
}

/// An archive with bytes before it, which its offsets leave out, and a comment.
pub fn archive(members: &[Member], prefix: &[u8], comment: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let mut listed = 0_u16;
    for member in members {
        out.extend(&member.before);
        let offset = out.len() as u32;
        let (mut local, mut central) = (member.local_flags, member.flags);
        if member.has_descriptor {
            local |= 8;
            central |= 8;
        }
        let sizes = |is_known: bool| {
            let numbers = [member.crc, member.packed.len() as u32, member.length];
            numbers.map(|number| if is_known { number } else { 0 }).map(u32::to_le_bytes).concat()
        };
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(local.to_le_bytes());
        out.extend(member.method.to_le_bytes());
        out.extend([0; 4]);
        out.extend(sizes(!member.has_descriptor));
        out.extend((member.local_name.len() as u16).to_le_bytes());
        out.extend((member.extra.len() as u16).to_le_bytes());
        out.extend(member.local_name.as_bytes());
        out.extend(&member.extra);
        out.extend(&member.packed);
        if member.has_descriptor {
            out.extend(b"PK\x07\x08");
            out.extend(sizes(true));
        }
        if !member.is_listed {
            continue;
        }
        listed += 1;
        directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        directory.extend(central.to_le_bytes());
        directory.extend(member.method.to_le_bytes());
        directory.extend([0; 4]);
        directory.extend(sizes(true));
        directory.extend((member.name.len() as u16).to_le_bytes());
        directory.extend((member.extra.len() as u16).to_le_bytes());
        directory.extend([0; 6]);
        directory.extend((member.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend([0; 0]);
        directory.extend(member.name.as_bytes());
        directory.extend(&member.extra);
    }
    let at = out.len() as u32;
    let length = directory.len() as u32;
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(listed.to_le_bytes());
    out.extend(listed.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    [prefix, &out].concat()
}

/// The other members of a model in torch's zip, whose records are aligned.
pub fn torch_rest(folder: &str) -> Vec<Member> {
    vec![
        Member::stored(&format!("{folder}/byteorder"), b"little"),
        Member::stored(&format!("{folder}/data/0"), &[0; 8]),
        Member::stored(&format!("{folder}/version"), b"3\n"),
        Member::stored(&format!("{folder}/.data/serialization_id"), b"0000000000000000000000000000000000000000"),
    ]
}

/// Members of a model in torch's zip with the pickle given.
pub fn torch_members(pickle: &[u8]) -> Vec<Member> {
    [vec![Member::stored("archive/data.pkl", pickle)], torch_rest("archive")].concat()
}

/// A model in torch's zip with the pickle given.
pub fn torch(pickle: &[u8]) -> Vec<u8> {
    zip(&torch_members(pickle))
}
