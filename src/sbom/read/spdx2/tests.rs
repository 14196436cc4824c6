use crate::sbom::model::Completeness;
use crate::sbom::model::Format;
use crate::sbom::model::Kind;
use crate::sbom::model::LicenceName;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::read;
use crate::sbom::read::Read;

fn json() -> String {
    let digest = "a".repeat(64);
    format!(
        r#"{{
  "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0",
  "documentNamespace": "https://example.com/documents/1",
  "creationInfo": {{"created": "2026-03-24T10:39:00Z", "creators": ["Tool: lister-1.2.0", "Person: Ada (ada@example.com)"]}},
  "packages": [
    {{"SPDXID": "SPDXRef-product", "name": "product", "supplier": "Organization: Example", "downloadLocation": "NOASSERTION",
      "primaryPackagePurpose": "APPLICATION"}},
    {{"SPDXID": "SPDXRef-tokens", "name": "tokens", "versionInfo": "1.4.0", "licenseDeclared": "LicenseRef-own",
      "licenseConcluded": "MIT OR Apache-2.0", "checksums": [{{"algorithm": "SHA256", "checksumValue": "{digest}"}},
      {{"algorithm": "SHA1", "checksumValue": "short"}}],
      "externalRefs": [
        {{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:cargo/tokens@1.4.0"}},
        {{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*"}}]}},
    {{"SPDXID": "SPDXRef-test", "name": "test-kit"}},
    {{"name": "nameless"}}
  ],
  "files": [
    {{"SPDXID": "SPDXRef-file", "fileName": "./src/lib.rs"}},
    {{"SPDXID": "SPDXRef-lock", "fileName": "Cargo.lock"}}
  ],
  "hasExtractedLicensingInfos": [{{"licenseId": "LicenseRef-own", "name": "Example Licence", "extractedText": "x",
    "seeAlsos": ["https://example.com/licence"]}}],
  "relationships": [
    {{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-product"}},
    {{"spdxElementId": "SPDXRef-tokens", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-product"}},
    {{"spdxElementId": "SPDXRef-test", "relationshipType": "TEST_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-product"}},
    {{"spdxElementId": "SPDXRef-tokens", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NONE"}},
    {{"spdxElementId": "SPDXRef-tokens", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-file"}},
    {{"spdxElementId": "SPDXRef-tokens", "relationshipType": "OTHER", "relatedSpdxElement": "SPDXRef-lock",
      "comment": "evident-by: indicates the package's existence is evident by the given file"}},
    {{"spdxElementId": "SPDXRef-tokens", "relationshipType": "LIKES", "relatedSpdxElement": "SPDXRef-test"}},
    {{"spdxElementId": "SPDXRef-tokens"}}
  ]
}}"#
    )
}

const TAGS: &str = "SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentNamespace: https://example.com/documents/1
Creator: Tool: lister-1.2.0
Creator: Person: Ada (ada@example.com)
Created: 2026-03-24T10:39:00Z
# A package.
PackageName: product
SPDXID: SPDXRef-product
PackageSupplier: Organization: Example
PackageDownloadLocation: NOASSERTION
PrimaryPackagePurpose: APPLICATION

PackageName: test-kit
SPDXID: SPDXRef-test
PackageName: nameless
PackageName: tokens
SPDXID: SPDXRef-tokens
PackageVersion: 1.4.0
PackageLicenseDeclared: LicenseRef-own
PackageLicenseConcluded: MIT OR Apache-2.0
PackageChecksum: SHA256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
PackageChecksum: SHA1: short
ExternalRef: PACKAGE-MANAGER purl pkg:cargo/tokens@1.4.0
ExternalRef: SECURITY cpe23Type cpe:2.3:a:b:c:1:*:*:*:*:*:*:*
FileName: ./src/lib.rs
SPDXID: SPDXRef-file
LicenseID: LicenseRef-own
LicenseName: Example Licence
ExtractedText: <text>x
LicenseName: not this
</text>
LicenseCrossReference: https://example.com/licence
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-product
Relationship: SPDXRef-tokens DEPENDENCY_OF SPDXRef-product
Relationship: SPDXRef-test TEST_DEPENDENCY_OF SPDXRef-product
Relationship: SPDXRef-tokens DEPENDS_ON NONE
Relationship: SPDXRef-tokens LIKES SPDXRef-test
Relationship: SPDXRef-tokens
";

fn holds(read: &Read) {
    let about = &read.bom.about;
    assert_eq!(about.format, Some(Format::Spdx2("2.3".to_owned())));
    assert_eq!(about.time, Some(1_774_348_740));
    assert_eq!((&*about.tools[0].name, about.tools[0].version.as_deref()), ("lister", Some("1.2.0")));
    assert_eq!((&*about.authors[0].name, about.authors[0].is_person), ("Ada", true));
    assert_eq!(read.bom.root.as_deref(), Some("SPDXRef-product"));
    assert_eq!(read.bom.component("SPDXRef-product").unwrap().kind, Kind::Application);
    let tokens = read.bom.component("SPDXRef-tokens").unwrap();
    assert_eq!(tokens.purl.as_deref(), Some("pkg:cargo/tokens@1.4.0"));
    assert_eq!((tokens.hashes.len(), tokens.identifiers.len(), tokens.links.len()), (1, 1, 0));
    let names: Vec<&LicenceName> = tokens.licences.iter().map(|licence| &licence.name).collect();
    let wanted =
        [LicenceName::Expression("MIT OR Apache-2.0".to_owned()), LicenceName::Named("Example Licence".to_owned())];
    assert_eq!(names, wanted.iter().collect::<Vec<_>>());
    assert_eq!(tokens.licences[1].url.as_deref(), Some("https://example.com/licence"));
    assert_eq!(tokens.dependencies, Completeness::Complete);
    assert_eq!(tokens.files[0].path, "src/lib.rs");
    let relations: Vec<(&str, RelationKind, Scope)> =
        read.bom.relations.iter().map(|one| (one.to.as_str(), one.kind, one.scope)).collect();
    let wanted = [
        ("SPDXRef-test", RelationKind::DependsOn, Scope::Excluded),
        ("SPDXRef-tokens", RelationKind::DependsOn, Scope::Required),
    ];
    assert_eq!(relations, wanted);
    assert_eq!(read.bom.components.len(), 3);
}

fn lines(read: &Read) -> Vec<(u32, &str)> {
    read.problems.iter().map(|one| (one.line, one.message.as_str())).collect()
}

#[test]
fn both_spellings_say_the_same() {
    let text = json();
    let by_json = read::read(text.as_bytes()).unwrap();
    holds(&by_json);
    let tokens = by_json.bom.component("SPDXRef-tokens").unwrap();
    assert_eq!(tokens.evidence[0].path, "Cargo.lock");
    holds(&read::read(TAGS.as_bytes()).unwrap());
}

#[test]
fn what_cannot_be_used_is_told_by_its_line() {
    let text = json();
    let by_json = read::read(text.as_bytes()).unwrap();
    let wanted = [
        (10, "the digest is none of SHA1"),
        (15, "`nameless` has no SPDXID, and is left out"),
        (31, "`LIKES` is no relation of SPDX 2, and is left out"),
        (32, "a relationship lacks one of its ends or its type, and is left out"),
    ];
    assert_eq!(lines(&by_json), wanted);
    let by_tags = read::read(TAGS.as_bytes()).unwrap();
    let wanted = [
        (17, "`nameless` has no SPDXID, and is left out"),
        (24, "the digest is none of SHA1"),
        (39, "`LIKES` is no relation of SPDX 2, and is left out"),
        (40, "a relationship lacks one of its ends or its type, and is left out"),
    ];
    assert_eq!(lines(&by_tags), wanted);
}
