use super::*;

/// A document with these statements.
fn document(statements: &str) -> String {
    format!(
        "{{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"@id\": \"https://example.com/vex/1\",\n \
         \"author\": \"Security Team\", \"timestamp\": \"2026-01-01T00:00:00Z\", \"version\": 1,\n \
         \"statements\": [\n{statements}\n]}}\n"
    )
}

fn of(text: &str) -> Result<VexFile, (u32, String)> {
    read("vex.json", text.as_bytes().to_vec(), &mut Budget::default())
}

#[test]
fn a_statement_is_read_as_a_whole() {
    let text = document(
        "{\"vulnerability\": {\"name\": \"CVE-2020-26235\", \"aliases\": [\"rustsec-2020-0071\"]},\n\
         \"products\": [{\"@id\": \"pkg:cargo/time@0.1.42\"},\n\
         {\"@id\": \"https://example.com/app\", \"subcomponents\": [{\"identifiers\": {\"purl\": \"pkg:pypi/A.B\"}}]}],\n\
         \"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_present\",\n\
         \"impact_statement\": \"never\\n  called\", \"timestamp\": \"2026-02-01T00:00:00Z\"}",
    );
    let file = of(&text).unwrap();
    assert_eq!((file.author.as_str(), file.problems.as_slice()), ("Security Team", &[][..]));
    let statement = &file.statements[0];
    assert_eq!(statement.line, 4);
    assert_eq!(statement.flaws, ["CVE-2020-26235", "RUSTSEC-2020-0071"]);
    assert_eq!(statement.impact.as_deref(), Some("never called"));
    assert_eq!(statement.time, 1_769_904_000);
    assert_eq!(statement.products[0].purl, Purl::parse("pkg:cargo/time@0.1.42"));
    assert_eq!(statement.products[1].parts, [Purl::parse("pkg:pypi/a-b").unwrap()]);
}

#[test]
fn the_first_form_of_the_format_is_read_too() {
    let text = document(
        "{\"vulnerability\": \"CVE-2020-1\", \"products\": [\"pkg:cargo/a@1\"], \"status\": \"under_investigation\"}",
    );
    let file = of(&text).unwrap();
    assert_eq!(file.statements[0].flaws, ["CVE-2020-1"]);
    assert_eq!(file.statements[0].time, 1_767_225_600, "that of the document");
}

#[test]
fn a_statement_with_a_mistake_counts_for_nothing() {
    let with = |rest: &str| {
        document(&format!(
            "{{\"vulnerability\": {{\"name\": \"CVE-2020-1\"}}, \"products\": [{{\"@id\": \"pkg:cargo/a\"}}],\n{rest}}}"
        ))
    };
    for (text, line, why) in [
        (with("\"status\": \"not_affected\""), 4, "neither a justification nor an impact statement"),
        (with("\"status\": \"not_affected\", \"impact_statement\": \"  \""), 4, "neither a justification"),
        (with("\"status\": \"harmless\""), 5, "`harmless` is no status"),
        (with("\"status\": \"not_affected\", \"justification\": \"trust me\""), 5, "`trust me` is no justification"),
        (with("\"status\": \"fixed\""), 4, "does not say in which version"),
        (with("\"status\": \"affected\", \"timestamp\": \"today\""), 5, "is no time"),
        (document("{\"status\": \"affected\", \"products\": [\"pkg:cargo/a\"]}"), 4, "names no vulnerability"),
        (document("{\"status\": \"affected\", \"vulnerability\": \"CVE-1\"}"), 4, "names no product"),
        (
            document("{\"status\": \"affected\", \"vulnerability\": \"CVE-1\", \"products\": [{}]}"),
            4,
            "a product is named by",
        ),
        (document("1"), 4, "names no vulnerability"),
    ] {
        let file = of(&text).unwrap();
        assert_eq!(file.statements, [], "{text}");
        let (found, told) = &file.problems[0];
        assert!(*found == line && told.contains(why), "{text}: {found} {told}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_line() {
    let sound = document("");
    for (text, line, why) in [
        (String::new(), 1, "empty"),
        ("{\n\"@context\": tru}".to_owned(), 2, ""),
        ("{}".to_owned(), 1, "no OpenVEX document"),
        (sound.replace("https://openvex.dev/ns/v0.2.0", "https://example.com"), 1, "no OpenVEX document"),
        (sound.replace("\"Security Team\"", "\" \""), 1, "names no `author`"),
        (sound.replace("\"statements\"", "\"statement\""), 1, "no list of `statements`"),
        (sound.replace("\"version\": 1", "\"author\": \"x\""), 2, "`author` is defined twice"),
    ] {
        let (found, told) = of(&text).unwrap_err();
        assert!(found == line && told.contains(why), "{text}: {found} {told}");
    }
    assert_eq!(read("x", vec![0xff], &mut Budget::default()).unwrap_err().1, "it is not UTF-8");
}

#[test]
fn lists_that_multiply_end_within_the_budget() {
    let many = |from: &str| (0..3_000).map(|n| format!("\"{from}{n}\"")).collect::<Vec<_>>().join(",");
    let text = document(&format!(
        "{{\"vulnerability\": {{\"name\": \"CVE-1\", \"aliases\": [{}]}}, \"products\": [{}], \"status\": \"affected\"}}",
        many("CVE-"),
        many("pkg:cargo/a")
    ));
    let file = of(&text).unwrap();
    assert!(file.statements.is_empty() && file.problems[0].1.contains("more products than are read"));
}

/// A document of CycloneDX about `app` with `time` in it and these vulnerabilities.
fn cyclonedx(vulnerabilities: &str) -> String {
    format!(
        "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"serialNumber\": \"urn:uuid:00000000-0000-4000-8000-000000000001\",\n\
         \"version\": 1, \"metadata\": {{\"timestamp\": \"2026-01-01T00:00:00Z\", \"authors\": [{{\"name\": \"Team\"}}],\n\
         \"component\": {{\"type\": \"application\", \"name\": \"app\", \"bom-ref\": \"app\", \"purl\": \"pkg:cargo/app\"}}}},\n\
         \"components\": [{{\"type\": \"library\", \"name\": \"time\", \"bom-ref\": \"t\", \"purl\": \"pkg:cargo/time@0.1.42\"}}],\n\
         \"vulnerabilities\": [\n{vulnerabilities}\n]}}\n"
    )
}

#[test]
fn an_analysis_of_cyclonedx_is_a_statement() {
    let part = Purl::parse("pkg:cargo/time@0.1.42").unwrap();
    for (state, rest, status, impact) in [
        ("not_affected", "\"justification\": \"code_not_reachable\"", VexStatus::NotAffected, None),
        ("not_affected", "\"detail\": \"never called\"", VexStatus::NotAffected, Some("never called")),
        ("false_positive", "\"response\": []", VexStatus::NotAffected, Some("identified falsely")),
        ("exploitable", "\"response\": [\"update\"]", VexStatus::Affected, None),
        ("in_triage", "\"response\": []", VexStatus::UnderInvestigation, None),
        ("resolved", "\"response\": []", VexStatus::Fixed, None),
        ("resolved_with_pedigree", "\"response\": []", VexStatus::Fixed, None),
    ] {
        let text = cyclonedx(&format!(
            "{{\"id\": \"CVE-1\", \"references\": [{{\"id\": \"rustsec-1\"}}], \"affects\": [{{\"ref\": \"t\"}}],\n\
             \"analysis\": {{\"state\": \"{state}\", {rest}, \"lastUpdated\": \"2026-02-01T00:00:00Z\"}}}}"
        ));
        let file = of(&text).unwrap();
        assert_eq!((file.author.as_str(), file.problems.as_slice()), ("Team", &[][..]), "{state}");
        let statement = &file.statements[0];
        assert_eq!((statement.line, statement.status, statement.time), (6, status, 1_769_904_000), "{state}");
        assert_eq!(statement.flaws, ["CVE-1", "RUSTSEC-1"]);
        assert_eq!(statement.impact.as_deref(), impact, "{state}");
        assert_eq!(statement.products[0].purl, Purl::parse("pkg:cargo/app"));
        assert_eq!(statement.products[0].parts, std::slice::from_ref(&part));
    }
}

#[test]
fn an_analysis_with_a_mistake_counts_for_nothing() {
    let with = |affects: &str, analysis: &str| {
        cyclonedx(&format!("{{\"id\": \"CVE-1\", \"affects\": [{affects}],\n\"analysis\": {{{analysis}}}}}"))
    };
    let (part, not) = ("{\"ref\": \"t\"}", "\"state\": \"not_affected\", \"detail\": \"unused\"");
    for (text, line, why) in [
        (with(part, "\"state\": \"not_affected\""), 7, "neither a justification nor a detail"),
        (with(part, "\"state\": \"harmless\""), 7, "`harmless` is no state"),
        (with(part, "\"state\": \"not_affected\", \"justification\": \"trust_me\""), 7, "is no justification"),
        (with(part, &format!("{not}, \"lastUpdated\": \"today\"")), 7, "is no time"),
        (with("", not), 6, "names nothing"),
        (with("{\"ref\": \"x\"}", not), 6, "no part of the document"),
        (with("{\"ref\": \"pkg:cargo/time\"}", "\"state\": \"resolved\""), 6, "in which version"),
        (with("{\"ref\": \"t\", \"versions\": [{\"range\": \"vers:cargo/<1\"}]}", not), 6, "range of versions"),
        (with("{\"ref\": \"t\", \"versions\": [{\"version\": \"1\", \"status\": \"affected\"}]}", not), 6, "both"),
    ] {
        let mut files = [of(&text).unwrap()];
        link(&mut files);
        assert_eq!(files[0].statements, [], "{text}");
        let (found, told) = &files[0].problems[0];
        assert!(*found == line && told.contains(why), "{text}: {found} {told}");
    }
    // A report of a vulnerability says nothing, and nobody has to answer for it.
    let report = cyclonedx("{\"id\": \"CVE-1\", \"affects\": [{\"ref\": \"t\"}]}").replace("\"name\": \"Team\"", "");
    assert_eq!(of(&report).unwrap().statements, []);
    let nobody = with(part, not).replace("\"name\": \"Team\"", "");
    assert!(of(&nobody).unwrap_err().1.contains("names nobody"));
}
