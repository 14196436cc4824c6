//! The policy in force: what is built in, what an organisation's file adds, what the tree's own says.
//!
//! It is data. `decide::policy` weighs findings with it, `check` joins its waivers to findings.

use std::collections::BTreeMap;

use crate::source::{FileId, Span, Spanned};

/// How far a policy goes with findings of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Kept for `--all`.
    Note,
    /// Worth reading.
    Advise,
    /// The gate fails for it.
    Block,
}

/// A policy's word on a family or a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Threshold {
    /// The family or rule, as the file writes it; none where it speaks of no single one.
    pub name: Option<Spanned<String>>,
    /// What is made of it, whatever else is said: none leaves that to the built-in policy.
    pub level: Option<Spanned<Level>>,
    /// Least severity that blocks, by its name; `off` blocks nothing. What is below advises at most.
    pub block: Option<Spanned<String>>,
    /// Least severity that advises, by its name; `off` advises of nothing.
    pub advise: Option<Spanned<String>>,
    /// Least confidence that blocks, by its name.
    pub confidence: Option<Spanned<String>>,
    /// Only what can be put right blocks: an upgrade or an edit exists.
    pub fixable_only: Option<Spanned<bool>>,
    /// Only what is known to be reached blocks.
    pub reachable_only: Option<Spanned<bool>>,
    /// Only what the project asks for itself blocks, not what that brings along.
    pub direct_only: Option<Spanned<bool>>,
    /// In an inherited policy: whether the tree's own may say less.
    pub may_loosen: Option<Spanned<bool>>,
}

/// `[gate]`: what blocks, by state, family and rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatePolicy {
    /// `on-change`: `new` or `all`, on pull requests and their like.
    pub on_change: Option<Spanned<String>>,
    /// `on-schedule`: the same, elsewhere.
    pub on_schedule: Option<Spanned<String>>,
    /// `spread`: what is made of a flaw that the base has in a sibling file.
    pub spread: Option<Spanned<Level>>,
    /// `incomplete`: `new` or `all`, which gaps keep a gate from passing.
    pub incomplete: Option<Spanned<String>>,
    /// `approval-label`: the pull request's label by which somebody agrees to what it excuses.
    pub approval_label: Option<Spanned<String>>,
    /// `break-glass-label`: the label that forces the gate open, loudly.
    pub break_glass_label: Option<Spanned<String>>,
    /// `baseline`: a file of findings that were accepted as they stood.
    pub baseline: Option<Spanned<String>>,
    /// For everything that no family or rule speaks of.
    pub default: Threshold,
    /// `[gate.family.NAME]` or `[gate.family] NAME = "high"`.
    pub families: BTreeMap<String, Threshold>,
    /// `[gate.rule.NAME]` or `[gate.rule] NAME = "advise"`.
    pub rules: BTreeMap<String, Threshold>,
}

/// One `[[waiver]]`: what excuses findings, by whom, why and until when. All that is given has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaiverEntry {
    /// `fingerprint`: one finding; with its second half, that of the content, it ends when the content changes.
    pub fingerprint: Option<Spanned<String>>,
    /// `rule`.
    pub rule: Option<Spanned<String>>,
    /// `advisory`: any id of it.
    pub advisory: Option<Spanned<String>>,
    /// `subject`: `name`, `kind:name`, or one of them with `@version`.
    pub subject: Option<Spanned<String>>,
    /// `path`: a glob.
    pub path: Option<Spanned<String>>,
    /// `content`: second half of a fingerprint. The waiver ends when the content changes.
    pub content: Option<Spanned<String>>,
    /// `reason`: why it is safe.
    pub reason: Option<Spanned<String>>,
    /// `owner`: who answers for it.
    pub owner: Option<Spanned<String>>,
    /// `until`, `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
    /// `until-reason`: why until then.
    pub until_reason: Option<Spanned<String>>,
    /// `status`: what the flaw does here, a word of [`super::STATUSES`].
    pub status: Option<Spanned<String>>,
    /// `justification`: why it does not matter, a word of [`super::JUSTIFICATIONS`].
    pub justification: Option<Spanned<String>>,
    /// Where it stands. In a gate that is a file of the tree whose policy is in force, not of the tree under audit.
    pub file: FileId,
    /// The same in words that need no file: `custody.toml line 12`. Set once the policy is put together.
    pub from: String,
    /// The table's header.
    pub span: Span,
}

impl WaiverEntry {
    /// Whether both say the same, wherever they stand.
    #[must_use]
    pub fn says_as(&self, other: &Self) -> bool {
        let words = |entry: &Self| {
            let all = [
                &entry.fingerprint,
                &entry.rule,
                &entry.advisory,
                &entry.subject,
                &entry.path,
                &entry.content,
                &entry.reason,
                &entry.owner,
                &entry.until,
                &entry.status,
                &entry.justification,
            ];
            all.map(|word| word.as_ref().map(|word| word.value.clone()))
        };
        words(self) == words(other)
    }
}

/// `[waivers]`: how far waivers may go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaiverRules {
    /// `max-days`: how far ahead the end of a waiver of high severity may lie.
    pub max_days: Option<Spanned<u32>>,
    /// `local`, in an inherited policy: whether the tree may have waivers of its own.
    pub local: Option<Spanned<bool>>,
}

/// One `[[service]]`: a part of a monorepo with a verdict of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceEntry {
    /// `name`.
    pub name: Spanned<String>,
    /// `paths`: globs.
    pub paths: Vec<Spanned<String>>,
    /// `owner`.
    pub owner: Option<Spanned<String>>,
    /// `ships`: files or image names that it releases.
    pub ships: Vec<Spanned<String>>,
    /// Its own thresholds.
    pub threshold: Threshold,
    /// The whole table.
    pub span: Span,
}

/// One entry of `[roles]`: what files of a glob are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleEntry {
    /// The glob.
    pub glob: Spanned<String>,
    /// The role, by its name.
    pub role: Spanned<String>,
}

/// Where a part of the policy comes from, for `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The key: `gate.family.advisories.block`.
    pub key: String,
    /// Its value, as TOML.
    pub value: String,
    /// `built in`, or a file and a line of it.
    pub from: String,
}

/// The policy in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effective {
    /// What reports call it, after the built-in policy: `custody.toml`. Empty where no file says anything of the gate.
    pub name: String,
    /// What blocks.
    pub gate: GatePolicy,
    /// What an inherited policy says of that. It holds where `gate` says less, unless it lets itself be loosened.
    pub inherited: Option<GatePolicy>,
    /// What is excused.
    pub waivers: Vec<WaiverEntry>,
    /// Days that the end of a waiver of high severity may lie ahead.
    pub max_days: u32,
    /// Whether an inherited policy forbids the tree waivers of its own.
    pub no_own_waivers: bool,
    /// Parts with verdicts of their own.
    pub services: Vec<ServiceEntry>,
    /// What files are for.
    pub roles: Vec<RoleEntry>,
    /// Files of VEX statements that are heeded.
    pub vex: Vec<Spanned<String>>,
    /// Where each part comes from.
    pub origins: Vec<Origin>,
    /// What of it could not be followed, in sentences that name file and line. An audit with one is not complete.
    pub problems: Vec<String>,
    /// What the policy's digest is made of besides the built-in text: the files' own text.
    pub text: String,
}
