//! Which indexes a resolver asks for a name, in which order, and which of them decides.
//!
//! | resolver | asks | takes |
//! | --- | --- | --- |
//! | pip | the index, the extra ones and pages of links, all at once | the highest version |
//! | uv | extra indexes as they stand, the default one last | the first that has the name |
//! | uv, `unsafe-first-match` | the same | the first with a version that fits |
//! | uv, `unsafe-best-match` | all at once | the highest version |
//! | Poetry | primary sources at once (PyPI where there is none), then supplemental ones | the highest version; what does not fit falls on |
//! | PDM | sources at once, PyPI unless one has its name | the highest version; `include_packages` binds |
//! | PDM, `respect-source-order` | sources as they stand | the first with a version that fits |
//! | Pipenv | the first source | what it has |
//!
//! Each row was seen with the resolver itself (pip 23.2 and 26.3, uv 0.13.9, Poetry 2.5.1, PDM 2.29.4,
//! Pipenv 2026.10) and two indexes on loopback: a private one with version 1.0 of a name, a public one
//! with 99.0.

use crate::graph::indexes::bare;
use crate::graph::kinds::python::{DeclaredIndex, IndexOption, IndexOptionKind, Priority, PyProject, Tool};
use crate::graph::kinds::settings::ManagerSettings;
use crate::source::{FileId, Place};

/// Who resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolver {
    /// pip, and pipx, which calls it.
    Pip,
    /// uv.
    Uv,
    /// Poetry.
    Poetry,
    /// PDM.
    Pdm,
    /// Pipenv.
    Pipenv,
}

impl Resolver {
    /// That of a command's manager, pip or uv. pixi resolves its Python packages by uv.
    #[must_use]
    pub fn of_manager(manager: &str) -> Self {
        if matches!(manager, "uv" | "uvx" | "pixi") { Self::Uv } else { Self::Pip }
    }

    /// That of a tool's table.
    #[must_use]
    pub fn of(tool: Tool) -> Self {
        match tool {
            // pixi resolves its Python packages by uv.
            Tool::Uv | Tool::Pixi => Self::Uv,
            Tool::Poetry => Self::Poetry,
            Tool::Pdm => Self::Pdm,
            Tool::Pipenv => Self::Pipenv,
            Tool::Pip | Tool::CondaLock => Self::Pip,
        }
    }
}

/// One index that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Its address; none for PyPI where nobody names it.
    pub address: Option<&'a str>,
    /// The line that makes the resolver ask it.
    pub place: Option<Place>,
}

/// When the next row of indexes is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Falls {
    /// Where none before has the name at all.
    NoName,
    /// Where none before has a version that fits.
    NoVersion,
}

/// What one index can do to a name that another one serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    /// It is asked first: it takes any name it has.
    Before,
    /// Both are asked: it takes a name by a higher version.
    Higher,
    /// It is asked where the other has no version that fits.
    WhereNoVersion,
    /// It is asked where the other does not have the name.
    WhereNoName,
}

/// The indexes that may answer for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates<'a> {
    /// Rows of indexes. Those of a row are asked together and the highest version wins.
    pub rows: Vec<Vec<Asked<'a>>>,
    /// When the next row is asked.
    pub falls: Falls,
}

impl<'a> Candidates<'a> {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Asked<'a>> {
        self.rows.iter().flatten().copied()
    }

    fn row(&self, one: &Asked<'_>) -> Option<usize> {
        self.rows.iter().position(|row| row.contains(one))
    }

    /// What `stranger` can do to a name that `holder` serves; none where one of them is not asked.
    #[must_use]
    pub fn takes(&self, stranger: &Asked<'_>, holder: &Asked<'_>) -> Option<Takes> {
        let (one, other) = (self.row(stranger)?, self.row(holder)?);
        Some(match one.cmp(&other) {
            std::cmp::Ordering::Less => Takes::Before,
            std::cmp::Ordering::Equal => Takes::Higher,
            std::cmp::Ordering::Greater if self.falls == Falls::NoVersion => Takes::WhereNoVersion,
            std::cmp::Ordering::Greater => Takes::WhereNoName,
        })
    }
}

/// What a resolver is told: by options, and by the tables of a project or settings file.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// Who.
    pub resolver: Resolver,
    /// Options in force, the weightiest last.
    pub options: Vec<(Place, &'a IndexOption)>,
    /// Declared indexes, in order.
    pub declared: Vec<(FileId, &'a DeclaredIndex)>,
    /// PDM's `respect-source-order`.
    pub keeps_order: bool,
}

const PYPI: Asked<'static> = Asked { address: None, place: None };

/// Tools whose tables of a project declare indexes.
pub const TABLES: [Tool; 4] = [Tool::Uv, Tool::Poetry, Tool::Pdm, Tool::Pipenv];

impl<'a> Told<'a> {
    /// By options alone.
    pub fn by_options(resolver: Resolver, options: impl IntoIterator<Item = &'a (Place, IndexOption)>) -> Self {
        let options = options.into_iter().map(|(place, option)| (*place, option)).collect();
        Self { resolver, options, declared: Vec::new(), keeps_order: false }
    }

    /// By the tables of one of the [`TABLES`] in a project file.
    #[must_use]
    pub fn by_tables(file: &'a PyProject, tool: Tool) -> Self {
        let options = file.options.iter().filter(|_| tool == Tool::Uv);
        Self {
            resolver: Resolver::of(tool),
            options: options.map(|option| (Place::new(file.file, option.span), option)).collect(),
            declared: file.indexes.iter().filter(|i| i.tool == tool).map(|index| (file.file, index)).collect(),
            keeps_order: tool == Tool::Pdm && file.keeps_source_order,
        }
    }

    /// By a settings file of the resolver.
    #[must_use]
    pub fn by_settings(resolver: Resolver, file: &'a ManagerSettings) -> Self {
        Self {
            resolver,
            options: file.options.iter().map(|option| (Place::new(file.file, option.span), option)).collect(),
            declared: file.indexes.iter().map(|index| (file.file, index)).collect(),
            keeps_order: false,
        }
    }

    /// Whether it is told nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.options.is_empty() && self.declared.is_empty()
    }

    /// The indexes that are asked for a name that nothing binds.
    #[must_use]
    pub fn for_any_name(&self) -> Candidates<'a> {
        match self.resolver {
            Resolver::Pip => self.pip(),
            Resolver::Uv => self.uv(),
            Resolver::Poetry => self.poetry(),
            Resolver::Pdm => self.pdm(),
            Resolver::Pipenv => self.pipenv(),
        }
    }

    /// The strategy that lets uv choose as pip does, with its place.
    #[must_use]
    pub fn unsafe_strategy(&self) -> Option<(Place, &'a str)> {
        let strategies = self.named(IndexOptionKind::IndexStrategy);
        strategies.into_iter().next_back().filter(|(_, value)| value.starts_with("unsafe"))
    }

    fn named(&self, kind: IndexOptionKind) -> Vec<(Place, &'a str)> {
        let options = self.options.iter().filter(|(_, o)| o.kind == kind);
        options.flat_map(|(place, option)| addresses(option).map(move |address| (*place, address))).collect()
    }

    fn asked(&self, kind: IndexOptionKind) -> impl Iterator<Item = Asked<'a>> {
        self.named(kind).into_iter().map(|(place, address)| Asked { address: Some(address), place: Some(place) })
    }

    fn open(&self, priority: Priority) -> impl Iterator<Item = Asked<'a>> {
        let of = self.declared.iter().filter(move |(_, i)| i.priority == priority);
        of.filter_map(|(file, index)| declared(*file, index))
    }

    fn pip(&self) -> Candidates<'a> {
        let mut row: Vec<Asked<'a>> = Vec::new();
        if !self.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex) {
            row.push(self.asked(IndexOptionKind::Index).last().unwrap_or(PYPI));
            row.extend(self.asked(IndexOptionKind::ExtraIndex));
        }
        row.extend(self.asked(IndexOptionKind::FindLinks));
        Candidates { rows: vec![once_each(row)], falls: Falls::NoName }
    }

    fn uv(&self) -> Candidates<'a> {
        let links: Vec<Asked<'a>> = self.asked(IndexOptionKind::FindLinks).collect();
        if self.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex) {
            return Candidates { rows: vec![links], falls: Falls::NoName };
        }
        let last = self.asked(IndexOptionKind::Index).last().or_else(|| self.open(Priority::Default).next());
        let mut indexes: Vec<Asked<'a>> = self.asked(IndexOptionKind::ExtraIndex).collect();
        indexes.extend(self.open(Priority::Normal));
        indexes.push(last.unwrap_or(PYPI));
        let indexes = once_each(indexes);
        match self.unsafe_strategy().map(|(_, value)| value) {
            Some("unsafe-best-match") => {
                Candidates { rows: vec![indexes.into_iter().chain(links).collect()], falls: Falls::NoVersion }
            }
            strategy => {
                // A page of links answers beside whichever index does.
                let rows = indexes.into_iter().map(|one| std::iter::once(one).chain(links.clone()).collect());
                let falls = if strategy.is_some() { Falls::NoVersion } else { Falls::NoName };
                Candidates { rows: rows.collect(), falls }
            }
        }
    }

    fn poetry(&self) -> Candidates<'a> {
        let mut first: Vec<Asked<'a>> = self.open(Priority::Default).chain(self.open(Priority::Normal)).collect();
        if first.is_empty() {
            first.push(PYPI);
        }
        let later: Vec<Asked<'a>> = self.open(Priority::Supplemental).collect();
        let rows = [first, later].into_iter().filter(|row| !row.is_empty()).collect();
        Candidates { rows, falls: Falls::NoVersion }
    }

    fn pdm(&self) -> Candidates<'a> {
        let named_pypi = |i: &DeclaredIndex| i.name.value == "pypi";
        let mut all: Vec<Asked<'a>> = Vec::new();
        // PyPI comes first where no source has its name.
        if !self.declared.iter().any(|(_, i)| named_pypi(i)) {
            all.push(PYPI);
        }
        let unfiltered = self.declared.iter().filter(|(_, i)| !i.is_filtered && i.priority != Priority::Explicit);
        all.extend(unfiltered.filter_map(|(file, index)| declared(*file, index)));
        let rows = if self.keeps_order { all.into_iter().map(|one| vec![one]).collect() } else { vec![all] };
        Candidates { rows, falls: Falls::NoVersion }
    }

    fn pipenv(&self) -> Candidates<'a> {
        let first = self.declared.iter().find_map(|(file, index)| declared(*file, index));
        Candidates { rows: vec![vec![first.unwrap_or(PYPI)]], falls: Falls::NoName }
    }
}

fn declared<'a>(file: FileId, index: &'a DeclaredIndex) -> Option<Asked<'a>> {
    // Poetry knows PyPI by its name.
    let address = match &index.url {
        Some(url) => Some(url.value.as_str()),
        None if index.name.value.eq_ignore_ascii_case("pypi") => None,
        None => return None,
    };
    Some(Asked { address, place: Some(Place::new(file, index.span)) })
}

/// The same index named twice answers once, in its first place.
fn once_each(indexes: Vec<Asked<'_>>) -> Vec<Asked<'_>> {
    let mut seen = std::collections::BTreeSet::new();
    indexes.into_iter().filter(|one| seen.insert(one.address.map(bare))).collect()
}

/// The addresses of one option: a variable may hold several.
pub fn addresses(option: &IndexOption) -> impl Iterator<Item = &str> {
    // An expression holds blanks of its own.
    let whole = option.value.value.contains("${{");
    let parts: Vec<&str> = if whole {
        vec![option.value.value.trim()]
    } else {
        option.value.value.split([' ', '\t', '\n', ',']).collect()
    };
    parts.into_iter().map(|p| unnamed(p.trim_matches(['"', '\'']))).filter(|p| !p.is_empty())
}

/// uv lets an address have a name before it: `company=https://..`.
fn unnamed(address: &str) -> &str {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    match address.split_once('=') {
        Some((name, rest)) if is_name(name) && rest.contains("://") => rest,
        _ => address,
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
