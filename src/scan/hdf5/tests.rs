use super::*;
use crate::scan::{FileReport, Limits, file};

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../tests/fixtures/scan/", $name)).as_slice())
    };
}

fn scanned(bytes: &[u8]) -> FileReport {
    file(&bytes, "a", &Limits::default())
}

fn told(report: &FileReport) -> Vec<(&'static str, String)> {
    report.findings.iter().map(|f| (f.rule.id, f.message.clone())).collect()
}

#[test]
fn files_of_the_library_are_read_in_every_way_it_writes_them() {
    let lambda = "a `Lambda` layer holds byte code of Python, which names system";
    for ((name, bytes), expected) in [
        (fixture!("lambda_variable.h5"), &[("keras-lambda", lambda)][..]),
        (fixture!("lambda_fixed_latest.h5"), &[("keras-lambda", lambda)]),
        (fixture!("lambda_dense.h5"), &[("keras-lambda", lambda)]),
        (fixture!("external_link.h5"), &[("hdf5-outside", "`/e` is `/x` of the file `other.h5`")]),
        (fixture!("external_file.h5"), &[("hdf5-outside-path", "`/d` has its values in the file `/etc/hostname`")]),
        (fixture!("virtual.h5"), &[("hdf5-outside-path", "`/v` is put together from the file `../other.h5`")]),
        (fixture!("plain_user_block.h5"), &[]),
    ] {
        let told = told(&scanned(bytes));
        let told: Vec<(&str, &str)> = told.iter().map(|(id, message)| (*id, message.as_str())).collect();
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn pickles_among_values_are_found_however_they_are_stored() {
    for (name, bytes) in [
        fixture!("pickle_contiguous.h5"),
        fixture!("pickle_opaque.h5"),
        fixture!("pickle_pieces.h5"),
        fixture!("pickle_piece_latest.h5"),
        fixture!("pickle_vlen.h5"),
    ] {
        let told = told(&scanned(bytes));
        assert!(told.iter().any(|(id, _)| *id == "pickle-dangerous-global"), "{name}: {told:?}");
        assert!(told.iter().all(|(id, _)| id.starts_with("pickle-")), "{name}: {told:?}");
    }
}

#[test]
fn findings_have_the_offset_of_what_they_are_about() {
    let (_, bytes) = fixture!("lambda_fixed_latest.h5");
    let offset = scanned(bytes).findings[0].offset.and_then(|at| usize::try_from(at).ok()).unwrap();
    assert!(bytes[offset..].starts_with(b"[\"4wEA"), "{offset}");
}

#[test]
fn what_stands_around_is_told() {
    let (_, plain) = fixture!("plain_user_block.h5");
    let mut block = plain.to_vec();
    block[..9].copy_from_slice(b"#!/bin/sh");
    assert!(told(&scanned(&block)).iter().any(|(id, _)| *id == "hdf5-hidden"));
    let mut behind = plain.to_vec();
    behind.extend(b"more");
    assert!(told(&scanned(&behind)).iter().any(|(id, _)| *id == "hdf5-hidden"));
    let cut = scanned(&plain[..plain.len() - 1]);
    assert!(told(&cut).iter().any(|(id, _)| *id == "hdf5-malformed"));
    assert!(cut.is_incomplete());
}

/// Every byte of a file changed, and every cut of it: it ends, and nothing else is asked.
#[test]
fn broken_files_end() {
    for (_, bytes) in [fixture!("lambda_dense.h5"), fixture!("lambda_variable.h5"), fixture!("external_file.h5")] {
        for at in (0..bytes.len()).step_by(11) {
            for value in [0, 1, 0xFF] {
                let mut broken = bytes.to_vec();
                broken[at] = value;
                let _ = scanned(&broken);
            }
            let _ = scanned(&bytes[..at]);
        }
    }
}

#[test]
fn unknown_filters_are_told() {
    let pipeline = |id: u16| {
        let mut body = vec![2, 1];
        body.extend(id.to_le_bytes());
        body.extend([0, 0, 0, 0, 0, 0]);
        outside::unknown_filters(numbers::Reader::new(&body, 8, 8))
    };
    assert_eq!(pipeline(32015), Some(Vec::new()));
    assert_eq!(pipeline(40000), Some(vec![40000]));
    assert_eq!(outside::unknown_filters(numbers::Reader::new(&[2, 33], 8, 8)), None);
}
