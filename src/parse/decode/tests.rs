use super::*;

/// 100 times `abc`, as `bzip2`, `xz`, `xz --format=lzma` and zlib write it.
const OTHERS: [(Codec, &str); 4] = [
    (Codec::Bzip2, "425a68393141592653598b9daea500003181003800200030cc0529a622e22c45e2ee48a70a121173b5d4a0"),
    (
        Codec::Xz,
        "fd377a585a000004e6d6b4460200210116000000742fe5a3e0012b000b5d00309888ad4b36ed1bb20000000032e8d29303bf0527000127ac020000004f5b22c6b1c467fb020000000004595a",
    ),
    (Codec::Lzma, "5d00008000ffffffffffffffff00309888ad4b36ed2f807bfffff6b04000"),
    (Codec::Zlib, "789c4b4c4a4e1c45c42100884d72d9"),
];

#[test]
fn every_codec_is_read_to_its_end_and_no_further() {
    for (codec, packed) in OTHERS {
        let mut bytes: Vec<u8> =
            (0..packed.len()).step_by(2).map(|at| u8::from_str_radix(&packed[at..at + 2], 16).unwrap()).collect();
        let whole = bytes.len() as u64;
        bytes.extend(b"behind");
        let (out, end) = open(codec, &bytes);
        assert_eq!((out, end.broken, end.consumed), (b"abc".repeat(100), None, whole), "{codec:?}");
    }
}

/// A member of gzip that ends early.
const GZIP: &[u8] =
    &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c, 0x4a, 0x4e, 0x1c, 0x45, 0xa3, 0x68, 0x14, 0x8d, 0x22, 0x2c, 8, 0];

fn open(codec: Codec, bytes: &[u8]) -> (Vec<u8>, End) {
    let owned = bytes.to_vec();
    let decoded = Decoded::open(codec, Part::from(&owned, 0), 1 << 30);
    (decoded.up_to(0, 64 << 20).unwrap(), decoded.end().clone())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec(bytes, 6)
}

/// gzip of bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    out.extend_from_slice(b"name\0");
    out.extend(deflated(bytes));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// Bytes that do not pack well, always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

#[test]
fn members_follow_each_other_and_what_lies_behind_is_known() {
    let mut packed = gzip(b"first");
    packed.extend(gzip(b"second"));
    let whole = packed.len() as u64;
    packed.extend(b"\0\0\0more");
    let (out, end) = open(Codec::Gzip, &packed);
    assert_eq!(out, b"firstsecond");
    assert_eq!((end.consumed, end.broken), (whole, None));
}

#[test]
fn what_comes_before_a_break_is_there() {
    let bytes = noise(200_000);
    let mut packed = gzip(&bytes);
    packed.truncate(100_000);
    let (out, end) = open(Codec::Gzip, &packed);
    assert!(out.len() > 90_000 && bytes.starts_with(&out), "{}", out.len());
    assert_eq!(end.broken.as_deref(), Some("it ends early"));
    let mut packed = gzip(&bytes);
    let last = packed.len() - 6;
    packed[last] ^= 1;
    let (out, end) = open(Codec::Gzip, &packed);
    assert_eq!(out, bytes);
    assert_eq!(end.broken.as_deref(), Some("its checksum is wrong"));
    assert_eq!(open(Codec::Gzip, GZIP).1.broken.as_deref(), Some("it ends early"));
}

#[test]
fn large_streams_are_read_back_and_forth_in_little_memory() {
    let bytes = noise(12 << 20);
    let packed = deflated(&bytes);
    let decoded = Decoded::open(Codec::Deflate, Part::from(&packed, 0), 1 << 30);
    assert_eq!(decoded.len(), bytes.len() as u64);
    assert_eq!(decoded.crc(), crc32fast::hash(&bytes));
    assert!(!decoded.is_whole && decoded.head.len() == HEAD);
    for at in [0, bytes.len() - 10, 5 << 20, HEAD - 3, 3 << 20, 11 << 20, bytes.len() - TAIL - 3] {
        let end = (at + 1000).min(bytes.len());
        assert!(decoded.up_to(at as u64, 1000).unwrap() == bytes[at..end], "at {at}");
    }
    let cut = Decoded::open(Codec::Deflate, Part::from(&packed, 0), 1000);
    assert!(cut.end().is_cut);
    assert_eq!(cut.len(), 1000);
    for _ in 0..PASSES {
        let _ = (decoded.up_to(8 << 20, 10), decoded.up_to(3 << 20, 10));
    }
    let last = decoded.up_to(8 << 20, 10).and_then(|_| decoded.up_to(3 << 20, 10));
    assert!(last.is_err_and(|why| why.contains("too often")));
}

#[test]
fn any_bytes_end_without_a_panic() {
    let codecs =
        [Codec::Deflate, Codec::Zlib, Codec::Gzip, Codec::Bzip2, Codec::Xz, Codec::Lzma, Codec::Zstd, Codec::Lz4];
    let heads: &[&[u8]] = &[
        b"",
        b"x\x9c",
        b"\x1f\x8b\x08\0",
        b"BZh91AY&SY",
        b"\xfd7zXZ\0\0\x01\x69\x22\xde\x36",
        b"]\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0",
        b"\x28\xb5\x2f\xfd\x20\x10",
        b"\x04\x22\x4d\x18\x60\x40\x82",
    ];
    for codec in codecs {
        for head in heads {
            for length in [0, 1, 7, 300] {
                let mut bytes = head.to_vec();
                bytes.extend(noise(length));
                let (_, end) = open(codec, &bytes);
                assert!(end.consumed <= bytes.len() as u64);
            }
        }
    }
}
