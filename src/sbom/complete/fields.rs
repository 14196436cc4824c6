//! Where a document tells an element: the field of its format. In a document that another program wrote, what our own
//! files say changes nothing.

use crate::sbom::model::Format;

/// The field of an element by its id, in CycloneDX, SPDX 3 and SPDX 2; elements of several lists share a row.
const FIELDS: &[(&[&str], &str, &str, &str)] = &[
    (
        &["author", "sbom-author", "sbom-creator"],
        "metadata.authors, with a name and a mail",
        "createdBy of the CreationInfo",
        "creationInfo.creators: Person or Organization, with a mail",
    ),
    (
        &["sbom-version"],
        "version, beside serialNumber",
        "the document's spdxId, a new one for each",
        "documentNamespace, a new one for each",
    ),
    (&["sbom-data-format-name", "sbom-data-format-version"], "bomFormat and specVersion", "@context", "spdxVersion"),
    (
        &["sbom-author-signature"],
        "signature, or a signature beside the document",
        "a signature beside the document",
        "a signature beside the document",
    ),
    (
        &["sbom-tool-name", "sbom-tool-version", "tool-name"],
        "metadata.tools.components, with name and version",
        "createdUsing of the CreationInfo",
        "creationInfo.creators: Tool: NAME-VERSION",
    ),
    (
        &["generation-context", "sbom-generation-context"],
        "metadata.lifecycles",
        "software_sbomType of the software_Sbom",
        "creationInfo.comment in words: SPDX 2 has no field for it",
    ),
    (&["sbom-timestamp", "timestamp"], "metadata.timestamp", "created of the CreationInfo", "creationInfo.created"),
    (
        &[
            "1b-interaction",
            "2a-third-party",
            "dataset-dependency-relationship",
            "dependencies",
            "dependency-relationship",
            "sbom-dependency-relationship",
            "system-components",
        ],
        "dependencies, and compositions for whether they are whole",
        "Relationship, with completeness",
        "relationships",
    ),
    (&["known-unknowns"], "compositions", "completeness of the Relationship", "relationships to NOASSERTION"),
    (&["system-name"], "metadata.component", "rootElement", "a DESCRIBES relationship"),
    (
        &["1a-provider", "system-producer"],
        "manufacturer, supplier and version of metadata.component",
        "originatedBy, suppliedBy and software_packageVersion of the root",
        "originator, supplier and versionInfo of the package that is described",
    ),
    (&["system-version"], "metadata.component.version", "software_packageVersion of the root", "versionInfo"),
    (
        &["system-timestamp"],
        "property custody:released of metadata.component",
        "releaseTime or builtTime of the root",
        "releaseDate or builtDate",
    ),
    (&["component-name", "dataset-name", "model-name"], "name", "name", "name"),
    (
        &["dataset-identifier", "model-identifier", "other-identifiers", "software-identifiers"],
        "purl, cpe, swid or swhid of the component",
        "software_packageUrl or externalIdentifier",
        "externalRefs of type purl or cpe23Type",
    ),
    (
        &["1c-versions", "component-version", "model-version"],
        "version of the component: a release or commit",
        "software_packageVersion: a release or commit",
        "versionInfo: a release or commit",
    ),
    (
        &["model-timestamp"],
        "property custody:released of the component",
        "releaseTime or builtTime",
        "releaseDate or builtDate",
    ),
    (
        &["model-producer", "software-producer", "supplier"],
        "manufacturer or supplier of the component",
        "originatedBy or suppliedBy",
        "originator or supplier",
    ),
    (
        &["component-creator"],
        "manufacturer or supplier of the component, with an address or a mail",
        "originatedBy or suppliedBy, with an externalIdentifier",
        "originator or supplier, with a mail",
    ),
    (&["dataset-description", "model-description"], "description", "description", "description"),
    (
        &["component-hash", "dataset-hash", "model-hash-algorithm", "model-hash-value"],
        "hashes of the component",
        "verifiedUsing",
        "checksums",
    ),
    (&["hash"], "hashes of the component, by SHA-512", "verifiedUsing, by sha512", "checksums, by SHA512"),
    (
        &["2b-design", "model-properties"],
        "modelCard.modelParameters: task, architectureFamily, modelArchitecture",
        "ai_typeOfModel and ai_domain of the AIPackage",
        "nothing: SPDX 2 has no model cards",
    ),
    (
        &["model-input-output-properties"],
        "modelCard.modelParameters: inputs and outputs",
        "ai_informationAboutApplication of the AIPackage",
        "nothing: SPDX 2 has no model cards",
    ),
    (
        &["model-training-properties"],
        "modelCard.modelParameters.datasets, pedigree.ancestors, formulation",
        "trainedOn relationships, ai_informationAboutTraining",
        "nothing: SPDX 2 has no model cards",
    ),
    (
        &["dataset-license", "licences", "license", "model-license"],
        "licenses of the component",
        "hasDeclaredLicense and hasConcludedLicense relationships",
        "licenseDeclared and licenseConcluded",
    ),
    (
        &["model-external-references", "source-uri"],
        "externalReferences: vcs, distribution, website",
        "software_downloadLocation, software_homePage, externalRef",
        "downloadLocation and homepage",
    ),
    (
        &["dataset-content"],
        "data: type and contents of the component",
        "dataset_datasetType and dataset_datasetSize",
        "nothing: SPDX 2 has no data sets",
    ),
    (
        &["2d-data", "dataset-provenance"],
        "property custody:card:collection of the component",
        "dataset_dataCollectionProcess and dataset_dataPreprocessing",
        "nothing: SPDX 2 has no data sets",
    ),
    (
        &["dataset-statistical-properties"],
        "property custody:card:rows, or considerations of its card",
        "dataset_datasetSize and dataset_knownBias",
        "nothing: SPDX 2 has no data sets",
    ),
    (
        &["dataset-sensitivity"],
        "data: sensitiveData of the component",
        "dataset_hasSensitivePersonalInformation",
        "nothing: SPDX 2 has no data sets",
    ),
    (
        &["filename"],
        "externalReferences: distribution, with the name as comment",
        "software_File that the package contains",
        "packageFileName",
    ),
    (
        &["properties"],
        "properties bsi:component:executable, bsi:component:archive, bsi:component:structured",
        "an extension with properties bsi:component:executable, archive, structured",
        "nothing: SPDX 2 has no field for it",
    ),
    (&["sbom-uri"], "serialNumber", "spdxId of the SpdxDocument", "documentNamespace"),
    (
        &["format"],
        "specVersion: write it as 1.6 or newer",
        "@context: write it as 3.0.1 or newer",
        "write it as SPDX 3.0.1",
    ),
    (
        &["no-vulnerabilities"],
        "vulnerabilities: put them into a VEX document",
        "put them into a VEX document",
        "put them into a VEX document",
    ),
    (
        &["infrastructure-software"],
        "components of type container, platform or operating-system",
        "packages whose purpose is container or operatingSystem",
        "packages whose purpose is CONTAINER or OPERATING-SYSTEM",
    ),
    (
        &["infrastructure-hardware"],
        "components of type device, or property custody:statement:hardware",
        "packages whose purpose is device",
        "packages whose purpose is DEVICE",
    ),
    (
        &["cybersecurity-policy"],
        "externalReferences: security-contact of metadata.component",
        "externalRef: securityPolicy of the root",
        "externalRefs: SECURITY advisory",
    ),
    (
        &["2g-validation", "operational-performance-kpis"],
        "modelCard.quantitativeAnalysis.performanceMetrics",
        "ai_metric of the AIPackage",
        "nothing: SPDX 2 has no model cards",
    ),
];

/// Statements on the system: a property of the document in either format that has these.
const STATEMENTS: (&str, &str, &str) = (
    "metadata.properties: custody:statement:NAME, by the names of [sbom.system]",
    "a property custody:statement:NAME of the SpdxDocument, by the names of [sbom.system]",
    "nothing: SPDX 2 has no field for it",
);

/// The field that would tell an element in a document of a format.
pub(super) fn of(id: &str, format: &Format) -> &'static str {
    let row = FIELDS.iter().find(|(ids, ..)| ids.contains(&id));
    let (cyclonedx, spdx3, spdx2) = row.map_or(STATEMENTS, |(_, cyclonedx, spdx3, spdx2)| (*cyclonedx, *spdx3, *spdx2));
    match format {
        Format::CycloneDx(_) => cyclonedx,
        Format::Spdx3(_) => spdx3,
        Format::Spdx2(_) => spdx2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::complete::List;

    #[test]
    fn rows_are_of_elements_and_statements_are_the_rest() {
        let ids: Vec<&str> = List::ALL.iter().flat_map(|list| list.elements()).map(|element| element.id).collect();
        for (row, ..) in FIELDS {
            for id in *row {
                assert!(ids.contains(id), "{id}");
            }
        }
        let format = Format::CycloneDx("1.6".to_owned());
        for list in List::ALL {
            for element in list.elements().iter().filter(|one| of(one.id, &format) == STATEMENTS.0) {
                let is_statement = element.stated.contains("[sbom.system]");
                assert!(is_statement, "{} has no field", element.id);
            }
        }
    }
}
