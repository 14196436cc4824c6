//! The rules a SARIF file declares. Code scanning shows one topic a rule, so every advisory becomes
//! a rule of its own; findings without an advisory keep the id of the rule that made them.

use std::collections::BTreeMap;

use super::model::{Configuration, Descriptor, DescriptorProperties, Text};
use super::{level, limits};
use crate::audit::{Audit, Finding, Fixed, RuleInfo};
use crate::diag::{Severity, Topic};
use crate::report::escape::{markdown, sarif as clean, shorten};

/// The rules of a run, each once.
pub(super) struct Table<'a> {
    audit: &'a Audit,
    /// Whether the pages of the rules are put in, which is most of a file with few results.
    pages: bool,
    index: BTreeMap<String, usize>,
    /// In the order of their first result.
    pub list: Vec<Descriptor>,
}

impl<'a> Table<'a> {
    pub(super) fn new(audit: &'a Audit, pages: bool) -> Self {
        Self { audit, pages, index: BTreeMap::new(), list: Vec::new() }
    }

    /// Position of the rule of a finding; the first finding of a rule declares it.
    pub(super) fn of(&mut self, finding: &Finding) -> usize {
        let id = finding.advisory.as_ref().map_or(&finding.rule, |topic| &topic.id);
        if let Some(found) = self.index.get(id) {
            return *found;
        }
        let info = self.info(&finding.rule);
        let descriptor = match &finding.advisory {
            Some(topic) => advisory(topic, finding, info),
            None => plain(&finding.rule, finding.severity, &finding.family, info),
        };
        self.add(descriptor)
    }

    /// Position of the rule of a finding that is gone. What it was about is not known any more.
    pub(super) fn of_fixed(&mut self, fixed: &Fixed) -> usize {
        if let Some(found) = self.index.get(&fixed.rule) {
            return *found;
        }
        let info = self.info(&fixed.rule);
        let family = info.map_or("", |rule| rule.family.as_str());
        self.add(plain(&fixed.rule, fixed.severity, family, info))
    }

    fn info(&self, rule: &str) -> Option<&'a RuleInfo> {
        self.audit.rules.iter().find(|known| known.id == rule)
    }

    fn add(&mut self, mut descriptor: Descriptor) -> usize {
        if !self.pages {
            descriptor.help = Text::plain(descriptor.full_description.text.clone());
        }
        self.index.insert(descriptor.id.clone(), self.list.len());
        self.list.push(descriptor);
        self.list.len() - 1
    }
}

/// A finding's rule. What is said of it does not depend on the finding, as long as the audit knows the rule.
fn plain(rule: &str, severity: Severity, family: &str, info: Option<&RuleInfo>) -> Descriptor {
    let title = info.map_or(rule, |r| r.title.as_str());
    let severity = info.map_or(severity, |r| r.severity);
    let page = info.map_or_else(|| title.to_owned(), |r| r.page.clone());
    let about = info.and_then(|r| first_paragraph(&r.page)).unwrap_or_else(|| title.to_owned());
    Descriptor {
        id: rule.to_owned(),
        short_description: described(title),
        full_description: described(&about),
        default_configuration: Configuration { level: level(severity) },
        help: Text { text: page.clone(), markdown: Some(page) },
        properties: properties(family, rule, score(None, severity)),
    }
}

fn advisory(topic: &Topic, finding: &Finding, info: Option<&RuleInfo>) -> Descriptor {
    let title = info.map_or(finding.rule.as_str(), |r| r.title.as_str());
    let short = match &finding.subject {
        Some(subject) => format!("{} in {}: {title}", topic.id, subject.name),
        None => format!("{}: {title}", topic.id),
    };
    let called = topic.title.as_ref().map(|t| format!(": {t}")).unwrap_or_default();
    let mut facts = vec![format!("Advisory {}{called}", topic.id)];
    if !topic.aliases.is_empty() {
        facts.push(format!("Also known as {}", topic.aliases.join(", ")));
    }
    facts.push(match topic.score {
        Some(score) => format!("CVSS base score {score:.1}"),
        None => "Nobody published a CVSS score".to_owned(),
    });
    facts.push(if topic.fixed.is_empty() {
        "No fixed version is known".to_owned()
    } else {
        format!("Fixed in {}", topic.fixed.join(", "))
    });
    let page = info.map_or("", |r| r.page.as_str());
    let text: String = facts.iter().map(|f| format!("{}\n", clean(f))).collect();
    let list: String = facts.iter().map(|f| format!("- {}\n", markdown(f))).collect();
    Descriptor {
        id: topic.id.clone(),
        short_description: described(&short),
        full_description: described(&finding.message),
        default_configuration: Configuration { level: level(finding.severity) },
        help: Text { text: format!("{text}\n{page}"), markdown: Some(format!("{list}\n{page}")) },
        properties: properties(&finding.family, &finding.rule, score(topic.score, finding.severity)),
    }
}

fn described(text: &str) -> Text {
    Text::plain(shorten(&clean(text), limits::DESCRIPTION))
}

fn properties(family: &str, rule: &str, security_severity: String) -> DescriptorProperties {
    let mut tags = vec!["security".to_owned(), "supply-chain".to_owned()];
    for tag in [family, rule] {
        // An empty tag is no tag, and SARIF wants each once.
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    DescriptorProperties { tags, security_severity }
}

/// The number that code scanning makes a word of: from 9.0 critical, 7.0 high, 4.0 medium, above 0
/// low. An advisory that nobody scored goes by the finding's severity.
fn score(cvss: Option<f64>, severity: Severity) -> String {
    let mapped = match severity {
        Severity::Critical => 9.5,
        Severity::High => 8.0,
        Severity::Medium => 5.5,
        Severity::Low => 3.0,
        Severity::Info => 0.0,
    };
    format!("{:.1}", cvss.unwrap_or(mapped).clamp(0.0, 10.0))
}

/// The first paragraph under the first `##` of a page, on one line.
fn first_paragraph(page: &str) -> Option<String> {
    let words: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("## "))
        .skip(1)
        .skip_while(|line| line.trim().is_empty())
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
