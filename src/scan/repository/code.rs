//! Code of a model: read with all that it imports from the folder, each file once, and rated.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::imports;
use crate::parse::Budget;
use crate::parse::python_text::tokens;
use crate::scan::archives::{self, CODE_DANGEROUS};
use crate::scan::quote::shown;
use crate::scan::{Context, Limits};
use crate::source::Folder;

/// Files that are followed from one.
const FILES: usize = 500;
/// Bytes of one file that are read as Python, and tokens of it. The largest real ones have a few hundred thousand.
const TEXT: usize = 4 << 20;
const TOKENS: usize = 400_000;
/// Calls that are told of one file.
const TOLD: usize = 5;

/// What is known of a file of Python.
struct Piece {
    dangers: Vec<(u64, String)>,
    imports: Vec<String>,
    unread: Option<String>,
}

/// Code of a folder, as far as it was read.
pub(super) struct Code<'f> {
    folder: &'f dyn Folder,
    limits: &'f Limits,
    /// Shared by all models: many of them may name the same file.
    pieces: BTreeMap<String, Rc<Piece>>,
    /// Those that were told of the model that is looked at.
    told: BTreeSet<String>,
    root: String,
}

impl<'f> Code<'f> {
    pub(super) fn new(folder: &'f dyn Folder, limits: &'f Limits) -> Self {
        Self { folder, limits, pieces: BTreeMap::new(), told: BTreeSet::new(), root: String::new() }
    }

    /// Begins with another model.
    pub(super) fn begin(&mut self, root: &str) {
        root.clone_into(&mut self.root);
        self.told.clear();
    }

    /// All files.
    pub(super) fn folder(&self) -> &'f dyn Folder {
        self.folder
    }

    /// What a file is called in messages: by its path in the model, or in the whole where it lies outside.
    pub(super) fn name<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.root.as_str()).unwrap_or(path)
    }

    /// The text of a file; none where it cannot be had.
    pub(super) fn text(&self, path: &str) -> Result<String, String> {
        let bytes = self.folder.open(path)?;
        if bytes.len() > self.limits.text.min(TEXT) as u64 {
            return Err(format!("the code of {} bytes is longer than is read", bytes.len()));
        }
        let held = bytes.exactly(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX))?;
        Ok(String::from_utf8_lossy(&held).into_owned())
    }

    /// Rates a file and all that it imports: tells calls known for harm, and what could not be read. How many other
    /// files it imports.
    pub(super) fn rate(&mut self, path: &str, context: &mut Context<'_>) -> usize {
        let mut open = vec![path.to_owned()];
        let mut seen = BTreeSet::from([path.to_owned()]);
        while let Some(path) = open.pop() {
            let piece = self.piece(&path);
            for import in &piece.imports {
                if seen.len() < FILES && seen.insert(import.clone()) {
                    open.push(import.clone());
                } else if seen.len() >= FILES && !seen.contains(import) {
                    context.unread(None, format!("`{}` imports more files than are followed", self.name(&path)));
                    return seen.len() - 1;
                }
            }
            if self.told.insert(path.clone()) {
                self.tell(&path, &piece, context);
            }
        }
        seen.len() - 1
    }

    fn tell(&self, path: &str, piece: &Piece, context: &mut Context<'_>) {
        if piece.dangers.is_empty() && piece.unread.is_none() {
            return;
        }
        context.inside(self.name(path), |context| {
            if let Some(why) = &piece.unread {
                context.unread(None, why.clone());
            }
            for (at, call) in piece.dangers.iter().take(TOLD) {
                let message = format!("the model brings code that calls `{}`", shown(call));
                context.find(&CODE_DANGEROUS, *at, message);
            }
        });
    }

    fn piece(&mut self, path: &str) -> Rc<Piece> {
        if let Some(piece) = self.pieces.get(path) {
            return Rc::clone(piece);
        }
        let mut piece = Piece { dangers: Vec::new(), imports: Vec::new(), unread: None };
        match self.text(path) {
            Ok(text) => match tokens(&text, &mut Budget { items: TOKENS, ..Budget::default() }) {
                Some(tokens) => {
                    let dangers = archives::dangers_of(&tokens).into_iter().filter(|danger| !danger.is_common);
                    piece.dangers = dangers.map(|danger| (danger.at as u64, danger.call)).collect();
                    piece.unread = odd_encoding(&text);
                    piece.imports = imports::files(self.folder, path, &tokens);
                }
                None => piece.unread = Some("the code is longer than is read".to_owned()),
            },
            Err(why) => piece.unread = Some(why),
        }
        let piece = Rc::new(piece);
        self.pieces.insert(path.to_owned(), Rc::clone(&piece));
        piece
    }
}

/// Why code cannot be read as it stands: an encoding that makes other letters of it.
fn odd_encoding(text: &str) -> Option<String> {
    let lines = text.lines().take(2).filter(|line| line.trim_start().starts_with('#'));
    let named = lines.flat_map(|line| line.split("coding").skip(1)).filter_map(|rest| rest.strip_prefix([':', '=']));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    named
        .map(|rest| {
            rest.trim_start().split(|c| !is_name(c)).next().unwrap_or("").to_ascii_lowercase().replace('_', "-")
        })
        .find(|name| {
            !["utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii", "latin-1", "iso-8859-1", "cp1252", "gbk"]
                .contains(&name.as_str())
        })
        .map(|name| format!("the code is encoded as `{}`, which is not read", shown(&name)))
}
