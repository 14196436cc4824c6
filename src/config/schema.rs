//! The JSON Schema of the file, for editors. It is written by hand; a test holds it against the keys that are read.

use super::{gate, lock, place, policy, read, sbom, services, waivers};

/// The schema.
pub const SCHEMA: &str = include_str!("../../docs/custody-toml.schema.json");

/// The keys that are read of each table, by the table's name.
#[must_use]
pub fn keys() -> Vec<(&'static str, Vec<&'static str>)> {
    let all = read::KEYS.iter().chain(policy::KEYS).copied().collect();
    vec![
        ("", all),
        ("extends", place::KEYS.to_vec()),
        ("gate", gate::KEYS.to_vec()),
        ("threshold", gate::THRESHOLD.to_vec()),
        ("waiver", waivers::KEYS.to_vec()),
        ("waivers", waivers::RULES.to_vec()),
        ("licences", policy::LICENCES.to_vec()),
        ("asset-licences", policy::ASSET_LICENCES.to_vec()),
        ("lock", lock::KEYS.to_vec()),
        ("sbom", sbom::KEYS.to_vec()),
        ("sbom-component", sbom::part_keys()),
        ("sbom-system", crate::sbom::model::statements::ALL.to_vec()),
        ("service", services::keys()),
        ("vex", vec!["files"]),
    ]
}
