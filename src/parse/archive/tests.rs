use super::*;

/// A zip of these members, deflated.
pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (path, content) in files {
        let (mut entry, config) =
            archive.new_file(path).compression_method(rawzip::CompressionMethod::DEFLATE).start().unwrap();
        let packed = miniz_oxide::deflate::compress_to_vec(content, 6);
        let mut writer = config.wrap(std::io::sink());
        std::io::Write::write_all(&mut writer, content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        std::io::Write::write_all(&mut entry, &packed).unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    out.extend(b"name\0");
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    out.extend([0; 8]);
    out
}

fn header(path: &str, flag: u8, size: usize) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = flag;
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].copy_from_slice(b"        ");
    let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

pub(crate) fn member(path: &str, flag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = header(path, flag, content.len());
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn walked(bytes: &[u8], limits: Limits, is_zip: bool) -> (Vec<String>, Result<(), String>) {
    let mut out = Vec::new();
    let mut visit = |m: Member<'_>| {
        out.push(format!("{} {:?} {:?}", m.path, m.kind, m.content.map(|c| String::from_utf8_lossy(c).into_owned())));
    };
    let wants = |path: &str| !path.ends_with(".bin");
    let walk = if is_zip { zip } else { tar_gz };
    let result = walk(bytes, limits, &mut Budget::default(), &wants, &mut visit);
    (out, result)
}

#[test]
fn members_of_a_zip_are_visited() {
    let bytes = zipped(&[("a/METADATA", b"Name: a\n"), ("a/x.bin", b"0123"), ("big", &[b'x'; 100])]);
    let limits = Limits { total: 1000, member: 50 };
    let (found, result) = walked(&bytes, limits, true);
    assert_eq!(
        found,
        ["a/METADATA File Ok(\"Name: a\\n\")", "a/x.bin File Ok(\"\")", "big File Err(\"it is too large\")"]
    );
    assert_eq!(result, Ok(()));
    assert_eq!(first_path(&bytes).as_deref(), Some("a/METADATA"));
    assert_eq!(walked(b"PK", limits, true).1, Err("it is no zip".to_owned()));
}

#[test]
fn members_of_a_tar_are_visited() {
    let long = format!("{}/PKG-INFO", "d".repeat(120));
    let record = format!("{} path=pax/name\n", 3 + "path=pax/name\n".len());
    let tar = [
        member("a-1/", b'5', b""),
        member("a-1/PKG-INFO", b'0', b"Name: a\n"),
        member("a-1/x.bin", b'0', b"0123"),
        member("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        member("short", b'0', b"long"),
        member("x", b'x', record.as_bytes()),
        member("short", b'0', b"pax"),
        member("link", b'2', b""),
        vec![0; 1024],
    ]
    .concat();
    let bytes = gzipped(&tar);
    let (found, result) = walked(&bytes, Limits::of(4096), false);
    let wanted = [
        "a-1/ Folder Ok(\"\")".to_owned(),
        "a-1/PKG-INFO File Ok(\"Name: a\\n\")".to_owned(),
        "a-1/x.bin File Ok(\"\")".to_owned(),
        format!("{long} File Ok(\"long\")"),
        "pax/name File Ok(\"pax\")".to_owned(),
        "link Link Ok(\"\")".to_owned(),
    ];
    assert_eq!(found, wanted);
    assert_eq!(result, Ok(()));
    assert_eq!(first_path(&bytes).as_deref(), Some("a-1/"));
    let cut = walked(&bytes[..bytes.len() - 40], Limits::of(4096), false).1;
    assert_eq!(cut, Err("its end is missing".to_owned()));
    let few = Limits { total: 700, member: 700 };
    assert_eq!(walked(&bytes, few, false).1, Err("it unpacks to too many bytes".to_owned()));
}

#[test]
fn paths_that_leave_are_told() {
    for (path, leaves) in
        [("a/b", false), ("../a", true), ("a/../b", true), ("/a", true), ("C:\\a", true), ("a..b", false)]
    {
        assert_eq!(escapes(path), leaves, "{path}");
    }
}

/// What costs time is bounded by what comes out or would have, not by what is kept.
#[test]
fn work_in_vain_is_counted() {
    // A list that names one packed member many times, each too large for what is left.
    let one = zipped(&[("a", &[b'x'; 3000])]);
    let many = zipped(&[("a", &[b'x'; 3000]), ("b", &[b'x'; 3000]), ("c", b"c")]);
    let limits = Limits { total: 5000, member: 4000 };
    assert_eq!(walked(&one, limits, true).0.len(), 1);
    let (found, result) = walked(&many, limits, true);
    assert_eq!(found[1..], ["b File Err(\"it is too large\")", "c File Err(\"it is too large\")"]);
    assert_eq!(result, Ok(()));
    // Gzip without end and without content.
    let empty = gzipped(b"").repeat(10_000);
    let walk = walked(&empty, Limits { total: 1 << 20, member: 1 << 20 }, false);
    assert_eq!(walk, (Vec::new(), Err("it unpacks to too many bytes".to_owned())));
}
