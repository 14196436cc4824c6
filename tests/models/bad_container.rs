//! Archives and streams: what is in them is found at any depth, what cannot be opened is told.

use super::Case;
use super::packed::{bzip2, gzip, seven, tar, tar_member, tar_of, xz, zlib, zstd};
use super::pickle::{evil, plain};
use super::zip::{Member, archive, zip};

const GLOBAL: &str = "pickle-dangerous-global";

pub(super) fn cases() -> Vec<Case> {
    [streams(), archives(), escapes(), unopened()].concat()
}

fn streams() -> Vec<Case> {
    let joblib = "joblib: load unpacks what it finds";
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 9].to_vec();
    vec![
        Case::new("pickle.pkl.gz", "gzip", joblib, gzip(&evil())).dangerous(GLOBAL),
        Case::new("pickle.pkl.z", "zlib", joblib, zlib(&evil())).dangerous(GLOBAL),
        Case::new("pickle.pkl.bz2", "bzip2", joblib, bzip2(&evil())).dangerous(GLOBAL),
        Case::new("pickle.pkl.xz", "xz", joblib, xz(&evil())).dangerous(GLOBAL),
        Case::new("pickle.pkl.zst", "zstd", joblib, zstd(&evil())).dangerous(GLOBAL),
        Case::new("twice_packed.gz", "gzip", joblib, gzip(&bzip2(&evil()))).dangerous(GLOBAL),
        Case::new("five_times_packed.gz", "gzip", joblib, (0..5).fold(evil(), |bytes, _| gzip(&bytes)))
            .dangerous(GLOBAL),
        Case::new(
            "second_stream.gz",
            "gzip",
            "gzip: members follow each other",
            [gzip(&plain()), gzip(&evil())].concat(),
        )
        .dangerous(GLOBAL),
        Case::new("behind_the_stream.gz", "gzip", "gzip: what follows", [gzip(&plain()), evil()].concat())
            .dangerous(GLOBAL),
        Case::new("cut.gz", "gzip", "loaders use what came before", cut(gzip(&evil()))).dangerous(GLOBAL),
        Case::new("wrong_checksum.gz", "gzip", "loaders use what came before", {
            let mut bytes = gzip(&evil());
            let at = bytes.len() - 6;
            bytes[at] ^= 1;
            bytes
        })
        .dangerous(GLOBAL),
        Case::new("bomb.gz", "gzip", "42.zip and others", gzip(&vec![0; 64 << 20])).unread("over-budget"),
        Case::new("harmless_cut.gz", "gzip", "gzip", cut(gzip(&plain()))).malformed("stream-malformed"),
    ]
}

fn archives() -> Vec<Case> {
    let nested = |depth: usize| (0..depth).fold(evil(), |bytes, _| zip(&[Member::deflated("a", &bytes)]));
    vec![
        Case::new("pickle.zip", "zip", "CVE-2025-1889", zip(&[Member::stored("model.pkl", &evil())])).dangerous(GLOBAL),
        Case::new(
            "pickle_called_otherwise.zip",
            "zip",
            "CVE-2025-1889",
            zip(&[Member::deflated("notes.txt", &evil())]),
        )
        .dangerous(GLOBAL),
        Case::new("zip_in_zip.zip", "zip", "research note: not looked at", nested(3)).dangerous(GLOBAL),
        Case::new("too_deep.zip", "zip", "recursive zips", nested(20)).unread("over-budget"),
        Case::new("pickle.tar", "tar", "research note: not looked at", tar(&[("model.pkl", &evil())]))
            .dangerous(GLOBAL),
        Case::new("pickle.tar.gz", "gzip", "research note: not looked at", gzip(&tar(&[("a/model.pkl", &evil())])))
            .dangerous(GLOBAL),
        Case::new(
            "behind_the_end.tar",
            "tar",
            "tar: what stands behind the end",
            [tar(&[("a", &plain())]), tar(&[("b", &evil())])].concat(),
        )
        .dangerous(GLOBAL),
        Case::new("pickle.7z", "7z", "picklescan: members not called .pkl", seven("model.bin", &evil()))
            .dangerous(GLOBAL),
        Case::new(
            "arrays.npz",
            "npz",
            "numpy: allow_pickle",
            zip(&[Member::stored("a.npy", &super::bytes::npy(super::bytes::OBJECTS, &evil()))]),
        )
        .dangerous(GLOBAL),
        Case::new("prefix_pickle.zip", "", "polyglot", archive(&[Member::stored("a.txt", b"a")], &evil(), b""))
            .dangerous(GLOBAL),
        Case::new("long_name.tar", "tar", "GNU: long names", {
            let long = tar_member("././@LongLink", b'L', "", b"model_with_a_long_name.pkl\0");
            tar_of(&[long, tar_member("x", b'0', "", &evil())])
        })
        .dangerous(GLOBAL),
        Case::new("pax_size.tar", "tar", "CVE-2025-62518: sizes that stand twice", {
            let inner = tar_member("inner.pkl", b'0', "", &evil());
            let head = tar_member("pax", b'x', "", b"14 size=00000\n");
            tar_of(&[head, tar_member("x", b'0', "", &inner)])
        })
        .dangerous(""),
        Case::new("wrong_checksum.tar", "tar", "tar: readers stop", {
            let mut broken = tar_member("model.pkl", b'0', "", &evil());
            broken[150] = b'7';
            tar_of(&[tar_member("a", b'0', "", &plain()), broken])
        })
        .dangerous(GLOBAL),
    ]
}

fn escapes() -> Vec<Case> {
    let named = |name: &str| zip(&[Member::stored(name, b"x = 1\n")]);
    let link = Member { mode: 0o120_777, ..Member::stored("a", b"../../x") };
    let slip = "Zip Slip";
    vec![
        Case::new("parent.zip", "zip", slip, named("../../x.txt")).suspicious("archive-escape"),
        Case::new("root.zip", "zip", slip, named("/etc/x")).suspicious("archive-escape"),
        Case::new("drive.zip", "zip", slip, named("C:\\x")).suspicious("archive-escape"),
        Case::new("backslashes.zip", "zip", slip, named("..\\..\\x")).suspicious("archive-escape"),
        Case::new("link.zip", "zip", slip, zip(&[link])).suspicious("archive-escape"),
        Case::new("parent.tar", "tar", "CVE-2007-4559", tar(&[("../../x", b"x = 1\n")])).suspicious("archive-escape"),
        Case::new("root.tar", "tar", "CVE-2007-4559", tar(&[("/etc/x", b"x = 1\n")])).suspicious("archive-escape"),
        Case::new("symbolic_link.tar", "tar", "CVE-2025-4517", tar_of(&[tar_member("a", b'2', "../../etc", b"")]))
            .suspicious("archive-escape"),
        Case::new("hard_link.tar", "tar", "CVE-2025-4517", tar_of(&[tar_member("a", b'1', "/etc/passwd", b"")]))
            .suspicious("archive-escape"),
        Case::new("device.tar", "tar", "tar: devices", tar_of(&[tar_member("a", b'3', "", b"")]))
            .suspicious("archive-special"),
        Case::new("pipe.tar", "tar", "tar: pipes", tar_of(&[tar_member("a", b'6', "", b"")]))
            .suspicious("archive-special"),
        Case::new("parent.7z", "7z", slip, seven("../../x.txt", b"x = 1\n")).suspicious("archive-escape"),
    ]
}

fn unopened() -> Vec<Case> {
    let sealed = |flags: u16| {
        let content: Vec<u8> = (0..200_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        zip(&[Member { local_flags: flags, flags, crc: 7, ..Member::stored("model.pkl", &content) }])
    };
    let packed = Member { method: 98, ..Member::stored("model.pkl", b"packed in a way that nobody reads") };
    vec![
        Case::new("encrypted.zip", "zip", "research note: fail open", sealed(1)).unread(""),
        Case::new("unknown_method.zip", "zip", "research note: fail open", zip(&[packed])).unread("unread"),
        Case::new(
            "rar.rar",
            "other-archive",
            "research note: fail open",
            b"Rar!\x1a\x07\x01\x00\x33\x92\xb5\xe5\x0a\x01".to_vec(),
        )
        .unread("unread"),
        Case::new(
            "noise.bin",
            "unknown",
            "issue: unread is never clean",
            (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 7) as u8).collect(),
        )
        .unread("unknown-format"),
        Case::new("program.bin", "native-code", "llamafile and others", {
            let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0".to_vec();
            bytes.resize(4096, 0);
            bytes
        })
        .suspicious("native-code"),
        Case::new("broken.7z", "7z", "7z", {
            let mut bytes = seven("model.pkl", &plain());
            let at = bytes.len() - 3;
            bytes[at] ^= 0x55;
            bytes
        })
        .malformed("7z-malformed"),
    ]
}
