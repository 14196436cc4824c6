//! Texts of workflows and actions that GitHub evaluates, with whom they belong to. Shared by the rules on
//! expressions and conditions.

use crate::graph::kinds::workflow::{ActionDefinition, Evaluated, Job, Step, Template, Workflow};
use crate::parse::expression::Expression;
use crate::rules::Scene;
use crate::source::{FileId, Place, Span};

/// A file with texts that GitHub evaluates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    /// The file.
    pub(crate) file: FileId,
    /// Set for a workflow.
    pub(crate) workflow: Option<&'a Workflow>,
    /// Set for an action.
    pub(crate) action: Option<&'a ActionDefinition>,
    /// Its texts, in order.
    pub(crate) templates: &'a [Template],
}

/// GitHub's workflows and actions, in this order.
pub(crate) fn files<'a>(scene: &Scene<'a>) -> impl Iterator<Item = Written<'a>> {
    let workflows = scene.workflows().map(|workflow| Written {
        file: workflow.file,
        workflow: Some(workflow),
        action: None,
        templates: &workflow.templates,
    });
    let actions = scene.actions().map(|action| Written {
        file: action.file,
        workflow: None,
        action: Some(action),
        templates: &action.templates,
    });
    workflows.chain(actions)
}

impl<'a> Written<'a> {
    /// The values of `if`, in order.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &'a Template> + use<'a> {
        self.templates.iter().filter(|template| template.is_condition)
    }

    /// The values of `if` within a place, in order.
    pub(crate) fn conditions_in(&self, span: Span) -> impl Iterator<Item = &'a Template> + use<'a> {
        let from = self.templates.partition_point(|template| template.span.start < span.start);
        let rest = self.templates.get(from..).unwrap_or(&[]);
        rest.iter().take_while(move |template| template.span.start < span.end).filter(|template| template.is_condition)
    }

    /// Every expression, in order.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = (&'a Template, &'a Evaluated)> + use<'a> {
        self.templates.iter().flat_map(|template| template.expressions.iter().map(move |each| (template, each)))
    }

    /// Every expression and everything within it.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'a Template, &'a Evaluated, &'a Expression)> + use<'a> {
        self.expressions().flat_map(|(template, of)| of.tree.all().into_iter().map(move |part| (template, of, part)))
    }

    /// The job a place belongs to.
    pub(crate) fn job(&self, span: Span) -> Option<&'a Job> {
        let jobs = &self.workflow?.jobs;
        let at = jobs.partition_point(|job| job.span.start <= span.start);
        jobs.get(at.checked_sub(1)?).filter(|job| job.span.contains(span))
    }

    /// The step a place belongs to.
    pub(crate) fn step(&self, span: Span) -> Option<&'a Step> {
        let steps = match self.action {
            Some(action) => &action.steps,
            None => &self.job(span)?.steps,
        };
        let at = steps.partition_point(|step| step.span.start <= span.start);
        steps.get(at.checked_sub(1)?).filter(|step| step.span.contains(span))
    }

    /// What to call the owner of a place: `step build`, `job test`, `the workflow`.
    pub(crate) fn owner(&self, span: Span) -> String {
        match (self.step(span), self.job(span)) {
            (Some(step), _) => format!("step {}", step.title()),
            (None, Some(job)) => format!("job {}", job.id.value),
            (None, None) if self.action.is_some() => "the action".to_owned(),
            (None, None) => "the workflow".to_owned(),
        }
    }

    /// `job test`, for a place in it.
    pub(crate) fn owner_job(&self, span: Span) -> String {
        self.job(span).map_or_else(|| "the workflow".to_owned(), |job| format!("job {}", job.id.value))
    }

    /// A place in the file.
    pub(crate) fn at(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }
}

impl<'a> Written<'a> {
    /// The steps of all jobs, or of the action, in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &'a Step> + use<'a> {
        let of_jobs = self.workflow.into_iter().flat_map(|workflow| &workflow.jobs).flat_map(|job| &job.steps);
        of_jobs.chain(self.action.into_iter().flat_map(|action| &action.steps))
    }
}

/// A text of the tree in a message: one line, and no longer than is read at a glance.
pub(crate) fn shown(text: &str) -> String {
    const LENGTH: usize = 70;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or("")),
        None => line,
    }
}

/// `, and in 2 other places`: how many more there are than the one that is named.
pub(crate) fn and_others(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        2 => ", and in another place".to_owned(),
        more => format!(", and in {} other places", more - 1),
    }
}
