//! Model files of the tree, as a scan reads them, and the code that loads them.

mod dangerous_model_file;
mod executable_template;
mod malformed_model_file;
mod model_custom_code;
mod own;
mod pickle_beside_safetensors;
pub(super) mod told;
mod trusted_pickle_load;
mod unreviewed_model_file;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family =
    Family { id: "models", title: "What runs when a model of the tree is loaded", rules: RULES };

static RULES: &[&Rule] = &[
    &dangerous_model_file::RULE,
    &executable_template::RULE,
    &malformed_model_file::RULE,
    &model_custom_code::RULE,
    &pickle_beside_safetensors::RULE,
    &trusted_pickle_load::RULE,
    &unreviewed_model_file::RULE,
];
