//! What the files of one folder tell together: a model repository, a state of one in a hub's cache.

use super::header;
use super::merge;
use super::{Form, HEAD, form_of, limit, may_tell, read};
use crate::graph::kinds::card::Told;
use crate::scan;
use crate::scan::Limits;
use crate::source::Folder;

/// Files of one folder that are read.
const FILES: usize = 256;

/// What is told of the model or data set that a folder holds.
#[derive(Debug, Clone, Default)]
pub struct FolderCard {
    /// All of it together.
    pub told: Told,
    /// Which file told what, in the order of their paths.
    pub files: Vec<(String, Told)>,
    /// Files that could not be read, and why.
    pub unread: Vec<(String, String)>,
}

impl FolderCard {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Reads what a folder tells: cards and configurations at its top, and headers of weights. Paths are those of the
/// folder.
#[must_use]
pub fn of_folder(folder: &dyn Folder) -> FolderCard {
    let mut out = FolderCard::default();
    for path in folder.files().iter().filter(|path| !path.contains('/')) {
        if out.files.len() >= FILES {
            out.unread.push((path.clone(), "more files than are read tell of it".to_owned()));
            break;
        }
        let told = match form_of(path) {
            Some(form) => of_file(folder, path, form),
            None if path.ends_with(".safetensors") || path.ends_with(".gguf") => of_weights(folder, path),
            None => continue,
        };
        match told {
            Ok(Some(told)) => out.files.push((path.clone(), told)),
            Ok(None) => {}
            Err(why) => out.unread.push((path.clone(), why)),
        }
    }
    out.told = merge::all(out.files.iter().map(|(_, told)| told));
    out
}

/// Reads one file of a folder; none where it tells nothing.
///
/// # Errors
/// A sentence fragment that says why it cannot be read.
pub fn of_file(folder: &dyn Folder, path: &str, form: Form) -> Result<Option<Told>, String> {
    let bytes = folder.open(path)?;
    if !may_tell(form, &bytes.up_to(0, HEAD)?) {
        return Ok(None);
    }
    let most = limit(form);
    // The head of a card stands at its beginning; a document that is cut is none.
    let is_cut = bytes.len() > most as u64;
    if is_cut && form != Form::Card {
        return Err(format!("it has {} bytes, more than are read", bytes.len()));
    }
    let content = bytes.up_to(0, most)?;
    let text = String::from_utf8_lossy(&content);
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut problems = Vec::new();
    let told = read(form, name, &text, &mut problems);
    match (told, problems.into_iter().next()) {
        (None, Some(problem)) => Err(problem.message),
        (told, _) => Ok(told),
    }
}

fn of_weights(folder: &dyn Folder, path: &str) -> Result<Option<Told>, String> {
    let bytes = folder.open(path)?;
    let limits = Limits { nodes: 1_000_000, text: 8 << 20, ..Limits::default() };
    let report = scan::file(&bytes, path, &limits);
    if report.verdict == scan::Verdict::Malformed {
        return Err("its header breaks the format".to_owned());
    }
    Ok(report.weights.as_deref().map(header::of_weights))
}
