use super::*;
use crate::graph::Document;
use crate::graph::kinds::artifact::{BuiltForm, PathFile};
use crate::parse::archive::tests::{gzipped, member, zipped};
use crate::parse::auditable::tests::module;
use crate::parse::record::sha256;
use crate::read::{Facts, Reader};
use crate::source::{FileId, RepoPath, SourceFile};

const METADATA: &str = "Metadata-Version: 2.4\nName: Demo\nVersion: 1.0\nLicense-Expression: MIT\n\
                        Requires-Dist: requests>=2\nRequires-Dist: x; extra == 'web'\n\nbody\n";

fn read(reader: &dyn Reader, path: &str, bytes: &[u8]) -> Facts {
    let path = RepoPath::new(path).unwrap();
    let make = if reader.takes_bytes() { SourceFile::binary } else { SourceFile::new };
    let mut facts = Facts::default();
    reader.read(&make(FileId(0), path, bytes.to_vec()), &mut Budget::default(), &mut facts);
    facts
}

fn built(facts: &Facts) -> &BuiltDistribution {
    match facts.documents.as_slice() {
        [Document::Built(built)] => built,
        other => panic!("{other:?} {:?}", facts.unread),
    }
}

fn wheel(name: &str, files: &[(&str, &str)], record: &[(&str, &str)]) -> Facts {
    let rows = record.iter().map(|(path, text)| format!("{path},{},{}\n", sha256(text.as_bytes()), text.len()));
    let record = rows.collect::<String>() + "demo-1.0.dist-info/RECORD,,\n";
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    all.push(("demo-1.0.dist-info/RECORD", record.as_bytes()));
    read(&wheel::WheelReader, name, &zipped(&all))
}

const NAME: &str = "demo-1.0-py3-none-any.whl";
const INFO: &str = "demo-1.0.dist-info/METADATA";

#[test]
fn a_good_wheel_agrees_with_itself() {
    let files = [("demo/__init__.py", "x = 1\n"), ("demo.pth", "../src\n"), (INFO, METADATA)];
    let facts = wheel(NAME, &files, &files);
    let found = built(&facts);
    assert_eq!((found.form, found.name.value.as_str()), (BuiltForm::Wheel, "Demo"));
    assert_eq!(found.version.as_ref().map(|v| v.value.as_str()), Some("1.0"));
    assert_eq!(found.licence.as_ref().map(|l| l.value.as_str()), Some("MIT"));
    let needs: Vec<_> = found.requirements.iter().map(|r| (r.name.value.as_str(), r.group.clone())).collect();
    assert_eq!(needs, [("requests", Group::Runtime), ("x", Group::Extra("web".to_owned()))]);
    assert!(found.disagreements.is_empty() && found.startup_code.is_empty(), "{found:?}");
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
}

#[test]
fn what_a_wheel_does_not_agree_in_is_told() {
    let good = [("demo/__init__.py", "x = 1\n"), (INFO, METADATA)];
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, bool);
    let cases: &[Case<'_>] = &[
        (NAME, &[("demo/__init__.py", "x = 2\n"), (INFO, METADATA)], "other bytes", true),
        (NAME, &[good[0], ("demo/__init__.py", "x = 1\n"), good[1]], "in it twice", true),
        (NAME, &[good[0], good[1], ("x.pth", "a\n")], "does not list it", true),
        (NAME, &[good[0], good[1], ("x.py", "")], "does not list it", false),
        (NAME, &[good[1]], "which is not in it", false),
        ("demo-2.0-py3-none-any.whl", &good, "its metadata say version 1.0, its file name 2.0", false),
        ("other-1.0-py3-none-any.whl", &good, "its metadata call it `Demo`, its file name `other`", false),
    ];
    for (name, files, words, is_grave) in cases {
        let facts = wheel(name, files, &good);
        let first = &built(&facts).disagreements[0];
        assert!(first.text.contains(words) && first.is_grave == *is_grave, "{words}: {first:?}");
    }
}

#[test]
fn code_at_startup_is_found_where_python_looks() {
    let code = "import os; os.getpid()\n";
    let files = [
        ("demo.pth", code),
        ("demo-1.0.data/purelib/b.pth", code),
        ("demo/inner.pth", code),
        ("sitecustomize.py", "x = 1\n"),
        ("demo/sitecustomize.py", "x = 1\n"),
        (INFO, METADATA),
    ];
    let facts = wheel(NAME, &files, &files);
    let found: Vec<&str> = built(&facts).startup_code.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(found, ["demo.pth", "demo-1.0.data/purelib/b.pth", "sitecustomize.py"]);
}

#[test]
fn binaries_in_a_wheel_tell_their_crates() {
    let list = br#"{"packages":[{"name":"time","version":"0.1.42","source":"crates.io"}]}"#;
    let module = module(list);
    let facts = read(&wheel::WheelReader, NAME, &zipped(&[("demo-1.0.data/scripts/app", &module)]));
    let Some(Document::Auditable(binary)) = facts.documents.first() else { panic!("{facts:?}") };
    assert_eq!(binary.inner.as_deref(), Some("demo-1.0.data/scripts/app"));
    assert_eq!((binary.crates.len(), binary.crates[0].name.as_str()), (1, "time"));
}

#[test]
fn what_is_no_wheel_is_a_gap() {
    assert!(read(&wheel::WheelReader, NAME, b"version https://git-lfs").unread.is_some());
    let facts = read(&wheel::WheelReader, NAME, &zipped(&[("demo/__init__.py", b"")]));
    assert_eq!(facts.problems.len(), 1, "{:?}", facts.problems);
}

#[test]
fn a_source_distribution_is_told_by_its_folder() {
    let tar = |folder: &str| {
        let files = [("PKG-INFO", METADATA), ("setup.py", ""), ("a/b.pth", "import b\n")];
        let members: Vec<Vec<u8>> =
            files.iter().map(|(path, text)| member(&format!("{folder}/{path}"), b'0', text.as_bytes())).collect();
        gzipped(&[members.concat(), vec![0; 1024]].concat())
    };
    let claims = |path: &str, bytes: &[u8]| {
        let path = RepoPath::new(path).unwrap();
        let reader = sdist::SdistReader;
        reader.looks_into(&path).is_some() && reader.claims_head(&path, &bytes[..bytes.len().min(4096)])
    };
    assert!(claims("demo-1.0.tar.gz", &tar("demo-1.0")));
    assert!(claims("My.Demo-1.0.tar.gz", &tar("my_demo-1.0")));
    assert!(!claims("demo-1.0.tar.gz", &tar("data")));
    assert!(!claims("invoice-4.zip", &zipped(&[("invoice-4/a.pdf", b"")])));
    let facts = read(&sdist::SdistReader, "demo-1.0.tar.gz", &tar("demo-1.0"));
    let found = built(&facts);
    assert_eq!((found.form, found.disagreements.len()), (BuiltForm::Source, 0));
    assert_eq!(found.startup_code, [("demo-1.0/a/b.pth".to_owned(), "import b".to_owned())]);
    let facts = read(&sdist::SdistReader, "demo-1.1.tar.gz", &tar("demo-1.0"));
    assert_eq!(built(&facts).disagreements.len(), 1);
}

#[test]
fn lists_of_paths_are_told_from_saved_models() {
    let reader = path_file::PathFileReader;
    let path = RepoPath::new("a.pth").unwrap();
    for (head, is_list) in [
        (&b"import x\n"[..], true),
        (b"", true),
        (b"#\0\nimport x\n", true),
        (b"PK\x03\x04\x14\0\0\0", false),
        (b"\x80\x02}q\0", false),
        (b"\x80import", false),
    ] {
        assert_eq!(reader.claims_head(&path, head), is_list, "{head:?}");
    }
    let facts = read(&reader, "a.pth", b"\xef\xbb\xbfimport x\r\n# import y\nimport\tz; z()\n../src\nimportant\n");
    let Some(Document::PathFile(PathFile { code, folders, .. })) = facts.documents.first() else { panic!() };
    let told = |lines: &[Spanned<String>]| lines.iter().map(|l| (l.span.start, l.value.clone())).collect::<Vec<_>>();
    assert_eq!(told(code), [(3, "import x".to_owned()), (24, "import\tz; z()".to_owned())]);
    assert_eq!(told(folders), [(38, "../src".to_owned()), (45, "important".to_owned())]);
}

#[test]
fn spellings_of_a_version_are_one() {
    for (one, other, same) in [
        ("1.0.0-RC.1", "1.0.0rc1", true),
        ("2.0.0+cu118", "2.0.0%2Bcu118", true),
        ("2.0.0+cu118", "2.0.0_cu118", true),
        ("1.0", "1.0.0", true),
        ("v1.2", "1.2", true),
        ("2024.01.02", "2024.1.2", true),
        ("1.2", "1.3", false),
        ("1.2", "1.2.post1", false),
    ] {
        assert_eq!(plain_version(one) == plain_version(other), same, "{one} {other}");
    }
}

/// Python unpacks all members of gzip, empty ones as well.
#[test]
fn what_hides_its_first_member_is_looked_at() {
    let mut bytes = gzipped(b"").repeat(400);
    bytes.extend(gzipped(&member("demo-1.0/PKG-INFO", b'0', METADATA.as_bytes())));
    let path = RepoPath::new("demo-1.0.tar.gz").unwrap();
    assert!(bytes.len() > 4096 && sdist::SdistReader.claims_head(&path, &bytes[..4096]));
    let facts = read(&sdist::SdistReader, "demo-1.0.tar.gz", &bytes);
    assert!(facts.unread.is_some(), "its members are too many: {facts:?}");
    assert!(!sdist::SdistReader.claims_head(&path, b"\x1f\x8b short"));
}
