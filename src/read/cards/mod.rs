//! What files tell of a model or a data set: cards of Hugging Face, configurations of transformers, diffusers and
//! PEFT, indexes of weights, chat templates, information on data sets, descriptions in the words of Croissant.
//!
//! Facts and texts as they stand there. A text that says that there is none is none. Nothing here knows a tree: the
//! same is read of a folder in a hub's cache.
//!
//! Sources: Hugging Face, "Model cards" and "Dataset cards", with the templates of `huggingface_hub`; transformers,
//! `configuration_utils.py`; PEFT, `config.py`; Croissant 1.1 and its RAI vocabulary.

mod body;
mod config;
mod croissant;
mod dataset;
mod folder;
mod front;
mod header;
mod index;
pub mod merge;
mod names;
mod plain;
mod sections;
mod tasks;
#[cfg(test)]
mod tests;

use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::Problem;

pub use folder::{FolderCard, of_file, of_folder};
pub use header::of_weights;
pub use plain::is_placeholder;

/// Bytes of a card that are read. The longest have some hundred thousand.
pub const CARD: usize = 1 << 20;
/// Bytes of a document of JSON that are read. Vocabularies and lists of tensors are megabytes.
pub const DOCUMENT: usize = 16 << 20;
/// Items of one document.
const ITEMS: usize = 1_000_000;

/// What kind of file one is by its name, whatever stands in it; none of a name that nothing is told by.
#[must_use]
pub fn form_of(name: &str) -> Option<Form> {
    if name.ends_with(".safetensors.index.json") || name.ends_with(".bin.index.json") {
        return Some(Form::ShardIndex);
    }
    Some(match name {
        "config.json" | "model_index.json" => Form::Config,
        "adapter_config.json" => Form::AdapterConfig,
        "tokenizer_config.json" | "chat_template.json" | "chat_template.jinja" => Form::Tokenizer,
        "dataset_info.json" | "dataset_infos.json" => Form::DatasetInfo,
        "metadata.json" | "croissant.json" => Form::Croissant,
        _ if name.ends_with(".croissant.json") => Form::Croissant,
        _ => {
            let lower = name.to_ascii_lowercase().replace(['-', ' '], "_");
            let is_card = matches!(
                lower.as_str(),
                "readme.md" | "model_card.md" | "modelcard.md" | "dataset_card.md" | "datasetcard.md" | "data_card.md"
            );
            return is_card.then_some(Form::Card);
        }
    })
}

/// Bytes of a file's beginning that show whether there is anything to read in it.
pub const HEAD: usize = 4096;

/// Whether a file of a form may tell anything, by its beginning: most READMEs and most files that are called
/// `config.json` do not.
#[must_use]
pub fn may_tell(form: Form, head: &[u8]) -> bool {
    let has = |word: &[u8]| head.windows(word.len()).any(|part| part == word);
    match form {
        Form::Card => {
            let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
            head.starts_with(b"---\n") || head.starts_with(b"---\r\n")
        }
        Form::Croissant => has(b"@context"),
        _ => true,
    }
}

/// Bytes of a file of a form that are read.
#[must_use]
pub fn limit(form: Form) -> usize {
    if form == Form::Card { CARD } else { DOCUMENT }
}

/// Reads one file; none where it tells nothing of a model or data set. `name` is that of the file, `text` at most
/// [`limit`] bytes of it.
pub fn read(form: Form, name: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Told> {
    let mut budget = Budget { items: ITEMS, ..Budget::default() };
    match form {
        Form::Card => front::read(text, &mut budget, problems),
        Form::Config => config::model(text, &mut budget),
        Form::AdapterConfig => config::adapter(text, &mut budget),
        Form::ShardIndex => index::read(text, &mut budget),
        Form::Tokenizer => index::template(name, text, &mut budget),
        Form::DatasetInfo => dataset::file(text, &mut budget),
        Form::Croissant => croissant::read(text, &mut budget),
        // Those are bytes; the scan reads them.
        Form::Header => None,
    }
}
