//! What code in a job could gain, in words and in weight.

use crate::source::{Span, Spanned};

/// What can be gained by running code in a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privilege {
    /// Scopes the token may write, `*` for all; empty where permissions are unknown.
    pub writes: Vec<String>,
    /// Where the rights are granted.
    pub granted_at: Option<Span>,
    /// Secrets the job can read, GITHUB_TOKEN excluded, with the first place of each.
    pub secrets: Vec<Spanned<String>>,
    /// Releases and packages: what it publishes with, with the place.
    pub publishes: Vec<Spanned<String>>,
    /// What it puts a site out with, with the place. A site is no release.
    pub sites: Vec<Spanned<String>>,
    /// Where it pushes commits or tags.
    pub pushes_commits: Option<Span>,
    /// What it pushes images with, with the place.
    pub pushes_image: Option<Spanned<String>>,
    /// No `permissions` anywhere: the repository's setting decides.
    pub token_unknown: bool,
}

impl Privilege {
    /// Whether code in the job gains something that matters outside it. Scopes that let a bot
    /// comment or label are not enough.
    #[must_use]
    pub fn is_weighty(&self) -> bool {
        !self.secrets.is_empty() || self.acts_outside() || self.has_weighty_scope()
    }

    /// Whether the job itself puts something out.
    fn acts_outside(&self) -> bool {
        !self.publishes.is_empty()
            || !self.sites.is_empty()
            || self.pushes_image.is_some()
            || self.pushes_commits.is_some()
    }

    /// Whether the token can change code, packages, releases or pages, or be exchanged for a
    /// cloud identity.
    #[must_use]
    pub fn has_weighty_scope(&self) -> bool {
        self.writes.iter().any(|scope| {
            matches!(
                scope.as_str(),
                "*" | "contents" | "packages" | "id-token" | "actions" | "deployments" | "pages" | "attestations"
            )
        })
    }

    /// Whether there are secrets that let their thief do more than add a report or a message.
    #[must_use]
    pub fn has_weighty_secret(&self) -> bool {
        self.secrets.iter().any(|secret| !is_minor_secret(&secret.value))
    }

    /// Whether secrets, a token or an identity of weight are held. Who pushes commits holds a token that writes,
    /// whoever granted it.
    #[must_use]
    pub fn reaches_secrets(&self) -> bool {
        self.has_weighty_secret() || self.has_weighty_scope() || self.pushes_commits.is_some() && self.token_unknown
    }

    /// How much there is to gain, for a choice among several: 4 for a release, which goes to everyone, 3 for
    /// secrets and rights, 2 for an image, 1 for a job that holds nothing.
    #[must_use]
    pub fn weight(&self) -> u8 {
        if !self.publishes.is_empty() {
            4
        } else if self.reaches_secrets() {
            3
        } else if self.pushes_image.is_some() {
            2
        } else {
            1
        }
    }

    /// What is held, weightiest first: `secrets A, B; contents: write`. Empty where nothing is.
    #[must_use]
    pub fn holds(&self) -> String {
        let mut parts = Vec::new();
        if !self.secrets.is_empty() {
            parts.push(format!("secrets {}", listed(&self.secrets)));
        }
        if !self.writes.is_empty() {
            let scopes: Vec<_> = self
                .writes
                .iter()
                .map(|s| if s == "*" { "everything: write".to_owned() } else { format!("{s}: write") })
                .collect();
            parts.push(scopes.join(", "));
        }
        parts.join("; ")
    }

    /// What the job does to the world, each a verb: `publishes by gh release create`.
    fn deeds(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.publishes.is_empty() {
            out.push(format!("publishes by {}", listed(&self.publishes)));
        }
        if let Some(what) = &self.pushes_image {
            out.push(format!("pushes images by {}", what.value));
        }
        if !self.sites.is_empty() {
            out.push(format!("publishes a site by {}", listed(&self.sites)));
        }
        if self.pushes_commits.is_some() {
            out.push("pushes commits".to_owned());
        }
        out
    }

    /// One fragment for a hop: what is held and done.
    #[must_use]
    pub fn describe(&self) -> String {
        let holds = Some(self.holds()).filter(|h| !h.is_empty());
        holds.into_iter().chain(self.deeds()).collect::<Vec<_>>().join("; ")
    }

    /// What follows `a job that`: `holds contents: write and publishes by gh release create`.
    #[must_use]
    pub fn clause(&self) -> String {
        let holds = Some(self.holds()).filter(|h| !h.is_empty()).map(|h| format!("holds {h}"));
        let verbs: Vec<_> = holds.into_iter().chain(self.deeds()).collect();
        match verbs.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }

    /// The place that shows best what is held.
    #[must_use]
    pub fn shown_at(&self) -> Option<Span> {
        let secret = self.secrets.first().map(|s| s.span);
        let publish = self.publishes.first().map(|s| s.span);
        let image = self.pushes_image.as_ref().map(|s| s.span);
        let site = self.sites.first().map(|s| s.span);
        secret.or(publish).or(image).or(self.granted_at).or(site).or(self.pushes_commits)
    }
}

/// Whether a secret lets its thief do no more than add a report or a message: tokens of coverage
/// and benchmark services, addresses of chat channels. They do not make a finding block.
fn is_minor_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    const REPORTS: &[&str] = &["CODECOV", "CODSPEED", "COVERALLS", "CODACY"];
    REPORTS.iter().any(|r| name.contains(r))
        || name.contains("WEBHOOK")
        || ["_CHANNEL", "_CHANNEL_ID", "_PROJECT_ID", "_USERNAME"].iter().any(|end| name.ends_with(end))
}

/// Three names and how many more.
fn listed(names: &[Spanned<String>]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name.value.as_str()) {
            distinct.push(&name.value);
        }
    }
    let more = distinct.len().saturating_sub(3);
    let shown = distinct.get(..3).unwrap_or(&distinct).join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
