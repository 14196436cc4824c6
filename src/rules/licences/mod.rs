//! Licences of models and data sets against what `[licences]` of the policy takes. Without its tables `models` and
//! `datasets` nothing is told.

mod denied_dataset_licence;
mod denied_model_licence;
mod held;
mod licensed;
mod taken;
mod unknown_model_licence;

use super::Family;
use super::Rule;

/// The family.
pub static FAMILY: Family = Family { id: "licences", title: "Licences of models and data sets", rules: RULES };

static RULES: &[&Rule] = &[&denied_dataset_licence::RULE, &denied_model_licence::RULE, &unknown_model_licence::RULE];
