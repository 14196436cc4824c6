//! Relations of SPDX 2 in the words of our model. Source: SPDX 2.3, section 11.

use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The one end is this to the other; told from the other end where the second is set.
    Between(RelationKind, bool, Scope),
    /// The document is about the other end, or the one.
    About(bool),
    /// A file by which the one end is handed over.
    Distribution,
    /// Something of SPDX's that is nothing between parts.
    Nothing,
}

/// The meaning of a relation's name; none where it is none of SPDX 2.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    use Meaning::Between;
    use RelationKind::BuiltFrom;
    use RelationKind::BuiltWith;
    use RelationKind::Contains;
    use RelationKind::CopyOf;
    use RelationKind::DependsOn;
    use RelationKind::DerivedFrom;
    use Scope::Excluded;
    use Scope::Optional;
    use Scope::Required;
    Some(match name {
        "DESCRIBES" => Meaning::About(false),
        "DESCRIBED_BY" => Meaning::About(true),
        "CONTAINS" => Between(Contains, false, Required),
        "CONTAINED_BY" | "PACKAGE_OF" | "DATA_FILE_OF" => Between(Contains, true, Required),
        "OPTIONAL_COMPONENT_OF" => Between(Contains, true, Optional),
        "DEPENDS_ON" | "STATIC_LINK" | "DYNAMIC_LINK" | "HAS_PREREQUISITE" => Between(DependsOn, false, Required),
        "DEPENDENCY_OF" | "RUNTIME_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" | "PREREQUISITE_FOR" => {
            Between(DependsOn, true, Required)
        }
        "OPTIONAL_DEPENDENCY_OF" => Between(DependsOn, true, Optional),
        "BUILD_DEPENDENCY_OF" | "DEV_DEPENDENCY_OF" | "TEST_DEPENDENCY_OF" => Between(DependsOn, true, Excluded),
        "BUILD_TOOL_OF" | "DEV_TOOL_OF" | "TEST_TOOL_OF" => Between(BuiltWith, true, Excluded),
        "GENERATES" => Between(BuiltFrom, true, Required),
        "GENERATED_FROM" => Between(BuiltFrom, false, Required),
        "ANCESTOR_OF" => Between(DerivedFrom, true, Required),
        "DESCENDANT_OF" => Between(DerivedFrom, false, Required),
        "COPY_OF" => Between(CopyOf, false, Required),
        "DISTRIBUTION_ARTIFACT" => Meaning::Distribution,
        "AMENDS"
        | "DEPENDENCY_MANIFEST_OF"
        | "DOCUMENTATION_OF"
        | "EXAMPLE_OF"
        | "EXPANDED_FROM_ARCHIVE"
        | "FILE_ADDED"
        | "FILE_DELETED"
        | "FILE_MODIFIED"
        | "METAFILE_OF"
        | "OTHER"
        | "PATCH_APPLIED"
        | "PATCH_FOR"
        | "REQUIREMENT_DESCRIPTION_FOR"
        | "SPECIFICATION_FOR"
        | "TEST_CASE_OF"
        | "TEST_OF"
        | "VARIANT_OF" => Meaning::Nothing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_their_direction() {
        let between = |name| match meaning(name) {
            Some(Meaning::Between(kind, is_backward, scope)) => Some((kind.word(), is_backward, scope)),
            _ => None,
        };
        assert_eq!(between("DEPENDS_ON"), Some(("depends-on", false, Scope::Required)));
        assert_eq!(between("DEV_DEPENDENCY_OF"), Some(("depends-on", true, Scope::Excluded)));
        assert_eq!(between("GENERATED_FROM"), Some(("built-from", false, Scope::Required)));
        assert_eq!(between("OTHER"), None);
        assert_eq!(meaning("LIKES"), None);
    }
}
