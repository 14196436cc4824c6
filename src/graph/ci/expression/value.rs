//! What an expression may hold.

use std::collections::BTreeSet;

use crate::source::Place;

/// Texts of one value listed; more of them are a nature without a list.
const MAX_TEXTS: usize = 256;
/// Bytes of all texts of one value, about: a name may stand for a text that names another one ten times, and so on.
const MAX_BYTES: usize = 1 << 18;
/// Origins of one value kept. The gravest stay.
const MAX_ORIGINS: usize = 16;

/// Who writes a text, the least grave first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nature {
    /// It stands in the files.
    Constant,
    /// Commit ids, numbers, booleans, results, members of a fixed list: nothing that could be code.
    Identifier,
    /// Names and addresses of few characters, given by GitHub or in its own forms.
    Fixed,
    /// Those who may push, tag, label, release or start a run.
    Maintainer,
    /// A secret.
    Secret,
    /// Not known from the files.
    Unknown,
    /// Anybody.
    Stranger,
}

/// One place a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Who writes it.
    pub(crate) nature: Nature,
    /// The context or command it is read from, in lower case: `github.head_ref`.
    pub(crate) context: String,
    /// May hold a line break.
    pub(crate) multiline: bool,
    /// Events that fill it; empty for all.
    pub(crate) events: Vec<&'static str>,
    /// What hands it on, the source first: `env.BRANCH`, `inputs.branch`, `steps.pr.outputs.ref`.
    pub(crate) by: Vec<(String, Option<Place>)>,
    /// Jobs that call the reusable workflow it is handed to: it comes with these calls only.
    pub(crate) calls: Vec<Place>,
}

/// What an expression may hold: texts that are all known, or where they come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Value {
    /// Texts that stand in the files. All there are, where [`Value::origins`] is empty.
    pub(crate) texts: BTreeSet<String>,
    /// What else it may hold.
    pub(crate) origins: Vec<Origin>,
}

impl Origin {
    /// One that any event fills and nothing hands on.
    pub(crate) fn new(nature: Nature, context: impl Into<String>) -> Self {
        Self {
            nature,
            context: context.into(),
            multiline: false,
            events: Vec::new(),
            by: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// Whether an event may fill it.
    pub(crate) fn comes_with(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }
}

impl Value {
    /// One text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { texts: BTreeSet::from([text.into()]), origins: Vec::new() }
    }

    /// Some texts.
    pub(crate) fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut out = Self { texts: texts.into_iter().map(Into::into).collect(), origins: Vec::new() };
        out.bound();
        out
    }

    /// `true` or `false`.
    pub(crate) fn bool() -> Self {
        Self::texts(["true", "false"])
    }

    /// Something of one origin.
    pub(crate) fn of(origin: Origin) -> Self {
        Self { texts: BTreeSet::new(), origins: vec![origin] }
    }

    /// Something of a nature.
    pub(crate) fn new(nature: Nature, context: impl Into<String>) -> Self {
        Self::of(Origin::new(nature, context))
    }

    /// The gravest nature.
    pub(crate) fn nature(&self) -> Nature {
        self.origins.iter().map(|o| o.nature).max().unwrap_or(Nature::Constant)
    }

    /// Every text it may be, where all are known.
    pub(crate) fn constants(&self) -> Option<&BTreeSet<String>> {
        (self.origins.is_empty() && !self.texts.is_empty()).then_some(&self.texts)
    }

    /// Texts of strangers.
    pub(crate) fn strangers(&self) -> impl Iterator<Item = &Origin> {
        self.origins.iter().filter(|o| o.nature == Nature::Stranger)
    }

    /// Either of two.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.texts.extend(other.texts);
        for origin in other.origins {
            if !self.origins.contains(&origin) {
                self.origins.push(origin);
            }
        }
        self.bound();
        self
    }

    /// One behind the other.
    pub(crate) fn and(self, other: Self) -> Self {
        let texts = if self.origins.is_empty() && other.origins.is_empty() {
            let count = self.texts.len().saturating_mul(other.texts.len());
            let longest = |value: &Self| value.texts.iter().map(String::len).max().unwrap_or(0);
            if count > MAX_TEXTS || count.saturating_mul(longest(&self) + longest(&other)) > MAX_BYTES {
                return Self::new(Nature::Constant, "");
            }
            self.texts.iter().flat_map(|a| other.texts.iter().map(move |b| format!("{a}{b}"))).collect()
        } else {
            BTreeSet::new()
        };
        let mut out = Self { texts: BTreeSet::new(), origins: self.origins }
            .or(Self { texts: BTreeSet::new(), origins: other.origins });
        out.texts = texts;
        out
    }

    /// With something that hands it on.
    pub(crate) fn by(mut self, what: &str, place: Option<Place>) -> Self {
        for origin in &mut self.origins {
            origin.by.push((what.to_owned(), place));
        }
        self
    }

    /// Keeps it small: the gravest origins and the first texts.
    fn bound(&mut self) {
        if self.texts.len() > MAX_TEXTS {
            self.texts.clear();
            self.origins.push(Origin::new(Nature::Constant, ""));
        }
        if self.origins.len() > MAX_ORIGINS {
            self.origins.sort_by_key(|o| std::cmp::Reverse(o.nature));
            self.origins.truncate(MAX_ORIGINS);
        }
    }
}
