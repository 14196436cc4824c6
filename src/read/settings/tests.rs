use super::*;
use crate::source::FileId;

fn read(reader: &dyn Reader, path: &str, text: &str) -> (SourceFile, ManagerSettings, Facts) {
    let path = RepoPath::new(path).unwrap();
    assert!(reader.claims(&path), "{path}");
    let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
    let mut facts = Facts::default();
    reader.read(&file, &mut Budget::default(), &mut facts);
    let Some(Document::ManagerSettings(found)) = facts.documents.pop() else { panic!("no settings") };
    (file, found, facts)
}

fn shown(file: &SourceFile, found: &ManagerSettings) -> Vec<String> {
    let of = |o: &IndexOption| {
        let written = &file.text[o.value.span.start as usize..o.value.span.end as usize];
        let written = written.trim_matches('"');
        assert!(o.value.value.is_empty() || written == o.value.value, "{written} is not {}", o.value.value);
        format!("{:?} {}", o.kind, o.value.value).trim_end().to_owned()
    };
    found.options.iter().map(of).collect()
}

#[test]
fn the_file_of_pip_is_read_as_pip_reads_it() {
    for (text, expected) in [
        ("[global]\nindex-url = https://a.example.com/simple\n", "Index https://a.example.com/simple"),
        ("[global]\nINDEX_URL: https://a.example.com\n", "Index https://a.example.com"),
        (
            "[global]\nextra-index-url =\n    https://a.example.com\n    https://b.example.com  https://c.example.com\n",
            "ExtraIndex https://a.example.com, ExtraIndex https://b.example.com, ExtraIndex https://c.example.com",
        ),
        // The section of the command counts more than the one for all.
        (
            "[global]\nindex-url=https://a.example.com\n[install]\nindex-url=https://b.example.com\n",
            "Index https://b.example.com",
        ),
        ("[install]\nno-index = yes\nfind-links = /wheels\n", "NoIndex, FindLinks /wheels"),
        ("[global]\nno-index = no\npre=false\nrequire-hashes = true\n", "RequireHashes"),
        (
            "[global]\ntrusted-host = a.example.com b.example.com\n",
            "TrustedHost a.example.com, TrustedHost b.example.com",
        ),
        ("[install]\nno-binary = :all:\nonly-binary = a,b\n", "NoBinary :all:, OnlyBinary a, OnlyBinary b"),
        (
            "[global]\n# index-url = https://a.example.com\nindex-url =\ntimeout = 60\n[freeze]\nindex-url=https://x.example.com\n",
            "",
        ),
        ("", ""),
    ] {
        let (file, found, facts) = read(&PipConfReader, "docker/pip.conf", text);
        assert_eq!(shown(&file, &found).join(", "), expected, "{text}");
        assert!(facts.problems.is_empty(), "{text}");
    }
}

#[test]
fn what_is_not_understood_is_said() {
    let (.., facts) = read(&PipConfReader, "pip.ini", "index-url = https://a.example.com\n[global]\npre=1\npre=0\n");
    assert_eq!(facts.problems.len(), 2);
}

#[test]
fn the_file_of_uv_has_the_keys_of_its_table() {
    let text = "index-url = \"https://a.example.com\"\n[[index]]\nname = \"b\"\nurl = \"https://b.example.com\"\nexplicit = true\n[pip]\nno-build-isolation = true\n";
    let (file, found, _) = read(&UvTomlReader, "uv.toml", text);
    assert_eq!(shown(&file, &found), ["Index https://a.example.com", "NoBuildIsolation"]);
    assert_eq!((found.indexes.len(), found.indexes[0].priority), (1, Priority::Explicit));
}

#[test]
fn a_password_is_told_by_its_place_alone() {
    let text = "[distutils]\nindex-servers =\n    pypi\n    inside\n[pypi]\nusername = __token__\npassword = h7Gf2kQ9xYw\n[inside]\nrepository = http://pypi.example.com/upload\npassword = ${PASSWORD}\n";
    let (file, found, _) = read(&PypircReader, ".pypirc", text);
    let place = found.secrets[0].span;
    assert_eq!((found.secrets.len(), &file.text[place.start as usize..place.end as usize]), (1, "password"));
    assert_eq!(found.indexes[1].url.as_ref().unwrap().value, "http://pypi.example.com/upload");
    assert!(!format!("{found:?}").contains("h7Gf2kQ9xYw"));
}
