use crate::scan::Format;
use crate::scan::Limits;
use crate::scan::Verdict;
use crate::scan::file;

fn found(text: &str) -> (Format, Verdict, Vec<&'static str>) {
    let bytes = text.as_bytes();
    let report = file(&bytes, "m", &Limits::default());
    (report.format, report.verdict, report.findings.iter().map(|f| f.rule.id).collect())
}

#[test]
fn pmml_is_data_but_for_code() {
    let pmml =
        |inner: &str| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PMML version=\"4.4\">{inner}</PMML>");
    for (inner, verdict) in [
        ("<Header/><Extension>PMMLPipeline(steps=[('a', Tree())])</Extension>", Verdict::Clean),
        ("<DefineFunction name=\"my.f\"/><Apply function=\"my.f\"/><Apply function=\"+\"/>", Verdict::Clean),
        ("<Extension name='x' value='Runtime.getRuntime().exec(1)'/>", Verdict::Suspicious),
        ("<Extension>import os; os.system('id')</Extension>", Verdict::Suspicious),
        ("<Apply function=\"com.example.Run\"/>", Verdict::Suspicious),
        ("<x:script>1</x:script>", Verdict::Suspicious),
        ("<Header>", Verdict::Malformed),
    ] {
        let (format, found, rules) = found(&pmml(inner));
        assert_eq!((format, found), (Format::Pmml, verdict), "{inner}: {rules:?}");
    }
}

#[test]
fn models_are_known_behind_comments_and_prefixes() {
    let long = format!("<!-- {} -->\n<!---->", "x".repeat(9000));
    for text in ["<p:PMML xmlns:p='x'/>".to_owned(), format!("{long}<PMML/>"), format!("{}<PMML/>", " ".repeat(9000))] {
        assert_eq!(found(&text).0, Format::Pmml);
    }
    assert!(!super::claims(b"<!-- note -->\n# Title\n", &b"<!-- note -->\n# Title\n".as_slice()));
}

#[test]
fn entities_are_found() {
    for (text, verdict) in [
        ("<!DOCTYPE PMML [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><PMML>&x;</PMML>", Verdict::Dangerous),
        ("<!DOCTYPE PMML [<!ENTITY % x SYSTEM 'http://example.com/x'> %x;]><PMML/>", Verdict::Dangerous),
        ("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"x\">]><a/>", Verdict::Dangerous),
        ("<!DOCTYPE net [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><net>&b;</net>", Verdict::Suspicious),
        ("<!DOCTYPE PMML SYSTEM \"http://example.com/x.dtd\"><PMML/>", Verdict::Suspicious),
        ("<!DOCTYPE PMML [<!ENTITY a \"aa\">]><PMML/>", Verdict::Suspicious),
        ("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\"><svg/>", Verdict::Clean),
        ("<?xml version=\"1.0\"?><plist version=\"1.0\"/>", Verdict::Clean),
        ("<?xml version=\"1.0\" encoding=\"UTF-7\"?><PMML/>", Verdict::Unread),
    ] {
        assert_eq!(found(text).1, verdict, "{text}");
    }
    let wide: Vec<u8> =
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"x\">]><a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(file(&wide, "m", &Limits::default()).verdict, Verdict::Dangerous);
}

#[test]
fn openvino_layers_are_rated() {
    let net =
        |inner: &str| format!("<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers>{inner}</layers></net>");
    for (inner, verdict) in [
        (
            "<layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\"><data shape=\"1\" element_type=\"f32\"/></layer>",
            Verdict::Clean,
        ),
        (
            "<layer type=\"Const\" version=\"opset1\"><data element_type=\"f32\" offset=\"0\" size=\"8\"/></layer>",
            Verdict::Clean,
        ),
        (
            "<layer type=\"Const\" version=\"opset1\"><data element_type=\"f32\" offset=\"-1\" size=\"8\"/></layer>",
            Verdict::Malformed,
        ),
        ("<layer type=\"Run\" version=\"extension\"/>", Verdict::Suspicious),
        ("<layer type=\"Run\" version=\"custom_opset\"/>", Verdict::Suspicious),
        ("<layer type=\"Run\" version=\"opset1\"><data path=\"../../x.so\"/></layer>", Verdict::Dangerous),
    ] {
        let (format, found, rules) = found(&net(inner));
        assert_eq!((format, found), (Format::OpenVino, verdict), "{inner}: {rules:?}");
    }
}
