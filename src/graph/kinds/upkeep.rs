//! Files by which other tools change or guard the repository: Dependabot's settings, pre-commit's hooks,
//! owners of code. Sources: GitHub Docs, "Dependabot options reference", "About code owners"; pre-commit.com;
//! GitLab Docs, "Code Owners syntax".

use super::workflow::Script;
use crate::source::{FileId, Span, Spanned};

/// `.github/dependabot.yml`.
#[derive(Debug, Clone, Default)]
pub struct Dependabot {
    /// The file.
    pub file: FileId,
    /// `updates`.
    pub updates: Vec<DependabotUpdate>,
}

/// An entry of `updates`.
#[derive(Debug, Clone, Default)]
pub struct DependabotUpdate {
    /// The whole entry.
    pub span: Span,
    /// `package-ecosystem`.
    pub ecosystem: Spanned<String>,
    /// `directory` or `directories`.
    pub directories: Vec<Spanned<String>>,
    /// `package-ecosystem`: the key's place, in whose column an edit writes another.
    pub first_key: Span,
    /// `cooldown`: its place, where the key is there.
    pub cooldown: Option<Span>,
    /// The place of the first key within `cooldown`.
    pub cooldown_key: Option<Span>,
    /// `cooldown.default-days`.
    pub default_days: Option<Spanned<String>>,
    /// Other settings of `cooldown` that give days.
    pub other_days: Vec<(Spanned<String>, Spanned<String>)>,
    /// No update is proposed but for known flaws: `open-pull-requests-limit: 0`.
    pub only_security: bool,
    /// `insecure-external-code-execution`.
    pub executes: Option<Spanned<String>>,
}

/// `.pre-commit-config.yaml`.
#[derive(Debug, Clone, Default)]
pub struct HookConfig {
    /// The file.
    pub file: FileId,
    /// `repos`.
    pub repositories: Vec<HookRepository>,
}

/// An entry of `repos`.
#[derive(Debug, Clone, Default)]
pub struct HookRepository {
    /// The whole entry.
    pub span: Span,
    /// `repo`: an address, `local`, `meta` or `builtin`.
    pub repository: Spanned<String>,
    /// `rev`.
    pub revision: Option<Spanned<String>>,
    /// `hooks`.
    pub hooks: Vec<Hook>,
}

/// A hook.
#[derive(Debug, Clone, Default)]
pub struct Hook {
    /// Its id.
    pub id: Spanned<String>,
    /// `language`.
    pub language: Option<Spanned<String>>,
    /// `additional_dependencies`.
    pub dependencies: Vec<Spanned<String>>,
    /// `entry` of a hook of the tree, as a script.
    pub entry: Option<Script>,
}

/// `CODEOWNERS`.
#[derive(Debug, Clone, Default)]
pub struct CodeOwners {
    /// The file.
    pub file: FileId,
    /// The lines, in order; the last that matches counts.
    pub lines: Vec<OwnerLine>,
}

/// A line of `CODEOWNERS`.
#[derive(Debug, Clone)]
pub struct OwnerLine {
    /// The pattern.
    pub pattern: Spanned<String>,
    /// Who owns it, those of its section where it names none; empty takes the owners away.
    pub owners: Vec<Spanned<String>>,
    /// GitLab's section it stands in, counted from one; zero before the first. In each section the last line
    /// that matches counts.
    pub section: usize,
}
