//! `cargo bench --bench scan`: times the scan of model files made for it in the target folder. Prints
//! medians; asserts nothing about time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints"
)]

#[path = "../models/bytes.rs"]
#[allow(unreachable_pub, dead_code, reason = "shared with tests")]
mod bytes;

use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cargo_custody::scan::{self, Limits, Verdict};
use cargo_custody::source::FileBytes;

const GIB: u64 = 1 << 30;

fn time(name: &str, runs: usize, mut work: impl FnMut()) {
    let mut times: Vec<Duration> = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        work();
        times.push(start.elapsed());
    }
    times.sort();
    println!("  {name:<44} {:>10.3} ms", times[runs / 2].as_secs_f64() * 1_000.0);
}

fn scan(path: &Path) {
    let bytes = FileBytes::open(path).expect("a file");
    let report = scan::file(&bytes, "a", &Limits::default());
    assert_eq!(report.verdict, Verdict::Clean, "{}: {:?}", path.display(), report.findings);
}

/// A list of dictionaries, twelve opcodes each: about 50 million in 200 MB.
fn large_pickle(path: &Path) {
    const ENTRIES: u32 = 4_270_000;
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    out.write_all(b"\x80\x04]\x94(").expect("written");
    for index in 0..ENTRIES {
        let mut entry = b"}\x94(\x8c\x02idJ".to_vec();
        entry.extend(index.to_le_bytes());
        entry.extend(b"\x8c\x05scoreG\x3f\xe0\0\0\0\0\0\0\x8c\x04nameh\x00\x8c\x02okK\x01u");
        out.write_all(&entry).expect("written");
        if index % 1000 == 999 {
            out.write_all(b"e(").expect("written");
        }
    }
    out.write_all(b"e.").expect("written");
}

/// Weights with a header and a hole.
fn large_safetensors(path: &Path) {
    let header = format!("{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{GIB}],\"data_offsets\":[0,{GIB}]}}}}");
    let head = bytes::safetensors(&header, 0);
    fs::write(path, &head).expect("a file");
    let file = fs::OpenOptions::new().write(true).open(path).expect("a file");
    file.set_len(head.len() as u64 + GIB).expect("a length");
}

/// A zip of torch whose 64 storages are holes.
fn large_torch(path: &Path) {
    const STORAGES: u64 = 64;
    let each = (GIB / STORAGES) as u32;
    let mut pickle = b"\x80\x02}(".to_vec();
    for index in 0..STORAGES {
        let key = index.to_string();
        let text = |text: &str| [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
        pickle.extend(
            [text(&format!("w{index}")), b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(), text("storage")].concat(),
        );
        pickle.extend(
            [b"ctorch\nByteStorage\n".to_vec(), text(&key), text("cpu"), b"J".to_vec(), each.to_le_bytes().to_vec()]
                .concat(),
        );
        pickle.extend(
            [
                b"tQK\0J".to_vec(),
                each.to_le_bytes().to_vec(),
                b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR".to_vec(),
            ]
            .concat(),
        );
    }
    pickle.extend(b"u.");
    // The checksum of so many zeros, which is that of each storage.
    let zeros = {
        let piece = vec![0; 1 << 20];
        let mut hash = crc32fast::Hasher::new();
        (0..each >> 20).for_each(|_| hash.update(&piece));
        hash.finalize()
    };
    let mut members: Vec<(String, Option<&[u8]>)> = vec![("archive/data.pkl".to_owned(), Some(&pickle))];
    members.extend((0..STORAGES).map(|index| (format!("archive/data/{index}"), None)));
    members.push(("archive/byteorder".to_owned(), Some(b"little")));
    members.push(("archive/version".to_owned(), Some(b"3\n")));
    let mut file = File::create(path).expect("a file");
    let mut directory = Vec::new();
    let mut at = 0_u64;
    for (name, content) in &members {
        let length = content.map_or(each, |content| content.len() as u32);
        let crc = content.map_or(zeros, crc32fast::hash);
        let common = [
            &[0; 8][..],
            &crc.to_le_bytes(),
            &length.to_le_bytes(),
            &length.to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
            &[0, 0],
        ]
        .concat();
        let local = [b"PK\x03\x04\x14\0", common.as_slice(), name.as_bytes()].concat();
        directory.extend(
            [b"PK\x01\x02\x14\0\x14\0", common.as_slice(), &[0; 10], &(at as u32).to_le_bytes(), name.as_bytes()]
                .concat(),
        );
        file.seek(SeekFrom::Start(at)).expect("a place");
        file.write_all(&local).expect("written");
        if let Some(content) = content {
            file.write_all(content).expect("written");
        }
        at += local.len() as u64 + u64::from(length);
    }
    file.seek(SeekFrom::Start(at)).expect("a place");
    file.write_all(&directory).expect("written");
    let count = (members.len() as u16).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &(directory.len() as u32).to_le_bytes(),
        &(at as u32).to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    file.write_all(&end).expect("written");
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-scan");
    fs::create_dir_all(&folder).expect("a folder");
    let made = |name: &str, make: fn(&Path)| {
        let path = folder.join(name);
        make(&path);
        path
    };
    let large = made("large.pkl", large_pickle);
    println!("{} MB of pickle", fs::metadata(&large).expect("a file").len() / 1_000_000);
    time("50 million opcodes", 3, || scan(&large));
    fs::remove_file(&large).expect("a file");

    let small: Vec<PathBuf> = (0..2000)
        .map(|index| {
            let path = folder.join(format!("small{index}.pkl"));
            let entry = |key: &str| [b"X", &(key.len() as u32).to_le_bytes()[..], key.as_bytes(), b"K\x01"].concat();
            let entries: Vec<u8> = (0..50).flat_map(|key| entry(&format!("layer.{index}.{key}"))).collect();
            fs::write(&path, [b"\x80\x02}(", entries.as_slice(), b"u."].concat()).expect("a file");
            path
        })
        .collect();
    time("2,000 small pickles, one thread", 5, || small.iter().for_each(|path| scan(path)));
    small.iter().for_each(|path| fs::remove_file(path).expect("a file"));

    for (name, make) in
        [("1 GiB safetensors", large_safetensors as fn(&Path)), ("1 GiB torch zip, 64 storages", large_torch)]
    {
        let path = made("large.bin", make);
        time(name, 5, || scan(&path));
        fs::remove_file(path).expect("a file");
    }
}
