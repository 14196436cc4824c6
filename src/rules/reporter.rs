//! How rules speak. The reporter stamps the rule's id and usual severity: a rule cannot speak in
//! another's name.

use super::Rule;
use crate::diag::fingerprint::part;
use crate::diag::{Confidence, Diagnostic, Edit, Hop, Impact, Label, Severity, Subject, Topic};
use crate::graph::build_class::BuildClass;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::source::{Place, Role};

/// What a finding about a locked crate rests on, and what would tell more.
pub(super) fn rests_on(class: Option<BuildClass>, is_refined: bool) -> String {
    match class {
        Some(class) => format!("cargo metadata: {}", class.as_str()),
        None if is_refined => {
            "lock and manifests of all crates; which features are built is unknown, `--metadata FILE` would tell"
                .to_owned()
        }
        None => "lock and manifests; which features and targets are built is unknown, `--metadata FILE` would tell"
            .to_owned(),
    }
}

/// The rule on downloads that nobody can read before they run.
const RUN_AS_IT_ARRIVES: &str = "fetch-to-interpreter";

/// Collects what one rule says.
#[derive(Debug)]
pub struct Reporter<'a> {
    rule: &'static Rule,
    graph: &'a Graph,
    out: Vec<Diagnostic>,
}

impl<'a> Reporter<'a> {
    /// A reporter for one rule.
    #[must_use]
    pub fn new(rule: &'static Rule, graph: &'a Graph) -> Self {
        Self { rule, graph, out: Vec::new() }
    }

    /// Starts a finding at the line a person would change.
    pub fn at(&mut self, place: Place, label: impl Into<String>) -> Draft<'_, 'a> {
        let diagnostic = Diagnostic {
            rule: self.rule.id,
            severity: self.rule.severity,
            confidence: Confidence::High,
            message: String::new(),
            primary: Label { place, text: label.into() },
            places: Vec::new(),
            related: Vec::new(),
            subject: None,
            node: None,
            route: Vec::new(),
            advice: Vec::new(),
            evidence: Vec::new(),
            impact: None,
            topic: None,
            role: None,
            content: String::new(),
            parts: Vec::new(),
            anchor: String::new(),
            joins: false,
            fix: Vec::new(),
            inner_path: None,
            offset: None,
        };
        Draft { reporter: self, diagnostic }
    }

    /// What was said.
    #[must_use]
    pub fn finish(self) -> Vec<Diagnostic> {
        self.out
    }
}

/// A finding in the making; [`Draft::say`] ends it.
#[must_use = "a finding counts once `say` is called"]
#[derive(Debug)]
pub struct Draft<'r, 'a> {
    reporter: &'r mut Reporter<'a>,
    diagnostic: Diagnostic,
}

impl Draft<'_, '_> {
    /// The node it is about; its name, version and purl become the subject.
    pub fn on(mut self, node: NodeId) -> Self {
        let known = self.reporter.graph.node(node);
        self.diagnostic.subject = Some(Subject {
            kind: known.kind.as_str().to_owned(),
            name: known.name.clone(),
            version: known.version.clone(),
            purl: known.purl.clone(),
        });
        self.diagnostic.node = Some(node);
        self
    }

    /// What it is about, where no node stands for it.
    pub fn about(mut self, kind: &str, name: impl Into<String>, version: Option<String>) -> Self {
        self.diagnostic.subject = Some(Subject { kind: kind.to_owned(), name: name.into(), version, purl: None });
        self
    }

    /// Another severity than the rule's usual one.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.diagnostic.severity = severity;
        self
    }

    /// Less than full confidence.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.diagnostic.confidence = confidence;
        self
    }

    /// What it reaches.
    pub fn impact(mut self, impact: Option<Impact>) -> Self {
        self.diagnostic.impact = impact;
        self
    }

    /// Edits that answer it, together with all others that are given.
    pub fn fix(mut self, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.diagnostic.fix.extend(edits);
        self
    }

    /// Other places it stands for.
    pub fn also(mut self, places: impl IntoIterator<Item = Place>) -> Self {
        self.diagnostic.places.extend(places);
        self.diagnostic.joins = true;
        self
    }

    /// A place that helps to understand it.
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.diagnostic.related.push(Label { place, text: text.into() });
        self
    }

    /// Where it stands in a file that is no text: members on the way to it, and bytes from the start of the innermost.
    pub fn inside(mut self, inner_path: Option<String>, offset: Option<u64>) -> Self {
        self.diagnostic.inner_path = inner_path;
        self.diagnostic.offset = offset;
        self
    }

    /// A hop of the route.
    pub fn via(mut self, text: impl Into<String>, place: Option<Place>) -> Self {
        self.diagnostic.route.push(Hop { text: text.into(), place });
        self
    }

    /// What to do.
    pub fn advise(mut self, text: impl Into<String>) -> Self {
        self.diagnostic.advice.push(text.into());
        self
    }

    /// What it rests on.
    pub fn evidence(mut self, text: impl Into<String>) -> Self {
        self.diagnostic.evidence.push(text.into());
        self
    }

    /// The advisory behind it.
    pub fn topic(mut self, topic: Topic) -> Self {
        self.diagnostic.topic = Some(topic);
        self
    }

    /// Says that people run it by hand: it lets nobody else in, and weighs `most` at the highest. What is run as
    /// it arrives keeps its weight, since nobody can read it first.
    pub(crate) fn by_hand(mut self, most: Severity) -> Self {
        self.diagnostic.impact = None;
        if self.diagnostic.rule != RUN_AS_IT_ARRIVES {
            self.diagnostic.severity = self.diagnostic.severity.min(most);
        }
        self
    }

    /// What the affected thing is for, where it differs from its file.
    pub fn role(mut self, role: Role) -> Self {
        self.diagnostic.role = Some(role);
        self
    }

    /// The content the finding is about; without it the names in the message serve.
    pub fn content(mut self, text: impl Into<String>) -> Self {
        self.diagnostic.content = text.into();
        self
    }

    /// The content the finding is about, where it is a list whose order means nothing: with a thing less it is the
    /// same finding still.
    pub fn each(mut self, parts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut parts: Vec<String> = parts.into_iter().map(Into::into).collect();
        parts.sort();
        self.diagnostic.parts = parts.iter().map(|text| part(text)).collect();
        self.diagnostic.content = parts.join("\n");
        self
    }

    /// Ends the finding: one sentence that names the thing, no full stop.
    pub fn say(mut self, message: impl Into<String>) {
        self.diagnostic.message = message.into();
        if self.diagnostic.evidence.is_empty()
            && let Some(node) = self.diagnostic.node.map(|node| self.reporter.graph.node(node))
            && node.kind == NodeKind::Crate
        {
            let class = node.attributes.get("build-class").map(|class| format!("cargo metadata: {class}"));
            self.diagnostic.evidence.push(class.unwrap_or_else(|| "lock and manifests".to_owned()));
        }
        if self.diagnostic.content.is_empty() {
            self.diagnostic.content = named(&self.diagnostic);
        }
        self.reporter.out.push(self.diagnostic);
    }
}

/// What a message names: the parts in backquotes, and the version of the subject. How many others there are and how
/// many days it is old is no content.
fn named(diagnostic: &Diagnostic) -> String {
    let mut parts: Vec<String> = diagnostic.message.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    if parts.is_empty() {
        parts.push(diagnostic.message.chars().filter(|c| !c.is_ascii_digit()).collect());
    }
    parts.extend(diagnostic.subject.as_ref().and_then(|subject| subject.version.clone()));
    parts.join("\n")
}
