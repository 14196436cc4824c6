use super::*;
use serde_json::json;

#[test]
fn a_pypi_record() {
    let value = json!({
        "id": "PYSEC-2026-9", "published": "2026-01-02T03:04:05Z", "modified": "2026-01-03T00:00:00.5Z",
        "aliases": ["MAL-2026-1", "CVE-2026-9"], "details": "prose that must not be kept",
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": "Demo_x"},
             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}]},
                        {"type": "GIT", "repo": "https://github.com/a/b", "events": [{"introduced": "0"}, {"fixed": "abc"}]}],
             "versions": ["1.9", "1.2"]},
            {"package": {"ecosystem": "npm", "name": "demo"}}
        ],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
        "references": [{"type": "WEB", "url": "https://nvd.nist.gov/x"}, {"type": "FIX", "url": "https://github.com/a/b/commit/abc"}]
    });
    let got = record(&value).unwrap();
    assert_eq!(got.other_ecosystems, 1);
    let a = &got.advisories[0];
    assert_eq!((a.kind, a.key().as_str()), (Kind::Malicious, "demo-x"));
    assert_eq!(a.aliases, ["CVE-2026-9", "MAL-2026-1"]);
    assert_eq!(a.ranges.len(), 3);
    assert_eq!(a.ranges[2], Range::Versions(vec!["1.2".to_owned(), "1.9".to_owned()]));
    assert_eq!(a.links, ["https://github.com/a/b/commit/abc"]);
    assert!(!format!("{a:?}").contains("prose"));
}

#[test]
fn a_rustsec_record_in_osv_form() {
    let value = json!({
        "id": "RUSTSEC-2026-0001", "published": "2026-01-02T12:00:00Z", "modified": "2026-01-02T12:00:00Z",
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": "demo", "purl": "pkg:cargo/demo"},
            "ecosystem_specific": {"affects": {"arch": ["x86"], "os": ["windows"], "functions": ["demo::f"]}, "affected_functions": null},
            "database_specific": {"categories": ["memory-corruption"], "cvss": null, "informational": "unsound"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0.0.0-0"}, {"fixed": "1.2.0"}]}],
            "versions": []
        }]
    });
    let a = record(&value).unwrap().advisories.remove(0);
    assert_eq!((a.kind, a.ecosystem), (Kind::Unsound, Ecosystem::CratesIo));
    assert_eq!((a.arch, a.os, a.functions.len()), (vec!["x86".to_owned()], vec!["windows".to_owned()], 1));
    assert_eq!(a.ranges.len(), 1, "an empty list of versions says nothing");
}

#[test]
fn malformed_records_say_why() {
    let affected = |ranges: Value| json!({"id": "X-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": ranges}]});
    for (value, reason) in [
        (json!({}), "has no id"),
        (json!({"id": "X-1"}), "names no affected package"),
        (json!({"id": "X-1", "published": "soon"}), "`published` is no date"),
        (affected(json!([{"type": "ODD", "events": [{"fixed": "1"}]}])), "unknown type of range `ODD`"),
        (affected(json!([{"type": "ECOSYSTEM", "events": [{"fixed": 1}]}])), "an event's version is no text"),
        (affected(json!([{"type": "ECOSYSTEM", "events": [{"fixed": "1\t2"}]}])), "version `1\\t2` cannot be written"),
    ] {
        assert_eq!(record(&value).unwrap_err(), reason);
    }
}
