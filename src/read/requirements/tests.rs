use super::*;
use crate::graph::kinds::python::{IndexOptionKind, Origin};
use crate::source::FileId;

fn read_bytes(bytes: &[u8]) -> (SourceFile, RequirementsFile, Facts) {
    let path = RepoPath::new("a/requirements.txt").unwrap();
    let file = SourceFile::decoded(FileId(0), path, bytes.to_vec());
    let mut facts = Facts::default();
    RequirementsReader.read(&file, &mut Budget::default(), &mut facts);
    let Some(Document::Requirements(found)) = facts.documents.pop() else { panic!("no document") };
    (file, found, facts)
}

/// A requirement in a few words, its places checked.
fn shown(file: &SourceFile, requirement: &Requirement) -> String {
    let mut out = requirement.name.value.clone();
    if !requirement.extras.is_empty() {
        out += &format!("[{}]", requirement.extras.join(","));
    }
    if let Some(specifiers) = &requirement.specifiers {
        out += &format!(" {}", specifiers.value);
    }
    match &requirement.origin {
        Some(Origin::Url { url }) => out += &format!(" url({})", url.value),
        Some(Origin::Vcs { kind, url, revision }) => {
            let revision = revision.as_ref().map_or("", |r| r.value.as_str());
            out += &format!(" {kind}({}@{revision})", url.value);
            assert_eq!(file.text_at(url.span), url.value);
        }
        Some(Origin::Path { path }) => out += &format!(" path({})", path.value),
        Some(Origin::Workspace) => out += " workspace",
        None => {}
    }
    if let Some(marker) = &requirement.marker {
        out += &format!(" ;{}", marker.value);
        assert_eq!(file.text_at(marker.span), marker.value);
    }
    for hash in &requirement.hashes {
        out += &format!(" #{}", hash.value);
    }
    if requirement.editable {
        out += " -e";
    }
    if !requirement.name.value.is_empty() {
        assert_eq!(file.text_at(requirement.name.span), requirement.name.value);
    }
    out
}

/// Requirements, then problems, one a line.
fn facts(text: &str) -> String {
    let (file, found, facts) = read_bytes(text.as_bytes());
    let requirements = found.requirements.iter().map(|requirement| shown(&file, requirement));
    let problems = facts.problems.iter().map(|p| format!("! {} [{}]", p.message, file.text_at(p.span)));
    requirements.chain(problems).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_become_requirements() {
    for (text, wanted) in [
        ("torch", "torch"),
        ("torch==2.1.0 # why\r\nnumpy\r\n", "torch ==2.1.0\nnumpy"),
        ("\u{feff}torch==2.1.0", "torch ==2.1.0"),
        ("torch===1.3", "torch ===1.3"),
        ("torch==2.1.0+cu118", "torch ==2.1.0+cu118"),
        ("torch>=1.13,<3", "torch >=1.13,<3"),
        ("torch (>=1.13)", "torch >=1.13"),
        ("torch == 2.* ,", "torch == 2.* ,"),
        ("uvicorn[standard, x]>=0.1; python_version < \"3.9\"", "uvicorn[standard,x] >=0.1 ;python_version < \"3.9\""),
        ("a==1 \\\n    --hash=sha256:00 \\\n    --hash sha256:11\n    # via b\nb", "a ==1 #sha256:00 #sha256:11\nb"),
        ("a==1 --global-option=\"--x\" --config-settings \"k=v\"", "a ==1"),
        // What pip passes over after a requirement.
        ("a==1 --extra-index-url https://example.com", "a ==1"),
        ("a @ https://example.com/a.zip#sha256=00", "a url(https://example.com/a.zip#sha256=00) #sha256:00"),
        (
            "a @ git+https://example.com/a.git@v1 ; os_name == 'nt'",
            "a git(https://example.com/a.git@v1) ;os_name == 'nt'",
        ),
        ("git+https://example.com/a.git@main#egg=a&subdirectory=x", "a git(https://example.com/a.git@main)"),
        ("git+ssh://git@example.com/a.git", " git(ssh://git@example.com/a.git@)"),
        (
            "https://example.com/a-1.0%2Bcpu-py3-none-any.whl",
            "a ==1.0+cpu url(https://example.com/a-1.0%2Bcpu-py3-none-any.whl)",
        ),
        ("https://example.com/a.tar.gz ; os_name == 'nt'", " url(https://example.com/a.tar.gz) ;os_name == 'nt'"),
        ("./wheels/a_b-1.0-py3-none-any.whl", "a_b ==1.0 path(./wheels/a_b-1.0-py3-none-any.whl)"),
        ("a-1.0-py3-none-any.whl", "a ==1.0 path(a-1.0-py3-none-any.whl)"),
        (".", " path(.)"),
        ("../lib[x,y]", "[x,y] path(../lib)"),
        ("file:../lib#egg=lib", "lib path(file:../lib)"),
        ("-e .", " path(.) -e"),
        ("-e .[dev]", "[dev] path(.) -e"),
        ("-e ./a ; os_name == 'nt'", " path(./a) ;os_name == 'nt' -e"),
        ("--editable=git+https://example.com/a@0123abc#egg=a", "a git(https://example.com/a@0123abc) -e"),
        ("-e 'a @ git+https://example.com/a'", "a git(https://example.com/a@) -e"),
        ("torch==${TORCH}", "torch ==${TORCH}"),
        ("a @ https://${TOKEN}@example.com/a.zip", "a url(https://${TOKEN}@example.com/a.zip)"),
        ("# only\n\n   # comments", ""),
        ("", ""),
    ] {
        assert_eq!(facts(text), wanted, "{text:?}");
    }
}

#[test]
fn a_bad_line_costs_that_line() {
    for (text, wanted) in [
        ("a=1\nb", "b\n! no requirement: `=` compares nothing; PEP 440 writes `==` [=1]"),
        ("a==1 b\nc", "c\n! no requirement: expected a version specifier, `@` or `;` [b]"),
        ("-x\nb", "b\n! `-x` is no option of a requirements file [-x]"),
        ("${ALL}\nb", "b\n! no requirement: what the variable stands for is not known [${ALL}]"),
        ("a ; nope\nb", "b\n! no requirement: `nope` is no name of the environment [nope]"),
        ("--hash=sha256:00\nb", "b\n! a hash without a requirement before it [--hash=sha256:00]"),
        ("<<<<<<< HEAD\nb", "b\n! no requirement: expected a name [<<<<<<< HEAD]"),
    ] {
        assert_eq!(facts(text), wanted, "{text:?}");
    }
}

#[test]
fn options_and_includes_are_kept_apart() {
    let text = "-r base.txt\n--requirement=../b.txt\n-c https://example.com/c.txt\n-i https://example.com/s\n\
                --extra-index-url https://example.com/x --trusted-host example.com\n-f ./wheels\n--no-index\n--pre\n\
                --no-binary :all:\n--only-binary=torch\n--require-hashes\n--prefer-binary\n--use-feature=x\n-r ../../out.txt\n";
    let (file, found, facts) = read_bytes(text.as_bytes());
    let problems: Vec<&str> = facts.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(problems, ["what lies at an address is not read", "it lies outside the tree and is not read"]);
    assert!(found.requirements.is_empty());
    let includes: Vec<_> = found.includes.iter().map(|i| (i.path.value.as_str(), i.constraint)).collect();
    assert_eq!(
        includes,
        [("base.txt", false), ("../b.txt", false), ("https://example.com/c.txt", true), ("../../out.txt", false)]
    );
    let mentions: Vec<&str> = facts.mentions.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(mentions, ["a/base.txt", "b.txt"]);
    let options: Vec<_> =
        found.options.iter().map(|o| (o.kind, o.value.value.as_str(), file.text_at(o.span))).collect();
    assert_eq!(
        options,
        [
            (IndexOptionKind::Index, "https://example.com/s", "-i https://example.com/s"),
            (IndexOptionKind::ExtraIndex, "https://example.com/x", "--extra-index-url https://example.com/x"),
            (IndexOptionKind::TrustedHost, "example.com", "--trusted-host example.com"),
            (IndexOptionKind::FindLinks, "./wheels", "-f ./wheels"),
            (IndexOptionKind::NoIndex, "", "--no-index"),
            (IndexOptionKind::Pre, "", "--pre"),
            (IndexOptionKind::NoBinary, ":all:", "--no-binary :all:"),
            (IndexOptionKind::OnlyBinary, "torch", "--only-binary=torch"),
        ]
    );
    assert!(found.require_hashes.is_some_and(|span| file.text_at(span) == "--require-hashes"));
}

#[test]
fn files_of_tools_are_known() {
    for (text, wanted) in [
        (
            "#\n# This file is autogenerated by pip-compile with Python 3.11\n# by the following command:\n#\na==1",
            Some("pip-compile"),
        ),
        ("# This file was autogenerated by uv via the following command:\n#    uv pip compile\na==1", Some("uv")),
        ("# SHA1:00\n#\n# This file was generated by pip-compile-multi.\na==1", Some("pip-compile-multi")),
        ("# This file is @generated by PDM.\n", Some("pdm")),
        ("# autogenerated by uvicorn\na", None),
        ("a==1\n# autogenerated by uv\n", None),
    ] {
        let (_, found, _) = read_bytes(text.as_bytes());
        assert_eq!(found.generated_by.map(|t| t.value).as_deref(), wanted, "{text:?}");
    }
}

#[test]
fn powershell_s_encoding_is_read() {
    let bytes: Vec<u8> = "\u{feff}torch==2.1\r\nnumpy\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (file, found, facts) = read_bytes(&bytes);
    let all: Vec<String> = found.requirements.iter().map(|requirement| shown(&file, requirement)).collect();
    assert_eq!(all, ["torch ==2.1", "numpy"]);
    assert!(facts.problems.is_empty() && file.invalid_utf8.is_none());
}

#[test]
fn a_requirement_spans_its_lines() {
    let (file, found, _) = read_bytes(b"x\na==1 \\\n    --hash=sha256:00 # b\ny\n");
    assert_eq!(file.text_at(found.requirements[1].span), "a==1 \\\n    --hash=sha256:00");
}

#[test]
fn a_file_of_faults_does_not_fill_the_report() {
    let (_, _, facts) = read_bytes("=\n".repeat(10_000).as_bytes());
    assert_eq!(facts.problems.len(), Budget::default().problems + 1);
}

#[test]
fn what_is_kept_is_bounded_aloud() {
    let (_, found, facts) = read_bytes("a\n".repeat(200_000).as_bytes());
    assert!((50_000..=100_000).contains(&found.requirements.len()), "{}", found.requirements.len());
    assert_eq!(facts.problems.len(), 1);
}
